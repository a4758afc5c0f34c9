%% SPDX-License-Identifier: Apache-2.0
%% httpd and httpc with one another: files, answers of functions, errors,
%% redirects, streams.
%% expect: {"HTTP/1.1",200,"text/html","<p>hello"}
%% expect: {"HTTP/1.1",404,"text/html",other}
%% expect: {"HTTP/1.1",200,"text/plain","x=1 GET"}
%% expect: {"HTTP/1.1",404,"text/html",other}
%% expect: {"HTTP/1.1",403,"text/html",other}
%% expect: {"HTTP/1.1",200,"text/plain","1234567891011121314151617181920"}
%% expect: {"HTTP/1.1",200,"text/html","<p>hello"}
%% expect: {"HTTP/1.1",200,"text/plain",<<"body POST">>}
%% expect: "100000"
%% expect: 100000
%% expect: 100000
%% expect: <<"<p>hello">>
%% expect: 302
%% expect: {error,{no_scheme}}
%% expect: ok
%% expect: done
-module(http_test).
-export([main/0, hello/3, parts/3, moved/3]).

main() ->
    {ok, _} = application:ensure_all_started(inets),
    ok = file:make_dir("docs"),
    ok = file:write_file("docs/a.html", "<p>hello"),
    ok = file:write_file("docs/b.txt", lists:duplicate(100000, $b)),
    {ok, Server} = inets:start(httpd,
        [{port, 0}, {bind_address, {127, 0, 0, 1}}, {server_name, "here"},
         {server_root, "."}, {document_root, "docs"},
         {modules, [mod_alias, mod_esi, mod_get, mod_head]},
         {erl_script_alias, {"/run", [?MODULE]}}]),
    [{port, Port}] = httpd:info(Server, [port]),
    U = fun(Path) -> "http://127.0.0.1:" ++ integer_to_list(Port) ++ Path end,
    Get = fun(Path) -> result(httpc:request(U(Path))) end,
    [show(Get(P)) || P <- ["/a.html", "/missing", "/run/http_test:hello?x=1",
                           "/run/http_test:nothing", "/run/lists:reverse",
                           "/run/http_test:parts", "/run/http_test:moved"]],
    show(result(httpc:request(post, {U("/run/http_test:hello"), [], "text/plain",
                                     "body"}, [], [{body_format, binary}]))),
    {ok, {_, Headers, []}} = httpc:request(head, {U("/b.txt"), []}, [], []),
    show(proplists:get_value("content-length", Headers)),
    {ok, {200, Body}} = httpc:request(get, {U("/b.txt"), []}, [],
                                      [{full_result, false}]),
    show(length(Body)),
    {ok, saved_to_file} = httpc:request(get, {U("/b.txt"), []}, [],
                                        [{stream, "copy"}]),
    show(filelib:file_size("copy")),
    {ok, Ref} = httpc:request(get, {U("/a.html"), []}, [],
                              [{sync, false}, {stream, self}]),
    receive {http, {Ref, stream_start, _}} -> ok end,
    receive {http, {Ref, stream, Part}} -> show(Part) end,
    receive {http, {Ref, stream_end, _}} -> ok end,
    {ok, {{_, C, _}, _, _}} = httpc:request(get, {U("/run/http_test:moved"), []},
                                            [{autoredirect, false}], []),
    show(C),
    show(httpc:request(get, {"nothing", []}, [], [])),
    show(inets:stop(httpd, Server)),
    {error, _} = httpc:request(U("/")),
    show(done).

result({ok, {{Version, Code, _}, Headers, Body}}) ->
    {Version, Code, proplists:get_value("content-type", Headers),
     case Code of 200 -> Body; _ -> other end}.

hello(Session, Environment, Input) ->
    mod_esi:deliver(Session, ["Content-Type: text/plain\r\n\r\n", Input, " ",
                              proplists:get_value(request_method, Environment)]).

parts(Session, _, _) ->
    mod_esi:deliver(Session, "Content-Type: text/plain\r\n\r\n"),
    [mod_esi:deliver(Session, integer_to_list(N)) || N <- lists:seq(1, 20)].

moved(Session, _, _) ->
    mod_esi:deliver(Session, "Status: 302 Found\r\nLocation: /a.html\r\n\r\n").

show(Term) -> io:format("~p~n", [Term]).
