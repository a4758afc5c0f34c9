%% SPDX-License-Identifier: Apache-2.0
%% only merle
%% Processes that die while they wait for data take nothing with them: who asked
%% while they lived has been refused, or has its turn. And a
%% socket can be closed whose peer takes nothing. On both kinds of sockets.
%% expect: {[],{ok,<<"one">>},{error,ealready},<<"three">>,{ok,<<"four">>}}
%% expect: {[],20000000,{ok,<<"tail">>}}
%% expect: {[],ok}
%% expect: {[{inet_backend,socket}],{ok,<<"one">>},{ok,<<"two">>},<<"three">>,{ok,<<"four">>}}
%% expect: {[{inet_backend,socket}],20000000,{ok,<<"tail">>}}
%% expect: {[{inet_backend,socket}],ok}
-module(sockets_left_test).
-export([main/0]).

main() ->
    [begin
         receivers(Kind),
         senders(Kind),
         closing(Kind)
     end || Kind <- [[], [{inet_backend, socket}]]].

pair(Kind) ->
    Options = Kind ++ [binary, {active, false}],
    {ok, Listener} = gen_tcp:listen(0, Options),
    {ok, Port} = inet:port(Listener),
    {ok, Client} = gen_tcp:connect({127, 0, 0, 1}, Port, Options),
    {ok, Server} = gen_tcp:accept(Listener),
    {Client, Server}.

%% Starts a process, and ends it while it waits.
killed(Fun) ->
    {Pid, Monitor} = spawn_monitor(Fun),
    timer:sleep(20),
    exit(Pid, kill),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

receivers(Kind) ->
    {Client, Server} = pair(Kind),
    Me = self(),
    killed(fun() -> gen_tcp:recv(Server, 0) end),
    gen_tcp:send(Client, "one"),
    One = gen_tcp:recv(Server, 0, 1000),
    First = spawn(fun() -> gen_tcp:recv(Server, 0) end),
    timer:sleep(20),
    spawn(fun() -> Me ! {second, gen_tcp:recv(Server, 0, 1000)} end),
    timer:sleep(20),
    exit(First, kill),
    timer:sleep(20),
    gen_tcp:send(Client, "two"),
    Two = receive {second, Answer} -> Answer end,
    killed(fun() -> gen_tcp:recv(Server, 0, 100) end),
    inet:setopts(Server, [{active, once}]),
    gen_tcp:send(Client, "three"),
    Three = receive {tcp, Server, Bytes} -> Bytes after 1000 -> none end,
    {ok, A} = gen_udp:open(0, Kind ++ [binary, {active, false}]),
    {ok, B} = gen_udp:open(0, Kind ++ [binary, {active, false}]),
    {ok, Port} = inet:port(A),
    killed(fun() -> gen_udp:recv(A, 0) end),
    ok = gen_udp:send(B, {127, 0, 0, 1}, Port, "four"),
    {ok, {_, _, Four}} = gen_udp:recv(A, 0, 1000),
    show({Kind, One, Two, Three, {ok, Four}}).

%% What a dead sender has begun is sent as a whole.
senders(Kind) ->
    {Client, Server} = pair(Kind),
    [inet:setopts(S, [{packet, 4}]) || S <- [Client, Server]],
    Large = binary:copy(<<"a">>, 20000000),
    killed(fun() -> gen_tcp:send(Client, Large) end),
    spawn(fun() -> gen_tcp:send(Client, "tail") end),
    {ok, Bytes} = gen_tcp:recv(Server, 0, 5000),
    show({Kind, byte_size(Bytes), gen_tcp:recv(Server, 0, 1000)}).

closing(Kind) ->
    {Client, _} = pair(Kind),
    inet:setopts(Client, [{linger, {true, 0}}]),
    Large = binary:copy(<<"a">>, 20000000),
    spawn(fun() -> gen_tcp:send(Client, Large) end),
    timer:sleep(20),
    show({Kind, gen_tcp:close(Client)}).

show(Term) -> io:format("~0p~n", [Term]).
