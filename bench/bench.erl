%% SPDX-License-Identifier: Apache-2.0
%% Benchmarks, each of one part of the machine. main/0, or main/1 with names,
%% prints a line for each: its name and the microseconds of the best of several
%% runs.
-module(bench).

-export([main/0, main/1]).

-define(RUNS, 3).

main() -> main([]).

main(Names) ->
    [io:format("~s ~b~n", [Name, best(Run)])
     || {Name, Run} <- all(), Names =:= [] orelse lists:member(Name, Names)].

all() ->
    [{"calls", fun() -> fib(27) end},
     {"lists", fun lists/0},
     {"bignums", fun() -> digits(2000) end},
     {"floats", fun() -> floats(1000000, 0.0) end},
     {"maps", fun maps/0},
     {"match", fun() -> matching(binary:copy(<<1, 2, 3, 4>>, 250000)) end},
     {"build", fun() -> building(300000, <<>>) end},
     {"messages", fun messages/0},
     {"spawn", fun spawning/0},
     {"ring", fun ring/0},
     {"ets", fun tables/0},
     {"exceptions", fun() -> exceptions(200000) end}].

%% Each run has a process of its own, and so an empty heap.
best(Run) -> lists:min([timed(Run) || _ <- lists:seq(1, ?RUNS)]).

timed(Run) ->
    {Pid, Ref} = spawn_monitor(fun() ->
        exit({took, element(1, timer:tc(Run))})
    end),
    receive {'DOWN', Ref, process, Pid, {took, Time}} -> Time end.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

lists() ->
    L = lists:seq(1, 200000),
    S = lists:sort(fun(A, B) -> A >= B end, [X * 7919 rem 100003 || X <- L]),
    lists:foldl(fun(X, Sum) -> X + Sum end, 0, lists:reverse(S)).

digits(N) -> length(integer_to_list(factorial(N, 1))).

factorial(0, F) -> F;
factorial(N, F) -> factorial(N - 1, F * N).

floats(0, Sum) -> Sum;
floats(N, Sum) -> floats(N - 1, Sum + 1.0 / (N * N)).

maps() ->
    M = lists:foldl(fun(K, M) -> M#{K => K} end, #{}, lists:seq(1, 50000)),
    maps:fold(fun(_, V, Sum) -> V + Sum end, 0,
              maps:map(fun(_, V) -> V + 1 end, M)).

matching(Bytes) -> matching(Bytes, 0).

matching(<<A, B:16, C, Rest/binary>>, Sum) -> matching(Rest, Sum + A + B + C);
matching(<<>>, Sum) -> Sum.

building(0, B) -> byte_size(B);
building(N, B) -> building(N - 1, <<B/binary, N:32>>).

messages() ->
    Self = self(),
    Pid = spawn_link(fun() -> echo(Self) end),
    [begin Pid ! N, receive N -> ok end end || N <- lists:seq(1, 100000)],
    unlink(Pid),
    exit(Pid, kill).

echo(To) -> receive X -> To ! X end, echo(To).

spawning() ->
    Self = self(),
    [spawn(fun() -> Self ! done end) || _ <- lists:seq(1, 50000)],
    [receive done -> ok end || _ <- lists:seq(1, 50000)].

ring() ->
    Last = lists:foldl(fun(_, Next) -> spawn_link(fun() -> pass(Next) end) end,
                       self(), lists:seq(1, 1000)),
    [begin Last ! token, receive token -> ok end end || _ <- lists:seq(1, 100)],
    ok.

pass(Next) -> receive token -> Next ! token end, pass(Next).

tables() ->
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {N, N}) || N <- lists:seq(1, 50000)],
         [ets:lookup(T, N) || N <- lists:seq(1, 50000)],
         ets:select(T, [{{'$1', '$2'}, [{'>', '$1', 25000}], ['$2']}]),
         ets:delete(T)
     end || Type <- [set, ordered_set]].

exceptions(0) -> ok;
exceptions(N) ->
    try throw({n, N}) catch throw:{n, N} -> ok end,
    exceptions(N - 1).
