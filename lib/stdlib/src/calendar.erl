%% SPDX-License-Identifier: Apache-2.0
%% calendar: dates of the Gregorian calendar, as days and seconds from the
%% beginning of year 0.
-module(calendar).

-export([date_to_gregorian_days/1, date_to_gregorian_days/3,
         datetime_to_gregorian_seconds/1, day_of_the_week/1,
         day_of_the_week/3, gregorian_days_to_date/1,
         gregorian_seconds_to_datetime/1, is_leap_year/1,
         iso_week_number/0, iso_week_number/1, last_day_of_the_month/2,
         local_time/0, local_time_to_universal_time/1,
         local_time_to_universal_time/2, local_time_to_universal_time_dst/1,
         now_to_datetime/1, now_to_local_time/1, now_to_universal_time/1,
         rfc3339_to_system_time/1, rfc3339_to_system_time/2,
         seconds_to_daystime/1, seconds_to_time/1,
         system_time_to_local_time/2, system_time_to_rfc3339/1,
         system_time_to_rfc3339/2, system_time_to_universal_time/2,
         time_difference/2, time_to_seconds/1, universal_time/0,
         universal_time_to_local_time/1, valid_date/1, valid_date/3]).

-export_type([date/0, time/0, datetime/0, datetime1970/0]).

-define(DAY, 86400).
-define(DAYS_TO_1970, 719528).

-type date() :: {integer(), 1..12, 1..31}.
-type time() :: {0..23, 0..59, 0..59}.
-type datetime() :: {date(), time()}.
-type datetime1970() :: datetime().

%%% Days

-spec is_leap_year(non_neg_integer()) -> boolean().
is_leap_year(Y) when is_integer(Y), Y >= 0 ->
    Y rem 4 =:= 0 andalso (Y rem 100 =/= 0 orelse Y rem 400 =:= 0).

-spec last_day_of_the_month(non_neg_integer(), 1..12) -> 28..31.
last_day_of_the_month(Y, 2) when is_integer(Y), Y >= 0 ->
    case is_leap_year(Y) of
        true -> 29;
        false -> 28
    end;
last_day_of_the_month(Y, M) when is_integer(Y), Y >= 0,
                                 (M =:= 4 orelse M =:= 6 orelse M =:= 9
                                  orelse M =:= 11) -> 30;
last_day_of_the_month(Y, M) when is_integer(Y), Y >= 0, is_integer(M), M > 0,
                                 M < 13 -> 31.

-spec valid_date(date()) -> boolean().
valid_date({Y, M, D}) -> valid_date(Y, M, D).

valid_date(Y, M, D) when is_integer(Y), is_integer(M), is_integer(D),
                         Y >= 0, M > 0, M < 13, D > 0 ->
    D =< last_day_of_the_month(Y, M);
valid_date(Y, M, D) when is_integer(Y), is_integer(M), is_integer(D) -> false.

-spec date_to_gregorian_days(date()) -> non_neg_integer().
date_to_gregorian_days({Y, M, D}) -> date_to_gregorian_days(Y, M, D).

date_to_gregorian_days(Y, M, D) when is_integer(D), D > 0 ->
    Last = last_day_of_the_month(Y, M),
    if
        D =< Last -> days_before_year(Y) + days_before_month(Y, M) + D - 1
    end.

%% Years are counted from 0, which was a leap year.
days_before_year(0) -> 0;
days_before_year(Y) ->
    X = Y - 1,
    X div 4 - X div 100 + X div 400 + X * 365 + 366.

days_before_month(Y, M) ->
    Before = element(M, {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304,
                         334}),
    case M > 2 andalso is_leap_year(Y) of
        true -> Before + 1;
        false -> Before
    end.

-spec gregorian_days_to_date(non_neg_integer()) -> date().
gregorian_days_to_date(Days) when is_integer(Days), Days >= 0 ->
    Y = year_of(Days, Days div 366),
    Rest = Days - days_before_year(Y),
    M = month_of(Y, Rest, 12),
    {Y, M, Rest - days_before_month(Y, M) + 1}.

%% The year is not before this guess.
year_of(Days, Y) ->
    case days_before_year(Y + 1) =< Days of
        true ->
            Step = max(1, (Days - days_before_year(Y)) div 367),
            year_of(Days, case days_before_year(Y + Step) =< Days of
                              true -> Y + Step;
                              false -> Y + 1
                          end);
        false -> Y
    end.

