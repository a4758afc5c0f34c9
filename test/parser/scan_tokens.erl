%% SPDX-License-Identifier: Apache-2.0
%% Tokens of every kind, with line and column, with options, and in pieces.
-module(scan_tokens).
-export([main/0]).

main() ->
    [show(erl_scan:string(S, {1, 1})) || S <- literals()],
    [show(erl_scan:string(S, 7, [return])) || S <- spaces()],
    io:format("~p~n", [erl_scan:string("a 'b c' X.\n", {1, 1}, [text])]),
    Reserved = fun(W) -> W =:= foo end,
    io:format("~p~n", [erl_scan:string("foo case 'foo'", 1,
                                       [{reserved_word_fun, Reserved}])]),
    Texts = fun(Category, Text) -> Category =:= integer andalso Text =/= "1" end,
    io:format("~p~n", [erl_scan:string("1 16#f a", 1, [{text_fun, Texts}])]),
    pieces(),
    {ok, [T | _], _} = erl_scan:string("'abc d'", {3, 4}, [text]),
    io:format("~p~n", [[erl_scan:category(T), erl_scan:symbol(T),
                        erl_scan:line(T), erl_scan:column(T),
                        erl_scan:location(T), erl_scan:text(T),
                        erl_scan:end_location(T)]]),
    io:format("~p~n", [[W || W <- ['case', 'maybe', foo, 'cond'],
                             erl_scan:reserved_word(W)]]).

%% In ASCII, whatever the terminal takes.
show(Term) ->
    Text = lists:flatten(io_lib:format("~tw", [Term])),
    io:format("~s~n", [[if C < 127 -> C; true -> io_lib:format("\\x{~.16B}", [C])
                        end || C <- Text]]).

