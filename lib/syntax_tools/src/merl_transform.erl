%% SPDX-License-Identifier: Apache-2.0
%% The parse transformation behind merl.hrl: calls of merl with literal
%% arguments are made while compiling, metavariables named as variables
%% (_@Name) become those variables, and merl:quote(Line, Text) may stand as
%% the pattern of a match or of a case's clauses.
-module(merl_transform).
-export([parse_transform/2]).

parse_transform(Forms, _) ->
    erl_syntax:revert_forms(expand(erl_syntax:form_list(Forms))).

expand(Tree0) ->
    Tree = before(Tree0),
    behind(erl_syntax_lib:map_subtrees(fun expand/1, Tree)).

%% Patterns, which must not be expanded as calls

before(Tree) ->
    case erl_syntax:type(Tree) of
        match_expr ->
            case quoted(erl_syntax:match_expr_pattern(Tree)) of
                {Line, Text} ->
                    match(erl_syntax:match_expr_body(Tree), Line, Text);
                _ -> Tree
            end;
        case_expr ->
            [First | _] = Clauses = erl_syntax:case_expr_clauses(Tree),
            case quoted_clause(First) of
                false -> Tree;
                _ ->
                    merl:qquote(location(Tree),
                                "merl:switch(_@expr, _@clauses)",
                                [{expr, erl_syntax:case_expr_argument(Tree)},
                                 {clauses, erl_syntax:list(
                                             [clause(C) || C <- Clauses])}])
            end;
        _ -> Tree
    end.

%% {Line, Text} of merl:quote(Line, Text), line if only the text is literal.
quoted(Tree) ->
    case merl_call(Tree) of
        {F, [Line, Text]} ->
            Literal = erl_syntax:is_literal(Text) andalso
                erl_syntax:is_atom(F, quote),
            case Literal andalso erl_syntax:is_literal(Line) of
                true ->
                    {erl_syntax:concrete(Line), erl_syntax:concrete(Text)};
                false when Literal -> line;
                false -> false
            end;
        _ -> false
    end.

quoted_clause(Clause) ->
    case erl_syntax:clause_patterns(Clause) of
        [Pattern] -> quoted(Pattern);
        _ -> false
    end.

%% {F, Args} of merl:F(Args).
merl_call(Tree) ->
    case erl_syntax:type(Tree) of
        application ->
            F = erl_syntax:application_operator(Tree),
            case erl_syntax:type(F) =:= module_qualifier andalso
                erl_syntax:is_atom(erl_syntax:module_qualifier_argument(F),
                                   merl) of
                true -> {erl_syntax:module_qualifier_body(F),
                         erl_syntax:application_arguments(Tree)};
                false -> false
            end;
        _ -> false
    end.

match(Expr, Line, Text) ->
    {Template, Out, _} = pattern(Line, Text),
    merl:qquote(Line, "{ok, _@out} = merl:match(_@template, _@expr)",
                [{expr, Expr}, {out, Out},
                 {template, erl_syntax:abstract(Template)}]).

%% The template with its inline variables renamed to tags, the pattern that
%% binds them, and their names.
pattern(Line, Text) ->
    Template = merl:template(merl:quote(Line, Text)),
    Ids = [Id || Id <- merl:template_vars(Template), is_inline(Id)],
    Out = [erl_syntax:tuple([erl_syntax:abstract(tag(Id)),
                             erl_syntax:variable(name(Id))]) || Id <- Ids],
    {merl:alpha(Template, [{Id, tag(Id)} || Id <- Ids]),
     erl_syntax:list(Out), Ids}.

name(Id) when is_integer(Id), Id > 99, Id rem 100 =:= 99 ->
    name("Q", Id div 100);
name(Id) when is_integer(Id), Id > 9, Id rem 10 =:= 9 ->
    name("Q", Id div 10);
name(Id) when is_integer(Id) -> name("Q", Id);
name(Id) -> Id.

name(Head, N) -> list_to_atom(Head ++ integer_to_list(N)).

tag(Id) when is_integer(Id) -> Id;
tag(Id) -> list_to_atom(string:lowercase(atom_to_list(Id))).

is_inline(Id) when is_integer(Id) -> Id > 9 andalso Id rem 10 =:= 9;
is_inline(Id) when is_atom(Id) ->
    case atom_to_list(Id) of
        [C | _] when C >= $A, C =< $Z;
                     C >= 16#C0, C =< 16#DE, C =/= 16#D7 -> true;
        _ -> false
    end;
is_inline(_) -> false.

