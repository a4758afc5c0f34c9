%% SPDX-License-Identifier: Apache-2.0
%% What processes get that do not say how large their heaps are to be.
%% expect: {233,true,true,{min_heap_size,233}}
%% expect: {65535,{fullsweep_after,7},7,{fullsweep_after,65535}}
%% expect: {0,{100000,false},{5000,true,false},killed}
%% expect: {badarg,badarg}
-module(heap_defaults).
-export([main/0]).

main() ->
    io:format("~w~n", [least()]),
    io:format("~w~n", [sweeps()]),
    io:format("~w~n", [most()]),
    io:format("~w~n", [{bad(min_heap_size, x), bad(max_heap_size, #{kill => 1})}]).

bad(Flag, Value) ->
    try erlang:system_flag(Flag, Value) catch error:R -> R end.

ask(Item) -> ask(Item, []).
ask(Item, Options) ->
    P = spawn_opt(fun() -> receive stop -> ok end end, Options),
    {Item, V} = process_info(P, Item),
    P ! stop,
    V.

least() ->
    Old = erlang:system_flag(min_heap_size, 1000),
    {_, Told} = erlang:system_info(min_heap_size),
    Has = ask(min_heap_size),
    erlang:system_flag(min_heap_size, Old),
    {Old, Told >= 1000, Has >= 1000, erlang:system_info(min_heap_size)}.

sweeps() ->
    Old = erlang:system_flag(fullsweep_after, 7),
    Told = erlang:system_info(fullsweep_after),
    Has = proplists:get_value(fullsweep_after, ask(garbage_collection)),
    erlang:system_flag(fullsweep_after, Old),
    {Old, Told, Has, erlang:system_info(fullsweep_after)}.

most() ->
    #{size := Before} = Old =
        erlang:system_flag(max_heap_size, #{size => 100000, error_logger => false}),
    #{size := Size, error_logger := Log} = ask(max_heap_size),
    #{size := Own, kill := Kill, error_logger := OwnLog} =
        ask(max_heap_size, [{max_heap_size, 5000}]),
    {_, M} = spawn_monitor(fun() -> length(grow(1000000)) end),
    End = receive {'DOWN', M, _, _, Why} -> Why end,
    erlang:system_flag(max_heap_size, Old),
    {Before, {Size, Log}, {Own, Kill, OwnLog}, End}.

grow(0) -> [];
grow(N) -> [N | grow(N - 1)].
