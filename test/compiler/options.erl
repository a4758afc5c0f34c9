%% SPDX-License-Identifier: Apache-2.0
%% What compile:file/2 and its kin answer, say, and write, option by option.
-module(options).
-export([main/0]).

main() ->
    ok = file:write_file("good.erl", good()),
    ok = file:write_file("h.hrl", "-define(V, v).\n"),
    ok = file:write_file("warn.erl", warn()),
    ok = file:write_file("bad.erl", "-module(bad).\n-export([f/0]).\n"
                         "f() -> X.\n"),
    [one(C) || C <- cases()],
    assembly(),
    environment(),
    transforms(),
    ok.

good() ->
    "-module(good).\n-export([f/1, g/1]).\n-include(\"h.hrl\").\n"
        "-record(r, {a = 1}).\nf(X) -> {?V, #r{a = X}}.\n"
        "g(X) -> [Y + 1 || Y <- X].\n".

warn() ->
    "-module(warn).\n-export([f/1]).\n-compile(nowarn_unused_vars).\n"
        "f(X) -> Y = 1, 1 = 2, X == 3, ok.\n".

cases() ->
    [{good, []}, {good, [binary]}, {good, [debug_info, {i, "x"}]},
     {good, [debug_info, deterministic]}, {good, [{d, a, 1}, verbose, {j, 1}]},
     {good, [slim]}, {good, [{extra_chunks, [{<<"ExCk">>, <<"x">>}]}]},
     {good, [{compile_info, [{made, by}]}]},
     {good, ['P']}, {good, ['E']}, {good, ['S']}, {good, [to_pp, binary]},
     {good, [makedep]}, {good, [makedep, makedep_phony, binary]},
     {good, [makedep, {makedep_target, "$t"}, makedep_quote_target]},
     {good, [makedep_side_effect]}, {good, [basic_validation]},
     {good, [strong_validation, return]}, {good, [r20, return]},
     {good, [{outdir, "none"}, report]}, {good, [{feature, none, enable}, report]},
     {warn, []}, {warn, [report]}, {warn, [report, brief]},
     {warn, [return]}, {warn, [report, nowarn_nomatch]},
     {warn, [report, {error_location, line}]},
     {warn, [return, {error_location, line}]},
     {warn, [report, warnings_as_errors]}, {warn, [warnings_as_errors, return]},
     {bad, []}, {bad, [report]}, {bad, [return]}, {bad, [report_errors, brief]},
     {none, [report]}, {none, [return]}].

one({File, Options}) ->
    io:format("~w ~0p~n", [File, Options]),
    answer(compile:file(File, Options)).

%% The answer, and the files that are new.
answer(Answer) ->
    io:format("  ~0p~n", [shown(Answer)]),
    Sources = ["good.erl", "h.hrl", "warn.erl", "bad.erl", "pt.erl"],
    Files = [F || F <- filelib:wildcard("{good,warn,bad,pt}.*") -- Sources],
    [show(F, filename:extension(F)) || F <- Files],
    [ok = file:delete(F) || F <- Files].

shown({ok, M, B}) when is_binary(B) -> {ok, M, short(B)};
shown({ok, M, B, W}) when is_binary(B) -> {ok, M, short(B), W};
shown({error, [{F, [{At, M, {crash, Pass, R, _}}]}], W}) ->
    {error, [{F, [{At, M, {crash, Pass, R}}]}], W};
shown(T) -> T.

short(<<"FOR1", _/binary>>) -> beam;
short(B) -> B.

show(F, ".beam") ->
    {ok, _, Chunks} = beam_lib:all_chunks(F),
    Names = lists:sort([N || {N, _} <- Chunks]),
    io:format("  ~s ~0p~n", [F, Names]),
    [io:format("  ~0p~n", [info(binary_to_term(B))])
     || {"CInf", B} <- Chunks],
    [io:format("  ~0p~n", [debug(binary_to_term(B))])
     || {"Dbgi", B} <- Chunks];
show(F, ".S") ->
    {ok, Terms} = file:consult(F),
    io:format("  ~s ~0p~n", [F, lists:sublist(Terms, 3)]);
show(F, _) ->
    {ok, B} = file:read_file(F),
    io:format("  ~s ~0p~n", [F, B]).

info(List) ->
    [case T of {source, S} -> {source, filename:basename(S)}; _ -> T end
     || T <- List, element(1, T) =/= version].

debug({debug_info_v1, M, {Forms, Options}}) ->
    {M, is_list(Forms), Options}.

%% Assembly is code again.
assembly() ->
    {ok, good, Code} = compile:file(good, [to_asm, binary]),
    {ok, good, Beam} = compile:forms(Code, [from_asm]),
    {module, good} = code:load_binary(good, "good.beam", Beam),
    io:format("~0p ~0p~n", [good:f(1), good:g([1, 2])]),
    {ok, good} = compile:file(good, ['S']),
    {ok, good, _} = compile:file(good, [from_asm, binary]),
    ok = file:delete("good.S").

