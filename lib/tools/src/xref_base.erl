%% SPDX-License-Identifier: Apache-2.0
%% xref_base: what xref knows, as a value that each operation gives anew:
%% modules with their calls, in applications, in releases; libraries, of which
%% only exports are read; variables of queries, made when they are first asked
%% for, as xref_setup does.
-module(xref_base).

-export([new/0, new/1, delete/1, set_up/1, set_up/2]).
-export([add_directory/2, add_directory/3, add_module/2, add_module/3,
         add_application/2, add_application/3, add_release/2, add_release/3,
         replace_module/3, replace_module/4, replace_application/3,
         replace_application/4, remove_module/2, remove_application/2,
         remove_release/2, update/1, update/2]).
-export([get_library_path/1, set_library_path/2, set_library_path/3,
         set_default/2, set_default/3, get_default/1, get_default/2]).
-export([q/2, q/3, analyze/2, analyze/3, variables/1, variables/2, forget/1,
         forget/2, info/1, info/2, info/3, format_error/1]).
-export([do_add_module/4, do_add_application/2, do_add_release/2,
         do_remove_module/2, is_builtin/3]).

-include("xref.hrl").

-define(DEFAULTS, [builtins, recurse, verbose, warnings]).

-record(xref, {mode = functions :: functions | modules,
               variables = not_set_up,
               modules = #{}, applications = #{}, releases = #{},
               library_path = [], libraries = #{},
               defaults = #{builtins => false, recurse => false,
                            verbose => false, warnings => true}}).

new() -> new([]).

