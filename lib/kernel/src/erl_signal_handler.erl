%% SPDX-License-Identifier: Apache-2.0
%% erl_signal_handler: what the node does when the system sends it a signal.
-module(erl_signal_handler).
-behaviour(gen_event).

-export([start_link/0]).
-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).

%% The event manager of signals, with this handler.
start_link() ->
    case gen_event:start_link({local, erl_signal_server}) of
        {ok, Pid} ->
            ok = gen_event:add_handler(Pid, ?MODULE, []),
            [ok = os:set_signal(S, handle) || S <- [sigusr1, sigquit, sigterm]],
            {ok, Pid};
        Error -> Error
    end.

init(_) -> {ok, {state}}.

handle_event(sigusr1, S) ->
    erlang:halt("Received SIGUSR1"),
    {ok, S};
handle_event(sigquit, S) ->
    erlang:halt(),
    {ok, S};
handle_event(sigterm, S) ->
    error_logger:info_msg("SIGTERM received - shutting down~n"),
    %% before what the applications say about their end
    catch logger_std_h:filesync(default),
    ok = init:stop(),
    {ok, S};
handle_event(_, S) -> {ok, S}.

handle_call(_, S) -> {ok, ok, S}.

handle_info(_, S) -> {ok, S}.

terminate(_, _) -> ok.
