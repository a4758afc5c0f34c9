%% SPDX-License-Identifier: Apache-2.0
%% The logging of old: reports by kind, and event handlers. All goes through
%% logger; event handlers are served by a logger handler that this module is.
-module(error_logger).

-export([error_msg/1, error_msg/2, format/2, error_report/1, error_report/2,
         warning_msg/1, warning_msg/2, warning_report/1, warning_report/2,
         info_msg/1, info_msg/2, info_report/1, info_report/2,
         start/0, add_report_handler/1, add_report_handler/2,
         delete_report_handler/1, which_report_handlers/0, tty/1, logfile/1,
         get_format_depth/0, limit_term/1]).
-export([log/2, adding_handler/1, removing_handler/1]).

error_msg(Format) -> error_msg(Format, []).
error_msg(Format, Args) -> message(error, error, Format, Args).
format(Format, Args) -> error_msg(Format, Args).
warning_msg(Format) -> warning_msg(Format, []).
%% What +W makes of warnings.
warning_msg(Format, Args) ->
    case error_logger:warning_map() of
        warning -> message(warning, warning_msg, Format, Args);
        info -> info_msg(Format, Args);
        error -> error_msg(Format, Args)
    end.
info_msg(Format) -> info_msg(Format, []).
info_msg(Format, Args) -> message(notice, info_msg, Format, Args).

error_report(Report) -> error_report(std_error, Report).
error_report(Type, Report) -> report(error, error_report, Type, Report).
warning_report(Report) -> warning_report(std_warning, Report).
warning_report(Type, Report) ->
    case error_logger:warning_map() of
        warning -> report(warning, warning_report, Type, Report);
        info when Type =:= std_warning -> info_report(Report);
        info -> info_report(Type, Report);
        error when Type =:= std_warning -> error_report(Report);
        error -> error_report(Type, Report)
    end.
info_report(Report) -> info_report(std_info, Report).
info_report(Type, Report) -> report(notice, info_report, Type, Report).

message(Level, Tag, Format, Args) ->
    logger:log(level(Level), #{label => {error_logger, label(Tag)},
                               format => Format, args => Args},
               #{pid => self(), gl => group_leader(),
                 time => logger:timestamp(),
                 error_logger => #{tag => Tag},
                 report_cb => fun report_text/1}),
    ok.

%% The name of the function that was called.
label(error) -> error_msg;
label(Tag) -> Tag.

report(Level, Tag, Type, Report) ->
    logger:log(level(Level), #{label => {error_logger, Tag},
                               report => Report},
               (domain(Type))
               #{pid => self(), gl => group_leader(),
                 time => logger:timestamp(),
                 error_logger => #{tag => Tag, type => Type},
                 report_cb => fun report_text/1}),
    ok.

%% Reports of types of one's own are for handlers of one's own.
domain(std_error) -> #{};
domain(std_warning) -> #{};
domain(std_info) -> #{};
domain(Type) -> #{domain => [Type]}.

level(info) -> notice;
level(Level) -> Level.

