%% SPDX-License-Identifier: Apache-2.0
%% asn1: what modules written by OTP's ASN.1 compiler call at run time.
%% expect: <<1,1,255>>
%% expect: <<48,0>>
%% expect: <<131,2,1,2>>
%% expect: <<112,9,2,1,5,255,31,3,12,1,120>>
%% expect: <<31,129,72,0>>
%% expect: <<159,255,127,129,200,0,0,0,0,0,0,0>>
%% expect: {error,-1}
%% expect: {{16,[{2,<<7>>},{16,[]}]},<<9>>}
%% expect: {'EXIT',{error,{asn1,{invalid_value,0}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_value,0}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_value,1}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_value,3}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_length,2}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_length,5}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_value,0}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_tag,2}}}}
%% expect: {'EXIT',{error,{asn1,{invalid_length,1}}}}
%% expect: <<>>
%% expect: <<0>>
%% expect: <<160>>
%% expect: <<128,128>>
%% expect: <<160,64>>
%% expect: <<128,7,8,128>>
%% expect: <<128,9>>
%% expect: <<255,208>>
%% expect: <<254>>
%% expect: <<160>>
%% expect: <<224>>
%% expect: <<128,0>>
%% expect: <<128>>
%% expect: <<176,177,0>>
%% expect: <<255,0>>
%% expect: {error,49}
%% expect: {error,49}
%% expect: {error,49}
-module(asn1_test).
-export([main/0]).

main() ->
    Tlvs = [{1, <<255>>}, {16, []}, {16#20003, <<1, 2>>},
            {16#10010, [{2, <<5>>}, {16#3001F, [{12, <<"x">>}]}]},
            {200, <<>>}, {16#23FFF, <<0:1600>>}],
    [begin
         Bytes = asn1rt_nif:encode_ber_tlv(T),
         show(binary:part(Bytes, 0, min(12, byte_size(Bytes)))),
         {T, <<"more">>} = asn1rt_nif:decode_ber_tlv(<<Bytes/binary, "more">>)
     end || T <- Tlvs],
    show(asn1rt_nif:encode_ber_tlv({1, atom})),
    show(asn1rt_nif:decode_ber_tlv(<<48, 128, 2, 1, 7, 48, 128, 0, 0, 0, 0,
                                     9>>)),
    [show(catch asn1rt_nif:decode_ber_tlv(B))
     || B <- [<<>>, <<2>>, <<2, 5, 1>>, <<48, 3, 2, 4, 1>>, <<2, 128, 0>>,
              <<48, 128, 2, 1, 7>>, <<31, 1>>, <<31, 129, 129, 1>>,
              <<2, 130, 1>>]],
    [show(catch asn1rt_nif:encode_per_complete(Orders))
     || Orders <- [[], [2], [1, 0, 1], [1, 2, 1], [10, 3, 5, 10, 7, 1],
                   [1, [20, 2, <<7, 8>>], 1], [1, 21, 0, 1, 9],
                   [1, [30, 4, 2, <<255, 16#A0>>]], [31, 1, 0, 1, 254],
                   [40, 5, 3, 1, 0, 1], [1, 41, 2, 0, 3, 1, 1, 1],
                   [42, 0, 9, 1, 1], [43, 0, 2, 0, 1, 1],
                   [1, 45, 16, 2, <<"ab">>], [46, 0, 12, 1, 255],
                   [99], [20, 3, 1], [40, 1, 1, 7]]].

show(Term) -> io:format("~w~n", [Term]).
