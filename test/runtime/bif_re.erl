%% SPDX-License-Identifier: Apache-2.0
%% Regular expressions.
%% expect: {re1,hash,96111277}
%% expect: {re2,{nomatch,{match,[[[229]],[[228]],[[246]]]},{match,[[{0,0}],[{2,0}],[{4,0}],[{6,0}]]},{match,[[{0,0}],[{1,0}],[{3,0}],[{4,0}]]},{error,badarg}}}
%% expect: {re3,{{match,[{1,2},{1,1},{2,1}]},{match,[[98],[97]]},{namelist,[<<65>>,<<66>>]},{error,badarg},{error,badarg},{match,[[<<97>>],[<<97>>]]}}}
%% expect: {re4,[match_limit_recursion]}
-module(bif_re).
-include("named_answers.hrl").

cases() ->
    [
     {re1, fun() -> [ t(fun() -> re:run(S,R,O) end) || S <- ["","abc",<<"abcabc">>,"aXbXc","a\nb\r\nc",[<<"ab">>,[$c]],[1000,$a],foo], R <- ["b","(b)(x)?","(x)?(b)","x*","(?<A>x)?(?<B>b)","^b","","X|b","(a|b)|c",".$","("], O <- [[],[global],[{capture,all,list}],[{capture,all,binary},global],[{capture,none}],[{capture,none},global],[{capture,all_names,binary}],[{capture,['B',"A",5,<<"Q">>,0],list}],[{capture,all_but_first,binary}],[{capture,first}],[{capture,[]}],[caseless,multiline],[unicode],[unicode,{capture,all,list},global],[anchored],[notempty,global],[report_errors],[foo],[{newline,anycrlf},multiline,global],[{capture,x}],[{capture,all,foo}],[dotall,global],[ungreedy],[notbol],[{capture,[7],index}]]] end},
     {re2, fun() -> {re:run("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","(a+)+$x",[report_errors,{match_limit,100}]), re:run(<<"åäö"/utf8>>,".",[unicode,global,{capture,all,list}]), re:run(<<"åäö"/utf8>>,"x*",[unicode,global]), re:run("a\r\nb","x*",[{newline,crlf},global]), t(fun() -> re:run(<<255>>,"a",[unicode]) end)} end},
     {re3, fun() -> {ok,P} = re:compile("(?<B>a)(?<A>b)?"), {re:run("xab",P), re:run("xab",P,[{capture,all_names,list}]), re:inspect(P,namelist), t(fun() -> re:run("a",P,[caseless]) end), t(fun() -> re:inspect(P,foo) end), re:run("xabab",P,[global,{capture,[1],binary}])} end},
     {re4, fun() -> lists:usort([element(2, re:run("aaaaaaaaaaaaaz","(a+)*zz",[{match_limit_recursion,10},report_errors])) || _ <- lists:seq(1, 20)]) end} % however often it is run
    ].


