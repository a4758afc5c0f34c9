%% SPDX-License-Identifier: Apache-2.0
%% asn1rt_nif: what the modules call that OTP's ASN.1 compiler writes. The
%% compiler itself is not here.
-module(asn1rt_nif).

-export([decode_ber_tlv/1, encode_ber_tlv/1, encode_per_complete/1]).

-spec decode_ber_tlv(iodata()) -> {asn1_ber:tlv(), binary()}.
decode_ber_tlv(Bytes) ->
    case asn1_ber:decode(iolist_to_binary(Bytes)) of
        {error, Reason} -> exit({error, {asn1, Reason}});
        Decoded -> Decoded
    end.

-spec encode_ber_tlv(asn1_ber:tlv()) -> binary() | {error, integer()}.
encode_ber_tlv(Tlv) ->
    try iolist_to_binary(asn1_ber:encode(Tlv))
    catch error:function_clause -> {error, -1}
    end.

-spec encode_per_complete(iodata()) -> binary() | {error, integer()}.
encode_per_complete(Orders) ->
    try asn1_per:complete(iolist_to_binary(Orders))
    catch error:function_clause -> {error, $1}
    end.
