%% SPDX-License-Identifier: Apache-2.0
%% http_body: what of the bytes that come is the body of a message: so many, all
%% up to the end of the connection, or chunks with headers behind them.
-module(http_body).

-export([new/1, decode/2, closed/1]).

-type decoder() :: {length, non_neg_integer()} | until_closed
                 | {size, binary()} | {chunk, pos_integer()}
                 | {line_end, binary()} | {trailer, binary()}.
-export_type([decoder/0]).

-define(MOST_OF_SIZE, 1024). % bytes of a line with a size and its extensions

-spec new(chunked | until_closed | non_neg_integer()) -> decoder().
new(chunked) -> {size, <<>>};
new(until_closed) -> until_closed;
new(Length) -> {length, Length}.

%% {more, Data, Decoder}, or {done, Data, Headers, Rest}: what is left over
%% belongs to the next message. Throws {error, Reason}.
-spec decode(binary(), decoder()) ->
          {more, iodata(), decoder()} | {done, iodata(), list(), binary()}.
decode(Bytes, {length, Length}) when byte_size(Bytes) >= Length ->
    <<Body:Length/binary, Rest/binary>> = Bytes,
    {done, Body, [], Rest};
decode(Bytes, {length, Length}) ->
    {more, Bytes, {length, Length - byte_size(Bytes)}};
decode(Bytes, until_closed) -> {more, Bytes, until_closed};
decode(Bytes, Decoder) -> chunks(Bytes, Decoder, []).

chunks(Bytes, {size, Before}, Data) ->
    case line(Bytes, Before) of
        {more, Begun} -> {more, Data, {size, Begun}};
        {Line, Rest} ->
            case size_of(Line) of
                0 -> chunks(Rest, {trailer, <<>>}, Data);
                Size -> chunks(Rest, {chunk, Size}, Data)
            end
    end;
chunks(<<>>, Decoder, Data) -> {more, Data, Decoder};
chunks(Bytes, {chunk, Size}, Data) when byte_size(Bytes) >= Size ->
    <<Part:Size/binary, Rest/binary>> = Bytes,
    chunks(Rest, {line_end, <<>>}, [Data, Part]);
chunks(Bytes, {chunk, Size}, Data) ->
    {more, [Data, Bytes], {chunk, Size - byte_size(Bytes)}};
chunks(Bytes, {line_end, Before}, Data) ->
    case line(Bytes, Before) of
        {more, Begun} -> {more, Data, {line_end, Begun}};
        {<<>>, Rest} -> chunks(Rest, {size, <<>>}, Data);
        {Line, _} -> throw({error, {chunk_end, Line}})
    end;
chunks(Bytes, {trailer, Before}, Data) ->
    All = joined(Before, Bytes),
    case http_head:lines(All) of
        more -> {more, Data, {trailer, All}};
        {Lines, Rest} -> {done, Data, http_headers:parse(Lines), Rest}
    end.

%% A line that ends, without its end, and what is behind it.
line(Bytes, Before) ->
    All = joined(Before, Bytes),
    case binary:split(All, <<"\n">>) of
        [Line, Rest] -> {http_head:without_return(Line), Rest};
        [_] when byte_size(All) > ?MOST_OF_SIZE ->
            throw({error, {chunk_size, All}});
        [_] -> {more, All}
    end.

%% Mostly nothing is before, and then nothing is copied.
joined(<<>>, Bytes) -> Bytes;
joined(Before, Bytes) -> <<Before/binary, Bytes/binary>>.

%% A chunk's size may have extensions behind it.
size_of(Line) ->
    [Digits | _] = binary:split(Line, <<";">>),
    try binary_to_integer(http_head:trim(Digits), 16) of
        Size when Size >= 0 -> Size;
        _ -> throw({error, {chunk_size, binary_to_list(Digits)}})
    catch error:badarg ->
            throw({error, {chunk_size, binary_to_list(Digits)}})
    end.

%% Whether the body is whole when the connection ends here.
closed(until_closed) -> true;
closed(_) -> false.
