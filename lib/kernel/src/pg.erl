%% SPDX-License-Identifier: Apache-2.0
%% pg: groups of processes. A scope is a server with a table of its own, both
%% named by it: {Group, All, Local} holds the members on all nodes and on this
%% one, the last joined first. A process may be in a group several times.
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
-record(state, {scope, processes = #{}, scope_monitors = #{},
                group_monitors = #{}, watched = #{}}).

-define(DEFAULT, ?MODULE).

%% ---- clients ----

start(Scope) when is_atom(Scope) ->
    gen_server:start({local, Scope}, ?MODULE, [Scope], []).

start_link() -> start_link(?DEFAULT).

start_link(Scope) when is_atom(Scope) ->
    gen_server:start_link({local, Scope}, ?MODULE, [Scope], []).

join(Group, Pids) -> join(?DEFAULT, Group, Pids).

join(Scope, Group, Pids) ->
    ok = check_local(Pids),
    gen_server:call(Scope, {join, Group, Pids}, infinity).

leave(Group, Pids) -> leave(?DEFAULT, Group, Pids).

leave(Scope, Group, Pids) ->
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
    {ok, #state{scope = Scope}}.

handle_call({join, Group, Pids0}, _, S) ->
    Pids = lists:flatten([Pids0]),
    insert(S#state.scope, Group, Pids),
    tell(join, Group, Pids, S),
    {reply, ok, lists:foldl(fun(Pid, Acc) -> joined(Pid, Group, Acc) end,
                            S, Pids)};
handle_call({leave, Group, Pids}, _, S) ->
    case left(lists:flatten([Pids]), Group, S) of
        {[], _} -> {reply, not_joined, S};
        {Gone, New} ->
            remove(S#state.scope, Group, Gone),
            tell(leave, Group, Gone, S),
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
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', Ref, process, Pid, _}, #state{processes = Processes} = S)
  ->
    case Processes of
        #{Pid := {Ref, Groups}} ->
            [begin
                 remove(S#state.scope, Group, [Pid]),
                 tell(leave, Group, [Pid], S)
             end || Group <- Groups],
            {noreply, S#state{processes = maps:remove(Pid, Processes)}};
        _ ->
            {_, New} = forget_monitor(Ref, S),
            {noreply, New}
    end;
handle_info(_, S) -> {noreply, S}.

terminate(_, #state{scope = Scope}) ->
    true = ets:delete(Scope),
    ok.

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

insert(Scope, Group, Pids) ->
    {All, Local} = case ets:lookup(Scope, Group) of
                       [{_, A, L}] -> {A, L};
                       [] -> {[], []}
                   end,
    ets:insert(Scope, {Group, Pids ++ All, Pids ++ Local}).

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
