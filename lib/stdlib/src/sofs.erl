%% SPDX-License-Identifier: Apache-2.0
%% sofs: sets of sets. {'Set', Elements, ElementType} is a set, its elements
%% an ordered list without doubles (==); {'OrdSet', Data, Type} an atom or a
%% tuple of sets. A type is an atom, a tuple of types or [Type]; '_' is that of
%% the elements of the empty set, where nothing is known.
%%
%% Nearly all is done with three passes over ordered lists: parts/2 compares
%% two sets, pick/2 splits keyed elements by keys, groups/1 joins equal keys.
-module(sofs).

-export([from_term/1, from_term/2, from_external/2, empty_set/0, is_type/1,
         set/1, set/2, from_sets/1, relation/1, relation/2, a_function/1,
         a_function/2, family/1, family/2, to_external/1, type/1, to_sets/1,
         no_elements/1, specification/2, union/2, intersection/2,
         difference/2, symdiff/2, symmetric_partition/2, product/1,
         product/2, constant_function/2, is_equal/2, is_subset/2,
         is_sofs_set/1, is_set/1, is_empty_set/1, is_disjoint/2, union/1,
         intersection/1, canonical_relation/1, relation_to_family/1,
         domain/1, range/1, field/1, relative_product/1, relative_product/2,
         relative_product1/2, converse/1, image/2, inverse_image/2,
         strict_relation/1, weak_relation/1, extension/3, is_a_function/1,
         composite/2, inverse/1, restriction/2, restriction/3,
         drestriction/2, drestriction/3, substitution/2, projection/2,
         partition/1, partition/2, partition/3, multiple_relative_product/2,
         join/4, family_to_relation/1, family_specification/2,
         union_of_family/1, intersection_of_family/1, family_union/1,
         family_intersection/1, family_domain/1, family_range/1,
         family_field/1, family_union/2, family_intersection/2,
         family_difference/2, partition_family/2, family_projection/2,
         family_to_digraph/1, family_to_digraph/2, digraph_to_family/1,
         digraph_to_family/2, fam2rel/1, rel2fam/1]).

-export_type([anyset/0, binary_relation/0, external_set/0, a_function/0,
              family/0, relation/0, set_of_sets/0, set_fun/0, spec_fun/0,
              type/0, ordset/0, a_set/0]).

-define(SET(Elements, Type), {'Set', Elements, Type}).
-define(ORDSET(Data, Type), {'OrdSet', Data, Type}).
-define(ANY, '_').
-define(BADARG, erlang:error(badarg)).

%% What the fun answers; badarg of the function where this stands if it fails.
-define(CHECKED(Fun),
        case checked(Fun) of
            {ok, Set_} -> Set_;
            error -> ?BADARG
        end).

-type anyset() :: ordset() | a_set().
-opaque ordset() :: {'OrdSet', term(), type()}.
-opaque a_set() :: {'Set', [term()], type()}.
-type relation() :: a_set().
-type binary_relation() :: relation().
-type a_function() :: relation().
-type family() :: a_function().
-type set_of_sets() :: a_set().
-type external_set() :: term().
-type type() :: term().
-type set_fun() :: pos_integer()
                 | {external, fun((external_set()) -> external_set())}
                 | fun((anyset()) -> anyset()).
-type spec_fun() :: {external, fun((external_set()) -> boolean())}
                  | fun((anyset()) -> boolean()).

%% Making sets

-spec from_term(term()) -> anyset().
from_term(T) when is_list(T) -> ?CHECKED(fun() -> typed(T, [?ANY]) end);
from_term(T) -> ?CHECKED(fun() -> typed(T, ?ANY) end).

-spec from_term(term(), type()) -> anyset().
from_term(T, Type) ->
    ?CHECKED(fun() -> true = is_type(Type), typed(T, Type) end).

-spec from_external(external_set(), type()) -> anyset().
from_external(L, [Type]) -> ?SET(L, Type);
from_external(T, Type) -> ?ORDSET(T, Type).

-spec empty_set() -> a_set().
empty_set() -> ?SET([], ?ANY).

-spec is_type(term()) -> boolean().
is_type([?ANY]) -> true;
is_type([Type]) -> is_type(Type);
is_type(T) when is_atom(T) -> T =/= ?ANY;
is_type(T) when is_tuple(T), T =/= {} ->
    lists:all(fun is_type/1, tuple_to_list(T));
is_type(_) -> false.

-spec set([term()]) -> a_set().
set(L) -> ?CHECKED(fun() -> ?SET(lists:usort(L), atom) end).

-spec set([term()], type()) -> a_set().
set(L, [T]) when is_atom(T), T =/= ?ANY ->
    ?CHECKED(fun() -> ?SET(lists:usort(L), T) end);
set(L, [_] = Type) -> ?CHECKED(fun() -> typed(L, Type) end);
set(_, _) -> ?BADARG.

