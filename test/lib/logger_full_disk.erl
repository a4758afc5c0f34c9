%% SPDX-License-Identifier: Apache-2.0
%% The standard handler on a full disk: an error is told when it is another one
%% than the last time, and not to who asks for the file to be written.
%% only merle: Erlang/OTP writes a part of it to standard error
%% expect: Logger - error: {full,filesync,"/dev/full",{error,enospc}}
%% expect: ok
%% expect: ok
%% expect: Logger - error: {full,write,"/dev/full",{error,enospc}}
%% expect: Logger - error: {full,filesync,"/dev/full",{error,einval}}
%% expect: ok
%% expect: ok
-module(logger_full_disk).
-export([main/0]).

main() ->
    logger:remove_handler(default),
    full([raw, append]),
    sync("one"),
    sync("two"),
    logger:remove_handler(full),
    full([raw, append, {delayed_write, 1, 60000}]),
    sync("three"),
    sync("four").

full(Modes) ->
    ok = logger:add_handler(full, logger_std_h,
                            #{config => #{file => "/dev/full", modes => Modes}}).

sync(Text) ->
    logger:notice(Text),
    io:format("~p~n", [logger_std_h:filesync(full)]).
