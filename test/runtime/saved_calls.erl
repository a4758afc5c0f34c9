%% SPDX-License-Identifier: Apache-2.0
%% The last calls of exported functions that a process has made.
%% expect: {0,[],[{saved_calls,a,1},{saved_calls,c,1},{saved_calls,c,1},{erlang,send,2},send,'receive',{erlang,list_to_atom,1},{erlang,send,2},send,timeout,{saved_calls,d,0},{saved_calls,c,1},{lists,map,2},{saved_calls,c,1},{erlang,process_info,2}]}
%% expect: [{erlang,process_info,2}]
%% expect: [{saved_calls,c,1},{saved_calls,c,1},{saved_calls,c,1},{erlang,process_info,2}]
%% expect: [{saved_calls,c,1},{erlang,process_info,2},{erlang,send,2},send]
%% expect: {4,false,20,false,badarg}
%% expect: [{erlang,process_flag,2}]
%% expect: {true,true,killed}
%% expect: ok
-module(saved_calls).
-export([main/0, a/1, b/0, c/1, d/0, loop/1]).

main() ->
    Old = process_flag(save_calls, 20),
    New = calls(),
    process_flag(save_calls, 20),
    many(),
    All = calls(),
    process_flag(save_calls, 5),
    Fresh = calls(),
    process_flag(save_calls, 20),
    print({Old, tl(lists:reverse(New)), All}),
    print(Fresh),
    {P, Own} = other(),
    print(Own),
    print(calls(P)),
    print({process_flag(P, save_calls, 0), calls(P),
           process_flag(save_calls, 0), calls(),
           try process_flag(save_calls, 10001) catch error:R -> R end}),
    exit(P, kill),
    sensitive(),
    slices(),
    traced(),
    print(ok).

print(X) -> io:format("~w~n", [X]).

calls() ->
    {last_calls, L} = process_info(self(), last_calls),
    L.

calls(P) ->
    {last_calls, L} = process_info(P, last_calls),
    L.

many() ->
    ?MODULE:a(1),
    b(),
    apply(?MODULE, id(c), [2]),
    F = fun ?MODULE:c/1,
    F(3),
    self() ! x,
    receive x -> ok end,
    (catch list_to_atom(id(5))),
    erlang:send(self(), y),
    receive nothing -> ok after 1 -> ok end,
    M = id(?MODULE),
    M:d(),
    apply(F, [4]),
    lists:map(F, [1]).

id(X) -> X.
loop(0) -> ok;
loop(N) -> ?MODULE:c(N), loop(N - 1).
a(X) -> X.
b() -> ok.
c(X) -> X.
d() -> ok.

other() ->
    Me = self(),
    P = spawn(fun() ->
                      process_flag(save_calls, 4),
                      loop(100000),
                      Me ! {self(), calls()},
                      receive stop -> ok end
              end),
    receive {P, L} -> {P, L} end.

sensitive() ->
    process_flag(save_calls, 9),
    process_flag(sensitive, true),
    L = calls(),
    process_flag(sensitive, false),
    process_flag(save_calls, 0),
    print(L).

%% It gives way as others do, and can be killed.
slices() ->
    {P, Ref} = spawn_monitor(fun() -> process_flag(save_calls, 9), spin() end),
    {reductions, N} = process_info(P, reductions),
    receive after 20 -> ok end,
    {reductions, N1} = process_info(P, reductions),
    {last_calls, L} = process_info(P, last_calls),
    exit(P, kill),
    receive {'DOWN', Ref, _, _, Why} -> print({N1 > N, is_list(L), Why}) end.

spin() -> ?MODULE:d(), spin().

%% BIFs that are traced at the same time.
traced() ->
    S = self(),
    P = spawn_link(fun() ->
                           receive go -> ok end,
                           process_flag(save_calls, 9),
                           put(d, date()),
                           L = [C || {_, date, _} = C <- calls()],
                           S ! {self(), L},
                           process_flag(save_calls, 0),
                           put(d, date()),
                           S ! done,
                           receive stop -> ok end
                   end),
    1 = erlang:trace(P, true, [call]),
    1 = erlang:trace_pattern({erlang, date, 0}, true, [local]),
    P ! go,
    receive {P, _} -> ok end,
    receive done -> ok end,
    erlang:trace_pattern({erlang, date, 0}, false, [local]),
    [receive {trace, P, call, {erlang, date, []}} -> ok end || _ <- [1, 2]],
    P ! stop.
