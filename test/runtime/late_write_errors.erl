%% SPDX-License-Identifier: Apache-2.0
%% An error of a late write is the answer to the next operation, whatever that
%% is; nothing is added before. A file is closed all the same.
%% only merle: Erlang/OTP forgets an error of what is written in its time
%% expect: later: [{error,enospc},ok,{error,enospc},ok,{error,enospc}]
%% expect: at close: {{error,enospc},{error,einval}}
%% expect: arguments: [{error,badarg},{error,badarg}]
-module(late_write_errors).
-export([main/0]).

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

open(Delay) ->
    {ok, Fd} = file:open("/dev/full", [write, raw, {delayed_write, 100, Delay}]),
    Fd.

%% Adds until the error of what was added before is there.
failed(Fd) ->
    case file:write(Fd, "a") of
        ok -> timer:sleep(5), failed(Fd);
        Error -> Error
    end.

main() ->
    A = open(1),
    First = failed(A),
    Second = file:write(A, "b"),
    timer:sleep(200),
    Third = file:position(A, cur),
    Fourth = file:write(A, "b"),
    timer:sleep(200),
    show("later", [First, Second, Third, Fourth, file:close(A)]),
    B = open(60000),
    ok = file:write(B, "abc"),
    show("at close", {file:close(B), file:write(B, "d")}),
    show("arguments", [file:open("x", [write, raw, {delayed_write, S, D}])
                       || {S, D} <- [{-1, 2}, {1, a}]]).
