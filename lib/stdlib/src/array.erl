%% SPDX-License-Identifier: Apache-2.0
%% array: functional arrays, as trees ten wide. A leaf is a tuple of ten
%% elements, a node one of ten subtrees and the number of elements that each of
%% them holds; a subtree that was never written to is that number itself.
-module(array).

-export([new/0, new/1, new/2, is_array/1, set/3, get/2, size/1,
         sparse_size/1, default/1, reset/2, to_list/1, sparse_to_list/1,
         from_list/1, from_list/2, to_orddict/1, sparse_to_orddict/1,
         from_orddict/1, from_orddict/2, map/2, sparse_map/2, foldl/3,
         foldr/3, sparse_foldl/3, sparse_foldr/3, fix/1, relax/1, is_fix/1,
         resize/1, resize/2]).

-export_type([array/0, array/1, array_opts/0]).

-define(WIDTH, 10).

%% [max] is how many elements the tree has room for; 0 when it may not grow.
-record(array, {size :: non_neg_integer(),
                max :: non_neg_integer(),
                default :: term(),
                elements :: term()}).

-opaque array(_Type) :: #array{}.
-type array() :: array(term()).
-type array_opts() :: term().

-define(BADARG, erlang:error(badarg)).

new() -> new([]).

-spec new(array_opts()) -> array().
new(Options) -> new_1(listed(Options), 0, false, undefined).

-spec new(non_neg_integer(), array_opts()) -> array().
new(Size, Options) when is_integer(Size), Size >= 0 ->
    new_1(listed(Options), Size, true, undefined);
new(_, _) -> ?BADARG.

listed(Options) when is_list(Options) -> Options;
listed(Option) -> [Option].

new_1([fixed | Os], Size, _, Default) -> new_1(Os, Size, true, Default);
new_1([{fixed, On} | Os], Size, _, Default) when is_boolean(On) ->
    new_1(Os, Size, On, Default);
new_1([{default, D} | Os], Size, Fixed, _) -> new_1(Os, Size, Fixed, D);
new_1([{size, N} | Os], _, _, Default) when is_integer(N), N >= 0 ->
    new_1(Os, N, true, Default);
new_1([N | Os], _, _, Default) when is_integer(N), N >= 0 ->
    new_1(Os, N, true, Default);
new_1([], Size, Fixed, Default) -> make(Size, Fixed, Default);
new_1(_, _, _, _) -> erlang:error(badarg).

make(0, Fixed, Default) ->
    #array{size = 0, max = case Fixed of true -> 0; false -> ?WIDTH end,
           default = Default, elements = ?WIDTH};
make(Size, Fixed, Default) ->
    Room = room(Size - 1, ?WIDTH),
    #array{size = Size, max = case Fixed of true -> 0; false -> Room end,
           default = Default, elements = Room}.

%% The room of the smallest tree with place [I].
room(I, N) when I >= N -> room(I, N * ?WIDTH);
room(_, N) -> N.

