%% SPDX-License-Identifier: Apache-2.0
%% Tokens to the Abstract Format, and what else is done with forms. The grammar
%% is written in C (merle_parse).
-module(erl_parse).

-export([parse_form/1, parse_exprs/1, parse_term/1, parse/1, format_error/1]).
-export([parse_and_scan/1]).
-export([normalise/1, abstract/1, abstract/2, tokens/1, tokens/2]).
-export([inop_prec/1, preop_prec/1, func_prec/0, max_prec/0]).
-export([type_inop_prec/1, type_preop_prec/1]).
-export([map_anno/2, fold_anno/3, mapfold_anno/3, new_anno/1, anno_to_term/1,
         anno_from_term/1]).
-export([first_anno/1]).

-export_type([abstract_clause/0, abstract_expr/0, abstract_form/0,
              abstract_type/0, error_description/0, error_info/0, form_info/0]).

-type abstract_clause() :: term().
-type abstract_expr() :: term().
-type abstract_form() :: term().
-type abstract_type() :: term().
-type error_description() :: term().
-type error_info() :: {erl_anno:location(), module(), error_description()}.
-type form_info() :: {eof, erl_anno:location()}
                   | {error, erl_scan:error_info() | error_info()}
                   | {warning, erl_scan:error_info() | error_info()}.

%% ---- parsing ----

-spec parse_form([erl_scan:token()]) ->
          {ok, abstract_form()} | {error, error_info()}.
parse_form(Tokens) -> parsed(fun merle_parse:form/1, Tokens).

parse(Tokens) -> parsed(fun merle_parse:form/1, Tokens).

-spec parse_exprs([erl_scan:token()]) ->
          {ok, [abstract_expr()]} | {error, error_info()}.
parse_exprs(Tokens) -> parsed(fun merle_parse:exprs/1, Tokens).

-spec parse_term([erl_scan:token()]) -> {ok, term()} | {error, error_info()}.
parse_term(Tokens) -> parsed(fun merle_parse:term/1, Tokens).

parsed(Parse, Tokens) ->
    try Parse(Tokens) of
        {error, {Where, ?MODULE, ["syntax error before: ", Text]}} ->
            {Place, Shown} = told(Where, Text, Tokens),
            {error, {Place, ?MODULE, ["syntax error before: ", Shown]}};
        Result -> Result
    catch
        error:badarg -> {error, no_token(Tokens)}
    end.

%% An end that is not there is where the text of the last token ends; values of
%% tokens of other scanners are shown as terms.
told(Where, [], [_ | _] = Tokens) ->
    Anno = element(2, lists:last(Tokens)),
    case erl_anno:is_anno(Anno) andalso erl_anno:end_location(Anno) of
        End when is_integer(End); is_tuple(End) -> {End, []};
        _ -> {Where, []}
    end;
told(Where, Text, Tokens) ->
    case [V || {Kind, Anno, V} <- Tokens, Anno =:= Where, is_list(V),
               Kind =/= string] of
        [Value | _] -> {Where, [io_lib:format("~tp", [Value])]};
        [] -> {Where, Text}
    end.

%% The first that no scanner gives.
no_token(Tokens) ->
    [Bad | _] = [T || T <- Tokens, not is_token(T)],
    {element(2, Bad), ?MODULE,
     ["syntax error before: ", [io_lib:format("~tw", [Bad])]]}.

is_token({dot, _}) -> true;
is_token({Kind, _}) -> is_atom(Kind);
is_token({Kind, _, Value}) ->
    case Kind of
        integer -> is_integer(Value);
        float -> is_float(Value);
        char -> is_integer(Value);
        _ when Kind =:= atom; Kind =:= var -> is_atom(Value);
        _ -> true
    end;
is_token(_) -> false.

%% Gets tokens from a function, {Fun, Args} or {Module, Function, Args}, as long
%% as the form wants more; it gives {ok, Tokens, End}, {eof, End} or {error,
%% Error, End}. The form has to be followed by $end or the end.
parse_and_scan({Module, Function, Args}) ->
    parse_and_scan({erlang:make_fun(Module, Function, length(Args)), Args});
parse_and_scan({Fun, Args}) -> more(Fun, Args, []).

more(Fun, Args, Tokens0) ->
    case apply(Fun, Args) of
        {ok, New, _} ->
            {Form, Rest} = through_dot(Tokens0 ++ New, []),
            case {merle_parse:form(Form), Rest} of
                {{ok, _} = Ok, [_ | _]} -> ended({ok, Rest, none}, Ok);
                {{ok, _} = Ok, _} -> ended(apply(Fun, Args), Ok);
                {{error, {_, _, [_, []]}}, none} -> more(Fun, Args, Form);
                {Error, _} -> Error
            end;
        {eof, End} ->
            {error, {End, ?MODULE, ["syntax error before: ", []]}};
        {error, Error, _} -> {error, Error}
    end.

