%% SPDX-License-Identifier: Apache-2.0
%% argparse: options, arguments, subcommands, help, and what is wrong.
%% only merle: OTP has it since 26
%% expect: {#{file => "x",force => 1},["calc"]}
%% expect: {error,{["calc"],undefined,"y",<<>>}}
%% expect: {#{file => "in",force => 1,numbers => [1,2,-3]},["calc","sum"]}
%% expect: {error,{["calc","sum"],#{help => "what is added, one by one, until nothing is left of it",name => numbers,nargs => nonempty_list,type => {list,integer}},"a",<<"is not an integer">>}}
%% expect: {error,{["calc"],#{help => {"<file>",["what to read, ",type," ",default]},name => file},undefined,<<>>}}
%% expect: {error,{["calc"],#{default => 1,long => "-force",name => force,short => 102,type => {integer,[{min,1},{max,3}]}},undefined,<<"expected argument">>}}
%% expect: {error,{["calc"],undefined,"--none",<<>>}}
%% expect: {error,{["calc"],#{default => 1,long => "-force",name => force,short => 102,type => {integer,[{min,1},{max,3}]}},"9",<<"is greater than accepted maximum">>}}
%% expect: {#{brief => true,file => "x",force => 1,verbose => 1},["calc"]}
%% expect: {#{x => 1},["calc"]}
%% expect: [ok,error,ok,error,ok,error,error,ok,error,ok]
%% expect: [#{n => ["a","b"],p => "c"},"expected 2, found 1 argument(s)",#{n => d},#{n => e},#{n => ["a","b"]},"expected argument",#{n => ["a","-n"]}]
%% expect: 3
%% expect: {"x",none}
%% expect: Usage:
%% expect:   calc {sum} [-v] [-f <force>] [--force <force>] [--verbose] <file>
%% expect: 
%% expect: Calculates.
%% expect: 
%% expect: Subcommands:
%% expect:   sum           Adds numbers.
%% expect: 
%% expect: Arguments:
%% expect:   file          what to read,  
%% expect: 
%% expect: Optional arguments:
%% expect:   -f, --force   force (1 <= int <= 3), default: 1
%% expect:   -v, --verbose tells more
%% expect: ok
%% expect: Usage:
%% expect:   calc sum [-v] [-f <force>]
%% expect:        [--force <force>] [--verbose]
%% expect:        [--round] <file> <numbers>...
%% expect: 
%% expect: Adds numbers.
%% expect: 
%% expect: Arguments:
%% expect:   file          what to read,  
%% expect:   numbers       what is added, one by
%% expect:                 one, until nothing is
%% expect:                 left of it (int)
%% expect: 
%% expect: Optional arguments:
%% expect:   -f, --force   force (1 <= int <= 3),
%% expect:                 default: 1
%% expect:   -v, --verbose tells more
%% expect:   --round       round
%% expect: ok
%% expect: calc: required argument missing: file
%% expect: calc: unknown argument: --none
%% expect: calc: required argument missing: forceexpected argument
%% expect: calc: invalid argument for force: 9 is greater than accepted maximum
%% expect: calc sum: required argument missing: file
%% expect: [ok,ok,ok,ok,ok]
%% expect: {error,{argparse,argument,["calc"],name,<<"argument must be a map containing 'name' field">>}}
%% expect: {error,{argparse,argument,["calc"],type,<<"unsupported">>}}
%% expect: {error,{argparse,command,["calc"],commands,<<"command name must be a string not starting with option prefix">>}}
%% expect: {error,{argparse,argument,["calc"],short,"short conflicting with previously defined short for a"}}
%% expect: {error,{argparse,command,["calc"],handler,<<"handler must be a valid callback, or an atom 'optional'">>}}
-module(argparse_test).
-export([main/0, sum/1]).

main() ->
    show(fun() -> argparse:parse(["-f", "1", "x"], calc(), #{progname => calc})
                  end),
    show(fun() -> argparse:parse(["--force=2", "--verbose", "-v", "x", "y",
                  "z"], calc(), #{progname => calc}) end),
    show(fun() -> argparse:parse(["in", "sum", "1", "2", "-3"], calc(),
                  #{progname => calc}) end),
    show(fun() -> argparse:parse(["in", "sum", "--round", "a"], calc(),
                  #{progname => calc}) end),
    show(fun() -> argparse:parse([], calc(), #{progname => calc}) end),
    show(fun() -> argparse:parse(["-f"], calc(), #{progname => calc}) end),
    show(fun() -> argparse:parse(["--none"], calc(), #{progname => calc}) end),
    show(fun() -> argparse:parse(["-f", "9", "x"], calc(), #{progname => calc})
                  end),
    show(fun() -> argparse:parse(["-vb", "x"], calc(), #{default => none,
                  progname => calc}) end),
    show(fun() -> argparse:parse(["+x", "1"], #{arguments => [#{name => x, short
                  => $x, type => float}]}, #{prefixes => "+", progname => calc})
                  end),
    show(fun() -> [element(1, argparse:parse([A], #{arguments => [#{name => n,
                  type => T}]})) || {A, T} <- [{"1", integer}, {"a", integer},
                  {"1.5", float}, {"3", {float, [{max, 2.0}]}}, {"ab", {string,
                  "^a"}}, {"b", {binary, <<"^a">>}}, {"c", {string, ["a",
                  "b"]}}, {"one", {atom, [one]}}, {"x", {custom, fun
                  list_to_integer/1}}, {"true", boolean}]] end),
    show(fun() -> [case argparse:parse(A, #{arguments => [#{name => n, long =>
                  "n", nargs => N, default => d}, #{name => p, required =>
                  false}]}) of {ok, V, _, _} -> V; {error, {_, _, _, W}} ->
                  lists:flatten(io_lib:format("~ts", [W])) end || {N, A} <- [{2,
                  ["-n", "a", "b", "c"]}, {2, ["-n", "a"]}, {'maybe', ["-n"]},
                  {{'maybe', e}, ["-n"]}, {list, ["-n", "a", "b"]},
                  {nonempty_list, ["-n"]}, {all, ["-n", "a", "-n"]}]] end),
    show(fun() -> argparse:run(["sum", "in", "1", "2"], calc(), #{progname =>
                  calc}) end),
    show(fun() -> argparse:run(["x"], #{arguments => [#{name => a}, #{name => b,
                  long => "b"}], handler => {fun(A, B) -> {A, B} end, none}},
                  #{}) end),
    show(fun() -> io:put_chars(argparse:help(calc(), #{progname => "calc"}))
                  end),
    show(fun() -> io:put_chars(argparse:help(calc(), #{progname => "calc",
                  command => ["sum"], columns => 40})) end),
    show(fun() -> [io:format("~ts~n", [argparse:format_error(E)]) || {error, E}
                  <- [argparse:parse(A, calc(), #{progname => "calc"}) || A <-
                  [[], ["--none"], ["-f"], ["-f", "9", "x"], ["sum"]]]] end),
    show(fun() -> argparse:parse([], #{arguments => [#{short => $a}]},
                  #{progname => calc}) end),
    show(fun() -> argparse:parse([], #{arguments => [#{name => a, type =>
                  odd}]}, #{progname => calc}) end),
    show(fun() -> argparse:parse([], #{commands => #{"-a" => #{}}}, #{progname
                  => calc}) end),
    show(fun() -> argparse:parse([], #{arguments => [#{name => a, short => $a},
                  #{name => b, short => $a}]}, #{progname => calc}) end),
    show(fun() -> argparse:parse([], #{handler => 1}, #{progname => calc}) end).

show(Fun) ->
    Answer = try Fun() of
                 {ok, Values, Path, _} -> {Values, Path};
                 Other -> Other
             catch
                 Class:Reason -> {Class, Reason}
             end,
    io:format("~0tkp~n", [Answer]).

calc() ->
    #{arguments =>
          [#{name => force, short => $f, long => "-force", default => 1,
             type => {integer, [{min, 1}, {max, 3}]}},
           #{name => verbose, short => $v, long => "-verbose",
             action => count, help => "tells more"},
           #{name => brief, short => $b, type => boolean, help => hidden},
           #{name => file,
             help => {"<file>", ["what to read, ", type, " ", default]}}],
      commands =>
          #{"sum" =>
                #{help => "Adds numbers.", handler => {?MODULE, sum},
                  arguments =>
                      [#{name => numbers, nargs => nonempty_list,
                         type => integer,
                         help => "what is added, one by one, until nothing is "
                             "left of it"},
                       #{name => round, long => "-round", type => boolean}]}},
      handler => optional,
      help => "Calculates."}.

sum(#{numbers := Numbers}) -> lists:sum(Numbers).
