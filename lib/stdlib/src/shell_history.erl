%% SPDX-License-Identifier: Apache-2.0
%% shell_history: e(N) and v(N) in what was typed. The shell's process, which
%% calls this, keeps commands and results in its dictionary.
-module(shell_history).

-export([expand/2, entry/1]).

%% [Exprs], command number N, with the commands that e(N) stands for.
-spec expand([erl_parse:abstract_expr()], pos_integer()) ->
          [erl_parse:abstract_expr()].
expand(Exprs, N) -> [replaced(E, N) || E <- Exprs].

replaced({call, _, {atom, _, e}, [Number]}, N) ->
    case numbered(Number, N) of
        {undefined, _, _} -> no_command(Number);
        {[E], _, _} -> E;
        {Exprs, _, _} -> {block, element(2, Number), Exprs}
    end;
replaced({call, A, {atom, B, v}, [Number]}, N) ->
    case numbered(Number, N) of
        {_, undefined, _} -> no_command(Number);
        {_, _, I} -> {call, A, {atom, B, v}, [{integer, B, I}]}
    end;
replaced({match, A, Left, Right}, N) -> {match, A, Left, replaced(Right, N)};
replaced({clause, A, Head, Guard, Body}, N) ->
    {clause, A, Head, Guard, expand(Body, N)};
replaced({Generate, A, Pattern, E}, N)
  when Generate =:= generate; Generate =:= b_generate;
       Generate =:= m_generate ->
    {Generate, A, Pattern, replaced(E, N)};
replaced(Tuple, N) when is_tuple(Tuple), tuple_size(Tuple) > 2 ->
    [Kind, A | Parts] = tuple_to_list(Tuple),
    list_to_tuple([Kind, A | [replaced(P, N) || P <- Parts]]);
replaced([E | Es], N) -> [replaced(E, N) | replaced(Es, N)];
replaced(E, _) -> E.

-spec no_command(term()) -> no_return().
no_command(Number) ->
    Options = shell_print:encoding_option(),
    throw({no_command, io_lib:format("~ts: command not found",
                                     [erl_pp:expr(Number, Options)])}).

%% {Command, Result, Number} of number [Expr], counted back when negative.
numbered({integer, _, I}, _) -> entry(I);
numbered({op, _, '-', {integer, _, I}}, Current) -> entry(Current - I);
numbered(Expr, Current) ->
    try erl_eval:expr(Expr, erl_eval:new_bindings()) of
        {value, I, _} when is_integer(I), I < 0 -> entry(Current + I);
        {value, I, _} -> entry(I)
    catch
        _:_ -> {undefined, undefined, undefined}
    end.

%% {Command, Result, N}, undefined where they are not kept.
entry(N) -> {get({command, N}), get({result, N}), N}.
