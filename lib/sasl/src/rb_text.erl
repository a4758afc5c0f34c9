%% SPDX-License-Identifier: Apache-2.0
%% rb_text: the texts of the report browser: reports in lines of 79 columns, a
%% key on the left, its value on the right or, when it is long, below.
-module(rb_text).

-export([print/3, date/1, help/0, bad_form/2, bad_form_logged/1, logging/1]).

-define(WIDTH, 79).

-spec print(io:device(), string(), {calendar:datetime(), tuple()}) -> ok.
print(Device, Date, {_, {Kind, _, {Pid, Type, About}}}) ->
    case {Kind, Type} of
        {error_report, crash_report} ->
            header(Device, "CRASH REPORT", Pid, Date),
            crash(Device, About);
        {error_report, supervisor_report} ->
            header(Device, "SUPERVISOR REPORT", Pid, Date),
            supervisor(Device, About);
        {info_report, progress} ->
            data(Device, "PROGRESS REPORT", Pid, Date, About);
        {error_report, _} -> data(Device, "ERROR REPORT", Pid, Date, About);
        {info_report, _} -> data(Device, "INFO REPORT", Pid, Date, About);
        {warning_report, _} -> data(Device, "WARNING REPORT", Pid, Date, About);
        {error, _} -> message(Device, "ERROR REPORT", Pid, Date, {Type, About});
        {info_msg, _} ->
            message(Device, "INFO REPORT", Pid, Date, {Type, About});
        {warning_msg, _} ->
            message(Device, "WARNING REPORT", Pid, Date, {Type, About});
        _ -> other(Device, Date, Kind, {Pid, Type, About})
    end;
print(Device, Date, {_, {Kind, _, About}}) -> other(Device, Date, Kind, About);
print(Device, Date, Report) ->
    io:format("~nPrinting info of unknown type... ~s~n", [Date]),
    io:format(Device, "~tp", [Report]).

other(Device, Date, Kind, About) ->
    io:format(Device, "~nInfo type <~tw> ~s~n~tp", [Kind, Date, About]).

header(Device, Title, Pid, Date) ->
    Left = io_lib:format("~s  ~w", [Title, Pid]),
    Line = io_lib:format("~-*s~s", [?WIDTH - length(Date), Left, Date]),
    io:format(Device, "~n~*.*s~n~*c~n", [?WIDTH, ?WIDTH, Line, ?WIDTH, $=]).

message(Device, Title, Pid, Date, {Format, Args}) ->
    header(Device, Title, Pid, Date),
    io:nl(Device),
    io:format(Device, Format, Args).

data(Device, Title, Pid, Date, About) ->
    header(Device, Title, Pid, Date),
    pairs(Device, About),
    io:nl(Device).

pairs(Device, [{Key, Value} | More]) ->
    line(Device, Key, Value),
    pairs(Device, More);
pairs(_, []) -> ok;
pairs(Device, [Term | More]) ->
    io:format(Device, "~tp~n", [Term]),
    pairs(Device, More);
pairs(Device, Term) -> io:format(Device, "~tp~n", [Term]).

items(Device, Title, Pairs) ->
    line(Device, Title, " "),
    [line(Device, lists:concat(["   ", Key]), Value) || {Key, Value} <- Pairs],
    ok.

crash(Device, [Own, Neighbours]) ->
    items(Device, "Crashing process", Own),
    [begin
         io:nl(Device),
         items(Device, "Neighbour process", N)
     end || N <- Neighbours],
    io:nl(Device).

supervisor(Device, About) ->
    Get = fun(Key) -> proplists:get_value(Key, About) end,
    pairs(Device, [{"Reporting supervisor", Get(supervisor)}]),
    io:nl(Device),
    items(Device, "Child process",
          [{errorContext, Get(errorContext)}, {reason, Get(reason)}
           | [child_key(P) || P <- Get(offender)]]),
    io:nl(Device).

child_key({mfa, Value}) -> {start_function, Value};
child_key(Pair) -> Pair.

%% A value that does not fit beside its key gets lines of its own, indented.
line(Device, Key, Value) ->
    Left = text(Key),
    Right = text(Value),
    Room = ?WIDTH - min(string:length(Left), ?WIDTH),
    case string:length(Right) < Room of
        true -> io:format(Device, "~ts~*ts~n", [Left, Room, Right]);
        false ->
            io:format(Device, "~ts~n         ~*.9tp~n", [Left, ?WIDTH, Value])
    end.

text([]) -> "[]";
text(Term) ->
    case io_lib:printable_list(Term) of
        true -> lists:flatten(io_lib:format("~ts", [Term]));
        false -> lists:flatten(io_lib:format("~tp", [Term]))
    end.

%% A time, in universal time where sasl's utc_log says so.
-spec date(calendar:datetime()) -> string().
date(Time) ->
    {{{Y, Mo, D}, {H, Mi, S}}, Zone} =
        case application:get_env(sasl, utc_log) of
            {ok, true} -> {universal(Time), " UTC"};
            _ -> {Time, ""}
        end,
    lists:flatten(io_lib:format("~w-~2..0w-~2..0w ~2..0w:~2..0w:~2..0w~s",
                                [Y, Mo, D, H, Mi, S, Zone])).

universal(Time) ->
    case calendar:local_time_to_universal_time_dst(Time) of
        [Universal | _] -> Universal;
        [] -> Time
    end.

bad_form(Date, Event) ->
    io_lib:format("rb: ERROR! A report on bad form was encountered. "
                  "It cannot be printed to the log.~n~n"
                  "Details:~n~p ~tp~n~n", [Date, Event]).

bad_form_logged(true) ->
    "\n\n************************* RB ERROR ************************\n"
    "A report on bad form was encountered here and the logging\n"
    "process was aborted. Note that there may well be remaining\n"
    "reports that haven't yet been logged. Please see the rb\n"
    "manual for more info.\n"
    "***********************************************************\n";
bad_form_logged(false) ->
    "\n   ********* RB: UNPRINTABLE REPORT ********\n\n".

logging(true) -> "rb: Logging aborted.\n";
logging(false) -> "rb: Logging resumed...\n\n".

help() ->
    "\nReport Browser Tool - usage\n"
    "===========================\n"
    "rb:start(), rb:start(Options)     read the reports\n"
    "      {start_log, File | Name | Pid}   where they are shown, standard_io\n"
    "      {max, N | all}                   how many are read, all\n"
    "      {report_dir, Folder}             sasl's error_logger_mf_dir\n"
    "      {type, Type | [Type] | all}      which are read, all\n"
    "      {abort_on_error, Boolean}        stop at one that cannot be shown\n"
    "rb:rescan(), rb:rescan(Options)   read them again\n"
    "rb:list(), rb:list(Type)          list them; Type: crash_report,\n"
    "                                  supervisor_report, progress, error ...\n"
    "rb:log_list(), rb:log_list(Type)  the same, where reports are shown\n"
    "rb:show(), rb:show(N | Type)      show them\n"
    "rb:grep(RegExp)                   show those that match, as re:run/2,3\n"
    "rb:filter(Filters)                show those with certain values\n"
    "      {Key, Value}, {Key, Value, no}, {Key, RegExp, re},\n"
    "      {Key, RegExp, re, no}\n"
    "rb:filter(Filters, Dates)         the same, of some time\n"
    "      {From, To}, {From, from}, {To, to}\n"
    "rb:start_log(File | Name | Pid)   show reports there\n"
    "rb:stop_log()                     show them here again\n"
    "rb:h(), rb:help()                 this text\n"
    "rb:stop            - stop the rb_server\n".
