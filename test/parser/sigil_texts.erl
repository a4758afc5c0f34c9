%% SPDX-License-Identifier: Apache-2.0
%% ??Argument of sigils: their parts, as OTP 27 shows them.
%% only merle: OTP has sigils since 27
%% expect: s "abc" []
%% expect: '' "a\nb" []
%% expect: 'S' "a\\b" []
%% expect: { '' "a" [] , b , "c" }
-module(sigil_texts).
-export([main/0]).

-define(TEXT(Argument), ??Argument).

main() ->
    io:format("~ts~n~ts~n~ts~n~ts~n",
              [?TEXT(~s"abc"), ?TEXT(~"a\nb"), ?TEXT(~S(a\b)),
               ?TEXT({~"a", b, "c"})]).
