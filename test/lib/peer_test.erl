%% SPDX-License-Identifier: Apache-2.0
%% Peers without distribution: calls, what they raise, their end.
%% expect: {nonode@nohost,running}
%% expect: [1,2,3]
%% expect: true
%% expect: {error,oops}
%% expect: {throw,ball}
%% expect: 1
%% expect: ok
%% expect: false
%% expect: down
%% expect: not_alive
-module(peer_test).
-export([main/0]).

main() ->
    {ok, P, Node} = peer:start_link(#{connection => standard_io}),
    show({Node, peer:get_state(P)}),
    show(peer:call(P, lists, seq, [1, 3])),
    show(peer:call(P, os, getpid, []) =/= os:getpid()),
    show(try peer:call(P, erlang, error, [oops]) catch C:R -> {C, R} end),
    show(try peer:call(P, erlang, throw, [ball]) catch C1:R1 -> {C1, R1} end),
    peer:cast(P, persistent_term, put, [a, 1]),
    timer:sleep(200),
    show(peer:call(P, persistent_term, get, [a])),
    show(peer:stop(P)),
    show(is_process_alive(P)),
    {ok, P2, _} = peer:start(#{connection => 0, peer_down => continue}),
    peer:cast(P2, erlang, halt, [3]),
    timer:sleep(1000),
    show(element(1, peer:get_state(P2))),
    peer:stop(P2),
    show(try peer:start(#{name => x}) catch error:E -> E end).

show(Term) -> io:format("~p~n", [Term]).
