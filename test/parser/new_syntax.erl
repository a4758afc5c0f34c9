%% SPDX-License-Identifier: Apache-2.0
%% The language beyond OTP 25.
%% only merle
-module(new_syntax).
-export([main/0]).

main() ->
    [run(F) || F <- forms()],
    ok.

run(Text) ->
    case erl_scan:string(Text, 1) of
        {ok, Tokens, _} ->
            case erl_parse:parse_form(Tokens) of
                {ok, {function, _, _, _, [{clause, _, _, _, [E]}]}} ->
                    io:format("~w~n", [E]);
                {ok, Form} -> io:format("~w~n", [Form]);
                {error, {_, M, D}} -> io:format("~ts~n", [M:format_error(D)])
            end;
        {error, {_, M, D}, _} -> io:format("~ts~n", [M:format_error(D)])
    end.

forms() ->
    ["f() -> \"\"\"\n  ab\n    c\n\n  \"d\" \\n\n  \"\"\".",
     "f() -> \"\"\"\n\"\"\".", "f() -> \"\"\"\"\n  \"\"\"\n  \"\"\"\".",
     "f() -> \"\"\"\n  ab\n c\n  \"\"\".", "f() -> \"\"\"\n abc",
     "f() -> \"\"\"a\".",
     "f() -> ~\"a\\n\".", "f() -> ~b\"a\".", "f() -> ~s(a\\tb).",
     "f() -> ~S/a\\tb/.", "f() -> ~B[a].", "f() -> ~x\"a\".", "f() -> ~\"a\"z.",
     "f() -> ~\"\"\"\n  a\n  \"\"\".", "f() -> ~\"a",
     "f() -> #{K => V || K := V <- M}.", "f() -> [X || X <:- L].",
     "f() -> <<X || <<X>> <:= B>>.", "f() -> [{X, Y} || X <- A && Y <- B, X].",
     "f() -> [X || X && Y].",
     "f() -> maybe A ?= B, c else d -> e end.", "f() -> {maybe, else}.",
     "f() -> maybe(1).", "f() -> 16#1.8.", "f() -> 2#0.1#e3.",
     "-nominal a(X) :: X.", "-doc \"a\".", "-doc #{since => \"1\"}.",
     "-moduledoc \"\"\"\n  a\n  \"\"\".", "-doc ~\"a\".",
     "-author ~me(a).", "f() -> ~me(a) + g(~s(a) ++ ~you{b}).",
     "f(~me(a)) -> b; f(_) -> c."].

%% expect: {string,1,[97,98,10,32,32,99,10,10,34,100,34,32,92,110]}
%% expect: {string,1,[]}
%% expect: {string,1,[34,34,34]}
%% expect: bad indentation in triple-quoted string
%% expect: unterminated triple-quoted string starting with "\n abc"
%% expect: {string,1,[97]}
%% expect: {bin,1,[{bin_element,1,{string,1,[97,10]},default,[utf8]}]}
%% expect: {bin,1,[{bin_element,1,{string,1,[97]},default,[utf8]}]}
%% expect: {string,1,[97,9,98]}
%% expect: {string,1,[97,92,116,98]}
%% expect: {bin,1,[{bin_element,1,{string,1,[97]},default,[utf8]}]}
%% expect: illegal sigil prefix
%% expect: illegal sigil suffix
%% expect: {bin,1,[{bin_element,1,{string,1,[97]},default,[utf8]}]}
%% expect: unterminated ~"" sigil string starting with "a"
%% expect: {mc,1,{map_field_assoc,1,{var,1,'K'},{var,1,'V'}},[{m_generate,1,{map_field_exact,1,{var,1,'K'},{var,1,'V'}},{var,1,'M'}}]}
%% expect: {lc,1,{var,1,'X'},[{generate_strict,1,{var,1,'X'},{var,1,'L'}}]}
%% expect: {bc,1,{var,1,'X'},[{b_generate_strict,1,{bin,1,[{bin_element,1,{var,1,'X'},default,default}]},{var,1,'B'}}]}
%% expect: {lc,1,{tuple,1,[{var,1,'X'},{var,1,'Y'}]},[{zip,1,[{generate,1,{var,1,'X'},{var,1,'A'}},{generate,1,{var,1,'Y'},{var,1,'B'}}]},{var,1,'X'}]}
%% expect: syntax error before: ']'
%% expect: {maybe,1,[{maybe_match,1,{var,1,'A'},{var,1,'B'}},{atom,1,c}],{else,1,[{clause,1,[{atom,1,d}],[],[{atom,1,e}]}]}}
%% expect: {tuple,1,[{atom,1,maybe},{atom,1,else}]}
%% expect: {call,1,{atom,1,maybe},[{integer,1,1}]}
%% expect: {float,1,1.5}
%% expect: {float,1,4.0}
%% expect: {attribute,1,nominal,{a,{var,1,'X'},[{var,1,'X'}]}}
%% expect: {attribute,1,doc,[97]}
%% expect: {attribute,1,doc,#{since => [49]}}
%% expect: {attribute,1,moduledoc,[97]}
%% expect: {attribute,1,doc,<<97>>}
%% expect: illegal sigil prefix
%% expect: illegal sigil prefix
%% expect: illegal sigil prefix
