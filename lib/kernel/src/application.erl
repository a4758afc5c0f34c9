%% SPDX-License-Identifier: Apache-2.0
%% application: the face of applications. What an application is stands in its
%% resource file; its environment in the table ac_tab, read without asking the
%% controller, which comes up when it is first needed.
-module(application).

-export([ensure_all_started/1, ensure_all_started/2, ensure_all_started/3,
         start/1, start/2, start_boot/1, start_boot/2, ensure_started/1,
         ensure_started/2, load/1, load/2, unload/1, takeover/2,
         which_applications/0,
         which_applications/1, loaded_applications/0, permit/2,
         set_env/1, set_env/2, set_env/3, set_env/4, unset_env/2, unset_env/3,
         get_env/1, get_env/2, get_env/3, get_all_env/0, get_all_env/1,
         get_key/1, get_key/2, get_all_key/0, get_all_key/1,
         get_application/0, get_application/1, get_supervisor/1, info/0,
         start_type/0, stop/1]).

-type start_type() :: normal | {takeover, node()} | {failover, node()}.
-type restart_type() :: permanent | transient | temporary.
-export_type([start_type/0, restart_type/0]).

-callback start(start_type(), Args :: term()) ->
    {ok, pid()} | {ok, pid(), State :: term()} | {error, Reason :: term()}.
-callback stop(State :: term()) -> term().

-define(IS_TIME(T), T =:= infinity orelse is_integer(T) andalso T >= 0).

%% ---- starting and stopping ----

load(App) -> load(App, []).

%% [Nodes]: {App, [Node]} or {App, Time, [Node]}, where the application may run
%% when that does not stand in the configuration.
load(App, Nodes) ->
    case application_controller:load_application(App) of
        ok when Nodes =/= [] ->
            case dist_ac:load_application(name(App), Nodes) of
                ok -> ok;
                Error ->
                    unload(name(App)),
                    Error
            end;
        Answer -> Answer
    end.

unload(App) -> application_controller:unload_application(App).

start(App) -> start(App, temporary).

start(App, Type) ->
    case load(App) of
        ok -> application_controller:start_application(name(App), Type);
        {error, {already_loaded, Name}} ->
            application_controller:start_application(Name, Type);
        Error -> Error
    end.

name(App) when is_atom(App) -> App;
name({application, App, _}) -> App.

start_boot(App) -> start_boot(App, temporary).
%% An application of the boot: that it cannot start is the node's end.
start_boot(App, Type) -> start(App, Type).

ensure_started(App) -> ensure_started(App, temporary).

ensure_started(App, Type) ->
    case start(App, Type) of
        {error, {already_started, App}} -> ok;
        Result -> Result
    end.

ensure_all_started(App) -> ensure_all_started(App, temporary).

%% Starts [App] and what it needs, deepest first; what was started stands in
%% the answer in order, and is stopped again when the rest fails.
ensure_all_started(Apps, Type) -> ensure_all_started(Apps, Type, serial).

%% In mode concurrent those start at the same time that do not need each other.
-spec ensure_all_started(atom() | [atom()], restart_type(),
                         serial | concurrent) ->
          {ok, [atom()]} | {error, term()}.
ensure_all_started(App, Type, Mode) when is_atom(App) ->
    ensure_all_started([App], Type, Mode);
