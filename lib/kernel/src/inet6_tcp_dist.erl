%% SPDX-License-Identifier: Apache-2.0
%% inet6_tcp_dist: connections to other nodes over TCP and IPv6, with
%% -proto_dist inet6_tcp; the work is done by inet_tcp_dist.
-module(inet6_tcp_dist).

-export([listen/2, accept/3, setup/5, select/1, close/1, is_node_name/1,
         childspecs/0]).

childspecs() -> {ok, []}.

select(Node) -> inet_tcp_dist:select(Node).

is_node_name(Node) -> inet_tcp_dist:is_node_name(Node).

listen(Name, Host) -> inet_tcp_dist:listen(inet6, Name, Host).

accept(Kernel, Socket, Ticket) -> inet_tcp_dist:accept(Kernel, Socket, Ticket).

setup(Kernel, Node, Id, Type, About) ->
    inet_tcp_dist:setup(inet6, Kernel, Node, Id, Type, About).

close(Socket) -> inet_tcp_dist:close(Socket).
