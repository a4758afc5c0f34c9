%% SPDX-License-Identifier: Apache-2.0
%% io_lib_format: format strings. A format is first taken apart into
%% characters and control sequences with their arguments (scan), then the
%% sequences of a known short text are made, and last those that may have to
%% share a limit of characters (~w ~W ~p ~P ~s of other than atoms).
-module(io_lib_format).

-export([fwrite/2, fwrite/3, fwrite_g/1, indentation/2, scan/2, unscan/1,
         build/1, build/2]).

-define(PLAIN, #{width => none, adjust => right, precision => none,
                 pad_char => $\s, encoding => latin1, strings => true,
                 control_char => none, args => []}).

-spec fwrite(io:format(), [term()]) -> io_lib:chars().
fwrite(Format, Args) -> build(scan(Format, Args)).

-spec fwrite(io:format(), [term()], [{chars_limit, integer()}]) ->
          io_lib:chars().
fwrite(Format, Args, Options) -> build(scan(Format, Args), Options).

%%% Taking a format apart

-spec scan(io:format(), [term()]) -> [char() | io_lib:format_spec()].
scan(Format, Args) when is_atom(Format) -> scan(atom_to_list(Format), Args);
scan(Format, Args) when is_binary(Format) ->
    scan(binary_to_list(Format), Args);
