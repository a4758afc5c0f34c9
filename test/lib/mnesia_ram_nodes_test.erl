%% SPDX-License-Identifier: Apache-2.0
%% A table that lives on nodes without discs only: who has the schema on disc
%% has no copy of it. All stop, and come back without knowing of anything; who
%% works for a transaction as a cursor does is part of it.
%% expect: {ok,[]}
%% expect: {atomic,ok}
%% expect: {ok,[{shelf,1,here}]}
%% expect: {atomic,[{shelf,1,here}]}
-module(mnesia_ram_nodes_test).
-export([main/0]).

show(Term) -> io:format("~w~n", [Term]).

main() ->
    logger:set_primary_config(level, none),
    Id = os:getpid(),
    {ok, _} = net_kernel:start([list_to_atom("mra" ++ Id), shortnames]),
    erlang:set_cookie(node(), mnesia_ram_nodes_test),
    {ok, Peer, Ram} = peer:start_link(
        #{name => list_to_atom("mrb" ++ Id),
          args => ["-setcookie", "mnesia_ram_nodes_test",
                   "-kernel", "logger_level", "none"]}),
    ok = mnesia:create_schema([node()]),
    Start = fun() -> rpc:call(Ram, mnesia, start, [[{extra_db_nodes, [node()]}]]) end,
    [ok, ok] = [mnesia:start(), Start()],
    show({ok, [node(), Ram] -- mnesia:system_info(running_db_nodes)}),
    show(mnesia:create_table(shelf, [{ram_copies, [Ram]}])),
    stopped = rpc:call(Ram, mnesia, stop, []),
    [stopped, ok] = [mnesia:stop(), mnesia:start()],
    ok = Start(),
    ok = rpc:call(Ram, mnesia, wait_for_tables, [[shelf], 10000]),
    ok = rpc:call(Ram, mnesia, dirty_write, [{shelf, 1, here}]),
    show({mnesia:wait_for_tables([shelf], 10000), mnesia:dirty_read(shelf, 1)}),
    show(mnesia:transaction(fun() ->
             Cursor = qlc:cursor(mnesia:table(shelf)),
             Objects = qlc:next_answers(Cursor),
             qlc:delete_cursor(Cursor),
             Objects
         end)),
    stopped = mnesia:stop(),
    peer:stop(Peer).
