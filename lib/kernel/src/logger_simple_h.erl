%% SPDX-License-Identifier: Apache-2.0
%% logger_simple_h: the handler of the time before there are others: a process
%% that writes events to the terminal with no help of the io system.
%%
%% What comes first is kept, so that the default handler can tell it again when
%% it takes over.
-module(logger_simple_h).

-export([adding_handler/1, removing_handler/1, log/2]).

-define(KEPT, 10). % events

adding_handler(#{id := simple} = Handler) ->
    case whereis(?MODULE) of
        undefined -> start(Handler);
        _ -> {error, {handler_process_name_already_exists, ?MODULE}}
    end.

start(Handler) ->
    Starter = self(),
    {Pid, Ref} = spawn_opt(fun() ->
                                   register(?MODULE, self()),
                                   link(whereis(logger)),
                                   Starter ! {self(), started},
                                   loop([], 0)
                           end,
                           [monitor, {message_queue_data, off_heap}]),
    receive
        {Pid, started} ->
            demonitor(Ref, [flush]),
            {ok, Handler};
        {'DOWN', Ref, process, Pid, Reason} -> {error, Reason}
    end.

removing_handler(#{id := simple}) ->
    case whereis(?MODULE) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! stop,
            receive
                {'DOWN', Ref, process, Pid, _} -> ok
            end
    end.

%% Information of other types than the standard one is not for people.
log(#{meta := #{error_logger := #{tag := info_report, type := Type}}}, _)
  when Type =/= std_info ->
    ok;
log(#{msg := _, meta := #{time := _} = Meta} = Event, _) ->
    case whereis(?MODULE) of
        undefined ->
            %% The node may be going down: it is said by who logs.
            maps:get(internal_log_event, Meta, false)
                orelse write(#{level => error,
                               msg => {report, {error,
                                                simple_handler_process_dead}},
                               meta => #{time => logger:timestamp()}}),
            write(Event);
        Pid -> Pid ! {log, Event}
    end,
    ok;
log(_, _) ->
    ok.

%% [Kept] events, the latest first, and the number of those not kept.
loop(Kept, Dropped) ->
    receive
        stop ->
            case logger:get_handler_config(default) of
                {ok, _} -> replay(lists:reverse(Kept), Dropped);
                _ -> ok
            end,
            %% who started this need not hear that it ends
            unlink(whereis(logger));
        {log, Event} ->
            write(Event),
            case length(Kept) < ?KEPT of
                true -> loop([Event | Kept], Dropped);
                false -> loop(Kept, Dropped + 1)
            end;
        _ ->
            loop(Kept, Dropped)
    end.

replay(Events, Dropped) ->
    lists:foreach(fun again/1, Events),
    Dropped > 0
        andalso logger:log(info, "Simple handler buffer full, dropped ~w "
                           "messages", [Dropped],
                           #{time => logger:timestamp()}).

again(#{level := Level, msg := {Kind, Msg}, meta := Meta})
  when Kind =:= string; Kind =:= report ->
    logger:log(Level, Msg, Meta);
again(#{level := Level, msg := {Format, Args}, meta := Meta}) ->
    logger:log(Level, Format, Args, Meta).

write(Event) ->
    try logger_formatter:format(Event, #{legacy_header => true,
                                         single_line => false,
                                         depth => unlimited,
                                         time_offset => ""}) of
        Text -> show(Text)
    catch
        _:_ -> show(io_lib:format("~tp~n", [maps:get(msg, Event)]))
    end.

show(Text) ->
    erlang:display_string(lists:flatten(unicode:characters_to_list(Text))).
