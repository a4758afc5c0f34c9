%% SPDX-License-Identifier: Apache-2.0
%% hash_slots: tables by linear hashing, for dict and sets. Slots are added and
%% taken away one at a time as the table grows and shrinks, each split in two
%% by one more bit of the hash. Form and order are those of Erlang/OTP, for
%% both are seen by who prints or lists a dictionary or a set.
-module(hash_slots).

-compile([{nowarn_deprecated_function, {erlang, phash, 2}}]).

-export([new/1, size/1, slot/2, bucket/2, put_bucket/3, grow/2, shrink/2,
         fold/3, map/2]).

-define(SEGMENT, 16).
-define(EXPAND, 5).    % elements a slot before one is added
-define(CONTRACT, 3).  % and below which one is taken away

%% The fields of a table, {Tag, Size, Used, Max, Half, Expand, Contract, Empty,
%% Segments}. Of Max slots Used are in use; those above Half, half of Max, have
%% been split off from the slots that many below. With more than Expand
%% elements a slot is added, with less than Contract one is taken away. Slots
%% lie in segments, tuples of buckets; Empty is a new one.
-define(SIZE, 2).
-define(USED, 3).
-define(MAX, 4).
-define(HALF, 5).
-define(EMPTY, 8).
-define(SEGMENTS, 9).

new(Tag) ->
    Empty = list_to_tuple(lists:duplicate(?SEGMENT, [])),
    {Tag, 0, ?SEGMENT, ?SEGMENT, ?SEGMENT div 2, ?SEGMENT * ?EXPAND,
     ?SEGMENT * ?CONTRACT, Empty, {Empty}}.

size(T) -> element(?SIZE, T).

%% The number of the slot that [Key] belongs to, from 1 on.
slot(Key, T) ->
    case erlang:phash(Key, element(?MAX, T)) of
        H when H > element(?USED, T) -> H - element(?HALF, T);
        H -> H
    end.

bucket(Slot, T) ->
    Segment = element((Slot - 1) div ?SEGMENT + 1, element(?SEGMENTS, T)),
    element((Slot - 1) rem ?SEGMENT + 1, Segment).

put_bucket(Slot, Bucket, T) ->
    I = (Slot - 1) div ?SEGMENT + 1,
    Segments = element(?SEGMENTS, T),
    Segment = setelement((Slot - 1) rem ?SEGMENT + 1, element(I, Segments),
                         Bucket),
    setelement(?SEGMENTS, T, setelement(I, Segments, Segment)).

%% One element more is in its bucket. KeyOf(Element) gives what is hashed.
grow(T0, KeyOf) ->
    T = setelement(?SIZE, T0, element(?SIZE, T0) + 1),
    case element(?SIZE, T) > element(?USED, T) * ?EXPAND of
        true -> add_slot(T, KeyOf);
        false -> T
    end.

%% The new slot takes over a part of the slot that is its half.
add_slot(T0, KeyOf) ->
    Used = element(?USED, T0),
    T = case element(?MAX, T0) of
            Used -> doubled(T0);
            _ -> T0
        end,
    New = Used + 1,
    Old = New - element(?HALF, T),
    Max = element(?MAX, T),
    {Stay, Move} = lists:partition(
                     fun(E) -> erlang:phash(KeyOf(E), Max) =/= New end,
                     bucket(Old, T)),
    used(New, put_bucket(New, Move, put_bucket(Old, Stay, T))).

doubled(T) ->
    Segments = element(?SEGMENTS, T),
    More = lists:duplicate(tuple_size(Segments), element(?EMPTY, T)),
    Max = element(?MAX, T),
    halved_at(Max, Max * 2,
              setelement(?SEGMENTS, T,
                         list_to_tuple(tuple_to_list(Segments) ++ More))).

halved_at(Half, Max, T) -> setelement(?HALF, setelement(?MAX, T, Max), Half).

used(Used, {Tag, Size, _, Max, Half, _, _, Empty, Segments}) ->
    {Tag, Size, Used, Max, Half, Used * ?EXPAND, Used * ?CONTRACT, Empty,
     Segments}.

%% [Gone] elements less are in their buckets: takes the last slot away, but one
%% only, however many elements have gone.
shrink(T0, Gone) ->
    Size = element(?SIZE, T0) - Gone,
    T = setelement(?SIZE, T0, Size),
    case element(?USED, T) of
        Used when Gone > 0, Used > ?SEGMENT, Size < Used * ?CONTRACT ->
            drop_slot(Used, T);
        _ -> T
    end.

drop_slot(Used, T0) ->
    Half = element(?HALF, T0),
    Joined = bucket(Used - Half, T0) ++ bucket(Used, T0),
    T = put_bucket(Used - Half, Joined, put_bucket(Used, [], T0)),
    used(Used - 1, case Used - 1 of
                       Half -> shortened(Half, T);
                       _ -> T
                   end).

shortened(Half, T) ->
    Segments = element(?SEGMENTS, T),
    Left = lists:sublist(tuple_to_list(Segments), tuple_size(Segments) div 2),
    halved_at(Half div 2, Half,
              setelement(?SEGMENTS, T, list_to_tuple(Left))).

%% From the last slot to the first, so that lists built in front have the order
%% of the slots.
fold(Fun, Acc, T) ->
    lists:foldr(fun(Segment, A) ->
                        lists:foldr(fun(Bucket, B) ->
                                            lists:foldl(Fun, B, Bucket)
                                    end, A, tuple_to_list(Segment))
                end, Acc, tuple_to_list(element(?SEGMENTS, T))).

%% All buckets changed by Fun(Bucket), which keeps their elements' keys.
map(Fun, T) ->
    Segments = [list_to_tuple([Fun(Bucket) || Bucket <- tuple_to_list(S)])
                || S <- tuple_to_list(element(?SEGMENTS, T))],
    setelement(?SEGMENTS, T, list_to_tuple(Segments)).
