%% SPDX-License-Identifier: Apache-2.0
%% httpc_response: what an answer means to who asked: that he gets it, or that
%% something else is to be asked first.
-module(httpc_response).

-export([parse/2, body/3, next/4, tell/2, is_streamed/2]).

-include("httpc.hrl").

-define(MOST_REDIRECTS, 4).
-define(LONGEST_WAIT, 99). % seconds that a server may tell a client to wait

%% {{Version, Code, Phrase}, Headers} of the lines of a head. Fails with an
%% error if they are none.
parse([First | Lines], #request{settings = #settings{relaxed = Relaxed}}) ->
    Headers = http_headers:parse(Lines),
    Coding = http_headers:is_token("transfer-encoding", "chunked", Headers),
    Both = Coding andalso lists:keymember("content-length", 1, Headers),
    Both andalso not Relaxed andalso error(headers_conflict),
    {http_head:status(First, Relaxed),
     http_headers:response(case Both of
                               true -> http_headers:delete("content-length",
                                                           Headers);
                               false -> Headers
                           end)}.

%% How long the body is: 0, N, until_closed, chunked or unknown_encoding.
body(head, _, _) -> 0;
body(connect, 200, _) -> 0;
body(_, Code, Headers) ->
    Coding = string:lowercase(http_headers:get("transfer-encoding", Headers,
                                               "identity")),
    Empty = Code =:= 204 orelse Code =:= 304 orelse Code < 200,
    case http_headers:get("content-length", Headers) of
        _ when Coding =:= "chunked" -> chunked;
        _ when Empty -> 0;
        _ when Coding =/= "identity" -> unknown_encoding;
        undefined -> until_closed;
        Text -> list_to_integer(string:trim(Text))
    end.

%% Only these are, others come as a whole.
is_streamed(Code, #request{stream = Stream}) ->
    Stream =/= none andalso (Code =:= 200 orelse Code =:= 206).

%% {answer, Message}: what to tell; {redirect, Request}; {retry, Ms}.
next({_, Code, _} = Status, Headers, Body, Request) ->
    #request{settings = #settings{autoredirect = Follow}, redirects = N} =
        Request,
    Whole = {answer, {Status, Headers, Body}},
    case Code of
        _ when Code >= 300, Code < 400, Follow, N =< ?MOST_REDIRECTS ->
            redirect(Code, http_headers:get("location", Headers), Request,
                     Whole);
        503 ->
            case string:to_integer(http_headers:get("retry-after", Headers,
                                                    "")) of
                {Wait, []} when Wait >= 0, Wait =< ?LONGEST_WAIT ->
                    {retry, Wait * 1000};
                _ -> Whole
            end;
        _ -> Whole
    end.

redirect(_, undefined, _, Whole) -> Whole;
redirect(Code, Location, #request{method = Method} = Request, Whole) ->
    Asks = lists:member(Method, [get, head, options, trace]),
    case Code of
        300 -> moved(Location, Request);
        _ when Code =:= 307; Code =:= 308 ->
            case Asks orelse Method =:= post of
                true -> moved(Location, Request);
                false -> Whole
            end;
        _ when Code >= 301, Code =< 303, Method =:= post ->
            moved(Location, Request#request{method = get});
        _ when Code >= 301, Code =< 303, Asks -> moved(Location, Request);
        _ -> Whole
    end.

moved(Location, #request{scheme = Scheme, address = {Host, Port}, path = Path,
                         query = Query, headers = Headers, redirects = N,
                         brackets = Brackets} = Request) ->
    Base = #{scheme => atom_to_list(Scheme), host => unbracketed(Host),
             port => Port, path => Path},
    case uri_string:resolve(Location, with_query(Query, Base), [return_map]) of
        {error, Reason, _} -> {answer, {error, Reason}};
        #{scheme := Name} when Name =/= "http", Name =/= "https" ->
            {answer, {error, {bad_scheme, Name}}};
        #{scheme := Name} = Found ->
            NewScheme = list_to_existing_atom(Name),
            To = case maps:get(host, Found) of
                     Ip when Brackets -> bracketed(Ip);
                     Ip -> Ip
                 end,
            NewPort = case maps:get(port, Found, undefined) of
                          undefined -> httpc_request:default_port(NewScheme);
                          Given -> Given
                      end,
            Named = httpc_request:host_header(NewScheme, To, NewPort),
            Clean = maps:remove(fragment, Found),
            {redirect,
             Request#request{redirects = N + 1, scheme = NewScheme,
                             address = {To, NewPort},
                             path = uri_string:recompose(
                                      #{path => maps:get(path, Found)}),
                             query = question(Found),
                             headers = http_headers:set("host", Named,
                                                        Headers),
                             uri = uri_string:normalize(Clean)}}
    end.

with_query("?" ++ Query, Uri) -> Uri#{query => Query};
with_query("", Uri) -> Uri.

question(#{query := [_ | _] = Query}) -> "?" ++ Query;
question(#{}) -> "".

unbracketed("[" ++ Host) -> string:trim(Host, trailing, "]");
unbracketed(Host) -> Host.

bracketed(Host) ->
    case lists:member($:, Host) of
        true -> "[" ++ Host ++ "]";
        false -> Host
    end.

%% Gives a message to who asked: nobody, if he has taken back his request. A
%% function of his that fails is his matter.
tell(nobody, _) -> ok;
tell(To, Message) when is_pid(To) -> To ! {http, Message};
tell(To, Message) when is_function(To, 1) -> catch To(Message);
tell({M, F, Args}, Message) -> catch apply(M, F, [Message | Args]).
