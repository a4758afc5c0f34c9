%% SPDX-License-Identifier: Apache-2.0
%% The evaluator of expressions in the Abstract Format.
%%
%% eval/4 walks an expression. Its last argument says what is wanted: both
%% {value, Value, Bindings}, or in the body of a fun only the value, so that
%% the last call of a fun is a tail call. What is the same all the way down
%% (the handlers of functions) is in a record.
-module(erl_eval).

-export([exprs/2, exprs/3, exprs/4, exprs/5, expr/2, expr/3, expr/4, expr/5,
         expr_list/2, expr_list/3, expr_list/4]).
-export([new_bindings/0, bindings/1, binding/2, add_binding/3, del_binding/2]).
-export([extended_parse_exprs/1, extended_parse_term/1]).
-export([is_constant_expr/1, partial_eval/1, eval_str/1]).
-export([match_clause/4, check_command/2, fun_data/1]).
-export([make_part/3, part_local/3, no_clause/1]). % for compiled parts

-include("erl_eval.hrl").

-export_type([binding_struct/0]).

-type binding_struct() :: orddict:orddict() | map().

-record(env, {local = none, outer = none}).
%% What a fun made here carries; the only variable in its environment.
%% code is of compiled funs {Module, Function, Token, IsPure, More}: the
%% function takes the arguments, the fun itself, and More.
-record(info, {bindings, env, clauses, name, code = none}).

%% The documented functions.

exprs(Exprs, Bs) ->
    case check_command(Exprs, Bs) of
        ok -> exprs(Exprs, Bs, none, none, none);
        {error, {_, _, Reason}} -> error(Reason)
    end.

exprs(Exprs, Bs, Local) ->
    exprs(Exprs, Bs, Local, none, none).

exprs(Exprs, Bs, Local, Outer) ->
    exprs(Exprs, Bs, Local, Outer, none).

