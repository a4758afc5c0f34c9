%% SPDX-License-Identifier: Apache-2.0
%% release_handler_1: carries out a script of low instructions on this node.
%%
%% Which processes run a module is known from the supervisors: the modules of
%% their child specifications, and their own callback modules.
-module(release_handler_1).

-export([eval_script/1, eval_script/5, check_script/2,
         get_current_vsn/1, get_supervised_procs/0]).

%% bins: [{Mod, Bin, File}]; suspended: [{Mod, [Pid]}]; stopped: [{Mod, [{Sup,
%% Id}]}]; unpurged: what is left to purge afterwards.
-record(state, {bins = [], suspended = [], stopped = [], unpurged = [],
                vsns = [], libs = [], new_libs = [], options = []}).

eval_script(Script) -> eval_script(Script, [], [], [], []).

%% {ok, Unpurged} | restart_emulator | {restart_emulator, ..} | {error, Reason}
%% [Libs]: [{App, Vsn, Dir}] of what shall run.
eval_script(Script, _Apps, Libs, NewLibs, Options) ->
    case check_script(Script, Libs) of
        ok ->
            S = #state{libs = Libs, new_libs = NewLibs, options = Options},
            try run(Script, S) of
                {restart, _} -> restart_emulator;
                #state{unpurged = Unpurged} -> {ok, Unpurged}
            catch
                throw:{error, _} = Error -> Error;
                throw:restart_emulator -> restart_emulator
            end;
        Error -> Error
    end.

%% ok | {error, {old_processes, Mod}}: whether soft purges can be done.
check_script(Script, _) ->
    Soft = [M || {load, {M, soft_purge, _}} <- Script]
        ++ [M || {remove, {M, soft_purge, _}} <- Script],
    case [M || M <- Soft, has_old_processes(M)] of
        [] -> ok;
        [M | _] -> {error, {old_processes, M}}
    end.

has_old_processes(Module) ->
    [P || P <- processes(), erlang:check_process_code(P, Module) =:= true]
        =/= [].

run([restart_emulator | _], S) -> {restart, S};
run([I | Rest], S) -> run(Rest, eval(I, S));
run([], S) -> S.

