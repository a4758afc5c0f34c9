%% SPDX-License-Identifier: Apache-2.0
%% httpd_sup: the HTTP servers, each by {httpd, Address, Port, Profile}.
-module(httpd_sup).
-behaviour(supervisor).

-export([start_link/1, start_child/1, stop_child/3, servers/2, servers/0]).
-export([init/1]).

%% Services is [{httpd, Config}].
start_link(Services) ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, Services).

start_child(Config) ->
    try supervisor:start_child(?MODULE, child(httpd_conf:read(Config))) of
        {ok, Pid} -> {ok, Pid};
        {error, {Reason, {child, _, _, _, _, _, _, _, _}}} -> {error, Reason};
        {error, {Reason, _}} -> {error, Reason};
        {error, Reason} -> {error, Reason}
    catch throw:{error, _} = Error -> Error
    end.

%% Ports chosen by the system make names unique only once they are known.
child(Properties) ->
    #{id => {httpd, make_ref()}, restart => permanent, shutdown => 4000,
      modules => [httpd_server],
      start => {httpd_server, start_link, [Properties]}}.

stop_child(Address, Port, Profile) ->
    case [Id || {Id, Pid, _, _} <- supervisor:which_children(?MODULE),
                is_pid(Pid), is_at(Pid, Address, Port, Profile)] of
        [Id | _] ->
            ok = supervisor:terminate_child(?MODULE, Id),
            supervisor:delete_child(?MODULE, Id);
        [] -> {error, not_found}
    end.

is_at(Pid, Address, Port, Profile) ->
    Info = httpd_server:info(Pid),
    Is = fun(Key, Value, Default) ->
                 proplists:get_value(Key, Info, Default) =:= Value
         end,
    Is(port, Port, 80)
        andalso (Address =:= undefined orelse Is(bind_address, Address, any))
        andalso (Profile =:= any orelse Is(profile, Profile, default)).

%% Pids; Address may be undefined.
servers() ->
    [Pid || {_, Pid, _, _} <- supervisor:which_children(?MODULE), is_pid(Pid)].

servers(Address, Port) ->
    [Pid || Pid <- servers(), is_at(Pid, Address, Port, any)].

init(Services) ->
    Children = lists:append([try [child(httpd_conf:read(Config))]
                             catch throw:{error, Reason} ->
                                     error_logger:error_msg(
                                       "Failed to start service: ~n~p ~n due "
                                       "to: ~p~n", [Config, Reason]),
                                     []
                             end || {httpd, Config} <- Services]),
    {ok, {#{strategy => one_for_one, intensity => 10, period => 3600},
          Children}}.
