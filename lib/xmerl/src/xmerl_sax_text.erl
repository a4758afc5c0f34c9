%% SPDX-License-Identifier: Apache-2.0
%% The pieces that the SAX parser is made of: more input, words, white space,
%% names, references and values; events and errors.
%%
%% The text in hand is a list of characters. What bytes are read is decoded
%% at once, and a sequence that its end cut waits in #sax.pending; a bad one
%% becomes the element bad of the list, which is an error when it is reached.
%% Errors are thrown as {fatal_error, {State, Reason}}.
-module(xmerl_sax_text).
-export([decode/2, encode/2, equals/2, event/2, expected/3, fatal/2,
         is_name_start/1, attribute_value/2, attribute_value/4,
         look_up/3, more/2, name/3, ns_name/4, normalize/1, parameter/2,
         pubid_literal/4, reference/3, space/2, spaces/3, system_literal/4,
         word/3]).
-include("xmerl_sax_parser.hrl").

-define(BLANK(C), C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r).

fatal(S, Reason) -> throw({fatal_error, {S, Reason}}).

%% What stands here is not what must: an error, or a bad character.
expected([bad | _], #sax{encoding = Encoding} = S, _) ->
    fatal(S, lists:flatten(io_lib:format("Bad character, not in ~p\n",
                                         [Encoding])));
expected(_, S, Reason) -> fatal(S, Reason).

event(Event, #sax{event_fun = F, event_state = State,
                                     line_no = N, entity = Entity,
                                     current_location = Place} = S) ->
    try S#sax{
          event_state = F(Event, {Place, Entity, N}, State)}
    catch throw:Error -> throw({event_receiver_error, S, Error});
          exit:Reason -> throw({event_receiver_error, S, {'EXIT', Reason}})
    end.

%% Input

%% The text with more behind it; there must be some.
more(_, #sax{continuation_fun = undefined} = S) ->
    fatal(S, "Continuation function undefined");
more(T, #sax{continuation_fun = F,
                                continuation_state = State} = S) ->
    Result = try F(State)
             catch throw:Error -> fatal(S, Error);
                   exit:Reason -> fatal(S, {'EXIT', Reason})
             end,
    case Result of
        {New, _} when New =:= []; New =:= <<>> -> fatal(S, "No more bytes");
        {New, State1} ->
            S1 = S#sax{continuation_state = State1},
            case decode(New, S1) of
                {[], S2} -> more(T, S2);
                {Text, S2} -> {T ++ Text, S2}
            end
    end.

