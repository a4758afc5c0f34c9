%% SPDX-License-Identifier: Apache-2.0
%% mod_trace: sends back a request of method TRACE, if the property trace_enable
%% lets it.
-module(mod_trace).

-export([do/1, store/2]).

-include("httpd.hrl").

do(#mod{method = "TRACE", data = Data, config_db = Table} = Mod) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false ->
            case httpd_util:lookup(Table, trace_enable, false) of
                false ->
                    {proceed, [{status, {405, none,
                                         "TRACE Method not allowed"}} | Data]};
                _ -> answer(Mod)
            end
    end;
do(#mod{data = Data}) -> {proceed, Data}.

answer(#mod{request_line = Line, parsed_header = Headers, socket = Socket,
            data = Data}) ->
    Body = [Line | lists:reverse([[Name, ":", Value, "\r\n"]
                                  || {Name, Value} <- Headers])],
    Size = iolist_size(Body),
    http_transport:send(Socket, ["HTTP/1.1 200 OK\r\n"
                                 "Content-Type:message/http\r\n"
                                 "Content-Length:", integer_to_list(Size),
                                 "\r\n\r\n", Body]),
    {proceed, [{response, {already_sent, 200, Size}} | Data]}.

store({trace_enable, Value}, _) when is_atom(Value) ->
    {ok, {trace_enable, Value}};
store({trace_enable, Value}, _) ->
    {error, {wrong_type, {trace_enable, Value}}}.
