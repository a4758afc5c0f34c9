%% SPDX-License-Identifier: Apache-2.0
%% Syntax trees and the Abstract Format: the type of a form, the data that a
%% tree of the same type would have (unfold/1), and a form made of a tree's
%% data (fold/4).
-module(erl_syntax_forms).
-export([type/1, unfold/1, fold/4]).
-import(erl_syntax, [atom/1, integer/1, concrete/1, set_pos/2]).

type({Tag, _, _}) when Tag =:= atom; Tag =:= char; Tag =:= float;
                       Tag =:= integer; Tag =:= string; Tag =:= tuple -> Tag;
type({nil, _}) -> nil;
type({var, _, '_'}) -> underscore;
type({var, _, _}) -> variable;
type({error, _}) -> error_marker;
type({warning, _}) -> warning_marker;
type({eof, _}) -> eof_marker;
type({'case', _, _, _}) -> case_expr;
type({'catch', _, _}) -> catch_expr;
type({'fun', _, {clauses, _}}) -> fun_expr;
type({'fun', _, {function, _, _}}) -> implicit_fun;
type({'fun', _, {function, _, _, _}}) -> implicit_fun;
type({named_fun, _, _, _}) -> named_fun_expr;
type({'if', _, _}) -> if_expr;
type({'maybe', _, _}) -> maybe_expr;
type({'maybe', _, _, _}) -> maybe_expr;
type({'else', _, _}) -> else_expr;
type({'receive', _, _}) -> receive_expr;
type({'receive', _, _, _, _}) -> receive_expr;
type({attribute, _, _, _}) -> attribute;
type({bin, _, _}) -> binary;
type({bin_element, _, _, _, _}) -> binary_field;
type({block, _, _}) -> block_expr;
type({call, _, _, _}) -> application;
type({clause, _, _, _, _}) -> clause;
type({cons, _, _, _}) -> list;
type({function, _, _, _, _}) -> function;
type({b_generate, _, _, _}) -> binary_generator;
type({b_generate_strict, _, _, _}) -> strict_binary_generator;
type({m_generate, _, _, _}) -> map_generator;
type({m_generate_strict, _, _, _}) -> strict_map_generator;
type({generate_strict, _, _, _}) -> strict_generator;
type({zip, _, _}) -> zip_generator;
type({generate, _, _, _}) -> generator;
type({lc, _, _, _}) -> list_comp;
type({bc, _, _, _}) -> binary_comp;
type({mc, _, _, _}) -> map_comp;
type({match, _, _, _}) -> match_expr;
type({map, _, _, _}) -> map_expr;
type({map, _, _}) -> map_expr;
type({map_field_assoc, _, _, _}) -> map_field_assoc;
type({map_field_exact, _, _, _}) -> map_field_exact;
type({maybe_match, _, _, _}) -> maybe_match_expr;
type({op, _, _, _, _}) -> infix_expr;
type({op, _, _, _}) -> prefix_expr;
type({record, _, _, _, _}) -> record_expr;
type({record, _, _, _}) -> record_expr;
type({record_field, _, _, _, _}) -> record_access;
type({record_index, _, _, _}) -> record_index_expr;
type({remote, _, _, _}) -> module_qualifier;
type({'try', _, _, _, _, _}) -> try_expr;
type({ann_type, _, _}) -> annotated_type;
type({remote_type, _, _}) -> type_application;
type({type, _, binary, [_, _]}) -> bitstring_type;
type({type, _, bounded_fun, [_, _]}) -> constrained_function_type;
type({type, _, constraint, [_, _]}) -> constraint;
type({type, _, 'fun', []}) -> fun_type;
type({type, _, 'fun', [_, _]}) -> function_type;
type({type, _, map, _}) -> map_type;
type({type, _, map_field_assoc, _}) -> map_type_assoc;
type({type, _, map_field_exact, _}) -> map_type_exact;
type({type, _, record, _}) -> record_type;
type({type, _, field_type, _}) -> record_type_field;
type({type, _, range, _}) -> integer_range_type;
type({type, _, tuple, _}) -> tuple_type;
type({type, _, union, _}) -> type_union;
type({type, _, _, _}) -> type_application;
type({user_type, _, _, _}) -> user_type_application;
type(Node) -> error({badarg, Node}).

%% Forms to data