through_dot([{dot, _} = Dot | Rest], Form) -> {lists:reverse(Form, [Dot]), Rest};
through_dot([Token | Rest], Form) -> through_dot(Rest, [Token | Form]);
through_dot([], Form) -> {lists:reverse(Form), none}.

ended({ok, [{'$end', _} | _], _}, Ok) -> Ok;
ended({eof, _}, Ok) -> Ok;
ended({error, Error, _}, _) -> {error, Error};
ended({ok, Tokens, _}, _) ->
    %% The first token of what follows is in the way.
    Token = hd(Tokens),
    {error, {erl_scan:location(Token), ?MODULE,
             ["syntax error before: ", io_lib:format("~tw", [element(1, Token)])]}}.

-spec format_error(error_description()) -> iolist().
format_error(Message) ->
    case io_lib:deep_char_list(Message) of
        true -> Message;
        false -> io_lib:write(Message)
    end.

%% ---- constants ----

-spec normalise(abstract_expr()) -> term().
normalise({char, _, C}) -> C;
normalise({integer, _, I}) -> I;
normalise({float, _, F}) -> F;
normalise({atom, _, A}) -> A;
normalise({string, _, S}) -> S;
normalise({nil, _}) -> [];
%% Segments have sizes and types, which may be wrong in many ways.
normalise({bin, _, Segments}) ->
    {value, Bits, _} =
        eval_bits:expr_grp(Segments, [],
                           fun(E, _) -> {value, normalise(E), []} end),
    Bits;
normalise(Form) ->
    case merle_parse:normalise(Form) of
        {ok, Value} -> Value;
        error -> error({badarg, Form})
    end.

-spec abstract(term()) -> abstract_expr().
abstract(Term) ->
    abstract(Term, erl_anno:new(0), encoding_fun(utf8)).

-spec abstract(term(), term()) -> abstract_expr().
abstract(Term, Options) when is_list(Options) ->
    Encoding = proplists:get_value(encoding, Options, utf8),
    Line = proplists:get_value(line, Options, 0),
    Location = proplists:get_value(location, Options, Line),
    abstract(Term, erl_anno:new(Location), encoding_fun(Encoding));
abstract(Term, Location) ->
    abstract(Term, erl_anno:new(Location), encoding_fun(utf8)).

%% Which integers may be characters of a string; none: lists stay lists.
encoding_fun(latin1) -> fun(C) -> C < 256 end;
encoding_fun(unicode) -> fun is_unicode/1;
encoding_fun(utf8) -> fun is_unicode/1;
encoding_fun(none) -> none;
encoding_fun(Fun) when is_function(Fun, 1) -> Fun;
encoding_fun(Other) -> error({badarg, Other}).

