%% SPDX-License-Identifier: Apache-2.0
%% base64: three bytes as four digits. Fours without spaces between them are
%% read and written in C.
-module(base64).

-export([encode/1, encode/2, encode_to_string/1, encode_to_string/2,
         decode/1, decode/2, decode_to_string/1, decode_to_string/2,
         mime_decode/1, mime_decode/2, mime_decode_to_string/1,
         mime_decode_to_string/2, format_error/2]).

-export_type([options/0]).

-compile({inline, [value/1]}).

-type text() :: [byte()].
-type options() :: #{mode => standard | urlsafe, padding => boolean()}.

%% What is no digit is negative.
-define(PAD, -1).
-define(SPACE, -2).
-define(BAD, -3).

-spec encode(binary() | [byte()]) -> binary().
encode(List) when is_list(List) ->
    encode(list_to_binary(flat(List, List)));
encode(Bin) when is_binary(Bin) -> merle_base64:encode(Bin).

%% List without lists in it: what is no number cannot be computed with.
flat([N|Rest], List) when is_integer(N) -> flat(Rest, List);
flat([], List) -> List;
flat([_|_], _) -> erlang:error(badarith).

-spec encode_to_string(binary() | [byte()]) -> text().
encode_to_string(Data) -> binary_to_list(encode(Data)).

-spec decode(text() | binary()) -> binary().
decode(Text) when is_list(Text) -> decode(list_to_binary(Text));
decode(Text) when is_binary(Text) -> fours(Text, <<>>).

-spec decode_to_string(text() | binary()) -> [byte()].
decode_to_string(Text) when is_list(Text) ->
    decode_to_string(list_to_binary(Text));
decode_to_string(Text) when is_binary(Text) ->
    %% OTP computes with lists here, so that all bad digits fail alike.
    try binary_to_list(decode(Text))
    catch error:badarg -> erlang:error(badarith)
    end.

-spec mime_decode(text() | binary()) -> binary().
mime_decode(Text) when is_list(Text) -> mime_decode(list_to_binary(Text));
mime_decode(Text) when is_binary(Text) -> mime_fours(Text, <<>>).

-spec mime_decode_to_string(text() | binary()) -> [byte()].
mime_decode_to_string(Text) -> binary_to_list(mime_decode(Text)).

%% ---- with options ----
%% Texts in digits safe for URLs, or without padding, are those of above that
%% were looked through once more.

