%% SPDX-License-Identifier: Apache-2.0
%% Sockets that close, break and are slow: what is queued arrives though the
%% sender closes and ends; a sender waits for no longer than its time, and what
%% it had sent stays; who asks later hears of the end; options for all sockets.
%%
%% expect: {closed,4000000}
%% expect: {timeout,true}
%% expect: {resumed,true}
%% expect: {closed_by_time,timeout,true}
%% expect: told
%% expect: {error,einval}
%% expect: [[listen,open],[accepting,listen,open],[listen,open]]
%% expect: [{delay_send,true},{active,true}]
%% expect: {ok,[]}
-module(sockets_test).
-export([main/0]).

main() ->
    flushes(),
    slow(),
    slow_and_closed(),
    tells_later(),
    states(),
    ok = application:set_env(kernel, inet_default_listen_options,
                             [{delay_send, true}, {active, false}]),
    {ok, L} = gen_tcp:listen(0, []),
    {ok, Options} = inet:getopts(L, [delay_send, active]),
    show(Options),
    show(inet:ifget("none", [addr])).

show(Term) -> io:format("~0p~n", [Term]).

pair(Options) ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {recbuf, 4096}]),
    {ok, Port} = inet:port(L),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [binary, {active, false} | Options]),
    {ok, B} = gen_tcp:accept(L),
    gen_tcp:close(L),
    {A, B}.

flushes() ->
    {A, B} = pair([]),
    {_, Monitor} = spawn_monitor(
                     fun() ->
                             receive go -> ok end,
                             ok = gen_tcp:send(A, <<0:4000000/unit:8>>),
                             ok = gen_tcp:close(A)
                     end),
    {monitored_by, [_]} = {monitored_by, [Monitor]},
    [Pid] = [P || {process, P} <- element(2, process_info(self(), monitors))],
    ok = gen_tcp:controlling_process(A, Pid),
    Pid ! go,
    timer:sleep(50),
    show({closed, read_all(B, 0)}).

read_all(S, Size) ->
    case gen_tcp:recv(S, 0) of
        {ok, Bytes} -> read_all(S, Size + byte_size(Bytes));
        {error, closed} -> Size
    end.

slow() ->
    {A, B} = pair([{send_timeout, 50}, {sndbuf, 4096}]),
    Sent = send_until_error(A, 1),
    show({timeout, Sent > 1}),
    spawn_link(fun() -> timer:sleep(10), gen_tcp:close(A) end),
    %% what was sent when the time was over arrives, too
    show({resumed, read_all(B, 0) =:= Sent * 100000}).

send_until_error(A, N) ->
    case gen_tcp:send(A, <<0:100000/unit:8>>) of
        ok -> send_until_error(A, N + 1);
        {error, timeout} -> N
    end.

slow_and_closed() ->
    {A, _} = pair([{send_timeout, 50}, {send_timeout_close, true},
                   {sndbuf, 4096}]),
    _ = send_until_error(A, 1),
    {error, Reason} = gen_tcp:send(A, <<"more">>),
    show({closed_by_time, timeout, Reason =/= timeout}).

tells_later() ->
    {A, B} = pair([]),
    ok = gen_tcp:close(B),
    timer:sleep(20),
    _ = [gen_tcp:send(A, <<"x">>) || _ <- [1, 2, 3]],
    timer:sleep(20),
    _ = gen_tcp:send(A, <<"x">>),
    ok = inet:setopts(A, [{active, once}]),
    receive {tcp_closed, A} -> show(told) after 2000 -> show(silent) end,
    show(inet:setopts(A, [{active, once}])).

states() ->
    {ok, L} = gen_tcp:listen(0, []),
    Before = state(L),
    Pid = spawn(fun() -> gen_tcp:accept(L) end),
    timer:sleep(50),
    Within = state(L),
    exit(Pid, kill),
    timer:sleep(50),
    show([Before, Within, state(L)]).

state(S) -> lists:sort(maps:get(states, inet:info(S))).
