%% SPDX-License-Identifier: Apache-2.0
%% observer_backend: what tools ask a node for, mostly from another one: figures
%% of the system, processes, ports, tables and their contents.
-module(observer_backend).

-export([vsn/0, sys_info/0, get_port_list/0, get_socket_list/0, socket_info/0,
         procs_info/1, get_table/3, get_table_list/2, fetch_stats/2,
         etop_collect/1]).

-include("observer_backend.hrl").

vsn() ->
    case application:load(runtime_tools) of
        R when R =:= ok; element(1, R) =:= error ->
            application:get_key(runtime_tools, vsn)
    end.

-spec sys_info() -> [{atom(), term()}].
sys_info() ->
    {Uptime, _} = statistics(wall_clock),
    {{_, In}, {_, Out}} = statistics(io),
    Of = fun(Item) -> {Item, erlang:system_info(Item)} end,
    [{uptime, Uptime}, {run_queue, statistics(run_queue)},
     {io_input, In}, {io_output, Out},
     Of(logical_processors), Of(logical_processors_online),
     Of(logical_processors_available), Of(schedulers), Of(schedulers_online),
     {schedulers_available, erlang:system_info(schedulers_online)},
     Of(otp_release), Of(version), Of(system_architecture), Of(kernel_poll),
     Of(smp_support), Of(threads), Of(thread_pool_size),
     {wordsize_internal, erlang:system_info({wordsize, internal})},
     {wordsize_external, erlang:system_info({wordsize, external})},
     {alloc_info, []},
     Of(process_count), Of(atom_limit), Of(atom_count), Of(process_limit),
     Of(process_count), Of(port_limit), Of(port_count), Of(ets_limit),
     Of(ets_count), Of(dist_buf_busy_limit) | erlang:memory()].

get_port_list() -> [port(P) || P <- erlang:ports()].

port(P) ->
    [{port_id, P} | known(erlang:port_info(P))]
        ++ [I || Item <- [monitors, monitored_by, parallelism, locking,
                          queue_size, memory],
                 I <- [port_item(P, Item)], I =/= undefined].

port_item(P, Item) ->
    try erlang:port_info(P, Item)
    catch error:badarg -> undefined
    end.

known(undefined) -> [];
known(List) -> List.

%% Sockets are ports here.
get_socket_list() -> [].
socket_info() -> [].

%% ---- Tables ----

%% Sends the objects of a table in parts, {Pid, [Object]}, at last
%% {Pid, '$end_of_table'}. The result is that Pid.
get_table(Parent, Table, Type) ->
    spawn(fun() ->
              link(Parent),
              First = case Type of
                          ets -> ets:match(Table, '$1', 1000);
                          mnesia -> mnesia_part(Table)
                      end,
              send_table(Parent, First)
          end).

mnesia_part(Table) ->
    case mnesia:dirty_match_object(mnesia:table_info(Table, wild_pattern)) of
        [] -> '$end_of_table';
        Objects -> {[[O] || O <- Objects], '$end_of_table'}
    end.

send_table(Parent, '$end_of_table') -> Parent ! {self(), '$end_of_table'};
send_table(Parent, {Objects, '$end_of_table'}) ->
    Parent ! {self(), Objects},
    send_table(Parent, '$end_of_table');
send_table(Parent, {Objects, More}) ->
    Parent ! {self(), Objects},
    send_table(Parent, ets:match(More)).

%% Without those that the options sys_hidden and unread_hidden leave out.
get_table_list(ets, Options) ->
    lists:foldl(fun(T, Found) -> ets_table(T, Options) ++ Found end, [],
                ets:all());
get_table_list(mnesia, Options) ->
    Hidden = proplists:get_value(sys_hidden, Options, true),
    Owner = ets:info(schema, owner),
    Owner =/= undefined
        orelse throw({error, lists:concat(["Mnesia is not running on: ",
                                           node()])}),
    [[{name, T}, {owner, Owner}, {reg_name, name_of(Owner)}, {keypos, 2},
      {storage, mnesia:table_info(T, storage_type)},
      {memory, mnesia:table_info(T, memory) * 8}
      | [{I, mnesia:table_info(T, I)} || I <- [size, type, index]]]
     || T <- mnesia:system_info(tables), T =/= schema orelse not Hidden].

