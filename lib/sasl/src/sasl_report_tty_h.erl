%% SPDX-License-Identifier: Apache-2.0
%% sasl_report_tty_h: an event handler of error_logger that writes SASL's
%% reports to the terminal; added with error | progress | all.
-module(sasl_report_tty_h).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).

init(Which) -> {ok, Which}.

handle_event({_, Leader, _}, Which) when node(Leader) =/= node() ->
    {ok, Which};    % its own node writes it
handle_event(Event, Which) ->
    _ = sasl_report:write_report(standard_io, Which,
                                 {calendar:local_time(), Event}),
    {ok, Which}.

handle_call(_, _) -> {error, bad_query}.

handle_info(_, Which) -> {ok, Which}.

terminate(_, _) -> [].
