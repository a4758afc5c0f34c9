%% SPDX-License-Identifier: Apache-2.0
%% Patterns for messages: which actions make no sense there, and what they
%% match. A process keeps the heap it has asked for.
%% expect: [ok,badarg,ok,badarg,ok]
%% expect: [badarg,badarg,badarg,badarg,ok]
%% expect: {trace,send,nobody_has_this}
%% expect: {trace,timeout}
%% expect: true
-module(message_patterns).
-export([main/0]).

main() ->
    Actions = [{enable_trace, call}, {caller}, {silent, true},
               {current_stacktrace}, {message, true}],
    [io:format("~p~n", [[pattern(Event, [{'_', [], [A]}]) || A <- Actions]])
     || Event <- [send, 'receive']],
    %% No tracers at all.
    [badarg = try erlang:trace_pattern({lists, seq, 2}, true, [Kind])
              catch error:Reason -> Reason
              end || Kind <- [{meta, 5, []}, {meta, {1, 2}}, {meta, {}}]],
    sent(),
    timed(),
    heap().

pattern(Event, Spec) ->
    try erlang:trace_pattern(Event, Spec, []) of
        _ -> ok
    catch
        error:Reason -> Reason
    after
        erlang:trace_pattern(Event, true, [])
    end.

sent() ->
    {Pid, Monitor} =
        spawn_monitor(fun() ->
                          receive go -> catch nobody_has_this ! hello end
                      end),
    erlang:trace(Pid, true, [send]),
    Pid ! go,
    receive
        {trace, Pid, What, hello, To} -> io:format("~p~n", [{trace, What, To}])
    after 2000 -> io:format("no trace~n")
    end,
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

timed() ->
    Pid = spawn(fun() ->
                    receive go -> receive never -> ok after 1 -> ok end end
                end),
    Spec = [{[clock_service, undefined, timeout], [], []}],
    erlang:trace_pattern('receive', Spec, []),
    erlang:trace(Pid, true, ['receive']),
    Pid ! go,
    receive
        {trace, Pid, 'receive', M} -> io:format("~p~n", [{trace, M}])
    after 2000 -> io:format("no trace~n")
    end,
    erlang:trace_pattern('receive', true, []).

heap() ->
    Self = self(),
    spawn_opt(fun() ->
                  garbage_collect(),
                  {_, Words} = process_info(self(), heap_size),
                  Self ! {heap, Words >= 100000}
              end, [{min_heap_size, 100000}]),
    receive {heap, Kept} -> io:format("~p~n", [Kept]) end.
