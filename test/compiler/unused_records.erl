%% SPDX-License-Identifier: Apache-2.0
%% Records that nobody uses, and the option that lets some of them be: it must
%% name records that there are. Forms without a file are not asked for them.
-module(unused_records).
-export([main/0]).
%% expect: {ok,[{3,{unused_record,r}}]}
%% expect: {ok,[]}
%% expect: {error,[{4,{undefined_record,s}}],[{3,{unused_record,r}}]}
%% expect: {error,[{4,{undefined_record,s}},{4,{undefined_record,t}}],[]}
%% expect: {ok,[]}
%% expect: {ok,[]}

main() ->
    show(check([file()], [])),
    show(check([file()], [option(r)])),
    show(check([file()], [option([s])])),
    show(check([file()], [option([r, [s, t]])])),
    show(check([], [option(s)])),
    show(check([file()], [option(s), {attribute, 5, compile,
                                      nowarn_unused_record}])).

file() -> {attribute, 1, file, {"f.erl", 1}}.

option(Names) -> {attribute, 4, compile, {nowarn_unused_record, Names}}.

check(First, Options) ->
    erl_lint:module(First ++ [{attribute, 2, module, f},
                              {attribute, 3, record,
                               {r, [{record_field, 3, {atom, 3, a}}]}}]
                    ++ Options, "f.erl").

show({ok, Warnings}) -> io:format("~w~n", [{ok, plain(Warnings)}]);
show({error, Errors, Warnings}) ->
    io:format("~w~n", [{error, plain(Errors), plain(Warnings)}]).

plain(Messages) -> [{At, What} || {_, L} <- Messages, {At, _, What} <- L].
