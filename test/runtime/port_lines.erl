%% SPDX-License-Identifier: Apache-2.0
%% Lines of a port: CR LF ends them as LF does, and counts for no length.
%% expect: {eol,"a"}
%% expect: {eol,"b\rc"}
%% expect: {eol,[]}
%% expect: {eol,"\r"}
%% expect: {eol,"xx"}
%% expect: {eol,"abcdef"}
%% expect: {eol,"ghijk"}
%% expect: {noeol,"abcd"}
%% expect: {eol,"an_atom"}
-module(port_lines).
-export([main/0]).

main() ->
    %% a pause between the two bytes of an end
    lines("printf 'a\\r\\nb\\rc\\n\\r\\n\\r\\r\\nxx\\r'; sleep 0.2;"
          "printf '\\nabcdef\\r\\nghijk\\r\\nabcd'", [], 6),
    lines("echo $0", [an_atom], 80).

lines(Script, More, Most) ->
    Port = open_port({spawn_executable, "/bin/sh"},
                     [{args, ["-c", Script | More]}, {line, Most}, eof]),
    show(Port).

show(Port) ->
    receive
        {Port, eof} -> ok;
        {Port, {data, Line}} ->
            io:format("~p~n", [Line]),
            show(Port)
    end.
