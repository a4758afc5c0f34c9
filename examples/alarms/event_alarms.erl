%% SPDX-License-Identifier: Apache-2.0
%% A handler that knows which alarms are raised. A critical alarm that is not
%% cleared in time becomes an event of its own.
%%
%% Events: {raise, Id, Severity, Text}, {clear, Id}, {escalate, Id, Text}.
-module(event_alarms).
-behaviour(gen_event).
-export([raised/1]).
-export([init/1, handle_event/2, handle_call/2, handle_info/2]).

-record(alarms, {manager,
                 patience,         % milliseconds until a critical one is told
                 raised = #{}}).   % Id => {Severity, Text, Timer}

raised(Manager) -> gen_event:call(Manager, ?MODULE, raised).

init({Manager, Patience}) ->
    {ok, #alarms{manager = Manager, patience = Patience}}.

handle_event({raise, Id, Severity, Text}, #alarms{raised = Raised} = A) ->
    case Raised of
        #{Id := _} ->
            {ok, A}; % known
        #{} ->
            Timer = watch(Id, Severity, A),
            {ok, A#alarms{raised = Raised#{Id => {Severity, Text, Timer}}}}
    end;
handle_event({clear, Id}, #alarms{raised = Raised} = A) ->
    case maps:take(Id, Raised) of
        {{_, _, none}, Rest} ->
            {ok, A#alarms{raised = Rest}};
        {{_, _, Timer}, Rest} ->
            erlang:cancel_timer(Timer),
            {ok, A#alarms{raised = Rest}};
        error ->
            {ok, A}
    end;
handle_event(_, A) ->
    {ok, A}.

watch(Id, critical, #alarms{patience = Time}) ->
    erlang:start_timer(Time, self(), {too_long, Id});
watch(_, _, _) ->
    none.

handle_info({timeout, Timer, {too_long, Id}}, #alarms{raised = Raised} = A) ->
    case Raised of
        #{Id := {critical, Text, Timer}} ->
            gen_event:notify(A#alarms.manager, {escalate, Id, Text}),
            {ok, A};
        #{} ->
            {ok, A} % cleared at the last moment
    end;
handle_info(_, A) ->
    {ok, A}.

handle_call(raised, #alarms{raised = Raised} = A) ->
    {ok, lists:sort([{Id, Severity, Text}
                     || {Id, {Severity, Text, _}} <- maps:to_list(Raised)]),
     A}.
