%% SPDX-License-Identifier: Apache-2.0
%% Annotates each tree with the variables around it ({env, _}), those that
%% it binds ({bound, _}) and those that it uses ({free, _}), in order.
%%
%% walk/2 and pattern/2 return {Tree, Bound, Free}.
-module(erl_syntax_bindings).
-export([annotate/2]).

-define(IS_GENERATOR(Type),
        (Type =:= generator orelse Type =:= binary_generator
         orelse Type =:= map_generator orelse Type =:= strict_generator
         orelse Type =:= strict_binary_generator
         orelse Type =:= strict_map_generator)).

annotate(Tree, Env) -> element(1, walk(Tree, Env)).

done(Tree, New, Env, Bound, Free) ->
    As = [A || A <- erl_syntax:get_ann(Tree),
               not (is_tuple(A) andalso tuple_size(A) =:= 2 andalso
                    lists:member(element(1, A), [env, bound, free]))],
    New1 = erl_syntax:copy_attrs(Tree, New),
    {erl_syntax:set_ann(New1, [{env, Env}, {bound, Bound}, {free, Free}
                               | As]), Bound, Free}.

walk(Tree, Env) ->
    case erl_syntax:type(Tree) of
        variable ->
            done(Tree, Tree, Env, [], [erl_syntax:variable_name(Tree)]);
        match_expr ->
            {E, Bound1, Free1} = walk(erl_syntax:match_expr_body(Tree), Env),
            {P, Bound2, Free2} =
                pattern(erl_syntax:match_expr_pattern(Tree),
                        union(Env, Bound1)),
            done(Tree, erl_syntax:match_expr(P, E), Env,
                 union(Bound1, Bound2), union(Free1, Free2));
        maybe_match_expr ->
            {E, Bound1, Free1} =
                walk(erl_syntax:maybe_match_expr_body(Tree), Env),
            {P, Bound2, Free2} =
                pattern(erl_syntax:maybe_match_expr_pattern(Tree),
                        union(Env, Bound1)),
            done(Tree, erl_syntax:maybe_match_expr(P, E), Env,
                 union(Bound1, Bound2), union(Free1, Free2));
        maybe_expr -> walk_maybe(Tree, Env);
        else_expr ->
            {Cs, Bound, Free} = clauses(erl_syntax:else_expr_clauses(Tree),
                                        Env),
            done(Tree, erl_syntax:else_expr(Cs), Env, Bound, Free);
        case_expr ->
            {E, Bound1, Free1} = walk(erl_syntax:case_expr_argument(Tree),
                                      Env),
            {Cs, Bound2, Free2} = clauses(erl_syntax:case_expr_clauses(Tree),
                                          union(Env, Bound1)),
            done(Tree, erl_syntax:case_expr(E, Cs), Env,
                 union(Bound1, Bound2), union(Free1, Free2));
        if_expr ->
            {Cs, Bound, Free} = clauses(erl_syntax:if_expr_clauses(Tree),
                                        Env),
            done(Tree, erl_syntax:if_expr(Cs), Env, Bound, Free);
        receive_expr -> walk_receive(Tree, Env);
        catch_expr ->
            {E, _, Free} = walk(erl_syntax:catch_expr_body(Tree), Env),
            done(Tree, erl_syntax:catch_expr(E), Env, [], Free);
        try_expr -> walk_try(Tree, Env);
        function ->
            {Cs, _, Free} = clauses(erl_syntax:function_clauses(Tree), Env),
            {Name, _, _} = walk(erl_syntax:function_name(Tree), Env),
            done(Tree, erl_syntax:function(Name, Cs), Env, [], Free);
        fun_expr ->
            {Cs, _, Free} = clauses(erl_syntax:fun_expr_clauses(Tree), Env),
            done(Tree, erl_syntax:fun_expr(Cs), Env, [], Free);
        list_comp ->
            {T, Es, Free} = comprehension(
                              erl_syntax:list_comp_template(Tree),
                              erl_syntax:list_comp_body(Tree), Env),
            done(Tree, erl_syntax:list_comp(T, Es), Env, [], Free);
        binary_comp ->
            {T, Es, Free} = comprehension(
                              erl_syntax:binary_comp_template(Tree),
                              erl_syntax:binary_comp_body(Tree), Env),
            done(Tree, erl_syntax:binary_comp(T, Es), Env, [], Free);
        map_comp ->
            {T, Es, Free} = comprehension(
                              erl_syntax:map_comp_template(Tree),
                              erl_syntax:map_comp_body(Tree), Env),
            done(Tree, erl_syntax:map_comp(T, Es), Env, [], Free);
        zip_generator ->
            %% side by side: none sees what another binds
            {Gs, Bound, Free} = parallel(erl_syntax:zip_generator_body(Tree),
                                         Env),
            done(Tree, erl_syntax:zip_generator(Gs), Env, Bound, Free);
        Type when ?IS_GENERATOR(Type) ->
            [[P0], [E0]] = erl_syntax:subtrees(Tree),
            {P, Bound, _} = pattern(P0, sizes(Type, Env)),
            {E, _, Free} = walk(E0, Env),
            done(Tree, erl_syntax:make_tree(Type, [[P], [E]]), Env, Bound,
                 Free);
        block_expr ->
            {Es, Bound, Free} = body(erl_syntax:block_expr_body(Tree), Env),
            done(Tree, erl_syntax:block_expr(Es), Env, Bound, Free);
        macro -> macro(Tree, Env, fun walk/2);
        _ -> children(Tree, Env, fun walk/2)
    end.

