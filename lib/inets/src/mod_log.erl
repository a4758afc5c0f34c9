%% SPDX-License-Identifier: Apache-2.0
%% mod_log: files with lines about requests (property transfer_log), errors
%% (error_log) and what mod_security has seen (security_log). Below the
%% server's root if their names are relative.
-module(mod_log).

-export([do/1, store/2, remove/1, report_error/2, security_log/2, error_log/2]).

-include("httpd.hrl").

-define(LOGS, [transfer_log, error_log, security_log]).

do(#mod{data = Data, config_db = Table} = Mod) ->
    httpd_log:request(Mod, {transfer_log, error_log},
                      fun(Log, Make) -> write(Table, Log, Make) end),
    {proceed, Data}.

error_log(#mod{config_db = Table} = Mod, Reason) ->
    write(Table, error_log, fun() -> httpd_log:error(Mod, Reason) end).

report_error(Table, Text) ->
    write(Table, error_log,
          fun() -> httpd_log:report(httpd_util:custom_date(), Text) end).

security_log(#mod{config_db = Table}, Text) ->
    write(Table, security_log, fun() -> httpd_log:security(Text) end).

write(Table, Log, Make) ->
    case httpd_util:lookup(Table, Log) of
        undefined -> ok;
        Device -> io:put_chars(Device, Make())
    end.

store({Log, Given}, All) when Log =:= transfer_log; Log =:= error_log;
                              Log =:= security_log ->
    case is_list(Given) of
        false -> {error, {wrong_type, {Log, Given}}};
        true ->
            Root = proplists:get_value(server_root, All, ""),
            Name = filename:join(Root, string:trim(Given, both, " ")),
            case file:open(Name, [append]) of
                {ok, Device} -> {ok, {Log, Device}};
                {error, _} -> {error, "mod_log: Can't create " ++ Name}
            end
    end.

remove(Table) ->
    [file:close(Device) || Log <- ?LOGS,
                           Device <- httpd_util:multi_lookup(Table, Log)],
    ok.
