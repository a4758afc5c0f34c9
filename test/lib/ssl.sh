#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# TLS: both sides in one program, versions 1.3 and 1.2, certificates that will
# do and that will not; openssl's client and server as peers; https. Where OTP
# is installed, its answers are the same, and so are those of its own
# application ssl, run here from its .beam files.
command -v openssl >/dev/null || {
    echo "no openssl command here"
    exit 77
}
fail() {
    echo "$1"
    exit 1
}

# ---- certificates: an authority, what it signs, and one that nobody does ----
authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" -keyout "$1.key" -out "$1.pem"
}
signed() { # NAME HOST
    openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$2" \
        -keyout "$1.key" -out "$1.csr"
    printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:%s\n' "$2" > ext
    openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key \
        -CAcreateserial -days 30 -extfile ext -out "$1.pem"
}
{
    authority authority
    authority localhost
    signed server localhost
    signed client client.example
    signed other other.example
} 2>/dev/null

cat > tls.erl <<'END'
-module(tls).
-export([main/0]).

main() ->
    ok = ssl:start(),
    [all(V) || V <- ['tlsv1.3', 'tlsv1.2']],
    halt(0).

all(V) ->
    show({version, V}),
    Peer = [{verify, verify_peer}, {cacertfile, "authority.pem"}],
    Both = [{fail_if_no_peer_cert, true} | Peer],
    [show({What, try_both([{versions, [V]} | S], [{versions, [V]} | C])})
     || {What, S, C} <-
            [{none, own("server"), [{verify, verify_none}]},
             {peer, own("server"), Peer},
             {unknown, own("server"),
              [{verify, verify_peer}, {cacertfile, "localhost.pem"}]},
             {no_issuer, own("server"),
              [{verify, verify_peer}, {cacertfile, "server.pem"}]},
             {by_itself, own("localhost"), Peer},
             {host, own("other"), Peer},
             {host_told, own("other"),
              [{server_name_indication, "other.example"} | Peer]},
             {client, own("server") ++ Both, own("client") ++ Peer},
             {no_client, own("server") ++ Both, Peer},
             {bad_client, own("server") ++ Both, own("localhost") ++ Peer},
             {protocol, own("server")
              ++ [{alpn_preferred_protocols, [<<"b">>, <<"a">>]}],
              [{verify, verify_none},
               {alpn_advertised_protocols, [<<"a">>, <<"b">>]}]},
             {no_protocol, own("server")
              ++ [{alpn_preferred_protocols, [<<"b">>]}],
              [{verify, verify_none}, {alpn_advertised_protocols, [<<"a">>]}]},
             {refused, own("server"),
              [{verify_fun, {fun(_, valid_peer, _) -> {fail, no};
                                (_, _, U) -> {valid, U}
                             end, []}} | Peer]}]],
    [show({packets, P, packets(V, P, Sent)})
     || {P, Sent} <- [{0, ["ab", "c"]}, {1, ["a", "bc", ""]}, {2, ["abc"]},
                      {4, [lists:duplicate(100000, $x), "y"]},
                      {line, ["a\nb", "c\n"]},
                      {http, ["GET / HTTP/1.1\r\nHost: x\r\n\r\n"]}]],
    show({continued, [continued(V, CA) || CA <- ["authority", "localhost"]]}),
    show({active, active(V)}).

own(Name) -> [{certfile, Name ++ ".pem"}, {keyfile, Name ++ ".key"}].

%% What client and server say; the client's is what recv says at last.
try_both(ServerOptions, ClientOptions) ->
    Quiet = [{log_level, none}, {active, false}],
    {Listening, Port} = listen(Quiet ++ ServerOptions),
    Me = self(),
    Server = spawn_link(fun() ->
        Result = case accept(Listening) of
            {ok, S} -> {ok, ssl:recv(S, 0, 5000), ssl:send(S, "world"),
                        protocol(S)};
            Error -> Error
        end,
        Me ! {self(), Result},
        receive done -> ok end
    end),
    Client = case ssl:connect("localhost", Port, Quiet ++ ClientOptions, 5000) of
        {ok, S} ->
            ssl:send(S, "hello"),
            case ssl:recv(S, 0, 5000) of
                {ok, D} -> {ok, D, protocol(S)};
                {error, _} -> gone % TLS 1.3 refuses clients as late as this
            end;
        Error -> Error
    end,
    Answer = receive {Server, R} -> R end,
    Server ! done,
    ssl:close(Listening),
    {Client, Answer}.

