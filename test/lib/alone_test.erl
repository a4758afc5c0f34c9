%% SPDX-License-Identifier: Apache-2.0
%% What a node without others answers: calls to itself and to nobody, names
%% and groups of its own.
%%
%% expect: {1,{badrpc,nodedown}}
%% expect: {badrpc,{'EXIT',gone}}
%% expect: {[2],[a@b]}
%% expect: {error,{erpc,noconnection}}
%% expect: {pang,[],ignored,nocookie}
%% expect: {yes,no,true,[one],ok,undefined}
%% expect: {true,true,false,true}
%% expect: {ok,[me],ok,[]}
%% expect: [net_sup]
-module(alone_test).
-export([main/0]).

main() ->
    Node = node(),
    show({rpc:call(Node, erlang, abs, [-1]),
          rpc:call(a@b, erlang, abs, [-1])}),
    show(rpc:call(Node, erlang, exit, [gone])),
    show(rpc:multicall([Node, a@b], erlang, abs, [-2])),
    show(try erpc:call(a@b, erlang, abs, [-1]) catch C:R -> {C, R} end),
    show({net_adm:ping(a@b), nodes(), net_kernel:connect_node(a@b),
          erlang:get_cookie()}),
    show(names()),
    show(locks()),
    show(groups()),
    show([Id || {Id, undefined, _, _} <- supervisor:which_children(
                                           kernel_sup)]).

names() ->
    {global:register_name(one, self()),
     global:register_name(one, whereis(init)),
     global:whereis_name(one) =:= self(), global:registered_names(),
     global:unregister_name(one), global:whereis_name(one)}.

locks() ->
    {global:set_lock({res, 1}, [node()], 0),
     global:set_lock({res, 1}, [node()], 0),
     global:set_lock({res, 2}, [node()], 0), global:del_lock({res, 1})}.

groups() ->
    {ok, _} = pg:start_link(),
    Joined = pg:join(group, self()),
    Members = [me || Pid <- pg:get_members(group), Pid =:= self()],
    {Joined, Members, pg:leave(group, self()), pg:get_members(group)}.

show(Term) -> io:format("~0p~n", [Term]).
