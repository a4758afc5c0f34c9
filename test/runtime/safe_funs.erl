%% SPDX-License-Identifier: Apache-2.0
%% A safe decoder makes nothing that stays: no entries of funs that no module
%% here has.
%% only merle
%% expect: 3
%% expect: badarg
-module(safe_funs).
-export([main/0]).

main() ->
    N = 2,
    Bytes = term_to_binary(fun(X) -> X + N end),
    F = binary_to_term(Bytes, [safe]),
    io:format("~p~n", [F(1)]),
    %% Of another version of this module: behind sizes and arity.
    <<131, 112, Size:32, 1, _:16/binary, Rest/binary>> = Bytes,
    Other = <<131, 112, Size:32, 1, 0:128, Rest/binary>>,
    io:format("~p~n", [try binary_to_term(Other, [safe])
                       catch error:Reason -> Reason
                       end]).
