%% SPDX-License-Identifier: Apache-2.0
%% int: the debugger's functions: modules are made debuggable, break points set,
%% processes that have stopped are looked into and go on.
-module(int).

-export([i/1, i/2, ni/1, n/1, nn/1, interpreted/0, file/1, interpretable/1]).
-export([auto_attach/0, auto_attach/1, auto_attach/2, stack_trace/0,
         stack_trace/1]).
-export([break/2, delete_break/2, break_in/3, del_break_in/3, no_break/0,
         no_break/1, disable_break/2, enable_break/2, action_at_break/3,
         test_at_break/3, get_binding/2, all_breaks/0, all_breaks/1]).
-export([snapshot/0, clear/0, continue/1, continue/3, step/1, next/1, finish/1]).
-export([start/0, stop/0, subscribe/0, attach/2, attached/1, meta/2, meta/3]).

-type name() :: module() | file:filename().

start() -> dbg_iserver:start().

stop() ->
    [nn(M) || M <- interpreted()],
    dbg_iserver:stop(),
    ok.

%% ---- Modules ----

%% Makes modules debuggable: they are loaded again, on all nodes.
-spec i(name() | [name()]) -> {module, module()} | error | ok.
i(Names) -> each(fun interpret/1, Names).
i(Names, _) -> i(Names).

ni(Names) -> i(Names).

each(Fun, [C | _] = File) when is_integer(C) -> Fun(File);
each(Fun, Names) when is_list(Names) ->
    [Fun(N) || N <- Names],
    ok;
each(Fun, Name) -> Fun(Name).

interpret(Name) ->
    {ok, _} = start(),
    case dbg_iload:load(Name) of
        {module, Module, Source} ->
            ok = dbg_iserver:call({interpret, Module, Source}),
            {module, Module};
        {error, _} ->
            io:format("** Invalid beam file or no abstract code: ~tp~n", [Name]),
            error
    end.

-spec interpretable(name()) -> true | {error, term()}.
interpretable(Name) ->
    case dbg_iload:interpretable(Name) of
        {ok, _, _, _} -> true;
        Error -> Error
    end.

n(Names) -> each(fun restore/1, Names).
nn(Names) -> n(Names).

%% The module as it was is loaded.
restore(Name) ->
    Module = case Name of
                 _ when is_atom(Name) -> Name;
                 _ -> list_to_atom(filename:basename(filename:rootname(Name)))
             end,
    case lists:member(Module, interpreted()) of
        true ->
            File = code:which(Module),
            ok = dbg_iserver:call({forget, Module}),
            code:purge(Module),
            _ = code:load_abs(filename:rootname(File)),
            ok;
        false -> ok
    end.

-spec interpreted() -> [module()].
interpreted() -> dbg_iserver:safe_call(interpreted).

file(Module) -> dbg_iserver:safe_call({file, Module}).

%% ---- Attaching ----

auto_attach() -> dbg_iserver:safe_call(auto_attach).

auto_attach(false) -> dbg_iserver:safe_call({auto_attach, false}).

%% [Function], {Module, Name, Args}, is started for a process that is new, that
%% stops, that ends: Module:Name(Pid, Args ...).
auto_attach(Flags, {M, F}) -> auto_attach(Flags, {M, F, []});
auto_attach(Flag, Function) when is_atom(Flag) -> auto_attach([Flag], Function);
auto_attach(Flags, {_, _, _} = Function) ->
    dbg_iserver:safe_call({auto_attach, {Flags, Function}}).

stack_trace() -> dbg_iserver:safe_call(stack_trace).

stack_trace(true) -> stack_trace(all);
stack_trace(Flag) when Flag =:= all; Flag =:= no_tail; Flag =:= false ->
    dbg_iserver:safe_call({stack_trace, Flag}).

attach(Pid, {M, F, Args}) ->
    case dbg_iserver:safe_call({get_meta, Pid}) of
        {ok, _} -> spawn(M, F, [Pid | Args]);
        Error -> Error
    end.

%% For the attached process: its messages are {Meta, What} from now on.
attached(Pid) ->
    case dbg_iserver:safe_call({get_meta, Pid}) of
        {ok, Meta} ->
            Meta ! {attach, self()},
            {ok, Meta};
        _ -> error
    end.

