%% SPDX-License-Identifier: Apache-2.0
%% logger_server: makes all changes of the logger's configuration, one after
%% the other, and is the process `logger` that the runtime sends its reports
%% to. It starts before kernel does, and sets up the handlers when kernel's
%% environment is known.
%%
%% Functions of handlers (adding, changing, removing) run in a process of their
%% own, so that they may log and ask; changes of handlers wait in turn behind
%% the one that runs. The state is {Running, Waiting}: {Ref, Pid, From, Done,
%% Id} of that process and its handler, or none, and a list of {Request, From}.
-module(logger_server).

-behaviour(gen_server).

-export([start_link/0, kernel_started/0, add_handler/3, remove_handler/1,
         add_filter/3, remove_filter/2, set_config/2, update_config/2,
         replace_key/3, update_key/3, update_formatter/2, module_level/2,
         reconfigure/0, add_configured/1, default_filters/0, init_configured/0,
         do_internal_log/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(SERVER, logger).

%% Not linked to its starter, which goes when the node has started; init takes
%% it in.
start_link() ->
    gen_server:start({local, ?SERVER}, ?MODULE, [], []).

%% The environment of kernel is known, and the handlers have a supervisor.
%% Handlers are added from outside: what they log at their start may change the
%% configuration.
kernel_started() -> with_handlers(call({configure})).

with_handlers({ok, Handlers}) ->
    case add_handlers(Handlers, fun call/1) of
        ok -> ok;
        {error, Reason} ->
            Named = {kernel, Reason},
            logger:error("Invalid logger handler config: ~p", [Named]),
            {error, {bad_config, {handler, Named}}}
    end;
with_handlers(Error) -> Error.

%% All as at the start, but for the proxy: what was added since goes.
reconfigure() ->
    #{handlers := Handlers} = logger_config:read(),
    [call({remove_handler, Id}) || {Id, _} <- Handlers],
    with_handlers(call({reconfigure})).

%% What kernel's environment says of all but its handlers.
init_configured() ->
    case call({configure}) of
        {ok, _} -> ok;
        Error -> Error
    end.

%% Logs what happens inside the logger, about [Log]: from another process, as
%% the caller may be what would have to handle it. A second such event goes to
%% the simple handler alone.
do_internal_log(Level, Location, Log, Data) ->
    Meta = maps:merge(#{pid => self(), gl => group_leader(),
                        time => logger:timestamp()}, Location),
    _ = case Log of
            #{meta := #{internal_log_event := true}} ->
                Msg = case Data of
                          [Report] -> {report, Report};
                          [Format, Args] -> {Format, Args}
                      end,
                Event = #{level => Level, msg => Msg, meta => Meta},
                spawn(logger_simple_h, log, [Event, #{}]);
            _ ->
                spawn(logger, macro_log,
                      [Location, Level | Data]
                      ++ [Meta#{internal_log_event => true}])
        end,
    ok.

init([]) ->
    process_flag(trap_exit, true),
    put('$logger_cb_process', true),
    logger_config:write(logger_config:read()),
    {ok, {none, []}}.

handle_call(Request, From, {Running, Waiting}) when Running =/= none ->
    case concerns_handler(Request) andalso not can_be_now(Request, Running) of
        true -> {noreply, {Running, Waiting ++ [{Request, From}]}};
        false -> {reply, change_now(Request), {Running, Waiting}}
    end;
handle_call(Request, From, {none, Waiting}) ->
    case try_change(Request) of
        {callback, Call, Done} ->
            {Pid, Ref} = spawn_monitor(fun() -> in_callback(Call) end),
            {noreply, {{Ref, Pid, From, Done, element(2, Request)}, Waiting}};
        Answer -> {reply, Answer, {none, Waiting}}
    end.

handle_cast(_, S) -> {noreply, S}.

%% The process of a callback has ended, and the next may have its turn.
handle_info({'DOWN', Ref, _, _, Reason},
            {{Ref, Pid, From, Done, _}, Waiting}) ->
    Result = case Reason of
                 {?MODULE, Value} -> Value;
                 _ ->
                     failed([{logger, process_exited}, {process, Pid},
                             {reason, Reason}]),
                     {error, {logger_process_exited, Pid, Reason}}
             end,
    gen_server:reply(From, finish(Done, Result)),
    next(Waiting);
%% An event from the runtime: a process that crashed, a warning.
handle_info({log, Level, Format, Args, Meta}, S) ->
    logger:log(Level, Format, Args, Meta),
    {noreply, S};
handle_info({log, Level, Report, Meta}, S) ->
    logger:log(Level, Report, Meta),
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

next([]) -> {noreply, {none, []}};
next([{Request, From} | Waiting]) ->
    case handle_call(Request, From, {none, Waiting}) of
        {reply, Answer, _} ->
            gen_server:reply(From, Answer),
            next(Waiting);
        Busy -> Busy
    end.

concerns_handler(Request) ->
    case element(1, Request) of
        add_handler -> true;
        remove_handler -> true;
        config -> element(3, Request) =/= primary;
        key -> true;
        formatter -> true;
        add_filter -> element(2, Request) =/= primary;
        remove_filter -> element(2, Request) =/= primary;
        _ -> false
    end.

%% A filter that failed while another handler starts: who logged may be what
%% that one waits for.
can_be_now({remove_filter, Owner, _}, {_, _, _, _, Id}) -> Owner =/= Id;
can_be_now(_, _) -> false.

in_callback(Call) ->
    put('$logger_cb_process', true),
    exit({?MODULE, Call()}).

%% What a caller gave wrong is for the caller: the server lives on.
try_change(Request) ->
    try change(Request)
    catch
        throw:Error -> {error, Error};
        error:Reason:Stack -> {failed, Reason, Stack}
    end.

%% A change with its callback done here.
change_now(Request) ->
    case try_change(Request) of
        {callback, Call, Done} -> finish(Done, Call());
        Answer -> Answer
    end.

finish(Done, Result) -> try Done(Result) catch throw:Error -> {error, Error} end.

%% What a handler did wrong is an event; those of the logger's own do not come
%% back to a handler that is being removed for them.
failed(Report) ->
    logger:error(Report, #{logger => #{internal_log_event => true}}).

terminate(_, _) -> ok.

code_change(_, S, _) -> {ok, S}.

%% A callback must not wait for a change that waits for its end.
call(Request) ->
    Forbidden = get('$logger_cb_process') =:= true
        andalso lists:member(element(1, Request),
                             [add_handler, remove_handler, add_filter,
                              remove_filter, config, key, formatter]),
    case whereis(?SERVER) of
        Pid when Pid =:= self() -> change_now(Request);
        _ when Forbidden ->
            {error, {attempting_syncronous_call_to_self, Request}};
        _ ->
            try gen_server:call(?SERVER, Request, infinity) of
                {failed, Reason, Stack} -> erlang:raise(error, Reason, Stack);
                Answer -> Answer
            catch
                exit:{Reason, _} -> {error, Reason}
            end
    end.

add_handler(Id, Module, Config) -> call({add_handler, Id, Module, Config}).
remove_handler(Id) -> call({remove_handler, Id}).
add_filter(Owner, Id, Filter) -> call({add_filter, Owner, Id, Filter}).
remove_filter(Owner, Id) -> call({remove_filter, Owner, Id}).
set_config(Owner, Config) -> call({config, set, Owner, Config}).
update_config(Owner, Config) -> call({config, update, Owner, Config}).
replace_key(Id, Key, Value) -> call({key, set, Id, Key, Value}).
update_key(Id, Key, Value) -> call({key, update, Id, Key, Value}).
update_formatter(Id, Config) -> call({formatter, Id, Config}).
module_level(Modules, Level) -> call({module_level, Modules, Level}).
add_configured(Config) -> call({add_configured, Config}).

%% ---- changes ----

change({configure}) -> configure();
change({add_handler, Id, Module, Config0}) ->
    check(is_atom(Id) andalso Id =/= primary andalso Id =/= proxy,
          {invalid_id, Id}),
    check(is_atom(Module), {invalid_module, Module}),
    check(is_map(Config0), {invalid_config, Config0}),
    #{handlers := Handlers} = logger_config:read(),
    check(not lists:keymember(Id, 1, Handlers), {already_exist, Id}),
    check(code:ensure_loaded(Module) =:= {module, Module}
          andalso erlang:function_exported(Module, log, 2),
          {invalid_handler, {function_not_exported, {Module, log, 2}}}),
    Config1 = maps:merge(handler_defaults(Id, Module),
                         Config0#{id => Id, module => Module}),
    check_handler(Config1),
    {callback,
     fun() -> callback(Module, adding_handler, [Config1], {ok, Config1}) end,
     fun({ok, Config}) -> keep_handler(Id, Config);
        ({error, Reason}) -> {error, {handler_not_added, Reason}}
     end};
change({remove_handler, Id}) ->
    #{handlers := Handlers} = All = logger_config:read(),
    {Id, #{module := Module} = Config} = find(Id, Handlers),
    write(All#{handlers := lists:keydelete(Id, 1, Handlers)}),
    {callback, fun() -> callback(Module, removing_handler, [Config], ok) end,
     fun(_) -> ok end};
change({add_filter, Owner, Id, Filter}) ->
    check(is_atom(Id), {invalid_filter, {Id, Filter}}),
    check(is_filter(Filter), {invalid_filter, {Id, Filter}}),
    owner(Owner, fun(#{filters := Filters} = C) ->
                         check(not lists:keymember(Id, 1, Filters),
                               {already_exist, Id}),
                         C#{filters := Filters ++ [{Id, Filter}]}
                 end);
change({remove_filter, Owner, Id}) ->
    owner(Owner, fun(#{filters := Filters} = C) ->
                         check(lists:keymember(Id, 1, Filters),
                               {not_found, Id}),
                         C#{filters := lists:keydelete(Id, 1, Filters)}
                 end);
change({config, How, primary, Config}) ->
    check(is_map(Config), {invalid_config, Config}),
    #{primary := Old} = All = logger_config:read(),
    Base = case How of set -> default_primary(); update -> Old end,
    New = maps:merge(Base, Config),
    check_primary(New),
    write(All#{primary := New});
change({config, How, proxy, Config}) ->
    check(is_map(Config), {invalid_config, Config}),
    #{proxy := Old} = All = logger_config:read(),
    Base = case How of
               set -> logger_proxy:get_default_config();
               update -> Old
           end,
    New = maps:merge(Base, Config),
    case logger_olp:set_opts(logger_proxy, New) of
        ok -> write(All#{proxy := New});
        Error -> Error
    end;
change({config, How, Id, Config}) ->
    check(is_map(Config), {invalid_config, Config}),
    change_handler(Id, How,
                   fun(#{module := Module} = Old) ->
                           case How of
                               set -> maps:merge(handler_defaults(Id, Module),
                                                 Config);
                               update -> maps:merge(Old, Config)
                           end
                   end);
change({key, How, Id, Key, Value}) ->
    change_handler(Id, How,
                   fun(Old) ->
                           case {How, Key, Old} of
                               {update, config, #{config := C}}
                                 when is_map(C), is_map(Value) ->
                                   Old#{config := maps:merge(C, Value)};
                               _ -> Old#{Key => Value}
                           end
                   end);
change({formatter, Id, Config}) ->
    check(is_map(Config), {invalid_formatter_config, Config}),
    change_handler(Id, update,
                   fun(#{formatter := {Module, Old}} = H) ->
                           H#{formatter := {Module, maps:merge(Old, Config)}}
                   end);
change({module_level, all, unset}) ->
    write((logger_config:read())#{modules := #{}});
change({module_level, Modules, unset}) ->
    check_modules(Modules),
    #{modules := Old} = All = logger_config:read(),
    write(All#{modules := maps:without(Modules, Old)});
change({module_level, Modules, Level}) ->
    check_modules(Modules),
    check(is_level(Level), {invalid_level, Level}),
    #{modules := Old} = All = logger_config:read(),
    write(All#{modules := lists:foldl(fun(M, Acc) -> Acc#{M => Level} end,
                                      Old, Modules)});
change({reconfigure}) ->
    write((logger_config:read())#{modules := #{}}),
    configure();
change({add_configured, Config}) ->
    case [H || H <- Config, not is_configured(H)] of
        [] ->
            Sets = [set_of_env(E) || E <- Config, element(1, E) =/= handler],
            case [Error || {error, _} = Error <- Sets] of
                [] -> add_handlers(Config, fun change_now/1);
                [Error | _] -> Error
            end;
        Bad -> {error, Bad}
    end.

is_configured({handler, default, undefined}) -> true;
is_configured({handler, _, _, _}) -> true;
is_configured({filters, _, _}) -> true;
is_configured({module_level, _, _}) -> true;
is_configured({proxy, _}) -> true;
is_configured(_) -> false.

write(Config) ->
    logger_config:write(Config),
    ok.

%% What was read before the callback may be old.
keep_handler(Id, Config) ->
    #{handlers := Handlers} = All = logger_config:read(),
    write(All#{handlers := [{Id, Config} | Handlers]}).

check_modules(Modules) ->
    check(is_list(Modules) andalso lists:all(fun is_atom/1, Modules),
          {not_a_list_of_modules, Modules}).

check(true, _) -> ok;
check(false, Error) -> throw(Error).

find(Id, Handlers) ->
    case lists:keyfind(Id, 1, Handlers) of
        false -> throw({not_found, Id});
        Found -> Found
    end.

owner(primary, Fun) ->
    #{primary := Old} = All = logger_config:read(),
    write(All#{primary := Fun(Old)});
owner(Id, Fun) ->
    #{handlers := Handlers} = All = logger_config:read(),
    {Id, Old} = find(Id, Handlers),
    write(All#{handlers := lists:keyreplace(Id, 1, Handlers, {Id, Fun(Old)})}).

%% What is changed must be right, and the handler may object.
change_handler(Id, How, Fun) ->
    #{handlers := Handlers} = logger_config:read(),
    {Id, #{module := Module} = Old} = find(Id, Handlers),
    New = maps:merge(maps:with([id, module], Old), Fun(Old)),
    Fixed = [K || K <- [id, module], maps:get(K, New) =/= maps:get(K, Old)],
    check(Fixed =:= [], {illegal_config_change, maps:with(Fixed, Old),
                         maps:with(Fixed, New)}),
    check_handler(New),
    {callback, fun() -> changing(Module, How, Old, New) end,
     fun({ok, Final}) -> owner(Id, fun(_) -> Final end);
        (Other) -> Other
     end}.

%% Older handlers are not told how.
changing(Module, How, Old, New) ->
    case erlang:function_exported(Module, changing_config, 2)
        andalso not erlang:function_exported(Module, changing_config, 3) of
        true -> callback(Module, changing_config, [Old, New], {ok, New});
        false -> callback(Module, changing_config, [How, Old, New], {ok, New})
    end.

%% The default handler's module may not have been needed yet.
callback(Module, Function, Args, Default) ->
    _ = code:ensure_loaded(Module),
    case erlang:function_exported(Module, Function, length(Args)) of
        true ->
            try apply(Module, Function, Args)
            catch
                Class:Reason:Trace ->
                    Failure = {Class, Reason,
                               lists:takewhile(fun(Frame) ->
                                   element(1, Frame) =/= ?MODULE
                               end, Trace)},
                    failed([{logger, callback_crashed}, {process, ?SERVER},
                            {reason, Failure}]),
                    {error, {callback_crashed, Failure}}
            end;
        false -> Default
    end.

check_primary(#{level := Level, filters := Filters,
                filter_default := Default, metadata := Meta} = Config) ->
    check(is_level(Level), {invalid_level, Level}),
    check_filters(Filters),
    check(Default =:= log orelse Default =:= stop,
          {invalid_filter_default, Default}),
    check(is_map(Meta), {invalid_primary_config, {metadata, Meta}}),
    case maps:to_list(maps:without([level, filters, filter_default,
                                    metadata], Config)) of
        [] -> ok;
        [Bad | _] -> throw({invalid_primary_config, Bad})
    end.

check_handler(#{level := Level, filters := Filters,
                filter_default := Default, formatter := Formatter}) ->
    check(is_level(Level), {invalid_level, Level}),
    check_filters(Filters),
    check(Default =:= log orelse Default =:= stop,
          {invalid_filter_default, Default}),
    check_formatter(Formatter).

%% The module may be loaded later, or check nothing.
check_formatter({Module, Config}) ->
    check(is_atom(Module), {invalid_module, Module}),
    _ = code:ensure_loaded(Module),
    case callback(Module, check_config, [Config], ok) of
        ok -> ok;
        {error, Error} -> throw(Error)
    end;
check_formatter(Formatter) -> throw({invalid_formatter, Formatter}).

check_filters(Filters) ->
    check(is_list(Filters), {invalid_filters, Filters}),
    [case F of
         {Id, Filter} when is_atom(Id) ->
             check(is_filter(Filter), {invalid_filter, F});
         _ -> throw({invalid_filter, F})
     end || F <- Filters],
    ok.

is_filter({Fun, _}) -> is_function(Fun, 2);
is_filter(_) -> false.

is_level(Level) ->
    lists:member(Level, [none, emergency, alert, critical, error, warning,
                         notice, info, debug, all]).

default_primary() ->
    #{level => notice, filters => [], filter_default => log,
      metadata => #{}}.

handler_defaults(Id, Module) ->
    #{id => Id, module => Module, level => all, filters => [],
      filter_default => log, formatter => {logger_formatter, #{}}}.

%% ---- the start: what the environment of kernel asks for ----

%% {ok, [handlers to be added]}, with all else set up; what is wrong is told,
%% and ends the start.
configure() ->
    try
        Env = application:get_env(kernel, logger, []),
        check_env(Env),
        Level = application:get_env(kernel, logger_level, notice),
        check(is_level(Level), {logger_level, Level}),
        Meta = application:get_env(kernel, logger_metadata, #{}),
        check(is_map(Meta), {logger_metadata, Meta}),
        Type = application:get_env(kernel, error_logger, tty),
        check(is_destination(Type), {error_logger, Type}),
        Compatible = application:get_env(kernel, logger_sasl_compatible, false),
        check(is_boolean(Compatible), {logger_sasl_compatible, Compatible}),
        All = logger_config:read(),
        write(All#{primary := (default_primary())#{level := Level,
                                                   metadata := Meta}}),
        start_proxy(maps:get(proxy, All)),
        [case set_of_env(E) of
             ok -> ok;
             {error, Reason} -> throw(Reason)
         end || E <- Env, element(1, E) =/= handler],
        {ok, handlers(Type, Env)}
    catch
        throw:What ->
            simple_handler(), % of others none may be left
            logger:error("Invalid logger config: ~p", [What]),
            {error, {bad_config, {kernel, What}}}
    end.

%% It runs already when kernel's environment is read once more.
start_proxy(Options) ->
    case lazy_child(logger_proxy, logger_proxy, logger_proxy, [], Options) of
        {ok, {_, Proxy, _}} ->
            _ = erlang:system_flag(system_logger, Proxy),
            ok;
        {error, {already_started, _}} -> ok
    end.

check_env(Env) when is_list(Env) ->
    check_entries(Env),
    Filters = [E || {filters, _, _} = E <- Env],
    check(length(Filters) < 2, {multiple_filters, Filters});
check_env(Env) -> throw(Env).

%% What is told begins with the first that is wrong.
check_entries([E | Rest] = Env) ->
    check(is_configured(E), Env),
    check_entries(Rest);
check_entries(End) -> check(End =:= [], End).

is_destination({file, File}) -> is_list(File);
is_destination(Type) -> lists:member(Type, [tty, false, silent]).

set_of_env({filters, Default, Filters}) ->
    change({config, update, primary, #{filter_default => Default,
                                       filters => []}}),
    check(is_list(Filters) andalso lists:all(fun is_pair/1, Filters),
          {invalid_filters, Filters}),
    [change({add_filter, primary, Id, Filter}) || {Id, Filter} <- Filters],
    ok;
set_of_env({module_level, Level, Module}) when is_atom(Module) ->
    change({module_level, [Module], Level});
set_of_env({module_level, Level, Modules}) ->
    change({module_level, Modules, Level});
set_of_env({proxy, Config}) -> change({config, set, proxy, Config}).

is_pair({_, _}) -> true;
is_pair(_) -> false.

%% The handlers to be added, after the usual one if nothing else is asked for.
handlers(Type, Env) ->
    Handlers = [E || {handler, _, _, _} = E <- Env],
    case lists:keyfind(default, 2, Env) of
        false when Type =:= tty ->
            default_handler(),
            Handlers;
        false when is_tuple(Type) ->
            [{handler, default, logger_std_h, defaults(Type)} | Handlers];
        {handler, default, logger_std_h, Config} when is_tuple(Type) ->
            lists:keyreplace(default, 2, Handlers,
                             {handler, default, logger_std_h,
                              maps:merge(defaults(Type), Config)});
        {handler, default, Module, Config} when Type =:= tty ->
            lists:keyreplace(default, 2, Handlers,
                             {handler, default, Module,
                              maps:merge(defaults(Type), Config)});
        _ ->
            Type =:= silent orelse simple_handler(),
            Handlers
    end.

defaults(Type) ->
    Formatter = {logger_formatter, #{legacy_header => true,
                                     single_line => false}},
    case Type of
        {file, _} -> #{formatter => Formatter, config => #{type => Type}};
        _ -> #{formatter => Formatter}
    end.

%% Adds handlers by [Ask] (call/1, or change_now/1 within the server). The
%% default one hears less than others unless it has filters of its own.
add_handlers(Handlers, Ask) ->
    try
        [case Ask({add_handler, Id, Module, with_filters(Id, Config)}) of
             ok -> ok;
             {error, Reason} -> throw(Reason)
         end || {handler, Id, Module, Config} <- Handlers],
        lists:keymember(default, 2, Handlers)
            andalso Ask({remove_handler, simple}),
        ok
    catch
        throw:What -> {error, What}
    end.

with_filters(default, Config) when not is_map_key(filters, Config) ->
    maps:merge(#{filters => default_filters(), filter_default => stop},
               Config);
with_filters(_, Config) -> Config.

%% Without a default handler, one without any comfort says what happens.
simple_handler() ->
    #{handlers := Handlers} = logger_config:read(),
    lists:keymember(default, 1, Handlers)
        orelse lists:keymember(simple, 1, Handlers)
        orelse change_now({add_handler, simple, logger_simple_h,
                           #{filters => default_filters(),
                             filter_default => stop}}),
    ok.

%% A process under logger_sup that loads its code with the first event.
lazy_child(Id, Name, Module, Args, Options) ->
    Mode = atomics:new(1, []),
    State = {lazy, {Name, Module, Args, Options, Mode}},
    Shown = case Module of logger_proxy -> Module; _ -> logger_h_common end,
    case supervisor:start_child(
           logger_sup, #{id => Id, restart => temporary, shutdown => 2000,
                         start => {kernel_server, start_link,
                                   [Name, logger_olp, State]},
                         modules => [Shown]}) of
        {ok, Pid} -> {ok, {Name, Pid, Mode}};
        Error -> Error
    end.

%% The handler that prints to the terminal; nothing of it needs a check.
default_handler() ->
    #{handlers := Handlers} = All = logger_config:read(),
    Options = logger_config:olp_options(),
    Config = #{type => standard_io, filesync_repeat_interval => no_repeat},
    Handler = (defaults(tty))#{
                id => default, module => logger_std_h, level => all,
                config => maps:merge(Config, Options),
                filters => default_filters(), filter_default => stop},
    case lists:keymember(default, 1, Handlers) of
        true -> ok;
        false ->
            {ok, Olp} = lazy_child(default, logger_std_h_default,
                                   logger_h_common, Handler, Options),
            Known = maps:get(config, Handler),
            write(All#{handlers :=
                           [{default, Handler#{config := Known#{olp => Olp}}}
                            | Handlers]})
    end.

%% What the default handler prints: no progress, nothing from other nodes.
default_filters() ->
    Domain = case application:get_env(kernel, logger_sasl_compatible, false) of
                 true -> [otp];
                 false -> [otp, sasl]
             end,
    [{remote_gl, {fun logger_filters:remote_gl/2, stop}},
     {domain, {fun logger_filters:domain/2, {log, super, Domain}}},
     {no_domain, {fun logger_filters:domain/2, {log, undefined, []}}}].
