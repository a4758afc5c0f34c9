%% SPDX-License-Identifier: Apache-2.0
%% Another node that sends damage and contradictions: the connection ends and the
%% node does not.
%% only merle: OTP's ends for some of this what it has asked for itself
%% expect: ended: 33 of 33
%% expect: harmless: 17 of 17
%% expect: a length of 4 GB: true
%% expect: packed: true
%% expect: its own name: <<"snok">>
%% expect: bad handshakes: 8 of 8
%% expect: lives: true
-module(dist_hostile_test).
-export([main/0]).
-include("other_node.hrl").

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = net_kernel:start([list_to_atom("dh" ++ os:getpid()), shortnames]),
    ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
    Port = port(),
    put(name, "h"),
    register(target, spawn(fun Loop() -> receive _ -> Loop() end end)),
    Cat = open_port({spawn, "cat"}, []),
    register(cat, Cat),
    count("ended", fun(N) -> ends(Port, fun() -> nth(N, damages()) end) end,
          length(damages())),
    count("harmless", fun(N) -> stays(Port, fun() -> nth(N, harmless()) end) end,
          length(harmless())),
    io:format("a length of 4 GB: ~p~n",
              [keeps_small(Port, fun(S) ->
                                         ok = inet:setopts(S, [{packet, raw}]),
                                         gen_tcp:send(S, <<-16:32, 131, 68>>)
                                 end)]),
    io:format("packed: ~p~n",
              [keeps_small(Port, fun(S) ->
                                         gen_tcp:send(S, <<112, 131, 80, -1:32,
                                                           1, 2, 3>>)
                                 end)]),
    io:format("its own name: ~p~n", [shake(Port, atom_to_binary(node()))]),
    count("bad handshakes", fun(N) -> refuses(Port, nth(N, handshakes())) end,
          length(handshakes())),
    Reply = rpc:call(node(), erlang, whereis, [target]),
    io:format("lives: ~p~n", [Reply =:= whereis(target)]).

count(Title, Check, Count) ->
    Answers = [{N, Check(N)} || N <- lists:seq(1, Count)],
    Bad = [A || {_, Answer} = A <- Answers, Answer =/= true],
    io:format("~s: ~p of ~p~n", [Title, Count - length(Bad), Count]),
    [io:format("  ~p~n", [B]) || B <- Bad].

nth(N, All) -> lists:nth(N, All).

ends(Port, Make) ->
    S = connect(Port),
    [ok = gen_tcp:send(S, P) || P <- Make()],
    Gone = gone(S) =:= true andalso down(),
    gen_tcp:close(S),
    Gone.

%% What makes no difference: the connection carries a message afterwards.
stays(Port, Make) ->
    S = connect(Port),
    [ok = gen_tcp:send(S, P) || P <- Make()],
    ok = gen_tcp:send(S, packet({6, pid(), '', helper}, there)),
    register(helper, self()),
    ok = gen_tcp:send(S, packet({6, pid(), '', helper}, there)),
    Came = receive there -> true after 5000 -> not_there end,
    unregister(helper),
    gen_tcp:close(S),
    down(),
    flush(),
    Came.

flush() -> receive there -> flush() after 0 -> ok end.

packet(Control) -> [<<131, 68, 0>>, bare(Control)].
packet(Control, Payload) -> [packet(Control), bare(Payload)].

%% Of the other node.
pid() ->
    Name = name(),
    binary_to_term(<<131, 88, 119, (byte_size(Name)), Name/binary, 1:32, 0:32,
                     7:32>>).

ref() ->
    Name = name(),
    binary_to_term(<<131, 90, 3:16, 119, (byte_size(Name)), Name/binary, 7:32,
                     1:32, 2:32, 3:32>>).

%% Of a third one.
stranger() ->
    binary_to_term(<<131, 88, 119, 3, "a@b", 1:32, 0:32, 7:32>>).

