%% SPDX-License-Identifier: Apache-2.0
%% A receive whose time is over takes no message that came after that, even when
%% the process could not run in between.
%%
%% expect: timeout
%% expect: late
%% expect: early
-module(timeout_first).
-export([main/0]).

main() ->
    Self = self(),
    P = spawn(fun() -> waits(Self) end),
    receive ready -> ok end,
    true = erlang:suspend_process(P),
    timer:sleep(100),
    P ! late,
    erlang:resume_process(P),
    print(),
    print(),
    Q = spawn(fun() -> waits(Self) end),
    receive ready -> ok end,
    Q ! early,
    print().

print() -> receive {waited, What} -> io:format("~p~n", [What]) end.

waits(To) ->
    To ! ready,
    To ! {waited, receive What -> What after 50 -> timeout end},
    receive What1 -> To ! {waited, What1} end.
