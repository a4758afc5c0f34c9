%% SPDX-License-Identifier: Apache-2.0
%% Timers and receive timeouts.
%% expect: {order,[0,1,20,30,40,started,60]}
%% expect: {after_,{no,x,no,none,late,over,true,true}}
%% expect: {cancel,{true,true,true,false,false,false,none}}
%% expect: {async,{ok,true,ok,true,ok,ok,true,none}}
%% expect: {named,{got,true}}
%% expect: {errors,[{error,badarg},{error,badarg},{error,badarg},{error,badarg},{error,badarg},{error,badarg},{error,badarg},{error,badarg},{error,timeout_value},{error,timeout_value},{error,timeout_value}]}
%% expect: {many,{20000,true}}
%% expect: {early,true}
%% expect: {bad_time,[first,second]}
-module(timers).
-export([main/0]).

main() ->
    p(order, order()),
    p(after_, after_()),
    p(cancel, cancel()),
    p(async, async()),
    p(named, named()),
    p(errors, errors()),
    p(many, many()),
    p(early, early()),
    p(bad_time, bad_time()),
    ok.

p(What, Answer) -> io:format("~w~n", [{What, Answer}]).

order() ->
    [erlang:send_after(T, self(), T) || T <- [60, 20, 40, 0, 30, 1]],
    R = erlang:start_timer(50, self(), started),
    [receive {timeout, R, M} -> M; M -> M end || _ <- lists:seq(1, 7)].

after_() ->
    self() ! x,
    A = receive y -> y after 0 -> no end,
    B = receive x -> x after 0 -> no end,
    C = receive x -> x after 5 -> no end,
    S = self(),
    spawn(fun() -> receive after 20 -> S ! late end end),
    D = receive early -> early after 5 -> none end,
    E = receive late -> late after 1000 -> none end,
    %% messages that are not wanted do not start the clock again
    P = spawn(fun F() -> receive stop -> ok after 5 -> S ! noise, F() end end),
    T = erlang:monotonic_time(millisecond),
    G = receive never -> never after 60 -> over end,
    Took = erlang:monotonic_time(millisecond) - T,
    P ! stop,
    flush(),
    {A, B, C, D, E, G, Took >= 60, Took < 500}.

flush() -> receive _ -> flush() after 20 -> ok end.

cancel() ->
    R = erlang:send_after(10000, self(), never),
    L = erlang:read_timer(R),
    C = erlang:cancel_timer(R),
    {L > 9000, L =< 10000, C > 9000, erlang:read_timer(R), erlang:cancel_timer(R),
     erlang:cancel_timer(make_ref()), receive never -> never after 20 -> none end}.

async() ->
    R = erlang:start_timer(10000, self(), x),
    A = erlang:read_timer(R, [{async, true}]),
    B = receive {read_timer, R, N} -> N > 9000 end,
    C = erlang:cancel_timer(R, [{async, true}]),
    D = receive {cancel_timer, R, M} -> M > 9000 end,
    E = erlang:cancel_timer(R, [{async, true}, {info, false}]),
    F = erlang:cancel_timer(R, [{info, false}]),
    S = self(),
    R2 = erlang:start_timer(10000, self(), x),
    spawn(fun() -> S ! {other, erlang:cancel_timer(R2) > 9000} end),
    G = receive {other, X} -> X end,
    {A, B, C, D, E, F, G, receive Y -> Y after 20 -> none end}.

named() ->
    register(me, self()),
    erlang:send_after(5, me, hello),
    A = receive hello -> got after 1000 -> none end,
    unregister(me),
    erlang:send_after(1, nobody, lost),
    At = erlang:monotonic_time(millisecond) + 10,
    erlang:send_after(At, self(), absolute, [{abs, true}]),
    B = receive absolute -> erlang:monotonic_time(millisecond) >= At end,
    {A, B}.

errors() ->
    [try F() catch C:E -> {C, E} end || F <-
     [fun() -> erlang:send_after(-1, self(), x) end,
      fun() -> erlang:send_after(a, self(), x) end,
      fun() -> erlang:send_after(1, "x", x) end,
      fun() -> erlang:send_after(1, self(), x, [y]) end,
      fun() -> erlang:start_timer(1 bsl 70, self(), x) end,
      fun() -> erlang:cancel_timer(x) end,
      fun() -> erlang:cancel_timer(make_ref(), [x]) end,
      fun() -> erlang:read_timer(x) end,
      fun() -> receive after -1 -> ok end end,
      fun() -> receive after x -> ok end end,
      fun() -> receive after 1 bsl 32 -> ok end end]].

many() ->
    S = self(),
    N = 20000,
    [erlang:send_after(X rem 50, S, {t, X}) || X <- lists:seq(1, N)],
    Rs = [erlang:send_after(100000 + X, S, never) || X <- lists:seq(1, N)],
    Left = [erlang:cancel_timer(R) || R <- Rs],
    Got = lists:usort([receive {t, X} -> X end || _ <- lists:seq(1, N)]),
    {length(Got), lists:all(fun(L) -> is_integer(L) andalso L > 90000 end, Left)}.

%% No timer fires before its time.
early() ->
    lists:all(fun(T) ->
        A = erlang:monotonic_time(microsecond),
        receive after T -> ok end,
        erlang:monotonic_time(microsecond) - A >= T * 1000
    end, [1, 2, 3, 5, 1, 2, 10, 1, 1]).

%% A receive that fails for its time has looked at messages all the same.
bad_time() ->
    [self() ! M || M <- [first, second]],
    {'EXIT', {timeout_value, _}} =
        (catch receive nothing -> ok after element(1, {soon}) -> ok end),
    [receive M -> M end || _ <- [1, 2]].