children(Tree, Env, Walk) ->
    {New, {Bound, Free}} =
        erl_syntax_lib:mapfold_subtrees(join(Walk, Env), {[], []}, Tree),
    done(Tree, New, Env, Bound, Free).

join(Walk, Env) ->
    fun(T, {Bound, Free}) ->
            {T1, Bound1, Free1} = Walk(T, Env),
            {T1, {union(Bound, Bound1), union(Free, Free1)}}
    end.

macro(Tree, Env, Walk) ->
    {Args, {Bound, Free}} =
        case erl_syntax:macro_arguments(Tree) of
            none -> {none, {[], []}};
            As -> lists:mapfoldl(join(Walk, Env), {[], []}, As)
        end,
    done(Tree, erl_syntax:macro(erl_syntax:macro_name(Tree), Args), Env,
         Bound, Free).

pattern(Tree, Env) ->
    case erl_syntax:type(Tree) of
        variable ->
            Name = erl_syntax:variable_name(Tree),
            case lists:member(Name, Env) of
                true -> done(Tree, Tree, Env, [], [Name]);
                false -> done(Tree, Tree, Env, [Name], [])
            end;
        match_expr ->
            {P, Bound1, Free1} = pattern(erl_syntax:match_expr_pattern(Tree),
                                         Env),
            {E, Bound2, Free2} = pattern(erl_syntax:match_expr_body(Tree),
                                         Env),
            done(Tree, erl_syntax:match_expr(P, E), Env,
                 union(Bound1, Bound2), union(Free1, Free2));
        macro -> macro(Tree, Env, fun pattern/2);
        _ -> children(Tree, Env, fun pattern/2)
    end.

%% Clauses bind what all of them bind.
clauses([], _) -> {[], [], []};
clauses([C | Cs], Env) ->
    {C1, Bound, Free} = clause(C, Env),
    {Cs1, {Bound1, Free1}} =
        lists:mapfoldl(
          fun(X, {B, F}) ->
                  {X1, B1, F1} = clause(X, Env),
                  {X1, {ordsets:intersection(B, B1), union(F, F1)}}
          end, {Bound, Free}, Cs),
    {[C1 | Cs1], Bound1, Free1}.

