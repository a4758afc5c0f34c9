%% SPDX-License-Identifier: Apache-2.0
%% mod_alias: from paths of URLs to those of files: properties alias ({Path,
%% Folder}), directory_index (names of files) and document_root.
-module(mod_alias).

-export([do/1, real_name/3, path/3, default_index/2]).

-include("httpd.hrl").

do(#mod{data = Data, request_uri = Uri, config_db = Config}) ->
    {_, Path, _} = real_name(Config, Uri, []),
    {proceed, [{real_name, {Path, Path}} | Data]}.

%% {Path of the URL, file, what stands behind it}.
real_name(Config, Uri, _) ->
    [Plain | _] = string:split(Uri, "?"),
    Path = try uri_string:percent_decode(Plain) of
               Text when is_list(Text) -> Text;
               _ -> Plain
           catch _:_ -> Plain
           end,
    Aliases = [A || {_, _} = A <- [maps:get(alias, Config, none)]],
    Root = map_get(document_root, Config),
    File = case [Folder ++ Rest || {From, Folder} <- Aliases,
                                   Rest <- [string:prefix(Path, From)],
                                   Rest =/= nomatch] of
               [F | _] -> F;
               [] -> filename:join(Root, string:trim(Path, leading, "/"))
           end,
    {Path, default_index(Config, File), []}.

%% For a folder the first of its index files that is there.
default_index(Config, File) ->
    Names = [filename:join(File, N) || N <- maps:get(directory_index, Config, [])],
    case filelib:is_dir(File) andalso lists:filter(fun filelib:is_regular/1, Names) of
        [First | _] -> First;
        _ -> File
    end.

%% The file of a request, wherever a module has put it.
path(Data, Config, Uri) ->
    case proplists:get_value(real_name, Data) of
        {Path, _} -> Path;
        undefined ->
            {_, Path, _} = real_name(Config, Uri, []),
            Path
    end.
