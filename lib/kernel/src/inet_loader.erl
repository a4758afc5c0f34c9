%% SPDX-License-Identifier: Apache-2.0
%% inet_loader: files that a node gets from another one, which runs
%% erl_boot_server (-loader inet -hosts ADDRESS..). The code server uses it
%% while there is not much else: only prim_inet and lists.
%%
%% Who has files for this version of the system is asked for over UDP; requests
%% and answers are terms, over TCP.
-module(inet_loader).

-export([start/1, request/2]).

-export_type([loader/0]).

-define(PORT, 4368).
-define(PATIENCE, 500). % ms between two questions

-opaque loader() :: none | {[inet:ip_address()], port()}.

-spec start([{atom(), [string()]}]) -> loader().
start(Flags) ->
    case [L || {loader, [L]} <- Flags] of
        ["inet" | _] ->
            Hosts = [address(H) || {hosts, Hs} <- Flags, H <- Hs],
            {Hosts, find(Hosts)};
        _ -> none
    end.

address(Host) ->
    {ok, Ip} = inet_parse:ipv4_address(Host),
    Ip.

%% A socket to a server, as soon as there is one.
find(Hosts) ->
    {ok, Udp} = prim_inet:open(udp, inet, -1),
    ok = prim_inet:setopts(Udp, [{mode, binary}, {active, false},
                                 {broadcast, true}]),
    {ok, _} = prim_inet:bind(Udp, any, 0),
    {Ip, Port} = ask(Udp, Hosts),
    prim_inet:close(Udp),
    case connect(Ip, Port) of
        {ok, Socket} -> Socket;
        {error, _} ->
            receive after ?PATIENCE -> find(Hosts) end
    end.

ask(Udp, Hosts) ->
    Version = erlang:system_info(version),
    [_ = prim_inet:sendto(Udp, Host, ?PORT, ["EBOOTQ", Version])
     || Host <- Hosts],
    Size = length(Version),
    case prim_inet:recvfrom(Udp, 0, ?PATIENCE) of
        {ok, {Ip, _, <<"EBOOTR", _Priority, Port:16, V:Size/binary>>}} ->
            case binary_to_list(V) of
                Version -> {Ip, Port};
                _ -> ask(Udp, Hosts)
            end;
        {error, timeout} -> ask(Udp, Hosts);
        _ ->
            %% nobody listens there
            receive after ?PATIENCE -> ask(Udp, Hosts) end
    end.

connect(Ip, Port) ->
    {ok, Socket} = prim_inet:open(tcp, inet, -1),
    ok = prim_inet:setopts(Socket, [{mode, binary}, {packet, 4},
                                    {active, false}]),
    case prim_inet:connect(Socket, Ip, Port, 5000) of
        ok -> {ok, Socket};
        Error ->
            prim_inet:close(Socket),
            Error
    end.

%% What the server answers; another one is looked for when it is gone.
-spec request(term(), loader()) -> {term(), loader()}.
request(Request, {Hosts, Socket} = Loader) ->
    case exchange(Socket, Request) of
        {ok, Bytes} ->
            case binary_to_term(Bytes) of
                {error, _} -> {error, Loader};
                {_, Result} -> {Result, Loader}
            end;
        {error, _} ->
            prim_inet:close(Socket),
            request(Request, {Hosts, find(Hosts)})
    end.

exchange(Socket, Request) ->
    case prim_inet:send(Socket, term_to_binary(Request)) of
        ok -> prim_inet:recv(Socket, 0, infinity);
        Error -> Error
    end.
