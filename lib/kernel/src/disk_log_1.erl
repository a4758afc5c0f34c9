%% SPDX-License-Identifier: Apache-2.0
%% disk_log_1: the files of logs.
%%
%% A file of the internal format is <<1,2,3,4>>, then <<6,7,8,9>> while open or
%% <<99,88,77,11>> when closed, then items <<Size:32, "bWLA", Bytes>>, from
%% 65528 bytes on with the MD5 of <<Size:32>> before the bytes. Older files
%% have items <<Size:32, 12, 33, 44, 55, Bytes>>. Files of the external format
%% hold the bytes alone. A wrap log F has F.1 .. F.N,
%% F.siz = <<2, MaxBytes:64, N:32>> and F.idx = <<0:32, 0, 2, Current:32, Items:64..>>.
-module(disk_log_1).

-export([head/0, frame/1, head_size/1, scan/1, scan/2, next/2, is_log/1,
         open_plain/2, new_file/2, mark_closed/1, mark_open/1, file/2, read_size/1,
         read_size_file/1, write_size/3, read_index/1, write_index/3, remove_extra/3]).

-define(MAGIC, 1, 2, 3, 4).
-define(OPENED, 6, 7, 8, 9).
-define(CLOSED, 99, 88, 77, 11).
-define(ITEM, "bWLA").
-define(OLD_ITEM, 12, 33, 44, 55).
-define(BIG, 65528).

head() -> <<?MAGIC, ?OPENED>>.

%% An item as it stands in the file.
frame(Bytes) when byte_size(Bytes) >= ?BIG ->
    Size = <<(byte_size(Bytes)):32>>,
    [Size, <<?ITEM>>, erlang:md5(Size), Bytes];
frame(Bytes) -> [<<(byte_size(Bytes)):32, ?ITEM>>, Bytes].

%% How many bytes are before those of an item of [Size].
head_size(Size) when Size >= ?BIG -> 24;
head_size(_) -> 8.

%% {Item, Size with its head, Rest} or none.
item(<<Size:32, ?ITEM, Item:Size/binary, Rest/binary>>) when Size < ?BIG ->
    {Item, Size + 8, Rest};
item(<<Size:32, ?ITEM, Sum:16/binary, Item:Size/binary, Rest/binary>>)
  when Size >= ?BIG ->
    case erlang:md5(<<Size:32>>) of
        Sum -> {Item, Size + 24, Rest};
        _ -> none
    end;
item(<<Size:32, ?OLD_ITEM, Item:Size/binary, Rest/binary>>) ->
    {Item, Size + 8, Rest};
item(_) -> none.

%% What a file's bytes are: {opened | closed, Items} or not_a_log.
is_log(<<?MAGIC, ?OPENED, _/binary>>) -> opened;
is_log(<<?MAGIC, ?CLOSED, _/binary>>) -> closed;
is_log(_) -> not_a_log.

%% {[Item], bytes used, bytes that are no item}: all items of [Bytes].
scan(Bytes) -> scan(Bytes, infinity).

%% At most [N] items, each once.
scan(Bytes, N) -> scan(Bytes, N, 0, 0, []).

scan(_, 0, Used, Bad, Items) -> {lists:reverse(Items), Used, Bad};
scan(<<>>, _, Used, Bad, Items) -> {lists:reverse(Items), Used, Bad};
scan(Bytes, N, Used, Bad, Items) ->
    case item(Bytes) of
        {Item, Size, Rest} ->
            scan(Rest, less(N), Used + Size, Bad, [Item | Items]);
        none ->
            Skip = to_next(Bytes),
            <<_:Skip/binary, Rest/binary>> = Bytes,
            scan(Rest, N, Used + Skip, Bad + Skip, Items)
    end.

%% How far it is to where the next item's mark is.
to_next(<<_, Tail/binary>> = Bytes) ->
    case binary:match(Tail, [<<?ITEM>>, <<?OLD_ITEM>>]) of
        {At, _} when At >= 4 -> At - 4 + 1;
        _ -> byte_size(Bytes)
    end.

%% The items up to the first bytes that are none, or these bytes.
next(Bytes, N) ->
    case good(Bytes, N, 0, []) of
        {[], 0} -> scan(Bytes, N);
        {Items, Used} -> {Items, Used, 0}
    end.

good(Bytes, N, Used, Items) ->
    case N =/= 0 andalso item(Bytes) of
        {Item, Size, Rest} -> good(Rest, less(N), Used + Size, [Item | Items]);
        _ -> {lists:reverse(Items), Used}
    end.

less(infinity) -> infinity;
less(N) -> N - 1.

open_plain(Name, read_only) -> file:open(Name, [raw, binary, read]);
open_plain(Name, read_write) -> file:open(Name, [raw, binary, read, write]).

%% A file with these bytes and no others.
new_file(Name, Bytes) ->
    case open_plain(Name, read_write) of
        {ok, Device} ->
            case rewritten(Device, Bytes) of
                ok -> {new, Device};
                {error, Reason} ->
                    _ = file:close(Device),
                    {error, {file_error, Name, Reason}}
            end;
        {error, Reason} -> {error, {file_error, Name, Reason}}
    end.

rewritten(Device, Bytes) ->
    case file:truncate(Device) of
        ok -> file:write(Device, Bytes);
        Error -> Error
    end.

mark_closed(File) -> file:pwrite(File, 4, <<?CLOSED>>).
mark_open(File) -> file:pwrite(File, 4, <<?OPENED>>).

%% ---- wrap logs ----

file(Base, N) -> lists:concat([Base, ".", N]).

read_size(Base) ->
    case file:read_file(Base ++ ".siz") of
        {ok, <<2, Bytes:64, Files:32>>} -> {Bytes, Files};
        {ok, <<1, Bytes:64, Files:32>>} -> {Bytes, Files};
        {ok, <<Bytes:32, Files:32>>} -> {Bytes, Files};
        _ -> none
    end.

%% For those who ask about a log that is closed.
read_size_file(Base) ->
    case read_size(Base) of
        none -> {0, 0};
        Size -> Size
    end.

write_size(Base, Bytes, Files) ->
    File = Base ++ ".siz",
    case file:write_file(File, <<2, Bytes:64, Files:32>>) of
        ok -> ok;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

%% {Current, #{File => Items}}, none, or an error. Older formats have numbers of
%% 32 bits.
read_index(Base) ->
    case file:read_file(Base ++ ".idx") of
        {ok, <<0:40, 2, Current:32, Counts/binary>>} when Current > 0 ->
            {Current, counts([N || <<N:64>> <= Counts])};
        {ok, <<0:40, 1, Current:32, Counts/binary>>} when Current > 0 ->
            {Current, counts([N || <<N:32>> <= Counts])};
        {ok, <<Current, Counts/binary>>}
          when Current > 0, byte_size(Counts) rem 4 =:= 0 ->
            {Current, counts([N || <<N:32>> <= Counts])};
        {ok, _} -> {error, {invalid_index_file, Base ++ ".idx"}};
        _ -> none
    end.

counts(Items) -> maps:from_list(lists:enumerate(Items)).

write_index(Base, Current, Counts) ->
    Files = lists:max([0 | maps:keys(Counts)]),
    file:write_file(Base ++ ".idx",
                    [<<0:32, 0, 2, Current:32>>
                     | [<<(maps:get(N, Counts, 0)):64>>
                        || N <- lists:seq(1, Files)]]).

%% Files of a time when there were more.
remove_extra(Base, From, To) ->
    [file:delete(file(Base, N)) || N <- lists:seq(From, To)],
    ok.
