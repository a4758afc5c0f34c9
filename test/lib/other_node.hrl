%% SPDX-License-Identifier: Apache-2.0
%% Another node, as far as a test needs one: it does the handshake, and then it
%% sends what it is told to, packet by packet.

-compile(nowarn_unused_function).

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

%% A node that was not there before, for this one may look for those that were.
connect(Port) ->
    put(name, "h" ++ integer_to_list(erlang:unique_integer([positive]))),
    connect(get(name), Port).

name() -> list_to_binary(get(name) ++ os:getpid() ++ "@y").

gone(S) ->
    case gen_tcp:recv(S, 0, 5000) of
        {error, closed} -> true;
        {error, timeout} -> timeout;
        {ok, _} -> gone(S)
    end.

down() -> receive {nodedown, _, _} -> true after 5000 -> no_nodedown end.

bare(T) ->
    <<131, Bytes/binary>> = term_to_binary(T),
    Bytes.

first(Sequence, Count, Bytes) -> [<<131, 69, Sequence:64, Count:64, 0>>, Bytes].
next(Sequence, N, Bytes) -> [<<131, 70, Sequence:64, N:64>>, Bytes].

%% In kB, of the program.
resident() ->
    {ok, Text} = file:read_file("/proc/self/status"),
    {match, [Size]} = re:run(Text, "VmRSS:\\s*(\\d+)",
                             [{capture, [1], list}]),
    list_to_integer(Size).
