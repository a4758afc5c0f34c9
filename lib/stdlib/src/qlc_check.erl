%% SPDX-License-Identifier: Apache-2.0
%% What the compiler has to say about comprehensions of queries, which it could
%% not say about the code that takes their place; and which variables filters
%% bind.
-module(qlc_check).

-export([walk/4, messages/3, new_warnings/3, new_errors/4,
         filter_variables/2]).

%% [Fun] is called for each call of qlc:q/1,2, innermost first, with the call as
%% it was, the file it is in, the call with what became of inner ones, and an
%% accumulator.
-spec walk(fun((term(), string(), term(), Acc) -> {term(), Acc}), Acc, Code,
           boolean()) -> {Code, Acc}.
walk(Fun, Acc0, Forms, Imported) when is_list(Forms) ->
    {Changed, {Acc, _}} = lists:mapfoldl(
        fun({attribute, _, file, {File, _}} = Form, {Acc1, _}) ->
                {Form, {Acc1, File}};
           (Form0, {Acc1, File}) ->
                F = fun(Old, New, A) -> Fun(Old, File, New, A) end,
                {Form, Acc2} = inside(Form0, F, Acc1, Imported),
                {Form, {Acc2, File}}
        end, {Acc0, "no file"}, Forms),
    {Changed, Acc}.

inside({call, Anno, {remote, _, {atom, _, qlc}, {atom, _, q}} = Q,
        [_ | Rest] = Args0} = Call, Fun, Acc0, Imported)
  when length(Rest) < 2 ->
    {Args, Acc} = inside(Args0, Fun, Acc0, Imported),
    Fun(Call, {call, Anno, Q, Args}, Acc);
inside({call, Anno, {atom, _, q} = Q, [_ | Rest] = Args0} = Call, Fun, Acc0,
       true) when length(Rest) < 2 ->
    {Args, Acc} = inside(Args0, Fun, Acc0, true),
    Fun(Call, {call, Anno, Q, Args}, Acc);
inside(Tuple, Fun, Acc0, Imported) when is_tuple(Tuple) ->
    {List, Acc} = inside(tuple_to_list(Tuple), Fun, Acc0, Imported),
    {list_to_tuple(List), Acc};
inside([H0 | T0], Fun, Acc0, Imported) ->
    {H, Acc1} = inside(H0, Fun, Acc0, Imported),
    {T, Acc} = inside(T0, Fun, Acc1, Imported),
    {[H | T], Acc};
inside(Leaf, _, Acc, _) -> {Leaf, Acc}.

%% ---- Messages ----

%% {Errors, Warnings}, each [{File, [{Location, Module, Description}]}].
-spec messages([term()], boolean(), [term()]) -> {[tuple()], [tuple()]}.
messages(Forms, Imported, Options) ->
    Variables = filter_variables(Forms, Imported),
    {_, {_, Own}} = walk(
        fun({call, Anno, _, [Lc | _]} = Call, File, _, {No, Found}) ->
                New = case Lc of
                          {lc, _, _, Qualifiers} ->
                              own_errors(Qualifiers, No, Variables);
                          _ ->
                              [{erl_anno:location(Anno), qlc,
                                not_a_query_list_comprehension}]
                      end,
                {Call, {No + 1, Found ++ [{File, [E]} || E <- New]}}
        end, {1, []}, Forms, Imported),
    {Errors, Warnings} = compiled(Forms, Options),
    Places = places(Forms, Imported),
    Here = fun(Messages) ->
        [{File, [M || {Where, _, _} = M <- Ms, is_map_key(Where, Places)]}
         || {File, Ms} <- Messages]
    end,
    {Own ++ not_empty(Here(Errors)), not_empty(Here(Warnings))}.

not_empty(Messages) -> [M || {_, [_ | _]} = M <- Messages].

%% Sources are evaluated before the query, so they have none of its variables.
own_errors(Qualifiers, No, Variables) ->
    Numbered = lists:zip(lists:seq(1, length(Qualifiers)), Qualifiers),
    {_, Errors} = lists:foldl(
        fun({_, {b_generate, Anno, _, _}}, {Bound, Es}) ->
                {Bound, Es ++ [{erl_anno:location(Anno), qlc,
                                binary_generator}]};
           ({_, {generate, _, Pattern, Source}}, {Bound, Es}) ->
                Names = maps:from_list([{V, {used, V}} || V <- Bound]),
                Bad = [{erl_anno:location(A), qlc, {used_generator_variable, V}}
                       || {A, V} <- used(qlc_scope:rename(Source, Names))],
                {qlc_scope:introduced(Pattern) ++ Bound, Es ++ Bad};
           ({N, _}, {Bound, Es}) ->
                {maps:get({No, N}, Variables, []) ++ Bound, Es}
        end, {[], []}, Numbered),
    Errors.

used({var, Anno, {used, V}}) -> [{Anno, V}];
used(Tuple) when is_tuple(Tuple) -> used(tuple_to_list(Tuple));
used([H | T]) -> used(H) ++ used(T);
used(_) -> [].

