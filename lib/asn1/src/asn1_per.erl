%% SPDX-License-Identifier: Apache-2.0
%% asn1_per: carries out the orders that encoders of the packed encoding rules
%% give: single bits, numbers and bytes, put one behind the other.
-module(asn1_per).

-export([complete/1]).

%% The whole bytes of what [Orders] say, at least one; unknown orders are an
%% error function_clause.
-spec complete(binary()) -> binary().
complete(<<>>) -> <<>>;
complete(Orders) ->
    case orders(Orders, <<>>) of
        <<>> -> <<0>>;
        Bits -> aligned(Bits)
    end.

orders(<<>>, Acc) -> Acc;
orders(<<Bit, Rest/binary>>, Acc) when Bit =< 1 ->
    orders(Rest, <<Acc/bitstring, Bit:1>>);
orders(<<2, Rest/binary>>, Acc) -> orders(Rest, aligned(Acc));
orders(<<10, Size, Number, Rest/binary>>, Acc) ->
    orders(Rest, <<Acc/bitstring, Number:Size>>);
%% Bytes at a byte's border.
orders(<<20, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, <<(aligned(Acc))/binary, Bytes/binary>>);
orders(<<21, Size:16, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, <<(aligned(Acc))/binary, Bytes/binary>>);
%% Bytes anywhere, but for the last bits.
orders(<<30, Unused, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Size * 8 - Unused, Bytes, Acc));
orders(<<31, Unused, Size:16, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Size * 8 - Unused, Bytes, Acc));
%% Bits that stand a byte each, cut or filled up to a length.
orders(<<40, Length, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, bits(Bytes), Acc));
orders(<<41, Length, Size:16, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, bits(Bytes), Acc));
orders(<<42, Length:16, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, bits(Bytes), Acc));
orders(<<43, Length:16, Size:16, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, bits(Bytes), Acc));
%% The same of bits that stand eight a byte.
orders(<<45, Length, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, Bytes, Acc));
orders(<<46, Length:16, Size, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, Bytes, Acc));
orders(<<47, Length:16, Size:16, Bytes:Size/binary, Rest/binary>>, Acc) ->
    orders(Rest, sized(Length, Bytes, Acc)).

aligned(Bits) ->
    Missing = -bit_size(Bits) band 7,
    <<Bits/bitstring, 0:Missing>>.

sized(Length, Bits, Acc) ->
    case Bits of
        <<Kept:Length/bitstring, _/bitstring>> ->
            <<Acc/bitstring, Kept/bitstring>>;
        _ ->
            Missing = Length - bit_size(Bits),
            <<Acc/bitstring, Bits/bitstring, 0:Missing>>
    end.

bits(Bytes) -> << <<(bit(B)):1>> || <<B>> <= Bytes >>.

bit(B) when B =< 1 -> B.
