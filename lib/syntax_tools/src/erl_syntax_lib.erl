%% SPDX-License-Identifier: Apache-2.0
%% What programs do with syntax trees most: walks over them, the names in
%% them, new names, and what forms say (analyze_...), which throw
%% syntax_error for a tree of another shape. annotate_bindings/2 is in
%% erl_syntax_bindings.
-module(erl_syntax_lib).
-export([map/2, map_subtrees/2, fold/3, fold_subtrees/3, mapfold/3,
         mapfold_subtrees/3, foldl_listlist/3, mapfoldl_listlist/3]).
-export([variables/1, new_variable_name/1, new_variable_name/2,
         new_variable_names/2, new_variable_names/3,
         annotate_bindings/1, annotate_bindings/2]).
-export([analyze_application/1, analyze_attribute/1,
         analyze_export_attribute/1, analyze_file_attribute/1,
         analyze_form/1, analyze_forms/1, analyze_function/1,
         analyze_function_name/1, analyze_implicit_fun/1,
         analyze_import_attribute/1, analyze_module_attribute/1,
         analyze_record_attribute/1, analyze_record_expr/1,
         analyze_record_field/1, analyze_wild_attribute/1,
         analyze_type_application/1, analyze_type_name/1,
         function_name_expansions/1, is_fail_expr/1]).
-export([limit/2, limit/3, strip_comments/1, to_comment/1, to_comment/2,
         to_comment/3]).
-export_type([info_pair/0]).

-type info_pair() :: {atom(), term()}.

%% Walks, the children before the tree

map(F, Tree) -> F(map_subtrees(fun(T) -> map(F, T) end, Tree)).