protocol(S) ->
    case ssl:negotiated_protocol(S) of
        {ok, P} -> P;
        _ -> none
    end.

listen(Options) ->
    {ok, L} = ssl:listen(0, [{reuseaddr, true} | Options]),
    {ok, {_, Port}} = ssl:sockname(L),
    {L, Port}.

accept(L) ->
    {ok, S} = ssl:transport_accept(L, 5000),
    ssl:handshake(S, 5000).

pair(V, Options) ->
    {L, Port} = listen([{versions, [V]}, binary | own("server")] ++ Options),
    Me = self(),
    spawn_link(fun() ->
        {ok, S} = accept(L),
        ok = ssl:controlling_process(S, Me),
        Me ! {accepted, S}
    end),
    {ok, C} = ssl:connect("localhost", Port,
        [{versions, [V]}, {verify, verify_none}] ++ Options),
    {C, receive {accepted, S} -> S end}.

packets(V, P, Sent) ->
    {C, S} = pair(V, [{packet, P}, {active, false}]),
    [ok = ssl:send(C, D) || D <- Sent],
    ok = ssl:close(C),
    received(S, P).

%% All of it in one piece, where there is nothing between pieces.
received(S, 0) -> {ssl:recv(S, 3, 5000), ssl:recv(S, 0, 5000)};
received(S, P) ->
    case ssl:recv(S, 0, 5000) of
        {ok, B} when is_binary(B), byte_size(B) > 1000 ->
            [byte_size(B) | received(S, P)];
        {ok, Packet} -> [Packet | received(S, P)];
        Error -> [Error]
    end.

%% A client that learns in the middle whom to trust.
continued(V, CA) ->
    Options = [{versions, [V]}, {log_level, none}, {active, false}],
    {L, Port} = listen(Options ++ own("server")),
    spawn_link(fun() -> accept(L) end),
    {ok, C, _} = ssl:connect("localhost", Port,
        [{handshake, hello}, {verify, verify_none} | Options]),
    case ssl:handshake_continue(C, [{verify, verify_peer},
                                    {cacertfile, CA ++ ".pem"}], 5000) of
        {ok, S} -> ssl:close(S);
        {error, {tls_alert, {Name, _}}} -> Name
    end.

active(V) ->
    {C, S} = pair(V, [{packet, 2}, {active, once}, {mode, list}]),
    [ok = ssl:send(C, D) || D <- ["one", "two", "three", "four", "five"]],
    One = told(S),
    None = receive {ssl, S, _} -> more after 50 -> none end,
    ok = ssl:setopts(S, [{active, 2}]),
    Three = [told(S), told(S), told(S)],
    ok = ssl:setopts(S, [{active, true}]),
    Rest = [told(S), told(S)],
    ok = ssl:close(C),
    [One, None, Three, Rest, told(S), ssl:recv(S, 0), ssl:close(S)].

told(S) ->
    receive
        {ssl, S, D} -> D;
        {Tag, S} -> Tag;
        {ssl_error, S, R} -> {error, R}
    after 5000 -> nothing
    end.

show(Term) -> io:format("~0p~n", [Term]).
END
"$MERLEC" tls.erl || fail "does not compile"
timeout 60 "$MERLE" -noshell -pa . -run tls main > merle.out 2>&1 \
    || fail "status $?: $(tail -20 merle.out)"
for text in \
    '{none,{{ok,"world",none},{ok,{ok,"hello"},ok,none}}}' \
    '{peer,{{ok,"world",none},{ok,{ok,"hello"},ok,none}}}' \
    '{packets,4,[100000,<<"y">>,{error,closed}]}'; do
    [ "$(grep -cF "$text" merle.out)" = 2 ] || fail "no $text:
$(cat merle.out)"
done

# ---- others as peers ----
cat > peers.erl <<'END'
-module(peers).
-export([main/0]).

main() ->
    ok = ssl:start(),
    {ok, _} = application:ensure_all_started(inets),
    [show({client_of, V, client_of(V)}) || V <- ["-tls1_3", "-tls1_2"]],
    [show({server_for, V, server_for(V)}) || V <- ["-tls1_3", "-tls1_2"]],
    https(),
    halt(0).

