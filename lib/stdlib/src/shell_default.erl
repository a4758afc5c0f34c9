%% SPDX-License-Identifier: Apache-2.0
%% shell_default: what may be called at the prompt without a module's name.
-module(shell_default).

-export([help/0, lc/1, c/1, c/2, c/3, nc/1, nl/1, l/1, i/0, pid/3, i/3, m/0,
         m/1, lm/0, mm/0, memory/0, memory/1, bt/1, q/0, h/1, h/2, h/3, ht/1,
         ht/2, ht/3, hcb/1, hcb/2, hcb/3, erlangrc/1, bi/1, flush/0, regs/0,
         nregs/0, pwd/0, ls/0, ls/1, cd/1, y/1, y/2, xm/1, ni/0, uptime/0,
         ih/0, iv/0, im/0, ii/1, ii/2, iq/1, ini/1, ini/2, inq/1, ib/2,
         ib/3, ir/2, ir/3, ibd/2, ibe/2, iba/3, ibc/3, ic/0, ir/1, ir/0,
         il/0, ipb/0, ipb/1, iaa/1, iaa/2, ist/1, ia/1, ia/2, ia/3, ia/4,
         ip/0, r/0, src/1, src/2, src/3]).
-export([apps/0, apps/1, glance/0, ports/0, proc/1, ps/0, ps/1, tables/0,
         top/0, top/1]).

%% The commands of the shell itself: {Command, What it does}.
own() ->
    [{"b()        ", "display all variable bindings"},
     {"e(N)       ", "repeat the expression in query <N>"},
     {"f()        ", "forget all variable bindings"},
     {"f(X)       ", "forget the binding of variable X"},
     {"h()        ", "history"},
     {"h(Mod)     ", "help about module"},
     {"h(Mod,Func)", "help about function in module"},
     {"h(Mod,Func,Arity) ", "help about function with arity in module"},
     {"ht(Mod)    ", "help about a module's types"},
     {"ht(Mod,Type) ", "help about type in module"},
     {"ht(Mod,Type,Arity) ", "help about type with arity in module"},
     {"hcb(Mod)    ", "help about a module's callbacks"},
     {"hcb(Mod,CB) ", "help about callback in module"},
     {"hcb(Mod,CB,Arity) ", "help about callback with arity in module"},
     {"history(N) ", "set how many previous commands to keep"},
     {"results(N) ", "set how many previous command results to keep"},
     {"catch_exception(B) ", "how exceptions are handled"},
     {"v(N)       ", "use the value of query <N>"},
     {"rd(R,D)    ", "define a record"},
     {"rf()       ", "remove all record information"},
     {"rf(R)      ", "remove record information about R"},
     {"rl()       ", "display all record information"},
     {"rl(R)      ", "display record information about R"},
     {"rp(Term)   ", "display Term using the shell's record information"},
     {"rr(File)   ", "read record information from File (wildcards "
      "allowed)"},
     {"rr(F,R)    ", "read selected record information from file(s)"},
     {"rr(F,R,O)  ", "read selected record information with options"}].

-spec help() -> true.
help() ->
    io:put_chars("** shell internal commands **\n"),
    io:put_chars([[Command, "-- ", What, $\n] || {Command, What} <- own()]),
    io:put_chars("** commands in module c **\n"),
    c:help(),
    io:put_chars("** commands in module i (interpreter interface) **\n"
                 "ih()       -- print help for the i module\n"),
    help_terminal(io:columns()),
    true.

%% What OTP does not have; programs that read the text get OTP's.
help_terminal({ok, _}) ->
    io:put_chars("** more commands of merle **\n"),
    io:put_chars([[string:pad(Command, 10), " -- ", What, $\n]
                  || {Command, What} <- more()]),
    io:put_chars("** commands that look into the node (module look) **\n"),
    io:put_chars([[string:pad(Command, 10), " -- ", What, $\n]
                  || {Command, What} <- looking()]);
help_terminal({error, _}) -> ok.

more() ->
    [{"cost()", "time, reductions and memory of the last expression"},
     {"lf()", "show the functions that were typed; ff() forgets them"},
     {"lt()", "show the types that were typed; tf() forgets them"},
     {"lr()", "show the records; fl() forgets all that was defined"},
     {"r()", "reload modules that have changed on disk"},
     {"rp()", "print the last result without cutting it"},
     {"src(F)", "source of function <F>"},
     {"src(Mod,F)", "source of function <F> in module <Mod>"},
     {"watch(E)", "print the value of <E> every second until a key"}].

