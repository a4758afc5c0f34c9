%% SPDX-License-Identifier: Apache-2.0
%% dbg_debugged: what a process that is debugged calls, and its meta process,
%% which knows where it is and tells it to go on.
%%
%% The table dbg_int has {{break, Module, Line}, Options}, {{mode, Pid}, Mode}
%% and {{meta, Pid}, Meta}; a mode is continue, step, or {next, Words} and
%% {finish, Words}: stop where the stack has no more (less) words than that.
-module(dbg_debugged).

-export([enter/4, line/3, meta/1]).

-record(meta, {pid, module, line, bindings = [], status = running, attached}).

%% A process comes into a debugged module. For the outermost call it is known
%% to the server, and idle when that returns.
enter(Module, Name, Args, Body) ->
    case ets:lookup(dbg_int, {mode, self()}) of
        [{_, Mode}] when Mode =/= idle -> apply(Body, Args);
        _ ->
            dbg_iserver:enter(self(), {Module, Name, Args}),
            try apply(Body, Args)
            after dbg_iserver:leave(self())
            end
    end.

line(Module, Line, Bindings) ->
    Mode = case ets:lookup(dbg_int, {mode, self()}) of
               [{_, M}] -> M;
               [] -> continue
           end,
    Stop = stops(Mode)
           orelse is_break(ets:lookup(dbg_int, {break, Module, Line}), Bindings),
    Stop andalso stopped(Module, Line, Bindings).

stops(continue) -> false;
stops(idle) -> false;
stops(step) -> true;
stops({next, Words}) -> stack() =< Words;
stops({finish, Words}) -> stack() < Words.

stack() ->
    {stack_size, Words} = process_info(self(), stack_size),
    Words.

%% What happens to the break point is done by the server.
is_break([{{_, Module, Line}, [active, Action, _, Test]}], Bindings) ->
    case Test of
        null -> true;
        {M, F} -> M:F(Bindings) =:= true
    end andalso begin
                    dbg_iserver:hit(Module, Line, Action),
                    true
                end;
is_break(_, _) -> false.

stopped(Module, Line, Bindings) ->
    [{_, Meta}] = ets:lookup(dbg_int, {meta, self()}),
    Ref = monitor(process, Meta),
    Meta ! {stopped, Ref, Module, Line, Bindings},
    receive
        {dbg_go, Ref, Kind} ->
            demonitor(Ref, [flush]),
            ets:insert(dbg_int, {{mode, self()}, case Kind of
                                                     next -> {next, stack()};
                                                     finish ->
                                                         {finish, stack()};
                                                     _ -> Kind
                                                 end});
        {'DOWN', Ref, process, Meta, _} -> ok
    end.

%% ---- The meta process ----

meta(Pid) ->
    monitor(process, Pid),
    meta_loop(#meta{pid = Pid}, none).

%% [Ref] is that of the stop, none while the process runs.
meta_loop(#meta{pid = Pid} = M, Ref) ->
    receive
        {stopped, Stop, Module, Line, Bindings} ->
            dbg_iserver:status(Pid, break, {Module, Line}),
            tell(M, {break_at, Module, Line, 1}),
            meta_loop(M#meta{module = Module, line = Line, bindings = Bindings,
                             status = break}, Stop);
        {go, Kind} when Ref =/= none ->
            dbg_iserver:status(Pid, running, {}),
            tell(M, running),
            Pid ! {dbg_go, Ref, Kind},
            meta_loop(M#meta{status = running}, none);
        {go, _} -> meta_loop(M, Ref);
        {ask, From, What} ->
            From ! {self(), answer(What, M)},
            meta_loop(M, Ref);
        {attach, Who} ->
            New = M#meta{attached = Who},
            tell(New, {attached, M#meta.module, M#meta.line, false}),
            meta_loop(New, Ref);
        {'DOWN', _, process, Pid, Reason} ->
            tell(M, {exit_at, null, Reason, 0})
    end.

tell(#meta{attached = undefined}, _) -> ok;
tell(#meta{attached = Who}, Message) -> Who ! {self(), Message}.

answer({bindings, _}, #meta{bindings = Bs}) -> lists:sort(Bs);
answer({backtrace, _}, #meta{module = M, line = L, bindings = Bs}) ->
    [{1, {M, L}, Bs}];
answer(status, #meta{status = Status}) -> Status;
answer(messages, #meta{pid = Pid}) ->
    {messages, Messages} = process_info(Pid, messages),
    Messages;
answer({eval, Text}, #meta{bindings = Bs}) ->
    try
        {ok, Tokens, _} = erl_scan:string(Text ++ "."),
        {ok, Exprs} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Exprs, Bs),
        {eval_rsp, Value}
    catch Class:Reason -> {eval_rsp, {Class, Reason}}
    end.
