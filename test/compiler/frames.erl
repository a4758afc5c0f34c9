%% SPDX-License-Identifier: Apache-2.0
%% What a function does not need any more is garbage while it calls others:
%% the process does not keep it alive in its frame.
-module(frames).
-export([main/0, straight/1, branch/2, handler/1]).

%% expect: straight true
%% expect: branch true
%% expect: branch true
%% expect: handler true

main() ->
    show(straight, fun() -> straight(200000) end),
    show(branch, fun() -> branch(200000, true) end),
    show(branch, fun() -> branch(200000, false) end),
    show(handler, fun() -> handler(200000) end).

show(Name, Run) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({words, Run()}) end),
    receive
        {'DOWN', Ref, process, Pid, {words, Words}} ->
            io:format("~p ~p~n", [Name, Words < 50000])
    end.

words() ->
    garbage_collect(),
    {memory, Bytes} = process_info(self(), memory),
    Bytes div erlang:system_info(wordsize).

straight(N) ->
    List = lists:seq(1, N),
    N = length(List),
    N = lists:last(List),
    Words = words(),
    Words + zero().

branch(N, Which) ->
    List = lists:seq(1, N),
    N = lists:last(List),
    Words = case Which of
        true -> words();
        false -> N = length(List), words()
    end,
    Words + zero().

handler(N) ->
    List = lists:seq(1, N),
    Words = try lists:last(List) of
        N -> words()
    catch
        error:_ -> N
    end,
    Words + zero().

zero() -> length([X || X <- [self()], is_atom(X)]).
