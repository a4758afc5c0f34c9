%% SPDX-License-Identifier: Apache-2.0
%% Ordered sets with random operations, against a list that is kept sorted: keys
%% of all kinds come and go, in runs and at random, so that whatever lies below
%% grows and shrinks in all places.
%% expect: ok
-module(ordered_sets).
-export([main/0]).

main() ->
    Sizes = [0, 1, 31, 32, 33, 34, 63, 64, 65, 200, 2000],
    lists:foreach(fun runs/1, Sizes),
    lists:foreach(fun(Seed) -> random(Seed, 60) end, lists:seq(1, 6)),
    lists:foreach(fun(Seed) -> random(Seed, 1500) end, [7, 8]),
    lists:foreach(fun drained/1, lists:seq(1, 4)),
    fixed(),
    floats(),
    io:format("ok~n").

%% Keys in order, against it, and both: each way in, each way out.
runs(N) ->
    Up = lists:seq(1, N),
    Zip = zip(Up, lists:reverse(Up)),
    [in_and_out(In, Out, F)
     || F <- [fun(K) -> K end, fun(K) -> {k, K} end],
        In <- [Up, lists:reverse(Up), Zip],
        Out <- [Up, lists:reverse(Up), Zip]],
    ok.

zip([A | As], [B | Bs]) -> [A, B | zip(As, Bs)];
zip([], []) -> [].

in_and_out(In, Out, F) ->
    T = ets:new(t, [ordered_set]),
    [true = ets:insert(T, {F(K), K}) || K <- In],
    check(T, lists:usort([{F(K), K} || K <- In])),
    {Half, Rest} = lists:split(length(Out) div 2, Out),
    [true = ets:delete(T, F(K)) || K <- Half],
    check(T, lists:usort([{F(K), K} || K <- In, not lists:member(K, Half)])),
    [true = ets:delete(T, F(K)) || K <- Rest],
    check(T, []),
    [true = ets:insert(T, {F(K), K}) || K <- Out],
    check(T, lists:usort([{F(K), K} || K <- In])),
    ets:delete(T).

%% Range keys out of [Range], three of four times put in while growing.
random(Seed, Range) ->
    rand:seed(exsss, Seed),
    T = ets:new(t, [ordered_set]),
    Last = lists:foldl(
             fun(Step, Model) ->
                     In = case Step div 1000 rem 2 of 0 -> 3; 1 -> 1 end,
                     New = step(T, Model, key(rand:uniform(Range)),
                                rand:uniform(4) =< In),
                     Step rem 250 =:= 0 andalso check(T, maps_list(New)),
                     New
             end, #{}, lists:seq(1, 6000)),
    check(T, maps_list(Last)),
    true = ets:delete_all_objects(T),
    check(T, []),
    ets:delete(T).

step(T, Model, Key, true) ->
    V = rand:uniform(1000),
    true = ets:insert(T, {Key, V}),
    Model#{Key => V};
step(T, Model, Key, false) ->
    Found = ets:take(T, Key),
    Found = [{K, V} || {K, V} <- maps_list(maps:with([Key], Model))],
    maps:remove(Key, Model).

maps_list(Model) -> lists:sort(maps:to_list(Model)).

%% Keys of all kinds, no two of which are equal by ==.
key(N) ->
    case N rem 6 of
        0 -> N;
        1 -> {N, <<N:32>>};
        2 -> <<"a key that is longer than others", N:24>>;
        3 -> list_to_atom("k" ++ integer_to_list(N rem 500));
        4 -> (N bsl 70) - (1 bsl 75);
        5 -> [N]
    end.

%% One of many stays here and there: what is nearly empty is found all the same.
drained(Each) ->
    T = ets:new(t, [ordered_set]),
    N = 3000,
    ets:insert(T, [{{K}, K} || K <- lists:seq(1, N)]),
    Gap = 10 * Each * Each + 7,
    [ets:delete(T, {K}) || K <- lists:seq(1, N), K rem Gap =/= 0],
    check(T, [{{K}, K} || K <- lists:seq(Gap, N, Gap)]),
    [] = [K || K <- lists:seq(1, N), ets:member(T, {K}) =/= (K rem Gap =:= 0)],
    ets:delete(T).

%% While a table is fixed what is deleted only is marked.
fixed() ->
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{K, K} || K <- lists:seq(1, 500)]),
    true = ets:safe_fixtable(T, true),
    [ets:delete(T, K) || K <- lists:seq(1, 500), K rem 3 =/= 0],
    Left = [{K, K} || K <- lists:seq(3, 500, 3)],
    check(T, Left),
    ets:insert(T, {4, back}),
    With = lists:sort([{4, back} | Left]),
    check(T, With),
    true = ets:safe_fixtable(T, false),
    check(T, With),
    165 = ets:select_delete(T, [{{'$1', '_'}, [{'>', '$1', 4}], [true]}]),
    check(T, [{3, 3}, {4, back}]),
    ets:delete(T).

%% 1 and 1.0 are one key; the object in the table is the last one.
floats() ->
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{K, i} || K <- lists:seq(1, 100)]),
    ets:insert(T, [{float(K), f} || K <- lists:seq(1, 100, 2)]),
    check(T, [case K rem 2 of 1 -> {float(K), f}; 0 -> {K, i} end
              || K <- lists:seq(1, 100)]),
    [{1.0, f}] = ets:lookup(T, 1),
    [{2, i}] = ets:lookup(T, 2.0),
    ets:delete(T, 1),
    [] = ets:lookup(T, 1.0),
    ets:delete(T).

%% The table holds [Objects], whatever way it is looked at.
check(T, Objects) ->
    Objects = ets:tab2list(T),
    N = length(Objects),
    N = ets:info(T, size),
    Keys = [K || {K, _} <- Objects],
    Keys = ahead(T, ets:first(T)),
    Back = lists:reverse(Keys),
    Back = back(T, ets:last(T)),
    Objects = ets:select(T, [{'_', [], ['$_']}]),
    Turned = lists:reverse(Objects),
    Turned = ets:select_reverse(T, [{'_', [], ['$_']}]),
    Objects = chunks(ets:select(T, [{'_', [], ['$_']}], 7)),
    Objects = [O || K <- Keys, O <- ets:lookup(T, K)],
    ok.

ahead(_, '$end_of_table') -> [];
ahead(T, K) -> [K | ahead(T, ets:next(T, K))].

back(_, '$end_of_table') -> [];
back(T, K) -> [K | back(T, ets:prev(T, K))].

chunks('$end_of_table') -> [];
chunks({Found, More}) -> Found ++ chunks(ets:select(More)).
