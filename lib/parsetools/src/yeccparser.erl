%% SPDX-License-Identifier: Apache-2.0
%% yeccparser: reads the text of a grammar, form by form.
%%
%% Symbols are {Name, Location}. The Erlang code at the end is not scanned.
-module(yeccparser).

-export([parse/2, format_error/1]).

-export_type([symbol/0, form/0]).

-type name() :: atom() | integer().
-type symbol() :: {name(), erl_anno:location()}.
-type form() :: {declaration, symbol(), [symbol()]}
              | {strings, symbol(), [{string(), erl_anno:location()}]}
              | {rule, [symbol()], Action :: [erl_scan:token()]}
              | {code, string(), erl_anno:location()}
              | {error, erl_anno:location(), {error, module(), term()}}.

%% All forms of a text that starts at [Location]. A bad text ends where it is
%% not in its encoding: an error in its last form, or line in the code.
-spec parse({ok | bad, string()}, erl_anno:location()) -> [form()].
parse({ok, Text}, Location) -> forms(Text, Location);
parse({bad, Text}, Location) ->
    case lists:reverse(forms(Text, Location)) of
        [{code, _, _} | _] ->
            [{error, parsetools_job:last_line(Text), cannot_parse}];
        _ -> cut(Text, Location)
    end.

cut(Text, Location) ->
    case erl_scan:tokens([], Text, Location, [text]) of
        {done, {ok, Tokens, End}, Rest} ->
            case form(Tokens) of
                none -> cut(Rest, End);
                Form -> [Form | cut(Rest, End)]
            end;
        {done, {error, _, End}, Rest} -> cut(Rest, End);
        {done, {eof, End}, _} -> [undecodable(End)];
        {more, Continuation} ->
            case erl_scan:tokens(Continuation, eof, Location) of
                {done, {ok, [_ | _] = Tokens, _}, _} ->
                    [undecodable(erl_scan:location(lists:last(Tokens)))];
                _ -> [undecodable(Location)]
            end
    end.

undecodable(Where) ->
    {error, Where, {error, file_io_server, invalid_unicode}}.

forms(Text, Location) ->
    case erl_scan:tokens([], Text, Location, [text, return]) of
        {done, {ok, Tokens, End}, Rest} ->
            case form(Tokens) of
                none -> forms(Rest, End);
                code -> [{code, Rest, End}];
                Form -> [Form | forms(Rest, End)]
            end;
        {done, {error, {Where, Module, What}, End}, Rest} ->
            [{error, Where, {error, Module, What}} | forms(Rest, End)];
        {done, {eof, _}, _} -> [];
        {more, Continuation} ->
            case erl_scan:tokens(Continuation, eof, Location) of
                {done, {error, {Where, Module, What}, _}, _} ->
                    [{error, Where, {error, Module, What}}];
                {done, {ok, _, _} = Ok, _} -> finish(Ok);
                {done, {eof, _}, _} -> []
            end
    end.

%% The last form may lack its dot, or the white space behind it.
finish({ok, Tokens, End}) ->
    Whole = case [T || T <- Tokens, not is_blank(T)] of
                [] -> [];
                Seen -> closed(Tokens, lists:last(Seen))
            end,
    case form(Whole) of
        none -> [];
        code -> [{code, "", End}];
        Form -> [Form]
    end.

closed(Tokens, {dot, _}) -> Tokens;
closed(Tokens, Last) ->
    Tokens ++ [{'$end', erl_anno:end_location(element(2, Last))}].

form(All) ->
    Tokens = [T || T <- All, not is_blank(T)],
    try form(Tokens, All)
    catch throw:{bad, Token} ->
        Error = ["syntax error before: ", text(Token)],
        {error, erl_scan:location(Token), {error, ?MODULE, Error}}
    end.

form([], _) -> none;
form([{'$end', _}], _) -> none;
form([{var, _, 'Erlang'}, {atom, _, code}, {dot, _}], _) -> code;
form([Head, {'->', _} | Body], All) -> rule(symbol(Head), Body, All);
form([Head, {string, _, _} | _] = Tokens, _) ->
    {strings, symbol(Head), strings(tl(Tokens))};
form([Head | Symbols], _) -> {declaration, symbol(Head), symbols(Symbols)}.

is_blank(Token) ->
    lists:member(element(1, Token), [white_space, comment]).

rule(Head, Body, All) ->
    {Right, Rest} = lists:splitwith(fun(T) -> not is_end(T) end, Body),
    Symbols = [Head | [symbol(T) || T <- Right]],
    case Rest of
        [Token | _] when Right =:= [] -> throw({bad, Token});
        [{':', _}, {dot, _} = Dot] -> throw({bad, Dot});
        [{':', Anno} | _] -> {rule, Symbols, action(Anno, All)};
        [{dot, _}] -> {rule, Symbols, []};
        [{'$end', _} = End] -> throw({bad, End})
    end.

is_end({Kind, _}) -> lists:member(Kind, [':', dot, '$end']);
is_end(_) -> false.

%% What stands behind the colon, with its white space, without the dot.
action(Colon, All) ->
    [_ | Tokens] = lists:dropwhile(fun(T) -> T =/= {':', Colon} end, All),
    Shown = lists:dropwhile(fun is_blank/1, lists:droplast(Tokens)),
    lists:reverse(lists:dropwhile(fun is_blank/1, lists:reverse(Shown))).

symbols([{dot, _}]) -> [];
symbols([{dot, _}, More | _]) -> throw({bad, More});
symbols([T | More]) -> [symbol(T) | symbols(More)].

symbol({Kind, _, Name} = T) when Kind =:= atom; Kind =:= var;
                                 Kind =:= integer ->
    {Name, erl_scan:location(T)};
symbol({Word, _} = T) ->
    case erl_scan:reserved_word(Word) of
        true -> {Word, erl_scan:location(T)};
        false -> throw({bad, T})
    end;
symbol(T) -> throw({bad, T}).

strings([{dot, _}]) -> [];
strings([{string, _, S} = T | More]) ->
    [{S, erl_scan:location(T)} | strings(More)];
strings([T | _]) -> throw({bad, T}).

text({dot, _}) -> "'.'";
text({'$end', _}) -> [];
text(Token) -> erl_scan:text(Token).

format_error(Message) -> Message.
