%% SPDX-License-Identifier: Apache-2.0
%% httpc_handler_sup: the connections of the HTTP client.
-module(httpc_handler_sup).
-behaviour(supervisor).

-export([start_link/0, start_child/1]).
-export([init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

start_child(Args) -> supervisor:start_child(?MODULE, [Args]).

init([]) ->
    {ok, {#{strategy => simple_one_for_one, intensity => 0, period => 3600},
          [#{id => httpc_handler, restart => temporary, shutdown => 4000,
             start => {httpc_handler, start_link, []}}]}}.
