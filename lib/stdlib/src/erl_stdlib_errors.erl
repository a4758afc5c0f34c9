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
errors(math, _, Args, _, _) -> math_errors(Args);
errors(ets, F, Args, _, Cause) -> ets_errors(F, Args, Cause);
errors(binary, F, Args, _, Cause) -> binary_errors(F, Args, Cause);
errors(re, F, Args, _, Cause) -> re_errors(F, Args, Cause);
errors(unicode, _, [Data | Rest], _, _) ->
    [case is(iodata, Data) of
         none -> none;
         _ -> "not valid character data (an iodata term)"
     end | [case lists:member(E, [latin1, unicode, utf8, utf16, utf32])
                orelse is_tuple(E) of
                true -> none;
                false -> "not a valid encoding"
            end || E <- Rest]];
errors(_, _, _, _, _) -> [].

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

device_errors(F, Args, _, HasDevice) when F =:= format; F =:= fwrite ->
    case HasDevice of
        true -> [none | format_errors(tl(Args))];
        false -> format_errors(Args)
    end;
device_errors(put_chars, Args, Why, HasDevice) ->
    Chars = lists:last(Args),
    Error = case unicode:characters_to_binary(Chars) of
                Text when is_binary(Text) -> {general, unknown(Why)};
                _ -> "not valid character data (an iodata term)"
            end,
    [none || HasDevice, not is_tuple(Error)] ++ [Error];
device_errors(_, _, Why, _) -> [{general, unknown(Why)}].

unknown(Why) -> io_lib:format("unknown error: ~tp", [Why]).

format_errors([Format]) -> format_errors([Format, []]);
format_errors([Format, Args]) ->
    case is_format(Format) of
        false ->
            ["not a valid format string", is(list, Args)]
                ++ [{general, "possibly missing argument list"}
                    || is_pid(Format), is_format(Args)];
        true when not is_list(Args) -> [none, is(list, Args)];
        true -> checked_format(Format, Args)
    end.

is_format(Format) when is_atom(Format); is_binary(Format) -> true;
is_format(Format) when is_list(Format) ->
    lists:all(fun(C) -> is_integer(C) andalso C >= 0 end, Format);
is_format(_) -> false.

checked_format(Format, Args) ->
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
                [] -> ["failed to format string"];
                _ -> [none, lists:join("\n", Bad)]
            end
    catch
        error:_ -> ["format string invalid (truncated)"]
    end.

text(Format) when is_atom(Format) -> atom_to_list(Format);
text(Format) when is_binary(Format) -> binary_to_list(Format);
text(Format) -> Format.

fits(string, A) -> is_atom(A) orelse is_list(A) orelse is_binary(A);
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
maps_errors(update, [Key, _, Map], {badkey, Key}) when is_map(Map) ->
    ["not present in map"];
maps_errors(update_with, [Key, _, Map], {badkey, Key}) when is_map(Map) ->
    ["not present in map"];
maps_errors(from_list, [L], _) -> [is(list, L)];
maps_errors(from_keys, [L, _], _) -> [is(list, L)];
maps_errors(F, [Fun, Map], _)
  when F =:= filter; F =:= filtermap; F =:= map; F =:= foreach ->
    [function(2, Fun), map_or_iterator(Map)];
maps_errors(fold, [Fun, _, Map], _) ->
    [function(3, Fun), none, map_or_iterator(Map)];
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
maps_errors(F, Args, _)
  when F =:= find; F =:= is_key; F =:= remove; F =:= take; F =:= put;
       F =:= update; F =:= get ->
    Map = case F of
              get -> lists:nth(2, Args);
              _ -> lists:last(Args)
          end,
    Position = case F of get -> 2; _ -> length(Args) end,
    lists:duplicate(Position - 1, none) ++ [is(map, Map)];
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
map_or_iterator([_ | Map]) when is_map(Map) -> none;
map_or_iterator({_, _, _}) -> none;
map_or_iterator(none) -> none;
map_or_iterator(_) -> "not a map or an iterator".

%%% math, binary, re

math_errors(Args) ->
    case [is(number, A) || A <- Args] of
        Errors ->
            case lists:all(fun(E) -> E =:= none end, Errors) of
                true when length(Args) =:= 1 ->
                    ["is outside the domain for this function"];
                true -> [];
                false -> Errors
            end
    end.