unfold({Tag, _, X}) when Tag =:= var; Tag =:= integer; Tag =:= float;
                         Tag =:= char; Tag =:= string; Tag =:= atom;
                         Tag =:= tuple; Tag =:= bin; Tag =:= 'catch';
                         Tag =:= block; Tag =:= 'if'; Tag =:= 'else';
                         Tag =:= zip -> X;
unfold({error, Error}) -> Error;
unfold({warning, Warning}) -> Warning;
unfold({eof, _}) -> [];
unfold({nil, _}) -> [];
unfold({map, _, Fields}) -> {map_expr, none, Fields};
unfold({map, _, Argument, Fields}) -> {map_expr, Argument, Fields};
unfold({Tag, _, A, B}) when Tag =:= map_field_assoc;
                            Tag =:= map_field_exact -> {Tag, A, B};
unfold({cons, _, Head, Tail}) -> unfold_list(Tail, [Head]);
unfold({bin_element, Pos, Body, Size, Types}) ->
    {binary_field,
     case Size of
         default -> Body;
         _ -> erl_syntax:size_qualifier(Body, Size)
     end,
     case Types of
         default -> [];
         _ -> [field_type(T, Pos) || T <- Types]
     end};
unfold({attribute, Pos, Name, Data}) ->
    {attribute, at(atom(Name), Pos), arguments(Name, Data, Pos)};
unfold({remote, _, Module, Body}) -> {module_qualifier, Module, Body};
unfold({function, Pos, Name, _, Clauses}) ->
    {func, at(atom(Name), Pos), Clauses};
unfold({clause, _, Patterns, Guard, Body}) ->
    {clause, Patterns, unfold_guard(Guard), Body};
unfold({match, _, Pattern, Body}) -> {match_expr, Pattern, Body};
unfold({maybe_match, _, Pattern, Body}) -> {maybe_match_expr, Pattern, Body};
unfold({op, Pos, Op, Left, Right}) ->
    {infix_expr, at(erl_syntax:operator(Op), Pos), Left, Right};
unfold({op, Pos, Op, Argument}) ->
    {prefix_expr, at(erl_syntax:operator(Op), Pos), Argument};
unfold({record_index, Pos, Type, Field}) ->
    {record_index_expr, at(atom(Type), Pos), Field};
unfold({record_field, Pos, Argument, Type, Field}) ->
    {record_access, Argument, at(atom(Type), Pos), Field};
unfold({record, Pos, Type, Fields}) ->
    {record_expr, none, at(atom(Type), Pos), record_fields(Fields)};
unfold({record, Pos, Argument, Type, Fields}) ->
    {record_expr, Argument, at(atom(Type), Pos), record_fields(Fields)};
unfold({call, _, Operator, Arguments}) -> {application, Operator, Arguments};
unfold({lc, _, Template, Body}) -> {list_comp, Template, Body};
unfold({bc, _, Template, Body}) -> {binary_comp, Template, Body};
unfold({generate, _, Pattern, Body}) -> {generator, Pattern, Body};
unfold({b_generate, _, Pattern, Body}) -> {binary_generator, Pattern, Body};
unfold({b_generate_strict, _, Pattern, Body}) ->
    {strict_binary_generator, Pattern, Body};
unfold({m_generate, _, Pattern, Body}) -> {map_generator, Pattern, Body};
unfold({m_generate_strict, _, Pattern, Body}) ->
    {strict_map_generator, Pattern, Body};
unfold({generate_strict, _, Pattern, Body}) ->
    {strict_generator, Pattern, Body};
unfold({mc, _, Template, Body}) -> {map_comp, Template, Body};
unfold({'case', _, Argument, Clauses}) -> {case_expr, Argument, Clauses};
unfold({'maybe', _, Body}) -> {maybe_expr, Body, none};
unfold({'maybe', _, Body, Else}) -> {maybe_expr, Body, Else};
unfold({'receive', _, Clauses}) -> {receive_expr, Clauses, none, []};
unfold({'receive', _, Clauses, Timeout, Action}) ->
    {receive_expr, Clauses, Timeout, Action};
unfold({'try', _, Body, Clauses, Handlers, After}) ->
    {try_expr, Body, Clauses, [handler(H) || H <- Handlers], After};
unfold({'fun', _, {clauses, Clauses}}) -> Clauses;
unfold({'fun', Pos, {function, Name, Arity}}) ->
    erl_syntax:arity_qualifier(at(atom(Name), Pos), at(integer(Arity), Pos));
unfold({'fun', _, {function, Module, Name, Arity}}) ->
    erl_syntax:module_qualifier(Module,
                                erl_syntax:arity_qualifier(Name, Arity));
