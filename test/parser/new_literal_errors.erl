%% SPDX-License-Identifier: Apache-2.0
%% What the scanner says of triple-quoted strings and sigils that are wrong is
%% what OTP 27 says.
%% only merle
-module(new_literal_errors).
-export([main/0]).

main() ->
    lists:foreach(fun show/1,
                  ["\"\"\"\nabc\n", "\"\"\"  \nabc", "\"\"\"\"\n\"\"\"\n",
                   "\"\"\"\"", "\"\"\"\nabc\n  \"\"\"",
                   "\"\"\"\n  abc\n def\n  \"\"\" x", "~\"\"\"\n a\n",
                   "~S\"\"\"\nabcdefghijklmnopqrstuvwxyz", "~s\"abc",
                   "~\"abc", "~b[abc", "~long_name{", "~B'a\nb",
                   "~b/abcdefghijklmnopqrstuvwxyz", "~s\"\\x{zz}\""]).

show(Text) ->
    {error, {_, M, D} = E, End} = erl_scan:string(Text, {1, 1}, []),
    io:format("~tw ~w ~ts~n", [E, End, M:format_error(D)]).

%% expect: {{1,4},erl_scan,{unterminated,{string,3},[10,97,98,99,10]}} {3,1} unterminated triple-quoted string starting with "\nabc\n"
%% expect: {{1,4},erl_scan,{unterminated,{string,3},[32,32,10,97,98,99]}} {2,4} unterminated triple-quoted string starting with "  \nabc"
%% expect: {{1,5},erl_scan,{unterminated,{string,4},[10,34,34,34,10]}} {3,1} unterminated triple-quoted string starting with "\n\"\"\"\n"
%% expect: {{1,5},erl_scan,{unterminated,{string,4},[]}} {1,5} unterminated triple-quoted string starting with ""
%% expect: {{2,1},erl_scan,indentation} {3,6} bad indentation in triple-quoted string
%% expect: {{3,2},erl_scan,indentation} {4,6} bad indentation in triple-quoted string
%% expect: {{1,5},erl_scan,{unterminated,{sigil,'',3},[10,32,97,10]}} {3,1} unterminated triple-quoted ~ sigil string starting with "\n a\n"
%% expect: {{1,6},erl_scan,{unterminated,{sigil,'S',3},[10,97,98,99,100,101,102,103,104,105,106,107,108,109,110,111]}} {2,27} unterminated triple-quoted ~S sigil string starting with "\nabcdefghijklmno"
%% expect: {{1,4},erl_scan,{unterminated,{sigil,s,34,34},[97,98,99]}} {1,7} unterminated ~s"" sigil string starting with "abc"
%% expect: {{1,3},erl_scan,{unterminated,{sigil,'',34,34},[97,98,99]}} {1,6} unterminated ~"" sigil string starting with "abc"
%% expect: {{1,4},erl_scan,{unterminated,{sigil,b,91,93},[97,98,99]}} {1,7} unterminated ~b[] sigil string starting with "abc"
%% expect: {{1,12},erl_scan,{unterminated,{sigil,long_name,123,125},[]}} {1,12} unterminated ~long_name{} sigil string starting with ""
%% expect: {{1,4},erl_scan,{unterminated,{sigil,'B',39,39},[97,10,98]}} {2,2} unterminated ~B'' sigil string starting with "a\nb"
%% expect: {{1,4},erl_scan,{unterminated,{sigil,b,47,47},[97,98,99,100,101,102,103,104,105,106,107,108,109,110,111,112]}} {1,30} unterminated ~b// sigil string starting with "abcdefghijklmnop"
%% expect: {{1,4},erl_scan,{illegal,character}} {1,7} illegal character
