%% SPDX-License-Identifier: Apache-2.0
%% logger_handler_watcher: takes a handler away whose process has ended.
-module(logger_handler_watcher).
-behaviour(gen_server).

-export([start_link/0, register_handler/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

register_handler(Id, Pid) ->
    gen_server:call(?MODULE, {register, Id, Pid}, infinity).

%% State: #{Monitor => Id}
init([]) -> {ok, #{}}.

handle_call({register, Id, Pid}, _, S) ->
    {reply, ok, S#{monitor(process, Pid) => Id}}.

handle_cast(_, S) -> {noreply, S}.

%% The handler is removed from outside: the logger may wait for us.
handle_info({'DOWN', Monitor, process, _, shutdown}, S) ->
    {noreply, maps:remove(Monitor, S)};
handle_info({'DOWN', Monitor, process, _, _}, S)
  when is_map_key(Monitor, S) ->
    Id = maps:get(Monitor, S),
    spawn(fun() -> logger:remove_handler(Id) end),
    {noreply, maps:remove(Monitor, S)};
handle_info(_, S) -> {noreply, S}.
