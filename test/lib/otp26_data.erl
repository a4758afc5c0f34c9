%% SPDX-License-Identifier: Apache-2.0
%% Newer functions of lists, maps, sets, trees, base64, and formats.
%% only merle: OTP has them since 26 and 27
%% expect: [{1,a}]
%% expect: [{1,a},{x,b}]
%% expect: {error,function_clause}
%% expect: {error,function_clause}
%% expect: [{1,2,c},{a,3,c}]
%% expect: [{1,2,1}]
%% expect: [3,13]
%% expect: [-1]
%% expect: {error,function_clause}
%% expect: [{1,2,30},{10,3,30}]
%% expect: [{0,a},{-2,b},{-4,c}]
%% expect: {error,function_clause}
%% expect: true
%% expect: {1.0,b,{1,a,{0,c,none}}}
%% expect: [{2,b},{1,a},{0,c}]
%% expect: true
%% expect: none
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: #{0 => [],1 => []}
%% expect: [0,1]
%% expect: [3,9]
%% expect: #{0 => [],1 => []}
%% expect: true
%% expect: false
%% expect: {[0,1],[-3,-2,-1]}
%% expect: {true,false}
%% expect: true
%% expect: [{found,1},{found,3},{found,3},none]
%% expect: [none,{found,1},{found,3},{found,5}]
%% expect: {3,2,1,none}
%% expect: {3,1,none}
%% expect: 5
%% expect: [{1,a},{3,b},none]
%% expect: [none,{1,a},{3,b}]
%% expect: {1,none}
%% expect: {3,1}
%% expect: 6.283185307179586
%% expect: <<"__79AQ">>
%% expect: "YWJjZA"
%% expect: <<255,254,253,1>>
%% expect: {error,missing_padding}
%% expect: {error,badarg}
%% expect: [255,254,253,1]
%% expect: {error,{case_clause,0}}
%% expect: {error,function_clause}
%% expect: [<<0,0>>,<<0>>,<<0,0>>,<<0,0,0,0>>,<<3,239,192>>]
%% expect: [<<0>>,missing_padding,missing_padding,<<0,0>>,function_clause,<<0>>]
%% expect: [255,254,253,1]
%% expect: [[35,123,[["a"," => ","2"],44,["b"," => ","1"]],125],32,[35,123,[["a"," => ","2"],44,["b"," => ","1"]],125],32,[35,123,[["b"," => ","1"],44,["a"," => ","2"]],125]]
%% expect: "#{a => 2,b => 1} #{a => 2,...} #{b => 1,...}"
%% expect: true
%% expect: {error,badarg}
%% expect: {"~kp~tKw",[1,reversed,2]}
%% expect: "#{b => 1,a => 2}"
-module(otp26_data).
-export([main/0]).

