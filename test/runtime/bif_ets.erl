%% SPDX-License-Identifier: Apache-2.0
%% Tables: storage, order, updates, match specifications.
%% expect: {ets1,hash,117097897}
%% expect: {ets2,hash,71691313}
%% expect: {ets3,hash,46255751}
%% expect: {ets4,hash,101733335}
%% expect: {ets5,[{error,badarg},{error,badarg},{error,badarg},nm,{error,badarg},nn,{undefined,nn,true,undefined},true,{error,badarg},{error,badarg},{error,badarg}]}
%% expect: {ets6,hash,14205160}
-module(bif_ets).
-include("named_answers.hrl").

cases() ->
    [
     {ets1, fun() -> [ets1(T,O) || T <- [set,ordered_set,bag,duplicate_bag], O <- [[{I,I*I} || I <- lseq(1,30)], [{a},{b,1},{"abc",2},{1.5},{<<"bin">>,1},{c},{d},{e}], [{1,a},{1,b},{1,a},{2,x},{1.0,y}], [{I rem 50,I} || I <- lseq(1,2000)],[{I*7} || I <- lseq(1,1000)], [{atom_n(I),I} || I <- lseq(1,300)]]] end},
     {ets2, fun() -> ets2(set) end},
     {ets3, fun() -> ets2(ordered_set) end},
     {ets4, fun() -> ets2(bag) end},
     {ets5, fun() -> ets3() end},
     {ets6, fun() -> ets4() end}
    ].

atom_n(I) -> list_to_atom("atom_" ++ integer_to_list(I)).
lseq(A,B) when A > B -> []; lseq(A,B) -> [A|lseq(A+1,B)].

ets1(T, O) ->
  E = ets:new(x,[T]), true = ets:insert(E,O),
  K = element(1, hd(O)),
  R = {T, ets:info(E,size), ets:tab2list(E), ets:lookup(E,K), ets:lookup_element(E,K,1), ets:member(E,nope), ets:first(E), ets:last(E), keys(E, ets:first(E)), rkeys(E, ets:last(E)),
   ets:match(E,{'$1','_'}), ets:match_object(E,{K,'_'}), ets:select(E,[{{'$1','$2'},[{is_integer,'$2'},{'>','$2',5}],[{{'$2','$1'}}]}]), ets:select_count(E,[{{'$1','$2'},[{'>','$2',5}],[true]}]),
   chunks(ets:select(E,[{{'$1','_'},[],['$1']}],3)), ets:select_reverse(E,[{'$1',[],['$1']}])},
  ets:delete(E,K), R2 = {ets:info(E,size), ets:tab2list(E)},
  N = ets:select_delete(E,[{{'_','$1'},[{'<','$1',50}],[true]}]), R3 = {N, ets:tab2list(E), ets:take(E, 3), ets:info(E,size)},
  ets:insert(E, O), R4 = ets:tab2list(E),
  ets:safe_fixtable(E,true), F = ets:first(E), ets:delete(E,F), N2 = t(fun() -> ets:next(E,F) end), ets:insert(E,[{new1},{new2,2}]), ets:safe_fixtable(E,false), R5 = {N2, ets:info(E,size), ets:tab2list(E)},
  ets:delete_all_objects(E), R6 = {ets:info(E,size),ets:tab2list(E),ets:first(E)}, ets:delete(E),
  {R,R2,R3,R4,R5,R6, catch ets:info(E), t(fun() -> ets:insert(E,{1}) end)}.
