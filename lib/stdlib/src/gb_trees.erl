%% SPDX-License-Identifier: Apache-2.0
%% gb_trees: general balanced trees (Andersson). A tree is {Size, Node}, a node
%% {Key, Value, Smaller, Larger} or nil. Insertion rebalances a subtree when it
%% has become too high for its number of nodes; deletion only counts.
-module(gb_trees).

-export([empty/0, is_empty/1, size/1, lookup/2, get/2, insert/3, update/3,
         enter/3, delete/2, delete_any/2, balance/1, is_defined/2, keys/1,
         values/1, to_list/1, from_orddict/1, smallest/1, largest/1, take/2,
         take_any/2, take_smallest/1, take_largest/1, larger/2, smaller/2,
         iterator/1, iterator/2, iterator_from/2, iterator_from/3, next/1,
         map/2]).

-export_type([tree/0, tree/2, iter/0, iter/2]).

-type node_(K, V) :: nil | {K, V, node_(K, V), node_(K, V)}.
-opaque tree(K, V) :: {non_neg_integer(), node_(K, V)}.
-type tree() :: tree(_, _).
-opaque iter(K, V) :: [node_(K, V)] | {reversed, [node_(K, V)]}.
-type iter() :: iter(_, _).

%% A subtree of height H may have no fewer than sqrt(2^H) nodes.
-define(POWER(X), (X * X)).
-define(DOUBLE(X), (X bsl 1)).

empty() -> {0, nil}.

is_empty({0, nil}) -> true;
is_empty(_) -> false.

size({Size, _}) when is_integer(Size), Size >= 0 -> Size.

-spec lookup(K, tree(K, V)) -> none | {value, V}.
lookup(Key, {_, T}) -> lookup_1(Key, T).

lookup_1(Key, {K, _, S, _}) when Key < K -> lookup_1(Key, S);
lookup_1(Key, {K, _, _, L}) when Key > K -> lookup_1(Key, L);
lookup_1(_, {_, V, _, _}) -> {value, V};
lookup_1(_, nil) -> none.

is_defined(Key, {_, T}) -> is_defined_1(Key, T).

is_defined_1(Key, {K, _, S, _}) when Key < K -> is_defined_1(Key, S);
is_defined_1(Key, {K, _, _, L}) when Key > K -> is_defined_1(Key, L);
is_defined_1(_, {_, _, _, _}) -> true;
is_defined_1(_, nil) -> false.

get(Key, {_, T}) -> get_1(Key, T).

get_1(Key, {K, _, S, _}) when Key < K -> get_1(Key, S);
get_1(Key, {K, _, _, L}) when Key > K -> get_1(Key, L);
get_1(_, {_, V, _, _}) -> V.

update(Key, Value, {Size, T}) -> {Size, update_1(Key, Value, T)}.

update_1(Key, Value, {K, V, S, L}) when Key < K ->
    {K, V, update_1(Key, Value, S), L};
update_1(Key, Value, {K, V, S, L}) when Key > K ->
    {K, V, S, update_1(Key, Value, L)};
update_1(Key, Value, {_, _, S, L}) -> {Key, Value, S, L}.

-spec insert(K, V, tree(K, V)) -> tree(K, V).
insert(Key, Value, {Size, T}) when is_integer(Size) ->
    Size1 = Size + 1,
    {Size1, insert_1(Key, Value, T, ?POWER(Size1))}.

%% Answers the new subtree, or {it, Height, Count} as long as an ancestor that
%% is out of balance is looked for.
insert_1(Key, Value, {K, V, S, L}, Count) when Key < K ->
    case insert_1(Key, Value, S, Count div 2) of
        {T, Height, Size} ->
            T1 = {K, V, T, L},
            {H2, S2} = count(L),
            grown(T1, max(Height, H2), Size + S2 + 1);
        T -> {K, V, T, L}
    end;
insert_1(Key, Value, {K, V, S, L}, Count) when Key > K ->
    case insert_1(Key, Value, L, Count div 2) of
        {T, Height, Size} ->
            T1 = {K, V, S, T},
            {H1, S1} = count(S),
            grown(T1, max(H1, Height), S1 + Size + 1);
        T -> {K, V, S, T}
    end;
insert_1(Key, Value, nil, 0) -> {{Key, Value, nil, nil}, 1, 1};
insert_1(Key, Value, nil, _) -> {Key, Value, nil, nil};
insert_1(Key, _, _, _) -> erlang:error({key_exists, Key}).

grown(T, SubHeight, Size) ->
    Height = ?DOUBLE(SubHeight),
    case Height > ?POWER(Size) of
        true -> balanced(T, Size);
        false -> {T, Height, Size}
    end.

%% {2^Height, Count}
count({_, _, nil, nil}) -> {1, 1};
count({_, _, S, L}) ->
    {H1, N1} = count(S),
    {H2, N2} = count(L),
    {?DOUBLE(max(H1, H2)), N1 + N2 + 1};
count(nil) -> {1, 0}.

enter(Key, Value, T) ->
    case is_defined(Key, T) of
        true -> update(Key, Value, T);
        false -> insert(Key, Value, T)
    end.

balance({Size, T}) -> {Size, balanced(T, Size)}.

balanced(T, Size) -> balance_list(to_list(T, []), Size).

balance_list(Pairs, Size) ->
    {T, []} = balance_list_1(Pairs, Size),
    T.

balance_list_1(Pairs, N) when N > 1 ->
    Rest = N - 1,
    Larger = Rest div 2,
    Smaller = Rest - Larger,
    {S, [{K, V} | Pairs1]} = balance_list_1(Pairs, Smaller),
    {L, Pairs2} = balance_list_1(Pairs1, Larger),
    {{K, V, S, L}, Pairs2};
