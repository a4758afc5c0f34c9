%% SPDX-License-Identifier: Apache-2.0
%% inet_res: asks name servers. A question goes to each server in turn, over UDP
%% and, when the answer was cut, over TCP; to all of them again, with more time,
%% as often as the options say. What a server knows to be wrong ends it.
-module(inet_res).

-export([resolve/3, resolve/4, resolve/5, lookup/3, lookup/4, lookup/5,
         nslookup/3, nslookup/4, nnslookup/4, nnslookup/5,
         gethostbyname/1, gethostbyname/2, gethostbyname/3,
         gethostbyaddr/1, gethostbyaddr/2, getbyname/2, getbyname/3,
         dns_msg/1]).

-export_type([res_option/0, res_error/0, nameserver/0, hostent/0, dns_name/0,
              dns_class/0, dns_rr_type/0, dns_data/0, dns_msg/0]).

-include_lib("kernel/include/inet.hrl").
-include("inet_dns.hrl").

-type res_option() :: {atom(), term()}.
-type res_error() :: formerr | qfmterror | servfail | nxdomain | notimp
                   | refused | badvers | timeout.
-type nameserver() :: {inet:ip_address(), 1..65535}.
-type hostent() :: inet:hostent().
-type dns_name() :: string().
-type dns_class() :: in | chaos | hs | any.
-type dns_rr_type() :: atom().
-type dns_data() :: term().
-type dns_msg() :: term().

%% What a question is asked with.
-record(ask, {options :: map(), until :: integer() | infinity,
              verbose = false :: boolean()}).

%%% Questions

resolve(Name, Class, Type) -> resolve(Name, Class, Type, []).

resolve(Name, Class, Type, Options) ->
    resolve(Name, Class, Type, Options, infinity).

-spec resolve(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(),
              [res_option() | atom()], timeout()) ->
          {ok, dns_msg()} | {error, inet:posix() | res_error()
                                    | {res_error(), dns_msg()}}.
resolve(Name, Class, Type, Options, Timeout) ->
    case reverse_name(Name) of
        {ok, Domain} -> question(Domain, Class, Type, Options, until(Timeout));
        Error -> Error
    end.

until(infinity) -> infinity;
until(Timeout) -> now_ms() + Timeout.

now_ms() -> erlang:monotonic_time(millisecond).

left(infinity) -> infinity;
left(Until) -> max(0, Until - now_ms()).

%% The domain in which an address has its name; others are domains.
reverse_name({A, B, C, D} = Ip) ->
    case inet:is_ipv4_address(Ip) of
        true -> {ok, lists:flatten(io_lib:format("~w.~w.~w.~w.in-addr.arpa",
                                                 [D, C, B, A]))};
        false -> {error, formerr}
    end;
reverse_name(Ip) when tuple_size(Ip) =:= 8 ->
    case inet:is_ipv6_address(Ip) of
        true ->
            Bytes = << <<W:16>> || W <- tuple_to_list(Ip) >>,
            Nibbles = [N || <<N:4>> <= Bytes],
            {ok, lists:append([string:lowercase(integer_to_list(N, 16)) ++ "."
                               || N <- lists:reverse(Nibbles)]) ++ "ip6.arpa"};
        false -> {error, formerr}
    end;
reverse_name(Name) when is_list(Name) ->
    case inet_parse:visible_string(Name) of
        true -> {ok, Name};
        false -> {error, formerr}
    end;
reverse_name(Name) when is_atom(Name) -> reverse_name(atom_to_list(Name));
reverse_name(_) -> {error, formerr}.

lookup(Name, Class, Type) -> lookup(Name, Class, Type, []).

lookup(Name, Class, Type, Options) ->
    lookup(Name, Class, Type, Options, infinity).

-spec lookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(),
             [res_option() | atom()], timeout()) -> [dns_data()].
