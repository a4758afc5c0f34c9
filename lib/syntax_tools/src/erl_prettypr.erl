%% SPDX-License-Identifier: Apache-2.0
%% Prints syntax trees of Erlang as source text, within a width.
%%
%% Each type of tree becomes a document of prettypr; #ctxt{} goes down with
%% the precedence that a tree must have to need no parentheses, and with the
%% kind of expression that clauses belong to.
-module(erl_prettypr).
-export([format/1, format/2, best/1, best/2, layout/1, layout/2,
         get_ctxt_precedence/1, set_ctxt_precedence/2,
         get_ctxt_paperwidth/1, set_ctxt_paperwidth/2,
         get_ctxt_linewidth/1, set_ctxt_linewidth/2, get_ctxt_hook/1,
         set_ctxt_hook/2, get_ctxt_user/1, set_ctxt_user/2]).
-import(prettypr, [text/1, nest/2, above/2, beside/2, sep/1, par/1, par/2,
                   floating/3, floating/1, break/1, follow/3, empty/0]).

-record(ctxt, {prec = 0, sub_indent = 2, break_indent = 4,
               clause = undefined,
               hook = none,                % none | fun((Node, Ctxt, Cont))
               paper = 80, ribbon = 56, user = undefined,
               encoding = epp:default_encoding(),
               empty_lines = sets:new()}). % lines of the source to keep

-define(EXPR(X), erl_syntax:X).

%% The context, for hooks

