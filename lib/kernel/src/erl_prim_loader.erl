%% SPDX-License-Identifier: Apache-2.0
%% erl_prim_loader: files by their path, on disk or in the pack of the
%% library, as the code server sees them.
-module(erl_prim_loader).

-export([get_file/1, get_path/0, set_path/1, list_dir/1, read_file_info/1,
         read_link_info/1, get_cwd/0, get_cwd/1]).

-include_lib("kernel/include/file.hrl").

-spec get_file(atom() | string()) -> {ok, binary(), string()} | error.
get_file(Name) when is_atom(Name) -> get_file(atom_to_list(Name) ++ ".beam");
get_file(Name) ->
    Path = lists:flatten(Name),
    case code_server:call({read, Path}) of
        {ok, Bytes} -> {ok, Bytes, Path};
        _ -> error
    end.

get_path() -> {ok, code:get_path()}.

set_path(Path) -> code:set_path(Path), ok.

-spec list_dir(string()) -> {ok, [string()]} | error.
list_dir(Dir) ->
    case code_server:call({list_dir, lists:flatten(Dir)}) of
        {ok, Names} -> {ok, Names};
        _ -> error
    end.

read_file_info(Name) -> found(prim_file:read_file_info(Name), Name).

read_link_info(Name) -> found(prim_file:read_link_info(Name), Name).

%% Of what lies in an archive only the size is known.
found({ok, Info}, _) -> {ok, Info};
found(_, Name) ->
    case code_server:call({kind, lists:flatten(Name)}) of
        none -> error;
        {file, Size} ->
            {ok, #file_info{type = regular, size = Size, access = read}};
        dir -> {ok, #file_info{type = directory, size = 0, access = read}}
    end.

get_cwd() -> prim_file:get_cwd().

get_cwd(Drive) -> prim_file:get_cwd(Drive).
