%% SPDX-License-Identifier: Apache-2.0
%% What tracers are told of calls: by entry and by export, of functions in
%% Erlang and in C, with return values, exceptions and callers; counters; and
%% code that is switched under trace while others run it.
-module(tracing).
-export([main/0, f/1, g/1, crash/1, spin/0]).

f(0) -> done;
f(N) -> [g(N) | f(N - 1)].

g(N) -> {g, N}.

crash(Why) -> exit(Why).

spin() -> ?MODULE:spin().

%% Runs what it is sent; the answer comes behind the trace messages.
slave() ->
    receive
        {run, From, Fun} ->
            From ! {done, catch Fun()},
            slave()
    end.

run(Slave, Fun) ->
    Slave ! {run, self(), Fun},
    receive {done, _} -> ok end,
    Ref = erlang:trace_delivered(Slave),
    receive {trace_delivered, Slave, Ref} -> ok end,
    told().

%% Pids are not the same everywhere, nor are the numbers of funs.
told() ->
    receive
        Trace when element(1, Trace) =:= trace;
                   element(1, Trace) =:= trace_ts ->
            Parts = [P || P <- tl(tuple_to_list(Trace)), not is_pid(P),
                          not is_stamp(P)],
            case fun_is_in(Parts) of
                true -> ok;
                false -> io:format("~w~n", [list_to_tuple(Parts)])
            end,
            told()
    after 0 -> io:format("-~n")
    end.

is_stamp({A, B, C}) -> is_integer(A) andalso is_integer(B)
                           andalso is_integer(C);
is_stamp(_) -> false.

fun_is_in(Parts) ->
    lists:any(fun({?MODULE, F, _}) -> hd(atom_to_list(F)) =:= $-;
                 (_) -> false
              end, Parts).

main() ->
    P = spawn(fun slave/0),
    1 = erlang:trace(P, true, [call]),
    calls(P),
    bifs(P),
    others(P),
    counters(P),
    switched().

%% expect: {call,{tracing,f,[1]}}
%% expect: {call,{tracing,g,[1]}}
%% expect: {call,{tracing,f,[0]}}
%% expect: -
%% expect: {call,{tracing,f,[1]},{tracing,slave,0}}
%% expect: {call,{tracing,f,[0]},{tracing,f,1}}
%% expect: {return_from,{tracing,f,1},done}
%% expect: {return_from,{tracing,f,1},[{g,1}|done]}
%% expect: -
%% expect: {call,{tracing,crash,[bad]}}
%% expect: {exception_from,{tracing,crash,1},{exit,bad}}
%% expect: -
%% expect: {call,{tracing,f,[1]}}
%% expect: -
%% expect: {traced,global}
calls(P) ->
    F1 = {?MODULE, f, 1},
    erlang:trace_pattern(F1, true, [local]),
    erlang:trace_pattern({?MODULE, g, 1}, [{[1], [], []}], [local]),
    run(P, fun() -> f(1) end),
    erlang:trace_pattern({?MODULE, g, 1}, false, [local]),
    Caller = [{'_', [], [{return_trace}, {message, {caller}}]}],
    1 = erlang:trace_pattern(F1, Caller, [local]),
    %% a call that is not the last one, so that there is a caller
    run(P, fun f_1/0),
    erlang:trace_pattern(F1, false, [local]),
    Exceptions = [{'_', [], [{exception_trace}]}],
    erlang:trace_pattern({?MODULE, crash, 1}, Exceptions, [local]),
    run(P, fun() -> crash(bad) end),
    erlang:trace_pattern({?MODULE, crash, 1}, false, [local]),
    erlang:trace_pattern(F1, true, []),
    run(P, fun() -> ?MODULE:f(1) end),
    io:format("~w~n", [erlang:trace_info(F1, traced)]),
    erlang:trace_pattern(F1, false, []).

f_1() -> f(1).

%% expect: {call,{lists,reverse,[[1,2]]}}
%% expect: {return_from,{lists,reverse,1},[2,1]}
%% expect: -
%% expect: {call,{erlang,list_to_atom,[x]}}
%% expect: {exception_from,{erlang,list_to_atom,1},{error,badarg}}
%% expect: -
bifs(P) ->
    Spec = [{'_', [], [{exception_trace}]}],
    [erlang:trace_pattern(MFA, Spec, [])
     || MFA <- [{lists, reverse, 1}, {erlang, list_to_atom, 1}]],
    run(P, fun() -> lists:reverse([1, 2]) end),
    run(P, fun() -> list_to_atom(id(x)) end),
    erlang:trace_pattern({lists, reverse, 1}, false, []),
    erlang:trace_pattern({erlang, list_to_atom, 1}, false, []).

id(X) -> X.

%% expect: {call,{tracing,g,[meta]}}
%% expect: -
%% expect: {call,{tracing,g,1}}
%% expect: {return_to,{tracing,twice,0}}
%% expect: {call,{tracing,g,1}}
%% expect: {return_to,{tracing,twice,0}}
%% expect: -
%% expect: {call,{tracing,g,[7]},{tcw,5}}
%% expect: -
others(P) ->
    G = {?MODULE, g, 1},
    erlang:trace(P, false, [call]),
    erlang:trace_pattern(G, true, [meta]),
    run(P, fun() -> g(meta) end),
    erlang:trace_pattern(G, false, [meta]),
    erlang:trace(P, true, [call, return_to, arity]),
    erlang:trace_pattern(G, true, [local]),
    run(P, fun twice/0),
    erlang:trace(P, false, [return_to, arity]),
    erlang:system_flag(trace_control_word, 5),
    erlang:trace_pattern(G, [{['$1'], [{'>', '$1', {get_tcw}}],
                              [{message, {{tcw, {get_tcw}}}}]}], [local]),
    run(P, fun() -> {g(3), g(7)} end),
    erlang:system_flag(trace_control_word, 0),
    erlang:trace_pattern(G, false, [local]).

twice() -> {g(1), g(2)}.

%% expect: {call_count,11}
%% expect: {call_count,11}
%% expect: {call_count,0}
%% expect: {all,false}
%% expect: 11
counters(P) ->
    F = {?MODULE, f, 1},
    erlang:trace_pattern(F, true, [call_count]),
    f(10),
    io:format("~w~n", [erlang:trace_info(F, call_count)]),
    erlang:trace_pattern(F, pause, [call_count]),
    f(10),
    io:format("~w~n", [erlang:trace_info(F, call_count)]),
    erlang:trace_pattern(F, restart, [call_count]),
    io:format("~w~n", [erlang:trace_info(F, call_count)]),
    erlang:trace_pattern(F, false, [call_count]),
    io:format("~w~n", [erlang:trace_info(F, all)]),
    erlang:trace_pattern(F, true, [call_time]),
    P ! {run, self(), fun() -> f(10) end},
    receive {done, _} -> ok end,
    {call_time, [{P, N, _, _}]} = erlang:trace_info(F, call_time),
    io:format("~w~n", [N]),
    erlang:trace_pattern(F, false, [call_time]).

%% expect: {switched,200}
switched() ->
    Spinners = [spawn_link(?MODULE, spin, []) || _ <- [1, 2]],
    Spin = {?MODULE, spin, 0},
    N = length([on || _ <- lists:seq(1, 200),
                      1 =:= erlang:trace_pattern(Spin, true, [local]),
                      1 =:= erlang:trace_pattern(Spin, false, [local])]),
    [begin unlink(S), exit(S, kill) end || S <- Spinners],
    io:format("~w~n", [{switched, N}]).
