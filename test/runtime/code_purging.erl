%% SPDX-License-Identifier: Apache-2.0
%% Old code goes: who runs it is killed, or keeps it; funs of it fail then.
%% System tasks.
%% expect: {tasks,[{check_process_code,c,false},{garbage_collect,b,true},{system_task_test,a,true}]}
%% expect: {bad_task,badarg}
%% expect: {soft,false,1}
%% expect: {hard,{true,true},killed}
%% expect: {fun_of_it,true}
%% expect: {nothing,{false,false},badarg,false,true}
%% expect: {purge_module,true,killed}
%% expect: {waits,true}
-module(code_purging).
-export([main/0]).

main() ->
    tasks(),
    load(1),
    F = px:f(),
    {Q, _} = spawn_monitor(fun() -> px:w() end),
    settle(),
    load(2),
    1 = F(),
    p({soft, erts_code_purger:soft_purge(px), F()}),
    p({hard, erts_code_purger:purge(px), down(Q)}),
    p({fun_of_it, try F() catch error:{badfun, F} -> true end}),
    p({nothing, erts_code_purger:purge(px),
       try erlang:purge_module(px) catch error:Why -> Why end,
       code:purge(px), code:soft_purge(px)}),
    {Q1, _} = spawn_monitor(fun() -> px:w() end),
    settle(),
    load(3),
    p({purge_module, erlang:purge_module(px), down(Q1)}),
    p({waits, waits()}).

p(X) -> io:format("~w~n", [X]).

tasks() ->
    P = spawn(fun() -> receive stop -> ok end end),
    ok = erts_internal:request_system_task(P, low, {system_task_test, a}),
    ok = erts_internal:request_system_task(P, max,
                                           {garbage_collect, b, major}),
    ok = erts_internal:request_system_task(self(), P, normal,
                                           {check_process_code, c, lists}),
    p({tasks, lists:sort([receive X -> X end || _ <- [1, 2, 3]])}),
    p({bad_task, try erts_internal:request_system_task(
                          P, lowest, {system_task_test, a})
                 catch error:Why -> Why end}),
    P ! stop.

%% Calls of a fun while its code is purged: all answer or fail, but for those
%% that are just in it.
waits() ->
    F = px:f(),
    S = self(),
    Pids = [P || {P, _} <- [spawn_monitor(fun() -> call(S, F) end)
                            || _ <- lists:seq(1, 20)]],
    settle(),
    load(4),
    _ = erts_code_purger:purge(px),
    [exit(P, stop) || P <- Pids],
    lists:all(fun(P) -> lists:member(down(P), [killed, normal]) end, Pids).

call(S, F) ->
    process_flag(trap_exit, true),
    call_on(S, F).

call_on(S, F) ->
    try F() of
        3 -> receive {'EXIT', S, stop} -> ok after 0 -> call_on(S, F) end
    catch
        error:{badfun, F} -> ok
    end.

settle() -> receive after 50 -> ok end.

down(P) -> receive {'DOWN', _, process, P, Why} -> Why end.

load(N) ->
    Forms = [form(T) || T <- ["-module(px).", "-export([f/0, w/0]).",
                              "f() -> fun() -> " ++ integer_to_list(N)
                                  ++ " end.",
                              "w() -> receive a -> w() end."]],
    {ok, px, Bin} = compile:forms(Forms),
    {module, px} = erlang:load_module(px, Bin).

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
