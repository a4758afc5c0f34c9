%% SPDX-License-Identifier: Apache-2.0
%% What sofs refuses is told of the function that was called.
%% expect: set badarg {set,1}
%% expect: from_term badarg {from_term,2}
%% expect: relation badarg {relation,2}
%% expect: a_function badarg {a_function,2}
%% expect: family badarg {family,2}
%% expect: union type_mismatch {union,2}
%% expect: intersection type_mismatch {intersection,2}
%% expect: is_subset type_mismatch {is_subset,2}
%% expect: domain badarg {domain,1}
%% expect: composite badarg {composite,2}
%% expect: image type_mismatch {image,2}
%% expect: from_sets badarg {from_sets,1}
%% expect: family_to_relation badarg {family_to_relation,1}
%% expect: [1,2] [{1,a}]
-module(sofs_frames).
-export([main/0]).

main() ->
    S = sofs:set([1, 2]),
    R = sofs:relation([{1, a}]),
    [told(F, A) || {F, A} <- [{set, [x]}, {from_term, [x, [y]]},
                              {relation, [[1], 2]}, {a_function, [x, x]},
                              {family, [[{a, 1}], [{atom, [atom]}]]},
                              {union, [S, R]}, {intersection, [S, R]},
                              {is_subset, [S, R]}, {domain, [S]},
                              {composite, [S, R]}, {image, [R, R]},
                              {from_sets, [[S, x]]},
                              {family_to_relation, [S]}]],
    io:format("~w ~w~n", [sofs:to_external(S), sofs:to_external(R)]).

told(F, A) ->
    try apply(sofs, F, A)
    catch error:Reason:Trace ->
            [{sofs, N, As, _} | _] = Trace,
            io:format("~s ~w ~w~n", [F, Reason, {N, As}])
    end.
