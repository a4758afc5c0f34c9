%% SPDX-License-Identifier: Apache-2.0
%% qlc_frames: what patterns and filters of a query say about variables, by
%% unification.
%%
%% A term is {var, Name}, {tuple, List}, {cons, Term, List}, nil, {const,
%% Value, Code} or {code, Code}, which nothing is known of. The list of a tuple
%% may end in a variable: {V1, V2, ...}.
%%
%% A frame is a list of {Variable, Term, Op}, or failed: the variable equals
%% the term as Op ('=:=' or '==') says. It may do so for several terms, since
%% X =:= 1, X == 1.0 is possible. A filter with "or" makes several frames, one
%% for each way in which it can be true.
-module(qlc_frames).

-export([term/1, code/1, new_variable/0, element_of/4]).
-export([is_bindable/1, is_constant/2, variables/1]).
-export([unify/5, unify_all/5, values/3, values/4, bindings/3]).
-export([same_or_less/3, without_integers/2]).
-export([pattern/3, filter/3, whole_filter/3]).

-export_type([frame/0, rules/0]).

-type op() :: '=:=' | '=='.
-type term_() :: tuple() | nil.
-type frame() :: [{term_(), term_(), op()}] | failed.
%% bind: which terms may be bound; imported: variables of the function that the
%% query is in; strict: what cannot be bound fails instead of being ignored;
%% expand: makes records tuples.
-type rules() :: #{bind := fun((term_()) -> boolean()),
                   imported := [atom()] | all,
                   strict => boolean(),
                   expand => fun((term()) -> term())}.

%% ---- Terms ----

-spec term(erl_parse:abstract_expr()) -> term_().
term({var, _, Name}) -> {var, Name};
term({tuple, _, Elements}) -> {tuple, list([term(E) || E <- Elements], nil)};
term({cons, _, H, T}) -> {cons, term(H), term(T)};
term({nil, _}) -> nil;
term({string, _, Text}) ->
    list([{const, C, {integer, erl_anno:new(0), C}} || C <- Text], nil);
term(Code0) ->
    %% Where it is makes no difference.
    Code = erl_parse:map_anno(fun(_) -> erl_anno:new(0) end, Code0),
    try erl_parse:normalise(Code) of
        Value -> {const, Value, Code}
    catch _:_ -> {code, Code}
    end.

list(Terms, End) ->
    lists:foldr(fun(T, Rest) -> {cons, T, Rest} end, End, Terms).

-spec code(term_()) -> erl_parse:abstract_expr().
code({var, Name}) -> {var, 0, Name};
code({tuple, List}) -> {tuple, 0, elements(List)};
code({cons, H, T}) -> {cons, 0, code(H), code(T)};
code(nil) -> {nil, 0};
code({const, _, Code}) -> Code;
code({code, Code}) -> Code.

elements({cons, H, T}) -> [code(H) | elements(T)];
elements(nil) -> [];
elements(Variable) -> [code(Variable)].

-spec new_variable() -> term_().
new_variable() -> {var, make_ref()}.

-spec is_bindable(term_()) -> boolean().
is_bindable({code, _}) -> false;
is_bindable({tuple, List}) -> is_bindable(List);
is_bindable({cons, H, T}) -> is_bindable(H) andalso is_bindable(T);
is_bindable(_) -> true.

%% Has no variables but imported ones.
is_constant(Term, Imported) -> variables(Term) -- Imported =:= [].

variables({var, Name}) -> [Name];
variables({tuple, List}) -> variables(List);
variables({cons, H, T}) -> lists:usort(variables(H) ++ variables(T));
variables({code, Code}) -> qlc_scope:variables(Code);
variables(_) -> [].

%% ---- Unification ----

-spec unify(op(), term_(), term_(), frame(), rules()) -> frame().
unify(_, _, _, failed, _) -> failed;
unify(_, Same, Same, Frame, _) -> Frame;
unify(Op, {var, _} = Var, Term, Frame, Rules) ->
    extend(Op, Var, Term, Frame, Rules);
unify(Op, Term, {var, _} = Var, Frame, Rules) ->
    extend(Op, Var, Term, Frame, Rules);
unify(Op, {tuple, L1}, {tuple, L2}, Frame, Rules) ->
    unify(Op, L1, L2, Frame, Rules);
unify(Op, {cons, H1, T1}, {cons, H2, T2}, Frame, Rules) ->
    unify(Op, T1, T2, unify(Op, H1, H2, Frame, Rules), Rules);
