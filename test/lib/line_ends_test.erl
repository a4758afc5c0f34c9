%% SPDX-License-Identifier: Apache-2.0
%% Formatted input over lines that end in each of the three ways.
%% expect: {"1\n2",[[1,1],[2,1],eof]}
%% expect: {"1\r\n2",[[1,1],[2,1],eof]}
%% expect: {"1\r2\r",[[1,1],[2,1],eof]}
%% expect: {"\r\n\n3",[[3,4],eof]}
%% expect: {"4\r\r",[[4,1],{error,{fread,input}}]}
%% expect: {" 5 \n",[[5,2],{error,{fread,integer}}]}
%% expect: {done,{ok,"\f\""},[]}
%% expect: {done,{ok,"\f\""},[]}
-module(line_ends_test).
-export([main/0]).

main() ->
    lists:foreach(fun fields/1, ["1\n2", "1\r\n2", "1\r2\r", "\r\n\n3",
                                 "4\r\r", " 5 \n"]),
    %% a return and its line feed in two pieces of input
    {more, C} = io_lib:fread([], "12\r", "~d~d"),
    show(io_lib:fread(C, "\n34\n", "~d~d")),
    show(io_lib:fread(C, "34\n", "~d~d")).

fields(Text) ->
    ok = file:write_file("ends.txt", Text),
    {ok, F} = file:open("ends.txt", [read]),
    show({Text, each(F)}),
    file:close(F).

each(F) ->
    case io:fread(F, "", "~d~l") of
        {ok, Fields} -> [Fields | each(F)];
        Other -> [Other]
    end.

show(Term) -> io:format("~tp~n", [Term]).
