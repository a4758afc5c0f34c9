%% SPDX-License-Identifier: Apache-2.0
%% Code is prepared first and published together; literals of purged code and
%% of replaced persistent terms stay with those who have them.
-module(prepared_code).

-export([main/0]).

%% expect: prepared {module,pc_a,1}
%% expect: badarg
%% expect: duplicated {duplicated,[pc_a]}
%% expect: published ok 2 [one,two]
%% expect: kept {[one,two],[one,two]} 2
%% expect: persistent [1,2,3] {a,"text"}

main() ->
    A1 = module(pc_a, 1),
    {module, pc_a} = code:load_binary(pc_a, "pc_a", A1),
    io:format("prepared ~p~n", [{module, pc_a, pc_a:version()}]),
    try erlang:finish_loading([a]) catch error:badarg -> io:format("badarg~n") end,
    P = [erlang:prepare_loading(pc_a, module(pc_a, 2)) || _ <- [1, 2]],
    io:format("duplicated ~p~n", [erlang:finish_loading(P)]),
    Old = pc_a:list(),
    Ok = erlang:finish_loading([hd(P)]),
    io:format("published ~p ~p ~p~n", [Ok, pc_a:version(), pc_a:list()]),
    put(list, {Old, tl(Old)}),
    true = code:soft_purge(pc_a),
    {module, pc_a} = code:load_binary(pc_a, "pc_a", module(pc_a, 2)),
    true = code:soft_purge(pc_a),
    timer:sleep(50),
    erlang:garbage_collect(),
    {Whole, Tail} = get(list),
    io:format("kept ~p ~p~n", [{Whole, [hd(Whole) | Tail]}, length(Old)]),
    persistent_term:put(pc, {a, "text"}),
    Pair = persistent_term:get(pc),
    persistent_term:put(pc, lists:seq(1, 3)),
    timer:sleep(50),
    io:format("persistent ~p ~p~n", [persistent_term:get(pc), Pair]).

module(Name, Version) ->
    List = {cons, 1, {atom, 1, one}, {cons, 1, {atom, 1, two}, {nil, 1}}},
    {ok, Name, Beam} = compile:forms(
        [{attribute, 1, module, Name},
         {attribute, 1, export, [{version, 0}, {list, 0}]},
         {function, 1, version, 0,
          [{clause, 1, [], [], [{integer, 1, Version}]}]},
         {function, 1, list, 0, [{clause, 1, [], [], [List]}]}]),
    Beam.
