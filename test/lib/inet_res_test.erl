%% SPDX-License-Identifier: Apache-2.0
%% Names asked from a name server, which is a process here: records of many
%% types, names that lead to others, an answer that was cut and comes again over
%% TCP, an error, hosts and the cache; files of the system.
%%
%% expect: [{10,0,0,1},{10,0,0,2}]
%% expect: [{10,"mail.test"}]
%% expect: [["one","two"]]
%% expect: [{1,2,80,"www.test"}]
%% expect: ["www.test"]
%% expect: 60
%% expect: {error,nxdomain}
%% expect: {hostent,"www.test",["alias.test"],inet,4,[{10,0,0,1},{10,0,0,2}]}
%% expect: {hostent,"www.test",["alias.test"],inet,4,[{10,0,0,1},{10,0,0,2}]}
%% expect: {hostent,"www.test",[],inet,4,[{10,0,0,1}]}
%% expect: [query,true,"www.test"]
%% expect: {hostent,"a.b",["C"],inet,4,[{1,2,3,4},{1,2,3,5}]}
%% expect: {hostent,"a.b",["C"],inet,4,[{1,2,3,4}]}
%% expect: {error,nxdomain}
%% expect: {ok,[{{1,2,3,4},"one",["uno"]},{{0,0,0,0,0,0,0,1},"six",[]}]}
%% expect: {ok,[{domain,"a.b"},{nameserver,{1,2,3,4}},{search,["c.d","e"]}]}
%% expect: {ok,[{"http",tcp,80,["www"]}]}
-module(inet_res_test).
-export([main/0]).

main() ->
    Self = self(),
    spawn_link(fun() -> serve(Self) end),
    Port = receive {port, P} -> P end,
    Options = [{nameservers, [{{127, 0, 0, 1}, Port}]}],
    show(lists:sort(inet_res:lookup("www.test", in, a, Options))),
    show(inet_res:lookup("test", in, mx, Options)),
    show(inet_res:lookup("text.test", in, txt, Options)),
    show(inet_res:lookup("_http._tcp.test", in, srv, Options)),
    show(inet_res:lookup({10, 0, 0, 1}, in, ptr, Options)),
    show(length(inet_res:lookup("many.test", in, a, Options))),
    show(inet_res:resolve("no.test", in, a, Options)),
    ok = inet_db:set_lookup([file, dns]),
    ok = inet_db:set_resolv_conf(""),
    ok = inet_db:res_option(nameservers, [{{127, 0, 0, 1}, Port}]),
    Host = fun({ok, H}) ->
                   Ips = lists:sort(element(6, H)),
                   show(setelement(6, H, Ips))
           end,
    Host(inet_res:getbyname("alias.test", a)),
    Host(inet:gethostbyname("alias.test")),
    Host(inet_res:gethostbyaddr({10, 0, 0, 1})),
    {ok, Message} = inet_res:resolve("www.test", in, a, Options),
    [Query] = inet_dns:msg(Message, qdlist),
    show([inet_dns:header(inet_dns:msg(Message, header), opcode),
          inet_dns:header(inet_dns:msg(Message, header), qr),
          inet_dns:dns_query(Query, domain)]),
    ok = inet_db:add_host({1, 2, 3, 4}, ["a.b", "C"]),
    ok = inet_db:add_host({1, 2, 3, 5}, ["c"]),
    Host(inet:gethostbyname("c")),
    Host(inet:gethostbyaddr({1, 2, 3, 4})),
    ok = inet_db:del_host({1, 2, 3, 4}),
    show(inet_hosts:gethostbyname("a.b")),
    show(inet_parse:hosts(x, {chars, "# hosts\n1.2.3.4 one uno # it\n"
                              "::1\tsix\r\n"})),
    show(inet_parse:resolv(x, {chars, "domain a.b\nnameserver 1.2.3.4\n"
                               "garbage x\nsearch c.d e\n"})),
    show(inet_parse:services(x, {chars, "http 80/tcp www\n"})).

show(Term) -> io:format("~0p~n", [Term]).

%% One port, over UDP and over TCP.
serve(Parent) ->
    {ok, Tcp} = gen_tcp:listen(0, [binary, {packet, 2}, {active, false}]),
    {ok, Port} = inet:port(Tcp),
    {ok, Udp} = gen_udp:open(Port, [binary, {active, true}]),
    spawn_link(fun() -> serve_tcp(Tcp) end),
    Parent ! {port, Port},
    serve_udp(Udp).

serve_udp(Udp) ->
    receive
        {udp, Udp, Ip, Port, Bytes} ->
            ok = gen_udp:send(Udp, Ip, Port, answer(Bytes, udp)),
            serve_udp(Udp)
    end.

serve_tcp(Listener) ->
    {ok, S} = gen_tcp:accept(Listener),
    {ok, Bytes} = gen_tcp:recv(S, 0),
    ok = gen_tcp:send(S, answer(Bytes, tcp)),
    serve_tcp(Listener).

answer(Bytes, Way) ->
    {ok, Message} = inet_dns:decode(Bytes),
    [Query] = inet_dns:msg(Message, qdlist),
    Domain = inet_dns:dns_query(Query, domain),
    {Code, Cut, Records} =
        case data(Domain, inet_dns:dns_query(Query, type)) of
            none -> {3, false, []};
            All when length(All) > 20, Way =:= udp -> {0, true, []};
            All -> {0, false, All}
        end,
    Header = inet_dns:make_header(inet_dns:msg(Message, header),
                                  [{qr, true}, {rcode, Code}, {tc, Cut}]),
    inet_dns:encode(
      inet_dns:make_msg(
        [{header, Header}, {qdlist, [Query]},
         {anlist, [inet_dns:make_rr([{domain, D}, {class, in}, {type, T},
                                     {ttl, 60}, {data, X}])
                   || {D, T, X} <- Records]}])).

data("www.test" = D, a) -> [{D, a, {10, 0, 0, 1}}, {D, a, {10, 0, 0, 2}}];
data("alias.test" = D, a) ->
    [{D, cname, "www.test"} | data("www.test", a)];
data("test" = D, mx) -> [{D, mx, {10, "mail.test"}}];
data("text.test" = D, txt) -> [{D, txt, ["one", "two"]}];
data("_http._tcp.test" = D, srv) -> [{D, srv, {1, 2, 80, "www.test"}}];
data("1.0.0.10.in-addr.arpa" = D, ptr) -> [{D, ptr, "www.test"}];
data("many.test" = D, a) -> [{D, a, {10, 0, 1, N}} || N <- lists:seq(1, 60)];
data(_, _) -> none.
