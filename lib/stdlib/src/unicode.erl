%% SPDX-License-Identifier: Apache-2.0
%% unicode: text and its encodings. The conversions are written in C and stand
%% here as stubs.
-module(unicode).

-export([characters_to_list/1, characters_to_list/2, characters_to_binary/1,
         characters_to_binary/2, characters_to_binary/3, bom_to_encoding/1,
         encoding_to_bom/1, bin_is_7bit/1, characters_to_nfd_list/1,
         characters_to_nfd_binary/1, characters_to_nfc_list/1,
         characters_to_nfc_binary/1, characters_to_nfkd_list/1,
         characters_to_nfkd_binary/1, characters_to_nfkc_list/1,
         characters_to_nfkc_binary/1]).

-export_type([chardata/0, charlist/0, encoding/0, external_chardata/0,
              external_charlist/0, latin1_char/0, latin1_chardata/0,
              latin1_charlist/0, latin1_binary/0, unicode_binary/0]).

-type endian() :: big | little.
-type encoding() :: latin1 | unicode | utf8 | utf16 | {utf16, endian()}
                  | utf32 | {utf32, endian()}.
-type unicode_binary() :: binary().
-type charlist() :: maybe_improper_list(char() | unicode_binary()
                                        | charlist(),
                                        unicode_binary() | []).
-type chardata() :: charlist() | unicode_binary().
-type external_unicode_binary() :: binary().
-type external_charlist() ::
        maybe_improper_list(char() | external_unicode_binary()
                            | external_charlist(),
                            external_unicode_binary() | []).
-type external_chardata() :: external_charlist() | external_unicode_binary().
-type latin1_binary() :: binary().
-type latin1_char() :: byte().
-type latin1_chardata() :: latin1_charlist() | latin1_binary().
-type latin1_charlist() ::
        maybe_improper_list(latin1_char() | latin1_binary()
                            | latin1_charlist(), latin1_binary() | []).

%%% Stubs of what is written in C

-spec bin_is_7bit(binary()) -> boolean().
bin_is_7bit(_) -> erlang:nif_error(undef).

-spec characters_to_binary(chardata(), encoding()) ->
          binary() | {error | incomplete, binary(), term()}.
characters_to_binary(_, _) -> erlang:nif_error(undef).

-spec characters_to_list(chardata(), encoding()) ->
          string() | {error | incomplete, string(), term()}.
characters_to_list(_, _) -> erlang:nif_error(undef).

%%% Erlang

characters_to_list(Data) -> unicode:characters_to_list(Data, unicode).

characters_to_binary(Data) -> unicode:characters_to_binary(Data, unicode).

-spec characters_to_binary(chardata(), encoding(), encoding()) ->
          binary() | {error | incomplete, binary(), term()}.
characters_to_binary(Data, In, Out) when Out =:= unicode; Out =:= utf8 ->
    unicode:characters_to_binary(Data, In);
characters_to_binary(Data, In, Out) ->
    case characters_to_list(Data, In) of
        Text when is_list(Text) ->
            case encode(Text, Out, []) of
                {error, Done, Rest} -> {error, Done, Rest};
                Bytes -> Bytes
            end;
        {Fault, Text, Rest} ->
            case encode(Text, Out, []) of
                {error, Done, Left} -> {error, Done, [Left, Rest]};
                Bytes -> {Fault, Bytes, Rest}
            end
    end.

encode([C | Cs] = All, Out, Acc) ->
    case encode_char(C, Out) of
        error -> {error, iolist_to_binary(lists:reverse(Acc)), All};
        Bytes -> encode(Cs, Out, [Bytes | Acc])
    end;
encode([], _, Acc) -> iolist_to_binary(lists:reverse(Acc)).

encode_char(C, latin1) when C =< 255 -> <<C>>;
encode_char(_, latin1) -> error;
encode_char(C, utf16) -> <<C/utf16>>;
encode_char(C, {utf16, big}) -> <<C/utf16>>;
encode_char(C, {utf16, little}) -> <<C/utf16-little>>;
encode_char(C, utf32) -> <<C/utf32>>;
encode_char(C, {utf32, big}) -> <<C/utf32>>;
encode_char(C, {utf32, little}) -> <<C/utf32-little>>.

