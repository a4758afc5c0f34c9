%% SPDX-License-Identifier: Apache-2.0
%% httpd: what can be asked of an HTTP server.
-module(httpd).

-export([info/1, info/2, info/3, info/4, reload_config/2, parse_query/1]).

-spec info(pid()) -> [{atom(), term()}].
info(Pid) when is_pid(Pid) -> httpd_server:info(Pid).

info(Pid, Keys) when is_pid(Pid) ->
    [Pair || {Key, _} = Pair <- info(Pid), lists:member(Key, Keys)];
info(Address, Port) -> info(server(Address, Port)).

info(Address, Port, Profile) when is_atom(Profile) -> info(Address, Port);
info(Address, Port, Keys) -> info(server(Address, Port), Keys).

info(Address, Port, _, Keys) -> info(Address, Port, Keys).

server(Address, Port) ->
    [Pid | _] = [P || {httpd, P, Info} <- inets:services_info(),
                      proplists:get_value(port, Info) =:= Port,
                      lists:member(proplists:get_value(bind_address, Info),
                                   [Address, any])],
    Pid.

%% Takes new properties; port, address and the like stay.
reload_config(Config, _) ->
    Properties = httpd_server:properties(Config),
    Port = proplists:get_value(port, Properties),
    [Pid | _] = [P || {httpd, P, Info} <- inets:services_info(),
                      proplists:get_value(port, Info) =:= Port],
    httpd_server:reload(Pid, Properties).

%% [{Name, Value}] of a query.
-spec parse_query(uri_string:uri_string()) -> [{string(), string()}].
parse_query(Text) ->
    [case Pair of
         {Name, true} -> {Name, ""};
         _ -> Pair
     end || Pair <- uri_string:dissect_query(Text)].
