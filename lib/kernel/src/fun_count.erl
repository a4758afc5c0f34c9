%% SPDX-License-Identifier: Apache-2.0
%% fun_count: how often a fun is there. All processes are asked when somebody
%% wants to know; see bif_merle_funs.c.
-module(fun_count).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([info/1]).

%% What erlang:fun_info(Fun, refc) goes on with.
-spec info(fun()) -> {refc, non_neg_integer()}.
info(Fun) ->
    Code = case merle_funs:is_loaded(Fun) of true -> 1; false -> 0 end,
    {refc, count(processes(), Fun, Code)}.

count([Pid | Pids], Fun, N) ->
    count(Pids, Fun, N + merle_funs:count(Pid, Fun));
count([], _, N) -> N.
