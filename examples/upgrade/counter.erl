%% SPDX-License-Identifier: Apache-2.0
%% Counts visits, version 1.
-module(counter).
-vsn(1).
-behaviour(gen_server).
-export([start_link/0, visit/1, visits/0]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

visit(Page) -> gen_server:cast(?MODULE, {visit, Page}).

visits() -> gen_server:call(?MODULE, visits).

%% The state is the number of visits.
init([]) ->
    {ok, 0}.

handle_call(visits, _, Count) ->
    {reply, Count, Count}.

handle_cast({visit, _}, Count) ->
    {noreply, Count + 1}.
