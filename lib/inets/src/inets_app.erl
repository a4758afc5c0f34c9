%% SPDX-License-Identifier: Apache-2.0
%% inets_app: the application inets and its top supervisor: below stand the
%% HTTP client and the HTTP servers.
-module(inets_app).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).

start(_, _) -> supervisor:start_link({local, inets_sup}, ?MODULE, []).

stop(_) -> ok.

init([]) ->
    Services = application:get_env(inets, services, []),
    Sup = fun(Module) ->
                  #{id => Module, start => {Module, start_link, [Services]},
                    type => supervisor}
          end,
    {ok, {#{strategy => one_for_one, intensity => 10, period => 3600},
          [Sup(httpc_sup), Sup(httpd_sup)]}}.
