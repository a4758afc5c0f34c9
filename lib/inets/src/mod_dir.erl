%% SPDX-License-Identifier: Apache-2.0
%% mod_dir: a page with links for a folder that has no index file.
-module(mod_dir).

-export([do/1]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

-define(WIDTH, 21). % of a name

do(#mod{method = "GET", data = Data, config_db = Table,
        request_uri = Uri} = Mod) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false ->
            Path = mod_alias:default_index(Table, mod_alias:path(Data, Table,
                                                                 Uri)),
            case file:read_file_info(Path) of
                {ok, #file_info{type = directory} = Info} ->
                    folder(Path, Info, Mod);
                {ok, _} -> {proceed, Data};
                {error, Reason} ->
                    Status = mod_get:failed(Reason, {"access", Path}, Mod),
                    {proceed, [{status, Status} | Data]}
            end
    end;
do(#mod{data = Data}) -> {proceed, Data}.

folder(Path, #file_info{mtime = Time}, #mod{data = Data, config_db = Table,
                                            request_uri = Uri}) ->
    Base = string:trim(Uri, trailing, "/"),
    case file:list_dir(Path) of
        {ok, Names} ->
            Page = unicode:characters_to_binary(
                     [header(Path, Base),
                      [line(Path, Base, Table, N) || N <- lists:sort(Names)],
                      footer(Path, Names)]),
            Head = [{content_type, "text/html; charset=UTF-8"},
                    {content_length, integer_to_list(byte_size(Page))},
                    {code, 200}, {"date", httpd_util:rfc1123_date(Time)}],
            {proceed, [{response, {response, Head, Page}},
                       {mime_type, "text/html"} | Data]};
        {error, Reason} ->
            Text = lists:append(["mod_dir: Can't open directory ", Path, ": ",
                                 file:format_error(Reason)]),
            {proceed, [{status, {404, Uri, Text}} | Data]}
    end.

header(Path, Base) ->
    Shown = case Base of "" -> "/"; _ -> Base end,
    ["<!DOCTYPE html>\n<HTML>\n<HEAD>\n<meta charset=\"UTF-8\">"
     "<TITLE>Index of ", Shown, "</TITLE>\n</HEAD>\n<BODY>\n<H1>Index of ",
     Shown, "</H1>\n<PRE><span>", icon(blank), "</span> Name                "
     "   Last modified         Size  Description <HR>\n",
     [parent(Path, Base) || Base =/= ""]].

parent(Path, Base) ->
    Up = fun(P) -> re:replace(P, "[^/]*$", "", [{return, list}]) end,
    {ok, #file_info{mtime = Time}} =
        file:read_file_info(Up(string:trim(Path, trailing, "/"))),
    ["<span title=\"DIR\">", icon(back), "</span> <A HREF=\"", Up(Base),
     "\">Parent directory</A>       ", date(Time), "        -\n"].

date({{Y, Mo, D}, {H, Mi, _}}) ->
    io_lib:format("~2..0w-~s-~w ~2..0w:~2..0w", [D, httpd_util:month(Mo), Y, H,
                                                 Mi]).

line(Path, Base, Table, Name) ->
    case file:read_file_info(filename:join(Path, Name)) of
        {ok, #file_info{type = directory, mtime = Time}} ->
            entry("[DIR]", icon(folder), [Base, $/, quoted(Name), $/], Name,
                  [date(Time), "        -\n"]);
        {ok, #file_info{size = Size, mtime = Time}} ->
            Extension = httpd_util:strip_extension_dot(Name),
            Type = httpd_util:lookup_mime(Table, Extension, ""),
            entry(["[", Extension, "]"], icon(Extension, Type),
                  [Base, $/, quoted(Name)], Name,
                  [date(Time), io_lib:format("~8wk  ~s\n",
                                             [Size div 1024 + 1, Type])]);
        {error, _} -> ""
    end.

%% Long names are cut.
entry(Title, Icon, Link, Name, Rest) ->
    {Shown, Size} = case string:length(Name) of
                        N when N > ?WIDTH ->
                            {[escaped(string:slice(Name, 0, ?WIDTH - 2)),
                              ".."], ?WIDTH};
                        N -> {escaped(Name), N}
                    end,
    ["<span title=\"", Title, "\">", Icon, "</span> <A HREF=\"", Link, "\">",
     Shown, "</A>", lists:duplicate(?WIDTH + 2 - Size, $\s), Rest].

escaped(Name) -> [escape(C) || C <- Name].

escape($&) -> "&amp;";
escape($<) -> "&lt;";
escape($>) -> "&gt;";
escape($") -> "&quot;";
escape($') -> "&#x27;";
escape($/) -> "&#x2F;";
escape(C) -> C.

quoted(Name) -> [quote(C) || C <- Name].

quote(C) ->
    case lists:member(C, ";:@&=+,?/#[]<>\"{}|\\'^% ") of
        true -> [$% | integer_to_list(C, 16)];
        false -> C
    end.

footer(Path, Names) ->
    Readme = case lists:member("README", Names)
                 andalso file:read_file(filename:join(Path, "README")) of
                 {ok, Bytes} -> ["<HR>\n<PRE>\n", binary_to_list(Bytes),
                                 "\n</PRE>\n"];
                 _ -> ""
             end,
    ["</PRE>\n", Readme, "</BODY>\n</HTML>\n"].

%% ---- signs for kinds of files ----

icon(Extension, Type) ->
    case [Sign || {Sign, Names} <- icons(), lists:member(Extension, Names)] of
        [Sign | _] -> Sign;
        [] ->
            case Type of
                "text/" ++ _ -> "&#x1F4DD;";
                "image/" ++ _ -> "&#x1F4F7;";
                "audio/" ++ _ -> "&#x1F4E2;";
                "video/" ++ _ -> "&#x1F3A5;";
                _ -> "&#x1F4C4;"
            end
    end.

icon(blank) -> "&#x1F4C2;";
icon(back) -> "&#x1F519;";
icon(folder) -> "&#x1F4C1;".

icons() ->
    [{"&#x1F4C3;", ["bin", "exe", "hqx"]},
     {"&#x1F4E6;", ["tar", "Z", "z", "tgz", "gz", "zip", "bz2"]},
     {"&#x1F30D;", ["wrl", "wrl.gz", "vrml", "vrm", "iv"]},
     {"&#x1F4C4;", ["ps"]},
     {"&#x1F4F7;", ["ai", "eps", "jpg", "JPG", "jpeg", "png", "gif"]},
     {"&#x1F4DD;", ["html", "shtml", "htm", "pdf", "txt", "dvi"]},
     {"&#x1F4DC;", ["erl", "c", "pl", "py", "for", "conf", "sh", "shar", "csh",
                    "ksh", "tcl", "tex", "core", "xml"]},
     {"&#x1F3A5;", ["avi", "mp4"]},
     {"&#x1F4E2;", ["m4a", "mp3", "aac", "flac"]}].
