%% SPDX-License-Identifier: Apache-2.0
%% Sockets: streams and datagrams over the loopback interface, passive and
%% active, in packets, and what goes wrong.
%% expect: passive: [{ok,"hello"},{ok,"abc"},{error,timeout},{error,closed}]
%% expect: active: [{tcp,<<"one">>},{tcp,<<"two">>},tcp_closed]
%% expect: counted: [{tcp,"a"},{tcp,"b"},tcp_passive]
%% expect: once: [{tcp,<<"x">>},none,{tcp,<<"y">>}]
%% expect: line: [{ok,"one\n"},{ok,"two\n"}]
%% expect: http: [{http,{http_request,'GET',{abs_path,<<"/a">>},{1,1}}},{http,{http_header,14,'Host',<<"Host">>,<<"h">>}},{http,http_eoh}]
%% expect: header: {ok,[1,2|<<3>>]}
%% expect: too long: {error,emsgsize}
%% expect: owner: [ok,{tcp,"for you"},{error,not_owner}]
%% expect: half closed: [{error,closed},ok,{ok,"late"}]
%% expect: many bytes: {ok,3000000}
%% expect: full: [ok,{error,timeout}]
%% expect: errors: [{error,econnrefused},{error,eaddrinuse},badarg,{error,timeout},{error,closed}]
%% expect: acceptors: [{ok,"1"},{ok,"2"},{ok,"3"}]
%% expect: local: [{ok,"over a file"},true]
%% expect: inet6: {ok,<<"six">>}
%% expect: udp: [{udp,{127,0,0,1},<<"a">>},{ok,"b"},{error,timeout}]
%% expect: options: {ok,[{active,false},{mode,binary},{packet,4},{nodelay,true}]}
%% expect: counts: {ok,[{send_oct,5},{send_cnt,1}]}
%% expect: names: [{ok,{127,0,0,1}},{error,einval},{ok,80}]
%% expect: addresses: [{ok,{127,0,0,1}},{ok,{0,0,0,0,0,0,0,1}},{error,einval},"::ffff:1.2.3.4","1:0:0:4::8"]
-module(sockets).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    streams(),
    packets(),
    ends(),
    errors(),
    others().

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

%% Two ends of a connection.
pair(Options1, Options2) ->
    {ok, Listener} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}} | Options1]),
    {ok, Port} = inet:port(Listener),
    {ok, B} = gen_tcp:connect({127, 0, 0, 1}, Port, Options2),
    {ok, A} = gen_tcp:accept(Listener),
    gen_tcp:close(Listener),
    {A, B}.

%% The next N messages of socket S, without it.
next(_, 0) -> [];
next(S, N) ->
    receive
        {Tag, S, Data} -> [{Tag, Data} | next(S, N - 1)];
        {Tag, S} -> [Tag | next(S, N - 1)]
    after 2000 -> [nothing]
    end.

streams() ->
    {A1, B1} = pair([{active, false}], [{active, false}]),
    gen_tcp:send(B1, "hello"),
    R1 = gen_tcp:recv(A1, 5),
    gen_tcp:send(A1, <<"abc">>),
    R2 = gen_tcp:recv(B1, 3),
    R3 = gen_tcp:recv(B1, 1, 10),
    gen_tcp:close(A1),
    show("passive", [R1, R2, R3, gen_tcp:recv(B1, 0)]),
    {A2, B2} = pair([binary, {packet, 2}], [{packet, 2}]),
    [gen_tcp:send(B2, D) || D <- ["one", <<"two">>]],
    gen_tcp:close(B2),
    show("active", next(A2, 3)),
    {A3, B3} = pair([{packet, 1}, {active, 2}], [{packet, 1}]),
    [gen_tcp:send(B3, [D]) || D <- "abc"],
    show("counted", next(A3, 3)),
    {A4, B4} = pair([binary, {packet, 4}, {active, once}], [{packet, 4}]),
    [gen_tcp:send(B4, D) || D <- ["x", "y"]],
    [M1] = next(A4, 1),
    None = receive {tcp, A4, _} = M -> M after 20 -> none end,
    inet:setopts(A4, [{active, once}]),
    show("once", [M1, None | next(A4, 1)]).

