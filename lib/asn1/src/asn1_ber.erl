%% SPDX-License-Identifier: Apache-2.0
%% asn1_ber: the basic encoding rules: bytes to nested tags and values, and
%% back.
-module(asn1_ber).

-export([decode/1, encode/1]).
-export_type([tlv/0]).

%% A tag has its class (0 universal to 3 private) in bits 16 and 17, its number
%% below. Values that hold others are lists.
-type tlv() :: {Tag :: 0..16#3FFFF, binary() | [tlv()]}.

-define(CONSTRUCTED, 1).
-define(LENGTH_MOST, 16#FFFFFFFF).

%%% From bytes. Errors are thrown with the place where they were found.

%% {Tlv, Rest}
-spec decode(binary()) ->
          {tlv(), binary()} | {error, {Reason :: atom(), Place :: integer()}}.
decode(Bytes) ->
    try
        {Tlv, Rest, _} = tlv(Bytes, 0),
        {Tlv, Rest}
    catch
        throw:{Reason, Place} -> {error, {Reason, Place}}
    end.

tlv(<<_, _, _/binary>> = Bytes, At) ->
    case tag(Bytes, At) of
        {_, _, <<>>, At1} -> throw({invalid_tag, At1});
        {Tag, Form, Bytes1, At1} ->
            {Value, Rest, At2} = value(Form, Bytes1, At1),
            {{Tag, Value}, Rest, At2}
    end;
tlv(_, At) -> throw({invalid_value, At}).

%% A number of 31 and more stands in one or two bytes of its own.
tag(<<Class:2, Form:1, Number:5, Rest/binary>>, At) when Number < 31 ->
    {(Class bsl 16) bor Number, Form, Rest, At + 1};
tag(<<Class:2, Form:1, _:5, 0:1, Number:7, Rest/binary>>, At)
  when Rest =/= <<>> ->
    {(Class bsl 16) bor Number, Form, Rest, At + 2};
tag(<<Class:2, Form:1, _:5, 1:1, High:7, 0:1, Low:7, Rest/binary>>, At) ->
    {(Class bsl 16) bor (High bsl 7) bor Low, Form, Rest, At + 3};
tag(<<_, _, _, _/binary>>, At) -> throw({invalid_tag, At + 2});
tag(_, At) -> throw({invalid_value, At}).

value(Form, <<0:1, Length:7, Rest/binary>>, At) ->
    content(Form, Length, Rest, At);
value(?CONSTRUCTED, <<16#80, Rest/binary>>, At) ->
    until_end(Rest, At + 1, []);
value(_, <<16#80, _/binary>>, At) -> throw({invalid_length, At + 1});
value(Form, <<1:1, Size:7, Length:Size/unit:8, Rest/binary>>, At)
  when Length =< ?LENGTH_MOST ->
    content(Form, Length, Rest, At + Size);
value(_, _, At) -> throw({invalid_length, At}).

%% [At] is the place of the length's last byte.
content(_, Length, Bytes, At) when Length > byte_size(Bytes) ->
    throw({invalid_value, At});
content(Form, Length, Bytes, At) ->
    <<Content:Length/binary, Rest/binary>> = Bytes,
    Value = case Form of
                ?CONSTRUCTED -> all(Content, At + 1);
                _ -> Content
            end,
    {Value, Rest, At + 1 + Length}.

all(<<>>, _) -> [];
all(Bytes, At) ->
    {Tlv, Rest, At1} = tlv(Bytes, At),
    [Tlv | all(Rest, At1)].

%% A value of indefinite length ends in two 0 bytes.
until_end(<<0, 0, Rest/binary>>, At, Acc) -> {lists:reverse(Acc), Rest, At + 2};
until_end(<<_, _, _/binary>> = Bytes, At, Acc) ->
    {Tlv, Rest, At1} = tlv(Bytes, At),
    until_end(Rest, At1, [Tlv | Acc]);
until_end(_, At, _) -> throw({invalid_length, At}).

%%% To bytes

%% What is no tlv() is an error function_clause.
-spec encode(tlv()) -> iodata().
encode({Tag, Value}) when is_binary(Value) ->
    [tag_bytes(Tag, 0), length_bytes(byte_size(Value)), Value];
encode({Tag, Values}) when is_list(Values) ->
    Content = [encode(V) || V <- Values],
    [tag_bytes(Tag, ?CONSTRUCTED), length_bytes(iolist_size(Content)), Content].

tag_bytes(Tag, Form) when is_integer(Tag), Tag >= 0 ->
    Class = (Tag bsr 16) band 3,
    case Tag band 16#FFFF of
        Number when Number < 31 -> <<Class:2, Form:1, Number:5>>;
        Number -> [<<Class:2, Form:1, 31:5>>, number_bytes(Number)]
    end.

%% Seven bits a byte; the last one has its first bit clear.
number_bytes(N) when N < 16#80 -> <<N>>;
number_bytes(N) when N < 16#4000 -> <<1:1, (N bsr 7):7, 0:1, N:7>>;
number_bytes(N) -> <<1:1, (N bsr 14):7, 1:1, (N bsr 7):7, 0:1, N:7>>.

length_bytes(Size) when Size < 16#80 -> <<Size>>;
length_bytes(Size) ->
    Bytes = binary:encode_unsigned(Size),
    <<1:1, (byte_size(Bytes)):7, Bytes/binary>>.
