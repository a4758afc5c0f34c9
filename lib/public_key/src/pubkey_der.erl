%% SPDX-License-Identifier: Apache-2.0
%% pubkey_der: terms from DER and back, for the types of keys and certificates.
%% A type is a description that decode and encode go along:
%%
%%     int, octets, bits, oid, time   the value (time: {utcTime, Text})
%%     any                            the bytes of the whole element
%%     {names, [{0, a}]}              an integer that is shown by name
%%     {record, Name, [Field]}        a sequence, as a record
%%     {list, Tag, Type}              a sequence or set of any length
%%     {maybe, Type}                  asn1_NOVALUE when it is not there
%%     {default, Value, Type}         the value when it is not there
%%     {tagged, N, Type}              inside an element with that context tag
%%     {called, Name, Type}           {Name, Value}: a choice that is known
%%     absent                         never there: asn1_NOVALUE
-module(pubkey_der).

-export([decode/2, encode/2]).

-define(SEQUENCE, 16#30).
-define(SET, 16#31).

%% The whole of the bytes must be one such term.
decode(Name, Bytes) ->
    {Value, <<>>} = take(type(Name), Bytes),
    Value.

encode(Name, Value) -> iolist_to_binary(put_value(type(Name), Value)).

%%% Types

type('INTEGER') -> int;
type('OCTETS') -> octets;
type('RSAPublicKey') -> {record, 'RSAPublicKey', [int, int]};
type('RSAPrivateKey') ->
    {record, 'RSAPrivateKey',
     [{names, [{0, 'two-prime'}, {1, multi}]}, int, int, int, int, int, int,
      int, int, {maybe, {list, ?SEQUENCE, any}}]};
type('DSAPrivateKey') ->
    {record, 'DSAPrivateKey', [int, int, int, int, int, int]};
type('Dss-Parms') -> {record, 'Dss-Parms', [int, int, int]};
type('DHParameter') -> {record, 'DHParameter', [int, int, {maybe, int}]};
type('EcpkParameters') -> {called, namedCurve, oid};
type('ECPrivateKey') ->
    {record, 'ECPrivateKey',
     [int, octets, {maybe, {tagged, 0, type('EcpkParameters')}},
      {maybe, {tagged, 1, bits}}, absent]};
type('AlgorithmIdentifier') ->
    {record, 'AlgorithmIdentifier', [oid, {maybe, any}]};
type('SubjectPublicKeyInfo') ->
    {record, 'SubjectPublicKeyInfo', [type('AlgorithmIdentifier'), bits]};
type('PrivateKeyInfo') ->
    {record, 'PrivateKeyInfo',
     [{names, [{0, v1}, {1, v2}]}, type('AlgorithmIdentifier'), octets,
      {maybe, {tagged, 0, any}}]};
type('Name') ->
    {called, rdnSequence,
     {list, ?SEQUENCE,
      {list, ?SET, {record, 'AttributeTypeAndValue', [oid, any]}}}};
type('Extension') ->
    {record, 'Extension', [oid, {default, false, bool}, octets]};
type('TBSCertificate') ->
    {record, 'TBSCertificate',
     [{default, v1, {tagged, 0, {names, [{0, v1}, {1, v2}, {2, v3}]}}}, int,
      type('AlgorithmIdentifier'), type('Name'),
      {record, 'Validity', [time, time]}, type('Name'),
      type('SubjectPublicKeyInfo'), absent, absent,
      {maybe, {tagged, 3, {list, ?SEQUENCE, type('Extension')}}}]};
type('Certificate') ->
    {record, 'Certificate',
     [type('TBSCertificate'), type('AlgorithmIdentifier'), bits]}.

%%% Decoding: {Value, Bytes behind it}

take(absent, Bytes) -> {asn1_NOVALUE, Bytes};
take({maybe, Type}, Bytes) -> take({default, asn1_NOVALUE, Type}, Bytes);
take({default, Value, Type}, Bytes) ->
    case is_next(Type, Bytes) of
        true -> take(Type, Bytes);
        false -> {Value, Bytes}
    end;
take({called, Name, Type}, Bytes) ->
    {Value, Rest} = take(Type, Bytes),
    {{Name, Value}, Rest};
take({names, Names}, Bytes) ->
    {N, Rest} = take(int, Bytes),
    {proplists:get_value(N, Names, N), Rest};
take(any, Bytes) ->
    {_, _, Rest} = element_of(Bytes),
    {binary:part(Bytes, 0, byte_size(Bytes) - byte_size(Rest)), Rest};
take(time, Bytes) ->
    {Tag, Content, Rest} = element_of(Bytes),
    Kind = case Tag of 23 -> utcTime; 24 -> generalTime end,
    {{Kind, binary_to_list(Content)}, Rest};
take(Type, Bytes) ->
    Tag = tag(Type),
    {Tag, Content, Rest} = element_of(Bytes),
    {content(Type, Content), Rest}.

content(int, Content) ->
    Size = bit_size(Content),
    <<N:Size/signed>> = Content,
    N;
content(bool, <<N>>) -> N =/= 0;
content(octets, Content) -> Content;
content(bits, <<Unused, Content/binary>>) ->
    Size = bit_size(Content) - Unused,
    <<Bits:Size/bitstring, _/bitstring>> = Content,
    Bits;
content(oid, Content) -> list_to_tuple(first_arcs(arcs(Content, 0)));
content({tagged, _, Type}, Content) ->
    {Value, <<>>} = take(Type, Content),
    Value;
content({list, _, Type}, Content) -> take_all(Type, Content);
content({record, Name, Fields}, Content) ->
    {Values, <<>>} = lists:mapfoldl(fun take/2, Content, Fields),
    list_to_tuple([Name | Values]).

take_all(_, <<>>) -> [];
take_all(Type, Bytes) ->
    {Value, Rest} = take(Type, Bytes),
    [Value | take_all(Type, Rest)].

is_next(_, <<>>) -> false;
is_next(any, _) -> true;
is_next({names, _}, <<Tag, _/binary>>) -> Tag =:= 2;
is_next(Type, <<Tag, _/binary>>) -> Tag =:= tag(Type).

%% {Tag, Content, Bytes behind it}; lengths of up to four bytes.
element_of(<<Tag, 0:1, Size:7, Content:Size/binary, Rest/binary>>) ->
    {Tag, Content, Rest};
element_of(<<Tag, 1:1, N:7, Size:N/unit:8, Content:Size/binary,
             Rest/binary>>) when N > 0, N =< 4 ->
    {Tag, Content, Rest}.

arcs(<<1:1, High:7, Rest/binary>>, N) -> arcs(Rest, N bsl 7 bor High);
arcs(<<0:1, Low:7, Rest/binary>>, N) -> [N bsl 7 bor Low | arcs(Rest, 0)];
arcs(<<>>, 0) -> [].

%% The first number stands for two.
first_arcs([N | Rest]) when N < 80 -> [N div 40, N rem 40 | Rest];
first_arcs([N | Rest]) -> [2, N - 80 | Rest].

tag(bool) -> 1;
tag(int) -> 2;
tag(bits) -> 3;
tag(octets) -> 4;
tag(oid) -> 6;
tag({record, _, _}) -> ?SEQUENCE;
tag({list, Tag, _}) -> Tag;
tag({tagged, N, _}) -> 16#A0 + N.

%%% Encoding

put_value(absent, _) -> [];
put_value({maybe, Type}, Value) ->
    put_value({default, asn1_NOVALUE, Type}, Value);
put_value({default, Value, _}, Value) -> [];
put_value({default, _, _}, asn1_DEFAULT) -> [];
put_value({default, _, Type}, Value) -> put_value(Type, Value);
put_value({called, Name, Type}, {Name, Value}) -> put_value(Type, Value);
put_value({names, Names}, Value) ->
    case lists:keyfind(Value, 2, Names) of
        {N, _} -> put_value(int, N);
        false -> put_value(int, Value)
    end;
put_value(any, Bytes) -> Bytes;
put_value(time, {utcTime, Text}) -> put_element(23, Text);
put_value(time, {generalTime, Text}) -> put_element(24, Text);
put_value(Type, Value) -> put_element(tag(Type), put_content(Type, Value)).

put_content(int, N) -> integer_bytes(N, 1);
put_content(bool, Value) -> case Value of true -> [255]; false -> [0] end;
put_content(octets, Bytes) -> Bytes;
put_content(bits, Bits) ->
    Unused = (8 - bit_size(Bits) rem 8) rem 8,
    [Unused, <<Bits/bitstring, 0:Unused>>];
put_content(oid, Oid) ->
    [First, Second | Rest] = tuple_to_list(Oid),
    [arc(N) || N <- [First * 40 + Second | Rest]];
put_content({tagged, _, Type}, Value) -> put_value(Type, Value);
put_content({list, ?SET, Type}, Values) ->
    lists:sort([iolist_to_binary(put_value(Type, V)) || V <- Values]);
put_content({list, _, Type}, Values) -> [put_value(Type, V) || V <- Values];
put_content({record, Name, Fields}, Record) ->
    [Name | Values] = tuple_to_list(Record),
    lists:zipwith(fun put_value/2, Fields, Values).

integer_bytes(N, Size) ->
    Half = 1 bsl (Size * 8 - 1),
    case N >= -Half andalso N < Half of
        true -> <<N:Size/unit:8>>;
        false -> integer_bytes(N, Size + 1)
    end.

arc(N) when N < 128 -> [N];
arc(N) -> [high_arc(N bsr 7), N band 127].

high_arc(0) -> [];
high_arc(N) -> [high_arc(N bsr 7), N band 127 bor 128].

put_element(Tag, Content) ->
    Size = iolist_size(Content),
    Length = case Size < 128 of
                 true -> Size;
                 false ->
                     Bytes = binary:encode_unsigned(Size),
                     [128 + byte_size(Bytes), Bytes]
             end,
    [Tag, Length, Content].
