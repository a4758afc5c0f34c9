%% SPDX-License-Identifier: Apache-2.0
%% dbg_tracer: a process that hands trace messages to a handler. While some
%% wait, the processes whose calls they tell of are suspended, so that no more
%% comes than is handled.
-module(dbg_tracer).

-export([start_link/2]).

start_link(Handler, State) ->
    spawn_opt(fun() ->
        process_flag(trap_exit, true),
        loop(Handler, State)
    end, [link, {priority, max}]).

loop(Handler, State) ->
    {Next, Suspended, Traces} = take([], [], infinity),
    New = try lists:foldl(Handler, State, lists:reverse(Traces))
          catch
              throw:Term -> Term;
              Class:Reason:Stack ->
                  resume(Suspended),
                  exit({trace_handler_crashed,
                        case Class of
                            error -> {Reason, Stack};
                            exit -> Reason
                        end})
          end,
    resume(Suspended),
    case Next of
        done -> exit(normal);
        more -> loop(Handler, New)
    end.

%% All that is there, newest first; waits for the first.
take(Suspended, Traces, Time) ->
    receive
        Trace when element(1, Trace) =:= trace;
                   element(1, Trace) =:= trace_ts;
                   element(1, Trace) =:= seq_trace;
                   element(1, Trace) =:= drop ->
            take(suspend(Trace, Suspended), [Trace | Traces], 0);
        {'EXIT', _, _} -> {done, Suspended, Traces};
        Other ->
            io:format(user, "** tracer received garbage: ~"
                      ++ dbg_text:modifier(user) ++ "p~n", [Other]),
            take(Suspended, Traces, Time)
    after Time -> {more, Suspended, Traces}
    end.

suspend({trace, Pid, call, _}, Suspended) when node(Pid) =:= node() ->
    try erlang:suspend_process(Pid, [unless_suspending, asynchronous]) of
        true -> [Pid | Suspended];
        false -> Suspended
    catch
        error:_ -> Suspended
    end;
suspend(_, Suspended) -> Suspended.

resume(Pids) -> [catch erlang:resume_process(Pid) || Pid <- Pids].