unify(Op, {const, A, _}, {const, B, _}, Frame, _) ->
    case Op of
        '=:=' when A =:= B -> Frame;
        '==' when A == B -> Frame;
        _ -> failed
    end;
unify(_, A, B, Frame, Rules) ->
    %% Different kinds, or something unknown.
    case is_bindable(A) andalso is_bindable(B)
        orelse maps:get(strict, Rules, false) of
        true -> failed;
        false -> Frame
    end.

extend(Op, Var, Term, Frame, Rules) ->
    case {bound(Var, Frame), Term} of
        {[], {var, _}} ->
            case bound(Term, Frame) of
                [] -> add(Op, Term, Var, Frame, Rules);
                Bound -> agree(Bound, Op, Term, Var, Frame, Rules)
            end;
        {[], _} -> add(Op, Var, Term, Frame, Rules);
        {Bound, _} -> agree(Bound, Op, Var, Term, Frame, Rules)
    end.

bound(Var, Frame) -> [{Term, Op} || {V, Term, Op} <- Frame, V =:= Var].

%% The new term goes with all that [Var] is bound to.
agree(Bound, Op, Var, Term, Frame0, Rules) ->
    case unify_all(Bound, Op, Term, Frame0, Rules) of
        failed -> failed;
        Frame ->
            Same = fun(_, BoundOp) -> Op =:= BoundOp end,
            New = [{V, op_of(V, O, Op, all)} || {V, O} <- deref(Term, Frame, Same, all)],
            Old = [{V, op_of(V, O, BoundOp, all)}
                   || {T, BoundOp} <- bound(Var, Frame),
                      {V, O} <- deref(T, Frame, Same, all)],
            case New -- lists:usort(Old) of
                [] -> Frame;
                _ -> add(Op, Var, Term, Frame, Rules)
            end
    end.

-spec unify_all([{term_(), op()}], op(), term_(), frame(), rules()) -> frame().
unify_all(Bound, Op, Term, Frame, Rules) ->
    lists:foldl(fun({Value, BoundOp}, F) ->
                    unify(weaker(Op, BoundOp), Value, Term, F, Rules)
                end, Frame, Bound).

weaker('=:=', '=:=') -> '=:=';
weaker(_, _) -> '=='.

add(Op, Var0, Term0, Frame, Rules) ->
    {Var, Term} = direction(Var0, Term0, Frame, maps:get(imported, Rules)),
    Bind = maps:get(bind, Rules),
    case {Bind(Term), maps:get(strict, Rules, false)} of
        {true, _} ->
            case occurs(Var, Term, Frame) of
                true -> failed;
                false -> [{Var, Term, Op} | Frame]
            end;
        {false, true} -> failed;
        {false, false} -> Frame
    end.

%% Imported variables come at the end of chains, so that values show them;
%% what is bound in one direction is not bound in the other.
direction({var, N1} = V1, {var, N2} = V2, Frame, Imported) ->
    Swap = not lists:keymember(V2, 1, bound(V1, Frame))
        andalso (lists:keymember(V1, 1, bound(V2, Frame))
                 orelse is_list(Imported)
                 andalso lists:member(N1, Imported)
                 andalso not lists:member(N2, Imported)),
    case Swap of
        true -> {V2, V1};
        false -> {V1, V2}
    end;
direction(Var, Term, _, _) -> {Var, Term}.

occurs(Var, Var, _) -> true;
occurs(Var, {var, _} = Other, Frame) ->
    lists:any(fun({T, _}) -> occurs(Var, T, Frame) end, bound(Other, Frame));
occurs(Var, {tuple, List}, Frame) -> occurs(Var, List, Frame);
occurs(Var, {cons, H, T}, Frame) ->
    occurs(Var, H, Frame) orelse occurs(Var, T, Frame);
occurs(_, _, _) -> false.

%% ---- Values ----

%% What [Term] is by [Frame].
-spec values(term_(), frame(), [atom()] | all) -> [term_()].
values(Term, Frame, Imported) ->
    values(Term, Frame, fun(_, _) -> true end, Imported).

%% Only those that [Keep], called with a value and how it is equal, wants.
values(Term, Frame, Keep, Imported) ->
    lists:usort([V || {V, Op} <- deref(Term, Frame, Keep, Imported),
                      Keep(V, Op)]).

%% All values with their operators.
-spec bindings(term_(), frame(), [atom()] | all) -> [{term_(), op()}].
bindings(Term, Frame, Imported) ->
    deref(Term, Frame, fun(_, _) -> true end, Imported).

