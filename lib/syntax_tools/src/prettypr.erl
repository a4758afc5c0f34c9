%% SPDX-License-Identifier: Apache-2.0
%% Pretty printing after Hughes ("The Design of a Pretty-printing Library"):
%% documents are built of texts, one above or beside the other, and sep and
%% par choose between a line and several by the width there is.
%%
%% best/3 takes a document apart by the algebra's laws. run/2 holds the part
%% in hand and a stack of what stands around it, innermost first; a text goes
%% outwards until it is known to be the first thing of the first line, so
%% that no more of the layouts is made than is looked at:
%%   {best, W, R, I}           the whole, indented by I, in W columns of which
%%                             R may hold text
%%   {choice, W, R, I, D}      the same, with D to take if this is too wide
%%   {over, D, I}              above D, which is indented by I
%%   {left, D}                 left of D
%%   {joined, Text}            right of a text
%%   {sep, Ds, I, IsPar}       the first of sep or par
%%   fit                       on one line
%%   {float_left, D, H, V}     right of a floating D
%%   {float_over, D, H, V, I}  below a floating D
%% Texts are [Width | Characters].
-module(prettypr).
-export([above/2, beside/2, best/3, break/1, empty/0, floating/1,
         floating/3, follow/2, follow/3, format/1, format/2, format/3,
         nest/2, par/1, par/2, sep/1, text/1, null_text/1, text_par/1,
         text_par/2]).
-export_type([document/0]).

-type document() :: null | tuple().

%% Building

text(Chars) -> {text, [width(Chars, 0) | Chars]}.

null_text(Chars) -> {text, [0 | Chars]}.

width([$\t | T], N) -> width(T, N - N rem 8 + 8);
width([_ | T], N) -> width(T, N + 1);
width([], N) -> N.

text_par(Chars) -> text_par(Chars, 0).

text_par(Chars, N) ->
    Words = [text(W) || W <- string:lexemes(Chars, " \t\n")],
    if N > 0 -> nest(N, par(Words, -N));
       true -> par(Words, -N)
    end.

empty() -> null.

break(D) -> above(D, empty()).

nest(0, D) -> D;
nest(N, D) -> {nest, N, D}.

beside(D1, D2) -> {beside, D1, D2}.

above(D1, D2) -> {above, D1, D2}.

sep(Ds) -> {sep, Ds, 0, false}.

par(Ds) -> par(Ds, 0).
par(Ds, N) when is_integer(N) -> {sep, Ds, N, true}.

follow(D1, D2) -> follow(D1, D2, 0).
follow(D1, D2, N) when is_integer(N) -> beside(par([D1, nil()], N), D2).

floating(D) -> floating(D, 0, 0).
floating(D, H, V) when is_integer(H), is_integer(V) -> {float, D, H, V}.

nil() -> text("").

%% Printing

format(D) -> format(D, 80).

format(D, Width) -> format(D, Width, 65).

format(D, Width, Ribbon) ->
    case best(D, Width, Ribbon) of
        empty -> throw(no_layout);
        Layout -> lists:flatten(lines(0, Layout))
    end.

lines(N, {above, {text, [_ | []]}, D}) -> [$\n | lines(N, D)];
lines(N, {above, {text, [_ | Chars]}, D}) ->
    [lists:duplicate(max(N, 0), $\s), Chars, $\n | lines(N, D)];
lines(N, {nest, I, D}) -> lines(N + I, D);
lines(N, {text, [_ | Chars]}) -> [lists:duplicate(max(N, 0), $\s), Chars];
lines(_, null) -> [].

%% The best layout

best(D, Width, Ribbon) -> run(D, [{best, Width, Ribbon, 0}]).

run({text, _} = T, Stack) -> run_text(T, Stack);
run({nest, N, D}, Stack) -> run_nest(N, D, Stack);
run({above, D1, D2}, [{over, D, N} | Stack]) ->
    run(D1, [{over, above(D2, nest(N, D)), 0} | Stack]);
