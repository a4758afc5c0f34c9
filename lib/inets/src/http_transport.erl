%% SPDX-License-Identifier: Apache-2.0
%% Sockets of HTTP: those of gen_tcp, and those of ssl, which are records.
-module(http_transport).

-export([send/2, recv/3, set/2, close/1, peername/1, sockname/1,
         secure/3]).

-define(IS_TLS(Socket), element(1, Socket) =:= sslsocket).

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

%% A server's side of what Type says the connection is.
secure(Socket, {Kind, Options}, Timeout) when Kind =:= ssl; Kind =:= essl ->
    ssl:handshake(Socket, Options, Timeout);
secure(Socket, _, _) -> {ok, Socket}.
