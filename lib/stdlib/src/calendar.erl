%% SPDX-License-Identifier: Apache-2.0
%% calendar: dates and times of the Gregorian calendar, carried on to the year
%% 0. Days and seconds are counted from its first of January.
-module(calendar).

-export([date_to_gregorian_days/1, date_to_gregorian_days/3,
         datetime_to_gregorian_seconds/1, day_of_the_week/1,
         day_of_the_week/3, gregorian_days_to_date/1,
         gregorian_seconds_to_datetime/1, is_leap_year/1, iso_week_number/0,
         iso_week_number/1, last_day_of_the_month/2, local_time/0,
         local_time_to_system_time/1, local_time_to_system_time/2,
         local_time_to_universal_time/1, local_time_to_universal_time/2,
         local_time_to_universal_time_dst/1, now_to_datetime/1,
         now_to_local_time/1, now_to_universal_time/1,
         rfc3339_to_system_time/1, rfc3339_to_system_time/2,
         seconds_to_daystime/1, seconds_to_time/1,
         system_time_to_local_time/2, system_time_to_universal_time/2,
         system_time_to_rfc3339/1, system_time_to_rfc3339/2,
         time_difference/2, time_to_seconds/1, universal_time/0,
         universal_time_to_local_time/1, universal_time_to_system_time/1,
         universal_time_to_system_time/2, valid_date/1, valid_date/3]).

-deprecated([{local_time_to_universal_time, 1,
              "use calendar:local_time_to_universal_time_dst/1 instead"}]).

-export_type([date/0, time/0, datetime/0, datetime1970/0]).

-define(DAY, 86400).               % seconds
-define(EPOCH, (719528 * ?DAY)).   % 1970-01-01
-define(YEAR_10000, (3652425 * ?DAY)).

-type year() :: non_neg_integer().
-type year1970() :: 1970..10000.
-type month() :: 1..12.
-type day() :: 1..31.
-type daynum() :: 1..7.
-type date() :: {year(), month(), day()}.
-type time() :: {0..23, 0..59, 0..59}.
-type datetime() :: {date(), time()}.
-type datetime1970() :: {{year1970(), month(), day()}, time()}.
-type rfc3339_string() :: [byte(), ...].
-type rfc3339_time_unit() :: microsecond | millisecond | nanosecond
                           | second | native.

%% Dates

-spec date_to_gregorian_days(date()) -> non_neg_integer().
date_to_gregorian_days({Year, Month, Day}) ->
    date_to_gregorian_days(Year, Month, Day).

-spec date_to_gregorian_days(year(), month(), day()) -> non_neg_integer().
date_to_gregorian_days(Year, Month, Day) when is_integer(Day), Day > 0 ->
    Last = last_day_of_the_month(Year, Month),
    if
        Day =< Last ->
            days_before_year(Year) + days_before_month(Year, Month) + Day - 1
    end.

-spec gregorian_days_to_date(non_neg_integer()) -> date().
gregorian_days_to_date(Days) ->
    Year = day_to_year(Days),
    {Month, Day} = month_of_day(Year, 12, Days - days_before_year(Year)),
    {Year, Month, Day + 1}.

day_to_year(Days) when Days >= 0 ->
    year_of_day(Days, Days * 400 div 146097).

%% 400 years have 146097 days, so a guess is wrong by one at most.
year_of_day(Days, Guess) ->
    case days_before_year(Guess) of
        First when Days < First -> Guess - 1;
        _ ->
            case days_before_year(Guess + 1) of
                Next when Days >= Next -> Guess + 1;
                _ -> Guess
            end
    end.

month_of_day(Year, Month, Day) ->
    case days_before_month(Year, Month) of
        Before when Day >= Before -> {Month, Day - Before};
        _ -> month_of_day(Year, Month - 1, Day)
    end.

%% The year 0 is a leap year.
days_before_year(0) -> 0;
days_before_year(Year) ->
    Y = Year - 1,
    Y * 365 + Y div 4 - Y div 100 + Y div 400 + 366.

days_before_month(Year, Month) when Month > 2 ->
    Common = element(Month, {0, 31, 59, 90, 120, 151, 181, 212, 243, 273,
                             304, 334}),
    case is_leap_year(Year) of
        true -> Common + 1;
        false -> Common
    end;
days_before_month(_, 1) -> 0;
days_before_month(_, 2) -> 31.