-spec from_sets([anyset()] | tuple()) -> anyset().
from_sets(Sets) when is_list(Sets) ->
    Type = lists:foldl(fun(S, T) -> unify(T, known_type(S)) end, ?ANY, Sets),
    ?SET(lists:usort([to_external(S) || S <- Sets]), Type);
from_sets(Sets) when is_tuple(Sets) ->
    L = tuple_to_list(Sets),
    Types = [known_type(S) || S <- L],
    ?ORDSET(list_to_tuple([to_external(S) || S <- L]), list_to_tuple(Types));
from_sets(_) -> ?BADARG.

known_type(S) ->
    case is_sofs_set(S) of
        true -> type(S);
        false -> fail(badarg)
    end.

-spec relation([tuple()]) -> relation().
relation([]) -> ?SET([], {atom, atom});
relation([T|_] = Ts) when is_tuple(T) -> relation(Ts, tuple_size(T));
relation(_) -> ?BADARG.

-spec relation([tuple()], integer() | type()) -> relation().
relation(Ts, N) when is_integer(N) ->
    ?CHECKED(fun() ->
                    true = N >= 1 andalso
                        lists:all(fun(T) -> tuple_size(T) =:= N end, Ts),
                    ?SET(lists:usort(Ts), erlang:make_tuple(N, atom))
            end);
relation(Ts, [Type]) ->
    ?CHECKED(fun() -> of_tuples(Ts, Type, fun is_tuple/1) end);
relation(_, _) -> ?BADARG.

of_tuples(Ts, Type0, Good) ->
    case elements(Ts, Type0, Type0) of
        {?ANY, []} -> empty_set();
        {Type, L} ->
            true = Good(Type),
            ?SET(L, Type)
    end.

-spec a_function([tuple()]) -> a_function().
a_function(Ts) -> a_function(Ts, [{atom, atom}]).

-spec a_function([tuple()], type()) -> a_function().
a_function(Ts, Type) ->
    check_function(?CHECKED(fun() ->
                                   true = is_type(Type),
                                   of_tuples(Ts, hd(Type), fun is_pair/1)
                           end)).

-spec family([tuple()]) -> family().
family(Ts) -> family(Ts, [{atom, [atom]}]).

-spec family([tuple()], type()) -> family().
family(Ts, Type) ->
    check_function(?CHECKED(fun() ->
                                   true = is_type(Type),
                                   of_tuples(Ts, hd(Type), fun is_family/1)
                           end)).

is_pair(Type) -> tuple_size(Type) =:= 2.

is_family({_, [_]}) -> true;
is_family(_) -> false.

check_function(?SET(L, _) = S) ->
    case doubled(L) of
        true -> erlang:error(bad_function);
        false -> S
    end.

%% Does a key come twice in the ordered pairs?
doubled([{X, _}|[{Y, _}|_]]) when X == Y -> true;
doubled([_|L]) -> doubled(L);
doubled([]) -> false.

checked(F) ->
    try {ok, F()} catch _:_ -> error end.

%% The error is that of the function that was called from elsewhere.
-spec fail(term()) -> no_return().
fail(Reason) ->
    {current_stacktrace, Trace} = process_info(self(), current_stacktrace),
    {Own, _} = lists:splitwith(fun({M, _, _, _}) ->
                                       M =:= sofs orelse M =:= lists
                               end, Trace),
    erlang:raise(error, Reason, lists:nthtail(length(Own) - 1, Trace)).

%% The set of a term and its type; what '_' stands for is found out.
typed(L, [Type0]) ->
    {Type, Elements} = elements(L, Type0, Type0),
    ?SET(Elements, Type);
typed(E, Type0) ->
    {Type, Data} = element_of(E, Type0, Type0),
    ?ORDSET(Data, Type).

%% Known is the type so far, Given the one the caller gave: an atom he gave
%% takes any term, one found out takes no lists and tuples.
elements(L, Known, Given) ->
    {Ordered, Type} =
        lists:mapfoldl(fun(E, T) ->
                               {New, Data} = element_of(E, T, Given),
                               {Data, New}
                       end, Known, L),
    {Type, lists:usort(Ordered)}.

element_of(T, ?ANY, Given) when is_tuple(T) ->
    element_of(T, erlang:make_tuple(tuple_size(T), ?ANY), Given);
element_of(L, ?ANY, _) when is_list(L) ->
    {Type, Data} = elements(L, ?ANY, ?ANY),
    {[Type], Data};
element_of(E, ?ANY, _) -> {atom, E};
element_of(E, A, ?ANY) when is_atom(A), not is_list(E), not is_tuple(E) ->
    {A, E};