report_text(#{format := Format, args := Args}) ->
    try io_lib:format(Format, Args) of
        _ -> {Format, Args}
    catch
        _:_ -> {"ERROR: ~tp - ~tp", [Format, Args]}
    end;
report_text(#{report := Report}) -> logger:format_report(Report).

get_format_depth() ->
    case erlang:module_loaded(application_controller)
        andalso application:get_env(kernel, error_logger_format_depth) of
        {ok, Depth} when is_integer(Depth) -> max(10, Depth);
        _ -> unlimited
    end.

limit_term(Term) ->
    case get_format_depth() of
        unlimited -> Term;
        Depth -> io_lib:limit_term(Term, Depth)
    end.

%% ---- event handlers ----

start() ->
    case whereis(?MODULE) of
        undefined ->
            serve(),
            _ = logger:add_handler(?MODULE, ?MODULE,
                                   #{level => info, filter_default => log}),
            ok;
        _ -> ok
    end.

%% Many events may wait: they are no part of the process's heap.
serve() ->
    case gen_event:start({local, ?MODULE},
                         [{spawn_opt, [{message_queue_data, off_heap}]}]) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end.

add_report_handler(Module) -> add_report_handler(Module, []).
add_report_handler(Module, Args) ->
    start(),
    gen_event:add_handler(?MODULE, Module, Args).

delete_report_handler(Module) when is_atom(Module) ->
    case whereis(?MODULE) of
        undefined -> {error, module_not_found};
        _ ->
            Result = gen_event:delete_handler(?MODULE, Module, []),
            which_report_handlers() =:= [] andalso gen_event:stop(?MODULE),
            Result
    end.

which_report_handlers() ->
    case whereis(?MODULE) of
        undefined -> [];
        _ -> gen_event:which_handlers(?MODULE)
    end.

adding_handler(Config) ->
    ok = serve(),
    {ok, Config}.

removing_handler(_) ->
    whereis(?MODULE) =:= undefined orelse gen_event:stop(?MODULE),
    ok.

log(#{meta := #{internal_log_event := true}}, _) -> ok;
log(Event, _) ->
    case whereis(?MODULE) of
        undefined -> ok;
        Pid -> gen_event:notify(Pid, old_event(Event))
    end.

%% {error, Leader, {Pid, Format, Args}}, {error_report, Leader, {Pid, Type,
%% Report}} and the like.
old_event(#{level := Level, msg := Msg, meta := #{pid := Sender, gl := Leader}
            = Meta}) ->
    Old = maps:get(error_logger, Meta, #{}),
    Pid = case Old of
              #{emulator := true} -> emulator;
              _ -> Sender
          end,
    case {Msg, Old} of
        {{report, #{format := Format, args := Args}}, #{tag := Tag}} ->
            {Tag, Leader, {Pid, Format, Args}};
        {{report, #{label := {error_logger, _}, report := Report}},
         #{tag := Tag, type := Type}} ->
            {Tag, Leader, {Pid, Type, Report}};
        {{report, Report}, #{tag := Tag, report_cb := Fun}}
          when is_function(Fun, 1) ->
            {Format, Args} = Fun(Report),
            case Old of
                #{type := Type} ->
                    Inner = maps:get(report, Report, Report),
                    {Tag, Leader, {Pid, Type, Inner}};
                _ -> {Tag, Leader, {Pid, Format, Args}}
            end;
        {{report, Report}, #{tag := Tag, type := Type}} ->
            {Tag, Leader, {Pid, Type, maps:get(report, Report, Report)}};
        {{report, Report}, _} ->
            {tag(Level, report), Leader, {Pid, type(Level), Report}};
        {{string, Chars}, _} ->
            {tag(Level, msg), Leader, {Pid, "~ts", [Chars]}};
        {{Format, Args}, _} ->
            {tag(Level, msg), Leader, {Pid, Format, Args}}
    end.

tag(warning, msg) -> warning_msg;
tag(warning, report) -> warning_report;
tag(Level, msg) when Level =:= notice; Level =:= info; Level =:= debug ->
    info_msg;
tag(Level, report) when Level =:= notice; Level =:= info; Level =:= debug ->
    info_report;
tag(_, msg) -> error;
tag(_, report) -> error_report.

type(warning) -> std_warning;
type(Level) when Level =:= notice; Level =:= info; Level =:= debug ->
    std_info;
type(_) -> std_error.

%% ---- where reports are printed ----

tty(true) ->
    case lists:member(error_logger_tty_h, which_report_handlers()) of
        true -> ok;
        false -> show_on_terminal()
    end,
    ok;
tty(false) ->
    _ = delete_report_handler(error_logger_tty_h),
    _ = logger:remove_handler(error_logger_tty_true),
    %% the default handler stays and writes nothing
    is_terminal(logger:get_handler_config(default))
        andalso logger:add_handler_filter(default, error_logger_tty_false,
                                          {fun(_, _) -> stop end, ok}),
    ok.

show_on_terminal() ->
    case is_terminal(logger:get_handler_config(default)) of
        true -> logger:remove_handler_filter(default, error_logger_tty_false);
        false ->
            logger:add_handler(error_logger_tty_true, logger_std_h,
                               #{filters => logger_server:default_filters(),
                                 filter_default => stop,
                                 formatter => {logger_formatter,
                                               #{legacy_header => true,
                                                 single_line => false}},
                                 config => #{type => standard_io}})
    end.

is_terminal({ok, #{module := logger_std_h,
                   config := #{type := standard_io}}}) -> true;
is_terminal(_) -> false.

logfile({open, File}) ->
    case lists:member(error_logger_file_h, which_report_handlers()) of
        true -> {error, allready_have_logfile};
        false -> add_report_handler(error_logger_file_h, File)
    end;
logfile(close) ->
    case whereis(?MODULE) of
        undefined -> {error, module_not_found};
        _ ->
            case gen_event:delete_handler(?MODULE, error_logger_file_h,
                                          normal) of
                {error, _} = Error -> Error;
                _ -> ok
            end
    end;
logfile(filename) ->
    case whereis(?MODULE) of
        undefined -> {error, no_log_file};
        _ ->
            case gen_event:call(?MODULE, error_logger_file_h, filename) of
                {error, _} -> {error, no_log_file};
                File -> File
            end
    end.
