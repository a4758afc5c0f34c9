%% SPDX-License-Identifier: Apache-2.0
%% A process that hears what happens to tests and calls a module for it.
%%
%% The events of eunit_proc arrive in order; the module gets with each the data
%% of its beginning, and the totals at the end.
-module(eunit_listener).

-export([start/1, start/2]).

-callback init(Options :: [term()]) -> State :: term().
-callback handle_begin(group | test, Data :: [{atom(), term()}],
                       State :: term()) -> term().
-callback handle_end(group | test, Data :: [{atom(), term()}],
                     State :: term()) -> term().
-callback handle_cancel(group | test, Data :: [{atom(), term()}],
                        State :: term()) -> term().
-callback terminate({ok, [{atom(), term()}]} | {error, term()},
                    State :: term()) -> term().

-record(listener, {module,
                   state,
                   open = [],       % [{Type, Data}], the innermost first
                   counts = #{pass => 0, fail => 0, skip => 0, cancel => 0}}).

start(Module) ->
    start(Module, []).

start(Module, Options) ->
    spawn_opt(fun() -> run(Module, Options) end,
              proplists:get_all_values(spawn, Options)).

run(Module, Options) ->
    L = listen(call(init, [Options], #listener{module = Module})),
    Counts = [{K, maps:get(K, L#listener.counts)}
              || K <- [pass, fail, skip, cancel]],
    call(terminate, [{ok, Counts}, L#listener.state], L).

%% Until what began first has ended.
listen(L) ->
    receive
        {status, Id, Status} ->
            case heard(Id, Status, L) of
                #listener{open = []} = Last -> Last;
                L1 -> listen(L1)
            end
    end.

heard(Id, {progress, 'begin', {Type, Data0}}, #listener{open = Open} = L) ->
    Data = [{id, Id} | Data0],
    L1 = L#listener{open = [{Type, Data} | Open]},
    call(handle_begin, [Type, Data, L#listener.state], L1);
heard(_, {progress, 'end', {Result, More}},
      #listener{open = [{Type, [Id | Data]} | Open]} = L) ->
    All = [Id, result(Type, Result) | Data ++ More],
    L1 = count(Type, Result, L#listener{open = Open}),
    call(handle_end, [Type, All, L#listener.state], L1);
heard(_, {cancel, Reason}, #listener{open = [{Type, [Id | Data]} | Open]} = L) ->
    All = [Id, {reason, Reason} | Data],
    L1 = add(cancel, L#listener{open = Open}),
    call(handle_cancel, [Type, All, L#listener.state], L1).

result(group, Count) -> {size, Count};
result(test, Status) -> {status, Status}.

count(group, _, L) -> L;
count(test, ok, L) -> add(pass, L);
count(test, {error, _}, L) -> add(fail, L);
count(test, {skipped, _}, L) -> add(skip, L).

add(Key, #listener{counts = Counts} = L) ->
    L#listener{counts = maps:update_with(Key, fun(N) -> N + 1 end, Counts)}.

%% A function of the module that fails ends the listener, which is told.
call(Function, Args, #listener{module = Module, state = State} = L) ->
    try
        L#listener{state = apply(Module, Function, Args)}
    catch
        Class:Reason:Stack ->
            Function =:= terminate
                orelse Module:terminate({error, {Class, Reason, Stack}},
                                        State),
            erlang:raise(Class, Reason, Stack)
    end.
