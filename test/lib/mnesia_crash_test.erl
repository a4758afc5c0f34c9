%% SPDX-License-Identifier: Apache-2.0
%% Three nodes move money about, while one after the other loses its database
%% and gets it back: all copies are the same then, and nothing is lost.
%% expect: [{money,same,1000},{gold,same,1000}]
%% expect: [{money,same,1000},{gold,same,1000}]
%% expect: [{money,same,1000},{gold,same,1000}]
%% expect: [{money,same,1000},{gold,same,1000}]
-module(mnesia_crash_test).
-export([main/0, move/1]).

-define(TABLES, [money, gold]).

main() ->
    logger:set_primary_config(level, none),
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("mca" ++ Id), shortnames]),
    erlang:set_cookie(node(), mnesia_crash_test),
    Peers = [peer(N ++ Id) || N <- ["mcb", "mcc"]],
    [B, C] = Others = [N || {_, N} <- Peers],
    Nodes = [node() | Others],
    ok = mnesia:create_schema(Nodes),
    {[ok, ok, ok], []} = rpc:multicall(Nodes, mnesia, start, []),
    {atomic, ok} = mnesia:create_table(money, [{disc_copies, Nodes}]),
    {atomic, ok} = mnesia:create_table(gold, [{ram_copies, Nodes}]),
    [ok = mnesia:sync_dirty(fun() -> mnesia:write({T, K, 100}) end)
     || T <- ?TABLES, K <- lists:seq(1, 10)],
    [movers(N) || N <- Nodes],
    [crash(N, How, Nodes) || {N, How} <- [{B, lkill}, {C, stop}, {B, stop},
                                          {C, lkill}]],
    rpc:multicall(Nodes, mnesia, stop, []),
    [peer:stop(P) || {P, _} <- Peers].

peer(Name) ->
    {ok, Pid, Node} = peer:start_link(
        #{name => list_to_atom(Name),
          args => ["-setcookie", "mnesia_crash_test",
                   "-pa", filename:dirname(code:which(?MODULE)),
                   "-kernel", "logger_level", "none"]}),
    {Pid, Node}.

movers(Node) -> [spawn(Node, ?MODULE, move, [T]) || T <- ?TABLES, _ <- [1, 2]].

%% Until the database is gone.
move(Table) ->
    [From, To] = [rand:uniform(10), rand:uniform(10)],
    case catch mnesia:transaction(
                   fun() ->
                       add(Table, From, -1),
                       add(Table, To, 1)
                   end) of
        {atomic, ok} ->
            timer:sleep(rand:uniform(3)),
            move(Table);
        _ -> gone
    end.

add(Table, Key, N) ->
    [{_, _, Old}] = mnesia:wread({Table, Key}),
    mnesia:write({Table, Key, Old + N}).

crash(Node, How, Nodes) ->
    timer:sleep(150),
    _ = rpc:call(Node, mnesia, How, []),
    timer:sleep(100),
    stopped = rpc:call(Node, mnesia, stop, []),
    ok = rpc:call(Node, mnesia, start, []),
    ok = rpc:call(Node, mnesia, wait_for_tables, [?TABLES, 30000]),
    movers(Node),
    io:format("~w~n", [[compared(T, Nodes) || T <- ?TABLES]]).

%% While nobody writes.
compared(Table, Nodes) ->
    {atomic, Copies} = mnesia:transaction(
        fun() ->
            mnesia:write_lock_table(Table),
            [lists:sort(rpc:call(N, ets, tab2list, [Table])) || N <- Nodes]
        end),
    case lists:usort(Copies) of
        [Copy] -> {Table, same, lists:sum([V || {_, _, V} <- Copy])};
        _ -> {Table, Copies}
    end.
