%% SPDX-License-Identifier: Apache-2.0
%% inet: what sockets of all kinds have in common, addresses, and names of
%% hosts, which the system's own resolver looks up.
-module(inet).

-export([peername/1, sockname/1, peernames/1, peernames/2, socknames/1,
         socknames/2, port/1, send/2, getifaddrs/1,
         setopts/2, getopts/2, getifaddrs/0, getif/0, getif/1, getiflist/0,
         ifget/2, getstat/1, getstat/2, socket_to_list/1, info/1, ip/1,
         is_ipv4_address/1, is_ipv6_address/1, is_ip_address/1, stats/0,
         options/0, close/1, gethostname/0, parse_ipv4_address/1,
         parse_ipv6_address/1, parse_ipv4strict_address/1,
         parse_ipv6strict_address/1, parse_address/1, parse_strict_address/1,
         ntoa/1, ipv4_mapped_ipv6_address/1, i/0, i/1, i/2, getfd/1,
         tcp_controlling_process/2, udp_controlling_process/2, tcp_close/1,
         udp_close/1, gethostbyname/1, gethostbyname/2, gethostbyname/3,
         gethostbyaddr/1, gethostbyaddr/2, getservbyname/2, getservbyport/2,
         getaddrs/2, getaddrs/3, getaddr/2, getaddr/3, get_rc/0,
         format_error/1, monitor/1, cancel_monitor/1]).

%% For gen_tcp and gen_udp.
-export([read_options/3, bind_port/2, open_socket/2, port_of/2, sockaddr/1]).

%% For modules of protocols.
-export([connect_options/2, listen_options/2, udp_options/2]).

-export_type([address_family/0, socket_protocol/0, hostent/0, hostname/0,
              ip4_address/0, ip6_address/0, ip_address/0, port_number/0,
              family_address/0, local_address/0, socket_address/0,
              returned_non_ip_address/0, socket_setopt/0, socket_getopt/0,
              socket_optval/0, posix/0, socket/0, stat_option/0,
              inet_backend/0, ancillary_data/0]).

-include_lib("kernel/include/inet.hrl").
-include("inet_int.hrl").

%% The system takes raw options up to this size.
-define(RAW_MOST, 65536).

-type hostent() :: #hostent{}.
-type hostname() :: atom() | string().
-type ip4_address() :: {0..255, 0..255, 0..255, 0..255}.
-type ip6_address() :: {0..65535, 0..65535, 0..65535, 0..65535,
                        0..65535, 0..65535, 0..65535, 0..65535}.
-type ip_address() :: ip4_address() | ip6_address().
-type port_number() :: 0..65535.
-type local_address() :: {local, binary() | string()}.
-type family_address() :: {inet | inet6, {ip_address() | any | loopback,
                                          port_number()}}
                        | local_address().
-type returned_non_ip_address() :: {local, binary()} | {unspec, <<>>}
                                 | {undefined, any()}.
-type socket_address() :: ip_address() | any | loopback | local_address()
                        | family_address().
-type address_family() :: inet | inet6 | local.
-type socket_protocol() :: tcp | udp | sctp.
-type socket() :: port() | module_socket().
-type module_socket() :: {'$inet', module(), term()}.
-type posix() :: file:posix() | atom().
-type socket_setopt() :: gen_tcp:option() | gen_udp:option().
-type socket_getopt() :: gen_tcp:option_name() | gen_udp:option_name().
-type socket_optval() :: {atom(), term()}
                       | {raw, integer(), integer(), binary()}.
-type ancillary_data() :: [{atom(), term()}].
-type inet_backend() :: {inet_backend, inet | socket}.
-type stat_option() :: recv_cnt | recv_max | recv_avg | recv_oct | recv_dvi
                     | send_cnt | send_max | send_avg | send_oct | send_pend.

%%% Sockets

-spec peername(socket()) ->
          {ok, {ip_address(), port_number()} | returned_non_ip_address()} |
          {error, posix()}.
peername({'$inet', _, _} = S) -> gen_socket:peername(S);
peername(S) -> prim_inet:peername(S).

-spec sockname(socket()) ->
          {ok, {ip_address(), port_number()} | returned_non_ip_address()} |
          {error, posix()}.
sockname({'$inet', _, _} = S) -> gen_socket:sockname(S);
sockname(S) -> prim_inet:sockname(S).

peernames(S) -> listed(peername(S)).
socknames(S) -> listed(sockname(S)).

%% Sockets that are no associations of several addresses have but the one.
peernames(S, _) -> peernames(S).
socknames(S, _) -> socknames(S).

listed({ok, Name}) -> {ok, [Name]};
listed(Error) -> Error.

-spec port(socket()) -> {ok, port_number()} | {error, any()}.
port(S) ->
    case sockname(S) of
        {ok, {_, Port}} -> {ok, Port}; % or the path of a local socket
        Error -> Error
    end.