decode(New, #sax{encoding = list} = S) -> {New, S};
decode(New, #sax{encoding = Encoding, pending = Before} =
           S) ->
    case unicode:characters_to_list(<<Before/binary, New/binary>>,
                                    Encoding) of
        {incomplete, Text, Rest} ->
            {Text, S#sax{pending = Rest}};
        {error, Text, _} ->
            {Text ++ [bad], S#sax{pending = <<>>}};
        Text -> {Text, S#sax{pending = <<>>}}
    end.

%% The rest of the input as it came.
encode(T, #sax{encoding = list}) -> T;
encode(T, #sax{encoding = Encoding, pending = Rest}) ->
    Bytes = unicode:characters_to_binary([C || C <- T, C =/= bad], unicode,
                                         Encoding),
    <<Bytes/binary, Rest/binary>>.

%% {true, Rest, S} after Word, else {false, T, S}; reads on while it may be.
word(Word, T, S) ->
    case lists:prefix(Word, T) of
        true -> {true, lists:nthtail(length(Word), T), S};
        false ->
            case lists:prefix(T, Word) of
                true ->
                    {T1, S1} = more(T, S),
                    word(Word, T1, S1);
                false -> {false, T, S}
            end
    end.

%% White space

space(T, S) ->
    {_, T1, S1} = spaces(T, S, []),
    {T1, S1}.

%% The white space, in reverse as it is put before others.
spaces(T, S, Acc) when T =:= []; T =:= "\r" ->
    {T1, S1} = more(T, S),
    spaces(T1, S1, Acc);
spaces([$\r, $\n | T], S, Acc) -> spaces([$\n | T], S, Acc);
spaces([C | T], #sax{line_no = N} = S, Acc)
  when C =:= $\n; C =:= $\r ->
    spaces(T, S#sax{line_no = N + 1}, [$\n | Acc]);
spaces([C | T], S, Acc) when C =:= $\s; C =:= $\t ->
    spaces(T, S, [C | Acc]);
spaces(T, S, Acc) -> {lists:reverse(Acc), T, S}.

%% One blank for each white space, none at the ends; Acc is in reverse, the
%% result is not.
normalize(Acc) ->
    string:join(string:tokens(lists:reverse(Acc), " \t\r\n"), " ").

%% Names

is_name_start(C) ->
    C =:= $_ orelse C =:= $: orelse xmerl_chars:is_letter(C).

name([], S, Acc) ->
    {T, S1} = more([], S),
    name(T, S1, Acc);
name([bad | _] = T, S, _) -> expected(T, S, undefined);
name([C | T] = All, S, Acc) ->
    case xmerl_chars:is_namechar(C) of
        true -> name(T, S, [C | Acc]);
        false -> {lists:reverse(Acc), All, S}
    end.

%% {{Prefix, Local}, Rest, S}.
ns_name([], S, Prefix, Acc) ->
    {T, S1} = more([], S),
    ns_name(T, S1, Prefix, Acc);
ns_name([bad | _] = T, S, _, _) -> expected(T, S, undefined);
ns_name([$: | T], S, [], Acc) -> ns_name(T, S, lists:reverse(Acc), []);
ns_name([C | T] = All, S, Prefix, Acc) ->
    case xmerl_chars:is_namechar(C) of
        true -> ns_name(T, S, Prefix, [C | Acc]);
        false -> {{Prefix, lists:reverse(Acc)}, All, S}
    end.

equals([], S) ->
    {T, S1} = more([], S),
    equals(T, S1);
equals([$= | T], S) -> {T, S};
equals([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    equals(T1, S1);
equals(T, S) -> expected(T, S, "expecting = or whitespace").

%% References, after &

reference([], S, Must) ->
    {T, S1} = more([], S),
    reference(T, S1, Must);
reference("#", S, Must) ->
    {T, S1} = more("#", S),
    reference(T, S1, Must);
reference("#x" ++ T, S, _) ->
    {Digits, T1, S1} = digits(T, S, 16, []),
    character(list_to_integer(Digits, 16), "#x" ++ Digits, T1, S1);
reference("#" ++ T, S, _) ->
    {Digits, T1, S1} = digits(T, S, 10, []),
    character(list_to_integer(Digits), "#" ++ Digits, T1, S1);
reference([bad | _] = T, S, _) -> expected(T, S, undefined);
reference([C | T], S, Must) ->
    is_name_start(C) orelse fatal(S, "name expected"),
    {Name, T1, S1} = name(T, S, [C]),
    {T2, S2} = semicolon(T1, S1, "Missing semicolon after reference: "
                         ++ Name),
    case look_up(Name, Must, S2) of
        {internal_general, Name, Value} ->
            {{internal_general, is_mark(Value), Name, Value}, T2, S2};
        Result -> {Result, T2, S2}
    end.

character(C, Text, T, S) ->
    xmerl_chars:is_char(C) orelse
        fatal(S, "Not a legal character: " ++ Text),
    {{character, is_mark([C]), C}, T, S}.

digits([], S, Base, Acc) ->
    {T, S1} = more([], S),
    digits(T, S1, Base, Acc);
digits([$; | T], S, _, Acc) -> {lists:reverse(Acc), T, S};
digits([C | T], S, Base, Acc)
  when C >= $0, C =< $9; Base =:= 16, C >= $a, C =< $f;
       Base =:= 16, C >= $A, C =< $F -> digits(T, S, Base, [C | Acc]);
digits(T, S, 16, _) -> expected(T, S, "Bad hex value in reference: ");
digits([C | _] = T, S, 10, _) ->
    expected(T, S, "Character in reference not a digit: " ++ [C]).

semicolon([], S, Reason) ->
    {T, S1} = more([], S),
    semicolon(T, S1, Reason);
semicolon([$; | T], S, _) -> {T, S};
semicolon(T, S, Reason) -> expected(T, S, Reason).

%% Does a replacement stand for a mark of XML.
is_mark(Text) ->
    lists:member(Text, ["&", "&#38;", "<", "&#60;", ">", "'", "\""]).

look_up("amp" = Name, _, _) -> {internal_general, Name, "&#38;"};
look_up("lt" = Name, _, _) -> {internal_general, Name, "&#60;"};
look_up("gt" = Name, _, _) -> {internal_general, Name, ">"};
look_up("apos" = Name, _, _) -> {internal_general, Name, "'"};
look_up("quot" = Name, _, _) -> {internal_general, Name, "\""};
look_up(Name, Must, #sax{ref_table = Table,
                                            standalone = Alone} = S) ->
    case Table of
        #{Name := {Type, Value}} -> {Type, Name, Value};
        _ when Must, Alone =:= yes ->
            fatal(S, "Entity not declared: " ++ Name);
        _ -> {not_found, Name}
    end.

%% A parameter entity, after %.
parameter([], S) ->
    {T, S1} = more([], S),
    parameter(T, S1);
parameter([C | T], S) ->
    is_name_start(C) orelse expected([C | T], S, "Name expected"),
    {Name, T1, S1} = name(T, S, [C]),
    {T2, S2} = semicolon(T1, S1, "missing ; after reference " ++ Name),
    {look_up("%" ++ Name, true, S2), T2, S2}.

%% Values

attribute_value([], S) ->
    {T, S1} = more([], S),
    attribute_value(T, S1);
attribute_value([Quote | T], S) when Quote =:= $'; Quote =:= $" ->
    attribute_value(T, S, Quote, []);
attribute_value([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    attribute_value(T1, S1);
attribute_value(T, S) -> expected(T, S, "', \" or whitespace expected").

attribute_value(T, S, Stop, Acc) when T =:= []; T =:= "\r" ->
    {T1, S1} = more(T, S),
    attribute_value(T1, S1, Stop, Acc);
attribute_value([$\r, $\n | T], S, Stop, Acc) ->
    attribute_value([$\n | T], S, Stop, Acc);
attribute_value([C | T], #sax{line_no = N} = S, Stop, Acc)
  when C =:= $\n; C =:= $\r; C =:= $\t ->
    attribute_value(T, S#sax{line_no = N + 1}, Stop,
                    [$\s | Acc]);
attribute_value([$& | T], S, Stop, Acc) ->
    {Ref, T1, S1} = reference(T, S, true),
    value_reference(Ref, T1, S1, Stop, Acc);
attribute_value([Stop | T], S, Stop, Acc) -> {lists:reverse(Acc), T, S};
attribute_value([$< | _], S, _, _) ->
    fatal(S, "< not allowed in attribute value");
attribute_value([C | T], S, Stop, Acc) ->
    xmerl_chars:is_char(C) orelse
        expected([C | T], S, lists:flatten(
                               io_lib:format("Bad character in attribute"
                                             " value: ~p", [C]))),
    attribute_value(T, S, Stop, [C | Acc]).

value_reference({character, _, C}, T, S, Stop, Acc) ->
    attribute_value(T, S, Stop, [C | Acc]);
value_reference({internal_general, true, _, [Stop]}, T, S, Stop, Acc) ->
    attribute_value(T, S, Stop, [Stop | Acc]);
value_reference({internal_general, true, _, Value}, T, S, Stop, Acc) ->
    attribute_value(Value ++ T, S, Stop, Acc);
value_reference({internal_general, _, _, Value}, T, S, Stop, Acc) ->
    {Acc1, S1} = xmerl_sax_content:entity(Value, S, Acc, normalize),
    attribute_value(T, S1, Stop, Acc1);
value_reference({external_general, Name, _}, _, S, _, _) ->
    fatal(S, "External parsed entity reference in attribute value: " ++ Name);
value_reference({unparsed, Name, _}, _, S, _, _) ->
    fatal(S, "Unparsed entity reference in  attribute value: " ++ Name);
value_reference({not_found, Name}, T, S, Stop, Acc) ->
    case S of
        #sax{file_type = normal,
                                skip_external_dtd = false} ->
            fatal(S, "Undeclared reference: " ++ Name);
        _ ->
            attribute_value(T, S, Stop, ";" ++ lists:reverse(Name) ++ "&"
                            ++ Acc)
    end.

system_literal([], S, Stop, Acc) ->
    {T, S1} = more([], S),
    system_literal(T, S1, Stop, Acc);
system_literal([Stop | T], S, Stop, Acc) -> {lists:reverse(Acc), T, S};
system_literal([$# | _], S, _, _) ->
    fatal(S, "Fragment found in system identifier");
system_literal([bad | _] = T, S, _, _) -> expected(T, S, undefined);
system_literal([C | T], S, Stop, Acc) ->
    system_literal(T, S, Stop, [C | Acc]).

pubid_literal([], S, Stop, Acc) ->
    {T, S1} = more([], S),
    pubid_literal(T, S1, Stop, Acc);
pubid_literal([Stop | T], S, Stop, Acc) -> {normalize(Acc), T, S};
pubid_literal([C | T], S, Stop, Acc) ->
    lists:member(C, " \r\n!:;=?@_#$%'()*+,-./") orelse
        C >= $0 andalso C =< $9 orelse xmerl_chars:is_letter(C) orelse
        expected([C | T], S,
                 "Character not allowed in pubid literal: " ++ [C]),
    pubid_literal(T, S, Stop, [C | Acc]).
