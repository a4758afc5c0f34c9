%% SPDX-License-Identifier: Apache-2.0
%% Functions that are put in place of their calls: variables stay apart, and
%% what fails fails as before.
%% expect: {add,[3,{1,1},4]}
%% expect: {scopes,{3,[1,2],7}}
%% expect: {nested,[0,1,3,6,10]}
%% expect: {funs,[11,12]}
%% expect: {failing,{error,function_clause}}
%% expect: {trace,{with,[a,b]}}
%% expect: {effects,[1,2,3]}
%% expect: {caught,{thrown,5}}
%% expect: {sizes,[true,false]}
-module(inlined).
-compile({inline, [add/2, pair/1, sum/2, plus/1, strict/1, fail_with/2,
                   say/1, tossed/1]}).
-export([main/0, with/2]).

main() ->
    show(add, [add(1, 2), pair(1), add(add(1, 1), 2)]),
    show(scopes, scopes(1, 2)),
    show(nested, [sum(N, 0) || N <- lists:seq(0, 4)]),
    show(funs, [F(10) || F <- [plus(1), plus(2)]]),
    show(failing, try strict(id(c)) of X -> X catch C:R -> {C, R} end),
    show(trace, try with(a, b) catch error:bad:T -> top(T) end),
    _ = [say(N) || N <- [1, 2, 3]],
    show(effects, lists:reverse(get(said))),
    show(caught, try tossed(5) catch throw:V -> {thrown, V} end),
    show(sizes, [is_called(O) || O <- [[], [{inline_size, 2000}]]]).

%% Whether a function that is not small stays a function of its own.
is_called(Options) ->
    Text = ["-module(sized).", "-export([f/1]).", "f(X) -> {v, large(X)}.",
            "large(X) -> Y = X * 2, Z = {Y, X, Y + X, [X, Y]}, "
            "{Z, Y * 3 + X - 1, [Z, Z, {Y, Y, Y}], X div (Y - 2), {Z, X}}."],
    Forms = [begin
                 {ok, Tokens, _} = erl_scan:string(T),
                 {ok, Form} = erl_parse:parse_form(Tokens),
                 Form
             end || T <- Text],
    {ok, M, Code} = compile:forms(Forms, [inline | Options]),
    {module, M} = code:load_binary(M, "sized.beam", Code),
    try M:f(1)
    catch error:badarith:Trace -> lists:keymember(large, 2, Trace)
    end.

show(What, X) -> io:format("~w~n", [{What, X}]).
id(X) -> X.
top([{_, F, Args, _} | _]) -> {F, Args}.

add(A, B) -> C = A + B, C.
pair(A) -> {A, A}.

scopes(A, B) ->
    C = add(A, B),
    L = pair_list(A, B),
    {C, L, add(C, 4)}.

pair_list(B, A) -> X = [B], X ++ [A].

%% It calls itself: once put in, the inner call stays.
sum(0, S) -> S;
sum(N, S) -> sum(N - 1, S + N).

plus(N) -> fun(X) -> X + N end.

strict(a) -> 1;
strict(b) -> 2.

with(A, B) -> fail_with(bad, [A, B]).
fail_with(Why, Args) -> erlang:error(Why, Args).

say(N) -> put(said, [N | case get(said) of undefined -> []; L -> L end]).
tossed(V) when V > 3 -> throw(V);
tossed(V) -> V.
