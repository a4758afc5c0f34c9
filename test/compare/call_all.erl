%% SPDX-License-Identifier: Apache-2.0
%% For arguments: calls a module's functions with arguments of all kinds. A line
%% for each call: the call, a tab, the answer, or the exception with the
%% function that failed and what error_info says of it.
-module(call_all).
-export([functions/1, main/1]).

-define(LIMIT, 3000). % milliseconds a call may take

%% Writes the functions that are to be called.
functions([File | Modules]) ->
    Functions = [{M, F, A} || Name <- Modules, M <- [list_to_atom(Name)],
                              {F, A} <- lists:sort(M:module_info(exports)),
                              A > 0, A =< 4, not lists:member(F, left_out())],
    ok = file:write_file(File, io_lib:format("~w.~n", [Functions])),
    halt().

left_out() ->
    [alias, await, bump_reductions, crasher, delay_trap, delete_module,
     dirty_process_handle_signals, display, display_string, display_nl,
     dist_ctrl_get_data, dmonitor_node, exit, exit_signal, finish_loading,
     garbage_collect, get_cookie, get_stacktrace, group_leader, halt, hibernate,
     link, load_module, load_nif, memory, module_info, monotonic_time, nif_error,
     node, nodes, open_port, prepare_loading, process_flag, process_info,
     purge_module, put, raise, register, resume_process, send, send_after,
     seq_trace, set_cookie, setnode, spawn, spawn_init, spawn_link,
     spawn_monitor, spawn_opt, spawn_request, start_timer, statistics,
     suspend_process, system_flag, system_info, system_monitor, system_profile,
     system_time, time_offset, trace, trace_info, trace_pattern, unalias,
     unique_integer, unlink, unregister].

main([Name, File]) ->
    ok = io:setopts([{encoding, unicode}]),
    Module = list_to_atom(Name),
    {ok, [Functions]} = file:consult(File),
    [show(Module, F, Args) || {M, F, A} <- Functions, M =:= Module,
                              Args <- arguments(A)],
    halt().

arguments(1) -> [[X] || X <- all_kinds()];
arguments(2) -> [[X, Y] || X <- kinds(), Y <- kinds()];
arguments(3) -> [[X, Y, Z] || X <- few_kinds(), Y <- few_kinds(),
                              Z <- few_kinds()];
arguments(4) ->
    L = [a, 1, "abc", <<"ab">>],
    [[X, Y, Z, W] || X <- L, Y <- L, Z <- L, W <- [a, -1]].

all_kinds() ->
    [1.5, 1 bsl 70, [a | b], <<1:3>>, fun erlang:abs/1, [] | kinds()].
kinds() -> [a, 1, -1, "abc", [{a, 1}], <<"ab">>, {a, 1}, #{a => 1}].
few_kinds() -> [a, 1, -1, [a | b], "abc", <<"ab">>, #{a => 1}].

show(M, F, Args) ->
    Text = lists:join(",", [io_lib:format("~0tp", [A]) || A <- Args]),
    io:format("~w:~tw(~ts)\t~0tp~n", [M, F, Text, plain(call(M, F, Args))]).

call(M, F, Args) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({answer, result(M, F, Args)}) end),
    receive
        {'DOWN', Ref, _, _, {answer, Result}} -> Result;
        {'DOWN', Ref, _, _, Reason} -> {died, Reason}
    after ?LIMIT ->
            exit(Pid, kill),
            too_long
    end.

result(M, F, Args) ->
    try apply(M, F, Args)
    catch Class:Reason:Trace -> {Class, Reason, explained(Reason, Trace)}
    end.

explained(Reason, [{M, F, Args, Info} | _] = Trace) ->
    {M, F, Args,
     case lists:keyfind(error_info, 1, Info) of
         {_, How} ->
             Explainer = maps:get(module, How, M),
             maps:map(fun(_, Text) -> unicode:characters_to_binary(Text) end,
                      Explainer:format_error(Reason, Trace));
         false -> none
     end};
explained(_, _) -> none.

%% What differs from run to run is not shown.
plain(Pid) when is_pid(Pid) -> pid;
plain(Ref) when is_reference(Ref) -> reference;
plain(Port) when is_port(Port) -> port;
plain(Fun) when is_function(Fun) -> erlang:fun_info(Fun, arity);
plain([Head | Tail]) -> [plain(Head) | plain(Tail)];
plain(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(plain(tuple_to_list(Tuple)));
plain(Map) when is_map(Map) -> maps:map(fun(_, V) -> plain(V) end, Map);
plain(Term) -> Term.
