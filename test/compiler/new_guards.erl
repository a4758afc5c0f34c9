%% SPDX-License-Identifier: Apache-2.0
%% max/2 and min/2 in guards: compiled, evaluated, and in -if.
%% only merle
%% expect: [no,yes,no,no]
%% expect: [5]
%% expect: {value,small,[]}
%% expect: {yes,[1]}
%% expect: [yes]
-module(new_guards).
-export([main/0]).

main() ->
    show([between(X) || X <- [1, 3, 5, a]]),
    show([X || X <- [1, 5], min(X, 3) =:= 3]),
    {ok, Tokens, _} = erl_scan:string("if max(1, 2) < 3 -> small end."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    show(erl_eval:exprs(Exprs, [])),
    show(min_is_mine([1], 2)),
    ok = file:write_file("condition.erl",
                         "-if(max(1, 2) =:= 2 andalso min(a, 2) =:= 2).\n"
                         "yes() -> 1.\n-else.\nno() -> 1.\n-endif.\n"),
    {ok, Forms} = epp:parse_file("condition.erl", []),
    show([Name || {function, _, Name, _, _} <- Forms]).

show(Term) -> io:format("~p~n", [Term]).

between(X) when max(X, 2) =:= X, min(X, 4) =:= X -> yes;
between(_) -> no.

min_is_mine(X, Y) ->
    Smaller = min(Y, X),
    case Y of
        Smaller when erlang:max(X, Y) =:= X -> {yes, X};
        _ -> no
    end.
