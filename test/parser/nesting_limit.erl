%% SPDX-License-Identifier: Apache-2.0
%% Nests that are no deeper than those of people are read. Deeper ones are read
%% too, or refused as such where the parser combinators have a limit: never as a
%% syntax error, which is told as one at any depth that can be read.
%% expect: read 50: ok
%% expect: read 200: ok
%% expect: wrong 50: ok
%% expect: types 60: ok
-module(nesting_limit).
-export([main/0]).

main() ->
    Nests = nests(),
    said("read 50", [read(nest(N, 50, "1")) || N <- Nests], [ok]),
    said("read 200", [read(nest(N, Depth, "1"))
                      || N <- Nests, Depth <- lists:seq(51, 200)],
         [ok, "nesting too deep"]),
    said("wrong 50", [read(nest(N, 50, "a b"))
                      || N <- Nests],
         ["syntax error before: b"]),
    said("types 60", [form("-type t() :: " ++ nest(N, 60, "a"))
                      || N <- [{"[", "]"}, {"{a,", "}"}, {"fun(() -> ", ")"}]],
         [ok]).

nests() ->
    [{"[", "]"}, {"[a,", "|b]"}, {"{", "}"}, {"(", ")"}, {"f(", ")"},
     {"m:f(", ")"}, {"1+(", ")"}, {"#{a=>", "}"}, {"#r{a=", "}"},
     {"<<(", ")>>"}, {"begin ", " end"}, {"case ", " of x -> y end"},
     {"case x of _ -> ", " end"}, {"if true -> ", " end"},
     {"fun(X) -> ", " end"}, {"try ", " catch _:_ -> ok end"},
     {"receive X -> ", " end"}, {"[", " || X <- L]"}, {"- ", ""},
     {"catch ", ""}, {"A = ", ""}, {"A ! ", ""}, {"1 ++ ", ""}].

nest({Open, Close}, N, Inner) ->
    lists:append([lists:append(lists:duplicate(N, Open)), Inner,
                  lists:append(lists:duplicate(N, Close)), "."]).

said(Name, Answers, Good) ->
    Bad = lists:usort(Answers) -- Good,
    io:format("~s: ~p~n", [Name, case Bad of [] -> ok; _ -> Bad end]).

read(Text) -> answer(erl_parse:parse_exprs(tokens(Text))).

form(Text) -> answer(erl_parse:parse_form(tokens(Text))).

tokens(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    Tokens.

answer({ok, _}) -> ok;
answer({error, {_, erl_parse, Message}}) -> lists:flatten(Message).
