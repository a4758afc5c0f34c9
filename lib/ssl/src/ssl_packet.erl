%% SPDX-License-Identifier: Apache-2.0
%% Packets: where one ends in what was received, and the form in which it is
%% given to a program.
-module(ssl_packet).

-export([next/3]).

-include("ssl_socket.hrl").

%% {ok, Packet, Rest, Delivery} | {more, Bytes} | {error, Reason}
%% Length is what recv asked for; 0: all there is.
next(Bytes, Length, #delivery{packet = Type, active = Active} = D)
  when Type =:= 0; Type =:= raw ->
    if
        Length =:= 0; Active =/= false; Length =:= byte_size(Bytes) ->
            {ok, form(Bytes, D), <<>>, D};
        Length < byte_size(Bytes) ->
            <<Packet:Length/binary, Rest/binary>> = Bytes,
            {ok, form(Packet, D), Rest, D};
        true -> {more, Bytes}
    end;
next(Bytes, _, #delivery{packet = Type, packet_size = Most} = D) ->
    case erlang:decode_packet(kind(Type), Bytes, [{packet_size, Most}]) of
        {ok, Packet, Rest} -> {ok, given(Packet, D), Rest,
                               headers(Packet, Type, D)};
        {more, _} -> {more, Bytes};
        {error, _} -> {error, {invalid_packet, form(Bytes, D)}}
    end.

%% Behind the first line of HTTP come headers, up to their end.
headers(Packet, Type, D) when element(1, Packet) =:= http_request;
                              element(1, Packet) =:= http_response ->
    case lists:member(Type, [http, http_bin]) of
        true -> D#delivery{packet = {Type, headers}};
        false -> D
    end;
headers(http_eoh, {Type, headers}, D) -> D#delivery{packet = Type};
headers(_, _, D) -> D.

kind({http, headers}) -> httph;
kind({http_bin, headers}) -> httph_bin;
kind(Type) -> Type.

%% The decoder gives what it has read as terms, else bytes.
given(Packet, D) when is_binary(Packet) -> form(Packet, D);
given(Packet, _) -> Packet.

form(Bytes, #delivery{mode = list}) -> binary_to_list(Bytes);
form(Bytes, #delivery{mode = binary, header = 0}) -> Bytes;
form(Bytes, #delivery{header = N}) when N >= byte_size(Bytes) ->
    binary_to_list(Bytes);
form(Bytes, #delivery{header = N}) ->
    <<Header:N/binary, Rest/binary>> = Bytes,
    binary_to_list(Header) ++ Rest.
