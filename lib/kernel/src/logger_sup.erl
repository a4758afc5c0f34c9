%% SPDX-License-Identifier: Apache-2.0
%% logger_sup: above the processes of the logger's handlers.
-module(logger_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    {ok, {#{strategy => one_for_one, intensity => 1, period => 5},
          [#{id => logger_handler_watcher,
             start => {kernel_server, start_link,
                       [logger_handler_watcher, logger_handler_watcher, #{}]},
             restart => permanent, shutdown => brutal_kill,
             modules => [logger_handler_watcher]}]}}.
