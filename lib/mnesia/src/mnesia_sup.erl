%% SPDX-License-Identifier: Apache-2.0
%% mnesia_sup: the application mnesia: its locks and its tables.
-module(mnesia_sup).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).

start(_, _) -> supervisor:start_link({local, mnesia_sup}, ?MODULE, []).

stop(_) -> ok.

init([]) ->
    {ok, {{one_for_all, 0, 3600},
          [#{id => M, start => {M, start_link, []}, shutdown => 60000}
           || M <- [mnesia_locker, mnesia_server]]}}.
