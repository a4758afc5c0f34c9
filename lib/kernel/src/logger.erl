%% SPDX-License-Identifier: Apache-2.0
%% logger: the face of logging. An event that the level lets pass goes, in the
%% caller's process, through the primary filters and then to each handler whose
%% level and filters let it pass. Changes of the configuration go through
%% logger_server, one at a time.
-module(logger).

-export([emergency/1, emergency/2, emergency/3, alert/1, alert/2, alert/3,
         critical/1, critical/2, critical/3, error/1, error/2, error/3,
         warning/1, warning/2, warning/3, notice/1, notice/2, notice/3,
         info/1, info/2, info/3, debug/1, debug/2, debug/3,
         log/2, log/3, log/4, allow/2, macro_log/3, macro_log/4, macro_log/5]).
-export([add_handler/3, remove_handler/1, add_primary_filter/2,
         remove_primary_filter/1, add_handler_filter/3,
         remove_handler_filter/2, set_primary_config/1, set_primary_config/2,
         update_primary_config/1, get_primary_config/0,
         set_handler_config/2, set_handler_config/3,
         update_handler_config/2, update_handler_config/3,
         update_formatter_config/2, update_formatter_config/3,
         get_handler_config/0, get_handler_config/1, get_handler_ids/0,
         set_proxy_config/1, update_proxy_config/1, get_proxy_config/0,
         set_module_level/2, unset_module_level/0, unset_module_level/1,
         get_module_level/0, get_module_level/1,
         set_application_level/2, unset_application_level/1,
         get_config/0, set_process_metadata/1, update_process_metadata/1,
         unset_process_metadata/0, get_process_metadata/0,
         compare_levels/2, format_report/1, format_otp_report/1, timestamp/0,
         i/0, i/1, print/0, add_handlers/1, reconfigure/0, filter_stacktrace/2,
         internal_init_logger/0]).

-export_type([level/0, log_event/0, handler_config/0, metadata/0, report/0,
              filter/0, filter_return/0, filter_id/0, handler_id/0,
              filter_arg/0, msg_fun/0, primary_config/0, timestamp/0,
              report_cb/0, report_cb_config/0, formatter_config/0]).

-type level() :: emergency | alert | critical | error | warning | notice
               | info | debug.
-type report() :: map() | [{atom(), term()}].
-type report_cb() :: fun((report()) -> {io:format(), [term()]})
                   | fun((report(), report_cb_config()) ->
                                unicode:chardata()).
-type report_cb_config() :: #{depth := pos_integer() | unlimited,
                              chars_limit := pos_integer() | unlimited,
                              single_line := boolean()}.
-type msg_fun() :: fun((term()) -> msg_fun_return()
                                 | {msg_fun_return(), metadata()}).
-type msg_fun_return() :: {io:format(), [term()]} | report()
                        | unicode:chardata() | ignore.
-type timestamp() :: integer().
-type metadata() :: map().
-type log_event() :: #{level := level(),
                       msg := {io:format(), [term()]} | {report, report()}
                            | {string, unicode:chardata()},
                       meta := metadata()}.
-type handler_id() :: atom().
-type filter_id() :: atom().
-type filter_arg() :: term().
-type filter_return() :: stop | ignore | log_event().
-type filter() :: {fun((log_event(), filter_arg()) -> filter_return()),
                   filter_arg()}.
-type primary_config() :: map().
-type handler_config() :: map().
-type formatter_config() :: map().

-define(IS_LEVEL(L), L =:= error orelse L =:= warning orelse L =:= notice
                         orelse L =:= info orelse L =:= debug
                         orelse L =:= critical orelse L =:= alert
                         orelse L =:= emergency).
-define(PROCESS_KEY, '$logger_metadata$').

%% ---- logging ----

