%% SPDX-License-Identifier: Apache-2.0
%% digraph: directed graphs with labels, in three tables: of vertices
%% {V, Label}, of edges {E, From, To, Label}, and a bag of {{out, V}, E} and
%% {{in, V}, E}, which also keeps the counters of the names made here. Fields
%% are asked for by name, for what is no graph is {badrecord, It} to users.
-module(digraph).

-export([new/0, new/1, delete/1, info/1, add_vertex/1, add_vertex/2,
         add_vertex/3, del_vertex/2, del_vertices/2, vertex/2, no_vertices/1,
         vertices/1, source_vertices/1, sink_vertices/1, add_edge/3,
         add_edge/4, add_edge/5, del_edge/2, del_edges/2, del_path/3, edge/2,
         no_edges/1, edges/1, edges/2, out_neighbours/2, in_neighbours/2,
         out_edges/2, in_edges/2, out_degree/2, in_degree/2, get_path/3,
         get_cycle/2, get_short_path/3, get_short_cycle/2]).

-export_type([graph/0, d_type/0, vertex/0, edge/0, label/0]).

-record(digraph, {vtab :: ets:tid(), etab :: ets:tid(), ntab :: ets:tid(),
                  cyclic = true :: boolean()}).

-opaque graph() :: #digraph{}.
-type vertex() :: term().
-type edge() :: term().
-type label() :: term().
-type d_type() :: acyclic | cyclic | private | protected.

-dialyzer({no_improper_lists, [new_vertex_id/1, new_edge_id/1]}).

-spec new() -> graph().
new() -> new([]).

