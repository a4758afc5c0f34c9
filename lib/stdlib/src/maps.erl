%% SPDX-License-Identifier: Apache-2.0
%% maps: working with maps. What the runtime does in C stands here as a stub;
%% the C function takes its place.
-module(maps).

-export([get/2, get/3, find/2, from_list/1, from_keys/2, is_key/2, keys/1,
         merge/2, put/3, remove/2, take/2, update/3, values/1, new/0,
         to_list/1, size/1, map/2, filter/2, filtermap/2, fold/3, foreach/2,
         iterator/1, iterator/2, next/1, update_with/3, update_with/4, with/2,
         without/2, merge_with/3, intersect/2, intersect_with/3,
         groups_from_list/2, groups_from_list/3]).

%% Fails with the calling function and its arguments on top of the trace.
-define(FAILED(Reason, Args),
        erlang:error(Reason, Args,
                     [{error_info, #{module => erl_stdlib_errors}}])).

-export_type([iterator/2, iterator/0]).

-type iterator(Key, Value) :: {Key, Value, iterator(Key, Value)} | none
                            | nonempty_improper_list(term(),
                                                     #{Key => Value}).
-type iterator() :: iterator(term(), term()).

%%% Stubs of what is written in C

-spec get(Key, #{Key => Value}) -> Value.
get(_, _) -> erlang:nif_error(undef).

-spec find(Key, #{Key => Value}) -> {ok, Value} | error.
find(_, _) -> erlang:nif_error(undef).

-spec from_list([{Key, Value}]) -> #{Key => Value}.
from_list(_) -> erlang:nif_error(undef).

-spec from_keys([Key], Value) -> #{Key => Value}.
from_keys(_, _) -> erlang:nif_error(undef).

-spec is_key(term(), map()) -> boolean().
is_key(_, _) -> erlang:nif_error(undef).

-spec keys(#{Key => term()}) -> [Key].
keys(_) -> erlang:nif_error(undef).

-spec merge(map(), map()) -> map().
merge(_, _) -> erlang:nif_error(undef).

-spec put(term(), term(), map()) -> map().
put(_, _, _) -> erlang:nif_error(undef).

-spec remove(term(), map()) -> map().
remove(_, _) -> erlang:nif_error(undef).

-spec take(Key, #{Key => Value}) -> {Value, map()} | error.
take(_, _) -> erlang:nif_error(undef).

-spec update(term(), term(), map()) -> map().
update(_, _, _) -> erlang:nif_error(undef).

-spec values(#{term() => Value}) -> [Value].
values(_) -> erlang:nif_error(undef).

%%% Erlang

-spec new() -> map().
new() -> #{}.

-spec size(map()) -> non_neg_integer().
size(Map) ->
    try map_size(Map)
    catch error:_ -> ?FAILED({badmap, Map}, [Map])
    end.

-spec get(term(), map(), term()) -> term().
get(Key, Map, Default) ->
    case Map of
        #{Key := Value} -> Value;
        #{} -> Default;
        _ -> ?FAILED({badmap, Map}, [Key, Map, Default])
    end.

-spec to_list(#{Key => Value} | iterator(Key, Value)) -> [{Key, Value}].
to_list(Map) when is_map(Map) ->
    try pairs(next_pair(0, Map))
    catch error:_ -> ?FAILED({badmap, Map}, [Map])
    end;
to_list(Iterator) ->
    case is_iterator(Iterator) of
        true -> pairs(next(Iterator));
        false -> ?FAILED({badmap, Iterator}, [Iterator])
    end.

pairs({Key, Value, Iterator}) -> [{Key, Value} | pairs(Iterator)];
pairs(none) -> [];
pairs(Iterator) -> pairs(next(Iterator)).

-spec iterator(#{Key => Value}) -> iterator(Key, Value).
iterator(Map) when is_map(Map) -> [0 | Map];
iterator(Map) -> ?FAILED({badmap, Map}, [Map]).

%% The order is looked for at once, the pairs when they are asked for.
-spec iterator(#{Key => Value}, Order) -> iterator(Key, Value) when
      Order :: undefined | ordered | reversed
             | fun((Key, Key) -> boolean()).
iterator(Map, undefined) when is_map(Map) -> iterator(Map);
iterator(Map, ordered) when is_map(Map) ->
    in_order(fun(A, B) -> erts_internal:cmp_term(A, B) =< 0 end, Map);
iterator(Map, reversed) when is_map(Map) ->
    in_order(fun(A, B) -> erts_internal:cmp_term(A, B) >= 0 end, Map);
iterator(Map, Fun) when is_map(Map), is_function(Fun, 2) -> in_order(Fun, Map);
iterator(Map, Order) -> ?FAILED(badarg, [Map, Order]).

in_order(Fun, Map) -> [lists:sort(Fun, keys(Map)) | Map].

-spec next(iterator(Key, Value)) -> {Key, Value, iterator(Key, Value)} | none.
next({_, _, _} = Next) -> Next;
next([Path | Map] = Iterator)
  when (is_integer(Path) orelse is_list(Path)), is_map(Map) ->
    try next_pair(Path, Map)
    catch error:badarg -> ?FAILED(badarg, [Iterator])
    end;
next(none) -> none;
next(Iterator) -> ?FAILED(badarg, [Iterator]).

next_pair(Path, Map) -> erts_internal:map_next(Path, Map, iterator).

is_iterator(none) -> true;
is_iterator({_, _, _}) -> true;
is_iterator([Path | Map]) when is_map(Map) ->
    is_integer(Path) orelse is_list(Path);
is_iterator(_) -> false.

%% The first pair of a map or iterator, bad when it is neither.
first(Map) when is_map(Map) -> next([0 | Map]);
first(Iterator) ->
    try next(Iterator)
    catch error:_ -> bad
    end.

-spec map(fun((K, V) -> W), #{K => V} | iterator(K, V)) -> #{K => W}.
map(Fun, MapOrIter) when is_function(Fun, 2) ->
    case first(MapOrIter) of
        bad -> ?FAILED({badmap, MapOrIter}, [Fun, MapOrIter]);
        First -> from_list(map_1(Fun, First))
    end;
map(Fun, MapOrIter) -> ?FAILED(badarg, [Fun, MapOrIter]).

%% What is left of an iterator is a tuple mostly: next/1 is asked only at the
%% end of what it has at hand.
map_1(Fun, {K, V, Iter}) -> [{K, Fun(K, V)} | map_1(Fun, Iter)];
map_1(_, none) -> [];
map_1(Fun, Iter) -> map_1(Fun, next(Iter)).

-spec filter(fun((K, V) -> boolean()), #{K => V} | iterator(K, V)) ->
          #{K => V}.
filter(Fun, MapOrIter) when is_function(Fun, 2) ->
    case first(MapOrIter) of
        bad -> ?FAILED({badmap, MapOrIter}, [Fun, MapOrIter]);
        First -> from_list(filter_1(Fun, First))
    end;
filter(Fun, MapOrIter) -> ?FAILED(badarg, [Fun, MapOrIter]).

filter_1(Fun, {K, V, Iter}) ->
    case Fun(K, V) of
        true -> [{K, V} | filter_1(Fun, Iter)];
        false -> filter_1(Fun, Iter)
    end;
filter_1(_, none) -> [];
filter_1(Fun, Iter) -> filter_1(Fun, next(Iter)).

-spec filtermap(fun((K, V) -> boolean() | {true, W}),
                #{K => V} | iterator(K, V)) -> #{K => V | W}.
filtermap(Fun, MapOrIter) when is_function(Fun, 2) ->
    case first(MapOrIter) of
        bad -> ?FAILED({badmap, MapOrIter}, [Fun, MapOrIter]);
        First -> from_list(filtermap_1(Fun, First))
    end;
filtermap(Fun, MapOrIter) -> ?FAILED(badarg, [Fun, MapOrIter]).

filtermap_1(Fun, {K, V, Iter}) ->
    case Fun(K, V) of
        true -> [{K, V} | filtermap_1(Fun, Iter)];
        {true, W} -> [{K, W} | filtermap_1(Fun, Iter)];
        false -> filtermap_1(Fun, Iter)
    end;
filtermap_1(_, none) -> [];
filtermap_1(Fun, Iter) -> filtermap_1(Fun, next(Iter)).

-spec fold(fun((K, V, Acc) -> Acc), Acc, #{K => V} | iterator(K, V)) -> Acc.
fold(Fun, Init, MapOrIter) when is_function(Fun, 3) ->
    case first(MapOrIter) of
        bad -> ?FAILED({badmap, MapOrIter}, [Fun, Init, MapOrIter]);
        First -> fold_1(First, Fun, Init)
    end;
fold(Fun, Init, MapOrIter) -> ?FAILED(badarg, [Fun, Init, MapOrIter]).

%% Arguments in the order that Fun needs them in, mostly.
fold_1({K, V, Iter}, Fun, Acc) -> fold_1(Iter, Fun, Fun(K, V, Acc));
fold_1(none, _, Acc) -> Acc;
fold_1(Iter, Fun, Acc) -> fold_1(next(Iter), Fun, Acc).

-spec foreach(fun((K, V) -> term()), #{K => V} | iterator(K, V)) -> ok.
foreach(Fun, MapOrIter) when is_function(Fun, 2) ->
    case first(MapOrIter) of
        bad -> ?FAILED({badmap, MapOrIter}, [Fun, MapOrIter]);
        First -> foreach_1(Fun, First)
    end;
foreach(Fun, MapOrIter) -> ?FAILED(badarg, [Fun, MapOrIter]).

foreach_1(Fun, {K, V, Iter}) ->
    Fun(K, V),
    foreach_1(Fun, Iter);
foreach_1(_, none) -> ok;
foreach_1(Fun, Iter) -> foreach_1(Fun, next(Iter)).

-spec update_with(K, fun((V) -> W), #{K => V}) -> #{K => V | W}.
update_with(Key, Fun, Map) when is_function(Fun, 1) ->
    case Map of
        #{Key := Value} -> Map#{Key := Fun(Value)};
        #{} -> erlang:error({badkey, Key}, [Key, Fun, Map]);
        _ -> ?FAILED({badmap, Map}, [Key, Fun, Map])
    end;
update_with(Key, Fun, Map) ->
    ?FAILED(kind_of_failure(Map), [Key, Fun, Map]).

-spec update_with(K, fun((V) -> W), I, #{K => V}) -> #{K => V | W | I}.
update_with(Key, Fun, Init, Map) when is_function(Fun, 1) ->
    case Map of
        #{Key := Value} -> Map#{Key := Fun(Value)};
        #{} -> Map#{Key => Init};
        _ -> ?FAILED({badmap, Map}, [Key, Fun, Init, Map])
    end;
update_with(Key, Fun, Init, Map) ->
    ?FAILED(kind_of_failure(Map), [Key, Fun, Init, Map]).

-spec with([K], #{K => V}) -> #{K => V}.
with(Keys, Map) when is_list(Keys), is_map(Map) ->
    from_list(with_1(Keys, Map));
with(Keys, Map) -> ?FAILED(kind_of_failure(Map), [Keys, Map]).

with_1([K | Ks], Map) ->
    case Map of
        #{K := V} -> [{K, V} | with_1(Ks, Map)];
        #{} -> with_1(Ks, Map)
    end;
with_1([], _) -> [].

-spec without([term()], map()) -> map().
without(Keys, Map) when is_list(Keys), is_map(Map) ->
    lists:foldl(fun maps:remove/2, Map, Keys);
without(Keys, Map) -> ?FAILED(kind_of_failure(Map), [Keys, Map]).

-spec merge_with(fun((K, V, W) -> X), #{K => V}, #{K => W}) ->
          #{K => V | W | X}.
merge_with(Fun, Map1, Map2)
  when is_map(Map1), is_map(Map2), is_function(Fun, 3) ->
    case map_size(Map1) > map_size(Map2) of
        true -> merge_into(next(iterator(Map2)), Map1, Fun);
        false ->
            Turned = fun(K, V2, V1) -> Fun(K, V1, V2) end,
            merge_into(next(iterator(Map1)), Map2, Turned)
    end;
merge_with(Fun, Map1, Map2) ->
    ?FAILED(kind_of_failure(Fun, Map1, Map2), [Fun, Map1, Map2]).

merge_into({K, V2, Iter}, Map1, Fun) ->
    case Map1 of
        #{K := V1} -> merge_into(next(Iter), Map1#{K := Fun(K, V1, V2)}, Fun);
        #{} -> merge_into(next(Iter), Map1#{K => V2}, Fun)
    end;
merge_into(none, Map, _) -> Map.

-spec intersect(#{K => term()}, #{K => V}) -> #{K => V}.
intersect(Map1, Map2) when is_map(Map1), is_map(Map2) ->
    case map_size(Map1) =< map_size(Map2) of
        true -> from_list(common_from_second(next(iterator(Map1)), Map2));
        false -> from_list(common_from_first(next(iterator(Map2)), Map1))
    end;
intersect(Map1, Map2) -> ?FAILED(kind_of_failure(Map1, Map2), [Map1, Map2]).

common_from_second({K, _, Iter}, Map2) ->
    case Map2 of
        #{K := V2} -> [{K, V2} | common_from_second(next(Iter), Map2)];
        #{} -> common_from_second(next(Iter), Map2)
    end;
common_from_second(none, _) -> [].

common_from_first({K, V2, Iter}, Map1) ->
    case Map1 of
        #{K := _} -> [{K, V2} | common_from_first(next(Iter), Map1)];
        #{} -> common_from_first(next(Iter), Map1)
    end;
common_from_first(none, _) -> [].

-spec intersect_with(fun((K, V, W) -> X), #{K => V}, #{K => W}) -> #{K => X}.
intersect_with(Fun, Map1, Map2)
  when is_map(Map1), is_map(Map2), is_function(Fun, 3) ->
    case map_size(Map1) =< map_size(Map2) of
        true -> from_list(common_with(next(iterator(Map1)), Map2, Fun));
        false ->
            Turned = fun(K, V2, V1) -> Fun(K, V1, V2) end,
            from_list(common_with(next(iterator(Map2)), Map1, Turned))
    end;
intersect_with(Fun, Map1, Map2) ->
    ?FAILED(kind_of_failure(Fun, Map1, Map2), [Fun, Map1, Map2]).

common_with({K, V1, Iter}, Map2, Fun) ->
    case Map2 of
        #{K := V2} -> [{K, Fun(K, V1, V2)} | common_with(next(Iter), Map2, Fun)];
        #{} -> common_with(next(Iter), Map2, Fun)
    end;
common_with(none, _, _) -> [].

-spec groups_from_list(fun((T) -> K), [T]) -> #{K => [T]}.
groups_from_list(Fun, List0) when is_function(Fun, 1) ->
    List = try lists:reverse(List0)
           catch error:_ -> ?FAILED(badarg, [Fun, List0])
           end,
    groups(List, Fun, fun(X) -> X end, #{});
groups_from_list(Fun, List) -> ?FAILED(badarg, [Fun, List]).

-spec groups_from_list(fun((T) -> K), fun((T) -> V), [T]) -> #{K => [V]}.
groups_from_list(Fun, ValueFun, List0)
  when is_function(Fun, 1), is_function(ValueFun, 1) ->
    List = try lists:reverse(List0)
           catch error:_ -> ?FAILED(badarg, [Fun, ValueFun, List0])
           end,
    groups(List, Fun, ValueFun, #{});
groups_from_list(Fun, ValueFun, List) ->
    ?FAILED(badarg, [Fun, ValueFun, List]).

groups([X | Xs], Fun, ValueFun, Groups) ->
    Key = Fun(X),
    Value = ValueFun(X),
    case Groups of
        #{Key := Values} ->
            groups(Xs, Fun, ValueFun, Groups#{Key := [Value | Values]});
        #{} -> groups(Xs, Fun, ValueFun, Groups#{Key => [Value]})
    end;
groups([], _, _, Groups) -> Groups.

%%% What is wrong with the arguments

kind_of_failure(Map) when is_map(Map) -> badarg;
kind_of_failure(NoMap) -> {badmap, NoMap}.

kind_of_failure(Map1, Map2) when is_map(Map1), is_map(Map2) -> badarg;
kind_of_failure(Map1, Map2) when is_map(Map1) -> {badmap, Map2};
kind_of_failure(Map1, _) -> {badmap, Map1}.

kind_of_failure(Fun, Map1, Map2) when is_function(Fun, 3) ->
    kind_of_failure(Map1, Map2);
kind_of_failure(_, _, _) -> badarg.
