%% SPDX-License-Identifier: Apache-2.0
%% Compressing whole, in pieces, with a dictionary; streams in wrong hands or
%% states; compressed files.
%% expect: true
%% expect: {true,true,true,true}
%% expect: {need_dictionary,136184406}
%% expect: <<"abcdefabcdef">>
%% expect: [not_initialized,not_initialized,already_initialized,data_error]
%% expect: {not_on_controlling_process,bad_compression_level,bad_windowbits}
%% expect: [badarg,data_error,data_error]
%% expect: {true,{ok,"line 1\n"},{ok,"line 2"},{ok,13}}
%% expect: {error,einval}
-module(zlib_test).
-export([main/0]).

main() ->
    Text = lists:duplicate(30000, "hello world"),
    Plain = iolist_to_binary(Text),
    show(Plain =:= zlib:uncompress(zlib:compress(Text))),
    Gzipped = zlib:gzip(Text),
    show({Plain =:= zlib:unzip(zlib:zip(Text)), Plain =:= zlib:gunzip(Gzipped),
          <<Plain/binary, Plain/binary>> =:= zlib:gunzip([Gzipped, Gzipped]),
          Plain =:= in_pieces(Gzipped)}),
    Z = zlib:open(),
    zlib:deflateInit(Z),
    zlib:deflateSetDictionary(Z, "abcdef"),
    Short = zlib:deflate(Z, "abcdefabcdef", finish),
    zlib:deflateEnd(Z),
    zlib:inflateInit(Z),
    show(reason(fun() -> zlib:inflate(Z, Short) end)),
    zlib:inflateSetDictionary(Z, "abcdef"),
    show(iolist_to_binary(zlib:inflate(Z, []))),
    zlib:inflateEnd(Z),
    show([reason(F) || F <- [fun() -> zlib:inflate(Z, "") end,
                             fun() -> zlib:close(Z), zlib:close(Z) end,
                             fun() -> Y = zlib:open(), zlib:inflateInit(Y),
                                      zlib:deflateInit(Y) end,
                             fun() -> Y = zlib:open(), zlib:inflateInit(Y),
                                      zlib:inflateEnd(Y) end]]),
    Self = self(),
    W = zlib:open(),
    spawn(fun() -> Self ! reason(fun() -> zlib:inflateInit(W) end) end),
    show({receive R -> R end, reason(fun() -> zlib:deflateInit(W, 10) end),
          reason(fun() -> zlib:inflateInit(W, 50) end)}),
    show([reason(fun() -> zlib:uncompress(X) end)
          || X <- [a, "", "garbage of some length"]]),
    files().

in_pieces(Gzipped) ->
    Z = zlib:open(),
    zlib:inflateInit(Z, 31),
    Out = [zlib:inflate(Z, [B]) || <<B>> <= Gzipped],
    zlib:inflateEnd(Z),
    iolist_to_binary(Out).

files() ->
    Lines = [io_lib:format("line ~p~n", [N]) || N <- lists:seq(1, 20000)],
    ok = file:write_file("lines.gz", Lines, [compressed]),
    {ok, Bytes} = file:read_file("lines.gz"),
    {ok, F} = file:open("lines.gz", [read, compressed]),
    First = file:read_line(F),
    {ok, _} = file:pread(F, 100000, 20),
    {ok, 7} = file:position(F, 7),
    show({iolist_to_binary(Lines) =:= zlib:gunzip(Bytes), First,
          file:read(F, 6), file:position(F, cur)}),
    ok = file:close(F),
    show(file:open("lines.gz", [raw, read, write, compressed])).

reason(F) ->
    try F() catch error:Reason -> Reason end.

show(X) -> io:format("~p~n", [X]).
