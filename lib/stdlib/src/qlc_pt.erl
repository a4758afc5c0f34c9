%% SPDX-License-Identifier: Apache-2.0
%% qlc_pt: turns the list comprehensions in calls of qlc:q into handles.
%%
%% {qlc_lc, fun() -> {qlc_v1, Code, Text, Qualifiers, About} end, undefined}:
%%   Code        fun(State, Answers, Table): an automaton. State 1 is the
%%               template, 0 the end; a filter has one state, a generator one
%%               where it begins and one where it goes through its objects.
%%               Slots of Table say what follows (qlc_run), so that qualifiers
%%               can be left out or joined when the query runs. Answers is a
%%               list to add to, or not_a_list: then each answer is given with
%%               a function for the rest.
%%   Text        fun() -> {Template, Qualifier, ...}, as external terms
%%   Qualifiers  [{Number, Slot, State, fil | {gen, fun() -> Source end} |
%%               {gen, {join, ...}}}]
%%   About       fun(Tag): what qlc_columns found
%% or {simple_v1, Variable, fun() -> Source end, Line} for [V || V <- Source].
-module(qlc_pt).

-export([parse_transform/2, transform_from_evaluator/2,
         transform_expression/2]).

-include("qlc_pt.hrl").

-record(st, {imported,          % calls of q/1,2 are meant, too
             records, is_guard, filter_variables,
             next = 1, warnings = []}).

parse_transform(Forms, Options) ->
    Imported = [q || {attribute, _, import, {qlc, Names}} <- Forms,
                     {q, 1} <- Names] =/= [],
    case calls(Forms, Imported) of
        [] -> Forms;
        _ ->
            case lists:member(type_checker, Options) of
                true -> element(1, transformed(Forms, Imported));
                false -> checked(Forms, Imported, Options)
            end
    end.

checked(Forms, Imported, Options) ->
    case qlc_check:messages(Forms, Imported, Options) of
        {[], Warnings} ->
            {Changed, #st{warnings = Own}} = transformed(Forms, Imported),
            qlc_check:new_warnings(Own ++ Warnings, Changed, Options) ++ Changed;
        {Errors, Warnings} ->
            qlc_check:new_errors(Errors, Warnings, Forms, Options) ++ Forms
    end.

%% For erl_eval.
-spec transform_from_evaluator(term(), erl_eval:binding_struct()) ->
    {ok, term()} | {not_ok, {error, module(), term()}}.
transform_from_evaluator(Lc, Bindings) ->
    case transform(Lc, Bindings, fun is_for_all/1) of
        {ok, _} = Ok -> Ok;
        {not_ok, [{error, Reason} | _]} -> {not_ok, {error, qlc, Reason}}
    end.

%% {ok, call of qlc:q with a handle}.
-spec transform_expression(term(), erl_eval:binding_struct()) ->
    {ok, term()} | {not_ok, [{error, term()}]}.
transform_expression(Lc, Bindings) ->
    transform(Lc, Bindings, fun(_) -> true end).

transform(Lc, Bindings, IsError) ->
    A = erl_anno:new(1),
    Args = [{var, A, Name} || {Name, _} <- erl_eval:bindings(Bindings)],
    Call = {call, A, {remote, A, {atom, A, qlc}, {atom, A, q}}, [Lc]},
    Forms = [{attribute, A, file, {"foo", 1}}, {attribute, A, module, foo},
             {function, A, bar, length(Args), [{clause, A, Args, [], [Call]}]}],
    {Errors, _} = qlc_check:messages(Forms, false, []),
    case [{error, E} || {_, Es} <- Errors, E <- Es, IsError(E)] of
        [] ->
            {Changed, _} = transformed(Forms, false),
            {function, _, bar, _, [{clause, _, _, _, [Handle]}]} =
                lists:last(Changed),
            {ok, Handle};
        Found ->
            {not_ok, lists:sort(Found)}
    end.

%% Who evaluates may have functions of his own: the prompt's commands.
is_for_all({_, erl_lint, {undefined_function, _}}) -> false;
is_for_all(_) -> true.

%% ---- The calls, innermost first ----

calls(Forms, Imported) ->
    {_, Calls} = qlc_check:walk(fun(_, _, Call, Found) -> {Call, [Call | Found]}
                                end, [], Forms, Imported),
    Calls.

transformed(Forms, Imported) ->
    Records = [R || {attribute, _, record, _} = R <- Forms],
    Own = [{F, N} || {function, _, F, N, _} <- Forms] ++
        lists:append([Fs || {attribute, _, import, {_, Fs}} <- Forms]),
    IsOwn = fun(Name) -> lists:member(Name, Own) end,
    St = #st{imported = Imported, records = Records,
             is_guard = fun(Code) ->
                            erl_lint:is_guard_test(Code, Records, IsOwn)
                        end,
             filter_variables = qlc_check:filter_variables(Forms, Imported)},
    qlc_check:walk(fun(Original, File, Call, S) -> call(Original, File, Call, S)
                   end, St, Forms, Imported).

