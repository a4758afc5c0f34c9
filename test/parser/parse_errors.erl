%% SPDX-License-Identifier: Apache-2.0
%% What is wrong with a form, and where.
-module(parse_errors).
-export([main/0]).

main() ->
    [run(F) || F <- forms()],
    [run_exprs(E) || E <- exprs()],
    [run_term(T) || T <- terms()],
    ok.

run(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    show(erl_parse:parse_form(Tokens)).

run_exprs(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    show(erl_parse:parse_exprs(Tokens)).

run_term(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    show(erl_parse:parse_term(Tokens)).

show({ok, Form}) ->
    io:format("~tw~n", [Form]);
show({error, {Location, Module, Descriptor}}) ->
    io:format("~w ~w: ~ts~n", [Location, Module,
                               Module:format_error(Descriptor)]).

forms() ->
    ["f() -> .", "f() -> a", "f() -> a b.", "f() -> 'a b' 'c d'.",
     "f() -> a \"b\\n\".", "f() -> a 1.5.", "f() -> a $\\n.", "f() -> a X.",
     "f() -> a case.", "f() -> (a.", "f() -> [a,].", "f() -> {a,,b}.",
     "f() -> A == B == C.", "f() -> A + B == C andalso D < E < F.",
     "f() -> - - -.", "f() -> a + * b.", "f() -> a:b:c.", "f() -> f()().",
     "f() -> X#r.a(1).", "f() -> X#{a => 1}#r.b.", "f() -> #{a, b}.",
     "f() -> case X of end.", "f() -> if a -> b; end.", "f() -> receive end.",
     "f() -> try a end.", "f() -> try a catch b end.", "f() -> fun f/X.",
     "f() -> fun(X) -> a; (X, Y) -> b end.", "f() -> fun F(X) -> a; (Y) -> b end.",
     "f() -> a; g() -> b.", "f() -> a; f(X) -> b.", "f() -> <<a, b:8/c-d:e>>.",
     "f() -> <<-a || a <- b>>.", "f() -> [X || (<<X>>) <= B].",
     "f() -> [X || X <= B].", "f([X || X <- Y]) -> a.", "f(g()) -> a.",
     "f() when a -> b", "f(a", "f", "",
     "-module(1).", "-module(a, [B]).", "-export(a).", "-export([a/b]).",
     "-export([1/b]).", "-import(a, b).", "-record(a).",
     "-record(a, b).", "-record(a, {1}).", "-record(a, {b, c = 1, d :: e()}).",
     "-file(a).", "-foo(a, b).", "-foo(f(x)).", "-foo([a/1, {b/2}, #{c => d/3}]).",
     "-foo a.", "-foo(<<1, 2:16/little, \"ab\">>).", "-foo(-1).", "-foo(fun a:b/1).",
     "-type a(_) :: b.", "-type a(b) :: c.", "-type a :: b.", "-type a() :: .",
     "-type a() :: b | {c, [d()]} | fun((e) -> f) | #{g => h} | <<_:8, _:_*2>>.",
     "-type a() :: 1..2 | -1 | <<_:A>> | #r{x :: y()} | [z, ...] | X :: w.",
     "-type a() :: <<X:8>>.", "-type a() :: integer", "-opaque a() :: [].",
     "-spec f(a) -> b; (c) -> d when X :: e, is_subtype(Y, f).",
     "-spec f(a) -> b when foo(X, Y).", "-spec m:f() -> a.", "-spec f().",
     "-callback f(X :: a) -> b.", "-spec f(a) -> b when _ :: c.",
     "-if(a).", "-a(b).c.", "-spec.", "foo.", "a b.", ". ", "1.",
     "f() -> case a of b -> c; end.", "f() -> begin end.", "f() -> [a|b,c].",
     "f() -> #r{a}.", "f() -> X = catch 1 + 2.", "f() -> 1 + catch 2 * 3.",
     "f() -> -catch a.", "f() -> A = B ! C = D.", "f() -> a -- b -- c ++ d.",
     "f() -> not A == B.", "f() -> (fun() -> a end)().", "f() -> a:b().c.",
     "f(X = {A, #{b := C}}, #r{_ = '_'}, -1, \"a\" \"b\") -> a.",
     "f() -> try A of B -> C catch D -> E; x:F -> G; H:I:J when K -> L after M end.",
     %% An action that fails before the text ends, or after it was given up.
     "-module module(x)", "-export([f(x)])", "-record(1, {a})",
     "f(X) -> 1; g(X) -> 2", "-foo(X+1)",
     "-type t() :: <<X:4/integer-unit:8>>.", "-type t() :: <<X:4/integer>>.",
     "-type t() :: <<_:_ * 4, _:3>>.", "-type t() :: a:8.",
     "-type t() :: <<X:(4 *)>>."].

exprs() ->
    ["a.", "a, b.", "a b.", "a; b.", "a when b.", "A = 1, B = A.",
     "f(.", "case.", "{a, [.", "begin a end"].

terms() ->
    ["a.", "{a, [1, 2.5, -3, \"s\", $c], #{k => v}}.", "a, b.", "f().", "X.",
     "<<1, 2>>.", "[a|b].", "1 + 2.", "{a, X}.", "- a.", "fun a:b/1.", ""].

%% expect: {1,8} erl_parse: syntax error before: '.'
%% expect: {1,8} erl_parse: syntax error before: 
%% expect: {1,10} erl_parse: syntax error before: b
%% expect: {1,14} erl_parse: syntax error before: 'c d'
%% expect: {1,10} erl_parse: syntax error before: "b\n"
%% expect: {1,10} erl_parse: syntax error before: 1.5
%% expect: {1,10} erl_parse: syntax error before: $\n
%% expect: {1,10} erl_parse: syntax error before: X
%% expect: {1,10} erl_parse: syntax error before: 'case'
%% expect: {1,10} erl_parse: syntax error before: '.'
%% expect: {1,11} erl_parse: syntax error before: ']'
%% expect: {1,11} erl_parse: syntax error before: ','
%% expect: {1,15} erl_parse: syntax error before: '=='
%% expect: {1,33} erl_parse: syntax error before: '<'
%% expect: {1,13} erl_parse: syntax error before: '.'
%% expect: {1,12} erl_parse: syntax error before: '*'
%% expect: {1,11} erl_parse: syntax error before: ':'
%% expect: {1,11} erl_parse: syntax error before: '('
%% expect: {1,13} erl_parse: syntax error before: '('
%% expect: {1,19} erl_parse: syntax error before: r
%% expect: {1,11} erl_parse: syntax error before: ','
%% expect: {1,18} erl_parse: syntax error before: 'end'
%% expect: {1,19} erl_parse: syntax error before: 'end'
%% expect: {1,16} erl_parse: syntax error before: 'end'
%% expect: {1,14} erl_parse: syntax error before: 'end'
%% expect: {1,22} erl_parse: syntax error before: 'end'
%% expect: {1,14} erl_parse: syntax error before: X
%% expect: {1,21} erl_parse: head mismatch
%% expect: {1,23} erl_parse: head mismatch
%% expect: {1,11} erl_parse: head mismatch
%% expect: {1,11} erl_parse: head mismatch
%% expect: {1,21} erl_parse: syntax error before: e
%% expect: {1,13} erl_parse: syntax error before: '||'
%% expect: {1,22} erl_parse: syntax error before: '<='
%% expect: {1,16} erl_parse: syntax error before: '<='
%% expect: {1,6} erl_parse: syntax error before: '||'
%% expect: {1,4} erl_parse: syntax error before: '('
%% expect: {1,15} erl_parse: syntax error before: 
%% expect: {1,3} erl_parse: syntax error before: 
%% expect: {1,1} erl_parse: syntax error before: 
%% expect: 999999 erl_parse: syntax error before: 
%% expect: {1,9} erl_parse: bad module declaration
%% expect: {attribute,{1,2},module,{a,['B']}}
%% expect: {1,9} erl_parse: bad Name/Arity
%% expect: {1,12} erl_parse: bad function arity
%% expect: {1,10} erl_parse: bad function name
%% expect: {1,12} erl_parse: bad Name/Arity
%% expect: {1,9} erl_parse: bad record declaration
%% expect: {1,12} erl_parse: bad record declaration
%% expect: {1,13} erl_parse: bad record field
%% expect: {attribute,{1,2},record,{a,[{record_field,{1,13},{atom,{1,13},b}},{record_field,{1,16},{atom,{1,16},c},{integer,{1,20},1}},{typed_record_field,{record_field,{1,23},{atom,{1,23},d}},{user_type,{1,28},e,[]}}]}}
%% expect: {1,7} erl_parse: bad file declaration
%% expect: {1,9} erl_parse: bad attribute
%% expect: {1,6} erl_parse: bad attribute
%% expect: {attribute,{1,2},foo,[{a,1},{{b,2}},#{c => {d,3}}]}
%% expect: {attribute,{1,2},foo,a}
%% expect: {attribute,{1,2},foo,<<1,2,0,97,98>>}
%% expect: {attribute,{1,2},foo,-1}
%% expect: {attribute,{1,2},foo,fun a:b/1}
%% expect: {1,9} erl_parse: bad type variable
%% expect: {1,9} erl_parse: bad type variable
%% expect: {1,2} erl_parse: bad type declaration
%% expect: {1,14} erl_parse: syntax error before: '.'
%% expect: {attribute,{1,2},type,{a,{type,{1,14},union,[{atom,{1,14},b},{type,{1,18},tuple,[{atom,{1,19},c},{type,{1,22},list,[{user_type,{1,23},d,[]}]}]},{type,{1,35},'fun',[{type,{1,35},product,[{atom,{1,36},e}]},{atom,{1,42},f}]},{type,{1,47},map,[{type,{1,51},map_field_assoc,[{atom,{1,49},g},{atom,{1,54},h}]}]},{type,{1,59},binary,[{integer,{1,63},8},{integer,{1,70},2}]}]},[]}}
%% expect: {attribute,{1,2},type,{a,{type,{1,14},union,[{type,{1,14},range,[{integer,{1,14},1},{integer,{1,17},2}]},{op,{1,21},'-',{integer,{1,22},1}},{type,{1,26},binary,[{var,{1,30},'A'},{integer,1,0}]},{type,{1,36},record,[{atom,{1,37},r},{type,{1,39},field_type,[{atom,{1,39},x},{user_type,{1,44},y,[]}]}]},{type,{1,51},nonempty_list,[{atom,{1,52},z}]},{ann_type,{1,62},[{var,{1,62},'X'},{atom,{1,67},w}]}]},[]}}
%% expect: {1,16} erl_parse: Bad binary type
%% expect: {1,14} erl_parse: syntax error before: 
%% expect: {attribute,{1,2},opaque,{a,{type,{1,16},nil,[]},[]}}
%% expect: {attribute,{1,2},spec,{{f,1},[{type,{1,8},'fun',[{type,{1,8},product,[{atom,{1,9},a}]},{atom,{1,15},b}]},{type,{1,18},bounded_fun,[{type,{1,18},'fun',[{type,{1,18},product,[{atom,{1,19},c}]},{atom,{1,25},d}]},[{type,{1,32},constraint,[{atom,{1,32},is_subtype},[{var,{1,32},'X'},{atom,{1,37},e}]]},{type,{1,51},constraint,[{atom,{1,51},is_subtype},[{var,{1,51},'Y'},{atom,{1,54},f}]]}]]}]}}
%% expect: {1,22} erl_parse: unsupported constraint foo
%% expect: {attribute,{1,2},spec,{{m,f,0},[{type,{1,10},'fun',[{type,{1,10},product,[]},{atom,{1,16},a}]}]}}
%% expect: {1,10} erl_parse: syntax error before: '.'
%% expect: {attribute,{1,2},callback,{{f,1},[{type,{1,12},'fun',[{type,{1,12},product,[{ann_type,{1,13},[{var,{1,13},'X'},{atom,{1,18},a}]}]},{atom,{1,24},b}]}]}}
%% expect: {1,22} erl_parse: bad type variable
%% expect: {1,2} erl_parse: syntax error before: 'if'
%% expect: {1,6} erl_parse: syntax error before: '.'
%% expect: {1,6} erl_parse: syntax error before: '.'
%% expect: {1,4} erl_parse: syntax error before: '.'
%% expect: {1,3} erl_parse: syntax error before: b
%% expect: {1,1} erl_parse: syntax error before: '.'
%% expect: {1,1} erl_parse: syntax error before: 1
%% expect: {1,26} erl_parse: syntax error before: 'end'
%% expect: {1,14} erl_parse: syntax error before: 'end'
%% expect: {1,12} erl_parse: syntax error before: ','
%% expect: {1,12} erl_parse: syntax error before: '}'
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{match,{1,8},{var,{1,8},'X'},{'catch',{1,12},{op,{1,20},'+',{integer,{1,18},1},{integer,{1,22},2}}}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{op,{1,10},'+',{integer,{1,8},1},{'catch',{1,12},{op,{1,20},'*',{integer,{1,18},2},{integer,{1,22},3}}}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{op,{1,8},'-',{'catch',{1,9},{atom,{1,15},a}}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{match,{1,8},{var,{1,8},'A'},{op,{1,14},'!',{var,{1,12},'B'},{match,{1,16},{var,{1,16},'C'},{var,{1,20},'D'}}}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{op,{1,10},'--',{atom,{1,8},a},{op,{1,15},'--',{atom,{1,13},b},{op,{1,20},'++',{atom,{1,18},c},{atom,{1,23},d}}}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{op,{1,14},'==',{op,{1,8},'not',{var,{1,12},'A'}},{var,{1,17},'B'}}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{call,{1,9},{'fun',{1,9},{clauses,[{clause,{1,12},[],[],[{atom,{1,18},a}]}]}},[]}]}]}
%% expect: {1,13} erl_parse: syntax error before: '.'
%% expect: {function,{1,1},f,4,[{clause,{1,1},[{match,{1,3},{var,{1,3},'X'},{tuple,{1,7},[{var,{1,8},'A'},{map,{1,11},[{map_field_exact,{1,15},{atom,{1,13},b},{var,{1,18},'C'}}]}]}},{record,{1,23},r,[{record_field,{1,26},{var,{1,26},'_'},{atom,{1,30},'_'}}]},{op,{1,36},'-',{integer,{1,37},1}},{string,{1,40},[97,98]}],[],[{atom,{1,52},a}]}]}
%% expect: {function,{1,1},f,0,[{clause,{1,1},[],[],[{'try',{1,8},[{var,{1,12},'A'}],[{clause,{1,17},[{var,{1,17},'B'}],[],[{var,{1,22},'C'}]}],[{clause,{1,30},[{tuple,{1,30},[{atom,{1,30},throw},{var,{1,30},'D'},{var,{1,30},'_'}]}],[],[{var,{1,35},'E'}]},{clause,{1,38},[{tuple,{1,38},[{atom,{1,38},x},{var,{1,40},'F'},{var,{1,40},'_'}]}],[],[{var,{1,45},'G'}]},{clause,{1,48},[{tuple,{1,48},[{var,{1,48},'H'},{var,{1,50},'I'},{var,{1,52},'J'}]}],[[{var,{1,59},'K'}]],[{var,{1,64},'L'}]}],[{var,{1,72},'M'}]}]}]}
%% expect: {1,9} erl_parse: bad module declaration
%% expect: {1,9} erl_parse: bad Name/Arity
%% expect: {1,9} erl_parse: bad record declaration
%% expect: {1,12} erl_parse: head mismatch
%% expect: {1,6} erl_parse: bad attribute
%% expect: {1,33} erl_parse: syntax error before: 8
%% expect: {1,16} erl_parse: Bad binary type
%% expect: {1,23} erl_parse: syntax error before: ','
%% expect: {1,16} erl_parse: syntax error before: 8
%% expect: {1,22} erl_parse: syntax error before: ')'
%% expect: [{atom,{1,1},a}]
%% expect: [{atom,{1,1},a},{atom,{1,4},b}]
%% expect: {1,3} erl_parse: syntax error before: b
%% expect: {1,5} erl_parse: syntax error before: '.'
%% expect: {1,3} erl_parse: syntax error before: 'when'
%% expect: [{match,{1,1},{var,{1,1},'A'},{integer,{1,5},1}},{match,{1,8},{var,{1,8},'B'},{var,{1,12},'A'}}]
%% expect: {1,3} erl_parse: syntax error before: '.'
%% expect: {1,5} erl_parse: syntax error before: '.'
%% expect: {1,6} erl_parse: syntax error before: '.'
%% expect: {1,9} erl_parse: syntax error before: 
%% expect: a
%% expect: {a,[1,2.5,-3,[115],99],#{k => v}}
%% expect: {1,4} erl_parse: bad term
%% expect: {1,1} erl_parse: bad term
%% expect: {1,1} erl_parse: bad term
%% expect: <<1,2>>
%% expect: [a|b]
%% expect: {1,1} erl_parse: bad term
%% expect: {1,1} erl_parse: bad term
%% expect: {1,1} erl_parse: bad term
%% expect: fun a:b/1
%% expect: 0 erl_parse: syntax error before: 
