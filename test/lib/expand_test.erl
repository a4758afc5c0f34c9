%% SPDX-License-Identifier: Apache-2.0
%% What the line editor's completion of OTP answers.
%% expect: {yes,"e_",[]}
%% expect: {yes,[],[{"one_fun",0},{"one_more",1}]}
%% expect: {yes,"o()",[]}
%% expect: {yes,"A b'(",[]}
%% expect: {no,[],
%% expect:     [{"'A b'",2},
%% expect:      {"module_info",0},
%% expect:      {"module_info",1},
%% expect:      {"one_fun",0},
%% expect:      {"one_more",1},
%% expect:      {"two",0}]}
%% expect: {yes,"un()",[]}
%% expect: {no,[],[]}
%% expect: {no,[],[]}
%% expect: {yes,"ore,",[]}
%% expect: yy/2  x     z
%% expect: ...aend    ...bend
-module(expand_test).
-export([main/0]).

main() ->
    {ok, words, Code} = compile:forms(
        [{attribute, 1, module, words},
         {attribute, 2, export, [{one_fun, 0}, {one_more, 1}, {two, 0},
                                 {'A b', 2}]}
         | [{function, 3, F, A,
             [{clause, 3, lists:duplicate(A, {var, 3, '_'}), [],
               [{atom, 3, ok}]}]}
            || {F, A} <- [{one_fun, 0}, {one_more, 1}, {two, 0},
                          {'A b', 2}]]]),
    {module, words} = code:load_binary(words, "words.beam", Code),
    lists:foreach(fun(Text) ->
                      io:format("~tp~n",
                                [edlin_expand:expand(lists:reverse(Text))])
                  end,
                  ["words:on", "words:one_", "words:tw", "words:'", "words:",
                   "X = words : one_f", "words:nothing", "", "h(words, one_m"]),
    Names = [lists:duplicate(78, $p) ++ [C] ++ "end" || C <- "ab"],
    columns(["x", {"yy", 2}, "z"]),
    columns(Names).

columns(Names) ->
    [io:format("~ts~n", [string:trim(L, trailing)])
     || L <- string:lexemes(lists:flatten(edlin_expand:format_matches(Names)),
                            "\n")].
