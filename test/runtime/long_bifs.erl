%% SPDX-License-Identifier: Apache-2.0
%% Nobody waits for a process that calls a BIF with a large term: on one
%% scheduler another process goes on meanwhile.
%% not with stress_gc=true: each step of a list of 600000 copies all of it.
%% expect: ok
-module(long_bifs).
-export([main/0]).

main() ->
    erlang:system_flag(schedulers_online, 1),
    L = lists:seq(1, 600000),
    Map = maps:from_keys(L, 1),
    B = binary:copy(<<"abcdefghi,">>, 400000),
    wait(fun() -> lists:sort(maps:keys(Map)) =:= L end),
    wait(fun() -> maps:from_list([{N, 1} || N <- L]) =:= Map end),
    wait(fun() -> binary_to_term(term_to_binary(Map)) =:= Map end),
    wait(fun() -> length(binary:split(B, <<",">>, [global])) =:= 400001 end),
    wait(fun() -> iolist_size([L2 rem 256 || L2 <- L]) =:= 600000 end),
    wait(fun() -> table(L) end),
    fails(),
    killed(Map),
    too_large(),
    io:format("ok~n").

wait(F) ->
    Self = self(),
    P = spawn_link(fun() -> count(Self, 0) end),
    receive {P, up} -> ok end,
    true = F(),
    P ! stop,
    receive {P, counted, _} -> ok end.

count(To, N) ->
    case N of 0 -> To ! {self(), up}; _ -> ok end,
    receive stop -> To ! {self(), counted, N} after 1 -> count(To, N + 1) end.

table(L) ->
    T = ets:new(t, [public]),
    true = ets:insert(T, [{N, a} || N <- L]),
    600000 = ets:select_count(T, [{{'_', a}, [], [true]}]),
    600000 = length(ets:tab2list(T)),
    true = ets:delete_all_objects(T),
    0 = ets:info(T, size),
    true = ets:insert(T, {1, b}),
    ets:delete(T).

%% The trace is that of a call on the spot.
fails() ->
    L = lists:seq(1, 600000) ++ [a],
    try {iolist_to_binary(L)}
    catch error:badarg:Stack ->
        [{erlang, iolist_to_binary, [L], _}, {?MODULE, fails, 0, _} | _] = Stack
    end,
    try iolist(L)
    catch error:badarg:Rest -> [{erlang, iolist_size, [L], _} | _] = Rest
    end.

iolist(L) -> iolist_size(L).

killed(Map) ->
    {P, M} = spawn_monitor(fun() -> forever(Map) end),
    receive after 20 -> exit(P, kill) end,
    receive {'DOWN', M, process, P, killed} -> ok end.

forever(Map) ->
    maps:to_list(Map),
    forever(Map).

%% A limit of the heap holds for what was built elsewhere, too.
too_large() ->
    Limit = #{size => 10000, kill => true, error_logger => false},
    {P, M} = spawn_opt(fun() -> lists:seq(1, 1000000), ok end,
                       [monitor, {max_heap_size, Limit}]),
    receive {'DOWN', M, process, P, killed} -> ok end.
