%% SPDX-License-Identifier: Apache-2.0
%% The switch: numbers and the phones attached to them.
-module(switch).
-behaviour(gen_server).
-export([start_link/0, stop/0, attach/2, connect/2, send/3, numbers/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

stop() -> gen_server:stop(?MODULE).

%% The phone is detached when it ends.
attach(Number, Phone) -> gen_server:call(?MODULE, {attach, Number, Phone}).

%% Rings [To] for [From].
connect(From, To) -> gen_server:call(?MODULE, {connect, From, To}).

%% Carries an event to phone [To].
send(From, To, Event) -> gen_server:cast(?MODULE, {send, From, To, Event}).

numbers() -> gen_server:call(?MODULE, numbers).

%% State: #{Number => {Phone, Monitor}} and calls, #{Number => Number} both
%% ways.
init([]) ->
    {ok, {#{}, #{}}}.

handle_call({attach, Number, Phone}, _, {Phones, Calls} = S) ->
    case Phones of
        #{Number := _} ->
            {reply, {error, attached}, S};
        #{} ->
            Monitor = monitor(process, Phone),
            {reply, ok, {Phones#{Number => {Phone, Monitor}}, Calls}}
    end;
handle_call({connect, From, To}, _, {Phones, Calls} = S) ->
    case {Phones, Calls} of
        {_, #{To := _}} ->
            {reply, {error, busy}, S};
        {#{To := {Phone, _}}, _} ->
            phone:event(Phone, {rung_by, From}),
            {reply, ok, {Phones, Calls#{From => To, To => From}}};
        {#{}, _} ->
            {reply, {error, no_such_number}, S}
    end;
handle_call(numbers, _, {Phones, _} = S) ->
    {reply, lists:sort(maps:keys(Phones)), S}.

handle_cast({send, From, To, Event}, {Phones, Calls}) ->
    case Phones of
        #{To := {Phone, _}} -> phone:event(Phone, Event);
        #{} -> ok
    end,
    case Event of
        hung_up -> {noreply, {Phones, maps:without([From, To], Calls)}};
        _ -> {noreply, {Phones, Calls}}
    end.

handle_info({'DOWN', Monitor, process, Phone, _}, {Phones, Calls}) ->
    [Number] = [N || {N, P} <- maps:to_list(Phones), P =:= {Phone, Monitor}],
    Left = maps:remove(Number, Phones),
    case Calls of
        #{Number := Other} ->
            {OtherPhone, _} = maps:get(Other, Left),
            phone:event(OtherPhone, line_dead),
            {noreply, {Left, maps:without([Number, Other], Calls)}};
        #{} ->
            {noreply, {Left, Calls}}
    end.
