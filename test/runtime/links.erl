%% SPDX-License-Identifier: Apache-2.0
%% Links, monitors, aliases and exit signals.
%% expect: {links,[boom,kill,killed,{a,1},normal]}
%% expect: {trapping,{[normal,boom,kill],killed,true,noproc,noproc}}
%% expect: {exits,{[{got,normal},killed,{got,other}],[survived,killed,other],[normal,killed,other],{went_on,normal},killed}}
%% expect: {unlinks,{nothing,true,true}}
%% expect: {monitors,{x,noproc,false,noproc,true,nothing,true,false,true,{monitors,[]}}}
%% expect: {options,{x,one,nothing}}
%% expect: {names,{true,true,badarg,badarg,{{some_name,nonode@nohost},stopped},undefined,badarg,{{some_name,nonode@nohost},noproc},badarg,badarg,mine,true,undefined}}
%% expect: {aliases,{one,true,nothing,false,x,nothing,hello,nothing,still,true,nothing}}
%% expect: {spawns,{true,[{priority,low},{fullsweep_after,7},{trap_exit,false},{message_queue_data,off_heap}],true,normal,true,nothing,badopt}}
%% expect: {errors,[badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg,badarg]}
%% expect: {chain,end_of_chain}
-module(links).
-export([main/0]).

main() ->
    p(links, links()),
    p(trapping, trapping()),
    p(exits, exits()),
    p(unlinks, unlinks()),
    p(monitors, monitors()),
    p(options, options()),
    p(names, names()),
    p(aliases, aliases()),
    p(spawns, spawns()),
    p(errors, errors()),
    p(chain, chain()),
    ok.

p(What, Answer) -> io:format("~w~n", [{What, Answer}]).

%% What a process that does Fun in a monitored child ends with.
ends(Fun) ->
    {P, R} = spawn_monitor(Fun),
    receive {'DOWN', R, process, P, Why} -> Why after 2000 -> timeout end.

wait() -> receive M -> M after 1000 -> nothing end.
now_() -> receive M -> M after 20 -> nothing end.

links() ->
    [ends(fun() -> spawn_link(fun() -> exit(W) end), wait() end)
     || W <- [boom, kill, killed, {a, 1}]]
    ++ [ends(fun() -> spawn_link(fun() -> exit(normal) end), now_() end)].

trapping() ->
    process_flag(trap_exit, true),
    A = [begin
             P = spawn_link(fun() -> exit(W) end),
             receive {'EXIT', P, R} -> R end
         end || W <- [normal, boom, kill]],
    P = spawn_link(fun() -> receive after infinity -> ok end end),
    exit(P, kill),
    B = receive {'EXIT', P, R1} -> R1 end,
    C = link(P),
    D = receive {'EXIT', P, R2} -> R2 end,
    process_flag(trap_exit, false),
    E = (catch link(P)),
    {A, B, C, D, element(1, element(2, E))}.

exits() ->
    Trap = fun(W) ->
        ends(fun() ->
            process_flag(trap_exit, true),
            Me = self(),
            spawn(fun() -> exit(Me, W) end),
            receive {'EXIT', _, X} -> exit({got, X}) after 1000 -> ok end
        end) end,
    Plain = fun(W) ->
        ends(fun() ->
            Me = self(),
            spawn(fun() -> exit(Me, W), Me ! done end),
            receive done -> exit(survived) after 1000 -> ok end
        end) end,
    Self = fun(W) -> ends(fun() -> exit(self(), W), exit(went_on) end) end,
    SelfTrap = fun(W) -> ends(fun() -> process_flag(trap_exit, true),
                                       exit(self(), W), {'EXIT', _, X} = wait(),
                                       exit({went_on, X}) end) end,
    {[Trap(W) || W <- [normal, kill, other]],
     [Plain(W) || W <- [normal, kill, other]],
     [Self(W) || W <- [normal, kill, other]],
     SelfTrap(normal), ends(fun() -> process_flag(trap_exit, true), exit(self(), kill), ok end)}.

unlinks() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> receive go -> exit(x) end end),
    true = unlink(P),
    P ! go,
    R = now_(),
    process_flag(trap_exit, false),
    {R, unlink(self()), link(self())}.

monitors() ->
    P = spawn(fun() -> receive go -> exit(x) end end),
    R1 = monitor(process, P), R2 = monitor(process, P),
    true = demonitor(R1),
    P ! go,
    A = receive {'DOWN', R2, process, P, X} -> X end,
    R3 = monitor(process, P),
    B = receive {'DOWN', R3, process, P, Y} -> Y end,
    R4 = monitor(process, P),
    receive after 20 -> ok end,
    C = demonitor(R4, [info]),
    D = receive {'DOWN', R4, process, P, Z} -> Z after 0 -> none end,
    R5 = monitor(process, P),
    receive after 20 -> ok end,
    E = demonitor(R5, [flush]),
    F = now_(),
    Q = spawn(fun() -> receive after infinity -> ok end end),
    R6 = monitor(process, Q),
    G = demonitor(R6, [flush, info]),
    H = demonitor(R6, [flush, info]),
    I = is_reference(monitor(process, self())),
    exit(Q, kill),
    {A, B, C, D, E, F, G, H, I, process_info(self(), monitors)}.

