%% SPDX-License-Identifier: Apache-2.0
%% kernel_config: waits at the start for the nodes that the environment of
%% kernel names. Without other nodes there is none to wait for; the process
%% holds the place that the supervisor shows.
-module(kernel_config).
-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).

init([]) -> {ok, []}.

handle_call('__not_used', _, S) -> {reply, ok, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info(_, S) -> {noreply, S}.