element_of(E, A, A) when is_atom(A) -> {A, E};
element_of(T, Known, Given)
  when T =/= {}, tuple_size(T) =:= tuple_size(Known) ->
    Parts = [element_of(element(I, T), element(I, Known), part(I, Given))
             || I <- lists:seq(1, tuple_size(T))],
    {Types, Data} = lists:unzip(Parts),
    {list_to_tuple(Types), list_to_tuple(Data)};
element_of(L, [Known], Given) when is_list(L) ->
    {Type, Data} = elements(L, Known, inner(Given)),
    {[Type], Data}.

part(_, ?ANY) -> ?ANY;
part(I, Given) -> element(I, Given).

inner(?ANY) -> ?ANY;
inner([Given]) -> Given.

%% What sets are

-spec to_external(anyset()) -> external_set().
to_external(?SET(L, _)) -> L;
to_external(?ORDSET(Data, _)) -> Data.

-spec type(anyset()) -> type().
type(?SET(_, Type)) -> [Type];
type(?ORDSET(_, Type)) -> Type.

-spec to_sets(a_set() | ordset()) -> tuple() | [anyset()].
to_sets(?SET(L, Type)) -> [as_set(E, Type) || E <- L];
to_sets(?ORDSET(Data, Type)) when is_tuple(Type) ->
    list_to_tuple(lists:zipwith(fun as_set/2, tuple_to_list(Data),
                                tuple_to_list(Type)));
to_sets(?ORDSET(_, _)) -> ?BADARG.

as_set(E, [Type]) -> ?SET(E, Type);
as_set(E, Type) -> ?ORDSET(E, Type).

-spec no_elements(a_set() | ordset()) -> non_neg_integer().
no_elements(?SET(L, _)) -> length(L);
no_elements(?ORDSET(Data, Type)) when is_tuple(Type) -> tuple_size(Data);
no_elements(?ORDSET(_, _)) -> ?BADARG.

-spec is_sofs_set(term()) -> boolean().
is_sofs_set(?SET(_, _)) -> true;
is_sofs_set(?ORDSET(_, _)) -> true;
is_sofs_set(_) -> false.

-spec is_set(anyset()) -> boolean().
is_set(?SET(_, _)) -> true;
is_set(?ORDSET(_, _)) -> false.

-spec is_empty_set(anyset()) -> boolean().
is_empty_set(?SET(L, _)) -> L =:= [];
is_empty_set(?ORDSET(_, _)) -> false.

-spec is_equal(anyset(), anyset()) -> boolean().
is_equal(?SET(L1, T1), ?SET(L2, T2)) ->
    _ = unify(T1, T2),
    L1 == L2;
is_equal(?ORDSET(D1, T1), ?ORDSET(D2, T2)) ->
    _ = unify(T1, T2),
    D1 == D2;
is_equal(S1, S2) ->
    case is_sofs_set(S1) andalso is_sofs_set(S2) of
        true -> erlang:error(type_mismatch);
        false -> erlang:error(function_clause, [S1, S2])
    end.

-spec is_subset(a_set(), a_set()) -> boolean().
is_subset(?SET(_, _) = S1, ?SET(_, _) = S2) ->
    {Only, _, _} = parts(S1, S2),
    Only =:= [].

-spec is_disjoint(a_set(), a_set()) -> boolean().
is_disjoint(?SET(_, _) = S1, ?SET(_, _) = S2) ->
    {_, Both, _} = parts(S1, S2),
    Both =:= [].

-spec is_a_function(binary_relation()) -> boolean().
is_a_function(?SET(L, _) = R) ->
    _ = pair_type(R),
    not doubled(L).

%% Types

%% The type both may have; an error if there is none.
unify(T, T) -> T;
unify(?ANY, T) -> T;
unify(T, ?ANY) -> T;
unify([T1], [T2]) -> [unify(T1, T2)];
unify(T1, T2) when tuple_size(T1) =:= tuple_size(T2) ->
    list_to_tuple(lists:zipwith(fun unify/2, tuple_to_list(T1),
                                tuple_to_list(T2)));
unify(_, _) -> fail(type_mismatch).

pair_type(?SET(_, {_, _} = Type)) -> Type;
pair_type(?SET(_, ?ANY)) -> {?ANY, ?ANY};
pair_type(?SET(_, _)) -> fail(badarg).

%% Sets of two

%% Those of the first, of both, of the second alone.
parts(?SET(L1, T1), ?SET(L2, T2)) ->
    _ = unify(T1, T2),
    parts(L1, L2, [], [], []).

parts([X|Xs] = L1, [Y|Ys] = L2, A, B, C) ->
    if
        X == Y -> parts(Xs, Ys, A, [X|B], C);
        X < Y -> parts(Xs, L2, [X|A], B, C);
        true -> parts(L1, Ys, A, B, [Y|C])
    end;
parts(L1, L2, A, B, C) ->
    {lists:reverse(A, L1), lists:reverse(B), lists:reverse(C, L2)}.

