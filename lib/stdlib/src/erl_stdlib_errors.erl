%% SPDX-License-Identifier: Apache-2.0
%% erl_stdlib_errors: what is wrong with the arguments of functions of the
%% standard library that failed, for the text of exceptions.
-module(erl_stdlib_errors).

-export([format_error/2]).

-spec format_error(term(), [tuple()]) -> map().
format_error(Reason, [{M, F, Args, Info} | _]) when is_list(Args) ->
    Given = proplists:get_value(error_info, Info, #{}),
    Cause = maps:get(cause, Given, none),
    numbered(errors(M, F, Args, Reason, Cause), 1);
format_error(_, _) -> #{}.

numbered([none | Errors], I) -> numbered(Errors, I + 1);
numbered([{general, Text} | Errors], I) ->
    (numbered(Errors, I))#{general => unicode:characters_to_binary(Text)};
numbered([Error | Errors], I) ->
    (numbered(Errors, I + 1))#{I => unicode:characters_to_binary(Error)};
numbered([], _) -> #{}.

is(Kind, Term) -> erl_erts_errors:describe(Kind, Term).

errors(io, F, Args, _, Cause) -> io_errors(F, Args, Cause);
errors(lists, F, Args, _, _) -> lists_errors(F, Args);
errors(maps, F, Args, Reason, _) -> maps_errors(F, Args, Reason);
errors(math, F, Args, _, _) -> math_errors(F, Args);
errors(ets, F, Args, _, Cause) -> ets_errors(F, Args, Cause);
errors(binary, F, Args, _, Cause) -> binary_errors(F, Args, Cause);
errors(re, F, Args, _, Cause) -> re_errors(F, Args, Cause);
errors(unicode, _, [Data | Encodings], _, _) ->
    [text_error(Data) | [encoding(E) || E <- Encodings]];
errors(_, _, _, _, _) -> [].

text_error(Data) ->
    try unicode:characters_to_binary(Data) of
        Text when is_binary(Text) -> none;
        _ -> no_text()
    catch
        error:_ -> no_text()
    end.

no_text() -> "not valid character data (an iodata term)".

encoding({utf16, E}) when E =:= big; E =:= little -> none;
encoding({utf32, E}) when E =:= big; E =:= little -> none;
encoding(E) when E =:= latin1; E =:= unicode; E =:= utf8; E =:= utf16;
                 E =:= utf32 -> none;
encoding(_) -> "not a valid encoding".

%%% io

io_errors(F, Args, Cause) ->
    HasDevice = case F of
                    nl -> length(Args) =:= 1;
                    write -> length(Args) =:= 2;
                    put_chars -> length(Args) >= 2;
                    _ -> length(Args) =:= 3
                end,
    case Cause of
        {io, arguments} -> device("the device does not exist", HasDevice);
        {io, calling_self} ->
            device("the device is not allowed to be the current process",
                   HasDevice);
        {io, terminated} ->
            device("the device has terminated", HasDevice);
        {device, {no_translation, In, Out}} ->
            Text = io_lib:format("device failed to transcode string from ~p "
                                 "to ~p", [In, Out]),
            device(Text, HasDevice);
        {device, Why} -> device_errors(F, Args, Why, HasDevice);
        _ -> []
    end.

device(Text, true) -> [Text];
device(Text, false) -> [{general, Text}].

%% What the file system says goes first; only otherwise can the arguments be
%% the reason.
device_errors(F, Args, Why, HasDevice) ->
    case erl_posix_msg:message(Why) of
        "unknown POSIX error" when F =:= format; F =:= fwrite ->
            case HasDevice of
                true -> [none | format_errors(tl(Args), Why)];
                false -> format_errors(Args, Why)
            end;
        "unknown POSIX error" when F =:= put_chars ->
            Error = case text_error(lists:last(Args)) of
                        none -> {general, unknown(Why)};
                        Text -> Text
                    end,
            [none || HasDevice] ++ [Error];
        "unknown POSIX error" ->
            [{general, unknown(Why)}];
        Text ->
            device(io_lib:format("~ts (~tp)", [Text, Why]), HasDevice)
                ++ [text_error(lists:last(Args)) || F =:= put_chars]
    end.

unknown(Why) -> io_lib:format("unknown error: ~tp", [Why]).

format_errors([Format], Why) -> format_errors([Format, []], Why);
format_errors([Format, Args], Why) ->
    case is_format(Format) of
        false ->
            ["not a valid format string", is(list, Args)]
                ++ [{general, "possibly missing argument list"}
                    || is_pid(Format) orelse is_atom(Format),
                       is_format(Args)];
        true when not is_list(Args) -> [none, is(list, Args)];
        true -> checked_format(Format, Args, Why)
    end.

is_format(Format) when is_atom(Format); is_binary(Format) -> true;
is_format(Format) when is_list(Format) ->
    try lists:all(fun is_integer/1, Format)
    catch error:_ -> false
    end;
is_format(_) -> false.

checked_format(Format, Args, Why) ->
    Missing = [{general, "possibly missing argument list"}
               || is_atom(Format)],
    try wanted(text(Format)) of
        {error, Text} -> [["format string invalid (", Text, ")"]];
        Types when length(Types) =/= length(Args) ->
            ["wrong number of arguments" | Missing];
        Types ->
            Bad = [io_lib:format("element ~w must be of type ~s", [I, T])
                   || {I, T, A} <- lists:zip3(lists:seq(1, length(Args)),
                                              Types, Args),
                      not fits(T, A)],
            case Bad of
                [] -> failed_format(Format, Args, Why);
                _ -> [none, lists:join("\n", Bad)]
            end
    catch
        error:_ -> ["format string invalid (truncated)"]
    end.

%% The same is tried here: what works here failed for another reason there.
failed_format(_, _, format) -> ["failed to format string"];
failed_format(Format, Args, Why) ->
    try io_lib:format(Format, Args) of
        _ -> [{general, unknown(Why)}]
    catch
        error:_ -> ["failed to format string"]
    end.

text(Format) when is_atom(Format) -> atom_to_list(Format);
text(Format) when is_binary(Format) -> binary_to_list(Format);
text(Format) -> Format.

fits(string, A) when is_list(A) ->
    try unicode:characters_to_binary(A) of
        _ -> true
    catch
        error:_ -> false
    end;
fits(string, A) -> is_atom(A) orelse is_binary(A);
fits(float, A) -> is_float(A);
fits(integer, A) -> is_integer(A);
fits(int, A) -> is_integer(A);
fits(term, _) -> true.

%% The kinds of arguments that a format takes.
wanted([$~ | Cs]) -> wanted_control(Cs);
wanted([_ | Cs]) -> wanted(Cs);
wanted([]) -> [].

wanted_control([C | Cs]) when C =:= $-; C =:= $.; C >= $0, C =< $9;
                              C =:= $t; C =:= $l ->
    wanted_control(Cs);
wanted_control([$* | Cs]) -> also([integer], wanted_control(Cs));
wanted_control([C | Cs]) when C =:= $w; C =:= $p; C =:= $i ->
    also([term], wanted(Cs));
wanted_control([C | Cs]) when C =:= $W; C =:= $P ->
    also([term, integer], wanted(Cs));
wanted_control([$s | Cs]) -> also([string], wanted(Cs));
wanted_control([C | Cs]) when C =:= $e; C =:= $f; C =:= $g ->
    also([float], wanted(Cs));
wanted_control([C | Cs]) when C =:= $b; C =:= $B; C =:= $+; C =:= $#;
                              C =:= $c ->
    also([integer], wanted(Cs));
wanted_control([C | Cs]) when C =:= $x; C =:= $X ->
    also([integer, string], wanted(Cs));
wanted_control([C | Cs]) when C =:= $~; C =:= $n -> wanted(Cs);
wanted_control([C | _]) -> {error, ["invalid control ~", C]};
wanted_control([]) -> {error, "truncated"}.

also(_, {error, _} = Error) -> Error;
also(Types, Rest) -> Types ++ Rest.

%%% lists and maps

lists_errors(F, [_, N, L])
  when F =:= keyfind; F =:= keymember; F =:= keysearch ->
    [none,
     case is_integer(N) andalso N > 0 of
         true -> none;
         false when is_integer(N) -> "out of range";
         false -> "not an integer"
     end, is(list, L)];
lists_errors(member, [_, L]) -> [none, is(list, L)];
lists_errors(reverse, [L, _]) -> [is(list, L)];
lists_errors(seq, [First, Last]) ->
    lists_errors(seq, [First, Last, 1]);
lists_errors(seq, [First, Last, Step]) ->
    case [is(integer, N) || N <- [First, Last, Step]] of
        [none, none, none] when Step =:= 0 ->
            [none, none, "not a positive increment"];
        [none, none, none] when Step > 0 ->
            [none, none, "not a negative increment"];
        [none, none, none] -> [none, none, "not a positive increment"];
        Errors -> Errors
    end;
lists_errors(_, _) -> [].

maps_errors(get, [Key, Map], Reason) -> key_error(Key, Map, Reason);
maps_errors(from_list, [L], _) -> [is(list, L)];
maps_errors(from_keys, [L, _], _) -> [is(list, L)];
maps_errors(F, [Fun, Map], _)
  when F =:= filter; F =:= filtermap; F =:= map; F =:= foreach ->
    [function(2, Fun), map_or_iterator(Map)];
maps_errors(fold, [Fun, _, Map], _) ->
    [function(3, Fun), none, map_or_iterator(Map)];
maps_errors(iterator, [Map, Order], _) ->
    [is(map, Map),
     case is_function(Order, 2)
         orelse lists:member(Order, [undefined, ordered, reversed]) of
         true -> none;
         false -> "not 'undefined', 'ordered', 'reversed', or a fun that "
                      "takes two arguments"
     end];
maps_errors(groups_from_list, [Fun, L], _) -> [function(1, Fun), is(list, L)];
maps_errors(groups_from_list, [Fun, Fun2, L], _) ->
    [function(1, Fun), function(1, Fun2), is(list, L)];
maps_errors(F, [Fun, Map1, Map2], _)
  when F =:= merge_with; F =:= intersect_with ->
    [function(3, Fun), is(map, Map1), is(map, Map2)];
maps_errors(next, [Iterator], _) ->
    [case Iterator of
         none -> none;
         {_, _, _} -> none;
         _ -> "not a valid iterator"
     end];
maps_errors(F, [L, Map], _) when F =:= with; F =:= without ->
    [is(list, L), is(map, Map)];
maps_errors(update_with, [_, Fun, Map], _) ->
    [none, function(1, Fun), is(map, Map)];
maps_errors(update_with, [_, Fun, _, Map], _) ->
    [none, function(1, Fun), none, is(map, Map)];
maps_errors(F, [Map1, Map2], _) when F =:= merge; F =:= intersect ->
    [is(map, Map1), is(map, Map2)];
maps_errors(get, [_, _, _], _) -> [none, "not a map"];
maps_errors(F, Args, _)
  when F =:= find; F =:= is_key; F =:= remove; F =:= take; F =:= put;
       F =:= update ->
    %% update has these words for a key that is not there, too
    lists:duplicate(length(Args) - 1, none) ++ ["not a map"];
maps_errors(_, [Map], _) -> [is(map, Map)];
maps_errors(_, _, _) -> [].

key_error(Key, _, {badkey, Key}) -> ["not present in map"];
key_error(_, Map, _) -> [none, is(map, Map)].

function(Arity, Fun) ->
    case is_function(Fun, Arity) of
        true -> none;
        false when Arity =:= 1 -> "not a fun that takes one argument";
        false when Arity =:= 2 -> "not a fun that takes two arguments";
        false -> "not a fun that takes three arguments"
    end.

map_or_iterator(Map) when is_map(Map) -> none;
map_or_iterator(Iterator) ->
    try maps:next(Iterator) of
        _ -> none
    catch
        error:_ -> "not a map or an iterator"
    end.

%%% math, binary, re

math_errors(fmod, [X, Y]) when is_number(X), Y == 0 ->
    [none, "is outside the domain for this function"];
math_errors(F, [X]) when is_number(X) ->
    case lists:member(F, [acos, acosh, asin, atanh, log, log2, log10,
                          sqrt]) of
        true -> ["is outside the domain for this function"];
        false -> []
    end;
math_errors(_, Args) -> [is(number, A) || A <- Args].

binary_errors(at, [Bin, I], _) -> [byte_binary(Bin), natural(I)];
binary_errors(F, [Bin, Start, Length], _)
  when F =:= part; F =:= bin_to_list ->
    range_errors(Bin, Start, Length);
binary_errors(F, [Bin, {Start, Length}], _)
  when F =:= part, is_integer(Start), is_integer(Length);
       F =:= bin_to_list, is_integer(Start), is_integer(Length) ->
    case range_errors(Bin, Start, Length) of
        [Error, none, none] -> [Error];
        [_, _] -> []; % begins behind the end: OTP says nothing either
        [Error | _] -> [Error, "out of range"]
    end;
binary_errors(F, [Bin, _], _) when F =:= part; F =:= bin_to_list ->
    [byte_binary(Bin), "not a valid {Pos,Length} tuple"];
binary_errors(F, [Bin], _)
  when F =:= first; F =:= last, is_binary(Bin) ->
    [case byte_binary(Bin) of
         none -> "a zero-sized binary is not allowed";
         Error -> Error
     end];
binary_errors(compile_pattern, _, _) -> [no_pattern()];
binary_errors(F, [Bin, Pattern], _)
  when F =:= match; F =:= matches; F =:= split ->
    [byte_binary(Bin), pattern(Pattern)];
binary_errors(F, [Bin, Pattern, Options], _)
  when F =:= match; F =:= matches; F =:= split ->
    case [byte_binary(Bin), pattern(Pattern)] of
        [none, none] -> [none, none, scope_error(F, Options)];
        Errors -> Errors
    end;
binary_errors(replace, [Bin, Pattern, New], _) ->
    [byte_binary(Bin), pattern(Pattern), byte_binary(New)];
binary_errors(replace, [Bin, Pattern, New, _], Cause) ->
    case binary_errors(replace, [Bin, Pattern, New], Cause) of
        Errors when Cause =:= badopt; Errors =:= [none, none, none] ->
            Errors ++ [bad_options()];
        Errors -> Errors
    end;
binary_errors(copy, [Bin, N], _) -> [byte_binary(Bin), natural(N)];
binary_errors(encode_unsigned, [N | Order], _) ->
    [natural(N) | [byte_order(O) || O <- Order]];
binary_errors(decode_unsigned, [Bin | Order], _) ->
    [byte_binary(Bin) | [byte_order(O) || O <- Order]];
binary_errors(list_to_bin, [_], _) -> [no_iodata()];
binary_errors(join, [Parts, Separator], _) ->
    [case is(list, Parts) of
         none ->
             case lists:all(fun is_binary/1, Parts) of
                 true -> none;
                 false -> "not a list of binaries"
             end;
         Error -> Error
     end, byte_binary(Separator)];
binary_errors(F, [_], _) when F =:= longest_common_prefix;
                              F =:= longest_common_suffix ->
    ["not a flat list of binaries"];
binary_errors(decode_hex, [Bin], _)
  when is_binary(Bin), byte_size(Bin) rem 2 =:= 1 ->
    ["must contain an even number of bytes"];
binary_errors(unhex, [Digits], _) -> [[Digits, " is not a valid hex"]];
binary_errors(_, [Bin | _], _) -> [byte_binary(Bin)];
binary_errors(_, _, _) -> [].

range_errors(Bin, Start, Length) ->
    case [byte_binary(Bin), natural(Start), is(integer, Length)] of
        [none, none, none] when Start > byte_size(Bin) ->
            [none, "out of range"];
        [none, none, none] -> [none, none, "out of range"];
        Errors -> Errors
    end.

natural(N) when is_integer(N), N < 0 -> "out of range";
natural(N) -> is(integer, N).

byte_order(Order) when Order =:= big; Order =:= little -> none;
byte_order(_) -> "must be 'big' or 'little'".

scope_error(F, [{scope, {Start, Length}}])
  when F =/= split, is_integer(Start), is_integer(Length) ->
    "specified part is not wholly inside binary";
scope_error(_, _) -> bad_options().

bad_options() -> "invalid options".

byte_binary(B) when is_binary(B) -> none;
byte_binary(B) when is_bitstring(B) ->
    "is a bitstring (expected a binary)";
byte_binary(_) -> "not a binary".

pattern(Pattern) ->
    try binary:match(<<"a">>, Pattern) of
        _ -> none
    catch
        error:badarg -> no_pattern()
    end.

no_pattern() -> "not a valid pattern".

re_errors(compile, [_], _) -> [no_iodata()];
re_errors(compile, [Pattern, _], Cause) ->
    Error = try re:compile(Pattern) of
                {ok, _} -> none;
                {error, Why} -> bad_regex(Why)
            catch
                error:_ -> no_iodata()
            end,
    with_options([Error], Cause);
re_errors(inspect, [Regex, Item], _) ->
    Error = try re:inspect(Regex, namelist) of
                _ -> none
            catch
                error:_ -> "not a compiled regular expression"
            end,
    [Error | ["not a valid item" || Error =:= none orelse not is_atom(Item)]];
re_errors(replace, [Subject, Pattern, New | _], Cause) ->
    with_options([iodata(Subject), regex(Pattern), iodata(New)], Cause);
re_errors(_, [Subject, Pattern | _], Cause) ->
    with_options([iodata(Subject), regex(Pattern)], Cause);
re_errors(_, _, _) -> [].

with_options(Errors, badopt) -> Errors ++ [bad_options()];
with_options(Errors, _) -> Errors.

%% Texts hold characters beyond bytes, too.
iodata(Text) ->
    case is(iodata, Text) of
        none -> none;
        _ ->
            case text_error(Text) of
                none -> none;
                _ -> no_iodata()
            end
    end.

no_iodata() -> "not an iodata term".

regex(Pattern) ->
    try re:run("", Pattern) of
        _ -> none
    catch
        error:_ -> regex_text(Pattern)
    end.

%% A pattern of characters beyond bytes is none for run/2.
regex_text(Pattern) ->
    try re:compile(Pattern, [unicode]) of
        {ok, _} -> none;
        {error, Why} -> bad_regex(Why)
    catch
        error:_ ->
            "neither an iodata term nor a compiled regular expression"
    end.

bad_regex({Reason, Position}) ->
    io_lib:format("could not parse regular expression\n~ts on character ~p",
                  [Reason, Position]).

%%% ets

%% What is wrong with the table the cause alone tells: it may be another's by
%% now, or gone with its owner.
ets_errors(delete_object, [_, Object] = Args, Cause) ->
    [table(Args, Cause), object(Object)];
ets_errors(give_away, [_, Pid, _] = Args, Cause) ->
    Table = table(Args, Cause),
    [Table,
     case Cause of
         owner -> "the process is already the owner of the table";
         not_owner -> "the current process is not the owner";
         _ when not is_pid(Pid) -> "not a pid";
         _ when Table =:= none -> "the pid refers to a terminated process";
         _ -> none
     end];
ets_errors(F, [_, Objects] = Args, Cause)
  when F =:= insert; F =:= insert_new ->
    [table(Args, Cause), objects(Objects)];
ets_errors(lookup_element, [_, _, Position | _] = Args, Cause) ->
    case {table(Args, Cause), position(Position)} of
        {Table, Error} when Cause =:= badkey ->
            [Table, no_key(), Error];
        {none, none} ->
            [none, none,
             "position is greater than the size of the object"];
        {Table, Error} -> [Table, none, Error]
    end;
ets_errors(F, [_, _, Limit] = Args, Cause)
  when F =:= match; F =:= match_object ->
    [table(Args, Cause), none, position(Limit)];
ets_errors(match_spec_compile, [_], _) -> [no_spec()];
ets_errors(new, [Name, Options], Cause) ->
    case {is(atom, Name), is(list, Options)} of
        {none, none} when Cause =:= already_exists -> [name_exists()];
        {none, none} -> [none, "invalid options"];
        {Error, Error2} -> [Error, Error2]
    end;
ets_errors(rename, [_, New] = Args, Cause) ->
    case table(Args, Cause) of
        none when is_atom(New) -> [none, name_exists()];
        Error when is_atom(New) -> [Error];
        Error -> [Error, bad_name()]
    end;
ets_errors(whereis, _, _) -> [bad_name()];
ets_errors(F, [_], _)
  when F =:= match; F =:= match_object; F =:= select;
       F =:= select_reverse -> ["invalid continuation"];
ets_errors(F, [_, Spec, Limit] = Args, Cause)
  when F =:= select; F =:= select_count; F =:= select_reverse ->
    case {position(Limit), is_spec(Spec)} of
        {none, true} -> [table(Args, Cause)];
        {Error, true} -> [table(Args, Cause), none, Error];
        {Error, false} -> [table(Args, Cause), no_spec(), Error]
    end;
ets_errors(update_counter, [_, _, Operation] = Args, Cause) ->
    Table = table(Args, Cause),
    case Cause of
        badkey -> [Table, no_key(), operation(Operation)];
        none -> [Table, none, operation(Operation, not_a_counter())];
        _ -> [Table, none, update(Cause, operation(Operation))]
    end;
ets_errors(update_counter, [_, _, Operation, Default] = Args, Cause) ->
    case {table(Args, Cause), operation(Operation), object(Default)} of
        {none, Error, Object} when Cause =:= badkey ->
            [none, no_key(), Error, Object];
        {none, none, none} when Cause =:= none ->
            [none, none, not_a_counter()];
        {none, _, _} when Cause =:= position ->
            [none, none, update(Cause, none)];
        {none, Error, Object} ->
            [none, none, update(Cause, Error), Object];
        {Error, _, _} -> [Error]
    end;
ets_errors(update_element, [_, _, Spec] = Args, Cause) ->
    Table = table(Args, Cause),
    [Table, none,
     case is_element_spec(Spec) of
         _ when Cause =:= keypos -> update(Cause, none);
         true when Table =:= none -> "out of range";
         true -> none;
         false -> no_element_spec()
     end];
ets_errors(update_element, [_, _, Spec, Default] = Args, Cause) ->
    [table(Args, Cause), none
     | case {is_element_spec(Spec), object(Default)} of
           _ when Cause =:= keypos; Cause =:= position -> [update(Cause, none)];
           {true, none} -> ["out of range"];
           {false, none} -> [no_element_spec()];
           {_, Error} -> [none, Error]
       end];
ets_errors(F, Args, Cause) ->
    case {table(Args, Cause), second(F)} of
        {none, none} -> [];
        {none, Error} -> [none, Error];
        {Error, _} -> [Error]
    end.

%% What may be wrong with the second argument when the table is all right.
second(F) when F =:= next; F =:= prev; F =:= next_lookup; F =:= prev_lookup ->
    no_key();
second(F) when F =:= select; F =:= select_count; F =:= select_replace;
               F =:= select_reverse; F =:= internal_select_delete;
               F =:= select_delete -> no_spec();
second(info) -> "not a valid info item";
second(safe_fixtable) -> "not a boolean value";
second(setopts) -> "invalid options";
second(slot) -> "out of range";
second(_) -> none.

no_key() -> "not a key that exists in the table".

no_element_spec() -> "is not a valid element specification".

no_spec() -> "not a valid match specification".

name_exists() -> "table name already exists".

bad_name() -> "invalid table name (must be an atom)".

not_a_counter() ->
    "the value in the given position, in the object, is not an integer".

update(keypos, _) -> "the position is the same as the key position";
update(position, _) ->
    "the position in the update operation is out of range";
update(_, Error) -> Error.

is_spec(Spec) ->
    ets:is_compiled_ms(Spec) orelse
        try ets:match_spec_compile(Spec) of
            _ -> true
        catch
            error:badarg -> false
        end.

%% Positions and limits are the same kind of number.
position(N) when not is_integer(N) -> "not an integer";
position(N) when N < 1 -> "out of range";
position(_) -> none.

operation(Operation) -> operation(Operation, none).

operation(Operation, Else) ->
    Operations = case is_list(Operation) of
                     true -> Operation;
                     false -> [Operation]
                 end,
    case lists:all(fun is_operation/1, Operations) of
        true -> Else;
        false -> "not a valid update operation"
    end.

is_operation(Operation) when is_tuple(Operation) ->
    lists:member(tuple_size(Operation), [2, 4]) andalso
        lists:all(fun is_integer/1, tuple_to_list(Operation));
is_operation(Increment) -> is_integer(Increment).

is_element_spec([_ | _] = Specs) -> lists:all(fun is_element_spec/1, Specs);
is_element_spec([]) -> true;
is_element_spec({Position, _}) -> position(Position) =:= none;
is_element_spec(_) -> false.

object({}) -> "is an empty tuple";
object(Object) when is_tuple(Object) -> none;
object(_) -> "not a tuple".

objects(Objects) when is_list(Objects) ->
    try lists:all(fun(O) -> tuple_size(O) > 0 end, Objects) of
        true -> none;
        false -> no_objects()
    catch
        error:_ -> no_objects()
    end;
objects(Object) -> object(Object).

no_objects() -> "not a non-empty tuple or a list of non-empty tuples".

table([Table | _], type) when is_reference(Table) ->
    "not a valid table identifier";
table(_, type) -> "not an atom or a table identifier";
table(_, id) ->
    "the table identifier does not refer to an existing ETS table";
table(_, access) ->
    "the table identifier refers to an ETS table with insufficient "
        "access rights";
table(_, table_type) ->
    "the table identifier refers to an ETS table of a type not supported by "
        "this operation";
table(_, _) -> none.
