%% SPDX-License-Identifier: Apache-2.0
%% Text to tokens. The scanner is written in C (merle_scan); here are its
%% options, and what keeps a scan that waits for more text.
-module(erl_scan).

-export([string/1, string/2, string/3, tokens/3, tokens/4,
         format_error/1, reserved_word/1, f_reserved_word/1]).
-export([category/1, column/1, end_location/1, line/1, location/1, symbol/1,
         text/1]).
-export([continuation_location/1]).

-export_type([category/0, error_description/0, error_info/0, option/0,
              options/0, return_cont/0, symbol/0, token/0, tokens/0,
              tokens_result/0]).

-type category() :: atom().
-type symbol() :: atom() | float() | integer() | string().
-type token() :: {category(), Anno :: erl_anno:anno(), symbol()}
               | {category(), Anno :: erl_anno:anno()}.
-type tokens() :: [token()].
-type option() :: return | return_white_spaces | return_comments | text
                | {reserved_word_fun, fun((atom()) -> boolean())}
                | {text_fun, fun((atom(), string()) -> boolean())}.
-type options() :: option() | [option()].
-type error_description() :: term().
-type error_info() :: {erl_anno:location(), module(), error_description()}.
-opaque return_cont() :: {erl_scan_continuation, string(),
                          erl_anno:column() | no_col, tokens(),
                          erl_anno:line(), term(), term(), term()}.
-type tokens_result() :: {ok, tokens(), erl_anno:location()}
                       | {eof, erl_anno:location()}
                       | {error, error_info(), erl_anno:location()}.

%% What the options mean: flags for the scanner, and the funs it cannot call
%% (none: its own way).
-record(plan, {flags = [] :: [atom()],
               word_fun = none :: none | fun((atom()) -> boolean()),
               text_fun = none :: none | fun((atom(), string()) -> boolean())}).

%% ---- whole texts ----

string(String) ->
    string(String, 1, []).

string(String, Location) ->
    string(String, Location, []).

