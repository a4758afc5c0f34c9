%% SPDX-License-Identifier: Apache-2.0
%% Metaprogramming: code quoted as text becomes syntax trees, in which
%% metavariables (_@Name, '@name', 909N) are substituted, or matched.
%%
%% A template is a tree, a metavariable {Id}, a glob {'*', Id} that stands
%% for any number of trees, or {template, Type, Attributes, Groups}. An
%% underscore (a 0 in numbers) after the mark lifts a metavariable to the
%% tree around it; an @ (a 9) makes it a glob.
-module(merl).
-export([term/1, var/1, print/1, show/1]).
-export([quote/1, quote/2, qquote/2, qquote/3]).
-export([template/1, tree/1, subst/2, tsubst/2, alpha/2, match/2, switch/2]).
-export([template_vars/1, meta_template/1]).
-export([compile/1, compile/2, compile_and_load/1, compile_and_load/2]).

%% Compiling

compile(Code) -> compile(Code, []).

compile(Code, Options) when is_list(Code), is_list(Options) ->
    compile:noenv_forms([erl_syntax:revert(F) || F <- Code],
                        [verbose, report_errors, report_warnings, binary
                         | Options]);
compile(Code, Options) ->
    case type(Code) of
        form_list -> compile(erl_syntax:form_list_elements(Code));
        _ -> compile([Code], Options)
    end.

compile_and_load(Code) -> compile_and_load(Code, []).

compile_and_load(Code, Options) ->
    case compile(Code, Options) of
        {ok, Module, Binary} ->
            _ = code:load_binary(Module, "", Binary),
            {ok, Binary};
        Other -> Other
    end.

%% Trees

var(Name) -> erl_syntax:variable(Name).

term(Term) -> erl_syntax:abstract(Term).

print(Trees) when is_list(Trees) -> lists:foreach(fun print/1, Trees);
print(Tree) ->
    io:put_chars(erl_prettypr:format(tree(Tree))),
    io:nl().

%% The structure: each tree's type and text, with its groups below.
show(Trees) when is_list(Trees) -> lists:foreach(fun show/1, Trees);
show(Tree) ->
    io:put_chars(shown(tree(Tree), 0)),
    io:nl().

shown(Tree, N) ->
    Text = erl_prettypr:format(erl_syntax_lib:limit(Tree, 3)),
    Head = lists:flatten([atom_to_list(type(Tree)), ": ", Text]),
    Groups = [[shown(T, N + 2) || T <- G] || G <- subtrees(Tree), G =/= []],
    [indent(N), limited(Head, 79 - N), $\n,
     lists:join([indent(N + 2), "+\n"], Groups)].

indent(N) -> lists:duplicate(N, $\s).

%% One line of at most N characters, with blanks for other white space.
limited([C | T], N) when C =:= $\n; C =:= $\r; C =:= $\v; C =:= $\t ->
    limited([$\s | T], N);
limited([$\s, $\s | T], N) -> limited([$\s | T], N);
limited([C | T], N) when C < 32 -> limited(T, N);
limited([C | T], N) when N > 3 -> [C | limited(T, N - 1)];
limited(T, N) when N > 0, length(T) > N -> lists:duplicate(N, $.);
limited(T, N) when N > 0 -> T;
limited(_, _) -> [].

%% Quoting

qquote(Text, Env) -> qquote(1, Text, Env).

qquote(Pos, Text, Env) -> subst(quote(Pos, Text), Env).

quote(Text) -> quote(1, Text).

quote({Line, Col}, Text) when is_integer(Line), is_integer(Col) ->
    quoted(Line, {Line, Col}, flat(Text));
quote(Line, Text) when is_integer(Line) -> quoted(Line, Line, flat(Text)).

quoted(Line, Pos, Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, Pos),
    Trees = parsed(Tokens),
    case {erl_comment_scan:string(Text), Trees} of
        {[], [Tree]} -> Tree;
        {[], _} -> Trees;
        {Comments, _} -> commented(Line, Comments, Trees, [])
    end.

flat([L | _] = Lines) when is_list(L) ->
    lists:append([S ++ "\n" || S <- Lines]);
flat([B | _] = Lines) when is_binary(B) ->
    lists:append([binary_to_list(S) ++ "\n" || S <- Lines]);
flat(Text) when is_binary(Text) -> binary_to_list(Text);
flat(Text) -> Text.

