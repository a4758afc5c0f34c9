%% SPDX-License-Identifier: Apache-2.0
%% Variables in abstract code: which there are, and renaming those that are
%% free.
-module(qlc_scope).

-export([variables/1, introduced/1, rename/2]).

%% All names but _, sorted.
-spec variables(term()) -> [atom()].
variables(Code) -> lists:usort(all(Code)).

all({var, _, '_'}) -> [];
all({var, _, Name}) -> [Name];
all(Tuple) when is_tuple(Tuple) -> all(tuple_to_list(Tuple));
all([H | T]) -> all(H) ++ all(T);
all(_) -> [].

%% What the pattern of a generator binds. Sizes of segments and keys of maps
%% use variables; those of sizes may be bound in the same pattern.
-spec introduced(term()) -> [atom()].
introduced(Pattern) -> lists:usort(binds(Pattern)).

binds({var, _, '_'}) -> [];
binds({var, _, Name}) -> [Name];
binds({bin_element, _, Value, _, _}) -> binds(Value);
binds({map_field_exact, _, _, Value}) -> binds(Value);
binds(Tuple) when is_tuple(Tuple) -> binds(tuple_to_list(Tuple));
binds([H | T]) -> binds(H) ++ binds(T);
binds(_) -> [].

%% [Names] is #{Old => New}; what funs and generators bind anew keeps its name
%% inside them.
-spec rename(term(), #{atom() => atom()}) -> term().
rename(Code, Names) when map_size(Names) =:= 0 -> Code;
rename({var, Anno, Name}, Names) ->
    {var, Anno, maps:get(Name, Names, Name)};
rename({'fun', Anno, {clauses, Clauses}}, Names) ->
    {'fun', Anno, {clauses, [clause(C, Names) || C <- Clauses]}};
rename({named_fun, Anno, Name, Clauses}, Names0) ->
    Names = maps:remove(Name, Names0),
    {named_fun, Anno, Name, [clause(C, Names) || C <- Clauses]};
rename({Kind, Anno, Template, Qualifiers0}, Names0)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Qualifiers, Names} = lists:mapfoldl(fun qualifier/2, Names0, Qualifiers0),
    {Kind, Anno, rename(Template, Names), Qualifiers};
rename(Tuple, Names) when is_tuple(Tuple) ->
    list_to_tuple(rename(tuple_to_list(Tuple), Names));
rename([H | T], Names) -> [rename(H, Names) | rename(T, Names)];
rename(Leaf, _) -> Leaf.

%% The head of a clause of a fun has its own variables.
clause({clause, Anno, Head, Guards, Body}, Names0) ->
    Names = maps:without(introduced(Head), Names0),
    {clause, Anno, rename(Head, Names), rename(Guards, Names),
     rename(Body, Names)}.

qualifier({Kind, Anno, Pattern, Source}, Names0)
  when Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate ->
    Names = maps:without(introduced(Pattern), Names0),
    {{Kind, Anno, rename(Pattern, Names), rename(Source, Names0)}, Names};
qualifier(Filter, Names) -> {rename(Filter, Names), Names}.
