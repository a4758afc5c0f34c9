%% SPDX-License-Identifier: Apache-2.0
%% What qlc:info shows: plans as descriptions, these as expressions.
%%
%% A description is {qlc, Template, [Qualifier], Options} (the code as binaries
%% that hold terms), {table, What}, {append, [D]}, {sort, D, Options},
%% {keysort, D, Key, Options}, {list, List} or {list, D, MatchSpec}.
-module(qlc_text).

-export([info/4]).

-include("qlc.hrl").

-define(A0, (erl_anno:new(0))).
-define(A1, (erl_anno:new(1))).

%% [Format]: string, abstract_code, or debug for the description.
-spec info(#plan{}, atom(), boolean(), {term(), term()}) -> term().
info(Plan, Format, Flat, {Elements, Depth} = Limits) ->
    Description = description(Plan, Limits),
    case Format of
        debug -> Description;
        _ ->
            Nested = expression(Description, {Elements, Depth}),
            shown(Format, case Flat of
                              true -> flat(Nested);
                              false -> Nested
                          end)
    end.

%% Pids and the like are {special, Anno, Text}, which has no syntax.
shown(abstract_code, Expression) -> plain(Expression);
shown(string, Expression) ->
    Special = fun({special, _, Text}, _, _, _) -> Text end,
    lists:flatten(erl_pp:expr(Expression, 0, Special)).

plain({special, Anno, Text}) -> {string, Anno, Text};
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple(plain(tuple_to_list(Tuple)));
plain([H | T]) -> [plain(H) | plain(T)];
plain(Leaf) -> Leaf.

%% ---- Descriptions ----

description(#plan{source = Source}, Limits) -> description(Source, Limits);
description({list, List}, _) -> {list, List};
description({filter, {objects, List}, MatchSpec}, _) ->
    {list, {list, List}, MatchSpec};
description({filter, Plan, MatchSpec}, Limits) ->
    {list, description(Plan, Limits), MatchSpec};
description({table, Table, Access}, Limits) ->
    table(Table#qlc_table.format, Access, Limits);
description({append, Plans}, Limits) ->
    {append, [description(P, Limits) || P <- Plans]};
description({sort, #qlc_sort{handle = Plan, key = Key} = Sort}, Limits) ->
    Options = case Sort of
                  #qlc_sort{tmpdir = "", options = Given} -> Given;
                  #qlc_sort{tmpdir = Dir, options = Given} ->
                      [{tmpdir, Dir} | lists:keydelete(tmpdir, 1, Given)]
              end,
    Inner = description(Plan, Limits),
    case Key of
        sort -> {sort, Inner, Options};
        {keysort, Positions} -> {keysort, Inner, Positions, Options}
    end;
description({keep, Keep, Name, Anno, Plan}, Limits) ->
    Variable = term_to_binary({var, Anno, Name}),
    {qlc, Variable, [{generate, Variable, description(Plan, Limits)}],
     options(Keep, any)};
description({query, #query{text = Text, qualifiers = Qualifiers} = Query},
            Limits) ->
    Codes = Text(),
    Shown = [qualifier(Q, Codes, Limits) || Q <- Qualifiers],
    Joined = case Query#query.join of
                 none -> Shown;
                 Join -> joined(Join, Shown, Qualifiers, Codes)
             end,
    {qlc, element(1, Codes), [Q || Q <- Joined, Q =/= skip],
     options(Query#query.keep, Query#query.join_option)}.

%% A table shows as its format function says; older ones do not know limits.
table(undefined, _, _) -> {table, {'$MOD', '$FUN', []}};
table(Format, {lookup, Position, Keys, MatchSpec}, {Elements, Depth}) ->
    What = try Format({lookup, Position, Keys, Elements, limiter(Depth)})
           catch _:_ -> Format({lookup, Position, Keys})
           end,
    case MatchSpec of
        none -> {table, What};
        _ -> {list, {table, What}, limited(MatchSpec, Depth)}
    end;
table(Format, {select, MatchSpec}, {_, Depth}) ->
    {table, Format({match_spec, limited(MatchSpec, Depth)})};
table(Format, all, {Elements, Depth}) ->
    {table, try Format({all, Elements, limiter(Depth)})
            catch _:_ -> Format(all)
            end}.

options(#keep{unique = Unique, cache = Cache}, Join) ->
    [{cache, case Cache of
                 true -> ets;
                 _ -> Cache
             end} || Cache =/= false] ++
    [{unique, true} || Unique] ++
    [{join, nested_loop} || Join =:= nested_loop].

qualifier({_, _, ?SKIP, fil}, _, _) -> skip;
qualifier({No, _, _, fil}, Codes, _) -> element(No + 1, Codes);
qualifier({No, _, _, {gen, #plan{} = Plan}}, Codes, Limits) ->
    {generate, element(No + 1, Codes), description(Plan, Limits)};
qualifier(_, _, _) -> skip.

%% ---- Joins ----

%% The first of the joined generators becomes one of pairs: a query over both,
%% G1 and G2, with the comparison as its filter.
joined(#join{how = How, from = From, to = To} = Join, Shown, Qualifiers, Codes) ->
    {{No, _, _, {gen, {join, _, Q1, Q2, _, _, Constants}}}, Reverse} =
        qlc_plan:joined(From, To, Qualifiers),
    {Constants1, Constants2} = constants(Constants()),
    G1 = {var, ?A0, 'G1'},
    G2 = {var, ?A0, 'G2'},
    One = lists:nth(Q1, Shown),
    Other = lists:nth(Q2, Shown),
    Part1 = fun() -> part(One, Q1, Codes, G1, Constants1) end,
    Part2 = fun() -> part(Other, Q2, Codes, G2, Constants2) end,
    {Parts, Option, Op} = case How of
        {merge, _} -> {[Part1(), Part2()], merge, '=='};
        {lookup, Own, _} when Reverse -> {[Part2(), looked_up(One, G1)], lookup, Own};
        {lookup, Own, _} -> {[Part1(), looked_up(Other, G2)], lookup, Own}
    end,
    Column = fun(C, G) -> element_call(C, G) end,
    Filter = term_to_binary({op, ?A0, Op, Column(Join#join.from_column, G1),
                             Column(Join#join.to_column, G2)}),
    Settings = Join#join.settings,
    Options = [{join, Option}
               | options(#keep{unique = Settings#qlc_opt.unique,
                               cache = Settings#qlc_opt.cache}, any)],
    Pairs = {generate, element(No + 1, Codes),
             {qlc, term_to_binary({cons, ?A0, G1, G2}), Parts ++ [Filter],
              Options}},
    {Before, [_ | After]} = lists:split(Q1 - 1, Shown),
    Before ++ [Pairs] ++ lists:delete(Other, After).

%% Old files have lists of constants, newer ones say how they are compared.
constants({Constants1, Constants2, []}) ->
    Matched = fun(Cs) -> [{C, [{V, '=:='} || V <- Vs]} || {C, Vs} <- Cs] end,
    {Matched(Constants1), Matched(Constants2)};
constants({Constants1, Constants2, _}) -> {Constants1, Constants2}.

looked_up({generate, _, Source}, G) -> {generate, term_to_binary(G), Source}.

%% A generator in a join: those objects that its pattern takes and that have
%% the constants that filters ask for.
part({generate, Code, Source}, _, _, G, Constants) ->
    case {binary_to_term(Code), Constants} of
        {{var, _, _}, []} -> {generate, term_to_binary(G), Source};
        {Pattern, _} ->
            {Name, Named} = named(Pattern),
            Filters = [term_to_binary(any_of(Values, element_call(Column, Name)))
                       || {Column, Values} <- Constants],
            {generate, term_to_binary(G),
             {qlc, term_to_binary(Name),
              [{generate, term_to_binary(Named), Source} | Filters], []}}
    end.

named({var, _, _} = Pattern) -> {Pattern, Pattern};
named(Pattern) ->
    Name = {var, ?A0, fresh("P", 0, names(Pattern))},
    {Name, {match, ?A0, Name, Pattern}}.

any_of(Values, Call) ->
    Tests = [{op, ?A0, Op, abstract(V, ?A0), Call} || {V, Op} <- Values],
    {Init, [Last]} = lists:split(length(Tests) - 1, Tests),
    lists:foldr(fun(Test, Rest) -> {op, ?A0, 'or', Test, Rest} end, Last, Init).

element_call(Column, Of) ->
    {call, ?A0, {atom, ?A0, element}, [{integer, ?A0, Column}, Of]}.

%% ---- Descriptions as expressions ----

expression({qlc, Template, Qualifiers, Options}, Limits) ->
    Shown = [case Q of
                 {generate, Pattern, Source} ->
                     {generate, ?A1, binary_to_term(Pattern),
                      expression(Source, Limits)};
                 Filter -> binary_to_term(Filter)
             end || Q <- Qualifiers],
    call(qlc, q, [{lc, ?A1, binary_to_term(Template), Shown}
                  | [abstract(Options, ?A1) || Options =/= []]]);
expression({table, {M, F, Args}}, _) when is_atom(M), is_atom(F),
                                          is_list(Args) ->
    call(M, F, [abstract(A, ?A1) || A <- Args]);
expression({table, What}, _) ->
    case io_lib:deep_char_list(What) of
        true ->
            {ok, Tokens, _} =
                erl_scan:string(lists:flatten([What, "."]), 1, [text]),
            {ok, [Expression]} = erl_eval:extended_parse_exprs(Tokens),
            values(Expression);
        false -> What
    end;
expression({append, Parts}, Limits) ->
    List = lists:foldr(fun(D, Rest) -> {cons, ?A1, expression(D, Limits), Rest}
                       end, {nil, ?A1}, Parts),
    call(qlc, append, [List]);
expression({sort, D, Options}, Limits) ->
    call(qlc, sort, [expression(D, Limits), abstract(Options, ?A1)]);
expression({keysort, D, Key, Options}, Limits) ->
    call(qlc, keysort, [abstract(Key, ?A1), expression(D, Limits),
                        abstract(Options, ?A1)]);
expression({list, D, MatchSpec}, {_, Depth} = Limits) ->
    call(ets, match_spec_run,
         [expression(D, Limits),
          call(ets, match_spec_compile,
               [abstract(limited(MatchSpec, Depth), ?A1)])]);
expression({list, List}, {Elements, Depth})
  when Elements =:= infinity; Elements >= length(List) ->
    abstract(limited(List, Depth), ?A1);
expression({list, List}, {Elements, Depth}) ->
    abstract(limited(lists:sublist(List, Elements), Depth) ++ '...', ?A1).

call(M, F, Args) ->
    {call, ?A1, {remote, ?A1, {atom, ?A1, M}, {atom, ?A1, F}}, Args}.

%% Tokens of values (pids and the like) are as they were written.
values({value, _, Value}) -> abstract(Value, ?A0);
values(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(values(tuple_to_list(Tuple)));
values([H | T]) -> [values(H) | values(T)];
values(Leaf) -> Leaf.

abstract(Tuple, Anno) when is_tuple(Tuple) ->
    {tuple, Anno, [abstract(E, Anno) || E <- tuple_to_list(Tuple)]};
abstract([_ | _] = List, Anno) ->
    case io_lib:char_list(List) of
        true -> erl_parse:abstract(List, [{location, erl_anno:line(Anno)}]);
        false -> elements(List, Anno)
    end;
abstract(Fun, Anno) when is_function(Fun) ->
    case erl_eval:fun_data(Fun) of
        {fun_data, _, Clauses} -> {'fun', Anno, {clauses, Clauses}};
        {named_fun_data, _, Name, Clauses} -> {named_fun, Anno, Name, Clauses};
        false -> {'fun', Anno, function(maps:from_list(erlang:fun_info(Fun)), Anno)}
    end;
abstract(Other, Anno) when is_pid(Other); is_port(Other); is_reference(Other) ->
    {special, Anno, lists:flatten(io_lib:write(Other))};
abstract(Map, Anno) when is_map(Map) ->
    {map, Anno, [{map_field_assoc, Anno, abstract(K, Anno), abstract(V, Anno)}
                 || {K, V} <- maps:to_list(Map)]};
abstract(Simple, Anno) -> erl_parse:abstract(Simple, erl_anno:line(Anno)).

elements([H | T], Anno) -> {cons, Anno, abstract(H, Anno), elements(T, Anno)};
elements(End, Anno) -> abstract(End, Anno).

function(#{type := external, module := M, name := F, arity := A}, Anno) ->
    {function, {atom, Anno, M}, {atom, Anno, F}, {integer, Anno, A}};
function(#{name := F, arity := A}, _) -> {function, F, A}.

%% ---- Queries in queries become variables ----

%% V1 = qlc:q(..), V2 = qlc:q([.. || .. <- V1]), ...: variables of patterns
%% are not seen in other sources, so nothing gets another meaning.
flat(Nested) ->
    {Expression, {Matches, _, _}} = taken_out(Nested, {[], 1, names(Nested)}),
    case Matches of
        [] -> Expression;
        [{match, _, Expression, Query}] -> Query;
        [{match, _, Expression, Query} | Rest] ->
            {block, ?A0, lists:reverse(Rest, [Query])};
        _ -> {block, ?A0, lists:reverse(Matches, [Expression])}
    end.

taken_out({call, A, {remote, _, {atom, _, qlc}, {atom, _, q}} = Q,
           [{lc, A1, Template, Qualifiers0} | Options]}, S0) ->
    {Qualifiers, {Matches, N, Names}} = lists:mapfoldl(
        fun({generate, A2, Pattern, Source0}, S1) ->
                {Source, S} = taken_out(Source0, S1),
                {{generate, A2, Pattern, Source}, S};
           (Filter, S1) -> {Filter, S1}
        end, S0, Qualifiers0),
    No = free("V", N, Names),
    Variable = {var, A, list_to_atom("V" ++ integer_to_list(No))},
    Query = {call, A, Q, [{lc, A1, Template, Qualifiers} | Options]},
    {Variable, {[{match, A, Variable, Query} | Matches], No + 1, Names}};
taken_out(Tuple, S0) when is_tuple(Tuple) ->
    {List, S} = taken_out(tuple_to_list(Tuple), S0),
    {list_to_tuple(List), S};
taken_out([H0 | T0], S0) ->
    {H, S1} = taken_out(H0, S0),
    {T, S} = taken_out(T0, S1),
    {[H | T], S};
taken_out(Leaf, S) -> {Leaf, S}.

names({var, _, Name}) -> #{Name => true};
names(Tuple) when is_tuple(Tuple) -> names(tuple_to_list(Tuple));
names([H | T]) -> maps:merge(names(H), names(T));
names(_) -> #{}.

fresh(Prefix, N, Names) ->
    list_to_atom(Prefix ++ integer_to_list(free(Prefix, N, Names))).

free(Prefix, N, Names) ->
    case is_map_key(list_to_atom(Prefix ++ integer_to_list(N)), Names) of
        true -> free(Prefix, N + 1, Names);
        false -> N
    end.

%% ---- Limits: terms that are deeper end in '...' ----

limited(List, infinity) -> List;
limited(List, Depth) -> [cut(E, Depth) || E <- List].

limiter(infinity) -> fun(E) -> E end;
limiter(Depth) -> fun(E) -> cut(E, Depth) end.

cut([], _) -> [];
cut(_, 0) -> '...';
cut(Tuple, D) when is_tuple(Tuple) ->
    list_to_tuple(cut_all(tuple_to_list(Tuple), D - 1, ['...']));
cut([_ | _], 1) -> ['...'];
cut([_ | _] = List, D) -> cut_all(List, D - 1, '...');
cut(Bytes, D) when byte_size(Bytes) > D - 1 ->
    <<Part:(D - 1)/binary, _/binary>> = Bytes,
    <<Part/binary, "...">>;
cut(Leaf, _) -> Leaf.

%% Each element may be less deep than the one before; [End] stands for those
%% that have no room.
cut_all([], _, _) -> [];
cut_all(_, 0, End) -> End;
cut_all([E | Es], D, End) -> [cut(E, D) | cut_all(Es, D - 1, End)];
cut_all(E, D, _) -> cut(E, D).
