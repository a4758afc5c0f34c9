%% SPDX-License-Identifier: Apache-2.0
%% io_lib_fread: input by a format string.
%%
%% Throughout, [N] is the number of characters read and [Values] what was
%% read, the last first.
-module(io_lib_fread).

-export([fread/2, fread/3]).

-define(IS_SPACE(C), (C =:= $\s orelse C =:= $\t orelse C =:= $\r
                      orelse C =:= $\n)).
-define(IS_DIGIT(C), (C >= $0 andalso C =< $9)).

%%% For io servers: characters come in pieces

-spec fread(io_lib:continuation() | [], string() | eof, io:format()) ->
          {more, io_lib:continuation()} | {done, term(), string() | eof}.
fread([], Chars, Format) -> fread({text(Format), [], 0, []}, Chars, Format);
fread({Format, Kept, N, Values}, eof, _) ->
    {Line, Newline} = case Kept of
                          [$\r | Cs] -> {lists:reverse(Cs), "\r"};
                          _ -> {lists:reverse(Kept), ""}
                      end,
    case read(Format, Line, N, Values, eof) of
        {ok, Result, []} -> {done, {ok, Result}, []};
        {ok, Result, Left} -> {done, {ok, Result}, Left ++ Newline};
        {more, _, N1, []} when N1 + length(Newline) =:= 0 -> {done, eof, eof};
        {more, _, _, _} -> {done, {error, {fread, input}}, eof};
        {error, Reason} -> {done, {error, Reason}, eof}
    end;
fread({Format, Kept, N, Values}, Chars, _) ->
    case line(Kept, Chars) of
        {Line, Newline, Rest} ->
            case read(Format, Line, N, Values, more) of
                {ok, Result, []} -> {done, {ok, Result}, Rest};
                {ok, Result, Left} ->
                    {done, {ok, Result}, Left ++ Newline ++ Rest};
                {more, Format1, N1, Values1} ->
                    fread({Format1, [], N1 + length(Newline), Values1}, Rest,
                          Format);
                {error, Reason} -> {done, {error, Reason}, Rest}
            end;
        {more, Kept1} -> {more, {Format, Kept1, N, Values}}
    end.

%% A line, what ends it, and what follows. A return may be the whole end or
%% half of one; which it is, the next piece of input says.
line([$\r | Line], [$\n | Cs]) -> {lists:reverse(Line), "\r\n", Cs};
line(Line, [$\n | Cs]) -> {lists:reverse(Line), "\n", Cs};
line(Line, []) -> {more, Line};
line([$\r | Line], Cs) -> {lists:reverse(Line), "\r", Cs};
line(Line, [C | Cs]) -> line([C | Line], Cs).

text(Format) when is_atom(Format) -> atom_to_list(Format);
text(Format) when is_binary(Format) -> unicode:characters_to_list(Format);
text(Format) -> Format.

%%% From a string

-spec fread(io:format(), string()) ->
          {ok, [term()], string()}
        | {more, string(), non_neg_integer(), [term()]}
        | {error, {fread, io_lib:fread_error()}}.
fread(Format, Chars) -> read(text(Format), Chars, 0, [], string).

read([], Cs, _, Values, _) -> {ok, lists:reverse(Values), Cs};
read([C | Format], Cs, N, Values, End) when ?IS_SPACE(C) ->
    read_spaces(Format, Cs, N, Values, End);
read([$~ | Format0], Cs, N, Values, End) ->
    case sequence(Format0) of
        {Format, Store, Width, Encoding, C} ->
            Result = control(C, Cs, Width, Encoding, N),
            continue(Result, [$~ | Format0], Format, Store, Cs, N, Values,
                     End);
        bad_format -> {error, {fread, format}}
    end;
read([C | Format], [C | Cs], N, Values, End) ->
    read(Format, Cs, N + 1, Values, End);
read([_ | _] = Format, [], N, Values, _) -> {more, Format, N, Values};
read([_ | _], _, _, _, _) -> {error, {fread, input}}.

read_spaces(Format, [C | Cs], N, Values, End) when ?IS_SPACE(C) ->
    read_spaces(Format, Cs, N + 1, Values, End);
