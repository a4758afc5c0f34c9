%% SPDX-License-Identifier: Apache-2.0
%% The bit syntax for erl_eval: values to bitstrings, and bitstrings matched
%% against patterns.
%%
%% EvalFun(Expr, Bindings) answers {value, Value, Bindings}; MatchFun is called
%% as MatchFun(match, {Pattern, Value, Bindings}) and answers {match, Bindings}
%% or throws. ErrorFun(Anno, Reason, Stacktrace) raises.
-module(eval_bits).

-export([expr_grp/3, expr_grp/4, expr_grp/5, match_bits/6, match_bits/7,
         bin_gen/6, bin_gen/7]).

-include("../include/erl_bits.hrl").

expr_grp(Fields, Bs, Eval) ->
    expr_grp(Fields, Bs, Eval, fun raise/3, <<>>).

expr_grp(Fields, Bs, Eval, Error) ->
    expr_grp(Fields, Bs, Eval, Error, <<>>).

%% The names of this function and the next ones, and how they call each other,
%% show in what is printed of a construction that failed.
expr_grp(Fields, Bs0, Eval, Error, Acc) ->
    {Segments, Bs} = expr_grp1(Fields, Bs0, Bs0, Eval, Error, []),
    Placed = lists:zip(lists:seq(1, length(Segments)), Segments),
    {value, create_binary(Placed, Acc), Bs}.

expr_grp1([F | Fs], Bs0, Bs1, Eval, Error, Segments) ->
    {Segment, Bs} = eval_field(F, Bs0, Bs1, Eval, Error),
    expr_grp1(Fs, Bs0, Bs, Eval, Error, [Segment | Segments]);
expr_grp1([], _, Bs, _, _, Segments) -> {lists:reverse(Segments), Bs}.

create_binary([{Position, S} | Ss], Acc) ->
    Bin = segment(S, Position),
    create_binary(Ss, <<Acc/bitstring, Bin/bitstring>>);
create_binary([], Acc) -> Acc.

raise(_Anno, Reason, Stack) ->
    erlang:raise(error, Reason, Stack).

%% Values and sizes are all known before the first segment is made.
eval_field({bin_element, Anno, {string, _, String}, Size0, Types}, Bs0, Bs,
           Eval, Error) ->
    {SizeExpr, Type} = type(Anno, Size0, Types, Error),
    {value, Size, Bs1} = Eval(SizeExpr, Bs0),
    {{Anno, String, Size, Type, Error}, merge(Bs1, Bs)};
eval_field({bin_element, Anno, Expr, Size0, Types}, Bs0, Bs, Eval, Error) ->
    {SizeExpr, Type} = type(Anno, Size0, Types, Error),
    {value, Value, Bs1} = Eval(Expr, Bs0),
    {value, Size, Bs2} = Eval(SizeExpr, Bs0),
    {{Anno, [Value], Size, Type, Error}, merge(Bs2, merge(Bs1, Bs))}.

merge(New, Old) when is_map(New), is_map(Old) -> maps:merge(Old, New);
merge(New, Old) -> lists:ukeymerge(1, New, Old).

segment({Anno, Values, Size, Type, Error}, Position) ->
    try segment(Values, Size, Type, <<>>)
    catch
        error:system_limit:Stack ->
            Error(Anno, system_limit, at_segment(Stack, Position));
        error:_:Stack ->
            Error(Anno, badarg, at_segment(Stack, Position))
    end.

