%% SPDX-License-Identifier: Apache-2.0
%% Tables that many write at a time: each of several processes has keys of its
%% own, and some that all count on, while others walk, fix, select and fill the
%% whole; in the end each finds what it has put in, and nothing was counted
%% twice. And such a table holds what one for a single writer holds.
%% expect: ok
-module(table_writers).
-export([main/0]).

-define(WRITERS, 6).
-define(KEYS, 1500).

main() ->
    [many(Type, Option)
     || Type <- [set, bag, duplicate_bag],
        Option <- [true, auto, false]],
    [holds_the_same(Type) || Type <- [set, bag, duplicate_bag]],
    io:format("ok~n").

many(Type, Option) ->
    T = ets:new(t, [Type, public, {write_concurrency, Option}]),
    Shared = ets:new(s, [set, public, {write_concurrency, Option}]),
    Others = [spawn_link(fun() -> disturb(T) end) || _ <- [1, 2]],
    Self = self(),
    Writers = [spawn_link(fun() -> Self ! {self(), writer(T, Shared, W)} end)
               || W <- lists:seq(1, ?WRITERS)],
    [receive {W, Answer} -> ok = Answer end || W <- Writers],
    [begin unlink(P), exit(P, kill) end || P <- Others],
    [wait(P) || P <- Others],
    Count = ?WRITERS * ?KEYS * 2 div 3,
    Count = length(ets:tab2list(T)),
    Count = ets:info(T, size),
    Count = length([K || {K} <- ets:select(T, [{{{'$1', '_'}, '_'}, [],
                                                 [{{'$1'}}]}])]),
    10 = ets:info(Shared, size),
    [{_, Sum} | _] = All = ets:tab2list(Shared),
    10 = length([K || {K, S} <- All, S =:= Sum]),
    Sum = ?WRITERS * ?KEYS div 10,
    true = ets:delete_all_objects(T),
    0 = ets:info(T, size),
    [] = ets:tab2list(T),
    true = ets:insert(T, {a, b}),
    1 = ets:info(T, size),
    ets:delete(T),
    ets:delete(Shared).

wait(P) ->
    R = monitor(process, P),
    receive {'DOWN', R, process, P, _} -> ok end.

%% Of three keys one is deleted again, and one replaced.
writer(T, Shared, W) ->
    [writes(T, Shared, W, K) || K <- lists:seq(1, ?KEYS)],
    [case ets:lookup(T, {W, K}) of
         [] when K rem 3 =:= 0 -> ok;
         [{{W, K}, K}] when K rem 3 =:= 1 -> ok;
         [{{W, K}, again}] when K rem 3 =:= 2 -> ok
     end || K <- lists:seq(1, ?KEYS)],
    ok.

writes(T, Shared, W, K) ->
    _ = ets:update_counter(Shared, K rem 10, 1, {K rem 10, 0}),
    Key = {W, K},
    true = case K rem 4 of
               0 -> ets:insert(T, [{Key, K}]);
               1 -> ets:insert_new(T, {Key, K});
               _ -> ets:insert(T, {Key, K})
           end,
    true = ets:member(T, Key),
    case K rem 3 of
        0 -> [{Key, K}] = ets:take(T, Key);
        1 -> true;
        2 -> true = ets:delete_object(T, {Key, K}),
             true = ets:insert(T, {Key, again})
    end.

disturb(T) ->
    _ = [K || K <- walk(T, ets:first(T), 300)],
    true = ets:safe_fixtable(T, true),
    _ = ets:select_count(T, [{{{1, '_'}, '_'}, [], [true]}]),
    true = ets:safe_fixtable(T, false),
    _ = ets:info(T, memory),
    disturb(T).

%% The key may be gone when it comes to the next.
walk(_, '$end_of_table', _) -> [];
walk(_, _, 0) -> [];
walk(T, K, N) ->
    try ets:next(T, K) of
        Next -> [K | walk(T, Next, N - 1)]
    catch
        error:badarg -> []
    end.

holds_the_same(Type) ->
    T = ets:new(t, [Type]),
    W = ets:new(w, [Type, public, {write_concurrency, true}]),
    Keys = lists:seq(1, 3000) ++ [{K, a} || K <- lists:seq(1, 2000)],
    [begin ets:insert(T, {K, v}), ets:insert(W, {K, v}) end || K <- Keys],
    List = lists:sort(ets:tab2list(T)),
    List = lists:sort(ets:tab2list(W)),
    ets:insert(T, [{{K}, v} || K <- Keys]),
    ets:insert(W, [{{K}, v} || K <- Keys]),
    Lists = lists:sort(ets:tab2list(T)),
    Lists = lists:sort(ets:tab2list(W)),
    [ets:delete(X) || X <- [T, W]].