environment() ->
    os:putenv("ERL_COMPILER_OPTIONS", "[binary, {d, x}]"),
    io:format("~0p~n", [compile:env_compiler_options()]),
    io:format("~0p~n", [[compile:output_generated([]),
                         compile:noenv_output_generated([])]]),
    answer(compile:file(good, [])),
    answer(compile:noenv_file(good, [])),
    os:putenv("ERL_COMPILER_OPTIONS", "[binary"),
    io:format("~0p~n", [compile:env_compiler_options()]),
    os:unsetenv("ERL_COMPILER_OPTIONS"),
    io:format("~0p~n", [[{O, compile:output_generated([O])}
                         || O <- ['P', 'E', 'S', makedep, binary, dpp,
                                  makedep_side_effect, strong_validation]]]).

%% Parse transforms that fail, and one that is not there.
transforms() ->
    ok = file:write_file(
           "pt.erl",
           "-module(pt).\n-export([parse_transform/2]).\n"
           "parse_transform(_, [binary | _]) -> throw(out);\n"
           "parse_transform(_, [brief | _]) -> exit(self(), kill);\n"
           "parse_transform(F, [return_errors | _]) -> [junk | F];\n"
           "parse_transform(F, O) -> {warning, F, [{\"f\", [{none, pt, w}]}]}."
           "\n"),
    {ok, pt, Beam} = compile:file(pt, [binary]),
    {module, pt} = code:load_binary(pt, "pt.beam", Beam),
    T = {parse_transform, pt},
    {error, [{"good.erl", [{none, compile, {parse_transform, pt, Why}}]}], []} =
        compile:file(good, [binary, T, return]),
    io:format("~0p ~0p~n", [element(1, Why), element(2, Why)]),
    answer(compile:file(good, [brief, T])),
    {error, [{"good.erl", [{none, compile, {crash, Pass, _, _}}]}], []} =
        compile:file(good, [return, T]),
    io:format("~p~n", [Pass]),
    answer(compile:file(good, [{parse_transform, nobody}, return])).
