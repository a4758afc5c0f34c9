%% SPDX-License-Identifier: Apache-2.0
%% Forms of the newer language with their places: documentation, also of files,
%% sigils, zips, maybe before records and parentheses. OTP 27 and 29 say the same.
%% only merle
-module(new_places).
-export([main/0]).

main() ->
    [form(T) || T <- forms()],
    ok = file:write_file("text.md", <<"a ", 195, 188, "\n">>),
    ok = file:make_dir("folder.md"),
    [source(T) || T <- documents()],
    ok.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    case erl_parse:parse_form(Tokens) of
        {ok, {attribute, _, _, Value}} -> io:format("~w~n", [Value]);
        {ok, {function, _, _, _, [Clause]}} ->
            io:format("~w~n", [element(5, Clause)]);
        {error, {Place, M, D}} ->
            io:format("~w ~ts~n", [Place, M:format_error(D)])
    end.

%% The attributes between -module and the function.
source(Text) ->
    ok = file:write_file("source.erl",
                         ["-module(source).\n", Text, "\nf() -> ok.\n"]),
    {ok, [_, _ | Forms]} = epp:parse_file("source.erl", [{location, {1, 1}}]),
    io:format("~w~n", [lists:takewhile(fun(F) -> element(1, F) =/= function end,
                                        Forms)]).

forms() ->
    ["-doc #{equiv => f(X, [])}.", "-doc #{since => \"1\", equiv => m:f(1)}.",
     "-doc #{equiv => f/1}.", "-doc #{since => f(X)}.", "-doc #{equiv => 1 + 2}.",
     "-moduledoc #{equiv => f(X)}.", "-moduledoc f/1.", "-doc foo.",
     "-doc hidden.", "-doc \"a\", b.",
     "f() -> ~\"ab\".", "f() -> ~s|ab|.", "f() -> {$\\^?, \"\\^?\"}.",
     "f() -> [X || X <- A && Y <- B].",
     "f() -> [X || X <- A && Y <- B, X <- C && <<Z>> <= D].",
     "f() -> maybe #r{} ?= a end.", "f() -> maybe (ok) ?= a end.",
     "f() -> maybe(ok)."].

documents() ->
    ["-moduledoc {file, \"te\" \"xt.md\"}.", "-doc({file, \"text.md\"}).",
     "-doc {file, \"none.md\"}.", "-doc {file, \"folder.md\"}.",
     "-doc {file, text}.", "-doc {text, \"text.md\"}.",
     "-moduledoc false.\n-feature(maybe_expr, enable)."].

%% expect: #{equiv => {call,{1,17},{atom,{1,17},f},[{var,{1,19},'X'},{nil,{1,22}}]}}
%% expect: #{equiv => {call,{1,31},{remote,{1,32},{atom,{1,31},m},{atom,{1,33},f}},[{integer,{1,35},1}]},since => [49]}
%% expect: #{equiv => {f,1}}
%% expect: {1,6} bad attribute
%% expect: {1,6} bad attribute
%% expect: {1,12} bad attribute
%% expect: {1,12} bad doc declaration
%% expect: {1,6} bad doc declaration
%% expect: hidden
%% expect: {1,6} bad doc declaration
%% expect: [{bin,{1,8},[{bin_element,{1,9},{string,{1,9},[97,98]},default,[utf8]}]}]
%% expect: [{string,{1,10},[97,98]}]
%% expect: [{tuple,{1,8},[{char,{1,9},127},{string,{1,15},[127]}]}]
%% expect: [{lc,{1,8},{var,{1,9},'X'},[{zip,{1,16},[{generate,{1,16},{var,{1,14},'X'},{var,{1,19},'A'}},{generate,{1,26},{var,{1,24},'Y'},{var,{1,29},'B'}}]}]}]
%% expect: [{lc,{1,8},{var,{1,9},'X'},[{zip,{1,30},[{generate,{1,16},{var,{1,14},'X'},{var,{1,19},'A'}},{generate,{1,26},{var,{1,24},'Y'},{var,{1,29},'B'}}]},{zip,{1,34},[{generate,{1,34},{var,{1,32},'X'},{var,{1,37},'C'}},{b_generate,{1,48},{bin,{1,42},[{bin_element,{1,44},{var,{1,44},'Z'},default,default}]},{var,{1,51},'D'}}]}]}]
%% expect: [{maybe,{1,8},[{maybe_match,{1,19},{record,{1,14},r,[]},{atom,{1,22},a}}]}]
%% expect: [{maybe,{1,8},[{maybe_match,{1,19},{atom,{1,15},ok},{atom,{1,22},a}}]}]
%% expect: [{call,{1,8},{atom,{1,8},maybe},[{atom,{1,14},ok}]}]
%% expect: [{attribute,{1,1},file,{[116,101,120,116,46,109,100],1}},{attribute,{1,1},moduledoc,[97,32,252,10]},{attribute,{2,32},file,{[115,111,117,114,99,101,46,101,114,108],2}}]
%% expect: [{attribute,{1,1},file,{[116,101,120,116,46,109,100],1}},{attribute,{1,1},doc,[97,32,252,10]},{attribute,{2,24},file,{[115,111,117,114,99,101,46,101,114,108],2}}]
%% expect: [{warning,{{2,2},epp,{doc,file,[110,111,110,101,46,109,100]}}},{attribute,{2,2},doc,[]}]
%% expect: [{error,{{2,2},epp,{doc,file,[102,111,108,100,101,114,46,109,100]}}}]
%% expect: [{error,{{2,13},epp,{bad,doc}}}]
%% expect: [{error,{{2,7},epp,{doc,invalid,file}}}]
%% expect: [{attribute,{2,2},moduledoc,false}]
