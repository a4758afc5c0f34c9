%% SPDX-License-Identifier: Apache-2.0
%% mnesia_tx: activities. A transaction keeps its changes to itself until it
%% commits, reads its tables through them, and holds its locks until its end.
%%
%% What is under way stands in the process dictionary: the kind of the activity,
%% and of a transaction its number, changes and locks. An inner transaction
%% starts with the outer one's changes, and leaves its own there when it commits.
-module(mnesia_tx).

-export([transaction/4, activity/3, is_transaction/0, kind/0, id/0, schema/1]).
-export([change/2, dirty/2, lock/2, lock_at/3, read/2, with_table/2, objects/1,
         keys/1, run/2, lend/0, borrow/1]).

%% ops: newest first. by_key: {Table, Key} => its ops, newest first. locks:
%% {Item, Node} => Mode. nodes: where locks are.
-record(tx, {kind, tid, ops = [], by_key = #{}, locks = #{}, nodes = []}).

%% Why a transaction is to start anew.
-define(IS_RESTART(Reason),
        (element(1, Reason) =:= cyclic orelse element(1, Reason) =:= bad_commit
         orelse (element(1, Reason) =:= node_not_running
                 andalso element(2, Reason) =/= node()))).

-define(KEY, mnesia_activity_state).
-define(WHOLE, '______WHOLETABLE_____').

kind() ->
    case get(?KEY) of
        undefined -> none;
        #tx{kind = Kind} -> Kind
    end.

is_transaction() ->
    lists:member(kind(), [transaction, sync_transaction, schema]).

id() ->
    case get(?KEY) of
        #tx{tid = {tid, _, _} = Tid} -> Tid;
        #tx{kind = Kind} -> {Kind, self()};
        undefined -> {dirty, self()}
    end.

%% ---- Activities ----

%% Without locks: ets, async_dirty, sync_dirty; in a transaction a part of it.
activity(Kind, Fun, Args) ->
    case get(?KEY) of
        #tx{tid = {tid, _, _}} = Outer ->
            case inner(Outer, Fun, Args) of
                {atomic, Value} -> Value;
                {aborted, Reason} -> exit(Reason)
            end;
        Outer ->
            put(?KEY, #tx{kind = Kind}),
            try apply(Fun, Args)
            catch error:Reason:Trace -> exit({Reason, Trace})
            after restore(Outer)
            end
    end.

restore(undefined) -> erase(?KEY);
restore(Outer) -> put(?KEY, Outer).

%% What is done to definitions and copies: nobody counts it.
schema(Fun) -> transaction(schema, Fun, [], infinity).

-spec transaction(transaction | sync_transaction | schema, fun(), list(),
                  infinity | non_neg_integer()) ->
          {atomic, term()} | {aborted, term()}.
transaction(Kind, Fun, Args, Retries) when is_function(Fun, length(Args)) ->
    case {whereis(mnesia_locker), get(?KEY)} of
        {undefined, _} -> {aborted, {node_not_running, node()}};
        {_, #tx{tid = {tid, _, _}} = Outer} -> inner(Outer, Fun, Args);
        {_, Outer} ->
            try attempt(#tx{kind = Kind, tid = mnesia_locker:new_tid()}, Fun, Args,
                        Retries)
            catch exit:{_, {gen_server, call, [mnesia_locker | _]}} ->
                {aborted, {node_not_running, node()}}
            after
                restore(Outer)
            end
    end;
transaction(_, Fun, Args, _) -> {aborted, {badarg, Fun, Args}}.

attempt(Tx, Fun, Args, Retries) ->
    put(?KEY, Tx),
    try
        Value = apply(Fun, Args),
        commit(lists:reverse((get(?KEY))#tx.ops)),
        {atomic, Value}
    of
        Done ->
            finish(Tx),
            count(Tx, commits),
            Done
    catch
        exit:{aborted, Reason} when ?IS_RESTART(Reason) ->
            again(Tx, Fun, Args, Retries);
        Class:Reason:Trace ->
            catch finish(Tx),
            count(Tx, failures),
            {aborted, reason(Class, Reason, Trace)}
    end.

%% The numbers of locks are those of now, of an inner transaction too.
release(#tx{tid = Tid}) ->
    #tx{nodes = Nodes} = get(?KEY),
    mnesia_locker:release(Tid, Nodes).

finish(#tx{tid = Tid}) ->
    #tx{nodes = Nodes} = get(?KEY),
    mnesia_locker:finish(Tid, Nodes).

%% Gives up all locks, waits a little, and starts anew under its old number.
again(Tx, _, _, 0) ->
    finish(Tx),
    {aborted, nomore};
again(Tx, Fun, Args, Retries) ->
    mnesia_locker:restarted(),
    release(Tx),
    timer:sleep(rand:uniform(10)),
    attempt(Tx, Fun, Args, case Retries of
                               infinity -> infinity;
                               N -> N - 1
                           end).

%% Locks of an inner transaction stay until the outer one ends.
inner(Outer, Fun, Args) ->
    try {atomic, apply(Fun, Args)}
    catch
        exit:{aborted, Reason} = Restart when ?IS_RESTART(Reason) -> exit(Restart);
        Class:Reason:Trace ->
            #tx{locks = Locks, nodes = Nodes} = get(?KEY),
            put(?KEY, Outer#tx{locks = Locks, nodes = Nodes}),
            {aborted, reason(Class, Reason, Trace)}
    end.

reason(exit, {aborted, Reason}, _) -> Reason;
reason(exit, Reason, _) -> Reason;
reason(error, Reason, Trace) -> {Reason, Trace};
reason(throw, Value, _) -> {throw, Value}.

%% Everybody is ready, or nothing is done; done everywhere when it returns.
commit([]) -> ok;
commit(Ops) ->
    #tx{tid = Tid} = Tx = get(?KEY),
    Targets = [{T, targets(T)} || T <- lists:usort([element(2, Op) || Op <- Ops])],
    case lists:usort(lists:append([Ns || {_, Ns} <- Targets])) of
        [Node] when Node =:= node() -> mnesia_table:here(Ops, Tid, true);
        Nodes ->
            Checks = [{T, Ns} || {T, Ns} <- Targets,
                                 not mnesia_table:info(T, local_content)],
            case mnesia_tm:prepare(Tid, Ops, Nodes, Checks) of
                ok -> mnesia_tm:commit(Tid, Nodes);
                _ ->
                    mnesia_tm:abort(Tid, Nodes),
                    mnesia:abort({bad_commit, Nodes})
            end
    end,
    count(Tx, writes, length(Ops)).

%% The nodes that have a copy: there must be one, and enough if it says so.
targets(Table) ->
    Nodes = lists:sort(mnesia_table:targets(Table)),
    Nodes =:= [] andalso mnesia:abort({no_exists, Table}),
    mnesia_table:info(Table, majority, false)
        andalso 2 * length(Nodes)
                    =< length(mnesia_cs:holders(mnesia_lib:val({Table, cs})))
        andalso mnesia:abort({no_majority, Table}),
    Nodes.

count(Tx, What) -> count(Tx, What, 1).
count(#tx{kind = schema}, _, _) -> ok;
count(_, What, N) -> catch ets:update_counter(mnesia_count, What, N).

%% ---- Within an activity ----

%% A change, by the kind of what is under way.
-spec change(mnesia_table:op(), term()) -> ok.
change(Op, Key) ->
    case get(?KEY) of
        #tx{tid = {tid, _, _}, ops = Ops, by_key = Known} = Tx ->
            At = {element(2, Op), Key},
            put(?KEY, Tx#tx{ops = [Op | Ops],
                            by_key = Known#{At => [Op | maps:get(At, Known,
                                                                 [])]}}),
            ok;
        #tx{kind = ets} -> mnesia_table:apply_op(Op, id());
        #tx{kind = Kind} -> dirty(Op, Kind)
    end.

%% At once, without a lock; what is read next is what was written.
dirty(Op, Kind) ->
    Id = id(),
    Table = element(2, Op),
    Nodes = targets(Table),
    Others = lists:delete(node(), Nodes),
    Others =:= Nodes orelse mnesia_table:here([Op], Id, true),
    Wait = case Kind of
               sync_dirty -> Others;
               _ -> mnesia_lib:intersect([mnesia_table:info(Table, where_to_read)],
                                         Others)
           end,
    Others =:= [] orelse mnesia_tm:dirty(Id, [Op], {Others, Wait}),
    ok.

%% The activity, for a process that works for this one, which may lock anywhere.
lend() ->
    case get(?KEY) of
        #tx{tid = {tid, _, _}, nodes = Nodes} = Tx ->
            put(?KEY, Tx#tx{nodes = lists:usort(Nodes ++ mnesia_lib:running())}),
            Tx;
        Other -> Other
    end.

borrow(Tx) -> get(?KEY) =:= undefined andalso put(?KEY, Tx).

lock({Table, _} = Item, Mode) ->
    case get(?KEY) of
        #tx{tid = {tid, _, _}} ->
            Nodes = lock_nodes(Table, Mode),
            lock_at(Nodes, Item, Mode),
            %% There may be another copy by now.
            case lock_nodes(Table, Mode) -- Nodes of
                [] -> Nodes;
                _ -> lock(Item, Mode)
            end;
        _ -> [node()]
    end.

lock_nodes(Table, read) ->
    case mnesia_table:info(Table, where_to_read) of
        nowhere -> mnesia:abort({no_exists, Table});
        Node -> [Node]
    end;
lock_nodes(Table, write) ->
    case {mnesia_table:info(Table, local_content),
          mnesia_table:info(Table, where_to_write)} of
        {true, _} -> [node()];
        {false, []} -> mnesia:abort({no_exists, Table});
        {false, Nodes} -> Nodes
    end.

%% On the nodes that are named.
lock_at(Nodes, Item, Mode) ->
    #tx{tid = Tid, locks = Locks, nodes = Known} = Tx = get(?KEY),
    case [N || N <- Nodes, not has_lock(Item, N, Mode, Locks)] of
        [] -> ok;
        Wanted ->
            put(?KEY, Tx#tx{nodes = lists:usort(Wanted ++ Known)}),
            granted(mnesia_locker:lock(Tid, Wanted, Item, Mode), Item, Mode),
            New = maps:from_list([{{Item, N}, Mode} || N <- Wanted]),
            put(?KEY, (get(?KEY))#tx{locks = maps:merge(Locks, New)}),
            ok
    end.

granted(granted, _, _) -> ok;
granted(restart, Item, Mode) ->
    mnesia:abort({cyclic, node(), Item, Mode, Mode, undefined});
granted({down, Node}, _, _) -> mnesia:abort({node_not_running, Node}).

has_lock({Table, _} = Item, Node, Mode, Locks) ->
    lists:any(fun(I) ->
                  Held = maps:get({I, Node}, Locks, none),
                  Held =:= write orelse Held =:= Mode
              end, [Item, {Table, ?WHOLE}]).

%% The objects of a key, as the transaction sees them.
read(Table, Key) ->
    Stored = run(Table, fun(T) -> ets:lookup(T, Key) end),
    case get(?KEY) of
        #tx{by_key = #{{Table, Key} := Ops}} ->
            Type = mnesia_table:info(Table, type),
            lists:foldr(fun(Op, Objects) -> after_op(Op, Type, Objects) end,
                        Stored, Ops);
        _ -> Stored
    end.

after_op({write, _, Object}, bag, Objects) ->
    case lists:member(Object, Objects) of
        true -> Objects;
        false -> Objects ++ [Object]
    end;
after_op({write, _, Object}, _, _) -> [Object];
after_op({delete, _, _}, _, _) -> [];
after_op({delete_object, _, Object}, _, Objects) ->
    [O || O <- Objects, O =/= Object].

%% Calls [Fun] with an ets table that looks as the transaction sees the table:
%% the table itself where nothing of it has changed.
with_table(Table, Fun) ->
    case changed(Table) of
        [] -> run(Table, Fun);
        Ops ->
            Copy = ets:new(mnesia_copy, [mnesia_table:info(Table, type),
                                         {keypos, 2}]),
            try
                ets:insert(Copy, run(Table, fun ets:tab2list/1)),
                [change_copy(Copy, Op) || Op <- Ops],
                Fun(Copy)
            after ets:delete(Copy)
            end
    end.

%% Where the table is read.
run(Table, Fun) ->
    case mnesia_table:info(Table, where_to_read) of
        Node when Node =:= node() -> Fun(Table);
        _ when Table =:= schema -> Fun(schema);
        Node -> mnesia_lib:ask(Node, erlang, apply, [Fun, [Table]])
    end.

%% In the order in which they were made.
changed(Table) ->
    case get(?KEY) of
        #tx{tid = {tid, _, _}, ops = Ops} ->
            lists:reverse([Op || Op <- Ops, element(2, Op) =:= Table]);
        _ -> []
    end.

change_copy(Copy, {write, _, Object}) -> ets:insert(Copy, Object);
change_copy(Copy, {delete, _, Key}) -> ets:delete(Copy, Key);
change_copy(Copy, {clear, _}) -> ets:delete_all_objects(Copy);
change_copy(Copy, {delete_object, _, Object}) ->
    ets:delete_object(Copy, Object).

objects(Table) -> with_table(Table, fun ets:tab2list/1).

keys(Table) ->
    with_table(Table, fun(T) ->
                          lists:usort(ets:select(T, [{'$1', [],
                                                      [{element, 2, '$1'}]}]))
                      end).
