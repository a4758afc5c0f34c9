%% SPDX-License-Identifier: Apache-2.0
%% inets: starts and stops the application and its services: httpc (profiles of
%% the client) and httpd (servers).
-module(inets).

-export([start/0, start/1, start/2, start/3, stop/0, stop/2]).
-export([services/0, services_info/0, service_names/0]).

-type service() :: httpc | httpd.

start() -> application:start(inets).
start(Type) when Type =:= permanent; Type =:= temporary; Type =:= transient ->
    application:start(inets, Type);
start(Service) -> start(Service, []).

-spec start(service(), list()) -> {ok, pid()} | {error, term()}.
start(httpc, Config) ->
    Profile = proplists:get_value(profile, Config, default),
    started(supervisor:start_child(inets_sup,
        #{id => {httpc, Profile}, restart => temporary,
          start => {httpc_manager, start_link, [Profile]}}));
start(httpd, Config) ->
    started(supervisor:start_child(inets_sup,
        #{id => {httpd, make_ref()}, restart => temporary,
          start => {httpd_server, start_link, [Config]}}));
start(_, _) -> {error, no_such_service}.

%% Alone, without the supervisor.
start(Service, Config, inets) -> start(Service, Config);
start(httpd, Config, stand_alone) -> httpd_server:start_link(Config);
start(httpc, Config, stand_alone) ->
    httpc_manager:start_link(proplists:get_value(profile, Config, default)).

%% No supervisor, no service.
started({'EXIT', _}) -> {error, inets_not_started};
started({error, {{shutdown, Reason}, _}}) -> {error, Reason};
started(Result) -> Result.

stop() -> application:stop(inets).

-spec stop(service() | stand_alone, pid() | atom() | tuple()) ->
          ok | {error, term()}.
stop(stand_alone, Pid) -> stop_pid(Pid);
stop(httpc, Profile) when is_atom(Profile) ->
    case httpc_manager:whereis(Profile) of
        undefined -> {error, not_started};
        Pid -> stop_pid(Pid)
    end;
stop(httpd, {Address, Port}) ->
    case [Pid || {httpd, Pid, Info} <- services_info(),
                 proplists:get_value(port, Info) =:= Port,
                 lists:member(proplists:get_value(bind_address, Info),
                              [Address, any])] of
        [Pid | _] -> stop_pid(Pid);
        [] -> {error, no_such_service}
    end;
stop(_, Pid) when is_pid(Pid) -> stop_pid(Pid);
stop(_, _) -> {error, no_such_service}.

stop_pid(Pid) ->
    try gen_server:stop(Pid)
    catch exit:_ -> {error, not_started}
    end.

services() -> [{Service, Pid} || {Service, Pid, _} <- services_info()].

-spec services_info() -> [{service(), pid(), list()}].
services_info() ->
    case whereis(inets_sup) of
        undefined -> {error, inets_not_started};
        _ -> [service(Id, Pid)
              || {Id, Pid, _, _} <- supervisor:which_children(inets_sup),
                 is_pid(Pid)]
    end.

service({httpd, _}, Pid) -> {httpd, Pid, httpd:info(Pid)};
service({httpc, Profile}, Pid) -> {httpc, Pid, [{profile, Profile}]};
service(httpc_manager, Pid) -> {httpc, Pid, [{profile, default}]}.

service_names() -> [httpc, httpd].
