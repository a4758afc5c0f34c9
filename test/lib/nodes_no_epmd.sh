#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nodes that no port mapper knows: both are told the port.
free() {
    "$MERLE" -noshell -eval '{ok, S} = gen_tcp:listen(0, []),
        {ok, P} = inet:port(S), io:format("~b", [P]), halt().'
}
port=$(free)
ERL_EPMD_PORT=$(free)
export ERL_EPMD_PORT
without="-start_epmd false -erl_epmd_port $port -setcookie $$"
"$MERLE" -noinput $without -sname "quiet$$" &
quiet=$!
"$MERLE" -noinput $without -sname "asks$$" -dist_listen false -eval "
    [_, Host] = string:split(atom_to_list(node()), \"@\"),
    Quiet = list_to_atom(\"quiet$$@\" ++ Host),
    Ping = fun F(0) -> pang;
               F(N) ->
                   case net_adm:ping(Quiet) of
                       pang -> timer:sleep(100), F(N - 1);
                       pong -> pong
                   end
           end,
    pong = Ping(100),
    rpc:call(Quiet, init, stop, []),
    halt()." || { echo "not found at port $port"; kill $quiet; exit 1; }
wait $quiet
# Whoever has not told the port cannot be found.
"$MERLE" -noinput -start_epmd false -sname "lost$$" -eval 'halt().' 2>&1 |
    grep -q 'register/listen error: econnrefused'
