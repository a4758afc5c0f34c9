%% SPDX-License-Identifier: Apache-2.0
%% Nothing is left of tables that are deleted while they are fixed.
%% not with b_sanitize=address: what is freed is kept from use for a while.
%% not with b_sanitize=address,undefined: the same.
%% expect: true
-module(tables_fixed).
-export([main/0]).

main() ->
    make(10000),
    Before = kilobytes(),
    make(150000),
    io:format("~w~n", [kilobytes() - Before < 30000]).

make(0) -> ok;
make(N) ->
    T = ets:new(t, []),
    ets:safe_fixtable(T, true),
    ets:delete(T),
    make(N - 1).

kilobytes() ->
    erlang:garbage_collect(),
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Resident | _] = string:lexemes(Text, " "),
    binary_to_integer(Resident) * 4.
