%% SPDX-License-Identifier: Apache-2.0
%% Modules unicode and unicode_util.
%% expect: {unicode1,{[229,228,246,128512],<<195,165,226,130,172,97,98,99>>,true,false,false,false}}
%% expect: {unicode2,hash,21093198}
%% expect: {unicode3,hash,24343550}
%% expect: {unicode4,hash,63225857}
%% expect: {unicode5,hash,63828054}
%% expect: {unicode6,{[[13,10],9,10,11,12,13,32,133,8206,8207,8232,8233],[true,true,true,false,true,false,true,true],#{fold => 97,lower => 97,title => 65,upper => 65}}}
-module(bif_unicode).
-include("named_answers.hrl").

cases() ->
    [
     {unicode1, fun() -> {unicode:characters_to_list(<<"åäö"/utf8,16#1F600/utf8>>), unicode:characters_to_binary([229,8364,"abc"]), unicode:bin_is_7bit(<<"abc">>), unicode:bin_is_7bit(<<200>>), t(fun() -> unicode:bin_is_7bit(foo) end),t(fun() -> unicode:bin_is_7bit(<<1:1>>) end)} end},
     {unicode2, fun() -> [{D,[t(fun() -> unicode_util:F(D) end) || F <- [cp,gc,uppercase,lowercase,titlecase,casefold,nfc,nfd,nfkc,nfkd]]} || D <- ["abc",<<"abc">>,[],<<>>,[[]],[[$a]|"b"],[<<"a">>,"b"],[[[$a,$b],$c]|<<"d">>],"\r\nx",<<"\r\nx">>,[$e,769,$x],<<"e",769/utf8,"x">>,[<<"e">>,[769],$x],[229,$b],[223],[16#fb01,$x],<<255,"a">>,[$a,<<255>>],[<<255>>],[304],[16#1c4],[-1],[16#1f468,8205,16#1f469,$x],[44032,4520],[[$a,769]|<<"b">>],[55296],[16#1100,16#1161,16#11a8],<<"a">>,[<<"a">>],[<<"ab">>,$c],[16#1f1e6,16#1f1e7,16#1f1e8],[$a,8205,$b],[776,$a]]] end},
     {unicode3, fun() -> [unicode_util:F([C]) || F <- [uppercase,lowercase,titlecase,casefold,nfc,nfd,nfkc,nfkd], C <- lseq(0,16#24ff)] end},
     {unicode4, fun() -> [unicode_util:F([C]) || F <- [uppercase,lowercase,casefold,nfkd], C <- lseq(16#a000,16#a7ff) ++ lseq(16#f900,16#ffff) ++ lseq(16#10400,16#10500) ++ lseq(16#1e900,16#1e960)] end},
     {unicode5, fun() -> [unicode_util:gc([C,D,$x]) || C <- [$a,13,769,8205,16#1f468,44032,16#1100,16#1f1e6,2307,16#600], D <- [$b,10,769,8205,16#1f468,44032,16#1161,16#11a8,16#1f1e6,2307,16#fe0f,16#1f3fb]] end},
     {unicode6, fun() -> {unicode_util:whitespace(), [unicode_util:is_whitespace(C) || C <- [32,10,133,160,8232,$a,"\r\n",8206]], unicode_util:get_case($a)} end}
    ].

lseq(A,B) when A > B -> []; lseq(A,B) -> [A|lseq(A+1,B)].
