%% SPDX-License-Identifier: Apache-2.0
%% mnesia_controller: brings the tables of this node to life: from another node
%% that has one in use, or from the disc when nobody can have a newer one.
-module(mnesia_controller).
-behaviour(gen_server).

-export([start_link/0, check/0, wait/2, force/1, settle/1, settled/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, is_safe/1]).

%% waiting: [{From, Tables}]. worker: who loads, with its table. forced: tables
%% that are to be loaded, whatever others may have.
-record(state, {waiting = [], worker = none, forced = []}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Something is other than it was.
check() -> gen_server:cast(?MODULE, check).

wait(Tables, Timeout) ->
    Request = gen_server:send_request(?MODULE, {wait, Tables}),
    case gen_server:receive_response(Request, Timeout) of
        {reply, ok} -> ok;
        timeout -> {timeout, [T || T <- Tables, not is_ready(T)]};
        {error, _} -> {error, {node_not_running, node()}}
    end.

force(Table) -> gen_server:call(?MODULE, {force, Table}, infinity).

%% Until the copy here is in use; until nothing more can be loaded now.
settle(Table) -> gen_server:call(?MODULE, {wait, [{local, Table}]}, infinity).

settled() -> gen_server:call(?MODULE, settled, infinity).

is_ready({local, Table}) ->
    not mnesia_table:is_local(Table)
        orelse lists:member(node(), mnesia_table:info(Table, active_replicas, []));
is_ready(Table) -> mnesia_table:info(Table, where_to_read, nowhere) =/= nowhere.

init([]) -> {ok, #state{}}.

handle_call({wait, Tables}, From, #state{waiting = Ws} = S) ->
    {noreply, next(S#state{waiting = [{From, Tables} | Ws]})};
handle_call(settled, From, #state{waiting = Ws} = S) ->
    {noreply, next(S#state{waiting = [{From, settled} | Ws]})};
handle_call({force, Table}, From, #state{waiting = Ws, forced = Fs} = S) ->
    {noreply, next(S#state{waiting = [{From, [Table]} | Ws], forced = [Table | Fs]})}.

handle_cast(check, S) -> {noreply, next(S)}.

handle_info({'DOWN', Monitor, process, _, Reason}, #state{worker = {Monitor, Table}} = S) ->
    Reason =:= normal orelse begin
        mnesia_lib:unset({Table, loading}),
        erlang:send_after(50, self(), check)
    end,
    New = S#state{worker = none},
    {noreply, case Reason of normal -> next(New); _ -> New end};
handle_info(check, S) -> {noreply, next(S)};
handle_info(_, S) -> {noreply, S}.

%% One table after the other.
next(#state{waiting = Waiting} = S0) ->
    Left = [W || {From, Tables} = W <- Waiting, not answered(From, Tables)],
    S = S0#state{waiting = Left},
    case S#state.worker =:= none andalso [T || T <- pending(), plan(T, S) =/= wait] of
        [] ->
            [gen_server:reply(From, ok) || {From, settled} <- Left],
            S#state{waiting = [W || {_, What} = W <- Left, What =/= settled]};
        [Table | _] ->
            Forced = S#state.forced,
            {_, Monitor} = spawn_monitor(fun() -> load(Table, Forced) end),
            S#state{worker = {Monitor, Table}};
        _ -> S
    end.

answered(_, settled) -> false;
answered(From, Tables) ->
    lists:all(fun is_ready/1, Tables) andalso gen_server:reply(From, ok) =:= ok.

pending() ->
    Tables = [T || T <- mnesia_lib:tables(), T =/= schema,
                   mnesia_table:is_local(T),
                   not lists:member(node(), mnesia_table:info(T, active_replicas, []))],
    case mnesia_lib:is_running() of
        yes -> [T || {_, T} <- lists:sort([{-mnesia_table:info(T, load_order, 0), T}
                                           || T <- Tables])];
        _ -> []
    end.

%% Where it can come from: {net, Node}, {disc, Reason}, or wait for others.
plan(Table, #state{forced = Forced}) ->
    try plan(Table, Forced)
    catch exit:{aborted, _} -> wait % it is gone
    end;
plan(Table, Forced) ->
    Active = mnesia_table:info(Table, active_replicas) -- [node()],
    Masters = mnesia_lib:val(masters),
    Own = proplists:get_value(Table, Masters, proplists:get_value(schema, Masters, [])),
    Usable = case Own of
                 [] -> Active;
                 _ -> mnesia_lib:intersect(Active, Own)
             end,
    Local = mnesia_table:info(Table, local_content),
    case {lists:member(Table, Forced), Usable} of
        _ when Local -> {disc, local_content};
        {true, []} when Active =:= [] -> {disc, forced_by_user};
        {true, _} -> {net, hd(Usable ++ Active)};
        {false, [Node | _]} -> {net, Node};
        {false, []} -> alone(mnesia_lib:val({Table, cs}), Own)
    end.

%% No other copy that counts is in use: is this one as good as any?
alone(Cs, Masters) ->
    case safe(Cs, Masters) of
        wait when Masters =:= [] -> orphan(Cs, lists:sort(mnesia_cs:disc_holders(Cs)));
        Plan -> Plan
    end.

safe(#{access_mode := Mode} = Cs, Masters) ->
    Disc = mnesia_cs:disc_holders(Cs),
    Ram = mnesia_cs:storage(Cs, node()) =:= ram_copies,
    Newer = Disc -- [node() | mnesia_lib:val(early_downs)],
    case mnesia_cs:holders(Cs) of
        [_] -> {disc, local_only};
        _ when Masters =/= [] ->
            case lists:member(node(), Masters) of
                true -> {disc, local_master};
                false -> wait
            end;
        _ when Ram, Disc =:= [] -> {disc, ram_only};
        _ when Mode =:= read_only -> {disc, read_only};
        _ when not Ram, Newer =:= [] -> {disc, initial};
        _ -> wait
    end.

%% All that have it on disc run, and all wait for each other: the first may.
orphan(#{name := Table}, [Node | Others] = Disc) when Node =:= node() ->
    case Disc -- mnesia_lib:running() of
        [] ->
            case lists:any(fun(N) -> is_safe(N, Table) end, Others) of
                true -> wait;
                false -> {disc, orphan}
            end;
        _ -> wait
    end;
orphan(_, _) -> wait.

%% Would another node do it by itself?
is_safe(Node, Table) ->
    try mnesia_lib:ask(Node, ?MODULE, is_safe, [Table])
    catch _:_ -> true
    end.

is_safe(Table) -> safe(mnesia_lib:val({Table, cs}), []) =/= wait.

%% ---- The worker ----

load(Table, Forced) ->
    {atomic, ok} = mnesia_tm:schema(
        fun() ->
            mnesia_tm:lock_at([node()], {schema, '______WHOLETABLE_____'}, read),
            mnesia_tm:lock_at(mnesia_lib:running(), {'______LOAD_____', Table}, write),
            case mnesia_table:exists(Table) andalso plan(Table, Forced) of
                {net, Node} ->
                    mnesia_tm:lock_at([Node], {Table, '______WHOLETABLE_____'}, read),
                    fetch(Table, Node);
                {disc, Reason} ->
                    in_use(Table, Reason, node());
                _ -> ok
            end
        end).

%% All that is changed from now on comes here, too, and waits.
fetch(Table, Node) ->
    mnesia_lib:set({Table, loading}, true),
    tell({fetching, Table, node()}),
    Objects = mnesia_lib:ask(Node, ets, tab2list, [Table]),
    mnesia_table:replace(Table, Objects),
    mnesia_part:loaded(Table),
    mnesia_checkpoint:attach(Table, Node),
    mnesia_table:info(Table, storage_type) =:= ram_copies
        orelse mnesia_dumper:dump([Table]),
    in_use(Table, {active_remote, Node}, Node).

in_use(Table, Reason, Node) ->
    mnesia_monitor:ask(node(), {load, Table, Reason, Node}),
    tell({active, Table, node()}).

tell(What) ->
    [mnesia_monitor:ask(N, What) || N <- mnesia_lib:running()],
    ok.