run({above, D1, D2}, [{left, D} | Stack]) ->
    run(above(D1, beside(D2, D)), Stack);
run({above, _, _}, [fit | Stack]) -> run(empty, Stack);
run({above, D1, D2}, Stack) -> run(D1, [{over, D2, 0} | Stack]);
run({beside, D1, D2}, [{left, D} | Stack]) ->
    run(D1, [{left, beside(D2, D)} | Stack]);
run({beside, D1, D2}, [fit | Stack]) ->
    run(beside({fit, D1}, {fit, D2}), Stack);
run({beside, D1, D2}, Stack) -> run(D1, [{left, D2} | Stack]);
run({sep, Ds, _, _}, [fit | Stack]) -> run({fit, one_line(Ds)}, Stack);
run({sep, _, _, _} = D, [Frame | Stack])
  when element(1, Frame) =:= float_left;
       element(1, Frame) =:= float_over -> run(settled(Frame, D), Stack);
run({sep, [D], _, _}, Stack) -> run(D, Stack);
run({sep, [D | Ds], N, IsPar}, Stack) -> run(D, [{sep, Ds, N, IsPar} | Stack]);
run({union, D1, D2}, [{best, W, R, N}]) -> run(D1, [{choice, W, R, N, D2}]);
run({union, D1, D2}, [{choice, W, R, N, D}]) ->
    run(D1, [{choice, W, R, N, {union, D2, D}}]);
run({union, D1, D2}, [Frame | Stack]) ->
    run({union, plugged(Frame, D1), plugged(Frame, D2)}, Stack);
run({fit, D}, [fit | _] = Stack) -> run(D, Stack);
run({fit, D}, Stack) -> run(D, [fit | Stack]);
run({float, D, H, V}, Stack) -> run_float(D, H, V, Stack);
run(empty, [{best, _, _, _}]) -> empty;
run(empty, [{choice, W, R, N, D}]) -> run(D, [{best, W, R, N}]);
run(empty, [_ | Stack]) -> run(empty, Stack);
run(null, Stack) -> run_null(Stack).

run_null([{best, _, _, _}]) -> null;
run_null([{choice, W, R, N, _}]) -> run_null([{best, W, R, N}]);
run_null([{over, D, N} | Stack]) -> run(nest(N, D), Stack);
run_null([{left, D} | Stack]) -> run(D, Stack);
run_null([{joined, S} | Stack]) -> run({text, S}, Stack);
run_null([{sep, _, _, _} | _] = Stack) -> run(nil(), Stack);
run_null([fit | Stack]) -> run_null(Stack);
run_null([Frame | Stack]) -> run(settled(Frame, null), Stack).

%% The document of a frame with D in it.
plugged({over, D1, N}, D) -> above(D, nest(N, D1));
plugged({left, D1}, D) -> beside(D, D1);
plugged({joined, S}, D) -> beside({text, S}, D);
plugged({sep, Ds, N, IsPar}, D) -> {sep, [D | Ds], N, IsPar};
plugged(fit, D) -> {fit, D};
plugged({float_left, D1, H, V}, D) -> beside(floating(D1, H, V), D);
plugged({float_over, D1, H, V, N}, D) ->
    above(floating(D1, H, V), nest(N, D)).

%% The same where what floated has found its place.
settled({float_left, D1, _, _}, D) -> beside(D1, D);
settled({float_over, D1, _, _, N}, D) -> above(D1, nest(N, D)).

run_nest(N, D, [{best, W, R, I}]) -> run(D, [{best, W, R, N + I}]);
run_nest(N, D, [{over, D1, I} | Stack]) ->
    run(nest(N, above(D, nest(I - N, D1))), Stack);
run_nest(N, D, [{left, D1} | Stack]) -> run(nest(N, beside(D, D1)), Stack);
run_nest(N, D, [{sep, Ds, I, IsPar} | Stack]) ->
    run(nest(N, {sep, [D | Ds], I - N, IsPar}), Stack);
