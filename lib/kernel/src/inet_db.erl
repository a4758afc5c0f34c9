%% SPDX-License-Identifier: Apache-2.0
%% inet_db: what is known of hosts and of the resolver: options, hosts, answers
%% of name servers. Tables that everybody reads, and a process that writes them.
%%
%% The process starts when something is asked: most programs never look up a
%% name, and sockets need no book-keeping here. It begins with what the system's
%% files and the user's (inet_config) say.
%%
%% Of each of the two files that are followed, of hosts and of the resolver, it
%% is looked every few seconds, when somebody asks, whether they have changed.
-module(inet_db).

-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, reset/0]).
-export([register_socket/2, unregister_socket/1, lookup_socket/1]).
-export([add_host/2, del_host/1, clear_hosts/0, add_hosts/1, add_resolv/1,
         hosts_of_name/2, names_of_address/2, gethostbyaddr/2]).
-export([add_ns/1, add_ns/2, ins_ns/1, ins_ns/2, del_ns/1, del_ns/2,
         add_alt_ns/1, add_alt_ns/2, ins_alt_ns/1, ins_alt_ns/2, del_alt_ns/1,
         del_alt_ns/2, add_search/1, ins_search/1, del_search/1,
         get_searchlist/0]).
-export([set_hostname/1, gethostname/0, set_domain/1, set_lookup/1,
         set_recurse/1, set_timeout/1, set_retry/1,
         set_servfail_retry_timeout/1, set_inet6/1, set_usevc/1, set_edns/1,
         set_udp_payload_size/1, set_resolv_conf/1, set_hosts_file/1,
         get_hosts_file/0, set_cache_size/1, set_cache_refresh/1,
         set_tcp_module/1, tcp_module/0, set_udp_module/1, udp_module/0,
         res_option/1, res_option/2, lookup_family/0, res_check_option/2,
         res_update_conf/0, res_update_hosts/0]).
