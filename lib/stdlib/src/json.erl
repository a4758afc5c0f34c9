%% SPDX-License-Identifier: Apache-2.0
%% json: JSON texts (RFC 8259) from and to terms, as OTP has it since 27.
%%
%% Objects are maps with binaries as keys, arrays lists, strings binaries.
%% encode_value/2 and decode/3 take functions for other wishes.
-module(json).

-export([encode/1, encode/2, encode_value/2, encode_atom/2, encode_integer/1,
         encode_float/1, encode_list/2, encode_map/2, encode_map_checked/2,
         encode_key_value_list/2, encode_key_value_list_checked/2,
         encode_binary/1, encode_binary_escape_all/1]).
-export([decode/1, decode/3, decode_start/3, decode_continue/2]).
-export([format/1, format/2, format/3]).

-export_type([encoder/0, decoders/0]).

-type encoder() :: fun((term(), encoder()) -> iodata()).
-type decoders() :: #{array_start => fun(), array_push => fun(),
                      array_finish => fun(), object_start => fun(),
                      object_push => fun(), object_finish => fun(),
                      float => fun(), integer => fun(), string => fun(),
                      null => term()}.

%% ---- Encoding ----

-spec encode(term()) -> iodata().
encode(Term) -> encode(Term, fun encode_value/2).

-spec encode(term(), encoder()) -> iodata().
encode(Term, Encoder) -> Encoder(Term, Encoder).

encode_value(V, E) when is_atom(V) -> encode_atom(V, E);
encode_value(V, _) when is_binary(V) -> encode_binary(V);
encode_value(V, _) when is_integer(V) -> encode_integer(V);
encode_value(V, _) when is_float(V) -> encode_float(V);
encode_value(V, E) when is_list(V) -> encode_list(V, E);
encode_value(V, E) when is_map(V) -> encode_map(V, E);
encode_value(V, _) -> error({unsupported_type, V}).

encode_atom(null, _) -> <<"null">>;
encode_atom(true, _) -> <<"true">>;
encode_atom(false, _) -> <<"false">>;
encode_atom(Atom, Encoder) -> Encoder(atom_to_binary(Atom), Encoder).

encode_integer(N) -> integer_to_binary(N).

encode_float(F) -> float_to_binary(F, [short]).

encode_list([], _) -> <<"[]">>;
encode_list([First | Rest], Encoder) ->
    [$[, Encoder(First, Encoder), [[$,, Encoder(V, Encoder)] || V <- Rest], $]].

encode_map(Map, Encoder) -> object(maps:to_list(Map), Encoder).

encode_map_checked(Map, Encoder) ->
    encode_key_value_list_checked(maps:to_list(Map), Encoder).

encode_key_value_list(Pairs, Encoder) -> object(Pairs, Encoder).

%% Keys that look the same are refused.
encode_key_value_list_checked(Pairs, Encoder) ->
    Names = [key(K, Encoder) || {K, _} <- Pairs],
    case Names -- lists:usort(Names) of
        [] -> object(Pairs, Encoder);
        [Again | _] -> error({duplicate_key, Again})
    end.

object([], _) -> <<"{}">>;
object(Pairs, Encoder) ->
    Shown = [[key(K, Encoder), $:, Encoder(V, Encoder)] || {K, V} <- Pairs],
    [${, lists:join($,, Shown), $}].

key(Key, Encoder) when is_atom(Key) ->
    iolist_to_binary(Encoder(atom_to_binary(Key), Encoder));
key(Key, Encoder) when is_binary(Key) ->
    iolist_to_binary(Encoder(Key, Encoder));
key(Key, _) when is_integer(Key) -> <<$", (encode_integer(Key))/binary, $">>;
key(Key, _) when is_float(Key) -> <<$", (encode_float(Key))/binary, $">>.

-spec encode_binary(binary()) -> iodata().
encode_binary(Text) -> string(Text, fun plain/1).

%% All that is not ASCII as \uXXXX.
encode_binary_escape_all(Text) ->
    string(Text, fun(C) -> C < 128 andalso plain(C) end).

