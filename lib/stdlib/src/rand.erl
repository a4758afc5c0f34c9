%% SPDX-License-Identifier: Apache-2.0
%% rand: random numbers of the generators exsss (the default) and exsp; the
%% numbers of a seed are those of Erlang/OTP. Both work on 58 bits.
-module(rand).

-export([seed/1, seed/2, seed_s/1, seed_s/2, export_seed/0, export_seed_s/1,
         uniform/0, uniform/1, uniform_s/1, uniform_s/2, uniform_real/0,
         uniform_real_s/1, bytes/1, bytes_s/2, normal/0, normal/2, normal_s/1,
         normal_s/3, splitmix64_next/1, exsp_next/1]).

-export_type([state/0, alg/0, export_state/0, seed/0]).

-type alg() :: atom().
-type alg_state() :: term().
-type handler() :: #{type := alg(), next := fun(), bits => pos_integer(),
                     weak_low_bits => non_neg_integer()}.
-type state() :: {handler(), alg_state()}.
-type export_state() :: {alg(), alg_state()}.
-type seed() :: {integer(), integer(), integer()} | integer() | [integer()].

-define(KEY, rand_seed).
-define(MASK58, 16#3ffffffffffffff).
-define(MASK64, 16#ffffffffffffffff).
-define(TWO_POW_MINUS53, 1.11022302462515657e-16).

%%% Seeds

-spec seed(alg() | state() | export_state() | default) -> state().
seed(Alg) ->
    State = seed_s(Alg),
    _ = put(?KEY, State),
    State.

-spec seed(alg() | default, seed()) -> state().
seed(Alg, Seed) ->
    State = seed_s(Alg, Seed),
    _ = put(?KEY, State),
    State.

-spec seed_s(alg() | state() | export_state() | default) -> state().
seed_s({Handler, _} = State) when is_map(Handler) -> State;
seed_s({Alg, AlgState}) when is_atom(Alg) -> {handler(Alg), AlgState};
seed_s(Alg) ->
    seed_s(Alg, {erlang:phash2([{node(), self()}]), erlang:system_time(),
                 erlang:unique_integer()}).

-spec seed_s(alg() | default, seed()) -> state().
seed_s(default, Seed) -> seed_s(exsss, Seed);
seed_s(Alg, Seed) when is_atom(Alg) ->
    {handler(Alg), alg_state(Alg, Seed)}.

export_seed() ->
    case get(?KEY) of
        {#{type := Alg}, AlgState} -> {Alg, AlgState};
        _ -> undefined
    end.

export_seed_s({#{type := Alg}, AlgState}) -> {Alg, AlgState}.

current() ->
    case get(?KEY) of
        undefined -> seed(default);
        State -> State
    end.

keep({Value, State}) ->
    _ = put(?KEY, State),
    Value.

handler(exsss) ->
    #{type => exsss, bits => 58, next => fun exsss_next/1};
handler(exsp) ->
    #{type => exsp, bits => 58, weak_low_bits => 1, next => fun exsp_next/1};
handler(exsplus) -> (handler(exsp))#{type := exsplus};
handler(Alg) -> erlang:error(badarg, [Alg]).

%% The state is [S1 | S0].
alg_state(_, [S0, S1]) when is_integer(S0), is_integer(S1) ->
    [S0 band ?MASK58 | S1 band ?MASK58];
alg_state(_, Seed) when is_integer(Seed) ->
    {S0, X} = seed58(Seed band ?MASK64),
    {S1, _} = seed58(X),
    [S0 | S1];
alg_state(exsss, {A1, A2, A3}) ->
    {_, X0} = seed58(A1 band ?MASK64),
    {S0, X1} = seed58((A2 bxor X0) band ?MASK64),
    {S1, _} = seed58((A3 bxor X1) band ?MASK64),
    [S0 | S1];
alg_state(_, {A1, A2, A3}) ->
    {_, [_ | R1]} = exsp_next([(A1 * 4294967197 + 1) band ?MASK58
                               | (A2 * 4294967231 + 1) band ?MASK58]),
    {_, R2} = exsp_next([(A3 * 4294967279 + 1) band ?MASK58 | R1]),
    R2.

seed58(X0) ->
    case splitmix64_next(X0) of
        {Z, X} when Z band ?MASK58 =:= 0 -> seed58(X);
        {Z, X} -> {Z band ?MASK58, X}
    end.

splitmix64_next(X0) ->
    X = (X0 + 16#9e3779b97f4a7c15) band ?MASK64,
    Z1 = ((X bxor (X bsr 30)) * 16#bf58476d1ce4e5b9) band ?MASK64,
    Z2 = ((Z1 bxor (Z1 bsr 27)) * 16#94d049bb133111eb) band ?MASK64,
    {Z2 bxor (Z2 bsr 31), X}.

%%% Generators

%% Xorshift116 of two words; answers the new one.
exs_next(S0, S1) ->
    T = S1 bxor ((S1 bsl 24) band ?MASK58),
    T bxor S0 bxor (T bsr 11) bxor (S0 bsr 41).

exsp_next([S1 | S0]) ->
    New = exs_next(S0, S1),
    {(S0 + New) band ?MASK58, [S0 | New]}.

exsss_next([S1 | S0]) ->
    New = exs_next(S0, S1),
    {starstar(S0), [S0 | New]}.

%% Times 5, rotated by 7, times 9.
starstar(S) ->
    V0 = (S + ((S band 16#ffffffffffffff) bsl 2)) band ?MASK58,
    V1 = ((V0 bsl 7) bor (V0 bsr 51)) band ?MASK58,
    (V1 + (V1 bsl 3)) band ?MASK58.

%%% Numbers

-spec uniform() -> float().
uniform() -> keep(uniform_s(current())).

-spec uniform(pos_integer()) -> pos_integer().
uniform(N) -> keep(uniform_s(N, current())).

-spec uniform_s(state()) -> {float(), state()}.
uniform_s({#{next := Next} = Handler, S0}) ->
    {V, S} = Next(S0),
    {(V bsr 5) * ?TWO_POW_MINUS53, {Handler, S}}.

-spec uniform_s(pos_integer(), state()) -> {pos_integer(), state()}.
uniform_s(N, {#{next := Next} = Handler, S0})
  when is_integer(N), N >= 1 ->
    case N =< ?MASK58 + 1 of
        true -> in_range(N, Next, Handler, S0);
        false ->
            large(N, Next, Handler, S0, maps:get(weak_low_bits, Handler, 0))
    end.

%% Numbers of the last, unfinished run of the range are drawn again.
in_range(N, Next, Handler, S0) ->
    {V, S} = Next(S0),
    if
        V < N -> {V + 1, {Handler, S}};
        true ->
            I = V rem N,
            case V - I =< ?MASK58 - N + 1 of
                true -> {I + 1, {Handler, S}};
                false -> in_range(N, Next, Handler, S)
            end
    end.

%% More bits than a number has: several side by side. For a power of two as
%% many as it has, else two more at least.
large(N, Next, Handler, S0, Weak) ->
    {V0, S1} = Next(S0),
    Exact = N band (N - 1) =:= 0,
    Over = case Exact of
               true -> N bsr 58;
               false -> N bsr 56
           end,
    {V, S, Bits} = gather(Over, V0, 58, Next, S1, Weak),
    I = V rem N,
    if
        Exact -> {V band (N - 1) + 1, {Handler, S}};
        V - I =< (1 bsl Bits) - N -> {I + 1, {Handler, S}};
        true -> large(N, Next, Handler, S, Weak)
    end.

gather(Over, V, Bits, _, S, _) when Over =< 1 -> {V, S, Bits};
gather(Over, V, Bits, Next, S0, Weak) ->
    {New, S} = Next(S0),
    Width = 58 - Weak,
    Kept = (V bsr Weak) bsl Weak,
    gather(Over bsr Width, (Kept bsl Width) bor New, Bits + Width, Next, S,
           Weak).

uniform_real() -> keep(uniform_real_s(current())).

%% Never 0.0, and with all the digits a float can have.
uniform_real_s({#{next := Next} = Handler, S0}) ->
    {V, S} = Next(S0),
    case V bsr 5 of
        0 -> uniform_real_s({Handler, S});
        M -> {M * ?TWO_POW_MINUS53, {Handler, S}}
    end.

-spec bytes(non_neg_integer()) -> binary().
bytes(N) -> keep(bytes_s(N, current())).

-spec bytes_s(non_neg_integer(), state()) -> {binary(), state()}.
bytes_s(N, {#{next := Next} = Handler, S0}) when is_integer(N), N >= 0 ->
    Weak = maps:get(weak_low_bits, Handler, 0),
    Size = (58 - Weak) div 8,
    {Bytes, S} = bytes_loop(N, Size, 58 - Size * 8, Next, S0, <<>>),
    {Bytes, {Handler, S}}.

bytes_loop(N, Size, Shift, Next, S0, Acc) when N > Size ->
    {V, S} = Next(S0),
    Bits = Size * 8,
    bytes_loop(N - Size, Size, Shift, Next, S,
               <<Acc/binary, (V bsr Shift):Bits>>);
%% OTP takes the bits of the last number with the size of whole ones, not
%% with all 58; so does this.
bytes_loop(N, Size, _, Next, S0, Acc) ->
    {V, S} = Next(S0),
    Bits = N * 8,
    {<<Acc/binary, (V bsr (Size * 8 - Bits)):Bits>>, S}.

-spec normal() -> float().
normal() -> keep(normal_s(current())).

-spec normal(number(), number()) -> float().
normal(Mean, Variance) -> Mean + math:sqrt(Variance) * normal().

normal_s(Mean, Variance, State0) when Variance > 0 ->
    {X, State} = normal_s(State0),
    {Mean + math:sqrt(Variance) * X, State}.

%% By Box and Muller: the distribution is right, the numbers of a seed are
%% not those of OTP's table.
-spec normal_s(state()) -> {float(), state()}.
normal_s(State0) ->
    {U1, State1} = uniform_real_s(State0),
    {U2, State} = uniform_s(State1),
    {math:sqrt(-2 * math:log(U1)) * math:cos(2 * math:pi() * U2), State}.
