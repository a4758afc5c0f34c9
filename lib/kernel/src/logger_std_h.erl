%% SPDX-License-Identifier: Apache-2.0
%% logger_std_h: the standard handler: to the terminal, standard error, a
%% device, or a file that may be rotated.
-module(logger_std_h).

-export([log/2, adding_handler/1, changing_config/3, removing_handler/1,
         filter_config/1, filesync/1, info/1, reset/1]).
-export([init/2, check_config/4, config_changed/3, write/4, filesync/3,
         reset_state/2, handle_info/3, terminate/3]).

-define(FILE_KEYS, [file, modes, file_check, max_no_bytes, max_no_files,
                    compress_on_rotate]).

%% ---- called by the logger, and by users ----

adding_handler(Handler) -> logger_h_common:adding_handler(Handler).
removing_handler(Handler) -> logger_h_common:removing_handler(Handler).
changing_config(How, Old, New) ->
    logger_h_common:changing_config(How, Old, New).
filter_config(Handler) -> logger_h_common:filter_config(Handler).
log(Event, Handler) -> logger_h_common:log(Event, Handler).

filesync(Id) -> logger_h_common:filesync(?MODULE, Id).
info(Id) -> logger_h_common:info(?MODULE, Id).
reset(Id) -> logger_h_common:reset(?MODULE, Id).

%% ---- configuration ----

check_config(Id, set, undefined, Config) ->
    check_config(maps:merge(defaults(Id, Config), as_file(Config)));
check_config(Id, set, Old, Config) ->
    %% where it writes stays
    Fixed = maps:with([type, file, modes], Old),
    Defaults = maps:merge(defaults(Id, Old), Fixed),
    check_change(Fixed, maps:merge(Defaults, Config));
check_config(_, update, Old, Config) ->
    check_change(maps:with([type, file, modes], Old),
                 maps:merge(Old, Config)).

check_change(Fixed, New) ->
    Keys = maps:keys(Fixed),
    case maps:with(Keys, with_full_name(New)) of
        Fixed -> check_config(New);
        Wanted -> {error, {illegal_config_change, ?MODULE, Fixed, Wanted}}
    end.