-spec is_leap_year(year()) -> boolean().
is_leap_year(Y) when is_integer(Y), Y >= 0 ->
    Y rem 4 =:= 0 andalso (Y rem 100 > 0 orelse Y rem 400 =:= 0).

-spec last_day_of_the_month(year(), month()) -> 28..31.
last_day_of_the_month(Y, M) when is_integer(Y), Y >= 0 ->
    last_day_of_the_month1(Y, M).

last_day_of_the_month1(Y, 2) ->
    case is_leap_year(Y) of
        true -> 29;
        false -> 28
    end;
last_day_of_the_month1(_, M) when M =:= 4; M =:= 6; M =:= 9; M =:= 11 -> 30;
last_day_of_the_month1(_, M) when is_integer(M), M > 0, M < 13 -> 31.

-spec valid_date(date()) -> boolean().
valid_date({Y, M, D}) -> valid_date(Y, M, D).

-spec valid_date(integer(), integer(), integer()) -> boolean().
valid_date(Y, M, D) when is_integer(Y), is_integer(M), is_integer(D) ->
    Y >= 0 andalso M > 0 andalso M < 13 andalso D > 0
        andalso D =< last_day_of_the_month(Y, M).

-spec day_of_the_week(date()) -> daynum().
day_of_the_week({Year, Month, Day}) -> day_of_the_week(Year, Month, Day).

%% Monday is 1; the first day of the year 0 was a Saturday.
-spec day_of_the_week(year(), month(), day()) -> daynum().
day_of_the_week(Year, Month, Day) ->
    (date_to_gregorian_days(Year, Month, Day) + 5) rem 7 + 1.

-spec iso_week_number() -> {year(), 1..53}.
iso_week_number() ->
    {Date, _} = local_time(),
    iso_week_number(Date).

%% A week belongs to the year its Thursday lies in.
-spec iso_week_number(date()) -> {year(), 1..53}.
iso_week_number({Year, _, _} = Date) ->
    Day = date_to_gregorian_days(Date),
    This = first_week(Year),
    Next = first_week(Year + 1),
    if
        Day < This -> {Year - 1, (Day - first_week(Year - 1)) div 7 + 1};
        Day >= Next -> {Year + 1, 1};
        true -> {Year, (Day - This) div 7 + 1}
    end.

%% The Monday of the week with 4 January.
first_week(Year) ->
    Fourth = date_to_gregorian_days(Year, 1, 4),
    Fourth - (Fourth + 5) rem 7.

%% Times

-spec datetime_to_gregorian_seconds(datetime()) -> non_neg_integer().
datetime_to_gregorian_seconds({Date, Time}) ->
    ?DAY * date_to_gregorian_days(Date) + time_to_seconds(Time).

-spec gregorian_seconds_to_datetime(non_neg_integer()) -> datetime().
gregorian_seconds_to_datetime(Secs) when Secs >= 0 ->
    {gregorian_days_to_date(Secs div ?DAY), seconds_to_time(Secs rem ?DAY)}.

-spec time_to_seconds(time()) -> 0..?DAY.
time_to_seconds({H, M, S}) when is_integer(H), is_integer(M), is_integer(S) ->
    H * 3600 + M * 60 + S.

-spec seconds_to_time(0..?DAY) -> time().
seconds_to_time(Secs) when Secs >= 0, Secs < ?DAY ->
    {Secs div 3600, Secs rem 3600 div 60, Secs rem 60}.

-spec seconds_to_daystime(integer()) -> {integer(), time()}.
seconds_to_daystime(Secs) ->
    Days = Secs div ?DAY,
    case Secs rem ?DAY of
        Rest when Rest < 0 -> {Days - 1, seconds_to_time(Rest + ?DAY)};
        Rest -> {Days, seconds_to_time(Rest)}
    end.

-spec time_difference(datetime(), datetime()) -> {integer(), time()}.
time_difference({{_, _, _}, {_, _, _}} = T1, {{_, _, _}, {_, _, _}} = T2) ->
    seconds_to_daystime(datetime_to_gregorian_seconds(T2)
                        - datetime_to_gregorian_seconds(T1)).

%% The clock, local and universal time

-spec local_time() -> datetime().
local_time() -> erlang:localtime().

-spec universal_time() -> datetime().
universal_time() -> erlang:universaltime().

