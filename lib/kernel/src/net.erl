%% SPDX-License-Identifier: Apache-2.0
%% net: the system's own view of the network: addresses of names, names of
%% addresses, interfaces. Addresses are maps, as those of module socket.
-module(net).

-export([gethostname/0, getnameinfo/1, getnameinfo/2, getaddrinfo/1,
         getaddrinfo/2, getifaddrs/0, getifaddrs/1, getifaddrs/2,
         if_name2index/1, if_index2name/1, if_names/0, info/0,
         getservbyname/1, getservbyname/2, getservbyport/1, getservbyport/2]).
%% Older names of functions of rpc and net_adm.
-export([call/4, cast/4, broadcast/3, ping/1, sleep/1]).

-export_type([address_info/0, name_info/0, ifaddrs/0, ifaddrs_filter/0,
              ifaddrs_filter_map/0, name_info_flags/0, network_interface_name/0,
              network_interface_index/0]).

-type address_info() :: #{family := inet | inet6, type := atom() | integer(),
                          protocol := atom() | integer(), addr := map()}.
-type name_info() :: #{host := string(), service := string()}.
-type name_info_flags() :: [namereqd | dgram | idn | nofqdn | numerichost
                            | numericserv].
-type network_interface_name() :: string().
-type network_interface_index() :: non_neg_integer().
-type ifaddrs() :: #{name := string(), flags := [atom()], addr => map(),
                     netmask => map(), broadaddr => map(), dstaddr => map()}.
-type ifaddrs_filter_map() :: #{family := all | default | inet | inet6 | packet,
                                flags := any | [atom()]}.
-type ifaddrs_filter() :: all | default | inet | inet6 | packet
                        | ifaddrs_filter_map()
                        | fun((ifaddrs()) -> boolean()).

-spec getservbyname(atom() | string()) -> {ok, 0..65535} | {error, term()}.
getservbyname(Name) -> getservbyname(Name, any).

%% Without a protocol: tcp's, then udp's.
-spec getservbyname(atom() | string(), atom() | string()) ->
          {ok, 0..65535} | {error, term()}.
getservbyname(Name, any) ->
    case getservbyname(Name, tcp) of
        {ok, _} = Found -> Found;
        _ -> getservbyname(Name, udp)
    end;
getservbyname(Name, Protocol) ->
    prim_inet:getservbyname(Name, Protocol).

-spec getservbyport(0..65535) -> {ok, string()} | {error, term()}.
getservbyport(Port) -> getservbyport(Port, any).

-spec getservbyport(0..65535, atom() | string()) ->
          {ok, string()} | {error, term()}.
getservbyport(Port, any) ->
    case getservbyport(Port, tcp) of
        {ok, _} = Found -> Found;
        _ -> getservbyport(Port, udp)
    end;
getservbyport(Port, Protocol) -> prim_inet:getservbyport(Port, Protocol).

-spec info() -> map().
info() -> #{debug => false}.

-spec gethostname() -> {ok, string()} | {error, term()}.
gethostname() -> prim_inet:gethostname().

-spec getaddrinfo(string()) -> {ok, [address_info()]} | {error, term()}.
getaddrinfo(Host) when is_list(Host) -> getaddrinfo(Host, undefined).

-spec getaddrinfo(string() | undefined, string() | undefined) ->
          {ok, [address_info()]} | {error, term()}.
getaddrinfo(Host, Service)
  when is_list(Host), is_list(Service);
       is_list(Host), Service =:= undefined;
       Host =:= undefined, is_list(Service) ->
    prim_net:getaddrinfo(Host, Service).

-spec getnameinfo(map()) -> {ok, name_info()} | {error, term()}.
getnameinfo(Address) -> getnameinfo(Address, undefined).

-spec getnameinfo(map(), name_info_flags() | undefined) ->
          {ok, name_info()} | {error, term()}.
getnameinfo(#{family := Family} = Address, Flags)
  when Flags =:= undefined; is_list(Flags) ->
    Number = case Flags of
                 undefined -> 0;
                 _ -> lists:foldl(fun(F, N) -> N bor flag(F) end, 0, Flags)
             end,
    case prim_net:getnameinfo(Family, maps:get(addr, Address, any),
                              maps:get(port, Address, 0), Number) of
        {ok, Host, Service} -> {ok, #{host => Host, service => Service}};
        Error -> Error
    end.

%% As the system has them.
flag(numerichost) -> 1;
flag(numericserv) -> 2;
flag(nofqdn) -> 4;
flag(namereqd) -> 8;
flag(dgram) -> 16;
flag(idn) -> 32.

%%% Interfaces

-spec getifaddrs() -> {ok, [ifaddrs()]} | {error, term()}.
getifaddrs() -> getifaddrs(default).

-spec getifaddrs(ifaddrs_filter()) -> {ok, [ifaddrs()]} | {error, term()}.
getifaddrs(Filter) when is_function(Filter, 1) ->
    case prim_net:getifaddrs() of
        {ok, All} -> {ok, lists:filtermap(Filter, All)};
        Error -> Error
    end;
getifaddrs(Filter) when is_map(Filter) ->
    #{family := Family, flags := Flags} =
        maps:merge(#{family => default, flags => any}, Filter),
    getifaddrs(fun(#{flags := Has} = I) ->
                       is_family(Family, maps:get(addr, I, none))
                           andalso (Flags =:= any orelse Flags -- Has =:= [])
               end);
getifaddrs(Family)
  when Family =:= all; Family =:= default; Family =:= inet; Family =:= inet6;
       Family =:= packet ->
    getifaddrs(#{family => Family}).

%% Another name space of the network cannot be looked into.
-spec getifaddrs(ifaddrs_filter(), file:filename_all()) -> {error, enotsup}.
getifaddrs(_, Namespace) when is_list(Namespace) -> {error, enotsup}.

is_family(all, _) -> true;
is_family(default, #{family := Family}) ->
    Family =:= inet orelse Family =:= inet6;
is_family(Family, #{family := Family}) -> true;
is_family(_, _) -> false.

-spec if_name2index(network_interface_name()) ->
          {ok, network_interface_index()} | {error, term()}.
if_name2index(Name) when is_list(Name) -> prim_net:if_name2index(Name).

-spec if_index2name(network_interface_index()) ->
          {ok, network_interface_name()} | {error, term()}.
if_index2name(Index) when is_integer(Index) -> prim_net:if_index2name(Index).

-spec if_names() ->
          {ok, [{network_interface_index(), network_interface_name()}]} |
          {error, term()}.
if_names() -> prim_net:if_names().

call(Node, M, F, Args) -> rpc:call(Node, M, F, Args).
cast(Node, M, F, Args) -> rpc:cast(Node, M, F, Args).
broadcast(M, F, Args) -> rpc:eval_everywhere(M, F, Args).
ping(Node) -> net_adm:ping(Node).
sleep(Time) -> receive after Time -> ok end.