month_of(Y, Rest, M) ->
    case days_before_month(Y, M) =< Rest of
        true -> M;
        false -> month_of(Y, Rest, M - 1)
    end.

-spec day_of_the_week(date()) -> 1..7.
day_of_the_week({Y, M, D}) -> day_of_the_week(Y, M, D).

day_of_the_week(Y, M, D) -> (date_to_gregorian_days(Y, M, D) + 5) rem 7 + 1.

-spec iso_week_number() -> {non_neg_integer(), 1..53}.
iso_week_number() ->
    {Date, _} = local_time(),
    iso_week_number(Date).

%% The week belongs to the year that its Thursday lies in.
-spec iso_week_number(date()) -> {non_neg_integer(), 1..53}.
iso_week_number({_, _, _} = Date) ->
    Days = date_to_gregorian_days(Date),
    Thursday = Days - day_of_the_week(Date) + 4,
    {Y, _, _} = gregorian_days_to_date(Thursday),
    {Y, (Thursday - days_before_year(Y)) div 7 + 1}.

%%% Seconds

-spec datetime_to_gregorian_seconds(datetime()) -> non_neg_integer().
datetime_to_gregorian_seconds({Date, Time}) ->
    ?DAY * date_to_gregorian_days(Date) + time_to_seconds(Time).

-spec gregorian_seconds_to_datetime(non_neg_integer()) -> datetime().
gregorian_seconds_to_datetime(Secs) when Secs >= 0 ->
    {gregorian_days_to_date(Secs div ?DAY), seconds_to_time(Secs rem ?DAY)}.

-spec time_to_seconds(time()) -> 0..86399.
time_to_seconds({H, Mi, S}) when is_integer(H), is_integer(Mi),
                                 is_integer(S) ->
    H * 3600 + Mi * 60 + S.

-spec seconds_to_time(0..86399) -> time().
seconds_to_time(Secs) when Secs >= 0, Secs < ?DAY ->
    {Secs div 3600, Secs rem 3600 div 60, Secs rem 60}.

-spec seconds_to_daystime(integer()) -> {integer(), time()}.
seconds_to_daystime(Secs) ->
    Days0 = Secs div ?DAY,
    case Secs - Days0 * ?DAY of
        Rest when Rest < 0 -> {Days0 - 1, seconds_to_time(Rest + ?DAY)};
        Rest -> {Days0, seconds_to_time(Rest)}
    end.

time_difference({_, _} = A, {_, _} = B) ->
    seconds_to_daystime(datetime_to_gregorian_seconds(B)
                        - datetime_to_gregorian_seconds(A)).

%%% Clocks and zones

local_time() -> erlang:localtime().

universal_time() -> erlang:universaltime().

local_time_to_universal_time(Time) -> erlang:localtime_to_universaltime(Time).

local_time_to_universal_time(Time, IsDst) ->
    erlang:localtime_to_universaltime(Time, IsDst).

%% All universal times that this local time may be.
local_time_to_universal_time_dst(Time) ->
    Winter = erlang:localtime_to_universaltime(Time, false),
    Summer = erlang:localtime_to_universaltime(Time, true),
    [U || U <- lists:usort([Summer, Winter]),
          erlang:universaltime_to_localtime(U) =:= Time].

universal_time_to_local_time(Time) -> erlang:universaltime_to_localtime(Time).

now_to_universal_time({Mega, Secs, _}) ->
    system_time_to_universal_time(Mega * 1000000 + Secs, second).

now_to_datetime(Now) -> now_to_universal_time(Now).

now_to_local_time(Now) ->
    universal_time_to_local_time(now_to_universal_time(Now)).

system_time_to_universal_time(Time, Unit) ->
    Secs = erlang:convert_time_unit(Time, Unit, second),
    gregorian_seconds_to_datetime(Secs + ?DAYS_TO_1970 * ?DAY).

system_time_to_local_time(Time, Unit) ->
    universal_time_to_local_time(system_time_to_universal_time(Time, Unit)).

%%% RFC 3339

-spec system_time_to_rfc3339(integer()) -> string().
system_time_to_rfc3339(Time) -> system_time_to_rfc3339(Time, []).

