%% SPDX-License-Identifier: Apache-2.0
%% httpc_request: one request of the HTTP client, from the URL to the answer, in
%% a process of its own and on a connection of its own.
-module(httpc_request).

-export([prepare/4, run/4, cookie/2, cookies/3]).

-record(job, {method, uri, headers = [], body = [], options = #{},
              full = true, format = string, stream = none, as_is = false,
              redirects = 0}).

%% A job, when the arguments make sense.
prepare(Method, Request, HttpOptions, Options) ->
    try
        {ok, job(Method, Request, HttpOptions, Options)}
    catch throw:{error, _} = Error -> Error
    end.

job(Method, {Url, Headers}, HttpOptions, Options) ->
    job(Method, Url, Headers, [], HttpOptions, Options);
job(Method, {Url, Headers, Type, Body}, HttpOptions, Options) ->
    Bytes = body(Body),
    Typed = case Type of
                "" -> Headers;
                _ -> Headers ++ [{"content-type", Type}]
            end,
    job(Method, Url, Typed ++ [{"content-length", iolist_size(Bytes)}], Bytes,
        HttpOptions, Options).

job(Method, Url, Headers, Body, HttpOptions, Options) ->
    Get = fun(Key, Default) -> proplists:get_value(Key, Options, Default) end,
    Timeout = proplists:get_value(timeout, HttpOptions, infinity),
    #job{method = string:uppercase(atom_to_list(Method)), uri = uri(Url),
         headers = [{string:lowercase(text(N)), text(V)} || {N, V} <- Headers],
         body = Body,
         options = #{timeout => Timeout,
                     connect_timeout => proplists:get_value(connect_timeout,
                                                            HttpOptions, Timeout),
                     redirect => proplists:get_value(autoredirect, HttpOptions,
                                                     true),
                     version => proplists:get_value(version, HttpOptions,
                                                    "HTTP/1.1"),
                     ssl => proplists:get_value(ssl, HttpOptions, [])},
         full = Get(full_result, true),
         %% Who does not wait gets what has come.
         format = case Get(sync, true) of
                      true -> Get(body_format, string);
                      false -> binary
                  end,
         stream = Get(stream, none), as_is = Get(headers_as_is, false)}.

text(Value) when is_integer(Value) -> integer_to_list(Value);
text(Value) -> unicode:characters_to_list(Value).

%% A body may come from a function: Fun(Acc) gives {ok, Part, Acc} or eof.
body({chunkify, Fun, Acc}) -> body({Fun, Acc});
body({Fun, Acc}) when is_function(Fun, 1) ->
    case Fun(Acc) of
        {ok, Part, Next} -> [Part | body({Fun, Next})];
        eof -> []
    end;
body(Body) -> Body.

uri(Url) ->
    case uri_string:parse(unicode:characters_to_list(Url)) of
        #{scheme := Scheme, host := [_ | _]} = Uri ->
            Plain = string:lowercase(Scheme),
            Uri#{scheme := Plain,
                 port => case maps:get(port, Uri, undefined) of
                             undefined -> port(Plain);
                             Port -> Port
                         end};
        #{scheme := _} -> throw({error, {invalid_uri, Url}});
        #{} -> throw({error, {no_scheme}});
        {error, _, _} -> throw({error, {invalid_uri, Url}})
    end.

port("http") -> 80;
port("https") -> 443;
port(Scheme) -> throw({error, {malformed_url, Scheme}}).

%% ---- On the way ----

%% Sends {http, {Ref, Answer}} to [To], which may be a pid, an alias, a function
%% or {Module, Function, Arguments}.
run(Job, To, Ref, Settings) ->
    Answer = try fetch(Job, {To, Ref}, Settings)
             catch
                 throw:{error, _} = Error -> Error;
                 _:Reason -> {error, Reason}
             end,
    Answer =:= streamed orelse tell(To, {Ref, Answer}).

tell({M, F, Args}, Message) -> apply(M, F, [Message | Args]);
tell(Fun, Message) when is_function(Fun, 1) -> Fun(Message);
tell(To, Message) -> To ! {http, Message}.

