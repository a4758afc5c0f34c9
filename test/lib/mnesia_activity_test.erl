%% SPDX-License-Identifier: Apache-2.0
%% Activities: what they are refused with and where, their access modules, and
%% copies in files.
%% expect: write {tid,t,{t,1,2},write}
%% expect: read {t,1,read}
%% expect: [{t,1,2}]
%% expect: write {async_dirty,t,{t,1,2},write}
%% expect: read {t,1,read}
%% expect: [{t,1,2}]
%% expect: {atomic,{aborted,in}}
%% expect: {{aborted,x},[{mnesia,wrap_trans,6}]}
%% expect: {{aborted,{no_exists,none}},[{mnesia,wrap_trans,6}]}
%% expect: {{aborted,{badarg,trace}},[{mnesia,wrap_trans,6}]}
%% expect: {{aborted,x},[{mnesia_tm,non_transaction,5}]}
%% expect: {{aborted,{no_exists,[none,1]}},[{mnesia_tm,non_transaction,5}]}
%% expect: {{badarg,trace},[{mnesia_tm,non_transaction,5}]}
%% expect: {{aborted,no_transaction},[{mnesia,abort,1}]}
%% expect: {{aborted,{no_exists,[none]}},[{mnesia,abort,1}]}
%% expect: {{aborted,{badarg,[t,1,2]}},[{mnesia,abort,1}]}
%% expect: {{aborted,{bad_type,foo}},[{mnesia,abort,1},{mnesia,dirty_index_read,3}]}
%% expect: {{aborted,{no_exists,none}},
%% expect:  [{mnesia,abort,1},{mnesia,do_dirty_update_counter,4}]}
%% expect: {aborted,{badarg,foo,[],infinity,mnesia}}
%% expect: {aborted,{badarg,[t,9]}}
%% expect: {aborted,{badarg,[t,[foo]]}}
%% expect: {aborted,{bad_type,t,read}}
%% expect: {atomic,0}
%% expect: ok
%% expect: true
%% expect: ok
%% expect: {aborted,enoent}
%% expect: {error,{"Backup traversal failed",{"Fun must return a list",foo}}}
%% expect: {error,open}
-module(mnesia_activity_test).
-export([main/0]).
-export([read/5, write/5, lock/4]).

%% This module is an access module, too.
read(Id, Own, Table, Key, Lock) ->
    io:format("read ~p~n", [{Table, Key, Lock}]),
    mnesia:read(Id, Own, Table, Key, Lock).

write(Id, Own, Table, Object, Lock) ->
    io:format("write ~p~n", [{element(1, Id), Table, Object, Lock}]),
    mnesia:write(Id, Own, Table, Object, Lock).

lock(Id, Own, Item, Kind) -> mnesia:lock(Id, Own, Item, Kind).

main() ->
    logger:set_primary_config(level, none),
    application:set_env(mnesia, dir, "activity.db"),
    ok = mnesia:create_schema([node()]),
    ok = mnesia:start(),
    {atomic, ok} = mnesia:create_table(t, [{disc_copies, [node()]}]),
    through(),
    refused(),
    copied(),
    stopped = mnesia:stop().

through() ->
    Fun = fun() -> mnesia:write({t, 1, 2}), mnesia:read(t, 1) end,
    show(mnesia:activity(transaction, Fun, ?MODULE)),
    show(mnesia:activity(async_dirty, Fun, ?MODULE)),
    show(mnesia:transaction(fun() -> mnesia:transaction(fun() -> mnesia:abort(in) end) end)).

refused() ->
    [trace(fun() -> mnesia:activity(K, F) end)
     || K <- [transaction, sync_dirty],
        F <- [fun() -> mnesia:abort(x) end, fun() -> mnesia:read(none, 1) end,
              fun() -> list_to_atom(get(none)) end]],
    [trace(F) || F <- [fun() -> mnesia:read(t, 1) end,
                       fun() -> mnesia:dirty_first(none) end,
                       fun() -> mnesia:dirty_index_read(t, 1, key) end,
                       fun() -> mnesia:dirty_index_read(t, 1, foo) end,
                       fun() -> mnesia:dirty_update_counter({none, 1}, 1) end]],
    [show(mnesia:transaction(F))
     || F <- [foo, fun() -> mnesia:next(t, 9) end, fun() -> mnesia:select(t, [foo]) end,
              fun() -> mnesia:write(t, {t, 1, 1}, read) end,
              fun() -> mnesia:table_info(none, size) end]].

%% The reason, and the functions of mnesia that it came through.
trace(Fun) ->
    try Fun()
    catch exit:Reason:Trace ->
        show({case Reason of
                  {R, [_ | _]} -> {R, trace};
                  {aborted, {R, [{_, _, _, _} | _]}} -> {aborted, {R, trace}};
                  _ -> Reason
              end, [{M, F, A} || {M, F, A, _} <- Trace, M =:= mnesia orelse M =:= mnesia_tm]})
    end.

copied() ->
    ok = mnesia:backup("activity.bup"),
    show(mnesia:install_fallback("activity.bup")),
    show(mnesia:system_info(fallback_activated)),
    show(mnesia:uninstall_fallback()),
    show(mnesia:restore("none.bup", [])),
    show(mnesia:traverse_backup("activity.bup", "x.bup", fun(_, _) -> foo end, 0)),
    show(mnesia:load_textfile("none.txt")).

show(Term) -> io:format("~p~n", [Term]).
