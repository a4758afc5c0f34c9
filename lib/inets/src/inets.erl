%% SPDX-License-Identifier: Apache-2.0
%% inets: starts and stops the application and its services: httpc (profiles of
%% the client) and httpd (servers).
-module(inets).

-export([start/0, start/1, start/2, start/3, stop/0, stop/2]).
-export([services/0, services_info/0, service_names/0]).

-type service() :: httpc | httpd.

start() -> application:start(inets).

start(Type) -> application:start(inets, Type).

-spec start(service(), list()) -> {ok, pid()} | {error, term()}.
start(Service, Config) -> start(Service, Config, inets).

%% Alone, without the supervisor: linked to who starts it.
start(httpc, Config, stand_alone) ->
    case proplists:get_value(profile, Config) of
        undefined -> {error, no_profile};
        Profile ->
            httpc_manager:start_link(Profile,
                                     proplists:get_value(data_dir, Config,
                                                         only_session_cookies),
                                     false)
    end;
start(httpd, Config, stand_alone) ->
    try httpd_server:start_link(httpd_conf:read(Config))
    catch throw:{error, _} = Error -> Error
    end;
start(Service, Config, inets) ->
    try
        case Service of
            httpc -> httpc_profile_sup:start_child(Config);
            httpd -> httpd_sup:start_child(Config);
            _ -> {error, no_such_service}
        end
    catch exit:{noproc, _} -> {error, inets_not_started}
    end.

stop() -> application:stop(inets).

-spec stop(service() | stand_alone, term()) -> ok | {error, term()}.
stop(stand_alone, Pid) ->
    true = exit(Pid, shutdown),
    ok;
stop(Service, Reference) ->
    try stop_service(Service, Reference)
    catch exit:{noproc, _} -> {error, inets_not_started}
    end.

stop_service(httpc, Profile) when is_atom(Profile) ->
    httpc_profile_sup:stop_child(Profile);
stop_service(httpd, {Address, Port}) ->
    httpd_sup:stop_child(Address, Port, default);
stop_service(httpd, {Address, Port, Profile}) ->
    httpd_sup:stop_child(Address, Port, Profile);
stop_service(Service, Pid) when is_pid(Pid) ->
    case {Service, lists:keyfind(Pid, 2, services_info())} of
        {httpc, {httpc, _, Info}} ->
            httpc_profile_sup:stop_child(proplists:get_value(profile, Info));
        {httpd, {httpd, _, Info}} ->
            httpd_sup:stop_child(proplists:get_value(bind_address, Info),
                                 proplists:get_value(port, Info),
                                 proplists:get_value(profile, Info, default));
        _ -> {error, no_such_service}
    end.

services() ->
    case services_info() of
        {error, _} = Error -> Error;
        Infos -> [{Service, Pid} || {Service, Pid, _} <- Infos]
    end.

-spec services_info() -> [{service(), pid(), list()}] | {error, term()}.
services_info() ->
    try
        {ok, Host} = inet:gethostname(),
        [{httpc, Pid, [{profile, profile(Id)}]}
         || {Id, Pid, _, _} <- supervisor:which_children(httpc_profile_sup),
            is_pid(Pid)]
            ++ [{httpd, Pid, [{host, Host}
                              | [P || {Key, _} = P <- httpd_server:info(Pid),
                                      lists:member(Key, [port, bind_address,
                                                         server_name,
                                                         profile])]]}
                || Pid <- httpd_sup:servers()]
    catch exit:{noproc, _} -> {error, inets_not_started}
    end.

profile(httpc_manager) -> default;
profile({httpc, Profile}) -> Profile.

service_names() -> [httpc, httpd].
