%% SPDX-License-Identifier: Apache-2.0
%% Large messages between nodes go in pieces: each process's stay in order,
%% small ones of others pass, and what arrives is what was sent.
%% skip without erl
%% expect: this program: ok
%% expect: another program: ok
-module(nodes_large_test).
-export([main/0, collect/3, send/2]).

-define(SENDERS, 5).
-define(EACH, 12).

main() ->
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("nl" ++ Id), shortnames]),
    erlang:set_cookie(node(), nodes_large_test),
    {ok, [[Own | _] | _]} = init:get_argument(progname),
    [io:format("~s: ~p~n", [Title, check(Program, lists:concat([Name, Id]))])
     || {Title, Name, Program} <- [{"this program", "nm", Own},
                                   {"another program", "nn", "erl"}]],
    ok.

check(Program, Name) ->
    {ok, Peer, Node} =
        peer:start_link(#{name => Name, exec => os:find_executable(Program),
                          connection => standard_io,
                          args => ["-setcookie", "nodes_large_test"]}),
    {_, Bin, File} = code:get_object_code(?MODULE),
    {module, _} = peer:call(Peer, code, load_binary, [?MODULE, File, Bin]),
    pong = net_adm:ping(Node),
    ok = one_way(node(), Node),
    ok = one_way(Node, node()),
    ok = reasons(Node),
    peer:stop(Peer),
    ok.

%% Several processes of From send to one of To, large and small by turns.
one_way(From, To) ->
    Collector = spawn(To, ?MODULE, collect, [self(), ?SENDERS, []]),
    [spawn(From, ?MODULE, send, [Collector, N])
     || N <- lists:seq(1, ?SENDERS)],
    receive {Collector, Got} -> Got after 60000 -> timeout end.

send(To, N) -> [To ! {N, I, payload(N, I)} || I <- lists:seq(1, ?EACH)].

payload(N, I) when (N + I) rem 2 =:= 0 -> {small, N, I};
payload(N, I) when I rem 3 =:= 0 ->
    lists:seq(I, 30000 * N + I);
payload(N, I) -> [binary:copy(<<N, I>>, 150000 * N), {tail, N}].

collect(Parent, 0, _) -> Parent ! {self(), ok};
collect(Parent, Left, Seen) ->
    receive
        {N, I, Payload} ->
            I = 1 + proplists:get_value(N, Seen, 0),
            Payload = payload(N, I),
            collect(Parent, case I of
                                ?EACH -> Left - 1;
                                _ -> Left
                            end, [{N, I} | Seen])
    end.

%% Reasons of exits are payloads, too, and come behind messages.
reasons(Node) ->
    Self = self(),
    Reason = payload(1, 4),
    {Pid, Ref} = spawn_monitor(Node, fun() ->
                                             Self ! payload(2, 1),
                                             Self ! last,
                                             exit(Reason)
                                     end),
    Large = payload(2, 1),
    receive Large -> ok end,
    receive last -> ok after 0 -> receive last -> ok end end,
    receive {'DOWN', Ref, process, Pid, Reason} -> ok end.