%% Forms if there is a dot, else expressions, else clauses of some kind.
parsed(Tokens) ->
    case lists:any(fun(T) -> element(1, T) =:= dot end, Tokens) of
        true -> forms(Tokens, []);
        false ->
            A = erl_anno:new(0),
            End = [{'end', A}, {dot, A}],
            clauses([{Tokens ++ [{dot, A}], fun(Es) -> Es end},
                     {[{'try', A}, {atom, A, true}, {'catch', A}
                       | Tokens ++ End],
                      fun([{'try', _, _, _, _, _} = E]) ->
                              erl_syntax:try_expr_handlers(E)
                      end},
                     {[{'fun', A} | Tokens ++ End],
                      fun([{'fun', _, {clauses, Cs}}]) -> Cs end},
                     {[{'case', A}, {atom, A, true}, {'of', A}
                       | Tokens ++ End],
                      fun([{'case', _, _, Cs}]) -> Cs end}], [])
    end.

forms([], []) -> [];
forms([], [T | _]) -> fail("incomplete form after ~p", [T]);
forms([{dot, _} = T | Ts], Acc) ->
    case erl_parse:parse_form(lists:reverse(Acc, [T])) of
        {ok, Form} -> [Form | forms(Ts, [])];
        {error, Error} -> parse_error(Error)
    end;
forms([T | Ts], Acc) -> forms(Ts, [T | Acc]).

%% The way that came farthest has the error.
clauses([], Errors) -> parse_error(lists:last(lists:sort(Errors)));
clauses([{Tokens, Found} | Ways], Errors) ->
    case erl_parse:parse_exprs(Tokens) of
        {ok, Es} -> Found(Es);
        {error, Error} -> clauses(Ways, [Error | Errors])
    end.

parse_error({L, M, R}) when is_atom(M), is_integer(L) ->
    fail("~w: ~ts", [L, M:format_error(R)]);
parse_error({{L, C}, M, R}) when is_atom(M), is_integer(L), is_integer(C) ->
    fail("~w:~w: ~ts", [L, C, M:format_error(R)]);
parse_error({_, M, R}) when is_atom(M) -> fail(M:format_error(R), []);
parse_error(R) -> fail("unknown parse error: ~tp", [R]).

fail(Format, Args) ->
    throw({error, lists:flatten(io_lib:format(Format, Args))}).

%% Comments go to the tree on their line, or before the next one.
commented(_, [], [], [Tree]) -> Tree;
commented(_, [], [Tree], []) -> Tree;
commented(_, [], Trees, Acc) -> lists:reverse(Acc, Trees);
commented(Start, Comments, [], Acc) ->
    Rest = [erl_syntax:set_pos(erl_syntax:comment(Indent, Text),
                               erl_anno:new(Start + Line - 1))
            || {Line, _, Indent, Text} <- Comments],
    commented(Start, [], [], Rest ++ Acc);
commented(Start, [{Line, _, Indent, Text} | Cs] = All, [T | Ts], Acc) ->
    Comment = erl_syntax:comment(Indent, Text),
    At = Start + Line - 1,
    case erl_anno:line(erl_syntax:get_pos(T)) of
        L when L < At -> commented(Start, All, Ts, [T | Acc]);
        At ->
            T1 = erl_syntax:add_postcomments([Comment], T),
            commented(Start, Cs, [T1 | Ts], Acc);
        _ ->
            T1 = erl_syntax:add_precomments([Comment], T),
            commented(Start, Cs, [T1 | Ts], Acc)
    end.

%% Templates

template(Trees) when is_list(Trees) -> [template(T) || T <- Trees];
template({template, _, _, _} = Template) -> Template;
template({'*', _} = Template) -> Template;
template({_} = Template) -> Template;
template(Tree) ->
    case raise(Tree) of
        false -> Tree;
        {lift, _, Name} -> fail("bad metavariable: '~s'", [Name]);
        Template -> Template
    end.

%% The template of a tree, false if nothing in it varies, or {lift, Kind,
%% Name} for a metavariable that belongs to the tree around.
raise(Tree) ->
    case subtrees(Tree) of
        [] ->
            case metavariable(Tree) of
                false -> false;
                {Kind, Name} -> settle(Kind, Name)
            end;
        Groups ->
            case raise_groups(Groups, [], false) of
                false -> false;
                {lift, Kind, Name} -> settle(Kind, tl(Name));
                Groups1 ->
                    {template, type(Tree), erl_syntax:get_attrs(Tree),
                     Groups1}
            end
    end.

