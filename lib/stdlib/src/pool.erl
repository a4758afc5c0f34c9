%% SPDX-License-Identifier: Apache-2.0
%% pool: a set of nodes, of which the one with the least load gets the next
%% process.
%%
%% The process pool_master, which is known globally, keeps [{Load, Node}], the
%% next node first. A process on each node tells it the length of the run
%% queue when that has changed.
-module(pool).
-behaviour(gen_server).

-export([start/1, start/2, stop/0, attach/1, get_nodes/0, get_nodes_and_load/0,
         get_node/0, pspawn/3, pspawn_link/3]).
-export([statistic_collector/0, do_spawn/4]).   % run on other nodes
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-compile([{nowarn_deprecated_function, [{slave, start, 3}]}]).

-define(MASTER, {global, pool_master}).
-define(NOT_TOLD, 999999).      % the load of a node that has not said it

-spec start(atom()) -> [node()].
start(Name) -> start(Name, []).

%% Starts nodes on the hosts in .hosts.erlang.
-spec start(atom(), string()) -> [node()].
start(Name, Args) when is_atom(Name) ->
    _ = gen_server:start(?MASTER, ?MODULE, [], []),
    Nodes = lists:flatmap(fun(Host) -> start_node(Host, Name, Args) end,
                          net_adm:host_file()),
    lists:foreach(fun attach/1, Nodes),
    Nodes.

start_node(Host, Name, Args) ->
    case slave:start(Host, Name, Args) of
        {ok, Node} -> [Node];
        {error, Reason} ->
            io:format("Can't start node on host ~w due to ~w~n",
                      [Host, Reason]),
            case Reason of
                {already_running, Node} -> [Node];
                _ -> []
            end
    end.

-spec stop() -> stopped.
stop() -> gen_server:call(?MASTER, stop).

-spec attach(node()) -> already_attached | attached.
attach(Node) -> gen_server:call(?MASTER, {attach, Node}).

-spec get_nodes() -> [node()].
get_nodes() -> [Node || {_, Node} <- get_nodes_and_load()].

get_nodes_and_load() -> gen_server:call(?MASTER, get_nodes).

-spec get_node() -> node().
get_node() -> gen_server:call(?MASTER, get_node).

-spec pspawn(module(), atom(), [term()]) -> pid().
pspawn(M, F, Args) ->
    gen_server:call(?MASTER, {spawn, group_leader(), M, F, Args}).

-spec pspawn_link(module(), atom(), [term()]) -> pid().
pspawn_link(M, F, Args) -> spawn_link(get_node(), M, F, Args).

-spec do_spawn(pid(), module(), atom(), [term()]) -> term().
do_spawn(Leader, M, F, Args) ->
    group_leader(Leader, self()),
    apply(M, F, Args).

%% ---- The master ----

init([]) ->
    process_flag(trap_exit, true),
    spawn_link(?MODULE, statistic_collector, []),
    {ok, [{0, node()}]}.

handle_call(get_nodes, _, Nodes) -> {reply, Nodes, Nodes};
handle_call(get_node, _, Nodes) ->
    {Node, Rest} = take(Nodes),
    {reply, Node, Rest};
handle_call({spawn, Leader, M, F, Args}, _, Nodes) ->
    {Node, Rest} = take(Nodes),
    {reply, spawn(Node, ?MODULE, do_spawn, [Leader, M, F, Args]), Rest};
handle_call({attach, Node}, _, Nodes) ->
    case lists:keymember(Node, 2, Nodes) of
        true -> {reply, already_attached, Nodes};
        false ->
            monitor_node(Node, true),
            spawn_link(Node, ?MODULE, statistic_collector, []),
            {reply, attached, Nodes ++ [{?NOT_TOLD, Node}]}
    end;
handle_call(stop, _, Nodes) -> {stop, normal, stopped, Nodes}.

%% The chosen node waits behind the others until it tells its load.
take([{Load, Node} | Others]) -> {Node, Others ++ [{Load + 1, Node}]}.

handle_cast(_, Nodes) -> {noreply, Nodes}.

handle_info({Node, load, Load}, Nodes) ->
    {Before, After} = lists:splitwith(fun({L, _}) -> L < Load end,
                                      lists:keydelete(Node, 2, Nodes)),
    {noreply, Before ++ [{Load, Node} | After]};
handle_info({nodedown, Node}, Nodes) ->
    {noreply, lists:keydelete(Node, 2, Nodes)};
handle_info(_, Nodes) -> {noreply, Nodes}.

terminate(_, Nodes) ->
    lists:foreach(fun({_, Node}) -> rpc:cast(Node, erlang, halt, []) end,
                  lists:keydelete(node(), 2, Nodes)).

%% ---- On each node ----

%% The name of the master may take a while to be known here.
statistic_collector() -> find_master(5).

find_master(0) -> exit(normal);
find_master(Tries) ->
    timer:sleep(300),
    case global:whereis_name(pool_master) of
        undefined -> find_master(Tries - 1);
        Master -> tell_load(Master, ?NOT_TOLD)
    end.

tell_load(Master, Told) ->
    timer:sleep(2000),
    Load = statistics(run_queue),
    Load =:= Told orelse (Master ! {node(), load, Load}),
    tell_load(Master, Load).
