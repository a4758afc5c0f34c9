%% SPDX-License-Identifier: Apache-2.0
%% systools_make: boot scripts and packages of releases.
-module(systools_make).

-export([make_script/1, make_script/2, make_tar/1, make_tar/2,
         get_release/2, get_release/3, read_release/2,
         format_error/1, format_warning/1, told/3]).

-include("systools.hrl").
-include_lib("kernel/include/file.hrl").

make_script(Name) -> make_script(Name, []).

make_script(Name, Options) ->
    Bad = [O || O <- Options, not script_option(O)],
    Bad =:= [] orelse erlang:error({badarg, Bad}, [Name, Options]),
    told(?MODULE, Options,
         fun() ->
                 {Release, Apps, Warnings} = read(Name, Options),
                 Script = script(Release, Apps, Options),
                 strict(Warnings, Options),
                 write_script(target(Name, Options), Script),
                 Warnings
         end).

make_tar(Name) -> make_tar(Name, []).

make_tar(Name, Options) ->
    Bad = [O || O <- Options, not tar_option(O)],
    Bad =:= [] orelse erlang:error({badarg, Bad}, [Name, Options]),
    told(?MODULE, Options,
         fun() ->
                 {Release, Apps, Warnings} = read(Name, Options),
                 strict(Warnings, Options),
                 systools_tar:write(Name, Release, Apps, Options),
                 Warnings
         end).

%% ---- options, and how the outcome is told ----

script_option(Option)
  when Option =:= silent; Option =:= local; Option =:= src_tests;
       Option =:= exref; Option =:= no_module_tests; Option =:= no_dot_erlang;
       Option =:= no_warn_sasl; Option =:= warnings_as_errors -> true;
script_option({path, Path}) -> is_list(Path);
script_option({outdir, Dir}) -> is_list(Dir);
script_option({script_name, Name}) -> is_list(Name);
script_option({exref, Apps}) -> is_list(Apps);
script_option({variables, Variables}) -> is_list(Variables);
script_option({machine, Machine}) -> is_atom(Machine);
script_option(_) -> false.

tar_option({erts, Dir}) -> is_list(Dir);
tar_option({dirs, Dirs}) -> is_list(Dirs);
tar_option({var_tar, What}) -> lists:member(What, [include, ownfile, omit]);
tar_option({extra_files, Files}) -> is_list(Files);
tar_option(erts_all) -> true;
tar_option(Option) -> script_option(Option).

%% Fun() gives warnings or throws {error, Reason}. Silently both come back as
%% terms, else they are printed.
told(Module, Options, Fun) ->
    Silent = lists:member(silent, Options),
    try Fun() of
        Warnings when Silent -> {ok, Module, Warnings};
        Warnings ->
            io:format("~ts", [Module:format_warning(Warnings)]),
            ok
    catch
        throw:{error, Reason} when Silent -> {error, Module, Reason};
        throw:{error, Reason} ->
            io:format("~ts", [Module:format_error(Reason)]),
            error
    end.

strict(Warnings, Options) ->
    case lists:member(warnings_as_errors, Options) of
        true when Warnings =/= [] ->
            throw({error, {warnings_treated_as_errors,
                           [plain(W) || W <- Warnings]}});
        _ -> ok
    end.

plain({warning, W}) -> W;
plain(W) -> W.

target(Name, Options) ->
    Base = case lists:keyfind(script_name, 1, Options) of
               {_, Script} -> Script;
               false -> Name
           end,
    case lists:keyfind(outdir, 1, Options) of
        {outdir, "."} -> filename:basename(Base);
        {outdir, Dir} -> filename:join(Dir, filename:basename(Base));
        false -> Base
    end.

write_script(Base, Script) ->
    Header = io_lib:format("%% ~s~n%% script generated at ~w ~w~n~tp.~n",
                           [epp:encoding_to_string(utf8), date(), time(),
                            Script]),
    write(Base ++ ".script", unicode:characters_to_binary(Header)),
    write(Base ++ ".boot", term_to_binary(Script)).

write(File, Bytes) ->
    case file:write_file(File, Bytes) of
        ok -> ok;
        {error, Reason} -> throw({error, {open, File, Reason}})
    end.

%% ---- the release and its applications ----

%% {ok, Release, Apps, Warnings} for systools_relup; Apps are in the order of
%% their start.
get_release(Name, Path) -> get_release(Name, Path, []).

