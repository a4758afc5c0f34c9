%% SPDX-License-Identifier: Apache-2.0
%% digraph and digraph_utils on graphs of chance.
%% expect: 120657749
%% expect: 25834351
%% expect: 106665433
%% expect: 56909471
%% expect: [['$e'|0],
%% expect:  ['$e'|1],
%% expect:  {error,{bad_edge,[a,b,c]}},
%% expect:  {error,{bad_edge,[a,a]}},
%% expect:  {error,{bad_vertex,d}}]
%% expect: {['$v'|0],4,2}
%% expect: [{[a,b,c],false},{['$e'|0],a,b,[]},{b,b},{error,{bad_edge,[b,c]}}]
%% expect: {[{cyclicity,acyclic},{protection,protected}],true}
%% expect: badarg
-module(digraph_test).
-export([main/0]).

main() ->
    rand:seed(exsss, 7),
    [show(erlang:phash2([graph(N, M, Type) || _ <- lists:seq(1, 10)]))
     || {N, M, Type} <- [{5, 4, []}, {8, 12, [cyclic]}, {20, 25, [private]},
                         {12, 30, [acyclic]}]],
    G = digraph:new([acyclic]),
    [digraph:add_vertex(G, V, V) || V <- [a, b, c]],
    show([digraph:add_edge(G, A, B) || {A, B} <- [{a, b}, {b, c}, {c, a},
                                                  {a, a}, {a, d}]]),
    show({digraph:add_vertex(G), digraph:no_vertices(G), digraph:no_edges(G)}),
    show([{digraph:get_path(G, a, c), digraph:get_cycle(G, a)},
          digraph:edge(G, ['$e'|0]), digraph:vertex(G, b),
          digraph:add_edge(G, ['$e'|0], b, c, x)]),
    show({proplists:delete(memory, digraph:info(G)), digraph:delete(G)}),
    show(catch_error(fun() -> digraph:new([odd]) end)).

%% Everything about a graph with N vertices and M tries of an edge.
graph(N, M, Type) ->
    G = digraph:new(Type),
    Vs = lists:seq(1, N),
    [digraph:add_vertex(G, V, {label, V}) || V <- Vs],
    Es = [digraph:add_edge(G, rand:uniform(N), rand:uniform(N))
          || _ <- lists:seq(1, M)],
    Pairs = [{A, B} || A <- Vs, B <- Vs],
    Facts = [Es, [{digraph:out_neighbours(G, V), digraph:in_edges(G, V),
                   digraph:in_degree(G, V), digraph:get_cycle(G, V),
                   digraph:get_short_cycle(G, V)} || V <- Vs],
             [{digraph:get_path(G, A, B), digraph:get_short_path(G, A, B)}
              || {A, B} <- Pairs],
             sets(digraph_utils:components(G)),
             sets(digraph_utils:strong_components(G)),
             sets(digraph_utils:cyclic_strong_components(G)),
             [{digraph_utils:F([V], G)} || V <- Vs,
                F <- [reachable, reachable_neighbours, reaching,
                      reaching_neighbours]],
             [digraph_utils:F(G) || F <- [is_acyclic, arborescence_root,
                                          is_arborescence, is_tree]],
             [lists:sort(digraph_utils:F(G)) || F <- [loop_vertices,
                                                      postorder, preorder]],
             order(digraph_utils:topsort(G), G),
             [lists:sort(digraph:F(G)) || F <- [source_vertices,
                                                sink_vertices]],
             whole(digraph_utils:subgraph(G, [1, 2, 3])),
             length(digraph:vertices(digraph_utils:condensation(G)))],
    digraph:del_vertices(G, [1, 2]),
    digraph:del_path(G, 3, 4),
    [Facts, whole(G)].

sets(Components) -> lists:sort([lists:sort(C) || C <- Components]).

whole(G) ->
    {lists:sort([digraph:vertex(G, V) || V <- digraph:vertices(G)]),
     lists:sort([digraph:edge(G, E) || E <- digraph:edges(G)])}.

%% There may be many orders; each edge goes forward.
order(false, _) -> false;
order(Order, G) ->
    At = maps:from_list(lists:zip(Order, lists:seq(1, length(Order)))),
    lists:all(fun(E) ->
                      {_, A, B, _} = digraph:edge(G, E),
                      map_get(A, At) < map_get(B, At) orelse A =:= B
              end, digraph:edges(G)).

catch_error(F) -> try F() catch error:E -> E end.

show(X) -> io:format("~p~n", [X]).
