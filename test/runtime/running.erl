%% SPDX-License-Identifier: Apache-2.0
%% Processes, receive, and larger programs through the loop.
-module(running).
-export([main/0,hib/1,loop/1]).
t(N,F) -> try out({N,F()}) catch C:E:S -> out({N,C,E,clean(S)}) end.
main() -> logger:set_primary_config(level, none),
  t(1,fun() -> {P,R}=spawn_monitor(?MODULE,hib,[self()]), receive {P,ready}->ok end, P ! go, receive {P,X} -> X end end),
  t(2,fun() -> P=spawn(fun() -> receive a -> receive b -> exit(done) end end end), M=monitor(process,P), P!b, P!a, receive {'DOWN',M,_,_,W}->W end end),
  t(3,fun() -> L=[spawn_monitor(fun() -> exit(N) end)||N<-lists:seq(1,100)], lists:sum([receive {'DOWN',R,process,P,N}->N end||{P,R}<-L]) end),
  t(4,fun() -> Self=self(), P=spawn(fun() -> Self ! {self(),catch_it()} end), receive {P,X}->X end end),
  t(5,fun() -> P=spawn(?MODULE,loop,[0]), [P!{inc,self()}||_<-lists:seq(1,1000)], P!{get,self()}, receive {P,N}->N end end),
  t(6,fun() -> receive never -> 1 after 20 -> tmo end end),
  t(7,fun() -> receive never -> 1 after foo -> tmo end end),
  t(8,fun() -> [begin R=make_ref(), self()!{R,I}, receive {R,X}->X end end||I<-[1,2,3]] end),
  t(9,fun() -> P=spawn(fun() -> error(x) end), M=monitor(process,P), receive {'DOWN',M,_,_,{x,[{running,F,0,_}|_]}}->lists:prefix("-main/0-fun-",atom_to_list(F)) end end),
  t(10,fun() -> lists:map(fun(X) -> X*X end,[1,2,3]) end),
  t(11,fun() -> lists:sort(fun(A,B) -> A>B end,[3,1,2]) end),
  t(12,fun() -> B=list_to_binary(lists:seq(0,255)), <<A:100/binary,_/binary>> = B, {byte_size(A),binary:at(A,99)} end),
  t(13,fun() -> process_flag(trap_exit,true), P=spawn_link(fun() -> exit(boom) end), receive {'EXIT',P,X}->X end end),
  t(14,fun() -> catch exit({a,b}) end),
  t(15,fun() -> element(1,catch_it2(fun() -> throw(a) end)) end),
  t(16,fun() -> big_case(77) end),
  t(17,fun() -> [big_case(X)||X<-[1,50,foo,99,100,-1,1.0,1 bsl 70]] end),
  t(18,fun() -> [atoms(X)||X<-[a,b,c,d,e,f,g,h,i,j,k,zz]] end),
  t(19,fun() -> [tup(X)||X<-[{},{1},{1,2},{1,2,3},{1,2,3,4},x]] end),
  t(20,fun() -> gc(200000,[]) end),
  t(21,fun() -> binloop(<<0:80000>>,0) end),
  t(22,fun() -> erlang:garbage_collect(), ok end),
  t(23,fun() -> M=maps:from_list([{I,I}||I<-lists:seq(1,100)]), {map_size(M),maps:get(50,M),maps:fold(fun(_,V,A)->V+A end,0,M)} end),
  t(24,fun() -> X = lists:foldl(fun(I,A)->A#{I=>I} end,#{},lists:seq(1,1000)), map_size(X) end),
  t(25,fun() -> <<X:64/float>> = <<1.25:64/float>>, X end),
  t(26,fun() -> <<A:16/float,B:32/little-float>> = <<1.5:16/float,2.5:32/little-float>>, {A,B} end),
  t(27,fun() -> [X*2||X<-[1,2,3],X>1] ++ [a] end),
  t(28,fun() -> F=fun G(0)->[];G(N)->[N|G(N-1)] end, F(5) end),
  t(29,fun() -> try fail() of _ -> ok catch error:{badmatch,V} -> {bm,V} after put(z,1) end end),
  t(30,fun() -> (fun(<<A:2,B:6>>,C) -> {A,B,C} end)(<<200>>,x) end),
  t(31,fun() -> T={1,2,3}, setelement(2,setelement(1,T,a),b) end),
  t(32,fun() -> <<"abc",(list_to_binary("d"))/binary,$e,1:4,2:4>> end),
  t(33,fun() -> float_loop(1000,0.0) end),
  ok.
float_loop(0,A)->A; float_loop(N,A)->float_loop(N-1,A+N*0.5-1/N).
fail() -> {ok,X} = lists:keyfind(a,1,[{a,b}]), X.
catch_it2(F) -> try F() catch C:V -> {C,V} end.
catch_it() -> catch lists:nth(foo,[1]), (catch throw(t)).
hib(P) -> put(x,1), P ! {self(),ready}, erlang:hibernate(?MODULE,loop,[{hib,P}]).
loop({hib,P}) -> receive go -> P ! {self(),get(x)} end;
loop(N) -> receive {inc,_} -> loop(N+1); {get,P} -> P ! {self(),N} end.
big_case(X) -> case X of 1->a;2->b;3->c;50->d;51->e;77->f;99->g;100->h; foo->i; 1.0->j; 1180591620717411303424 -> k; _->z end.
atoms(X) -> case X of a->1;b->2;c->3;d->4;e->5;f->6;g->7;h->8;i->9;j->10;k->11;_->0 end.
tup({})->0;tup({_})->1;tup({_,_})->2;tup({_,_,_})->3;tup(_)->n.
gc(0,A)->length(A); gc(N,A)->gc(N-1,[{N,float(N)}|case N rem 1000 of 0->[];_->A end]).
binloop(<<X:8,R/binary>>,A)->binloop(R,A+X+1); binloop(<<>>,A)->A.

%% The entries of this module and of BIFs, with lines but without files.
clean(S) ->
    [{M, F, A, lists:keydelete(file, 1, L)}
     || {M, F, A, L} <- S, M =:= ?MODULE orelse M =:= erlang].

out(X) -> io:format("~w~n", [X]).

%% expect: {1,1}
%% expect: {2,done}
%% expect: {3,5050}
%% expect: {4,t}
%% expect: {5,1000}
%% expect: {6,tmo}
%% expect: {7,error,timeout_value,[{running,'-main/0-fun-12-',0,[{line,13}]},{running,t,2,[{line,5}]},{running,main,0,[{line,13}]}]}
%% expect: {8,[1,2,3]}
%% expect: {9,true}
%% expect: {10,[1,4,9]}
%% expect: {11,[3,2,1]}
%% expect: {12,{100,99}}
%% expect: {13,boom}
%% expect: {14,{'EXIT',{a,b}}}
%% expect: {15,throw}
%% expect: {16,f}
%% expect: {17,[a,d,i,g,h,z,j,k]}
%% expect: {18,[1,2,3,4,5,6,7,8,9,10,11,0]}
%% expect: {19,[0,1,2,3,n,n]}
%% expect: {20,1000}
%% expect: {21,10000}
%% expect: {22,ok}
%% expect: {23,{100,50,5050}}
%% expect: {24,1000}
%% expect: {25,1.25}
%% expect: {26,{1.5,2.5}}
%% expect: {27,[4,6,a]}
%% expect: {28,[5,4,3,2,1]}
%% expect: {29,{bm,{a,b}}}
%% expect: {30,{3,8,x}}
%% expect: {31,{a,b,3}}
%% expect: {32,<<97,98,99,100,101,18>>}
%% expect: {33,250242.5145291393}
