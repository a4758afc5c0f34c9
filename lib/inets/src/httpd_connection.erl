%% SPDX-License-Identifier: Apache-2.0
%% httpd_connection: serves one connection, request after request: through the
%% modules of the server, until one of them has an answer.
-module(httpd_connection).

-export([start/2]).

-include("httpd.hrl").

-define(HANDSHAKE, 5000). % ms that one of TLS may take

start(#{socket_type := Type} = Properties, Busy) ->
    receive {serve, Plain} ->
        case http_transport:secure(Plain, Type, ?HANDSHAKE) of
            {ok, Socket} -> talk(Socket, Properties, Busy);
            {error, _} -> gen_tcp:close(Plain)
        end
    end.

talk(Socket, Properties, Busy) ->
    case Busy of
        true -> httpd_response:failed(mod(Socket, Properties), 503, false);
        false -> serve(Socket, Properties)
    end,
    http_transport:close(Socket).

serve(Socket, #{keep_alive_timeout := Seconds} = Properties) ->
    Deadline = erlang:monotonic_time(millisecond) + Seconds * 1000,
    case http_text:receive_head(Socket, Deadline) of
        {ok, {http_request, Method, Target, Version}, Headers} ->
            Mod = request(Method, Target, Version, Headers,
                          mod(Socket, Properties)),
            case with_body(Mod, Deadline) of
                {ok, Whole} ->
                    run(Whole),
                    keep(Whole) andalso serve(Socket, Properties);
                {error, Code} -> httpd_response:failed(Mod, Code, false);
                closed -> ok
            end;
        {error, {bad_head, _}} ->
            httpd_response:failed(mod(Socket, Properties), 400, false);
        {error, _} -> ok
    end.

mod(Socket, Properties) ->
    Peer = case http_transport:peername(Socket) of
               {ok, {Address, Port}} -> {Port, inet:ntoa(Address)};
               _ -> {0, "unknown"}
           end,
    Own = case http_transport:sockname(Socket) of
              {ok, {A, P}} -> {P, inet:ntoa(A)};
              _ -> {0, "unknown"}
          end,
    #mod{socket = Socket, config_db = Properties, http_version = "HTTP/1.1",
         method = "GET", request_uri = "/",
         init_data = #init_data{peername = Peer, sockname = Own,
                                resolve = net_host()},
         connection = true}.

net_host() ->
    {ok, Name} = inet:gethostname(),
    Name.

request(Method, Target, {Major, Minor}, Headers, Mod) ->
    Verb = text(Method),
    Uri = case Target of
              {abs_path, Path} -> Path;
              {absoluteURI, _, _, _, Path} -> Path;
              '*' -> "*";
              {scheme, _, _} -> "/";
              Other -> text(Other)
          end,
    Version = lists:concat(["HTTP/", Major, ".", Minor]),
    Wanted = string:lowercase(http_text:header("connection", Headers, "")),
    Keep = map_get(keep_alive, Mod#mod.config_db) andalso Wanted =/= "close"
           andalso (Minor > 0 orelse Wanted =:= "keep-alive"),
    Mod#mod{method = Verb, request_uri = Uri, http_version = Version,
            absolute_uri = http_text:header("host", Headers, "") ++ Uri,
            request_line = lists:append([Verb, " ", Uri, " ", Version]),
            parsed_header = Headers, connection = Keep}.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

with_body(#mod{parsed_header = Headers, socket = Socket,
               config_db = #{max_body_size := Most}} = Mod, Deadline) ->
    Coding = string:lowercase(http_text:header("transfer-encoding", Headers, "")),
    Length = case http_text:header("content-length", Headers, "0") of
                 _ when Coding =:= "chunked" -> chunked;
                 Text -> list_to_integer(string:trim(Text))
             end,
    case string:lowercase(http_text:header("expect", Headers, "")) of
        "100-continue" -> http_transport:send(Socket, "HTTP/1.1 100 Continue\r\n\r\n");
        _ -> ok
    end,
    Add = fun(Part, Parts) -> [Part | Parts] end,
    case http_text:receive_body(Socket, Length, Deadline, {Add, []}) of
        _ when is_integer(Most), is_integer(Length), Length > Most ->
            {error, 413};
        {ok, Parts} ->
            Body = iolist_to_binary(lists:reverse(Parts)),
            {ok, Mod#mod{entity_body = binary_to_list(Body)}};
        {error, _} -> closed
    end.

keep(#mod{connection = Keep}) -> Keep.

%% A module that crashes is an internal error.
run(#mod{config_db = #{modules := Modules, max_uri_size := Most}} = Mod) ->
    case is_integer(Most) andalso length(Mod#mod.request_uri) > Most of
        true -> httpd_response:failed(Mod, 414, true);
        false -> run(Modules, Mod)
    end.

run([], Mod) -> httpd_response:send(Mod);
run([Module | More], Mod) ->
    try Module:do(Mod) of
        done -> ok;
        {proceed, Data} -> run(More, Mod#mod{data = Data});
        {break, Data} -> httpd_response:send(Mod#mod{data = Data})
    catch Class:Reason:Trace ->
        error_logger:error_report([{httpd, Module}, {Class, Reason},
                                   {stacktrace, Trace}]),
        httpd_response:failed(Mod, 500, true)
    end.
