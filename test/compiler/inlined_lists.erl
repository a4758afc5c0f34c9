%% SPDX-License-Identifier: Apache-2.0
%% Functions of lists that become loops where -compile(inline_list_funcs) asks.
-module(inlined_lists).
-compile(inline_list_funcs).
-export([main/0]).
main() ->
    L = [1, 2, 3, 4], K = 10, X = 7,
    io:format("~p~n", [lists:map(fun(X) -> X * K end, L)]),
    io:format("~p~n",
              [{lists:all(fun(Y) -> Y < X end, L), lists:any(fun(Y) -> Y > X end, L)}]),
    io:format("~p~n", [lists:flatmap(fun(1) -> []; (Y) -> [Y, K] end, L)]),
    io:format("~p~n", [lists:filter(fun(Y) -> Y rem 2 =:= 0 end, L)]),
    io:format("~p~n", [lists:foldl(fun(Y, A) -> [Y | A] end, [], L)]),
    io:format("~p~n", [lists:foldr(fun(Y, A) -> [Y | A] end, [], L)]),
    io:format("~p~n", [lists:mapfoldl(fun(Y, A) -> {Y + A, A * 2} end, 1, L)]),
    io:format("~p~n", [lists:mapfoldr(fun(Y, A) -> {Y + A, A * 2} end, 1, L)]),
    io:format("~p~n", [lists:foreach(fun(Y) -> io:format("~p ", [Y]) end, L)]),
    io:format("~p~n",
              [lists:map(fun(Y) -> lists:foldl(fun(Z, S) -> S + Z * Y end, 0, L) end, L)]),
    io:format("~p~n",
              [element(1, outcome(fun() -> lists:map(fun(Y) -> Y end, [1 | a]) end))]),
    io:format("~p~n",
              [element(1, outcome(fun() -> lists:map(fun(1) -> 1 end, L) end))]),
    io:format("~p~n", [outcome(fun() -> lists:filter(fun(_) -> 3 end, L) end)]),
    F = fun(Y) -> Y end,
    io:format("~p~n", [lists:map(F, L)]),
    ok.
outcome(F) -> try F() catch C:R -> {C, R} end.
%% expect: [10,20,30,40]
%% expect: {true,false}
%% expect: [2,10,3,10,4,10]
%% expect: [2,4]
%% expect: [4,3,2,1]
%% expect: [1,2,3,4]
%% expect: {[2,4,7,12],16}
%% expect: {[9,6,5,5],16}
%% expect: 1 2 3 4 ok
%% expect: [10,20,30,40]
%% expect: error
%% expect: error
%% expect: {error,{case_clause,3}}
%% expect: [1,2,3,4]
