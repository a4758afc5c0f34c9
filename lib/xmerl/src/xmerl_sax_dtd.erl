%% SPDX-License-Identifier: Apache-2.0
%% The SAX parser's document types: declarations and their events, external
%% files, default attributes.
-module(xmerl_sax_dtd).
-export([check_circles/1, doctype/2, document/2, external/4,
         with_defaults/2]).
-include("xmerl_sax_parser.hrl").
-import(xmerl_sax_text, [attribute_value/2, attribute_value/4, event/2,
                         expected/3, fatal/2, is_name_start/1, more/2,
                         name/3, ns_name/4, parameter/2, pubid_literal/4,
                         reference/3, space/2, spaces/3, system_literal/4,
                         word/3]).

-define(BLANK(C), C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r).

%% A file that is a document type itself.
document(T, S) -> external_text(T, S, []).

%% <!DOCTYPE, after the word

doctype([], S) ->
    {T, S1} = more([], S),
    doctype(T, S1);
doctype([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    doctype(T1, S1);
doctype([C | T], S) ->
    is_name_start(C) orelse
        expected([C | T], S, "expecting name or whitespace"),
    {Name, T1, S1} = name(T, S, [C]),
    doctype(T1, S1, Name, false).

%% Started: has the event been sent.
doctype([], S, Name, Started) ->
    {T, S1} = more([], S),
    doctype(T, S1, Name, Started);
doctype([$> | T], S, _, _) -> {T, S};
doctype([$[ | T], S, Name, Started) ->
    S1 = case Started of
             true -> S;
             false -> event({startDTD, Name, "", ""}, S)
         end,
    {T1, S2} = declarations(T, S1),
    {T2, S3} = space(T1, S2),
    must(">", T2, S3, "expecting >");
doctype([C | _] = T, S, Name, Started) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    doctype(T1, S1, Name, Started);
doctype([C | _] = T, S, Name, _) when C =:= $S; C =:= $P ->
    {Public, System, T1, S1} = external_id(T, S, false),
    S2 = event({startDTD, Name, Public, System}, S1),
    {T2, S3} = doctype(T1, S2, Name, true),
    case S2#sax.skip_external_dtd of
        true -> {T2, S3};
        false ->
            Type = S3#sax.file_type,
            {_, S4} = external(S3#sax{file_type = dtd},
                               Public, System, []),
            {T2, S4#sax{file_type = Type}}
    end;
doctype(T, S, _, _) ->
    expected(T, S, "expecting >, external id or declaration part").

must(Mark, T, S, Reason) ->
    case word(Mark, T, S) of
        {true, T1, S1} -> {T1, S1};
        {false, T1, S1} -> expected(T1, S1, Reason)
    end.

%% White space that must be there.
gap([], S) ->
    {T, S1} = more([], S),
    gap(T, S1);
gap([C | _] = T, S) when ?BLANK(C) -> space(T, S);
gap(T, S) -> expected(T, S, "whitespace expected").

%% External entities: {Acc, S}

external(S, _, System, Acc) ->
    Place = S#sax.current_location,
    Saved = event({startEntity, System}, S),
    {Acc1, Inner} = external_file(
                      location(System, Place),
                      S#sax{line_no = 1, end_tags = []},
                      Acc),
    #sax{event_state = State, ref_table = Table,
                            attribute_values = Values} = Inner,
    S1 = event({endEntity, System},
               Saved#sax{event_state = State}),
    S2 = S1#sax{attribute_values = Values},
    case Saved#sax.standalone of
        no -> {Acc1, S2#sax{ref_table = Table}};
        yes -> {Acc1, S2}
    end.

location("http://" ++ _ = URL, _) -> {http, URL};
location("file://" ++ Path, _) -> {file, Path};
location(Path, Place) ->
    case string:split(Place, "://") of
        [Scheme, _] -> {list_to_atom(Scheme), Place ++ "/" ++ Path};
        [_] when hd(Path) =:= $/ -> {file, Path};
        [_] -> {file, filename:join(Place, Path)}
    end.

external_file({file, File}, #sax{encoding = Encoding} = S,
              Acc) ->
    case file:read_file(File) of
        {error, Reason} ->
            fatal(S, "Couldn't open external entity " ++ File ++ " : "
                  ++ file:format_error(Reason));
        {ok, Bytes} ->
            Text = case file_text(Bytes) of
                       L when is_list(L) -> L;
                       _ -> fatal(S, {error, "bad data"})
                   end,
            S1 = S#sax{
                   continuation_fun = fun(_) -> {[], none} end,
                   continuation_state = none, encoding = list,
                   current_location = filename:dirname(File),
                   entity = filename:basename(File), input_type = file},
            {Acc1, _, S2} = external_text(Text, S1, Acc),
            {Acc1, S2#sax{encoding = Encoding}}
    end;
external_file({Scheme, _}, S, _) ->
    fatal(S, "Unsupported URI type: " ++ atom_to_list(Scheme)).

file_text(Bytes) ->
    {Encoding, Length} =
        case {unicode:bom_to_encoding(Bytes), Bytes} of
            {{latin1, 0}, <<0, $<, 0, $?, _/binary>>} -> {{utf16, big}, 0};
            {{latin1, 0}, <<$<, 0, $?, 0, _/binary>>} -> {{utf16, little}, 0};
            {{latin1, 0}, _} -> {utf8, 0};
            {Known, _} -> Known
        end,
    <<_:Length/binary, Rest/binary>> = Bytes,
    unicode:characters_to_list(Rest, Encoding).

%% A document type's declarations, or content: {Acc, Rest, S}.
external_text([], S, Acc) -> {Acc, [], S};
external_text(T, #sax{file_type = Type, end_tags = Open} =
                  S, Acc) ->
    {T1, S1} = case T of
                   "<?xml" ++ [C | _] when ?BLANK(C) ->
                       xmerl_sax_content:text_declaration(T, S);
                   _ -> {T, S}
               end,
    case Type of
        dtd ->
            try declarations(T1, S1) of
                {_, S2} -> fatal(S2, "Not well-formed DTD")
            catch throw:{fatal_error, {S2, "No more bytes"}} -> {Acc, [], S2}
            end;
        _ ->
            {Acc1, Rest, S2} =
                xmerl_sax_content:entity_content(
                  T1, S1#sax{end_tags = []}, Acc, true),
            {Acc1, Rest, S2#sax{end_tags = Open}}
    end.

external_id(T, S, Optional) ->
    case word("SYSTEM", T, S) of
        {true, T1, S1} ->
            {System, T2, S2} = system_id(T1, S1, false),
            {"", System, T2, S2};
        {false, T1, S1} ->
            {T2, S2} = must("PUBLIC", T1, S1, "expecting SYSTEM or PUBLIC"),
            case gap(T2, S2) of
                {[Quote | T3], S3} when Quote =:= $'; Quote =:= $" ->
                    {Public, T4, S4} = pubid_literal(T3, S3, Quote, []),
                    {System, T5, S5} = system_id(T4, S4, Optional),
                    {Public, System, T5, S5};
                {T3, S3} -> expected(T3, S3, "\" or ' expected")
            end
    end.

system_id([], S, Optional) ->
    {T, S1} = more([], S),
    system_id(T, S1, Optional);
system_id([C | _] = T, S, Optional) when ?BLANK(C) ->
    case space(T, S) of
        {[Quote | T1], S1} when Quote =:= $'; Quote =:= $" ->
            system_literal(T1, S1, Quote, []);
        {T1, S1} when Optional -> {"", T1, S1};
        {T1, S1} -> expected(T1, S1, "\" or ' expected")
    end;
system_id(T, S, true) -> {"", T, S};
system_id(T, S, false) -> expected(T, S, "whitespace expected").

%% Declarations up to ]

-define(EXPECTED,
        "expecting ELEMENT, ATTLIST, ENTITY, NOTATION or comment").

declarations(T, S) when T =:= []; T =:= "<"; T =:= "<!" ->
    {T1, S1} = more(T, S),
    declarations(T1, S1);
declarations("<?" ++ T, S) ->
    case xmerl_sax_content:pi(T, S) of
        {T1, S1} -> declarations(T1, S1);
        {endDocument, _, S1} -> {"<?" ++ T, S1}
    end;
declarations([$% | T], #sax{file_type = Type} = S) ->
    {Ref, T1, S1} = parameter(T, S),
    S2 = case Ref of
             {internal_parameter, _, Value} ->
                 in_context(" " ++ Value ++ " ", S1);
             {external_parameter, _, {Public, System}} ->
                 {_, S3} = external(
                             S1#sax{file_type = dtd},
                             Public, System, []),
                 S3#sax{file_type = Type};
             {not_found, _} -> S1
         end,
    declarations(T1, S2);
declarations("<![" ++ T, S) ->
    {T1, S1} = conditional(T, S),
    declarations(T1, S1);
declarations("<!" ++ T, S) ->
    {T1, S1} = declaration([{"ELEMENT", fun element_type/2},
                            {"ATTLIST", fun attribute_list/2},
                            {"ENTITY", fun entity/2},
                            {"NOTATION", fun notation/2},
                            {"--", fun(R, St) ->
                                           xmerl_sax_content:comment(R, St, [])
                                   end}], T, S),
    declarations(T1, S1);
declarations([$] | T], S) -> {T, S};
declarations([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    declarations(T1, S1);
declarations(T, S) -> expected(T, S, ?EXPECTED).

declaration([], T, S) -> expected(T, S, ?EXPECTED);
declaration([{Word, Parse} | Others], T, S) ->
    case word(Word, T, S) of
        {true, T1, S1} -> Parse(T1, S1);
        {false, T1, S1} -> declaration(Others, T1, S1)
    end.

%% The declarations that a parameter entity holds, to its end.
in_context(Text, #sax{end_tags = Open,
                                         continuation_fun = F} = S) ->
    Alone = S#sax{end_tags = [],
                                     continuation_fun = undefined},
    S1 = try declarations(Text, Alone) of
             {_, S2} -> S2
         catch throw:{fatal_error, {S2, Reason}}
                 when Reason =:= "No more bytes";
                      Reason =:= "Continuation function undefined" -> S2
         end,
    S1#sax{end_tags = Open, continuation_fun = F}.

conditional(T, S) ->
    {T1, S1} = space(T, S),
    case T1 of
        [$% | T2] ->
            {Text, S2} = inserted(T2, S1, ""),
            conditional(Text, S2);
        _ ->
            {Kind, T2, S2} = conditional_kind(T1, S1),
            S2#sax.file_type =:= normal andalso
                fatal(S2, "Conditional sections may only appear in the"
                      " external DTD subset."),
            {T3, S3} = space(T2, S2),
            {T4, S4} = must("[", T3, S3, "subset declaration expected"),
            case Kind of
                include -> include(T4, S4);
                ignore -> ignore(T4, S4, 1)
            end
    end.

conditional_kind(T, S) ->
    case word("INCLUDE", T, S) of
        {true, T1, S1} -> {include, T1, S1};
        {false, T1, S1} ->
            {T2, S2} = must("IGNORE", T1, S1, "expecting INCLUDE or IGNORE"),
            {ignore, T2, S2}
    end.

include(T, S) ->
    case word("]>", T, S) of
        {true, T1, S1} -> {T1, S1};
        {false, T1, S1} ->
            {T2, S2} = declarations(T1, S1),
            include(T2, S2)
    end.

ignore("]]>" ++ T, S, 1) -> {T, S};
ignore("]]>" ++ T, S, Depth) -> ignore(T, S, Depth - 1);
ignore("<![" ++ T, S, Depth) -> ignore(T, S, Depth + 1);
ignore(T, S, Depth) when T =:= []; T =:= "]"; T =:= "]]"; T =:= "<";
                         T =:= "<!" ->
    {T1, S1} = more(T, S),
    ignore(T1, S1, Depth);
ignore([_ | T], S, Depth) -> ignore(T, S, Depth).

%% A parameter entity in a declaration: the text with it in, and Pad around.
inserted(T, S, Pad) ->
    S#sax.file_type =:= normal andalso
        fatal(S, "Parsed entities not allowed in Internal subset"),
    {Ref, T1, S1} = parameter(T, S),
    case Ref of
        {internal_parameter, _, Value} -> {Pad ++ Value ++ Pad ++ T1, S1};
        {external_parameter, _, {Public, System}} ->
            Type = S1#sax.file_type,
            {Acc, S2} = external(S1#sax{file_type = text},
                                 Public, System, []),
            {Pad ++ lists:reverse(Acc, Pad ++ T1),
             S2#sax{file_type = Type}};
        {not_found, Name} ->
            S1#sax.skip_external_dtd orelse
                fatal(S1, "Entity not declared: " ++ Name),
            {T1, S1}
    end.

%% Elements: the model is sent as it was written

element_type(T, S) ->
    {[C | T1], S1} = gap(T, S),
    is_name_start(C) orelse expected([C | T1], S1, "name expected"),
    {Name, T2, S2} = name(T1, S1, [C]),
    {T3, S3} = gap(T2, S2),
    case model(T3, S3, []) of
        {[], _, _} -> fatal(S2, "Content spec missing");
        {Model, T4, S4} -> {T4, event({elementDecl, Name, Model}, S4)}
    end.

model([], S, Acc) ->
    {T, S1} = more([], S),
    model(T, S1, Acc);
model([$> | T], S, Acc) ->
    {string:trim(lists:reverse(Acc), trailing), T, S};
model([$% | T], S, Acc) ->
    {T1, S1} = inserted(T, S, ""),
    model(T1, S1, Acc);
model([$( | T], S, []) -> particles(T, S, "(", [none]);
model([$( | _], S, _) -> fatal(S, "> expected");
model([C | _] = T, S, Acc) when ?BLANK(C) ->
    {Blanks, T1, S1} = spaces(T, S, []),
    model(T1, S1, Blanks ++ Acc);
model([C | _] = T, S, Acc) when C =:= $A; C =:= $E ->
    Word = case C of $A -> "ANY"; $E -> "EMPTY" end,
    case word(Word, T, S) of
        {true, T1, S1} -> model(T1, S1, lists:reverse(Word, Acc));
        {false, T1, S1} -> expected(T1, S1, "'(' expected got " ++ [C])
    end;
model([C | _] = T, S, _) -> expected(T, S, "'(' expected got " ++ [C]).

%% In parentheses. Open has for each the separator in it: none before its
%% first name, any after it, then $, or $|; mixed content is the outer one.
particles([], S, Acc, Open) ->
    {T, S1} = more([], S),
    particles(T, S1, Acc, Open);
particles([C | _] = T, S, Acc, Open) when ?BLANK(C) ->
    {Blanks, T1, S1} = spaces(T, S, []),
    particles(T1, S1, Blanks ++ Acc, Open);
particles([$% | T], S, Acc, Open) ->
    S#sax.file_type =:= normal andalso
        fatal(S, "PE not allowed in declaration."),
    {T1, S1} = inserted(T, S, " "),
    particles(T1, S1, Acc, Open);
particles([$# | _] = T, S, Acc, [Separator]) ->
    Separator =:= $| andalso
        fatal(S, "#PCDATA can only come first in element content."),
    {T1, S1} = must("#PCDATA", T, S, "name expected: #"),
    mixed(T1, S1, "ATADCP#" ++ Acc, any);
particles([$( | T], S, Acc, [Separator | Open]) ->
    particles(T, S, [$( | Acc], [none, after_one(Separator, Acc, S) | Open]);
particles([$) | T], S, Acc, [_ | Open]) ->
    lists:all(fun(C) -> C =:= $( orelse C =:= $\s orelse C =:= $\t orelse
                            C =:= $\n end, Acc) andalso Open =:= [] andalso
        fatal(S, "Element content missing."),
    check_value(Acc, S),
    {T1, S1, Acc1} = occurrence(T, S, [$) | Acc]),
    case Open of
        [] -> model(T1, S1, Acc1);
        _ -> particles(T1, S1, Acc1, Open)
    end;
particles([C | T], S, Acc, [Separator | Open])
  when C =:= $|; C =:= $, ->
    case Separator of
        any -> ok;
        C -> check_value(Acc, S);
        none -> fatal(S, "Expected: none");
        Other -> fatal(S, "Expected: " ++ [Other])
    end,
    particles(T, S, [C | Acc], [C | Open]);
particles([C | T], S, Acc, [Separator | Open]) ->
    is_name_start(C) orelse
        expected([C | T], S, "name expected: " ++ [C]),
    Now = after_one(Separator, Acc, S),
    {Name, T1, S1} = name(T, S, [C]),
    {T2, S2, Acc1} = occurrence(T1, S1, lists:reverse(Name, Acc)),
    particles(T2, S2, Acc1, [Now | Open]).

check_value([C | _], S) when C =:= $|; C =:= $, -> fatal(S, "expecting value");
check_value(_, _) -> ok.

after_one(none, _, _) -> any;
after_one(any, _, S) -> fatal(S, "expecting separator");
after_one(Separator, Acc, S) ->
    case lists:dropwhile(fun(C) -> lists:member(C, " \t\r\n") end, Acc) of
        [Separator | _] -> Separator;
        _ -> fatal(S, "Expected serarator")
    end.

occurrence([], S, Acc) ->
    {T, S1} = more([], S),
    occurrence(T, S1, Acc);
occurrence([C | T], S, Acc) when C =:= $?; C =:= $+; C =:= $* ->
    {T, S, [C | Acc]};
occurrence(T, S, Acc) -> {T, S, Acc}.

mixed(T, S, Acc, Separator) when T =:= []; T =:= ")" ->
    {T1, S1} = more(T, S),
    mixed(T1, S1, Acc, Separator);
mixed([C | T], S, Acc, Separator) when ?BLANK(C) ->
    mixed(T, S, [C | Acc], Separator);
mixed([$| | T], S, Acc, Separator) ->
    Separator =:= $| andalso check_value(Acc, S),
    mixed(T, S, [$| | Acc], $|);
mixed(")*" ++ T, S, Acc, _) -> model(T, S, [$*, $) | Acc]);
mixed(")" ++ T, S, Acc, any) -> model(T, S, [$) | Acc]);
mixed(")" ++ _, S, _, _) -> fatal(S, ")* expected after mixed content");
mixed([$% | T], S, Acc, Separator) ->
    {T1, S1} = inserted(T, S, " "),
    mixed(T1, S1, Acc, Separator);
mixed([C | T], S, Acc, Separator) ->
    is_name_start(C) orelse
        expected([C | T], S, "name expected: " ++ [C]),
    Now = after_one(Separator, Acc, S),
    {Name, T1, S1} = name(T, S, [C]),
    mixed(T1, S1, lists:reverse(Name, Acc), Now).

%% Attributes

attribute_list(T, S) ->
    case gap(T, S) of
        {[$% | T1], S1} ->
            {T2, S2} = inserted(T1, S1, " "),
            attribute_list(T2, S2);
        {[C | T1], S1} ->
            is_name_start(C) orelse expected([C | T1], S1, "name expected"),
            {Element, T2, S2} = ns_name(T1, S1, [], [C]),
            attributes(T2, S2, Element)
    end.

attributes([], S, Element) ->
    {T, S1} = more([], S),
    attributes(T, S1, Element);
attributes([$> | T], S, _) -> {T, S};
attributes([C | _] = T, S, Element) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    attributes(T1, S1, Element);
attributes([$% | T], S, Element) ->
    {T1, S1} = inserted(T, S, " "),
    attributes(T1, S1, Element);
attributes([C | T], S, Element) ->
    is_name_start(C) orelse
        expected([C | T], S, "whitespace or name expected"),
    {Name, T1, S1} = ns_name(T, S, [], [C]),
    {Type, T2, S2} = type(gap(T1, S1)),
    {Mode, Value, T3, S3} = default(gap(T2, S2)),
    S4 = event({attributeDecl, Element, Name, Type, Mode, Value}, S3),
    attributes(T3, with_default({Element, Name},
                                known(Type, Mode, Value), S4), Element).

%% What is kept of a declaration: the default, and whether blanks are folded.
known(Type, Mode, Value) ->
    Text = Type =:= "CDATA",
    case Mode =:= "#FIXED" orelse Mode =:= "" of
        true when Text -> Value;
        true -> {Value, normalize};
        false when Text -> ignore;
        false -> normalize
    end.

with_default(Key, Value, S) ->
    Old = S#sax.attribute_values,
    case lists:keymember(Key, 1, Old) of
        true -> S;
        false ->
            S#sax{attribute_values = [{Key, Value} | Old]}
    end.

type({[$% | T], S}) -> type(begin {T1, S1} = inserted(T, S, " "),
                                  space(T1, S1) end);
type({[$( | T], S}) -> enumeration(T, S, "enumerated");
type({T, S}) ->
    {Type, T1, S1} = type_word(T, S, []),
    case Type of
        "NOTATION" ->
            case space(T1, S1) of
                {[$( | T2], S2} -> enumeration(T2, S2, "notation");
                {T2, S2} ->
                    {Other, _, _} = type_word(T2, S2, []),
                    fatal(S2, "wrong attribute type: " ++ Other)
            end;
        _ ->
            lists:member(Type, ["CDATA", "ID", "IDREF", "IDREFS", "ENTITY",
                                "ENTITIES", "NMTOKEN", "NMTOKENS"]) orelse
                fatal(S1, "wrong attribute type: " ++ Type),
            {Type, T1, S1}
    end.

type_word([], S, Acc) ->
    {T, S1} = more([], S),
    type_word(T, S1, Acc);
type_word([C | _] = T, S, Acc) when ?BLANK(C) -> {lists:reverse(Acc), T, S};
type_word([bad | _] = T, S, _) -> expected(T, S, undefined);
type_word([C | T], S, Acc) -> type_word(T, S, [C | Acc]).

enumeration(T, S, Kind) ->
    case choices(T, S, []) of
        {")", _, S1} -> fatal(S1, "Empty attribute " ++ Kind ++ " type.");
        {Text, T1, S1} -> {"(" ++ Text, T1, S1}
    end.

choices([], S, Acc) ->
    {T, S1} = more([], S),
    choices(T, S1, Acc);
choices([$) | T], S, Acc) -> {lists:reverse(Acc, ")"), T, S};
choices([C | T], S, Acc) ->
    lists:member(C, " \t\r\n|") orelse xmerl_chars:is_namechar(C) orelse
        expected([C | T], S,
                 lists:flatten(io_lib:format("Bad character in enumeration:"
                                             " ~p", [[C]]))),
    choices(T, S, [C | Acc]).

default({[$% | T], S}) -> default(begin {T1, S1} = inserted(T, S, " "),
                                        space(T1, S1) end);
default({[Quote | T], S}) when Quote =:= $'; Quote =:= $" ->
    {Value, T1, S1} = attribute_value(T, S, Quote, []),
    {"", Value, T1, S1};
default({[$# | _] = T, S}) ->
    default(["#REQUIRED", "#IMPLIED", "#FIXED"], T, S);
default({T, S}) -> expected(T, S, "bad default declaration").

default([], _, S) ->
    fatal(S, "REQUIRED, IMPLIED or FIXED expected after #");
default([Word | Words], T, S) ->
    case word(Word, T, S) of
        {true, T1, S1} when Word =:= "#FIXED" ->
            {T2, S2} = gap(T1, S1),
            {Value, T3, S3} = attribute_value(T2, S2),
            {Word, Value, T3, S3};
        {true, T1, S1} -> {Word, undefined, T1, S1};
        {false, T1, S1} -> default(Words, T1, S1)
    end.

%% The attributes of an element with those that its declaration gives.
with_defaults(Tag, #sax{attribute_values = []}) -> Tag;
with_defaults({Name, Attributes, New},
              #sax{attribute_values = All}) ->
    Own = [{A, V} || {{E, A}, V} <- All, E =:= Name],
    {Attributes1, New1} = lists:foldl(fun default_for/2, {Attributes, New},
                                      Own),
    Folded = [A || {A, V} <- Own,
                   V =:= normalize orelse
                       (is_tuple(V) andalso element(2, V) =:= normalize)],
    {Name, [case lists:member(A, Folded) of
                true ->
                    {A, xmerl_sax_text:normalize(lists:reverse(V))};
                false -> {A, V}
            end || {A, V} <- Attributes1], New1}.

default_for({_, V}, Acc) when V =:= ignore; V =:= normalize -> Acc;
default_for({A, {V, normalize}}, {Attributes, New}) ->
    {missing(A, V, Attributes), New};
default_for({{"xmlns", Prefix}, V}, {Attributes, New}) ->
    {Attributes, missing(Prefix, V, New)};
default_for({{"", "xmlns"}, V}, {Attributes, New}) ->
    {Attributes, missing("", V, New)};
default_for({A, V}, {Attributes, New}) -> {missing(A, V, Attributes), New}.

missing(Key, Value, List) ->
    case lists:keymember(Key, 1, List) of
        true -> List;
        false -> [{Key, Value} | List]
    end.

%% Entities

entity(T, S) ->
    case gap(T, S) of
        {[$% | T1], S1} ->
            {[C | T2], S2} = gap(T1, S1),
            is_name_start(C) orelse expected([C | T2], S2, "name expected"),
            {Name, T3, S3} = name(T2, S2, [C]),
            {T4, S4} = gap(T3, S3),
            entity("%" ++ Name, internal_parameter, external_parameter, T4,
                   S4);
        {[C | T1], S1} ->
            is_name_start(C) orelse
                expected([C | T1], S1, "name or % expected"),
            {Name, T2, S2} = name(T1, S1, [C]),
            {T3, S3} = gap(T2, S2),
            entity(Name, internal_general, external_general, T3, S3)
    end.

entity(Name, Internal, _, [Quote | T], S)
  when Quote =:= $'; Quote =:= $" ->
    {Value, T1, S1} = value(T, S, Quote, []),
    S2 = event({internalEntityDecl, Name, Value},
               insert(Name, {Internal, Value}, S1)),
    {T2, S3} = space(T1, S2),
    must(">", T2, S3, "> expected");
entity(Name, _, External, [C | _] = T, S) when C =:= $S; C =:= $P ->
    {Public, System, T1, S1} = external_id(T, S, false),
    Id = {Public, System},
    case space(T1, S1) of
        {[$> | T2], S2} ->
            {T2, event({externalEntityDecl, Name, Public, System},
                       insert(Name, {External, Id}, S2))};
        {T1, S2} when External =:= external_general ->
            expected(T1, S2, "Space before NDATA or > expected");
        {T2, S2} when External =:= external_general ->
            {NData, T3, S3} = ndata(T2, S2),
            S4 = insert(Name, {unparsed, {Public, System, NData}}, S3),
            {T3, event({unparsedEntityDecl, Name, Public, System, NData},
                       S4)};
        {T2, S2} -> expected(T2, S2, "> expected")
    end;
entity(_, _, _, T, S) ->
    expected(T, S, "\", ', SYSTEM or PUBLIC expected").

%% The first declaration counts.
insert(Name, Value, #sax{ref_table = Table} = S) ->
    S#sax{ref_table = maps:merge(#{Name => Value}, Table)}.

ndata(T, S) ->
    {T1, S1} = must("NDATA", T, S, "NDATA or > expected"),
    {[C | T2], S2} = gap(T1, S1),
    is_name_start(C) orelse expected([C | T2], S2, "name expected"),
    {Name, T3, S3} = name(T2, S2, [C]),
    {T4, S4} = space(T3, S3),
    {T5, S5} = must(">", T4, S4, "> expected"),
    {Name, T5, S5}.

%% General entities stay in a value, parameters are replaced.
value(T, S, Stop, Acc) when T =:= []; T =:= "\r" ->
    {T1, S1} = more(T, S),
    value(T1, S1, Stop, Acc);
value([$\r, $\n | T], S, Stop, Acc) -> value([$\n | T], S, Stop, Acc);
value([C | T], #sax{line_no = N} = S, Stop, Acc)
  when C =:= $\n; C =:= $\r ->
    value(T, S#sax{line_no = N + 1}, Stop, [$\n | Acc]);
value([$\t | T], #sax{line_no = N} = S, Stop, Acc) ->
    value(T, S#sax{line_no = N + 1}, Stop, [$\t | Acc]);
value([$& | T], S, Stop, Acc) ->
    {Ref, T1, S1} = reference(T, S, false),
    case Ref of
        {character, _, C} -> value(T1, S1, Stop, [C | Acc]);
        {unparsed, Name, _} ->
            fatal(S1, "Unparsed entity reference in entity value: " ++ Name);
        _ ->
            Name = case Ref of
                       {internal_general, _, N, _} -> N;
                       _ -> element(2, Ref)
                   end,
            value(T1, S1, Stop, ";" ++ lists:reverse(Name) ++ "&" ++ Acc)
    end;
value([$% | T], S, Stop, Acc) -> value_parameter(T, S, Stop, Acc);
value([Stop | T], S, Stop, Acc) -> {lists:reverse(Acc), T, S};
value([C | T], S, Stop, Acc) ->
    xmerl_chars:is_char(C) orelse
        expected([C | T], S,
                 lists:flatten(io_lib:format("Bad character in entity value:"
                                             " ~p", [C]))),
    value(T, S, Stop, [C | Acc]).

value_parameter(T, #sax{file_type = Type} = S, Stop,
                Acc) ->
    {Ref, T1, S1} = parameter(T, S),
    Type =:= normal andalso
        fatal(S1, "A parameter reference may not occur not within markup"
              " declarations in the internal DTD subset: "
              ++ element(2, Ref)),
    case Ref of
        {internal_parameter, _, []} -> value(T1, S1, Stop, Acc);
        {internal_parameter, _, Value} ->
            {Acc1, S2} = xmerl_sax_content:entity(Value, S1, Acc, false),
            value(T1, S2, Stop, Acc1);
        {external_parameter, _, {Public, System}} ->
            {Acc1, S2} =
                external(S1#sax{file_type = text}, Public,
                         System, Acc),
            value(T1, S2#sax{file_type = Type}, Stop,
                  Acc1);
        {not_found, Name} ->
            S#sax.skip_external_dtd orelse
                fatal(S1, "Entity not declared: " ++ Name),
            value(T1, S1, Stop, ";" ++ lists:reverse(Name) ++ "&" ++ Acc)
    end.

%% Does a general entity lead to itself.
check_circles(#sax{ref_table = Table} = S) ->
    All = maps:fold(fun(K, {internal_general, V}, Acc) ->
                            Acc#{K => named(V)};
                       (_, _, Acc) -> Acc
                    end, #{}, Table),
    [fatal(S, "Reference cycle")
     || K <- maps:keys(All), leads(maps:get(K, All), K, [], All)],
    ok.

leads([], _, _, _) -> false;
leads([Name | Rest], Goal, Seen, All) ->
    Name =:= Goal orelse
        case lists:member(Name, Seen) of
            true -> leads(Rest, Goal, Seen, All);
            false ->
                leads(maps:get(Name, All, []) ++ Rest, Goal, [Name | Seen],
                      All)
        end.

%% The general entities that a value names.
named(Text) ->
    case string:split(Text, "&") of
        [_, Rest] ->
            case string:split(Rest, ";") of
                [Name, Rest1] -> [Name | named(Rest1)];
                [_] -> []
            end;
        [_] -> []
    end.

%% Notations

notation(T, S) ->
    {[C | T1], S1} = gap(T, S),
    is_name_start(C) orelse expected([C | T1], S1, "name expected"),
    {Name, T2, S2} = name(T1, S1, [C]),
    case gap(T2, S2) of
        {[K | _] = T3, S3} when K =:= $S; K =:= $P ->
            {Public, System, T4, S4} = external_id(T3, S3, true),
            {T5, S5} = space(T4, S4),
            {T6, S6} = must(">", T5, S5, "> expected"),
            {T6, event({notationDecl, Name, Public, System}, S6)};
        {T3, S3} ->
            expected(T3, S3, "external id or public id expected")
    end.
