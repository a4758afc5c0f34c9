%% SPDX-License-Identifier: Apache-2.0
%% ttb_format: hands the messages of trace logs to a function, in the order of
%% their times, with names for the processes.
-module(ttb_format).

-export([format/2, terms/1]).

%% [pids]: Pid => {Pid, Name, Node}; [info]: what the handler is told.
-record(log, {next :: fun(() -> {ok, term()} | eof),
              pids :: #{pid() | port() => tuple()},
              names :: #{{atom(), node()} => tuple()},
              named :: boolean(),
              info :: [{term(), [term()]}]}).

-spec format(file:filename() | [file:filename()], [term()]) ->
          ok | {error, term()}.
format(Files, Options) ->
    try
        Logs = lists:append([logs(F) || F <- names(Files)]),
        Logs =:= [] andalso throw({error, no_files}),
        Out = open(proplists:get_value(out, Options, standard_io)),
        run(Logs, handler(Options, Logs), Out,
            proplists:get_bool(disable_sort, Options)),
        Out =:= standard_io orelse file:close(Out),
        ok
    catch
        throw:{error, _} = Error -> Error
    end.

names([C | _] = Name) when is_integer(C) -> [Name];
names(Names) -> Names.

open(standard_io) -> standard_io;
open(Name) ->
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, File} -> File;
        Error -> throw(Error)
    end.

handler(Options, Logs) ->
    Kept = [H || #log{info = Info} <- Logs, {handler, [H | _]} <- Info],
    case {proplists:get_value(handler, Options), Kept} of
        {undefined, [Handler | _]} -> Handler;
        {undefined, []} -> {fun show/4, []};
        {Handler, _} -> Handler
    end.

%% The handler of who has none: a line for each message.
show(_, end_of_trace, _, State) -> State;
show(Out, Trace, _, State) ->
    dbg:dhandler(Trace, Out),
    State.

%%% Logs

%% A folder holds all logs that have their information beside them.
logs(Name) ->
    case filelib:is_dir(Name) of
        true ->
            lists:append(
              [logs_of(filename:rootname(Ti, ".ti"))
               || Ti <- filelib:wildcard(filename:join(Name, "*.ti"))]);
        false -> [log(Name)]
    end.

%% Of a trace without messages there is only the information.
logs_of(Base) ->
    case {filelib:is_file(Base), filelib:wildcard(Base ++ ".*.wrp")} of
        {true, _} -> [log(Base)];
        {false, [_ | _]} -> [log(Base ++ ".*.wrp")];
        {false, []} -> []
    end.

log(Name) ->
    {Source, Base} = source(Name),
    Terms = case terms(Base ++ ".ti") of
                {ok, Known} -> Known;
                {error, _} ->
                    io:format("Warning: no meta data file: ~ts~n",
                              [Base ++ ".ti"]),
                    []
            end,
    Pids = [Entry || {pid, Entry} <- Terms],
    Info = lists:foldl(fun({pid, _}, Acc) -> Acc;
                          ({Key, Values}, Acc) -> add(Key, Values, Acc)
                       end, [], Terms),
    #log{next = reader(Source, wrap_count(Info)),
         pids = maps:from_list([{element(1, E), E} || E <- Pids]),
         names = maps:from_list([{{N, Node}, E} || {_, N, Node} = E <- Pids]),
         named = Pids =/= [], info = Info}.

add(Key, Values, Info) ->
    case lists:keyfind(Key, 1, Info) of
        {_, Old} -> lists:keyreplace(Key, 1, Info, {Key, Old ++ Values});
        false -> Info ++ [{Key, Values}]
    end.

wrap_count(Info) ->
    case [Count || {client, Clients} <- Info, {_, {_, Count}} <- Clients] of
        [Count | _] -> Count;
        [] -> 8
    end.

%% "X.*.wrp" is the whole ring, "X.2.wrp" a file of it.
source(Name) ->
    case re:run(Name, "^(.*)\\.(\\*|[0-9]+)\\.wrp$",
                [{capture, all_but_first, list}, unicode]) of
        {match, [Base, "*"]} -> {{ring, Base}, Base};
        {match, [Base, _]} -> {{file, Name}, Base};
        nomatch -> {{file, Name}, Name}
    end.