get_release(Name, Path, Options) ->
    try read(Name, [{path, Path}, no_warn_sasl | Options]) of
        {Release, Apps, Warnings} -> {ok, Release, Apps, Warnings}
    catch throw:{error, Reason} -> {error, ?MODULE, Reason}
    end.

read_release(Name, _Path) ->
    try {ok, release_file(Name)}
    catch throw:{error, Reason} -> {error, ?MODULE, Reason}
    end.

read(Name, Options) ->
    #release{applications = Listed} = Release = release_file(Name),
    Path = search_path(Options),
    Apps0 = [read_app(L, Path) || L <- Listed],
    Apps = with_includes(Apps0, Release),
    check_names(Apps),
    check_modules_once(Apps),
    check_uses(Apps),
    Warnings = source_warnings(Apps, Options)
        ++ [{warning, missing_sasl}
            || not lists:keymember(sasl, #application.name, Apps),
               not lists:member(no_warn_sasl, Options)],
    {Release, in_start_order(Apps), Warnings}.

release_file(Name) ->
    File = case filename:extension(Name) of
               ".rel" -> Name;
               _ -> Name ++ ".rel"
           end,
    case file:consult(File) of
        {ok, [{release, {RelName, Vsn}, {erts, Erts}, Apps}]}
          when is_list(RelName), is_list(Vsn), is_list(Apps) ->
            Listed = [listed(A) || A <- Apps],
            check_mandatory(Listed),
            #release{name = RelName, vsn = Vsn, erts_vsn = Erts,
                     applications = [{N, V, T} || {N, V, T, _} <- Listed],
                     incl_apps = [{N, I} || {N, _, _, I} <- Listed,
                                            I =/= default]};
        {ok, _} -> throw({error, badly_formatted_release});
        {error, Reason} when is_atom(Reason) ->
            throw({error, {read, File, Reason}});
        {error, Reason} -> throw({error, {parse, File, Reason}})
    end.

listed({App, Vsn}) when is_atom(App), is_list(Vsn) ->
    {App, Vsn, permanent, default};
listed({App, Vsn, Includes}) when is_atom(App), is_list(Vsn),
                                  is_list(Includes) ->
    {App, Vsn, permanent, Includes};
listed({App, Vsn, Type} = Entry) when is_atom(App), is_list(Vsn) ->
    {App, Vsn, type(Type, Entry), default};
listed({App, Vsn, Type, Includes} = Entry) when is_atom(App), is_list(Vsn),
                                                is_list(Includes) ->
    {App, Vsn, type(Type, Entry), Includes};
listed(Other) -> throw({error, {illegal_applications, [Other]}}).

type(Type, Entry) ->
    case lists:member(Type, [permanent, transient, temporary, load, none]) of
        true -> Type;
        false -> throw({error, {illegal_applications, [Entry]}})
    end.

check_mandatory(Listed) ->
    [case lists:keyfind(App, 1, Listed) of
         {_, _, permanent, _} -> ok;
         {_, _, Type, _} -> throw({error, {mandatory_app, App, Type}});
         false -> throw({error, {missing_mandatory_app, App}})
     end || App <- [kernel, stdlib]].

%% Folders of [path], of which each may be a pattern, and the code path.
search_path(Options) ->
    Given = [D || {path, Dirs} <- Options, Dir <- Dirs,
                  D <- case lists:member($*, Dir) of
                           true -> filelib:wildcard(Dir);
                           false -> [Dir]
                       end],
    Given ++ [D || D <- code:get_path(), D =/= "."] ++ ["."].

read_app({Name, Vsn, Type}, Path) ->
    read_app(Name, Vsn, Type, Path, none).

read_app(Name, Vsn, _, [], none) ->
    throw({error, [{error_reading, {Name, {not_found, atom_to_list(Name)
                                           ++ ".app", Vsn}}}]});
read_app(Name, _, _, [], Error) ->
    throw({error, [{error_reading, {Name, Error}}]});
read_app(Name, Vsn, Type, [Dir | Dirs], Error) ->
    File = filename:join(Dir, atom_to_list(Name) ++ ".app"),
    case erl_prim_loader:get_file(filename:absname(File)) of
        error -> read_app(Name, Vsn, Type, Dirs, Error);
        {ok, Bytes, _} ->
            case parse(Bytes) of
                {ok, {application, Name, Keys}} ->
                    case proplists:get_value(vsn, Keys) of
                        Vsn -> app(Name, Type, Keys, Dir);
                        Other ->
                            read_app(Name, Vsn, Type, Dirs,
                                     first(Error, {no_valid_version,
                                                   {{"should be", Vsn},
                                                    {"found file", File,
                                                     Other}}}))
                    end;
                {ok, _} -> throw({error, [{error_reading,
                                           {Name, badly_formatted}}]});
                {error, Reason} ->
                    read_app(Name, Vsn, Type, Dirs,
                             first(Error, {parse_error, {File, Reason}}))
            end
    end.

