%% SPDX-License-Identifier: Apache-2.0
%% A phone: a gen_statem with a state for each thing that one can be at.
-module(phone).
-behaviour(gen_statem).
-export([start/1, stop/1, call/2, answer/1, hang_up/1, say/2, state/1,
         event/2]).
-export([init/1, callback_mode/0, idle/3, calling/3, ringing/3, connected/3]).

%% Own number, the other's, and what was said.
-record(line, {number, other, heard = []}).

start(Number) -> gen_statem:start(?MODULE, Number, []).

stop(Phone) -> gen_statem:stop(Phone).

%% ---- What its owner does ----

call(Phone, Number) -> gen_statem:call(Phone, {call, Number}).

answer(Phone) -> gen_statem:call(Phone, answer).

hang_up(Phone) -> gen_statem:call(Phone, hang_up).

say(Phone, Words) -> gen_statem:call(Phone, {say, Words}).

%% {State, Other, Heard}
state(Phone) -> gen_statem:call(Phone, state).

%% ---- What the switch tells ----

event(Phone, Event) -> gen_statem:cast(Phone, Event).

%% ---- The states ----

callback_mode() -> state_functions.

init(Number) ->
    case switch:attach(Number, self()) of
        ok -> {ok, idle, #line{number = Number}};
        {error, Reason} -> {stop, {shutdown, Reason}}
    end.

idle({call, From}, {call, To}, #line{number = Own} = L) ->
    case switch:connect(Own, To) of
        ok ->
            {next_state, calling, L#line{other = To, heard = []},
             {reply, From, ok}};
        Error ->
            {keep_state_and_data, {reply, From, Error}}
    end;
idle(cast, {rung_by, Other}, L) ->
    {next_state, ringing, L#line{other = Other, heard = []}};
idle(Type, Event, L) ->
    common(Type, Event, idle, L).

calling(cast, answered, L) ->
    {next_state, connected, L};
calling(Type, Event, L) ->
    common(Type, Event, calling, L).

ringing({call, From}, answer, #line{number = Own, other = Other} = L) ->
    switch:send(Own, Other, answered),
    {next_state, connected, L, {reply, From, ok}};
ringing(Type, Event, L) ->
    common(Type, Event, ringing, L).

connected({call, From}, {say, Words}, #line{number = Own, other = Other}) ->
    switch:send(Own, Other, {words, Words}),
    {keep_state_and_data, {reply, From, ok}};
connected(cast, {words, Words}, #line{heard = Heard} = L) ->
    {keep_state, L#line{heard = [Words | Heard]}};
connected(Type, Event, L) ->
    common(Type, Event, connected, L).

%% What is the same in all states.
common({call, From}, state, State, #line{other = Other, heard = Heard}) ->
    {keep_state_and_data,
     {reply, From, {State, Other, lists:reverse(Heard)}}};
common({call, From}, hang_up, State, #line{number = Own, other = Other} = L)
  when State =/= idle ->
    switch:send(Own, Other, hung_up),
    {next_state, idle, L#line{other = undefined}, {reply, From, ok}};
common({call, From}, _, State, _) ->
    {keep_state_and_data, {reply, From, {error, State}}};
common(cast, Event, _, L) when Event =:= hung_up; Event =:= line_dead ->
    {next_state, idle, L#line{other = undefined}};
common(cast, _, _, _) ->
    keep_state_and_data.
