%% SPDX-License-Identifier: Apache-2.0
%% prim_file: names as Apple's HFS+ took them apart, composed.
%% expect: [[192,120],[0,197,98]]
%% expect: [8074,7846,12500,8123,902,64300,3961,784,2392]
%% expect: [[901],[193,768],[192,769],[97,784,769],[4352,4449],[7840,770],[257,790],[97,790,772],[8491]]
%% expect: badarg
-module(names_composed).
-export([main/0]).

main() ->
    io:format("~w~n", [[composed(N) || N <- [[65, 768, $x],
                                             [0, 65, 778, $b]]]]),
    io:format("~w~n", [lists:append([composed(N) || N <- singles()])]),
    io:format("~w~n", [[composed(N) || N <- others()]]),
    io:format("~p~n", [try prim_file:internal_normalize_utf8(<<255, 65>>)
                       catch error:Why -> Why
                       end]).

composed(Name) ->
    prim_file:internal_normalize_utf8(unicode:characters_to_binary(Name)).

singles() ->
    [[913, 837, 787, 768], [65, 770, 768], [12498, 12442], [913, 769],
     [913, 781], [1513, 1468, 1473], [4019, 3968, 3953], [774, 775],
     [2325, 2364]].

others() ->
    [[901], [65, 769, 768], [65, 768, 769], [97, 784, 769], [4352, 4449],
     [7840, 770], [97, 772, 790], [97, 790, 772], [8491]].
