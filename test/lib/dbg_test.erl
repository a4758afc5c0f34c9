%% SPDX-License-Identifier: Apache-2.0
%% dbg: patterns saved and named, flags, messages printed, traces written to a
%% file and a ring of files and read again.
-module(dbg_test).
-export([main/0, traced/1]).

traced(X) -> {ok, X}.

main() ->
    {ok, _} = dbg:tracer(process, {fun show/2, self()}),
    {error, already_started} = dbg:tracer(),
    {ok, [{matched, _, 1}]} = dbg:p(self(), [c]),
    patterns(),
    dbg:stop(),
    text(),
    file(),
    ring().

show(Trace, Main) ->
    Main ! {seen, erlang:delete_element(2, Trace)},
    Main.

%% expect: {ok,1,[{saved,1}]}
%% expect: {trace,call,{dbg_test,traced,[1]}}
%% expect: {trace,return_from,{dbg_test,traced,1},{ok,1}}
%% expect: {ok,1,[{saved,cx}]}
%% expect: {trace,call,{dbg_test,traced,[2]},{dbg_test,call,1}}
%% expect: {trace,return_from,{dbg_test,traced,1},{ok,2}}
%% expect: {error,unknown_pattern}
%% expect: {error,{bad_flags,[bad]}}
%% expect: c: [{'_',[],[{message,{caller}}]}]
%% expect: caller_exception_trace: cx
%% expect: caller_trace: c
%% expect: cx: [{'_',[],[{exception_trace},{message,{caller}}]}]
%% expect: exception_trace: x
%% expect: x: [{'_',[],[{exception_trace}]}]
patterns() ->
    matched(dbg:tpl(?MODULE, traced, [{'_', [], [{return_trace}]}])),
    call(1),
    matched(dbg:tpl(?MODULE, traced, cx)),
    call(2),
    io:format("~p~n", [dbg:tpl(?MODULE, traced, 77)]),
    io:format("~p~n", [dbg:p(self(), bad)]),
    dbg:ctpl(),
    dbg:dtp(),
    dbg:ltp().

matched({ok, [{matched, _, N} | Saved]}) ->
    io:format("~w~n", [{ok, N, Saved}]).

%% Each call is told of twice.
call(X) ->
    {ok, X} = traced(X),
    [receive {seen, Trace} -> io:format("~w~n", [Trace]) end || _ <- [1, 2]].

%% expect: (<0.1.0>) call m:f(1,"two")
%% expect: (<0.1.0>) call m:f/2 ({caller,1})
%% expect: (<0.1.0>) returned from m:f/2 -> ok
%% expect: (<0.1.0>) exception_from {m,f,2} {error,badarg} (Timestamp: {1,2,3})
%% expect: (<0.1.0>) << hello
%% expect: (<0.1.0>) to ! hello
%% expect: (<0.1.0>) spawn <0.2.0> as m:f(1)
%% expect: *** Dropped 7 messages.
text() ->
    P = list_to_pid("<0.1.0>"),
    Q = list_to_pid("<0.2.0>"),
    lists:foldl(
      fun dbg:dhandler/2, group_leader(),
      [{trace, P, call, {m, f, [1, "two"]}},
       {trace, P, call, {m, f, 2}, {caller, 1}},
       {trace, P, return_from, {m, f, 2}, ok},
       {trace_ts, P, exception_from, {m, f, 2}, {error, badarg}, {1, 2, 3}},
       {trace, P, 'receive', hello},
       {trace, P, send, hello, to},
       {trace, P, spawn, Q, {m, f, [1]}},
       {drop, 7}]).

%% expect: [{call,[file]},end_of_trace]
file() ->
    {ok, _} = dbg:tracer(port, dbg:trace_port(file, "dbg_test.trace")),
    dbg:p(self(), c),
    dbg:tp(?MODULE, traced, []),
    ?MODULE:traced(file),
    ok = dbg:flush_trace_port(),
    dbg:stop(),
    io:format("~w~n", [replay("dbg_test.trace")]),
    file:delete("dbg_test.trace").

%% Each file holds one message; the last one is empty.
%% expect: [{call,[4]},{call,[5]},end_of_trace]
ring() ->
    Ring = {"dbg_test_ring", wrap, ".trace", 0, 3},
    {ok, _} = dbg:tracer(port, dbg:trace_port(file, Ring)),
    dbg:p(self(), c),
    dbg:tp(?MODULE, traced, []),
    [?MODULE:traced(N) || N <- lists:seq(1, 5)],
    dbg:stop(),
    io:format("~w~n", [replay(Ring)]),
    [file:delete(F) || F <- filelib:wildcard("dbg_test_ring*.trace")].

replay(Source) ->
    Self = self(),
    Client = dbg:trace_client(file, Source,
                              {fun(T, S) -> Self ! {read, T}, S end, none}),
    Ref = monitor(process, Client),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    dbg:stop(),
    read().

read() ->
    receive
        {read, end_of_trace} -> [end_of_trace];
        {read, {trace, _, call, {_, _, Args}}} -> [{call, Args} | read()]
    after 1000 -> []
    end.