string(String, Location, Options) when is_list(String) ->
    Plan = plan(Options),
    check_location(Location),
    case merle_scan:string(String, Location, Plan#plan.flags) of
        {ok, Tokens, End} -> {ok, finish(Tokens, Plan), End};
        Error -> Error
    end.

%% ---- form by form, as the text comes ----

tokens(Cont, Chars, Location) ->
    tokens(Cont, Chars, Location, []).

tokens([], Chars, Location, Options) ->
    check_location(Location),
    scan(Chars, [], [], Location, plan(Options));
tokens({erl_scan_continuation, Rest, Column, Tokens, Line, Plan, _, _},
       Chars, _Location, _Options) ->
    scan(Chars, Rest, Tokens, location(Line, Column), Plan).

%% Tokens holds what was scanned before, the last one first.
scan(eof, Rest, Tokens, Location, Plan) ->
    case merle_scan:form(Rest, Location, Plan#plan.flags) of
        {form, More, End, Left} ->
            {done, {ok, all(Tokens, More, Plan), End}, or_eof(Left)};
        {rest, More, End, _} ->
            case all(Tokens, More, Plan) of
                [] -> {done, {eof, End}, eof};
                All -> {done, {ok, All, End}, eof}
            end;
        {error, Info, End, Left} ->
            {done, {error, Info, End}, or_eof(Left)}
    end;
scan(Chars, Rest, Tokens, Location, Plan) when is_list(Chars) ->
    Flags = [more | Plan#plan.flags],
    case merle_scan:form(Rest ++ Chars, Location, Flags) of
        {form, More, End, Left} ->
            {done, {ok, all(Tokens, More, Plan), End}, Left};
        {rest, More, End, Left} ->
            {Line, Column} = line_and_column(End),
            {more, {erl_scan_continuation, Left, Column,
                    lists:reverse(More, Tokens), Line, Plan, [], []}};
        {error, Info, End, Left} ->
            {done, {error, Info, End}, Left}
    end.

all(Tokens, More, Plan) ->
    finish(lists:reverse(Tokens, More), Plan).

or_eof([]) -> eof;
or_eof(Left) -> Left.

line_and_column({_, _} = Location) -> Location;
line_and_column(Line) -> {Line, no_col}.

location(Line, no_col) -> Line;
location(Line, Column) -> {Line, Column}.

check_location(Line) when is_integer(Line) -> ok;
check_location({Line, Column})
  when is_integer(Line), is_integer(Column), Column >= 1 -> ok.

continuation_location({erl_scan_continuation, _, Column, _, Line, _, _, _}) ->
    location(Line, Column).

%% ---- options ----

plan(Options) when is_list(Options) ->
    Plan = lists:foldr(fun add_option/2, #plan{}, Options),
    Plan#plan{flags = lists:usort(Plan#plan.flags)};
plan(Option) ->
    plan([Option]).

add_option(return, Plan) -> add_flags([comment, white_space], Plan);
add_option(return_comments, Plan) -> add_flags([comment], Plan);
add_option({return_comments, true}, Plan) -> add_flags([comment], Plan);
add_option(return_white_spaces, Plan) -> add_flags([white_space], Plan);
add_option({return_white_spaces, true}, Plan) -> add_flags([white_space], Plan);
add_option(text, Plan) -> add_flags([text], Plan#plan{text_fun = none});
add_option({text, true}, Plan) -> add_option(text, Plan);
add_option({text_fun, Fun}, Plan) ->
    case lists:member(text, Plan#plan.flags) of
        true -> Plan;
        false -> add_flags([text], Plan#plan{text_fun = Fun})
    end;
add_option({reserved_word_fun, Fun}, Plan) when is_function(Fun, 1) ->
    add_flags([words], Plan#plan{word_fun = Fun});
add_option({reserved_word_fun, _}, _) -> error(badarg);
add_option(_, Plan) -> Plan.

add_flags(Flags, Plan) ->
    Plan#plan{flags = Flags ++ Plan#plan.flags}.

%% Lets the funs of the options say which words are reserved, and which tokens
%% keep their text.
finish(Tokens, #plan{word_fun = none, text_fun = none}) -> Tokens;
finish(Tokens, Plan) -> [finish_token(T, Plan) || T <- Tokens].

finish_token({word, Anno, Word}, #plan{word_fun = Fun} = Plan) ->
    case Fun(Word) of
        true -> finish_text({Word, Anno}, Plan);
        false -> finish_text({atom, Anno, Word}, Plan)
    end;
finish_token(Token, Plan) -> finish_text(Token, Plan).

finish_text(Token, #plan{text_fun = none}) -> Token;
finish_text(Token, #plan{text_fun = Fun}) ->
    Anno = element(2, Token),
    case erl_anno:text(Anno) of
        undefined -> Token;
        Text ->
            case Fun(element(1, Token), Text) of
                true -> Token;
                false -> setelement(2, Token, erl_anno:location(Anno))
            end
    end.

%% ---- tokens ----

category({Category, _Anno}) -> Category;
category({Category, _Anno, _Symbol}) -> Category;
category(Token) -> error(badarg, [Token]).

symbol({Category, _Anno}) -> Category;
symbol({_Category, _Anno, Symbol}) -> Symbol;
symbol(Token) -> error(badarg, [Token]).

column(Token) -> erl_anno:column(element(2, Token)).
end_location(Token) -> erl_anno:end_location(element(2, Token)).
line(Token) -> erl_anno:line(element(2, Token)).
location(Token) -> erl_anno:location(element(2, Token)).
text(Token) -> erl_anno:text(element(2, Token)).

%% ---- words and errors ----

reserved_word(Atom) ->
    merle_scan:reserved_word(Atom).

f_reserved_word(Atom) ->
    merle_scan:reserved_word(Atom).

format_error({string, $', Head}) -> unterminated("atom", Head, $');
format_error({string, Quote, Head}) -> unterminated("string", Head, Quote);
format_error({unterminated, What, Head}) -> unterminated(thing(What), Head, $");
format_error({illegal, Type}) ->
    lists:flatten(io_lib:fwrite("illegal ~w", [Type]));
format_error(char) -> "unterminated character";
format_error({base, Base}) ->
    lists:flatten(io_lib:fwrite("illegal base '~w'", [Base]));
format_error(indentation) -> "bad indentation in triple-quoted string";
format_error(Other) ->
    lists:flatten(io_lib:write(Other)).

unterminated(Thing, Head, Quote) ->
    lists:flatten(["unterminated ", Thing, " starting with ",
                   io_lib:write_string(Head, Quote)]).

%% What is new since OTP 25 is told in the words of OTP 27.
thing({string, _}) -> "triple-quoted string";
thing({sigil, Name, _}) ->
    ["triple-quoted ~", atom_to_list(Name), " sigil string"];
thing({sigil, Name, Open, Close}) ->
    [$~, atom_to_list(Name), Open, Close, " sigil string"].
