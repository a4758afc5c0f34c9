%% SPDX-License-Identifier: Apache-2.0
%% Zip and strict generators, compiled and evaluated: both give the same.
%% only merle
-module(zip_comprehensions).
-export([main/0]).

main() ->
    [io:format("~ts~n", [show(run(T), compiled(T))]) || T <- texts()],
    ok.

show(Same, Same) -> io_lib:format("~p", [Same]);
show(Evaluated, Compiled) -> io_lib:format("~p ~p", [Evaluated, Compiled]).

exprs(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Exprs.

run(Text) ->
    answer(fun() ->
                   {value, Value, _} = erl_eval:exprs(exprs(Text), []),
                   Value
           end).

compiled(Text) ->
    Forms = [{attribute, 1, module, zipped}, {attribute, 1, export, [{f, 0}]},
             {function, 1, f, 0, [{clause, 1, [], [], exprs(Text)}]}],
    {ok, zipped, Code} = compile:forms(Forms),
    {module, zipped} = code:load_binary(zipped, "zipped", Code),
    answer(fun() -> zipped:f() end).

answer(Fun) ->
    try Fun() catch Class:Reason -> {Class, Reason} end.

texts() ->
    ["[{X,Y} || X <- [1,2] && Y <- [a,b]]",
     "[{X,Y} || X <- [1,2] && Y <- [a]]",
     "[{X,Y} || X <- [1|x] && Y <- [2|y]]",
     "[{X,Y} || {a,X} <- [{a,1},b,{a,3}] && Y <- [1,2,3]]",
     "[{X,Y} || {a,X} <:- [{a,1},b] && Y <- [1,2]]",
     "[{X,Y,Z} || X <- [1,2] && Y <- [3,4], Z <- [p,q], X + Y > 4]",
     "[{X,Y} || X <- [1,2,3] && <<1,Y>> <= <<1,2,3,4,1,6>>]",
     "[{X,Y,K} || <<1,X>> <= <<1,2,3,4,1,6>> && <<Y,9>> <= <<1,9,2,8,3,9>>
                  && K := _ <- #{a => 1, b => 2, c => 3}]",
     "[{X,Y} || <<1,X>> <:= <<1,2,3,4>> && Y <- [1,2]]",
     "[{X,Y} || X <- [1] && <<Y>> <= <<1,2:4>>]",
     "[{X,Y} || X <- [1,2] && <<Y>> <:= <<1,2:4>>]",
     "[{X,K} || X <- [1,2] && K := _ <- #{a => 1}]",
     "[{X,K} || X <- [1] && K := _ <- foo]",
     "[{X,Y} || X <- [1] && <<Y>> <= foo]",
     "[X || X <- [1,2,3] && X <- [1,5,3]]",
     "<< <<X,Y>> || <<1,X>> <= <<1,2,3,4,1,6>> && Y <- [1,2,3] >>",
     "#{X => Y || X <- [1,2] && Y <- [a,b]}",
     "[X || {a,X} <:- [{a,1},{b,2}]]",
     "[X || X <:- [1|2]]",
     "[X || X := 1 <:- #{a => 1, b => 2}]",
     "<< <<X>> || <<X>> <:= <<1,2:4>> >>",
     "<< <<X>> || <<1,X>> <:= <<1,2,3,4>> >>",
     "[X || X <- [b] && X <:- [a]]",
     "[{X,Y} || X <- [b,a] && X <- [a,a] && Y <:- [1,2]]",
     "[{X,Y} || {X,Y} <- [{a,b}] && Y <:- [b] && X <- [b]]",
     "[{X,Y} || {X,Y} <- [{a,b}] && Y <:- [a] && X <- [b]]",
     "[{X,Y,Z} || {{X,Y},Z} <- [{no,c},{{a,b},d}] && Z <:- [c,d]]",
     "[{X,Y,Z} || {{X,Y},Z} <- [{{a,b},d}] && Z <:- [c]]",
     "[A + B || {i,A} <:- [{i,3},bad,{i,5}] && {i,B} <- [{i,10},{i,15},{i,20}]]",
     "[A * B || {i,A} <:- [{i,3},{i,5}] && {i,B} <- [{i,90},bad]]",
     "[A + B || {i,A} <:- [{i,42}] && <<B:7>> <:= <<3:7,1:2>>]",
     "[F || <<W:1>> <:= <<1:2>> && <<Size:8,F:Size/float>> <:= <<32,0.0:32/float,64>>, W =:= 1]",
     "<< <<I:8,C:32>> || I <:- [1,2] && <<C/utf8>> <:= <<97,255,0>> >>",
     "[X || X := Y <- maps:iterator(#{a => 1, b => 2}) && Y <- [1,1]]",
     "[X || X := _ <- maps:next(maps:iterator(#{a => 1, b => 2}))]",
     "[X || X := _ <- none]",
     "[X || X := _ <- [9 | #{a => 1}]]",
     "[X || X := _ <- [a | b]]",
     "#{K => V || K := V <- #{1=>2} && K := _ <:- #{2=>3}}",
     "lists:sum([X || X := X <- maps:iterator(maps:from_keys(lists:seq(1, 100), 7))])",
     "length([X || X := 7 <- maps:iterator(maps:from_keys(lists:seq(1, 100), 7))])"].

%% expect: [{1,a},{2,b}]
%% expect: {error,{bad_generators,{[2],[]}}}
%% expect: {error,{bad_generators,{x,y}}}
%% expect: [{1,1},{3,3}]
%% expect: {error,{bad_generators,{[b],[2]}}}
%% expect: [{2,4,p},{2,4,q}]
%% expect: [{1,2},{3,6}]
%% expect: [{2,1,a},{6,3,c}]
%% expect: {error,{bad_generators,{<<3,4>>,[2]}}}
%% expect: [{1,1}]
%% expect: {error,{bad_generators,{[2],<<2:4>>}}}
%% expect: {error,{bad_generators,{[2],none}}}
%% expect: {error,{bad_generator,foo}}
%% expect: {error,{bad_generators,{[1],foo}}}
%% expect: [1,3]
%% expect: <<2,1,6,3>>
%% expect: #{1 => a,2 => b}
%% expect: {error,{badmatch,{b,2}}}
%% expect: {error,{bad_generator,2}}
%% expect: {error,{badmatch,{b,2}}}
%% expect: {error,{badmatch,<<2:4>>}}
%% expect: {error,{badmatch,<<3,4>>}}
%% expect: {error,{bad_generators,{[b],[a]}}}
%% expect: [{a,2}]
%% expect: []
%% expect: {error,{bad_generators,{[{a,b}],[a],[b]}}}
%% expect: [{a,b,d}]
%% expect: {error,{bad_generators,{[{{a,b},d}],[c]}}}
%% expect: {error,{bad_generators,{[bad,{i,5}],[{i,15},{i,20}]}}}
%% expect: [270]
%% expect: {error,{bad_generators,{[],<<1:2>>}}}
%% expect: {error,{bad_generators,{<<1:1>>,<<"@">>}}}
%% expect: {error,{bad_generators,{[2],<<255,0>>}}}
%% expect: [a]
%% expect: [a,b]
%% expect: []
%% expect: {error,{bad_generator,[9|#{a => 1}]}}
%% expect: {error,{bad_generator,[a|b]}}
%% expect: {error,{bad_generators,{{1,2,none},{2,3,none}}}}
%% expect: 7
%% expect: 100
