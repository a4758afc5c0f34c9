#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No descriptor left: what needs the first of its kind is told so, and works
# later; so is who waits for a descriptor that another socket has, too.
merle=${MERLE:-merle}
ulimit -n 64
out=$("$merle" -noshell -eval '
    code:ensure_loaded(gen_tcp), code:ensure_loaded(inet_tcp),
    code:ensure_loaded(socket),
    Files = fun Files(All) ->
                    case file:open("/dev/null", [read, raw]) of
                        {ok, F} -> Files([F | All]);
                        {error, emfile} -> All
                    end
            end,
    Leave = fun(N) ->
                    {Some, Rest} = lists:split(N, Files([])),
                    [file:close(F) || F <- Some],
                    Rest
            end,
    Close = fun(All) -> [file:close(F) || F <- All], ok end,
    Left = Leave(1),
    io:format("~p~n", [gen_tcp:listen(0, [])]),
    io:format("~p~n", [socket:open(inet, stream)]),
    Close(Left),
    {ok, S0} = socket:open(inet, stream),
    ok = socket:close(S0),

    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Number} = inet:port(L),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Number, [{active, false}]),
    {ok, B} = gen_tcp:accept(L),
    {ok, Fd} = inet:getfd(A),
    {ok, Twin} = gen_tcp:fdopen(Fd, [{active, false}]),
    {error, timeout} = gen_tcp:recv(A, 0, 1),
    All = Leave(0),
    io:format("~p~n", [gen_tcp:recv(Twin, 0, 3000)]),
    io:format("~p~n", [gen_tcp:recv(A, 0, 1)]),
    Close(All),
    ok = gen_tcp:send(B, "there"),
    io:format("~p~n", [gen_tcp:recv(A, 5, 3000)]),

    {ok, C} = socket:open(inet, stream),
    ok = socket:bind(C, #{family => inet, addr => {127, 0, 0, 1},
                               port => 0}),
    ok = socket:listen(C),
    {ok, CFd} = socket:getopt(C, otp, fd),
    {ok, D} = socket:open(CFd, #{dup => false}),
    {error, timeout} = socket:accept(C, 1),
    Most = Leave(0),
    io:format("~p~n", [socket:accept(D, 3000)]),
    Close(Most),
    halt().' </dev/null 2>&1)
status=$?
echo "$out"
[ $status = 0 ] && [ "$out" = '{error,emfile}
{error,emfile}
{error,emfile}
{error,timeout}
{ok,"there"}
{error,emfile}' ]
