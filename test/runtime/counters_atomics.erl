%% SPDX-License-Identifier: Apache-2.0
%% What arrays of counters refuse, and what the node says of such errors.
%% expect: {system_limit,badarg,badarg,system_limit}
%% expect: {["out of range"],["invalid atomics reference"],["out of range"]}
%% expect: {badarith,badarith,badarg,badarith,badarg}
%% expect: {-9223372036854775807,badarg,9223372036854775809,badarith}
-module(counters_atomics).
-export([main/0]).

main() ->
    Huge = 1 bsl 64,
    A = atomics:new(1, []),
    io:format("~p~n", [{why(fun() -> atomics:new(Huge, []) end),
                        why(fun() -> atomics:new(0, []) end),
                        why(fun() -> counters:get(x, 1) end),
                        why(fun() -> counters:new(Huge, []) end)}]),
    io:format("~100p~n", [{text(fun() -> atomics:get(A, 2) end),
                        text(fun() -> counters:info(x) end),
                        text(fun() -> atomics:new(0, []) end)}]),
    C = counters:new(1, []),
    io:format("~p~n", [{why(fun() -> atomics:sub(A, 1, a) end),
                        why(fun() -> atomics:sub(A, 2, a) end),
                        why(fun() -> atomics:sub(A, 1, 1.5) end),
                        why(fun() -> counters:sub(x, 1, a) end),
                        why(fun() -> counters:sub(C, 1, Huge) end)}]),
    U = atomics:new(1, [{signed, false}]),
    io:format("~p~n", [{atomics:sub_get(A, 1, -(Huge div 2) - 1),
                        why(fun() -> atomics:sub(A, 1, Huge - 1) end),
                        atomics:sub_get(U, 1, -(Huge div 2) - 1),
                        why(fun() -> atomics:sub_get(U, 9, a) end)}]).

why(F) ->
    try F() catch error:R -> R end.

text(F) ->
    try F()
    catch error:R:St ->
        [{_, _, _, Info} | _] = St,
        #{module := M} = proplists:get_value(error_info, Info),
        [binary_to_list(T) || T <- maps:values(M:format_error(R, St))]
    end.