read_spaces([], [], N, Values, string) ->
    _ = N,
    {ok, lists:reverse(Values), []};
read_spaces(Format, Cs, N, Values, End) ->
    read(Format, Cs, N, Values, End).

continue({value, Value, Cs, N}, _, Format, Store, _, _, Values, End) ->
    case Store of
        true -> read(Format, Cs, N, [Value | Values], End);
        false -> read(Format, Cs, N, Values, End)
    end;
continue({none, Cs, N}, _, Format, _, _, _, Values, End) ->
    read(Format, Cs, N, Values, End);
continue(more, Format, _, _, Cs, N, Values, _) ->
    {more, Format, N + length(Cs), Values};
continue({error, What}, _, _, _, _, _, _, _) -> {error, {fread, What}}.

%% Takes a control sequence (behind the tilde) apart.
sequence([$* | Format]) ->
    case sequence(Format) of
        bad_format -> bad_format;
        Sequence -> setelement(2, Sequence, false)
    end;
sequence([C | _] = Format) when ?IS_DIGIT(C) ->
    {Digits, Rest} = lists:splitwith(fun(D) -> ?IS_DIGIT(D) end, Format),
    case sequence(Rest) of
        bad_format -> bad_format;
        Sequence -> setelement(3, Sequence, list_to_integer(Digits))
    end;
sequence([$t | Format]) ->
    case sequence(Format) of
        bad_format -> bad_format;
        Sequence -> setelement(4, Sequence, unicode)
    end;
sequence([C | Format]) ->
    case lists:member(C, "l~c-du#fsa") of
        true -> {Format, true, none, latin1, C};
        false -> bad_format
    end;
sequence([]) -> bad_format.

%% Reads what one control sequence asks for: {value, Value, Rest, N},
%% {none, Rest, N}, more, or {error, What}.
control($l, Cs, _, _, N) -> {value, N, Cs, N};
control($~, Cs0, _, _, N0) ->
    case skip(Cs0, N0) of
        {[$~ | Cs], N} -> {none, Cs, N + 1};
        {[], _} when Cs0 =:= [] -> more;
        _ -> {error, format}
    end;
control($c, Cs, none, E, N) -> control($c, Cs, 1, E, N);
control($c, Cs, Width, E, N) ->
    case take(Cs, Width, fun(_) -> true end) of
        {[], []} -> more;
        {Taken, []} when length(Taken) < Width -> {error, character};
        {Taken, Rest} -> checked(Taken, Rest, N, E, character)
    end;
control($-, Cs0, _, _, N0) ->
    case skip(Cs0, N0) of
        {[$- | Cs], N} -> {value, -1, Cs, N + 1};
        {[$+ | Cs], N} -> {value, 1, Cs, N + 1};
        {[], _} when Cs0 =:= [] -> more;
        {Cs, N} -> {value, 1, Cs, N}
    end;
control(C, Cs0, Width, E, N0)
  when C =:= $d; C =:= $u; C =:= $#; C =:= $f; C =:= $s; C =:= $a ->
    %% where spaces are all that there is a field is empty
    case skip(Cs0, N0) of
        {[], _} when Cs0 =:= [] -> more;
        {Cs, N} -> field(C, Cs, Width, E, N)
    end.

skip([C | Cs], N) when ?IS_SPACE(C) -> skip(Cs, N + 1);
skip(Cs, N) -> {Cs, N}.

%% As many characters, at most [Width], as [Pred] holds for.
take(Cs, Width, Pred) -> take(Cs, Width, Pred, []).

take([C | Cs] = All, Width, Pred, Acc) when Width =/= 0 ->
    case Pred(C) of
        true -> take(Cs, less(Width), Pred, [C | Acc]);
        false -> {lists:reverse(Acc), All}
    end;
take(Cs, _, _, Acc) -> {lists:reverse(Acc), Cs}.

less(none) -> none;
less(N) -> N - 1.

field($s, Cs, Width, E, N) ->
    {Text, Rest} = take(Cs, Width, word_char(E)),
    {value, Text, Rest, N + length(Text)};
