%% SPDX-License-Identifier: Apache-2.0
%% lists: working with lists. What the runtime does in C (member, reverse,
%% keyfind, ...) stands here as a stub; the C function takes its place. The
%% functions of merle_lists answer false when something is wrong with the
%% arguments; the Erlang beside them then fails as it should.
-module(lists).

-compile({no_auto_import, [max/2, min/2]}).

-export([append/1, append/2, subtract/2, reverse/1, reverse/2, nth/2,
         nthtail/2, prefix/2, suffix/2, droplast/1, last/1, seq/2, seq/3,
         sum/1, duplicate/2, min/1, max/1, sublist/2, sublist/3, delete/2,
         zip/2, zip/3, zip3/3, zip3/4, unzip/1, unzip3/1, zipwith/3,
         zipwith/4, zipwith3/4, zipwith3/5, concat/1,
         flatten/1, flatten/2, flatlength/1, join/2, uniq/1, uniq/2,
         enumerate/1, enumerate/2, enumerate/3]).
-export([sort/1, sort/2, usort/1, usort/2, merge/1, merge/2, merge/3,
         merge3/3, umerge/1, umerge/2, umerge/3, umerge3/3, rmerge/2,
         rmerge/3, rmerge3/3, rumerge/2, rumerge/3, rumerge3/3]).
-export([member/2, keymember/3, keysearch/3, keyfind/3, keydelete/3,
         keyreplace/4, keytake/3, keystore/4, keysort/2, keymerge/3,
         ukeysort/2, ukeymerge/3, rkeymerge/3, rukeymerge/3, keymap/3]).
-export([all/2, any/2, map/2, flatmap/2, foldl/3, foldr/3, filter/2,
         partition/2, filtermap/2, zf/2, mapfoldl/3, mapfoldr/3, foreach/2,
         takewhile/2, dropwhile/2, splitwith/2, split/2, search/2]).

%%% Stubs of what is written in C

-spec member(term(), [term()]) -> boolean().
member(_, _) -> erlang:nif_error(undef).

-spec keyfind(term(), pos_integer(), [term()]) -> tuple() | false.
keyfind(_, _, _) -> erlang:nif_error(undef).

-spec keymember(term(), pos_integer(), [term()]) -> boolean().
keymember(_, _, _) -> erlang:nif_error(undef).

-spec keysearch(term(), pos_integer(), [term()]) -> {value, tuple()} | false.
keysearch(_, _, _) -> erlang:nif_error(undef).

-spec reverse([T], term()) -> [T] | term().
reverse(_, _) -> erlang:nif_error(undef).

%%% Parts and pieces

-spec reverse([T]) -> [T].
reverse([]) -> [];
reverse([_] = L) -> L;
reverse([A, B]) -> [B, A];
reverse([A, B | L]) -> lists:reverse(L, [B, A]).

%% Fails as F itself, of which the callers are the helper.
-spec no_clause(atom(), [term()]) -> no_return().
no_clause(F, Args) ->
    {current_stacktrace, [{?MODULE, _, _, Place} | Callers]} =
        process_info(self(), current_stacktrace),
    erlang:raise(error, function_clause,
                 [{?MODULE, F, Args, Place} | named(F, length(Args), Callers)]).

named(F, Arity, [{?MODULE, _, Arity, Place} | Callers]) ->
    [{?MODULE, F, Arity, Place} | named(F, Arity, Callers)];
named(_, _, Callers) -> Callers.

-spec append([T], [T]) -> [T].
append(A, B) -> A ++ B.

-spec append([[T]]) -> [T].
append(Lists) ->
    case merle_lists:append(Lists) of
        false -> append_1(Lists);
        List -> List
    end.

append_1([L]) -> L;
append_1([L | Ls]) -> L ++ append_1(Ls);
append_1([]) -> [];
append_1(Other) -> no_clause(append, [Other]).

-spec subtract([T], [T]) -> [T].
subtract(A, B) -> A -- B.

-spec nth(pos_integer(), [T, ...]) -> T.
nth(1, [H | _]) -> H;
nth(N, [_ | T]) when N > 1 -> nth(N - 1, T).

-spec nthtail(non_neg_integer(), [T]) -> [T].
nthtail(0, L) when is_list(L) -> L;
nthtail(1, [_ | T]) -> T;
nthtail(N, [_ | T]) when N > 1 -> nthtail(N - 1, T).

-spec prefix([T], [T]) -> boolean().
prefix([X | A], [X | B]) -> prefix(A, B);
prefix([], L) when is_list(L) -> true;
prefix([_ | _], L) when is_list(L) -> false.

-spec suffix([T], [T]) -> boolean().
suffix(Suffix, List) ->
    case length(List) - length(Suffix) of
        N when N >= 0 -> nthtail(N, List) =:= Suffix;
        _ -> false
    end.

