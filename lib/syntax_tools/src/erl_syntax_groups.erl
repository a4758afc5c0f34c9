%% SPDX-License-Identifier: Apache-2.0
%% The children of each type of syntax tree, as groups: one table from which
%% trees are taken apart and put together.
%%
%% fields/1 names what the data of a type hold, in order: one (a tree), many
%% (a list of trees), maybe_one (a tree, or none), some (a list, or an atom),
%% filled (a list, but an empty one makes no group). {data, Kind}: the data are
%% that field themselves, with no tuple around.
-module(erl_syntax_groups).
-export([subtrees/2, make/2]).

fields(Type) ->
    case Type of
        annotated_type -> [one, one];
        application -> [one, many];
        arity_qualifier -> [one, one];
        attribute -> [one, some];
        binary -> {data, many};
        binary_comp -> [one, many];
        binary_field -> [one, filled];
        binary_generator -> [one, one];
        bitstring_type -> [one, one];
        block_expr -> {data, many};
        case_expr -> [one, many];
        catch_expr -> {data, one};
        class_qualifier -> [one, one, one];
        clause -> [many, maybe_one, many];
        conjunction -> {data, many};
        constraint -> [one, many];
        disjunction -> {data, many};
        else_expr -> {data, many};
        form_list -> {data, many};
        fun_expr -> {data, many};
        function -> [one, many];
        function_type -> [some, one];
        generator -> [one, one];
        if_expr -> {data, many};
        implicit_fun -> {data, one};
        infix_expr -> [one, one, one];
        integer_range_type -> [one, one];
        list -> [many, maybe_one];
        list_comp -> [one, many];
        macro -> [one, some];
        map_comp -> [one, many];
        map_expr -> [maybe_one, many];
        map_field_assoc -> [one, one];
        map_field_exact -> [one, one];
        map_generator -> [one, one];
        map_type -> {data, many};
        map_type_assoc -> [one, one];
        map_type_exact -> [one, one];
        match_expr -> [one, one];
        maybe_expr -> [many, maybe_one];
        maybe_match_expr -> [one, one];
        module_qualifier -> [one, one];
        named_fun_expr -> [one, many];
        parentheses -> {data, one};
        prefix_expr -> [one, one];
        record_access -> [one, one, one];
        record_expr -> [maybe_one, one, many];
        record_field -> [one, maybe_one];
        record_index_expr -> [one, one];
        record_type -> [one, many];
        record_type_field -> [one, one];
        size_qualifier -> [one, one];
        strict_binary_generator -> [one, one];
        strict_generator -> [one, one];
        strict_map_generator -> [one, one];
        try_expr -> [many, many, many, many];
        tuple -> {data, many};
        tuple_type -> {data, many};
        type_application -> [one, many];
        type_union -> {data, many};
        typed_record_field -> [one, one];
        user_type_application -> [one, many];
        zip_generator -> {data, many}
    end.

%% The groups of data of a type.
subtrees(receive_expr, {_, Clauses, none, _}) -> [Clauses];
subtrees(receive_expr, {_, Clauses, Timeout, Action}) ->
    [Clauses, [Timeout], Action];
subtrees(constrained_function_type, {_, Body, Conjunction}) ->
    [[Body], erl_syntax:conjunction_body(Conjunction)];
%% operators stand first in their data, but between their arguments
subtrees(infix_expr, {_, Operator, Left, Right}) ->
    [[Left], [Operator], [Right]];
subtrees(Type, Data) ->
    case fields(Type) of
        {data, Kind} -> group(Kind, Data);
        Kinds ->
            [_ | Values] = tuple_to_list(Data),
            lists:append(lists:zipwith(fun group/2, Kinds, Values))
    end.

group(one, X) -> [[X]];
group(many, L) -> [L];
group(maybe_one, none) -> [];
group(maybe_one, X) -> [[X]];
group(some, X) when is_atom(X) -> [];
group(some, L) -> [L];
group(filled, []) -> [];
group(filled, L) -> [L].

%% The other way: calls the constructor of the type.
make(clause, [Patterns, Body]) -> erl_syntax:clause(Patterns, none, Body);
make(receive_expr, [Clauses]) -> erl_syntax:receive_expr(Clauses);
make(receive_expr, [Clauses, [Timeout], Action]) ->
    erl_syntax:receive_expr(Clauses, Timeout, Action);
make(constrained_function_type, [[Body], Constraints]) ->
    erl_syntax:constrained_function_type(Body, Constraints);
make(attribute, [[Name], Args]) -> erl_syntax:attribute(Name, Args);
make(macro, [[Name], Args]) -> erl_syntax:macro(Name, Args);
make(class_qualifier, [[Class], [Body]]) ->
    erl_syntax:class_qualifier(Class, Body);
make(Type, Groups) ->
    Kinds = case fields(Type) of
                {data, Kind} -> [Kind];
                Fields -> present(Fields, length(Groups))
            end,
    apply(erl_syntax, Type, lists:zipwith(fun argument/2, Kinds, Groups)).

%% Where there are fewer groups than fields, those that may miss do.
present(Kinds, N) when length(Kinds) =:= N -> Kinds;
present(Kinds, N) ->
    Present = [K || K <- Kinds, K =:= one orelse K =:= many],
    N = length(Present),
    Present.

argument(Kind, [X]) when Kind =:= one; Kind =:= maybe_one -> X;
argument(_, L) -> L.
