%% SPDX-License-Identifier: Apache-2.0
%% httpd_response: the modules of a server find the answer to a request; it is
%% sent here, if they have not done that themselves.
-module(httpd_response).

-export([answer/1, send_status/3, send_status/4, send_header/3,
         begin_script/5, sent/3, send_chunk/3, send_final_chunk/2,
         send_final_chunk/3, is_disable_chunked_send/1, report/3, data/2]).

-include("httpd.hrl").

-define(SOFTWARE, "inets/8.2.2").

%% ok, or {continue, State} of a module that wants more of the request's body.
answer(#mod{config_db = Table} = Mod) ->
    try through(httpd_util:lookup(Table, modules, httpd_conf:defaults()), Mod)
    of
        {continue, _} = Continue -> Continue;
        {proceed, Data} ->
            found(data(status, Data), data(response, Data), Mod),
            ok;
        done -> ok
    catch throw:{failed, Module, Class, Reason, Trace} ->
            report(Mod, 'HTTP', [{module, Module}, {class, Class},
                                 {error, Reason}, {stacktrace, Trace}]),
            send_status(Mod, 500, none),
            ok
    end.

through([], #mod{data = Data}) -> {proceed, Data};
through([Module | Modules], Mod) ->
    try Module:do(Mod) of
        {proceed, Data} -> through(Modules, Mod#mod{data = Data});
        {break, Data} -> {proceed, Data};
        Other -> Other
    catch Class:Reason:Trace ->
            throw({failed, Module, Class, Reason, Trace})
    end.

%% What modules have noted under Key.
data(Key, Data) -> proplists:get_value(Key, Data).

found({Code, Arg, _}, _, Mod) -> send_status(Mod, Code, Arg);
found(undefined, {already_sent, _, _}, _) -> ok;
found(undefined, {response, Head, Body}, Mod) ->
    case lists:keytake(code, 1, Head) of
        {value, {_, Code}, Headers} -> send_response(Mod, Code, Headers, Body);
        false -> send_status(Mod, 404, "The file is not available")
    end;
found(undefined, {Code, Text}, Mod) -> send_text(Mod, Code, Text);
found(undefined, undefined, Mod) ->
    send_status(Mod, 501, {Mod#mod.method, Mod#mod.request_uri,
                           Mod#mod.http_version}).

send_response(#mod{socket = Socket} = Mod, Code, Headers, Body) ->
    case send_header(Mod, Code, Headers) of
        ok ->
            case Body of
                nobody -> ok;
                {Fun, Args} ->
                    case apply(Fun, Args) of
                        {ok, Bytes} -> http_transport:send(Socket, Bytes);
                        close -> http_transport:close(Socket);
                        _ -> ok % it has sent it
                    end;
                _ -> http_transport:send(Socket, Body)
            end;
        Error -> Error
    end.

%% Headers may stand in front of the text.
send_text(#mod{method = Method, socket = Socket} = Mod, Code, Text) ->
    {Headers, Body} =
        case httpd_util:split(lists:flatten(Text), "\r\n\r\n", 2) of
            {ok, [Head, Rest]} ->
                {http_headers:parse(binary:split(list_to_binary(Head),
                                                 <<"\r\n">>, [global])),
                 Rest};
            {ok, [All]} -> {[], All}
        end,
    Size = {content_length, integer_to_list(iolist_size(Body))},
    case send_header(Mod, Code, [Size | lists:reverse(Headers)]) of
        ok when Method =/= "HEAD" -> http_transport:send(Socket, Body);
        Sent -> Sent
    end.

%% ---- pages of statuses ----

send_status(Mod, Code, Arg) -> send_status(Mod, Code, Arg, undefined).

%% Details are for logs.
send_status(Mod, 100, _, _) ->
    send_header(Mod, 100, [{content_length, "0"}]);
send_status(#mod{config_db = Table, socket = Socket} = Mod, Code, Arg,
            Details) ->
    Phrase = httpd_util:reason_phrase(Code),
    Body = page(Phrase, httpd_util:message(Code, Arg, Table)),
    send_header(Mod, Code, [{content_type, "text/html"},
                            {content_length, integer_to_list(length(Body))}]),
    Code >= 400
        andalso report(Mod, 'HTTP',
                       [{statuscode, Code}, {description, Phrase}]
                       ++ [{details, Details} || Details =/= undefined]),
    http_transport:send(Socket, Body).

page(Phrase, Message) ->
    lists:append(["<HTML>\n       <HEAD>\n           <TITLE>", Phrase,
                  "</TITLE>\n      </HEAD>\n      <BODY>\n      <H1>", Phrase,
                  "</H1>\n", Message, "\n</BODY>\n      </HTML>\n"]).

%% Tells logs what has gone wrong.
report(#mod{config_db = Table, init_data = Init, request_uri = Uri,
            socket_type = Type}, Protocol, Reason) ->
    #init_data{peername = Peer, sockname = Own} = Init,
    Report = #{protocol => Protocol, reason => Reason, peer => Peer,
               host => Own, server_name => httpd_util:lookup(Table,
                                                             server_name)},
    Transport = case Type of
                    {essl, _} -> "TLS";
                    _ -> "TCP"
                end,
    httpd_util:error_log(
      Table, maps:merge(Report#{transport => Transport},
                        maps:from_list([{uri, Uri} || Uri =/= undefined]))).

%% ---- heads ----

send_header(#mod{socket = Socket, http_version = Given, connection = Keep,
                 config_db = Table}, Code, Headers) ->
    Version = case Given of
                  undefined -> "HTTP/1.1";
                  _ -> Given
              end,
    Shown = code(Version, Code),
    Custom = httpd_util:lookup(Table, customize, none),
    Own = [{"date", httpd_util:rfc1123_date()}, {"content-type", "text/html"}]
        ++ [{"server", S} || S <- [httpd_util:lookup(Table, server,
                                                     ?SOFTWARE)], S =/= ""],
    Defaults = missing(Own, httpd_custom:defaults(Custom)),
    All = missing(Defaults, [named(H) || H <- Headers]),
    Closing = case {Keep, Version} of
                  {true, "HTTP/1.0"} -> "Connection:close\r\n";
                  {false, "HTTP/1.1"} -> "Connection:close\r\n";
                  _ -> ""
              end,
    http_transport:send(
      Socket, [Version, " ", integer_to_list(Shown), " ",
               httpd_util:reason_phrase(Shown), "\r\n",
               [line(H) || H <- httpd_custom:response(Custom, All)],
               Closing, "\r\n"]).

%% Older clients know fewer codes.
code("HTTP/1.0", Code) when Code div 100 =:= 2, Code > 204;
                            Code div 100 =:= 3, Code > 304;
                            Code div 100 =:= 4, Code > 404;
                            Code div 100 =:= 5, Code > 503 -> 403;
code(_, Code) -> Code.

%% The last of the defaults comes first.
missing(Defaults, Headers) ->
    lists:foldl(fun({Name, _} = Default, All) ->
                        case lists:keymember(Name, 1, All) of
                            true -> All;
                            false -> [Default | All]
                        end
                end, Headers, Defaults).

%% Modules may name these by atoms with other signs.
named({Name, Value}) when is_atom(Name) ->
    Known = [content_type, accept_ranges, cache_control, transfer_encoding,
             content_encoding, content_language, retry_after,
             content_location, content_length, content_MD5, content_range,
             last_modified],
    Text = atom_to_list(Name),
    {case lists:member(Name, Known) of
         true -> lists:map(fun($_) -> $-; (C) -> C end,
                           string:lowercase(Text));
         false -> Text
     end, Value};
named(Header) -> Header.

line({Name, Value}) ->
    Words = [[string:uppercase([First]), Rest]
             || [First | Rest] <- string:lexemes(Name, "-")],
    [lists:join("-", Words), ": ", Value, "\r\n"].

%% For answers of scripts.
cache_headers(#mod{config_db = Table}, Property) ->
    case httpd_util:lookup(Table, Property, false) of
        true -> [{"cache-control", "no-cache"}, {"pragma", "no-cache"},
                 {"expires", httpd_util:rfc1123_date()}];
        false -> []
    end.

%% ---- answers in parts ----

%% Sends the head of a script's answer and what has come of its body. Parts
%% sends the rest, where the request wants a body; it is told the code, how many
%% bytes are sent, and Whole: the parts are not to be chunks. NoCache names the
%% property that forbids to keep the answer.
begin_script(Mod, {Code, Headers, Body}, Whole, NoCache, Parts) ->
    send_script_header(Mod, Code, Headers, {Whole, NoCache}),
    Size = byte_size(Body),
    case Mod#mod.method of
        "HEAD" -> sent(Code, Size, Mod);
        _ ->
            send_chunk(Mod, Body, Whole),
            Parts({Code, Size, Whole})
    end.

%% A module's answer when it has sent all itself, with Size bytes of body.
sent(Code, Size, #mod{data = Data}) ->
    {proceed, [{response, {already_sent, Code, Size}} | Data]}.

send_script_header(#mod{http_version = Version} = Mod, Code, Headers,
                   {Whole, NoCache}) ->
    How = case Version =/= "HTTP/1.1" orelse Whole of
              true -> {"connection", "close"};
              false -> {"transfer-encoding", "chunked"}
          end,
    send_header(Mod, Code, cache_headers(Mod, NoCache) ++ [How | Headers]).

is_disable_chunked_send(Table) ->
    httpd_util:lookup(Table, disable_chunked_transfer_encoding_send, false).

%% Whole says that it is not to be in chunks.
send_chunk(#mod{socket = Socket, http_version = Version}, Data, Whole) ->
    case iolist_size(Data) of
        0 -> ok;
        Size when Version =:= "HTTP/1.1", not Whole ->
            http_transport:send(Socket, [integer_to_list(Size, 16), "\r\n",
                                         Data, "\r\n"]);
        _ -> http_transport:send(Socket, Data)
    end.

send_final_chunk(Mod, Whole) -> send_final_chunk(Mod, [], Whole).

%% With headers that were not known before.
send_final_chunk(#mod{socket = Socket, http_version = "HTTP/1.1"}, Headers,
                 false) ->
    http_transport:send(Socket, http_chunk:encode_last(Headers));
send_final_chunk(#mod{socket = Socket}, _, _) -> http_transport:close(Socket).
