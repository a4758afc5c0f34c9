%% SPDX-License-Identifier: Apache-2.0
%% io_lib: text of terms, and what io servers need to collect input. Formats
%% are io_lib_format's, input formats io_lib_fread's, the text of terms is
%% made in C.
-module(io_lib).

-export([bfwrite/2, bfwrite/3, bformat/2, bformat/3, bwrite/2,
         bwrite_string/3]).
-export([fwrite/2, fwrite/3, fread/2, fread/3, format/2, format/3,
         scan_format/2, unscan_format/1, build_text/1, build_text/2,
         print/1, print/4, indentation/2, write/1, write/2, write/3, nl/0,
         format_prompt/1, format_prompt/2, write_binary/3, write_atom/1,
         write_string/1, write_string/2, write_latin1_string/1,
         write_latin1_string/2, write_char/1, write_latin1_char/1,
         write_atom_as_latin1/1, write_string_as_latin1/1,
         write_string_as_latin1/2, write_char_as_latin1/1, quote_atom/2,
         char_list/1, latin1_char_list/1, deep_char_list/1,
         deep_latin1_char_list/1, printable_list/1, printable_latin1_list/1,
         printable_unicode_list/1, collect_chars/3, collect_chars/4,
         collect_line/3, collect_line/4, get_until/3, get_until/4,
         write_unicode_string/1, write_unicode_char/1,
         deep_unicode_char_list/1, limit_term/2, chars_length/1]).

-export_type([chars/0, latin1_string/0, continuation/0, fread_error/0,
              fread_item/0, format_spec/0, chars_limit/0, depth/0]).

-type chars() :: [char() | chars()].
-type latin1_string() :: [byte()].
-type depth() :: -1 | non_neg_integer().
-type continuation() :: {string(), chars(), non_neg_integer(), [term()]}.
-type fread_error() :: atom | based | character | float | format | input
                     | integer | string | unsigned.
-type fread_item() :: string() | atom() | integer() | float().
-type chars_limit() :: integer().
-type format_spec() ::
        #{control_char := char(), args := [term()],
          width := none | integer(), adjust := left | right,
          precision := none | integer(), pad_char := char(),
          encoding := unicode | latin1, strings := boolean()}.

%% Any failure of [Do] is a badarg of the calling function; but not when it
%% was the code of these modules that could not be loaded.
-define(OR_BADARG(Do, Args),
        try Do
        catch
            _:_ ->
                ok = needed_modules(),
                erlang:error(badarg, Args)
        end).

needed_modules() ->
    code:ensure_modules_loaded([io_lib_format, io_lib_pretty, string,
                                unicode]).

%%% Formats

-spec fwrite(io:format(), [term()]) -> chars().
fwrite(Format, Args) -> format(Format, Args).

fwrite(Format, Args, Options) -> format(Format, Args, Options).

-spec format(io:format(), [term()]) -> chars().
format(Format, Args) ->
    ?OR_BADARG(io_lib_format:fwrite(Format, Args), [Format, Args]).

-spec format(io:format(), [term()], [{chars_limit, chars_limit()}]) ->
          chars().
format(Format, Args, Options) ->
    ?OR_BADARG(io_lib_format:fwrite(Format, Args, Options), [Format, Args]).

%% Texts as binaries in UTF-8.

bfwrite(Format, Args) -> bformat(Format, Args).

bfwrite(Format, Args, Options) -> bformat(Format, Args, Options).

-spec bformat(io:format(), [term()]) -> unicode:unicode_binary().
bformat(Format, Args) ->
    utf8(?OR_BADARG(io_lib_format:fwrite(Format, Args), [Format, Args])).

-spec bformat(io:format(), [term()], [{chars_limit, chars_limit()}]) ->
          unicode:unicode_binary().
bformat(Format, Args, Options) ->
    utf8(?OR_BADARG(io_lib_format:fwrite(Format, Args, Options),
                    [Format, Args, Options])).

-spec bwrite(term(), [{atom(), term()}]) -> unicode:unicode_binary().
bwrite(Term, Options) when is_list(Options) -> utf8(write(Term, Options)).

-spec bwrite_string(unicode:chardata(), char() | [], latin1 | unicode) ->
          unicode:unicode_binary().
bwrite_string(Text, Quote, Encoding) when is_binary(Text) ->
    bwrite_string(unicode:characters_to_list(Text, Encoding), Quote, Encoding);
bwrite_string(Text, Quote, _) -> utf8(quoted(Text, Quote, unicode)).

utf8(Text) -> unicode:characters_to_binary(Text).

