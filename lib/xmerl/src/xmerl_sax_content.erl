%% SPDX-License-Identifier: Apache-2.0
%% The SAX parser's document: prolog, elements and their content. Each part
%% sends its events and returns the text after it and the state.
-module(xmerl_sax_content).
-export([comment/3, document/2, entity/4, entity_content/4, pi/2,
         text_declaration/2]).
-include("xmerl_sax_parser.hrl").
-import(xmerl_sax_text, [attribute_value/2, equals/2, event/2, expected/3,
                         fatal/2, is_name_start/1, more/2, name/3,
                         ns_name/4, reference/3, space/2, word/3]).

-define(BLANK(C), C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r).


document([16#FEFF | T], S) -> document(T, S);
document(T, S) ->
    {T1, S1} = case word("<?xml", T, S) of
                   {true, Rest, S0} -> declaration(Rest, S0);
                   {false, Rest, S0} -> prolog(Rest, S0)
               end,
    {T2, S2} = misc(T1, S1),
    {ok, T2, S2}.

%% After <?xml

declaration([], S) ->
    {T, S1} = more([], S),
    declaration(T, S1);
declaration([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    {T2, S2} = version(T1, S1),
    {T3, S3} = declaration_rest(T2, S2),
    prolog(T3, S3);
declaration(T, S) -> prolog("<?xml" ++ T, S).

version([C | T], S) ->
    is_name_start(C) orelse
        expected([C | T], S, "expecting attribute version"),
    case name(T, S, [C]) of
        {"version", T1, S1} ->
            {T2, S2} = equals(T1, S1),
            {Version, T3, S3} = attribute_value(T2, S2),
            case Version of
                "1." ++ Minor ->
                    [] =/= [D || D <- Minor, D < $0 orelse D > $9] andalso
                        fatal(S3, "unsupported version: 1." ++ Minor),
                    {T3, S3};
                _ -> fatal(S3, "unsupported version: " ++ Version)
            end;
        {_, _, S1} -> fatal(S1, "expecting attribute version")
    end.

declaration_rest(T, S) when T =:= []; T =:= "?" ->
    {T1, S1} = more(T, S),
    declaration_rest(T1, S1);
declaration_rest("?>" ++ T, S) -> {T, S};
declaration_rest([C | _] = T, S) when ?BLANK(C) ->
    case space(T, S) of
        {"e" ++ T1, S1} ->
            {_, T2, S2} = declared("encoding", T1, S1, [$e]),
            case T2 of
                [B | _] when ?BLANK(B) ->
                    {T3, S3} = space(T2, S2),
                    standalone(T3, S3);
                _ -> declaration_rest(T2, S2)
            end;
        {T1, S1} -> standalone(T1, S1)
    end;
declaration_rest(T, S) ->
    expected(T, S, "expecting encoding, standalone, whitespace or ?>").

standalone("s" ++ T, S) ->
    {Value, T1, S1} = declared("standalone", T, S, [$s]),
    lists:member(Value, ["yes", "no"]) orelse
        fatal(S1, "Wrong value of attribute standalone in xml declaration,"
              " must be yes or no"),
    {T2, S2} = space(T1, S1),
    declaration_rest(T2, S2#sax{standalone = list_to_atom(Value)});
standalone(T, S) -> declaration_rest(T, S).

declared(Name, T, S, Acc) ->
    case name(T, S, Acc) of
        {Name, T1, S1} ->
            {T2, S2} = equals(T1, S1),
            attribute_value(T2, S2);
        {Other, _, S1} ->
            fatal(S1, "Attribute " ++ Other
                  ++ " not allowed in xml declaration")
    end.

%% The same at the head of an external entity; what is no such stays.
text_declaration(T, S) ->
    case word("<?xml", T, S) of
        {true, T1, S1} -> text_version(space(T1, S1));
        {false, T1, S1} -> {T1, S1}
    end.

text_version({"?>" ++ _, S}) -> fatal(S, "expecting attribute encoding");
text_version({"v" ++ T, S}) ->
    {_, T1, S1} = text_attribute("version", T, S, [$v]),
    text_encoding(space(T1, S1));
text_version({"e" ++ _, _} = Text) -> text_encoding(Text);
text_version({T, S}) ->
    expected(T, S, "expecting attribute encoding or version").

text_encoding({"e" ++ T, S}) ->
    {_, T1, S1} = text_attribute("encoding", T, S, [$e]),
    {T2, S2} = space(T1, S1),
    case word("?>", T2, S2) of
        {true, T3, S3} -> {T3, S3};
        {false, T3, S3} -> expected(T3, S3, "expecting ?>")
    end;
text_encoding({T, S}) -> expected(T, S, "expecting attribute encoding").

text_attribute(Name, T, S, Acc) ->
    case name(T, S, Acc) of
        {Name, T1, S1} ->
            {T2, S2} = equals(T1, S1),
            attribute_value(T2, S2);
        {_, _, S1} -> fatal(S1, "expecting attribute " ++ Name)
    end.

%% Before the root, and after it

prolog(T, S) when T =:= []; T =:= "<" ->
    {T1, S1} = more(T, S),
    prolog(T1, S1);
prolog("<?" ++ T, S) ->
    case pi(T, S) of
        {T1, S1} -> prolog(T1, S1);
        {endDocument, T1, S1} -> prolog(T1, S1)
    end;
prolog("<!" ++ T, S) ->
    case word("DOCTYPE", T, S) of
        {true, T1, S1} ->
            {T2, S2} = xmerl_sax_dtd:doctype(T1, S1),
            xmerl_sax_dtd:check_circles(S2),
            prolog(T2, event(endDTD, S2));
        {false, T1, S1} ->
            case word("--", T1, S1) of
                {true, T2, S2} ->
                    {T3, S3} = comment(T2, S2, []),
                    prolog(T3, S3);
                {false, T2, S2} ->
                    expected(T2, S2, "expecting comment or DOCTYPE")
            end
    end;
prolog("<" ++ T, S) -> start_tag(T, S);
prolog([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    prolog(T1, S1);
prolog(T, S) -> expected(T, S, "expecting < or whitespace").

misc([], S) -> {[], S};
misc(T, S) when T =:= "<"; T =:= "<!"; T =:= "<!-" ->
    {T1, S1} = more(T, S),
    misc(T1, S1);
misc("<?" ++ T, S) ->
    case pi(T, S) of
        {T1, S1} -> misc(T1, S1);
        {endDocument, _, S1} -> {"<?" ++ T, S1}
    end;
misc("<!--" ++ T, S) ->
    {T1, S1} = comment(T, S, []),
    misc(T1, S1);
misc([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    misc(T1, S1);
misc(T, S) -> {T, S}.

%% {endDocument, Text, S} where another document of a stream begins.
pi([], S) ->
    {T, S1} = more([], S),
    pi(T, S1);
pi([C | T] = All, S) ->
    is_name_start(C) orelse expected(All, S, "expecting name"),
    {Target, T1, S1} = name(T, S, [C]),
    case string:to_lower(Target) of
        "xml" ->
            is_document_end(S) orelse
                fatal(S1, "<?xml  ...?> not first in document"),
            {endDocument, All, S};
        _ ->
            {Data, T2, S2} = pi_gap(T1, S1),
            {T2, event({processingInstruction, Target, Data}, S2)}
    end.

is_document_end(#sax{input_type = stream, end_tags = []}) -> true;
is_document_end(_) -> false.

pi_gap(T, S) when T =:= []; T =:= "?" ->
    {T1, S1} = more(T, S),
    pi_gap(T1, S1);
pi_gap("?>" ++ T, S) -> {[], T, S};
pi_gap([C | _] = T, S) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    until("?>", T1, S1, [], fun(_) -> "not an character" end);
pi_gap(T, S) -> expected(T, S, "expecting whitespace or '?>'").

%% Text up to a mark, with line ends as \n.
until(Mark, T, S, Acc, Bad) ->
    case T =:= "\r" orelse lists:prefix(T, Mark) andalso T =/= Mark of
        true ->
            {T1, S1} = more(T, S),
            until(Mark, T1, S1, Acc, Bad);
        false ->
            case lists:prefix(Mark, T) of
                true ->
                    {lists:reverse(Acc), lists:nthtail(length(Mark), T), S};
                false -> until_next(Mark, T, S, Acc, Bad)
            end
    end.

until_next(Mark, [$\r, $\n | T], S, Acc, Bad) ->
    until_next(Mark, [$\n | T], S, Acc, Bad);
until_next(Mark, [C | T], #sax{line_no = N} = S, Acc, Bad)
  when C =:= $\n; C =:= $\r ->
    until(Mark, T, S#sax{line_no = N + 1}, [$\n | Acc], Bad);
until_next("-->", "--" ++ _, S, _, _) -> fatal(S, "comment contains '--'");
until_next(Mark, [C | T], S, Acc, Bad) ->
    xmerl_chars:is_char(C) orelse expected([C | T], S, Bad(C)),
    until(Mark, T, S, [C | Acc], Bad).

comment(T, S, Acc) ->
    {Text, T1, S1} = until("-->", T, S, Acc,
                           fun(C) -> "Bad character in comment: " ++ C end),
    {T1, event({comment, Text}, S1)}.

%% Tags

start_tag([], S) ->
    {T, S1} = more([], S),
    start_tag(T, S1);
start_tag([C | T], S) ->
    is_name_start(C) orelse expected([C | T], S, "expecting name"),
    {Name, T1, S1} = ns_name(T, S, [], [C]),
    attributes(T1, S1, {Name, [], []}).

%% Tag is {Name, Attributes, Namespaces}, both in reverse.
attributes(T, S, Tag) when T =:= []; T =:= "/" ->
    {T1, S1} = more(T, S),
    attributes(T1, S1, Tag);
attributes("/>" ++ T, S, Tag) ->
    {{_, URI, Local, QName, _, New}, _, S1} = started(Tag, S),
    S2 = event({endElement, URI, Local, QName}, S1),
    content(T, unmapped(New, S2), [], true);
attributes(">" ++ T, #sax{end_tags = Open} = S, Tag) ->
    {Element, Namespaces, S1} = started(Tag, S),
    content(T, S1#sax{end_tags = [Element | Open], ns = Namespaces}, [], true);
attributes([C | _] = T, S, Tag) when ?BLANK(C) ->
    {T1, S1} = space(T, S),
    attributes(T1, S1, Tag);
attributes([C | T], S, Tag) ->
    is_name_start(C) orelse
        expected([C | T], S,
                 "Invalid start character in attribute name: " ++ [C]),
    {Name, T1, S1} = ns_name(T, S, [], [C]),
    {T2, S2} = equals(T1, S1),
    {Value, T3, S3} = attribute_value(T2, S2),
    attribute_end(T3, S3, with_attribute(Name, Value, Tag, S)).

with_attribute({"xmlns", Prefix}, Value, {Name, Attributes, New}, _) ->
    {Name, Attributes, [{Prefix, Value} | New]};
with_attribute({"", "xmlns"}, Value, {Name, Attributes, New}, _) ->
    {Name, Attributes, [{"", Value} | New]};
with_attribute(Key, Value, {Name, Attributes, New}, S) ->
    lists:keymember(Key, 1, Attributes) andalso
        fatal(S, "Attribute exist more than once in element: "
              ++ case Name of
                     {"", Local} -> Local;
                     {Prefix, Local} -> Prefix ++ ":" ++ Local
                 end),
    {Name, [{Key, Value} | Attributes], New}.

attribute_end([], S, Tag) ->
    {T, S1} = more([], S),
    attribute_end(T, S1, Tag);
attribute_end([C | _] = T, S, Tag) when ?BLANK(C); C =:= $/; C =:= $> ->
    attributes(T, S, Tag);
attribute_end([C | _] = T, S, _) ->
    expected(T, S, "Expecting whitespace, /> or >, got:" ++ [C]).

%% Sends the start; what the end tag must match, and the namespaces inside.
started(Tag0, #sax{ns = Old} = S) ->
    {{Prefix, Local} = QName, Attributes, New} =
        xmerl_sax_dtd:with_defaults(Tag0, S),
    All = New ++ Old,
    URI = uri(Prefix, All),
    Full = lists:foldl(fun({{"", Name}, Value}, Acc) ->
                               [{"", "", Name, Value} | Acc];
                          ({{P, Name}, Value}, Acc) ->
                               [{uri(P, All), P, Name, Value} | Acc]
                       end, [], Attributes),
    S1 = lists:foldr(fun({P, U}, St) -> event({startPrefixMapping, P, U}, St)
                     end, S, New),
    S2 = event({startElement, URI, Local, QName, Full}, S1),
    {{QName, URI, Local, QName, Old, New}, All, S2}.

uri(Prefix, Namespaces) ->
    case lists:keyfind(Prefix, 1, Namespaces) of
        {_, URI} -> URI;
        false -> ""
    end.

unmapped(New, S) ->
    lists:foldl(fun({Prefix, _}, St) -> event({endPrefixMapping, Prefix}, St)
                end, S, New).

end_tag([], S) ->
    {T, S1} = more([], S),
    end_tag(T, S1);
end_tag(T, #sax{end_tags = []} = S) -> {T, S};
end_tag([C | T], #sax{end_tags = [{Open, _, _, _, _, _} | _]} = S) ->
    is_name_start(C) orelse expected([C | T], S, "Name expected"),
    {{Prefix, Local} = Name, T1, S1} = ns_name(T, S, [], [C]),
    Name =:= Open orelse
        fatal(S1, "EndTag: " ++ Prefix ++ ":" ++ Local
              ++ ", does not match StartTag"),
    case space(T1, S1) of
        {">" ++ T2, S2} -> ended(T2, S2);
        {T2, S2} ->
            expected(T2, S2, "Bad EndTag: " ++ Prefix ++ ":" ++ Local)
    end.

%% A document of a stream ends with its root.
ended(T, #sax{end_tags = [{_, URI, Local, QName, Old, New} | Open]} = S) ->
    S1 = unmapped(New, event({endElement, URI, Local, QName}, S)),
    case is_document_end(S1#sax{end_tags = Open}) of
        true -> throw({endDocument, T, S1#sax{ns = Old}});
        false -> content(T, S1#sax{end_tags = Open, ns = Old}, [], true)
    end.

%% Content. Blank: is what was collected white space only.

content(T, #sax{end_tags = []} = S, Acc, Blank) when T =:= []; T =:= "\r" ->
    try more(T, S) of
        {T1, S1} -> content(T1, S1, Acc, Blank)
    catch throw:{fatal_error, {S1, Reason}}
            when Reason =:= "No more bytes";
                 Reason =:= "Continuation function undefined" ->
            All = case T of [] -> Acc; _ -> [$\n | Acc] end,
            {[], characters(All, Blank, S1)}
    end;
content(T, S, Acc, Blank)
  when T =:= []; T =:= "\r"; T =:= "<"; T =:= "<!"; T =:= "<!-";
       T =:= "]"; T =:= "]]" ->
    {T1, S1} = more(T, S),
    content(T1, S1, Acc, Blank);
content("</" ++ _, #sax{end_tags = []} = S, _, _) ->
    fatal(S, "Unbalanced tags");
content("</" ++ T, S, Acc, Blank) -> end_tag(T, characters(Acc, Blank, S));
content("<!--" ++ T, S, Acc, Blank) ->
    {T1, S1} = comment(T, characters(Acc, Blank, S), []),
    content(T1, S1, [], true);
content("<?" ++ T, S, Acc, Blank) ->
    case pi(T, characters(Acc, Blank, S)) of
        {T1, S1} -> content(T1, S1, [], true);
        {endDocument, _, S1} -> {"<?" ++ T, S1}
    end;
content([$< | _] = T, #sax{end_tags = []} = S, Acc, _) ->
    {lists:reverse(Acc, T), S};
content("<!" ++ T, S, Acc, Blank) -> cdata(T, characters(Acc, Blank, S));
content("<" ++ T, S, Acc, Blank) -> start_tag(T, characters(Acc, Blank, S));
content([$\r, $\n | T], S, Acc, Blank) ->
    content([$\n | T], S, Acc, Blank);
content([C | T], #sax{line_no = N} = S, Acc, Blank)
  when C =:= $\n; C =:= $\r ->
    content(T, S#sax{line_no = N + 1}, [$\n | Acc], Blank);
content([C | T], S, Acc, Blank) when C =:= $\s; C =:= $\t ->
    content(T, S, [C | Acc], Blank);
content("]]>" ++ _, S, _, _) ->
    fatal(S, "\"]]>\" is not allowed in content");
content(T, #sax{end_tags = []} = S, Acc, _) -> {lists:reverse(Acc, T), S};
content([$& | T], S, Acc, Blank) ->
    {Ref, T1, S1} = reference(T, S, true),
    content_reference(Ref, T1, S1, Acc, Blank);
content([C | T], S, Acc, _) ->
    check_char(C, T, S, "content"),
    content(T, S, [C | Acc], false).

check_char(C, T, S, Where) ->
    xmerl_chars:is_char(C) orelse
        expected([C | T], S,
                 lists:flatten(io_lib:format("Bad character in ~s: ~p",
                                             [Where, C]))).

content_reference({character, _, C}, T, S, Acc, _) ->
    content(T, S, [C | Acc], false);
content_reference({internal_general, true, "lt", _}, T, S, Acc, _) ->
    content(T, S, [$< | Acc], false);
content_reference({internal_general, true, "amp", _}, T, S, Acc, _) ->
    content(T, S, [$& | Acc], false);
content_reference({internal_general, true, _, "&"}, _, S, _, _) ->
    fatal(S, "Reference must begin and end in same entity");
content_reference({internal_general, true, _, Value}, T, S, Acc, _) ->
    content(T, S, Value ++ Acc, false);
content_reference({internal_general, _, _, Value}, T, S, Acc, Blank) ->
    {Acc1, S1} = entity(Value, S, Acc, Blank),
    content(T, S1, Acc1, false);
content_reference({external_general, _, {Public, System}}, T,
                  #sax{file_type = Type} = S, Acc, _) ->
    {Acc1, S1} = xmerl_sax_dtd:external(S#sax{file_type = entity}, Public,
                                        System, Acc),
    content(T, S1#sax{file_type = Type}, Acc1, false);
content_reference({not_found, Name}, T, S, Acc, _) ->
    S#sax.skip_external_dtd orelse fatal(S, "Entity not declared: " ++ Name),
    content(T, S, ";" ++ lists:reverse(Name) ++ "&" ++ Acc, false);
content_reference({unparsed, Name, _}, _, S, _, _) ->
    fatal(S, "Unparsed entity reference in content: " ++ Name).

characters([], _, S) -> S;
characters(Acc, true, S) -> event({ignorableWhitespace, lists:reverse(Acc)}, S);
characters(Acc, false, S) -> event({characters, lists:reverse(Acc)}, S).

cdata(T, S) ->
    case word("[CDATA[", T, S) of
        {true, T1, S1} ->
            {Text, T2, S2} =
                until("]]>", T1, event(startCDATA, S1), [],
                      fun(C) ->
                              "CDATA contains bad character value: " ++ [C]
                      end),
            S3 = event({characters, Text}, S2),
            content(T2, event(endCDATA, S3), [], true);
        {false, T1, S1} ->
            expected(T1, S1, "expecting comment or CDATA")
    end.

%% Replacements: {Acc, S}. They are read by themselves, tags and all, and end
%% no document of a stream.
entity(Value, S, Acc, Blank) ->
    #sax{end_tags = Open, continuation_fun = F,
                            input_type = Type} = S,
    Alone = S#sax{end_tags = [], input_type = file,
                                     continuation_fun = undefined},
    {Acc1, _, S1} = entity_content(Value, Alone, Acc, Blank),
    {Acc1, S1#sax{end_tags = Open, input_type = Type,
                                     continuation_fun = F}}.

%% {Acc, Rest, S}; the end of the input is the end of it. Blank normalize:
%% line ends are blanks, in a value.
entity_content([], S, Acc, Blank) ->
    try
        {T, S1} = more([], S),
        entity_content(T, S1, Acc, Blank)
    catch throw:{fatal_error, {S2, Reason}}
            when Reason =:= "No more bytes";
                 Reason =:= "Continuation function undefined" ->
            {Acc, [], S2}
    end;
entity_content([C | T], #sax{file_type = text} = S, Acc, Blank) ->
    check_char(C, T, S, "entity"),
    entity_content(T, S, [C | Acc], Blank);
entity_content(T, S, Acc, Blank)
  when T =:= "<"; T =:= "<!"; T =:= "<!-" ->
    {T1, S1} = more(T, S),
    entity_content(T1, S1, Acc, Blank);
entity_content("<!--" ++ T, S, Acc, Blank) ->
    S1 = characters(Acc, Blank, S),
    {T1, S2} = try comment(T, S1, Acc)
               catch throw:{fatal_error, {S3, "No more bytes"}} ->
                       fatal(S3, "Expected end comment")
               end,
    entity_content(T1, S2, [], true);
entity_content("<?" ++ T, S, Acc, Blank) ->
    case pi(T, characters(Acc, Blank, S)) of
        {T1, S1} -> entity_content(T1, S1, [], true);
        {endDocument, _, S1} -> {[], "<?" ++ T, S1}
    end;
entity_content("</" ++ _, #sax{end_tags = []} = S, _, _) ->
    fatal(S, "Unbalanced tags");
entity_content("</" ++ T, S, Acc, Blank) ->
    entity_rest(end_tag(T, characters(Acc, Blank, S)));
entity_content("<!" ++ T, S, Acc, Blank) ->
    entity_rest(cdata(T, characters(Acc, Blank, S)));
entity_content("<" ++ T, S, Acc, Blank) ->
    S1 = characters(Acc, Blank, S),
    {T1, S2} = start_tag(T, S1),
    entity_content(T1, S2, [], true);
entity_content([$\r, $\n | T], #sax{file_type = entity} = S, Acc, Blank) ->
    entity_content([$\n | T], S, Acc, Blank);
entity_content([C | T], #sax{line_no = N, file_type = Type} = S, Acc, Blank)
  when C =:= $\n; C =:= $\r ->
    New = if Blank =:= normalize -> $\s;
             Type =:= normal -> C;
             true -> $\n
          end,
    entity_content(T, S#sax{line_no = N + 1}, [New | Acc], Blank);
entity_content([C | T], S, Acc, Blank) when C =:= $\s; C =:= $\t ->
    entity_content(T, S, [C | Acc], Blank);
entity_content([$& | T], S, Acc, Blank) ->
    {Ref, T1, S1} = reference(T, S, true),
    xmerl_sax_dtd:check_circles(S1),
    entity_reference(Ref, T1, S1, Acc, Blank);
entity_content([C | T], S, Acc, _) ->
    check_char(C, T, S, "content"),
    entity_content(T, S, [C | Acc], false).

entity_rest({[], S}) -> {[], [], S};
entity_rest({T, S}) -> entity_content(T, S, [], true).

entity_reference({character, _, C}, T, S, Acc, _) ->
    entity_content(T, S, [C | Acc], false);
entity_reference({internal_general, true, _, Value}, T, S, Acc, _) ->
    entity_content(Value ++ T, S, Acc, false);
entity_reference({internal_general, false, _, Value}, T,
                 #sax{end_tags = Open} = S, Acc, Blank) ->
    {Acc1, _, S1} = entity_content(Value, S#sax{end_tags = []}, Acc, Blank),
    entity_content(T, S1#sax{end_tags = Open}, Acc1, false);
entity_reference({external_general, _, {Public, System}}, T,
                 #sax{file_type = Type} = S, Acc, _) ->
    {Acc1, S1} = xmerl_sax_dtd:external(S#sax{file_type = entity}, Public,
                                        System, Acc),
    entity_content(T, S1#sax{file_type = Type}, Acc1, false);
entity_reference({not_found, Name}, _, S, _, _) ->
    fatal(S, "Entity not declared: " ++ Name);
entity_reference({unparsed, Name, _}, _, S, _, _) ->
    fatal(S, "Unparsed entity reference in content: " ++ Name).
