%% SPDX-License-Identifier: Apache-2.0
%% Parses the tokens of an XPath expression, by recursive descent; operators
%% by their precedence, weakest first: or, and, = !=, < > <= >=, + -, * div
%% mod, the sign, and |.
-module(xmerl_xpath_parse).
-export([parse/1]).

parse(Tokens) ->
    try expression(Tokens, levels()) of
        {Expr, [{'$end', _, _}]} -> {ok, Expr};
        {_, Rest} -> error_at(Rest)
    catch throw:{bad, Rest} -> error_at(Rest)
    end.

error_at([{_, Line, Value} | _]) ->
    {error, {Line, xmerl_xpath_parse,
             ["syntax error before: ", io_lib:format("~tp", [Value])]}}.

levels() ->
    [{bool, ['or']}, {bool, ['and']}, {comp, ['=', '!=']},
     {comp, ['<', '>', '<=', '>=']}, {arith, ['+', '-']},
     {arith, ['*', 'div', mod]}].

%% All operators are left associative.
expression(Ts, []) -> unary(Ts);
expression(Ts, [Level | Levels]) ->
    {Left, Rest} = expression(Ts, Levels),
    operators(Left, Rest, Level, Levels).

operators(Left, [{Op, _, _} | Ts] = All, {Tag, Ops} = Level, Levels) ->
    case lists:member(Op, Ops) of
        true ->
            {Right, Rest} = expression(Ts, Levels),
            operators({Tag, Op, Left, Right}, Rest, Level, Levels);
        false -> {Left, All}
    end.

unary([{'-', _, _} | Ts]) ->
    {Expr, Rest} = unary(Ts),
    {{negative, Expr}, Rest};
unary(Ts) ->
    {Path, Rest} = path(Ts),
    union(Path, Rest).

union(Left, [{'|', _, _} | Ts]) ->
    {Right, Rest} = path(Ts),
    union({path, union, {Left, Right}}, Rest);
union(Left, Ts) -> {Left, Ts}.

%% A location path, or a filter, from which a path may go on.
path([{Category, _, _} | _] = Ts)
  when Category =:= var_reference; Category =:= literal;
       Category =:= number; Category =:= '('; Category =:= function_name ->
    {Primary, Rest} = primary(Ts),
    case filters(Primary, Rest) of
        {Filter, [{'/', _, _} | Rest1]} ->
            {Relative, Rest2} = relative(Rest1),
            {{refine, Filter, Relative}, Rest2};
        Filtered -> Filtered
    end;
path([{'/', _, _} | Ts]) ->
    case starts_step(hd(Ts)) of
        true ->
            {Relative, Rest} = relative(Ts),
            {{path, abs, Relative}, Rest};
        false -> {{path, abs, '/'}, Ts}
    end;
path(Ts) ->
    {Relative, Rest} = relative(Ts),
    {{path, rel, Relative}, Rest}.

filters(Expr, [{'[', _, _} | _] = Ts) ->
    {Predicate, Rest} = predicate(Ts),
    filters({path, filter, {Expr, Predicate}}, Rest);
filters(Expr, Ts) -> {Expr, Ts}.

primary([{var_reference, _, Name} | Ts]) -> {{variable_reference, Name}, Ts};
primary([{literal, _, Text} | Ts]) -> {{literal, Text}, Ts};
primary([{number, _, N} | Ts]) -> {{number, N}, Ts};
primary([{'(', _, _} | Ts]) ->
    {Expr, Rest} = expression(Ts, levels()),
    {Expr, expect(')', Rest)};
primary([{function_name, _, F}, {'(', _, _}, {')', _, _} | Ts]) ->
    {{function_call, F, []}, Ts};
primary([{function_name, _, F}, {'(', _, _} | Ts]) ->
    {Args, Rest} = arguments(Ts),
    {{function_call, F, Args}, Rest}.

arguments(Ts) ->
    case expression(Ts, levels()) of
        {Arg, [{',', _, _} | Rest]} ->
            {Args, Rest1} = arguments(Rest),
            {[Arg | Args], Rest1};
        {Arg, Rest} -> {[Arg], expect(')', Rest)}
    end.

relative(Ts) ->
    {Step, Rest} = step(Ts),
    steps(Step, Rest).

steps(Path, [{'/', _, _} | Ts]) ->
    {Step, Rest} = step(Ts),
    steps({refine, Path, Step}, Rest);
steps(Path, Ts) -> {Path, Ts}.

starts_step({Category, _, _}) ->
    lists:member(Category, [axis, name, wildcard, prefix_test, node_type,
                            'processing-instruction']).

step([{axis, _, Axis}, {'::', _, _} | Ts]) -> step(Axis, Ts);
step(Ts) -> step(child, Ts).

step(Axis, Ts) ->
    {Test, Rest} = node_test(Ts),
    {Predicates, Rest1} = predicates(Rest),
    {{step, {Axis, Test, Predicates}}, Rest1}.

node_test([{wildcard, _, V} | Ts]) -> {{wildcard, V}, Ts};
node_test([{prefix_test, _, V} | Ts]) -> {{prefix_test, V}, Ts};
node_test([{name, _, V} | Ts]) -> {{name, V}, Ts};
node_test([{node_type, _, V} | Ts]) ->
    {{node_type, V}, expect(')', expect('(', Ts))};
node_test([{'processing-instruction', _, V} | Ts]) ->
    case expect('(', Ts) of
        [{literal, _, Name} | Rest] ->
            {{processing_instruction, Name}, expect(')', Rest)};
        Rest -> {{node_type, V}, expect(')', Rest)}
    end;
node_test(Ts) -> throw({bad, Ts}).

predicates([{'[', _, _} | _] = Ts) ->
    {Predicate, Rest} = predicate(Ts),
    {Predicates, Rest1} = predicates(Rest),
    {[Predicate | Predicates], Rest1};
predicates(Ts) -> {[], Ts}.

predicate([{'[', _, _} | Ts]) ->
    {Expr, Rest} = expression(Ts, levels()),
    {{pred, Expr}, expect(']', Rest)}.

expect(Category, [{Category, _, _} | Ts]) -> Ts;
expect(_, Ts) -> throw({bad, Ts}).
