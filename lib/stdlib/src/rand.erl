%% SPDX-License-Identifier: Apache-2.0
%% rand: pseudo random numbers. A state is {Handler, AlgState}: the handler is
%% a map that says how many bits next gives, and how many of the low ones are
%% poor; it may come from users. The same seed gives OTP's numbers.
%%
%% 58 bits fit a small integer with a bit to spare, so the algorithms of this
%% width mask before they shift left and never make a big integer.
-module(rand).

-export([seed_s/1, seed_s/2, seed/1, seed/2, export_seed/0, export_seed_s/1,
         uniform/0, uniform/1, uniform_s/1, uniform_s/2, uniform_real/0,
         uniform_real_s/1, bytes/1, bytes_s/2, jump/0, jump/1, normal/0,
         normal/2, normal_s/1, normal_s/3]).
-export([exsp_next/1, exsp_jump/1, splitmix64_next/1, mwc59/1,
         mwc59_value32/1, mwc59_value/1, mwc59_float/1, mwc59_seed/0,
         mwc59_seed/1]).
-export([exro928_jump_2pow512/1, exro928_jump_2pow20/1, exro928_seed/1,
         exro928_next/1, exro928_next_state/1, seed58/2]).
-export([bc64/1]).

-export_type([builtin_alg/0, alg/0, alg_handler/0, alg_state/0, state/0,
              export_state/0, seed/0, exsplus_state/0, exro928_state/0,
              exrop_state/0, exs1024_state/0, exs64_state/0, mwc59_state/0,
              dummy_state/0, uint58/0, uint64/0, splitmix64_state/0]).

-compile({inline, [exsp_next/1, exsss_next/1, exsp_step/2, starstar/1,
                   range/4]}).

%% States of two words are pairs [S0|S1].
-dialyzer({no_improper_lists, [exsp_next/1, exsss_next/1, exsp_step/2,
                               pair/1, exsp_seed/1, exsss_seed/1,
                               exrop_seed/1, exrop_step/1, xor_state/2,
                               exsp_jump/1, exrop_jump/1]}).

-include("rand_normal.hrl").

-define(DEFAULT, exsss).
-define(KEY, rand_seed).
-define(MASK(Bits), ((1 bsl (Bits)) - 1)).
-define(LOW(Bits, X), ((X) band ?MASK(Bits))).
%% Shifted and rotated left within a word.
-define(BSL(Bits, X, N), (?LOW((Bits) - (N), X) bsl (N))).
-define(ROTL(Bits, X, N), (?BSL(Bits, X, N) bor ((X) bsr ((Bits) - (N))))).
-define(ULP, 1.1102230246251565e-16). % 2^-53

-type uint64() :: 0..?MASK(64).
-type uint58() :: 0..?MASK(58).
-type splitmix64_state() :: uint64().
-type mwc59_state() :: 1..(16#7fa6502 bsl 32 - 2).
-type dummy_state() :: uint58().
-opaque exs64_state() :: uint64().
-opaque exsplus_state() :: nonempty_improper_list(uint58(), uint58()).
-opaque exrop_state() :: nonempty_improper_list(uint58(), uint58()).
-opaque exs1024_state() :: {[uint64()], [uint64()]}.
-opaque exro928_state() :: {[uint58()], [uint58()]}.
-type builtin_alg() :: exsss | exro928ss | exrop | exs1024s | exsp | exs64
                     | exsplus | exs1024 | dummy.
-type alg() :: builtin_alg() | atom().
-type alg_state() :: exsplus_state() | exro928_state() | exrop_state()
                   | exs1024_state() | exs64_state() | dummy_state() | term().
-type alg_handler() ::
        #{type := alg(),
          bits => non_neg_integer(),
          weak_low_bits => non_neg_integer(),
          max => non_neg_integer(),
          next := fun((alg_state()) -> {non_neg_integer(), alg_state()}),
          uniform => fun((state()) -> {float(), state()}),
          uniform_n => fun((pos_integer(), state()) ->
                                  {pos_integer(), state()}),
          jump => fun((state()) -> state())}.