ensure_all_started(Apps, Type, Mode)
  when is_list(Apps), Mode =:= serial orelse Mode =:= concurrent ->
    Wanted = [{App, required} || App <- Apps],
    case case Mode of
             serial -> start_each(Wanted, Type, []);
             concurrent -> start_waves(needs(Wanted, #{}), Type, [])
         end of
        {ok, Started} -> {ok, lists:reverse(Started)};
        {error, Reason, Started} ->
            lists:foreach(fun stop/1, Started),
            {error, Reason}
    end.

start_all(App, Type, Need, Started) ->
    case lists:member(App, Started) orelse needed(App, Need) of
        true -> {ok, Started};
        none -> {ok, Started};
        {error, Reason} -> {error, {App, Reason}, Started};
        {ok, Needed} ->
            case start_each(Needed, Type, Started) of
                {ok, More} -> start_last(App, Type, More);
                Error -> Error
            end
    end.

%% What [App] needs, and whether it can do without it; none if it is not there
%% and optional itself.
needed(App, Need) ->
    Missing = atom_to_list(App) ++ ".app",
    case load(App) of
        {error, {"no such file or directory", Missing}}
          when Need =:= optional -> none;
        {error, Reason} when Reason =/= {already_loaded, App} ->
            {error, Reason};
        _ ->
            {ok, Needed} = get_key(App, applications),
            {ok, Optional} = get_key(App, optional_applications),
            {ok, [{A, case lists:member(A, Optional) of
                          true -> optional;
                          false -> required
                      end} || A <- Needed]}
    end.

start_each([{App, Need} | Apps], Type, Started) ->
    case start_all(App, Type, Need, Started) of
        {ok, More} -> start_each(Apps, Type, More);
        Error -> Error
    end;
start_each([], _, Started) -> {ok, Started}.

start_last(App, Type, Started) -> started(start(App, Type), App, Started).

started(ok, App, Started) -> {ok, [App | Started]};
started({error, {already_started, App}}, App, Started) -> {ok, Started};
started({error, Reason}, App, Started) -> {error, {App, Reason}, Started}.

%% #{App => [App]}: what must have started before.
needs([{App, _} | Apps], Needs) when is_map_key(App, Needs) ->
    needs(Apps, Needs);
needs([{App, Need} | Apps], Needs) ->
    case needed(App, Need) of
        {ok, Needed} ->
            needs(Needed ++ Apps, Needs#{App => [A || {A, _} <- Needed]});
        none -> needs(Apps, Needs);
        {error, Reason} -> {error, {App, Reason}, []}
    end;
needs([], Needs) -> Needs.

%% Again and again those that nothing keeps from starting, all at once.
start_waves(Needs, _, Started) when Needs =:= #{} -> {ok, Started};
start_waves(#{} = Needs, Type, Started) ->
    Waits = fun(_, Needed) ->
                    lists:any(fun(A) -> is_map_key(A, Needs) end, Needed)
            end,
    Ready = case maps:keys(Needs) -- maps:keys(maps:filter(Waits, Needs)) of
                [] -> maps:keys(Needs); % they need each other: that is told
                Free -> Free
            end,
    case start_wave(Ready, Type, Started) of
        {ok, More} -> start_waves(maps:without(Ready, Needs), Type, More);
        Error -> Error
    end;
start_waves(Error, _, _) -> Error.

%% Waits for all, also if one has failed.
start_wave(Apps, Type, Started) ->
    Start = fun(App) -> fun() -> exit({done, start(App, Type)}) end end,
    Starters = [{App, spawn_monitor(Start(App))} || App <- Apps],
    Answers = [{App, receive {'DOWN', Ref, _, _, {done, Answer}} -> Answer end}
               || {App, {_, Ref}} <- Starters],
    {Good, Bad} = lists:partition(fun({_, Answer}) -> Answer =:= ok end,
                                  Answers),
    lists:foldl(fun({App, Answer}, {ok, All}) -> started(Answer, App, All);
                   (_, Failed) -> Failed
                end, {ok, [App || {App, ok} <- Good] ++ Started}, Bad).

stop(App) -> application_controller:stop_application(App).

takeover(App, Type) -> dist_ac:takeover_application(App, Type).

permit(App, Permission) when is_atom(App), is_boolean(Permission) ->
    case application_controller:permit_application(App, Permission) of
        distributed_application ->
            dist_ac:permit_application(App, Permission);
        {distributed_application, only_loaded} ->
            dist_ac:permit_only_loaded_application(App, Permission);
        Answer -> Answer
    end;
permit(App, Permission) ->
    exit({badarg, {?MODULE, permit, [App, Permission]}}).

which_applications() -> which_applications(5000).
which_applications(Timeout) ->
    application_controller:call(which_applications, Timeout).

loaded_applications() -> application_controller:loaded_applications().

info() -> application_controller:info().

start_type() ->
    case application_controller:is_master(group_leader()) of
        true -> application_master:start_type(group_leader());
        false -> undefined
    end.

%% ---- the environment ----

set_env(Config) when is_list(Config) -> set_env(Config, []).

set_env(Config, Options) when is_list(Config), is_list(Options) ->
    check_config(Config),
    application_controller:set_env([{App, Key, Value}
                                    || {App, Env} <- Config,
                                       {Key, Value} <- Env], Options).

check_config(Config) ->
    case application_config:check(Config) of
        ok -> ok;
        {error, Text} -> erlang:error({badarg, Text}, [Config])
    end.

set_env(App, Key, Value) -> set_env(App, Key, Value, []).

set_env(App, Key, Value, Options) when is_list(Options) ->
    application_controller:set_env([{App, Key, Value}], Options);
set_env(App, Key, Value, Timeout) when ?IS_TIME(Timeout) ->
    set_env(App, Key, Value, [{timeout, Timeout}]).

unset_env(App, Key) -> unset_env(App, Key, []).

unset_env(App, Key, Options) when is_list(Options) ->
    application_controller:unset_env(App, Key, Options);
unset_env(App, Key, Timeout) when ?IS_TIME(Timeout) ->
    unset_env(App, Key, [{timeout, Timeout}]).

get_env(Key) ->
    case get_application() of
        {ok, App} -> get_env(App, Key);
        undefined -> undefined
    end.

get_env(App, Key) -> application_controller:get_env(App, Key).

get_env(App, Key, Default) ->
    case get_env(App, Key) of
        {ok, Value} -> Value;
        undefined -> Default
    end.

get_all_env() ->
    case get_application() of
        {ok, App} -> get_all_env(App);
        undefined -> []
    end.

get_all_env(App) -> application_controller:get_all_env(App).

%% ---- the resource file's keys ----

get_key(Key) ->
    case get_application() of
        {ok, App} -> get_key(App, Key);
        undefined -> undefined
    end.

get_key(App, Key) -> application_controller:get_key(App, Key).

get_all_key() ->
    case get_application() of
        {ok, App} -> get_all_key(App);
        undefined -> []
    end.

get_all_key(App) -> application_controller:get_all_key(App).

get_application() -> get_application(self()).

%% By the group leader, which is the application's master.
get_application(Pid) when is_pid(Pid) ->
    case process_info(Pid, group_leader) of
        {group_leader, Leader} -> application_controller:app_of(Leader);
        undefined -> undefined
    end;
get_application(Module) when is_atom(Module) ->
    application_controller:app_of_module(Module).

get_supervisor(App) ->
    case application_controller:get_master(App) of
        undefined -> undefined;
        Master ->
            case application_master:get_child(Master) of
                {Pid, _} -> {ok, Pid};
                error -> undefined
            end
    end.
