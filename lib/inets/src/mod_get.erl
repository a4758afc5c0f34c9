%% SPDX-License-Identifier: Apache-2.0
%% mod_get: sends files.
-module(mod_get).

-export([do/1, file/2, is_inside/2]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

do(#mod{method = "GET", data = Data} = Mod) ->
    case is_answered(Data) of
        true -> {proceed, Data};
        false -> {proceed, [file(Mod, true) | Data]}
    end;
do(#mod{data = Data}) -> {proceed, Data}.

is_answered(Data) ->
    lists:any(fun(D) -> lists:member(element(1, D), [response, status,
                                                     already_sent])
              end, Data).

%% The answer with a file, or that it cannot be read.
file(#mod{data = Data, config_db = Config, request_uri = Uri} = Mod, WithBody) ->
    Path = mod_alias:path(Data, Config, Uri),
    case file:read_file_info(Path, [{time, universal}]) of
        {ok, #file_info{type = regular} = Info} ->
            case is_inside(Path, Config) of
                true -> answer(Mod, Path, Info, WithBody);
                false -> {status, {403, Uri, "outside"}}
            end;
        {ok, _} -> {status, {403, Uri, "no file"}};
        {error, eacces} -> {status, {403, Uri, "no access"}};
        {error, _} -> {status, {404, Uri, "no file"}}
    end.

%% No way leads up out of the folder.
is_inside(Path, #{alias := _} = Config) ->
    filelib:safe_relative_path(Path, []) =/= unsafe
        orelse is_inside(Path, maps:remove(alias, Config))
        orelse not lists:member("..", filename:split(Path));
is_inside(Path, #{document_root := Root}) ->
    Rest = lists:nthtail(length(filename:split(Root)), filename:split(Path)),
    Rest =:= [] orelse filelib:safe_relative_path(filename:join(Rest), Root)
                           =/= unsafe.

answer(#mod{parsed_header = Headers, config_db = Config, request_uri = Uri},
       Path, #file_info{size = Size, mtime = Time}, WithBody) ->
    Tag = lists:concat([calendar:datetime_to_gregorian_seconds(Time), Size]),
    Modified = http_text:date(Time),
    Known = http_text:header("if-none-match", Headers, none) =:= Tag
            orelse http_text:header("if-modified-since", Headers, none)
                       =:= Modified,
    Head = [{code, 200}, {"content-type", type(Path, Config)}, {"etag", Tag},
            {"last-modified", Modified},
            {"content-length", integer_to_list(Size)}],
    case Known of
        true -> {response, {response, [{code, 304}, {"content-length", "0"}],
                            nobody}};
        false when not WithBody -> {response, {response, Head, nobody}};
        false ->
            case file:read_file(Path) of
                {ok, Bytes} -> {response, {response, Head, Bytes}};
                {error, _} -> {status, {403, Uri, "cannot be read"}}
            end
    end.

%% By the extension. The types may stand in a file, as those of Apache.
type(Path, #{mime_types := Types, mime_type := Default}) ->
    Extension = string:trim(filename:extension(Path), leading, "."),
    case lists:keyfind(string:lowercase(Extension), 1, known_types(Types)) of
        {_, Type} -> Type;
        false -> Default
    end.

known_types([{_, _} | _] = Types) -> Types;
known_types([]) -> [];
known_types(File) ->
    case file:read_file(File) of
        {ok, Text} ->
            [{E, Type} || Line <- string:lexemes(binary_to_list(Text), "\n"),
                          [Type | Es] <- [string:lexemes(Line, " \t")],
                          hd(Type) =/= $#, E <- Es];
        {error, _} -> []
    end.
