%% SPDX-License-Identifier: Apache-2.0
%% literal_collector: frees the literals of purged modules and of persistent
%% terms that were replaced. The runtime starts it when there are some; it ends
%% when there are none left. The steps are explained in literal_collect.c.
-module(literal_collector).

-export([run/0]).

run() ->
    case merle_literals:leave() of
        {Stamp, Mark} ->
            wait(Stamp),
            [merle_literals:copy_out(Pid) || Pid <- processes()],
            merle_literals:left(Mark),
            run();
        false -> ok
    end.

wait(Stamp) ->
    case merle_literals:is_quiet(Stamp) of
        true -> ok;
        false ->
            receive after 1 -> ok end,
            wait(Stamp)
    end.
