%% SPDX-License-Identifier: Apache-2.0
%% Operands do not see each other's variables: a pattern in a fun or a
%% comprehension that is one has a variable of its own; patterns of the operands
%% themselves are compared.
-module(operands_apart).
-export([main/0]).

main() ->
    show(fun() -> argument(1) end),
    show(fun() -> element(2, {begin X = 1, X end, (fun() -> X = 2, X end)()}) end),
    show(fun() -> [begin Y = a, Y end | (fun(Z) -> Y = Z, [Y] end)(b)] end),
    show(fun() -> begin A = 1, A end + (fun() -> A = 2, A end)() end),
    show(fun() -> {begin B = 1, B end, [begin B = C, B end || C <- [5, 6]]} end),
    show(fun() -> {begin D = 1, D end, begin D = 2, D end} end),
    show(fun() -> {begin E = 1, E end, begin E = 1, E end} end),
    show(fun() -> {begin F = 1, F end, begin G = 7, fun() -> {G, F = 3} end end} end),
    show(fun() -> nested(0) end),
    show(fun() -> {begin H = 1, H end, ok}, (fun() -> H = 1, H end)() end),
    show(fun() -> {begin I = 1, I end, ok}, (fun() -> I = id(2), I end)() end).

show(Fun) ->
    io:format("~p~n", [try call(Fun()) catch Class:Reason -> {Class, Reason} end]).

call({X, Fun}) when is_function(Fun) -> {X, Fun()};
call(X) -> X.

argument(X) -> pass(begin Y = X, Y end, fun() -> Y = id(2), Y end).

pass(X, Fun) -> {X, Fun()}.

nested(K) ->
    {begin J = K, J end,
     {begin L = 1, L end, (fun() -> J = id(5), L = id(6), {J, L, K} end)()}}.

id(X) -> X.

%% expect: {1,2}
%% expect: 2
%% expect: [a,b]
%% expect: 3
%% expect: {1,[5,6]}
%% expect: {error,{badmatch,2}}
%% expect: {1,1}
%% expect: {1,{7,3}}
%% expect: {0,{1,{5,6,0}}}
%% expect: 1
%% expect: {error,{badmatch,2}}
