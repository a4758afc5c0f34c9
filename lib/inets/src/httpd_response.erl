%% SPDX-License-Identifier: Apache-2.0
%% httpd_response: sends the answer that the modules have found.
-module(httpd_response).

-export([send/1, send/4, failed/3, send_header/3, send_chunk/2, page/2]).

-include("httpd.hrl").

%% By what stands in the data: {response, {Code, Body}}, {response, {response,
%% Head, Body}}, {status, {Code, Info, Text}}, {already_sent, Code, Size};
%% nothing of these means that nobody knew an answer.
send(#mod{data = Data} = Mod) ->
    Known = [D || D <- Data, is_tuple(D),
                  lists:member(element(1, D), [response, status, already_sent])],
    case Known of
        [{already_sent, _, _} | _] -> ok;
        [{response, {already_sent, _, _}} | _] -> ok;
        [{response, {response, Head, Body}} | _] ->
            {code, Code} = lists:keyfind(code, 1, Head),
            send(Mod, Code, lists:keydelete(code, 1, Head), Body);
        [{response, {Code, Body}} | _] ->
            send(Mod, Code, [{"content-type", "text/html"}], Body);
        [{status, {Code, _, _}} | _] -> failed(Mod, Code, true);
        [] when Mod#mod.method =:= "GET"; Mod#mod.method =:= "HEAD" ->
            failed(Mod, 404, true);
        [] -> failed(Mod, 501, true)
    end.

%% A whole answer; of a HEAD request the head.
send(Mod, Code, Headers, Body) ->
    Bytes = case Body of
                nobody -> [];
                {Fun, Args} -> apply(Fun, Args);
                _ -> Body
            end,
    Size = [{"content-length", integer_to_list(iolist_size(Bytes))}
            || not has("content-length", Headers)],
    Shown = case Mod#mod.method of
                "HEAD" -> [];
                _ -> Bytes
            end,
    http_transport:send(Mod#mod.socket, [head(Mod, Code, Headers ++ Size), Shown]).

send_header(Mod, Code, Headers) ->
    http_transport:send(Mod#mod.socket, head(Mod, Code, Headers)).

%% Parts of an answer of unknown length; [] is the last.
send_chunk(#mod{socket = Socket, http_version = "HTTP/1.1"}, []) ->
    http_transport:send(Socket, "0\r\n\r\n");
send_chunk(#mod{socket = Socket, http_version = "HTTP/1.1"}, Part) ->
    case iolist_size(Part) of
        0 -> ok;
        N ->
            http_transport:send(Socket, [integer_to_list(N, 16), "\r\n", Part, "\r\n"])
    end;
send_chunk(#mod{socket = Socket}, Part) -> http_transport:send(Socket, Part).

head(#mod{connection = Keep} = Mod, Code, Headers) ->
    Own = [{"date", http_text:date()}, {"server", "inets/8.2.2"}]
          ++ [{"connection", "close"} || not Keep],
    ["HTTP/1.1 ", integer_to_list(Code), " ", http_text:phrase(Code), "\r\n",
     http_text:format_headers([H || {Name, _} = H <- Own,
                                    not has(Name, Headers)]),
     [[header_name(Name), ": ", value(Value), "\r\n"]
      || {Name, Value} <- Headers, is_list(Value) orelse is_integer(Value)
                                       orelse is_binary(Value)],
     extra(Mod), "\r\n"].

%% Modules may name headers by atoms, as content_type.
header_name(Name) when is_atom(Name) ->
    string:replace(atom_to_list(Name), "_", "-", all);
header_name(Name) -> Name.

value(Value) when is_integer(Value) -> integer_to_list(Value);
value(Value) -> Value.

has(Name, Headers) ->
    lists:any(fun({N, _}) ->
                  string:equal(lists:flatten([header_name(N)]), Name, true)
              end, Headers).

%% What the property `customize' asks for.
extra(#mod{config_db = #{customize := Module}}) ->
    http_text:format_headers(try Module:response_default_headers()
                             catch error:undef -> []
                             end);
extra(_) -> [].

%% An error with its page; the connection is only kept where all was read.
failed(Mod, Code, Keep) ->
    Closing = case Keep of
                  true -> Mod;
                  false -> Mod#mod{connection = false}
              end,
    send(Closing, Code, [{"content-type", "text/html"}], page(Mod, Code)).

page(#mod{request_uri = Uri}, Code) ->
    Phrase = http_text:phrase(Code),
    ["<HTML>\n<HEAD>\n<TITLE>", Phrase, "</TITLE>\n</HEAD>\n<BODY>\n<H1>",
     Phrase, "</H1>\n", about(Code, escaped(Uri)), "\n</BODY>\n</HTML>\n"].

about(404, Uri) ->
    ["The requested URL ", Uri, " was not found on this server."];
about(403, Uri) ->
    ["You don't have permission to access ", Uri, " on this server."];
about(501, _) -> "The server does not know this method.";
about(500, _) -> "The server has failed on this request.";
about(503, _) -> "The server has too much to do. Please try again later.";
about(_, Uri) -> ["The request for ", Uri, " was refused."].

escaped(Text) -> [escape(C) || C <- lists:flatten(Text)].

escape($<) -> "&lt;";
escape($>) -> "&gt;";
escape($&) -> "&amp;";
escape($") -> "&quot;";
escape(C) -> C.