unfold({named_fun, Pos, Name, Clauses}) ->
    {named_fun_expr, at(erl_syntax:variable(Name), Pos), Clauses};
unfold(Form) -> unfold_type(Form).

unfold_type({ann_type, _, [Name, Type]}) -> {annotated_type, Name, Type};
unfold_type({remote_type, _, [Module, Name, Arguments]}) ->
    {type_application, erl_syntax:module_qualifier(Module, Name), Arguments};
unfold_type({user_type, Pos, Name, Arguments}) ->
    {user_type_application, at(atom(Name), Pos), Arguments};
unfold_type({type, Pos, Name, Arguments} = Form) ->
    case {type(Form), Arguments} of
        {bitstring_type, [M, N]} -> {bitstring_type, M, N};
        {constrained_function_type, [F, Constraints]} ->
            {constrained_function_type, F,
             erl_syntax:conjunction(Constraints)};
        {fun_type, _} -> [];
        {function_type, [{type, _, any}, Type]} ->
            {function_type, any_arity, Type};
        {function_type, [{type, _, product, Types}, Type]} ->
            {function_type, Types, Type};
        {T, any} when T =:= map_type; T =:= tuple_type -> any_size;
        {T, _} when T =:= map_type; T =:= tuple_type; T =:= type_union ->
            Arguments;
        {record_type, [Record | Fields]} -> {record_type, Record, Fields};
        {type_application, _} ->
            {type_application, at(atom(Name), Pos), Arguments};
        {T, [A, B]} -> {T, A, B}
    end;
unfold_type(Node) -> error({badarg, Node}).

at(Tree, Pos) -> set_pos(Tree, Pos).

%% A list's cells, as long as they are plain forms.
unfold_list({cons, _, Head, Tail}, Acc) -> unfold_list(Tail, [Head | Acc]);
unfold_list({nil, _}, Acc) -> {list, lists:reverse(Acc), none};
unfold_list(Tail, Acc) -> {list, lists:reverse(Acc), Tail}.

field_type({Type, Size}, Pos) ->
    at(erl_syntax:size_qualifier(atom(Type), integer(Size)), Pos);
field_type(Type, Pos) -> at(atom(Type), Pos).

unfold_guard([]) -> none;
unfold_guard([L | _] = Guard) when is_list(L) ->
    erl_syntax:disjunction([erl_syntax:conjunction(C) || C <- Guard]);
unfold_guard(Guard) -> erl_syntax:conjunction(Guard).

%% throw is the class that is not written.
handler({clause, Pos, [{tuple, _, [{atom, _, throw}, V, {var, _, '_'}]}],
         Guard, Body}) ->
    {clause, Pos, [V], Guard, Body};
handler({clause, Pos, [{tuple, _, [Class, V, Trace]}], Guard, Body}) ->
    {clause, Pos, [erl_syntax:class_qualifier(Class, V, Trace)], Guard,
     Body}.

arguments(module, {Module, Vars}, Pos) ->
    [at(atom(Module), Pos),
     at(erl_syntax:list([at(erl_syntax:variable(V), Pos) || V <- Vars]),
        Pos)];
arguments(module, Module, Pos) -> [at(atom(Module), Pos)];
arguments(export, Functions, Pos) -> [functions(Functions, Pos)];
arguments(import, {Module, Functions}, Pos) ->
    [at(atom(Module), Pos), functions(Functions, Pos)];
arguments(file, {File, Line}, Pos) ->
    [at(erl_syntax:string(File), Pos), at(integer(Line), Pos)];
arguments(record, {Name, Fields}, Pos) ->
    [at(atom(Name), Pos),
     at(erl_syntax:tuple(record_fields(Fields)), Pos)];
arguments(_, Term, Pos) -> [at(erl_syntax:abstract(Term), Pos)].

functions(Functions, Pos) ->
    at(erl_syntax:list([at(erl_syntax:arity_qualifier(atom(F), integer(A)),
                           Pos) || {F, A} <- Functions]), Pos).

record_fields(Fields) -> [record_field(F) || F <- Fields].

record_field({typed_record_field, Field, Type}) ->
    F = record_field(Field),
    at(erl_syntax:typed_record_field(F, Type), erl_syntax:get_pos(F));
record_field({record_field, Pos, Name}) ->
    at(erl_syntax:record_field(Name), Pos);
record_field({record_field, Pos, Name, Value}) ->
    at(erl_syntax:record_field(Name, Value), Pos).

