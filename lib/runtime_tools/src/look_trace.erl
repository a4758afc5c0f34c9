%% SPDX-License-Identifier: Apache-2.0
%% look_trace: traces that cannot harm a node that is in use. Each has a limit
%% on how many messages it shows, how many in some time, and how long it runs,
%% and ends by itself when one is reached, or when who started it ends. A
%% collector takes the messages, with the highest priority, and turns tracing
%% off before it hands them to a printer; so no more than the limit is printed,
%% and what comes too fast ends the trace instead of filling mailboxes.
-module(look_trace).

-export([calls/3, messages/3, stop/0]).

-record(trace, {left :: non_neg_integer(),
                rate :: infinity | {pos_integer(), pos_integer()},
                window = none :: none | {integer(), integer()},
                functions = [] :: [tuple()],
                printer :: pid(),
                printed = 0 :: non_neg_integer()}).

-type limit() :: pos_integer() | {pos_integer(), pos_integer()}.
-type option() :: {time, pos_integer()} | {pid, pid() | atom()}
                | {args, boolean()} | {return, boolean()}
                | {scope, local | global} | {format, fun((tuple()) -> iodata())}
                | {guard, [term()]}.

%% Shows calls of functions: {M, F} or {M, F, Arity or match specification}.
%% [Limit] is a number of messages, or {Number, Ms}: more than that in any such
%% time ends it. Answers how many functions are traced.
-spec calls(tuple() | [tuple()], limit(), [option()]) -> non_neg_integer().
calls(Functions, Limit, Options) when is_list(Functions) ->
    [is_too_much(F) andalso error({too_much, F}) || F <- Functions],
    Flags = [call | [arity || not proplists:get_value(args, Options, true)]],
    start(fun() ->
        lists:sum([set(F, Options) || F <- Functions])
    end, [pattern(F) || F <- Functions], Flags, Limit, Options);
calls(Function, Limit, Options) -> calls([Function], Limit, Options).

%% Shows messages that a process sends and gets.
-spec messages(pid(), limit(), [option()]) -> non_neg_integer().
messages(Pid, Limit, Options) ->
    start(fun() -> 0 end, [], [send, 'receive'], Limit,
          [{pid, Pid} | Options]).

%% Ends what runs.
stop() ->
    case whereis(?MODULE) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! stop,
            receive {'DOWN', Ref, _, _, _} -> ok end
    end.

%% All functions of all modules: a trace of everything.
is_too_much(F) -> element(1, F) =:= '_'.

pattern({M, F}) -> {M, F, '_'};
pattern({M, F, Arity}) when is_integer(Arity); Arity =:= '_' -> {M, F, Arity};
pattern({M, F, _Spec}) -> {M, F, '_'}.

set(Function, Options) ->
    {M, _, _} = MFA = pattern(Function),
    catch M:module_info(),
    Spec = case Function of
               {_, _, Given} when is_list(Given) -> Given;
               _ ->
                   [{'_', [], [{exception_trace}
                               || proplists:get_value(return, Options,
                                                      false)]}]
           end,
    erlang:trace_pattern(MFA, Spec, [proplists:get_value(scope, Options,
                                                         local)]).

%%% The collector

start(Set, Functions, Flags, Limit, Options) ->
    stop(),
    Owner = self(),
    Leader = group_leader(),
    {Pid, Ref} = spawn_opt(fun() ->
        register(?MODULE, self()),
        process_flag(trap_exit, true),
        monitor(process, Owner),
        Format = proplists:get_value(format, Options, fun text/1),
        Printer = spawn_link(fun() -> print(Leader, Format) end),
        {Left, Rate} = limits(Limit),
        Matched = Set(),
        Who = proplists:get_value(pid, Options, all),
        erlang:trace(Who, true, [{tracer, self()} | Flags]),
        [erlang:trace(P, false, [all]) || P <- [Printer, Leader], Who =:= all],
        erlang:send_after(proplists:get_value(time, Options, 60000), self(),
                          {ended, time}),
        Owner ! {self(), Matched},
        collect(#trace{left = Left, rate = Rate, functions = Functions,
                       printer = Printer})
    end, [monitor, {priority, max}]),
    receive
        {Pid, Matched} ->
            demonitor(Ref, [flush]),
            Matched;
        {'DOWN', Ref, _, _, Reason} -> error(Reason)
    end.

