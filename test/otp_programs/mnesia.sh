#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OTP's mnesia, from its .beam files, with tables in memory: filled, read in
# transactions that wait for each other, dumped and loaded.
. "$MERLE_TOP/test/otp_programs/applications.sh"
need mnesia

run 'ok = application:start(mnesia),
     {atomic, ok} = mnesia:create_table(stock, [{attributes, [item, number]}]),
     {atomic, ok} = mnesia:create_table(order, [{type, bag}, {index, [item]},
                                                {attributes, [id, item]}]),
     ok = mnesia:wait_for_tables([stock, order], 5000),
     {atomic, ok} = mnesia:transaction(fun() ->
         mnesia:write({stock, pen, 100}), mnesia:write({order, 1, pen}) end),
     Take = fun() -> mnesia:transaction(fun() ->
         [{stock, pen, N}] = mnesia:wread({stock, pen}),
         mnesia:write({stock, pen, N - 1}) end) end,
     Pids = [spawn_monitor(fun() -> [Take() || _ <- lists:seq(1, 10)] end)
             || _ <- lists:seq(1, 5)],
     [receive {down, _} -> ok; {_, R, process, P, normal} -> ok end || {P, R} <- Pids],
     io:format("~p~n", [mnesia:dirty_read(stock, pen)]),
     io:format("~p~n", [mnesia:transaction(fun() ->
         mnesia:delete({stock, pen}), mnesia:abort(no) end)]),
     io:format("~p~n", [mnesia:dirty_index_read(order, pen, item)]),
     Var = list_to_atom("$1"),
     io:format("~p~n", [mnesia:transaction(fun() ->
         mnesia:select(stock, [{{stock, pen, Var}, [{'"'>'"', Var, 10}], [Var]}]) end)]),
     ok = mnesia:dump_to_textfile("dump.txt"),
     {ok, Dump} = file:consult("dump.txt"),
     io:format("~p~n", [lists:sort(tl(Dump))]),
     io:format("~p~n", [catch mnesia:dirty_read(nothing, 1)])'
expect '[{stock,pen,50}]
{aborted,no}
[{order,1,pen}]
{atomic,"2"}
[{order,1,pen},{stock,pen,50}]
{'"'EXIT'"',{aborted,{no_exists,[nothing,1]}}}'
