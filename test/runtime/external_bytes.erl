%% SPDX-License-Identifier: Apache-2.0
%% The bytes of term_to_binary, by their digests: shapes whose parts wait for
%% each other, texts and numbers about the sizes where their form changes.
%% expect: atoms 1465 215677ca8a2a152f7ae48f26ea58feab
%% expect: wide_atoms 4051 641da584ff020110e0af676647968cba
%% expect: integers 3213 0ecc87558c8b314d5cb9465e8c847d08
%% expect: strings 196926 fb5792d92ba9427f4d896ea1a772a70d
%% expect: lists 82 b81ffa03b523c83208f31be3ee4fa523
%% expect: maps 120 1378f75ff447690de173946fe8fc361d
%% expect: tuples 4027 7482d2f2feefbe890522faff86e76976
%% expect: bits 153 831526f75aa88bde849761e8a3b6dc3c
%% expect: funs 67 eeab4a2a87d998369d8fd290f1c1a67e
%% expect: floats 60 db61235cd9d8247d631703d34711b338
%% expect: deep 110570 297fef3e3fa5ee3639d3ff9aab2685c8
%% expect: minor 174 56e2e26860e086792cbb0a121b16d133
%% expect: md5 c89e9772a96ae30000b0fc1e6243e1a0
%% expect: md5 a9680a19fc2a32c332fa7a37612d6615
-module(external_bytes).
-export([main/0]).

main() ->
    show(atoms, [list_to_atom(lists:duplicate(N, $a + N rem 26))
                 || N <- lists:seq(0, 40) ++ [254, 255]]),
    show(wide_atoms, [list_to_atom(lists:duplicate(N, C))
                      || N <- [1, 7, 8, 9, 16, 17, 127, 128, 255],
                         C <- [16#E9, 16#3B1, 16#1F600]]),
    show(integers, [S * ((1 bsl B) + D) || B <- lists:seq(0, 70),
                                           D <- [-1, 0, 1], S <- [1, -1]]),
    show(strings, [lists:seq(0, 255), lists:duplicate(65535, $x),
                   lists:duplicate(65536, $y), "ab" ++ tail, "a" ++ [256],
                   [$a | "b"] ++ {c}]),
    show(lists, [[[[[[]]]], a], [{a} | {b}], [[] | []], [[1 | x], {2, []}]]),
    show(maps, [#{}, #{{a, [1]} => {b, #{[c] => #{}}}, k => [[x]]},
                #{[1, [2]] => v, {} => [], m => #{n => {o, "p"}}}]),
    show(tuples, [{}, {{}}, {a, {b}, c}, {{{x, y}, 1}, 2, {3, {4}}},
                  list_to_tuple(lists:seq(200, 455)),
                  list_to_tuple([{N, [N]} || N <- lists:seq(1, 300)])]),
    show(bits, [<<>>, <<1:1>>, <<1, 2, 3:7>>, <<0:800>>, [<<5>>, {<<6>>}]]),
    show(funs, [fun lists:map/2, {fun erlang:node/0, [fun maps:get/3]}]),
    show(floats, [0.0, -0.0, 1.5, 1.0e300, {[-2.5e-9]}]),
    show(deep, lists:foldl(fun(N, T) -> {N, [T, {N}], #{N => T}, N} end, x,
                           lists:seq(1, 12))),
    Term = {[a, {b, 1.5}], #{c => "text"}},
    show(minor, [term_to_binary(Term, [{minor_version, M}]) || M <- [0, 1, 2]]),
    round_trip(fun(X) -> {X, Term} end),
    round_trip(#{{self(), make_ref()} => [fun() -> Term end | self()]}),
    Whole = binary:copy(<<"0123456789">>, 50),
    <<_:3, Inside:40/binary, _/bits>> = Whole,
    io:format("md5 ~ts~n", [hex(erlang:md5([Whole, "xy", [<<"z">> | Inside]]))]),
    io:format("md5 ~ts~n", [hex(erlang:md5(Inside))]),
    {'EXIT', {badarg, _}} = catch erlang:md5(<<1:3>>),
    {'EXIT', {badarg, _}} = catch erlang:md5([256]).

show(Name, Term) ->
    Bytes = term_to_binary(Term),
    Term = binary_to_term(Bytes),
    Size = erlang:external_size(Term),
    true = Size >= byte_size(Bytes),
    Packed = term_to_binary(Term, [compressed]),
    Term = binary_to_term(Packed),
    io:format("~p ~p ~ts~n", [Name, byte_size(Bytes),
                              hex(erlang:md5(Bytes))]).

round_trip(Term) ->
    Term = binary_to_term(term_to_binary(Term)).

hex(Bytes) ->
    [io_lib:format("~2.16.0b", [B]) || <<B>> <= Bytes].
