%% SPDX-License-Identifier: Apache-2.0
%% What observer_backend tells etop and others of a node and its processes.
-record(etop_info,
        {now = {0, 0, 0}, n_procs = 0, wall_clock, runtime, run_queue = 0,
         alloc_areas = [],
         memi = [{total, 0}, {processes, 0}, {ets, 0}, {atom, 0}, {code, 0},
                 {binary, 0}],
         procinfo = []}).

%% cf: the current function; mq: messages in the queue; reds: reductions.
-record(etop_proc_info, {pid, mem = 0, reds = 0, name, runtime = 0, cf,
                         mq = 0}).
