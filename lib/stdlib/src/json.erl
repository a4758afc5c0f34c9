%% SPDX-License-Identifier: Apache-2.0
%% json: JSON texts (RFC 8259) from and to terms, as OTP has it since 27.
%%
%% Objects are maps with binaries as keys, arrays lists, strings binaries.
%% Encoders and decoders of one's own make other terms of them. How far the
%% text of a string stands for itself is found out in C.
-module(json).

-export([encode/1, encode/2, encode_value/2, encode_atom/2, encode_integer/1,
         encode_float/1, encode_list/2, encode_map/2, encode_map_checked/2,
         encode_key_value_list/2, encode_key_value_list_checked/2,
         encode_binary/1, encode_binary_escape_all/1]).
-export([format/1, format/2, format/3, format_value/3,
         format_key_value_list/3, format_key_value_list_checked/3]).
-export([decode/1, decode/3, decode_start/3, decode_continue/2]).

-export_type([encoder/0, formatter/0, decoders/0, encode_value/0,
              encode_map/1, decode_value/0, continuation_state/0]).

-type encoder() :: fun((term(), encoder()) -> iodata()).
-type formatter() :: fun((term(), formatter(), State :: map()) -> iodata()).
-type encode_value() :: integer() | float() | boolean() | null | binary()
                      | atom() | [encode_value()] | encode_map(encode_value()).
-type encode_map(Value) :: #{binary() | atom() | integer() => Value}.
-type decode_value() :: integer() | float() | boolean() | null | binary()
                      | [decode_value()] | #{binary() => decode_value()}.
-type decoders() :: #{array_start => fun((Acc) -> Acc),
                      array_push => fun((term(), Acc) -> Acc),
                      array_finish => fun((Acc, Acc) -> {term(), Acc}),
                      object_start => fun((Acc) -> Acc),
                      object_push => fun((term(), term(), Acc) -> Acc),
                      object_finish => fun((Acc, Acc) -> {term(), Acc}),
                      float => fun((binary()) -> term()),
                      integer => fun((binary()) -> term()),
                      string => fun((binary()) -> term()),
                      null => term()}.
-opaque continuation_state() :: {atom(), binary(), term(), list(), decoders()}.

%% ---- Encoding ----

-spec encode(encode_value()) -> iodata().
encode(Term) -> encode(Term, fun encode_value/2).

-spec encode(term(), encoder()) -> iodata().
encode(Term, Encoder) when is_function(Encoder, 2) -> Encoder(Term, Encoder).

-spec encode_value(term(), encoder()) -> iodata().
encode_value(V, _) when is_binary(V) -> encode_binary(V);
encode_value(V, E) when is_atom(V) -> encode_atom(V, E);
encode_value(V, _) when is_integer(V) -> integer_to_binary(V);
encode_value(V, _) when is_float(V) -> encode_float(V);
encode_value(V, E) when is_list(V) -> encode_list(V, E);
encode_value(V, E) when is_map(V) -> encode_map(V, E);
encode_value(V, _) -> error({unsupported_type, V}).

-spec encode_atom(atom(), encoder()) -> iodata().
encode_atom(null, _) -> <<"null">>;
encode_atom(true, _) -> <<"true">>;
encode_atom(false, _) -> <<"false">>;
encode_atom(Atom, Encoder) -> Encoder(atom_to_binary(Atom), Encoder).

-spec encode_integer(integer()) -> iodata().
encode_integer(N) -> integer_to_binary(N).

-spec encode_float(float()) -> iodata().
encode_float(F) -> float_to_binary(F, [short]).

