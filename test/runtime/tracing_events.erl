%% SPDX-License-Identifier: Apache-2.0
%% What tracers are told of processes: messages, starts, links, names, ends;
%% who inherits flags; sequential tracing; who watches the system.
-module(tracing_events).
-export([main/0]).

slave() ->
    receive
        {run, Fun} ->
            Fun(),
            slave();
        stop -> ok
    end.

run(P, Fun) ->
    Self = self(),
    P ! {run, fun() -> Fun(), Self ! ran end},
    receive ran -> ok end.

%% The messages about [P], and about others as well if it is all.
told(P) ->
    Ref = erlang:trace_delivered(all),
    receive {trace_delivered, all, Ref} -> ok end,
    told(P, []).

told(P, Before) ->
    receive
        Trace when element(1, Trace) =:= trace,
                   P =:= all orelse element(2, Trace) =:= P ->
            told(P, [element(3, Trace) | Before])
    after 50 ->
            lists:reverse(Before)
    end.

main() ->
    P = spawn(fun slave/0),
    messages(P),
    processes(P),
    inherited(P),
    refused(P),
    ended(P),
    sequential(),
    watched().

%% expect: ['receive',send,send]
%% expect: [{trace,send,hello},{trace,'receive',hello}]
messages(P) ->
    1 = erlang:trace(P, true, [send, 'receive']),
    Self = self(),
    run(P, fun() -> Self ! hello end),
    io:format("~w~n", [told(P)]),
    receive hello -> ok end,
    Other = spawn(fun() -> receive hello -> ok end end),
    erlang:trace(Other, true, ['receive']),
    run(P, fun() -> Other ! hello end),
    timer:sleep(20),
    io:format("~w~n", [[{trace, element(3, T), element(4, T)}
                        || T <- all([]), element(4, T) =:= hello]]),
    erlang:trace(P, false, [all]).

all(Before) ->
    receive T when element(1, T) =:= trace -> all([T | Before])
    after 20 -> lists:reverse(Before)
    end.

%% expect: [register,unregister]
%% expect: [spawn,link]
processes(P) ->
    1 = erlang:trace(P, true, [procs]),
    run(P, fun() ->
        register(tracing_name, self()),
        unregister(tracing_name)
    end),
    io:format("~w~n", [told(P)]),
    run(P, fun() -> spawn_link(fun() -> ok end) end),
    io:format("~w~n", [told(P) -- [getting_unlinked]]),
    erlang:trace(P, false, [all]).

%% expect: [spawn,spawned,exit]
inherited(P) ->
    1 = erlang:trace(P, true, [procs, set_on_first_spawn]),
    run(P, fun() -> spawn(fun() -> ok end) end),
    io:format("~w~n", [told(all)]),
    {flags, [procs]} = erlang:trace_info(P, flags),
    erlang:trace(P, false, [all]),
    {flags, []} = erlang:trace_info(P, flags),
    {tracer, []} = erlang:trace_info(P, tracer).

%% expect: [badarg,badarg,badarg]
refused(P) ->
    io:format("~w~n",
              [[element(1, element(2, catch F()))
                || F <- [fun() -> erlang:trace(P, true, [nothing]) end,
                         fun() -> erlang:trace(P, maybe_, []) end,
                         fun() ->
                             erlang:trace_pattern({a, '_', 1}, true, [])
                         end]]]).

%% expect: [exit]
ended(P) ->
    erlang:trace(P, true, [procs]),
    P ! stop,
    io:format("~w~n", [told(P)]).

%% expect: {send,{0,1},first}
%% expect: {'receive',{0,1},first}
%% expect: {send,{1,2},second}
%% expect: {[],false}
sequential() ->
    Self = self(),
    seq_trace:set_system_tracer(spawn(fun() -> forward(Self) end)),
    Far = spawn(fun() -> receive second -> ok end end),
    Near = spawn(fun() -> receive first -> Far ! second end end),
    seq_trace:set_token(label, {my, label}),
    seq_trace:set_token(send, true),
    seq_trace:set_token('receive', true),
    Near ! first,
    seq_trace:set_token([]),
    [receive {seq_trace, {my, label}, {What, Serial, _, _, Message}} ->
         io:format("~w~n", [{What, Serial, Message}])
     end || _ <- [1, 2, 3]],
    seq_trace:reset_trace(),
    seq_trace:set_system_tracer(false),
    io:format("~w~n", [{seq_trace:get_token(), seq_trace:get_system_tracer()}]).

forward(To) ->
    receive
        Message ->
            To ! Message,
            forward(To)
    end.

%% expect: {undefined,true,large_heap}
watched() ->
    Old = erlang:system_monitor(),
    erlang:system_monitor(self(), [{large_heap, 50000}]),
    Self = self(),
    Set = {Self, [{large_heap, 50000}]} =:= erlang:system_monitor(),
    spawn(fun() ->
        L = lists:seq(1, 200000),
        garbage_collect(),
        Self ! length(L)
    end),
    receive
        {monitor, _, What, Info} when is_list(Info) ->
            io:format("~w~n", [{Old, Set, What}])
    after 5000 -> io:format("nothing~n")
    end,
    erlang:system_monitor(undefined).
