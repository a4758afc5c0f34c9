%% SPDX-License-Identifier: Apache-2.0
%% Syntax trees: made, printed, taken apart, reverted, quoted and matched;
%% sources with macros and comments.
%%
%% expect: {application,1,[[atom],[integer,variable]]}
%% expect: {call,0,{atom,0,f},[{integer,0,1},{var,0,'X'}]}
%% expect: f(X) when X > 1; is_atom(X) -> {X, "text"};
%% expect: f(_) -> [a, b | c].
%% expect: -spec g(integer() | [atom()]) -> #{a => 1}.
%% expect: [{module,m},{exports,[{f,1}]},{functions,[{f,1}]}]
%% expect: {['X','Y'],[{env,[]},{bound,['X']},{free,['Y']}]}
%% expect: {ok,[{args,[{integer,1,2}]},{x,{integer,1,1}}]} error
%% expect: {foo(1), bar(V)}
%% expect: -define(M(X), {X}).
%% expect: % about f
%% expect: f() ->
%% expect: (?M(1)) + (?N). % here
%% expect: one two
%% expect: three
-module(syntax_tools_test).
-export([main/0]).

main() ->
    trees(),
    printed(),
    analyzed(),
    quoted(),
    sources(),
    documents().

trees() ->
    Tree = erl_syntax:application(erl_syntax:atom(f),
                                  [erl_syntax:integer(1),
                                   erl_syntax:variable("X")]),
    Types = [[erl_syntax:type(T) || T <- G] || G <- erl_syntax:subtrees(Tree)],
    io:format("~0p~n", [{erl_syntax:type(Tree),
                         length(erl_syntax:application_arguments(Tree)) - 1,
                         Types}]),
    io:format("~0p~n", [erl_syntax:revert(Tree)]).

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

printed() ->
    [io:format("~s~n", [erl_prettypr:format(form(Text))])
     || Text <- ["f(X) when X>1;is_atom(X)->{X,\"text\"};f(_)->[a,b|c].",
                 "-spec g(integer()|[atom()])->#{a=>1}."]].

analyzed() ->
    Forms = [form("-module(m)."), form("-export([f/1])."), form("f(X) -> X.")],
    io:format("~0p~n", [erl_syntax_lib:analyze_forms(Forms)]),
    Expr = merl:quote("X = Y"),
    Names = lists:sort(sets:to_list(erl_syntax_lib:variables(Expr))),
    Annotated = erl_syntax_lib:annotate_bindings(Expr, []),
    io:format("~0p~n", [{Names, erl_syntax:get_ann(Annotated)}]).

quoted() ->
    io:format("~0p ~p~n", [merl:match(merl:quote("f(_@x, _@@args)"),
                                      merl:quote("f(1, 2)")),
                           merl:match(merl:quote("f(_@x)"),
                                      merl:quote("g(1)"))]),
    Tree = merl:qquote("{foo(_@a), bar(_@b)}",
                       [{a, merl:term(1)}, {b, merl:var('V')}]),
    io:format("~s~n", [erl_prettypr:format(Tree)]).

sources() ->
    Text = "-define(M(X), {X}).\n\n% about f\nf() ->\n    ?M(1) + ?N. % here\n",
    ok = file:write_file("macros.erl", Text),
    {ok, Forms} = epp_dodger:parse_file("macros.erl"),
    ok = file:delete("macros.erl"),
    Comments = erl_comment_scan:string(Text),
    Whole = erl_recomment:recomment_forms(Forms, Comments),
    Printed = erl_prettypr:format(Whole),
    [io:format("~s~n", [string:trim(Line)])
     || Line <- string:lexemes(Printed, "\n")].

documents() ->
    Words = [prettypr:text(W) || W <- ["one", "two", "three"]],
    io:format("~s~n", [prettypr:format(prettypr:par(Words), 9)]).
