%% SPDX-License-Identifier: Apache-2.0
%% What a module says of itself holds its functions in C.
%%
%% expect: []
%% expect: true
-module(native_exports_test).
-export([main/0]).

main() ->
    Some = [{lists, keyfind, 3}, {lists, map, 2}, {atomics, add, 3},
            {atomics, new, 2}, {erlang, self, 0}, {math, sin, 1},
            {ets, lookup, 2}, {maps, get, 2}, {binary, match, 2},
            {os, getenv, 1}, {re, run, 3}, {unicode, characters_to_list, 2}],
    io:format("~p~n", [[T || {M, F, A} = T <- Some,
                             not lists:member({F, A}, M:module_info(exports))]]),
    Exports = lists:module_info(exports),
    io:format("~p~n", [lists:sort(Exports) =:= lists:usort(Exports)]).