-spec droplast([T, ...]) -> [T].
droplast([_]) -> [];
droplast([H | T]) -> [H | droplast(T)].

-spec last([T, ...]) -> T.
last([E]) -> E;
last([E | T]) when T =/= [] -> last(E, T).

last(_, [E | T]) -> last(E, T);
last(E, []) -> E.

-spec seq(integer(), integer()) -> [integer()].
seq(First, Last)
  when is_integer(First), is_integer(Last), First - 1 =< Last ->
    case merle_lists:seq(First, Last, 1) of
        false -> seq_loop(Last - First + 1, Last, []);
        List -> List
    end.

seq_loop(N, X, L) when N >= 4 ->
    seq_loop(N - 4, X - 4, [X - 3, X - 2, X - 1, X | L]);
seq_loop(N, X, L) when N > 0 -> seq_loop(N - 1, X - 1, [X | L]);
seq_loop(0, _, L) -> L.

-spec seq(integer(), integer(), integer()) -> [integer()].
seq(First, Last, Step)
  when is_integer(First), is_integer(Last), is_integer(Step),
       (Step > 0 andalso First - Step =< Last
        orelse Step < 0 andalso First - Step >= Last) ->
    N = (Last - First + Step) div Step,
    seq_step(N, Step * (N - 1) + First, Step, []);
