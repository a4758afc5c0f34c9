%% SPDX-License-Identifier: Apache-2.0
%% Fields read by a format, lines collected from pieces, who supervises timers,
%% a device that is given no text, addresses with zones.
%%
%% expect: {error,{fread,integer}}
%% expect: {ok,["\"ab"],[1089]}
%% expect: {error,{fread,float}}
%% expect: {ok,[5,255],[]}
%% expect: {done,{ok,[1,2,4]},[]}
%% expect: {<<"ab\n">>,<<"c">>,<<"d">>,eof}
%% expect: {timer_server,true}
%% expect: {badarg,true}
%% expect: {{ok,{65152,0,0,0,0,0,0,18}},{error,einval}}
-module(reading_test).
-export([main/0]).

main() ->
    show(io_lib:fread("~d", " ")),
    show(io_lib:fread("~s", "\"ab" ++ [1089])),
    show(io_lib:fread("~f", "-1.5e")),
    show(io_lib:fread("~2u ~16u", "101 ff")),
    {more, Read} = io_lib:fread([], "1\r\n", "~d ~d~l"),
    show(io_lib:fread(Read, "2\n", "~d ~d~l")),
    {stop, Line, Rest} =
        io_lib:collect_line(io_lib:collect_line(start, <<"ab\r">>, x),
                            <<"\nc">>, x),
    {stop, Last, Eof} =
        io_lib:collect_line(io_lib:collect_line(start, <<"d">>, x), eof, x),
    show({Line, Rest, Last, Eof}),
    {ok, _} = timer:apply_after(0, erlang, abs, [1]),
    {ok, Timer} = timer:apply_after(60000, erlang, abs, [1]),
    {ok, cancel} = timer:cancel(Timer),
    {Id, Pid, worker, [timer]} =
        lists:keyfind(timer_server, 1, supervisor:which_children(kernel_sup)),
    show({Id, whereis(timer_server) =:= Pid}),
    Device = whereis(standard_error),
    Refused = try io:put_chars(standard_error, [oops])
              catch error:Reason -> Reason
              end,
    show({Refused, is_process_alive(Device)}),
    show({inet:parse_address("fe80::12%1"), inet:parse_address("2001::1%1")}).

show(Term) -> io:format("~0p~n", [Term]).
