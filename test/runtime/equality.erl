%% SPDX-License-Identifier: Apache-2.0
%% Equality of terms that a look can tell apart, and of those it cannot.
%% expect: {exact,[9,7,7,6,6,5,5,5]}
%% expect: {equal,[11,9,9,8,6,7,5,5]}
-module(equality).
-export([main/0]).

main() ->
    Ref = make_ref(),
    Table = ets:new(t, []),
    Alias = monitor(process, self(), [{alias, explicit_unalias}]),
    Kinds = [Ref, Table, Alias, self(), [Ref], {Ref}, #{k => Ref}, <<1:3>>,
             fun lists:map/2],
    Same = binary_to_term(term_to_binary(Kinds)),
    true = Same =:= Kinds,
    true = Same == Kinds,
    [false = A == B || A <- Kinds, B <- Same -- [A]],
    show(exact, fun(A, B) -> A =:= B end),
    show(equal, fun(A, B) -> A == B end),
    Ref2 = binary_to_term(term_to_binary(Ref)),
    [{_, found}] = ets_with({Ref, 1}, {Ref2, 1}),
    [] = ets_with({Ref, 1}, {Ref2, 1.0}),
    [] = ets_with({Ref, [1]}, {make_ref(), [1]}),
    self() ! {Ref2, seen},
    receive {Ref, seen} -> ok end.

%% How many terms of each group equal one of its terms.
show(What, Equal) ->
    io:format("~w~n", [{What, [length([x || A <- G, B <- copy(G), Equal(A, B)])
                               || G <- groups()]}]).

groups() ->
    Big = 1 bsl 70,
    [[1, 1.0, a, "", {}, [], #{}],
     [{1}, {1.0}, {1, 1}, {a}, {[]}, {{}}, {<<>>}],
     [[1], [1.0], [1 | 1], [a], {1}, [[]], []],
     [{Big, 1}, {Big, 1.0}, {Big, 2}, {-Big, 1}, {1, Big}, {1, 2}],
     [{a, [1]}, {a, [2]}, {b, [1]}, {a, {1}}, {a, "x", 1}, {a, [1.0], c}],
     [#{1 => {a}}, #{1 => {b}}, #{a => 1}, #{a => 1.0}, {#{}}],
     [<<"abc">>, <<"abd">>, {<<"abc">>}, [<<"abc">>], <<1:1>>],
     [self(), {self()}, {self(), 1}, [self()], fun erlang:self/0]].

copy(Group) -> binary_to_term(term_to_binary(Group)).

ets_with(Key, Asked) ->
    T = ets:new(t, []),
    ets:insert(T, {Key, found}),
    Found = ets:lookup(T, Asked),
    ets:delete(T),
    Found.
