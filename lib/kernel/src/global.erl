%% SPDX-License-Identifier: Apache-2.0
%% global: names and locks that hold for a whole cluster. The server owns the
%% tables, which are the same on all nodes, and watches who has a name or a
%% lock; names are looked up in the tables by anybody. Who changes them does so
%% on all nodes at once, holding the lock `global' on each of them.
%%
%%     global_names  {Name, Pid, Resolve, Monitor}
%%     global_locks  {Resource, Requester, [{Pid, Monitor}]}
%%
%% When a node is connected the two servers begin a session, which has a tag on
%% each side, and the lockers (global_locker) lock both clusters. Then
%%
%%     lock_is_set -> exchange          each tells the other its names
%%     exchange    -> exchange_ops      a process compares and resolves them
%%     resolved    -> new_nodes         what came out goes to all that are known
%%                    in_sync
-module(global).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, sync/0, info/0, disconnect/0,
         register_name/2, register_name/3, register_name_external/2,
         register_name_external/3, unregister_name_external/1,
         re_register_name/2, re_register_name/3, unregister_name/1,
         whereis_name/1, registered_names/0, send/2, safe_whereis_name/1,
         set_lock/1, set_lock/2, set_lock/3, del_lock/1, del_lock/2,
         trans/2, trans/3, trans/4, random_exit_name/3, random_notify_name/3,
         notify_all_name/3, resolve_it/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(SERVER, global_name_server).
-define(NAMES, global_names).
-define(LOCKS, global_locks).
-define(PIDS, global_pid_names).

start() -> gen_server:start({local, ?SERVER}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).
stop() -> gen_server:call(?SERVER, stop, infinity).

info() -> call(info).

%% Those that were connected are gone when this returns.
disconnect() ->
    Nodes = call(disconnect),
    await_gone(Nodes, 500),
    Nodes.

await_gone(Nodes, Times) ->
    case [N || N <- Nodes, lists:member(N, nodes())] of
        [_ | _] = Left when Times > 0 ->
            timer:sleep(10),
            await_gone(Left, Times - 1);
        _ -> ok
    end.

%% Waits until the names are the same on all connected nodes.
sync() -> call({sync, nodes()}).

call(Request) -> gen_server:call(?SERVER, Request, infinity).

%% Runs Fun with the list of the cluster's nodes, all locked.
on_all_nodes(Fun) -> on_all_nodes(Fun, 1).

on_all_nodes(Fun, Times) ->
    Id = {global, self()},
    Known = lists:sort([node() | known()]),
    Boss = lists:last(Known),
    case set_lock(Id, [Boss], 0) andalso set_lock(Id, Known -- [Boss], 0) of
        true ->
            try
                case known() -- Known of
                    [] -> {ok, Fun(Known)};
                    _ -> again
                end
            of
                {ok, Value} -> Value;
                again -> on_all_nodes(Fun, Times)
            after del_lock(Id, Known)
            end;
        false ->
            del_lock(Id, [Boss]),
            timer:sleep(pause(Times)),
            on_all_nodes(Fun, Times + 1)
    end.

%% A node that is alone need not ask.
known() ->
    case is_alive() of
        true -> call(get_known);
        false -> []
    end.

on_nodes([Node], Request) when Node =:= node() -> [{Node, call(Request)}];
on_nodes(Nodes, Request) ->
    {Answers, _} = gen_server:multi_call(Nodes, ?SERVER, Request),
    Answers.

%% ---- names ----

register_name(Name, Pid) when is_pid(Pid) ->
    register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

register_name(Name, Pid, Resolve) when is_pid(Pid) ->
    is_resolve(Resolve) orelse error(badarg, [Name, Pid, Resolve]),
    on_all_nodes(
      fun(Nodes) ->
              case whereis_name(Name) =:= undefined
                  andalso is_second_name_allowed(Name, Pid) of
                  true ->
                      _ = on_nodes(Nodes, {register, Name, Pid, Resolve}),
                      yes;
                  false -> no
              end
      end).

re_register_name(Name, Pid) when is_pid(Pid) ->
    re_register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

re_register_name(Name, Pid, Resolve) when is_pid(Pid) ->
    is_resolve(Resolve) orelse error(badarg, [Name, Pid, Resolve]),
    on_all_nodes(
      fun(Nodes) ->
              _ = on_nodes(Nodes, {register, Name, Pid, Resolve}),
              yes
      end).

is_resolve({M, F}) -> is_atom(M) andalso is_atom(F);
is_resolve(Fun) -> is_function(Fun, 3).

register_name_external(Name, Pid) ->
    register_name(Name, Pid).
register_name_external(Name, Pid, Resolve) ->
    register_name(Name, Pid, Resolve).
unregister_name_external(Name) -> unregister_name(Name).

unregister_name(Name) ->
    case whereis_name(Name) of
        undefined -> ok;
        _ ->
            on_all_nodes(fun(Nodes) ->
                                 _ = on_nodes(Nodes, {unregister, Name}),
                                 ok
                         end)
    end.

%% The process may be gone before the server has heard of it.
whereis_name(Name) ->
    case ets:lookup(?NAMES, Name) of
        [{_, Pid, _, _}] when node(Pid) =:= node() ->
            case is_process_alive(Pid) of
                true -> Pid;
                false -> undefined
            end;
        [{_, Pid, _, _}] -> Pid;
        [] -> undefined
    end.

safe_whereis_name(Name) -> call({whereis, Name}).

registered_names() -> [Name || {Name, _, _, _} <- ets:tab2list(?NAMES)].

send(Name, Message) ->
    case whereis_name(Name) of
        Pid when is_pid(Pid) ->
            Pid ! Message,
            Pid;
        undefined -> exit({badarg, {Name, Message}})
    end.

%% What to do when two parts of a cluster that meet know a name differently.
random_exit_name(Name, Pid1, Pid2) ->
    {Min, Max} = minmax(Pid1, Pid2),
    logger:log(info, "global: Name conflict terminating ~tw",
               [{Name, Max}]),
    exit(Max, kill),
    Min.

random_notify_name(Name, Pid1, Pid2) ->
    {Min, Max} = minmax(Pid1, Pid2),
    Max ! {global_name_conflict, Name},
    Min.

notify_all_name(Name, Pid1, Pid2) ->
    Pid1 ! {global_name_conflict, Name, Pid2},
    Pid2 ! {global_name_conflict, Name, Pid1},
    none.

minmax(P1, P2) when node(P1) < node(P2) -> {P1, P2};
minmax(P1, P2) -> {P2, P1}.

%% ---- locks ----

set_lock(Id) -> set_lock(Id, [node() | nodes()], infinity).
set_lock(Id, Nodes) -> set_lock(Id, Nodes, infinity).

set_lock({_, _} = Id, Nodes, Retries)
  when is_list(Nodes), Retries =:= infinity
       orelse is_integer(Retries) andalso Retries >= 0 ->
    set_lock(Id, Nodes, Retries, 1).

set_lock(_, [], _, _) -> true;
set_lock(Id, Nodes, Retries, Times) ->
    case not is_locked_here(Id, Nodes) andalso lock_on(Id, Nodes) of
        true -> true;
        _ when Retries =:= 0 -> false;
        _ ->
            timer:sleep(pause(Times)),
            set_lock(Id, Nodes, fewer(Retries), Times + 1)
    end.

%% By somebody else: then the other nodes need not be asked.
is_locked_here({Resource, Requester}, Nodes) ->
    case lists:member(node(), Nodes) andalso ets:lookup(?LOCKS, Resource) of
        [{_, Other, _}] -> Other =/= Requester;
        _ -> false
    end.

%% On all of them or none.
lock_on(Id, Nodes) ->
    Answers = on_nodes(Nodes, {set_lock, Id}),
    case [N || {N, true} <- Answers] of
        All when length(All) =:= length(Answers) -> true;
        Some ->
            _ = on_nodes(Some, {del_lock, Id}),
            false
    end.

fewer(infinity) -> infinity;
fewer(N) -> N - 1.

%% Longer and longer pauses, each random up to a limit of eight seconds.
pause(Times) when Times > 5 -> rand:uniform(8000);
pause(Times) -> rand:uniform((1 bsl Times) * 1000 div 8).

del_lock(Id) -> del_lock(Id, [node() | nodes()]).

del_lock({_, _}, []) -> true;
del_lock({_, _} = Id, Nodes) when is_list(Nodes) ->
    _ = on_nodes(Nodes, {del_lock, Id}),
    true.

trans(Id, Fun) -> trans(Id, Fun, [node() | nodes()], infinity).
trans(Id, Fun, Nodes) -> trans(Id, Fun, Nodes, infinity).

trans(Id, Fun, Nodes, Retries) ->
    case set_lock(Id, Nodes, Retries) of
        true ->
            try Fun()
            after del_lock(Id, Nodes)
            end;
        false -> aborted
    end.

%% ---- the server ----

-define(VERSION, 8).

%% A session with a node that is connected: tags of both sides; their version;
%% what has come so far.
-record(session, {mine, his, version, lock = none, names = none, ops = none,
                  resolved = none}).

%% known: #{Node => Version} of the cluster; synced: those with our names;
%% early: what came from nodes before they were up; syncers: [{From, Nodes}].
%% A node that is alone has the state #{}.
-record(state, {conf, known = #{}, synced = [], sessions = #{}, early = #{},
                syncers = [], node, locker, lost = #{}}).

init([]) ->
    process_flag(trap_exit, true),
    [ets:new(Table, [named_table, protected, Type])
     || {Table, Type} <- [{?NAMES, set}, {?LOCKS, set}, {?PIDS, bag}]],
    {ok, #{}}.

%% The first that has to do with other nodes makes the server know of them.
awake(#state{node = Node} = S) when Node =:= node() -> S;
awake(S) ->
    case is_alive() of
        true ->
            S1 = case S of
                     #state{locker = Pid} ->
                         unlink(Pid),
                         exit(Pid, kill),
                         #state{};
                     _ -> #state{}
                 end,
            net_kernel:monitor_nodes(true, #{connection_id => true}),
            S2 = S1#state{conf = {conf, flag(connect_all, true),
                                  flag(prevent_overlapping_partitions, true)},
                          node = node(),
                          locker = global_locker:start_link([])},
            lists:foldl(fun visible_up/2, S2, nodes());
        false -> S
    end.

%% Names are shared with those nodes only that are to have them.
visible_up(Node, #state{conf = {conf, true, _}} = S) ->
    case global_group:participant(Node) of
        true -> node_up(Node, S);
        false -> S
    end;
visible_up(_, S) -> S.

flag(connect_all, Default) ->
    case init:get_argument(connect_all) of
        {ok, [["false" | _] | _]} -> false;
        _ -> env_flag(connect_all, Default)
    end;
flag(Key, Default) -> env_flag(Key, Default).

env_flag(Key, Default) ->
    case application:get_env(kernel, Key) of
        {ok, Flag} when is_boolean(Flag) -> Flag;
        _ -> Default
    end.

handle_call({register, Name, Pid, Resolve}, _, S) ->
    forget(Name),
    enter(Name, Pid, Resolve),
    {reply, yes, S};
handle_call({register_ext, Name, Pid, Resolve, _}, _, S) ->
    forget(Name),
    enter(Name, Pid, Resolve),
    {reply, yes, S};
handle_call({unregister, Name}, _, S) ->
    forget(Name),
    {reply, ok, S};
handle_call({whereis, Name}, _, S) -> {reply, whereis_name(Name), S};
handle_call({set_lock, {Resource, Requester}}, {Pid, _}, S) ->
    {reply, lock(Resource, Requester, Pid), S};
handle_call({del_lock, {Resource, Requester}}, {Pid, _}, S) ->
    unlock(Resource, Requester, Pid),
    {reply, true, S};
handle_call(get_protocol_version, _, S) -> {reply, ?VERSION, S};
handle_call(get_names_ext, _, S) -> {reply, [], S};
%% There is no such trace to be had.
handle_call(high_level_trace_start, _, S) -> {reply, ok, S};
handle_call(high_level_trace_stop, _, S) -> {reply, [], S};
handle_call(high_level_trace_get, _, S) -> {reply, [], S};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(Request, From, S) -> call(Request, From, awake(S)).

call(get_known, _, #state{known = Known} = S) ->
    {reply, maps:keys(Known), S};
call(get_synced, _, #state{synced = Synced} = S) -> {reply, Synced, S};
call({sync, Nodes}, From, #state{syncers = Syncers} = S) ->
    Left = [N || N <- lists:delete(node(), Nodes), is_met(N, S)],
    {noreply, check_syncers(S#state{syncers = [{From, Left} | Syncers]})};
call(disconnect, _, #state{known = Known} = S) ->
    Nodes = maps:keys(Known),
    [net_kernel:async_disconnect(N) || N <- Nodes],
    {reply, Nodes, lists:foldl(fun(N, Acc) -> node_down(N, Acc) end, S,
                               Nodes)};
call(info, _, #state{} = S) ->
    {reply, {state, S#state.conf, S#state.known, S#state.synced, [], [],
             node(), S#state.locker, undefined, no_trace, false}, S};
call(info, _, S) ->
    {reply, {state, {conf, true, true}, S, [], [], [], node(), undefined,
             undefined, no_trace, false}, S};
call(get_known, _, S) -> {reply, [], S};
call(get_synced, _, S) -> {reply, [], S};
call({sync, _}, _, S) -> {reply, ok, S};
call(disconnect, _, S) -> {reply, [], S};
call(_, _, S) -> {noreply, S}.

handle_cast(Request, S0) ->
    case awake(S0) of
        #state{} = S -> {noreply, cast(Request, S)};
        S -> {noreply, S}
    end.

handle_info({'DOWN', Monitor, process, Pid, _}, S) ->
    [ets:delete(?NAMES, Name)
     || {Name, _, _, M} <- names_of(Pid), M =:= Monitor],
    names_of(Pid) =:= [] andalso ets:delete(?PIDS, Pid),
    [unlock(Resource, Requester, Pid)
     || {Resource, Requester, Owners} <- ets:tab2list(?LOCKS),
        lists:member({Pid, Monitor}, Owners)],
    {noreply, S};
handle_info(Message, S0) ->
    case awake(S0) of
        #state{} = S -> {noreply, info(Message, S)};
        S -> {noreply, S}
    end.

terminate(_, _) -> ok.

code_change(_, S, _) -> {ok, S}.

%% ---- nodes that come and go ----

info({nodeup, Node, _}, S) -> visible_up(Node, S);
%% Who was parted from is no loss that others are to hear of.
info({nodedown, Node, _}, #state{known = Known} = S)
  when is_map_key(Node, Known) ->
    lost(Node, node_down(Node, S));
info({nodedown, Node, _}, S) -> node_down(Node, S);
info({extra_nodedown, Node}, S) -> node_down(Node, S);
info({init_connect_ack, Node, MyTag, HisTag}, #state{sessions = All} = S) ->
    case All of
        #{Node := #session{mine = MyTag, his = HisTag}} -> S;
        _ ->
            volatile(Node, {cancel_connect, node(), HisTag}),
            restart(Node, S)
    end;
info({cancel_connect, Node, MyTag}, #state{sessions = All} = S) ->
    case All of
        #{Node := #session{mine = MyTag}} -> restart(Node, S);
        _ -> S
    end;
info({lost_connection, A, Creation, Id, B}, S) ->
    lost_between(A, {Creation, Id}, B, S);
info({remove_connection, Node}, #state{known = Known, sessions = All} = S) ->
    case is_map_key(Node, Known) orelse is_map_key(Node, All) of
        true ->
            net_kernel:async_disconnect(Node),
            logger:log(warning, "'global' at node ~p disconnected node ~p in "
                       "order to prevent overlapping partitions",
                       [node(), Node]),
            node_down(Node, S);
        false -> S
    end;
info({prepare_shutdown, From, Ref}, S) ->
    From ! {Ref, ok},
    S#state{conf = {conf, false, false}};
info({'EXIT', Pid, Reason}, #state{locker = Pid}) ->
    exit({locker_died, Reason});
info(_, S) -> S.

%% A session begins, unless there is one.
node_up(Node, #state{known = Known, sessions = All, early = Early,
                     locker = Locker} = S) ->
    case is_map_key(Node, Known) orelse is_map_key(Node, All) of
        true -> S;
        false ->
            Tag = erlang:unique_integer([monotonic]),
            gen_server:cast({?SERVER, Node},
                            {init_connect, {?VERSION, Tag}, node(),
                             {locker, no_longer_a_pid, [], Locker}}),
            S1 = S#state{sessions = All#{Node => #session{mine = Tag}},
                         early = maps:remove(Node, Early)},
            case Early of
                #{Node := Message} -> cast(Message, S1);
                _ -> S1
            end
    end.

node_down(Node, #state{known = Known, synced = Synced, early = Early,
                       locker = Locker, syncers = Syncers} = S) ->
    S1 = cancel(Node, none, S),
    Locker ! {remove_from_known, Node},
    check_syncers(S1#state{known = maps:remove(Node, Known),
                           synced = lists:delete(Node, Synced),
                           early = maps:remove(Node, Early),
                           syncers = [{From, lists:delete(Node, Left)}
                                      || {From, Left} <- Syncers]}).

restart(Node, S) ->
    S1 = cancel(Node, none, S),
    case lists:member(Node, nodes()) of
        true -> visible_up(Node, S1);
        false -> S1
    end.

%% The session is over, and so is the lock; Fun is what the locker says first.
cancel(Node, Fun, #state{sessions = All, locker = Locker} = S) ->
    case maps:take(Node, All) of
        {#session{mine = Tag}, Rest} ->
            Locker ! {cancel, Node, Tag, Fun},
            S#state{sessions = Rest};
        error -> S
    end.

is_met(Node, #state{synced = Synced, sessions = All}) ->
    not lists:member(Node, Synced) andalso is_map_key(Node, All).

check_syncers(#state{syncers = Syncers} = S) ->
    {Done, Waiting} = lists:partition(fun({_, Left}) -> Left =:= [] end,
                                      Syncers),
    [gen_server:reply(From, ok) || {From, _} <- Done],
    S#state{syncers = Waiting}.

synced(Node, #state{synced = Synced, syncers = Syncers} = S) ->
    check_syncers(S#state{synced = [Node | lists:delete(Node, Synced)],
                          syncers = [{From, lists:delete(Node, Left)}
                                     || {From, Left} <- Syncers]}).

%% To a server that is there; no connection is made for it.
volatile(Node, Message) ->
    erlang:send({?SERVER, Node}, Message, [noconnect]).

%% ---- overlapping partitions: who loses one of a cluster leaves it whole ----

lost(Node, #state{conf = {conf, true, true}, known = Known} = S) ->
    is_pid(whereis(net_kernel)) andalso tell_lost(Node, Known),
    S;
lost(_, S) -> S.

%% Not when this node loses all others, because its own distribution ends.
tell_lost(Node, Known) ->
    Message = {lost_connection, node(), erlang:system_info(creation),
               erlang:unique_integer([monotonic]), Node},
    maps:foreach(fun(N, V) when V >= 7 -> volatile(N, Message);
                    (_, _) -> ok
                 end, Known).

%% A has lost B: we part from B, too, unless we are told again of what we know.
lost_between(A, Id, B, #state{conf = {conf, true, true}, lost = Lost,
                              known = Known} = S) ->
    case Lost of
        #{{A, B} := Old} when Id =< Old -> S;
        _ ->
            S1 = S#state{lost = Lost#{{A, B} => Id}},
            {Creation, Number} = Id,
            maps:foreach(fun(N, V) when V >= 7, N =/= A, N =/= B ->
                                 volatile(N, {lost_connection, A, Creation,
                                              Number, B});
                            (_, _) -> ok
                         end, Known),
            IsKnown = is_map_key(B, Known)
                orelse is_map_key(B, S#state.sessions),
            case IsKnown andalso B =/= node() andalso A =/= node() of
                true -> part_from(B, S1);
                false -> S1
            end
    end;
lost_between(_, _, _, S) -> S.

part_from(Node, S) ->
    volatile(Node, {remove_connection, node()}),
    net_kernel:async_disconnect(Node),
    logger:log(warning, "'global' at node ~p requested disconnect from node "
               "~p in order to prevent overlapping partitions",
               [node(), Node]),
    node_down(Node, S).

%% ---- sessions ----

cast({init_connect, Version, Node, Init} = Message,
     #state{sessions = All, early = Early, locker = Locker} = S) ->
    [His, HisTag | _] = tuple_to_list(Version),
    {locker, _, _, HisLocker} = Init,
    case All of
        #{Node := #session{his = undefined, mine = MyTag} = X} ->
            Locker ! {his_the_locker, HisLocker, min(His, ?VERSION), HisTag,
                      MyTag},
            His >= 8 andalso
                volatile(Node, {init_connect_ack, node(), HisTag, MyTag}),
            put_session(Node, X#session{his = HisTag, version = His}, S);
        #{Node := _} -> % out of step
            volatile(Node, {cancel_connect, node(), HisTag}),
            restart(Node, S);
        _ ->
            up_if_connected(Node, S#state{early = Early#{Node => Message}})
    end;
cast({lock_is_set, Node, Tag, LockId}, S) ->
    in_session(Node, Tag, S,
               fun(#session{his = His} = X) ->
                       gen_server:cast({?SERVER, Node},
                                       {exchange, node(), all_names(), [],
                                        His}),
                       compare(Node, X#session{lock = LockId})
               end);
cast({exchange, Node, Names, _, Tag}, S) ->
    in_session(Node, Tag, S,
               fun(X) -> compare(Node, X#session{names = Names}) end);
cast({exchange_ops, Node, Tag, Ops, Resolved}, S) ->
    S1 = in_session(Node, Tag, S,
                    fun(#session{his = His, version = V} = X) ->
                            gen_server:cast({?SERVER, Node},
                                            {resolved, node(), Resolved,
                                             known_list(V, S), unused, [],
                                             His}),
                            X#session{ops = Ops}
                    end),
    finish(Node, S1);
cast({resolved, Node, Resolved, HisKnown, _, _, Tag}, S) ->
    finish(Node, in_session(Node, Tag, S,
                            fun(X) ->
                                    X#session{resolved = {Resolved, HisKnown}}
                            end));
cast({new_nodes, _, Ops, _, Nodes, _}, S) ->
    {Added, S1} = add_known(Nodes, S),
    meet_others(Added),
    do_ops(Ops),
    S1#state.locker ! {add_to_known, Added},
    S1;
cast({in_sync, Node, _}, S) ->
    case lists:member(Node, nodes()) of
        true -> cancel(Node, none, synced(Node, S));
        false -> S
    end;
cast({lock_set, Pid, _, _, Tag} = Message, #state{sessions = All} = S) ->
    Node = node(Pid),
    case All of
        #{Node := #session{mine = Tag}} -> S#state.locker ! Message;
        _ -> ok
    end,
    S;
cast({lock_set, _, _, _} = Message, S) ->
    S#state.locker ! Message,
    S;
cast(_, S) -> S.

put_session(Node, X, #state{sessions = All} = S) ->
    S#state{sessions = All#{Node => X}}.

%% A message of a node may come before the news that it is there.
up_if_connected(Node, S) ->
    case lists:member(Node, nodes()) of
        true -> visible_up(Node, S);
        false -> S
    end.

%% What belongs to another session is no more.
in_session(Node, Tag, #state{sessions = All, locker = Locker} = S, Fun) ->
    case All of
        #{Node := #session{mine = Tag} = X} -> put_session(Node, Fun(X), S);
        _ ->
            Locker ! {cancel, Node, Tag, none},
            S
    end.

%% When both sides are locked and his names are there, a process compares them,
%% as what resolves a conflict may take its time.
compare(Node, #session{lock = Lock, names = Names, mine = Tag} = X)
  when Lock =/= none, Names =/= none ->
    spawn(fun() ->
                  {Ops, Resolved} = compare_names(Names, Node, [], []),
                  gen_server:cast(?SERVER, {exchange_ops, Node, Tag, Ops,
                                            Resolved})
          end),
    X#session{names = none};
compare(_, X) -> X.

%% The node with the lesser name resolves; Ops are for us alone, as the other
%% knows, Resolved for both.
compare_names([{Name, Pid, Resolve} | Names], Node, Ops, Resolved) ->
    case ets:lookup(?NAMES, Name) of
        [{_, Pid, _, _}] -> compare_names(Names, Node, Ops, Resolved);
        [{_, Own, OwnResolve, _}] when node() < Node ->
            Keep = {insert, {Name, Own, OwnResolve}},
            Take = {insert, {Name, Pid, Resolve}},
            case rpc:call(node(Own), ?MODULE, resolve_it,
                          [OwnResolve, Name, Pid, Own]) of
                Pid -> compare_names(Names, Node, [Take | Ops], Resolved);
                Own -> compare_names(Names, Node, Ops, [Keep | Resolved]);
                _ ->
                    Delete = {delete, Name},
                    compare_names(Names, Node, [Delete | Ops],
                                  [Delete | Resolved])
            end;
        [_] -> compare_names(Names, Node, Ops, Resolved);
        [] ->
            compare_names(Names, Node,
                          [{insert, {Name, Pid, Resolve}} | Ops], Resolved)
    end;
compare_names([], _, Ops, Resolved) -> {Ops, Resolved}.

resolve_it({M, F}, Name, Pid1, Pid2) -> catch M:F(Name, Pid1, Pid2);
resolve_it(Resolve, Name, Pid1, Pid2) -> catch Resolve(Name, Pid1, Pid2).

%% Both sides have said what changes: the two clusters are one.
finish(Node, #state{sessions = All, known = Known} = S) ->
    case All of
        #{Node := #session{ops = Ops, resolved = {Resolved, HisKnown},
                           lock = Lock, version = Version}}
          when Ops =/= none ->
            AllOps = Ops ++ Resolved,
            Info = [{vsn, min(Version, ?VERSION)}, {lock, Lock}],
            NewNodes = [{Node, Version} | [with_version(N) || N <- HisKnown]],
            do_ops(AllOps),
            meet_others([element(1, with_version(N)) || N <- HisKnown]),
            Tell = fun() -> tell_known(Known, AllOps, NewNodes, Info) end,
            S1 = cancel(Node, Tell, S),
            {Added, S2} = add_known(NewNodes, S1),
            S2#state.locker ! {add_to_known, Added},
            synced(Node, S2);
        _ -> S
    end.

tell_known(Known, Ops, NewNodes, Info) ->
    maps:foreach(
      fun(N, V) ->
              Nodes = case V >= 7 of
                          true -> NewNodes;
                          false -> [X || {X, _} <- NewNodes]
                      end,
              gen_server:cast({?SERVER, N}, {new_nodes, node(), Ops, [], Nodes,
                                             Info})
      end, Known).

with_version({Node, Version}) -> {Node, Version};
with_version(Node) -> {Node, 0}.

known_list(Version, #state{known = Known}) when Version >= 7 ->
    maps:to_list(Known);
known_list(_, #state{known = Known}) -> maps:keys(Known).

add_known(Nodes, #state{known = Known} = S) ->
    New = [{N, V} || {N, V} <- [with_version(N) || N <- Nodes],
                     N =/= node(), not is_map_key(N, Known)],
    {[N || {N, _} <- New],
     S#state{known = maps:merge(Known, maps:from_list(New))}}.

%% Nodes that came with the one that was met are connected, and told.
meet_others(Nodes) ->
    [spawn(fun() -> meet_other(N) end) || N <- Nodes, N =/= node()].

meet_other(Node) ->
    case net_kernel:connect_node(Node) of
        true ->
            gen_server:cast({?SERVER, Node}, {in_sync, node(), true});
        _ ->
            logger:log(warning, "'global' at ~w failed to connect to ~w\n",
                       [node(), Node]),
            ?SERVER ! {extra_nodedown, Node}
    end.

all_names() ->
    [{Name, Pid, Resolve} || {Name, Pid, Resolve, _} <- ets:tab2list(?NAMES)].

do_ops(Ops) ->
    [begin
         forget(Name),
         enter(Name, Pid, Resolve)
     end || {insert, {Name, Pid, Resolve}} <- Ops],
    [forget(Name) || {delete, Name} <- Ops],
    ok.

%% More than one name for a process is told, and refused as a rule.
is_second_name_allowed(Name, Pid) ->
    case ets:lookup(?PIDS, Pid) of
        [] -> true;
        Known ->
            case application:get_env(kernel, global_multi_name_action) of
                {ok, allow} -> true;
                _ ->
                    error_logger:error_msg(
                      "global: ~w registered under several names: ~tw\n",
                      [Pid, [Name | [N || {_, N} <- Known]]]),
                    false
            end
    end.

enter(Name, Pid, Resolve) ->
    ets:insert(?NAMES, {Name, Pid, Resolve, monitor(process, Pid)}),
    ets:insert(?PIDS, {Pid, Name}).

names_of(Pid) -> ets:match_object(?NAMES, {'_', Pid, '_', '_'}).

forget(Name) ->
    case ets:take(?NAMES, Name) of
        [{_, Pid, _, Monitor}] ->
            demonitor(Monitor, [flush]),
            ets:delete_object(?PIDS, {Pid, Name});
        [] -> ok
    end.

%% A lock belongs to a requester; its processes may set it several times.
lock(Resource, Requester, Pid) ->
    case ets:lookup(?LOCKS, Resource) of
        [] ->
            ets:insert(?LOCKS, {Resource, Requester, [owner(Pid)]}),
            true;
        [{_, Requester, Owners}] ->
            ets:insert(?LOCKS, {Resource, Requester, [owner(Pid) | Owners]}),
            true;
        _ -> false
    end.

owner(Pid) -> {Pid, monitor(process, Pid)}.

unlock(Resource, Requester, Pid) ->
    case ets:lookup(?LOCKS, Resource) of
        [{_, Requester, Owners}] ->
            {Gone, Left} = lists:partition(fun({P, _}) -> P =:= Pid end,
                                           Owners),
            [demonitor(M, [flush]) || {_, M} <- Gone],
            case Left of
                [] -> ets:delete(?LOCKS, Resource);
                _ -> ets:insert(?LOCKS, {Resource, Requester, Left})
            end,
            true;
        _ -> false
    end.
