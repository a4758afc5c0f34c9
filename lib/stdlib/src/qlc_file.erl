%% SPDX-License-Identifier: Apache-2.0
%% Temporary files of queries: terms in external format, each with its size in
%% four bytes before it, as file_sorter has them.
-module(qlc_file).

-export([new/2, open/2, add/2, objects/1, clear/1, remove/1, name/1]).

-include("qlc.hrl").

-define(PIECE, 65536).

%% A new file, if [Settings] allow it; [Why] is caching or joining.
-spec new(#qlc_opt{}, atom()) -> {file:fd(), string()} | {error, qlc, term()}.
new(#qlc_opt{tmpdir_usage = not_allowed}, Why) ->
    {error, qlc, {tmpdir_usage, Why}};
new(#qlc_opt{tmpdir = Dir, tmpdir_usage = Usage}, Why) ->
    qlc_sort:told(Usage, Why),
    open(name(Dir), [write]).

open(Name, Modes) ->
    case file:open(Name, [read, raw, binary | Modes]) of
        {ok, Fd} -> {Fd, Name};
        Error -> wrong(Name, Error)
    end.

%% One of its own in [Dir], or the current directory.
name(Dir) ->
    Top = case Dir of
              "" ->
                  {ok, Here} = file:get_cwd(),
                  Here;
              _ -> Dir
          end,
    Base = lists:concat([qlc, "_", node(), "_", os:getpid(), "_",
                         erlang:unique_integer()]),
    filename:join(filename:absname(Top), Base).

add({Fd, Name}, Terms) ->
    Items = [begin
                 Bytes = term_to_binary(T),
                 [<<(byte_size(Bytes)):32>>, Bytes]
             end || T <- Terms],
    case file:write(Fd, Items) of
        ok -> ok;
        Error -> wrong(Name, Error)
    end.

%% All terms, from the beginning.
objects({Fd, Name} = File) ->
    case file:position(Fd, bof) of
        {ok, 0} -> read(File, <<>>, 0);
        Error -> wrong(Name, Error)
    end.

%% [Need]: the bytes that the next term takes, or 0.
read({Fd, Name} = File, Left, Need) ->
    case file:read(Fd, max(?PIECE, Need)) of
        {ok, Bytes} -> terms(File, <<Left/binary, Bytes/binary>>);
        eof when Left =:= <<>> -> [];
        eof -> {error, qlc, {bad_object, Name}};
        Error -> wrong(Name, Error)
    end.

terms({_, Name} = File, Bytes) ->
    try split(Bytes, []) of
        {[], <<Size:32, Rest/binary>>} ->
            read(File, Bytes, Size - byte_size(Rest));
        {[], Rest} -> read(File, Rest, 0);
        {Terms, Rest} ->
            lists:reverse(Terms, fun() -> more(File, Rest) end)
    catch error:_ -> {error, qlc, {bad_object, Name}}
    end.

more(File, <<Size:32, Rest/binary>> = Left) ->
    read(File, Left, Size - byte_size(Rest));
more(File, Left) -> read(File, Left, 0).

split(<<Size:32, Bytes:Size/binary, Rest/binary>>, Terms) ->
    split(Rest, [binary_to_term(Bytes) | Terms]);
split(Rest, Terms) -> {Terms, Rest}.

clear({Fd, Name}) ->
    case file:position(Fd, bof) of
        {ok, 0} ->
            case file:truncate(Fd) of
                ok -> ok;
                Error -> wrong(Name, Error)
            end;
        Error -> wrong(Name, Error)
    end.

remove({Fd, Name}) ->
    _ = file:close(Fd),
    _ = file:delete(Name),
    ok.

wrong(Name, {error, Reason}) -> {error, qlc, {file_error, Name, Reason}}.