-spec union(a_set(), a_set()) -> a_set().
union(?SET(L1, T1), ?SET(L2, T2)) ->
    ?SET(lists:umerge(L1, L2), unify(T1, T2)).

-spec intersection(a_set(), a_set()) -> a_set().
intersection(S1, S2) -> element(2, symmetric_partition(S1, S2)).

-spec difference(a_set(), a_set()) -> a_set().
difference(S1, S2) -> element(1, symmetric_partition(S1, S2)).

-spec symdiff(a_set(), a_set()) -> a_set().
symdiff(S1, S2) ->
    {A, _, C} = symmetric_partition(S1, S2),
    union(A, C).

-spec symmetric_partition(a_set(), a_set()) -> {a_set(), a_set(), a_set()}.
symmetric_partition(?SET(_, T1) = S1, ?SET(_, T2) = S2) ->
    Type = unify(T1, T2),
    {A, B, C} = parts(S1, S2),
    {?SET(A, Type), ?SET(B, Type), ?SET(C, Type)}.

-spec product(a_set(), a_set()) -> binary_relation().
product(?SET(_, _) = S1, ?SET(_, _) = S2) -> product({S1, S2}).

-spec product(tuple()) -> relation().
product(T) when is_tuple(T), T =/= {} ->
    Sets = tuple_to_list(T),
    Types = ?CHECKED(fun() -> [E || ?SET(_, E) = S <- Sets, is_set(S)] end),
    case length(Types) =:= length(Sets) of
        false -> ?BADARG;
        true ->
            Lists = [L || ?SET(L, _) <- Sets],
            case {lists:member(?ANY, Types), lists:member([], Lists)} of
                {true, _} -> empty_set();
                {false, true} when tuple_size(T) =/= 2 -> empty_set();
                _ -> ?SET([list_to_tuple(P) || P <- choices(Lists)],
                          list_to_tuple(Types))
            end
    end;
product({}) -> ?BADARG.

choices([]) -> [[]];
choices([L|Ls]) ->
    Rest = choices(Ls),
    [[E|R] || E <- L, R <- Rest].

-spec constant_function(a_set(), anyset()) -> a_function().
constant_function(?SET(L, Type) = S, E) ->
    case is_sofs_set(E) of
        false -> ?BADARG;
        true when Type =:= ?ANY -> S;
        true ->
            X = to_external(E),
            ?SET([{D, X} || D <- L], {Type, type(E)})
    end;
constant_function(?ORDSET(_, _), _) -> ?BADARG.

%% Sets of sets

-spec union(set_of_sets()) -> a_set().
union(?SET(Ls, [Type])) -> ?SET(lists:umerge(Ls), Type);
union(?SET(_, ?ANY) = S) -> S;
union(?SET(_, _)) -> ?BADARG.

-spec intersection(set_of_sets()) -> a_set().
intersection(?SET([_|_] = Ls, [Type])) -> ?SET(common(Ls), Type);
intersection(?SET(_, _)) -> ?BADARG.

common([L|Ls]) ->
    lists:foldl(fun(X, Acc) -> element(2, parts(X, Acc, [], [], [])) end,
                L, Ls).

-spec canonical_relation(set_of_sets()) -> binary_relation().
canonical_relation(?SET(_, [?ANY])) -> empty_set();
canonical_relation(?SET(Ls, [Type])) ->
    ?SET(lists:sort([{E, L} || L <- Ls, E <- L]), {Type, [Type]});
canonical_relation(?SET(_, ?ANY) = S) -> S;
canonical_relation(?SET(_, _)) -> ?BADARG.

-spec specification(spec_fun(), a_set()) -> a_set().
specification(Fun, ?SET(L, Type)) ->
    Test = tester(Fun, Type),
    ?SET([E || E <- L, Test(E)], Type).

%% A test of elements of the type; it is to answer true or false.
tester(Fun, Type) ->
    Test = case external(Fun) of
               false -> fun(E) -> Fun(as_set(E, Type)) end;
               External -> External
           end,
    fun(E) ->
            case Test(E) of
                Answer when is_boolean(Answer) -> Answer;
                _ -> ?BADARG
            end
    end.

external({external, Fun}) when not is_atom(Fun) -> Fun;
external(_) -> false.

%% Binary relations

-spec domain(binary_relation()) -> a_set().
domain(?SET(L, _) = R) ->
    {Type, _} = pair_type(R),
    ?SET(lists:usort([X || {X, _} <- L]), Type).

-spec range(binary_relation()) -> a_set().
range(?SET(L, _) = R) ->
    {_, Type} = pair_type(R),
    ?SET(lists:usort([Y || {_, Y} <- L]), Type).

-spec field(binary_relation()) -> a_set().
field(R) -> union(domain(R), range(R)).

