%% SPDX-License-Identifier: Apache-2.0
%% global_group: clusters cut into groups. A node that is alone, without such a
%% configuration, is its own only group.
-module(global_group).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, global_groups/0, monitor_nodes/1,
         own_nodes/0, registered_names/1, send/2, send/3, whereis_name/1,
         whereis_name/2, sync/0, info/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
stop() -> gen_server:call(?MODULE, stop, infinity).

global_groups() -> undefined.
own_nodes() -> [node() | nodes()].
sync() -> ok.

monitor_nodes(Flag) when is_boolean(Flag) ->
    gen_server:call(?MODULE, {monitor, self(), Flag}, infinity);
monitor_nodes(_) -> {error, not_boolean}.

registered_names({node, Node}) when Node =:= node() ->
    global:registered_names();
registered_names({node, _}) -> [];
registered_names({group, _}) -> [].

send(Name, Message) ->
    case whereis_name(Name) of
        undefined -> {badarg, {Name, Message}};
        Pid ->
            Pid ! Message,
            Pid
    end.

send({node, Node}, Name, Message) when Node =:= node() ->
    send(Name, Message);
send(_, Name, Message) -> {badarg, {Name, Message}}.

whereis_name(Name) -> global:whereis_name(Name).

whereis_name({node, Node}, Name) when Node =:= node() -> whereis_name(Name);
whereis_name(_, _) -> undefined.

info() -> gen_server:call(?MODULE, info, infinity).

%% The state: #{monitors => [Pid]}, or an empty map.
init([]) -> {ok, #{}}.

handle_call(info, _, S) ->
    {reply, [{state, no_conf}, {own_group_name, []}, {own_group_nodes, []},
             {synced_nodes, []}, {sync_error, []}, {no_contact, []},
             {other_groups, []}, {monitoring, maps:get(monitors, S, [])}], S};
handle_call({monitor, Pid, Flag}, _, S) ->
    Old = lists:delete(Pid, maps:get(monitors, S, [])),
    {reply, ok, S#{monitors => case Flag of
                                   true -> [Pid | Old];
                                   false -> Old
                               end}};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.
handle_info(_, S) -> {noreply, S}.
terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.
