%% SPDX-License-Identifier: Apache-2.0
%% Starts the counter, then the server; starts again what fails, and what was
%% started behind it (rest_for_one): the server may fail without the counter,
%% not the other way round. Three failures in ten seconds are too many.
-module(frequency_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    Flags = #{strategy => rest_for_one, intensity => 3, period => 10},
    {ok, {Flags, [child(frequency_count), child(frequency)]}}.

child(Module) ->
    #{id => Module, start => {Module, start_link, []}, shutdown => 1000}.
