%% SPDX-License-Identifier: Apache-2.0
%% The database on three nodes: copies of all kinds, transactions and dirty
%% writes on any of them, copies added, moved and taken away, a node that stops,
%% comes back and gets what it missed, one that crashes, events of both, a copy
%% that others must not overtake, majorities, checkpoints, backups, a fallback,
%% a node that joins without a disc.
%% expect: ok
%% expect: [ok,ok,ok]
%% expect: 3
%% expect: {atomic,ok}
%% expect: {{atomic,ok},[{acc,joe,100}]}
%% expect: {atomic,[{acc,joe,100}]}
%% expect: [[{acc,joe,130}],[{acc,joe,130}],[{acc,joe,130}]]
%% expect: {atomic,[{far,1,one}]}
%% expect: {[{far,1,one}],['$end_of_table'],3}
%% expect: {atomic,ok}
%% expect: [{far,1,one},{far,n,3}]
%% expect: {{atomic,ok},{atomic,ok},{aborted,already_exists},{aborted,not_active}}
%% expect: {mnesia_down,b}
%% expect: {[a,c],{atomic,ok}}
%% expect: {mnesia_up,b}
%% expect: [{acc,joe,130},{acc,mike,5}]
%% expect: {mnesia_down,c}
%% expect: {atomic,{aborted,{no_majority,most}}}
%% expect: {timeout,[acc]}
%% expect: {yes,[{acc,joe,130},{acc,mike,5}]}
%% expect: {ok,cp}
%% expect: {ok,ok,{ok,[acc]}}
%% expect: {atomic,[acc,most]}
%% expect: [{acc,joe,130},{acc,mike,5}]
%% expect: {ok,[c]}
%% expect: {{atomic,ok},[{acc,joe,130},{acc,mike,5}]}
%% expect: {{atomic,ok},{atomic,ok},[a,b]}
%% expect: stopped
-module(mnesia_nodes_test).
-export([main/0, read/2, add/3, all/1]).

show(Term) -> io:format("~w~n", [Term]).

main() ->
    logger:set_primary_config(level, none),
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("mna" ++ Id), shortnames]),
    erlang:set_cookie(node(), mnesia_nodes_test),
    Peers = [peer(N, Id) || N <- ["mnb", "mnc"]],
    [B, C] = [N || {_, N} <- Peers],
    try run([node(), B, C])
    after [peer:stop(P) || {P, _} <- Peers]
    end.

peer(Name, Id) ->
    {ok, Pid, Node} = peer:start_link(
        #{name => list_to_atom(Name ++ Id),
          args => ["-setcookie", "mnesia_nodes_test", "-pa", filename:absname("."),
                   "-pa", filename:dirname(code:which(?MODULE)),
                   "-kernel", "logger_level", "none"]}),
    {Pid, Node}.

%% The nodes as a, b and c.
short(Term, Nodes) when is_atom(Term) ->
    proplists:get_value(Term, lists:zip(Nodes, [a, b, c]), Term);
short(Terms, Nodes) when is_list(Terms) -> [short(T, Nodes) || T <- Terms];
short(Term, Nodes) when is_tuple(Term) ->
    list_to_tuple(short(tuple_to_list(Term), Nodes));
short(Term, _) -> Term.

all(Table) -> lists:sort(ets:tab2list(Table)).

read(Table, Key) -> mnesia:transaction(fun() -> mnesia:read(Table, Key) end).

add(Name, N, Times) ->
    [{atomic, ok} = mnesia:transaction(fun() ->
         A = case mnesia:wread({acc, Name}) of
                 [{acc, Name, Old}] -> Old;
                 [] -> 0
             end,
         mnesia:write({acc, Name, A + N})
     end) || _ <- lists:seq(1, Times)],
    {atomic, ok}.

reason({aborted, Reason}) -> {aborted, element(1, Reason)};
reason(Other) -> Other.

event(Nodes) ->
    receive {mnesia_system_event, {Kind, _} = Event} when Kind =/= mnesia_info ->
        short(Event, Nodes)
    after 10000 -> none
    end.

run([_, B, C] = Nodes) ->
    show(mnesia:create_schema(Nodes)),
    show(element(1, rpc:multicall(Nodes, mnesia, start, []))),
    show(length(mnesia:system_info(running_db_nodes))),
    copies(Nodes),
    more_copies(Nodes),
    down_and_up(Nodes),
    crash(Nodes),
    backups(Nodes),
    joining(Nodes),
    rpc:multicall([B, C], mnesia, stop, []),
    show(mnesia:stop()).

copies([A, B, C] = Nodes) ->
    show(mnesia:create_table(acc, [{disc_copies, [A, B]}, {ram_copies, [C]}])),
    show({rpc:call(B, ?MODULE, add, [joe, 100, 1]), mnesia:dirty_read(acc, joe)}),
    show(rpc:call(C, ?MODULE, read, [acc, joe])),
    Workers = [spawn_monitor(fun() -> rpc:call(N, ?MODULE, add, [joe, 1, 10]) end)
               || N <- Nodes],
    [receive {'DOWN', M, _, _, _} -> ok end || {_, M} <- Workers],
    show([rpc:call(N, mnesia, dirty_read, [acc, joe]) || N <- Nodes]).