-type state() :: {alg_handler(), alg_state()}.
-type export_state() :: {alg(), alg_state()}.
-type seed() :: [integer()] | integer() | {integer(), integer(), integer()}.

%% Seeds and the state in the process dictionary

-spec export_seed() -> undefined | export_state().
export_seed() ->
    case get(?KEY) of
        {#{type := Alg}, AlgState} -> {Alg, AlgState};
        _ -> undefined
    end.

-spec export_seed_s(state()) -> export_state().
export_seed_s({#{type := Alg}, AlgState}) -> {Alg, AlgState}.

-spec seed(builtin_alg() | state() | export_state() | default) -> state().
seed(Alg) -> put_state(seed_s(Alg)).

-spec seed_s(builtin_alg() | state() | export_state() | default) -> state().
seed_s({#{}, _} = State) -> State;
seed_s({Alg, AlgState}) when is_atom(Alg) -> {mk_alg(Alg), AlgState};
seed_s(Alg) -> seed_s(Alg, fresh_seed()).

-spec seed(builtin_alg() | default, seed()) -> state().
seed(Alg, Seed) -> put_state(seed_s(Alg, Seed)).

-spec seed_s(builtin_alg() | default, seed()) -> state().
seed_s(default, Seed) -> seed_s(?DEFAULT, Seed);
seed_s(Alg, Seed) ->
    Handler = mk_alg(Alg),
    {Handler, first_state(Alg, Seed)}.

%% A seed nobody else has.
fresh_seed() ->
    {erlang:phash2([{node(), self()}]), erlang:system_time(),
     erlang:unique_integer()}.

put_state(State) ->
    put(?KEY, State),
    State.

get_state() ->
    case get(?KEY) of
        undefined -> seed(?DEFAULT);
        State -> State
    end.

keep({Value, State}) ->
    put(?KEY, State),
    Value.

mk_alg(exsss = A) ->
    #{type => A, bits => 58, next => fun exsss_next/1,
      uniform => fun exsss_uniform/1, uniform_n => fun exsss_uniform/2,
      jump => fun exsp_jump_state/1};
mk_alg(exsp = A) ->
    #{type => A, bits => 58, weak_low_bits => 1, next => fun exsp_next/1,
      jump => fun exsp_jump_state/1};
mk_alg(exsplus = A) ->
    #{type => A, max => ?MASK(58), next => fun exsp_next/1,
      jump => fun exsp_jump_state/1};
mk_alg(exro928ss = A) ->
    #{type => A, bits => 58, next => fun exro928ss_next/1,
      jump => fun exro928_jump/1};
mk_alg(exrop = A) ->
    #{type => A, bits => 58, weak_low_bits => 1, next => fun exrop_next/1,
      jump => fun exrop_jump/1};
mk_alg(exs64 = A) ->
    #{type => A, max => ?MASK(64), next => fun exs64_next/1};
mk_alg(exs1024 = A) ->
    #{type => A, max => ?MASK(64), next => fun exs1024_next/1,
      jump => fun exs1024_jump/1};
mk_alg(exs1024s = A) ->
    #{type => A, bits => 64, weak_low_bits => 3, next => fun exs1024_next/1,
      jump => fun exs1024_jump/1};
mk_alg(dummy = A) ->
    #{type => A, bits => 58, next => fun dummy_next/1,
      uniform => fun dummy_uniform/1, uniform_n => fun dummy_uniform/2}.

first_state(exsss, Seed) -> exsss_seed(Seed);
first_state(exsp, Seed) -> exsp_seed(Seed);
first_state(exsplus, Seed) -> exsp_seed(Seed);
first_state(exro928ss, Seed) -> exro928_seed(Seed);
first_state(exrop, Seed) -> exrop_seed(Seed);
first_state(exs64, Seed) -> exs64_seed(Seed);
first_state(exs1024, Seed) -> exs1024_seed(Seed);
first_state(exs1024s, Seed) -> exs1024_seed(Seed);
first_state(dummy, Seed) -> dummy_seed(Seed).

