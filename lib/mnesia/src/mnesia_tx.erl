%% SPDX-License-Identifier: Apache-2.0
%% mnesia_tx: activities. A transaction keeps its changes to itself until it
%% commits, reads its tables through them, and holds its locks until its end.
%%
%% What is under way stands in the process dictionary: the kind of the activity,
%% and of a transaction its number, changes and locks. An inner transaction
%% starts with the outer one's changes, and leaves its own there when it commits.
-module(mnesia_tx).

-export([transaction/4, activity/3, is_transaction/0, kind/0, id/0]).
-export([change/2, lock/2, read/2, with_table/2, objects/1, keys/1]).

%% ops: newest first. by_key: {Table, Key} => its ops, newest first.
-record(tx, {kind, tid, ops = [], by_key = #{}, locks = #{}}).

-define(KEY, mnesia_activity_state).

kind() ->
    case get(?KEY) of
        undefined -> none;
        #tx{kind = Kind} -> Kind
    end.

is_transaction() -> lists:member(kind(), [transaction, sync_transaction]).

id() ->
    case get(?KEY) of
        #tx{kind = Kind, tid = Tid} when Kind =:= transaction;
                                         Kind =:= sync_transaction ->
            {tid, Tid, self()};
        #tx{kind = Kind} -> {Kind, self()};
        undefined -> {dirty, self()}
    end.

%% ---- Activities ----

%% Without locks: ets, async_dirty, sync_dirty.
activity(Kind, Fun, Args) ->
    Outer = put(?KEY, #tx{kind = Kind}),
    try apply(Fun, Args)
    after restore(Outer)
    end.

restore(undefined) -> erase(?KEY);
restore(Outer) -> put(?KEY, Outer).

-spec transaction(transaction | sync_transaction, fun(), list(),
                  infinity | non_neg_integer()) ->
          {atomic, term()} | {aborted, term()}.
transaction(Kind, Fun, Args, Retries) when is_function(Fun, length(Args)) ->
    case {whereis(mnesia_locker), get(?KEY)} of
        {undefined, _} -> {aborted, {node_not_running, node()}};
        {_, #tx{tid = Tid} = Outer} when is_integer(Tid) ->
            inner(Outer, Fun, Args);
        {_, Outer} ->
            Tid = mnesia_locker:new_tid(),
            try attempt(#tx{kind = Kind, tid = Tid}, Fun, Args, Retries)
            after
                restore(Outer),
                catch mnesia_locker:release(Tid)
            end
    end;
transaction(_, Fun, Args, _) -> {aborted, {badarg, Fun, Args}}.

attempt(Tx, Fun, Args, Retries) ->
    put(?KEY, Tx),
    try apply(Fun, Args) of
        Value ->
            commit(lists:reverse((get(?KEY))#tx.ops)),
            count(commits),
            {atomic, Value}
    catch
        throw:{mnesia_restart, Tid} when Tid =:= Tx#tx.tid ->
            again(Tx, Fun, Args, Retries);
        Class:Reason:Trace ->
            count(failures),
            {aborted, reason(Class, Reason, Trace)}
    end.

%% Gives up all locks, waits a little, and starts anew under its old number.
again(_, _, _, 0) -> {aborted, nomore};
again(#tx{tid = Tid} = Tx, Fun, Args, Retries) ->
    mnesia_locker:restarted(),
    ok = mnesia_locker:release(Tid),
    timer:sleep(rand:uniform(10)),
    attempt(Tx, Fun, Args, case Retries of
                               infinity -> infinity;
                               N -> N - 1
                           end).

%% Locks of an inner transaction stay until the outer one ends.
inner(Outer, Fun, Args) ->
    try {atomic, apply(Fun, Args)}
    catch
        throw:{mnesia_restart, _} = Restart -> throw(Restart);
        Class:Reason:Trace ->
            #tx{locks = Locks} = get(?KEY),
            put(?KEY, Outer#tx{locks = Locks}),
            {aborted, reason(Class, Reason, Trace)}
    end.

reason(exit, {aborted, Reason}, _) -> Reason;
reason(exit, Reason, _) -> Reason;
reason(error, Reason, Trace) -> {Reason, Trace};
reason(throw, Value, _) -> {throw, Value}.

commit([]) -> ok;
commit(Ops) ->
    Id = id(),
    mnesia_table:log(Ops),
    [mnesia_table:apply_op(Op, Id) || Op <- Ops],
    count(writes, length(Ops)).

count(What) -> count(What, 1).
count(What, N) -> ets:update_counter(mnesia_count, What, N).

%% ---- Within an activity ----

%% A change, by the kind of what is under way.
-spec change(mnesia_table:op(), term()) -> ok.
change(Op, Key) ->
    case get(?KEY) of
        #tx{tid = Tid, ops = Ops, by_key = Known} = Tx when is_integer(Tid) ->
            At = {element(2, Op), Key},
            put(?KEY, Tx#tx{ops = [Op | Ops],
                            by_key = Known#{At => [Op | maps:get(At, Known,
                                                                 [])]}}),
            ok;
        _ ->
            mnesia_table:log([Op]),
            mnesia_table:apply_op(Op, id())
    end.

lock(Item, Mode) ->
    case get(?KEY) of
        #tx{tid = Tid, locks = Locks} = Tx when is_integer(Tid) ->
            case has_lock(Item, Mode, Locks) of
                true -> ok;
                false ->
                    granted(mnesia_locker:lock(Tid, Item, Mode), Tid),
                    put(?KEY, Tx#tx{locks = Locks#{Item => Mode}}),
                    ok
            end;
        _ -> ok
    end.

granted(granted, _) -> ok;
granted(restart, Tid) -> throw({mnesia_restart, Tid}).

has_lock({Table, _} = Item, Mode, Locks) ->
    lists:any(fun(I) ->
                  Held = maps:get(I, Locks, none),
                  Held =:= write orelse Held =:= Mode
              end, [Item, {Table, whole}]).

%% The objects of a key, as the transaction sees them.
read(Table, Key) ->
    Stored = mnesia_table:read(Table, Key),
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
        [] -> Fun(Table);
        Ops ->
            Copy = ets:new(mnesia_copy, [mnesia_table:info(Table, type),
                                         {keypos, 2}]),
            try
                ets:insert(Copy, ets:tab2list(Table)),
                [change_copy(Copy, Op) || Op <- Ops],
                Fun(Copy)
            after ets:delete(Copy)
            end
    end.

%% In the order in which they were made.
changed(Table) ->
    case get(?KEY) of
        #tx{tid = Tid, ops = Ops} when is_integer(Tid) ->
            lists:reverse([Op || Op <- Ops, element(2, Op) =:= Table]);
        _ -> []
    end.

change_copy(Copy, {write, _, Object}) -> ets:insert(Copy, Object);
change_copy(Copy, {delete, _, Key}) -> ets:delete(Copy, Key);
change_copy(Copy, {delete_object, _, Object}) ->
    ets:delete_object(Copy, Object).

objects(Table) -> with_table(Table, fun ets:tab2list/1).

keys(Table) ->
    with_table(Table, fun(T) ->
                          lists:usort(ets:select(T, [{'$1', [],
                                                      [{element, 2, '$1'}]}]))
                      end).
