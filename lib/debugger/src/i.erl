%% SPDX-License-Identifier: Apache-2.0
%% i: the debugger's functions under short names, and tables of what it knows.
%% There are no windows: im/0 is not here, and to attach, ia/1, is to be told
%% where a process stands.
-module(i).

-export([help/0, iv/0]).
-export([ii/1, ii/2, iq/1, ini/1, ini/2, inq/1, il/0]).
-export([ib/2, ib/3, ib/4, ibd/2, ibe/2, iba/3, ibc/3, ir/0, ir/1, ir/2, ir/3,
         ipb/0, ipb/1]).
-export([ip/0, ic/0, ia/1, ia/2, ia/3, ia/4, iaa/1, iaa/2, ist/1]).
-export([tell/1]).

%% The version of the debugger, as an atom.
iv() ->
    _ = application:load(debugger),
    {ok, Version} = application:get_key(debugger, vsn),
    list_to_atom(Version).

%% ---- Modules ----

ii(Names) -> int:i(Names).
ii(Names, _) -> int:i(Names).
iq(Names) -> int:n(Names).
ini(Names) -> int:ni(Names).
ini(Names, _) -> int:ni(Names).
inq(Names) -> int:nn(Names).

il() ->
    Row = "~-20s     ~ts\n",
    io:format(Row, ["Module", "File"]),
    [io:format(Row, [atom_to_list(M), file_of(M)])
     || M <- lists:sort(int:interpreted())],
    ok.

file_of(Module) ->
    case int:file(Module) of
        {error, not_loaded} -> "not loaded";
        File -> File
    end.

%% ---- Break points ----

ib(Module, Line) -> int:break(Module, Line).
ib(Module, Name, Arity) -> int:break_in(Module, Name, Arity).

%% The new ones stop only where [Condition] is true.
ib(Module, Name, Arity, Condition) ->
    Before = int:all_breaks(Module),
    ok = int:break_in(Module, Name, Arity),
    [int:test_at_break(M, Line, Condition)
     || {{M, Line}, _} <- int:all_breaks(Module) -- Before],
    ok.

ibd(Module, Line) -> int:disable_break(Module, Line).
ibe(Module, Line) -> int:enable_break(Module, Line).
iba(Module, Line, Action) -> int:action_at_break(Module, Line, Action).
ibc(Module, Line, Condition) -> int:test_at_break(Module, Line, Condition).

ir() -> int:no_break().
ir(Module) -> int:no_break(Module).
ir(Module, Line) -> int:delete_break(Module, Line).
ir(Module, Name, Arity) -> int:del_break_in(Module, Name, Arity).

ipb() -> print_breaks(int:all_breaks()).

ipb(Module) when is_list(Module) -> ipb(list_to_atom(Module));
ipb(Module) -> print_breaks(int:all_breaks(Module)).

print_breaks(Breaks) ->
    io:format("~-15s ~-9s ~-12s ~-12s ~-21s~n",
              ["Module", "Line", "Status", "Action", "Condition"]),
    [io:format("~-15w ~-9w ~-12w ~-12w ~-21s~n",
               [Module, Line, Status, Action, condition(Test)])
     || {{Module, Line}, [Status, Action, _, Test]} <- lists:keysort(1, Breaks)],
    ok.

condition(null) -> "";
condition(Test) -> io_lib:format("~w", [Test]).

%% ---- Processes ----

ip() ->
    Row = "~-12s ~-21ts ~-9s ~-21s~n",
    io:format(Row, ["Pid", "Initial Call", "Status", "Info"]),
    [io:format(Row, [io_lib:format("~w", [Pid]),
                     io_lib:format("~w:~tw/~w", [M, F, length(Args)]),
                     io_lib:format("~w", [Status]), info(Info)])
     || {Pid, {M, F, Args}, Status, Info} <- int:snapshot()],
    ok.

info({}) -> "";
info(Info) -> io_lib:format("~w", [Info]).

ic() -> int:clear().

ia(Pid) -> ia(Pid, {?MODULE, tell}).
ia(X, Y, Z) -> ia(c:pid(X, Y, Z)).
ia(X, Y, Z, Function) -> ia(c:pid(X, Y, Z), Function).

ia(Pid, {M, F}) ->
    case lists:keymember(Pid, 1, int:snapshot()) of
        true ->
            _ = int:attach(Pid, {M, F, []}),
            ok;
        false -> no_proc
    end.

iaa(Flags) -> iaa(Flags, {?MODULE, tell, []}).

iaa(Flags, Function) ->
    int:auto_attach(Flags, Function),
    true.

ist(Flag) ->
    int:stack_trace(Flag),
    true.

%% What attaching does unless a function is named: where [Pid] stands and what
%% its variables are.
tell(Pid) ->
    case [{Status, Info} || {P, _, Status, Info} <- int:snapshot(), P =:= Pid] of
        [{break, {Module, Line} = Where}] ->
            {ok, Meta} = int:attached(Pid),
            io:format("~w stopped in ~w, line ~w~n", [Pid, Module, Line]),
            [io:format("    ~s = ~tp~n", [Name, Value])
             || {Name, Value} <- lists:sort(int:meta(Meta, bindings, nostack))],
            Where;
        [{Status, Info}] ->
            io:format("~w is ~w ~s~n", [Pid, Status, info(Info)]);
        [] -> no_proc
    end.

help() ->
    [io:format("~-14s -- ~s~n", [Call, What]) || {Call, What} <- calls()],
    ok.

calls() ->
    [{"iv()", "version of the debugger"},
     {"ii(Mod)", "make Mod, or a list of modules, debuggable"},
     {"iq(Mod)", "load Mod as it was"},
     {"ini(Mod)", "ii/1 on all nodes"},
     {"inq(Mod)", "iq/1 on all nodes"},
     {"il()", "the modules that are debuggable"},
     {"ib(Mod,Line)", "a break point at a line"},
     {"ib(M,F,Arity)", "break points at the clauses of a function"},
     {"ibd(Mod,Line)", "a break point is passed by"},
     {"ibe(Mod,Line)", "a break point stops again"},
     {"iba(M,L,A)", "what a break point does when reached: enable, disable, "
      "delete"},
     {"ibc(M,L,Fun)", "it stops only where Fun, {M,F}, says so"},
     {"ir(Mod,Line)", "remove a break point"},
     {"ir(M,F,Arity)", "remove those of a function"},
     {"ir(Mod), ir()", "remove those of a module, all"},
     {"ipb(), ipb(M)", "the break points"},
     {"ip()", "the processes that ran such modules"},
     {"ic()", "forget those that have ended"},
     {"ia(Pid)", "where a process stands (also ia(X,Y,Z))"},
     {"ia(Pid,Fun)", "spawn Fun, {M,F}, with the process"},
     {"iaa(Flags)", "tell of processes at init, break, exit"},
     {"iaa(Flags,F)", "call F, {M,F,Args}, there"},
     {"ist(Flag)", "frames that are kept: all, no_tail, false"}].
