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
-include("other_node.hrl").

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

%% A control message as it ought to be, and a term with an unknown tag.
damaged(S, Pid) ->
    <<131, Control/binary>> = term_to_binary({2, '', Pid}),
    ok = gen_tcp:send(S, [<<131, 68, 0>>, Control, <<131, 255, 255>>]).
