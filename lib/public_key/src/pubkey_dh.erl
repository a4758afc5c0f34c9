%% SPDX-License-Identifier: Apache-2.0
%% pubkey_dh: groups for Diffie-Hellman: the user's, or the well-known ones (RFC
%% 2409 and 3526), whose primes are made of the digits of pi.
%%
%% As in files of moduli, the size of a group is one less than its bits.
-module(pubkey_dh).

-export([sizes/0, group/4]).

sizes() -> [Size || {Size, _} <- known()].

%% One of the groups whose size is next to the wanted one and between the
%% others; Groups: [{Size, [{Generator, Prime}]}], by size.
group(Min, Wanted, Max, undefined) ->
    case group(Min, Wanted, Max, [{Size, [N]} || {Size, N} <- known()]) of
        {ok, {Size, N}} -> {ok, {Size, {2, prime(Size + 1, N)}}};
        Error -> Error
    end;
group(Min, Wanted, Max, Groups) ->
    case [{abs(Wanted - Size), Group}
          || {Size, _} = Group <- Groups, Size >= Min - 10, Size =< Max + 10] of
        [] -> {error, no_group_found};
        Distances ->
            {_, {Size, Primes}} = hd(lists:keysort(1, Distances)),
            {ok, {Size, lists:nth(rand:uniform(length(Primes)), Primes)}}
    end.

%% {Size, what is added to pi to make a safe prime}
known() ->
    [{1023, 129093}, {1535, 741804}, {2047, 124476}, {3071, 1690314},
     {4095, 240904}, {6143, 929484}, {8191, 4743158}].

prime(Bits, N) ->
    (1 bsl Bits) - (1 bsl (Bits - 64)) - 1
        + ((pi_digits(Bits - 130) + N) bsl 64).

%% floor(pi * 2^Bits) by Machin's formula; the spare bits swallow what is cut.
pi_digits(Bits) ->
    One = 1 bsl (Bits + 32),
    (16 * arctan(One div 5, 5, 1, 0) - 4 * arctan(One div 239, 239, 1, 0))
        bsr 32.

%% The sum of Term / K - Term / X^2 / (K + 2) + ...
arctan(0, _, _, Sum) -> Sum;
arctan(Term, X, K, Sum) ->
    Part = Term div K,
    Signed = case K rem 4 of
                 1 -> Part;
                 3 -> -Part
             end,
    arctan(Term div (X * X), X, K + 2, Sum + Signed).
