%% SPDX-License-Identifier: Apache-2.0
%% digraph_utils: components, orders, reachability and subgraphs, all from
%% walks depth first.
-module(digraph_utils).

-export([components/1, strong_components/1, cyclic_strong_components/1,
         reachable/2, reachable_neighbours/2, reaching/2,
         reaching_neighbours/2, topsort/1, is_acyclic/1, arborescence_root/1,
         is_arborescence/1, is_tree/1, loop_vertices/1, subgraph/2,
         subgraph/3, condensation/1, preorder/1, postorder/1]).

-type vertices() :: [digraph:vertex()].

-spec components(digraph:graph()) -> [vertices()].
components(G) -> trees(G, fun both/2, digraph:vertices(G)).

-spec strong_components(digraph:graph()) -> [vertices()].
strong_components(G) ->
    trees(G, fun digraph:in_neighbours/2, reverse_postorder(G)).

-spec cyclic_strong_components(digraph:graph()) -> [vertices()].
cyclic_strong_components(G) ->
    lists:reverse([C || C <- strong_components(G), is_cyclic(C, G)]).

is_cyclic([V], G) -> has_loop(V, G);
is_cyclic(_, _) -> true.

-spec reachable(vertices(), digraph:graph()) -> vertices().
reachable(Vs, G) when is_list(Vs) ->
    lists:append(trees(G, fun digraph:out_neighbours/2, Vs)).

-spec reachable_neighbours(vertices(), digraph:graph()) -> vertices().
reachable_neighbours(Vs, G) when is_list(Vs) ->
    lists:append(trees_below(G, fun digraph:out_neighbours/2, Vs)).

-spec reaching(vertices(), digraph:graph()) -> vertices().
reaching(Vs, G) when is_list(Vs) ->
    lists:append(trees(G, fun digraph:in_neighbours/2, Vs)).

-spec reaching_neighbours(vertices(), digraph:graph()) -> vertices().
reaching_neighbours(Vs, G) when is_list(Vs) ->
    lists:append(trees_below(G, fun digraph:in_neighbours/2, Vs)).

%% In reverse postorder the trees against the edges are the strong components.
-spec topsort(digraph:graph()) -> vertices() | false.
topsort(G) ->
    Order = reverse_postorder(G),
    case length(trees(G, fun digraph:in_neighbours/2, Order)) of
        N when N =:= length(Order) -> Order;
        _ -> false
    end.

-spec is_acyclic(digraph:graph()) -> boolean().
is_acyclic(G) -> loop_vertices(G) =:= [] andalso topsort(G) =/= false.

-spec arborescence_root(digraph:graph()) -> no | {yes, digraph:vertex()}.
arborescence_root(G) ->
    Degrees = [{digraph:in_degree(G, V), V} || V <- digraph:vertices(G)],
    case [V || {D, V} <- Degrees, D =/= 1] of
        [Root] ->
            OneLess = digraph:no_edges(G) =:= length(Degrees) - 1,
            case lists:member({0, Root}, Degrees) of
                true when OneLess -> {yes, Root};
                _ -> no
            end;
        _ -> no
    end.

-spec is_arborescence(digraph:graph()) -> boolean().
is_arborescence(G) -> arborescence_root(G) =/= no.

-spec is_tree(digraph:graph()) -> boolean().
is_tree(G) ->
    digraph:no_edges(G) =:= digraph:no_vertices(G) - 1
        andalso length(components(G)) =:= 1.

-spec loop_vertices(digraph:graph()) -> vertices().
loop_vertices(G) -> [V || V <- digraph:vertices(G), has_loop(V, G)].

has_loop(V, G) -> lists:member(V, digraph:out_neighbours(G, V)).

-spec preorder(digraph:graph()) -> vertices().
preorder(G) ->
    lists:reverse(lists:append(trees(G, fun digraph:out_neighbours/2,
                                     digraph:vertices(G)))).

-spec postorder(digraph:graph()) -> vertices().
postorder(G) -> lists:reverse(reverse_postorder(G)).

%% Walks

%% The trees of walks from each of the vertices, the last first; each holds
%% its vertices, the last visited first.
trees(G, Next, Vs) ->
    grow([[V] || V <- Vs], G, Next).

%% The same from the neighbours of each vertex that no tree has yet.
trees_below(G, Next, Vs) ->
    grow([{below, V} || V <- Vs], G, Next).

