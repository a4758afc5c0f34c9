%% SPDX-License-Identifier: Apache-2.0
%% scheduler: how busy the schedulers were between two samples.
-module(scheduler).

-export([sample/0, get_sample/0, sample_all/0, get_sample_all/0,
         utilization/1, utilization/2]).

-export_type([sched_sample/0]).

%% {Statistics, [{Kind, Id, Time active, Time in all}]}, by id.
-opaque sched_sample() ::
          {scheduler_wall_time | scheduler_wall_time_all,
           [{normal | cpu | io, pos_integer(), integer(), integer()}]}.

sample() -> begin_sample(scheduler_wall_time).

sample_all() -> begin_sample(scheduler_wall_time_all).

get_sample() -> take(scheduler_wall_time).

get_sample_all() -> take(scheduler_wall_time_all).

%% What is not counted yet is counted from now on.
begin_sample(Statistics) ->
    case take(Statistics) of
        undefined ->
            _ = erlang:system_flag(scheduler_wall_time, true),
            begin_sample(Statistics);
        Sample -> Sample
    end.

take(Statistics) ->
    case statistics(Statistics) of
        undefined -> undefined;
        Times -> {Statistics, [{kind(Id), Id, Active, Total}
                               || {Id, Active, Total} <- lists:sort(Times)]}
    end.

kind(Id) ->
    Normal = erlang:system_info(schedulers),
    Cpu = Normal + erlang:system_info(dirty_cpu_schedulers),
    if
        Id =< Normal -> normal;
        Id =< Cpu -> cpu;
        true -> io
    end.

%% Over the next seconds, or since a sample until now.
utilization(Seconds) when is_integer(Seconds), Seconds > 0 ->
    %% The flag counts its calls: who had it on before keeps it on.
    _ = erlang:system_flag(scheduler_wall_time, true),
    Before = sample(),
    timer:sleep(Seconds * 1000),
    After = sample(),
    _ = erlang:system_flag(scheduler_wall_time, false),
    utilization(Before, After);
utilization({Statistics, _} = Before) ->
    utilization(Before, begin_sample(Statistics)).

utilization({Same, Before}, {Same, After}) ->
    Each = [{Kind, Id, Active1 - Active0, Total1 - Total0}
            || {{Kind, Id, Active0, Total0}, {Kind, Id, Active1, Total1}}
                   <- lists:zip(Before, After)],
    %% Threads that wait for files count in no sum.
    Working = [{Active, Total} || {Kind, _, Active, Total} <- Each,
                                  Kind =/= io],
    Share = share(lists:sum([A || {A, _} <- Working]),
                  lists:sum([T || {_, T} <- Working])),
    [with_text([total], Share)]
        ++ [with_text([weighted], Share * length(Working) / Processors)
            || Processors <- [erlang:system_info(logical_processors_available)],
               is_integer(Processors)]
        ++ [with_text([Kind, Id], share(Active, Total))
            || {Kind, Id, Active, Total} <- Each];
utilization({scheduler_wall_time, _} = Before, {_, After}) ->
    utilization(Before, {scheduler_wall_time, without_io(After)});
utilization({_, Before}, {scheduler_wall_time, _} = After) ->
    utilization({scheduler_wall_time, without_io(Before)}, After).

without_io(Times) -> [T || {Kind, _, _, _} = T <- Times, Kind =/= io].

share(_, 0) -> 0.0;
share(Active, Total) -> Active / Total.

with_text(Key, Share) ->
    Text = float_to_list(Share * 100, [{decimals, 1}]) ++ "%",
    list_to_tuple(Key ++ [Share, Text]).