damages() ->
    T = whereis(target),
    Send = bare({2, '', T}),
    [[<<0>>], [<<131>>], [<<131, 1>>], [<<131, 68>>], [<<112>>],
     [<<131, 68, 0>>], [<<131, 68, 255>>],
     %% Slots of the cache: never filled, cut, no text.
     [<<131, 68, 1, 0, 5, 104, 1, 97, 1>>], [<<131, 68, 1, 8, 5>>],
     [<<131, 68, 1, 8, 5, 200, "a">>], [<<131, 68, 1, 8, 5, 2, 255, 254>>],
     [<<131, 68, 1, 16#18, 5, 255, 255, "a">>],
     %% A slot that the packet does not name.
     [<<131, 68, 1, 8, 5, 1, "a", 104, 1, 82, 1>>],
     [<<131, 68, 0, 104, 1, 82, 0>>],
     %% Control messages.
     [packet({})], [packet(a)], [packet({a})], [packet({-1})],
     [packet({1 bsl 70, 1})], [packet({99, a, b})], [packet({2, '', a}, m)],
     [packet({1, stranger(), T})], [packet({1, T, T})],
     [packet({19, pid(), {a}, ref()})], [packet({21, pid(), T, a, r})],
     [packet({6, pid(), '', "text"}, m)], [packet({2, '', T})],
     [packet({29, ref(), pid(), T, {a, b, 1}, []}, [x | y])],
     [packet({12, '', T, token}, m)],
     %% Fragments.
     [first(1, 0, Send)], [next(1, 1, Send)],
     [first(1, 3, Send), first(1, 3, Send)],
     [first(1, 3, Send), next(1, 1, Send)]].

harmless() ->
    T = whereis(target),
    Own = make_ref(),
    Gone = spawn(fun() -> ok end),
    [[<<>>],
     [packet({1, pid(), Gone}), packet({1, pid(), stranger()})],
     [packet({1, pid(), T}), packet({1, pid(), T}), packet({4, pid(), T})],
     [packet({35, 1 bsl 80, pid(), T})], [packet({36, 5, pid(), T})],
     [packet({19, pid(), T, Own}), packet({20, pid(), T, Own})],
     [packet({19, pid(), cat, ref()}), packet({19, pid(), nobody, ref()})],
     [packet({19, pid(), T, ref()}), packet({19, pid(), T, ref()})],
     [packet({21, pid(), self(), Own, r}), packet({21, a, self(), ref(), r})],
     [packet({31, Own, T, 3, pid()}), packet({31, Own, self(), 3, error})],
     [packet({33, pid(), Own}, m), packet({33, pid(), ref()}, m)],
     [packet({29, ref(), pid(), T, {no_such, f, 0}, [link, monitor]}, [])],
     [packet({29, ref(), pid(), T, {a, b, 0}, bad}, [])],
     [packet({3, pid(), T, r}), packet({8, pid(), stranger(), kill})],
     [packet({7, pid(), Gone}), packet({7, stranger(), T})],
     [packet({6, pid(), '', cat}, {self(), nothing})],
     %% To a port, and it cannot be read.
     [[packet({6, pid(), '', nobody}), <<255, 255>>]]].

keeps_small(Port, Send) ->
    S = connect(Port),
    Before = resident(),
    Send(S),
    erlang:yield(),
    gen_tcp:shutdown(S, write),
    gone(S),
    After = resident(),
    gen_tcp:close(S),
    down(),
    After - Before < 100000 orelse {After, Before}.

%% ---- before it is another node ----

open(Port) ->
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [binary, {packet, 2}, {active, false}]),
    S.

shake(Port, Name) ->
    S = open(Port),
    Flags = 16#DF7FBD bor (1 bsl 24) bor (1 bsl 25) bor (1 bsl 34),
    ok = gen_tcp:send(S, <<$N, Flags:64, 7:32, (byte_size(Name)):16,
                           Name/binary>>),
    Answer = case gen_tcp:recv(S, 0, 5000) of
                 {error, Why} -> Why;
                 {ok, Text} -> Text
             end,
    gen_tcp:close(S),
    Answer.

handshakes() ->
    [<<>>, <<"x">>, <<$N>>, <<$N, 0:64, 7:32, 9:16, "short">>,
     <<$N, -1:64, 7:32, 0:16>>, <<$N, -1:64, 7:32, 3:16, "a@@">>,
     <<$n, 6:16, 0:32, "a@b">>, <<$N, 0:64, 7:32, 3:16, "a@b">>].

refuses(Port, Bytes) ->
    S = open(Port),
    ok = gen_tcp:send(S, Bytes),
    Gone = gone(S),
    gen_tcp:close(S),
    Gone.
