%% SPDX-License-Identifier: Apache-2.0
%% mod_dir: a page with links for a folder that has no index file.
-module(mod_dir).

-export([do/1]).

-include("httpd.hrl").

do(#mod{method = "GET", data = Data, config_db = Config, request_uri = Uri}) ->
    Path = mod_alias:path(Data, Config, Uri),
    Answered = [D || D <- Data, element(1, D) =/= real_name] =/= [],
    case not Answered andalso filelib:is_dir(Path)
         andalso mod_get:is_inside(Path, Config)
         andalso file:list_dir(Path) of
        {ok, Names} ->
            Page = page(Uri, lists:sort(Names)),
            {proceed, [{response, {response,
                                   [{code, 200}, {"content-type", "text/html"}],
                                   Page}} | Data]};
        _ -> {proceed, Data}
    end;
do(#mod{data = Data}) -> {proceed, Data}.

page(Uri, Names) ->
    [Path | _] = string:split(Uri, "?"),
    Base = string:trim(Path, trailing, "/") ++ "/",
    iolist_to_binary(
        ["<HTML>\n<HEAD>\n<TITLE>Index of ", Path, "</TITLE>\n</HEAD>\n<BODY>\n"
         "<H1>Index of ", Path, "</H1>\n<PRE>\n",
         [["<A HREF=\"", Base, uri_string:quote(N), "\">",
           unicode:characters_to_binary(N), "</A>\n"] || N <- Names],
         "</PRE>\n</BODY>\n</HTML>\n"]).
