%% SPDX-License-Identifier: Apache-2.0
%% erl_eval_text: expressions from text, with the items that are only printed:
%% <0.1.0>, #Port<0.1>, #Ref<0.1.2.3> and #Fun<m.f.1>. Their tokens become
%% strings for the parser, and calls that make the items afterwards. The tokens
%% must have their texts.
-module(erl_eval_text).

-export([exprs/1, term/1, eval/1]).

exprs(Tokens) ->
    case erl_parse:parse_exprs(join_items(Tokens)) of
        {ok, Exprs} -> {ok, [reset(items(E)) || E <- Exprs]};
        {error, _} -> erl_parse:parse_exprs([reset_token(T) || T <- Tokens])
    end.

term(Tokens) ->
    case exprs(Tokens) of
        {ok, [Expr]} ->
            try {ok, normalise(Expr)}
            catch _:_ -> bad_term(Expr)
            end;
        {ok, [_, Expr | _]} ->
            bad_term(Expr);
        {error, _} = Error ->
            Error
    end.

bad_term(Expr) ->
    {error, {erl_anno:location(element(2, Expr)), erl_eval, "bad term"}}.

reset(Expr) ->
    erl_parse:map_anno(fun plain_anno/1, Expr).

reset_token(Token) ->
    setelement(2, Token, plain_anno(element(2, Token))).

plain_anno(Anno) ->
    erl_anno:new(erl_anno:location(Anno)).

%% Items become strings whose text says what they are.
join_items([]) ->
    [];
join_items([Token | Rest] = Tokens) ->
    try
        {Kind, Count} = item(Tokens),
        {Parts, More} = lists:split(Count, Tokens),
        Annos = [element(2, T) || T <- Parts],
        Text = lists:append([erl_anno:text(A) || A <- Annos]),
        _ = item_value(Kind, Text),
        Anno = erl_anno:set_text(atom_to_list(Kind), hd(Annos)),
        [{string, Anno, Text} | join_items(More)]
    catch
        _:_ -> [Token | join_items(Rest)]
    end.

item([{'<', _}, {float, _, _}, {'.', _}, {integer, _, _}, {'>', _} | _]) ->
    {pid, 5};
item([{'#', _}, {var, _, 'Port'}, {'<', _}, {float, _, _}, {'>', _} | _]) ->
    {port, 5};
item([{'#', _}, {var, _, 'Ref'}, {'<', _}, {float, _, _}, {'.', _},
      {float, _, _}, {'>', _} | _]) ->
    {reference, 7};
item([{'#', _}, {var, _, 'Fun'}, {'<', _}, {atom, _, _}, {'.', _},
      {float, _, _}, {'>', _} | _]) ->
    {function, 7};
item([{'#', _}, {var, _, 'Fun'}, {'<', _}, {atom, _, _}, {'.', _},
      {atom, _, _}, {'.', _}, {integer, _, _}, {'>', _} | _]) ->
    {function, 9}.

item_value(pid, Text) -> list_to_pid(Text);
item_value(port, Text) -> list_to_port(Text);
item_value(reference, Text) -> list_to_ref(Text);
item_value(function, Text) ->
    {M, F, A} = fun_parts(Text),
    erlang:make_fun(M, F, A).

fun_parts(Text) ->
    {ok, [_, _, _, {atom, _, M}, _, {atom, _, F}, _, {integer, _, A} | _], _} =
        erl_scan:string(Text),
    {M, F, A}.

items({string, Anno, Text} = String) ->
    try item_expr(erl_anno:text(Anno), Anno, Text, String)
    catch _:_ -> String
    end;
items(T) when is_tuple(T) -> list_to_tuple(items(tuple_to_list(T)));
items([H | T]) -> [items(H) | items(T)];
items(Other) -> Other.

item_expr("function", A, "#" ++ _ = Text, _) ->
    {Module, Name, Arity} = fun_parts(Text),
    {'fun', A, {function, {atom, A, Module}, {atom, A, Name},
                {integer, A, Arity}}};
item_expr("pid", A, "<" ++ _, String) -> item_call(list_to_pid, A, String);
item_expr("port", A, "#" ++ _, String) -> item_call(list_to_port, A, String);
item_expr("reference", A, "#" ++ _, String) ->
    item_call(list_to_ref, A, String).

item_call(Name, A, String) ->
    {call, A, {remote, A, {atom, A, erlang}, {atom, A, Name}}, [String]}.

%% The term that an expression stands for.
normalise({Tag, _, Value}) when Tag =:= char; Tag =:= integer; Tag =:= float;
                                Tag =:= atom; Tag =:= string -> Value;
normalise({nil, _}) -> [];
normalise({cons, _, H, T}) -> [normalise(H) | normalise(T)];
normalise({tuple, _, Es}) -> list_to_tuple([normalise(E) || E <- Es]);
normalise({map, _, Fields}) ->
    maps:from_list([{normalise(K), normalise(V)}
                    || {map_field_assoc, _, K, V} <- Fields]);
normalise({bin, _, Fields}) ->
    Eval = fun(E, _) -> {value, normalise(E), []} end,
    {value, Bin, _} = eval_bits:expr_grp(Fields, [], Eval),
    Bin;
normalise({op, _, '+', {Tag, _, N}}) when Tag =:= char; Tag =:= integer;
                                          Tag =:= float -> N;
normalise({op, _, '-', {Tag, _, N}}) when Tag =:= char; Tag =:= integer;
                                          Tag =:= float -> -N;
normalise({call, _, {remote, _, {atom, _, erlang}, {atom, _, Name}},
           [{string, _, Text}]})
  when Name =:= list_to_pid; Name =:= list_to_port; Name =:= list_to_ref ->
    erlang:Name(Text);
normalise({'fun', _, {function, {atom, _, M}, {atom, _, F},
                      {integer, _, A}}}) ->
    fun M:F/A.

-spec eval(string() | binary()) -> {ok, term()} | {error, string()}.
eval(Bin) when is_binary(Bin) ->
    eval(binary_to_list(Bin));
eval(Text) ->
    case erl_scan:tokens([], Text, 0) of
        {more, _} ->
            {error, "Incomplete form (missing .<cr>)??"};
        {done, {ok, Tokens, _}, Rest} ->
            case lists:all(fun(C) -> lists:member(C, " \n\t") end, Rest) of
                true -> eval_exprs(erl_parse:parse_exprs(Tokens));
                false -> {error, text("Non-white space found after "
                                      "end-of-form :~ts", [Rest])}
            end
    end.

eval_exprs({ok, Exprs}) ->
    case catch erl_eval:exprs(Exprs, erl_eval:new_bindings()) of
        {value, Value, _} -> {ok, Value};
        Other -> {error, text("*** eval: ~p", [Other])}
    end;
eval_exprs({error, {_, Module, Reason}}) ->
    {error, text("*** ~ts", [Module:format_error(Reason)])}.

text(Format, Args) ->
    lists:flatten(io_lib:format(Format, Args)).
