%% SPDX-License-Identifier: Apache-2.0
%% The option port says where a socket is bound, rather than the argument.
%% expect: [true,true,true]
%% expect: [true,true]
-module(bound_ports_test).
-export([main/0]).

main() ->
    io:format("~p~n", [[bound(gen_tcp, listen, A, O)
                        || {A, O} <- [{0, []}, {1, [{reuseaddr, true}]},
                                      {0, [inet6]}]]]),
    io:format("~p~n", [[bound(gen_udp, open, A, []) || A <- [0, 1]]]).

bound(Module, Open, Argument, Options) ->
    {ok, Before} = Module:Open(0, Options),
    {ok, Port} = inet:port(Before),
    ok = Module:close(Before),
    {ok, Socket} = Module:Open(Argument, [{port, Port} | Options]),
    {ok, Bound} = inet:port(Socket),
    ok = Module:close(Socket),
    Bound =:= Port.
