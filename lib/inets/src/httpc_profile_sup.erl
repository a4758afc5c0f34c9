%% SPDX-License-Identifier: Apache-2.0
%% httpc_profile_sup: the managers of the profiles of the HTTP client.
-module(httpc_profile_sup).
-behaviour(supervisor).

-export([start_link/1, start_child/1, stop_child/1]).
-export([init/1]).

%% Services is [{httpc, Config}].
start_link(Services) ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, Services).

%% {error, no_profile} if Config names none.
start_child(Config) ->
    case proplists:get_value(profile, Config) of
        undefined -> {error, no_profile};
        _ -> supervisor:start_child(?MODULE, child(Config))
    end.

stop_child(Profile) ->
    case supervisor:terminate_child(?MODULE, id(Profile)) of
        ok -> supervisor:delete_child(?MODULE, id(Profile));
        Error -> Error
    end.

init(Services) ->
    Configs = [case Config of
                   _ when is_list(Config) -> Config;
                   {default, Dir} -> [{profile, default}, {data_dir, Dir}];
                   {Profile, Dir} -> [{profile, Profile}, {data_dir, Dir}];
                   default -> [{profile, default}]
               end || {httpc, Config} <- Services],
    Named = [proplists:get_value(profile, C) || C <- Configs],
    All = [[{profile, default}] || not lists:member(default, Named)] ++ Configs,
    {ok, {#{strategy => one_for_one, intensity => 3, period => 3600},
          [child(Config) || Config <- All]}}.

child(Config) ->
    Profile = proplists:get_value(profile, Config),
    Dir = proplists:get_value(data_dir, Config, only_session_cookies),
    #{id => id(Profile), shutdown => 4000, modules => [httpc_manager],
      start => {httpc_manager, start_link, [Profile, Dir, true]}}.

id(default) -> httpc_manager;
id(Profile) -> {httpc, Profile}.