clause(Clause) ->
    Guard = case erl_syntax:clause_guard(Clause) of
                none -> [];
                G -> [disjunction(G)]
            end,
    Body = erl_syntax:clause_body(Clause),
    case {quoted_clause(Clause), erl_syntax:clause_patterns(Clause)} of
        {{Line, Text}, _} -> clause(Body, Guard, Line, Text);
        {_, [Pattern]} ->
            case erl_syntax:type(Pattern) =:= underscore andalso Guard of
                [] -> merl:qquote("fun () -> _@body end", [{body, Body}]);
                _ -> error(merl_switch_clause)
            end
    end.

clause(Body, Guard, Line, Text) ->
    {Template, Out, Ids} = pattern(Line, Text),
    Uses = [merl:qquote(?LINE, "_ = _@var",
                        [{var, erl_syntax:variable(name(Id))}]) || Id <- Ids],
    Env = [{body, Body}, {guard, Guard}, {out, Out},
           {template, erl_syntax:abstract(Template)}, {unused, Uses}],
    Test = case Guard of
               [] -> "";
               _ -> " fun (_@out) -> _@unused, _@guard end, "
           end,
    merl:qquote(Line, ["{_@template, ", Test,
                       " fun (_@out) -> _@unused, _@body end}"], Env).

%% A guard as an expression.
disjunction(Guard) ->
    Alternatives = case erl_syntax:type(Guard) of
                       disjunction -> erl_syntax:disjunction_body(Guard);
                       _ -> [Guard]
                   end,
    combined("_@expr orelse _@rest",
             [combined("_@expr andalso _@rest",
                       erl_syntax:conjunction_body(C))
              || C <- Alternatives]).

combined(_, [E]) -> E;
combined(Text, [E | Es]) ->
    merl:qquote(?LINE, Text, [{expr, E}, {rest, combined(Text, Es)}]).

%% Calls

behind(Tree) ->
    case merl_call(Tree) of
        {F, Args} ->
            case lists:all(fun erl_syntax:is_literal/1, [F | Args]) of
                true ->
                    [Name | Values] = [erl_syntax:concrete(T)
                                       || T <- [F | Args]],
                    call(location(F), Name, Values, Tree);
                false -> partial(F, Args, Tree)
            end;
        false -> Tree
    end.

%% What of a call is literal can be made now.
partial(F, Args, Tree) ->
    case erl_syntax:type(F) =:= atom andalso erl_syntax:atom_value(F) of
        qquote -> qquote(Args, Tree);
        Name when Name =:= subst; Name =:= match -> template(F, Args, Tree);
        _ -> Tree
    end.

qquote([Line, Text, Env], Tree) ->
    case erl_syntax:is_literal(Line) of
        true -> qquote(erl_syntax:concrete(Line), Text, Env, Tree);
        false -> Tree
    end;
qquote([Text, Env], Tree) -> qquote(1, Text, Env, Tree);
qquote(_, Tree) -> Tree.

qquote(Line, Text, Env, Tree) ->
    Quoted = erl_syntax:is_literal(Text) andalso
        call(Line, quote, [Line, erl_syntax:concrete(Text)], false),
    case Quoted of
        false -> Tree;
        _ -> expand(merl:qquote(Line, "merl:subst(_@tree, _@env)",
                                [{tree, Quoted}, {env, Env}]))
    end.

template(F, [Pattern | Args], Tree) ->
    case erl_syntax:is_literal(Pattern) of
        true ->
            Line = location(Pattern),
            Template = call(Line, template, [erl_syntax:concrete(Pattern)],
                            Tree),
            merl:qquote(Line, "merl:_@function(_@pattern, _@args)",
                        [{function, F}, {pattern, Template}, {args, Args}]);
        false -> Tree
    end;
template(_, _, Tree) -> Tree.

%% The value of merl:F(Args) as code, or Else if it fails.
call(Line, F, Args, Else) ->
    try apply(merl, F, Args) of
        Value when F =:= quote -> quote(Line, Value);
        Value -> merl:term(Value)
    catch throw:_ -> Else
    end.

quote(Line, Value) ->
    Template = merl:template(Value),
    case lists:any(fun is_inline/1, merl:template_vars(Template)) of
        true ->
            Text = case is_list(Value) of
                       true -> "merl:tree([_@template])";
                       false -> "merl:tree(_@template)"
                   end,
            merl:qquote(Line, Text,
                        [{template, merl:meta_template(Template)}]);
        false -> merl:term(Value)
    end.

location(Tree) ->
    Pos = erl_syntax:get_pos(Tree),
    case erl_anno:is_anno(Pos) of
        true -> erl_anno:location(Pos);
        false -> Pos
    end.
