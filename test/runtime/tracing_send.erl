%% SPDX-License-Identifier: Apache-2.0
%% The operator ! is no call of erlang:send/2 to a tracer; what fails in it is
%% told as send/2.
%% expect: [{erlang,send,[two]}]
%% expect: [{tracing_send,run,[]},{erlang,send,[two]}]
%% expect: {send,[nobody,here]}
%% expect: [one,two,three]
-module(tracing_send).
-export([main/0, run/0]).

run() ->
    Self = self(),
    Self ! one,
    erlang:send(Self, two),
    apply(erlang, '!', [Self, three]),
    [receive N -> N end || N <- [one, two, three]].

main() ->
    io:format("~w~n", [traced([{{erlang, '!', 2}, []}, {{erlang, send, 2}, []}])]),
    io:format("~w~n", [traced([{{erlang, send, 2}, []}, {{?MODULE, run, 0}, []}])]),
    try nobody ! here
    catch error:badarg:Stack ->
        [{erlang, F, Args, _} | _] = Stack,
        io:format("~w~n", [{F, Args}])
    end,
    io:format("~w~n", [run()]).

traced(Patterns) ->
    {Pid, Down} = spawn_monitor(fun() -> receive go -> ?MODULE:run() end end),
    [1 = erlang:trace_pattern(P, true, Options) || {P, Options} <- Patterns],
    1 = erlang:trace(Pid, true, [call]),
    Pid ! go,
    receive {'DOWN', Down, process, Pid, normal} -> ok end,
    Ref = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, Ref} -> ok end,
    [erlang:trace_pattern(P, false, Options) || {P, Options} <- Patterns],
    told().

told() ->
    receive
        {trace, _, call, {M, F, Args}} ->
            [{M, F, [A || A <- Args, not is_pid(A)]} | told()]
    after 0 -> []
    end.