field($a, Cs, Width, E, N) ->
    {Text, Rest} = take(Cs, Width, word_char(E)),
    try {value, list_to_atom(Text), Rest, N + length(Text)}
    catch error:_ -> {error, atom}
    end;
field($d, Cs, Width, _, N) -> integer(sign(Cs, Width), N, integer);
field($u, Cs, none, E, N) -> field($u, Cs, 10, E, N);
field($u, Cs, Base, _, N) when Base >= 2, Base =< 36 ->
    %% the number before it is the base here
    case take(Cs, none, fun(C) -> is_digit_of(C, Base) end) of
        {[], _} -> {error, unsigned};
        {Digits, Rest} ->
            {value, list_to_integer(Digits, Base), Rest, N + length(Digits)}
    end;
field($u, _, _, _, _) -> {error, format};
field($#, Cs, Width, _, N) -> based(sign(Cs, Width), N);
field($f, Cs, Width, _, N) -> float(sign(Cs, Width), N).

%% Words of Latin-1 end at other characters.
word_char(latin1) -> fun(C) -> C =< 255 andalso not ?IS_SPACE(C) end;
word_char(unicode) -> fun(C) -> not ?IS_SPACE(C) end.

checked(Text, Rest, N, latin1, What) ->
    case lists:all(fun(C) -> C =< 255 end, Text) of
        true -> {value, Text, Rest, N + length(Text)};
        false -> {error, What}
    end;
checked(Text, Rest, N, unicode, _) ->
    {value, Text, Rest, N + length(Text)}.

sign([C | Cs], Width) when Width =/= 0, (C =:= $- orelse C =:= $+) ->
    {[C], Cs, less(Width)};
sign(Cs, Width) -> {"", Cs, Width}.

integer({Sign, Cs, Width}, N, What) ->
    case take(Cs, Width, fun(C) -> ?IS_DIGIT(C) end) of
        {[], _} -> {error, What};
        {Digits, Rest} ->
            Text = Sign ++ Digits,
            {value, list_to_integer(Text), Rest, N + length(Text)}
    end.

%% BASE#DIGITS
based({Sign, Cs, Width}, N) ->
    case take(Cs, Width, fun(C) -> ?IS_DIGIT(C) end) of
        {[_ | _] = Digits, [$# | Rest]} ->
            Base = list_to_integer(Digits),
            Left = if Width =:= none -> none;
                      true -> Width - length(Digits) - 1
                   end,
            {Value, Rest1} = take(Rest, Left,
                                  fun(C) -> is_digit_of(C, Base) end),
            try list_to_integer(Sign ++ Value, Base) of
                Integer ->
                    Count = length(Sign) + length(Digits) + 1 + length(Value),
                    {value, Integer, Rest1, N + Count}
            catch
                error:_ -> {error, based}
            end;
        _ -> {error, based}
    end.

is_digit_of(C, Base) ->
    Value = if
                ?IS_DIGIT(C) -> C - $0;
                C >= $a, C =< $z -> C - $a + 10;
                C >= $A, C =< $Z -> C - $A + 10;
                true -> 99
            end,
    Value < Base.

%% DIGITS.DIGITS, and an exponent
float({Sign, Cs, Width}, N) ->
    {Text, Rest} = take(Cs, Width, fun is_float_char/1),
    case float_prefix(Text) of
        {ok, Used, Value} ->
            All = Sign ++ Used,
            Rest1 = lists:nthtail(length(Used), Text) ++ Rest,
            Signed = case Sign of "-" -> -Value; _ -> Value end,
            {value, Signed, Rest1, N + length(All)};
        error -> {error, float}
    end.

is_float_char(C) ->
    ?IS_DIGIT(C) orelse C =:= $. orelse C =:= $e orelse C =:= $E
        orelse C =:= $+ orelse C =:= $-.

float_prefix(Text) ->
    Pattern = "^([0-9]+)\\.([0-9]+)([eE][+-]?[0-9]+|(?![eE]))",
    case re:run(Text, Pattern, [{capture, first, list}]) of
        {match, [Used]} ->
            try {ok, Used, list_to_float(Used)}
            catch error:_ -> error
            end;
        nomatch -> error
    end.