plain(C) -> C >= $\s andalso C =/= $" andalso C =/= $\\.

string(Text, IsPlain) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) ->
            <<$", << <<(escaped(C, IsPlain))/binary>> || C <- Chars >>/binary, $">>;
        {error, _, <<Byte, _/binary>>} -> error({invalid_byte, Byte});
        {incomplete, _, _} -> error(unexpected_end)
    end.

escaped(C, IsPlain) ->
    case IsPlain(C) of
        true -> <<C/utf8>>;
        false -> escape(C)
    end.

escape($") -> <<"\\\"">>;
escape($\\) -> <<"\\\\">>;
escape($\b) -> <<"\\b">>;
escape($\f) -> <<"\\f">>;
escape($\n) -> <<"\\n">>;
escape($\r) -> <<"\\r">>;
escape($\t) -> <<"\\t">>;
escape(C) when C < 16#10000 -> unit(C);
escape(C) ->
    D = C - 16#10000,
    <<(unit(16#d800 bor (D bsr 10)))/binary,
      (unit(16#dc00 bor (D band 16#3ff)))/binary>>.

unit(N) -> iolist_to_binary(io_lib:format("\\u~4.16.0B", [N])).

%% ---- Formatting: encoding over lines ----

format(Term) -> format(Term, #{}).

format(Term, #{} = Options) ->
    format(Term, fun(V, E, State) -> format_value(V, E, State) end, Options);
format(Term, Encoder) -> format(Term, Encoder, #{}).

%% Option indent: columns a level, 2 if not given. Short lists of plain values
%% stand in one line.
format(Term, Encoder, Options) ->
    Step = maps:get(indent, Options, 2),
    [Encoder(Term, Encoder, {0, Step}), $\n].

format_value(List, Encoder, {At, Step}) when is_list(List), List =/= [] ->
    case lists:any(fun(V) -> is_list(V) orelse is_map(V) end, List) of
        true ->
            Next = {At + Step, Step},
            block($[, [Encoder(V, Encoder, Next) || V <- List], $], At, Step);
        false -> encode(List)
    end;
format_value(Map, Encoder, {At, Step}) when map_size(Map) > 0 ->
    Next = {At + Step, Step},
    block(${, [[key(K, fun encode_value/2), ": ", Encoder(V, Encoder, Next)]
               || {K, V} <- lists:sort(maps:to_list(Map))], $}, At, Step);
format_value(Value, _, _) -> encode(Value).

block(Open, Parts, Close, At, Step) ->
    Indent = lists:duplicate(At + Step, $\s),
    [Open, $\n, lists:join(",\n", [[Indent, P] || P <- Parts]), $\n,
     lists:duplicate(At, $\s), Close].

%% ---- Decoding ----

-spec decode(binary()) -> term().
decode(Text) ->
    {Value, _, Rest} = decode(Text, [], #{}),
    case skip(Rest) of
        <<>> -> Value;
        <<Byte, _/binary>> -> error({invalid_byte, Byte})
    end.

%% The value, the accumulator, what stands behind.
-spec decode(binary(), term(), decoders()) -> {term(), term(), binary()}.
decode(Text, Acc, Decoders) ->
    case decode_start(Text, Acc, Decoders) of
        {continue, State} -> decode_continue(end_of_input, State);
        Result -> Result
    end.

%% For texts that come in parts: {continue, State} where more is needed.
decode_start(Text, Acc, Decoders) ->
    try value(skip(Text), Acc, Decoders)
    catch throw:more -> {continue, {Text, Acc, Decoders}}
    end.

decode_continue(end_of_input, {Text, Acc, Decoders}) ->
    %% A number may end here.
    try value(<<(skip(Text))/binary, "\n">>, Acc, Decoders) of
        {Value, After, Rest} ->
            {Value, After, binary:part(Rest, 0, byte_size(Rest) - 1)}
    catch
        throw:more -> error(unexpected_end);
        error:{invalid_byte, $\n} -> error(unexpected_end)
    end;
decode_continue(More, {Text, Acc, Decoders}) ->
    decode_start(<<Text/binary, More/binary>>, Acc, Decoders).

skip(<<C, Rest/binary>>) when C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r ->
    skip(Rest);
skip(Text) -> Text.

value(<<$", Rest/binary>>, Acc, D) ->
    {Text, After} = text(Rest, <<>>),
    {call(string, D, Text), Acc, After};
value(<<${, Rest/binary>>, Acc, D) ->
    Start = start(object_start, D, Acc),
    case skip(Rest) of
        <<$}, After/binary>> -> finish(object_finish, D, Start, Acc, After);
        Text -> members(Text, Start, Acc, D)
    end;
value(<<$[, Rest/binary>>, Acc, D) ->
    Start = start(array_start, D, Acc),
    case skip(Rest) of
        <<$], After/binary>> -> finish(array_finish, D, Start, Acc, After);
        Text -> elements(Text, Start, Acc, D)
    end;
value(<<"true", Rest/binary>>, Acc, _) -> {true, Acc, Rest};
value(<<"false", Rest/binary>>, Acc, _) -> {false, Acc, Rest};
value(<<"null", Rest/binary>>, Acc, D) -> {maps:get(null, D, null), Acc, Rest};
value(<<C, _/binary>> = Text, Acc, D) when C =:= $-; C >= $0, C =< $9 ->
    number(Text, Acc, D);
value(Text, _, _) ->
    Word = string:trim(Text, trailing, "\n"),
    case [W || W <- [<<"true">>, <<"false">>, <<"null">>],
               string:prefix(W, Word) =/= nomatch] of
        [] -> bad(Text);
        _ -> throw(more)
    end.

bad(<<Byte, _/binary>>) -> error({invalid_byte, Byte});
bad(<<>>) -> throw(more).

call(Kind, Decoders, Text) ->
    case Decoders of
        #{Kind := Fun} -> Fun(Text);
        _ -> default(Kind, Text)
    end.

default(string, Text) -> Text;
default(integer, Text) -> binary_to_integer(Text);
default(float, Text) ->
    %% Erlang wants a point in every float.
    Whole = case binary:match(Text, <<".">>) of
                nomatch ->
                    [N, E] = binary:split(Text, [<<"e">>, <<"E">>]),
                    <<N/binary, ".0e", E/binary>>;
                _ -> Text
            end,
    binary_to_float(Whole).

start(Kind, Decoders, Acc) ->
    case Decoders of
        #{Kind := Fun} -> Fun(Acc);
        _ -> []
    end.

finish(Kind, Decoders, Inner, Outer, Rest) ->
    case Decoders of
        #{Kind := Fun} ->
            {Value, Acc} = Fun(Inner, Outer),
            {Value, Acc, Rest};
        _ when Kind =:= object_finish ->
            {maps:from_list(lists:reverse(Inner)), Outer, Rest};
        _ -> {lists:reverse(Inner), Outer, Rest}
    end.

elements(Text, Inner, Outer, D) ->
    {Value, Acc, Rest} = value(Text, Inner, D),
    Next = case D of
               #{array_push := Push} -> Push(Value, Acc);
               _ -> [Value | Acc]
           end,
    case skip(Rest) of
        <<$,, More/binary>> -> elements(skip(More), Next, Outer, D);
        <<$], After/binary>> -> finish(array_finish, D, Next, Outer, After);
        Other -> bad(Other)
    end.

members(<<$", Text/binary>>, Inner, Outer, D) ->
    {Name, AfterName} = text(Text, <<>>),
    Key = call(string, D, Name),
    case skip(AfterName) of
        <<$:, Rest0/binary>> ->
            {Value, Acc, Rest} = value(skip(Rest0), Inner, D),
            Next = case D of
                       #{object_push := Push} -> Push(Key, Value, Acc);
                       _ -> [{Key, Value} | Acc]
                   end,
            case skip(Rest) of
                <<$,, More/binary>> -> members(skip(More), Next, Outer, D);
                <<$}, After/binary>> ->
                    finish(object_finish, D, Next, Outer, After);
                Other -> bad(Other)
            end;
        Other -> bad(Other)
    end;
members(Text, _, _, _) -> bad(Text).

text(<<$", Rest/binary>>, Text) -> {Text, Rest};
text(<<"\\u", H:4/binary, Rest/binary>>, Text) ->
    case hex(H) of
        High when High >= 16#d800, High < 16#dc00 ->
            case Rest of
                <<"\\u", L:4/binary, More/binary>> ->
                    Low = hex(L),
                    Low >= 16#dc00 andalso Low < 16#e000
                        orelse error({unexpected_sequence,
                                      <<"\\u", H/binary, "\\u", L/binary>>}),
                    C = 16#10000 + ((High band 16#3ff) bsl 10)
                        + (Low band 16#3ff),
                    text(More, <<Text/binary, C/utf8>>);
                _ when byte_size(Rest) < 6 -> throw(more);
                _ -> error({unexpected_sequence, <<"\\u", H/binary>>})
            end;
        C when C >= 16#dc00, C < 16#e000 ->
            error({unexpected_sequence, <<"\\u", H/binary>>});
        C -> text(Rest, <<Text/binary, C/utf8>>)
    end;
text(<<"\\u", _/binary>>, _) -> throw(more);
text(<<$\\, C, Rest/binary>>, Text) ->
    text(Rest, <<Text/binary, (unescape(C))>>);
text(<<C, _/binary>>, _) when C < $\s -> error({invalid_byte, C});
text(<<C/utf8, Rest/binary>>, Text) when C =/= $\\ ->
    text(Rest, <<Text/binary, C/utf8>>);
text(<<C, _/binary>> = Rest, _) when C >= 128, byte_size(Rest) >= 4 ->
    error({invalid_byte, C});
text(_, _) -> throw(more).

hex(Digits) ->
    try binary_to_integer(Digits, 16)
    catch error:badarg -> error({unexpected_sequence, <<"\\u", Digits/binary>>})
    end.

unescape($b) -> $\b;
unescape($f) -> $\f;
unescape($n) -> $\n;
unescape($r) -> $\r;
unescape($t) -> $\t;
unescape(C) when C =:= $"; C =:= $\\; C =:= $/ -> C;
unescape(C) -> error({invalid_byte, C}).

number(Text, Acc, D) ->
    {N0, Rest0} = sign(Text),
    {N1, Rest1} = integer_part(Rest0, N0),
    {N2, Rest2, F1} = fraction(Rest1, N1),
    {N, Rest, F2} = exponent(Rest2, N2),
    Rest =:= <<>> andalso throw(more),
    Digits = binary:part(Text, 0, N),
    case F1 orelse F2 of
        true -> {call(float, D, Digits), Acc, Rest};
        false -> {call(integer, D, Digits), Acc, Rest}
    end.

sign(<<$-, Rest/binary>>) -> {1, Rest};
sign(Rest) -> {0, Rest}.

%% No digit follows a leading zero.
integer_part(<<$0, Rest/binary>>, N) -> {N + 1, Rest};
integer_part(Rest, N) -> digits(Rest, N).

digits(<<C, Rest/binary>>, N) when C >= $0, C =< $9 -> more_digits(Rest, N + 1);
digits(Rest, _) -> bad(Rest).

more_digits(<<C, Rest/binary>>, N) when C >= $0, C =< $9 ->
    more_digits(Rest, N + 1);
more_digits(Rest, N) -> {N, Rest}.

fraction(<<$., Rest/binary>>, N) -> with_float(digits(Rest, N + 1));
fraction(Rest, N) -> {N, Rest, false}.

exponent(<<E, S, Rest/binary>>, N) when (E =:= $e orelse E =:= $E),
                                        (S =:= $- orelse S =:= $+) ->
    with_float(digits(Rest, N + 2));
exponent(<<E, Rest/binary>>, N) when E =:= $e; E =:= $E ->
    with_float(digits(Rest, N + 1));
exponent(Rest, N) -> {N, Rest, false}.

with_float({N, Rest}) -> {N, Rest, true}.
