%% SPDX-License-Identifier: Apache-2.0
%% Microstate accounting: counts while it is on, nothing else, and msacc shows
%% what was counted.
%% expect: {switched,false,true,true,false}
%% expect: {counted,true,true,true}
%% expect: {stands,true}
%% expect: {zero,true}
%% expect: {states,true}
%% expect: {refused,badarg}
%% expect: {msacc,true,true,true,ok}
-module(microstates).
-export([main/0]).

main() ->
    io:format("~w~n", [{switched, flag(true), flag(true), flag(false), flag(false)}]),
    flag(reset),
    flag(true),
    work(100),
    timer:sleep(20),
    flag(false),
    S = sums(),
    io:format("~w~n", [{counted, map_get(emulator, S) > 0, map_get(gc, S) > 0,
                        map_get(sleep, S) > 0}]),
    work(10),
    io:format("~w~n", [{stands, sums() =:= S}]),
    flag(reset),
    work(10),
    io:format("~w~n", [{zero, lists:all(fun(N) -> N =:= 0 end, maps:values(sums()))}]),
    io:format("~w~n", [{states, [] =:= [aux, check_io, emulator, gc, other, port, sleep]
                                       -- maps:keys(S)}]),
    io:format("~w~n", [{refused, try flag(other) catch error:R -> R end}]),
    msacc().

flag(What) -> erlang:system_flag(microstate_accounting, What).

work(0) -> ok;
work(N) ->
    lists:sum(lists:seq(1, 5000)),
    erlang:garbage_collect(),
    work(N - 1).

sums() ->
    lists:foldl(fun(#{type := _, id := Id, counters := C}, Sum) when is_integer(Id) ->
                    maps:fold(fun(K, V, A) -> A#{K => V + maps:get(K, A, 0)} end, Sum, C)
                end, #{}, statistics(microstate_accounting)).

msacc() ->
    true = msacc:start(20),
    Stats = msacc:stats(),
    [First] = [C || #{type := scheduler, id := 1, counters := C} <- Stats],
    Time = lists:sum(maps:values(First)),
    Real = msacc:stats(system_realtime, Stats),
    Run = msacc:stats(system_runtime, Stats),
    %% A tenth of a millisecond may be lost between starting and waiting.
    io:format("~w~n", [{msacc, Time > 19900, Real >= Run,
                        [T || #{'$type' := msacc_stats, type := T}
                                  <- msacc:stats(realtime, msacc:stats(type, Stats))]
                            =:= lists:usort([T || #{type := T} <- Stats]),
                        printed(Stats)}]).

printed(Stats) ->
    File = filename:join("/tmp", "microstates." ++ os:getpid()),
    ok = msacc:print(File, Stats, #{system => true}),
    {ok, Text} = file:read_file(File),
    file:delete(File),
    {_, _} = binary:match(Text, <<"scheduler">>),
    ok.
