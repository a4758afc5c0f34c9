%% SPDX-License-Identifier: Apache-2.0
%% What tracers are told of a process that is long in a BIF: that it goes out of
%% it and in again, by the BIF's name, and several times if it is very long.
%% not with stress_gc=true: each step of a list of 500000 copies all of it.
-module(tracing_running).
-export([main/0]).

%% expect: {maps,from_list,1} true
%% expect: {maps,from_keys,2} true
%% expect: {maps,keys,1} true
%% expect: {maps,values,1} true
main() ->
    Keys = lists:seq(1, 200000),
    Pairs = [{Key, Key} || Key <- Keys],
    Map = maps:from_list([{Key, Key} || Key <- lists:seq(1, 500000)]),
    long({maps, from_list, 1}, [Pairs]),
    long({maps, from_keys, 2}, [Keys, value]),
    long({maps, keys, 1}, [Map]),
    long({maps, values, 1}, [Map]).

%% That it gave others the core more than twice, and came in where it went out.
long({M, F, _} = Called, Args) ->
    Self = self(),
    {P, Ref} = spawn_monitor(fun() ->
                                     erlang:trace(self(), true,
                                                  [running, {tracer, Self}]),
                                     apply(M, F, Args)
                             end),
    receive {'DOWN', Ref, process, P, normal} -> ok end,
    Delivered = erlang:trace_delivered(P),
    receive {trace_delivered, P, Delivered} -> ok end,
    io:format("~w ~w~n", [Called, pauses(P, Called, 0) > 2]).

pauses(P, Called, N) ->
    receive
        {trace, P, out, Place} ->
            receive {trace, P, in, Place} -> ok end,
            pauses(P, Called, N + length([Place || Place =:= Called]))
    after 0 -> N
    end.