exprs(Exprs, Bs, Local, Outer, Return) ->
    body(Exprs, Bs, #env{local = Local, outer = Outer}, Return).

expr(Expr, Bs) ->
    case check_command([Expr], Bs) of
        ok -> expr(Expr, Bs, none, none, none);
        {error, {_, _, Reason}} -> error(Reason)
    end.

expr(Expr, Bs, Local) ->
    expr(Expr, Bs, Local, none, none).

expr(Expr, Bs, Local, Outer) ->
    expr(Expr, Bs, Local, Outer, none).

expr(Expr, Bs, Local, Outer, Return) ->
    eval(Expr, Bs, #env{local = Local, outer = Outer}, Return).

expr_list(Exprs, Bs) ->
    expr_list(Exprs, Bs, none, none).

expr_list(Exprs, Bs, Local) ->
    expr_list(Exprs, Bs, Local, none).

expr_list(Exprs, Bs, Local, Outer) ->
    list(Exprs, Bs, #env{local = Local, outer = Outer}).

check_command(Exprs, Bs) ->
    Options = [bitlevel_binaries, binary_comprehension],
    case erl_lint:exprs_opt(Exprs, bindings(Bs), Options) of
        {ok, _} -> ok;
        {error, [{_, [Error | _]}], _} -> {error, Error}
    end.

%% What a fun made here consists of; false of other terms.
fun_data(Fun) when is_function(Fun) ->
    case info(Fun) of
        #info{bindings = Bs, name = none, clauses = Cs} ->
            {fun_data, Bs, Cs};
        #info{bindings = Bs, name = Name, clauses = Cs} ->
            {named_fun_data, Bs, Name, Cs};
        none ->
            false
    end;
fun_data(_) ->
    false.

info(Fun) ->
    case erlang:fun_info(Fun, module) of
        {module, ?MODULE} ->
            case erlang:fun_info(Fun, env) of
                {env, [#info{} = Info]} -> Info;
                _ -> none
            end;
        _ ->
            none
    end.

%% Bindings: an ordered list of pairs, or a map.

-spec new_bindings() -> binding_struct().
new_bindings() -> [].

bindings(Bs) when is_map(Bs) -> maps:to_list(Bs);
bindings(Bs) -> Bs.

binding(Name, Bs) when is_map(Bs) ->
    case Bs of
        #{Name := Value} -> {value, Value};
        #{} -> unbound
    end;
binding(Name, Bs) ->
    case lists:keyfind(Name, 1, Bs) of
        {_, Value} -> {value, Value};
        false -> unbound
    end.

add_binding(Name, Value, Bs) when is_map(Bs) -> Bs#{Name => Value};
add_binding(Name, Value, Bs) -> orddict:store(Name, Value, Bs).

del_binding(Name, Bs) when is_map(Bs) -> maps:remove(Name, Bs);
del_binding(Name, Bs) -> orddict:erase(Name, Bs).

none_of(Bs) when is_map(Bs) -> #{};
none_of(_) -> [].

%% Those of New hide those of Old.
shadow(New, Old) when is_map(New), is_map(Old) -> maps:merge(Old, New);
shadow(New, Old) -> lists:ukeymerge(1, bindings(New), bindings(Old)).

%% The bindings of two expressions that do not see each other.
merge(New, Old, Anno, Env) when is_map(New), is_map(Old) ->
    maps:merge_with(fun(_, V, V) -> V;
                       (_, _, V) -> fail({badmatch, V}, Anno, Env)
                    end, Old, New);
merge(Same, Same, _, _) ->
    Same;
merge(New, Old, Anno, Env) ->
    lists:foldl(fun({Name, Value}, Bs) ->
                        case binding(Name, Bs) of
                            unbound -> add_binding(Name, Value, Bs);
                            {value, Value} -> Bs;
                            {value, Other} -> fail({badmatch, Other}, Anno, Env)
                        end
                end, Old, New).

%% Expressions.

return(Value, Bs, none) -> {value, Value, Bs};
return(Value, _, value) -> Value;
return(Value, _, Bs) when is_list(Bs); is_map(Bs) -> {value, Value, Bs}.

%% The trace begins with the evaluator itself, under its old name.
fail(Reason, Anno, Env) ->
    {current_stacktrace, [{_, _, _, Place} | Stack]} =
        process_info(self(), current_stacktrace),
    fail(Reason, [{?MODULE, expr, 6, Place} | Stack], Anno, Env).

%% With the call of a function that is not there, or that no clause is for.
fail_call(Reason, Name, Args, Anno, Env) ->
    {current_stacktrace, [_ | Stack]} =
        process_info(self(), current_stacktrace),
    fail(Reason, [{?MODULE, Name, Args, []} | Stack], Anno, Env).

%% No clause of a fun is for [Args].
fail_fun(Args, Env) ->
    {current_stacktrace, [{_, _, _, Place} | Stack]} =
        process_info(self(), current_stacktrace),
    fail(function_clause,
         [{?MODULE, '-inside-an-interpreted-fun-', Args, []},
          {?MODULE, eval_fun, 8, Place} | Stack], erl_anno:new(0), Env).

%% Errors go through the handler of functions, as calls do.
fail(Reason, Stack, Anno, Env) ->
    do_apply(erlang, raise, [error, Reason, Stack], Anno, [], Env, value).

body([Expr], Bs, Env, Return) ->
    eval(Expr, Bs, Env, Return);
body([Expr | Exprs], Bs0, Env, Return) ->
    {value, _, Bs} = eval(Expr, Bs0, Env, none),
    body(Exprs, Bs, Env, Return).

%% Values of expressions that do not see each other's variables.
list(Exprs, Bs, Env) ->
    list(Exprs, Bs, Bs, Env, []).

list([Expr | Exprs], Bs0, Bs, Env, Values) ->
    {value, Value, Bs1} = eval(Expr, Bs0, Env, none),
    list(Exprs, Bs0, merge(Bs1, Bs, element(2, Expr), Env), Env,
         [Value | Values]);
list([], _, Bs, _, Values) ->
    {lists:reverse(Values), Bs}.

eval({var, Anno, Name}, Bs, Env, Return) ->
    case binding(Name, Bs) of
        {value, Value} -> return(Value, Bs, Return);
        unbound -> fail({unbound, Name}, Anno, Env)
    end;
eval({Tag, _, Value}, Bs, _, Return)
  when Tag =:= atom; Tag =:= integer; Tag =:= string; Tag =:= char;
       Tag =:= float ->
    return(Value, Bs, Return);
eval({nil, _}, Bs, _, Return) ->
    return([], Bs, Return);
eval({cons, _, Head, Tail}, Bs0, Env, Return) ->
    {[H, T], Bs} = list([Head, Tail], Bs0, Env),
    return([H | T], Bs, Return);
eval({tuple, _, Exprs}, Bs0, Env, Return) ->
    {Values, Bs} = list(Exprs, Bs0, Env),
    return(list_to_tuple(Values), Bs, Return);
eval({map, _, Fields}, Bs0, Env, Return) ->
    {Map, Bs} = map_fields(Fields, #{}, Bs0, Env),
    return(Map, Bs, Return);
eval({map, Anno, Expr, Fields}, Bs0, Env, Return) ->
    {value, Map0, Bs1} = eval(Expr, Bs0, Env, none),
    {Map, Bs2} = map_fields(Fields, Map0, Bs0, Env),
    return(Map, merge(Bs2, Bs1, Anno, Env), Return);
eval({bin, _, Fields}, Bs0, Env, Return) ->
    Eval = expr(evaluator, Env, [], [], [], []),
    {value, Bin, Bs} = eval_bits:expr_grp(Fields, Bs0, Eval, error_fun(Env)),
    return(Bin, Bs, Return);
eval({lc, _, Expr, Qs}, Bs, Env, Return) ->
    eval_lc(Expr, Qs, Bs, Env, Return);
eval({bc, _, Expr, Qs}, Bs, Env, Return) ->
    eval_bc(Expr, Qs, Bs, Env, Return);
eval({mc, _, {map_field_assoc, _, Key, Value}, Qs}, Bs, Env, Return) ->
    Add = fun(Bs1, Map) ->
                  {value, K, _} = eval(Key, Bs1, Env, none),
                  {value, V, _} = eval(Value, Bs1, Env, none),
                  Map#{K => V}
          end,
    return(generate(Qs, Bs, Env, Add, #{}), Bs, Return);
eval({block, _, Exprs}, Bs, Env, Return) ->
    body(Exprs, Bs, Env, Return);
eval({'if', Anno, Clauses}, Bs, Env, Return) ->
    case select(Clauses, [], Bs, Env) of
        {Body, Bs1} -> body(Body, Bs1, Env, Return);
        nomatch -> fail(if_clause, Anno, Env)
    end;
eval({'case', Anno, Expr, Clauses}, Bs0, Env, Return) ->
    {value, Value, Bs} = eval(Expr, Bs0, Env, none),
    case select(Clauses, [Value], Bs, Env) of
        {Body, Bs1} -> body(Body, Bs1, Env, Return);
        nomatch -> fail({case_clause, Value}, Anno, Env)
    end;
eval({'try', Anno, Body, Clauses, Catches, After}, Bs, Env, Return) ->
    try_body({Body, Clauses, Catches, After}, Anno, Bs, Env, Return);
eval({'receive', _, Clauses}, Bs, Env, Return) ->
    receive_body(Clauses, infinity, [], Bs, Bs, Env, Return);
eval({'receive', _, Clauses, Time, After}, Bs0, Env, Return) ->
    {value, Timeout, Bs} = eval(Time, Bs0, Env, none),
    receive_body(Clauses, Timeout, After, Bs, Bs0, Env, Return);
eval({'catch', _, Expr}, Bs0, Env, Return) ->
    {Value, Bs} = catch_value(Expr, Bs0, Env),
    return(Value, Bs, Return);
eval({match, Anno, Pattern, Expr}, Bs0, Env, Return) ->
    {value, Value, Bs} = eval(Expr, Bs0, Env, none),
    case match(Pattern, Value, Anno, Bs, Bs, Env) of
        {match, Bs1} -> return(Value, Bs1, Return);
        nomatch -> fail({badmatch, Value}, Anno, Env)
    end;
eval({'maybe', _, Exprs}, Bs, Env, Return) ->
    {_, Value} = maybe_body(Exprs, Bs, Env),
    return(Value, Bs, Return);
eval({'maybe', Anno, Exprs, {'else', _, Clauses}}, Bs, Env, Return) ->
    case maybe_body(Exprs, Bs, Env) of
        {matched, Value} -> return(Value, Bs, Return);
        {unmatched, Value} ->
            case select(Clauses, [Value], Bs, Env) of
                {Body, Bs1} -> body(Body, Bs1, Env, Return);
                nomatch -> fail({else_clause, Value}, Anno, Env)
            end
    end;
eval({op, Anno, Op, Left, Right}, Bs0, Env, Return)
  when Op =:= 'andalso'; Op =:= 'orelse' ->
    {value, Value, Bs} = eval(Left, Bs0, Env, none),
    return(short_circuit(Op, Value, Right, Anno, Bs, Env), Bs, Return);
eval({op, Anno, Op, Left, Right}, Bs0, Env, Return) ->
    {value, L, Bs1} = eval(Left, Bs0, Env, none),
    {value, R, Bs2} = eval(Right, Bs0, Env, none),
    do_apply(erlang, Op, [L, R], Anno, merge(Bs2, Bs1, Anno, Env), Env, Return);
eval({op, Anno, Op, Expr}, Bs0, Env, Return) ->
    {value, Value, Bs} = eval(Expr, Bs0, Env, none),
    do_apply(erlang, Op, [Value], Anno, Bs, Env, Return);
eval({call, Anno, Function, Args}, Bs, Env, Return) ->
    call(Function, Args, Anno, Bs, Env, Return);
eval({'fun', _, {function, Module, Name, Arity}}, Bs0, Env, Return) ->
    {[M, F, A], Bs} = list([Module, Name, Arity], Bs0, Env),
    return(erlang:make_fun(M, F, A), Bs, Return);
eval({'fun', Anno, {function, Name, Arity}}, _, Env, _) ->
    fail_call(undef, Name, Arity, Anno, Env);
eval({'fun', Anno, {clauses, Clauses}}, Bs, Env, Return) ->
    return(new_fun(none, Clauses, Anno, Bs, Env), Bs, Return);
eval({named_fun, Anno, Name, Clauses}, Bs, Env, Return) ->
    return(new_fun(Name, Clauses, Anno, Bs, Env), Bs, Return);
eval({record_field, Anno, _, Name, _}, _, Env, _) ->
    fail({undef_record, Name}, Anno, Env);
eval({record_index, Anno, Name, _}, _, Env, _) ->
    fail({undef_record, Name}, Anno, Env);
eval({record, Anno, Name, _}, _, Env, _) ->
    fail({undef_record, Name}, Anno, Env);
eval({record, Anno, _, Name, _}, _, Env, _) ->
    fail({undef_record, Name}, Anno, Env);
eval({remote, Anno, _, _}, _, Env, _) ->
    fail({badexpr, ':'}, Anno, Env);
eval({value, _, Value}, Bs, _, Return) ->
    return(Value, Bs, Return);
eval({compiled, _, _, I, Region0}, Bs, Env, Return) ->
    Region = Region0#region{env = Env},
    #part{free = Names, arity = Arity} = Part = part(I, Region),
    Values = [begin {value, V} = binding(Name, Bs), V end || Name <- Names],
    case Arity of
        none -> return(run_part(Part, Values, Region, Bs), Bs, Return);
        _ -> return(make_part(I, Values, Region), Bs, Return)
    end.

error_fun(Env) -> expr(failer, Env, [], [], [], []).

%% All keys and values are known before the map is changed.
map_fields(Fields, Map, Bs0, Env) ->
    {Pairs, Bs} = field_values(Fields, Bs0, Env, []),
    is_map(Map) orelse maps:put(k, v, Map),
    {lists:foldl(fun '-expr/6-fun-0-'/2, Map, Pairs), Bs}.

field_values([{Kind, _, Key, Value} | Fields], Bs, Env, Pairs) ->
    {value, K, Bs1} = eval(Key, Bs, Env, none),
    {value, V, Bs2} = eval(Value, Bs1, Env, none),
    field_values(Fields, Bs2, Env, [{Kind, K, V} | Pairs]);
field_values([], Bs, _, Pairs) -> {lists:reverse(Pairs), Bs}.

%% The name is printed when a key is missing.
'-expr/6-fun-0-'({map_field_assoc, K, V}, Map) -> maps:put(K, V, Map);
'-expr/6-fun-0-'({map_field_exact, K, V}, Map) -> maps:update(K, V, Map).

short_circuit('andalso', true, Right, _, Bs, Env) ->
    eval(Right, Bs, Env, value);
short_circuit('orelse', false, Right, _, Bs, Env) ->
    eval(Right, Bs, Env, value);
short_circuit(_, Value, _, _, _, _) when is_boolean(Value) -> Value;
short_circuit(_, Value, _, Anno, _, Env) ->
    {current_stacktrace, [_, {_, _, _, Place} | Stack]} =
        process_info(self(), current_stacktrace),
    fail({badarg, Value}, [{?MODULE, expr, 6, Place} | Stack], Anno, Env).

catch_value(Expr, Bs, Env) ->
    try eval(Expr, Bs, Env, none) of
        {value, Value, Bs1} -> {Value, Bs1}
    catch
        throw:Value -> {Value, Bs};
        exit:Reason -> {{'EXIT', Reason}, Bs};
        error:Reason:Stack -> {{'EXIT', {Reason, Stack}}, Bs}
    end.

maybe_body([{maybe_match, Anno, Pattern, Expr} | Exprs], Bs0, Env) ->
    {value, Value, Bs} = eval(Expr, Bs0, Env, none),
    case match(Pattern, Value, Anno, Bs, Bs, Env) of
        {match, _} when Exprs =:= [] -> {matched, Value};
        {match, Bs1} -> maybe_body(Exprs, Bs1, Env);
        nomatch -> {unmatched, Value}
    end;
maybe_body([Expr], Bs, Env) ->
    {matched, eval(Expr, Bs, Env, value)};
maybe_body([Expr | Exprs], Bs0, Env) ->
    {value, _, Bs} = eval(Expr, Bs0, Env, none),
    maybe_body(Exprs, Bs, Env).

try_body({Body, Clauses, Catches, After}, Anno, Bs, Env, Return) ->
    check_stack_variables(Catches, Anno, Bs, Env),
    try body(Body, Bs, Env, none) of
        {value, Value, Bs1} when Clauses =:= [] ->
            return(Value, Bs1, Return);
        {value, Value, Bs1} ->
            case select(Clauses, [Value], Bs1, Env) of
                {Body2, Bs2} -> body(Body2, Bs2, Env, Return);
                nomatch -> fail({try_clause, Value}, Anno, Env)
            end
    catch
        Class:Reason:Stack ->
            case select(Catches, [{Class, Reason, Stack}], Bs, Env) of
                {Body2, Bs2} -> body(Body2, Bs2, Env, Return);
                nomatch -> erlang:raise(Class, Reason, Stack)
            end
    after
        After =:= [] orelse body(After, Bs, Env, none)
    end.

check_stack_variables(Catches, Anno, Bs, Env) ->
    [case Stack of
         {var, _, Name} ->
             binding(Name, Bs) =:= unbound
                 orelse fail(stacktrace_bound, Anno, Env);
         _ ->
             fail({illegal_stacktrace_variable, Stack}, Anno, Env)
     end || {clause, _, [{tuple, _, [_, _, Stack]}], _, _} <- Catches].

receive_body(Clauses, Timeout, After, AfterBs, Bs, Env, Return) ->
    Select = fun(Message) -> select(Clauses, [Message], Bs, Env) end,
    case prim_eval:'receive'(Select, Timeout) of
        {Body, Bs1} -> body(Body, Bs1, Env, Return);
        timeout -> body(After, AfterBs, Env, Return)
    end.

%% Calls.

call({remote, _, {atom, _, qlc}, {atom, _, q}} = Function,
     [{lc, _, _, _} = Lc | Options], Anno, Bs, Env, Return)
  when length(Options) =< 1 ->
    case qlc:transform_from_evaluator(Lc, Bs) of
        {ok, {call, A, Remote, [Expr]}} ->
            call(Remote, [Expr | Options], A, Bs, Env, Return);
        {not_ok, Error} ->
            return(Error, Bs, Return);
        _ ->
            fail({badarg, Function}, Anno, Env)
    end;
call({remote, _, Module, Function}, Args, Anno, Bs0, Env, Return) ->
    {[M, F], Bs1} = list([Module, Function], Bs0, Env),
    {Values, Bs} = list(Args, Bs1, Env),
    case M =:= erlang andalso F =:= apply of
        true -> bif(apply, Values, Anno, Bs, Env, Return);
        false -> do_apply(M, F, Values, Anno, Bs, Env, Return)
    end;
call({atom, _, Name}, Args, Anno, Bs0, Env, Return) ->
    case erl_internal:bif(Name, length(Args)) of
        true ->
            {Values, Bs} = list(Args, Bs0, Env),
            bif(Name, Values, Anno, Bs, Env, Return);
        false ->
            local_call(Env#env.local, Name, Args, Anno, Bs0, Env, Return)
    end;
call(Function, Args, Anno, Bs0, Env, Return) ->
    {value, Fun, Bs1} = eval(Function, Bs0, Env, none),
    {Values, Bs} = list(Args, Bs1, Env),
    case Fun of
        {M, F} when is_atom(M), is_atom(F) -> fail({badfun, Fun}, Anno, Env);
        _ -> fun_call(Fun, Values, Anno, Bs, Env, Return)
    end.

bif(apply, [erlang, apply, Args], Anno, Bs, Env, Return) ->
    bif(apply, Args, Anno, Bs, Env, Return);
bif(apply, [M, F, Args], Anno, Bs, Env, Return) ->
    do_apply(M, F, Args, Anno, Bs, Env, Return);
bif(apply, [Fun, Args], Anno, Bs, Env, Return) ->
    fun_call(Fun, Args, Anno, Bs, Env, Return);
bif(Name, Args, Anno, Bs, Env, Return) ->
    do_apply(erlang, Name, Args, Anno, Bs, Env, Return).

%% A function of the module that is not there: the caller's handler knows.
local_call({value, Handler}, Name, Args, _, Bs0, Env, Return) ->
    {Values, Bs} = list(Args, Bs0, Env),
    case Return of
        value -> Handler(Name, Values);
        _ -> return(Handler(Name, Values), Bs, Return)
    end;
local_call({value, Handler, More}, Name, Args, _, Bs0, Env, Return) ->
    {Values, Bs} = list(Args, Bs0, Env),
    return(apply(Handler, [Name, Values | More]), Bs, Return);
local_call({eval, Handler}, Name, Args, Anno, Bs, Env, Return) ->
    local_answer(Handler(Name, Args, Bs), Anno, Env, Return);
local_call({eval, Handler, More}, Name, Args, Anno, Bs, Env, Return) ->
    local_answer(apply(Handler, [Name, Args, Bs | More]), Anno, Env, Return);
local_call({M, F}, Name, Args, _, Bs0, Env, Return) ->
    {Values, Bs} = list(Args, Bs0, Env),
    return(M:F(Name, Values), Bs, Return);
local_call({M, F, More}, Name, Args, Anno, _, Env, Return) ->
    local_answer(apply(M, F, [Name, Args | More]), Anno, Env, Return);
local_call(none, Name, Args, Anno, _, Env, _) ->
    fail_call(undef, Name, length(Args), Anno, Env).

local_answer({value, Value, Bs}, _, _, Return) ->
    return(Value, Bs, Return);
local_answer({eval, Fun, Args, Bs}, Anno, Env, Return) ->
    fun_call(Fun, Args, Anno, Bs, Env#env{outer = none}, Return).

do_apply(M, F, Args, _, _, #env{outer = none}, value) ->
    apply(M, F, Args);
do_apply(M, F, Args, _, Bs, #env{outer = none}, Return) ->
    return(apply(M, F, Args), Bs, Return);
do_apply(M, F, Args, Anno, _, #env{outer = {value, Handler}}, value) ->
    handle(Handler, Anno, {M, F}, Args);
do_apply(M, F, Args, Anno, Bs, #env{outer = {value, Handler}}, Return) ->
    return(handle(Handler, Anno, {M, F}, Args), Bs, Return).

handle(Handler, Anno, Function, Args) when is_function(Handler, 3) ->
    Handler(Anno, Function, Args);
handle(Handler, _, Function, Args) ->
    Handler(Function, Args).

%% Funs made here are entered without leaving the evaluator.
fun_call(Fun, Args, Anno, Bs, #env{outer = Outer} = Env, Return) ->
    case is_function(Fun) andalso info(Fun) of
        #info{} = Info when is_function(Fun, length(Args)) ->
            case Return of
                value -> run_fun(Args, Fun, Info);
                _ -> return(run_fun(Args, Fun, Info), Bs, Return)
            end;
        #info{} ->
            fail({badarity, {Fun, Args}}, Anno, Env);
        _ when Outer =:= none, Return =:= value ->
            apply(Fun, Args);
        _ when Outer =:= none ->
            return(apply(Fun, Args), Bs, Return);
        _ ->
            {value, Handler} = Outer,
            return(handle(Handler, Anno, Fun, Args), Bs, Return)
    end.

%% Funs.

new_fun(Name, [{clause, _, Head, _, _} | _] = Clauses, Anno, Bs, Env) ->
    Used = maps:from_keys(variables(Clauses, []), true),
    Info = #info{bindings = keep(Used, Bs), env = Env, clauses = Clauses,
                 name = Name},
    case length(Head) of
        Arity when Arity =< 20 ->
            make_fun(Arity, Info);
        _ ->
            Form = case Name of
                       none -> {'fun', location(Anno), plain(Clauses)};
                       _ -> {named_fun, location(Anno), Name, plain(Clauses)}
                   end,
            fail({argument_limit, Form}, Anno, Env)
    end.

location(Anno) ->
    erl_anno:location(Anno).

plain(Forms) ->
    [erl_parse:anno_to_term(F) || F <- Forms].

keep(Used, Bs) when is_map(Bs) -> maps:with(maps:keys(Used), Bs);
keep(Used, Bs) -> [B || {Name, _} = B <- Bs, is_map_key(Name, Used)].

variables({var, _, Name}, Names) -> [Name | Names];
variables(T, Names) when is_tuple(T) -> variables(tuple_to_list(T), Names);
variables([H | T], Names) -> variables(T, variables(H, Names));
variables(_, Names) -> Names.

%% The arguments of a fun of so many.
-define(A1, A1).
-define(A2, ?A1, A2).
-define(A3, ?A2, A3).
-define(A4, ?A3, A4).
-define(A5, ?A4, A5).
-define(A6, ?A5, A6).
-define(A7, ?A6, A7).
-define(A8, ?A7, A8).
-define(A9, ?A8, A9).
-define(A10, ?A9, A10).
-define(A11, ?A10, A11).
-define(A12, ?A11, A12).
-define(A13, ?A12, A13).
-define(A14, ?A13, A14).
-define(A15, ?A14, A15).
-define(A16, ?A15, A16).
-define(A17, ?A16, A17).
-define(A18, ?A17, A18).
-define(A19, ?A18, A19).
-define(A20, ?A19, A20).

%% A fun of so many arguments has to be written down somewhere. Function and
%% number of each are part of what users see: the process of a typed fun without
%% arguments began in erl_eval:'-expr/6-fun-2-'/0, says its report, wherever it
%% is read. So those two that the evaluator keeps to itself come first.
make_fun(Arity, #info{name = none} = I) -> expr(Arity, I, [], [], [], []);
make_fun(Arity, I) -> expr({named, Arity}, I, [], [], [], []).

expr(evaluator, Env, _, _, _, _) ->
    fun(E, Bs) -> eval(E, Bs, Env, none) end;
expr(failer, Env, _, _, _, _) ->
    fun(Anno, Reason, Stack) -> fail(Reason, Stack, Anno, Env) end;
expr(0, I, _, _, _, _) -> fun() -> call_fun([], none, I) end;
expr(1, I, _, _, _, _) -> fun(?A1) -> call_fun_1(?A1, none, I) end;
expr(2, I, _, _, _, _) -> fun(?A2) -> call_fun_2(?A2, none, I) end;
expr(3, I, _, _, _, _) -> fun(?A3) -> call_fun([?A3], none, I) end;
expr(4, I, _, _, _, _) -> fun(?A4) -> call_fun([?A4], none, I) end;
expr(5, I, _, _, _, _) -> fun(?A5) -> call_fun([?A5], none, I) end;
expr(6, I, _, _, _, _) -> fun(?A6) -> call_fun([?A6], none, I) end;
expr(7, I, _, _, _, _) -> fun(?A7) -> call_fun([?A7], none, I) end;
expr(8, I, _, _, _, _) -> fun(?A8) -> call_fun([?A8], none, I) end;
expr(9, I, _, _, _, _) -> fun(?A9) -> call_fun([?A9], none, I) end;
expr(10, I, _, _, _, _) -> fun(?A10) -> call_fun([?A10], none, I) end;
expr(11, I, _, _, _, _) -> fun(?A11) -> call_fun([?A11], none, I) end;
expr(12, I, _, _, _, _) -> fun(?A12) -> call_fun([?A12], none, I) end;
expr(13, I, _, _, _, _) -> fun(?A13) -> call_fun([?A13], none, I) end;
expr(14, I, _, _, _, _) -> fun(?A14) -> call_fun([?A14], none, I) end;
expr(15, I, _, _, _, _) -> fun(?A15) -> call_fun([?A15], none, I) end;
expr(16, I, _, _, _, _) -> fun(?A16) -> call_fun([?A16], none, I) end;
expr(17, I, _, _, _, _) -> fun(?A17) -> call_fun([?A17], none, I) end;
expr(18, I, _, _, _, _) -> fun(?A18) -> call_fun([?A18], none, I) end;
expr(19, I, _, _, _, _) -> fun(?A19) -> call_fun([?A19], none, I) end;
expr(20, I, _, _, _, _) -> fun(?A20) -> call_fun([?A20], none, I) end;
expr({named, 0}, I, _, _, _, _) ->
    fun RF() -> call_fun([], RF, I) end;
expr({named, 1}, I, _, _, _, _) ->
    fun RF(?A1) -> call_fun_1(?A1, RF, I) end;
expr({named, 2}, I, _, _, _, _) ->
    fun RF(?A2) -> call_fun_2(?A2, RF, I) end;
expr({named, 3}, I, _, _, _, _) ->
    fun RF(?A3) -> call_fun([?A3], RF, I) end;
expr({named, 4}, I, _, _, _, _) ->
    fun RF(?A4) -> call_fun([?A4], RF, I) end;
expr({named, 5}, I, _, _, _, _) ->
    fun RF(?A5) -> call_fun([?A5], RF, I) end;
expr({named, 6}, I, _, _, _, _) ->
    fun RF(?A6) -> call_fun([?A6], RF, I) end;
expr({named, 7}, I, _, _, _, _) ->
    fun RF(?A7) -> call_fun([?A7], RF, I) end;
expr({named, 8}, I, _, _, _, _) ->
    fun RF(?A8) -> call_fun([?A8], RF, I) end;
expr({named, 9}, I, _, _, _, _) ->
    fun RF(?A9) -> call_fun([?A9], RF, I) end;
expr({named, 10}, I, _, _, _, _) ->
    fun RF(?A10) -> call_fun([?A10], RF, I) end;
expr({named, 11}, I, _, _, _, _) ->
    fun RF(?A11) -> call_fun([?A11], RF, I) end;
expr({named, 12}, I, _, _, _, _) ->
    fun RF(?A12) -> call_fun([?A12], RF, I) end;
expr({named, 13}, I, _, _, _, _) ->
    fun RF(?A13) -> call_fun([?A13], RF, I) end;
expr({named, 14}, I, _, _, _, _) ->
    fun RF(?A14) -> call_fun([?A14], RF, I) end;
expr({named, 15}, I, _, _, _, _) ->
    fun RF(?A15) -> call_fun([?A15], RF, I) end;
expr({named, 16}, I, _, _, _, _) ->
    fun RF(?A16) -> call_fun([?A16], RF, I) end;
expr({named, 17}, I, _, _, _, _) ->
    fun RF(?A17) -> call_fun([?A17], RF, I) end;
expr({named, 18}, I, _, _, _, _) ->
    fun RF(?A18) -> call_fun([?A18], RF, I) end;
expr({named, 19}, I, _, _, _, _) ->
    fun RF(?A19) -> call_fun([?A19], RF, I) end;
expr({named, 20}, I, _, _, _, _) ->
    fun RF(?A20) -> call_fun([?A20], RF, I) end.

%% The code by Call, if it is still there; or the clauses.
-define(RUN(Call, Args),
        case merle_keep:is_token(Token) of
            true when Pure -> try Call catch _:_ -> interpret(Args, Info) end;
            true -> Call;
            false -> interpret(Args, Info)
        end).

%% Called from outside: no binding is wanted.
call_fun(Args, Fun, Info) ->
    run_fun(Args, Fun, Info).

run_fun(Args, _, #info{code = none} = Info) ->
    interpret(Args, Info);
run_fun(Args, Fun, #info{code = {Module, Name, Token, Pure, More}} = Info) ->
    ?RUN(apply(Module, Name, Args ++ [Fun | More]), Args).

%% The same for funs of one and two arguments with few free variables: no list
%% of arguments, and the call finds its function at once.
call_fun_1(A, Fun, #info{code = {M, F, Token, Pure, [R]}} = Info) ->
    ?RUN(M:F(A, Fun, R), [A]);
call_fun_1(A, Fun, #info{code = {M, F, Token, Pure, [V, R]}} = Info) ->
    ?RUN(M:F(A, Fun, V, R), [A]);
call_fun_1(A, Fun, #info{code = {M, F, Token, Pure, [V, W, R]}} = Info) ->
    ?RUN(M:F(A, Fun, V, W, R), [A]);
call_fun_1(A, Fun, Info) ->
    run_fun([A], Fun, Info).

call_fun_2(A, B, Fun, #info{code = {M, F, Token, Pure, [R]}} = Info) ->
    ?RUN(M:F(A, B, Fun, R), [A, B]);
call_fun_2(A, B, Fun, #info{code = {M, F, Token, Pure, [V, R]}} = Info) ->
    ?RUN(M:F(A, B, Fun, V, R), [A, B]);
call_fun_2(A, B, Fun, Info) ->
    run_fun([A, B], Fun, Info).

interpret(Args, #info{bindings = Bs0, env = Env, clauses = Clauses,
                      name = Name} = Info) ->
    Bs = case Name of
             none -> Bs0;
             _ -> add_binding(Name, interpreted(Info), Bs0)
         end,
    run_clauses(Clauses, Args, Bs, Env).

%% A fun that is run again after its code failed must not try the code at each
%% step of a recursion.
interpreted(#info{clauses = [{clause, _, Head, _, _} | _]} = Info) ->
    make_fun(length(Head), Info#info{code = none}).

run_clauses([{clause, Anno, Head, Guard, Body} | Clauses], Args, Bs, Env) ->
    case match_list(Head, Args, Anno, none_of(Bs), Bs, Env) of
        {match, New} ->
            Bs1 = shadow(New, Bs),
            case guard(Guard, Bs1, Env) of
                true -> body(Body, Bs1, Env, value);
                false -> run_clauses(Clauses, Args, Bs, Env)
            end;
        nomatch ->
            run_clauses(Clauses, Args, Bs, Env)
    end;
run_clauses([], Args, _, Env) -> fail_fun(Args, Env).

%% Compiled parts (see shell_compile).

part(I, #region{parts = Parts}) -> element(I, Parts).

run_part(#part{function = F, is_pure = true, form = Form}, Values,
         #region{module = M, env = Env} = Region, Bs) ->
    try apply(M, F, Values ++ [Region])
    catch _:_ -> eval(Form, Bs, Env, value)
    end;
run_part(#part{function = F}, Values, #region{module = M} = Region, _) ->
    apply(M, F, Values ++ [Region]).

%% The fun that is part [I], with the values of its free variables.
make_part(I, Values, #region{module = M, token = Token, env = Env} = Region) ->
    #part{name = Name, arity = Arity, free = Names, function = F,
          is_pure = Pure, form = Form} = part(I, Region),
    Info = #info{bindings = lists:zip(Names, Values), env = Env,
                 clauses = form_clauses(Form), name = Name,
                 code = {M, F, Token, Pure, Values ++ [Region]}},
    make_fun(Arity, Info).

form_clauses({'fun', _, {clauses, Clauses}}) -> Clauses;
form_clauses({named_fun, _, _, Clauses}) -> Clauses.

%% A local function that compiled code calls.
part_local(Name, Args, #region{env = Env}) ->
    Values = [{value, erl_anno:new(0), V} || V <- Args],
    local_call(Env#env.local, Name, Values, erl_anno:new(0), new_bindings(),
               Env, value).

-spec no_clause([term()]) -> no_return().
no_clause(Args) -> fail_fun(Args, #env{}).

%% Comprehensions: Add is called for every combination.

eval_lc(Expr, Qs, Bs, Env, Return) ->
    Add = fun(Bs1, Values) ->
                  {value, Value, _} = eval(Expr, Bs1, Env, none),
                  [Value | Values]
          end,
    Values = generate(Qs, Bs, Env, Add, []),
    return(lists:reverse(Values), Bs, Return).

eval_bc(Expr, Qs, Bs, Env, Return) ->
    Add = fun(Bs1, Bin) ->
                  {value, Value, _} = eval(Expr, Bs1, Env, none),
                  <<Bin/bitstring, Value/bitstring>>
          end,
    return(generate(Qs, Bs, Env, Add, <<>>), Bs, Return).

generate([Qualifier | Qs], Bs, Env, Add, Acc) ->
    Value = fun(E) -> {value, V, _} = eval(E, Bs, Env, none), V end,
    Fail = fun(Reason, Anno) -> fail(Reason, Anno, Env) end,
    case erl_eval_generators:open(Qualifier, Value, Fail) of
        filter ->
            case filter(Qualifier, Bs, Env) of
                {true, Bs1} -> generate(Qs, Bs1, Env, Add, Acc);
                {false, _} -> Acc
            end;
        Generator ->
            Calls = generator_calls(Bs, Env, Fail),
            each(Generator, Calls, Qs, Bs, Env, Add, Acc)
    end;
generate([], Bs, _, Add, Acc) ->
    Add(Bs, Acc).

generator_calls(Bs, Env, Fail) ->
    None = none_of(Bs),
    Eval = fun(E, B) -> eval(E, B, Env, none) end,
    #{match => fun(Pattern, Value, Anno) ->
                       match(Pattern, Value, Anno, None, Bs, Env)
               end,
      bits => fun(Pattern, Bits) ->
                      eval_bits:bin_gen(Pattern, Bits, None, Bs,
                                        match_fun(Bs, Env), Eval,
                                        error_fun(Env))
              end,
      merge => fun shadow/2, names => fun bindings/1, none => None,
      fail => Fail}.

each(Generator, Calls, Qs, Bs, Env, Add, Acc) ->
    case erl_eval_generators:next(Generator, Calls) of
        {match, New, Rest} ->
            Acc1 = generate(Qs, shadow(New, Bs), Env, Add, Acc),
            each(Rest, Calls, Qs, Bs, Env, Add, Acc1);
        {nomatch, Rest} ->
            each(Rest, Calls, Qs, Bs, Env, Add, Acc);
        done ->
            Acc
    end.

filter(Expr, Bs, Env) ->
    case erl_lint:is_guard_test(Expr) of
        true ->
            {guard_test(Expr, Bs, Env), Bs};
        false ->
            case eval(Expr, Bs, Env, none) of
                {value, Value, Bs1} when is_boolean(Value) -> {Value, Bs1};
                {value, Value, _} ->
                    fail({bad_filter, Value}, element(2, Expr), Env)
            end
    end.

%% Clauses and guards.

-spec match_clause([term()], [term()], binding_struct(), term()) ->
          {[term()], binding_struct()} | nomatch.
match_clause(Clauses, Values, Bs, Local) ->
    select(Clauses, Values, Bs, #env{local = Local}).

%% The body of the first clause that matches, and its bindings.
select([{clause, Anno, Head, Guard, Body} | Clauses], Values, Bs, Env) ->
    case match_list(Head, Values, Anno, Bs, Bs, Env) of
        {match, Bs1} ->
            case guard(Guard, Bs1, Env) of
                true -> {Body, Bs1};
                false -> select(Clauses, Values, Bs, Env)
            end;
        nomatch ->
            select(Clauses, Values, Bs, Env)
    end;
select([], _, _, _) ->
    nomatch.

guard([], _, _) -> true;
guard([Tests | _] = Guard, Bs, Env) when is_list(Tests) ->
    lists:any(fun(T) -> all_tests(T, Bs, Env) end, Guard);
guard(Tests, Bs, Env) ->
    all_tests(Tests, Bs, Env).

all_tests(Tests, Bs, Env) ->
    lists:all(fun(Test) ->
                      erl_lint:is_guard_test(Test)
                          orelse fail(guard_expr, element(2, Test), Env),
                      guard_test(Test, Bs, Env)
              end, Tests).

guard_test({call, A, {atom, B, Name}, Args}, Bs, Env) ->
    is_true({call, A, {atom, B, type_test(Name)}, Args}, Bs, Env);
guard_test({call, A, {remote, R, {atom, B, erlang}, {atom, C, Name}}, Args},
           Bs, Env) ->
    Remote = {remote, R, {atom, B, erlang}, {atom, C, type_test(Name)}},
    is_true({call, A, Remote, Args}, Bs, Env);
guard_test(Test, Bs, Env) ->
    is_true(Test, Bs, Env).

is_true(Test, Bs, Env) ->
    try eval(Test, Bs, Env, value) =:= true
    catch error:_ -> false
    end.

%% The old names of type tests.
type_test(Name) ->
    case erl_internal:old_type_test(Name, 1) orelse Name =:= record
        orelse Name =:= map of
        true -> list_to_atom("is_" ++ atom_to_list(Name));
        false -> Name
    end.

%% Patterns. Bs are the bindings that are added to; SizeBs those that sizes in
%% bit patterns see.

match(Pattern, Value, Anno, Bs, SizeBs, Env) ->
    case catch pattern(Pattern, Value, Bs, SizeBs, Env) of
        invalid ->
            Reason = {illegal_pattern, erl_parse:anno_to_term(Pattern)},
            fail(Reason, Anno, Env);
        Other ->
            Other
    end.

match_list([P | Ps], [V | Vs], Anno, Bs0, SizeBs, Env) ->
    case match(P, V, Anno, Bs0, SizeBs, Env) of
        {match, Bs} -> match_list(Ps, Vs, Anno, Bs, SizeBs, Env);
        nomatch -> nomatch
    end;
match_list([], [], _, Bs, _, _) ->
    {match, Bs};
match_list(_, _, _, _, _, _) ->
    nomatch.

pattern({var, _, '_'}, _, Bs, _, _) ->
    {match, Bs};
pattern({var, _, Name}, Value, Bs, _, _) ->
    case binding(Name, Bs) of
        unbound -> {match, add_binding(Name, Value, Bs)};
        {value, Bound} when Bound =:= Value -> {match, Bs};
        {value, _} -> throw(nomatch)
    end;
pattern({Tag, _, Literal}, Value, Bs, _, _)
  when Tag =:= atom; Tag =:= integer; Tag =:= float; Tag =:= char;
       Tag =:= string ->
    same(Literal, Value, Bs);
pattern({nil, _}, Value, Bs, _, _) ->
    same([], Value, Bs);
pattern({cons, _, H, T}, [Head | Tail], Bs0, SizeBs, Env) ->
    {match, Bs} = pattern(H, Head, Bs0, SizeBs, Env),
    pattern(T, Tail, Bs, SizeBs, Env);
pattern({cons, _, _, _}, _, _, _, _) ->
    throw(nomatch);
pattern({tuple, _, Ps}, Tuple, Bs, SizeBs, Env)
  when tuple_size(Tuple) =:= length(Ps) ->
    elements(Ps, tuple_to_list(Tuple), Bs, SizeBs, Env);
pattern({tuple, _, _}, _, _, _, _) ->
    throw(nomatch);
pattern({map, _, Fields}, Map, Bs, SizeBs, Env) when is_map(Map) ->
    lists:foldl(fun(F, {match, B}) -> map_pattern(F, Map, B, SizeBs, Env) end,
                {match, Bs}, Fields);
pattern({map, _, _}, _, _, _, _) ->
    throw(nomatch);
pattern({bin, _, Fields}, Bits, Bs, SizeBs, Env) when is_bitstring(Bits) ->
    eval_bits:match_bits(Fields, Bits, Bs, SizeBs, match_fun(SizeBs, Env),
                         fun size_value/2, error_fun(Env));
pattern({bin, _, _}, _, _, _, _) ->
    throw(nomatch);
pattern({match, _, P1, P2}, Value, Bs0, SizeBs, Env) ->
    {match, Bs} = pattern(P1, Value, Bs0, SizeBs, Env),
    pattern(P2, Value, Bs, SizeBs, Env);
pattern({op, _, '++', {nil, _}, R}, Value, Bs, SizeBs, Env) ->
    pattern(R, Value, Bs, SizeBs, Env);
pattern({op, A, '++', {cons, B, {Tag, _, _} = H, T}, R}, Value, Bs, SizeBs,
        Env) when Tag =:= integer; Tag =:= char ->
    pattern({cons, B, H, {op, A, '++', T, R}}, Value, Bs, SizeBs, Env);
pattern({op, _, '++', {string, B, Text}, R}, Value, Bs, SizeBs, Env) ->
    List = lists:foldr(fun(C, T) -> {cons, B, {integer, B, C}, T} end, R,
                       Text),
    pattern(List, Value, Bs, SizeBs, Env);
pattern(Op, Value, Bs, SizeBs, Env) when element(1, Op) =:= op ->
    case partial_eval(Op) of
        Op -> throw(invalid);
        Literal -> pattern(Literal, Value, Bs, SizeBs, Env)
    end;
pattern(_, _, _, _, _) ->
    throw(invalid).

same(Literal, Value, Bs) when Literal =:= Value -> {match, Bs};
same(_, _, _) -> throw(nomatch).

elements([P | Ps], [V | Vs], Bs0, SizeBs, Env) ->
    {match, Bs} = pattern(P, V, Bs0, SizeBs, Env),
    elements(Ps, Vs, Bs, SizeBs, Env);
elements([], [], Bs, _, _) ->
    {match, Bs}.

map_pattern({map_field_exact, _, Key, P}, Map, Bs, SizeBs, Env) ->
    Value = try maps:get(eval(Key, SizeBs, #env{}, value), Map)
            catch error:_ -> throw(nomatch)
            end,
    pattern(P, Value, Bs, SizeBs, Env).

match_fun(SizeBs, Env) ->
    fun(match, {P, Value, Bs}) -> pattern(P, Value, Bs, SizeBs, Env);
       (binding, {Name, Bs}) -> binding(Name, Bs);
       (add_binding, {Name, Value, Bs}) -> add_binding(Name, Value, Bs)
    end.

%% Sizes in patterns are guard expressions.
size_value(Expr, Bs) ->
    erl_lint:is_guard_expr(Expr) orelse throw(invalid),
    try eval(Expr, Bs, #env{}, none)
    catch error:{unbound, _} -> throw(invalid)
    end.

%% Constant expressions.

is_constant_expr(Expr) ->
    is_number(catch constant(Expr)).

%% The literal that an expression of literals amounts to, or the expression.
partial_eval(Expr) ->
    Anno = element(2, Expr),
    case catch constant(Expr) of
        I when is_integer(I) -> {integer, Anno, I};
        F when is_float(F) -> {float, Anno, F};
        A when is_atom(A) -> {atom, Anno, A};
        _ -> Expr
    end.

constant({op, _, Op, L, R}) -> erlang:Op(constant(L), constant(R));
constant({op, _, Op, E}) -> erlang:Op(constant(E));
constant({Tag, _, Value}) when Tag =:= integer; Tag =:= char; Tag =:= float;
                               Tag =:= atom -> Value;
constant({tuple, _, Es}) -> list_to_tuple([constant(E) || E <- Es]);
constant({nil, _}) -> [];
constant({cons, _, H, T}) -> [constant(H) | constant(T)].

%% Text.

extended_parse_exprs(Tokens) -> erl_eval_text:exprs(Tokens).
extended_parse_term(Tokens) -> erl_eval_text:term(Tokens).

-spec eval_str(string() | binary()) -> {ok, term()} | {error, string()}.
eval_str(Text) -> erl_eval_text:eval(Text).
