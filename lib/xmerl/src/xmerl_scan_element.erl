%% SPDX-License-Identifier: Apache-2.0
%% Elements, their attributes and their content.
%%
%% A start tag is collected in #tag{}; what its content needs of the elements
%% around it goes down in #within{}.
-module(xmerl_scan_element).
-export([attribute_value/3, content/7, element/3]).
-include("xmerl.hrl").
-import(xmerl_scan_text, [add/4, bump/2, encoded/2, event/3, fatal/3, more/2,
                          name/2, next/2, strip/2]).

-record(tag, {name, info, pos, line, col, attributes = [], space, language,
              parents, namespace}).
-record(within, {name, space, language, parents, namespace}).

%% The root, after its <.
element(T, #xmerl_scanner{space = Space} = S, Pos) ->
    element(T, S, Pos, #within{space = Space, language = [], parents = [],
                               namespace = #xmlNamespace{}}).

element(T, #xmerl_scanner{line = Line, col = Col} = S, Pos, W) ->
    {Name, Info, T1, S1} = name(T, S),
    check_element(Name, Info, S),
    {T2, S2} = strip(T1, S1),
    tag(T2, S2, #tag{name = Name, info = Info, pos = Pos, line = Line,
                     col = Col, space = W#within.space,
                     language = W#within.language,
                     parents = W#within.parents,
                     namespace = W#within.namespace}).

check_element(_, {"xmlns", _},
              #xmerl_scanner{namespace_conformant = true} = S) ->
    fatal(3474, {error, {illegal_element_prefix, xmlns}}, S);
check_element(_, _, #xmerl_scanner{environment = internal_parsed_entity}) ->
    ok;
check_element(Name, _, #xmerl_scanner{validation = dtd,
                                      rules_read_fun = Read} = S) ->
    Missing = {error, {error_missing_element_declaration_in_DTD, Name}},
    case Read(elem_def, Name, S) of
        #xmlElement{elementdef = undeclared} -> fatal(3484, Missing, S);
        undefined -> fatal(3485, Missing, S);
        _ -> ok
    end;
check_element(_, _, _) -> ok.

%% The rest of a start tag: attributes, then its end.
tag(T, S, Tag) when T =:= []; T =:= "/"; T =:= ">" ->
    more(S, fun(B, S1) -> tag(T ++ B, S1, Tag) end);
tag("/>" ++ T, S, Tag) -> empty_element(T, S, Tag);
tag(">" ++ T, S, Tag) -> full_element(T, S, Tag);
tag(T, S, Tag) ->
    {Name, Info, T1, S1} = name(T, S),
    {T2, S2} = xmerl_scan_dtd:equals(T1, S1),
    Type = attribute_type(S2, Name, Tag#tag.name),
    {Value, T3, S3, Folded} = attribute_value(T2, S2, Type),
    Namespace = bind_namespace(Name, Info, Value, Tag#tag.namespace),
    {T4, S4} = attribute_end(T3, S3),
    {T5, S5} = strip(T4, S4),
    Attribute = #xmlAttribute{name = Name, parents = inside(Tag),
                              pos = attribute_pos(Tag#tag.attributes),
                              language = Tag#tag.language, nsinfo = Info,
                              value = Value, normalized = Folded},
    S6 = event(ended, Attribute, based(Name, Value, S5, S)),
    tag(T5, S6,
        Tag#tag{attributes = [Attribute | Tag#tag.attributes],
                namespace = Namespace}).

%% xml:base moves what is relative; the cache is what it was before this
%% attribute, and comes back after the element.
based(Name, Value, #xmerl_scanner{xmlbase = Base} = S,
      #xmerl_scanner{xmlbase = Before}) ->
    Base1 = case Name of
                'xml:base' -> resolve(Value, Base);
                _ -> Base
            end,
    S#xmerl_scanner{xmlbase = Base1, xmlbase_cache = Before}.

resolve("/" ++ _ = Path, Base) ->
    case xmerl_uri:parse(Base) of
        {error, _} -> Path;
        {Scheme, Host, Port, _, _} ->
            atom_to_list(Scheme) ++ Host ++ ":" ++ integer_to_list(Port)
                ++ Path
    end;
resolve(Path, Base) -> filename:join(Base, Path).

inside(#tag{name = Name, pos = Pos, parents = Parents}) ->
    [{Name, Pos} | Parents].

attribute_pos([]) -> 1;
attribute_pos([#xmlAttribute{pos = Pos} | _]) -> Pos + 1.

attribute_end([], S) -> more(S, fun attribute_end/2);
attribute_end([C | _] = T, S) when ?whitespace(C); C =:= $/; C =:= $> ->
    {T, S};
attribute_end(_, S) -> fatal(3455, {whitespace_required_between_attributes}, S).

attribute_type(#xmerl_scanner{rules_read_fun = Read} = S, Name, Element) ->
    case Read(elem_def, Element, S) of
        #xmlElement{attributes = Declared} ->
            case lists:keyfind(Name, 1, Declared) of
                {_, Type, _, _, _} -> Type;
                false -> 'CDATA'
            end;
        _ -> 'CDATA'
    end.

bind_namespace(xmlns, _, URI, Namespace) ->
    Namespace#xmlNamespace{default = list_to_atom(URI)};
bind_namespace(_, {"xmlns", Prefix}, URI,
               #xmlNamespace{nodes = Nodes} = Namespace) ->
    New = {Prefix, list_to_atom(URI)},
    Namespace#xmlNamespace{nodes = lists:keystore(Prefix, 1, Nodes, New)};
bind_namespace(_, _, _, Namespace) -> Namespace.

%% The element that a tag begins, without content.
tagged(S, #tag{attributes = Attributes} = Tag) ->
    Element = whole(S, Tag#tag{attributes = lists:reverse(Attributes)}),
    check_unique(Element#xmlElement.attributes, S),
    Element.

empty_element(T, #xmerl_scanner{event_fun = F, hook_fun = Hook} = S0, Tag) ->
    #xmerl_scanner{line = Line, col = Col, xmlbase_cache = Base} = S0,
    Element = tagged(bump(2, S0), Tag),
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = ended, line = Line, col = Col,
                       data = Element}, S0),
    {Result, S2} = Hook(Element, S1),
    {Result, T, S2#xmerl_scanner{xmlbase = Base}}.

full_element(T, #xmerl_scanner{event_fun = F, hook_fun = Hook} = S0, Tag) ->
    #xmerl_scanner{line = Line, col = Col, xmlbase_cache = Base} = S0,
    S = bump(1, S0),
    Element = tagged(S, Tag),
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = started, line = Tag#tag.line,
                       col = Tag#tag.col, data = Element}, S),
    {Content, T1, S2} = content(T, S1, within(Element, Tag, S0), 1, [], []),
    Full = Element#xmlElement{content = Content},
    #xmerl_scanner{} = S3 =
        F(#xmerl_event{event = ended, line = Line, col = Col, data = Full},
          S2),
    {Result, S4} = Hook(Full, S3),
    {Result, T1, S4#xmerl_scanner{xmlbase = Base}}.

within(#xmlElement{attributes = Attributes, language = Language}, Tag,
       #xmerl_scanner{space = Option}) ->
    Space = case lists:keyfind('xml:space', #xmlAttribute.name, Attributes) of
                #xmlAttribute{value = "default"} -> Option;
                #xmlAttribute{value = "preserve"} -> preserve;
                _ -> Tag#tag.space
            end,
    #within{name = Tag#tag.name, space = Space, language = Language,
            parents = inside(Tag), namespace = Tag#tag.namespace}.

%% The element without its content; names are expanded when all of its
%% attributes are known, as any of them may declare a namespace.
whole(#xmerl_scanner{xmlbase = Base} = S,
      #tag{name = Name, info = Info, namespace = Namespace} = Tag) ->
    All = Tag#tag.attributes ++ defaults(S, Tag),
    {Expanded, Attributes} =
        case S#xmerl_scanner.namespace_conformant of
            true ->
                Named = [expand_attribute(A, Namespace, S) || A <- All],
                {expanded_name(Name, Info, Namespace, S), Named};
            false -> {Name, All}
        end,
    #xmlElement{name = Name, xmlbase = Base, pos = Tag#tag.pos,
                parents = Tag#tag.parents, attributes = Attributes,
                language = language(Tag), expanded_name = Expanded,
                nsinfo = Info, namespace = Namespace}.

language(#tag{attributes = Attributes, language = Outer}) ->
    case lists:keyfind('xml:lang', #xmlAttribute.name, Attributes) of
        #xmlAttribute{value = Language} -> Language;
        false -> Outer
    end.

defaults(#xmerl_scanner{default_attrs = false}, _) -> [];
defaults(#xmerl_scanner{rules_read_fun = Read} = S, Tag) ->
    Declared = case Read(elem_def, Tag#tag.name, S) of
                   #xmlElement{attributes = Attributes} -> Attributes;
                   _ -> []
               end,
    [#xmlAttribute{name = Name, parents = inside(Tag),
                   language = Tag#tag.language, nsinfo = Tag#tag.info,
                   namespace = Tag#tag.namespace, value = Value,
                   normalized = true}
     || {Name, _, Value, _, _} <- Declared, Value =/= no_value,
        not lists:keymember(Name, #xmlAttribute.name, Tag#tag.attributes)].

%% The default namespace is not for attributes.
expand_attribute(#xmlAttribute{name = Name, nsinfo = Info} = A, Namespace,
                 S) ->
    Bare = Namespace#xmlNamespace{default = []},
    A#xmlAttribute{namespace = Namespace,
                   expanded_name = expanded_name(Name, Info, Bare, S)}.

-define(XML, 'http://www.w3.org/XML/1998/namespace').
-define(XMLNS, 'http://www.w3.org/2000/xmlns/').

expanded_name(Name, [], #xmlNamespace{default = Default}, S) ->
    case Default of
        [] -> Name;
        ?XML ->
            fatal(2306, cannot_bind_default_namespace_to_xml_namespace_name,
                  S);
        ?XMLNS ->
            fatal(2308, cannot_bind_default_namespace_to_xmlns_namespace_name,
                  S);
        _ -> {Default, Name}
    end;
expanded_name(Name, {"xmlns", Local} = Info, #xmlNamespace{nodes = Nodes},
              S) ->
    {_, URI} = lists:keyfind(Local, 1, Nodes),
    check_binding(Name, Local, URI, S),
    Info;
expanded_name(_, {"xml", Local}, _, _) -> {?XML, list_to_atom(Local)};
expanded_name(_, {Prefix, Local}, #xmlNamespace{nodes = Nodes}, S) ->
    case lists:keyfind(Prefix, 1, Nodes) of
        {_, URI} -> {URI, list_to_atom(Local)};
        false -> fatal(2340, {namespace_prefix_not_declared, Prefix}, S)
    end.

check_binding('xmlns:xml', _, ?XML, _) -> ok;
check_binding('xmlns:xml', _, URI, S) ->
    fatal(2318, {xml_prefix_cannot_be_redeclared, URI}, S);
check_binding('xmlns:xmlns', _, URI, S) ->
    fatal(2320, {xmlns_prefix_cannot_be_declared, URI}, S);
check_binding(_, Local, ?XML, S) ->
    fatal(2324, {cannot_bind_prefix_to_xml_namespace, Local}, S);
check_binding(_, Local, ?XMLNS, S) ->
    fatal(2326, {cannot_bind_prefix_to_xmlns_namespace, Local}, S);
check_binding(_, _, _, _) -> ok.

check_unique([], _) -> ok;
check_unique([#xmlAttribute{name = Name, expanded_name = Expanded} | Rest],
             S) ->
    lists:keymember(Name, #xmlAttribute.name, Rest) andalso
        fatal(3415, {error, {unique_att_spec_required, Name}}, S),
    S#xmerl_scanner.namespace_conformant andalso
        lists:keymember(Expanded, #xmlAttribute.expanded_name, Rest) andalso
        fatal(3420, {error, {unique_att_spec_required, Expanded}}, S),
    check_unique(Rest, S).

%% Values of attributes

%% {Value, Rest, S, Folded}: white space becomes blanks, and in all types but
%% 'CDATA' runs of it become one.
attribute_value([], S, Type) ->
    more(S, fun(B, S1) -> attribute_value(B, S1, Type) end);
attribute_value("%" ++ _, #xmerl_scanner{environment = prolog} = S, _) ->
    fatal(2359, {error, {wfc_PEs_In_Internal_Subset}}, S);
attribute_value("%" ++ T, S0, Type) ->
    {Name, T1, S} = xmerl_scan_entity:pe_reference(T, bump(1, S0)),
    {Text, S1} = xmerl_scan_entity:attribute_value(Name, S, S0),
    {T2, S2} = strip(Text ++ T1, S1),
    attribute_value(T2, S2, Type);
attribute_value([Quote | T], S, 'CDATA')
  when Quote =:= $"; Quote =:= $' ->
    value(T, bump(1, S), {Quote, 'CDATA'}, [], [], false);
attribute_value([Quote | T], S, Type) when Quote =:= $"; Quote =:= $' ->
    {T1, S1, Folded} = fold(T, bump(1, S), false),
    value(T1, S1, {Quote, Type}, [], [], Folded).

%% Acc is the value, Word what of it came since the last blank, both in
%% reverse.
value([], S, Kind, Acc, Word, Folded) ->
    more(S, fun(B, S1) -> value(B, S1, Kind, Acc, Word, Folded) end);
value([Quote | T], S0, {Quote, Type}, Acc, Word, Folded) ->
    S = bump(1, S0),
    xmerl_scan_valid:check_value(Word, Type, S),
    {Acc1, S1, Folded1} = case Type of
                              'CDATA' -> {Acc, S, Folded};
                              _ -> fold(Acc, S, Folded)
                          end,
    {lists:flatten(lists:reverse(Acc1)), T, S1, Folded1};
value([$& | T], S, Kind, Acc, Word, Folded) ->
    value_reference(T, bump(1, S), Kind, Acc, Word, Folded);
value([$< | _], S, _, _, _, _) -> fatal(2435, unexpected_char, S);
value([C | T], S0, {_, Type} = Kind, Acc, Word, Folded)
  when ?whitespace(C) ->
    S = bump(1, S0),
    case Type of
        'CDATA' -> value(T, S, Kind, [$\s | Acc], [], Folded);
        _ ->
            {T1, S1, Folded1} = fold(T, S, Folded),
            xmerl_scan_valid:check_value(Word, Type, S1),
            value(T1, S1, Kind, [$\s | Acc], [], Folded1)
    end;
value(T, S, Kind, Acc, Word, Folded) ->
    value_char(T, S, Kind, Acc, Word, Folded).

value_char([C | _] = T, #xmerl_scanner{validation = Mode} = S, Kind, Acc,
           Word, Folded) when Mode =/= dtd, C >= $a, C =< $z ->
    {T1, N, Acc1} = xmerl_scan_text:skip(T, 0, Acc),
    value(T1, bump(N, S), Kind, Acc1, Word, Folded);
value_char(T, S0, {_, Type} = Kind, Acc, Word, Folded) ->
    S = bump(1, S0),
    {C, T1} = next(S#xmerl_scanner.encoding, T),
    xmerl_scan_valid:check_char(Type, C, S),
    value(T1, S, Kind, [C | Acc], [C | Word], Folded).

value_reference(T, S, Kind, Acc, Word, Folded) ->
    {Text, T1, S1} = xmerl_scan_entity:reference(T, S),
    case xmerl_scan_entity:escape(Text) of
        true -> value(T1, S1, Kind, [Text | Acc], [Text | Word], Folded);
        false when hd(T) =:= $# ->
            %% a character by its number is no white space to fold, but
            %% what follows it is
            {T2, S2, Folded1} =
                case Text of
                    [C | _] when ?whitespace(C) -> fold(T1, S1, Folded);
                    _ -> {T1, S1, Folded}
                end,
            value(T2, S2, Kind, Text ++ Acc, Word, Folded1);
        false ->
            Put = encoded(S#xmerl_scanner.encoding, Text),
            value(Put ++ T1, S1, Kind, Acc, Word, Folded)
    end.

%% Skips white space, also such as references stand for.
fold("&" ++ T, S, Folded) ->
    case xmerl_scan_entity:reference(T, S) of
        {[C | _] = Text, T1, S1} when ?whitespace(C) ->
            fold(encoded(S#xmerl_scanner.encoding, Text) ++ T1, S1, Folded);
        _ -> {"&" ++ T, S, Folded}
    end;
fold(T, S, Folded) ->
    case strip(T, S) of
        {T, S} -> {T, S, Folded};
        {T1, S1} -> fold(T1, S1, true)
    end.

%% Content

%% Content with no element around it: that of an entity.
content(T, S, Name, Space, Language, Parents, Namespace) ->
    content(T, S, #within{name = Name, space = Space, language = Language,
                          parents = Parents, namespace = Namespace},
            1, [], []).

%% {Content, Rest, S} up to the end tag. Mark is a mark of XML which was
%% written as a reference, and so is data when it comes next.
content("<", S, W, Pos, Acc, _) ->
    more(S, fun(B, S1) -> content("<" ++ B, S1, W, Pos, Acc, []) end);
content([], S, W, Pos, Acc, _) ->
    case looked_through(S) of
        true -> {lists:reverse(Acc), [], S};
        false -> more(S, fun(B, S1) -> content(B, S1, W, Pos, Acc, []) end)
    end;
content("</" ++ T, S, W, _, Acc, []) -> end_tag(T, bump(2, S), W, Acc);
content([$& | T], S, W, Pos, Acc, Mark) -> reference(T, S, W, Pos, Acc, Mark);
content("<!--" ++ T, S, W, Pos, Acc, []) ->
    #within{parents = Parents, language = Language} = W,
    {Comment, T1, S1} =
        xmerl_scan_text:comment(T, bump(4, S), Pos, Parents, Language),
    case S#xmerl_scanner.comments of
        true -> added(Comment, T1, S1, W, Pos, Acc);
        false -> content(T1, S1, W, Pos, Acc, [])
    end;
content([$< | T], S, W, Pos, Acc, []) ->
    {Item, T1, S1} = markup(T, bump(1, S), W, Pos),
    added(Item, T1, S1, W, Pos, Acc);
content([_ | T], #xmerl_scanner{environment = {external, {entity, _}}} = S,
        W, Pos, Acc, _) ->
    content(T, S, W, Pos, Acc, []);
content(T, S, W, Pos, Acc, Mark) -> text(T, S, W, Pos, Acc, Mark).

added(Item, T, S, W, Pos, Acc) ->
    {Acc1, Pos1, S1} = add(Item, Acc, Pos, S),
    content(T, S1, W, Pos1, Acc1, []).

%% Is the text an entity's, read to look for references only.
looked_through(#xmerl_scanner{environment = {external, {entity, _}}}) -> true;
looked_through(#xmerl_scanner{environment = internal_parsed_entity}) -> true;
looked_through(_) -> false.

end_tag(T, S, #within{name = Name}, Acc) ->
    {Named, _, T1, S1} = name(T, S),
    Named =:= Name orelse
        fatal(2560, {endtag_does_not_match,
                     {was, Named, should_have_been, Name}}, S),
    case strip(T1, S1) of
        {">" ++ T2, S2} -> {lists:reverse(Acc), T2, S2};
        _ -> fatal(2567, {error, {unexpected_end_of_STag}}, S)
    end.

%% After &, which an external entity's text is searched for.
reference(T, #xmerl_scanner{environment = {external, {entity, Name}}} = S, W,
          Pos, Acc, _) ->
    {_, T1, S1} = xmerl_scan_entity:whole_value([$& | T], S, [], Name, general),
    content(T1, S1, W, Pos, Acc, []);
reference(T, #xmerl_scanner{environment = internal_parsed_entity} = S, W,
          Pos, Acc, _) ->
    {_, T1, S1} = xmerl_scan_entity:reference(T, S),
    content(T1, S1, W, Pos, Acc, []);
reference(T, S, W, Pos, Acc, []) ->
    {Text, T1, S1} = xmerl_scan_entity:reference(T, bump(1, S)),
    case xmerl_scan_entity:escape(Text) of
        true -> content(Text ++ T1, S1, W, Pos, Acc, Text);
        false ->
            Put = encoded(S1#xmerl_scanner.encoding, Text),
            content(Put ++ T1, S1, W, Pos, Acc, [])
    end;
reference(T, S, W, Pos, Acc, Mark) -> text([$& | T], S, W, Pos, Acc, Mark).

markup([], S, W, Pos) -> more(S, fun(B, S1) -> markup(B, S1, W, Pos) end);
markup("![CDATA[" ++ T, S, #within{parents = Parents}, Pos) ->
    cdata(T, bump(8, S), Pos, Parents, []);
markup("?" ++ T, S, #within{parents = Parents}, Pos) ->
    xmerl_scan_text:pi(T, bump(1, S), Pos, Parents);
markup(T, S, W, Pos) -> element(T, S, Pos, W).

cdata([], S, Pos, Parents, Acc) ->
    more(S, fun(B, S1) -> cdata(B, S1, Pos, Parents, Acc) end);
cdata("]]>" ++ T, S, Pos, Parents, Acc) ->
    {#xmlText{pos = Pos, parents = Parents, value = lists:reverse(Acc),
              type = cdata}, T, bump(3, S)};
cdata(T, S, Pos, Parents, Acc) ->
    {C, T1} = next(S#xmerl_scanner.encoding, T),
    case xmerl_chars:is_char(C) of
        true -> cdata(T1, bump(1, S), Pos, Parents, [C | Acc]);
        false -> fatal(2750, {unexpected_char, C}, S)
    end.

%% A text, and the events and the hook for it.
text(T, #xmerl_scanner{event_fun = F, hook_fun = Hook} = S, W, Pos, Acc,
     Mark) ->
    Text = #xmlText{pos = Pos, parents = W#within.parents},
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = started, line = S#xmerl_scanner.line,
                       data = Text}, S),
    {Value, T1, S2} = characters(T, S1, W#within.space, Mark, []),
    {Result, S3} = Hook(Text#xmlText{value = Value}, S2),
    #xmerl_scanner{} = S4 =
        F(#xmerl_event{event = ended, line = S3#xmerl_scanner.line,
                       data = Result}, S3),
    added(Result, T1, S4, W, Pos, Acc).

%% Characters up to the next < or &, but for the one that is Mark.
characters([], S, Space, Mark, Acc) ->
    case looked_through(S) of
        true -> {lists:reverse(Acc), [], S};
        false ->
            more(S, fun(B, S1) -> characters(B, S1, Space, Mark, Acc) end)
    end;
characters([C | T], S, Space, [C], Acc) when C =:= $&; C =:= $< ->
    characters(T, S, Space, [], [C | Acc]);
characters([C | _] = T, S, _, _, Acc) when C =:= $&; C =:= $< ->
    {lists:reverse(Acc), T, S};
characters("]]>" ++ _, S, _, _, _) -> fatal(2696, unexpected_cdata_end, S);
characters([$\n, C | T], S, preserve, [], [])
  when C =:= $\s; C =:= $\t ->
    {Acc, T1, S1} = indentation(T, C, 1, S),
    characters(T1, S1, preserve, [], Acc);
characters([C | _] = T, S, Space, Mark, Acc) when ?whitespace(C) ->
    {Acc1, T1, S1} =
        xmerl_scan:accumulate_whitespace(T, S, Space, Acc),
    characters(T1, S1, Space, Mark, Acc1);
characters([C1, C2 | _], S, _, _, _) when ?non_character(C1, C2) ->
    fatal(2716, {error, {not_allowed_to_use_Unicode_noncharacters}}, S);
characters([C | _] = T, S, Space, Mark, Acc) when C >= $A, C =< $z ->
    {T1, N, Acc1} = xmerl_scan_text:skip(T, 0, Acc),
    characters_char(T1, S, Space, Mark, Acc1, N);
characters(T, S, Space, Mark, Acc) ->
    characters_char(T, S, Space, Mark, Acc, 0).

%% After a run of N characters: at least one more, if the run was none.
characters_char(T, S, Space, Mark, Acc, N) when N > 0 ->
    characters(T, bump(N, S), Space, Mark, Acc);
characters_char(T, S0, Space, Mark, Acc, 0) ->
    S = bump(1, S0),
    {C, T1} = xmerl_scan_text:char(T, S),
    characters(T1, S, Space, Mark, [C | Acc]).

%% A line's end and the N characters C after it, where text begins: columns
%% are counted from 0 here, and tabs as eight.
indentation([C | T], C, N, S) -> indentation(T, C, N + 1, S);
indentation(T, C, N, #xmerl_scanner{line = Line} = S) ->
    Col = case C of $\s -> N; $\t -> N * 8 + 1 end,
    xmerl_scan_text:accumulate_blanks(T, S, Line + 1, Col,
                                      lists:duplicate(N, C) ++ "\n").