deref({var, _} = Var, Frame, Keep, Imported) ->
    Found = [{V, Op} || {T, BoundOp} <- bound(Var, Frame),
                        {V, ValueOp} <- deref(T, Frame, Keep, Imported),
                        Op <- [op_of(V, ValueOp, BoundOp, Imported)],
                        Keep(V, Op)],
    case Found of
        [] -> [{Var, '=:='}];
        _ -> lists:usort(Found)
    end;
deref({tuple, List}, Frame, Keep, Imported) ->
    [{{tuple, L}, Op} || {L, Op} <- deref(List, Frame, Keep, Imported)];
deref({cons, H, T}, Frame, Keep, Imported) ->
    lists:usort([{{cons, H1, T1}, weaker(Op1, Op2)}
                 || {H1, Op1} <- deref(H, Frame, Keep, Imported),
                    {T1, Op2} <- deref(T, Frame, Keep, Imported)]);
deref(Leaf, _, _, _) -> [{Leaf, '=:='}].

%% To compare with what has no numbers that are equal to others is to match.
op_of(_, '==', _, _) -> '==';
op_of(_, _, '=:=', _) -> '=:=';
op_of(Value, _, '==', Imported) ->
    case without_integers(Value, Imported) of
        true -> '=:=';
        false -> '=='
    end.

%% Also no imported variables, which may be such numbers.
-spec without_integers(term_(), [atom()] | all) -> boolean().
without_integers({const, Value, _}, _) -> not has_integer(Value);
without_integers({var, _}, all) -> false;
without_integers({var, Name}, Imported) -> not lists:member(Name, Imported);
without_integers({tuple, List}, Imported) -> without_integers(List, Imported);
without_integers({cons, H, T}, Imported) ->
    without_integers(H, Imported) andalso without_integers(T, Imported);
without_integers(_, _) -> true.

has_integer(N) when is_integer(N) ->
    try float(N) == N
    catch error:_ -> false
    end;
has_integer(F) when is_float(F) -> round(F) == F;
has_integer([H | T]) -> has_integer(H) orelse has_integer(T);
has_integer(Tuple) when is_tuple(Tuple) -> has_integer(tuple_to_list(Tuple));
has_integer(Map) when is_map(Map) -> has_integer(maps:to_list(Map));
has_integer(_) -> false.

%% [F1] says nothing that [F2] does not say.
-spec same_or_less(frame(), frame(), [atom()]) -> boolean().
same_or_less(_, failed, _) -> false;
same_or_less(F1, F2, Imported) ->
    Rules = #{bind => fun(_) -> true end, imported => Imported},
    Both = lists:foldl(fun({Var, Term, Op}, F) ->
                           unify(Op, Var, Term, F, Rules)
                       end, F2, F1),
    Both =/= failed andalso agrees(Both, F2, Imported)
        andalso agrees(F2, Both, Imported).

agrees(F1, F2, Imported) ->
    Of = fun(Var, Frame) ->
        lists:usort([{V, op_of(V, ValueOp, Op, Imported)}
                     || {T, Op} <- bound(Var, Frame),
                        {V, ValueOp} <- bindings(T, Frame, Imported)])
    end,
    lists:all(fun({_, Name} = Var) ->
                  is_reference(Name) orelse Of(Var, F1) =:= Of(Var, F2)
              end, lists:usort([V || {V, _, _} <- F1])).

%% The term of a column of [Of], which becomes a tuple that has it.
-spec element_of(pos_integer(), term_(), frame(), rules()) -> {term_(), frame()}.
element_of(Position, Of, Frame, Rules) ->
    Columns = [new_variable() || _ <- lists:seq(1, Position)],
    Tuple = {tuple, list(Columns, new_variable())},
    {lists:last(Columns), unify('=:=', Tuple, Of, Frame, Rules)}.

%% ---- Patterns ----

%% {Variable that stands for the pattern, Frame}. Also for templates, which
%% may have element/2.
-spec pattern(term(), frame(), rules()) -> {term_(), frame()}.
pattern(Pattern0, Frame0, Rules0) ->
    Rules = Rules0#{imported := []},
    Expand = maps:get(expand, Rules),
    Pattern = try Expand({pattern, Pattern0})
              catch _:_ -> Pattern0     % a template without records
              end,
    {Term, Frame} = prepared(numbered(Pattern), Frame0, Rules),
    Var = new_variable(),
    {Var, unify('=:=', Var, Term, Frame, Rules)}.

