%% SPDX-License-Identifier: Apache-2.0
%% dets_file: the file of a dets table, a log of what was done to it.
%%
%% A file begins with a head of fixed size: the magic, a byte that is 1 while
%% all is written and no table has it open for writing, and the table's type
%% and key position. Behind it stand entries: size, CRC, and a term in the
%% external format, {insert, Objects}, {delete, Key}, {delete_object, Object}
%% or delete_all. What an interrupted write left at the end is cut off. When
%% more than half of a log is about what is gone, it is written anew.
-module(dets_file).

-export([open/3, create/3, read_head/1, append/2, close/2, sync/1, size/1]).

-define(MAGIC, "MRLDETS1").
-define(HEAD, 16).
-define(CLOSED_AT, 8).

%% Logs are not written anew below this size.
-define(SMALL, 65536).

-record(dets_file, {name, file, access, size, dirty = false}).

%% {ok, #{type, keypos, closed}} of a file that is one of ours.
read_head(Name) ->
    case file:open(Name, [raw, binary, read]) of
        {ok, File} ->
            Head = file:read(File, ?HEAD),
            file:close(File),
            case Head of
                {ok, Bytes} -> parse_head(Bytes);
                eof -> {error, not_a_dets_file};
                Error -> Error
            end;
        Error ->
            Error
    end.

parse_head(<<?MAGIC, Closed, Type, KeyPos:32, _:16>>) ->
    {ok, #{type => lists:nth(Type + 1, types()), keypos => KeyPos,
           closed => Closed =:= 1}};
parse_head(_) ->
    {error, not_a_dets_file}.

head(Closed, Type, KeyPos) ->
    Number = length(lists:takewhile(fun(T) -> T =/= Type end, types())),
    <<?MAGIC, Closed, Number, KeyPos:32, 0:16>>.

types() -> [set, bag, duplicate_bag].

create(Name, Type, KeyPos) ->
    case file:open(Name, [raw, binary, read, write]) of
        {ok, File} ->
            ok = file:truncate(File),
            ok = file:write(File, head(1, Type, KeyPos)),
            {ok, #dets_file{name = Name, file = File, access = read_write,
                            size = ?HEAD}};
        Error ->
            Error
    end.

%% Opens a file that exists and does to [Ets] what it says.
open(Name, Access, Ets) ->
    Modes = case Access of
        read -> [raw, binary, read];
        read_write -> [raw, binary, read, write]
    end,
    case file:open(Name, Modes) of
        {ok, File} ->
            {ok, <<Head:?HEAD/binary, Log/binary>>} = file:read_file(Name),
            Good = ?HEAD + replay(Log, Ets, 0),
            F = #dets_file{name = Name, file = File, access = Access,
                           size = Good},
            {ok, _} = file:position(File, Good),
            Access =:= read orelse file:truncate(File),
            {ok, shorten(F, Head, Ets)};
        Error ->
            Error
    end.

%% Answers how many bytes of the log are whole entries.
replay(<<Size:32, Crc:32, Bytes:Size/binary, Rest/binary>>, Ets, Done) ->
    case erlang:crc32(Bytes) of
        Crc ->
            try perform(binary_to_term(Bytes), Ets)
            catch error:_ -> ok % no entry of ours
            end,
            replay(Rest, Ets, Done + 8 + Size);
        _ ->
            Done
    end;
replay(_, _, Done) ->
    Done.

perform({insert, Objects}, Ets) -> ets:insert(Ets, Objects);
perform({delete, Key}, Ets) -> ets:delete(Ets, Key);
perform({delete_object, Object}, Ets) -> ets:delete_object(Ets, Object);
perform(delete_all, Ets) -> ets:delete_all_objects(Ets).

shorten(#dets_file{access = read_write, size = Size} = F, Head, Ets)
  when Size > ?SMALL ->
    Objects = ets:tab2list(Ets),
    Live = erlang:external_size(Objects),
    case Size > 2 * Live + ?SMALL of
        true -> rewrite(F, Head, Objects);
        false -> F
    end;
shorten(F, _, _) ->
    F.

%% Writes a new file beside the old one and puts it in its place.
rewrite(#dets_file{name = Name, file = Old} = F, Head, Objects) ->
    New = Name ++ ".TMP",
    Entry = entry({insert, Objects}),
    case file:write_file(New, [Head, Entry]) of
        ok ->
            file:close(Old),
            ok = file:rename(New, Name),
            {ok, File} = file:open(Name, [raw, binary, read, write]),
            {ok, Size} = file:position(File, eof),
            F#dets_file{file = File, size = Size};
        {error, _} ->
            F % the old one will do
    end.

entry(What) ->
    Bytes = term_to_binary(What),
    <<(byte_size(Bytes)):32, (erlang:crc32(Bytes)):32, Bytes/binary>>.

append(What, #dets_file{size = Size} = F0) ->
    F = set_closed(0, F0),
    Entry = entry(What),
    case file:write(F#dets_file.file, Entry) of
        ok -> {ok, F#dets_file{size = Size + byte_size(Entry)}};
        {error, Reason} -> {error, {file_error, F#dets_file.name, Reason}}
    end.

set_closed(0, #dets_file{dirty = true} = F) -> F;
set_closed(1, #dets_file{dirty = false} = F) -> F;
set_closed(Closed, #dets_file{file = File, size = Size} = F) ->
    ok = file:pwrite(File, ?CLOSED_AT, <<Closed>>),
    {ok, Size} = file:position(File, Size),
    F#dets_file{dirty = Closed =:= 0}.

sync(#dets_file{access = read} = F) ->
    F;
sync(F) ->
    F1 = set_closed(1, F),
    file:sync(F1#dets_file.file),
    F1.

close(#dets_file{access = Access, file = File} = F, Ets) ->
    case Access of
        read ->
            file:close(File);
        read_write ->
            {ok, Head} = file:pread(File, 0, ?HEAD),
            #dets_file{file = Last} = set_closed(1, shorten(F, Head, Ets)),
            file:close(Last)
    end.

size(#dets_file{size = Size}) -> Size.
