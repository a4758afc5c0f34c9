%% SPDX-License-Identifier: Apache-2.0
%% Types of a module that have the names of types that are built in.
%% only merle
-module(own_types).
-export([main/0]).

main() ->
    Own = ["-type list() :: [a].", "-spec f(list()) -> a.", "f([X]) -> X."],
    show(compile(Own, [])),
    show(compile(Own, [nowarn_redefined_builtin_type])),
    show(compile(Own, [{nowarn_redefined_builtin_type, {list, 0}}])),
    show(compile(Own, [{nowarn_redefined_builtin_type, [{map, 0}]}])),
    show(compile(["-compile({nowarn_redefined_builtin_type, [{list, 0}]})."
                  | Own], [])),
    show(compile(["-type map() :: #{}." | Own],
                 [nowarn_redefined_builtin_type])),
    %% What was no built-in type in OTP 25 is none of the module's business.
    show(compile(["-type dynamic() :: a.", "-type t() :: dynamic().",
                  "-spec f(t()) -> dynamic().", "f(X) -> X."], [])),
    show(compile(["-spec f(dynamic()) -> a.", "f(X) -> X."], [])).

compile(Texts, Options) ->
    case compile:forms([{attribute, 1, module, m} | [form(T) || T <- Texts]],
                       [export_all, nowarn_export_all, return | Options]) of
        {error, Errors, Warnings} -> {error, told(Errors), told(Warnings)};
        {ok, m, _, Warnings} -> {ok, told(Warnings)}
    end.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

told(Messages) ->
    [lists:flatten(M:format_error(D)) || {_, Ms} <- Messages, {_, M, D} <- Ms].

show(X) -> io:format("~0p~n", [X]).

%% expect: {error,["type list() is a builtin type; it cannot be redefined"],[]}
%% expect: {ok,[]}
%% expect: {ok,[]}
%% expect: {error,["type list() is a builtin type; it cannot be redefined"],[]}
%% expect: {ok,[]}
%% expect: {ok,["type map() is unused"]}
%% expect: {ok,[]}
%% expect: {ok,[]}