%% A server here and openssl's client, whose certificate is asked for.
client_of(Version) ->
    {ok, L} = ssl:listen(0, [{certfile, "server.pem"}, {keyfile, "server.key"},
        {cacertfile, "authority.pem"}, {verify, verify_peer}, {active, false},
        {fail_if_no_peer_cert, true}, {packet, line}, {log_level, none}]),
    {ok, {_, Port}} = ssl:sockname(L),
    Me = self(),
    spawn_link(fun() -> served(L, Me), served(L, Me) end),
    [begin
        os:cmd("(echo hello; sleep 1) | openssl s_client " ++ Version
               ++ " -connect localhost:" ++ integer_to_list(Port)
               ++ " -cert " ++ Name ++ ".pem -key " ++ Name ++ ".key"),
        receive {served, Answer} -> Answer end
     end || Name <- ["client", "localhost"]].

served(L, To) ->
    {ok, T} = ssl:transport_accept(L),
    To ! {served, case ssl:handshake(T, 5000) of
                      {ok, S} -> ssl:recv(S, 0, 5000);
                      {error, {tls_alert, {Name, _}}} -> Name
                  end}.

%% A client here and openssl's server, which sends lines back reversed.
server_for(Version) ->
    {ok, L} = gen_tcp:listen(0, [{reuseaddr, true}]),
    {ok, Port} = inet:port(L),
    gen_tcp:close(L),
    Server = open_port({spawn, "openssl s_server -accept "
        ++ integer_to_list(Port) ++ " -cert server.pem -key server.key -rev "
        ++ Version}, [stderr_to_stdout, binary]),
    receive {Server, {data, _}} -> ok end, % it listens
    {ok, S} = connect(Port, 50),
    ok = ssl:send(S, "hello\n"),
    Got = {ssl:recv(S, 0, 5000), ssl:connection_information(S, [protocol])},
    {os_pid, Pid} = erlang:port_info(Server, os_pid),
    os:cmd("kill " ++ integer_to_list(Pid)),
    {Got, ssl:recv(S, 0, 5000)}.

connect(Port, Tries) ->
    case ssl:connect("localhost", Port, [{verify, verify_peer}, {active, false},
             {cacertfile, "authority.pem"}, {packet, line}], 5000) of
        {error, econnrefused} when Tries > 0 ->
            timer:sleep(100),
            connect(Port, Tries - 1);
        Answer -> Answer
    end.

https() ->
    ok = file:write_file("page.txt", lists:duplicate(50000, $p)),
    {ok, Server} = inets:start(httpd, [{port, 0}, {server_name, "localhost"},
        {server_root, "."}, {document_root, "."}, {bind_address, {127, 0, 0, 1}},
        {socket_type, {ssl, [{certfile, "server.pem"},
                             {keyfile, "server.key"},
                             {log_level, none}]}}]),
    [{port, Port}] = httpd:info(Server, [port]),
    Url = "https://localhost:" ++ integer_to_list(Port) ++ "/page.txt",
    [show({https, case httpc:request(get, {Url, []}, [{ssl, Options}], []) of
                      {ok, {{_, Code, _}, _, Body}} -> {Code, length(Body)};
                      {error, {failed_connect, [_, {inet, _, {_, {Why, _}}}]}} ->
                          Why
                  end})
     || Options <- [[{verify, verify_peer}, {cacertfile, "authority.pem"}],
                    [{verify, verify_peer}, {cacertfile, "client.pem"},
                     {log_level, none}]]].

show(Term) -> io:format("~0p~n", [Term]).
END
"$MERLEC" peers.erl || fail "does not compile"
timeout 60 "$MERLE" -noshell -pa . -run peers main > peers.out 2>&1 \
    || fail "status $?: $(tail -20 peers.out)"
cat > expected <<'END'
{client_of,"-tls1_3",[{ok,"hello\n"},bad_certificate]}
{client_of,"-tls1_2",[{ok,"hello\n"},bad_certificate]}
{server_for,"-tls1_3",{{{ok,"olleh\n"},{ok,[{protocol,'tlsv1.3'}]}},{error,closed}}}
{server_for,"-tls1_2",{{{ok,"olleh\n"},{ok,[{protocol,'tlsv1.2'}]}},{error,closed}}}
{https,{200,50000}}
{https,unknown_ca}
END
diff expected peers.out || fail "not as expected (<)"

command -v erl >/dev/null || exit 0
timeout 60 erl -noshell -pa . -run tls main > otp.out 2>&1
diff otp.out merle.out || fail "not as OTP (<)"
for ebin in /usr/lib/erlang/lib/ssl-*/ebin; do
    [ -f "$ebin/ssl.app" ] || continue
    timeout 60 "$MERLE" -noshell -pa "$ebin" -pa . -run tls main > own.out 2>&1
    diff otp.out own.out || fail "OTP's ssl is not as there (<)"
done
