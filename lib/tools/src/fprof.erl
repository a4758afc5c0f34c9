%% SPDX-License-Identifier: Apache-2.0
%% fprof: who calls whom, how often, and how long it takes, from a trace of all
%% calls. Tracing writes a file; profiling reads it and sums; an analysis
%% writes the sums.
%%
%% Each process has a stack of frames, which the events keep up: a call that
%% names its caller is put on top of it, others take the place of the frame
%% that made them (tail calls). Time between events is the topmost frame's own.
-module(fprof).
-behaviour(gen_server).

-export([start/0, stop/0, stop/1, apply/2, apply/3, apply/4, trace/1, trace/2,
         profile/0, profile/1, profile/2, analyse/0, analyse/1, analyse/2,
         parsify/1]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(FILE_NAME, "fprof.trace").

%% The process that writes the trace; the sums of fprof_sums:sum/1; a process
%% that gathers a trace without a file.
-record(fprof, {writer, sums, collector}).

start() ->
    case gen_server:start({local, fprof_server}, ?MODULE, [], []) of
        {ok, Pid} -> {ok, Pid};
        {error, {already_started, _}} = Error -> Error
    end.

stop() -> stop(normal).

stop(_Reason) ->
    case whereis(fprof_server) of
        undefined -> ok;
        _ -> gen_server:stop(fprof_server)
    end.

call(Request) ->
    start(),
    gen_server:call(fprof_server, Request, infinity).

%% ---- Tracing ----

%% Calls a function while its process, and what it spawns, is traced.
apply({M, F}, Args) -> ?MODULE:apply(M, F, Args);
apply(Fun, Args) -> ?MODULE:apply(erlang, apply, [Fun, Args]).

apply(M, F, Args) when is_atom(M) -> ?MODULE:apply(M, F, Args, []);
apply(Fun, Args, Options) ->
    ?MODULE:apply(erlang, apply, [Fun, Args], Options).

%% What M:F does is to be in the trace, and no call of the profiler's own: so
%% another process has the trace started and stopped.
apply(M, F, Args, Options) ->
    Procs = [self() | proplists:get_value(procs, Options, [])],
    Request = {trace, Procs, destination(Options)},
    Continues = proplists:get_bool(continue, Options),
    {Switch, Ref} = spawn_monitor(fun() -> switch(Request, Continues) end),
    apply_start_stop(M, F, Args, {Switch, Ref, Continues}).

%% The trace begins in here, as a process that goes on where it waited.
apply_start_stop(M, F, Args, {Switch, Ref, Continues}) ->
    Switch ! {start, self()},
    receive
        {Switch, started} -> ok;
        {'DOWN', Ref, process, Switch, Reason} -> exit(Reason)
    end,
    try
        erlang:apply(M, F, Args)
    after
        Continues orelse Switch ! stop,
        Continues orelse receive {'DOWN', Ref, process, Switch, _} -> ok end
    end.

switch(Request, Continues) ->
    receive
        {start, User} ->
            Ref = monitor(process, User),
            case call(Request) of
                ok -> User ! {self(), started};
                {error, Reason} -> exit(Reason)
            end,
            Continues orelse
                receive
                    stop -> ok;
                    {'DOWN', Ref, process, User, _} -> ok
                end,
            Continues orelse call(stop_trace)
    end.

trace(start) -> trace([start]);
trace(stop) -> trace([stop]);
trace(verbose) -> trace([start]);
trace(Options) when is_list(Options) ->
    case proplists:get_bool(stop, Options) of
        true -> call(stop_trace);
        false ->
            call({trace, proplists:get_value(procs, Options, self()),
                  destination(Options)})
    end.

trace(start, File) -> trace([start, {file, File}]);
trace(Key, Value) -> trace([start, {Key, Value}]).

destination(Options) ->
    case proplists:get_value(tracer, Options) of
        undefined -> trace_file(Options);
        Tracer -> {tracer, Tracer}
    end.

trace_file(Options) ->
    case proplists:get_value(file, Options, ?FILE_NAME) of
        true -> ?FILE_NAME;
        File -> File
    end.

%% ---- Profiling and analysis ----

profile() -> profile([]).

%% With start, {ok, Tracer}: what is sent there needs no file.
profile(start) -> profile([start]);
profile(Options) when is_list(Options) ->
    lists:all(fun(O) -> is_tuple(O) orelse is_atom(O) end, Options)
        orelse error(badarg, [Options]),
    case {proplists:get_bool(start, Options), proplists:get_bool(stop, Options)} of
        {true, _} -> call(collect);
        {_, true} -> call(stop_collecting);
        _ -> call({profile, trace_file(Options)})
    end;
profile(Option) ->
    profile([Option]).

profile(Key, Value) -> profile([{Key, Value}]).

analyse() -> analyse([]).

analyse(Options) when is_list(Options) -> call({analyse, Options});
analyse(Option) -> analyse([Option]).

analyse(Key, Value) -> analyse([{Key, Value}]).

%% [Term] with texts in the place of what has no syntax, so that it can be read.
parsify([H | T]) -> [parsify(H) | parsify(T)];
parsify(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(parsify(tuple_to_list(Tuple)));
parsify(Map) when is_map(Map) ->
    maps:from_list([{parsify(K), parsify(V)} || {K, V} <- maps:to_list(Map)]);
parsify(Pid) when is_pid(Pid) -> pid_to_list(Pid);
parsify(Port) when is_port(Port) -> erlang:port_to_list(Port);
parsify(Ref) when is_reference(Ref) -> erlang:ref_to_list(Ref);
parsify(Fun) when is_function(Fun) -> erlang:fun_to_list(Fun);
parsify(Term) -> Term.

%% ---- The server ----

init([]) ->
    process_flag(trap_exit, true),
    {ok, #fprof{}}.

handle_call({trace, _, _}, _, #fprof{writer = W} = S) when W =/= undefined ->
    {reply, {error, already_tracing}, S};
handle_call({trace, Procs, {tracer, Tracer}}, _, S) ->
    start_trace(Procs, Tracer),
    {reply, ok, S#fprof{writer = Tracer}};
handle_call(collect, _, #fprof{collector = undefined} = S) ->
    Pid = spawn_link(fun() -> collect([]) end),
    {reply, {ok, Pid}, S#fprof{collector = Pid}};
handle_call(collect, _, #fprof{collector = Pid} = S) ->
    {reply, {error, {already_started, Pid}}, S};
handle_call(stop_collecting, _, #fprof{collector = undefined} = S) ->
    {reply, {error, not_started}, S};
handle_call(stop_collecting, _, S) ->
    {reply, ok, collected(S)};
handle_call({trace, Procs, File}, _, S) ->
    case file:open(File, [write, raw, binary, {delayed_write, 65536, 1000}]) of
        {ok, Probe} ->
            file:close(Probe),
            Writer = spawn_link(fun() -> write_events(File) end),
            start_trace(Procs, Writer),
            {reply, ok, S#fprof{writer = Writer}};
        {error, _} = Error ->
            {reply, Error, S}
    end;
handle_call(stop_trace, _, #fprof{writer = undefined} = S) ->
    {reply, {error, not_tracing}, S};
handle_call(stop_trace, _, #fprof{} = S) ->
    {reply, ok, stop_trace(S)};
handle_call({profile, File}, _, S) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            io:format("Reading trace data...~n"),
            Events = events(Bytes, 0),
            io:format("~nEnd of trace!~n"),
            {reply, ok, S#fprof{sums = fprof_sums:sum(Events)}};
        Error ->
            {reply, Error, S}
    end;
handle_call({analyse, _}, _, #fprof{sums = undefined} = S) ->
    {reply, {error, no_profile}, S};
handle_call({analyse, Options}, _, #fprof{sums = Sums} = S) ->
    io:format("Processing data...~nCreating output...~n"),
    Result = case proplists:get_value(dest, Options) of
        undefined ->
            fprof_sums:write(group_leader(), Sums, Options);
        [] ->
            fprof_sums:write(group_leader(), Sums, Options);
        Name when is_list(Name) ->
            {ok, File} = file:open(Name, [write, {encoding, utf8}]),
            fprof_sums:write(File, Sums, Options),
            file:close(File);
        Device ->
            fprof_sums:write(Device, Sums, Options)
    end,
    io:format("Done!~n"),
    {reply, Result, S}.

handle_cast(_, S) ->
    {noreply, S}.

%% The end of a writer.
handle_info(_, S) ->
    {noreply, S}.

terminate(_, #fprof{writer = undefined}) -> ok;
terminate(_, S) -> stop_trace(S).

start_trace(Procs, Tracer) ->
    Spec = [{'_', [], [{message, {{cp, {caller}}}}]}],
    erlang:trace_pattern({'_', '_', '_'}, Spec, [local]),
    [erlang:trace(P, true, [call, arity, return_to, running, procs,
                            garbage_collection, set_on_spawn, timestamp,
                            {tracer, Tracer}])
     || P <- lists:flatten([Procs])],
    ok.

%% Keeps events until they are asked for.
collect(Events) ->
    receive
        {stop, From, Ref} -> From ! {Ref, lists:reverse(Events)};
        Event -> collect([Event | Events])
    end.

%% The sums of what was collected.
collected(#fprof{collector = Pid} = S) ->
    Ref = monitor(process, Pid),
    Pid ! {stop, self(), Ref},
    receive
        {Ref, Events} ->
            demonitor(Ref, [flush]),
            S#fprof{collector = undefined, sums = fprof_sums:sum(Events)};
        {'DOWN', Ref, process, Pid, _} -> S#fprof{collector = undefined}
    end.

stop_trace(#fprof{writer = Writer} = S) ->
    Ref = erlang:trace_delivered(all),
    erlang:trace(all, false, [all]),
    erlang:trace_pattern({'_', '_', '_'}, false, [local]),
    receive {trace_delivered, all, Ref} -> ok end,
    case S of
        #fprof{collector = Writer} -> collected(S#fprof{writer = undefined});
        _ -> stop_writer(S)
    end.

stop_writer(#fprof{writer = Writer} = S) ->
    Monitor = monitor(process, Writer),
    Writer ! stop,
    receive {'DOWN', Monitor, process, Writer, _} -> ok end,
    S#fprof{writer = undefined}.

%% The trace, as dbg's file port would write it and dbg reads it: for each event
%% 0, its size and the external format.
write_events(File) ->
    {ok, Device} = file:open(File, [write, raw, binary,
                                    {delayed_write, 65536, 1000}]),
    write_loop(Device).

write_loop(Device) ->
    receive
        stop ->
            ok = file:close(Device);
        Event ->
            Bytes = term_to_binary(Event),
            ok = file:write(Device, [<<0, (byte_size(Bytes)):32>>, Bytes]),
            write_loop(Device)
    end.

%% A dot for each thousand events.
events(<<0, Size:32, Bytes:Size/binary, Rest/binary>>, N) ->
    N rem 1000 =:= 999 andalso io:put_chars("."),
    [binary_to_term(Bytes) | events(Rest, N + 1)];
events(_, _) ->
    [].