%% Most have nothing between ~ and the letter.
scan([$~, C | Format], [A | Args]) when C =:= $p; C =:= $w; C =:= $s ->
    [?PLAIN#{control_char := C, args := [A]} | scan(Format, Args)];
scan([$~ | Format], Args) ->
    {Width, Adjust, Format1, Args1} = width(Format, Args),
    {Precision, Format2, Args2} = precision(Format1, Args1),
    {Pad, Format3, Args3} = pad(Format2, Args2),
    {[C | Format4], Args4, Spec} =
        modifiers(Format3, Args3,
                  ?PLAIN#{width := Width, adjust := Adjust,
                          precision := Precision, pad_char := Pad}),
    {Own, Args5} = take(argument_count(C), Args4),
    [Spec#{control_char := C, args := Own} | scan(Format4, Args5)];
scan([C | Format], Args) -> [C | scan(Format, Args)];
scan([], []) -> [].

argument_count(C) ->
    case C of
        $~ -> 0;
        $n -> 0;
        $W -> 2;
        $P -> 2;
        $x -> 2;
        $X -> 2;
        _ ->
            true = lists:member(C, "wpsefgbBc+#i"),
            1
    end.

take(0, Args) when is_list(Args) -> {[], Args};
take(1, [A | Args]) -> {[A], Args};
take(2, [A, B | Args]) -> {[A, B], Args}.

width([$- | Format], Args) ->
    case number(Format, Args) of
        {N, Format1, Args1} when is_integer(N) -> flip(-N, Format1, Args1)
    end;
width(Format, Args) ->
    case number(Format, Args) of
        {none, Format1, Args1} -> {none, right, Format1, Args1};
        {N, Format1, Args1} -> flip(N, Format1, Args1)
    end.

%% A width below 0 is one that fills on the right.
flip(N, Format, Args) when N < 0 -> {-N, left, Format, Args};
flip(N, Format, Args) -> {N, right, Format, Args}.

precision([$. | Format], Args) -> number(Format, Args);
precision(Format, Args) -> {none, Format, Args}.

number([$* | Format], [N | Args]) when is_integer(N) -> {N, Format, Args};
number([C | Format], Args) when is_integer(C), C >= $0, C =< $9 ->
    digits(Format, Args, C - $0);
number(Format, Args) -> {none, Format, Args}.

digits([C | Format], Args, N) when is_integer(C), C >= $0, C =< $9 ->
    digits(Format, Args, N * 10 + C - $0);
digits(Format, Args, N) -> {N, Format, Args}.

pad([$., $* | Format], [Pad | Args]) -> {Pad, Format, Args};
pad([$., Pad | Format], Args) -> {Pad, Format, Args};
pad(Format, Args) -> {$\s, Format, Args}.

modifiers([$t | Format], Args, Spec) ->
    modifiers(Format, Args, Spec#{encoding := unicode});
modifiers([$l | Format], Args, Spec) ->
    modifiers(Format, Args, Spec#{strings := false});
modifiers([$k | Format], Args, Spec) ->
    modifiers(Format, Args, Spec#{maps_order => ordered});
modifiers([$K | Format], [Order | Args], Spec) ->
    modifiers(Format, Args, Spec#{maps_order => Order});
modifiers(Format, Args, Spec) -> {Format, Args, Spec}.

%% The format and the arguments that [Parts] was made of.
-spec unscan([char() | io_lib:format_spec()]) -> {string(), [term()]}.
unscan(Parts) ->
    {lists:flatmap(fun sequence/1, Parts),
     lists:flatmap(fun arguments/1, Parts)}.

arguments(#{maps_order := Order, args := Args}) when Order =/= ordered ->
    [Order | Args];
arguments(#{args := Args}) -> Args;
arguments(_) -> [].

sequence(#{control_char := C, width := Width, adjust := Adjust,
           precision := Precision, pad_char := Pad, encoding := Encoding,
           strings := Strings} = Spec) ->
    "~" ++ width_text(Width, Adjust) ++ precision_text(Precision, Pad)
        ++ pad_text(Pad) ++ [$t || Encoding =:= unicode]
        ++ [$l || not Strings] ++ order_text(Spec) ++ [C];
sequence(C) -> [C].

order_text(#{maps_order := ordered}) -> "k";
order_text(#{maps_order := _}) -> "K";
order_text(_) -> "".

pad_text($\s) -> "";
pad_text(Pad) -> [$., Pad].

width_text(none, _) -> "";
width_text(N, left) -> integer_to_list(-N);
width_text(N, right) -> integer_to_list(N).

precision_text(none, $\s) -> "";
precision_text(none, _) -> ".";
precision_text(N, _) -> [$. | integer_to_list(N)].

%%% Making the text

-spec build([char() | io_lib:format_spec()]) -> io_lib:chars().
build(Parts) -> build(Parts, []).

-spec build([char() | io_lib:format_spec()], [{chars_limit, integer()}]) ->
          io_lib:chars().
build(Parts, Options) ->
    Limit = case lists:keyfind(chars_limit, 1, Options) of
                {_, N} -> N;
                false -> -1
            end,
    Small = build_small(Parts),
    case counts(Small, 0, 0, 0) of
        {0, _, _} -> Small;
        {Limited, Pretty, Chars} ->
            build_limited(Small, Pretty, Limited, minus(Limit, Chars), 0)
    end.

build_small([#{} = Spec | Parts]) ->
    case small(Spec) of
        not_small -> [Spec | build_small(Parts)];
        Text -> lists:flatten(Text, build_small(Parts))
    end;
build_small([C | Parts]) -> [C | build_small(Parts)];
build_small([]) -> [].

%% {Sequences left, those that need to know their column, characters made}.
counts([#{control_char := C} | Parts], Limited, Pretty, Chars)
  when C =:= $p; C =:= $P ->
    counts(Parts, Limited + 1, Pretty + 1, Chars);
counts([#{} | Parts], Limited, Pretty, Chars) ->
    counts(Parts, Limited + 1, Pretty, Chars);
counts([Text | Parts], Limited, Pretty, Chars)
  when is_list(Text); is_binary(Text) ->
    counts(Parts, Limited, Pretty, Chars + string:length(Text));
counts([_ | Parts], Limited, Pretty, Chars) ->
    counts(Parts, Limited, Pretty, Chars + 1);
counts([], Limited, Pretty, Chars) -> {Limited, Pretty, Chars}.

%% Each sequence left may take its share of what is left of the limit. The
%% column is kept only as long as a ~p is to come.
build_limited([#{control_char := C} = Spec | Parts], Pretty0, Count, Limit,
              Column) ->
    Share = if
                Limit < 0 -> Limit;
                true -> Limit div Count
            end,
    Text = limited(Spec, Share, Column),
    Pretty = case C of
                 $p -> Pretty0 - 1;
                 $P -> Pretty0 - 1;
                 _ -> Pretty0
             end,
    Left = if
               Limit < 0 -> Limit;
               true -> minus(Limit, io_lib:chars_length(Text))
           end,
    Column1 = if
                  Pretty > 0 -> indentation(Text, Column);
                  true -> Column
              end,
    [Text | build_limited(Parts, Pretty, Count - 1, Left, Column1)];
build_limited([$\n | Parts], Pretty, Count, Limit, _) ->
    [$\n | build_limited(Parts, Pretty, Count, Limit, 0)];
build_limited([$\t | Parts], Pretty, Count, Limit, Column) ->
    [$\t | build_limited(Parts, Pretty, Count, Limit, next_tab(Column))];
build_limited([C | Parts], Pretty, Count, Limit, Column) ->
    [C | build_limited(Parts, Pretty, Count, Limit, Column + 1)];
build_limited([], _, _, _, _) -> [].

next_tab(Column) -> (Column div 8 + 1) * 8.

%% A limit below 0 is none, and stays so.
minus(Limit, _) when Limit < 0 -> Limit;
minus(Limit, N) when N >= Limit -> 0;
minus(Limit, N) -> Limit - N.

%% The column after the text, when it begins in [Column].
-spec indentation(io_lib:chars(), integer()) -> integer().
indentation([$\n | Text], _) -> indentation(Text, 0);
indentation([$\t | Text], Column) -> indentation(Text, next_tab(Column));
indentation([C | Text], Column) when is_integer(C) ->
    indentation(Text, Column + 1);
indentation([Deep | Text], Column) ->
    indentation(Text, indentation(Deep, Column));
indentation([], Column) -> Column.

%%% Sequences of a short text

small(#{control_char := C, args := Args, encoding := Encoding} = Spec) ->
    case {C, Args} of
        {$s, [A]} when is_atom(A) ->
            Text = atom_to_list(A),
            case Encoding of
                latin1 -> string_field(latin1_text(Text), Spec);
                unicode -> string_field(Text, Spec)
            end;
        {$e, [A]} when is_float(A) -> float_field(A, fun float_e/2, 2, Spec);
        {$f, [A]} when is_float(A) -> float_field(A, fun float_f/2, 1, Spec);
        {$g, [A]} when is_float(A) -> general(A, Spec);
        {$b, [A]} when is_integer(A) -> integer(A, "", lower, Spec);
        {$B, [A]} when is_integer(A) -> integer(A, "", upper, Spec);
        {$x, [A, Prefix]} when is_integer(A) ->
            integer(A, prefix(Prefix), lower, Spec);
        {$X, [A, Prefix]} when is_integer(A) ->
            integer(A, prefix(Prefix), upper, Spec);
        {$+, [A]} when is_integer(A) ->
            integer(A, base_prefix(Spec), lower, Spec);
        {$#, [A]} when is_integer(A) ->
            integer(A, base_prefix(Spec), upper, Spec);
        {$c, [A]} when is_integer(A), Encoding =:= unicode -> char(A, Spec);
        {$c, [A]} when is_integer(A) -> char(A band 255, Spec);
        {$~, []} -> char($~, Spec);
        {$n, []} -> newline(Spec);
        {$i, [_]} -> [];
        _ -> not_small
    end.

latin1_text(Text) -> binary_to_list(list_to_binary(Text)).

prefix(Prefix) when is_atom(Prefix) -> atom_to_list(Prefix);
prefix(Prefix) ->
    true = io_lib:deep_char_list(Prefix),
    Prefix.

base_prefix(Spec) -> [integer_to_list(base(Spec)), $#].

base(#{precision := none}) -> 10;
base(#{precision := Base}) when is_integer(Base) -> Base.

integer(N, Prefix, Case, Spec) ->
    Base = base(Spec),
    true = Base >= 2 andalso Base =< 36,
    Digits = digits_text(integer_to_list(abs(N), Base), Case),
    Sign = [$- || N < 0],
    field(Sign ++ [Prefix | Digits], Spec#{precision := none}).

digits_text(Digits, upper) -> Digits;
digits_text(Digits, lower) ->
    [if C >= $A, C =< $Z -> C + 32; true -> C end || C <- Digits].

char(C, #{width := none, precision := none}) -> [C];
char(C, #{width := N, precision := none}) -> copies(C, N);
char(C, #{width := none, precision := N}) -> copies(C, N);
char(C, #{width := Width, precision := N} = Spec) when Width >= N ->
    adjust(copies(C, N), Width - N, Spec).

newline(#{width := none}) -> "\n";
newline(#{width := N, adjust := right}) -> copies($\n, N).

%%% Floats

%% [Make] gives the text of a float with so many digits; [Least] is the
%% smallest number of digits that makes sense.
float_field(Float, Make, Least, #{width := Width, precision := P} = Spec) ->
    Digits = case P of
                 none -> 6;
                 _ -> P
             end,
    true = Digits >= Least,
    Text = Make(Float, Digits),
    case Width of
        none -> Text;
        _ -> field(Text, Spec#{precision := Width})
    end.

%% The first 21 digits of the number
%% and the power of ten before which the decimal point stands.
float_digits(Float) ->
    {Mantissa, [_ | Exponent]} =
        lists:splitwith(fun(C) -> C =/= $e end, float_to_list(Float)),
    {[C - $0 || C <- Mantissa, C >= $0, C =< $9],
     list_to_integer(Exponent) + 1}.

sign(Float) ->
    case <<Float/float>> of
        <<1:1, _:63>> -> "-";
        _ -> ""
    end.

%% One digit before the point, the rest behind, and the exponent.
float_e(Float, Precision) ->
    {Digits, E} = float_digits(Float),
    {Rounded, Carry} = round_digits(Digits, Precision),
    [First | Rest] = [D + $0 || D <- Rounded],
    sign(Float) ++ [First, $. | Rest] ++ exponent(E - 1 + Carry).

exponent(E) when E >= 0 -> "e+" ++ integer_to_list(E);
exponent(E) -> "e" ++ integer_to_list(E).

%% All digits before the point, [Decimals] behind.
float_f(Float, Decimals) ->
    {Digits0, E0} = float_digits(Float),
    {Digits, E} = case E0 =< 0 of
                      true -> {lists:duplicate(1 - E0, 0) ++ Digits0, 1};
                      false -> {Digits0, E0}
                  end,
    {Rounded, Carry} = round_digits(Digits, E + Decimals),
    {Whole, Fraction} = lists:split(E + Carry, padded(Rounded,
                                                      E + Carry + Decimals)),
    sign(Float) ++ [D + $0 || D <- Whole] ++ "."
        ++ [D + $0 || D <- Fraction].

padded(Digits, N) when length(Digits) < N ->
    Digits ++ lists:duplicate(N - length(Digits), 0);
padded(Digits, _) -> Digits.

%% The first [N] digits, rounded half up; carry is 1 when that added one in
%% front (the digits are then one less behind).
round_digits(Digits, N) ->
    case length(Digits) =< N of
        true -> {padded(Digits, N), 0};
        false ->
            {Kept, [Next | _]} = lists:split(N, Digits),
            case Next >= 5 of
                true -> round_up(lists:reverse(Kept), [], N);
                false -> {Kept, 0}
            end
    end.

round_up([9 | Digits], Done, N) -> round_up(Digits, [0 | Done], N);
round_up([D | Digits], Done, _) ->
    {lists:reverse(Digits, [D + 1 | Done]), 0};
round_up([], Done, N) -> {lists:sublist([1 | Done], N), 1}.

%% ~g: like ~f for what is from 0.1 to 10000 and has the digits, else ~e.
general(Float, #{precision := none} = Spec) ->
    general(Float, Spec#{precision := 6});
general(Float, #{precision := P} = Spec) when P >= 1 ->
    E = magnitude(abs(Float)),
    if
        P =< 1, E =:= -1; P - 1 > E, E >= -1 ->
            float_field(Float, fun float_f/2, 1,
                        Spec#{precision := P - 1 - E});
        P =< 1 -> float_field(Float, fun float_e/2, 2, Spec#{precision := 2});
        true -> float_field(Float, fun float_e/2, 2, Spec)
    end.

%% The power of ten of the first digit, for numbers that ~f may show.
magnitude(A) when A < 1.0e-1 -> -2;
magnitude(A) when A < 1.0e0 -> -1;
magnitude(A) when A < 1.0e1 -> 0;
magnitude(A) when A < 1.0e2 -> 1;
magnitude(A) when A < 1.0e3 -> 2;
magnitude(A) when A < 1.0e4 -> 3;
magnitude(_) -> fits_not.

%% The shortest text that reads back as the same float.
-spec fwrite_g(float()) -> string().
fwrite_g(Float) -> float_to_list(Float, [short]).

%%% Sequences under the limit

limited(#{control_char := C, args := Args, encoding := Encoding} = Spec,
        Limit, Column) ->
    Order = order(Spec),
    case {C, Args} of
        {$s, [A]} when Encoding =:= latin1 ->
            string_field(bytes(A, Spec, Limit), limit_width(Spec, Limit));
        {$s, [A]} ->
            string_field(chardata(A, Spec, Limit), limit_width(Spec, Limit));
        {$w, [A]} -> field(write(A, -1, Encoding, Order, Limit), Spec);
        {$W, [A, Depth]} when is_integer(Depth) ->
            field(write(A, Depth, Encoding, Order, Limit), Spec);
        {$p, [A]} -> pretty(A, -1, Spec, Limit, Column);
        {$P, [A, Depth]} when is_integer(Depth) ->
            pretty(A, Depth, Spec, Limit, Column)
    end.

order(#{maps_order := Order}) -> Order;
order(_) -> undefined.

write(Term, Depth, Encoding, Order, Limit) ->
    io_lib:write(Term, [{depth, Depth}, {encoding, Encoding},
                        {maps_order, Order}, {chars_limit, Limit}]).

%% The width of ~p is the line's length, the precision its first column.
pretty(Term, -1, #{adjust := right}, -1, _) when is_integer(Term) ->
    integer_to_list(Term);
pretty(Term, Depth, #{width := Width, adjust := right, precision := P,
                      encoding := Encoding, strings := Strings} = Spec,
       Limit, Column) ->
    io_lib_pretty:pretty(Term,
                         #{chars_limit => Limit,
                           column => case P of none -> Column + 1; _ -> P end,
                           line_length =>
                               case Width of none -> 80; _ -> Width end,
                           depth => Depth, encoding => Encoding,
                           strings => Strings, maps_order => order(Spec)}).

limit_width(#{width := Width} = Spec, Limit)
  when Limit >= 0, is_integer(Width) ->
    Spec#{width := max(3, min(Width, Limit))};
limit_width(Spec, _) -> Spec.

%% ~s: bytes, or what can be made so.
bytes(Data, #{width := Width}, Limit)
  when Limit < 0; is_integer(Width), Limit >= Width ->
    byte_chars(Data);
bytes(Data, _, Limit) -> limit_chars(byte_chars(Data), Limit).

byte_chars([C | Cs]) when is_integer(C), C >= 0, C =< 255 ->
    [C | byte_chars(Cs)];
byte_chars([Deep | Cs]) -> [byte_chars(Deep) | byte_chars(Cs)];
byte_chars([]) -> [];
byte_chars(Bytes) when is_binary(Bytes) -> binary_to_list(Bytes).

%% ~ts: chardata; a binary that is no UTF-8 is taken as bytes.
chardata(Data, #{width := Width}, Limit)
  when Limit < 0; is_integer(Width), Limit >= Width ->
    text_chars(Data);
chardata(Data, _, Limit) -> limit_chars(text_chars(Data), Limit).

text_chars([C | Cs]) when is_integer(C), C >= 0 -> [C | text_chars(Cs)];
text_chars([Deep | Cs]) -> [text_chars(Deep) | text_chars(Cs)];
text_chars([]) -> [];
text_chars(Bytes) when is_binary(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%% At most [Limit] characters, three at least; if some are cut, the last
%% three are dots.
limit_chars(Text, Limit0) ->
    Limit = max(3, Limit0),
    case string:length(string:slice(Text, 0, Limit + 1)) > Limit of
        true -> string:slice(Text, 0, Limit - 3) ++ "...";
        false -> Text
    end.

%%% Fields

%% A term in a field; one that is too long becomes stars.
field(Text, #{width := none, precision := none}) -> Text;
field(Text, #{width := none, precision := P} = Spec) ->
    field(Text, Spec#{width := P});
field(Text, #{width := Width, precision := P0} = Spec) ->
    Length = io_lib:chars_length(Text),
    P = min(Length, case P0 of none -> Width; _ -> min(P0, Width) end),
    case Length > P of
        true -> adjust(copies($*, P), Width - P, Spec);
        false -> adjust(Text, Width - Length, Spec)
    end.

%% A string in a field; one that is too long is cut.
string_field(Text, #{width := none, precision := none}) -> Text;
string_field(Text, #{width := Width, precision := none} = Spec) ->
    fit(Text, io_lib:chars_length(Text), Width, Spec);
string_field(Text, #{width := none, precision := P} = Spec) ->
    fit(Text, io_lib:chars_length(Text), P, Spec#{adjust := left});
string_field(Text, #{width := Width, precision := Width} = Spec) ->
    fit(Text, io_lib:chars_length(Text), Width, Spec);
string_field(Text, #{width := Width, precision := P} = Spec)
  when Width > P ->
    Cut = fit(Text, io_lib:chars_length(Text), P, Spec#{adjust := left}),
    adjust(Cut, Width - P, Spec).

fit(Text, Length, Width, Spec) when Length > Width ->
    cut(Text, Width, Spec);
fit(Text, Length, Width, Spec) -> adjust(Text, Width - Length, Spec).

cut(Text, N, #{encoding := latin1}) ->
    lists:sublist(lists:flatten(Text), N);
cut(Text, N, _) -> string:slice(Text, 0, N).

adjust(Text, 0, _) -> Text;
adjust(Text, N, #{adjust := left, pad_char := Pad}) ->
    [Text | copies(Pad, N)];
adjust(Text, N, #{adjust := right, pad_char := Pad}) ->
    [copies(Pad, N) | Text].

%% Long rows are made of halves, so that a wide field takes little memory.
copies(C, N) when is_integer(N), N >= 0, N =< 3 -> lists:duplicate(N, C);
copies(C, N) when is_integer(N), N > 3 ->
    Half = copies(C, N div 2),
    case N band 1 of
        0 -> [Half | Half];
        1 -> [C, Half | Half]
    end.
