%% SPDX-License-Identifier: Apache-2.0
%% eprof: where processes spend their time, by functions. The machine counts
%% calls and time (call_time) of the processes that are looked at.
-module(eprof).
-behaviour(gen_server).

-export([start/0, stop/0, profile/1, profile/2, profile/3, profile/4,
         profile/5, profile/6, start_profiling/1, start_profiling/2,
         start_profiling/3, stop_profiling/0, analyze/0, analyze/1, analyze/2,
         log/1, dump/0, dump_data/0]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(ALL, {'_', '_', '_'}).
-define(SPAWNED, [{set_on_spawn, true}]).

%% Flags of the processes; what was measured, #{Pid => [{Function, {Calls,
%% Micros}}]}; whoever waits for the profile of a fun.
-record(eprof, {pattern, roots = [], flags = [], runner, waiting,
                measured = #{}, file}).

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

stop() -> call(stop).

%% ---- Profiling a call ----

profile(Roots) when is_list(Roots) -> start_profiling(Roots);
profile(Fun) when is_function(Fun) -> profile([], Fun).

profile(Fun, Options) when is_function(Fun), is_list(Options) ->
    profile([], erlang, apply, [Fun, []], ?ALL, Options);
profile(Roots, Fun) when is_list(Roots), is_function(Fun) ->
    profile(Roots, Fun, ?ALL).

profile(Roots, Fun, Pattern) -> profile(Roots, Fun, Pattern, ?SPAWNED).

profile(Roots, Fun, Pattern, Options) when is_function(Fun) ->
    profile(Roots, erlang, apply, [Fun, []], Pattern, Options);
profile(Roots, M, F, Args) ->
    profile(Roots, M, F, Args, ?ALL).

profile(Roots, M, F, Args, Pattern) ->
    profile(Roots, M, F, Args, Pattern, ?SPAWNED).

%% Calls M:F(Args...) in a process that is looked at with [Roots].
profile(Roots, M, F, Args, Pattern, Options) ->
    start(),
    call({profile, Roots, Pattern, {M, F, Args}, Options}).

%% ---- Profiling processes ----

start_profiling(Roots) -> start_profiling(Roots, ?ALL).

start_profiling(Roots, Pattern) -> start_profiling(Roots, Pattern, ?SPAWNED).

start_profiling(Roots, Pattern, Options) ->
    start(),
    call({profile, Roots, Pattern, none, Options}).

stop_profiling() -> call(stop_profiling).

analyze() -> analyze(procs).

analyze(Options) when is_list(Options) -> analyze(procs, Options);
analyze(Type) -> analyze(Type, []).

%% By process or in total; {filter, [{calls, Least}, {time, Least}]},
%% {sort, time | calls | mfa}.
analyze(Type, Options) -> call({analyze, Type, Options}).

log(File) -> call({log, File}).

dump() -> call(dump).

dump_data() -> call(dump_data).

call(Request) -> gen_server:call(?MODULE, Request, infinity).

%% ---- The server ----

init([]) ->
    process_flag(trap_exit, true),
    {ok, #eprof{}}.

handle_call({profile, _, _, _, _}, _, #eprof{pattern = P} = S)
  when P =/= undefined ->
    {reply, {error, already_profiling}, S};
handle_call({profile, Roots, Pattern, Call, Options}, From, S) ->
    Flags = [call | [set_on_spawn
                     || proplists:get_bool(set_on_spawn, Options)]],
    Runner = start_runner(Call),
    All = [Runner || Runner =/= none] ++ Roots,
    case trace(true, All, Flags) of
        true ->
            trace_functions(true, Pattern),
            New = #eprof{pattern = Pattern, roots = All, flags = Flags,
                         runner = Runner, file = S#eprof.file},
            case Runner of
                none ->
                    {reply, profiling, New};
                _ ->
                    Runner ! {self(), go},
                    {noreply, New#eprof{waiting = From}}
            end;
        false ->
            Runner =:= none orelse exit(Runner, kill),
            {reply, error, S}
    end;
handle_call(stop_profiling, _, #eprof{pattern = undefined} = S) ->
    {reply, profiling_already_stopped, S};
handle_call(stop_profiling, _, S) ->
    {reply, profiling_stopped, finish(S)};
handle_call({analyze, _, _}, _, #eprof{measured = Measured} = S)
  when map_size(Measured) =:= 0 ->
    {reply, nothing_to_analyze, S};
handle_call({analyze, Type, Options}, _, S)
  when Type =:= procs; Type =:= total ->
    {reply, report(Type, Options, S), S};
handle_call({analyze, Type, _}, _, S) ->
    {reply, {error, {undefined, Type}}, S};
handle_call({log, Name}, _, #eprof{file = Old} = S) ->
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, File} ->
            Old =:= undefined orelse file:close(Old),
            {reply, ok, S#eprof{file = File}};
        Error ->
            {reply, Error, S}
    end;
handle_call(dump, _, #eprof{measured = Measured} = S) ->
    {reply, lists:sort(maps:to_list(Measured)), S};
handle_call(dump_data, _, S) ->
    {reply, total(S), S};
handle_call(stop, _, S) ->
    {stop, normal, stopped, S}.

handle_cast(_, S) ->
    {noreply, S}.

handle_info({Runner, result, Result}, #eprof{runner = Runner} = S) ->
    gen_server:reply(S#eprof.waiting, {ok, Result}),
    {noreply, finish(S)};
handle_info({'EXIT', Runner, Reason}, #eprof{runner = Runner} = S)
  when Reason =/= normal ->
    gen_server:reply(S#eprof.waiting, {error, Reason}),
    {noreply, finish(S)};
handle_info(_, S) ->
    {noreply, S}.

terminate(_, #eprof{pattern = Pattern, file = File} = S) ->
    Pattern =:= undefined orelse finish(S),
    File =:= undefined orelse file:close(File),
    ok.

%% A process that waits until it is traced.
start_runner(none) ->
    none;
start_runner({M, F, Args}) ->
    Server = self(),
    spawn_link(fun() ->
        receive {Server, go} -> ok end,
        Server ! {self(), result, apply(M, F, Args)}
    end).

%% What was measured is read while the counters stand still.
finish(#eprof{pattern = Pattern, roots = Roots, flags = Flags} = S) ->
    trace_functions(pause, Pattern),
    Measured = collect(),
    trace(false, Roots, Flags),
    trace_functions(false, Pattern),
    S#eprof{pattern = undefined, roots = [], runner = none, waiting = none,
            measured = Measured}.

trace_functions(How, Pattern) ->
    erlang:trace_pattern(on_load, How =:= true, [call_time]),
    erlang:trace_pattern(Pattern, How, [call_time]).

%% False when one of them cannot be traced.
trace(How, Roots, Flags) ->
    lists:all(fun(Root) ->
        Pid = if is_atom(Root) -> whereis(Root); true -> Root end,
        try
            erlang:trace(Pid, How, Flags) >= 0
        catch
            error:_ -> How =:= false
        end
    end, Roots).

collect() ->
    lists:foldl(fun({Pid, Function, Calls, Micros}, Acc) ->
        maps:update_with(Pid, fun(Fs) -> [{Function, {Calls, Micros}} | Fs] end,
                         [{Function, {Calls, Micros}}], Acc)
    end, #{}, [{Pid, {M, F, A}, Calls, Seconds * 1000000 + Micros}
               || {M, _} <- code:all_loaded(), {F, A} <- M:module_info(functions),
                  {call_time, Times} <- [erlang:trace_info({M, F, A}, call_time)],
                  is_list(Times), {Pid, Calls, Seconds, Micros} <- Times]).

%% All processes together: {Calls, Micros, [{Function, {Calls, Micros}}]}.
total(#eprof{measured = Measured}) ->
    sums(maps:to_list(lists:foldl(fun({F, {C, T}}, Acc) ->
        maps:update_with(F, fun({C0, T0}) -> {C0 + C, T0 + T} end, {C, T}, Acc)
    end, #{}, lists:append(maps:values(Measured))))).

sums(Functions) ->
    {lists:sum([C || {_, {C, _}} <- Functions]),
     lists:sum([T || {_, {_, T}} <- Functions]), Functions}.

%% ---- The report ----

report(total, Options, #eprof{file = File} = S) ->
    print_table(total(S), Options, File);
report(procs, Options, #eprof{file = File, measured = Measured} = S) ->
    {_, All, _} = total(S),
    ByTime = lists:sort([{element(2, sums(Fs)), Pid, Fs}
                         || {Pid, Fs} <- maps:to_list(Measured)]),
    lists:foreach(fun({Time, Pid, Fs}) ->
        write(File, "~n****** Process ~w    -- ~6.2f % of profiled time *** ~n",
              [Pid, 100 * share(Time, All)]),
        print_table(sums(Fs), Options, File)
    end, ByTime).

share(_, 0) -> 0.0;
share(Part, All) -> Part / All.

print_table({Calls, Time, Functions}, Options, File) ->
    Rows = [[io_lib:format("~w:~tw/~w", [M, F, A]), integer_to_list(C),
             io_lib:format("~.2f", [100 * share(T, Time)]), integer_to_list(T),
             io_lib:format("~.2f", [share(T, C)])]
            || {{M, F, A}, {C, T}} <- sorted(filtered(Functions, Options),
                                             Options)],
    Head = ["FUNCTION", "CALLS", "      %", "TIME", "uS / CALLS"],
    Last = ["Total:", integer_to_list(Calls), "100.00%",
            integer_to_list(Time), io_lib:format("~.2f", [share(Time, Calls)])],
    Widths = [lists:max([string:length(lists:nth(I, R))
                         || R <- [Head, Last | Rows]])
              || I <- [1, 2, 3, 4, 5]],
    Lines = [lists:duplicate(W, $-) || W <- Widths],
    [print_row(Row, Widths, File)
     || Row <- [Head, ["--------", "-----", "-------", "----", "----------"]
                | Rows] ++ [Lines, Last]],
    ok.

print_row([F, C, P, T, U], [WF, WC, WP, WT, WU], File) ->
    write(File, "~ts  ~ts  ~ts  ~ts  [~ts]~n",
          [string:pad(F, WF), string:pad(C, WC, leading),
           string:pad(P, WP, leading), string:pad(T, WT, leading),
           string:pad(U, WU, leading)]).

write(undefined, Format, Args) -> io:format(Format, Args);
write(File, Format, Args) ->
    io:format(File, Format, Args),
    io:format(Format, Args).

filtered(Functions, Options) ->
    Filter = proplists:get_value(filter, Options, []),
    Calls = proplists:get_value(calls, Filter, 0),
    Time = proplists:get_value(time, Filter, 0),
    [F || {_, {C, T}} = F <- Functions, C >= Calls, T >= Time].

sorted(Functions, Options) ->
    Key = case proplists:get_value(sort, Options, time) of
        time -> fun({F, {C, T}}) -> {T, C, F} end;
        calls -> fun({F, {C, T}}) -> {C, T, F} end;
        mfa -> fun({F, _}) -> F end
    end,
    [F || {_, F} <- lists:sort([{Key(F), F} || F <- Functions])].
