%% SPDX-License-Identifier: Apache-2.0
%% rand: the same numbers for the same seed, for every algorithm.
%% expect: exsss [30465357,56292178,30465357,113692755,90663715,32055255]
%% expect: exro928ss [43652551,111148922,43652551,39325865,130588703,109237122]
%% expect: exrop [132993380,131157243,132993380,37183352,22560825,116183076]
%% expect: exsp [122791796,131845688,122791796,5912705,94159767,130735173]
%% expect: exsplus [48947419,69631253,48947419,7717566,48516959,63136095]
%% expect: exs1024 [96716668,41046307,96716668,90405428,73600190,447909]
%% expect: exs1024s [123627219,110863161,123627219,86610798,95356559,81687935]
%% expect: exs64 [84641477,32343943,84641477,119373577,128447977,4129968]
%% expect: dummy [7320082,54967786,7320082,113991120,44171042,60823352]
%% expect: mwc59 74108773
%% expect: 0.5455598952593053 1 0.6374730107805405 <<230,155,245,172,90>>
%% expect: {exsss,[147028777058651638|271495317977385547]}
%% expect: [zero_seed,zero_seed,non_integer_seed,too_many_seed_integers]
-module(rand_test).
-export([main/0]).

main() ->
    [algorithm(A) || A <- [exsss, exro928ss, exrop, exsp, exsplus, exs1024,
                           exs1024s, exs64, dummy]],
    io:format("mwc59 ~w~n", [erlang:phash2(mwc59(1000, rand:mwc59_seed(42)))]),
    rand:seed(exsss, {1, 2, 3}),
    io:format("~w ~w ~w ~w~n", [rand:uniform(), rand:uniform(6),
                                rand:normal(), rand:bytes(5)]),
    io:format("~w~n", [rand:export_seed()]),
    io:format("~w~n", [[error_of(fun() -> rand:seed_s(exsp, S) end)
                        || S <- [[], [0, 0], [1, a], [1, 2, 3]]]]).

%% Hashes of what it draws from some seeds, and after a jump.
algorithm(A) ->
    Seeds = [0, -5, 1 bsl 90, {1, 2, 3}, {-1, 1 bsl 40, 1 bsl 80}, [7]],
    io:format("~w ~w~n", [A, [erlang:phash2(draws(A, rand:seed_s(A, S)))
                              || S <- Seeds]]).

draws(A, State) ->
    Ranges = [1, 6, 1 bsl 57, 1 bsl 58, (1 bsl 64) + 12345, 1 bsl 200,
              3 bsl 200],
    {[draw(fun(S) -> rand:uniform_s(N, S) end, State) || N <- Ranges],
     draw(fun rand:uniform_s/1, State),
     draw(fun rand:uniform_real_s/1, State),
     [draw(fun rand:normal_s/1, State) || A =/= dummy],
     [element(1, rand:bytes_s(N, State)) || N <- [0, 1, 7, 8, 50]],
     [draw(fun rand:uniform_s/1, rand:jump(State))
      || A =/= dummy, A =/= exs64]}.

draw(F, State) -> draw(F, State, 100).

draw(_, State, 0) -> rand:export_seed_s(State);
draw(F, State0, N) ->
    {X, State} = F(State0),
    [X|draw(F, State, N - 1)].

mwc59(0, State) -> [State];
mwc59(N, State0) ->
    S = rand:mwc59(State0),
    [{rand:mwc59_value32(S), rand:mwc59_value(S), rand:mwc59_float(S)}
     |mwc59(N - 1, S)].

error_of(F) ->
    try F() catch error:E -> E end.
