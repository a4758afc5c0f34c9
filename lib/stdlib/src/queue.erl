%% SPDX-License-Identifier: Apache-2.0
%% queue: double-ended queues as {Rear, Front}, the rear reversed. Both lists
%% hold something as soon as there are two elements.
-module(queue).

-export([new/0, is_queue/1, is_empty/1, len/1, to_list/1, from_list/1,
         member/2, in/2, in_r/2, out/1, out_r/1, get/1, get_r/1, peek/1,
         peek_r/1, drop/1, drop_r/1, reverse/1, join/2, split/2, filter/2,
         filtermap/2, fold/3, any/2, all/2, delete/2, delete_r/2,
         delete_with/2, delete_with_r/2, cons/2, head/1, tail/1, snoc/2,
         last/1, daeh/1, init/1, liat/1, lait/1]).

-export_type([queue/0, queue/1]).

-opaque queue(Item) :: {list(Item), list(Item)}.
-type queue() :: queue(_).

-define(BADARG(Args), erlang:error(badarg, Args)).

-spec new() -> queue(none()).
new() -> {[], []}.

-spec is_queue(term()) -> boolean().
is_queue({R, F}) -> is_list(R) andalso is_list(F);
is_queue(_) -> false.

-spec is_empty(queue()) -> boolean().
is_empty({[], []}) -> true;
is_empty({R, F}) when is_list(R), is_list(F) -> false;
is_empty(Q) -> ?BADARG([Q]).

-spec len(queue()) -> non_neg_integer().
len({R, F}) when is_list(R), is_list(F) -> length(R) + length(F);
len(Q) -> ?BADARG([Q]).

-spec to_list(queue(T)) -> [T].
to_list({R, F}) when is_list(R), is_list(F) -> F ++ lists:reverse(R, []);
to_list(Q) -> ?BADARG([Q]).

-spec from_list([T]) -> queue(T).
from_list(L) when is_list(L) -> from_front(L);
from_list(L) -> ?BADARG([L]).

%% A queue of a list that is its front, and the other way round: the side that
%% was empty gets the larger half.
from_front([]) -> {[], []};
from_front([_] = F) -> {F, []};
from_front(L) ->
    {F, R} = lists:split(length(L) div 2, L),
    {lists:reverse(R, []), F}.

from_rear([]) -> {[], []};
from_rear([_] = R) -> {[], R};
from_rear(L) ->
    {R, F} = lists:split(length(L) div 2, L),
    {R, lists:reverse(F, [])}.

member(X, {R, F}) when is_list(R), is_list(F) ->
    lists:member(X, R) orelse lists:member(X, F);
member(X, Q) -> ?BADARG([X, Q]).

-spec in(T, queue(T)) -> queue(T).
in(X, {[_] = R, []}) -> {[X], R};
in(X, {R, F}) when is_list(R), is_list(F) -> {[X | R], F};
in(X, Q) -> ?BADARG([X, Q]).

-spec in_r(T, queue(T)) -> queue(T).
in_r(X, {[], [_] = F}) -> {F, [X]};
in_r(X, {R, F}) when is_list(R), is_list(F) -> {R, [X | F]};
in_r(X, Q) -> ?BADARG([X, Q]).

-spec out(queue(T)) -> {{value, T}, queue(T)} | {empty, queue(T)}.
out({[], []} = Q) -> {empty, Q};
out({[X], []}) -> {{value, X}, {[], []}};
out({[Y | R], []}) ->
    [X | F] = lists:reverse(R, []),
    {{value, X}, {[Y], F}};
out({R, [X]}) when is_list(R) -> {{value, X}, from_rear(R)};
out({R, [X | F]}) when is_list(R) -> {{value, X}, {R, F}};
out(Q) -> ?BADARG([Q]).

-spec out_r(queue(T)) -> {{value, T}, queue(T)} | {empty, queue(T)}.
out_r({[], []} = Q) -> {empty, Q};
out_r({[], [X]}) -> {{value, X}, {[], []}};
out_r({[], [Y | F]}) ->
    [X | R] = lists:reverse(F, []),
    {{value, X}, {R, [Y]}};
out_r({[X], F}) when is_list(F) -> {{value, X}, from_front(F)};
out_r({[X | R], F}) when is_list(F) -> {{value, X}, {R, F}};
out_r(Q) -> ?BADARG([Q]).

get({[], []} = Q) -> erlang:error(empty, [Q]);
get({R, F}) when is_list(R), is_list(F) -> front(R, F);
get(Q) -> ?BADARG([Q]).

front(_, [X | _]) -> X;
front([X], []) -> X;
front([_ | R], []) -> lists:last(R).

get_r({[], []} = Q) -> erlang:error(empty, [Q]);
get_r({[X | _], F}) when is_list(F) -> X;
get_r({[], [X]}) -> X;
get_r({[], [_ | F]}) -> lists:last(F);
get_r(Q) -> ?BADARG([Q]).

peek({[], []}) -> empty;
peek({R, F}) when is_list(R), is_list(F) -> {value, front(R, F)};
peek(Q) -> ?BADARG([Q]).

peek_r({[], []}) -> empty;
peek_r({[X | _], F}) when is_list(F) -> {value, X};
peek_r({[], [X]}) -> {value, X};
peek_r({[], [_ | F]}) -> {value, lists:last(F)};
peek_r(Q) -> ?BADARG([Q]).

drop({[], []} = Q) -> erlang:error(empty, [Q]);
drop(Q) ->
    try out(Q) of
        {_, Rest} -> Rest
    catch
        error:badarg -> ?BADARG([Q])
    end.

