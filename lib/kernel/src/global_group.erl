%% SPDX-License-Identifier: Apache-2.0
%% global_group: clusters cut into groups (the parameter global_groups of
%% kernel). The nodes of a group are connected with each other, and have global
%% names of their own; those of other groups can be asked through them.
%%
%% Without that parameter all nodes are one group that has no name.
-module(global_group).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, global_groups/0, monitor_nodes/1,
         own_nodes/0, registered_names/1, send/2, send/3, whereis_name/1,
         whereis_name/2, sync/0, info/0, participant/1, member/1,
         publishes/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-type where() :: {node, node()} | {group, atom()}.

-define(PATIENCE, 5000).

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
stop() -> gen_server:call(?MODULE, stop, infinity).

call(Request) -> gen_server:call(?MODULE, Request, infinity).

%%% The groups

%% This node's own, and the names of the others.
-spec global_groups() -> {atom(), [atom()]} | undefined.
global_groups() ->
    case conf() of
        none -> undefined;
        Groups ->
            case own(Groups) of
                {Own, _, _} -> {Own, [G || {G, _, _} <- Groups, G =/= Own]};
                none -> undefined
            end
    end.

-spec own_nodes() -> [node()].
own_nodes() ->
    case own(conf()) of
        {_, _, Nodes} -> Nodes;
        none -> [node() | nodes()]
    end.

%% As the parameter has it now; none when it makes no sense.
conf() ->
    case application:get_env(kernel, global_groups) of
        {ok, [_ | _] = Groups} ->
            try [group(G) || G <- Groups]
            catch error:_ -> none
            end;
        _ -> none
    end.

group({Name, Nodes}) -> group({Name, normal, Nodes});
group({Name, Type, Nodes})
  when is_atom(Name), Type =:= normal orelse Type =:= hidden ->
    {Name, Type, lists:sort([N || N <- Nodes, is_atom(N)])}.

own(none) -> none;
own(Groups) ->
    case [G || {_, _, Nodes} = G <- Groups, lists:member(node(), Nodes)] of
        [Own | _] -> Own;
        [] -> none
    end.

nodes_of(Group) ->
    case conf() of
        none -> [];
        Groups -> lists:append([Nodes || {G, _, Nodes} <- Groups, G =:= Group])
    end.

%% Whether global has to do with Node.
-spec participant(node()) -> boolean().
participant(Node) ->
    case own(conf()) of
        {_, _, Nodes} -> lists:member(Node, Nodes);
        none -> true
    end.

%% Whether Node is in this node's group, of which there is one.
-spec member(node()) -> boolean().
member(Node) ->
    case own(conf()) of
        {_, _, Nodes} -> lists:member(Node, Nodes);
        none -> false
    end.

%% Whether a connection with Node is one that others see: those of a hidden
%% group are only within it.
-spec publishes(node()) -> boolean().
publishes(Node) ->
    case own(conf()) of
        {_, hidden, Nodes} -> lists:member(Node, Nodes);
        _ -> true
    end.

%%% Names

-spec registered_names(where()) -> [term()].
registered_names({node, Node}) when Node =:= node() ->
    global:registered_names();
registered_names({node, Node}) ->
    case ask(Node, registered_names, []) of
        {ok, Names} -> Names;
        error -> []
    end;
registered_names({group, Group}) when is_atom(Group) ->
    case lists:member(node(), nodes_of(Group)) of
        true -> global:registered_names();
        false ->
            case first(nodes_of(Group), registered_names, []) of
                {ok, Names} -> Names;
                error -> []
            end
    end.

ask(Node, Function, Args) ->
    try {ok, erpc:call(Node, global, Function, Args, ?PATIENCE)}
    catch _:_ -> error
    end.

%% The answer of the first node that has one.
first([Node | Nodes], Function, Args) ->
    case ask(Node, Function, Args) of
        error -> first(Nodes, Function, Args);
        Found -> Found
    end;
first([], _, _) -> error.

%% In this node's group, then in the others.
-spec whereis_name(term()) -> pid() | undefined.
whereis_name(Name) ->
    case global:whereis_name(Name) of
        undefined ->
            case conf() of
                none -> undefined;
                Groups -> in_groups([G || {G, _, Nodes} <- Groups,
                                          not lists:member(node(), Nodes)],
                                    Name)
            end;
        Pid -> Pid
    end.

in_groups([Group | Groups], Name) ->
    case whereis_name({group, Group}, Name) of
        undefined -> in_groups(Groups, Name);
        Pid -> Pid
    end;
in_groups([], _) -> undefined.