new(Options) ->
    case options(Options, [xref_mode], #xref{}) of
        {ok, #{xref_mode := Mode}} ->
            {ok, #xref{mode = case Mode of
                                  function -> functions;
                                  module -> modules;
                                  _ -> Mode
                              end}};
        Error -> Error
    end.

delete(_) -> ok.

-spec fail(term()) -> no_return().
fail(Reason) -> throw({error, ?MODULE, Reason}).

%% ---- Options ----

%% {ok, #{Option => Value}} with defaults.
options(Given, Allowed, S) ->
    List = if is_list(Given) -> Given; true -> [Given] end,
    try
        {ok, lists:foldl(fun(O, Acc) -> option(O, Allowed, Acc) end,
                         maps:from_list([{K, default(K, S)} || K <- Allowed]),
                         List)}
    catch throw:bad_option -> {error, ?MODULE, {invalid_options, Given}}
    end.

option(Key, Allowed, Acc) when is_atom(Key) ->
    option({Key, true}, Allowed, Acc);
option({Key, Value}, Allowed, Acc) ->
    lists:member(Key, Allowed) andalso is_value(Key, Value)
        orelse throw(bad_option),
    Acc#{Key => Value};
option(_, _, _) -> throw(bad_option).

is_value(xref_mode, V) ->
    lists:member(V, [functions, modules, function, module]);
is_value(name, V) -> is_atom(V);
is_value(_, V) -> is_boolean(V).

default(xref_mode, _) -> functions;
default(name, _) -> [];
default(Key, #xref{defaults = Defaults}) -> maps:get(Key, Defaults, false).

with_options(Given, Allowed, S, Do) ->
    case options(Given, Allowed, S) of
        {ok, Options} ->
            try Do(Options)
            catch throw:{error, _, _} = Error -> Error
            end;
        Error -> Error
    end.

set_default(S, Option, Value) ->
    case get_default(S, Option) of
        {ok, Old} ->
            case set_default(S, [{Option, Value}]) of
                {ok, S1} -> {ok, Old, S1};
                Error -> Error
            end;
        Error -> Error
    end.

set_default(S, Options) ->
    case options(Options, ?DEFAULTS, S) of
        {ok, Defaults} -> {ok, S#xref{defaults = Defaults}};
        Error -> Error
    end.

get_default(#xref{defaults = Defaults}, Option) ->
    case Defaults of
        #{Option := Value} -> {ok, Value};
        #{} -> {error, ?MODULE, {invalid_options, [Option]}}
    end.

get_default(#xref{defaults = Defaults}) ->
    [{O, map_get(O, Defaults)} || O <- ?DEFAULTS].

%% ---- Adding ----

add_module(S, File) -> add_module(S, File, []).

add_module(S, File, Options) ->
    with_options(Options, [builtins, verbose, warnings], S, fun(Os) ->
        case add_file(File, [], Os, S) of
            {ok, [Module], S1} -> {ok, Module, S1};
            {ok, [], _} -> fail({no_debug_info, File})
        end
    end).

add_directory(S, Dir) -> add_directory(S, Dir, []).

add_directory(S, Dir, Options) ->
    with_options(Options, ?DEFAULTS, S, fun(Os) -> add_dir(Dir, [], Os, S) end).

add_application(S, Dir) -> add_application(S, Dir, []).

add_application(S, Dir, Options) ->
    with_options(Options, [name, builtins, verbose, warnings], S, fun(Os) ->
        add_app(Dir, [], Os, S)
    end).

add_release(S, Dir) -> add_release(S, Dir, []).

add_release(S, Dir, Options) ->
    with_options(Options, [name, builtins, verbose, warnings], S, fun(Os) ->
        is_file_name(Dir),
        Lib = sub_folder(Dir, "lib"),
        Names = case file:list_dir(Lib) of
                    {ok, L} -> L;
                    {error, Reason} -> fail({file_error, Lib, Reason})
                end,
        Release = case Os of
                      #{name := []} -> list_to_atom(filename:basename(Dir));
                      #{name := Name} -> Name
                  end,
        S1 = do_add_release(S, #xref_rel{name = Release, dir = Lib}),
        Apps = [app_folder(filename:join(Lib, N))
                || N <- Names, filelib:is_dir(filename:join(Lib, N))],
        {ok, Release,
         lists:foldl(fun({_, _, _} = A, Acc) ->
                             {ok, _, Acc1} = add_app_folder(A, [Release],
                                                            Os#{name => []},
                                                            Acc),
                             Acc1
                     end, S1, latest(Apps))}
    end).

%% Of applications in more than one version the last.
latest(Apps) ->
    maps:values(maps:from_list([{Name, A} || {Name, _, _} = A
                                                 <- lists:keysort(2, Apps)])).

add_app(Dir, Release, Options, S) ->
    is_file_name(Dir),
    filelib:is_dir(Dir) orelse fail({file_error, Dir, enoent}),
    add_app_folder(app_folder(Dir), Release, Options, S).

%% {Name, Version, Folder of object files}: name-1.2.3 has a version.
app_folder(Dir) ->
    Base = filename:basename(Dir),
    {Name, Version} =
        try
            [N, V] = string:split(Base, "-", trailing),
            {list_to_atom(N), [list_to_integer(D)
                               || D <- string:split(V, ".", all)]}
        catch error:_ -> {list_to_atom(Base), []}
        end,
    {Name, Version, sub_folder(Dir, "ebin")}.

sub_folder(Dir, Name) ->
    Sub = filename:join(Dir, Name),
    case filelib:is_dir(Sub) of
        true -> Sub;
        false -> Dir
    end.

add_app_folder({Base, Version, Dir}, Release, Options, S) ->
    Name = case Options of
               #{name := Given} when Given =/= [] -> Given;
               #{} -> Base
           end,
    S1 = do_add_application(S, #xref_app{name = Name, rel_name = Release,
                                         vsn = Version, dir = Dir}),
    {ok, _, S2} = add_dir(Dir, [Name], Options#{recurse => false}, S1),
    {ok, Name, S2}.

do_add_release(#xref{releases = Rs} = S, #xref_rel{name = Name} = R) ->
    case Rs of
        #{Name := #xref_rel{dir = Old}} ->
            fail({release_clash, {Name, R#xref_rel.dir, Old}});
        #{} -> taken_down(S#xref{releases = Rs#{Name => R}})
    end.

do_add_application(#xref{applications = As} = S, #xref_app{name = Name} = A) ->
    case As of
        #{Name := #xref_app{dir = Old}} ->
            fail({application_clash, {Name, A#xref_app.dir, Old}});
        #{} -> taken_down(S#xref{applications = As#{Name => A}})
    end.

taken_down(S) -> S#xref{variables = not_set_up}.

add_dir(Dir, App, Options, S) ->
    is_file_name(Dir),
    Files = object_files(Dir, Options),
    {Modules, S1} =
        lists:mapfoldl(fun(File, Acc) ->
                               {ok, M, Acc1} = add_file(File, App, Options,
                                                        Acc),
                               {M, Acc1}
                       end, S, Files),
    {ok, lists:sort(lists:append(Modules)), S1}.

object_files(Dir, Options) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            lists:append([object_file(filename:join(Dir, N), Options)
                          || N <- lists:sort(Names)]);
        {error, Reason} -> fail({file_error, Dir, Reason})
    end.

object_file(File, #{recurse := Recurse} = Options) ->
    case {filelib:is_dir(File), filename:extension(File)} of
        {true, _} when Recurse ->
            try object_files(File, Options)
            catch throw:{error, _, {file_error, _, _}} ->
                    tell(Options, "Skipping ~ts (unreadable)~n", [File]),
                    []
            end;
        {true, _} -> [];
        {false, ".beam"} ->
            case file:read_file_info(File, [raw]) of
                {ok, Info} when element(4, Info) =:= read;
                                element(4, Info) =:= read_write -> [File];
                _ ->
                    tell(Options, "Skipping ~ts (unreadable)~n", [File]),
                    []
            end;
        {false, ".jam"} ->
            tell(Options, "Skipping ~ts (probably JAM file)~n", [File]),
            [];
        _ -> []
    end.

tell(#{warnings := true}, Format, Args) -> io:format(Format, Args);
tell(_, _, _) -> ok.

is_file_name(Name) ->
    is_atom(Name) orelse io_lib:char_list(Name)
        orelse fail({invalid_filename, Name}).

add_file(File0, App, Options, S) ->
    is_file_name(File0),
    File = filename:rootname(filename:join([File0]), ".beam") ++ ".beam",
    #{builtins := Builtins} = Options,
    case xref_module:read(File, S#xref.mode, Builtins) of
        {ok, Module, Read} ->
            verbose(Options, "done reading ~ts~n", [File]),
            X = #xref_mod{name = Module, app_name = App,
                          dir = filename:dirname(File),
                          mtime = filelib:last_modified(File),
                          builtins = Builtins},
            {ok, Ms, Bad, S1} = put_module(S, X, Read),
            [tell(Options, "~ts: Skipping '~s' attribute ~tw~n", [File, A, B])
             || {A, B} <- Bad],
            tell_unresolved(Module, S1, Options),
            {ok, Ms, S1};
        {no_debug_info, _} ->
            #{warnings := Warns, verbose := Verbose} = Options,
            Warns orelse Verbose
                andalso io:format("Skipping ~ts (no debug information)~n",
                                  [File]),
            Warns andalso io:format("Skipping ~ts (no debug information)~n",
                                    [File]),
            {ok, [], S};
        {error, Reason} -> fail(Reason)
    end.

verbose(#{verbose := true}, Format, Args) -> io:format(Format, Args);
verbose(_, _, _) -> ok.

tell_unresolved(Module, #xref{modules = Ms}, Options) ->
    case (map_get(Module, Ms))#xref_mod.no_unresolved of
        0 -> ok;
        1 -> tell(Options, "~tp: 1 unresolved call~n", [Module]);
        N -> tell(Options, "~tp: ~tp unresolved calls~n", [Module, N])
    end.

%% [Data]: {DefAt, LocalCallAt, ExternalCallAt, LC, XC, X, Attributes,
%% Deprecated, OnLoad}, lists.
do_add_module(S, X, Unresolved, Data) ->
    {DefAt, LAt, XAt, _, _, Exports, Attributes, Deprecated, OnLoad} = Data,
    put_module(S, X, #{defined => DefAt, locals => LAt, externals => XAt,
                       unresolved => Unresolved, on_load => OnLoad,
                       attributes => Attributes, exports => Exports,
                       deprecated => Deprecated}).

put_module(#xref{modules = Ms, mode = Mode} = S, #xref_mod{name = M} = X,
           Read) ->
    case Ms of
        #{M := Old} ->
            fail({module_clash, {M, module_file(X), module_file(Old)}});
        #{} ->
            {Data, Info, Unresolved, Bad} = xref_module:prepare(Mode, Read),
            X1 = X#xref_mod{data = Data, info = Info,
                            no_unresolved = Unresolved},
            {ok, [M], Bad, taken_down(S#xref{modules = Ms#{M => X1}})}
    end.

module_file(#xref_mod{dir = Dir, name = Name}) ->
    filename:join(Dir, atom_to_list(Name) ++ ".beam").

%% ---- Replacing and removing ----

replace_module(S, Module, File) -> replace_module(S, Module, File, []).

replace_module(S, Module, File, Options) ->
    with_options(Options, [verbose, warnings], S, fun(Os) ->
        replace(Module, File, Os, S)
    end).

replace(Module, File, Options, S) ->
    {ok, Old, S1} = do_remove_module(S, Module),
    #xref_mod{app_name = App, builtins = Builtins} = Old,
    case add_file(File, App, Options#{builtins => Builtins}, S1) of
        {ok, [Module], S2} -> {ok, Module, S2};
        {ok, [Other], _} -> fail({module_mismatch, Module, Other});
        {ok, [], _} -> fail({no_debug_info, File})
    end.

replace_application(S, App, Dir) -> replace_application(S, App, Dir, []).

replace_application(S, App, Dir, Options) ->
    with_options(Options, [builtins, verbose, warnings], S, fun(Os) ->
        {#xref_app{rel_name = Release}, S1} = remove_app(S, App),
        add_app(Dir, Release, Os#{name => App}, S1)
    end).

do_remove_module(#xref{modules = Ms} = S, Module) ->
    case maps:take(Module, Ms) of
        {X, Rest} -> {ok, X, taken_down(S#xref{modules = Rest})};
        error -> fail({no_such_module, Module})
    end.

remove_app(#xref{applications = As, modules = Ms} = S, App) ->
    case maps:take(App, As) of
        {A, Rest} ->
            Others = maps:filter(fun(_, X) -> X#xref_mod.app_name =/= [App]
                                 end, Ms),
            {A, taken_down(S#xref{applications = Rest, modules = Others})};
        error -> fail({no_such_application, App})
    end.

remove_rel(#xref{releases = Rs, applications = As} = S, Release) ->
    case maps:take(Release, Rs) of
        {_, Rest} ->
            Apps = [N || {N, #xref_app{rel_name = [R]}} <- maps:to_list(As),
                         R =:= Release],
            lists:foldl(fun(N, Acc) -> element(2, remove_app(Acc, N)) end,
                        taken_down(S#xref{releases = Rest}), Apps);
        error -> fail({no_such_release, Release})
    end.

remove_module(S, Modules) ->
    remove_all(Modules, S, fun(Acc, M) ->
        {ok, _, Acc1} = do_remove_module(Acc, M),
        Acc1
    end).

remove_application(S, Apps) ->
    remove_all(Apps, S, fun(Acc, A) -> element(2, remove_app(Acc, A)) end).

remove_release(S, Releases) -> remove_all(Releases, S, fun remove_rel/2).

remove_all(Name, S, Do) when is_atom(Name) -> remove_all([Name], S, Do);
remove_all(Names, S, Do) ->
    try {ok, lists:foldl(fun(N, Acc) -> Do(Acc, N) end, S, Names)}
    catch throw:{error, _, _} = Error -> Error
    end.

%% Reads the modules anew whose files have changed.
update(S) -> update(S, []).

update(S, Options) ->
    with_options(Options, [verbose, warnings], S, fun(Os) ->
        Changed = [{M, File} || {M, X} <- maps:to_list(S#xref.modules),
                                File <- [module_file(X)],
                                Time <- [filelib:last_modified(File)],
                                Time =/= 0, Time =/= X#xref_mod.mtime],
        S1 = lists:foldl(fun({M, File}, Acc) ->
                                 {ok, M, Acc1} = replace(M, File, Os, Acc),
                                 Acc1
                         end, S, Changed),
        {ok, S1, lists:sort([M || {M, _} <- Changed])}
    end).

%% ---- Libraries ----

get_library_path(S) -> {ok, S#xref.library_path}.

set_library_path(S, Path) -> set_library_path(S, Path, []).

set_library_path(S, code_path, _) ->
    {ok, taken_down(S#xref{library_path = code_path, libraries = #{}})};
set_library_path(S, Path, Options) ->
    case is_list(Path) andalso lists:all(fun is_folder_name/1, Path) of
        true ->
            with_options(Options, [verbose], S, fun(Os) ->
                verbose(Os, "Scanning library path for BEAM files... ", []),
                Found = [{M, #xref_lib{name = M, dir = Dir}}
                         || Dir <- lists:reverse(Path),
                            M <- library_modules(Dir)],
                verbose(Os, "done~n", []),
                {ok, taken_down(S#xref{library_path = Path,
                                       libraries = maps:from_list(Found)})}
            end);
        false -> {error, ?MODULE, {invalid_path, Path}}
    end.

is_folder_name(Dir) -> Dir =/= "" andalso io_lib:char_list(Dir).

library_modules(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            [list_to_atom(filename:basename(N, ".beam"))
             || N <- Names, filename:extension(N) =:= ".beam"];
        {error, Reason} -> fail({file_error, Dir, Reason})
    end.

%% ---- Queries ----

set_up(S) -> set_up(S, []).

set_up(#xref{variables = not_set_up} = S, Options) ->
    with_options(Options, [verbose], S, fun(Os) ->
        verbose(Os, "Setting up...", []),
        #xref{mode = Mode, library_path = Path, libraries = Libraries} = S,
        {Vs, Modules} = xref_setup:variables(Mode, S#xref.modules,
                                             S#xref.applications,
                                             maps:keys(S#xref.releases),
                                             {Path, Libraries}),
        verbose(Os, "done~n", []),
        {ok, S#xref{variables = Vs, modules = Modules}}
    end);
set_up(S, Options) ->
    with_options(Options, [verbose], S, fun(_) -> {ok, S} end).

q(S, Query) -> q(S, Query, []).

q(S, Query, Options) when is_atom(Query) ->
    q(S, atom_to_list(Query), Options);
q(S, Query, Options) ->
    case io_lib:char_list(Query) andalso set_up(S, Options) of
        false -> {{error, ?MODULE, {invalid_query, Query}}, S};
        {ok, S1} ->
            case xref_compiler:compile(Query, S1#xref.variables) of
                {error, _, _} = Error -> {Error, S1};
                {Vs, Value} -> {{ok, Value}, S1#xref{variables = Vs}}
            end;
        Error -> {Error, S}
    end.

analyze(S, Analysis) -> analyze(S, Analysis, []).

analyze(#xref{mode = Mode} = S, Analysis, Options) ->
    case analysis(Analysis, Mode) of
        error ->
            Why = case analysis(Analysis, functions) of
                      error -> unknown_analysis;
                      _ -> unavailable_analysis
                  end,
            {{error, ?MODULE, {Why, Analysis}}, S};
        Query -> q(S, lists:flatten(Query), Options)
    end.

%% The query that an analysis is.
analysis(undefined_function_calls, functions) ->
    "(XC - UC) || (XU - X - B)";
analysis(undefined_functions, modules) -> "XU - X - B";
analysis(undefined_functions, functions) -> "XU - range UC - X - B";
analysis(locals_not_used, functions) ->
    "(L - (OL + range (closure LC | OL))) "
        "* ((UU + XU - LU) + domain EE + range EE)";
analysis(exports_not_used, _) -> "X - XU";
analysis({call, F}, functions) -> with("range (E | ~tw : Fun)", F);
analysis({use, F}, functions) -> with("domain (E || ~tw : Fun)", F);
analysis({module_call, M}, _) -> with("range (ME | ~tw : Mod)", M);
analysis({module_use, M}, _) -> with("domain (ME || ~tw : Mod)", M);
analysis({application_call, A}, _) -> with("range (AE | ~tw : App)", A);
analysis({application_use, A}, _) -> with("domain (AE || ~tw : App)", A);
analysis({release_call, R}, _) -> with("range (RE | ~tw : Rel)", R);
analysis({release_use, R}, _) -> with("domain (RE || ~tw : Rel)", R);
analysis(deprecated_function_calls, functions) -> "XC || DF";
analysis({deprecated_function_calls, When}, functions) ->
    soon("XC || DF", When);
analysis(deprecated_functions, _) -> "XU * DF";
analysis({deprecated_functions, When}, _) -> soon("XU * DF", When);
analysis(_, _) -> error.

with(Format, Constant) -> io_lib:format(Format, [Constant]).

soon(Query, next_version) -> Query ++ "_1";
soon(Query, next_major_release) -> Query ++ "_2";
soon(Query, eventually) -> Query ++ "_3";
soon(_, _) -> error.

variables(S) -> variables(S, [user]).

variables(S, Options) ->
    case options(Options, [user, predefined, verbose], S) of
        {ok, #{user := User, predefined := Predefined, verbose := Verbose}} ->
            case set_up(S, [{verbose, Verbose}]) of
                {ok, S1} ->
                    {{ok, [{predefined, named(predef, S1)} || Predefined]
                          ++ [{user, named(user, S1)} || User]}, S1};
                Error -> {Error, S}
            end;
        Error -> {Error, S}
    end.

named(Kind, #xref{variables = Vs}) ->
    lists:sort([Name || {Name, {K, _, _, _}} <- maps:to_list(Vs),
                        K =:= Kind]).

forget(#xref{variables = not_set_up} = S) -> {ok, S};
forget(S) -> forget(S, named(user, S)).

forget(S, Name) when is_atom(Name) -> forget(S, [Name]);
forget(#xref{variables = Vs} = S, Names) ->
    case [N || N <- Names, Vs =:= not_set_up
                   orelse not lists:member(N, named(user, S))] of
        [] -> {ok, S#xref{variables = maps:without(Names, Vs)}};
        [N | _] -> {error, ?MODULE, {not_user_variable, N}}
    end.

%% ---- Information ----

info(#xref{releases = Rs, applications = As} = S) ->
    [{library_path, S#xref.library_path}, {mode, S#xref.mode},
     {no_releases, map_size(Rs)}, {no_applications, map_size(As)}
     | sums(maps:values(S#xref.modules), S)].

info(S, What) when What =:= modules; What =:= applications; What =:= releases;
                   What =:= libraries ->
    info(S, What, lists:sort(maps:keys(table(What, S))));
info(_, What) -> {error, ?MODULE, {no_such_info, What}}.

info(S, What, Name) when is_atom(Name) -> info(S, What, [Name]);
info(S, What, Names) ->
    try [one_info(What, N, S) || N <- lists:usort(Names)]
    catch throw:{error, _, _} = Error -> Error
    end.

table(modules, S) -> S#xref.modules;
table(applications, S) -> S#xref.applications;
table(releases, S) -> S#xref.releases;
table(libraries, S) -> S#xref.libraries;
table(What, _) -> fail({no_such_info, What}).

one_info(What, Name, S) ->
    case table(What, S) of
        #{Name := Known} -> {Name, about(Known, S)};
        #{} -> fail({case What of
                         modules -> no_such_module;
                         applications -> no_such_application;
                         releases -> no_such_release;
                         libraries -> no_such_library
                     end, Name})
    end.

about(#xref_mod{app_name = App, builtins = Builtins, dir = Dir, info = Info},
      _) ->
    [{application, App}, {builtins, Builtins}, {directory, Dir} | Info];
about(#xref_app{name = Name, rel_name = Release, vsn = Vsn, dir = Dir}, S) ->
    [{directory, Dir}, {release, Release}, {version, Vsn}
     | sums(app_modules([Name], S), S)];
about(#xref_rel{name = Name, dir = Dir}, S) ->
    Apps = [A || {A, #xref_app{rel_name = [R]}}
                     <- maps:to_list(S#xref.applications), R =:= Name],
    [{directory, Dir}, {no_applications, length(Apps)}
     | sums(app_modules(Apps, S), S)];
about(#xref_lib{dir = Dir}, _) -> [{directory, Dir}].

app_modules(Apps, S) ->
    [X || #xref_mod{app_name = [A]} = X <- maps:values(S#xref.modules),
          lists:member(A, Apps)].

sums(Modules, #xref{mode = modules}) ->
    [{no_analyzed_modules, length(Modules)}];
sums(Modules, _) ->
    None = [{no_calls, {0, 0}}, {no_function_calls, {0, 0, 0}},
            {no_functions, {0, 0}}, {no_inter_function_calls, 0}],
    [{no_analyzed_modules, length(Modules)}
     | lists:foldl(fun(#xref_mod{info = Info}, Acc) ->
                           [{K, plus(A, B)} || {{K, A}, {K, B}}
                                                   <- lists:zip(Acc, Info)]
                   end, None, Modules)].

plus(A, B) when is_tuple(A) ->
    list_to_tuple([X + Y || {X, Y} <- lists:zip(tuple_to_list(A),
                                                tuple_to_list(B))]);
plus(A, B) -> A + B.

%% As in OTP: some that are built in here are Erlang there, and their calls
%% count.
is_builtin(erts_debug, apply, 4) -> true;
is_builtin(M, F, A) when is_atom(M), is_atom(F), A >= 0 ->
    erlang:is_builtin(M, F, A)
        andalso not lists:member({F, A}, written_in_erlang(M));
is_builtin(_, _, _) -> false.

written_in_erlang(erlang) ->
    [{alias, 0}, {atom_to_binary, 1}, {binary_to_atom, 1},
     {binary_to_existing_atom, 1}, {check_process_code, 2},
     {check_process_code, 3}, {convert_time_unit, 3}, {disconnect_node, 1},
     {fun_info, 1}, {garbage_collect, 0}, {garbage_collect, 1},
     {garbage_collect, 2}, {get_cookie, 0}, {get_cookie, 1},
     {group_leader, 2}, {halt, 0}, {halt, 1}, {is_alive, 0},
     {load_module, 2}, {localtime_to_universaltime, 1}, {max, 2},
     {memory, 0}, {memory, 1}, {min, 2}, {open_port, 2}, {port_call, 2},
     {port_call, 3}, {port_close, 1}, {port_command, 2}, {port_command, 3},
     {port_connect, 2}, {port_control, 3}, {port_info, 1}, {port_info, 2},
     {prepare_loading, 2}, {process_display, 2}, {process_flag, 3},
     {purge_module, 1}, {send_nosuspend, 2}, {send_nosuspend, 3},
     {set_cookie, 1}, {set_cookie, 2}, {spawn, 1}, {spawn, 2}, {spawn, 4},
     {spawn_link, 1}, {spawn_link, 2}, {spawn_link, 4}, {spawn_monitor, 1},
     {spawn_monitor, 2}, {spawn_monitor, 3}, {spawn_monitor, 4},
     {spawn_opt, 2}, {spawn_opt, 3}, {spawn_opt, 5}, {spawn_request, 1},
     {spawn_request, 2}, {spawn_request, 3}, {spawn_request, 4},
     {spawn_request, 5}, {suspend_process, 1}, {suspend_process, 2},
     {trace, 3}, {trace_pattern, 2}, {trace_pattern, 3}];
written_in_erlang(ets) ->
    [{all, 0}, {delete_all_objects, 1}, {match_delete, 2},
     {select_delete, 2}, {tab2list, 1}];
written_in_erlang(maps) -> [{to_list, 1}];
written_in_erlang(binary) ->
    [{bin_to_list, 1}, {bin_to_list, 2}, {bin_to_list, 3}, {decode_hex, 1},
     {encode_hex, 1}];
written_in_erlang(atomics) -> [{sub, 3}, {sub_get, 3}];
written_in_erlang(unicode) ->
    [{characters_to_binary, 1}, {characters_to_binary, 3},
     {characters_to_list, 1}];
written_in_erlang(_) -> [].

%% ---- Errors ----

format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error({invalid_options, Options}) ->
    io_lib:format("Unknown option(s) or invalid option value(s): ~tp~n",
                  [Options]);
format_error({invalid_filename, Term}) ->
    io_lib:format("A file name (a string) was expected: ~tp~n", [Term]);
format_error({no_debug_info, File}) ->
    io_lib:format("The BEAM file ~tp has no debug info~n", [File]);
format_error({invalid_path, Term}) ->
    io_lib:format("A path (a list of strings) was expected: ~tp~n", [Term]);
format_error({invalid_query, Term}) ->
    io_lib:format("A query (a string or an atom) was expected: ~tp~n", [Term]);
format_error({not_user_variable, Name}) ->
    io_lib:format("~tp is not a user variable~n", [Name]);
format_error({unknown_analysis, Term}) ->
    io_lib:format("~tp is not a predefined analysis~n", [Term]);
format_error({module_mismatch, Module, Read}) ->
    io_lib:format("Name of read module ~tp does not match analyzed module "
                  "~tp~n", [Read, Module]);
format_error({release_clash, Clash}) -> clash("release", Clash);
format_error({application_clash, Clash}) -> clash("application", Clash);
format_error({module_clash, Clash}) -> clash("module", Clash);
format_error({no_such_release, Name}) ->
    io_lib:format("There is no analyzed release ~tp~n", [Name]);
format_error({no_such_application, Name}) ->
    io_lib:format("There is no analyzed application ~tp~n", [Name]);
format_error({no_such_module, Name}) ->
    io_lib:format("There is no analyzed module ~tp~n", [Name]);
format_error({no_such_info, Term}) ->
    io_lib:format("~tp is not one of 'modules', 'applications', 'releases' "
                  "and 'libraries'~n", [Term]);
format_error({file_error, File, Reason}) ->
    io_lib:format("~ts: ~ts~n", [File, file:format_error(Reason)]);
format_error(Reason) ->
    io_lib:format("~tp~n", [Reason]).

clash(Kind, {Name, Dir, Old}) ->
    io_lib:format("The ~s ~tp read from ~tp clashes with ~s already read from "
                  "~tp~n", [Kind, Name, Dir, Kind, Old]).
