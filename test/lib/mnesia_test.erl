%% SPDX-License-Identifier: Apache-2.0
%% The database on one node: transactions that meet, nest and abort, indexes,
%% events, tables on disc over a restart.
%% expect: {aborted,{already_exists,item}}
%% expect: {aborted,{bad_type,bad,{attributes,[one]}}}
%% expect: {atomic,{[a,c],[a,c],[c]}}
%% expect: {atomic,{{aborted,no},3}}
%% expect: [{aborted,{no_exists,none}},
%% expect:  {aborted,why},
%% expect:  {aborted,{throw,ball}},
%% expect:  {aborted,{bad_type,{item,1}}}]
%% expect: [{'EXIT',{aborted,no_transaction}},{'EXIT',{aborted,{no_exists,[none,1]}}}]
%% expect: [{count,n,200}]
%% expect: {{item,a,9,z},[{item,a,1,x}]}
%% expect: [[{item,c,3,x}],[{item,a,9,z}]]
%% expect: {atomic,ok}
%% expect: [n,'$end_of_table',3,5]
%% expect: [{item,a,9,z,new},{item,c,3,x,new},{item,d,undefined,undefined,new}]
%% expect: 0
%% expect: 3
%% expect: {atomic,ok}
%% expect: ok
-module(mnesia_test).
-export([main/0]).

-record(item, {name, price, shop}).

main() ->
    logger:set_primary_config(level, none),
    ok = mnesia:create_schema([node()]),
    ok = mnesia:start(),
    {atomic, ok} = mnesia:create_table(item,
        [{attributes, record_info(fields, item)}, {disc_copies, [node()]},
         {index, [shop]}]),
    {atomic, ok} = mnesia:create_table(count, [{type, ordered_set}]),
    show(mnesia:create_table(item, [])),
    show(mnesia:create_table(bad, [{attributes, [one]}])),
    T = fun mnesia:transaction/1,
    show(T(fun() ->
               [mnesia:write(#item{name = N, price = P, shop = S})
                || {N, P, S} <- [{a, 1, x}, {b, 2, y}, {c, 3, x}]],
               mnesia:delete({item, b}),
               {lists:sort(mnesia:all_keys(item)),
                lists:sort([I#item.name || I <- mnesia:index_read(item, x,
                                                                  #item.shop)]),
                mnesia:select(item, [{#item{name = '$1', price = '$2', _ = '_'},
                                      [{'>', '$2', 1}], ['$1']}])}
           end)),
    show(T(fun() ->
               mnesia:write(#item{name = d}),
               Inner = T(fun() -> mnesia:delete({item, a}), mnesia:abort(no) end),
               {Inner, length(mnesia:match_object(#item{_ = '_'}))}
           end)),
    show([T(fun() -> mnesia:read(none, 1) end), T(fun() -> exit(why) end),
          T(fun() -> throw(ball) end), T(fun() -> mnesia:write({item, 1}) end)]),
    show([catch mnesia:write(#item{}), catch mnesia:dirty_read(none, 1)]),
    meet(),
    show(mnesia:dirty_read(count, n)),
    {ok, _} = mnesia:subscribe({table, item, detailed}),
    mnesia:dirty_write(#item{name = a, price = 9, shop = z}),
    show(receive {mnesia_table_event, {write, item, New, Old, _}} -> {New, Old} end),
    show([mnesia:dirty_index_read(item, S, shop) || S <- [x, z]]),
    show(mnesia:transform_table(item, fun({item, N, P, S}) -> {item, N, P, S, new} end,
                                [name, price, shop, more])),
    show([mnesia:dirty_first(count), mnesia:dirty_next(count, n),
          mnesia:table_info(item, size), mnesia:table_info(item, arity)]),
    ok = mnesia:backup("copy"),
    stopped = mnesia:stop(),
    ok = mnesia:start(),
    ok = mnesia:wait_for_tables([item, count], 5000),
    show(lists:sort(mnesia:dirty_match_object({item, '_', '_', '_', '_'}))),
    show(mnesia:table_info(count, size)),
    {atomic, ok} = mnesia:clear_table(item),
    {atomic, _} = mnesia:restore("copy", []),
    show(length(mnesia:dirty_all_keys(item))),
    show(mnesia:delete_table(item)),
    stopped = mnesia:stop(),
    show(mnesia:delete_schema([node()])).

%% Ten processes count to 200 together.
meet() ->
    Add = fun() ->
              case mnesia:wread({count, n}) of
                  [] -> mnesia:write({count, n, 1});
                  [{count, n, N}] -> mnesia:write({count, n, N + 1})
              end
          end,
    Pids = [spawn_monitor(fun() ->
                [{atomic, ok} = mnesia:transaction(Add) || _ <- lists:seq(1, 20)]
            end) || _ <- lists:seq(1, 10)],
    [receive {'DOWN', Ref, process, Pid, normal} -> ok end || {Pid, Ref} <- Pids].

show(Term) -> io:format("~p~n", [Term]).
