%% SPDX-License-Identifier: Apache-2.0
%% Tables and their processes: heirs, giving away, fixing, ends of owners.
%% expect: {given,20}
%% expect: {died,undefined,[]}
%% expect: {shared,true,4000}
-module(bif_ets_owner).
-export([main/0]).

main() ->
    io:format("~w~n", [{given, round_trips(20)}]),
    io:format("~w~n", [died()]),
    io:format("~w~n", [shared()]).

%% A table goes from a dying owner to its heir, to another process and back,
%% while a third process has fixed it.
round_trips(0) -> 20;
round_trips(N) ->
    S = self(),
    P = spawn(fun() -> first_owner(S) end),
    T = receive {tab, X} -> X end,
    Q = spawn(fun() ->
                      ets:safe_fixtable(T, true),
                      ets:first(T),
                      S ! fixed,
                      receive stop -> ok end
              end),
    receive fixed -> ok end,
    [ets:delete(T, I) || I <- lists:seq(1, 100)],
    200 = ets:info(T, size),
    P ! stop,
    receive {'ETS-TRANSFER', T, P, gift} -> ok end,
    S = ets:info(T, owner),
    Q ! stop,
    wait_until(fun() -> ets:info(T, fixed) =:= false end),
    R = spawn(fun() -> second_owner(S) end),
    true = ets:give_away(T, R, g),
    receive {got, R} -> ok end,
    R ! stop,
    receive {'ETS-TRANSFER', T, R, gift} -> true = ets:delete(T) end,
    undefined = ets:info(T),
    round_trips(N - 1).

first_owner(S) ->
    T = ets:new(pub, [public, {heir, S, gift}]),
    ets:insert(T, [{I, lists:seq(1, I rem 20), <<0:(I * 8)>>}
                   || I <- lists:seq(1, 300)]),
    S ! {tab, T},
    receive stop -> ok end.

second_owner(S) ->
    receive {'ETS-TRANSFER', T, _, g} -> S ! {got, ets:info(T, owner)} end,
    receive stop -> ok end.

wait_until(F) ->
    case F() of
        true -> ok;
        false -> receive after 1 -> wait_until(F) end
    end.

%% A named table goes with its owner.
died() ->
    S = self(),
    {P, M} = spawn_monitor(fun() ->
                                   ets:new(bif_ets_owner, [named_table]),
                                   S ! ready,
                                   receive stop -> ok end
                           end),
    receive ready -> ok end,
    true = is_list(ets:info(bif_ets_owner)),
    P ! stop,
    receive {'DOWN', M, process, P, _} -> ok end,
    wait_until(fun() -> ets:info(bif_ets_owner) =:= undefined end),
    {died, ets:whereis(bif_ets_owner),
     [T || T <- ets:all(), T =:= bif_ets_owner]}.

%% Many processes count in one table.
shared() ->
    T = ets:new(shared, [public, {write_concurrency, true}]),
    ets:insert(T, {n, 0}),
    Ps = [spawn_monitor(fun() ->
                                [ets:update_counter(T, n, 1)
                                 || _ <- lists:seq(1, 1000)],
                                ets:insert(T, {self(), done})
                        end) || _ <- lists:seq(1, 4)],
    [receive {'DOWN', M, process, P, _} -> ok end || {P, M} <- Ps],
    Done = lists:all(fun({P, _}) -> ets:member(T, P) end, Ps),
    {shared, Done, ets:lookup_element(T, n, 2)}.
