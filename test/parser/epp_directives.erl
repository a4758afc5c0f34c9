%% SPDX-License-Identifier: Apache-2.0
%% Directives and macros of the preprocessor, right and wrong ones: the forms
%% and errors of small files.
-module(epp_directives).
-export([main/0, cases/0]).

main() ->
    ok = file:write_file("inc.hrl", "-define(INC, inc).\ninc() -> ?LINE.\n"),
    ok = file:write_file("open.hrl", "-ifdef(A).\n-define(B, b).\n"),
    ok = file:write_file("deep.hrl", "-include(\"deep.hrl\").\n"),
    [run(Text) || Text <- cases()],
    ok.

run(Text) ->
    ok = file:write_file("m.erl", Text),
    {ok, [_ | Forms]} = epp:parse_file("m.erl", [{location, {1, 1}}]),
    [io:format("~tw~n", [F]) || F <- Forms],
    {ok, [_ | Short]} = epp:parse_file("m.erl", []),
    io:format("~w~n", [length(Short)]),
    [io:format("~ts~n", [M:format_error(D)])
     || {Tag, {_, M, D}} <- Forms, Tag =:= error orelse Tag =:= warning].

cases() ->
    [%% macros
     "-define(A, 1).\n-define(B(X), {X, ?A}).\na() -> {?A, ?B(x), ?B({1,2})}.\n",
     "-define(A, 1).\n-define(A(X), X).\n-define(A(X,Y), X+Y).\na() -> [?A, ?A(2), ?A(3,4)].\n",
     "-define(S(X), ??X).\na() -> ?S(f(X, \"y\", $z, 'A b', 1.5)).\n",
     "-define(A, ?B).\n-define(B, ?A).\na() -> ?A.\n",
     "-define(A(X), ?B(X)).\n-define(B(X), ?A(X)).\na() -> ?A(1).\n",
     "-define(A(), 1).\na() -> ?A().\nb() -> ?A.\nc() -> ?A(1).\n",
     "-define(A(X), X).\na() -> ?A(1, 2).\nb() -> ?A(.\n",
     "-define(A(X,Y), X).\na() -> ?A(,1).\nb() -> ?A(1,).\nc() -> ?A(1,,2).\n",
     "-define(A(X), X).\na() -> ?A(fun(Y, Z) -> {Y, Z} end).\nb() -> ?A(begin 1, 2 end).\nc() -> ?A(<<1, 2>>).\n",
     "-define(A(X), X).\na() -> ?A(fun N(Y, Z) -> {Y, Z} end).\nb() -> ?A(fun a/0).\nc() -> ?A(case 1 of 1 -> 2, 3 end).\n",
     "-define(A, f().\n",
     "-define(A, f()\n",
     "-define(A(X, f()).\n",
     "-define(A(X, X), f()).\n",
     "-define(A(x), f()).\n-define(A(X) f()).\n-define(A(X)).\n-define(A(X,), 1).\n",
     "-define.\n-define(1, 2).\n-define(A).\n-define(A;1).\n",
     "-define(A, 1).\n-define(A, 2).\n-define(FILE, 3).\n-define(MODULE, 3).\n-define(A(X), 3).\n",
     "-define(A(X), ?B(X,)).\n",
     "-module(m).\na() -> {?MODULE, ?MODULE_STRING, ?LINE, ?FILE}.\n",
     "a() -> ?MODULE.\nb() -> ?MACHINE.\nc() -> {?OTP_RELEASE, ?BEAM}.\n",
     "a(_, {_, _}) -> {?FUNCTION_NAME, ?FUNCTION_ARITY}.\nb() -> ?FUNCTION_ARITY.\n",
     "-define(F, ?FUNCTION_NAME).\n-compile(?F).\n?FUNCTION_NAME() -> 1.\na(X) -> {?F, X}.\n",
     "-define(H, a(X, Y)).\n?H -> {?FUNCTION_NAME, ?FUNCTION_ARITY}.\n",
     "a() -> {?FEATURE_AVAILABLE(maybe_expr), ?FEATURE_ENABLED(maybe_expr)}.\n",
     "a() -> ?NO.\nb() -> ?NO(1).\nc() -> ?(.\nd() -> ?1.\ne() -> ?\"s\".\nf() -> ?case.\n",
     "-define(A(X), X).\na() -> ?A().\n",
     "-define(A, 1).\n-undef(A).\n-undef(B).\na() -> ?A.\n-undef(1).\n-undef.\n",
     "-define(A, a).\n?A() -> 1.\n-define(Q, ?).\na() -> ?Q A.\n",
     "-define(A(X), X X).\na() -> ?A(\"s\").\n",
     "-define(A, 'b c').\na() -> ?A.\n-define('c d', 1).\nb() -> ?'c d'.\n",
     %% conditions
     "-ifdef(A).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-ifndef(A).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-define(A, 1).\n-ifdef(A).\n-ifdef(B).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n-else.\na() -> 3.\n-endif.\n",
     "-ifdef(A).\na() -> 1.\n",
     "-ifdef(A).\n-ifdef(B).\na() -> 1.\n",
     "-ifndef(A).\na() -> 1.\n",
     "-else.\n-endif.\n-elif(true).\n",
     "-ifdef(A).\n-else.\n-else.\na() -> 1.\n-endif.\n",
     "-ifndef(A).\na() -> 1.\n-else.\n-else.\n-endif.\nb() -> 1.\n",
     "-ifdef(1).\na() -> 1.\n-endif.\nb() -> 2.\n-ifdef.\n-endif.\n",
     "-if(1 + 1 =:= 2).\na() -> 1.\n-elif(true).\na() -> 2.\n-else.\na() -> 3.\n-endif.\n",
     "-if(false).\na() -> 1.\n-elif(?OTP_RELEASE >= 21).\na() -> 2.\n-else.\na() -> 3.\n-endif.\n",
     "-if(false).\na() -> 1.\n-elif(no).\na() -> 2.\n-else.\na() -> 3.\n-endif.\n",
     "-if(defined(A) orelse not defined(B)).\na() -> 1.\n-endif.\n-if(defined(1)).\n-endif.\n",
     "-if(foo(1)).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-if(self()).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-if(X = 1).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-if(1 +).\na() -> 1.\n-endif.\n-if true.\n-endif.\n-if(?NO).\n-endif.\n",
     "-if(is_list(\"a\") andalso length([1,2]) > 1).\na() -> 1.\n-endif.\n",
     "-if(element(1, {a, b}) == a).\na() -> 1.\n-endif.\n-if(map_size(#{a => 1}) =:= 1).\nb() -> 1.\n-endif.\n",
     "-if(1 / 0 > 1).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-if(false).\n-elif(1 +).\n-else.\na() -> 2.\n-endif.\n",
     "-if(false).\n-else.\n-elif(true).\na() -> 2.\n-endif.\n",
     "-if(true).\n-else.\n-elif(true).\na() -> 2.\n-endif.\n",
     "-if(true, false).\na() -> 1.\n-endif.\n",
     "-ifdef(A).\na() -> 2#3.\nb() -> $.\n-endif.\nc() -> 1.\n",
     %% messages
     "-error(\"no\").\n-warning({a, 1}).\n-error(f()).\n-error.\n-warning(?LINE).\n-error \"x\".\n",
     %% files
     "-include(\"inc.hrl\").\na() -> ?INC.\nb() -> ?FILE.\n",
     "-include(\"no.hrl\").\n-include(\"in\" \"c.hrl\").\n-include(1).\n-include.\n",
     "-include(\"open.hrl\").\na() -> 1.\n",
     "-include_lib(\"no_such/include/no.hrl\").\n-include_lib(\"inc.hrl\").\n-include_lib(a).\n",
     "-include(\"$NO_VAR/no.hrl\").\n",
     "-file(\"other.erl\", 10).\na() -> {?FILE, ?LINE}.\n-include(\"inc.hrl\").\nb() -> ?FILE.\n-file(x).\n",
     "-file(\"a.erl\", 5).\na() -> 1.\n-file(\"b.erl\", 1).\nb() -> 1.\n",
     %% features
     "-feature(maybe_expr, enable).\n-module(m).\na() -> maybe 1 ?= 2, 3 else _ -> 4 end.\n",
     "-module(m).\n-feature(maybe_expr, enable).\n-if(?FEATURE_ENABLED(maybe_expr)).\na() -> 1.\n-else.\na() -> 2.\n-endif.\n",
     "-module(m).\n-export([a/0]).\n-feature(maybe_expr, enable).\n",
     "-feature(no_such, enable).\n-feature(maybe_expr, often).\n-feature(1).\n-feature.\n",
     "a() -> maybe.\nb() -> else.\nc() -> {'maybe', 'else'}.\n",
     %% tokens
     "a() -> 'abc.\n",
     "a() -> 2#3.\nb() -> 1.\n",
     "a() -> $",
     "a() -> ok",
     "a() -> ok. % end",
     "a() -> ok. b() -> ok.\n\n\n",
     "a() -> \"\\x{110000}\".\nb() -> 1.\n",
     "",
     "% nothing\n",
     "-",
     "-.\n",
     "-module(m).\n-foo(\n",
     [<<"%% coding: latin-1\na() -> \"">>, 229, <<"\".\n">>],
     <<"%% coding: utf-8\na() -> \"å\".\n"/utf8>>,
     [<<"a() -> 1.\nb() -> \"">>, 229, <<"\".\nc() -> 1.\n">>],
     [<<"-ifdef(A).\nb() -> \"">>, 229, <<"\".\n-endif.\nc() -> 1.\n">>]].