%% Data to forms; a tree that no form can stand for stays as it is

fold(Type, X, Pos, _) when Type =:= atom; Type =:= integer; Type =:= float;
                           Type =:= char; Type =:= string;
                           Type =:= tuple -> {Type, Pos, X};
fold(variable, Name, Pos, _) -> {var, Pos, Name};
fold(underscore, _, Pos, _) -> {var, Pos, '_'};
fold(nil, _, Pos, _) -> {nil, Pos};
fold(eof_marker, _, Pos, _) -> {eof, Pos};
fold(error_marker, Error, _, _) -> {error, Error};
fold(warning_marker, Warning, _, _) -> {warning, Warning};
fold(parentheses, Body, _, _) -> Body;
fold(list, {_, Prefix, Suffix}, Pos, _) ->
    Tail = case Suffix of none -> {nil, Pos}; _ -> Suffix end,
    lists:foldr(fun(E, Acc) -> {cons, Pos, E, Acc} end, Tail, Prefix);
fold(binary, Fields, Pos, _) -> {bin, Pos, Fields};
fold(catch_expr, Body, Pos, _) -> {'catch', Pos, Body};
fold(block_expr, Body, Pos, _) -> {block, Pos, Body};
fold(if_expr, Clauses, Pos, _) -> {'if', Pos, clauses(Clauses)};
fold(else_expr, Clauses, Pos, _) -> {'else', Pos, clauses(Clauses)};
fold(zip_generator, Generators, Pos, _) -> {zip, Pos, Generators};
fold(fun_expr, Clauses, Pos, _) -> {'fun', Pos, {clauses, clauses(Clauses)}};
fold(map_expr, {_, none, Fields}, Pos, _) -> {map, Pos, Fields};
fold(map_expr, {_, Argument, Fields}, Pos, _) -> {map, Pos, Argument, Fields};
fold(Type, {_, A, B}, Pos, _) when Type =:= map_field_assoc;
                                   Type =:= map_field_exact ->
    {Type, Pos, A, B};
fold(binary_field, Data, Pos, _) -> fold_binary_field(Data, Pos);
fold(attribute, {_, Name, Args}, Pos, Node) ->
    case type_of(Name) of
        atom -> fold_attribute(concrete(Name), Args, Pos, Node);
        _ -> Node
    end;
fold(function, {_, Name, Clauses}, Pos, Node) ->
    case type_of(Name) of
        atom ->
            {function, Pos, concrete(Name), erl_syntax:function_arity(Node),
             clauses(Clauses)};
        _ -> Node
    end;
fold(clause, {_, Patterns, Guard, Body}, Pos, _) ->
    {clause, Pos, Patterns, fold_guard(Guard), Body};
fold(infix_expr, {_, Op, Left, Right}, Pos, Node) ->
    case type_of(Op) of
        operator -> {op, Pos, erl_syntax:operator_name(Op), Left, Right};
        _ -> Node
    end;
fold(prefix_expr, {_, Op, Argument}, Pos, Node) ->
    case type_of(Op) of
        operator -> {op, Pos, erl_syntax:operator_name(Op), Argument};
        _ -> Node
    end;
fold(Type, Data, Pos, Node) -> fold_expr(Type, Data, Pos, Node).

fold_expr(Type, Data, Pos, Node)
  when Type =:= record_index_expr; Type =:= record_access;
       Type =:= record_expr ->
    fold_record(Type, Data, Pos, Node);
fold_expr(named_fun_expr, {_, Name, Clauses}, Pos, Node) ->
    case type_of(Name) of
        variable ->
            {named_fun, Pos, erl_syntax:variable_name(Name),
             clauses(Clauses)};
        _ -> Node
    end;
fold_expr(implicit_fun, Name, Pos, Node) -> fold_fun(Name, Pos, Node);
fold_expr(case_expr, {_, Argument, Clauses}, Pos, _) ->
    {'case', Pos, Argument, clauses(Clauses)};
fold_expr(receive_expr, {_, Clauses, none, _}, Pos, _) ->
    {'receive', Pos, clauses(Clauses)};
fold_expr(receive_expr, {_, Clauses, Timeout, Action}, Pos, _) ->
    {'receive', Pos, clauses(Clauses), Timeout, Action};
