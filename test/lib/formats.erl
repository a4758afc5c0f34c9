%% SPDX-License-Identifier: Apache-2.0
%% Format strings and input formats: fields, floats, limits, what is refused.
%% expect: |   ab|cd   |***|
%% expect: |abc  |  abc|abc|
%% expect: 1.50000e+0 2.250000 3.12500
%% expect: 10.00|  3.14|3.14  |003.14
%% expect: ff|FF|-16#ff|+5
%% expect: aaa|--ab|~
%% expect: badarg
%% expect: {ok,[12,"ab"]," x"}
%% expect: {error,{fread,integer}}
%% expect: abc...
-module(formats).
-export([main/0]).

main() ->
    io:format("|~5w|~-5w|~3w|~n", [ab, cd, abcdef]),
    io:format("|~-5s|~5s|~.3s|~n", ["abc", "abc", "abcdef"]),
    io:format("~e ~f ~g~n", [1.5, 2.25, 3.125]),
    io:format("~.2f|~6.2f|~-6.2f|~6.2.0f~n", [9.999, 3.14159, 3.14159,
                                              3.14159]),
    io:format("~.16b|~.16B|~.16+|~s~n", [255, 255, -255, "+5"]),
    io:format("~3c|~4..-s|~~~n", [$a, "ab"]),
    io:format("~p~n", [try io_lib:format([$~, $q], [1])
                       catch error:Reason -> Reason
                       end]),
    io:format("~p~n", [io_lib:fread("~d ~s", "12 ab x")]),
    io:format("~p~n", [io_lib:fread("~d", "ab")]),
    io:format("~s~n", [io_lib:format("~s", ["abcdefghij"],
                                     [{chars_limit, 6}])]).
