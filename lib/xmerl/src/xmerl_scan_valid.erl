%% SPDX-License-Identifier: Apache-2.0
%% What a validating scanner checks while it reads ({validation, dtd}): that
%% what declarations and attributes name is declared, and how.
-module(xmerl_scan_valid).
-export([check_char/3, check_declarations/1, check_model/2,
         check_references/1, check_value/3]).
-include("xmerl.hrl").
-import(xmerl_scan_text, [fatal/3]).

%% When a subset has been read: notations and entities may be named first and
%% declared later, but not never.
check_declarations(#xmerl_scanner{validation = dtd, rules = Rules} = S) ->
    check_undeclared(notation, 1407, S),
    [check_attributes(Attributes, S)
     || [#xmlElement{attributes = Attributes}]
            <- ets:match(Rules, {{elem_def, '_'}, '$2'})],
    check_undeclared(entity, 1464, S);
check_declarations(_) -> ok.

%% When the document has been read: IDs.
check_references(S) -> check_undeclared(id, 1481, S).

check_undeclared(Kind, Place, #xmerl_scanner{rules = Rules} = S) ->
    case ets:match(Rules, {{Kind, '$1'}, undeclared}) of
        [] -> ok;
        [[]] -> ok;
        [[Name | _]] ->
            fatal(Place, {error_missing_declaration_in_DTD, Name}, S);
        Names ->
            fatal(Place + 2, {error_missing_declaration_in_DTD, Names}, S)
    end.

check_attributes([{Name, 'ID', _, Default, _} | Rest], S) ->
    case lists:keyfind('ID', 2, Rest) of
        false -> ok;
        Other ->
            fatal(1441, {error_more_than_one_ID_def, Name,
                         element(1, Other)}, S)
    end,
    Default =:= '#IMPLIED' orelse Default =:= '#REQUIRED' orelse
        fatal(3336, {error, {validity_constraint_error_ID_Attribute_Default,
                             Default}}, S),
    check_attributes(Rest, S);
check_attributes([{_, {enumeration, Names}, Value, _, _} | Rest], S)
  when is_list(Value) ->
    lists:member(list_to_atom(Value), Names) orelse
        fatal(3344, {error, {vc_enumeration, list_to_atom(Value), Names}}, S),
    check_attributes(Rest, S);
check_attributes([{_, Type, Value, _, _} | Rest], S)
  when is_list(Value), Type =:= 'ENTITY' ->
    check_unparsed(list_to_atom(Value), 3354, S),
    check_attributes(Rest, S);
check_attributes([{_, 'ENTITIES', Value, _, _} | Rest], S)
  when is_list(Value) ->
    [check_unparsed(list_to_atom(Name), 3372, S)
     || Name <- string:lexemes(Value, " ")],
    check_attributes(Rest, S);
check_attributes([_ | Rest], S) -> check_attributes(Rest, S);
check_attributes([], _) -> ok.

check_unparsed(Name, Place, #xmerl_scanner{rules_read_fun = Read} = S) ->
    case Read(entity, Name, S) of
        {_, external, {_, {ndata, _}}} -> ok;
        _ -> fatal(Place, {error, {vc_Entity_Name, Name}}, S)
    end.

%% No name twice in mixed content.
check_model([Name | Rest], #xmerl_scanner{validation = dtd} = S) ->
    lists:member(Name, Rest) andalso
        fatal(3385, {no_duplicate_types_allowed, Name}, S),
    check_model(Rest, S);
check_model(_, _) -> ok.

%% A word of an attribute's value, in reverse: names of entities and IDs.
check_value([], _, _) -> ok;
check_value(Word, Type, #xmerl_scanner{validation = dtd} = S) ->
    check_word(lists:reverse(Word), Type, S);
check_value(_, _, _) -> ok.

check_word(Name, Type, #xmerl_scanner{rules_write_fun = Write} = S)
  when Type =:= 'ENTITY'; Type =:= 'ENTITIES' ->
    check_first(Name, Type, 2471, S),
    Write(entity, list_to_atom(Name), undeclared, S);
check_word(Name, Type, #xmerl_scanner{rules_write_fun = Write} = S)
  when Type =:= 'IDREF'; Type =:= 'IDREFS' ->
    check_first(Name, Type, 2479, S),
    Write(id, list_to_atom(Name), undeclared, S);
check_word(Name, 'ID', S) ->
    xmerl_chars:is_name(Name) orelse
        fatal(2488, {'ID_names_must_be_Name_production', Name}, S),
    define_id(list_to_atom(Name), S);
check_word(_, _, _) -> ok.

check_first(Name, Type, Place, S) ->
    xmerl_chars:is_letter(hd(Name)) orelse
        fatal(Place, {illegal_first_character, Type, Name}, S).

define_id(Id, #xmerl_scanner{rules_read_fun = Read, rules_write_fun = Write,
                             rules_delete_fun = Delete} = S) ->
    case Read(id, Id, S) of
        undeclared -> Delete(id, Id, S);
        Id -> fatal(2499, {values_must_be_unique, 'ID', Id}, S);
        undefined -> ok
    end,
    Write(id, Id, Id, S).

%% A character of an attribute's value.
check_char(Type, C, #xmerl_scanner{validation = dtd} = S)
  when Type =:= 'NMTOKEN'; Type =:= 'NMTOKENS' ->
    xmerl_chars:is_namechar(C) orelse
        fatal(3324, {error, {validity_constraint_Name_Token, C}}, S);
check_char(_, C, S) ->
    xmerl_chars:is_char(C) orelse fatal(2520, {unexpected_char, C}, S).
