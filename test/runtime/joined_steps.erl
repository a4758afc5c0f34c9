%% SPDX-License-Identifier: Apache-2.0
%% Steps that the loop does as one, where what follows depends on what comes
%% first: a list cell and a frame for it, moves in front of a fun's call, an
%% element behind a comparison, integers of whole bytes, shifts at the ends of
%% small integers.
%% expect: whole 66959416
%% expect: folded 128694616
%% expect: wrong 72468473
%% expect: kept 55563372
%% expect: found 60893558
%% expect: broken 9420865
%% expect: left 108510363
%% expect: right 46322195
%% expect: sums 74378936
%% expect: pairs 40745736
-module(joined_steps).
-export([main/0, take/2]).

main() ->
    out(whole, [whole(N, B) || B <- bits(), N <- [8, 16, 24, 32, 40, 48, 56]]),
    out(folded, [fold(fun(X, A) -> [X | A] end, [], L) || L <- [[], [1, 2, 3]]]),
    out(wrong, [reason(fun() -> fold(F, 0, L) end)
                || {F, L} <- [{fun(_) -> a end, [1]}, {none, [1]}, {none, []},
                              {fun(X, A) -> X + A end, [1, x]},
                              {fun(X, A) -> X + A end, [1 | 2]}]]),
    out(kept, keep(fun(X) -> X > 1 end, [1, 2, 0, 3], [], [])),
    Tree = {5, five, {2.0, two, nil, {1 bsl 70, big, nil, nil}},
            {a, atom, {7, seven, nil, nil}, nil}},
    out(found, [take(K, Tree) || K <- [5, 2, 2.0, a, 7, 6, "x", 1 bsl 70]]),
    out(broken, [reason(fun() -> take(K, T) end)
                 || {K, T} <- [{1, {5, x, none, nil}}, {1, {a}}, {1, x}]]),
    out(left, [shift_left(A, N) || A <- ends(), N <- [0, 1, 4, 57, 58, 59, 70, -1]]),
    out(right, [shift_right(A, N) || A <- ends(), N <- [0, 1, 4, 58, 59, 70, -1]]),
    out(sums, [add(1, 2), add(1 bsl 59 - 1, 1), add(1.5, 1),
               reason(fun() -> add(a, 1) end)]),
    out(pairs, [pair(1, [2]), pair(a, b)]).

out(Name, Value) -> io:format("~w ~w~n", [Name, erlang:phash2(Value)]).

bits() -> [<<>>, <<1>>, <<255, 254>>, <<1:7>>, <<1, 2, 3, 4, 5, 6, 7>>,
           << <<I>> || I <- lists:seq(200, 220)>>,
           << <<I:9>> || I <- lists:seq(200, 216)>>].

%% All integers of N bits, behind nothing and behind three bits.
whole(N, B) -> {whole_at(N, B), whole_at(N, <<5:3, B/bits>>)}.

whole_at(8, <<_:3, X:8, R/binary>>) -> {odd, X, R};
whole_at(8, <<X:8, R/binary>>) -> [X | whole_at(8, R)];
whole_at(16, <<_:3, X:16, R/binary>>) -> {odd, X, R};
whole_at(16, <<X:16, R/binary>>) -> [X | whole_at(16, R)];
whole_at(24, <<X:24, R/binary>>) -> [X | whole_at(24, R)];
whole_at(32, <<X:4/unit:8, R/binary>>) -> [X | whole_at(32, R)];
whole_at(40, <<X:40/little, R/binary>>) -> [X | whole_at(40, R)];
whole_at(48, <<X:48/signed, R/binary>>) -> [X | whole_at(48, R)];
whole_at(56, <<X:56, R/binary>>) -> [X | whole_at(56, R)];
whole_at(_, R) -> R.

fold(F, A, [H | T]) -> fold(F, F(H, A), T);
fold(_, A, []) -> A.

keep(F, [H | T], In, Out) ->
    case F(H) of
        true -> keep(F, T, [H | In], Out);
        false -> keep(F, T, In, [H | Out])
    end;
keep(_, [], In, Out) -> {In, Out}.

take(K, {K1, _, L, _}) when K < K1 -> take(K, L);
take(K, {K1, _, _, R}) when K > K1 -> take(K, R);
take(_, {_, V, _, _}) -> {value, V};
take(_, nil) -> none.

ends() -> [0, 1, -1, 2, -2, 1 bsl 59 - 1, -(1 bsl 59), 1 bsl 58, 1 bsl 59, 12345].

shift_left(A, N) -> A bsl N.
shift_right(A, N) -> A bsr N.

add(A, B) -> A + B.
pair(A, B) -> [A | B].

reason(F) ->
    try F()
    catch
        error:R:S ->
            [{M, G, A, _} | _] = S,
            {kind(R), M, G, if is_list(A) -> length(A); true -> A end}
    end.

%% A fun in the reason is another one with another compiler.
kind(R) when is_tuple(R) -> element(1, R);
kind(R) -> R.
