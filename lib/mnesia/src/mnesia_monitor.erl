%% SPDX-License-Identifier: Apache-2.0
%% mnesia_monitor: which nodes mnesia runs on, and the definitions of tables,
%% the same on all of them. Asks nobody itself: what needs several nodes is done
%% by who wants it (mnesia_schema, mnesia_join), under a lock of the schema.
%%
%% Nodes that went down while we ran are remembered, on disc if there is one:
%% when we start again, what they have is older than what we have.
-module(mnesia_monitor).
-behaviour(gen_server).

-export([start_link/0, ask/2, prepare/1, define/2, get_env/1, use_dir/0,
         masters/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% peers: the monitor of its mnesia_monitor => Node.
-record(state, {peers = #{}}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

get_env(Key) -> mnesia_lib:env(Key).

use_dir() -> mnesia:system_info(use_dir).

%% Asks the monitor of a node: info | {joined, ...} | {active, Table, Nodes} ...
ask(Node, Request) ->
    try gen_server:call({?MODULE, Node}, Request, infinity)
    catch exit:_ -> {down, Node}
    end.

%% Where it is asked for, as the function of its own process may be foreign.
prepare(Ops) -> lists:foreach(fun mnesia_define:prepare/1, Ops).

define(Node, Ops) -> ask(Node, {define, Ops}).

%% The nodes that [Table] is to be loaded from, whatever else is there.
masters(Table, Nodes) -> ask(node(), {masters, Table, Nodes}).

init([]) ->
    process_flag(trap_exit, true),
    is_alive() andalso net_kernel:monitor_nodes(true),
    ets:new(mnesia_gvar, [named_table, public, {read_concurrency, true}]),
    ets:new(mnesia_count, [named_table, public]),
    ets:new(mnesia_changed, [named_table, public]),
    ets:insert(mnesia_count, [{commits, 0}, {failures, 0}, {writes, 0}, {log, 0}]),
    mnesia_lib:set(status, starting),
    mnesia_lib:set({current, db_nodes}, [node()]),
    OnDisc = mnesia_lib:env(schema_location) =/= ram andalso mnesia_disc:has_schema(),
    recall(OnDisc),
    case OnDisc of
        true ->
            _ = mnesia_bup:use_fallback(),
            load();
        false -> mnesia_define:apply_op({schema, empty_schema(), none}, true)
    end,
    {ok, #state{}}.

empty_schema() ->
    Given = [P || {K, _} = P <- mnesia_lib:env(schema), K =:= user_properties],
    mnesia_cs:new(schema, [{ram_copies, [node()]}, {attributes, [table, cstruct]}
                           | Given]).

%% What is on disc of tables is read, and waits until it is known to be good.
load() ->
    Schema = mnesia_disc:read_schema(),
    {[Own], Others} = lists:partition(fun(#{name := N}) -> N =:= schema end, Schema),
    mnesia_define:apply_op({schema, Own, none}, true),
    [mnesia_define:apply_op({map_get(name, Cs), Cs, none}, false) || Cs <- Others],
    [mnesia_table:fill(T, mnesia_disc:read_table(T))
     || #{name := T} = Cs <- Others,
        mnesia_cs:storage(Cs, node()) =/= unknown],
    mnesia_disc:replay(fun(Ops) ->
                           [catch mnesia_table:do(Op, none, false) || Op <- Ops]
                       end),
    [ets:insert(mnesia_changed, {map_get(name, Cs)}) || Cs <- Others].

%% ---- What is remembered ----

recall(OnDisc) ->
    {Downs, Masters} = case OnDisc of
                           true -> mnesia_disc:read("RECOVER.DAT", {[], []});
                           false -> {[], []}
                       end,
    mnesia_lib:set(downs, Downs),
    mnesia_lib:set(early_downs, Downs),
    mnesia_lib:set(masters, Masters).

remember(Key, Value) ->
    Same = mnesia_lib:val(Key) =:= Value,
    mnesia_lib:set(Key, Value),
    Same orelse mnesia_disc:has_log()
        andalso mnesia_disc:write("RECOVER.DAT", {mnesia_lib:val(downs),
                                                  mnesia_lib:val(masters)}).

%% ---- Requests ----

handle_call(info, _, S) ->
    {reply, #{node => node(), schema => mnesia_define:schema(),
              running => mnesia_lib:running(), downs => mnesia_lib:val(downs),
              active => [T || T <- mnesia_lib:tables(), T =/= schema,
                              lists:member(node(), mnesia_table:info(T, active_replicas))]},
     S};
handle_call({joined, Nodes, Schema, Active, Partitioned}, _, S) ->
    {reply, ok, joined(Nodes, Schema, Active, Partitioned, S)};
handle_call({status, Status}, _, S) ->
    mnesia_lib:set(status, Status),
    {reply, ok, S};
handle_call({define, Ops}, _, S) ->
    [mnesia_define:apply_op(Op, false) || Op <- Ops],
    mnesia_define:save(),
    mnesia_controller:check(),
    {reply, ok, S};
handle_call({fetching, Table, Node}, _, S) ->
    {reply, changed(Table, fetching, Node), S};
handle_call({active, Table, Node}, _, S) ->
    Answer = changed(Table, active_replicas, Node),
    mnesia_controller:check(),
    {reply, Answer, S};
handle_call({load, Table, Reason, Node}, _, S) ->
    [mnesia_table:set_info(Table, K, V)
     || {K, V} <- [{load_reason, Reason}, {load_node, Node}]],
    {reply, ok, S};
handle_call({masters, Table, Nodes}, _, S) ->
    Masters = lists:keydelete(Table, 1, mnesia_lib:val(masters)),
    remember(masters, [{Table, Nodes} | Masters]),
    mnesia_controller:check(),
    {reply, ok, S}.

changed(Table, What, Node) ->
    mnesia_table:exists(Table) andalso begin
        Others = lists:delete(Node, mnesia_table:info(Table, What, [])),
        mnesia_table:set_info(Table, What, Others ++ [Node]),
        mnesia_define:refresh(Table)
    end,
    ok.

handle_cast(_, S) -> {noreply, S}.

%% The definitions of all nodes are one now.
joined(Nodes, Schema, Active, Partitioned, S0) ->
    New = Nodes -- mnesia_lib:running(),
    S = lists:foldl(fun watched/2, S0, New),
    mnesia_lib:set({current, db_nodes}, lists:usort(Nodes)),
    Gone = mnesia_lib:tables() -- [T || #{name := T} <- Schema],
    [mnesia_define:apply_op({T, deleted, none}, false) || T <- Gone],
    [mnesia_define:apply_op({map_get(name, Cs), Cs, none}, false) || Cs <- Schema],
    [mnesia_define:set_active(T, Ns) || {T, Ns} <- Active],
    mnesia_define:refresh_all(),
    mnesia_define:save(),
    remember(downs, mnesia_lib:val(downs) -- Nodes),
    [mnesia_lib:report({mnesia_up, N}) || N <- New],
    [mnesia_lib:report({inconsistent_database, starting_partitioned_network, N})
     || N <- Partitioned],
    mnesia_controller:check(),
    S.

watched(Node, #state{peers = Peers} = S) ->
    S#state{peers = Peers#{monitor(process, {?MODULE, Node}) => Node}}.

handle_info({'DOWN', Monitor, process, _, _}, #state{peers = Peers} = S) ->
    case maps:take(Monitor, Peers) of
        {Node, Rest} ->
            down(Node),
            {noreply, S#state{peers = Rest}};
        error -> {noreply, S}
    end;
handle_info({nodeup, Node}, S) ->
    lists:member(Node, mnesia_lib:val(downs))
        andalso spawn(fun() -> met_again(Node) end),
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

down(Node) ->
    mnesia_lib:set({current, db_nodes}, lists:delete(Node, mnesia_lib:running())),
    remember(downs, lists:usort([Node | mnesia_lib:val(downs)])),
    mnesia_define:refresh_all(),
    catch mnesia_tm ! {mnesia_down, Node},
    mnesia_locker:mnesia_down(Node),
    mnesia_lib:report({mnesia_down, Node}),
    mnesia_lib:is_running() =:= yes andalso mnesia:system_info(fallback_activated)
        andalso give_way(Node),
    mnesia_controller:check().

%% The other node may start with the fallback: no changes from here on.
give_way(Node) ->
    mnesia_lib:report({mnesia_error, "A fallback is installed and Mnesia must be "
                       "restarted. Forcing shutdown after mnesia_down from ~p...~n",
                       [Node]}),
    {Module, Function} = mnesia_lib:env(fallback_error_function),
    spawn(Module, Function, []).

%% Both went on alone, each without the other.
met_again(Node) ->
    case ask(Node, info) of
        #{downs := Downs} ->
            lists:member(node(), Downs)
                andalso mnesia_lib:report({inconsistent_database,
                                           running_partitioned_network, Node});
        _ -> ok
    end.

terminate(_, _) -> ok.
