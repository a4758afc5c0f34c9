%% SPDX-License-Identifier: Apache-2.0
%% What the loop does on the spot: short fields of bitstrings, appending to
%% them, element/2 with an index that is computed, calls of funs, arithmetic
%% in front of a call that leaves the small integers.
%% expect: {append,96152038}
%% expect: {match,101365570}
%% expect: {shared,45014195,false}
%% expect: {funs,{1,2},badarity}
%% expect: {elements,[a,b,c,badarg,badarg,badarg,badarg]}
%% expect: {big,576460752303423490,-576460752303423490}
%% expect: {floats,2.5,badarith}
-module(fast_paths).
-export([main/0]).

main() ->
    io:format("~p~n", [{append, append()}]),
    io:format("~p~n", [{match, erlang:phash2([match(N) || N <- lists:seq(1, 60)])}]),
    io:format("~p~n", [shared()]),
    F = fun(X) -> fun(Y) -> {X, Y} end end,
    G = element(1, {F(1)}),
    io:format("~p~n", [{funs, G(2), reason(fun() -> apply(G, [2, 3]) end)}]),
    io:format("~p~n", [{elements, [element_of(I) || I <- [1, 2, 3, 0, 4, -1, a]]}]),
    Top = 1 bsl 59 - 1,
    io:format("~p~n", [{big, up(3, Top), down(3, -Top)}]),
    io:format("~p~n", [{floats, up(2, 0.5), reason(fun() -> up(1, x) end)}]).

append() ->
    erlang:phash2([append(S, V, B)
                   || S <- [8, 16, 24, 32, 40, 48, 56, 64],
                      V <- [0, 1, -1, 255, 16#123456789abcdef],
                      B <- [<<>>, <<1>>, <<1, 2, 3, 4, 5, 6, 7, 8, 9>>]]).

append(S, V, B) ->
    A = <<B/binary, V:S>>,
    C = <<B/binary, V:S/little>>,
    D = <<A/binary, C/binary, 1:1, V:S>>,
    {A, C, D, <<A/binary, 9>>, <<A/binary, 10>>}.

match(N) ->
    <<X:N/little-signed, _/bits>> = <<16#f1e2d3c4b5a69788:64, 5>>,
    <<Y:N/signed, _/bits>> = <<16#f1e2d3c4b5a69788:64>>,
    <<_:3, Z:N, _/bits>> = <<16#f1e2d3c4b5a69788:64, 7:8>>,
    <<_:3, W:N/little, _/bits>> = <<16#f1e2d3c4b5a69788:64, 7:8>>,
    {X, Y, Z, W}.

%% Two binaries that grow from one.
shared() ->
    B1 = lists:foldl(fun(I, A) -> <<A/binary, I:16/little, "ab", I>> end,
                     <<>>, lists:seq(1, 300)),
    B2 = <<B1/binary, 7>>,
    B3 = <<B1/binary, 8>>,
    {shared, erlang:phash2({B1, B2, B3}), B2 =:= B3}.

element_of(I) ->
    try element(I, {a, b, c}) catch error:Reason -> Reason end.

up(0, X) -> X;
up(N, X) -> up(N - 1, X + 1).

down(0, X) -> X;
down(N, X) -> down(N - 1, X - 1).

reason(F) ->
    try F() catch error:{Reason, _} -> Reason; error:Reason -> Reason end.
