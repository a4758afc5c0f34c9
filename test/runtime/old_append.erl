%% SPDX-License-Identifier: Apache-2.0
%% bs_append, as compilers before OTP 25 used it: its size is in bits, whatever
%% its unit, which what stands before has to be a multiple of.
-module(old_append).
-export([main/0]).

%% expect: <<"headtail">>
%% expect: <<"head">>
%% expect: 100008
%% expect: badarg

main() ->
    Code = [{label, 1}, {func_info, {atom, appends}, {atom, f}, 2}, {label, 2},
            {gc_bif, bit_size, {f, 0}, 2, [{x, 1}], {x, 2}},
            {bs_append, {f, 0}, {x, 2}, 0, 3, 8, {x, 0}, {field_flags, []},
             {x, 2}},
            {bs_put_binary, {f, 0}, {atom, all}, 8, {field_flags, []}, {x, 1}},
            {move, {x, 2}, {x, 0}}, return],
    {ok, appends, Beam} =
        compile:forms({appends, [{f, 2}], [], [{function, f, 2, 2, Code}], 3},
                      [from_asm, no_validation]),
    {module, appends} = code:load_binary(appends, "appends", Beam),
    io:format("~p~n", [appends:f(<<"head">>, <<"tail">>)]),
    io:format("~p~n", [appends:f(<<"head">>, <<>>)]),
    Long = lists:foldl(fun(_, B) -> appends:f(B, <<"0123456789">>) end,
                       <<"headtail">>, lists:seq(1, 10000)),
    io:format("~p~n", [byte_size(Long)]),
    io:format("~p~n", [try appends:f(<<1:7>>, <<"x">>) catch _:R -> R end]).
