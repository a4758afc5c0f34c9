%% SPDX-License-Identifier: Apache-2.0
%% Tables: an ordered set whose keys begin as a pattern says is visited in part,
%% and finds what a look at each object finds. Large tables are freed in steps.
%% expect: {keys,79}
%% expect: {differ,[]}
%% expect: {emptied,[0,1,undefined,undefined]}
-module(bif_ets_ranges).
-export([main/0]).

main() ->
    Keys = keys(),
    io:format("~w~n", [{keys, length(Keys)}]),
    io:format("~w~n", [{differ, [P || P <- patterns(), differs(Keys, P)]}]),
    io:format("~w~n", [{emptied, emptied()}]).

keys() ->
    Parts = [a, b, 1, 2.0, "x", {q, 1}],
    [a, 1, 2.0, [], {}, "ab", #{k => 1}]
        ++ [{X, Y} || X <- Parts, Y <- [a, 1, 2.0, {}, #{k => 1}]]
        ++ [{X, Y, Z} || X <- [a, 1, b], Y <- [a, 1, 2], Z <- [a, 1]]
        ++ [[X | Y] || X <- [a, 1, {a, 1}], Y <- [[], [a], [a, b], t]]
        ++ [{{X, Y}, Z} || X <- [a, b], Y <- [1, 2], Z <- [a, b, c]].

patterns() ->
    ['_', '$1', {a, '_'}, {'_', a}, {1, '_'}, {a, '_', 1}, {a, 1, '$1'},
     {'$1', '$1'}, [a | '_'], ['$1', '$2'], [a, '_'], ['_' | t],
     {{a, '_'}, '_'}, {{a, 1}, '_'}, {{'$1', 1}, b}, #{k => 1},
     {'_', #{k => 1}}, {"x", '_'}, {[$x | '_'], '_'}, [], {}, {zz, '_'},
     {a, '_', '_', '_'}, [{a, '_'} | '_'], {b, a, 1}].

%% In both directions, in chunks, and with an object that is only marked.
differs(Keys, Pattern) ->
    Set = ets:new(t, [set]),
    Tree = ets:new(t, [ordered_set]),
    [true = ets:insert(T, {K}) || T <- [Set, Tree], K <- Keys],
    true = ets:safe_fixtable(Tree, true),
    [true = ets:delete(T, {a, a}) || T <- [Set, Tree]],
    Spec = [{{Pattern}, [], ['$_']}],
    Found = lists:sort(ets:select(Set, Spec)),
    Same = [ets:select(Tree, Spec), lists:reverse(ets:select_reverse(Tree, Spec)),
            chunks(ets:select(Tree, Spec, 2)),
            lists:reverse(chunks(ets:select_reverse(Tree, Spec, 3)))],
    lists:any(fun(List) -> List =/= Found end, Same).

chunks('$end_of_table') -> [];
chunks({List, More}) -> List ++ chunks(ets:select(More)).

%% The table is empty, or gone, for others at once; a process that is killed
%% while it frees one leaves nothing.
emptied() ->
    T = filled(),
    ets:delete_all_objects(T),
    Size = ets:info(T, size),
    ets:insert(T, {1}),
    Again = ets:info(T, size),
    ets:delete(T),
    Self = self(),
    Pid = spawn(fun() -> Self ! {table, U = filled()}, ets:delete(U) end),
    U = receive {table, X} -> X end,
    exit(Pid, kill),
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end,
    [Size, Again, ets:info(T), ets:info(U)].

filled() ->
    T = ets:new(t, [public]),
    ets:insert(T, [{N, <<N:800>>} || N <- lists:seq(1, 50000)]),
    T.
