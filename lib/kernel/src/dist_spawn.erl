%% SPDX-License-Identifier: Apache-2.0
%% dist_spawn: waits for the processes that spawn and its kin start on other
%% nodes.
-module(dist_spawn).

-export([spawn_opt/5, crash/6]).

%% Called in the place of erlang:spawn, spawn_link, spawn_monitor, spawn_opt
%% with another node.
spawn_opt(Node, M, F, A, Options) ->
    Ref = spawn_request(Node, M, F, A, [{reply, yes} | Options]),
    IsMonitor = is_monitor(Options),
    receive
        {spawn_reply, Ref, ok, Pid} when IsMonitor -> {Pid, Ref};
        {spawn_reply, Ref, ok, Pid} -> Pid;
        {spawn_reply, Ref, error, Why}
          when Why =:= noconnection; Why =:= notsup ->
            lost(Node, M, F, A, Options, Why);
        {spawn_reply, Ref, error, badopt} ->
            error(badarg, [Node, M, F, A, Options]);
        {spawn_reply, Ref, error, Reason} ->
            error(Reason, [Node, M, F, A, Options])
    end.

is_monitor(Options) ->
    lists:any(fun(monitor) -> true;
                 ({monitor, _}) -> true;
                 (_) -> false
              end, Options).

%% A process of this node dies in the place of the one that is not there.
lost(Node, M, F, A, Options, Why) ->
    Own = [O || O <- Options, O =:= link orelse is_monitor([O])],
    erlang:spawn_opt(?MODULE, crash, [Node, M, F, A, Options, Why],
                     Own).

-spec crash(node(), module(), atom(), [term()], list(), term()) ->
          no_return().
crash(Node, M, F, A, [], Reason) ->
    error_logger:warning_msg("** Can not start ~w:~w,~w on ~w **~n",
                             [M, F, A, Node]),
    exit(Reason);
crash(Node, M, F, A, Options, Reason) ->
    error_logger:warning_msg("** Can not start ~w:~w,~w (~w) on ~w **~n",
                             [M, F, A, Options, Node]),
    exit(Reason).
