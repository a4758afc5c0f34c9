%% SPDX-License-Identifier: Apache-2.0
%% mnesia_tm: activities. A transaction keeps its changes to itself until it
%% commits, reads its tables through them, and holds its locks until its end.
%%
%% What is under way stands in the process dictionary: the kind of the activity,
%% and of a transaction its number, changes and locks. An inner transaction
%% starts with the outer one's changes, and leaves its own there when it commits.
-module(mnesia_tm).

-export([transaction/6, non_transaction/5, is_transaction/0, access/0, schema/1,
         get_info/1, display_info/2, get_transactions/0]).
-export([change/2, dirty/2, lock/2, lock_at/3, read/2, with_table/2,
         run/2, lend/0, borrow/1]).

%% ops: newest first. by_key: {Table, Key} => its ops, newest first. locks:
%% {Item, Node} => Mode. nodes: where locks are.
-record(tx, {kind, module, tid, ops = [], by_key = #{}, locks = #{}, nodes = []}).

%% Why a transaction is to start anew.
-define(IS_RESTART(Reason),
        (element(1, Reason) =:= cyclic orelse element(1, Reason) =:= bad_commit
         orelse (element(1, Reason) =:= node_not_running
                 andalso element(2, Reason) =/= node()))).

-define(KEY, mnesia_activity_state).
-define(WHOLE, '______WHOLETABLE_____').

%% The module that does what the activity asks for, and what it is given first.
access() ->
    case get(?KEY) of
        #tx{module = Module, tid = {tid, _, _} = Tid} -> {Module, Tid, transaction};
        #tx{module = Module, tid = Tid} -> {Module, Tid, non_transaction};
        undefined -> none
    end.

is_transaction() -> is_transaction(get(?KEY)).

is_transaction(#tx{tid = {tid, _, _}}) -> true;
is_transaction(_) -> false.

%% ---- Activities ----

%% Without locks: ets, async_dirty, sync_dirty; in a transaction a part of it.
non_transaction(#tx{tid = {tid, _, _}} = Outer, Fun, Args, Kind, Module) ->
    case transaction(Outer, Fun, Args, infinity, Module, Kind) of
        {atomic, Value} -> Value;
        {aborted, Reason} -> exit(Reason)
    end;
non_transaction(Outer, Fun, Args, Kind, Module) ->
    put(?KEY, #tx{kind = Kind, module = Module, tid = {Kind, self()}}),
    try apply(Fun, Args) of
        {'EXIT', Reason} -> exit(Reason);
        {aborted, Reason} -> mnesia:abort(Reason);
        Value -> Value
    catch
        throw:Value -> throw(Value);
        error:Reason:Trace -> exit({Reason, Trace});
        exit:Reason -> exit(Reason)
    after restore(Outer)
    end.

restore(undefined) -> erase(?KEY);
restore(Outer) -> put(?KEY, Outer).

%% What is done to definitions and copies: nobody counts it.
schema(Fun) -> transaction(get(?KEY), Fun, [], infinity, mnesia, schema).

%% [Outer] is what is under way already.
-spec transaction(undefined | #tx{}, fun(), list(), infinity | non_neg_integer(),
                  module(), atom()) -> {atomic, term()} | {aborted, term()}.
transaction(#tx{tid = {tid, _, _}} = Outer, Fun, Args, Retries, Module, _) ->
    execute_transaction(Fun, Args, Outer#tx{module = Module}, Retries, Outer);
transaction(Outer, Fun, Args, Retries, Module, Kind) ->
    try mnesia_locker:new_tid() of
        Tid ->
            execute_transaction(Fun, Args, #tx{kind = Kind, module = Module, tid = Tid},
                                Retries, Outer)
    catch exit:_ -> {aborted, {node_not_running, node()}}
    end.

execute_transaction(Fun, Args, Tx, Retries, Outer) ->
    put(?KEY, Tx),
    try apply_fun(Fun, Args, Outer) of
        Done ->
            committed(Tx, Outer),
            Done
    catch
        exit:{aborted, Reason} = Restart when ?IS_RESTART(Reason) ->
            again(Fun, Args, Tx, {Retries, Restart}, Outer);
        Class:Reason:Trace ->
            aborted(Tx, Outer),
            {aborted, reason(Class, Reason, Trace)}
    end.

apply_fun(Fun, Args, Outer) ->
    Value = apply(Fun, Args),
    is_transaction(Outer) orelse commit(lists:reverse((get(?KEY))#tx.ops)),
    {atomic, Value}.

%% What an inner transaction did is the outer one's, or nobody's; its locks stay.
committed(Tx, Outer) ->
    count(Tx, commits),
    case is_transaction(Outer) of
        true -> put(?KEY, (get(?KEY))#tx{module = Outer#tx.module});
        false ->
            finish(Tx),
            restore(Outer)
    end.

aborted(Tx, Outer) ->
    count(Tx, failures),
    case is_transaction(Outer) of
        true ->
            #tx{locks = Locks, nodes = Nodes} = get(?KEY),
            put(?KEY, Outer#tx{locks = Locks, nodes = Nodes});
        false ->
            catch finish(Tx),
            restore(Outer)
    end.

%% The numbers of locks are those of now, of an inner transaction too.
release(#tx{tid = Tid}) ->
    #tx{nodes = Nodes} = get(?KEY),
    mnesia_locker:release(Tid, Nodes).

finish(#tx{tid = Tid}) ->
    #tx{nodes = Nodes} = get(?KEY),
    mnesia_locker:finish(Tid, Nodes).

%% Gives up all locks, waits a little, and starts anew under its old number.
again(_, _, _, {_, Restart}, #tx{tid = {tid, _, _}}) -> exit(Restart);
again(_, _, Tx, {Retries, _}, Outer) when is_integer(Retries), Retries =< 1 ->
    aborted(Tx, Outer),
    {aborted, nomore};
again(Fun, Args, Tx, {Retries, _}, Outer) ->
    mnesia_locker:restarted(),
    release(Tx),
    timer:sleep(rand:uniform(10)),
    execute_transaction(Fun, Args, Tx, case Retries of
                                           infinity -> infinity;
                                           N -> N - 1
                                       end, Outer).

reason(exit, {aborted, Reason}, _) -> Reason;
reason(exit, {_, {gen_server, call, [mnesia_locker | _]}}, _) ->
    {node_not_running, node()};
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
            case mnesia_part:prepare(Tid, Ops, Nodes, Checks) of
                ok -> mnesia_part:commit(Tid, Nodes);
                _ ->
                    mnesia_part:abort(Tid, Nodes),
                    mnesia:abort({bad_commit, Nodes})
            end
    end,
    count(Tx, writes, length(Ops)).

%% The nodes that have a copy: there must be one, and enough if it says so.
targets(Table) ->
    Nodes = case mnesia_table:info(Table, access_mode, none) of
                none -> mnesia:abort({no_exists, {Table, where_to_commit}});
                read_only -> [];
                read_write -> lists:sort(mnesia_table:targets(Table))
            end,
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
        _ -> dirty(async_dirty, Op)
    end.

%% At once, without a lock; what is read next is what was written.
dirty(Kind, Op) ->
    Id = {dirty, self()},
    Table = element(2, Op),
    Nodes = targets(Table),
    Others = lists:delete(node(), Nodes),
    Others =:= Nodes orelse mnesia_table:here([Op], Id, true),
    Wait = case Kind of
               sync_dirty -> Others;
               _ -> mnesia_lib:intersect([mnesia_table:info(Table, where_to_read)],
                                         Others)
           end,
    Others =:= [] orelse mnesia_part:dirty(Id, [Op], {Others, Wait}),
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


%% ---- What is under way ----

get_info(Timeout) ->
    try mnesia_part:info(Timeout)
    catch exit:_ -> {timeout, Timeout}
    end.

get_transactions() ->
    [{Tid, P, coordinator} || {tid, _, P} = Tid <- mnesia_locker:info(transactions)].

display_info(Device, {info, Parts, Mine}) ->
    io:format(Device, "---> Participant transactions <--- ~n", []),
    [io:format(Device, "Tid: ~p~n", [T]) || T <- Parts],
    io:format(Device, "---> Coordinator transactions <---~n", []),
    [io:format(Device, "Tid: ~p~n", [T]) || T <- Mine];
display_info(Device, {timeout, T}) ->
    io:format(Device, "---> No info about coordinator and participant "
              "transactions, timeout ~p <--- ~n", [T]).
