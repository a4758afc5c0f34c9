%% SPDX-License-Identifier: Apache-2.0
%% wrap_log_reader: reads the files of a wrap log without opening it, while
%% another process may write them.
-module(wrap_log_reader).

-export([open/1, open/2, chunk/1, chunk/2, close/1]).
-export_type([continuation/0]).

-include_lib("kernel/include/file.hrl").

%% only: one file alone was asked for. rest: what was read and not yet given
%% out, which stands even if the file is written anew meanwhile. time: when the
%% file had been written last as its reading began.
-record(wrap_reader, {base, file, at = 8, rest = <<>>, current, files, time,
                      only = false}).
-opaque continuation() :: #wrap_reader{}.

open(Base) -> open(Base, oldest).

open(Base, N) when is_atom(Base) -> open(atom_to_list(Base), N);
open(Base, N) ->
    case {disk_log_1:read_size(Base), disk_log_1:read_index(Base)} of
        {{_, Files}, {Current, _}} when is_integer(Current) ->
            R = #wrap_reader{base = Base, current = Current, files = Files},
            case N of
                oldest -> checked(R#wrap_reader{file = oldest(R)});
                _ when is_integer(N), N >= 1, N =< Files ->
                    opened(R#wrap_reader{file = N, only = true});
                _ -> {error, {file_not_found, disk_log_1:file(Base, N)}}
            end;
        _ -> {error, {index_file_not_found, Base}}
    end.

opened(#wrap_reader{base = Base, file = N} = R) ->
    File = disk_log_1:file(Base, N),
    case filelib:is_regular(File) of
        true -> checked(R);
        false -> {error, {file_not_found, File}}
    end.

checked(#wrap_reader{base = Base, file = N} = R) ->
    File = disk_log_1:file(Base, N),
    case file:open(File, [raw, binary, read]) of
        {ok, Device} ->
            Start = file:read(Device, 8),
            _ = file:close(Device),
            case Start of
                {ok, Bytes} when byte_size(Bytes) =:= 8 ->
                    case disk_log_1:is_log(Bytes) of
                        not_a_log -> {error, {not_a_log_file, File}};
                        _ -> stamped(R, File)
                    end;
                _ -> {error, {not_a_log_file, File}}
            end;
        {error, _} -> {error, {not_a_log_file, File}}
    end.

stamped(R, File) ->
    case file:read_file_info(File, [{time, posix}]) of
        {ok, #file_info{mtime = Time}} -> {ok, R#wrap_reader{time = Time}};
        Error -> {error, {file_error, File, Error}}
    end.

oldest(#wrap_reader{current = N} = R) -> existing(next(N, R), R).

existing(N, #wrap_reader{current = N}) -> N;
existing(F, #wrap_reader{base = Base} = R) ->
    case filelib:is_regular(disk_log_1:file(Base, F)) of
        true -> F;
        false -> existing(next(F, R), R)
    end.

next(N, #wrap_reader{files = Files}) when N >= Files -> 1;
next(N, _) -> N + 1.

chunk(Reader) -> chunk(Reader, infinity).

chunk(#wrap_reader{base = Base, file = N, at = At, rest = <<>>} = R, Most)
  when Most =:= infinity; is_integer(Most), Most > 0 ->
    File = disk_log_1:file(Base, N),
    case file:read_file(File) of
        {ok, <<_:At/binary, Rest/binary>>} when byte_size(Rest) > 0 ->
            chunk(R#wrap_reader{rest = Rest}, Most);
        {ok, _} -> at_end(R, Most);
        {error, Reason} -> {error, {file_error, File, {error, Reason}}}
    end;
chunk(#wrap_reader{at = At, rest = Rest, file = N, current = Current} = R,
      Most) when Most =:= infinity; is_integer(Most), Most > 0 ->
    {Items, Used, Bad} = disk_log_1:next(Rest, Most),
    Terms = [binary_to_term(I) || I <- Items],
    <<_:Used/binary, Left/binary>> = Rest,
    More = R#wrap_reader{at = At + Used, rest = Left},
    case Bad of
        0 -> {More, Terms};
        _ when Terms =:= [], N =/= Current -> at_end(More, Most);
        _ -> {More, Terms, Bad}
    end.

at_end(#wrap_reader{only = true} = R, _) -> {R, eof};
at_end(#wrap_reader{file = N, current = N} = R, _) -> {R, eof};
%% What was written before the file at hand is none that follows: the log has
%% wrapped over this one.
at_end(#wrap_reader{base = Base, file = N, time = Time} = R, Most) ->
    Next = R#wrap_reader{file = next(N, R), at = 8, rest = <<>>},
    File = disk_log_1:file(Base, Next#wrap_reader.file),
    case file:read_file_info(File, [{time, posix}]) of
        {ok, #file_info{mtime = Before}} when Before < Time ->
            {error, {is_wrapped, disk_log_1:file(Base, N)}};
        {ok, _} ->
            case checked(Next) of
                {ok, Opened} -> chunk(Opened, Most);
                Error -> Error
            end;
        Error -> {error, {file_error, File, Error}}
    end.

close(#wrap_reader{}) -> ok.
