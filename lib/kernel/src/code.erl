%% SPDX-License-Identifier: Apache-2.0
%% code: loading modules and the code path. The questions go to the process
%% code_server; what needs no order among processes is done here.
-module(code).

-include("eep48.hrl").

-export([start_link/0, stop/0, objfile_extension/0, set_path/1, set_path/2,
         get_path/0, add_path/1, add_path/2, add_patha/1, add_patha/2,
         add_pathz/1, add_pathz/2, add_pathsa/1, add_pathsa/2, add_pathsz/1,
         add_pathsz/2, add_paths/1, add_paths/2, del_path/1, del_paths/1,
         replace_path/2, replace_path/3, rehash/0, clear_cache/0,
         coverage_support/0,
         load_file/1, load_abs/1, load_abs/2, load_binary/3, atomic_load/1,
         prepare_loading/1, finish_loading/1, ensure_loaded/1,
         ensure_modules_loaded/1, delete/1, purge/1, soft_purge/1,
         is_loaded/1, all_loaded/0, all_available/0, get_object_code/1,
         which/1, where_is_file/1, where_is_file/2, root_dir/0, lib_dir/0,
         lib_dir/1, lib_dir/2, compiler_dir/0, priv_dir/1, stick_dir/1,
         unstick_dir/1, stick_mod/1, unstick_mod/1, is_sticky/1, get_doc/1,
         clash/0, module_status/0, module_status/1, modified_modules/0,
         get_mode/0, get_chunk/2, module_md5/1, is_module_native/1,
         set_primary_archive/4]).

-export_type([load_error_rsn/0, load_ret/0, prepared_code/0,
              module_status/0]).

-type load_error_rsn() :: badfile | nofile | not_purged | on_load_failure
                        | sticky_directory.
-type load_ret() :: {error, load_error_rsn()} | {module, module()}.
-type prepared_code() :: {'$prepared$', [tuple()]}.
-type module_status() :: not_loaded | loaded | modified | removed.
-type name() :: atom() | string().

call(Request) -> code_server:call(Request).

%% The server runs before there is a supervisor for it, which takes it in.
start_link() ->
    ok = code_server:start([]),
    Pid = whereis(code_server),
    link(Pid),
    ok = call({owner, self()}),
    {ok, Pid}.

stop() -> ok.

objfile_extension() -> ".beam".

get_mode() -> call(get_mode).

rehash() -> ok.

set_primary_archive(_, _, _, _) -> {error, enotsup}.

%%% The code path

-spec get_path() -> [file:filename()].
get_path() -> call(get_path).

-spec set_path([file:filename()]) -> true | {error, bad_directory}.
%% What is in a folder is asked of the file system, which keeps it in memory:
%% cache or nocache makes no difference.
-define(IS_CACHE(C), (C =:= cache orelse C =:= nocache)).

-spec clear_cache() -> ok.
clear_cache() -> ok.

%% Native coverage is a matter of OTP's machine code; module cover has its own.
-spec coverage_support() -> boolean().
coverage_support() -> false.

set_path(Path, Cache) when ?IS_CACHE(Cache) -> set_path(Path).

set_path(Path) when is_list(Path) -> call({set_path, Path}).

add_path(Dir) when is_list(Dir) -> add_pathz(Dir).

add_path(Dir, Cache) when ?IS_CACHE(Cache) -> add_pathz(Dir).

add_pathz(Dir, Cache) when ?IS_CACHE(Cache) -> add_pathz(Dir).

add_pathz(Dir) when is_list(Dir) -> call({add_paths, last, [Dir]}).

add_patha(Dir, Cache) when ?IS_CACHE(Cache) -> add_patha(Dir).

add_patha(Dir) when is_list(Dir) -> call({add_paths, first, [Dir]}).

add_paths(Dirs) -> add_pathsz(Dirs).

add_paths(Dirs, Cache) when ?IS_CACHE(Cache) -> add_pathsz(Dirs).

add_pathsz(Dirs, Cache) when ?IS_CACHE(Cache) -> add_pathsz(Dirs).

