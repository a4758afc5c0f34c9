%% SPDX-License-Identifier: Apache-2.0
%% httpd_connection: serves one connection, request after request.
-module(httpd_connection).

-export([start/3]).

-include("httpd.hrl").

-define(HANDSHAKE, 5000). % ms that one of TLS may take
-define(MOST_OF_HEAD, 10240).
-define(RATE_WINDOW, 3000). % ms in which bytes are counted

%% What a connection has all the time.
-record(conn, {mod,         % as every request's begins
               timeout,     % ms for a request to come
               rate,        % bytes a second that must come; false: any
               left,        % requests that may still come
               part}).      % bytes of a body that modules get at once

%% Status is accept, or why the client is only told to go: {busy, Clients} or
%% blocked.
start(Type, Table, Status) ->
    receive {serve, Plain} ->
        case secure(Plain, Type) of
            {ok, Socket} ->
                serve(Socket, Type, Table, Status),
                http_transport:close(Socket);
            {error, Reason} ->
                httpd_response:report(mod(Plain, Type, Table), 'TLS', Reason),
                gen_tcp:close(Plain)
        end
    end.

secure(Socket, {essl, Options}) ->
    ssl:handshake(Socket, Options, ?HANDSHAKE);
secure(Socket, _) -> {ok, Socket}.

mod(Socket, Type, Table) ->
    {ok, Name} = inet:gethostname(),
    Init = #init_data{peername = address(http_transport:peername(Socket)),
                      sockname = address(http_transport:sockname(Socket)),
                      resolve = Name},
    #mod{socket = Socket, socket_type = Type, config_db = Table,
         init_data = Init}.

address({ok, {Address, Port}}) -> {Port, inet:ntoa(Address)};
address(_) -> {-1, "unknown"}.

serve(Socket, Type, Table, Status) ->
    Get = fun(Key, Default) -> httpd_util:lookup(Table, Key, Default) end,
    Conn = #conn{mod = mod(Socket, Type, Table),
                 timeout = Get(keep_alive_timeout, 150) * 1000,
                 rate = Get(minimum_bytes_per_second, false),
                 left = Get(max_keep_alive_request, infinity),
                 part = Get(max_client_body_chunk, nolimit)},
    requests(<<>>, Status, Conn).

