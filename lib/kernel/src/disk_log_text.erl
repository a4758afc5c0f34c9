%% SPDX-License-Identifier: Apache-2.0
%% disk_log_text: what is told of a log, and the texts of its errors.
-module(disk_log_text).

-export([information/1, total/1, format_error/1]).

-include("disk_log.hrl").

information(#log{type = Type} = L) ->
    Owners = [{Pid, Notify} || {Pid, {Notify, _}} <- maps:to_list(
                                                       L#log.owners)],
    [{name, L#log.name}, {file, L#log.file}, {type, Type},
     {format, L#log.format}, {size, L#log.size}]
        ++ [{items, total(L)} || L#log.format =:= internal
                                     orelse Type =/= halt
                                     orelse L#log.mode =:= read_write]
        ++ [{owners, Owners}, {users, L#log.users},
            {head, shown_head(L#log.head)}, {mode, L#log.mode},
            {status, shown_status(L)}, {node, node()}]
        ++ [{full, L#log.full} || Type =:= halt, L#log.mode =:= read_write]
        ++ [{no_written_items, L#log.written}
            || Type =:= halt, L#log.mode =:= read_write]
        ++ wrap_information(L).

shown_head(none) -> none;
shown_head({head, Head}) -> Head;
shown_head({head, _, Bytes}) -> Bytes;
shown_head({head_func, MFA}) -> MFA.

shown_status(#log{blocked = none, status = Status}) -> Status;
shown_status(#log{blocked = {_, Queue}}) -> {blocked, Queue}.

wrap_information(#log{type = halt}) -> [];
wrap_information(#log{mode = read_only}) -> [];
wrap_information(#log{counts = Counts, current = N} = L) ->
    [{no_current_bytes, L#log.bytes},
     {no_current_items, maps:get(N, Counts, 0)}, {no_items, total(L)},
     {no_written_items, L#log.written}, {current_file, N},
     {no_overflows, L#log.overflows}].

format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error({error, Reason}) -> format_error(Reason);
format_error({Node, {error, _} = Error}) ->
    [text("~p", [Node]), ": " | format_error(Error)];
format_error({badarg, Arg}) ->
    text("The argument ~p is missing, not recognized or not wellformed",
         [Arg]);
format_error({size_mismatch, Old, New}) ->
    text("The given size ~p does not match the size ~p found on the disk log "
         "size file", [New, Old]);
format_error({read_only_mode, Log}) ->
    text("The disk log ~tp has been opened read-only, but the requested "
         "operation needs read-write access", [Log]);
format_error({format_external, Log}) ->
    text("The requested operation can only be applied on internally formatted "
         "disk logs, but ~tp is externally formatted", [Log]);
format_error({blocked_log, Log}) ->
    text("The blocked disk log ~tp does not queue requests, or the log has "
         "been blocked by the calling process", [Log]);
format_error({full, Log}) -> text("The halt log ~tp is full", [Log]);
format_error({not_blocked, Log}) ->
    text("The disk log ~tp is not blocked", [Log]);
format_error({not_blocked_by_pid, Log}) ->
    text("The disk log ~tp is blocked, but only the blocking pid can unblock "
         "a disk log", [Log]);
format_error({not_owner, Pid}) ->
    text("The pid ~tp is not an owner of the disk log", [Pid]);
format_error({new_size_too_small, Log, Size}) ->
    text("The current size ~p of the halt log ~tp is greater than the "
         "requested new size", [Size, Log]);
format_error({halt_log, Log}) ->
    text("The halt log ~tp cannot be wrapped", [Log]);
format_error({same_file_name, Log}) ->
    text("Current and new file name of the disk log ~tp are the same", [Log]);
format_error({arg_mismatch, Option, First, Value}) ->
    text("The value ~tp of the disk log option ~p does not match the current "
         "value ~tp", [Value, Option, First]);
format_error({name_already_open, Log}) ->
    text("The disk log ~tp has already opened another file", [Log]);
format_error({open_read_write, Log}) ->
    text("The disk log ~tp has already been opened read-write", [Log]);
format_error({open_read_only, Log}) ->
    text("The disk log ~tp has already been opened read-only", [Log]);
format_error(no_such_log) ->
    text("There is no disk log with the given name", []);
format_error({corrupt_log_file, File}) ->
    text("The disk log file \"~ts\" contains corrupt data", [File]);
format_error({need_repair, File}) ->
    text("The disk log file \"~ts\" has not been closed properly and needs "
         "repair", [File]);
format_error({not_a_log_file, File}) ->
    text("The file \"~ts\" is not a wrap log file", [File]);
format_error({invalid_header, Header}) ->
    text("The disk log header is not wellformed: ~p", [Header]);
format_error(end_of_log) ->
    text("An attempt was made to step outside a not yet full wrap log", []);
format_error({not_internal_wrap, Log}) ->
    text("The requested operation cannot be applied since ~tp is not an "
         "internally formatted disk log", [Log]);
format_error({invalid_index_file, File}) ->
    text("The wrap log index file \"~ts\" cannot be used", [File]);
format_error({no_continuation, Bad}) ->
    text("The term ~p is not a chunk continuation", [Bad]);
format_error({file_error, File, Reason}) ->
    text("\"~ts\": ~tp", [File, file:format_error(Reason)]);
format_error(Other) -> text("~tp", [Other]).

text(Format, Args) -> io_lib:format(Format ++ "~n", Args).

%% The items of all files.
total(#log{counts = Counts}) -> lists:sum(maps:values(Counts)).
