%% SPDX-License-Identifier: Apache-2.0
%% Nodes of this program and of an installed Erlang: messages, links, monitors,
%% spawning, names and groups, and what happens when the connection ends.
%% skip without erl
%% expect: this program: ok
%% expect: another program: ok
-module(nodes_test).
-export([main/0, echo/0, serve/1]).

main() ->
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("nt" ++ Id), shortnames]),
    erlang:set_cookie(node(), nodes_test),
    [_, Host] = string:split(atom_to_list(node()), "@"),
    {ok, [[Own | _] | _]} = init:get_argument(progname),
    [check(Title, Program, lists:concat([Name, Id]), Host)
     || {Title, Name, Program} <- [{"this program", "nu", Own},
                                   {"another program", "nv", other(Own)}]],
    ok.

%% Under erl the other one is the same again.
other(_) -> os:find_executable("erl").

check(Title, Program, Name, Host) ->
    Node = list_to_atom(Name ++ "@" ++ Host),
    Path = case os:find_executable(Program) of
               false -> Program;
               Found -> Found
           end,
    Port = open_port({spawn_executable, Path},
                     [{args, ["-sname", Name, "-setcookie", "nodes_test",
                              "-noinput"]}, stderr_to_stdout]),
    Result = case wait(fun() -> net_adm:ping(Node) =:= pong end) of
                 true -> run(Node);
                 false -> no_node
             end,
    io:format("~s: ~p~n", [Title, Result]),
    rpc:cast(Node, erlang, halt, []),
    receive {Port, closed} -> ok after 0 -> catch port_close(Port) end.

wait(Fun) -> wait(Fun, 200).
wait(_, 0) -> false;
wait(Fun, N) ->
    case Fun() of
        true -> true;
        _ -> timer:sleep(50), wait(Fun, N - 1)
    end.

run(Node) ->
    {_, Bin, File} = code:get_object_code(?MODULE),
    {module, _} = rpc:call(Node, code, load_binary, [?MODULE, File, Bin]),
    process_flag(trap_exit, true),
    Failed = [Name || {Name, Fun} <- tests(Node), not passes(Name, Fun)],
    process_flag(trap_exit, false),
    case Failed of
        [] -> ok;
        _ -> Failed
    end.

passes(Name, Fun) ->
    try Fun() of
        true -> got(20) =:= nothing;
        Other -> io:format("~p: ~p~n", [Name, Other]), false
    catch
        C:R:T -> io:format("~p: ~p~n", [Name, {C, R, T}]), false
    end.

got(Time) -> receive M -> M after Time -> nothing end.

down(Pid, Reason) -> receive {'DOWN', _, _, Pid, Reason} -> true
                     after 5000 -> {no_down, Reason} end.
exited(Pid, Reason) -> receive {'EXIT', Pid, Reason} -> true
                       after 5000 -> {no_exit, Reason} end.

tests(N) ->
    [{terms, fun() -> terms(N) end},
     {order, fun() -> order(N) end},
     {links, fun() -> links(N) end},
     {monitors, fun() -> monitors(N) end},
     {names, fun() -> names(N) end},
     {spawning, fun() -> spawning(N) end},
     {aliases, fun() -> aliases(N) end},
     {calls, fun() -> calls(N) end},
     {groups, fun() -> groups(N) end},
     {global, fun() -> globally(N) end},
     {fragments, fun() -> fragments(N) end},
     {lost, fun() -> lost(N) end},
     {nobody, fun() -> nobody() end}].

echo() ->
    receive
        {From, X} -> From ! {self(), X}, echo();
        stop -> ok
    end.

serve(Name) -> register(Name, self()), echo().

back(Pid, Term) ->
    Pid ! {self(), Term},
    receive {Pid, X} -> X =:= Term after 10000 -> no_answer end.

terms(N) ->
    P = spawn(N, ?MODULE, echo, []),
    T = {1, -1, 2.5, "text", <<"bytes">>, <<5:3>>, self(), P, make_ref(),
         #{a => 1, b => [c | d]}, 1 bsl 100, - (1 bsl 100), fun lists:map/2,
         list_to_atom([1234, 955]), [], {}, <<0:80000>>,
         maps:from_list([{I, I} || I <- lists:seq(1, 100)])},
    true = back(P, T),
    K = 7,
    F = fun(X) -> X + K end,
    P ! {self(), F},
    receive {P, G} -> 8 = G(1) end,
    true = P =:= list_to_pid(pid_to_list(P)),
    true = P =:= binary_to_term(term_to_binary(P)),
    N = node(P),
    P ! stop,
    true.

order(N) ->
    P = spawn(N, ?MODULE, echo, []),
    [P ! {self(), I} || I <- lists:seq(1, 5000)],
    [receive {P, M} -> I = M end || I <- lists:seq(1, 5000)],
    P ! stop,
    true.