binary_errors(F, [Bin, Start, Length], _)
  when F =:= part; F =:= bin_to_list ->
    range_errors(Bin, Start, Length);
binary_errors(F, [Bin, {Start, Length}], _)
  when F =:= part; F =:= bin_to_list ->
    case range_errors(Bin, Start, Length) of
        [none | _] -> [none, "specified part is not wholly inside binary"];
        Errors -> Errors
    end;
binary_errors(at, [Bin, I], _) ->
    case byte_binary(Bin) of
        none when not is_integer(I) -> [none, "not an integer"];
        none when I < 0 -> [none, "out of range"];
        none -> [];
        Error -> [Error]
    end;
binary_errors(F, [Bin], _)
  when F =:= first; F =:= last, is_binary(Bin) ->
    [case byte_binary(Bin) of
         none -> "a zero-sized binary is not allowed";
         Error -> Error
     end];
binary_errors(F, [Bin, Pattern | Rest], Cause)
  when F =:= match; F =:= matches; F =:= split; F =:= replace ->
    [byte_binary(Bin), pattern(Pattern)
     | case {Rest, Cause} of
           {[_ | _], badopt} ->
               lists:duplicate(length(Rest) - 1, none)
                   ++ ["invalid options"];
           _ -> []
       end];
binary_errors(copy, [Bin, N], _) -> [byte_binary(Bin), is(integer, N)];
binary_errors(encode_unsigned, [N | _], _) ->
    [case is_integer(N) of
         true when N < 0 -> "out of range";
         _ -> is(integer, N)
     end];
binary_errors(list_to_bin, [L], _) -> [is(iolist, L)];
binary_errors(F, [L], _) when F =:= longest_common_prefix;
                              F =:= longest_common_suffix ->
    [case is_list(L) of
         true -> "not a flat list of binaries";
         false -> "not a list"
     end];
binary_errors(decode_hex, [Bin], _) ->
    [case byte_binary(Bin) of
         none -> "must contain an even number of bytes";
         Error -> Error
     end];
binary_errors(_, [Bin | _], _) -> [byte_binary(Bin)];
binary_errors(_, _, _) -> [].

range_errors(Bin, Start, Length) ->
    case byte_binary(Bin) of
        none ->
            if
                not is_integer(Start) -> [none, "not an integer"];
                Start < 0; Start > byte_size(Bin) -> [none, "out of range"];
                not is_integer(Length) -> [none, none, "not an integer"];
                true -> [none, none, "out of range"]
            end;
        Error -> [Error]
    end.

byte_binary(B) when is_binary(B) -> none;
byte_binary(B) when is_bitstring(B) ->
    "is a bitstring (expected a binary)";
byte_binary(_) -> "not a binary".

pattern(<<_, _/binary>>) -> none;
pattern({K, R}) when is_atom(K), is_reference(R) -> none;
pattern([_ | _] = L) ->
    case lists:all(fun(P) -> is_binary(P) andalso P =/= <<>> end, L) of
        true -> none;
        false -> "not a valid pattern"
    end;
pattern(_) -> "not a valid pattern".

re_errors(F, Args, Cause) ->
    {Subject, Pattern} = case {F, Args} of
                             {compile, [P | _]} -> {"", P};
                             {_, [S, P | _]} -> {S, P};
                             _ -> {"", ""}
                         end,
    Subjects = case F of
                   compile -> [];
                   _ -> [chardata(Subject)]
               end,
    Subjects ++ [case re_pattern(Pattern) of
                     none when Cause =:= badopt -> none;
                     Error -> Error
                 end]
        ++ ["invalid options" || Cause =:= badopt].

chardata(Text) ->
    case is(iodata, Text) of
        none -> none;
        _ ->
            case catch unicode:characters_to_binary(Text) of
                B when is_binary(B) -> none;
                _ -> "not an iodata term"
            end
    end.

