%% SPDX-License-Identifier: Apache-2.0
%% xref: what is undefined, unused or deprecated in modules; queries.
%% expect: [{deprecated,[{{one,old,0},{erlang,now,0}}]},{undefined,[{{one,bad,0},{two,none,1}}]},{unused,[{one,lonely,0}]}]
%% expect: {ok,[one,two]}
%% expect: {ok,[{{one,bad,0},{two,none,1}}]}
%% expect: {ok,[{one,bad,0},{one,old,0},{one,run,1},{two,spare,0}]}
%% expect: {ok,[{one,run,1}]}
%% expect: {ok,[{one,half,1},{two,twice,1}]}
%% expect: {ok,[{{one,bad,0},{two,none,1}},{{one,half,1},{two,twice,1}},{{one,run,1},{two,twice,1}}]}
%% expect: {ok,[{{one,run,1},{two,twice,1}}]}
%% expect: {ok,[{one,half,1},{one,lonely,0}]}
%% expect: {error,xref_compiler}
%% expect: {error,xref_compiler,{unknown_constant,"nosuch"}}
%% expect: [{library_path,[]},{mode,functions},{no_releases,0},{no_applications,0},{no_analyzed_modules,2},{no_calls,{4,0}},{no_function_calls,{1,3,0}},{no_functions,{2,5}}]
%% expect: {deprecated,[{{one,half,1},{two,twice,1}},{{one,old,0},{erlang,now,0}},{{one,run,1},{two,twice,1}}]}
%% expect: stopped
-module(xref_test).
-export([main/0]).

main() ->
    ok = file:make_dir("modules"),
    compile("one", "-export([run/1, bad/0, old/0]).\n"
            "run(X) -> [half(X), two:twice(X)].\n"
            "half(X) -> two:twice(X).\n"
            "lonely() -> ok.\n"
            "bad() -> two:none(1).\n"
            "old() -> erlang:now().\n"),
    compile("two", "-export([twice/1, spare/0]).\n"
            "twice(X) -> X * 2.\n"
            "spare() -> length([]).\n"),
    code:add_path("modules"),
    show(xref:m(one)),
    {ok, _} = xref:start(x),
    show(xref:add_directory(x, "modules")),
    show(xref:analyze(x, undefined_function_calls)),
    show(xref:analyze(x, exports_not_used)),
    show(xref:analyze(x, {use, {one, half, 1}})),
    show(xref:analyze(x, {call, {one, run, 1}})),
    show(xref:q(x, "XC | one || two")),
    show(xref:q(x, "E | one:run/1 || two")),
    show(xref:q(x, "L * one")),
    show(erlang:delete_element(3, xref:q(x, "E | ("))),
    show(xref:q(x, "nosuch ||| one")),
    show(lists:keydelete(no_inter_function_calls, 1, xref:info(x))),
    compile("two", "-export([twice/1, spare/0]).\n-deprecated({twice, '_'}).\n"
            "twice(X) -> X * 2.\n"
            "spare() -> length([]).\n"),
    show(hd(xref:d("modules"))),
    show(xref:stop(x)).

compile(Name, Text) ->
    File = Name ++ ".erl",
    ok = file:write_file(File, ["-module(", Name, ").\n", Text]),
    {ok, _} = compile:file(File, [debug_info, {outdir, "modules"},
                                  nowarn_unused_function,
                                  nowarn_deprecated_function]).

show(X) -> io:format("~1000p~n", [X]).