is_unicode(C) ->
    C < 16#D800 orelse (C > 16#DFFF andalso C < 16#FFFE)
        orelse (C > 16#FFFF andalso C =< 16#10FFFF).

abstract(T, A, _) when is_integer(T) -> {integer, A, T};
abstract(T, A, _) when is_float(T) -> {float, A, T};
abstract(T, A, _) when is_atom(T) -> {atom, A, T};
abstract([], A, _) -> {nil, A};
abstract(T, A, _) when is_bitstring(T) ->
    {bin, A, [abstract_element(E, A) || E <- bitstring_to_list(T)]};
abstract([H | T], A, none) ->
    {cons, A, abstract(H, A, none), abstract(T, A, none)};
abstract(T, A, E) when is_list(T) -> abstract_list(T, [], A, E);
abstract(T, A, E) when is_tuple(T) ->
    {tuple, A, [abstract(X, A, E) || X <- tuple_to_list(T)]};
abstract(T, A, E) when is_map(T) ->
    {map, A, [{map_field_assoc, A, abstract(K, A, E), abstract(V, A, E)}
              || {K, V} <- maps:to_list(T)]};
abstract(T, A, E) when is_function(T) ->
    {type, external} = erlang:fun_info(T, type),
    [M, F, N] = [element(2, erlang:fun_info(T, I))
                 || I <- [module, name, arity]],
    {'fun', A, {function, abstract(M, A, E), abstract(F, A, E),
                abstract(N, A, E)}}.

%% Seen holds the characters so far, the last one first.
abstract_list([H | T], Seen, A, E) ->
    case is_integer(H) andalso H >= 0 andalso E(H) of
        true -> abstract_list(T, [H | Seen], A, E);
        false ->
            Rest = {cons, A, abstract(H, A, E), abstract(T, A, E)},
            add_characters(Seen, Rest, A)
    end;
abstract_list([], Seen, A, _) ->
    {string, A, lists:reverse(Seen)};
abstract_list(T, Seen, A, E) ->
    add_characters(Seen, abstract(T, A, E), A).

add_characters([C | Seen], Rest, A) ->
    add_characters(Seen, {cons, A, {integer, A, C}, Rest}, A);
add_characters([], Rest, _) -> Rest.

abstract_element(Byte, A) when is_integer(Byte) ->
    {bin_element, A, {integer, A, Byte}, default, default};
abstract_element(Bits, A) ->
    Size = bit_size(Bits),
    <<Value:Size>> = Bits,
    {bin_element, A, {integer, A, Value}, {integer, A, Size}, default}.

%% ---- forms of constants to tokens ----

-spec tokens(abstract_expr()) -> [erl_scan:token()].
tokens(Form) ->
    tokens(Form, []).

-spec tokens(abstract_expr(), [erl_scan:token()]) -> [erl_scan:token()].
tokens({Tag, _, _} = Token, More)
  when Tag =:= char; Tag =:= integer; Tag =:= float; Tag =:= atom;
       Tag =:= var; Tag =:= string ->
    [Token | More];
tokens({nil, A}, More) -> [{'[', A}, {']', A} | More];
tokens({cons, A, Head, Tail}, More) ->
    [{'[', A} | tokens(Head, tail_tokens(Tail, More))];
tokens({tuple, A, []}, More) -> [{'{', A}, {'}', A} | More];
tokens({tuple, A, [E | Es]}, More) ->
    [{'{', A} | tokens(E, element_tokens(Es, element(2, E), More))];
tokens({map, A, []}, More) -> [{'#', A}, {'{', A}, {'}', A} | More];
tokens({map, A, [P | Ps]}, More) ->
    [{'#', A}, {'{', A} | tokens(P, element_tokens(Ps, element(2, P), More))];
tokens({map_field_assoc, A, K, V}, More) ->
    tokens(K, [{'=>', A} | tokens(V, More)]).

tail_tokens({cons, A, Head, Tail}, More) ->
    [{',', A} | tokens(Head, tail_tokens(Tail, More))];
tail_tokens({nil, A}, More) ->
    [{']', A} | More];
tail_tokens(Other, More) ->
    A = element(2, Other),
    [{'|', A} | tokens(Other, [{']', A} | More])].

element_tokens([E | Es], A, More) ->
    [{',', A} | tokens(E, element_tokens(Es, element(2, E), More))];
element_tokens([], A, More) ->
    [{'}', A} | More].

%% ---- precedences: {left operand, operator, right operand} ----

inop_prec('=') -> {150, 100, 100};
inop_prec('!') -> {150, 100, 100};
inop_prec('orelse') -> {160, 150, 150};
inop_prec('andalso') -> {200, 160, 160};
inop_prec('++') -> {400, 300, 300};
inop_prec('--') -> {400, 300, 300};
inop_prec('#') -> {800, 700, 800};
inop_prec(':') -> {900, 800, 900};
inop_prec('.') -> {900, 900, 1000};
inop_prec(Op) ->
    case kind_of(Op) of
        comparison -> {300, 200, 300};
        adding -> {400, 400, 500};
        multiplying -> {500, 500, 600}
    end.

kind_of(Op) when Op =:= '=='; Op =:= '/='; Op =:= '=<'; Op =:= '<';
                 Op =:= '>='; Op =:= '>'; Op =:= '=:='; Op =:= '=/=' ->
    comparison;
kind_of(Op) when Op =:= '+'; Op =:= '-'; Op =:= 'bor'; Op =:= 'bxor';
                 Op =:= 'bsl'; Op =:= 'bsr'; Op =:= 'or'; Op =:= 'xor' ->
    adding;
kind_of(Op) when Op =:= '*'; Op =:= '/'; Op =:= 'div'; Op =:= 'rem';
                 Op =:= 'band'; Op =:= 'and' ->
    multiplying.

preop_prec('catch') -> {700, 100};
preop_prec('+') -> {600, 700};
preop_prec('-') -> {600, 700};
preop_prec('bnot') -> {600, 700};
preop_prec('not') -> {600, 700};
preop_prec('#') -> {700, 800}.

func_prec() -> {800, 700}.

max_prec() -> 900.

type_inop_prec('=') -> {150, 100, 100};
type_inop_prec('::') -> {150, 150, 160};
type_inop_prec('|') -> {180, 170, 170};
type_inop_prec('..') -> {300, 200, 300};
type_inop_prec('#') -> {800, 700, 800};
type_inop_prec(Op) when Op =/= 'or', Op =/= 'xor', Op =/= 'and' ->
    case kind_of(Op) of
        adding -> {400, 400, 500};
        multiplying -> {500, 500, 600}
    end.

type_preop_prec('+') -> {600, 700};
type_preop_prec('-') -> {600, 700};
type_preop_prec('bnot') -> {600, 700};
type_preop_prec('#') -> {700, 800}.

%% ---- annotations ----

map_anno(Fun, Form) ->
    {New, []} = walk(Form, [], fun(A, Acc) -> {Fun(A), Acc} end),
    New.

fold_anno(Fun, Acc0, Form) ->
    {_, Acc} = walk(Form, Acc0, fun(A, Acc1) -> {A, Fun(A, Acc1)} end),
    Acc.

mapfold_anno(Fun, Acc, Form) ->
    walk(Form, Acc, Fun).

new_anno(Term) ->
    map_anno(fun erl_anno:new/1, Term).

anno_to_term(Form) ->
    map_anno(fun erl_anno:to_term/1, Form).

anno_from_term(Term) ->
    map_anno(fun erl_anno:from_term/1, Term).

%% Calls Fun for every annotation, from left to right.
walk({function, F, A}, Acc, _Fun) ->
    {{function, F, A}, Acc};
walk({function, M, F, A}, Acc0, Fun) ->
    {[M1, F1, A1], Acc} = walk([M, F, A], Acc0, Fun),
    {{function, M1, F1, A1}, Acc};
walk({attribute, A, Name, Value}, Acc0, Fun) ->
    {A1, Acc1} = Fun(A, Acc0),
    {Value1, Acc} = walk_attribute(Name, Value, Acc1, Fun),
    {{attribute, A1, Name, Value1}, Acc};
walk({Tag, _} = Form, Acc, _Fun)
  when Tag =:= warning; Tag =:= error; Tag =:= eof ->
    {Form, Acc};
walk({clauses, Cs}, Acc0, Fun) ->
    {Cs1, Acc} = walk(Cs, Acc0, Fun),
    {{clauses, Cs1}, Acc};
walk({typed_record_field, Field, Type}, Acc0, Fun) ->
    {[Field1, Type1], Acc} = walk([Field, Type], Acc0, Fun),
    {{typed_record_field, Field1, Type1}, Acc};
walk({bin_element, A, Value, Size, Types}, Acc0, Fun) ->
    {A1, Acc1} = Fun(A, Acc0),
    {[Value1, Size1], Acc} = walk([Value, Size], Acc1, Fun),
    {{bin_element, A1, Value1, Size1, Types}, Acc};
walk(Form, Acc0, Fun) when is_tuple(Form), tuple_size(Form) >= 2 ->
    [Tag, A | Rest] = tuple_to_list(Form),
    {A1, Acc1} = Fun(A, Acc0),
    {Rest1, Acc} = walk(Rest, Acc1, Fun),
    {list_to_tuple([Tag, A1 | Rest1]), Acc};
walk([H | T], Acc0, Fun) ->
    {H1, Acc1} = walk(H, Acc0, Fun),
    {T1, Acc} = walk(T, Acc1, Fun),
    {[H1 | T1], Acc};
walk(Other, Acc, _Fun) when not is_tuple(Other) ->
    {Other, Acc}.

%% The attributes whose values hold forms.
walk_attribute(record, {Name, Fields}, Acc0, Fun) ->
    {Fields1, Acc} = walk(Fields, Acc0, Fun),
    {{Name, Fields1}, Acc};
walk_attribute(Name, {Function, Types}, Acc0, Fun)
  when Name =:= spec; Name =:= callback ->
    {Types1, Acc} = walk(Types, Acc0, Fun),
    {{Function, Types1}, Acc};
walk_attribute(Name, {Type, Definition, Args}, Acc0, Fun)
  when Name =:= type; Name =:= opaque; Name =:= nominal ->
    {[Definition1, Args1], Acc} = walk([Definition, Args], Acc0, Fun),
    {{Type, Definition1, Args1}, Acc};
walk_attribute(_, Value, Acc, _Fun) ->
    {Value, Acc}.

%% The annotation of what stands leftmost.
first_anno(Form) ->
    Earlier = fun(A, First) ->
                      case is_before(erl_anno:location(A),
                                     erl_anno:location(First)) of
                          true -> A;
                          false -> throw({first_anno, First})
                      end
              end,
    try fold_anno(Earlier, element(2, Form), Form)
    catch throw:{first_anno, A} -> A
    end.

is_before(Line, Location) when is_integer(Line) ->
    is_before({Line, 1}, Location);
is_before(Location, Line) when is_integer(Line) ->
    is_before(Location, {Line, 1});
is_before(Location1, Location2) ->
    Location1 =< Location2.
