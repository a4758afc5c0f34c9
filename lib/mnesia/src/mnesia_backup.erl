%% SPDX-License-Identifier: Apache-2.0
%% mnesia_backup: where a backup goes and comes from, if nothing else is asked
%% for: a disk_log. Other modules for it have the same functions.
-module(mnesia_backup).

-export([open_write/1, write/2, commit_write/1, abort_write/1]).
-export([open_read/1, read/1, close_read/1]).

-callback open_write(Args :: term()) -> {ok, Opaque :: term()} | {error, term()}.
-callback write(Opaque :: term(), Items :: list()) -> {ok, term()} | {error, term()}.
-callback commit_write(Opaque :: term()) -> {ok, term()} | {error, term()}.
-callback abort_write(Opaque :: term()) -> {ok, term()} | {error, term()}.
-callback open_read(Args :: term()) -> {ok, Opaque :: term()} | {error, term()}.
-callback read(Opaque :: term()) -> {ok, term(), list()} | {error, term()}.
-callback close_read(Opaque :: term()) -> {ok, term()} | {error, term()}.

%% The file gets its name when it is complete.
open_write(Name) ->
    File = filename:absname(lists:concat([Name])),
    Temporary = File ++ ".BUPTMP",
    _ = file:delete(Temporary),
    case open(Temporary, read_write) of
        {ok, Log} -> {ok, {File, Temporary, Log}};
        Error -> Error
    end.

open(File, Mode) ->
    case disk_log:open([{name, make_ref()}, {file, File}, {repair, false},
                        {mode, Mode}, {linkto, self()}]) of
        {error, Reason} -> {error, Reason};
        {ok, Log} -> {ok, Log}
    end.

write({_, _, Log} = Backup, Items) ->
    case disk_log:log_terms(Log, Items) of
        ok -> {ok, Backup};
        Error -> Error
    end.

commit_write({File, Temporary, Log}) ->
    case {disk_log:sync(Log), disk_log:close(Log)} of
        {ok, ok} ->
            case file:rename(Temporary, File) of
                ok -> {ok, File};
                Error -> Error
            end;
        {ok, Error} -> Error;
        {Error, _} -> Error
    end.

abort_write({File, Temporary, Log}) ->
    _ = disk_log:close(Log),
    _ = file:delete(Temporary),
    {ok, File}.

open_read(Name) ->
    File = filename:absname(lists:concat([Name])),
    case filelib:is_regular(File) andalso open(File, read_only) of
        {ok, Log} -> {ok, {Log, start}};
        false -> {error, enoent};
        Error -> Error
    end.

read({Log, At}) ->
    case disk_log:chunk(Log, At) of
        eof -> {ok, {Log, At}, []};
        {error, Reason} -> {error, Reason};
        {Next, Items} -> {ok, {Log, Next}, Items};
        {Next, Items, _} -> {ok, {Log, Next}, Items}
    end.

close_read({Log, _}) ->
    case disk_log:close(Log) of
        ok -> {ok, Log};
        Error -> Error
    end.
