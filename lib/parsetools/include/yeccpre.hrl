%% SPDX-License-Identifier: Apache-2.0
%% What every parser made by yecc has. Above stand the module's attributes and
%% the user's code, below the states: yeccpars2/7.
%%
%% Tzr says where tokens come from when the list is empty: {{Fun, Args} |
%% no_func, Location}, the location of the end of the input, if it is known.

-type yecc_ret() :: {ok, _} | {error, _}.

-spec parse(Tokens :: list()) -> yecc_ret().
parse(Tokens) -> yeccpars0(Tokens, {no_func, no_location}).

-spec parse_and_scan({function() | {atom(), atom()}, [_]}
                     | {atom(), atom(), [_]}) -> yecc_ret().
parse_and_scan({M, F, Args}) ->
    Arity = length(Args),
    parse_and_scan({fun M:F/Arity, Args});
parse_and_scan({F, Args}) -> yeccpars0([], {{F, Args}, no_location}).

-spec format_error(any()) -> [char() | list()].
format_error(Message) ->
    case io_lib:deep_char_list(Message) of
        true -> Message;
        false -> io_lib:write(Message)
    end.

%% For actions: ends the parsing with an error of the user's.
-compile({nowarn_unused_function, return_error/2}).
-spec return_error(erl_anno:location(), any()) -> no_return().
return_error(Location, Message) ->
    throw({error, {Location, ?MODULE, Message}}).

yeccpars0(Tokens, Tzr) ->
    try yeccnext(0, [], [], Tokens, Tzr)
    catch throw:{error, {_, ?MODULE, _}} = Error -> Error
    end.

%% Goes on in a state with the next token.
yeccnext(State, Ss, Stack, [Token | Tokens], Tzr) ->
    yeccpars2(State, element(1, Token), Ss, Stack, Token, Tokens, Tzr);
yeccnext(State, Ss, Stack, [], {{F, Args} = Source, _}) ->
    case yeccmore(F, Args) of
        {ok, Tokens, End} ->
            yeccnext(State, Ss, Stack, Tokens, {Source, End});
        {eof, End} -> yeccnext(State, Ss, Stack, [], {no_func, End});
        {error, Descriptor, _} -> {error, Descriptor}
    end;
yeccnext(State, Ss, Stack, [], {no_func, Known}) ->
    Location = case Known of
                   no_location -> 999999;
                   _ -> Known
               end,
    yeccpars2(State, '$end', Ss, Stack, {'$end', Location}, [],
              {no_func, Location}).

yeccmore({M, F}, Args) -> apply(M, F, Args);
yeccmore(F, Args) -> apply(F, Args).

%% Shifts a token. Where no location of the end is known, it is that of the
%% last token.
yeccpars1(From, To, Ss, Stack, Token, [], {no_func, no_location}) ->
    End = yecctoken_end(Token),
    yeccnext(To, [From | Ss], [Token | Stack], [], {no_func, End});
yeccpars1(From, To, Ss, Stack, Token, Tokens, Tzr) ->
    yeccnext(To, [From | Ss], [Token | Stack], Tokens, Tzr).

yecctoken_end(Token) ->
    try erl_anno:end_location(element(2, Token)) of
        undefined -> yecctoken_location(Token);
        Location -> Location
    catch _:_ -> yecctoken_location(Token)
    end.

-compile({nowarn_unused_function, [yeccerror/1, yecctoken_text/1,
                                   yecctoken_show/1]}).
yeccerror(Token) ->
    {error, {yecctoken_location(Token), ?MODULE,
             ["syntax error before: ", yecctoken_text(Token)]}}.

yecctoken_location(Token) ->
    try erl_scan:location(Token)
    catch _:_ -> element(2, Token)
    end.

yecctoken_text(Token) ->
    try erl_scan:text(Token) of
        undefined -> yecctoken_show(Token);
        Text -> Text
    catch _:_ -> yecctoken_show(Token)
    end.

yecctoken_show(Token) ->
    try
        case Token of
            {atom, _, A} -> io_lib:write_atom(A);
            {integer, _, N} -> io_lib:write(N);
            {float, _, F} -> io_lib:write(F);
            {char, _, C} -> io_lib:write_char(C);
            {var, _, V} -> io_lib:format("~s", [V]);
            {string, _, S} -> io_lib:write_string(S);
            {reserved_symbol, _, A} -> io_lib:write(A);
            {_, _, Value} -> io_lib:format("~tp", [Value]);
            {dot, _} -> "'.'";
            {'$end', _} -> [];
            {Other, _} when is_atom(Other) -> io_lib:write_atom(Other)
        end
    catch _:_ -> io_lib:format("~tp", [Token])
    end.

