%% SPDX-License-Identifier: Apache-2.0
%% The parse transform that makes match specifications of the funs in calls of
%% ets:fun2ms/1 and dbg:fun2ms/1.
%%
%% A clause becomes {Head, Guards, Body}. Variables of the head turn into '$1',
%% '$2' and so on; the variable that is matched with the whole head is '$_' in
%% guards and body. Errors are thrown as {error, Anno, Descriptor}; descriptors
%% name the part (head, guard, body) they were met in.
-module(ms_transform).

-export([parse_transform/2, parse_transform_info/0, transform_from_shell/3,
         format_error/1]).

%% The number that OTP gives this warning; tools look for it.
-define(SHADOWED, 50).

%% While forms are walked: what is bound around a fun, and what was found.
-record(state, {bound = #{}, records = #{}, used = [], warnings = []}).

%% While the guards or the body of a clause are translated.
-record(clause, {part, variables, records}).

-spec parse_transform_info() -> #{error_location => column}.
parse_transform_info() ->
    #{error_location => column}.

-spec parse_transform([term()], term()) ->
          [term()] | {error | warning, [term()], [term()]}.
parse_transform(Forms, _Options) ->
    try lists:mapfoldl(fun form/2, #state{}, Forms) of
        {New, #state{used = Used, warnings = []}} ->
            silence(Used, New);
        {New, #state{used = Used, warnings = Warnings}} ->
            File = last_file(Forms, "TOP_LEVEL"),
            {warning, silence(Used, New),
             [{File, [{L, ?MODULE, W}]} || {L, W} <- Warnings]}
    catch
        throw:{error, Anno, Reason} ->
            {error, [{error_file(Forms, Anno),
                      [{erl_anno:location(Anno), ?MODULE, Reason}]}], []}
    end.

%% Records that are now tuples may seem to be unused.
silence([], Forms) ->
    Forms;
silence(Used, Forms) ->
    [{attribute, erl_anno:new(0), compile,
      {nowarn_unused_record, [lists:usort(Used)]}} | Forms].

last_file(Forms, Default) ->
    lists:foldl(fun({attribute, _, file, {File, _}}, _) -> File;
                   (_, File) -> File
                end, Default, Forms).

%% The file that was read when the translation stopped: that of the function
%% which holds the annotation.
error_file(Forms, Anno) ->
    Before = lists:takewhile(fun(F) -> not holds(Anno, F) end, Forms),
    last_file(Before, "TOP_LEVEL").

holds(Anno, {function, _, _, _, Clauses}) -> occurs(Anno, Clauses);
holds(_, _) -> false.

occurs(Term, Term) -> true;
occurs(Term, [H | T]) -> occurs(Term, H) orelse occurs(Term, T);
occurs(Term, T) when is_tuple(T) -> occurs(Term, tuple_to_list(T));
occurs(_, _) -> false.

-spec transform_from_shell(ets | dbg, [term()], erl_eval:binding_struct()) ->
          term().
transform_from_shell(Dialect, Clauses, Bindings) ->
    try
        {Spec, _} = clauses(Clauses, erl_anno:new(1), Dialect, #state{}),
        value(Spec, Bindings)
    catch
        throw:{error, Anno, Reason} ->
            {error, [{"TOP_LEVEL",
                      [{erl_anno:location(Anno), ?MODULE, Reason}]}], []}
    end.

%% The term that a specification stands for.
value({cons, _, H, T}, Bs) -> [value(H, Bs) | value(T, Bs)];
value({nil, _}, _) -> [];
value({tuple, _, Es}, Bs) -> list_to_tuple([value(E, Bs) || E <- Es]);
value({map, _, Fields}, Bs) ->
    maps:from_list([{value(K, Bs), value(V, Bs)}
                    || {map_field_assoc, _, K, V} <- Fields]);
value({bin, _, Fields}, Bs) ->
    Eval = fun(E, _) -> {value, value(E, Bs), []} end,
    {value, Bin, _} = eval_bits:expr_grp(Fields, [], Eval),
    Bin;
value({var, Anno, Name}, Bs) ->
    case erl_eval:binding(Name, Bs) of
        {value, Value} -> Value;
        unbound -> fail(Anno, {unbound_variable, Name})
    end;
value({op, _, '++', A, B}, Bs) -> value(A, Bs) ++ value(B, Bs);
value({op, _, Op, E}, Bs) -> erlang:Op(value(E, Bs));
value({_, _, Literal}, _) -> Literal.

fail(Anno, Reason) ->
    throw({error, Anno, Reason}).

%% Walking through forms: what is bound where a fun stands.

form({attribute, _, record, {Name, Fields}} = Form, St) ->
    Numbered = lists:zip(lists:seq(2, length(Fields) + 1), Fields),
    Record = [record_field(F, N) || {N, F} <- Numbered],
    {Form, St#state{records = (St#state.records)#{Name => Record}}};
form({function, Anno, Name, Arity, Clauses}, St) ->
    {New, St1} = lists:mapfoldl(fun function_clause/2, St, Clauses),
    {{function, Anno, Name, Arity, New}, St1};
form(Form, St) ->
    {Form, St}.

record_field({typed_record_field, Field, _}, N) -> record_field(Field, N);
record_field({record_field, _, {atom, A, Name}}, N) ->
    {Name, N, {atom, A, undefined}};
record_field({record_field, _, {atom, _, Name}, Default}, N) ->
    {Name, N, Default}.

function_clause({clause, Anno, Head, Guard, Body}, St) ->
    {Head1, St1} = walk(Head, St#state{bound = #{}}),
    {Body1, St2} = walk(Body, St1),
    {{clause, Anno, Head1, Guard, Body1}, St2}.

walk({call, Anno, {remote, _, {atom, _, Module}, {atom, _, fun2ms}}, Args}, St)
  when Module =:= ets; Module =:= dbg ->
    case Args of
        [{'fun', FunAnno, {clauses, Clauses}}] ->
            clauses(Clauses, FunAnno, Module, St);
        _ ->
            fail(Anno, no_fun)
    end;
walk({match, Anno, Left, Right}, St) ->
    {Right1, St1} = walk(Right, St),
    {Left1, St2} = walk(Left, St1),
    {{match, Anno, Left1, Right1}, St2};
walk({var, _, '_'} = Var, St) ->
    {Var, St};
walk({var, _, Name} = Var, St) ->
    {Var, bind(Name, St)};
walk({'fun', Anno, {clauses, Clauses}}, #state{bound = Bound} = St) ->
    {New, St1} = walk(Clauses, St),
    {{'fun', Anno, {clauses, New}}, St1#state{bound = Bound}};
walk({named_fun, Anno, Name, Clauses}, #state{bound = Bound} = St) ->
    {New, St1} = walk(Clauses, bind(Name, St)),
    {{named_fun, Anno, Name, New}, St1#state{bound = Bound}};
walk({'case', Anno, Expr, Clauses}, St) ->
    {Expr1, St1} = walk(Expr, St),
    {Pairs, St2} =
        lists:mapfoldl(
          fun(Clause, S) ->
                  {New, S1} = walk(Clause, S#state{bound = St1#state.bound}),
                  {{New, S1#state.bound}, S1}
          end, St1, Clauses),
    {New, Bounds} = lists:unzip(Pairs),
    {{'case', Anno, Expr1, New}, St2#state{bound = in_all(Bounds)}};
walk([H | T], St) ->
    {H1, St1} = walk(H, St),
    {T1, St2} = walk(T, St1),
    {[H1 | T1], St2};
walk(Tuple, St) when is_tuple(Tuple) ->
    {List, St1} = walk(tuple_to_list(Tuple), St),
    {list_to_tuple(List), St1};
walk(Other, St) ->
    {Other, St}.

bind(Name, St) ->
    St#state{bound = (St#state.bound)#{Name => true}}.

%% Bound after a case is what every clause binds.
in_all([Bound | Bounds]) ->
    lists:foldl(fun(B, All) -> maps:with(maps:keys(B), All) end, Bound, Bounds).

%% Clauses of a fun: the list of their translations.

clauses(Clauses0, Anno, Dialect, St) ->
    Clauses = lists:append([alternatives(C) || C <- Clauses0]),
    {Specs, Warnings} =
        lists:mapfoldl(fun(C, Ws) -> clause(C, Dialect, St, Ws) end,
                       St#state.warnings, Clauses),
    Used = [N || N <- names(Clauses0, []), is_map_key(N, St#state.records)],
    {lists:foldr(fun(Spec, Tail) -> {cons, Anno, Spec, Tail} end, {nil, Anno},
                 Specs),
     St#state{warnings = Warnings, used = Used ++ St#state.used}}.

%% A guard with alternatives makes as many clauses.
alternatives({clause, Anno, Head, [_, _ | _] = Guard, Body}) ->
    [{clause, Anno, Head, [Tests], Body} || Tests <- Guard];
alternatives(Clause) ->
    [Clause].

%% The records that are named somewhere.
names({record, _, Name, Fields}, Ns) when is_atom(Name) ->
    names(Fields, [Name | Ns]);
names({record, _, Expr, Name, Fields}, Ns) ->
    names([Expr | Fields], [Name | Ns]);
names({record_field, _, Expr, Name, _}, Ns) -> names(Expr, [Name | Ns]);
names({record_index, _, Name, _}, Ns) -> [Name | Ns];
names({call, _, {atom, _, is_record}, [Expr, {atom, _, Name}]}, Ns) ->
    names(Expr, [Name | Ns]);
names([H | T], Ns) -> names(T, names(H, Ns));
names(T, Ns) when is_tuple(T) -> names(tuple_to_list(T), Ns);
names(_, Ns) -> Ns.

clause({clause, Anno, Params, Guard, Body}, Dialect, St, Warnings) ->
    check_head(Params, Dialect, Anno),
    {Head, Variables, Warnings1} = head(Params, St, Warnings),
    C = #clause{part = guard, variables = Variables,
                records = St#state.records},
    Tests = case Guard of
                [] -> [];
                [List] -> [term(old_test(T), C) || T <- List]
            end,
    Values = [term(E, C#clause{part = body}) || E <- Body],
    {{tuple, Anno, [Head, list(Anno, Tests), list(Anno, Values)]}, Warnings1}.

list(Anno, Exprs) ->
    lists:foldr(fun(E, T) -> {cons, Anno, E, T} end, {nil, Anno}, Exprs).

check_head([{match, _, {var, _, _}, P}], Dialect, Anno) ->
    check_head([P], Dialect, Anno);
check_head([{match, _, P, {var, _, _}}], Dialect, Anno) ->
    check_head([P], Dialect, Anno);
check_head([{var, _, _}], _, _) -> ok;
check_head([{tuple, _, _}], ets, _) -> ok;
check_head([{record, _, _, _}], ets, _) -> ok;
check_head([{cons, _, _, _}], dbg, _) -> ok;
check_head([{nil, _}], dbg, _) -> ok;
check_head(_, Dialect, Anno) -> fail(Anno, {bad_head, Dialect}).

%% Heads. Variables are numbered as they come; what is threaded through is
%% {Names, Next, Warnings}.

head([Pattern0], St, Warnings) ->
    {Pattern, Whole} =
        case Pattern0 of
            {match, _, {var, A, Name}, P} -> {P, {A, Name}};
            {match, _, P, {var, A, Name}} -> {P, {A, Name}};
            P -> {P, none}
        end,
    Acc0 = {#{'_' => '_'}, 1, Warnings},
    Acc1 = case Whole of
               none -> Acc0;
               {Anno, Var} ->
                   {Vs, N, Ws} = shadow(Anno, Var, St, Acc0),
                   {Vs#{Var => '$_'}, N, Ws}
           end,
    {Head, {Variables, _, Warnings1}} = pattern(Pattern, Acc1, St),
    {Head, Variables, Warnings1}.

shadow(Anno, Name, #state{bound = Bound}, {Vs, N, Ws} = Acc) ->
    case Bound of
        #{Name := _} ->
            {Vs, N, [{erl_anno:location(Anno), {?SHADOWED, Name}}
                     | Ws]};
        #{} ->
            Acc
    end.

pattern({var, Anno, Name}, Acc0, St) ->
    {Vs, N, Ws} = Acc = shadow(Anno, Name, St, Acc0),
    case Vs of
        #{Name := Known} ->
            {{atom, Anno, Known}, Acc};
        #{} ->
            New = list_to_atom([$$ | integer_to_list(N)]),
            {{atom, Anno, New}, {Vs#{Name => New}, N + 1, Ws}}
    end;
pattern({record, Anno, Name, Fields}, Acc0, St) ->
    {Given, Acc} =
        lists:mapfoldl(fun(F, A) -> field_pattern(F, Name, Anno, A, St) end,
                       Acc0, Fields),
    C = #clause{part = head, records = St#state.records},
    Default = fun(_) -> {atom, Anno, '_'} end,
    {{tuple, Anno, record(Name, Anno, Given, Default, C)}, Acc};
pattern({match, Anno, _, _}, _, _) ->
    fail(Anno, head_match);
pattern({atom, Anno, Atom} = Form, Acc, _) ->
    case atom_to_list(Atom) of
        [$$ | Digits] when Digits =/= [] ->
            case lists:all(fun(D) -> D >= $0 andalso D =< $9 end, Digits) of
                true -> fail(Anno, {dollar_atom, Atom});
                false -> {Form, Acc}
            end;
        _ ->
            {Form, Acc}
    end;
pattern({bin_element, _, {var, Anno, Name}, _, _}, _, _) ->
    fail(Anno, {bit_match, Name});
pattern({map_field_exact, Anno, Key, Value}, Acc, St) ->
    {[K, V], Acc1} = pattern([Key, Value], Acc, St),
    {{map_field_assoc, Anno, K, V}, Acc1};
pattern([H | T], Acc, St) ->
    {H1, Acc1} = pattern(H, Acc, St),
    {T1, Acc2} = pattern(T, Acc1, St),
    {[H1 | T1], Acc2};
pattern(Tuple, Acc, St) when is_tuple(Tuple) ->
    {List, Acc1} = pattern(tuple_to_list(Tuple), Acc, St),
    {list_to_tuple(List), Acc1};
pattern(Other, Acc, _) ->
    {Other, Acc}.

field_pattern({record_field, _, Field, Value}, Name, Anno, Acc, St) ->
    {V, Acc1} = pattern(Value, Acc, St),
    {{field_name(Field, Name, Anno, head), V}, Acc1};
field_pattern(_, Name, Anno, _, _) ->
    fail(Anno, {bad_record, head, Name}).

field_name({atom, _, Field}, _, _, _) -> Field;
field_name({var, _, '_'}, _, _, _) -> {default};
field_name(_, Name, Anno, Part) -> fail(Anno, {bad_record, Part, Name}).

%% The elements of a record as a tuple: its name, and of each field what is
%% given, or the value for all others, or what Default says.
record(Name, Anno, Given, Default, #clause{part = Part, records = Records}) ->
    Fields = case Records of
                 #{Name := Fs} -> Fs;
                 #{} -> fail(Anno, {bad_record, Part, Name})
             end,
    check_fields(lists:reverse(Given), Fields, Name, Anno, Part),
    Rest = case lists:keyfind({default}, 1, Given) of
               {_, Value} -> fun(_) -> Value end;
               false -> Default
           end,
    [{atom, Anno, Name}
     | [case lists:keyfind(F, 1, Given) of
            {_, V} -> V;
            false -> Rest(Field)
        end || {F, _, _} = Field <- Fields]].

check_fields([{Key, _} | Given], Fields, Name, Anno, Part) ->
    lists:keymember(Key, 1, Given)
        andalso fail(Anno, {field_twice, Part, Name, shown(Key)}),
    Key =:= {default} orelse lists:keymember(Key, 1, Fields)
        orelse fail(Anno, {bad_field, Part, Name, Key}),
    check_fields(Given, Fields, Name, Anno, Part);
check_fields([], _, _, _, _) ->
    ok.

shown({default}) -> '_';
shown(Key) -> Key.

%% Guards and bodies.

%% At the top of a guard the old names of type tests are known.
old_test({call, A, {atom, B, Name}, Args} = Test) ->
    case erl_internal:old_type_test(Name, length(Args)) of
        true ->
            New = list_to_atom("is_" ++ atom_to_list(Name)),
            {call, A, {atom, B, New}, Args};
        false ->
            Test
    end;
old_test(Test) ->
    Test.

term({match, Anno, _, _}, C) ->
    fail(Anno, {match, C#clause.part});
term(Op, C) when element(1, Op) =:= op ->
    case erl_eval:partial_eval(Op) of
        Op ->
            [op, Anno, Name | Args] = tuple_to_list(Op),
            {tuple, Anno, [{atom, Anno, Name} | [term(A, C) || A <- Args]]};
        Literal ->
            Literal
    end;
term({call, Anno, Function, Args}, C) ->
    call(Function, Args, Anno, C);
term({cons, Anno, H, T}, C) ->
    {cons, Anno, term(H, C), term(T, C)};
term({tuple, Anno, Es}, C) ->
    {tuple, Anno, [{tuple, Anno, [term(E, C) || E <- Es]}]};
term({atom, Anno, Atom} = Form, _) ->
    case atom_to_list(Atom) of
        [$$ | _] -> {tuple, Anno, [{atom, Anno, const}, Form]};
        _ -> Form
    end;
term({var, Anno, Name} = Var, #clause{variables = Variables}) ->
    case Variables of
        #{Name := Atom} -> {atom, Anno, Atom};
        #{} -> {tuple, Anno, [{atom, Anno, const}, Var]}
    end;
term({record_field, Anno, Expr, Name, {atom, _, Field}}, C) ->
    Position = position(Name, Field, Anno, Anno, C),
    {tuple, Anno, [{atom, Anno, element}, {integer, Anno, Position},
                   term(Expr, C)]};
term({record_index, Anno, Name, {atom, FieldAnno, Field}}, C) ->
    {integer, FieldAnno, position(Name, Field, Anno, FieldAnno, C)};
term({record, Anno, Name, Fields}, C) ->
    Default = fun({_, _, Form}) -> Form end,
    Elements = record(Name, Anno, given(Fields, Name, Anno, C), Default, C),
    {tuple, Anno, [{tuple, Anno, Elements}]};
term({record, Anno, {var, A, _} = Var, Name, Fields}, C) ->
    Old = term(Var, C),
    Default = fun({_, Position, _}) ->
                      {tuple, A, [{atom, A, element}, {integer, A, Position},
                                  Old]}
              end,
    Elements = record(Name, Anno, given(Fields, Name, Anno, C), Default, C),
    {tuple, Anno, [{tuple, Anno, Elements}]};
term({bin, Anno, Fields}, C) ->
    {bin, Anno, [bit_field(F, C) || F <- Fields]};
term({map, Anno, Fields}, C) ->
    {map, Anno, [{map_field_assoc, A, term(K, C), term(V, C)}
                 || {map_field_assoc, A, K, V} <- Fields]};
term({Tag, _, _} = Literal, _) when Tag =:= integer; Tag =:= char;
                                    Tag =:= float; Tag =:= string ->
    Literal;
term({nil, _} = Nil, _) ->
    Nil;
term(Other, C) when is_tuple(Other), tuple_size(Other) >= 2 ->
    fail(element(2, Other),
         {element, C#clause.part, element_name(element(1, Other))}).

given(Fields, Name, Anno, C) ->
    [case F of
         {record_field, _, Field, Value} ->
             {field_name(Field, Name, Anno, C#clause.part), term(Value, C)};
         _ ->
             fail(Anno, {bad_record, C#clause.part, Name})
     end || F <- Fields].

position(Name, Field, Anno, FieldAnno, #clause{part = Part, records = Rs}) ->
    case Rs of
        #{Name := Fields} ->
            case lists:keyfind(Field, 1, Fields) of
                {_, Position, _} -> Position;
                false -> fail(FieldAnno, {bad_field, Part, Name, Field})
            end;
        #{} ->
            fail(Anno, {bad_record, Part, Name})
    end.

bit_field({bin_element, _, {var, Anno, Name}, _, _} = Field, C) ->
    is_map_key(Name, C#clause.variables)
        andalso fail(Anno, {bit_construction, C#clause.part, Name}),
    Field;
bit_field({bin_element, Anno, Value, default, Types}, C) ->
    {bin_element, Anno, term(Value, C), default, Types};
bit_field({bin_element, Anno, Value, Size, Types}, C) ->
    {bin_element, Anno, term(Value, C), term(Size, C), Types}.

call({atom, Anno, bindings}, [], _, _) -> {atom, Anno, '$*'};
call({atom, Anno, object}, [], _, _) -> {atom, Anno, '$_'};
call({atom, _, is_record} = Function, [Expr, {atom, A, Name} = Record], Anno,
     #clause{part = Part, records = Records} = C) ->
    case Records of
        #{Name := Fields} ->
            {tuple, Anno, [Function, term(Expr, C), Record,
                           {integer, A, length(Fields) + 1}]};
        #{} ->
            fail(A, {bad_record, Part, Name})
    end;
call({atom, _, Name} = Function, Args, Anno, #clause{part = Part} = C) ->
    Arity = length(Args),
    case is_guard(Name, Arity) orelse Name =:= get_tcw andalso Arity =:= 0
        orelse Part =:= body andalso is_action(Name, Arity) of
        true -> {tuple, Anno, [Function | [term(A, C) || A <- Args]]};
        false -> fail(Anno, {local_call, Part, Name, Arity})
    end;
call({remote, _, {atom, _, erlang}, {atom, A, Name} = Function}, Args, Anno,
     #clause{part = Part} = C) ->
    Arity = length(Args),
    case {is_operator(Name, Arity), is_guard(Name, Arity)} of
        {true, _} -> term(list_to_tuple([op, A, Name | Args]), C);
        {_, true} -> call(Function, Args, Anno, C);
        _ -> fail(Anno, {remote_call, Part, erlang, Name, Arity})
    end;
call({remote, _, {atom, _, Module}, {atom, _, Name}}, Args, Anno, C) ->
    fail(Anno, {remote_call, C#clause.part, Module, Name, length(Args)});
call(_, _, Anno, C) ->
    fail(Anno, {element, C#clause.part, "call"}).

is_operator(Name, 2) when Name =:= 'andalso'; Name =:= 'orelse' -> true;
is_operator(Name, Arity) ->
    erl_internal:arith_op(Name, Arity) orelse erl_internal:bool_op(Name, Arity)
        orelse erl_internal:comp_op(Name, Arity).

%% Functions of guards that specifications know.
is_guard(is_seq_trace, 0) -> true;
is_guard(is_record, Arity) -> Arity =:= 2;
is_guard(is_function, Arity) -> Arity =:= 1;
is_guard(Name, Arity) ->
    erl_internal:guard_bif(Name, Arity)
        andalso not lists:member(Name, [is_bitstring, is_boolean, ceil, floor,
                                        tuple_size]).

is_action(Name, 0) ->
    lists:member(Name, [get_seq_token, return_trace, exception_trace,
                        process_dump, caller]);
is_action(Name, 1) ->
    lists:member(Name, [message, enable_trace, disable_trace, display,
                        set_tcw, silent]);
is_action(Name, 2) ->
    lists:member(Name, [set_seq_token, enable_trace, disable_trace, trace]);
is_action(Name, Arity) ->
    Name =:= trace andalso Arity =:= 3.

element_name(lc) -> "list comprehension";
element_name(bc) -> "binary comprehension";
element_name(block) -> "begin/end block";
element_name(remote) -> "external function call";
element_name(match) -> "match (=)";
element_name(Tag) -> atom_to_list(Tag).

%% Texts.

-spec format_error(term()) -> string().
format_error(Reason) ->
    lists:flatten(text(Reason)).

text({?SHADOWED, Name}) ->
    io_lib:format("variable ~p shadowed in ms_transform fun head", [Name]);
text(no_fun) ->
    "Parameter of ets/dbg:fun2ms/1 is not a literal fun";
text({bad_head, ets}) ->
    "ets:fun2ms requires fun with single variable or tuple parameter";
text({bad_head, dbg}) ->
    "dbg:fun2ms requires fun with single variable or list parameter";
text(head_match) ->
    "in fun head, only matching (=) on toplevel can be translated into "
        "match_spec";
text({match, guard}) ->
    "fun with guard matching ('=' in guard) is illegal as match_spec as well";
text({match, body}) ->
    "fun with body matching ('=' in body) is illegal as match_spec";
text({local_call, Part, Name, Arity}) ->
    io_lib:format("fun containing the local function call '~tw/~w' (called in "
                  "~w) cannot be translated into match_spec",
                  [Name, Arity, Part]);
text({remote_call, Part, Module, Name, Arity}) ->
    io_lib:format("fun containing the remote function call '~w:~tw/~w' "
                  "(called in ~w) cannot be translated into match_spec",
                  [Module, Name, Arity, Part]);
text({element, Part, Name}) ->
    io_lib:format("the language element ~ts (in ~w) cannot be translated into "
                  "match_spec", [Name, Part]);
text({bit_construction, Part, Name}) ->
    io_lib:format("bit syntax construction with variable ~w (in ~w) cannot be "
                  "translated into match_spec", [Name, Part]);
text({bit_match, Name}) ->
    io_lib:format("fun head contains bit syntax matching of variable ~w, which "
                  "cannot be translated into match_spec", [Name]);
text({dollar_atom, Atom}) ->
    io_lib:format("fun head contains atom ~w, which conflics with reserved "
                  "atoms in match_spec heads", [Atom]);
text({unbound_variable, Name}) ->
    io_lib:format("the variable ~s is unbound, cannot translate into "
                  "match_spec", [Name]);
text({bad_record, Part, Name}) ->
    io_lib:format("fun ~w contains unknown record type ~tw", [Part, Name]);
text({bad_field, Part, Name, Field}) ->
    io_lib:format("fun ~w contains reference to unknown field ~tw in record "
                  "type ~tw", [Part, Field, Name]);
text({field_twice, Part, Name, Field}) ->
    io_lib:format("fun ~w contains already defined field ~tw in record type "
                  "~tw", [Part, Field, Name]);
text(Reason) ->
    io_lib:format("Unknown error code ~tw", [Reason]).
