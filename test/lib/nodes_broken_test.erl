%% SPDX-License-Identifier: Apache-2.0
%% Bytes of another node are foreign bytes: what makes no sense ends the
%% connection, never the node.
%% only merle
%% expect: handshakes: ok
%% expect: packets: ok
%% expect: alive: true
-module(nodes_broken_test).
-export([main/0]).

-define(FLAGS, 16#3DF7FBD).
-define(HIGH, ((1 bsl 32) bor (1 bsl 34) bor (1 bsl 35) bor (1 bsl 36))).

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = net_kernel:start([list_to_atom("nb" ++ os:getpid()),
                                shortnames]),
    erlang:set_cookie(node(), broken),
    rand:seed(exsss, {1, 2, 3}),
    [Name, _] = string:split(atom_to_list(node()), "@"),
    {port, Port, _} = erl_epmd:port_please(Name, {127, 0, 0, 1}),
    [handshake(Port, N) || N <- lists:seq(1, 60)],
    io:format("handshakes: ok~n"),
    [packets(Port, N) || N <- lists:seq(1, 150)],
    io:format("packets: ok~n"),
    io:format("alive: ~p~n", [is_alive() andalso self() =:= back()]).

back() ->
    Self = self(),
    spawn(fun() -> Self ! {back, Self} end),
    receive {back, P} -> P end.

connect(Port) ->
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [binary, {packet, 2}, {active, false}]),
    S.

handshake(Port, N) ->
    S = connect(Port),
    Good = name_message(list_to_atom("x" ++ integer_to_list(N) ++ "@y")),
    _ = gen_tcp:send(S, broken(Good)),
    _ = gen_tcp:recv(S, 0, 20),
    _ = gen_tcp:send(S, rand:bytes(21)),
    gen_tcp:close(S).

name_message(Node) ->
    Text = atom_to_binary(Node),
    <<$N, (?FLAGS bor ?HIGH):64, 7:32, (byte_size(Text)):16, Text/binary>>.

packets(Port, N) ->
    Node = list_to_atom("p" ++ integer_to_list(N) ++ "@y"),
    S = connect(Port),
    ok = gen_tcp:send(S, name_message(Node)),
    {ok, <<"sok">>} = gen_tcp:recv(S, 0, 5000),
    {ok, <<$N, _:64, Challenge:32, _/binary>>} = gen_tcp:recv(S, 0, 5000),
    Digest = erlang:md5(["broken", integer_to_list(Challenge)]),
    ok = gen_tcp:send(S, <<$r, 1:32, Digest/binary>>),
    {ok, <<$a, _/binary>>} = gen_tcp:recv(S, 0, 5000),
    ok = inet:setopts(S, [{packet, 4}]),
    [_ = gen_tcp:send(S, broken(packet(Node))) || _ <- lists:seq(1, 20)],
    gen_tcp:close(S).

%% A packet that makes sense, of every kind by turns.
packet(Node) ->
    Pid = fun(Name, I) ->
                  Text = atom_to_binary(Name),
                  <<88, 119, (byte_size(Text)), Text/binary, I:32, 0:32, 7:32>>
          end,
    Theirs = Pid(Node, 10),
    Ours = binary:part(term_to_binary(self()), 1,
                       byte_size(term_to_binary(self())) - 1),
    Ref = <<90, 3:16, 119, (byte_size(atom_to_binary(Node))),
            (atom_to_binary(Node))/binary, 7:32, 1:32, 2:32, 3:32>>,
    Small = fun(I) -> <<97, I>> end,
    Any = fun(L) -> lists:nth(rand:uniform(length(L)), L) end,
    Part = fun() -> Any([Theirs, Ours, Ref, Small(rand:uniform(255)),
                         <<106>>, <<119, 4, "init">>, <<82, 0>>,
                         <<104, 3, 119, 6, "erlang", 119, 4, "node", 97, 0>>])
           end,
    Op = rand:uniform(36),
    Elements = [Part() || _ <- lists:seq(1, rand:uniform(6))],
    Control = [<<104, (1 + length(Elements))>>, Small(Op) | Elements],
    Payload = Any([[], <<106>>, Part(), <<107, 3:16, "abc">>]),
    Header = Any([<<131, 68, 0>>, <<131, 68, 1, 8, 0, 4, "atom">>,
                  <<131, 69, 1:64, 1:64, 0>>, <<131, 69, 2:64, 2:64, 0>>,
                  <<131, 70, 2:64, 1:64>>]),
    iolist_to_binary([Header, Control, Payload]).

%% Bytes changed, cut or left as they are.
broken(Bytes) ->
    case rand:uniform(4) of
        1 -> Bytes;
        2 -> binary:part(Bytes, 0, rand:uniform(byte_size(Bytes)) - 1);
        _ ->
            At = rand:uniform(byte_size(Bytes)) - 1,
            <<Before:At/binary, _, After/binary>> = Bytes,
            <<Before/binary, (rand:uniform(256) - 1), After/binary>>
    end.
