%% SPDX-License-Identifier: Apache-2.0
%% What tells a node from the one that had its name before it.
%% expect: 0
%% expect: true
%% expect: true
-module(creation_test).
-export([main/0]).

main() ->
    io:format("~w~n", [erlang:system_info(creation)]),
    os:cmd("epmd -daemon"),
    Name = list_to_atom("creation" ++ os:getpid()),
    case net_kernel:start([Name, shortnames]) of
        {ok, _} ->
            Creation = erlang:system_info(creation),
            io:format("~w~n", [Creation > 3]),
            %% As it goes to other nodes, in a pid for one.
            <<131, 88, _/binary>> = Pid = term_to_binary(self()),
            <<Sent:32>> = binary:part(Pid, byte_size(Pid), -4),
            io:format("~w~n", [Sent =:= Creation]);
        {error, Reason} -> io:format("~p~n", [Reason])
    end.
