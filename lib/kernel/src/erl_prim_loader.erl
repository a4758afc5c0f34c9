%% SPDX-License-Identifier: Apache-2.0
%% erl_prim_loader: files by their path, on disk or in the pack of the
%% library, as the code server sees them.
-module(erl_prim_loader).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([get_file/1, read_file/1, get_path/0, set_path/1, list_dir/1,
         read_file_info/1, read_link_info/1, get_cwd/0, get_cwd/1, get_modules/2, get_modules/3,
         set_primary_archive/4, purge_archive_cache/0]).

-include_lib("kernel/include/file.hrl").

%% By its path, or by its name: then it is looked for in the loader's path.
-spec get_file(atom() | string()) -> {ok, binary(), string()} | error.
get_file(Name) when is_atom(Name) -> get_file(atom_to_list(Name) ++ ".beam");
get_file(Name) ->
    try lists:flatten(Name) of
        Path ->
            case read(Path) of
                error ->
                    case filename:pathtype(Path) of
                        relative ->
                            {ok, Dirs} = get_path(),
                            get_file_in(Dirs, Path);
                        _ -> error
                    end;
                Found -> Found
            end
    catch
        error:_ -> error
    end.

read(Path) ->
    case code_server:call({read, Path}) of
        {ok, Bytes} -> {ok, Bytes, Path};
        _ -> error
    end.

get_file_in([Dir | Dirs], Name) ->
    case read(filename:join(Dir, Name)) of
        error -> get_file_in(Dirs, Name);
        Found -> Found
    end;
get_file_in([], _) -> error.

-spec read_file(file:filename()) -> {ok, binary()} | error.
read_file(Name) ->
    case get_file(Name) of
        {ok, Bytes, _} -> {ok, Bytes};
        error -> error
    end.

%% The code path, unless it was set to another.
-spec get_path() -> {ok, [string()]}.
get_path() -> {ok, code_server:call({loader_path, get})}.

-spec set_path([string()]) -> ok.
set_path(Path) when is_list(Path) ->
    code_server:call({loader_path, [lists:flatten([D]) || D <- Path]}).

%% What Use answers of each module, {ok, Result} or {error, Reason}.
-spec get_modules([module()],
                  fun((module(), string(), binary()) ->
                             {ok, term()} | {error, term()})) ->
          {ok, {[{module(), term()}], [{module(), term()}]}}.
get_modules(Modules, Use) ->
    {ok, Path} = get_path(),
    get_modules(Modules, Use, Path).

get_modules(Modules, Use, Path) ->
    Results = [{M, case get_file_in(Path, atom_to_list(M) ++ ".beam") of
                       {ok, Bytes, File} -> Use(M, File, Bytes);
                       error -> {error, enoent}
                   end} || M <- Modules],
    {ok, {[{M, Result} || {M, {ok, Result}} <- Results],
          [{M, Reason} || {M, {error, Reason}} <- Results]}}.

-spec list_dir(string()) -> {ok, [string()]} | error.
list_dir(Dir) ->
    case code_server:call({list_dir, lists:flatten(Dir)}) of
        {ok, Names} -> {ok, Names};
        _ -> error
    end.

read_file_info(Name) ->
    info(read_file_info, Name, fun prim_file:read_file_info/1).

read_link_info(Name) ->
    info(read_link_info, Name, fun prim_file:read_link_info/1).

%% Archives come before the disk: to all their own file is a folder.
info(Request, Name0, Read) ->
    Name = lists:flatten(Name0),
    case code_server:call({kind, Name}) of
        none ->
            case code_server:call({remote, {Request, Name}}) of
                none ->
                    case Read(Name) of
                        {ok, Info} -> {ok, Info};
                        _ -> error
                    end;
                Answer -> Answer
            end;
        %% of what lies in an archive only the size is known
        {file, Size} ->
            {ok, #file_info{type = regular, size = Size, access = read}};
        dir -> {ok, #file_info{type = directory, size = 0, access = read}}
    end.

get_cwd() ->
    case code_server:call({remote, get_cwd}) of
        none -> prim_file:get_cwd();
        Answer -> Answer
    end.

get_cwd(Drive) -> prim_file:get_cwd(Drive).

%% The archive of an escript, whose bytes are at hand; {ok, its code folders},
%% with its own name first.
set_primary_archive(undefined, undefined, undefined, _) -> {ok, []};
set_primary_archive(File, Bytes, #file_info{}, _) ->
    case code_server:call({mount, File, Bytes}) of
        {ok, Dirs} ->
            Size = length(File) + 1,
            {ok, [File | [lists:nthtail(Size, D)
                          || D <- Dirs, lists:prefix(File, D)]]};
        Error -> Error
    end.

purge_archive_cache() -> code_server:call(unmount).
