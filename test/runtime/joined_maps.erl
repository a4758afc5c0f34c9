%% SPDX-License-Identifier: Apache-2.0
%% Maps that grow by several keys at once, over the size up to which they are
%% flat: whichever way they grew, they are the same.
%% expect: [3,4,5,8,19,32,33,34,35,36,43]
%% expect: 51896833
%% expect: #{1 => x,1.0 => y,a => 1}
-module(joined_maps).
-export([main/0]).

main() ->
    Keys = [key(I) || I <- lists:seq(1, 45)],
    Sizes = [0, 1, 2, 5, 16, 29, 30, 31, 32, 33, 40],
    Maps = [{N, maps:from_list([{K, {N, K}} || K <- lists:sublist(Keys, N)])}
            || N <- Sizes],
    [true = same(add3(M), K3) || {_, M} <- Maps, K3 <- [by_one(M)]],
    [true = same(maps:merge(A, B), one_by_one(A, B))
     || {_, A} <- Maps, {_, B0} <- Maps, B <- [B0, rest(B0), other(B0)]],
    io:format("~w~n", [[maps:size(add3(M)) || {_, M} <- Maps]]),
    io:format("~w~n", [erlang:phash2([maps:to_list(maps:merge(M, #{b => 1, x => 2}))
                                      || {N, M} <- Maps, N < 30])]),
    #{a := 1, 1 := x, 1.0 := y} = M3 = some(#{1 => one}, 1, x, y),
    io:format("~w~n", [M3]).

%% Some of each kind; atoms are not made in their order.
key(I) when I rem 5 =:= 0 -> list_to_atom([$z - I rem 20, $a + I rem 7]);
key(I) when I rem 5 =:= 1 -> I * 3 rem 17;
key(I) when I rem 5 =:= 2 -> {I};
key(I) when I rem 5 =:= 3 -> integer_to_binary(I);
key(I) -> I / 2.

add3(M) -> add3(M, b).

add3(M, K) -> M#{b => 1, {x} => 2, -4 => 3, K => 4}.

by_one(M) -> maps:put(b, 4, maps:put(-4, 3, maps:put({x}, 2, M))).

some(M, A, X, Y) -> M#{1.0 => Y, a => A, 1 => X}.

one_by_one(A, B) -> maps:fold(fun maps:put/3, A, B).

%% Without every second key; with values of its own.
rest(M) ->
    Pairs = lists:enumerate(maps:to_list(M)),
    maps:from_list([{K, rest} || {I, {K, _}} <- Pairs, I rem 2 =:= 0]).

other(M) -> maps:from_list([{{K}, other} || K <- maps:keys(M)]).

same(A, B) ->
    A =:= B andalso maps:to_list(A) =:= maps:to_list(B)
        andalso erlang:phash2(A) =:= erlang:phash2(B).
