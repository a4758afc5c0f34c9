%% SPDX-License-Identifier: Apache-2.0
%% Linked-in drivers cannot be loaded, and who asks is told so.
%% only merle
%% expect: {error,not_supported}
%% expect: {ok,[]}
%% expect: "linked-in drivers are not supported"
-module(drivers).
-export([main/0]).

main() ->
    io:format("~p~n", [erl_ddll:load_driver(".", "some_drv")]),
    io:format("~p~n", [erl_ddll:loaded_drivers()]),
    io:format("~p~n", [erl_ddll:format_error(not_supported)]).