send(S, Data) -> prim_inet:send(S, Data).

-spec setopts(socket(), [socket_setopt() | binary | list]) ->
          ok | {error, posix()}.
setopts(S, Options) ->
    try [pair(Option) || Option <- Options] of
        Pairs -> set_pairs(S, Pairs)
    catch
        error:_ -> {error, einval}
    end.

set_pairs({'$inet', _, _} = S, Pairs) -> gen_socket:setopts(S, Pairs);
set_pairs(S, Pairs) -> prim_inet:setopts(S, Pairs).

%% Options as {Name, Value}.
pair(list) -> {mode, list};
pair(binary) -> {mode, binary};
pair({raw, Level, Option, Value}) -> {raw, {Level, Option, Value}};
pair({netns, Name}) -> {netns, name_space(Name)};
pair({_, _} = Pair) -> Pair.

name_space(Name) when is_binary(Name) -> Name;
name_space(Name) ->
    unicode:characters_to_binary(Name, unicode, file:native_name_encoding()).

-spec getopts(socket(), [socket_getopt()]) ->
          {ok, [socket_optval()]} | {error, posix()}.
getopts({'$inet', _, _} = S, Names) when is_list(Names) ->
    gen_socket:getopts(S, Names);
getopts(S, Names) when is_list(Names) ->
    case lists:all(fun is_option/1, Names) of
        true -> told_names(prim_inet:getopts(S, Names));
        false -> {error, einval}
    end;
getopts(_, _) -> {error, einval}.

%% A name space is told as a file's name.
told_names({ok, Options}) ->
    {ok, [case Option of
              {netns, Name} -> {netns, unicode:characters_to_list(Name)};
              _ -> Option
          end || Option <- Options]};
told_names(Error) -> Error.

is_option({raw, Level, Option, Size})
  when is_integer(Level), is_integer(Option), is_integer(Size) ->
    Size >= 0 andalso Size < ?RAW_MOST;
is_option({raw, Level, Option, Room})
  when is_integer(Level), is_integer(Option), is_binary(Room) ->
    byte_size(Room) < ?RAW_MOST;
is_option(Name) when Name =:= raw; Name =:= line_delimiter;
                     Name =:= add_membership; Name =:= drop_membership ->
    false;
is_option(Name) ->
    lists:member(Name, [netns, pktoptions | connect_options()]
                 ++ udp_options() ++ options()).

-spec options() -> [atom()].
options() ->
    [tos, tclass, priority, reuseaddr, keepalive, dontroute, linger,
     broadcast, sndbuf, recbuf, nodelay, ipv6_v6only, buffer, header, active,
     packet, deliver, mode, multicast_if, multicast_ttl, multicast_loop,
     exit_on_close, high_watermark, low_watermark, high_msgq_watermark,
     low_msgq_watermark, send_timeout, send_timeout_close, show_econnreset].

-spec stats() -> [stat_option()].
stats() ->
    [recv_oct, recv_cnt, recv_max, recv_avg, recv_dvi, send_oct, send_cnt,
     send_max, send_avg, send_pend].

-spec getstat(socket()) -> {ok, [{stat_option(), integer()}]} |
                           {error, posix()}.
getstat(S) -> getstat(S, stats()).

-spec getstat(socket(), [stat_option()]) ->
          {ok, [{stat_option(), integer()}]} | {error, posix()}.
getstat({'$inet', _, _} = S, Names) -> gen_socket:getstat(S, Names);
getstat(S, Names) -> prim_inet:getstat(S, Names).

-spec socket_to_list(socket()) -> string().
socket_to_list({'$inet', _, _} = S) -> gen_socket:socket_to_list(S);
socket_to_list(S) when is_port(S) -> erlang:port_to_list(S).

-spec info(socket()) -> map().
info({'$inet', _, _} = S) -> gen_socket:info(S);
info(S) when is_port(S) ->
    case erlang:port_info(S) of
        undefined -> #{states => [closed]};
        Info ->
            About = [erlang:port_info(S, memory), erlang:port_info(S, monitors),
                     {owner, proplists:get_value(connected, Info)}
                     | [{Key, proplists:get_value(Key, Info)}
                        || Key <- [input, links, output]]]
                ++ [{states, States}
                    || {ok, States} <- [catch prim_inet:getstatus(S)]]
                ++ [{counters, maps:from_list(Counters)}
                    || {ok, Counters} <- [catch getstat(S)]],
            maps:from_list([Pair || {_, _} = Pair <- About])
    end.

getfd(S) -> prim_inet:getfd(S).

-spec monitor(socket()) -> reference().
monitor({'$inet', _, _} = S) -> gen_socket:monitor(S);
monitor(S) when is_port(S) -> erlang:monitor(port, S);
monitor(S) -> error(badarg, [S]).

