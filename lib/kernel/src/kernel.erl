%% SPDX-License-Identifier: Apache-2.0
%% kernel: what of the application kernel runs from the start. Most of its
%% processes come up when they are first needed; here stands what must not wait.
-module(kernel).

-export([boot/1]).

%% Called once by init with the command line's flags.
boot(Flags) ->
    logger_server:await(),
    case [F || {F, _} <- Flags, is_configuration(F)] of
        [] -> ok;
        _ -> {ok, _} = application_controller:start(), ok
    end.

%% A configuration must be read, and its errors told, before anything runs.
is_configuration(config) -> true;
is_configuration(boot) -> true;
is_configuration(_) -> false.