literals() ->
    ["1 0 123456789012345678901234567890 1_000 2#101 16#fF 36#zz 1#0 37#1",
     "16#", "16#g", "1_", "1__0", "1.5 1.5e3 1.0e-10 1_0.0_1 1.e5 1.5e",
     "1.0e400", "$a $\\n $\\x41 $\\x{1F600} $\\^a $\\101 $\\s $\\\\ $'",
     "$", "$\\", "$\\x{110000}", "$\\x4", "\"a\\tb\\x{3bb}\\n\" \"\" \"λ\"",
     "\"a\nb\" c", "\"abc", "\"abc\\", "\"a\\x{zz}\"",
     "'a b' '' 'λ' 'it\\'s' abc@d_1 'abc", "Xyz _ _a Öl öl É",
     "( ) [ ] { } , ; : :: := = == =:= =/= =< => < > >= << >> <- <= -> - --",
     "+ ++ * / /= | || ! ? ?= # . .. ... @ \\ ^ `",
     "a.b a. b.%c\nc", "case of end when fun try catch bnot andalso xor",
     "«a» \t\f\v\r\n x", "ab\x{80}c", "\x{3bb}", [16#d800], [$", 16#d800, $"],
     [$%, 16#d800, $\n, $a], "a % comment\nb"].

spaces() ->
    ["  a\n   b\n\n\tc % x\n", "\r\n \r\t\t ", [$\s || _ <- lists:seq(1, 40)],
     [$\n | [$\s || _ <- lists:seq(1, 40)]], "\n\n\f\f\v ", "%\n%% a"].

%% A form that arrives in all possible two pieces gives the same tokens.
pieces() ->
    Text = "foo(X) -> \"a\\x{3bb}b\" ++ 'q r' =:= 1.5e3, $\\n. % c\nbar",
    {done, Whole, Rest} = erl_scan:tokens([], Text, {1, 1}),
    io:format("~w ~s~n", [Whole, Rest]),
    [begin
         {A, B} = lists:split(N, Text),
         case erl_scan:tokens([], A, {1, 1}) of
             {more, Cont} ->
                 {done, Whole, _} = erl_scan:tokens(Cont, B, {9, 9});
             {done, Whole, _} -> ok
         end
     end || N <- lists:seq(0, length(Text))],
    {more, C} = erl_scan:tokens([], "a b", 1),
    io:format("~w~n", [erl_scan:tokens(C, eof, 1)]),
    {more, C1} = erl_scan:tokens([], " \n ", 1),
    io:format("~w~n", [erl_scan:tokens(C1, eof, 1)]),
    {more, C2} = erl_scan:tokens([], "\"ab", 1),
    io:format("~w~n", [erl_scan:tokens(C2, eof, 1)]).

%% expect: {error,{{1,60},erl_scan,{base,1}},{1,61}}
%% expect: {error,{{1,1},erl_scan,{illegal,integer}},{1,4}}
%% expect: {error,{{1,1},erl_scan,{illegal,integer}},{1,4}}
%% expect: {ok,[{integer,{1,1},1},{var,{1,2},'_'}],{1,3}}
%% expect: {ok,[{integer,{1,1},1},{var,{1,2},'__0'}],{1,5}}
%% expect: {error,{{1,32},erl_scan,{illegal,float}},{1,36}}
%% expect: {error,{{1,1},erl_scan,{illegal,float}},{1,8}}
%% expect: {ok,[{char,{1,1},97},{char,{1,4},10},{char,{1,8},65},{char,{1,14},128512},{char,{1,25},1},{char,{1,30},65},{char,{1,36},32},{char,{1,40},92},{char,{1,44},39}],{1,46}}
%% expect: {error,{{1,1},erl_scan,char},{1,2}}
%% expect: {error,{{1,1},erl_scan,char},{1,3}}
%% expect: {error,{{1,1},erl_scan,{illegal,character}},{1,12}}
%% expect: {error,{{1,1},erl_scan,{illegal,character}},{1,4}}
%% expect: {ok,[{string,{1,1},[97,9,98,955,10]},{string,{1,17},[]},{string,{1,20},[955]}],{1,23}}
%% expect: {ok,[{string,{1,1},[97,10,98]},{atom,{2,4},c}],{2,5}}
%% expect: {error,{{1,1},erl_scan,{string,34,[97,98,99]}},{1,5}}
%% expect: {error,{{1,1},erl_scan,{string,34,[97,98,99]}},{1,6}}
%% expect: {error,{{1,3},erl_scan,{illegal,character}},{1,6}}
%% expect: {error,{{1,30},erl_scan,{string,39,[97,98,99]}},{1,34}}
%% expect: {ok,[{var,{1,1},'Xyz'},{var,{1,5},'_'},{var,{1,7},'_a'},{var,{1,10},'\x{D6}l'},{atom,{1,13},\x{F6}l},{var,{1,16},'\x{C9}'}],{1,17}}
%% expect: {ok,[{'(',{1,1}},{')',{1,3}},{'[',{1,5}},{']',{1,7}},{'{',{1,9}},{'}',{1,11}},{',',{1,13}},{';',{1,15}},{':',{1,17}},{'::',{1,19}},{':=',{1,22}},{'=',{1,25}},{'==',{1,27}},{'=:=',{1,30}},{'=/=',{1,34}},{'=<',{1,38}},{'=>',{1,41}},{'<',{1,44}},{'>',{1,46}},{'>=',{1,48}},{'<<',{1,51}},{'>>',{1,54}},{'<-',{1,57}},{'<=',{1,60}},{'->',{1,63}},{'-',{1,66}},{'--',{1,68}}],{1,70}}
%% expect: {ok,[{'+',{1,1}},{'++',{1,3}},{'*',{1,6}},{'/',{1,8}},{'/=',{1,10}},{'|',{1,13}},{'||',{1,15}},{'!',{1,18}},{'?',{1,20}},{'?=',{1,22}},{'#',{1,25}},{dot,{1,27}},{'..',{1,29}},{'...',{1,32}},{'@',{1,36}},{'\\',{1,38}},{'^',{1,40}},{'`',{1,42}}],{1,43}}
%% expect: {ok,[{atom,{1,1},a},{'.',{1,2}},{atom,{1,3},b},{atom,{1,5},a},{dot,{1,6}},{atom,{1,8},b},{dot,{1,9}},{atom,{2,1},c}],{2,2}}
%% expect: {ok,[{'case',{1,1}},{'of',{1,6}},{'end',{1,9}},{'when',{1,13}},{'fun',{1,18}},{'try',{1,22}},{'catch',{1,26}},{'bnot',{1,32}},{'andalso',{1,37}},{'xor',{1,45}}],{1,48}}
%% expect: {ok,[{'\x{AB}',{1,1}},{atom,{1,2},a},{'\x{BB}',{1,3}},{atom,{2,2},x}],{2,3}}
%% expect: {ok,[{atom,{1,1},ab},{atom,{1,4},c}],{1,5}}
%% expect: {error,{{1,1},erl_scan,{illegal,character}},{1,2}}
%% expect: {error,{{1,1},erl_scan,{illegal,character}},{1,2}}
%% expect: {error,{{1,2},erl_scan,{illegal,character}},{1,3}}
%% expect: {error,{{1,1},erl_scan,{illegal,character}},{1,3}}
%% expect: {ok,[{atom,{1,1},a},{atom,{2,1},b}],{2,2}}
%% expect: {ok,[{white_space,7,[32,32]},{atom,7,a},{white_space,7,[10,32,32,32]},{atom,8,b},{white_space,8,[10]},{white_space,9,[10,9]},{atom,10,c},{white_space,10,[32]},{comment,10,[37,32,120]},{white_space,10,[10]}],11}
%% expect: {ok,[{white_space,7,[13]},{white_space,7,[10,32]},{white_space,8,[13]},{white_space,8,[9,9]},{white_space,8,[32]}],8}
%% expect: {ok,[{white_space,7,[32,32,32,32,32,32,32,32,32,32,32,32,32,32,32,32]},{white_space,7,[32,32,32,32,32,32,32,32,32,32,32,32,32,32,32,32]},{white_space,7,[32,32,32,32,32,32,32,32]}],7}
%% expect: {ok,[{white_space,7,[10,32,32,32,32,32,32,32,32,32,32,32,32,32,32,32,32]},{white_space,8,[32,32,32,32,32,32,32,32,32,32,32,32,32,32,32,32]},{white_space,8,[32,32,32,32,32,32,32,32]}],8}
%% expect: {ok,[{white_space,7,[10]},{white_space,8,[10,12]},{white_space,9,[12,11,32]}],9}
%% expect: {ok,[{comment,7,[37]},{white_space,7,[10]},{comment,8,[37,37,32,97]}],8}
%% expect: {ok,[{atom,[{text,"a"},{location,{1,1}}],a},
%% expect:      {atom,[{text,"'b c'"},{location,{1,3}}],'b c'},
%% expect:      {var,[{text,"X"},{location,{1,9}}],'X'},
%% expect:      {dot,[{text,".\n"},{location,{1,10}}]}],
%% expect:     {2,1}}
%% expect: {ok,[{foo,1},{atom,1,'case'},{atom,1,foo}],1}
%% expect: {ok,[{integer,1,1},{integer,[{text,"16#f"},{location,1}],15},{atom,1,a}],1}
%% expect: {ok,[{atom,{1,1},foo},{'(',{1,4}},{var,{1,5},'X'},{')',{1,6}},{'->',{1,8}},{string,{1,11},[97,955,98]},{'++',{1,23}},{atom,{1,26},'q r'},{'=:=',{1,32}},{float,{1,36},1.5e3},{',',{1,41}},{char,{1,43},10},{dot,{1,46}}],{1,48}} % c
%% expect: bar
%% expect: {done,{ok,[{atom,1,a},{atom,1,b}],1},eof}
%% expect: {done,{eof,2},eof}
%% expect: {done,{error,{1,erl_scan,{string,34,[97,98]}},1},eof}
%% expect: [atom,'abc d',3,4,{3,4},"'abc d'",{3,11}]
%% expect: ['case','cond']