-spec cancel_monitor(reference()) -> boolean().
cancel_monitor(Ref) when is_reference(Ref) ->
    erlang:demonitor(Ref, [info]) orelse socket:cancel_monitor(Ref);
cancel_monitor(Other) -> error(badarg, [Other]).

-spec close(socket()) -> ok.
close({'$inet', Module, _} = S) -> Module:close(S);
close(S) ->
    case catch prim_inet:kind(S) of
        {ok, {_, udp}} -> udp_close(S);
        _ -> tcp_close(S)
    end.

tcp_close(S) when is_port(S) ->
    prim_inet:close(S),
    receive {tcp_closed, S} -> ok after 0 -> ok end.

udp_close(S) when is_port(S) ->
    prim_inet:close(S),
    receive {udp_closed, S} -> ok after 0 -> ok end.

%%% Owners

tcp_controlling_process(S, Owner) when is_port(S), is_pid(Owner) ->
    hand_over(S, Owner).

udp_controlling_process(S, Owner) when is_port(S), is_pid(Owner) ->
    hand_over(S, Owner).

hand_over(S, Owner) ->
    case erlang:port_info(S, connected) of
        {connected, Owner} -> ok;
        {connected, Pid} when Pid =/= self() -> {error, not_owner};
        undefined -> {error, einval};
        _ ->
            {ok, Active} = prim_inet:getopt(S, active),
            quiet(S, Active),
            case pass_on(S, Owner, false) of
                true -> ok; % it has closed meanwhile
                false -> connect_to(S, Owner, Active)
            end
    end.

%% Nothing more is to come while the owner changes. A socket that counts its
%% packets is set to none, which it tells.
quiet(_, false) -> ok;
quiet(S, _) -> prim_inet:setopt(S, active, false).

connect_to(S, Owner, Active) ->
    try erlang:port_connect(S, Owner) of
        true ->
            unlink(S),
            case Active of
                false -> ok;
                _ -> prim_inet:setopt(S, active, Active)
            end
    catch
        error:Reason -> {error, Reason}
    end.

%% What came before goes to the new owner; whether the socket is closed.
pass_on(S, Owner, Closed) ->
    receive
        {Tag, S, _} = Message when Tag =:= tcp; Tag =:= http;
                                   Tag =:= tcp_error; Tag =:= udp_error ->
            Owner ! Message,
            pass_on(S, Owner, Closed);
        {tcp_closed, S} = Message ->
            Owner ! Message,
            pass_on(S, Owner, true);
        {ssl_tls, S, _, _, _} = Message ->
            Owner ! Message,
            pass_on(S, Owner, Closed);
        {udp, S, _, _, _} = Message ->
            Owner ! Message,
            pass_on(S, Owner, Closed);
        {S, {data, _}} = Message ->
            Owner ! Message,
            pass_on(S, Owner, Closed)
    after 0 -> Closed
    end.

%%% Options of those who open sockets

connect_options() ->
    [debug, tos, tclass, priority, reuseaddr, reuseport, keepalive, linger,
     nodelay, nopush, sndbuf, recbuf, recvtos, recvtclass, ttl, recvttl,
     header, active, packet, packet_size, buffer, mode, deliver,
     line_delimiter, exit_on_close, high_watermark, low_watermark,
     high_msgq_watermark, low_msgq_watermark, send_timeout,
     send_timeout_close, delay_send, raw, show_econnreset, bind_to_device].

listen_options() -> [ipv6_v6only | connect_options()].

udp_options() ->
    [debug, tos, tclass, priority, reuseaddr, reuseport, sndbuf, recbuf,
     header, active, buffer, mode, recvtos, recvtclass, ttl, recvttl, deliver,
     ipv6_v6only, broadcast, dontroute, multicast_if, multicast_ttl,
     multicast_loop, add_membership, drop_membership, read_packets, raw,
     high_msgq_watermark, low_msgq_watermark, bind_to_device].

allowed(connect) -> connect_options();
allowed(listen) -> listen_options();
allowed(udp) -> udp_options().

%% The options of Kind as a map: family, ip, port, fd and backlog, and opts:
%% those of the socket itself. Address tells the family if nothing else does.
-spec read_options(connect | listen | udp, term(), term()) ->
          {ok, map()} | {error, badarg}.
