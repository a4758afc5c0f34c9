%% SPDX-License-Identifier: Apache-2.0
%% Runs tests, each task in a process of its own behind a guard.
%%
%% A task is what one process runs in order: all tests, a group that is to be
%% spawned, each test of a parallel group. Its guard collects output, stops it
%% when time is up, and tells what happened as a stream of events. Where a task
%% starts another, its stream names that one's stream, so that reading streams
%% in depth gives the order of the descriptions however tests interleave.
%%
%% Events: {status, Id, {progress, 'begin', {group | test, Data}}},
%% {status, Id, {progress, 'end', {Result, Data}}}, {status, Id, {cancel, Why}};
%% Id is the path of positions from the top.
-module(eunit_proc).

-export([start/4, read/2, get_output/0]).

-export([group_leader_process/1]).

-include("eunit_internal.hrl").

-define(TEST_TIMEOUT, 5000).

%% As long as an output that was asked for may take.
-define(OUTPUT_TIMEOUT, 100).

%% How long a test's other processes may still be heard after its end.
-define(LATE_OUTPUT, 1).

-record(run, {reader,           % who reads the streams
              stream,           % of this task
              guard,
              task = [],        % id of the task
              id = [],          % of what runs
              order,
              options}).

%% Starts to run [Tests]; the caller is the reader of the stream that is
%% answered (read/2).
start(Tests, Order, Reader, Options) ->
    Run = #run{reader = Reader, order = Order, options = Options},
    {Stream, _} = spawn_task(local, [], Run, fun(R) ->
        run_group(#group{tests = Tests}, R)
    end),
    Stream.

%% Calls [Tell] for each event of a stream and those it names.
read(Stream, Tell) ->
    read(Stream, [], Tell).

read(Stream, Open, Tell) ->
    receive
        {Stream, {event, Event}} ->
            Tell(Event),
            read(Stream, still_open(Event, Open), Tell);
        {Stream, {stream, Other}} ->
            read(Other, Tell),
            read(Stream, Open, Tell);
        {Stream, {lost, Id, Reason}} ->
            lists:foreach(Tell, ends_of_lost(Id, Open, Reason));
        {Stream, done} ->
            ok
    end.

still_open({status, Id, {progress, 'begin', _}}, Open) -> [Id | Open];
still_open(_, [_ | Open]) -> Open.

%% The process that wrote the stream is gone, with its node perhaps.
ends_of_lost(Id, [], Reason) ->
    Data = [{desc, undefined}, {spawn, undefined}, {order, undefined}],
    [{status, Id, {progress, 'begin', {group, Data}}},
     {status, Id, {cancel, {startup, Reason}}}];
ends_of_lost(_, Open, Reason) ->
    [{status, Id, {cancel, {exit, Reason}}} || Id <- Open].

%% What the test that calls this has written so far.
-spec get_output() -> string().
get_output() ->
    Leader = group_leader(),
    Leader ! {get_output, self()},
    receive
        {Leader, output, Output} -> Output
    after ?OUTPUT_TIMEOUT ->
        abort(get_output)
    end.

%% ---- Tasks ----

%% {Stream, Guard}: the guard's end is that of the task. Run on another node,
%% the stream is ended for a guard that did not get to it.
spawn_task(Type, Id, Run0, Fun) ->
    Stream = make_ref(),
    Run = Run0#run{stream = Stream, task = Id, id = Id},
    Parent = self(),
    {Guard, Monitor} = spawn_guard(Type, fun() -> guard(Parent, Run, Fun) end),
    {Stream, {Guard, Monitor}}.

spawn_guard(local, F) -> spawn_monitor(F);
spawn_guard({remote, Node}, F) -> spawn_monitor(Node, F).

wait_for_tasks(Tasks, Run) ->
    lists:foreach(fun(T) -> wait_for_task(T, Run) end, Tasks).

wait_for_task({Stream, {Guard, Monitor}}, Run) ->
    receive
        {'DOWN', Monitor, process, Guard, normal} ->
            ok;
        {'DOWN', Monitor, process, Guard, Reason} ->
            write({lost, Run#run.id, Reason}, Run#run{stream = Stream})
    end.

write(What, #run{reader = Reader, stream = Stream}) ->
    Reader ! {Stream, What},
    ok.

event(Event, Run) ->
    write({event, Event}, Run).

%% ---- The guard of a task ----

guard(Parent, Run0, Fun) ->
    process_flag(trap_exit, true),
    Above = erlang:monitor(process, Parent),
    Run = Run0#run{guard = self()},
    Child = spawn_link(fun() -> task(Fun, Run) end),
    watch(Child, Above, [], Run),
    write(done, Run).

task(Fun, #run{guard = Guard} = Run) ->
    group_leader(Guard, self()),
    try
        Fun(Run)
    catch
        {eunit_abort, Cause} ->
            Guard ! {self(), abort, Cause},
            exit(normal)
    end.

%% The only way for a task to end early of its own will.
abort(Cause) ->
    throw({eunit_abort, Cause}).

tell(Message, #run{guard = Guard}) ->
    Guard ! {self(), tell, Message},
    ok.

%% [Open] holds what has begun and not ended, the innermost first, with the
%% output of each.
watch(Child, Above, Open, #run{task = Task} = Run) ->
    receive
        {Child, tell, Message} ->
            watch(Child, Above, told(Message, Open, Run), Run);
        {io_request, From, ReplyAs, Request} ->
            Open1 = request(From, ReplyAs, Request, Open),
            watch(Child, Above, Open1, Run);
        {Child, abort, Cause} ->
            cancel(Open, Task, {abort, Cause}, Run);
        {timeout, Child, Id} ->
            case lists:keymember(Id, 1, Open) of
                true ->
                    Why = timeout_reason(Child),
                    stop_child(Child),
                    cancel(Open, Id, Why, Run);
                false ->
                    watch(Child, Above, Open, Run)
            end;
        {'EXIT', Child, normal} ->
            ok;
        {'EXIT', Child, Reason} ->
            cancel(Open, Task, {exit, Reason}, Run);
        {'DOWN', Above, process, _, _} ->
            stop_child(Child),
            cancel(Open, Task, undefined, Run)
    end.

told({'begin', Id, Type, Data}, Open, Run) ->
    event({status, Id, {progress, 'begin', {Type, Data}}}, Run),
    [{Id, []} | Open];
told({'end', Id, Status, Time}, [{Id, Output} | Open], Run) ->
    Data = [{time, Time}, {output, lists:reverse(Output)}],
    event({status, Id, {progress, 'end', {Status, Data}}}, Run),
    Open;
told({skipped, Id, Reason}, [{Id, _} | Open], Run) ->
    event({status, Id, {cancel, {abort, Reason}}}, Run),
    Open;
told({stream, Stream}, Open, Run) ->
    write({stream, Stream}, Run),
    Open.

%% Output of the task itself belongs to what is innermost; that of others
%% goes through the group leader of a test.
request(From, ReplyAs, Request, [{Id, Output} | Open]) ->
    [{Id, io_request(From, ReplyAs, Request, Output)} | Open];
request(From, ReplyAs, Request, []) ->
    io_request(From, ReplyAs, Request, []),
    [].

timeout_reason(Child) ->
    case process_info(Child, current_stacktrace) of
        {current_stacktrace, Stack} -> {timeout, #{stacktrace => Stack}};
        undefined -> timeout
    end.

stop_child(Child) ->
    exit(Child, kill),
    receive {'EXIT', Child, _} -> ok end.

%% What is open ends without a result: [Id] for [Why], the task because of
%% it, what lies between for no reason of its own.
cancel(Open, Id, Why, #run{task = Task} = Run) ->
    [event({status, I, {cancel, case I of
                                    Id -> Why;
                                    Task -> {blame, Id};
                                    _ -> undefined
                                end}}, Run) || {I, _} <- Open],
    ok.

%% ---- In the task ----

run_tests(Tests, #run{order = inorder} = Run) ->
    run_in_order(Tests, 0, Run);
run_tests(Tests, #run{order = inparallel} = Run) ->
    run_tests(Tests, Run#run{order = {inparallel, 0}});
run_tests(Tests, #run{order = {inparallel, Most}} = Run) ->
    run_in_parallel(Tests, 0, Most, [], Run).

run_in_order(Tests, N, Run) ->
    case next(Tests, Run) of
        {Item, Rest} ->
            run_item(Item, descend(N + 1, Run)),
            run_in_order(Rest, N + 1, Run);
        none ->
            N
    end.

%% In waves of [Most] at a time; 0: all at once.
run_in_parallel(Tests, N, Most, Tasks, Run)
  when Most > 0, length(Tasks) =:= Most ->
    wait_for_tasks(Tasks, Run),
    run_in_parallel(Tests, N, Most, [], Run);
run_in_parallel(Tests, N, Most, Tasks, Run) ->
    case next(Tests, Run) of
        {Item, Rest} ->
            #run{id = Id} = descend(N + 1, Run),
            Task = start_task(local, Id, Run, fun(R) -> run_item(Item, R) end),
            run_in_parallel(Rest, N + 1, Most, [Task | Tasks], Run);
        none ->
            wait_for_tasks(Tasks, Run),
            N
    end.

next(Tests, #run{options = Options}) ->
    try
        eunit_data:next(Tests, Options)
    catch
        Cause -> abort(Cause)
    end.

descend(N, #run{id = Id} = Run) ->
    Run#run{id = Id ++ [N]}.

start_task(Type, Id, Run, Fun) ->
    {Stream, _} = Task = spawn_task(Type, Id, Run, Fun),
    tell({stream, Stream}, Run),
    Task.

run_item(#test{} = T, Run) -> run_test(T, Run);
run_item(#group{spawn = undefined} = G, Run) -> run_group(G, Run);
run_item(#group{spawn = Type} = G, Run) ->
    Task = start_task(Type, Run#run.id, Run, fun(R) -> run_group(G, R) end),
    wait_for_task(Task, Run).

run_test(#test{run = F} = T, #run{id = Id} = Run) ->
    tell({'begin', Id, test, [{desc, T#test.desc},
                              {source, T#test.location},
                              {line, T#test.line}]}, Run),
    Above = group_leader(),
    Leader = spawn_link(?MODULE, group_leader_process, [self()]),
    group_leader(Leader, self()),
    {Status, Time} = within(either(T#test.timeout, ?TEST_TIMEOUT),
                            fun() -> result(eunit_data:call(F)) end, Run),
    group_leader(Above, self()),
    Leader ! stop,
    Output = receive {Leader, stopped, Text} -> Text end,
    io:put_chars(Output),
    tell({'end', Id, Status, Time}, Run).

result({ok, _}) -> ok;
result({error, Exception}) -> {error, Exception};
result({missing, What}) -> {skipped, What}.

either(undefined, Default) -> Default;
either(Value, _) -> Value.

run_group(#group{order = Order} = G, #run{id = Id} = Run0) ->
    Run = Run0#run{order = either(Order, Run0#run.order)},
    tell({'begin', Id, group, [{desc, G#group.desc}, {spawn, G#group.spawn},
                               {order, Order}]}, Run),
    Body = fun(Tests) ->
        within(either(G#group.timeout, infinity),
               fun() -> run_tests(Tests, Run) end, Run)
    end,
    try with_fixture(G, Body) of
        {Count, Time} -> tell({'end', Id, Count, Time}, Run)
    catch
        {fixture, Step, Exception} ->
            tell({skipped, Id, {Step, Exception}}, Run)
    end.

with_fixture(#group{fixture = undefined, tests = Tests}, Body) ->
    Body(Tests);
with_fixture(#group{fixture = Fixture, tests = Make}, Body) ->
    eunit_data:run_fixture(Fixture, Make, Body).

%% {Value, Milliseconds} of [F]; the guard ends the task if it takes longer
%% than [Limit].
within(Limit, F, #run{guard = Guard, id = Id}) ->
    Timer = case Limit of
        infinity -> none;
        _ -> erlang:send_after(min(Limit, 16#ffffffff), Guard,
                               {timeout, self(), Id})
    end,
    Start = erlang:monotonic_time(millisecond),
    try F() of
        Value -> {Value, erlang:monotonic_time(millisecond) - Start}
    after
        Timer =:= none orelse erlang:cancel_timer(Timer)
    end.

%% ---- The group leader of a test ----

%% Spawned by name: the macro UNDER_EUNIT looks for a function of this module.
group_leader_process(Runner) ->
    lead(Runner, infinity, []).

lead(Runner, Wait, Output) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            lead(Runner, Wait, io_request(From, ReplyAs, Request, Output));
        {get_output, From} ->
            Text = unicode:characters_to_list(lists:reverse(Output)),
            From ! {self(), output, Text},
            lead(Runner, Wait, Output);
        stop ->
            lead(Runner, ?LATE_OUTPUT, Output);
        _ ->
            lead(Runner, Wait, Output)
    after Wait ->
        Runner ! {self(), stopped, lists:reverse(Output)}
    end.

%% The output with that of the request, newest first.
io_request(From, ReplyAs, Request, Output) ->
    {Reply, Output1} = perform(Request, Output),
    From ! {io_reply, ReplyAs, Reply},
    Output1.

perform({put_chars, Chars}, Output) ->
    {ok, [Chars | Output]};
perform({put_chars, _Encoding, Chars}, Output) ->
    {ok, [Chars | Output]};
perform({put_chars, M, F, Args}, Output) ->
    try
        {ok, [apply(M, F, Args) | Output]}
    catch
        Class:Reason:Stack -> {{error, {Class, Reason, Stack}}, Output}
    end;
perform({put_chars, _Encoding, M, F, Args}, Output) ->
    perform({put_chars, M, F, Args}, Output);
perform({requests, Requests}, Output) ->
    lists:foldl(fun(R, {ok, O}) -> perform(R, O);
                   (_, Failed) -> Failed
                end, {ok, Output}, Requests);
perform({setopts, _}, Output) ->
    {ok, Output};
perform(getopts, Output) ->
    {{error, enotsup}, Output};
perform({get_geometry, _}, Output) ->
    {{error, enotsup}, Output};
perform(Request, Output) when is_tuple(Request) ->
    case element(1, Request) of
        Get when Get =:= get_chars; Get =:= get_line; Get =:= get_until ->
            {eof, Output};
        _ ->
            {{error, request}, Output}
    end;
perform(_, Output) ->
    {{error, request}, Output}.