-spec local_time_to_universal_time(datetime1970()) -> datetime1970().
local_time_to_universal_time(DateTime) ->
    erlang:localtime_to_universaltime(DateTime).

-spec local_time_to_universal_time(datetime1970(),
                                   true | false | undefined) ->
          datetime1970().
local_time_to_universal_time(DateTime, IsDst) ->
    erlang:localtime_to_universaltime(DateTime, IsDst).

%% The hour that comes twice in autumn has two answers, the one left out in
%% spring has none.
-spec local_time_to_universal_time_dst(datetime1970()) -> [datetime1970()].
local_time_to_universal_time_dst(Local) ->
    Candidates = [erlang:localtime_to_universaltime(Local, IsDst)
                  || IsDst <- [true, false]],
    Right = [U || U <- Candidates,
                  erlang:universaltime_to_localtime(U) =:= Local],
    case Right of
        [U, U] -> [U];
        _ -> Right
    end.

-spec universal_time_to_local_time(datetime1970()) -> datetime().
universal_time_to_local_time(DateTime) ->
    erlang:universaltime_to_localtime(DateTime).

-spec now_to_datetime(erlang:timestamp()) -> datetime1970().
now_to_datetime({Mega, Sec, _}) -> from_epoch(Mega * 1000000 + Sec).

-spec now_to_universal_time(erlang:timestamp()) -> datetime1970().
now_to_universal_time(Now) -> now_to_datetime(Now).

-spec now_to_local_time(erlang:timestamp()) -> datetime1970().
now_to_local_time({_, _, _} = Now) ->
    erlang:universaltime_to_localtime(now_to_datetime(Now)).

-spec system_time_to_local_time(integer(), erlang:time_unit()) -> datetime().
system_time_to_local_time(Time, Unit) ->
    erlang:universaltime_to_localtime(
      system_time_to_universal_time(Time, Unit)).

-spec system_time_to_universal_time(integer(), erlang:time_unit()) ->
          datetime().
system_time_to_universal_time(Time, Unit) ->
    from_epoch(erlang:convert_time_unit(Time, Unit, second)).

-spec local_time_to_system_time(datetime1970()) -> integer().
local_time_to_system_time(Time) -> local_time_to_system_time(Time, []).

-spec local_time_to_system_time(datetime1970(), [{unit, rfc3339_time_unit()}])
          -> integer().
local_time_to_system_time(Time, Options) ->
    universal_time_to_system_time(
      erlang:localtime_to_universaltime(Time), Options).

-spec universal_time_to_system_time(datetime()) -> integer().
universal_time_to_system_time(Time) -> universal_time_to_system_time(Time, []).

-spec universal_time_to_system_time(datetime(), [{unit, rfc3339_time_unit()}])
          -> integer().
universal_time_to_system_time(Time, Options) ->
    Unit = proplists:get_value(unit, Options, second),
    (datetime_to_gregorian_seconds(Time) - ?EPOCH) * factor(Unit).

from_epoch(Secs) -> gregorian_seconds_to_datetime(Secs + ?EPOCH).

%% RFC 3339

-spec system_time_to_rfc3339(integer()) -> rfc3339_string().
system_time_to_rfc3339(Time) -> system_time_to_rfc3339(Time, []).

-spec system_time_to_rfc3339(integer(), [Option]) -> rfc3339_string() when
      Option :: {offset, [byte()] | integer()} | {time_designator, byte()}
              | {unit, rfc3339_time_unit()} | {return, string | binary}.
system_time_to_rfc3339(Time, Options) ->
    Offset = proplists:get_value(offset, Options, ""),
    case proplists:get_value(unit, Options, second) of
        native ->
            Ms = fun(N) -> erlang:convert_time_unit(N, native, millisecond)
                 end,
            Moved = if is_integer(Offset) -> Ms(Offset); true -> Offset end,
            system_time_to_rfc3339_do(Ms(Time), Options, millisecond, Moved);
        Unit ->
            system_time_to_rfc3339_do(Time, Options, Unit, Offset)
    end.

system_time_to_rfc3339_do(Time, Options, Unit, Offset) ->
    T = proplists:get_value(time_designator, Options, $T),
    Shift = offset_seconds(Time, Unit, Offset),
    Local = Time + erlang:convert_time_unit(Shift, second, Unit),
    Factor = factor(Unit),
    Secs = Local div Factor,
    check(Time, Options, Secs),
    {{Y, Mo, D}, {H, Mi, S}} = from_epoch(Secs),
    Text = [digits(4, Y), "-", digits(2, Mo), "-", digits(2, D), [T],
            digits(2, H), ":", digits(2, Mi), ":", digits(2, S),
            fraction_text(Factor, Local), offset_text(Offset, Shift)],
    case proplists:get_value(return, Options, string) of
        string -> lists:append(Text);
        binary -> list_to_binary(Text)
    end.

