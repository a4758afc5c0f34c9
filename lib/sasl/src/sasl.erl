%% SPDX-License-Identifier: Apache-2.0
%% sasl: the application of alarms and releases. With kernel's
%% logger_sasl_compatible it also takes the reports of supervisors, crashes
%% and progress away from the default handler, as was done once.
-module(sasl).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1]).

start(_, []) ->
    Logger = sasl_logger(),
    Rotating = rotating_log(),
    add_logger(Logger),
    add_rotating(Rotating),
    case supervisor:start_link({local, sasl_sup}, ?MODULE, []) of
        {ok, Pid} -> {ok, Pid, {Logger, Rotating}};
        Error -> Error
    end.

stop({Logger, Rotating}) ->
    remove_logger(Logger),
    remove_rotating(Rotating).

init([]) ->
    {ok, {#{strategy => one_for_one, intensity => 0, period => 1},
          [#{id => sasl_safe_sup, type => supervisor, shutdown => infinity,
             start => {supervisor, start_link,
                       [{local, sasl_safe_sup}, ?MODULE, safe]}},
           #{id => release_handler, shutdown => 2000, modules => [],
             start => {release_handler, start_link, []}}]}};
init(safe) ->
    {ok, {#{strategy => one_for_one, intensity => 4, period => 3600},
          [#{id => alarm_handler, shutdown => 2000, modules => dynamic,
             start => {alarm_handler, start_link, []}}]}}.

%% ---- the reports' own handler ----

%% none, or {Type, Level} of the handler to be added.
sasl_logger() ->
    case application:get_env(kernel, logger_sasl_compatible) of
        {ok, true} ->
            case destination(application:get_env(sasl, sasl_error_logger)) of
                none -> none;
                Type -> {Type, level(application:get_env(sasl, errlog_type))}
            end;
        _ -> none
    end.

destination(undefined) -> standard_io;
destination({ok, tty}) -> standard_io;
destination({ok, false}) -> none;
destination({ok, {file, File} = Type}) when is_list(File) -> Type;
destination({ok, {file, File, Modes} = Type})
  when is_list(File), is_list(Modes) -> Type;
destination({ok, Bad}) ->
    exit({bad_config, {sasl, {sasl_logger_dest, Bad}}}).

level({ok, error}) -> error;
level({ok, progress}) -> info;
level({ok, all}) -> info;
level({ok, Bad}) -> exit({bad_config, {sasl, {errlog_type, Bad}}});
level(undefined) -> info.

add_logger(none) -> ok;
add_logger({Type, Level}) ->
    Level =:= info andalso allow_progress(),
    case logger:add_handler(
           sasl, logger_std_h,
           #{level => Level, filter_default => stop,
             filters => [{remote_gl, {fun logger_filters:remote_gl/2, stop}},
                         {sasl_domain, {fun logger_filters:domain/2,
                                        {log, equal, [otp, sasl]}}}],
             formatter => {logger_formatter, #{legacy_header => true,
                                               single_line => false}},
             config => #{type => Type}}) of
        ok -> ok;
        {error, Reason} -> exit(Reason)
    end.

%% Progress is information, which the logger stops by default.
allow_progress() ->
    #{level := Primary} = logger:get_primary_config(),
    case logger:compare_levels(info, Primary) of
        lt -> logger:set_primary_config(level, info);
        _ -> ok
    end.

remove_logger(none) -> ok;
remove_logger(_) ->
    _ = logger:remove_handler(sasl),
    ok.

%% ---- the log of many files ----

%% none, or {Dir, MaxBytes, MaxFiles}
rotating_log() ->
    case [setting(Key, Is)
          || {Key, Is} <- [{error_logger_mf_dir, fun is_list/1},
                           {error_logger_mf_maxbytes, fun is_integer/1},
                           {error_logger_mf_maxfiles, fun is_small/1}]] of
        [undefined, undefined, undefined] -> none;
        [undefined, _, _] -> missing(error_logger_mf_dir);
        [_, undefined, _] -> missing(error_logger_mf_maxbytes);
        [_, _, undefined] -> missing(error_logger_mf_maxfiles);
        [Dir, Bytes, Files] -> {Dir, Bytes, Files}
    end.

is_small(N) -> is_integer(N) andalso N > 0 andalso N < 256.

setting(Key, Is) ->
    case application:get_env(sasl, Key) of
        undefined -> undefined;
        {ok, false} when Key =:= error_logger_mf_dir -> undefined;
        {ok, Value} ->
            case Is(Value) of
                true -> Value;
                false -> exit({bad_config, {sasl, {Key, Value}}})
            end
    end.

missing(Key) -> exit({missing_config, {sasl, Key}}).

add_rotating(none) -> ok;
add_rotating({Dir, Bytes, Files}) ->
    allow_progress(),
    %% a folder that is not there is no reason not to start
    _ = error_logger:add_report_handler(log_mf_h,
                                        log_mf_h:init(Dir, Bytes, Files)),
    ok.

remove_rotating(none) -> ok;
remove_rotating(_) ->
    _ = error_logger:delete_report_handler(log_mf_h),
    ok.
