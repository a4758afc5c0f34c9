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
         get_env/2, get_all_env/1, set_env/2, unset_env/3,
         get_key/2, get_all_key/1, get_master/1, master_of/1, app_of/1,
         app_of_module/1, get_loaded/1, read_config/1, make_term/1,
         config_change/1, prep_config_change/0, change_application_data/2, format_log/1, format_log/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(AC, ?MODULE).
-define(TABLE, ac_tab).

-record(app, {name, descr = [], id = [], vsn = [], modules = [],
              max_processes = infinity, max_time = infinity, registered = [],
              included = [], optional = [], applications = [], env = [],
              mod = [], phases = undefined}).

%% started: [{App, Restart}] of all that were started and not stopped;
%% running: [{App, Master | undefined}]; starting: [{App, Restart, Type}];
%% waiting: [{App, From}].
-record(state, {running = [], starting = [], started = [], waiting = [],
                forbidden = [], % what nobody may start now
                parked = []}).  % what was to be started nevertheless

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
    #state{running = Running, starting = Starting, started = Started} =
        call(get_state),
    [{loaded, loaded_applications()}, {loading, []},
     {started, Started}, {start_p_false, []}, {running, Running},
     {starting, Starting}].

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

get_master(Leader) ->
    case masters(Leader) of
        [] -> undefined;
        [_ | _] -> {ok, Leader}
    end.

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

master_of(App) ->
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
%% holds from now on: [{App, Env}], or keep.
change_application_data(Specs, Config) ->
    call({change_data, Specs, Config}).

%% ---- the controller ----

