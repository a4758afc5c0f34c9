%% SPDX-License-Identifier: Apache-2.0
%% msacc: what the threads of the node do with their time.
%%
%% The schedulers count it while erlang:system_flag(microstate_accounting, true).
%%
%% Data (microseconds) and statistics (percents) are maps of a thread, or, when
%% those of a type are put together, of the type; see '$type'.
-module(msacc).

-export([available/0, start/0, start/1, stop/0, reset/0, stats/0, stats/2,
         to_file/1, from_file/1, print/0, print/1, print/2, print/3]).

-define(STATES, [aux, check_io, emulator, gc, other, port, sleep]).

-type data() :: #{'$type' := msacc_data, type := scheduler,
                  id => pos_integer(),
                  counters := #{atom() => non_neg_integer()}}.
-type statistics() :: #{'$type' := msacc_stats, type := scheduler,
                        id => pos_integer(), system := float(),
                        counters := #{atom() => #{thread := float(),
                                                  system := float()}}}.

-spec available() -> boolean().
available() -> true.

%%% Counting

-spec start() -> boolean().
start() -> erlang:system_flag(microstate_accounting, true).

%% For some time, in ms.
-spec start(timeout()) -> true.
start(Time) ->
    reset(),
    start(),
    timer:sleep(Time),
    stop().

-spec stop() -> boolean().
stop() -> erlang:system_flag(microstate_accounting, false).

%% Counts from now on.
-spec reset() -> boolean().
reset() -> erlang:system_flag(microstate_accounting, reset).

-spec stats() -> [data()].
stats() ->
    [Thread#{'$type' => msacc_data,
             counters := maps:map(fun(_, Time) -> us(Time) end, Counters)}
     || #{counters := Counters} = Thread <- statistics(microstate_accounting)].

us(Time) -> erlang:convert_time_unit(Time, native, microsecond).

%%% Statistics

%% system_realtime, system_runtime: of all together; realtime, runtime: as
%% parts of each and of all; type: one for all of a type.
-spec stats(system_realtime | system_runtime, [data()]) -> non_neg_integer();
           (realtime | runtime, [data()]) -> [statistics()];
           (type, [data()] | [statistics()]) -> [data()] | [statistics()].
stats(system_realtime, Data) ->
    lists:sum([total(C) || #{counters := C} <- Data]);
stats(system_runtime, Data) -> stats(system_realtime, awake(Data));
stats(realtime, Data) ->
    All = stats(system_realtime, Data),
    [percents(D, All) || D <- Data];
stats(runtime, Data) -> stats(realtime, awake(Data));
stats(type, Threads) ->
    Types = lists:usort([T || #{type := T} <- Threads]),
    [together([maps:remove(id, T) || #{type := Own} = T <- Threads, Own =:= Type])
     || Type <- Types].

awake(Data) ->
    [D#{counters := maps:remove(sleep, C)} || #{counters := C} = D <- Data].

total(Counters) -> lists:sum(maps:values(Counters)).

percents(#{counters := Counters} = Data, All) ->
    Own = total(Counters),
    Data#{'$type' := msacc_stats, system => percent(Own, All),
          counters := maps:map(fun(_, Time) -> #{thread => percent(Time, Own),
                                                 system => percent(Time, All)}
                               end, Counters)}.

percent(Part, All) when All == 0, Part == 0 -> 0.0;
percent(_, All) when All == 0 -> 100.0;
percent(Part, All) -> Part / All * 100.

%% Times and parts of the system's time are summed; of parts of a thread's time
%% it is the mean.
together([#{'$type' := msacc_data} = First | Others]) ->
    lists:foldl(fun(#{counters := C}, #{counters := Sum} = D) ->
                    D#{counters := added(C, Sum)}
                end, First, Others);
together([First | Others] = All) ->
    N = length(All),
    #{counters := Counters} = Sum =
        lists:foldl(fun(#{counters := C, system := S},
                        #{counters := C0, system := S0} = D) ->
                        D#{counters := added(C, C0), system := S + S0}
                    end, First, Others),
    Sum#{counters := maps:map(fun(_, #{thread := T} = V) -> V#{thread := T / N}
                              end, Counters)}.

added(A, B) when is_map(A) -> maps:map(fun(K, V) -> added(V, map_get(K, B)) end, A);
added(A, B) -> A + B.

%%% Files and printing

-spec to_file(file:filename()) -> ok | {error, file:posix()}.
to_file(File) -> file:write_file(File, io_lib:format("~p.~n", [stats()])).

-spec from_file(file:filename()) -> [data()].
from_file(File) ->
    {ok, [Data]} = file:consult(File),
    Data.

print() -> print(stats()).

print(Stats) -> print(Stats, #{}).

print(Stats, Options) -> print(group_leader(), Stats, Options).

%% Option system => true: also as parts of the time of all threads.
print(File, Stats, Options) when is_list(File) ->
    case file:open(File, [write]) of
        {ok, Device} ->
            print(Device, Stats, Options),
            file:close(Device);
        Error -> Error
    end;
print(Device, Stats, Options) ->
    WithSystem = maps:get(system, Options, false),
    io:put_chars(Device, text(Stats, WithSystem)).

text([#{'$type' := msacc_data, id := _} | _] = Data, WithSystem) ->
    [overview(Data), head(Data, WithSystem),
     rows("thread", stats(realtime, Data), WithSystem),
     rows("type", stats(realtime, stats(type, Data)), WithSystem)];
text([#{'$type' := msacc_data} | _] = Data, WithSystem) ->
    [head(Data, WithSystem),
     rows("type", stats(realtime, Data), WithSystem)];
text([#{id := _} | _] = Stats, WithSystem) ->
    [head(Stats, WithSystem), rows("thread", Stats, WithSystem),
     rows("type", stats(type, Stats), WithSystem)];
text(Stats, WithSystem) ->
    [head(Stats, WithSystem), rows("type", Stats, WithSystem)].

overview(Data) ->
    Real = stats(system_realtime, Data) div length(Data),
    Run = stats(system_runtime, Data),
    Width = length(integer_to_list(max(Real, Run))),
    io_lib:format("Average thread real-time    : ~*B us~n"
                  "Accumulated system run-time : ~*B us~n"
                  "Average scheduler run-time  : ~*B us~n~n",
                  [Width, Real, Width, Run, Width, Run div length(Data)]).

head([#{counters := Counters} | _], WithSystem) ->
    [io_lib:format("~14s", ["Thread"]),
     [[io_lib:format("~9s", [State]), ["     " || WithSystem]]
      || State <- states(Counters)],
     "\n"].

rows(What, Stats, WithSystem) ->
    ["\nStats per ", What, ":\n", [row(S, WithSystem) || S <- Stats]].

row(#{type := Type, counters := Counters} = Stats, WithSystem) ->
    [case Stats of
         #{id := Id} -> io_lib:format("~10s(~2B)", [Type, Id]);
         #{} -> io_lib:format("~14s", [Type])
     end,
     [cell(map_get(S, Counters), WithSystem) || S <- states(Counters)],
     "\n"].

cell(#{thread := Thread, system := System}, true) ->
    io_lib:format("~6.2f%(~4.1f%)", [Thread, System]);
cell(#{thread := Thread}, false) -> io_lib:format("~8.2f%", [Thread]).

states(Counters) -> [S || S <- ?STATES, is_map_key(S, Counters)].
