%% SPDX-License-Identifier: Apache-2.0
%% Crash reports of unusual shape, zip archives with wrong sums, gen_event with a
%% monitor, fprof's trace of what is profiled alone.
%% expect: "  crasher:\n    a: b\n  neighbours:\n    neighbour:\n      c"
%% expect: "  crasher:\n    fake\n  neighbours:\n"
%% expect: {error,{bad_crc,"a.txt"}}
%% expect: {ok,["a.txt"]}
%% expect: shutdown
%% expect: badarg
%% expect: true
-module(report_shapes_test).
-export([main/0]).

main() ->
    show(lists:flatten(proc_lib:format([[{a, b}], [c]], latin1))),
    show(lists:flatten(proc_lib:format([fake, []], latin1))),
    {ok, {_, Zip}} = zip:create("a.zip", [{"a.txt", <<"text">>}], [memory]),
    <<Head:14/binary, Sum:32, Rest/binary>> = Zip,
    show(zip:extract(<<Head/binary, (Sum bxor 1):32, Rest/binary>>)),
    show(zip:extract(Zip)),
    {ok, {Pid, Ref}} = gen_event:start_monitor(),
    exit(Pid, shutdown),
    receive {'DOWN', Ref, process, Pid, Reason} -> show(Reason) end,
    {ok, Tokens, _} = erl_scan:string("<<\"\":problem/signed>>."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {'EXIT', {Why, _}} = (catch erl_eval:exprs(Exprs, [])),
    show(Why),
    show(filename:extension(init:script_name()) =:= ".boot").

show(Term) -> io:format("~0p~n", [Term]).