add_pathsz(Dirs) when is_list(Dirs) -> _ = call({add_paths, last, Dirs}), ok.

add_pathsa(Dirs, Cache) when ?IS_CACHE(Cache) -> add_pathsa(Dirs).

add_pathsa(Dirs) when is_list(Dirs) -> _ = call({add_paths, first, Dirs}), ok.

-spec del_path(name()) -> boolean() | {error, bad_name}.
del_path(Name) when is_list(Name); is_atom(Name) -> call({del_path, Name}).

-spec del_paths([name()]) -> ok.
del_paths(Names) when is_list(Names) ->
    _ = [call({del_path, Name}) || Name <- Names],
    ok.

replace_path(Name, Dir, Cache) when ?IS_CACHE(Cache) -> replace_path(Name, Dir).

-spec replace_path(name(), file:filename()) ->
          true | {error, bad_directory | bad_name | term()}.
replace_path(Name, Dir)
  when (is_atom(Name) orelse is_list(Name)),
       (is_atom(Dir) orelse is_list(Dir)) ->
    call({replace_path, Name, Dir}).

-spec root_dir() -> file:filename().
root_dir() -> call(root).

-spec lib_dir() -> file:filename().
lib_dir() -> root_dir() ++ "/lib".

compiler_dir() -> lib_dir(compiler).

-spec lib_dir(name()) -> file:filename() | {error, bad_name}.
lib_dir(Name) when is_atom(Name); is_list(Name) -> call({lib_dir, Name}).

-spec lib_dir(name(), atom()) -> file:filename() | {error, bad_name}.
lib_dir(Name, Sub)
  when (is_atom(Name) orelse is_list(Name)), is_atom(Sub) ->
    call({lib_dir, Name, Sub}).

-spec priv_dir(name()) -> file:filename() | {error, bad_name}.
priv_dir(Name) when is_atom(Name); is_list(Name) -> lib_dir(Name, priv).

stick_dir(Dir) when is_list(Dir) -> call({stick_dir, Dir}).
unstick_dir(Dir) when is_list(Dir) -> call({unstick_dir, Dir}).
stick_mod(Module) when is_atom(Module) -> call({stick_mod, Module}).
unstick_mod(Module) when is_atom(Module) -> call({unstick_mod, Module}).
is_sticky(Module) when is_atom(Module) -> call({is_sticky, Module}).

%%% Loading

-spec load_file(module()) -> load_ret().
load_file(Module) when is_atom(Module) -> call({load_file, Module}).

