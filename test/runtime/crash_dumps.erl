%% SPDX-License-Identifier: Apache-2.0
%% A crash dump tells of all that there was when the node ended.
%% expect: ok
-module(crash_dumps).
-export([main/0]).

main() ->
    {ok, [[Program]]} = init:get_argument(progname),
    Dump = os:cmd("ERL_CRASH_DUMP=d1 " ++ Program ++ " -noshell -eval '"
                  "P = spawn(fun() -> register(it, self()), put(k, v), "
                  "receive go -> ok end end), timer:sleep(50), "
                  "P ! {some_atom, <<1,2>>, [1.5]}, ets:new(of_names, [named_table]), "
                  "erlang:send_after(100000, it, x), halt(\"the end\")' 2>&1"),
    match = re:run(Dump, "^the end\\s+Crash dump is being written to: d1...done",
                   [{capture, none}]),
    {ok, B} = file:read_file("d1"),
    Lines = binary:split(B, <<"\n">>, [global]),
    true = lists:member(<<"Slogan: the end">>, Lines),
    Sections = [hd(binary:split(S, <<":">>)) || <<"=", S/binary>> <- Lines],
    [<<"erl_crash_dump">> | _] = Sections,
    <<"end">> = lists:last(Sections),
    [] = [<<"memory">>, <<"proc">>, <<"ets">>, <<"mod">>, <<"fun">>,
          <<"timer">>, <<"port">>, <<"proc_stack">>, <<"proc_heap">>,
          <<"proc_messages">>, <<"proc_dictionary">>, <<"loaded_modules">>,
          <<"scheduler">>, <<"atoms">>, <<"hash_table">>] -- Sections,
    {match, [Pid]} = re:run(B, "=proc:(\\S+)\\sState: \\w+\\sName: it\\s",
                            [{capture, [1], binary}]),
    match = re:run(B, ["=proc_messages:", Pid, "\\sH"], [{capture, none}]),
    match = re:run(B, "\\sTable: of_names\\s", [{capture, none}]),
    match = re:run(B, "t3:A9:some_atom,H", [{capture, none}]),
    limits(Program),
    io:format("ok~n").

limits(Program) ->
    End = " -noshell -eval 'halt(\"short\")' 2>&1",
    os:cmd("ERL_CRASH_DUMP=d2 ERL_CRASH_DUMP_BYTES=500 " ++ Program ++ End),
    {ok, B} = file:read_file("d2"),
    true = byte_size(B) < 700,
    match = re:run(B, "=abort:CRASH DUMP SIZE LIMIT REACHED\n$", [{capture, none}]),
    os:cmd("ERL_CRASH_DUMP=d3 ERL_CRASH_DUMP_BYTES=0 " ++ Program ++ End),
    os:cmd("ERL_CRASH_DUMP=d3 ERL_CRASH_DUMP_SECONDS=0 " ++ Program ++ End),
    {error, enoent} = file:read_file("d3").