clause(C, Env) ->
    {Ps, {Bound1, Free1}} =
        lists:mapfoldl(join(fun pattern/2, Env), {[], []},
                       erl_syntax:clause_patterns(C)),
    Env1 = union(Env, Bound1),
    {Guard, _, Free2} = maybe_walk(erl_syntax:clause_guard(C), Env1),
    {Es, Bound2, Free3} = body(erl_syntax:clause_body(C), Env1),
    Free = union(Free1, ordsets:subtract(union(Free2, Free3), Bound1)),
    done(C, erl_syntax:clause(Ps, Guard, Es), Env, union(Bound1, Bound2),
         Free).

maybe_walk(none, _) -> {none, [], []};
maybe_walk(Tree, Env) -> walk(Tree, Env).

%% Expressions one after the other.
body(Es, Env) ->
    {Es1, {_, Bound, Free}} =
        lists:mapfoldl(fun(E, Acc) -> in_order(walk(E, element(1, Acc)), Acc)
                       end, {Env, [], []}, Es),
    {Es1, Bound, Free}.

in_order({E, Bound1, Free1}, {Env, Bound, Free}) ->
    {E, {union(Env, Bound1), union(Bound, Bound1),
         union(Free, ordsets:subtract(Free1, Bound))}}.

%% Only generators bind in a comprehension, and only inside of it.
comprehension(Template, Es, Env) ->
    {Es1, {_, Bound, Free}} =
        lists:mapfoldl(
          fun(E, Acc) ->
                  {E1, Bound1, Free1} = walk(E, element(1, Acc)),
                  Bound2 = case erl_syntax:type(E) of
                               zip_generator -> Bound1;
                               Type when ?IS_GENERATOR(Type) -> Bound1;
                               _ -> []
                           end,
                  in_order({E1, Bound2, Free1}, Acc)
          end, {Env, [], []}, Es),
    {T, _, Free1} = walk(Template, union(Env, Bound)),
    {T, Es1, union(Free, ordsets:subtract(Free1, Bound))}.

%% The pattern shadows what is bound outside; but sizes in a binary are asked
%% for there.
sizes(binary_generator, Env) -> Env;
sizes(strict_binary_generator, Env) -> Env;
sizes(_, _) -> [].

parallel(Generators, Env) ->
    {Gs, {Bound, Free}} =
        lists:mapfoldl(join(fun walk/2, Env), {[], []}, Generators),
    {Gs, Bound, Free}.

%% What follows after is a clause among the others.
walk_receive(Tree, Env) ->
    Action = erl_syntax:clause([], erl_syntax:receive_expr_action(Tree)),
    {[C | Cs], Bound, Free1} =
        clauses([Action | erl_syntax:receive_expr_clauses(Tree)], Env),
    {Timeout, _, Free2} =
        maybe_walk(erl_syntax:receive_expr_timeout(Tree), Env),
    New = erl_syntax:receive_expr(Cs, Timeout, erl_syntax:clause_body(C)),
    done(Tree, New, Env, Bound, union(Free1, Free2)).

%% What it binds is not safe behind it, as the match may have failed before.
walk_maybe(Tree, Env) ->
    {Es, _, Free1} = body(erl_syntax:maybe_expr_body(Tree), Env),
    case maybe_walk(erl_syntax:maybe_expr_else(Tree), Env) of
        {none, _, _} ->
            done(Tree, erl_syntax:maybe_expr(Es), Env, [], Free1);
        {Else, _, Free2} ->
            done(Tree, erl_syntax:maybe_expr(Es, Else), Env, [],
                 union(Free1, Free2))
    end.

walk_try(Tree, Env) ->
    {Es, Bound1, Free1} = body(erl_syntax:try_expr_body(Tree), Env),
    {Cs, _, Free2} = clauses(erl_syntax:try_expr_clauses(Tree),
                             union(Env, Bound1)),
    {Hs, _, Free3} = clauses(erl_syntax:try_expr_handlers(Tree), Env),
    {As, _, Free4} = body(erl_syntax:try_expr_after(Tree), Env),
    done(Tree, erl_syntax:try_expr(Es, Cs, Hs, As), Env, [],
         lists:foldl(fun union/2, Free1, [Free2, Free3, Free4])).

union(A, B) -> ordsets:union(A, B).
