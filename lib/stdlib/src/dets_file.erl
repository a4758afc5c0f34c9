%% SPDX-License-Identifier: Apache-2.0
%% dets_file: the file of a dets table.
%%
%% A file that is closed is as OTP writes it (dets_format). While a table is
%% open for writing its file is marked so, and what is done to the table is
%% added where the list of free blocks was: size, CRC, and a term in the
%% external format, {insert, Objects}, {delete, Key}, {delete_object, Object}
%% or delete_all. Closing writes the file anew; when that did not happen, who
%% opens it next does what was added.
-module(dets_file).

-export([perform/2]).
-export([open/4, create/2, read_head/1, append/2, close/2, save/2, sync/1,
         info/1]).

-define(HEAD, 312).

%% [end_of_data]: where the first change goes; [size]: where the next goes.
-record(dets_file, {name, file, access, options, size, end_of_data,
                    dirty = false, hash = phash2, counts = true}).

%% {ok, #{type, keypos, closed}} of a file that is one of dets.
read_head(Name) ->
    case file:open(Name, [raw, binary, read]) of
        {ok, File} ->
            Head = file:read(File, ?HEAD),
            Trailer = trailer(File),
            file:close(File),
            case Head of
                {ok, Bytes} -> checked(dets_format:head(Bytes), Trailer);
                eof -> {error, not_a_dets_file};
                Error -> Error
            end;
        Error ->
            Error
    end.

trailer(File) ->
    {ok, Size} = file:position(File, eof),
    case file:pread(File, Size - 4, 4) of
        {ok, <<Said:32>>} -> {Said, Size};
        _ -> {0, Size}
    end.

%% A closed file knows its size.
checked({ok, #{closed := true, base := Base} = Head}, {Said, Size}) ->
    {ok, Head#{closed := Said =:= Size orelse Said + Base =:= Size}};
checked(Result, _) -> Result.

%% An empty file.
create(Name, Options) ->
    case file:open(Name, [raw, binary, read, write]) of
        {ok, File} ->
            Empty = ets:new(dets, []),
            {Bytes, End} = dets_format:encode(Empty, Options),
            ets:delete(Empty),
            ok = file:truncate(File),
            case file:write(File, Bytes) of
                ok ->
                    {ok, #dets_file{name = Name, file = File, size = End,
                                    access = read_write, options = Options,
                                    end_of_data = End}};
                Error -> Error
            end;
        {error, _} when map_get(ram_file, Options) ->
            %% Only closing has to write it.
            {ok, #dets_file{name = Name, file = none, access = read_write,
                            options = Options, size = 0, end_of_data = 0,
                            dirty = true}};
        Error ->
            Error
    end.

%% Opens a file that exists and puts into [Ets] what it has.
open(Name, Access, Options, Ets) ->
    Modes = case Access of
        read -> [raw, binary, read];
        read_write -> [raw, binary, read, write]
    end,
    case file:open(Name, Modes) of
        {ok, File} ->
            {ok, Bytes} = file:read_file(Name),
            {ok, #{closed := Closed, end_of_data := End, hash := Hash,
                   counts := Counts}} = dets_format:head(Bytes),
            dets_format:decode(Bytes, fun(Objects) ->
                                          insert(Objects, Options, Ets)
                                      end),
            F = #dets_file{name = Name, file = File, access = Access,
                           options = Options, size = End, end_of_data = End,
                           hash = Hash, counts = Counts},
            case {Closed, Bytes} of
                {false, <<_:End/binary, Changes/binary>>} ->
                    replay(Changes, Ets),
                    {ok, repaired(F, Ets)};
                {false, _} -> {ok, repaired(F, Ets)};
                {true, _} -> {ok, F}
            end;
        Error ->
            Error
    end.

