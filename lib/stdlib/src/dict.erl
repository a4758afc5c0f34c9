%% SPDX-License-Identifier: Apache-2.0
%% dict: dictionaries of any terms (=:=), by linear hashing: slots grow one at
%% a time as the dictionary does, each split in two by one more bit of the
%% hash. The slots are kept in a map; where a key goes, and so the order of
%% what is listed, is that of Erlang/OTP.
-module(dict).

-compile([{nowarn_deprecated_function, {erlang, phash, 2}}]).

-export([new/0, is_key/2, to_list/1, from_list/1, size/1, is_empty/1,
         fetch/2, find/2, fetch_keys/1, erase/2, take/2, store/3, append/3,
         append_list/3, update/3, update/4, update_counter/3, fold/3, map/2,
         filter/2, merge/3]).

-export_type([dict/0, dict/2]).

-define(SLOTS, 16).
-define(EXPAND, 5).    % elements a slot before one is added
-define(CONTRACT, 3).  % and below which one is taken away

%% [used] slots of which those above [max] / 2 are split; [slots] holds those
%% that are not empty.
-record(dict, {size = 0 :: non_neg_integer(),
               used = ?SLOTS :: pos_integer(),
               max = ?SLOTS :: pos_integer(),
               slots = #{} :: #{pos_integer() => [{term(), term()}]}}).

-type dict() :: dict(_, _).
-opaque dict(_Key, _Value) :: #dict{}.

-spec new() -> dict().
new() -> #dict{}.

slot(Key, #dict{used = Used, max = Max}) ->
    case erlang:phash(Key, Max) of
        H when H > Used -> H - Max div 2;
        H -> H
    end.

bucket(Slot, #dict{slots = Slots}) -> maps:get(Slot, Slots, []).

put_bucket(Slot, [], #dict{slots = Slots} = D) ->
    D#dict{slots = maps:remove(Slot, Slots)};
put_bucket(Slot, Bucket, #dict{slots = Slots} = D) ->
    D#dict{slots = Slots#{Slot => Bucket}}.

is_key(Key, #dict{} = D) -> find_in(Key, bucket(slot(Key, D), D)) =/= error.

find(Key, #dict{} = D) -> find_in(Key, bucket(slot(Key, D), D)).

find_in(Key, [{Key, Value} | _]) -> {ok, Value};
find_in(Key, [_ | Bucket]) -> find_in(Key, Bucket);
find_in(_, []) -> error.

fetch(Key, #dict{} = D) ->
    case find(Key, D) of
        {ok, Value} -> Value;
        error -> erlang:error(badarg, [Key, D])
    end.

to_list(#dict{} = D) -> fold(fun(K, V, Acc) -> [{K, V} | Acc] end, [], D).

fetch_keys(#dict{} = D) -> fold(fun(K, _, Acc) -> [K | Acc] end, [], D).

-spec from_list([{K, V}]) -> dict(K, V).
from_list(L) -> lists:foldl(fun({K, V}, D) -> store(K, V, D) end, new(), L).

size(#dict{size = Size}) when is_integer(Size), Size >= 0 -> Size.

is_empty(#dict{size = Size}) -> Size =:= 0.

%% Changes the value of [Key] by Fun(none | {value, Value}), to {value, New}.
change(Key, Fun, #dict{size = Size} = D) ->
    Slot = slot(Key, D),
    case changed(bucket(Slot, D), Key, Fun) of
        {Bucket, old} -> put_bucket(Slot, Bucket, D);
        {Bucket, new} ->
            expand((put_bucket(Slot, Bucket, D))#dict{size = Size + 1})
    end.

changed([{Key, Value} | Bucket], Key, Fun) ->
    {[{Key, Fun({value, Value})} | Bucket], old};
changed([Pair | Bucket], Key, Fun) ->
    {Rest, Kind} = changed(Bucket, Key, Fun),
    {[Pair | Rest], Kind};
changed([], Key, Fun) -> {[{Key, Fun(none)}], new}.

store(Key, Value, #dict{} = D) -> change(Key, fun(_) -> Value end, D).

append(Key, Value, #dict{} = D) -> append_list(Key, [Value], D).

append_list(Key, Values, #dict{} = D) ->
    change(Key, fun(none) -> Values;
                   ({value, Old}) -> Old ++ Values
                end, D).

update(Key, Fun, #dict{} = D) ->
    case is_key(Key, D) of
        true -> change(Key, fun({value, Old}) -> Fun(Old) end, D);
        false -> erlang:error(badarg, [Key, Fun, D])
    end.

update(Key, Fun, Init, #dict{} = D) ->
    change(Key, fun(none) -> Init;
                   ({value, Old}) -> Fun(Old)
                end, D).

update_counter(Key, Incr, #dict{} = D) when is_number(Incr) ->
    change(Key, fun(none) -> Incr;
                   ({value, Old}) -> Old + Incr
                end, D).

erase(Key, #dict{} = D) ->
    case take(Key, D) of
        {_, D1} -> D1;
        error -> D
    end.

take(Key, #dict{size = Size} = D) ->
    Slot = slot(Key, D),
    case lists:partition(fun({K, _}) -> K =:= Key end, bucket(Slot, D)) of
        {[{_, Value}], Rest} ->
            D1 = (put_bucket(Slot, Rest, D))#dict{size = Size - 1},
            {Value, contract(D1)};
        {[], _} -> error
    end.

%% From the last slot to the first, so that lists built in front have the
%% order of the slots.
fold(Fun, Acc, #dict{used = Used, slots = Slots}) ->
    Numbers = lists:reverse(lists:sort([S || S <- maps:keys(Slots),
                                             S =< Used])),
    lists:foldl(fun(Slot, A) ->
                        lists:foldl(fun({K, V}, B) -> Fun(K, V, B) end, A,
                                    map_get(Slot, Slots))
                end, Acc, Numbers).

map(Fun, #dict{slots = Slots} = D) ->
    D#dict{slots = maps:map(fun(_, Bucket) ->
                                    [{K, Fun(K, V)} || {K, V} <- Bucket]
                            end, Slots)}.

filter(Fun, #dict{slots = Slots} = D) ->
    Kept = maps:map(fun(_, Bucket) ->
                            [P || {K, V} = P <- Bucket, Fun(K, V)]
                    end, Slots),
    Count = lists:sum([length(B) || B <- maps:values(Kept)]),
    Left = maps:filter(fun(_, B) -> B =/= [] end, Kept),
    contract(D#dict{slots = Left, size = Count}).

merge(Fun, #dict{} = D1, #dict{} = D2) ->
    case D1#dict.size < D2#dict.size of
        true ->
            fold(fun(K, V1, D) ->
                         update(K, fun(V2) -> Fun(K, V1, V2) end, V1, D)
                 end, D2, D1);
        false ->
            fold(fun(K, V2, D) ->
                         update(K, fun(V1) -> Fun(K, V1, V2) end, V2, D)
                 end, D1, D2)
    end.

%%% Growing and shrinking

%% Adds a slot, which takes over a part of the slot that is its half.
expand(#dict{size = Size, used = Used} = D) when Size > Used * ?EXPAND ->
    Max = case D#dict.max of
              Used -> Used * 2;
              M -> M
          end,
    New = Used + 1,
    Half = New - Max div 2,
    {Stay, Move} = lists:partition(fun({K, _}) ->
                                           erlang:phash(K, Max) =/= New
                                   end, bucket(Half, D)),
    D1 = put_bucket(New, Move, put_bucket(Half, Stay, D)),
    D1#dict{used = New, max = Max};
expand(D) -> D.

%% Takes the last slot away, but one only, however many elements have gone.
contract(#dict{size = Size, used = Used, max = Max} = D)
  when Size < Used * ?CONTRACT, Used > ?SLOTS ->
    Half = Used - Max div 2,
    Joined = bucket(Half, D) ++ bucket(Used, D),
    D1 = put_bucket(Half, Joined, put_bucket(Used, [], D)),
    Max1 = case Used - 1 of
               Half1 when Half1 =:= Max div 2 -> Max div 2;
               _ -> Max
           end,
    D1#dict{used = Used - 1, max = Max1};
contract(D) -> D.
