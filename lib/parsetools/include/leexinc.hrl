%% SPDX-License-Identifier: Apache-2.0
%% What every scanner made by leex has, around its own states and actions.

##module

-export([string/1, string/2, token/2, token/3, tokens/2, tokens/3]).
-export([format_error/1]).

##code

format_error({illegal, Text}) ->
    ["illegal characters ", io_lib:write_string(Text)];
format_error({user, Text}) -> Text.

%% ---- All tokens of a text ----

string(Text) -> string(Text, 1).

string(Text, Line) -> yystring(Text, Line, []).

yystring([], Line, Ts) -> {ok, lists:reverse(Ts), Line};
yystring(Text, Line, Ts) ->
    case yyend(yynext({yystate(), Line, 0, reject, 0}, Text, Text), Text) of
        {accept, A, Len, Rest, End} ->
            yystring_action(yyaction(A, Len, Text, Line), Rest, End, Ts);
        {reject, Len, _, End} ->
            {error, {Line, ?MODULE, {illegal, yypre(Text, Len + 1)}}, End}
    end.

%% No more characters come: what was taken last counts.
yyend({more, State}, Text) ->
    case yynext(State, eof, Text) of
        {accept, A, Len, eof, End} -> {accept, A, Len, [], End};
        Other -> Other
    end;
yyend(Found, _) -> Found.

yystring_action(Action, Rest, Line, Ts) ->
    case yytake(Action, Rest) of
        {skip, Text} -> yystring(Text, Line, Ts);
        {error, What} -> {error, {Line, ?MODULE, {user, What}}, Line};
        {_, T, Text} -> yystring(Text, Line, [T | Ts])
    end.

%% ---- One token, or many up to an end token, of a text that comes in parts --

%% A continuation is {token | tokens, State, Chars of the token, its line,
%% what is found so far}. What is found: a list of tokens, {error, E} when all
%% up to the next end token is passed over.

token(Cont, Chars) -> token(Cont, Chars, 1).

token([], Chars, Line) -> yytoken(Chars, Line, token, []);
token({Kind, State, Tcs, Tline, Found}, Chars, _) ->
    yytoken(yynext(State, Chars, Tcs ++ Chars), Tcs ++ Chars, Tline, Kind,
            Found).

tokens(Cont, Chars) -> tokens(Cont, Chars, 1).

tokens([], Chars, Line) -> yytoken(Chars, Line, tokens, []);
tokens(Cont, Chars, Line) -> token(Cont, Chars, Line).

yytoken(Chars, Line, Kind, Found) ->
    yytoken(yynext({yystate(), Line, 0, reject, 0}, Chars, Chars), Chars, Line,
            Kind, Found).

yytoken({more, State}, Tcs, Tline, Kind, Found) ->
    {more, {Kind, State, Tcs, Tline, Found}};
yytoken({accept, A, Len, Rest, Line}, Tcs, Tline, Kind, Found) ->
    case yytake(yyaction(A, Len, Tcs, Tline), Rest) of
        {skip, Text} -> yytoken(Text, Line, Kind, Found);
        {error, What} ->
            yyfail({Line, ?MODULE, {user, What}}, Rest, Line, Kind, Found);
        {_, T, Text} when Kind =:= token -> {done, {ok, T, Line}, Text};
        {token, T, Text} when is_list(Found) ->
            yytoken(Text, Line, Kind, [T | Found]);
        {token, _, Text} -> yytoken(Text, Line, Kind, Found);
        {end_token, T, Text} when is_list(Found) ->
            {done, {ok, lists:reverse(Found, [T]), Line}, Text};
        {end_token, _, Text} ->
            {error, E} = Found,
            {done, {error, E, Line}, Text}
    end;
yytoken({reject, Len, eof, Line}, Tcs, Tline, _, Found) ->
    {done, case Found of
               {error, E} -> {error, E, Line};
               _ when Len > 0 ->
                   {error, {Tline, ?MODULE, {illegal, yypre(Tcs, Len)}}, Line};
               [] -> {eof, Line};
               Ts -> {ok, lists:reverse(Ts), Line}
           end, eof};
yytoken({reject, Len, Rest, Line}, Tcs, Tline, token, _) ->
    Error = {Tline, ?MODULE, {illegal, yypre(Tcs, Len + 1)}},
    {done, {error, Error, Line}, Rest};
yytoken({reject, Len, _, Line}, Tcs, _, Kind, Found) ->
    yyfail({Line, ?MODULE, {illegal, yypre(Tcs, Len + 1)}},
           yysuf(Tcs, Len + 1), Line, Kind, Found).

%% The first error is the one that is told.
yyfail(Error, Rest, Line, token, _) -> {done, {error, Error, Line}, Rest};
yyfail(Error, Rest, Line, Kind, Found) when is_list(Found) ->
    yytoken(Rest, Line, Kind, {error, Error});
yyfail(_, Rest, Line, Kind, Found) -> yytoken(Rest, Line, Kind, Found).

%% ---- Steps ----

%% Goes on in a state {State, Line, Length, Rule, Its length}; the last two are
%% of the longest match so far. [Tcs] is the text from the token's start.
yynext({S0, L0, Len0, A0, Alen0}, Chars, Tcs) ->
    case yystate(S0, Chars, L0, Len0, A0, Alen0) of
        {A, Len, Rest, Line} -> {accept, A, Len, Rest, Line};
        {A, Len, [], Line, S} -> {more, {S, Line, Len, A, Len}};
        {A, Len, Rest, Line, _} -> {accept, A, Len, Rest, Line};
        {A, Alen, Len, [], Line, S} -> {more, {S, Line, Len, A, Alen}};
        {reject, _, Len, Rest, Line, _} -> {reject, Len, Rest, Line};
        {A, Alen, Len, _, Line, _} ->
            Rest = yysuf(Tcs, Alen),
            %% The lines behind the match are counted again later.
            Again = length([C || C <- yypre(Rest, Len - Alen), C =:= $\n]),
            {accept, A, Alen, Rest, Line - Again}
    end.

%% What an action asks for, with the text it pushes back.
yytake(skip_token, Rest) -> {skip, Rest};
yytake({skip_token, Push}, Rest) -> {skip, Push ++ Rest};
yytake({error, What}, _) -> {error, What};
yytake({Kind, T}, Rest) -> {Kind, T, Rest};
yytake({Kind, T, Push}, Rest) -> {Kind, T, Push ++ Rest}.

-compile({nowarn_unused_function, [yypre/2, yysuf/2]}).

yypre(List, N) -> lists:sublist(List, N).

yysuf(List, N) -> lists:nthtail(N, List).

##dfa

##actions
