%% SPDX-License-Identifier: Apache-2.0
%% Tables that are given away while others delete them.
%% expect: {received,true}
%% expect: {back,500}
%% expect: {left,[]}
-module(tables_given).
-export([main/0]).

main() ->
    Receiver = spawn_link(fun() -> receiver(0) end),
    Self = self(),
    Deleters = [spawn_link(fun() -> deleter(Self) end) || _ <- [1, 2]],
    Before = ets:all(),
    give(1000, Receiver, Deleters),
    Receiver ! {stop, Self},
    receive {stopped, N} -> io:format("~w~n", [{received, N > 0}]) end,
    io:format("~w~n", [{back, back(500, spawn_link(fun eager/0), 0)}]),
    io:format("~w~n", [{left, ets:all() -- Before}]).

%% Who knows a table may give it on as soon as it is his, before he is told.
back(0, _, Count) -> Count;
back(N, Eager, Count) ->
    T = ets:new(t, [public]),
    Eager ! {early, T, self()},
    wait(rand:uniform(2000)),
    ets:give_away(T, Eager, gift),
    receive {'ETS-TRANSFER', T, Eager, back} -> ok end,
    ets:delete(T),
    back(N - 1, Eager, Count + 1).

eager() ->
    receive {early, T, Parent} -> give_on(T, Parent) end,
    receive {'ETS-TRANSFER', T, _, gift} -> ok end,
    eager().

give_on(T, Parent) ->
    try ets:give_away(T, Parent, back)
    catch error:badarg -> give_on(T, Parent)
    end.

give(0, _, _) -> ok;
give(N, Receiver, Deleters) ->
    T = ets:new(t, [public]),
    ets:insert(T, {a, 1}),
    [D ! {delete, T} || D <- Deleters],
    %% Early or late: all of them are to happen.
    wait(rand:uniform(2000)),
    try ets:give_away(T, Receiver, gift) catch error:badarg -> ok end,
    [receive {done, D} -> ok end || D <- Deleters],
    give(N - 1, Receiver, Deleters).

wait(0) -> ok;
wait(N) -> wait(N - 1).

deleter(Parent) ->
    receive {delete, T} -> ok end,
    wait(rand:uniform(2000)),
    try ets:delete(T) catch error:badarg -> ok end,
    Parent ! {done, self()},
    deleter(Parent).

receiver(N) ->
    receive
        {'ETS-TRANSFER', T, _, gift} ->
            try ets:lookup(T, a) catch error:badarg -> ok end,
            receiver(N + 1);
        {stop, Parent} -> Parent ! {stopped, N}
    end.
