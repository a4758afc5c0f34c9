%% SPDX-License-Identifier: Apache-2.0
%% erl_lint: the checks of the compiler, which are in C; here what they need to
%% know of other modules is gathered.
-module(erl_lint).

-export([module/1, module/2, module/3, format_error/1, exprs/2, exprs_opt/3,
         is_guard_test/1, is_guard_test/2, is_guard_test/3, is_guard_expr/1,
         bool_option/4, value_option/3, value_option/7, is_pattern_expr/1]).

-type error_info() :: {erl_anno:location() | none, module(), term()}.
-export_type([error_info/0, error_description/0]).
-type error_description() :: term().

module(Forms) -> module(Forms, "nofile", []).
module(Forms, File) -> module(Forms, File, []).
module(Forms, File, Options) ->
    merle_lint:module(Forms, name(File), behaviours(Forms) ++ Options).

name(File) when is_atom(File) -> atom_to_list(File);
name(File) -> File.

%% What the behaviours of these forms ask for, as far as they can be asked.
behaviours(Forms) ->
    case lists:usort([B || {attribute, _, Key, B} <- Forms,
                           Key =:= behaviour orelse Key =:= behavior,
                           is_atom(B)]) of
        [] -> [];
        Names -> [{behaviour_callbacks, lists:append([asked(B)
                                                      || B <- Names])}]
    end.

asked(B) ->
    try B:behaviour_info(callbacks) of
        Callbacks -> [{B, Callbacks, optional(B)}]
    catch
        _:_ -> []
    end.

optional(B) ->
    try B:behaviour_info(optional_callbacks) of
        List when is_list(List) -> List;
        _ -> []
    catch
        _:_ -> []
    end.

exprs(Exprs, Bindings) -> exprs_opt(Exprs, Bindings, []).

%% Bindings: {Name, Value}, or {{record, _, _}, Attribute}.
exprs_opt(Exprs, Bindings, Options) ->
    Known = [case B of
                 {{record, _, _}, Attribute} -> Attribute;
                 {Name, _} -> Name
             end || B <- Bindings],
    merle_lint:exprs(Exprs, Known, Options).

format_error(Descriptor) ->
    case merle_lint:format_error(Descriptor) of
        none -> error(function_clause, [Descriptor]);
        Text -> Text
    end.

%% ---- guards ----

is_guard_test(E) -> is_guard_test(E, []).
is_guard_test(E, Forms) -> is_guard_test(E, Forms, fun(_) -> false end).

is_guard_test({call, _, {atom, _, Test}, As}, Forms, IsOverridden) ->
    Arity = length(As),
    not IsOverridden({Test, Arity})
        andalso (erl_internal:type_test(Test, Arity)
                 orelse erl_internal:guard_bif(Test, Arity))
        andalso all_guards(As, Forms, IsOverridden);
is_guard_test(E, Forms, IsOverridden) -> is_guard(E, Forms, IsOverridden).

is_guard_expr(E) -> is_guard(E, [], fun(_) -> false end).

is_guard({Tag, _, _}, _, _)
  when Tag =:= var; Tag =:= char; Tag =:= integer; Tag =:= float;
       Tag =:= atom; Tag =:= string -> true;
is_guard({nil, _}, _, _) -> true;
is_guard({cons, _, H, T}, F, O) -> all_guards([H, T], F, O);
is_guard({tuple, _, Es}, F, O) -> all_guards(Es, F, O);
is_guard({map, _, Es}, F, O) -> map_fields(Es, F, O);
is_guard({map, _, M, Es}, F, O) ->
    is_guard(M, F, O) andalso map_fields(Es, F, O);
is_guard({record_index, _, _, _}, _, _) -> true;
is_guard({record_field, _, R, _, _}, F, O) -> is_guard(R, F, O);
is_guard({record, _, _, Inits}, F, O) ->
    lists:all(fun({record_field, _, _, V}) -> is_guard(V, F, O);
                 (_) -> false
              end, Inits);
is_guard({bin, _, Es}, F, O) ->
    lists:all(fun({bin_element, _, E, Size, _}) ->
                      is_guard(E, F, O)
                          andalso (Size =:= default
                                   orelse is_guard(Size, F, O))
              end, Es);
is_guard({call, _, {atom, _, Name}, As}, F, O) ->
    Arity = length(As),
    not O({Name, Arity}) andalso erl_internal:guard_bif(Name, Arity)
        andalso all_guards(As, F, O);
is_guard({call, _, {remote, _, {atom, _, erlang}, {atom, _, Name}}, As}, F,
         O) ->
    Arity = length(As),
    (erl_internal:guard_bif(Name, Arity) orelse is_operator(Name, Arity))
        andalso all_guards(As, F, O);
is_guard({op, _, Op, A}, F, O) ->
    is_operator(Op, 1) andalso is_guard(A, F, O);
is_guard({op, _, Op, A, B}, F, O) ->
    (Op =:= 'andalso' orelse Op =:= 'orelse' orelse is_operator(Op, 2))
        andalso all_guards([A, B], F, O);
is_guard(_, _, _) -> false.

is_operator(Op, Arity) ->
    try erl_internal:op_type(Op, Arity) of
        Type -> Type =:= arith orelse Type =:= bool orelse Type =:= comp
    catch
        _:_ -> false
    end.

all_guards(Es, F, O) -> lists:all(fun(E) -> is_guard(E, F, O) end, Es).

map_fields(Fields, F, O) ->
    lists:all(fun({Tag, _, K, V}) when Tag =:= map_field_assoc;
                                      Tag =:= map_field_exact ->
                      all_guards([K, V], F, O);
                 (_) -> false
              end, Fields).

is_pattern_expr({Tag, _, _}) when Tag =:= char; Tag =:= integer;
                                  Tag =:= float; Tag =:= atom -> true;
is_pattern_expr({op, _, Op, A}) ->
    erl_internal:arith_op(Op, 1) andalso is_pattern_expr(A);
is_pattern_expr({op, _, Op, A, B}) ->
    erl_internal:arith_op(Op, 2) andalso is_pattern_expr(A)
        andalso is_pattern_expr(B);
is_pattern_expr(_) -> false.

%% ---- options ----

bool_option(On, Off, Default, Options) ->
    lists:foldl(fun(O, _) when O =:= On -> true;
                   (O, _) when O =:= Off -> false;
                   (_, Value) -> Value
                end, Default, Options).

value_option(Flag, Default, Options) ->
    lists:foldl(fun({O, Value}, _) when O =:= Flag -> Value;
                   (_, Value) -> Value
                end, Default, Options).

value_option(Flag, Default, On, OnValue, Off, OffValue, Options) ->
    lists:foldl(fun({O, Value}, _) when O =:= Flag -> Value;
                   (O, _) when O =:= On -> OnValue;
                   (O, _) when O =:= Off -> OffValue;
                   (_, Value) -> Value
                end, Default, Options).
