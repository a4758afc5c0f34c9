%% SPDX-License-Identifier: Apache-2.0
%% qlc_columns: what the patterns and filters of a query say about columns of
%% its generators: constants to look up, columns to join, match specifications.
%%
%% A column is {Number of the generator, Position}; the template counts as the
%% pattern of generator 0. Only filters that are guards are looked at.
-module(qlc_columns).

-export([analyse/1]).

-include("qlc_pt.hrl").

-define(A0, (erl_anno:new(0))).

%% What one pass over the query uses: [filter] is all filters, [pattern] the
%% frame of the patterns, [vars] their variables by generator.
-record(known, {filter, imported, generators}).

%% {About, Join}: About for the code of the fun that tells about the query,
%% [{Tag, Data}], with the tags
%%   join             [] | Pairs | {Compared, Matched}
%%   size             [{Generator, Columns}]
%%   template         [{'_' | '==' | '=:=', [{Column, Positions}]}]
%%   constants, equal_constants
%%                    [{Column, [Term], {some | all, Filters}}]
%%   match_specs      [{Generator, Code, all | Filters}]
%%   extra            [{Generator, [{Position, [{Code, Op}]}]}]: constants that
%%                    the patterns do not have, for operands of joins
%% Join is a warning or none.
-spec analyse(#lc{}) -> {[{atom(), term()}], none | atom()}.
analyse(Lc) ->
    {Matched, _} = constants('=:=', Lc),
    {Compared, Extra} = constants('==', Lc),
    {Join, Warning} = joins(Lc),
    {[{join, Join}, {size, sizes(Lc)}, {template, template(Lc)},
      {constants, Matched}, {equal_constants, Compared},
      {match_specs, qlc_specs:of_generators(Lc, guards(Lc))},
      {extra, Extra}], Warning}.

%% ---- Filters that count ----

%% Those that are guards and have nothing between them and their generators
%% that could fail: it must go on failing when objects are left out.
guards(#lc{qualifiers = Qualifiers} = Lc) -> guards(Qualifiers, Lc, [], []).

%% [Near]: generators since the last filter that uses several; [Seen]: since
%% the last filter that does not count.
guards([], _, _, _) -> [];
guards([{No, {gen, _}} | Rest], Lc, Seen, Near) ->
    guards(Rest, Lc, [No | Seen], [No | Near]);
guards([{No, {fil, Code}} = Filter | Rest], Lc, Seen, Near) ->
    Used = used(No, Lc),
    Alone = length(Used) =< 1,
    Scope = case Alone of
                true -> Near;
                false -> Seen
            end,
    case (Lc#lc.is_guard)(Code) andalso Used -- Scope =:= [] of
        true when Alone -> [Filter | guards(Rest, Lc, Seen, Near)];
        true -> [Filter | guards(Rest, Lc, Seen, [])];
        false -> guards(Rest, Lc, [], [])
    end.

used(No, #lc{used = Used}) -> maps:get(No, Used).

filters(#lc{qualifiers = Qualifiers}) -> [Q || {_, {fil, _}} = Q <- Qualifiers].

known(#lc{all_introduced = All} = Lc, Template) ->
    Filter = qlc_specs:conjunction(guards(Lc)),
    #known{filter = Filter,
           imported = qlc_scope:variables(Filter) -- All,
           generators = [{0, {gen, Lc#lc.as_pattern}} || Template] ++
               [Q || {_, {gen, _}} = Q <- Lc#lc.qualifiers]}.

rules(Known, Lc) ->
    #{bind => fun qlc_frames:is_bindable/1, imported => Known#known.imported,
      expand => Lc#lc.expand}.

%% {[{Generator, Variable}], Frame}
patterns(Known, Rules) ->
    lists:mapfoldl(fun({No, {gen, Pattern}}, Frame0) ->
                       {Var, Frame} = qlc_frames:pattern(Pattern, Frame0, Rules),
                       {{No, Var}, Frame}
                   end, [], Known#known.generators).

possible(failed) -> [];
possible(Frame) -> [Frame].

%% ---- Columns in frames ----

%% [{Column, Values}] of the generators [Vars], for columns that have one value
%% in each of the frames. [Values] gives those of a variable in a frame,
%% [Wanted] chooses among them; several that compare equal are too many.
columns([], _, _, _, _, _) -> [];
columns(Frames0, Vars, Values, Wanted, Op, Rules) ->
    Sized = [{No, Var, [size([F], Var, false) || F <- Frames0]}
             || {No, Var} <- Vars],
    {Named, Frames} = lists:mapfoldl(
        fun({No, Var, Sizes}, Fs) ->
                Columns = [qlc_frames:new_variable()
                           || _ <- lists:seq(1, lists:max([0 | known_sizes(Sizes)]))],
                {{No, Sizes, Columns},
                 [name_columns(S, Columns, Var, F, Rules)
                  || {S, F} <- lists:zip(Sizes, Fs)]}
        end, Frames0, Sized),
    lists:append([of_generator(No, lists:zip(Sizes, Frames), Columns, Values,
                               Wanted, Op) || {No, Sizes, Columns} <- Named]).

known_sizes(Sizes) -> [S || S <- Sizes, S =/= undefined].

name_columns(Size, Columns, Var, Frame, Rules)
  when is_integer(Size), Size > 0 ->
    List = lists:foldr(fun(C, Rest) -> {cons, C, Rest} end,
                       qlc_frames:new_variable(),
                       lists:sublist(Columns, Size)),
    qlc_frames:unify('=:=', {tuple, List}, Var, Frame, Rules);
name_columns(_, _, _, Frame, _) -> Frame.

of_generator(No, Frames, Columns, Values, Wanted, Op) ->
    Each = [maps:from_list(
                [{{No, Position}, Value}
                 || is_integer(Size),
                    {Position, Column} <- numbered(lists:sublist(Columns, Size)),
                    [Value] <- [Values(Column, Frame)], Wanted(Value)])
            || {Size, Frame} <- Frames],
    Common = lists:foldl(fun(M, Keys) -> [K || K <- Keys, is_map_key(K, M)] end,
                         lists:sort(maps:keys(hd(Each))), tl(Each)),
    [{Column, Found} || Column <- Common,
                        Found <- [ordered([maps:get(Column, M) || M <- Each])],
                        Op =:= '=:=' orelse all_differ(Found)].

ordered(Terms) ->
    [T || {_, T} <- lists:usort([{qlc_frames:code(T), T} || T <- Terms])].

numbered(List) -> lists:zip(lists:seq(1, length(List)), List).

%% 1 and 1.0 are one value for who compares.
all_differ(Terms) ->
    Values = [case T of
                  {const, Value, _} -> Value;
                  _ -> T
              end || T <- Terms],
    length(lists:usort(Values)) =:= length(Values).

%% The number of columns that a generator has, undefined if frames differ. If
%% not [Exact], the known columns of a tuple that has more.
size(Frames, Var, Exact) ->
    Sizes = [width(List, 0, Exact) || F <- Frames,
                                      {tuple, List} <- qlc_frames:values(Var, F, [])],
    case lists:usort(Sizes) of
        [Size] -> Size;
        [] when not Exact -> 0;
        _ -> undefined
    end.

width({cons, _, Rest}, N, Exact) -> width(Rest, N + 1, Exact);
width(nil, N, _) -> N;
width(_, _, true) -> undefined;
width(_, N, false) -> N.

sizes(Lc) ->
    Known = known(Lc, true),
    Rules = rules(Known, Lc),
    {Vars, Frame} = patterns(Known, Rules),
    Frames = qlc_frames:filter(Known#known.filter, possible(Frame), Rules),
    [{No, Size} || {No, Var} <- lists:sort(Vars),
                   Size <- [size(Frames, Var, true)], Size =/= undefined].

%% ---- Constants ----

%% {[{Column, Terms, {Tag, Filters}}], Extra}. [Op] is how the table compares
%% keys: one that matches can be asked for what is compared only if there are
%% no integers in it.
constants(Op, Lc) ->
    Known = #known{imported = Imported} = known(Lc, true),
    Rules = rules(Known, Lc),
    {Vars, Pattern} = patterns(Known, Rules),
    Constant = fun(Term) -> qlc_frames:is_constant(Term, Imported) end,
    Any = fun(Var, F) -> qlc_frames:values(Var, F, Imported) end,
    Values = case Op of
                 '==' -> Any;
                 '=:=' ->
                     Keep = fun(V, O) ->
                         O =:= '=:=' orelse
                             qlc_frames:without_integers(V, Imported)
                     end,
                     fun(Var, F) -> qlc_frames:values(Var, F, Keep, Imported) end
             end,
    Frames = qlc_frames:filter(Known#known.filter, possible(Pattern), Rules),
    Found = columns(Frames, Vars, Values, Constant, Op, Rules),
    Own = columns(possible(Pattern), Vars, Any, Constant, '=:=', Rules),
    Extra = [{No, {Position, [{qlc_frames:code(T), '=='} || T <- Terms]}}
             || {{No, Position}, Terms} <- Found -- Own, No > 0],
    Covered = covered(Op, Found, Known, Vars, Pattern, Lc),
    {[{Column, Terms, tagged(proplists:get_value(Column, Covered, []), Lc)}
      || {Column, Terms} <- Found,
         element(1, Column) > 0 orelse length(Terms) =:= 1],
     family(Extra)}.

%% [{Key, Values}], sorted.
family(Pairs) ->
    [{K, lists:usort([V || {K1, V} <- Pairs, K1 =:= K])}
     || K <- lists:usort([K || {K, _} <- Pairs])].

tagged(Filters, Lc) ->
    case length(Filters) =:= length(filters(Lc)) of
        true -> {all, Filters};
        false -> {some, Filters}
    end.

%% [{Column, Filters}]: the filters that need not run when the constants [Found]
%% of the column are looked up, since they say nothing else.
covered(Op, Found, Known, Vars, Pattern, Lc) ->
    Imported = Known#known.imported,
    Rules = rules(Known, Lc),
    Frames = possible(Pattern),
    Any = fun(Var, F) -> qlc_frames:values(Var, F, Imported) end,
    OfPatterns = columns(Frames, Vars, Any, fun(_) -> true end, Op, Rules),
    Values = case Op of
                 '==' -> compared(Imported);
                 '=:=' -> Any
             end,
    Constant = fun(Term) -> qlc_frames:is_constant(Term, Imported) end,
    family([{Column, No}
            || {No, {fil, Code}} <- guards(Lc),
               Ways <- [qlc_frames:whole_filter(Code, Frames, Rules)],
               Ways =/= [],
               {_, Var} = Generator <- lists:sort(Vars),
               [{{_, Position} = Column, Terms}]
                   <- [columns(Ways, [Generator], Values, Constant, Op, Rules)
                       -- OfPatterns],
               Terms -- proplists:get_value(Column, Found, []) =:= [],
               lists:all(fun(Way) ->
                             says_no_more(Way, Pattern, Var, Position, Rules)
                         end, Ways)]).

%% A table that compares returns too much for a filter that matches integers.
compared(Imported) ->
    Keep = fun(V, Op) ->
        Op =:= '==' orelse qlc_frames:without_integers(V, Imported)
    end,
    fun(Var, F) -> qlc_frames:values(Var, F, Keep, Imported) end.

%% The frame of the patterns, with the value that the filter gives the column,
%% has all that the filter says.
says_no_more(Way, Pattern, Var, Position, Rules) ->
    Imported = maps:get(imported, Rules),
    {Column, Way1} = qlc_frames:element_of(Position, Var, Way, Rules),
    Values = qlc_frames:bindings(Column, Way1, Imported),
    {Same, Pattern1} = qlc_frames:element_of(Position, Var, Pattern, Rules),
    length(Values) =< 1 andalso
        qlc_frames:same_or_less(
            Way, qlc_frames:unify_all(Values, '=:=', Same, Pattern1, Rules),
            Imported).

%% ---- Joins ----

joins(Lc) ->
    {Two1, Many1} = equal_columns('==', Lc),
    {Two2, Many2} = equal_columns('=:=', Lc),
    Tables = lists:usort([No || {Pair, _} <- Two1, {No, _} <- Pair]),
    if
        Many1 =/= []; Many2 =/= [] -> {[], too_complex_join};
        Two1 =:= [], Two2 =:= [] -> {[], none};
        length(Tables) > 2 -> {[], too_many_joins};
        Two1 =:= Two2 -> {Two1, none};
        true -> {{Two1, Two2}, none}
    end.

%% {[{[Column1, Column2], {Tag, Filters}}], those of more than two generators}
equal_columns(Op, Lc) ->
    {Classes, Skip} = classes(Op, Lc, false),
    Families = [family(Class) || Class <- Classes],
    Select = fun(Wanted) ->
        [{Columns, tagged(proplists:get_value(Columns, Skip, []), Lc)}
         || Family <- Families, Wanted(length(Family)),
            Columns <- selections(Family)]
    end,
    {Select(fun(N) -> N =:= 2 end), Select(fun(N) -> N > 2 end)}.

selections([]) -> [[]];
selections([{No, Positions} | Rest]) ->
    [[{No, P} | Others] || P <- Positions, Others <- selections(Rest)].

%% Classes of columns that have the same variable as value, and the filters
%% that say nothing more than that two columns are equal.
classes(Op, Lc, Template) ->
    Known = #known{imported = Imported} = known(Lc, Template),
    Variable = fun(Term) -> not qlc_frames:is_constant(Term, Imported) end,
    Rules = rules(Known, Lc),
    NoConstants = Rules#{bind := fun(Term) ->
                             Variable(Term) andalso
                                 qlc_frames:is_bindable(Term)
                         end},
    {Vars, Pattern} = patterns(Known, NoConstants),
    Frames = qlc_frames:filter(Known#known.filter, possible(Pattern),
                               NoConstants),
    Values = case Op of
                 '==' -> fun(Var, F) -> qlc_frames:values(Var, F, []) end;
                 %% Objects of the other side may have integers.
                 '=:=' ->
                     Keep = fun(_, O) -> O =:= '=:=' end,
                     fun(Var, F) -> qlc_frames:values(Var, F, Keep, all) end
             end,
    Columns = columns(Frames, Vars, Values, Variable, '=:=', Rules),
    Classes = [lists:sort(Cs) || {_, [_, _ | _] = Cs}
                                     <- family([{V, C} || {C, V} <- Columns])],
    Skip = [{Class, No} || not Template,
                           [{Q1, C1}, {Q2, C2}] = Class <- lists:sort(Classes),
                           {No, {fil, Code}} <- guards(Lc),
                           used(No, Lc) =:= lists:sort([Q1, Q2]),
                           only_joins(Op, {proplists:get_value(Q1, Vars), C1},
                                      {proplists:get_value(Q2, Vars), C2},
                                      Code, Pattern, Rules)],
    {lists:sort(Classes), family(Skip)}.

only_joins(Op, {Var1, C1}, {Var2, C2}, Code, Pattern, Rules) ->
    {Term1, Frame1} = qlc_frames:element_of(C1, Var1, Pattern, Rules),
    {Term2, Frame2} = qlc_frames:element_of(C2, Var2, Frame1, Rules),
    Joined = qlc_frames:unify(Op, Term1, Term2, Frame2, Rules),
    Ways = qlc_frames:whole_filter(Code, possible(Pattern), Rules),
    %% With all variables imported a comparison is not taken for a match.
    Ways =/= [] andalso Joined =/= failed andalso
        begin
            Names = lists:usort([N || {Var, Term, _} <- lists:append([Joined | Ways]),
                                      T <- [Var, Term],
                                      N <- qlc_frames:variables(T)]),
            lists:all(fun(Way) -> qlc_frames:same_or_less(Way, Joined, Names)
                      end, Ways)
        end.

%% Which positions of the template have the values of which columns.
template(Lc) ->
    Of = fun(Op) ->
        {Classes, _} = classes(Op, Lc, true),
        lists:sort([{Column, lists:usort(Positions)}
                    || Class <- Classes,
                       Positions <- [[P || {0, P} <- Class]], Positions =/= [],
                       {No, _} = Column <- Class, No > 0])
    end,
    case {Of('=='), Of('=:=')} of
        {Same, Same} -> [{'_', Same}];
        {Compared, Matched} -> [{'==', Compared}, {'=:=', Matched}]
    end.
