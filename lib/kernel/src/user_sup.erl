%% SPDX-License-Identifier: Apache-2.0
%% user_sup: the place of the process user below kernel_sup. That process runs
%% before kernel does; here it is only taken in, and let go at the end, so that
%% what is still to be printed is.
-module(user_sup).
-behaviour(supervisor_bridge).

-export([start/0, init/1, terminate/2]).

start() -> supervisor_bridge:start_link(?MODULE, []).

init([]) ->
    case whereis(user) of
        undefined -> ignore;
        Pid -> {ok, Pid, Pid}
    end.

terminate(_, Pid) ->
    unlink(Pid),
    ok.