-spec encode_list([term()], encoder()) -> iodata().
encode_list([], _) -> <<"[]">>;
encode_list([V | Vs], E) when is_function(E, 2) ->
    [$[, E(V, E) | encode_tail(Vs, E)].

encode_tail([V | Vs], E) -> [$,, E(V, E) | encode_tail(Vs, E)];
encode_tail([], _) -> "]".

-spec encode_map(encode_map(term()), encoder()) -> iodata().
encode_map(Map, E) when is_map(Map) ->
    encode_key_value_list(maps:to_list(Map), E).

-spec encode_map_checked(map(), encoder()) -> iodata().
encode_map_checked(Map, E) ->
    encode_key_value_list_checked(maps:to_list(Map), E).

-spec encode_key_value_list([{term(), term()}], encoder()) -> iodata().
encode_key_value_list(Pairs, E) when is_function(E, 2) ->
    object([[$,, key(K, E), $: | E(V, E)] || {K, V} <- Pairs]).

-spec encode_key_value_list_checked([{term(), term()}], encoder()) -> iodata().
encode_key_value_list_checked(Pairs, E) ->
    encode_key_value_list(checked(Pairs, E, #{}), E).

object([]) -> <<"{}">>;
object([[_ | First] | Rest]) -> ["{", First, Rest, "}"].

%% Keys that look the same are refused.
checked([{K, _} = Pair | Pairs], E, Seen) ->
    case iolist_to_binary(key(K, E)) of
        Text when is_map_key(Text, Seen) -> error({duplicate_key, K});
        Text -> [Pair | checked(Pairs, E, Seen#{Text => []})]
    end;
checked([], _, _) -> [].

key(Key, E) when is_binary(Key) -> E(Key, E);
key(Key, E) when is_atom(Key) -> E(atom_to_binary(Key), E);
key(Key, _) when is_integer(Key) -> [$", encode_integer(Key), $"];
key(Key, _) when is_float(Key) -> [$", encode_float(Key), $"].

-spec encode_binary(binary()) -> iodata().
encode_binary(Text) when is_binary(Text) -> [$" | plain(Text)].

plain(Text) ->
    case merle_json:text_size(Text) of
        Size when Size =:= byte_size(Text) -> [Text, $"];
        Size ->
            <<Plain:Size/binary, Rest/binary>> = Text,
            [Plain | special(Rest, Size)]
    end.

special(<<C, Rest/binary>>, _) when C < 128 -> [escape(C) | plain(Rest)];
special(Text, 0) -> broken(Text);
special(Text, _) -> plain(Text).

%% All that is not ASCII as \uXXXX.
-spec encode_binary_escape_all(binary()) -> iodata().
encode_binary_escape_all(Text) when is_binary(Text) -> [$" | ascii(Text)].

ascii(<<C, Rest/binary>>)
  when C >= $\s, C < 128, C =/= $", C =/= $\\ -> [C | ascii(Rest)];
ascii(<<C/utf8, Rest/binary>>) -> [escape(C) | ascii(Rest)];
ascii(<<>>) -> [$"];
ascii(<<Byte, _/binary>>) -> error({invalid_byte, Byte}).

escape($") -> "\\\"";
escape($\\) -> "\\\\";
escape($\b) -> "\\b";
escape($\f) -> "\\f";
escape($\n) -> "\\n";
escape($\r) -> "\\r";
escape($\t) -> "\\t";
escape(C) when C < 32; C >= 128, C < 16#10000 ->
    ["\\u" | string:pad(integer_to_list(C, 16), 4, leading, $0)];
escape(C) when C < 128 -> C;
escape(C) ->
    D = C - 16#10000,
    [escape(16#d800 bor (D bsr 10)), escape(16#dc00 bor (D band 16#3ff))].

%% What is wrong with text that begins with no character: the first byte that
%% cannot be.
-spec broken(binary()) -> no_return().
broken(Text) ->
    case bad_byte(Text) of
        none -> error(unexpected_end);
        Byte -> error({invalid_byte, Byte})
    end.

bad_byte(<<Lead, Rest/binary>>) when Lead >= 16#c2, Lead =< 16#f4 ->
    {Count, Low, High} = if
                             Lead < 16#e0 -> {1, 16#80, 16#bf};
                             Lead =:= 16#e0 -> {2, 16#a0, 16#bf};
                             Lead =:= 16#ed -> {2, 16#80, 16#9f};
                             Lead < 16#f0 -> {2, 16#80, 16#bf};
                             Lead =:= 16#f0 -> {3, 16#90, 16#bf};
                             Lead =:= 16#f4 -> {3, 16#80, 16#8f};
                             true -> {3, 16#80, 16#bf}
                         end,
    bad_byte(Rest, Count, Low, High);
bad_byte(<<Byte, _/binary>>) -> Byte.

bad_byte(<<Byte, Rest/binary>>, Count, Low, High)
  when Count > 0, Byte >= Low, Byte =< High ->
    bad_byte(Rest, Count - 1, 16#80, 16#bf);
bad_byte(<<Byte, _/binary>>, Count, _, _) when Count > 0 -> Byte;
bad_byte(_, _, _, _) -> none.

%% ---- Formatting: encoding over lines ----
%% The state is the options, how deep a value stands and in what column.

-spec format(term()) -> iodata().
format(Term) -> format(Term, #{}).

-spec format(term(), map() | formatter()) -> iodata().
format(Term, #{} = Options) -> format(Term, fun format_value/3, Options);
format(Term, Formatter) -> format(Term, Formatter, #{}).

%% Options: indent, the columns of a level, and max, the column behind which a
%% list goes on in a new line.
-spec format(term(), formatter(), map()) -> iodata().
format(Term, Formatter, Options) when is_function(Formatter, 3) ->
    State = maps:merge(#{level => 0, col => 0, indent => 2, max => 100},
                       Options),
    [Formatter(Term, Formatter, State), $\n].

-spec format_value(term(), formatter(), map()) -> iodata().
format_value([First | Rest], F, #{level := Level, col := At, max := Most} = S)
  when is_list(First); is_map(First); is_binary(First); At > Most ->
    %% an element a line
    {Column, Line} = line(Level + 1, S),
    Inner = S#{level := Level + 1, col := Column},
    {_, Last} = line(Level, S),
    [$[, Line, F(First, F, Inner),
     [[$,, Line, F(V, F, Inner)] || V <- Rest], Last, $]];
format_value([First | Rest], F, #{level := Level, col := At} = S) ->
    Inner = S#{level := Level + 1},
    Text = F(First, F, Inner),
    [$[, Text,
     format_row(Rest, F, Inner#{col := At + 1 + iolist_size(Text)}), $]];
format_value(Map, F, State) when is_map(Map) ->
    format_key_value_list(maps:to_list(maps:iterator(Map, ordered)), F, State);
format_value(Atom, F, State) when is_atom(Atom) ->
    encode_atom(Atom, fun(Text, _) -> F(Text, F, State) end);
format_value(Value, F, State) ->
    encode_value(Value, fun(V, _) -> F(V, F, State) end).

%% Elements side by side, as long as there is room.
format_row([V | Vs], F, #{col := At, max := Most, level := Level} = S) ->
    Text = F(V, F, S),
    Size = iolist_size(Text) + 1,
    case At < Most of
        true -> [$,, Text | format_row(Vs, F, S#{col := At + Size})];
        false ->
            {Column, Line} = line(Level, S),
            [$,, Line, Text | format_row(Vs, F, S#{col := Column + Size - 1})]
    end;
format_row([], _, _) -> [].

-spec format_key_value_list([{term(), term()}], formatter(), map()) -> iodata().
format_key_value_list(Pairs, F, #{level := Level} = S) when is_function(F, 3) ->
    {Column, Line} = line(Level + 1, S),
    Inner = S#{level := Level + 1},
    Encode = fun(Key, _) -> F(Key, F, Inner) end,
    Entry = fun({K, V}) ->
                    Key = key(K, Encode),
                    At = Column + 2 + iolist_size(Key),
                    {[Key, ": "], F(V, F, Inner#{col := At})}
            end,
    {_, Last} = line(Level, S),
    format_object(lists:map(Entry, Pairs), Line, Last).

%% A single plain value stands in the line of the braces.
format_object([], _, _) -> <<"{}">>;
format_object([{Key, Value}] = Entries, Line, Last) ->
    case string:trim(iolist_to_binary(Value), leading, " \n") of
        <<C, _/binary>> when C =:= ${; C =:= $[ ->
            format_lines(Entries, Line, Last);
        _ -> ["{ ", Key, Value, " }"]
    end;
format_object(Entries, Line, Last) -> format_lines(Entries, Line, Last).

format_lines(Entries, Line, Last) ->
    [${, lists:join($,, [[Line, Key, Value] || {Key, Value} <- Entries]),
     Last, $}].

-spec format_key_value_list_checked([{term(), term()}], formatter(), map()) ->
          iodata().
format_key_value_list_checked(Pairs, F, State) when is_function(F, 3) ->
    Encode = fun(Key, _) -> F(Key, F, State) end,
    format_key_value_list(checked(Pairs, Encode, #{}), F, State).

%% A new line's first column, and how to get there.
line(Level, #{indent := Indent}) ->
    {Level * Indent, [$\n | lists:duplicate(Level * Indent, $\s)]}.

%% ---- Decoding ----
%% Each function reads on from what has been read: Text is what is left, Acc the
%% accumulator, Stack what is open around it: [array, Outer | ...] or
%% [object, Key, Outer | ...], with the accumulators around. Where the text ends
%% too soon, the function to go on with is kept.

-define(IS_SPACE(C), (C =:= $\s orelse C =:= $\n orelse C =:= $\r
                      orelse C =:= $\t)).

-spec decode(binary()) -> decode_value().
decode(Text) when is_binary(Text) ->
    case decode(Text, ok, #{}) of
        {Value, _, <<>>} -> Value;
        {_, _, Rest} ->
            <<Byte, _/binary>> = string:trim(Rest, leading, " \t\r\n"),
            error({invalid_byte, Byte})
    end.

%% The value, the accumulator, what stands behind.
-spec decode(binary(), term(), decoders()) -> {term(), term(), binary()}.
decode(Text, Acc, Decoders) when is_binary(Text) ->
    case decode_start(Text, Acc, Decoders) of
        {continue, State} -> decode_continue(end_of_input, State);
        Result -> Result
    end.

%% For texts that come in parts: {continue, State} where more is needed.
-spec decode_start(binary(), term(), decoders()) ->
          {term(), term(), binary()} | {continue, continuation_state()}.
decode_start(Text, Acc, Decoders) when is_binary(Text), is_map(Decoders) ->
    value(Text, Acc, [], Decoders).

%% A space ends what is a number; where it is no good, something was missing.
-spec decode_continue(binary() | end_of_input, continuation_state()) ->
          {term(), term(), binary()} | {continue, continuation_state()}.
decode_continue(end_of_input, State) ->
    try decode_continue(<<" ">>, State) of
        {continue, _} -> error(unexpected_end);
        Result -> Result
    catch
        error:{invalid_byte, $\s} -> error(unexpected_end);
        error:{unexpected_sequence, Bytes}
          when binary_part(Bytes, byte_size(Bytes), -1) =:= <<" ">> ->
            error(unexpected_end)
    end;
decode_continue(More, {Where, Text, Acc, Stack, D}) when is_binary(More) ->
    All = <<Text/binary, More/binary>>,
    case Where of
        value -> value(All, Acc, Stack, D);
        element -> element(All, Acc, Stack, D);
        after_element -> after_element(All, Acc, Stack, D);
        member -> member(All, Acc, Stack, D);
        key -> key(All, Acc, Stack, D);
        colon -> colon(All, Acc, Stack, D);
        after_member -> after_member(All, Acc, Stack, D)
    end.

more(Where, Text, Acc, Stack, D) -> {continue, {Where, Text, Acc, Stack, D}}.

bad(Where, <<>>, Acc, Stack, D) -> more(Where, <<>>, Acc, Stack, D);
bad(_, <<Byte, _/binary>>, _, _, _) -> error({invalid_byte, Byte}).

value(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    value(Rest, Acc, Stack, D);
value(<<$", Rest/binary>> = Text, Acc, Stack, D) ->
    case string(Rest) of
        {Chars, After} -> given(string(Chars, D), After, Acc, Stack, D);
        more -> more(value, Text, Acc, Stack, D)
    end;
value(<<${, Rest/binary>>, Acc, Stack, D) ->
    member(Rest, start(object_start, Acc, D), [Acc | Stack], D);
value(<<$[, Rest/binary>>, Acc, Stack, D) ->
    element(Rest, start(array_start, Acc, D), [Acc | Stack], D);
value(<<C, _/binary>> = Text, Acc, Stack, D)
  when C =:= $-; C >= $0, C =< $9 ->
    case number(Text) of
        {Kind, Size} when Size < byte_size(Text) ->
            <<Digits:Size/binary, Rest/binary>> = Text,
            given(number(Kind, Digits, D), Rest, Acc, Stack, D);
        _ -> more(value, Text, Acc, Stack, D)
    end;
value(<<"true", Rest/binary>>, Acc, Stack, D) ->
    given(true, Rest, Acc, Stack, D);
value(<<"false", Rest/binary>>, Acc, Stack, D) ->
    given(false, Rest, Acc, Stack, D);
value(<<"null", Rest/binary>>, Acc, Stack, D) ->
    given(maps:get(null, D, null), Rest, Acc, Stack, D);
value(<<C, Byte, Rest/binary>>, _, _, _)
  when C =:= $t, byte_size(Rest) > 2; C =:= $n, byte_size(Rest) > 2;
       C =:= $f, byte_size(Rest) > 3 -> error({invalid_byte, Byte});
value(<<C, _/binary>> = Text, Acc, Stack, D)
  when C =:= $t; C =:= $f; C =:= $n -> more(value, Text, Acc, Stack, D);
value(Text, Acc, Stack, D) -> bad(value, Text, Acc, Stack, D).

%% What a value is for: the end, an element, a member.
given(Value, Text, Acc, [], _) ->
    case is_space(Text) of
        true -> {Value, Acc, <<>>};
        false -> {Value, Acc, Text}
    end;
given(Value, Text, Acc, [array | Stack], D) ->
    Next = case D of
               #{array_push := Push} -> Push(Value, Acc);
               _ -> [Value | Acc]
           end,
    after_element(Text, Next, Stack, D);
given(Value, Text, Acc, [object, Key | Stack], D) ->
    Next = case D of
               #{object_push := Push} -> Push(Key, Value, Acc);
               _ -> [{Key, Value} | Acc]
           end,
    after_member(Text, Next, Stack, D).

is_space(<<C, Rest/binary>>) when ?IS_SPACE(C) -> is_space(Rest);
is_space(Rest) -> Rest =:= <<>>.

%% The first element, or none.
element(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    element(Rest, Acc, Stack, D);
element(<<$], Rest/binary>>, Acc, Stack, D) -> end_array(Rest, Acc, Stack, D);
element(<<>>, Acc, Stack, D) -> more(element, <<>>, Acc, Stack, D);
element(Text, Acc, Stack, D) -> value(Text, Acc, [array | Stack], D).

after_element(<<$,, Rest/binary>>, Acc, Stack, D) ->
    value(Rest, Acc, [array | Stack], D);
after_element(<<$], Rest/binary>>, Acc, Stack, D) ->
    end_array(Rest, Acc, Stack, D);
after_element(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    after_element(Rest, Acc, Stack, D);
after_element(Text, Acc, Stack, D) -> bad(after_element, Text, Acc, Stack, D).

end_array(Text, Acc, [Outer | Stack], D) ->
    case D of
        #{array_finish := Finish} ->
            {Value, Next} = Finish(Acc, Outer),
            given(Value, Text, Next, Stack, D);
        _ -> given(lists:reverse(Acc), Text, Outer, Stack, D)
    end.

%% The first member, or none.
member(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    member(Rest, Acc, Stack, D);
member(<<$}, Rest/binary>>, Acc, Stack, D) -> end_object(Rest, Acc, Stack, D);
member(<<>>, Acc, Stack, D) -> more(member, <<>>, Acc, Stack, D);
member(Text, Acc, Stack, D) -> key(Text, Acc, Stack, D).

key(<<$", Rest/binary>> = Text, Acc, Stack, D) ->
    case string(Rest) of
        {Chars, After} -> colon(After, Acc, [string(Chars, D) | Stack], D);
        more -> more(key, Text, Acc, Stack, D)
    end;
key(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    key(Rest, Acc, Stack, D);
key(Text, Acc, Stack, D) -> bad(key, Text, Acc, Stack, D).

colon(<<$:, Rest/binary>>, Acc, Stack, D) ->
    value(Rest, Acc, [object | Stack], D);
colon(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    colon(Rest, Acc, Stack, D);
colon(Text, Acc, Stack, D) -> bad(colon, Text, Acc, Stack, D).

after_member(<<$,, Rest/binary>>, Acc, Stack, D) -> key(Rest, Acc, Stack, D);
after_member(<<$}, Rest/binary>>, Acc, Stack, D) ->
    end_object(Rest, Acc, Stack, D);
after_member(<<C, Rest/binary>>, Acc, Stack, D) when ?IS_SPACE(C) ->
    after_member(Rest, Acc, Stack, D);
after_member(Text, Acc, Stack, D) -> bad(after_member, Text, Acc, Stack, D).

%% Of members with the same key the first one counts.
end_object(Text, Acc, [Outer | Stack], D) ->
    case D of
        #{object_finish := Finish} ->
            {Value, Next} = Finish(Acc, Outer),
            given(Value, Text, Next, Stack, D);
        _ -> given(maps:from_list(Acc), Text, Outer, Stack, D)
    end.

start(Kind, Acc, D) ->
    case D of
        #{Kind := Start} -> Start(Acc);
        _ -> []
    end.

%% ---- Strings and numbers ----

string(Text, #{string := Fun}) -> Fun(Text);
string(Text, _) -> Text.

%% The characters up to the closing quote and what is behind it, or more.
string(Text) ->
    Size = merle_json:text_size(Text),
    case Text of
        <<Chars:Size/binary, $", Rest/binary>> -> {Chars, Rest};
        _ -> string_on(Text, Size, <<>>)
    end.

string_on(Text, Size, Before) ->
    <<Plain:Size/binary, Rest/binary>> = Text,
    Chars = <<Before/binary, Plain/binary>>,
    case Rest of
        <<$", After/binary>> -> {Chars, After};
        <<$\\, After/binary>> -> escaped(After, Chars);
        <<>> -> more;
        <<C, _/binary>> when C < $\s -> error({invalid_byte, C});
        _ when Size > 0 ->
            string_on(Rest, merle_json:text_size(Rest), Chars);
        _ ->
            case bad_byte(Rest) of
                none -> more;
                Byte -> error({invalid_byte, Byte})
            end
    end.

escaped(<<$u, H:4/binary, Rest/binary>>, Chars) ->
    case hex(H) of
        High when High >= 16#d800, High < 16#dc00 ->
            surrogates(High, H, Rest, Chars);
        C when C >= 16#dc00, C < 16#e000; C < 0 ->
            error({unexpected_sequence, <<"\\u", H/binary>>});
        C -> with_char(C, Rest, Chars)
    end;
escaped(<<$u, _/binary>>, _) -> more;
escaped(<<C, Rest/binary>>, Chars) ->
    case C of
        $n -> with_char($\n, Rest, Chars);
        $t -> with_char($\t, Rest, Chars);
        $r -> with_char($\r, Rest, Chars);
        $b -> with_char($\b, Rest, Chars);
        $f -> with_char($\f, Rest, Chars);
        _ when C =:= $"; C =:= $\\; C =:= $/ -> with_char(C, Rest, Chars);
        _ -> error({invalid_byte, C})
    end;
escaped(<<>>, _) -> more.

with_char(C, Text, Chars) ->
    string_on(Text, merle_json:text_size(Text), <<Chars/binary, C/utf8>>).

surrogates(High, H, <<"\\u", L:4/binary, Rest/binary>>, Chars) ->
    case hex(L) of
        Low when Low >= 16#dc00, Low < 16#e000 ->
            C = 16#10000 + ((High band 16#3ff) bsl 10) + (Low band 16#3ff),
            with_char(C, Rest, Chars);
        _ -> error({unexpected_sequence, <<"\\u", H/binary, "\\u", L/binary>>})
    end;
surrogates(_, _, Text, _) when byte_size(Text) < 6 -> more;
surrogates(_, _, <<Byte, _/binary>>, _) -> error({invalid_byte, Byte}).

%% The number of four digits, below 0 if they are none.
hex(<<C, _/binary>>) when C =:= $+; C =:= $- -> -1;
hex(Digits) ->
    try binary_to_integer(Digits, 16)
    catch error:badarg -> -1
    end.

number(integer, Digits, #{integer := Fun}) -> Fun(Digits);
number(integer, Digits, _) -> binary_to_integer(Digits);
number({exponent, Size}, Digits, D) ->
    %% Erlang wants a point in every float.
    <<Whole:Size/binary, Exponent/binary>> = Digits,
    number(float, <<Whole/binary, ".0", Exponent/binary>>, D);
number(float, Digits, #{float := Fun}) -> Fun(Digits);
number(float, Digits, _) ->
    try binary_to_float(Digits)
    catch error:badarg -> error({unexpected_sequence, Digits})
    end.

%% What kind of number a text begins with, and how long it is; more if that is
%% not known.
number(<<$-, Text/binary>>) -> whole(Text, 1);
number(Text) -> whole(Text, 0).

whole(<<$0, Text/binary>>, N) -> fraction(Text, N + 1);
whole(<<C, Text/binary>>, N) when C >= $1, C =< $9 -> whole_on(Text, N + 1);
whole(Text, _) -> no_digit(Text).

whole_on(<<C, Text/binary>>, N) when C >= $0, C =< $9 -> whole_on(Text, N + 1);
whole_on(Text, N) -> fraction(Text, N).

fraction(<<$., C, Text/binary>>, N) when C >= $0, C =< $9 ->
    fraction_on(Text, N + 2);
fraction(<<$., Text/binary>>, _) -> no_digit(Text);
fraction(<<E, Text/binary>>, N) when E =:= $e; E =:= $E ->
    exponent(Text, N + 1, {exponent, N});
fraction(_, N) -> {integer, N}.

fraction_on(<<C, Text/binary>>, N) when C >= $0, C =< $9 ->
    fraction_on(Text, N + 1);
fraction_on(<<E, Text/binary>>, N) when E =:= $e; E =:= $E ->
    exponent(Text, N + 1, float);
fraction_on(_, N) -> {float, N}.

exponent(<<S, Text/binary>>, N, Kind) when S =:= $+; S =:= $- ->
    exponent_first(Text, N + 1, Kind);
exponent(Text, N, Kind) -> exponent_first(Text, N, Kind).

exponent_first(<<C, Text/binary>>, N, Kind) when C >= $0, C =< $9 ->
    exponent_on(Text, N + 1, Kind);
exponent_first(Text, _, _) -> no_digit(Text).

exponent_on(<<C, Text/binary>>, N, Kind) when C >= $0, C =< $9 ->
    exponent_on(Text, N + 1, Kind);
exponent_on(_, N, Kind) -> {Kind, N}.

no_digit(<<>>) -> more;
no_digit(<<Byte, _/binary>>) -> error({invalid_byte, Byte}).
