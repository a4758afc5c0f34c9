%% SPDX-License-Identifier: Apache-2.0
%% Sockets that several processes use at once: nothing is lost or torn, what a
%% process tells a socket keeps its order, who waits is served in turn, for as
%% long as it said, or hears of the end.
%%
%% expect: {senders,4,[500,500,500,500]}
%% expect: {acceptors,60}
%% expect: {times,timeout,timeout,timeout,<<"late">>}
%% expect: {closed,[{error,closed},{error,closed},{error,closed}]}
%% expect: {ordered,100}
%% expect: {killed,200}
%% expect: {counted,[1,1,1],passive,<<"rest">>}
%% expect: {left,4000000,closed}
%% expect: {datagrams,200}
%% expect: {busy_node,200}
-module(sockets_shared_test).
-export([main/0]).

main() ->
    senders(),
    acceptors(),
    times(),
    closed(),
    ordered(),
    killed(),
    counted(),
    left(),
    datagrams(),
    busy_node().

show(Term) -> io:format("~0p~n", [Term]).

listen(Options) ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}},
                                 {backlog, 100} | Options]),
    {ok, Port} = inet:port(L),
    {L, Port}.

pair(Options) ->
    {L, Port} = listen(Options),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [binary, {active, false} | Options]),
    {ok, B} = gen_tcp:accept(L),
    ok = gen_tcp:close(L),
    {A, B}.

%% Runs F(I) in processes of their own; their results.
each(Numbers, F) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), F(I)} end) || I <- Numbers],
    [receive {Pid, Result} -> Result end || Pid <- Pids].

