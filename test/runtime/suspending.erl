%% SPDX-License-Identifier: Apache-2.0
%% Suspending processes: what is counted, told and answered.
%% expect: {told,true,suspended,true}
%% expect: {again,true,suspended,true}
%% expect: {unless,false,false,suspended}
%% expect: {resumed,suspended,true,[]}
%% expect: {outstanding,false,true,badarg}
%% expect: {ended,exited}
-module(suspending).
-export([main/0]).

main() ->
    P = spawn(fun loop/0),
    p({told, erlang:suspend_process(P, [{asynchronous, t1}]), told(t1),
       suspending() =:= [{P, 1, 0}]}),
    p({again, erlang:suspend_process(P, [{asynchronous, t2}]), told(t2),
       suspending() =:= [{P, 2, 0}]}),
    p({unless, erlang:suspend_process(P, [unless_suspending]),
       erlang:suspend_process(P, [{asynchronous, t3}, unless_suspending]),
       told(t3)}),
    erlang:resume_process(P),
    {status, Once} = process_info(P, status),
    erlang:resume_process(P),
    {status, Twice} = process_info(P, status),
    p({resumed, Once, Twice =/= suspended, suspending()}),
    %% Waits for what the first call did not wait for.
    erlang:suspend_process(P, [asynchronous]),
    Waited = erlang:suspend_process(P, [unless_suspending]),
    Held = suspending(),
    erlang:resume_process(P),
    p({outstanding, Waited, Held =:= [{P, 1, 0}],
       try erlang:resume_process(P) catch error:Why -> Why end}),
    exit(P, kill),
    catch erlang:suspend_process(P, [{asynchronous, t4}]),
    p({ended, told(t4)}).

p(X) -> io:format("~w~n", [X]).

loop() -> loop().

told(Tag) -> receive {Tag, What} -> What after 5000 -> nothing end.

suspending() ->
    {suspending, L} = process_info(self(), suspending),
    L.