re_pattern({re_pattern, _, _, _, _}) -> none;
re_pattern(Pattern) ->
    case chardata(Pattern) of
        none ->
            case catch re:compile(Pattern, [unicode]) of
                {ok, _} -> none;
                {error, {Reason, Position}} ->
                    io_lib:format("could not parse regular expression\n~ts "
                                  "on character ~p", [Reason, Position]);
                _ -> none
            end;
        _ -> "neither an iodata term nor a compiled regular expression"
    end.

%%% ets

ets_errors(new, [Name | _], _) when not is_atom(Name) -> ["not an atom"];
ets_errors(new, [Name, Options], _) ->
    case is_list(Options) andalso lists:member(named_table, Options)
        andalso ets:whereis(Name) =/= undefined of
        true -> ["table name already exists"];
        false when is_list(Options) -> [none, "invalid options"];
        false -> [none, "not a list"]
    end;
ets_errors(rename, [Old, New], _) ->
    [table(Old, none),
     case is_atom(New) of
         true ->
             case ets:whereis(New) of
                 undefined -> none;
                 _ -> "table name already exists"
             end;
         false -> "invalid table name (must be an atom)"
     end];
ets_errors(whereis, [_], _) -> ["invalid table name (must be an atom)"];
ets_errors(F, [Table, Objects], Cause)
  when F =:= insert; F =:= insert_new ->
    [table(Table, Cause), objects(Objects)];
ets_errors(lookup_element, [Table, _, Position], Cause) ->
    case table(Table, Cause) of
        none ->
            if
                Cause =:= badkey ->
                    [none, "not a key that exists in the table",
                     at_least_1(Position)];
                is_integer(Position), Position > 0 ->
                    [none, none,
                     "position is greater than the size of the object"];
                true -> [none, none, at_least_1(Position)]
            end;
        Error -> [Error]
    end;
ets_errors(update_counter, [Table | _], Cause) ->
    case {table(Table, Cause), Cause} of
        {none, badkey} -> [none, "not a key that exists in the table"];
        {none, counter_not_integer} ->
            [none, none, "the value in the given position, in the object, "
             "is not an integer"];
        {none, position} ->
            [none, none, "the position in the update operation is out of "
             "range"];
        {none, _} -> [none, "not a key that exists in the table"];
        {Error, _} -> [Error]
    end;
ets_errors(F, [Table, Spec | _], Cause)
  when F =:= select; F =:= select_count; F =:= select_delete;
       F =:= select_reverse; F =:= select_replace ->
    case table(Table, Cause) of
        none when is_list(Spec) ->
            [none, "not a valid match specification"];
        none -> [none, is(list, Spec)];
        Error -> [Error]
    end;
ets_errors(F, [Table, _], Cause)
  when F =:= next; F =:= prev ->
    case table(Table, Cause) of
        none -> [none, "not a key that exists in the table"];
        Error -> [Error]
    end;
ets_errors(give_away, [Table, Pid, _], Cause) ->
    [table(Table, Cause),
     case is(pid, Pid) of
         none when Pid =:= self() ->
             "the process is already the owner of the table";
         none when Cause =:= none -> "the pid refers to a terminated process";
         Error -> Error
     end];
ets_errors(info, [_, _], _) -> [none, "not a valid info item"];
ets_errors(_, [Table | _], Cause) -> [table(Table, Cause)];
ets_errors(_, _, _) -> [].

at_least_1(N) when not is_integer(N) -> "not an integer";
at_least_1(N) when N < 1 -> "out of range";
at_least_1(_) -> none.

objects(Objects) when is_list(Objects) ->
    case catch lists:all(fun(O) -> tuple_size(O) > 0 end, Objects) of
        true -> none;
        _ -> "not a non-empty tuple or a list of non-empty tuples"
    end;
objects({}) -> "is an empty tuple";
objects(Object) when is_tuple(Object) -> none;
objects(_) -> "not a tuple".

%% What is wrong with the table. It may be gone by now: the cause was noted
%% when the call failed.
table(_, id) ->
    "the table identifier does not refer to an existing ETS table";
table(_, access) ->
    "the table identifier refers to an ETS table with insufficient "
        "access rights";
table(_, table_type) ->
    "the table identifier refers to an ETS table of a type not "
        "supported by this operation";
table(Table, _) when is_atom(Table); is_reference(Table) -> none;
table(_, _) -> "not an atom or a table identifier".
