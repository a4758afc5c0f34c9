%% SPDX-License-Identifier: Apache-2.0
%% inet_gethost_native: names that the system's own resolver looks up.
-module(inet_gethost_native).

-export([gethostbyname/1, gethostbyname/2, gethostbyaddr/1]).

-include_lib("kernel/include/inet.hrl").

gethostbyname(Name) -> gethostbyname(Name, inet).

gethostbyname(Name, Family) when is_atom(Name) ->
    gethostbyname(atom_to_list(Name), Family);
gethostbyname(Name, Family) when is_list(Name) ->
    case prim_inet:gethostbyname(Name, Family) of
        {ok, Full, Ips} -> {ok, host(Full, Ips)};
        {error, nxdomain} -> {error, notfound};
        {error, timeout} -> {error, timeout}
    end;
gethostbyname(_, _) -> {error, formerr}.

gethostbyaddr(Text) when is_list(Text) ->
    case inet_parse:address(Text) of
        {ok, Ip} -> gethostbyaddr(Ip);
        _ -> {error, formerr}
    end;
gethostbyaddr(Ip) ->
    case inet:is_ip_address(Ip) andalso prim_inet:gethostbyaddr(Ip) of
        {ok, Name} -> {ok, host(Name, [Ip])};
        false -> {error, formerr};
        {error, nxdomain} -> {error, notfound};
        {error, timeout} -> {error, timeout}
    end.

host(Name, [Ip | _] = Ips) ->
    {Family, Length} = case tuple_size(Ip) of
                           4 -> {inet, 4};
                           _ -> {inet6, 16}
                       end,
    #hostent{h_name = Name, h_aliases = [], h_addrtype = Family,
             h_length = Length, h_addr_list = Ips}.
