%% SPDX-License-Identifier: Apache-2.0
%% gen_tcp: streams, over TCP or between programs of one machine.
-module(gen_tcp).

-export([connect/2, connect/3, connect/4, listen/2, accept/1, accept/2,
         shutdown/2, close/1, send/2, recv/2, recv/3, unrecv/2,
         controlling_process/2, fdopen/2]).

-export_type([option/0, option_name/0, connect_option/0, listen_option/0,
              socket/0]).

-type option() :: {atom(), term()} | {raw, integer(), integer(), binary()}.
-type option_name() :: atom() | {raw, integer(), integer(),
                                 binary() | integer()}.
-type connect_option() :: option() | list | binary | inet:address_family().
-type listen_option() :: connect_option().
-type socket() :: inet:socket().

connect(Address, Options) -> connect(Address, Options, infinity).

%% With a socket address, that has its port, or with a host and a port.
connect(#{family := _} = Address, Options, Time) ->
    {Ip, Port} = inet:sockaddr(Address),
    connect(Ip, Port, Options, Time);
connect(Address, Port, Options) ->
    connect(Address, Port, Options, infinity).

-spec connect(inet:socket_address() | inet:hostname(), inet:port_number(),
              [connect_option()], timeout()) ->
          {ok, socket()} | {error, timeout | inet:posix()}.
connect(Address, Port, Options0, Time) ->
    Options = options(connect, Options0, Address),
    Until = deadline(Time),
    Result = case inet:getaddrs(Address, maps:get(family, Options)) of
                 {ok, Ips} ->
                     case inet:port_of(Port, tcp) of
                         {ok, P} -> try_connect(Ips, P, Options, Until,
                                                {error, einval});
                         Error1 -> Error1
                     end;
                 Error2 -> Error2
             end,
    case Result of
        {error, einval} -> exit(badarg);
        _ -> Result
    end.

options(Kind, Options, Address) ->
    case inet:read_options(Kind, Options, Address) of
        {ok, Map} -> Map;
        {error, Reason} -> exit(Reason)
    end.

deadline(infinity) -> infinity;
deadline(Time) when is_integer(Time), Time >= 0 ->
    erlang:monotonic_time(millisecond) + Time;
deadline(_) -> exit(badarg).

left(infinity) -> infinity;
left(Until) -> max(0, Until - erlang:monotonic_time(millisecond)).

%% One after the other; the last failure counts.
try_connect([Ip | Ips], Port, Options, Until, _) ->
    case connect_one(Ip, Port, Options, Until) of
        {ok, S} -> {ok, S};
        {error, einval} = Error -> Error;
        {error, timeout} = Error -> Error;
        Error -> try_connect(Ips, Port, Options, Until, Error)
    end;
try_connect([], _, _, _, Error) -> Error.

connect_one(Ip, Port, #{backend := socket} = Options, Until) ->
    gen_tcp_socket:connect(Ip, Port, Options, left(Until));
connect_one(Ip, Port, Options, Until) ->
    case inet:open_socket(tcp, Options) of
        {ok, S} ->
            case prim_inet:connect(S, Ip, Port, left(Until)) of
                ok -> {ok, S};
                Error -> prim_inet:close(S), Error
            end;
        Error -> Error
    end.

-spec listen(inet:port_number(), [listen_option()]) ->
          {ok, socket()} | {error, system_limit | inet:posix()}.
listen(Port, Options0) ->
    Options = options(listen, Options0, undefined),
    case inet:port_of(Port, tcp) of
        {ok, P} -> listen_with(inet:bind_port(P, Options));
        {error, einval} -> exit(badarg);
        Error -> Error
    end.

listen_with(#{backend := socket, port := Port} = Options) ->
    gen_tcp_socket:listen(Options, Port);
listen_with(#{backlog := Backlog} = Options) ->
    case inet:open_socket(tcp, Options) of
        {ok, S} ->
            case prim_inet:listen(S, Backlog) of
                ok -> {ok, S};
                Error -> prim_inet:close(S), Error
            end;
        Error -> Error
    end.

-spec accept(socket()) -> {ok, socket()} | {error, closed | inet:posix()}.
accept(S) -> accept(S, infinity).

-spec accept(socket(), timeout()) ->
          {ok, socket()} | {error, closed | timeout | inet:posix()}.
accept({'$inet', Module, _} = S, Time) -> Module:accept(S, Time);
accept(S, Time) when is_port(S) -> prim_inet:accept(S, Time).

-spec shutdown(socket(), read | write | read_write) ->
          ok | {error, inet:posix()}.
shutdown({'$inet', Module, _} = S, How)
  when How =:= read; How =:= write; How =:= read_write ->
    Module:shutdown(S, How);
shutdown(S, How) when is_port(S), How =:= read orelse How =:= write
                      orelse How =:= read_write ->
    prim_inet:shutdown(S, How).

-spec close(socket()) -> ok.
close({'$inet', Module, _} = S) -> Module:close(S);
close(S) -> inet:tcp_close(S).

-spec send(socket(), iodata()) -> ok | {error, closed | inet:posix()}.
send({'$inet', Module, _} = S, Data) -> Module:send(S, Data);
send(S, Data) when is_port(S) -> prim_inet:send(S, Data).

recv(S, Size) -> recv(S, Size, infinity).

-spec recv(socket(), non_neg_integer(), timeout()) ->
          {ok, string() | binary() | term()} |
          {error, closed | timeout | inet:posix()}.
recv({'$inet', Module, _} = S, Size, Time) -> Module:recv(S, Size, Time);
recv(S, Size, Time) when is_port(S) -> prim_inet:recv(S, Size, Time).

%% Nothing that was read can be given back.
unrecv({'$inet', Module, _} = S, Data) -> Module:unrecv(S, Data);
unrecv(S, _Data) when is_port(S) -> {error, enotsup}.

-spec controlling_process(socket(), pid()) ->
          ok | {error, closed | not_owner | badarg | inet:posix()}.
controlling_process({'$inet', _, _} = S, Owner) ->
    gen_socket:controlling_process(S, Owner);
controlling_process(S, Owner) ->
    case erlang:port_info(S) of
        undefined -> {error, closed};
        _ -> inet:tcp_controlling_process(S, Owner)
    end.

fdopen(Fd, Options0) when is_integer(Fd) ->
    %% passive unless it is said
    Options = options(connect, [{active, false} | Options0], undefined),
    case Options of
        #{backend := socket} -> gen_tcp_socket:fdopen(Fd, Options#{fd => Fd});
        _ -> inet:open_socket(tcp, Options#{fd => Fd})
    end.
