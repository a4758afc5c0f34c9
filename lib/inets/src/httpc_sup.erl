%% SPDX-License-Identifier: Apache-2.0
%% httpc_sup: the HTTP client: its profiles and its connections.
-module(httpc_sup).
-behaviour(supervisor).

-export([start_link/1]).
-export([init/1]).

start_link(Services) ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, Services).

init(Services) ->
    Sup = fun(Module, Args) ->
                  #{id => Module, start => {Module, start_link, Args},
                    type => supervisor}
          end,
    {ok, {#{strategy => one_for_one, intensity => 10, period => 3600},
          [Sup(httpc_profile_sup, [Services]), Sup(httpc_handler_sup, [])]}}.
