%% SPDX-License-Identifier: Apache-2.0
%% Counts what happens. It is started before the server and outlives it.
-module(frequency_count).
-behaviour(gen_server).
-export([start_link/0, add/1, get/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

add(What) -> gen_server:cast(?MODULE, {add, What}).

get(What) -> gen_server:call(?MODULE, {get, What}).

init([]) ->
    {ok, #{}}.

handle_call({get, What}, _, Counts) ->
    {reply, maps:get(What, Counts, 0), Counts}.

handle_cast({add, What}, Counts) ->
    {noreply, maps:update_with(What, fun(N) -> N + 1 end, 1, Counts)}.
