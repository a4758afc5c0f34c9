%% SPDX-License-Identifier: Apache-2.0
%% Sums and extremes of lists, strings in strings, numbers of strings, parts of
%% names of files: for what is done on the spot, and for the rest.
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
%% expect: 0
%% expect: 0
%% expect: 5
%% expect: 12
%% expect: -17
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: 99999999999999999
%% expect: -99999999999999999
%% expect: 999999999999999999
%% expect: 99999999999999999
%% expect: -99999999999999999999999999999999999
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: {badarg,erlang,list_to_integer,1}
%% expect: [[],[],[],[97],[97],[97],[],[97],[98],[98],[99,46,101,114,108],[98,46,101,114,108],[46,101,114,108],[98],<<98>>,<<>>,[97,98,99],[100],[]]
%% expect: [[46],[47],[47],[46],[47],[97],[97],[47,97],[97],[97],[47,97,47,98],[97,47,98,46,101,114,108],[46],[97],<<97,47,98>>,<<46>>,[46],[97,98,99],[47,47,47,97,47,47,47,98]]
%% expect: [[],[[47]],[[47]],[[97]],[[47],[97]],[[97]],[[97]],[[47],[97]],[[97],[98]],[[97],[98]],[[47],[97],[98],[99,46,101,114,108]],[[97],[98,46,101,114,108]],[[46,101,114,108]],[[97],[98]],[<<97>>,<<98>>],[],[[97,98,99]],[[97,98,99],[100]],[[47],[97],[98]]]
%% expect: [[],[47],[47,47],[97],[47,97],[97,47],[97,47,47],[47,97,47],[97,47,98],[97,47,47,98],[47,97,47,98,47,99,46,101,114,108],[97,47,98,46,101,114,108,47],[46,101,114,108],[97,47,98],<<97,47,98,47>>,<<>>,[97,98,99],[97,98,99,47,100],[47,47,47,97,47,47,47,98,47,47,47]]
%% expect: [[],[],[],[97],[97],[97],[],[97],[98],[98],[99],[98,46,101,114,108],[],[98],<<98>>,<<>>,[97,98,99],[100],[]]
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
                   {"ab", ["a", "b"]}, {[1 | 2], [1 | 2]}, {[a], [a]}, {[1.0], [1]}]],
    Nines = lists:duplicate(17, $9),
    [io:format("~w~n", [text(erlang, list_to_integer, [T])])
     || T <- ["0", "-0", "+5", "00012", "-17", "", "-", "+", "--1", "1a", "1 ", [$1 | $2],
              [$1, a], [$1, $1 bsl 60], Nines, "-" ++ Nines, Nines ++ "9",
              "000" ++ Nines, "-9" ++ Nines ++ Nines, a, [-$1]]],
    [io:format("~w~n", [[text(filename, F, [N]) || N <- names()]])
     || F <- [basename, dirname, split, flatten]],
    io:format("~w~n", [[filename:basename(N, ".erl") || N <- names()]]).

names() -> ["", "/", "//", "a", "/a", "a/", "a//", "/a/", "a/b", "a//b", "/a/b/c.erl",
            "a/b.erl/", ".erl", ["a", $/, b], <<"a/b/">>, <<"">>, abc, ["ab", ["c", '/', d]],
            "///a///b///"].

call(F, Args) -> text(lists, F, Args).

text(M, F, Args) ->
    try apply(M, F, Args)
    catch
        error:R:S ->
            [{A, B, C, _} | _] = S,
            {R, A, B, if is_list(C) -> length(C); true -> C end}
    end.
