%% SPDX-License-Identifier: Apache-2.0
%% os_mon: watches the machine: memsup its memory, disksup its disks, cpu_sup
%% its processors. What passes a limit becomes an alarm of sasl's.
-module(os_mon).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).
-export([call/3, get_env/1, set_alarm/2, clear_alarm/1, clear_alarms/0]).
-export([fraction/1, read_lines/1]).

start(_, _) -> supervisor:start_link({local, os_mon_sup}, ?MODULE, []).

stop(_) -> ok.

init([]) ->
    Services = [{cpu_sup, start_cpu_sup}, {disksup, start_disksup},
                {memsup, start_memsup}],
    {ok, {{one_for_one, 4, 3600},
          [{Id, {Id, start_link, []}, permanent, 2000, worker, [Id]}
           || {Id, Key} <- Services, get_env(Key) =:= true]}}.

%% ---- For the services ----

%% Asks a service; while it does not run, what it answers is [Otherwise].
call(Service, Request, Otherwise) ->
    try gen_server:call(Service, Request, infinity)
    catch exit:{noproc, _} -> Otherwise
    end.

%% Values of the environment that make no sense count as not given.
get_env(Key) ->
    case application:get_env(os_mon, Key) of
        {ok, Value} ->
            case is_value(Key, Value) of
                true -> Value;
                false -> default(Key)
            end;
        undefined -> default(Key)
    end.

is_value(disk_space_check_interval, V) -> is_integer(V) andalso V > 0;
is_value(memory_check_interval, V) -> is_integer(V) andalso V > 0;
is_value(memsup_helper_timeout, V) -> is_integer(V) andalso V > 0;
is_value(disk_almost_full_threshold, V) -> fraction(V);
is_value(system_memory_high_watermark, V) -> fraction(V);
is_value(process_memory_high_watermark, V) -> fraction(V);
is_value(_, V) -> is_boolean(V).

fraction(V) -> is_number(V) andalso V >= 0 andalso V =< 1.

default(disk_space_check_interval) -> 30;
default(disk_almost_full_threshold) -> 0.80;
default(memory_check_interval) -> 1;
default(memsup_helper_timeout) -> 30;
default(system_memory_high_watermark) -> 0.80;
default(process_memory_high_watermark) -> 0.05;
default(memsup_system_only) -> false;
default(_) -> true.

%% Alarms are kept in the dictionary of the service: one is set once.
set_alarm(Id, About) ->
    case put({alarm, Id}, set) of
        set -> ok;
        undefined -> alarm_handler:set_alarm({Id, About})
    end.

clear_alarm(Id) ->
    case erase({alarm, Id}) of
        set -> alarm_handler:clear_alarm(Id);
        undefined -> ok
    end.

clear_alarms() -> [clear_alarm(Id) || {{alarm, Id}, set} <- get()], ok.

%% The words of each line of a file, as those of /proc.
read_lines(File) ->
    case file:read_file(File) of
        {ok, Text} ->
            [string:lexemes(L, " \t") || L <- string:lexemes(binary_to_list(Text), "\n")];
        {error, _} -> []
    end.
