%% SPDX-License-Identifier: Apache-2.0
%% Forms of XML data and the ways between them: the simple form
%% ({Tag, Attributes, Content}, {Tag, Content}, Tag, strings) and records;
%% marked-up text; walks over a tree; the encoding of a text by its first
%% bytes.
-module(xmerl_lib).
-export([normalize_content/1, normalize_content/3, normalize_element/1,
         normalize_element/3, expand_content/1, expand_content/3,
         expand_element/1, expand_element/3, expand_attributes/1,
         expand_attributes/3, simplify_element/1, simplify_content/1]).
-export([export_text/1, flatten_text/1, export_attribute/1, markup/2,
         markup/3, start_tag/1, start_tag/2, end_tag/1, empty_tag/1,
         empty_tag/2, is_empty_data/1, find_attribute/2,
         remove_whitespace/1, to_lower/1]).
-export([mapxml/2, foldxml/3, mapfoldxml/3]).
-export([is_letter/1, is_namechar/1, is_ncname/1, is_name/1, is_char/1,
         detect_charset/1, detect_charset/2]).
-export([is_facet/1, is_builtin_simple_type/1, is_xsd_string/1]).
-include("xmerl.hrl").

%% Text: deep lists of characters and binaries

flatten_text(Text) -> replaced(Text, [], fun(C) -> [C] end).

export_text(Text) -> replaced(Text, [], fun escape_text/1).

export_attribute(I) when is_integer(I) -> integer_to_list(I);
export_attribute(A) when is_atom(A) -> export_attribute(atom_to_list(A));
export_attribute(Text) -> replaced(Text, [], fun escape_attribute/1).

escape_text($<) -> "&lt;";
escape_text($>) -> "&gt;";
escape_text($&) -> "&amp;";
escape_text(C) -> [C].

escape_attribute($<) -> "&lt;";
escape_attribute($&) -> "&amp;";
escape_attribute($") -> "&quot;";
escape_attribute(C) -> [C].

%% One flat string; Rest is what lists around the first one hold still.
replaced([C | T], Rest, F) when is_integer(C) ->
    F(C) ++ replaced(T, Rest, F);
replaced([Text | T], Rest, F) -> replaced(Text, [T | Rest], F);
replaced([], [Text | Rest], F) -> replaced(Text, Rest, F);
replaced([], [], _) -> [];
replaced(Bytes, Rest, F) -> replaced(binary_to_list(Bytes), Rest, F).

to_lower(Text) ->
    [if C >= $A, C =< $Z -> C + $a - $A; true -> C end || C <- Text].

%% From the simple form to records, with positions and parents; normalizing
%% flattens texts as well

normalize_element(Element) -> normalize_element(Element, 1, []).
normalize_element(Element, Pos, Parents) ->
    element(Element, Pos, Parents, true).

expand_element(Element) -> expand_element(Element, 1, []).
expand_element(Element, Pos, Parents) ->
    element(Element, Pos, Parents, false).

normalize_content(Content) -> normalize_content(Content, 1, []).
normalize_content(Content, Pos, Parents) ->
    content(Content, Pos, Parents, true).

expand_content(Content) -> expand_content(Content, 1, []).
expand_content(Content, Pos, Parents) ->
    content(Content, Pos, Parents, false).

element(#xmlElement{name = Name, content = Content,
                    attributes = Attributes} = E, Pos, Parents, Flat) ->
    Inner = [{Name, Pos} | Parents],
    E#xmlElement{pos = Pos, parents = Parents,
                 attributes = expand_attributes(Attributes, 1, Inner),
                 content = content(Content, 1, Inner, Flat)};
