%% SPDX-License-Identifier: Apache-2.0
%% The generators of comprehensions, for erl_eval. One generator alone ends
%% where its values do; those of a zip must all end at once. What does not match
%% is left out, or an error of a strict generator.
-module(erl_eval_generators).

-export([open/3, next/2]).
-export_type([calls/0]).

%% What erl_eval does for them: a value and a segment are matched from no
%% bindings on; the bindings of several patterns become one, and are told by name.
-type calls() :: #{match := fun((term(), term(), erl_anno:anno()) ->
                                       {match, term()} | nomatch),
                   bits := fun((term(), bitstring()) ->
                                      {match, bitstring(), term()}
                                    | {nomatch, bitstring()} | done),
                   merge := fun((term(), term()) -> term()),
                   names := fun((term()) -> [{atom(), term()}]),
                   none := term(),
                   fail := fun((term(), erl_anno:anno()) -> no_return())}.

%% What is left: the list, the bits, or what maps:next answered.
-record(source, {kind, anno, pattern, strict, rest}).
-record(zip, {anno, sources}).

%% Value answers the value of an expression. A filter has no generator.
open({zip, Anno, Generators}, Value, Fail) ->
    #zip{anno = Anno, sources = [source(G, Value, Fail) || G <- Generators]};
open(Qualifier, Value, Fail) ->
    case kind(element(1, Qualifier)) of
        filter ->
            filter;
        {bits, _} ->
            S = source(Qualifier, Value, Fail),
            case is_bitstring(S#source.rest) of
                true -> S;
                false -> Fail({bad_generator, S#source.rest}, S#source.anno)
            end;
        _ ->
            source(Qualifier, Value, Fail)
    end.

kind(generate) -> {list, false};
kind(generate_strict) -> {list, true};
kind(b_generate) -> {bits, false};
kind(b_generate_strict) -> {bits, true};
kind(m_generate) -> {map, false};
kind(m_generate_strict) -> {map, true};
kind(_) -> filter.

source({Name, Anno, Pattern, Expr}, Value, Fail) ->
    {Kind, Strict} = kind(Name),
    S = #source{kind = Kind, anno = Anno, pattern = Pattern, strict = Strict,
                rest = Value(Expr)},
    case Kind of
        map ->
            {map_field_exact, A, Key, V} = Pattern,
            case erts_internal:mc_iterator(S#source.rest) of
                [] -> Fail({bad_generator, S#source.rest}, Anno);
                Next -> S#source{pattern = {tuple, A, [Key, V]}, rest = Next}
            end;
        _ ->
            S
    end.

%% The bindings that the next values give, or nomatch, and what is left then.
next(#source{anno = Anno} = S, #{fail := Fail} = Calls) ->
    case take(S, Calls) of
        {ended, _} when S#source.kind =:= bits -> done;
        {ended, []} -> done;
        {ended, none} -> done;
        {ended, Rest} -> Fail({bad_generator, Rest}, Anno);
        {bad, Value} -> Fail({badmatch, Value}, Anno);
        Taken -> Taken
    end;
next(#zip{anno = Anno, sources = Sources} = Zip, #{fail := Fail} = Calls) ->
    Taken = [take(S, Calls) || S <- Sources],
    case [T || {ended, _} = T <- Taken] of
        [] ->
            together(Taken, Zip, Calls);
        _ ->
            lists:all(fun may_end/1, Sources)
                orelse Fail({bad_generators, rests(Sources)}, Anno),
            done
    end.

%% What is left of a binary does not matter, but to a strict generator.
may_end(#source{kind = bits, strict = false, rest = Rest}) ->
    is_bitstring(Rest);
may_end(#source{rest = Rest}) ->
    Rest =:= [] orelse Rest =:= <<>> orelse Rest =:= none.

rests(Sources) ->
    list_to_tuple([S#source.rest || S <- Sources]).

%% Variables in several patterns ask for equal values. It is an error if that
%% fails where a strict generator has one.
together(Taken, #zip{anno = Anno, sources = Sources} = Zip, Calls) ->
    #{fail := Fail, merge := Merge, names := Names, none := None} = Calls,
    Found = [{S#source.strict, maps:from_list(Names(Bs))}
             || {match, Bs, S} <- Taken],
    Strict = unite([Bs || {true, Bs} <- Found], #{}),
    Wrong = lists:keymember(bad, 1, Taken) orelse Strict =:= clash
        orelse lists:any(fun({_, Bs}) -> unite([Bs], Strict) =:= clash end,
                         Found),
    Wrong andalso Fail({bad_generators, rests(Sources)}, Anno),
    Rest = Zip#zip{sources = [element(tuple_size(T), T) || T <- Taken]},
    case lists:keymember(nomatch, 1, Taken)
        orelse unite([Bs || {_, Bs} <- Found], #{}) =:= clash of
        true ->
            {nomatch, Rest};
        false ->
            All = lists:foldl(fun({match, Bs, _}, Acc) -> Merge(Bs, Acc) end,
                              None, Taken),
            {match, All, Rest}
    end.

unite([], All) ->
    All;
unite([Bs | More], All) ->
    case maps:intersect(Bs, All) =:= maps:intersect(All, Bs) of
        true -> unite(More, maps:merge(All, Bs));
        false -> clash
    end.

%% {match, Bindings, Source} | {nomatch, Source} | {ended, Rest}
%%     | {bad, Value}, of a strict one
take(#source{kind = list, rest = [Value | Rest]} = S, Calls) ->
    match(Value, S#source{rest = Rest}, Calls);
take(#source{kind = map, rest = {Key, Value, Iterator}} = S, Calls) ->
    match({Key, Value}, S#source{rest = maps:next(Iterator)}, Calls);
take(#source{kind = bits, rest = Bits, strict = Strict} = S, #{bits := Match})
  when is_bitstring(Bits) ->
    case Match(S#source.pattern, Bits) of
        {match, Rest, Bs} -> {match, Bs, S#source{rest = Rest}};
        _ when Strict, Bits =/= <<>> -> {bad, Bits};
        {nomatch, Rest} -> {nomatch, S#source{rest = Rest}};
        done -> {ended, Bits}
    end;
take(#source{rest = Rest}, _) ->
    {ended, Rest}.

match(Value, #source{pattern = Pattern, anno = Anno} = S, #{match := Match}) ->
    case Match(Pattern, Value, Anno) of
        {match, Bs} -> {match, Bs, S};
        nomatch when S#source.strict -> {bad, Value};
        nomatch -> {nomatch, S}
    end.
