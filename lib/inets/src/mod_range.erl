%% SPDX-License-Identifier: Apache-2.0
%% mod_range: parts of files, as the header range asks for: bytes=1-5,20-.
-module(mod_range).

-export([do/1]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

-define(BOUNDARY, "RangeBoundarySeparator").

do(#mod{method = "GET", data = Data, parsed_header = Headers} = Mod) ->
    Range = http_headers:get("range", Headers),
    case Range =:= undefined orelse mod_alias:is_answered(Data)
        orelse proplists:get_value(if_range, Data) =:= send_file of
        true -> {proceed, Data};
        false -> parts(ranges(Range), Mod)
    end;
do(#mod{data = Data}) -> {proceed, Data}.

%% [{First | from_end, Last | to_end}], or error.
ranges("bytes=" ++ Text) ->
    try [range(string:split(R, "-")) || R <- string:lexemes(Text, ", ")]
    catch error:_ -> error
    end;
ranges(_) -> error.

range(["", Size]) -> {from_end, list_to_integer(Size)};
range([First, ""]) -> {list_to_integer(First), to_end};
range([First, Last]) -> {list_to_integer(First), list_to_integer(Last)}.

parts(error, #mod{data = Data}) -> {proceed, Data};
parts(Ranges, #mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    Path = mod_alias:path(Data, Table, Uri),
    case file:read_file_info(Path) of
        {ok, #file_info{type = regular, size = Size} = Info} ->
            Bounds = [bounds(R, Size) || R <- Ranges],
            case lists:member(none, Bounds) of
                true ->
                    {proceed, [{status, {416, "Range starts out of file "
                                         "boundaries", bad_range_boundaries}}
                               | Data]};
                false ->
                    {proceed, [{response, answer(Bounds, Path, Info, Mod)}
                               | Data]}
            end;
        _ -> {proceed, Data}
    end.

%% {First, Last}, or none.
bounds({from_end, N}, Size) when N =< Size -> {Size - N, Size - 1};
bounds({First, to_end}, Size) when is_integer(First), First < Size ->
    {First, Size - 1};
bounds({First, Last}, Size)
  when is_integer(First), is_integer(Last), First =< Last, First < Size ->
    {First, min(Last, Size - 1)};
bounds(_, _) -> none.

answer([{First, Last} = Bounds], Path, Info, Mod) ->
    {Type, Headers} = mod_get:describe(Mod#mod{http_version = "HTTP/1.1"},
                                       {Path, Info}),
    Head = [{code, 206}, {content_type, Type}, lists:keyfind(etag, 1, Headers),
            {content_range, shown(Bounds, Info)},
            {content_length, integer_to_list(Last - First + 1)},
            lists:keyfind(last_modified, 1, Headers)],
    {response, Head, {fun send_part/3, [Mod, Path, Bounds]}};
answer(All, Path, Info, Mod) ->
    {Type, Headers} = mod_get:describe(Mod#mod{http_version = "HTTP/1.1"},
                                       {Path, Info}),
    Pieces = [{["\r\n--", ?BOUNDARY, "\r\nContent-type: ", Type,
                "\r\nContent-Range:", shown(B, Info), "\r\n\r\n"], B}
              || B <- All],
    End = ["\r\n--", ?BOUNDARY, "--"],
    Size = lists:sum([iolist_size(Text) + Last - First + 1
                      || {Text, {First, Last}} <- Pieces]) + iolist_size(End),
    Head = [{code, 206},
            {content_type, "multipart/byteranges;boundary=" ++ ?BOUNDARY},
            {content_length, integer_to_list(Size)},
            lists:keyfind(etag, 1, Headers),
            lists:keyfind(last_modified, 1, Headers)],
    {response, Head, {fun send_parts/4, [Mod, Path, Pieces, End]}}.

shown({First, Last}, #file_info{size = Size}) ->
    lists:concat(["bytes=", First, "-", Last, "/", Size]).

send_parts(#mod{socket = Socket} = Mod, Path, Pieces, End) ->
    [begin
         http_transport:send(Socket, Text),
         send_part(Mod, Path, Bounds)
     end || {Text, Bounds} <- Pieces],
    http_transport:send(Socket, End),
    sent.

send_part(Mod, Path, {First, Last}) ->
    case file:open(Path, [raw, read, binary]) of
        {ok, Device} ->
            mod_get:send_file(Mod, Device, First, Last - First + 1),
            file:close(Device),
            sent;
        {error, _} -> close
    end.