keys(_,'$end_of_table') -> []; keys(E,K) -> [K|keys(E,ets:next(E,K))].
rkeys(_,'$end_of_table') -> []; rkeys(E,K) -> [K|rkeys(E,ets:prev(E,K))].
chunks('$end_of_table') -> []; chunks({L,C}) -> [L|chunks(ets:select(C))].
ets2(T) -> E = ets:new(x,[T,{keypos,2}]),
 [t(F) || F <- [fun() -> ets:insert(E,[{a,1,0},{b,2,0,x}]) end, fun() -> ets:insert(E,{a}) end, fun() -> ets:insert(E,[{a,1}|b]) end, fun() -> ets:insert_new(E,[{q,9},{r,1}]) end, fun() -> ets:insert_new(E,[{q,9},{r,9}]) end,
 fun() -> ets:update_counter(E,1,{3,5}) end, fun() -> ets:update_counter(E,1,[{3,1},{3,1 bsl 70},{3,-(1 bsl 70)}]) end, fun() -> ets:update_counter(E,1,{3,10,12,0}) end, fun() -> ets:update_counter(E,1,{3,-10,-5,7}) end, fun() -> ets:update_counter(E,1,{1,1}) end, fun() -> ets:update_counter(E,1,{2,1}) end, fun() -> ets:update_counter(E,1,{9,1}) end, fun() -> ets:update_counter(E,77,{3,1}) end, fun() -> ets:update_counter(E,77,{3,1},{d,0,10}) end, fun() -> ets:update_counter(E,1,2) end, fun() -> ets:update_counter(E,1,a) end, fun() -> ets:update_counter(E,1,[]) end,
 fun() -> ets:update_element(E,1,{1,new}) end, fun() -> ets:update_element(E,1,[{1,"abc"},{3,<<1,2>>}]) end, fun() -> ets:update_element(E,1,{2,x}) end, fun() -> ets:update_element(E,1,{5,x}) end, fun() -> ets:update_element(E,99,{1,x}) end,
 fun() -> ets:delete_object(E,{b,2,0,x}) end, fun() -> ets:tab2list(E) end, fun() -> ets:slot(E,0) end, fun() -> ets:slot(E,100000) end, fun() -> ets:info(E,foo) end, fun() -> ets:next(E,zzz) end, fun() -> ets:lookup_element(E,1,7) end, fun() -> ets:lookup_element(E,zz,1) end, fun() -> [X || {K,_}=X <- ets:info(E), K =/= id, K =/= owner, K =/= memory] end, fun() -> ets:select_replace(E,[{{'$1','$2','$3'},[],[{{'$3','$2','$1'}}]}]) end, fun() -> ets:select_replace(E,[{{'$1','$2','$3'},[],[{{'$3',x,'$1'}}]}]) end, fun() -> ets:tab2list(E) end]].
ets3() -> [t(F) || F <- [fun() -> ets:new(1,[]) end, fun() -> ets:new(a,[foo]) end, fun() -> ets:new(a,b) end, fun() -> ets:new(nm,[named_table,public]) end, fun() -> ets:new(nm,[named_table]) end, fun() -> ets:rename(nm,nn) end, fun() -> {ets:info(nm), ets:info(nn,name), is_reference(ets:whereis(nn)), ets:whereis(nm)} end, fun() -> ets:delete(nn) end, fun() -> ets:lookup(nn,1) end, fun() -> ets:lookup(make_ref(),1) end, fun() -> ets:lookup(1,1) end]].
ets4() -> S = {1,{a,[b,c]},#{k=>v,1=>2},"str",2.5}, E = ets:new(x,[]), ets:insert(E,S), 
 [ t(fun() -> ets:select(E,Ms) end) || Ms <- [
  [{'_',[],['$_']}], [{'$1',[],['$1']}], [{{'$1','$2','$3','$4','$5'},[],['$$']}], [{{'_','$2','_','_','$3'},[],[{{'$2','$3'}},['$3'|'$2'],'$$']}],
  [{{'_',{a,['$1'|'$2']},'_','_','_'},[],[{{'$1','$2'}}]}], [{{'_','_',#{k=>'$1'},'_','_'},[],['$1']}], [{{'_','_',#{k=>'$1',zz=>'_'},'_','_'},[],['$1']}], [{{'$1','_','_','_','_'},[{'==','$1',1.0}],[yes]}], [{{'$1','_','_','_','_'},[{'=:=','$1',1.0}],[yes]}],
  [{{'$1','$2','$3','_','$4'},[{is_map,'$3'},{'andalso',{is_integer,'$1'},{'<','$1',5}},{'or',false,true},{'not',{is_atom,'$1'}}],[{{{'+','$1','$4'},{map_size,'$3'},{map_get,k,'$3'},{element,1,'$2'},{size,'$2'},{'div',7,2},{'rem',7,2},{abs,-5},{'bsl',1,'$1'},{self_x}}}]}],
  [{{'$1','$2','$3','_','$4'},[],[{{{'+','$1','$4'},{map_size,'$3'},{map_get,k,'$3'},{element,1,'$2'},{size,'$2'},{'div',7,2},{'rem',7,2},{abs,-5},{'bsl',1,'$1'},{'+',a,1},{hd,[x]},{length,{const,[1,2]}},{const,{a,'$1'}},#{a=>'$1'},{round,2.5},{trunc,-2.5},{'/',1,2},{is_record,'$2',a,2},{'orelse',false,{'xor',true,true}}}}]}],
  [{{'$1','$2'},[],['$3']}], [{foo,[],[a]}], [], foo, [{{'$1'},[],[]}], [{{'$1'},a,[b]}], [{{1,'_','_','_','_'},[],[hit]}], [{{2,'_','_','_','_'},[],[hit]},{{1,'_','_','_','_'},[],[hit2]}], [{{'$1','_','_','_','_'},['$1'],[hit]}],[{{'$1','_','_','_','_'},[true],['$1','$_']}], [{{'$1','_','_','_','$1'},[true],['$1','$_']}], [{{'$1','$2','_','_','_'},[{'>',{element,9,'$2'},1}],['$1','$_']}]]].