run_nest(N, D, [fit | Stack]) -> run(nest(N, {fit, D}), Stack);
run_nest(N, D, [{float_over, D1, H, V, I} | Stack]) ->
    run(D, [{float_over, D1, H, V, N + I} | Stack]);
%% right of something there is no indentation
run_nest(_, D, [{joined, _} | _] = Stack) -> run(D, Stack);
run_nest(_, D, [{float_left, _, _, _} | _] = Stack) -> run(D, Stack).

%% Texts

run_text(T, [{best, _, _, N}]) -> nest(N, T);
run_text({text, S} = T, [{choice, W, R, N, D}]) ->
    case too_wide(S, W, R, N) of
        true -> run(D, [{best, W, R, N}]);
        false -> nest(N, T)
    end;
run_text({text, S}, [{over, D, N} | Stack]) -> text_over(S, D, N, Stack);
run_text({text, S}, [{left, D} | Stack]) -> text_left(S, D, Stack);
run_text({text, S}, [{joined, S1} | Stack]) ->
    run({text, joined(S1, S)}, Stack);
run_text({text, S} = T, [{sep, Ds, N, IsPar} | Stack]) ->
    case S of
        [_] -> run(expanded(IsPar, nil(), Ds, N), Stack);
        [W | _] -> run(beside(T, {sep, [nil() | Ds], N - W, IsPar}), Stack)
    end;
run_text(T, [fit | Stack]) -> run(T, Stack);
run_text(T, [Frame | Stack]) -> run(settled(Frame, T), Stack).

too_wide([L | _], W, R, N) -> L + N > W orelse L > R.

joined([_], S) -> S;
joined(S, [_]) -> S;
joined([L1 | S1], [L2 | S2]) -> [L1 + L2 | S1 ++ S2].

%% A text above D, which is indented by I.
text_over(S, D, I, [{best, W, R, N}]) ->
    nest(N, above({text, S}, run(D, [{best, W - N, R, I}])));
text_over(S, D, I, [{choice, W, R, N, D1}]) ->
    case too_wide(S, W, R, N) of
        true -> run(D1, [{best, W, R, N}]);
        false -> run(above({text, S}, nest(I, D)), [{best, W, R, N}])
    end;
text_over(S, D, I, [{left, D1} | Stack]) ->
    run(above({text, S}, nest(I, beside(D, D1))), Stack);
text_over(S, D, I, [{joined, [W | _] = S1} | Stack]) ->
    run(above({text, joined(S1, S)}, nest(I + W, D)), Stack);
text_over([_], D, I, [{sep, Ds, N, IsPar} | Stack]) ->
    run(expanded(IsPar, above(nil(), nest(I, D)), Ds, N), Stack);
text_over([W | _] = S, D, I, [{sep, Ds, N, IsPar} | Stack]) ->
    First = above(nil(), nest(I - W, D)),
    run(beside({text, S}, {sep, [First | Ds], N - W, IsPar}), Stack);
text_over(S, D, I, [Frame | Stack]) ->
    run(settled(Frame, above({text, S}, nest(I, D))), Stack).

%% A text left of D.
text_left(S, D, [{joined, S1} | Stack]) ->
    run(beside({text, joined(S1, S)}, D), Stack);
text_left([W, _ | _] = S, D, [{over, D1, N} | Stack]) ->
    run(beside({text, S}, above(beside(nil(), D), nest(N - W, D1))), Stack);
text_left([W, _ | _] = S, D, [{sep, Ds, N, IsPar} | Stack]) ->
    run(beside({text, S}, {sep, [beside(nil(), D) | Ds], N - W, IsPar}),
        Stack);
text_left(S, D, [{choice, W, R, N, D1}] = Stack) ->
    case too_wide(S, W, R, N) of
        true -> run(D1, [{best, W, R, N}]);
        false -> run(D, [{joined, S} | Stack])
    end;
