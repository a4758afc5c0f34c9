%% SPDX-License-Identifier: Apache-2.0
%% mod_alias: from paths of URLs to those of files: properties alias ({Path,
%% Folder}), re_write ({Pattern, Replacement}), script_alias and
%% script_re_write, directory_index (names of files) and document_root.
-module(mod_alias).

-export([do/1, store/2, real_name/3, real_script_name/3, path/3,
         default_index/2, is_answered/1]).

-include("httpd.hrl").

do(#mod{data = Data} = Mod) ->
    case is_answered(Data) of
        true -> {proceed, Data};
        false -> name(Mod)
    end.

%% Whether a module before has found an answer.
is_answered(Data) ->
    httpd_response:data(status, Data) =/= undefined
        orelse httpd_response:data(response, Data) =/= undefined.

name(#mod{config_db = Table, request_uri = Uri, data = Data} = Mod) ->
    {Short, Path, Behind} =
        real_name(Table, Uri, httpd_util:multi_lookup(Table, alias)),
    Named = [{real_name, {Path, Behind}} | Data],
    case filelib:is_dir(Short) andalso lists:last(Short) =/= $/ of
        true -> {proceed, [moved(Mod) | Named]};
        false -> {proceed, Named}
    end.

%% A folder's URL ends with a slash.
moved(#mod{config_db = Table, request_uri = Uri, socket_type = Type}) ->
    Port = case httpd_util:lookup(Table, port, 80) of
               80 -> "";
               N -> ":" ++ integer_to_list(N)
           end,
    Scheme = case Type of
                 {essl, _} -> "https://";
                 _ -> "http://"
             end,
    Url = lists:append([Scheme, httpd_util:lookup(Table, server_name), Port,
                        Uri, "/"]),
    Phrase = httpd_util:reason_phrase(301),
    {response,
     {301, ["Location: ", Url, "\r\nContent-Type: text/html\r\n\r\n"
            "<HTML>\n<HEAD>\n<TITLE>", Phrase, "</TITLE>\n</HEAD>\n<BODY>\n"
            "<H1>", Phrase, "</H1>\n", httpd_util:message(301, Url, Table),
            "\n</BODY>\n</HTML>\n"]}}.

%% {File, file with an index's name, what stands behind it}. Aliases are
%% those of alias and re_write; the one that fits longest counts.
real_name(Table, Uri, Aliases) ->
    File = case longest(Uri, Aliases, {0, none}) of
               none -> httpd_util:lookup(Table, document_root, "") ++ Uri;
               {Pattern, Real} -> re:replace(Uri, Pattern, Real,
                                             [{return, list}])
           end,
    {Short, _} = httpd_util:split_path(File),
    {Path, Behind} = httpd_util:split_path(default_index(Table, File)),
    {Short, Path, Behind}.

longest(_, [], {_, Best}) -> Best;
longest(Uri, [{From, Real} | Aliases], {Size, _} = Best) ->
    Pattern = case From of
                  _ when is_list(From) -> "^" ++ From;
                  _ -> From
              end,
    case re:run(Uri, Pattern, [{capture, first}]) of
        {match, [{_, Length}]} when Length > Size ->
            longest(Uri, Aliases, {Length, {Pattern, Real}});
        _ -> longest(Uri, Aliases, Best)
    end.

%% {Script, {PathInfo, Query}}, or not_a_script.
real_script_name(_, _, []) -> not_a_script;
real_script_name(Table, Uri, [{From, Real} | Aliases]) ->
    Pattern = case From of
                  _ when is_list(From) -> "^" ++ From;
                  _ -> From
              end,
    case re:run(Uri, Pattern, [{capture, none}]) of
        match ->
            File = case re:replace(Uri, Pattern, Real, [{return, list}]) of
                       "." ++ _ = Relative ->
                           httpd_util:lookup(Table, server_root) ++ "/"
                               ++ Relative;
                       Absolute -> Absolute
                   end,
            httpd_util:split_script_path(default_index(Table, File));
        nomatch -> real_script_name(Table, Uri, Aliases)
    end.

%% For a folder the first of its index files that is there.
default_index(Table, File) ->
    Names = case filelib:is_dir(File) of
                true -> httpd_util:lookup(Table, directory_index, []);
                false -> []
            end,
    case [Index || Name <- Names, Index <- [filename:join(File, Name)],
                   filelib:is_file(Index)] of
        [First | _] -> First;
        [] -> File
    end.

%% The file of a request, wherever a module has put it. No way leads up out of
%% the root.
path(Data, Table, Uri) ->
    case httpd_response:data(real_name, Data) of
        {Path, _} -> Path;
        undefined ->
            Root = httpd_util:lookup(Table, document_root, ""),
            {Path, _} = httpd_util:split_path(Root ++ decoded(Uri)),
            Path
    end.

decoded(Uri) ->
    case uri_string:percent_decode(Uri) of
        {error, _} -> Uri;
        Text ->
            case uri_string:normalize(Text) of
                {error, _, _} -> Uri;
                Normal -> Normal
            end
    end.

store({directory_index, Names} = Property, _) ->
    case is_list(Names) andalso lists:all(fun is_list/1, Names) of
        true -> {ok, Property};
        false -> {error, {wrong_type, Property}}
    end;
store({Key, {From, Real}} = Property, _)
  when is_list(From), is_list(Real), Key =:= alias orelse
       Key =:= script_alias ->
    {ok, Property};
store({Key, {Pattern, Replacement}} = Property, _)
  when is_list(Pattern), is_list(Replacement), Key =:= re_write orelse
       Key =:= script_re_write ->
    As = case Key of re_write -> alias; _ -> script_alias end,
    case re:compile(Pattern) of
        {ok, Compiled} -> {ok, {As, {Compiled, Replacement}}};
        {error, _} -> {error, {re_compile, Property}}
    end;
store({Key, _} = Property, _)
  when Key =:= alias; Key =:= script_alias; Key =:= re_write;
       Key =:= script_re_write ->
    {error, {wrong_type, Property}}.
