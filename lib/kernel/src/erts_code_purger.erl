%% SPDX-License-Identifier: Apache-2.0
%% erts_code_purger: takes old code away. One process does this for all, one
%% module after the other, so that nobody gets into code while it goes: a call
%% of a fun of that code waits until it is decided. The process is started when
%% there is something to do.
-module(erts_code_purger).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([purge/1, soft_purge/1, finish_after_on_load/2,
         pending_purge_lambda/3]).
-export([purge_module/1, serve/0]). % internal

%% Who runs the old code is killed. Whether there was any, and anybody.
-spec purge(module()) -> {boolean(), boolean()}.
purge(Module) when is_atom(Module) -> call({purge, Module}).

%% The old code goes unless somebody runs it; answers whether it is gone.
-spec soft_purge(module()) -> boolean().
soft_purge(Module) when is_atom(Module) -> call({soft_purge, Module}).

%% What erlang:purge_module/1 goes on with.
-spec purge_module(module()) -> true.
purge_module(Module) ->
    _ = purge(Module),
    true.

-spec finish_after_on_load(module(), boolean()) -> ok.
finish_after_on_load(Module, Keep) ->
    call({finish_after_on_load, Module, Keep}).

%% A fun of code that is being purged was called.
-spec pending_purge_lambda(module(), fun(), [term()]) -> term().
pending_purge_lambda(_Module, Fun, Args) ->
    ok = call(wait),
    apply(Fun, Args).

%%% Asking

call(Request) ->
    Server = server(),
    Ref = monitor(process, Server),
    Server ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, _} -> call(Request) % it was about to end
    end.

%% Whoever is the first to get the name is it.
server() ->
    case whereis(?MODULE) of
        undefined ->
            Pid = spawn(?MODULE, serve, []),
            try register(?MODULE, Pid) of
                true -> Pid
            catch
                error:badarg ->
                    exit(Pid, kill),
                    server()
            end;
        Pid -> Pid
    end.

%%% Answering

%% It ends when nobody asks any more.
serve() ->
    group_leader(whereis(init), self()),
    loop().

loop() ->
    receive
        {From, Ref, Request} ->
            From ! {Ref, do(Request)},
            loop();
        _ -> loop()
    after 100 -> ok
    end.

do({purge, Module}) ->
    case erts_internal:purge_module(Module, prepare) of
        true ->
            Killed = kill(users(Module)),
            true = erts_internal:purge_module(Module, complete),
            {true, Killed};
        false -> {false, false}
    end;
do({soft_purge, Module}) ->
    case erts_internal:purge_module(Module, prepare) of
        true ->
            case users(Module) of
                [] -> erts_internal:purge_module(Module, complete);
                _ -> erts_internal:purge_module(Module, abort)
            end;
        false -> true
    end;
do({finish_after_on_load, Module, Keep}) ->
    erlang:finish_after_on_load(Module, Keep),
    _ = Keep orelse do({purge, Module}),
    ok;
do(wait) -> ok.

%% Those that run old code of the module.
users(Module) ->
    Tag = make_ref(),
    users(Module, Tag, lists:delete(self(), processes())).

%% Some at a time: their answers are in the way of each other.
users(_, _, []) -> [];
users(Module, Tag, Pids) ->
    {Now, Later} = take(1000, Pids),
    [erlang:check_process_code(Pid, Module, [{async, {Tag, Pid}}])
     || Pid <- Now],
    Users = [Pid || Pid <- Now,
                    receive
                        {check_process_code, {Tag, Pid}, Runs} -> Runs
                    end],
    Users ++ users(Module, Tag, Later).

take(N, Pids) when length(Pids) =< N -> {Pids, []};
take(N, Pids) -> lists:split(N, Pids).

kill(Pids) ->
    Refs = [monitor(process, Pid) || Pid <- Pids],
    [exit(Pid, kill) || Pid <- Pids],
    [receive {'DOWN', Ref, process, _, _} -> ok end || Ref <- Refs],
    Pids =/= [].
