%% SPDX-License-Identifier: Apache-2.0
%% What belongs to the language itself: operators, guard tests, functions that
%% need no module name, types that need no definition.
-module(erl_internal).

-export([bif/2, bif/3, guard_bif/2, old_bif/2, is_type/2]).
-export([type_test/2, new_type_test/2, old_type_test/2]).
-export([arith_op/2, bool_op/2, comp_op/2, list_op/2, send_op/2, op_type/2]).
-export([add_predefined_functions/1]).

-spec bif(atom(), arity()) -> boolean().
bif(Name, Arity) when is_atom(Name), is_integer(Arity) ->
    merle_names:is_imported(Name, Arity).

-spec bif(module(), atom(), arity()) -> boolean().
bif(erlang, Name, Arity) -> bif(Name, Arity);
bif(Module, Name, Arity) when is_atom(Module), is_atom(Name),
                              is_integer(Arity) -> false.

-spec guard_bif(atom(), arity()) -> boolean().
guard_bif(Name, Arity) when is_atom(Name), is_integer(Arity) ->
    merle_names:is_guard(Name, Arity).

-spec old_bif(atom(), arity()) -> boolean().
old_bif(Name, Arity) when is_atom(Name), is_integer(Arity) ->
    merle_names:is_old(Name, Arity).

-spec is_type(atom(), arity()) -> boolean().
is_type(Name, Arity) ->
    merle_names:is_type(Name, Arity).

-spec type_test(atom(), arity()) -> boolean().
type_test(Name, Arity) ->
    new_type_test(Name, Arity) orelse old_type_test(Name, Arity).

-spec new_type_test(atom(), arity()) -> boolean().
new_type_test(Name, Arity) when is_atom(Name), is_integer(Arity) ->
    case atom_to_list(Name) of
        "is_" ++ Rest when Rest =/= "map_key" -> guard_bif(Name, Arity);
        _ -> false
    end.

-spec old_type_test(atom(), arity()) -> boolean().
old_type_test(record, 2) -> true;
old_type_test(Name, 1) when is_atom(Name) ->
    lists:member(Name, [integer, float, number, atom, list, tuple, pid,
                        reference, port, binary, function]);
old_type_test(Name, Arity) when is_atom(Name), is_integer(Arity) -> false.

-spec arith_op(atom(), arity()) -> boolean().
arith_op(Op, Arity) when is_atom(Op), is_integer(Arity) ->
    type_of(Op, Arity) =:= arith.

-spec bool_op(atom(), arity()) -> boolean().
bool_op(Op, Arity) when is_atom(Op), is_integer(Arity) ->
    type_of(Op, Arity) =:= bool.

-spec comp_op(atom(), arity()) -> boolean().
comp_op(Op, Arity) when is_atom(Op), is_integer(Arity) ->
    type_of(Op, Arity) =:= comp.

-spec list_op(atom(), arity()) -> boolean().
list_op(Op, Arity) when is_atom(Op), is_integer(Arity) ->
    type_of(Op, Arity) =:= list.

-spec send_op(atom(), arity()) -> boolean().
send_op(Op, Arity) when is_atom(Op), is_integer(Arity) ->
    type_of(Op, Arity) =:= send.

-spec op_type(atom(), arity()) -> arith | bool | comp | list | send.
op_type(Op, Arity) when is_atom(Op) ->
    case type_of(Op, Arity) of
        none -> error(function_clause, [Op, Arity]);
        Type -> Type
    end.

type_of('+', 1) -> arith;
type_of('-', 1) -> arith;
type_of('bnot', 1) -> arith;
type_of('not', 1) -> bool;
type_of('+', 2) -> arith;
type_of('-', 2) -> arith;
type_of('*', 2) -> arith;
type_of('/', 2) -> arith;
type_of('div', 2) -> arith;
type_of('rem', 2) -> arith;
type_of('band', 2) -> arith;
type_of('bor', 2) -> arith;
type_of('bxor', 2) -> arith;
type_of('bsl', 2) -> arith;
type_of('bsr', 2) -> arith;
type_of('and', 2) -> bool;
type_of('or', 2) -> bool;
type_of('xor', 2) -> bool;
type_of('==', 2) -> comp;
type_of('/=', 2) -> comp;
type_of('=<', 2) -> comp;
type_of('<', 2) -> comp;
type_of('>=', 2) -> comp;
type_of('>', 2) -> comp;
type_of('=:=', 2) -> comp;
type_of('=/=', 2) -> comp;
type_of('++', 2) -> list;
type_of('--', 2) -> list;
type_of('!', 2) -> send;
type_of(_, _) -> none.

%% Forms of the functions that every module has, and their export.

-spec add_predefined_functions([term()]) -> [term()].
add_predefined_functions(Forms) ->
    Attributes = [{Name, Value} || {attribute, _, Name, Value} <- Forms],
    {module, Module} = lists:keyfind(module, 1, Attributes),
    Functions = [erl_parse:new_anno(F)
                 || F <- behaviour_info(Attributes) ++ info_functions(Module)],
    Exports = [{Name, Arity} || {function, _, Name, Arity, _} <- Functions],
    Forms ++ [{attribute, 0, export, Exports} | Functions].

behaviour_info(Attributes) ->
    Optional = lists:append([L || {optional_callbacks, L} <- Attributes,
                                  is_name_arity_list(L)]),
    case [F || {callback, {F, _}} <- Attributes] of
        [] -> [];
        All ->
            Callbacks = [F || {_, _} = F <- All],
            [{function, 0, behaviour_info, 1,
              [{clause, 0, [{atom, 0, callbacks}], [],
                [name_arity_list(Callbacks)]},
               {clause, 0, [{atom, 0, optional_callbacks}], [],
                [name_arity_list(Optional)]}]}]
    end.

is_name_arity_list([{Name, Arity} | Rest]) ->
    is_atom(Name) andalso is_integer(Arity) andalso Arity >= 0
        andalso is_name_arity_list(Rest);
is_name_arity_list(Rest) ->
    Rest =:= [].

name_arity_list(List) ->
    lists:foldr(fun({Name, Arity}, Tail) ->
                        {cons, 0, {tuple, 0, [{atom, 0, Name},
                                              {integer, 0, Arity}]}, Tail}
                end, {nil, 0}, List).

info_functions(Module) ->
    Name = {atom, 0, Module},
    Call = fun(Args) ->
                   {call, 0, {remote, 0, {atom, 0, erlang},
                              {atom, 0, get_module_info}}, [Name | Args]}
           end,
    X = {var, 0, 'X'},
    [{function, 0, module_info, 0, [{clause, 0, [], [], [Call([])]}]},
     {function, 0, module_info, 1, [{clause, 0, [X], [], [Call([X])]}]}].