-spec scan_format(io:format(), [term()]) -> [char() | format_spec()].
scan_format(Format, Args) ->
    ?OR_BADARG(io_lib_format:scan(Format, Args), [Format, Args]).

-spec unscan_format([char() | format_spec()]) -> {string(), [term()]}.
unscan_format(Parts) -> io_lib_format:unscan(Parts).

-spec build_text([char() | format_spec()]) -> chars().
build_text(Parts) -> ?OR_BADARG(io_lib_format:build(Parts), [Parts]).

build_text(Parts, Options) ->
    ?OR_BADARG(io_lib_format:build(Parts, Options), [Parts, Options]).

fread(Format, Chars) -> io_lib_fread:fread(Format, Chars).

fread(Continuation, Chars, Format) ->
    io_lib_fread:fread(Continuation, Chars, Format).

indentation(Chars, Column) -> io_lib_format:indentation(Chars, Column).

-spec format_prompt(term()) -> chars().
format_prompt(Prompt) -> format_prompt(Prompt, latin1).

-spec format_prompt(term(), atom()) -> chars().
format_prompt({format, Format, Args}, _) -> prompt(Format, Args);
format_prompt(Prompt, Encoding)
  when is_list(Prompt); is_atom(Prompt); is_binary(Prompt) ->
    prompt(with_encoding("s", Encoding), [Prompt]);
format_prompt(Prompt, Encoding) ->
    prompt(with_encoding("p", Encoding), [Prompt]).

with_encoding(Control, latin1) -> "~" ++ Control;
with_encoding(Control, _) -> "~t" ++ Control.

prompt(Format, Args) ->
    try format(Format, Args)
    catch _:_ -> "???"
    end.

%%% Text of terms

-spec print(term()) -> chars().
print(Term) -> io_lib_pretty:print(Term).

-spec print(term(), non_neg_integer(), non_neg_integer(), depth()) -> chars().
print(Term, Column, LineLength, Depth) ->
    io_lib_pretty:print(Term, Column, LineLength, Depth).

-spec write(term()) -> chars().
write(Term) -> write(Term, -1).

write(Term, Depth, true) -> io_lib_pretty:print(Term, 1, 80, Depth);
write(Term, Depth, false) -> write(Term, Depth).

-spec write(term(), depth() | [{atom(), term()}]) -> chars().
write(Term, Options) when is_list(Options) ->
    Depth = option(depth, Options, -1),
    Encoding = option(encoding, Options, utf8),
    Limit = option(chars_limit, Options, -1),
    case Depth =:= 0 orelse Limit =:= 0 of
        true -> "...";
        false ->
            Orders = io_lib_pretty:map_orders(
                       Term, option(maps_order, Options, undefined)),
            write(Term, Depth, Encoding, Limit, Orders)
    end;
write(Term, Depth) ->
    write(Term, [{depth, Depth}, {encoding, latin1}]).

%% Single numbers and plain atoms are worth a shorter way.
write(Term, _, _, _, _) when is_integer(Term) -> integer_to_list(Term);
write(Term, _, _, _, _) when is_float(Term) -> float_to_list(Term, [short]);
write(Term, Depth, Encoding, Limit, Orders) ->
    merle_print:write(Term, #{depth => Depth, chars => Limit, orders => Orders,
                              encoding => simple(Encoding)}).

simple(latin1) -> latin1;
simple(_) -> unicode.

option(Key, Options, Default) ->
    case lists:keyfind(Key, 1, Options) of
        {_, Value} -> Value;
        false -> Default
    end.

%% The text of a binary with depth [Depth] and at most [Limit] characters,
%% and the part that is not shown.
-spec write_binary(bitstring(), depth(), integer()) -> {chars(), bitstring()}.
write_binary(Bin, Depth, Limit) ->
    {Text, Rest} = bytes(Bin, Depth, minus(Limit, 4), []),
    {[$<, $<, lists:reverse(Text), $>, $>], Rest}.

bytes(<<>>, _, _, Acc) -> {Acc, <<>>};
bytes(Bin, Depth, Limit, Acc) when Depth =:= 1; Limit =:= 0 ->
    {["..." | Acc], Bin};
bytes(<<Byte>>, _, _, Acc) -> {[integer_to_list(Byte) | Acc], <<>>};
bytes(<<Byte, Rest/bitstring>>, Depth, Limit, Acc) ->
    Text = integer_to_list(Byte),
    bytes(Rest, Depth - 1, minus(Limit, length(Text) + 1),
          [$,, Text | Acc]);
