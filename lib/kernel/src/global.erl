%% SPDX-License-Identifier: Apache-2.0
%% global: names and locks that hold for a whole cluster; on a node that is
%% alone, for this node. The server owns the tables and watches who has a name
%% or a lock; names are looked up in the tables by anybody.
%%
%%     global_names  {Name, Pid, Resolve, Monitor}
%%     global_locks  {Resource, Requester, [{Pid, Monitor}]}
-module(global).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, sync/0, info/0, disconnect/0,
         register_name/2, register_name/3, register_name_external/2,
         register_name_external/3, unregister_name_external/1,
         re_register_name/2, re_register_name/3, unregister_name/1,
         whereis_name/1, registered_names/0, send/2, safe_whereis_name/1,
         set_lock/1, set_lock/2, set_lock/3, del_lock/1, del_lock/2,
         trans/2, trans/3, trans/4, random_exit_name/3, random_notify_name/3,
         notify_all_name/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(SERVER, global_name_server).
-define(NAMES, global_names).
-define(LOCKS, global_locks).
-define(PIDS, global_pid_names).

start() -> gen_server:start({local, ?SERVER}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).
stop() -> gen_server:call(?SERVER, stop, infinity).

sync() -> call(sync).
info() -> call(info).
disconnect() -> nodes().

call(Request) -> gen_server:call(?SERVER, Request, infinity).

%% ---- names ----

register_name(Name, Pid) ->
    register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

register_name(Name, Pid, Resolve) when is_pid(Pid) ->
    is_resolve(Resolve) orelse error(badarg, [Name, Pid, Resolve]),
    call({register, Name, Pid, Resolve, new}).

re_register_name(Name, Pid) ->
    re_register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

re_register_name(Name, Pid, Resolve) when is_pid(Pid) ->
    is_resolve(Resolve) orelse error(badarg, [Name, Pid, Resolve]),
    call({register, Name, Pid, Resolve, any}).

is_resolve({M, F}) -> is_atom(M) andalso is_atom(F);
is_resolve(Fun) -> is_function(Fun, 3).

register_name_external(Name, Pid) ->
    register_name(Name, Pid).
register_name_external(Name, Pid, Resolve) ->
    register_name(Name, Pid, Resolve).
unregister_name_external(Name) -> unregister_name(Name).

unregister_name(Name) ->
    case whereis_name(Name) of
        undefined -> ok;
        _ -> call({unregister, Name})
    end.

%% The process may be gone before the server has heard of it.
whereis_name(Name) ->
    case ets:lookup(?NAMES, Name) of
        [{_, Pid, _, _}] when node(Pid) =:= node() ->
            case is_process_alive(Pid) of
                true -> Pid;
                false -> undefined
            end;
        [{_, Pid, _, _}] -> Pid;
        [] -> undefined
    end.

safe_whereis_name(Name) -> call({whereis, Name}).

registered_names() -> [Name || {Name, _, _, _} <- ets:tab2list(?NAMES)].

send(Name, Message) ->
    case whereis_name(Name) of
        Pid when is_pid(Pid) ->
            Pid ! Message,
            Pid;
        undefined -> exit({badarg, {Name, Message}})
    end.

%% What to do when two parts of a cluster that meet know a name differently.
random_exit_name(Name, Pid1, Pid2) ->
    {Min, Max} = minmax(Pid1, Pid2),
    logger:log(info, "global: Name conflict terminating ~tw",
               [{Name, Max}]),
    exit(Max, kill),
    Min.

random_notify_name(Name, Pid1, Pid2) ->
    {Min, Max} = minmax(Pid1, Pid2),
    Max ! {global_name_conflict, Name},
    Min.

notify_all_name(Name, Pid1, Pid2) ->
    Pid1 ! {global_name_conflict, Name, Pid2},
    Pid2 ! {global_name_conflict, Name, Pid1},
    none.

minmax(P1, P2) when node(P1) < node(P2) -> {P1, P2};
minmax(P1, P2) -> {P2, P1}.

%% ---- locks ----

set_lock(Id) -> set_lock(Id, [node() | nodes()], infinity).
set_lock(Id, Nodes) -> set_lock(Id, Nodes, infinity).

set_lock({_, _} = Id, Nodes, Retries)
  when is_list(Nodes), Retries =:= infinity
       orelse is_integer(Retries) andalso Retries >= 0 ->
    set_lock(Id, Nodes, Retries, 1).

set_lock(Id, Nodes, Retries, Times) ->
    case call({set_lock, Id, self()}) of
        true -> true;
        false when Retries =:= 0 -> false;
        false ->
            timer:sleep(pause(Times)),
            set_lock(Id, Nodes, fewer(Retries), Times + 1)
    end.

