%% SPDX-License-Identifier: Apache-2.0
%% inet6_tcp_dist: connections to other nodes over TCP and IPv6, with
%% -proto_dist inet6_tcp; the work is done by inet_tcp_dist.
-module(inet6_tcp_dist).

-export([listen/1, listen/2, accept/1, accept_connection/5, setup/5, close/1,
         select/1, address/0, is_node_name/1, childspecs/0, setopts/2,
         getopts/2]).

childspecs() -> {ok, []}.
select(Node) -> inet_tcp_dist:gen_select(inet6_tcp, Node).
is_node_name(Node) -> inet_tcp_dist:is_node_name(Node).
address() -> inet_tcp_dist:gen_address(inet6_tcp).

listen(Name) ->
    {ok, Host} = inet:gethostname(),
    listen(Name, Host).

listen(Name, Host) -> inet_tcp_dist:gen_listen(inet6_tcp, Name, Host).

accept(Listen) -> inet_tcp_dist:gen_accept(inet6_tcp, Listen).

accept_connection(Acceptor, Socket, Own, Allowed, Time) ->
    inet_tcp_dist:gen_accept_connection(inet6_tcp, Acceptor, Socket, Own,
                                        Allowed, Time).

setup(Node, Type, Own, Domain, Time) ->
    inet_tcp_dist:gen_setup(inet6_tcp, Node, Type, Own, Domain, Time).

close(Socket) -> inet_tcp_dist:close(Socket).
setopts(Socket, Options) -> inet_tcp_dist:setopts(Socket, Options).
getopts(Socket, Options) -> inet_tcp_dist:getopts(Socket, Options).
