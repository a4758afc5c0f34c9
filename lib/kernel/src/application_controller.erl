%% SPDX-License-Identifier: Apache-2.0
%% The application controller: knows which applications are loaded, starting,
%% and running. A start runs in a process of its own, so that the controller
%% can always be asked; requests to start one that is starting wait for it.
%%
%% ac_tab, readable by all:
%%     {{loaded, App}, #app{}}            {{env, App, Key}, Value}
%%     {{application_master, App}, Pid}   {{conf, App}, [{Key, Value}]}
-module(application_controller).
-behaviour(gen_server).

-export([start/0, start/1, boot/1, load_application/1, unload_application/1,
         start_application/2, stop_application/1, call/1, call/2,
         loaded_applications/0, which_applications/0, which_applications/1, info/0,
         get_env/2, get_all_env/1, set_env/2, set_env/3, set_env/4,
         unset_env/3,
         get_key/2, get_all_key/1, is_master/1, get_master/1, app_of/1,
         app_of_module/1, get_loaded/1, config_change/1, prep_config_change/0,
         change_application_data/2, test_change_apps/2, permit_application/2,
         control_application/1, format_log/1, format_log/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(AC, ?MODULE).
-define(TABLE, ac_tab).

-record(app, {name, descr = [], id = [], vsn = [], modules = [],
              max_processes = infinity, max_time = infinity, registered = [],
              included = [], optional = [], applications = [], env = [],
              mod = [], phases = undefined}).

%% started: [{App, Restart}] of all that were started and not stopped;
%% running: [{App, Master | undefined | {distributed, Node}}];
%% starting: [{App, Restart, Type}]; waiting, loading: [{App, From}];
%% parked: [{App, Restart}] of what was to be started without permission;
%% control: [{App, Pid}] of processes that know on which node it is to run.
-record(state, {running = [], starting = [], started = [], waiting = [],
                loading = [], parked = [], control = []}).

%% ---- clients ----

start() -> start(kernel).

%% Starts the controller, which loads kernel, given by its name or resource,
%% if it does not run.
start(Kernel) ->
    case whereis(?AC) of
        undefined ->
            case gen_server:start({local, ?AC}, ?MODULE, Kernel, []) of
                {ok, Pid} -> {ok, Pid};
                {error, {already_started, Pid}} -> {ok, Pid};
                Error -> Error
            end;
        Pid -> {ok, Pid}
    end.

%% Starts an application that the node cannot do without: if that fails the
%% controller ends, and the node with it, so this does not come back.
boot(App) ->
    case load_application(App) of
        ok -> boot_loaded(App);
        {error, {already_loaded, App}} -> boot_loaded(App);
        Error -> Error
    end.

boot_loaded(App) ->
    Controller = monitor(process, ?AC),
    case start_application(App, permanent) of
        ok ->
            demonitor(Controller, [flush]),
            ok;
        Error ->
            receive {'DOWN', Controller, _, _, _} -> timer:sleep(infinity)
            after 5000 -> Error
            end
    end.

call(Request) -> call(Request, infinity).

call(Request, Timeout) ->
    {ok, _} = start(),
    gen_server:call(?AC, Request, Timeout).

load_application(App) -> call({load, App}).
unload_application(App) -> call({unload, App}).
start_application(App, Restart) -> call({start, App, Restart}).
stop_application(App) -> call({stop, App}).
which_applications() -> call(which_applications).
which_applications(Timeout) -> call(which_applications, Timeout).

loaded_applications() ->
    {ok, _} = start(),
    [{N, D, V} || {_, #app{name = N, descr = D, vsn = V}}
                      <- ets:match_object(?TABLE, {{loaded, '_'}, '_'})].

info() ->
    S = call(get_state),
    [{loaded, loaded_applications()}, {loading, S#state.loading},
     {started, S#state.started}, {start_p_false, S#state.parked},
     {running, S#state.running}, {starting, S#state.starting}].

get_loaded(App) ->
    case ets:lookup(?TABLE, {loaded, App}) of
        [{_, Loaded}] -> {true, Loaded};
        [] -> false
    end.

get_env(App, Key) ->
    case lookup({env, App, Key}) of
        [{_, Value}] -> {ok, Value};
        [] -> undefined
    end.

%% Without a table nothing is configured, but what the command line says of
%% kernel and stdlib, which count as loaded from the start.
lookup(Key) ->
    case ets:whereis(?TABLE) of
        undefined -> [];
        _ -> ets:lookup(?TABLE, Key)
    end.

get_all_env(App) ->
    {ok, _} = start(),
    [{Key, Value} || [Key, Value] <- ets:match(?TABLE,
                                               {{env, App, '$1'}, '$2'})].

set_env(List, Options) -> call({set_env, List, Options}, timeout(Options)).

set_env(App, Key, Value) -> set_env(App, Key, Value, []).
set_env(App, Key, Value, Options) -> set_env([{App, Key, Value}], Options).

unset_env(App, Key, Options) ->
    call({unset_env, App, Key, Options}, timeout(Options)).

timeout(Options) -> proplists:get_value(timeout, Options, 5000).

get_key(App, Key) ->
    {ok, _} = start(),
    case {get_loaded(App), Key} of
        {false, _} -> undefined;
        {_, env} -> {ok, get_all_env(App)};
        {{true, Loaded}, _} ->
            case lists:keyfind(Key, 1, keys(Loaded)) of
                {_, Value} -> {ok, Value};
                false -> undefined
            end
    end.

get_all_key(App) ->
    {ok, _} = start(),
    case get_loaded(App) of
        {true, Loaded} ->
            {ok, [case K of
                      {env, _} -> {env, get_all_env(App)};
                      _ -> K
                  end || K <- keys(Loaded)]};
        false -> undefined
    end.

keys(A) ->
    [{description, A#app.descr}, {id, A#app.id}, {vsn, A#app.vsn},
     {modules, A#app.modules}, {maxP, A#app.max_processes},
     {maxT, A#app.max_time}, {registered, A#app.registered},
     {included_applications, A#app.included},
     {optional_applications, A#app.optional},
     {applications, A#app.applications}, {env, A#app.env},
     {mod, A#app.mod}, {start_phases, A#app.phases}].

is_master(Leader) -> masters(Leader) =/= [].

app_of(Leader) ->
    case masters(Leader) of
        [App | _] -> {ok, App};
        [] -> undefined
    end.

masters(Leader) ->
    case ets:whereis(?TABLE) of
        undefined -> [];
        _ ->
            [App || [App] <- ets:match(?TABLE, {{application_master, '$1'},
                                                Leader})]
    end.

get_master(App) ->
    case lookup({application_master, App}) of
        [{_, Pid}] -> Pid;
        [] -> undefined
    end.

app_of_module(Module) ->
    {ok, _} = start(),
    Apps = [A#app.name || {_, A} <- ets:match_object(?TABLE,
                                                     {{loaded, '_'}, '_'}),
                          lists:member(Module, A#app.modules)],
    case Apps of
        [App | _] -> {ok, App};
        [] -> undefined
    end.

prep_config_change() ->
    [{App, get_all_env(App)} || {App, _, _} <- loaded_applications()].

config_change(Before) -> call({config_change, Before}).

%% New resource files of running applications, and the configuration that
%% holds from now on: [{App, Env}].
change_application_data(Specs, Config) ->
    call({change_data, Specs, Config}).

%% The same for applications as they are, with a configuration each.
test_change_apps(Apps, Configs) ->
    [begin
         {ok, New} = resource(App),
         change_env(New#app{name = App}, Config)
     end || {App, Config} <- padded(Apps, Configs)],
    ok.

padded([App | Apps], []) -> [{App, []} | padded(Apps, [])];
padded([App | Apps], [C | Cs]) -> [{App, C} | padded(Apps, Cs)];
padded([], _) -> [].

permit_application(App, Permission) -> call({permit, App, Permission}).

%% The caller decides from now on on which node [App] runs, if nobody does yet.
control_application(App) -> call({control, App}).

%% ---- the controller ----

init(Kernel) ->
    process_flag(trap_exit, true),
    ets:new(?TABLE, [set, public, named_table, {read_concurrency, true}]),
    case application_config:initial() of
        {ok, Config} ->
            [ets:insert(?TABLE, {{conf, App}, Env}) || {App, Env} <- Config],
            %% kernel's environment is asked for before kernel starts
            case load(Kernel) of
                ok -> {ok, #state{}};
                {error, Reason} ->
                    {stop, lists:flatten(io_lib:format("~tp", [Reason]))}
            end;
        {error, Reason} -> {stop, Reason}
    end.

conf(App) ->
    case ets:lookup(?TABLE, {conf, App}) of
        [{_, Env}] -> Env;
        [] -> []
    end.

merge(Old, New) -> application_config:merge(Old, New).

handle_call({load, App}, From, S) ->
    %% What stands in a specification may be anything; the node lives on.
    Answer = case catch load(App) of
                 {'EXIT', Reason} -> {error, Reason};
                 Other -> Other
             end,
    Name = name(App),
    case Answer =:= ok
        andalso tell_control(Name, {ac_load_application_req, Name}, S) of
        true -> {noreply, S#state{loading = [{Name, From} | S#state.loading]}};
        false -> {reply, Answer, S}
    end;
handle_call({unload, App}, _, #state{running = Running} = S) ->
    case {lists:keymember(App, 1, Running), get_loaded(App)} of
        {true, _} -> {reply, {error, {running, App}}, S};
        {_, false} -> {reply, {error, {not_loaded, App}}, S};
        _ ->
            unload(App),
            tell_control(App, {ac_application_unloaded, App}, S),
            {reply, ok, S#state{started = lists:keydelete(App, 1,
                                                          S#state.started)}}
    end;
handle_call({start, App, Restart}, From, S) ->
    case start_condition(App, Restart, S) of
        wait -> {noreply, wait(App, From, S)};
        {ok, Loaded} ->
            Asked = tell_control(App, {ac_start_application_req, App}, S),
            case not Asked andalso is_forbidden(App) of
                true ->
                    Parked = [{App, Restart} | S#state.parked],
                    {reply, ok, S#state{parked = Parked}};
                false when Asked ->
                    {noreply, starting(App, Restart, normal,
                                       wait(App, From, S))};
                false ->
                    {noreply, begin_start(Loaded, Restart, normal,
                                          wait(App, From, S))}
            end;
        Error -> {reply, Error, S}
    end;
handle_call({stop, App}, _, #state{running = Running, started = Started}
            = S) ->
    case {lists:keyfind(App, 1, Running), lists:keyfind(App, 1, Started)} of
        {_, false} -> {reply, {error, {not_started, App}}, S};
        {Runs, {App, Restart}} ->
            is_tuple(Runs) andalso stop_app(App, element(2, Runs), Restart),
            tell_control(App, {ac_application_stopped, App}, S),
            {reply, ok, S#state{running = lists:keydelete(App, 1, Running),
                                started = lists:keydelete(App, 1, Started)}}
    end;
handle_call(which_applications, _, #state{running = Running} = S) ->
    {reply, [begin
                 {true, #app{descr = D, vsn = V}} = get_loaded(App),
                 {App, D, V}
             end || {App, Id} <- Running, not is_tuple(Id)], S};
handle_call({set_env, List, Options}, _, S) ->
    [ets:insert(?TABLE, {{env, App, Key}, Value}) || {App, Key, Value} <- List],
    case proplists:get_bool(persistent, Options) of
        true ->
            [ets:insert(?TABLE, {{conf, App}, merge(conf(App),
                                                    [{Key, Value}])})
             || {App, Key, Value} <- List];
        false -> ok
    end,
    {reply, ok, S};
handle_call({unset_env, App, Key, Options}, _, S) ->
    ets:delete(?TABLE, {env, App, Key}),
    case proplists:get_bool(persistent, Options) of
        true ->
            ets:insert(?TABLE, {{conf, App},
                                lists:keydelete(Key, 1, conf(App))});
        false -> ok
    end,
    {reply, ok, S};
handle_call({config_change, Before}, _, #state{running = Running} = S) ->
    {reply, tell_changes(Before, [App || {App, _} <- Running]), S};
handle_call({change_data, Specs, Config}, _, S) ->
    ets:match_delete(?TABLE, {{conf, '_'}, '_'}),
    [ets:insert(?TABLE, {{conf, App}, Env})
     || {App, Env} <- application_config:with_files(Config)],
    [change_data(Spec) || {application, App, _} = Spec <- Specs,
                          get_loaded(App) =/= false],
    {reply, ok, S};
handle_call(get_state, _, S) -> {reply, S, S};
handle_call({control, App}, {Pid, _}, #state{control = Control} = S) ->
    case lists:keymember(App, 1, Control) of
        true -> {reply, false, S};
        false ->
            link(Pid),
            {reply, true, S#state{control = [{App, Pid} | Control]}}
    end;
handle_call({permit, App, Permission}, From, #state{control = Control} = S) ->
    case {get_loaded(App), lists:keymember(App, 1, Control)} of
        {false, _} -> {reply, {error, {not_loaded, App}}, S};
        {{true, _}, true} ->
            set_permission(App, Permission),
            case is_wanted(App, S) of
                true -> {reply, distributed_application, S};
                false ->
                    {reply, {distributed_application, only_loaded}, S}
            end;
        {{true, Loaded}, false} when Permission ->
            set_permission(App, true),
            permit(App, Loaded, From, S);
        {{true, _}, false} -> {reply, ok, forbid(App, S)}
    end.

handle_cast({started, App, Result}, S) -> started(App, Result, S);
handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, Reason}, #state{running = Running} = S) ->
    case Pid =:= whereis(init) orelse lists:keyfind(Pid, 2, Running) of
        {App, _} ->
            ets:delete(?TABLE, {application_master, App}),
            tell_control(App, {ac_application_stopped, App}, S),
            ended(App, Reason, S#state{running = lists:keydelete(App, 1,
                                                                 Running)});
        true -> {stop, Reason, S};
        false ->
            {noreply, S#state{control = [C || {_, P} = C <- S#state.control,
                                              P =/= Pid]}}
    end;
handle_info({ac_load_application_reply, App, Answer}, S) ->
    case lists:keytake(App, 1, S#state.loading) of
        {value, {App, From}, Loading} ->
            Answer =:= ok orelse unload(App),
            gen_server:reply(From, Answer),
            {noreply, S#state{loading = Loading}};
        false -> {noreply, S}
    end;
handle_info({ac_start_application_reply, App, Answer}, S) ->
    case lists:keyfind(App, 1, S#state.starting) of
        {App, Restart, Type} -> decided(Answer, App, Restart, Type, S);
        false -> {noreply, S} % stopped before
    end;
handle_info({ac_change_application_req, App, Wish}, S) ->
    {noreply, changed(Wish, App, lists:keyfind(App, 1, S#state.running),
                      lists:keymember(App, 1, S#state.started), S)};
handle_info(_, S) -> {noreply, S}.

%% Takes the applications down, the last started first.
terminate(Reason, #state{running = Running}) ->
    case get_env(kernel, shutdown_func) of
        {ok, {M, F}} -> catch M:F(Reason);
        _ -> ok
    end,
    [begin
         Monitor = monitor(process, Master),
         unlink(Master),
         exit(Master, shutdown),
         await_end(Monitor, Master, shutdown_time())
     end || {_, Master} <- Running, is_pid(Master)],
    ok.

shutdown_time() ->
    case get_env(kernel, shutdown_timeout) of
        {ok, Time} -> Time;
        undefined -> infinity
    end.

await_end(Monitor, Master, Time) ->
    receive
        {'DOWN', Monitor, _, _, _} -> ok
    after Time ->
        exit(Master, kill),
        receive {'DOWN', Monitor, _, _, _} -> ok end
    end.

%% An application has ended by itself: that may be the node's end.
ended(App, Reason, #state{started = Started} = S) ->
    Restart = case lists:keyfind(App, 1, Started) of
                  {App, R} -> R;
                  false -> temporary
              end,
    report_exit(App, Reason, Restart),
    case Restart of
        temporary -> {noreply, S};
        transient when Reason =:= normal -> {noreply, S};
        _ -> {stop, slogan({application_terminated, App, Reason}), S}
    end.

slogan(Reason) -> lists:flatten(io_lib:format("~0p", [Reason])).

%% ---- applications of several nodes ----

%% Tells the process that controls where [App] runs; false without one.
tell_control(App, Message, #state{control = Control}) ->
    case lists:keyfind(App, 1, Control) of
        {App, Pid} ->
            Pid ! Message,
            true;
        false -> false
    end.

%% What it says to a start that it was asked about.
decided(start_it, App, Restart, Type, S) ->
    {true, Loaded} = get_loaded(App),
    {noreply, begin_start(Loaded, Restart, Type, S)};
decided({takeover, _} = Type, App, Restart, _, S) ->
    {true, Loaded} = get_loaded(App),
    {noreply, begin_start(Loaded, Restart, Type, S)};
decided({started, Node}, App, _, _, S) ->
    started(App, {ok, {distributed, Node}}, S);
decided(not_started, App, Restart, _, S) ->
    {noreply, reply_waiting(App, ok,
                            marked_started(App, Restart, not_starting(App,
                                                                      S)))};
decided({error, Reason} = Error, App, Restart, _, S) ->
    S1 = reply_waiting(App, Error, not_starting(App, S)),
    case Restart of
        permanent -> {stop, slogan(Reason), S1};
        _ -> {noreply, S1}
    end.

%% What it wants of an application later.
changed({started, Node}, App, Runs, true, S) ->
    is_tuple(Runs) andalso stop_app(App, element(2, Runs), restart(App, S)),
    with_running(App, {distributed, Node}, S);
changed({started, Node}, App, _, false, S) ->
    with_running(App, {distributed, Node}, S);
changed(not_running, App, _, true, #state{running = Running} = S) ->
    S#state{running = lists:keydelete(App, 1, Running)};
changed(stop_it, App, {App, Id}, true, S) ->
    stop_app(App, Id, restart(App, S)),
    tell_control(App, {ac_application_not_run, App}, S),
    with_running(App, {distributed, []}, S);
changed(Start, App, {App, Id}, true, S) when is_pid(Id), Start =/= stop_it ->
    %% it runs already
    tell_control(App, {ac_application_run, App, ok}, S),
    S;
changed(start_it, App, _, Started, S) ->
    case Started orelse lists:keymember(App, 1, S#state.starting) of
        true -> start_as(App, undefined, normal, S);
        false -> S
    end;
changed({takeover, Node, Restart}, App, {App, _}, true, S) ->
    start_as(App, Restart, {takeover, Node}, S);
changed({failover, Node, Restart}, App, {App, _}, true, S) ->
    %% without start phases an application does not know the difference
    case get_loaded(App) of
        {true, #app{phases = undefined}} -> start_as(App, Restart, normal, S);
        _ -> start_as(App, Restart, {failover, Node}, S)
    end;
changed(_, _, _, _, S) -> S.

start_as(App, Restart0, Type, S) ->
    {true, Loaded} = get_loaded(App),
    Restart = case Restart0 of
                  undefined -> restart(App, S);
                  _ -> Restart0
              end,
    begin_start(Loaded, Restart, Type, not_starting(App, S)).

restart(App, #state{started = Started, starting = Starting}) ->
    case {lists:keyfind(App, 1, Started), lists:keyfind(App, 1, Starting)} of
        {{App, Restart}, _} -> Restart;
        {_, {App, Restart, _}} -> Restart;
        _ -> temporary
    end.

%% ---- permissions ----

is_forbidden(App) ->
    case get_env(kernel, permissions) of
        {ok, Permissions} -> lists:member({App, false}, Permissions);
        undefined -> false
    end.

set_permission(App, Permission) ->
    Old = case get_env(kernel, permissions) of
              {ok, Permissions} -> Permissions;
              undefined -> []
          end,
    ets:insert(?TABLE, {{env, kernel, permissions},
                        lists:keystore(App, 1, Old, {App, Permission})}).

is_wanted(App, #state{starting = Starting, started = Started}) ->
    lists:keymember(App, 1, Starting) orelse lists:keymember(App, 1, Started).

%% What was to run meanwhile starts now.
permit(App, Loaded, From, #state{running = Running} = S0) ->
    S = S0#state{parked = lists:keydelete(App, 1, S0#state.parked)},
    Wanted = lists:keyfind(App, 1, S0#state.parked ++ S0#state.started),
    case not lists:keymember(App, 1, Running) andalso Wanted of
        {App, Restart} ->
            {noreply, begin_start(Loaded, Restart, normal,
                                  wait(App, From, S))};
        false -> {reply, ok, S}
    end.

%% What runs ends, and counts as started.
forbid(App, #state{running = Running, started = Started} = S) ->
    case lists:keyfind(App, 1, Running) of
        {App, Master} ->
            {App, Restart} = lists:keyfind(App, 1, Started),
            stop_app(App, Master, Restart),
            S#state{running = lists:keydelete(App, 1, Running)};
        false ->
            set_permission(App, false),
            S#state{parked = lists:keydelete(App, 1, S#state.parked)}
    end.

%% ---- starting and stopping ----

start_condition(App, Restart, #state{running = Running, starting = Starting,
                                     started = Started}) ->
    case get_loaded(App) of
        _ when Restart =/= permanent, Restart =/= transient,
               Restart =/= temporary ->
            {error, {invalid_restart_type, Restart}};
        false -> {error, {not_loaded, App}};
        {true, #app{applications = Needed, optional = Optional} = Loaded} ->
            Missing = [D || D <- Needed, not lists:keymember(D, 1, Started),
                            not lists:member(D, Optional)],
            Ended = [D || D <- Needed, lists:keymember(D, 1, Started),
                          not lists:keymember(D, 1, Running)],
            case {lists:keymember(App, 1, Running),
                  lists:keymember(App, 1, Starting), Missing, Ended} of
                {true, _, _, _} -> {error, {already_started, App}};
                {_, true, _, _} -> wait;
                {_, _, [First | _], _} -> {error, {not_started, First}};
                {_, _, _, [First | _]} -> {error, {not_running, First}};
                _ -> {ok, Loaded}
            end
    end.

wait(App, From, #state{waiting = Waiting} = S) ->
    S#state{waiting = [{App, From} | Waiting]}.

starting(App, Restart, Type, #state{starting = Starting} = S) ->
    S#state{starting = [{App, Restart, Type} | Starting]}.

not_starting(App, #state{starting = Starting} = S) ->
    S#state{starting = lists:keydelete(App, 1, Starting)}.

begin_start(#app{name = App} = Loaded, Restart, Type, S) ->
    spawn_link(fun() -> run_start(Loaded, Type) end),
    starting(App, Restart, Type, not_starting(App, S)).

run_start(#app{name = App, mod = Mod} = Loaded, Type) ->
    process_flag(trap_exit, true),
    Result = case Mod of
                 [] -> {ok, undefined};
                 _ ->
                     application_master:start_link(
                       #{name => App, mod => Mod,
                         phases => Loaded#app.phases,
                         max_time => Loaded#app.max_time}, Type)
             end,
    gen_server:cast(?AC, {started, App, Result}).

%% The start of [App] is over.
started(App, Result, S0) ->
    {App, Restart, _} = lists:keyfind(App, 1, S0#state.starting),
    S = not_starting(App, S0),
    case Result of
        {ok, Id} ->
            is_pid(Id) andalso
                ets:insert(?TABLE, {{application_master, App}, Id}),
            report_progress(App, Id),
            is_tuple(Id)
                orelse tell_control(App, {ac_application_run, App, ok}, S),
            {noreply, reply_waiting(App, ok,
                                    marked_started(App, Restart,
                                                   with_running(App, Id, S)))};
        {error, Reason} = Error ->
            tell_control(App, {ac_application_run, App, Error}, S),
            report_exit(App, Reason, Restart),
            S1 = reply_waiting(App, Error, S),
            case {Restart, Reason} of
                {temporary, _} -> {noreply, S1};
                {transient, {{'EXIT', normal}, _}} -> {noreply, S1};
                _ ->
                    {stop, slogan({application_start_failure, App, Reason}),
                     S1}
            end
    end.

with_running(App, Id, #state{running = Running} = S) ->
    S#state{running = [{App, Id} | lists:keydelete(App, 1, Running)]}.

marked_started(App, Restart, #state{started = Started} = S) ->
    S#state{started = lists:keystore(App, 1, Started, {App, Restart})}.

reply_waiting(App, Answer, #state{waiting = Waiting} = S) ->
    {Mine, Others} = lists:partition(fun({A, _}) -> A =:= App end, Waiting),
    [gen_server:reply(From, Answer) || {_, From} <- Mine],
    S#state{waiting = Others}.

%% Here; where it runs on another node there is nothing to stop.
stop_app(_, {distributed, _}, _) -> ok;
stop_app(App, Master, Restart) ->
    case Master of
        undefined -> ok;
        _ ->
            unlink(Master),
            application_master:stop(Master),
            ets:delete(?TABLE, {application_master, App})
    end,
    report_exit(App, stopped, Restart).

%% ---- loading ----

name({application, App, _}) -> App;
name(App) -> App.

load(App) ->
    case is_atom(App) andalso get_loaded(App) of
        {true, _} -> {error, {already_loaded, App}};
        false -> load_new(App)
    end.

load_new(App) ->
    case resource(App) of
        {ok, #app{name = Name} = Loaded} ->
            case get_loaded(Name) of
                {true, _} -> {error, {already_loaded, Name}};
                false -> load_resource(Loaded)
            end;
        Error -> Error
    end.

load_resource(#app{name = Name, env = Env} = Loaded) ->
    try merge(merge(Env, conf(Name)), application_config:command_line(Name)) of
        All ->
            lists:foreach(fun({Key, Value}) ->
                                  ets:insert(?TABLE, {{env, Name, Key}, Value})
                          end, All),
            ets:insert(?TABLE, {{loaded, Name}, Loaded}),
            load_included(Loaded#app.included)
    catch
        throw:Error -> Error
    end.

load_included([]) -> ok;
load_included([App | Apps]) ->
    case load(App) of
        ok -> load_included(Apps);
        {error, {already_loaded, _}} -> load_included(Apps);
        Error -> Error
    end.

unload(App) ->
    {true, #app{included = Included}} = get_loaded(App),
    ets:match_delete(?TABLE, {{env, App, '_'}, '_'}),
    ets:delete(?TABLE, {loaded, App}),
    [unload(I) || I <- Included, get_loaded(I) =/= false],
    ok.

change_data(Spec) ->
    {ok, #app{name = Name} = New} = resource(Spec),
    change_env(New, [{Name, conf(Name)}]),
    ets:insert(?TABLE, {{loaded, Name}, New}).

change_env(#app{name = Name, env = Env}, Config) ->
    Configured = proplists:get_value(Name, Config, []),
    All = merge(merge(Env, Configured),
                application_config:command_line(Name)),
    ets:match_delete(?TABLE, {{env, Name, '_'}, '_'}),
    [ets:insert(?TABLE, {{env, Name, Key}, Value}) || {Key, Value} <- All].

resource(Name) when is_atom(Name) ->
    File = atom_to_list(Name) ++ ".app",
    case code:where_is_file(File) of
        non_existing -> {error, {"no such file or directory", File}};
        Path ->
            case consult(Name, Path) of
                {ok, [Term]} -> resource(Term);
                {ok, _} -> {error, {"bad application", File}};
                {error, Reason} -> {error, {file:format_error(Reason), File}}
            end
    end;
resource({application, Name, Keys} = App) when is_atom(Name), is_list(Keys) ->
    case lists:all(fun({K, _}) -> is_atom(K); (_) -> false end, Keys) of
        true -> {ok, from_keys(Name, Keys)};
        false -> {error, {bad_application, App}}
    end;
resource(Other) -> {error, {bad_application, Other}}.

from_keys(Name, Keys) ->
    Get = fun(Key, Default) ->
                  case lists:keyfind(Key, 1, Keys) of
                      {Key, Value} -> Value;
                      false -> Default
                  end
          end,
    #app{name = Name, descr = Get(description, []), id = Get(id, []),
         vsn = Get(vsn, []), modules = Get(modules, []),
         max_processes = Get(maxP, infinity), max_time = Get(maxT, infinity),
         registered = Get(registered, []),
         included = Get(included_applications, []),
         optional = Get(optional_applications, []),
         applications = Get(applications, []), env = Get(env, []),
         mod = Get(mod, []), phases = Get(start_phases, undefined)}.

%% The file may lie in the program's own pack: what it holds need not be read.
consult(Name, Path) ->
    case lists:prefix(code_server:root() ++ "/", Path)
        andalso packed_apps:resource(Name) of
        {ok, Term} -> {ok, [Term]};
        _ -> consult(Path)
    end.

consult(Path) ->
    case code_server:call({read, Path}) of
        {ok, Bytes} ->
            case erl_scan:string(binary_to_list(Bytes)) of
                {ok, Tokens, _} ->
                    case erl_parse:parse_term(Tokens) of
                        {ok, Term} -> {ok, [Term]};
                        {error, Reason} -> {error, Reason}
                    end;
                {error, Reason, _} -> {error, Reason}
            end;
        _ -> {error, enoent}
    end.

%% ---- changed configuration ----

tell_changes(Before, Apps) ->
    Errors = lists:append([tell_change(App, Before) || App <- Apps]),
    case Errors of
        [] -> ok;
        _ -> {error, Errors}
    end.

tell_change(App, Before) ->
    Old = lists:sort(proplists:get_value(App, Before, [])),
    New = lists:sort([{K, V} || [K, V] <- ets:match(?TABLE,
                                                    {{env, App, '$1'},
                                                     '$2'})]),
    {Changed, Added, Removed} = changes(New, Old, [], []),
    case {Changed, Added, Removed, get_loaded(App)} of
        {[], [], [], _} -> [];
        {_, _, _, {true, #app{mod = {Mod, _}}}} ->
            case catch Mod:config_change(Changed, Added, Removed) of
                ok -> [];
                {'EXIT', {undef, _}} -> [];
                {error, _} = Error -> [{App, Error}];
                Other -> [{App, {error, Other}}]
            end;
        _ -> []
    end.

%% {Changed, Added, Removed}. Applications may look at the order, which is that
%% of OTP: what is left when nothing old is left comes first.
changes([], Old, Changed, Added) ->
    {Changed, Added, lists:reverse([K || {K, _} <- Old])};
changes(New, [], Changed, Added) -> {Changed, New ++ Added, []};
changes([{K, V} = P | New], Old, Changed, Added) ->
    case lists:keyfind(K, 1, Old) of
        {K, V} -> changes(New, lists:keydelete(K, 1, Old), Changed, Added);
        {K, _} ->
            changes(New, lists:keydelete(K, 1, Old), [P | Changed], Added);
        false -> changes(New, Old, Changed, [P | Added])
    end.

%% ---- reports ----

report_exit(_, _, undefined) -> ok;
report_exit(App, Reason, Restart) ->
    logger:notice(#{label => {?MODULE, exit},
                    report => [{application, App}, {exited, Reason},
                               {type, Restart}]},
                  #{domain => [otp],
                    report_cb => fun ?MODULE:format_log/2,
                    error_logger => #{tag => info_report, type => std_info,
                                      report_cb =>
                                          fun ?MODULE:format_log/1}}).

report_progress(App, Id) ->
    case logger_config:allow(info, ?MODULE) of
        true -> say_progress(App, case Id of
                                      {distributed, Node} -> Node;
                                      _ -> node()
                                  end);
        false -> ok
    end.

say_progress(App, Node) ->
    logger:info(#{label => {?MODULE, progress},
                  report => [{application, App}, {started_at, Node}]},
                #{domain => [otp, sasl],
                  report_cb => fun ?MODULE:format_log/2,
                  logger_formatter => #{title => "PROGRESS REPORT"},
                  error_logger => #{tag => info_report, type => progress,
                                    report_cb => fun ?MODULE:format_log/1}}).

format_log(Report) ->
    gen_report:arguments(Report, [report], fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{report := Report}, #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {lists:append(lists:join(". ", [title(Key) ++ ": " ++ P
                                    || {Key, _} <- Report])) ++ ".",
     gen_report:pairs([V || {_, V} <- Report], Options)};
format_report(#{report := Report}, Options) ->
    P = gen_report:modifier(Options),
    {lists:append([lists:append(["    ", atom_to_list(Key), ": ", P, "~n"])
                   || {Key, _} <- Report]),
     gen_report:pairs([V || {_, V} <- Report], Options)}.

title(application) -> "Application";
title(started_at) -> "Started at";
title(exited) -> "Exited";
title(type) -> "Type".
