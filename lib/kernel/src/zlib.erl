%% SPDX-License-Identifier: Apache-2.0
%% zlib: compresses and expands, whole or piece by piece by way of a stream,
%% which only its owner may use. The streams are in C, see merle_zlib.
-module(zlib).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([open/0, close/1, set_controlling_process/2, deflateInit/1,
         deflateInit/2, deflateInit/6, deflateSetDictionary/2, deflateReset/1,
         deflateParams/3, deflate/2, deflate/3, deflateEnd/1, inflateInit/1,
         inflateInit/2, inflateInit/3, inflateSetDictionary/2,
         inflateGetDictionary/1, inflateReset/1, inflate/2, inflate/3,
         inflateEnd/1, inflateChunk/1, inflateChunk/2, safeInflate/2,
         setBufSize/2, getBufSize/1, crc32/1, crc32/2, crc32/3, adler32/2,
         adler32/3, crc32_combine/4, adler32_combine/4, compress/1,
         uncompress/1, zip/1, unzip/1, gzip/1, gunzip/1]).

-export_type([zstream/0, zflush/0, zlevel/0, zwindowbits/0, zmemlevel/0,
              zstrategy/0]).

-deprecated([{inflateChunk, 1, "use safeInflate/2 instead"},
             {inflateChunk, 2, "use safeInflate/2 instead"},
             {getBufSize, 1,
              "this function will be removed in a future release"},
             {setBufSize, 2,
              "this function will be removed in a future release"},
             {crc32, 1, "use erlang:crc32/1 on the uncompressed data instead"},
             {crc32, 2, "use erlang:crc32/1 instead"},
             {crc32, 3, "use erlang:crc32/2 instead"},
             {adler32, 2, "use erlang:adler32/1 instead"},
             {adler32, 3, "use erlang:adler32/2 instead"},
             {crc32_combine, 4, "use erlang:crc32_combine/3 instead"},
             {adler32_combine, 4, "use erlang:adler_combine/3 instead"}]).

-type zstream() :: reference().
-type zflush() :: none | sync | full | finish.
-type zlevel() :: none | default | best_compression | best_speed | 0..9.
-type zstrategy() :: default | filtered | huffman_only | rle.
-type zmemlevel() :: 1..9.
-type zwindowbits() :: -15..-8 | 8..47.

-define(BITS, 15).
-define(GZIP_BITS, (16 + ?BITS)).
-define(MEMORY, 8).

%% Bytes of output a step makes.
-define(DEFLATE_STEP, 8192).
-define(INFLATE_STEP, 16384).

%% ---- Streams ----

-spec open() -> zstream().
open() -> merle_zlib:open().

-spec close(zstream()) -> ok.
close(Z) -> merle_zlib:close(Z).

-spec set_controlling_process(zstream(), pid()) -> ok.
set_controlling_process(Z, Pid) -> merle_zlib:set_owner(Z, Pid).

deflateInit(Z) -> deflateInit(Z, default).

deflateInit(Z, Level) ->
    deflateInit(Z, Level, deflated, ?BITS, ?MEMORY, default).

-spec deflateInit(zstream(), zlevel(), deflated, zwindowbits(), zmemlevel(),
                  zstrategy()) -> ok.
deflateInit(Z, Level, Method, Bits, Memory, Strategy) ->
    LevelNumber = level(Level),
    Method =:= deflated orelse error(bad_compression_method),
    check_bits(Bits),
    is_integer(Memory) andalso Memory >= 1 andalso Memory =< 9
        orelse error(bad_memlevel),
    merle_zlib:start_deflate(Z, LevelNumber, Bits, Memory, strategy(Strategy)).

-spec deflateSetDictionary(zstream(), iodata()) -> non_neg_integer().
deflateSetDictionary(Z, Dictionary) ->
    merle_zlib:set_dictionary(Z, deflate, Dictionary).

-spec deflateReset(zstream()) -> ok.
deflateReset(Z) -> merle_zlib:reset(Z, deflate).

