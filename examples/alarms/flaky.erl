%% SPDX-License-Identifier: Apache-2.0
%% A handler that fails when it hears the wrong word.
-module(flaky).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

init(Word) ->
    {ok, Word}.

handle_event(Word, Word) -> error(heard_it);
handle_event(_, Word) -> {ok, Word}.

handle_call(_, Word) -> {ok, Word, Word}.

terminate({error, _}, _) -> io:format("flaky has failed~n");
terminate(_, _) -> ok.