-export([add_rc/1, add_rc_list/1, get_rc/0]).
-export([add_rr/1, add_rr/5, del_rr/4, clear_cache/0, getbyname/2,
         res_hostent_by_domain/3, res_gethostbyaddr/3, tolower/1,
         eq_domains/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include_lib("kernel/include/inet.hrl").
-include("inet_dns.hrl").

-define(PORT, 53).      % of name servers
-define(LOOK_EVERY, 5). % seconds between looks at the files
-define(CNAMES_MOST, 20).
-define(CACHE, inet_cache).

-record(state, {hosts = [] :: [{inet:ip_address(), [string()]}]}).

%%% The process

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

stop() -> call(stop).
reset() -> call(reset).

%% It belongs to the system, whoever has asked first.
ensure() ->
    case whereis(?MODULE) of
        undefined ->
            _ = start(),
            ok;
        _ -> ok
    end.

call(Request) ->
    ensure(),
    gen_server:call(?MODULE, Request, infinity).

init([]) ->
    case whereis(user) of
        undefined -> ok;
        User -> group_leader(User, self())
    end,
    ?MODULE = ets:new(?MODULE, [public, named_table]),
    ?CACHE = ets:new(?CACHE, [public, bag, named_table,
                              {keypos, #dns_rr.bm}]),
    [T = ets:new(T, [protected, named_table])
     || T <- [inet_hosts_byname, inet_hosts_byaddr, inet_hosts_file_byname,
              inet_hosts_file_byaddr]],
    reset_options(),
    {_, State} = apply_rc(inet_config:entries(), #state{}),
    {ok, State}.

handle_call(stop, _, S) -> {stop, normal, ok, S};
handle_call(reset, _, S) ->
    reset_options(),
    {reply, ok, S};
handle_call({set, Option, Value}, _, S) ->
    {reply, set(Option, Value), S};
handle_call({put, Key, Value}, _, S) ->
    ets:insert(?MODULE, {Key, Value}),
    {reply, ok, S};
handle_call({change, Option, Change, Element}, _, S) ->
    {reply, change(Option, Change, Element), S};
handle_call({rc, Entries}, _, S) ->
    {Answer, S1} = apply_rc(Entries, S),
    {reply, Answer, S1};
handle_call({update, Option}, _, S) ->
    {reply, update(Option), S};
handle_call({add_rrs, Records}, _, S) ->
    {reply, keep(Records), S};
handle_call(_, _, S) -> {reply, error, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info(_, S) -> {noreply, S}.

%%% Options

reset_options() ->
    ets:delete_all_objects(?MODULE),
    {ok, Full} = prim_inet:gethostname(),
    [Host | Domain] = string:split(Full, "."),
    ets:insert(?MODULE,
               [{hostname, Host}, {res_domain, lists:append(Domain)},
                {res_ns, []}, {res_alt_ns, []}, {res_search, []},
                {res_lookup, []}, {res_recurse, true}, {res_retry, 3},
                {res_timeout, 2000}, {res_servfail_retry_timeout, 1500},
                {res_inet6, false}, {res_usevc, false}, {res_edns, false},
                {res_udp_payload_size, 1280},
                %% not to be guessed by who forges answers
                {res_id, erlang:phash2(make_ref(), 1 bsl 16)},
                {res_resolv_conf, false}, {res_hosts_file, false},
                {cache_size, 100}, {cache_refresh_interval, 3600000},
                {tcp_module, inet_tcp}, {udp_module, inet_udp},
                {sctp_module, inet_sctp}]).

key(nameservers) -> res_ns;
key(nameserver) -> res_ns;
key(alt_nameservers) -> res_alt_ns;
key(alt_nameserver) -> res_alt_ns;
key(domain) -> res_domain;
key(lookup) -> res_lookup;
key(recurse) -> res_recurse;
key(search) -> res_search;
key(retry) -> res_retry;
key(servfail_retry_timeout) -> res_servfail_retry_timeout;
key(timeout) -> res_timeout;
key(inet6) -> res_inet6;
key(usevc) -> res_usevc;
key(edns) -> res_edns;
key(udp_payload_size) -> res_udp_payload_size;
key(resolv_conf) -> res_resolv_conf;
key(resolv_conf_name) -> res_resolv_conf;
key(hosts_file) -> res_hosts_file;
key(hosts_file_name) -> res_hosts_file;
key(_) -> undefined.

current(Key) ->
    ensure(),
    [{_, Value}] = ets:lookup(?MODULE, Key),
    Value.

-spec res_option(atom()) -> term().
res_option(Option)
  when Option =:= nameservers; Option =:= nameserver; Option =:= search ->
    res_update_conf(),
    Value = current(key(Option)),
    case Option of
        nameserver -> [Ip || {Ip, ?PORT} <- Value];
        _ -> Value
    end;
res_option(alt_nameserver) -> [Ip || {Ip, ?PORT} <- current(res_alt_ns)];
res_option(next_id) ->
    ensure(),
    ets:update_counter(?MODULE, res_id, {2, 1, 16#ffff, 0});
res_option(Option) ->
    case key(Option) of
        undefined -> erlang:error(badarg, [Option]);
        Key -> current(Key)
    end.

-spec res_option(atom(), term()) -> ok | error.
res_option(Option, Value) -> call({set, Option, Value}).

%% Whether Value is one that Option may have.
-spec res_check_option(atom(), term()) -> boolean().
res_check_option(Option, Value)
  when Option =:= nameserver; Option =:= alt_nameserver ->
    is_each(Value, fun inet:is_ip_address/1);
res_check_option(Option, Value)
  when Option =:= nameservers; Option =:= alt_nameservers ->
    is_each(Value, fun({Ip, Port}) ->
                           inet:is_ip_address(Ip) andalso is_integer(Port)
                               andalso Port >= 0 andalso Port =< 65535;
                      (_) -> false
                   end);
res_check_option(domain, Name) -> Name =:= "" orelse is_domain(Name);
res_check_option(search, Names) -> is_each(Names, fun is_domain/1);
res_check_option(lookup, Ways) ->
    is_each(Ways, fun(W) -> lists:member(W, [dns, file, yp, nis, nisplus,
                                             native])
                  end);
res_check_option(Option, Value)
  when Option =:= recurse; Option =:= inet6; Option =:= usevc ->
    is_boolean(Value);
res_check_option(Option, N)
  when Option =:= retry; Option =:= timeout;
       Option =:= servfail_retry_timeout; Option =:= udp_payload_size ->
    is_integer(N) andalso
        case Option of
            servfail_retry_timeout -> N >= 0;
            udp_payload_size -> N >= 512;
            _ -> N > 0
        end;
res_check_option(edns, V) -> V =:= false orelse is_integer(V) andalso V >= 0;
res_check_option(Option, File)
  when Option =:= resolv_conf; Option =:= resolv_conf_name;
       Option =:= hosts_file; Option =:= hosts_file_name ->
    File =:= false orelse is_list(File) orelse is_integer(File);
res_check_option(_, _) -> false.

is_domain(Name) -> is_list(Name) andalso inet_parse:domain(Name).

is_each(List, Is) ->
    try lists:all(Is, List)
    catch error:_ -> false
    end.

set(Option, Value) ->
    case res_check_option(Option, Value) of
        true when Option =:= resolv_conf; Option =:= hosts_file ->
            follow(Option, Value);
        true ->
            ets:insert(?MODULE, {key(Option), with_ports(Option, Value)}),
            ok;
        false -> error
    end.

with_ports(Option, Ips)
  when Option =:= nameserver; Option =:= alt_nameserver ->
    [{Ip, ?PORT} || Ip <- Ips];
with_ports(_, Value) -> Value.

change(Option, Change, Element) ->
    case res_check_option(Option, [Element]) of
        true ->
            Others = lists:delete(Element, current(key(Option))),
            New = case Change of
                      ins -> [Element | Others];
                      add -> Others ++ [Element];
                      del -> Others
                  end,
            ets:insert(?MODULE, {key(Option), New}),
            ok;
        false -> error
    end.

add_ns(Ip) -> add_ns(Ip, ?PORT).
add_ns(Ip, Port) -> call({change, nameservers, add, {Ip, Port}}).
ins_ns(Ip) -> ins_ns(Ip, ?PORT).
ins_ns(Ip, Port) -> call({change, nameservers, ins, {Ip, Port}}).
del_ns(Ip) -> del_ns(Ip, ?PORT).
del_ns(Ip, Port) -> call({change, nameservers, del, {Ip, Port}}).
add_alt_ns(Ip) -> add_alt_ns(Ip, ?PORT).
add_alt_ns(Ip, Port) -> call({change, alt_nameservers, add, {Ip, Port}}).
ins_alt_ns(Ip) -> ins_alt_ns(Ip, ?PORT).
ins_alt_ns(Ip, Port) -> call({change, alt_nameservers, ins, {Ip, Port}}).
del_alt_ns(Ip) -> del_alt_ns(Ip, ?PORT).
del_alt_ns(Ip, Port) -> call({change, alt_nameservers, del, {Ip, Port}}).
add_search(Name) -> call({change, search, add, Name}).
ins_search(Name) -> call({change, search, ins, Name}).
del_search(Name) -> call({change, search, del, Name}).

get_searchlist() ->
    case res_option(search) of
        [] -> [res_option(domain)];
        Names -> Names
    end.

set_hostname(Name) ->
    case inet_parse:visible_string(Name) of
        true -> call({put, hostname, Name});
        false -> error
    end.

%% Asked by nodes that start: without the process.
gethostname() ->
    case ets:whereis(?MODULE) of
        undefined ->
            {ok, Name} = prim_inet:gethostname(),
            hd(string:split(Name, "."));
        _ -> current(hostname)
    end.

set_domain(Name) -> res_option(domain, Name).
set_lookup(Ways) -> res_option(lookup, Ways).
set_recurse(Is) -> res_option(recurse, Is).
set_timeout(Time) -> res_option(timeout, Time).
set_retry(N) -> res_option(retry, N).
set_servfail_retry_timeout(Time) ->
    res_option(servfail_retry_timeout, Time).
set_inet6(Is) -> res_option(inet6, Is).
set_usevc(Is) -> res_option(usevc, Is).
set_edns(Version) -> res_option(edns, Version).
set_udp_payload_size(N) -> res_option(udp_payload_size, N).
set_resolv_conf(File) -> res_option(resolv_conf, File).
set_hosts_file(File) -> res_option(hosts_file, File).
get_hosts_file() -> current(res_hosts_file).
set_cache_size(N) when is_integer(N), N >= 0 -> call({put, cache_size, N}).
set_cache_refresh(Time) when is_integer(Time), Time > 0 ->
    call({put, cache_refresh_interval, Time}).
set_tcp_module(Module) -> call({put, tcp_module, Module}).
tcp_module() -> current(tcp_module).
set_udp_module(Module) -> call({put, udp_module, Module}).
udp_module() -> current(udp_module).

%%% Files that are followed

follow(Option, File) when is_list(File); File =:= false ->
    ets:insert(?MODULE, {key(Option), File}),
    %% Read when somebody asks.
    ets:delete(?MODULE, {file, Option}),
    ok.

%% The family that names are looked up in unless one is given.
-spec lookup_family() -> inet | inet6.
lookup_family() ->
    case res_option(inet6) of
        true -> inet6;
        false -> inet
    end.

res_update_conf() -> look_at(resolv_conf).
res_update_hosts() -> look_at(hosts_file).

look_at(Option) ->
    ensure(),
    Now = erlang:monotonic_time(second),
    case ets:lookup(?MODULE, {file, Option}) of
        [{_, Looked, _}] when Now < Looked + ?LOOK_EVERY -> ok;
        _ -> call({update, Option})
    end.

%% Reads the file unless it is as it was.
update(Option) ->
    File = current(key(Option)),
    Info = case is_list(File) andalso prim_file:read_file_info(File) of
               {ok, I} -> I;
               _ -> none
           end,
    Seen = case ets:lookup(?MODULE, {file, Option}) of
               [{_, _, S}] -> S;
               [] -> never
           end,
    Mark = erlang:phash2(Info),
    Mark =:= Seen orelse take(Option, Info =/= none andalso
                                          prim_file:read_file(File)),
    ets:insert(?MODULE, {{file, Option}, erlang:monotonic_time(second), Mark}),
    ok.

take(hosts_file, {ok, Text}) ->
    {ok, Lines} = inet_parse:hosts(hosts, {chars, Text}),
    fill(inet_hosts_file_byname, inet_hosts_file_byaddr,
         [{Ip, [Name | Aliases]} || {Ip, Name, Aliases} <- Lines]);
take(hosts_file, _) -> fill(inet_hosts_file_byname, inet_hosts_file_byaddr, []);
take(resolv_conf, {ok, Text}) ->
    {ok, Lines} = inet_parse:resolv(resolv, {chars, Text}),
    Search = lists:foldl(fun({search, Names}, _) -> Names;
                            ({domain, Name}, _) -> [Name];
                            (_, Names) -> Names
                         end, [], Lines),
    ets:insert(?MODULE, [{res_search, Search},
                         {res_ns, [{Ip, ?PORT}
                                   || {nameserver, Ip} <- Lines]}]),
    ets:delete_all_objects(?CACHE);
take(resolv_conf, _) -> ok.

%%% Hosts

add_host(Ip, Names) -> call({rc, [{host, Ip, Names}]}).
del_host(Ip) -> call({rc, [{del_host, Ip}]}).
clear_hosts() -> call({rc, [clear_hosts]}).

%% All hosts of a file.
add_hosts(File) ->
    case inet_parse:hosts(File) of
        {ok, Lines} -> add_rc_list([{host, Ip, [Name | Aliases]}
                                    || {Ip, Name, Aliases} <- Lines]);
        Error -> Error
    end.

add_resolv(File) ->
    case inet_parse:resolv(File) of
        {ok, Entries} -> add_rc_list(Entries);
        Error -> Error
    end.

%% Tables of hosts in this order: an address has all names that it is told
%% with; a name has the names of the first host that it belongs to.
fill(ByName, ByAddress, Hosts0) ->
    Hosts = merged(Hosts0),
    ets:delete_all_objects(ByName),
    ets:delete_all_objects(ByAddress),
    [begin
         ets:insert(ByAddress, {{family(Ip), Ip}, Names}),
         [add_name(ByName, {family(Ip), tolower(N)}, Ip, Names) || N <- Names]
     end || {Ip, Names} <- Hosts],
    ok.

merged([{Ip, Names} | Hosts]) ->
    {Same, Others} = lists:partition(fun({I, _}) -> I =:= Ip end, Hosts),
    [{Ip, lists:append([Names | [N || {_, N} <- Same]])} | merged(Others)];
merged([]) -> [].

add_name(Table, Key, Ip, Names) ->
    case ets:lookup(Table, Key) of
        [{_, Ips, First}] ->
            lists:member(Ip, Ips)
                orelse ets:insert(Table, {Key, Ips ++ [Ip], First});
        [] -> ets:insert(Table, {Key, [Ip], Names})
    end.

family({_, _, _, _}) -> inet;
family(_) -> inet6.

%% {Addresses, Names}
hosts_of_name(Name, Family) ->
    Key = {Family, tolower(Name)},
    res_update_hosts(),
    case ets:lookup(inet_hosts_byname, Key)
        ++ ets:lookup(inet_hosts_file_byname, Key) of
        [{_, Ips, Names} | _] -> {Ips, Names};
        [] -> {[], []}
    end.

names_of_address(Ip, Family) ->
    res_update_hosts(),
    case ets:lookup(inet_hosts_byaddr, {Family, Ip})
        ++ ets:lookup(inet_hosts_file_byaddr, {Family, Ip}) of
        [{_, Names} | _] -> Names;
        [] -> []
    end.

%%% Configuration

add_rc(File) ->
    case file:consult(File) of
        {ok, Entries} -> add_rc_list(Entries);
        Error -> Error
    end.

add_rc_list(Entries) -> call({rc, Entries}).

apply_rc([Entry | Entries], S) ->
    try rc(Entry, S) of
        #state{} = S1 -> apply_rc(Entries, S1);
        ok -> apply_rc(Entries, S);
        _ -> {{error, {badrc, Entry}}, S}
    catch
        error:_ -> {{error, {badrc, Entry}}, S}
    end;
apply_rc([], S) -> {ok, S}.

rc({host, Ip, [_ | _] = Names}, #state{hosts = Hosts} = S) ->
    true = inet:is_ip_address(Ip) andalso is_each(Names, fun is_list/1),
    with_hosts(lists:keystore(Ip, 1, Hosts, {Ip, Names}), S);
rc({del_host, Ip}, #state{hosts = Hosts} = S) ->
    with_hosts(lists:keydelete(Ip, 1, Hosts), S);
rc(clear_hosts, S) -> with_hosts([], S);
rc(clear_cache, _) -> ets:delete_all_objects(?CACHE), ok;
rc(clear_ns, _) -> set(nameservers, []);
rc(clear_search, _) -> set(search, []);
rc({nameserver, Ip}, _) -> change(nameservers, add, {Ip, ?PORT});
rc({nameserver, Ip, Port}, _) -> change(nameservers, add, {Ip, Port});
rc({alt_nameserver, Ip}, _) -> change(alt_nameservers, add, {Ip, ?PORT});
rc({alt_nameserver, Ip, Port}, _) -> change(alt_nameservers, add, {Ip, Port});
rc({domain, Name}, _) -> set(domain, text(Name));
rc({search, Names}, _) -> set(search, [text(N) || N <- Names]);
rc({lookup, Ways}, _) -> set(lookup, Ways);
rc({cache_size, N}, _) -> ets:insert(?MODULE, {cache_size, N}), ok;
rc({cache_refresh, Time}, _) ->
    ets:insert(?MODULE, {cache_refresh_interval, Time}),
    ok;
rc({tcp, Module}, _) -> ets:insert(?MODULE, {tcp_module, Module}), ok;
rc({udp, Module}, _) -> ets:insert(?MODULE, {udp_module, Module}), ok;
rc({sctp, Module}, _) -> ets:insert(?MODULE, {sctp_module, Module}), ok;
rc({resolv, File}, S) ->
    {ok, Entries} = inet_parse:resolv(File),
    {ok, S1} = apply_rc(Entries, S),
    S1;
rc({file, Kind, File}, S) -> rc_file(Kind, File, S);
rc({Option, Value}, _) -> set(Option, Value);
rc(_, _) -> error.

rc_file(hosts, File, S) ->
    {ok, Lines} = inet_parse:hosts(File),
    {ok, S1} = apply_rc([{host, Ip, [Name | Aliases]}
                         || {Ip, Name, Aliases} <- Lines], S),
    S1;
rc_file(Kind, File, S) ->
    Read = case Kind of
               resolv -> fun inet_parse:resolv/1;
               host_conf_freebsd -> fun inet_parse:host_conf_freebsd/1;
               host_conf_bsdos -> fun inet_parse:host_conf_bsdos/1;
               host_conf_linux -> fun inet_parse:host_conf_linux/1;
               nsswitch_conf -> fun inet_parse:nsswitch_conf/1
           end,
    {ok, Entries} = Read(File),
    {ok, S1} = apply_rc(Entries, S),
    S1.

with_hosts(Hosts, S) ->
    fill(inet_hosts_byname, inet_hosts_byaddr, Hosts),
    S#state{hosts = Hosts}.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

%% What would make the same configuration.
get_rc() ->
    ensure(),
    lists:append([rc_of(Key, current(Key)) || Key <- rc_keys()]).

get_hosts() ->
    [{host, Ip, Names}
     || {{_, Ip}, Names} <- lists:sort(ets:tab2list(inet_hosts_byaddr))].

rc_keys() ->
    [res_domain, res_ns, res_search, res_alt_ns, res_timeout, res_retry,
     res_servfail_retry_timeout, res_inet6, res_usevc, res_edns,
     res_udp_payload_size, res_resolv_conf, res_hosts_file,
     cache_refresh_interval, cache_size, res_lookup].

rc_of(res_domain, Name) -> get_hosts() ++ [{domain, Name} || Name =/= ""];
rc_of(res_ns, Servers) -> [server(nameserver, S) || S <- Servers];
rc_of(res_alt_ns, Servers) -> [server(alt_nameserver, S) || S <- Servers];
rc_of(res_search, Names) -> [{search, Names} || Names =/= []];
rc_of(res_timeout, T) -> [{timeout, T} || T =/= 2000];
rc_of(res_retry, N) -> [{retry, N} || N =/= 3];
rc_of(res_servfail_retry_timeout, T) ->
    [{servfail_retry_timeout, T} || T =/= 1500];
rc_of(res_inet6, Is) -> [{inet6, Is} || Is];
rc_of(res_usevc, Is) -> [{usevc, Is} || Is];
rc_of(res_edns, V) -> [{edns, V} || V =/= false];
rc_of(res_udp_payload_size, N) -> [{udp_payload_size, N} || N =/= 1280];
rc_of(res_resolv_conf, File) -> [{resolv_conf, File} || File =/= false];
rc_of(res_hosts_file, File) -> [{hosts_file, File} || File =/= false];
rc_of(cache_refresh_interval, T) -> [{cache_refresh, T} || T =/= 3600000];
rc_of(cache_size, N) -> [{cache_size, N} || N =/= 100];
rc_of(res_lookup, Ways) -> [{lookup, Ways} || Ways =/= []].

server(Tag, {Ip, ?PORT}) -> {Tag, Ip};
server(Tag, {Ip, Port}) -> {Tag, Ip, Port}.

%%% What name servers have answered

add_rr(#dns_rr{} = Record) -> call({add_rrs, [Record]}).

add_rr(Domain, Class, Type, Ttl, Data) ->
    add_rr(#dns_rr{domain = Domain, class = Class, type = Type, ttl = Ttl,
                   data = Data}).

del_rr(Domain, Class, Type, Data) ->
    ensure(),
    ets:match_delete(?CACHE, #dns_rr{domain = '_', bm = tolower(Domain),
                                     class = Class, type = Type, data = Data,
                                     cnt = '_', ttl = '_', tm = '_',
                                     func = '_'}),
    ok.

clear_cache() -> call({rc, [clear_cache]}).

keep(Records) ->
    Now = erlang:monotonic_time(second),
    [begin
         Kept = R#dns_rr{bm = tolower(R#dns_rr.domain), tm = Now},
         ets:match_delete(?CACHE, Kept#dns_rr{cnt = '_', ttl = '_', tm = '_',
                                              domain = '_'}),
         make_room() andalso ets:insert(?CACHE, Kept)
     end || #dns_rr{ttl = Ttl} = R <- Records, Ttl =/= 0],
    ok.

%% The oldest goes for what is new; false when nothing is to be kept.
make_room() ->
    Most = current(cache_size),
    case ets:info(?CACHE, size) >= Most andalso ets:tab2list(?CACHE) of
        false -> true;
        [] -> false;
        Records ->
            ets:delete_object(?CACHE, hd(lists:keysort(#dns_rr.tm, Records)))
    end.

%% Records of a domain that are not too old; those that are go.
kept(Domain, Type) ->
    ensure(),
    Now = erlang:monotonic_time(second),
    lists:filter(
      fun(#dns_rr{ttl = Ttl, tm = At} = R) ->
              case is_integer(Ttl) andalso At + Ttl < Now of
                  true -> ets:delete_object(?CACHE, R), false;
                  false -> R#dns_rr.type =:= Type
              end
      end, ets:lookup(?CACHE, tolower(Domain))).

-spec getbyname(string(), atom()) ->
          {ok, inet:hostent()} | {error, nxdomain | formerr}.
getbyname(Domain, Type) ->
    follow_names(Domain, Type, [], fun kept/2, ?CNAMES_MOST).

%% The same of an answer that has come; it is kept.
res_hostent_by_domain(Domain, Type, #dns_rec{anlist = Records}) ->
    Own = [R || #dns_rr{} = R <- Records],
    _ = call({add_rrs, Own}),
    Find = fun(D, T) -> [R || #dns_rr{domain = D1, type = T1} = R <- Own,
                              T1 =:= T, eq_domains(D1, D)]
           end,
    follow_names(Domain, Type, [], Find, ?CNAMES_MOST).

follow_names(_, _, _, _, 0) -> {error, nxdomain};
follow_names(Domain, Type, Aliases, Find, Left) ->
    case [D || #dns_rr{data = D} <- Find(Domain, Type)] of
        [] ->
            case Find(Domain, cname) of
                [#dns_rr{data = Name} | _] ->
                    case lists:any(fun(A) -> eq_domains(A, Name) end,
                                   [Domain | Aliases]) of
                        true -> {error, nxdomain};
                        false ->
                            follow_names(Name, Type, [Domain | Aliases], Find,
                                         Left - 1)
                    end;
                [] -> {error, nxdomain}
            end;
        Data -> {ok, hostent(Domain, Aliases, Type, Data)}
    end.

hostent(Name, Aliases, Type, Data) ->
    {Family, Length} = case Type of
                           a -> {inet, 4};
                           aaaa -> {inet6, 16};
                           _ -> {Type, length(Data)}
                       end,
    #hostent{h_name = Name, h_aliases = Aliases, h_addrtype = Family,
             h_length = Length, h_addr_list = Data}.

%% The host of an address, from the cache.
gethostbyaddr(Domain, Ip) ->
    pointed([R || #dns_rr{} = R <- kept(Domain, ptr)], Ip).

res_gethostbyaddr(Domain, Ip, #dns_rec{anlist = Records}) ->
    Own = [R || #dns_rr{} = R <- Records],
    _ = call({add_rrs, Own}),
    pointed([R || #dns_rr{type = ptr, domain = D} = R <- Own,
                  eq_domains(D, Domain)], Ip).

pointed([#dns_rr{data = Name} | Others], Ip) ->
    {Family, Length} = case family(Ip) of
                           inet -> {inet, 4};
                           inet6 -> {inet6, 16}
                       end,
    {ok, #hostent{h_name = Name, h_aliases = [D || #dns_rr{data = D} <- Others],
                  h_addrtype = Family, h_length = Length, h_addr_list = [Ip]}};
pointed([], _) -> {error, nxdomain}.

-spec tolower(string()) -> string().
tolower(Name) -> [case C of
                      _ when C >= $A, C =< $Z -> C + 32;
                      _ -> C
                  end || C <- Name].

-spec eq_domains(string(), string()) -> boolean().
eq_domains(A, B) -> tolower(A) =:= tolower(B).

%%% Sockets

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