first(none, Error) -> Error;
first(Error, _) -> Error.

parse(Bytes) ->
    case erl_scan:string(unicode:characters_to_list(Bytes)) of
        {ok, Tokens, _} -> erl_parse:parse_term(Tokens);
        {error, Reason, _} -> {error, Reason}
    end.

app(Name, Type, Keys, Dir) ->
    Get = fun(Key, Default, Is) ->
                  case lists:keyfind(Key, 1, Keys) of
                      false when Default =:= '$none' ->
                          throw({error, [{error_reading,
                                          {Name, {missing_param, Key}}}]});
                      false -> Default;
                      {Key, Value} ->
                          case Is(Value) of
                              true -> Value;
                              false ->
                                  throw({error,
                                         [{error_reading,
                                           {Name, {missing_param, Key}}}]})
                          end
                  end
          end,
    List = fun is_list/1,
    #application{name = Name, type = Type, dir = Dir,
                 vsn = Get(vsn, '$none', List), id = Get(id, "", List),
                 description = Get(description, "", List),
                 modules = Get(modules, '$none', List),
                 uses = Get(applications, '$none', List),
                 optional = Get(optional_applications, [], List),
                 includes = Get(included_applications, [], List),
                 regs = Get(registered, '$none', List),
                 env = Get(env, [], List),
                 mod = Get(mod, [], fun([]) -> true;
                                       ({M, _}) -> is_atom(M);
                                       (_) -> false
                                    end),
                 maxT = Get(maxT, infinity, fun(_) -> true end),
                 maxP = Get(maxP, infinity, fun(_) -> true end),
                 start_phases = Get(start_phases, undefined,
                                    fun(V) -> V =:= undefined
                                                  orelse is_list(V)
                                    end)}.