fewer(infinity) -> infinity;
fewer(N) -> N - 1.

%% Longer and longer pauses, each random up to a limit of eight seconds.
pause(Times) when Times > 5 -> rand:uniform(8000);
pause(Times) -> rand:uniform((1 bsl Times) * 1000 div 8).

del_lock(Id) -> del_lock(Id, [node() | nodes()]).

del_lock({_, _} = Id, Nodes) when is_list(Nodes) ->
    call({del_lock, Id, self()}).

trans(Id, Fun) -> trans(Id, Fun, [node() | nodes()], infinity).
trans(Id, Fun, Nodes) -> trans(Id, Fun, Nodes, infinity).

trans(Id, Fun, Nodes, Retries) ->
    case set_lock(Id, Nodes, Retries) of
        true ->
            try Fun()
            after del_lock(Id, Nodes)
            end;
        false -> aborted
    end.

%% ---- the server ----

init([]) ->
    process_flag(trap_exit, true),
    [ets:new(Table, [named_table, protected, Type])
     || {Table, Type} <- [{?NAMES, set}, {?LOCKS, set}, {?PIDS, bag}]],
    {ok, #{}}.

handle_call({register, Name, Pid, Resolve, Which}, _, S) ->
    case Which =:= any
        orelse whereis_name(Name) =:= undefined
        andalso is_second_name_allowed(Name, Pid) of
        true ->
            forget(Name),
            enter(Name, Pid, Resolve),
            {reply, yes, S};
        false -> {reply, no, S}
    end;
handle_call({unregister, Name}, _, S) ->
    forget(Name),
    {reply, ok, S};
handle_call({whereis, Name}, _, S) -> {reply, whereis_name(Name), S};
handle_call({set_lock, {Resource, Requester}, Pid}, _, S) ->
    {reply, lock(Resource, Requester, Pid), S};
handle_call({del_lock, {Resource, Requester}, Pid}, _, S) ->
    unlock(Resource, Requester, Pid),
    {reply, true, S};
handle_call(sync, _, S) -> {reply, ok, S};
handle_call(info, _, S) ->
    {reply, {state, {conf, true, true}, S, [], [], [], node(), undefined,
             undefined, no_trace, false}, S};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', Monitor, process, Pid, _}, S) ->
    [ets:delete(?NAMES, Name)
     || {Name, _, _, M} <- names_of(Pid), M =:= Monitor],
    ets:delete(?PIDS, Pid),
    [unlock(Resource, Requester, Pid)
     || {Resource, Requester, Owners} <- ets:tab2list(?LOCKS),
        lists:member({Pid, Monitor}, Owners)],
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> ok.

code_change(_, S, _) -> {ok, S}.

%% More than one name for a process is told, and refused as a rule.
is_second_name_allowed(Name, Pid) ->
    case ets:lookup(?PIDS, Pid) of
        [] -> true;
        Known ->
            case application:get_env(kernel, global_multi_name_action) of
                {ok, allow} -> true;
                _ ->
                    error_logger:error_msg(
                      "global: ~w registered under several names: ~tw\n",
                      [Pid, [Name | [N || {_, N} <- Known]]]),
                    false
            end
    end.

enter(Name, Pid, Resolve) ->
    ets:insert(?NAMES, {Name, Pid, Resolve, monitor(process, Pid)}),
    ets:insert(?PIDS, {Pid, Name}).

names_of(Pid) -> ets:match_object(?NAMES, {'_', Pid, '_', '_'}).

forget(Name) ->
    case ets:take(?NAMES, Name) of
        [{_, Pid, _, Monitor}] ->
            demonitor(Monitor, [flush]),
            ets:delete_object(?PIDS, {Pid, Name});
        [] -> ok
    end.

%% A lock belongs to a requester; its processes may set it several times.
lock(Resource, Requester, Pid) ->
    case ets:lookup(?LOCKS, Resource) of
        [] ->
            ets:insert(?LOCKS, {Resource, Requester, [owner(Pid)]}),
            true;
        [{_, Requester, Owners}] ->
            ets:insert(?LOCKS, {Resource, Requester, [owner(Pid) | Owners]}),
            true;
        _ -> false
    end.

owner(Pid) -> {Pid, monitor(process, Pid)}.

unlock(Resource, Requester, Pid) ->
    case ets:lookup(?LOCKS, Resource) of
        [{_, Requester, Owners}] ->
            {Gone, Left} = lists:partition(fun({P, _}) -> P =:= Pid end,
                                           Owners),
            [demonitor(M, [flush]) || {_, M} <- Gone],
            case Left of
                [] -> ets:delete(?LOCKS, Resource);
                _ -> ets:insert(?LOCKS, {Resource, Requester, Left})
            end,
            true;
        _ -> false
    end.
