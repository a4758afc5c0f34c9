%% SPDX-License-Identifier: Apache-2.0
%% SASL's reports as the event handlers of its error_logger times write them:
%% supervisor and crash reports are errors, progress reports are not.
-module(sasl_report).

-export([write_report/3, format_report/3]).

-type which() :: error | progress | all.
-type event() :: {calendar:datetime(), {atom(), pid(), {pid(), atom(), term()}}}.

%% Writes the event to a device if it is a report and one of [Which].
-spec write_report(io:device(), which(), event()) -> ok | true | false.
write_report(Device, Which, Event) ->
    case format_report(Device, Which, Event) of
        Text when is_list(Text) -> io:put_chars(Device, Text);
        Other -> Other
    end.

%% Its text; true if it is of another type, false if it is no report.
-spec format_report(io:device(), which(), event()) -> iolist() | boolean().
format_report(Device, Which, {Time, {Kind, _, {Pid, Type, Report}}})
  when Kind =:= error_report; Kind =:= info_report ->
    case is_wanted(Which, Kind, Type) of
        true -> [head(Type, Time, Pid), body(Type, Report, encoding(Device))];
        false -> true
    end;
format_report(_, _, _) -> false.

is_wanted(Which, error_report, Type) when Which =:= all; Which =:= error ->
    Type =:= supervisor_report orelse Type =:= crash_report;
is_wanted(Which, info_report, Type) when Which =:= all; Which =:= progress ->
    Type =:= progress;
is_wanted(_, _, _) -> false.

body(crash_report, Report, Encoding) ->
    proc_lib:format(Report, Encoding, error_logger:get_format_depth());
body(progress, Report, Encoding) ->
    {P, Depth} = directive(Encoding),
    [io_lib:format("    ~16w: ~" ++ P ++ "\n", [Tag, Value | Depth])
     || {Tag, Value} <- Report];
body(supervisor_report, Report, Encoding) ->
    {P, Depth} = directive(Encoding),
    [[io_lib:format("     ~-12s~" ++ Width ++ P ++ "\n",
                    [Title, proplists:get_value(Key, Report, "") | Depth])
      || {Title, Width, Key} <- [{"Supervisor:", "", supervisor},
                                 {"Context:", "", errorContext},
                                 {"Reason:", "80.18", reason},
                                 {"Offender:", "80.18", offender}]], $\n].

%% {Directive, further arguments} for terms.
directive(Encoding) ->
    Letters = case Encoding of
                  latin1 -> "";
                  _ -> "t"
              end,
    case error_logger:get_format_depth() of
        unlimited -> {Letters ++ "p", []};
        Depth -> {Letters ++ "P", [Depth]}
    end.

encoding(Device) ->
    case lists:keyfind(encoding, 1, io:getopts(Device)) of
        {_, Encoding} -> Encoding;
        false -> latin1
    end.

head(Type, Time0, Pid) ->
    Title = case Type of
                supervisor_report -> "SUPERVISOR REPORT";
                crash_report -> "CRASH REPORT";
                progress -> "PROGRESS REPORT"
            end,
    {{{Y, Mo, D}, {H, Mi, S}}, Zone} = in_zone(Time0),
    Month = element(Mo, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                         "Aug", "Sep", "Oct", "Nov", "Dec"}),
    Where = [io_lib:format(" (~p)", [node(Pid)]) || node(Pid) =/= node()],
    io_lib:format("~n=~s==== ~p-~s-~p::~2..0w:~2..0w:~2..0w~s~s ===~n",
                  [Title, D, Month, Y, H, Mi, S, Zone, Where]).

%% sasl's parameter utc_log.
in_zone(Time) ->
    case application:get_env(sasl, utc_log) of
        {ok, true} ->
            case calendar:local_time_to_universal_time_dst(Time) of
                [Utc | _] -> {Utc, " UTC"};
                [] -> {Time, ""}
            end;
        _ -> {Time, ""}
    end.
