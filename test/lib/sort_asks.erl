%% SPDX-License-Identifier: Apache-2.0
%% What a sort with a fun asks, and answers when the fun is no order; the trees
%% that operations on sets make.
%% expect: [{0,11},{1,9},{1,4},{1,2},{2,12},{2,7},{2,6},{2,3},{3,5},{3,1},{4,10},{5,8}]
%% expect: [{5,8},{4,10},{3,5},{3,1},{2,12},{2,7},{2,6},{2,3},{1,9},{1,4},{1,2},{0,11}]
%% expect: [{5,8},{4,10},{3,1},{3,5},{2,3},{2,6},{2,7},{2,12},{1,2},{1,4},{1,9},{0,11}]
%% expect: [{3,1},{1,2},{2,3},{1,4},{3,5},{2,6},{2,7},{5,8},{1,9},{4,10},{0,11},{2,12}]
%% expect: [{2,12},{0,11},{4,10},{1,9},{5,8},{2,7},{2,6},{3,5},{1,4},{2,3},{1,2},{3,1}]
%% expect: [{0,11},{1,9},{1,4},{1,2},{2,12},{2,7},{2,6},{2,3},{3,5},{3,1},{4,10},{5,8}]
%% expect: 5 3, 3 4, 5 4, 3 1, 1 6, 3 6, 1 2, 3 2, 1 9, 2 9, 6 9, 6 8, 9 8, 6 7, 8 7, 1 6, 2 6, 3 6, 4 6, 5 6, 
%% expect: {case_clause,1}
%% expect: {9,{5,{2,{1,nil,nil},{3,nil,{4,nil,nil}}},{7,{6,nil,nil},{8,nil,{10,nil,nil}}}}}
%% expect: {9,{5,{2,{1,nil,nil},{3,nil,{4,nil,nil}}},{7,{6,nil,nil},{8,nil,{10,nil,nil}}}}}
%% expect: {2,{4,nil,{8,nil,nil}}}
%% expect: {6,{3,{1,nil,{2,nil,nil}},{6,{5,nil,nil},{7,nil,nil}}}}
%% expect: {16,{15,{7,{3,{1,nil,nil},{5,{4,nil,nil},nil}},{11,{9,nil,nil},{13,nil,nil}}},{23,{19,{17,nil,nil},{21,nil,nil}},{27,{25,nil,nil},{29,nil,nil}}}}}
%% expect: {18,{11,{4,{2,{1,nil,nil},{3,nil,nil}},{7,{5,nil,nil},{8,nil,{9,nil,nil}}}},{21,{15,{13,nil,nil},{17,nil,{19,nil,nil}}},{25,{23,nil,nil},{27,nil,{29,nil,nil}}}}}}
-module(sort_asks).
-export([main/0]).

main() ->
    L = [{K, I} || {K, I} <- lists:zip([3, 1, 2, 1, 3, 2, 2, 5, 1, 4, 0, 2],
                                       lists:seq(1, 12))],
    io:format("~w~n", [lists:sort(fun({A, _}, {B, _}) -> A < B end, L)]),
    io:format("~w~n", [lists:sort(fun({A, _}, {B, _}) -> A > B end, L)]),
    io:format("~w~n", [lists:sort(fun({A, _}, {B, _}) -> A >= B end, L)]),
    io:format("~w~n", [lists:sort(fun(_, _) -> true end, L)]),
    io:format("~w~n", [lists:sort(fun(_, _) -> false end, L)]),
    io:format("~w~n", [lists:usort(fun({A, _}, {B, _}) -> A < B end, L)]),
    lists:sort(fun(A, B) -> io:format("~w ~w, ", [A, B]), A =< B end,
               [5, 3, 4, 1, 6, 2, 9, 8, 7]),
    io:nl(),
    io:format("~w~n", [(catch element(1, element(2, {_, {_, _}} = catch
        lists:sort(fun(_, c) -> 1; (_, _) -> true end, [a, b, c]))))]),
    A = gb_sets:from_list([1, 2, 3, 4, 5, 6, 7, 8]),
    B = gb_sets:from_list([4, 8, 10]),
    [io:format("~w~n", [S]) || S <- [gb_sets:union(A, B),
                                     gb_sets:union(B, A),
                                     gb_sets:intersection(A, B),
                                     gb_sets:difference(A, B)]],
    Large = gb_sets:from_list(lists:seq(1, 30, 2)),
    io:format("~w~n", [gb_sets:union(gb_sets:singleton(4), Large)]),
    io:format("~w~n", [gb_sets:union(gb_sets:from_list([2, 4, 8, 9]), Large)]).