is_array(#array{size = Size, max = Max})
  when is_integer(Size), is_integer(Max) -> true;
is_array(_) -> false.

size(#array{size = N}) -> N;
size(_) -> ?BADARG.

default(#array{default = D}) -> D;
default(_) -> ?BADARG.

fix(#array{} = A) -> A#array{max = 0}.

is_fix(#array{max = 0}) -> true;
is_fix(#array{}) -> false.

relax(#array{size = 0} = A) -> A#array{max = ?WIDTH};
relax(#array{size = N} = A) -> A#array{max = room(N - 1, ?WIDTH)}.

resize(Size, #array{size = N, max = Max, elements = E} = A)
  when is_integer(Size), Size >= 0 ->
    if
        Size > N ->
            {E1, Room} = grown(Size - 1, E, tree_room(E)),
            A#array{size = Size, elements = E1,
                    max = case Max of 0 -> 0; _ -> Room end};
        Size < N -> A#array{size = Size};
        true -> A
    end;
resize(_, _) -> ?BADARG.

resize(A) -> resize(sparse_size(A), A).

tree_room(E) when is_integer(E) -> E;
tree_room(E) when tuple_size(E) =:= ?WIDTH -> ?WIDTH;
tree_room(E) -> element(?WIDTH + 1, E) * ?WIDTH.

%% A tree with place for [I], with this one as its first part.
grown(I, E, Room) when is_integer(E), I >= Room ->
    New = room(I, Room),
    {New, New};
grown(I, E, Room) when I >= Room ->
    Node = setelement(?WIDTH + 1,
                      erlang:make_tuple(?WIDTH + 1, Room, [{1, E}]), Room),
    grown(I, Node, Room * ?WIDTH);
grown(_, E, Room) -> {E, Room}.

%%% Elements

-spec get(non_neg_integer(), array(T)) -> T.
get(I, #array{size = N, max = Max, elements = E, default = D})
  when is_integer(I), I >= 0 ->
    if
        I < N -> get_1(I, E, D);
        Max > 0 -> D;
        true -> ?BADARG
    end;
get(_, _) -> ?BADARG.

get_1(_, E, D) when is_integer(E) -> D;
get_1(I, E, _) when tuple_size(E) =:= ?WIDTH -> element(I + 1, E);
get_1(I, E, D) ->
    Step = element(?WIDTH + 1, E),
    get_1(I rem Step, element(I div Step + 1, E), D).

-spec set(non_neg_integer(), T, array(T)) -> array(T).
set(I, V, #array{size = N, max = Max, default = D, elements = E} = A)
  when is_integer(I), I >= 0 ->
    if
        I < N -> A#array{elements = set_1(I, V, E, D)};
        I < Max ->
            A#array{size = I + 1, elements = set_1(I, V, E, D)};
        Max > 0 ->
            {E1, Room} = grown(I, E, Max),
            A#array{size = I + 1, max = Room,
                    elements = set_1(I, V, E1, D)};
        true -> ?BADARG
    end;
set(_, _, _) -> ?BADARG.

set_1(I, V, E, D) when is_integer(E), E =< ?WIDTH ->
    setelement(I + 1, erlang:make_tuple(?WIDTH, D), V);
set_1(I, V, E, D) when is_integer(E) ->
    Step = E div ?WIDTH,
    set_1(I, V, erlang:make_tuple(?WIDTH + 1, Step), D);
set_1(I, V, E, _) when tuple_size(E) =:= ?WIDTH -> setelement(I + 1, E, V);
set_1(I, V, E, D) ->
    Step = element(?WIDTH + 1, E),
    P = I div Step + 1,
    setelement(P, E, set_1(I rem Step, V, element(P, E), D)).

%% Makes an element the default again.
reset(I, #array{size = N, max = Max, default = D, elements = E} = A)
  when is_integer(I), I >= 0 ->
    if
        I < N ->
            case get_1(I, E, D) of
                D -> A;
                _ -> A#array{elements = set_1(I, D, E, D)}
            end;
        Max > 0 -> A;
        true -> ?BADARG
    end;
reset(_, _) -> ?BADARG.

%%% Lists

%% {Index, Value} of all elements, or of those that are not the default.
pairs(#array{size = N} = A) -> lists:zip(lists:seq(0, N - 1), to_list(A)).

sparse_pairs(#array{default = D} = A) ->
    [P || {_, V} = P <- written(A), V =/= D].

%% Only those in leaves that exist.
written(#array{size = N, elements = E}) -> written(0, N, E).

written(_, _, E) when is_integer(E) -> [];
written(From, N, E) when tuple_size(E) =:= ?WIDTH ->
    [P || {I, _} = P <- lists:zip(lists:seq(From, From + ?WIDTH - 1),
                                  tuple_to_list(E)), I < N];
written(From, N, E) ->
    Step = element(?WIDTH + 1, E),
    lists:append([written(From + K * Step, N, element(K + 1, E))
                  || K <- lists:seq(0, ?WIDTH - 1), From + K * Step < N]).

sparse_size(#array{} = A) ->
    case sparse_pairs(A) of
        [] -> 0;
        Pairs -> element(1, lists:last(Pairs)) + 1
    end;
sparse_size(_) -> ?BADARG.

-spec to_list(array(T)) -> [T].
to_list(#array{size = N, elements = E, default = D}) -> values(N, E, D, []);
to_list(_) -> ?BADARG.

%% The first [N] elements of a tree that is no smaller, before [Tail].
values(N, E, D, Tail) when is_integer(E) -> lists:duplicate(N, D) ++ Tail;
values(N, E, _, Tail) when tuple_size(E) =:= ?WIDTH, N =:= ?WIDTH ->
    tuple_to_list(E) ++ Tail;
values(N, E, _, Tail) when tuple_size(E) =:= ?WIDTH ->
    lists:sublist(tuple_to_list(E), N) ++ Tail;
values(N, E, D, Tail) ->
    Step = element(?WIDTH + 1, E),
    K = N div Step,
    Last = case N rem Step of
               0 -> Tail;
               Rest -> values(Rest, element(K + 1, E), D, Tail)
           end,
    whole_values(K, Step, E, D, Last).

whole_values(0, _, _, _, Tail) -> Tail;
whole_values(K, Step, E, D, Tail) ->
    whole_values(K - 1, Step, E, D, values(Step, element(K, E), D, Tail)).

sparse_to_list(#array{} = A) -> [V || {_, V} <- sparse_pairs(A)];
sparse_to_list(_) -> ?BADARG.

to_orddict(#array{} = A) -> pairs(A);
to_orddict(_) -> ?BADARG.

sparse_to_orddict(#array{} = A) -> sparse_pairs(A);
sparse_to_orddict(_) -> ?BADARG.

from_list(L) -> from_list(L, undefined).

-spec from_list([T], term()) -> array(T).
from_list(L, Default) when length(L) >= 0 ->
    Leaves = leaves(L, Default, []),
    {E, Room} = tree(Leaves, ?WIDTH),
    #array{size = length(L), max = Room, default = Default, elements = E};
from_list(_, _) -> ?BADARG.

leaves([A, B, C, D, E, F, G, H, I, J | Rest], Default, Acc) ->
    leaves(Rest, Default, [{A, B, C, D, E, F, G, H, I, J} | Acc]);
leaves([], _, Acc) -> lists:reverse(Acc);
leaves(Some, Default, Acc) ->
    Missing = lists:duplicate(?WIDTH - length(Some), Default),
    lists:reverse(Acc, [list_to_tuple(Some ++ Missing)]).

take(Rest, 0, Acc) -> {lists:reverse(Acc), Rest, 0};
take([X | Xs], N, Acc) -> take(Xs, N - 1, [X | Acc]);
take([], N, Acc) -> {lists:reverse(Acc), [], N}.

%% Joins trees of [Step] elements until one is left.
tree([], Step) -> {Step, Step};
tree([E], Step) -> {E, Step};
tree(Trees, Step) -> tree(branches(Trees, Step), Step * ?WIDTH).

branches([], _) -> [];
branches(Trees, Step) ->
    {Some, Rest, Missing} = take(Trees, ?WIDTH, []),
    [list_to_tuple(Some ++ lists:duplicate(Missing, Step) ++ [Step])
     | branches(Rest, Step)].

from_orddict(Pairs) -> from_orddict(Pairs, undefined).

from_orddict(Pairs, Default) when is_list(Pairs) ->
    from_orddict_0(Pairs, -1, new([{default, Default}]));
from_orddict(_, _) -> ?BADARG.

from_orddict_0([{I, V} | Pairs], Last, A) when is_integer(I), I > Last ->
    from_orddict_0(Pairs, I, set(I, V, A));
from_orddict_0([], _, A) -> A;
from_orddict_0(Rest, _, _) -> erlang:error({badarg, Rest}).

%%% Funs

map(F, #array{size = N} = A) when is_function(F, 2) ->
    New = from_list(map_list(to_list(A), 0, F), A#array.default),
    New#array{size = N, max = kept_max(A, New)};
map(_, _) -> ?BADARG.

map_list([V | Vs], I, F) -> [F(I, V) | map_list(Vs, I + 1, F)];
map_list([], _, _) -> [].

kept_max(#array{max = 0}, _) -> 0;
kept_max(_, #array{max = Max}) -> Max.

sparse_map(F, #array{} = A) when is_function(F, 2) ->
    lists:foldl(fun({I, V}, Acc) -> set(I, F(I, V), Acc) end, A,
                sparse_pairs(A));
sparse_map(_, _) -> ?BADARG.

foldl(F, Acc, #array{} = A) when is_function(F, 3) ->
    foldl_list(to_list(A), 0, F, Acc);
foldl(_, _, _) -> ?BADARG.

foldl_list([V | Vs], I, F, Acc) -> foldl_list(Vs, I + 1, F, F(I, V, Acc));
foldl_list([], _, _, Acc) -> Acc.

foldr(F, Acc, #array{} = A) when is_function(F, 3) ->
    lists:foldr(fun({I, V}, B) -> F(I, V, B) end, Acc, pairs(A));
foldr(_, _, _) -> ?BADARG.

sparse_foldl(F, Acc, #array{} = A) when is_function(F, 3) ->
    lists:foldl(fun({I, V}, B) -> F(I, V, B) end, Acc, sparse_pairs(A));
sparse_foldl(_, _, _) -> ?BADARG.

sparse_foldr(F, Acc, #array{} = A) when is_function(F, 3) ->
    lists:foldr(fun({I, V}, B) -> F(I, V, B) end, Acc, sparse_pairs(A));
sparse_foldr(_, _, _) -> ?BADARG.
