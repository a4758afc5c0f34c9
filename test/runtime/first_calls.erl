%% SPDX-License-Identifier: Apache-2.0
%% Many call a module for the first time at once: for all of them it is there
%% with its functions, or not there at all.
-module(first_calls).
-export([main/0]).

%% expect: []

main() ->
    Calls = [{rand, seed_s, [exsss, 1]}, {queue, new, []}, {digraph, new, []},
             {gb_trees, empty, []}, {orddict, new, []}, {array, new, []},
             {sofs, set, [[1]]}, {calendar, is_leap_year, [2000]},
             {base64, encode, ["x"]}, {uri_string, parse, ["a:b"]},
             {string, length, ["x"]}, {ordsets, new, []}],
    io:format("~p~n", [lists:append([failed(C) || C <- Calls])]).

failed({M, F, A}) ->
    Pids = [spawn_monitor(fun() ->
                                  receive go -> ok end,
                                  apply(M, F, A),
                                  exit(done)
                          end) || _ <- lists:seq(1, 40)],
    [Pid ! go || {Pid, _} <- Pids],
    lists:usort([R || {_, Ref} <- Pids,
                      R <- receive {'DOWN', Ref, _, _, Why} -> [Why] end,
                      R =/= done]).