%% A file that was not closed may have what is no object of the table.
insert(Objects, #{keypos := KeyPos}, Ets) ->
    in_order([O || O <- Objects, is_tuple(O), tuple_size(O) >= KeyPos], Ets).

%% One after the other: of several at once ets puts the last first in a bag.
%% What is there already becomes the newest.
in_order(Objects, Ets) ->
    Put = case ets:info(Ets, type) of
              bag ->
                  fun(O) ->
                      ets:delete_object(Ets, O),
                      ets:insert(Ets, O)
                  end;
              _ -> fun(O) -> ets:insert(Ets, O) end
          end,
    lists:foreach(Put, Objects).

repaired(#dets_file{access = read} = F, _) -> F;
repaired(F, Ets) -> save(F#dets_file{dirty = true}, Ets).

replay(<<Size:32, Crc:32, Bytes:Size/binary, Rest/binary>>, Ets) ->
    case erlang:crc32(Bytes) of
        Crc ->
            try perform(binary_to_term(Bytes), Ets)
            catch error:_ -> ok % no entry of ours
            end,
            replay(Rest, Ets);
        _ -> ok
    end;
replay(_, _) -> ok.

%% Does an entry to the table.
perform({insert, Objects}, Ets) when is_list(Objects) -> in_order(Objects, Ets);
perform({insert, Object}, Ets) -> in_order([Object], Ets);
perform({delete, Key}, Ets) -> ets:delete(Ets, Key);
perform({delete_object, Object}, Ets) -> ets:delete_object(Ets, Object);
perform(delete_all, Ets) -> ets:delete_all_objects(Ets).

append(_, #dets_file{file = none} = F) -> {ok, F};
append(What, F0) ->
    Bytes = term_to_binary(What),
    Entry = <<(byte_size(Bytes)):32, (erlang:crc32(Bytes)):32, Bytes/binary>>,
    #dets_file{file = File, size = Size} = F = opened(F0),
    case file:write(File, Entry) of
        ok -> {ok, rehashed(What, F#dets_file{size = Size + byte_size(Entry)})};
        {error, Reason} -> {error, {file_error, F#dets_file.name, Reason}}
    end.

%% An empty table has no reason to keep the old hash function.
rehashed(delete_all, F) -> F#dets_file{hash = phash2, counts = true};
rehashed(_, F) -> F.

%% Before the first change: the mark first, then the room.
opened(#dets_file{dirty = true} = F) -> F;
opened(#dets_file{file = File, end_of_data = End} = F) ->
    {At, Mark} = dets_format:dirty(),
    ok = file:pwrite(File, At, Mark),
    {ok, End} = file:position(File, End),
    ok = file:truncate(File),
    F#dets_file{dirty = true, size = End}.

%% What was done is in the file, though that stays open.
sync(#dets_file{access = read}) -> ok;
sync(#dets_file{file = none, name = Name}) -> unwritten(Name);
sync(#dets_file{file = File}) ->
    _ = file:sync(File),
    ok.

%% The file as that of a closed table, written beside the old one.
save(#dets_file{dirty = false} = F, _) -> F;
save(#dets_file{name = Name, file = Old, options = Options} = F, Ets) ->
    New = Name ++ ".TMP",
    {Bytes, End} = dets_format:encode(Ets, Options),
    case file:write_file(New, Bytes) of
        ok ->
            _ = is_atom(Old) orelse file:close(Old),
            ok = file:rename(New, Name),
            {ok, File} = file:open(Name, [raw, binary, read, write]),
            F#dets_file{file = File, size = End, end_of_data = End,
                        dirty = false, hash = phash2, counts = true};
        {error, _} ->
            _ = file:delete(New),
            F % what was added to the old one is there
    end.

close(F0, Ets) ->
    case save(F0, Ets) of
        #dets_file{file = none, name = Name} -> unwritten(Name);
        #dets_file{file = File} -> file:close(File)
    end.

%% Why it cannot be written.
unwritten(Name) ->
    case file:write_file(Name, <<>>, [append]) of
        ok -> ok;
        {error, Reason} -> {error, {file_error, Name, Reason}}
    end.

%% The size in bytes, with the list of free blocks, the hash function, and
%% whether the file counts its blocks.
info(#dets_file{file = none}) -> #{size => 0, hash => phash2, counts => true};
info(#dets_file{file = File, hash = Hash, counts = Counts}) ->
    {ok, Now} = file:position(File, cur),
    {ok, Size} = file:position(File, eof),
    {ok, _} = file:position(File, Now),
    #{size => Size, hash => Hash, counts => Counts}.