-spec ensure_loaded(module()) -> {module, module()} | {error, term()}.
ensure_loaded(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true -> {module, Module};
        false -> call({ensure_loaded, Module})
    end.

-spec load_abs(file:filename()) -> load_ret().
load_abs(File) when is_list(File); is_atom(File) ->
    load_abs(File, list_to_atom(filename:basename(File))).

load_abs(File, Module)
  when (is_list(File) orelse is_atom(File)), is_atom(Module) ->
    call({load_abs, filename:flatten(File), Module}).

-spec load_binary(module(), file:filename() | cover_compiled, binary()) ->
          load_ret().
load_binary(Module, File, Beam)
  when is_atom(Module), (is_list(File) orelse is_atom(File)),
       is_binary(Beam) ->
    case is_atom(File) orelse lists:all(fun is_integer/1, File) of
        true -> call({load_binary, Module, File, unzipped(Beam)});
        false -> {error, badarg}
    end.

%% A .beam file may be compressed as a whole.
unzipped(<<31, 139, _/binary>> = Beam) ->
    try zlib:gunzip(Beam)
    catch error:_ -> Beam
    end;
unzipped(Beam) -> Beam.

%% Loads all of the modules or none.
-spec atomic_load([module() | {module(), file:filename(), binary()}]) ->
          ok | {error, [{module(), term()}]}.
atomic_load(Modules) ->
    are_modules(Modules) orelse erlang:error(function_clause, [Modules]),
    case prepare_loading(Modules) of
        {ok, Prepared} -> finish_loading(Prepared);
        {error, _} = Error -> Error
    end.

-spec prepare_loading([module() | {module(), file:filename(), binary()}]) ->
          {ok, prepared_code()} | {error, [{module(), term()}]}.
prepare_loading(Modules) ->
    are_modules(Modules) orelse erlang:error(function_clause, [Modules]),
    Found = [prepare(M) || M <- Modules],
    Names = [M || {M, _, _} <- [named(M) || M <- Modules]],
    Doubles = [{M, duplicated}
               || M <- lists:usort(Names -- lists:usort(Names))],
    case Doubles ++ [E || {error, E} <- Found] of
        [] -> {ok, {'$prepared$', [P || {ok, P} <- Found]}};
        Errors -> {error, Errors}
    end.

named({_, _, _} = Entry) -> Entry;
named(Module) -> {Module, file, code}.

%% Whether each is a module's name or {Name, File, Bytes}.
are_modules([M | Modules]) when is_atom(M) -> are_modules(Modules);
are_modules([{M, F, B} | Modules])
  when is_atom(M), is_list(F), is_binary(B) ->
    are_modules(Modules);
are_modules(End) -> End =:= [].

prepare({Module, File, Beam}) -> prepare(Module, File, Beam);
prepare(Module) ->
    case get_object_code(Module) of
        {_, Beam, File} -> prepare(Module, File, Beam);
        error -> {error, {Module, nofile}}
    end.

prepare(Module, File, Beam) ->
    Plain = unzipped(Beam),
    case module_of(Plain) =:= Module
         andalso erlang:prepare_loading(Module, Plain) of
        Code when is_reference(Code) ->
            case erlang:has_prepared_code_on_load(Code) of
                true -> {error, {Module, on_load_not_allowed}};
                false -> {ok, {Module, {Code, File, Plain}}}
            end;
        _ -> {error, {Module, badfile}}
    end.

module_of(Beam) ->
    case beam_lib:info(Beam) of
        Info when is_list(Info) -> proplists:get_value(module, Info);
        _ -> undefined
    end.

-spec finish_loading(prepared_code()) ->
          ok | {error, [{module(), term()}]}.
finish_loading({'$prepared$', Prepared} = Arg) ->
    are_prepared(Prepared) orelse erlang:error(function_clause, [Arg]),
    case lists:append([refusal(P) || P <- Prepared]) of
        [] ->
            [call({load_binary, M, File, Beam})
             || {M, {_, File, Beam}} <- Prepared],
            ok;
        Errors -> {error, Errors}
    end.

are_prepared([{M, {Code, F, B}} | Prepared])
  when is_atom(M), is_reference(Code), is_list(F), is_binary(B) ->
    try erlang:has_prepared_code_on_load(Code) of
        _ -> are_prepared(Prepared)
    catch
        error:badarg -> false
    end;
are_prepared(End) -> End =:= [].

refusal({Module, _}) ->
    case {is_sticky(Module), erlang:check_old_code(Module)} of
        {true, _} -> [{Module, sticky_directory}];
        {_, true} -> [{Module, not_purged}];
        _ ->
            case call({is_loading, Module}) of
                true -> [{Module, pending_on_load}];
                false -> []
            end
    end.

-spec ensure_modules_loaded([module()]) ->
          ok | {error, [{module(), term()}]}.
ensure_modules_loaded(Modules) when is_list(Modules) ->
    are_modules(Modules) andalso lists:all(fun is_atom/1, Modules)
        orelse erlang:error(function_clause, [Modules]),
    Missing = [M || M <- lists:usort(Modules), not erlang:module_loaded(M)],
    case [{M, E} || M <- Missing, {error, E} <- [ensure_loaded(M)]] of
        [] -> ok;
        Errors -> {error, Errors}
    end.

delete(Module) when is_atom(Module) -> call({delete, Module}).

-spec purge(module()) -> boolean().
purge(Module) when is_atom(Module) -> call({purge, Module}).

-spec soft_purge(module()) -> boolean().
soft_purge(Module) when is_atom(Module) -> call({soft_purge, Module}).

%%% What is there

-spec is_loaded(module()) -> {file, file:filename() | atom()} | false.
is_loaded(Module) when is_atom(Module) -> call({is_loaded, Module}).

all_loaded() -> call(all_loaded).

-spec all_available() -> [{string(), file:filename() | atom(), boolean()}].
all_available() ->
    OnPath = lists:foldl(fun available/2, #{}, get_path()),
    %% Asked last: looking at the path may load modules.
    Loaded = maps:from_list([{atom_to_list(M), F} || {M, F} <- all_loaded()]),
    All = maps:merge(OnPath, Loaded),
    [{M, F, is_map_key(M, Loaded)} || {M, F} <- lists:sort(maps:to_list(All))].

available(Dir, Known) ->
    case erl_prim_loader:list_dir(Dir) of
        {ok, Names} ->
            lists:foldl(fun(Name, Acc) -> add_available(Dir, Name, Acc) end,
                        Known, Names);
        error -> Known
    end.

add_available(Dir, Name, Known) ->
    case filename:extension(Name) of
        ".beam" ->
            Module = filename:basename(Name, ".beam"),
            case Known of
                #{Module := _} -> Known;
                _ -> Known#{Module => filename:append(Dir, Name)}
            end;
        _ -> Known
    end.

-spec get_object_code(module()) ->
          {module(), binary(), file:filename()} | error.
get_object_code(Module) when is_atom(Module) ->
    case call({find, Module}) of
        {ok, File, Beam} -> {Module, unzipped(Beam), File};
        error -> error
    end.

-spec which(module()) -> file:filename() | atom().
which(Module) when is_atom(Module) ->
    case is_loaded(Module) of
        {file, File} -> File;
        false -> where_is_file(atom_to_list(Module) ++ ".beam")
    end.

-spec where_is_file(file:filename()) -> non_existing | file:filename().
where_is_file(File) when is_list(File) -> call({where, File}).

-spec where_is_file([file:filename()], file:filename()) ->
          non_existing | file:filename().
where_is_file(Path, File) when is_list(Path), is_list(File) ->
    where_in(Path, File).

where_in([Dir | Dirs], File) ->
    case erl_prim_loader:list_dir(Dir) of
        {ok, Names} ->
            case lists:member(File, Names) of
                true -> filename:append(Dir, File);
                false -> where_in(Dirs, File)
            end;
        error -> where_in(Dirs, File)
    end;
where_in([], _) -> non_existing.

%% Documentation: a chunk of the object file, a file doc/chunks/MODULE.chunk
%% in a folder above it, or else what specifications tell. merle's own library
%% has none.
-spec get_doc(module()) -> {ok, term()} | {error, term()}.
get_doc(Module) when is_atom(Module) ->
    case which(Module) of
        preloaded -> {error, missing};
        Error when is_atom(Error) -> {error, Error};
        File -> doc_chunk(Module, File)
    end.

doc_chunk(Module, File) ->
    case beam_lib:chunks(File, ["Docs"]) of
        {ok, {_, [{"Docs", Chunk}]}} -> {ok, binary_to_term(Chunk)};
        {error, beam_lib, {missing_chunk, _, _}} ->
            Name = atom_to_list(Module) ++ ".chunk",
            case doc_file(filename:dirname(File), Name) of
                {error, missing} -> doc_of_specs(File);
                Found -> Found
            end;
        {error, beam_lib, {file_error, _, Reason}} -> {error, Reason};
        {error, beam_lib, Reason} -> {error, Reason}
    end.

doc_file(Dir, Name) ->
    case filename:dirname(Dir) of
        Dir -> {error, missing};
        Above ->
            case file:read_file(filename:join([Dir, "doc", "chunks", Name])) of
                {ok, Bytes} -> {ok, binary_to_term(Bytes)};
                {error, Reason} when Reason =:= enoent; Reason =:= enotdir ->
                    doc_file(Above, Name);
                Error -> Error
            end
    end.

doc_of_specs(File) ->
    case beam_lib:chunks(File, [abstract_code]) of
        {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} ->
            {ok, #docs_v1{anno = 0, module_doc = none,
                          metadata = #{generated => true,
                                       otp_doc_vsn => ?CURR_DOC_VERSION},
                          docs = [function_doc(F, Forms)
                                  || {function, _, _, _, _} = F <- Forms]}};
        _ -> {error, missing}
    end.

