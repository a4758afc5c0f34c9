%% SPDX-License-Identifier: Apache-2.0
%% http_chunk: parts of a body as they are sent.
-module(http_chunk).

-export([encode/1, encode_last/0, encode_last/1]).

%% A list for a list, a binary for a binary.
encode(Chunk) when is_binary(Chunk) ->
    <<(integer_to_binary(byte_size(Chunk), 16))/binary, "\r\n", Chunk/binary,
      "\r\n">>;
encode(Chunk) when is_list(Chunk) ->
    lists:append([integer_to_list(iolist_size(Chunk), 16), "\r\n",
                  binary_to_list(iolist_to_binary(Chunk)), "\r\n"]).

%% The end, with headers that were not known before.
encode_last() -> <<"0\r\n\r\n">>.

encode_last([]) -> encode_last();
encode_last(Headers) ->
    iolist_to_binary(["0\r\n", http_text:format_headers(Headers), "\r\n"]).
