%% SPDX-License-Identifier: Apache-2.0
%% error_logger_tty_h: writes the events of error_logger to the terminal.
-module(error_logger_tty_h).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_info/2, handle_call/2, terminate/2,
         code_change/3]).
-export([write_event/2, write_event/3]).

-record(log, {user, before = [], depth = unlimited, modifier = ""}).

init({[], {error_logger, Kept}}) ->
    Log = start(error_logger),
    [write(Time, E, Log) || {Time, E} <- lists:reverse(Kept)],
    {ok, Log};
%% Who took the place of this handler gives it back.
init({[], {?MODULE, Before}}) ->
    {ok, start(Before)};
init([]) ->
    {ok, start([])}.

start(Before) ->
    #log{user = find_user(), before = Before,
         depth = error_logger:get_format_depth(),
         modifier = modifier(proplists:get_value(encoding, io:getopts(),
                                                 latin1))}.

%% The terminal's process is this one's group leader, and its end is told.
find_user() ->
    case whereis(user) of
        User when is_pid(User) ->
            link(User),
            group_leader(User, self()),
            User;
        _ -> false
    end.

modifier(latin1) -> "";
modifier(_) -> "t".

handle_event({_, Leader, _}, Log) when node(Leader) =/= node() ->
    {ok, Log};
handle_event(Event, Log) ->
    write(erlang:universaltime(), Event, Log),
    {ok, Log}.

write(Time, Event, #log{depth = Depth, modifier = Modifier}) ->
    case error_logger_text:event(Time, Event, Depth, Modifier) of
        "" -> ok;
        Text -> io:put_chars(user, Text)
    end.

handle_info({'EXIT', User, _}, #log{user = User, before = []}) ->
    remove_handler;
handle_info({'EXIT', User, _}, #log{user = User, before = Before} = Log) ->
    {swap_handler, install_prev, Log, Before, go_back};
handle_info(_, Log) ->
    {ok, Log}.

handle_call(_, Log) -> {ok, {error, bad_query}, Log}.

terminate(install_prev, _) -> [];
terminate(_, #log{before = Before}) -> {?MODULE, Before}.

code_change(_, Log, _) -> {ok, Log}.

%% An event {Time, Event} written by [Module]: io, or io_lib for its text.
write_event(Event, Module) ->
    write_event(Event, Module, {unlimited, latin1}).

write_event({Time, Event}, Module, {Depth, Encoding}) ->
    case error_logger_text:event(Time, Event, Depth, modifier(Encoding)) of
        "" -> ok;
        Text when Module =:= io_lib -> Text;
        Text when Module =:= io -> io:put_chars(user, Text)
    end;
write_event(_, _, _) ->
    ok.
