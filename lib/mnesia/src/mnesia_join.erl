%% SPDX-License-Identifier: Apache-2.0
%% mnesia_join: two clusters, often one of them a node that just starts, become
%% one. Who wants it holds the lock of the schema on all their nodes.
-module(mnesia_join).

-export([join/1]).

%% The nodes that were reached, of those that are named.
-spec join([node()]) -> {ok, [node()]} | {error, term()}.
join(Wanted) ->
    Nodes = [N || N <- lists:usort(Wanted), N =/= node(), is_up(N)],
    Own = [node() || lists:member(node(), Wanted)],
    case Nodes -- mnesia_lib:running() of
        [] -> {ok, Own ++ Nodes};
        _ ->
            case mnesia_tm:schema(fun() -> together(Nodes) end) of
                {atomic, {error, _} = Error} -> Error;
                {atomic, ok} -> {ok, Own ++ Nodes};
                {aborted, Reason} -> {error, Reason}
            end
    end.

is_up(Node) ->
    net_kernel:connect_node(Node) =:= true andalso
        try erpc:call(Node, erlang, whereis, [mnesia_monitor], 10000) =/= undefined
        catch error:{erpc, _} -> false
        end.

%% Those that are reached may know of more.
together(Nodes) ->
    mnesia_tm:lock_at(Nodes, {schema, '______WHOLETABLE_____'}, write),
    Infos = [mnesia_monitor:ask(N, info) || N <- Nodes],
    [mnesia:abort({node_not_running, N}) || {down, N} <- Infos],
    Known = lists:usort(lists:append([Ns || #{running := Ns} <- Infos])),
    case Known -- Nodes of
        [] -> merge(Nodes, Infos);
        _ -> together(lists:usort(Nodes ++ Known))
    end.

merge(Nodes, Infos) ->
    Own = mnesia_lib:running(),
    case lists:member(node(), Nodes) of
        false -> together(lists:usort(Own ++ Nodes));
        true ->
            case merged(Infos) of
                {error, _} = Error -> Error;
                Schema ->
                    Active = [{T, [N || #{node := N, active := Ts} <- Infos,
                                        lists:member(T, Ts)]}
                              || #{name := T} <- Schema, T =/= schema],
                    [mnesia_monitor:ask(N, {joined, Nodes, Schema, Active,
                                            partitioned(N, Own, Infos)})
                     || N <- Nodes],
                    ok
            end
    end.

%% Of those that join, who thinks of whom that it went down and the other way.
partitioned(Node, _, _) when Node =/= node() -> [];
partitioned(Node, Own, Infos) ->
    Mine = mnesia_lib:val(downs),
    [N || #{node := N, downs := Downs} <- Infos, not lists:member(N, Own),
          lists:member(N, Mine), lists:member(Node, Downs)].

%% Who has no tables and no disc takes the others' schema.
merged(Infos) ->
    {Fresh, Grown} = lists:partition(fun is_fresh/1, Infos),
    Heads = [head(I) || I <- case Grown of [] -> [hd(Fresh)]; _ -> Grown end],
    case lists:usort([map_get(cookie, H) || H <- Heads]) of
        [_] -> tables(Grown, added(newest(Heads), Fresh));
        _ -> {error, {"Incompatible schema cookies. "
                      "Please, restart from old backup.",
                      [map_get(node, I) || I <- Grown], []}}
    end.

is_fresh(#{node := Node, schema := [Schema]}) ->
    mnesia_cs:storage(Schema, Node) =:= ram_copies
        andalso mnesia_cs:holders(Schema) =:= [Node];
is_fresh(_) -> false.

head(#{schema := Css}) -> hd([Cs || #{name := schema} = Cs <- Css]).

newest(Css) -> lists:foldl(fun mnesia_cs:newer/2, hd(Css), tl(Css)).

added(Schema, Infos) ->
    lists:foldl(fun(#{node := N}, S) ->
                    case mnesia_cs:storage(S, N) of
                        unknown ->
                            mnesia_cs:touch(mnesia_cs:put_copy(S, N, ram_copies));
                        _ -> S
                    end
                end, Schema, Infos).

%% What none of those knows that should have it was deleted elsewhere.
tables(Infos, Schema) ->
    All = [{N, Cs} || #{node := N, schema := Css} <- Infos, Cs <- Css,
                      map_get(name, Cs) =/= schema],
    Names = lists:usort([T || {_, #{name := T}} <- All]),
    try
        [Schema | [Cs || T <- Names, Cs <- table([X || {_, #{name := U}} = X <- All,
                                                       T =:= U], length(Infos))]]
    catch throw:Error -> {error, Error}
    end.

table(Known, Nodes) ->
    Css = [Cs || {_, Cs} <- Known],
    #{name := Table} = Cs = newest(Css),
    length(lists:usort([map_get(cookie, C) || C <- Css])) =:= 1
        orelse throw({"Bad cookie in table definition", Table}),
    [Cs || length(Known) =:= Nodes
               orelse lists:any(fun({N, _}) -> mnesia_cs:storage(Cs, N) =/= unknown end,
                                Known)].