settle(v, [$_, _ | _] = Name) -> {lift, v, Name};
settle(n, [$0, _ | _] = Name) -> {lift, n, Name};
settle(v, [$@, C | Name]) -> {'*', list_to_atom([C | Name])};
settle(n, [$9, C | Name]) -> {'*', list_to_integer([C | Name])};
settle(v, Name) -> {list_to_atom(Name)};
settle(n, Name) -> {list_to_integer(Name)}.

raise_groups([], _, false) -> false;
raise_groups([], Acc, true) -> lists:reverse(Acc);
raise_groups([G | Gs], Acc, Varies) ->
    case raise_group(G, [], false) of
        {lift, _, _} = Lift -> Lift;
        false -> raise_groups(Gs, [G | Acc], Varies);
        G1 -> raise_groups(Gs, [G1 | Acc], true)
    end.

raise_group([], _, false) -> false;
raise_group([], Acc, true) -> lists:reverse(Acc);
raise_group([T | Ts], Acc, Varies) ->
    case raise(T) of
        {lift, _, _} = Lift -> Lift;
        false -> raise_group(Ts, [T | Acc], Varies);
        T1 -> raise_group(Ts, [T1 | Acc], true)
    end.

%% {v, Name} or {n, Digits}.
metavariable(Tree) ->
    case type(Tree) of
        atom -> marked("@", erl_syntax:atom_name(Tree), true);
        variable -> marked("_@", erl_syntax:variable_literal(Tree), true);
        string -> marked("'@", erl_syntax:string_value(Tree), false);
        integer ->
            case erl_syntax:integer_value(Tree) of
                N when N >= 9090 ->
                    case integer_to_list(N) of
                        "909" ++ Digits -> {n, Digits};
                        _ -> false
                    end;
                _ -> false
            end;
        _ -> false
    end.

marked(Mark, Text, NonEmpty) ->
    case lists:prefix(Mark, Text) of
        true when NonEmpty, length(Text) =:= length(Mark) -> false;
        true -> {v, lists:nthtail(length(Mark), Text)};
        false -> false
    end.

%% Code that makes the template; a metavariable with the name of an Erlang
%% variable becomes that variable, one that also ends in @ its value as term.
meta_template(Templates) when is_list(Templates) ->
    [meta_template(T) || T <- Templates];
meta_template({template, Type, Attrs, Groups}) ->
    erl_syntax:tuple(
      [erl_syntax:atom(template), erl_syntax:atom(Type),
       erl_syntax:abstract(Attrs),
       erl_syntax:list([erl_syntax:list([meta_template(T) || T <- G])
                        || G <- Groups])]);
meta_template({Id} = Template) -> meta_variable(Id, Template);
meta_template({'*', Id} = Template) -> meta_variable(Id, Template);
meta_template(Tree) -> erl_syntax:abstract(Tree).

meta_variable(Id, Template) ->
    case inline(Id) of
        {term, Name} ->
            erl_syntax:application(erl_syntax:atom(merl),
                                   erl_syntax:atom(term),
                                   [erl_syntax:variable(Name)]);
        {tree, Name} -> erl_syntax:variable(Name);
        false -> erl_syntax:abstract(Template)
    end.

inline(Id) when is_integer(Id), Id > 99, Id rem 100 =:= 99 ->
    {term, "Q" ++ integer_to_list(Id div 100)};
inline(Id) when is_integer(Id), Id > 9, Id rem 10 =:= 9 ->
    {tree, "Q" ++ integer_to_list(Id div 10)};
inline(Id) when is_integer(Id) -> false;
inline(Id) ->
    case atom_to_list(Id) of
        [C | _] = Name when C >= $A, C =< $Z;
                            C >= 16#C0, C =< 16#DE, C =/= 16#D7 ->
            case lists:reverse(Name) of
                [$@, Last | Rest] -> {term, lists:reverse(Rest, [Last])};
                _ -> {tree, Name}
            end;
        _ -> false
    end.

template_vars(Template) -> template_vars(Template, []).

template_vars(Templates, Ids) when is_list(Templates) ->
    lists:foldl(fun template_vars/2, Ids, Templates);
template_vars({template, _, _, Groups}, Ids) ->
    lists:foldl(fun template_vars/2, Ids, Groups);
template_vars({Id}, Ids) -> ordsets:add_element(Id, Ids);
template_vars({'*', Id}, Ids) -> ordsets:add_element(Id, Ids);
template_vars(_, Ids) -> Ids.

