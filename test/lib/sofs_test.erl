%% SPDX-License-Identifier: Apache-2.0
%% sofs: typed sets, relations, families.
%% expect: [{a,[1,2]},{b,[2]},{c,[3]}]
%% expect: [a,b,c]
%% expect: [1,2,3]
%% expect: [1,2,3]
%% expect: [{1,a},{2,a},{2,b},{3,c}]
%% expect: [{a,1},{a,2},{c,3}]
%% expect: [{b,2}]
%% expect: [1,2,3]
%% expect: [[{a,1}],[{a,2},{b,2}],[{c,3}]]
%% expect: [1,2,3]
%% expect: [{1,1},{1,2},{2,2},{3,1},{3,3}]
%% expect: [{a,a,x},{a,c,x},{a,d,x},{c,a,x},{c,c,x},{c,d,x},{d,a,x},{d,c,x},{d,d,x}]
%% expect: [{a,{1,1}},{a,{1,2}},{a,{2,1}},{a,{2,2}},{b,{2,2}},{c,{3,3}}]
%% expect: [{1,x},{2,y}]
%% expect: [{a,2,z,z},{b,2,z,z}]
%% expect: [[a],[b],[c]]
%% expect: [{a,1},{a,2},{b,2},{c,3},{d,0}]
%% expect: [{{a,1},{1,a}},{{a,2},{2,a}},{{b,2},{2,b}},{{c,3},{3,c}}]
%% expect: [{a,[1,2,9]},{b,[2]},{c,[3]},{z,[]}]
%% expect: [1,3,4]
%% expect: ['_']
%% expect: [['_']]
%% expect: {atom,[{atom,[atom]}]}
%% expect: [[{atom,atom}]]
%% expect: type_mismatch
%% expect: bad_function
%% expect: badarg
%% expect: badarg
%% expect: bad_function
-module(sofs_test).
-export([main/0]).

main() ->
    R = sofs:relation([{b, 2}, {a, 1}, {a, 2}, {c, 3}]),
    S = sofs:set([a, c, d]),
    F = sofs:relation_to_family(R),
    [show(sofs:to_external(X))
     || X <- [F, sofs:domain(R), sofs:range(R), sofs:image(R, S),
              sofs:converse(R), sofs:restriction(R, S),
              sofs:drestriction(R, S), sofs:union_of_family(F),
              sofs:partition(2, R), sofs:projection(2, R),
              sofs:weak_relation(sofs:relation([{1, 2}, {3, 1}])),
              sofs:product({S, S, sofs:set([x])}),
              sofs:relative_product({R, R}),
              sofs:composite(sofs:a_function([{1, a}, {2, b}]),
                             sofs:a_function([{a, x}, {b, y}])),
              sofs:join(R, 2, sofs:relation([{2, z, z}]), 1),
              sofs:partition(sofs:from_term([[a, b], [b, c]])),
              sofs:extension(R, S, sofs:from_term(0, atom)),
              sofs:substitution({external, fun({A, B}) -> {B, A} end}, R),
              sofs:family_union(F, sofs:family([{a, [9]}, {z, []}])),
              sofs:symdiff(sofs:set([1, 2, 3]), sofs:set([2, 4]))]],
    [show(sofs:type(sofs:from_term(T)))
     || T <- [[], [[]], {a, [{b, [c]}]}, [[{x, 1}], []]]],
    [show(error_of(E))
     || E <- [fun() -> sofs:union(S, R) end,
              fun() -> sofs:a_function([{a, 1}, {a, 2}]) end,
              fun() -> sofs:domain(S) end,
              fun() -> sofs:from_term([a, [b]]) end,
              fun() -> sofs:inverse(R) end]].

error_of(F) -> try F() catch error:E -> E end.

show(X) -> io:format("~w~n", [X]).
