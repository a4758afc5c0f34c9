#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What was sent to another node gets there, though its sender halts before that
# node reads it.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'kill -CONT $reader 2> /dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
name=halt_nodes_$$
"$merle" -noshell -sname $name -setcookie halt -eval '
    register(reader, self()),
    ok = file:write_file("name.new", atom_to_list(node())),
    ok = file:rename("name.new", "name"),
    Count = fun Count(N) ->
                receive
                    {from, P} -> monitor(process, P), Count(N);
                    {data, _} -> Count(N + 1);
                    {_, _, _, _, Why} -> io:format("~p ~p~n", [N, Why])
                end
            end,
    Count(0),
    halt().' < /dev/null > counted 2>&1 &
reader=$!
for i in $(seq 1000); do [ -e name ] && break; sleep 0.02; done
"$merle" +zdbbl 1000000 -noshell -sname other_$name -setcookie halt -eval "
    To = {reader, '$(cat name)'},
    To ! {from, self()},
    rpc:call(element(2, To), erlang, node, []),
    [] = os:cmd(\"kill -STOP $reader\"),
    Data = binary:copy(<<\"x\">>, 10000),
    [To ! {data, Data} || _ <- lists:seq(1, 3000)],
    file:write_file(\"sent\", []),
    halt()." < /dev/null &
sender=$!
for i in $(seq 1000); do [ -e sent ] && break; sleep 0.02; done
sleep 0.5
kill -CONT $reader
wait $sender $reader
cat counted
[ "$(cat counted)" = "3000 noconnection" ]