seq(Same, Same, 0) when is_integer(Same) -> [Same];
seq(First, Last, Step) ->
    erlang:error(badarg, [First, Last, Step],
                 [{error_info, #{module => erl_stdlib_errors}}]).

seq_step(N, X, Step, L) when N > 0 ->
    seq_step(N - 1, X - Step, Step, [X | L]);
seq_step(0, _, _, L) -> L.

-spec sum([number()]) -> number().
sum(L) ->
    case merle_lists:sum(L) of
        false -> sum(L, 0);
        Sum -> Sum
    end.

sum([H | T], Sum) -> sum(T, Sum + H);
sum([], Sum) -> Sum.

-spec duplicate(non_neg_integer(), T) -> [T].
duplicate(N, X) when is_integer(N), N >= 0 ->
    case merle_lists:duplicate(N, X) of
        false -> duplicate(N, X, []);
        List -> List
    end.

duplicate(0, _, L) -> L;
duplicate(N, X, L) -> duplicate(N - 1, X, [X | L]).

-spec min([T, ...]) -> T.
min([H | T] = L) ->
    case merle_lists:min(L) of
        false -> min(T, H);
        Min -> Min
    end.

min([H | T], Min) when H < Min -> min(T, H);
min([_ | T], Min) -> min(T, Min);
min([], Min) -> Min.

-spec max([T, ...]) -> T.
max([H | T] = L) ->
    case merle_lists:max(L) of
        false -> max(T, H);
        Max -> Max
    end.

max([H | T], Max) when H > Max -> max(T, H);
max([_ | T], Max) -> max(T, Max);
max([], Max) -> Max.

-spec sublist([T], pos_integer(), non_neg_integer()) -> [T].
sublist(List, 1, L) when is_list(List), is_integer(L), L >= 0 ->
    sublist(List, L);
sublist([], S, _) when is_integer(S), S >= 2 -> [];
sublist([_ | T], S, L) when is_integer(S), S >= 2 -> sublist(T, S - 1, L).

-spec sublist([T], non_neg_integer()) -> [T].
sublist(List, L) when is_integer(L), is_list(List) -> sublist_2(List, L).

sublist_2([H | T], L) when L > 0 -> [H | sublist_2(T, L - 1)];
sublist_2(_, 0) -> [];
sublist_2(List, L) when is_list(List), L > 0 -> [].

-spec delete(term(), [T]) -> [T].
delete(X, List) ->
    case merle_lists:delete(X, List) of
        false -> delete_1(X, List);
        Rest -> Rest
    end.

delete_1(X, [X | T]) -> T;
delete_1(X, [H | T]) -> [H | delete_1(X, T)];
delete_1(_, []) -> [];
delete_1(X, Other) -> no_clause(delete, [X, Other]).

-spec zip([A], [B]) -> [{A, B}].
zip(Xs, Ys) ->
    case merle_lists:zip(Xs, Ys) of
        false -> zip_1(Xs, Ys);
        List -> List
    end.

zip_1([X | Xs], [Y | Ys]) -> [{X, Y} | zip_1(Xs, Ys)];
zip_1([], []) -> [];
zip_1(Xs, Ys) -> no_clause(zip, [Xs, Ys]).

%% What of lists that end too soon: they fail, end all, or go on with pads.
-type how(Pads) :: fail | trim | {pad, Pads}.

-spec zip([A], [B], how({A, B})) -> [{A, B}].
zip([X | Xs], [Y | Ys], How) -> [{X, Y} | zip(Xs, Ys, How)];
zip([], [], fail) -> [];
zip([], [], {pad, {_, _}}) -> [];
zip(Xs, Ys, trim) when is_list(Xs), is_list(Ys) -> [];
zip(Xs, Ys, {pad, {X, Y}} = How) when is_list(Xs), is_list(Ys) ->
    zip(padded(Xs, X), padded(Ys, Y), How).

padded([], Pad) -> [Pad];
padded(List, _) -> List.

-spec unzip([{A, B}]) -> {[A], [B]}.
unzip(Ts) ->
    case merle_lists:unzip(Ts) of
        false -> unzip(Ts, [], []);
        Lists -> Lists
    end.

unzip([{X, Y} | Ts], Xs, Ys) -> unzip(Ts, [X | Xs], [Y | Ys]);
unzip([], Xs, Ys) -> {reverse(Xs), reverse(Ys)}.

-spec zip3([A], [B], [C]) -> [{A, B, C}].
zip3([X | Xs], [Y | Ys], [Z | Zs]) -> [{X, Y, Z} | zip3(Xs, Ys, Zs)];
zip3([], [], []) -> [].

-spec zip3([A], [B], [C], how({A, B, C})) -> [{A, B, C}].
zip3([X | Xs], [Y | Ys], [Z | Zs], How) -> [{X, Y, Z} | zip3(Xs, Ys, Zs, How)];
zip3([], [], [], fail) -> [];
zip3([], [], [], {pad, {_, _, _}}) -> [];
zip3(Xs, Ys, Zs, trim) when is_list(Xs), is_list(Ys), is_list(Zs) -> [];
zip3(Xs, Ys, Zs, {pad, {X, Y, Z}} = How)
  when is_list(Xs), is_list(Ys), is_list(Zs) ->
    zip3(padded(Xs, X), padded(Ys, Y), padded(Zs, Z), How).

-spec unzip3([{A, B, C}]) -> {[A], [B], [C]}.
unzip3(Ts) -> unzip3(Ts, [], [], []).

unzip3([{X, Y, Z} | Ts], Xs, Ys, Zs) ->
    unzip3(Ts, [X | Xs], [Y | Ys], [Z | Zs]);
unzip3([], Xs, Ys, Zs) -> {reverse(Xs), reverse(Ys), reverse(Zs)}.

-spec zipwith(fun((A, B) -> T), [A], [B]) -> [T].
zipwith(F, [X | Xs], [Y | Ys]) -> [F(X, Y) | zipwith(F, Xs, Ys)];
zipwith(F, [], []) when is_function(F, 2) -> [].

-spec zipwith(fun((A, B) -> T), [A], [B], how({A, B})) -> [T].
zipwith(F, [X | Xs], [Y | Ys], How) -> [F(X, Y) | zipwith(F, Xs, Ys, How)];
zipwith(F, [], [], fail) when is_function(F, 2) -> [];
zipwith(F, [], [], {pad, {_, _}}) when is_function(F, 2) -> [];
zipwith(F, Xs, Ys, trim) when is_function(F, 2), is_list(Xs), is_list(Ys) -> [];
zipwith(F, Xs, Ys, {pad, {X, Y}} = How) when is_list(Xs), is_list(Ys) ->
    zipwith(F, padded(Xs, X), padded(Ys, Y), How).

-spec zipwith3(fun((A, B, C) -> T), [A], [B], [C]) -> [T].
zipwith3(F, [X | Xs], [Y | Ys], [Z | Zs]) ->
    [F(X, Y, Z) | zipwith3(F, Xs, Ys, Zs)];
zipwith3(F, [], [], []) when is_function(F, 3) -> [].

-spec zipwith3(fun((A, B, C) -> T), [A], [B], [C], how({A, B, C})) -> [T].
zipwith3(F, [X | Xs], [Y | Ys], [Z | Zs], How) ->
    [F(X, Y, Z) | zipwith3(F, Xs, Ys, Zs, How)];
zipwith3(F, [], [], [], fail) when is_function(F, 3) -> [];
zipwith3(F, [], [], [], {pad, {_, _, _}}) when is_function(F, 3) -> [];
zipwith3(F, Xs, Ys, Zs, trim)
  when is_function(F, 3), is_list(Xs), is_list(Ys), is_list(Zs) -> [];
zipwith3(F, Xs, Ys, Zs, {pad, {X, Y, Z}} = How)
  when is_list(Xs), is_list(Ys), is_list(Zs) ->
    zipwith3(F, padded(Xs, X), padded(Ys, Y), padded(Zs, Z), How).

-spec concat([atom() | integer() | float() | string()]) -> string().
concat(Things) -> flatmap(fun thing_to_list/1, Things).

thing_to_list(X) when is_integer(X) -> integer_to_list(X);
thing_to_list(X) when is_float(X) -> float_to_list(X);
thing_to_list(X) when is_atom(X) -> atom_to_list(X);
thing_to_list(X) when is_list(X) -> X.

-spec flatten([term()]) -> [term()].
flatten(List) when is_list(List) ->
    case merle_lists:flatten(List) of
        false -> do_flatten(List, []);
        Flat -> Flat
    end.

-spec flatten([term()], [term()]) -> [term()].
flatten(List, Tail) when is_list(List), is_list(Tail) ->
    do_flatten(List, Tail).

do_flatten([H | T], Tail) when is_list(H) ->
    do_flatten(H, do_flatten(T, Tail));
do_flatten([H | T], Tail) -> [H | do_flatten(T, Tail)];
do_flatten([], Tail) -> Tail.

-spec flatlength([term()]) -> non_neg_integer().
flatlength(List) -> flatlength(List, 0).

flatlength([H | T], N) when is_list(H) -> flatlength(H, flatlength(T, N));
flatlength([_ | T], N) -> flatlength(T, N + 1);
flatlength([], N) -> N.

-spec join(T, [T]) -> [T].
join(_, []) -> [];
join(Sep, [H | T]) -> [H | join_1(Sep, T)].

join_1(Sep, [H | T]) -> [Sep, H | join_1(Sep, T)];
join_1(_, []) -> [].

-spec uniq([T]) -> [T].
uniq(L) -> uniq_1(L, #{}).

uniq_1([X | Xs], Seen) ->
    case is_map_key(X, Seen) of
        true -> uniq_1(Xs, Seen);
        false -> [X | uniq_1(Xs, Seen#{X => true})]
    end;
uniq_1([], _) -> [].

-spec uniq(fun((T) -> term()), [T]) -> [T].
uniq(F, L) when is_function(F, 1) -> uniq_2(L, F, #{}).

uniq_2([X | Xs], F, Seen) ->
    Key = F(X),
    case is_map_key(Key, Seen) of
        true -> uniq_2(Xs, F, Seen);
        false -> [X | uniq_2(Xs, F, Seen#{Key => true})]
    end;
uniq_2([], _, _) -> [].

-spec enumerate([T]) -> [{integer(), T}].
enumerate(L) when is_list(L) -> enumerate_1(1, 1, L).

-spec enumerate(integer(), [T]) -> [{integer(), T}].
enumerate(I, L) when is_integer(I), is_list(L) -> enumerate_1(I, 1, L).

-spec enumerate(integer(), integer(), [T]) -> [{integer(), T}].
enumerate(I, Step, L) when is_integer(I), is_integer(Step), is_list(L) ->
    enumerate_1(I, Step, L).

enumerate_1(I, Step, [H | T]) -> [{I, H} | enumerate_1(I + Step, Step, T)];
enumerate_1(_, _, []) -> [].

%%% Sorting: merge sort over the runs that the list already has

-spec sort([T]) -> [T].
sort([]) -> [];
sort([_] = L) -> L;
sort([X | T] = L) when length(T) >= 0 ->
    case merle_lists:sort(L) of
        false -> merge_runs(runs(X, T, []));
        Sorted -> Sorted
    end.

%% The ascending runs of the list, the last one first; a strictly descending
%% run is turned round.
runs(X, [Y | T], Runs) when X =< Y -> up(Y, T, [X], Runs);
runs(X, [Y | T], Runs) -> down(Y, T, [X], Runs);
runs(X, [], Runs) -> [[X] | Runs].

up(X, [Y | T], Run, Runs) when X =< Y -> up(Y, T, [X | Run], Runs);
up(X, [Y | T], Run, Runs) ->
    runs(Y, T, [lists:reverse(Run, [X]) | Runs]);
up(X, [], Run, Runs) -> [lists:reverse(Run, [X]) | Runs].

down(X, [Y | T], Run, Runs) when X > Y -> down(Y, T, [X | Run], Runs);
down(X, [Y | T], Run, Runs) -> runs(Y, T, [[X | Run] | Runs]);
down(X, [], Run, Runs) -> [[X | Run] | Runs].

%% Merges neighbours until one run is left. [Runs] has the last run first,
%% so the order of equal elements is kept by merging the second into place
%% before the first.
merge_runs([Run]) -> Run;
merge_runs(Runs) -> merge_up(pairs(Runs, [])).

merge_up([Run]) -> Run;
merge_up(Runs) -> merge_runs(pairs_up(Runs, [])).

pairs([B, A | Runs], Acc) -> pairs(Runs, [merge2(A, B, []) | Acc]);
pairs([A], Acc) -> [A | Acc];
pairs([], Acc) -> Acc.

pairs_up([A, B | Runs], Acc) -> pairs_up(Runs, [merge2(A, B, []) | Acc]);
pairs_up([A], Acc) -> [A | Acc];
pairs_up([], Acc) -> Acc.

%% Ascending merge, of equal elements the left one first.
merge2([X | Xs], [Y | _] = Ys, Acc) when X =< Y ->
    merge2(Xs, Ys, [X | Acc]);
merge2([_ | _] = Xs, [Y | Ys], Acc) -> merge2(Xs, Ys, [Y | Acc]);
merge2([], Ys, Acc) -> lists:reverse(Acc, Ys);
merge2(Xs, [], Acc) -> lists:reverse(Acc, Xs).

-spec sort(fun((T, T) -> boolean()), [T]) -> [T].
sort(Fun, []) when is_function(Fun, 2) -> [];
sort(Fun, [_] = L) when is_function(Fun, 2) -> L;
sort(Fun, [X, Y | T]) ->
    case Fun(X, Y) of
        Up when is_boolean(Up) ->
            Runs = fruns(Fun, Up, T, Y, X, [], []),
            fmerge_runs(Fun, not Up, Up, Runs, [])
    end.

%% The fun may be any: which elements it is asked about, and in what order, is
%% seen by it, and decides the answer when it is no order. [Up] is its answer
%% for the first two: all runs go that way. They are held from their end, [Y],
%% on; an element that fits neither there nor below Y's neighbour [X] becomes
%% the first of the run, or waits for the next one.
fruns(Fun, Up, [Z | T], Y, X, Run, Runs) ->
    case Fun(Y, Z) of
        Up -> fruns(Fun, Up, T, Z, Y, [X | Run], Runs);
        Down when Down =:= not Up ->
            case Fun(X, Z) of
                Up -> fruns(Fun, Up, T, Y, Z, [X | Run], Runs);
                Down when Run =:= [] ->
                    fruns(Fun, Up, T, Y, X, [Z], Runs);
                Down ->
                    fruns(Fun, Up, T, Y, X, Run, Runs, Z)
            end
    end;
fruns(_, _, [], Y, X, Run, Runs) -> [[Y, X | Run] | Runs].

fruns(Fun, Up, [Z | T], Y, X, Run, Runs, Waits) ->
    case Fun(Y, Z) of
        Up -> fruns(Fun, Up, T, Z, Y, [X | Run], Runs, Waits);
        Down when Down =:= not Up ->
            case Fun(X, Z) of
                Up -> fruns(Fun, Up, T, Y, Z, [X | Run], Runs, Waits);
                Down ->
                    More = [[Y, X | Run] | Runs],
                    case Fun(Waits, Z) of
                        Up -> fruns(Fun, Up, T, Z, Waits, [], More);
                        Down -> fruns(Fun, Up, T, Waits, Z, [], More)
                    end
            end
    end;
fruns(_, _, [], Y, X, Run, Runs, Waits) -> [[Waits], [Y, X | Run] | Runs].

%% Merges neighbours until one run is left, which ascends. Each pass turns the
%% runs round: they ascend when [Left] is true, see fmerge2. [Up] tells which of
%% two came first in the list: its elements go before equal ones.
fmerge_runs(_, true, _, [Run], []) -> Run;
fmerge_runs(Fun, Left, Up, [A, B | Runs], Acc) ->
    Run = case Left of
              Up -> fmerge2(Fun, Left, A, B, []);
              _ -> fmerge2(Fun, Left, B, A, [])
          end,
    fmerge_runs(Fun, Left, Up, Runs, [Run | Acc]);
fmerge_runs(Fun, Left, Up, [Run], Acc) ->
    fmerge_runs(Fun, not Left, Up, [lists:reverse(Run) | Acc], []);
fmerge_runs(Fun, Left, Up, [], Acc) ->
    fmerge_runs(Fun, not Left, Up, Acc, []).

%% What is merged, backwards. [Left] is the answer of the fun by which the left
%% one's element goes first.
fmerge2(Fun, Left, [X | Xs] = A, [Y | Ys] = B, Acc) ->
    case Fun(X, Y) of
        Left -> fmerge2(Fun, Left, Xs, B, [X | Acc]);
        Right when Right =:= not Left -> fmerge2(Fun, Left, A, Ys, [Y | Acc])
    end;
fmerge2(_, _, [], B, Acc) -> lists:reverse(B, Acc);
fmerge2(_, _, A, [], Acc) -> lists:reverse(A, Acc).

-spec usort([T]) -> [T].
usort([]) -> [];
usort([_] = L) -> L;
usort([_ | T] = L) when length(T) >= 0 ->
    case merle_lists:usort(L) of
        false -> unique(sort(L));
        Sorted -> Sorted
    end.

unique([X | T]) -> unique(X, T).

%% Drops what compares equal to its left neighbour.
unique(X, [Y | T]) when X == Y -> unique(X, T);
unique(X, [Y | T]) -> [X | unique(Y, T)];
unique(X, []) -> [X].

-spec usort(fun((T, T) -> boolean()), [T]) -> [T].
usort(Fun, []) when is_function(Fun, 2) -> [];
usort(Fun, [_] = L) when is_function(Fun, 2) -> L;
usort(Fun, [_ | _] = L) when is_function(Fun, 2) ->
    funique(Fun, sort(Fun, L)).

funique(Fun, [X | T]) -> funique(Fun, X, T).

%% In a sorted list Fun(X, Y) holds; both are equal when Fun(Y, X) does too.
funique(Fun, X, [Y | T]) ->
    case Fun(Y, X) of
        true -> funique(Fun, X, T);
        false -> [X | funique(Fun, Y, T)]
    end;
funique(_, X, []) -> [X].

%%% Merging sorted lists

-spec merge([[T]]) -> [T].
merge([]) -> [];
merge(Lists) -> merge_up(Lists).

-spec merge([T], [T]) -> [T].
merge(A, []) -> A;
merge([], B) -> B;
merge([_ | _] = A, [_ | _] = B) -> merge2(A, B, []).

merge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> merge(merge(A, B), C).

-spec merge(fun((T, T) -> boolean()), [T], [T]) -> [T].
merge(Fun, A, B) when is_function(Fun, 2), is_list(A), is_list(B) ->
    reverse(fmerge2(Fun, true, A, B, [])).

-spec rmerge([T], [T]) -> [T].
%% Of equal elements those of A are behind those of B: the lists are reversed.
rmerge(A, B) when is_list(A), is_list(B) ->
    reverse(merge(reverse(A), reverse(B))).

rmerge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> rmerge(A, rmerge(B, C)).

rmerge(Fun, A, B) when is_function(Fun, 2) ->
    reverse(merge(Fun, reverse(A), reverse(B))).

-spec umerge([[T]]) -> [T].
umerge([]) -> [];
umerge([L]) -> L;
umerge([A, B | Lists]) -> umerge([umerge(A, B) | Lists]).

-spec umerge([T], [T]) -> [T].
umerge([], B) -> B;
umerge(A, []) -> A;
umerge([X | Xs] = A, [Y | Ys] = B) ->
    if
        X < Y -> [X | umerge(Xs, B)];
        X == Y -> [X | umerge(Xs, Ys)];
        true -> [Y | umerge(A, Ys)]
    end.

umerge3(A, B, C) when is_list(A), is_list(B), is_list(C) ->
    umerge(umerge(A, B), C).

-spec umerge(fun((T, T) -> boolean()), [T], [T]) -> [T].
umerge(Fun, [], B) when is_function(Fun, 2) -> B;
umerge(Fun, A, []) when is_function(Fun, 2) -> A;
umerge(Fun, [X | Xs] = A, [Y | Ys] = B) ->
    case Fun(X, Y) of
        true ->
            case Fun(Y, X) of
                true -> [X | umerge(Fun, Xs, Ys)];
                false -> [X | umerge(Fun, Xs, B)]
            end;
        false -> [Y | umerge(Fun, A, Ys)]
    end.

rumerge(A, B) when is_list(A), is_list(B) ->
    reverse(umerge(reverse(A), reverse(B))).

rumerge3(A, B, C) when is_list(A), is_list(B), is_list(C) ->
    rumerge(rumerge(A, B), C).

rumerge(Fun, A, B) when is_function(Fun, 2) ->
    reverse(umerge(Fun, reverse(A), reverse(B))).

%%% Lists of tuples

-spec keydelete(term(), pos_integer(), [T]) -> [T].
keydelete(K, N, L) when is_integer(N), N > 0 ->
    case merle_lists:keydelete(K, N, L) of
        false -> keydelete3(K, N, L);
        Rest -> Rest
    end.

keydelete3(Key, N, [H | T]) when element(N, H) == Key -> T;
keydelete3(Key, N, [H | T]) -> [H | keydelete3(Key, N, T)];
keydelete3(_, _, []) -> [].

-spec keyreplace(term(), pos_integer(), [T], tuple()) -> [T | tuple()].
keyreplace(K, N, L, New) when is_integer(N), N > 0, is_tuple(New) ->
    keyreplace3(K, N, L, New).

keyreplace3(Key, N, [H | T], New) when element(N, H) == Key -> [New | T];
keyreplace3(Key, N, [H | T], New) -> [H | keyreplace3(Key, N, T, New)];
keyreplace3(_, _, [], _) -> [].

-spec keytake(term(), pos_integer(), [tuple()]) ->
          {value, tuple(), [tuple()]} | false.
keytake(Key, N, L) when is_integer(N), N > 0 -> keytake(Key, N, L, []).

keytake(Key, N, [H | T], L) when element(N, H) == Key ->
    {value, H, lists:reverse(L, T)};
keytake(Key, N, [H | T], L) -> keytake(Key, N, T, [H | L]);
keytake(_, _, [], _) -> false.

-spec keystore(term(), pos_integer(), [T], tuple()) -> [T | tuple(), ...].
keystore(K, N, L, New) when is_integer(N), N > 0, is_tuple(New) ->
    keystore2(K, N, L, New).

keystore2(Key, N, [H | T], New) when element(N, H) == Key -> [New | T];
keystore2(Key, N, [H | T], New) -> [H | keystore2(Key, N, T, New)];
keystore2(_, _, [], New) -> [New].

-spec keysort(pos_integer(), [T]) -> [T].
keysort(I, L) when is_integer(I), I > 0 ->
    case L of
        [] -> [];
        [_] -> L;
        [_, _ | _] ->
            case merle_lists:keysort(I, L) of
                false ->
                    sort(fun(A, B) -> element(I, A) =< element(I, B) end, L);
                Sorted -> Sorted
            end
    end.

-spec keymerge(pos_integer(), [T], [T]) -> [T].
keymerge(I, A, B) when is_integer(I), I > 0 ->
    merge(fun(X, Y) -> element(I, X) =< element(I, Y) end, A, B).

rkeymerge(I, A, B) when is_integer(I), I > 0 ->
    reverse(keymerge(I, reverse(A), reverse(B))).

-spec ukeysort(pos_integer(), [T]) -> [T].
ukeysort(I, L) when is_integer(I), I > 0 ->
    case merle_lists:ukeysort(I, L) of
        false ->
            case keysort(I, L) of
                [X | T] when T =/= [] -> ukeys(I, X, T);
                Short -> Short
            end;
        Sorted -> Sorted
    end.

ukeys(I, X, [Y | T]) when element(I, X) == element(I, Y) -> ukeys(I, X, T);
ukeys(I, X, [Y | T]) -> [X | ukeys(I, Y, T)];
ukeys(_, X, []) -> [X].

-spec ukeymerge(pos_integer(), [T], [T]) -> [T].
ukeymerge(I, A, B) when is_integer(I), I > 0 ->
    umerge(fun(X, Y) -> element(I, X) =< element(I, Y) end, A, B).

rukeymerge(I, A, B) when is_integer(I), I > 0 ->
    reverse(ukeymerge(I, reverse(A), reverse(B))).

-spec keymap(fun((term()) -> term()), pos_integer(), [tuple()]) -> [tuple()].
keymap(Fun, Index, [Tuple | Tail]) ->
    [setelement(Index, Tuple, Fun(element(Index, Tuple)))
     | keymap(Fun, Index, Tail)];
keymap(Fun, Index, []) when is_integer(Index), Index >= 1,
                            is_function(Fun, 1) -> [].

%%% Funs over lists

-spec all(fun((T) -> boolean()), [T]) -> boolean().
all(Pred, List) when is_function(Pred, 1) ->
    case List of
        [H | T] ->
            case Pred(H) of
                true -> all_1(Pred, T);
                false -> false
            end;
        [] -> true
    end.

all_1(Pred, [H | T]) ->
    case Pred(H) of
        true -> all_1(Pred, T);
        false -> false
    end;
all_1(_, []) -> true.

-spec any(fun((T) -> boolean()), [T]) -> boolean().
any(Pred, List) when is_function(Pred, 1) ->
    case List of
        [H | T] ->
            case Pred(H) of
                true -> true;
                false -> any_1(Pred, T)
            end;
        [] -> false
    end.

any_1(Pred, [H | T]) ->
    case Pred(H) of
        true -> true;
        false -> any_1(Pred, T)
    end;
any_1(_, []) -> false.

-spec map(fun((A) -> B), [A]) -> [B].
map(F, List) when is_function(F, 1) ->
    case List of
        [H | T] -> [F(H) | map_1(F, T)];
        [] -> []
    end.

map_1(F, [H | T]) -> [F(H) | map_1(F, T)];
map_1(_, []) -> [].

-spec flatmap(fun((A) -> [B]), [A]) -> [B].
flatmap(F, List) when is_function(F, 1) -> flatmap_1(F, List).

flatmap_1(F, [H | T]) -> F(H) ++ flatmap_1(F, T);
flatmap_1(_, []) -> [].

-spec foldl(fun((T, Acc) -> Acc), Acc, [T]) -> Acc.
foldl(F, Acc, List) when is_function(F, 2) ->
    case List of
        [H | T] -> foldl_1(F, F(H, Acc), T);
        [] -> Acc
    end.

foldl_1(F, Acc, [H | T]) -> foldl_1(F, F(H, Acc), T);
foldl_1(_, Acc, []) -> Acc.

-spec foldr(fun((T, Acc) -> Acc), Acc, [T]) -> Acc.
foldr(F, Acc, List) when is_function(F, 2) -> foldr_1(F, Acc, List).

foldr_1(F, Acc, [H | T]) -> F(H, foldr_1(F, Acc, T));
foldr_1(_, Acc, []) -> Acc.

-spec filter(fun((T) -> boolean()), [T]) -> [T].
filter(Pred, List) when is_function(Pred, 1) -> [E || E <- List, Pred(E)].

-spec partition(fun((T) -> boolean()), [T]) -> {[T], [T]}.
partition(Pred, L) when is_function(Pred, 1) -> partition_1(Pred, L, [], []).

partition_1(Pred, [H | T], As, Bs) ->
    case Pred(H) of
        true -> partition_1(Pred, T, [H | As], Bs);
        false -> partition_1(Pred, T, As, [H | Bs])
    end;
partition_1(_, [], As, Bs) -> {reverse(As), reverse(Bs)}.

-spec filtermap(fun((T) -> boolean() | {true, A}), [T]) -> [T | A].
filtermap(F, List) when is_function(F, 1) -> filtermap_1(F, List).

filtermap_1(F, [H | T]) ->
    case F(H) of
        true -> [H | filtermap_1(F, T)];
        {true, Value} -> [Value | filtermap_1(F, T)];
        false -> filtermap_1(F, T)
    end;
filtermap_1(_, []) -> [].

zf(F, L) -> filtermap(F, L).

-spec mapfoldl(fun((A, Acc) -> {B, Acc}), Acc, [A]) -> {[B], Acc}.
mapfoldl(F, Acc, List) when is_function(F, 2) -> mapfoldl_1(F, Acc, List).

mapfoldl_1(F, Acc0, [H | T]) ->
    {R, Acc1} = F(H, Acc0),
    {Rs, Acc2} = mapfoldl_1(F, Acc1, T),
    {[R | Rs], Acc2};
mapfoldl_1(_, Acc, []) -> {[], Acc}.

-spec mapfoldr(fun((A, Acc) -> {B, Acc}), Acc, [A]) -> {[B], Acc}.
mapfoldr(F, Acc, List) when is_function(F, 2) -> mapfoldr_1(F, Acc, List).

mapfoldr_1(F, Acc0, [H | T]) ->
    {Rs, Acc1} = mapfoldr_1(F, Acc0, T),
    {R, Acc2} = F(H, Acc1),
    {[R | Rs], Acc2};
mapfoldr_1(_, Acc, []) -> {[], Acc}.

-spec foreach(fun((T) -> term()), [T]) -> ok.
foreach(F, List) when is_function(F, 1) -> foreach_1(F, List).

foreach_1(F, [H | T]) ->
    F(H),
    foreach_1(F, T);
foreach_1(_, []) -> ok.

-spec takewhile(fun((T) -> boolean()), [T]) -> [T].
takewhile(Pred, List) when is_function(Pred, 1) -> takewhile_1(Pred, List).

takewhile_1(Pred, [H | T]) ->
    case Pred(H) of
        true -> [H | takewhile_1(Pred, T)];
        false -> []
    end;
takewhile_1(_, []) -> [].

-spec dropwhile(fun((T) -> boolean()), [T]) -> [T].
dropwhile(Pred, List) when is_function(Pred, 1) -> dropwhile_1(Pred, List).

dropwhile_1(Pred, [H | T] = Rest) ->
    case Pred(H) of
        true -> dropwhile_1(Pred, T);
        false -> Rest
    end;
dropwhile_1(_, []) -> [].

-spec search(fun((T) -> boolean()), [T]) -> {value, T} | false.
search(Pred, List) when is_function(Pred, 1) -> search_1(Pred, List).

search_1(Pred, [H | T]) ->
    case Pred(H) of
        true -> {value, H};
        false -> search_1(Pred, T)
    end;
search_1(_, []) -> false.

-spec splitwith(fun((T) -> boolean()), [T]) -> {[T], [T]}.
splitwith(Pred, List) when is_function(Pred, 1) ->
    splitwith_1(Pred, List, []).

splitwith_1(Pred, [H | T], Taken) ->
    case Pred(H) of
        true -> splitwith_1(Pred, T, [H | Taken]);
        false -> {reverse(Taken), [H | T]}
    end;
splitwith_1(_, [], Taken) -> {reverse(Taken), []}.

-spec split(non_neg_integer(), [T]) -> {[T], [T]}.
split(N, List) when is_integer(N), N >= 0, is_list(List) ->
    case split(N, List, []) of
        {_, _} = Result -> Result;
        Fault when is_atom(Fault) -> erlang:error(Fault, [N, List])
    end;
split(N, List) -> erlang:error(badarg, [N, List]).

split(0, L, R) -> {lists:reverse(R, []), L};
split(N, [H | T], R) -> split(N - 1, T, [H | R]);
split(_, [], _) -> badarg.
