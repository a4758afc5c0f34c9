%% SPDX-License-Identifier: Apache-2.0
%% What httpd answers to requests of all kinds, but for dates and what
%% stands for a file's state.
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Content-Type: text/html|Etag|Content-Length: 6|Last-Modified|Connection:close||hello|closed
%% expect: HEAD /a.html HTTP/1.1: HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 6|Connection:close||closed
%% expect: GET /a.html HTTP/1.0: HTTP/1.0 200 OK|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 6|Last-Modified||hello|closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 400 Bad Request|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 201||..Bad Request</H1>|Your browser sent a query that this server could not understand. |</BODY>|      </HTML>|closed
%% expect: GET http://x/a.html HTTP/1.1: HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Content-Type: text/html|Etag|Content-Length: 6|Last-Modified|Connection:close||hello|closed
%% expect: GET /no'thing HTTP/1.1: HTTP/1.1 404 Object Not Found|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 211|Connection:close||..Object Not Found</H1>|The requested URL &#47;no&#39;thing was not found on this server.|</BODY>|      </HTML>|closed
%% expect: GET /no<thing> HTTP/1.1: HTTP/1.1 400 Bad Request|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 223||..Bad Request</H1>|Your browser sent a query that this server could not understand. &#47;no&#60;thing&#62;|</BODY>|      </HTML>|closed
%% expect: GET /../../etc/passwd HTTP/1.1: HTTP/1.1 404 Object Not Found|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 213|Connection:close||..Object Not Found</H1>|The requested URL &#47;etc&#47;passwd was not found on this server.|</BODY>|      </HTML>|closed
%% expect: GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1: HTTP/1.1 404 Object Not Found|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 213|Connection:close||..Object Not Found</H1>|The requested URL &#47;etc&#47;passwd was not found on this server.|</BODY>|      </HTML>|closed
%% expect: POST /a.html HTTP/1.1: HTTP/1.1 501 Not Implemented|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 189|Connection:close||..Not Implemented</H1>|POST to &#47;a.html (HTTP/1.1) not supported.|</BODY>|      </HTML>|closed
%% expect: BREW /a.html HTTP/1.1: HTTP/1.1 501 Not Implemented|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 189||..Not Implemented</H1>|BREW to &#47;a.html (HTTP/1.1) not supported.|</BODY>|      </HTML>|closed
%% expect: GET /a.html HTTP/2.0: HTTP/1.1 400 Bad Request|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 213||..Bad Request</H1>|Your browser sent a query that this server could not understand. HTTP&#47;2.0|</BODY>|      </HTML>|closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 411 Length Required|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 173||..Length Required</H1>|content-length not an integer|</BODY>|      </HTML>|closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 411 Length Required|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 167||..Length Required</H1>|negative content-length|</BODY>|      </HTML>|closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 417 Expectation Failed|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 173||..Expectation Failed</H1>|Unexpected expect value|</BODY>|      </HTML>|closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 206 Partial Content|Date|Server: inets/8.2.2|Content-Type: text/html|Etag|Content-Range: bytes=1-3/6|Content-Length: 3|Last-Modified|Connection:close||ellclosed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 304 Not Modified|Date|Content-Type: text/html|Server: inets/8.2.2|Etag|Content-Length: 0|Mime_type: text/html|Last-Modified|Connection:close||closed
%% expect: GET /a.html HTTP/1.1: HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Content-Type: text/html|Etag|Content-Length: 6|Last-Modified||hello|HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Content-Type: text/plain|Etag|Content-Length: 5|Last-Modified|Connection:close||text|closed
%% expect: GET /esi/httpd_example:new_status_and_location HTTP/1.1: HTTP/1.1 201 Created|Date|Content-Type: text/html|Server: inets/8.2.2|Transfer-Encoding: chunked|Location: http://www.yahoo.com|Connection:close||0||closed
%% expect: GET /esi/httpd_example:post_204 HTTP/1.1: HTTP/1.1 204 No Content|Date|Content-Type: text/html|Server: inets/8.2.2|Connection: close|Connection:close||closed
%% expect: GET /esi/lists:reverse HTTP/1.1: HTTP/1.1 403 Forbidden|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 210|Connection:close||..Forbidden</H1>|You don't have permission to access &#47;esi&#47;lists:reverse on this server.|</BODY>|      </HTML>|closed
%% expect: GET /esi/httpd_example:nothing HTTP/1.1: HTTP/1.1 404 Object Not Found|Date|Server: inets/8.2.2|Content-Type: text/html|Content-Length: 228|Connection:close||..Object Not Found</H1>|The requested URL &#47;esi&#47;httpd_example:nothing was not found on this server.|</BODY>|      </HTML>|closed
%% expect: GET /esi/httpd_example:newformat HTTP/1.1: HTTP/1.1 200 OK|Date|Server: inets/8.2.2|Transfer-Encoding: chunked|Content-Type: text/html|Connection:close||40|<HTML>|<HEAD>|<TITLE>new esi format test</TITLE>|</HEAD>|<BODY>||1B|This new format is nice<BR>|1B|This new format is nice<BR>|1B|This new format is nice<BR>|10|</BODY>|</HTML>||0||closed
-module(httpd_answers_test).
-export([main/0]).

