%% SPDX-License-Identifier: Apache-2.0
%% calendar: dates there and back, weeks, RFC 3339.
%% expect: true
%% expect: 57378144
%% expect: [false,false,false,false,false,false,false,false,false,false,true,true,false,
%% expect:  false,false,false,true,false]
%% expect: [{-2,{23,59,59}},{-1,{23,59,59}},{0,{0,0,0}},{1,{0,0,0}}]
%% expect: {-365,{0,0,1}}
%% expect: 1517498278126
%% expect: 1517498282000
%% expect: -315612000500
%% expect: {badarg,["0000-01-01T00:00:00+01:00",[{unit,millisecond}]]}
%% expect: function_clause
%% expect: {badmatch,[]}
%% expect: "2018-02-01T15:17:58Z"
%% expect: "1970-01-01T01:29:58.999+01:30"
%% expect: "2018-02-01T14:17:58.123456-01:00"
%% expect: {badarg,[253402300800,[{unit,second},{offset,"Z"}]]}
-module(calendar_test).
-export([main/0]).

main() ->
    Days = lists:seq(400, 160000, 3) ++ lists:seq(3652000, 3653000),
    Dates = [calendar:gregorian_days_to_date(D) || D <- Days],
    show(Days =:= [calendar:date_to_gregorian_days(D) || D <- Dates]),
    show(erlang:phash2([{D, calendar:day_of_the_week(D),
                         calendar:iso_week_number(D)} || D <- Dates])),
    show([calendar:valid_date(Y, M, D) || Y <- [-1, 0, 1900], M <- [0, 2],
                                          D <- [0, 28, 29]]),
    show([calendar:seconds_to_daystime(S) || S <- [-86401, -1, 0, 86400]]),
    show(calendar:time_difference({{2000, 1, 1}, {0, 0, 0}},
                                  {{1999, 1, 1}, {0, 0, 1}})),
    [show(try calendar:rfc3339_to_system_time(T, [{unit, millisecond}])
          catch error:E -> E end)
     || T <- ["2018-02-01T16:17:58.1258+01:00", "2018-02-01 15:18:02Z",
              "1960-01-01T00:00:00.5-02", "0000-01-01T00:00:00+01:00",
              "1970-13-01T00:00:00Z", "1970-01-01T00:00:00"]],
    [show(try calendar:system_time_to_rfc3339(T, [{unit, U}, {offset, O}])
          catch error:E -> E end)
     || {T, U, O} <- [{1517498278, second, "Z"}, {-1001, millisecond, 5400000},
                      {1517498278123456, microsecond, "-01:00"},
                      {253402300800, second, "Z"}]].

show(X) -> io:format("~p~n", [X]).
