%% SPDX-License-Identifier: Apache-2.0
%% The report browser on a folder of reports made here.
%% expect: rb: reading report...done.
%% expect: rb: ERROR! A report on bad form was encountered. It cannot be printed to the log.
%% expect:
%% expect: Details:
%% expect: "2026-05-04 03:02:01" {{{2026,5,4},{3,2,1}},
%% expect:                        {error,<0.9998.0>,{<0.9999.0>,"~w",not_a_list}}}
%% expect:
%% expect: rb: Logging resumed...
%% expect:
%% expect: Found match in report number 6
%% expect: There is no report with number 17.
%% expect: rb: reading report...done.
%% expect:
%% expect: PROGRESS REPORT  PID                                 2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: application                                                                   a
%% expect: started_at                                                                 here
%% expect:
%% expect:
%% expect: CRASH REPORT  PID                                    2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: Crashing process                                                               
%% expect:    initial_call                                                    {m,init,[x]}
%% expect:    registered_name                                                           []
%% expect:    error_info
%% expect:          {error,[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,
%% expect:                 24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,
%% expect:                 44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60],
%% expect:                []}
%% expect:
%% expect:
%% expect: SUPERVISOR REPORT  PID                               2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: Reporting supervisor                                                        top
%% expect:
%% expect: Child process                                                                  
%% expect:    errorContext                                                child_terminated
%% expect:    reason                                                                normal
%% expect:    start_function                                                      {m,f,[]}
%% expect:
%% expect:
%% expect: ERROR REPORT  PID                                    2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect:
%% expect: bad thing
%% expect:
%% expect: ERROR REPORT  PID                                    2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect:
%% expect:
%% expect:    ********* RB: UNPRINTABLE REPORT ********
%% expect:
%% expect:
%% expect: Info type <odd> 2026-05-04 03:02:01
%% expect: "what"
%% expect: PROGRESS REPORT  PID                                 2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: application                                                                   a
%% expect: started_at                                                                 here
%% expect:
%% expect:
%% expect: SUPERVISOR REPORT  PID                               2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: Reporting supervisor                                                        top
%% expect:
%% expect: Child process                                                                  
%% expect:    errorContext                                                child_terminated
%% expect:    reason                                                                normal
%% expect:    start_function                                                      {m,f,[]}
%% expect:
%% expect:
%% expect: PROGRESS REPORT  PID                                 2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: application                                                                   a
%% expect: started_at                                                                 here
%% expect:
%% expect:
%% expect: CRASH REPORT  PID                                    2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: Crashing process                                                               
%% expect:    initial_call                                                    {m,init,[x]}
%% expect:    registered_name                                                           []
%% expect:    error_info
%% expect:          {error,[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,
%% expect:                 24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,
%% expect:                 44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60],
%% expect:                []}
%% expect:
%% expect:   No                Type     Process       Date     Time
%% expect:   ==                ====     =======       ====     ====
%% expect:    3               error  PID 2026-05-04 03:02:01
%% expect:    2               error  PID 2026-05-04 03:02:01
%% expect:
%% expect: PROGRESS REPORT  PID                                 2026-05-04 03:02:01
%% expect: ===============================================================================
%% expect: application                                                                   a
%% expect: started_at                                                                 here
-module(rb_test).
-export([main/0]).

main() ->
    ok = application:start(sasl),
    Time = {{2026, 5, 4}, {3, 2, 1}},
    Leader = list_to_pid("<0.9998.0>"),
    Pid = list_to_pid("<0.9999.0>"),
    Events = [{Time, {info_report, Leader, {Pid, progress,
                       [{application, a}, {started_at, here}]}}},
              {Time, {error_report, Leader, {Pid, crash_report,
                       [[{initial_call, {m, init, [x]}}, {registered_name, []},
                         {error_info, {error, lists:seq(1, 60), []}}], []]}}},
              {Time, {error_report, Leader, {Pid, supervisor_report,
                       [{supervisor, top}, {errorContext, child_terminated},
                        {reason, normal}, {offender, [{mfa, {m, f, []}}]}]}}},
              {Time, {error, Leader, {Pid, "bad ~w~n", [thing]}}},
              {Time, {error, Leader, {Pid, "~w", not_a_list}}},
              {Time, {odd, Leader, "what"}}],
    ok = file:write_file("index", <<1>>),
    ok = file:write_file("1", [[<<(byte_size(B)):16>>, B]
                               || E <- Events, B <- [term_to_binary(E)]]),
    {ok, _} = rb:start([{report_dir, "."}, {start_log, "out"}]),
    rb:show(),
    rb:grep("started_.t"),
    rb:filter([{reason, normal}]),
    rb:filter([{application, "a", re}], {Time, from}),
    rb:filter([{application, a}], {{{2026, 1, 1}, {0, 0, 0}}, to}),
    rb:show(crash_report),
    rb:show(17),
    rb:log_list(error),
    rb:rescan([{type, [progress]}, {max, 3}]),
    rb:show(),
    rb:stop_log(),
    ok = rb:stop(),
    {ok, Text} = file:read_file("out"),
    io:put_chars(re:replace(Text, "<[0-9.]+>", "PID", [global])).
