%% SPDX-License-Identifier: Apache-2.0
%% rb: the report browser. Lists, shows and searches what log_mf_h has written:
%% files of <<Size:16, {Time, Event}>>, the file index names the current one.
%%
%% Reports are numbered from the newest; they are read again when shown.
-module(rb).
-behaviour(gen_server).

-export([start/0, start/1, stop/0, start_link/1, rescan/0, rescan/1]).
-export([list/0, list/1, log_list/0, log_list/1, show/0, show/1]).
-export([grep/1, filter/1, filter/2, start_log/1, stop_log/0, h/0, help/0]).
-export([init/1, handle_call/3, handle_cast/2, terminate/2]).

%% position: where in the file the report stands. name: of whom it tells.
-record(report, {no, type, name, date = "", file, position}).

-record(state, {dir, reports, device = standard_io, max = all, type = all,
                abort = false, log = standard_io}).

-type option() :: {start_log, file:filename() | atom() | pid()}
                | {max, pos_integer() | all} | {report_dir, file:filename()}
                | {type, atom() | [atom()]} | {abort_on_error, boolean()}.

start() -> start([]).

-spec start([option()]) -> supervisor:startchild_ret().
start(Options) ->
    supervisor:start_child(sasl_sup,
                           {rb_server, {rb, start_link, [Options]}, temporary,
                            brutal_kill, worker, [rb]}).

start_link(Options) ->
    gen_server:start_link({local, rb_server}, rb, Options, []).

stop() -> supervisor:terminate_child(sasl_sup, rb_server).

rescan() -> rescan([]).
rescan(Options) -> call({rescan, Options}).

list() -> list(all).
list(Type) -> call({list, Type}).

log_list() -> log_list(all).
log_list(Type) -> call({log_list, Type}).

show() -> call({show, fun(_) -> true end}).

