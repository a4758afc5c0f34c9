%% SPDX-License-Identifier: Apache-2.0
%% A server of frequencies: a process with a loop, and functions that talk to
%% it.
-module(frequency).
-export([start/0, stop/0, allocate/0, deallocate/1, free/0]).

%% ---- For clients ----

start() ->
    true = register(frequency, spawn(fun init/0)),
    ok.

stop() -> call(stop).

%% The client is linked to the server while it has a frequency.
allocate() -> call(allocate).

deallocate(Frequency) -> call({deallocate, Frequency}).

free() -> call(free).

%% Each request carries a reference, so that no other message can be taken for
%% its answer; the monitor says when there will be none.
call(Request) ->
    Ref = monitor(process, frequency),
    frequency ! {request, {self(), Ref}, Request},
    receive
        {reply, Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Reason} ->
            exit(Reason)
    after 5000 ->
        exit(timeout)
    end.

%% ---- The process ----

init() ->
    process_flag(trap_exit, true), % the end of a client comes as a message
    loop({lists:seq(10, 15), []}).

%% The state: frequencies that are free, and {Frequency, Client} of those that
%% are not.
loop(State) ->
    receive
        {request, From, stop} ->
            reply(From, ok);
        {request, {Client, _} = From, Request} ->
            {Answer, State1} = handle(Request, Client, State),
            reply(From, Answer),
            loop(State1);
        {'EXIT', Client, _} ->
            loop(client_is_gone(Client, State))
    end.

reply({Client, Ref}, Answer) ->
    Client ! {reply, Ref, Answer}.

handle(allocate, _, {[], _} = State) ->
    {{error, no_frequency}, State};
handle(allocate, Client, {[Frequency | Free], Taken}) ->
    link(Client),
    {{ok, Frequency}, {Free, [{Frequency, Client} | Taken]}};
handle({deallocate, Frequency}, Client, {Free, Taken} = State) ->
    case lists:keytake(Frequency, 1, Taken) of
        {value, {Frequency, Client}, Rest} ->
            lists:keymember(Client, 2, Rest) orelse unlink(Client),
            {ok, {[Frequency | Free], Rest}};
        _ ->
            {{error, not_yours}, State}
    end;
handle(free, _, {Free, _} = State) ->
    {length(Free), State}.

client_is_gone(Client, {Free, Taken}) ->
    {Back, Kept} = lists:partition(fun({_, C}) -> C =:= Client end, Taken),
    {[F || {F, _} <- Back] ++ Free, Kept}.
