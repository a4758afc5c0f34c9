%% SPDX-License-Identifier: Apache-2.0
%% httpc_request: a request as it is sent.
-module(httpc_request).

-export([usual_headers/3, host_header/3, default_port/1, is_idempotent/1,
         is_closing/1, close/1, expects/1, send/3, send_body/2, tunnel/1]).

-include("httpc.hrl").

default_port(http) -> 80;
default_port(https) -> 443.

host_header(Scheme, Host, Port) ->
    case default_port(Scheme) of
        Port -> Host;
        _ -> Host ++ ":" ++ integer_to_list(Port)
    end.

%% Headers with those that every request has.
usual_headers(Given, Host, Version) ->
    Usual = [{"connection", "keep-alive"}, {"content-length", "0"}]
        ++ [H || Version =:= "HTTP/1.1", H <- [{"te", ""}, {"host", Host}]],
    [H || {Name, _} = H <- Usual, not lists:keymember(Name, 1, Given)]
        ++ Given.

is_idempotent(Method) ->
    lists:member(Method, [head, get, put, delete, trace, options]).

is_closing(#request{headers = Headers}) ->
    http_headers:is_token("connection", "close", Headers).

close(#request{headers = Headers} = Request) ->
    Request#request{headers = http_headers:set("connection", "close",
                                               Headers)}.

%% Whether the body is only sent when the server has said so.
expects(#request{headers = Headers}) ->
    http_headers:get("expect", Headers) =:= "100-continue".

%% Sends it to Address, which is that of a proxy or its own. Answers ok or
%% {error, Reason}.
send(Address, #session{socket = Socket, socket_type = Type}, Request) ->
    #request{address = Own, uri = Uri, path = Path, query = Query,
             method = Method, settings = #settings{version = Version}} =
        Request,
    Named = userinfo(Request),
    {Headers, Target} =
        case Address =/= Own andalso Type =:= ip_comm of
            true -> {proxy_headers(Named), Uri};
            false -> {Named#request.headers, Path ++ Query}
        end,
    Head = [string:uppercase(atom_to_list(Method)), $\s, Target, $\s, Version,
            "\r\n", lines(Request, body_headers(Request, Headers)), "\r\n"],
    send_all(Socket, Head, first_body(Request)).

lines(#request{as_is = [_ | _] = Headers}, _) ->
    http_text:format_headers(lists:reverse(Headers));
lines(_, Headers) -> http_text:format_headers(http_headers:request(Headers)).

userinfo(#request{userinfo = ""} = Request) -> Request;
userinfo(#request{userinfo = Info, headers = Headers} = Request) ->
    Text = case string:lexemes(Info, ":") of
               [User, Password] -> User ++ ":" ++ Password;
               [User] -> User ++ ":";
               _ -> none
           end,
    case Text of
        none -> Request;
        _ -> Request#request{headers = http_headers:set("authorization",
                                                        basic(Text), Headers)}
    end.

basic(Text) -> "Basic " ++ base64:encode_to_string(Text).

proxy_headers(#request{headers = Headers,
                       settings = #settings{proxy_auth = {User, Password}}}) ->
    http_headers:set("proxy-authorization", basic(User ++ ":" ++ Password),
                     Headers);
proxy_headers(#request{headers = Headers}) -> Headers.

has_body(Method) -> lists:member(Method, [post, put, patch, delete]).

body_headers(#request{method = Method, content = {Type, Body}}, Headers) ->
    case {has_body(Method), Body} of
        {false, _} -> Headers;
        {true, {_, _}} ->
            Typed = http_headers:set("content-type", Type, Headers),
            case http_headers:get("transfer-encoding", Headers) of
                undefined -> Typed;
                _ -> http_headers:delete("content-length", Typed)
            end;
        {true, _} ->
            Size = integer_to_list(iolist_size(Body)),
            Sized = http_headers:set("content-length", Size, Headers),
            case Size =:= "0" andalso Type =:= "" of
                true -> Sized;
                false -> http_headers:set("content-type", Type, Sized)
            end
    end.

first_body(#request{method = Method, content = {_, Body}} = Request) ->
    case has_body(Method) andalso not expects(Request) of
        true -> Body;
        false -> []
    end.

%% The body that a server has asked for.
send_body(#session{socket = Socket}, #request{content = {_, Body}}) ->
    send_all(Socket, [], Body).

send_all(Socket, Head, {Fun, Acc}) when is_function(Fun, 1) ->
    case http_transport:send(Socket, Head) of
        ok ->
            case Fun(Acc) of
                eof -> ok;
                {ok, Data, Next} -> send_all(Socket, Data, {Fun, Next})
            end;
        Error -> Error
    end;
send_all(Socket, Head, Body) -> http_transport:send(Socket, [Head, Body]).

%% The request by which a proxy is asked for a way to the server of another.
tunnel(#request{address = {Host, Port}, headers = Headers} = Request) ->
    Name = Host ++ ":" ++ integer_to_list(Port),
    Own = [{"connection", "keep-alive"}, {"content-length", "0"}, {"te", ""},
           {"pragma", "no-cache"},
           {"host", http_headers:get("host", Headers, Host)},
           {"Proxy-Connection", " Keep-Alive"}],
    Request#request{scheme = http, path = Name, query = "", method = connect,
                    headers = Own, content = {[], []}, uri = Name,
                    stream = none, userinfo = "", as_is = []}.
