%% SPDX-License-Identifier: Apache-2.0
%% http_text: dates and headers as HTTP writes them.
-module(http_text).

-export([date/0, date/1, parse_date/1, format_headers/1]).

-define(MONTHS, ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
                 "Oct", "Nov", "Dec"]).

%% Lines of {Name, Value}.
format_headers(Headers) ->
    [[text(Name), ": ", text(Value), "\r\n"] || {Name, Value} <- Headers].

text(Value) when is_integer(Value) -> integer_to_list(Value);
text(Value) when is_atom(Value) -> atom_to_list(Value);
text(Value) -> Value.

date() -> date(erlang:universaltime()).

%% As RFC 1123 has it.
date({{Y, Mo, D} = Day, {H, Mi, S}}) ->
    Weekday = element(calendar:day_of_the_week(Day),
                      {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}),
    lists:flatten(io_lib:format("~s, ~2..0w ~s ~w ~2..0w:~2..0w:~2..0w GMT",
                                [Weekday, D, lists:nth(Mo, ?MONTHS), Y, H, Mi,
                                 S])).

%% Of that form, of RFC 850's, or of asctime's; bad_date otherwise.
-spec parse_date(string()) -> calendar:datetime() | bad_date.
parse_date(Text) ->
    try
        {Year, Month, Day, Time} =
            case string:lexemes(Text, " ,-:") of
                [_, D, M, Y, H, Mi, S | _] when hd(D) =< $9 ->
                    {Y, M, D, [H, Mi, S]};
                [_, M, D, H, Mi, S, Y | _] -> {Y, M, D, [H, Mi, S]}
            end,
        Date = {year(Year), month(Month, ?MONTHS, 1), list_to_integer(Day)},
        true = calendar:valid_date(Date),
        {Date, list_to_tuple([list_to_integer(T) || T <- Time])}
    catch error:_ -> bad_date
    end.

month(Name, [Name | _], N) -> N;
month(Name, [_ | Others], N) -> month(Name, Others, N + 1).

%% Two figures are of this century.
year([_, _] = Text) ->
    {Now, _, _} = erlang:date(),
    Now - Now rem 100 + list_to_integer(Text);
year(Text) -> list_to_integer(Text).
