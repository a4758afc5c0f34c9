%% SPDX-License-Identifier: Apache-2.0
%% httpd_example: functions that answer requests, to try mod_esi with.
-module(httpd_example).

-export([print/3, get/3, get_bin/3, get_reply_headers/3, put/3, patch/3,
         post/3, post_204/3, post_chunked/3, peer/3, yahoo/3, test1/3,
         new_status_and_location/3, ignore_invalid_header/3, newformat/3,
         delay/3, chunk_timeout/3, get_chunks/3]).

%% ---- pages ----

print(Session, _, Input) ->
    mod_esi:deliver(Session, [type(), top("Print"), Input, "\n", bottom()]).

test1(Session, _, _) ->
    mod_esi:deliver(Session, [type(), top("Test1"), "<h1>Erlang Body</h1>"
                              "<h2>Stuff</h2>", bottom()]).

get(Session, _, []) ->
    mod_esi:deliver(Session, [type(), form("GET")]);
get(Session, Environment, Input) -> show(Session, Environment, Input).

get_bin(Session, _, _) ->
    Page = iolist_to_binary(form("GET")),
    mod_esi:deliver(Session, ["Content-Length:",
                              integer_to_list(byte_size(Page)), "\r\n", type(),
                              Page]).

%% Headers that came, in those of the answer.
get_reply_headers(Session, Environment, []) ->
    Others = proplists:get_value(http_other, Environment),
    Mine = ["Accept-Encoding: ", proplists:get_value(http_accept_encoding,
                                                     Environment),
            " \r\nNotExistingheader_1: ",
            proplists:get_value("notexistingheader_1", Others), " \r\n"],
    mod_esi:deliver(Session, [type(Mine), form("GET")]);
get_reply_headers(Session, Environment, Input) ->
    show(Session, Environment, Input).

put(Session, Environment, {Input, _}) -> show(Session, Environment, Input);
put(Session, Environment, Input) -> show(Session, Environment, Input).

patch(Session, Environment, Input) -> put(Session, Environment, Input).

post(Session, _, []) ->
    mod_esi:deliver(Session, [type(), form("POST")]);
post(Session, Environment, Input) -> show(Session, Environment, Input).

peer(Session, Environment, _) ->
    Cert = proplists:get_value(peer_cert, Environment),
    Has = atom_to_list(Cert =/= undefined),
    mod_esi:deliver(Session, [type(["Peer-Cert-Exist:", Has]),
                              top("Test peer_cert environment option"),
                              "<B>Peer cert:</B> ", io_lib:format("~p", [Cert]),
                              "\n", bottom()]).

%% ---- statuses ----

yahoo(Session, _, _) ->
    mod_esi:deliver(Session, "Location: http://www.yahoo.com\r\n\r\n").

new_status_and_location(Session, _, _) ->
    mod_esi:deliver(Session, "status:201 Created\r\n"
                    " Location: http://www.yahoo.com\r\n\r\n").

post_204(Session, _, _) ->
    mod_esi:deliver(Session, "Status: 204 No Content\r\n\r\n"),
    mod_esi:deliver(Session, []).

ignore_invalid_header(Session, Environment, _) ->
    Status = case proplists:get_value(content_length, Environment) of
                 undefined -> "204 No Content";
                 _ -> "500 Internal Server Error"
             end,
    mod_esi:deliver(Session, ["Status: ", Status, "\r\n\r\n"]).

%% ---- parts, of requests and answers ----

post_chunked(_, _, {first, _}) -> {continue, {state, 1}};
post_chunked(_, _, {continue, _, {state, N}}) -> {continue, {state, N + 1}};
post_chunked(Session, _, {last, _, {state, N}}) ->
    received(Session, ["Received", integer_to_list(N), "chunks"]);
post_chunked(Session, _, {last, _, undefined}) ->
    received(Session, "Received 1 chunk");
post_chunked(_, _, _) -> exit(body_not_chunked).

received(Session, Text) ->
    [mod_esi:deliver(Session, Part)
     || Part <- ["Content-Type:text/html\r\n\r\n", top("Received chunked body"),
                 Text, bottom()]],
    ok.

newformat(Session, _, _) ->
    [mod_esi:deliver(Session, Part)
     || Part <- ["Content-Type:text/html\r\n\r\n", top("new esi format test"),
                 "This new format is nice<BR>", "This new format is nice<BR>",
                 "This new format is nice<BR>", bottom()]],
    ok.

delay(Session, _, _) ->
    timer:sleep(10000),
    mod_esi:deliver(Session, [type(), top("delay"), "delay ok", bottom()]).

chunk_timeout(Session, _, _) ->
    mod_esi:deliver(Session, type()),
    mod_esi:deliver(Session, top("Test chunk encoding timeout")),
    timer:sleep(20000),
    mod_esi:deliver(Session, bottom()).

%% Parts at times that the query says in ms.
get_chunks(Session, _, Input) ->
    Times = uri_string:dissect_query(Input),
    Wait = fun(Key) ->
                   list_to_integer(proplists:get_value(Key, Times, "0"))
           end,
    timer:sleep(Wait("header_delay")),
    mod_esi:deliver(Session, "Content-Type: text/plain\r\n\r\n"),
    mod_esi:deliver(Session, "Chunk 0 ms\r\n"),
    Delay = Wait("chunk_delay"),
    timer:sleep(Delay),
    mod_esi:deliver(Session, io_lib:format("Chunk ~p ms\r\n", [Delay])),
    timer:sleep(Delay + Wait("bad_chunk_delay")),
    mod_esi:deliver(Session, "BAD Chunk\r\n").

%% ---- what pages are made of ----

show(Session, Environment, Input) ->
    Parsed = uri_string:dissect_query(Input),
    mod_esi:deliver(Session, [type(), top("Default Example"),
                              "<B>Environment:</B> ",
                              io_lib:format("~p", [Environment]),
                              "<BR>\n<B>Input:</B> ", Input,
                              "<BR>\n<B>Parsed Input:</B> ",
                              io_lib:format("~p", [Parsed]), "\n", bottom()]).

form(Method) ->
    [top(Method ++ " Example"),
     "<FORM ACTION=\"/cgi-bin/erl/httpd_example:", string:lowercase(Method),
     "\" METHOD=", Method, ">\n"
     "<B>Input:</B> <INPUT TYPE=\"text\" NAME=\"input1\">\n"
     "<INPUT TYPE=\"text\" NAME=\"input2\">\n"
     "<INPUT TYPE=\"submit\"><BR>\n</FORM>\n", bottom()].

type() -> "Content-type: text/html\r\n\r\n".
type(More) -> ["Content-type: text/html\r\n", More, "\r\n\r\n"].

top(Title) ->
    ["<HTML>\n<HEAD>\n<TITLE>", Title, "</TITLE>\n</HEAD>\n<BODY>\n"].

bottom() -> "</BODY>\n</HTML>\n".
