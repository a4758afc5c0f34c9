%% SPDX-License-Identifier: Apache-2.0
%% A message of another node that cannot be read ends the connection when its
%% receiver looks at it, and not before.
%% expect: waiting: {message_queue_len,2}
%% expect: up: true
%% expect: asked: {messages,[one]}
%% expect: down: killed
%% expect: left: {message_queue_len,1}
%% expect: at once: killed
%% expect: resumed: killed
-module(dist_damaged_test).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = net_kernel:start([list_to_atom("dd" ++ os:getpid()), shortnames]),
    Port = port(),
    ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
    P = spawn(fun Loop() -> receive done -> ok; one -> Loop() end end),
    Q = spawn(fun() -> receive stop -> ok end end),
    erlang:suspend_process(Q),
    S = connect("first", Port),
    Q ! one,
    damaged(S, Q),
    wait(fun() -> process_info(Q, message_queue_len)
                      =:= {message_queue_len, 2} end),
    io:format("waiting: ~p~n", [process_info(Q, message_queue_len)]),
    io:format("up: ~p~n", [nodes(hidden) ++ nodes() =/= []]),
    io:format("asked: ~p~n", [process_info(Q, messages)]),
    io:format("down: ~p~n", [reason()]),
    io:format("left: ~p~n", [process_info(Q, message_queue_len)]),
    damaged(connect("second", Port), P),
    io:format("at once: ~p~n", [reason()]),
    damaged(connect("third", Port), Q),
    wait(fun() -> process_info(Q, message_queue_len)
                      =:= {message_queue_len, 2} end),
    erlang:resume_process(Q),
    io:format("resumed: ~p~n", [reason()]).

reason() ->
    receive {nodedown, _, Info} -> proplists:get_value(nodedown_reason, Info)
    after 5000 -> none end.

wait(F) ->
    case F() of
        true -> ok;
        false -> timer:sleep(10), wait(F)
    end.

port() ->
    [Name, _] = string:split(atom_to_list(node()), "@"),
    {port, Port, _} = erl_epmd:port_please(Name, {127, 0, 0, 1}),
    Port.

%% Another node, as far as it is needed.
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

%% A control message as it ought to be, and a term with an unknown tag.
damaged(S, Pid) ->
    <<131, Control/binary>> = term_to_binary({2, '', Pid}),
    ok = gen_tcp:send(S, [<<131, 68, 0>>, Control, <<131, 255, 255>>]).