packets() ->
    {A1, B1} = pair([{active, false}, {packet, line}], []),
    gen_tcp:send(B1, "one\ntwo\nrest"),
    show("line", [gen_tcp:recv(A1, 0), gen_tcp:recv(A1, 0)]),
    {A2, B2} = pair([{packet, http_bin}], []),
    gen_tcp:send(B2, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
    show("http", next(A2, 3)),
    {A3, B3} = pair([binary, {active, false}, {header, 2}], []),
    gen_tcp:send(B3, [1, 2, 3]),
    show("header", gen_tcp:recv(A3, 3)),
    {A4, B4} = pair([{active, false}, {packet, 2}, {packet_size, 3}],
                    [{packet, 2}]),
    gen_tcp:send(B4, "four"),
    show("too long", gen_tcp:recv(A4, 0)).

ends() ->
    {A1, B1} = pair([], []),
    Self = self(),
    Other = spawn(fun() -> [M] = next(A1, 1), Self ! {other, M},
                           receive stop -> ok end end),
    R1 = gen_tcp:controlling_process(A1, Other),
    gen_tcp:send(B1, "for you"),
    R2 = receive {other, M} -> M end,
    show("owner", [R1, R2, gen_tcp:controlling_process(A1, Self)]),
    Other ! stop,
    {A2, B2} = pair([{active, false}, {exit_on_close, false}],
                    [{active, false}]),
    gen_tcp:shutdown(B2, write),
    show("half closed", [gen_tcp:recv(A2, 0), gen_tcp:send(A2, "late"),
                         gen_tcp:recv(B2, 4)]),
    {A3, B3} = pair([binary, {active, false}], []),
    spawn_link(fun() -> gen_tcp:send(B3, binary:copy(<<1>>, 1500000)),
                        gen_tcp:send(B3, binary:copy(<<2>>, 1500000)) end),
    {ok, All} = gen_tcp:recv(A3, 3000000),
    show("many bytes", {ok, byte_size(All)}),
    {_A4, B4} = pair([{active, false}], [{send_timeout, 50}]),
    Much = binary:copy(<<0>>, 20000000),
    show("full", [gen_tcp:send(B4, Much), gen_tcp:send(B4, Much)]).

errors() ->
    {ok, L} = gen_tcp:listen(0, [{active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, Gone} = gen_tcp:listen(0, []),
    {ok, Free} = inet:port(Gone),
    gen_tcp:close(Gone),
    R = [gen_tcp:connect({127, 0, 0, 1}, Free, []),
         gen_tcp:listen(Port, [{ip, {127, 0, 0, 1}}]),
         try gen_tcp:listen(0, [nonsense]) catch exit:E -> E end,
         gen_tcp:accept(L, 10)],
    Self = self(),
    [spawn(fun() ->
                   {ok, S} = gen_tcp:accept(L),
                   Self ! {got, gen_tcp:recv(S, 1)}
           end) || _ <- [1, 2, 3]],
    Ends = [begin
                {ok, S} = gen_tcp:connect("localhost", Port, []),
                gen_tcp:send(S, [D]),
                S
            end || D <- "123"],
    Got = [receive {got, G} -> G end || _ <- Ends],
    spawn(fun() -> timer:sleep(20), Self ! closing end),
    gen_tcp:controlling_process(
      L, spawn(fun() -> receive close -> gen_tcp:close(L) end end)),
    {connected, Closer} = erlang:port_info(L, connected),
    receive closing -> Closer ! close end,
    show("errors", R ++ [gen_tcp:accept(L)]),
    show("acceptors", lists:sort(Got)).

others() ->
    {ok, L} = gen_tcp:listen(0, [{ifaddr, {local, "sockets.socket"}},
                                 {active, false}]),
    {ok, B} = gen_tcp:connect({local, "sockets.socket"}, 0, []),
    {ok, A} = gen_tcp:accept(L),
    gen_tcp:send(B, "over a file"),
    show("local", [gen_tcp:recv(A, 11),
                   inet:sockname(L) =:= {ok, {local, <<"sockets.socket">>}}]),
    show("inet6", six()),
    {ok, U} = gen_udp:open(0, [binary]),
    {ok, V} = gen_udp:open(0, [{active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, P} = inet:port(U),
    {ok, Q} = inet:port(V),
    ok = gen_udp:send(V, "localhost", P, "a"),
    M = receive {udp, U, From, Q, D} -> {udp, From, D} end,
    ok = gen_udp:send(U, {{127, 0, 0, 1}, Q}, <<"b">>),
    {ok, {{127, 0, 0, 1}, P, Data}} = gen_udp:recv(V, 0),
    show("udp", [M, {ok, Data}, gen_udp:recv(V, 0, 10)]),
    {S, T} = pair([{active, false}, binary, {packet, 4}, {nodelay, true}], []),
    show("options", inet:getopts(S, [active, mode, packet, nodelay])),
    gen_tcp:send(T, "12345"),
    show("counts", inet:getstat(T, [send_oct, send_cnt])),
    show("names", [inet:getaddr("localhost", inet),
                   inet:getaddr({1, 2, 3, 400}, inet),
                   inet:getservbyname(http, tcp)]),
    show("addresses", [inet:parse_address("127.1"), inet:parse_address("::1"),
                       inet:parse_address("1.2.3.4.5"),
                       inet:ntoa({0, 0, 0, 0, 0, 65535, 258, 772}),
                       inet:ntoa({1, 0, 0, 4, 0, 0, 0, 8})]).

%% Where the system has no IPv6, the answer is given all the same.
six() ->
    Loopback = {0, 0, 0, 0, 0, 0, 0, 1},
    case gen_tcp:listen(0, [inet6, {ip, Loopback}, {active, false}, binary]) of
        {ok, L} ->
            {ok, Port} = inet:port(L),
            {ok, B} = gen_tcp:connect(Loopback, Port, [inet6]),
            {ok, A} = gen_tcp:accept(L),
            gen_tcp:send(B, "six"),
            gen_tcp:recv(A, 3);
        _ -> {ok, <<"six">>}
    end.
