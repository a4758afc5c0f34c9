%% SPDX-License-Identifier: Apache-2.0
%% pg: groups of processes. A scope is a server with a table of its own, both
%% named by it: {Group, All, Local} holds the members on all nodes and on this
%% one, the last joined first. A process may be in a group several times.
%%
%% The servers of a scope on all nodes tell each other:
%%     {discover, Server}               a server is there; it is told all
%%     {sync, Server, [{Group, Pids}]}  all members on its node (a cast)
%%     {join, Server, Group, Pids}, {leave, Server, Pids, Groups}
-module(pg).
-behaviour(gen_server).

-export([start/1, start_link/0, start_link/1, join/2, join/3, leave/2,
         leave/3, monitor_scope/0, monitor_scope/1, monitor/1, monitor/2,
         demonitor/1, demonitor/2, get_members/1, get_members/2,
         get_local_members/1, get_local_members/2, which_groups/0,
         which_groups/1, which_local_groups/0, which_local_groups/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-type group() :: any().
-export_type([group/0]).

%% processes: #{Pid => {Monitor, [Group]}}; scope_monitors: #{Ref => Pid};
%% group_monitors: #{Ref => {Pid, Group}}; watched: #{Group => [{Pid, Ref}]}.
%% remote: #{Server => {Monitor, #{Group => [Pid]}}}.
-record(state, {scope, processes = #{}, remote = #{}, scope_monitors = #{},
                group_monitors = #{}, watched = #{}}).

-define(DEFAULT, ?MODULE).

%% ---- clients ----

start(Scope) when is_atom(Scope) ->
    gen_server:start({local, Scope}, ?MODULE, [Scope], []).

start_link() -> start_link(?DEFAULT).

start_link(Scope) when is_atom(Scope) ->
    gen_server:start_link({local, Scope}, ?MODULE, [Scope], []).

join(Group, Pids) -> join(?DEFAULT, Group, Pids).

join(Scope, Group, Pids) when is_pid(Pids); is_list(Pids) ->
    ok = check_local(Pids),
    gen_server:call(Scope, {join, Group, Pids}, infinity).

leave(Group, Pids) -> leave(?DEFAULT, Group, Pids).

leave(Scope, Group, Pids) when is_pid(Pids); is_list(Pids) ->
    ok = check_local(Pids),
    gen_server:call(Scope, {leave, Group, Pids}, infinity).

monitor_scope() -> monitor_scope(?DEFAULT).
monitor_scope(Scope) -> gen_server:call(Scope, monitor, infinity).

monitor(Group) -> ?MODULE:monitor(?DEFAULT, Group).
monitor(Scope, Group) -> gen_server:call(Scope, {monitor, Group}, infinity).

demonitor(Ref) -> ?MODULE:demonitor(?DEFAULT, Ref).

demonitor(Scope, Ref) ->
    case gen_server:call(Scope, {demonitor, Ref}, infinity) of
        ok ->
            receive
                {Ref, join, _, _} -> ok;
                {Ref, leave, _, _} -> ok
            after 0 -> ok
            end;
        Answer -> Answer
    end.

get_members(Group) -> get_members(?DEFAULT, Group).

get_members(Scope, Group) ->
    try ets:lookup_element(Scope, Group, 2)
    catch error:badarg -> []
    end.

get_local_members(Group) -> get_local_members(?DEFAULT, Group).

get_local_members(Scope, Group) ->
    try ets:lookup_element(Scope, Group, 3)
    catch error:badarg -> []
    end.

which_groups() -> which_groups(?DEFAULT).

which_groups(Scope) when is_atom(Scope) ->
    [Group || [Group] <- ets:match(Scope, {'$1', '_', '_'})].

which_local_groups() -> which_local_groups(?DEFAULT).

which_local_groups(Scope) when is_atom(Scope) ->
    [Group || {Group, _, Local} <- ets:tab2list(Scope), Local =/= []].

check_local(Pid) when is_pid(Pid), node(Pid) =:= node() -> ok;
check_local(Pids) when is_list(Pids) -> lists:foreach(fun check_local/1, Pids);
check_local(Other) -> error({nolocal, Other}).

%% ---- the server ----

init([Scope]) ->
    Scope = ets:new(Scope, [set, protected, named_table,
                            {read_concurrency, true}]),
    _ = net_kernel:monitor_nodes(true),
    [{Scope, Node} ! {discover, self()} || Node <- nodes()],
    {ok, #state{scope = Scope}}.

handle_call({join, Group, Pids0}, _, S) ->
    Pids = lists:flatten([Pids0]),
    insert(S#state.scope, Group, Pids, Pids),
    tell(join, Group, Pids, S),
    broadcast({join, self(), Group, Pids0}, S),
    {reply, ok, lists:foldl(fun(Pid, Acc) -> joined(Pid, Group, Acc) end,
                            S, Pids)};
handle_call({leave, Group, Pids}, _, S) ->
    case left(lists:flatten([Pids]), Group, S) of
        {[], _} -> {reply, not_joined, S};
        {Gone, New} ->
            remove(S#state.scope, Group, Gone),
            tell(leave, Group, Gone, S),
            broadcast({leave, self(), Gone, [Group]}, S),
            {reply, ok, New}
    end;
handle_call(monitor, {Pid, _}, #state{scope_monitors = Monitors} = S) ->
    Ref = erlang:monitor(process, Pid),
    All = maps:from_list([{G, Members}
                          || {G, Members, _} <- ets:tab2list(S#state.scope)]),
    {reply, {Ref, All}, S#state{scope_monitors = Monitors#{Ref => Pid}}};
handle_call({monitor, Group}, {Pid, _}, S) ->
    #state{group_monitors = Monitors, watched = Watched} = S,
    Ref = erlang:monitor(process, Pid),
    Old = maps:get(Group, Watched, []),
    {reply, {Ref, get_members(S#state.scope, Group)},
     S#state{group_monitors = Monitors#{Ref => {Pid, Group}},
             watched = Watched#{Group => [{Pid, Ref} | Old]}}};
handle_call({demonitor, Ref}, _, S) ->
    case forget_monitor(Ref, S) of
        {true, New} ->
            erlang:demonitor(Ref, [flush]),
            {reply, ok, New};
        {false, S} -> {reply, false, S}
    end;
handle_call(_, _, _) -> error(badarg).

handle_cast({sync, Peer, Groups}, S) -> {noreply, synced(Peer, Groups, S)};
handle_cast(_, _) -> error(badarg). % ends a server that is not understood

handle_info({join, Peer, Group, Pids0}, #state{remote = Remote} = S) ->
    case Remote of
        #{Peer := {Monitor, Groups}} ->
            Pids = lists:flatten([Pids0]),
            insert(S#state.scope, Group, Pids, []),
            tell(join, Group, Pids, S),
            Known = Pids ++ maps:get(Group, Groups, []),
            {noreply, S#state{remote = Remote#{Peer := {Monitor, Groups#{
                                                   Group => Known}}}}};
        _ -> {noreply, S} % it will tell all later
    end;
handle_info({leave, Peer, Pids0, Left}, #state{remote = Remote} = S) ->
    case Remote of
        #{Peer := {Monitor, Groups}} ->
            Pids = lists:flatten([Pids0]),
            Rest = lists:foldl(
                     fun(Group, Acc) -> gone(Group, Pids, Acc, S) end,
                     Groups, Left),
            {noreply, S#state{remote = Remote#{Peer := {Monitor, Rest}}}};
        _ -> {noreply, S}
    end;
handle_info({discover, Peer}, #state{remote = Remote} = S) ->
    gen_server:cast(Peer, {sync, self(), local_groups(S)}),
    case is_map_key(Peer, Remote) of
        true -> {noreply, S};
        false ->
            erlang:send(Peer, {discover, self()}, [noconnect]),
            {noreply, know(Peer, S)}
    end;
handle_info({nodeup, Node}, #state{scope = Scope} = S) when Node =/= node() ->
    erlang:send({Scope, Node}, {discover, self()}, [noconnect]),
    {noreply, S};
handle_info({'DOWN', Ref, process, Pid, _},
            #state{processes = Processes, remote = Remote} = S) ->
    case {Processes, Remote} of
        {#{Pid := {Ref, Groups}}, _} ->
            [begin
                 remove(S#state.scope, Group, [Pid]),
                 tell(leave, Group, [Pid], S)
             end || Group <- Groups],
            broadcast({leave, self(), [Pid], Groups}, S),
            {noreply, S#state{processes = maps:remove(Pid, Processes)}};
        {_, #{Pid := {Ref, Groups}}} ->
            maps:foreach(fun(Group, Pids) ->
                                 remove(S#state.scope, Group, Pids),
                                 tell(leave, Group, Pids, S)
                         end, Groups),
            {noreply, S#state{remote = maps:remove(Pid, Remote)}};
        _ ->
            {_, New} = forget_monitor(Ref, S),
            {noreply, New}
    end;
handle_info({Node, _}, S) when Node =:= nodeup; Node =:= nodedown ->
    {noreply, S}; % the scope's processes are told of by their own monitors
handle_info(_, _) -> error(badarg).

terminate(_, #state{scope = Scope}) ->
    true = ets:delete(Scope),
    ok.

%% ---- other nodes ----

broadcast(Message, #state{remote = Remote}) ->
    [erlang:send(Peer, Message, [noconnect]) || Peer <- maps:keys(Remote)],
    ok.

know(Peer, #state{remote = Remote} = S) ->
    Monitor = erlang:monitor(process, Peer),
    S#state{remote = Remote#{Peer => {Monitor, #{}}}}.

%% [{Group, Pids}] of this node.
local_groups(#state{scope = Scope}) ->
    [{Group, Local} || {Group, _, Local} <- ets:tab2list(Scope), Local =/= []].

%% What is new there has joined, what is not there any more has left.
synced(Peer, New, #state{remote = Remote} = S0) ->
    S = case is_map_key(Peer, Remote) of
            true -> S0;
            false -> know(Peer, S0)
        end,
    #{Peer := {Monitor, Old}} = S#state.remote,
    [begin
         Before = maps:get(Group, Old, []),
         case {Pids -- Before, Before -- Pids} of
             {[], []} -> ok;
             {Joined, Left} ->
                 Left =:= [] orelse gone(Group, Left, Old, S),
                 Joined =:= [] orelse
                     begin
                         insert(S#state.scope, Group, Joined, []),
                         tell(join, Group, Joined, S)
                     end
         end
     end || {Group, Pids} <- New],
    [gone(Group, Pids, Old, S) || {Group, Pids} <- maps:to_list(Old),
                                  not lists:keymember(Group, 1, New)],
    S#state{remote = (S#state.remote)#{Peer := {Monitor,
                                                maps:from_list(New)}}}.

%% Those of [Pids] that are in the group leave it; the groups then.
gone(Group, Pids, Groups, S) ->
    Before = maps:get(Group, Groups, []),
    Rest = Before -- Pids,
    case Before -- Rest of
        [] -> Groups;
        Left ->
            remove(S#state.scope, Group, Left),
            tell(leave, Group, Left, S),
            case Rest of
                [] -> maps:remove(Group, Groups);
                _ -> Groups#{Group => Rest}
            end
    end.

%% ---- members of this node ----

joined(Pid, Group, #state{processes = Processes} = S) ->
    {Ref, Groups} = case Processes of
                        #{Pid := Known} -> Known;
                        _ -> {erlang:monitor(process, Pid), []}
                    end,
    S#state{processes = Processes#{Pid => {Ref, [Group | Groups]}}}.

%% Those of [Pids] that were members, as often as they were.
left(Pids, Group, S0) ->
    lists:foldr(
      fun(Pid, {Gone, #state{processes = Processes} = S}) ->
              case Processes of
                  #{Pid := {Ref, Groups}} ->
                      case lists:member(Group, Groups) of
                          true ->
                              Left = lists:delete(Group, Groups),
                              {[Pid | Gone],
                               S#state{processes =
                                           after_leave(Pid, Ref, Left,
                                                       Processes)}};
                          false -> {Gone, S}
                      end;
                  _ -> {Gone, S}
              end
      end, {[], S0}, Pids).

after_leave(Pid, Ref, [], Processes) ->
    erlang:demonitor(Ref, [flush]),
    maps:remove(Pid, Processes);
after_leave(Pid, Ref, Groups, Processes) ->
    Processes#{Pid := {Ref, Groups}}.

insert(Scope, Group, Pids, LocalPids) ->
    {All, Local} = case ets:lookup(Scope, Group) of
                       [{_, A, L}] -> {A, L};
                       [] -> {[], []}
                   end,
    ets:insert(Scope, {Group, Pids ++ All, LocalPids ++ Local}).

remove(Scope, Group, Pids) ->
    case ets:lookup(Scope, Group) of
        [{_, All, Local}] ->
            case All -- Pids of
                [] -> ets:delete(Scope, Group);
                Rest -> ets:insert(Scope, {Group, Rest, Local -- Pids})
            end;
        [] -> true
    end.

tell(What, Group, Pids, #state{scope_monitors = Scopes, watched = Watched}) ->
    maps:foreach(fun(Ref, Pid) -> Pid ! {Ref, What, Group, Pids} end, Scopes),
    [Pid ! {Ref, What, Group, Pids}
     || {Pid, Ref} <- maps:get(Group, Watched, [])],
    ok.

forget_monitor(Ref, #state{scope_monitors = Scopes} = S)
  when is_map_key(Ref, Scopes) ->
    {true, S#state{scope_monitors = maps:remove(Ref, Scopes)}};
forget_monitor(Ref, #state{group_monitors = Monitors, watched = Watched} = S)
  when is_map_key(Ref, Monitors) ->
    #{Ref := {Pid, Group}} = Monitors,
    Left = case lists:delete({Pid, Ref}, maps:get(Group, Watched)) of
               [] -> maps:remove(Group, Watched);
               Some -> Watched#{Group := Some}
           end,
    {true, S#state{group_monitors = maps:remove(Ref, Monitors),
                   watched = Left}};
forget_monitor(_, S) -> {false, S}.
