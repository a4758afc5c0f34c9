%% SPDX-License-Identifier: Apache-2.0
%% logger_disk_log_h: a handler that writes to a disk_log.
-module(logger_disk_log_h).

-export([log/2, adding_handler/1, changing_config/3, removing_handler/1,
         filter_config/1, filesync/1, info/1, reset/1]).
-export([init/2, check_config/4, config_changed/3, write/4, filesync/3,
         reset_state/2, handle_info/3, terminate/3]).

adding_handler(Handler) -> logger_h_common:adding_handler(Handler).
removing_handler(Handler) -> logger_h_common:removing_handler(Handler).
changing_config(How, Old, New) ->
    logger_h_common:changing_config(How, Old, New).
filter_config(Handler) -> logger_h_common:filter_config(Handler).
log(Event, Handler) -> logger_h_common:log(Event, Handler).

filesync(Id) -> logger_h_common:filesync(?MODULE, Id).
info(Id) -> logger_h_common:info(?MODULE, Id).
reset(Id) -> logger_h_common:reset(?MODULE, Id).

%% ---- configuration: nothing of it can be changed ----

check_config(Id, set, undefined, Given) ->
    Type = maps:get(type, Given, wrap),
    Config = maps:merge(defaults(Id, Type), Given),
    case invalid(Config) of
        Bad when map_size(Bad) > 0 ->
            {error, {invalid_config, ?MODULE, Bad}};
        _ -> {ok, Config#{file := filename:absname(maps:get(file, Config))}}
    end;
check_config(_, _, Old, Given) ->
    New = maps:merge(Old, Given),
    Bad = invalid(New),
    case New of
        Old -> {ok, Old};
        _ when map_size(Bad) > 0 -> {error, {invalid_config, ?MODULE, Bad}};
        _ ->
            Keys = [K || {K, V} <- maps:to_list(New),
                         maps:get(K, Old, none) =/= V],
            {error, {illegal_config_change, ?MODULE, maps:with(Keys, Old),
                     maps:with(Keys, New)}}
    end.

invalid(Config) -> maps:filter(fun(K, V) -> not is_valid(K, V) end, Config).

defaults(Id, halt) ->
    #{type => halt, file => atom_to_list(Id), max_no_bytes => infinity,
      max_no_files => 1};
defaults(Id, Type) ->
    #{type => Type, file => atom_to_list(Id), max_no_bytes => 1048576,
      max_no_files => 10}.

is_valid(type, Type) -> Type =:= wrap orelse Type =:= halt;
is_valid(file, File) -> is_list(File);
is_valid(max_no_bytes, infinity) -> true;
is_valid(max_no_bytes, N) -> is_integer(N) andalso N > 0;
is_valid(max_no_files, N) -> is_integer(N) andalso N > 0;
is_valid(_, _) -> false.

%% ---- the log ----

init(Id, #{file := File, type := Type, max_no_bytes := Bytes,
           max_no_files := Files}) ->
    Size = case Type of
               halt -> Bytes;
               wrap -> {Bytes, Files}
           end,
    case filelib:ensure_dir(File) of
        ok ->
            case disk_log:open([{name, Id}, {file, File}, {size, Size},
                                {type, Type}, {linkto, self()},
                                {repair, false}, {format, external},
                                {notify, true}, {quiet, true},
                                {mode, read_write}]) of
                {ok, Id} -> {ok, #{log => Id, prev_result => ok}};
                {error, Reason} -> {error, {open_failed, File, Reason}}
            end;
        {error, Reason} -> {error, {open_failed, File, Reason}}
    end.

config_changed(_, _, S) -> S.

write(Id, How, Text, #{log := Log} = S) ->
    Result = case How of
                 sync -> disk_log:blog(Log, Text);
                 async -> disk_log:balog(Log, Text)
             end,
    {Result, told(Id, log, Result, S)}.

filesync(Id, _, #{log := Log} = S) ->
    Result = disk_log:sync(Log),
    {Result, told(Id, filesync, Result, S)}.

reset_state(_, S) -> S#{prev_result => ok}.

handle_info(Id, {disk_log, _, Log, {error_status, Status}},
            #{log := Log} = S) ->
    told(Id, error_status, Status, S);
handle_info(_, _, S) -> S.

%% The same failure is told once.
told(_, _, Result, #{prev_result := Result} = S) -> S;
told(Id, What, Result, S) when Result =/= ok ->
    io:format(user, "Logger - error: ~0tp~n", [{Id, What, Result}]),
    S#{prev_result => Result};
told(_, _, Result, S) -> S#{prev_result => Result}.

terminate(_, _, #{log := Log}) ->
    _ = disk_log:close(Log),
    ok.