%% Packets of several senders come whole, those of one in their order.
senders() ->
    {A, B} = pair([{packet, 4}]),
    Self = self(),
    spawn_link(fun() ->
                       each(lists:seq(1, 4),
                            fun(I) ->
                                    [ok = gen_tcp:send(A, packet(I, N))
                                     || N <- lists:seq(1, 500)]
                            end),
                       Self ! sent
               end),
    Last = collect(B, 2000, #{}),
    receive sent -> ok end,
    show({senders, map_size(Last), maps:values(Last)}),
    gen_tcp:close(A),
    gen_tcp:close(B).

packet(I, N) -> [<<I, N:32>>, binary:copy(<<I>>, N * 7 rem 3000)].

collect(_, 0, Last) -> Last;
collect(B, Left, Last) ->
    {ok, <<I, N:32, Rest/binary>>} = gen_tcp:recv(B, 0),
    true = Rest =:= binary:copy(<<I>>, N * 7 rem 3000),
    true = maps:get(I, Last, 0) + 1 =:= N,
    collect(B, Left - 1, Last#{I => N}).

%% Whoever accepts owns the connection, and can hand it on.
acceptors() ->
    {L, Port} = listen([]),
    Self = self(),
    [spawn_link(fun() -> accepts(L, Self) end) || _ <- lists:seq(1, 3)],
    Answers = each(lists:seq(1, 60),
                   fun(N) ->
                           {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                                     [binary, {active, true}]),
                           ok = gen_tcp:send(C, <<N>>),
                           receive {tcp, C, <<N>>} -> ok end,
                           receive {tcp_closed, C} -> N end
                   end),
    show({acceptors, length(lists:usort(Answers))}),
    gen_tcp:close(L),
    [receive no_more -> ok end || _ <- lists:seq(1, 3)].

accepts(L, To) ->
    case gen_tcp:accept(L) of
        {ok, S} ->
            Pid = spawn(fun() ->
                                receive go -> ok end,
                                {ok, Byte} = gen_tcp:recv(S, 1),
                                ok = gen_tcp:send(S, Byte),
                                gen_tcp:close(S)
                        end),
            ok = gen_tcp:controlling_process(S, Pid),
            Pid ! go,
            accepts(L, To);
        {error, closed} -> To ! no_more
    end.

%% Short times after a long one, and one that is not used up.
times() ->
    {A, B} = pair([]),
    Self = self(),
    spawn_link(fun() -> Self ! {long, gen_tcp:recv(B, 4, 60000)} end),
    {L, _} = listen([]),
    {error, T1} = gen_tcp:accept(L, 0),
    {error, T2} = gen_tcp:accept(L, 30),
    {error, T3} = gen_tcp:recv(A, 0, 20),
    ok = gen_tcp:send(A, "late"),
    receive {long, {ok, Late}} -> show({times, T1, T2, T3, Late}) end,
    gen_tcp:close(A),
    gen_tcp:close(B),
    gen_tcp:close(L).

%% A socket is closed under those who wait for it.
closed() ->
    {A, B} = pair([]),
    {L, _} = listen([]),
    Self = self(),
    [spawn_link(fun() -> Self ! {waits, W()} end)
     || W <- [fun() -> gen_tcp:recv(B, 1) end,
              fun() -> gen_tcp:recv(A, 1, 60000) end,
              fun() -> gen_tcp:accept(L) end]],
    receive after 50 -> ok end,
    gen_tcp:close(B),
    gen_tcp:close(L),
    show({closed, [receive {waits, Answer} -> Answer end
                   || _ <- lists:seq(1, 3)]}),
    gen_tcp:close(A).

%% A message to the port and a call: the one that was first is first.
ordered() ->
    {A, B} = pair([{packet, 1}]),
    [begin
         A ! {self(), {command, <<(2 * N)>>}},
         ok = gen_tcp:send(A, <<(2 * N + 1)>>)
     end || N <- lists:seq(0, 49)],
    Got = [element(2, gen_tcp:recv(B, 0)) || _ <- lists:seq(1, 100)],
    true = Got =:= [<<N>> || N <- lists:seq(0, 99)],
    show({ordered, length(Got)}),
    gen_tcp:close(A),
    gen_tcp:close(B).

%% An exit signal comes before what its sender does next.
killed() ->
    Answers = [begin
                   {A, B} = pair([]),
                   Self = self(),
                   {Pid, Ref} =
                       spawn_monitor(
                         fun() ->
                                 exit(A, {shutdown, Self}),
                                 exit(gen_tcp:send(A, "x"))
                         end),
                   process_flag(trap_exit, true),
                   receive {'EXIT', A, {shutdown, Self}} -> ok end,
                   process_flag(trap_exit, false),
                   gen_tcp:close(B),
                   receive {'DOWN', Ref, process, Pid, R} -> R end
               end || _ <- lists:seq(1, 200)],
    show({killed, length([1 || {error, closed} <- Answers])}).

%% Active for so many packets, then none until it is asked.
counted() ->
    {A, B} = pair([{packet, 1}]),
    ok = inet:setopts(B, [{active, 3}]),
    [ok = gen_tcp:send(A, X) || X <- ["1", "2", "3", "rest"]],
    Sizes = [receive {tcp, B, D} -> byte_size(D) end || _ <- [1, 2, 3]],
    State = receive {tcp_passive, B} -> passive end,
    {ok, Rest} = gen_tcp:recv(B, 0),
    show({counted, Sizes, State, Rest}),
    gen_tcp:close(A),
    gen_tcp:close(B).

%% What an owner has sent that ends arrives, though it had to wait.
left() ->
    {L, Port} = listen([{recbuf, 4096}]),
    {Pid, Ref} =
        spawn_monitor(
          fun() ->
                  {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                            [{sndbuf, 4096},
                                             {high_watermark, 10000000}]),
                  ok = gen_tcp:send(A, binary:copy(<<"x">>, 4000000))
          end),
    {ok, B} = gen_tcp:accept(L),
    receive {'DOWN', Ref, process, Pid, normal} -> ok end,
    {ok, Data} = gen_tcp:recv(B, 4000000, 20000),
    {error, End} = gen_tcp:recv(B, 0),
    show({left, byte_size(Data), End}),
    gen_tcp:close(B),
    gen_tcp:close(L).

datagrams() ->
    {ok, S} = gen_udp:open(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(S),
    spawn_link(fun() -> answers(S) end),
    Got = each(lists:seq(1, 4),
               fun(I) ->
                       {ok, C} = gen_udp:open(0, [binary,
                                                  {ip, {127, 0, 0, 1}}]),
                       [asks(C, Port, <<I, N>>) || N <- lists:seq(1, 50)]
               end),
    show({datagrams, length(lists:append(Got))}),
    gen_udp:close(S).

asks(C, Port, Data) ->
    ok = gen_udp:send(C, {127, 0, 0, 1}, Port, Data),
    receive {udp, C, _, Port, Data} -> ok end.

answers(S) ->
    case gen_udp:recv(S, 0) of
        {ok, {Host, Port, Data}} ->
            ok = gen_udp:send(S, Host, Port, Data),
            answers(S);
        {error, closed} -> ok
    end.

%% Packets get through though no scheduler is ever idle.
busy_node() ->
    Busy = [spawn(fun() -> spins(0) end)
            || _ <- lists:seq(1, erlang:system_info(schedulers) + 1)],
    {A, B} = pair([{packet, 1}]),
    spawn_link(fun() -> echoes(B) end),
    Got = [begin
               ok = gen_tcp:send(A, <<N>>),
               {ok, <<N>>} = gen_tcp:recv(A, 0)
           end || N <- lists:seq(1, 200)],
    [exit(P, kill) || P <- Busy],
    show({busy_node, length(Got)}),
    gen_tcp:close(A).

spins(N) -> spins(N + 1).

echoes(B) ->
    case gen_tcp:recv(B, 0) of
        {ok, Data} -> ok = gen_tcp:send(B, Data), echoes(B);
        {error, _} -> ok
    end.
