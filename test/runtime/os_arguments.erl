%% SPDX-License-Identifier: Apache-2.0
%% os: what is said of arguments that it does not take.
%% expect: cmd [{no,string}]: argument 1: not a list of characters
%% expect: cmd [["echo 1",<<"a">>]]: argument 1: not a list of characters
%% expect: cmd [["echo 1"|a]]: argument 1: not a list of characters
%% expect: cmd [["echo 1",-1]]: argument 1: not a list of characters
%% expect: cmd [{no,string},#{}]: argument 1: not a list of characters
%% expect: cmd [{no,string},no_map]: argument 2: not a map
%% expect: getenv [a]: argument 1: not a list
%% expect: getenv [a,default]: argument 1: not a list
%% expect: getenv ["abc="]: argument 1: "=" characters is not allowed in environment variable names
%% expect: getenv ["=abc"]: argument 1: "=" characters is not allowed in environment variable names
%% expect: getenv [[]]: false
%% expect: getenv [[97,0]]: argument 1: "\0" characters is not allowed in environment variable names or values
%% expect: getenv [[<<"bin">>]]: argument 1: not a list of characters
%% expect: getenv [[97,["b"]]]: false
%% expect: getenv [[-1]]: argument 1: invalid characters
%% expect: getenv [["abc"|improper_tail]]: argument 1: not a proper list
%% expect: getenv [["abc"|<<"a">>]]: argument 1: not a proper list
%% expect: unsetenv [{bad,key}]: argument 1: not a list
%% expect: unsetenv ["a="]: argument 1: "=" characters is not allowed in environment variable names
%% expect: putenv [<<"key">>,<<"value">>]: argument 1: not a list; argument 2: not a list
%% expect: putenv ["key",<<"value">>]: argument 2: not a list
%% expect: putenv ["key",["v"|c]]: argument 2: not a proper list
%% expect: putenv ["key",[118,0]]: argument 2: "\0" characters is not allowed in environment variable names or values
%% expect: putenv ["a=","b"]: argument 1: "=" characters is not allowed in environment variable names
%% expect: putenv [[],"empty"]: true
%% expect: getenv [[]]: "empty"
%% expect: unsetenv [[]]: true
%% expect: set_signal [{bad,signal},ignore]: argument 1: not an atom
%% expect: set_signal [{bad,signal},bad_handling]: argument 1: not an atom; argument 2: invalid signal handling option
%% expect: set_signal [sigterm,bad_handling]: argument 2: invalid signal handling option
%% expect: set_signal [sigxxx,ignore]: argument 1: invalid signal name
-module(os_arguments).
-export([main/0]).

main() ->
    [show(F, A) || {F, A} <- calls()],
    ok.

calls() ->
    [{cmd, [{no, string}]}, {cmd, [["echo 1", <<"a">>]]},
     {cmd, [["echo 1" | a]]}, {cmd, [["echo 1", -1]]},
     {cmd, [{no, string}, #{}]}, {cmd, [{no, string}, no_map]},
     {getenv, [a]}, {getenv, [a, default]}, {getenv, ["abc="]},
     {getenv, ["=abc"]}, {getenv, [[]]}, {getenv, [[97, 0]]},
     {getenv, [[<<"bin">>]]}, {getenv, [[$a, [[$b]]]]}, {getenv, [[-1]]},
     {getenv, [["abc" | improper_tail]]}, {getenv, [["abc" | <<"a">>]]},
     {unsetenv, [{bad, key}]}, {unsetenv, ["a="]},
     {putenv, [<<"key">>, <<"value">>]}, {putenv, ["key", <<"value">>]},
     {putenv, ["key", ["v" | c]]}, {putenv, ["key", [$v, 0]]},
     {putenv, ["a=", "b"]}, {putenv, ["", "empty"]}, {getenv, [""]},
     {unsetenv, [""]},
     {set_signal, [{bad, signal}, ignore]},
     {set_signal, [{bad, signal}, bad_handling]},
     {set_signal, [sigterm, bad_handling]}, {set_signal, [sigxxx, ignore]}].

show(F, A) ->
    Answer = try io_lib:format("~0p", [apply(os, F, A)])
             catch error:badarg:Trace -> said(hd(Trace))
             end,
    io:format("~w ~0p: ~ts~n", [F, A, Answer]).

%% The lines behind that of the call.
said(At) ->
    Text = lists:flatten(erl_error:format_exception(error, badarg, [At])),
    Lines = [string:trim(L, leading) || L <- string:split(Text, "\n", all)],
    lists:join("; ", [Line || "*** " ++ Line <- Lines]).
