%% SPDX-License-Identifier: Apache-2.0
%% gen_tcp and gen_udp on both kinds of sockets: ports, and module socket
%% ({inet_backend, socket}). A user sees no difference.
%%
%% expect: ok
%% expect: ok
-module(inet_backend_test).
-export([main/0]).

main() ->
    [try_backend([{inet_backend, B}]) || B <- [inet, socket]],
    ok.

try_backend(B) ->
    passive(B),
    active(B),
    packets(B),
    closing(B),
    owners(B),
    datagrams(B),
    refused(B),
    io:format("ok~n").

pair(B, Options) ->
    {ok, L} = gen_tcp:listen(0, B ++ [{ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, B ++ Options),
    {ok, S} = gen_tcp:accept(L),
    {ok, Name} = inet:sockname(C),
    {ok, Name} = inet:peername(S),
    ok = gen_tcp:close(L),
    {C, S}.

%% OTP's second kind answers {error, closed} where the peer has closed before.
close({C, S}) ->
    _ = gen_tcp:close(C),
    _ = gen_tcp:close(S).

passive(B) ->
    {C, S} = P = pair(B, [binary, {active, false}]),
    ok = gen_tcp:send(C, <<"hello">>),
    {ok, <<"hel">>} = gen_tcp:recv(S, 3),
    {ok, <<"lo">>} = gen_tcp:recv(S, 0),
    {error, timeout} = gen_tcp:recv(S, 0, 10),
    {ok, [{active, false}, {mode, binary}, {header, 0}]} =
        inet:getopts(S, [active, mode, header]),
    ok = inet:setopts(S, [{nodelay, true}, {mode, list}]),
    {ok, [{nodelay, true}]} = inet:getopts(S, [nodelay]),
    ok = gen_tcp:send(C, ["a", <<"b">>]),
    {ok, "ab"} = gen_tcp:recv(S, 2, 1000),
    {ok, [{recv_oct, 7}]} = inet:getstat(S, [recv_oct]),
    close(P).

active(B) ->
    {C, S} = P = pair(B, [{active, once}]),
    ok = gen_tcp:send(C, "one"),
    receive {tcp, S, "one"} -> ok end,
    {ok, [{active, false}]} = inet:getopts(S, [active]),
    ok = inet:setopts(S, [{active, 1}, {packet, 1}]),
    ok = inet:setopts(C, [{packet, 1}]),
    ok = gen_tcp:send(C, "two"),
    receive {tcp, S, "two"} -> ok end,
    receive {tcp_passive, S} -> ok end,
    ok = inet:setopts(S, [{active, true}]),
    {error, einval} = gen_tcp:recv(S, 0, 0),
    ok = gen_tcp:send(C, "three"),
    receive {tcp, S, "three"} -> ok end,
    ok = gen_tcp:close(C),
    receive {tcp_closed, S} -> ok end,
    close(P).

packets(B) ->
    {C, S} = P = pair(B, [{active, false}, {packet, line}, binary]),
    ok = gen_tcp:send(C, <<"a line\nand an">>),
    {ok, <<"a line\n">>} = gen_tcp:recv(S, 0),
    {error, timeout} = gen_tcp:recv(S, 0, 10),
    ok = gen_tcp:send(C, <<"other\n">>),
    {ok, <<"and another\n">>} = gen_tcp:recv(S, 0),
    ok = inet:setopts(S, [{packet, http}]),
    ok = gen_tcp:send(C, <<"GET / HTTP/1.1\r\nHost: x\r\n\r\n">>),
    {ok, {http_request, 'GET', {abs_path, "/"}, {1, 1}}} = gen_tcp:recv(S, 0),
    {ok, {http_header, _, 'Host', _, "x"}} = gen_tcp:recv(S, 0),
    {ok, http_eoh} = gen_tcp:recv(S, 0),
    ok = inet:setopts(S, [{packet, 4}]),
    ok = inet:setopts(C, [{packet, 4}]),
    Bytes = binary:copy(<<"0123456789">>, 50000),
    spawn_link(fun() -> ok = gen_tcp:send(C, Bytes) end),
    {ok, Bytes} = gen_tcp:recv(S, 0),
    close(P).

closing(B) ->
    {C, S} = P = pair(B, [{active, false}]),
    ok = gen_tcp:send(C, "last"),
    ok = gen_tcp:shutdown(C, write),
    {ok, "last"} = gen_tcp:recv(S, 0),
    {error, closed} = gen_tcp:recv(S, 0),
    close(P),
    {error, closed} = gen_tcp:send(C, "x"),
    {error, closed} = gen_tcp:recv(C, 0),
    {error, _} = inet:getopts(C, [active]), % einval of the one, closed
    {ok, L} = gen_tcp:listen(0, B),
    {error, timeout} = gen_tcp:accept(L, 10),
    ok = gen_tcp:close(L),
    {error, closed} = gen_tcp:accept(L, 10).

%% What has come before goes to the new owner.
owners(B) ->
    {C, S} = P = pair(B, [{active, true}]),
    ok = gen_tcp:send(C, "before"),
    timer:sleep(50),
    Self = self(),
    New = spawn_link(fun() ->
                             [receive {tcp, S, D} -> Self ! {got, D} end
                              || _ <- [1, 2]]
                     end),
    ok = gen_tcp:controlling_process(S, New),
    {error, not_owner} = gen_tcp:controlling_process(S, self()),
    receive {got, "before"} -> ok end,
    ok = gen_tcp:send(C, "after"),
    receive {got, "after"} -> ok end,
    close(P).

datagrams(B) ->
    {ok, R} = gen_udp:open(0, B ++ [binary, {active, false}]),
    {ok, Port} = inet:port(R),
    {ok, S} = gen_udp:open(0, B),
    {ok, Own} = inet:port(S),
    ok = gen_udp:send(S, {127, 0, 0, 1}, Port, "one"),
    {ok, {{127, 0, 0, 1}, Own, <<"one">>}} = gen_udp:recv(R, 0, 1000),
    {error, timeout} = gen_udp:recv(R, 0, 10),
    ok = inet:setopts(R, [{active, 1}]),
    ok = gen_udp:send(S, {{127, 0, 0, 1}, Port}, <<"two">>),
    receive {udp, R, {127, 0, 0, 1}, Own, <<"two">>} -> ok end,
    receive {udp_passive, R} -> ok end,
    ok = gen_udp:connect(S, {127, 0, 0, 1}, Port),
    ok = gen_udp:send(S, "three"),
    {ok, {_, Own, <<"three">>}} = gen_udp:recv(R, 0, 1000),
    ok = inet:setopts(R, [{recvttl, true}]),
    ok = gen_udp:send(S, "four"),
    {ok, {_, Own, [{ttl, 64}], <<"four">>}} = gen_udp:recv(R, 0, 1000),
    ok = gen_udp:close(R),
    ok = gen_udp:close(S).

refused(B) ->
    {ok, L} = gen_tcp:listen(0, B ++ [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    ok = gen_tcp:close(L),
    {error, econnrefused} = gen_tcp:connect({127, 0, 0, 1}, Port, B),
    {'EXIT', badarg} = (catch gen_tcp:listen(0, B ++ [{nosuch, 1}])).
