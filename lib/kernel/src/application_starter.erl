%% SPDX-License-Identifier: Apache-2.0
%% Start phases: for each phase the application and those it includes, in
%% order, are told, if they name that phase themselves.
-module(application_starter).

-export([start/3]).

start(Phases, Type, Apps) ->
    try
        [phase(Phase, Type, App) || {Phase, _} <- Phases, App <- Apps],
        ok
    catch
        throw:{error, _} = Error -> Error
    end.

phase(Phase, Type, App) ->
    {ok, {Mod, Arg}} = application:get_key(App, mod),
    case Mod of
        application_starter ->
            [Start, _] = Arg,
            run(Phase, Type, App, Start),
            {ok, Included} = application:get_key(App, included_applications),
            [phase(Phase, Type, I) || I <- Included];
        _ -> run(Phase, Type, App, Mod)
    end.

run(Phase, Type, App, Mod) ->
    case application:get_key(App, start_phases) of
        {ok, undefined} -> throw({error, {start_phases_undefined, App}});
        {ok, Phases} ->
            case lists:keyfind(Phase, 1, Phases) of
                false -> ok;
                {Phase, Args} -> call(Mod, [Phase, Type, Args])
            end
    end.

call(Mod, Args) ->
    case catch apply(Mod, start_phase, Args) of
        ok -> ok;
        {error, Reason} ->
            throw({error, {Reason, {Mod, start_phase, Args}}});
        Other ->
            throw({error, {bad_return_value,
                           {{Mod, start_phase, Args}, Other}}})
    end.
