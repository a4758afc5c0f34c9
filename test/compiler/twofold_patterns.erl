%% SPDX-License-Identifier: Apache-2.0
%% Binaries that several patterns read at once, as from OTP 26 on.
%% only merle
-module(twofold_patterns).
-export([main/0]).

-record(r, {a, b}).

main() ->
    show([whole(X) || X <- [<<42>>, <<1, 2>>]]),
    show([parts(#r{a = X}) || X <- [<<16#5c>>, <<1, 2>>, a]]),
    show([never(X) || X <- [[<<1>>], {a, b}]]),
    show([three(X) || X <- [<<16#cafe:16>>, <<1>>]]),
    show([sized(X) || X <- [<<2, 1, 2, 3>>, <<9>>]]),
    show([text(X) || X <- [<<16#c3, 16#bc, $a>>, <<255>>]]),
    show([letters(X) || X <- [<<"abc">>, <<"ac">>, <<1:5>>]]),
    <<A:8/bits, B:24/bits>> = <<C:16, D:16>> = <<E:8, F:8, G:8, H:8>>
        = id(<<16#abcdef57:32>>),
    show({A, B, C, D, E, F, G, H}),
    show([{X, Y} || <<X:8>> = <<Y:4, _:4>> <- [<<1>>, <<16>>, a]]).

show(X) -> io:format("~w~n", [X]).

id(X) -> X.

whole(<<A:8>> = <<B:8>>) -> {A, B};
whole(_) -> no.

parts(#r{a = <<X:8>>} = #r{a = <<Y:4, Z:4>>}) -> {X, Y, Z};
parts(_) -> no.

never([<<A:8>> = {C, D} = <<B:8>>]) -> {A, B, C, D};
never(X) -> X.

three(<<A:16>> = <<B:8, C:8>> = <<D:4, E:12>>) -> {A, B, C, D, E};
three(_) -> no.

sized(<<N, R:N/binary, _/binary>> = <<_, T/binary>>) -> {N, R, T};
sized(_) -> no.

text(<<A/utf8, _/binary>> = <<B, _/bits>>) -> {A, B};
text(_) -> no.

letters(<<"ab", A/binary>> = <<X, Y, _/binary>>) -> {A, X, Y};
letters(<<A:4, _/bits>> = B) -> {A, B}.

%% expect: [{42,42},no]
%% expect: [{92,5,12},no,no]
%% expect: [[<<1>>],{a,b}]
%% expect: [{51966,202,254,12,2814},no]
%% expect: [{2,<<1,2>>,<<1,2,3>>},no]
%% expect: [{252,195},no]
%% expect: [{<<99>>,97,98},{6,<<97,99>>},{0,<<1:5>>}]
%% expect: {<<171>>,<<205,239,87>>,43981,61271,171,205,239,87}
%% expect: [{1,0},{16,1}]