-spec rfc3339_to_system_time(rfc3339_string()) -> integer().
rfc3339_to_system_time(Text) -> rfc3339_to_system_time(Text, []).

-spec rfc3339_to_system_time(rfc3339_string(),
                             [{unit, rfc3339_time_unit()}]) -> integer().
rfc3339_to_system_time(Text, Options) when is_binary(Text) ->
    rfc3339_to_system_time(binary_to_list(Text), Options);
rfc3339_to_system_time(Text, Options) ->
    Unit = proplists:get_value(unit, Options, second),
    [Y1, Y2, Y3, Y4, $-, Mo1, Mo2, $-, D1, D2, _,
     H1, H2, $:, Mi1, Mi2, $:, S1, S2|Rest] = Text,
    [H, Mi, S, Y, Mo, D] =
        [list_to_integer(N) || N <- [[H1, H2], [Mi1, Mi2], [S1, S2],
                                     [Y1, Y2, Y3, Y4], [Mo1, Mo2],
                                     [D1, D2]]],
    {Fraction, Offset} =
        lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 orelse C =:= $.
                        end, Rest),
    Local = datetime_to_gregorian_seconds({{Y, Mo, D}, {H, Mi, S}}) - ?EPOCH,
    Secs = Local - offset_value(Offset),
    check(Text, Options, Secs),
    Time = erlang:convert_time_unit(Secs, second, Unit),
    case fraction_value(Unit, Fraction) of
        Part when Time < 0 -> Time - Part;
        Part -> Time + Part
    end.

%% Four digits must do for the year.
check(_, _, Secs) when Secs >= -?EPOCH, Secs < ?YEAR_10000 - ?EPOCH -> ok;
check(Arg, Options, _) -> erlang:error({badarg, [Arg, Options]}).

%% An offset is "", which means local time, a text, or a number of units.
offset_seconds(Time, Unit, "") -> local_offset(Time, Unit);
offset_seconds(_, _, Offset) when is_list(Offset) -> offset_value(Offset);
offset_seconds(_, Unit, Offset) when is_integer(Offset) ->
    erlang:convert_time_unit(Offset, Unit, second).

local_offset(Time, Unit) ->
    Universal = system_time_to_universal_time(Time, Unit),
    Local = erlang:universaltime_to_localtime(Universal),
    datetime_to_gregorian_seconds(Local)
        - datetime_to_gregorian_seconds(Universal).

offset_value([Z]) when Z =:= $Z; Z =:= $z -> 0;
offset_value(Text) ->
    [Sign, H1, H2|Minutes] = Text,
    Hour = list_to_integer([H1, H2]),
    Min = case Minutes of
              [$:, M1, M2] -> list_to_integer([M1, M2]);
              [] -> 0
          end,
    case Sign of
        $- -> -(3600 * Hour + 60 * Min);
        $+ -> 3600 * Hour + 60 * Min
    end.

offset_text(Offset, Secs) when Offset =:= ""; is_integer(Offset) ->
    Sign = if Secs < 0 -> $-; true -> $+ end,
    [Sign|digits(2, abs(Secs) div 3600)]
        ++ [$:|digits(2, abs(Secs) rem 3600 div 60)];
offset_text(Offset, _) -> Offset.

fraction_text(1, _) -> "";
fraction_text(Factor, Time) ->
    Width = length(integer_to_list(Factor)) - 1,
    [$.|digits(Width, abs(Time rem Factor))].

fraction_value(second, _) -> 0;
fraction_value(_, "") -> 0;
fraction_value(Unit, Fraction) ->
    round(factor(Unit) * list_to_float([$0|Fraction])).

factor(second) -> 1;
factor(millisecond) -> 1000;
factor(microsecond) -> 1000000;
factor(nanosecond) -> 1000000000;
factor(native) -> erlang:convert_time_unit(1, second, native).

digits(Width, N) ->
    Text = integer_to_list(N),
    lists:duplicate(max(0, Width - length(Text)), $0) ++ Text.
