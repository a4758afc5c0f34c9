%% SPDX-License-Identifier: Apache-2.0
%% What erl_parse does besides parsing: constants, tokens, annotations.
-module(parse_tools).
-export([main/0]).

main() ->
    Terms = [a, 1, -1, 1.5, "abc", [], [a | b], "a\x{3bb}", [1000000000],
             {}, {a, {b}}, #{a => 1}, <<>>, <<1, 2>>, <<1:3>>, fun a:b/1,
             ["ab", c], [65, x], 123456789012345678901234567890],
    [begin
         Form = erl_parse:abstract(T),
         io:format("~w~n", [Form]),
         catch io:format("~w~n", [erl_parse:normalise(Form) =:= T]),
         catch io:format("~w~n", [erl_parse:tokens(Form)])
     end || T <- Terms],
    io:format("~w~n", [erl_parse:abstract("a\xff\x{3bb}", [{encoding, latin1},
                                                          {line, 3}])]),
    io:format("~w~n", [erl_parse:abstract("ab", [{encoding, none},
                                                 {location, {2, 3}}])]),
    Bad = fun(F) -> try erl_parse:normalise(F) catch error:R -> R end end,
    io:format("~w~n", [Bad({var, 1, 'X'})]),
    io:format("~w~n", [Bad({cons, 1, {integer, 1, 1}, {nil, 1}})]),
    {ok, Tokens, _} = erl_scan:string(
        "f(A, <<B:2/c>>) when A -> [#r{x = X} || X <- g:h()], "
        "fun k/1, fun m:k/2, try a catch _ -> b end.", {1, 1}),
    {ok, Form} = erl_parse:parse_form(Tokens),
    io:format("~w~n", [erl_parse:fold_anno(fun(A, Acc) -> [A | Acc] end, [], Form)]),
    io:format("~w~n", [erl_parse:map_anno(fun(A) -> element(2, A) end, Form)]),
    io:format("~w~n", [erl_parse:mapfold_anno(fun(A, N) -> {N, N + element(1, A)} end,
                                              0, Form)]),
    true = Form =:= erl_parse:anno_from_term(erl_parse:anno_to_term(Form)),
    true = Form =:= erl_parse:new_anno(Form),
    io:format("~w~n", [[erl_parse:inop_prec(Op)
                        || Op <- ['=', '!', 'orelse', 'andalso', '==', '++', '-',
                                  'div', '#', ':', '.']]]),
    io:format("~w~n", [[erl_parse:preop_prec(Op)
                        || Op <- ['catch', '-', 'not', 'bnot', '#']]]),
    io:format("~w~n", [[erl_parse:type_inop_prec(Op)
                        || Op <- ['::', '|', '..', '+', '*', '#']]]),
    io:format("~w ~w~n", [erl_parse:func_prec(), erl_parse:max_prec()]).

