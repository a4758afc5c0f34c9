%% SPDX-License-Identifier: Apache-2.0
%% Validates a document that was read against its document type.
%%
%% A content model is matched along the content: match/5 returns {Matched,
%% Rest}, or {error, Reason} or {error, Reason, {{next, Rest}, {act, _}}}.
%% Blanks between elements are skipped where Blanks says remove.
-module(xmerl_validate).
-export([validate/2]).
-include("xmerl.hrl").

validate(#xmerl_scanner{doctype_name = Type, doctype_DTD = DTD},
         #xmlElement{name = Name})
  when Type =/= Name, DTD =/= option_provided ->
    {error, {mismatched_root_element, Name, Type}};
validate(S, #xmlElement{} = Element) -> catch valid_element(Element, S);
validate(_, Other) -> {error, {no_xml_element, Other}}.

valid_element(#xmlElement{name = Name, content = Content} = Element,
        #xmerl_scanner{rules = Rules} = S) ->
    case ets:lookup(Rules, {elem_def, Name}) of
        [] -> {error, {unknown_element, Name}};
        [{_, #xmlElement{attributes = Declared} = Rule}] ->
            case catch attributes(Declared, Element#xmlElement.attributes,
                                  S) of
                {'EXIT', Reason} -> {error, Reason};
                {error, Reason} -> {error, Reason};
                Attributes ->
                    content(Rule, Content, S,
                            Element#xmlElement{attributes = Attributes})
            end
    end.

content(#xmlElement{elementdef = Where, content = Model}, Content, S,
        Element) ->
    Blanks = blanks(Where, Model, S),
    Blanks =:= always_preserve andalso check_ends(Content),
    case match(Model, Content, S, Blanks) of
        {error, Reason} -> {error, Reason};
        {error, Reason, Next} -> {error, Reason, Next};
        {Matched, Rest} ->
            check_rest(Rest, Model),
            Element#xmlElement{content = lists:flatten(Matched)}
    end.

check_rest(Rest, Model) ->
    case lists:dropwhile(fun(X) -> is_record(X, xmlComment) end, Rest) of
        [] -> ok;
        [#xmlElement{name = Name} | _] ->
            exit({error, {element, Name, isnt_comprise_in_the_rule, Model}});
        [#xmlText{} = Text | _] ->
            exit({error, {element, text, Text, isnt_comprise_in_the_rule,
                          Model}})
    end.

%% In a standalone document white space in an element that is declared
%% outside to hold elements only is an error.
blanks({external, _}, Model, #xmerl_scanner{standalone = yes}) ->
    case holds_elements(Model) of
        true -> always_preserve;
        false -> preserve
    end;
blanks(_, _, _) -> preserve.

holds_elements({choice, L}) when is_list(L) -> holds_elements(L);
holds_elements({seq, L}) when is_list(L) -> holds_elements(L);
holds_elements({'*', Model}) -> holds_elements(Model);
holds_elements(['#PCDATA' | _]) -> false;
holds_elements(_) -> true.

check_ends([]) -> ok;
check_ends(Content) ->
    case is_record(hd(Content), xmlText) orelse
        is_record(lists:last(Content), xmlText) of
        true -> exit({error, {illegal_whitespace_standalone_doc, Content}});
        false -> ok
    end.

%% Attributes

attributes(Declared, Given, S) ->
    check_one_id(Declared),
    [check_tokens(D, Given) || D <- Declared],
    [lists:keymember(Name, 1, Declared) orelse
         exit({error, {attribute_unknown, Name}})
     || #xmlAttribute{name = Name} <- Given],
    lists:flatten([attribute(D, Given, S) || D <- Declared]).

check_one_id([{_, 'ID', _, _, _} = One | Rest]) ->
    case lists:keyfind('ID', 2, Rest) of
        false -> ok;
        Other -> exit({error, {just_one_ID_definition_allowed, One, Other}})
    end;
check_one_id([_ | Rest]) -> check_one_id(Rest);
check_one_id([]) -> ok.

check_tokens({Name, Type, _, _, _}, Given) ->
    case lists:keyfind(Name, #xmlAttribute.name, Given) of
        #xmlAttribute{value = []} when Type =:= 'NMTOKENS' ->
            exit({error, {at_least_one_Nmtoken_required}});
        #xmlAttribute{value = []} when Type =:= 'IDREFS' ->
            exit({error, {at_least_one_IDREF_Name_required}});
        #xmlAttribute{value = V} when Type =:= 'NMTOKEN';
                                      Type =:= 'NMTOKENS' ->
            [exit({error, {invalid_character_in_Nmtoken, C}})
             || C <- V, not xmerl_chars:is_namechar(C),
                not lists:member(C, " \r\n")];
        _ -> ok
    end.

attribute({Name, Type, Value, Default, Where}, Given, S) ->
    Found = case lists:keyfind(Name, #xmlAttribute.name, Given) of
                false -> no_attribute;
                A -> A
            end,
    S#xmerl_scanner.standalone =:= yes andalso
        check_standalone(Where, Found, Value),
    case {Default, Value, Found} of
        {'#REQUIRED', _, no_attribute} ->
            exit({error, {Name, is_required}});
        {'#IMPLIED', _, no_attribute} -> [];
        {'#FIXED', Value, #xmlAttribute{value = Value}} -> Found;
        {'#FIXED', _, no_attribute} ->
            #xmlAttribute{name = Name, value = Value};
        {'#FIXED', _, _} ->
            exit({error, {fixed_default_value_missmatch, Value, Found}});
        {_, _, no_attribute} when is_list(Value) ->
            #xmlAttribute{name = Name, value = Value};
        {_, _, #xmlAttribute{}} ->
            check_value(Type, Found, Value, S),
            Found;
        _ -> exit({error, {unknow_attribute_type, Default, Value, Found}})
    end.

check_standalone({external, _}, #xmlAttribute{name = Name,
                                              normalized = true}, _) ->
    exit({error,
          {externally_defed_attribute_normalized_in_standalone_doc, Name}});
check_standalone({external, _}, no_attribute, Value)
  when Value =/= no_value ->
    Reason = externally_defed_attribute_with_default_value_missing_in_standalone_doc,
    exit({error, {Reason}});
check_standalone(_, _, _) -> ok.

check_value(Type, #xmlAttribute{name = Name, value = V}, Default, _)
  when Type =:= 'NMTOKEN'; Type =:= 'NMTOKENS' ->
    Reason = case Type of
                 'NMTOKEN' -> invalid_value_nmtoken;
                 'NMTOKENS' -> invalid_value_nmtokens
             end,
    Blank = fun(C) ->
                    Type =:= 'NMTOKENS' andalso lists:member(C, " \t\r\n")
            end,
    Text = if is_list(Default) -> V ++ Default; true -> V end,
    [exit({error, {Reason, Name, V}})
     || C <- Text, not xmerl_chars:is_namechar(C), not Blank(C)];
check_value(Type, #xmlAttribute{value = V}, _,
            #xmerl_scanner{rules_read_fun = Read} = S)
  when Type =:= 'ENTITY'; Type =:= 'ENTITIES' ->
    [case Read(entity, Name, S) of
         {_, external, {_, {ndata, _}}} -> ok;
         _ -> exit({error, {vc_Entity_Name, Name, V}})
     end || Name <- [list_to_atom(N) || N <- string:lexemes(V, " ")]];
check_value({Type, Names}, #xmlAttribute{value = V}, Default, _)
  when Type =:= enumeration; Type =:= notation ->
    lists:member(list_to_atom(V), Names) orelse
        exit({error, {attribute_value_unknow, V, {list, Names}}}),
    is_atom(Default) orelse lists:member(list_to_atom(Default), Names) orelse
        exit({error, {attribute_default_value_unknow, Default,
                      {list, Names}}}),
    Type =:= notation orelse length(lists:usort(Names)) =:= length(Names)
        orelse exit({error, {duplicate_tokens_not_allowed, {list, Names}}});
check_value(_, _, _, _) -> ok.

%% Content models

match({'*', Model}, Content, S, Blanks) ->
    star(Model, Content, S, Blanks, []);
match({'+', Model}, Content, S, Blanks) -> plus(Model, Content, S, Blanks);
match({choice, Models}, Content, S, Blanks) ->
    choice(Models, Content, S, Blanks);
match(empty, [], _, _) -> {[], []};
match({'?', _}, [], _, _) -> {[], []};
match({'?', Model}, Content, S, _) ->
    case match(Model, Content, S, preserve) of
        {error, _, _} -> {[], Content};
        {error, _} -> {[], Content};
        Matched -> Matched
    end;
match({seq, Models}, Content, S, Blanks) ->
    sequence(Models, Content, S, Blanks, []);
match(any, Content, S, _) ->
    case catch any(Content, S) of
        {error, _} = Error -> Error;
        Matched -> {Matched, []}
    end;
match(Name, Content, S, Blanks) -> match_item(Name, Content, S, Blanks).

match_item(Name, [#xmlElement{name = Name} = E | Rest], S, _)
  when is_atom(Name) ->
    case valid_element(E, S) of
        {error, Reason} -> exit(Reason);
        {error, Reason, _} -> exit(Reason);
        Matched -> {[Matched], Rest}
    end;
match_item(Name, [#xmlElement{name = Other} | _] = Content, _, _)
  when is_atom(Name) ->
    {error, {element_seq_not_conform, {wait, Name}, {is, Other}},
     {{next, Content}, {act, []}}};
match_item(Name, [#xmlComment{} | Rest], S, Blanks) ->
    match(Name, Rest, S, Blanks);
match_item(_, [#xmlPI{} = PI | Rest], _, _) -> {[PI], Rest};
match_item('#PCDATA', Content, _, _) -> pcdata(Content, []);
match_item(Name, [#xmlText{} | _] = Content, _, _) ->
    {error, {text_in_place_of, Name}, {{next, Content}, {act, []}}};
match_item([], _, _, _) -> {error, no_rule};
match_item(Name, [], _, _) -> {error, {no_xml_element, Name}}.

pcdata([#xmlText{} = Text | Rest], Acc) -> pcdata(Rest, [Text | Acc]);
pcdata([#xmlComment{} | Rest], Acc) -> pcdata(Rest, Acc);
pcdata(Rest, Acc) -> {lists:reverse(Acc), Rest}.

any([#xmlElement{} = E | Rest], S) ->
    case valid_element(E, S) of
        {error, _} = Error -> throw(Error);
        {error, _, _} = Error -> throw(Error);
        Matched -> [Matched | any(Rest, S)]
    end;
any([H | Rest], S) -> [H | any(Rest, S)];
any([], _) -> [].

choice(_, [], _, _) -> {[], []};
choice([], Content, _, Blanks) ->
    case skip(Content, remove, Blanks) of
        {_, []} = Matched -> Matched;
        _ ->
            {error, element_unauthorize_in_choice,
             {{next, Content}, {act, []}}}
    end;
choice([Model | Models], Content, S, Blanks) ->
    {Before, Content1} = skip(Content, remove, Blanks),
    case match(Model, Content1, S, choose(remove, Blanks)) of
        {error, _} -> choice(Models, Content, S, Blanks);
        {error, _, _} -> choice(Models, Content, S, Blanks);
        {[], Content1} when Models =:= [] -> {[], Content1};
        {[], Content1} -> choice(Models, Content1, S, Blanks);
        {Matched, Rest} ->
            {After, Rest1} = skip(Rest, remove, Blanks),
            {After ++ [Matched] ++ Before, Rest1}
    end.

plus(Model, Content, S, Blanks) ->
    {Before, Content1} = skip(Content, Blanks, preserve),
    case match(Model, Content1, S, Blanks) of
        {error, Reason, _} -> {error, Reason};
        {error, Reason} -> {error, Reason};
        {Matched, Rest} ->
            case star(Model, Rest, S, Blanks, []) of
                {[], _} -> {Before ++ [Matched], Rest};
                {More, Rest1} -> {Before ++ [Matched] ++ More, Rest1}
            end
    end.

star(_, [], _, _, Acc) -> {[Acc], []};
star(Model, Content, S, Blanks, Acc) ->
    {Before, Content1} = skip(Content, Blanks, preserve),
    case match(Model, Content1, S, Blanks) of
        {error, _, {{next, Rest}, {act, Matched}}} ->
            {Before ++ Acc ++ Matched, Rest};
        {error, _} ->
            case skip(Content, remove, Blanks) of
                {[], _} -> {Before ++ [Acc], Content};
                {Skipped, Rest} -> {Skipped ++ [Acc], Rest}
            end;
        {Matched, Rest} ->
            star(Model, Rest, S, Blanks, Acc ++ Before ++ [Matched])
    end.

sequence([], [], _, _, Acc) -> {Acc, []};
sequence([], [#xmlText{}] = Content, _, _, Acc) ->
    case skip(Content, remove, preserve) of
        {[], _} ->
            {error, sequence_finish, {{next, Content}, {act, Acc}}};
        {Skipped, Rest} -> {Skipped ++ Acc, Rest}
    end;
sequence([], Content, _, _, Acc) ->
    {Skipped, Rest} = skip(Content, remove, preserve),
    {Skipped ++ Acc, Rest};
sequence([Model | Models], Content, S, Blanks, Acc) ->
    {Before, Content1} = skip(Content, remove, Blanks),
    case match(Model, Content1, S, remove) of
        {error, Reason, _} -> {error, Reason};
        {error, Reason} -> {error, Reason};
        {[], Rest} -> sequence(Models, Rest, S, Blanks, Acc);
        {Matched, Rest} when is_list(Matched) ->
            sequence(Models, Rest, S, Blanks, Acc ++ Before ++ Matched)
    end.

choose(_, always_preserve) -> always_preserve;
choose(How, _) -> How.

%% {Texts of white space, Rest}, if such may be skipped.
skip(Content, How, Blanks) ->
    case choose(How, Blanks) of
        remove ->
            lists:splitwith(fun(#xmlText{type = text, value = V}) ->
                                    lists:all(fun blank/1, V);
                               (_) -> false
                            end, Content);
        _ -> {[], Content}
    end.

blank(C) -> lists:member(C, " \t\r\n").
