%% SPDX-License-Identifier: Apache-2.0
%% zlib: compresses and expands, whole or piece by piece by way of a stream,
%% which only its owner may use. The streams are in C: the functions _nif, which
%% errors tell as OTP's.
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

%% Bytes that a step may read, and of output that it makes.
-define(INPUT_STEP, 8192).
-define(DEFLATE_STEP, 8192).
-define(INFLATE_STEP, 16384).

%% ---- Streams ----

-spec open() -> zstream().
open() -> zlib:open_nif().

-spec close(zstream()) -> ok.
close(Z) -> zlib:close_nif(Z).

-spec set_controlling_process(zstream(), pid()) -> ok.
set_controlling_process(Z, Pid) -> zlib:set_controller_nif(Z, Pid).

deflateInit(Z) -> deflateInit(Z, default).

deflateInit(Z, Level) ->
    deflateInit(Z, Level, deflated, ?BITS, ?MEMORY, default).

-spec deflateInit(zstream(), zlevel(), deflated, zwindowbits(), zmemlevel(),
                  zstrategy()) -> ok.
deflateInit(Z, Level, Method, Bits, Memory, Strategy) ->
    zlib:deflateInit_nif(Z, arg_level(Level), arg_method(Method),
                         arg_bitsz(Bits), arg_mem(Memory),
                         arg_strategy(Strategy)).

-spec deflateSetDictionary(zstream(), iodata()) -> non_neg_integer().
deflateSetDictionary(Z, Dictionary) ->
    zlib:deflateSetDictionary_nif(Z, Dictionary).

-spec deflateReset(zstream()) -> ok.
deflateReset(Z) -> zlib:deflateReset_nif(Z).

%% What was given so far is compressed as before; that output comes with the
%% next.
-spec deflateParams(zstream(), zlevel(), zstrategy()) -> ok.
deflateParams(Z, Level0, Strategy0) ->
    Level = arg_level(Level0),
    Strategy = arg_strategy(Strategy0),
    Output = deflate(Z, [], sync),
    case zlib:deflateParams_nif(Z, Level, Strategy) of
        ok -> zlib:setStash_nif(Z, Output);
        Other -> Other
    end.

-spec deflate(zstream(), iodata()) -> iolist().
deflate(Z, Data) -> deflate(Z, Data, none).

-spec deflate(zstream(), iodata(), zflush()) -> iolist().
deflate(Z, Data, Flush) ->
    Held = restore_progress(Z, deflate),
    enqueue_input(Z, Data),
    Number = arg_flush(Flush),
    Step = fun() -> zlib:deflate_nif(Z, ?INPUT_STEP, ?DEFLATE_STEP, Number) end,
    dequeue_all_chunks_1(Z, Step, Held).

-spec deflateEnd(zstream()) -> ok.
deflateEnd(Z) -> zlib:deflateEnd_nif(Z).

inflateInit(Z) -> inflateInit(Z, ?BITS).

inflateInit(Z, Bits) -> inflateInit(Z, Bits, cut).

%% The last argument says what becomes of input behind the end.
-spec inflateInit(zstream(), zwindowbits(), error | reset | cut) -> ok.
inflateInit(Z, Bits, AtEnd) ->
    zlib:inflateInit_nif(Z, arg_bitsz(Bits), arg_eos_behavior(AtEnd)).

-spec inflateSetDictionary(zstream(), iodata()) -> ok.
inflateSetDictionary(Z, Dictionary) ->
    zlib:inflateSetDictionary_nif(Z, Dictionary).

-spec inflateGetDictionary(zstream()) -> binary().
inflateGetDictionary(Z) -> <<(zlib:inflateGetDictionary_nif(Z))/binary>>.

-spec inflateReset(zstream()) -> ok.
inflateReset(Z) -> zlib:inflateReset_nif(Z).

-spec inflate(zstream(), iodata()) -> iolist().
inflate(Z, Data) -> inflate(Z, Data, []).

-spec inflate(zstream(), iodata(), [{exception_on_need_dict, boolean()}]) ->
          iolist() | {need_dictionary, non_neg_integer(), iolist()}.
inflate(Z, Data, Options) ->
    enqueue_input(Z, Data),
    Step = fun() -> inflate_step(Z, ?INFLATE_STEP) end,
    Result = dequeue_all_chunks_1(Z, Step, []),
    case lists:keyfind(exception_on_need_dict, 1, Options) of
        {_, false} -> Result;
        _ -> without_dictionary(Z, Result)
    end.

-spec inflateEnd(zstream()) -> ok.
inflateEnd(Z) -> zlib:inflateEnd_nif(Z).

-spec safeInflate(zstream(), iodata()) ->
          {continue | finished, iolist()}
        | {need_dictionary, non_neg_integer(), iolist()}.
safeInflate(Z, Data) ->
    enqueue_input(Z, Data),
    inflate_step(Z, ?INFLATE_STEP).

