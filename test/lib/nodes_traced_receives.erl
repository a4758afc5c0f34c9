%% SPDX-License-Identifier: Apache-2.0
%% Of who sends from another node, the patterns of receiving know the node.
%% expect: [undefined,true,false]
-module(nodes_traced_receives).
-export([main/0, echo/0]).

main() ->
    _ = os:cmd("epmd -daemon"),
    {ok, _} = net_kernel:start([list_to_atom("nr" ++ os:getpid()),
                                shortnames]),
    {ok, Peer, Node} =
        peer:start_link(#{name => peer:random_name(),
                          args => ["-pa", filename:dirname(code:which(?MODULE))]}),
    Pid = spawn_link(?MODULE, echo, []),
    erlang:trace(Pid, true, ['receive']),
    Far = spawn(Node, ?MODULE, echo, []),
    Patterns = [[{[Node, '$1', '_'], [], [{message, '$1'}]}],
                [{[Node, undefined, '_'], [], []}],
                [{['_', Far, '_'], [], []}]],
    io:format("~p~n", [[received(Pattern, Far, Pid) || Pattern <- Patterns]]),
    peer:stop(Peer).

%% Whether it was traced, or what the pattern tells of it.
received(Pattern, Far, Pid) ->
    erlang:trace_pattern('receive', Pattern, []),
    Far ! {Pid, {self(), done}},
    receive done -> ok end,
    Ref = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, Ref} -> ok end,
    receive
        {trace, Pid, 'receive', _} -> true;
        {trace, Pid, 'receive', _, Told} -> Told
    after 0 -> false
    end.

echo() ->
    receive {To, Message} -> To ! Message end,
    echo().