fetch(#job{options = #{timeout := Timeout}} = Job, Client, Settings) ->
    Deadline = case Timeout of
                   infinity -> infinity;
                   _ -> erlang:monotonic_time(millisecond) + Timeout
               end,
    Socket = connect(Job, Settings),
    try
        send(Socket, Job, Settings),
        receive_answer(Socket, Job, Client, Deadline, Settings)
    after
        http_transport:close(Socket)
    end.

connect(#job{uri = #{scheme := Scheme} = Uri,
             options = #{connect_timeout := Timeout, ssl := Ssl}}, Settings) ->
    #{socket_opts := Options, ipfamily := Family} = Settings,
    {Host, Port} = case Settings of
                       _ when Scheme =:= "https" ->
                           {map_get(host, Uri), map_get(port, Uri)};
                       #{proxy := {{_, _} = Proxy, Direct}} ->
                           through(Proxy, Direct, Uri);
                       _ -> {map_get(host, Uri), map_get(port, Uri)}
                   end,
    Inet = case Family of
               inet6 -> inet6;
               _ -> inet
           end,
    All = [binary, {active, false}, {nodelay, true}, Inet | Options],
    Connected = case Scheme of
                    "https" -> ssl:connect(Host, Port, All ++ Ssl, Timeout);
                    _ -> gen_tcp:connect(Host, Port, All, Timeout)
                end,
    case Connected of
        {ok, Socket} -> Socket;
        {error, Reason} ->
            throw({error, {failed_connect, [{to_address, {Host, Port}},
                                            {inet, [Inet], Reason}]}})
    end.

through(Proxy, Direct, #{host := Host, port := Port}) ->
    case lists:member(Host, Direct) of
        true -> {Host, Port};
        false -> Proxy
    end.

send(Socket, #job{method = Method, uri = Uri, headers = Headers, body = Body,
                  options = #{version := Version}} = Job, Settings) ->
    #{path := Path, scheme := Scheme} = Uri,
    Local = uri_string:recompose(
        (maps:with([query], Uri))#{path => case Path of
                                               "" -> "/";
                                               _ -> Path
                                           end}),
    Target = case Settings of
                 #{proxy := {{_, _}, _}} when Scheme =/= "https" ->
                     uri_string:recompose(maps:remove(fragment, Uri));
                 _ -> Local
             end,
    Own = case Job#job.as_is of
              true -> Headers;
              false -> usual_headers(Uri, Headers)
          end,
    Text = [Method, " ", Target, " ", string:uppercase(Version), "\r\n",
            http_text:format_headers(Own), "\r\n", Body],
    case http_transport:send(Socket, Text) of
        ok -> ok;
        {error, Reason} -> throw({error, Reason})
    end.

usual_headers(#{host := Host, port := Port, scheme := Scheme} = Uri, Headers) ->
    Named = case port(Scheme) of
                Port -> Host;
                _ -> Host ++ ":" ++ integer_to_list(Port)
            end,
    User = case Uri of
               #{userinfo := Info} ->
                   [{"authorization", "Basic " ++ base64:encode_to_string(Info)}];
               _ -> []
           end,
    Usual = User ++ [{"host", Named}, {"connection", "keep-alive"}],
    Headers ++ [H || {Name, _} = H <- Usual,
                     not lists:keymember(Name, 1, Headers)].

%% ---- The answer ----

receive_answer(Socket, Job, Client, Deadline, Settings) ->
    case http_text:receive_head(Socket, Deadline) of
        {ok, {http_response, _, 100, _}, _} ->
            receive_answer(Socket, Job, Client, Deadline, Settings);
        {ok, {http_response, Version, Code, Phrase}, Headers} ->
            Head = {Version, Code, Phrase, Headers},
            case redirect(Job, Code, Headers) of
                {yes, Next} -> fetch(Next, Client, Settings);
                no -> receive_rest(Socket, Job, Client, Deadline, Head)
            end;
        {ok, _, _} -> throw({error, {could_not_parse_as_http, <<>>}});
        {error, {bad_head, Text}} ->
            throw({error, {could_not_parse_as_http, list_to_binary(Text)}});
        {error, Reason} -> throw({error, reason(Reason)})
    end.

reason(closed) -> socket_closed_remotely;
reason(Reason) -> Reason.

%% Where the server says the answer is, for as many times as makes sense.
redirect(#job{options = #{redirect := true}, redirects = N, method = Method,
              uri = Uri} = Job, Code, Headers)
  when N < 10, Code >= 300, Code < 400 ->
    Kept = lists:member(Method, ["GET", "HEAD"]),
    case http_text:header("location", Headers, none) of
        none -> no;
        _ when Code =:= 304; Code =:= 300; not Kept, Code =/= 303 -> no;
        Location ->
            Base = uri_string:recompose(maps:remove(fragment, Uri)),
            Next = uri(uri_string:resolve(Location, Base)),
            Again = Job#job{uri = Next, redirects = N + 1,
                            headers = lists:keydelete("host", 1,
                                                      Job#job.headers)},
            case Kept of
                true -> {yes, Again};
                false -> {yes, Again#job{method = "GET", body = [],
                                         headers = without_body(Again)}}
            end
    end;
redirect(_, _, _) -> no.

without_body(#job{headers = Headers}) ->
    [H || {Name, _} = H <- Headers,
          Name =/= "content-length", Name =/= "content-type"].

receive_rest(Socket, Job, Client, Deadline, {_, Code, _, Headers} = Head) ->
    Length = body_length(Job#job.method, Code, Headers),
    Into = sink(Job#job.stream, Code, Client, Headers),
    case http_text:receive_body(Socket, Length, Deadline, Into) of
        {ok, Acc} -> answer(Acc, Job, Client, Head);
        {error, Reason} -> throw({error, reason(Reason)})
    end.

body_length("HEAD", _, _) -> 0;
body_length(_, Code, _) when Code =:= 204; Code =:= 304 -> 0;
body_length(_, _, Headers) ->
    Coding = string:lowercase(http_text:header("transfer-encoding", Headers, "")),
    case http_text:header("content-length", Headers, none) of
        _ when Coding =:= "chunked" -> chunked;
        none -> until_closed;
        Text -> list_to_integer(string:trim(Text))
    end.

%% Bodies of 200 and 206 may be streamed; others come as a whole.
sink(Stream, Code, Client, Headers) when Code =:= 200; Code =:= 206 ->
    sink(Stream, Client, Headers);
sink(_, _, _, _) -> {fun gather/2, []}.

gather(Part, Parts) -> [Part | Parts].

sink(none, _, _) -> {fun gather/2, []};
sink(self, {To, Ref}, Headers) ->
    tell(To, {Ref, stream_start, Headers}),
    {fun(Part, _) -> tell(To, {Ref, stream, Part}), {stream, Headers} end,
     {stream, Headers}};
sink({self, once}, {To, Ref}, Headers) ->
    tell(To, {Ref, stream_start, Headers, self()}),
    {fun(Part, _) ->
         receive stream_next -> ok end,
         tell(To, {Ref, stream, Part}),
         {stream, Headers}
     end, {stream, Headers}};
sink(File, _, _) ->
    {ok, Device} = file:open(File, [write, raw, binary]),
    {fun(Part, _) -> ok = file:write(Device, Part), {file, Device} end,
     {file, Device}}.

answer({stream, Headers}, _, {To, Ref}, _) ->
    tell(To, {Ref, stream_end, Headers}),
    streamed;
answer({file, Device}, _, _, _) ->
    ok = file:close(Device),
    saved_to_file;
answer(Parts, #job{full = Full, format = Format}, _, Head) ->
    {{Major, Minor}, Code, Phrase, Headers} = Head,
    Whole = iolist_to_binary(lists:reverse(Parts)),
    Body = case Format of
               string -> binary_to_list(Whole);
               binary -> Whole
           end,
    Version = lists:concat(["HTTP/", Major, ".", Minor]),
    case Full of
        true -> {{Version, Code, Phrase}, Headers, Body};
        false -> {Code, Body}
    end.

%% ---- Cookies ----

%% {Host, Path, Name, Value} of a header set-cookie.
cookie(Text, Host) ->
    [Pair | Attributes] = string:split(Text, ";", all),
    {Name, Value} = pair(Pair),
    Known = [pair(string:trim(A)) || A <- Attributes],
    Path = case [P || {K, P} <- Known, string:lowercase(K) =:= "path"] of
               [P | _] -> P;
               [] -> "/"
           end,
    {Host, Path, Name, Value}.

pair(Text) ->
    case string:split(Text, "=") of
        [Name, Value] -> {string:trim(Name), string:trim(Value)};
        [Name] -> {string:trim(Name), ""}
    end.

cookies(Cookies, Host, Path) ->
    lists:append(lists:join("; ", [Name ++ "=" ++ Value
                                   || {H, P, Name, Value} <- Cookies,
                                      H =:= Host, lists:prefix(P, Path)])).
