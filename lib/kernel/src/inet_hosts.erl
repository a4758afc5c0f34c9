%% SPDX-License-Identifier: Apache-2.0
%% inet_hosts: hosts that inet_db knows by name: those it was told of, and those
%% of the file of hosts.
-module(inet_hosts).

-export([gethostbyname/1, gethostbyname/2, gethostbyaddr/1]).

-include_lib("kernel/include/inet.hrl").

-spec gethostbyname(inet:hostname()) ->
          {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyname(Name) -> gethostbyname(Name, inet_db:lookup_family()).

-spec gethostbyname(inet:hostname(), inet:address_family()) ->
          {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyname(Name, Family) when is_atom(Name) ->
    gethostbyname(atom_to_list(Name), Family);
gethostbyname(Name, Family) when is_list(Name), is_atom(Family) ->
    case inet_db:hosts_of_name(Name, Family) of
        {[_ | _] = Ips, Names} -> {ok, entry(Names, Family, Ips)};
        _ -> mapped(Name, Family)
    end;
gethostbyname(_, _) -> {error, formerr}.

%% An address of IPv4 can be used as one of IPv6.
mapped(Name, inet6) ->
    case inet_db:res_option(inet6) andalso gethostbyname(Name, inet) of
        {ok, #hostent{h_name = Full, h_aliases = Names, h_addr_list = Ips}} ->
            {ok, entry([Full | Names], inet6,
                       [inet:ipv4_mapped_ipv6_address(Ip) || Ip <- Ips])};
        _ -> {error, nxdomain}
    end;
mapped(_, _) -> {error, nxdomain}.

-spec gethostbyaddr(inet:ip_address()) ->
          {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyaddr(Text) when is_list(Text) ->
    case inet_parse:address(Text) of
        {ok, Ip} -> gethostbyaddr(Ip);
        _ -> {error, formerr}
    end;
gethostbyaddr({0, 0, 0, 0, 0, 16#ffff, _, _} = Ip) ->
    case inet_db:names_of_address(Ip, inet6) of
        [] -> gethostbyaddr(inet:ipv4_mapped_ipv6_address(Ip));
        Names -> {ok, entry(Names, inet6, [Ip])}
    end;
gethostbyaddr(Ip) ->
    Family = case Ip of
                 {_, _, _, _} -> inet;
                 _ -> inet6
             end,
    case inet:is_ip_address(Ip) andalso inet_db:names_of_address(Ip, Family) of
        false -> {error, formerr};
        [] -> {error, nxdomain};
        Names -> {ok, entry(Names, Family, [Ip])}
    end.

entry([Name | Aliases], Family, Ips) ->
    #hostent{h_name = Name, h_aliases = Aliases, h_addrtype = Family,
             h_length = case Family of inet -> 4; inet6 -> 16 end,
             h_addr_list = Ips}.
