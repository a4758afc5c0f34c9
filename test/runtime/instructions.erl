%% SPDX-License-Identifier: Apache-2.0
%% What instructions do, and how they fail.
-module(instructions).
-export([main/0,id/1,f/1,rec/1,bad/2]).
-compile([nowarn_unused_vars]).
-record(r,{a,b=2,c}).
id(X)->X.
f(X) when is_integer(X), X > 10 -> big; f(X) when is_atom(X) -> {atom,X}; f({a,X}) -> X; f({b,X,Y}) -> X+Y; f([H|_]) -> H; f(<<X:8,_/binary>>) -> X; f(1)->one; f(2)->two; f(3)->three; f(4)->four; f(5)->five;f(1.5)->fl; f(100000000000000000000)->huge.
rec(#r{a=A,b=B}=R) -> R#r{a=B,c=A}.
bad(X,Y) -> X = Y.
t(N,F) -> try {ok,F()} of {ok,V} -> out({N,V}) catch C:E:S -> out({N,C,E,clean(S)}) end.
main() ->
  t(1,fun() -> [f(X) || X <- [11,foo,{a,1},{b,1,2},[x],<<9,8>>,1,2,3,4,5,1.5,id(100000000000000000000)]] end),
  t(2,fun() -> f({x}) end),
  t(3,fun() -> rec(#r{a=1}) end),
  t(4,fun() -> bad(1,2) end),
  t(5,fun() -> case id(3) of 4 -> ok end end),
  t(6,fun() -> if 1 =:= 2 -> x; true -> y end end),
  t(7,fun() -> id(1) + id(a) end),
  t(8,fun() -> id(1 bsl 59) * id(3) - 5 end),
  t(9,fun() -> (id(17) div 5) + (id(-17) rem 5) end),
  t(10,fun() -> id(17) div id(0) end),
  t(11,fun() -> element(id(3),{a,b}) end),
  t(12,fun() -> element(2,id({a,b})) end),
  t(14,fun() -> (id(foo))(1,2) end),
  t(15,fun() -> M = id(instructions), M:id(z) end),
  t(16,fun() -> apply(id(instructions),id(id),[q]) end),
  t(17,fun() -> apply(fun(A,B) -> {A,B} end,id([1,2])) end),
  t(18,fun() -> M=id(nomod), M:foo(1,2) end),
  t(19,fun() -> throw(hello) end),
  t(20,fun() -> exit(bye) end),
  t(21,fun() -> error(oops) end),
  t(22,fun() -> error(oops,[a,b]) end),
  t(23,fun() -> erlang:raise(error,zz,[{m,f,1,[]}]) end),
  t(24,fun() -> M = id(#{a=>1}), M#{b:=2} end),
  t(25,fun() -> M = id([]), M#{b=>2} end),
  t(26,fun() -> #{a:=X,b:=Y} = id(#{a=>1,b=>2,c=>3}), {X,Y} end),
  t(27,fun() -> #{a:=X} = id(#{b=>1}), X end),
  t(28,fun() -> (id(#r{a=1}))#r.b end),
  t(29,fun() -> (id(xx))#r.b end),
  t(30,fun() -> fun instructions:id/1 end),
  t(31,fun() -> F = fun instructions:id/1, F(3) end),
  t(32,fun() -> X = id(1.5), Y = X * 2.0 + 3 - X / 2, Y end),
  t(33,fun() -> try id(1.0) / id(0) catch error:R -> R end end),
  t(34,fun() -> try float(id(3)) * 1.0e308 * id(1.0e10) catch error:R -> R end end),
  t(35,fun() -> [X+Y || X <- [1,2,3], Y <- [10,20], X =/= 2] end),
  t(36,fun() -> << <<(X*2):16>> || <<X:4>> <= <<16#123456:24>> >> end),
  t(37,fun() -> <<A:3,B:13/little,C/bits>> = id(<<16#ABCDEF:24>>), {A,B,C} end),
  t(38,fun() -> <<A:16/signed-little,B:32/float,C/binary>> = id(<<255,254,1.5:32/float,"xyz">>), {A,B,C} end),
  t(39,fun() -> <<X/utf8,Y/utf16,Z/utf32>> = id(<<"é"/utf8,"λ"/utf16,"x"/utf32>>), {X,Y,Z} end),
  t(40,fun() -> N = id(3), <<A:N/binary,B/binary>> = id(<<"abcdef">>), {A,B} end),
  t(41,fun() -> <<(id(a)):8>> end),
  t(42,fun() -> <<(id(-1)):70, (id(5)):4/little, 1:1>> end),
  t(43,fun() -> <<A:70/signed,_/bits>> = id(<<-7:70,0:2>>), A end),
  t(44,fun() -> lists:foldl(fun(I,Acc) -> <<Acc/binary,I:16>> end,<<>>,[1,2,3,4,5]) end),
  t(45,fun() -> A = <<(id(<<1,2>>))/binary,3>>, B = <<A/binary,4>>, C = <<A/binary,5>>, {A,B,C} end),
  t(46,fun() -> try id(1) of 2 -> x catch _:_ -> y end end),
  t(47,fun() -> try error(a) catch error:a -> caught after put(k,v) end end),
  t(48,fun() -> (catch error(x1)) =:= 1 end),
  t(49,fun() -> catch throw(q) end),
  t(50,fun() -> try try error(in) catch error:Q -> error({again,Q}) end catch _:W:_ -> W end end),
  t(51,fun() -> try error(in) catch throw:_ -> no end end),
  t(52,fun() -> [id(1) < 2, id(1) == 1.0, id(1) =:= 1.0, id(a) > b, id([1]) >= [1], id({}) =/= {}, id(2) =< 1] end),
  t(53,fun() -> {id(5) band 3, id(5) bor 8, id(5) bxor 1, id(1) bsl 70, id(1 bsl 70) bsr 68, bnot id(4), - id(3)} end),
  t(54,fun() -> setelement(2,id({a,b,c}),z) end),
  t(55,fun() -> length(id([1,2|3])) end),
  t(56,fun() -> hd(id([])) end),
  t(57,fun() -> tuple_size(id([])) end),
  t(58,fun() -> [is_function(fun id/1,1), is_function(id(fun instructions:id/1),2), is_record(id(#r{}),r)] end),
  t(59,fun() -> X = id(a), case X of a when X =:= b -> 1; a -> 2 end end),
  t(60,fun() -> sum(1000000,0) end),
  t(61,fun() -> length(mk(100000)) end),
  t(62,fun() -> self() ! {msg,1}, receive {msg,X} -> X after 0 -> none end end),
  t(63,fun() -> receive zzz -> 1 after 10 -> timeout end end),
  t(64,fun() -> P = self(), Q = spawn(fun() -> receive {P,X} -> P ! {self(),X*2} end end), Q ! {P,21}, receive {Q,Y} -> Y end end),
  t(65,fun() -> maps:get(a,#{a=>1}) end),
  t(66,fun() -> id(big()) end),
  t(67,fun() -> erlang:fun_info(fun instructions:id/1) end),
  t(68,fun() -> M = lists:foldl(fun(I,A) -> A#{I => I*I} end,#{},id([1,2,3,4,5,6])), #{3:=N} = M, N end),
  t(69,fun() -> list_to_tuple(id(foo)) end),
  t(70,fun() -> instructions:undefd(1,2) end),
  t(72,fun() -> X = id({1,2,3,4,5}), {A,B,C,D,E} = X, {E,D,C,B,A} end),
  t(73,fun() -> <<"ab", R/binary>> = id(<<"abc">>), R end),
  t(74,fun() -> case id(<<"axc">>) of <<"ab", R/binary>> -> R; <<"ax", R/binary>> -> {ax,R} end end),
  t(75,fun() -> and_(id(true),id(false)) end),
  t(76,fun() -> and_(id(1),id(false)) end),
  t(77,fun() -> bits(id(<<1,2,3,4,5,6,7,8>>),[]) end),
  t(78,fun() -> try deep(10000) catch error:R -> R end end),
  t(79,fun() -> fun(X) when X > 1 -> X end(id(0)) end),
  t(80,fun() -> (fun Fact(0) -> 1; Fact(N) -> N*Fact(N-1) end)(30) end),
  t(81,fun() -> S = id(1 bsl 26), <<N:S,13>> = <<0:S,13>>, N end), ok.
and_(A,B) -> A and B.
bits(<<A:3,B:5,R/bits>>,Acc) -> bits(R,[{A,B}|Acc]); bits(<<>>,Acc) -> Acc.
deep(0) -> error(deep); deep(N) -> 1 + deep(N-1).
sum(0,A)->A; sum(N,A)->sum(N-1,A+N).
mk(0)->[]; mk(N)->[{N,N+1,[N]}|mk(N-1)].
big() -> 123456789012345678901234567890.

%% The entries of this module and of BIFs, with lines but without files.
clean(S) ->
    [{M, name(atom_to_list(F)), A, lists:keydelete(file, 1, L)}
     || {M, F, A, L} <- S, M =:= ?MODULE orelse M =:= erlang].

%% Compilers number the funs of a module in their own ways.
name("-main/0-fun-" ++ _) -> 'a fun';
name(F) -> list_to_atom(F).

out(X) -> io:format("~w~n", [X]).

%% expect: {1,[big,{atom,foo},1,3,x,9,one,two,three,four,five,fl,big]}
%% expect: {2,error,function_clause,[{instructions,f,[{x}],[{line,8}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,14}]}]}
%% expect: {3,{r,2,2,1}}
%% expect: {4,error,{badmatch,2},[{instructions,bad,2,[{line,10}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,16}]}]}
%% expect: {5,error,{case_clause,3},[{instructions,'a fun',0,[{line,17}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,17}]}]}
%% expect: {6,y}
%% expect: {7,error,badarith,[{erlang,'+',[1,a],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,19}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,19}]}]}
%% expect: {8,1729382256910270459}
%% expect: {9,1}
%% expect: {10,error,badarith,[{erlang,'div',[17,0],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,22}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,22}]}]}
%% expect: {11,error,badarg,[{erlang,element,[3,{a,b}],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,23}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,23}]}]}
%% expect: {12,b}
%% expect: {14,error,{badfun,foo},[{instructions,'a fun',0,[{line,25}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,25}]}]}
%% expect: {15,z}
%% expect: {16,q}
%% expect: {17,{1,2}}
%% expect: {18,error,undef,[{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,29}]}]}
%% expect: {19,throw,hello,[{instructions,'a fun',0,[{line,30}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,30}]}]}
%% expect: {20,exit,bye,[{instructions,'a fun',0,[{line,31}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,31}]}]}
%% expect: {21,error,oops,[{instructions,'a fun',0,[{line,32}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,32}]}]}
%% expect: {22,error,oops,[{instructions,'a fun',[a,b],[{line,33}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,33}]}]}
%% expect: {23,error,zz,[]}
%% expect: {24,error,{badkey,b},[{instructions,'a fun',0,[{line,35}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,35}]}]}
%% expect: {25,error,{badmap,[]},[{instructions,'a fun',0,[{line,36}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,36}]}]}
%% expect: {26,{1,2}}
%% expect: {27,error,{badmatch,#{b => 1}},[{instructions,'a fun',0,[{line,38}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,38}]}]}
%% expect: {28,2}
%% expect: {29,error,{badrecord,xx},[{instructions,'a fun',0,[{line,40}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,40}]}]}
%% expect: {30,fun instructions:id/1}
%% expect: {31,3}
%% expect: {32,5.25}
%% expect: {33,badarith}
%% expect: {34,badarith}
%% expect: {35,[11,21,13,23]}
%% expect: {36,<<0,2,0,4,0,6,0,8,0,10,0,12>>}
%% expect: {37,{5,3422,<<239>>}}
%% expect: {38,{-257,1.5,<<120,121,122>>}}
%% expect: {39,{233,955,120}}
%% expect: {40,{<<97,98,99>>,<<100,101,102>>}}
%% expect: {41,error,badarg,[{instructions,'a fun',0,[{line,52},{error_info,#{cause => {1,integer,type,a},function => format_bs_fail,module => erl_erts_errors}}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,52}]}]}
%% expect: {42,<<255,255,255,255,255,255,255,255,253,3:3>>}
%% expect: {43,-7}
%% expect: {44,<<0,1,0,2,0,3,0,4,0,5>>}
%% expect: {45,{<<1,2,3>>,<<1,2,3,4>>,<<1,2,3,5>>}}
%% expect: {46,error,{try_clause,1},[{instructions,'a fun',0,[{line,57}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,57}]}]}
%% expect: {47,caught}
%% expect: {48,false}
%% expect: {49,q}
%% expect: {50,{again,in}}
%% expect: {51,error,in,[{instructions,'a fun',0,[{line,62}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,62}]}]}
%% expect: {52,[true,true,false,false,true,false,false]}
%% expect: {53,{1,13,4,1180591620717411303424,4,-5,-3}}
%% expect: {54,{a,z,c}}
%% expect: {55,error,badarg,[{erlang,length,[[1,2|3]],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,66}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,66}]}]}
%% expect: {56,error,badarg,[{erlang,hd,[[]],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,67}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,67}]}]}
%% expect: {57,error,badarg,[{erlang,tuple_size,[[]],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,68}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,68}]}]}
%% expect: {58,[true,false,true]}
%% expect: {59,2}
%% expect: {60,500000500000}
%% expect: {61,100000}
%% expect: {62,1}
%% expect: {63,timeout}
%% expect: {64,42}
%% expect: {65,1}
%% expect: {66,123456789012345678901234567890}
%% expect: {67,[{module,instructions},{name,id},{arity,1},{env,[]},{type,external}]}
%% expect: {68,9}
%% expect: {69,error,badarg,[{erlang,list_to_tuple,[foo],[{error_info,#{module => erl_erts_errors}}]},{instructions,'a fun',0,[{line,80}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,80}]}]}
%% expect: {70,error,undef,[{instructions,undefd,[1,2],[]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,81}]}]}
%% expect: {72,{5,4,3,2,1}}
%% expect: {73,<<99>>}
%% expect: {74,{ax,<<99>>}}
%% expect: {75,false}
%% expect: {76,error,badarg,[{erlang,'and',[1,false],[{error_info,#{module => erl_erts_errors}}]},{instructions,and_,2,[{line,92}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,86}]}]}
%% expect: {77,[{0,8},{0,7},{0,6},{0,5},{0,4},{0,3},{0,2},{0,1}]}
%% expect: {78,deep}
%% expect: {79,error,function_clause,[{instructions,'a fun',[0],[{line,89}]},{instructions,t,2,[{line,11}]},{instructions,main,0,[{line,89}]}]}
%% expect: {80,265252859812191058636308480000000}
%% expect: {81,0}