main() ->
    show(fun() -> lists:zip([1, 2], [a], trim) end),
    show(fun() -> lists:zip([1], [a, b], {pad, {x, y}}) end),
    show(fun() -> lists:zip([1, 2], [a], fail) end),
    show(fun() -> lists:zip([1], [2], {pad, x}) end),
    show(fun() -> lists:zip3([1], [2, 3], [], {pad, {a, b, c}}) end),
    show(fun() -> lists:zip3([1], [2, 3], [1, 2], trim) end),
    show(fun() -> lists:zipwith(fun(A, B) -> A + B end, [1], [2, 3], {pad, {10,
                  20}}) end),
    show(fun() -> lists:zipwith(fun(A, B) -> A - B end, [1], [2, 3], trim) end),
    show(fun() -> lists:zipwith(foo, [], [], fail) end),
    show(fun() -> lists:zipwith3(fun(A, B, C) -> {A, B, C} end, [1], [2, 3], [],
                  {pad, {10, 20, 30}}) end),
    show(fun() -> lists:enumerate(0, -2, [a, b, c]) end),
    show(fun() -> lists:enumerate(0, a, [a, b, c]) end),
    show(fun() -> maps:to_list(maps:iterator(maps:from_keys(lists:seq(1, 40),
                  x), ordered)) =:= [{N, x} || N <- lists:seq(1, 40)] end),
    show(fun() -> maps:next(maps:iterator(#{1 => a, 1.0 => b, 0 => c},
                  reversed)) end),
    show(fun() -> maps:to_list(maps:iterator(#{1 => a, 2 => b, 0 => c}, fun(A,
                  B) -> A > B end)) end),
    show(fun() -> maps:fold(fun(K, _, Acc) -> [K | Acc] end, [],
                  maps:iterator(maps:from_keys(lists:seq(1, 50), x), reversed))
                  =:= lists:seq(1, 50) end),
    show(fun() -> maps:next(maps:iterator(#{}, ordered)) end),
    show(fun() -> maps:next([[a] | #{b => 1}]) end),
    show(fun() -> maps:iterator(#{}, foo) end),
    show(fun() -> sets:map(fun(X) -> X div 2 end, sets:from_list([1, 2, 3],
                  [{version, 2}])) end),
    show(fun() -> lists:sort(sets:to_list(sets:map(fun(X) -> X div 2 end,
                  sets:from_list([1, 2, 3], [{version, 1}])))) end),
    show(fun() -> lists:sort(sets:to_list(sets:filtermap(fun(1) -> {true, 9};
                  (X) -> X > 2 end, sets:from_list([1, 2, 3], [{version, 1}]))))
                  end),
    show(fun() -> sets:filtermap(fun(X) -> {true, X div 2} end,
                  sets:from_list([1, 2, 3], [{version, 2}])) end),
    show(fun() -> sets:is_equal(sets:from_list([1, 2], [{version, 1}]),
                  sets:from_list([2, 1], [{version, 2}])) end),
    show(fun() -> sets:is_equal(sets:from_list([1, 2]), sets:from_list([1,
                  2.0])) end),
    show(fun() -> {ordsets:map(fun(X) -> X div 2 end, [1, 2, 3]),
                  ordsets:filtermap(fun(X) -> {true, -X} end, [1, 2, 3])} end),
    show(fun() -> {ordsets:is_equal([1], [1.0]), ordsets:is_equal([1], [2])}
                  end),
    show(fun() -> gb_sets:is_equal(gb_sets:from_list([1, 2]), gb_sets:add(2,
                  gb_sets:from_list([1]))) end),
    show(fun() -> [gb_sets:larger(N, gb_sets:from_list([1, 3, 5])) || N <- [0,
                  1, 2, 5]] end),
    show(fun() -> [gb_sets:smaller(N, gb_sets:from_list([1, 3, 5])) || N <- [1,
                  2, 5, 6]] end),
    show(fun() -> begin {X, I} =
                  gb_sets:next(gb_sets:iterator(gb_sets:from_list([1, 2, 3]),
                  reversed)), {Y, J} = gb_sets:next(I), {Z, L} =
                  gb_sets:next(J), {X, Y, Z, gb_sets:next(L)} end end),
    show(fun() -> begin {X, I} = gb_sets:next(gb_sets:iterator_from(4,
                  gb_sets:from_list([1, 3, 5]), reversed)), {Y, J} =
                  gb_sets:next(I), {X, Y, gb_sets:next(J)} end end),
    show(fun() -> element(1, gb_sets:next(gb_sets:iterator_from(4,
                  gb_sets:from_list([1, 3, 5]), ordered))) end),
    show(fun() -> [gb_trees:larger(N, gb_trees:from_orddict([{1, a}, {3, b}]))
                  || N <- [0, 1, 3]] end),
    show(fun() -> [gb_trees:smaller(N, gb_trees:from_orddict([{1, a}, {3, b}]))
                  || N <- [1, 2, 4]] end),
    show(fun() -> begin {X, a, I} = gb_trees:next(gb_trees:iterator_from(2,
                  gb_trees:from_orddict([{1, a}, {3, b}]), reversed)), {X,
                  gb_trees:next(I)} end end),
    show(fun() -> begin {X, b, I} =
                  gb_trees:next(gb_trees:iterator(gb_trees:from_orddict([{1, a},
                  {3, b}]), reversed)), {X, element(1, gb_trees:next(I))} end
                  end),
    show(fun() -> math:tau() end),
    show(fun() -> base64:encode(<<255, 254, 253, 1>>, #{mode => urlsafe, padding
                  => false}) end),
    show(fun() -> base64:encode_to_string("abcd", #{padding => false}) end),
    show(fun() -> base64:decode(<<"__79AQ">>, #{mode => urlsafe, padding =>
                  false}) end),
    show(fun() -> base64:decode(<<"__79AQ">>, #{mode => urlsafe}) end),
    show(fun() -> base64:decode(<<"//79AQ==">>, #{mode => urlsafe}) end),
    show(fun() -> base64:decode_to_string("//7 9A\nQ", #{padding => false})
                  end),
    show(fun() -> base64:decode("AAA=A", #{padding => false}) end),
    show(fun() -> base64:decode("A", #{padding => false}) end),
    show(fun() -> [catch base64:mime_decode(T, #{padding => false}) || T <-
                  ["AA=A", "AA", "A=A=A", "AAAAAA=", "A--+_/A"]] end),
    show(fun() -> [try base64:mime_decode(T, #{}) catch error:R -> R end || T <-
                  ["AA=", "AA", "AA=A", "AA=A=", "A", "AA=*=*"]] end),
    show(fun() -> base64:mime_decode_to_string("__7 9A\nQ=", #{mode => urlsafe})
                  end),
    show(fun() -> io_lib:format("~kp ~kw ~Kp", [#{b => 1, a => 2}, #{b => 1, a
                  => 2}, reversed, #{b => 1, a => 2}]) end),
    show(fun() -> lists:flatten(io_lib:format("~ktp ~kP ~KW", [#{b => 1, a =>
                  2}, #{b => 1, a => 2}, 2, reversed, #{b => 1, a => 2}, 2]))
                  end),
    show(fun() -> lists:flatten(io_lib:format("~0kp",
                  [maps:from_keys(lists:seq(1, 40), #{2 => x, 1 => y})])) =:=
                  lists:flatten(io_lib:format("#{~s}", [lists:join(",",
                  [io_lib:format("~w => #{1 => y,2 => x}", [N]) || N <-
                  lists:seq(1, 40)])])) end),
    show(fun() -> io_lib:format("~Kp", [foo, #{b => 1, a => 2}]) end),
    show(fun() -> io_lib:unscan_format(io_lib:scan_format("~kp~Ktw", [1,
                  reversed, 2])) end),
    show(fun() -> lists:flatten(io_lib:write(#{b => 1, a => 2}, [{maps_order,
                  reversed}])) end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