-spec bom_to_encoding(binary()) -> {encoding(), non_neg_integer()}.
bom_to_encoding(<<239, 187, 191, _/binary>>) -> {utf8, 3};
bom_to_encoding(<<0, 0, 254, 255, _/binary>>) -> {{utf32, big}, 4};
bom_to_encoding(<<255, 254, 0, 0, _/binary>>) -> {{utf32, little}, 4};
bom_to_encoding(<<254, 255, _/binary>>) -> {{utf16, big}, 2};
bom_to_encoding(<<255, 254, _/binary>>) -> {{utf16, little}, 2};
bom_to_encoding(Bytes) when is_binary(Bytes) -> {latin1, 0}.

-spec encoding_to_bom(encoding()) -> binary().
encoding_to_bom(unicode) -> <<239, 187, 191>>;
encoding_to_bom(utf8) -> <<239, 187, 191>>;
encoding_to_bom(utf16) -> <<254, 255>>;
encoding_to_bom({utf16, big}) -> <<254, 255>>;
encoding_to_bom({utf16, little}) -> <<255, 254>>;
encoding_to_bom(utf32) -> <<0, 0, 254, 255>>;
encoding_to_bom({utf32, big}) -> <<0, 0, 254, 255>>;
encoding_to_bom({utf32, little}) -> <<255, 254, 0, 0>>;
encoding_to_bom(latin1) -> <<>>.

%%% Normal forms

%% A text of something else than characters fails in the function called.
-define(FAILED(Data),
        erlang:error(badarg, [Data],
                     [{error_info, #{module => erl_stdlib_errors}}])).

-spec characters_to_nfd_list(chardata()) ->
          [char()] | {error, [char()], chardata()}.
characters_to_nfd_list(Data) ->
    try normal(Data, fun unicode_util:nfd/1, [])
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfc_list(chardata()) ->
          [char()] | {error, [char()], chardata()}.
characters_to_nfc_list(Data) ->
    try normal(Data, fun unicode_util:nfc/1, [])
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfkd_list(chardata()) ->
          [char()] | {error, [char()], chardata()}.
characters_to_nfkd_list(Data) ->
    try normal(Data, fun unicode_util:nfkd/1, [])
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfkc_list(chardata()) ->
          [char()] | {error, [char()], chardata()}.
characters_to_nfkc_list(Data) ->
    try normal(Data, fun unicode_util:nfkc/1, [])
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfd_binary(chardata()) ->
          unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfd_binary(Data) ->
    try as_binary(normal(Data, fun unicode_util:nfd/1, []))
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfc_binary(chardata()) ->
          unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfc_binary(Data) ->
    try as_binary(normal(Data, fun unicode_util:nfc/1, []))
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfkd_binary(chardata()) ->
          unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfkd_binary(Data) ->
    try as_binary(normal(Data, fun unicode_util:nfkd/1, []))
    catch error:_ -> ?FAILED(Data)
    end.

-spec characters_to_nfkc_binary(chardata()) ->
          unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfkc_binary(Data) ->
    try as_binary(normal(Data, fun unicode_util:nfkc/1, []))
    catch error:_ -> ?FAILED(Data)
    end.

%% [Next] takes the next cluster off, in its normal form.
normal(Data, Next, Acc) ->
    case Next(Data) of
        [Cluster | Rest] when is_list(Cluster) ->
            normal(Rest, Next, lists:reverse(Cluster, Acc));
        [C | Rest] -> normal(Rest, Next, [C | Acc]);
        [] -> lists:reverse(Acc);
        {error, Rest} -> {error, lists:reverse(Acc), Rest}
    end.

as_binary({error, Done, Rest}) ->
    {error, unicode:characters_to_binary(Done), Rest};
as_binary(Text) -> unicode:characters_to_binary(Text).
