%% SPDX-License-Identifier: Apache-2.0
%% The debugger's functions on a module made here: break points, conditions,
%% bindings, steps.
%% only merle: debugger is often left out of an OTP
%% expect: [true,{error,{app,stdlib}}]
%% expect: {module,steps}
%% expect: [[steps],6,0]
%% expect: [ok,{error,break_exists},[{{steps,7},[active,enable,null,null]}]]
%% expect: [{break,{steps,7}}]
%% expect: [{'H',6},{'Rest',0},{'T',[]}]
%% expect: [{'H',5},{'Rest',6},{'T',[6]}]
%% expect: ok
%% expect: 11
%% expect: 0
%% expect: [{break,{steps,10}}]
%% expect: [{break,{steps,12}}]
%% expect: 42
%% expect: [ok,[],ok,[],9]
%% expect: {module,far}
%% expect: Module          Line      Status       Action       Condition            
%% expect: far             4         inactive     enable       {int_test,wanted}    
%% expect: no_proc
-module(int_test).
-export([main/0, wanted/1]).

main() ->
    ok = file:write_file("steps.erl",
        "-module(steps).\n-export([sum/1, pick/1]).\n\n"
        "sum([]) -> 0;\nsum([H | T]) ->\n    Rest = sum(T),\n    H + Rest.\n\n"
        "pick(X) ->\n    Y = case X of\n        {a, N} ->\n            N + 1;\n"
        "        _ -> 0\n    end,\n    Y * 2.\n"),
    {ok, steps} = compile:file(steps, [debug_info]),
    show([int:interpretable(M) || M <- [steps, lists]]),
    show(int:i(steps)),
    show([int:interpreted(), steps:sum([1, 2, 3]), steps:pick(b)]),
    show([int:break(steps, 7), int:break(steps, 7), int:all_breaks()]),
    P = start(fun() -> steps:sum([5, 6]) end),
    show(status(P)),
    {ok, Meta} = dbg_iserver:safe_call({get_meta, P}),
    show(lists:sort(int:meta(Meta, bindings, nostack))),
    ok = int:continue(P),
    timer:sleep(200),
    show(lists:sort(int:meta(Meta, bindings, nostack))),
    show(int:delete_break(steps, 7)),
    ok = int:continue(P),
    show(receive {P, Sum} -> Sum after 2000 -> stopped end),
    ok = int:break_in(steps, pick, 1),
    ok = int:test_at_break(steps, 10, {?MODULE, wanted}),
    show(steps:pick(b)),
    P2 = start(fun() -> steps:pick({a, 20}) end),
    show(status(P2)),
    ok = int:step(P2),
    timer:sleep(200),
    show(status(P2)),
    ok = int:continue(P2),
    show(receive {P2, Picked} -> Picked after 2000 -> stopped end),
    show([int:no_break(steps), int:all_breaks(), int:nn(steps),
          int:interpreted(), steps:sum([4, 5])]),
    short_names().

%% A module that is not in the path, by the file of its source.
short_names() ->
    ok = filelib:ensure_dir("away/ebin/x"),
    ok = filelib:ensure_dir("away/src/x"),
    ok = file:write_file("away/src/far.erl",
                         "-module(far).\n-export([f/1]).\nf(X) ->\n    X.\n"),
    {ok, far} = compile:file("away/src/far",
                             [debug_info, {outdir, "away/ebin"}]),
    show(i:ii("away/src/far")),
    ok = i:ib(far, f, 1, {?MODULE, wanted}),
    ok = i:ibd(far, 4),
    ok = i:ipb(),
    show(i:ia(spawn(fun() -> ok end))).

%% Whether the process that stops there is one of interest.
wanted(Bindings) -> int:get_binding('X', Bindings) =/= {value, b}.

start(Fun) ->
    Me = self(),
    Pid = spawn(fun() -> Me ! {self(), Fun()} end),
    timer:sleep(300),
    Pid.

status(Pid) ->
    [{S, Info} || {P, _, S, Info} <- int:snapshot(), P =:= Pid].

show(Term) -> io:format("~p~n", [Term]).
