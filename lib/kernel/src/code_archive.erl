%% SPDX-License-Identifier: Apache-2.0
%% code_archive: zip archives in which the code server finds files as if they
%% were folders: NAME.ez on the code path, or an escript's own.
%%
%% An archive is kept as its bytes and maps of what it holds; files are expanded
%% when they are asked for.
-module(code_archive).

-export([open/1, from_bytes/1, read/2, list/2, kind/2, code_dirs/1]).

-export_type([archive/0]).

%% Name of a file => where it lies, how it is packed, its packed size and own.
-record(archive, {bytes :: binary(),
                  files :: #{string() => {non_neg_integer(), 0 | 8,
                                          non_neg_integer(),
                                          non_neg_integer()}},
                  %% Each folder => the names in it, in order.
                  folders :: #{string() => [string()]}}).
-opaque archive() :: #archive{}.

-define(END, <<"PK", 5, 6>>).

-spec open(file:filename()) -> {ok, archive()} | error.
open(File) ->
    case prim_file:read_file(File) of
        {ok, Bytes} -> from_bytes(Bytes);
        _ -> error
    end.

%% There may be something before the archive: the places count from its start.
-spec from_bytes(binary()) -> {ok, archive()} | error.
from_bytes(Bytes) ->
    try
        {At, _} = lists:last(binary:matches(Bytes, ?END)),
        <<_:At/binary, _:80, Count:16/little, Size:32/little, Offset:32/little,
          _/binary>> = Bytes,
        Base = At - Size - Offset,
        true = Base >= 0,
        Directory = binary:part(Bytes, At - Size, Size),
        Files = directory(Directory, Base, Count),
        {ok, #archive{bytes = Bytes, files = maps:from_list(Files),
                      folders = folders([Name || {Name, _} <- Files])}}
    catch
        error:_ -> error
    end.

directory(_, _, 0) -> [];
directory(<<"PK", 1, 2, _:6/binary, Method:16/little, _:8/binary,
            Packed:32/little, Own:32/little, NameSize:16/little,
            ExtraSize:16/little, NoteSize:16/little, _:8/binary, At:32/little,
            Name:NameSize/binary, _:ExtraSize/binary, _:NoteSize/binary,
            Rest/binary>>, Base, Count)
  when Method =:= 0; Method =:= 8 ->
    [{binary_to_list(Name), {Base + At, Method, Packed, Own}}
     | directory(Rest, Base, Count - 1)].

%% Folders are there by their own names, which end in a slash, or only as part
%% of the names of files.
folders(Names) ->
    Within = lists:usort(lists:flatmap(fun steps/1, Names)),
    Empty = [{string:trim(Name, trailing, "/"), []}
             || Name <- Names, lists:last(Name) =:= $/],
    maps:merge(maps:from_list(Empty),
               maps:groups_from_list(fun({Dir, _}) -> Dir end,
                                     fun({_, Name}) -> Name end, Within)).

%% Each folder on the way to a name, and what stands in it there.
steps(Name) ->
    Parts = string:lexemes(Name, "/"),
    [{lists:append(lists:join("/", lists:sublist(Parts, N - 1))),
      lists:nth(N, Parts)}
     || N <- lists:seq(1, length(Parts))].

%% The bytes of a file.
-spec read(string(), archive()) -> {ok, binary()} | {error, enoent}.
read(Name, #archive{bytes = Bytes, files = Files}) ->
    case Files of
        #{Name := {At, Method, Size, _}} ->
            <<_:At/binary, "PK", 3, 4, _:22/binary, NameSize:16/little,
              ExtraSize:16/little, _:NameSize/binary, _:ExtraSize/binary,
              Packed:Size/binary, _/binary>> = Bytes,
            {ok, expanded(Method, Packed)};
        #{} -> {error, enoent}
    end.

expanded(0, Packed) -> binary:copy(Packed);
expanded(8, Packed) -> zlib:unzip(Packed).

%% The names in a folder, "" for the outermost.
-spec list(string(), archive()) -> {ok, [string()]} | {error, enoent}.
list(Dir, #archive{folders = Folders}) ->
    case Folders of
        #{Dir := Names} -> {ok, Names};
        #{} -> {error, enoent}
    end.

%% What [Name] is, with the size of a file.
-spec kind(string(), archive()) -> {file, non_neg_integer()} | dir | none.
kind(Name, #archive{files = Files, folders = Folders}) ->
    case Files of
        #{Name := {_, _, _, Size}} -> {file, Size};
        #{} when is_map_key(Name, Folders) -> dir;
        #{} -> none
    end.

%% APP/ebin of all applications in it.
-spec code_dirs(archive()) -> [string()].
code_dirs(Archive) ->
    {ok, Names} = list("", Archive),
    [Name ++ "/ebin" || Name <- Names,
                        kind(Name ++ "/ebin", Archive) =:= dir].