emergency(X) -> log(emergency, X).
emergency(X, Y) -> log(emergency, X, Y).
emergency(X, Y, Z) -> log(emergency, X, Y, Z).
alert(X) -> log(alert, X).
alert(X, Y) -> log(alert, X, Y).
alert(X, Y, Z) -> log(alert, X, Y, Z).
critical(X) -> log(critical, X).
critical(X, Y) -> log(critical, X, Y).
critical(X, Y, Z) -> log(critical, X, Y, Z).
error(X) -> log(error, X).
error(X, Y) -> log(error, X, Y).
error(X, Y, Z) -> log(error, X, Y, Z).
warning(X) -> log(warning, X).
warning(X, Y) -> log(warning, X, Y).
warning(X, Y, Z) -> log(warning, X, Y, Z).
notice(X) -> log(notice, X).
notice(X, Y) -> log(notice, X, Y).
notice(X, Y, Z) -> log(notice, X, Y, Z).
info(X) -> log(info, X).
info(X, Y) -> log(info, X, Y).
info(X, Y, Z) -> log(info, X, Y, Z).
debug(X) -> log(debug, X).
debug(X, Y) -> log(debug, X, Y).
debug(X, Y, Z) -> log(debug, X, Y, Z).

log(Level, What) -> do_log(Level, What, #{}).

log(Level, What, Meta) when is_map(Meta), not is_function(What) ->
    do_log(Level, What, Meta);
log(Level, What, Args) -> do_log(Level, {What, Args}, #{}).

log(Level, What, Args, Meta) -> do_log(Level, {What, Args}, Meta).

allow(Level, Module) when ?IS_LEVEL(Level), is_atom(Module) ->
    logger_config:allow(Level, Module).

macro_log(Location, Level, What) -> allowed(Location, Level, What, #{}).

macro_log(Location, Level, What, Meta)
  when is_map(Meta), not is_function(What) ->
    allowed(Location, Level, What, Meta);
macro_log(Location, Level, What, Args) ->
    allowed(Location, Level, {What, Args}, #{}).

macro_log(Location, Level, What, Args, Meta) ->
    allowed(Location, Level, {What, Args}, Meta).

do_log(Level, What, Meta) ->
    Module = case Meta of
                 #{mfa := {M, _, _}} -> M;
                 _ -> none
             end,
    case logger_config:allow(Level, Module) of
        true -> allowed(#{}, Level, What, Meta);
        false -> ok
    end.

%% The level lets it pass: make the event, evaluating a fun only now.
allowed(Location, Level, {Fun, Arg} = Call, Meta) when is_function(Fun, 1) ->
    try Fun(Arg) of
        {What, FunMeta} when is_map(FunMeta) ->
            from_fun(Location, Level, What, maps:merge(Meta, FunMeta), Call);
        What -> from_fun(Location, Level, What, Meta, Call)
    catch
        Class:Reason ->
            allowed(Location, Level,
                    {"LAZY_FUN CRASH: ~tp; Reason: ~tp",
                     [Call, {Class, Reason}]}, Meta)
    end;
allowed(Location, Level, What, Meta0) when is_map(Meta0) ->
    #{primary := #{metadata := Primary}} = Config = logger_config:read(),
    Process = case get_process_metadata() of
                  undefined -> #{};
                  M -> M
              end,
    Meta = lists:foldl(fun(More, Acc) -> maps:merge(Acc, More) end,
                       #{pid => self(), gl => group_leader()},
                       [Primary, Location, Process, Meta0]),
    Timed = case Meta of
                #{time := _} -> Meta;
                _ -> Meta#{time => timestamp()}
            end,
    tell_leader(map_get(gl, Timed), Level, What, Timed),
    pass(#{level => Level, msg => message(What), meta => Timed}, Config).

%% A process that another node started is heard there too.
tell_leader(Leader, Level, What, Meta)
  when is_pid(Leader), node(Leader) =/= node() ->
    Event = case What of
                {Format, Args} -> {log, Level, Format, Args, Meta};
                _ -> {log, Level, What, Meta}
            end,
    logger_proxy:log({remote, node(Leader), Event});
tell_leader(_, _, _, _) -> ok.

from_fun(_, _, ignore, _, _) -> ok;
from_fun(Location, Level, {Format, Args}, Meta, _)
  when is_list(Args), (is_list(Format) orelse is_binary(Format)
                       orelse is_atom(Format)) ->
    allowed(Location, Level, {Format, Args}, Meta);
from_fun(Location, Level, What, Meta, _) when is_list(What); is_map(What);
                                              is_binary(What) ->
    allowed(Location, Level, What, Meta);
from_fun(Location, Level, Other, Meta, Call) ->
    allowed(Location, Level, {"LAZY_FUN ERROR: ~tp; Returned: ~tp",
                              [Call, Other]}, Meta).

message({Format, Args}) when is_list(Args) ->
    {case Format of
         _ when is_atom(Format) -> atom_to_list(Format);
         _ -> Format
     end, Args};
message(Report) when is_map(Report) -> {report, Report};
message([Pair | _] = Report) when is_tuple(Pair) -> {report, Report};
message(String) when is_list(String); is_binary(String) -> {string, String}.

%% ---- filters and handlers ----

pass(Event, #{primary := Primary, handlers := Handlers}) ->
    case filtered(primary, Event, Primary) of
        stop -> ok;
        Event1 -> lists:foreach(fun(H) -> hand(H, Event1) end, Handlers)
    end,
    ok.

hand({Id, #{level := Limit} = Config}, #{level := Level} = Event) ->
    case logger_config:level_number(Level)
        =< logger_config:level_number(Limit) of
        false -> ok;
        true ->
            case filtered(Id, Event, Config) of
                stop -> ok;
                Event1 -> call_handler(Id, Event1, Config)
            end
    end.

%% A handler that fails is removed.
call_handler(Id, Event, #{module := Module} = Config) ->
    try Module:log(Event, Config)
    catch
        Class:Reason:Trace ->
            case logger_server:remove_handler(Id) of
                ok ->
                    error_display({removed_failing_handler, Id}),
                    internal([{logger, removed_failing_handler},
                              {handler, {Id, Module}}, {log_event, Event},
                              {config, Config},
                              {reason, {Class, Reason,
                                        filter_stacktrace(?MODULE, Trace)}}]);
                {error, _} -> ok
            end
    end.

filtered(Owner, Event, #{filters := Filters, filter_default := Default}) ->
    case run_filters(Filters, Owner, Event, ignore) of
        ignore when Default =:= log -> Event;
        ignore -> stop;
        Result -> Result
    end.

run_filters([], _, _, ignore) -> ignore;
run_filters([], _, Event, log) -> Event;
run_filters([{Id, {Fun, Arg}} | Rest], Owner, Event, Verdict) ->
    try Fun(Event, Arg) of
        stop -> stop;
        ignore -> run_filters(Rest, Owner, Event, Verdict);
        #{level := _, msg := _, meta := _} = New ->
            run_filters(Rest, Owner, New, log);
        Bad ->
            drop_filter(Owner, Id, Event, {bad_return_value, Bad}),
            run_filters(Rest, Owner, Event, Verdict)
    catch
        Class:Reason:Trace ->
            drop_filter(Owner, Id, Event, {Class, Reason, Trace}),
            run_filters(Rest, Owner, Event, Verdict)
    end.

drop_filter(Owner, Id, Event, Reason) ->
    case logger_server:remove_filter(Owner, Id) of
        ok ->
            error_display({removed_failing_filter, Id}),
            internal([{logger, removed_failing_filter}, {filter, Id},
                      {owner, Owner}, {log_event, Event}, {reason, Reason}]);
        _ -> ok
    end.

error_display(Term) ->
    io:format(user, "Logger - error: ~0tp~n", [Term]).

internal(Report) -> debug(Report, #{logger => #{internal_log_event => true}}).

%% ---- configuration ----

add_handler(Id, Module, Config) -> logger_server:add_handler(Id, Module, Config).
remove_handler(Id) -> logger_server:remove_handler(Id).
add_primary_filter(Id, Filter) -> logger_server:add_filter(primary, Id, Filter).
remove_primary_filter(Id) -> logger_server:remove_filter(primary, Id).
add_handler_filter(Handler, Id, Filter) ->
    logger_server:add_filter(Handler, Id, Filter).
remove_handler_filter(Handler, Id) -> logger_server:remove_filter(Handler, Id).

set_primary_config(Config) -> logger_server:set_config(primary, Config).
set_primary_config(Key, Value) ->
    logger_server:update_config(primary, #{Key => Value}).
update_primary_config(Config) -> logger_server:update_config(primary, Config).

set_handler_config(Id, Config) -> logger_server:set_config(Id, Config).
set_handler_config(Id, Key, Value) ->
    logger_server:replace_key(Id, Key, Value).
update_handler_config(Id, Config) -> logger_server:update_config(Id, Config).
update_handler_config(Id, Key, Value) ->
    logger_server:update_key(Id, Key, Value).
update_formatter_config(Id, Config) ->
    logger_server:update_formatter(Id, Config).
update_formatter_config(Id, Key, Value) ->
    logger_server:update_formatter(Id, #{Key => Value}).

set_proxy_config(Config) -> logger_server:set_config(proxy, Config).
update_proxy_config(Config) -> logger_server:update_config(proxy, Config).
get_proxy_config() -> maps:get(proxy, logger_config:read()).

get_primary_config() -> maps:get(primary, logger_config:read()).
get_handler_ids() ->
    [Id || {Id, _} <- maps:get(handlers, logger_config:read())].
get_handler_config() ->
    [shown_handler(C) || {_, C} <- maps:get(handlers, logger_config:read())].

get_handler_config(Id) ->
    case lists:keyfind(Id, 1, maps:get(handlers, logger_config:read())) of
        {Id, Config} -> {ok, shown_handler(Config)};
        false -> {error, {not_found, Id}}
    end.

shown_handler(#{module := Module} = Config) ->
    case erlang:function_exported(Module, filter_config, 1) of
        true ->
            try Module:filter_config(Config)
            catch _:_ -> Config
            end;
        false -> Config
    end.

set_module_level(Module, Level) when is_atom(Module) ->
    set_module_level([Module], Level);
set_module_level(Modules, Level) -> logger_server:module_level(Modules, Level).
unset_module_level() -> logger_server:module_level(all, unset).
unset_module_level(Module) when is_atom(Module) -> unset_module_level([Module]);
unset_module_level(Modules) -> logger_server:module_level(Modules, unset).
get_module_level() ->
    lists:sort(maps:to_list(maps:get(modules, logger_config:read()))).
get_module_level(Module) when is_atom(Module) -> get_module_level([Module]);
get_module_level(Modules) when is_list(Modules) ->
    [L || {M, _} = L <- get_module_level(), lists:member(M, Modules)].

set_application_level(App, Level) ->
    case application:get_key(App, modules) of
        {ok, Modules} -> set_module_level(Modules, Level);
        undefined -> {error, {not_loaded, App}}
    end.

unset_application_level(App) ->
    case application:get_key(App, modules) of
        {ok, Modules} -> unset_module_level(Modules);
        undefined -> {error, {not_loaded, App}}
    end.

get_config() ->
    #{primary => get_primary_config(), handlers => get_handler_config(),
      proxy => get_proxy_config(), module_levels => get_module_level()}.

%% ---- metadata of a process ----

set_process_metadata(Meta) when is_map(Meta) ->
    put(?PROCESS_KEY, Meta),
    ok;
set_process_metadata(Meta) -> erlang:error(badarg, [Meta]).

update_process_metadata(Meta) when is_map(Meta) ->
    case get_process_metadata() of
        undefined -> set_process_metadata(Meta);
        Old -> set_process_metadata(maps:merge(Old, Meta))
    end;
update_process_metadata(Meta) -> erlang:error(badarg, [Meta]).

get_process_metadata() -> get(?PROCESS_KEY).

unset_process_metadata() ->
    erase(?PROCESS_KEY),
    ok.

%% ---- small things ----

timestamp() -> os:system_time(microsecond).

compare_levels(Same, Same) when ?IS_LEVEL(Same) -> eq;
compare_levels(all, all) -> eq;
compare_levels(none, none) -> eq;
compare_levels(A, B) ->
    try logger_config:level_number(A) < logger_config:level_number(B) of
        true -> gt;
        false -> lt
    catch
        error:function_clause -> erlang:error(badarg, [A, B])
    end.

filter_stacktrace(Module, [{Module, _, _, _} | _]) -> [];
filter_stacktrace(Module, [Frame | Rest]) ->
    [Frame | filter_stacktrace(Module, Rest)];
filter_stacktrace(_, []) -> [].

format_otp_report(#{label := _, report := Report}) -> format_report(Report);
format_otp_report(Report) -> format_report(Report).

format_report(Report) when is_map(Report) ->
    format_report(maps:to_list(Report));
format_report(Report) ->
    try lists:flatten(Report) of
        [] -> {"~tp", [[]]};
        Flat ->
            case io_lib:printable_unicode_list(Flat) of
                true -> {"~ts", [Flat]};
                false ->
                    Lines = [report_line(Term) || Term <- Report],
                    {lists:append(lists:join("\n", [F || {F, _} <- Lines])),
                     lists:append([A || {_, A} <- Lines])}
            end
    catch
        _:_ -> {"~tp", [Report]}
    end.

report_line({Key, Data}) ->
    case is_text(Data) of
        true -> {"    ~tp: ~ts", [Key, Data]};
        false -> {"    ~tp: ~tp", [Key, Data]}
    end;
report_line(Data) -> {"    ~tp", [Data]}.

is_text([_ | _] = Data) ->
    try io_lib:printable_unicode_list(lists:flatten(Data))
    catch _:_ -> false
    end;
is_text(_) -> false.

%% ---- showing the configuration ----

i() -> print().

print() -> lists:foreach(fun i/1, [primary, handlers, proxy, modules]).

i(primary) -> print_primary(get_primary_config());
i(handlers) -> print_handlers(get_handler_config());
i(proxy) ->
    io:format("Proxy configuration: ~n~ts", [custom(4, get_proxy_config())]);
i(modules) -> print_levels(get_module_level());
i(Id) when is_atom(Id) ->
    {ok, Config} = get_handler_config(Id),
    print_handlers([Config]).

print_primary(#{level := Level, filter_default := Default,
                filters := Filters}) ->
    io:format("Primary configuration: ~n    Level: ~p~n"
              "    Filter Default: ~p~n    Filters: ~n~ts",
              [Level, Default, filters(8, Filters)]).

print_handlers(Handlers) ->
    io:format("Handler configuration: ~n"),
    lists:foreach(fun print_handler/1, Handlers).

print_handler(#{id := Id, module := Module, level := Level,
                formatter := {Formatter, Config}, filters := Filters,
                filter_default := Default} = Handler) ->
    io:format("    Id: ~tp~n        Module: ~p~n        Level:  ~p~n"
              "        Formatter:~n            Module: ~p~n"
              "            Config:~n~ts"
              "        Filter Default: ~p~n        Filters:~n~ts",
              [Id, Module, Level, Formatter, custom(16, Config), Default,
               filters(12, Filters)]),
    [io:format("        Handler Config:~n~ts", [custom(12, Own)])
     || #{config := Own} <- [Handler]],
    print_custom(maps:without([id, module, level, formatter, filters,
                               filter_default, config], Handler)).

print_custom(Own) when Own =:= #{} -> ok;
print_custom(Own) ->
    io:format("        Custom Config:~n~ts", [custom(12, Own)]).

print_levels(Levels) ->
    io:format("Level set per module: ~n"),
    case Levels of
        [] -> io:format("    (none)~n");
        _ -> [io:format("    Module: ~p~n        Level: ~p~n", [M, L])
              || {M, L} <- Levels], ok
    end.

filters(Indent, []) -> io_lib:format("~ts(none)~n", [blanks(Indent)]);
filters(Indent, Filters) ->
    [io_lib:format("~tsId: ~p~n~ts    Fun: ~p~n~ts    Arg: ~p~n",
                   [blanks(Indent), Id, blanks(Indent), Fun, blanks(Indent),
                    Arg])
     || {Id, {Fun, Arg}} <- Filters].

custom(Indent, [_ | _] = Pairs) ->
    [io_lib:format("~ts~tp: ~tp~n", [blanks(Indent), Key, Value])
     || {Key, Value} <- Pairs];
custom(Indent, Config) when is_map(Config) ->
    custom(Indent, lists:sort(maps:to_list(Config)));
custom(Indent, Other) -> io_lib:format("~ts~tp~n", [blanks(Indent), Other]).

blanks(N) -> lists:duplicate(N, $\s).

%% ---- handlers from an application's environment ----

reconfigure() -> logger_server:reconfigure().

internal_init_logger() -> logger_server:init_configured().

add_handlers(App) when is_atom(App) ->
    case logger_server:add_configured(application:get_env(App, logger, [])) of
        {error, Reason} -> {error, {bad_config, {handler, {App, Reason}}}};
        ok -> ok
    end;
add_handlers(Config) when is_list(Config) ->
    case logger_server:add_configured(Config) of
        {error, Reason} -> {error, {bad_config, {handler, Reason}}};
        ok -> ok
    end.