ets_table(Table, Options) ->
    Info = ets:info(Table),
    try
        Get = fun(Key) -> proplists:get_value(Key, Info) end,
        Name = name_of(Get(owner)),
        HideSystem = proplists:get_value(sys_hidden, Options, true),
        HideUnread = proplists:get_value(unread_hidden, Options, true),
        Hidden = HideUnread andalso Get(protection) =:= private
                 orelse HideSystem andalso is_system(Name),
        [[{name, Get(name)},
          {id, case Get(named_table) of true -> ignore; false -> Table end},
          {protection, Get(protection)}, {owner, Get(owner)},
          {size, Get(size)}, {reg_name, Name}, {type, Get(type)},
          {keypos, Get(keypos)}, {heir, Get(heir)},
          {memory, Get(memory) * erlang:system_info(wordsize)},
          {compressed, Get(compressed)}, {fixed, ets:info(Table, fixed)}]
         || not Hidden]
    catch error:_ -> []      % deleted meanwhile
    end.

name_of(Pid) ->
    case process_info(Pid, registered_name) of
        {registered_name, Name} -> Name;
        _ -> ignore
    end.

is_system(Name) ->
    lists:member(Name, [init, application_controller, code_server, inet_db,
                        logger, kernel_sup, rex, global_name_server,
                        file_server_2, erl_prim_loader, timer_server, user]).

%% ---- Processes ----

%% Sends {procs_info, Pid, [#etop_proc_info{}]}, at last {procs_info, Pid, end}.
procs_info(Collector) ->
    Collector ! {procs_info, self(), processes_info(processes())},
    Collector ! {procs_info, self(), 'end'}.

%% Sends one #etop_info{}; the first one turns the schedulers' clocks on, for as
%% long as who asked lives.
etop_collect(Collector) ->
    Times = statistics(scheduler_wall_time),
    Infos = processes_info(processes()),
    Memory = erlang:memory(),
    Collector ! {self(), #etop_info{
        now = erlang:timestamp(), n_procs = length(Infos), runtime = Times,
        run_queue = statistics(run_queue), procinfo = Infos,
        memi = [lists:keyfind(K, 1, Memory)
                || K <- [total, processes, ets, atom, code, binary]]}},
    Times =:= undefined andalso spawn(fun() -> keep_clocks(Collector) end),
    ok.

keep_clocks(For) ->
    erlang:system_flag(scheduler_wall_time, true),
    Ref = monitor(process, For),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    erlang:system_flag(scheduler_wall_time, false).

processes_info(Pids) ->
    Items = [registered_name, initial_call, memory, reductions,
             current_function, message_queue_len],
    [#etop_proc_info{pid = P, mem = Memory, reds = Reductions, cf = Current,
                     mq = Queue,
                     name = case Name of [] -> initial(Call, P); _ -> Name end}
     || P <- Pids, P =/= self(),
        [{_, Name}, {_, Call}, {_, Memory}, {_, Reductions}, {_, Current},
         {_, Queue}] <- [process_info(P, Items)]].

initial({proc_lib, init_p, _}, Pid) -> proc_lib:translate_initial_call(Pid);
initial(Call, _) -> Call.

%% Sends {stats, 1, Times, I/O, Memory} every [Time] ms until a message comes.
fetch_stats(Parent, Time) ->
    process_flag(trap_exit, true),
    erlang:system_flag(scheduler_wall_time, true),
    send_stats(Parent, Time).

send_stats(Parent, Time) ->
    receive
        _ -> erlang:system_flag(scheduler_wall_time, false)
    after Time ->
        Parent ! {stats, 1, statistics(scheduler_wall_time), statistics(io),
                  erlang:memory()},
        send_stats(Parent, Time)
    end.
