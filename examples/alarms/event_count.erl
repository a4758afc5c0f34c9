%% SPDX-License-Identifier: Apache-2.0
%% A handler that counts events by their kind.
-module(event_count).
-behaviour(gen_event).
-export([counts/1]).
-export([init/1, handle_event/2, handle_call/2, handle_info/2]).

counts(Manager) -> gen_event:call(Manager, ?MODULE, counts).

init(_) ->
    {ok, #{}}.

handle_event(Event, Counts) ->
    {ok, maps:update_with(kind(Event), fun(N) -> N + 1 end, 1, Counts)}.

kind(Event) when is_tuple(Event) -> element(1, Event);
kind(Event) -> Event.

handle_call(counts, Counts) ->
    {ok, lists:sort(maps:to_list(Counts)), Counts}.

%% Timers of other handlers are heard by all.
handle_info(_, Counts) ->
    {ok, Counts}.