-spec converse(binary_relation()) -> binary_relation().
converse(?SET(_, ?ANY) = R) -> R;
converse(?SET(L, _) = R) ->
    {DT, RT} = pair_type(R),
    ?SET(turned(L), {RT, DT}).

turned(L) -> lists:sort([{Y, X} || {X, Y} <- L]).

-spec relation_to_family(binary_relation()) -> family().
relation_to_family(?SET(_, ?ANY) = R) -> R;
relation_to_family(?SET(L, _) = R) ->
    {DT, RT} = pair_type(R),
    ?SET(groups(L), {DT, [RT]}).

-spec rel2fam(binary_relation()) -> family().
rel2fam(R) -> relation_to_family(R).

%% {Key, [Element]} of {Key, Element}, ordered by key.
groups([{K, E}|L]) -> groups(L, K, [E]);
groups([]) -> [].

groups([{K, E}|L], Key, Es) when K == Key -> groups(L, Key, [E|Es]);
groups(L, Key, Es) -> [{Key, lists:reverse(Es)}|groups(L)].

-spec image(binary_relation(), a_set()) -> a_set().
image(?SET(L, Type) = R, ?SET(Keys, ST)) ->
    {DT, RT} = pair_type(R),
    _ = Type =:= ?ANY orelse unify(DT, ST),
    {In, _} = pick(L, Keys),
    ?SET(lists:usort(In), RT).

-spec inverse_image(binary_relation(), a_set()) -> a_set().
inverse_image(R, S) -> image(converse(R), S).

%% The elements with one of the keys, and the others, in order of keys.
pick(Keyed, Keys) -> pick(Keyed, Keys, [], []).

pick([{K, E}|L] = Keyed, [Key|Keys] = All, In, Out) ->
    if
        K == Key -> pick(L, All, [E|In], Out);
        K < Key -> pick(L, All, In, [E|Out]);
        true -> pick(Keyed, Keys, In, Out)
    end;
pick(L, _, In, Out) ->
    {lists:reverse(In), lists:reverse(Out, [E || {_, E} <- L])}.

-spec strict_relation(binary_relation()) -> binary_relation().
strict_relation(?SET(L, Type) = R) ->
    _ = pair_type(R),
    ?SET([P || {X, Y} = P <- L, X /= Y], Type).

-spec weak_relation(binary_relation()) -> binary_relation().
weak_relation(?SET(_, ?ANY) = R) -> R;
weak_relation(?SET(L, _) = R) ->
    {DT, RT} = pair_type(R),
    Type = ?CHECKED(fun() -> unify(DT, RT) end),
    Field = to_external(field(R)),
    %% Pairs that are there stay as they are.
    ?SET(lists:umerge(L, [{X, X} || X <- Field]), {Type, Type}).

-spec extension(binary_relation(), a_set(), anyset()) -> binary_relation().
extension(?SET(RL, RT) = R, ?SET(SL, ST), E) ->
    case {RT, is_sofs_set(E) andalso type(E)} of
        {{DT, VT}, ET} when ET =/= false ->
            _ = {unify(DT, ST), unify(VT, ET)},
            Keys = [X || {X, _} <- RL],
            {New, _, _} = parts(SL, Keys, [], [], []),
            Value = to_external(E),
            ?SET(lists:merge(RL, [{D, Value} || D <- New]), RT);
        {?ANY, _} when ST =:= ?ANY -> R;
        {?ANY, [?ANY]} -> R;
        {?ANY, ET} when ET =/= false -> ?SET([], {ST, ET});
        {_, ET} when ET =/= false -> ?BADARG
    end.

-spec relative_product1(binary_relation(), binary_relation()) ->
          binary_relation().
relative_product1(?SET(L1, Type1) = R1, ?SET(L2, Type2) = R2) ->
    {DT1, RT1} = pair_type(R1),
    {DT2, RT2} = pair_type(R2),
    _ = unify(DT1, DT2),
    if
        Type1 =:= ?ANY -> R1;
        Type2 =:= ?ANY -> R2;
        true -> ?SET(lists:usort(combined(L1, L2)), {RT1, RT2})
    end.

%% {X, Y} for {K, X} and {K, Y}.
combined(L1, L2) -> combine(groups(L1), groups(L2)).

combine([{K1, Xs}|L1] = All1, [{K2, Ys}|L2] = All2) ->
    if
        K1 == K2 -> [{X, Y} || X <- Xs, Y <- Ys] ++ combine(L1, L2);
        K1 < K2 -> combine(L1, All2);
        true -> combine(All1, L2)
    end;
combine(_, _) -> [].

-spec relative_product([binary_relation(), ...] | tuple()) ->
          binary_relation().
relative_product(Rs) when is_tuple(Rs) ->
    relative_product(tuple_to_list(Rs));
