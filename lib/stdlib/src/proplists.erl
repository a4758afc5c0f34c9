%% SPDX-License-Identifier: Apache-2.0
%% proplists: lists of {Key, Value}, where an atom stands for {Atom, true}.
%% merle_lists:property/2 finds the first of a key.
-module(proplists).

-export([append_values/2, compact/1, delete/2, expand/2, get_all_values/2,
         get_bool/2, get_keys/1, get_value/2, get_value/3, is_defined/2,
         lookup/2, lookup_all/2, normalize/2, property/1, property/2, split/2,
         substitute_aliases/2, substitute_negations/2, to_map/1, to_map/2,
         unfold/1, from_map/1]).

-export_type([property/0, proplist/0]).

-type property() :: atom() | tuple().
-type proplist() :: [property()].

-spec property(property()) -> property().
property({Key, true}) when is_atom(Key) -> Key;
property(Property) -> Property.

-spec property(term(), term()) -> property().
property(Key, true) when is_atom(Key) -> Key;
property(Key, Value) -> {Key, Value}.

-spec unfold([term()]) -> [term()].
unfold([P | Ps]) when is_atom(P) -> [{P, true} | unfold(Ps)];
unfold([P | Ps]) -> [P | unfold(Ps)];
unfold([]) -> [].

-spec compact([property()]) -> [property()].
compact(List) -> [property(P) || P <- List].

-spec lookup(term(), [term()]) -> none | tuple().
lookup(Key, [_ | _] = List) ->
    case merle_lists:property(Key, List) of
        [P | _] when is_atom(P) -> {P, true};
        [P | _] -> P;
        Tail -> lookup(Key, Tail)
    end;
lookup(_, []) -> none.

-spec lookup_all(term(), [term()]) -> [tuple()].
lookup_all(Key, [P | Ps]) ->
    if
        is_atom(P), P =:= Key -> [{Key, true} | lookup_all(Key, Ps)];
        tuple_size(P) >= 1, element(1, P) =:= Key ->
            [P | lookup_all(Key, Ps)];
        true -> lookup_all(Key, Ps)
    end;
lookup_all(_, []) -> [].

-spec is_defined(term(), [term()]) -> boolean().
is_defined(Key, [_ | _] = List) ->
    case merle_lists:property(Key, List) of
        [_ | _] -> true;
        Tail -> is_defined(Key, Tail)
    end;
is_defined(_, []) -> false.

-spec get_value(term(), [term()]) -> term().
get_value(Key, List) -> get_value(Key, List, undefined).

-spec get_value(term(), [term()], term()) -> term().
get_value(Key, [_ | _] = List, Default) ->
    case merle_lists:property(Key, List) of
        [{_, Value} | _] -> Value;
        [P | _] when is_atom(P) -> true;
        [_ | _] -> Default;
        Tail -> get_value(Key, Tail, Default)
    end;
get_value(_, [], Default) -> Default.

-spec get_all_values(term(), [term()]) -> [term()].
get_all_values(Key, [P | Ps]) ->
    case P of
        {K, Value} when K =:= Key -> [Value | get_all_values(Key, Ps)];
        Key when is_atom(Key) -> [true | get_all_values(Key, Ps)];
        _ -> get_all_values(Key, Ps)
    end;
get_all_values(_, []) -> [].

-spec append_values(term(), [term()]) -> [term()].
append_values(Key, [P | Ps]) ->
    case P of
        {K, Value} when K =:= Key, is_list(Value) ->
            Value ++ append_values(Key, Ps);
        {K, Value} when K =:= Key -> [Value | append_values(Key, Ps)];
        Key when is_atom(Key) -> [true | append_values(Key, Ps)];
        _ -> append_values(Key, Ps)
    end;
append_values(_, []) -> [].

-spec get_bool(term(), [term()]) -> boolean().
get_bool(Key, [_ | _] = List) ->
    case merle_lists:property(Key, List) of
        [{_, true} | _] -> true;
        [P | _] -> is_atom(P);
        Tail -> get_bool(Key, Tail)
    end;
get_bool(_, []) -> false.

-spec get_keys([term()]) -> [term()].
get_keys(List) -> sets:to_list(get_keys(List, sets:new())).

get_keys([P | Ps], Keys) ->
    if
        is_atom(P) -> get_keys(Ps, sets:add_element(P, Keys));
        tuple_size(P) >= 1 ->
            get_keys(Ps, sets:add_element(element(1, P), Keys));
        true -> get_keys(Ps, Keys)
    end;
get_keys([], Keys) -> Keys.

-spec delete(term(), [term()]) -> [term()].
delete(Key, [P | Ps]) ->
    if
        is_atom(P), P =:= Key -> delete(Key, Ps);
        tuple_size(P) >= 1, element(1, P) =:= Key -> delete(Key, Ps);
        true -> [P | delete(Key, Ps)]
    end;