element(#xmlText{value = Text} = E, Pos, Parents, Flat) ->
    E#xmlText{pos = Pos, parents = Parents, value = text(Text, Flat)};
element(#xmlPI{value = Text} = E, Pos, Parents, Flat) ->
    E#xmlPI{pos = Pos, parents = Parents, value = text(Text, Flat)};
element(#xmlComment{value = Text} = E, Pos, Parents, Flat) ->
    E#xmlComment{pos = Pos, parents = Parents, value = text(Text, Flat)};
element(#xmlDecl{attributes = Attributes} = E, _, _, _) ->
    E#xmlDecl{attributes = expand_attributes(Attributes, 1, [])};
element({Tag, Attributes, Content}, Pos, Parents, Flat) when is_atom(Tag) ->
    Inner = [{Tag, Pos} | Parents],
    #xmlElement{name = Tag, pos = Pos, parents = Parents,
                attributes = expand_attributes(Attributes, 1, Inner),
                content = content(Content, 1, Inner, Flat)};
element({Tag, Content}, Pos, Parents, Flat) when is_atom(Tag) ->
    element({Tag, [], Content}, Pos, Parents, Flat);
element(Tag, Pos, Parents, Flat) when is_atom(Tag) ->
    element({Tag, [], []}, Pos, Parents, Flat);
element(Text, Pos, Parents, Flat) when is_list(Text) ->
    #xmlText{pos = Pos, parents = Parents, value = text(Text, Flat)}.

text(Text, false) -> Text;
text(Text, true) -> flatten_text(Text).

%% {List} stands for its members, {Fun, State} for what Fun makes on demand.
content([{Content} | T], Pos, Parents, Flat) ->
    content(Content ++ T, Pos, Parents, Flat);
content([{F, State} | T], Pos, Parents, Flat) when is_function(F) ->
    case F(State) of
        done -> content(T, Pos, Parents, Flat);
        {Item, State1} -> content([{F, State1}, Item | T], Pos, Parents, Flat)
    end;
content([H | T], Pos, Parents, Flat) ->
    [element(H, Pos, Parents, Flat) | content(T, Pos + 1, Parents, Flat)];
content([], _, _, _) -> [].

expand_attributes(Attributes) -> expand_attributes(Attributes, 1, []).

expand_attributes([#xmlAttribute{value = Value} = A | T], Pos, Parents) ->
    [A#xmlAttribute{pos = Pos, value = expand_value(Value)}
     | expand_attributes(T, Pos + 1, Parents)];
expand_attributes([{F, State} | T], Pos, Parents) when is_function(F) ->
    case F(State) of
        done -> expand_attributes(T, Pos, Parents);
        {A, State1} -> expand_attributes([{F, State1}, A | T], Pos, Parents)
    end;
expand_attributes([{Name, Value} | T], Pos, Parents) ->
    [#xmlAttribute{name = Name, pos = Pos, parents = Parents,
                   value = expand_value(Value)}
     | expand_attributes(T, Pos + 1, Parents)];
expand_attributes([], _, _) -> [].

expand_value(Value) when is_atom(Value) -> atom_to_list(Value);
expand_value(Value) when is_integer(Value) -> integer_to_list(Value);
expand_value(Value) -> flatten_text(Value).

%% From records to the simple form

simplify_element(#xmlElement{name = Name, expanded_name = Expanded,
                             attributes = Attributes, content = Content}) ->
    Tag = case Expanded of [] -> Name; _ -> Expanded end,
    {Tag, simplify_attributes(Attributes), simplify_content(Content)};
simplify_element(#xmlText{value = Text}) -> Text;
simplify_element({Tag, Attributes, Content}) when is_atom(Tag) ->
    {Tag, simplify_attributes(Attributes), simplify_content(Content)};
simplify_element({Tag, Content}) when is_atom(Tag) ->
    {Tag, [], simplify_content(Content)};
simplify_element(Tag) when is_atom(Tag) -> {Tag, [], []};
simplify_element(Text) when is_list(Text) -> Text.

simplify_content([H | T])
  when is_record(H, xmlPI); is_record(H, xmlComment);
       is_record(H, xmlDecl) ->
    simplify_content(T);
simplify_content([H | T]) -> [simplify_element(H) | simplify_content(T)];
simplify_content([]) -> [].

simplify_attributes([#xmlAttribute{name = Name, value = Value} | T])
  when is_atom(Name) ->
    [{Name, expand_value(Value)} | simplify_attributes(T)];
simplify_attributes([{Name, _} = A | T]) when is_atom(Name) ->
    [A | simplify_attributes(T)];
simplify_attributes([]) -> [].

%% Marked-up text

markup(Tag, Data) -> markup(Tag, [], Data).

markup(Tag, Attributes, []) -> empty_tag(Tag, Attributes);
markup(Tag, Attributes, Data) ->
    [start_tag(Tag, Attributes), Data, end_tag(Tag)].

start_tag(Tag) -> start_tag(Tag, []).
start_tag(Tag, Attributes) -> tag(Tag, Attributes, ">").

empty_tag(Tag) -> empty_tag(Tag, []).
empty_tag(Tag, Attributes) -> tag(Tag, Attributes, "/>").

end_tag(Tag) when is_atom(Tag) -> end_tag(atom_to_list(Tag));
end_tag(Tag) -> ["</", Tag, ">"].

tag(Tag, Attributes, End) when is_atom(Tag) ->
    tag(atom_to_list(Tag), Attributes, End);
tag(Tag, [], End) -> ["<", Tag, End];
tag(Tag, Attributes, End) ->
    ["<", Tag,
     [[" ", atom_to_list(Name), "=\"", export_attribute(Value), "\""]
      || #xmlAttribute{name = Name, value = Value} <- all(Attributes)], End].

%% Anything but attributes is an error, not skipped.
all(Attributes) ->
    [#xmlAttribute{} = A || A <- Attributes].

find_attribute(Name, Attributes) ->
    case lists:keyfind(Name, #xmlAttribute.name, Attributes) of
        #xmlAttribute{value = Value} -> {value, Value};
        false -> false
    end.

is_empty_data([]) -> true;
is_empty_data([H | T]) -> is_empty_data(H) andalso is_empty_data(T);
is_empty_data(_) -> false.

remove_whitespace([#xmlText{value = " "} | T]) -> remove_whitespace(T);
remove_whitespace([#xmlElement{content = Content} = E | T]) ->
    [E#xmlElement{content = remove_whitespace(Content)}
     | remove_whitespace(T)];
remove_whitespace([H | T]) -> [H | remove_whitespace(T)];
remove_whitespace([]) -> [].

%% Walks, each element before its content

mapxml(F, #xmlElement{} = E) ->
    #xmlElement{content = Content} = E1 = F(E),
    E1#xmlElement{content = mapxml(F, lists:flatten(Content))};
mapxml(F, List) when is_list(List) -> [mapxml(F, E) || E <- List];
mapxml(F, E) -> F(E).

foldxml(F, Acc, #xmlElement{content = Content} = E) ->
    foldxml(F, F(E, Acc), Content);
foldxml(F, Acc, List) when is_list(List) ->
    lists:foldl(fun(E, A) -> foldxml(F, A, E) end, Acc, List);
foldxml(F, Acc, E) -> F(E, Acc).

mapfoldxml(F, Acc, #xmlElement{} = E) ->
    {#xmlElement{content = Content} = E1, Acc1} = F(E, Acc),
    {Content1, Acc2} = mapfoldxml(F, Acc1, lists:flatten(Content)),
    {E1#xmlElement{content = Content1}, Acc2};
mapfoldxml(F, Acc, List) when is_list(List) ->
    lists:mapfoldl(fun(E, A) -> mapfoldxml(F, A, E) end, Acc, List);
mapfoldxml(F, Acc, E) -> F(E, Acc).

%% Characters

is_char(C) -> xmerl_chars:is_char(C).
is_letter(C) -> xmerl_chars:is_letter(C).
is_namechar(C) -> xmerl_chars:is_namechar(C).
is_name(Name) -> xmerl_chars:is_name(Name).
is_ncname(Name) -> xmerl_chars:is_ncname(Name).

%% The encoding

detect_charset(Text) -> detect_charset(undefined, Text).

%% {auto | external | undefined, Charset, Text}: found out by the first
%% bytes, and decoded then, or said by the caller, or neither.
detect_charset(Given, Text) when is_list(Given) ->
    detect_charset(list_to_atom(Given), Text);
detect_charset(Given, Text) ->
    case marked(Text, Given) of
        {Decode, Rest} ->
            How = case Given of undefined -> auto; _ -> external end,
            {How, 'iso-10646-utf-1', Decode(Rest)};
        false when Given =:= undefined -> {undefined, undefined, Text};
        false -> {external, Given, Text}
    end.

%% The decoder that a byte order mark, or < in wide characters, asks for,
%% where the caller's word does not speak against it.
marked([0, 0, 16#fe, 16#ff | T], G) ->
    known(G, 'iso-10646-utf-1', fun xmerl_ucs:from_ucs4be/1, T);
marked([16#ff, 16#fe, 0, 0 | T], G)
  when G =:= undefined; G =:= 'iso-10646-utf-1' ->
    {fun xmerl_ucs:from_ucs4le/1, T};
marked([16#fe, 16#ff | T], 'utf-8') -> {fun xmerl_ucs:from_utf16be/1, T};
marked([16#ff, 16#fe | T], 'utf-8') -> {fun xmerl_ucs:from_utf16le/1, T};
marked([16#fe, 16#ff | T], G) ->
    known(G, 'utf-16be', fun xmerl_ucs:from_utf16be/1, T);
marked([16#ff, 16#fe | T], G) ->
    known(G, 'utf-16le', fun xmerl_ucs:from_utf16le/1, T);
marked([16#ef, 16#bb, 16#bf | T], G) ->
    known(G, 'utf-8', fun xmerl_ucs:from_utf8/1, T);
marked([0, 0, 0, $< | _] = T, G) ->
    known(G, 'iso-10646-utf-1', fun xmerl_ucs:from_ucs4be/1, T);
marked([$<, 0, 0, 0 | _] = T, G) ->
    known(G, 'iso-10646-utf-1', fun xmerl_ucs:from_ucs4le/1, T);
marked([0, $<, 0, $? | _] = T, G) ->
    known(G, 'utf-16be', fun xmerl_ucs:from_utf16be/1, T);
marked([$<, 0, $?, 0 | _] = T, G) ->
    known(G, 'utf-16le', fun xmerl_ucs:from_utf16le/1, T);
marked(_, _) -> false.

known(Given, Charset, Decode, T)
  when Given =:= undefined; Given =:= Charset -> {Decode, T};
known(_, _, _, _) -> false.

%% Names of XML Schema

is_facet(Name) ->
    lists:member(Name, [length, minLength, maxLength, pattern, enumeration,
                        whiteSpace, maxInclusive, maxExclusive, minInclusive,
                        minExclusive, totalDigits, fractionDigits]).

-define(XSD, 'http://www.w3.org/2001/XMLSchema').

is_builtin_simple_type({Type, _, ?XSD}) when is_atom(Type) ->
    is_builtin_simple_type(atom_to_list(Type));
is_builtin_simple_type({Type, _, ?XSD}) -> is_builtin_simple_type(Type);
is_builtin_simple_type({_, _, _}) -> false;
is_builtin_simple_type(Type) ->
    is_string_type(Type) orelse
        lists:member(Type,
                     ["base64Binary", "hexBinary", "integer",
                      "positiveInteger", "negativeInteger",
                      "nonNegativeInteger", "nonPositiveInteger", "long",
                      "unsignedLong", "int", "unsignedInt", "short",
                      "unsignedShort", "decimal", "float", "double",
                      "boolean", "duration", "dateTime", "date", "time",
                      "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay",
                      "QName", "anyURI", "NOTATION", "ENTITIES", "byte",
                      "unsignedByte"]).

is_xsd_string({Type, _, ?XSD}) -> is_xsd_string(Type);
is_xsd_string({_, _, _}) -> false;
is_xsd_string(Type) when is_atom(Type) -> is_xsd_string(atom_to_list(Type));
is_xsd_string("ENTITIES") -> true;
is_xsd_string(Type) -> is_string_type(Type).

is_string_type(Type) ->
    lists:member(Type, ["string", "normalizedString", "token", "language",
                        "Name", "NMTOKEN", "NMTOKENS", "NCName", "ID",
                        "IDREF", "IDREFS", "ENTITY"]).
