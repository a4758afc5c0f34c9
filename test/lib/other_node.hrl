%% SPDX-License-Identifier: Apache-2.0
%% Another node, as far as a test needs one: it does the handshake, and then it
%% sends what it is told to, packet by packet.

port() ->
    [Name, _] = string:split(atom_to_list(node()), "@"),
    {port, Port, _} = erl_epmd:port_please(Name, {127, 0, 0, 1}),
    Port.

%% Answers the socket when this node has heard of the other one.
connect(Name, Port) ->
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [binary, {packet, 2}, {active, false}]),
    Node = list_to_binary(Name ++ os:getpid() ++ "@y"),
    Flags = 16#3DF7FBD bor (1 bsl 32) bor (1 bsl 34) bor (1 bsl 35)
        bor (1 bsl 36),
    ok = gen_tcp:send(S, <<$N, Flags:64, 7:32, (byte_size(Node)):16,
                           Node/binary>>),
    {ok, <<"sok">>} = gen_tcp:recv(S, 0, 5000),
    {ok, <<$N, _:64, Challenge:32, _/binary>>} = gen_tcp:recv(S, 0, 5000),
    Cookie = atom_to_list(erlang:get_cookie()),
    Digest = erlang:md5([Cookie, integer_to_list(Challenge)]),
    ok = gen_tcp:send(S, <<$r, 1:32, Digest/binary>>),
    {ok, <<$a, _/binary>>} = gen_tcp:recv(S, 0, 5000),
    ok = inet:setopts(S, [{packet, 4}]),
    receive {nodeup, _, _} -> ok after 5000 -> io:format("no nodeup~n") end,
    S.