looking() ->
    [{"apps()", "applications"},
     {"apps(App)", "the supervision tree of an application"},
     {"glance()", "memory, schedulers and the like at a glance"},
     {"ports()", "ports"},
     {"proc(Pid)", "one process in full"},
     {"ps()", "processes"},
     {"ps(Options)", "processes by {sort,Column} {name,Text} "
      "{application,App} {function,F} {max,N}"},
     {"tables()", "ets tables"},
     {"top()", "the busiest processes, again each second until a key"},
     {"look:help()", "more, and traces that end by themselves"}].

apps() -> look:apps().
apps(App) -> look:app(App).
glance() -> look:node().
ports() -> look:ports().
proc(Pid) -> look:p(Pid).
ps() -> look:ps().
ps(Options) -> look:ps(Options).
tables() -> look:tables().
top() -> look:top().
top(Options) -> look:top(Options).

bi(I) -> c:bi(I).
bt(Pid) -> c:bt(Pid).
c(File) -> c:c(File).
c(File, Options) -> c:c(File, Options).
c(File, Options, Filter) -> c:c(File, Options, Filter).
cd(Dir) -> c:cd(Dir).
erlangrc(Path) -> c:erlangrc([Path]).
flush() -> c:flush().
h(M) -> c:h(M).
h(M, F) -> c:h(M, F).
h(M, F, A) -> c:h(M, F, A).
ht(M) -> c:ht(M).
ht(M, T) -> c:ht(M, T).
ht(M, T, A) -> c:ht(M, T, A).
hcb(M) -> c:hcb(M).
hcb(M, C) -> c:hcb(M, C).
hcb(M, C, A) -> c:hcb(M, C, A).
i() -> c:i().
i(X, Y, Z) -> c:i(X, Y, Z).
l(Module) -> c:l(Module).
lc(Args) -> c:lc(Args).
lm() -> c:lm().
ls() -> c:ls().
ls(Dir) -> c:ls(Dir).
m() -> c:m().
m(Module) -> c:m(Module).
mm() -> c:mm().
memory() -> c:memory().
memory(Type) -> c:memory(Type).
nc(File) -> c:nc(File).
ni() -> c:ni().
nl(Module) -> c:nl(Module).
nregs() -> c:nregs().
pid(X, Y, Z) -> c:pid(X, Y, Z).
pwd() -> c:pwd().
q() -> c:q().
regs() -> c:regs().
uptime() -> c:uptime().
xm(Module) -> c:xm(Module).
y(File) -> c:y(File).
y(File, Options) -> c:y(File, Options).

%%% Beyond OTP

r() -> shell_source:reload().
src(Function) -> shell_source:show(Function).
src(Module, Function) -> shell_source:show(Module, Function).
src(Module, Function, Arity) -> shell_source:show(Module, Function, Arity).

%%% The debugger's commands, when it is there

-define(I(Function, Args), calli(Function, Args)).

iaa(Flag) -> ?I(iaa, [Flag]).
iaa(Flag, Fnk) -> ?I(iaa, [Flag, Fnk]).
ist(Flag) -> ?I(ist, [Flag]).
ia(Pid) -> ?I(ia, [Pid]).
ia(X, Y, Z) -> ?I(ia, [X, Y, Z]).
ia(Pid, Fnk) -> ?I(ia, [Pid, Fnk]).
ia(X, Y, Z, Fnk) -> ?I(ia, [X, Y, Z, Fnk]).
ib(M, Line) -> ?I(ib, [M, Line]).
ib(M, F, A) -> ?I(ib, [M, F, A]).
ibd(M, Line) -> ?I(ibd, [M, Line]).
ibe(M, Line) -> ?I(ibe, [M, Line]).
iba(M, Line, Action) -> ?I(iba, [M, Line, Action]).
ibc(M, Line, Fnk) -> ?I(ibc, [M, Line, Fnk]).
ic() -> ?I(ic, []).
ih() -> ?I(help, []).
ii(Module) -> ?I(ii, [Module]).
ii(Module, Options) -> ?I(ii, [Module, Options]).
il() -> ?I(il, []).
im() -> ?I(im, []).
ini(Module) -> ?I(ini, [Module]).
ini(Module, Options) -> ?I(ini, [Module, Options]).
inq(Module) -> ?I(inq, [Module]).
ip() -> ?I(ip, []).
ipb() -> ?I(ipb, []).
ipb(Module) -> ?I(ipb, [Module]).
iq(Module) -> ?I(iq, [Module]).
ir() -> ?I(ir, []).
ir(Module) -> ?I(ir, [Module]).
ir(Module, Line) -> ?I(ir, [Module, Line]).
ir(Module, F, A) -> ?I(ir, [Module, F, A]).
iv() -> ?I(iv, []).

calli(Function, Args) -> c:appcall(debugger, i, Function, Args).
