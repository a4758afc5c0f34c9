%% SPDX-License-Identifier: Apache-2.0
%% gen_udp: datagrams.
-module(gen_udp).

-export([open/1, open/2, close/1, send/2, send/3, send/4, send/5, recv/2,
         recv/3, connect/2, connect/3, controlling_process/2, fdopen/2]).

-export_type([option/0, open_option/0, option_name/0, socket/0]).

-type option() :: {atom(), term()} | {raw, integer(), integer(), binary()}.
-type option_name() :: atom() | {raw, integer(), integer(),
                                 binary() | integer()}.
-type open_option() :: option() | list | binary | inet:address_family().
-type socket() :: inet:socket().

open(Port) -> open(Port, []).

-spec open(inet:port_number(), [open_option()]) ->
          {ok, socket()} | {error, system_limit | inet:posix()}.
open(Port, Options0) ->
    Options = options(Options0),
    case inet:port_of(Port, udp) of
        %% a local socket has no name but the one that is given to it
        {ok, _} when map_get(family, Options) =:= local,
                     map_get(ip, Options) =:= undefined ->
            open_with(Options#{bind := false});
        {ok, P} -> open_with(inet:bind_port(P, Options));
        {error, einval} -> exit(badarg);
        Error -> Error
    end.

open_with(#{backend := socket} = Options) -> gen_udp_socket:open(Options);
open_with(Options) -> inet:open_socket(udp, Options).

options(Options) ->
    case inet:read_options(udp, Options, undefined) of
        {ok, Map} -> with_recbuf(Map);
        {error, Reason} -> exit(Reason)
    end.

%% OTP's default of IPv4, which is smaller than the system's.
with_recbuf(#{family := inet, fd := Fd, opts := Opts} = Map) when Fd < 0 ->
    case lists:keymember(recbuf, 1, Opts) of
        true -> Map;
        false -> Map#{opts := [{recbuf, 8192} | Opts]}
    end;
with_recbuf(Map) -> Map.

-spec close(socket()) -> ok.
close({'$inet', Module, _} = S) -> Module:close(S);
close(S) -> inet:udp_close(S).

%% To the peer the socket is connected to.
send({'$inet', Module, _} = S, Data) -> Module:send(S, Data);
send(S, Data) when is_port(S) -> prim_inet:send(S, Data).

send(S, Destination, Data) -> send(S, Destination, [], Data).

%% To {Address, Port} or a socket address, with ancillary data, or to an
%% address and a port.
send(S, #{family := _} = Address, Ancillary, Data)
  when is_list(Ancillary) ->
    {Ip, Port} = inet:sockaddr(Address),
    send(S, Ip, Port, Ancillary, Data);
send(S, {local, _} = Address, Ancillary, Data)
  when is_list(Ancillary) ->
    send(S, Address, 0, Ancillary, Data);
send(S, {Family, {Address, Port}}, Ancillary, Data)
  when is_list(Ancillary), Family =:= inet orelse
       Family =:= inet6 ->
    send(S, address(Family, Address), Port, Ancillary, Data);
send(S, {Address, Port}, Ancillary, Data)
  when is_list(Ancillary) ->
    send(S, Address, Port, Ancillary, Data);
send(S, Address, Port, Data) ->
    send(S, Address, Port, [], Data).

send(S, {local, _} = Address, 0, Ancillary, Data) ->
    send_to(S, Address, 0, Ancillary, Data);
send(S, Address, Port, Ancillary, Data) ->
    case resolve(S, Address, Port) of
        {ok, Ip, P} -> send_to(S, Ip, P, Ancillary, Data);
        {error, einval} -> exit(badarg);
        Error -> Error
    end.

send_to({'$inet', Module, _} = S, Ip, Port, Ancillary, Data) ->
    Module:send(S, Ip, Port, Ancillary, Data);
send_to(S, Ip, Port, Ancillary, Data) ->
    prim_inet:sendto(S, Ip, Port, Ancillary, Data).

address(inet, any) -> {0, 0, 0, 0};
address(inet, loopback) -> {127, 0, 0, 1};
address(inet6, any) -> {0, 0, 0, 0, 0, 0, 0, 0};
address(inet6, loopback) -> {0, 0, 0, 0, 0, 0, 0, 1};
address(_, Address) -> Address.

resolve(S, Address, Port) ->
    case kind(S) of
        {ok, {Family, _}} ->
            case inet:getaddr(Address, Family) of
                {ok, Ip} ->
                    case inet:port_of(Port, udp) of
                        {ok, P} -> {ok, Ip, P};
                        Error -> Error
                    end;
                Error -> Error
            end;
        {error, einval} -> {error, closed};
        Error -> Error
    end.

%% {ok, {Family, udp}}
kind({'$inet', Module, _} = S) ->
    case Module:family(S) of
        {ok, Family} -> {ok, {Family, udp}};
        Error -> Error
    end;
kind(S) when is_port(S) -> prim_inet:kind(S).

recv(S, Size) -> recv(S, Size, infinity).

-spec recv(socket(), non_neg_integer(), timeout()) ->
          {ok, {inet:ip_address(), inet:port_number(), string() | binary()}} |
          {error, not_owner | timeout | inet:posix()}.
recv({'$inet', Module, _} = S, Size, Time) -> Module:recv(S, Size, Time);
recv(S, Size, Time) when is_port(S) -> prim_inet:recvfrom(S, Size, Time).

connect(S, #{family := _} = Address) ->
    {Ip, Port} = inet:sockaddr(Address),
    connect(S, Ip, Port).

-spec connect(socket(), inet:socket_address() | inet:hostname(),
              inet:port_number()) -> ok | {error, inet:posix()}.
connect(S, Address, Port) ->
    case resolve(S, Address, Port) of
        {ok, Ip, P} when is_port(S) -> prim_inet:connect(S, Ip, P);
        {ok, Ip, P} ->
            {'$inet', Module, _} = S,
            Module:connect(S, Ip, P);
        Error -> Error
    end.

-spec controlling_process(socket(), pid()) ->
          ok | {error, closed | not_owner | badarg | inet:posix()}.
controlling_process({'$inet', _, _} = S, Owner) ->
    gen_socket:controlling_process(S, Owner);
controlling_process(S, Owner) -> inet:udp_controlling_process(S, Owner).

fdopen(Fd, Options0) when is_integer(Fd) ->
    %% passive unless it is said
    open_with((options([{active, false} | Options0]))#{fd => Fd}).