grow(Starts, G, Next) ->
    {Trees, _} =
        lists:foldl(
          fun({below, V}, {_, Seen} = Acc) when is_map_key(V, Seen) -> Acc;
             ({below, V}, Acc) -> add_tree(Next(G, V), G, Next, Acc);
             (Vs, Acc) -> add_tree(Vs, G, Next, Acc)
          end, {[], #{}}, Starts),
    Trees.

add_tree(Vs, G, Next, {Trees, Seen0}) ->
    case walk(Vs, G, Next, [], Seen0) of
        {[], Seen} -> {Trees, Seen};
        {Tree, Seen} -> {[Tree|Trees], Seen}
    end.

walk([V|Vs], G, Next, Tree, Seen) when is_map_key(V, Seen) ->
    walk(Vs, G, Next, Tree, Seen);
walk([V|Vs], G, Next, Tree, Seen) ->
    walk(Next(G, V) ++ Vs, G, Next, [V|Tree], Seen#{V => []});
walk([], _, _, Tree, Seen) -> {Tree, Seen}.

both(G, V) -> digraph:in_neighbours(G, V) ++ digraph:out_neighbours(G, V).

reverse_postorder(G) ->
    {Order, _} = after_children(digraph:vertices(G), G, {[], #{}}),
    Order.

after_children([V|Vs], G, {_, Seen} = Acc) when is_map_key(V, Seen) ->
    after_children(Vs, G, Acc);
after_children([V|Vs], G, {Order0, Seen0}) ->
    {Order, Seen} = after_children(digraph:out_neighbours(G, V), G,
                                   {Order0, Seen0#{V => []}}),
    after_children(Vs, G, {[V|Order], Seen});
after_children([], _, Acc) -> Acc.

%% Subgraphs

-spec subgraph(digraph:graph(), vertices()) -> digraph:graph().
subgraph(G, Vs) -> subgraph(G, Vs, []).

-spec subgraph(digraph:graph(), vertices(), [Option]) -> digraph:graph() when
      Option :: {type, inherit | [digraph:d_type()]}
              | {keep_labels, boolean()}.
subgraph(G, Vs, Options) ->
    {Type, Keep} = options(Options, G, inherit, true),
    Sub = digraph:new(Type),
    lists:foreach(fun(V) -> copy_vertex(digraph:vertex(G, V), Sub, Keep) end,
                  Vs),
    [copy_edge(digraph:edge(G, E), Sub, Keep)
     || V <- digraph:vertices(Sub), E <- digraph:out_edges(G, V)],
    Sub.

options([{type, Type}|Options], G, _, Keep)
  when Type =:= inherit; is_list(Type) ->
    options(Options, G, Type, Keep);
options([{keep_labels, Keep}|Options], G, Type, _) when is_boolean(Keep) ->
    options(Options, G, Type, Keep);
options([], G, inherit, Keep) ->
    Info = digraph:info(G),
    {[proplists:get_value(cyclicity, Info),
      proplists:get_value(protection, Info)], Keep};
options([], _, Type, Keep) -> {Type, Keep};
options(_, _, _, _) -> erlang:error(badarg).

copy_vertex(false, _, _) -> ok;
copy_vertex({V, Label}, Sub, true) -> digraph:add_vertex(Sub, V, Label);
copy_vertex({V, _}, Sub, false) -> digraph:add_vertex(Sub, V).

copy_edge({E, V1, V2, Label}, Sub, Keep) ->
    case digraph:vertex(Sub, V2) of
        false -> ok;
        _ when Keep -> digraph:add_edge(Sub, E, V1, V2, Label);
        _ -> digraph:add_edge(Sub, E, V1, V2, [])
    end.

%% The graph of the strong components; no edge from one to itself.
-spec condensation(digraph:graph()) -> digraph:graph().
condensation(G) ->
    Components = strong_components(G),
    Of = maps:from_list([{V, C} || C <- Components, V <- C]),
    Condensed = subgraph(G, []),
    [digraph:add_vertex(Condensed, C) || C <- Components],
    [digraph:add_edge(Condensed, C, D)
     || C <- Components,
        D <- lists:usort([maps:get(N, Of) || V <- C,
                                             N <- digraph:out_neighbours(G, V)]),
        D =/= C],
    Condensed.
