%% SPDX-License-Identifier: Apache-2.0
%% ets: functions that came with OTP 26 and 27.
%% only merle: OTP has them since 26 and 27
%% expect: true
%% expect: [2,x]
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: [2,3]
%% expect: {{1,[{1,2}]},{1,[{1,2}]},{3,[{3,4}]}}
%% expect: {{1,[{1,2},{1,3}]},{1,[{1,2},{1,3}]}}
%% expect: [{1,[{1,2}]},{2,[{2,3}]},'$end_of_table']
%% expect: ['$end_of_table',{2,[{2,3}]},{3,[{3,4}]}]
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {true,[{5,7}]}
%% expect: {true,[{5,8}]}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {true,[{8,b}]}
%% expect: []
-module(bif_ets_lookups).
-export([main/0]).

main() ->
    show(fun() -> begin ets:new(set, [named_table]), ets:new(bag, [named_table,
                  bag]), ets:new(order, [named_table, ordered_set]),
                  ets:insert(set, {1, 2}), ets:insert(bag, {1, 2}),
                  ets:insert(bag, {1, 3}), ets:insert(order, [{1, 2}, {2, 3},
                  {3, 4}]) end end),
    show(fun() -> [ets:lookup_element(set, K, 2, x) || K <- [1, 9]] end),
    show(fun() -> ets:lookup_element(set, 1, 3, x) end),
    show(fun() -> ets:lookup_element(set, 9, 0, x) end),
    show(fun() -> ets:lookup_element(bag, 1, 2, x) end),
    show(fun() -> {ets:first_lookup(set), ets:first_lookup(order),
                  ets:last_lookup(order)} end),
    show(fun() -> {ets:first_lookup(bag), ets:last_lookup(bag)} end),
    show(fun() -> [ets:next_lookup(order, K) || K <- [0, 1, 3]] end),
    show(fun() -> [ets:prev_lookup(order, K) || K <- [1, 2.5, 4]] end),
    show(fun() -> ets:next_lookup(bag, 2) end),
    show(fun() -> ets:prev_lookup(set, 2) end),
    show(fun() -> ets:first_lookup(none) end),
    show(fun() -> {ets:update_element(set, 5, {2, 7}, {a, b}), ets:lookup(set,
                  5)} end),
    show(fun() -> {ets:update_element(set, 5, [{2, 8}], {}), ets:lookup(set, 5)}
                  end),
    show(fun() -> ets:update_element(set, 6, {3, 7}, {a, b}) end),
    show(fun() -> ets:update_element(set, 6, {1, 7}, {a, b}) end),
    show(fun() -> ets:update_element(set, 6, {2, 7}, x) end),
    show(fun() -> ets:update_element(bag, 6, {2, 7}, {a, b}) end),
    show(fun() -> {ets:update_element(set, 8, [], {a, b}), ets:lookup(set, 8)}
                  end),
    show(fun() -> ets:lookup(set, 6) end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
