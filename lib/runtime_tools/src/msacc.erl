%% SPDX-License-Identifier: Apache-2.0
%% msacc: what the threads of the node do with their time.
%%
%% merle's schedulers count the time in which they run something; that is the
%% state emulator, the rest is sleep. The other states of OTP are always 0.
-module(msacc).

-export([available/0, start/0, start/1, stop/0, reset/0, stats/0, stats/2]).
-export([to_file/1, from_file/1, print/0, print/1, print/2, print/3]).

-define(STATES, [aux, check_io, emulator, gc, other, port, sleep]).

-type thread() :: #{type := scheduler, id := pos_integer(),
                    counters := #{atom() => non_neg_integer() | float()},
                    '$schema' => 1}.

available() -> true.

start() ->
    erlang:system_flag(scheduler_wall_time, true),
    reset(),
    true.

%% For some time, in ms.
start(Time) ->
    start(),
    timer:sleep(Time),
    stop().

stop() ->
    Stats = stats(),
    erlang:system_flag(scheduler_wall_time, false),
    persistent_term:put({?MODULE, last}, Stats),
    false.

%% Counts from now on.
reset() ->
    persistent_term:erase({?MODULE, last}),
    persistent_term:put({?MODULE, start}, times()),
    true.

times() ->
    case statistics(scheduler_wall_time) of
        undefined -> [];
        Times -> lists:sort(Times)
    end.

%% Counters in native time units.
-spec stats() -> [thread()].
stats() ->
    case times() of
        [] -> persistent_term:get({?MODULE, last}, []);
        Now ->
            Start = persistent_term:get({?MODULE, start}, []),
            [thread(Id, Active, Total, lists:keyfind(Id, 1, Start))
             || {Id, Active, Total} <- Now]
    end.

thread(Id, Active, Total, {Id, Active0, Total0}) ->
    thread(Id, Active - Active0, Total - Total0, false);
thread(Id, Active, Total, false) ->
    Counters = maps:from_keys(?STATES, 0),
    #{'$schema' => 1, type => scheduler, id => Id,
      counters => Counters#{emulator := Active,
                            sleep := max(0, Total - Active)}}.

%% system_realtime, system_runtime: of all together; realtime, runtime: as parts
%% of each; type: one for all of a type.
stats(system_realtime, Stats) ->
    lists:sum([V || #{counters := C} <- Stats, V <- maps:values(C)]);
stats(system_runtime, Stats) ->
    lists:sum([V || #{counters := C} <- Stats,
                    V <- maps:values(maps:remove(sleep, C))]);
stats(realtime, Stats) -> [with_part(T, []) || T <- Stats];
stats(runtime, Stats) -> [with_part(T, [sleep]) || T <- Stats];
stats(type, []) -> [];
stats(type, Stats) ->
    Sum = fun(K) -> lists:sum([map_get(K, C) || #{counters := C} <- Stats]) end,
    [#{'$schema' => 1, type => scheduler, id => 1,
       counters => maps:from_list([{K, Sum(K)} || K <- ?STATES])}].

with_part(#{counters := Counters} = Thread, Without) ->
    All = max(1, lists:sum(maps:values(maps:without(Without, Counters)))),
    Thread#{counters := maps:map(fun(_, V) -> {V, 100 * V / All} end,
                                 maps:without(Without, Counters))}.

to_file(File) -> file:write_file(File, io_lib:format("~p.~n", [stats()])).

from_file(File) ->
    {ok, [Stats]} = file:consult(File),
    Stats.

print() -> print(stats()).

print(Stats) -> print(Stats, #{}).

print(Stats, Options) -> print(standard_io, Stats, Options).

%% Option system => true: parts of the time of all threads.
print(Device, Stats, Options) ->
    N = max(1, length(Stats)),
    Real = stats(system_realtime, Stats),
    Run = stats(system_runtime, Stats),
    io:format(Device,
              "Average thread real-time    : ~8w us~n"
              "Accumulated system run-time : ~8w us~n"
              "Average scheduler run-time  : ~8w us~n~n",
              [us(Real) div N, us(Run), us(Run) div N]),
    io:format(Device, "      Thread~s~n~n",
              [[io_lib:format("~9s", [S]) || S <- ?STATES]]),
    io:format(Device, "Stats per thread:~n", []),
    All = case Options of
              #{system := true} -> Real;
              _ -> each
          end,
    [print_thread(Device, io_lib:format("~9s(~2w)", [Type, Id]), T, All)
     || #{type := Type, id := Id} = T <- Stats],
    io:format(Device, "~nStats per type:~n", []),
    [print_thread(Device, io_lib:format("~13s", [Type]), T, All)
     || #{type := Type} = T <- stats(type, Stats)],
    ok.

us(Time) -> erlang:convert_time_unit(Time, native, microsecond).

print_thread(Device, Name, #{counters := Counters}, All) ->
    Of = case All of
             each -> lists:sum(maps:values(Counters));
             _ -> All
         end,
    io:format(Device, "~s~s~n",
              [Name, [io_lib:format("~8.2f%", [100 * map_get(S, Counters)
                                                / max(1, Of)])
                      || S <- ?STATES]]).