limits({Number, Time}) -> {infinity, {Number, Time}};
limits(Number) -> {Number, {10 * Number + 1000, 1000}}.

collect(#trace{left = 0} = T) -> finish(limit, T);
collect(T) ->
    receive
        stop -> finish(stopped, T);
        {ended, Why} -> finish(Why, T);
        {'DOWN', _, process, _, _} -> finish(owner, T);
        {'EXIT', _, _} -> finish(printer, T);
        Message when element(1, Message) =:= trace ->
            case within(T) of
                {true, T1} ->
                    T1#trace.printer ! Message,
                    collect(count(T1));
                false -> finish(rate, T)
            end;
        _ -> collect(T)
    end.

count(#trace{left = infinity} = T) -> T;
count(#trace{left = Left} = T) -> T#trace{left = Left - 1}.

%% Whether the messages of this window are not too many.
within(#trace{window = none} = T) ->
    within(T#trace{window = {erlang:monotonic_time(millisecond), 0}});
within(#trace{rate = {Most, Time}, window = {Since, Count}} = T) ->
    Now = erlang:monotonic_time(millisecond),
    if
        Now - Since > Time -> {true, T#trace{window = {Now, 1}}};
        Count < Most -> {true, T#trace{window = {Since, Count + 1}}};
        true -> false
    end.

%% With the tracer its flags go; patterns stay unless they are cleared.
finish(Why, #trace{functions = Functions, printer = Printer}) ->
    [erlang:trace_pattern(F, false, [Scope])
     || F <- Functions, Scope <- [local, global]],
    erlang:trace(all, false, [all]),
    unlink(Printer),
    Printer ! {ended, Why},
    exit(normal).

%%% The printer

print(Leader, Format) ->
    receive
        {ended, Why} ->
            io:put_chars(Leader, ["-- trace ended: ", atom_to_list(Why),
                                  $\n]);
        Message ->
            io:put_chars(Leader, [Format(Message), $\n]),
            print(Leader, Format)
    end.

text({trace, Pid, call, Call}) -> [begin_line(Pid), call(Call)];
text({trace, Pid, call, Call, Extra}) ->
    [begin_line(Pid), call(Call), io_lib:format("  ~0tp", [Extra])];
text({trace, Pid, return_from, {M, F, A}, Value}) ->
    io_lib:format("~ts~tp:~tp/~w --> ~0tp", [begin_line(Pid), M, F, A,
                                             Value]);
text({trace, Pid, exception_from, {M, F, A}, {Class, Value}}) ->
    io_lib:format("~ts~tp:~tp/~w ~w ~0tp", [begin_line(Pid), M, F, A, Class,
                                            Value]);
text({trace, Pid, 'receive', Message}) ->
    io_lib:format("~ts<< ~0tp", [begin_line(Pid), Message]);
text({trace, Pid, send, Message, To}) ->
    io_lib:format("~ts~0tp ! ~0tp", [begin_line(Pid), To, Message]);
text(Other) -> io_lib:format("~0tp", [Other]).

begin_line(Pid) ->
    {_, {H, M, S}} = calendar:local_time(),
    io_lib:format("~2..0w:~2..0w:~2..0w ~tp ", [H, M, S, Pid]).

call({M, F, Args}) when is_list(Args) ->
    [io_lib:format("~tp:~tp(", [M, F]),
     lists:join(", ", [io_lib:format("~0tp", [A]) || A <- Args]), ")"];
call({M, F, Arity}) -> io_lib:format("~tp:~tp/~w", [M, F, Arity]).
