%% SPDX-License-Identifier: Apache-2.0
%% runtime_tools_sup: the supervisor of runtime_tools, without children.
-module(runtime_tools_sup).
-behaviour(supervisor).

-export([init/1]).

init(_) -> {ok, {#{intensity => 0, period => 3600}, []}}.
