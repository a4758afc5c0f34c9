%% SPDX-License-Identifier: Apache-2.0
%% kernel: the application that every node runs. Its supervisor has the
%% processes that users know from it; most start without their code (see
%% kernel_server), so that the whole tree costs little.
-module(kernel).
-behaviour(application).
-behaviour(supervisor).

-export([boot/2, has_dist_ac/0, start/2, stop/1, config_change/3, init/1]).

%% Called by init with the command line's flags: the logger, the controller of
%% applications, then kernel and stdlib. [Started] is called when the first two
%% are there, without which the node cannot go on.
boot(Flags, Started) ->
    Loader = preload(Flags),
    {ok, _} = logger_server:start_link(),
    case application_controller:start() of
        {ok, _} -> ok;
        {error, Reason} ->
            exit({'could not start kernel pid', application_controller,
                  Reason})
    end,
    await(Loader),
    Started(),
    ok = application_controller:boot(kernel),
    ok = application_controller:boot(stdlib).

%% Half of the modules that the start needs are loaded by a process of its
%% own, while the other half is loaded and run here.
preload(Flags) ->
    case lists:keymember(pa, 1, Flags) of
        true -> none;
        false ->
            Modules = [supervisor, supervisor_bridge, kernel_server,
                       application_master, gen_event, erl_signal_handler,
                       logger_sup, standard_error, user_sup,
                       erl_distribution],
            spawn_monitor(fun() -> load_all(Modules) end)
    end.

load_all([Module | Modules]) ->
    case erlang:module_loaded(Module) of
        true -> ok;
        false -> code_server:load_from_pack(Module)
    end,
    load_all(Modules);
load_all([]) -> ok.

await(none) -> ok;
await({_, Monitor}) -> receive {'DOWN', Monitor, _, _, _} -> ok end.

start(_, []) ->
    %% The flag and the parameter say the same.
    case init:get_argument(connect_all) of
        {ok, [["false"] | _]} ->
            application:set_env(kernel, connect_all, false);
        _ -> ok
    end,
    case supervisor:start_link({local, kernel_sup}, ?MODULE, []) of
        {ok, Pid} ->
            {ok, _} = supervisor:start_child(
                        Pid, supervisor_spec(logger_sup,
                                             {logger_sup, start_link, []},
                                             [logger_sup])),
            ok = logger_server:kernel_started(),
            case application:get_env(kernel, global_groups) of
                {ok, [_ | _]} -> global_group ! connect;
                _ -> ok
            end,
            {ok, Pid, []};
        Error -> Error
    end.

stop(_) -> ok.

config_change(Changed, New, Removed) ->
    [change_level(P) || {logger_level, _} = P <- Changed ++ New],
    [change_level({logger_level, notice}) || logger_level <- Removed],
    ok.

change_level({logger_level, Level}) ->
    logger:set_primary_config(level, Level).

init([]) ->
    {ok, {#{strategy => one_for_all, intensity => 0, period => 1},
          [worker(code_server, {code, start_link, []}, [code]),
           server(rex, rpc, #{}, []),
           server(global_name_server, global, #{}, global_tables())]
          ++ dist_servers()
          ++ [supervisor_spec(net_sup, {erl_distribution, start_link, []},
                           [erl_distribution]),
           server(global_group, global_group, #{}, []),
           (server(file_server_2, file_server, undefined, []))
           #{modules := [file, file_server, file_io_server, prim_file]},
           worker(erl_signal_server,
                  {erl_signal_handler, start_link, []}, dynamic),
           temporary(standard_error, {standard_error, start_link, []},
                     [standard_error])]
          ++ peer_servers() ++
          [temporary(user, {user_sup, start, []}, [user_sup]),
           config_server(),
           server(kernel_refc, kernel_refc, #{}, []),
           supervisor_spec(kernel_safe_sup,
                           {supervisor, start_link,
                            [{local, kernel_safe_sup}, ?MODULE, safe]},
                           [?MODULE])]}};
%% Below it are processes that others start when they are first needed.
init(safe) ->
    {ok, {#{strategy => one_for_one, intensity => 4, period => 3600},
          boot_servers()}}.

%% A node that another one started ends with its connection to that.
peer_servers() ->
    case init:get_argument(user) of
        {ok, [["peer"]]} ->
            {ok, Spec} = peer:supervision_child_spec(),
            [Spec];
        _ -> []
    end.

%% Decides which applications run on this node, if they run on several.
dist_servers() ->
    case has_dist_ac() of
        true -> [worker(dist_ac, {dist_ac, start_link, []}, [dist_ac])];
        false -> []
    end.

%% Whether applications are distributed over nodes.
has_dist_ac() ->
    case application:get_env(kernel, start_dist_ac) of
        {ok, Value} -> Value =:= true;
        undefined -> application:get_env(kernel, distributed) =/= undefined
    end.

%% Started as such only where there are nodes to wait for.
config_server() ->
    case has_dist_ac()
        orelse application:get_env(kernel, sync_nodes_timeout) =/= undefined of
        true ->
            worker(kernel_config, {kernel_config, start_link, []},
                   [kernel_config]);
        false -> server(kernel_config, kernel_config, [], [])
    end.

boot_servers() ->
    [worker(Name, {Module, start_link, Args}, [Module])
     || {Key, Name, Module, Args} <-
            [{start_disk_log, disk_log_sup, disk_log_sup, []},
             {start_pg, pg, pg, []},
             {start_timer, timer_server, timer, []}],
        application:get_env(kernel, Key) =:= {ok, true}].

global_tables() ->
    [{global_locks, [set, protected, {read_concurrency, true}]},
     {global_names, [set, protected, {read_concurrency, true}]},
     {global_names_ext, [set, protected]},
     {global_pid_names, [bag, protected]},
     {global_pid_ids, [bag, protected]},
     {global_node_resources, [set, protected]},
     {global_lost_connections, [set, protected]}].

server(Name, Module, State, Tables) ->
    worker(Name, {kernel_server, start_link, [Name, Module, State, Tables]},
           [Module]).

worker(Id, Start, Modules) ->
    #{id => Id, start => Start, restart => permanent, shutdown => 2000,
      type => worker, modules => Modules}.

%% The processes of standard output: without them a node goes on.
temporary(Id, Start, Modules) ->
    #{id => Id, start => Start, restart => temporary, shutdown => 2000,
      type => supervisor, modules => Modules}.

supervisor_spec(Id, Start, Modules) ->
    #{id => Id, start => Start, restart => permanent, shutdown => infinity,
      type => supervisor, modules => Modules}.
