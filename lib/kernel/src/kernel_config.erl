%% SPDX-License-Identifier: Apache-2.0
%% kernel_config: waits at the start for the nodes that the environment of
%% kernel names: sync_nodes_mandatory and sync_nodes_optional, for at most
%% sync_nodes_timeout. The process that distributes applications begins when
%% they are there. Without other nodes there is none to wait for; the process
%% holds the place that the supervisor shows.
-module(kernel_config).
-behaviour(gen_server).

-export([start_link/0, init/1,
         handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).

init([]) ->
    case synchronised() of
        ok ->
            kernel:has_dist_ac() andalso start_dist_ac(),
            {ok, []};
        {error, Reason} -> {stop, Reason}
    end.

start_dist_ac() ->
    dist_ac ! {go, self()},
    receive dist_ac_took_control -> ok end.

synchronised() ->
    Must = application:get_env(kernel, sync_nodes_mandatory, []),
    May = application:get_env(kernel, sync_nodes_optional, []),
    case application:get_env(kernel, sync_nodes_timeout, none) of
        none -> ok;
        _ when Must =:= [], May =:= [] -> ok;
        Time when Time =:= infinity; is_integer(Time), Time >= 0 ->
            case are_nodes(Must) andalso are_nodes(May) of
                true -> wait(Must -- [node()], May -- [node()], Time);
                false -> {error, {badopt, sync_nodes}}
            end;
        Time -> {error, {badopt, {sync_nodes_timeout, Time}}}
    end.

are_nodes(Nodes) -> is_list(Nodes) andalso lists:all(fun is_atom/1, Nodes).

wait(Must, May, Time) ->
    ok = net_kernel:monitor_nodes(true),
    Timer = case Time of
                infinity -> none;
                _ -> erlang:start_timer(Time, self(), sync)
            end,
    Here = [N || N <- Must ++ May, net_adm:ping(N) =:= pong],
    Result = wait_for(Must -- Here, May -- Here, Timer),
    is_reference(Timer) andalso erlang:cancel_timer(Timer),
    ok = net_kernel:monitor_nodes(false),
    forget(),
    Result.

wait_for([], [], _) -> ok;
wait_for(Must, May, Timer) ->
    receive
        {nodeup, Node} ->
            wait_for(lists:delete(Node, Must), lists:delete(Node, May), Timer);
        {timeout, Timer, sync} when Must =:= [] -> ok;
        {timeout, Timer, sync} -> {error, {mandatory_nodes_down, Must}}
    end.

forget() ->
    receive
        {nodeup, _} -> forget();
        {nodedown, _} -> forget();
        {timeout, _, sync} -> forget()
    after 0 -> ok
    end.

handle_call('__not_used', _, S) -> {reply, ok, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info(_, S) -> {noreply, S}.
