%% SPDX-License-Identifier: Apache-2.0
%% systools_script: the boot script of a release, and the mixture of two by
%% which a node starts in the middle of an upgrade of its emulator.
-module(systools_script).

-export([script/3, hybrid/4, dir/2, variables/1]).

-include("systools.hrl").

%% {script, {Name, Vsn}, Commands}; [Apps] are in the order of their start.
script(#release{name = Name, vsn = Vsn}, Apps, Options) ->
    Dirs = [{A, dir(A, Options)} || A <- Apps],
    Known = preloaded() ++ mandatory(),
    {script, {Name, Vsn},
     [{preLoaded, preloaded()}, {progress, preloaded},
      {path, [D || {#application{name = N}, D} <- Dirs,
                   N =:= kernel orelse N =:= stdlib]},
      {primLoad, mandatory()},
      {kernel_load_completed}, {progress, kernel_load_completed}]
     ++ lists:append([[{path, [D]},
                       {primLoad, lists:sort([M || M <- A#application.modules,
                                                   not lists:member(M,
                                                                    Known)])}]
                      || {A, D} <- Dirs])
     ++ [{progress, modules_loaded}, {path, unique([D || {_, D} <- Dirs])}]
     ++ kernel_processes(lists:keyfind(kernel, #application.name, Apps))
     ++ [{apply, {application, load, [resource(A)]}}
         || #application{name = N, type = T} = A <- Apps, N =/= kernel,
            T =/= none]
     ++ [{progress, applications_loaded}] ++ starts(Apps)
     ++ [{apply, {c, erlangrc, []}}
         || not lists:member(no_dot_erlang, Options)]
     ++ [{progress, started}]}.

unique([D | Ds]) -> [D | unique([E || E <- Ds, E =/= D])];
unique([]) -> [].

kernel_processes(Kernel) ->
    [{kernelProcess, heart, {heart, start, []}},
     {kernelProcess, logger, {logger_server, start_link, []}},
     {kernelProcess, application_controller,
      {application_controller, start, [resource(Kernel)]}},
     {progress, init_kernel_started}].

%% Those that others include are started by these.
starts(Apps) ->
    Included = lists:append([A#application.includes || A <- Apps]),
    [{apply, {application, start_boot, [N, T]}}
     || #application{name = N, type = T} <- Apps,
        T =/= none, T =/= load, not lists:member(N, Included)].

resource(A) ->
    {application, A#application.name,
     [{description, A#application.description}, {vsn, A#application.vsn},
      {id, A#application.id}, {modules, A#application.modules},
      {registered, A#application.regs},
      {applications, A#application.uses},
      {optional_applications, A#application.optional},
      {included_applications, A#application.includes},
      {env, A#application.env}, {maxT, A#application.maxT},
      {maxP, A#application.maxP}]
     ++ [{start_phases, A#application.start_phases}
         || A#application.start_phases =/= undefined]
     ++ [{mod, A#application.mod} || A#application.mod =/= []]}.

%% ---- folders ----

%% Where the application will lie: below $ROOT/lib, below a variable, or where
%% it is now.
dir(#application{name = Name, vsn = Vsn, dir = Dir}, Options) ->
    Own = [atom_to_list(Name) ++ "-" ++ Vsn, "ebin"],
    case lists:member(local, Options) of
        true -> filename:absname(Dir);
        false ->
            case below(Dir, Name, Vsn, variables(Options)) of
                {Variable, Middle, _} ->
                    filename:join(["$" ++ Variable | Middle] ++ Own);
                none -> filename:join(["$ROOT", "lib" | Own])
            end
    end.

%% {Variable, folders between it and the application, Value}
below(Dir, Name, Vsn, [{Variable, Value} | Variables]) ->
    case lists:prefix(Value, Dir) of
        true ->
            Rest = lists:nthtail(length(filename:split(Value)),
                                 filename:split(Dir)),
            {Variable, without_own(Rest, atom_to_list(Name), Vsn), Value};
        false -> below(Dir, Name, Vsn, Variables)
    end;
below(_, _, _, []) -> none.

without_own(Names, Name, Vsn) ->
    Full = Name ++ "-" ++ Vsn,
    case lists:reverse(Names) of
        ["ebin", N | Middle] when N =:= Name; N =:= Full ->
            lists:reverse(Middle);
        _ -> Names
    end.

%% [{Name, Folder}]
variables(Options) ->
    [{case Name of
          _ when is_atom(Name) -> atom_to_list(Name);
          _ -> Name
      end, string:trim(Folder, trailing, "/")}
     || {Name, Folder} <- proplists:get_value(variables, Options, [])].

%% ---- what every node has ----

preloaded() ->
    [atomics, counters, erl_init, erl_prim_loader, erl_tracer, erlang,
     erts_code_purger, erts_dirty_process_signal_handler, erts_internal,
     erts_literal_area_collector, init, persistent_term, prim_buffer,
     prim_eval, prim_file, prim_inet, prim_net, prim_socket, prim_zip,
     socket_registry, zlib].

%% What it must have before it can start anything.
mandatory() ->
    [error_handler, application, application_controller, application_master,
     code, code_server, erl_eval, erl_lint, erl_parse, error_logger, ets,
     file, filename, file_server, file_io_server, gen, gen_event, gen_server,
     heart, kernel, logger, logger_filters, logger_server, logger_backend,
     logger_config, logger_simple_h, lists, proc_lib, supervisor].

%% ---- two releases in one ----

%% {ok, Boot} | {error, Reason}: of kernel, stdlib and sasl what the new boot
%% file has, of all others what the old one has; at its end the upgrade goes
%% on by release_handler:new_emulator_upgrade/N with [Args].
hybrid(Vsn, OldBoot, NewBoot, Args) ->
    {script, _, Old} = binary_to_term(OldBoot),
    {script, {Name, _}, New} = binary_to_term(NewBoot),
    {_, OldLoads, OldPaths, _, OldApps} = parts(Old),
    {First, NewLoads, NewPaths, Processes, NewApps} = parts(New),
    try
        Loads = replaced_loads(OldLoads, NewLoads),
        Apps = lists:foldl(fun(App, Acc) ->
                                   replaced_load(App, Acc, NewApps)
                           end, OldApps, [stdlib, sasl]),
        {Middle, [{progress, started} = Started]} =
            lists:split(length(Apps) - 1, Apps),
        Upgrade = {apply, {release_handler, new_emulator_upgrade, Args}},
        Script = First ++ Loads ++ replaced_paths(OldPaths, NewPaths)
            ++ Processes ++ Middle ++ [Upgrade, Started],
        {ok, term_to_binary({script, {Name, Vsn}, Script})}
    catch
        throw:Reason -> {error, Reason}
    end.

%% {until the kernel's code is there, loading, paths, kernel processes, rest}
parts(Script) ->
    {First, Rest1} = before({progress, kernel_load_completed}, Script),
    {Loads, Rest2} = before({progress, modules_loaded}, Rest1),
    {Paths, Rest3} = lists:splitwith(fun(C) ->
                                             element(1, C) =/= kernelProcess
                                     end, Rest2),
    {Processes, Rest} = before({progress, init_kernel_started}, Rest3),
    {First, Loads, Paths, Processes, Rest}.

before(Command, Script) ->
    lists:splitwith(fun(C) -> C =/= Command end, Script).

is_core(Dir) ->
    re:run(Dir, "(kernel|stdlib|sasl)-[0-9.]+", [unicode, {capture, none}])
        =:= match.

core_name(Dir) ->
    {match, [Name]} = re:run(Dir, "(kernel|stdlib|sasl)-[0-9.]+",
                             [unicode, {capture, [1], list}]),
    Name.

replaced_loads([{path, [Dir]} = Path, {primLoad, _} = Load | Rest], New) ->
    case is_core(Dir) of
        true -> load_of(core_name(Dir), New) ++ replaced_loads(Rest, New);
        false -> [Path, Load | replaced_loads(Rest, New)]
    end;
replaced_loads([Other | Rest], New) -> [Other | replaced_loads(Rest, New)];
replaced_loads([], _) -> [].

load_of(Name, [{path, [Dir]} = Path, {primLoad, _} = Load | Rest]) ->
    case is_core(Dir) andalso core_name(Dir) =:= Name of
        true -> [Path, Load];
        false -> load_of(Name, Rest)
    end;
load_of(Name, [_ | Rest]) -> load_of(Name, Rest);
load_of(_, []) -> [].

replaced_paths(Old, New) ->
    {path, NewDirs} = lists:keyfind(path, 1, New),
    Newest = [{core_name(D), D} || D <- NewDirs, is_core(D)],
    [case Command of
         {path, Dirs} ->
             {path, lists:append([case is_core(D) of
                                      true -> proplists:get_all_values(
                                                core_name(D), Newest);
                                      false -> [D]
                                  end || D <- Dirs])};
         _ -> Command
     end || Command <- Old].

replaced_load(App, Old, New) ->
    Is = fun({apply, {application, load, [{application, A, _}]}}) ->
                 A =:= App;
            (_) -> false
         end,
    Load = case lists:filter(Is, New) of
               [First | _] -> First;
               [] -> throw({app_not_found, App})
           end,
    case lists:splitwith(fun(C) -> not Is(C) end, Old) of
        {Before, [_ | After]} -> Before ++ [Load | After];
        {_, []} -> throw({app_not_replaced, App})
    end.