requests(Bytes, Status, #conn{mod = #mod{config_db = Table}} = Conn) ->
    Get = fun(Key, Default) -> httpd_util:lookup(Table, Key, Default) end,
    Options = [{max_uri, Get(max_uri_size, nolimit)},
               {max_header, Get(max_header_size, ?MOST_OF_HEAD)},
               {max_content_length, Get(max_content_length, 100000000)},
               {customize, Get(customize, none)}],
    Deadline = erlang:monotonic_time(millisecond) + Conn#conn.timeout,
    try
        {Request, Rest} = head(Bytes, [Options], parse, Deadline, Conn),
        case request(Request, Rest, Status, Deadline, Conn) of
            {ok, More} -> next(More, Status, Conn);
            closed -> ok
        end
    catch throw:closed -> ok
    end.

next(Bytes, Status, #conn{left = infinity} = Conn) ->
    requests(Bytes, Status, Conn);
next(Bytes, Status, #conn{left = N} = Conn) when N > 1 ->
    requests(Bytes, Status, Conn#conn{left = N - 1});
next(_, _, _) -> ok.

%% {Request, Rest}; throws closed when there is none.
head(Bytes, Args, Function, Deadline, #conn{mod = Mod} = Conn) ->
    case Bytes =/= <<>> andalso httpd_request:Function([Bytes | Args]) of
        false ->
            head(more(Deadline, Conn), Args, Function, Deadline, Conn);
        {_, Next, NextArgs} when is_atom(Next) ->
            head(more(Deadline, Conn), NextArgs, Next, Deadline, Conn);
        {ok, {Method, Uri, Version, {_, Headers}, Rest}} ->
            {{Method, Uri, Version, Headers}, Rest};
        {error, {size_error, Most, Code, Text}, Version} ->
            refuse(Mod#mod{http_version = Version}, Code, Text,
                   {size_error, Most});
        {error, {version_error, Code, Text}, Version} ->
            refuse(Mod#mod{http_version = Version}, Code, Text, undefined)
    end.

%% More bytes of the client, at the pace that it must keep.
more(Deadline, #conn{mod = #mod{socket = Socket}, rate = Rate}) ->
    Left = max(0, Deadline - erlang:monotonic_time(millisecond)),
    Wait = case Rate of
               false -> Left;
               _ -> min(Left, ?RATE_WINDOW)
           end,
    case http_transport:recv(Socket, 0, Wait) of
        {ok, Bytes} -> iolist_to_binary(Bytes);
        {error, _} -> throw(closed)
    end.

refuse(Mod, Code, Arg, Details) ->
    httpd_response:send_status(Mod, Code, Arg, Details),
    throw(closed).

request({_, _, Version, _}, _, {busy, Most}, _, #conn{mod = Mod}) ->
    refuse(Mod#mod{http_version = Version}, 503,
           lists:concat(["heavy load (>", Most, " processes)"]), undefined);
request({_, _, Version, _}, _, blocked, _, #conn{mod = Mod}) ->
    refuse(Mod#mod{http_version = Version}, 503,
           "Server maintenance performed, try again later", undefined);
request({Method, Uri, Version, Headers}, Rest, accept, Deadline, Conn) ->
    #conn{mod = Plain} = Conn,
    Mod = Plain#mod{http_version = Version},
    case httpd_request:validate(Method, Uri, Version) of
        {ok, Normal} ->
            Whole = httpd_request:update(Mod, Method, Normal, Version,
                                         Headers),
            Whole#mod.absolute_uri =:= nohost andalso Version =:= "HTTP/1.1"
                andalso refuse(Mod, 400, none, undefined),
            expected(Whole),
            body(Rest, Deadline, Whole, Conn);
        {error, {not_supported, What}} ->
            refuse(Mod, 501, {Method, Uri, Version}, {not_sup, What});
        {error, {bad_request, {malformed_syntax, _} = What}} ->
            refuse(Mod, 400, Uri, What);
        {error, {bad_version, _}} ->
            refuse(Plain, 400, Version, {malformed_syntax, Version})
    end.

%% ---- bodies ----

%% A client may ask whether it shall send a body at all.
expected(#mod{parsed_header = Headers, http_version = Version,
              config_db = Table} = Mod) ->
    case http_headers:get("expect", Headers) of
        undefined -> ok;
        "100-continue" when Version =:= "HTTP/1.1" ->
            case is_too_long(Mod) of
                true -> refuse(Mod, 413, "Body too long", undefined);
                false -> httpd_response:send_status(Mod, 100, "")
            end;
        Other when Version =:= "HTTP/1.1" ->
            refuse(Mod, 417, "Unexpected expect value", {unexpected, Other});
        _ ->
            httpd_util:lookup(Table, expect, continue) =:= continue
                orelse refuse(Mod, 400, "Only HTTP/1.1 Clients may use the "
                              "Expect Header", undefined)
    end.

length_of(#mod{parsed_header = Headers}) ->
    list_to_integer(http_headers:get("content-length", Headers, "0")).

is_too_long(#mod{config_db = Table} = Mod) ->
    Most = httpd_util:lookup(Table, max_body_size, nolimit),
    is_integer(Most) andalso length_of(Mod) > Most.

body(Rest, Deadline, #mod{parsed_header = Headers} = Mod, Conn) ->
    Kind = case string:lowercase(http_headers:get("transfer-encoding", Headers,
                                                  "")) of
               "chunked" -> chunked;
               "" -> length_of(Mod);
               Coding ->
                   refuse(Mod, 501, "Unknown Transfer-Encoding",
                          {unknown_transfer_encoding, Coding})
           end,
    Kind =/= chunked andalso is_too_long(Mod)
        andalso refuse(Mod, 413, "Body too long", undefined),
    decode(Rest, http_body:new(Kind), [0], first, Deadline, {Mod, Conn}).

%% Modules may get a long body in parts: first, continue, and last. State is
%% what they gave back, or first. Before is [Size | Data].
parts(Result, [Before | Data], State, Deadline, {Mod, Conn} = To) ->
    New = element(2, Result),
    Size = Before + iolist_size(New),
    Most = Conn#conn.part,
    case Result of
        _ when is_integer(Most), Size > Most ->
            <<Part:Most/binary, Rest/binary>> = iolist_to_binary([Data | New]),
            parts(setelement(2, Result, []), [Size - Most | Rest],
                  part(Part, State, Mod), Deadline, To);
        {done, _, Trailer, Rest} ->
            All = Mod#mod.parsed_header ++ Trailer,
            whole(iolist_to_binary([Data | New]), State, Rest,
                  Mod#mod{parsed_header = All}, Conn);
        {more, _, Decoder} ->
            limit(Size, Mod),
            decode(more(Deadline, Conn), Decoder, [Size | [Data | New]], State,
                   Deadline, To)
    end.

decode(Bytes, Decoder, Before, State, Deadline, {Mod, _} = To) ->
    try http_body:decode(Bytes, Decoder) of
        Result -> parts(Result, Before, State, Deadline, To)
    catch throw:{error, _} = Error ->
            refuse(Mod, 400, "Bad input", {chunk_decoding, bad_input, Error})
    end.

%% The length of chunks is not known before.
limit(Size, #mod{config_db = Table} = Mod) ->
    Most = httpd_util:lookup(Table, max_body_size, nolimit),
    is_integer(Most) andalso Size > Most
        andalso refuse(Mod, 413, "Body too long", undefined).

part(Part, State, Mod) ->
    Body = case State of
               first -> {first, Part};
               {state, Own} -> {continue, Part, Own}
           end,
    case httpd_response:answer(Mod#mod{entity_body = Body}) of
        {continue, Next} -> {state, Next};
        _ -> throw(closed) % answered before it was whole
    end.

whole(Bytes, State, Rest, Mod, #conn{part = Size, left = Left}) ->
    Body = case State of
               {state, Own} -> {last, Bytes, Own};
               first when Size =:= nolimit -> binary_to_list(Bytes);
               first -> {last, Bytes, undefined}
           end,
    Last = Mod#mod{entity_body = Body,
                   connection = Mod#mod.connection andalso Left =/= 1},
    httpd_response:answer(Last),
    case Last#mod.connection of
        true -> {ok, Rest};
        false -> closed
    end.