-spec encode(binary() | [byte()], options()) -> binary().
encode(Data, #{} = Options) ->
    Text = urlsafe(encode(Data), Options),
    case Options of
        #{padding := false} -> string:trim(Text, trailing, "=");
        _ -> Text
    end.

urlsafe(Text, #{mode := urlsafe}) ->
    << <<case C of $+ -> $-; $/ -> $_; _ -> C end>> || <<C>> <= Text >>;
urlsafe(Text, _) -> Text.

-spec encode_to_string(binary() | [byte()], options()) -> text().
encode_to_string(Data, Options) -> binary_to_list(encode(Data, Options)).

-spec decode(text() | binary(), options()) -> binary().
decode(Text, #{} = Options) when is_list(Text); is_binary(Text) ->
    Standard = standard(Text, Options),
    Digits = << <<C>> || <<C>> <= Standard, value(C) =/= ?SPACE >>,
    fours(padded(Standard, byte_size(Digits), Options), <<>>).

-spec decode_to_string(text() | binary(), options()) -> [byte()].
decode_to_string(Text, Options) -> binary_to_list(decode(Text, Options)).

-spec mime_decode(text() | binary(), options()) -> binary().
mime_decode(Text, #{} = Options) when is_list(Text); is_binary(Text) ->
    Known = << <<C>> || <<C>> <= standard(Text, Options), value(C) >= ?PAD >>,
    case Known of
        _ when binary_part(Known, byte_size(Known), -1) =:= <<"=">> ->
            mime_fours(Known, <<>>);
        _ ->
            Digits = binary:replace(Known, <<"=">>, <<>>, [global]),
            mime_fours(padded(Digits, byte_size(Digits), Options), <<>>)
    end.

-spec mime_decode_to_string(text() | binary(), options()) -> [byte()].
mime_decode_to_string(Text, Options) ->
    binary_to_list(mime_decode(Text, Options)).

%% The text in the digits of above; what is none there is none then.
standard(Text, Options) when is_list(Text) ->
    standard(list_to_binary(Text), Options);
standard(Text, #{mode := urlsafe}) ->
    << <<case C of
             $- -> $+;
             $_ -> $/;
             $+ -> $-;
             $/ -> $_;
             _ -> C
         end>> || <<C>> <= Text >>;
standard(Text, _) -> Text.

%% A text of N characters with the padding that it may do without.
padded(Text, N, Options) when N rem 4 > 1 ->
    case Options of
        #{padding := false} ->
            <<Text/binary, (binary:part(<<"==">>, 0, 4 - N rem 4))/binary>>;
        _ -> erlang:error(missing_padding, none, [{error_info, #{}}])
    end;
padded(Text, _, _) -> Text.

%% Explains missing_padding.
format_error(missing_padding, _) ->
    #{general => "data to decode is missing final = padding characters, if "
          "this is intended, use the `padding => false` option"}.

value(C) when C < 128 ->
    element(C + 1,
            {-3, -3, -3, -3, -3, -3, -3, -3, -3, -2, -2, -3, -3, -2, -3, -3,
             -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3,
             -2, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, 62, -3, -3, -3, 63,
             52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -3, -3, -3, -1, -3, -3,
             -3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
             15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -3, -3, -3, -3, -3,
             -3, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
             41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -3, -3, -3, -3,
             -3});
value(_) -> ?BAD.

fours(Text, Bytes) ->
    {Rest, More} = groups(Text, Bytes),
    decode(Rest, [], More).

%% What is behind the fours that a text begins with, and their bytes behind
%% others.
groups(Text, Bytes) ->
    [More | Size] = merle_base64:decode(Text),
    <<_:Size/binary, Rest/binary>> = Text,
    case Bytes of
        <<>> -> {Rest, More};
        _ -> {Rest, <<Bytes/binary, More/binary>>}
    end.

%% Digit by digit; Held are those of the four at hand, the last first. What is
%% no digit tells only when there are four.
decode(<<>>, [], Bytes) -> Bytes;
decode(<<C, Rest/binary>>, Held, Bytes) ->
    case value(C) of
        ?SPACE -> decode(Rest, Held, Bytes);
        V -> held(Rest, [V|Held], Bytes)
    end.

held(Rest, [D, C, B, A], Bytes) when A >= 0, B >= 0, C >= 0, D >= 0 ->
    fours(Rest, <<Bytes/binary, A:6, B:6, C:6, D:6>>);
held(Rest, [?PAD, C, B, A], Bytes) when A >= 0, B >= 0, C >= 0 ->
    only_spaces(Rest, last([C, B, A], Bytes));
held(Rest, [?PAD, ?PAD, B, A], Bytes) when A >= 0, B >= 0 ->
    only_spaces(Rest, last([B, A], Bytes));
%% The last digit of a padded group cannot be shifted; other bad ones cannot be
%% put into bits.
held(_, [?PAD, ?PAD, B, _], _) when B < 0 -> erlang:error(badarith);
held(_, [?PAD, ?BAD, _, _], _) -> erlang:error(badarith);
held(_, [_, _, _, _], _) -> erlang:error(badarg);
held(Rest, Held, Bytes) -> decode(Rest, Held, Bytes).

last([B, A], Bytes) -> <<Bytes/binary, A:6, (B bsr 4):2>>;
last([C, B, A], Bytes) -> <<Bytes/binary, A:6, B:6, (C bsr 2):4>>.

only_spaces(<<>>, Bytes) -> Bytes;
only_spaces(<<C, Rest/binary>>, Bytes) ->
    case value(C) of
        ?SPACE -> only_spaces(Rest, Bytes);
        ?PAD -> erlang:error({case_clause, eq});
        ?BAD -> erlang:error({case_clause, bad});
        V -> erlang:error({case_clause, V})
    end.

%% MIME's texts: what is no digit is passed over, and = counts only at the
%% end.
mime_fours(Text, Bytes) ->
    {Rest, More} = groups(Text, Bytes),
    mime_decode(Rest, [], false, More).

mime_decode(<<>>, [], _, Bytes) -> Bytes;
mime_decode(<<>>, [_, _|_] = Held, true, Bytes) -> last(Held, Bytes);
mime_decode(<<C, Rest/binary>>, Held, Padded, Bytes) ->
    case value(C) of
        ?PAD -> mime_decode(Rest, Held, length(Held) >= 2, Bytes);
        V when V >= 0 -> mime_held(Rest, [V|Held], Bytes);
        _ -> mime_decode(Rest, Held, Padded, Bytes)
    end.

mime_held(Rest, [D, C, B, A], Bytes) ->
    mime_fours(Rest, <<Bytes/binary, A:6, B:6, C:6, D:6>>);
mime_held(Rest, Held, Bytes) -> mime_decode(Rest, Held, false, Bytes).
