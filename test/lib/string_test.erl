%% SPDX-License-Identifier: Apache-2.0
%% string: binaries, deep lists and flat ones have the same characters, whether
%% they are of ASCII or not.
%% expect: ok
%% expect: {3,5,0,1,0,[]}
%% expect: {true,false,false,true,true,false}
-module(string_test).
-export([main/0]).

main() ->
    Texts = ["", "abc", "Hello World", "a\r\nb\n", "\r", "h\x{e9}LLO", "\x{df}",
             "e\x{301}x", "\x{20ac} \x{1F600}", [0, 127, 128, 255, 256]],
    lists:foreach(fun check/1, Texts),
    io:format("ok~n"),
    io:format("~w~n", [{string:str("abcabc", "cab"), string:str("aaaab", "b"),
                        string:str("abc", "cd"), string:str("aab", "aa"),
                        string:str("", "a"),
                        [C || C <- [string:str("x", "")], C > 0]}]),
    io:format("~w~n", [{string:equal("abc", [$a | <<"bc">>]),
                        string:equal("abc", "ab"), string:equal("ab", "abc"),
                        string:equal("", []), string:equal("", <<>>),
                        string:equal("abc", "abd")}]).

check(Text) ->
    Bin = unicode:characters_to_binary(Text),
    Deep = [[Text]],
    N = string:length(Text),
    N = string:length(Bin),
    N = string:length(Deep),
    Clusters = string:to_graphemes(Text),
    Clusters = string:to_graphemes(Bin),
    N = length(Clusters),
    true = string:equal(Text, Bin),
    true = string:equal(Deep, Text),
    [begin
         Changed = F(Text),
         Changed = unicode:characters_to_list(F(Bin)),
         Changed = unicode:characters_to_list(F(Deep))
     end || F <- [fun string:uppercase/1, fun string:lowercase/1,
                  fun string:casefold/1,
                  fun string:trim/1]],
    Words = string:lexemes(Text, " \n"),
    Words = [unicode:characters_to_list(W)
             || W <- string:lexemes(Bin, " \n")].