reader({ring, Base}, Count) ->
    (dbg_client:reader(file, {Base ++ ".", wrap, ".wrp", 0, Count}))();
reader({file, Name}, _) ->
    case filelib:is_file(Name) of
        true -> (dbg_client:reader(file, Name))();
        false -> throw({error, enoent})
    end.

%% All terms of a file that ttb_node:pack made.
-spec terms(file:filename()) -> {ok, [term()]} | {error, term()}.
terms(Name) ->
    case file:read_file(Name) of
        {ok, Bytes} -> {ok, unpack(Bytes)};
        Error -> Error
    end.

unpack(<<0, Size:32, Bytes:Size/binary, Rest/binary>>) ->
    [binary_to_term(Bytes) | unpack(Rest)];
unpack(_) -> []. % cut off

%%% Messages

run(Logs, {Handle, State}, Out, true) ->
    End = lists:foldl(fun(Log, S) -> run_log(Log, Handle, Out, S) end,
                      State, Logs),
    finish(Handle, Out, End);
run(Logs, {Handle, State}, Out, false) ->
    Firsts = [F || {N, L} <- lists:enumerate(Logs), F <- first(0, N, L)],
    finish(Handle, Out, merge(lists:sort(Firsts), Handle, Out, State)).

finish(Handle, Out, State) -> Handle(Out, end_of_trace, end_of_trace, State).

run_log(#log{next = Next, info = Info} = Log, Handle, Out, State) ->
    case Next() of
        {ok, Message} ->
            run_log(Log, Handle, Out,
                    Handle(Out, named(Message, Log), Info, State));
        eof -> State
    end.

%% The earliest first. What has no time comes with what was before it.
merge([{Time, N, Message, #log{info = Info} = Log} | Rest], Handle, Out,
      State) ->
    New = Handle(Out, named(Message, Log), Info, State),
    merge(lists:merge(first(Time, N, Log), Rest), Handle, Out, New);
merge([], _, _, State) -> State.

first(Before, N, #log{next = Next} = Log) ->
    case Next() of
        {ok, Message} -> [{time(Message, Before), N, Message, Log}];
        eof -> []
    end.

time(Message, _) when element(1, Message) =:= trace_ts ->
    element(tuple_size(Message), Message);
time({seq_trace, _, _, Time}, _) -> Time;
time(_, Before) -> Before.

%% A message with entries for its processes.
named(Message, #log{named = false}) -> Message;
named({seq_trace, Label, What}, Log) ->
    {seq_trace, Label, named_ends(What, Log)};
named({seq_trace, Label, What, Time}, Log) ->
    {seq_trace, Label, named_ends(What, Log), Time};
named(Message, Log) when element(1, Message) =:= trace_ts;
                         element(1, Message) =:= trace ->
    Known = setelement(2, Message, entry(element(2, Message), Log)),
    case element(3, Message) of
        Send when Send =:= send; Send =:= send_to_non_existing_process ->
            setelement(5, Known, entry(element(5, Message), Log));
        Other when Other =:= spawn; Other =:= spawned; Other =:= link;
                   Other =:= unlink; Other =:= getting_linked;
                   Other =:= getting_unlinked ->
            setelement(4, Known, entry(element(4, Message), Log));
        _ -> Known
    end;
named(Message, _) -> Message.

named_ends({What, Serial, From, To, Message}, Log) ->
    {What, Serial, entry(From, Log), entry(To, Log), Message};
named_ends(Other, _) -> Other.

entry(Pid, #log{pids = Pids}) when is_pid(Pid); is_port(Pid) ->
    case Pids of
        #{Pid := Entry} -> Entry;
        _ -> {Pid, unknown, node(Pid)}
    end;
entry({Name, Node} = To, #log{names = Names}) ->
    maps:get(To, Names, {none, Name, Node});
entry(Other, _) -> Other.
