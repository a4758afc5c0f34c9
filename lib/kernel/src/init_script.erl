%% SPDX-License-Identifier: Apache-2.0
%% init_script: starts the node as a boot file says, command by command. A
%% boot file is {script, Id, Commands} in the external format; those that come
%% with every node (start, start_clean, start_sasl, no_dot_erlang) need none.
-module(init_script).

-export([run/3, name/1]).

%% How the node is to be started: standard, {standard, Apps}, or {file, Name}.
name(Flags) ->
    case [B || {boot, [B | _]} <- Flags] of
        [] -> {standard, []};
        Boots ->
            Boot = lists:last(Boots),
            case filename:extension(Boot) =:= ".boot"
                orelse is_file(Boot ++ ".boot") of
                true -> {file, Boot};
                false -> standard(filename:basename(Boot), Boot)
            end
    end.

standard("start", _) -> {standard, []};
standard("start_clean", _) -> {standard, []};
standard("no_dot_erlang", _) -> {standard, [no_dot_erlang]};
standard("start_sasl", _) -> {standard, [sasl]};
standard(_, Boot) -> {file, Boot}.

is_file(Name) ->
    case code_server:call({read, Name}) of
        {ok, _} -> true;
        _ -> false
    end.

%% Runs the boot file; [Init] hears of what it is and how far it has come.
run(Init, Boot, Flags) ->
    {script, Id, Commands} = read(with_extension(Boot)),
    Init ! {script_id, Id},
    Variables = [{"$ROOT", code_server:root()}
                 | [{"$" ++ Name, Dir}
                    || {boot_var, Values} <- Flags,
                       {Name, Dir} <- pairs(Values)]],
    lists:foldl(fun(Command, S) -> eval(Command, S) end,
                #{init => Init, variables => Variables, loaded => false,
                  embedded => [M || {mode, ["embedded" = M]} <- Flags] =/= []},
                Commands),
    ok.

pairs([Name, Dir | Rest]) -> [{Name, Dir} | pairs(Rest)];
pairs(_) -> [].

with_extension(Boot) ->
    case filename:extension(Boot) of
        ".boot" -> Boot;
        _ -> Boot ++ ".boot"
    end.

%% As named, or among the program's own.
read(File) ->
    Installed = filename:join([code_server:root(), "bin", File]),
    case first([File, Installed]) of
        {ok, Bytes} ->
            case erlang:binary_to_term(Bytes) of
                {script, _, Commands} = Script when is_list(Commands) ->
                    Script;
                _ -> exit({'not a bootfile', File})
            end;
        error -> exit({'cannot get bootfile', list_to_atom(File)})
    end.

first([File | Files]) ->
    case code_server:call({read, File}) of
        {ok, Bytes} -> {ok, Bytes};
        _ -> first(Files)
    end;
first([]) -> error.

eval({progress, What}, #{init := Init} = S) ->
    Init ! {progress, What},
    S;
eval({preLoaded, _}, S) -> S;
eval({kernel_load_completed}, S) -> S#{loaded := true};
eval({path, Dirs}, #{variables := Variables} = S) ->
    Known = code:get_path(),
    [code:add_pathz(D) || Dir <- Dirs, D <- [replaced(Dir, Variables)],
                          not lists:member(D, Known)],
    S#{path => [replaced(Dir, Variables) || Dir <- Dirs]};
%% What other nodes need before kernel may not be there at all.
eval({primLoad, Modules}, #{embedded := true, loaded := false} = S) ->
    [code_server:call({boot_load, M})
     || M <- Modules, not erlang:module_loaded(M)],
    S;
eval({primLoad, Modules}, #{embedded := true} = S) ->
    case [M || M <- Modules, not is_there(M)] of
        [] -> S;
        Missing -> exit({load_failed, Missing})
    end;
%% Code is loaded when it is called; of what the script wants before that only
%% what it adds itself, a few modules at most, must be there.
eval({primLoad, _}, #{loaded := true} = S) -> S;
eval({primLoad, Modules}, S) ->
    [case code:ensure_loaded(M) of
         {module, _} -> ok;
         _ -> exit({load_failed, [M]})
     end || length(Modules) < 5, M <- Modules],
    S;
eval({kernelProcess, _, {heart, start, []}}, S) -> S;
eval({kernelProcess, Name, {M, F, A}}, #{init := Init} = S) ->
    case apply(M, F, A) of
        {ok, Pid} when is_pid(Pid) -> Init ! {kernel_process, Name, Pid};
        Pid when is_pid(Pid) -> Init ! {kernel_process, Name, Pid};
        ignore -> ok;
        {error, Reason} ->
            exit({'could not start kernel pid', Name, Reason})
    end,
    S;
eval({apply, {M, F, A}}, S) ->
    apply(M, F, A), % an application that must run ends the node by itself
    S;
eval(Command, _) -> exit({'unexpected command in bootfile', Command}).

is_there(M) ->
    erlang:module_loaded(M)
        orelse code_server:call({boot_load, M}) =:= {module, M}.

replaced("$" ++ _ = Dir, Variables) ->
    {Variable, Rest} = lists:splitwith(fun(C) -> C =/= $/ end, Dir),
    case lists:keyfind(Variable, 1, Variables) of
        {_, Value} -> Value ++ Rest;
        false -> exit(list_to_atom("cannot expand " ++ Variable
                                   ++ " in bootfile"))
    end;
replaced(Dir, _) -> Dir.
