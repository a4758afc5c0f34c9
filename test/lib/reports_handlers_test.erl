%% SPDX-License-Identifier: Apache-2.0
%% SASL's handlers of error_logger, and pools of nodes on one node.
%% expect: [supervisor,progress,crash]
%% expect: true
%% expect: {[true],true,attached_before,stopped}
%% expect: {error,report_not_loaded}
-module(reports_handlers_test).
-export([main/0]).

main() ->
    File = filename:join("/tmp", "reports_" ++ os:getpid()),
    Pid = self(),
    Event = fun(Kind, Type, Report) ->
        {calendar:local_time(), {Kind, group_leader(), {Pid, Type, Report}}}
    end,
    {ok, Device} = file:open(File, [write]),
    sasl_report:write_report(Device, all, Event(error_report, supervisor_report,
        [{supervisor, s}, {errorContext, start_error}, {reason, r},
         {offender, []}])),
    sasl_report:write_report(Device, progress, Event(info_report, progress,
                                                     [{started, x}])),
    Crash = [[{initial_call, {m, f, []}}, {error_info, {exit, r, []}}], []],
    sasl_report:write_report(Device, error, Event(error_report, crash_report,
                                                  Crash)),
    true = sasl_report:write_report(Device, error,
                                    Event(info_report, progress, [])),
    ok = file:close(Device),
    {ok, Text} = file:read_file(File),
    ok = file:delete(File),
    io:format("~p~n", [[Name || {Name, Title} <- [{supervisor, "SUPERVISOR"},
                                                  {progress, "PROGRESS"},
                                                  {crash, "CRASH"}],
                                string:find(Text, ["=", Title, " REPORT===="])
                                    =/= nomatch]]),
    io:format("~p~n", [string:find(Text, "     Reason:     r\n") =/= nomatch]),
    {ok, _} = gen_server:start({global, pool_master}, pool, [], []),
    Self = pool:pspawn(erlang, send, [Pid, hello]),
    receive hello -> ok end,
    Attached = case pool:attach(node()) of
                   already_attached -> attached_before
               end,
    io:format("~p~n", [{[N =:= node() || N <- pool:get_nodes()], is_pid(Self),
                        Attached, pool:stop()}]),
    {ok, _} = system_information:start(),
    io:format("~p~n", [system_information:applications()]),
    ok = system_information:stop().
