%% SPDX-License-Identifier: Apache-2.0
%% How often a fun is there.
%% expect: {one,2}
%% expect: {two,3}
%% expect: {elsewhere,5,4}
%% expect: {table,[4,5,4,5,4]}
%% expect: {collected,2}
%% expect: {external,undefined}
-module(fun_counts).
-export([main/0]).

main() ->
    F1 = make(2),
    p({one, count(F1)}),
    F2 = make(42),
    p({two, count(F1)}),
    elsewhere(F1),
    table(F1),
    7 = F1(5),
    erlang:garbage_collect(),
    40 = F2(-2),
    p({collected, count(F2)}),
    p({external, count(fun lists:map/2)}).

p(X) -> io:format("~w~n", [X]).

make(N) -> fun(X) -> X + N end.

count(F) ->
    {refc, N} = erlang:fun_info(F, refc),
    N.

%% In a process's mailbox and its own heap.
elsewhere(F) ->
    {P, Ref} = spawn_monitor(fun() ->
                                     receive go -> ok end,
                                     receive {S, G} -> S ! count(G) end
                             end),
    P ! {self(), F},
    P ! go,
    There = receive N when is_integer(N) -> N + 1 end,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    erlang:yield(),
    p({elsewhere, There, count(F) + 1}).

table(F) ->
    T = ets:new(t, [private]),
    true = ets:insert(T, {k, F}),
    One = count(F),
    true = ets:insert(T, {k1, F}),
    Two = count(F),
    true = ets:insert(T, {k, none}),
    Three = count(F),
    true = ets:insert(T, {k, F}),
    Four = count(F),
    true = ets:delete(T, k),
    Five = count(F),
    ets:delete(T),
    p({table, [One, Two, Three, Four, Five]}).
