%% SPDX-License-Identifier: Apache-2.0
%% A worker: squares numbers, and takes its time.
-module(worker).
-behaviour(gen_server).
-export([start_link/0, square/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-define(TIME, 20).

start_link() -> gen_server:start_link(?MODULE, [], []).

square(Worker, N) -> gen_server:call(Worker, {square, N}).

init([]) ->
    {ok, none}.

handle_call({square, N}, _, S) ->
    timer:sleep(?TIME),
    {reply, N * N, S}.

handle_cast(_, S) ->
    {noreply, S}.
