%% SPDX-License-Identifier: Apache-2.0
%% dict and sets list their elements in the order of OTP's slots, also after
%% they have grown and shrunk.
%% expect: 33191982
%% expect: 84773638
%% expect: 98496731
%% expect: 29327503
%% expect: {true,true,false}
-module(slots_test).
-export([main/0]).

main() ->
    D = dict:from_list([{{k, N}, N} || N <- lists:seq(1, 1000)]),
    show([dict:to_list(E) || E <- shrunk(D, fun dict:filter/2)]),
    show([dict:fetch_keys(lists:foldl(fun dict:erase/2, D,
                                      [{k, K} || K <- lists:seq(1, N)]))
          || N <- lists:seq(0, 1000, 50)]),
    S = sets:from_list(lists:seq(1, 1000)),
    Filter = fun(F, X) -> sets:filter(fun(E) -> F(E, E) end, X) end,
    show([sets:to_list(E) || E <- shrunk(S, Filter)]),
    show([sets:to_list(sets:union(sets:from_list(lists:seq(1, N)),
                                  sets:from_list(lists:seq(N, 300, 7))))
          || N <- lists:seq(1, 300, 10)]),
    io:format("~w~n", [{sets:is_set(#{a => 1}), sets:is_set(sets:new()),
                        sets:is_set(a)}]).

%% What is left after filtering ever more, one after the other.
shrunk(X, Filter) -> [X|shrunk(X, Filter, [5, 3, 2])].

shrunk(_, _, []) -> [];
shrunk(X0, Filter, [M|Ms]) ->
    X = Filter(fun(_, V) -> V rem M =:= 0 end, X0),
    [X|shrunk(Filter(fun(_, _) -> true end, X), Filter, Ms)].

show(X) -> io:format("~w~n", [erlang:phash2(X)]).
