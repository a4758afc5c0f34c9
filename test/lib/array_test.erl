%% SPDX-License-Identifier: Apache-2.0
%% array: what walks all elements sees what get/2 sees, whatever the size and
%% however the array came to it.
%% expect: 0 1 9 10 11 99 100 101 1000 1234
%% expect: made from a list, sparse, grown, shrunk, fixed: as get/2 has it
-module(array_test).
-export([main/0]).

main() ->
    Sizes = [0, 1, 9, 10, 11, 99, 100, 101, 1000, 1234],
    io:format("~s~n", [lists:join(" ", [integer_to_list(N) || N <- Sizes])]),
    lists:foreach(fun check_size/1, Sizes),
    io:format("made from a list, sparse, grown, shrunk, fixed: "
              "as get/2 has it~n").

check_size(N) ->
    List = lists:seq(1, N),
    From = array:from_list(List),
    Sparse = array:set(N, last, array:new([{default, none}])),
    lists:foreach(fun check/1,
                  [From, array:fix(From), Sparse,
                   array:resize(N + 123, From), array:resize(N div 2, From),
                   array:resize(N div 3, Sparse), array:set(5 * N, x, From),
                   array:from_orddict([{I * 3, I} || I <- List])]),
    List = array:to_list(From).

check(A) ->
    Places = lists:seq(0, array:size(A) - 1),
    Values = [array:get(I, A) || I <- Places],
    Pairs = lists:zip(Places, Values),
    Written = [P || {_, V} = P <- Pairs, V =/= array:default(A)],
    Values = array:to_list(A),
    Pairs = array:to_orddict(A),
    Written = array:sparse_to_orddict(A),
    Pairs = array:foldr(fun(I, V, Acc) -> [{I, V} | Acc] end, [], A),
    Pairs = lists:reverse(array:foldl(fun(I, V, Acc) -> [{I, V} | Acc] end,
                                      [], A)),
    Mapped = array:map(fun(I, V) -> {I, V} end, A),
    Pairs = array:to_list(Mapped),
    true = array:size(Mapped) =:= array:size(A),
    true = array:is_fix(Mapped) =:= array:is_fix(A),
    true = array:default(Mapped) =:= array:default(A).
