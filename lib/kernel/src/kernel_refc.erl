%% SPDX-License-Identifier: Apache-2.0
%% kernel_refc: system flags that several processes may want switched on. Who
%% switched one on may end without switching it off; then it is counted down.
-module(kernel_refc).
-behaviour(gen_server).

-export([start_link/0, scheduler_wall_time/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% The flag's value before.
scheduler_wall_time(Flag) when is_boolean(Flag) ->
    gen_server:call(?MODULE, {flag, scheduler_wall_time, self(), Flag},
                    infinity).

%% State: #{Flag => #{Pid => {Count, Monitor}}}
init([]) -> {ok, #{}}.

handle_call({flag, Flag, Pid, true}, _, S) ->
    Users = maps:get(Flag, S, #{}),
    New = case Users of
              #{Pid := {N, Monitor}} -> Users#{Pid := {N + 1, Monitor}};
              _ -> Users#{Pid => {1, monitor(process, Pid)}}
          end,
    {reply, changed(Flag, Users, New), S#{Flag => New}};
handle_call({flag, Flag, Pid, false}, _, S) ->
    Users = maps:get(Flag, S, #{}),
    New = case Users of
              #{Pid := {1, Monitor}} ->
                  demonitor(Monitor, [flush]),
                  maps:remove(Pid, Users);
              #{Pid := {N, Monitor}} -> Users#{Pid := {N - 1, Monitor}};
              _ -> Users
          end,
    {reply, changed(Flag, Users, New), S#{Flag => New}};
handle_call(_, _, S) -> {reply, badarg, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', _, process, Pid, _}, S) ->
    {noreply, maps:map(fun(Flag, Users) ->
                               New = maps:remove(Pid, Users),
                               changed(Flag, Users, New),
                               New
                       end, S)};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> ok.

%% Sets the flag when its first user comes or its last one goes.
changed(Flag, Before, After) ->
    Was = map_size(Before) > 0,
    Is = map_size(After) > 0,
    Was =/= Is andalso erlang:system_flag(Flag, Is),
    Was.
