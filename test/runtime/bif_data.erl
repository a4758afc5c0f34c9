%% SPDX-License-Identifier: Apache-2.0
%% Lists, tuples, atoms and binaries of module erlang.
%% expect: {data1,{x,a,y}}
%% expect: {data2,{error,badarg}}
%% expect: {data3,{{1,x,3},3,{a,b},{b,a},{b}}}
%% expect: {data4,[1,2,3|4]}
%% expect: {data5,[3,2,1.0]}
%% expect: {data6,[[1,[2]]]}
%% expect: {data7,{error,badarg}}
%% expect: {data8,{1,2,3}}
%% expect: {data9,[229,228,246,8364]}
%% expect: {data10,<<229,228,246>>}
%% expect: {data11,{error,badarg}}
%% expect: {data12,<<226,130,172>>}
%% expect: {data13,'\x{20AC}'}
%% expect: {data14,hash,84715179}
%% expect: {data15,<<1,2,3,4,5>>}
%% expect: {data16,{error,badarg}}
%% expect: {data17,{error,badarg}}
%% expect: {data18,<<160,80,16,32,3:3>>}
%% expect: {data19,[1,2,<<3:4>>]}
%% expect: {data20,[160,32,67]}
%% expect: {data21,[2,3]}
%% expect: {data22,{error,badarg}}
%% expect: {data23,{2,11,1,1}}
%% expect: {data24,{<<1>>,<<2,3:4>>}}
%% expect: {data25,{<<1>>,<<1,2,3>>}}
%% expect: {data26,{error,badarg}}
%% expect: {data27,3}
%% expect: {data28,{[256,747,701,256],<<104,15,18,205,120,151,96,113,183,209,99,85,75,102,146,188>>}}
%% expect: {data29,true}
%% expect: {data30,{true,true,false}}
%% expect: {data31,{error,badarg}}
%% expect: {data32,{true,true,{error,badarg},[2,1,3|4],{error,badarg}}}
%% expect: {data33,{{1.0,b},true,{value,{1,2}},false}}
%% expect: {data34,{error,badarg}}
%% expect: {data35,{error,badarg}}
-module(bif_data).
-include("named_answers.hrl").

cases() ->
    [
     {data1, fun() -> erlang:make_tuple(3,a,[{1,x},{3,y}]) end},
     {data2, fun() -> erlang:make_tuple(-1,a) end},
     {data3, fun() -> {setelement(2,{1,2,3},x), element(3,{1,2,3}), erlang:append_element({a},b), erlang:insert_element(1,{a},b), erlang:delete_element(1,{a,b})} end},
     {data4, fun() -> tuple_to_list({1,2}) ++ [3|4] end},
     {data5, fun() -> [1,2,3,2,1,1.0,a] -- [1,a,2,1] end},
     {data6, fun() -> [[1,[2]],"x",<<"ab">>] -- ["x",<<"ab">>] end},
     {data7, fun() -> [1|2] -- [] end},
     {data8, fun() -> list_to_tuple([1,2,3]) end},
     {data9, fun() -> atom_to_list('åäö€') end},
     {data10, fun() -> atom_to_binary('åäö', latin1) end},
     {data11, fun() -> atom_to_binary('€', latin1) end},
     {data12, fun() -> atom_to_binary('€', utf8) end},
     {data13, fun() -> list_to_atom([8364]) end},
     {data14, fun() -> {binary_to_atom(<<228>>,latin1), t(fun() -> binary_to_atom(<<228>>,utf8) end), t(fun() -> binary_to_existing_atom(<<"qqqwwweee">>,utf8) end)} end},
     {data15, fun() -> list_to_binary([1,[2,<<3,4>>],[[]]|<<5>>]) end},
     {data16, fun() -> list_to_binary([256]) end},
     {data17, fun() -> iolist_to_binary(<<1:1>>) end},
     {data18, fun() -> list_to_bitstring([<<1:1>>,<<2:3>>,5,<<1,2,3:7>>]) end},
     {data19, fun() -> bitstring_to_list(<<1,2,3:4>>) end},
     {data20, fun() -> bitstring_to_list(list_to_bitstring([<<5:3>>,<<1,2,3:5>>])) end},
     {data21, fun() -> binary_to_list(<<1,2,3,4>>,2,3) end},
     {data22, fun() -> binary_to_list(<<1,2,3,4>>,0,3) end},
     {data23, fun() -> {byte_size(<<1,2:3>>), bit_size(<<1,2:3>>), size(<<1,2:3>>), size({1})} end},
     {data24, fun() -> split_binary(<<1,2,3:4>>,1) end},
     {data25, fun() -> {binary_part(<<1,2,3>>,1,-1), binary_part(<<1,2,3>>,{3,-3})} end},
     {data26, fun() -> binary_part(<<1,2,3>>,3,1) end},
     {data27, fun() -> iolist_size([1,<<2,3>>,[[]]]) end},
     {data28, fun() -> V = erlang:iolist_to_iovec([1,<<2,3>>,binary:copy(<<7>>,1000),4,binary:copy(<<8>>,300),[<<9:1600>>,<<9:1600>>],binary:copy(<<7>>,256)]), {[byte_size(B) || B <- V], erlang:md5(V)} end},
     {data29, fun() -> is_record({a,1},a,2) end},
     {data30, fun() -> {is_function(fun() -> 1 end,0), is_function(fun lists:map/2,2), is_function(a,1 bsl 80)} end},
     {data31, fun() -> is_function(a,-1) end},
     {data32, fun() -> {lists:member(1,[1.0,2,1]), lists:member({a,"b"},[x,{a,"b"}]), t(fun() -> lists:member(a,[b|c]) end), lists:reverse([1,2],[3|4]), t(fun() -> lists:reverse([1|2],[]) end)} end},
     {data33, fun() -> {lists:keyfind(1,1,[{2},x,{1.0,b},{1,c}]), lists:keymember(q,2,[{1},{1,q}]), lists:keysearch(1,1,[{1,2}]), lists:keyfind(1,1,[])} end},
     {data34, fun() -> lists:keyfind(1,0,[]) end},
     {data35, fun() -> lists:keyfind(1,1,[{2}|x]) end}
    ].


