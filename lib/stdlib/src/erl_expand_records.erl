%% SPDX-License-Identifier: Apache-2.0
%% erl_expand_records: forms with records made into forms with tuples, in which
%% calls of what is imported name its module; for tools that work on abstract
%% code and for the prompt.
-module(erl_expand_records).

-export([module/2]).

%% [records] holds {Name, [{Field, Default}]}; [next] numbers new variables.
-record(state, {records = #{} :: #{atom() => [{atom(), term()}]},
                strict = true :: boolean(),
                next = 0 :: non_neg_integer()}).

-spec module([tuple()], [term()]) -> [tuple()].
module(Forms, Options) ->
    Compile = lists:append([if is_list(O) -> O; true -> [O] end
                            || {attribute, _, compile, O} <- Forms]),
    Strict = not lists:member(no_strict_record_tests, Options ++ Compile),
    {New, _} = forms(Forms, #state{strict = Strict}),
    Owners = owners(Forms),
    [named_in(F, Owners) || F <- New].

%%% Names of modules

%% What a name without module means in these forms: local, or a module. All
%% else is for the functions that are imported without being asked for.
owners(Forms) ->
    Imports = [{FA, Module} || {attribute, _, import, {Module, FAs}} <- Forms,
                               FA <- FAs],
    Locals = [{{Name, Arity}, local}
              || {function, _, Name, Arity, _} <- Forms],
    maps:from_list(Locals ++ Imports).

named_in({function, A, Name, Arity, Clauses}, Owners) ->
    {function, A, Name, Arity, named(Clauses, Owners)};
named_in(Form, _) -> Form.

named({call, A, {atom, _, Name} = F, Args}, Owners) ->
    Named = case owner(Name, length(Args), Owners) of
                local -> F;
                Module -> {remote, A, {atom, A, Module}, F}
            end,
    {call, A, Named, named(Args, Owners)};
named({'fun', A, {function, Name, Arity}} = Fun, Owners) ->
    case owner(Name, Arity, Owners) of
        erlang ->
            Vars = [{var, A, list_to_atom("fun@" ++ integer_to_list(I))}
                    || I <- lists:seq(1, Arity)],
            Call = named({call, A, {atom, A, Name}, Vars}, Owners),
            {'fun', A, {clauses, [{clause, A, Vars, [], [Call]}]}};
        _ -> Fun
    end;
named({Kind, A, E, Qualifiers}, Owners)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    Qualifiers1 = [filter(Q, Owners) || Q <- Qualifiers],
    {Kind, A, named(E, Owners), named(Qualifiers1, Owners)};
named({value, _, _} = Value, _) -> Value;
named([E | Es], Owners) -> [named(E, Owners) | named(Es, Owners)];
named(T, Owners) when is_tuple(T) ->
    list_to_tuple(named(tuple_to_list(T), Owners));
named(T, _) -> T.

%% A filter may be a test by its old name, as a guard may.
filter({call, _, {atom, _, Name}, [_]} = Test, Owners)
  when not is_map_key({Name, 1}, Owners) ->
    new_test(Test);
filter(Qualifier, _) -> Qualifier.

owner(Name, Arity, Owners) ->
    case Owners of
        #{{Name, Arity} := Owner} -> Owner;
        _ ->
            case erl_internal:bif(Name, Arity) of
                true -> erlang;
                false -> local
            end
    end.

forms([{attribute, _, record, {Name, Fields}} = F | Fs], S) ->
    Definition = [field(D) || D <- Fields],
    Records = (S#state.records)#{Name => Definition},
    {New, S1} = forms(Fs, S#state{records = Records}),
    {[F | New], S1};
forms([{function, A, Name, Arity, Clauses} | Fs], S) ->
    {New, S1} = expressions(Clauses, S),
    {Rest, S2} = forms(Fs, S1),
    {[{function, A, Name, Arity, New} | Rest], S2};
forms([F | Fs], S) ->
    {New, S1} = forms(Fs, S),
    {[F | New], S1};
forms([], S) -> {[], S}.

field({typed_record_field, F, _}) -> field(F);
field({record_field, A, {atom, _, Name}}) -> {Name, {atom, A, undefined}};
field({record_field, _, {atom, _, Name}, Default}) -> {Name, Default}.

expressions(Es, S) -> lists:mapfoldl(fun expression/2, S, Es).

%%% Expressions

expression({clause, A, Head, Guard, Body}, S0) ->
    {Head1, S1} = patterns(Head, S0),
    {Guard1, S2} = guards(Guard, S1),
    {Body1, S3} = expressions(Body, S2),
    {{clause, A, Head1, Guard1, Body1}, S3};
expression({match, A, P, E}, S0) ->
    {P1, S1} = pattern(P, S0),
    {E1, S2} = expression(E, S1),
    {{match, A, P1, E1}, S2};
expression({maybe_match, A, P, E}, S0) ->
    {P1, S1} = pattern(P, S0),
    {E1, S2} = expression(E, S1),
    {{maybe_match, A, P1, E1}, S2};
expression({G, A, P, E}, S0)
  when G =:= generate; G =:= b_generate; G =:= m_generate;
       G =:= generate_strict; G =:= b_generate_strict;
       G =:= m_generate_strict ->
    {P1, S1} = pattern(P, S0),
    {E1, S2} = expression(E, S1),
    {{G, A, P1, E1}, S2};
expression({zip, A, Generators0}, S0) ->
    {Generators, S1} = expressions(Generators0, S0),
    {{zip, A, Generators}, S1};
expression({Kind, A, E, Qs}, S0)
  when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Qs1, S1} = lists:mapfoldl(fun qualifier/2, S0, Qs),
    {E1, S2} = expression(E, S1),
    {{Kind, A, E1, Qs1}, S2};
expression({record_index, A, Name, {atom, _, Field}}, S) ->
    {{integer, A, index(Field, Name, S)}, S};
expression({record, A, Name, Inits}, S0) when is_atom(Name) ->
    {Inits1, S1} = inits(Inits, S0),
    %% defaults may be records themselves
    {Values, S2} = expressions(values(Name, Inits1, S1), S1),
    {{tuple, A, [{atom, A, Name} | Values]}, S2};
expression({record_field, A, R, Name, {atom, _, Field}}, S0) ->
    {R1, S1} = expression(R, S0),
    case S1#state.strict of
        true -> read_field(A, R1, Name, Field, S1);
        false -> {{call, A, remote(A, element),
                   [{integer, A, index(Field, Name, S1)}, R1]}, S1}
    end;
expression({record, A, R, Name, Updates}, S0) ->
    {R1, S1} = expression(R, S0),
    {Updates1, S2} = inits(Updates, S1),
    update(A, R1, Name, Updates1, S2);
expression({call, A, {atom, _, record_info}, [{atom, _, What},
                                              {atom, _, Name}]}, S) ->
    {record_info(A, What, Name, S), S};
expression({call, A, F, [E, {atom, _, Name} = N]}, S0) ->
    {E1, S1} = expression(E, S0),
    case is_record_test(F) andalso is_map_key(Name, S0#state.records) of
        true -> {test(A, E1, Name, S1), S1};
        false ->
            {F1, S2} = expression(F, S1),
            {{call, A, F1, [E1, N]}, S2}
    end;
expression({value, _, _} = E, S) -> {E, S};
expression({Kind, _, _} = E, S)
  when Kind =:= atom; Kind =:= integer; Kind =:= float; Kind =:= char;
       Kind =:= string; Kind =:= var -> {E, S};
expression({bin_element, A, E, Size, Types}, S0) ->
    {E1, S1} = expression(E, S0),
    {Size1, S2} = expression(Size, S1),
    {{bin_element, A, E1, Size1, Types}, S2};
expression(T, S) when is_tuple(T), tuple_size(T) > 2 ->
    [Kind, A | Parts] = tuple_to_list(T),
    {Parts1, S1} = expressions(Parts, S),
    {list_to_tuple([Kind, A | Parts1]), S1};
expression({Kind, Parts}, S) when is_list(Parts) ->
    {Parts1, S1} = expressions(Parts, S),
    {{Kind, Parts1}, S1};
expression([_ | _] = Es, S) -> expressions(Es, S);
expression(E, S) -> {E, S}.

is_record_test({atom, _, is_record}) -> true;
is_record_test({remote, _, {atom, _, erlang}, {atom, _, is_record}}) -> true;
is_record_test(_) -> false.

inits(Fields, S) ->
    lists:mapfoldl(fun({record_field, A, Name, E}, Acc) ->
                           {E1, Acc1} = expression(E, Acc),
                           {{record_field, A, Name, E1}, Acc1}
                   end, S, Fields).

%% The values of a record's fields: given, those for all others, defaults.
values(Name, Inits, S) ->
    Rest = [E || {record_field, _, {var, _, '_'}, E} <- Inits],
    [case [E || {record_field, _, {atom, _, F}, E} <- Inits, F =:= Field] of
         [E | _] -> E;
         [] when Rest =/= [] -> hd(Rest);
         [] -> Default
     end || {Field, Default} <- fields(Name, S)].

fields(Name, #state{records = Records}) -> map_get(Name, Records).

index(Field, Name, S) -> index(Field, fields(Name, S), 2, Name).

index(Field, [{Field, _} | _], I, _) -> I;
index(Field, [_ | Fields], I, Name) -> index(Field, Fields, I + 1, Name).

size(Name, S) -> length(fields(Name, S)) + 1.

record_info(A, size, Name, S) -> {integer, A, size(Name, S)};
record_info(A, fields, Name, S) ->
    lists:foldr(fun({F, _}, Tail) -> {cons, A, {atom, A, F}, Tail} end,
                {nil, A}, fields(Name, S)).

test(A, E, Name, S) ->
    {call, A, remote(A, is_record),
     [E, {atom, A, Name}, {integer, A, size(Name, S)}]}.

remote(A, Name) -> {remote, A, {atom, A, erlang}, {atom, A, Name}}.

new_variable(A, #state{next = N} = S) ->
    {{var, A, list_to_atom("rec" ++ integer_to_list(N))},
     S#state{next = N + 1}}.

%% case R of {Name, _, Var, _} -> Var; Var -> error({badrecord, Var}) end
read_field(A, R, Name, Field, S0) ->
    {Var, S1} = new_variable(A, S0),
    I = index(Field, Name, S0),
    Pattern = {tuple, A, [{atom, A, Name}
                          | [case J of I -> Var; _ -> {var, A, '_'} end
                             || J <- lists:seq(2, size(Name, S0))]]},
    {{'case', A, R, [{clause, A, [Pattern], [], [Var]},
                     bad_record(A, Var)]}, S1}.

bad_record(A, Other) ->
    {clause, A, [Other], [],
     [{call, A, remote(A, error),
       [{tuple, A, [{atom, A, badrecord}, Other]}]}]}.

update(A, R, Name, Updates, S0) ->
    Fields = fields(Name, S0),
    {Vars, S1} = lists:mapfoldl(fun(_, S) -> new_variable(A, S) end, S0,
                                Fields),
    {Other, S2} = new_variable(A, S1),
    Given = fun(Field) ->
                    [E || {record_field, _, {atom, _, F}, E} <- Updates,
                          F =:= Field]
            end,
    %% new values are computed before the record is looked at
    {Bound, S3} = lists:mapfoldl(fun({record_field, _, N, E}, S) ->
                                         {V, Next} = new_variable(A, S),
                                         {{N, V, E}, Next}
                                 end, S2, Updates),
    Matches = [{match, A, V, E} || {_, V, E} <- Bound],
    NewValue = fun(Field, Var) ->
                       case Given(Field) of
                           [] -> Var;
                           _ -> hd([V || {{atom, _, F}, V, _} <- Bound,
                                         F =:= Field])
                       end
               end,
    Old = {tuple, A, [{atom, A, Name}
                      | [case Given(F) of
                             [] -> V;
                             _ -> {var, A, '_'}
                         end || {{F, _}, V} <- lists:zip(Fields, Vars)]]},
    New = {tuple, A, [{atom, A, Name}
                      | [NewValue(F, V)
                         || {{F, _}, V} <- lists:zip(Fields, Vars)]]},
    Case = {'case', A, R, [{clause, A, [Old], [], [New]},
                           bad_record(A, Other)]},
    {case Matches of
         [] -> Case;
         _ -> {block, A, Matches ++ [Case]}
     end, S3}.

%%% Patterns

patterns(Ps, S) -> lists:mapfoldl(fun pattern/2, S, Ps).

pattern({record, A, Name, Fields}, S0) ->
    Inits = [{record_field, B, N, P} || {record_field, B, N, P} <- Fields],
    Rest = [P || {record_field, _, {var, _, '_'}, P} <- Inits],
    Default = case Rest of
                  [P | _] -> P;
                  [] -> {var, A, '_'}
              end,
    Ps = [case [P1 || {record_field, _, {atom, _, F}, P1} <- Inits,
                      F =:= Field] of
              [P1 | _] -> P1;
              [] -> Default
          end || {Field, _} <- fields(Name, S0)],
    {Ps1, S1} = patterns(Ps, S0),
    {{tuple, A, [{atom, A, Name} | Ps1]}, S1};
pattern({record_index, A, Name, {atom, _, Field}}, S) ->
    {{integer, A, index(Field, Name, S)}, S};
pattern({match, A, P1, P2}, S0) ->
    {[Q1, Q2], S1} = patterns([P1, P2], S0),
    {{match, A, Q1, Q2}, S1};
pattern({cons, A, H, T}, S0) ->
    {[H1, T1], S1} = patterns([H, T], S0),
    {{cons, A, H1, T1}, S1};
pattern({tuple, A, Ps}, S0) ->
    {Ps1, S1} = patterns(Ps, S0),
    {{tuple, A, Ps1}, S1};
pattern({map, A, Fs}, S0) ->
    {Fs1, S1} = patterns(Fs, S0),
    {{map, A, Fs1}, S1};
pattern({map_field_exact, A, K, V}, S0) ->
    {K1, S1} = expression(K, S0),
    {V1, S2} = pattern(V, S1),
    {{map_field_exact, A, K1, V1}, S2};
pattern(P, S) -> {P, S}.

%%% Guards

%% A filter that is a guard fails as one where a record is another.
qualifier(Q, S) ->
    case erl_lint:is_guard_test(Q) of
        true -> guard(new_test(Q), S);
        false -> expression(Q, S)
    end.

guards(Gs, S) ->
    lists:mapfoldl(fun(Tests, Acc) ->
                           lists:mapfoldl(fun guard/2, Acc,
                                          [new_test(T) || T <- Tests])
                   end, S, Gs).

%% Tests by their old names are known only where they stand alone, and what is
%% asked of records may be put before them.
new_test({call, A, {atom, B, Name}, [E]} = Test) ->
    case erl_internal:old_type_test(Name, 1) of
        true ->
            New = list_to_existing_atom("is_" ++ atom_to_list(Name)),
            {call, A, {atom, B, New}, [E]};
        false -> Test
    end;
new_test(Test) -> Test.

%% Reading a field in a guard asks first whether it is such a record.
guard(E, S) ->
    {New, Tests} = guard_expression(E, [], S),
    Wanted = case S#state.strict of
                 true -> lists:usort(Tests);
                 false -> []
             end,
    {lists:foldl(fun(Test, Acc) ->
                         {op, element(2, Test), 'andalso', Test, Acc}
                 end, New, Wanted), S}.

guard_expression({record_field, A, R, Name, {atom, _, Field}}, Tests, S) ->
    {R1, Tests1} = guard_expression(R, Tests, S),
    {{call, A, remote(A, element),
      [{integer, A, index(Field, Name, S)}, R1]},
     [test(A, R1, Name, S) | Tests1]};
guard_expression({record_index, A, Name, {atom, _, Field}}, Tests, S) ->
    {{integer, A, index(Field, Name, S)}, Tests};
guard_expression({record, A, Name, Inits}, Tests, S) when is_atom(Name) ->
    {Es, Tests1} = guard_expressions(values(Name, Inits, S), Tests, S),
    {{tuple, A, [{atom, A, Name} | Es]}, Tests1};
guard_expression({call, A, {atom, _, record_info},
                  [{atom, _, What}, {atom, _, Name}]}, Tests, S) ->
    {record_info(A, What, Name, S), Tests};
guard_expression({call, A, F, [E, {atom, _, Name} = N]}, Tests, S) ->
    {E1, Tests1} = guard_expression(E, Tests, S),
    case (is_record_test(F) orelse element(3, F) =:= record)
        andalso is_map_key(Name, S#state.records) of
        true -> {test(A, E1, Name, S), Tests1};
        false -> {{call, A, F, [E1, N]}, Tests1}
    end;
guard_expression({op, A, Op, L, R}, Tests, S)
  when Op =:= 'andalso'; Op =:= 'orelse' ->
    %% tests belong to the side that needs them
    {L1, S1} = guard(L, S),
    {R1, _} = guard(R, S1),
    {{op, A, Op, L1, R1}, Tests};
guard_expression({Kind, _, _} = E, Tests, _)
  when Kind =:= atom; Kind =:= integer; Kind =:= float; Kind =:= char;
       Kind =:= string; Kind =:= var; Kind =:= value -> {E, Tests};
guard_expression(T, Tests, S) when is_tuple(T), tuple_size(T) > 2 ->
    [Kind, A | Parts] = tuple_to_list(T),
    {Parts1, Tests1} = guard_expressions(Parts, Tests, S),
    {list_to_tuple([Kind, A | Parts1]), Tests1};
guard_expression(Es, Tests, S) when is_list(Es) ->
    guard_expressions(Es, Tests, S);
guard_expression(E, Tests, _) -> {E, Tests}.

guard_expressions(Es, Tests, S) ->
    lists:mapfoldl(fun(E, Acc) -> guard_expression(E, Acc, S) end, Tests, Es).
