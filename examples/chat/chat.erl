%% SPDX-License-Identifier: Apache-2.0
%% The listening side: accepts connections, a process for each.
-module(chat).
-export([start/1, stop/0]).

%% Port 0: any that is free. Answers the port.
start(Port) ->
    {ok, _} = chat_room:start(),
    Starter = self(),
    Pid = spawn(fun() -> listen(Port, Starter) end),
    receive
        {Pid, Answer} -> Answer
    end.

stop() ->
    exit(whereis(?MODULE), kill),
    chat_room:stop().

listen(Port, Starter) ->
    register(?MODULE, self()),
    {ok, Socket} = gen_tcp:listen(Port, [binary, {packet, line},
                                         {active, false}, {reuseaddr, true},
                                         {ip, {127, 0, 0, 1}}]),
    Starter ! {self(), inet:port(Socket)},
    accept(Socket).

accept(Listening) ->
    {ok, Socket} = gen_tcp:accept(Listening),
    Pid = spawn(fun() -> greet() end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! {yours, Socket},
    accept(Listening).

%% ---- A connection ----

greet() ->
    receive
        {yours, Socket} ->
            send(Socket, "Who are you? /name NAME"),
            talk(Socket, nobody)
    end.

talk(Socket, Name) ->
    inet:setopts(Socket, [{active, once}]),
    receive
        {tcp, Socket, Line} ->
            case line(string:trim(Line), Socket, Name) of
                quit -> gen_tcp:close(Socket);
                Name1 -> talk(Socket, Name1)
            end;
        {tcp_closed, Socket} ->
            ok;
        {heard, From, Words} ->
            send(Socket, [From, ": ", Words]),
            talk(Socket, Name);
        {note, Note} ->
            send(Socket, ["* ", Note]),
            talk(Socket, Name)
    end.

line(<<"/name ", Name/binary>>, Socket, nobody) ->
    case chat_room:enter(Name) of
        ok ->
            send(Socket, ["Welcome, ", Name]),
            Name;
        {error, taken} ->
            send(Socket, "This name is taken"),
            nobody
    end;
line(<<"/who">>, Socket, Name) ->
    send(Socket, lists:join(", ", chat_room:who())),
    Name;
line(<<"/quit">>, Socket, _) ->
    send(Socket, "Good bye"),
    quit;
line(_, Socket, nobody) ->
    send(Socket, "Who are you? /name NAME"),
    nobody;
line(Words, _, Name) ->
    chat_room:say(Words),
    Name.

send(Socket, Text) -> gen_tcp:send(Socket, [Text, "\n"]).
