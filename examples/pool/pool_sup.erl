%% SPDX-License-Identifier: Apache-2.0
%% A pool and, under a supervisor of their own, its workers. The workers are
%% temporary: the pool asks for another one when one has died.
-module(pool_sup).
-behaviour(supervisor).
-export([start_link/2, start_workers/0, init/1]).

start_link(Name, Size) ->
    supervisor:start_link(?MODULE, {pool, Name, Size}).

start_workers() ->
    supervisor:start_link(?MODULE, workers).

init({pool, Name, Size}) ->
    Self = self(),
    {ok, {#{strategy => one_for_all},
          [#{id => workers, start => {?MODULE, start_workers, []},
             type => supervisor},
           #{id => pool, start => {pool, start_link, [Name, Size, Self]}}]}};
init(workers) ->
    {ok, {#{strategy => simple_one_for_one},
          [#{id => worker, start => {worker, start_link, []},
             restart => temporary}]}}.
