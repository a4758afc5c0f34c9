%% SPDX-License-Identifier: Apache-2.0
%% yecc: a grammar with precedences, an empty rule and code of its own, used
%% with lists of tokens and with a function that gives them; texts of errors.
%% expect: [{yecc,{unused_nonterminal,spare}}]
%% expect: {ok,[{add,1,{mul,2,3}},4]}
%% expect: {ok,[]}
%% expect: {error,{3,calc,["syntax error before: ","'*'"]}}
%% expect: {error,{1,calc,["syntax error before: ",[]]}}
%% expect: {error,{1,calc,["bad name ",["x"]]}}
%% expect: {error,{1,calc,["syntax error before: ","'<'"]}}
%% expect: {ok,[{add,1,2}]}
%% expect: {error,why}
%% expect: bad.yrl:2:16: duplicate declaration of Terminals
%% expect: bad.yrl:4:13: undefined pseudo variable '$3'
%% expect: bad.yrl:5:8: syntax error before: =>
%% expect: bad.yrl: conflicts: 4 shift/reduce, 0 reduce/reduce
%% expect: bad.yrl: Parse action conflict scanning symbol '$end' in state 4:
%% expect:    Reduce to a from x (rule 3 at location 6:1)
%% expect:       vs.
%% expect:    reduce to b from x (rule 4 at location 7:1).
-module(yecc_test).
-export([main/0]).

main() ->
    make("calc", calc()),
    {ok, _, [{_, Ws}]} = yecc:file("calc", [return, {report, false}]),
    show([{M, W} || {_, M, W} <- Ws]),
    {ok, calc, Code} = compile:file("calc", [binary, return_errors]),
    {module, calc} = code:load_binary(calc, "calc", Code),
    [show(calc:parse(tokens(T)))
     || T <- ["1 + 2 * 3, 4", "", "1,\n2 +\n* 3", "1 +", "(x", "1 < 2 < 3"]],
    show(calc:parse_and_scan({fun more/1, [tokens("1 + 2")]})),
    show(calc:parse_and_scan({erlang, hd, [[{error, why, 1}]]})),
    told("Nonterminals a.\nTerminals x y. Terminals z.\nRootsymbol a.\n"
         "a -> x y : {'$3'}.\na -> y => x.\n"),
    told("Nonterminals s e.\nTerminals x '+' '-'.\nRootsymbol s.\n"
         "s -> e.\ne -> e '+' e.\ne -> x.\ne -> e '-'.\ne -> '-' e.\n"),
    told("Nonterminals s a b.\nTerminals x.\nRootsymbol s.\n"
         "s -> a.\ns -> b.\na -> x.\nb -> x.\n").

calc() ->
    "Nonterminals list more sum spare.\n"
    "Terminals '+' '*' '<' '(' ')' ',' number name.\n"
    "Rootsymbol list.\n"
    "Nonassoc 100 '<'.\nLeft 200 '+'.\nLeft 300 '*'.\n"
    "list -> '$empty' : [].\n"
    "list -> sum more : ['$1' | '$2'].\n"
    "more -> '$empty' : [].\n"
    "more -> ',' sum more : ['$2' | '$3'].\n"
    "sum -> sum '+' sum : {add, '$1', '$3'}.\n"
    "sum -> sum '*' sum : {mul, '$1', '$3'}.\n"
    "sum -> sum '<' sum : {less, '$1', '$3'}.\n"
    "sum -> '(' sum ')' : '$2'.\n"
    "sum -> number : value('$1').\n"
    "sum -> name : return_error(element(2, '$1'),\n"
    "                           [\"bad name \", [atom_to_list(value('$1'))]]).\n"
    "spare -> number : '$1'.\n"
    "Erlang code.\n"
    "value({_, _, V}) -> V.\n".

tokens(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    [case T of
         {integer, L, N} -> {number, L, N};
         {atom, L, A} -> {name, L, A};
         Other -> Other
     end || T <- Tokens].

%% Gives all tokens once, then the end.
more(Tokens) ->
    case put(given, true) of
        undefined -> {ok, Tokens, 1};
        true -> {eof, 2}
    end.

make(Name, Text) -> ok = file:write_file(Name ++ ".yrl", Text).

%% What is told about a grammar, warnings as errors.
told(Text) ->
    make("bad", Text),
    {error, Es, Ws} = yecc:file("bad", [return, {report, false}, warnings_as_errors]),
    [io:format("~ts:~s ~ts~n", [File, place(Where), M:format_error(E)])
     || {File, Found} <- Es ++ Ws, {Where, M, E} <- Found,
        not is_conflict_count(Es, E)].

%% Conflicts that are errors say enough.
is_conflict_count([_ | _], {conflicts, _, _}) -> true;
is_conflict_count(_, _) -> false.

place(none) -> "";
place({L, C}) -> io_lib:format("~w:~w:", [L, C]).

show(Term) -> io:format("~p~n", [Term]).