options() ->
    P = spawn(fun() -> receive go -> exit(x) end end),
    R = monitor(process, P, [{tag, {my, tag}}]),
    P ! go,
    A = receive {{my, tag}, R, process, P, X} -> X end,
    S = self(),
    {Q, M} = spawn_opt(fun() -> receive {S, Ref, hi} -> Ref ! {Ref, one}, Ref ! {Ref, two}, exit(done) end end,
                  [{monitor, [{alias, reply_demonitor}]}]),
    Q ! {S, M, hi},
    B = receive {M, N} -> N end,
    {A, B, now_()}.

names() ->
    P = spawn(fun F() -> receive stop -> exit(stopped); _ -> F() end end),
    A = register(some_name, P),
    B = whereis(some_name) =:= P,
    C = (catch register(some_name, self())),
    D = (catch register(other_name, P)),
    R = monitor(process, some_name),
    some_name ! stop,
    E = receive {'DOWN', R, process, O, W} -> {O, W} end,
    G = whereis(some_name),
    H = (catch some_name ! x),
    R2 = monitor(process, {some_name, node()}),
    I = receive {'DOWN', R2, process, O2, W2} -> {O2, W2} end,
    J = (catch unregister(some_name)),
    K = (catch register(undefined, self())),
    {some_name, node()} ! lost,
    true = register(me, self()), {me, node()} ! mine, L = wait(),
    M = lists:member(me, registered()), true = unregister(me),
    {A, B, cause(C), cause(D), E, G, cause(H), I, cause(J), cause(K), L, M, whereis(me)}.

cause({'EXIT', {R, _}}) -> R.

aliases() ->
    A = alias(), A ! one, B = wait(), C = unalias(A), A ! two, D = now_(),
    E = unalias(A),
    F = alias([reply]), F ! x, F ! y, G = wait(), H = now_(),
    P = spawn(fun() -> receive after infinity -> ok end end),
    M = monitor(process, P, [{alias, demonitor}]),
    M ! hello, I = wait(), demonitor(M), M ! again, J = now_(),
    M2 = monitor(process, P, [{alias, explicit_unalias}]),
    exit(P, kill), {'DOWN', M2, process, P, killed} = wait(),
    M2 ! still, K = wait(), L = unalias(M2), M2 ! not_any_more,
    {B, C, D, E, G, H, I, J, K, L, now_()}.

spawns() ->
    S = self(),
    P = spawn_opt(fun() -> S ! process_info(self(), [priority, fullsweep_after, trap_exit, message_queue_data]) end,
              [{priority, low}, {fullsweep_after, 7}, {message_queue_data, off_heap}, {min_heap_size, 5000}]),
    A = wait(),
    R = spawn_request(fun() -> ok end, [monitor]),
    B = receive {spawn_reply, R, ok, Q0} -> is_pid(Q0) end,
    C = receive {'DOWN', R, process, _, W} -> W end,
    R2 = spawn_request(erlang, display, [], [{reply, no}, bad]),
    D = now_(), R3 = spawn_request(erlang, display, [], [bad, {reply_tag, t}]),
    E = receive {t, R3, error, X} -> X end,
    {is_pid(P), A, B, C, is_reference(R2), D, E}.

errors() ->
    [cause(catch F()) || F <-
     [fun() -> link(a) end, fun() -> unlink(1) end, fun() -> exit(x, y) end,
      fun() -> monitor(process, 1) end, fun() -> monitor(x, self()) end,
      fun() -> monitor(process, self(), [x]) end, fun() -> demonitor(x) end,
      fun() -> demonitor(make_ref(), [x]) end, fun() -> spawn(1) end,
      fun() -> spawn(a, b, [c|d]) end, fun() -> spawn_opt(fun() -> ok end, [x]) end,
      fun() -> process_flag(x, y) end, fun() -> process_flag(trap_exit, y) end,
      fun() -> process_info(1, links) end, fun() -> process_info(self(), xyz) end,
      fun() -> group_leader(1, self()) end, fun() -> alias([x]) end,
      fun() -> whereis("x") end, fun() -> is_process_alive(x) end,
      fun() -> suspend_process(self()) end, fun() -> resume_process(self()) end,
      fun() -> nosuchname ! x end, fun() -> erlang:send(1, 2) end,
      fun() -> erlang:send(self(), 2, [x]) end]].

%% A thousand linked processes fall one after another.
chain() ->
    S = self(),
    ends(fun() -> link_chain(1000, S) end).

link_chain(0, _) -> exit(end_of_chain);
link_chain(N, S) -> spawn_link(fun() -> link_chain(N - 1, S) end), receive after infinity -> ok end.

suspend_process(P) -> erlang:suspend_process(P).
resume_process(P) -> erlang:resume_process(P).