relative_product([_|_] = Rs) ->
    Types = [pair_type(R) || ?SET(_, _) = R <- Rs],
    _ = length(Types) =:= length(Rs) orelse ?BADARG,
    DT = lists:foldl(fun({D, _}, T) -> unify(D, T) end, ?ANY, Types),
    Ranges = [T || {_, T} <- Types],
    case DT =:= ?ANY orelse lists:member(?SET([], ?ANY), Rs) of
        true -> empty_set();
        false -> ?SET(tuples(Rs), {DT, list_to_tuple(Ranges)})
    end;
relative_product([]) -> ?BADARG.

%% {X, {Y1, ..., Yn}} where {X, Yi} is in the i'th relation.
tuples(Rs) ->
    Lists = lists:foldr(
              fun(?SET(L, _), none) -> [{K, [Y]} || {K, Y} <- L];
                 (?SET(L, _), Acc) ->
                      Keyed = [{K, {K, Y}} || {K, Y} <- L],
                      [{K, [Y|Ys]} || {{K, Y}, Ys} <- combined(Keyed, Acc)]
              end, none, Rs),
    lists:usort([{K, list_to_tuple(Ys)} || {K, Ys} <- Lists]).

-spec relative_product([binary_relation(), ...] | tuple()
                       | binary_relation(), binary_relation()) ->
          binary_relation().
relative_product(?SET(_, _) = R1, ?SET(_, _) = R2) ->
    relative_product1(converse(R1), R2);
relative_product(Rs, ?SET(_, _) = R) when is_tuple(Rs); is_list(Rs) ->
    _ = pair_type(R),
    relative_product(relative_product(Rs), R).

-spec multiple_relative_product(tuple(), binary_relation()) ->
          binary_relation().
multiple_relative_product(_, ?SET(_, ?ANY)) -> empty_set();
multiple_relative_product(Rs, ?SET(_, Type) = R)
  when tuple_size(Rs) =:= tuple_size(Type) ->
    relative_product([relative_product1(raised(R, I), element(I, Rs))
                      || I <- lists:seq(1, tuple_size(Rs))]);
multiple_relative_product(Rs, ?SET(_, _)) when is_tuple(Rs) -> ?BADARG.

%% {T's I'th, T} for each tuple T.
raised(?SET(L, Type), I) ->
    ?SET(lists:sort([{element(I, T), T} || T <- L]), {element(I, Type), Type}).

-spec join(relation(), pos_integer(), relation(), pos_integer()) -> relation().
join(?SET(_, T1) = R1, I, ?SET(_, T2) = R2, J)
  when is_integer(I), is_integer(J) ->
    case has_place(T1, I) andalso has_place(T2, J) of
        false -> ?BADARG;
        true when T1 =:= ?ANY -> R1;
        true when T2 =:= ?ANY -> R2;
        true ->
            Pairs = combined(to_external(raised(R1, I)),
                             to_external(raised(R2, J))),
            ?SET(lists:sort([joined(P, J) || P <- Pairs]),
                 joined({T1, T2}, J))
    end.

has_place(?ANY, _) -> true;
has_place(T, I) -> is_tuple(T) andalso I >= 1 andalso I =< tuple_size(T).

joined({A, B}, J) ->
    list_to_tuple(tuple_to_list(A)
                  ++ tuple_to_list(erlang:delete_element(J, B))).

%% Functions

-spec composite(a_function(), a_function()) -> a_function().
composite(?SET(L1, Type1) = F1, ?SET(L2, Type2) = F2) ->
    {DT1, RT1} = pair_type(F1),
    {DT2, RT2} = pair_type(F2),
    _ = unify(RT1, DT2),
    if
        Type1 =:= ?ANY -> F1;
        Type2 =:= ?ANY -> F2;
        true ->
            Pairs = lists:sort(combined(turned(L1), L2)),
            %% All of the first must go on, to one place.
            case doubled(L1) orelse doubled(L2)
                orelse length(Pairs) =/= length(L1) of
                true -> erlang:error(bad_function);
                false -> ?SET(Pairs, {DT1, RT2})
            end
    end.

-spec inverse(a_function()) -> a_function().
inverse(?SET(_, ?ANY) = F) -> F;
inverse(?SET(L, _) = F) ->
    _ = pair_type(F),
    _ = doubled(L) andalso erlang:error(bad_function),
    check_function(converse(F)).

%% Functions on the elements of a set

%% [{Value, Element}] in the order of the elements, and the type of values. A
%% plain function sees sets, an external one bare terms, and is applied to the
%% type, too; a number chooses from tuples.
values(I, ?SET(L, Type)) when is_integer(I) ->
    case is_tuple(Type) andalso I >= 1 andalso I =< tuple_size(Type) of
        true -> {[{element(I, E), E} || E <- L], element(I, Type)};
        false -> ?BADARG
    end;
