%% SPDX-License-Identifier: Apache-2.0
%% Expressions nested deeper than any C stack of usual size are read, printed,
%% and read again as the same.
%% not with b_sanitize=thread: the sanitizer knows no stack of so many calls
%% not with mpc=system: its depth has a limit, see nesting_limit.erl
%% expect: list true
%% expect: tuple true
%% expect: call true
%% expect: minus true
%% expect: sum true
%% expect: case true
-module(deep_forms).
-export([main/0]).

main() ->
    Deep = 20000,
    [show(Name, Open, Inner, Close, N)
     || {Name, Open, Inner, Close, N} <-
            [{list, "[", "x", "]", Deep}, {tuple, "{", "x", "}", Deep},
             {call, "f(", "x", ")", Deep}, {minus, "- ", "x", "", Deep},
             {sum, "(a +", "b", ")", 300},
             {'case', "case a of b -> ", "c", " end", 200}]].

show(Name, Open, Inner, Close, N) ->
    Text = [lists:duplicate(N, Open), Inner, lists:duplicate(N, Close), $.],
    Form = read(lists:flatten(Text)),
    Again = read(lists:flatten([erl_pp:expr(Form), $.])),
    io:format("~s ~w~n", [Name, Form =:= Again]).

read(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, [Form]} = erl_parse:parse_exprs(Tokens),
    erl_parse:map_anno(fun(_) -> 0 end, Form).