eval({load_object_code, {App, Vsn, Mods}}, #state{bins = Bins} = S) ->
    Dir = case lists:keyfind(App, 1, S#state.libs) of
              {App, Vsn, D} -> filename:join(D, "ebin");
              _ ->
                  case code:lib_dir(App) of
                      {error, _} -> throw({error, {no_such_lib, App, Vsn}});
                      D -> filename:join(D, "ebin")
                  end
          end,
    S#state{bins = [object(M, Dir) || M <- Mods] ++ Bins};
eval(point_of_no_return, S) ->
    %% from here on the new folders are looked into
    [code:replace_path(App, filename:join(Dir, "ebin"))
     || {App, _, Dir} <- case S#state.new_libs of
                             [] -> S#state.libs;
                             New -> New
                         end],
    S;
eval({load, {M, _, Post}}, #state{bins = Bins} = S0) ->
    S = noted_version(M, S0),
    case lists:keyfind(M, 1, Bins) of
        {M, Bin, File} ->
            _ = code:purge(M),
            {module, M} = code:load_binary(M, File, Bin),
            purge_later(M, Post, S);
        false -> throw({error, {no_object_code, M}})
    end;
eval({remove, {M, _, Post}}, S0) ->
    S = noted_version(M, S0),
    _ = code:purge(M),
    _ = code:delete(M),
    purge_later(M, Post, S);
eval({purge, Mods}, S) ->
    [code:purge(M) || M <- Mods],
    S;
eval({suspend, Mods}, S) -> lists:foldl(fun suspend/2, S, Mods);
eval({resume, Mods}, S) -> lists:foldl(fun resume/2, S, Mods);
eval({code_change, Mods}, S) -> eval({code_change, up, Mods}, S);
eval({code_change, Mode, Mods}, #state{suspended = Suspended} = S) ->
    [change_code(Pid, Mode, M, Extra, S)
     || {M, Extra} <- Mods, {N, Pids} <- Suspended, N =:= M, Pid <- Pids],
    S;
eval({stop, Mods}, #state{stopped = Stopped} = S) ->
    Procs = get_supervised_procs(),
    New = [{M, [begin
                    _ = supervisor:terminate_child(Sup, Id),
                    {Sup, Id}
                end || {Sup, Id, _, Ms} <- Procs, is_pid(Sup),
                       lists:member(M, Ms)]} || M <- Mods],
    S#state{stopped = New ++ Stopped};
eval({start, Mods}, #state{stopped = Stopped} = S) ->
    [supervisor:restart_child(Sup, Id)
     || {M, Children} <- Stopped, lists:member(M, Mods),
        {Sup, Id} <- Children],
    S#state{stopped = [E || {M, _} = E <- Stopped,
                            not lists:member(M, Mods)]};
eval({apply, {M, F, A}}, S) ->
    case catch apply(M, F, A) of
        {'EXIT', Reason} -> throw({error, {'EXIT', Reason}});
        {error, Reason} -> throw({error, Reason});
        _ -> S
    end;
eval({sync_nodes, _, {M, F, A}}, S) ->
    case [N || N <- apply(M, F, A), N =/= node()] of
        [] -> S;
        Nodes -> throw({error, {sync_error, Nodes}})
    end;
eval({sync_nodes, _, Nodes}, S) when is_list(Nodes) ->
    case [N || N <- Nodes, N =/= node()] of
        [] -> S;
        Missing -> throw({error, {sync_error, Missing}})
    end;
eval(restart_new_emulator, S) -> S;
eval({mnesia_backup, _}, S) -> S;
eval(I, _) -> throw({error, {bad_instruction, I}}).

object(M, Dir) ->
    File = filename:join(Dir, atom_to_list(M) ++ code:objfile_extension()),
    case erl_prim_loader:get_file(File) of
        {ok, Bin, Name} -> {M, Bin, Name};
        error -> throw({error, {no_such_file, File}})
    end.

%% code_change is told the version that the old code had.
noted_version(M, #state{vsns = Vsns} = S) ->
    case lists:keymember(M, 1, Vsns) of
        true -> S;
        false -> S#state{vsns = [{M, get_current_vsn(M)} | Vsns]}
    end.

get_current_vsn(M) ->
    try lists:keyfind(vsn, 1, M:module_info(attributes)) of
        {vsn, Vsn} -> version(Vsn);
        false -> undefined
    catch error:undef -> undefined
    end.

%% -vsn("1") is a list of characters, -vsn('1') one of one atom.
version([Vsn] = Text) ->
    case io_lib:printable_unicode_list(Text) of
        true -> Text;
        false -> Vsn
    end;
version(Vsn) -> Vsn.

purge_later(M, Post, #state{unpurged = Unpurged} = S) ->
    S#state{unpurged = [{M, Post} | lists:keydelete(M, 1, Unpurged)]}.

suspend({M, Time}, S) -> suspend(M, Time, S);
suspend(M, S) -> suspend(M, default, S).

suspend(M, Time, #state{suspended = Suspended, options = Options} = S) ->
    Limit = case Time of
                default -> proplists:get_value(suspend_timeout, Options, 5000);
                _ -> Time
            end,
    Pids = [Pid || {_, _, Pid, Ms} <- get_supervised_procs(),
                   lists:member(M, Ms), suspended(Pid, Limit)],
    S#state{suspended = [{M, Pids} | Suspended]}.

%% Who does not answer in time is left alone: its code will be purged.
suspended(Pid, Time) ->
    case catch sys:suspend(Pid, Time) of
        ok -> true;
        _ ->
            %% it may yet read the message
            catch sys:resume(Pid, 1),
            false
    end.

resume(M, #state{suspended = Suspended} = S) ->
    {Mine, Others} = lists:partition(fun({N, _}) -> N =:= M end, Suspended),
    [catch sys:resume(Pid) || {_, Pids} <- Mine, Pid <- Pids],
    S#state{suspended = Others}.

change_code(Pid, Mode, M, Extra, #state{vsns = Vsns, bins = Bins}) ->
    Vsn = case {Mode, lists:keyfind(M, 1, Vsns)} of
              {up, {M, Old}} -> Old;
              {up, false} -> get_current_vsn(M);
              {down, _} -> {down, target_version(M, Bins)}
          end,
    case catch sys:change_code(Pid, M, Vsn, Extra) of
        ok -> ok;
        {error, Reason} -> throw({error, {code_change_failed, Pid, M, Vsn,
                                          Extra, Reason}});
        {'EXIT', Reason} -> throw({error, {code_change_failed, Pid, M, Vsn,
                                           Extra, Reason}})
    end.

%% On the way down the process runs the newer code, which must know the
%% version to go back to.
target_version(M, Bins) ->
    case lists:keyfind(M, 1, Bins) of
        {M, Bin, _} ->
            case beam_lib:version(Bin) of
                {ok, {M, Vsn}} -> version(Vsn);
                _ -> undefined
            end;
        false -> get_current_vsn(M)
    end.

%% ---- processes by module ----

%% [{Supervisor | undefined, Id, Pid, [Module]}] of all applications.
get_supervised_procs() ->
    {_, Running} = lists:keyfind(running, 1, application:info()),
    lists:append([top(Master) || {_, Master} <- Running, is_pid(Master)]).

top(Master) ->
    case application_master:get_child(Master) of
        {Top, _} when is_pid(Top) ->
            [{undefined, undefined, Top, callback(Top)} | below(Top)];
        _ -> []
    end.

callback(Sup) ->
    case catch supervisor:get_callback_module(Sup) of
        Module when is_atom(Module) -> [Module];
        _ -> []
    end.

below(Sup) ->
    case is_supervisor(Sup) andalso catch supervisor:which_children(Sup) of
        Children when is_list(Children) ->
            lists:append([child(Sup, C) || C <- Children]);
        _ -> []
    end.

child(Sup, {Id, Pid, worker, dynamic}) when is_pid(Pid) ->
    [{Sup, Id, Pid, dynamic_modules(Pid)}];
child(Sup, {Id, Pid, worker, Mods}) when is_pid(Pid) -> [{Sup, Id, Pid, Mods}];
child(Sup, {Id, Pid, supervisor, Mods}) when is_pid(Pid) ->
    [{Sup, Id, Pid, Mods ++ [M || M <- callback(Pid), is_list(Mods),
                                  not lists:member(M, Mods)]} | below(Pid)];
child(_, _) -> [].

%% An event manager tells its handlers' modules.
dynamic_modules(Pid) ->
    try gen:call(Pid, self(), get_modules, 5000) of
        {ok, Mods} when is_list(Mods) -> Mods;
        _ -> []
    catch _:_ -> []
    end.

%% Bridges and others below a supervisor answer as supervisors do or not at
%% all; the first call of what the process began with tells.
is_supervisor(Pid) ->
    case proc_lib:translate_initial_call(Pid) of
        {supervisor, _, _} -> true;
        _ -> false
    end.