%% expect: {function,{3,1},a,0,[{clause,{3,1},[],[],[{tuple,{3,8},[{integer,{3,10},1},{tuple,{3,14},[{atom,{3,16},x},{integer,{3,16},1}]},{tuple,{3,21},[{tuple,{3,23},[{integer,{3,24},1},{integer,{3,26},2}]},{integer,{3,27},1}]}]}]}]}
%% expect: {eof,{4,1}}
%% expect: 2
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{cons,{4,8},{integer,{4,10},1},{cons,{4,16},{integer,{4,16},2},{cons,{4,23},{op,{4,23},'+',{integer,{4,23},3},{integer,{4,25},4}},{nil,{4,27}}}}}]}]}
%% expect: {eof,{5,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{string,{2,9},[102,32,40,32,88,32,44,32,34,121,34,32,44,32,36,122,32,44,32,39,65,32,98,39,32,44,32,49,46,53,32,41]}]}]}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: {error,{{3,9},epp,{circular,'A',none}}}
%% expect: {eof,{4,1}}
%% expect: 2
%% expect: circular macro 'A'
%% expect: {error,{{3,9},epp,{circular,'A',1}}}
%% expect: {eof,{4,1}}
%% expect: 2
%% expect: circular macro 'A/1'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,9},1}]}]}
%% expect: {error,{{3,9},epp,{mismatch,'A'}}}
%% expect: {error,{{4,9},epp,{mismatch,'A'}}}
%% expect: {eof,{5,1}}
%% expect: 4
%% expect: argument mismatch for macro 'A'
%% expect: argument mismatch for macro 'A'
%% expect: {error,{{2,9},epp,{mismatch,'A'}}}
%% expect: {error,{{3,9},epp,{arg_error,'A'}}}
%% expect: {eof,{4,1}}
%% expect: 3
%% expect: argument mismatch for macro 'A'
%% expect: badly formed argument for macro 'A'
%% expect: {error,{{2,9},epp,{arg_error,'A'}}}
%% expect: {error,{{3,9},epp,{arg_error,'A'}}}
%% expect: {error,{{4,9},epp,{mismatch,'A'}}}
%% expect: {eof,{5,1}}
%% expect: 4
%% expect: badly formed argument for macro 'A'
%% expect: badly formed argument for macro 'A'
%% expect: argument mismatch for macro 'A'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{'fun',{2,11},{clauses,[{clause,{2,14},[{var,{2,15},'Y'},{var,{2,18},'Z'}],[],[{tuple,{2,24},[{var,{2,25},'Y'},{var,{2,28},'Z'}]}]}]}}]}]}
%% expect: {function,{3,1},b,0,[{clause,{3,1},[],[],[{block,{3,11},[{integer,{3,17},1},{integer,{3,20},2}]}]}]}
%% expect: {function,{4,1},c,0,[{clause,{4,1},[],[],[{bin,{4,11},[{bin_element,{4,13},{integer,{4,13},1},default,default},{bin_element,{4,16},{integer,{4,16},2},default,default}]}]}]}
%% expect: {eof,{5,1}}
%% expect: 4
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{named_fun,{2,11},'N',[{clause,{2,15},[{var,{2,17},'Y'},{var,{2,20},'Z'}],[],[{tuple,{2,26},[{var,{2,27},'Y'},{var,{2,30},'Z'}]}]}]}]}]}
%% expect: {function,{3,1},b,0,[{clause,{3,1},[],[],[{'fun',{3,11},{function,a,0}}]}]}
%% expect: {function,{4,1},c,0,[{clause,{4,1},[],[],[{'case',{4,11},{integer,{4,16},1},[{clause,{4,21},[{integer,{4,21},1}],[],[{integer,{4,26},2},{integer,{4,29},3}]}]}]}]}
%% expect: {eof,{5,1}}
%% expect: 4
%% expect: {eof,{2,1}}
%% expect: 1
%% expect: {error,{{1,14},epp,premature_end}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: premature end
%% expect: {error,{{1,12},epp,{bad,define}}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: badly formed 'define'
%% expect: {error,{{1,14},epp,{duplicated_argument,'X'}}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: argument 'X' already used
%% expect: {error,{{1,11},epp,{bad,define}}}
%% expect: {error,{{2,14},epp,missing_comma}}
%% expect: {error,{{3,13},epp,missing_comma}}
%% expect: {error,{{4,12},epp,{bad,define}}}
%% expect: {eof,{5,1}}
%% expect: 5
%% expect: badly formed 'define'
%% expect: badly formed define: missing comma
%% expect: badly formed define: missing comma
%% expect: badly formed 'define'
%% expect: {error,{{1,8},epp,{bad,define}}}
%% expect: {error,{{2,9},epp,{bad,define}}}
%% expect: {error,{{3,10},epp,{bad,define}}}
%% expect: {error,{{4,10},epp,{bad,define}}}
%% expect: {eof,{5,1}}
%% expect: 5
%% expect: badly formed 'define'
%% expect: badly formed 'define'
%% expect: badly formed 'define'
%% expect: badly formed 'define'
%% expect: {error,{{2,9},epp,{redefine,'A'}}}
%% expect: {error,{{3,9},epp,{redefine_predef,'FILE'}}}
%% expect: {error,{{4,9},epp,{redefine_predef,'MODULE'}}}
%% expect: {eof,{6,1}}
%% expect: 4
%% expect: redefining macro 'A'
%% expect: redefining predefined macro 'FILE'
%% expect: redefining predefined macro 'MODULE'
%% expect: {error,{{1,16},epp,{arg_error,'B'}}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: badly formed argument for macro 'B'
%% expect: {attribute,{1,2},module,m}
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{atom,{2,10},m},{string,{2,19},[109]},{integer,{2,35},2},{string,{2,42},[109,46,101,114,108]}]}]}]}
%% expect: {eof,{3,1}}
%% expect: 3
%% expect: {error,{{1,9},epp,{undefined,'MODULE',none}}}
%% expect: {function,{2,1},b,0,[{clause,{2,1},[],[],[{atom,{2,9},'BEAM'}]}]}
%% expect: {function,{3,1},c,0,[{clause,{3,1},[],[],[{tuple,{3,8},[{integer,{3,10},25},{atom,{3,24},true}]}]}]}
%% expect: {eof,{4,1}}
%% expect: 4
%% expect: undefined macro 'MODULE'
%% expect: {function,{1,1},a,2,[{clause,{1,1},[{var,{1,3},'_'},{tuple,{1,6},[{var,{1,7},'_'},{var,{1,10},'_'}]}],[],[{tuple,{1,17},[{atom,{1,19},a},{integer,{1,35},2}]}]}]}
%% expect: {function,{2,1},b,0,[{clause,{2,1},[],[],[{integer,{2,9},0}]}]}
%% expect: {eof,{3,1}}
%% expect: 3
%% expect: {error,{{2,11},epp,{illegal_function,'FUNCTION_NAME'}}}
%% expect: {error,{{3,2},epp,{illegal_function_usage,'FUNCTION_NAME'}}}
%% expect: {function,{4,1},a,1,[{clause,{4,1},[{var,{4,3},'X'}],[],[{tuple,{4,9},[{atom,{4,11},a},{var,{4,14},'X'}]}]}]}
%% expect: {eof,{5,1}}
%% expect: 4
%% expect: ?FUNCTION_NAME can only be used within a function
%% expect: ?FUNCTION_NAME must not begin a form
%% expect: {function,{2,2},a,2,[{clause,{2,2},[{var,{2,2},'X'},{var,{2,2},'Y'}],[],[{tuple,{2,7},[{atom,{2,9},a},{integer,{2,25},2}]}]}]}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: {function,{1,1},a,0,[{clause,{1,1},[],[],[{tuple,{1,8},[{op,{1,28},'==',{atom,{1,28},maybe_expr},{atom,{1,28},maybe_expr}},{atom,{1,42},false}]}]}]}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: {error,{{1,9},epp,{undefined,'NO',none}}}
%% expect: {error,{{2,9},epp,{undefined,'NO',1}}}
%% expect: {error,{{3,9},epp,{call,[63,[39,40,39]]}}}
%% expect: {error,{{4,9},epp,{call,[63,[49]]}}}
%% expect: {error,{{5,9},epp,{call,[63,[34,115,34]]}}}
%% expect: {error,{{6,9},epp,{call,[63,[39,99,97,115,101,39]]}}}
%% expect: {eof,{7,1}}
%% expect: 7
%% expect: undefined macro 'NO'
%% expect: undefined macro 'NO/1'
%% expect: illegal macro call '?'(''
%% expect: illegal macro call '?1'
%% expect: illegal macro call '?"s"'
%% expect: illegal macro call '?'case''
%% expect: {error,{{2,9},epp,{mismatch,'A'}}}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: argument mismatch for macro 'A'
%% expect: {error,{{4,9},epp,{undefined,'A',none}}}
%% expect: {error,{{5,8},epp,{bad,undef}}}
%% expect: {error,{{6,7},epp,{bad,undef}}}
%% expect: {eof,{7,1}}
%% expect: 4
%% expect: undefined macro 'A'
%% expect: badly formed 'undef'
%% expect: badly formed 'undef'
%% expect: {function,{2,2},a,0,[{clause,{2,2},[],[],[{integer,{2,9},1}]}]}
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{atom,{4,11},a}]}]}
%% expect: {eof,{5,1}}
%% expect: 3
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{string,{2,11},[115,115]}]}]}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{atom,{2,9},'b c'}]}]}
%% expect: {function,{4,1},b,0,[{clause,{4,1},[],[],[{integer,{4,9},1}]}]}
%% expect: {eof,{5,1}}
%% expect: 3
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: {function,{6,1},a,0,[{clause,{6,1},[],[],[{integer,{6,8},2}]}]}
%% expect: {eof,{11,1}}
%% expect: 2
%% expect: {error,{{3,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: unterminated '-ifdef'
%% expect: {error,{{4,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}}
%% expect: {error,{{4,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}}
%% expect: {eof,{4,1}}
%% expect: 3
%% expect: unterminated '-ifdef'
%% expect: unterminated '-ifdef'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {error,{{3,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifndef}}}
%% expect: {eof,{3,1}}
%% expect: 3
%% expect: unterminated '-ifndef'
%% expect: {error,{{1,2},epp,{illegal,[117,110,98,97,108,97,110,99,101,100],else}}}
%% expect: {error,{{2,2},epp,{illegal,[117,110,98,97,108,97,110,99,101,100],endif}}}
%% expect: {error,{{3,2},epp,{illegal,[117,110,98,97,108,97,110,99,101,100],elif}}}
%% expect: {eof,{4,1}}
%% expect: 4
%% expect: unbalanced '-else'
%% expect: unbalanced '-endif'
%% expect: unbalanced '-elif'
%% expect: {error,{{3,2},epp,{illegal,[114,101,112,101,97,116,101,100],else}}}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: repeated '-else'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {error,{{4,2},epp,{illegal,[114,101,112,101,97,116,101,100],else}}}
%% expect: {function,{6,1},b,0,[{clause,{6,1},[],[],[{integer,{6,8},1}]}]}
%% expect: {eof,{7,1}}
%% expect: 4
%% expect: repeated '-else'
%% expect: {error,{{1,8},epp,{bad,ifdef}}}
%% expect: {function,{4,1},b,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {error,{{5,7},epp,{bad,ifdef}}}
%% expect: {eof,{7,1}}
%% expect: 4
%% expect: badly formed 'ifdef'
%% expect: badly formed 'ifdef'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{8,1}}
%% expect: 2
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{8,1}}
%% expect: 2
%% expect: {function,{6,1},a,0,[{clause,{6,1},[],[],[{integer,{6,8},3}]}]}
%% expect: {eof,{8,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {error,{{4,2},epp,{bad,'if'}}}
%% expect: {eof,{6,1}}
%% expect: 3
%% expect: badly formed 'if'
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: {error,{{1,2},epp,{bad,'if'}}}
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 3
%% expect: badly formed 'if'
%% expect: {error,{{1,8},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,41,39]]}}
%% expect: {error,{{4,5},epp,{bad,'if'}}}
%% expect: {error,{{6,6},epp,{undefined,'NO',none}}}
%% expect: {eof,{8,1}}
%% expect: 4
%% expect: syntax error before: ')'
%% expect: badly formed 'if'
%% expect: undefined macro 'NO'
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{4,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {function,{5,1},b,0,[{clause,{5,1},[],[],[{integer,{5,8},1}]}]}
%% expect: {eof,{7,1}}
%% expect: 3
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: {error,{{2,10},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,41,39]]}}
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},2}]}]}
%% expect: {eof,{6,1}}
%% expect: 3
%% expect: syntax error before: ')'
%% expect: {error,{{3,2},epp,{illegal,[117,110,98,97,108,97,110,99,101,100],elif}}}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: unbalanced '-elif'
%% expect: {error,{{3,2},epp,elif_after_else}}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: 'elif' following 'else'
%% expect: {error,{{1,9},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,44,39]]}}
%% expect: {eof,{4,1}}
%% expect: 2
%% expect: syntax error before: ','
%% expect: {error,{{6,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}}
%% expect: {eof,{6,1}}
%% expect: 2
%% expect: unterminated '-ifdef'
%% expect: {error,{{1,2},epp,{error,[110,111]}}}
%% expect: {warning,{{2,2},epp,{warning,{a,1}}}}
%% expect: {error,{{3,2},epp,{bad,error}}}
%% expect: {error,{{4,7},epp,{bad,error}}}
%% expect: {warning,{{5,2},epp,{warning,5}}}
%% expect: {error,{{6,8},epp,{bad,error}}}
%% expect: {eof,{7,1}}
%% expect: 7
%% expect: -error("no").
%% expect: -warning({a,1}).
%% expect: badly formed 'error'
%% expect: badly formed 'error'
%% expect: -warning(5).
%% expect: badly formed 'error'
%% expect: {attribute,{1,1},file,{[105,110,99,46,104,114,108],1}}
%% expect: {function,{2,1},inc,0,[{clause,{2,1},[],[],[{integer,{2,11},2}]}]}
%% expect: {attribute,{2,1},file,{[109,46,101,114,108],2}}
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{atom,{2,9},inc}]}]}
%% expect: {function,{3,1},b,0,[{clause,{3,1},[],[],[{string,{3,9},[109,46,101,114,108]}]}]}
%% expect: {eof,{4,1}}
%% expect: 6
%% expect: {error,{{1,10},epp,{include,file,[110,111,46,104,114,108]}}}
%% expect: {attribute,{1,1},file,{[105,110,99,46,104,114,108],1}}
%% expect: {function,{2,1},inc,0,[{clause,{2,1},[],[],[{integer,{2,11},2}]}]}
%% expect: {attribute,{3,1},file,{[109,46,101,114,108],3}}
%% expect: {error,{{3,10},epp,{bad,include}}}
%% expect: {error,{{4,9},epp,{bad,include}}}
%% expect: {eof,{5,1}}
%% expect: 7
%% expect: can't find include file "no.hrl"
%% expect: badly formed 'include'
%% expect: badly formed 'include'
%% expect: {attribute,{1,1},file,{[111,112,101,110,46,104,114,108],1}}
%% expect: {error,{{3,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}}
%% expect: {attribute,{2,1},file,{[109,46,101,114,108],2}}
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{3,1}}
%% expect: 5
%% expect: unterminated '-ifdef'
%% expect: {error,{{1,14},epp,{include,lib,[110,111,95,115,117,99,104,47,105,110,99,108,117,100,101,47,110,111,46,104,114,108]}}}
%% expect: {attribute,{1,1},file,{[105,110,99,46,104,114,108],1}}
%% expect: {function,{2,1},inc,0,[{clause,{2,1},[],[],[{integer,{2,11},2}]}]}
%% expect: {attribute,{3,1},file,{[109,46,101,114,108],3}}
%% expect: {error,{{3,14},epp,{bad,include_lib}}}
%% expect: {eof,{4,1}}
%% expect: 6
%% expect: can't find include lib "no_such/include/no.hrl"
%% expect: badly formed 'include_lib'
%% expect: {error,{{1,10},epp,{include,file,[36,78,79,95,86,65,82,47,110,111,46,104,114,108]}}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: can't find include file "$NO_VAR/no.hrl"
%% expect: {attribute,[{generated,true},{location,{1,2}}],file,{[111,116,104,101,114,46,101,114,108],10}}
%% expect: {function,{11,1},a,0,[{clause,{11,1},[],[],[{tuple,{11,8},[{string,{11,10},[111,116,104,101,114,46,101,114,108]},{integer,{11,17},11}]}]}]}
%% expect: {attribute,{1,1},file,{[105,110,99,46,104,114,108],1}}
%% expect: {function,{2,1},inc,0,[{clause,{2,1},[],[],[{integer,{2,11},2}]}]}
%% expect: {attribute,{4,1},file,{[109,46,101,114,108],4}}
%% expect: {attribute,[{generated,true},{location,{4,1}}],file,{[111,116,104,101,114,46,101,114,108],13}}
%% expect: {function,{13,1},b,0,[{clause,{13,1},[],[],[{string,{13,9},[111,116,104,101,114,46,101,114,108]}]}]}
%% expect: {error,{{14,7},epp,{bad,file}}}
%% expect: {eof,{15,1}}
%% expect: 9
%% expect: badly formed 'file'
%% expect: {attribute,[{generated,true},{location,{1,2}}],file,{[97,46,101,114,108],5}}
%% expect: {function,{6,1},a,0,[{clause,{6,1},[],[],[{integer,{6,8},1}]}]}
%% expect: {attribute,[{generated,true},{location,{7,2}}],file,{[98,46,101,114,108],1}}
%% expect: {function,{2,1},b,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{3,1}}
%% expect: 5
%% expect: {attribute,{2,2},module,m}
%% expect: {function,{3,1},a,0,[{clause,{3,1},[],[],[{maybe,{3,8},[{maybe_match,{3,16},{integer,{3,14},1},{integer,{3,19},2}},{integer,{3,22},3}],{else,{3,24},[{clause,{3,29},[{var,{3,29},'_'}],[],[{integer,{3,34},4}]}]}}]}]}
%% expect: {eof,{4,1}}
%% expect: 3
%% expect: {attribute,{1,2},module,m}
%% expect: {function,{4,1},a,0,[{clause,{4,1},[],[],[{integer,{4,8},1}]}]}
%% expect: {eof,{8,1}}
%% expect: 3
%% expect: {attribute,{1,2},module,m}
%% expect: {attribute,{2,2},export,[{a,0}]}
%% expect: {error,{{3,2},epp,ftr_after_prefix}}
%% expect: {eof,{4,1}}
%% expect: 4
%% expect: feature directive not allowed after exports or record definitions
%% expect: {error,{{1,2},erl_features,{invalid_features,[no_such]}}}
%% expect: {error,{{2,9},epp,{bad,feature}}}
%% expect: {error,{{3,9},epp,{bad,feature}}}
%% expect: {error,{{4,9},epp,{bad,feature}}}
%% expect: {eof,{5,1}}
%% expect: 5
%% expect: the feature 'no_such' does not exist.
%% expect: badly formed 'feature'
%% expect: badly formed 'feature'
%% expect: badly formed 'feature'
%% expect: {function,{1,1},a,0,[{clause,{1,1},[],[],[{atom,{1,8},maybe}]}]}
%% expect: {function,{2,1},b,0,[{clause,{2,1},[],[],[{atom,{2,8},else}]}]}
%% expect: {function,{3,1},c,0,[{clause,{3,1},[],[],[{tuple,{3,8},[{atom,[{text,[39,109,97,121,98,101,39]},{location,{3,9}}],maybe},{atom,[{text,[39,101,108,115,101,39]},{location,{3,18}}],else}]}]}]}
%% expect: {eof,{4,1}}
%% expect: 4
%% expect: {error,{{1,8},erl_scan,{string,39,[97,98,99,46,10]}}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: unterminated atom starting with 'abc.\n'
%% expect: {error,{{1,8},erl_scan,{illegal,integer}}}
%% expect: {error,{{1,10},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[51]]}}
%% expect: {function,{2,1},b,0,[{clause,{2,1},[],[],[{integer,{2,8},1}]}]}
%% expect: {eof,{3,1}}
%% expect: 4
%% expect: illegal integer
%% expect: syntax error before: 3
%% expect: {error,{{1,8},erl_scan,char}}
%% expect: {eof,{1,9}}
%% expect: 2
%% expect: unterminated character
%% expect: {error,{{1,8},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[]]}}
%% expect: {eof,{1,10}}
%% expect: 2
%% expect: syntax error before: 
%% expect: {function,{1,1},a,0,[{clause,{1,1},[],[],[{atom,{1,8},ok}]}]}
%% expect: {eof,{1,17}}
%% expect: 2
%% expect: {function,{1,1},a,0,[{clause,{1,1},[],[],[{atom,{1,8},ok}]}]}
%% expect: {function,{1,12},b,0,[{clause,{1,12},[],[],[{atom,{1,19},ok}]}]}
%% expect: {eof,{4,1}}
%% expect: 3
%% expect: {error,{{1,9},erl_scan,{illegal,character}}}
%% expect: {error,{{1,19},erl_scan,{string,34,[46,10,98,40,41,32,45,62,32,49,46,10]}}}
%% expect: {eof,{3,1}}
%% expect: 3
%% expect: illegal character
%% expect: unterminated string starting with ".\nb() -> 1.\n"
%% expect: {eof,{1,1}}
%% expect: 1
%% expect: {eof,{2,1}}
%% expect: 1
%% expect: {error,{{1,1},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[]]}}
%% expect: {eof,{1,2}}
%% expect: 2
%% expect: syntax error before: 
%% expect: {error,{{1,2},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,46,39]]}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: syntax error before: '.'
%% expect: {attribute,{1,2},module,m}
%% expect: {error,{{2,5},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[]]}}
%% expect: {eof,{3,1}}
%% expect: 3
%% expect: syntax error before: 
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{string,{2,8},[229]}]}]}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: {function,{2,1},a,0,[{clause,{2,1},[],[],[{string,{2,8},[229]}]}]}
%% expect: {eof,{3,1}}
%% expect: 2
%% expect: {function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]}
%% expect: {error,{{2,9},file_io_server,invalid_unicode}}
%% expect: {error,{{2,9},epp,cannot_parse}}
%% expect: {eof,{2,9}}
%% expect: 4
%% expect: cannot translate from UTF-8
%% expect: cannot parse file, giving up
%% expect: {error,{{2,9},file_io_server,invalid_unicode}}
%% expect: {eof,{2,1}}
%% expect: 2
%% expect: cannot translate from UTF-8
