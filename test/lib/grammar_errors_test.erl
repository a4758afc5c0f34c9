%% SPDX-License-Identifier: Apache-2.0
%% What yecc and leex say of files that are not right, and parsing tokens that
%% come piece by piece.
%% expect: [{{2,15},yecc,{undefined_symbol,b}},{{2,17},yecc,{undefined_symbol,c}}]
%% expect: [{{2,14},yecc,{error,file_io_server,invalid_unicode}}]
%% expect: [{4,leex,bad_rule}]
%% expect: [{4,leex,missing_code}]
%% expect: [{3,leex,{regexp,{unterminated,"("}}}]
%% expect: [{2,leex,cannot_parse}]
%% expect: {'EXIT',badarg}
%% expect: ok
%% expect: {ok,{function,1,f,0,[{clause,1,[],[],[{atom,1,a}]}]}}
%% expect: {error,{3,erl_parse,["syntax error before: ",[]]}}
%% expect: {{2,5},["syntax error before: ",[]]}
%% expect: "syntax error before: \"hello\""
-module(grammar_errors_test).
-export([main/0]).

main() ->
    Dir = filename:join("/tmp", "grammar_errors_" ++ os:getpid()),
    ok = file:make_dir(Dir),
    try run(Dir) after file:del_dir_r(Dir) end.

run(Dir) ->
    Yrl = filename:join(Dir, "g.yrl"),
    Xrl = filename:join(Dir, "s.xrl"),
    Start = <<"Nonterminals s. Terminals t. Rootsymbol s.\n">>,
    grammar(Yrl, [Start, <<"      s -> t  b c.">>]),
    grammar(Yrl, [<<"%% coding: utf-8\nNonterminals H">>, 228, <<"pp.">>]),
    scanner(Xrl, <<"Definitions.\n\nRules.\na ; ">>),
    scanner(Xrl, <<"Definitions.\nRules.\na : \n">>),
    scanner(Xrl, <<"Definitions.\nRules.\n(a : .\nErlang code.\n">>),
    scanner(Xrl, <<"%% coding: utf-8\n", 228>>),
    show(catch_reason(fun() -> yecc:file(Yrl, [return | report]) end)),
    ok = file:write_file(Yrl, [Start, <<"s -> t.">>]),
    Batch = {options, [], ".", undefined, [], 1, false, 999, [], [], undefined},
    show(yecc:compile(Yrl, filename:join(Dir, "g.erl"), Batch)),
    {ok, Tokens, _} = erl_scan:string("f() -> a.", 1),
    Source = fun() ->
        case erase(pieces) of
            undefined -> put(pieces, end_comes), {ok, Tokens, 2};
            end_comes -> {eof, 2}
        end
    end,
    show(erl_parse:parse_and_scan({Source, []})),
    show(erl_parse:parse_and_scan({fun() -> {eof, 3} end, []})),
    {ok, Split, _} = erl_scan:string("'foo\nbar'", {1, 1}, [text]),
    {error, {Where, erl_parse, Text}} = erl_parse:parse(Split),
    show({Where, Text}),
    {error, {1, erl_parse, Hello}} = erl_parse:parse([{cat, 1, "hello"}]),
    show(lists:flatten(erl_parse:format_error(Hello))).

grammar(File, Text) ->
    ok = file:write_file(File, Text),
    {error, [{File, Errors}], []} = yecc:file(File, [return, {report, false}]),
    show(Errors).

scanner(File, Text) ->
    ok = file:write_file(File, Text),
    {error, [{File, Errors}], []} = leex:file(File, [return, {report, false}]),
    show(Errors).

catch_reason(Fun) ->
    {'EXIT', {Reason, _}} = (catch Fun()),
    {'EXIT', Reason}.

show(Term) -> io:format("~0p~n", [Term]).
