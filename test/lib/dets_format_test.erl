%% SPDX-License-Identifier: Apache-2.0
%% Files of dets: a table that was not closed is repaired with all that was done
%% to it; a file has the parts that OTP's have.
%% expect: [{1,2},{2,c},{3,d}]
%% expect: [{bag,[{1,c},{1,b},{1,a}],[{1,c},{1,b},{1,a}]},{duplicate_bag,[{1,a},{1,c},{1,b},{1,a}],[{1,a},{1,c},{1,b},{1,a}]}]
%% expect: {[1,9,256,256,1,3,3,256,33554432,1,0],true,phash2}
%% expect: {[3000,3000,256],3000,3000}
%% expect: {error,invalid_type_code}
%% expect: {'EXIT',badarg}
-module(dets_format_test).
-export([main/0]).

main() ->
    Dir = filename:join("/tmp", "dets_format_" ++ os:getpid()),
    ok = file:make_dir(Dir),
    try run(fun(Name) -> filename:join(Dir, Name) end)
    after file:del_dir_r(Dir) end.

run(In) ->
    %% A copy of a file that is open is one that was not closed.
    {ok, t} = dets:open_file(t, [{file, In("t")}]),
    ok = dets:insert(t, [{1, a}, {2, b}]),
    ok = dets:close(t),
    {ok, t} = dets:open_file(t, [{file, In("t")}]),
    ok = dets:insert(t, [{2, c}, {4, x}]),
    ok = dets:delete(t, 1),
    ok = dets:insert(t, {1, 1}),
    ok = dets:insert(t, {3, d}),
    _ = dets:update_counter(t, 1, 1),
    ok = dets:delete(t, 4),
    ok = dets:sync(t),
    {ok, _} = file:copy(In("t"), In("open")),
    ok = dets:close(t),
    {ok, u} = dets:open_file(u, [{file, In("t")}]),
    show(lists:sort(dets:match_object(u, '_'))),
    ok = dets:close(u),
    show([begin
              {ok, b} = dets:open_file(b, [{file, In(Type)}, {type, Type}]),
              ok = dets:insert(b, [{1, a}, {1, c}]),
              ok = dets:insert(b, {1, b}),
              ok = dets:insert(b, {1, a}),
              Before = dets:lookup(b, 1),
              ok = dets:close(b),
              {ok, b} = dets:open_file(b, [{file, In(Type)}, {type, Type}]),
              After = dets:lookup(b, 1),
              ok = dets:close(b),
              {Type, Before, After}
          end || Type <- [bag, duplicate_bag]]),
    {ok, u} = dets:open_file(u, [{file, In("t")}]),
    Hash = dets:info(u, hash),
    ok = dets:close(u),
    show({head(In("t")), dets:is_dets_file(In("t")), Hash}),
    {ok, many} = dets:open_file(many, [{file, In("many")}]),
    ok = dets:insert(many, [{N, lists:seq(1, N rem 40)}
                            || N <- lists:seq(1, 3000)]),
    ok = dets:close(many),
    {ok, many} = dets:open_file(many, [{file, In("many")}]),
    show({lists:sublist(head(In("many")), 6, 3), dets:info(many, size),
          length([N || N <- lists:seq(1, 3000),
                       [{_, L}] <- [dets:lookup(many, N)],
                       length(L) =:= N rem 40])}),
    ok = dets:close(many),
    {ok, File} = file:open(In("t"), [read, write, raw]),
    ok = file:pwrite(File, 12, <<77:32>>),
    ok = file:close(File),
    {error, {Reason, _}} = dets:open_file(In("t")),
    show({error, Reason}),
    {ok, t} = dets:open_file(t, [{file, In("other")}]),
    {'EXIT', {Why, _}} = (catch dets:init_table(t, no_fun)),
    show({'EXIT', Why}),
    ok = dets:close(t).

%% Type, version, M, Next, key position, objects, keys, least and most slots,
%% hash method, N.
head(Name) ->
    {ok, <<_:12/binary, Numbers:44/binary, _/binary>>} = file:read_file(Name),
    [N || <<N:32>> <= Numbers].

show(Term) -> io:format("~0p~n", [Term]).
