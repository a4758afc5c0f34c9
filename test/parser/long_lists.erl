%% SPDX-License-Identifier: Apache-2.0
%% Lists that nearly are strings, or hold a variable at their end only, are gone
%% through once; numbers that are too large for what they count are refused.
-module(long_lists).
-export([main/0]).

main() ->
    Long = lists:duplicate(200000, $a) ++ [b],
    ok = file:write_file("macro.erl", "m() -> ?M.\n"),
    {ok, Forms} = epp:parse_file("macro.erl", [], [{'M', Long}]),
    [{function, _, m, 0, [{clause, _, [], [], [Body]}]}] =
        [F || {function, _, _, _, _} = F <- Forms],
    p(erl_parse:normalise(Body) =:= Long),
    Text = erl_pp:attribute({attribute, 1, long, Long}),
    p(iolist_size(Text) > 400000),
    Spec = ets:match_spec_compile([{{Long ++ ['$1']}, [], ['$1']}]),
    p(ets:match_spec_run([{Long ++ [x]}, {Long}], Spec)),
    [p(lines(L)) || L <- ["2147483647", "4294967296", "99999999999999",
                          "340282366920938463463374607431768211456"]],
    [p(catch normalise(Size, Unit))
     || {Size, Unit} <- [{2, 8}, {2, 1 bsl 62}, {1 bsl 62, 8},
                         {1 bsl 70, 1}, {0, 1 bsl 63}]].

%% Where a function stands behind a -file with line [L].
lines(L) ->
    ok = file:write_file("far.erl", ["-file(\"far.yrl\", ", L, ").\na() -> 1.\n"]),
    {ok, Forms} = epp:parse_file("far.erl", []),
    [Line > 1 bsl 28 || {function, Line, _, _, _} <- Forms].

%% Sizes that no memory could hold; OTP does not ask for the unit.
normalise(Size, Unit) ->
    Value = {bin, 1, [{bin_element, 1, {string, 1, "ab"},
                       {integer, 1, Size}, [integer, {unit, Unit}]}]},
    try erl_parse:normalise(Value) of
        Bits -> bit_size(Bits)
    catch
        error:_ -> refused
    end.

p(Term) -> io:format("~w~n", [Term]).

%% expect: true
%% expect: true
%% expect: [x]
%% expect: [true]
%% expect: [true]
%% expect: [true]
%% expect: [true]
%% expect: 32
%% expect: refused
%% expect: refused
%% expect: refused
%% expect: refused