-spec new([d_type()]) -> graph().
new(Type) ->
    {Access, Cyclic} = options(Type, protected, true),
    G = #digraph{vtab = ets:new(vertices, [set, Access]),
                 etab = ets:new(edges, [set, Access]),
                 ntab = ets:new(neighbours, [bag, Access]),
                 cyclic = Cyclic},
    true = ets:insert(G#digraph.ntab, [{'$vid', 0}, {'$eid', 0}]),
    G.

%% The last word on access counts, but the first on cycles, as in OTP.
options([acyclic|Type], Access, _) -> first_cyclic(Type, Access, false);
options([cyclic|Type], Access, _) -> first_cyclic(Type, Access, true);
options([A|Type], _, Cyclic) when A =:= private; A =:= protected ->
    options(Type, A, Cyclic);
options([], Access, Cyclic) -> {Access, Cyclic};
options(_, _, _) -> erlang:error(badarg).

first_cyclic(Type, Access0, Cyclic) ->
    {Access, _} = options(Type, Access0, Cyclic),
    {Access, Cyclic}.

-spec delete(graph()) -> true.
delete(G) ->
    ets:delete(G#digraph.vtab),
    ets:delete(G#digraph.etab),
    ets:delete(G#digraph.ntab).

-spec info(graph()) -> [{cyclicity, cyclic | acyclic}
                        | {memory, non_neg_integer()}
                        | {protection, private | protected}].
info(G) ->
    Tables = [G#digraph.vtab, G#digraph.etab, G#digraph.ntab],
    [{cyclicity, if G#digraph.cyclic -> cyclic; true -> acyclic end},
     {memory, lists:sum([ets:info(T, memory) || T <- Tables])},
     {protection, ets:info(hd(Tables), protection)}].

%% Vertices

-spec add_vertex(graph()) -> vertex().
add_vertex(G) -> do_add_vertex({new_vertex_id(G), []}, G).

-spec add_vertex(graph(), vertex()) -> vertex().
add_vertex(G, V) -> do_add_vertex({V, []}, G).

-spec add_vertex(graph(), vertex(), label()) -> vertex().
add_vertex(G, V, Label) -> do_add_vertex({V, Label}, G).

do_add_vertex({V, _} = Vertex, G) ->
    true = ets:insert(G#digraph.vtab, Vertex),
    V.

new_vertex_id(G) -> ['$v' | next(G#digraph.ntab, '$vid')].

%% A number that was not given out yet.
next(N, Counter) ->
    [{_, K}] = ets:lookup(N, Counter),
    true = ets:delete(N, Counter),
    true = ets:insert(N, {Counter, K + 1}),
    K.

-spec del_vertex(graph(), vertex()) -> true.
del_vertex(G, V) -> do_del_vertex(V, G).

do_del_vertex(V, G) ->
    do_del_edges(edges_at({in, V}, G#digraph.ntab), G),
    do_del_edges(edges_at({out, V}, G#digraph.ntab), G),
    ets:delete(G#digraph.vtab, V).

-spec del_vertices(graph(), [vertex()]) -> true.
del_vertices(G, Vs) -> do_del_vertices(Vs, G).

do_del_vertices([V | Vs], G) ->
    do_del_vertex(V, G),
    do_del_vertices(Vs, G);
do_del_vertices([], #digraph{}) -> true.

-spec vertex(graph(), vertex()) -> {vertex(), label()} | false.
vertex(G, V) ->
    case ets:lookup(G#digraph.vtab, V) of
        [Found] -> Found;
        [] -> false
    end.

-spec no_vertices(graph()) -> non_neg_integer().
no_vertices(G) -> ets:info(G#digraph.vtab, size).

-spec vertices(graph()) -> [vertex()].
vertices(G) -> ets:select(G#digraph.vtab, [{{'$1', '_'}, [], ['$1']}]).

-spec source_vertices(graph()) -> [vertex()].
source_vertices(G) -> without(in, G).

-spec sink_vertices(graph()) -> [vertex()].
sink_vertices(G) -> without(out, G).

without(Side, G) ->
    lists:reverse([V || V <- vertices(G),
                        not ets:member(G#digraph.ntab, {Side, V})]).

%% Edges

-spec add_edge(graph(), vertex(), vertex()) -> edge() | {error, term()}.
add_edge(G, V1, V2) -> add_edge(G, new_edge_id(G), V1, V2, []).

-spec add_edge(graph(), vertex(), vertex(), label()) ->
          edge() | {error, term()}.
add_edge(G, V1, V2, Label) ->
    add_edge(G, new_edge_id(G), V1, V2, Label).

new_edge_id(G) -> ['$e' | next(G#digraph.ntab, '$eid')].

-spec add_edge(graph(), edge(), vertex(), vertex(), label()) ->
          edge() | {error, term()}.
add_edge(G, E, V1, V2, Label) ->
    case [V || V <- [V1, V2], not ets:member(G#digraph.vtab, V)] of
        [V|_] -> {error, {bad_vertex, V}};
        [] ->
            case hindrance(G, E, V1, V2) of
                false -> insert_edge(G, E, V1, V2, Label);
                Path -> {error, {bad_edge, Path}}
            end
    end.

%% The name is that of another edge, or the edge would close a cycle.
hindrance(#digraph{etab = T, cyclic = Cyclic} = G, E, V1, V2) ->
    case ets:lookup(T, E) of
        [{_, From, To, _}] when From =/= V1; To =/= V2 -> [V1, V2];
        _ when Cyclic -> false;
        _ when V1 =:= V2 -> [V1, V2];
        _ -> get_path(G, V2, V1)
    end.

insert_edge(#digraph{etab = T, ntab = N}, E, V1, V2, Label) ->
    true = ets:insert(N, [{{out, V1}, E}, {{in, V2}, E}]),
    true = ets:insert(T, {E, V1, V2, Label}),
    E.

-spec del_edge(graph(), edge()) -> true.
del_edge(G, E) -> do_del_edges([E], G).

-spec del_edges(graph(), [edge()]) -> true.
del_edges(G, Es) -> do_del_edges(Es, G).

do_del_edges([E | Es], G) ->
    T = G#digraph.etab,
    N = G#digraph.ntab,
    case ets:lookup(T, E) of
        [{_, V1, V2, _}] ->
            true = ets:delete_object(N, {{in, V2}, E}),
            true = ets:delete_object(N, {{out, V1}, E}),
            true = ets:delete(T, E);
        [] -> true
    end,
    do_del_edges(Es, G);
do_del_edges([], #digraph{}) -> true.

-spec edge(graph(), edge()) ->
          {edge(), vertex(), vertex(), label()} | false.
edge(G, E) ->
    case ets:lookup(G#digraph.etab, E) of
        [Found] -> Found;
        [] -> false
    end.

-spec no_edges(graph()) -> non_neg_integer().
no_edges(G) -> ets:info(G#digraph.etab, size).

-spec edges(graph()) -> [edge()].
edges(G) ->
    ets:select(G#digraph.etab, [{{'$1', '_', '_', '_'}, [], ['$1']}]).

-spec edges(graph(), vertex()) -> [edge()].
edges(G, V) ->
    ets:select(G#digraph.ntab, [{{{out, V}, '$1'}, [], ['$1']},
                                {{{in, V}, '$1'}, [], ['$1']}]).

-spec out_edges(graph(), vertex()) -> [edge()].
out_edges(G, V) -> edges_at({out, V}, G#digraph.ntab).

-spec in_edges(graph(), vertex()) -> [edge()].
in_edges(G, V) -> edges_at({in, V}, G#digraph.ntab).

edges_at(Key, N) -> [E || {_, E} <- ets:lookup(N, Key)].

-spec out_degree(graph(), vertex()) -> non_neg_integer().
out_degree(G, V) -> length(ets:lookup(G#digraph.ntab, {out, V})).

-spec in_degree(graph(), vertex()) -> non_neg_integer().
in_degree(G, V) -> length(ets:lookup(G#digraph.ntab, {in, V})).

%% The newest edge first.
-spec out_neighbours(graph(), vertex()) -> [vertex()].
out_neighbours(G, V) ->
    neighbours(edges_at({out, V}, G#digraph.ntab), G#digraph.etab, 3).

-spec in_neighbours(graph(), vertex()) -> [vertex()].
in_neighbours(G, V) ->
    neighbours(edges_at({in, V}, G#digraph.ntab), G#digraph.etab, 2).

neighbours(Es, T, Position) ->
    lists:foldl(fun(E, Vs) -> [ets:lookup_element(T, E, Position)|Vs] end,
                [], Es).

%% Paths

-spec get_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_path(G, V1, V2) ->
    search([{out_neighbours(G, V1), [V1]}], V2, #{V1 => []}, 1, G).

-spec get_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_cycle(G, V) ->
    case search([{out_neighbours(G, V), [V]}], V, #{V => []}, 2, G) of
        false ->
            lists:member(V, out_neighbours(G, V)) andalso [V];
        Cycle -> Cycle
    end.

%% Depth first; the stack holds what is left to try at each vertex on the way,
%% with the path there. A path of fewer than Least edges does not count.
search([{[Goal|Vs], Path}|Stack], Goal, Seen, Least, G) ->
    if
        length(Stack) + 1 < Least ->
            search([{Vs, Path}|Stack], Goal, Seen, Least, G);
        true ->
            lists:reverse([Goal|Path])
    end;
search([{[V|Vs], Path}|Stack], Goal, Seen, Least, G) when is_map_key(V, Seen) ->
    search([{Vs, Path}|Stack], Goal, Seen, Least, G);
search([{[V|Vs], Path}|Stack], Goal, Seen, Least, G) ->
    Deeper = {out_neighbours(G, V), [V|Path]},
    search([Deeper, {Vs, Path}|Stack], Goal, Seen#{V => []}, Least, G);
search([{[], _}|Stack], Goal, Seen, Least, G) ->
    search(Stack, Goal, Seen, Least, G);
search([], _, _, _, _) -> false.

-spec get_short_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_short_cycle(G, V) -> get_short_path(G, V, V).

-spec get_short_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_short_path(G, V1, V2) ->
    nearest(queue_out_neighbours(V1, G, queue:new()), V2, #{V1 => start}, G).

queue_out_neighbours(V, G, Queue) ->
    queue:join(Queue, queue:from_list(out_edges(G, V))).

%% Breadth first; From says where each vertex was reached from.
nearest(Queue, Goal, From, G) ->
    case queue:out(Queue) of
        {empty, _} -> false;
        {{value, E}, Rest} ->
            case edge(G, E) of
                {_, V, Goal, _} -> way_back(V, From, [Goal]);
                {_, _, V, _} when is_map_key(V, From) ->
                    nearest(Rest, Goal, From, G);
                {_, Before, V, _} ->
                    More = queue_out_neighbours(V, G, Rest),
                    nearest(More, Goal, From#{V => {vertex, Before}}, G)
            end
    end.

way_back(V, From, Path) ->
    case From of
        #{V := start} -> [V|Path];
        #{V := {vertex, Before}} -> way_back(Before, From, [V|Path])
    end.

-spec del_path(graph(), vertex(), vertex()) -> true.
del_path(G, V1, V2) ->
    case get_path(G, V1, V2) of
        false -> true;
        Path ->
            cut(Path, G),
            del_path(G, V1, V2)
    end.

cut([V1, V2|Vs], G) ->
    del_edges(G, [E || E <- out_edges(G, V1),
                       element(3, edge(G, E)) =:= V2]),
    cut([V2|Vs], G);
cut([_], _) -> true.
