%% SPDX-License-Identifier: Apache-2.0
%% gb_sets: sets as general balanced trees, see gb_trees. A set is
%% {Size, Node}, a node {Element, Smaller, Larger} or nil.
-module(gb_sets).

-export([empty/0, is_empty/1, size/1, singleton/1, is_member/2, insert/2,
         add/2, delete/2, delete_any/2, balance/1, union/2, union/1,
         intersection/2, intersection/1, is_disjoint/2, difference/2,
         is_subset/2, to_list/1, from_list/1, from_ordset/1, smallest/1,
         largest/1, take_smallest/1, take_largest/1, larger/2,
         smaller/2, iterator/1, iterator/2, iterator_from/2, iterator_from/3,
         next/1, is_equal/2, filter/2, fold/3, map/2, filtermap/2,
         is_set/1, new/0, is_element/2, add_element/2, del_element/2,
         subtract/2]).

-export_type([set/0, set/1, iter/0, iter/1]).

-type node_(T) :: nil | {T, node_(T), node_(T)}.
-opaque set(T) :: {non_neg_integer(), node_(T)}.
-type set() :: set(_).
-opaque iter(T) :: [node_(T)] | {reversed, [node_(T)]}.
-type iter() :: iter(_).

-define(POWER(X), (X * X)).
-define(DOUBLE(X), (X bsl 1)).

empty() -> {0, nil}.
new() -> empty().

is_empty({0, nil}) -> true;
is_empty(_) -> false.

size({Size, _}) -> Size.

singleton(E) -> {1, {E, nil, nil}}.

is_element(E, S) -> is_member(E, S).

is_member(E, {_, T}) -> is_member_1(E, T).

is_member_1(E, {X, S, _}) when E < X -> is_member_1(E, S);
is_member_1(E, {X, _, L}) when E > X -> is_member_1(E, L);
is_member_1(_, {_, _, _}) -> true;
is_member_1(_, nil) -> false.

insert(E, {Size, T}) ->
    Size1 = Size + 1,
    {Size1, insert_1(E, T, ?POWER(Size1))}.

insert_1(E, {X, S, L}, Count) when E < X ->
    case insert_1(E, S, Count div 2) of
        {T, Height, Size} when is_integer(Height) ->
            {H2, S2} = count(L),
            grown({X, T, L}, max(Height, H2), Size + S2 + 1);
        T -> {X, T, L}
    end;
insert_1(E, {X, S, L}, Count) when E > X ->
    case insert_1(E, L, Count div 2) of
        {T, Height, Size} when is_integer(Height) ->
            {H1, S1} = count(S),
            grown({X, S, T}, max(H1, Height), S1 + Size + 1);
        T -> {X, S, T}
    end;
insert_1(E, nil, 0) -> {{E, nil, nil}, 1, 1};
insert_1(E, nil, _) -> {E, nil, nil};
insert_1(E, _, _) -> erlang:error({key_exists, E}).

grown(T, SubHeight, Size) ->
    Height = ?DOUBLE(SubHeight),
    case Height > ?POWER(Size) of
        true -> from_elements(list(T, []), Size);
        false -> {T, Height, Size}
    end.

count({_, nil, nil}) -> {1, 1};
count({_, S, L}) ->
    {H1, N1} = count(S),
    {H2, N2} = count(L),
    {?DOUBLE(max(H1, H2)), N1 + N2 + 1};
count(nil) -> {1, 0}.

from_elements(Elements, Size) ->
    {T, []} = build(Elements, Size, 1),
    T.

%% [Odd] is 1 where the side of the smaller elements has the one that is over,
%% 0 where the other side has it: sets made of two others lean that way.
build(Elements, N, Odd) when N > 1 ->
    Rest = N - 1,
    Smaller = (Rest + Odd) div 2,
    {S, [E | Elements1]} = build(Elements, Smaller, Odd),
    {L, Elements2} = build(Elements1, Rest - Smaller, Odd),
    {{E, S, L}, Elements2};
build([E | Elements], 1, _) -> {{E, nil, nil}, Elements};
build(Elements, 0, _) -> {nil, Elements}.

combined(Elements) ->
    Size = length(Elements),
    {T, []} = build(Elements, Size, 0),
    {Size, T}.

balance({Size, T}) -> {Size, from_elements(list(T, []), Size)}.

add_element(E, S) -> add(E, S).

add(E, S) ->
    case is_member(E, S) of
        true -> S;
        false -> insert(E, S)
    end.

-spec from_list([T]) -> set(T).
from_list(L) -> from_ordset(ordsets:from_list(L)).

-spec from_ordset([T]) -> set(T).
from_ordset(L) ->
    Size = length(L),
    {Size, from_elements(L, Size)}.

del_element(E, S) -> delete_any(E, S).

delete_any(E, S) ->
    case is_member(E, S) of
        true -> delete(E, S);
        false -> S
    end.

delete(E, {Size, T}) -> {Size - 1, delete_1(E, T)}.

delete_1(E, {X, S, L}) when E < X -> {X, delete_1(E, S), L};
delete_1(E, {X, S, L}) when E > X -> {X, S, delete_1(E, L)};
delete_1(_, {_, S, L}) -> join(S, L).

join(S, nil) -> S;
join(nil, L) -> L;
join(S, L) ->
    {E, L1} = take_smallest1(L),
    {E, S, L1}.

take_smallest({Size, T}) ->
    {E, T1} = take_smallest1(T),
    {E, {Size - 1, T1}}.

