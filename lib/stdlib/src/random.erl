%% SPDX-License-Identifier: Apache-2.0
%% random: Wichmann and Hill's generator AS 183, kept for old programs.
-module(random).

-deprecated({'_', '_', "use the 'rand' module instead"}).

-export([seed/0, seed/1, seed/3, seed0/0, uniform/0, uniform/1, uniform_s/1,
         uniform_s/2]).

-define(P1, 30269).
-define(P2, 30307).
-define(P3, 30323).

-type ran() :: {integer(), integer(), integer()}.

-spec seed0() -> ran().
seed0() -> {3172, 9814, 20125}.

-spec seed() -> ran().
seed() ->
    case put(random_seed, seed0()) of
        undefined -> seed0();
        {_, _, _} = Old -> Old
    end.

-spec seed(ran() | integer()) -> undefined | ran().
seed({A1, A2, A3}) -> seed(A1, A2, A3);
seed(N) when is_integer(N) ->
    Low = N band 16#ffffff,
    seed((N bsr 16) band 16#fffffff, Low, (N bsr 36) bor (Low bsr 16)).

-spec seed(integer(), integer(), integer()) -> undefined | ran().
seed(A1, A2, A3) ->
    %% Never a multiple of the prime.
    put(random_seed, {abs(A1) rem (?P1 - 1) + 1, abs(A2) rem (?P2 - 1) + 1,
                      abs(A3) rem (?P3 - 1) + 1}).

-spec uniform() -> float().
uniform() ->
    State = case get(random_seed) of
                undefined -> seed0();
                Kept -> Kept
            end,
    {X, New} = uniform_s(State),
    put(random_seed, New),
    X.

-spec uniform(pos_integer()) -> pos_integer().
uniform(N) when is_integer(N), N >= 1 -> trunc(uniform() * N) + 1.

-spec uniform_s(ran()) -> {float(), ran()}.
uniform_s({A1, A2, A3}) ->
    B1 = A1 * 171 rem ?P1,
    B2 = A2 * 172 rem ?P2,
    B3 = A3 * 170 rem ?P3,
    R = B1 / ?P1 + B2 / ?P2 + B3 / ?P3,
    {R - trunc(R), {B1, B2, B3}}.

-spec uniform_s(pos_integer(), ran()) -> {pos_integer(), ran()}.
uniform_s(N, State0) when is_integer(N), N >= 1 ->
    {X, State} = uniform_s(State0),
    {trunc(X * N) + 1, State}.
