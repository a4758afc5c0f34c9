%% SPDX-License-Identifier: Apache-2.0
%% What tests of machines ask of the machine: erts_debug's internal state, the
%% system logger, the order in which missing keys are named.
-module(debug_state).

-export([main/0]).

%% expect: closed undef
%% expect: items true
%% expect: stack true
%% expect: binaries [heap_binary,{refc_binary,100,{binary,100},0},heap_binary]
%% expect: processes true
%% expect: names true
%% expect: trie true true
%% expect: trace []
%% expect: missing [42,42,b,x]
%% expect: several on_load system_limit
%% expect: logger {true,log,true}
main() ->
    logger:set_primary_config(level, none),
    Closed = try erts_debug:get_internal_state(stack_check)
             catch error:Why -> Why end,
    io:format("closed ~p~n", [Closed]),
    erts_debug:set_internal_state(available_internal_state, true),
    internal(),
    Depth = erlang:system_flag(backtrace_depth, 0),
    {_, Trace} = process_info(self(), current_stacktrace),
    erlang:system_flag(backtrace_depth, Depth),
    io:format("trace ~p~n", [Trace]),
    io:format("missing ~p~n", [missing(#{a => 1}, x)]),
    io:format("several on_load ~p~n", [several()]),
    io:format("logger ~p~n", [logger()]),
    erts_debug:set_internal_state(available_internal_state, false).

internal() ->
    Names = erts_debug:get_internal_state(process_info_args),
    Items = [process_info(self(), N) || N <- Names],
    io:format("items ~p~n",
              [length(Items) > 30 andalso lists:member(links, Names)]),
    Left = erts_debug:get_internal_state(stack_check),
    io:format("stack ~p~n", [Left > 10000]),
    Large = binary:copy(<<0>>, 100),
    io:format("binaries ~p~n",
              [[erts_debug:get_internal_state({binary_info, B})
                || B <- [<<1>>, Large, <<1:3>>]]]),
    Processes = erts_debug:get_internal_state(processes),
    io:format("processes ~p~n", [lists:member(self(), Processes)]),
    Is = erts_debug:instructions(),
    io:format("names ~p~n", [length(Is) > 100 andalso is_list(hd(hd([Is])))]),
    Map = maps:from_list([{I, I} || I <- lists:seq(1, 1000)]),
    Info = erts_debug:map_info(Map),
    Bitmaps = element(2, lists:keyfind(bitmaps, 1, Info)),
    Arrays = element(2, lists:keyfind(arrays, 1, Info)),
    io:format("trie ~p ~p~n", [Bitmaps > 200, Arrays < 100]).

%% Where all keys stand in the code, the least is named; else the first.
missing(M, X) ->
    [try F() catch error:{badkey, Key} -> Key end
     || F <- [fun() -> M#{42.0 := v, 42 := v} end,
              fun() -> M#{42.0 => v, 43 := v, 42 := v} end,
              fun() -> M#{c := 1, a := 2, b := 3} end,
              fun() -> M#{X := 1} end]].

several() ->
    Code = fun(Name) ->
        Forms = [{attribute, 1, module, Name}, {attribute, 1, on_load, {f, 0}},
                 {function, 1, f, 0, [{clause, 1, [], [], [{atom, 1, ok}]}]}],
        {ok, _, Beam} = compile:forms(Forms),
        erlang:prepare_loading(Name, Beam)
    end,
    try erlang:finish_loading([Code(ds_a), Code(ds_b)])
    catch error:Why -> Why end.

%% The runtime's own events go to the process that is named.
logger() ->
    First = erlang:system_info(system_logger),
    Self = self(),
    {Pid, Ref} = spawn_monitor(fun() -> receive M -> Self ! {got, M} end end),
    First = erlang:system_flag(system_logger, Pid),
    Set = erlang:system_info(system_logger) =:= Pid,
    spawn(fun() -> error(wanted) end),
    Got = receive {got, M} -> element(1, M) end,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    erlang:system_flag(system_logger, undefined),
    Off = erlang:system_flag(system_logger, First) =:= undefined,
    {Set, Got, Off}.
