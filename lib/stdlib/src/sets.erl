%% SPDX-License-Identifier: Apache-2.0
%% sets: sets of any terms (=:=). Version 2 is a map #{Element => []}; version
%% 1, the default, is a dict without values, so that its lists have the order
%% of old.
-module(sets).

-export([new/0, new/1, is_set/1, size/1, is_empty/1, to_list/1, from_list/1,
         from_list/2, is_element/2, add_element/2, del_element/2, union/2,
         union/1, intersection/2, intersection/1, is_disjoint/2, subtract/2,
         is_subset/2, fold/3, filter/2]).

-export_type([set/0, set/1]).

-type set() :: set(_).
-opaque set(Element) :: {set, dict:dict(Element, [])} | #{Element => []}.

-spec new() -> set(none()).
new() -> {set, dict:new()}.

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
is_set({set, D}) -> is_tuple(D);
is_set(#{} = M) -> lists:all(fun(V) -> V =:= [] end, maps:values(M));
is_set(_) -> false.

size(#{} = S) -> map_size(S);
size({set, D}) -> dict:size(D).

is_empty(#{} = S) -> map_size(S) =:= 0;
is_empty({set, D}) -> dict:size(D) =:= 0.

-spec to_list(set(T)) -> [T].
to_list(#{} = S) -> maps:keys(S);
to_list({set, D}) -> dict:set_elements(D).

is_element(E, #{} = S) -> is_map_key(E, S);
is_element(E, {set, D}) -> dict:is_key(E, D).

add_element(E, #{} = S) -> S#{E => []};
add_element(E, {set, D} = S) ->
    case dict:is_key(E, D) of
        true -> S;
        %% new elements come first in their slot
        false -> {set, dict:store(E, [], D)}
    end.

del_element(E, #{} = S) -> maps:remove(E, S);
del_element(E, {set, D}) -> {set, dict:erase(E, D)}.

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

fold(F, Acc, S) when is_function(F, 2) ->
    lists:foldl(F, Acc, to_list(S)).

filter(F, #{} = S) when is_function(F, 1) ->
    maps:from_keys([E || E <- maps:keys(S), F(E)], []);
filter(F, {set, D}) when is_function(F, 1) ->
    {set, dict:filter(fun(E, _) -> F(E) end, D)}.
