%% SPDX-License-Identifier: Apache-2.0
%% The servers of the library outlive what callers give them wrong.
%% expect: [{error,badarg},{error,badarg}]
%% expect: error
%% expect: {badrecord,no_graph}
%% expect: [true,true,true]
%% expect: {{sys,{debug,no_debug},[nobody]},function_clause}
-module(servers_live_test).
-export([main/0]).

main() ->
    {ok, _} = timer:apply_after(100000, lists, seq, [1, 2]),
    Servers = [timer_server, code_server, logger],
    Before = [whereis(S) || S <- Servers],
    Late = 1 bsl 70,
    show([timer:apply_after(Late, lists, seq, [1, 2]),
          timer:send_interval(Late, soon)]),
    [wrong(Late) || _ <- lists:seq(1, 5)],
    show(element(1, caught(fun() -> logger:set_module_level([a | b], info) end))),
    show(element(2, caught(fun() -> digraph:add_vertex(no_graph, v) end))),
    show([whereis(S) =:= P || {S, P} <- lists:zip(Servers, Before)]),
    {exit, {noproc, Call}} = caught(fun() -> sys:no_debug(nobody) end),
    {exit, {{Reason, [_ | _]}, _}} = caught(fun() -> sys:get_state(7) end),
    show({Call, Reason}).

wrong(Late) ->
    timer:apply_after(Late, lists, seq, [1, 2]),
    caught(fun() -> logger:set_module_level([a | b], info) end),
    caught(fun() -> code:unstick_dir([a | b]) end),
    caught(fun() -> code:stick_dir([a | b]) end),
    caught(fun() -> code:del_path([a | b]) end).

caught(Fun) ->
    try Fun()
    catch Class:Reason -> {Class, Reason}
    end.

show(Term) -> io:format("~0p~n", [Term]).