drop_r({[], []} = Q) -> erlang:error(empty, [Q]);
drop_r(Q) ->
    try out_r(Q) of
        {_, Rest} -> Rest
    catch
        error:badarg -> ?BADARG([Q])
    end.

reverse({R, F}) when is_list(R), is_list(F) -> {F, R};
reverse(Q) -> ?BADARG([Q]).

join({R, F} = Q, {[], []}) when is_list(R), is_list(F) -> Q;
join({[], []}, {R, F} = Q) when is_list(R), is_list(F) -> Q;
join({R1, F1}, {R2, F2})
  when is_list(R1), is_list(F1), is_list(R2), is_list(F2) ->
    {R2, F1 ++ lists:reverse(R1, F2)};
join(Q1, Q2) -> ?BADARG([Q1, Q2]).

split(0, {R, F} = Q) when is_list(R), is_list(F) -> {{[], []}, Q};
split(N, {R, F} = Q) when is_integer(N), N >= 1, is_list(R), is_list(F) ->
    InFront = length(F),
    case InFront + length(R) - N of
        0 -> {Q, {[], []}};
        _ when N =:= InFront -> {from_front(F), from_rear(R)};
        _ when N < InFront ->
            {[X | First], Rest} = lists:split(N, F),
            {{lists:reverse(First, []), [X]}, {R, Rest}};
        Left when Left > 0 ->
            {[X | Last], Rest} = lists:split(Left, R),
            {{Rest, F}, {[X], lists:reverse(Last, [])}};
        _ -> ?BADARG([N, Q])
    end;
split(N, Q) -> ?BADARG([N, Q]).

%% Each side keeps what was its own, unless nothing is left of one.
balanced([], F) -> from_front(F);
balanced(R, []) -> from_rear(R);
balanced(R, F) -> {R, F}.

filter(Fun, {R, F}) when is_function(Fun, 1), is_list(R), is_list(F) ->
    Keep = fun(X) ->
                   case Fun(X) of
                       true -> [X];
                       false -> [];
                       L when is_list(L) -> L
                   end
           end,
    Front = lists:flatmap(Keep, F),
    Rear = lists:flatmap(Keep, lists:reverse(R, [])),
    balanced(lists:reverse(Rear, []), Front);
filter(Fun, Q) -> ?BADARG([Fun, Q]).

filtermap(Fun, {R, F}) when is_function(Fun, 1), is_list(R), is_list(F) ->
    Front = lists:filtermap(Fun, F),
    Rear = lists:filtermap(Fun, lists:reverse(R, [])),
    balanced(lists:reverse(Rear, []), Front);
filtermap(Fun, Q) -> ?BADARG([Fun, Q]).

fold(Fun, Acc, {R, F} = Q)
  when is_function(Fun, 2), is_list(R), is_list(F) ->
    lists:foldl(Fun, Acc, to_list(Q));
fold(Fun, Acc, Q) -> ?BADARG([Fun, Acc, Q]).

any(Pred, {R, F}) when is_function(Pred, 1), is_list(R), is_list(F) ->
    lists:any(Pred, F) orelse lists:any(Pred, R);
any(Pred, Q) -> ?BADARG([Pred, Q]).

all(Pred, {R, F}) when is_function(Pred, 1), is_list(R), is_list(F) ->
    lists:all(Pred, F) andalso lists:all(Pred, R);
all(Pred, Q) -> ?BADARG([Pred, Q]).

delete(X, {R, F} = Q) when is_list(R), is_list(F) ->
    first_deleted(fun(Y) -> Y =:= X end, Q);
delete(X, Q) -> ?BADARG([X, Q]).

delete_r(X, {R, F} = Q) when is_list(R), is_list(F) ->
    reverse(first_deleted(fun(Y) -> Y =:= X end, reverse(Q)));
delete_r(X, Q) -> ?BADARG([X, Q]).

delete_with(Pred, {R, F} = Q)
  when is_function(Pred, 1), is_list(R), is_list(F) ->
    first_deleted(Pred, Q);
delete_with(Pred, Q) -> ?BADARG([Pred, Q]).

delete_with_r(Pred, {R, F} = Q)
  when is_function(Pred, 1), is_list(R), is_list(F) ->
    reverse(first_deleted(Pred, reverse(Q)));
delete_with_r(Pred, Q) -> ?BADARG([Pred, Q]).

first_deleted(Pred, {R, F} = Q) ->
    case without_first(Pred, F) of
        none ->
            case without_first(Pred, lists:reverse(R, [])) of
                none -> Q;
                Rear -> balanced(lists:reverse(Rear, []), F)
            end;
        Front -> balanced(R, Front)
    end.

without_first(Pred, L) ->
    case lists:splitwith(fun(X) -> not Pred(X) end, L) of
        {_, []} -> none;
        {Before, [_ | After]} -> Before ++ After
    end.

%%% The names of Okasaki's

cons(X, Q) -> in_r(X, Q).
head({[], []} = Q) -> erlang:error(empty, [Q]);
head({R, F}) when is_list(R), is_list(F) -> front(R, F);
head(Q) -> ?BADARG([Q]).
tail(Q) -> drop(Q).
snoc(Q, X) -> in(X, Q).
daeh(Q) -> get_r(Q).
last(Q) -> get_r(Q).
liat(Q) -> drop_r(Q).
lait(Q) -> drop_r(Q).
init(Q) -> drop_r(Q).
