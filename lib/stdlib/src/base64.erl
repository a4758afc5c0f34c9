%% SPDX-License-Identifier: Apache-2.0
%% base64: three bytes as four characters and back.
-module(base64).

-export([encode/1, encode_to_string/1, decode/1, decode_to_string/1,
         mime_decode/1, mime_decode_to_string/1]).

-spec encode_to_string(string() | binary()) -> string().
encode_to_string(Data) -> binary_to_list(encode(Data)).

-spec encode(string() | binary()) -> binary().
encode(Data) when is_list(Data) -> encode(list_to_binary(Data));
encode(Data) when is_binary(Data) ->
    Whole = byte_size(Data) div 3 * 3,
    <<Main:Whole/binary, Rest/binary>> = Data,
    Text = << <<(letter(S))>> || <<S:6>> <= Main >>,
    case Rest of
        <<>> -> Text;
        <<A:6, B:2>> ->
            <<Text/binary, (letter(A)), (letter(B bsl 4)), "==">>;
        <<A:6, B:6, C:4>> ->
            <<Text/binary, (letter(A)), (letter(B)), (letter(C bsl 2)), "=">>
    end.

letter(N) when N < 26 -> N + $A;
letter(N) when N < 52 -> N - 26 + $a;
letter(N) when N < 62 -> N - 52 + $0;
letter(62) -> $+;
letter(63) -> $/.

value(C) when C >= $A, C =< $Z -> C - $A;
value(C) when C >= $a, C =< $z -> C - $a + 26;
value(C) when C >= $0, C =< $9 -> C - $0 + 52;
value($+) -> 62;
value($/) -> 63;
value($=) -> pad;
value(C) when C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r -> space;
value(_) -> bad.

decode_to_string(Text) -> binary_to_list(decode(Text)).

%% White space is skipped; all else that is not of the alphabet fails.
-spec decode(string() | binary()) -> binary().
decode(Text) when is_list(Text) -> decode(list_to_binary(Text));
decode(Text) when is_binary(Text) ->
    Values = [V || <<C>> <= Text, V <- [value(C)], V =/= space],
    case lists:member(bad, Values) of
        true -> erlang:error(function_clause, [Text]);
        false -> strict(Values, [])
    end.

strict([A, B, pad, pad], Acc) when A =/= pad, B =/= pad ->
    <<Byte, _:4>> = <<A:6, B:6>>,
    whole([<<Byte>> | Acc]);
strict([A, B, C, pad], Acc) when A =/= pad, B =/= pad, C =/= pad ->
    <<Two:2/binary, _:2>> = <<A:6, B:6, C:6>>,
    whole([Two | Acc]);
strict([A, B, C, D | Vs], Acc)
  when is_integer(A), is_integer(B), is_integer(C), is_integer(D) ->
    strict(Vs, [<<A:6, B:6, C:6, D:6>> | Acc]);
strict([], Acc) -> whole(Acc);
strict([_ | _] = Vs, _) ->
    case lists:member(pad, Vs) of
        true -> erlang:error(function_clause);
        false -> erlang:error(missing_padding)
    end.

whole(Acc) -> iolist_to_binary(lists:reverse(Acc)).

mime_decode_to_string(Text) -> binary_to_list(mime_decode(Text)).

%% What is not of the alphabet is skipped, and padding in the middle, too.
-spec mime_decode(string() | binary()) -> binary().
mime_decode(Text) when is_list(Text) -> mime_decode(list_to_binary(Text));
mime_decode(Text) when is_binary(Text) ->
    Values = [V || <<C>> <= Text, V <- [value(C)], is_integer(V)],
    lenient(Values, []).

lenient([A, B, C, D | Vs], Acc) ->
    lenient(Vs, [<<A:6, B:6, C:6, D:6>> | Acc]);
lenient([A, B, C], Acc) ->
    <<Two:2/binary, _:2>> = <<A:6, B:6, C:6>>,
    whole([Two | Acc]);
lenient([A, B], Acc) ->
    <<Byte, _:4>> = <<A:6, B:6>>,
    whole([<<Byte>> | Acc]);
lenient([_], _) -> erlang:error(missing_padding);
lenient([], Acc) -> whole(Acc).