%% What was given so far is compressed as before; that output comes with the
%% next.
-spec deflateParams(zstream(), zlevel(), zstrategy()) -> ok.
deflateParams(Z, Level0, Strategy0) ->
    Level = level(Level0),
    Strategy = strategy(Strategy0),
    Output = deflate(Z, [], sync),
    case merle_zlib:params(Z, Level, Strategy) of
        ok -> merle_zlib:hold(Z, Output);
        Other -> Other
    end.

-spec deflate(zstream(), iodata()) -> iolist().
deflate(Z, Data) -> deflate(Z, Data, none).

-spec deflate(zstream(), iodata(), zflush()) -> iolist().
deflate(Z, Data, Flush) ->
    Held = merle_zlib:held(Z),
    merle_zlib:add(Z, deflate, Data),
    all(Z, deflate, ?DEFLATE_STEP, flush(Flush), Held).

-spec deflateEnd(zstream()) -> ok.
deflateEnd(Z) -> merle_zlib:finish(Z, deflate).

inflateInit(Z) -> inflateInit(Z, ?BITS).

inflateInit(Z, Bits) -> inflateInit(Z, Bits, cut).

%% The last argument says what becomes of input behind the end.
-spec inflateInit(zstream(), zwindowbits(), error | reset | cut) -> ok.
inflateInit(Z, Bits, AtEnd) ->
    check_bits(Bits),
    merle_zlib:start_inflate(Z, Bits, at_end(AtEnd)).

-spec inflateSetDictionary(zstream(), iodata()) -> ok.
inflateSetDictionary(Z, Dictionary) ->
    merle_zlib:set_dictionary(Z, inflate, Dictionary).

-spec inflateGetDictionary(zstream()) -> binary().
inflateGetDictionary(Z) -> merle_zlib:get_dictionary(Z).

-spec inflateReset(zstream()) -> ok.
inflateReset(Z) -> merle_zlib:reset(Z, inflate).

-spec inflate(zstream(), iodata()) -> iolist().
inflate(Z, Data) -> inflate(Z, Data, []).

-spec inflate(zstream(), iodata(), [{exception_on_need_dict, boolean()}]) ->
          iolist() | {need_dictionary, non_neg_integer(), iolist()}.
inflate(Z, Data, Options) ->
    merle_zlib:add(Z, inflate, Data),
    Result = all(Z, inflate, ?INFLATE_STEP, flush(none), []),
    case lists:keyfind(exception_on_need_dict, 1, Options) of
        {_, false} -> Result;
        _ -> without_dictionary(Z, Result)
    end.

-spec inflateEnd(zstream()) -> ok.
inflateEnd(Z) -> merle_zlib:finish(Z, inflate).

-spec safeInflate(zstream(), iodata()) ->
          {continue | finished, iolist()}
        | {need_dictionary, non_neg_integer(), iolist()}.
safeInflate(Z, Data) ->
    merle_zlib:add(Z, inflate, Data),
    merle_zlib:step(Z, inflate, ?INFLATE_STEP, flush(none)).

inflateChunk(Z, Data) ->
    merle_zlib:add(Z, inflate, Data),
    inflateChunk(Z).

inflateChunk(Z) ->
    Size = merle_zlib:get_chunk(Z),
    case without_dictionary(Z, merle_zlib:step(Z, inflate, Size,
                                               flush(none))) of
        {continue, Output} -> {more, lists:flatten(Output)};
        {finished, Output} -> lists:flatten(Output)
    end.

setBufSize(Z, Size)
  when is_integer(Size), Size > 16, Size < 1 bsl 24 ->
    merle_zlib:set_chunk(Z, Size);
setBufSize(_, _) ->
    error(badarg).

getBufSize(Z) -> merle_zlib:get_chunk(Z).

%% A dictionary that is missing is an error; what came before is kept for the
%% next call.
without_dictionary(Z, {need_dictionary, Adler, Output}) ->
    merle_zlib:hold(Z, Output),
    error({need_dictionary, Adler});
without_dictionary(Z, {Mark, Output}) ->
    {Mark, behind(merle_zlib:held(Z), Output)};
without_dictionary(Z, Output) ->
    behind(merle_zlib:held(Z), Output).

