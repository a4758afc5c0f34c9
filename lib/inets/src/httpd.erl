%% SPDX-License-Identifier: Apache-2.0
%% httpd: what can be asked of an HTTP server.
-module(httpd).

-export([info/1, info/2, info/3, info/4, reload_config/2, parse_query/1,
         get_status/1, get_status/2, get_admin_state/0, get_admin_state/1,
         get_admin_state/2, block/2, block/3, block/4, block/5, unblock/2,
         unblock/3]).

-type address() :: inet:ip_address() | any.

-spec info(pid()) -> [{atom(), term()}].
info(Pid) when is_pid(Pid) -> httpd_server:info(Pid).

-spec info(pid(), [atom()]) -> [{atom(), term()}];
          (address(), inet:port_number()) -> [{atom(), term()}].
info(Pid, Keys) when is_pid(Pid) ->
    Info = info(Pid),
    [Property || Key <- Keys, {_, _} = Property <- [lists:keyfind(Key, 1,
                                                                  Info)]];
info(Address, Port) -> info(Address, Port, default).

-spec info(address(), inet:port_number(), atom() | [atom()]) ->
          [{atom(), term()}].
info(Address, Port, Profile) when is_atom(Profile) ->
    case httpd_sup:servers(Address, Port) of
        [Pid | _] -> info(Pid);
        [] -> []
    end;
info(Address, Port, Keys) -> info(Address, Port, default, Keys).

-spec info(address(), inet:port_number(), atom(), [atom()]) ->
          [{atom(), term()}].
info(Address, Port, _, Keys) ->
    case httpd_sup:servers(Address, Port) of
        [Pid | _] -> info(Pid, Keys);
        [] -> []
    end.

%% Takes new properties; port and address stay.
-spec reload_config(file:name_all() | [{atom(), term()}],
                    non_disturbing | disturbing | blocked) ->
          ok | {error, term()}.
reload_config(Config, Mode) ->
    try
        Properties = case Config of
                         [{_, _} | _] -> httpd_conf:read(Config);
                         File -> httpd_conf:read([{file, File}])
                     end,
        Port = proplists:get_value(port, Properties),
        Address = proplists:get_value(bind_address, Properties),
        case httpd_sup:servers(Address, Port) of
            [Pid | _] -> httpd_server:reload(Pid, Properties, Mode);
            [] -> {error, not_started}
        end
    catch throw:{error, _} = Error -> Error
    end.

%% [{Name, Value}] of a query.
-spec parse_query(string()) ->
          [{unicode:chardata(), unicode:chardata() | true}].
parse_query(Text) -> uri_string:dissect_query(Text).

%% ---- whether clients are let in ----

get_admin_state() -> get_admin_state(8888).
get_admin_state(Port) -> get_admin_state(undefined, Port).
get_admin_state(Address, Port) -> get_status(Address, Port).

get_status(Port) -> get_status(undefined, Port).
get_status(Address, Port) ->
    on_server(Address, Port, fun httpd_server:state/1).

block(Address, Port) -> block(Address, Port, default, disturbing).
block(Address, Port, Mode) -> block(Address, Port, default, Mode).
block(Address, Port, Profile, Mode) ->
    block(Address, Port, Profile, Mode, infinity).
block(Address, Port, _, Mode, Timeout) ->
    on_server(Address, Port,
              fun(Pid) -> httpd_server:block(Pid, Mode, Timeout) end).

unblock(Address, Port) -> unblock(Address, Port, default).
unblock(Address, Port, _) ->
    on_server(Address, Port, fun httpd_server:unblock/1).

on_server(Address, Port, Fun) ->
    case httpd_sup:servers(Address, Port) of
        [Pid | _] -> Fun(Pid);
        [] -> {error, not_started}
    end.
