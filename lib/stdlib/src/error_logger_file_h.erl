%% SPDX-License-Identifier: Apache-2.0
%% error_logger_file_h: writes the events of error_logger to a file.
-module(error_logger_file_h).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_info/2, handle_call/2, terminate/2,
         code_change/3]).

-record(log, {device, file, before = [], depth}).

%% In the place of a handler that kept events, these are written first.
init({File, {error_logger, Kept}}) ->
    case open(File, error_logger) of
        {ok, Log} ->
            [write(Time, E, Log) || {Time, E} <- lists:reverse(Kept)],
            {ok, Log};
        Error -> Error
    end;
init(File) ->
    open(File, []).

open(File, Before) ->
    %% the device tells when it ends
    process_flag(trap_exit, true),
    case file:open(File, [write, {encoding, utf8}]) of
        {ok, Device} ->
            link(Device),
            {ok, #log{device = Device, file = File, before = Before,
                      depth = error_logger:get_format_depth()}};
        Error -> Error
    end.

handle_event({_, Leader, _}, Log) when node(Leader) =/= node() ->
    {ok, Log}; % its own node writes it
handle_event(Event, Log) ->
    write(erlang:universaltime(), Event, Log),
    {ok, Log}.

write(Time, Event, #log{device = Device, depth = Depth}) ->
    case error_logger_text:event(Time, Event, Depth, "t") of
        "" -> ok;
        Text -> io:put_chars(Device, Text)
    end.

handle_info({'EXIT', Device, _}, #log{device = Device, before = []}) ->
    remove_handler;
handle_info({'EXIT', Device, _}, #log{device = Device, before = Before}) ->
    {swap_handler, install_prev, [], Before, go_back};
handle_info(_, Log) ->
    {ok, Log}.

handle_call(filename, #log{file = File} = Log) -> {ok, File, Log};
handle_call(_, Log) -> {ok, {error, bad_query}, Log}.

terminate(_, #log{device = Device}) ->
    unlink(Device),
    file:close(Device).

code_change(_, Log, _) -> {ok, Log}.
