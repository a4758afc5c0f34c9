%% SPDX-License-Identifier: Apache-2.0
%% memsup: how much memory the machine uses, and the process that has most.
%% Checks now and then; alarms system_memory_high_watermark and
%% process_memory_high_watermark.
-module(memsup).
-behaviour(gen_server).

-export([start_link/0, get_os_wordsize/0]).
-export([get_memory_data/0, get_system_memory_data/0]).
-export([get_check_interval/0, set_check_interval/1]).
-export([get_sysmem_high_watermark/0, set_sysmem_high_watermark/1]).
-export([get_procmem_high_watermark/0, set_procmem_high_watermark/1]).
-export([get_helper_timeout/0, set_helper_timeout/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% Intervals in ms, limits as fractions; worst: {Pid, Bytes}.
-record(state, {interval, system_limit, process_limit, timeout, system_only,
                total = 0, used = 0, worst}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

get_os_wordsize() -> erlang:system_info(wordsize) * 8.

%% What the last check found.
-spec get_memory_data() -> {non_neg_integer(), non_neg_integer(),
                            undefined | {pid(), non_neg_integer()}}.
get_memory_data() ->
    os_mon:call(?MODULE, get_memory_data, {0, 0, {self(), 0}}).

-spec get_system_memory_data() -> [{atom(), non_neg_integer()}].
get_system_memory_data() ->
    os_mon:call(?MODULE, get_system_memory_data, []).

get_check_interval() ->
    os_mon:call(?MODULE, get_check_interval,
                os_mon:get_env(memory_check_interval) * 60000).

set_check_interval(Minutes) when is_integer(Minutes), Minutes > 0 ->
    os_mon:call(?MODULE, {set_check_interval, Minutes * 60000}, ok);
set_check_interval(_) -> error(badarg).

get_sysmem_high_watermark() ->
    Default = os_mon:get_env(system_memory_high_watermark),
    percent(os_mon:call(?MODULE, get_system_limit, Default)).

set_sysmem_high_watermark(Limit) ->
    os_mon:fraction(Limit) orelse error(badarg),
    os_mon:call(?MODULE, {set_system_limit, Limit}, ok).

get_procmem_high_watermark() ->
    Default = os_mon:get_env(process_memory_high_watermark),
    percent(os_mon:call(?MODULE, get_process_limit, Default)).

set_procmem_high_watermark(Limit) ->
    os_mon:fraction(Limit) orelse error(badarg),
    os_mon:call(?MODULE, {set_process_limit, Limit}, ok).

get_helper_timeout() ->
    os_mon:call(?MODULE, get_helper_timeout,
                os_mon:get_env(memsup_helper_timeout)).

set_helper_timeout(Seconds) when is_integer(Seconds), Seconds > 0 ->
    os_mon:call(?MODULE, {set_helper_timeout, Seconds}, ok);
set_helper_timeout(_) -> error(badarg).

percent(Fraction) -> trunc(100 * Fraction).

init([]) ->
    process_flag(trap_exit, true),
    process_flag(priority, low),
    self() ! check,
    {ok, #state{interval = os_mon:get_env(memory_check_interval) * 60000,
                system_limit = os_mon:get_env(system_memory_high_watermark),
                process_limit = os_mon:get_env(process_memory_high_watermark),
                timeout = os_mon:get_env(memsup_helper_timeout),
                system_only = os_mon:get_env(memsup_system_only)}}.

handle_call(get_memory_data, _, #state{total = T, used = U, worst = W} = S) ->
    {reply, {T, U, W}, S};
handle_call(get_system_memory_data, _, S) -> {reply, system_data(), S};
handle_call(get_check_interval, _, S) -> {reply, S#state.interval, S};
handle_call({set_check_interval, Ms}, _, S) ->
    {reply, ok, S#state{interval = Ms}};
handle_call(get_system_limit, _, S) -> {reply, S#state.system_limit, S};
handle_call({set_system_limit, L}, _, S) ->
    {reply, ok, S#state{system_limit = L}};
handle_call(get_process_limit, _, S) -> {reply, S#state.process_limit, S};
handle_call({set_process_limit, L}, _, S) ->
    {reply, ok, S#state{process_limit = L}};
handle_call(get_helper_timeout, _, S) -> {reply, S#state.timeout, S};
handle_call({set_helper_timeout, T}, _, S) ->
    {reply, ok, S#state{timeout = T}}.

handle_cast(_, S) -> {noreply, S}.

handle_info(check, S) ->
    erlang:send_after(S#state.interval, self(), check),
    {noreply, check_processes(check_system(S))};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> os_mon:clear_alarms().

%% ---- Checks ----

check_system(#state{system_limit = Limit} = S) ->
    Data = system_data(),
    Total = proplists:get_value(system_total_memory, Data, 0),
    Free = proplists:get_value(available_memory, Data,
                               proplists:get_value(free_memory, Data, 0)),
    alarm(system_memory_high_watermark, [], Total - Free > Limit * Total),
    S#state{total = Total, used = Total - Free}.

check_processes(#state{system_only = true} = S) -> S;
check_processes(#state{process_limit = Limit, total = Total} = S) ->
    {Bytes, Pid} = lists:max([{B, P} || P <- processes(),
                                        {_, B} <- [process_info(P, memory)]]),
    alarm(process_memory_high_watermark, Pid, Bytes > Limit * Total),
    S#state{worst = {Pid, Bytes}}.

alarm(Id, About, true) -> os_mon:set_alarm(Id, About);
alarm(Id, _, false) -> os_mon:clear_alarm(Id).

%% In the order of OTP, what /proc/meminfo knows of it, in bytes.
system_data() ->
    Known = [{Name, list_to_integer(KB) * 1024}
             || [Name, KB | _] <- os_mon:read_lines("/proc/meminfo"),
                lists:all(fun(C) -> C >= $0 andalso C =< $9 end, KB)],
    [{Key, Bytes} || {Key, Name} <- names(),
                     {_, Bytes} <- [lists:keyfind(Name, 1, Known)]].

names() ->
    [{available_memory, "MemAvailable:"}, {cached_memory, "Cached:"},
     {buffered_memory, "Buffers:"}, {free_swap, "SwapFree:"},
     {total_swap, "SwapTotal:"}, {system_total_memory, "MemTotal:"},
     {free_memory, "MemFree:"}, {total_memory, "MemTotal:"}].