%% Uniform numbers

-spec uniform() -> float().
uniform() -> keep(uniform_s(get_state())).

-spec uniform(pos_integer()) -> pos_integer().
uniform(N) -> keep(uniform_s(N, get_state())).

-spec uniform_s(state()) -> {float(), state()}.
uniform_s({#{uniform := Uniform}, _} = State) -> Uniform(State);
uniform_s({#{bits := Bits, next := Next} = H, R0}) ->
    {V, R} = Next(R0),
    {(V bsr (Bits - 53)) * ?ULP, {H, R}};
uniform_s({#{max := Max, next := Next} = H, R0}) ->
    {V, R} = Next(R0),
    {V / (Max + 1), {H, R}}.

-spec uniform_s(pos_integer(), state()) -> {pos_integer(), state()}.
uniform_s(N, {#{uniform_n := Uniform}, _} = State)
  when is_integer(N), N >= 1 ->
    Uniform(N, State);
uniform_s(N, {#{bits := Bits, next := Next} = H, R0})
  when is_integer(N), N >= 1 ->
    {V, R} = Next(R0),
    range(N, V, (1 bsl Bits) - N, {H, R});
uniform_s(N, {#{max := Max, next := Next} = H, R0})
  when is_integer(N), N >= 1 ->
    case Next(R0) of
        {V, R} when N =< Max -> {V rem N + 1, {H, R}};
        {V, R} -> {trunc(V / (Max + 1) * N) + 1, {H, R}}
    end.

%% V brought to 1..N. Draws in the last, incomplete block of N numbers are
%% thrown away; Room is 2^Bits - N.
range(N, V, Room, State) when Room >= 0 ->
    I = V rem N,
    if
        V - I =< Room -> {I + 1, State};
        true -> uniform_s(N, State)
    end;
range(N, V, _, State) ->
    wide_range(N, V, State).

%% N has more bits than one draw. A power of 2 needs no draw thrown away, so
%% just its bits are drawn; else two bits more keep the losses rare.
wide_range(N, V0, {#{bits := Bits} = H, R0}) when N band (N - 1) =:= 0 ->
    {V, R, _} = widen(N bsr Bits, V0, R0, Bits, H),
    {(V band (N - 1)) + 1, {H, R}};
wide_range(N, V0, {#{bits := Bits, next := Next} = H, R0}) ->
    {V, R1, Drawn} = widen(N bsr (Bits - 2), V0, R0, Bits, H),
    I = V rem N,
    if
        V - I =< (1 bsl Drawn) - N ->
            {I + 1, {H, R1}};
        true ->
            {V1, R} = Next(R1),
            wide_range(N, V1, {H, R})
    end.

%% Appends draws until Missing is covered; weak low bits are dropped.
widen(Missing, V, R, Drawn, _) when Missing =< 1 -> {V, R, Drawn};
widen(Missing, V0, R0, Drawn, #{bits := Bits, next := Next} = H) ->
    Weak = maps:get(weak_low_bits, H, 0),
    Good = Bits - Weak,
    {V1, R} = Next(R0),
    V = ((V0 band bnot ?MASK(Weak)) bsl Good) bor V1,
    widen(Missing bsr Good, V, R, Drawn + Good, H).

%% Floats with all 53 bits of precision however small

-spec uniform_real() -> float().
uniform_real() -> keep(uniform_real_s(get_state())).

-spec uniform_real_s(state()) -> {float(), state()}.
uniform_real_s({#{next := Next} = H, R0}) ->
    {V, R} = Next(R0),
    real_first(real_bits(H, V), -56, H, R).

real_bits(#{bits := Bits}, V) -> V bsr (Bits - 56);
real_bits(#{max := _}, V) -> ?LOW(56, V).

%% M: 56 bits of which the lowest has weight 2^Exp. The value's 53 bits begin
%% at the first 1.
real_first(M, Exp, H, R) when M >= 1 bsl 52 ->
    Extra = bit_length(M, 56) - 53,
    {(M bsr Extra) * math:pow(2.0, Exp + Extra), {H, R}};
real_first(M, Exp, #{next := Next} = H, R0) when Exp =:= -56 ->
    {V, R} = Next(R0),
    real_next(M, V, Exp, H, R);
real_first(M, -1064, #{next := Next} = H, R0) when M >= 1 bsl 42 ->
    {V, R} = Next(R0),
    real_next(M, real_drawn(H, V), -1064, H, R);
real_first(_, -1064, H, R) ->
    uniform_real_s({H, R}); % below the smallest float: as if never drawn
real_first(M, Exp, #{next := Next} = H, R0) ->
    {V, R} = Next(R0),
    real_next(M, real_drawn(H, V), Exp, H, R).

real_drawn(#{bits := _}, V) -> V;
real_drawn(#{max := _}, V) -> ?LOW(56, V).

real_next(0, V, Exp, H, R) ->
    real_first(V bsr (real_width(H) - 56), Exp - 56, H, R);
real_next(M, V, Exp, H, R) ->
    Lack = 53 - bit_length(M, 52),
    {((M bsl Lack) bor (V bsr (real_width(H) - Lack)))
     * math:pow(2.0, Exp - Lack), {H, R}}.

real_width(#{bits := Bits}) -> Bits;
real_width(#{max := _}) -> 56.

%% Bits up to the first 1, for tests.
-spec bc64(uint64()) -> 1..64.
bc64(V) -> bit_length(V, 64).

bit_length(V, N) when V >= 1 bsl (N - 1) -> N;
bit_length(V, N) -> bit_length(V, N - 1).

%% Bytes

-spec bytes(non_neg_integer()) -> binary().
bytes(N) -> keep(bytes_s(N, get_state())).

-spec bytes_s(non_neg_integer(), state()) -> {binary(), state()}.
bytes_s(N, {#{bits := Bits} = H, R}) when is_integer(N), N >= 0 ->
    bytes(N, R, <<>>, H, {Bits, maps:get(weak_low_bits, H, 0)});
bytes_s(N, {#{max := Max} = H, R})
  when is_integer(N), N >= 0, Max >= ?MASK(58) ->
    bytes(N, R, <<>>, H, {58, 2}).

%% Whole bytes from the top of each draw; the last takes the low ones of them.
bytes(N, R0, Bytes, #{next := Next} = H, {Bits, Weak} = Width) ->
    Size = (Bits - Weak) bsr 3,
    {V, R} = Next(R0),
    if
        N > Size ->
            Good = V bsr (Bits - 8 * Size),
            bytes(N - Size, R, <<Bytes/binary, Good:Size/unit:8>>, H, Width);
        true ->
            Last = V bsr (8 * (Size - N)),
            {<<Bytes/binary, Last:N/unit:8>>, {H, R}}
    end.

%% The normal distribution

-spec normal() -> float().
normal() -> keep(normal_s(get_state())).

-spec normal(number(), number()) -> float().
normal(Mean, Variance) -> Mean + math:sqrt(Variance) * normal().

-spec normal_s(number(), number(), state()) -> {float(), state()}.
normal_s(Mean, Variance, State0) when Variance > 0 ->
    {X, State} = normal_s(State0),
    {Mean + math:sqrt(Variance) * X, State}.

-spec normal_s(state()) -> {float(), state()}.
normal_s({#{next := Next} = H, R0}) ->
    {V, R} = Next(R0),
    {Negative, M} = normal_draw(H, V),
    Layer = ?LOW(8, M),
    {K, W, _} = layer(Layer),
    X = if Negative -> -(M * W); true -> M * W end,
    if
        M < K -> {X, {H, R}};
        Layer =:= 0 -> normal_tail(Negative, {H, R});
        true -> normal_edge(Layer, X, {H, R})
    end.

normal_draw(#{bits := Bits}, V) ->
    {V band (1 bsl (Bits - 52)) =/= 0, V bsr (Bits - 51)};
normal_draw(_, V) ->
    {V band (1 bsl 51) =/= 0, ?LOW(51, V)}.

layer(I) -> element(I + 1, ?LAYERS).

-define(TAIL, 3.6541528853610088). % where the layers end

normal_tail(Negative, State0) ->
    {U, State1} = uniform_s(State0),
    X = -(1 / ?TAIL) * math:log(U),
    {U1, State} = uniform_s(State1),
    Y = -math:log(U1),
    if
        Y + Y =< X * X -> normal_tail(Negative, State);
        Negative -> {-?TAIL - X, State};
        true -> {?TAIL + X, State}
    end.

%% Between the curve and a layer's edge the curve decides.
normal_edge(Layer, X, State0) ->
    {_, _, Upper} = layer(Layer - 1),
    {_, _, Lower} = layer(Layer),
    {U, State} = uniform_s(State0),
    case (Upper - Lower) * U + Lower < math:exp(-0.5 * X * X) of
        true -> {X, State};
        false -> normal_s(State)
    end.

%% Jumps: the state after very many steps, as the xor of the states named by
%% the 1 bits of a number (a polynomial over GF(2)).

-spec jump() -> state().
jump() -> put_state(jump(get_state())).

-spec jump(state()) -> state().
jump({#{jump := Jump}, _} = State) -> Jump(State);
jump({#{}, _}) -> erlang:error(not_implemented).

jump(0, _, _, Sum) -> Sum;
jump(Bits, State, Step, Sum0) ->
    Sum = case Bits band 1 of
              1 -> xor_state(Sum0, State);
              0 -> Sum0
          end,
    jump(Bits bsr 1, Step(State), Step, Sum).

%% The sum of a ring {Front, ReversedRear} is its plain list.
xor_state(Sum, {Front, Rear}) ->
    lists:zipwith(fun(A, B) -> A bxor B end, Sum,
                  Front ++ lists:reverse(Rear));
xor_state([A0|A1], [B0|B1]) -> [A0 bxor B0|A1 bxor B1].

%% exsplus, exsp and exsss: Xorshift116, with its sum or scrambled

exsp_seed({A1, A2, A3}) ->
    R = exsp_skip([?LOW(58, A1 * 4294967197 + 1)|
                   ?LOW(58, A2 * 4294967231 + 1)]),
    exsp_skip([?LOW(58, A3 * 4294967279 + 1)|tl(R)]);
exsp_seed(Seed) ->
    pair(seed_words(2, 58, Seed)).

exsss_seed({_, _, _} = Seed) -> pair(tl(seed_triple(Seed, 3)));
exsss_seed(Seed) -> pair(seed_words(2, 58, Seed)).

pair([S0, S1]) -> [S0|S1].

exsp_step(S1, S0) ->
    A = ?LOW(58, S1) bxor ?BSL(58, S1, 24),
    A bxor S0 bxor (A bsr 11) bxor (S0 bsr 41).

-spec exsp_next(exsplus_state()) -> {uint58(), exsplus_state()}.
exsp_next([S1|High]) ->
    S0 = ?LOW(58, High),
    S = exsp_step(S1, S0),
    {?LOW(58, S0 + S), [S0|S]}.

-spec exsss_next(exsplus_state()) -> {uint58(), exsplus_state()}.
exsss_next([S1|High]) ->
    S0 = ?LOW(58, High),
    {starstar(S0), [S0|exsp_step(S1, S0)]}.

%% Times 5, rotated left by 7, times 9.
starstar(S) ->
    A = S + ?BSL(58, S, 2),
    B = ?BSL(58, A, 7) bor ?LOW(7, A bsr 51),
    ?LOW(58, B + ?BSL(58, B, 3)).

exsp_skip(R0) ->
    {_, R} = exsp_next(R0),
    R.

exsss_uniform({H, R0}) ->
    {V, R} = exsss_next(R0),
    {(V bsr 5) * ?ULP, {H, R}}.

exsss_uniform(N, {H, R0}) ->
    {V, R} = exsss_next(R0),
    range(N, V, (1 bsl 58) - N, {H, R}).

exsp_jump_state({H, S}) -> {H, exsp_jump(S)}.

-spec exsp_jump(exsplus_state()) -> exsplus_state().
exsp_jump(S) ->
    jump(16#d174a83e17de2302f8ea6bc32c797, S, fun exsp_skip/1, [0|0]).

%% exrop: Xoroshiro116+

exrop_seed({A1, A2, A3}) ->
    [_|S] = exrop_step([?LOW(58, A1 * 4294967197 + 1)|
                        ?LOW(58, A2 * 4294967231 + 1)]),
    exrop_step([?LOW(58, A3 * 4294967279 + 1)|S]);
exrop_seed(Seed) ->
    pair(seed_words(2, 58, Seed)).

exrop_step([S0|S1]) ->
    A = S1 bxor S0,
    [?ROTL(58, S0, 24) bxor A bxor ?BSL(58, A, 2)|?ROTL(58, A, 35)].

exrop_next([S0|S1] = S) ->
    {?LOW(58, S0 + S1), exrop_step(S)}.

exrop_jump({H, S}) ->
    {H, jump(16#9863200f83fcd4a11293241fcb12a, S, fun exrop_step/1, [0|0])}.

%% exro928ss: Xoroshiro928**, a ring of 16 words

-spec exro928_seed(seed()) -> exro928_state().
exro928_seed({_, _, _} = Seed) -> {seed_triple(Seed, 16), []};
exro928_seed(Seed) -> {seed_words(16, 58, Seed), []}.

exro928ss_next({[_, S0|_], _} = S) ->
    {starstar(S0), exro928_next_state(S)};
exro928ss_next({[S15], Rear}) ->
    exro928ss_next({[S15|lists:reverse(Rear)], []}).

-spec exro928_next(exro928_state()) -> {{uint58(), uint58()}, exro928_state()}.
exro928_next({[S15, S0|_], _} = S) ->
    {{S15, S0}, exro928_next_state(S)};
exro928_next({[S15], Rear}) ->
    exro928_next({[S15|lists:reverse(Rear)], []}).

-spec exro928_next_state(exro928_state()) -> exro928_state().
exro928_next_state({[S15, High|Front], Rear}) ->
    S0 = ?LOW(58, High),
    Q = ?LOW(58, S15) bxor S0,
    New15 = ?ROTL(58, S0, 44) bxor Q bxor ?BSL(58, Q, 9),
    {[?ROTL(58, Q, 45)|Front], [New15|Rear]};
exro928_next_state({[S15], Rear}) ->
    exro928_next_state({[S15|lists:reverse(Rear)], []}).

exro928_jump({H, S}) -> {H, exro928_jump_2pow512(S)}.

-spec exro928_jump_2pow512(exro928_state()) -> exro928_state().
exro928_jump_2pow512(S) ->
    exro928_jump(
      S, "b10773cbe19f5fc1a1504acd83f240c6007e76cebcb3b7c4cc049c536e62"
      "a33cc2323831b45a3a8a3cef3cc0f02f778573cf0f0a0657e19f00d4b358"
      "4ddd98ee4be41e015ac26d5d20f9b49fa81b0090567fd9f0b83fe51a1eb3"
      "be1910a1de1d7d6813d2ba05381fdfd1490244085302f77130ca").

-spec exro928_jump_2pow20(exro928_state()) -> exro928_state().
exro928_jump_2pow20(S) ->
    exro928_jump(
      S, "cb3d181ca30bebc15fefcc78ff45ef33c82f3d48a480c5878c3549bd5bde"
      "b1a5a90f2e6b06df2eb1feaf0fb690627c014098f4b6dc4d3af15f8a4dfd"
      "c081a7bf148531fb8ebc73c700b8b091af699c306d8e75664a426866bfad"
      "3c77da90f4a806c17e9e644807a56270cf78bdb966a3daf905e6").

exro928_jump(S, Hex) ->
    Ring = jump(list_to_integer(Hex, 16), S, fun exro928_next_state/1,
                lists:duplicate(16, 0)),
    {Ring, []}.

%% exs64 and exs1024: Xorshift64* and Xorshift1024*, of old

exs64_seed({A1, A2, A3}) ->
    {V1, _} = exs64_next(?LOW(32, A1) * 4294967197 + 1),
    {V2, _} = exs64_next(?LOW(32, A2) * 4294967231 + 1),
    {V3, _} = exs64_next(?LOW(32, A3) * 4294967279 + 1),
    (V1 * V2 * V3) rem (?MASK(64) - 1) + 1;
exs64_seed(Seed) ->
    hd(seed_words(1, 64, Seed)).

exs64_next(R) ->
    R1 = R bxor (R bsr 12),
    R2 = R1 bxor ?BSL(64, R1, 25),
    R3 = R2 bxor (R2 bsr 27),
    {?LOW(64, R3 * 2685821657736338717), R3}.

exs1024_seed({A1, A2, A3}) ->
    B1 = ?LOW(21, (?LOW(21, A1) + 1) * 2097131),
    B2 = ?LOW(21, (?LOW(21, A2) + 1) * 2097133),
    B3 = ?LOW(21, (?LOW(21, A3) + 1) * 2097143),
    First = (B1 bsl 43) bor (B2 bsl 22) bor (B3 bsl 1) bor 1,
    {exs1024_fill(16, First, []), []};
exs1024_seed(Seed) ->
    {seed_words(16, 64, Seed), []}.

exs1024_fill(0, _, Words) -> Words;
exs1024_fill(N, R0, Words) ->
    {X, R} = exs64_next(R0),
    exs1024_fill(N - 1, R, [X|Words]).

exs1024_next({[S0, S1|Front], Rear}) ->
    A = S1 bxor ?BSL(64, S1, 31),
    S = S0 bxor (S0 bsr 30) bxor A bxor (A bsr 11),
    {?LOW(64, S * 1181783497276652981), {[S|Front], [S0|Rear]}};
exs1024_next({[S], Rear}) ->
    exs1024_next({[S|lists:reverse(Rear)], []}).

exs1024_skip(S0) ->
    {_, S} = exs1024_next(S0),
    S.

exs1024_jump({H, {Front, _} = S}) ->
    Bits = list_to_integer(
             "284600e3f30e38c3b99181f2d8f685ca047f7684e9fc949d0b5fc64563b3"
             "e2a87910c41d10a1e6a5691548c86c1bd5405ee975283d71c93bc4cb8155"
             "90989b13aac17d8efa43cab83659132bb12fea70dc2d9891fe68c0222ffe"
             "eb0a48316f404489affce4f31a1e5b34a39f070b5837a3c65b8776f96855"
             "84242f96eca9c41d", 16),
    Ring = jump(Bits, S, fun exs1024_skip/1, lists:duplicate(16, 0)),
    {F, R} = lists:split(length(Front), Ring),
    {H, {F, lists:reverse(R)}}.

%% dummy: the same two numbers for ever, to measure what the rest costs

dummy_seed({A1, A2, A3}) ->
    {_, X1} = splitmix64_next(A1),
    {_, X2} = splitmix64_next(A2 bxor X1),
    {Z, _} = splitmix64_next(A3 bxor X2),
    ?LOW(58, Z);
dummy_seed(X) when is_integer(X) ->
    {Z, _} = splitmix64_next(X),
    ?LOW(58, Z);
dummy_seed([]) -> erlang:error(zero_seed);
dummy_seed([X]) when is_integer(X) -> ?LOW(58, X);
dummy_seed([X|_]) when is_integer(X) -> erlang:error(too_many_seed_integers);
dummy_seed([_|_]) -> erlang:error(non_integer_seed).

dummy_next(R) -> {R, R bxor ?MASK(58)}.

dummy_uniform({H, R}) -> {0.5, {H, R bxor ?MASK(58)}}.

dummy_uniform(_, {H, R}) -> {1, {H, R bxor ?MASK(58)}}.

%% mwc59: multiply with carry, for those who keep the state themselves

-spec mwc59(mwc59_state()) -> mwc59_state().
mwc59(State) ->
    S = ?LOW(59, State),
    16#7fa6502 * ?LOW(32, S) + (S bsr 32).

-spec mwc59_value32(mwc59_state()) -> 0..?MASK(32).
mwc59_value32(State) ->
    S = ?LOW(32, State),
    S bxor ?BSL(32, S, 8).

-spec mwc59_value(mwc59_state()) -> 0..?MASK(59).
mwc59_value(State) ->
    S0 = ?LOW(59, State),
    S = S0 bxor ?BSL(59, S0, 4),
    S bxor ?BSL(59, S, 27).

-spec mwc59_float(mwc59_state()) -> float().
mwc59_float(State) ->
    S0 = ?LOW(53, State),
    S = S0 bxor ?BSL(53, S0, 4),
    (S bxor ?BSL(53, S, 27)) * ?ULP.

-spec mwc59_seed() -> mwc59_state().
mwc59_seed() ->
    {A1, A2, A3} = fresh_seed(),
    (hash58(A1) bxor hash58(A2) bxor hash58(A3)) + 1.

-spec mwc59_seed(uint58()) -> mwc59_state().
mwc59_seed(S) when is_integer(S), 0 =< S, S =< ?MASK(58) ->
    hash58(S) + 1.

hash58(X) ->
    A = ?LOW(58, X),
    B = ?LOW(58, (A bxor (A bsr 29)) * 16#351afd7ed558ccd),
    C = ?LOW(58, (B bxor (B bsr 29)) * 16#0ceb9fe1a85ec53),
    C bxor (C bsr 29).

%% Words of a seed: given ones, not all 0, or such that SplitMix64 draws.

seed_words(N, Bits, Words) when is_list(Words) ->
    given_words(N, Words, Bits, false);
seed_words(N, Bits, X) when is_integer(X) ->
    drawn_words(N, Bits, X).

%% Such words of 58 bits: crypto seeds its own generator with them.
seed58(N, X) -> drawn_words(N, 58, X).

given_words(_, [], _, false) -> erlang:error(zero_seed);
given_words(0, [_|_], _, _) -> erlang:error(too_many_seed_integers);
given_words(N, [], _, true) -> lists:duplicate(N, 0);
given_words(N, [S|Ss], Bits, NonZero) when is_integer(S) ->
    W = ?LOW(Bits, S),
    [W|given_words(N - 1, Ss, Bits, NonZero orelse W =/= 0)];
given_words(_, _, _, _) -> erlang:error(non_integer_seed).

drawn_words(0, _, _) -> [];
drawn_words(N, Bits, X0) ->
    {W, X} = drawn_word(Bits, X0),
    [W|drawn_words(N - 1, Bits, X)].

drawn_word(Bits, X0) ->
    {Z, X} = splitmix64_next(X0),
    case ?LOW(Bits, Z) of
        0 -> drawn_word(Bits, X);
        W -> {W, X}
    end.

%% N words, N >= 2; each of the numbers of the triple stirs one more.
seed_triple({A1, A2, A3}, N) ->
    {W0, X0} = drawn_word(58, A1),
    {W1, X1} = drawn_word(58, A2 bxor X0),
    [W0, W1|drawn_words(N - 2, 58, A3 bxor X1)].

-spec splitmix64_next(integer()) -> {uint64(), splitmix64_state()}.
splitmix64_next(X0) ->
    X = ?LOW(64, X0 + 16#9e3779b97f4a7c15),
    A = ?LOW(64, (X bxor (X bsr 30)) * 16#bf58476d1ce4e5b9),
    B = ?LOW(64, (A bxor (A bsr 27)) * 16#94d049bb133111eb),
    {B bxor (B bsr 31), X}.
