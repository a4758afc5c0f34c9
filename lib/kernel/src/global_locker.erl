%% SPDX-License-Identifier: Apache-2.0
%% global_locker: a process beside global's server. When two nodes meet, the
%% lockers of both lock what each knows of the cluster, under one identity that
%% both make of their pids; then the servers may exchange their names, until
%% each tells its locker to let go.
%%
%% Messages between lockers go by the servers:
%%     {lock_set, Locker, IsSet, Known, HisTag}
-module(global_locker).

-export([start_link/1]).

%% Another node that waits to be met.
-record(him, {node, locker, vsn, my_tag, his_tag}).

%% known: the nodes of this cluster; fast: one has just been met.
-record(state, {known = [], waiting = [], fast = false}).

-define(SERVER, global_name_server).
-define(VERIFY, 8). % the version that tags lock_set

start_link(Known) -> spawn_link(fun() -> loop(#state{known = Known}) end).

loop(#state{waiting = [], fast = true} = S) -> loop(S#state{fast = false});
loop(S) ->
    receive Message -> message(Message, S)
    after pause(S) -> try_one(S#state{fast = false})
    end.

%% Never at once, so that others of the cluster have their chance, too.
pause(#state{waiting = []}) -> infinity;
pause(#state{fast = true}) -> 0;
pause(#state{known = []}) -> 10 + rand:uniform(40);
pause(#state{known = Known}) ->
    min(500 + 50 * length(Known), 2000) + rand:uniform(200).

message({his_the_locker, Pid, Vsn, HisTag, MyTag},
        #state{waiting = Waiting} = S) ->
    Him = #him{node = node(Pid), locker = Pid, vsn = Vsn, my_tag = MyTag,
               his_tag = HisTag},
    loop(S#state{waiting = [Him | lists:keydelete(node(Pid), #him.node,
                                                  Waiting)]});
message({cancel, _, undefined, _}, S) -> loop(S);
message({cancel, Node, Tag, Fun}, S) ->
    Fun =:= none orelse Fun(),
    loop(forget(Node, Tag, S));
message({lock_set, _, false, _, _}, S) -> loop(S);
message({lock_set, _, false, _}, S) -> loop(S);
message({lock_set, Pid, true, _, Tag}, S) -> asked(Pid, Tag, S);
message({lock_set, Pid, true, _}, S) -> asked(Pid, any, S);
message({add_to_known, Nodes}, #state{known = Known} = S) ->
    loop(S#state{known = Known ++ (Nodes -- Known)});
message({remove_from_known, Node}, #state{known = Known} = S) ->
    loop(S#state{known = lists:delete(Node, Known)});
message(_, S) -> loop(S).

forget(Node, Tag, #state{waiting = Waiting} = S) ->
    S#state{waiting = [H || #him{node = N, my_tag = T} = H <- Waiting,
                            N =/= Node orelse T =/= Tag]}.

%% The other has his cluster locked and asks for ours.
asked(Pid, Tag, #state{waiting = Waiting} = S) ->
    case lists:keyfind(node(Pid), #him.node, Waiting) of
        #him{my_tag = MyTag} = Him when Tag =:= MyTag; Tag =:= any ->
            Id = lock_id(Pid),
            {IsSet, Locked} = lock(Id, [], S),
            tell(Him, IsSet, S),
            case IsSet of
                true ->
                    meet(Him, Id),
                    wait_cancel(Him, Id, Locked, S#state{fast = true});
                false -> loop(S)
            end;
        Him ->
            tell(case Him of
                     false -> #him{locker = Pid, vsn = 6};
                     _ -> Him
                 end, false, S),
            loop(S)
    end.

%% Tries to meet one of those who wait. That his node is locked as well keeps
%% two who try each other from waiting for ever.
try_one(#state{waiting = Waiting0, known = Known} = S0) ->
    Waiting = [H || #him{node = N} = H <- Waiting0,
                    not lists:member(N, Known)],
    S = S0#state{waiting = Waiting},
    case Waiting of
        [] -> loop(S);
        _ ->
            Him = lists:nth(rand:uniform(length(Waiting)), Waiting),
            Id = lock_id(Him#him.locker),
            case lock(Id, [Him#him.node], S) of
                {true, Locked} ->
                    tell(Him, true, S),
                    wait_answer(Him, Id, Locked, S);
                {false, _} -> loop(S)
            end
    end.

wait_answer(#him{node = Node, my_tag = Tag} = Him, Id, Locked, S) ->
    receive
        {lock_set, P, IsSet, _, T} when node(P) =:= Node, T =:= Tag ->
            answered(IsSet, Him, Id, Locked, S);
        {lock_set, P, IsSet, _} when node(P) =:= Node ->
            answered(IsSet, Him, Id, Locked, S);
        {cancel, Node, Tag, Fun} ->
            Fun =:= none orelse Fun(),
            unlock(Id, Locked),
            loop(forget(Node, Tag, S))
    end.

answered(true, Him, Id, Locked, S) ->
    meet(Him, Id),
    wait_cancel(Him, Id, Locked, S#state{fast = true});
answered(false, _, Id, Locked, S) ->
    unlock(Id, Locked),
    loop(S).

meet(#him{node = Node, my_tag = Tag}, Id) ->
    gen_server:cast(?SERVER, {lock_is_set, Node, Tag, Id}).

%% What the server wants to be said before the lock is gone is in the fun.
wait_cancel(#him{node = Node, my_tag = Tag} = Him, Id, Locked, S) ->
    receive
        {cancel, Node, Tag, Fun} ->
            Fun =:= none orelse Fun(),
            unlock(Id, Locked),
            loop(forget(Node, Tag, S));
        {lock_set, P, _, _, _} when node(P) =:= Node ->
            wait_cancel(Him, Id, Locked, S)
    end.

tell(#him{locker = Pid, vsn = Vsn, his_tag = Tag}, IsSet,
     #state{known = Known}) ->
    Message = case Vsn of
                  V when V < ?VERIFY -> {lock_set, self(), IsSet, Known};
                  _ -> {lock_set, self(), IsSet, Known, Tag}
              end,
    gen_server:cast({?SERVER, node(Pid)}, Message).

%% ---- locking ----

lock_id(Pid) -> {global, lists:sort([self(), Pid])}.

%% First one node that all lock first, so that only one goes on; then the rest.
lock(Id, Extra, #state{known = Known}) ->
    Boss = lists:max([node() | Known]),
    Rest = lists:usort([node() | Extra ++ Known]) -- [Boss],
    case global:set_lock(Id, [Boss], 0) of
        true ->
            case global:set_lock(Id, Rest, 0) of
                true -> {true, [Boss | Rest]};
                false ->
                    unlock(Id, [Boss]),
                    {false, []}
            end;
        false -> {false, []}
    end.

unlock(Id, Nodes) -> global:del_lock(Id, Nodes).