-spec system_time_to_rfc3339(integer(), [{atom(), term()}]) -> string().
system_time_to_rfc3339(Time, Options) ->
    Unit = proplists:get_value(unit, Options, second),
    Designator = proplists:get_value(time_designator, Options, $T),
    Factor = factor(Unit),
    {Secs, Part} = {floor_div(Time, Factor), Time - floor_div(Time, Factor)
                    * Factor},
    {Adjust, Zone} = zone(proplists:get_value(offset, Options, ""), Secs,
                          Unit),
    {{Y, Mo, D}, {H, Mi, S}} =
        gregorian_seconds_to_datetime(Secs + Adjust + ?DAYS_TO_1970 * ?DAY),
    lists:flatten([io_lib:format("~4..0B-~2..0B-~2..0B", [Y, Mo, D]),
                   Designator,
                   io_lib:format("~2..0B:~2..0B:~2..0B", [H, Mi, S]),
                   fraction(Unit, Part), Zone]).

floor_div(A, B) when A >= 0 -> A div B;
floor_div(A, B) -> -((-A + B - 1) div B).

factor(second) -> 1;
factor(millisecond) -> 1000;
factor(microsecond) -> 1000000;
factor(nanosecond) -> 1000000000;
factor(native) -> erlang:convert_time_unit(1, second, native).

fraction(second, _) -> "";
fraction(millisecond, P) -> io_lib:format(".~3..0B", [P]);
fraction(microsecond, P) -> io_lib:format(".~6..0B", [P]);
fraction(_, P) -> io_lib:format(".~9..0B", [P]).

%% Seconds to add to universal time, and the zone's text.
zone("Z", _, _) -> {0, "Z"};
zone("", Secs, _) ->
    Local = datetime_to_gregorian_seconds(
              system_time_to_local_time(Secs, second)),
    Adjust = Local - (Secs + ?DAYS_TO_1970 * ?DAY),
    {Adjust, offset_text(Adjust)};
zone(Offset, _, Unit) when is_integer(Offset) ->
    Secs = erlang:convert_time_unit(Offset, Unit, second),
    {Secs, offset_text(Secs)};
zone([Sign, H1, H2, $:, M1, M2] = Text, _, _) ->
    Secs = list_to_integer([H1, H2]) * 3600
        + list_to_integer([M1, M2]) * 60,
    {case Sign of $- -> -Secs; $+ -> Secs end, Text}.

offset_text(Secs) ->
    Sign = if Secs < 0 -> $-; true -> $+ end,
    {H, M, _} = seconds_to_time(abs(Secs)),
    io_lib:format("~c~2..0B:~2..0B", [Sign, H, M]).

-spec rfc3339_to_system_time(string()) -> integer().
rfc3339_to_system_time(Text) -> rfc3339_to_system_time(Text, []).

-spec rfc3339_to_system_time(string(), [{atom(), term()}]) -> integer().
rfc3339_to_system_time(Text, Options) ->
    Unit = proplists:get_value(unit, Options, second),
    [Y1, Y2, Y3, Y4, $-, Mo1, Mo2, $-, D1, D2, _, H1, H2, $:, Mi1, Mi2, $:,
     S1, S2 | Rest] = Text,
    Date = {number([Y1, Y2, Y3, Y4]), number([Mo1, Mo2]), number([D1, D2])},
    Time = {number([H1, H2]), number([Mi1, Mi2]), number([S1, S2])},
    true = valid_date(Date),
    {Digits, Zone} = case Rest of
                         [$. | Fraction] ->
                             lists:splitwith(fun(C) ->
                                                     C >= $0 andalso C =< $9
                                             end, Fraction);
                         _ -> {"0", Rest}
                     end,
    Adjust = case Zone of
                 [Z] when Z =:= $Z; Z =:= $z -> 0;
                 _ -> element(1, zone(Zone, 0, second))
             end,
    Secs = datetime_to_gregorian_seconds({Date, Time})
        - ?DAYS_TO_1970 * ?DAY - Adjust,
    Factor = factor(Unit),
    Part = number(Digits) * Factor div pow10(length(Digits)),
    Secs * Factor + Part.

number(Digits) -> list_to_integer(Digits).

pow10(0) -> 1;
pow10(N) -> 10 * pow10(N - 1).