bytes(Bits, _, _, Acc) ->
    Size = bit_size(Bits),
    <<Value:Size>> = Bits,
    {[integer_to_list(Size), $:, integer_to_list(Value) | Acc], <<>>}.

minus(Limit, _) when Limit < 0 -> Limit;
minus(Limit, N) -> max(0, Limit - N).

-spec write_atom(atom()) -> chars().
write_atom(Atom) -> atom_text(Atom, fun write_string/2).

-spec write_atom_as_latin1(atom()) -> latin1_string().
write_atom_as_latin1(Atom) -> atom_text(Atom, fun write_string_as_latin1/2).

atom_text(Atom, Quoted) ->
    Chars = atom_to_list(Atom),
    case quote_atom(Atom, Chars) of
        true -> Quoted(Chars, $');
        false -> Chars
    end.

%% Whether the atom of these characters needs quotes.
-spec quote_atom(atom(), chars()) -> boolean().
quote_atom(Atom, Chars) ->
    case erl_scan:reserved_word(Atom) of
        true -> true;
        false ->
            case Chars of
                [C | Cs] when C >= $a, C =< $z;
                              C >= $ß, C =< $ÿ, C =/= $÷ ->
                    not lists:all(fun is_name_char/1, Cs);
                _ -> true
            end
    end.

is_name_char(C) ->
    C >= $a andalso C =< $z orelse C >= $A andalso C =< $Z
        orelse C >= $0 andalso C =< $9 orelse C =:= $_ orelse C =:= $@
        orelse C >= $À andalso C =< $ÿ andalso C =/= $× andalso C =/= $÷.

-spec write_string(string()) -> chars().
write_string(Text) -> write_string(Text, $").

write_string(Text, Quote) -> quoted(Text, Quote, unicode).

write_unicode_string(Text) -> write_string(Text).

write_latin1_string(Text) -> write_latin1_string(Text, $").

write_latin1_string(Text, Quote) -> [Quote | latin1_quoted(Text, Quote)].

latin1_quoted([C | Text], Quote) when is_integer(C), C >= 0, C =< 255 ->
    escaped(C, Quote, latin1) ++ latin1_quoted(Text, Quote);
latin1_quoted([], Quote) -> [Quote].

write_string_as_latin1(Text) -> write_string_as_latin1(Text, $").

write_string_as_latin1(Text, Quote) -> quoted(Text, Quote, latin1).

quoted(Text, Quote, Encoding) ->
    [Quote | lists:foldr(fun(C, Tail) ->
                                 escaped(C, Quote, Encoding) ++ Tail
                         end, [Quote], Text)].

%% A character as it stands within quotes.
escaped(Quote, Quote, _) -> [$\\, Quote];
escaped($\\, _, _) -> "\\\\";
escaped(C, _, _) when C >= $\s, C =< $~ -> [C];
escaped(C, _, _) when C >= 160, C =< 255 -> [C];
escaped(C, _, unicode) when C > 255 -> [C];
escaped(C, _, latin1) when C > 255 -> "\\x{" ++ integer_to_list(C, 16) ++ "}";
escaped($\n, _, _) -> "\\n";
escaped($\r, _, _) -> "\\r";
escaped($\t, _, _) -> "\\t";
escaped($\v, _, _) -> "\\v";
escaped($\b, _, _) -> "\\b";
escaped($\f, _, _) -> "\\f";
escaped($\e, _, _) -> "\\e";
escaped($\d, _, _) -> "\\d";
escaped(C, _, _) ->
    [$\\, (C bsr 6) + $0, ((C bsr 3) band 7) + $0, (C band 7) + $0].

-spec write_char(char()) -> chars().
write_char($\s) -> "$\\s";
write_char(C) when is_integer(C), C >= 0 -> [$$ | escaped(C, -1, unicode)].

write_unicode_char(C) -> write_char(C).

write_latin1_char($\s) -> "$\\s";
write_latin1_char(C) when is_integer(C), C >= 0, C =< 255 ->
    [$$ | escaped(C, -1, latin1)].

write_char_as_latin1($\s) -> "$\\s";
write_char_as_latin1(C) when is_integer(C), C >= 0 ->
    [$$ | escaped(C, -1, latin1)].

-spec nl() -> string().
nl() -> "\n".

%%% What kind of list

-define(IS_CHAR(C), (is_integer(C) andalso
                     (C >= 0 andalso C < 16#D800
                      orelse C > 16#DFFF andalso C < 16#FFFE
                      orelse C > 16#FFFF andalso C =< 16#10FFFF))).

-spec latin1_char_list(term()) -> boolean().
latin1_char_list([C | Cs]) when is_integer(C), C >= 0, C =< 255 ->
    latin1_char_list(Cs);
latin1_char_list(Rest) -> Rest =:= [].

-spec char_list(term()) -> boolean().
char_list([C | Cs]) when ?IS_CHAR(C) -> char_list(Cs);
char_list(Rest) -> Rest =:= [].

-spec deep_latin1_char_list(term()) -> boolean().
deep_latin1_char_list([C | Cs]) when is_integer(C), C >= 0, C =< 255 ->
    deep_latin1_char_list(Cs);
deep_latin1_char_list([Deep | Cs]) when is_list(Deep) ->
    deep_latin1_char_list(Deep) andalso deep_latin1_char_list(Cs);
deep_latin1_char_list(Rest) -> Rest =:= [].

-spec deep_char_list(term()) -> boolean().
deep_char_list([C | Cs]) when ?IS_CHAR(C) -> deep_char_list(Cs);
deep_char_list([Deep | Cs]) when is_list(Deep) ->
    deep_char_list(Deep) andalso deep_char_list(Cs);
deep_char_list(Rest) -> Rest =:= [].

deep_unicode_char_list(Term) -> deep_char_list(Term).

-define(IS_SPACING(C), (C =:= $\n orelse C =:= $\r orelse C =:= $\t
                        orelse C =:= $\v orelse C =:= $\b orelse C =:= $\f
                        orelse C =:= $\e)).

-spec printable_latin1_list(term()) -> boolean().
printable_latin1_list([C | Cs])
  when is_integer(C), C >= $\s, C =< $~;
       is_integer(C), C >= 160, C =< 255;
       ?IS_SPACING(C) ->
    printable_latin1_list(Cs);
printable_latin1_list(Rest) -> Rest =:= [].

-spec printable_unicode_list(term()) -> boolean().
printable_unicode_list([C | Cs])
  when is_integer(C), C >= $\s, C =< $~;
       is_integer(C), C >= 160, ?IS_CHAR(C);
       ?IS_SPACING(C) ->
    printable_unicode_list(Cs);
printable_unicode_list(Rest) -> Rest =:= [].

%% Printable in the range the node was started for (+pc).
-spec printable_list(term()) -> boolean().
printable_list(List) ->
    case io:printable_range() of
        latin1 -> printable_latin1_list(List);
        unicode -> printable_unicode_list(List)
    end.

-spec chars_length(chars()) -> non_neg_integer().
chars_length(Chars) ->
    try iolist_size(Chars)
    catch _:_ -> string:length(Chars)
    end.

%%% Terms cut to a depth

%% A term whose text to depth [Depth] is the same, without what that would
%% not show.
-spec limit_term(term(), depth()) -> term().
limit_term(Term, Depth) when Depth < 0 -> Term;
limit_term(Term, Depth) -> limit(Term, Depth).

limit(_, 0) -> '...';
limit([_ | _] = List, 1) ->
    _ = List,
    ['...'];
limit([H | T] = List, D) ->
    case printable_list(List) of
        true -> List;
        false -> [limit(H, D - 1) | limit_tail(T, D - 1)]
    end;
limit(Map, D) when is_map(Map) ->
    maps:from_list(limit_pairs(maps:next(maps:iterator(Map)), D + 1, D));
limit({} = T, _) -> T;
limit(T, 1) when is_tuple(T) -> {'...'};
limit(T, D) when is_tuple(T) ->
    [First | Rest] = tuple_to_list(T),
    list_to_tuple([limit(First, D - 1) | limit_elements(Rest, D - 1)]);
limit(Term, _) -> Term.

limit_tail([], _) -> [];
limit_tail(_, 1) -> ['...'];
limit_tail([H | T], D) -> [limit(H, D - 1) | limit_tail(T, D - 1)];
limit_tail(Other, D) -> limit(Other, D - 1).

limit_elements([], _) -> [];
limit_elements(_, 1) -> ['...'];
limit_elements([H | T], D) -> [limit(H, D - 1) | limit_elements(T, D - 1)].

%% One pair more than is shown, so that the dots are.
limit_pairs(_, 0, _) -> [];
limit_pairs({K, V, Next}, N, D) ->
    [{K, limit(V, D - 1)} | limit_pairs(maps:next(Next), N - 1, D)];
limit_pairs(none, _, _) -> [].

%%% Collecting input, for io servers

%% Each is called with its state (start at first), characters or eof, and
%% answers {stop, Result, CharactersLeft} or its next state.

collect_chars(State, Data, N) -> collect_chars(State, Data, latin1, N).

collect_chars(start, Data, Encoding, N) when is_binary(Data); is_list(Data) ->
    collect_chars({taken, N, []}, Data, Encoding, N);
collect_chars(start, eof, _, _) -> {stop, eof, []};
collect_chars({taken, _, []}, eof, _, _) -> {stop, eof, []};
collect_chars({taken, _, Taken}, eof, _, _) ->
    {stop, joined(lists:reverse(Taken)), []};
collect_chars({taken, Left, Taken}, Data, _, _) ->
    case take_chars(Data, Left) of
        {Part, Rest, 0} ->
            {stop, joined(lists:reverse(Taken, [Part])), Rest};
        {Part, _, Left1} -> {taken, Left1, [Part | Taken]}
    end.

take_chars(Data, N) when is_binary(Data) ->
    case unicode:characters_to_list(Data) of
        Text when is_list(Text) ->
            {Part, Rest, Left} = take_chars(Text, N),
            {unicode:characters_to_binary(Part),
             unicode:characters_to_binary(Rest), Left};
        _ ->
            Size = min(N, byte_size(Data)),
            <<Part:Size/binary, Rest/binary>> = Data,
            {Part, Rest, N - Size}
    end;
take_chars(Data, N) -> take_chars(Data, N, []).

take_chars(Rest, 0, Acc) -> {lists:reverse(Acc), Rest, 0};
take_chars([C | Cs], N, Acc) -> take_chars(Cs, N - 1, [C | Acc]);
take_chars([], N, Acc) -> {lists:reverse(Acc), [], N}.

joined([Part | _] = Parts) when is_binary(Part) -> iolist_to_binary(Parts);
joined(Parts) -> lists:append(Parts).

collect_line(State, Data, Arg) -> collect_line(State, Data, latin1, Arg).

collect_line(start, Data, Encoding, Arg) ->
    collect_line([], Data, Encoding, Arg);
collect_line([], eof, _, _) -> {stop, eof, eof};
collect_line(Taken, eof, _, _) ->
    {stop, joined(lists:reverse(Taken)), eof};
collect_line(Taken, Data, _, _) when is_binary(Data) ->
    case binary:split(Data, <<"\n">>) of
        [Line, Rest] ->
            All = joined(lists:reverse(Taken, [Line])),
            {stop, <<(without_return(All))/binary, $\n>>, Rest};
        [_] -> [Data | Taken]
    end;
collect_line(Taken, Data, _, _) ->
    case line(Data, []) of
        {"\n", Rest} -> % what was taken may end with the return
            All = lists:append(lists:reverse(Taken)),
            {Line, _} = line(All ++ "\n", []),
            {stop, Line, Rest};
        {Line, Rest} -> {stop, joined(lists:reverse(Taken, [Line])), Rest};
        more -> [Data | Taken]
    end.

without_return(Line) ->
    Size = byte_size(Line) - 1,
    case Line of
        <<Before:Size/binary, $\r>> -> Before;
        _ -> Line
    end.

%% A line and what follows; a return before the newline is dropped.
line("\r\n" ++ Cs, Acc) -> {lists:reverse(Acc, "\n"), Cs};
line([$\n | Cs], Acc) -> {lists:reverse(Acc, "\n"), Cs};
line([C | Cs], Acc) -> line(Cs, [C | Acc]);
line([], _) -> more.

get_until(State, Data, Arg) -> get_until(State, Data, latin1, Arg).

%% Asks a function with the protocol of erl_scan:tokens.
get_until(start, Data, Encoding, Arg) ->
    get_until([], Data, Encoding, Arg);
get_until(Continuation, Data, Encoding, {M, F, Args}) ->
    Chars = if
                is_binary(Data), Encoding =:= unicode ->
                    unicode:characters_to_list(Data, utf8);
                is_binary(Data) -> binary_to_list(Data);
                true -> Data
            end,
    case apply(M, F, [Continuation, Chars | Args]) of
        {done, Result, Rest} ->
            {stop, as_given(Result, Data), left(Rest, Data)};
        {more, Continuation1} -> Continuation1
    end.

as_given(Result, Data) when is_binary(Data), is_list(Result) ->
    unicode:characters_to_binary(Result);
as_given(Result, _) -> Result.

left(Rest, Data) when is_binary(Data), is_list(Rest) ->
    unicode:characters_to_binary(Rest);
left(Rest, _) -> Rest.
