%% SPDX-License-Identifier: Apache-2.0
%% dets: tables that are there again, of all types; users; files that were
%% not closed, are of another type or no tables.
%% expect: {ok,t}
%% expect: [ok,ok,true,false,7,ok,ok,1]
%% expect: [[{b,2},{b,3}],[{b,3}],[b],4,set]
%% expect: {{error,incompatible_arguments},{ok,t},ok,ok,undefined}
%% expect: {ok,t}
%% expect: [{a,8},{d,4},{e,5}]
%% expect: {{error,{access_mode,"t.dets"}},[{a,8}]}
%% expect: [{error,{type_mismatch,"t.dets"}},{error,{keypos_mismatch,"t.dets"}},{error,{not_a_dets_file,"no.dets"}},{error,{file_error,"none.dets",enoent}},badarg]
%% expect: [{1,a},{1,b}]
%% expect: [{1,b}]
%% expect: {[5,4,3,2,1],[3],15}
%% expect: {error,{needs_repair,"crash.dets"}}
%% expect: dets: file "crash.dets" not properly closed, repairing ...
%% expect: true
%% expect: [badarg,badarg,badarg,{error,not_owner}]
-module(dets_test).
-export([main/0]).

main() ->
    Open = fun(Args) -> dets:open_file(t, [{file, "t.dets"} | Args]) end,
    show(Open([])),
    show([dets:insert(t, {a, 1}), dets:insert(t, [{b, 2}, {c, 3}]),
          dets:insert_new(t, {d, 4}), dets:insert_new(t, [{e, 5}, {a, 0}]),
          dets:update_counter(t, a, 6), dets:insert(t, {b, 3}),
          dets:insert(t, {e, 5}), dets:update_counter(t, a, {2, 1}) - 7]),
    show([lists:sort(dets:match_object(t, {b, '_'}) ++ [{b, 2}]),
          dets:lookup(t, b), lists:append(dets:match(t, {'$1', 3}))
              -- [c], dets:info(t, size) - 1, dets:info(t, type)]),
    Self = self(),
    spawn(fun() -> Self ! {Open([{type, bag}]), Open([]), dets:close(t)} end),
    {Bad, Good, Closed} = receive X -> X end,
    2 = dets:select_delete(t, [{{'$1', 3}, [], [true]}]),
    show({Bad, Good, Closed, dets:close(t), dets:info(t)}),
    show(Open([])),
    show(lists:sort(dets:traverse(t, fun(O) -> {continue, O} end))),
    ok = dets:close(t),
    {ok, t} = Open([{access, read}]),
    show({dets:insert(t, {z, 1}), dets:lookup(t, a)}),
    ok = dets:close(t),
    ok = file:write_file("no.dets", "not a table at all"),
    show([Open([{type, bag}]), Open([{keypos, 2}]),
          dets:open_file(n, [{file, "no.dets"}]),
          dets:open_file(n, [{file, "none.dets"}, {access, read}]),
          reason(fun() -> Open([{type, tree}]) end)]),
    bags(),
    repair(),
    show([reason(fun() -> dets:lookup(t, a) end),
          reason(fun() -> dets:insert(t, {a}) end),
          reason(fun() -> dets:select(t, []) end), dets:close(t)]).

bags() ->
    {ok, R} = dets:open_file(bag, [{type, bag}, {file, "bag.dets"}]),
    ok = dets:insert(R, [{1, a}, {1, b}, {1, a}]),
    show(lists:sort(dets:lookup(R, 1))),
    ok = dets:delete_object(R, {1, a}),
    show(dets:lookup(R, 1)),
    ok = dets:init_table(R, numbers(1)),
    show({lists:reverse(lists:sort([N || {N} <- dets:match_object(R, '_')])),
          dets:select(R, [{{'$1'}, [{'=:=', '$1', 3}], ['$1']}]),
          dets:foldl(fun({N}, Sum) -> N + Sum end, 0, R)}),
    ok = dets:close(R).

numbers(6) -> fun(_) -> end_of_input end;
numbers(N) -> fun(read) -> {[{N}], numbers(N + 1)} end.

%% A copy of a file that is open is one that was not closed.
repair() ->
    {ok, u} = dets:open_file(u, [{file, "u.dets"}]),
    ok = dets:insert(u, {x, 1}),
    {ok, _} = file:copy("u.dets", "crash.dets"),
    ok = dets:close(u),
    show(dets:open_file(v, [{file, "crash.dets"}, {repair, false}])),
    {ok, v} = dets:open_file(v, [{file, "crash.dets"}]),
    show([[], [{x, 1}]] -- [dets:lookup(v, x)] =/= []).

reason(F) ->
    try F() catch error:Reason -> Reason end.

show(X) -> io:format("~1000p~n", [X]).
