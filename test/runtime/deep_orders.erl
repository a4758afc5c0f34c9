%% SPDX-License-Identifier: Apache-2.0
%% Order and equality of terms that lie in lists and tuples, few and many deep,
%% with the difference at the front, in the middle, at the end.
%% expect: leaves 97601759
%% expect: {1,list} 97601759
%% expect: {1,tail} 97601759
%% expect: {1,tuple} 97601759
%% expect: {1,pair} 97601759
%% expect: {1,mixed} 97601759
%% expect: {2,list} 97601759
%% expect: {2,tail} 97601759
%% expect: {2,tuple} 97601759
%% expect: {2,pair} 97601759
%% expect: {2,mixed} 97601759
%% expect: {7,list} 97601759
%% expect: {7,tail} 97601759
%% expect: {7,tuple} 97601759
%% expect: {7,pair} 97601759
%% expect: {7,mixed} 97601759
%% expect: {8,list} 97601759
%% expect: {8,tail} 97601759
%% expect: {8,tuple} 97601759
%% expect: {8,pair} 97601759
%% expect: {8,mixed} 97601759
%% expect: {9,list} 97601759
%% expect: {9,tail} 97601759
%% expect: {9,tuple} 97601759
%% expect: {9,pair} 97601759
%% expect: {9,mixed} 97601759
%% expect: {10,list} 97601759
%% expect: {10,tail} 97601759
%% expect: {10,tuple} 97601759
%% expect: {10,pair} 97601759
%% expect: {10,mixed} 97601759
%% expect: {40,list} 97601759
%% expect: {40,tail} 97601759
%% expect: {40,tuple} 97601759
%% expect: {40,pair} 97601759
%% expect: {40,mixed} 97601759
%% expect: wide 97601759
%% expect: long 97601759
-module(deep_orders).
-export([main/0]).

main() ->
    Leaves = [1, 2, 1.0, 1 bsl 70, -1, a, b, [], {}, [1], [a | b], {1}, #{},
              #{1 => a}, #{1.0 => a}, <<>>, <<1>>, <<1, 2>>, <<1:3>>,
              part(<<1, 2, 3, 4>>, 8, 16), part(<<1, 2, 3, 4>>, 3, 16),
              lists:duplicate(3, x), "abc", "abd", fun lists:map/2],
    out(leaves, Leaves),
    [out({N, Kind}, [nested(Kind, N, L) || L <- Leaves])
     || N <- [1, 2, 7, 8, 9, 10, 40], Kind <- [list, tail, tuple, pair, mixed]],
    out(wide, [list_to_tuple(lists:seq(1, 20) ++ [L]) || L <- Leaves]),
    out(long, [lists:seq(1, 50) ++ [[L, {L}]] || L <- Leaves]).

%% The bits of a binary that lie somewhere in it.
part(B, From, Size) ->
    <<_:From, P:Size/bits, _/bits>> = B,
    P.

nested(_, 0, L) -> L;
nested(list, N, L) -> [nested(list, N - 1, L)];
nested(tail, N, L) -> [N | nested(tail, N - 1, L)];
nested(tuple, N, L) -> {nested(tuple, N - 1, L)};
nested(pair, N, L) -> {"same", N, nested(pair, N - 1, L), L};
nested(mixed, N, L) -> [{k, nested(mixed, N - 1, L)}, N].

out(What, Terms) ->
    Copies = binary_to_term(term_to_binary(Terms)),
    Signs = [[sign(A, B), A =:= B, A == B] || A <- Terms, B <- Copies],
    io:format("~w ~w~n", [What, erlang:phash2(Signs)]).

sign(A, B) when A < B -> -1;
sign(A, B) when A > B -> 1;
sign(_, _) -> 0.
