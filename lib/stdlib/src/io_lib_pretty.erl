%% SPDX-License-Identifier: Apache-2.0
%% io_lib_pretty: the text of terms broken into lines, as ~p has it. It is
%% made in C; here the options are read, and functions that name the fields of
%% records are asked beforehand, for C cannot call them.
-module(io_lib_pretty).

-export([print/1, print/2, print/3, print/4, print/5, print/6,
         pretty/2, record_fields/2, map_orders/2]).

-type record_print_fun() ::
        fun((Tag :: atom(), Fields :: non_neg_integer()) -> no | [atom()]).

-spec print(term()) -> io_lib:chars().
print(Term) -> print(Term, 1, 80, -1).

-spec print(term(), record_print_fun() | [{atom(), term()}]) ->
          io_lib:chars().
print(Term, Options) when is_list(Options) ->
    %% what is no option is passed over
    pretty(Term, maps:from_list([O || {_, _} = O <- Options]));
print(Term, RecordFun) -> print(Term, -1, RecordFun).

print(Term, Depth, RecordFun) -> print(Term, 1, 80, Depth, RecordFun).

print(Term, Column, LineLength, Depth) ->
    pretty(Term, #{column => Column, line_length => LineLength,
                   depth => Depth, encoding => latin1}).

print(Term, Column, LineLength, Depth, RecordFun) ->
    print(Term, Column, LineLength, Depth, -1, RecordFun).

print(Term, Column, LineLength, Depth, LineMax, RecordFun) ->
    pretty(Term, #{column => Column, line_length => LineLength,
                   depth => Depth, line_max_chars => LineMax,
                   record_print_fun => RecordFun, encoding => latin1}).

pretty(_, #{depth := 0}) -> "...";
pretty(_, #{chars_limit := 0}) -> "...";
pretty(Term, _) when is_integer(Term) -> integer_to_list(Term);
pretty(Term, _) when is_float(Term) -> float_to_list(Term, [short]);
pretty(Term, Options) ->
    merle_print:pretty(Term, c_options(Term, Options)).

c_options(Term, Options) ->
    Own = #{depth => get(depth, Options, -1),
            chars => get(chars_limit, Options, -1),
            column => max(1, get(column, Options, 1)),
            line_length => get(line_length, Options, 80),
            max_line => get(line_max_chars, Options, -1),
            strings => get(strings, Options, true),
            unicode_strings => io:printable_range() =:= unicode,
            encoding => simple(get(encoding, Options, utf8)),
            orders => map_orders(Term, get(maps_order, Options, undefined))},
    case get(record_print_fun, Options, no_fun) of
        no_fun -> Own;
        Fun ->
            case record_fields(Term, Fun) of
                Fields when map_size(Fields) =:= 0 -> Own;
                Fields -> Own#{records => Fields}
            end
    end.

get(Key, Options, Default) ->
    case Options of
        #{Key := Value} -> Value;
        #{} -> Default
    end.

simple(latin1) -> latin1;
simple(_) -> unicode.

%% What [Fun] says of all tuples in [Term] that may be records.
-spec record_fields(term(), record_print_fun()) ->
          #{{atom(), non_neg_integer()} => [atom()]}.
record_fields(Term, Fun) ->
    maps:filter(fun(_, Fields) -> Fields =/= no end,
                fold(fun(T, Known) -> ask(T, Fun, Known) end, #{}, Term)).

ask(Tuple, Fun, Known) when is_tuple(Tuple), is_atom(element(1, Tuple)) ->
    Name = element(1, Tuple),
    Fields = tuple_size(Tuple) - 1,
    case Known of
        #{{Name, Fields} := _} -> Known;
        #{} -> Known#{{Name, Fields} => Fun(Name, Fields)}
    end;
ask(_, _, Known) -> Known.

%% The keys of all maps in [Term] in an order of maps:iterator/2.
map_orders(_, undefined) -> none;
map_orders(Term, Order) ->
    fold(fun(Map, Known) when is_map(Map) ->
                 Pairs = maps:to_list(maps:iterator(Map, Order)),
                 Known#{Map => [K || {K, _} <- Pairs]};
            (_, Known) -> Known
         end, #{}, Term).

%% Over all tuples and maps in a term, from the outside in.
fold(Fun, Acc, Tuple) when is_tuple(Tuple) ->
    fold_list(Fun, Fun(Tuple, Acc), tuple_to_list(Tuple));
fold(Fun, Acc, [_ | _] = List) -> fold_list(Fun, Acc, List);
fold(Fun, Acc, Map) when is_map(Map) ->
    maps:fold(fun(K, V, A) -> fold(Fun, fold(Fun, A, K), V) end,
              Fun(Map, Acc), Map);
fold(_, Acc, _) -> Acc.

fold_list(Fun, Acc, [H | T]) when is_integer(H) -> fold_list(Fun, Acc, T);
fold_list(Fun, Acc, [H | T]) -> fold_list(Fun, fold(Fun, Acc, H), T);
fold_list(_, Acc, []) -> Acc;
fold_list(Fun, Acc, Tail) -> fold(Fun, Acc, Tail).
