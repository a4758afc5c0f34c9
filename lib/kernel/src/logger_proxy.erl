%% SPDX-License-Identifier: Apache-2.0
%% logger_proxy: takes the events of processes that must not run handlers
%% themselves, and logs them; guarded by logger_olp.
-module(logger_proxy).

-export([start_link/0, restart/0, log/1, child_spec/0, get_default_config/0]).
-export([init/1, handle_load/2, handle_info/2, notify/2, terminate/2]).

-define(SERVER, ?MODULE).

%% The runtime sends its own events here, as long as there is time for them.
start_link() ->
    case logger_olp:start_link(?SERVER, ?MODULE, [],
                               logger:get_proxy_config()) of
        {ok, Pid, _} = Started ->
            _ = erlang:system_flag(system_logger, Pid),
            Started;
        Error -> Error
    end.

restart() ->
    case supervisor:start_child(logger_sup, child_spec()) of
        {ok, _, _} -> ok;
        {error, {Reason, Child}} when element(1, Child) =:= child ->
            {error, Reason};
        Error -> Error
    end.

child_spec() ->
    #{id => ?SERVER, start => {?MODULE, start_link, []},
      restart => temporary, shutdown => 2000, modules => [?MODULE]}.

log(Event) -> gen_server:cast(?SERVER, {'$olp_load', Event}).

get_default_config() ->
    (logger_olp:get_default_opts())
        #{sync_mode_qlen => 500, drop_mode_qlen => 1000, flush_qlen => 5000,
          burst_limit_enable => false}.

init([]) ->
    process_flag(trap_exit, true),
    {ok, no_state}.

handle_load({log, Level, Format, Args, Meta}, S) ->
    logger:log(Level, Format, Args, Meta),
    S;
handle_load({log, Level, Report, Meta}, S) ->
    logger:log(Level, Report, Meta),
    S;
%% A connection that is busy loses events rather than stops who logs.
handle_load({remote, Node, Event}, S) ->
    _ = erlang:send({?SERVER, Node}, Event, [nosuspend]),
    S;
handle_load(_, S) -> S.

%% What comes as a message is load like any other.
handle_info(Event, S) when is_tuple(Event), element(1, Event) =:= log ->
    {load, S};
handle_info(_, S) -> {noreply, S}.

notify({mode_change, Old, New}, S) ->
    _ = if
            New =:= drop -> erlang:system_flag(system_logger, undefined);
            Old =:= drop -> erlang:system_flag(system_logger, self());
            true -> ok
        end,
    say("~w switched from ~w to ~w mode", [?MODULE, Old, New], S);
notify({flushed, N}, S) ->
    say("~w flushed ~w log events", [?MODULE, N], S);
notify(restart, S) -> say("~w restarted", [?MODULE], S);
notify(_, S) -> S.

say(Format, Args, S) ->
    logger:log(notice, Format, Args, #{logger => #{internal_log_event =>
                                                       true}}),
    S.

terminate(overloaded, _) ->
    _ = erlang:system_flag(system_logger, undefined),
    {ok, fun ?MODULE:restart/0};
terminate(_, _) ->
    _ = erlang:system_flag(system_logger, whereis(logger)),
    ok.
