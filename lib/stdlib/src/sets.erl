%% SPDX-License-Identifier: Apache-2.0
%% sets: sets of any terms (=:=). Version 2 is a map #{Element => []}; version
%% 1, the default, is a table by linear hashing like that of module dict, so
%% that elements are listed in the order of Erlang/OTP.
-module(sets).

-export([new/0, new/1, is_set/1, size/1, is_empty/1, to_list/1, from_list/1,
         from_list/2, is_element/2, add_element/2, del_element/2, union/2,
         union/1, intersection/2, intersection/1, is_disjoint/2, subtract/2,
         is_subset/2, fold/3, filter/2, map/2, filtermap/2, is_equal/2]).

-export_type([set/0, set/1]).

-type set() :: set(_).
-opaque set(Element) :: tuple() | #{Element => []}. % tuple of hash_slots

-define(IS_SLOTS(S), element(1, S) =:= set).

-spec new() -> set(none()).
new() -> hash_slots:new(set).

-spec new([{version, 1 | 2}]) -> set(none()).
new([{version, 2}]) -> #{};
new(Options) ->
    case proplists:get_value(version, Options, 1) of
        1 -> new();
        2 -> #{}
    end.

-spec from_list([T]) -> set(T).
from_list(L) -> lists:foldl(fun add_element/2, new(), L).

-spec from_list([T], [{version, 1 | 2}]) -> set(T).
from_list(L, [{version, 2}]) -> maps:from_keys(L, []);
from_list(L, Options) -> lists:foldl(fun add_element/2, new(Options), L).

-spec is_set(term()) -> boolean().
is_set(S) when ?IS_SLOTS(S), tuple_size(S) =:= 9 -> true;
is_set(#{}) -> true;
is_set(_) -> false.

size(#{} = S) -> map_size(S);
size(S) when ?IS_SLOTS(S) -> hash_slots:size(S).

is_empty(#{} = S) -> map_size(S) =:= 0;
is_empty(S) when ?IS_SLOTS(S) -> hash_slots:size(S) =:= 0.

-spec to_list(set(T)) -> [T].
to_list(#{} = S) -> maps:keys(S);
to_list(S) when ?IS_SLOTS(S) -> fold(fun(E, L) -> [E|L] end, [], S).

is_element(E, #{} = S) -> is_map_key(E, S);
is_element(E, S) when ?IS_SLOTS(S) ->
    lists:member(E, hash_slots:bucket(hash_slots:slot(E, S), S)).

%% The newest element of a slot comes first.
add_element(E, #{} = S) -> S#{E => []};
add_element(E, S) when ?IS_SLOTS(S) ->
    Slot = hash_slots:slot(E, S),
    Bucket = hash_slots:bucket(Slot, S),
    case lists:member(E, Bucket) of
        true -> S;
        false ->
            hash_slots:grow(hash_slots:put_bucket(Slot, [E | Bucket], S),
                            fun(X) -> X end)
    end.

del_element(E, #{} = S) -> maps:remove(E, S);
del_element(E, S) when ?IS_SLOTS(S) ->
    Slot = hash_slots:slot(E, S),
    Bucket = hash_slots:bucket(Slot, S),
    case lists:member(E, Bucket) of
        true ->
            Left = lists:filter(fun(X) -> X =/= E end, Bucket),
            hash_slots:shrink(hash_slots:put_bucket(Slot, Left, S), 1);
        false -> S
    end.

union(#{} = A, #{} = B) -> maps:merge(A, B);
union(A, B) ->
    {Small, Large} = case sets:size(A) < sets:size(B) of
                         true -> {A, B};
                         false -> {B, A}
                     end,
    fold(fun add_element/2, Large, Small).

union([A, B | Sets]) -> union([union(A, B) | Sets]);
union([S]) -> S;
union([]) -> new().

intersection(A, B) ->
    {Small, Large} = case sets:size(A) < sets:size(B) of
                         true -> {A, B};
                         false -> {B, A}
                     end,
    filter(fun(E) -> is_element(E, Large) end, Small).

intersection([A, B | Sets]) -> intersection([intersection(A, B) | Sets]);
intersection([S]) -> S.

is_disjoint(A, B) ->
    {Small, Large} = case sets:size(A) < sets:size(B) of
                         true -> {A, B};
                         false -> {B, A}
                     end,
    not lists:any(fun(E) -> is_element(E, Large) end, to_list(Small)).

subtract(A, B) -> filter(fun(E) -> not is_element(E, B) end, A).

is_subset(A, B) ->
    sets:size(A) =< sets:size(B)
        andalso lists:all(fun(E) -> is_element(E, B) end, to_list(A)).

fold(F, Acc, #{} = S) when is_function(F, 2) ->
    lists:foldl(F, Acc, maps:keys(S));
fold(F, Acc, S) when is_function(F, 2), ?IS_SLOTS(S) ->
    hash_slots:fold(F, Acc, S).

is_equal(A, B) -> sets:size(A) =:= sets:size(B) andalso is_subset(A, B).

%% The same version as the set's.
map(F, #{} = S) when is_function(F, 1) ->
    maps:from_keys([F(E) || E <- maps:keys(S)], []);
map(F, S) when is_function(F, 1), ?IS_SLOTS(S) ->
    fold(fun(E, Mapped) -> add_element(F(E), Mapped) end, new(), S).

filtermap(F, #{} = S) when is_function(F, 1) ->
    maps:from_keys(lists:filtermap(F, maps:keys(S)), []);
filtermap(F, S) when is_function(F, 1), ?IS_SLOTS(S) ->
    Add = fun(E, Mapped) ->
                  case F(E) of
                      true -> add_element(E, Mapped);
                      {true, Other} -> add_element(Other, Mapped);
                      false -> Mapped
                  end
          end,
    fold(Add, new(), S).

%% What stays in a slot is turned round; that shows in the order, so it must
%% be so.
filter(F, #{} = S) when is_function(F, 1) ->
    maps:from_keys([E || E <- maps:keys(S), F(E)], []);
filter(F, S) when is_function(F, 1), ?IS_SLOTS(S) ->
    Kept = hash_slots:map(fun(Bucket) ->
                                  lists:reverse([E || E <- Bucket, F(E)])
                          end, S),
    Count = hash_slots:fold(fun(_, N) -> N + 1 end, 0, Kept),
    hash_slots:shrink(Kept, sets:size(S) - Count).
