%% SPDX-License-Identifier: Apache-2.0
%% mod_get: sends files.
-module(mod_get).

-export([do/1, describe/2, failed/3, send_file/4]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

-define(PIECE, 65536). % bytes that are read at once

do(#mod{method = "GET", data = Data} = Mod) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false -> file(Mod)
    end;
do(#mod{data = Data}) -> {proceed, Data}.

file(#mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    Path = mod_alias:path(Data, Table, Uri),
    case file:open(Path, [raw, read, binary]) of
        {ok, Device} ->
            try
                {ok, Info} = file:read_file_info(Path),
                {Type, Headers} = describe(Mod, {Path, Info}),
                httpd_response:send_header(Mod, 200, Headers),
                send_file(Mod, Device, 0, infinity),
                {proceed, [{response, {already_sent, 200,
                                       Info#file_info.size}},
                           {mime_type, Type} | Data]}
            after file:close(Device)
            end;
        {error, Reason} ->
            {proceed, [{status, failed(Reason, {"open", Path}, Mod)} | Data]}
    end.

%% {Type, Headers} of a file.
describe(#mod{config_db = Table, http_version = Version},
         {Path, #file_info{size = Size, mtime = Time} = Info}) ->
    Extension = httpd_util:strip_extension_dot(Path),
    Type = httpd_util:lookup_mime_default(Table, Extension, "text/plain"),
    {Type, [{content_type, Type}]
     ++ [{etag, httpd_util:create_etag(Info)} || Version =:= "HTTP/1.1"]
     ++ [{content_length, integer_to_list(Size)},
         {last_modified, httpd_util:rfc1123_date(Time)}]}.

%% Sends Size bytes from At, or all there are.
send_file(Mod, Device, At, Size) ->
    {ok, At} = file:position(Device, At),
    send_pieces(Mod, Device, Size).

send_pieces(#mod{socket = Socket} = Mod, Device, Left) when Left > 0 ->
    case file:read(Device, min(Left, ?PIECE)) of
        {ok, Bytes} ->
            case http_transport:send(Socket, Bytes) of
                ok when Left =:= infinity -> send_pieces(Mod, Device, Left);
                ok -> send_pieces(Mod, Device, Left - byte_size(Bytes));
                Error -> Error
            end;
        _ -> ok
    end;
send_pieces(_, _, _) -> ok.

%% The status for a file that cannot be used.
failed(Reason, {Doing, Path}, #mod{request_uri = Uri}) ->
    Text = fun(Why) ->
                   lists:append(["httpd_file: Can't ", Doing, " ", Path, Why])
           end,
    case Reason of
        eacces -> {403, Uri, Text(": Forbidden")};
        enoent -> {404, Uri, Text(": File not found")};
        enotdir -> {404, Uri,
                    Text(": A component of the file name is not a "
                         "directory")};
        emfile -> {500, none, Text(": Too many open files")};
        {enfile, _} -> {500, none, Text(": File table overflow")};
        eisdir -> {403, Uri, Text(": Forbidden")};
        _ -> {500, none, Text("")}
    end.
