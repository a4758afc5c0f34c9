%% SPDX-License-Identifier: Apache-2.0
%% A node that is asked to end by one of its processes, which still has some
%% questions to another node: they are answered before the connection goes.
-module(nodes_stop_test).
-export([main/0, ask/1]).

%% expect: [3,2,1,done,nodedown]
main() ->
    Name = list_to_atom("ns" ++ os:getpid()),
    {ok, _} = net_kernel:start([Name, shortnames]),
    {ok, _, Node} = peer:start(#{name => peer:random_name(),
                                 connection => standard_io,
                                 args => ["-setcookie", get_cookie()]}),
    pong = net_adm:ping(Node),
    {_, Bin, File} = code:get_object_code(?MODULE),
    {module, _} = rpc:call(Node, code, load_binary, [?MODULE, File, Bin]),
    monitor_node(Node, true),
    spawn(Node, ?MODULE, ask, [self()]),
    io:format("~w~n", [asked(Node)]).

get_cookie() -> atom_to_list(erlang:get_cookie()).

asked(Node) ->
    receive
        {nodedown, Node} -> [nodedown];
        {From, What} -> From ! answer, [What | asked(Node)]
    end.

ask(To) ->
    init:stop(),
    ask(To, 3).

ask(To, 0) -> To ! {self(), done};
ask(To, N) ->
    To ! {self(), N},
    receive answer -> ask(To, N - 1) end.
