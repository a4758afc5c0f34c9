%% SPDX-License-Identifier: Apache-2.0
%% Match specifications for generators of a query and the filters that use
%% only one of them.
-module(qlc_specs).

-export([of_generators/2, conjunction/1]).

-include("qlc_pt.hrl").

-define(A0, (erl_anno:new(0))).
-define(A1, (erl_anno:new(1))).

%% [{Generator, Code | {atom, _, no_match_spec}, all | Filters}]. With all, the
%% specification is the whole query. [Guards] are the filters that may count.
-spec of_generators(#lc{}, [tuple()]) -> [tuple()].
of_generators(#lc{qualifiers = Qualifiers, used = Used} = Lc, Guards) ->
    Generators = [{No, P} || {No, {gen, P}} <- Qualifiers],
    Needed = lists:append(maps:values(Used)),
    Nil = {nil, ?A0},
    Tried = [{No, [Filter]}
             || {No, Pattern} <- Generators,
                {F, {fil, Code}} = Filter <- Guards,
                maps:get(F, Used) =:= [No],
                specification(Nil, Pattern, Code, Lc) =/= none] ++
            [{No, []}
             || {No, Pattern} <- Generators, not lists:member(No, Needed),
                specification(Nil, Pattern, {atom, ?A0, true}, Lc) =/= none],
    Each = [{No, Pattern, lists:append([Fs || {N, Fs} <- Tried, N =:= No])}
            || {No, Pattern} <- Generators, lists:keymember(No, 1, Tried)],
    case whole(Each, Generators, Qualifiers, Lc) of
        none -> [Spec || One <- Each, Spec <- one(One, Lc)];
        Whole -> Whole
    end.

%% One generator and all filters.
whole([{No, Pattern, Filters}], [_], Qualifiers, Lc)
  when length(Filters) =:= length(Qualifiers) - 1 ->
    case specification(Lc#lc.template, Pattern, conjunction(Filters), Lc) of
        none -> none;
        Found -> [{No, needed(Found), all}]
    end;
whole(_, _, _, _) -> none.

%% The specification gives the objects as they are.
one({No, Pattern0, Filters}, Lc) ->
    {Template, Pattern} = as_template(Pattern0),
    case specification(Template, Pattern, conjunction(Filters), Lc) of
        none -> [];
        Found -> [{No, needed(Found), [F || {F, _} <- Filters]}]
    end.

%% One that takes all is not worth to be run.
needed({[{'$1', [true], ['$1']}], _}) -> {atom, ?A0, no_match_spec};
needed({_, Code}) -> Code.

%% ets:fun2ms takes = at the top of a pattern only.
as_template({var, _, '_'}) -> {object(), object()};
as_template({var, _, _} = Var) -> {Var, Var};
as_template({match, A, P, {var, _, '_'}}) -> {object(), {match, A, P, object()}};
as_template({match, A, {var, _, '_'}, P}) -> {object(), {match, A, P, object()}};
as_template({match, _, _, {var, _, _} = Var} = P) -> {Var, P};
as_template({match, _, {var, _, _} = Var, _} = P) -> {Var, P};
as_template(P) -> {object(), {match, ?A0, P, object()}}.

object() -> {var, ?A0, 'Qlc@Object'}.

%% {Specification, its code} of fun(Pattern) when Filter -> Template end, or
%% none. Imported variables are part of the code.
specification(Template, Pattern, Filter, #lc{records = Records}) ->
    Fun = {'fun', ?A1, {clauses, [{clause, ?A1, [Pattern], [[Filter]],
                                   [Template]}]}},
    Call = {call, ?A1, {remote, ?A1, {atom, ?A1, ets}, {atom, ?A1, fun2ms}},
            [Fun]},
    Form = {function, ?A1, foo, 0, [{clause, ?A1, [], [], [Call]}]},
    try
        Forms = ms_transform:parse_transform(Records ++ [Form], []),
        {function, _, foo, 0, [{clause, _, [], [], [Code]}]} = lists:last(Forms),
        Value = erl_parse:normalise(constants(Code)),
        true = ets:is_compiled_ms(ets:match_spec_compile(Value)),
        {Value, Code}
    catch _:_ -> none
    end.

constants({var, Anno, Name}) -> {atom, Anno, Name};
constants(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(constants(tuple_to_list(Tuple)));
constants([H | T]) -> [constants(H) | constants(T)];
constants(Leaf) -> Leaf.

%% All filters as one.
-spec conjunction([{pos_integer(), {fil, term()}}]) -> term().
conjunction([]) -> {atom, ?A0, true};
conjunction(Filters) ->
    {Init, [{_, {fil, Last}}]} = lists:split(length(Filters) - 1, Filters),
    lists:foldr(fun({_, {fil, Code}}, Rest) ->
                    {op, ?A0, 'andalso', Code, Rest}
                end, Last, Init).