take_smallest1({E, nil, L}) -> {E, L};
take_smallest1({E, S, L}) ->
    {X, S1} = take_smallest1(S),
    {X, {E, S1, L}}.

take_largest({Size, T}) ->
    {E, T1} = take_largest1(T),
    {E, {Size - 1, T1}}.

take_largest1({E, S, nil}) -> {E, S};
take_largest1({E, S, L}) ->
    {X, L1} = take_largest1(L),
    {X, {E, S, L1}}.

smallest({_, T}) -> smallest_1(T).

smallest_1({E, nil, _}) -> E;
smallest_1({_, S, _}) -> smallest_1(S).

largest({_, T}) -> largest_1(T).

largest_1({E, _, nil}) -> E;
largest_1({_, _, L}) -> largest_1(L).

%% The least element beyond E, the largest before it.
larger(E, {_, T}) -> larger_1(E, T, none).

larger_1(E, {X, S, _}, _) when E < X -> larger_1(E, S, {found, X});
larger_1(E, {_, _, L}, Found) -> larger_1(E, L, Found);
larger_1(_, nil, Found) -> Found.

smaller(E, {_, T}) -> smaller_1(E, T, none).

smaller_1(E, {X, _, L}, _) when E > X -> smaller_1(E, L, {found, X});
smaller_1(E, {_, S, _}, Found) -> smaller_1(E, S, Found);
smaller_1(_, nil, Found) -> Found.

to_list({_, T}) -> list(T, []).

list({E, S, L}, Acc) -> list(S, [E | list(L, Acc)]);
list(nil, Acc) -> Acc.

iterator({_, T}) -> descend(T, []).

descend({_, nil, _} = T, Stack) -> [T | Stack];
descend({_, S, _} = T, Stack) -> descend(S, [T | Stack]);
descend(nil, Stack) -> Stack.

iterator(Set, ordered) -> iterator(Set);
iterator({_, T}, reversed) -> {reversed, climb(T, [])}.

%% From the largest on.
climb({_, _, L} = T, Stack) -> climb(L, [T | Stack]);
climb(nil, Stack) -> Stack.

iterator_from(From, Set, ordered) -> iterator_from(From, Set);
iterator_from(From, {_, T}, reversed) -> {reversed, climb_from(From, T, [])}.

climb_from(From, {E, S, _}, Stack) when E > From -> climb_from(From, S, Stack);
climb_from(From, {_, _, L} = T, Stack) -> climb_from(From, L, [T | Stack]);
climb_from(_, nil, Stack) -> Stack.

iterator_from(From, {_, T}) -> descend_from(From, T, []).

descend_from(From, {E, _, L}, Stack) when E < From ->
    descend_from(From, L, Stack);
descend_from(_, {_, nil, _} = T, Stack) -> [T | Stack];
descend_from(From, {_, S, _} = T, Stack) ->
    descend_from(From, S, [T | Stack]);
descend_from(_, nil, Stack) -> Stack.

next([{E, _, L} | Stack]) -> {E, descend(L, Stack)};
next({reversed, [{E, S, _} | Stack]}) -> {E, {reversed, climb(S, Stack)}};
next({reversed, []}) -> none;
next([]) -> none.

%%% Sets of sets: by their ordered lists, or element by element when one of
%%% the two is much smaller.

union({N1, _} = S1, {N2, _} = S2) when N2 < N1 -> union(S2, N2, S1, N1);
union({N1, _} = S1, {N2, _} = S2) -> union(S1, N1, S2, N2).

%% Few elements are added one by one: each costs the height of the large tree.
union(Small, N, Large, M) ->
    case M >= 10 andalso N * round(1.46 * math:log(M)) =< M of
        true -> lists:foldl(fun add/2, Large, to_list(Small));
        false -> combined(ordsets:union(to_list(Small), to_list(Large)))
    end.

union([S | Sets]) -> union_list(S, Sets);
union([]) -> empty().

union_list(S, [S1 | Sets]) -> union_list(union(S, S1), Sets);
union_list(S, []) -> S.

intersection({_, _} = S1, {_, _} = S2) ->
    combined(ordsets:intersection(to_list(S1), to_list(S2))).

intersection([S | Sets]) -> intersection_list(S, Sets).

intersection_list(S, [S1 | Sets]) ->
    intersection_list(intersection(S, S1), Sets);
intersection_list(S, []) -> S.

is_disjoint({N1, _} = S1, {N2, _} = S2) ->
    case N1 < N2 of
        true -> not lists:any(fun(E) -> is_member(E, S2) end, to_list(S1));
        false -> not lists:any(fun(E) -> is_member(E, S1) end, to_list(S2))
    end.

subtract(S1, S2) -> difference(S1, S2).

difference({_, _} = S1, {_, _} = S2) ->
    combined(ordsets:subtract(to_list(S1), to_list(S2))).

is_subset({_, _} = S1, {_, _} = S2) ->
    ordsets:is_subset(to_list(S1), to_list(S2)).

is_equal(S1, S2) -> to_list(S1) == to_list(S2).

is_set({0, nil}) -> true;
is_set({N, {_, _, _}}) when is_integer(N), N >= 0 -> true;
is_set(_) -> false.

filter(F, S) when is_function(F, 1) ->
    from_ordset([E || E <- to_list(S), F(E)]).

fold(F, Acc, S) when is_function(F, 2) -> lists:foldl(F, Acc, to_list(S)).

map(F, S) when is_function(F, 1) -> from_list([F(E) || E <- to_list(S)]).

filtermap(F, S) when is_function(F, 1) ->
    from_list(lists:filtermap(F, to_list(S))).
