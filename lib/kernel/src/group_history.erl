%% SPDX-License-Identifier: Apache-2.0
%% group_history: the history of commands as the configuration of kernel has it.
%% shell_history is `enabled`, for a log of OTP's form (so that its shells read
%% it, too), `disabled`, or a module with load/0, which answers lines with the
%% newest first, and add/1. Without that parameter the editor keeps a file of
%% its own and nothing here is called.
%%
%% The log lies in shell_history_path, has shell_history_file_bytes, and lacks
%% the lines of shell_history_drop.
-module(group_history).

-export([load/0, add/1]).

-include_lib("kernel/include/logger.hrl").

-define(LOG, '$#group_history').
-define(VERSION, {0, 1, 0}).
-define(BYTES, 524288).      % of all files
-define(FILES, 10).
-define(FILE_BYTES, 51200).  % of one, at least

%% The lines of earlier sessions, the newest first.
-spec load() -> [string()].
load() ->
    case status() of
        disabled -> [];
        enabled ->
            await_logs(),
            try load_log() catch exit:_ -> [] end; % the node is being stopped
        Module ->
            try Module:load() of
                Lines when is_list(Lines) -> Lines;
                Other ->
                    tell(answer, "The configured custom shell_history provider "
                         "~p:load/0 did not return a list.~nIt returned ~p.~n",
                         [Module, Other]),
                    disable(),
                    []
            catch
                Class:Reason:Stack ->
                    tell_failure(Module, Class, Reason, Stack),
                    disable(),
                    []
            end
    end.

%% Adds a line, with its end.
-spec add(string()) -> ok.
add(Line) ->
    Status = status(),
    case Status =:= disabled orelse is_dropped(Line) of
        true -> ok;
        false -> add(Status, Line)
    end.

%% OTP's log is written late: it never has what ended the node at once.
add(enabled, "halt(" ++ _) -> ok;
add(enabled, "erlang:halt(" ++ _) -> ok;
add(enabled, Line) ->
    case disk_log:log(?LOG, Line) of
        {error, no_such_log} ->
            _ = open(sized()),
            _ = disk_log:log(?LOG, Line),
            ok;
        _ -> ok % too late if it failed
    end;
add(Module, Line) ->
    try Module:add(Line) of
        ok -> ok;
        Other ->
            tell(answer, "The configured custom shell_history provider "
                 "~p:add/1 did not return ok.~nIt returned ~p.~n",
                 [Module, Other])
    catch
        Class:Reason:Stack ->
            tell_failure(Module, Class, Reason, Stack),
            disable()
    end.

%% A node that is being stopped keeps nothing any more.
status() ->
    case {init:get_status(), application:get_env(kernel, shell_history)} of
        {{stopping, _}, _} -> disabled;
        {_, {ok, Status}} when is_atom(Status) -> Status;
        _ -> disabled
    end.

is_dropped(Line) ->
    case application:get_env(kernel, shell_history_drop) of
        {ok, Lines} when is_list(Lines) ->
            lists:member(Line, [Dropped ++ "\n" || Dropped <- Lines]);
        _ -> false
    end.

%% The shell may begin before those who own logs.
await_logs() ->
    case whereis(kernel_safe_sup) of
        undefined -> receive after 50 -> await_logs() end;
        _ -> ok
    end.

%%% The log

%% Opened without a size it has the one on disk, which can then be changed; one
%% that is not there cannot be opened so.
load_log() ->
    case open(options()) of
        {ok, _} -> sized_lines();
        {repaired, _, {recovered, Good}, {badbytes, Bad}} ->
            tell_repair(Good, Bad),
            lines();
        {error, {need_repair, _}} -> repair();
        {error, {arg_mismatch, repair, _, _}} -> repair();
        {error, {name_already_open, _}} ->
            tell(renamed, "A history file with a different path has already "
                 "been started for the shell of this node. The old name will "
                 "keep being used for this session.~n", []),
            lines();
        {error, {badarg, size}} -> create();
        {error, {invalid_header, {vsn, Version}}} ->
            tell(version, "The version for the shell logs found on disk (~p) "
                 "is not supported by the current version (~p)~n",
                 [Version, ?VERSION]),
            disable(),
            [];
        {error, Reason} -> refused(Reason)
    end.

create() ->
    case open(sized()) of
        {error, Reason} -> refused(Reason);
        _ -> lines()
    end.

refused(Reason) ->
    tell_refusal(Reason),
    disable(),
    [].

