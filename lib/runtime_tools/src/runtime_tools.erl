%% SPDX-License-Identifier: Apache-2.0
%% runtime_tools: the application's callbacks. It runs nothing of its own: its
%% supervisor is there for those who look for it.
-module(runtime_tools).
-behaviour(application).

-export([start/2, stop/1]).

start(_, Args) -> supervisor:start_link({local, runtime_tools_sup},
                                        runtime_tools_sup, Args).

stop(_) -> ok.