values(Fun, ?SET(L, Type)) ->
    case external(Fun) of
        false ->
            applied(fun(E) -> Fun(as_set(E, Type)) end, L);
        _ when is_list(Type) -> ?BADARG;
        External ->
            ValueType = External(Type),
            case is_type(ValueType) of
                true -> {[{External(E), E} || E <- L], ValueType};
                false -> ?BADARG
            end
    end.

applied(Fun, L) ->
    lists:mapfoldl(fun(E, T) ->
                           S = Fun(E),
                           NewT = unify(T, known_type(S)),
                           {{to_external(S), E}, NewT}
                   end, ?ANY, L).

-spec restriction(binary_relation(), a_set()) -> binary_relation().
restriction(R, S) -> restriction(1, R, S).

-spec restriction(set_fun(), a_set(), a_set()) -> a_set().
restriction(Fun, S1, S2) -> element(1, partition(Fun, S1, S2)).

-spec drestriction(binary_relation(), a_set()) -> binary_relation().
drestriction(R, S) -> drestriction(1, R, S).

-spec drestriction(set_fun(), a_set(), a_set()) -> a_set().
drestriction(Fun, S1, S2) ->
    case {S1, external(Fun)} of
        {?SET(_, ?ANY), _} -> S1;
        _ -> element(2, partition(Fun, S1, S2))
    end.

-spec partition(set_fun(), a_set(), a_set()) -> {a_set(), a_set()}.
partition(Fun, ?SET(_, Type) = S1, ?SET(Keys, KeyType) = S2) ->
    Plain = not is_integer(Fun) andalso external(Fun) =:= false,
    if
        Plain, KeyType =:= ?ANY -> {S2, S1};
        not Plain, Type =:= ?ANY -> {S1, S1};
        true ->
            {Values, ValueType} = values(Fun, S1),
            _ = unify(ValueType, KeyType),
            {In, Out} = pick(lists:sort(Values), Keys),
            {?SET(lists:sort(In), Type), ?SET(lists:sort(Out), Type)}
    end.

-spec substitution(set_fun(), a_set()) -> a_function().
substitution(Fun, ?SET(L, Type) = S) ->
    Plain = not is_integer(Fun) andalso external(Fun) =:= false,
    if
        Type =:= ?ANY, not Plain; L =:= [], Plain -> empty_set();
        true ->
            {Values, ValueType} = values(Fun, S),
            ?SET([{E, V} || {V, E} <- Values], {Type, ValueType})
    end.

-spec projection(set_fun(), a_set()) -> a_set().
projection(Fun, S) -> range(substitution(Fun, S)).

-spec partition(set_of_sets()) -> a_set().
partition(Sets) ->
    Family = relation_to_family(canonical_relation(Sets)),
    range(relation_to_family(converse(Family))).

-spec partition(set_fun(), a_set()) -> a_set().
partition(Fun, S) -> range(partition_family(Fun, S)).

-spec partition_family(set_fun(), a_set()) -> family().
partition_family(Fun, ?SET(_, Type) = S) ->
    case converse(substitution(Fun, S)) of
        ?SET(_, ?ANY) = Empty -> Empty;
        ?SET(L, {ValueType, _}) -> ?SET(groups(L), {ValueType, [Type]})
    end.

%% Families

family_type(?SET(_, {_, [_]} = Type)) -> Type;
family_type(?SET(_, ?ANY)) -> {?ANY, [?ANY]};
family_type(?SET(_, _)) -> fail(badarg).

-spec family_to_relation(family()) -> binary_relation().
family_to_relation(?SET(_, ?ANY) = F) -> F;
family_to_relation(?SET(L, _) = F) ->
    {DT, [RT]} = family_type(F),
    ?SET([{X, Y} || {X, Ys} <- L, Y <- Ys], {DT, RT}).

-spec fam2rel(family()) -> binary_relation().
fam2rel(F) -> family_to_relation(F).

-spec family_specification(spec_fun(), family()) -> family().
family_specification(Fun, ?SET(L, Type) = F) ->
    {_, RT} = family_type(F),
    Test = tester(Fun, RT),
    ?SET([P || {_, S} = P <- L, Test(S)], Type).

-spec union_of_family(family()) -> a_set().
union_of_family(F) ->
    {_, [Type]} = family_type(F),
    ?SET(lists:umerge(member_sets(F)), Type).

-spec intersection_of_family(family()) -> a_set().
intersection_of_family(?SET([_|_], _) = F) ->
    {_, [Type]} = family_type(F),
    ?SET(common(member_sets(F)), Type);
intersection_of_family(?SET([], _)) -> ?BADARG.

member_sets(?SET(L, _)) -> [S || {_, S} <- L].

%% Each member is replaced; Type is that of the new ones' elements.
mapped(?SET(_, ?ANY) = F, _) -> F;
mapped(?SET(L, _) = F, Fun) ->
    {DT, RT} = family_type(F),
    Type = type(Fun(?SET([], hd(RT)))),
    ?SET([{X, to_external(Fun(?SET(S, hd(RT))))} || {X, S} <- L], {DT, Type}).

