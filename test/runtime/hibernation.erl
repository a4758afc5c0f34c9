%% SPDX-License-Identifier: Apache-2.0
%% A process that hibernates holds what it needs; what it cannot go on with is
%% refused. Traces have one entry at least; nothing appended is the same.
%% expect: {true,true}
%% expect: {system_limit,badarg,badarg}
%% expect: 1
%% expect: {true,<<1,2,3>>}
-module(hibernation).
-export([main/0, wake/1]).

main() ->
    P = spawn_opt(fun() -> erlang:hibernate(?MODULE, wake, [self()]) end,
                  [{min_heap_size, 15000}]),
    timer:sleep(20),
    {heap_size, Asleep} = process_info(P, heap_size),
    P ! {size, self()},
    Awake = receive {heap_size, N} -> N end,
    io:format("~w~n", [{Asleep < 60, Awake >= 15000}]),
    io:format("~w~n", [{why(x, lists:duplicate(5000, y)), why(1, []), why(x, z)}]),
    Old = erlang:system_flag(backtrace_depth, 0),
    Depth = try error(x) catch _:_:S -> length(S) end,
    erlang:system_flag(backtrace_depth, Old),
    io:format("~w~n", [Depth]),
    B = <<1, 2, 3>>,
    C = append(B, <<>>),
    io:format("~w~n", [{erts_debug:same(B, C), C}]).

append(A, B) -> <<A/binary, B/binary>>.

why(M, Args) -> try erlang:hibernate(M, f, Args) catch error:R -> R end.

wake(_) ->
    receive {size, To} -> To ! process_info(self(), heap_size) end,
    receive after 10 -> ok end.