%% Back to a tree, metavariables with names again.
tree(Templates) when is_list(Templates) -> [tree(T) || T <- Templates];
tree({template, Type, Attrs, Groups}) ->
    Trees = [lists:flatten([tree(T) || T <- G]) || G <- Groups],
    erl_syntax:set_attrs(make_tree(Type, Trees), Attrs);
tree({Id}) -> named("@", "909", Id);
tree({'*', Id}) -> named("@@", "9099", Id);
tree(Tree) -> Tree.

named(Mark, _, Id) when is_atom(Id) ->
    erl_syntax:atom(Mark ++ atom_to_list(Id));
named(_, Mark, Id) ->
    erl_syntax:integer(list_to_integer(Mark ++ integer_to_list(Id))).

%% Substituting and renaming

subst(Trees, Env) when is_list(Trees) -> [subst(T, Env) || T <- Trees];
subst(Tree, Env) -> tree(tsubst(Tree, Env)).

tsubst(Trees, Env) when is_list(Trees) -> [tsubst(T, Env) || T <- Trees];
tsubst(Tree, Env) ->
    replace(template(Tree),
            fun(Id, V) ->
                    case lists:keyfind(Id, 1, Env) of
                        {_, New} -> New;
                        false -> V
                    end
            end).

alpha(Trees, Env) when is_list(Trees) -> [alpha(T, Env) || T <- Trees];
alpha(Tree, Env) ->
    replace(template(Tree),
            fun(Id, V) ->
                    case lists:keyfind(Id, 1, Env) of
                        {_, New} -> setelement(tuple_size(V), V, New);
                        false -> V
                    end
            end).

replace({template, Type, Attrs, Groups}, F) ->
    {template, Type, Attrs,
     [lists:flatten([replace(T, F) || T <- G]) || G <- Groups]};
replace({Id} = V, F) -> F(Id, V);
replace({'*', Id} = V, F) -> F(Id, V);
replace(Tree, _) -> Tree.

%% Matching: {ok, [{Id, Tree or trees}]} or error

match(Patterns, Trees) when is_list(Patterns), is_list(Trees) ->
    try {ok, match_all(Patterns, Trees, [])}
    catch throw:error -> error
    end;
match(Patterns, Tree) when is_list(Patterns) -> match(Patterns, [Tree]);
match(Pattern, Trees) when is_list(Trees) -> match([Pattern], Trees);
match(Pattern, Tree) ->
    try {ok, match_tree(template(Pattern), Tree, [])}
    catch throw:error -> error
    end.

match_all([P | Ps], [T | Ts], Env) ->
    match_all(Ps, Ts, match_tree(template(P), T, Env));
match_all([], [], Env) -> Env;
match_all(_, _, _) -> error(merl_match_arity).

match_tree({template, Type, _, Groups}, Tree, Env) ->
    type(Tree) =:= Type orelse throw(error),
    match_groups(Groups, subtrees(Tree), Env);
match_tree({Id}, Tree, Env) -> bind(Id, Tree, Env);
match_tree(Tree1, Tree2, Env) ->
    same(Tree1, Tree2) orelse throw(error),
    Env.

bind(Id, _, Env) when Id =:= '_'; Id =:= 0 -> Env;
bind(Id, Value, Env) -> orddict:store(Id, Value, Env).

match_groups([], [], Env) -> Env;
match_groups([G1 | Gs1], [G2 | Gs2], Env) ->
    match_group(G1, G2, match_groups(Gs1, Gs2, Env));
match_groups(_, _, _) -> throw(error).

match_group([], [], Env) -> Env;
match_group([{'*', Id} | Ts1], Ts2, Env) ->
    match_glob(lists:reverse(Ts1), lists:reverse(Ts2), Id, Env);
match_group([T1 | Ts1], [T2 | Ts2], Env) ->
    match_group(Ts1, Ts2, match_tree(T1, T2, Env));
match_group(_, _, _) -> throw(error).

%% What follows a glob is matched from the end.
match_glob([{'*', Id} | _], _, _, _) ->
    fail("multiple glob variables in same match group: ~w", [Id]);
match_glob([T1 | Ts1], [T2 | Ts2], Id, Env) ->
    match_glob(Ts1, Ts2, Id, match_tree(T1, T2, Env));
match_glob([], Group, Id, Env) -> bind(Id, lists:reverse(Group), Env);
match_glob(_, _, _, _) -> throw(error).

same(T1, T2) ->
    Type = type(T1),
    type(T2) =:= Type andalso
        case {subtrees(T1), subtrees(T2)} of
            {[], []} -> leaf(Type, T1) =:= leaf(Type, T2);
            {Gs1, Gs2} -> same_all(Gs1, Gs2, fun same_group/2)
        end.

