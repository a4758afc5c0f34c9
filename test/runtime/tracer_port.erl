%% SPDX-License-Identifier: Apache-2.0
%% A tracer may be a port: it is given each message in the external format.
%% Who is traced while it asks where it is hears of its own function.
%% expect: [{trace,send,one},{trace,send,two}]
%% expect: {[],[]}
%% expect: {current_function,{tracer_port,asked,0}}
%% expect: {current_function,{tracer_port,asked,0}}
-module(tracer_port).
-export([main/0]).

main() ->
    Port = open_port({spawn, "cat"}, [{packet, 4}, binary]),
    Self = self(),
    P = spawn(fun() ->
                  receive go -> ok end,
                  Self ! one,
                  Self ! two,
                  receive done -> ok end
              end),
    erlang:trace(P, true, [send, {tracer, Port}]),
    {tracer, Port} = erlang:trace_info(P, tracer),
    P ! go,
    show([begin
              {trace, P, send, What, Self} =
                  receive {Port, {data, B}} -> binary_to_term(B) end,
              {trace, send, What}
          end || _ <- [1, 2]]),
    port_close(Port),
    {flags, Flags} = erlang:trace_info(P, flags),
    {tracer, Tracer} = erlang:trace_info(P, tracer),
    show({Flags, Tracer}),
    P ! done,
    show(asked()),
    Spec = [{'_', [], [{return_trace}]}],
    spawn(fun() ->
              erlang:trace(Self, true, [call]),
              erlang:trace_pattern({erlang, process_info, 2}, Spec, []),
              Self ! traced,
              receive done -> ok end
          end),
    receive traced -> ok end,
    show(asked()).

asked() ->
    Answer = process_info(self(), current_function),
    put(answer, Answer),
    Answer.

show(T) -> io:format("~w~n", [T]).