function_doc({function, Anno, Name, Arity, _}, Forms) ->
    Specs = [S || {attribute, _, spec, {Of, _}} = S <- Forms,
                  Of =:= {Name, Arity}
                      orelse tuple_size(Of) =:= 3
                      andalso {element(2, Of), element(3, Of)}
                                  =:= {Name, Arity}],
    Head = unicode:characters_to_binary(io_lib:format("~p/~p", [Name, Arity])),
    {{function, Name, Arity}, Anno, [Head], none,
     maps:from_list([{signature, Specs} || Specs =/= []])}.

%% Says which object files lie on the path more than once.
-spec clash() -> ok.
clash() ->
    Files = [{Dir, Name} || Dir <- get_path(), Name <- object_files(Dir)],
    Count = clashes(Files, #{}, 0),
    io:format("** Found ~w name clashes in code paths ~n", [Count]).

object_files(Dir) ->
    case erl_prim_loader:list_dir(Dir) of
        {ok, Names} -> [N || N <- Names, filename:extension(N) =:= ".beam"];
        error ->
            io:format("** Bad path can't read ~ts~n", [Dir]),
            []
    end.

clashes([{Dir, Name} | Files], Seen, Count) ->
    case Seen of
        #{Name := First} ->
            io:format("** ~ts hides ~ts~n", [filename:join(First, Name),
                                             filename:join(Dir, Name)]),
            clashes(Files, Seen#{Name := Dir}, Count + 1);
        _ -> clashes(Files, Seen#{Name => Dir}, Count)
    end;
clashes([], _, Count) -> Count.

%%% Loaded modules and their files

-spec module_status() -> [{module(), module_status()}].
module_status() -> module_status([M || {M, _} <- all_loaded()]).

-spec module_status(module() | [module()]) ->
          module_status() | [{module(), module_status()}].
module_status(Modules) when is_list(Modules) ->
    [{M, module_status(M)} || M <- Modules];
module_status(Module) ->
    case is_loaded(Module) of
        false -> not_loaded;
        {file, preloaded} -> loaded;
        {file, cover_compiled} ->
            case get_object_code(Module) of
                error -> removed;
                _ -> modified
            end;
        {file, []} -> loaded;
        {file, [_ | _] = File} -> file_status(Module, File);
        {file, _} -> loaded
    end.

file_status(Module, File) ->
    case lists:prefix(root_dir() ++ "/", File) of
        true -> loaded;
        false ->
            case where_is_file(filename:basename(File)) of
                non_existing -> removed;
                Found -> compare(Module, Found)
            end
    end.

compare(Module, File) ->
    case beam_lib:md5(File) of
        {ok, {_, Md5}} ->
            case Module:module_info(md5) of
                Md5 -> loaded;
                _ -> modified
            end;
        _ -> removed
    end.

-spec modified_modules() -> [module()].
modified_modules() -> [M || {M, modified} <- module_status()].

%%% Parts of object code

-spec get_chunk(binary(), string()) -> binary() | undefined.
get_chunk(Beam, Chunk) ->
    case beam_lib:chunks(unzipped(Beam), [Chunk]) of
        {ok, {_, [{_, Bytes}]}} -> Bytes;
        _ -> undefined
    end.

-spec module_md5(binary()) -> binary() | undefined.
module_md5(Beam) ->
    case beam_lib:md5(unzipped(Beam)) of
        {ok, {_, Md5}} -> Md5;
        _ -> undefined
    end.

is_module_native(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true -> false;
        false -> undefined
    end.