%% Locations of all that is in a comprehension of a query.
places(Forms, Imported) ->
    {_, Places} = walk(fun({call, _, _, [Lc | _]} = Call, _, _, Found) ->
                               {_, All} = erl_parse:mapfold_anno(
                                   fun(A, L) -> {A, L#{erl_anno:location(A) => true}}
                                   end, Found, Lc),
                               {Call, All}
                       end, #{}, Forms, Imported),
    Places.

compiled(Forms0, Options) ->
    Forms = [F || F <- Forms0,
                  not lists:member(element(1, F), [eof, error, warning])] ++
        [{eof, erl_anno:new(0)}],
    Wanted = [strong_validation, return
              | [O || O <- Options, not lists:member(O, [report, report_errors,
                                                         report_warnings,
                                                         warnings_as_errors,
                                                         'P', 'E'])]],
    try compile:noenv_forms(Forms, Wanted) of
        {ok, _, Warnings} -> {[], Warnings};
        {ok, _, _, Warnings} -> {[], Warnings};
        {error, Errors, Warnings} -> {Errors, Warnings}
    catch _:_ ->        % without the compiler
        case erl_lint:module(Forms, "no file", Options) of
            {ok, Warnings} -> {[], Warnings};
            {error, Errors, Warnings} -> {Errors, Warnings}
        end
    end.

%% As forms, those that the compiler does not find in the changed forms.
-spec new_warnings([tuple()], [term()], [term()]) -> [term()].
new_warnings([], _, _) -> [];
new_warnings(Warnings, Forms, Options) ->
    {_, Found} = compiled(Forms, Options),
    as_forms(warning, single(Warnings) -- single(Found)).

-spec new_errors([tuple()], [tuple()], [term()], [term()]) -> [term()].
new_errors(Errors, Warnings, Forms, Options) ->
    {FoundErrors, FoundWarnings} = compiled(Forms, Options),
    as_forms(error, single(Errors) -- single(FoundErrors)) ++
        as_forms(warning, single(Warnings) -- single(FoundWarnings)).

single(Messages) -> lists:usort([{File, M} || {File, Ms} <- Messages, M <- Ms]).

as_forms(Kind, Messages) ->
    lists:append([[{attribute, erl_anno:new(0), file, {File, 0}}, {Kind, M}]
                  || {File, M} <- Messages]).

%% ---- Variables that filters bind ----

%% #{{Query, Qualifier} => Variables}. Each filter F becomes begin [{V, ..} ||
%% _ <- []], F, [{V, ..} || _ <- []] end, V all variables in F, at a line of its
%% own: what is unbound before, and bound and safe after it, is bound by it.
-spec filter_variables([term()], boolean()) ->
    #{{pos_integer(), pos_integer()} => [atom()]}.
filter_variables(Forms0, Imported) ->
    {Forms, {_, Marks}} = walk(
        fun(_, _, {call, Anno, Q, [{lc, A, E, Qualifiers0} | Options]},
            {No, Marks0}) ->
                {Qualifiers, {_, Marks1}} = lists:mapfoldl(
                    fun(Qualifier, State) -> marked(Qualifier, No, State) end,
                    {1, Marks0}, Qualifiers0),
                {{call, Anno, Q, [{lc, A, E, Qualifiers} | Options]},
                 {No + 1, Marks1}};
           (_, _, Call, {No, Marks0}) -> {Call, {No + 1, Marks0}}
        end, {1, #{}}, Forms0, Imported),
    case map_size(Marks) of
        0 -> #{};
        _ -> bound(linted(Forms), Marks)
    end.

%% Lines that no source has.
-define(FIRST_MARK, 16#4000000).

marked({Kind, _, _, _} = Generator, _, {N, Marks}) when Kind =:= generate;
                                                        Kind =:= b_generate ->
    {Generator, {N + 1, Marks}};
marked(Filter, No, {N, Marks0}) ->
    case qlc_scope:variables(Filter) of
        [] -> {Filter, {N + 1, Marks0}};
        Names ->
            Line = ?FIRST_MARK + map_size(Marks0),
            Marks = Marks0#{Line => {No, N, before}, Line + 1 => {No, N, 'after'}},
            {{block, element(2, Filter),
              [mention(Names, Line), Filter, mention(Names, Line + 1)]},
             {N + 1, Marks}}
    end.

mention(Names, Line) ->
    A = erl_anno:new(Line),
    {lc, A, {tuple, A, [{var, A, V} || V <- Names]},
     [{generate, A, {var, A, '_'}, {nil, A}}]}.

linted(Forms) ->
    Kept = [F || F <- Forms,
                 not lists:member(element(1, F), [eof, error, warning])],
    case erl_lint:module(Kept ++ [{eof, erl_anno:new(0)}], "no file", []) of
        {ok, _} -> [];
        {error, Errors, _} -> [E || {_, Es} <- Errors, E <- Es]
    end.

bound(Errors, Marks) ->
    Of = fun(When, Kind) ->
        [{{No, N}, element(2, Message)}
         || {Line, erl_lint, Message} <- Errors, element(1, Message) =:= Kind,
            {ok, {No, N, W}} <- [maps:find(Line, Marks)], W =:= When]
    end,
    Found = lists:usort(Of(before, unbound_var)) --
        (Of('after', unbound_var) ++ Of('after', unsafe_var)),
    lists:foldl(fun({Key, V}, Map) ->
                    maps:update_with(Key, fun(Vs) -> [V | Vs] end, [V], Map)
                end, #{}, Found).