%% Each _ is another variable.
numbered({var, Anno, '_'}) -> {var, Anno, make_ref()};
numbered(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(numbered(tuple_to_list(Tuple)));
numbered([H | T]) -> [numbered(H) | numbered(T)];
numbered(Leaf) -> Leaf.

%% The term of an expression. P1 = P2 binds both, element/2 makes a tuple.
prepared({match, _, P1, P2}, Frame0, Rules) ->
    {T1, Frame1} = prepared(P1, Frame0, Rules),
    {T2, Frame2} = prepared(P2, Frame1, Rules),
    Bind = maps:get(bind, Rules),
    %% A constant must not hide a variable where constants are not bound.
    Term = case Bind(T1) of
               true -> T1;
               false -> T2
           end,
    {Term, unify('=:=', T1, T2, Frame2, Rules)};
prepared({call, _, {remote, _, {atom, _, erlang}, {atom, _, element}},
          [{integer, _, I}, Of0]}, Frame0, Rules) when I > 0 ->
    {Of, Frame} = prepared(Of0, Frame0, Rules),
    element_of(I, Of, Frame, Rules);
prepared({tuple, _, Es}, Frame0, Rules) ->
    {Terms, Frame} = lists:mapfoldl(fun(E, F) -> prepared(E, F, Rules) end,
                                    Frame0, Es),
    {{tuple, list(Terms, nil)}, Frame};
prepared({cons, _, H0, T0}, Frame0, Rules) ->
    {H, Frame1} = prepared(H0, Frame0, Rules),
    {T, Frame} = prepared(T0, Frame1, Rules),
    {{cons, H, T}, Frame};
prepared(Code, Frame, _) -> {term(Code), Frame}.

%% ---- Filters ----

%% The frames in which the filter can be true; what is not understood is taken
%% for true.
-spec filter(term(), [frame()], rules()) -> [frame()].
filter(_, [], _) -> [];
filter(Code, Frames, Rules) -> true_in(full_names(Code), Frames, Rules).

%% As filter/3, but all of the filter must have been understood, else [].
-spec whole_filter(term(), [frame()], rules()) -> [frame()].
whole_filter(Code, Frames, Rules) ->
    filter(Code, Frames, Rules#{strict => true}).

true_in({op, _, Op, L0, R0}, Frames, Rules) when Op =:= '=:='; Op =:= '==' ->
    Expand = maps:get(expand, Rules),
    [L, R] = [numbered(Expand(E)) || E <- [L0, R0]],
    Loose = Rules#{strict => false},
    lists:flatmap(fun(Frame0) ->
        {LTerm, Frame1} = prepared(L, Frame0, Loose),
        {RTerm, Frame2} = prepared(R, Frame1, Loose),
        [F || F <- [unify(Op, LTerm, RTerm, Frame2, Rules)], F =/= failed]
    end, Frames);
true_in({op, _, Op, L, R}, Frames, Rules) when Op =:= 'and';
                                               Op =:= 'andalso' ->
    case true_in(L, Frames, Rules) of
        [] -> [];
        Left -> true_in(R, Left, Rules)
    end;
true_in({op, _, Op, L, R}, Frames, Rules)
  when Op =:= 'or'; Op =:= 'orelse';
       Op =:= 'xor', not is_map_key(strict, Rules) ->
    true_in(L, Frames, Rules) ++ true_in(R, Frames, Rules);
true_in({atom, _, true}, Frames, _) -> Frames;
true_in(_, _, #{strict := true}) -> [];
true_in({atom, _, _}, _, _) -> [];
true_in({call, Anno, {remote, _, {atom, _, erlang}, {atom, _, is_record}},
         [Record, Tag | _]}, Frames, Rules) ->
    Element = {call, Anno, {remote, Anno, {atom, Anno, erlang},
                            {atom, Anno, element}},
               [{integer, Anno, 1}, Record]},
    true_in({op, Anno, '=:=', Element, Tag}, Frames, Rules);
true_in(_, Frames, _) -> Frames.

%% F() as erlang:F(), record() as is_record().
full_names({call, A, {atom, A1, record}, Args}) ->
    full_names({call, A, {atom, A1, is_record}, Args});
full_names({call, A, {atom, _, _} = F, Args}) ->
    {call, A, {remote, A, {atom, A, erlang}, F}, full_names(Args)};
full_names({call, A, {tuple, _, [M, F]}, Args}) ->
    {call, A, {remote, A, M, F}, full_names(Args)};
full_names(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(full_names(tuple_to_list(Tuple)));
full_names([H | T]) -> [full_names(H) | full_names(T)];
full_names(Leaf) -> Leaf.