subscribe() -> dbg_iserver:safe_call({subscribe, self()}).

%% ---- Break points ----

-spec break(module(), pos_integer()) -> ok | {error, break_exists}.
break(Module, Line) when is_atom(Module), is_integer(Line), Line > 0 ->
    dbg_iserver:safe_call({add_break, Module, Line,
                           [active, enable, null, null]}).

delete_break(Module, Line) when is_atom(Module), is_integer(Line) ->
    dbg_iserver:safe_call({delete_break, Module, Line}).

%% At the first line of each clause.
break_in(Module, Name, Arity) -> in(fun break/2, Module, Name, Arity).

del_break_in(Module, Name, Arity) ->
    in(fun delete_break/2, Module, Name, Arity).

in(Fun, Module, Name, Arity) ->
    case lists:member(Module, interpreted())
         andalso dbg_iload:first_line(Module, Name, Arity) of
        {ok, Lines} ->
            [Fun(Module, L) || L <- Lines],
            ok;
        _ -> {error, function_not_found}
    end.

no_break() -> no_break('_').

no_break(Module) -> dbg_iserver:safe_call({no_break, Module}).

disable_break(Module, Line) -> change(Module, Line, 1, inactive).

enable_break(Module, Line) -> change(Module, Line, 1, active).

action_at_break(Module, Line, Action) when Action =:= enable;
                                           Action =:= disable;
                                           Action =:= delete ->
    change(Module, Line, 2, Action).

%% It stops only where Module:Name(Bindings) is true.
test_at_break(Module, Line, {_, _} = Function) ->
    change(Module, Line, 4, Function).

change(Module, Line, N, Value) when is_atom(Module), is_integer(Line) ->
    Change = fun(Options) ->
                 tuple_to_list(setelement(N, list_to_tuple(Options), Value))
             end,
    dbg_iserver:safe_call({change_break, Module, Line, Change}).

get_binding(Name, Bindings) ->
    case lists:keyfind(Name, 1, Bindings) of
        {_, Value} -> {value, Value};
        false -> unbound
    end.

all_breaks() -> dbg_iserver:safe_call(breaks).

all_breaks(Module) -> [B || {{M, _}, _} = B <- all_breaks(), M =:= Module].

%% ---- Processes ----

-spec snapshot() -> [{pid(), mfa(), Status :: atom(), Info :: term()}].
snapshot() -> dbg_iserver:safe_call(snapshot).

clear() -> dbg_iserver:safe_call(clear).

-spec continue(pid()) -> ok | {error, not_interpreted}.
continue(Pid) -> go(Pid, continue).

continue(X, Y, Z) when is_integer(X), is_integer(Y), is_integer(Z) ->
    continue(c:pid(X, Y, Z)).

%% To the next line, wherever it is; to the next one of the same function; to
%% where that has returned.
step(Pid) -> go(Pid, step).
next(Pid) -> go(Pid, next).
finish(Pid) -> go(Pid, finish).

go(Pid, Kind) when is_pid(Pid) ->
    case dbg_iserver:safe_call({get_meta, Pid}) of
        {ok, Meta} ->
            Meta ! {go, Kind},
            ok;
        Error -> Error
    end.

%% Tells the meta process what to do, or asks it.
meta(Meta, Kind) when Kind =:= continue; Kind =:= step; Kind =:= next;
                      Kind =:= finish ->
    Meta ! {go, Kind};
meta(Meta, messages) -> ask(Meta, messages);
meta(Meta, status) -> ask(Meta, status).

meta(Meta, bindings, Stack) -> ask(Meta, {bindings, Stack});
meta(Meta, backtrace, N) -> ask(Meta, {backtrace, N});
meta(Meta, eval, {_, Text}) -> ask(Meta, {eval, Text});
meta(Meta, eval, {_, Text, _}) -> ask(Meta, {eval, Text}).

ask(Meta, What) ->
    Ref = monitor(process, Meta),
    Meta ! {ask, self(), What},
    receive
        {Meta, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, Meta, _} -> error
    end.
