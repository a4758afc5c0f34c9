%% SPDX-License-Identifier: Apache-2.0
%% The code that qlc_pt puts in place of a comprehension; qlc_pt says what its
%% parts are.
%%
%% A place is {Number, Slot, State, {gen, Pattern} | {fil, Code} | {join, Op,
%% Q1, Q2, Constants1, Constants2}}.
-module(qlc_code).

-export([places/2, automaton/2, qualifiers/2, about/2]).

-include("qlc_pt.hrl").

%% A fun of the evaluator has at most so many arguments.
-define(MOST_ARGUMENTS, 20).

%% {Places of the qualifiers, those of the joins that may take their place}
-spec places(#lc{}, [{atom(), term()}]) -> {[tuple()], [tuple()]}.
places(#lc{qualifiers = Qualifiers}, About) ->
    {Places, {Slot0, State0}} = lists:mapfoldl(
        fun({No, Code}, {Slot, State}) ->
                {{No, Slot, State, Code}, after_place(Code, Slot, State)}
        end, {2, 2}, Qualifiers),
    Extra = proplists:get_value(extra, About),
    Joins = [{join, Op, Q1, Q2, proplists:get_value(Q1, Extra, []),
              proplists:get_value(Q2, Extra, [])}
             || {Q1, Q2, Op} <- pairs(proplists:get_value(join, About))],
    {JoinPlaces, _} = lists:mapfoldl(
        fun(Join, {No, Slot, State}) ->
                {{No, Slot, State, Join}, {No + 1, Slot + 3, State + 2}}
        end, {length(Qualifiers) + 1, Slot0, State0}, Joins),
    {Places, JoinPlaces}.

after_place({gen, _}, Slot, State) -> {Slot + 3, State + 2};
after_place({fil, _}, Slot, State) -> {Slot + 2, State + 1}.

pairs({Compared, Matched}) ->
    Matches = numbers(Matched),
    lists:usort([{Q1, Q2, '=:='} || {Q1, Q2} <- Matches] ++
                [{Q1, Q2, '=='} || {Q1, Q2} <- numbers(Compared) -- Matches]);
pairs(Both) -> [{Q1, Q2, '=='} || {Q1, Q2} <- numbers(Both)].

numbers(Joins) -> lists:usort([{Q1, Q2} || {[{Q1, _}, {Q2, _}], _} <- Joins]).

%% ---- The automaton ----

%% Arguments of the loop are the state, the answers, and by qualifier what it
%% binds; of a generator also its objects. Names end in the number of the query.
-record(c, {a, loop, answers, table, all}).

-spec automaton(#lc{}, [tuple()]) -> erl_parse:abstract_expr().
automaton(#lc{no = No, anno = A, introduced = Introduced} = Lc, Places) ->
    Name = fun(N) -> {var, A, list_to_atom(lists:concat(['Qlc@', N, No]))} end,
    All = lists:append([[source_name(Q, Lc) || {Q, _, _, {gen, _}} <- [P]] ++
                        maps:get(element(1, P), Introduced, [])
                        || P <- Places]),
    C = #c{a = A, loop = Name("Loop"), answers = Name("Answers"),
           table = Name("Table"), all = All},
    Clauses = ending(C) ++ template(Lc#lc.template, C) ++
        lists:append([place(P, Places, Lc, C) || P <- Places]),
    {var, _, Loop} = C#c.loop,
    [State, First] = [Name("State"), Name("First")],
    Start = {call, A, {named_fun, A, Loop, Clauses},
             pack([State, First | [{nil, A} || _ <- All]], A)},
    {'fun', A, {clauses, [{clause, A, [State, First, C#c.table], [], [Start]}]}}.

source_name(Q, #lc{no = No}) -> list_to_atom(lists:concat(['Qlc@C', No, '_', Q])).

pack(Args, A) when length(Args) > ?MOST_ARGUMENTS ->
    {First, Rest} = lists:split(?MOST_ARGUMENTS - 1, Args),
    First ++ [{tuple, A, Rest}];
pack(Args, _) -> Args.

%% The variables, but those in [Changed], #{Name => Code}.
with(Changed, #c{a = A, all = All}) ->
    [maps:get(V, Changed, {var, A, V}) || V <- All].

each(Names, Code) -> maps:from_list([{N, Code} || N <- Names]).

head(State, Answers, Changed, #c{a = A} = C) ->
    pack([State, Answers | with(Changed, C)], A).

go(State, Changed, C) -> go(State, C#c.answers, Changed, C).

go(State, Answers, Changed, #c{a = A, loop = Loop} = C) ->
    {call, A, Loop, pack([State, Answers | with(Changed, C)], A)}.

slot(Slot, #c{a = A, table = Table}) ->
    erlang_call(element, [{integer, A, Slot}, Table], A).

erlang_call(F, Args, A) ->
    {call, A, {remote, A, {atom, A, erlang}, {atom, A, F}}, Args}.

gathers(#c{a = A, answers = Answers}) -> [[erlang_call(is_list, [Answers], A)]].

ending(#c{a = A, answers = Answers} = C) ->
    Any = {var, A, '_'},
    Ignored = each(C#c.all, Any),
    Reversed = {call, A, {remote, A, {atom, A, lists}, {atom, A, reverse}},
                [Answers]},
    [{clause, A, head({integer, A, 0}, Answers, Ignored, C), gathers(C), [Reversed]},
     {clause, A, head({integer, A, 0}, Any, Ignored, C), [], [{nil, A}]}].

template(Template, #c{a = A, answers = Answers} = C) ->
    Head = head({integer, A, 1}, Answers, #{}, C),
    Next = slot(1, C),
    Added = {cons, A, Template, Answers},
    More = {'fun', A, {clauses, [{clause, A, [], [], [go(Next, #{}, C)]}]}},
    [{clause, A, Head, gathers(C), [go(Next, Added, #{}, C)]},
     {clause, A, Head, [], [{cons, A, Template, More}]}].

place({No, Slot, State, {gen, Pattern}}, _, Lc, C) ->
    generator(Slot, State, Pattern, source_name(No, Lc),
              maps:get(No, Lc#lc.introduced), C);
place({_, Slot, State, {join, _, Q1, Q2, _, _}}, Places, Lc, C) ->
    #c{a = A} = C,
    {_, _, _, {gen, P1}} = lists:keyfind(Q1, 1, Places),
    {_, _, _, {gen, P2}} = lists:keyfind(Q2, 1, Places),
    Own = maps:get(Q1, Lc#lc.introduced) ++ maps:get(Q2, Lc#lc.introduced),
    generator(Slot, State, {cons, A, P1, P2}, source_name(Q1, Lc), Own, C);
place({No, Slot, State, {fil, Code}}, _, Lc, #c{a = A} = C) ->
    Own = maps:get(No, Lc#lc.introduced),
    Head = head({integer, A, State}, C#c.answers, each(Own, {var, A, '_'}), C),
    True = go(slot(Slot + 1, C), #{}, C),
    False = go(slot(Slot, C), each(Own, {nil, A}), C),
    Body = case (Lc#lc.is_guard)(Code) of
               true ->
                   {'if', A, [{clause, A, [], [[Code]], [True]},
                              {clause, A, [], [[{atom, A, true}]], [False]}]};
               false ->
                   {'case', A, Code,
                    [{clause, A, [{atom, A, true}], [], [True]},
                     {clause, A, [{atom, A, false}], [], [False]}]}
           end,
    [{clause, A, Head, [], [Body]}].

%% Its objects are in the variable [Source].
generator(Slot, State, Pattern, Source, Own, #c{a = A, answers = Answers} = C) ->
    Objects = {var, A, Source},
    Any = {var, A, '_'},
    Ignored = each(Own, Any),
    Forgotten = each(Own, {nil, A}),
    Again = {integer, A, State + 1},
    Head = fun(Code) -> head(Again, Answers, Ignored#{Source => Code}, C) end,
    More = {var, A, list_to_atom(lists:concat([Source, '_more']))},
    [{clause, A, head({integer, A, State}, Answers, #{Source => Any}, C), [],
      [go(Again, #{Source => slot(Slot + 2, C)}, C)]},
     {clause, A, Head({cons, A, Pattern, Objects}), [],
      [go(slot(Slot + 1, C), #{}, C)]},
     {clause, A, Head({cons, A, Any, Objects}), [], [go(Again, Forgotten, C)]},
     {clause, A, Head({nil, A}), [],
      [go(slot(Slot, C), Forgotten#{Source => {nil, A}}, C)]},
     {clause, A, Head(Objects), [],
      [{'case', A, {call, A, Objects, []},
        [{clause, A, [More], [[erlang_call(is_list, [More], A)],
                              [erlang_call(is_function, [More], A)]],
          [go(Again, Forgotten#{Source => More}, C)]},
         {clause, A, [More], [], [More]}]}]}].

%% ---- The qualifiers ----

-spec qualifiers(#lc{}, [tuple()]) -> erl_parse:abstract_expr().
qualifiers(#lc{anno = A} = Lc, Places) ->
    Items = [{tuple, A, [{integer, A, No}, {integer, A, Slot},
                         {integer, A, State}, kind(No, Code, Places, Lc)]}
             || {No, Slot, State, Code} <- Places],
    list(Items, A).

list(Items, A) ->
    lists:foldr(fun(Item, Rest) -> {cons, A, Item, Rest} end, {nil, A}, Items).

kind(_, {fil, _}, _, #lc{anno = A}) -> {atom, A, fil};
kind(No, {gen, _}, _, #lc{anno = A, sources = Sources}) ->
    Source = maps:get(No, Sources),
    {tuple, A, [{atom, A, gen}, function([{clause, A, [], [], [Source]}], A)]};
kind(_, {join, Op, Q1, Q2, Constants1, Constants2}, Places,
     #lc{anno = A} = Lc) ->
    [Pick1, Pick2] = [begin
                          {_, _, _, {gen, Pattern}} = lists:keyfind(Q, 1, Places),
                          picking(Pattern, Constants, Lc)
                      end || {Q, Constants} <- [{Q1, Constants1},
                                                {Q2, Constants2}]],
    Shown = {tuple, A, [constants(Constants1, A), constants(Constants2, A),
                        {atom, A, v1}]},
    {tuple, A, [{atom, A, gen},
                {tuple, A, [{atom, A, join}, {atom, A, Op}, {integer, A, Q1},
                            {integer, A, Q2}, Pick1, Pick2,
                            function([{clause, A, [], [], [Shown]}], A)]}]}.

function(Clauses, A) -> {'fun', A, {clauses, Clauses}}.

constants(Constants, A) ->
    list([{tuple, A, [{integer, A, Position},
                      list([{tuple, A, [at(Code, A), {atom, A, Op}]}
                            || {Code, Op} <- lists:append(Values)], A)]}
          || {Position, Values} <- by_position(Constants)], A).

by_position(Constants) ->
    [{P, [Vs || {P1, Vs} <- Constants, P1 =:= P]}
     || P <- lists:usort([P || {P, _} <- Constants])].

%% A fun that gives of objects those that a pattern takes, and that have the
%% constants: operands of merge joins are sorted by what the pattern says.
picking(Pattern0, Constants, #lc{anno = A, no = No} = Lc) ->
    [Given, Loop, Object, More] =
        [{var, A, list_to_atom(lists:concat(['Qlc@', N, No]))}
         || N <- ['Given', 'Pick', 'Object', 'More']],
    case {once_ignored(Pattern0, Lc), Constants} of
        {{var, _, _}, []} -> function([{clause, A, [Given], [], [Given]}], A);
        {Pattern, _} ->
            Tests = [any_of(lists:append(Values), erlang_call(element,
                                           [{integer, A, P}, Object], A), A)
                     || {P, Values} <- by_position(Constants)],
            Next = {call, A, Loop, [More]},
            Taken = {cons, A, Object, function([{clause, A, [], [], [Next]}], A)},
            Case = {'case', A, Object,
                    [{clause, A, [Pattern], [Tests || Tests =/= []], [Taken]},
                     {clause, A, [{var, A, '_'}], [], [Next]}]},
            {var, _, LoopName} = Loop,
            Clauses =
                [{clause, A, [{cons, A, Object, More}], [], [Case]},
                 {clause, A, [More], [[erlang_call(is_function, [More], A)]],
                  [{call, A, Loop, [{call, A, More, []}]}]},
                 {clause, A, [More], [], [More]}],
            Start = {call, A, {named_fun, A, LoopName, Clauses}, [Given]},
            function([{clause, A, [Given], [],
                       [function([{clause, A, [], [], [Start]}], A)]}], A)
    end.

any_of(Values, Column, A) ->
    [Last | Rest] = lists:reverse([{op, A, Op, at(Code, A), Column}
                                   || {Code, Op} <- Values]),
    lists:foldl(fun(Test, Acc) -> {op, A, 'or', Test, Acc} end, Last, Rest).

at(Code, A) -> erl_parse:map_anno(fun(_) -> A end, Code).

%% Variables that are in a pattern only once do not matter.
once_ignored(Pattern, #lc{all_introduced = Own}) ->
    All = names(Pattern),
    Often = All -- lists:usort(All),
    ignored(Pattern, [V || V <- Own, not lists:member(V, Often)]).

names({var, _, '_'}) -> [];
names({var, _, Name}) -> [Name];
names(Tuple) when is_tuple(Tuple) -> names(tuple_to_list(Tuple));
names([H | T]) -> names(H) ++ names(T);
names(_) -> [].

ignored({var, A, Name} = Var, Names) ->
    case lists:member(Name, Names) of
        true -> {var, A, '_'};
        false -> Var
    end;
ignored(Tuple, Names) when is_tuple(Tuple) ->
    list_to_tuple(ignored(tuple_to_list(Tuple), Names));
ignored([H | T], Names) -> [ignored(H, Names) | ignored(T, Names)];
ignored(Leaf, _) -> Leaf.

%% ---- What is known about it ----

-spec about([{atom(), term()}], erl_anno:anno()) -> erl_parse:abstract_expr().
about(About, A) ->
    Get = fun(Tag) -> proplists:get_value(Tag, About) end,
    Constant = [Column || {Column, [_], _} <- Get(equal_constants)],
    Columns = [{No, lists:usort([P || {No1, P} <- Constant, No1 =:= No])}
               || No <- lists:usort([No || {No, _} <- Constant])],
    Leading = [{No, N - 1} || {No, Ps} <- Columns,
                              N <- [hd(lists:seq(1, length(Ps) + 1) -- Ps)],
                              N > 1],
    Tags = [{join, abstract(Get(join), A)} || Get(join) =/= []] ++
        [{size, by_number(Get(size), undefined, A)},
         {template, of_template(Get(template), A)},
         {constants, of_constants(Get(constants), A)},
         {equal_constants, of_constants(Get(equal_constants), A)},
         {n_leading_constant_columns, by_number(Leading, 0, A)},
         {constant_columns, by_number(Columns, [], A)},
         {match_specs, of_specs(Get(match_specs), A)}],
    function([{clause, A, [{atom, A, Tag}], [], [Code]} || {Tag, Code} <- Tags]
             ++ [otherwise({atom, A, undefined}, A)], A).

abstract(Term, A) -> at(erl_parse:abstract(Term), A).

otherwise(Code, A) -> {clause, A, [{var, A, '_'}], [], [Code]}.

by_number(Values, Default, A) ->
    function([{clause, A, [{integer, A, No}], [], [abstract(V, A)]}
              || {No, V} <- lists:sort(Values)] ++
             [otherwise(abstract(Default, A), A)], A).

of_template(Template, A) ->
    Any = {var, A, '_'},
    function([{clause, A, [abstract(Column, A),
                           case Op of
                               '_' -> Any;
                               _ -> {atom, A, Op}
                           end], [], [abstract(Positions, A)]}
              || {Op, Columns} <- Template, {Column, Positions} <- Columns] ++
             [{clause, A, [Any, Any], [], [{nil, A}]}], A).

%% fun(Generator) gives fun(Position): the values to look up.
of_constants(Constants, A) ->
    Numbers = lists:usort([No || {{No, _}, _, _} <- Constants]),
    function([{clause, A, [{integer, A, No}], [],
               [of_positions([{P, Terms, Skip}
                              || {{N, P}, Terms, Skip} <- Constants, N =:= No],
                             A)]} || No <- Numbers] ++
             [otherwise({atom, A, no_column_fun}, A)], A).

of_positions(Positions, A) ->
    function([{clause, A, [{integer, A, P}], [],
               [{tuple, A, [{atom, A, values_tag(Terms)},
                            list([at(qlc_frames:code(T), A) || T <- Terms], A),
                            abstract(Skip, A)]}]}
              || {P, Terms, Skip} <- Positions] ++
             [otherwise({atom, A, false}, A)], A).

%% Only when the query runs can imported variables be seen to be the same.
values_tag([_]) -> values;
values_tag(Terms) ->
    case lists:flatmap(fun qlc_frames:variables/1, Terms) of
        [] -> values;
        _ -> usort_needed
    end.

of_specs(Specs, A) ->
    function([{clause, A, [{integer, A, No}], [],
               [{tuple, A, [at(Code, A), abstract(Filters, A)]}]}
              || {No, Code, Filters} <- Specs] ++
             [otherwise({atom, A, undefined}, A)], A).
