%% SPDX-License-Identifier: Apache-2.0
%% Expanded forms name the modules of what is called: of functions that are
%% imported, and of old tests too.
-module(named_calls).
-export([main/0]).

main() ->
    Forms = [form(T) || T <- texts()],
    [io:format("~ts~n", [erl_pp:form(F)])
     || {function, _, _, _, _} = F <- erl_expand_records:module(Forms, [])].

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

texts() ->
    ["-module(a).", "-import(lists, [map/2, reverse/1]).",
     "f(X) when integer(X), length(X) > 1; atom(X) -> [size(X), self()].",
     "g(X) -> map(fun h/1, X), reverse(X), h(X), reverse(X, X), abs(h(X)).",
     "h(Y) -> [F(1) || atom(Y), F <- [fun h/1, fun(A) -> A end]].",
     "size(X) -> node(X), lists:size(X)."].

%% expect: f(X) when is_integer(X), length(X) > 1; is_atom(X) ->
%% expect:     [size(X), self()].
%% expect: 
%% expect: g(X) ->
%% expect:     lists:map(fun h/1, X),
%% expect:     lists:reverse(X),
%% expect:     h(X),
%% expect:     reverse(X, X),
%% expect:     abs(h(X)).
%% expect: 
%% expect: h(Y) ->
%% expect:     [ 
%% expect:      F(1) ||
%% expect:          is_atom(Y),
%% expect:          F <-
%% expect:              [fun h/1,
%% expect:               fun(A) ->
%% expect:                      A
%% expect:               end]
%% expect:     ].
%% expect: 
%% expect: size(X) ->
%% expect:     node(X),
%% expect:     lists:size(X).
