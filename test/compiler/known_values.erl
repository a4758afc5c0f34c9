%% SPDX-License-Identifier: Apache-2.0
%% What is known of values over a whole module drops tests and whole ways, and
%% must never change what comes out.
%% expect: {deep,[ok,{'EXIT',{bad,7}},thrown]}
%% expect: {part,[badarg,badarg,3]}
%% expect: {tuples,[{1,b},none,{1,c}]}
%% expect: {constant,[6,6,6]}
%% expect: {twice,[{2,2,4},badarith]}
%% expect: {loops,[done,{5,x}]}
%% expect: {swapped,[[c,b,a],[d,a,b,c],[b,c,a]]}
%% expect: {shadowed,[one,two,other]}
%% expect: {text,[badarg,badarg]}
%% expect: {afterwards,[pair,other,nil,other]}
-module(known_values).
-export([main/0, id/1]).

main() ->
    show(deep, [deep(4, none), catch deep(4, 7), catch deep(3, thrown)]),
    show(part, [tail(true), tail(false), tail([1, 2, 3])]),
    show(tuples, [best([3, 1], {9, a}), best([], none), best([1], {0, c})]),
    show(constant, [scaled(N) || N <- [1, 2, 3]]),
    show(twice, [twice(1), catch twice(a)]),
    show(loops, [count(3), pair(5)]),
    show(swapped, [three(a, b, c), four(a, b, c, d), turned(a, b, c)]),
    show(shadowed, [kind({a, 1}), kind({b, 1}), kind(c)]),
    show(text, [catch <<("")/bitstring>>, catch <<"a"/binary>>]),
    show(afterwards, [afterwards(T) || T <- [{1, 2}, foo, [], {1}]]).

show(What, List) -> io:format("~0p~n", [{What, [short(X) || X <- List]}]).

short({'EXIT', {{bad, N}, _}}) -> {'EXIT', {bad, N}};
short({'EXIT', {Reason, Stack}}) when is_list(Stack) -> Reason;
short(X) -> X.

id(X) -> X.

%% Always returns ok when it returns.
deep(0, none) -> ok;
deep(0, thrown) -> throw(thrown);
deep(0, N) -> error({bad, N});
deep(N, W) -> case deep(N - 1, W) of ok -> ok; _ -> no end.

%% The part of a literal that only turns out to be one.
tail(X) ->
    try
        Y = case X of true -> yes; false -> yes; _ -> X end,
        part(Y)
    catch error:Why -> Why
    end.

part(yes) ->
    Z = (7 =/= id(7)) orelse not is_integer(a),
    length(tl(Z));
part(L) -> length(L).

%% The second is always a pair but where it comes from outside.
best([], B) -> B;
best([X | T], {N, _}) when X < N -> best(T, {X, b});
best([_ | T], none) -> best(T, {0, b});
best([X | _], {_, Y}) when X =:= 3 -> {3, Y};
best([_], {_, c}) -> {1, c};
best([1], {3, B}) -> {3, B};
best([_ | T], B) -> best(T, B).

%% Every call brings the same.
scaled(N) -> element(1, {times(N, 2, 3), N}).
times(_, A, B) -> case A of 2 -> A * B; _ -> never end.

twice(X) ->
    A = X + 1,
    id(A),
    {A, X + 1, A + (X + 1)}.

count(0) -> done;
count(N) -> case count(N - 1) of done -> done; _ -> failed end.

pair(N) -> {A, B} = made(N, []), {A, B}.
made(N, L) when length(L) > 3 -> {N, x};
made(N, L) -> made(N, [N | L]).

three(A, B, C) -> id(1), [C, B, A].
four(A, B, C, D) -> id(1), L = id([A, B, C]), [D | L].
turned(A, B, C) -> id(0), lists3(B, C, A).
lists3(A, B, C) -> [A, B, C].

kind({a, _}) -> one;
kind({_, _}) -> two;
kind(_) -> other.

%% What the body shows of T holds in the after only when the body was left well.
afterwards(T) ->
    catch try
              {_, _} = T,
              put(x, 1)
          after
              put(seen, case T of {_, _} -> pair; [] -> nil; _ -> other end)
          end,
    get(seen).