init(Kernel) ->
    process_flag(trap_exit, true),
    ets:new(?TABLE, [set, public, named_table, {read_concurrency, true}]),
    case configure(config_files()) of
        ok ->
            %% kernel's environment is asked for before kernel starts
            ok = load(Kernel),
            {ok, #state{}};
        {error, Reason} -> {stop, Reason}
    end.

config_files() ->
    case init:get_argument(config) of
        {ok, Lists} -> lists:append(Lists);
        error -> []
    end.

configure([]) -> ok;
configure([File | Files]) ->
    case read_config(File) of
        {ok, Config} ->
            case check_config(Config) of
                ok ->
                    [ets:insert(?TABLE, {{conf, App}, merge(conf(App), Env)})
                     || {App, Env} <- Config],
                    configure(Files);
                {error, Text} ->
                    {error, lists:flatten(["invalid config data: ", Text])}
            end;
        {error, {Name, Line, Text}} ->
            {error, lists:flatten(
                      io_lib:format("error in config file ~tp (~w): ~ts",
                                    [Name, Line, Text]))}
    end.

check_config([{App, Env} | Rest]) when is_atom(App), is_list(Env) ->
    case [P || P <- Env, not (is_tuple(P) andalso tuple_size(P) =:= 2)] of
        [] ->
            case [K || {K, _} <- Env, not is_atom(K)] of
                [] -> check_config(Rest);
                [Key | _] -> {error, bad_parameter(App, Key)}
            end;
        [Bad | _] -> {error, bad_parameter(App, Bad)}
    end;
check_config([{App, _} | _]) when is_atom(App) ->
    {error, io_lib:format("application: ~w; parameters must be a list",
                          [App])};
check_config([{App, _} | _]) ->
    {error, io_lib:format("invalid application name: ~tp", [App])};
check_config([Other | _]) ->
    {error, io_lib:format("invalid application config: ~tp", [Other])};
check_config([]) -> ok.

bad_parameter(App, Parameter) ->
    io_lib:format("application: ~w; invalid parameter: ~tp",
                  [App, Parameter]).

conf(App) ->
    case ets:lookup(?TABLE, {conf, App}) of
        [{_, Env}] -> Env;
        [] -> []
    end.

%% Later pairs win; lists of pairs are not merged deeper.
merge(Old, New) ->
    lists:foldl(fun({Key, _} = Pair, Acc) ->
                        lists:keystore(Key, 1, Acc, Pair)
                end, Old, New).

%% {ok, [{App, Env}]} of a configuration file and those it names, or
%% {error, {File, Line, Text}}.
read_config(Name) ->
    File = case filename:extension(Name) of
               ".config" -> Name;
               _ -> Name ++ ".config"
           end,
    case prim_file:read_file(File) of
        {ok, Bytes} ->
            case read_list(config_text(Bytes)) of
                {ok, Terms} -> included_config(Terms, File);
                {error, Line, Text} -> {error, {shown(File), Line, Text}}
            end;
        {error, _} ->
            {error, {shown(File), none, "configuration file not found"}}
    end.

shown(File) ->
    case filename:pathtype(File) of
        relative -> filename:join(".", File);
        _ -> File
    end.

config_text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%% The text must be one list with a dot behind it.
read_list(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case lists:splitwith(fun({dot, _}) -> false; (_) -> true end,
                                 Tokens) of
                {_, []} -> {error, none, "no ending <dot> found"};
                {Term, [Dot | Rest]} -> one_list(Term ++ [Dot], Rest)
            end;
        {error, {Line, Module, Reason}, _} ->
            {error, Line, Module:format_error(Reason)}
    end.

one_list(Tokens, Rest) ->
    case erl_parse:parse_term(Tokens) of
        {ok, Terms} when is_list(Terms), Rest =:= [] -> {ok, Terms};
        {ok, _} ->
            {error, none, "configuration file must contain ONE list ended by "
             "<dot>"};
        {error, {Line, Module, Reason}} ->
            {error, Line, Module:format_error(Reason)}
    end.

%% A name in the list is a file whose settings come before the later ones.
included_config(Terms, File) ->
    lists:foldl(
      fun(_, {error, _} = Error) -> Error;
         (Entry, {ok, Acc}) when is_tuple(Entry); is_atom(Entry) ->
              {ok, add_config(Entry, Acc)};
         (Other, {ok, Acc}) ->
              Name = filename:absname(Other, filename:dirname(File)),
              Exists = filelib:is_regular(Name)
                  orelse filelib:is_regular(Name ++ ".config"),
              case read_config(case Exists of
                                   true -> Name;
                                   false -> Other
                               end) of
                  {ok, More} -> {ok, lists:foldl(fun add_config/2, Acc, More)};
                  Error -> Error
              end
      end, {ok, []}, Terms).

add_config({App, Env}, Config) when is_atom(App), is_list(Env) ->
    case lists:all(fun(P) -> is_tuple(P) andalso tuple_size(P) =:= 2 end,
                   Env) of
        true -> lists:keystore(App, 1, Config,
                               {App, merge(env_of(App, Config), Env)});
        false -> Config ++ [{App, Env}]
    end;
add_config(Other, Config) -> Config ++ [Other].

env_of(App, Config) ->
    case lists:keyfind(App, 1, Config) of
        {App, Env} -> Env;
        false -> []
    end.

handle_call({load, App}, _, S) ->
    %% What stands in a specification may be anything; the node lives on.
    Answer = case catch load(App) of
                 {'EXIT', Reason} -> {error, Reason};
                 Other -> Other
             end,
    {reply, Answer, S};
handle_call({unload, App}, _, #state{running = Running} = S) ->
    case {lists:keymember(App, 1, Running), get_loaded(App)} of
        {true, _} -> {reply, {error, {running, App}}, S};
        {_, false} -> {reply, {error, {not_loaded, App}}, S};
        _ ->
            unload(App),
            {reply, ok, S#state{started = lists:keydelete(App, 1,
                                                          S#state.started)}}
    end;
handle_call({start, App, Restart}, From, S) ->
    case start_condition(App, Restart, S) of
        wait -> {noreply, wait(App, From, S)};
        {ok, Loaded} ->
            case lists:member(App, S#state.forbidden) of
                true ->
                    Parked = [{App, Restart} | S#state.parked],
                    {reply, ok, S#state{parked = Parked}};
                false ->
                    {noreply, begin_start(Loaded, Restart, normal,
                                          wait(App, From, S))}
            end;
        Error -> {reply, Error, S}
    end;
handle_call({stop, App}, _, #state{running = Running, started = Started}
            = S) ->
    case {lists:keyfind(App, 1, Running), lists:keyfind(App, 1, Started)} of
        {{App, Master}, {App, Restart}} ->
            stop_app(App, Master, Restart),
            {reply, ok, S#state{running = lists:keydelete(App, 1, Running),
                                started = lists:keydelete(App, 1, Started)}};
        {false, {App, _}} ->
            {reply, ok, S#state{started = lists:keydelete(App, 1, Started)}};
        _ -> {reply, {error, {not_started, App}}, S}
    end;
handle_call(which_applications, _, #state{running = Running} = S) ->
    {reply, [begin
                 {true, #app{descr = D, vsn = V}} = get_loaded(App),
                 {App, D, V}
             end || {App, _} <- Running], S};
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
    Config =:= keep orelse ets:match_delete(?TABLE, {{conf, '_'}, '_'}),
    [ets:insert(?TABLE, {{conf, App}, Env})
     || Config =/= keep, {App, Env} <- Config],
    [change_data(Spec) || {application, App, _} = Spec <- Specs,
                          get_loaded(App) =/= false],
    {reply, ok, S};
handle_call(get_state, _, S) -> {reply, S, S};
handle_call({permit, App, Permission}, From, S) ->
    case get_loaded(App) of
        {true, Loaded} when Permission -> permit(App, Loaded, From, S);
        {true, _} -> {reply, ok, forbid(App, S)};
        false -> {reply, {error, {not_loaded, App}}, S}
    end;
handle_call({takeover, App, _}, _, S) ->
    {reply, {error, {not_distributed, App}}, S}.

handle_cast({started, App, Result}, S) -> {noreply, started(App, Result, S)};
handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, Reason}, #state{running = Running} = S) ->
    case Pid =:= whereis(init) orelse lists:keyfind(Pid, 2, Running) of
        {App, _} ->
            ets:delete(?TABLE, {application_master, App}),
            ended(App, Reason, S#state{running = lists:keydelete(App, 1,
                                                                 Running)});
        true -> {stop, Reason, S};
        false -> {noreply, S}
    end;
handle_info(_, S) -> {noreply, S}.

%% Takes the applications down, the last started first.
terminate(_, #state{running = Running}) ->
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
        _ ->
            Text = lists:flatten(
                     io_lib:format("~0p", [{application_terminated, App,
                                            Reason}])),
            {stop, Text, S}
    end.

%% ---- permissions ----

%% What was to run meanwhile starts now.
permit(App, Loaded, From, #state{running = Running} = S0) ->
    S = S0#state{forbidden = lists:delete(App, S0#state.forbidden),
                 parked = lists:keydelete(App, 1, S0#state.parked)},
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
            S#state{forbidden = [App | lists:delete(App, S#state.forbidden)],
                    parked = lists:keydelete(App, 1, S#state.parked)}
    end.

%% ---- starting and stopping ----

start_condition(App, Restart, #state{running = Running, starting = Starting,
                                     started = Started}) ->
    case get_loaded(App) of
        _ when Restart =/= permanent, Restart =/= transient,
               Restart =/= temporary ->
            {error, {invalid_restart_type, Restart}};
        false -> {error, {not_loaded, App}};
        {true, Loaded} ->
            Missing = [D || D <- Loaded#app.applications,
                            not lists:keymember(D, 1, Started),
                            not is_absent_optional(D, Loaded)],
            case {lists:keymember(App, 1, Running),
                  lists:keymember(App, 1, Starting), Missing} of
                {true, _, _} -> {error, {already_started, App}};
                {_, true, _} -> wait;
                {_, _, [First | _]} -> {error, {not_started, First}};
                _ -> {ok, Loaded}
            end
    end.

%% Optional applications that are there are to be started first, too.
is_absent_optional(App, #app{optional = Optional}) ->
    lists:member(App, Optional)
        andalso code:where_is_file(atom_to_list(App) ++ ".app")
            =:= non_existing.

wait(App, From, #state{waiting = Waiting} = S) ->
    S#state{waiting = [{App, From} | Waiting]}.

begin_start(#app{name = App} = Loaded, Restart, Type,
            #state{starting = Starting} = S) ->
    spawn_link(fun() -> run_start(Loaded, Type) end),
    S#state{starting = [{App, Restart, Type} | Starting]}.

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

started(App, Result, #state{starting = Starting} = S0) ->
    {App, Restart, _} = lists:keyfind(App, 1, Starting),
    S = S0#state{starting = lists:keydelete(App, 1, Starting)},
    case Result of
        {ok, Master} ->
            is_pid(Master) andalso
                ets:insert(?TABLE, {{application_master, App}, Master}),
            report_progress(App),
            reply_waiting(App, ok,
                          S#state{running = [{App, Master} | S#state.running],
                                  started = lists:keystore(
                                              App, 1, S#state.started,
                                              {App, Restart})});
        {error, Reason} = Error ->
            report_exit(App, Reason, Restart),
            S1 = reply_waiting(App, Error, S),
            case Restart of
                permanent ->
                    exit(lists:flatten(
                           io_lib:format("~0p", [{application_start_failure,
                                                  App, Reason}])));
                _ -> S1
            end
    end.

reply_waiting(App, Answer, #state{waiting = Waiting} = S) ->
    {Mine, Others} = lists:partition(fun({A, _}) -> A =:= App end, Waiting),
    [gen_server:reply(From, Answer) || {_, From} <- Mine],
    S#state{waiting = Others}.

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
    try merge(merge(Env, conf(Name)), command_line(Name)) of
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
    {ok, #app{name = Name, env = Env} = New} = resource(Spec),
    ets:match_delete(?TABLE, {{env, Name, '_'}, '_'}),
    [ets:insert(?TABLE, {{env, Name, Key}, Value})
     || {Key, Value} <- merge(merge(Env, conf(Name)), command_line(Name))],
    ets:insert(?TABLE, {{loaded, Name}, New}).

%% "-App Key Value ..." of the command line.
command_line(App) ->
    case init:get_argument(App) of
        {ok, Lists} -> lists:append([pairs(L) || L <- Lists]);
        error -> []
    end.

pairs([Key, Value | Rest]) ->
    [{make_term(Key), make_term(Value)} | pairs(Rest)];
pairs(_) -> [].

make_term(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens ++ [{dot, erl_anno:new(1)}]) of
                {ok, Term} -> Term;
                _ -> throw({error, {bad_environment_value, Text}})
            end;
        _ -> throw({error, {bad_environment_value, Text}})
    end.

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
    Old = lists:sort(env_of(App, Before)),
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

report_progress(App) ->
    case logger_config:allow(info, ?MODULE) of
        true -> say_progress(App);
        false -> ok
    end.

say_progress(App) ->
    logger:info(#{label => {?MODULE, progress},
                  report => [{application, App}, {started_at, node()}]},
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