call({call, _, _, [{lc, _, _, _} = Original | _]}, File,
     {call, Anno, Q, [{lc, _, _, _} = Lc | Options]}, St0) ->
    {Handle, Warning} = handle(Original, Lc, Anno, St0),
    Line = erl_anno:location(Anno),
    Warnings = [{File, [{Line, qlc, Warning}]} || Warning =/= none],
    {{call, Anno, Q, [Handle | Options]},
     St0#st{next = St0#st.next + 1, warnings = Warnings ++ St0#st.warnings}};
call(_, _, Call, St) -> {Call, St#st{next = St#st.next + 1}}.

handle(Original, {lc, _, _, Qualifiers} = Code, Anno, St) ->
    A = erl_anno:set_generated(true, Anno),
    {Tuple, Warning} =
        case simple(Original) of
            {true, Name, At} ->
                [{generate, _, _, Source} | _] = Qualifiers,
                Line = erl_anno:line(At),
                {{tuple, A, [{atom, A, simple_v1}, {atom, A, Name},
                             closure(Source, A), {integer, A, Line}]}, none};
            false -> query(Original, Code, A, St)
        end,
    {{tuple, A, [{atom, A, qlc_lc}, closure(Tuple, A), {atom, A, undefined}]},
     Warning}.

simple({lc, _, {var, _, V}, [{generate, _, {var, At, V}, _} | Filters]})
  when V =/= '_' ->
    case Filters of
        [] -> {true, V, At};
        [{atom, _, true}] -> {true, V, At};
        _ -> false
    end;
simple(_) -> false.

closure(Code, A) -> {'fun', A, {clauses, [{clause, A, [], [], [Code]}]}}.

query(Original, Code, A, St) ->
    Lc = comprehension(Code, A, St),
    {About, Warning} = qlc_columns:analyse(Lc),
    {Places, Joins} = qlc_code:places(Lc, About),
    {{tuple, A, [{atom, A, qlc_v1},
                 qlc_code:automaton(Lc, Places ++ Joins),
                 text(Original, Joins, A),
                 qlc_code:qualifiers(Lc, Places ++ Joins),
                 qlc_code:about(About, A)]}, Warning}.

%% ---- A comprehension, its variables renamed ----

%% All that the qualifiers bind gets a name of its own, so that a later
%% generator may bind a name again, and that sources mean what they did.
comprehension({lc, _, Template0, Qualifiers0}, A,
              #st{next = No, filter_variables = Variables} = St) ->
    Numbered = lists:zip(lists:seq(1, length(Qualifiers0)), Qualifiers0),
    {Found, Names} = lists:mapfoldl(
        fun({N, Qualifier}, Names0) ->
                Bound = case Qualifier of
                            {generate, _, P, _} -> qlc_scope:introduced(P);
                            _ -> maps:get({No, N}, Variables, [])
                        end,
                New = maps:from_list([{V, new_name(V, No, N)} || V <- Bound]),
                Names1 = maps:merge(Names0, New),
                {{N, named(Qualifier, Names1), lists:sort(maps:values(New))},
                 Names1}
        end, #{}, Numbered),
    Template = qlc_scope:rename(Template0, Names),
    Introduced = maps:from_list([{N, Vs} || {N, _, Vs} <- Found]),
    Qualifiers = [{N, Q} || {N, Q, _} <- Found],
    Expand = fun(What) -> expanded(What, St#st.records) end,
    #lc{no = No, anno = A, template = Template,
        as_pattern = as_pattern(Template, Expand), qualifiers = Qualifiers,
        sources = maps:from_list([{N, S} || {N, {generate, _, _, S}} <- Numbered]),
        introduced = Introduced,
        all_introduced = lists:append(maps:values(Introduced)),
        used = used(Qualifiers, Introduced), is_guard = St#st.is_guard,
        expand = Expand, records = St#st.records}.

new_name(V, No, N) -> list_to_atom(lists:concat([V, '@Q', No, '_', N])).

named({generate, _, Pattern, _}, Names) -> {gen, qlc_scope:rename(Pattern, Names)};
named(Filter, Names) -> {fil, qlc_scope:rename(Filter, Names)}.

%% The generators and filters whose variables a filter uses, or those filters.
used(Qualifiers, Introduced) ->
    Of = maps:from_list([{N, [M || {M, Vs} <- maps:to_list(Introduced), M =/= N,
                                   Vs -- qlc_scope:variables(Code) =/= Vs]}
                         || {N, {fil, Code}} <- Qualifiers]),
    maps:map(fun(_, Ms) -> reached(Ms, Of, []) end, Of).

reached([M | Ms], Of, Seen) ->
    case lists:member(M, Seen) of
        true -> reached(Ms, Of, Seen);
        false -> reached(maps:get(M, Of, []) ++ Ms, Of, [M | Seen])
    end;
reached([], _, Seen) -> lists:sort(Seen).

%% Records as tuples, and what can be computed as its value.
expanded({pattern, P}, Records) ->
    A = erl_anno:new(0),
    Case = {'case', A, {atom, A, true}, [{clause, A, [P], [], [{atom, A, true}]}]},
    {'case', _, _, [{clause, _, [Pattern], _, _}]} = expanded(Case, Records),
    Pattern;
expanded(Code, Records) ->
    A = erl_anno:new(1),
    Form = {function, A, foo, 0, [{clause, A, [], [], [computed(Code)]}]},
    {function, _, foo, 0, [{clause, _, _, _, [Expanded]}]} =
        lists:last(erl_expand_records:module(Records ++ [Form],
                                             [no_strict_record_tests])),
    Expanded.

computed({op, A, Op, E}) -> erl_eval:partial_eval({op, A, Op, computed(E)});
computed({op, A, Op, L, R}) ->
    erl_eval:partial_eval({op, A, Op, computed(L), computed(R)});
computed(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(computed(tuple_to_list(Tuple)));
computed([H | T]) -> [computed(H) | computed(T)];
computed(Leaf) -> Leaf.

%% Of the template, variables, tuples, lists, constants and element/2.
as_pattern(Template, Expand) ->
    try Expand(Template) of
        Code -> like_pattern(Code)
    catch _:_ -> {var, erl_anno:new(0), '_'}
    end.

like_pattern({call, A, {atom, _, element}, [{integer, _, I} = Position, Of]})
  when I > 0 ->
    {call, A, {remote, A, {atom, A, erlang}, {atom, A, element}},
     [Position, like_pattern(Of)]};
like_pattern({call, A, {remote, _, {atom, _, erlang}, {atom, _, element}} = F,
              [{integer, _, I} = Position, Of]}) when I > 0 ->
    {call, A, F, [Position, like_pattern(Of)]};
like_pattern({var, _, _} = Var) -> Var;
like_pattern({tuple, A, Es}) -> {tuple, A, [like_pattern(E) || E <- Es]};
like_pattern({cons, A, H, T}) -> {cons, A, like_pattern(H), like_pattern(T)};
like_pattern(Code) ->
    try erl_parse:normalise(Code) of
        _ -> Code
    catch _:_ -> {var, erl_anno:new(0), '_'}
    end.

%% ---- The code as it was written ----

text({lc, _, Template, Qualifiers}, Joins, A) ->
    Patterns = [case Q of
                    {generate, _, P, _} -> P;
                    Filter -> Filter
                end || Q <- Qualifiers],
    Pairs = [{cons, A, lists:nth(Q1, Patterns), lists:nth(Q2, Patterns)}
             || {_, _, _, {join, _, Q1, Q2, _, _}} <- Joins],
    Items = [binary(term_to_binary(C, [compressed]), A)
             || C <- [Template | Patterns] ++ Pairs],
    closure({tuple, A, Items}, A).

binary(Bytes, A) ->
    {bin, A, [{bin_element, A, {string, A, binary_to_list(Bytes)}, default,
               default}]}.