%% expect: good []
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: good [binary]
%% expect:   {ok,good,beam}
%% expect: good [debug_info,{i,"x"}]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[debug_info,{i,"x"}]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,true,[debug_info,{i,"x"}]}
%% expect: good [debug_info,deterministic]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   []
%% expect:   {erl_abstract_code,true,[debug_info,deterministic]}
%% expect: good [{d,a,1},verbose,{j,1}]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[{d,a,1},{j,1}]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,false,[{j,1}]}
%% expect: good [slim]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","Code","ExpT","ImpT","Meta","StrT","Type"]
%% expect: good [{extra_chunks,[{<<"ExCk">>,<<"x">>}]}]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExCk","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: good [{compile_info,[{made,by}]}]
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"good.erl"},{made,by}]
%% expect:   {erl_abstract_code,false,[{compile_info,[{made,by}]}]}
%% expect: good ['P']
%% expect:   {ok,[]}
%% expect:   good.P <<"-file(\"good.erl\", 1).\n\n-module(good).\n\n-export([f/1,g/1]).\n\n-file(\"h.hrl\", 1).\n\n-file(\"good.erl\", 4).\n\n-record(r,{a = 1}).\n\nf(X) ->\n    {v, #r{a = X}}.\n\ng(X) ->\n    [ \n     Y + 1 ||\n         Y <- X\n    ].\n\n\n\n">>
%% expect: good ['E']
%% expect:   {ok,[]}
%% expect:   good.E <<"-file(\"good.erl\", 1).\n\n-module(good).\n\n-export([f/1,g/1]).\n\n-file(\"h.hrl\", 1).\n\n-file(\"good.erl\", 4).\n\n-record(r,{a = 1}).\n\nf(X) ->\n    {v, {r, X}}.\n\ng(X) ->\n    [ \n     Y + 1 ||\n         Y <- X\n    ].\n\n\n\n">>
%% expect: good ['S']
%% expect:   {ok,good}
%% expect:   good.S [{module,good},{exports,[{f,1},{g,1},{module_info,0},{module_info,1}]},{attributes,[]}]
%% expect: good [to_pp,binary]
%% expect:   {ok,[],[{attribute,{1,1},file,{"good.erl",1}},{attribute,{1,2},module,good},{attribute,{2,2},export,[{f,1},{g,1}]},{attribute,{1,1},file,{"h.hrl",1}},{attribute,{4,1},file,{"good.erl",4}},{attribute,{4,2},record,{r,[{record_field,{4,13},{atom,{4,13},a},{integer,{4,17},1}}]}},{function,{5,1},f,1,[{clause,{5,1},[{var,{5,3},'X'}],[],[{tuple,{5,9},[{atom,{5,11},v},{record,{5,14},r,[{record_field,{5,17},{atom,{5,17},a},{var,{5,21},'X'}}]}]}]}]},{function,{6,1},g,1,[{clause,{6,1},[{var,{6,3},'X'}],[],[{lc,{6,9},{op,{6,12},'+',{var,{6,10},'Y'},{integer,{6,14},1}},[{generate,{6,21},{var,{6,19},'Y'},{var,{6,24},'X'}}]}]}]},{eof,{7,1}}]}
%% expect: good [makedep]
%% expect:   {ok,[]}
%% expect:   good.Pbeam <<"good.beam: good.erl h.hrl\n">>
%% expect: good [makedep,makedep_phony,binary]
%% expect:   {ok,[],<<"good.beam: good.erl h.hrl\n\nh.hrl:\n">>}
%% expect: good [makedep,{makedep_target,"$t"},makedep_quote_target]
%% expect:   {ok,[]}
%% expect:   good.Pbeam <<"$$t: good.erl h.hrl\n">>
%% expect: good [makedep_side_effect]
%% expect:   {ok,good}
%% expect:   good.Pbeam <<"good.beam: good.erl h.hrl\n">>
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[makedep_side_effect]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,false,[makedep_side_effect]}
%% expect: good [basic_validation]
%% expect:   {ok,[]}
%% expect: good [strong_validation,return]
%% expect:   {ok,good,[]}
%% expect: good [r20,return]
%% expect:   {error,[{"good.erl",[{none,compile,{obsolete_option,r20}}]}],[]}
%% expect: good [{outdir,"none"},report]
%% expect: none/good.bea#: error writing file: no such file or directory
%% expect:   error
%% expect: good [{feature,none,enable},report]
%% expect: good.erl: the feature 'none' does not exist.
%% expect:   error
%% expect: warn []
%% expect:   {ok,warn}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: warn [report]
%% expect: warn.erl:4:16: Warning: no clause will ever match
%% expect: %    4| f(X) -> Y = 1, 1 = 2, X == 3, ok.
%% expect: %     |                ^
%% expect:
%% expect:   {ok,warn}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: warn [report,brief]
%% expect: warn.erl:4:16: Warning: no clause will ever match
%% expect:   {ok,warn}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[brief]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[brief]}
%% expect: warn [return]
%% expect:   {ok,warn,[{"warn.erl",[{{4,16},sys_core_fold,{nomatch,no_clause}}]}]}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: warn [report,nowarn_nomatch]
%% expect:   {ok,warn}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[nowarn_nomatch]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[nowarn_nomatch]}
%% expect: warn [report,{error_location,line}]
%% expect: warn.erl:4: Warning: no clause will ever match
%% expect: %    4| f(X) -> Y = 1, 1 = 2, X == 3, ok.
%% expect:
%% expect:   {ok,warn}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[{error_location,line}]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[{error_location,line}]}
%% expect: warn [return,{error_location,line}]
%% expect:   {ok,warn,[{"warn.erl",[{4,sys_core_fold,{nomatch,no_clause}}]}]}
%% expect:   warn.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[{error_location,line}]},{source,"warn.erl"}]
%% expect:   {erl_abstract_code,false,[{error_location,line}]}
%% expect: warn [report,warnings_as_errors]
%% expect: compile: warnings being treated as errors
%% expect: warn.erl:4:16: no clause will ever match
%% expect: %    4| f(X) -> Y = 1, 1 = 2, X == 3, ok.
%% expect: %     |                ^
%% expect:
%% expect:   error
%% expect: warn [warnings_as_errors,return]
%% expect:   {error,[],[{"warn.erl",[{{4,16},sys_core_fold,{nomatch,no_clause}}]}]}
%% expect: bad []
%% expect:   error
%% expect: bad [report]
%% expect: bad.erl:3:8: variable 'X' is unbound
%% expect: %    3| f() -> X.
%% expect: %     |        ^
%% expect:
%% expect:   error
%% expect: bad [return]
%% expect:   {error,[{"bad.erl",[{{3,8},erl_lint,{unbound_var,'X'}}]}],[]}
%% expect: bad [report_errors,brief]
%% expect: bad.erl:3:8: variable 'X' is unbound
%% expect:   error
%% expect: none [report]
%% expect: none.erl: no such file or directory
%% expect:   error
%% expect: none [return]
%% expect:   {error,[{"none.erl",[{none,compile,{epp,enoent}}]}],[]}
%% expect: {v,{r,1}} [2,3]
%% expect: [binary,{d,x}]
%% expect: [false,true]
%% expect:   {ok,good,beam}
%% expect:   {ok,good}
%% expect:   good.beam ["AtU8","Attr","CInf","Code","Dbgi","ExpT","ImpT","Line","LocT","Meta","StrT","Type"]
%% expect:   [{options,[]},{source,"good.erl"}]
%% expect:   {erl_abstract_code,false,[]}
%% expect: Ignoring bad term in ERL_COMPILER_OPTIONS
%% expect: []
%% expect: [{'P',false},{'E',false},{'S',false},{makedep,false},{binary,false},{dpp,false},{makedep_side_effect,true},{strong_validation,false}]
%% expect: throw out
%% expect:   killed
%% expect: lint_module
%% expect:   {error,[{"good.erl",[{none,compile,{undef_parse_transform,nobody}}]}],[]}
