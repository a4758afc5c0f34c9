%% SPDX-License-Identifier: Apache-2.0
%% The data modules against a list that says what they should hold.
%% expect: ok
%% expect: {array,0,0,undefined,10}
-module(trees).
-export([main/0]).

main() ->
    Keys = [X * 7919 rem 1009 || X <- lists:seq(1, 1000)],
    Pairs = [{K, -K} || K <- Keys],
    Sorted = lists:ukeysort(1, Pairs),
    Sorted = gb_trees:to_list(lists:foldl(fun({K, V}, T) ->
                                                  gb_trees:enter(K, V, T)
                                          end, gb_trees:empty(), Pairs)),
    Sorted = lists:sort(dict:to_list(dict:from_list(Pairs))),
    Sorted = orddict:from_list(Pairs),
    Unique = lists:usort(Keys),
    Unique = gb_sets:to_list(gb_sets:from_list(Keys)),
    Unique = lists:sort(sets:to_list(sets:from_list(Keys))),
    Keys = queue:to_list(lists:foldl(fun queue:in/2, queue:new(), Keys)),
    Keys = array:to_list(array:from_list(Keys)),
    io:format("ok~n"),
    io:format("~p~n", [array:new(0)]).
