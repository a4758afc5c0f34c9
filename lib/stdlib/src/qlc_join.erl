%% SPDX-License-Identifier: Apache-2.0
%% Pairs of the objects of two generators that are equal in a column, as
%% [Object1 | Object2].
-module(qlc_join).

-export([pairs/4]).

-include("qlc.hrl").

%% [Reverse]: those of the first side come last in a pair.
-spec pairs(#join{}, {term(), term()}, boolean(), reference()) -> term().
pairs(#join{how = {lookup, _, Lookup}, from_column = C1, to_column = C2},
      {Objects, _}, Reverse, _) ->
    look_up(Objects, C1, fun(Key) -> Lookup(C2, [Key]) end, Reverse);
pairs(#join{how = {merge, _}, from_column = C1, to_column = C2,
            settings = Settings}, {Left, Right}, _, Run) ->
    merge({Left, C1}, {Right, C2}, {Settings, Run}).

look_up(Objects, Column, Lookup, Reverse) ->
    qlc_run:next(Objects,
        fun([]) -> [];
           ([Object | More]) ->
                Next = fun() -> look_up(More, Column, Lookup, Reverse) end,
                case Lookup(element(Column, Object)) of
                    [] -> Next();
                    Found when is_list(Found), Reverse ->
                        [[F | Object] || F <- Found] ++ Next;
                    Found when is_list(Found) ->
                        [[Object | F] || F <- Found] ++ Next;
                    Error -> Error
                end
        end).

%% ---- Merging: both sides are sorted by their columns ----

merge({{failed, Error}, _}, _, _) -> Error;
merge(_, {{failed, Error}, _}, _) -> Error;
merge({Left, C1}, {Right, C2}, Env) ->
    qlc_run:next(Left, fun([]) -> [];
                          (Ls) ->
        qlc_run:next(Right, fun([]) -> [];
                               (Rs) -> advance(Ls, C1, Rs, C2, Env)
                            end) end).

advance([L | Ls] = Left, C1, [R | Rs] = Right, C2, Env) ->
    K1 = element(C1, L),
    K2 = element(C2, R),
    if
        K1 == K2 -> same(K1, L, Ls, C1, R, Rs, C2, Env);
        K1 > K2 -> merge({Left, C1}, {Rs, C2}, Env);
        true -> merge({Ls, C1}, {Right, C2}, Env)
    end.

%% As qlc_run:next/2, but an error comes after what was found before it: [Fun]
%% gets {failed, Error}, which is the end of the merge.
ahead(Objects, Fun) ->
    case qlc_run:next(Objects, fun(List) -> {objects, List} end) of
        {objects, List} -> Fun(List);
        Error -> Fun({failed, Error})
    end.

%% [L] and [R] have key [K]. A single object on the right needs no memory;
%% neither does a single one on the left.
same(K, L, Ls, C1, R, Rs, C2, Env) ->
    ahead(Rs, fun([R2 | Rest] = Right) ->
                             case element(C2, R2) == K of
                                 true -> several(K, L, Ls, C1, R, R2, Rest, C2,
                                                 Env);
                                 false -> each_left(K, [L | Ls], C1, R, Right,
                                                    C2, Env)
                             end;
                        (Right) -> each_left(K, [L | Ls], C1, R, Right, C2, Env)
                     end).

%% All of the left with key [K] go with [R].
each_left(K, Left, C1, R, Right, C2, Env) ->
    ahead(Left, fun([L | Ls]) when element(C1, L) == K ->
                               [[L | R] | fun() ->
                                   each_left(K, Ls, C1, R, Right, C2, Env)
                               end];
                          (Ls) -> merge({Ls, C1}, {Right, C2}, Env)
                       end).

several(K, L, Ls, C1, R1, R2, Rs, C2, Env) ->
    ahead(Ls,
        fun([L2 | _] = Left) when element(C1, L2) == K ->
                Group = add([R1, R2], new(), Env),
                group(K, L, Left, C1, Rs, C2, Group, Env);
           (Left) ->
                [[L | R1], [L | R2]
                 | fun() -> each_right(K, L, Left, C1, Rs, C2, Env) end]
        end).

%% All of the right with key [K] go with [L], the only one.
each_right(K, L, Left, C1, Right, C2, Env) ->
    ahead(Right, fun([R | Rs]) when element(C2, R) == K ->
                                [[L | R] | fun() ->
                                    each_right(K, L, Left, C1, Rs, C2, Env)
                                end];
                           (Rs) -> merge({Left, C1}, {Rs, C2}, Env)
                        end).

%% Gathers the right side with key [K]; [Group] may be an error.
group(K, L, Left, C1, Right, C2, Group, Env) when element(1, Group) =:= group ->
    ahead(Right,
        fun([R | Rs]) when element(C2, R) == K ->
                group(K, L, Left, C1, Rs, C2, add([R], Group, Env), Env);
           (Rs) ->
                combine(K, [L | Left], C1, Rs, C2, flushed(Group), Env)
        end);
group(_, _, _, _, _, _, Error, _) -> Error.

combine(K, Left, C1, Right, C2, {group, _, _, _} = Group, Env) ->
    ahead(Left,
        fun([L | Ls]) when element(C1, L) == K ->
                with(L, members(Group),
                     fun() -> combine(K, Ls, C1, Right, C2, Group, Env) end);
           (Ls) ->
                done(Group),
                merge({Ls, C1}, {Right, C2}, Env)
        end);
combine(_, _, _, _, _, Error, _) -> Error.

with(L, Members, Next) ->
    qlc_run:next(Members, fun([]) -> Next();
                             (List) -> paired(L, List, Next)
                          end).

paired(L, [R | Rs], Next) -> [[L | R] | paired(L, Rs, Next)];
paired(_, [], Next) -> Next;
paired(L, More, Next) -> fun() -> with(L, More, Next) end.

%% ---- Groups: {group, Reversed members, Their bytes, File | none} ----

new() -> {group, [], 0, none}.

add(Objects, {group, List, Bytes0, File}, {Settings, Run}) ->
    Bytes = Bytes0 + lists:sum([erlang:external_size(O) || O <- Objects]),
    Members = lists:reverse(Objects, List),
    case Bytes > Settings#qlc_opt.max_list of
        false -> {group, Members, Bytes, File};
        true -> spill(Members, File, Settings, Run)
    end.

spill(Members, none, Settings, Run) ->
    case qlc_file:new(Settings, joining) of
        {error, _, _} = Error -> Error;
        File ->
            qlc_run:later(Run, fun() -> qlc_file:remove(File) end),
            spill(Members, File, Settings, Run)
    end;
spill(Members, File, _, _) ->
    case qlc_file:add(File, lists:reverse(Members)) of
        ok -> {group, [], 0, File};
        Error -> Error
    end.

flushed({group, _, _, none} = Group) -> Group;
flushed({group, Members, _, File}) -> spill(Members, File, none, none).

members({group, Members, _, none}) -> lists:reverse(Members);
members({group, _, _, File}) -> qlc_file:objects(File).

done({group, _, _, none}) -> ok;
done({group, _, _, File}) -> qlc_file:remove(File).