map_subtrees(F, Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> Tree;
        Groups -> erl_syntax:update_tree(Tree, [[F(T) || T <- Group]
                                                || Group <- Groups])
    end.

fold(F, Acc, Tree) ->
    F(Tree, fold_subtrees(fun(T, A) -> fold(F, A, T) end, Acc, Tree)).

fold_subtrees(F, Acc, Tree) ->
    foldl_listlist(F, Acc, erl_syntax:subtrees(Tree)).

foldl_listlist(F, Acc, Groups) ->
    lists:foldl(fun(Group, A) -> lists:foldl(F, A, Group) end, Acc, Groups).

mapfold(F, Acc, Tree) ->
    {Tree1, Acc1} =
        mapfold_subtrees(fun(T, A) -> mapfold(F, A, T) end, Acc, Tree),
    F(Tree1, Acc1).

mapfold_subtrees(F, Acc, Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> {Tree, Acc};
        Groups ->
            {Groups1, Acc1} = mapfoldl_listlist(F, Acc, Groups),
            {erl_syntax:update_tree(Tree, Groups1), Acc1}
    end.

mapfoldl_listlist(F, Acc, Groups) ->
    lists:mapfoldl(fun(Group, A) -> lists:mapfoldl(F, A, Group) end, Acc,
                   Groups).

%% Variables

variables(Tree) -> variables(Tree, sets:new()).

variables(Tree, Names) ->
    case erl_syntax:type(Tree) of
        variable -> sets:add_element(erl_syntax:variable_name(Tree), Names);
        macro ->
            %% the macro's own name is no variable
            case erl_syntax:macro_arguments(Tree) of
                none -> Names;
                Args -> lists:foldl(fun variables/2, Names, Args)
            end;
        _ -> fold_subtrees(fun variables/2, Names, Tree)
    end.

new_variable_name(Used) -> new_variable_name(fun variable_name/1, Used).

new_variable_name(F, Used) ->
    Range = start_range(Used),
    new_variable_name(draw(Range), Range, 0, F, Used).

variable_name(N) -> list_to_atom("V" ++ integer_to_list(N)).

%% Numbers are drawn from a range that grows when three in a row are taken.
new_variable_name(N, Range, Tries, F, Used) ->
    Name = F(N),
    if Tries >= 3 ->
            new_variable_name(draw(Range * 8), Range * 8, 0, F, Used);
       true ->
            case sets:is_element(Name, Used) of
                true ->
                    new_variable_name(draw(Range), Range, Tries + 1, F, Used);
                false -> Name
            end
    end.

start_range(Used) -> max(100, 100 * sets:size(Used)).

draw(Range) ->
    rand:export_seed() =:= undefined andalso
        rand:seed(exsplus, {753, 8, 73}),
    rand:uniform(Range).

new_variable_names(N, Used) ->
    new_variable_names(N, fun variable_name/1, Used).

new_variable_names(N, F, Used) when is_integer(N) ->
    names(N, [], start_range(Used), F, Used).

names(0, Acc, _, _, _) -> Acc;
names(N, Acc, Range, F, Used) when N > 0 ->
    Name = new_variable_name(draw(Range), Range, 0, F, Used),
    names(N - 1, [Name | Acc], Range, F, sets:add_element(Name, Used)).

annotate_bindings(Tree) ->
    case lists:keyfind(env, 1, erl_syntax:get_ann(Tree)) of
        {env, Env} -> annotate_bindings(Tree, Env);
        false -> error(badarg)
    end.

annotate_bindings(Tree, Env) -> erl_syntax_bindings:annotate(Tree, Env).

%% All forms of a module: [{Key, Value}] of what there is.

analyze_forms(Forms) when is_list(Forms) ->
    Info = lists:foldl(fun collect/2, #{}, Forms),
    [{Key, maps:get(Key, Info)}
     || Key <- [module, exports, imports, module_imports, attributes,
                records, errors, warnings, functions],
        maps:get(Key, Info, []) =/= []];
analyze_forms(Tree) ->
    Flat = erl_syntax:flatten_form_list(Tree),
    analyze_forms(erl_syntax:form_list_elements(Flat)).

collect(Form, Info) ->
    case analyze_form(Form) of
        {attribute, {Name, Data}} -> collect(Name, Data, Info);
        {function, F} -> push(functions, F, Info);
        {error_marker, Error} -> push(errors, Error, Info);
        {warning_marker, Warning} -> push(warnings, Warning, Info);
        _ -> Info
    end.

collect(module, Name, Info) -> maps:merge(#{module => Name}, Info);
collect(export, Names, Info) ->
    Info#{exports => Names ++ maps:get(exports, Info, [])};
collect(import, {Module, Names}, Info) ->
    All = maps:get(imports, Info, []),
    New = case lists:keyfind(Module, 1, All) of
              {_, Old} -> lists:keyreplace(Module, 1, All,
                                           {Module, Names ++ Old});
              false -> [{Module, Names} | All]
          end,
    Info#{imports => New};
collect(import, Module, Info) -> push(module_imports, Module, Info);
collect(file, _, Info) -> Info;
collect(record, {_, _} = Record, Info) -> push(records, Record, Info);
collect(Name, Value, Info) -> push(attributes, {Name, Value}, Info).

push(Key, Value, Info) -> Info#{Key => [Value | maps:get(Key, Info, [])]}.

%% One form

analyze_form(Node) ->
    case erl_syntax:type(Node) of
        attribute -> {attribute, analyze_attribute(Node)};
        function -> {function, analyze_function(Node)};
        error_marker -> {error_marker, erl_syntax:error_marker_info(Node)};
        warning_marker ->
            {warning_marker, erl_syntax:warning_marker_info(Node)};
        Type ->
            erl_syntax:is_form(Node) orelse throw(syntax_error),
            Type
    end.

analyze_attribute(Node) ->
    Name = atom_of(erl_syntax:attribute_name(Node)),
    case lists:member(Name, [define, undef, include, include_lib, ifdef,
                             ifndef, 'if', elif, 'else', endif]) of
        true -> preprocessor;
        false -> {Name, analyze_attribute(Name, Node)}
    end.

analyze_attribute(module, Node) -> analyze_module_attribute(Node);
analyze_attribute(export, Node) -> analyze_export_attribute(Node);
analyze_attribute(import, Node) -> analyze_import_attribute(Node);
analyze_attribute(file, Node) -> analyze_file_attribute(Node);
analyze_attribute(record, Node) -> analyze_record_attribute(Node);
analyze_attribute(_, Node) -> element(2, analyze_wild_attribute(Node)).

analyze_module_attribute(Node) ->
    case arguments(Node) of
        [Module] -> atom_of(Module);
        [Module, Vars] ->
            Name = atom_of(Module),
            {Name, [erl_syntax:variable_name(V) || V <- elements(Vars)]};
        _ -> throw(syntax_error)
    end.

analyze_export_attribute(Node) ->
    case arguments(Node) of
        [List] -> function_names(List);
        _ -> throw(syntax_error)
    end.

analyze_import_attribute(Node) ->
    case arguments(Node) of
        [Module] -> atom_of(Module);
        [Module, List] -> {atom_of(Module), function_names(List)};
        _ -> throw(syntax_error)
    end.

analyze_file_attribute(Node) ->
    case arguments(Node) of
        [File, Line] -> {value(string, File), value(integer, Line)};
        _ -> throw(syntax_error)
    end.

analyze_record_attribute(Node) ->
    case arguments(Node) of
        [Name, Fields] ->
            {atom_of(Name), [analyze_record_field(F)
                             || F <- children(tuple, Fields)]};
        _ -> throw(syntax_error)
    end.

analyze_wild_attribute(Node) ->
    [Term] = case arguments(Node) of
                 [_] = Args -> Args;
                 _ -> throw(syntax_error)
             end,
    Name = atom_of(erl_syntax:attribute_name(Node)),
    case catch {ok, erl_syntax:concrete(Term)} of
        {ok, Value} -> {Name, Value};
        _ -> throw(syntax_error)
    end.

analyze_function(Node) ->
    expect(function, Node),
    {atom_of(erl_syntax:function_name(Node)),
     erl_syntax:function_arity(Node)}.

%% Shapes

expect(Type, Node) ->
    erl_syntax:type(Node) =:= Type orelse throw(syntax_error).

value(Type, Node) ->
    expect(Type, Node),
    erl_syntax:concrete(Node).

atom_of(Node) -> value(atom, Node).

children(Type, Node) ->
    expect(Type, Node),
    lists:append(erl_syntax:subtrees(Node)).

arguments(Node) ->
    expect(attribute, Node),
    erl_syntax:attribute_arguments(Node).

elements(List) ->
    erl_syntax:is_proper_list(List) orelse throw(syntax_error),
    erl_syntax:list_elements(List).

function_names(List) -> [analyze_function_name(F) || F <- elements(List)].

%% Names: a, {a, Arity}, {Module, Name}

analyze_function_name(Node) -> name(Node, fun analyze_function_name/1).

analyze_type_name(Node) -> name(Node, fun atom_of/1).

%% Body looks at what an arity stands behind.
name(Node, Body) ->
    case erl_syntax:type(Node) of
        atom -> erl_syntax:atom_value(Node);
        arity_qualifier ->
            Arity = value(integer, erl_syntax:arity_qualifier_argument(Node)),
            with_arity(Arity, Body(erl_syntax:arity_qualifier_body(Node)));
        module_qualifier ->
            Module = atom_of(erl_syntax:module_qualifier_argument(Node)),
            {Module, name(erl_syntax:module_qualifier_body(Node), Body)};
        _ -> throw(syntax_error)
    end.

%% A second arity is dropped.
with_arity(Arity, {Module, Name}) -> {Module, with_arity(Arity, Name)};
with_arity(Arity, Name) when is_atom(Name) -> {Name, Arity};
with_arity(_, Name) -> Name.

analyze_implicit_fun(Node) ->
    expect(implicit_fun, Node),
    analyze_function_name(erl_syntax:implicit_fun_name(Node)).

%% The arity alone where the function is no name.
analyze_application(Node) ->
    expect(application, Node),
    Arity = length(erl_syntax:application_arguments(Node)),
    try with_arity(Arity, analyze_function_name(
                            erl_syntax:application_operator(Node)))
    catch throw:syntax_error -> Arity
    end.

analyze_type_application(Node) ->
    {Name, Args} =
        case erl_syntax:type(Node) of
            type_application ->
                {erl_syntax:type_application_name(Node),
                 erl_syntax:type_application_arguments(Node)};
            user_type_application ->
                {erl_syntax:user_type_application_name(Node),
                 erl_syntax:user_type_application_arguments(Node)};
            _ -> throw(syntax_error)
        end,
    with_arity(length(Args), analyze_type_name(Name)).

function_name_expansions(Names) ->
    lists:foldl(fun(Name, Acc) -> [{short(Name), Name} | Acc] end, [], Names).

short({_, Arity} = Name) when is_integer(Arity) -> Name;
short({_, Name}) -> short(Name);
short(Name) -> Name.

is_fail_expr(Node) ->
    erl_syntax:type(Node) =:= application andalso
        lists:member(catch analyze_application(Node),
                     [{exit, 1}, {throw, 1}, {erlang, {exit, 1}},
                      {erlang, {throw, 1}}, {erlang, {error, 1}},
                      {erlang, {error, 2}}, {erlang, {fault, 1}},
                      {erlang, {fault, 2}}]).

%% Records

analyze_record_expr(Node) ->
    case erl_syntax:type(Node) of
        record_expr ->
            Name = atom_of(erl_syntax:record_expr_type(Node)),
            Fields = [analyze_record_field(F)
                      || F <- erl_syntax:record_expr_fields(Node)],
            {record_expr, {Name, [{F, Value} || {F, {Value, _}} <- Fields]}};
        record_access ->
            Field = atom_of(erl_syntax:record_access_field(Node)),
            {record_access,
             {atom_of(erl_syntax:record_access_type(Node)), Field}};
        record_index_expr ->
            Field = atom_of(erl_syntax:record_index_expr_field(Node)),
            {record_index_expr,
             {atom_of(erl_syntax:record_index_expr_type(Node)), Field}};
        Type -> Type
    end.

analyze_record_field(Node) ->
    case erl_syntax:type(Node) of
        record_field ->
            {atom_of(erl_syntax:record_field_name(Node)),
             {erl_syntax:record_field_value(Node), none}};
        typed_record_field ->
            Body = erl_syntax:typed_record_field_body(Node),
            {Name, {Value, _}} = analyze_record_field(Body),
            {Name, {Value, erl_syntax:typed_record_field_type(Node)}};
        _ -> throw(syntax_error)
    end.

%% Trees cut at a depth, for messages

limit(Tree, Depth) -> limit(Tree, Depth, erl_syntax:text("...")).

limit(_, Depth, Cut) when Depth < 0 -> Cut;
limit(Tree, Depth, Cut) ->
    case erl_syntax:subtrees(Tree) of
        [] ->
            case Depth > 0 orelse is_short(Tree) of
                true -> Tree;
                false -> Cut
            end;
        _ when Depth =:= 0 -> Cut;
        Groups ->
            erl_syntax:update_tree(Tree, [limit_group(G, Depth, Cut)
                                          || G <- Groups])
    end.

limit_group([T], 1, Cut) -> [limit(T, 0, Cut)];
limit_group([_ | _], 1, Cut) -> [Cut];
limit_group(Group, Depth, Cut) ->
    Kept = case length(Group) > Depth of
               true -> lists:sublist(Group, Depth - 1) ++ [Cut];
               false -> Group
           end,
    [limit(T, Depth - 1, Cut) || T <- Kept].

is_short(Tree) ->
    lists:member(erl_syntax:type(Tree),
                 [atom, char, float, integer, nil, operator, tuple,
                  underscore, variable]).

%% Comments

strip_comments(Tree) -> map(fun strip/1, Tree).

strip(Tree) ->
    case erl_syntax:type(Tree) of
        form_list ->
            Forms = [F || F <- erl_syntax:form_list_elements(Tree),
                          erl_syntax:type(F) =/= comment],
            erl_syntax:remove_comments(
              erl_syntax:copy_attrs(Tree, erl_syntax:form_list(Forms)));
        comment -> erl_syntax:comment([]);
        _ -> erl_syntax:remove_comments(Tree)
    end.

to_comment(Tree) -> to_comment(Tree, "% ").

to_comment(Tree, Prefix) ->
    to_comment(Tree, Prefix, fun erl_prettypr:format/1).

to_comment(Tree, Prefix, F) ->
    erl_syntax:comment([Prefix ++ Line || Line <- lines(F(Tree), 0, [])]).

%% The lines of a text, with tabs as blanks; an empty last one is none.
lines([], _, []) -> [];
lines([], _, Acc) -> [lists:reverse(Acc)];
lines([$\r, $\n | T], _, Acc) -> [lists:reverse(Acc) | lines(T, 0, [])];
lines([C | T], _, Acc) when C =:= $\r; C =:= $\n ->
    [lists:reverse(Acc) | lines(T, 0, [])];
lines([$\t | T], N, Acc) ->
    lines(T, 0, lists:duplicate(8 - N rem 8, $\s) ++ Acc);
lines([C | T], N, Acc) -> lines(T, N + 1, [C | Acc]).
