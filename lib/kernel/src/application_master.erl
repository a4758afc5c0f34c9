%% SPDX-License-Identifier: Apache-2.0
%% The master of an application: group leader of all its processes, above its
%% top supervisor. It consists of two processes, so that a start function that
%% crashes, loops or changes its links does not harm the one that others know.
-module(application_master).

-export([start_link/2, stop/1, get_child/1, start_type/1, call/2]).
-export([init/4, start_it/4]).

%% App: a map with mod, name, phases, max_time, max_procs.
start_link(App, Type) ->
    Parent = whereis(application_controller),
    proc_lib:start_link(?MODULE, init, [Parent, self(), App, Type]).

init(Parent, Starter, App, Type) ->
    link(Parent),
    process_flag(trap_exit, true),
    Leader = group_leader(),
    group_leader(self(), self()),
    Self = self(),
    %% the application's processes ask for its environment while they start
    Key = {application_master, maps:get(name, App)},
    ets:insert(ac_tab, {Key, Self}),
    Child = spawn_link(?MODULE, start_it, [Leader, Self, App, Type]),
    S = #{child => Child, leader => Leader, type => Type},
    case start_loop(S) of
        {ok, _} ->
            set_timer(maps:get(max_time, App, infinity)),
            unlink(Starter),
            proc_lib:init_ack(Starter, {ok, Self}),
            main_loop(Parent, S);
        {error, Reason} ->
            %% The starter learns it by its link, after the crash report.
            ets:delete(ac_tab, Key),
            exit(Reason)
    end.

%% The start function may print, which goes through here.
start_loop(#{child := Child} = S) ->
    receive
        Request when element(1, Request) =:= io_request ->
            relay(Request, S),
            start_loop(S);
        {Child, Result} -> Result;
        {'EXIT', Child, Reason} -> {error, Reason};
        {call, From, start_type} ->
            answer(From, maps:get(type, S)),
            start_loop(S)
    end.

set_timer(infinity) -> ok;
set_timer(Time) ->
    _ = erlang:send_after(Time, self(), max_time),
    ok.

%% ---- the outer process ----

stop(Master) ->
    case call(Master, stop) of
        {error, _} -> ok;
        ok -> ok
    end.

%% {Pid of the top supervisor, callback module}, or error.
get_child(Master) ->
    case call(Master, get_child) of
        {error, _} -> error;
        Answer -> Answer
    end.

start_type(Master) -> call(Master, start_type).

call(Master, Request) ->
    Ref = monitor(process, Master),
    Master ! {call, {self(), Ref}, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

answer({Pid, Ref}, Answer) -> Pid ! {Ref, Answer}.

main_loop(Parent, #{child := Child} = S) ->
    receive
        Request when element(1, Request) =:= io_request ->
            relay(Request, S),
            main_loop(Parent, S);
        {'EXIT', Parent, Reason} -> terminate(Reason, S);
        {'EXIT', Child, Reason} -> terminate(Reason, S#{child := none});
        max_time -> terminate(normal, S);
        {call, From, stop} ->
            end_child(S),
            kill_rest(),
            answer(From, ok),
            exit(normal);
        %% for a process that is started again, once the application runs
        {call, From, start_type} ->
            answer(From, local),
            main_loop(Parent, S);
        {call, From, get_child} ->
            Child ! {get_child, From},
            main_loop(Parent, S);
        _ -> main_loop(Parent, S)
    end.

%% What the application prints goes to the leader of who started it.
relay(Request, #{leader := Leader}) ->
    case is_process_alive(Leader) of
        true -> Leader ! Request;
        false ->
            case whereis(user) of
                undefined -> ok;
                User -> User ! Request
            end
    end.

terminate(Reason, S) ->
    end_child(S),
    kill_rest(),
    exit(Reason).

end_child(#{child := none}) -> ok;
end_child(#{child := Child} = S) ->
    Child ! terminate,
    wait_end(Child, S).

wait_end(Child, S) ->
    receive
        Request when element(1, Request) =:= io_request ->
            relay(Request, S),
            wait_end(Child, S);
        {'EXIT', Child, _} -> ok;
        {call, From, get_child} ->
            answer(From, error),
            wait_end(Child, S)
    end.

%% Processes of the application that stand outside its tree.
kill_rest() ->
    Rest = [P || P <- processes(), P =/= self(),
                 process_info(P, group_leader) =:= {group_leader, self()}],
    case Rest of
        [] -> ok;
        _ ->
            [exit(P, kill) || P <- Rest],
            kill_rest()
    end.

%% ---- the inner process, parent of the top supervisor ----

start_it(_Leader, Master, #{mod := Mod, phases := Phases} = App, Type) ->
    process_flag(trap_exit, true),
    case start_module(Mod, Phases, App, Type) of
        {ok, Pid, Module, State} ->
            Master ! {self(), {ok, Pid}},
            loop_it(Master, Pid, Module, State);
        Error -> Master ! {self(), Error}
    end.

start_module({M, A}, undefined, _, Type) -> start_it_old(M, A, Type);
start_module({application_starter, [M, A]}, Phases, App, Type) ->
    start_phases(M, A, Phases, App, Type);
start_module({M, A}, Phases, App, Type) ->
    start_phases(M, A, Phases, App, Type);
start_module(Mod, Phases, _, _) ->
    {error, {bad_keys, {{mod, Mod}, {start_phases, Phases}}}}.

%% Its name is known from the reports of applications that cannot start.
start_it_old(M, A, Type) ->
    MFA = {M, start, [Type, A]},
    case catch M:start(Type, A) of
        {ok, Pid} -> linked(Pid, M, []);
        {ok, Pid, State} -> linked(Pid, M, State);
        {'EXIT', normal} -> {error, {{'EXIT', normal}, MFA}};
        {error, Reason} -> {error, {Reason, MFA}};
        Other -> {error, {bad_return, {MFA, Other}}}
    end.

linked(Pid, M, State) ->
    link(Pid),
    {ok, Pid, M, State}.

start_phases(M, A, Phases, #{name := Name}, Type) ->
    case start_it_old(M, A, Type) of
        {ok, Pid, _, _} = Started ->
            case application_starter:start(Phases, Type, [Name]) of
                ok -> Started;
                Error ->
                    %% what has started stays: nobody has asked it to end
                    unlink(Pid),
                    Error
            end;
        Error -> Error
    end.

loop_it(Master, Pid, M, State) ->
    receive
        {get_child, {To, Ref}} ->
            To ! {Ref, {Pid, M}},
            loop_it(Master, Pid, M, State);
        terminate -> stop_tree(Pid, shutdown, normal, M, State);
        {'EXIT', Master, Reason} -> stop_tree(Pid, Reason, Reason, M, State);
        {'EXIT', Pid, Reason} ->
            State1 = prep_stop(M, State),
            catch M:stop(State1),
            exit(Reason);
        _ -> loop_it(Master, Pid, M, State)
    end.

stop_tree(Pid, Signal, Reason, M, State) ->
    State1 = prep_stop(M, State),
    exit(Pid, Signal),
    receive {'EXIT', Pid, _} -> ok end,
    catch M:stop(State1),
    exit(Reason).

prep_stop(M, State) ->
    case catch M:prep_stop(State) of
        {'EXIT', {undef, _}} -> State;
        {'EXIT', Reason} ->
            error_logger:error_report([{?MODULE, shutdown_error},
                                       {M, {prep_stop, [State]}},
                                       {error_info, Reason}]),
            State;
        New -> New
    end.
