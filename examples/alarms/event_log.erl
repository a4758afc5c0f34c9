%% SPDX-License-Identifier: Apache-2.0
%% A handler that writes events: to the terminal, to a file, or to a list that
%% can be asked for. When it takes over from another handler it takes the list.
-module(event_log).
-behaviour(gen_event).
-export([entries/1]).
-export([init/1, handle_event/2, handle_call/2, handle_info/2,
         terminate/2]).

%% The events that were kept, the oldest first.
entries(Manager) -> gen_event:call(Manager, ?MODULE, entries).

init({file, Name}) ->
    {ok, File} = file:open(Name, [write]),
    {ok, {file, File}};
init(terminal) ->
    {ok, terminal};
init(list) ->
    {ok, {list, []}};
init({Where, {taken_over, Events}}) ->
    {ok, State} = init(Where),
    {ok, lists:foldl(fun write/2, State, Events)}.

handle_event(Event, State) ->
    {ok, write(Event, State)}.

write(Event, {list, Events}) ->
    {list, [Event | Events]};
write(Event, {file, File} = State) ->
    io:format(File, "~p.~n", [Event]),
    State;
write(Event, terminal) ->
    io:format("event: ~p~n", [Event]),
    terminal.

handle_call(entries, {list, Events} = State) ->
    {ok, lists:reverse(Events), State};
handle_call(entries, State) ->
    {ok, {error, not_kept}, State}.

%% Timers of other handlers are heard by all.
handle_info(_, State) ->
    {ok, State}.

%% The value goes to who deletes or swaps the handler.
terminate(_, {file, File}) -> file:close(File);
terminate(_, {list, Events}) -> {taken_over, lists:reverse(Events)};
terminate(_, terminal) -> {taken_over, []}.
