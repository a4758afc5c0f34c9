#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nodes over TLS: a connection that is carried by processes. Both are of this
# program, or one of an installed Erlang; small and large messages, links, a
# node that ends, one whose certificate is nobody's.
command -v openssl >/dev/null || {
    echo "no openssl command here"
    exit 77
}
name() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
        -keyout "$1.key" -out "$1.pem"
}
host=$(hostname -s)
{
    name authority
    name stranger
    openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$host" \
        -keyout node.key -out node.csr
    printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:%s\n' "$host" > ext
    openssl x509 -req -in node.csr -CA authority.pem -CAkey authority.key \
        -CAcreateserial -days 30 -extfile ext -out node.pem
} 2>/dev/null
side() { # ROLE CERTIFICATE MORE
    printf '{%s,[{certfile,"%s.pem"},{keyfile,"%s.key"},' "$1" "$2" "$2"
    printf '{cacertfile,"authority.pem"},{verify,verify_peer}%s]}' "$3"
}
options() { # CERTIFICATE
    echo "[$(side server "$1" ",{fail_if_no_peer_cert,true}"),"
    echo "$(side client "$1" "")]."
}
options node > options
options stranger > strange

cat > tlsnode.erl <<'END'
-module(tlsnode).
-export([main/1, echo/0, quit/1]).

main([Other]) ->
    Node = list_to_atom(Other),
    io:format("ping ~p~n", [wait(Node, 50)]),
    net_adm:ping(Node) =:= pong andalso talk(Node),
    halt().

wait(_, 0) -> pang;
wait(Node, N) ->
    case net_adm:ping(Node) of
        pong -> pong;
        pang -> timer:sleep(100), wait(Node, N - 1)
    end.

talk(Node) ->
    process_flag(trap_exit, true),
    P = spawn_link(Node, ?MODULE, echo, []),
    Terms = [small, binary:copy(<<"large">>, 1000000), lists:seq(1, 50000)],
    [P ! {self(), T} || T <- Terms],
    io:format("echo ~p~n", [[receive {P, X} -> X =:= T end || T <- Terms]]),
    P ! stop,
    receive {'EXIT', P, Why} -> io:format("link ~p~n", [Why]) end,
    monitor_node(Node, true),
    spawn(Node, ?MODULE, quit, [100]),
    receive {nodedown, Node} -> io:format("down ~p~n", [nodes()]) end.

echo() ->
    receive
        {From, X} -> From ! {self(), X}, echo();
        stop -> exit(stopped)
    end.

quit(Time) -> timer:sleep(Time), halt().
END
"$MERLEC" tlsnode.erl || exit 1
run() { # VM OTHER_VM OPTIONS
    id="$$x$4"
    "$2" -sname "tb$id" -setcookie tls -proto_dist inet_tls \
        -ssl_dist_optfile "$PWD/options" -noinput > other.out 2>&1 &
    pid=$!
    timeout 60 "$1" -sname "ta$id" -setcookie tls -proto_dist inet_tls \
        -kernel logger_level none -ssl_dist_optfile "$PWD/$3" -noinput \
        -run tlsnode main "tb$id@$host" > out 2>&1
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}
cat > expected <<'END'
ping pong
echo [true,true,true]
link stopped
down []
END
check() {
    run "$1" "$2" options "$3"
    cmp -s out expected || {
        echo "$1 to $2:"
        diff out expected
        exit 1
    }
}
check "$MERLE" "$MERLE" a
if command -v erl >/dev/null; then
    check erl "$MERLE" b
    check "$MERLE" erl c
fi
sed -i 's/wait(Node, 50)/wait(Node, 10)/' tlsnode.erl
"$MERLEC" tlsnode.erl || exit 1
run "$MERLE" "$MERLE" strange d
[ "$(cat out)" = "ping pang" ] || {
    echo "a stranger:"
    cat out
    exit 1
}
