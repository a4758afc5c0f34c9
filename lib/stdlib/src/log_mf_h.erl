%% SPDX-License-Identifier: Apache-2.0
%% log_mf_h: an event handler that writes events to files 1, 2, .. of a folder,
%% over the oldest when all are full. Each event stands as <<Size:16>> and
%% {Time, Event} in the external format; the file index has the current number.
-module(log_mf_h).
-behaviour(gen_event).

-export([init/3, init/4]).
-export([init/1, handle_event/2, handle_info/2, handle_call/2, terminate/2,
         code_change/3]).

-record(state, {dir, max_bytes, max_files, pred, size = 0, number, file}).

%% Arguments for gen_event:add_handler.
init(Dir, MaxBytes, MaxFiles) ->
    init(Dir, MaxBytes, MaxFiles, fun(_) -> true end).

init(Dir, MaxBytes, MaxFiles, Pred) -> {Dir, MaxBytes, MaxFiles, Pred}.

init({Dir, MaxBytes, MaxFiles, Pred})
  when is_integer(MaxFiles), MaxFiles > 0, MaxFiles < 256 ->
    S = #state{dir = Dir, max_bytes = MaxBytes, max_files = MaxFiles,
               pred = Pred, number = next(read_index(Dir), MaxFiles)},
    case open(S) of
        {ok, Opened} -> {ok, Opened};
        {error, Reason} -> {file_open, Reason}
    end;
init(_) -> {error, badarg}.

next(N, Most) when N >= Most -> 1;
next(N, _) -> N + 1.

handle_event(Event, #state{pred = Pred} = S) ->
    case catch Pred(Event) of
        true -> {ok, written(term_to_binary({erlang:localtime(), Event}), S)};
        _ -> {ok, S}
    end.

handle_info({emulator, _, {_, _, _} = Event}, S) -> handle_event(Event, S);
handle_info(_, S) -> {ok, S}.

handle_call(null, S) -> {ok, null, S}.

terminate(_, #state{file = File}) -> file:close(File).

code_change(_, S, _) -> {ok, S}.

%% Events that are too long for the length in front of them are left out.
written(Bytes, S) when byte_size(Bytes) > 16#ffff -> S;
written(Bytes, #state{size = Size, max_bytes = Most} = S0) ->
    S = case Size + byte_size(Bytes) + 2 > Most andalso Size > 0 of
            true -> next_file(S0);
            false -> S0
        end,
    case file:write(S#state.file, [<<(byte_size(Bytes)):16>>, Bytes]) of
        ok -> S#state{size = S#state.size + byte_size(Bytes) + 2};
        {error, Reason} -> exit({file_exit, Reason})
    end.

next_file(#state{file = File, number = N, max_files = Most} = S) ->
    _ = file:close(File),
    case open(S#state{number = next(N, Most)}) of
        {ok, Opened} -> Opened;
        {error, Reason} -> exit({file_open, Reason})
    end.

open(#state{dir = Dir, number = N} = S) ->
    case file:open(filename:join(Dir, integer_to_list(N)), [raw, write]) of
        {ok, File} ->
            write_index(Dir, N),
            {ok, S#state{file = File, size = 0}};
        Error -> Error
    end.

read_index(Dir) ->
    case file:read_file(filename:join(Dir, "index")) of
        {ok, <<N, _/binary>>} -> N;
        _ -> 0
    end.

%% First under another name: the index is never half written.
write_index(Dir, N) ->
    File = filename:join(Dir, "index"),
    Temporary = File ++ ".tmp",
    ok = file:write_file(Temporary, <<N>>),
    file:rename(Temporary, File).
