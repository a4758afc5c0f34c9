#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# TLS: both sides in one program, versions 1.3 and 1.2, certificates that will
# do and that will not; where OTP is installed, its answers are the same.
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
    [One, None, Three, Rest, told(S), ssl:send(S, "x"),
     ssl:recv(S, 0), ssl:close(S)].

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
command -v erl >/dev/null || exit 0
timeout 60 erl -noshell -pa . -run tls main > otp.out 2>&1
diff otp.out merle.out || fail "not as OTP (<)"
