%% SPDX-License-Identifier: Apache-2.0
%% Queries over lists, ets tables and one another; cursors.
%% expect: [12,22,13,23]
%% expect: [{1,7},{1,8},{3,7},{3,8}]
%% expect: [9,16,25]
%% expect: [{4,two},{25,five}]
%% expect: [c,a,b]
%% expect: [[3,2,1],[{2,a},{1,b}],[1,9]]
%% expect: 6
%% expect: [[1,2],[3,4,5],[],ok]
%% expect: "\v\f"
%% expect: [1,2]
%% expect: {used_generator_variable,'X'}
%% expect: ["syntax error before: ","'.'"]
%% expect: {undefined_function,{upto,1}}
%% expect: [1,2,3]
-module(qlc_test).
-export([main/0]).
-include_lib("stdlib/include/qlc.hrl").

main() ->
    show(qlc:e(qlc:q([X + Y || X <- [1, 2, 3], Y <- [10, 20], X > 1]))),
    Inner = qlc:q([Z || Z <- [7, 8]]),
    show(qlc:e(qlc:q([{X, Y} || {X, a} <- [{1, a}, {2, b}, {3, a}],
                                Y <- Inner]))),
    Table = ets:new(table, []),
    ets:insert(Table, [{I, I * I} || I <- lists:seq(1, 5)]),
    show(lists:sort(qlc:e(qlc:q([V || {K, V} <- ets:table(Table), K >= 3])))),
    show(lists:sort(qlc:e(qlc:q([{V, N} || {K, V} <- ets:table(Table),
                                           {K1, N} <- [{2, two}, {5, five}],
                                           K =:= K1])))),
    show(qlc:e(qlc:q([X || X <- [c, a, b, a]], unique))),
    show([qlc:e(qlc:sort([3, 1, 2], [{order, descending}])),
          qlc:e(qlc:keysort(2, [{1, b}, {2, a}])),
          qlc:e(qlc:append([1], qlc:q([X || X <- [9]])))]),
    show(qlc:fold(fun(A, B) -> A + B end, 0, qlc:q([X || X <- [1, 2, 3]]))),
    C = qlc:cursor(qlc:q([X || X <- lists:seq(1, 5)])),
    show([qlc:next_answers(C, 2), qlc:next_answers(C, all_remaining),
          qlc:next_answers(C), qlc:delete_cursor(C)]),
    show(qlc:e(qlc:string_to_handle("[X + Y || X <- [1, 2]].", [],
                                    [{'Y', 10}]))),
    show(qlc:e(qlc:table(fun() -> [1 | fun() -> [2] end] end, []))),
    show(bad("[X || X <- [1], Y <- [X]]")),
    show(bad("[X || X <- ")),
    show(bad("[X || X <- upto(3)]")),
    show(evaluated("qlc:e(qlc:q([X || X <- upto(3)]))")).

%% Beside a function that only the evaluator knows.
evaluated(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Local = {value, fun(upto, [N]) -> lists:seq(1, N) end},
    {value, Value, _} = erl_eval:exprs(Exprs, erl_eval:new_bindings(), Local),
    Value.

bad(Text) ->
    {error, qlc, Error} = qlc:string_to_handle(Text ++ "."),
    element(3, Error).

show(Term) -> io:format("~p~n", [Term]).
