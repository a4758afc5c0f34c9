%% SPDX-License-Identifier: Apache-2.0
%% qlc_plan: how a handle is going to be evaluated.
%%
%% First the handles are turned into plans from the inside out: what its
%% filters and patterns tell about a generator (qlc_pt gives it as functions)
%% becomes lookups and match specifications of tables, and candidates for
%% joins are found. Then, from the outside in, joins are chosen, operands of
%% merge joins sorted, and caches dropped where they would be read once only.
-module(qlc_plan).

-export([inside/1, plan/3, state_after/1, joined/3]).

-include("qlc.hrl").

%% The name that info gives to the objects of what is kept.
-define(ANY_NAME, 'SQV').

%% What is in a handle, or a list; badarg for anything else.
-spec inside(term()) -> term().
inside(#qlc_handle{h = Inner}) -> Inner;
inside(List) when is_list(List) -> List;
inside(_) -> badarg.

%% [First] is [] when all answers are wanted in one list.
-spec plan(term(), [] | not_a_list, #qlc_opt{}) -> #plan{}.
plan(Inner, First, Settings) ->
    case settle(handle(Inner, Settings), 1) of
        #plan{source = {query, Query}} = Plan ->
            Plan#plan{source = {query, Query#query{first = First}}};
        Plan -> Plan
    end.

%% ---- Handles ----

handle([_, _ | _] = List, All) ->
    Plan = #plan{source = {list, List}, cached = true},
    kept(only_unique(All, not All#qlc_opt.unique), Plan);
handle(List, _) when is_list(List) -> short(List);
handle(#qlc_append{handles = Handles}, All) ->
    appended(lists:flatmap(fun parts/1, [handle(H, All) || H <- Handles]), All);
handle(#qlc_sort{handle = Inner} = Sort, All) ->
    sorted(Sort, handle(Inner, All), All);
handle(#qlc_table{info = Info} = Table, All) ->
    Unique = is_function(Info) andalso Info(is_unique_objects) =:= true,
    Plan = #plan{source = {table, Table, all}, unique = Unique,
                 ordered = table_order(Info)},
    kept(only_unique(All, Unique orelse not All#qlc_opt.unique), Plan);
handle(#qlc_lc{settings = {qlc_opt, Unique, Cache, Max}} = Lc, All) ->
    %% From long ago.
    Settings = #qlc_opt{unique = Unique, cache = Cache, max_lookup = Max},
    handle(Lc#qlc_lc{settings = Settings}, All);
handle(#qlc_lc{code = Code, settings = #qlc_opt{} = Own} = Lc, All) ->
    Settings = All#qlc_opt{
        unique = Own#qlc_opt.unique or All#qlc_opt.unique,
        cache = case All#qlc_opt.cache of
                    false -> Own#qlc_opt.cache;
                    Cache -> Cache
                end,
        max_lookup = Own#qlc_opt.max_lookup,
        join = Own#qlc_opt.join, lookup = Own#qlc_opt.lookup},
    comprehension(Code(), Settings, All, Lc);
handle(Other, _) -> unsupported(Other).

unsupported(Inner) -> error({unsupported_qlc_handle, #qlc_handle{h = Inner}}).

%% Caching what is there already, or is read from its table, does not pay.
only_unique(Settings, true) -> Settings#qlc_opt{cache = false};
only_unique(Settings, false) -> Settings.

%% Less than two objects.
short(List) ->
    #plan{source = {list, List}, sorted = yes, unique = true, cached = true}.

parts(#plan{source = {list, []}}) -> [];
parts(#plan{source = {append, Plans}}) -> Plans;
parts(Plan) -> [Plan].

appended([], _) -> short([]);
appended([Plan], _) -> Plan;
appended(Plans, All) ->
    Cached = lists:all(fun(P) -> P#plan.cached end, Plans),
    kept(All, #plan{source = {append, Plans}, cached = Cached}).

sorted(_, #plan{sorted = yes} = Plan, _) -> Plan;
sorted(Sort0, #plan{unique = Unique} = Plan, All) ->
    Sort1 = sort_options(Sort0, Unique),
    Dir = case All#qlc_opt.tmpdir of
              "" -> Sort1#qlc_sort.tmpdir;
              Given -> Given
          end,
    Sort = Sort1#qlc_sort{handle = Plan, tmpdir = Dir,
                          tmpdir_usage = All#qlc_opt.tmpdir_usage},
    Order = case Sort#qlc_sort.order of
                Fun when is_function(Fun) -> no;
                Name -> Name
            end,
    Known = #plan{source = {sort, Sort}, cached = true,
                  unique = Sort#qlc_sort.unique orelse Unique},
    case Sort#qlc_sort.key of
        sort -> Known#plan{sorted = Order};
        {keysort, [Column | _]} -> Known#plan{ordered = [{Column, Order}]};
        {keysort, Column} -> Known#plan{ordered = [{Column, Order}]}
    end.

%% Sorting as a whole need not look for equal objects where there are none.
sort_options(#qlc_sort{key = sort, options = Options} = Sort, true) ->
    Sort#qlc_sort{unique = false,
                  options = lists:keydelete(unique, 1,
                                            lists:delete(unique, Options))};
sort_options(Sort, _) -> Sort.

table_order(Info) ->
    case asked(Info, is_sorted_key) of
        true ->
            case asked(Info, keypos) of
                undefined -> [];
                Position -> [{Position, ascending}]
            end;
        _ -> []
    end.

asked(undefined, _) -> undefined;
asked(Info, What) -> Info(What).

%% A plan that keeps its objects in a table or list if [Settings] want it and
%% [Plan] does not do so.
kept(#qlc_opt{unique = Unique, cache = Cache} = Settings, Plan) ->
    case Unique and not Plan#plan.unique
        orelse Cache =/= false andalso not Plan#plan.cached of
        true -> keep(?ANY_NAME, erl_anno:new(1), Plan, Settings);
        false -> Plan
    end.

keep(Name, Anno, #plan{unique = Unique0, cached = Cached} = Plan, Settings) ->
    #qlc_opt{unique = Unique, cache = Cache0} = Settings,
    must_join(Settings),
    Cache = if
                Unique; not Cached -> Cache0;
                true -> false
            end,
    Keep = #keep{unique = Unique and not Unique0, cache = Cache,
                 settings = Settings},
    #plan{source = {keep, Keep, Name, Anno, Plan},
          unique = Unique0 or Unique, cached = Cached or (Cache =/= false),
          ordered = Plan#plan.ordered, sorted = Plan#plan.sorted}.

%% ---- Comprehensions ----

comprehension({simple_v1, Name, Source, Line}, Settings, All, _) ->
    must_look_up(Settings, false),
    keep(Name, erl_anno:new(Line), source(Source, All), Settings);
comprehension({qlc_v1, Code, Text, Qualifiers0, About}, Settings, All, _) ->
    {Qualifiers, Changed} = lists:mapfoldl(
        fun({No, Slot, State, {gen, Source}}, Found)
              when is_function(Source) ->
                {Plan, New} = generator(No, source(Source, All), About,
                                        Settings),
                {{No, Slot, State, {gen, Plan}}, New ++ Found};
           (Qualifier, Found) -> {Qualifier, Found}
        end, [], Qualifiers0),
    must_look_up(Settings, lists:any(fun({_, Looks, _, _}) -> Looks end,
                                     Changed)),
    case Changed of
        [{_, _, all, Plan}] -> % this plan does all that the query asks for
            must_join(Settings),
            Plan;
        _ ->
            Plan = query(Code, Text, Qualifiers, About, Settings),
            joins(Plan#plan{skipped = [{No, Filters}
                                       || {No, _, Filters, _} <- Changed]},
                  About, Settings)
    end;
comprehension(_, _, _, Lc) -> unsupported(Lc).

%% The plan of a generator's expression.
source(Fun, All) ->
    case Fun() of
        {error, qlc, _} = Error -> qlc_run:failed(Error);
        Value ->
            case inside(Value) of
                badarg -> error(badarg, [Value]);
                Inner -> handle(Inner, All)
            end
    end.

must_join(#qlc_opt{join = any}) -> ok;
must_join(#qlc_opt{join = Join}) ->
    error(no_join_to_carry_out, [{join, Join}]).

must_look_up(#qlc_opt{lookup = true}, false) ->
    error(no_lookup_to_carry_out, [{lookup, true}]);
must_look_up(_, _) -> ok.

query(Code, Text, Qualifiers0, About, Settings) ->
    #qlc_opt{unique = Unique, cache = Cache} = Settings,
    {Qualifiers, Orders} = lists:mapfoldl(
        fun({No, Slot, State, {gen, #plan{} = Plan0}}, Found) ->
                Plan = Plan0#plan{columns = columns(Plan0, No, About)},
                Here = [{Column, ascending}
                        || {C, ascending} <- Plan#plan.columns,
                           Column <- (About(template))({No, C}, '==')],
                {{No, Slot, State, {gen, Plan}}, Here ++ Found};
           (Qualifier, Found) -> {Qualifier, Found}
        end, [], Qualifiers0),
    Constant = [{C, ascending} || C <- (About(constant_columns))(0)],
    #plan{source = {query, #query{code = Code, text = Text,
                                  qualifiers = Qualifiers,
                                  join_option = Settings#qlc_opt.join,
                                  keep = #keep{unique = Unique, cache = Cache,
                                               settings = Settings},
                                  settings = Settings}},
          ordered = lists:usort(Constant ++ Orders),
          unique = Unique, cached = Cache =/= false}.

%% The sorted columns of a generator: of a sorted source the first that the
%% pattern does not hold constant, the constant ones, and those of its plan.
columns(#plan{sorted = Sorted, ordered = Ordered}, No, About) ->
    Constant = (About(n_leading_constant_columns))(No),
    First = case (About(size))(No) of
                Size when Sorted =/= no, is_integer(Size), Size > 0,
                          Constant < Size, Sorted =/= descending ->
                    [{Constant + 1, ascending}];
                _ -> []
            end,
    lists:usort(First ++ Ordered ++
                [{C, ascending} || C <- (About(constant_columns))(No)]).

%% ---- Generators: lookups and match specifications ----

%% The plan of a generator, and [{Number, LooksUp, Filters, Plan}] if it does
%% the work of [Filters], or of all the query.
generator(No, #plan{source = Source} = Plan, About, Settings) ->
    {MatchSpec, Filters} = case (About(match_specs))(No) of
                               undefined -> {no_match_spec, []};
                               Found -> Found
                           end,
    Selected = MatchSpec =/= no_match_spec,
    case Source of
        {table, Table, all} ->
            Keys = keys(Table, constants(Table, No, About), Settings),
            table_access(Keys, Table, {MatchSpec, Filters}, Plan, Settings, No);
        {list, []} -> {Plan, [{No, false, Filters, Plan}]};
        {list, List} when Selected ->
            filtered({filter, {objects, List}, MatchSpec}, Plan, Filters,
                     Settings, No);
        {filter, _, _} when Selected ->
            filtered({filter, Plan, MatchSpec}, #plan{}, Filters, Settings, No);
        _ -> {Plan, []}
    end.

filtered(Source, Plan0, Filters, Settings, No) ->
    Plan = kept(Settings, Plan0#plan{source = Source, cached = false}),
    {Plan, [{No, false, Filters, Plan}]}.

table_access({Position, Keys, {Tag, Skipped}}, Table, {MatchSpec, Filters},
             Plan0, _, No) ->
    Rest = remaining(MatchSpec, Filters =:= Skipped orelse Tag =:= Filters),
    Plan = Plan0#plan{source = {table, Table, {lookup, Position, Keys, Rest}}},
    Done = case MatchSpec of
               no_match_spec -> Skipped;
               _ -> Filters
           end,
    {Plan, [{No, true, Done, Plan}]};
table_access(none, #qlc_table{selects = true} = Table, {MatchSpec, Filters},
             Plan0, Settings, No) when MatchSpec =/= no_match_spec ->
    Plan = kept(Settings, Plan0#plan{source = {table, Table,
                                               {select, MatchSpec}},
                                     unique = false}),
    {Plan, [{No, false, Filters, Plan}]};
table_access(none, _, _, Plan, _, _) -> {Plan, []}.

%% What a match specification still has to do after a lookup; with [Covered],
%% its guard has nothing to say.
remaining(no_match_spec, _) -> none;
remaining([{'$1', _, ['$1']}], true) -> none;
remaining([{Head, _, Body}], true) -> [{Head, [], Body}];
remaining(MatchSpec, false) -> MatchSpec.

%% {Operator, fun(Column) -> constants, or no function}: what qlc_pt says of
%% columns of a generator that are equal to constants.
constants(#qlc_table{equality = '=='}, No, About) ->
    %% Files of old releases do not have equal_constants.
    try {'==', (About(equal_constants))(No)}
    catch _:_ -> {'=:=', (About(constants))(No)}
    end;
constants(_, No, About) -> {'=:=', (About(constants))(No)}.

%% {Position, Keys, {Tag, Filters that need not run}} | none: the key if its
%% values are known, else the index with the fewest.
keys(#qlc_table{lookup = Lookup, info = Info}, {Op, Columns},
     #qlc_opt{max_lookup = Max, lookup = Wanted})
  when is_function(Lookup), is_function(Info), is_function(Columns),
       Wanted =/= false ->
    Values = fun(Position) -> values(Columns(Position), Op, Position, Max) end,
    case Info(keypos) of
        undefined -> best(Info(indices), Values);
        Key ->
            case Values(Key) of
                none -> best(Info(indices), Values);
                Found -> Found
            end
    end;
keys(_, _, _) -> none.

best(Positions, Values) when is_list(Positions) ->
    Found = [{length(Keys), {{P, Keys}, Skip}}
             || Position <- Positions,
                {P, Keys, Skip} <- [Values(Position)]],
    case lists:sort(Found) of
        [] -> none;
        [{_, {{Position, Keys}, Skip}} | _] -> {Position, Keys, Skip}
    end;
best(_, _) -> none.

values({usort_needed, Values, Skip}, '==', Position, Max) ->
    few(Position, lists:usort(Values), Skip, Max);
values({usort_needed, Values, Skip}, '=:=', Position, Max) ->
    Different = lists:foldr(fun(V, Vs) ->
                                case lists:member(V, Vs) of
                                    true -> Vs;
                                    false -> [V | Vs]
                                end
                            end, [], Values),
    few(Position, lists:sort(Different), Skip, Max);
values({values, Values, Skip}, _, Position, Max) ->
    few(Position, Values, Skip, Max);
values(_, _, _, _) -> none.

few(Position, Values, Skip, Max) when Max =:= -1; length(Values) =< Max ->
    {Position, Values, Skip};
few(_, _, _, _) -> none.

%% ---- Candidates for joins ----

joins(#plan{source = {query, Query}} = Plan, About, Settings) ->
    case About(join) of
        undefined ->
            must_join(Settings),
            Plan;
        Found ->
            {Equal, Match} = case Found of
                                 {E, M} -> {E, M};
                                 Both -> {Both, Both}
                             end,
            Pairs = [{Op, Pair} || {Op, Pairs} <- [{'==', Equal},
                                                   {'=:=', Match}],
                                   P <- Pairs, Pair <- pairs(P)],
            Wanted = Settings#qlc_opt.join,
            Lookups = [L || lists:member(Wanted, [any, lookup]),
                            {Op, Pair} <- Pairs,
                            L <- lookups(Op, Pair, Query, About)],
            Merges = [merge(Op, Pair, Query, About)
                      || lists:member(Wanted, [any, merge]),
                         {Op, Pair} <- Pairs],
            Orders = [{C, ascending} || {Columns, _} <- Merges, C <- Columns],
            Plan#plan{joins = {lists:usort(Lookups),
                               [M || {_, M} <- Merges]},
                      ordered = lists:usort(Plan#plan.ordered ++ Orders)}
    end.

%% Of old files: lists of columns, and no filters that could be left out.
pairs({[{_, _}, {_, _}], _} = Pair) -> [Pair];
pairs([{Q1, Cs1}, {Q2, Cs2}]) ->
    [{[{Q1, C1}, {Q2, C2}], {some, []}} || C1 <- Cs1, C2 <- Cs2].

plan_of(No, #query{qualifiers = Qualifiers}) ->
    {No, _, _, {gen, Plan}} = lists:keyfind(No, 1, Qualifiers),
    Plan.

%% [{Ends, {Columns of the template, Operator, Skipped}}]: which tables can be
%% looked up in with the values of the other side.
lookups(Op, {[{Q1, C1}, {Q2, C2}], Skip}, Query, About) ->
    Of = fun(Q, C) -> (About(template))({Q, C}, Op) end,
    [{{Q2, C2, Q1, C1}, {Of(Q2, C2), Op, Skip}}
     || lists:member(C1, indices(plan_of(Q1, Query), Op))] ++
    [{{Q1, C1, Q2, C2}, {Of(Q1, C1), Op, Skip}}
     || lists:member(C2, indices(plan_of(Q2, Query), Op))].

%% The columns that a table can be looked up by, where it compares by [Op].
indices(#plan{source = {table, #qlc_table{info = Info, lookup = Lookup,
                                          equality = Own}, Access}}, Op)
  when is_function(Lookup), Own =:= Op,
       Access =:= all orelse element(1, Access) =:= select ->
    Keys = [K || K <- [asked(Info, keypos)], K =/= undefined],
    case asked(Info, indices) of
        undefined -> Keys;
        Others -> lists:usort(Keys ++ Others)
    end;
indices(_, _) -> [].

%% {Columns of the template that come out sorted, {Ends, What to sort,
%% Operator, Skipped}}.
merge(Op, {[{Q1, C1}, {Q2, C2}], Skip}, Query, About) ->
    Sorts = [{Q, C} || {Q, C} <- [{Q1, C1}, {Q2, C2}],
                       not lists:member({C, ascending},
                                        (plan_of(Q, Query))#plan.columns)],
    {(About(template))({Q1, C1}, '=='), {{Q1, C1, Q2, C2}, Sorts, Op, Skip}}.

%% ---- From the outside in ----

%% [No]: the how manieth generator of a query this is; 1 also for what is not
%% in one, or alone. The first is read once only.
settle(#plan{source = {keep, Keep0, Name, Anno, Inner}} = Plan, No) ->
    case Inner of
        #plan{source = {keep, Keep1, Name1, _, Innermost}} ->
            Keep = Keep0#keep{unique = Keep0#keep.unique or Keep1#keep.unique,
                              cache = case Keep1#keep.cache of
                                          false -> Keep0#keep.cache;
                                          Cache -> Cache
                                      end},
            Both = case Name1 of
                       ?ANY_NAME -> Name;
                       _ -> Name1
                   end,
            settle(Plan#plan{source = {keep, Keep, Both, Anno, Innermost}}, No);
        _ ->
            Keep = read_once(Keep0, No),
            Settled = settle(Inner, 1),
            case Keep of
                #keep{unique = false, cache = false} -> Settled;
                _ -> Plan#plan{source = {keep, Keep, Name, Anno, Settled}}
            end
    end;
settle(#plan{source = {query, Query}, joins = Joins, skipped = Skipped} = Plan,
       No) ->
    {LookedUp, Join, Filters0, Sorts} = choose(Joins, Query, Skipped),
    %% A lookup of a join takes the place of what the plan of its table does,
    %% so the filters of that plan must run.
    {ThoseOf, Others} = lists:partition(fun({Q, _}) -> Q =:= LookedUp end,
                                        Skipped),
    Qualifiers1 = case ThoseOf of
                      [] -> Query#query.qualifiers;
                      _ -> all_of(LookedUp, Query#query.qualifiers)
                  end,
    Filters = Filters0 ++ lists:append([Fs || {_, Fs} <- Others]),
    Qualifiers2 = [case Qualifier of
                       {F, Slot, _, fil} ->
                           case lists:member(F, Filters) of
                               true -> {F, Slot, ?SKIP, fil};
                               false -> Qualifier
                           end;
                       _ -> Qualifier
                   end || Qualifier <- Qualifiers1],
    {Qualifiers, _} = lists:mapfoldl(
        fun({Q, Slot, State, {gen, #plan{} = Inner}}, N) ->
                Sorted = sort_operand(Inner, lists:keyfind(Q, 1, Sorts),
                                      Query#query.settings),
                {{Q, Slot, State, {gen, settle(Sorted, N)}}, N + 1};
           (Qualifier, N) -> {Qualifier, N}
        end, 1, Qualifiers2),
    Plan#plan{source = {query,
                        Query#query{qualifiers = Qualifiers, join = Join,
                                    keep = read_once(Query#query.keep, No)}}};
settle(#plan{source = {append, Plans}} = Plan, No) ->
    Plan#plan{source = {append, [settle(P, No) || P <- Plans]}};
settle(#plan{source = {sort, Sort}} = Plan, No) ->
    Inner = settle(Sort#qlc_sort.handle, No),
    Plan#plan{source = {sort, Sort#qlc_sort{handle = Inner}}};
settle(Plan, _) -> Plan.

read_once(Keep, 1) -> Keep#keep{cache = false};
read_once(Keep, _) -> Keep.

all_of(No, Qualifiers) ->
    {No, Slot, State, {gen, #plan{source = {table, Table, _}} = Plan}} =
        lists:keyfind(No, 1, Qualifiers),
    lists:keyreplace(No, 1, Qualifiers,
                     {No, Slot, State,
                      {gen, Plan#plan{source = {table, Table, all}}}}).

sort_operand(Plan, false, _) -> Plan;
sort_operand(Plan, {_, Column}, #qlc_opt{tmpdir = Dir} = Settings) ->
    Sort = #qlc_sort{handle = Plan, key = {keysort, Column}, unique = false,
                     compressed = [], order = ascending,
                     options = [{tmpdir, Dir} || Dir =/= ""], tmpdir = Dir,
                     tmpdir_usage = Settings#qlc_opt.tmpdir_usage},
    #plan{source = {sort, Sort}}.

%% {Generator that is looked up in, #join{} | none, Filters that need not run,
%% What to sort}. Lookups go first, then merges that sort less; among these
%% those that spare more filters.
choose(none, _, _) -> {none, none, [], []};
choose({Lookups, Merges}, #query{settings = Settings} = Query, Skipped) ->
    case {best_lookup(Lookups, Query, Skipped), best_merge(Merges)} of
        {{{Q1, C1, Q2, C2}, Skip, Op, Fun}, _} ->
            {Q2, #join{how = {lookup, Op, Fun}, from = Q1, from_column = C1,
                       to = Q2, to_column = C2, settings = Settings},
             Skip, []};
        {none, {{Q1, C1, Q2, C2}, Sorts, Op, Skip}} ->
            {none, #join{how = {merge, Op}, from = Q1, from_column = C1,
                         to = Q2, to_column = C2, settings = Settings},
             Skip, Sorts};
        {none, none} ->
            case Query#query.join_option of
                nested_loop -> ok;
                any -> ok;
                Option -> error(cannot_carry_out_join, [Option])
            end,
            {none, none, [], []}
    end.

best_lookup(Lookups, Query, Skipped) ->
    Possible = [{Ends, spared(Op, Own, Skip), Own, Fun}
                || {Ends, {_, Op, Skip}} <- Lookups,
                   #plan{source = {table, Table, Access}} <-
                       [plan_of(element(3, Ends), Query)],
                   %% A match specification of another query must run.
                   Access =:= all
                       orelse lists:keymember(element(3, Ends), 1, Skipped),
                   #qlc_table{equality = Own, lookup = Fun} <- [Table]],
    case lists:reverse(lists:keysort(2, Possible)) of
        [] -> none;
        [Best | _] -> Best
    end.

best_merge(Merges) ->
    Rated = [{-length(Sorts), length(Skip), {Ends, Sorts, Op, Skip}}
             || {Ends, Sorts, Op, Skip0} <- Merges,
                Skip <- [spared(Op, '==', Skip0)]],
    case lists:reverse(lists:sort(Rated)) of
        [] -> none;
        [{_, _, Best} | _] -> Best
    end.

%% A filter that matches has to run after a join that compares.
spared('=:=', '==', _) -> [];
spared(_, _, {_, Filters}) -> Filters.

%% ---- For those that read plans ----

%% The state of the first qualifier that runs; 1, that of the template, if
%% there is none.
-spec state_after([tuple()]) -> pos_integer().
state_after([{_, _, _, {gen, Join}} | Rest]) when element(1, Join) =:= join ->
    state_after(Rest);
state_after([{_, _, _, unused} | Rest]) -> state_after(Rest);
state_after([{_, _, ?SKIP, fil} | Rest]) -> state_after(Rest);
state_after([{_, _, State, _} | _]) -> State;
state_after([]) -> 1.

%% The qualifier that joins the generators [Q1] and [Q2], and whether it has
%% them the other way round.
-spec joined(pos_integer(), pos_integer(), [tuple()]) -> {tuple(), boolean()}.
joined(Q1, Q2, Qualifiers) ->
    [Found | _] =
        [{Qualifier, Reverse}
         || {_, _, _, {gen, {join, _, A, B, _, _, _}}} = Qualifier <- Qualifiers,
            Reverse <- [{A, B} =:= {Q2, Q1}],
            Reverse orelse {A, B} =:= {Q1, Q2}],
    Found.
