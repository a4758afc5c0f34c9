%% SPDX-License-Identifier: Apache-2.0
%% Objects of a query that are made unique, or kept to be read again: in ets
%% tables, or in lists that go to a file when they are big.
-module(qlc_keep).

-export([kept/4]).

-include("qlc.hrl").

%% {Objects, Emptied}: those of [Objects0], each once and kept as [Keep] says.
%% [Emptied] is called when all have been read that are kept.
-spec kept(term(), #keep{}, [fun()], reference()) -> {term(), [fun()]}.
kept(Objects, #keep{unique = false, cache = false}, Emptied, _) ->
    {Objects, Emptied};
kept(List, #keep{unique = Unique}, Emptied, _) when is_list(List) ->
    case Unique of
        true -> {each_once(List), Emptied};
        false -> {List, Emptied}
    end;
kept(Objects, #keep{unique = true, cache = false}, Emptied, Run) ->
    {Seen, _} = table(set, Run),
    {fun() -> new_ones(Objects, Seen) end, Emptied};
kept(Objects, #keep{unique = false, cache = true}, Emptied, Run) ->
    {Table, Empty} = table(set, Run),
    {fun() -> stored(Objects, Table, none, Emptied) end, [Empty]};
kept(Objects, #keep{unique = true, cache = true}, Emptied, Run) ->
    {Table, Empty1} = table(set, Run),
    {Seen, Empty2} = table(set, Run),
    {fun() -> stored(Objects, Table, Seen, Emptied) end, [Empty1, Empty2]};
kept(Objects, #keep{unique = false, cache = list, settings = Settings},
     Emptied, Run) ->
    Key = {'$qlc_list', make_ref()},
    Empty = fun() -> forget(Key) end,
    qlc_run:later(Run, Empty),
    {fun() -> listed(Objects, Key, Settings, Emptied) end, [Empty]};
kept(Objects, #keep{unique = true, cache = list, settings = Settings},
     Emptied, Run) ->
    {numbered_once(Objects, Settings, Run), Emptied}.

%% A table that goes with the evaluation, and a function that empties it.
table(Type, Run) ->
    Table = ets:new(qlc, [Type, private]),
    qlc_run:later(Run, fun() -> ets:delete(Table) end),
    {Table, fun() -> ets:delete_all_objects(Table) end}.

call_all(Funs) -> lists:foreach(fun(F) -> catch F() end, Funs).

%% ---- Unique objects ----

each_once(List) ->
    Seen = ets:new(qlc, [set, private]),
    Once = [T || T <- List, ets:insert_new(Seen, {T})],
    ets:delete(Seen),
    Once.

%% The rest is a function, so that no more is looked at than is asked for.
new_ones(Objects, Seen) ->
    qlc_run:next(Objects,
                 fun([]) ->
                         ets:delete_all_objects(Seen),
                         [];
                    ([Object | More]) ->
                         case ets:insert_new(Seen, {Object}) of
                             true -> [Object | fun() -> new_ones(More, Seen) end];
                             false -> new_ones(More, Seen)
                         end
                 end).

%% ---- Objects in a table: {Number, Object}, and {0} once it is begun ----

stored(Objects, Table, Seen, Emptied) ->
    case ets:insert_new(Table, {0}) of
        true -> store(Objects, Table, Seen, 1, Emptied);
        false -> recall(Table, 1)
    end.

store(Objects, Table, Seen, No, Emptied) ->
    qlc_run:next(Objects,
                 fun([]) ->
                         call_all(Emptied),
                         [];
                    ([Object | More]) ->
                         case Seen =:= none
                             orelse ets:insert_new(Seen, {Object}) of
                             true ->
                                 ets:insert(Table, {No, Object}),
                                 [Object | fun() ->
                                     store(More, Table, Seen, No + 1, Emptied)
                                 end];
                             false -> store(More, Table, Seen, No, Emptied)
                         end
                 end).

recall(Table, No) ->
    case ets:lookup(Table, No) of
        [] -> [];
        [{_, Object}] -> [Object | fun() -> recall(Table, No + 1) end]
    end.

%% ---- Objects in a list or file, by a key of the process dictionary ----

listed(Objects, Key, Settings, Emptied) ->
    case get(Key) of
        undefined ->
            gather(Objects, Key, Settings, Emptied,
                   Settings#qlc_opt.max_list, []);
        {file, File} -> qlc_file:objects(File);
        List -> List
    end.

%% [Room]: bytes that may still be added to the list.
gather(Objects, Key, Settings, Emptied, Room, Kept) when Room < 0 ->
    case spill(Key, Settings, lists:reverse(Kept)) of
        ok -> gather(Objects, Key, Settings, Emptied,
                     Settings#qlc_opt.max_list, []);
        Error -> Error
    end;
gather(Objects, Key, Settings, Emptied, Room, Kept) ->
    qlc_run:next(Objects,
                 fun([]) ->
                         call_all(Emptied),
                         gathered(Key, lists:reverse(Kept));
                    ([Object | More]) ->
                         Left = Room - erlang:external_size(Object),
                         [Object | fun() ->
                             gather(More, Key, Settings, Emptied, Left,
                                    [Object | Kept])
                         end]
                 end).

gathered(Key, Kept) ->
    case get(Key) of
        undefined ->
            put(Key, Kept),
            [];
        {file, File} ->
            case qlc_file:add(File, Kept) of
                ok -> [];
                Error -> Error
            end
    end.

spill(Key, Settings, Kept) ->
    case get(Key) of
        {file, File} -> qlc_file:add(File, Kept);
        undefined ->
            case qlc_file:new(Settings, caching) of
                {error, _, _} = Error -> Error;
                File ->
                    put(Key, {file, File}),
                    qlc_file:add(File, Kept)
            end
    end.

forget(Key) ->
    case erase(Key) of
        {file, File} -> qlc_file:remove(File);
        _ -> ok
    end.

%% ---- Unique objects in a list ----

%% Sorted by themselves, each with its number, and then by their numbers.
numbered_once(Objects, #qlc_opt{max_list = Max, tmpdir = Dir,
                                 tmpdir_usage = Usage}, Run) ->
    Size = max(1, min(Max, 16#7fffffff)),
    Sort = #qlc_sort{unique = false, compressed = [], order = ascending,
                     options = [{size, Size}, {tmpdir, Dir}], tmpdir = Dir,
                     tmpdir_usage = Usage},
    Once = qlc_sort:sorted(numbered(Objects, 1),
                           Sort#qlc_sort{key = {keysort, 1}, unique = true,
                                         options = [{unique, true}
                                                    | Sort#qlc_sort.options]},
                           Run, caching),
    case qlc_sort:sorted(Once, Sort#qlc_sort{key = {keysort, 2}}, Run, caching) of
        List when is_list(List) -> [Object || {Object, _} <- List];
        More -> fun() -> plain(More) end
    end.

numbered(Objects, No) ->
    fun() ->
        qlc_run:next(Objects, fun([]) -> [];
                                 ([Object | More]) ->
                                      [{Object, No} | numbered(More, No + 1)]
                              end)
    end.

plain(Objects) ->
    qlc_run:next(Objects, fun([]) -> [];
                             ([{Object, _} | More]) ->
                                  [Object | fun() -> plain(More) end]
                          end).