delete(_, []) -> [].

-spec substitute_aliases([{term(), term()}], [term()]) -> [term()].
substitute_aliases(Aliases, List) ->
    [substitute_aliases_1(Aliases, P) || P <- List].

substitute_aliases_1([{Key, New} | Aliases], P) ->
    if
        is_atom(P), P =:= Key -> property(New, true);
        tuple_size(P) >= 1, element(1, P) =:= Key ->
            property(setelement(1, P, New));
        true -> substitute_aliases_1(Aliases, P)
    end;
substitute_aliases_1([], P) -> P.

-spec substitute_negations([{term(), term()}], [term()]) -> [term()].
substitute_negations(Negations, List) ->
    [substitute_negations_1(Negations, P) || P <- List].

substitute_negations_1([{Key, New} | Negations], P) ->
    if
        is_atom(P), P =:= Key -> property(New, false);
        tuple_size(P) >= 1, element(1, P) =:= Key ->
            case P of
                {_, true} -> property(New, false);
                {_, false} -> property(New, true);
                %% no boolean, which counts as false
                _ -> property(New, true)
            end;
        true -> substitute_negations_1(Negations, P)
    end;
substitute_negations_1([], P) -> P.

-spec expand([{property(), [term()]}], [term()]) -> [term()].
expand(Expansions, List) when is_list(List) ->
    flatten(expand_all([{property(P), New} || {P, New} <- Expansions], List)).

%% What is put in is a list of its own, so that no other expansion sees it.
expand_all([{P, New} | Expansions], List) ->
    %% of several expansions of the same property the first counts
    Others = [E || {Q, _} = E <- Expansions, Q =/= P],
    expand_all(Others, expand_one(key_of(P), P, New, List));
expand_all([], List) -> List.

key_of(P) when is_atom(P) -> P;
key_of(P) -> element(1, P).

%% The first entry of the key decides: it is replaced, and later entries go,
%% if it is what the expansion names; else all stay.
expand_one(Key, Property, New, [P | Ps]) ->
    case has_key(Key, P) andalso property(P) of
        false -> [P | expand_one(Key, Property, New, Ps)];
        Property -> [New | delete(Key, Ps)];
        _ -> [P | Ps]
    end;
expand_one(_, _, _, []) -> [].

flatten([P | Ps]) when is_list(P) -> P ++ flatten(Ps);
flatten([P | Ps]) -> [P | flatten(Ps)];
flatten([]) -> [].

has_key(Key, P) when is_atom(P) -> P =:= Key;
has_key(Key, P) when tuple_size(P) >= 1 -> element(1, P) =:= Key;
has_key(_, _) -> false.

-spec normalize([term()], [{atom(), term()}]) -> [term()].
normalize(List, Stages) -> compact(apply_stages(List, Stages)).

apply_stages(List, [{aliases, As} | Stages]) ->
    apply_stages(substitute_aliases(As, List), Stages);
apply_stages(List, [{expand, Es} | Stages]) ->
    apply_stages(expand(Es, List), Stages);
apply_stages(List, [{negations, Ns} | Stages]) ->
    apply_stages(substitute_negations(Ns, List), Stages);
apply_stages(List, []) -> List.

-spec split([term()], [term()]) -> {[[term()]], [term()]}.
split(List, Keys) ->
    {Parts, Rest} = split(List, maps:from_list([{K, []} || K <- Keys]), []),
    {[lists:reverse(maps:get(K, Parts)) || K <- Keys], lists:reverse(Rest)}.

%% [Parts] has what was found of each key, last first.
split([P | Ps], Parts, Rest) ->
    Key = if
              is_tuple(P), P =/= {} -> element(1, P);
              true -> P
          end,
    case Parts of
        #{Key := Found} when is_atom(P); is_tuple(P), P =/= {} ->
            split(Ps, Parts#{Key := [P | Found]}, Rest);
        #{} -> split(Ps, Parts, [P | Rest])
    end;
split([], Parts, Rest) -> {Parts, Rest}.

-spec to_map([term()]) -> map().
to_map(List) ->
    lists:foldr(fun({K, V}, Map) -> Map#{K => V};
                   (P, Map) when is_tuple(P), tuple_size(P) > 0 ->
                        maps:remove(element(1, P), Map);
                   (K, Map) when is_atom(K) -> Map#{K => true};
                   (_, Map) -> Map
                end, #{}, List).

-spec to_map([term()], [{atom(), term()}]) -> map().
to_map(List, Stages) -> to_map(apply_stages(List, Stages)).

-spec from_map(map()) -> [{term(), term()}].
from_map(Map) -> maps:to_list(Map).
