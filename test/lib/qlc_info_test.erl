%% SPDX-License-Identifier: Apache-2.0
%% How queries are evaluated, as qlc:info shows it: lookups, match
%% specifications, joins, caches; and what they give.
%% expect: ets:match_spec_run(ets:lookup(qlc_tab, 3), ets:match_spec_compile([{{'$1', '_'}, [], ['$_']}]))
%% expect: [{3,c}]
%% expect: ets:match_spec_run(lists:flatmap(fun(V) -> ets:lookup(qlc_tab, V) end, [1, 2]), ets:match_spec_compile([{{'$1', '_'}, [], ['$_']}]))
%% expect: [{1,a},{2,b}]
%% expect: ets:table(qlc_tab, [{traverse, {select, [{{'$1', '$2'}, [{'>', '$1', 3}], ['$2']}]}}])
%% expect: [d]
%% expect: begin V1 = qlc:q([ P0 || P0 = {K, C} <- qlc:keysort(1, [{2, x}, {4, y}], []) ]), V2 = qlc:q([ P0 || P0 = {A, B} <- qlc:keysort(1, ets:table(qlc_tab), []) ]), V3 = qlc:q([ [G1 | G2] || G1 <- V1, G2 <- V2, element(1, G1) == element(1, G2) ], [{join, merge}]), qlc:q([ {B, C} || [{K, C} | {A, B}] <- V3, K =:= A ]) end
%% expect: [{b,x},{d,y}]
%% expect: begin V1 = qlc:q([ P0 || P0 = {K, C} <- [{2, x}, {4, y}] ]), V2 = qlc:q([ [G1 | G2] || G1 <- V1, G2 <- ets:table(qlc_tab), element(1, G1) =:= element(1, G2) ], [{join, lookup}]), qlc:q([ {B, C} || [{K, C} | {A, B}] <- V2 ]) end
%% expect: [{b,x},{d,y}]
%% expect: begin V1 = qlc:q([ Z || Z <- [x, y, x] ], [{unique, true}]), qlc:q([ {X, Y} || X <- V1, Y <- [a, b] ], [{unique, true}]) end
%% expect: [{x,a},{x,b},{y,a},{y,b}]
%% expect: qlc:sort(qlc:append([[c, a], [b, b]]), [{unique, true}])
%% expect: [a,b,c]
%% expect: [a | '...']
%% expect: no_lookup_to_carry_out
%% expect: cannot_carry_out_join
%% expect: {error,qlc,{tmpdir_usage,sorting}}
%% expect: [pre,[1,2,3],post]
-module(qlc_info_test).
-export([main/0]).
-include_lib("stdlib/include/qlc.hrl").

main() ->
    T = ets:new(qlc_tab, [named_table]),
    ets:insert(T, [{1, a}, {2, b}, {3, c}, {4, d}]),
    L = [{2, x}, {4, y}],
    show(qlc:q([X || {K, _} = X <- ets:table(T), K =:= 3])),
    show(qlc:q([X || {K, _} = X <- ets:table(T), K =:= 1 orelse K =:= 2])),
    show(qlc:q([V || {K, V} <- ets:table(T), K > 3])),
    show(qlc:q([{B, C} || {K, C} <- L, {A, B} <- ets:table(T), K =:= A],
               {join, merge})),
    show(qlc:q([{B, C} || {K, C} <- L, {A, B} <- ets:table(T), K =:= A],
               {join, lookup})),
    show(qlc:q([{X, Y} || X <- qlc:q([Z || Z <- [x, y, x]], unique),
                          Y <- [a, b]], [unique])),
    show(qlc:sort(qlc:append([c, a], [b, b]), {unique, true})),
    io:format("~s~n", [qlc:info([a, b, c], {n_elements, 1})]),
    fails(qlc:q([X || {X, _} <- ets:table(T), X > 1], {lookup, true})),
    fails(qlc:q([{X, Y} || {X, _} <- L, {Y, _} <- L, X =:= Y],
                {join, lookup})),
    Long = qlc:table(fun() -> counted(1) end, []),
    io:format("~p~n", [qlc:e(qlc:sort(Long, {size, 10}),
                             {tmpdir_usage, not_allowed})]),
    hooks().

counted(1000) -> [];
counted(N) -> [N | fun() -> counted(N + 1) end].

show(Handle) ->
    io:format("~s~n~p~n", [re:replace(qlc:info(Handle), "\\s+", " ", [global]),
                           lists:sort(qlc:e(Handle))]).

fails(Handle) ->
    {'EXIT', {Reason, _}} = (catch qlc:e(Handle)),
    io:format("~p~n", [Reason]).

hooks() ->
    Self = self(),
    Table = qlc:table(fun() -> [1, 2 | fun() -> [3] end] end,
                      [{pre_fun, fun(_) -> Self ! pre end},
                       {post_fun, fun() -> Self ! post end}]),
    Cursor = qlc:cursor(qlc:q([X || X <- Table, is_integer(X)])),
    Before = receive pre -> pre end,
    All = qlc:next_answers(Cursor, all_remaining),
    qlc:delete_cursor(Cursor),
    After = receive post -> post end,
    io:format("~p~n", [[Before, All, After]]).