read_options(Kind, Options, Address) when is_list(Options) ->
    Map0 = #{family => family_of(Address), ip => undefined, port => 0, fd => -1,
             backlog => 5, bind => false, netns => <<>>, backend => backend(), opts => []},
    Allowed = allowed(Kind),
    try lists:foldl(fun(O, Map) -> read_option(O, Map, Allowed) end, Map0,
                    default_options(Kind) ++ Options) of
        #{opts := Opts} = Map ->
            {ok, Map#{opts := with_active(lists:reverse(Opts))}}
    catch
        throw:badarg -> {error, badarg}
    end;
read_options(_, _, _) -> {error, badarg}.

%% Options of a socket that is bound: to the port that they name, else to Port.
-spec bind_port(port_number(), map()) -> map().
bind_port(Port, #{port := 0} = Options) -> Options#{port := Port, bind := true};
bind_port(_, Options) -> Options#{bind := true}.

%% Of sockets for which nothing else is said: ports, or module socket.
backend() ->
    case application:get_env(kernel, inet_backend) of
        {ok, socket} -> socket;
        _ -> inet
    end.

%% What the environment of kernel has for all sockets.
default_options(udp) -> [];
default_options(Kind) ->
    Key = case Kind of
              connect -> inet_default_connect_options;
              listen -> inet_default_listen_options
          end,
    case application:get_env(kernel, Key) of
        {ok, Options} when is_list(Options) -> without_active(Options);
        {ok, Option} -> without_active([Option]);
        undefined -> []
    end.

%% That would be a surprise for most programs.
without_active(Options) -> [O || O <- Options, not is_active(O)].

is_active({active, _}) -> true;
is_active(_) -> false.

with_active(Opts) ->
    case lists:keymember(active, 1, Opts) of
        true -> Opts;
        false -> Opts ++ [{active, true}]
    end.

family_of({_, _, _, _, _, _, _, _}) -> inet6;
family_of({local, _}) -> local;
family_of({{_, _, _, _, _, _, _, _}, _}) -> inet6;
family_of(_) -> inet.

read_option(Family, Map, _)
  when Family =:= inet; Family =:= inet6; Family =:= local ->
    Map#{family := Family};
read_option({Ip, Address}, Map, _) when Ip =:= ip; Ip =:= ifaddr ->
    bind_address(Address, Map);
read_option({port, Port}, Map, _)
  when is_integer(Port), Port >= 0, Port =< 65535 ->
    Map#{port := Port, bind := true};
read_option({fd, Fd}, Map, _) when is_integer(Fd) -> Map#{fd := Fd};
read_option({backlog, N}, Map, Allowed) when is_integer(N) ->
    %% of those who listen, which have ipv6_v6only and no broadcast
    case lists:member(ipv6_v6only, Allowed)
        andalso not lists:member(broadcast, Allowed) of
        true -> Map#{backlog := N};
        false -> throw(badarg)
    end;
read_option({inet_backend, Backend}, Map, _)
  when Backend =:= inet; Backend =:= socket ->
    Map#{backend := Backend};
read_option({netns, Name}, Map, _)
  when is_list(Name); is_binary(Name); is_atom(Name) ->
    try name_space(Name) of
        Space when is_binary(Space) -> Map#{netns := Space};
        _ -> throw(badarg)
    catch
        error:_ -> throw(badarg)
    end;
read_option({Kind, Module}, Map, Allowed)
  when Kind =:= tcp_module; Kind =:= udp_module ->
    case {Kind, lists:member(broadcast, Allowed)} of
        {udp_module, false} -> throw(badarg);
        {tcp_module, true} -> throw(badarg);
        _ -> Map#{family := module_family(Module)}
    end;
read_option(Option, #{opts := Opts} = Map, Allowed) ->
    try pair(Option) of
        {Name, Value} ->
            case lists:member(Name, Allowed) of
                true when Name =:= raw -> Map#{opts := [{Name, Value} | Opts]};
                true ->
                    Map#{opts := [{Name, Value}
                                  | lists:keydelete(Name, 1, Opts)]};
                false -> throw(badarg)
            end
    catch
        error:_ -> throw(badarg)
    end.

bind_address(#{family := _} = Address, Map) ->
    {Ip, Port} = sockaddr(Address),
    bind_address(Ip, Map#{port := Port});
bind_address(Address, Map) ->
    Family = case family_of(Address) of
                 inet -> maps:get(family, Map);
                 Other -> Other
             end,
    is_place(Address) orelse throw(badarg),
    Map#{ip := translate(Address, Family), bind := true, family := Family}.

is_place({local, _}) -> true;
is_place({Ip, Scope}) -> is_ipv6_address(Ip) andalso is_integer(Scope);
is_place(Address) ->
    Address =:= any orelse Address =:= loopback orelse is_ip_address(Address).

%% An address of IPv4 in a family that is another.
translate({_, _, _, _} = Ip, inet6) -> ipv4_mapped_ipv6_address(Ip);
translate(Ip, _) -> Ip.

%% The address and port of a socket address. An address of one link stands with
%% the number of its interface: {Ip, Scope}.
sockaddr(#{family := local, path := Path}) -> {{local, Path}, 0};
sockaddr(#{family := inet6, addr := Ip, scope_id := Scope} = Address)
  when Scope > 0, is_tuple(Ip) ->
    {{Ip, Scope}, maps:get(port, Address, 0)};
sockaddr(#{family := _} = Address) ->
    {maps:get(addr, Address, any), maps:get(port, Address, 0)}.

%% Opens a socket as read_options has it.
open_socket(Protocol, #{family := Family, fd := Fd, netns := Space,
                        opts := Opts0} = Options) ->
    Opts = [{netns, Space} || Space =/= <<>>] ++ Opts0,
    case prim_inet:open(Protocol, Family, Fd, [{netns, Space}]) of
        {ok, S} ->
            case prepare(S, Opts, Options) of
                ok -> {ok, S};
                Error -> prim_inet:close(S), Error
            end;
        Error -> Error
    end.

%% A descriptor that was given is bound if that is asked for.
prepare(S, Opts, #{ip := Ip, port := Port, bind := Bind, fd := Fd,
                   family := Family}) ->
    case prim_inet:try_setopts(S, Opts) of
        {error, einval} -> prim_inet:close(S), exit(badarg);
        {error, _} -> {error, einval};
        ok when Ip =/= undefined -> bind(S, Ip, Port, Family);
        ok when Bind, Fd < 0 -> bind(S, any, Port, Family);
        Result -> Result
    end.

%% Without a name of its own a local socket has nothing to be bound to.
bind(_, any, _, local) -> {error, einval};
bind(S, Ip, Port, _) ->
    case prim_inet:bind(S, Ip, Port) of
        {ok, _} -> ok;
        Error -> Error
    end.

%% The options as records, as the modules of protocols take them.
connect_options(Options, Module) ->
    as_record(connect, Options, Module,
              fun(#{fd := Fd, opts := Opts}, Ip, Port) ->
                      #connect_opts{ifaddr = Ip, port = Port, fd = Fd,
                                    opts = Opts}
              end).

listen_options(Options, Module) ->
    as_record(listen, Options, Module,
              fun(#{fd := Fd, opts := Opts, backlog := N}, Ip, Port) ->
                      #listen_opts{ifaddr = Ip, port = Port, fd = Fd,
                                   opts = Opts, backlog = N}
              end).

udp_options(Options, Module) ->
    as_record(udp, Options, Module,
              fun(#{fd := Fd, opts := Opts}, Ip, Port) ->
                      #udp_opts{ifaddr = Ip, port = Port, fd = Fd, opts = Opts}
              end).

as_record(Kind, Options, Module, Make) ->
    case read_options(Kind, [module_family(Module) | Options], undefined) of
        {ok, #{ip := Ip, port := Port} = Map} -> {ok, Make(Map, Ip, Port)};
        Error -> Error
    end.

module_family(Module) ->
    case atom_to_list(Module) of
        "inet6_" ++ _ -> inet6;
        "local_" ++ _ -> local;
        _ -> inet
    end.

%% A port by its number or the name of its service.
port_of(Port, _) when is_integer(Port), Port >= 0, Port =< 65535 -> {ok, Port};
port_of(Name, Protocol) when is_atom(Name) -> getservbyname(Name, Protocol);
port_of(_, _) -> {error, einval}.

%%% Hosts

-spec gethostname() -> {ok, string()}.
gethostname() ->
    {ok, Name} = prim_inet:gethostname(),
    {ok, hd(string:split(Name, "."))}.

-spec gethostbyname(hostname()) -> {ok, hostent()} | {error, posix()}.
gethostbyname(Name) -> gethostbyname(Name, inet).

-spec gethostbyname(hostname(), address_family()) ->
          {ok, hostent()} | {error, posix()}.
gethostbyname(Name, Family) when is_atom(Name) ->
    gethostbyname(atom_to_list(Name), Family);
gethostbyname(Name, Family)
  when is_list(Name), Family =:= inet orelse Family =:= inet6 ->
    try lists:all(fun(C) -> is_integer(C) andalso C > 0 end, Name) of
        true -> find_host(Name, Family);
        false -> {error, einval}
    catch
        error:_ -> {error, einval}
    end;
gethostbyname({_, _, _, _} = Ip, inet) -> host(ntoa(Ip), inet, [Ip]);
gethostbyname(_, _) -> {error, einval}.

gethostbyname(Name, Family, infinity) -> gethostbyname(Name, Family);
gethostbyname(Name, Family, Timeout) ->
    prim_inet:in_time(fun() -> gethostbyname(Name, Family) end, Timeout).

find_host(Name, Family) ->
    case parse_family(Name, Family) of
        {ok, Ip} -> host(Name, Family, [Ip]);
        _ -> find_host(lookup(), Name, Family, {error, nxdomain})
    end.

%% By the ways of inet_db's configuration: the system's own if there is none.
lookup() ->
    case ets:whereis(inet_db) =/= undefined
        orelse os:getenv("ERL_INETRC") =/= false
        orelse application:get_env(kernel, inetrc) =/= undefined of
        true -> inet_db:res_option(lookup);
        false -> [native]
    end.

find_host([Way | Ways], Name, Family, _) ->
    Found = case Way of
                native -> native_host(Name, Family);
                file -> inet_hosts:gethostbyname(Name, Family);
                dns -> inet_res:gethostbyname(Name, Family);
                _ -> {error, nxdomain}
            end,
    case Found of
        {ok, _} -> Found;
        {error, timeout} -> Found;
        Error -> find_host(Ways, Name, Family, Error)
    end;
find_host([], Name, Family, Error) ->
    %% A node always knows its own name.
    case inet_db:gethostname() of
        Name -> host(Name, Family, element(2, getaddrs(loopback, Family)));
        _ -> Error
    end.

native_host(Name, Family) ->
    case prim_inet:gethostbyname(Name, Family) of
        {ok, Full, Ips} -> host(Full, Family, Ips);
        Error -> Error
    end.

parse_family(Name, inet) -> parse_ipv4_address(Name);
parse_family(Name, inet6) -> parse_ipv6_address(Name).

host(Name, Family, Ips) ->
    Length = case Family of inet -> 4; inet6 -> 16 end,
    {ok, #hostent{h_name = Name, h_addrtype = Family, h_length = Length,
                  h_addr_list = Ips}}.

-spec gethostbyaddr(string() | ip_address()) ->
          {ok, hostent()} | {error, posix()}.
gethostbyaddr(Text) when is_list(Text) ->
    case parse_address(Text) of
        {ok, Ip} -> gethostbyaddr(Ip);
        Error -> Error
    end;
gethostbyaddr(Ip) ->
    case is_ip_address(Ip) of
        true -> find_address(lookup(), Ip, {error, nxdomain});
        false -> {error, einval}
    end.

find_address([Way | Ways], Ip, _) ->
    Found = case Way of
                native ->
                    case prim_inet:gethostbyaddr(Ip) of
                        {ok, Name} -> host(Name, ip_family(Ip), [Ip]);
                        Failed -> Failed
                    end;
                file -> inet_hosts:gethostbyaddr(Ip);
                dns -> inet_res:gethostbyaddr(Ip);
                _ -> {error, nxdomain}
            end,
    case Found of
        {ok, _} -> Found;
        {error, timeout} -> Found;
        Error -> find_address(Ways, Ip, Error)
    end;
find_address([], _, Error) -> Error.

gethostbyaddr(Address, infinity) -> gethostbyaddr(Address);
gethostbyaddr(Address, Timeout) ->
    prim_inet:in_time(fun() -> gethostbyaddr(Address) end, Timeout).

ip_family(Ip) when tuple_size(Ip) =:= 4 -> inet;
ip_family(_) -> inet6.

-spec getaddr(ip_address() | hostname(), address_family()) ->
          {ok, ip_address()} | {error, posix()}.
getaddr(Address, Family) ->
    case getaddrs(Address, Family) of
        {ok, [Ip | _]} -> {ok, Ip};
        Error -> Error
    end.

getaddr(Address, Family, infinity) -> getaddr(Address, Family);
getaddr(Address, Family, Timeout) ->
    prim_inet:in_time(fun() -> getaddr(Address, Family) end, Timeout).

-spec getaddrs(ip_address() | hostname(), address_family()) ->
          {ok, [ip_address()]} | {error, posix()}.
getaddrs({local, _} = Address, _) -> {ok, [Address]};
getaddrs({Ip, Scope} = Address, inet6)
  when tuple_size(Ip) =:= 8, is_integer(Scope) -> {ok, [Address]};
getaddrs(Word, Family) when Word =:= any; Word =:= loopback ->
    {ok, [case {Word, Family} of
              {any, inet} -> {0, 0, 0, 0};
              {any, inet6} -> {0, 0, 0, 0, 0, 0, 0, 0};
              {loopback, inet} -> {127, 0, 0, 1};
              {loopback, inet6} -> {0, 0, 0, 0, 0, 0, 0, 1}
          end]};
getaddrs(Address, Family) when is_tuple(Address) ->
    case {is_ipv4_address(Address), is_ipv6_address(Address), Family} of
        {true, _, inet} -> {ok, [Address]};
        {_, true, inet6} -> {ok, [Address]};
        {A, B, _} when A; B -> {error, eafnosupport};
        _ -> {error, einval}
    end;
getaddrs(Name, Family) ->
    case gethostbyname(Name, Family) of
        {ok, #hostent{h_addr_list = Ips}} -> {ok, Ips};
        Error -> Error
    end.

getaddrs(Address, Family, infinity) -> getaddrs(Address, Family);
getaddrs(Address, Family, Timeout) ->
    prim_inet:in_time(fun() -> getaddrs(Address, Family) end, Timeout).

ip({_, _, _, _} = Ip) ->
    case is_ipv4_address(Ip) of
        true -> {ok, Ip};
        false -> {error, einval}
    end;
ip(Name) -> getaddr(Name, inet).

getservbyname(Name, Protocol) when is_atom(Name) ->
    prim_inet:getservbyname(Name, Protocol).

getservbyport(Port, Protocol) -> prim_inet:getservbyport(Port, Protocol).

%% What would configure the resolver as it is.
-spec get_rc() -> [term()].
get_rc() -> inet_db:get_rc().

%%% Addresses

-spec is_ipv4_address(term()) -> boolean().
is_ipv4_address(Ip) when tuple_size(Ip) =:= 4 -> numbers(Ip, 255);
is_ipv4_address(_) -> false.

-spec is_ipv6_address(term()) -> boolean().
is_ipv6_address(Ip) when tuple_size(Ip) =:= 8 -> numbers(Ip, 65535);
is_ipv6_address(_) -> false.

numbers(Ip, Most) ->
    lists:all(fun(N) -> is_integer(N) andalso N >= 0 andalso N =< Most end,
              tuple_to_list(Ip)).

-spec is_ip_address(term()) -> boolean().
is_ip_address(Ip) -> is_ipv4_address(Ip) orelse is_ipv6_address(Ip).

-spec ntoa(ip_address()) -> string() | {error, einval}.
ntoa(Ip) -> inet_parse:ntoa(Ip).

parse_ipv4_address(Text) -> inet_parse:ipv4_address(Text).
parse_ipv4strict_address(Text) -> inet_parse:ipv4strict_address(Text).
parse_ipv6_address(Text) -> inet_parse:ipv6_address(Text).
parse_ipv6strict_address(Text) -> inet_parse:ipv6strict_address(Text).

-spec parse_address(string()) -> {ok, ip_address()} | {error, einval}.
parse_address(Text) -> inet_parse:address(Text).

-spec parse_strict_address(string()) -> {ok, ip_address()} | {error, einval}.
parse_strict_address(Text) -> inet_parse:strict_address(Text).

-spec ipv4_mapped_ipv6_address(ip_address()) -> ip_address().
ipv4_mapped_ipv6_address({A, B, C, D}) ->
    {0, 0, 0, 0, 0, 16#ffff, A bsl 8 bor B, C bsl 8 bor D};
ipv4_mapped_ipv6_address({_, _, _, _, _, _, X, Y}) ->
    {X bsr 8, X band 255, Y bsr 8, Y band 255}.

-spec format_error(posix() | system_limit) -> string().
format_error(exbadport) -> "invalid port state";
format_error(exbadseq) -> "bad command sequence";
format_error(system_limit) ->
    "a system limit was hit, probably not enough ports";
format_error(Posix) -> erl_posix_msg:message(Posix).

%%% Interfaces

%% The interfaces that a socket sees, or that there are.
-spec getifaddrs([term()] | socket()) ->
          {ok, [{string(), [{atom(), term()}]}]} | {error, posix()}.
getifaddrs(Options) when is_list(Options) ->
    case lists:keymember(netns, 1, Options) of
        true -> {error, enotsup};
        false -> getifaddrs()
    end;
getifaddrs(_) -> getifaddrs().

-spec getifaddrs() -> {ok, [{string(), [{atom(), term()}]}]} |
                      {error, posix()}.
getifaddrs() ->
    case prim_inet:getifaddrs() of
        {ok, Entries} ->
            Names = lists:uniq([element(1, E) || E <- Entries]),
            {ok, [{Name, interface([E || E <- Entries,
                                         element(1, E) =:= Name])}
                  || Name <- Names]};
        Error -> Error
    end.

%% Flags, addresses, and at last the address of the hardware.
interface([{_, Flags, _, _, _} | _] = Entries) ->
    [{flags, Flags}]
        ++ lists:append([address(E) || {_, _, A, _, _} = E <- Entries,
                                       is_tuple(A)])
        ++ [{hwaddr, A} || {_, _, A, _, _} <- Entries, is_list(A)].

address({_, Flags, Address, Mask, Other}) ->
    [{addr, Address}] ++ [{netmask, Mask} || is_tuple(Mask)]
        ++ case {lists:member(broadcast, Flags),
                 lists:member(pointtopoint, Flags)} of
               {true, _} when is_tuple(Other) -> [{broadaddr, Other}];
               {_, true} when is_tuple(Other) -> [{dstaddr, Other}];
               _ -> []
           end.

-spec getiflist() -> {ok, [string()]} | {error, posix()}.
getiflist() ->
    case getifaddrs() of
        {ok, Interfaces} -> {ok, [Name || {Name, _} <- Interfaces]};
        Error -> Error
    end.

-spec ifget(string(), [atom()]) -> {ok, [{atom(), term()}]} |
                                   {error, posix()}.
ifget(Name, Wanted) ->
    {ok, Interfaces} = getifaddrs(),
    case lists:keyfind(Name, 1, Interfaces) of
        {_, Values} -> {ok, [lists:keyfind(W, 1, Values)
                             || W <- Wanted, lists:keymember(W, 1, Values)]};
        false -> {ok, []}
    end.

%% [{Address, Broadcast | undefined, Netmask}] of IPv4.
-spec getif() -> {ok, [{ip_address(), ip_address() | undefined,
                        ip_address()}]} | {error, posix()}.
getif() ->
    case prim_inet:getifaddrs() of
        {ok, Entries} ->
            {ok, [{A, case lists:member(broadcast, Flags) of
                          true -> B;
                          false -> undefined
                      end, M} || {_, Flags, {_, _, _, _} = A, M, B} <- Entries]};
        Error -> Error
    end.

%% As seen by a socket: the same.
getif(_Socket) -> getif().

%%% Listing

-spec i() -> ok.
i() ->
    i(tcp),
    i(udp).

-spec i(tcp | udp) -> ok.
i(Protocol) ->
    i(Protocol, [port, module, recv, sent, owner, local_address,
                 foreign_address, state, type]).

%% A table of the sockets of Protocol.
-spec i(tcp | udp, [atom()]) -> ok.
i(Protocol, Fields) ->
    Rows = [[field(F, S, Family) || F <- Fields]
            || S <- erlang:ports(),
               {ok, {Family, P}} <- [catch prim_inet:kind(S)],
               P =:= Protocol],
    Heads = [head(F) || F <- Fields],
    case Rows of
        [] -> ok;
        _ -> table([Heads | Rows])
    end.

table([Heads | _] = Rows) ->
    Widths = [lists:max([length(lists:nth(I, Row)) || Row <- Rows])
              || I <- lists:seq(1, length(Heads))],
    lists:foreach(
      fun(Row) ->
              io:put_chars([[string:pad(Text, W), $\s]
                            || {Text, W} <- lists:zip(Row, Widths)]),
              io:nl()
      end, Rows).

head(local_address) -> "Local Address";
head(foreign_address) -> "Foreign Address";
head(Field) -> string:titlecase(atom_to_list(Field)).

field(port, S, _) ->
    {id, Id} = erlang:port_info(S, id),
    integer_to_list(Id);
field(module, S, Family) ->
    {ok, {_, P}} = prim_inet:kind(S),
    atom_to_list(case Family of
                     inet -> list_to_atom("inet_" ++ atom_to_list(P));
                     inet6 -> list_to_atom("inet6_" ++ atom_to_list(P));
                     local -> list_to_atom("local_" ++ atom_to_list(P))
                 end);
field(recv, S, _) -> count(S, recv_oct);
field(sent, S, _) -> count(S, send_oct);
field(owner, S, _) ->
    {connected, Pid} = erlang:port_info(S, connected),
    pid_to_list(Pid);
field(local_address, S, _) -> endpoint(sockname(S), S);
field(foreign_address, S, _) -> endpoint(peername(S), S);
field(state, S, _) ->
    case prim_inet:getstatus(S) of
        {ok, States} -> state(lists:sort(States));
        _ -> " "
    end;
field(type, S, _) ->
    case prim_inet:kind(S) of
        {ok, {_, tcp}} -> "STREAM";
        _ -> "DGRAM"
    end;
field(_, _, _) -> "".

state([accepting | _]) -> "ACCEPTING";
state([connected, open]) -> "CONNECTED(O)";
state([open]) -> "IDLE";
state([]) -> "CLOSED";
state(States) -> lists:flatten(lists:join($:, [short(S) || S <- States])).

short(accepting) -> "A";
short(busy) -> "BY";
short(connected) -> "CD";
short(connecting) -> "CG";
short(listen) -> "LN";
short(open) -> "O".

count(S, Name) ->
    {ok, [{_, N}]} = getstat(S, [Name]),
    integer_to_list(N).

endpoint({ok, {local, Path}}, _) -> "local:" ++ binary_to_list(Path);
endpoint({ok, {Ip, Port}}, S) ->
    Host = case Ip of
               {0, 0, 0, 0} -> "*";
               {0, 0, 0, 0, 0, 0, 0, 0} -> "*";
               {127, 0, 0, 1} -> "localhost";
               {0, 0, 0, 0, 0, 0, 0, 1} -> "localhost";
               _ -> ntoa(Ip)
           end,
    {ok, {_, Protocol}} = prim_inet:kind(S),
    Host ++ ":" ++ case getservbyport(Port, Protocol) of
                       {ok, Name} -> Name;
                       _ -> integer_to_list(Port)
                   end;
endpoint({error, enotconn}, _) -> "*:*";
endpoint(_, _) -> " ".