more_copies([A, B, C]) ->
    {atomic, ok} = mnesia:create_table(far, [{ram_copies, [B]}]),
    show(mnesia:transaction(fun() ->
                                mnesia:write({far, 1, one}),
                                mnesia:match_object({far, '_', '_'})
                            end)),
    show({mnesia:dirty_match_object({far, '_', '_'}), [mnesia:dirty_next(far, 1)],
          lists:last([mnesia:dirty_update_counter(far, n, 1) || _ <- [1, 2, 3]])}),
    show(mnesia:add_table_copy(far, A, disc_copies)),
    show(all(far)),
    show({mnesia:move_table_copy(far, B, C), mnesia:del_table_copy(far, A),
          reason(mnesia:add_table_copy(far, C, ram_copies)),
          reason(mnesia:create_table(no, [{disc_copies, [none@none]}]))}),
    {atomic, ok} = mnesia:delete_table(far),
    {aborted, _} = mnesia:create_table(far, [{storage_properties, [{ets, [other]}]}]),
    {atomic, ok} = mnesia:create_table(far, [{storage_properties,
                                              [{ets, [compressed]}]}]),
    true = ets:info(far, compressed),
    {atomic, ok} = mnesia:delete_table(far).

down_and_up([_, B, C] = Nodes) ->
    {ok, _} = mnesia:subscribe(system),
    stopped = rpc:call(B, mnesia, stop, []),
    show(event(Nodes)),
    show({lists:sort(short(mnesia:system_info(running_db_nodes), Nodes)),
          rpc:call(C, ?MODULE, add, [mike, 5, 1])}),
    ok = rpc:call(B, mnesia, start, []),
    show(event(Nodes)),
    ok = rpc:call(B, mnesia, wait_for_tables, [[acc], 10000]),
    show(rpc:call(B, ?MODULE, all, [acc])).

%% What was written on A after B went away, B must not do without.
crash([A, B, C] = Nodes) ->
    {atomic, ok} = mnesia:create_table(most, [{majority, true},
                                              {ram_copies, Nodes}]),
    rpc:call(C, mnesia, lkill, []),
    show(event(Nodes)),
    ok = mnesia:dirty_write({most, 1, 1}),
    stopped = rpc:call(B, mnesia, stop, []),
    {mnesia_down, b} = event(Nodes),
    show({atomic, mnesia:transaction(fun() -> mnesia:write({most, 2, 2}) end)}),
    stopped = mnesia:stop(),
    ok = rpc:call(B, mnesia, start, []),
    show(rpc:call(B, mnesia, wait_for_tables, [[acc], 300])),
    show({rpc:call(B, mnesia, force_load_table, [acc]), rpc:call(B, ?MODULE, all, [acc])}),
    [ok = rpc:call(N, mnesia, start, []) || N <- [A, C]],
    [ok = rpc:call(N, mnesia, wait_for_tables, [[acc, most], 10000]) || N <- Nodes].

backups([A, B, C] = Nodes) ->
    {ok, Name, _} = mnesia:activate_checkpoint([{name, cp}, {max, [schema, acc]}]),
    show({ok, Name}),
    {atomic, ok} = add(joe, 1000, 1),
    Made = mnesia:backup_checkpoint(cp, "cp.BUP"),
    Gone = mnesia:deactivate_checkpoint(cp),
    {ok, Seen} = mnesia:traverse_backup("cp.BUP", mnesia_backup, dummy, read_only,
                                        fun(Item, Acc) -> {[Item], [element(1, Item) | Acc]} end,
                                        []),
    show({Made, Gone, {ok, lists:usort(Seen) -- [schema]}}),
    {atomic, Restored} = mnesia:restore("cp.BUP", []),
    show({atomic, lists:sort(Restored)}),
    show(rpc:call(C, ?MODULE, all, [acc])),
    ok = mnesia:install_fallback("cp.BUP"),
    {atomic, ok} = add(joe, 1, 1),
    rpc:multicall([C, B, A], mnesia, stop, []),
    [wait_stopped(N) || N <- Nodes].

wait_stopped(Node) ->
    case rpc:call(Node, mnesia, system_info, [is_running]) of
        no -> ok;
        _ ->
            timer:sleep(20),
            wait_stopped(Node)
    end.

%% C comes as a node that knows nothing, and has no disc.
joining([A, B, C] = Nodes) ->
    rpc:multicall([A, B], mnesia, start, []),
    ok = mnesia:wait_for_tables([acc], 10000),
    {atomic, ok} = mnesia:del_table_copy(schema, C),
    ok = rpc:call(C, mnesia, delete_schema, [[C]]),
    ok = rpc:call(C, mnesia, start, []),
    show(short(mnesia:change_config(extra_db_nodes, [C]), Nodes)),
    show({mnesia:add_table_copy(acc, C, ram_copies), rpc:call(C, ?MODULE, all, [acc])}),
    show({mnesia:change_table_copy_type(schema, C, disc_copies),
          mnesia:change_table_copy_type(acc, C, disc_copies),
          lists:sort(short(mnesia:table_info(acc, disc_copies), Nodes)) -- [c]}).
