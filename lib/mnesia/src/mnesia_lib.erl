%% SPDX-License-Identifier: Apache-2.0
%% mnesia_lib: what all parts of mnesia know: mnesia_gvar, an ets table, has
%% {{Table, Property}, Value} and {Key, Value}, and lives as long as mnesia.
-module(mnesia_lib).

-export([val/1, val/2, set/2, unset/1, exists/1, is_debug_compiled/0]).
-export([running/0, is_running/0, env/1, ask/4, intersect/2, others/0]).
-export([tables/0, dist_coredump/0, dir/0, report/1]).

%% A value that has to be there.
val(Key) ->
    case ets:whereis(mnesia_gvar) of
        undefined -> mnesia:abort({node_not_running, node()});
        _ ->
            case ets:lookup(mnesia_gvar, Key) of
                [{_, Value}] -> Value;
                [] -> mnesia:abort({no_exists, Key})
            end
    end.

val(Key, Default) ->
    try ets:lookup_element(mnesia_gvar, Key, 2)
    catch error:badarg -> Default
    end.

set(Key, Value) -> ets:insert(mnesia_gvar, {Key, Value}).

unset(Key) -> ets:delete(mnesia_gvar, Key).

exists(Key) -> val(Key, mnesia_none) =/= mnesia_none.

is_debug_compiled() -> false.

%% The nodes where mnesia runs, of this cluster.
running() -> val({current, db_nodes}, []).

others() -> running() -- [node()].

-spec is_running() -> no | starting | stopping | yes.
is_running() ->
    case whereis(mnesia_monitor) of
        undefined -> no; % what it knew may be there for a moment still
        _ -> val(status, no)
    end.

tables() ->
    ets:whereis(mnesia_gvar) =/= undefined
        orelse mnesia:abort({node_not_running, node()}),
    lists:sort([T || [T] <- ets:match(mnesia_gvar, {{'$1', attributes}, '_'})]).

intersect(A, B) -> [X || X <- A, lists:member(X, B)].

dir() -> mnesia_disc:dir().

dist_coredump() -> [].

report(Event) -> mnesia_subscr:report(Event).

%% The application's environment, with what stands for what is not given.
env(Key) ->
    case application:get_env(mnesia, Key) of
        {ok, Value} -> Value;
        undefined -> proplists:get_value(Key, defaults())
    end.

defaults() ->
    [{access_module, mnesia}, {auto_repair, true}, {backup_module, mnesia_backup},
     {debug, none}, {dir, mnesia_disc:dir()}, {dump_log_load_regulation, false},
     {dump_log_time_threshold, 180000}, {dump_log_update_in_place, true},
     {dump_log_write_threshold, 1000}, {dump_disc_copies_at_startup, true},
     {extra_db_nodes, []}, {ignore_fallback_at_startup, false},
     {fallback_error_function, {mnesia, lkill}}, {max_wait_for_decision, infinity},
     {schema_location, opt_disc}, {core_dir, false}, {no_table_loaders, 2},
     {dc_dump_limit, 4}, {send_compressed, 0}, {event_module, mnesia_event},
     {max_transfer_size, 64000}, {pid_sort_order, false}, {schema, []}].

%% A call of a function on [Node]; aborts when that is not there.
ask(Node, Module, Function, Args) when Node =:= node() ->
    apply(Module, Function, Args);
ask(nowhere, _, _, [Table | _]) -> mnesia:abort({no_exists, Table});
ask(Node, Module, Function, Args) ->
    try erpc:call(Node, Module, Function, Args)
    catch error:{erpc, _} -> mnesia:abort({node_not_running, Node});
          error:{exception, Reason, _} -> error(Reason);
          exit:{exception, Reason} -> exit(Reason)
    end.
