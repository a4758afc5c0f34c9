%% SPDX-License-Identifier: Apache-2.0
%% leex: a scanner with macros, pushed back text, end tokens and errors, used
%% on whole texts and on texts that come in parts.
%% expect: {ok,[{name,1,"abc"},{'+',1},{number,1,1.5},{number,2,3}],2}
%% expect: {error,{2,words,{illegal,"#"}},2}
%% expect: {error,{1,words,{user,"no bang"}},1}
%% expect: {ok,[{at,1},{name,1,"it"}],1}
%% expect: {done,{ok,[{name,1,"a"},{dot,1}],1},"b. "}
%% expect: {done,{ok,[{name,1,"abcd"},{dot,3}],3},[]}
%% expect: {done,{ok,{number,4,12},4}," 3"}
%% expect: {done,{error,{1,words,{illegal,"#"}},1},"c"}
%% expect: {done,{eof,7},eof}
%% expect: illegal characters "#"
%% expect: bad.xrl:1: missing Definitions
%% expect: bad.xrl:3: bad regexp `unterminated ['
%% expect: bad.xrl:3: bad regexp `illegal character *'
%% expect: bad.xrl:3: bad regexp `illegal character class "z-a"'
%% expect: bad.xrl:4: missing Erlang code
%% expect: bad.xrl:4: no rules
-module(leex_test).
-export([main/0]).

main() ->
    make("words", words()),
    {ok, _, []} = leex:file("words", [return]),
    {ok, words, Code} = compile:file("words", [binary, return_errors]),
    {module, words} = code:load_binary(words, "words", Code),
    [show(words:string(T)) || T <- ["abc + 1.5 % x\n3", "a\nb # c", "a !", "@"]],
    show(words:tokens([], "a. b. ")),
    {more, C1} = words:tokens([], "ab"),
    {more, C2} = words:tokens(C1, "cd\n\n"),
    show(words:tokens(C2, ". ")),
    {more, C3} = words:token([], "12", 4),
    show(words:token(C3, " 3")),
    show(words:tokens([], "a # b. c")),
    show(words:tokens([], eof, 7)),
    {error, {_, _, E}, _} = words:string("#"),
    io:format("~s~n", [words:format_error(E)]),
    told("Rules.\n"),
    [told("Definitions.\nRules.\n" ++ R ++ "\nErlang code.\n")
     || R <- ["[a : skip_token.", "* : skip_token.", "[z-a] : skip_token.",
              "a : skip_token", ""]].

words() ->
    "%% Words and numbers.\n"
    "Definitions.\nD = [0-9]\nN = {D}+\nWS = ([\\s\\t\\n]|%.*)\nRules.\n"
    "{N}\\.{N} : {token, {number, TokenLine, list_to_float(TokenChars)}}.\n"
    "{N} : {token, {number, TokenLine, list_to_integer(TokenChars)}}.\n"
    "[a-z]+ : Name = TokenChars,\n    {token, {name, TokenLine, Name}}.\n"
    "[-+*/] : {token, {list_to_atom(TokenChars), TokenLine}}.\n"
    "@ : {token, {at, TokenLine}, \"it\"}.\n"
    "! : {error, \"no bang\"}.\n"
    "\\.{WS} : {end_token, {dot, TokenLine}}.\n"
    "{WS}+ : skip_token.\n"
    "Erlang code.\n".

make(Name, Text) -> ok = file:write_file(Name ++ ".xrl", Text).

told(Text) ->
    make("bad", Text),
    {error, Es, _} = leex:file("bad", [return, {report, false}]),
    [io:format("~ts:~w: ~ts~n", [filename:basename(File), Line, M:format_error(E)])
     || {File, Found} <- Es, {Line, M, E} <- Found].

show(Term) -> io:format("~p~n", [Term]).
