%% SPDX-License-Identifier: Apache-2.0
%% The application: what connections share, and what ends them with it.
-module(ssl_app).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).

start(_Type, _Args) -> supervisor:start_link({local, ssl_sup}, ?MODULE, []).

stop(_State) -> ok.

init([]) ->
    Manager = #{id => ssl_manager, start => {ssl_manager, start_link, []}},
    {ok, {#{strategy => one_for_all, intensity => 10, period => 3600},
          [Manager]}}.
