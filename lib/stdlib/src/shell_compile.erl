%% SPDX-License-Identifier: Apache-2.0
%% shell_compile: the parts of a typed expression that are worth it, made into
%% code: comprehensions, funs, and library calls that take funs.
%%
%% erl_eval walks the rest. In the expression a part gives way to
%%
%%     {compiled, Anno, Part, Index, Region}
%%
%% where Region (see erl_eval.hrl) tells the module and its Index-th part. The
%% functions of that module:
%%
%%     comprehension, call    part_N(Free..., Region)
%%     fun                    part_N(Argument..., Self, Free..., Region)
%%
%% Free variables are passed as arguments. A fun within a part that may get
%% out of it becomes a part, too, made where it stands by erl_eval:make_part/3:
%% all funs that the user can see are those of erl_eval, which know what was
%% typed, and may be interpreted again when the code is gone.
%%
%% A part that has no effect but its value is marked so. When one fails it is
%% run again by erl_eval, whose failure is the one that is told.
%%
%% What cannot be compiled so that it answers the same is thrown as no.
-module(shell_compile).

-export([exprs/3]).

-include("erl_eval.hrl").

%% What is known on the way down.
-record(s, {bound = [] :: ordsets:ordset(atom()), % variables in scope
            self = none :: none | {atom(), arity(), atom(), [atom()]},
            parts = [] :: [#part{}],     % newest first
            forms = [] :: [tuple()],
            is_hot = false :: boolean(), % something was found worth it
            shell = none}).

%% The expressions with compiled parts, if there are any. [Commands] tells
%% whether a local function is a command of the shell; [Load] is called with a
%% function that makes the code, see erl_eval.hrl.
-spec exprs(term(), [atom()], {fun(), fun()}) -> term().
exprs(Expr, Bound, {IsCommand, Load}) ->
    S0 = #s{bound = ordsets:from_list(Bound), shell = IsCommand},
    case find(Expr, S0) of
        {_, #s{parts = []}} -> Expr;
        {New, S} ->
            case Load(fun(Module) -> code(Module, S#s.forms) end) of
                {ok, Module, Token} ->
                    Parts = merle_keep:share(Token, parts(S)),
                    place(New, #region{module = Module, token = Token,
                                       parts = Parts});
                error -> Expr
            end
    end.

parts(#s{parts = Parts}) -> list_to_tuple(lists:reverse(Parts)).

%% The bytes of the module, or error.
code(Module, Functions) ->
    Exports = [{F, A} || {function, _, F, A, _} <- Functions],
    Forms = [{attribute, 1, module, Module}, {attribute, 1, export, Exports}
             | lists:reverse(Functions)],
    Options = [no_line_info, nowarn, deterministic, lazy_sequences,
               {shown_as, {erl_eval, expr}}],
    case merle_compile:codegen(Forms, Options, []) of
        {Beam, [], _} when is_binary(Beam) -> {ok, Beam};
        _ -> error
    end.

place({compiled, A, E, I, region}, Region) -> {compiled, A, E, I, Region};
place({value, _, _} = E, _) -> E;
place(T, Region) when is_tuple(T) ->
    list_to_tuple([place(E, Region) || E <- tuple_to_list(T)]);
place([E | Es], Region) -> [place(E, Region) | place(Es, Region)];
place(E, _) -> E.

%%% Finding the parts

find({Kind, _, _, _} = E, S)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    try_part(E, S, is_small(E));
find({'fun', _, {clauses, _}} = E, S) -> try_part(E, S, false);
find({named_fun, _, _, _} = E, S) -> try_part(E, S, false);
%% A record's definition is kept as it was typed.
find({call, _, {atom, _, rd}, [_, _]} = E, S) ->
    {E, S};
%% The form of its comprehension is what the call needs, not a list.
find({call, _, {remote, _, {atom, _, qlc}, {atom, _, q}}, _} = E, S) ->
    {E, S};
find({call, _, {remote, _, {atom, _, M}, {atom, _, F}}, Args} = E, S) ->
    case takes_fun(M, F, Args) andalso visible(Args) -- S#s.bound =:= [] of
        true -> try_part(E, S, false);
        false -> find_parts(E, S)
    end;
find({match, A, P, E0}, S0) ->
    {E, S} = find(E0, S0),
    {{match, A, P, E}, bind(P, S)};
find({clause, A, Head, Guard, Body0}, S0) ->
    {Body, S} = find(Body0, bind(Head, S0)),
    {{clause, A, Head, Guard, Body}, S};
find({var, _, _} = E, S) -> {E, bind(E, S)};
find({value, _, _} = E, S) -> {E, S};
find({Kind, _, _} = E, S) when Kind =:= string; Kind =:= atom;
                               Kind =:= integer; Kind =:= char;
                               Kind =:= float ->
    {E, S};
find(E, S) when is_tuple(E), tuple_size(E) > 2 -> find_parts(E, S);
find([E0 | Es0], S0) ->
    {E, S1} = find(E0, S0),
    {Es, S} = find(Es0, S1),
    {[E | Es], S};
find(E, S) -> {E, S}.

find_parts(E, S0) ->
    [Kind, Anno | Parts0] = tuple_to_list(E),
    {Parts, S} = find(Parts0, S0),
    {list_to_tuple([Kind, Anno | Parts]), S}.

%% Compiles [E] if that can be done and is worth it.
try_part(E, S, true) -> {E, S};
try_part(E, S0, false) ->
    try
        {I, S} = part(E, S0#s{is_hot = false}),
        #part{is_pure = Pure} = part_at(I, S),
        S#s.is_hot orelse Pure orelse throw(no),
        {{compiled, element(2, E), E, I, region},
         S#s{is_hot = S0#s.is_hot}}
    catch
        throw:no -> {E, S0}
    end.

part_at(I, #s{parts = Parts}) -> lists:nth(length(Parts) - I + 1, Parts).

%% A comprehension over a few literals is done before it is compiled, unless
%% there is a loop in it.
is_small({_, _, Value, Qs}) ->
    lists:all(fun({generate, _, _, E}) -> is_short(E, 20);
                 (Q) -> element(1, Q) =/= b_generate
                            andalso element(1, Q) =/= m_generate
              end, Qs)
        andalso not has_loop([Value | Qs]).

has_loop({Kind, _, _, _} = E)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc -> not is_small(E);
has_loop({named_fun, _, _, _}) -> true;
has_loop({call, _, {remote, _, {atom, _, M}, {atom, _, F}}, Args}) ->
    takes_fun(M, F, Args) orelse has_loop(Args);
has_loop(T) when is_tuple(T) -> has_loop(tuple_to_list(T));
has_loop([E | Es]) -> has_loop(E) orelse has_loop(Es);
has_loop(_) -> false.

is_short({nil, _}, _) -> true;
is_short({string, _, Text}, _) -> length(Text) < 100;
is_short({cons, _, {lc, _, _, _}, _}, _) -> false;
is_short({cons, _, _, T}, N) -> N > 0 andalso is_short(T, N - 1);
is_short(_, _) -> false.

%%% Making a part

%% The number of the new part.
part({Kind, _, Name, Clauses} = E, S) when Kind =:= named_fun ->
    fun_part(Name, Clauses, E, S);
part({'fun', _, {clauses, Clauses}} = E, S) ->
    fun_part(none, Clauses, E, S);
part(E, #s{bound = Bound, self = Self} = S0) ->
    Free = ordsets:intersection(names(E), Bound),
    {I, F, S1} = new_part(#part{free = Free, is_pure = is_pure(E, none),
                                form = E}, S0),
    {Body, S2} = rewrite(E, S1#s{bound = Free, self = none, is_hot = true}),
    Head = [{var, 1, V} || V <- Free] ++ [region_var()],
    S = add_function(F, length(Head), [{clause, 1, Head, [], [Body]}], S2),
    {I, S#s{bound = Bound, self = Self}}.

fun_part(Name, Clauses, E, #s{bound = Bound, self = Self0} = S0) ->
    [{clause, _, Head, _, _} | _] = Clauses,
    Arity = length(Head),
    Arity =< 20 orelse throw(no),
    Free = ordsets:intersection(free(Clauses) -- [Name], Bound),
    {I, F, S1} = new_part(#part{name = Name, arity = Arity, free = Free,
                                is_pure = is_pure(Clauses, {Name, Arity}),
                                form = E}, S0),
    Self = case Name of
               none -> none;
               _ -> {Name, Arity, F, Free}
           end,
    {New, S2} = lists:mapfoldl(
                  fun(C, S) -> fun_clause(C, Name, Free, S#s{self = Self}) end,
                  S1, Clauses),
    Left = no_clause(Arity, length(Free)),
    S = add_function(F, Arity + 2 + length(Free), New ++ [Left], S2),
    {I, S#s{bound = Bound, self = Self0}}.

%% Variables of the head hide those that are free in other clauses.
fun_clause({clause, A, Head, Guard, Body0}, Name, Free, S0) ->
    check_head(Head),
    Own = names(Head),
    Given = [{var, 1, case lists:member(V, Own) of
                          true -> '_';
                          false -> V
                      end} || V <- Free],
    This = case Name =:= none orelse lists:member(Name, Own) of
               true -> '_';
               false -> Name
           end,
    S1 = hide(Own, S0#s{bound = lists:usort([This | Free] ++ Own)}),
    {Body, S} = rewrite(Body0, S1),
    {{clause, A, Head ++ [{var, 1, This} | Given] ++ [region_var()],
      rewritten_guard(Guard), Body}, S}.

rewritten_guard(Guard) -> Guard.

%% What a head refers to must stand in it.
check_head({bin_element, _, _, {var, _, _}, _}) -> throw(no);
check_head({bin_element, _, _, {op, _, _, _, _}, _}) -> throw(no);
check_head({map_field_exact, _, K, V}) ->
    names(K) =:= [] orelse throw(no),
    check_head(V);
check_head(T) when is_tuple(T) -> check_head(tuple_to_list(T));
check_head([H | T]) -> check_head(H), check_head(T);
check_head(_) -> ok.

%% The last clause fails as funs of the prompt do.
no_clause(Arity, FreeCount) ->
    Args = [{var, 1, list_to_atom("-" ++ integer_to_list(N))}
            || N <- lists:seq(1, Arity)],
    Rest = lists:duplicate(FreeCount + 1, {var, 1, '_'}),
    List = lists:foldr(fun(V, T) -> {cons, 1, V, T} end, {nil, 1}, Args),
    {clause, 1, Args ++ Rest ++ [region_var()], [],
     [eval_call(no_clause, [List])]}.

region_var() -> {var, 1, '-region-'}.

eval_call(Function, Args) ->
    {call, 1, {remote, 1, {atom, 1, erl_eval}, {atom, 1, Function}}, Args}.

new_part(Part, #s{parts = Parts} = S) ->
    I = length(Parts) + 1,
    F = list_to_atom("part_" ++ integer_to_list(I)),
    {I, F, S#s{parts = [Part#part{function = F} | Parts]}}.

add_function(Name, Arity, Clauses, #s{forms = Forms} = S) ->
    S#s{forms = [{function, 1, Name, Arity, Clauses} | Forms]}.

%%% Rewriting what is compiled

rewrite({var, _, _} = E, S) -> {E, bind(E, S)};
rewrite({Kind, _, _} = E, S) when Kind =:= string; Kind =:= atom;
                                  Kind =:= integer; Kind =:= char;
                                  Kind =:= float ->
    {E, S};
rewrite({value, _, _}, _) -> throw(no);
rewrite({record, _, _, _}, _) -> throw(no);
rewrite({record, _, _, _, _}, _) -> throw(no);
rewrite({record_index, _, _, _}, _) -> throw(no);
rewrite({record_field, _, _, _, _}, _) -> throw(no);
rewrite({Kind, A, E0, Qs0}, #s{bound = Bound, self = Self} = S0)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Qs, S1} = lists:mapfoldl(fun qualifier/2, S0#s{is_hot = true}, Qs0),
    {E, S} = rewrite(E0, S1),
    {{Kind, A, E, Qs}, S#s{bound = Bound, self = Self}};
rewrite({'fun', _, {clauses, _}} = E, S) -> make_part(E, S);
rewrite({named_fun, _, _, _} = E, S) -> make_part(E, S);
rewrite({'fun', _, {function, _, _}}, _) -> throw(no);
rewrite({match, A, P, E0}, S0) ->
    {E, S} = rewrite(E0, S0),
    {{match, A, P, E}, bind(P, S)};
rewrite({maybe_match, A, P, E0}, S0) ->
    {E, S} = rewrite(E0, S0),
    {{maybe_match, A, P, E}, bind(P, S)};
rewrite({clause, A, Head, Guard, Body0}, S0) ->
    {Body, S} = rewrite(Body0, bind(Head, S0)),
    {{clause, A, Head, Guard, Body}, S};
rewrite({call, A, Function, Args}, S) ->
    call(Function, Args, A, S);
rewrite({bin_element, A, E0, Size0, Types}, S0) ->
    {[E, Size], S} = rewrite([E0, Size0], S0),
    {{bin_element, A, E, Size, Types}, S};
rewrite([E0 | Es0], S0) ->
    {E, S1} = rewrite(E0, S0),
    {Es, S} = rewrite(Es0, S1),
    {[E | Es], S};
rewrite(E, S0) when is_tuple(E), tuple_size(E) > 2 ->
    [Kind, Anno | Parts0] = tuple_to_list(E),
    {Parts, S} = rewrite(Parts0, S0),
    {list_to_tuple([Kind, Anno | Parts]), S};
rewrite(E, S) -> {E, S}.

qualifier({Kind, A, P, E0}, #s{bound = Bound} = S0)
  when Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate;
       Kind =:= generate_strict; Kind =:= b_generate_strict;
       Kind =:= m_generate_strict ->
    {E, S1} = rewrite(E0, S0),
    Own = names(P),
    S = hide(Own, S1#s{bound = Bound}),
    {{Kind, A, P, E}, S#s{bound = ordsets:union(Bound, Own)}};
qualifier(Filter, S) -> rewrite(Filter, S).

%% The recursion of a fun cannot pass on variables that are hidden.
hide(Own, #s{self = {Name, _, _, Free}} = S) ->
    case ordsets:is_disjoint(Own, [Name | Free]) of
        true -> S;
        false -> S#s{self = none}
    end;
hide(_, S) -> S.

call({var, _, Name} = V, Args0, A,
     #s{self = {Name, Arity, F, Free}} = S0)
  when length(Args0) =:= Arity ->
    {Args, S} = rewrite(Args0, S0#s{is_hot = true}),
    {{call, A, {atom, A, F},
      Args ++ [V | [{var, A, N} || N <- Free]] ++ [region_var()]}, S};
call({remote, _, {atom, _, erlang}, {atom, _, garbage_collect}}, [], _, _) ->
    throw(no);
call({remote, _, {atom, _, qlc}, {atom, _, q}}, _, _, _) -> throw(no);
call({remote, _, {atom, _, M}, {atom, _, F}} = Function, Args0, A, S0) ->
    case takes_fun(M, F, Args0) of
        true ->
            {Args, S} = lists:mapfoldl(fun inner/2, S0#s{is_hot = true},
                                       Args0),
            {{call, A, Function, Args}, S};
        false ->
            {Args, S} = rewrite(Args0, S0),
            {{call, A, Function, Args}, S}
    end;
call({atom, _, Name} = Function, Args0, A, #s{shell = IsCommand} = S0) ->
    Arity = length(Args0),
    {Args, S} = rewrite(Args0, S0),
    case erl_internal:bif(Name, Arity) of
        true when Name =:= garbage_collect, Arity =:= 0 -> throw(no);
        true -> {{call, A, Function, Args}, S};
        false ->
            IsCommand(Name, Arity) andalso throw(no),
            List = lists:foldr(fun(E, T) -> {cons, A, E, T} end, {nil, A},
                               Args),
            {eval_call(part_local, [Function, List, region_var()]), S}
    end;
call(Function0, Args0, A, S0) ->
    {[Function | Args], S} = rewrite([Function0 | Args0], S0),
    {{call, A, Function, Args}, S}.

%% An argument of a function that only calls it stays a plain fun.
inner({'fun', A, {clauses, Clauses0}}, #s{bound = Bound, self = Self} = S0) ->
    {Clauses, S} =
        lists:mapfoldl(
          fun({clause, B, Head, Guard, Body0}, S1) ->
                  Own = names(Head),
                  S2 = hide(Own, S1#s{bound = ordsets:union(Bound, Own),
                                      self = Self}),
                  {Body, S3} = rewrite(Body0, S2),
                  {{clause, B, Head, Guard, Body}, S3}
          end, S0, Clauses0),
    {{'fun', A, {clauses, Clauses}}, S#s{bound = Bound, self = Self}};
inner(E, S) -> rewrite(E, S).

%% A fun that may be seen: made by erl_eval, from the values it needs.
make_part(E, #s{is_hot = Hot} = S0) ->
    {I, S} = part(E, S0),
    #part{free = Free} = part_at(I, S),
    Values = lists:foldr(fun(V, T) -> {cons, 1, {var, 1, V}, T} end, {nil, 1},
                         Free),
    {eval_call(make_part, [{integer, 1, I}, Values, region_var()]),
     S#s{is_hot = Hot orelse S#s.is_hot}}.

%%% Variables

bind(E, #s{bound = Bound} = S) ->
    S#s{bound = ordsets:union(Bound, names(E))}.

names(E) -> ordsets:from_list(names(E, [])).

names({var, _, '_'}, Acc) -> Acc;
names({var, _, Name}, Acc) when is_atom(Name) -> [Name | Acc];
names(T, Acc) when is_tuple(T) -> names(tuple_to_list(T), Acc);
names([E | Es], Acc) -> names(Es, names(E, Acc));
names(_, Acc) -> Acc.

%% Those that what follows an expression may see.
visible({Kind, _, _, _}) when Kind =:= lc; Kind =:= bc; Kind =:= mc;
                              Kind =:= named_fun -> [];
visible({'fun', _, _}) -> [];
visible({var, _, _} = V) -> names(V);
visible(T) when is_tuple(T) -> visible(tuple_to_list(T));
visible([E | Es]) -> ordsets:union(visible(E), visible(Es));
visible(_) -> [].

%% Those of a fun's clauses that do not stand in their own heads.
free(Clauses) ->
    ordsets:union([ordsets:subtract(names([Guard, Body]), names(Head))
                   || {clause, _, Head, Guard, Body} <- Clauses]).

%%% Purity: nothing happens but that a value is made

is_pure({var, _, _}, _) -> true;
is_pure({Kind, _, _}, _) when Kind =:= string; Kind =:= atom;
                              Kind =:= integer; Kind =:= char;
                              Kind =:= float -> true;
is_pure({value, _, _}, _) -> false;
is_pure({op, _, '!', _, _}, _) -> false;
is_pure({'receive', _, _}, _) -> false;
is_pure({'receive', _, _, _, _}, _) -> false;
is_pure({'try', _, _, _, _, _}, _) -> false;
is_pure({'catch', _, _}, _) -> false;
is_pure({call, _, {var, _, Name}, Args}, {Name, Arity} = Self) ->
    length(Args) =:= Arity andalso is_pure(Args, Self);
is_pure({call, _, {atom, _, F}, Args}, Self) ->
    erl_internal:bif(F, length(Args)) andalso is_pure_bif(F, length(Args))
        andalso is_pure(Args, Self);
is_pure({call, _, {remote, _, {atom, _, M}, {atom, _, F}}, Args}, Self) ->
    is_pure_call(M, F, Args) andalso is_pure(Args, Self);
is_pure({call, _, _, _}, _) -> false;
is_pure(T, Self) when is_tuple(T), tuple_size(T) > 2 ->
    is_pure(tl(tl(tuple_to_list(T))), Self);
is_pure([E | Es], Self) -> is_pure(E, Self) andalso is_pure(Es, Self);
is_pure(_, _) -> true.

is_pure_bif(F, A) ->
    erl_internal:guard_bif(F, A) orelse
        lists:member(F, [atom_to_list, integer_to_list, list_to_integer,
                         list_to_atom, list_to_tuple, tuple_to_list,
                         list_to_binary, binary_to_list, iolist_to_binary,
                         integer_to_binary, binary_to_integer, setelement,
                         float_to_list, list_to_float, error, exit, throw]).

is_pure_call(erlang, F, Args) ->
    erl_internal:arith_op(F, length(Args)) orelse
        erl_internal:comp_op(F, length(Args)) orelse
        is_pure_bif(F, length(Args));
is_pure_call(math, _, _) -> true;
is_pure_call(M, F, Args) ->
    is_pure_module(M) andalso
        (not calls_fun(M, F, length(Args)) orelse takes_fun(M, F, Args)).

is_pure_module(M) ->
    lists:member(M, [lists, maps, string, binary, orddict, ordsets, sets,
                     gb_trees, gb_sets, dict, queue, proplists]).

%% Whether the call of a library function has a fun for argument, written
%% there, that the function does nothing with but calling it.
takes_fun(M, F, Args) ->
    calls_fun(M, F, length(Args)) andalso
        lists:any(fun({'fun', _, {clauses, _}}) -> true; (_) -> false end,
                  Args).

calls_fun(lists, F, A) ->
    lists:member({F, A},
                 [{all, 2}, {any, 2}, {dropwhile, 2}, {filter, 2},
                  {filtermap, 2}, {flatmap, 2}, {foldl, 3}, {foldr, 3},
                  {foreach, 2}, {map, 2}, {mapfoldl, 3}, {mapfoldr, 3},
                  {merge, 3}, {partition, 2}, {search, 2}, {sort, 2},
                  {splitwith, 2}, {takewhile, 2}, {umerge, 3}, {usort, 2},
                  {zipwith, 3}, {zipwith3, 4}, {uniq, 2}, {keymap, 3}]);
calls_fun(maps, F, A) ->
    lists:member({F, A}, [{fold, 3}, {map, 2}, {filter, 2}, {filtermap, 2},
                          {foreach, 2}, {update_with, 3}, {update_with, 4},
                          {merge_with, 3}, {intersect_with, 3},
                          {groups_from_list, 2}, {groups_from_list, 3}]);
calls_fun(timer, tc, _) -> false;
calls_fun(M, F, _) ->
    is_pure_module(M) andalso
        lists:member(F, [fold, foldl, foldr, map, filter, update, all, any,
                         filtermap, split, find, merge]).
