%% SPDX-License-Identifier: Apache-2.0
%% httpd_log: the entries of logs: accesses, errors, security.
-module(httpd_log).

-export([request/3, error/2, report/2, security/1, format/1, line/1]).
-compile({no_auto_import, [error/2]}).

-include("httpd.hrl").

%% Has what became of a request written: Write(Log, Fun) takes the entry that Fun
%% makes to one of the two logs, of accesses and of errors.
request(#mod{data = Data} = Mod, {Accesses, Errors}, Write) ->
    Status = status(Data),
    Write(Accesses, fun() -> access(Mod, Status) end),
    [Write(Errors, fun() -> error(Mod, Reason) end)
     || Reason <- [R || {internal_info, R} <- Data]
            ++ [R || {status, {Code, _, R}} <- Data, Code >= 400]],
    ok.

%% {Code, Size} of what modules have found.
status(Data) ->
    case {httpd_response:data(status, Data),
          httpd_response:data(response, Data)} of
        {{Code, _, _}, _} -> {Code, 0};
        {undefined, {already_sent, Code, Size}} -> {Code, Size};
        {undefined, {response, Head, _}} ->
            Size = case httpd_response:data(content_length, Head) of
                       undefined -> unknown;
                       Text -> list_to_integer(Text)
                   end,
            {proplists:get_value(code, Head, unknown), Size};
        {undefined, {Code, Text}} -> {Code, iolist_size(Text)};
        {undefined, undefined} -> {200, 0}
    end.

access(#mod{config_db = Table, init_data = #init_data{peername = {_, Peer}},
            request_line = Line, parsed_header = Headers, data = Data},
       {Code, Size}) ->
    User = proplists:get_value(remote_user, Data, "-"),
    Common = io_lib:format("~s - ~s [~s] \"~s\" ~w ~w",
                           [Peer, User, httpd_util:custom_date(), Line, Code,
                            Size]),
    case httpd_util:lookup(Table, log_format, common) of
        combined -> [Common, $\s, http_headers:get("referer", Headers, "-"),
                     $\s, http_headers:get("user-agent", Headers, "-"), $\n];
        _ -> [Common, $\n]
    end.

error(#mod{config_db = Table, init_data = #init_data{peername = {_, Peer}},
           request_uri = Uri}, Reason) ->
    Format = case httpd_util:lookup(Table, error_log_format, pretty) of
                 pretty -> "[~s] access to ~s failed for ~s, reason: ~n~p~n";
                 compact -> "[~s] access to ~s failed for ~s, reason: ~w~n"
             end,
    io_lib:format(Format, [httpd_util:custom_date(), Uri, Peer, Reason]).

report(Date, Text) -> io_lib:format("[~s], ~s~n", [Date, Text]).

security(Text) ->
    io_lib:format("[~s] ~s~n", [httpd_util:custom_date(), Text]).

%% ---- reports for the logger ----

format(Report) ->
    Lines = [io_lib:format("~10s ~ts~n", [Title, Value])
             || {Title, Value} <- rows(Report, "~p")],
    {"~ts~n", [Lines]}.

%% The report as one line.
line(Report) ->
    lists:flatten(lists:join(", ", [[Title, $\s, Value]
                                    || {Title, Value} <- rows(Report,
                                                              "~0p")])).

%% [{Title, Text}] of what is there.
rows(#{server_name := Name, protocol := Protocol, reason := Reason} = Report,
     Format) ->
    Pair = fun(Key) ->
                   [io_lib:format("~s:~p", [Host, Port])
                    || #{Key := {Port, Host}} <- [Report]]
           end,
    Text = fun(Key) -> [T || #{Key := T} <- [Report], Protocol =:= 'HTTP'] end,
    [{Title, Value}
     || {Title, Values} <- [{"Server:", [Name]},
                            {"Protocol:", [atom_to_list(Protocol)]},
                            {"Transport:", Text(transport)},
                            {"URI:", Text(uri)}, {"Host:", Pair(host)},
                            {"Peer:", Pair(peer)},
                            {"Reason:", [io_lib:format(Format, [Reason])]}],
        Value <- Values].
