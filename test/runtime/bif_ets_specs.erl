%% SPDX-License-Identifier: Apache-2.0
%% Tables: what may replace an object, how a continuation is repaired, which
%% binaries objects hold.
%% not with stress_gc=true: a million levels take too long.
%% expect: {replace,[{kept,2},{const,1},{object,3},{same_text,1},badarg,badarg,badarg,badarg,badarg,badarg,0,{own,3},badarg]}
%% expect: {bags,[{badarg,table_type},{2,[{1,x},{1,x},{2,b}]}]}
%% expect: {nothing_there,badarg}
%% expect: {repair,[[1,2,3],[1,2,3],badarg,function_clause]}
%% expect: {deep,system_limit}
%% expect: {binaries,set,[0,{1,100},{1,100},2,1,0]}
%% expect: {binaries,ordered_set,[0,{1,100},{1,100},2,1,0]}
-module(bif_ets_specs).
-export([main/0]).

main() ->
    Show = fun(T) -> io:format("~w~n", [T]) end,
    Show({replace, replace()}),
    Show({bags, [bag(), duplicates()]}),
    Show({nothing_there, t(fun() ->
        ets:select_replace(ets:new(t, []), [{{'$1', '_'}, [], [{{1, 2}}]}])
                           end)}),
    Show({repair, repair()}),
    Show({deep, t(fun() -> ets:match_spec_compile([{'$1', [deep(1000000)],
                                                    [ok]}]) end)}),
    [Show({binaries, Type, binaries(Type)}) || Type <- [set, ordered_set]].

t(F) -> try F() catch error:R -> R end.

replace() ->
    T = ets:new(t, []),
    ets:insert(T, [{{1, a}, 1}, {{2, b}, 2}, {{3, c}, 3}]),
    R = fun(Spec) -> t(fun() -> ets:select_replace(T, Spec) end) end,
    [{kept, R([{{'$1', '$2'}, [{'<', '$2', 3}], [{{'$1', {'+', '$2', 0}}}]}])},
     {const, R([{{{1, a}, '_'}, [], [{const, {{1, a}, 1}}]}])},
     {object, R([{'$1', [], ['$_']}])},
     {same_text, R([{{{'$1', b}, '_'}, [], [{{{{'$1', b}}, 2}}]}])},
     R([{{{'$1', '$2'}, '_'}, [], [{{{{'$2', '$1'}}, 2}}]}]),
     R([{{{'$1', '$2'}, '_'}, [], [{{{{{'+', '$1', 0}, '$2'}}, 2}}]}]),
     R([{{'$1', '_'}, [], ['$1']}]),
     R([{{'$1', '_'}, [], [{const, {'$1', 2}}]}]),
     R([{{'_', '_'}, [], [{{'_', 2}}]}]),
     R([{{'$1', '_'}, [], [a, '$_']}]),
     R([{{{9, '$1'}, '_'}, [], [{{{{9, '$1'}}, new}}]}]),
     {own, R([{{'_', '_'}, [], [{{{element, 1, '$_'}, x}}]}])},
     R([{{'_', '_'}, [], [{{{element, 2, '$_'}, x}}]}])].

bag() ->
    try ets:select_replace(ets:new(t, [bag]), [{'_', [], ['$_']}])
    catch error:R:Trace ->
        [{_, _, _, Info} | _] = Trace,
        #{cause := Cause} = proplists:get_value(error_info, Info),
        {R, Cause}
    end.

duplicates() ->
    T = ets:new(t, [duplicate_bag]),
    ets:insert(T, [{1, a}, {1, b}, {2, b}]),
    N = ets:select_replace(T, [{{1, '_'}, [], [{{1, x}}]}]),
    {N, lists:sort(ets:tab2list(T))}.

repair() ->
    Spec = [{{'$1'}, [], ['$1']}],
    [Rest, RestOfSet] =
        [begin
             T = ets:new(t, [Type, public]),
             ets:insert(T, [{1}, {2}, {3}]),
             {[_], C} = ets:select(T, Spec, 1),
             Broken = setelement(Place, C, <<>>),
             badarg = t(fun() -> ets:select(Broken) end),
             collect(C, fun(More) -> ets:repair_continuation(More, Spec) end)
         end || {Type, Place} <- [{ordered_set, 5}, {set, 4}]],
    [[1 | Rest], lists:usort([1, 2, 3 | RestOfSet]),
     t(fun() -> ets:select({make_ref(), 1, [], 1, <<>>, [], 0, 0}) end),
     t(fun() -> ets:repair_continuation({a, b}, Spec) end)].

%% Each continuation is broken and repaired on the way.
collect('$end_of_table', _) -> [];
collect(C, Repair) ->
    Place = tuple_size(C) div 2 + 1,
    C1 = Repair(setelement(Place, C, <<>>)),
    case ets:select(C1) of
        {L, More} -> L ++ collect(More, Repair);
        '$end_of_table' -> []
    end.

deep(0) -> true;
deep(N) -> {'andalso', true, deep(N - 1)}.

binaries(Type) ->
    T = ets:new(t, [Type, private]),
    Count = fun() -> length(ets:info(T, binary)) end,
    None = Count(),
    ets:insert(T, {1, binary:copy(<<1>>, 100)}),
    [{_, Size, Held}] = ets:info(T, binary),
    Self = self(),
    spawn(fun() -> [{_, S, H}] = ets:info(T, binary), Self ! {H, S} end),
    Other = receive M -> M end,
    ets:insert(T, {2, {binary:copy(<<2>>, 70), <<3>>}}),
    Two = Count(),
    ets:delete(T, 1),
    One = Count(),
    ets:delete_all_objects(T),
    true = Held >= 1,
    [None, {1, Size}, {min(1, element(1, Other)), element(2, Other)},
     Two, One, Count()].