fold_expr(maybe_expr, {_, Body, none}, Pos, _) -> {'maybe', Pos, Body};
fold_expr(maybe_expr, {_, Body, Else}, Pos, _) -> {'maybe', Pos, Body, Else};
fold_expr(try_expr, {_, Body, Clauses, Handlers, After}, Pos, _) ->
    {'try', Pos, Body, clauses(Clauses),
     [fold_handler(H) || H <- clauses(Handlers)], After};
fold_expr(Type, {_, A, B} = Data, Pos, Node) ->
    Tags = #{match_expr => match, maybe_match_expr => maybe_match,
             application => call, module_qualifier => remote,
             list_comp => lc, binary_comp => bc, generator => generate,
             binary_generator => b_generate, map_comp => mc,
             map_generator => m_generate, strict_generator => generate_strict,
             strict_binary_generator => b_generate_strict,
             strict_map_generator => m_generate_strict},
    case Tags of
        #{Type := Tag} -> {Tag, Pos, A, B};
        _ -> fold_type(Type, Data, Pos, Node)
    end;
fold_expr(Type, Data, Pos, Node) -> fold_type(Type, Data, Pos, Node).

fold_type(annotated_type, {_, Name, Type}, Pos, _) ->
    {ann_type, Pos, [Name, Type]};
fold_type(fun_type, _, Pos, _) -> {type, Pos, 'fun', []};
fold_type(type_application, {_, Name, Arguments}, Pos, _) ->
    case type_of(Name) of
        module_qualifier ->
            {remote_type, Pos, [erl_syntax:module_qualifier_argument(Name),
                                erl_syntax:module_qualifier_body(Name),
                                Arguments]};
        atom -> {type, Pos, concrete(Name), Arguments}
    end;
fold_type(user_type_application, {_, Name, Arguments}, Pos, _) ->
    {user_type, Pos, concrete(Name), Arguments};
fold_type(constrained_function_type, {_, F, Conjunction}, Pos, _) ->
    {type, Pos, bounded_fun,
     [F, erl_syntax:conjunction_body(Conjunction)]};
fold_type(function_type, {_, any_arity, Type}, Pos, _) ->
    {type, Pos, 'fun', [{type, Pos, any}, Type]};
fold_type(function_type, {_, Types, Type}, Pos, _) ->
    {type, Pos, 'fun', [{type, Pos, product, Types}, Type]};
fold_type(record_type, {_, Name, Fields}, Pos, _) ->
    {type, Pos, record, [Name | Fields]};
