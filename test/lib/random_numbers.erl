%% SPDX-License-Identifier: Apache-2.0
%% The numbers of a seed are those of Erlang/OTP.
%% expect: [27,641,475,639,331,474,519,324]
%% expect: [982,968,738,617,180,42,335,78]
%% expect: 642657566075932738771678
%% expect: <<153,13,12,145,83,44,227,171,47>>
-module(random_numbers).
-export([main/0]).

main() ->
    _ = rand:seed(exsss, {1, 2, 3}),
    io:format("~w~n", [[rand:uniform(1000) || _ <- lists:seq(1, 8)]]),
    _ = rand:seed(exsp, 42),
    io:format("~w~n", [[rand:uniform(1000) || _ <- lists:seq(1, 8)]]),
    io:format("~w~n", [rand:uniform(1 bsl 80)]),
    io:format("~w~n", [rand:bytes(9)]).
