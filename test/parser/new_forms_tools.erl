%% SPDX-License-Identifier: Apache-2.0
%% What the language has had since OTP 25, given to each tool that looks at
%% forms: all of them must know it, and what they make of it must be the same.
%% only merle
-module(new_forms_tools).
-export([main/0]).

main() ->
    [tool(Name, Check) || {Name, Check} <- tools()],
    ok.

%% A name for what fails; what a tool does well is no matter.
tool(Name, Check) ->
    Bad = [{Text, What} || {Text, Value} <- expressions(),
                           What <- [check(Check, Text, Value)], What =/= ok],
    io:format("~s ~w~n", [Name, length(Bad)]),
    [io:format("  ~ts~n    ~tp~n", [Text, What]) || {Text, What} <- Bad].

check(Check, Text, Value) ->
    try Check(Text, Value)
    catch Class:Reason:Stack -> {Class, Reason, hd(Stack)}
    end.

expressions() ->
    [{"~\"a\\n\"", <<"a\n">>},
     {"~b(x)", <<"x">>},
     {"~s[a\\tb]", "a\tb"},
     {"~S/a\\tb/", "a\\tb"},
     {"{~B{x}, ~s|y|}", {<<"x">>, "y"}},
     {"\"\"\"\n    one\n      two\n    \"\"\"", "one\n  two"},
     {"~\"\"\"\n    one\n    \"\"\"", <<"one">>},
     {"#{K => V * 2 || {K, V} <- [{a, 1}, {b, 2}]}", #{a => 2, b => 4}},
     {"#{V => K || K := V <- #{a => 1}}", #{1 => a}},
     {"[K || K := V <- #{a => 1, b => 2}, V > 1]", [b]},
     {"<< <<V>> || _ := V <- #{a => 1} >>", <<1>>},
     {"#{X => Y || <<X, Y>> <= <<1, 2, 3, 4>>}", #{1 => 2, 3 => 4}},
     {"[X || {ok, X} <:- [{ok, 1}, {ok, 2}]]", [1, 2]},
     {"[X || <<X:16>> <:= <<1:16, 2:16>>]", [1, 2]},
     {"[K || K := 1 <:- #{a => 1}]", [a]},
     {"[X + Y || X <- [1, 2] && Y <- [3, 4]]", [4, 6]},
     {"[{X, Y, Z} || X <- [1, 2] && <<Y>> <= <<3, 4>> && "
      "Z := _ <- #{a => 1, b => 2}]",
      [{1, 3, a}, {2, 4, b}]},
     {"[{X, Y, Z} || X <- [1, 2] && Y <:- [3, 4], Z <- [X, Y], Z > 1]",
      [{1, 3, 3}, {2, 4, 2}, {2, 4, 4}]},
     {"<< <<(X + Y)>> || X <- [1, 2] && <<Y>> <:= <<3, 4>> >>", <<4, 6>>},
     {"#{X => Y || X <- [a, b] && Y <- [1, 2]}", #{a => 1, b => 2}},
     {"maybe {ok, A} ?= {ok, 1}, A + 1 end", 2},
     {"maybe {ok, A} ?= {error, 1}, A else {error, E} -> {no, E}; _ -> x end",
      {no, 1}},
     {"maybe ok ?= nok end", nok},
     {"16#1.8#e1", 24.0},
     {"{2#0.1, 2#1.01#e-1, 36#z.i}", {0.5, 0.625, 35.5}},
     {"1_000 + 16#f_f", 1255}].

tools() ->
    [{"erl_parse", fun parse/2}, {"erl_eval", fun eval/2},
     {"erl_pp", fun print/2}, {"erl_prettypr", fun prettypr/2},
     {"erl_syntax", fun revert/2}, {"erl_syntax_lib", fun analyse/2},
     {"erl_recomment", fun recomment/2}, {"merl", fun merl/2},
     {"erl_lint", fun lint/2}, {"compile", fun compile/2},
     {"erl_expand_records", fun expand/2},
     {"debug_info", fun debug_info/2}, {"cover", fun cover/2},
     {"int", fun interpret/2}, {"xref", fun xref/2}].

module(Text) ->
    "-module(new_forms).\n-feature(maybe_expr, enable).\n-export([f/0]).\n"
        "-nominal n(A) :: {A, n(A)}.\n-export_type([n/1]).\n"
        "-moduledoc \"\"\"\n  Text.\n  \"\"\".\n"
        "-doc ~\"f\".\n-doc #{since => \"1\"}.\n"
        "-spec f() -> n(term()) | term().\n"
        "f() ->\n    " ++ Text ++ ".\n".

expression(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ ".", {1, 1}, scan_options()),
    {ok, [E]} = erl_parse:parse_exprs(Tokens),
    E.

scan_options() ->
    [{reserved_word_fun, fun(W) -> W =:= 'maybe' orelse W =:= 'else' orelse
                                       erl_scan:reserved_word(W) end}].

forms(Text) ->
    with_file("new_forms.erl", module(Text),
              fun(File) ->
                      {ok, Forms} = epp:parse_file(File, [{location, {1, 1}}]),
                      [] = [E || {error, E} <- Forms],
                      Forms
              end).

with_file(Name, Text, Fun) ->
    Dir = filename:join(os:getenv("TMPDIR", "/tmp"),
                        "new_forms" ++ os:getpid()),
    File = filename:join(Dir, Name),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, unicode:characters_to_binary(Text)),
    try Fun(File)
    after file:del_dir_r(Dir)
    end.

same(X, X) -> ok;
same(X, Y) -> {X, Y}.

bare(Form) ->
    erl_parse:map_anno(fun(_) -> 0 end, Form).

parse(Text, _) ->
    E = expression(Text),
    {E1, N} = erl_parse:mapfold_anno(fun(A, N) -> {A, N + 1} end, 0, E),
    N1 = erl_parse:fold_anno(fun(_, N0) -> N0 + 1 end, 0, E),
    same({E, N}, {E1, N1}).

eval(Text, Value) ->
    {value, V, _} = erl_eval:expr(expression(Text), []),
    same(Value, V).

print(Text, _) ->
    E = expression(Text),
    Narrow = lists:flatten(erl_pp:expr(E, 0, none)),
    Form = form(Text),
    Whole = lists:flatten(erl_pp:form(Form)),
    same({bare(E), [bare(Form)]}, {bare(expression(Narrow)),
                                   [bare(F) || F <- function(Whole)]}).

form(Text) ->
    [F] = [F || {function, _, f, 0, _} = F <- forms(Text)],
    F.

function(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}, scan_options()),
    {ok, Form} = erl_parse:parse_form(Tokens),
    [Form].

prettypr(Text, _) ->
    Form = form(Text),
    Printed = erl_prettypr:format(Form, [{paper, 40}, {ribbon, 30}]),
    same([bare(Form)], [bare(F) || F <- function(Printed)]).

revert(Text, _) ->
    Forms = forms(Text),
    Tree = erl_syntax_lib:map(fun rebuild/1, erl_syntax:form_list(Forms)),
    same([bare(F) || F <- Forms, element(1, F) =/= eof],
         [bare(F) || F <- erl_syntax:revert_forms(Tree),
                     element(1, F) =/= eof]).

rebuild(Node) ->
    case erl_syntax:subtrees(Node) of
        [] -> Node;
        Groups -> erl_syntax:update_tree(Node, Groups)
    end.

analyse(Text, _) ->
    Forms = forms(Text),
    Analysis = erl_syntax_lib:analyze_forms(Forms),
    Tree = erl_syntax_lib:annotate_bindings(form(Text), ordsets:new()),
    [] = proplists:get_value(free, erl_syntax:get_ann(Tree)),
    {_, Size} = erl_syntax_lib:mapfold(fun(N, I) -> {N, I + 1} end, 0, Tree),
    same({new_forms, Size},
         {proplists:get_value(module, Analysis),
          erl_syntax_lib:fold(fun(_, I) -> I + 1 end, 0, Tree)}).

recomment(Text, _) ->
    Forms = forms(Text),
    Tree = erl_recomment:recomment_forms(Forms, [{11, 1, 0, ["% here"]}]),
    Printed = erl_prettypr:format(Tree),
    same(true, string:find(Printed, "% here") =/= nomatch).

merl(Text, _) ->
    E = merl:quote("{_@X, " ++ Text ++ "}"),
    With = merl:subst(E, [{'X', merl:term(17)}]),
    {ok, _} = merl:match(E, With),
    Made = erl_syntax:revert(merl:tree(With)),
    same(bare({tuple, 0, [{integer, 0, 17}, expression(Text)]}), bare(Made)).

lint(Text, _) ->
    case erl_lint:module(forms(Text), "new_forms.erl", []) of
        {ok, []} -> ok;
        Other -> Other
    end.

compile(Text, Value) ->
    {ok, new_forms, Code, []} =
        compile:forms(forms(Text), [binary, return, debug_info]),
    run(Code, Value).

expand(Text, Value) ->
    Forms = erl_expand_records:module(forms(Text), []),
    {ok, new_forms, Code} = compile:forms(Forms, [binary]),
    run(Code, Value).

run(Code, Value) ->
    {module, new_forms} = code:load_binary(new_forms, "new_forms.beam", Code),
    V = new_forms:f(),
    unload(),
    same(Value, V).

unload() ->
    code:purge(new_forms),
    code:delete(new_forms),
    code:purge(new_forms).

debug_info(Text, _) ->
    Forms = forms(Text),
    {ok, new_forms, Code} = compile:forms(Forms, [binary, debug_info]),
    {ok, {_, [{abstract_code, {raw_abstract_v1, Kept}}]}} =
        beam_lib:chunks(Code, [abstract_code]),
    same([bare(F) || {function, _, _, _, _} = F <- Forms],
         [bare(F) || {function, _, _, _, _} = F <- Kept]).

cover(Text, Value) ->
    with_file("new_forms.erl", module(Text),
              fun(File) ->
                      {ok, new_forms} = cover:compile(File),
                      V = new_forms:f(),
                      {ok, {new_forms, {Covered, 0}}} =
                          cover:analyse(new_forms, coverage, module),
                      true = Covered > 0,
                      cover:stop(),
                      unload(),
                      same(Value, V)
              end).

interpret(Text, Value) ->
    with_file("new_forms.erl", module(Text),
              fun(File) ->
                      Dir = compiled(File),
                      code:add_patha(Dir),
                      {module, new_forms} = int:ni(new_forms),
                      V = new_forms:f(),
                      ok = int:n(new_forms),
                      code:del_path(Dir),
                      unload(),
                      same(Value, V)
              end).

xref(Text, _) ->
    with_file("new_forms.erl", module("(lists:sort([])) =:= (" ++ Text ++ ")"),
              fun(File) ->
                      Beam = filename:join(compiled(File), "new_forms.beam"),
                      {ok, _} = xref:start(new_forms_xref),
                      {ok, new_forms} = xref:add_module(new_forms_xref, Beam),
                      {ok, Calls} = xref:q(new_forms_xref,
                                           "E | new_forms : Mod"),
                      xref:stop(new_forms_xref),
                      Call = {{new_forms, f, 0}, {lists, sort, 1}},
                      same(true, lists:member(Call, Calls))
              end).

compiled(File) ->
    Dir = filename:dirname(File),
    {ok, new_forms} = compile:file(File, [debug_info, {outdir, Dir}]),
    Dir.

%% expect: erl_parse 0
%% expect: erl_eval 0
%% expect: erl_pp 0
%% expect: erl_prettypr 0
%% expect: erl_syntax 0
%% expect: erl_syntax_lib 0
%% expect: erl_recomment 0
%% expect: merl 0
%% expect: erl_lint 0
%% expect: compile 0
%% expect: erl_expand_records 0
%% expect: debug_info 0
%% expect: cover 0
%% expect: int 0
%% expect: xref 0
