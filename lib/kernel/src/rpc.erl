%% SPDX-License-Identifier: Apache-2.0
%% rpc: calls on other nodes, whose failures come back as {badrpc, Reason}.
%% Single calls are erpc's; the server rex makes those that must run one at a
%% time on their node (block_call) or ask its registered servers.
-module(rpc).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, call/4, call/5, block_call/4,
         block_call/5, server_call/4, cast/4, abcast/2, abcast/3, sbcast/2,
         sbcast/3, eval_everywhere/3, eval_everywhere/4, multi_server_call/2,
         multi_server_call/3, multicall/3, multicall/4, multicall/5,
         async_call/4, yield/1, nb_yield/1, nb_yield/2, parallel_eval/1,
         pmap/3, pinfo/1, pinfo/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).
-export_type([key/0]).

-opaque key() :: erpc:request_id().

-define(NAME, rex).
-define(IS_TIME(T), T =:= infinity orelse is_integer(T) andalso T >= 0
                    andalso T =< 16#ffffffff).

start() -> gen_server:start({local, ?NAME}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?NAME}, ?MODULE, [], []).
stop() -> gen_server:call(?NAME, stop, infinity).

%% ---- calls ----

call(Node, M, F, A) -> call(Node, M, F, A, infinity).

call(Node, M, F, A, Timeout) ->
    as_badrpc(fun() -> erpc:call(Node, M, F, A, Timeout) end).

%% erpc's exceptions in this module's words. A thrown value is a value.
as_badrpc(Fun) ->
    try as_value(Fun())
    catch
        Class:Reason -> rpcify_exception(Class, Reason)
    end.

rpcify_exception(throw, Value) -> as_value(Value);
rpcify_exception(exit, {exception, Reason}) -> {badrpc, {'EXIT', Reason}};
rpcify_exception(exit, {signal, Reason}) -> {badrpc, {'EXIT', Reason}};
rpcify_exception(exit, Reason) -> exit(Reason);
rpcify_exception(error, {exception, Reason, Trace}) ->
    {badrpc, {'EXIT', {Reason, Trace}}};
rpcify_exception(error, {erpc, badarg}) -> error(badarg);
rpcify_exception(error, {erpc, noconnection}) -> {badrpc, nodedown};
rpcify_exception(error, {erpc, Reason}) -> {badrpc, Reason};
rpcify_exception(error, Reason) -> error(Reason).

%% What looks like an exit is one.
as_value({'EXIT', _} = Exit) -> {badrpc, Exit};
as_value(Value) -> Value.

block_call(Node, M, F, A) -> block_call(Node, M, F, A, infinity).

block_call(Node, M, F, A, Timeout)
  when is_atom(Node), is_atom(M), is_list(A), ?IS_TIME(Timeout) ->
    try gen_server:call({?NAME, Node},
                        {block_call, M, F, A, group_leader()}, Timeout)
    catch
        exit:{timeout, _} -> {badrpc, timeout};
        exit:{{nodedown, _}, _} -> {badrpc, nodedown};
        exit:Reason -> {badrpc, {'EXIT', Reason}}
    end.

server_call(Node, Name, Tag, Request) when is_atom(Node), is_atom(Name) ->
    Monitor = monitor(process, {Name, Node}),
    try erlang:send({Name, Node}, {self(), Request}, [noconnect])
    catch error:badarg -> ok
    end,
    receive
        {Tag, Node, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, _, _, _} -> {error, nodedown}
    end.

cast(Node, M, F, A) ->
    try erpc:cast(Node, M, F, A) of
        ok -> true
    catch
        error:{erpc, badarg} -> error(badarg)
    end.

abcast(Name, Message) -> abcast([node() | nodes()], Name, Message).

abcast(Nodes, Name, Message) ->
    [try {Name, Node} ! Message catch error:badarg -> ok end
     || Node <- Nodes],
    abcast.

sbcast(Name, Message) -> sbcast([node() | nodes()], Name, Message).

%% {Nodes with that name, nodes without}
sbcast(Nodes, Name, Message) ->
    Answers = [{Node, call(Node, erlang, send, [Name, Message])}
               || Node <- Nodes],
    {[N || {N, Sent} <- Answers, Sent =:= Message],
     [N || {N, Sent} <- Answers, Sent =/= Message]}.

eval_everywhere(M, F, A) -> eval_everywhere([node() | nodes()], M, F, A).

eval_everywhere(Nodes, M, F, A) ->
    _ = erpc:multicast(Nodes, M, F, A),
    abcast.

multi_server_call(Name, Request) ->
    multi_server_call([node() | nodes()], Name, Request).

multi_server_call(Nodes, Name, Request)
  when is_list(Nodes), is_atom(Name) ->
    Monitors = [begin
                    Monitor = monitor(process, {Name, Node}),
                    try {Name, Node} ! {self(), Request}
                    catch error:badarg -> ok
                    end,
                    {Node, Monitor}
                end || Node <- Nodes],
    Answers = [receive
                   {Name, Node, Answer} ->
                       demonitor(Monitor, [flush]),
                       {good, Answer};
                   {'DOWN', Monitor, _, _, _} -> {bad, Node}
               end || {Node, Monitor} <- Monitors],
    {[A || {good, A} <- Answers], [N || {bad, N} <- Answers]}.

