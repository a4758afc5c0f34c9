%% SPDX-License-Identifier: Apache-2.0
%% cprof, eprof and fprof count the calls of a small program.
%% expect: {profilers_test,178,[{{profilers_test,fib,1},177},{{profilers_test,run,0},1}]}
%% expect: Reading trace data...
%% expect: 
%% expect: End of trace!
%% expect: Processing data...
%% expect: Creating output...
%% expect: Done!
%% expect: [{fib,177},{run,1}]
%% expect: {{ok,55},stopped}
-module(profilers_test).
-export([main/0, run/0]).

main() ->
    cprof:start(?MODULE),
    run(),
    cprof:pause(),
    show(cprof:analyse(?MODULE)),
    cprof:stop(),
    55 = fprof:apply(?MODULE, run, []),
    ok = fprof:profile(),
    ok = fprof:analyse([{dest, "calls"}]),
    fprof:stop(),
    {ok, Terms} = file:consult("calls"),
    show(lists:sort([{F, Calls}
                     || {_, {{?MODULE, F, _}, Calls, _, _}, _} <- Terms,
                        F =:= fib orelse F =:= run])),
    show({eprof:profile(fun run/0), eprof:stop()}).

run() -> fib(10).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

show(X) -> io:format("~1000p~n", [X]).