lookup(Name, Class, Type, Options, Timeout) ->
    case resolve(Name, Class, Type, Options, Timeout) of
        {ok, #dns_rec{anlist = Answers}} ->
            [R#dns_rr.data || #dns_rr{class = C, type = T} = R <- Answers,
                              Class =:= any orelse C =:= Class,
                              Type =:= any orelse T =:= Type];
        {error, _} -> []
    end.

nslookup(Name, Class, Type) -> nslookup(Name, Class, Type, infinity).

nslookup(Name, Class, Type, Timeout)
  when is_integer(Timeout), Timeout >= 0; Timeout =:= infinity ->
    resolve(Name, Class, Type, [], Timeout);
nslookup(Name, Class, Type, Servers) ->
    nnslookup(Name, Class, Type, Servers).

nnslookup(Name, Class, Type, Servers) ->
    nnslookup(Name, Class, Type, Servers, infinity).

nnslookup(Name, Class, Type, Servers, Timeout) ->
    resolve(Name, Class, Type, [{nameservers, Servers}], Timeout).

%%% Hosts

gethostbyname(Name) -> gethostbyname(Name, inet_db:lookup_family()).

gethostbyname(Name, Family) -> gethostbyname(Name, Family, infinity).

-spec gethostbyname(dns_name(), inet | inet6, timeout()) ->
          {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname(Name, inet6, Timeout) ->
    case getbyname(Name, aaaa, Timeout) of
        {error, nxdomain} = Error ->
            case inet_db:res_option(inet6)
                andalso gethostbyname(Name, inet, Timeout) of
                {ok, #hostent{h_addr_list = Ips} = Host} ->
                    {ok, Host#hostent{
                           h_addrtype = inet6, h_length = 16,
                           h_addr_list = [inet:ipv4_mapped_ipv6_address(Ip)
                                          || Ip <- Ips]}};
                _ -> Error
            end;
        Result -> Result
    end;
gethostbyname(Name, inet, Timeout) -> getbyname(Name, a, Timeout);
gethostbyname(_, _, _) -> {error, formerr}.

gethostbyaddr(Address) -> gethostbyaddr(Address, infinity).

-spec gethostbyaddr(inet:ip_address() | string(), timeout()) ->
          {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr(Text, Timeout) when is_list(Text) ->
    case inet_parse:address(Text) of
        {ok, Ip} -> gethostbyaddr(Ip, Timeout);
        _ -> {error, formerr}
    end;
gethostbyaddr({0, 0, 0, 0, 0, 16#ffff, _, _} = Ip, Timeout) ->
    gethostbyaddr(inet:ipv4_mapped_ipv6_address(Ip), Timeout);
gethostbyaddr(Ip, Timeout) when is_tuple(Ip) ->
    case reverse_name(Ip) of
        {ok, Domain} ->
            case inet_db:gethostbyaddr(Domain, Ip) of
                {ok, _} = Known -> Known;
                _ ->
                    case question(Domain, in, ptr, [], until(Timeout)) of
                        {ok, Answer} ->
                            inet_db:res_gethostbyaddr(Domain, Ip, Answer);
                        Error -> Error
                    end
            end;
        Error -> Error
    end;
gethostbyaddr(_, _) -> {error, formerr}.

getbyname(Name, Type) -> getbyname(Name, Type, infinity).

%% A name without dots is looked for in the domains of the search list first,
%% one with dots there last.
-spec getbyname(dns_name(), dns_rr_type(), timeout()) ->
          {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname(Name, Type, Timeout) when is_list(Name) ->
    case inet_parse:visible_string(Name) of
        true ->
            Within = [Name ++ "." ++ Domain
                      || Domain <- inet_db:get_searchlist(), Domain =/= ""],
            Domains = case inet_parse:dots(Name) of
                          {_, true} -> [lists:droplast(Name)];
                          {0, _} -> Within ++ [Name];
                          _ -> [Name | Within]
                      end,
            first_of(Domains, Type, until(Timeout), {error, nxdomain});
        false -> {error, formerr}
    end;
getbyname(Name, Type, Timeout) when is_atom(Name) ->
    getbyname(atom_to_list(Name), Type, Timeout);
getbyname(_, _, _) -> {error, formerr}.

first_of([Domain | Domains], Type, Until, _) ->
    case get_host(Domain, Type, Until) of
        {ok, _} = Found -> Found;
        {error, timeout} = Error -> Error;
        Error -> first_of(Domains, Type, Until, Error)
    end;
first_of([], _, _, Error) -> Error.

get_host(Domain, Type, Until) ->
    case inet_db:getbyname(Domain, Type) of
        {ok, _} = Known -> Known;
        _ ->
            case question(Domain, in, Type, [], Until) of
                {ok, Answer} ->
                    inet_db:res_hostent_by_domain(Domain, Type, Answer);
                Error -> Error
            end
    end.

%%% Messages as lists

%% The message and all in it as lists of {Field, Value}.
-spec dns_msg(dns_msg()) -> term().
dns_msg([]) -> [];
dns_msg([{Field, Value} | Fields]) ->
    [{Field, dns_msg(Value)} | dns_msg(Fields)];
dns_msg([Element | List]) -> [dns_msg(Element) | dns_msg(List)];
dns_msg(Message) ->
    case inet_dns:record_type(Message) of
        undefined -> Message;
        rr ->
            Fields = inet_dns:rr(Message),
            {rr, [F || {Name, _} = F <- Fields,
                       not lists:member(Name, [bm, tm, cnt, func])]};
        Type -> {Type, dns_msg(inet_dns:Type(Message))}
    end.

%%% Asking

option_names() ->
    [alt_nameservers, edns, inet6, nameservers, recurse, retry, timeout,
     servfail_retry_timeout, udp_payload_size, usevc].

question(Domain, Class, Type, Options0, Until) ->
    Options = options(Options0, #{nxdomain_reply => false, verbose => false}),
    Ask = #ask{options = Options, until = Until,
               verbose = maps:get(verbose, Options)},
    Servers = maps:get(nameservers, Options),
    Others = maps:get(alt_nameservers, Options),
    Query = #dns_query{domain = Domain, type = Type, class = Class},
    Result = case ask_servers(Ask, Query, Servers) of
                 {error, Reason} when Others =/= [],
                                      element(1, Reason) =:= nxdomain;
                                      Others =/= [], Reason =:= nxdomain ->
                     ask_servers(Ask, Query, Others);
                 First -> First
             end,
    case Result of
        {error, {nxdomain, _}} when not map_get(nxdomain_reply, Options) ->
            {error, nxdomain};
        _ -> Result
    end.

%% Those given, the others as inet_db has them.
options([{Name, Value} = Option | Rest], Map) ->
    is_option(Name, Value) orelse erlang:error(badarg, [[Option | Rest], Map]),
    options(Rest, Map#{Name => Value});
options([Name | Rest], Map) when is_atom(Name) ->
    case atom_to_list(Name) of
        "no" ++ Other -> options([{list_to_atom(Other), false} | Rest], Map);
        _ -> options([{Name, true} | Rest], Map)
    end;
options([], Map) ->
    lists:foldl(
      fun(Name, M) when is_map_key(Name, M) -> M;
         (Name, M) -> M#{Name => inet_db:res_option(Name)}
      end, Map, option_names()).

is_option(Name, Value) when Name =:= verbose; Name =:= nxdomain_reply ->
    is_boolean(Value);
is_option(Name, Value) ->
    lists:member(Name, option_names())
        andalso inet_db:res_check_option(Name, Value).

ask_servers(_, _, []) -> {error, nxdomain};
ask_servers(#ask{options = #{retry := Retry}} = Ask, Query, Servers) ->
    rounds(Ask, Query, [{S, now} || S <- Servers], 0, Retry, {error, timeout}).

%% Servers with the moment from which on they may be asked. One that has said
%% what the question is worth, or that is not there, is not asked again.
rounds(_, _, [], _, _, Result) -> Result;
rounds(_, _, _, Round, Round, Result) -> Result;
rounds(Ask, Query, Servers, Round, Rounds, Result) ->
    case one_round(Ask, Query, Servers, Round, [], Result) of
        {done, Answer} -> Answer;
        {again, Left, Last} ->
            rounds(Ask, Query, Left, Round + 1, Rounds, Last)
    end.

one_round(_, _, [], _, Left, Result) -> {again, lists:reverse(Left), Result};
one_round(Ask, Query, [{Server, From} | Servers], Round, Left, Result) ->
    case left(Ask#ask.until) of
        0 -> {done, Result};
        Time ->
            receive after wait_for(From, Time) -> ok end,
            Answer = ask(Ask, Query, Server, Round),
            weigh(Answer, Ask, Query, [{Server, now} | Servers], Round, Left,
                  Result)
    end.

wait_for(now, _) -> 0;
wait_for(Moment, Time) -> min(max(0, Moment - now_ms()), Time).

weigh({ok, _} = Answer, _, _, _, _, _, _) -> {done, Answer};
weigh({error, {Reason, _}} = Answer, _, _, _, _, _, _)
  when Reason =:= nxdomain; Reason =:= qfmterror ->
    {done, Answer};
weigh({error, timeout}, Ask, Query, [S | Servers], Round, Left, Result) ->
    %% What a server has said counts for more.
    one_round(Ask, Query, Servers, Round, [S | Left], Result);
weigh({error, {servfail, _}} = Answer, Ask, Query, [{Server, _} | Servers],
      Round, Left, _) ->
    #{servfail_retry_timeout := Time} = Ask#ask.options,
    one_round(Ask, Query, Servers, Round, [{Server, now_ms() + Time} | Left],
              Answer);
weigh({error, Reason} = Answer, Ask, Query, [_ | Servers], Round, Left, Result)
  ->
    Kept = case Reason of
               {_, _} -> Answer; % a server's own words
               _ when Result =:= {error, timeout} -> Answer;
               _ -> Result
           end,
    one_round(Ask, Query, Servers, Round, Left, Kept).

%% With extensions (EDNS) first, if they are wanted.
ask(#ask{options = #{edns := false}} = Ask, Query, Server, Round) ->
    exchange(Ask, message(Ask, Query, []), Server, Round, 512);
ask(#ask{options = #{edns := Version, udp_payload_size := Size}} = Ask, Query,
    Server, Round) ->
    Extra = [#dns_rr_opt{udp_payload_size = Size, version = Version}],
    case exchange(Ask, message(Ask, Query, Extra), Server, Round, Size) of
        {error, {Reason, _}}
          when Reason =:= qfmterror; Reason =:= notimp; Reason =:= servfail;
               Reason =:= badvers ->
            exchange(Ask, message(Ask, Query, []), Server, Round, 512);
        Answer -> Answer
    end.

message(#ask{options = #{recurse := Recurse}}, Query, Extra) ->
    #dns_rec{header = #dns_header{id = inet_db:res_option(next_id),
                                  qr = false, opcode = query, aa = false,
                                  tc = false, rd = Recurse, ra = false,
                                  pr = false, rcode = 0},
             qdlist = [Query], arlist = Extra}.

exchange(#ask{options = #{usevc := true}} = Ask, Message, Server, Round, _) ->
    over_tcp(Ask, Message, Server, Round);
exchange(Ask, Message, Server, Round, Size) ->
    Bytes = inet_dns:encode(Message),
    case byte_size(Bytes) =< Size andalso over_udp(Ask, Bytes, Message, Server,
                                                   Round, Size) of
        false -> over_tcp(Ask, Message, Server, Round);
        {ok, #dns_rec{header = #dns_header{tc = true}}} ->
            over_tcp(Ask, Message, Server, Round);
        Answer -> Answer
    end.

%% The time for one server: twice as much in each round.
time_of(#ask{options = #{timeout := Time, retry := _}, until = Until}, Round) ->
    min_time(Time bsl Round, left(Until)).

min_time(Time, infinity) -> Time;
min_time(Time, Left) -> min(Time, Left).

over_udp(Ask, Bytes, Message, {Ip, Port} = Server, Round, Size) ->
    Family = case tuple_size(Ip) of 4 -> inet; _ -> inet6 end,
    say(Ask, "Try UDP server : ~p:~p (timeout=~w)~n",
        [Ip, Port, time_of(Ask, Round)]),
    case gen_udp:open(0, [Family, binary, {active, false},
                          {buffer, max(Size, 4096)}]) of
        {ok, Socket} ->
            try
                case gen_udp:connect(Socket, Ip, Port) of
                    ok ->
                        case gen_udp:send(Socket, Bytes) of
                            ok -> await_udp(Ask, Socket, Message, Server,
                                            now_ms() + time_of(Ask, Round));
                            Error -> Error
                        end;
                    Error -> Error
                end
            after
                gen_udp:close(Socket)
            end;
        Error -> Error
    end.

%% What does not belong to the question is not heard.
await_udp(Ask, Socket, Message, Server, Until) ->
    case gen_udp:recv(Socket, 0, left(Until)) of
        {ok, {_, _, Bytes}} ->
            case answer(Ask, Bytes, Message) of
                unrelated -> await_udp(Ask, Socket, Message, Server, Until);
                Answer -> Answer
            end;
        {error, econnrefused} = Error -> Error;
        {error, _} -> {error, timeout}
    end.

over_tcp(Ask, Message, {Ip, Port}, Round) ->
    Time = min_time(5 * time_of(Ask, Round), left(Ask#ask.until)),
    Family = case tuple_size(Ip) of 4 -> inet; _ -> inet6 end,
    say(Ask, "Try TCP server : ~p:~p (timeout=~w)~n", [Ip, Port, Time]),
    case gen_tcp:connect(Ip, Port, [Family, binary, {active, false},
                                    {packet, 2}], Time) of
        {ok, Socket} ->
            try
                ok = gen_tcp:send(Socket, inet_dns:encode(Message)),
                case gen_tcp:recv(Socket, 0, Time) of
                    {ok, Bytes} ->
                        case answer(Ask, Bytes, Message) of
                            unrelated -> {error, formerr};
                            Answer -> Answer
                        end;
                    Error -> Error
                end
            catch
                error:{badmatch, Wrong} -> Wrong
            after
                gen_tcp:close(Socket)
            end;
        Error -> Error
    end.

answer(Ask, Bytes, #dns_rec{header = #dns_header{id = Id, rd = Rd},
                            qdlist = [Query]}) ->
    case inet_dns:decode(Bytes) of
        {ok, #dns_rec{header = #dns_header{id = Id} = H,
                      arlist = Extra} = Got} ->
            say(Ask, "Got reply: ~p~n", [dns_msg(Got)]),
            Ext = case lists:keyfind(dns_rr_opt, 1, Extra) of
                      #dns_rr_opt{ext_rcode = E} -> E;
                      false -> 0
                  end,
            case Ext bsl 4 bor H#dns_header.rcode of
                0 -> good(Got, H, Rd, Query);
                Code -> {error, {reason(Code), Got}}
            end;
        {ok, _} -> unrelated;
        Error -> Error
    end.

good(#dns_rec{qdlist = [#dns_query{domain = Domain, type = T,
                                   class = C}]} = Got,
     #dns_header{qr = true, opcode = query, rd = Rd}, Rd,
     #dns_query{domain = Asked, type = T, class = C}) ->
    case inet_db:eq_domains(Domain, Asked) of
        true -> {ok, Got};
        false -> {error, {noquery, Got}}
    end;
good(Got, _, _, _) -> {error, {unknown, Got}}.

reason(1) -> qfmterror;
reason(2) -> servfail;
reason(3) -> nxdomain;
reason(4) -> notimp;
reason(5) -> refused;
reason(16) -> badvers;
reason(_) -> unknown.

say(#ask{verbose = true}, Format, Args) -> io:format(Format, Args);
say(_, _, _) -> ok.
