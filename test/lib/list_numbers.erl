%% SPDX-License-Identifier: Apache-2.0
%% Sums and extremes of lists, and strings in strings: of small integers, of
%% other things, and where they fail.
%% not with stress_gc=true: takes long there
%% expect: [0,{function_clause,lists,max,1},{function_clause,lists,min,1}]
%% expect: [1,1,1]
%% expect: [4,3,-1]
%% expect: [576460752303423488,576460752303423487,1]
%% expect: [1729382256910270461,576460752303423487,576460752303423487]
%% expect: [-1152921504606846975,-576460752303423487,-576460752303423488]
%% expect: [1180591620717411303425,1180591620717411303424,1]
%% expect: [5.5,2.5,1]
%% expect: [2.0,1,1]
%% expect: [2.0,1.0,1.0]
%% expect: [{badarith,erlang,'+',2},a,1]
%% expect: [{function_clause,lists,sum,2},{function_clause,lists,max,2},{function_clause,lists,min,2}]
%% expect: [{badarith,erlang,'+',2},[2],1]
%% expect: [{function_clause,lists,sum,2},{function_clause,lists,max,1},{function_clause,lists,min,1}]
%% expect: [45000150000,300000,1]
%% expect: 4
%% expect: 2
%% expect: 1
%% expect: 0
%% expect: 0
%% expect: 0
%% expect: 0
%% expect: {function_clause,string,str,3}
%% expect: {function_clause,string,l_prefix,2}
%% expect: 0
%% expect: 2
%% expect: {function_clause,string,l_prefix,2}
%% expect: 2
%% expect: 200000
%% expect: true
%% expect: false
%% expect: true
%% expect: true
%% expect: {function_clause,unicode_util,cp,1}
%% expect: {function_clause,unicode_util,cp,1}
%% expect: {function_clause,unicode_util,cp,1}
-module(list_numbers).
-export([main/0]).

main() ->
    Top = 1 bsl 59 - 1,
    Lists = [[], [1], [3, -1, 2], [Top, 1], [Top, Top, Top], [-Top - 1, -Top],
             [1 bsl 70, 1], [1, 2.5, 2], [1, 1.0], [1.0, 1], [a, 1], [1 | 2],
             [1, [2]], x, lists:seq(1, 300000)],
    [io:format("~w~n", [[call(F, [L]) || F <- [sum, max, min]]]) || L <- Lists],
    Texts = [{"abcabd", "abd"}, {"aaab", "aab"}, {"abc", "abc"}, {"abc", "abcd"},
             {"", "a"}, {"a", ""}, {"", ""}, {[97 | b], "b"}, {[97 | b], "a"},
             {[1, 2.0, 3], [2]}, {[1, 2.0, 3], [2.0]}, {[1, 2, 3], [3 | x]},
             {[1, a, 3], [a]}, {lists:duplicate(200000, $a) ++ "b", "ab"}],
    [io:format("~w~n", [text(string, str, [S, P])]) || {S, P} <- Texts],
    [io:format("~w~n", [text(string, equal, [A, B])])
     || {A, B} <- [{"abc", "abc"}, {"abc", "abd"}, {["a", <<"b">>], "ab"},
                   {"ab", ["a", "b"]}, {[1 | 2], [1 | 2]}, {[a], [a]}, {[1.0], [1]}]].

call(F, Args) -> text(lists, F, Args).

text(M, F, Args) ->
    try apply(M, F, Args)
    catch
        error:R:S ->
            [{A, B, C, _} | _] = S,
            {R, A, B, if is_list(C) -> length(C); true -> C end}
    end.
