%% SPDX-License-Identifier: Apache-2.0
%% Comprehensions beyond OTP 25: of maps, strict, zipped.
%% only merle
-module(new_comprehensions).
-export([main/0]).

main() ->
    M = #{a => 1, b => 2, c => 3},
    p(#{V => K || K := V <- M, V > 1}),
    p(lists:sort([{K, V} || K := V <- M])),
    p(#{X => Y || X <- [1, 2], Y <- [a, b]}),
    p([{X, Y} || X <- [1, 2, 3] && Y <- [a, b, c], X =/= 2]),
    p([{X, Y} || X <- [1, 2] && <<Y>> <= <<7, 8>>]),
    p(<< <<(X + Y)>> || X <- [1, 2] && Y <- [3, 4] >>),
    p([X || {ok, X} <:- [{ok, 1}, {ok, 2}]]),
    p(failure(fun() -> [X || {ok, X} <:- [{ok, 1}, no]] end)),
    p(failure(fun() -> [X + Y || X <- [1, 2] && Y <- [1]] end)),
    p(failure(fun() -> #{K => V || K := V <- [1]} end)),
    p([X || <<X:4>> <:= <<16#12>>]),
    p(failure(fun() -> [X || <<X:6>> <:= <<1>>] end)).

p(V) -> io:format("~w~n", [V]).

failure(F) ->
    try F() catch error:R -> R end.
%% expect: #{2 => b,3 => c}
%% expect: [{a,1},{b,2},{c,3}]
%% expect: #{1 => b,2 => b}
%% expect: [{1,a},{3,c}]
%% expect: [{1,7},{2,8}]
%% expect: <<4,6>>
%% expect: [1,2]
%% expect: {badmatch,no}
%% expect: {bad_generators,{[2],[]}}
%% expect: {bad_generator,[1]}
%% expect: [1,2]
%% expect: {badmatch,<<1:2>>}