%% Of an empty string the size alone can be wrong.
segment([], Size, #bittype{unit = Unit}, <<>>)
  when not is_integer(Size), Size =/= undefined, Size =/= all ->
    _ = Size * Unit,
    <<>>;
segment([V | Vs], Size, Type, Acc) ->
    #bittype{type = Name, unit = Unit, endian = Endian, sign = Sign} = Type,
    Bin = eval_exp_field(V, Size, Unit, Name, Endian, Sign),
    segment(Vs, Size, Type, <<Acc/bitstring, Bin/bitstring>>);
segment([], _, _, Acc) -> Acc.

%% The failed construction had one segment; this one is the [Position]th of
%% those that the user wrote. Where another function than the construction
%% failed, OTP shows who called that.
at_segment([{M, F, A, Info0} | Stack], Position) ->
    Info = case lists:keyfind(error_info, 1, Info0) of
               {_, #{} = Error} ->
                   Placed = Error#{override_segment_position => Position},
                   lists:keyreplace(error_info, 1, Info0,
                                    {error_info, Placed});
               _ -> Info0
           end,
    Place = [{file, "eval_bits.erl"}, {line, ?LINE}],
    [{M, F, A, Info}
     | [{?MODULE, eval_exp_field1, 9, Place} || F =/= eval_exp_field]]
        ++ without_own(Stack).

without_own(Stack) ->
    lists:dropwhile(fun({?MODULE, F, _, _}) ->
                            F =:= segment orelse F =:= eval_exp_field;
                       (_) -> false
                    end, Stack).

eval_exp_field(V, all, Unit, binary, _, _) ->
    case bit_size(V) rem Unit of
        0 -> V;
        _ -> error(badarg)
    end;
eval_exp_field(V, Size, Unit, binary, _, _) ->
    <<V:(Size * Unit)/bitstring>>;
eval_exp_field(V, Size, Unit, integer, big, _) ->
    <<V:(Size * Unit)/big>>;
eval_exp_field(V, Size, Unit, integer, little, _) ->
    <<V:(Size * Unit)/little>>;
eval_exp_field(V, Size, Unit, float, big, _) ->
    <<V:(Size * Unit)/float-big>>;
eval_exp_field(V, Size, Unit, float, little, _) ->
    <<V:(Size * Unit)/float-little>>;
eval_exp_field(V, undefined, _, utf8, _, _) -> <<V/utf8>>;
eval_exp_field(V, undefined, _, utf16, big, _) -> <<V/utf16>>;
eval_exp_field(V, undefined, _, utf16, _, _) -> <<V/utf16-little>>;
eval_exp_field(V, undefined, _, utf32, big, _) -> <<V/utf32>>;
eval_exp_field(V, undefined, _, utf32, _, _) -> <<V/utf32-little>>.

%% Matching. Bs gets the new bindings; sizes see SizeBs and what was bound
%% before them in the pattern.

match_bits(Fields, Bin, Bs, SizeBs, Match, Eval) ->
    match_bits(Fields, Bin, Bs, SizeBs, Match, Eval, fun raise/3).

match_bits(Fields, Bin, Bs0, SizeBs, Match, Eval, Error) ->
    case catch match_fields(Fields, Bin, Bs0, SizeBs, {Match, Eval, Error}) of
        {match, Bs, _, <<>>} -> {match, Bs};
        invalid -> throw(invalid);
        _ -> throw(nomatch)
    end.

match_fields([F | Fs], Bin, Bs0, SizeBs0, Funs) ->
    {match, Bs, SizeBs, Rest} = match_field(F, Bin, Bs0, SizeBs0, Funs),
    match_fields(Fs, Rest, Bs, SizeBs, Funs);
match_fields([], Bin, Bs, SizeBs, _) ->
    {match, Bs, SizeBs, Bin}.

match_field({bin_element, Anno, {string, SAnno, String}, Size0, Types}, Bin,
            Bs, SizeBs, {_, Eval, Error} = Funs) ->
    {SizeExpr, Type} = type(Anno, Size0, Types, Error),
    {value, Size, _} = Eval(SizeExpr, SizeBs),
    lists:foldl(
      fun(C, {match, Bs1, SizeBs1, Bin1}) ->
              match_value({integer, SAnno, C}, Bin1, Size, Type, Bs1, SizeBs1,
                          Funs)
      end, {match, Bs, SizeBs, Bin}, String);
match_field({bin_element, Anno, Pattern0, Size0, Types}, Bin, Bs, SizeBs,
            {_, Eval, Error} = Funs) ->
    {SizeExpr, Type} = type(Anno, Size0, Types, Error),
    {value, Size, _} = Eval(SizeExpr, SizeBs),
    Pattern = pattern(erl_eval:partial_eval(Pattern0), Type),
    match_value(Pattern, Bin, Size, Type, Bs, SizeBs, Funs).

%% An integer literal in a float segment stands for the float.
pattern({integer, Anno, I}, #bittype{type = float}) -> {float, Anno, float(I)};
pattern(Pattern, _) -> Pattern.

match_value(Pattern, Bin, Size, Type, Bs0, SizeBs0, {Match, _, _}) ->
    {Value, Rest} = decode(Bin, Size, Type),
    {match, Bs} = Match(match, {Pattern, Value, Bs0}),
    {match, Bs, bind_size(Pattern, Value, SizeBs0, Match), Rest}.

bind_size({var, _, '_'}, _, SizeBs, _) -> SizeBs;
bind_size({var, _, Name}, Value, SizeBs, Match) ->
    Match(add_binding, {Name, Value, SizeBs});
bind_size(_, _, SizeBs, _) -> SizeBs.

%% {Value, Rest}; any failure means that the segment is not there.
decode(Bin, all, #bittype{type = binary, unit = Unit})
  when bit_size(Bin) rem Unit =:= 0 ->
    {Bin, <<>>};
decode(Bin, Size, #bittype{type = binary, unit = Unit}) ->
    Bits = Size * Unit,
    <<Value:Bits/bitstring, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, Size, #bittype{type = integer, unit = Unit, sign = S, endian = E}) ->
    Bits = Size * Unit,
    <<Part:Bits/bitstring, Rest/bitstring>> = Bin,
    {integer(Part, Bits, S, E), Rest};
decode(Bin, Size, #bittype{type = float, unit = Unit, endian = big}) ->
    Bits = Size * Unit,
    <<Value:Bits/float-big, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, Size, #bittype{type = float, unit = Unit}) ->
    Bits = Size * Unit,
    <<Value:Bits/float-little, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, undefined, #bittype{type = utf8}) ->
    <<Value/utf8, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, undefined, #bittype{type = utf16, endian = big}) ->
    <<Value/utf16, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, undefined, #bittype{type = utf16}) ->
    <<Value/utf16-little, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, undefined, #bittype{type = utf32, endian = big}) ->
    <<Value/utf32, Rest/bitstring>> = Bin,
    {Value, Rest};
decode(Bin, undefined, #bittype{type = utf32}) ->
    <<Value/utf32-little, Rest/bitstring>> = Bin,
    {Value, Rest}.

integer(Part, Bits, unsigned, big) -> <<V:Bits>> = Part, V;
integer(Part, Bits, signed, big) -> <<V:Bits/signed>> = Part, V;
integer(Part, Bits, unsigned, little) -> <<V:Bits/little>> = Part, V;
integer(Part, Bits, signed, little) -> <<V:Bits/signed-little>> = Part, V.

%% One step of a generator: {match, Rest, Bindings}, {nomatch, Rest} when the
%% bits are there but do not match, done when there are too few.

bin_gen(Pattern, Bin, Bs, SizeBs, Match, Eval) ->
    bin_gen(Pattern, Bin, Bs, SizeBs, Match, Eval, fun raise/3).

bin_gen({bin, _, Fields}, Bin, Bs, SizeBs, Match, Eval, Error) ->
    gen_fields(Fields, Bin, Bs, SizeBs, {Match, Eval, Error}, true).

gen_fields([F | Fs], Bin, Bs0, SizeBs0, Funs, Matches) ->
    case gen_field(F, Bin, Bs0, SizeBs0, Funs) of
        {match, Bs, SizeBs, Rest} ->
            gen_fields(Fs, Rest, Bs, SizeBs, Funs, Matches);
        {nomatch, Rest} ->
            gen_fields(Fs, Rest, Bs0, SizeBs0, Funs, false);
        done ->
            done
    end;
gen_fields([], Rest, Bs, _, _, true) -> {match, Rest, Bs};
gen_fields([], Rest, _, _, _, false) -> {nomatch, Rest}.

gen_field({bin_element, Anno, Pattern, Size0, Types} = F, Bin, Bs, SizeBs,
          {_, Eval, Error} = Funs) ->
    {SizeExpr, Type} = type(Anno, Size0, Types, Error),
    try
        {value, Size, _} = Eval(SizeExpr, SizeBs),
        skip(Pattern, Bin, Size, Type)
    of
        Rest ->
            case catch match_field(F, Bin, Bs, SizeBs, Funs) of
                {match, _, _, _} = Match -> Match;
                _ -> {nomatch, Rest}
            end
    catch
        _:_ -> done
    end.

skip({string, _, String}, Bin, Size, Type) ->
    lists:foldl(fun(_, B) -> skip(B, Size, Type) end, Bin, String);
skip(_, Bin, Size, Type) ->
    skip(Bin, Size, Type).

%% A float that is none is still there.
skip(Bin, Size, #bittype{type = float, unit = Unit}) ->
    Bits = Size * Unit,
    <<_:Bits/bitstring, Rest/bitstring>> = Bin,
    Rest;
skip(Bin, Size, Type) ->
    {_, Rest} = decode(Bin, Size, Type),
    Rest.

%% Types: the expression of the size, and what else the segment says.

type(Anno, Size0, Types, Error) ->
    case erl_bits:set_bit_type(Size0, Types) of
        {ok, Size, #bittype{endian = native} = Type} ->
            {size_expr(Size), Type#bittype{endian = native()}};
        {ok, Size, Type} ->
            {size_expr(Size), Type};
        {error, Reason} ->
            Error(Anno, Reason, [])
    end.

%% What is not written comes as it is.
size_expr(Size) when is_atom(Size) -> {atom, 0, Size};
size_expr(Size) when is_integer(Size) -> {integer, 0, Size};
size_expr(Expr) -> Expr.

native() ->
    case <<1:16/native>> of
        <<1:16/little>> -> little;
        _ -> big
    end.
