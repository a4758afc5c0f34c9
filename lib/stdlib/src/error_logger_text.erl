%% SPDX-License-Identifier: Apache-2.0
%% error_logger_text: the words of an event as error_logger_file_h and
%% error_logger_tty_h write them: with seconds, and with terms no deeper than
%% the kernel's parameter error_logger_format_depth allows.
-module(error_logger_text).

-export([event/4]).

%% The text of an event that happened at a time of UTC, "" when it is none that
%% is written. [Modifier] is "t" where the device knows Unicode.
-spec event(calendar:datetime(), term(), unlimited | pos_integer(), string()) ->
          iolist().
event(Time, Event, Depth, Modifier) ->
    case parts(Event, Modifier) of
        ignore -> "";
        {Title, Pid, Parts} ->
            [head(Time, Title),
             [["** at node ", atom_to_list(node(Pid)), " **\n"]
              || node(Pid) =/= node()],
             [part(F, A, Depth, Modifier) || {F, A} <- Parts]]
    end.

parts({error, _, {Pid, Format, Args}}, _) ->
    {"ERROR", Pid, [{Format, Args}]};
parts({info_msg, _, {Pid, Format, Args}}, _) ->
    {"INFO", Pid, [{Format, Args}]};
parts({warning_msg, _, {Pid, Format, Args}}, _) ->
    {"WARNING", Pid, [{Format, Args}]};
parts({error_report, _, {Pid, std_error, Report}}, M) ->
    {"ERROR", Pid, report(Report, M)};
parts({info_report, _, {Pid, std_info, Report}}, M) ->
    {"INFO", Pid, report(Report, M)};
parts({warning_report, _, {Pid, std_warning, Report}}, M) ->
    {"WARNING", Pid, report(Report, M)};
parts(_, _) ->
    ignore.

report(Report, M) when is_list(Report) ->
    Flat = lists:flatten(Report),
    case Flat =/= [] andalso io_lib:printable_list(Flat) of
        true -> [{"~" ++ M ++ "s\n", [Report]}];
        false -> [case Item of
                      {Key, Value} ->
                          {"    ~" ++ M ++ "p: ~" ++ M ++ "p\n", [Key, Value]};
                      _ ->
                          {"    ~" ++ M ++ "p\n", [Item]}
                  end || Item <- Report]
    end;
report(Report, M) ->
    [{"~" ++ M ++ "p\n", [Report]}].

part(Format, Args, Depth, M) ->
    try format(Format, Args, Depth)
    catch
        _:_ -> format("ERROR: ~" ++ M ++ "p - ~" ++ M ++ "p\n",
                      [Format, Args], Depth)
    end.

format(Format, Args, unlimited) ->
    io_lib:format(Format, Args);
format(Format, Args, Depth) ->
    io_lib:build_text([shallow(I, Depth)
                       || I <- io_lib:scan_format(Format, Args)]).

%% ~p and ~w become ~P and ~W.
shallow(#{control_char := C, args := Args} = Item, Depth)
  when C =:= $p; C =:= $w ->
    Item#{control_char := C - $a + $A, args := Args ++ [Depth]};
shallow(Item, _) ->
    Item.

head(Time, Title) ->
    {{{Year, Month, Day}, {H, Mi, S}}, Utc} =
        case is_utc() of
            true -> {Time, "UTC "};
            false -> {calendar:universal_time_to_local_time(Time), ""}
        end,
    Name = element(Month, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                           "Aug", "Sep", "Oct", "Nov", "Dec"}),
    io_lib:format("~n=~s REPORT==== ~p-~s-~p::~2..0w:~2..0w:~2..0w ~s===~n",
                  [Title, Day, Name, Year, H, Mi, S, Utc]).

%% SASL's parameter goes before that of stdlib: logs have times of one kind.
is_utc() ->
    case application:get_env(sasl, utc_log) of
        {ok, Value} -> Value =:= true;
        undefined -> application:get_env(stdlib, utc_log) =:= {ok, true}
    end.