-spec whereis_name(where(), term()) -> pid() | undefined.
whereis_name({node, Node}, Name) when Node =:= node() ->
    global:whereis_name(Name);
whereis_name({node, Node}, Name) ->
    case ask(Node, whereis_name, [Name]) of
        {ok, Pid} -> Pid;
        error -> undefined
    end;
whereis_name({group, Group}, Name) when is_atom(Group) ->
    Nodes = nodes_of(Group),
    case lists:member(node(), Nodes) of
        true -> global:whereis_name(Name);
        false ->
            case first(Nodes, whereis_name, [Name]) of
                {ok, Pid} -> Pid;
                error -> undefined
            end
    end.

-spec send(term(), term()) -> pid() | {badarg, {term(), term()}}.
send(Name, Message) -> deliver(whereis_name(Name), Name, Message).

-spec send(where(), term(), term()) -> pid() | {badarg, {term(), term()}}.
send(Where, Name, Message) ->
    deliver(whereis_name(Where, Name), Name, Message).

deliver(Pid, _, Message) when is_pid(Pid) ->
    Pid ! Message,
    Pid;
deliver(undefined, Name, Message) -> {badarg, {Name, Message}}.

%%% The server

%% Who asked for it hears {nodeup, Node} and {nodedown, Node} of nodes of the
%% own group.
-spec monitor_nodes(boolean()) -> ok | {error, not_boolean}.
monitor_nodes(Flag) when is_boolean(Flag) -> call({monitor, self(), Flag});
monitor_nodes(_) -> {error, not_boolean}.

%% Takes the parameter as it is now, and connects with the group's nodes.
-spec sync() -> ok | {error, term()}.
sync() -> call(sync).

-spec info() -> [{atom(), term()}].
info() -> call(info).

%% The state begins empty: #{monitors => [Pid], watching => true}. kernel sends
%% connect to a node that has groups.
init([]) -> {ok, #{}}.

watched(#{watching := true} = S) -> S;
watched(S) ->
    case is_alive() of
        true ->
            ok = net_kernel:monitor_nodes(true),
            S#{watching => true};
        false -> S
    end.

monitors(S) -> maps:get(monitors, S, []).

handle_call(info, _, S) -> {reply, info(conf(), monitors(S)), S};
handle_call({monitor, Pid, true}, _, S) ->
    erlang:monitor(process, Pid),
    {reply, ok, watched(S#{monitors => [Pid | lists:delete(Pid,
                                                           monitors(S))]})};
handle_call({monitor, Pid, false}, _, S) ->
    {reply, ok, S#{monitors => lists:delete(Pid, monitors(S))}};
handle_call(sync, _, S) ->
    case {application:get_env(kernel, global_groups), conf()} of
        {{ok, [_ | _]}, none} ->
            {reply, {error, {'invalid global_groups definition', []}}, S};
        {_, none} -> {reply, ok, S};
        _ ->
            connect(own_nodes()),
            {reply, ok, watched(S)}
    end;
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(Request, _, S) -> {reply, {illegal_message, Request}, S}.

info(none, Monitors) ->
    [{state, no_conf}, {own_group_name, []}, {own_group_nodes, []},
     {synced_nodes, []}, {sync_error, []}, {no_contact, []},
     {other_groups, []}, {monitoring, Monitors}];
info(Groups, Monitors) ->
    {Name, Nodes} = case own(Groups) of
                        {N, _, Ns} -> {N, Ns};
                        none -> {[], []}
                    end,
    Others = lists:delete(node(), Nodes),
    Here = [N || N <- Others, lists:member(N, nodes([connected]))],
    [{state, synced}, {own_group_name, Name}, {own_group_nodes, Nodes},
     {synced_nodes, Here}, {sync_error, []}, {no_contact, Others -- Here},
     {other_groups, [{G, Ns} || {G, _, Ns} <- Groups, G =/= Name]},
     {monitoring, Monitors}].

%% Nobody waits for it.
connect(Nodes) ->
    Others = lists:delete(node(), Nodes),
    spawn(fun() -> [net_kernel:connect_node(N) || N <- Others] end).

handle_cast(_, S) -> {noreply, S}.

handle_info(connect, S) ->
    is_alive() andalso connect(own_nodes()),
    {noreply, watched(S)};
handle_info({What, Node}, S) when What =:= nodeup; What =:= nodedown ->
    participant(Node) andalso [Pid ! {What, Node} || Pid <- monitors(S)],
    {noreply, S};
handle_info({'DOWN', _, process, Pid, _}, S) ->
    {noreply, S#{monitors => lists:delete(Pid, monitors(S))}};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.
