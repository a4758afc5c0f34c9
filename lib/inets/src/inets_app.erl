%% SPDX-License-Identifier: Apache-2.0
%% inets_app: the application inets and its top supervisor. Below stand the
%% manager of the client's default profile and the servers.
-module(inets_app).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).

start(_, _) ->
    case supervisor:start_link({local, inets_sup}, ?MODULE, []) of
        {ok, Pid} ->
            [{ok, _} = inets:start(Service, Config)
             || {Service, Config} <- application:get_env(inets, services, []),
                Service =:= httpd],
            {ok, Pid};
        Error -> Error
    end.

stop(_) -> ok.

init([]) ->
    {ok, {{one_for_one, 10, 3600},
          [#{id => httpc_manager, start => {httpc_manager, start_link, [default]},
             modules => [httpc_manager]}]}}.
