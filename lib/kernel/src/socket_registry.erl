%% SPDX-License-Identifier: Apache-2.0
%% socket_registry: the sockets of module socket that are open, each with its
%% owner and its options. It starts with the first socket, watches owners, and
%% closes what those leave behind who end.
-module(socket_registry).

-export([add/3, remove/1, find/1, put/3, owner/2, all/0, monitor/1,
         demonitor/1, monitors/0]).

-define(TABLE, ?MODULE).
-define(MONITORS, socket_monitors).

%% A socket of the caller's. Options: #{Name => Value}; listed: whether all/0
%% tells of it.
add(Ref, Options, Listed) ->
    Registry = ensure(),
    ets:insert(?TABLE, {Ref, self(), Options, Listed}),
    Registry ! {watch, Ref, self()},
    ok.

remove(Ref) ->
    case ets:whereis(?TABLE) of
        undefined -> ok;
        _ ->
            ets:delete(?TABLE, Ref),
            tell_closed(Ref),
            catch ?MODULE ! {forget, Ref},
            ok
    end.

%% {Owner, Options}
find(Ref) ->
    case ets:whereis(?TABLE) =/= undefined andalso ets:lookup(?TABLE, Ref) of
        [{_, Owner, Options, _}] -> {Owner, Options};
        _ -> none
    end.

put(Ref, Name, Value) ->
    case find(Ref) of
        {_, Options} ->
            ets:update_element(?TABLE, Ref, {3, Options#{Name => Value}});
        none -> false
    end.

owner(Ref, Owner) ->
    ets:update_element(?TABLE, Ref, {2, Owner}),
    ?MODULE ! {watch, Ref, Owner},
    ok.

all() ->
    case ets:whereis(?TABLE) of
        undefined -> [];
        _ -> [Ref || {Ref, _, _, true} <- ets:tab2list(?TABLE)]
    end.

%% {'DOWN', Monitor, socket, Socket, closed} comes when the socket is closed.
monitor({'$socket', Ref} = Socket) ->
    Monitor = make_ref(),
    case find(Ref) of
        none -> self() ! {'DOWN', Monitor, socket, Socket, closed};
        _ ->
            ets:insert(?MONITORS, {Ref, Monitor, self()}),
            %% it may have been closed before that could be seen
            find(Ref) =:= none andalso tell_closed(Ref)
    end,
    Monitor.

demonitor(Monitor) ->
    ets:whereis(?MONITORS) =/= undefined
        andalso ets:select_delete(?MONITORS, [{{'_', Monitor, '_'}, [],
                                               [true]}]) > 0.

%% [{Ref, Monitor, Watcher}]
monitors() ->
    case ets:whereis(?MONITORS) of
        undefined -> [];
        _ -> ets:tab2list(?MONITORS)
    end.

tell_closed(Ref) ->
    [Pid ! {'DOWN', Monitor, socket, {'$socket', Ref}, closed}
     || {_, Monitor, Pid} <- ets:take(?MONITORS, Ref)].

ensure() ->
    case whereis(?MODULE) of
        undefined ->
            Parent = self(),
            {Pid, Monitor} = spawn_monitor(fun() -> start(Parent) end),
            receive
                {?MODULE, Pid, ready} ->
                    demonitor(Monitor, [flush]),
                    Pid;
                %% another was first: the name comes after the table
                {'DOWN', Monitor, _, _, _} -> erlang:yield(), ensure()
            end;
        Pid -> Pid
    end.

%% It answers the process that has made it, of no application.
start(Parent) ->
    try ets:new(?TABLE, [named_table, public, {read_concurrency, true}])
    catch
        error:badarg -> exit(normal)
    end,
    ets:new(?MONITORS, [named_table, public, bag]),
    group_leader(whereis(init), self()),
    register(?MODULE, self()),
    Parent ! {?MODULE, self(), ready},
    loop(#{}).

%% By socket: who is watched for it.
loop(Watched) ->
    receive
        {watch, Ref, Owner} ->
            loop((forget(Ref, Watched))#{Ref => monitor(process, Owner)});
        {forget, Ref} ->
            loop(forget(Ref, Watched));
        {'DOWN', Monitor, process, Owner, _} ->
            Left = [Ref || {Ref, M} <- maps:to_list(Watched), M =:= Monitor],
            [abandon(Ref, Owner) || Ref <- Left],
            loop(maps:without(Left, Watched));
        _ -> loop(Watched)
    end.

forget(Ref, Watched) ->
    case maps:take(Ref, Watched) of
        {Monitor, Others} ->
            demonitor(Monitor, [flush]),
            Others;
        error -> Watched
    end.

%% Unless another has become the owner meanwhile.
abandon(Ref, Owner) ->
    case ets:lookup(?TABLE, Ref) of
        [{_, Owner, _, _}] ->
            ets:delete(?TABLE, Ref),
            prim_socket:close(Ref),
            tell_closed(Ref);
        _ -> ok
    end.
