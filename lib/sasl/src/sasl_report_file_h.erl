%% SPDX-License-Identifier: Apache-2.0
%% sasl_report_file_h: an event handler of error_logger that writes SASL's
%% reports to a file; added with {File, Modes, error | progress | all}.
-module(sasl_report_file_h).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).

init({File, Modes0, Which}) when is_list(Modes0) ->
    %% The device tells when it ends.
    process_flag(trap_exit, true),
    Encoding = [{encoding, utf8} || not lists:keymember(encoding, 1, Modes0)],
    Write = [write || not lists:any(fun(M) -> lists:member(M, Modes0) end,
                                    [write, append, exclusive])],
    case file:open(File, Write ++ Encoding ++ Modes0) of
        {ok, Device} -> {ok, {Device, File, Which}};
        Error -> Error
    end.

handle_event({_, Leader, _}, State) when node(Leader) =/= node() ->
    {ok, State};    % its own node writes it
handle_event(Event, {Device, _, Which} = State) ->
    _ = sasl_report:write_report(Device, Which,
                                 {calendar:local_time(), Event}),
    {ok, State}.

handle_call(_, _) -> {error, bad_query}.

handle_info({'EXIT', Device, _}, {Device, _, _}) -> remove_handler;
handle_info(_, State) -> {ok, State}.

terminate(_, {Device, _, _}) ->
    _ = file:close(Device),
    [].
