%% SPDX-License-Identifier: Apache-2.0
%% Dates, time units.
%% expect: {time1,[0,951868799,-2203891200,-11676096000]}
%% expect: {time2,hash,21345092}
%% expect: {time3,hash,27191760}
%% expect: {time4,hash,77718613}
%% expect: {time5,hash,2687905}
-module(bif_calendar).
-include("named_answers.hrl").

cases() ->
    [
     {time1, fun() -> [erlang:universaltime_to_posixtime(D) || D <- [{{1970,1,1},{0,0,0}},{{2000,2,29},{23,59,59}},{{1900,3,1},{0,0,0}},{{1600,1,1},{0,0,0}}]] end},
     {time2, fun() -> [erlang:posixtime_to_universaltime(S) || S <- [0,-1,951782400,1,1 bsl 40,-11644473600,-2208988800, 4107542399, 4107542400]] end},
     {time3, fun() -> [erlang:posixtime_to_universaltime(S*86400*31+S) || S <- lseq(-4000,4000)] end},
     {time4, fun() -> [erlang:universaltime_to_posixtime(erlang:posixtime_to_universaltime(S*86400*31+S)) || S <- lseq(-4000,4000)] end},
     {time5, fun() -> [erlang:convert_time_unit(T,F,To) || T <- [0,1,-1,999,-999,1000,12345678901234567890,-12345678901234567890], F<-[second,millisecond,native,7,1 bsl 70], To<-[second,nanosecond,3,microsecond]] end}
    ].

lseq(A,B) when A > B -> []; lseq(A,B) -> [A|lseq(A+1,B)].
