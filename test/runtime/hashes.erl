%% SPDX-License-Identifier: Apache-2.0
%% phash2 of shapes that it goes through by different ways.
%% expect: bytes 509767345982686099 35664824
%% expect: bits 326818930864821197 46330155
%% expect: inside 118132831245381208 25243557
%% expect: maps 43973932896117833 48620610
%% expect: lists 62694090894064279 114816189
%% expect: small 399567150642506298 64661241
%% expect: others 222781584646086077 49511260
%% expect: 435
-module(hashes).
-export([main/0]).

main() ->
    show(bytes, [binary:part(<<"0123456789abcdefghijklmnopqrstuvwxyz">>, 0, N)
                 || N <- lists:seq(0, 36)]),
    show(bits, [<<16#123456789ABCDEF0123456789ABCDEF:B>>
                || B <- lists:seq(1, 130)]),
    show(inside, [begin
                      <<_:S, Part/bits>> = <<"some text that is cut">>,
                      Part
                  end || S <- lists:seq(0, 30)]),
    show(maps, [#{}, #{a => b}, #{1 => [x], [y] => {z}}, #{#{} => #{a => 1}},
                #{a => 1, b => #{c => 2}, "d" => 3, e => []},
                maps:from_list([{N, N} || N <- lists:seq(1, 32)]),
                maps:from_list([{N, [N]} || N <- lists:seq(1, 33)]),
                maps:from_list([{{N}, N} || N <- lists:seq(1, 500)])]),
    show(lists, [[], [a], [[]], [1 | a], [1, 2, 3, 4, 5 | b], [256, 1],
                 [1, 256, 2], ["abc", "defgh" | "ij"], [[[1]], {2}]]),
    show(small, [S * ((1 bsl B) + D) || B <- lists:seq(0, 66), S <- [1, -1],
                                        D <- [-1, 0, 1]]),
    show(others, [1.5, -0.0, 0.0, a, '\x{3b1}', {}, {{}}, {a, {b, [c]}, d},
                  fun lists:map/2]),
    io:format("~w~n", [erlang:phash2({[1, a, "text"], #{k => v}, <<1:30>>},
                                     1000)]).

show(What, Terms) ->
    Sums = lists:foldl(fun(T, S) -> (S * 31 + erlang:phash2(T)) rem (1 bsl 59)
                       end, 0, Terms),
    io:format("~w ~w ~w~n", [What, Sums, erlang:phash2(Terms)]).
