%% SPDX-License-Identifier: Apache-2.0
%% dict: dictionaries of any terms (=:=), as tables of [Key | Value] by linear
%% hashing.
-module(dict).

-export([new/0, is_key/2, to_list/1, from_list/1, size/1, is_empty/1,
         fetch/2, find/2, fetch_keys/1, erase/2, take/2, store/3, append/3,
         append_list/3, update/3, update/4, update_counter/3, fold/3, map/2,
         filter/2, merge/3]).

-export_type([dict/0, dict/2]).

-type dict() :: dict(_, _).
-opaque dict(_Key, _Value) :: tuple(). % of hash_slots

-define(IS_DICT(D), element(1, D) =:= dict).

-spec new() -> dict().
new() -> hash_slots:new(dict).

%% The slot of [Key]; fails as if a dict were a record.
get_slot(D, Key) when ?IS_DICT(D) -> hash_slots:slot(Key, D);
get_slot(D, _) -> erlang:error({badrecord, D}).

is_key(Key, D) ->
    find_in(Key, hash_slots:bucket(get_slot(D, Key), D)) =/= error.

find(Key, D) -> find_in(Key, hash_slots:bucket(get_slot(D, Key), D)).

find_in(Key, [[Key | Value] | _]) -> {ok, Value};
find_in(Key, [_ | Bucket]) -> find_in(Key, Bucket);
find_in(_, []) -> error.

fetch(Key, D) ->
    case find_in(Key, hash_slots:bucket(get_slot(D, Key), D)) of
        {ok, Value} -> Value;
        error -> erlang:error(badarg, [Key, D])
    end.

to_list(D) -> fold_dict(fun(K, V, Acc) -> [{K, V} | Acc] end, [], D).

fetch_keys(D) -> fold_dict(fun(K, _, Acc) -> [K | Acc] end, [], D).

-spec from_list([{K, V}]) -> dict(K, V).
from_list(L) -> lists:foldl(fun({K, V}, D) -> store(K, V, D) end, new(), L).

size(D) when ?IS_DICT(D) -> hash_slots:size(D).

is_empty(D) when ?IS_DICT(D) -> hash_slots:size(D) =:= 0.

%% Changes the value of [Key], in [Slot], by Fun(none | {value, Value}).
change(Slot, Key, Fun, D) ->
    case changed(hash_slots:bucket(Slot, D), Key, Fun) of
        {Bucket, old} -> hash_slots:put_bucket(Slot, Bucket, D);
        {Bucket, new} ->
            hash_slots:grow(hash_slots:put_bucket(Slot, Bucket, D), fun key/1)
    end.

key([Key | _]) -> Key.

changed([[Key | Value] | Bucket], Key, Fun) ->
    {[[Key | Fun({value, Value})] | Bucket], old};
changed([Pair | Bucket], Key, Fun) ->
    {Rest, Kind} = changed(Bucket, Key, Fun),
    {[Pair | Rest], Kind};
changed([], Key, Fun) -> {[[Key | Fun(none)]], new}.

store(Key, Value, D) ->
    change(get_slot(D, Key), Key, fun(_) -> Value end, D).

append(Key, Value, D) -> append_list(get_slot(D, Key), Key, [Value], D).

append_list(Key, Values, D) -> append_list(get_slot(D, Key), Key, Values, D).

append_list(Slot, Key, Values, D) ->
    change(Slot, Key,
           fun(none) -> Values;
              ({value, Old}) -> Old ++ Values
           end, D).

update(Key, Fun, D) ->
    Slot = get_slot(D, Key),
    case find_in(Key, hash_slots:bucket(Slot, D)) of
        {ok, _} -> change(Slot, Key, fun({value, Old}) -> Fun(Old) end, D);
        error -> erlang:error(badarg, [Key, Fun, D])
    end.

update(Key, Fun, Init, D) ->
    change(get_slot(D, Key), Key,
           fun(none) -> Init;
              ({value, Old}) -> Fun(Old)
           end, D).

update_counter(Key, Incr, D) when is_number(Incr) ->
    change(get_slot(D, Key), Key,
           fun(none) -> Incr;
              ({value, Old}) -> Old + Incr
           end, D).

erase(Key, D) ->
    case take_from(get_slot(D, Key), Key, D) of
        {_, D1} -> D1;
        error -> D
    end.

take(Key, D) -> take_from(get_slot(D, Key), Key, D).

take_from(Slot, Key, D) ->
    case lists:partition(fun(P) -> key(P) =:= Key end,
                         hash_slots:bucket(Slot, D)) of
        {[[_ | Value]], Rest} ->
            {Value, hash_slots:shrink(hash_slots:put_bucket(Slot, Rest, D), 1)};
        {[], _} -> error
    end.

fold(Fun, Acc, D) -> fold_dict(Fun, Acc, D).

fold_dict(Fun, Acc, D) when ?IS_DICT(D) ->
    hash_slots:fold(fun([K | V], A) -> Fun(K, V, A) end, Acc, D);
fold_dict(_, _, D) -> erlang:error({badrecord, D}).

map(Fun, D) -> map_dict(Fun, D).

map_dict(Fun, D) when ?IS_DICT(D) ->
    hash_slots:map(fun(Bucket) -> [[K | Fun(K, V)] || [K | V] <- Bucket] end,
                   D);
map_dict(_, D) -> erlang:error({badrecord, D}).

filter(Fun, D) -> filter_dict(Fun, D).

filter_dict(Fun, D) when ?IS_DICT(D) ->
    Kept = hash_slots:map(fun(Bucket) ->
                                  [P || [K | V] = P <- Bucket, Fun(K, V)]
                          end, D),
    Count = hash_slots:fold(fun(_, N) -> N + 1 end, 0, Kept),
    hash_slots:shrink(Kept, dict:size(D) - Count);
filter_dict(_, D) -> erlang:error({badrecord, D}).

merge(Fun, D1, D2)
  when ?IS_DICT(D1), ?IS_DICT(D2), element(2, D1) < element(2, D2) ->
    fold_dict(fun(K, V1, D) ->
                      update(K, fun(V2) -> Fun(K, V1, V2) end, V1, D)
              end, D2, D1);
merge(Fun, D1, D2) ->
    fold_dict(fun(K, V2, D) ->
                      update(K, fun(V1) -> Fun(K, V1, V2) end, V2, D)
              end, D1, D2).
