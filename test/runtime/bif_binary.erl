%% SPDX-License-Identifier: Apache-2.0
%% Module binary.
%% expect: {binary1,hash,91936710}
%% expect: {binary2,hash,82445739}
%% expect: {binary3,{ac,{1,1},[<<97>>,<<>>,<<>>]}}
%% expect: {binary4,[0,0,0,0,66051,197121,4722366482869645213695,4722366482869645213695]}
%% expect: {binary5,hash,56911364}
%% expect: {binary6,hash,75478009}
%% expect: {binary7,{3,1,2,{error,badarg}}}
%% expect: {binary8,{2,2}}
-module(bif_binary).
-include("named_answers.hrl").

cases() ->
    [
     {binary1, fun() -> [ t(fun() -> binary:split(S,P,O) end) || S <- [<<>>,<<"a">>,<<"abc">>,<<"aabaa">>,<<"a,b;c,,">>], P <- [<<"a">>,<<",">>,[<<",">>,<<";">>],[<<"ab">>,<<"aba">>,<<"b">>],<<>>,[]], O <- [[],[global],[trim],[trim,global],[trim_all],[trim_all,global],[{scope,{1,2}}],[global,{scope,{3,-2}}],[{scope,{1,9}}],[x]]] end},
     {binary2, fun() -> [ t(fun() -> {binary:match(S,P,O),binary:matches(S,P,O)} end) || S <- [<<>>,<<"a">>,<<"abc">>,<<"aabaa">>,<<"a,b;c,,">>], P <- [<<"a">>,<<",">>,[<<",">>,<<";">>],[<<"ab">>,<<"aba">>,<<"b">>]], O <- [[],[{scope,{1,2}}],[{scope,{3,-2}}],[{scope,{1,9}}],[{scope,{0,0}}]]] end},
     {binary3, fun() -> P = binary:compile_pattern([<<"b">>,<<"c">>]), {element(1,P), binary:match(<<"abc">>,P), binary:split(<<"abc">>,P,[global])} end},
     {binary4, fun() -> [t(fun() -> binary:decode_unsigned(B,E) end) || B <- [<<>>,<<0>>,<<1,2,3>>,<<255,255,255,255,255,255,255,255,255>>], E <- [big,little]] end},
     {binary5, fun() -> [t(fun() -> binary:encode_unsigned(B,E) end) || B <- [0,1,255,256,1 bsl 63, 1 bsl 64, 1 bsl 100 + 7,-1,a], E <- [big,little]] end},
     {binary6, fun() -> {binary:copy(<<"ab">>,5), binary:copy(<<"a">>,100), binary:copy(<<"abc">>,50), binary:copy(<<>>,5), t(fun() -> binary:copy(<<1:2>>,1) end)} end},
     {binary7, fun() -> {binary:at(<<1,2,3>>,2), binary:first(<<1,2>>), binary:last(<<1,2>>), t(fun() -> binary:last(<<>>) end)} end},
     {binary8, fun() -> {binary:longest_common_prefix([<<"abcd">>,<<"abce">>,<<"abq">>]), binary:longest_common_suffix([<<"xyz">>,<<"qyz">>])} end}
    ].