%% What the release file says of included applications holds.
with_includes(Apps, #release{incl_apps = Includes}) ->
    [case lists:keyfind(N, 1, Includes) of
         {N, Included} ->
             Included -- Known =:= []
                 orelse throw({error, [{error_reading,
                                        {N, {override_include,
                                             Included -- Known}}}]}),
             A#application{includes = Included};
         false -> A
     end || #application{name = N, includes = Known} = A <- Apps].

check_names(Apps) ->
    Names = [{R, N, V, Regs} || #application{name = N, vsn = V, regs = Regs}
                                    <- Apps, R <- Regs],
    case twice(Names) of
        [] -> ok;
        Pairs -> throw({error, {duplicate_register, Pairs}})
    end.

check_modules_once(Apps) ->
    Mods = [{M, N, V, D} || #application{name = N, vsn = V, modules = Ms,
                                         dir = D} <- Apps, M <- Ms],
    case twice(Mods) of
        [] -> ok;
        Pairs -> throw({error, {duplicate_modules, Pairs}})
    end.

%% Pairs of neighbours with the same first element.
twice(Tuples) -> neighbours(lists:keysort(1, Tuples), []).

neighbours([A, B | Rest], Acc) when element(1, A) =:= element(1, B) ->
    neighbours([B | Rest], [{A, B} | Acc]);
neighbours([_ | Rest], Acc) -> neighbours(Rest, Acc);
neighbours([], Acc) -> Acc.

check_uses(Apps) ->
    Names = [N || #application{name = N} <- Apps],
    Used = lists:append([(A#application.uses -- A#application.optional)
                         ++ A#application.includes || A <- Apps]),
    case [U || U <- lists:usort(Used), not lists:member(U, Names)] of
        [] -> ok;
        Undefined -> throw({error, {undefined_applications, Undefined}})
    end.

source_warnings(Apps, Options) ->
    case lists:member(src_tests, Options) of
        false -> [];
        true -> lists:append([source_warnings(A) || A <- Apps])
    end.

source_warnings(#application{name = N, dir = Dir, modules = Mods}) ->
    [case is_there(filename:join(Dir, atom_to_list(M) ++ ".beam")) of
         true -> ok;
         false -> throw({error, [{error_reading,
                                  {module_not_found, N, M, Dir}}]})
     end || M <- Mods],
    Sources = [filename:join(filename:dirname(Dir), "src"), Dir],
    [{warning, {source_not_found, {N, M}}}
     || filelib:is_dir(Dir), M <- Mods,
        not lists:any(fun(D) ->
                              filelib:is_regular(
                                filename:join(D, atom_to_list(M) ++ ".erl"))
                      end, Sources)].

is_there(File) ->
    erl_prim_loader:get_file(filename:absname(File)) =/= error.

%% What an application uses comes before it; else the order of the release
%% file holds.
in_start_order(Apps) ->
    Names = [N || #application{name = N} <- Apps],
    order(Apps, [], Names).

order([], Done, _) -> lists:reverse(Done);
order(Apps, Done, Names) ->
    Ready = fun(#application{uses = Uses, includes = Includes}) ->
                    lists:all(fun(U) ->
                                      not lists:member(U, Names)
                                          orelse lists:keymember(
                                                   U, #application.name, Done)
                              end, Uses ++ Includes)
            end,
    case lists:splitwith(fun(A) -> not Ready(A) end, Apps) of
        {Before, [App | After]} ->
            order(Before ++ After, [App | Done], Names);
        {_, []} ->
            throw({error, {circular_dependencies,
                           [{N, V} || #application{name = N, vsn = V}
                                          <- lists:reverse(Apps)]}})
    end.

%% ---- the script ----

script(#release{name = Name, vsn = Vsn}, Apps, Options) ->
    Dirs = [dir(A, Options) || A <- Apps],
    {Core, _} = lists:split(2, Dirs),
    Included = lists:append([I || #application{includes = I} <- Apps]),
    [#application{} = Kernel | Others] = Apps,
    {script, {Name, Vsn},
     [{preLoaded, preloaded()}, {progress, preloaded},
      {path, Core}, {primLoad, mandatory()},
      {kernel_load_completed}, {progress, kernel_load_completed}]
     ++ lists:append([[{path, [Dir]},
                       {primLoad, lists:sort(A#application.modules
                                             -- mandatory())}]
                      || {A, Dir} <- lists:zip(Apps, Dirs)])
     ++ [{progress, modules_loaded}, {path, Dirs},
         {kernelProcess, heart, {heart, start, []}},
         {kernelProcess, logger, {logger_server, start_link, []}},
         {kernelProcess, application_controller,
          {application_controller, start, [spec(Kernel)]}},
         {progress, init_kernel_started}]
     ++ [{apply, {application, load, [spec(A)]}}
         || #application{type = Type} = A <- Others, Type =/= none]
     ++ [{progress, applications_loaded}]
     ++ [{apply, {application, start_boot, [N, Type]}}
         || #application{name = N, type = Type} <- Apps,
            Type =/= none, Type =/= load, not lists:member(N, Included)]
     ++ [{apply, {c, erlangrc, []}}
         || not lists:member(no_dot_erlang, Options)]
     ++ [{progress, started}]}.

%% Where the application will lie: below $ROOT, below a variable, or where it
%% is now.
dir(#application{name = Name, vsn = Vsn, dir = Dir}, Options) ->
    Full = filename:absname(Dir),
    Variables = lists:append([V || {variables, V} <- Options]),
    case [{N, V} || {N, V} <- Variables, lists:prefix(V ++ "/", Dir)] of
        [{N, V} | _] -> "$" ++ N ++ lists:nthtail(length(V), Dir);
        [] ->
            case lists:member(local, Options) of
                true -> Full;
                false ->
                    "$ROOT/lib/" ++ atom_to_list(Name) ++ "-" ++ Vsn
                        ++ "/ebin"
            end
    end.

spec(#application{} = A) ->
    {application, A#application.name,
     [{description, A#application.description}, {vsn, A#application.vsn},
      {id, A#application.id}, {modules, A#application.modules},
      {registered, A#application.regs},
      {applications, A#application.uses},
      {optional_applications, A#application.optional},
      {included_applications, A#application.includes},
      {env, A#application.env}, {maxT, A#application.maxT},
      {maxP, A#application.maxP}]
     ++ [{mod, A#application.mod} || A#application.mod =/= []]
     ++ [{start_phases, A#application.start_phases}
         || A#application.start_phases =/= undefined]}.

%% What every node has before it reads a file.
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
     heart, kernel, logger, logger_backend, logger_config, logger_filters,
     logger_server, logger_simple_h, lists, proc_lib, supervisor].

%% ---- texts ----

format_warning(Warnings) -> [warning_text(W) || W <- Warnings].

warning_text({warning, W}) -> ["*WARNING* ", what(W)];
warning_text(W) -> ["*WARNING* ", what(W)].

what(missing_sasl) ->
    "Missing application sasl. Can not upgrade with this release\n";
what({source_not_found, {App, Mod}}) ->
    io_lib:format("~w: Source code not found: ~w.erl~n", [App, Mod]);
what(W) -> io_lib:format("~tp~n", [W]).

format_error({warnings_treated_as_errors, Warnings}) ->
    ["Warnings being treated as errors:\n" | [what(W) || W <- Warnings]];
format_error({missing_mandatory_app, App}) ->
    io_lib:format("Mandatory application ~w must be specified in the release "
                  "file~n", [App]);
format_error({mandatory_app, App, Type}) ->
    io_lib:format("Mandatory application ~w must be of type 'permanent' in "
                  "the release file. Is '~p'.~n", [App, Type]);
format_error(badly_formatted_release) ->
    "Syntax error in the release file\n";
format_error({illegal_applications, Apps}) ->
    io_lib:format("Illegal applications in the release file: ~p~n", [Apps]);
format_error({duplicate_register, Pairs}) ->
    ["Duplicated register names: \n"
     | [io_lib:format("\t~w registered in ~w and ~w~n",
                      [R, element(2, A), element(2, B)])
        || {{R, _, _, _} = A, B} <- Pairs]];
format_error({duplicate_modules, Pairs}) ->
    ["Duplicated modules: \n"
     | [io_lib:format("\t~w specified in ~w and ~w~n",
                      [M, element(2, A), element(2, B)])
        || {{M, _, _, _} = A, B} <- Pairs]];
format_error({undefined_applications, Apps}) ->
    io_lib:format("Undefined applications: ~p~n", [Apps]);
format_error({circular_dependencies, Apps}) ->
    io_lib:format("Circular dependencies among applications: ~p~n", [Apps]);
format_error({read, File, enoent}) ->
    io_lib:format("File not found: ~tp~n", [File]);
format_error({read, File, Reason}) ->
    io_lib:format("Cannot read ~tp - ~ts~n",
                  [File, file:format_error(Reason)]);
format_error({parse, File, {Line, Module, Reason}}) ->
    io_lib:format("~tp:~w: ~ts~n",
                  [File, Line, Module:format_error(Reason)]);
format_error({open, File, Reason}) ->
    io_lib:format("Cannot open ~tp - ~ts~n",
                  [File, file:format_error(Reason)]);
format_error({no_boot_file, Base}) ->
    io_lib:format("Cannot find file start.boot or ~ts to add to tar file - "
                  "no such file or directory~n", [Base]);
format_error({open_tar, File, Reason}) ->
    io_lib:format("Cannot open tar file ~ts - ~ts~n",
                  [File, erl_tar:format_error({File, Reason})]);
format_error({tar, App, File, Reason}) ->
    io_lib:format("~w: Cannot add file ~ts to tar file - ~ts~n~n",
                  [App, File, erl_tar:format_error(Reason)]);
format_error(Errors) when is_list(Errors) ->
    [reading_text(E) || E <- Errors];
format_error(Other) -> io_lib:format("~tp~n", [Other]).

reading_text({error_reading, {module_not_found, App, Mod, Dir}}) ->
    io_lib:format("~p~n", [{{module_not_found, App, Mod}, {Mod, App, Dir}}]);
reading_text({error_reading, {App, What}}) ->
    io_lib:format("~w: ~ts~n", [App, reading(What)]);
reading_text(Other) -> io_lib:format("~tp~n", [Other]).

reading({not_found, File, _}) ->
    io_lib:format("Application not found: ~tp~n", [File]);
reading({no_valid_version, {{_, Wanted}, {_, File, Found}}}) ->
    io_lib:format("No valid version (~tp) of .app file found. Found file ~tp "
                  "with version ~tp~n", [Wanted, File, Found]);
reading({parse_error, {File, {Line, _, Reason}}}) ->
    io_lib:format("Parse error in file: ~tp.  Line: ~w  Error: ~tp; ~n",
                  [File, Line, Reason]);
reading({override_include, Apps}) ->
    io_lib:format("Tried to include not (in .app file) specified "
                  "applications: ~p~n", [Apps]);
reading({missing_param, Key}) ->
    io_lib:format("Missing parameter in .app file: ~w~n", [Key]);
reading(Other) -> io_lib:format("~tp~n", [Other]).