multicall(M, F, A) -> multicall(M, F, A, infinity).

multicall(Nodes, M, F, A) when is_list(Nodes) ->
    multicall(Nodes, M, F, A, infinity);
multicall(M, F, A, Timeout) ->
    multicall([node() | nodes()], M, F, A, Timeout).

%% {Results, nodes that did not answer}
multicall(Nodes, M, F, A, Timeout) ->
    Answers = try erpc:multicall(Nodes, M, F, A, Timeout)
              catch error:{erpc, badarg} -> error(badarg)
              end,
    Results = [as_badrpc(fun() ->
                                 case Answer of
                                     {ok, Value} -> Value;
                                     {Class, Reason} ->
                                         erlang:raise(Class, Reason, [])
                                 end
                         end) || Answer <- Answers],
    Pairs = lists:zip(Nodes, Results),
    {[R || {_, R} <- Pairs, not is_lost(R)],
     [N || {N, R} <- Pairs, is_lost(R)]}.

is_lost({badrpc, nodedown}) -> true;
is_lost({badrpc, timeout}) -> true;
is_lost(_) -> false.

%% ---- promises ----

async_call(Node, M, F, A) ->
    try erpc:send_request(Node, M, F, A)
    catch error:{erpc, badarg} -> error(badarg)
    end.

yield(Key) -> as_badrpc(fun() -> erpc:receive_response(Key) end).

nb_yield(Key) -> nb_yield(Key, 0).

nb_yield(Key, Timeout) ->
    case as_badrpc(fun() -> erpc:wait_response(Key, Timeout) end) of
        no_response -> timeout;
        {response, Value} -> {value, Value};
        Failure -> {value, Failure}
    end.

%% ---- parallel work ----

parallel_eval(Calls) ->
    Nodes = [node() | nodes()],
    Keys = start_all(Calls, Nodes, Nodes),
    [yield(Key) || Key <- Keys].

start_all([{M, F, A} | Calls], [Node | Rest], All) ->
    [async_call(Node, M, F, A) | start_all(Calls, Rest, All)];
start_all([], _, _) -> [];
start_all(Calls, [], All) -> start_all(Calls, All, All).

pmap({M, F}, Extra, List) ->
    Results = parallel_eval([{M, F, [Item | Extra]} || Item <- List]),
    case [R || {badrpc, _} = R <- Results] of
        [] -> Results;
        _ -> exit(badrpc)
    end.

pinfo(Pid) when node(Pid) =:= node() -> process_info(Pid);
pinfo(Pid) -> call(node(Pid), erlang, process_info, [Pid]).

pinfo(Pid, Item) when node(Pid) =:= node() -> process_info(Pid, Item);
pinfo(Pid, Item) -> call(node(Pid), erlang, process_info, [Pid, Item]).

%% ---- the server ----

init([]) ->
    process_flag(trap_exit, true),
    {ok, #{}}.

%% The state holds who waits for which call: #{Monitor => From}.
handle_call({block_call, M, F, A, Leader}, _, S) ->
    %% what is called may link processes to this one, see kernel_server
    process_flag(trap_exit, true),
    Own = group_leader(),
    group_leader(Leader, self()),
    Answer = as_badrpc(fun() -> erpc:call(node(), M, F, A) end),
    group_leader(Own, self()),
    {reply, Answer, S};
handle_call({call, M, F, A, Leader}, From, S) ->
    {_, Monitor} =
        spawn_monitor(fun() ->
                              group_leader(Leader, self()),
                              exit({?MODULE, call(node(), M, F, A)})
                      end),
    {noreply, S#{Monitor => From}};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast({cast, M, F, A, Leader}, S) ->
    spawn(fun() ->
                  group_leader(Leader, self()),
                  apply(M, F, A)
          end),
    {noreply, S};
handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', Monitor, _, _, Reason}, S) when is_map_key(Monitor, S) ->
    gen_server:reply(maps:get(Monitor, S),
                     case Reason of
                         {?MODULE, Answer} -> Answer;
                         _ -> {badrpc, {'EXIT', Reason}}
                     end),
    {noreply, maps:remove(Monitor, S)};
handle_info({From, {sbcast, Name, Message}}, S) ->
    From ! {?NAME, node(),
            try Name ! Message of _ -> Message
            catch error:badarg -> undefined
            end},
    {noreply, S};
handle_info({From, {send, Name, Message}}, S) ->
    From ! {?NAME, node(), {try Name ! Message of _ -> ok
                            catch error:badarg -> undefined
                            end, Name}},
    {noreply, S};
handle_info({From, features_request}, S) ->
    From ! {features_reply, node(), [erpc]},
    {noreply, S};
handle_info({From, {call, M, F, A, Leader}}, S) ->
    spawn(fun() ->
                  group_leader(Leader, self()),
                  From ! {?NAME, call(node(), M, F, A)}
          end),
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> ok.

code_change(_, S, _) -> {ok, S}.