repair() ->
    case open(options()) of
        {repaired, _, {recovered, Good}, {badbytes, Bad}} ->
            tell_repair(Good, Bad);
        _ -> ok
    end,
    _ = disk_log:close(?LOG),
    load().

open(Options) ->
    _ = filelib:ensure_dir(proplists:get_value(file, Options)),
    disk_log:open(Options).

sized() -> [{size, size()} | options()].

options() ->
    Path = case application:get_env(kernel, shell_history_path) of
               {ok, Configured} -> Configured;
               undefined -> filename:basedir(user_cache, "erlang-history")
           end,
    [{name, ?LOG}, {file, filename:join(Path, "erlang-shell-log")},
     {repair, true}, {format, internal}, {type, wrap}, {notify, false},
     {head, {vsn, ?VERSION}}, {quiet, true}, {mode, read_write}].

%% {Bytes of a file, files}
size() ->
    Bytes = case application:get_env(kernel, shell_history_file_bytes) of
                {ok, Configured} -> Configured;
                undefined -> ?BYTES
            end,
    case Bytes div ?FILES of
        Each when Each > ?FILE_BYTES -> {Each, ?FILES};
        _ -> {?FILE_BYTES, max(1, Bytes div ?FILE_BYTES)}
    end.

sized_lines() ->
    Size = size(),
    case lists:keyfind(size, 1, disk_log:info(?LOG)) of
        {size, Size} -> lines();
        _ ->
            tell(size, "The configured log history file size is different from "
                 "the size of the log file on disk.~n", []),
            resize(Size),
            load()
    end.

resize(Size) ->
    tell(resize, "Attempting to resize the log history file to ~p...", [Size]),
    case disk_log:change_size(?LOG, Size) of
        ok -> tell(resized, "resized the log history file~n", []);
        {error, Reason} ->
            tell(resized, "failed to resize the log history file (~p)~n",
                 [Reason]),
            disable()
    end,
    disk_log:close(?LOG).

lines() -> lists:reverse(lines(start)).

lines(At) ->
    case disk_log:chunk(?LOG, At) of
        eof -> [];
        {error, no_such_log} ->
            tell(closed, "The shell log file has mysteriously closed. Ignoring "
                 "currently unread history.~n", []),
            [];
        {error, Reason} ->
            {file, File} = lists:keyfind(file, 1, disk_log:info(?LOG)),
            tell(chunk, "Invalid chunk in the file ~ts.~nSome entries may have "
                 "been lost.~nReason ~p.", [File, Reason]),
            [];
        Chunk ->
            [Line || Line <- element(2, Chunk), is_list(Line)]
                ++ lines(element(1, Chunk))
    end.

%%% What there is to tell, each once in a session

disable() ->
    tell(disable, "Disabling shell history logging.~n", []),
    application:set_env(kernel, shell_history, disabled).

tell_repair(_, 0) -> ok; % it was not closed, nothing else
tell_repair(Good, Bad) ->
    tell(repair, "The shell history log file was corrupted and was repaired. "
         "~p bytes were recovered and ~p were lost.~n", [Good, Bad]).

tell_refusal({arg_mismatch, Option, Old, New}) ->
    tell(mismatch, "Log file argument ~p changed value from ~p to ~p and "
         "cannot be automatically updated. Please clear the history files and "
         "try again.~n", [Option, Old, New]);
tell_refusal({What, File}) when What =:= not_a_log_file;
                                What =:= invalid_index_file ->
    tell(file, "Shell history expects to be able to use the file ~ts which "
         "currently exists and is not a file usable for history logging "
         "purposes.~n", [File]);
tell_refusal({invalid_header, Header}) ->
    tell(header, "Shell history expects to be able to use the log files which "
         "currently have unknown headers (~p) and may belong to another "
         "mechanism.~n", [Header]);
tell_refusal({file_error, File, Reason}) ->
    tell(file, "Error handling file ~ts. Reason: ~p~n", [File, Reason]);
tell_refusal(Reason) ->
    tell(open, "unexpected return value from ~p: ~p~nshell history will be "
         "disabled for this session.~n", [{disk_log, open, 1}, Reason]).

tell_failure(Module, Class, Reason, Stack) ->
    tell(failure, "The configured custom shell_history provider '~p' crashed. "
         "~nDid you mean to write 'enabled'?~n~ts~n",
         [Module, erl_error:format_exception(Class, Reason, Stack)]).

tell(What, Format, Arguments) ->
    case put({?MODULE, What}, true) of
        undefined -> ?LOG_ERROR(Format, Arguments);
        true -> ok
    end.
