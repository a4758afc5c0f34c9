%% SPDX-License-Identifier: Apache-2.0
%% A guest for the session: sends lines, and waits for one that comes.
-module(chat_client).
-export([connect/1, send/2, line/1, close/1]).

connect(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                   [binary, {packet, line}, {active, false}]),
    Socket.

send(Socket, Text) -> gen_tcp:send(Socket, [Text, "\n"]).

line(Socket) ->
    case gen_tcp:recv(Socket, 0, 2000) of
        {ok, Line} -> string:trim(Line);
        {error, Reason} -> Reason
    end.

close(Socket) -> gen_tcp:close(Socket).