main() ->
    ok = file:make_dir("docs"),
    ok = file:make_dir("docs/sub"),
    ok = file:write_file("docs/a.html", "hello\n"),
    ok = file:write_file("docs/b.txt", "text\n"),
    {ok, _} = application:ensure_all_started(inets),
    {ok, Pid} = inets:start(httpd,
                            [{port, 0}, {server_name, "here"},
                             {server_root, "."}, {document_root, "docs"},
                             {erl_script_alias, {"/esi", [httpd_example]}},
                             {modules, [mod_alias, mod_esi, mod_responsecontrol,
                                        mod_range, mod_get, mod_head]}]),
    [{port, Port}] = httpd:info(Pid, [port]),
    [ask(Port, Request) || Request <- requests()],
    ok.

requests() ->
    Host = " HTTP/1.1\r\nhost: x\r\n",
    End = "connection: close\r\n\r\n",
    [["GET /a.html", Host, End], ["HEAD /a.html", Host, End],
     "GET /a.html HTTP/1.0\r\n\r\n", "GET /a.html HTTP/1.1\r\n\r\n",
     "GET http://x/a.html HTTP/1.1\r\nconnection: close\r\n\r\n",
     ["GET /no'thing", Host, End], ["GET /no<thing>", Host, End],
     ["GET /../../etc/passwd", Host, End],
     ["GET /%2e%2e/%2e%2e/etc/passwd", Host, End],
     ["POST /a.html", Host, "content-length: 3\r\n", End, "abc"],
     ["BREW /a.html", Host, "\r\n"], "GET /a.html HTTP/2.0\r\nhost: x\r\n\r\n",
     ["GET /a.html", Host, "content-length: aaaa\r\n\r\nBody"],
     ["GET /a.html", Host, "content-length: -1\r\n\r\n"],
     ["GET /a.html", Host, "expect: something\r\n\r\n"],
     ["GET /a.html", Host, "range: bytes=1-3\r\n", End],
     ["GET /a.html", Host,
      "if-modified-since: Sun, 06 Nov 2094 08:49:37 GMT\r\n", End],
     ["GET /a.html", Host, "\r\nGET /b.txt", Host, End],
     ["GET /esi/httpd_example:new_status_and_location", Host, End],
     ["GET /esi/httpd_example:post_204", Host, End],
     ["GET /esi/lists:reverse", Host, End],
     ["GET /esi/httpd_example:nothing", Host, End],
     ["GET /esi/httpd_example:newformat", Host, End]].

ask(Port, Request) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                   [binary, {active, false}]),
    ok = gen_tcp:send(Socket, Request),
    Answer = re:replace(iolist_to_binary(all(Socket)),
                        "(?i)(date|last-modified|etag): [^\r]*", "\\1",
                        [global, {return, list}]),
    [First | _] = string:split(iolist_to_binary(Request), "\r\n"),
    Text = [case C of $\n -> $|; _ -> C end || C <- Answer, C =/= $\r],
    Short = re:replace(Text, " *<H.*<H1>", "..", [{return, list}]),
    io:format("~s: ~s~n", [First, Short]).

all(Socket) ->
    case gen_tcp:recv(Socket, 0, 2000) of
        {ok, Bytes} -> [Bytes | all(Socket)];
        {error, Reason} -> atom_to_list(Reason)
    end.