-spec show(pos_integer() | atom()) -> ok.
show(No) when is_integer(No) -> call({show_number, No});
show(Type) when is_atom(Type) ->
    call({show, fun(#report{type = T}) -> T =:= Type end}).

%% Shows the reports that hold the expression.
grep(Expression) -> call({grep, Expression}).

%% Shows the reports (that are lists of pairs) with the values wanted.
filter(Filters) when is_list(Filters) -> call({filter, Filters, always}).

filter(Filters, Dates) when is_list(Filters), is_tuple(Dates) ->
    call({filter, Filters, Dates}).

start_log(Name) -> call({start_log, Name}).

stop_log() -> call(stop_log).

h() -> help().
help() -> io:put_chars(rb_text:help()).

call(Request) -> gen_server:call(rb_server, Request, infinity).

%% ---- The server ----

init(Options) ->
    process_flag(priority, low),
    process_flag(trap_exit, true),
    Log = proplists:get_value(start_log, Options, standard_io),
    Dir = case lists:keyfind(report_dir, 1, Options) of
              {_, Given} -> Given;
              false ->
                  case application:get_env(sasl, error_logger_mf_dir) of
                      {ok, D} -> D;
                      undefined -> exit("cannot locate report directory")
                  end
          end,
    {ok, scanned(settings(Options, #state{dir = Dir, log = Log,
                                          device = open_log(Log)}))}.

settings(Options, #state{max = Max, type = Type} = S) ->
    S#state{max = proplists:get_value(max, Options, Max),
            type = proplists:get_value(type, Options, Type),
            abort = proplists:get_value(abort_on_error, Options, false)}.

handle_call({rescan, Options}, _, S0) ->
    S = case lists:keyfind(start_log, 1, Options) of
            {_, Log} ->
                close_log(S0#state.device),
                S0#state{log = Log, device = open_log(Log)};
            false -> S0
        end,
    {reply, ok, scanned(settings(Options, S))};
handle_call({list, Type}, _, S) ->
    list(standard_io, Type, S#state.reports),
    {reply, ok, S};
handle_call({log_list, Type}, _, S) ->
    list(S#state.device, Type, S#state.reports),
    {reply, ok, S};
handle_call({start_log, Name}, _, S) ->
    {reply, ok, S#state{device = open_log(Name)}};
handle_call(stop_log, _, S) ->
    close_log(S#state.device),
    {reply, ok, S#state{device = standard_io}};
handle_call({show_number, No}, _, S) ->
    case lists:keyfind(No, #report.no, S#state.reports) of
        false ->
            io:format("There is no report with number ~p.~n", [No]),
            {reply, ok, S};
        Report -> {reply, ok, show_all([Report], fun(_, _) -> true end, S)}
    end;
handle_call({show, Wanted}, _, S) ->
    Reports = lists:filter(Wanted, S#state.reports),
    {reply, ok, show_all(Reports, fun(_, _) -> true end, S)};
handle_call({grep, Expression}, _, S) ->
    searched(fun(R, Event) ->
                 Found = matches(text(Event), Expression),
                 Found andalso io:format("Found match in report number ~w~n",
                                         [R#report.no]),
                 Found
             end, S);
handle_call({filter, Filters, Dates}, _, S) ->
    searched(fun(_, {Time, {_, _, About}}) ->
                 is_time(Time, Dates) andalso has_values(Filters, About)
             end, S).

handle_cast(_, S) -> {noreply, S}.

terminate(_, #state{device = Device}) -> close_log(Device).

searched(Wanted, S) ->
    try {reply, ok, show_all(S#state.reports, Wanted, S)}
    catch error:Reason -> {reply, {error, Reason}, S}
    end.

open_log(standard_io) -> standard_io;
open_log(standard_error) -> refuse_log("rb: Using standard_io~n", []);
open_log(Pid) when is_pid(Pid) -> Pid;
open_log(Name) when is_atom(Name) ->
    case whereis(Name) of
        undefined ->
            refuse_log("rb: Registered name not found '~ts'.~n"
                       "rb: Using standard_io~n", [Name]);
        Pid -> Pid
    end;
open_log(File) ->
    case file:open(File, [write, append, {encoding, utf8}]) of
        {ok, Device} -> Device;
        Error ->
            refuse_log("rb: Cannot open file '~ts' (~w).~n"
                       "rb: Using standard_io~n", [File, Error])
    end.

refuse_log(Format, Args) ->
    io:format(Format, Args),
    standard_io.

close_log(Device) when is_pid(Device) -> catch file:close(Device);
close_log(_) -> ok.

%% ---- Reading ----

scanned(#state{dir = Dir} = S) ->
    case file:read_file(filename:join(Dir, "index")) of
        {ok, <<Current, _/binary>>} ->
            Files = newest_first(Dir, Current),
            S#state{reports = scan(Files, 1, S#state.max, S, [])};
        _ -> exit("cannot read the index file")
    end.

newest_first(Dir, Current) ->
    {ok, Names} = file:list_dir(Dir),
    Numbers = lists:sort([N || Name <- Names,
                               {N, []} <- [string:to_integer(Name)]]),
    {Newer, Older} = lists:partition(fun(N) -> N =< Current end, Numbers),
    lists:reverse(Newer) ++ lists:reverse(Older).

%% Oldest reports first.
scan([], _, _, _, Found) -> Found;
scan(_, _, Max, _, Found) when Max =< 0 -> Found;
scan([File | More], No, Max, S, Found) ->
    Name = integer_to_list(File),
    Newest = lists:sublist(read_file(Name, S), length_limit(Max)),
    Numbered = lists:zipwith(fun(R, N) -> R#report{no = N, file = Name} end,
                             Newest, lists:seq(No, No + length(Newest) - 1)),
    Rest = case Max of
               all -> all;
               _ -> Max - length(Newest)
           end,
    scan(More, No + length(Newest), Rest, S, lists:reverse(Numbered, Found)).

length_limit(all) -> 1 bsl 32;
length_limit(Max) -> Max.

read_file(Name, #state{dir = Dir, type = Type}) ->
    case file:read_file(filename:join(Dir, Name)) of
        {ok, Bytes} ->
            io:format("rb: reading report..."),
            read_reports(Bytes, 0, Type, Name, []);
        {error, _} ->
            [#report{type = unknown, name = "Can't open file " ++ Name,
                     date = "???", position = 0}]
    end.

read_reports(Bytes, At, Type, Name, Found) ->
    case event(Bytes, At) of
        {ok, Event, Next} ->
            R = described(Event, At),
            Is = Type =:= all orelse R#report.type =:= Type
                 orelse is_list(Type) andalso lists:member(R#report.type, Type),
            read_reports(Bytes, Next, Type, Name, [R || Is] ++ Found);
        eof ->
            io:format("done.~n"),
            Found;
        {error, Why} ->
            Problem = #report{type = unknown, name = Why, position = At},
            io:format("Error: ~tp~nSalvaged ~p entries from corrupt report "
                      "file ~ts...~n", [{unknown, Why, [], At}, length(Found),
                                        Name]),
            [Problem | Found]
    end.

event(Bytes, At) ->
    case Bytes of
        <<_:At/binary, Size:16, Term:Size/binary, _/binary>> ->
            try {ok, binary_to_term(Term), At + 2 + Size}
            catch error:_ -> {error, "Incomplete erlang term in log"}
            end;
        <<_:At/binary, _:16, _/binary>> -> {error, "Premature end of file"};
        _ -> eof
    end.

described({Time, {Kind, Leader, About}}, At) ->
    {Type, Name} = type_and_name(Kind, Leader, About),
    #report{type = Type, name = Name, date = rb_text:date(Time),
            position = At};
described(_, At) ->
    #report{type = unknown, name = '???', date = "???", position = At}.

type_and_name(error_report, Leader, {_, crash_report, [Own | _]}) ->
    Name = case {lists:keyfind(registered_name, 1, Own),
                 lists:keyfind(initial_call, 1, Own)} of
               {{_, []}, {_, {M, _, _}}} -> M;
               {{_, N}, _} when N =/= [] -> N;
               _ -> Leader
           end,
    {crash_report, Name};
type_and_name(error_report, Leader, {_, supervisor_report, About}) ->
    case lists:keyfind(supervisor, 1, About) of
        {_, Name} when is_atom(Name) -> {supervisor_report, Name};
        _ -> {supervisor_report, Leader}
    end;
type_and_name(info_report, Leader, {_, progress, _}) -> {progress, Leader};
type_and_name(Type, Leader, _) -> {Type, Leader}.

%% ---- Showing ----

list(Device, Type, Reports) ->
    Texts = [{R, lists:flatten(io_lib:format("~tw", [R#report.name]))}
             || R <- Reports],
    Width = lists:max([7 | [string:length(T) || {_, T} <- Texts]]),
    Dates = lists:max([0 | [length(R#report.date) || R <- Reports]]),
    Format = "~4s~20ts ~*ts~*s~n",
    Line = fun(No, Kind, Name, Date) ->
               io:format(Device, Format, [No, Kind, Width + 1, Name, Dates + 1,
                                          Date])
           end,
    Line("No", "Type", "Process", "Date     Time"),
    Line("==", "====", "=======", "====     ===="),
    [Line(integer_to_list(R#report.no), io_lib:format("~tw", [R#report.type]),
          Text, R#report.date)
     || {R, Text} <- Texts, Type =:= all orelse R#report.type =:= Type],
    ok.

%% Shows those that are wanted, oldest first. The device may change when a
%% report cannot be printed.
show_all([], _, S) -> S;
show_all([R | More], Wanted, S) ->
    case read(R, S) of
        {ok, Event} ->
            case Wanted(R, Event) of
                true ->
                    case print(R, Event, S) of
                        {proceed, S1} -> show_all(More, Wanted, S1);
                        {abort, S1} -> S1
                    end;
                false -> show_all(More, Wanted, S)
            end;
        error ->
            io:format("rb: Cannot read from file~n"),
            show_all(More, Wanted, S)
    end.

read(#report{file = Name, position = At}, #state{dir = Dir}) ->
    case file:read_file(filename:join(Dir, Name)) of
        {ok, Bytes} ->
            case event(Bytes, At) of
                {ok, Event, _} -> {ok, Event};
                _ -> error
            end;
        {error, _} ->
            io:format("rb: can't open file ~tp~n", [Name]),
            error
    end.

print(#report{date = Date}, Event, #state{device = Device} = S) ->
    try
        rb_text:print(Device, Date, Event),
        {proceed, S}
    catch _:_ -> bad_form(Date, Event, S)
    end.

%% What cannot be printed stands on the terminal, and a word in the log.
bad_form(Date, Event, #state{device = standard_io, abort = Abort} = S) ->
    io:put_chars(rb_text:bad_form(Date, Event)),
    io:put_chars(rb_text:logging(Abort)),
    {case Abort of true -> abort; false -> proceed end, S};
bad_form(Date, Event, #state{abort = Abort, log = Log} = S) ->
    io:put_chars(rb_text:bad_form(Date, Event)),
    case open_log(Log) of
        standard_io ->
            io:format("rb: Can not reopen ~tp. Logging aborted.~n", [Log]),
            {abort, S};
        Device ->
            io:put_chars(Device, rb_text:bad_form_logged(Abort)),
            io:put_chars(rb_text:logging(Abort)),
            {case Abort of true -> abort; false -> proceed end,
             S#state{device = Device}}
    end.

%% ---- Searching ----

text(Term) -> lists:flatten(io_lib:format("~tp", [Term])).

matches(Text, {Expression, Options}) ->
    re:run(Text, Expression, [unicode | Options -- [unicode]]) =/= nomatch;
matches(Text, Expression) -> matches(Text, {Expression, []}).

has_values(Filters, {_, _, About}) ->
    lists:all(fun(F) -> has_value(F, About) end, Filters);
has_values(_, _) -> false.

has_value({Key, Value}, About) -> proplists:get_value(Key, About) =:= Value;
has_value({Key, Value, no}, About) -> not has_value({Key, Value}, About);
has_value({Key, Expression, re}, About) ->
    case proplists:get_value(Key, About) of
        undefined -> false;
        Value -> matches(text(Value), Expression)
    end;
has_value({Key, Expression, re, no}, About) ->
    not has_value({Key, Expression, re}, About).

is_time(_, always) -> true;
is_time(Time, {From, from}) -> Time >= From;
is_time(Time, {To, to}) -> Time =< To;
is_time(Time, {From, To}) -> From =< Time andalso Time =< To.
