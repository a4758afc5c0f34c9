%% SPDX-License-Identifier: Apache-2.0
%% Entities: references in text and declarations, their replacements, the
%% values that declarations give, and the files that external ones name.
-module(xmerl_scan_entity).
-export([attribute_value/3, check_recursion/2, completion/2, escape/1,
         expanded/2, external_id/2, fetch_and_parse/3, fetch_text/2,
         pe_expand/3, pe_reference/2, public_literal/2,
         reference/2, system_literal/2, whole_value/5]).
-include("xmerl.hrl").
-import(xmerl_scan_text, [bump/2, encoded/2, expect/4, fatal/3, more/2,
                          must_strip/2, name/2, next/2, strip/2]).

%% References in text

%% After &: {Replacement, Rest, S}.
reference([], S) -> more(S, fun reference/2);
reference("#x" ++ T, S0) ->
    S = bump(1, S0),
    case hd(T) of
        $; -> fatal(2768, invalid_char_ref, S);
        _ -> char_hex(T, S, 0)
    end;
reference("#" ++ T, S0) ->
    S = bump(1, S0),
    case hd(T) of
        $; -> fatal(2776, invalid_char_ref, S);
        _ -> char_decimal(T, S, [])
    end;
reference(T, S) ->
    case catch entity(T, S) of
        {'EXIT', _} -> fatal(2781, error_scanning_entity_ref, S);
        Result -> Result
    end.

entity([], S) -> more(S, fun entity/2);
entity("amp;" ++ T, S) -> {"&", T, bump(4, S)};
entity("lt;" ++ T, S) -> {"<", T, bump(3, S)};
entity("gt;" ++ T, S) -> {">", T, bump(3, S)};
entity("apos;" ++ T, S) -> {"'", T, bump(5, S)};
entity("quot;" ++ T, S) -> {"\"", T, bump(5, S)};
entity(T, S) ->
    {Name, _, T1, S1} = name(T, S),
    T2 = expect(";", T1, S1, expected_entity_reference_semicolon),
    {expand(Name, S1), T2, S1}.