%% Steps until no input is left.
all(Z, Kind, Size, Flush, Output) ->
    case merle_zlib:step(Z, Kind, Size, Flush) of
        {continue, More} ->
            all(Z, Kind, Size, Flush, behind(Output, More));
        {finished, More} ->
            behind(Output, More);
        {need_dictionary, Adler, More} ->
            {need_dictionary, Adler, behind(Output, More)}
    end.

behind([], More) -> More;
behind(Output, []) -> Output;
behind(Output, [Last]) -> [Output, Last];
behind(Output, More) -> [Output, More].

%% ---- Names of what zlib has numbers for ----

flush(none) -> 0;
flush(sync) -> 2;
flush(full) -> 3;
flush(finish) -> 4;
flush(_) -> error(bad_flush_mode).

level(none) -> 0;
level(best_speed) -> 1;
level(best_compression) -> 9;
level(default) -> -1;
level(N) when is_integer(N), N >= 0, N =< 9 -> N;
level(_) -> error(bad_compression_level).

strategy(default) -> 0;
strategy(filtered) -> 1;
strategy(huffman_only) -> 2;
strategy(rle) -> 3;
strategy(_) -> error(bad_compression_strategy).

at_end(error) -> 0;
at_end(reset) -> 1;
at_end(cut) -> 2;
at_end(_) -> error(bad_eos_behavior).

check_bits(Bits) when is_integer(Bits), Bits >= 8, Bits < 48 -> ok;
check_bits(Bits) when is_integer(Bits), Bits >= -15, Bits =< -8 -> ok;
check_bits(_) -> error(bad_windowbits).

%% ---- Checksums ----

crc32(Z) -> merle_zlib:crc32(Z).

crc32(Z, Data) when is_reference(Z) -> erlang:crc32(Data);
crc32(_, _) -> error(badarg).

crc32(Z, Before, Data) when is_reference(Z) -> erlang:crc32(Before, Data);
crc32(_, _, _) -> error(badarg).

adler32(Z, Data) when is_reference(Z) -> erlang:adler32(Data);
adler32(_, _) -> error(badarg).

adler32(Z, Before, Data) when is_reference(Z) -> erlang:adler32(Before, Data);
adler32(_, _, _) -> error(badarg).

crc32_combine(Z, A, B, Size) when is_reference(Z) ->
    erlang:crc32_combine(A, B, Size);
crc32_combine(_, _, _, _) ->
    error(badarg).

adler32_combine(Z, A, B, Size) when is_reference(Z) ->
    erlang:adler32_combine(A, B, Size);
adler32_combine(_, _, _, _) ->
    error(badarg).

%% ---- All at once ----

-spec compress(iodata()) -> binary().
compress(Data) -> deflated(Data, ?BITS).

-spec uncompress(iodata()) -> binary().
uncompress(Data) ->
    try iolist_size(Data) of
        Size when Size >= 8 -> inflated(Data, ?BITS, cut);
        _ -> error(data_error)
    catch
        error:badarg -> error(badarg)
    end.

%% Without a header, as in zip archives.
-spec zip(iodata()) -> binary().
zip(Data) -> deflated(Data, -?BITS).

-spec unzip(iodata()) -> binary().
unzip(Data) -> inflated(Data, -?BITS, cut).

-spec gzip(iodata()) -> binary().
gzip(Data) -> deflated(Data, ?GZIP_BITS).

%% A file may hold several, one behind the other.
-spec gunzip(iodata()) -> binary().
gunzip(Data) -> inflated(Data, ?GZIP_BITS, reset).

deflated(Data, Bits) ->
    Z = open(),
    try
        deflateInit(Z, default, deflated, Bits, ?MEMORY, default),
        Output = deflate(Z, Data, finish),
        deflateEnd(Z),
        iolist_to_binary(Output)
    after
        close(Z)
    end.

inflated(Data, Bits, AtEnd) ->
    Z = open(),
    try
        inflateInit(Z, Bits, AtEnd),
        Output = inflate(Z, Data),
        inflateEnd(Z),
        iolist_to_binary(Output)
    after
        close(Z)
    end.
