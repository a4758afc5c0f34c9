%% SPDX-License-Identifier: Apache-2.0
%% Tokens of forms of all lengths, wherever a scanner may cut the text to read
%% part of it; and a file of many terms.
%% expect: ok
%% expect: 4000
-module(scan_parts).
-export([main/0]).

main() ->
    Sizes = lists:seq(0, 40) ++ lists:seq(230, 270) ++ lists:seq(1000, 1040)
        ++ lists:seq(4080, 4110),
    [check(Text, Rest) || N <- Sizes, Text <- texts(N),
                          Rest <- ["", "x", "%c\n", lists:duplicate(300, $y)]],
    [check_more(N) || N <- Sizes],
    io:format("ok~n"),
    Path = filename:join(os:getenv("TMPDIR", "/tmp"),
                         "scan_parts" ++ os:getpid()),
    Terms = [{I, "text", [a, <<"b">>], lists:seq(1, I rem 100)}
             || I <- lists:seq(1, 4000)],
    ok = file:write_file(Path, [io_lib:format("~p.~n", [T]) || T <- Terms]),
    {ok, Terms} = file:consult(Path),
    ok = file:delete(Path),
    io:format("~w~n", [length(Terms)]).

%% {Text, how many tokens}
texts(N) ->
    Many = lists:duplicate(N, $a),
    Atom = lists:sublist(Many, 200),
    [{"\"" ++ Many ++ "\".\n", 2}, {lists:duplicate(N, $\n) ++ Atom ++ "a. ", 2},
     {"'" ++ Atom ++ ".\x{20ac}'.\n", 2}, {"%" ++ Many ++ "\nb.\n", 2},
     {lists:duplicate(N, $\s) ++ "1.5.\n", 2},
     {lists:append(lists:duplicate(N, "a,")) ++ "$b.\n", 2 * N + 2}].

check({Text, Count}, Rest) ->
    {done, {ok, Tokens, _}, Rest} = erl_scan:tokens([], Text ++ Rest, 1),
    {ok, Tokens, _} = erl_scan:string(Text, 1),
    Count = length(Tokens).

%% What is not at its end waits for more.
check_more(N) ->
    Many = lists:duplicate(N, $a),
    {more, C} = erl_scan:tokens([], "\"" ++ Many, 1),
    {done, {ok, [{string, 1, Text}, {dot, 1}], 2}, "z"} =
        erl_scan:tokens(C, "b\".\nz", 1),
    Text = Many ++ "b",
    %% An error is one only when nothing can make it good.
    {done, {error, {1, erl_scan, _}, _}, _} =
        erl_scan:tokens([], lists:duplicate(N, $\s) ++ "$\\x{fffffff} ", 1).
