%% SPDX-License-Identifier: Apache-2.0
%% Sockets of HTTP: those of gen_tcp, and those of ssl, which are records.
-module(http_transport).

-export([connect/4, send/2, recv/3, set/2, close/1, peername/1, sockname/1,
         options/2, stats/1, peercert/1]).

-define(IS_TLS(Socket), element(1, Socket) =:= sslsocket).

%% Type is ip_comm or {essl, Options}.
connect(ip_comm, {Host, Port}, Options, Timeout) ->
    gen_tcp:connect(host(Host), Port, base() ++ Options, Timeout);
connect({_, Ssl}, {Host, Port}, Options, Timeout) ->
    ssl:connect(host(Host), Port, base() ++ Options ++ Ssl, Timeout).

base() -> [binary, {packet, 0}, {active, false}, {reuseaddr, true}].

%% An address of IPv6 may stand in brackets.
host("[" ++ Rest) ->
    {ok, Address} = inet:parse_address(string:trim(Rest, trailing, "]")),
    Address;
host(Host) -> Host.

send(Socket, Data) when ?IS_TLS(Socket) -> ssl:send(Socket, Data);
send(Socket, Data) -> gen_tcp:send(Socket, Data).

recv(Socket, Length, Timeout) when ?IS_TLS(Socket) ->
    ssl:recv(Socket, Length, Timeout);
recv(Socket, Length, Timeout) -> gen_tcp:recv(Socket, Length, Timeout).

set(Socket, Options) when ?IS_TLS(Socket) -> ssl:setopts(Socket, Options);
set(Socket, Options) -> inet:setopts(Socket, Options).

close(Socket) when ?IS_TLS(Socket) -> ssl:close(Socket);
close(Socket) -> gen_tcp:close(Socket).

peername(Socket) when ?IS_TLS(Socket) -> ssl:peername(Socket);
peername(Socket) -> inet:peername(Socket).

sockname(Socket) when ?IS_TLS(Socket) -> ssl:sockname(Socket);
sockname(Socket) -> inet:sockname(Socket).

options(Socket, Names) when ?IS_TLS(Socket) -> ssl:getopts(Socket, Names);
options(Socket, Names) -> inet:getopts(Socket, Names).

stats(Socket) when ?IS_TLS(Socket) -> ssl:getstat(Socket);
stats(Socket) -> inet:getstat(Socket).

peercert(Socket) when ?IS_TLS(Socket) -> ssl:peercert(Socket);
peercert(_) -> undefined.
