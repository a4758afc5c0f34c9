%% SPDX-License-Identifier: Apache-2.0
%% disk_log_server: which logs are open, and by which process each is kept.
-module(disk_log_server).
-behaviour(gen_server).

-export([start_link/0, started/0, open/1, pid/1, all/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(TABLE, disk_log_names).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Opens a log for the calling process.
open(Options) ->
    started(),
    gen_server:call(?MODULE, {open, self(), Options}, infinity).

%% Comes up below kernel_safe_sup when the first log is opened.
started() ->
    case whereis(?MODULE) of
        undefined ->
            Spec = #{id => ?MODULE, start => {?MODULE, start_link, []},
                     shutdown => 2000},
            _ = supervisor:start_child(kernel_safe_sup, Spec),
            ok;
        _ -> ok
    end.

pid(Name) ->
    case ets:whereis(?TABLE) of
        undefined -> undefined;
        _ ->
            case ets:lookup(?TABLE, Name) of
                [{_, Pid}] -> Pid;
                [] -> undefined
            end
    end.

all() ->
    case ets:whereis(?TABLE) of
        undefined -> [];
        _ -> lists:sort([Name || {Name, _} <- ets:tab2list(?TABLE)])
    end.

init([]) ->
    process_flag(trap_exit, true),
    ets:new(?TABLE, [named_table, set, {read_concurrency, true}]),
    {ok, #{}}.

handle_call({open, Owner, #{name := Name} = Options}, From, S) ->
    case pid(Name) of
        undefined ->
            {ok, Pid} = disk_log:start_log(Name),
            ets:insert(?TABLE, {Name, Pid}),
            Pid ! {open, From, Owner, Options};
        Pid -> Pid ! {open, From, Owner, Options}
    end,
    {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, _}, S) ->
    ets:match_delete(?TABLE, {'_', Pid}),
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

%% The node may be gone with this process: logs must be closed before.
terminate(_, _) ->
    Logs = [Pid || {_, Pid} <- ets:tab2list(?TABLE)],
    Monitors = [monitor(process, Pid) || Pid <- Logs],
    [exit(Pid, shutdown) || Pid <- Logs],
    [receive {'DOWN', Monitor, _, _, _} -> ok end || Monitor <- Monitors],
    ok.
