%% SPDX-License-Identifier: Apache-2.0
%% look_text: tables and trees of what look_data collects, as text.
-module(look_text).

-export([table/2, tree/1, fields/1, bytes/1, number/1, pid/1, name/1, bar/2,
         duration/1, line/2]).

%% Columns are {Title, left | right, Width}; the last may be as wide as it
%% likes. Rows are lists of texts.
-spec table([{string(), left | right, pos_integer()}], [[iodata()]]) ->
          iodata().
table(Columns, Rows) ->
    Title = [cells(Columns, [T || {T, _, _} <- Columns]), $\n],
    [Title | [[cells(Columns, Row), $\n] || Row <- Rows]].

cells([{_, left, _}], [Text]) -> Text;
cells([{_, right, Width}], [Text]) -> string:pad(Text, Width, leading);
cells([{_, left, Width} | Columns], [Text | Row]) ->
    [string:pad(cut(Text, Width), Width), "  " | cells(Columns, Row)];
cells([{_, right, Width} | Columns], [Text | Row]) ->
    [string:pad(Text, Width, leading), "  " | cells(Columns, Row)].

cut(Text, Width) ->
    case string:length(Text) > Width of
        true -> [string:slice(Text, 0, Width - 1), "~"];
        false -> Text
    end.

%% Cuts a line for a terminal of [Width] columns.
line(Text, Width) -> cut(Text, Width).

%% {Text, [the same]} with lines to the children.
tree({Text, Children}) -> [Text, $\n | branches(Children, "")].

branches([], _) -> [];
branches([{Text, Children}], Before) ->
    [Before, "`-- ", Text, $\n | branches(Children, Before ++ "    ")];
branches([{Text, Children} | Rest], Before) ->
    [[Before, "|-- ", Text, $\n | branches(Children, Before ++ "|   ")]
     | branches(Rest, Before)].

%% [{Name, Text}], one a line.
fields(Fields) ->
    Width = lists:max([0 | [string:length(N) || {N, _} <- Fields]]),
    [[string:pad(Name, Width), "  ", Text, $\n] || {Name, Text} <- Fields].

bytes(N) when N < 1024 -> [integer_to_list(N), " B"];
bytes(N) when N < 1024 * 1024 -> scaled(N / 1024, " KB");
bytes(N) when N < 1024 * 1024 * 1024 -> scaled(N / (1024 * 1024), " MB");
bytes(N) -> scaled(N / (1024 * 1024 * 1024), " GB").

scaled(X, Unit) -> [float_to_list(X, [{decimals, 1}]), Unit].

%% 1234567 as 1,234,567
number(N) when N < 0 -> [$- | number(-N)];
number(N) when N < 1000 -> integer_to_list(N);
number(N) ->
    [number(N div 1000), $, | string:pad(integer_to_list(N rem 1000), 3,
                                         leading, $0)].

pid(Pid) when is_pid(Pid) -> pid_to_list(Pid);
pid(Other) -> io_lib:format("~tp", [Other]).

name({M, F, A}) when is_integer(A) ->
    io_lib:format("~tp:~tp/~tp", [M, F, A]);
name(Name) -> io_lib:format("~tp", [Name]).

%% A share as a bar of [Width] places.
bar(Share, Width) ->
    Full = round(Share * Width),
    [$[, lists:duplicate(Full, $#), lists:duplicate(Width - Full, $.), $]].

duration(Ms) ->
    Seconds = Ms div 1000,
    Days = Seconds div 86400,
    Time = io_lib:format("~2..0w:~2..0w:~2..0w",
                         [Seconds rem 86400 div 3600, Seconds rem 3600 div 60,
                          Seconds rem 60]),
    case Days of
        0 -> Time;
        _ -> [integer_to_list(Days), " days ", Time]
    end.
