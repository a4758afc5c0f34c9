%% SPDX-License-Identifier: Apache-2.0
%% mnesia_sup: the application mnesia: its processes, and what there is to do
%% before it runs: finding the other nodes.
-module(mnesia_sup).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, init/1, prep_stop/1]).

start(_, _) ->
    case supervisor:start_link({local, mnesia_sup}, ?MODULE, []) of
        {ok, Pid} ->
            Schema = mnesia_lib:val({schema, cs}),
            case mnesia_join:join(mnesia_cs:holders(Schema)
                                  ++ mnesia_lib:env(extra_db_nodes)) of
                {error, Reason} ->
                    mnesia_lib:report({mnesia_error, "Failed to merge schema: ~p~n",
                                       [Reason]}),
                    exit(Pid, shutdown),
                    {error, {merge_schema_failed, Reason}};
                {ok, _} ->
                    mnesia_monitor:ask(node(), {status, yes}),
                    mnesia_controller:check(),
                    mnesia_controller:settled(),
                    {ok, Pid}
            end;
        Error -> Error
    end.

prep_stop(State) ->
    mnesia_monitor:ask(node(), {status, stopping}),
    State.

stop(_) -> ok.

init([]) ->
    {ok, {{one_for_all, 0, 3600},
          [#{id => M, start => {M, start_link, []}, shutdown => 60000}
           || M <- [mnesia_monitor, mnesia_subscr, mnesia_locker, mnesia_dumper,
                    mnesia_part, mnesia_controller]]}}.
