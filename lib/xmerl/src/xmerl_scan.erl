%% SPDX-License-Identifier: Apache-2.0
%% Reads an XML document into the records of xmerl.hrl: the interface, the
%% options, and what stands around the root element.
%%
%% All of the scanner's state is in #xmerl_scanner{}, which the user's
%% functions get and return; declarations lie in an ets table that they can
%% replace. An error is an exit {fatal, {Reason, {file, _}, {line, _},
%% {col, _}}}.
-module(xmerl_scan).
-export([string/1, string/2, file/1, file/2]).
-export([user_state/1, user_state/2, event_state/1, event_state/2,
         hook_state/1, hook_state/2, rules_state/1, rules_state/2,
         fetch_state/1, fetch_state/2, cont_state/1, cont_state/2]).
-export([accumulate_whitespace/4]).
-export([file_declarations/2, string_declarations/4]).
-export_type([xmlElement/0]).
-include("xmerl.hrl").
-include_lib("kernel/include/file.hrl").
-import(xmerl_scan_text, [add/4, bump/2, event/3, expect/4, fatal/3, more/2,
                          more/3, must_strip/2, strip/2]).

-type xmlElement() :: #xmlElement{}.

%% States of the user's functions

user_state(#xmerl_scanner{user_state = X}) -> X.
user_state(X, S) -> S#xmerl_scanner{user_state = X}.

event_state(S) -> (states(S))#xmerl_fun_states.event.
event_state(X, S) ->
    S#xmerl_scanner{fun_states = (states(S))#xmerl_fun_states{event = X}}.

hook_state(S) -> (states(S))#xmerl_fun_states.hook.
hook_state(X, S) ->
    S#xmerl_scanner{fun_states = (states(S))#xmerl_fun_states{hook = X}}.

rules_state(S) -> (states(S))#xmerl_fun_states.rules.
rules_state(X, S) ->
    S#xmerl_scanner{fun_states = (states(S))#xmerl_fun_states{rules = X}}.

fetch_state(S) -> (states(S))#xmerl_fun_states.fetch.
fetch_state(X, S) ->
    S#xmerl_scanner{fun_states = (states(S))#xmerl_fun_states{fetch = X}}.

cont_state(S) -> (states(S))#xmerl_fun_states.cont.
cont_state(X, S) ->
    S#xmerl_scanner{fun_states = (states(S))#xmerl_fun_states{cont = X}}.

states(#xmerl_scanner{fun_states = States}) -> States.

%% Documents

file(Name) -> file(Name, []).

file(Name, Options) ->
    case file:read_file(Name) of
        {ok, Bytes} ->
            closed(scan(binary_to_list(Bytes), Options,
                        filename:dirname(Name), Name, fun document/2));
        Error -> Error
    end.

string(Text) -> string(Text, []).

string(Text, Options) ->
    {ok, Base} = file:get_cwd(),
    closed(scan(Text, Options, Base, file_name_unknown, fun document/2)).

closed({Result, Rest, #xmerl_scanner{close_fun = Close} = S}) ->
    Close(S),
    {Result, Rest}.

%% An external subset or entity: {Result, Rest, S}, or an error.
file_declarations(Name, Options) ->
    case file:read_file(Name) of
        {ok, Bytes} ->
            string_declarations(binary_to_list(Bytes), Options,
                                filename:dirname(Name), Name);
        Error -> Error
    end.

string_declarations(Text, Options, Base, Name) ->
    scan(Text, Options, Base, Name, fun declarations/2).

scan(Text, Options, Base, Name, Scan) ->
    S = (initial(Options, Base))#xmerl_scanner{filename = Name},
    case xmerl_lib:detect_charset(S#xmerl_scanner.encoding, Text) of
        {undefined, undefined, Text1} -> Scan(Text1, S);
        {_, Charset, Text1} ->
            Scan(Text1, S#xmerl_scanner{encoding = atom_to_list(Charset)})
    end.

%% Options

initial(Options, Base) ->
    S = lists:foldl(
          fun option/2,
          #xmerl_scanner{event_fun = fun event_default/2,
                         hook_fun = fun hook_default/2,
                         acc_fun = fun acc_default/3,
                         fetch_fun = fun fetch_default/2,
                         close_fun = fun close_default/1,
                         continuation_fun = fun cont_default/3,
                         rules_read_fun = fun rules_read/3,
                         rules_write_fun = fun rules_write/4,
                         rules_delete_fun = fun rules_delete/3,
                         xmlbase = Base}, Options),
    case S#xmerl_scanner.rules of
        undefined ->
            S#xmerl_scanner{rules = ets:new(rules, [set, public])};
        _ -> S
    end.

option({event_fun, F}, S) -> S#xmerl_scanner{event_fun = F};
option({event_fun, F, X}, S) ->
    event_state(X, S#xmerl_scanner{event_fun = F});
option({acc_fun, F}, S) -> S#xmerl_scanner{acc_fun = F};
option({hook_fun, F}, S) -> S#xmerl_scanner{hook_fun = F};
option({hook_fun, F, X}, S) -> hook_state(X, S#xmerl_scanner{hook_fun = F});
option({close_fun, F}, S) -> S#xmerl_scanner{close_fun = F};
option({fetch_fun, F}, S) -> S#xmerl_scanner{fetch_fun = F};
option({fetch_fun, F, X}, S) ->
    fetch_state(X, S#xmerl_scanner{fetch_fun = F});
option({fetch_path, Path}, S) -> S#xmerl_scanner{fetch_path = Path};
option({continuation_fun, F}, S) -> S#xmerl_scanner{continuation_fun = F};
option({continuation_fun, F, X}, S) ->
    cont_state(X, S#xmerl_scanner{continuation_fun = F});
option({rules, Rules}, S) ->
    S#xmerl_scanner{rules = Rules, keep_rules = true};
option({rules, Read, Write, X}, S) ->
    rules_state(X, S#xmerl_scanner{rules_read_fun = Read,
                                   rules_write_fun = Write,
                                   keep_rules = true});
option({user_state, X}, S) -> S#xmerl_scanner{user_state = X};
option({space, Space}, S) -> S#xmerl_scanner{space = Space};
option({line, Line}, S) -> S#xmerl_scanner{line = Line};
option({namespace_conformant, X}, S) when is_boolean(X) ->
    S#xmerl_scanner{namespace_conformant = X};
option({validation, true}, S) -> S#xmerl_scanner{validation = dtd};
option({validation, false}, S) -> S#xmerl_scanner{validation = off};
option({validation, X}, S) when X =:= off; X =:= dtd; X =:= schema ->
    S#xmerl_scanner{validation = X};
option({schemaLocation, X}, S) when is_list(X) ->
    S#xmerl_scanner{schemaLocation = X};
option({quiet, X}, S) when is_boolean(X) -> S#xmerl_scanner{quiet = X};
option({doctype_DTD, X}, S) -> S#xmerl_scanner{doctype_DTD = X};
option({document, X}, S) when is_boolean(X) ->
    S#xmerl_scanner{document = X};
option({comments, X}, S) when is_boolean(X) ->
    S#xmerl_scanner{comments = X};
option({default_attrs, X}, S) when is_boolean(X) ->
    S#xmerl_scanner{default_attrs = X};
option({text_decl, X}, S) -> S#xmerl_scanner{text_decl = X};
option({environment, X}, S) -> S#xmerl_scanner{environment = X};
option({xmlbase, X}, S) -> S#xmerl_scanner{xmlbase = X};
option({encoding, X}, S) -> S#xmerl_scanner{encoding = X}.

%% The functions where the user gave none

event_default(_, S) -> S.

hook_default(X, S) -> {X, S}.

%% Texts beside each other, that a reference stood between, are one.
acc_default(#xmlText{value = More}, [#xmlText{value = Text} = X], S) ->
    {[X#xmlText{value = Text ++ More}], S};
acc_default(X, Acc, S) -> {[X | Acc], S}.

close_default(S) -> S.

cont_default(_, Exception, S) -> Exception(S).

%% External resources are local files; http:// is returned as it is.
fetch_default({system, URI}, S) -> {ok, locate(URI, S), S};
fetch_default({public, _, URI}, S) -> {ok, locate(URI, S), S}.

locate(URI, #xmerl_scanner{fetch_path = Path, xmlbase = Base}) ->
    case filename:split(URI) of
        ["http:" | _] -> {http, URI};
        [] -> [];
        ["file:" | Name] = Parts ->
            locate(Path, lists:last(Parts), filename:join(["/" | Name]));
        ["/", _ | _] = Parts -> locate(Path, lists:last(Parts), URI);
        Parts -> locate(Path, lists:last(Parts), filename:join(Base, URI))
    end.

locate([Folder | Path], Name, Full) ->
    File = filename:join(Folder, Name),
    case file:read_file_info(File) of
        {ok, #file_info{type = regular}} -> {file, File};
        _ -> locate(Path, Name, Full)
    end;
locate([], _, Full) -> {file, Full}.

rules_read(Kind, Name, #xmerl_scanner{rules = Rules}) ->
    case ets:lookup(Rules, {Kind, Name}) of
        [] -> undefined;
        [{_, Value}] -> Value
    end.

%% The first of two declarations counts.
rules_write(Kind, Name, Value, #xmerl_scanner{rules = Rules} = S) ->
    ets:insert_new(Rules, {{Kind, Name}, Value}),
    S.

rules_delete(Kind, Name, #xmerl_scanner{rules = Rules}) ->
    ets:delete(Rules, {Kind, Name}).

cleanup(#xmerl_scanner{keep_rules = false, rules = Rules} = S) ->
    ets:delete(Rules),
    S#xmerl_scanner{rules = undefined};
cleanup(S) -> S.

%% The document

document(Text0, S0) ->
    S = event_plain(started, S0),
    Text = decoded(Text0, S#xmerl_scanner.encoding),
    {Before, Pos, T1, S1} = prolog(Text, S, 1, []),
    T2 = expect("<", T1, S1, expected_element_start_tag),
    {Root, T3, S2} = xmerl_scan_element:element(T2, S1, Pos),
    {After, _, Rest, S3} = misc(T3, S2, Pos + 1, []),
    {Root1, S4} = validated(S#xmerl_scanner.validation, Root,
                            event(ended, document, S3)),
    {whole(S0#xmerl_scanner.document, Before, Root1, After), Rest, S4}.

event_plain(Event, #xmerl_scanner{event_fun = F, line = Line,
                                  col = Col} = S) ->
    F(#xmerl_event{event = Event, line = Line, col = Col, data = document},
      S).

decoded(Text, Charset) when Charset =:= undefined; Charset =:= "utf-8" ->
    Text;
decoded(Text, Charset) -> xmerl_ucs:to_unicode(Text, list_to_atom(Charset)).

whole(true, Before, Root, After) ->
    #xmlDocument{content = lists:reverse(Before,
                                         [Root | lists:reverse(After)])};
whole(false, _, Root, _) -> Root.

validated(dtd, Root, #xmerl_scanner{environment = Where} = S)
  when Where =:= element; Where =:= prolog ->
    xmerl_scan_valid:check_references(S),
    Result = xmerl_validate:validate(S, Root),
    S1 = cleanup(S),
    case Result of
        {'EXIT', {error, Reason}} ->
            fatal(598, {failed_validation, Reason}, S1);
        {'EXIT', Reason} -> fatal(601, {failed_validation, Reason}, S1);
        {error, Reason} -> fatal(604, {failed_validation, Reason}, S1);
        {error, Reason, _} -> fatal(607, {failed_validation, Reason}, S1);
        _ -> {Root, S1}
    end;
validated(_, Root, S) -> {Root, cleanup(S)}.

%% What external subsets and entities hold.
declarations(Text, S0) ->
    case prolog(Text, event_plain(started, S0), 1, []) of
        {_, _, "<" ++ _ = T, S} ->
            {{S#xmerl_scanner.user_state, T}, [], S};
        {_, _, [], S} -> {[], [], S};
        {_, _, T, S} ->
            {_, _, S1} = xmerl_scan_element:content(
                           T, S, [], S#xmerl_scanner.space, [], [],
                           #xmlNamespace{}),
            {T, [], S1}
    end.

%% The prolog: {Acc, Pos, Rest, S}

prolog([], S, Pos, Acc) ->
    more(S, fun(B, S1) -> prolog(B, S1, Pos, Acc) end,
         fun(S1) -> {Acc, Pos, [], S1} end);
prolog("<?xml" ++ [C | _] = T, S, Pos, Acc) when ?whitespace(C) ->
    {Charset, T1, S1} = xml_declaration(lists:nthtail(5, T), S),
    recoded(Charset, T1, S1, S, Pos, Acc);
prolog("<!DOCTYPE" ++ T, #xmerl_scanner{environment = prolog} = S, Pos,
       Acc) ->
    {T1, S1} = xmerl_scan_dtd:doctype(T, bump(9, S)),
    misc(T1, S1, Pos, Acc);
prolog("%" ++ _ = T, #xmerl_scanner{environment = {external, _}} = S, Pos,
       Acc) ->
    {T1, S1} = xmerl_scan_dtd:external_subset(T, S),
    {Acc, Pos, T1, S1};
prolog(T, S, Pos, Acc) ->
    {Acc1, Pos1, T1, S1} = misc(T, bump(1, S), Pos, Acc),
    prolog_rest(T1, S1, Pos1, Acc1).

%% What the declaration says of the encoding decides, but where the text has
%% been decoded before.
recoded(Charset, T, S, #xmerl_scanner{encoding = Before}, Pos, Acc) ->
    if Charset =:= Before -> prolog(T, S, Pos, Acc);
       Before =/= undefined ->
            prolog(T, S#xmerl_scanner{encoding = Before}, Pos, Acc);
       true -> prolog(decoded(T, Charset), S, Pos, Acc)
    end.

%% After comments and instructions.
prolog_rest([], S, Pos, Acc) ->
    more(S, fun(B, S1) -> prolog_rest(B, S1, Pos, Acc) end,
         fun(S1) -> {Acc, Pos, [], S1} end);
prolog_rest("<!DOCTYPE" ++ T, #xmerl_scanner{environment = prolog} = S, Pos,
            Acc) ->
    {T1, S1} = xmerl_scan_dtd:doctype(T, bump(9, S)),
    misc(T1, S1, Pos, Acc);
prolog_rest("<!" ++ _ = T, S, Pos, Acc) ->
    {T1, S1} = xmerl_scan_dtd:external_subset(T, S),
    {Acc, Pos, T1, S1};
prolog_rest(T, #xmerl_scanner{validation = dtd, doctype_DTD = File} = S,
            Pos, Acc) when is_list(File) ->
    S1 = xmerl_scan_dtd:fetch(undefined, S),
    xmerl_scan_valid:check_declarations(S1),
    misc(T, S1, Pos, Acc);
prolog_rest(T, S, Pos, Acc) -> misc(T, S, Pos, Acc).

%% Comments, instructions and white space.
misc([], S, Pos, Acc) ->
    more(S, fun(B, S1) -> misc(B, S1, Pos, Acc) end,
         fun(S1) -> {Acc, Pos, [], S1} end);
misc("<!--" ++ T, S, Pos, Acc) ->
    {Comment, T1, S1} = xmerl_scan_text:comment(T, bump(4, S), Pos, [], []),
    case S#xmerl_scanner.comments of
        true ->
            {Acc1, Pos1, S2} = add(Comment, Acc, Pos, S1),
            misc(T1, S2, Pos1, Acc1);
        false -> misc(T1, S1, Pos, Acc)
    end;
misc("<?" ++ T, S, Pos, Acc) ->
    {PI, T1, S1} = xmerl_scan_text:pi(T, bump(2, S), Pos, []),
    {Acc1, Pos1, S2} = add(PI, Acc, Pos, S1),
    misc(T1, S2, Pos1, Acc1);
misc([C | _] = T, S, Pos, Acc) when ?whitespace(C) ->
    {T1, S1} = strip(T, S),
    misc(T1, S1, Pos, Acc);
misc(T, S, Pos, Acc) -> {Acc, Pos, T, S}.

%% <?xml, after the word: {Encoding, Rest, S}

xml_declaration(T, #xmerl_scanner{col = 1, line = 1, text_decl = true} = S) ->
    {T1, S1} = must_strip(T, bump(5, S)),
    {Decl, T2, S2} = text_declaration(T1, S1),
    encoding_known(Decl, T2, S2);
xml_declaration(T, #xmerl_scanner{col = 1, line = 1} = S) ->
    {Decl, T1, S1} = document_declaration(T, bump(5, S)),
    encoding_known(Decl, T1, S1);
xml_declaration(_, #xmerl_scanner{col = Col, line = Line} = S) ->
    fatal(690, {xml_declaration_must_be_first_in_doc, Col, Line}, S).

encoding_known(#xmlDecl{encoding = Encoding}, T, S) ->
    {Encoding, T, S#xmerl_scanner{encoding = Encoding}}.

document_declaration(T, S) ->
    {T1, S1} = must_strip(T, S),
    {T2, S2} = case T1 of
                   "version" ++ Rest -> {Rest, bump(7, S1)};
                   _ -> fatal(851, expected_version_attribute, S1)
               end,
    {T3, S3} = xmerl_scan_dtd:equals(T2, S2),
    {Version, T4, S4} = version(T3, S3),
    after_version(T4, S4, #xmlDecl{vsn = Version,
                                   attributes = [xml(version, Version)]}).

xml(Name, Value) ->
    #xmlAttribute{name = Name, parents = [{xml, 1}], value = Value}.

after_version([], S, Decl) ->
    more(S, fun(B, S1) -> after_version(B, S1, Decl) end,
         fun(S1) -> {[], [], S1} end);
after_version("?>" ++ T, S, Decl) -> declared(T, bump(2, S), Decl);
after_version([C | _] = T, S, Decl) when ?whitespace(C) ->
    case strip(T, S) of
        {"?>" ++ T1, S1} -> declared(T1, bump(2, S1), Decl);
        {"encoding" ++ T1, S1} -> encoding(T1, S1, Decl);
        {"standalone" ++ _ = T1, S1} -> after_encoding(T1, S1, Decl);
        {_, S1} -> fatal(904, "expected one of: ?>, standalone, encoding", S1)
    end;
after_version(_, S, _) ->
    fatal(873, "expected one of: ?>, whitespace_character", S).

encoding(T, #xmerl_scanner{line = Line, col = Col} = S, Decl0) ->
    {T1, S1} = xmerl_scan_dtd:equals(T, bump(8, S)),
    {Name, T2, S2} = encoding_name(T1, S1),
    {Decl, Attribute} = add_encoding(Name, Decl0),
    S3 = event_at(Line, Col, Attribute, S2),
    case T2 of
        "?>" ++ _ -> after_encoding(T2, S3, Decl);
        _ ->
            {T3, S4} = must_strip(T2, S3),
            after_encoding(T3, S4, Decl)
    end.

add_encoding(Name, #xmlDecl{attributes = Attributes} = Decl) ->
    Lower = xmerl_lib:to_lower(Name),
    Attribute = xml(encoding, Lower),
    {Decl#xmlDecl{encoding = Lower, attributes = [Attribute | Attributes]},
     Attribute}.

event_at(Line, Col, Data, #xmerl_scanner{event_fun = F} = S) ->
    #xmerl_scanner{} =
        F(#xmerl_event{event = ended, line = Line, col = Col, data = Data},
          S).

after_encoding("?>" ++ T, S, Decl) -> declared(T, bump(2, S), Decl);
after_encoding("standalone" ++ T, #xmerl_scanner{line = Line, col = Col} = S,
               #xmlDecl{attributes = Attributes} = Decl) ->
    {T1, S1} = xmerl_scan_dtd:equals(T, bump(10, S)),
    {Value, T2, S2} = standalone(T1, S1),
    Attribute = xml(standalone, Value),
    S3 = event_at(Line, Col, Attribute, S2),
    {T3, S4} = strip(T2, S3),
    T4 = expect("?>", T3, S4, expected_xml_decl_endtag),
    declared(T4, bump(2, S4),
             Decl#xmlDecl{standalone = Value,
                          attributes = [Attribute | Attributes]}).

standalone([Q, $y, $e, $s, Q | T], S) when Q =:= $'; Q =:= $" ->
    {yes, T, (bump(5, S))#xmerl_scanner{standalone = yes}};
standalone([Q, $n, $o, Q | T], S) when Q =:= $'; Q =:= $" ->
    {no, T, bump(4, S)}.

%% White space behind a declaration belongs to it; the event names its end.
declared(T, #xmerl_scanner{line = Line, col = Col} = S, Decl0) ->
    {T1, S1} = strip(T, S),
    Decl = Decl0#xmlDecl{attributes = lists:reverse(
                                        Decl0#xmlDecl.attributes)},
    {Decl, T1, event_at(Line, Col, Decl, S1)}.

%% The same at the head of an external entity: no version is needed.
text_declaration(T, S) ->
    {Decl0, T1, S1} = optional_version(T, S),
    T2 = case T1 of
             "encoding" ++ Rest -> Rest;
             _ -> fatal(968, expected_encoding_attribute, S1)
         end,
    {T3, S3} = xmerl_scan_dtd:equals(T2, bump(8, S1)),
    {Name, T4, S4} = encoding_name(T3, S3),
    {Decl, Attribute} = add_encoding(Name, Decl0),
    {T5, S5} = strip(T4, S4),
    case {T5, event(ended, Attribute, S5)} of
        {"?>" ++ T6, #xmerl_scanner{line = Line, col = Col} = S6} ->
            {T7, S7} = strip(T6, bump(2, S6)),
            Done = Decl#xmlDecl{attributes = lists:reverse(
                                               Decl#xmlDecl.attributes)},
            {Done, T7, event_at(Line, Col, Done, S7)};
        {[C | _], S6} ->
            fatal(1000, {unexpected_character_in_text_declaration, C}, S6)
    end.

optional_version("version" ++ T, S) ->
    {T1, S1} = strip(T, bump(7, S)),
    {T2, S2} = xmerl_scan_dtd:equals(T1, S1),
    {Version, T3, S3} = version(T2, S2),
    {T4, S4} = must_strip(T3, S3),
    {#xmlDecl{attributes = [xml(version, Version)]}, T4, S4};
optional_version(T, S) -> {#xmlDecl{attributes = []}, T, S}.

encoding_name([], S) ->
    more(S, fun encoding_name/2, expected_encoding_name);
encoding_name([Quote | T], S) ->
    encoding_first(T, bump(1, S), Quote).

encoding_first([], S, Quote) ->
    more(S, fun(B, S1) -> encoding_first(B, S1, Quote) end,
         expected_encoding_name);
encoding_first([C | T], S, Quote) when C >= $a, C =< $z; C >= $A, C =< $Z ->
    encoding_next(T, bump(1, S), Quote, [C]);
encoding_first([C | _], S, _) ->
    fatal(1038, {error, {unexpected_character_in_Enc_Name, C}}, S).

encoding_next([], S, Quote, Acc) ->
    more(S, fun(B, S1) -> encoding_next(B, S1, Quote, Acc) end,
         expected_encoding_name);
encoding_next([Quote | T], S, Quote, Acc) ->
    {lists:reverse(Acc), T, bump(1, S)};
encoding_next([C | T], S, Quote, Acc)
  when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9;
       C =:= $.; C =:= $_; C =:= $- ->
    encoding_next(T, bump(1, S), Quote, [C | Acc]).

version([], S) -> more(S, fun version/2);
version([Quote | T], S) when Quote =:= $"; Quote =:= $' ->
    version(T, bump(1, S), Quote, []).

version([], S, Quote, Acc) ->
    more(S, fun(B, S1) -> version(B, S1, Quote, Acc) end);
version([Quote | T], S, Quote, Acc) ->
    {lists:reverse(Acc), T, bump(1, S)};
version([C | T], S, Quote, Acc)
  when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9;
       C =:= $_; C =:= $.; C =:= $:; C =:= $- ->
    version(T, bump(1, S), Quote, [C | Acc]);
version([C | _], S, _, _) -> fatal(1090, {invalid_vsn_char, C}, S).

%% White space of a text before Acc, in reverse: {Acc, Rest, S}.
accumulate_whitespace(T, S, preserve, Acc) ->
    xmerl_scan_text:accumulate(T, S, Acc);
accumulate_whitespace(T, S, normalize, Acc) ->
    {_, T1, S1} = xmerl_scan_text:accumulate(T, S, []),
    {[$\s | Acc], T1, S1}.
