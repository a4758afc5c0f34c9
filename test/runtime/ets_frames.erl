%% SPDX-License-Identifier: Apache-2.0
%% Functions of ets that call others fail in these; clusters of characters end
%% before what is no text.
%% expect: tab2list [{match_object,2},{tab2list,1}]
%% expect: match_delete [{internal_select_delete,2},{select_delete,2},{match_delete,2}]
%% expect: match_delete [{internal_delete_all,2},{select_delete,2},{match_delete,2}]
%% expect: select_delete [{internal_delete_all,2},{select_delete,2}]
%% expect: select_delete [{internal_select_delete,2},{select_delete,2}]
%% expect: match_spec_run [{match_spec_run_r,3},{match_spec_run,2}]
%% expect: {3,2,true,[{5}],true,[],1,[{7},{a}]}
%% expect: [[13,10],bad]
-module(ets_frames).
-export([main/0]).

main() ->
    All = [{'_', [], [true]}],
    Some = [{{'$1'}, [{'<', '$1', 5}], [true]}],
    [told(F, A) || {F, A} <- [{tab2list, [x]}, {match_delete, [x, {1}]},
                              {match_delete, [x, '_']},
                              {select_delete, [x, All]},
                              {select_delete, [x, Some]},
                              {match_spec_run, [[], x]}]],
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{N} || N <- lists:seq(2, 6)]),
    Deleted = [ets:select_delete(T, Some), ets:info(T, size),
               ets:match_delete(T, {6}), ets:tab2list(T),
               ets:match_delete(T, '_'), ets:tab2list(T)],
    ets:insert(T, {a}),
    Last = ets:select_delete(T, All),
    B = ets:new(b, []),
    ets:insert(B, [{7}, {a}]),
    io:format("~w~n", [list_to_tuple(Deleted ++ [Last,
                                                 lists:sort(ets:tab2list(B))])]),
    io:format("~w~n", [unicode_util:gc([$\r, $\n, bad])]).

told(F, A) ->
    try apply(ets, F, A)
    catch error:badarg:Trace ->
            io:format("~s ~w~n", [F, [{N, if is_list(X) -> length(X);
                                            true -> X
                                         end} || {ets, N, X, _} <- Trace]])
    end.
