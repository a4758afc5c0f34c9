%% SPDX-License-Identifier: Apache-2.0
%% What the reports of all behaviours have in common: control sequences that
%% follow the formatter's wishes, the client of a failed call, the depth limit.
-module(gen_report).

-export([arguments/3, text/3, options/1, modifier/1, pairs/2, repeat/2,
         client_info/1, client/2, client_single/2, reason/1, with_label/1,
         label/2]).

%% What a report callback of one argument answers, {Format, Arguments}: Formatter
%% makes it of the report, with the values of Keys cut to the configured depth,
%% and of the options.
arguments(Report, Keys, Formatter) ->
    Depth = error_logger:get_format_depth(),
    Formatter(limits(Keys, Report, Depth), options(#{depth => Depth})).

%% What a report callback of two arguments answers, a text.
text(Report, Options0, Formatter) ->
    Options = options(Options0),
    {Format, Args} = Formatter(Report, Options),
    io_lib:format(Format, Args, case Options of
                                    #{chars_limit := unlimited} -> [];
                                    #{chars_limit := N} -> [{chars_limit, N}]
                                end).

%% A report of this process with its label, if it has one.
with_label(Report) ->
    case proc_lib:get_label(self()) of
        undefined -> Report;
        Label -> Report#{process_label => Label}
    end.

%% The text for a report's label, and the label.
label(#{process_label := Label}, Text) when Label =/= undefined ->
    {Text, [Label]};
label(_, _) -> {"", []}.

%% The report callback's options with what is missing filled in.
options(Options) ->
    maps:merge(#{chars_limit => unlimited, depth => unlimited,
                 single_line => false, encoding => utf8}, Options).

%% The control sequence for a term: ~p, ~tp, ~0tp, ~tP ...
modifier(#{single_line := Single, depth := Depth, encoding := Encoding}) ->
    lists:append(["~", case Single of true -> "0"; false -> "" end,
                  case Encoding of latin1 -> ""; _ -> "t" end,
                  case Depth of unlimited -> "p"; _ -> "P" end]).

%% The arguments that terms need for such control sequences.
pairs(Terms, #{depth := unlimited}) -> Terms;
pairs(Terms, #{depth := Depth}) ->
    lists:append([[Term, Depth] || Term <- Terms]).

%% N control sequences, joined.
repeat(N, P) ->
    lists:append(lists:join(",~n    ", lists:duplicate(N, P))).

%% Who made a call that failed, as far as we can see.
client_info(undefined) -> undefined;
client_info({From, _Tag}) -> client_info(From);
client_info(From) when is_pid(From), node(From) =:= node() ->
    case process_info(From, [current_stacktrace, registered_name]) of
        undefined ->
            {From, dead};
        [{current_stacktrace, Trace}, {registered_name, []}] ->
            {From, {From, Trace}};
        [{current_stacktrace, Trace}, {registered_name, Name}] ->
            {From, {Name, Trace}}
    end;
client_info(From) when is_pid(From) -> {From, remote};
client_info(_) -> undefined.

client(undefined, _) -> {"", []};
client({From, dead}, _) -> {"** Client ~p is dead~n", [From]};
client({From, remote}, _) ->
    {"** Client ~p is remote on node ~p~n", [From, node(From)]};
client({_From, {Name, Trace}}, Options) ->
    P = modifier(Options),
    {lists:append(["** Client ", P, " stacktrace~n** ", P, "~n"]),
     pairs([Name, Trace], Options)}.

client_single(undefined, _) -> {"", []};
client_single({From, dead}, _) -> {" Client ~0p is dead.", [From]};
client_single({From, remote}, _) ->
    {" Client ~0p is remote on node ~0p.", [From, node(From)]};
client_single({_From, {Name, Trace}}, Options) ->
    P = modifier(Options),
    {lists:append([" Client ", P, " stacktrace: ", P, "."]),
     pairs([Name, lists:sublist(Trace, 4)], Options)}.

%% An undef error says more when it tells what is missing.
reason({undef, [{M, F, Args, _} | _] = Trace} = Reason) when is_list(Args) ->
    case code:is_loaded(M) of
        false ->
            {'module could not be loaded', Trace};
        _ ->
            case erlang:function_exported(M, F, length(Args)) of
                true -> Reason;
                false -> {'function not exported', Trace}
            end
    end;
reason(Reason) -> Reason.

limits(_Keys, Report, unlimited) -> Report;
limits(Keys, Report, Depth) ->
    maps:map(fun(Key, Value) ->
                     case lists:member(Key, Keys) of
                         true -> limit(Key, Value, Depth);
                         false -> Value
                     end
             end, Report).

%% Events of a log and values of a list are cut each for itself; so is the
%% first of a queue, which is shown alone.
limit(report, Pairs, Depth) ->
    [{K, io_lib:limit_term(V, Depth)} || {K, V} <- Pairs];
limit(log, Events, Depth) when is_list(Events) ->
    [io_lib:limit_term(E, Depth) || E <- Events];
limit(queue, [Event | Events], Depth) ->
    [io_lib:limit_term(Event, Depth) | io_lib:limit_term(Events, Depth)];
limit(reason, {Class, Reason, [_ | _] = Trace}, Depth)
  when Class =:= error; Class =:= exit; Class =:= throw ->
    {Class, io_lib:limit_term(Reason, Depth),
     io_lib:limit_term(Trace, Depth)};
limit(_, Value, Depth) -> io_lib:limit_term(Value, Depth).
