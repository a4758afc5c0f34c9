%% SPDX-License-Identifier: Apache-2.0
%% look: what is collected of processes and tables, and traces that end by
%% themselves.
%% only merle
-module(look_test).
-export([main/0, busy/1]).

busy(0) -> ok;
busy(N) -> busy(N - 1).

main() ->
    found(),
    tables(),
    limited().

%% expect: {1,look_test_name,2}
%% expect: [look_test_name]
%% expect: true
%% expect: undefined
found() ->
    P = spawn(fun() -> receive stop -> ok end end),
    register(look_test_name, P),
    P ! one,
    P ! two,
    timer:sleep(20),
    Found = look_data:processes([{name, "look_test_n"}]),
    [#{name := Name, messages := Messages}] = Found,
    io:format("~w~n", [{length(Found), Name, Messages}]),
    io:format("~w~n", [[N || #{name := N} <- look_data:most(messages, 1)]]),
    #{messages := [one, two], tree := {P, look_test_name, []}} =
        look_data:process(P),
    io:format("~w~n", [is_list(look_data:stack(P))]),
    P ! stop,
    timer:sleep(20),
    io:format("~w~n", [look_data:process(P)]).

%% expect: {look_test_table,3,true}
tables() ->
    T = ets:new(look_test_table, [public]),
    ets:insert(T, [{1}, {2}, {3}]),
    [#{name := Name, size := Size, bytes := Bytes}] =
        [Row || #{table := Table} = Row <- look_data:tables(), Table =:= T],
    io:format("~w~n", [{Name, Size, Bytes > 0}]).

%% The number of calls shown; what is left traced when it has ended.
%% expect: call look_test:busy/1
%% expect: call look_test:busy/1
%% expect: call look_test:busy/1
%% expect: -- trace ended: limit
%% expect: {all,false}
%% expect: -- trace ended: time
%% expect: one
%% expect: -- trace ended: rate
%% expect: {too_much,{'_','_','_'}}
limited() ->
    Format = fun({trace, _, call, {M, F, A}}) ->
                     io_lib:format("call ~w:~w/~w", [M, F, length(A)])
             end,
    1 = look:calls({?MODULE, busy, 1}, 3, [{format, Format}]),
    busy(100),
    ended(),
    io:format("~w~n", [erlang:trace_info({?MODULE, busy, 1}, all)]),
    1 = look:calls({?MODULE, busy, 1}, 3, [{time, 50}]),
    ended(),
    1 = look:calls({?MODULE, busy, 1}, {1, 1000},
                   [{format, fun(_) -> "one" end}]),
    busy(1),
    ended(),
    {'EXIT', {Why, _}} = (catch look:calls({'_', '_', '_'}, 1)),
    io:format("~w~n", [Why]).

ended() ->
    case whereis(look_trace) of
        undefined -> timer:sleep(50);
        _ ->
            timer:sleep(10),
            ended()
    end.
