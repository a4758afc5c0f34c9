%% SPDX-License-Identifier: Apache-2.0
%% A process that ends with a large reason waits for a busy connection, as one
%% that sends does. Those of its own node hear at once.
%% expect: limit: 1024
%% expect: here at once: 64
%% expect: not ended, busy: {true,true}
%% expect: there: [8000000,8000000]
%% expect: ended: true
%% expect: killed while it waits: {true,[killed]}
%% expect: the node is gone: true
-module(nodes_ending_test).
-export([main/0, gather/2, limit/0, links/2]).

-define(SIZE, 8000000).

main() ->
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("ne" ++ Id), shortnames]),
    erlang:set_cookie(node(), nodes_ending_test),
    {ok, [[Own | _] | _]} = init:get_argument(progname),
    {ok, Peer, Node} =
        peer:start(#{name => "nf" ++ Id, exec => os:find_executable(Own),
                     connection => standard_io,
                     args => ["+zdbbl", "1", "-setcookie",
                              "nodes_ending_test"]}),
    {_, Bin, File} = code:get_object_code(?MODULE),
    {module, _} = peer:call(Peer, code, load_binary, [?MODULE, File, Bin]),
    io:format("limit: ~p~n", [peer:call(Peer, ?MODULE, limit, [])]),
    Program = peer:call(Peer, os, getpid, []),
    pong = net_adm:ping(Node),
    ends(Node, Program),
    killed(Node, Program),
    lost(Node, Program),
    ok.

limit() -> erlang:system_info(dist_buf_busy_limit).

%% Of another node: links and monitors of [Pid], until both have told.
gather(Pid, Parent) ->
    process_flag(trap_exit, true),
    link(Pid),
    Ref = monitor(process, Pid),
    Parent ! {self(), ready},
    Parent ! {self(), [receive
                           {'EXIT', Pid, Reason} -> size_of(Reason);
                           {'DOWN', Ref, _, _, Reason} -> size_of(Reason)
                       end || _ <- [link, monitor]]}.

size_of(Reason) when is_binary(Reason) -> byte_size(Reason);
size_of(Reason) -> Reason.

%% One that ends with [Reason] when it is told to, linked to a stopped node.
begin_end(Node, Program, Reason) ->
    Pid = spawn(fun() -> receive go -> exit(Reason) end end),
    There = spawn(Node, ?MODULE, gather, [Pid, self()]),
    receive {There, ready} -> ok end,
    Ref = monitor(process, Pid),
    erlang:system_monitor(self(), [busy_dist_port]),
    erlang:trace(Pid, true, [exiting]),
    [] = os:cmd("kill -STOP " ++ Program),
    Pid ! go,
    {Pid, There, Ref}.

ended(Pid, Time) ->
    receive {trace, Pid, out_exited, _} -> true after Time -> false end.

busy(Pid) ->
    receive {monitor, Pid, busy_dist_port, _} -> true after 5000 -> false end.

ends(Node, Program) ->
    Reason = binary:copy(<<1>>, ?SIZE),
    {Pid, There, Ref} = begin_end(Node, Program, Reason),
    receive
        {'DOWN', Ref, _, _, Bin} ->
            io:format("here at once: ~p~n", [byte_size(Bin) div 125000])
    end,
    io:format("not ended, busy: ~p~n", [{not ended(Pid, 300), busy(Pid)}]),
    [] = os:cmd("kill -CONT " ++ Program),
    receive {There, Sizes} -> io:format("there: ~p~n", [Sizes]) end,
    io:format("ended: ~p~n", [ended(Pid, infinity)]).

%% It waits with a message when it is told to end: its end waits, too, but only
%% for that.
killed(Node, Program) ->
    Pid = spawn(fun() -> receive {go, To} -> To ! binary:copy(<<1>>, ?SIZE) end,
                         receive after infinity -> ok end
                end),
    There = spawn(Node, ?MODULE, links, [Pid, self()]),
    receive {There, ready} -> ok end,
    [] = os:cmd("kill -STOP " ++ Program),
    Pid ! {go, There},
    true = busy(Pid),
    exit(Pid, kill),
    Alive = is_process_alive(Pid),
    [] = os:cmd("kill -CONT " ++ Program),
    receive {There, Reason} ->
            io:format("killed while it waits: ~p~n", [{not Alive, [Reason]}])
    end.

links(Pid, Parent) ->
    process_flag(trap_exit, true),
    link(Pid),
    Parent ! {self(), ready},
    receive {'EXIT', Pid, Reason} -> Parent ! {self(), Reason} end.

%% Nobody takes what it has to tell.
lost(Node, Program) ->
    {Pid, _, _} = begin_end(Node, Program, binary:copy(<<1>>, ?SIZE)),
    true = busy(Pid),
    [] = os:cmd("kill -KILL " ++ Program),
    io:format("the node is gone: ~p~n", [ended(Pid, infinity)]).