%% The replacement of a general entity. While an entity is only looked
%% through, its name stands for it.
expand(Name, #xmerl_scanner{environment = {external, {entity, _}}}) ->
    atom_to_list(Name);
expand(Name, #xmerl_scanner{environment = internal_parsed_entity}) ->
    atom_to_list(Name);
expand(Name, #xmerl_scanner{rules_read_fun = Read} = S) ->
    case Read(entity, Name, S) of
        undefined -> fatal(2871, {unknown_entity_ref, Name}, S);
        {_, external, {error, enoent}} ->
            fatal(2873, {error, {entity_target_not_found, {error, enoent},
                                 Name}}, S);
        {Defined, Kind, Value} ->
            check_declared(Defined, S, Name),
            check_content(Kind, Value, S),
            Value
    end.

check_declared({external, _}, #xmerl_scanner{standalone = yes} = S, Name) ->
    fatal(3458, {reference_to_externally_defed_entity_standalone_doc, Name},
          S);
check_declared(_, _, _) -> ok.

%% What replaces an internal entity must be content by itself.
check_content(internal, Value, #xmerl_scanner{encoding = Encoding} = S) ->
    xmerl_scan_element:content(
      encoded(Encoding, Value),
      S#xmerl_scanner{environment = internal_parsed_entity}, [],
      S#xmerl_scanner.space, [], [], #xmlNamespace{});
check_content(_, _, _) -> ok.

char_decimal([], S, Acc) ->
    more(S, fun(B, S1) -> char_decimal(B, S1, Acc) end);
char_decimal([C | T], S, Acc) when C >= $0, C =< $9 ->
    char_decimal(T, bump(1, S), [C | Acc]);
char_decimal([$; | T], S0, Acc) ->
    S = bump(1, S0),
    C = list_to_integer(lists:reverse(Acc)),
    {[xmerl_scan_text:legal(C, S)], T, S}.

char_hex([], S, N) -> more(S, fun(B, S1) -> char_hex(B, S1, N) end);
char_hex([C | T], S, N) when C >= $0, C =< $9 ->
    char_hex(T, bump(1, S), N * 16 + C - $0);
char_hex([C | T], S, N) when C >= $a, C =< $f ->
    char_hex(T, bump(1, S), N * 16 + C - $a + 10);
char_hex([C | T], S, N) when C >= $A, C =< $F ->
    char_hex(T, bump(1, S), N * 16 + C - $A + 10);
char_hex([$; | T], S0, N) ->
    S = bump(1, S0),
    {[xmerl_scan_text:legal(N, S)], T, S}.

%% Does a replacement stand for a mark of XML, which then is data.
escape("&") -> true;
escape("\"") -> true;
escape("'") -> true;
escape("<") -> true;
escape(">") -> true;
escape("%") -> true;
escape(_) -> false.

%% Parameter entities, after %

pe_reference(T, S) ->
    {Name, _, T1, S1} = name(T, S),
    T2 = expect(";", T1, S1, expected_parsed_entity_reference_semicolon),
    {Name, T2, bump(1, S1)}.

%% The replacement, between blanks but in a literal; or {system, _} and such.
pe_expand(Name, #xmerl_scanner{rules_read_fun = Read} = S, Where) ->
    case Read(parameter_entity, Name, S) of
        undefined -> fatal(2839, {unknown_parameter_entity, Name}, S);
        {error, _} = Error -> fatal(2841, Error, S);
        Id when is_tuple(Id) -> Id;
        Value when Where =:= in_literal -> Value;
        Value -> " " ++ Value ++ " "
    end.

%% The text with a reference replaced, and white space before it skipped.
expanded(T, S) ->
    {Name, T1, S1} = pe_reference(T, S),
    strip(pe_expand(Name, S1, as_PE) ++ T1, S1).

%% A declaration's end, for which a parameter entity may stand.
completion([$> | _] = T, S) -> {T, S};
completion([$% | T], S) ->
    {T1, S1} = expanded(T, bump(1, S)),
    completion(T1, S1);
completion(T, S) ->
    fatal(3909, {error, {malformed_syntax_entity_completion, T}}, S).

%% An attribute's value that begins with a parameter entity, which is kept
%% read from its file.
attribute_value(Name, S, #xmerl_scanner{rules_read_fun = Read,
                                        rules_write_fun = Write,
                                        rules_delete_fun = Delete}) ->
    case pe_expand(Name, S, in_literal) of
        Id when is_tuple(Id) ->
            {Text, S1} = fetch_text(Id, S),
            {Value, _, S2} = whole_value(Text, S1, no_delim, Name, parameter),
            Delete(parameter_entity, Name, S2),
            S3 = Write(parameter_entity, Name, Value, S2),
            {Read(parameter_entity, Name, S3), S3};
        Text -> {Text, S}
    end.

%% External identifiers

external_id([], S) -> more(S, fun external_id/2);
external_id("SYSTEM" ++ T, S) ->
    {T1, S1} = must_strip(T, bump(6, S)),
    {System, T2, S2} = system_literal(T1, S1),
    {{system, System}, T2, S2};
external_id("PUBLIC" ++ T, S) ->
    {T1, S1} = must_strip(T, bump(6, S)),
    {Public, T2, S2} = public_literal(T1, S1),
    {T3, S3} = must_strip(T2, S2),
    {System, T4, S4} = system_literal(T3, S3),
    {{public, Public, System}, T4, S4}.

system_literal([], S) -> more(S, fun system_literal/2);
system_literal([Quote | T], S) when Quote =:= $"; Quote =:= $' ->
    system_text(T, S, Quote, []).

system_text([], S, Quote, Acc) ->
    more(S, fun(B, S1) -> system_text(B, S1, Quote, Acc) end);
system_text([Quote | T], S, Quote, Acc) ->
    {lists:reverse(Acc), T, bump(1, S)};
system_text([$# | _], S, _, _) ->
    fatal(3121, fragment_identifier_in_system_literal, S);
system_text(T, S, Quote, Acc) ->
    {C, T1} = next(S#xmerl_scanner.encoding, T),
    system_text(T1, bump(1, S), Quote, [C | Acc]).

public_literal([], S) -> more(S, fun public_literal/2);
public_literal([Quote | T], S) when Quote =:= $"; Quote =:= $' ->
    public_text(T, bump(1, S), Quote, []);
public_literal([C | _], S) -> fatal(3138, {invalid_pubid_char, C}, S).

public_text([], S, Quote, Acc) ->
    more(S, fun(B, S1) -> public_text(B, S1, Quote, Acc) end);
public_text([Quote | T], S, Quote, Acc) ->
    {lists:reverse(Acc), T, bump(1, S)};
public_text([C | _] = T, S, Quote, Acc) when ?whitespace(C) ->
    {T1, S1} = xmerl_scan_text:strip_no_tab(T, S),
    public_text(T1, S1, Quote, [$\s | Acc]);
public_text([C | T], S, Quote, Acc) ->
    case is_public(C) of
        true -> public_text(T, bump(1, S), Quote, [C | Acc]);
        false -> fatal(3161, {invalid_pubid_char, C}, S)
    end.

is_public(C) when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9 ->
    true;
is_public(C) -> lists:member(C, "-'()+,./:=?;!*#@$_%").

%% Files of external entities

%% Asks the fetch function and scans what it found with the same functions
%% and rules: the scanner, or what the scan of a declaration returned.
fetch_and_parse(Id, #xmerl_scanner{fetch_fun = Fetch} = S, Options) ->
    Result = case Fetch(Id, S) of
                 {ok, S1} -> S1;
                 {ok, not_fetched, S1} -> S1;
                 {ok, Found, #xmerl_scanner{} = S1} ->
                     parse_found(Found, Options ++ inherited(S1, S), S, S1);
                 Error -> fatal(1353, {error_fetching_DTD, {Id, Error}}, S)
             end,
    case Result of
        #xmerl_scanner{} ->
            Result#xmerl_scanner{text_decl = false,
                                 environment = S#xmerl_scanner.environment};
        _ -> Result
    end.

parse_found({file, File}, Options, _, _) ->
    xmerl_scan:file_declarations(File, Options);
parse_found({string, Text}, Options, #xmerl_scanner{xmlbase = Base}, _) ->
    xmerl_scan:string_declarations(Text, Options, Base, file_name_unknown);
parse_found(Other, _, _, S) -> {Other, [], S}.

inherited(#xmerl_scanner{} = S, #xmerl_scanner{rules = Rules}) ->
    States = S#xmerl_scanner.fun_states,
    [{fetch_path, S#xmerl_scanner.fetch_path},
     {user_state, S#xmerl_scanner.user_state},
     {rules, Rules},
     {event_fun, S#xmerl_scanner.event_fun, States#xmerl_fun_states.event},
     {hook_fun, S#xmerl_scanner.hook_fun, States#xmerl_fun_states.hook},
     {fetch_fun, S#xmerl_scanner.fetch_fun, States#xmerl_fun_states.fetch},
     {close_fun, S#xmerl_scanner.close_fun},
     {continuation_fun, S#xmerl_scanner.continuation_fun,
      States#xmerl_fun_states.cont},
     {rules, S#xmerl_scanner.rules_read_fun,
      S#xmerl_scanner.rules_write_fun, ""},
     {acc_fun, S#xmerl_scanner.acc_fun},
     {validation, S#xmerl_scanner.validation},
     {quiet, S#xmerl_scanner.quiet},
     {encoding, S#xmerl_scanner.encoding}].

%% The text that an external identifier names.
fetch_text(Id, #xmerl_scanner{fetch_fun = Fetch} = S) ->
    case Fetch(Id, S) of
        {ok, not_fetched, _} ->
            fatal(1366, {error_fetching_external_source, Id}, S);
        {ok, Found, S1} ->
            {Text, Name} = found_text(Found, S),
            {Text, S1#xmerl_scanner{filename = Name}};
        _ -> fatal(1380, {error_fetching_external_resource, Id}, S)
    end.

found_text({file, File}, S) ->
    case file:read_file(File) of
        {ok, Bytes} -> {binary_to_list(Bytes), File};
        Error -> fatal(1389, {error_reading_file, File, Error}, S)
    end;
found_text({string, Text}, _) -> {binary_to_list(Text), file_name_unknown};
found_text({http, URI}, _) -> {{http, URI}, URI};
found_text(Other, _) -> Other.

%% Values in declarations

%% {Value, Rest, S}: references to characters and parameters are replaced,
%% general ones stay. Delim is the quote, or no_delim for a whole file. What
%% a parameter entity opens (a tag, a declaration, a parenthesis) it must
%% close itself; the stack Open holds it where that is looked after.
whole_value(T, S, Delim, Name, Kind) ->
    value(T, S, {Delim, Name, Kind}, [], []).

value([], S, V, Acc, Open) -> value_end(S, V, Acc, Open);
value([Delim | T], #xmerl_scanner{validation = dtd} = S, {Delim, _, _} = V,
      _, [_ | _]) ->
    {nesting(3, V), T, S};
value([Delim | T], S, {Delim, _, _}, Acc, _) -> {joined(Acc), T, bump(1, S)};
value([$% | _], #xmerl_scanner{environment = prolog} = S, _, _, _) ->
    fatal(3611, {error, {wfc_PEs_In_Internal_Subset}}, S);
value([$% | T], S, V, Acc, Open) ->
    value_parameter(T, bump(1, S), V, Acc, Open);
value("&#" ++ T, S, V, Acc, Open) ->
    value_character([$# | T], bump(1, S), V, Acc, Open);
value([$& | T], S, V, Acc, Open) -> value_general(T, bump(1, S), V, Acc, Open);
value(T, S, {_, _, Kind} = V, Acc, Open) ->
    case Kind =:= parameter andalso mark(T) of
        false -> value_char(T, S, V, Acc, Open);
        {Side, Mark} ->
            S1 = bump(length(Mark), S),
            Open1 = case Side of
                        open -> [Mark | Open];
                        close -> closed(Mark, Open, S1)
                    end,
            value(lists:nthtail(length(Mark), T), S1, V, [Mark | Acc], Open1)
    end.

value_char([$\n | T], #xmerl_scanner{line = Line} = S, V, Acc, Open) ->
    value(T, S#xmerl_scanner{line = Line + 1}, V, [$\n | Acc], Open);
value_char(T, S, V, Acc, Open) ->
    {C, T1} = next(S#xmerl_scanner.encoding, T),
    case xmerl_chars:is_char(C) of
        true -> value(T1, bump(1, S), V, [C | Acc], Open);
        false -> fatal(3760, {unexpected_char, C}, S)
    end.

value_end(S, {Delim, _, _} = V, Acc, Open) ->
    #xmerl_scanner{environment = Where, validation = Validation} = S,
    Place = case Where of
                {external, {entity, _}} -> 1;
                _ when Delim =:= no_delim -> 2;
                _ -> 0
            end,
    if Place > 0, Open =:= [] -> {joined(Acc), [], S};
       Place > 0, Validation =:= dtd -> {nesting(Place, V), [], S};
       true -> more(S, fun(B, S1) -> value(B, S1, V, Acc, Open) end)
    end.

joined(Acc) -> lists:flatten(lists:reverse(Acc)).

nesting(Place, {_, Name, _}) ->
    {error, {failed_VC_Proper_Declaration_PE_Nesting, Place, Name}}.

%% A parameter entity in a value; quotes in it are no ends.
value_parameter(T, S, {_, Name, Kind} = V, Acc, Open) ->
    {Named, T1, S1} = pe_reference(T, S),
    Named =:= Name andalso Kind =:= parameter andalso
        fatal(3621, {illegal_recursion_in_PE, Name}, S1),
    {Text, S2} = parameter_text(Named, S1),
    #xmerl_scanner{line = Line, col = Col} = S3 = bump(1, S2),
    {Value, _, S4} = value(encoded(S2#xmerl_scanner.encoding, Text), S3,
                           {no_delim, Name, Kind}, Acc, []),
    value(T1, S4#xmerl_scanner{line = Line, col = Col}, V,
          lists:reverse(Value), Open).

parameter_text(Name, S) ->
    case pe_expand(Name, S, in_literal) of
        Id when is_tuple(Id) ->
            {Text, S1} = fetch_text(Id, S),
            {Value, _, S2} = whole_value(Text, S1, no_delim, Name, parameter),
            {Value, S2};
        Text -> {Text, S}
    end.

value_character(T, #xmerl_scanner{encoding = Encoding} = S,
                {_, _, Kind} = V, Acc, Open) ->
    {Char, T1, S1} = reference(T, S),
    Open1 = case S1#xmerl_scanner.validation of
                dtd when Kind =:= parameter -> opened(Char ++ T1, Open);
                _ -> Open
            end,
    case escape(Char) of
        true -> value(T1, S1, V, [Char | Acc], Open1);
        false -> value(encoded(Encoding, Char) ++ T1, S1, V, Acc, Open1)
    end.

%% General entities stay; who names whom is kept, to find circles.
value_general(T, S, {_, Name, _} = V, Acc, Open) ->
    {Named, _, T1, S1} = name(T, S),
    T2 = expect(";", T1, S1, expected_entity_reference_semicolon),
    S2 = case lists:member(Named, [amp, lt, gt, apos, quot]) of
             true -> S1;
             false -> refers(Name, Named, S1)
         end,
    value(T2, S2, V, [";", atom_to_list(Named), "&" | Acc], Open).

refers(Name, Named, #xmerl_scanner{entity_references = All} = S) ->
    New = case lists:keyfind(Name, 1, All) of
              {_, Refs} ->
                  Refs1 = case lists:member(Named, Refs) of
                              true -> Refs;
                              false -> [Named | Refs]
                          end,
                  lists:keyreplace(Name, 1, All, {Name, Refs1});
              false -> [{Name, [Named]} | All]
          end,
    S#xmerl_scanner{entity_references = New}.

check_recursion(Name, #xmerl_scanner{entity_references = All} = S) ->
    case lists:any(fun({N, _}) -> circle(N, N, [], All) end, All) of
        true -> fatal(3839, {illegal_recursion_in_Entity, Name}, S);
        false -> ok
    end.

%% Does From lead to Goal, over names not yet Seen.
circle(From, Goal, Seen, All) ->
    case lists:keyfind(From, 1, All) of
        {_, Next} ->
            lists:member(Goal, Next) orelse
                lists:any(fun(N) ->
                                  not lists:member(N, Seen) andalso
                                      circle(N, Goal, [From | Seen], All)
                          end, Next);
        false -> false
    end.

%% The marks that open and close something in a parameter entity.
mark("<![" ++ _) -> {open, "<!["};
mark("[" ++ _) -> {open, "["};
mark("<!--" ++ _) -> {open, "<!--"};
mark("<!" ++ _) -> {open, "<!"};
mark("<?" ++ _) -> {open, "<?"};
mark("</" ++ _) -> {open, "</"};
mark("<" ++ _) -> {open, "<"};
mark("(" ++ _) -> {open, "("};
mark(">" ++ _) -> {close, ">"};
mark("?>" ++ _) -> {close, "?>"};
mark("-->" ++ _) -> {close, "-->"};
mark("]]>" ++ _) -> {close, "]]>"};
mark("/>" ++ _) -> {close, "/>"};
mark(")" ++ _) -> {close, ")"};
mark(_) -> false.

closed(">", ["<!" | Rest], _) -> Rest;
closed("?>", ["<?" | Rest], _) -> Rest;
closed("-->", ["<!--" | Rest], _) -> Rest;
closed("]]>", ["[", "<![" | Rest], _) -> Rest;
closed("/>", ["<" | Rest], _) -> Rest;
closed(">", ["<" | Rest], _) -> Rest;
closed(">", ["</" | Rest], _) -> Rest;
closed(")", ["(" | Rest], _) -> Rest;
closed(Mark, _, #xmerl_scanner{validation = dtd} = S) ->
    fatal(3809, {error, {failed_VC_Proper_Declaration_PE_Nesting, 5, Mark}},
          S);
closed(_, Open, _) -> Open.

%% Marks written as references to characters are stacked whatever they are,
%% but not < alone.
opened("<!" ++ _, Open) -> ["<!" | Open];
opened("<?" ++ _, Open) -> ["<?" | Open];
opened("<" ++ _, Open) -> Open;
opened(T, Open) ->
    case mark(T) of
        {_, Mark} -> [Mark | Open];
        false -> Open
    end.