balance_list_1([{K, V} | Pairs], 1) -> {{K, V, nil, nil}, Pairs};
balance_list_1(Pairs, 0) -> {nil, Pairs}.

-spec from_orddict([{K, V}]) -> tree(K, V).
from_orddict(Pairs) ->
    Size = length(Pairs),
    {Size, balance_list(Pairs, Size)}.

delete_any(Key, T) ->
    case is_defined(Key, T) of
        true -> delete(Key, T);
        false -> T
    end.

delete(Key, {Size, T}) when is_integer(Size), Size >= 0 ->
    {Size - 1, delete_1(Key, T)}.

delete_1(Key, {K, V, S, L}) when Key < K -> {K, V, delete_1(Key, S), L};
delete_1(Key, {K, V, S, L}) when Key > K -> {K, V, S, delete_1(Key, L)};
delete_1(_, {_, _, S, L}) -> join(S, L).

join(S, nil) -> S;
join(nil, L) -> L;
join(S, L) ->
    {K, V, L1} = take_smallest_1(L),
    {K, V, S, L1}.

take_any(Key, T) ->
    case is_defined(Key, T) of
        true -> take(Key, T);
        false -> error
    end.

take(Key, {Size, T}) when is_integer(Size), Size >= 0 ->
    V = get_1(Key, T),
    {V, {Size - 1, delete_1(Key, T)}}.

take_smallest({Size, T}) when is_integer(Size), Size >= 0 ->
    {K, V, L} = take_smallest_1(T),
    {K, V, {Size - 1, L}}.

take_smallest_1({K, V, nil, L}) -> {K, V, L};
take_smallest_1({K, V, S, L}) ->
    {K1, V1, S1} = take_smallest_1(S),
    {K1, V1, {K, V, S1, L}}.

take_largest({Size, T}) when is_integer(Size), Size >= 0 ->
    {K, V, S} = take_largest_1(T),
    {K, V, {Size - 1, S}}.

take_largest_1({K, V, S, nil}) -> {K, V, S};
take_largest_1({K, V, S, L}) ->
    {K1, V1, L1} = take_largest_1(L),
    {K1, V1, {K, V, S, L1}}.

smallest({_, T}) -> smallest_1(T).

smallest_1({K, V, nil, _}) -> {K, V};
smallest_1({_, _, S, _}) -> smallest_1(S).

largest({_, T}) -> largest_1(T).

largest_1({K, V, _, nil}) -> {K, V};
largest_1({_, _, _, L}) -> largest_1(L).

%% The pair of the least key beyond Key, of the largest before it.
larger(Key, {_, T}) -> larger_1(Key, T, none).

larger_1(Key, {K, V, S, _}, _) when Key < K -> larger_1(Key, S, {K, V});
larger_1(Key, {_, _, _, L}, Found) -> larger_1(Key, L, Found);
larger_1(_, nil, Found) -> Found.

smaller(Key, {_, T}) -> smaller_1(Key, T, none).

smaller_1(Key, {K, V, _, L}, _) when Key > K -> smaller_1(Key, L, {K, V});
smaller_1(Key, {_, _, S, _}, Found) -> smaller_1(Key, S, Found);
smaller_1(_, nil, Found) -> Found.

to_list({_, T}) -> to_list(T, []).

to_list({K, V, S, L}, Acc) -> to_list(S, [{K, V} | to_list(L, Acc)]);
to_list(nil, Acc) -> Acc.

keys({_, T}) -> keys(T, []).

keys({K, _, S, L}, Acc) -> keys(S, [K | keys(L, Acc)]);
keys(nil, Acc) -> Acc.

values({_, T}) -> values(T, []).

values({_, V, S, L}, Acc) -> values(S, [V | values(L, Acc)]);
values(nil, Acc) -> Acc.

%% An iterator is the stack of nodes still to be visited.
iterator({_, T}) -> descend(T, []).

descend({_, _, nil, _} = T, Stack) -> [T | Stack];
descend({_, _, S, _} = T, Stack) -> descend(S, [T | Stack]);
descend(nil, Stack) -> Stack.

iterator(Tree, ordered) -> iterator(Tree);
iterator({_, T}, reversed) -> {reversed, climb(T, [])}.

%% From the largest on.
climb({_, _, _, L} = T, Stack) -> climb(L, [T | Stack]);
climb(nil, Stack) -> Stack.

iterator_from(From, Tree, ordered) -> iterator_from(From, Tree);
iterator_from(From, {_, T}, reversed) -> {reversed, climb_from(From, T, [])}.

climb_from(From, {K, _, S, _}, Stack) when K > From ->
    climb_from(From, S, Stack);
climb_from(From, {_, _, _, L} = T, Stack) -> climb_from(From, L, [T | Stack]);
climb_from(_, nil, Stack) -> Stack.

iterator_from(From, {_, T}) -> descend_from(From, T, []).

descend_from(From, {K, _, _, L}, Stack) when K < From ->
    descend_from(From, L, Stack);
descend_from(_, {_, _, nil, _} = T, Stack) -> [T | Stack];
descend_from(From, {_, _, S, _} = T, Stack) ->
    descend_from(From, S, [T | Stack]);
descend_from(_, nil, Stack) -> Stack.

next([{K, V, _, L} | Stack]) -> {K, V, descend(L, Stack)};
next({reversed, [{K, V, S, _} | Stack]}) ->
    {K, V, {reversed, climb(S, Stack)}};
next({reversed, []}) -> none;
next([]) -> none.

map(F, {Size, T}) when is_function(F, 2) -> {Size, map_1(F, T)}.

map_1(_, nil) -> nil;
map_1(F, {K, V, S, L}) -> {K, F(K, V), map_1(F, S), map_1(F, L)}.
