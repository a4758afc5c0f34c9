%% SPDX-License-Identifier: Apache-2.0
%% inet_db: what programs ask of OTP's module of this name. Sockets need no
%% book-keeping here, and names are looked up by the system.
-module(inet_db).

-export([register_socket/2, unregister_socket/1, lookup_socket/1,
         gethostname/0, res_option/1, tcp_module/0, udp_module/0]).

register_socket(Socket, _Module) when is_port(Socket) -> true.

unregister_socket(Socket) when is_port(Socket) -> ok.

%% The module of a socket's family.
lookup_socket(Socket) when is_port(Socket) ->
    case prim_inet:kind(Socket) of
        {ok, {Family, Protocol}} -> {ok, module(Family, Protocol)};
        {error, _} -> {error, closed}
    end.

module(inet, tcp) -> inet_tcp;
module(inet, udp) -> inet_udp;
module(inet6, tcp) -> inet6_tcp;
module(inet6, udp) -> inet6_udp;
module(local, tcp) -> local_tcp;
module(local, udp) -> local_udp.

gethostname() ->
    {ok, Name} = inet:gethostname(),
    Name.

tcp_module() -> inet_tcp.

udp_module() -> inet_udp.

%% What a resolver is told: the system's is told elsewhere.
res_option(domain) -> "";
res_option(lookup) -> [native];
res_option(_) -> [].