links(N) ->
    P = spawn_link(N, ?MODULE, echo, []),
    true = linked_there(P),
    unlink(P),
    true = back(P, now_unlinked),
    false = linked_there(P),
    link(P),
    exit(P, gone),
    true = exited(P, gone),
    link(P),
    true = exited(P, noproc),
    {links, L} = process_info(self(), links),
    not lists:member(P, L).

linked_there(P) ->
    {links, L} = rpc:call(node(P), erlang, process_info, [P, links]),
    lists:member(self(), L).

monitors(N) ->
    P = spawn(N, ?MODULE, echo, []),
    R = monitor(process, P),
    {monitors, [{process, P}]} = process_info(self(), monitors),
    {_, Who} = rpc:call(N, erlang, process_info, [P, monitored_by]),
    true = lists:member(self(), Who),
    true = demonitor(R),
    monitor(process, P),
    exit(P, kill),
    true = down(P, killed),
    monitor(process, P),
    down(P, noproc).

names(N) ->
    P = spawn(N, ?MODULE, serve, [nodes_test_echo]),
    true = back(P, is_there),
    {nodes_test_echo, N} ! {self(), hello},
    receive {P, hello} -> ok end,
    monitor(process, {nodes_test_echo, N}),
    exit(P, bye),
    true = down({nodes_test_echo, N}, bye),
    monitor(process, {nodes_test_echo, N}),
    down({nodes_test_echo, N}, noproc).

spawning(N) ->
    {P1, _} = spawn_monitor(N, erlang, exit, [abc]),
    true = down(P1, abc),
    {P2, _} = spawn_opt(N, erlang, exit, [abc],
                        [link, monitor, {priority, high}]),
    true = down(P2, abc),
    true = exited(P2, abc),
    R = spawn_request(N, erlang, node, [], [{reply_tag, tag}]),
    receive {tag, R, ok, P3} -> N = node(P3) end,
    B = spawn_request(N, erlang, node, [], [{what, tag}]),
    receive {spawn_reply, B, error, badopt} -> true end.

aliases(N) ->
    A = alias([reply]),
    rpc:call(N, erlang, send, [A, first]),
    rpc:call(N, erlang, send, [A, second]),
    receive first -> true end.

calls(N) ->
    N = erpc:call(N, erlang, node, []),
    ok = try erpc:call(N, erlang, error, [why])
         catch error:{exception, why, _} -> ok end,
    ok = try erpc:call(N, timer, sleep, [5000], 50)
         catch error:{erpc, timeout} -> ok end,
    {badrpc, {'EXIT', bye}} = rpc:call(N, erlang, exit, [bye]),
    {[_, _], []} = rpc:multicall([node(), N], erlang, node, []),
    Leader = group_leader(),
    Leader = rpc:call(N, erlang, group_leader, []),
    is_list(gen_server:call({application_controller, N},
                            which_applications)).

groups(N) ->
    {ok, S} = pg:start(nodes_test),
    {ok, _} = rpc:call(N, pg, start, [nodes_test]),
    ok = pg:join(nodes_test, g, self()),
    There = fun() -> rpc:call(N, pg, get_members, [nodes_test, g]) end,
    true = wait(fun() -> There() =:= [self()] end),
    ok = pg:leave(nodes_test, g, self()),
    true = wait(fun() -> There() =:= [] end),
    unlink(S),
    ok = gen_server:stop(S),
    true.

globally(N) ->
    ok = global:sync(),
    yes = global:register_name(nodes_test, self()),
    true = self() =:= rpc:call(N, global, whereis_name, [nodes_test]),
    global:unregister_name(nodes_test),
    undefined = rpc:call(N, global, whereis_name, [nodes_test]),
    false = global:trans(
              {lock, self()},
              fun() -> rpc:call(N, global, set_lock,
                                [{lock, other}, [node(), N], 0]) end),
    true.

fragments(N) ->
    P = spawn(N, ?MODULE, echo, []),
    true = back(P, lists:seq(1, 200000)),
    true = back(P, binary:copy(<<"x">>, 3000000)),
    P ! stop,
    true.

lost(N) ->
    P = spawn_link(N, ?MODULE, echo, []),
    monitor(process, P),
    ok = net_kernel:monitor_nodes(true),
    monitor_node(N, true),
    true = erlang:disconnect_node(N),
    true = exited(P, noconnection),
    true = down(P, noconnection),
    receive {nodedown, N} -> ok end,
    receive {nodedown, N} -> ok end,
    [] = nodes(),
    pong = net_adm:ping(N),
    receive {nodeup, N} -> ok end,
    ok = net_kernel:monitor_nodes(false),
    nodes() =:= [N].

nobody() ->
    Node = list_to_atom("nobody@" ++ tl(string:find(atom_to_list(node()),
                                                    "@"))),
    pang = net_adm:ping(Node),
    monitor(process, {x, Node}),
    true = down({x, Node}, noconnection),
    monitor_node(Node, true),
    receive {nodedown, Node} -> true end.
