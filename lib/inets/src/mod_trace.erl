%% SPDX-License-Identifier: Apache-2.0
%% mod_trace: sends back a request of method TRACE.
-module(mod_trace).

-export([do/1]).

-include("httpd.hrl").

do(#mod{method = "TRACE", data = Data} = Mod) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false -> answer(Mod)
    end;
do(#mod{data = Data}) -> {proceed, Data}.

answer(#mod{request_line = Line, parsed_header = Headers,
            socket = Socket} = Mod) ->
    Body = [Line | lists:reverse([[Name, ":", Value, "\r\n"]
                                  || {Name, Value} <- Headers])],
    Size = iolist_size(Body),
    http_transport:send(Socket, ["HTTP/1.1 200 OK\r\n"
                                 "Content-Type:message/http\r\n"
                                 "Content-Length:", integer_to_list(Size),
                                 "\r\n\r\n", Body]),
    httpd_response:sent(200, Size, Mod).
