%% SPDX-License-Identifier: Apache-2.0
%% mod_disk_log: as mod_log, in wrap logs of disk_log. Properties
%% transfer_disk_log, error_disk_log and security_disk_log name them, those
%% with _size behind give {Bytes, Files}; disk_log_format is internal or
%% external.
-module(mod_disk_log).

-export([do/1, store/2, remove/1, report_error/2, security_log/2, error_log/2]).

-include("httpd.hrl").

-define(LOGS, [transfer_disk_log, error_disk_log, security_disk_log]).
-define(SIZE, {512000, 8}).

do(#mod{data = Data, config_db = Table} = Mod) ->
    httpd_log:request(Mod, {transfer_disk_log, error_disk_log},
                      fun(Log, Make) -> write(Table, Log, Make) end),
    {proceed, Data}.

error_log(#mod{config_db = Table} = Mod, Reason) ->
    write(Table, error_disk_log, fun() -> httpd_log:error(Mod, Reason) end).

report_error(Table, Text) ->
    write(Table, error_disk_log,
          fun() -> httpd_log:report(httpd_util:custom_date(), Text) end).

security_log(#mod{config_db = Table}, Text) ->
    write(Table, security_disk_log, fun() -> httpd_log:security(Text) end).

write(Table, Key, Make) ->
    case httpd_util:lookup(Table, Key) of
        undefined -> ok;
        Log ->
            Bytes = iolist_to_binary(Make()),
            case httpd_util:lookup(Table, disk_log_format, external) of
                internal -> disk_log:log(Log, Bytes);
                external -> disk_log:blog(Log, Bytes)
            end
    end.

store({disk_log_format, Format} = Property, _)
  when Format =:= internal; Format =:= external ->
    {ok, Property};
store({disk_log_format, Format}, _) ->
    {error, {wrong_type, {disk_log_format, Format}}};
store({Key, {Bytes, Files}} = Property, _)
  when (Key =:= transfer_disk_log_size orelse Key =:= error_disk_log_size
        orelse Key =:= security_disk_log_size),
       is_integer(Bytes), Bytes > 0, is_integer(Files), Files > 0 ->
    {ok, Property};
store({Key, Wrong}, _) when Key =:= transfer_disk_log_size;
                            Key =:= error_disk_log_size;
                            Key =:= security_disk_log_size ->
    {error, {wrong_type, {Key, Wrong}}};
store({Key, Given}, All) when Key =:= transfer_disk_log;
                              Key =:= error_disk_log;
                              Key =:= security_disk_log ->
    case is_list(Given) of
        true -> open(Key, Given, All);
        false -> {error, {wrong_type, {Key, Given}}}
    end.

open(Key, Given, All) ->
    Root = proplists:get_value(server_root, All, ""),
    Name = filename:join(Root, string:trim(Given, both, " ")),
    Size = proplists:get_value(list_to_atom(atom_to_list(Key) ++ "_size"), All,
                               ?SIZE),
    Format = proplists:get_value(disk_log_format, All, external),
    case disk_log:open([{name, Name}, {file, Name}, {type, wrap}, {size, Size},
                        {format, Format}, {linkto, none}]) of
        {ok, Log} -> {ok, {Key, Log}};
        {repaired, Log, _, _} -> {ok, {Key, Log}};
        {error, _} -> {error, "mod_disk_log: Can't create " ++ Name}
    end.

remove(Table) ->
    [disk_log:close(Log) || Key <- ?LOGS,
                            Log <- httpd_util:multi_lookup(Table, Key)],
    ok.