-spec family_union(family()) -> family().
family_union(?SET(_, {_, [?ANY]})) -> ?BADARG;
family_union(F) -> mapped(F, fun union/1).

-spec family_intersection(family()) -> family().
family_intersection(?SET(_, ?ANY) = F) -> F;
family_intersection(?SET(L, {DT, [[Type]]})) ->
    _ = [?BADARG || {_, []} <- L],
    ?SET([{X, common(S)} || {X, S} <- L], {DT, [Type]});
family_intersection(?SET(_, _)) -> ?BADARG.

-spec family_domain(family()) -> family().
family_domain(F) -> mapped(F, fun domain/1).

-spec family_range(family()) -> family().
family_range(F) -> mapped(F, fun range/1).

-spec family_field(family()) -> family().
family_field(F) -> mapped(F, fun field/1).

-spec family_union(family(), family()) -> family().
family_union(F1, F2) ->
    {L1, Both, L2, Type} = matched(F1, F2),
    ?SET(lists:merge3(L1, [{X, lists:umerge(A, B)} || {X, A, B} <- Both], L2),
         Type).

-spec family_intersection(family(), family()) -> family().
family_intersection(F1, F2) ->
    {_, Both, _, Type} = matched(F1, F2),
    ?SET([{X, element(2, parts(A, B, [], [], []))} || {X, A, B} <- Both],
         Type).

-spec family_difference(family(), family()) -> family().
family_difference(F1, F2) ->
    {L1, Both, _, Type} = matched(F1, F2),
    Less = [{X, element(1, parts(A, B, [], [], []))} || {X, A, B} <- Both],
    ?SET(lists:merge(L1, Less), Type).

%% The members of the first alone, of both, of the second alone.
matched(?SET(L1, T1), ?SET(L2, T2)) ->
    Type = unify(T1, T2),
    _ = Type =:= ?ANY orelse family_type(?SET([], Type)),
    {A, B, C} = matched(L1, L2, [], [], []),
    {A, B, C, Type}.

matched([{X, S} = P|L1] = All1, [{Y, T} = Q|L2] = All2, A, B, C) ->
    if
        X == Y -> matched(L1, L2, A, [{X, S, T}|B], C);
        X < Y -> matched(L1, All2, [P|A], B, C);
        true -> matched(All1, L2, A, B, [Q|C])
    end;
matched(L1, L2, A, B, C) ->
    {lists:reverse(A, L1), lists:reverse(B), lists:reverse(C, L2)}.

-spec family_projection(set_fun(), family()) -> family().
family_projection(_, ?SET(_, ?ANY) = F) -> F;
family_projection(Fun, ?SET(L, _) = F) ->
    {DT, RT} = family_type(F),
    case external(Fun) of
        _ when L =:= [] -> empty_set();
        false ->
            {Values, Type} =
                applied(fun({_, S}) -> Fun(as_set(S, RT)) end, L),
            ?SET([{X, V} || {V, {X, _}} <- Values], {DT, Type});
        _ -> ?BADARG
    end.

%% Graphs

-spec family_to_digraph(family()) -> digraph:graph().
family_to_digraph(F) -> family_to_digraph(F, []).

-spec family_to_digraph(family(), [digraph:d_type()]) -> digraph:graph().
family_to_digraph(?SET(L, _) = F, Type) ->
    try
        _ = family_type(F),
        digraph:new(Type)
    of
        G ->
            case add_edges(G, L) of
                ok -> G;
                cyclic ->
                    true = digraph:delete(G),
                    erlang:error(cyclic)
            end
    catch
        error:badarg -> ?BADARG
    end.

add_edges(G, [{From, Tos}|L]) ->
    _ = digraph:add_vertex(G, From),
    case lists:all(fun(To) -> is_added(G, From, To) end, Tos) of
        true -> add_edges(G, L);
        false -> cyclic
    end;
add_edges(_, []) -> ok.

is_added(G, From, To) ->
    _ = digraph:add_vertex(G, To),
    case digraph:add_edge(G, From, To) of
        {error, {bad_edge, _}} -> false;
        _ -> true
    end.

-spec digraph_to_family(digraph:graph()) -> family().
digraph_to_family(G) -> digraph_to_family(G, [{atom, [atom]}]).

-spec digraph_to_family(digraph:graph(), type()) -> family().
digraph_to_family(G, [{_, [_]} = Type] = Whole) ->
    ?CHECKED(fun() ->
                    true = is_type(Whole),
                    Vs = lists:usort(digraph:vertices(G)),
                    true = length(Vs) =:= digraph:no_vertices(G),
                    ?SET([{V, lists:usort(digraph:out_neighbours(G, V))}
                          || V <- Vs], Type)
            end);
digraph_to_family(_, _) -> ?BADARG.
