%% SPDX-License-Identifier: Apache-2.0
%% A ring of processes: each passes on what it gets to the next.
-module(ring).
-export([start/1, send/3, passed/1, stop/1, measure/2]).

-type ring() :: {First :: pid(), Members :: pos_integer()}.

%% The first process makes the second, and so on; the last is told who was
%% first.
-spec start(pos_integer()) -> ring().
start(N) when N > 0 ->
    First = spawn(fun() -> member(N) end),
    First ! {begin_ring, First},
    {First, N}.

member(Left) ->
    receive
        {begin_ring, First} -> pass_on(next(Left, First), 0)
    end.

next(1, First) ->
    First;
next(Left, First) ->
    Next = spawn(fun() -> member(Left - 1) end),
    Next ! {begin_ring, First},
    Next.

%% Passes tokens on until the word stop has come by. [Passed] counts them.
pass_on(Next, Passed) ->
    receive
        {token, From, Token, 0} ->
            From ! {arrived, Token},
            pass_on(Next, Passed);
        {token, From, Token, Hops} ->
            Next ! {token, From, Token, Hops - 1},
            pass_on(Next, Passed + 1);
        {passed, From} ->
            From ! {passed, Passed},
            pass_on(Next, Passed);
        stop ->
            Next ! stop
    end.

%% Sends a token around [Rounds] times; answers it and how often it was passed
%% on.
-spec send(ring(), term(), non_neg_integer()) -> {term(), non_neg_integer()}.
send({First, N}, Token, Rounds) ->
    Hops = N * Rounds,
    First ! {token, self(), Token, Hops},
    receive
        {arrived, Token} -> {Token, Hops}
    end.

%% How many tokens the first member has passed on.
-spec passed(ring()) -> non_neg_integer().
passed({First, _}) ->
    First ! {passed, self()},
    receive
        {passed, N} -> N
    end.

-spec stop(ring()) -> ok.
stop({First, _}) ->
    Monitor = monitor(process, First),
    First ! stop,
    receive
        {'DOWN', Monitor, process, First, _} -> ok
    end.

%% Nanoseconds for one message from process to process.
-spec measure(pos_integer(), pos_integer()) -> float().
measure(N, Rounds) ->
    Ring = start(N),
    send(Ring, warm, 1),
    {Micros, {_, Hops}} = timer:tc(fun() -> send(Ring, token, Rounds) end),
    stop(Ring),
    1000 * Micros / Hops.
