%% SPDX-License-Identifier: Apache-2.0
%% Clauses of all kinds of patterns: which one is taken, and what it binds.
-module(patterns).
-export([main/0]).

-record(point, {x = 0, y = 0}).

main() ->
    [p(kind(V)) || V <- values()],
    [p(caught(A, B)) || A <- [a, b, 1], B <- [1, 2, a]],
    [p(bits(B)) || B <- [<<>>, <<1>>, <<1, 2, 3>>, <<2, 0, 5, "hello!">>,
                         <<"key=value">>, <<"keys">>, <<1:3>>, <<"å"/utf8>>]],
    [p(same(A, B)) || A <- [1, 1.0], B <- [1, 1.0, {1}]],
    [p(either({R, X, false}, {two, false, Y}))
     || R <- [one, two], X <- [true, false], Y <- [true, false]],
    [p(nested(M)) || M <- [#{a => #{b => 1}}, #{a => 2}, #{b => 3}, #{}]],
    p(walk(<<"a,bc,,d">>, <<>>, [])),
    p(shadow(3)),
    [p(skipped(N, B)) || N <- [0, 3, 8, x, -1],
                         B <- [<<>>, <<0:3>>, <<3:2, 5:6>>, <<255, 1, 2>>,
                               <<7, 1, 2>>, <<2:3, 9:6>>, <<1:20>>, x]],
    [p(sized(B)) || B <- [<<>>, <<1, 2>>, <<1:3>>, <<2, 9, 7>>, <<3, 3, 3, 3>>,
                          <<9, 1:9>>, <<4, 1:4, 2:4, 0:3>>, <<"å"/utf8>>]].

caught(A, B) ->
    try order(A, B) catch error:function_clause -> none end.

p(V) -> io:format("~w~n", [V]).

values() ->
    [a, b, 1, 1 bsl 70, 1.5, "", "ab", "abc", [a | b], {}, {a}, {a, 1}, {b, 1},
     {1, 2, 3}, #point{}, #point{x = 1}, #{}, #{k => 1}, <<>>, <<1>>].

kind(a) -> atom_a;
kind(A) when is_atom(A) -> atom;
kind(1) -> one;
kind(N) when is_integer(N), N > 100 -> large;
kind(F) when is_float(F); F =:= x -> float;
kind([]) -> empty;
kind("ab" ++ T) -> {ab, T};
kind([_ | T]) when not is_list(T) -> improper;
kind(#point{x = 1, y = Y}) -> {point_one, Y};
kind(#point{} = P) -> {point, P#point.x};
kind({}) -> tuple0;
kind({X}) -> {tuple1, X};
kind({a, X}) -> {a, X};
kind({X, Y}) -> {pair, X, Y};
kind(T) when tuple_size(T) =:= 3, element(2, T) > 1 -> triple;
kind(#{k := V}) -> {map, V};
kind(M) when is_map(M) -> map;
kind(<<>>) -> empty_binary;
kind(<<B>>) -> {byte, B}.

order(a, 1) -> 1;
order(X, 2) when X =/= b -> 2;
order(a, Y) when is_atom(Y) -> 3;
order(b, _) -> 4;
order(_, 1) -> 5.

bits(<<>>) -> empty;
bits(<<2, Size:16, Text:Size/binary, Rest/binary>>) -> {Text, Rest};
bits(<<"key=", Value/binary>>) -> {key, Value};
bits(<<"key", Rest/bits>>) -> {other, Rest};
bits(<<C/utf8>>) when C > 127 -> {character, C};
bits(<<A, B/binary>>) when byte_size(B) > 1 -> {A, B};
bits(<<A>>) -> {one, A};
bits(B) -> {bits, bit_size(B)}.

same(X, X) -> same;
same(X, {X}) -> inner;
same(X, Y) when X == Y -> equal;
same(_, _) -> other.

%% Tests of records by their sizes, as a value among others.
either(A, B) when (is_record(A, one, 3) andalso element(2, A))
                  or element(3, B) -> true;
either(_, _) -> false.

nested(#{a := #{b := X}}) -> {ab, X};
nested(#{a := X}) -> {a, X};
nested(#{b := X}) -> {b, X};
nested(_) -> none.

walk(<<$,, R/binary>>, Word, Words) -> walk(R, <<>>, [Word | Words]);
walk(<<C, R/binary>>, Word, Words) -> walk(R, <<Word/binary, C>>, Words);
walk(<<>>, Word, Words) -> lists:reverse(Words, [Word]).

shadow(N) ->
    F = fun(N, <<N:N, B:N>>) -> {N, B}; (_, B) -> B end,
    [F(8, <<8:8, 7:8>>), [N || N <- [1, 2]], N].

%% Clauses that skip the same number of bits, and such that read others there.
skipped(N, B) ->
    case B of
        <<_:N, 0:1, A:7, R/bits>> when A =/= 0 -> {a, A, R};
        <<_:N, 1:1, 0:1, A:4, R/bits>> -> {b, A, R};
        <<_:N, 1:1, 1:1, A:6, R/bits>> when A > 1 -> {c, A, R};
        <<A:N, 1:2, R/binary>> -> {d, A, R};
        <<>> -> empty;
        <<A:N/unit:2, R/bits>> when A > 0 -> {e, A, R};
        <<A:3>> -> {f, A};
        _ when N =:= 0 -> zero;
        _ -> none
    end.

sized(<<S, X:S>>) -> {bits, S, X};
sized(<<S, X:S/binary>>) -> {bytes, S, X};
sized(<<S, X:S/binary, R/binary>>) when S > 1 -> {bytes, S, X, R};
sized(<<S, X:S, Y:S, _/bits>>) -> {two, S, X, Y};
sized(<<C/utf8, _/bits>>) -> {character, C};
sized(<<A:3>>) -> {three, A};
sized(<<>>) -> empty.

%% expect: atom_a
%% expect: atom
%% expect: one
%% expect: large
%% expect: float
%% expect: empty
%% expect: {ab,[]}
%% expect: {ab,[99]}
%% expect: improper
%% expect: tuple0
%% expect: {tuple1,a}
%% expect: {a,1}
%% expect: {pair,b,1}
%% expect: triple
%% expect: {point,0}
%% expect: {point_one,0}
%% expect: map
%% expect: {map,1}
%% expect: empty_binary
%% expect: {byte,1}
%% expect: 1
%% expect: 2
%% expect: 3
%% expect: 4
%% expect: 4
%% expect: 4
%% expect: 5
%% expect: 2
%% expect: none
%% expect: empty
%% expect: {one,1}
%% expect: {1,<<2,3>>}
%% expect: {<<104,101,108,108,111>>,<<33>>}
%% expect: {key,<<118,97,108,117,101>>}
%% expect: {other,<<115>>}
%% expect: {bits,3}
%% expect: {character,229}
%% expect: same
%% expect: equal
%% expect: inner
%% expect: equal
%% expect: same
%% expect: other
%% expect: true
%% expect: true
%% expect: true
%% expect: false
%% expect: true
%% expect: false
%% expect: true
%% expect: false
%% expect: {ab,1}
%% expect: {a,2}
%% expect: {b,3}
%% expect: none
%% expect: [<<97>>,<<98,99>>,<<>>,<<100>>]
%% expect: [<<8,7>>,[1,2],3]
%% expect: empty
%% expect: {f,0}
%% expect: {c,5,<<>>}
%% expect: {c,63,<<1,2>>}
%% expect: {a,7,<<1,2>>}
%% expect: {a,68,<<1:1>>}
%% expect: zero
%% expect: zero
%% expect: empty
%% expect: {f,0}
%% expect: {e,49,<<1:2>>}
%% expect: {c,56,<<8,2:5>>}
%% expect: {a,56,<<8,2:5>>}
%% expect: {e,17,<<1:3>>}
%% expect: none
%% expect: none
%% expect: empty
%% expect: {f,0}
%% expect: none
%% expect: {a,1,<<2>>}
%% expect: {a,1,<<2>>}
%% expect: none
%% expect: none
%% expect: none
%% expect: empty
%% expect: {f,0}
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: empty
%% expect: {f,0}
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: none
%% expect: empty
%% expect: {bytes,1,<<2>>}
%% expect: {three,1}
%% expect: {bytes,2,<<9,7>>}
%% expect: {bytes,3,<<3,3,3>>}
%% expect: {bits,9,1}
%% expect: {two,4,1,2}
%% expect: {character,229}
