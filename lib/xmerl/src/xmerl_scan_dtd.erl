%% SPDX-License-Identifier: Apache-2.0
%% The document type: <!DOCTYPE>, its subsets and the declarations in them,
%% which are written with the scanner's rule functions under {elem_def, Name},
%% {entity, Name}, {parameter_entity, Name} and {notation, Name}.
-module(xmerl_scan_dtd).
-export([doctype/2, equals/2, external_subset/2, fetch/2]).
-include("xmerl.hrl").
-import(xmerl_scan_text, [bump/2, expect/4, fatal/3, more/2, more/3,
                          must_strip/2, name/2, name_no_colons/2, strip/2]).
-import(xmerl_scan_entity, [expanded/2, external_id/2, pe_expand/3,
                            pe_reference/2, public_literal/2,
                            system_literal/2]).

%% Parameter entities are for declarations of their own in the internal
%% subset, not for parts of one.
-define(NO_PE(Place, S),
        fatal(Place, {error, {wfc_PEs_In_Internal_Subset}}, S)).

equals(T, S) ->
    case strip(T, S) of
        {[$= | T1], S1} -> strip(T1, bump(1, S1));
        _ -> fatal(2933, assignment_expected, S)
    end.

%% <!DOCTYPE, after the word

doctype([], S) -> more(S, fun doctype/2);
doctype(T, S) ->
    {T1, S1} = must_strip(T, S),
    {Name, _, T2, S2} = name(T1, S1),
    {T3, S3} = strip(T2, S2),
    doctype_id(T3, S3#xmerl_scanner{doctype_name = Name}).

doctype_id([], S) -> more(S, fun doctype_id/2);
doctype_id(T, S) ->
    case lists:prefix("PUBLIC", T) orelse lists:prefix("SYSTEM", T) of
        true ->
            {Id, T1, S1} = external_id(T, S),
            {T2, S2} = strip(T1, S1),
            doctype_subset(T2, S2, Id);
        false -> doctype_subset(T, S, undefined)
    end.

doctype_subset([], S, Id) ->
    more(S, fun(B, S1) -> doctype_subset(B, S1, Id) end);
doctype_subset([$[ | T], S, Id) ->
    {T1, S1} = strip(T, bump(1, S)),
    internal_subset(T1, S1, Id);
doctype_subset([$> | T], S, Id) ->
    {T1, S1} = strip(T, bump(1, S)),
    {T1, fetch_and_check(Id, S1)};
doctype_subset(_, S, _) ->
    fatal(1239, expected_end_of_DOCTYPE_declaration, S).

internal_subset([], S, Id) ->
    more(S, fun(B, S1) -> internal_subset(B, S1, Id) end);
internal_subset([$% | T], S, Id) ->
    {Name, T1, S1} = pe_reference(T, bump(1, S)),
    {T2, S2} = strip(T1, S1),
    case pe_expand(Name, S2, as_PE) of
        External when is_tuple(External) ->
            internal_subset(T2, fetch_and_check(External, S2), Id);
        Text ->
            {T3, S3} = strip(Text ++ T2, S2),
            internal_subset(T3, S3, Id)
    end;
internal_subset([$] | T], S, Id) ->
    {T1, S1} = strip(T, bump(1, S)),
    S2 = fetch_and_check(Id, S1),
    {expect(">", T1, S2, expected_doctype_end_tag), S2};
internal_subset(T, S, Id) ->
    {T1, S1} = markup(T, S),
    internal_subset(T1, S1, Id).

fetch_and_check(Id, S) ->
    S1 = fetch(Id, S),
    xmerl_scan_valid:check_declarations(S1),
    S1.

%% Reads the external subset, which the option doctype_DTD may name too.
fetch(undefined, #xmerl_scanner{doctype_DTD = File} = S)
  when is_list(File) ->
    fetch({system, File}, S#xmerl_scanner{doctype_DTD = option_provided});
fetch(undefined, S) -> S;
fetch(Id, S) ->
    case xmerl_scan_entity:fetch_and_parse(
           Id, S, [{text_decl, true}, {environment, {external, subset}}]) of
        #xmerl_scanner{} = S1 -> S1;
        {_, _, _} -> S
    end.

external_subset([], S) ->
    more(S, fun external_subset/2, fun(S1) -> {[], S1} end);
external_subset([$% | T], S) ->
    {Name, T1, S1} = pe_reference(T, bump(1, S)),
    Text = case pe_expand(Name, S1, as_PE) of
               Id when is_tuple(Id) ->
                   element(1, xmerl_scan_entity:fetch_text(Id, S1));
               Value -> Value
           end,
    {T2, S2} = strip(Text, S1),
    {_, S3} = external_subset(T2, S2),
    external_subset(T1, S3);
external_subset("<![" ++ T, S) ->
    {T1, S1} = strip(T, bump(3, S)),
    {T2, S2} = conditional(T1, S1),
    external_subset(T2, S2);
external_subset([C | _] = T, S) when ?whitespace(C) ->
    {T1, S1} = strip(T, S),
    external_subset(T1, S1);
external_subset(T, S) ->
    {T1, S1} = markup(T, S),
    external_subset(T1, S1).

%% <![INCLUDE[ ... ]]> and <![IGNORE[ ... ]]>

conditional([], S) -> more(S, fun conditional/2);
conditional("IGNORE" ++ T, S0) ->
    S = bump(6, S0),
    {T1, S1} = strip(T, S),
    {T2, S2} = strip(expect("[", T1, S, expected_IGNORE_bracket), S1),
    ignore(T2, S2, 0);
conditional("INCLUDE" ++ T, S0) ->
    S = bump(7, S0),
    {T1, S1} = strip(T, S),
    {T2, S2} = strip(expect("[", T1, S, expected_INCLUDE_bracket), S1),
    include(T2, S2);
conditional([$% | T], S) ->
    {T1, S1} = expanded(T, bump(1, S)),
    conditional(T1, S1).

ignore([], S, Depth) -> more(S, fun(B, S1) -> ignore(B, S1, Depth) end);
ignore("<![" ++ T, S, Depth) -> ignore(T, bump(3, S), Depth + 1);
ignore("]]>" ++ T, S, 0) -> {T, bump(3, S)};
ignore("]]>" ++ T, S, Depth) -> ignore(T, bump(3, S), Depth - 1);
ignore([_ | T], S, Depth) -> ignore(T, bump(1, S), Depth).

include([], S) -> more(S, fun include/2);
include("]]>" ++ T, S) -> {T, bump(3, S)};
include([$% | T], S) ->
    {T1, S1} = expanded(T, bump(1, S)),
    include(T1, S1);
include("<![" ++ T, S) ->
    {T1, S1} = strip(T, bump(3, S)),
    {T2, S2} = conditional(T1, S1),
    {T3, S3} = strip(T2, S2),
    include(T3, S3);
include(T, S) ->
    {T1, S1} = markup(T, S),
    include(T1, S1).

%% One declaration, and the white space behind it

markup([], S) -> more(S, fun markup/2, fun(S1) -> {[], S1} end);
markup("<!--" ++ T, S) ->
    {_, T1, S1} = xmerl_scan_text:comment(T, bump(4, S)),
    {T1, S1};
markup("<?" ++ T, S) ->
    {_, T1, S1} = xmerl_scan_text:pi(T, bump(2, S), markup, []),
    strip(T1, S1);
markup("<!ELEMENT" ++ T, S) -> declared(fun element_type/2, T, bump(9, S));
markup("<!ENTITY" ++ T, S) -> declared(fun entity/2, T, bump(8, S));
markup("<!NOTATION" ++ T, S) -> declared(fun notation/2, T, bump(10, S));
markup("<!ATTLIST" ++ T, S) -> declared(fun attributes/2, T, bump(9, S));
markup(_, S) -> fatal(1729, expected_markup, S).

declared(Declare, T, S) ->
    {T1, S1} = must_strip(T, S),
    {T2, S2} = Declare(T1, S1),
    strip(T2, S2).

element_type(T, #xmerl_scanner{rules_write_fun = Write} = S) ->
    {Name, _, T1, S1} = name(T, S),
    Element = declared_element(Name, S1),
    {T2, S2} = must_strip(T1, S1),
    {Content, T3, S3} = content_spec(T2, S2),
    {T4, S4} = strip(T3, S3),
    {">" ++ T5, S5} = xmerl_scan_entity:completion(T4, S4),
    {T5, Write(elem_def, Name,
               Element#xmlElement{
                 name = Name, content = Content,
                 elementdef = S5#xmerl_scanner.environment}, bump(1, S5))}.

%% What is known of the element: its attributes may be declared before it.
declared_element(Name, #xmerl_scanner{rules_read_fun = Read,
                                      rules_delete_fun = Delete} = S) ->
    case Read(elem_def, Name, S) of
        #xmlElement{elementdef = Where}
          when Where =/= undeclared, S#xmerl_scanner.validation =:= dtd ->
            fatal(1665, {already_defined, Name}, S);
        #xmlElement{} = Element ->
            Delete(elem_def, Name, S),
            Element;
        undefined -> #xmlElement{}
    end.

%% Content models

content_spec([], S) -> more(S, fun content_spec/2);
content_spec("EMPTY" ++ T, S) -> {empty, T, bump(5, S)};
content_spec("ANY" ++ T, S) -> {any, T, bump(3, S)};
content_spec([$% | _], #xmerl_scanner{environment = prolog} = S) ->
    ?NO_PE(3189, S);
content_spec([$% | T], S) ->
    {T1, S1} = expanded(T, bump(1, S)),
    content_spec(T1, S1);
content_spec([$( | T], S) ->
    {T1, S1} = strip(T, bump(1, S)),
    model(T1, S1, children, unknown, []);
content_spec(_, S) -> fatal(3201, unexpected_character, S).

%% Inside a parenthesis: Context is children, mixed or not_mixed, Mode seq,
%% choice or unknown yet.
model([], S, Context, Mode, Acc) ->
    more(S, fun(B, S1) -> model(B, S1, Context, Mode, Acc) end);
model([$) | T], S, Context, Mode, Acc) ->
    model_end(T, bump(1, S), Context, Mode, Acc);
model("#PCDATA" ++ _, S, not_mixed, _, _) ->
    fatal(3239, {error, {extra_set_of_parenthesis}}, S);
model("#PCDATA" ++ _, S, _, Mode, Acc) when Mode =/= unknown; Acc =/= [] ->
    fatal(3242, {error, {invalid_format_of_mixed_content}}, S);
model("#PCDATA" ++ T, S, _, Mode, Acc) ->
    {T1, S1} = strip(T, bump(7, S)),
    model(T1, S1, mixed, Mode, ['#PCDATA' | Acc]);
model([$, | _], S, _, choice, _) ->
    fatal(3248, {mixing_comma_and_vertical_bar_in_content_model}, S);
model([$| | _], S, _, seq, _) ->
    fatal(3254, {mixing_comma_and_vertical_bar_in_content_model}, S);
model([C | T], S, Context, _, Acc) when C =:= $,; C =:= $| ->
    {T1, S1} = strip(T, bump(1, S)),
    Mode = case C of $, -> seq; $| -> choice end,
    particle(T1, S1, Context, Mode, Acc);
model(T, S, Context, Mode, Acc) -> particle(T, S, Context, Mode, Acc).

model_end(T, S, Context, Mode0, Acc0) ->
    {Mode, Acc} = case {Mode0, Acc0} of
                      {unknown, [_]} -> {seq, Acc0};
                      {M, _} when M =/= unknown -> {M, lists:reverse(Acc0)}
                  end,
    {Occurs, T1, S1} = occurrence(T, S),
    Context =:= mixed andalso xmerl_scan_valid:check_model(Acc, S),
    case {Occurs, Context, Acc} of
        {once, mixed, ['#PCDATA']} -> ok;
        {'*', mixed, _} -> ok;
        {_, mixed, _} -> fatal(3232, {illegal_for_mixed_content, Occurs}, S1);
        _ -> ok
    end,
    {T2, S2} = strip(T1, S1),
    {occurring(Occurs, {Mode, Acc}), T2, S2}.

particle([$( | _], S, mixed, _, _) ->
    Reason = element_names_must_not_be_parenthesized_in_mixed_content,
    fatal(3263, {error, {Reason}}, S);
particle([$( | T], S, Context, Mode, Acc) ->
    {T1, S1} = strip(T, bump(1, S)),
    {Inner, T2, S2} = model(T1, S1, not_mixed, unknown, []),
    model(T2, S2, Context, Mode, [Inner | Acc]);
particle([$% | _], #xmerl_scanner{environment = prolog} = S, _, _, _) ->
    ?NO_PE(3271, S);
particle([$% | T], S, Context, Mode, Acc) ->
    {T1, S1} = expanded(T, bump(1, S)),
    model(T1, S1, Context, Mode, Acc);
particle(T, S, Context, Mode, Acc) ->
    {Name, _, T1, S1} = name(T, S),
    {Occurs, T2, S2} = occurrence(T1, S1),
    Context =:= mixed andalso Occurs =/= once andalso
        fatal(3284, {illegal_for_mixed_content, Occurs}, S1),
    {T3, S3} = strip(T2, S2),
    check_delimiter(T3, S3),
    model(T3, S3, Context, Mode, [occurring(Occurs, Name) | Acc]).

check_delimiter([C | _], _)
  when C =:= $,; C =:= $|; C =:= $); C =:= $% -> ok;
check_delimiter(T, S) ->
    fatal(3407,
          {comma_or_vertical_bar_mandatory_between_names_in_content_model, T},
          S).

occurrence([], S) -> more(S, fun occurrence/2);
occurrence([$? | T], S) -> {'?', T, bump(1, S)};
occurrence([$+ | T], S) -> {'+', T, bump(1, S)};
occurrence([$* | T], S) -> {'*', T, bump(1, S)};
occurrence(T, S) -> {once, T, S}.

occurring(once, What) -> What;
occurring(Occurs, What) -> {Occurs, What}.

%% Attribute lists

attributes(T, #xmerl_scanner{rules_read_fun = Read, rules_write_fun = Write,
                             rules_delete_fun = Delete} = S) ->
    {Name, _, T1, S1} = name(T, S),
    {New, T2, S2} = definitions(T1, S1, []),
    Element = case Read(elem_def, Name, S2) of
                  undefined -> #xmlElement{};
                  Old ->
                      Delete(elem_def, Name, S2),
                      Old
              end,
    All = merge(New, lists:reverse(Element#xmlElement.attributes)),
    {T2, Write(elem_def, Name,
               Element#xmlElement{name = Name, attributes = All}, S2)}.

%% The first declaration of an attribute counts.
merge(New, Old) ->
    lists:reverse(
      lists:foldl(fun(A, Acc) ->
                          case lists:keymember(element(1, A), 1, Acc) of
                              true -> Acc;
                              false -> [A | Acc]
                          end
                  end, Old, New)).

definitions([], S, Acc) ->
    more(S, fun(B, S1) -> definitions(B, S1, Acc) end);
definitions([$> | T], S, Acc) -> {lists:reverse(Acc), T, bump(1, S)};
definitions([$% | _], #xmerl_scanner{environment = prolog} = S, _) ->
    ?NO_PE(1769, S);
definitions([$% | T], S, Acc) ->
    {T1, S1} = expanded(T, bump(1, S)),
    definitions(T1, S1, Acc);
definitions(T, S, Acc) ->
    {T1, S1} = must_strip(T, S),
    definition(T1, S1, Acc).

%% After white space, which the first name must have before it.
definition([$> | T], S, Acc) -> {lists:reverse(Acc), T, bump(1, S)};
definition([$% | _], #xmerl_scanner{environment = prolog} = S, _) ->
    ?NO_PE(1784, S);
definition([$% | T], S, Acc) ->
    {T1, S1} = expanded(T, bump(1, S)),
    definition(T1, S1, Acc);
definition(T, #xmerl_scanner{environment = Where} = S, Acc) ->
    {Name, _, T1, S1} = name(T, S),
    {T2, S2} = must_strip(T1, S1),
    {Type, T3, S3} = type(T2, S2),
    {T4, S4} = must_strip(T3, S3),
    {Default, Value, T5, S5} = default(T4, S4, Type),
    {T6, S6} = strip(T5, S5),
    definition(T6, S6, [{Name, Type, Value, Default, Where} | Acc]).

type([], S) -> more(S, fun type/2);
type("CDATA" ++ T, S) -> {'CDATA', T, bump(5, S)};
type("IDREFS" ++ T, S) -> {'IDREFS', T, bump(6, S)};
type("IDREF" ++ T, S) -> {'IDREF', T, bump(5, S)};
type("ID" ++ T, S) -> {'ID', T, bump(2, S)};
type("ENTITY" ++ T, S) -> {'ENTITY', T, bump(6, S)};
type("ENTITIES" ++ T, S) -> {'ENTITIES', T, bump(8, S)};
type("NMTOKENS" ++ T, S) -> {'NMTOKENS', T, bump(8, S)};
type("NMTOKEN" ++ T, S) -> {'NMTOKEN', T, bump(7, S)};
type("NOTATION" ++ T, S) ->
    {T1, S1} = must_strip(T, bump(8, S)),
    T2 = expect("(", T1, S1, expected_parenthesis_after_NOTATION),
    choices(T2, S1, notation, fun notation_name/2, []);
type([$( | T], S) ->
    choices(T, bump(1, S), enumeration, fun xmerl_scan_text:nmtoken/2, []);
type([$% | _], #xmerl_scanner{environment = prolog} = S) -> ?NO_PE(1853, S);
type([$% | T], S) ->
    {Name, T1, S1} = pe_reference(T, bump(1, S)),
    {pe_expand(Name, S1, in_literal), T1, S1}.

%% Names up to a ), with | between them.
choices(T, S, Kind, Name, Acc) ->
    {T1, S1} = strip(T, S),
    {Choice, _, T2, S2} = Name(T1, S1),
    {T3, S3} = strip(T2, S2),
    choice_end(T3, S3, Kind, Name, [Choice | Acc]).

choice_end([], S, Kind, Name, Acc) ->
    more(S, fun(B, S1) -> choice_end(B, S1, Kind, Name, Acc) end);
choice_end([$) | T], S, Kind, _, Acc) ->
    {{Kind, lists:reverse(Acc)}, T, bump(1, S)};
choice_end([$| | T], S, Kind, Name, Acc) ->
    choices(T, bump(1, S), Kind, Name, Acc).

notation_name(T, S) ->
    {Name, Info, T1, S1} = name(T, S),
    await_notation(Name, S1),
    {Name, Info, T1, S1}.

%% A notation may be declared after it is named.
await_notation(Name, #xmerl_scanner{rules_read_fun = Read,
                                    rules_write_fun = Write} = S) ->
    case Read(notation, Name, S) of
        undefined -> Write(notation, Name, undeclared, S);
        _ -> ok
    end.

default([], S, Type) -> more(S, fun(B, S1) -> default(B, S1, Type) end);
default("#REQUIRED" ++ T, S, _) -> {'#REQUIRED', no_value, T, bump(9, S)};
default("#IMPLIED" ++ T, S, _) -> {'#IMPLIED', no_value, T, bump(8, S)};
default("#FIXED" ++ T, S, Type) ->
    {T1, S1} = must_strip(T, bump(6, S)),
    {Value, T2, S2, _} = xmerl_scan_element:attribute_value(T1, S1, Type),
    {'#FIXED', Value, T2, S2};
default(T, S, Type) ->
    {Value, T1, S1, _} = xmerl_scan_element:attribute_value(T, S, Type),
    {no_decl, Value, T1, S1}.

%% Entities

entity([], S) -> more(S, fun entity/2);
entity([$% | T], #xmerl_scanner{rules_write_fun = Write} = S) ->
    {T1, S1} = must_strip(T, bump(1, S)),
    {Name, _, T2, S2} = name_no_colons(T1, S1),
    {T3, S3} = must_strip(T2, S2),
    {Value, T4, S4} = parameter_value(T3, S3, Name),
    {T5, S5} = strip(T4, S4),
    {">" ++ T6, S6} = xmerl_scan_entity:completion(T5, S5),
    {T6, Write(parameter_entity, Name, Value, S6)};
entity(T, #xmerl_scanner{rules_read_fun = Read, rules_write_fun = Write,
                         rules_delete_fun = Delete} = S) ->
    {Name, _, T1, S1} = name_no_colons(T, S),
    {T2, S2} = must_strip(T1, S1),
    {Value, Kind, T3, S3} = entity_value(T2, S2, Name),
    xmerl_scan_entity:check_recursion(Name, S3),
    {T4, S4} = strip(T3, S3),
    {">" ++ T5, S5} = xmerl_scan_entity:completion(T4, S4),
    Read(entity, Name, S5) =:= undeclared andalso Delete(entity, Name, S5),
    {T5, Write(entity, Name,
               {S5#xmerl_scanner.environment, Kind, Value}, S5)}.

parameter_value([], S, Name) ->
    more(S, fun(B, S1) -> parameter_value(B, S1, Name) end);
parameter_value([Quote | T], S, Name) when Quote =:= $'; Quote =:= $" ->
    xmerl_scan_entity:whole_value(T, bump(1, S), Quote, Name, parameter);
parameter_value(T, S, _) -> external_id(T, S).

entity_value([], S, Name) ->
    more(S, fun(B, S1) -> entity_value(B, S1, Name) end);
entity_value([Quote | T], S, Name) when Quote =:= $'; Quote =:= $" ->
    {Value, T1, S1} =
        xmerl_scan_entity:whole_value(T, bump(1, S), Quote, Name, general),
    {Value, internal, T1, S1};
entity_value(T, S, Name) ->
    {Id, T1, S1} = external_id(T, S),
    case ndata(T1, S1) of
        {[], T2, S2} -> fetch_entity(Id, T2, S2, Name);
        {NData, T2, S2} -> {{Id, NData}, external, T2, S2}
    end.

%% An entity whose file is missing is an error when it is used only.
fetch_entity(Id, T, S, Name) ->
    Options = [{text_decl, true}, {environment, {external, {entity, Name}}}],
    case xmerl_scan_entity:fetch_and_parse(Id, S, Options) of
        {{_, Text}, _, _} -> {Text, external, T, S};
        {Text, _, #xmerl_scanner{entity_references = New}} ->
            Refs = S#xmerl_scanner.entity_references ++ New,
            {Text, external, T, S#xmerl_scanner{entity_references = Refs}};
        {error, enoent} -> {{error, enoent}, external, T, S}
    end.

ndata([], S) -> more(S, fun ndata/2);
ndata([$> | _] = T, S) -> {[], T, S};
ndata(T, S) ->
    case must_strip(T, S) of
        {[$> | _] = T1, S1} -> {[], T1, S1};
        {"NDATA" ++ T1, S1} ->
            {T2, S2} = must_strip(T1, bump(5, S1)),
            {Name, _, T3, S3} = notation_name(T2, S2),
            {{ndata, Name}, T3, S3}
    end.

%% Notations

notation(T, #xmerl_scanner{rules_read_fun = Read, rules_write_fun = Write,
                           rules_delete_fun = Delete} = S) ->
    {Name, _, T1, S1} = name_no_colons(T, S),
    {T2, S2} = must_strip(T1, S1),
    {Id, T3, S3} = notation_id(T2, S2),
    {T4, S4} = strip(T3, S3),
    T5 = expect(">", T4, S4, expected_end_tag_notation_declaration),
    Read(notation, Name, S) =:= undeclared andalso
        Delete(notation, Name, S4),
    {T5, Write(notation, Name, Id, S4)}.

notation_id([], S) -> more(S, fun notation_id/2);
notation_id("SYSTEM" ++ _ = T, S) -> external_id(T, S);
notation_id("PUBLIC" ++ T, S) ->
    {T1, S1} = must_strip(T, bump(6, S)),
    {Public, T2, S2} = public_literal(T1, S1),
    case strip(T2, S2) of
        {[$> | _] = T3, S3} -> {{public, Public}, T3, bump(1, S3)};
        {T3, S3} ->
            {System, T4, S4} = system_literal(T3, S3),
            {{public, Public, System}, T4, S4}
    end.
