%% SPDX-License-Identifier: Apache-2.0
%% sets: sets of any terms (=:=). Version 2 is a map #{Element => []}; version
%% 1, the default, is a table by linear hashing like that of module dict, so
%% that elements are listed in the order of Erlang/OTP.
-module(sets).

-export([new/0, new/1, is_set/1, size/1, is_empty/1, to_list/1, from_list/1,
         from_list/2, is_element/2, add_element/2, del_element/2, union/2,
         union/1, intersection/2, intersection/1, is_disjoint/2, subtract/2,
         is_subset/2, fold/3, filter/2]).

-compile([{nowarn_deprecated_function, {erlang, phash, 2}}]).

-export_type([set/0, set/1]).

-define(SLOTS, 16).
-define(EXPAND, 5).    % elements a slot before one is added
-define(CONTRACT, 3).  % and below which one is taken away

%% As in dict; the newest element of a slot comes first.
-record(set, {size = 0 :: non_neg_integer(),
              used = ?SLOTS :: pos_integer(),
              max = ?SLOTS :: pos_integer(),
              slots = #{} :: #{pos_integer() => [term()]}}).

-type set() :: set(_).
-opaque set(Element) :: #set{} | #{Element => []}.

-spec new() -> set(none()).
new() -> #set{}.

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
is_set(#set{}) -> true;
is_set(#{}) -> true;
is_set(_) -> false.

size(#{} = S) -> map_size(S);
size(#set{size = Size}) -> Size.

is_empty(#{} = S) -> map_size(S) =:= 0;
is_empty(#set{size = Size}) -> Size =:= 0.

-spec to_list(set(T)) -> [T].
to_list(#{} = S) -> maps:keys(S);
to_list(#set{} = S) -> fold(fun(E, L) -> [E|L] end, [], S).

is_element(E, #{} = S) -> is_map_key(E, S);
is_element(E, #set{} = S) -> lists:member(E, bucket(slot(E, S), S)).

add_element(E, #{} = S) -> S#{E => []};
add_element(E, #set{size = Size} = S) ->
    Slot = slot(E, S),
    Bucket = bucket(Slot, S),
    case lists:member(E, Bucket) of
        true -> S;
        false ->
            expand((put_bucket(Slot, [E|Bucket], S))#set{size = Size + 1})
    end.

del_element(E, #{} = S) -> maps:remove(E, S);
del_element(E, #set{size = Size} = S) ->
    Slot = slot(E, S),
    Bucket = bucket(Slot, S),
    case lists:member(E, Bucket) of
        true ->
            Left = lists:filter(fun(X) -> X =/= E end, Bucket),
            contract((put_bucket(Slot, Left, S))#set{size = Size - 1});
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

%% From the last slot to the first, as in dict.
fold(F, Acc, #{} = S) when is_function(F, 2) ->
    lists:foldl(F, Acc, maps:keys(S));
fold(F, Acc, #set{slots = Slots}) when is_function(F, 2) ->
    Numbers = lists:reverse(lists:sort(maps:keys(Slots))),
    lists:foldl(fun(Slot, A) -> lists:foldl(F, A, map_get(Slot, Slots)) end,
                Acc, Numbers).

%% What stays in a slot is turned round; that shows in the order, so it must
%% be so.
filter(F, #{} = S) when is_function(F, 1) ->
    maps:from_keys([E || E <- maps:keys(S), F(E)], []);
filter(F, #set{slots = Slots} = S) when is_function(F, 1) ->
    Kept = maps:map(fun(_, Bucket) ->
                            lists:reverse([E || E <- Bucket, F(E)])
                    end, Slots),
    Left = maps:filter(fun(_, B) -> B =/= [] end, Kept),
    Size = lists:sum([length(B) || B <- maps:values(Left)]),
    contract(S#set{slots = Left, size = Size}).

%%% Slots

slot(E, #set{used = Used, max = Max}) ->
    case erlang:phash(E, Max) of
        H when H > Used -> H - Max div 2;
        H -> H
    end.

bucket(Slot, #set{slots = Slots}) -> maps:get(Slot, Slots, []).

put_bucket(Slot, [], #set{slots = Slots} = S) ->
    S#set{slots = maps:remove(Slot, Slots)};
put_bucket(Slot, Bucket, #set{slots = Slots} = S) ->
    S#set{slots = Slots#{Slot => Bucket}}.

%% Adds a slot, which takes over a part of the slot that is its half.
expand(#set{size = Size, used = Used} = S) when Size > Used * ?EXPAND ->
    Max = case S#set.max of
              Used -> Used * 2;
              M -> M
          end,
    New = Used + 1,
    Half = New - Max div 2,
    {Stay, Move} = lists:partition(fun(E) -> erlang:phash(E, Max) =/= New end,
                                   bucket(Half, S)),
    S1 = put_bucket(New, Move, put_bucket(Half, Stay, S)),
    S1#set{used = New, max = Max};
expand(S) -> S.

%% Takes the last slot away, but one only, however many elements have gone.
contract(#set{size = Size, used = Used, max = Max} = S)
  when Size < Used * ?CONTRACT, Used > ?SLOTS ->
    Half = Used - Max div 2,
    Joined = bucket(Half, S) ++ bucket(Used, S),
    S1 = put_bucket(Half, Joined, put_bucket(Used, [], S)),
    Max1 = if
               Used - 1 =:= Max div 2 -> Max div 2;
               true -> Max
           end,
    S1#set{used = Used - 1, max = Max1};
contract(S) -> S.