inflateChunk(Z, Data) ->
    enqueue_input(Z, Data),
    inflateChunk(Z).

inflateChunk(Z) ->
    Size = zlib:getBufSize_nif(Z),
    case without_dictionary(Z, inflate_step(Z, Size)) of
        {continue, Output} -> {more, lists:flatten(Output)};
        {finished, Output} -> lists:flatten(Output)
    end.

setBufSize(Z, Size)
  when is_integer(Size), Size > 16, Size < 1 bsl 24 ->
    zlib:setBufSize_nif(Z, Size);
setBufSize(_, _) ->
    error(badarg).

getBufSize(Z) -> zlib:getBufSize_nif(Z).

%% A dictionary that is missing is an error; what came before is kept for the
%% next call.
without_dictionary(Z, {need_dictionary, Adler, Output}) ->
    zlib:setStash_nif(Z, Output),
    error({need_dictionary, Adler});
without_dictionary(Z, {Mark, Output}) ->
    {Mark, behind(zlib:getStash_nif(Z), Output)};
without_dictionary(Z, Output) ->
    behind(zlib:getStash_nif(Z), Output).

restore_progress(Z, _) ->
    case zlib:getStash_nif(Z) of
        [] -> [];
        Held -> Held
    end.

enqueue_input(Z, Data) ->
    Vector = erlang:iolist_to_iovec(Data),
    enqueue_input_1(Z, Vector).

enqueue_input_1(Z, Vector) ->
    ok = zlib:enqueue_nif(Z, Vector),
    ok.

inflate_step(Z, Size) ->
    zlib:inflate_nif(Z, ?INPUT_STEP, Size, arg_flush(none)).

%% Steps until no input is left.
dequeue_all_chunks_1(Z, Step, Output) ->
    case Step() of
        {continue, More} ->
            dequeue_all_chunks_1(Z, Step, behind(Output, More));
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

arg_flush(none) -> 0;
arg_flush(sync) -> 2;
arg_flush(full) -> 3;
arg_flush(finish) -> 4;
arg_flush(_) -> error(bad_flush_mode).

arg_level(none) -> 0;
arg_level(best_speed) -> 1;
arg_level(best_compression) -> 9;
arg_level(default) -> -1;
arg_level(N) when is_integer(N), N >= 0, N =< 9 -> N;
arg_level(_) -> error(bad_compression_level).

arg_strategy(default) -> 0;
arg_strategy(filtered) -> 1;
arg_strategy(huffman_only) -> 2;
arg_strategy(rle) -> 3;
arg_strategy(_) -> error(bad_compression_strategy).

arg_eos_behavior(error) -> 0;
arg_eos_behavior(reset) -> 1;
arg_eos_behavior(cut) -> 2;
arg_eos_behavior(_) -> error(bad_eos_behavior).

arg_method(deflated) -> 8;
arg_method(_) -> error(bad_compression_method).

arg_bitsz(Bits) when is_integer(Bits), Bits >= 8, Bits < 48 -> Bits;
arg_bitsz(Bits) when is_integer(Bits), Bits >= -15, Bits =< -8 -> Bits;
arg_bitsz(_) -> error(bad_windowbits).

arg_mem(Memory) when is_integer(Memory), Memory >= 1, Memory =< 9 -> Memory;
arg_mem(_) -> error(bad_memlevel).

%% ---- Checksums ----

crc32(Z) -> zlib:crc32_nif(Z).

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
%% The streams are used in the functions themselves, which errors tell.

-define(DEFLATED(Data, Bits),
        Z = open(),
        try
            deflateInit(Z, default, deflated, Bits, ?MEMORY, default),
            Output = deflate(Z, Data, finish),
            deflateEnd(Z),
            iolist_to_binary(Output)
        after
            close(Z)
        end).

-define(INFLATED(Data, Bits, AtEnd),
        Z = open(),
        try
            inflateInit(Z, Bits, AtEnd),
            Output = inflate(Z, Data),
            inflateEnd(Z),
            iolist_to_binary(Output)
        after
            close(Z)
        end).

-spec compress(iodata()) -> binary().
compress(Data) -> ?DEFLATED(Data, ?BITS).

-spec uncompress(iodata()) -> binary().
uncompress(Data) ->
    try iolist_size(Data) of
        Size when Size >= 8 -> ?INFLATED(Data, ?BITS, cut);
        _ -> error(data_error)
    catch
        error:badarg -> error(badarg)
    end.

%% Without a header, as in zip archives.
-spec zip(iodata()) -> binary().
zip(Data) -> ?DEFLATED(Data, -?BITS).

-spec unzip(iodata()) -> binary().
unzip(Data) -> ?INFLATED(Data, -?BITS, cut).

-spec gzip(iodata()) -> binary().
gzip(Data) -> ?DEFLATED(Data, ?GZIP_BITS).

%% A file may hold several, one behind the other.
-spec gunzip(iodata()) -> binary().
gunzip(Data) -> ?INFLATED(Data, ?GZIP_BITS, reset).
