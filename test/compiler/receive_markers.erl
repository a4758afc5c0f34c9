%% SPDX-License-Identifier: Apache-2.0
%% A receive that asks for a new reference finds what it waits for behind all
%% that was there before, and leaves the rest as it was.
%% expect: {answered,[a,b,c]}
%% expect: {down,{normal,10}}
%% expect: {made,{late,10}}
%% expect: {either,[first,second]}
%% expect: {again,[1,2,3]}
%% expect: {left,[1,2,3,4,5,6,7,8,9,10]}
-module(receive_markers).
-export([main/0]).

main() ->
    [self() ! {old, N} || N <- lists:seq(1, 10)],
    Echo = spawn(fun echo/0),
    show(answered, [call(Echo, X) || X <- [a, b, c]]),
    show(down, {down(spawn(fun() -> ok end)), queued()}),
    show(made, {made(), queued()}),
    show(either, [either(first), either(second)]),
    show(again, again(3)),
    exit(Echo, kill),
    show(left, rest()).

show(What, X) -> io:format("~w~n", [{What, X}]).

queued() -> element(2, process_info(self(), message_queue_len)).

echo() -> receive {From, Ref, X} -> From ! {Ref, X}, echo() end.

call(Pid, X) ->
    Ref = monitor(process, Pid),
    Pid ! {self(), Ref, X},
    receive
        {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, _, _, Why} -> exit(Why)
    end.

down(Pid) ->
    Ref = erlang:monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, Why} -> Why end.

%% The reference goes to another function, and a message is already there.
made() ->
    Ref = make_ref(),
    self() ! {Ref, late},
    wait(Ref, 1000).

wait(Ref, Time) -> receive {Ref, X} -> X after Time -> timeout end.

%% Made on two ways: nothing may be taken for granted.
either(Which) ->
    A = make_ref(),
    B = make_ref(),
    self() ! {case Which of first -> A; second -> B end, Which},
    receive {A, X} -> X; {B, X} -> X end.

%% The same reference more than once.
again(N) ->
    Ref = make_ref(),
    [self() ! {Ref, I} || I <- lists:seq(1, N)],
    [receive {Ref, X} -> X end || _ <- lists:seq(1, N)].

rest() -> receive {old, N} -> [N | rest()] after 0 -> [] end.