check_config(Config) ->
    case maps:filter(fun(K, V) -> not is_valid(K, V) end, Config) of
        Bad when map_size(Bad) > 0 ->
            {error, {invalid_config, ?MODULE, Bad}};
        _ ->
            case {Config, maps:with(?FILE_KEYS, Config)} of
                {#{type := Type}, FileConfig}
                  when Type =/= file, map_size(FileConfig) > 0 ->
                    {error, {invalid_config, ?MODULE, FileConfig}};
                _ -> {ok, with_full_name(Config)}
            end
    end.

%% {file, Name} and {file, Name, Modes} are how files were once named.
as_file(#{type := {file, File}} = Config) ->
    Config#{type := file, file => File};
as_file(#{type := {file, File, Modes}} = Config) ->
    Config#{type := file, file => File, modes => Modes};
as_file(#{file := _} = Config) -> maps:merge(#{type => file}, Config);
as_file(Config) -> Config.

defaults(Id, Config) ->
    case maps:get(type, as_file(Config), standard_io) of
        file ->
            #{type => file, file => atom_to_list(Id),
              modes => [raw, append], file_check => 0,
              max_no_bytes => infinity, max_no_files => 0,
              compress_on_rotate => false};
        Type -> #{type => Type, filesync_repeat_interval => no_repeat}
    end.

with_full_name(#{type := file, file := File, modes := Modes} = Config) ->
    Writing = case [M || M <- Modes, lists:member(M, [write, append,
                                                      exclusive])] of
                  [] -> [append | Modes];
                  _ -> Modes
              end,
    Delayed = case lists:keymember(delayed_write, 1, Writing)
                  orelse lists:member(delayed_write, Writing) of
                  true -> Writing;
                  false -> [delayed_write | Writing]
              end,
    Config#{file := filename:absname(File),
            modes := case lists:member(raw, Delayed) of
                         true -> Delayed;
                         false -> [raw | Delayed]
                     end};
with_full_name(Config) -> Config.

is_valid(type, standard_io) -> true;
is_valid(type, standard_error) -> true;
is_valid(type, file) -> true;
is_valid(type, {device, _}) -> true;
is_valid(file, File) -> is_list(File) orelse is_binary(File);
is_valid(modes, Modes) -> is_list(Modes);
is_valid(file_check, N) -> is_integer(N) andalso N >= 0;
is_valid(max_no_bytes, infinity) -> true;
is_valid(max_no_bytes, N) -> is_integer(N) andalso N > 0;
is_valid(max_no_files, N) -> is_integer(N) andalso N >= 0;
is_valid(compress_on_rotate, V) -> is_boolean(V);
is_valid(filesync_repeat_interval, _) -> true;
is_valid(_, _) -> false.

%% ---- the device ----

init(_, #{type := file} = Config) ->
    case opened(Config#{dev => none}) of
        {ok, S} -> {ok, regulated(S)};
        Error -> Error
    end;
init(_, #{type := Type}) -> {ok, #{type => Type, dev => device(Type)}}.

device(standard_io) -> user;
device(standard_error) -> standard_error;
device({device, Device}) -> Device.

opened(#{file := File, modes := Modes} = S) ->
    case filelib:ensure_dir(File) of
        ok ->
            case file:open(File, Modes) of
                {ok, Device} ->
                    {ok, size_noted(S#{dev => Device, inode => inode(File),
                                       last_check => now_ms(),
                                       synced => true, filesync => ok})};
                {error, Reason} -> {error, {open_failed, File, Reason}}
            end;
        {error, Reason} -> {error, {open_failed, File, Reason}}
    end.

size_noted(#{max_no_bytes := infinity} = S) -> S;
size_noted(#{file := File} = S) -> S#{curr_size => filelib:file_size(File)}.

now_ms() -> erlang:monotonic_time(millisecond).

config_changed(_, Config, #{type := file} = S) ->
    Changed = maps:with([file_check, max_no_bytes, max_no_files,
                         compress_on_rotate], Config),
    regulated(size_noted(maps:merge(S, Changed)));
config_changed(_, _, S) -> S.

%% Older files become as many as are wanted, and compressed or not as is wanted
%% now. The file itself may be too long already.
regulated(#{max_no_bytes := infinity, file := File} = S) ->
    drop_extra(File, 0),
    S;
regulated(#{max_no_files := Count, file := File,
            compress_on_rotate := Compress} = S) ->
    drop_extra(File, Count),
    [case Compress of
         true -> compress(name(File, N, ""));
         false -> decompress(name(File, N, ".gz"))
     end || N <- lists:seq(0, Count - 1)],
    rotated(S).

write(Id, _, Text, #{type := file} = S0) ->
    #{dev := Device} = S = still_there(S0),
    Result = file:write(Device, Text),
    S1 = told(write, Id, Result, S#{synced => false}),
    {Result, case Result of
                 ok -> rotated(grown(byte_size(Text), S1));
                 _ -> S1
             end};
write(_, _, Text, #{dev := Device} = S) ->
    {try io:put_chars(Device, Text) catch _:_ -> {error, terminated} end, S}.

grown(N, #{curr_size := Size} = S) -> S#{curr_size := Size + N};
grown(_, S) -> S.

%% An error is told when it is another one than the last time.
told(Operation, Id, Result, #{file := File} = S) ->
    Result =:= ok orelse Result =:= maps:get(Operation, S, ok)
        orelse io:format(user, "Logger - error: ~0tp~n",
                         [{Id, Operation, File, Result}]),
    S#{Operation => Result}.

%% Who asks for it is not told of an error.
filesync(Id, _, #{type := file} = S0) ->
    case still_there(S0, 0) of
        #{synced := true} = S -> {ok, S};
        #{dev := Device} = S ->
            {ok, told(filesync, Id, file:datasync(Device),
                      S#{synced := true})}
    end;
filesync(_, _, S) -> {ok, S}.

reset_state(_, S) -> S.

handle_info(_, _, S) -> S.

terminate(_, _, #{type := file, dev := Device}) ->
    _ = file:datasync(Device),
    file:close(Device);
terminate(_, _, _) -> ok.

%% ---- files that move away or get full ----

inode(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, Info} -> element(12, Info);
        _ -> none
    end.

%% Looks now and then whether the open file still is the one of that name.
still_there(#{file_check := Time} = S) -> still_there(S, Time).

still_there(#{last_check := Last, file := File, inode := Inode,
              dev := Device} = S, Time) ->
    case now_ms() of
        Now when Now - Last < Time -> S;
        Now ->
            case inode(File) of
                Inode -> S#{last_check => Now};
                _ ->
                    _ = file:close(Device),
                    replaced_by_new(S)
            end
    end.

reopened(S) ->
    case opened(S) of
        {ok, New} -> New;
        {error, _} -> S
    end.

%% A file that was taken away counts with what it held, until it is rotated.
replaced_by_new(S) ->
    maps:merge(reopened(S), maps:with([curr_size], S)).

rotated(#{max_no_bytes := infinity} = S) -> S;
rotated(#{max_no_bytes := Most, curr_size := Size} = S) when Size =< Most -> S;
rotated(#{max_no_files := Count, file := File, dev := Device,
          compress_on_rotate := Compress, modes := Modes} = S) ->
    _ = file:close(Device),
    drop_extra(File, Count),
    shift(File, Count, Compress),
    %% what was opened for writing anew must now be made anew
    reopened(S#{modes := [case M of exclusive -> append; _ -> M end
                          || M <- Modes]}).

%% Files of times when more were kept.
drop_extra(File, Count) ->
    case file:delete(name(File, Count, ""), [raw]) of
        ok -> drop_extra(File, Count + 1);
        _ ->
            case file:delete(name(File, Count, ".gz"), [raw]) of
                ok -> drop_extra(File, Count + 1);
                _ -> ok
            end
    end.

name(File, N, End) -> lists:concat([File, ".", N, End]).

shift(File, 0, _) -> file:delete(File, [raw]);
shift(File, Count, Compress) ->
    [file:rename(name(File, N - 1, End), name(File, N, End))
     || N <- lists:seq(Count - 1, 1, -1), End <- ["", ".gz"],
        filelib:is_regular(name(File, N - 1, End))],
    file:rename(File, name(File, 0, "")),
    Compress andalso compress(name(File, 0, "")),
    ok.

compress(File) -> replaced(File, File ++ ".gz", fun zlib:gzip/1).

decompress(File) ->
    replaced(File, filename:rootname(File, ".gz"), fun zlib:gunzip/1).

%% What is not there need not be replaced.
replaced(File, New, Changed) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            ok = file:write_file(New, Changed(Bytes)),
            file:delete(File);
        {error, _} -> ok
    end.
