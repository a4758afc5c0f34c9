%% SPDX-License-Identifier: Apache-2.0
%% mnesia_checkpoint: tables as they were at one moment, all of the same. Each
%% node that keeps some of them has a process that owns the copies.
%%
%% {checkpoint, Name} of each node that takes part: {Process, Table => copy,
%% Table => nodes that keep it}.
-module(mnesia_checkpoint).

-export([activate/1, deactivate/1, names/0, names/1, objects/2, tables/1, iterate/6]).
-export([keep/3, drop/1, attach/2, where/1, move/2]).

-define(KEY(Name), {checkpoint, Name}).

names() -> [N || [N] <- ets:match(mnesia_gvar, {{checkpoint, '$1'}, '_'})].

names(Table) ->
    [N || N <- names(), is_map_key(Table, element(2, mnesia_lib:val(?KEY(N))))].

-spec activate([{atom(), term()}]) -> {ok, term(), [node()]} | {error, term()}.
activate(Options) ->
    case mnesia_lib:is_running() of
        yes ->
            try options(Options) of
                {Name, Min, Max} -> activate(Name, Min, Max)
            catch throw:Reason -> {error, Reason}
            end;
        _ -> {error, {node_not_running, node()}}
    end.

options(Options) when is_list(Options) ->
    [option(O) orelse throw({badarg, O}) || O <- Options],
    Get = fun(K, D) -> proplists:get_value(K, Options, D) end,
    Min = Get(min, []),
    Max = Get(max, []),
    Name = Get(name, {erlang:timestamp(), node()}),
    Min =:= [] andalso Max =:= []
        andalso throw({combine_error, Name, [{min, Min}, {max, Max}]}),
    [throw({combine_error, T, [{min, Min}, {max, Max}]})
     || T <- Min, lists:member(T, Max)],
    [throw({"Cannot prepare checkpoint (replica not available)", [T, Name]})
     || T <- Min ++ Max, not mnesia_table:exists(T)],
    {Name, Min, Max};
options(Options) -> throw({badarg, Options}).

option({name, _}) -> true;
option({allow_remote, B}) -> is_boolean(B);
option({ram_overrides_dump, B}) -> is_boolean(B) orelse is_list(B);
option({K, Ts}) when K =:= min; K =:= max ->
    is_list(Ts) andalso lists:all(fun is_atom/1, Ts);
option(_) -> false.

%% Nobody writes while copies are made.
activate(Name, Min, Max) ->
    Made = mnesia_tm:schema(
        fun() ->
            mnesia_tm:lock_at([node()], {schema, '______WHOLETABLE_____'}, read),
            mnesia_lib:exists(?KEY(Name)) andalso mnesia:abort({already_exists, Name}),
            [mnesia_tm:lock({T, '______WHOLETABLE_____'}, read) || T <- Min ++ Max],
            Where = [{T, keepers(T, lists:member(T, Max))} || T <- Min ++ Max],
            Nodes = lists:usort([node() | lists:append([Ns || {_, Ns} <- Where])]),
            [ok = mnesia_lib:ask(N, ?MODULE, keep,
                                 [Name, [T || {T, Ns} <- Where, lists:member(N, Ns)],
                                  maps:from_list(Where)]) || N <- Nodes],
            Nodes
        end),
    case Made of
        {atomic, Nodes} -> {ok, Name, Nodes};
        {aborted, Reason} -> {error, Reason}
    end.

keepers(Table, true) -> mnesia_table:info(Table, active_replicas);
keepers(Table, false) -> [mnesia_table:info(Table, where_to_read)].

keep(Name, Tables, Where) ->
    Parent = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> keeper(Parent, Tables) end),
    receive
        {Pid, Copies} ->
            demonitor(Monitor, [flush]),
            mnesia_lib:set(?KEY(Name), {Pid, Copies, Where}),
            ok;
        {'DOWN', Monitor, _, _, Reason} -> {error, Reason}
    end.

%% Lives as long as mnesia.
keeper(Parent, Tables) ->
    Monitor = monitor(process, mnesia_monitor),
    Copies = [{T, copy(T, ets:tab2list(T))} || T <- Tables],
    Parent ! {self(), maps:from_list(Copies)},
    kept(Monitor).

kept(Monitor) ->
    receive
        {add, Pid, Table, Objects} ->
            Pid ! {self(), copy(Table, Objects)},
            kept(Monitor);
        stop -> ok;
        {'DOWN', Monitor, _, _, _} -> ok
    end.

copy(Table, Objects) ->
    Copy = ets:new(mnesia_checkpoint, [ets:info(Table, type), {keypos, 2}, protected]),
    ets:insert(Copy, Objects),
    Copy.

%% A copy of [Table] comes from [Node], with what that keeps of the table.
attach(Table, Node) ->
    [attach(Table, Node, Name) || Name <- mnesia_lib:ask(Node, ?MODULE, names, [Table])],
    ok.

attach(Table, Node, Name) ->
    #{Table := Nodes} = Where = mnesia_lib:ask(Node, ?MODULE, where, [Name]),
    mnesia_lib:exists(?KEY(Name)) orelse keep(Name, [], Where),
    {Pid, Copies, _} = mnesia_lib:val(?KEY(Name)),
    Pid ! {add, self(), Table, mnesia_lib:ask(Node, ?MODULE, objects, [Name, Table])},
    receive
        {Pid, Copy} -> mnesia_lib:set(?KEY(Name), {Pid, Copies#{Table => Copy}, Where})
    end,
    New = Where#{Table := lists:usort([node() | Nodes])},
    [catch mnesia_lib:ask(N, ?MODULE, move, [Name, New])
     || N <- lists:usort(lists:append(maps:values(New)))].

where(Name) -> element(3, mnesia_lib:val(?KEY(Name))).

move(Name, Where) ->
    mnesia_lib:set(?KEY(Name), setelement(3, mnesia_lib:val(?KEY(Name)), Where)).

deactivate(Name) ->
    case mnesia_lib:val(?KEY(Name), none) of
        none -> {error, {no_exists, Name}};
        {_, _, Where} ->
            Nodes = lists:usort([node() | lists:append(maps:values(Where))]),
            [catch mnesia_lib:ask(N, ?MODULE, drop, [Name]) || N <- Nodes],
            ok
    end.

drop(Name) ->
    {Pid, _, _} = mnesia_lib:val(?KEY(Name)),
    mnesia_lib:unset(?KEY(Name)),
    Pid ! stop,
    ok.

tables(Name) -> maps:keys(where(Name)).

%% From here, or from another node that keeps the table.
objects(Name, Table) ->
    mnesia_table:exists(Table) orelse mnesia:abort({no_exists, Table}),
    case mnesia_lib:val(?KEY(Name), none) of
        none -> mnesia:abort({no_exists, Name});
        {_, #{Table := Copy}, _} -> ets:tab2list(Copy);
        {_, _, #{Table := Nodes}} -> elsewhere(Nodes -- [node()], Name, Table);
        _ -> mnesia:abort({no_exists, Name, Table})
    end.

elsewhere([], Name, Table) -> mnesia:abort({no_exists, Name, Table});
elsewhere([Node | Nodes], Name, Table) ->
    try mnesia_lib:ask(Node, ?MODULE, objects, [Name, Table])
    catch exit:_ -> elsewhere(Nodes, Name, Table)
    end.

%% Gives the objects of a table to [Fun], as (Objects, Acc).
iterate(Name, Table, Fun, Acc, _, _) -> Fun(objects(Name, Table), Acc).
