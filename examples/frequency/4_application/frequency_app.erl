%% SPDX-License-Identifier: Apache-2.0
%% What is called when the application is started and stopped.
-module(frequency_app).
-behaviour(application).
-export([start/2, stop/1]).

start(normal, _) ->
    frequency_sup:start_link().

stop(_) ->
    io:format("frequency has stopped~n").
