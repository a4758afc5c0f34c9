%% SPDX-License-Identifier: Apache-2.0
%% release_handler_1: carries out a script of low instructions on this node.
%%
%% Up to the point of no return nothing is changed and what is wrong is an
%% answer; after it what goes wrong leaves a node that must start again.
%%
%% Which processes run a module is known from the supervisors: the modules of
%% their child specifications, and their own callback modules.
-module(release_handler_1).

-export([eval_script/1, eval_script/5, check_script/2,
         check_old_processes/2]).
-export([get_current_vsn/1, get_supervised_procs/0]).

%% bins: [{Mod, Bin, File}]; suspended: [{Mod, [Pid]}]; stopped: [{Mod, [{Sup,
%% Id}]}]; unpurged: [{Mod, How}], what is left to purge afterwards; vsns:
%% [{Mod, Old, New}]; libs, new_libs: [{App, Vsn, Dir}] of all, of what changed.
-record(state, {bins = [], suspended = [], stopped = [], unpurged = [],
                vsns = [], libs = [], new_libs = [], options = []}).

%% ---- whole scripts ----

%% {ok, [Mod that can be purged]} | {error, Reason}. Reads the code.
check_script([restart_new_emulator | Script], Libs) ->
    %% nobody runs old code after the restart
    checked(Script, #state{libs = Libs}, []);
check_script(Script, Libs) ->
    case check_old_processes(Script, soft_purge) of
        {ok, Mods} -> checked(Script, #state{libs = Libs}, Mods);
        {error, Mod} -> {error, {old_processes, Mod}}
    end.

checked(Script, S, Mods) ->
    case prepared(Script, S) of
        {ok, _, _} -> {ok, Mods};
        Error -> Error
    end.

%% {ok, State, rest} of a script whose first part is done.
prepared(Script, S) ->
    {Before, After} = case lists:member(point_of_no_return, Script) of
                          true -> lists:splitwith(
                                    fun(I) -> I =/= point_of_no_return end,
                                    Script);
                          false -> {[], Script}
                      end,
    try lists:foldl(fun eval/2, S, Before) of
        S1 ->
            case [I || I <- After, not is_known(I)] of
                [] -> {ok, S1, After};
                [Bad | _] ->
                    {error, {illegal_instruction_after_point_of_no_return,
                             Bad}}
            end
    catch
        throw:{error, _} = Error -> Error;
        throw:Other -> {error, Other};
        exit:Reason -> {error, {'EXIT', Reason}};
        error:Reason:Stack -> {error, {'EXIT', {Reason, Stack}}}
    end.

is_known(I) when I =:= point_of_no_return; I =:= restart_emulator -> true;
is_known({What, {_, _, _}}) ->
    lists:member(What, [load, remove, apply, purge, suspend, resume,
                        code_change, stop, start]);
is_known({What, _}) ->
    lists:member(What, [purge, suspend, resume, code_change, stop, start]);
is_known({code_change, _, _}) -> true;
is_known({sync_nodes, _, _}) -> true;
is_known(_) -> false.

eval_script(Script) -> eval_script(Script, [], [], [], []).

%% {ok, Unpurged} | restart_emulator | {error, Reason} | {'EXIT', Reason}
eval_script(Script, _Apps, Libs, NewLibs, Options) ->
    case check_old_processes(Script, soft_purge) of
        {ok, _} ->
            case prepared(Script, #state{libs = Libs, new_libs = NewLibs,
                                         options = Options}) of
                {ok, S, Rest} -> changed(Rest, S);
                Error -> Error
            end;
        {error, Mod} -> {error, {old_processes, Mod}}
    end.

changed(Script, S) ->
    try lists:foldl(fun eval/2, S, Script) of
        #state{unpurged = Unpurged} -> {ok, Unpurged}
    catch
        throw:restart_emulator -> restart_emulator;
        throw:Reason -> {'EXIT', Reason};
        exit:Reason -> {'EXIT', {'EXIT', Reason}};
        error:Reason:Stack -> {'EXIT', {'EXIT', {Reason, Stack}}}
    end.

%% {ok, [Mod]}: those to be purged by [Method] that have old code nobody runs.
%% Softly all must be so: {error, Mod} is the first that is not.
check_old_processes(Script, Method) ->
    Mods = [M || {What, {M, Pre, _}} <- Script,
                 What =:= load orelse What =:= remove, Pre =:= Method,
                 erlang:check_old_code(M)],
    Pids = processes(),
    case lists:partition(fun(M) -> is_run(M, Pids) end, Mods) of
        {[Mod | _], _} when Method =:= soft_purge -> {error, Mod};
        {_, Free} -> {ok, Free}
    end.

is_run(Mod, Pids) ->
    lists:any(fun(P) -> erlang:check_process_code(P, Mod) =:= true end, Pids).

%% ---- instructions ----

eval({load_object_code, {App, Vsn, Mods}}, #state{libs = Libs} = S0) ->
    case lists:keyfind(App, 1, Libs) of
        {App, Vsn, Dir} = Lib ->
            S = lists:foldl(fun(M, S) -> read(M, Dir, S) end, S0, Mods),
            S#state{new_libs = lists:keystore(App, 1, S#state.new_libs, Lib)};
        {App, Other, _} -> throw({error, {bad_lib_vsn, App, Other}})
    end;
eval(point_of_no_return, #state{libs = Libs, new_libs = New} = S) ->
    %% from here on the new folders are looked into
    Changed = case option(update_paths, false, S) of
                  true -> Libs;
                  false -> New
              end,
    [code:replace_path(App, below_root(filename:join(Dir, "ebin")))
     || {App, _, Dir} <- Changed],
    S;
eval({load, {M, _, Post}}, #state{bins = Bins} = S) ->
    {value, {M, Bin, File}, Left} = lists:keytake(M, 1, Bins),
    %% who runs old code now is killed
    {module, M} = code:load_binary(M, below_root(File), Bin),
    purged_softly(M, Post, S#state{bins = Left});
eval({remove, {M, _, Post}}, S) ->
    _ = code:purge(M),
    _ = code:delete(M),
    purged_softly(M, Post, S);
eval({purge, Mods}, S) ->
    [code:purge(M) || M <- Mods],
    S;
eval({suspend, Mods}, #state{suspended = Suspended} = S) ->
    Procs = get_supervised_procs(),
    New = [suspend(E, Procs, S) || E <- Mods],
    S#state{suspended = lists:reverse(New) ++ Suspended};
eval({resume, Mods}, #state{suspended = Suspended} = S) ->
    [catch sys:resume(P) || M <- Mods, {N, Pids} <- Suspended, N =:= M,
                            P <- Pids],
    S#state{suspended = others(Mods, Suspended)};
eval({code_change, Mods}, S) -> eval({code_change, up, Mods}, S);
eval({code_change, Mode, Mods}, #state{suspended = Suspended} = S) ->
    [change_code(P, M, version(Mode, M, S), Extra, S)
     || {M, Extra} <- Mods, {_, Pids} <- [lists:keyfind(M, 1, Suspended)],
        P <- Pids],
    S;
eval({stop, Mods}, #state{stopped = Stopped} = S) ->
    Procs = get_supervised_procs(),
    New = [{M, [{Sup, Id} || {Sup, Id, _, Ms} <- Procs, is_pid(Sup),
                             lists:member(M, Ms),
                             catch supervisor:terminate_child(Sup, Id) =:= ok]}
           || M <- Mods],
    S#state{stopped = lists:reverse(New) ++ Stopped};
eval({start, Mods}, #state{stopped = Stopped} = S) ->
    [catch supervisor:restart_child(Sup, Id)
     || M <- Mods, {N, Children} <- Stopped, N =:= M, {Sup, Id} <- Children],
    S#state{stopped = others(Mods, Stopped)};
eval({apply, {M, F, A}}, S) ->
    apply(M, F, A),
    S;
eval({sync_nodes, Id, {M, F, A}}, S) ->
    eval({sync_nodes, Id, apply(M, F, A)}, S);
eval({sync_nodes, Id, Nodes}, S) ->
    meet(Id, lists:delete(node(), Nodes)),
    S;
eval(Restart, _) when Restart =:= restart_emulator;
                      Restart =:= restart_new_emulator ->
    throw(Restart).

others(Mods, Entries) ->
    [E || {M, _} = E <- Entries, not lists:member(M, Mods)].

option(Name, Default, #state{options = Options}) ->
    proplists:get_value(Name, Options, Default).

below_root(Path) -> filename:absname(Path, code:root_dir()).

%% ---- code ----

read(M, Dir, #state{bins = Bins, vsns = Vsns} = S) ->
    File = below_root(filename:join([Dir, "ebin",
                                     atom_to_list(M)
                                     ++ code:objfile_extension()])),
    case erl_prim_loader:get_file(File) of
        {ok, Bin, Name} ->
            Known = case lists:keyfind(M, 1, Vsns) of
                        {M, Old, New} -> {M, known(Old, get_current_vsn(M)),
                                          known(New, vsn(Bin))};
                        false -> {M, get_current_vsn(M), vsn(Bin)}
                    end,
            S#state{bins = [{M, Bin, Name} | Bins],
                    vsns = lists:keystore(M, 1, Vsns, Known)};
        error -> throw({error, {no_such_file, File}})
    end.

known(undefined, Vsn) -> Vsn;
known(Vsn, _) -> Vsn.

%% The version of a module's file, loaded or not; a new module has none.
get_current_vsn(M) ->
    case code:which(M) of
        File when is_list(File), File =/= "" ->
            case erl_prim_loader:get_file(File) of
                {ok, Bin, _} -> vsn(Bin);
                error -> undefined
            end;
        _ -> undefined
    end.

%% -vsn("1") is a list of characters, -vsn('1') one of one atom.
vsn(Bin) ->
    {ok, {_, Vsn}} = beam_lib:version(Bin),
    case Vsn of
        [One] ->
            case io_lib:printable_unicode_list(Vsn) of
                true -> Vsn;
                false -> One
            end;
        _ -> Vsn
    end.

%% What code_change is told: the version before, or the one to go back to.
version(Mode, M, #state{vsns = Vsns}) ->
    case {Mode, lists:keyfind(M, 1, Vsns)} of
        {up, {M, Old, _}} -> Old;
        {down, {M, _, New}} -> {down, New};
        {up, false} -> undefined;
        {_, false} -> {down, undefined}
    end.

%% Remembers a module whose old code is still run.
purged_softly(M, Post, #state{unpurged = Unpurged} = S) ->
    case {code:soft_purge(M), lists:keymember(M, 1, Unpurged)} of
        {true, _} -> S#state{unpurged = lists:keydelete(M, 1, Unpurged)};
        {false, true} -> S;
        {false, false} -> S#state{unpurged = [{M, Post} | Unpurged]}
    end.

%% ---- processes ----

suspend({M, Time}, Procs, S) -> {M, suspended(M, Procs, Time, S)};
suspend(M, Procs, S) -> {M, suspended(M, Procs, default, S)}.

suspended(M, Procs, Time, S) ->
    Limit = option(suspend_timeout, Time, S),
    [Pid || {_, _, Pid, Ms} <- Procs, lists:member(M, Ms),
            is_suspended(Pid, Limit)].

%% Who does not answer in time is left alone: its code will be purged.
is_suspended(Pid, Time) ->
    case catch case Time of
                   default -> sys:suspend(Pid);
                   _ -> sys:suspend(Pid, Time)
               end of
        ok -> true;
        _ ->
            %% it may yet read the message
            catch sys:resume(Pid),
            false
    end.

change_code(Pid, M, Vsn, Extra, S) ->
    case case option(code_change_timeout, default, S) of
             default -> sys:change_code(Pid, M, Vsn, Extra);
             Time -> sys:change_code(Pid, M, Vsn, Extra, Time)
         end of
        ok -> ok;
        {error, Reason} ->
            throw({code_change_failed, Pid, M, Vsn, Reason})
    end.

%% Waits until all of the nodes are at this place of their scripts.
meet(Id, Nodes) ->
    [{release_handler, N} ! {sync_nodes, Id, node()} || N <- Nodes],
    [receive
         {sync_nodes, Id, N} -> ok;
         {nodedown, N} -> throw({sync_error, {nodedown, N}})
     end || N <- Nodes],
    ok.

%% ---- processes by module ----

%% [{Supervisor | undefined, Id, Pid, [Module]}] of all applications.
get_supervised_procs() ->
    lists:foldl(fun({App, _, _}, Procs) ->
                        Master = application_controller:get_master(App),
                        case is_pid(Master)
                            andalso application_master:get_child(Master) of
                            {Top, _} -> top(App, Top) ++ Procs;
                            _ -> Procs
                        end
                end, [], application:which_applications()).

top(App, Top) ->
    case catch supervisor:get_callback_module(Top) of
        Module when is_atom(Module) ->
            below(Top, Module) ++ [{undefined, undefined, Top, [Module]}];
        Other ->
            io:format("~w: reason: ~w~n", [Top, Other]),
            error_logger:error_msg(
              "release_handler: cannot find top supervisor for "
              "application ~w~n", [App]),
            below(Top, App)
    end.

below(Sup, Name) ->
    Children = children(Sup, Name),
    lists:append([child(Sup, C) || C <- Children])
        ++ lists:append([below(Pid, Id) || {Id, Pid, supervisor, _} <- Children,
                                           is_pid(Pid)]).

child(Sup, {Id, Pid, worker, dynamic}) when is_pid(Pid) ->
    [{Sup, Id, Pid, dynamic_modules(Id, Pid)}];
child(Sup, {Id, Pid, _, Mods}) when is_pid(Pid), is_list(Mods) ->
    [{Sup, Id, Pid, Mods}];
child(_, _) -> [].

%% A supervisor that is suspended would never answer.
children(Sup, Name) ->
    case state(Sup) of
        noproc ->
            error_logger:warning_msg(
              "release_handler: a process (~p) exited during supervision tree "
              "interrogation. Continuing ...~n", [Sup]),
            [];
        suspended ->
            error_logger:error_msg(
              "release_handler: a which_children call to ~p (~w) was avoided. "
              "This supervisor is suspended and should likely be upgraded "
              "differently. Exiting ...~n", [Name, Sup]),
            error(suspended_supervisor);
        running ->
            ask(fun() -> supervisor:which_children(Sup) end,
                "release_handler: ~p~nerror during a which_children call to "
                "~p (~w). [State: running] Exiting ... ~n", [Name, Sup],
                which_children_failed)
    end.

state(Pid) ->
    try sys:get_status(Pid) of
        {status, _, {module, _}, [_, State, _, _, _]} -> State
    catch
        exit:{Reason, {sys, get_status, [Pid]}} = Exit ->
            is_gone(Reason) orelse exit(Exit),
            noproc
    end.

%% An event manager tells its handlers' modules.
dynamic_modules(Id, Pid) ->
    ask(fun() ->
                {ok, Mods} = gen:call(Pid, self(), get_modules),
                Mods
        end,
        "release_handler: ~p~nerror during a get_modules call to ~p (~w), "
        "there may be an error in it's childspec. Exiting ...~n", [Id, Pid],
        get_modules_failed).

%% The list that a process answers; who has just ended has none.
ask(Fun, Format, Args, Failed) ->
    try Fun()
    catch
        exit:Reason ->
            case is_gone(Reason) of
                true -> [];
                false ->
                    error_logger:error_msg(Format, [{'EXIT', Reason} | Args]),
                    error(Failed)
            end
    end.

is_gone(timeout) -> false;
is_gone(Reason) when is_tuple(Reason) -> element(1, Reason) =/= nodedown;
is_gone(_) -> true.