same_group(G1, G2) -> same_all(G1, G2, fun same/2).

same_all(L1, L2, F) ->
    length(L1) =:= length(L2) andalso
        lists:all(fun({A, B}) -> F(A, B) end, lists:zip(L1, L2)).

leaf(Type, Tree) when Type =:= atom; Type =:= char; Type =:= float;
                      Type =:= integer; Type =:= string ->
    erl_syntax:concrete(Tree);
leaf(operator, Tree) -> erl_syntax:operator_name(Tree);
leaf(text, Tree) -> erl_syntax:text_string(Tree);
leaf(variable, Tree) -> erl_syntax:variable_name(Tree);
leaf(_, _) -> equal.

%% Clauses {Patterns, Actions}, {Patterns, Guard, Action}, or a fun of none.
switch(Trees, [{Patterns, Actions} | Cs]) when is_list(Actions) ->
    switch(Trees, Patterns, Actions, Cs);
switch(Trees, [{Patterns, Action} | Cs]) ->
    switch(Trees, Patterns, [Action], Cs);
switch(Trees, [{Patterns, Guard, Action} | Cs]) ->
    switch(Trees, Patterns, [{Guard, Action}], Cs);
switch(_, [Default | _]) when is_function(Default, 0) -> Default();
switch(_, []) -> error(merl_switch_clause);
switch(_, _) -> error(merl_switch_badarg).

switch(Trees, Patterns, Actions, Cs) ->
    case match(Patterns, Trees) of
        {ok, Env} -> act(Env, Actions, Trees, Cs);
        error -> switch(Trees, Cs)
    end.

act(Env, [{Guard, Action} | Rest], Trees, Cs)
  when is_function(Guard, 1), is_function(Action, 1) ->
    case Guard(Env) of
        true -> Action(Env);
        false -> act(Env, Rest, Trees, Cs)
    end;
act(Env, [Action | _], _, _) when is_function(Action, 1) -> Action(Env);
act(_, [], Trees, Cs) -> switch(Trees, Cs);
act(_, _, _, _) -> error(merl_switch_badarg).

%% Trees with the same number of groups whatever is in them: [] is a list,
%% and what may miss is an empty group

type(Tree) ->
    case erl_syntax:type(Tree) of
        nil -> list;
        Type -> Type
    end.

subtrees(Tree) ->
    case erl_syntax:type(Tree) of
        tuple -> [erl_syntax:tuple_elements(Tree)];
        nil -> [[], []];
        list ->
            [erl_syntax:list_prefix(Tree),
             optional(erl_syntax:list_suffix(Tree))];
        binary_field ->
            [[erl_syntax:binary_field_body(Tree)],
             erl_syntax:binary_field_types(Tree)];
        clause ->
            [erl_syntax:clause_patterns(Tree),
             optional(erl_syntax:clause_guard(Tree)),
             erl_syntax:clause_body(Tree)];
        receive_expr ->
            [erl_syntax:receive_expr_clauses(Tree),
             optional(erl_syntax:receive_expr_timeout(Tree)),
             erl_syntax:receive_expr_action(Tree)];
        record_expr ->
            [optional(erl_syntax:record_expr_argument(Tree)),
             [erl_syntax:record_expr_type(Tree)],
             erl_syntax:record_expr_fields(Tree)];
        record_field ->
            [[erl_syntax:record_field_name(Tree)],
             optional(erl_syntax:record_field_value(Tree))];
        _ -> erl_syntax:subtrees(Tree)
    end.

optional(none) -> [];
optional(Tree) -> [Tree].

make_tree(list, [Prefix, []]) -> erl_syntax:list(Prefix);
make_tree(tuple, [Elements]) -> erl_syntax:tuple(Elements);
make_tree(binary_field, [[Body], Types]) ->
    erl_syntax:binary_field(Body, Types);
make_tree(clause, [Patterns, [], Body]) ->
    erl_syntax:clause(Patterns, none, Body);
make_tree(receive_expr, [Clauses, [], _]) -> erl_syntax:receive_expr(Clauses);
make_tree(record_expr, [[], [Type], Fields]) ->
    erl_syntax:record_expr(Type, Fields);
make_tree(record_field, [[Name], []]) -> erl_syntax:record_field(Name);
make_tree(Type, Groups) -> erl_syntax:make_tree(Type, Groups).
