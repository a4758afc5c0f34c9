%% SPDX-License-Identifier: Apache-2.0
%% A suite made here, run with ct: counts, groups, configuration.
%% only merle: common_test is often left out of an OTP
%% expect: {3,3,{1,1}}
%% expect: {1,0,{0,0}}
%% expect: {2,0,{0,0}}
%% expect: [true,true]
%% expect: error
-module(ct_test).
-export([main/0]).

main() ->
    ok = file:write_file("my_SUITE.erl", suite()),
    ok = file:write_file("my.cfg", "{answer, 42}.\n"),
    ok = file:make_dir("logs"),
    show(quiet([{suite, "my_SUITE"}, {logdir, "logs"}, {config, "my.cfg"}])),
    show(quiet([{suite, my_SUITE}, {testcase, adds}, {logdir, "logs"}])),
    show(quiet([{suite, my_SUITE}, {group, both}, {logdir, "logs"},
                {config, ["my.cfg"]}])),
    show([filelib:wildcard("logs/ct_run.*") =/= [],
          filelib:is_regular("logs/index.html")]),
    show(element(1, quiet([{suite, my_SUITE}, {logdir, "nowhere"}]))).

%% What is printed goes to a file.
quiet(Options) ->
    {ok, Device} = file:open("out", [append]),
    Me = self(),
    spawn(fun() ->
              group_leader(Device, self()),
              Me ! {result, ct:run_test(Options)}
          end),
    receive {result, Result} -> Result after 20000 -> none end.

suite() ->
    "-module(my_SUITE).\n"
    "-include_lib(\"common_test/include/ct.hrl\").\n"
    "-compile([export_all, nowarn_export_all]).\n"
    "all() -> [adds, fails, skips, slow, {group, both}, {group, order}].\n"
    "groups() -> [{both, [], [one, two]}, {order, [sequence], [fails, never]}].\n"
    "init_per_suite(C) -> [{n, 5} | C].\n"
    "end_per_suite(_) -> ok.\n"
    "init_per_testcase(_, C) -> C.\n"
    "end_per_testcase(_, _) -> ok.\n"
    "adds(C) -> 5 = ?config(n, C), ct:log(\"~p\", [C]).\n"
    "fails(C) -> 1 = ?config(n, C).\n"
    "skips(_) -> {skip, \"later\"}.\n"
    "slow() -> [{timetrap, 50}].\n"
    "slow(_) -> timer:sleep(5000).\n"
    "one(_) -> ok.\n"
    "two(_) -> 42 = ct:get_config(answer).\n"
    "never(_) -> ok.\n".

show(Term) -> io:format("~p~n", [Term]).