%% expect: {atom,0,a}
%% expect: true
%% expect: [{atom,0,a}]
%% expect: {integer,0,1}
%% expect: true
%% expect: [{integer,0,1}]
%% expect: {integer,0,-1}
%% expect: true
%% expect: [{integer,0,-1}]
%% expect: {float,0,1.5}
%% expect: true
%% expect: [{float,0,1.5}]
%% expect: {string,0,[97,98,99]}
%% expect: true
%% expect: [{string,0,[97,98,99]}]
%% expect: {nil,0}
%% expect: true
%% expect: [{'[',0},{']',0}]
%% expect: {cons,0,{atom,0,a},{atom,0,b}}
%% expect: true
%% expect: [{'[',0},{atom,0,a},{'|',0},{atom,0,b},{']',0}]
%% expect: {string,0,[97,955]}
%% expect: true
%% expect: [{string,0,[97,955]}]
%% expect: {cons,0,{integer,0,1000000000},{nil,0}}
%% expect: true
%% expect: [{'[',0},{integer,0,1000000000},{']',0}]
%% expect: {tuple,0,[]}
%% expect: true
%% expect: [{'{',0},{'}',0}]
%% expect: {tuple,0,[{atom,0,a},{tuple,0,[{atom,0,b}]}]}
%% expect: true
%% expect: [{'{',0},{atom,0,a},{',',0},{'{',0},{atom,0,b},{'}',0},{'}',0}]
%% expect: {map,0,[{map_field_assoc,0,{atom,0,a},{integer,0,1}}]}
%% expect: true
%% expect: [{'#',0},{'{',0},{atom,0,a},{'=>',0},{integer,0,1},{'}',0}]
%% expect: {bin,0,[]}
%% expect: true
%% expect: {bin,0,[{bin_element,0,{integer,0,1},default,default},{bin_element,0,{integer,0,2},default,default}]}
%% expect: true
%% expect: {bin,0,[{bin_element,0,{integer,0,1},{integer,0,3},default}]}
%% expect: true
%% expect: {'fun',0,{function,{atom,0,a},{atom,0,b},{integer,0,1}}}
%% expect: true
%% expect: {cons,0,{string,0,[97,98]},{cons,0,{atom,0,c},{nil,0}}}
%% expect: true
%% expect: [{'[',0},{string,0,[97,98]},{',',0},{atom,0,c},{']',0}]
%% expect: {cons,0,{integer,0,65},{cons,0,{atom,0,x},{nil,0}}}
%% expect: true
%% expect: [{'[',0},{integer,0,65},{',',0},{atom,0,x},{']',0}]
%% expect: {integer,0,123456789012345678901234567890}
%% expect: true
%% expect: [{integer,0,123456789012345678901234567890}]
%% expect: {cons,3,{integer,3,97},{cons,3,{integer,3,255},{cons,3,{integer,3,955},{nil,3}}}}
%% expect: {cons,{2,3},{integer,{2,3},97},{cons,{2,3},{integer,{2,3},98},{nil,{2,3}}}}
%% expect: {badarg,{var,1,'X'}}
%% expect: [1]
%% expect: [{1,91},{1,86},{1,86},{1,86},{1,86},{1,86},{1,78},{1,74},{1,71},{1,69},{1,67},{1,63},{1,54},{1,48},{1,46},{1,47},{1,46},{1,41},{1,43},{1,35},{1,31},{1,31},{1,28},{1,27},{1,22},{1,10},{1,8},{1,8},{1,6},{1,3},{1,1},{1,1}]
%% expect: {function,1,f,2,[{clause,1,[{var,3,'A'},{bin,6,[{bin_element,8,{var,8,'B'},{integer,10,2},[c]}]}],[[{var,22,'A'}]],[{lc,27,{record,28,r,[{record_field,31,{atom,31,x},{var,35,'X'}}]},[{generate,43,{var,41,'X'},{call,46,{remote,47,{atom,46,g},{atom,48,h}},[]}}]},{'fun',54,{function,k,1}},{'fun',63,{function,{atom,67,m},{atom,69,k},{integer,71,2}}},{'try',74,[{atom,78,a}],[],[{clause,86,[{tuple,86,[{atom,86,throw},{var,86,'_'},{var,86,'_'}]}],[],[{atom,91,b}]}],[]}]}]}
%% expect: {{function,0,f,2,[{clause,1,[{var,2,'A'},{bin,3,[{bin_element,4,{var,5,'B'},{integer,6,2},[c]}]}],[[{var,7,'A'}]],[{lc,8,{record,9,r,[{record_field,10,{atom,11,x},{var,12,'X'}}]},[{generate,13,{var,14,'X'},{call,15,{remote,16,{atom,17,g},{atom,18,h}},[]}}]},{'fun',19,{function,k,1}},{'fun',20,{function,{atom,21,m},{atom,22,k},{integer,23,2}}},{'try',24,[{atom,25,a}],[],[{clause,26,[{tuple,27,[{atom,28,throw},{var,29,'_'},{var,30,'_'}]}],[],[{atom,31,b}]}],[]}]}]},32}
%% expect: [{150,100,100},{150,100,100},{160,150,150},{200,160,160},{300,200,300},{400,300,300},{400,400,500},{500,500,600},{800,700,800},{900,800,900},{900,900,1000}]
%% expect: [{700,100},{600,700},{600,700},{600,700},{700,800}]
%% expect: [{150,150,160},{180,170,170},{300,200,300},{400,400,500},{500,500,600},{800,700,800}]
%% expect: {800,700} 900
