%% SPDX-License-Identifier: Apache-2.0
%% cover_code: puts counts into the abstract code of a module, one before each
%% expression of a body that begins on a line of its own. Which lines those are
%% is OTP's cover's: a line counts once for each time it is run through.
%%
%% While a body is walked a count is {count, Line, Index}, and becomes code at
%% the end.
-module(cover_code).

-export([instrument/3]).

-export_type([key/0]).

%% As the files of exported counts have it.
-type key() :: {bump, module(), atom(), arity(), pos_integer(),
                non_neg_integer()}.

%% [lines]: those counted so far in the clause; [again]: those on which
%% something begins that was not counted, as it had been before.
-record(st, {module, function, arity, clause,
             lines = [], again = [],
             indices = #{} :: #{key() => pos_integer()},
             sizes = [] :: [tuple()]}).

%% The forms with counts, whose array is the value of the expression
%% [Counters]; the keys of the counts in their order, and for each clause of a
%% function how many it has.
-spec instrument(module(), [term()], term()) ->
          {[term()], [key()], [tuple()]} | {error, no_file_attribute}.
instrument(Module, Forms0, Counters) ->
    Forms = epp:interpret_file_attribute(Forms0),
    case [File || {attribute, _, file, {File, _}} <- Forms] of
        [] -> {error, no_file_attribute};
        [Main | _] ->
            {Counted, S} = forms(Forms, Main, false, #st{module = Module}),
            Pairs = lists:keysort(2, maps:to_list(S#st.indices)),
            {code(Counted, Counters), [Key || {Key, _} <- Pairs],
             lists:reverse(S#st.sizes)}
    end.

%% Functions of other files are left alone.
forms([{attribute, _, file, {File, _}} = F | Forms], Main, _, S) ->
    keep(F, forms(Forms, Main, File =:= Main, S));
forms([{attribute, _, compile, {parse_transform, _}} | Forms], Main, Is, S) ->
    forms(Forms, Main, Is, S);
forms([{function, A, Name, Arity, Clauses} | Forms], Main, true, S0) ->
    Switched = switches(Clauses),
    {Counted, S} = lists:mapfoldl(fun function_clause/2,
                                  S0#st{function = Name, arity = Arity,
                                        clause = 1}, Switched),
    keep({function, A, Name, Arity, Counted}, forms(Forms, Main, true, S));
forms([F | Forms], Main, Is, S) -> keep(F, forms(Forms, Main, Is, S));
forms([], _, _, S) -> {[], S}.

keep(Form, {Forms, S}) -> {[Form | Forms], S}.

function_clause({clause, A, Head, Guard, Body}, S0) ->
    {Counted, S} = body(Body, S0#st{lines = [], again = []}),
    #st{module = M, function = F, arity = Arity, clause = N} = S,
    Size = {M, F, Arity, N, length(S#st.lines)},
    {{clause, A, Head, Guard, Counted},
     S#st{clause = N + 1, sizes = [Size | S#st.sizes]}}.

%% ---- andalso and orelse ----

%% They become cases, so that each side is a body. [N] makes new variables.
switches(Clauses) ->
    Names = maps:from_keys(variables(Clauses, []), true),
    {Switched, _} = switch(Clauses, {Names, 1}),
    Switched.

variables({var, _, Name}, Acc) -> [Name | Acc];
variables(T, Acc) when is_tuple(T) -> variables(tuple_to_list(T), Acc);
variables([E | Es], Acc) -> variables(Es, variables(E, Acc));
variables(_, Acc) -> Acc.

switch({clause, A, Head, Guard, Body0}, N0) ->
    {Body, N} = switch(Body0, N0),
    {{clause, A, Head, Guard, Body}, N};
switch({Kind, A, E0, Qs0}, N0) when Kind =:= lc; Kind =:= bc ->
    {E, N1} = switch(E0, N0),
    {Qs, N} = lists:mapfoldl(fun switch_qualifier/2, N1, Qs0),
    {{Kind, A, E, Qs}, N};
switch({op, _, Op, L0, R0}, N0) when Op =:= 'andalso'; Op =:= 'orelse' ->
    {L, N1} = switch(L0, N0),
    {R, N2} = switch(R0, N1),
    A = element(2, L),
    {Name, N} = new_name(N2),
    case Op of
        'andalso' -> {boolean(L, R, {atom, A, false}, Name), N};
        'orelse' -> {boolean(L, {atom, A, true}, R, Name), N}
    end;
switch(T, N0) when is_tuple(T) ->
    {Es, N} = switch(tuple_to_list(T), N0),
    {list_to_tuple(Es), N};
switch([E0 | Es0], N0) ->
    {E, N1} = switch(E0, N0),
    {Es, N} = switch(Es0, N1),
    {[E | Es], N};
switch(E, N) -> {E, N}.

%% A filter that is a guard stays one: as an expression it might fail.
switch_qualifier(Q, N) ->
    case erl_lint:is_guard_test(Q) of
        true -> {Q, N};
        false -> switch(Q, N)
    end.

new_name({Names, N}) ->
    Name = list_to_atom("_" ++ integer_to_list(N)),
    case Names of
        #{Name := _} -> new_name({Names, N + 1});
        #{} -> {Name, {Names, N + 1}}
    end.

boolean(E, True, False, Name) ->
    A = element(2, E),
    Other = {var, A, Name},
    Error = {remote, A, {atom, A, erlang}, {atom, A, error}},
    {'case', A, E,
     [{clause, A, [{atom, A, true}], [], [True]},
      {clause, A, [{atom, A, false}], [], [False]},
      {clause, erl_anno:set_generated(true, A), [Other], [],
       [{call, A, Error, [{tuple, A, [{atom, A, badarg}, Other]}]}]}]}.

%% ---- Bodies ----

body(Es, S) -> body(Es, [], [], S).

%% [Done]: what came before, the last first; [New]: the lines that it counted.
body([E0 | Es], Done0, New0, S0) ->
    Line = erl_anno:line(element(2, E0)),
    case lists:member(Line, S0#st.lines) of
        true ->
            {E, S1} = expression(E0, S0),
            S = S1#st{again = [Line | S0#st.again]},
            Done = count_after(Done0, New0, S),
            body(Es, [E | Done], new_lines(S1, S0), S);
        false ->
            {Count, S1} = count(Line, S0),
            {E, S2} = expression(E0, S1#st{lines = [Line | S0#st.lines]}),
            New = new_lines(S2, S0),
            S = S2#st{again = without(New, S2#st.again)},
            Done = count_after(Done0, New0, S),
            body(Es, [E, Count | Done], New, S)
    end;
body([], Done, _, S) ->
    {lists:reverse(Done), S}.

new_lines(#st{lines = Now}, #st{lines = Before}) -> without(Before, Now).

without(Those, Lines) -> [L || L <- Lines, not lists:member(L, Those)].

count(Line, S) ->
    #st{module = M, function = F, arity = A, clause = C, indices = Is} = S,
    Key = {bump, M, F, A, C, Line},
    case Is of
        #{Key := Index} -> {{count, Line, Index}, S};
        #{} ->
            Index = map_size(Is) + 1,
            {{count, Line, Index}, S#st{indices = Is#{Key => Index}}}
    end.

%% What begins on the line on which a case ends was counted in its last clause
%% only: the other clauses count that line when they end.
count_after([Last | Done], New, S) ->
    case [L || L <- S#st.again, lists:member(L, New)] of
        [Line] ->
            {Count, _} = count(Line, S),
            [ends(Last, Line, Count) | Done];
        _ -> [Last | Done]
    end;
count_after([], _, _) -> [].

ends({'if', A, Clauses}, Line, Count) ->
    {'if', A, end_clauses(Clauses, Line, Count)};
ends({'case', A, E, Clauses}, Line, Count) ->
    {'case', A, ends(E, Line, Count), end_clauses(Clauses, Line, Count)};
ends({'receive', A, Clauses}, Line, Count) ->
    {'receive', A, end_clauses(Clauses, Line, Count)};
ends({'receive', A, Clauses, Time, Body}, Line, Count) ->
    {'receive', A, end_clauses(Clauses, Line, Count), ends(Time, Line, Count),
     ends(Body, Line, Count)};
ends({'try', A, Body, Clauses, Catches, After}, Line, Count) ->
    {'try', A, ends(Body, Line, Count), end_clauses(Clauses, Line, Count),
     end_clauses(Catches, Line, Count), ends(After, Line, Count)};
ends([E | Es], Line, Count) ->
    [ends(E, Line, Count) | ends(Es, Line, Count)];
ends(T, Line, Count) when is_tuple(T) ->
    list_to_tuple(ends(tuple_to_list(T), Line, Count));
ends(E, _, _) -> E.

end_clauses([], _, _) -> [];
end_clauses(Clauses, Line, Count) ->
    case counts(lists:last(Clauses), Line) of
        true -> end_each(Clauses, Line, Count);
        false -> Clauses
    end.

end_each([{clause, A, Head, Guard, Body} = Clause | Clauses], Line, Count) ->
    case counts(Clause, Line) of
        true -> [ends(C, Line, Count) || C <- [Clause | Clauses]];
        false ->
            At = erl_anno:new(0),
            Value = {var, At, list_to_atom("$cover$ "
                                           ++ integer_to_list(Line))},
            Body1 = lists:droplast(Body)
                ++ [{match, At, Value, lists:last(Body)}, Count, Value],
            [{clause, A, Head, Guard, Body1}
             | end_each(Clauses, Line, Count)]
    end.

counts({count, Line, _}, Line) -> true;
counts(T, Line) when is_tuple(T) -> counts(tuple_to_list(T), Line);
counts([E | Es], Line) -> counts(E, Line) orelse counts(Es, Line);
counts(_, _) -> false.

%% ---- Expressions ----

%% Patterns and guards have no bodies, and are left as they are.
expression({match, A, Pattern, E0}, S0) ->
    {E, S} = expression(E0, S0),
    {{match, A, Pattern, E}, S};
expression({Kind, A, E0, Qs0}, S0) when Kind =:= lc; Kind =:= bc ->
    {E, S1} = expression(block(E0), S0),
    {Qs, S} = qualifiers(Qs0, S1),
    {{Kind, A, E, Qs}, S};
expression({block, A, Body0}, S0) ->
    {Body, S} = body(Body0, S0),
    {{block, A, Body}, S};
expression({'if', A, Clauses0}, S0) ->
    {Clauses, S} = clauses(Clauses0, S0),
    {{'if', A, Clauses}, S};
expression({'case', A, E0, Clauses0}, S0) ->
    {E, S1} = expression(E0, S0),
    {Clauses, S} = clauses(Clauses0, S1),
    {{'case', A, E, Clauses}, S};
expression({'receive', A, Clauses0}, S0) ->
    {Clauses, S} = clauses(Clauses0, S0),
    {{'receive', A, Clauses}, S};
expression({'receive', A, Clauses0, Time0, Body0}, S0) ->
    {Time, S1} = expression(Time0, S0),
    {Clauses, S2} = clauses(Clauses0, S1),
    {Body, S3} = body(Body0, S2#st{lines = S1#st.lines}),
    Lines = S2#st.lines ++ new_lines(S3, S2),
    {{'receive', A, Clauses, Time, Body}, S3#st{lines = Lines}};
expression({'try', A, Body0, Clauses0, Catches0, After0}, S0) ->
    {Body, S1} = body(Body0, S0),
    {Clauses, S2} = clauses(Clauses0, S1),
    {Catches, S3} = clauses(Catches0, S2),
    {After, S} = body(After0, S3),
    {{'try', A, Body, Clauses, Catches, After}, S};
expression({'maybe', A, Body0}, S0) ->
    {Body, S} = body(Body0, S0),
    {{'maybe', A, Body}, S};
expression({'maybe', A, Body0, {'else', E, Clauses0}}, S0) ->
    {Body, S1} = body(Body0, S0),
    {Clauses, S} = clauses(Clauses0, S1),
    {{'maybe', A, Body, {'else', E, Clauses}}, S};
expression({'fun', A, {clauses, Clauses0}}, S0) ->
    {Clauses, S} = clauses(Clauses0, S0),
    {{'fun', A, {clauses, Clauses}}, S};
expression({named_fun, A, Name, Clauses0}, S0) ->
    {Clauses, S} = clauses(Clauses0, S0),
    {{named_fun, A, Name, Clauses}, S};
expression(T, S0) when is_tuple(T), tuple_size(T) > 2 ->
    [Kind, A | Parts0] = tuple_to_list(T),
    {Parts, S} = lists:mapfoldl(fun expression/2, S0, Parts0),
    {list_to_tuple([Kind, A | Parts]), S};
expression([_ | _] = Es, S) when is_tuple(hd(Es)) ->
    lists:mapfoldl(fun expression/2, S, Es);
expression(E, S) -> {E, S}.

%% Each clause begins with the lines known before all of them.
clauses(Clauses, #st{lines = Before} = S0) ->
    {Counted, {S, Lines}} =
        lists:mapfoldl(
          fun({clause, A, Head, Guard, Body0}, {S1, Seen}) ->
                  {Body, S2} = body(Body0, S1#st{lines = Before}),
                  {{clause, A, Head, Guard, Body},
                   {S2, new_lines(S2, S1#st{lines = Before}) ++ Seen}}
          end, {S0, Before}, Clauses),
    {Counted, S#st{lines = Lines}}.

%% A count before each qualifier that has none.
qualifiers([Q0 | Qs0], S0) ->
    {Q, At, S1} = qualifier(Q0, S0),
    case new_lines(S1, S0) of
        [_] ->
            {Qs, S} = qualifiers(Qs0, S1),
            {[Q | Qs], S};
        _ ->
            {True, S2} = expression(block({atom, At, true}), S1),
            {Qs, S} = qualifiers(Qs0, S2),
            {[True, Q | Qs], S}
    end;
qualifiers([], S) -> {[], S}.

block({block, _, _} = E) -> E;
block(E) -> {block, erl_anno:new(0), [E]}.

qualifier({zip, A, [{_, _, _, First} | _] = Generators0}, S0) ->
    {Generators, S} =
        lists:mapfoldl(fun(G0, S1) ->
                               {G, _, S2} = qualifier(G0, S1),
                               {G, S2}
                       end, S0, Generators0),
    {{zip, A, Generators}, element(2, First), S};
qualifier({Kind, A, Pattern, E0}, S0)
  when Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate;
       Kind =:= generate_strict; Kind =:= b_generate_strict;
       Kind =:= m_generate_strict ->
    {E, S} = expression(E0, S0),
    {{Kind, A, Pattern, E}, element(2, E0), S};
qualifier(E0, S0) ->
    {E, S} = expression(E0, S0),
    {E, element(2, E0), S}.

%% ---- Code ----

code({count, _, Index}, Counters) ->
    A = erl_anno:new(0),
    {call, A, {remote, A, {atom, A, counters}, {atom, A, add}},
     [Counters, {integer, A, Index}, {integer, A, 1}]};
code({attribute, _, _, _} = Form, _) -> Form;
code(T, Counters) when is_tuple(T), tuple_size(T) > 2 ->
    [Kind, A | Parts] = tuple_to_list(T),
    list_to_tuple([Kind, A | [code(P, Counters) || P <- Parts]]);
code({clauses, Clauses}, Counters) -> {clauses, code(Clauses, Counters)};
code([E | Es], Counters) -> [code(E, Counters) | code(Es, Counters)];
code(E, _) -> E.