text_left(S, D, [Frame | Stack]) when element(1, Frame) =:= float_left;
                                      element(1, Frame) =:= float_over ->
    run(settled(Frame, beside({text, S}, D)), Stack);
text_left(S, D, Stack) -> run(D, [{joined, S} | Stack]).

%% The two ways of sep, and of par: as much as fits, then the rest below.
expanded(false, D, Ds, N) ->
    {union, {fit, one_line([D | Ds])}, column([D | [nest(N, X) || X <- Ds]])};
expanded(true, D, [D1 | Ds] = All, N) ->
    {union,
     beside({fit, D}, beside(text(" "),
                             {sep, [{fit, D1} | Ds], N - 1, true})),
     above(D, nest(N, par(All)))}.

one_line([D]) -> D;
one_line([D | Ds]) -> beside(D, beside(text(" "), one_line(Ds))).

column([D]) -> D;
column([D | Ds]) -> above(D, column(Ds)).

%% What floats: of two beside each other the one with the smaller H goes
%% left, of two above each other that with the smaller V goes up.

run_float(D, H, V, [{left, D1}, Frame | Stack])
  when element(1, Frame) =:= float_left; element(1, Frame) =:= float_over ->
    Float = floating(D, H, V),
    floats(Frame, Float, {D1, fun(F) -> beside(F, D1) end, fun() -> D1 end},
           {float_left, D, H, V}, Stack);
run_float(D, H, V, [{left, D1} | Stack]) ->
    run(D1, [{float_left, D, H, V} | Stack]);
run_float(D, H, V, [{over, D1, N}, Frame | Stack])
  when element(1, Frame) =:= float_left; element(1, Frame) =:= float_over ->
    Float = floating(D, H, V),
    Below = fun() ->
                    case Frame of
                        {float_over, _, _, _, I} -> nest(N + I, D1);
                        _ -> D1
                    end
            end,
    floats(Frame, Float,
           {D1, fun(F) -> above(F, nest(N, D1)) end, Below},
           {float_over, D, H, V, N}, Stack);
run_float(D, H, V, [{over, D1, N} | Stack]) ->
    run(D1, [{float_over, D, H, V, N} | Stack]);
run_float(D, H, V, [fit | Stack]) -> run(floating({fit, D}, H, V), Stack);
run_float(D, H, V, [{float_left, D1, H1, V1} | Stack]) ->
    if H1 > H ->
            run(beside(floating(D, H, V), floating(D1, H1, V1)), Stack);
       V1 /= V ->
            run(above(floating(D, H, V), floating(D1, H1, V1)), Stack);
       true -> run(beside(floating(D1, H1, V1), D), Stack)
    end;
run_float(D, H, V, [{float_over, D1, H1, V1, N} | Stack]) ->
    if V1 > V ->
            run(above(nest(N, floating(D, H, V)), floating(D1, H1, V1)),
                Stack);
       V1 == V, H1 /= H ->
            run(beside(floating(D, H, V), floating(D1, H1, V1)), Stack);
       true -> run(above(floating(D1, H1, V1), nest(N, D)), Stack)
    end;
run_float(D, _, _, Stack) -> run(D, Stack).

%% Two floats meet; Rest is what stands right of or below the inner one, as
%% it is, around a float, and below the other one.
floats(Frame, {float, _, H, V} = Float, {D1, Around, Below}, Own, Stack) ->
    case Frame of
        {float_left, D2, H1, V1} when H1 > H ->
            run(beside(Float, beside(floating(D2, H1, V1), D1)), Stack);
        {float_left, D2, H1, V1} when V1 /= V ->
            run(above(floating(D2, H1, V1), Around(Float)), Stack);
        {float_over, D2, H1, V1, N} when V1 > V ->
            run(above(nest(N, Float),
                      above(floating(D2, H1, V1), Below())), Stack);
        {float_over, D2, H1, V1, _} when V1 == V, H1 /= H ->
            run(beside(floating(D2, H1, V1), Around(Float)), Stack);
        _ -> run(D1, [Own, Frame | Stack])
    end.
