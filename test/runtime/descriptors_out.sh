#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without descriptors nothing is opened, which is told, and later it is again.
merle=${MERLE:-merle}
ulimit -n 64
"$merle" -noshell -eval '
    process_flag(trap_exit, true),
    Open = fun Open(Ports) ->
                   try open_port({spawn, "cat"}, []) of
                       Port -> Open([Port | Ports])
                   catch error:Why -> {Why, Ports}
                   end
           end,
    {Why, Ports} = Open([]),
    Ended = receive {_, _, _} = Message -> Message after 100 -> none end,
    [port_close(P) || P <- Ports],
    io:format("~p ~p~n", [Why, Ended]),
    {ok, L} = gen_tcp:listen(0, [{active, false}, {backlog, 100}]),
    {ok, Number} = inet:port(L),
    Connect = fun Connect(Sockets) ->
                      case gen_tcp:connect({127, 0, 0, 1}, Number, []) of
                          {ok, S} -> Connect([S | Sockets]);
                          {error, Error} -> {Error, Sockets}
                      end
              end,
    {Error, Sockets} = Connect([]),
    io:format("~p ~p~n", [Error, gen_tcp:accept(L)]),
    [gen_tcp:close(S) || S <- Sockets],
    io:format("~p~n", [element(1, gen_tcp:accept(L))]),
    halt().' </dev/null > "${TMPDIR:-/tmp}/descriptors_out.$$" 2>&1
status=$?
out=$(cat "${TMPDIR:-/tmp}/descriptors_out.$$")
rm "${TMPDIR:-/tmp}/descriptors_out.$$"
[ $status = 0 ] && [ "$out" = "emfile none
emfile {error,emfile}
ok" ] && exit 0
echo "$out"
exit 1