get_ctxt_precedence(#ctxt{prec = Prec}) -> Prec.
set_ctxt_precedence(C, Prec) -> C#ctxt{prec = Prec}.
get_ctxt_paperwidth(#ctxt{paper = Width}) -> Width.
set_ctxt_paperwidth(C, Width) -> C#ctxt{paper = Width}.
get_ctxt_linewidth(#ctxt{ribbon = Width}) -> Width.
set_ctxt_linewidth(C, Width) -> C#ctxt{ribbon = Width}.
get_ctxt_hook(#ctxt{hook = Hook}) -> Hook.
set_ctxt_hook(C, Hook) -> C#ctxt{hook = Hook}.
get_ctxt_user(#ctxt{user = User}) -> User.
set_ctxt_user(C, User) -> C#ctxt{user = User}.

prec(C, Prec) -> C#ctxt{prec = Prec}.
loose(C) -> C#ctxt{prec = 0}.

%% Printing

format(Node) -> format(Node, []).
format(Node, Options) ->
    #ctxt{paper = W, ribbon = R} = context(Options),
    prettypr:format(layout(Node, Options), W, R).

best(Node) -> best(Node, []).
best(Node, Options) ->
    #ctxt{paper = W, ribbon = R} = context(Options),
    prettypr:best(layout(Node, Options), W, R).

layout(Node) -> layout(Node, []).
layout(Node, Options) -> lay(Node, context(Options)).

context(Options) ->
    Get = fun(Key, Default) -> proplists:get_value(Key, Options, Default) end,
    D = #ctxt{},
    D#ctxt{hook = Get(hook, none), paper = Get(paper, D#ctxt.paper),
           ribbon = Get(ribbon, D#ctxt.ribbon), user = Get(user, undefined),
           encoding = Get(encoding, D#ctxt.encoding),
           empty_lines = Get(empty_lines, D#ctxt.empty_lines)}.

%% The hook sees nodes with annotations.
lay(Node, #ctxt{hook = Hook} = C) ->
    case Hook =:= none orelse ?EXPR(get_ann(Node)) =:= [] of
        true -> commented(Node, C);
        false -> Hook(Node, C, fun commented/2)
    end.

%% Comments before a tree stand above it, those after it float right.
commented(Node, C) ->
    D = lay(?EXPR(type(Node)), Node, C),
    case ?EXPR(has_comments(Node)) of
        true -> before(?EXPR(get_precomments(Node)),
                       behind(?EXPR(get_postcomments(Node)), D));
        false -> D
    end.

before([], D) -> D;
before(Cs, D) ->
    Lines = column([comment_lines(?EXPR(comment_text(C))) || C <- Cs]),
    above(floating(break(Lines), -1, -1), D).

behind([], D) -> D;
behind(Cs, D) ->
    Lines = column([beside(padding(?EXPR(comment_padding(C))),
                           comment_lines(?EXPR(comment_text(C)))) || C <- Cs]),
    beside(D, floating(break(Lines), 1, 0)).

padding(none) -> padding(2);
padding(N) -> text(lists:duplicate(max(N, 0), $\s)).

comment_lines([]) -> empty();
comment_lines(Lines) -> column([text([$% | L]) || L <- Lines]).

column([D]) -> D;
column([D | Ds]) -> above(D, column(Ds)).

%% Pieces

commas(Nodes, C) -> joined(Nodes, floating(text(",")), C).

%% Documents of the nodes, with Separator behind all but the last.
joined([], _, _) -> [empty()];
joined([Node], _, C) -> [lay(Node, C)];
joined([Node | Nodes], none, C) -> [lay(Node, C) | joined(Nodes, none, C)];
joined([Node | Nodes], Separator, C) ->
    [beside(lay(Node, C), Separator) | joined(Nodes, Separator, C)].

%% Between marks that break no line.
within(Open, D, Close) ->
    beside(floating(text(Open)), beside(D, floating(text(Close)))).

%% Arguments: the parenthesis stays at the name.
called(Name, D) ->
    beside(Name, beside(text("("), beside(D, floating(text(")"))))).

parens(D, Prec, #ctxt{prec = Needed}) when Needed > Prec ->
    within("(", D, ")");
parens(D, _, _) -> D.

indented(D, #ctxt{break_indent = N}) -> nest(N, D).

infix(Mark, D1, D2, C) -> par([D1, floating(text(Mark)), D2],
                              C#ctxt.break_indent).

clauses(Clauses, Kind, C) ->
    Ds = joined(Clauses, floating(text(";")), C#ctxt{clause = Kind}),
    column(Ds).

%% Literals

lay(variable, N, _) -> text(?EXPR(variable_literal(N)));
lay(underscore, _, _) -> text("_");
lay(atom, N, C) -> text(?EXPR(atom_literal(N, C#ctxt.encoding)));
lay(integer, N, _) -> text(?EXPR(integer_literal(N)));
lay(float, N, _) -> text(float_text(?EXPR(float_literal(N))));
lay(char, N, C) -> text(?EXPR(char_literal(N, C#ctxt.encoding)));
lay(string, N, #ctxt{ribbon = R} = C) ->
    Text = ?EXPR(string_literal(N, C#ctxt.encoding)),
    string(Text, length(Text), R * 2 div 3);
lay(nil, _, _) -> text("[]");
lay(text, N, _) -> text(?EXPR(text_string(N)));
lay(operator, N, _) -> floating(text(?EXPR(operator_literal(N))));
lay(eof_marker, _, _) -> empty();
lay(comment, N, _) ->
    Lines = comment_lines(?EXPR(comment_text(N))),
    case ?EXPR(comment_padding(N)) of
        none -> floating(break(Lines));
        Padding -> floating(break(beside(padding(Padding), Lines)))
    end;
lay(error_marker, N, C) ->
    Info = error_info(?EXPR(error_marker_info(N)), loose(C)),
    beside(text("** "), beside(Info, text(" **")));
lay(warning_marker, N, C) ->
    beside(text("%% WARNING: "),
           error_info(?EXPR(warning_marker_info(N)), loose(C)));
lay(form_list, N, C) ->
    spaced(joined(?EXPR(form_list_elements(N)), none, loose(C)));

%% Terms
lay(tuple, N, C) ->
    within("{", sep(commas(?EXPR(tuple_elements(N)), loose(C))), "}");
lay(list, N, C0) ->
    C = loose(C0),
    List = ?EXPR(compact_list(N)),
    Elements = sep(commas(?EXPR(list_prefix(List)), C)),
    D = case ?EXPR(list_suffix(List)) of
            none -> beside(Elements, floating(text("]")));
            Tail ->
                prettypr:follow(Elements, within("| ", lay(Tail, C), "]"))
        end,
    beside(floating(text("[")), D);
lay(binary, N, C) ->
    within("<<", par(commas(?EXPR(binary_fields(N)), loose(C))), ">>");
lay(binary_field, N, C0) ->
    C = prec(C0, erl_parse:max_prec()),
    Types = case ?EXPR(binary_field_types(N)) of
                [] -> empty();
                Ts -> beside(floating(text("/")), bit_types(Ts, C))
            end,
    beside(lay(?EXPR(binary_field_body(N)), C), Types);
lay(size_qualifier, N, C0) ->
    C = prec(C0, erl_parse:max_prec()),
    beside(lay(?EXPR(size_qualifier_body(N)), C),
           beside(text(":"), lay(?EXPR(size_qualifier_argument(N)), C)));
lay(map_expr, N, C) ->
    {PrecL, Prec, _} = erl_parse:inop_prec('#'),
    Fields = par(commas(?EXPR(map_expr_fields(N)), loose(C))),
    D = beside(text("#{"), beside(Fields, floating(text("}")))),
    parens(argument(?EXPR(map_expr_argument(N)), D, prec(C, PrecL)), Prec, C);
lay(map_field_assoc, N, C0) ->
    C = loose(C0),
    infix("=>", lay(?EXPR(map_field_assoc_name(N)), C),
          lay(?EXPR(map_field_assoc_value(N)), C), C);
lay(map_field_exact, N, C0) ->
    C = loose(C0),
    infix(":=", lay(?EXPR(map_field_exact_name(N)), C),
          lay(?EXPR(map_field_exact_value(N)), C), C);
lay(record_expr, N, C) ->
    {PrecL, Prec, _} = erl_parse:inop_prec('#'),
    Name = lay(?EXPR(record_expr_type(N)), loose(C)),
    Fields = par(commas(?EXPR(record_expr_fields(N)), loose(C))),
    D = beside(beside(floating(text("#")), Name),
               beside(text("{"), beside(Fields, floating(text("}"))))),
    parens(argument(?EXPR(record_expr_argument(N)), D, prec(C, PrecL)),
           Prec, C);
lay(record_field, N, C0) ->
    C = loose(C0),
    Name = lay(?EXPR(record_field_name(N)), C),
    case ?EXPR(record_field_value(N)) of
        none -> Name;
        Value -> infix("=", Name, lay(Value, C), C)
    end;
lay(record_access, N, C) ->
    {PrecL, Prec, PrecR} = erl_parse:inop_prec('#'),
    Record = lay(?EXPR(record_access_argument(N)), prec(C, PrecL)),
    Field = lay(?EXPR(record_access_field(N)), prec(C, PrecR)),
    Name = lay(?EXPR(record_access_type(N)), loose(C)),
    Access = beside(beside(floating(text("#")), Name),
                    beside(floating(text(".")), Field)),
    parens(beside(Record, Access), Prec, C);
lay(record_index_expr, N, C) ->
    {Prec, PrecR} = erl_parse:preop_prec('#'),
    Name = lay(?EXPR(record_index_expr_type(N)), loose(C)),
    Field = lay(?EXPR(record_index_expr_field(N)), prec(C, PrecR)),
    parens(beside(beside(floating(text("#")), Name),
                  beside(floating(text(".")), Field)), Prec, C);
lay(Type, N, C) -> expr(Type, N, C).

argument(none, D, _) -> D;
argument(Argument, D, C) -> beside(lay(Argument, C), D).

bit_types([T], C) -> lay(T, C);
bit_types([T | Ts], C) ->
    beside(lay(T, C), beside(floating(text("-")), bit_types(Ts, C))).

%% Forms have an empty line between them.
spaced([D]) -> D;
spaced([D | Ds]) -> above(above(D, text("")), spaced(Ds)).

error_info({L, M, Error} = Info, C) when is_integer(L), is_atom(M) ->
    case catch M:format_error(Error) of
        Text when is_list(Text), L > 0 ->
            beside(text(io_lib:format("~w: ", [L])), text(Text));
        Text when is_list(Text) -> text(Text);
        _ -> lay(?EXPR(abstract(Info)), C)
    end;
error_info(Info, C) -> lay(?EXPR(abstract(Info)), C).

%% Expressions

expr(infix_expr, N, C) ->
    Operator = ?EXPR(infix_expr_operator(N)),
    {PrecL, Prec, PrecR} =
        case ?EXPR(type(Operator)) of
            operator -> erl_parse:inop_prec(?EXPR(operator_name(Operator)));
            _ -> {0, 0, 0}
        end,
    parens(par([lay(?EXPR(infix_expr_left(N)), prec(C, PrecL)),
                lay(Operator, loose(C)),
                lay(?EXPR(infix_expr_right(N)), prec(C, PrecR))],
               C#ctxt.break_indent), Prec, C);
expr(prefix_expr, N, C) ->
    Operator = ?EXPR(prefix_expr_operator(N)),
    {{Prec, PrecR}, Name} =
        case ?EXPR(type(Operator)) of
            operator ->
                Op = ?EXPR(operator_name(Operator)),
                {erl_parse:preop_prec(Op), Op};
            _ -> {{0, 0}, any}
        end,
    D1 = lay(Operator, loose(C)),
    D2 = lay(?EXPR(prefix_expr_argument(N)), prec(C, PrecR)),
    D = case Name =:= '+' orelse Name =:= '-' of
            true -> beside(D1, D2);
            false -> par([D1, D2], C#ctxt.break_indent)
        end,
    parens(D, Prec, C);
expr(match_expr, N, C) ->
    assignment(" =", '=', ?EXPR(match_expr_pattern(N)),
               ?EXPR(match_expr_body(N)), C);
expr(maybe_match_expr, N, C) ->
    assignment(" ?=", '=', ?EXPR(maybe_match_expr_pattern(N)),
               ?EXPR(maybe_match_expr_body(N)), C);
expr(application, N, C) ->
    {PrecL, Prec} = erl_parse:func_prec(),
    F = lay(?EXPR(application_operator(N)), prec(C, PrecL)),
    Args = sep(commas(?EXPR(application_arguments(N)), loose(C))),
    parens(called(F, Args), Prec, C);
expr(catch_expr, N, C) ->
    {Prec, PrecR} = erl_parse:preop_prec('catch'),
    D = lay(?EXPR(catch_expr_body(N)), prec(C, PrecR)),
    parens(follow(text("catch"), D, C#ctxt.break_indent), Prec, C);
expr(parentheses, N, C) ->
    within("(", lay(?EXPR(parentheses_body(N)), loose(C)), ")");
expr(module_qualifier, N, C) ->
    {PrecL, _, PrecR} = erl_parse:inop_prec(':'),
    beside(lay(?EXPR(module_qualifier_argument(N)), prec(C, PrecL)),
           beside(text(":"),
                  lay(?EXPR(module_qualifier_body(N)), prec(C, PrecR))));
expr(arity_qualifier, N, C) ->
    beside(lay(?EXPR(arity_qualifier_body(N)), loose(C)),
           beside(text("/"),
                  lay(?EXPR(arity_qualifier_argument(N)), loose(C))));
expr(implicit_fun, N, C) ->
    beside(floating(text("fun ")),
           lay(?EXPR(implicit_fun_name(N)), loose(C)));
expr(macro, N, C0) ->
    C = loose(C0),
    Name = lay(?EXPR(macro_name(N)), C),
    D = case ?EXPR(macro_arguments(N)) of
            none -> Name;
            Args ->
                Tight = prec(C, erl_parse:max_prec()),
                called(Name, par(commas(Args, Tight)))
        end,
    parens(beside(floating(text("?")), D), 0, C0);
expr(list_comp, N, C0) ->
    C = loose(C0),
    Body = par(commas(?EXPR(list_comp_body(N)), C)),
    beside(floating(text("[")),
           par([lay(?EXPR(list_comp_template(N)), C),
                within("|| ", Body, "]")]));
expr(binary_comp, N, C0) ->
    C = prec(C0, erl_parse:max_prec()),
    Body = par(commas(?EXPR(binary_comp_body(N)), C)),
    beside(floating(text("<< ")),
           par([lay(?EXPR(binary_comp_template(N)), C),
                within(" || ", Body, " >>")]));
expr(map_comp, N, C0) ->
    C = loose(C0),
    Body = par(commas(?EXPR(map_comp_body(N)), C)),
    beside(floating(text("#{")),
           par([lay(?EXPR(map_comp_template(N)), C),
                within("|| ", Body, "}")]));
expr(generator, N, C) -> generator("<- ", N, C);
expr(strict_generator, N, C) -> generator("<:- ", N, C);
expr(binary_generator, N, C) -> generator("<= ", N, C);
expr(strict_binary_generator, N, C) -> generator("<:= ", N, C);
expr(map_generator, N, C) -> generator("<- ", N, C);
expr(strict_map_generator, N, C) -> generator("<:- ", N, C);
expr(zip_generator, N, C) ->
    par(joined(?EXPR(zip_generator_body(N)), floating(text(" &&")),
               loose(C)));
expr(conjunction, N, C) ->
    par(commas(?EXPR(conjunction_body(N)), loose(C)));
expr(disjunction, N, C) ->
    sep(joined(?EXPR(disjunction_body(N)), floating(text(";")), loose(C)));
expr(class_qualifier, N, C0) ->
    C = prec(C0, erl_parse:max_prec()),
    Trace = ?EXPR(class_qualifier_stacktrace(N)),
    D = beside(text(":"), lay(?EXPR(class_qualifier_body(N)), C)),
    D1 = case ?EXPR(variable_name(Trace)) of
             '_' -> D;
             _ -> beside(D, beside(text(":"), lay(Trace, C)))
         end,
    beside(lay(?EXPR(class_qualifier_argument(N)), C), D1);
expr(Type, N, C) -> block(Type, N, loose(C), C).

assignment(Mark, Op, Left, Right, C) ->
    {PrecL, Prec, PrecR} = erl_parse:inop_prec(Op),
    D = follow(beside(lay(Left, prec(C, PrecL)), floating(text(Mark))),
               lay(Right, prec(C, PrecR)), C#ctxt.break_indent),
    parens(D, Prec, C).

generator(Mark, Node, C0) ->
    C = loose(C0),
    [[Pattern], [Body]] = ?EXPR(subtrees(Node)),
    par([lay(Pattern, C), beside(text(Mark), lay(Body, C))],
        C#ctxt.break_indent).

%% Expressions with clauses and bodies, up to their end

block(block_expr, N, C, _) ->
    sep([text("begin"), indented(sep(commas(?EXPR(block_expr_body(N)), C)), C),
         text("end")]);
block(if_expr, N, C, _) ->
    D = clauses(?EXPR(if_expr_clauses(N)), if_expr, C),
    sep([follow(text("if"), D, C#ctxt.break_indent), text("end")]);
block(case_expr, N, C, _) ->
    Argument = lay(?EXPR(case_expr_argument(N)), C),
    Head = par([follow(text("case"), Argument, C#ctxt.break_indent),
                text("of")], C#ctxt.break_indent),
    sep([Head,
         indented(clauses(?EXPR(case_expr_clauses(N)), case_expr, C), C),
         text("end")]);
block(fun_expr, N, C, _) ->
    D = clauses(?EXPR(fun_expr_clauses(N)), fun_expr, C),
    sep([follow(text("fun"), D, C#ctxt.break_indent), text("end")]);
block(named_fun_expr, N, C, _) ->
    Name = lay(?EXPR(named_fun_expr_name(N)), C),
    D = clauses(?EXPR(named_fun_expr_clauses(N)), {function, Name}, C),
    sep([follow(text("fun"), D, C#ctxt.break_indent), text("end")]);
block(maybe_expr, N, C, _) ->
    Body = column(commas(?EXPR(maybe_expr_body(N)), C)),
    [First | Rest] =
        case ?EXPR(maybe_expr_else(N)) of
            none -> [text("end")];
            Else ->
                D = clauses(?EXPR(else_expr_clauses(Else)), maybe_expr, C),
                [text("else"), indented(D, C), text("end")]
        end,
    sep([par([text("maybe"), indented(Body, C), First]) | Rest]);
block(receive_expr, N, C, _) ->
    D = clauses(?EXPR(receive_expr_clauses(N)), receive_expr, C),
    D1 = case ?EXPR(receive_expr_timeout(N)) of
             none -> D;
             Timeout ->
                 Action = sep(commas(?EXPR(receive_expr_action(N)), C)),
                 After = with_body(lay(Timeout, C), Action, C),
                 sep([D, follow(floating(text("after")), After,
                                C#ctxt.break_indent)])
         end,
    sep([text("receive"), indented(D1, C), text("end")]);
block(try_expr, N, C, _) ->
    Part = fun(_, []) -> [];
              (Word, D) -> [text(Word), indented(D, C)]
           end,
    Clauses = fun([]) -> [];
                 (Cs) -> clauses(Cs, try_expr, C)
              end,
    After = case ?EXPR(try_expr_after(N)) of
                [] -> [];
                As -> sep(commas(As, C))
            end,
    [First | Rest] =
        Part("of", Clauses(?EXPR(try_expr_clauses(N))))
        ++ Part("catch", Clauses(?EXPR(try_expr_handlers(N))))
        ++ Part("after", After) ++ [text("end")],
    Body = sep(commas(?EXPR(try_expr_body(N)), C)),
    sep([par([follow(text("try"), Body, C#ctxt.break_indent), First])
         | Rest]);
block(clause, N, C, #ctxt{clause = Kind}) ->
    clause(Kind, N, C#ctxt{clause = undefined});
block(function, N, C, _) ->
    Name = lay(?EXPR(function_name(N)), C),
    D = clauses(?EXPR(function_clauses(N)), {function, Name}, C),
    beside(D, floating(text(".")));
block(attribute, N, C, _) ->
    beside(floating(text("-")),
           beside(attribute(N, C), floating(text("."))));
block(Type, N, C, C0) -> type(Type, N, C, C0).

clause(Kind, N, C) ->
    Patterns = par(commas(?EXPR(clause_patterns(N)), C)),
    Guard = case ?EXPR(clause_guard(N)) of
                none -> none;
                G -> lay(G, C)
            end,
    Head = case Kind of
               if_expr when Guard =:= none -> text("true");
               if_expr -> Guard;
               {function, Name} ->
                   guarded(beside(Name, within("(", Patterns, ")")), Guard,
                           C);
               _ when Kind =:= fun_expr; Kind =:= undefined ->
                   guarded(within("(", Patterns, ")"), Guard, C);
               _ -> guarded(Patterns, Guard, C)
           end,
    with_body(Head, body(?EXPR(clause_body(N)), C), C).

guarded(D, none, _) -> D;
guarded(D, Guard, C) ->
    par([D, follow(text("when"), Guard, C#ctxt.sub_indent)],
        C#ctxt.break_indent).

with_body(Head, Body, C) ->
    sep([beside(Head, floating(text(" ->"))), indented(Body, C)]).

%% Expressions one above the other; empty lines between them may be kept.
body([], _) -> empty();
body([E], C) -> lay(E, C);
body([E | [Next | _] = Es], C) ->
    D = beside(lay(E, C), floating(text(","))),
    case parted(E, Next, C) of
        true -> above(above(D, text("")), body(Es, C));
        false -> above(D, body(Es, C))
    end.

parted(E, Next, #ctxt{empty_lines = Empty}) ->
    Line = fun(Tree) -> erl_anno:line(?EXPR(get_pos(Tree))) end,
    try
        Line(Next) - Line(E) >= 2 andalso sets:is_element(Line(E) + 1, Empty)
    catch error:badarith -> false
    end.

%% Attributes

attribute(N, C) ->
    Name0 = ?EXPR(attribute_name(N)),
    %% if is no atom here, which would have quotes
    Name = case Name0 of
               {atom, _, 'if'} -> ?EXPR(variable('if'));
               _ -> Name0
           end,
    Args = ?EXPR(attribute_arguments(N)),
    Kind = case catch ?EXPR(concrete(Name0)) of
               K when K =:= opaque; K =:= type -> type;
               K when K =:= callback; K =:= spec -> spec;
               K when K =:= export_type; K =:= optional_callbacks -> names;
               _ -> other
           end,
    attribute(Kind, Args, lay(Name, C), C).

attribute(spec, [Spec], Name, C) ->
    [F, Types] = ?EXPR(tuple_elements(Spec)),
    Clauses = clauses(?EXPR(concrete(macro_atoms(Types))), spec, C),
    beside(follow(Name, lay(spec_name(F), C), C#ctxt.break_indent), Clauses);
attribute(type, [Tuple], Name, C) ->
    [TypeName, Type, Args] = ?EXPR(tuple_elements(Tuple)),
    Head = applied(macro_atoms(TypeName), ?EXPR(concrete(macro_atoms(Args))),
                   C),
    D = lay(?EXPR(concrete(macro_atoms(Type))), C),
    beside(follow(Name, beside(Head, floating(text(" :: "))),
                  C#ctxt.break_indent), D);
attribute(names, [List], Name, C) ->
    Names = ?EXPR(list([?EXPR(arity_qualifier(?EXPR(atom(F)),
                                              ?EXPR(integer(A))))
                        || {F, A} <- ?EXPR(concrete(macro_atoms(List)))])),
    called(Name, lay(Names, C));
attribute(_, none, Name, _) -> Name;
attribute(_, Args, Name, C) ->
    called(Name, sep(joined(Args, text(","), C))).

spec_name(F) ->
    case ?EXPR(type(F)) =:= tuple andalso ?EXPR(tuple_elements(F)) of
        [Name, _] -> Name;
        [Module, Name, _] -> ?EXPR(module_qualifier(Module, Name));
        _ -> F
    end.

%% Terms must be concrete here, and macros are not.
macro_atoms(Tree) ->
    erl_syntax_lib:map(
      fun(T) ->
              case ?EXPR(type(T)) of
                  macro ->
                      Name = ?EXPR(variable_literal(?EXPR(macro_name(T)))),
                      ?EXPR(atom("?" ++ Name));
                  _ -> T
              end
      end, Tree).

%% Types

type(annotated_type, N, C, C0) ->
    {_, Prec, _} = erl_parse:type_inop_prec('::'),
    D = follow(beside(lay(?EXPR(annotated_type_name(N)), C),
                      floating(text(" ::"))),
               lay(?EXPR(annotated_type_body(N)), prec(C, Prec)),
               C#ctxt.break_indent),
    parens(D, Prec, C0);
type(typed_record_field, N, C, C0) ->
    {_, Prec, _} = erl_parse:type_inop_prec('::'),
    parens(infix("::", lay(?EXPR(typed_record_field_body(N)), C),
                 lay(?EXPR(typed_record_field_type(N)), prec(C, Prec)), C),
           Prec, C0);
type(type_application, N, C, C0) ->
    Args = ?EXPR(type_application_arguments(N)),
    case {erl_syntax_lib:analyze_type_application(N), Args} of
        {{nil, 0}, _} -> text("[]");
        {{list, 1}, [A]} ->
            beside(text("["), beside(lay(A, C), text("]")));
        {{nonempty_list, 1}, [A]} ->
            beside(text("["), beside(lay(A, C), text(", ...]")));
        _ -> applied(?EXPR(type_application_name(N)), Args, C0)
    end;
type(user_type_application, N, _, C) ->
    applied(?EXPR(user_type_application_name(N)),
            ?EXPR(user_type_application_arguments(N)), C);
type(bitstring_type, N, C0, _) ->
    C = prec(C0, erl_parse:max_prec()),
    Parts = [beside(text(Mark), lay(Size, C))
             || {Mark, Size} <- [{"_:", ?EXPR(bitstring_type_m(N))},
                                 {"_:_*", ?EXPR(bitstring_type_n(N))}],
                not ?EXPR(is_integer(Size, 0))],
    D = case Parts of
            [] -> [empty()];
            [_] -> Parts;
            [M, U] -> [beside(M, floating(text(","))), U]
        end,
    within("<<", par(D), ">>");
type(fun_type, _, _, _) -> text("fun()");
type(constrained_function_type, N, C, _) ->
    %% the clause kind is for the function type only
    beside(lay(?EXPR(constrained_function_type_body(N)), C),
           beside(floating(text(" when ")),
                  lay(?EXPR(constrained_function_type_argument(N)),
                      C#ctxt{clause = undefined})));
type(function_type, N, C0, _) ->
    {Before, After} = case C0#ctxt.clause of
                          spec -> {"", ""};
                          _ -> {"fun(", ")"}
                      end,
    C = C0#ctxt{clause = undefined},
    Args = case ?EXPR(function_type_arguments(N)) of
               any_arity -> text("(...)");
               Types ->
                   beside(text("("), beside(par(commas(Types, C)),
                                            floating(text(")"))))
           end,
    Return = lay(?EXPR(function_type_return(N)), C),
    beside(floating(text(Before)),
           beside(Args, within(" -> ", Return, After)));
type(constraint, N, _, C) ->
    Name = ?EXPR(constraint_argument(N)),
    case ?EXPR(constraint_body(N)) of
        [Var, Type] = Args ->
            case ?EXPR(is_atom(Name, is_subtype)) andalso
                ?EXPR(type(Var)) =:= variable of
                true -> subtype(Var, Type, C);
                false -> applied(Name, Args, C)
            end;
        Args -> applied(Name, Args, C)
    end;
type(map_type, N, C, C0) ->
    case ?EXPR(map_type_fields(N)) of
        any_size -> text("map()");
        Fields ->
            {Prec, _} = erl_parse:type_preop_prec('#'),
            parens(within("#{", par(commas(Fields, C)), "}"), Prec, C0)
    end;
type(map_type_assoc, N, C, _) ->
    infix("=>", lay(?EXPR(map_type_assoc_name(N)), C),
          lay(?EXPR(map_type_assoc_value(N)), C), C);
type(map_type_exact, N, C, _) ->
    infix(":=", lay(?EXPR(map_type_exact_name(N)), C),
          lay(?EXPR(map_type_exact_value(N)), C), C);
type(integer_range_type, N, C, C0) ->
    {PrecL, Prec, PrecR} = erl_parse:type_inop_prec('..'),
    Low = lay(?EXPR(integer_range_type_low(N)), prec(C, PrecL)),
    High = lay(?EXPR(integer_range_type_high(N)), prec(C, PrecR)),
    parens(beside(Low, beside(text(".."), High)), Prec, C0);
type(record_type, N, C, C0) ->
    {Prec, _} = erl_parse:type_preop_prec('#'),
    Name = beside(text("#"), lay(?EXPR(record_type_name(N)), C)),
    Fields = par(commas(?EXPR(record_type_fields(N)), C)),
    parens(beside(Name, beside(text("{"), beside(Fields,
                                                 floating(text("}"))))),
           Prec, C0);
type(record_type_field, N, C, _) ->
    infix("::", lay(?EXPR(record_type_field_name(N)), C),
          lay(?EXPR(record_type_field_type(N)), C), C);
type(tuple_type, N, C, _) ->
    case ?EXPR(tuple_type_elements(N)) of
        any_size -> text("tuple()");
        Types -> within("{", sep(commas(Types, C)), "}")
    end;
type(type_union, N, C, C0) ->
    {_, Prec, PrecR} = erl_parse:type_inop_prec('|'),
    parens(sep(joined(?EXPR(type_union_types(N)), floating(text(" |")),
                      prec(C, PrecR))), Prec, C0).

subtype(Var, Type, C) ->
    {PrecL, Prec, PrecR} = erl_parse:type_inop_prec('::'),
    D = follow(beside(lay(Var, prec(C, PrecL)), floating(text(" ::"))),
               lay(Type, prec(C, PrecR)), C#ctxt.break_indent),
    parens(D, Prec, C).

applied(Name, Args, C) ->
    {PrecL, Prec} = erl_parse:func_prec(),
    D = called(lay(Name, prec(C, PrecL)), par(commas(Args, loose(C)))),
    parens(D, Prec, C).

%% Long strings are cut, after a blank where one comes soon, and never in
%% an escape. Left is how much may come before the cut, Length what remains.

string(Text, Length, Width) when Length > Width, Width > 0 ->
    case cut(Text, Width - 1, Length, []) of
        {_, ""} -> text(Text);
        {Before, After} ->
            above(text(Before ++ "\""),
                  string([$" | After], Length - Width + 1, Width))
    end;
string(Text, _, _) -> text(Text).

cut([C | T], Left, Length, Acc)
  when C =:= $\s, Left =< 0, Length >= 5;
       C =:= $\t, Left =< 0, Length >= 5;
       C =:= $\n, Left =< 0, Length >= 5 ->
    Written = case C of $\s -> " "; $\t -> "t\\"; $\n -> "n\\" end,
    {lists:reverse(Acc, lists:reverse(Written)), T};
cut([$\\ | T], Left, Length, Acc) ->
    N = escape(T),
    {Escape, Rest} = lists:split(N, T),
    cut(Rest, Left - 1 - N, Length - 1 - N,
        lists:reverse(Escape, [$\\ | Acc]));
cut(T, Left, Length, Acc) when Left =< -10, Length >= 5 ->
    {lists:reverse(Acc), T};
cut([C | T], Left, Length, Acc) -> cut(T, Left - 1, Length - 1, [C | Acc]);
cut([], _, _, Acc) -> {lists:reverse(Acc), ""}.

-define(OCTAL(C), C >= $0, C =< $7).

%% How many characters follow a backslash.
escape([$^, _ | _]) -> 2;
escape([$x, ${ | T]) ->
    2 + length(lists:takewhile(fun(C) -> C =/= $} end, T)) + 1;
escape([A, B, C | _]) when ?OCTAL(A), ?OCTAL(B), ?OCTAL(C) -> 3;
escape([A, B | _]) when ?OCTAL(A), ?OCTAL(B) -> 2;
escape(_) -> 1.

%% 1.0 for 1.00000000000000000000e+00: the fraction ends at three zeroes, an
%% exponent of zero goes.

float_text(Text) ->
    {Mantissa, Exponent} = lists:splitwith(fun(C) -> C =/= $e end, Text),
    case lists:splitwith(fun(C) -> C =/= $. end, Mantissa) of
        {Whole, [$., Digit | Digits]} ->
            Whole ++ [$., Digit | up_to_zeroes(Digits)] ++ exponent(Exponent);
        {Whole, Rest} -> Whole ++ Rest ++ exponent(Exponent)
    end.

up_to_zeroes("000" ++ _) -> [];
up_to_zeroes([C | T]) -> [C | up_to_zeroes(T)];
up_to_zeroes([]) -> [].

exponent([$e, Sign, $0]) when Sign =:= $+; Sign =:= $- -> [];
exponent([$e, Sign, $0 | T]) when Sign =:= $+; Sign =:= $- ->
    exponent([$e, Sign | T]);
exponent([$e, Sign | _] = Text) when Sign =:= $+; Sign =:= $- -> Text;
exponent([$e | T]) -> exponent("e+" ++ T);
exponent([]) -> [].
