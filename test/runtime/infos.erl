%% SPDX-License-Identifier: Apache-2.0
%% process_info, flags, suspending, collecting, group leaders, dictionaries.
%% expect: {items,[current_function,initial_call,status,message_queue_len,links,dictionary,trap_exit,error_handler,priority,group_leader,total_heap_size,heap_size,stack_size,reductions,garbage_collection,suspending]}
%% expect: {waiting,{[{current_function,{infos,idle,0}},{initial_call,{infos,idle,0}},{message_queue_len,2},{messages,[one,two]},{trap_exit,false},{priority,normal},{dictionary,[]},{registered_name,[]},{error_handler,error_handler},{suspending,[]},{monitors,[]},{monitored_by,[]},{min_heap_size,233}],{infos,idle,0},true,true,[]}}
%% expect: {dead,{undefined,undefined,undefined,false}}
%% expect: {flags,[{trap_exit,false,true},{priority,normal,true},{fullsweep_after,65535,true},{message_queue_data,on_heap,true},{sensitive,false,true},{error_handler,error_handler,true},{save_calls,0,true}]}
%% expect: {suspend,{none,suspended,true,false,none,{got,a},badarg}}
%% expect: {collect,{100000,true,true,true,true,async,true,true,false}}
%% expect: {leader,{true,true,true,true}}
%% expect: {dictionary,{undefined,1,2,undefined,[{a,2},{c,2},{{x,[121]},1.5}],[a,c,{x,[121]}],[a,c],2,undefined,[1,undefined,998001,undefined],502,[]}}
%% expect: {alive,{true,false,true,true}}
%% expect: {max_heap,[killed]}
%% expect: {queue,{[10000,5000,1,2,9999],9995,49979998,{message_queue_len,0}}}
%% expect: {system,{[50,53],8,262144,[66,69,65,77],true,{min_heap_size,233},{fullsweep_after,65535},true,2,2,2,true,true,[total,processes,processes_used,system,atom,atom_used,binary,code,ets],badarg,badarg}}
%% expect: {texts,{true,true,<0.1234.5>,[60,48,46,49,50,51,52,46,48,62],badarg,badarg,#Ref<0.1.2.3>,#Port<0.17>,[102,117,110,32,108,105,115,116,115,58,109,97,112,47,50]}}
%% expect: {nodes,{nonode@nohost,[],[nonode@nohost],[nonode@nohost],false,nonode@nohost,nonode@nohost,badarg}}
%% expect: {order,{5000,true}}
%% expect: {yield,true}
%% expect: {hibernating,{{erlang,hibernate,3},true,{woke,up}}}
-module(infos).
-export([main/0, idle/0]).

main() ->
    process_flag(trap_exit, false),
    p(items, items()),
    p(waiting, waiting()),
    p(dead, dead()),
    p(flags, flags()),
    p(suspend, suspend()),
    p(collect, collect()),
    p(leader, leader()),
    p(dictionary, dictionary()),
    p(alive, alive()),
    p(max_heap, max_heap()),
    p(queue, queue()),
    p(system, system()),
    p(texts, texts()),
    p(nodes, nodes_()),
    p(order, order()),
    p(yield, erlang:yield()),
    p(hibernating, hibernating()),
    ok.

p(What, Answer) -> io:format("~w~n", [{What, Answer}]).

idle() -> receive stop -> ok end.

items() ->
    [K || {K, _} <- process_info(self())].

waiting() ->
    S = self(),
    P = spawn_link(?MODULE, idle, []),
    receive after 10 -> ok end,
    P ! one, P ! two,
    I = process_info(P, [current_function, initial_call, message_queue_len,
                         messages, links, trap_exit, priority, dictionary, registered_name,
                         error_handler, suspending, monitors, monitored_by, min_heap_size]),
    {current_function, F} = process_info(P, current_function),
    Same = process_info(P, parent) =:= {parent, S},
    L = proplists:get_value(links, I) =:= [S],
    Name = process_info(P, registered_name),
    P ! stop,
    {lists:keydelete(links, 1, I), F, Same, L, Name}.

dead() ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> ok end,
    {process_info(P), process_info(P, links), process_info(P, [links, messages]),
     is_process_alive(P)}.

flags() ->
    [begin
         Old = process_flag(F, V),
         {F, Old, process_flag(F, Old) =:= V}
     end || {F, V} <- [{trap_exit, true}, {priority, high}, {fullsweep_after, 3},
                       {message_queue_data, off_heap},
                       {sensitive, true}, {error_handler, foo}, {save_calls, 5}]].

suspend() ->
    S = self(),
    P = spawn_link(fun F() -> receive X -> S ! {got, X} end, F() end),
    true = erlang:suspend_process(P),
    P ! a,
    A = receive M1 -> M1 after 20 -> none end,
    {status, B} = process_info(P, status),
    C = process_info(self(), suspending) =:= {suspending, [{P, 1, 0}]},
    true = erlang:suspend_process(P),
    D = erlang:suspend_process(P, [unless_suspending]),
    true = erlang:resume_process(P),
    E = receive M2 -> M2 after 20 -> none end,
    true = erlang:resume_process(P),
    F = receive M3 -> M3 after 1000 -> none end,
    G = (catch erlang:resume_process(P)),
    unlink(P), exit(P, kill),
    {A, B, C, D, E, F, element(1, element(2, G))}.

collect() ->
    L = lists:seq(1, 100000),
    true = garbage_collect(),
    {memory, M1} = process_info(self(), memory),
    N = length(L),
    true = garbage_collect(),
    {memory, M2} = process_info(self(), memory),
    P = spawn(?MODULE, idle, []),
    {N, M1 > 1000000, M2 < M1, garbage_collect(P), garbage_collect(P, [{type, minor}]),
     garbage_collect(P, [{async, x}]), receive {garbage_collect, x, R} -> R end,
     exit(P, kill), receive after 10 -> garbage_collect(P) end}.

leader() ->
    S = self(), G = group_leader(),
    P = spawn(fun() -> receive go -> S ! {leader, group_leader()} end end),
    true = group_leader(S, P),
    P ! go,
    A = receive {leader, X} -> X =:= S end,
    group_leader(S, self()),
    Q = spawn(fun() -> S ! {leader, group_leader()} end),
    B = receive {leader, Y} -> Y =:= S end,
    group_leader(G, self()),
    {A, B, is_pid(Q), group_leader() =:= G}.

dictionary() ->
    erase(),
    A = put(a, 1), B = put(a, 2), C = get(a), D = get(b), put({x, "y"}, 1.5), put(c, 2),
    E = lists:sort(get()), F = lists:sort(get_keys()), G = lists:sort(get_keys(2)),
    H = erase(a), I = erase(a), [put(N, N * N) || N <- lists:seq(1, 1000)],
    garbage_collect(),
    [erase(N) || N <- lists:seq(1, 1000), N rem 2 =:= 0],
    J = [get(N) || N <- [1, 2, 999, 1000]], K = length(erase()), L = get(),
    {A, B, C, D, E, F, G, H, I, J, K, L}.

alive() ->
    P = spawn(?MODULE, idle, []),
    A = is_process_alive(P), exit(P, kill), B = is_process_alive(P),
    Q = spawn(fun() -> process_flag(trap_exit, true), idle() end),
    C = lists:member(Q, processes()),
    {A, B, C, is_process_alive(self())}.

max_heap() ->
    [begin
         {P, R} = spawn_opt(fun() -> grow([]) end, [monitor, {max_heap_size, O}]),
         receive {'DOWN', R, process, P, W} -> W end
     end || O <- [#{size => 100000, error_logger => false}]].

grow(L) when length(L) < 1000000 -> grow([1 | grow_by(100, L)]);
grow(_) -> exit(too_large).

grow_by(0, L) -> L;
grow_by(N, L) -> grow_by(N - 1, [N | L]).

%% Messages of a long queue, taken from its end.
queue() ->
    S = self(),
    [S ! {n, N} || N <- lists:seq(1, 10000)],
    A = [receive {n, N} -> N end || N <- [10000, 5000, 1, 2, 9999]],
    {message_queue_len, B} = process_info(S, message_queue_len),
    C = lists:sum([receive {n, N} -> N end || _ <- lists:seq(1, B)]),
    {A, B, C, process_info(S, message_queue_len)}.

system() ->
    {erlang:system_info(otp_release), erlang:system_info(wordsize),
     erlang:system_info(process_limit), erlang:system_info(machine),
     is_list(erlang:system_info(system_version)),
     erlang:system_info(min_heap_size), erlang:system_info(fullsweep_after),
     element(1, erlang:statistics(garbage_collection)) >= 0,
     tuple_size(erlang:statistics(reductions)),
     tuple_size(erlang:statistics(wall_clock)), tuple_size(erlang:statistics(runtime)),
     is_integer(erlang:statistics(run_queue)), erlang:memory(total) > 0,
     [K || {K, V} <- erlang:memory(), is_integer(V)],
     (catch element(1, element(2, catch erlang:system_info(xyz)))),
     (catch element(1, element(2, catch erlang:memory(xyz))))}.

texts() ->
    R = make_ref(),
    {list_to_pid(pid_to_list(self())) =:= self(), list_to_ref(ref_to_list(R)) =:= R,
     list_to_pid("<0.1234.5>"), pid_to_list(list_to_pid("<0.1234.0>")),
     (catch element(1, element(2, catch list_to_pid("<0.x.5>")))),
     (catch element(1, element(2, catch list_to_ref("#Ref<0.1>")))),
     list_to_ref("#Ref<0.1.2.3>"), list_to_port("#Port<0.17>"),
     erlang:fun_to_list(fun lists:map/2)}.

nodes_() ->
    {node(), nodes(), nodes(this), nodes([this, hidden]), is_alive(), node(self()),
     node(make_ref()), (catch element(1, element(2, catch node(1))))}.

%% Signals between two processes keep their order.
order() ->
    S = self(),
    P = spawn_link(fun() -> [S ! N || N <- lists:seq(1, 5000)], exit(normal) end),
    R = monitor(process, P),
    L = gather(R, []),
    {length(L), L =:= lists:seq(1, 5000)}.

gather(R, L) ->
    receive
        {'DOWN', R, process, _, _} -> lists:reverse(L);
        N -> gather(R, [N | L])
    end.

hibernating() ->
    S = self(),
    P = spawn(fun() -> erlang:hibernate(erlang, apply, [fun() -> receive X -> S ! {woke, X} end end, []]) end),
    receive after 20 -> ok end,
    {current_function, F} = process_info(P, current_function),
    {heap_size, H} = process_info(P, heap_size),
    P ! up,
    {F, H < 233, receive W -> W after 1000 -> none end}.
