%% SPDX-License-Identifier: Apache-2.0
%% peer_wire: what peer and origin send each other, as OTP's nodes do.
%%
%% On a socket each packet is a term in the external format. On standard input
%% and output terms share the way with what the peer prints: a term with its
%% size in front and its checksum behind goes in bytes of the shape 11xxxx11,
%% half a byte in each, which no readable text has; all other bytes are text.
-module(peer_wire).

-export([send/3, split/2, terms/1]).

-spec send(tcp | port, gen_tcp:socket() | port(), term()) -> ok.
send(tcp, Socket, Term) -> ok = gen_tcp:send(Socket, term_to_binary(Term));
send(port, Port, Term) ->
    true = port_command(Port, encoded(term_to_binary(Term))),
    ok.

encoded(Bytes) ->
    Packet = <<(byte_size(Bytes)):32, Bytes/binary, (erlang:crc32(Bytes)):32>>,
    << <<2#11:2, Half:4, 2#11:2>> || <<Half:4>> <= Packet >>.

%% The text in [Bytes], and [Packed] (what is left of the packets before) with
%% the halves of bytes that stand in it.
-spec split(binary(), bitstring()) -> {binary(), bitstring()}.
split(Bytes, Packed) -> split(Bytes, <<>>, Packed).

split(<<2#11:2, Half:4, 2#11:2, Rest/binary>>, Text, Packed) ->
    split(Rest, Text, <<Packed/bitstring, Half:4>>);
split(<<Char, Rest/binary>>, Text, Packed) ->
    split(Rest, <<Text/binary, Char>>, Packed);
split(<<>>, Text, Packed) -> {Text, Packed}.

%% The terms of the packets that are complete, and the rest.
-spec terms(bitstring()) -> {[term()], bitstring()}.
terms(Packed) -> terms(Packed, []).

terms(<<Size:32, Bytes:Size/binary, Sum:32, Rest/bitstring>>, Terms) ->
    Sum = erlang:crc32(Bytes),
    terms(Rest, [binary_to_term(Bytes) | Terms]);
terms(Rest, Terms) -> {lists:reverse(Terms), Rest}.
