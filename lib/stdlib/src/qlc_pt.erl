%% SPDX-License-Identifier: Apache-2.0
%% qlc_pt: turns the list comprehensions in calls of qlc:q into handles:
%%
%%     qlc:q([E || P1 <- H1, P2 <- H2, Filter], Options)
%%     qlc:q({qlc_lc, [H1, H2], fun(L1, L2) -> [E || P1 <- L1, ...] end}, Options)
%%
%% The sources H are handles or lists; each is read once, when the query is
%% evaluated.
-module(qlc_pt).

-export([parse_transform/2, transform_expression/2]).

-record(st, {next = 1, errors = [], warnings = []}).

parse_transform(Forms, Options) ->
    Lcs = q_calls(Forms),
    case lists:flatmap(fun errors/1, Lcs) of
        [] ->
            {Changed, _} = walk(Forms, #st{}),
            case [W || Lc <- Lcs, not lists:member(nowarn, Options),
                       W <- warnings(Lc)] of
                [] -> Changed;
                Warnings -> {warning, Changed, [{file(Forms), Warnings}]}
            end;
        Errors -> {error, [{file(Forms), Errors}], []}
    end.

file(Forms) ->
    case lists:keyfind(file, 3, Forms) of
        {attribute, _, file, {File, _}} -> File;
        false -> "no file"
    end.

%% For erl_eval: [Lc] is a comprehension.
transform_expression(Lc, _) ->
    Anno = element(2, Lc),
    Call = {call, Anno, {remote, Anno, {atom, Anno, qlc}, {atom, Anno, q}}, [Lc]},
    case errors(Call) of
        [] ->
            {Changed, _} = walk(Call, #st{}),
            {ok, Changed};
        [{Where, Module, Reason} | _] ->
            {not_ok, {error, Module, {Where, Module, Reason}}}
    end.

%% ---- The calls ----

q_calls(Tree) -> lists:flatten(find(Tree)).

find({call, _, {remote, _, {atom, _, qlc}, {atom, _, q}}, [_ | _] = Args} = Call)
  when length(Args) =< 2 ->
    [Call | find(Args)];
find(Tree) when is_tuple(Tree) -> find(tuple_to_list(Tree));
find([H | T]) -> [find(H) | find(T)];
find(_) -> [].

walk({call, Anno, {remote, _, {atom, _, qlc}, {atom, _, q}} = Q,
      [{lc, _, _, _} = Lc0 | Options0]}, S0) ->
    {Lc, S1} = walk(Lc0, S0),
    {Options, S2} = walk(Options0, S1),
    {Handle, S} = handle(Lc, S2),
    {{call, Anno, Q, [Handle | Options]}, S};
walk(Tree, S0) when is_tuple(Tree) ->
    {Parts, S} = walk(tuple_to_list(Tree), S0),
    {list_to_tuple(Parts), S};
walk([H0 | T0], S0) ->
    {H, S1} = walk(H0, S0),
    {T, S} = walk(T0, S1),
    {[H | T], S};
walk(Leaf, S) -> {Leaf, S}.

handle({lc, Anno, Template, Qualifiers0}, S0) ->
    {Qualifiers, {Sources, Names, S}} = lists:mapfoldl(
        fun({generate, A, Pattern, Source}, {Ss, Ns, S1}) ->
                Name = {var, A, list_to_atom("Qlc" ++ integer_to_list(S1#st.next))},
                {{generate, A, Pattern, Name},
                 {[Source | Ss], [Name | Ns], S1#st{next = S1#st.next + 1}}};
           (Filter, Found) -> {Filter, Found}
        end, {[], [], S0}, Qualifiers0),
    Fun = {'fun', Anno,
           {clauses, [{clause, Anno, lists:reverse(Names), [],
                       [{lc, Anno, Template, Qualifiers}]}]}},
    {{tuple, Anno, [{atom, Anno, qlc_lc}, list(Sources, {nil, Anno}), Fun]}, S}.

list(Reversed, Nil) ->
    lists:foldl(fun(E, Tail) -> {cons, element(2, E), E, Tail} end, Nil, Reversed).

%% ---- What is wrong with them ----

errors({call, _, _, [{lc, _, _, Qualifiers} | _]}) ->
    {_, Errors} = lists:foldl(
        fun({generate, _, Pattern, Source}, {Bound, Es}) ->
                Bad = [{erl_anno:location(A), qlc, {used_generator_variable, V}}
                       || {var, A, V} <- variables(Source),
                          lists:member(V, Bound)],
                {names(Pattern) ++ Bound, Es ++ Bad};
           ({Binary, A, _, _}, {Bound, Es}) when Binary =:= b_generate ->
                {Bound, Es ++ [{erl_anno:location(A), qlc, binary_generator}]};
           (_, Found) -> Found
        end, {[], []}, Qualifiers),
    Errors;
errors({call, _, _, [Other | _]}) ->
    [{erl_anno:location(element(2, Other)), qlc, not_a_query_list_comprehension}].

variables({var, _, '_'}) -> [];
variables({var, _, _} = Var) -> [Var];
variables(Tree) when is_tuple(Tree) -> variables(tuple_to_list(Tree));
variables([H | T]) -> variables(H) ++ variables(T);
variables(_) -> [].

names(Tree) -> [V || {var, _, V} <- variables(Tree)].

%% OTP joins two sources at most.
warnings({call, Anno, _, [{lc, _, _, Qualifiers} | _]}) ->
    Sources = [names(P) || {generate, _, P, _} <- Qualifiers],
    Numbered = lists:zip(lists:seq(1, length(Sources)), Sources),
    Of = fun(E) -> lists:usort([N || V <- names(E), {N, Vs} <- Numbered,
                                     lists:member(V, Vs)]) end,
    Joins = lists:usort([lists:sort([A, B])
                         || {op, _, Op, L, R} <- Qualifiers,
                            Op =:= '=:=' orelse Op =:= '==',
                            [A] <- [Of(L)], [B] <- [Of(R)], A =/= B]),
    case Joins of
        [_, _ | _] -> [{erl_anno:location(Anno), qlc, too_many_joins}];
        _ -> []
    end;
warnings(_) -> [].