fold_type(Type, Data, Pos, Node) ->
    Tags = #{bitstring_type => binary, constraint => constraint,
             map_type_assoc => map_field_assoc,
             map_type_exact => map_field_exact, map_type => map,
             integer_range_type => range, record_type_field => field_type,
             tuple_type => tuple, type_union => union},
    case {Tags, Data} of
        {#{Type := Tag}, {_, A, B}} -> {type, Pos, Tag, [A, B]};
        {#{Type := Tag}, any_size} -> {type, Pos, Tag, any};
        {#{Type := Tag}, _} -> {type, Pos, Tag, Data};
        _ -> Node
    end.

type_of(Tree) -> erl_syntax:type(Tree).

%% Clauses that stand in a tree may be trees still.
clauses(Clauses) ->
    [fold(clause, erl_syntax:unfold(C), erl_syntax:get_pos(C), C)
     || C <- Clauses].

fold_guard(none) -> [];
fold_guard(Guard) ->
    case type_of(Guard) of
        disjunction ->
            [alternative(E) || E <- erl_syntax:disjunction_body(Guard)];
        _ -> [alternative(Guard)]
    end.

alternative(Guard) ->
    case type_of(Guard) of
        conjunction -> erl_syntax:conjunction_body(Guard);
        _ -> [Guard]
    end.

fold_handler({clause, Pos, [P], Guard, Body}) ->
    Parts = case type_of(P) of
                class_qualifier ->
                    [erl_syntax:class_qualifier_argument(P),
                     erl_syntax:class_qualifier_body(P),
                     erl_syntax:class_qualifier_stacktrace(P)];
                _ -> [{atom, Pos, throw}, P, {var, Pos, '_'}]
            end,
    {clause, Pos, [{tuple, Pos, Parts}], Guard, Body}.

fold_binary_field({_, Body, Types}, Pos) ->
    {Expr, Size} = case type_of(Body) of
                       size_qualifier ->
                           {erl_syntax:size_qualifier_body(Body),
                            erl_syntax:size_qualifier_argument(Body)};
                       _ -> {Body, default}
                   end,
    Types1 = case Types of
                 [] -> default;
                 _ -> [fold_field_type(T) || T <- Types]
             end,
    {bin_element, Pos, Expr, Size, Types1}.

fold_field_type(Type) ->
    case type_of(Type) of
        size_qualifier ->
            {concrete(erl_syntax:size_qualifier_body(Type)),
             concrete(erl_syntax:size_qualifier_argument(Type))};
        _ -> concrete(Type)
    end.

fold_fun(Name, Pos, Node) ->
    case fun_parts(Name) of
        {F, A} ->
            case {type_of(F), type_of(A)} of
                {atom, integer} ->
                    {'fun', Pos, {function, concrete(F), concrete(A)}};
                _ -> Node
            end;
        {Module, F, A} -> {'fun', Pos, {function, Module, F, A}};
        false -> Node
    end.

fun_parts(Name) ->
    case type_of(Name) of
        arity_qualifier ->
            {erl_syntax:arity_qualifier_body(Name),
             erl_syntax:arity_qualifier_argument(Name)};
        module_qualifier ->
            Body = erl_syntax:module_qualifier_body(Name),
            case type_of(Body) of
                arity_qualifier ->
                    {erl_syntax:module_qualifier_argument(Name),
                     erl_syntax:arity_qualifier_body(Body),
                     erl_syntax:arity_qualifier_argument(Body)};
                _ -> false
            end;
        _ -> false
    end.

fold_record(Type, Data, Pos, Node) ->
    {Name, Form} =
        case {Type, Data} of
            {record_index_expr, {_, N, Field}} ->
                {N, fun(R) -> {record_index, Pos, R, Field} end};
            {record_access, {_, Argument, N, Field}} ->
                {N, fun(R) -> {record_field, Pos, Argument, R, Field} end};
            {record_expr, {_, none, N, Fields}} ->
                {N, fun(R) -> {record, Pos, R, fold_fields(Fields)} end};
            {record_expr, {_, Argument, N, Fields}} ->
                {N, fun(R) ->
                            {record, Pos, Argument, R, fold_fields(Fields)}
                    end}
        end,
    case type_of(Name) of
        atom -> Form(concrete(Name));
        _ -> Node
    end.

fold_fields(Fields) -> [fold_field(F) || F <- Fields].

fold_field(Field) ->
    case type_of(Field) of
        typed_record_field ->
            {typed_record_field,
             fold_field(erl_syntax:typed_record_field_body(Field)),
             erl_syntax:typed_record_field_type(Field)};
        record_field ->
            Pos = erl_syntax:get_pos(Field),
            Name = erl_syntax:record_field_name(Field),
            case erl_syntax:record_field_value(Field) of
                none -> {record_field, Pos, Name};
                Value -> {record_field, Pos, Name, Value}
            end
    end.

%% Attributes

%% What is no attribute that erl_parse would make stays a tree.
fold_attribute(Name, Args, Pos, Node) ->
    try {attribute, Pos, Name, attribute(Name, Args)}
    catch throw:no_form -> Node
    end.

attribute(module, [M]) -> atom_of(M);
attribute(module, [M, Vars]) ->
    {atom_of(M), [erl_syntax:variable_name(V) || V <- elements(Vars)]};
attribute(export, [Functions]) -> fold_functions(Functions);
attribute(import, [M]) -> atom_of(M);
attribute(import, [M, Functions]) -> {atom_of(M), fold_functions(Functions)};
attribute(file, [File, Line]) -> {of_type(string, File),
                                  of_type(integer, Line)};
attribute(record, [Name, Fields]) ->
    Record = atom_of(Name),
    case type_of(Fields) of
        tuple -> {Record, fold_fields(erl_syntax:tuple_elements(Fields))};
        _ -> throw(no_form)
    end;
attribute(_, [Term]) -> concrete(Term);
attribute(_, _) -> throw(no_form).

atom_of(Tree) -> of_type(atom, Tree).

of_type(Type, Tree) ->
    case type_of(Tree) of
        Type -> concrete(Tree);
        _ -> throw(no_form)
    end.

elements(List) ->
    case erl_syntax:is_list_skeleton(List) andalso
        erl_syntax:is_proper_list(List) of
        true -> erl_syntax:list_elements(List);
        false -> throw(no_form)
    end.

fold_functions(List) ->
    [{concrete(erl_syntax:arity_qualifier_body(F)),
      concrete(erl_syntax:arity_qualifier_argument(F))}
     || F <- elements(List)].
