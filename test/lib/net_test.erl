%% SPDX-License-Identifier: Apache-2.0
%% Module net: addresses of names, names of addresses, interfaces as maps; and
%% addresses as texts.
%%
%% expect: true
%% expect: {ok,#{host => "127.0.0.1",service => "80"}}
%% expect: {error,enoname}
%% expect: {{ok,[[addr,flags,name,netmask]]},true}
%% expect: {{ok,1},{ok,"lo"},true}
%% expect: {error,enodev}
%% expect: ["::","::1","::0.0.0.5","::0.2.0.1","fe80::12%012345"]
%% expect: [{ok,{65152,5,0,0,0,0,0,18}},{ok,{65152,0,0,0,0,0,0,18}}]
%% expect: {error,einval}
-module(net_test).
-export([main/0]).

main() ->
    {ok, Infos} = net:getaddrinfo("127.0.0.1", "80"),
    show(lists:member(#{addr => #{addr => {127, 0, 0, 1}, family => inet,
                                  port => 80},
                        family => inet, protocol => tcp, type => stream},
                      Infos)),
    show(net:getnameinfo(#{family => inet, addr => {127, 0, 0, 1}, port => 80},
                         [numerichost, numericserv])),
    show(net:getaddrinfo("nosuch.invalid")),
    {ok, Local} = net:getifaddrs(fun(#{name := Name, addr := A}) ->
                                         Name =:= "lo" andalso
                                             maps:get(addr, A)
                                                 =:= {127, 0, 0, 1};
                                    (_) -> false
                                 end),
    {ok, V4} = net:getifaddrs(#{family => inet, flags => [loopback]}),
    show({{ok, [lists:sort(maps:keys(I)) || I <- Local]},
          Local -- V4 =:= []}),
    {ok, Names} = net:if_names(),
    show({net:if_name2index("lo"), net:if_index2name(1),
          lists:member({1, "lo"}, Names)}),
    show(net:if_name2index("none")),
    show([inet:ntoa(A) || A <- [{0, 0, 0, 0, 0, 0, 0, 0},
                                {0, 0, 0, 0, 0, 0, 0, 1},
                                {0, 0, 0, 0, 0, 0, 0, 5},
                                {0, 0, 0, 0, 0, 0, 2, 1},
                                {16#fe80, 12345, 0, 0, 0, 0, 0, 18}]]),
    show([inet:parse_address(T) || T <- ["fe80::12%05", "fe80::12%5"]]),
    show(inet:parse_address("::1.2.3.04")).

show(Term) -> io:format("~0p~n", [Term]).
