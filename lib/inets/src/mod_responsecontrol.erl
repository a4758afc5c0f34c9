%% SPDX-License-Identifier: Apache-2.0
%% mod_responsecontrol: answers requests that are only to be done if a file has
%% changed, or has not: headers if-match, if-none-match, if-modified-since,
%% if-unmodified-since, and if-range for mod_range.
-module(mod_responsecontrol).

-export([do/1]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

do(#mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false ->
            Path = mod_alias:path(Data, Table, Uri),
            case file:read_file_info(Path) of
                {ok, Info} -> {proceed, control(Mod, Path, Info) ++ Data};
                {error, _} -> {proceed, Data}
            end
    end.

%% What is to be noted: [] goes on.
control(Mod, Path, Info) ->
    case if_range(Mod, Info) of
        whole_file -> [{if_range, send_file}];
        go_on -> decided(by_tag(Mod, Info), Path, Mod, Info)
    end.

decided(unasked, Path, Mod, Info) ->
    decided(by_date(Mod, Info), Path, Mod, Info);
decided(go_on, _, _, _) -> [];
decided(unchanged, Path, Mod, Info) ->
    {Type, Headers} = mod_get:describe(Mod#mod{http_version = "HTTP/1.1"},
                                       {Path, Info}),
    Head = [{code, 304}, lists:keyfind(etag, 1, Headers),
            {content_length, "0"}, {mime_type, Type},
            lists:keyfind(last_modified, 1, Headers)],
    [{response, {response, Head, []}}];
decided(failed, _, _, _) -> [{status, {412, none, "Precondition Failed"}}];
decided({bad_date, Text}, _, _, _) ->
    [{status, {400, none, "Bad date: " ++ Text}}].

header(Name, #mod{parsed_header = Headers}) -> http_headers:get(Name, Headers).

%% A part of a file is only of use to who has the rest of the same file.
if_range(Mod, Info) ->
    case {header("range", Mod), header("if-range", Mod)} of
        {Range, Given} when Range =/= undefined, Given =/= undefined ->
            case changed(Given, Info) of
                {bad_date, _} ->
                    case httpd_util:create_etag(Info) of
                        Given -> go_on;
                        _ -> whole_file
                    end;
                true -> whole_file;
                false -> go_on
            end;
        _ -> go_on
    end.

by_tag(#mod{method = Method} = Mod, Info) ->
    Tag = httpd_util:create_etag(Info),
    case {is_among(Tag, header("if-match", Mod)),
          is_among(Tag, header("if-none-match", Mod))} of
        {true, _} -> go_on;
        {false, _} -> failed;
        {_, true} when Method =:= "GET"; Method =:= "HEAD" -> unchanged;
        {_, true} -> failed;
        {_, false} -> go_on;
        _ -> unasked
    end.

is_among(_, undefined) -> unasked;
is_among(Tag, Text) ->
    Tags = string:lexemes(Text, ", "),
    lists:member("*", Tags) orelse lists:member(Tag, Tags).

by_date(Mod, Info) ->
    case {changed(header("if-modified-since", Mod), Info),
          changed(header("if-unmodified-since", Mod), Info)} of
        {true, _} -> go_on;
        {false, _} -> unchanged;
        {{bad_date, _} = Bad, _} -> Bad;
        {unasked, true} -> failed;
        _ -> go_on
    end.

%% Whether the file has changed since a date.
changed(undefined, _) -> unasked;
changed(Given, #file_info{mtime = Time}) ->
    [Text | _] = string:split(Given, "; "),
    case httpd_util:convert_request_date(Text) of
        bad_date -> {bad_date, Text};
        Date -> Time > calendar:universal_time_to_local_time(Date)
    end.
