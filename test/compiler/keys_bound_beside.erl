%% SPDX-License-Identifier: Apache-2.0
%% P1 = P2 = E: keys and sizes in P1 that P2 binds, as from OTP 26 on.
%% only merle
-module(keys_bound_beside).
-export([main/0]).

main() ->
    show(all(fun key/1, [#{k => l, l => 2}, #{k => l}, a])),
    show(all(fun first/1, [{#{2 => b}, 2}])),
    show(all(fun both/1, [{#{2 => b}, 2}])),
    show(all(fun chain/1, [#{k => l, l => m, m => 3}, #{k => k}])),
    show(all(fun sized/1, [<<8, 5>>, <<3, 255>>, <<16, 0>>])),
    show((inner(#{k => k}))()),
    show(all(fun(M) -> compared(M, l) end,
             [#{k => l, l => 2}, #{k => m, m => 1}])),
    show(errors("f(#{K := V} = #{k := K}) -> {K, V}.")),
    show(errors("f(M) -> case M of #{K := V} = #{k := K} -> {K, V} end.")),
    show(errors("f(M) -> {K, #{k := L}} = #{L := K} = M, {K, L}.")).

key(M) -> #{K := V} = #{k := K} = M, {K, V}.

%% A map beside a tuple is the first or the second element.
first(T) -> {M, _} = {_, K} = T, #{K := V} = M, {K, V}.

both(T) -> {#{K := V}, _} = {_, K} = T, {K, V}.

chain(M) -> #{J := V} = #{K := J} = #{k := K} = M, {J, K, V}.

sized(B) -> <<_, S:N>> = <<N, _/bits>> = B, {N, S}.

inner(M) -> fun() -> #{K := V} = (#{k := K} = M), {K, V} end.

compared(M, K) -> #{K := V} = #{k := K} = M, {K, V}.

all(F, List) ->
    [try F(X)
     catch
         error:{badmatch, _} -> no
     end || X <- List].

errors(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    case compile:forms([{attribute, 1, module, m}, Form],
                       [export_all, nowarn_export_all, return]) of
        {error, [{_, Errors}], _} ->
            [lists:flatten(erl_lint:format_error(E)) || {_, _, E} <- Errors];
        {ok, m, _, _} ->
            []
    end.

show(X) -> io:format("~0p~n", [X]).

%% expect: [{l,2},no,no]
%% expect: [{2,b}]
%% expect: [{2,b}]
%% expect: [{m,l,3},{k,k,k}]
%% expect: [{8,5},no,no]
%% expect: {k,k}
%% expect: [{l,2},no]
%% expect: ["variable 'K' is unbound","variable 'K' is unbound"]
%% expect: ["variable 'K' is unbound","variable 'K' is unbound"]
%% expect: ["variable 'L' is unbound"]
