%% SPDX-License-Identifier: Apache-2.0
%% What httpc sends, what it makes of the answer, and what it keeps: cookies,
%% connections.
%% expect: GET /a%20b/c?x=1&y=2 HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: GET /a%20b/c?x=1&y=2 HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|accept: y|connection: keep-alive|x-one: 1|x-two: 2||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],<<"ok">>}}
%% expect: HEAD /a%20b/c?x=1&y=2 HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{207,[]}}
%% expect: POST /a%20b/c?x=1&y=2 HTTP/1.0|content-type: text/plain|content-length: 5|connection: close||hello
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: PUT /a%20b/c?x=1&y=2 HTTP/1.1|content-type: text/plain|content-length: 0|te: trailers|host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: POST /a%20b/c?x=1&y=2 HTTP/1.1|content-type: text/plain|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||abcabcabc
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: POST /a%20b/c?x=1&y=2 HTTP/1.1|content-type: text/plain|te: |host: 127.0.0.1:PORT|transfer-encoding: chunked|connection: keep-alive||3|abc|3|abc|3|abc|0||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: GET /a%20b/c?x=1&y=2 HTTP/1.1|B: 2|A: 1||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: DELETE /a%20b/c?x=1&y=2 HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: OPTIONS / HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|authorization: Basic dTpw|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: {error,invalid_method}
%% expect: {error,invalid_request}
%% expect: {error,invalid_request}
%% expect: {error,invalid_request}
%% expect: {error,{bad_body_generator,{none,1}}}
%% expect: {error,{bad_scheme,"ftp"}}
%% expect: {error,{no_scheme}}
%% expect: {error,{headers_error,invalid_field}}
%% expect: {error,{headers_error,invalid_value}}
%% expect: {error,streaming_error}
%% expect: {error,{failed_connect,[{to_address,{"127.0.0.1",1}},{inet,[inet],econnrefused}]}}
%% expect: {error,{bad_option,cookies,maybe}}
%% expect: {error,{not_an_option,{nothing,1}}}
%% expect: {ok,[{cookies,disabled},{max_sessions,2}]}
%% expect: {error,{invalid_options,[nothing]}}
%% expect: POST /a HTTP/1.1|content-type: t/p|content-length: 4|te: |host: 127.0.0.1:PORT|connection: keep-alive||body
%% expect: GET /b/c HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: GET /b/d?e=f HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: GET /x HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{207,"there"}}
%% expect: POST /a HTTP/1.1|content-type: t/p|content-length: 4|te: |host: 127.0.0.1:PORT|connection: keep-alive||body
%% expect: POST /b HTTP/1.1|content-type: t/p|content-length: 4|te: |host: 127.0.0.1:PORT|connection: keep-alive||body
%% expect: {ok,{207,"there"}}
%% expect: GET /a HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{302,[]}}
%% expect: GET /dir/x HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",200,"OK"},[{"connection","close"},{"content-length","0"},{"set-cookie","a=1; path=/"},{"set-cookie","b=2; path=/sub; secure"},{"set-cookie","nothing"},{"set-cookie","c=3; domain=.elsewhere.org"},{"set-cookie","d=4"}],[]}}
%% expect: GET /dir/x/y HTTP/1.1|content-length: 0|te: |host: 127.0.0.1:PORT|connection: keep-alive|cookie: $Version=0; d=4; a=1; $Path=/||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: {"cookie","$Version=0; a=1; $Path=/"}
%% expect: [{session_cookies,[{http_cookie,"127.0.0.1",true,"a","1",undefined,session,"/",false,false,"0"},{http_cookie,"127.0.0.1",true,"d","4",undefined,session,"/dir/x",true,false,"0"}]}]
%% expect: ok
%% expect: [{session_cookies,[]}]
%% expect: {"cookie","$Version=0; z=9; $Path=/"}
%% expect: {ok,{{"HTTP/1.1",200,"OK"},[{"trailer","t"},{"content-length","5"}],"abcde"}}
%% expect: {ok,{{"HTTP/1.1",200,"OK"},[{"trailer","t"},{"content-length","5"}],"abcde"}}
%% expect: {error,timeout}
%% expect: GET http://example.com:81/x?y HTTP/1.1|content-length: 0|te: |proxy-authorization: Basic YTpi|host: example.com:81|connection: keep-alive||
%% expect: {ok,{{"HTTP/1.1",207,"Strange thing"},[{"connection","close"},{"server","me"},{"content-length","2"},{"x-b","1"},{"x-a","2"},{"x-a","3"}],"ok"}}
%% expect: CONNECT example.com:443 HTTP/1.1|content-length: 0|te: |host: example.com|pragma: no-cache|connection: keep-alive|Proxy-Connection:  Keep-Alive||
%% expect: {error,{could_not_establish_ssl_tunnel,{"HTTP/1.1",207,"Strange thing"}}}
-module(httpc_requests_test).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false},
                                        {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    Base = "http://127.0.0.1:" ++ integer_to_list(Port),
    Url = Base ++ "/a%20b/c?x=1&y=2#end",
    Three = fun(0) -> eof; (N) -> {ok, "abc", N - 1} end,
    [exchange(Listener, [answer("ok")],
              fun() -> httpc:request(Method, Request, Http, Options) end)
     || {Method, Request, Http, Options} <-
            [{get, {Url, []}, [], []},
             {get, {Url, [{"X-One", "1"}, {"Accept", "x"}, {"x-two", <<"2">>},
                          {"Accept", "y"}]}, [], [{body_format, binary}]},
             {head, {Url, []}, [], [{full_result, false}]},
             {post, {Url, [], "text/plain", <<"hello">>},
              [{version, "HTTP/1.0"}], []},
             {put, {Url, [{"te", "trailers"}], "text/plain", []}, [], []},
             {post, {Url, [], "text/plain", {Three, 3}}, [], []},
             {post, {Url, [], "text/plain", {chunkify, Three, 3}}, [], []},
             {get, {Url, [{"A", "1"}, {"B", "2"}]}, [],
              [{headers_as_is, true}]},
             {delete, {Url, []}, [], []},
             {options, {"http://u:p@" ++ lists:nthtail(7, Base), []}, [], []}]],
    mistakes(Url),
    redirects(Listener, Base),
    cookies(Listener, Base),
    kept(Listener, Base),
    proxies(Listener, Port).

answer(Body) ->
    ["HTTP/1.1 207 Strange thing\r\nContent-Length: ",
     integer_to_list(length(Body)), "\r\nX-B: 1\r\nServer: me\r\nX-A: 2\r\n"
     "x-a: 3\r\nConnection: close\r\n\r\n", Body].

%% Shows each request of Fun, which gets Answers.
exchange(Listener, Answers, Fun) ->
    Me = self(),
    spawn_link(fun() -> Me ! {result, Fun()} end),
    serve(Listener, Answers),
    show(receive {result, Result} -> Result after 5000 -> none end).

serve(_, []) -> ok;
serve(Listener, [Answer | Answers]) ->
    {ok, Socket} = gen_tcp:accept(Listener, 2000),
    print(request(Socket)),
    gen_tcp:send(Socket, Answer),
    gen_tcp:close(Socket),
    serve(Listener, Answers).

request(Socket) ->
    case gen_tcp:recv(Socket, 0, 150) of
        {ok, Bytes} -> [Bytes | request(Socket)];
        {error, _} -> []
    end.

mistakes(Url) ->
    [show(catch httpc:request(Method, Request, [], Options))
     || {Method, Request, Options} <-
            [{past, {Url, []}, []}, {get, {Url, [], "t", "b"}, []},
             {post, {Url, []}, []}, {post, {Url, [], <<"t">>, "b"}, []},
             {post, {Url, [], "t", {none, 1}}, []},
             {get, {"ftp://x/", []}, []}, {get, {"x/y", []}, []},
             {get, {Url, [{a, "b"}]}, []}, {get, {Url, [{"a", b}]}, []},
             {get, {Url, []}, [{stream, self}]},
             {get, {"http://127.0.0.1:1/", []}, []}]],
    show(catch httpc:set_options([{cookies, maybe}])),
    show(catch httpc:set_options([{nothing, 1}])),
    show(httpc:get_options([cookies, max_sessions])),
    show(httpc:get_options([nothing])).

redirects(Listener, Base) ->
    To = fun(Code, Where) ->
                 ["HTTP/1.1 ", Code, " x\r\nLocation: ", Where,
                  "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]
         end,
    exchange(Listener, [To("301", "/b/c"), To("302", "d?e=f"),
                        To("303", Base ++ "/x"), answer("there")],
             fun() -> httpc:request(post, {Base ++ "/a", [], "t/p", "body"},
                                    [], [{full_result, false}]) end),
    exchange(Listener, [To("307", "/b"), answer("there")],
             fun() -> httpc:request(post, {Base ++ "/a", [], "t/p", "body"},
                                    [], [{full_result, false}]) end),
    exchange(Listener, [To("302", "/b")],
             fun() -> httpc:request(get, {Base ++ "/a", []},
                                    [{autoredirect, false}],
                                    [{full_result, false}]) end).

cookies(Listener, Base) ->
    ok = httpc:set_options([{cookies, enabled}]),
    Set = ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1; path=/\r\n"
           "Set-Cookie: b=2; path=/sub; secure\r\nset-cookie: nothing\r\n"
           "Set-Cookie: c=3; domain=.elsewhere.org\r\nSet-Cookie: d=4\r\n"
           "Connection: close\r\n\r\n"],
    exchange(Listener, [Set], fun() -> httpc:request(Base ++ "/dir/x") end),
    exchange(Listener, [answer("ok")],
             fun() -> httpc:request(Base ++ "/dir/x/y") end),
    show(httpc:cookie_header(Base ++ "/")),
    show([{session_cookies, lists:sort(C)}
          || {session_cookies, C} <- httpc:which_cookies()]),
    show(httpc:reset_cookies()),
    show(httpc:which_cookies()),
    ok = httpc:store_cookies([{"set-cookie", "z=9; path=/"}], Base ++ "/"),
    show(httpc:cookie_header(Base ++ "/")),
    ok = httpc:set_options([{cookies, disabled}]).

%% Two requests on one connection.
kept(Listener, Base) ->
    Me = self(),
    spawn_link(fun() ->
                       {ok, Socket} = gen_tcp:accept(Listener, 2000),
                       [begin
                            {ok, _} = gen_tcp:recv(Socket, 0, 2000),
                            gen_tcp:send(Socket, "HTTP/1.1 200 OK\r\n"
                                         "Transfer-Encoding: chunked\r\n\r\n"
                                         "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n"
                                         "Trailer: t\r\n\r\n")
                        end || _ <- [1, 2]],
                       Me ! {socket, gen_tcp:recv(Socket, 0, 100)}
               end),
    show(httpc:request(Base ++ "/1")),
    timer:sleep(20),
    show(httpc:request(Base ++ "/2")),
    receive {socket, Left} -> show(Left) end.

proxies(Listener, Port) ->
    ok = httpc:set_options([{proxy, {{"127.0.0.1", Port}, ["here"]}}]),
    exchange(Listener, [answer("ok")],
             fun() -> httpc:request(get, {"http://example.com:81/x?y", []},
                                    [{proxy_auth, {"a", "b"}}], []) end),
    exchange(Listener, [answer("ok")],
             fun() -> httpc:request("https://example.com/x?y") end).

print(Data) ->
    Text = re:replace(iolist_to_binary(Data), "(:)[0-9]{4,5}", "\\1PORT",
                      [global, {return, list}]),
    io:put_chars([[case C of $\n -> $|; _ -> C end || C <- Text, C =/= $\r],
                  "\n"]).

show(Term) -> print(io_lib:format("~0p", [Term])).
