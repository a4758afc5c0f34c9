%% SPDX-License-Identifier: Apache-2.0
%% What statistics tell of schedulers, dirty ones too.
%% expect: {before,undefined,undefined}
%% expect: {counts,true,true}
%% expect: {dirty,true,true,true}
%% expect: {tasks,true,true,true,true}
-module(scheduler_load).
-export([main/0]).

main() ->
    p({before, statistics(scheduler_wall_time),
       statistics(scheduler_wall_time_all)}),
    false = erlang:system_flag(scheduler_wall_time, true),
    N = erlang:system_info(schedulers),
    Cpu = erlang:system_info(dirty_cpu_schedulers),
    Io = erlang:system_info(dirty_io_schedulers),
    p({counts, length(statistics(scheduler_wall_time)) =:= N + Cpu,
       length(statistics(scheduler_wall_time_all)) =:= N + Cpu + Io}),
    L1 = lists:sort(statistics(scheduler_wall_time_all)),
    S = self(),
    [spawn_link(fun() -> ok = erts_debug:F(wait, 300), S ! done end)
     || F <- [dirty_cpu, dirty_io, dirty_io]],
    [receive done -> ok end || _ <- [1, 2, 3]],
    L2 = lists:sort(statistics(scheduler_wall_time_all)),
    Active = [unit(B - A) || {{I, A, _}, {I, B, _}} <- lists:zip(L1, L2)],
    {_, Dirty} = lists:split(N, Active),
    {Cpus, Ios} = lists:split(Cpu, Dirty),
    Total = [unit(B - A) || {{_, _, A}, {_, _, B}} <- lists:zip(L1, L2)],
    p({dirty, lists:sum(Cpus) >= 290, lists:sum(Ios) >= 580,
       lists:all(fun(T) -> T >= 290 end, Total)}),
    true = erlang:system_flag(scheduler_wall_time, false),
    tasks().

p(X) -> io:format("~w~n", [X]).

unit(T) -> erlang:convert_time_unit(T, native, millisecond).

tasks() ->
    Pids = [spawn_opt(fun loop/0, [link, {priority, low}])
            || _ <- lists:seq(1, 10)],
    N = erlang:system_info(schedulers),
    p({tasks, statistics(total_active_tasks) >= 11,
       lists:sum(statistics(active_tasks)) >= 11,
       length(statistics(run_queue_lengths)) =:= N + 1,
       length(statistics(active_tasks_all)) =:= N + 2}),
    [begin unlink(P), exit(P, kill) end || P <- Pids].

loop() -> loop().
