%% SPDX-License-Identifier: Apache-2.0
%% The pretty printer of forms. The work is done in C (merle_pp); only hooks,
%% which are Erlang functions, are called from here: the printer stops at each
%% expression it does not know, and starts again with that expression's text.
-module(erl_pp).

-export([form/1, form/2, attribute/1, attribute/2, function/1, function/2,
         guard/1, guard/2, exprs/1, exprs/2, exprs/3,
         expr/1, expr/2, expr/3, expr/4, legalize_vars/1]).

-type hook_function() :: none | fun((term(), integer(), non_neg_integer(),
                                     options()) -> io_lib:chars()).
-type option() :: {hook, hook_function()}
                | {encoding, latin1 | unicode | utf8}
                | {quote_singleton_atom_types, boolean()}
                | {linewidth, pos_integer()}
                | {indent, pos_integer()}.
-type options() :: hook_function() | [option()].

-spec form(erl_parse:abstract_form() | erl_parse:form_info()) ->
          io_lib:chars().
form(Form) ->
    form(Form, none).

-spec form(erl_parse:abstract_form() | erl_parse:form_info(), options()) ->
          io_lib:chars().
form(Form, Options) ->
    print(form, Form, 0, 0, Options).

-spec attribute(erl_parse:abstract_form()) -> io_lib:chars().
attribute(Form) ->
    attribute(Form, none).

-spec attribute(erl_parse:abstract_form(), options()) -> io_lib:chars().
attribute(Form, Options) ->
    print(attribute, Form, 0, 0, Options).

-spec function(erl_parse:abstract_form()) -> io_lib:chars().
function(Form) ->
    function(Form, none).

-spec function(erl_parse:abstract_form(), options()) -> io_lib:chars().
function(Form, Options) ->
    print(function, Form, 0, 0, Options).

-spec guard([erl_parse:abstract_expr()]) -> io_lib:chars().
guard(Guard) ->
    guard(Guard, none).

-spec guard([erl_parse:abstract_expr()], options()) -> io_lib:chars().
guard(Guard, Options) ->
    print(guard, Guard, 0, 0, Options).

-spec exprs([erl_parse:abstract_expr()]) -> io_lib:chars().
exprs(Exprs) ->
    exprs(Exprs, 0, none).

-spec exprs([erl_parse:abstract_expr()], options()) -> io_lib:chars().
exprs(Exprs, Options) ->
    exprs(Exprs, 0, Options).

-spec exprs([erl_parse:abstract_expr()], integer(), options()) ->
          io_lib:chars().
exprs(Exprs, Column, Options) ->
    print(exprs, Exprs, Column, 0, Options).

-spec expr(erl_parse:abstract_expr()) -> io_lib:chars().
expr(Expr) ->
    expr(Expr, 0, 0, none).

-spec expr(erl_parse:abstract_expr(), options()) -> io_lib:chars().
expr(Expr, Options) ->
    expr(Expr, 0, 0, Options).

-spec expr(erl_parse:abstract_expr(), integer(), options()) ->
          io_lib:chars().
expr(Expr, Column, Options) ->
    expr(Expr, Column, 0, Options).

-spec expr(erl_parse:abstract_expr(), integer(), non_neg_integer(),
           options()) -> io_lib:chars().
expr(Expr, Column, Precedence, Options) ->
    print(expr, Expr, Column, Precedence, Options).

print(Kind, Form, Column, Precedence, Options) ->
    Hook = hook(Options),
    Settings = [{column, Column}, {precedence, Precedence}
                | [hook || Hook =/= none] ++ settings(Options)],
    print(Kind, Form, Settings, Hook, Options, []).

print(Kind, Form, Settings, Hook, Options, Answers) ->
    case merle_pp:print(Kind, Form, Settings, Answers) of
        {hook, Expr, Column, Precedence} ->
            Chars = call_hook(Hook, Expr, Column, Precedence, Options),
            Answer = unicode:characters_to_binary(Chars),
            print(Kind, Form, Settings, Hook, Options, Answers ++ [Answer]);
        Chars ->
            Chars
    end.

hook(Options) when is_list(Options) ->
    proplists:get_value(hook, Options, none);
hook(Hook) ->
    Hook.

call_hook({Module, Function, Args} = Hook, Expr, Column, Precedence, _) ->
    apply(Module, Function, [Expr, Column, Precedence, Hook | Args]);
call_hook(Hook, Expr, Column, Precedence, Options) ->
    Hook(Expr, Column, Precedence, Options).

%% Without a list of options text is Latin-1, but any string is one.
settings(Options) when is_list(Options) ->
    Latin1 = proplists:get_value(encoding, Options, unicode) =:= latin1,
    Quote = proplists:get_bool(quote_singleton_atom_types, Options),
    [{indent, proplists:get_value(indent, Options, 4)},
     {linewidth, proplists:get_value(linewidth, Options, 72)}
     | [latin1 || Latin1] ++ [latin1_lists || Latin1]
       ++ [quote_singleton_atom_types || Quote]];
settings(_) ->
    [latin1].

%% Gives variables that were made from atoms in small letters (by compilers of
%% other languages) names that may stand in Erlang text.
-spec legalize_vars(erl_parse:abstract_form()) -> erl_parse:abstract_form().
legalize_vars({function, Anno, Name, Arity, Clauses}) ->
    Names = lists:usort(variables(Clauses, [])),
    {Bad, Good} = lists:partition(fun begins_small/1, Names),
    Used = maps:from_list([{N, N} || N <- Good]),
    Map = lists:foldl(fun(N, Map) -> legal_name(N, atom_to_list(N), Map) end,
                      Used, Bad),
    {function, Anno, Name, Arity, rename(Clauses, Map)};
legalize_vars(Form) ->
    error(badarg, [Form]).

begins_small(Name) ->
    [C | _] = atom_to_list(Name),
    C >= $a andalso C =< $z.

legal_name(Name, Text, Map) ->
    New = list_to_atom(string:to_upper(Text)),
    case Map of
        #{New := _} -> legal_name(Name, [$X | Text], Map);
        #{} -> Map#{Name => New}
    end.

variables({var, _, Name}, Names) ->
    [Name | Names];
variables(Tuple, Names) when is_tuple(Tuple) ->
    variables(tuple_to_list(Tuple), Names);
variables([Form | Forms], Names) ->
    variables(Forms, variables(Form, Names));
variables(_, Names) ->
    Names.

rename({var, Anno, Name}, Map) ->
    {var, Anno, map_get(Name, Map)};
rename(Tuple, Map) when is_tuple(Tuple) ->
    list_to_tuple(rename(tuple_to_list(Tuple), Map));
rename([Form | Forms], Map) ->
    [rename(Form, Map) | rename(Forms, Map)];
rename(Other, _) ->
    Other.
