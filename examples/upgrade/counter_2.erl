%% SPDX-License-Identifier: Apache-2.0
%% Counts visits, version 2: for each page.
-module(counter).
-vsn(2).
-behaviour(gen_server).
-export([start_link/0, visit/1, visits/0, visits/1]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

visit(Page) -> gen_server:cast(?MODULE, {visit, Page}).

visits() -> gen_server:call(?MODULE, visits).

visits(Page) -> gen_server:call(?MODULE, {visits, Page}).

%% The state is a map of pages; 'before' stands for visits that version 1 has
%% counted.
init([]) ->
    {ok, #{}}.

handle_call(visits, _, Pages) ->
    {reply, lists:sum(maps:values(Pages)), Pages};
handle_call({visits, Page}, _, Pages) ->
    {reply, maps:get(Page, Pages, 0), Pages}.

handle_cast({visit, Page}, Pages) ->
    {noreply, maps:update_with(Page, fun(N) -> N + 1 end, 1, Pages)}.

%% From version 1, and back again.
code_change(1, Count, _) -> {ok, #{before => Count}};
code_change({down, 1}, Pages, _) -> {ok, lists:sum(maps:values(Pages))}.
