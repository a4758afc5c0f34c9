%% SPDX-License-Identifier: Apache-2.0
%% Stack traces that are asked for behind one or several handlers, by all ways
%% to ask, show the whole way down; and failing at each step of a deep recursion
%% costs no more at its end.
%% expect: asked [raiser,one,asked,two,main]
%% expect: old_catch [raiser,one,old_catch,two,main]
%% expect: trimmed [raiser,one,trimmed,two,main]
%% expect: passing [raiser,one,passing,three,two,main]
%% expect: after_it [raiser,one,after_it,three,two,main]
%% expect: again [raiser,one,again,three,two,main]
%% expect: class_again [raiser,one,class_again,three,two,main]
%% expect: kept [raiser,one,kept,two,main]
%% expect: bif [one,asked,two,main]
%% expect: deep [raiser,down,one,asked,two,main]
%% expect: steps [raiser,one,asked,steps,two,main]
-module(deep_traces).
-export([main/0, raiser/0]).

main() ->
    show(asked, two(fun() -> asked(fun raiser/0) end)),
    show(old_catch, two(fun() -> old_catch(fun raiser/0) end)),
    show(trimmed, two(fun() -> trimmed(fun raiser/0) end)),
    show(passing, two(fun() -> three(fun() -> passing(fun raiser/0) end) end)),
    show(after_it, two(fun() -> three(fun() -> after_it(fun raiser/0) end) end)),
    show(again, two(fun() -> three(fun() -> again(fun raiser/0) end) end)),
    show(class_again,
         two(fun() -> three(fun() -> class_again(fun raiser/0) end) end)),
    show(kept, two(fun() -> kept(fun raiser/0) end)),
    show(bif, two(fun() -> asked(fun() -> list_to_integer(id("x")) end) end)),
    show(deep, two(fun() -> asked(fun() -> down(1000) end) end)),
    show(steps, two(fun() -> steps(5000) end)),
    ok.

id(X) -> X.

%% The functions of this module, without funs.
show(Way, Trace) ->
    Names = [F || {?MODULE, F, _, _} <- Trace, hd(atom_to_list(F)) =/= $-],
    io:format("~w ~w~n", [Way, Names]).

%% None of these leaves its frame before the end.
two(F) -> kept_frame(F(), two).
one(F) -> kept_frame(F(), one).
three(F) -> try kept_frame(F(), three) catch _:_:Trace -> Trace end.
kept_frame(X, _) -> X.

%% As far as a compiler knows.
raiser() ->
    case get(nothing) of
        undefined -> error(reason);
        X -> X
    end.

asked(F) -> try one(F) catch error:_:Trace -> Trace end.

old_catch(F) ->
    {'EXIT', {reason, Trace}} = (catch one(F)),
    Trace.

%% What the handler no longer needs of its frame is given back first.
trimmed(F) ->
    A = id(self()), B = id(make_ref()),
    try one(F)
    catch
        error:reason:Trace ->
            true = A =/= B,
            [] = deep(3),
            Trace
    end.

deep(0) -> [];
deep(N) -> tl([N | deep(N - 1)]).

%% Through a handler for others.
passing(F) -> try one(F) catch throw:x -> x; error:other -> y end.

after_it(F) -> try one(F) after [] = deep(5) end.

again(F) ->
    try one(F) catch C:Reason:Trace -> erlang:raise(C, Reason, Trace) end.

class_again(F) ->
    try one(F) catch error:R:Trace -> erlang:raise(exit, R, Trace) end.

%% After other calls have used the stack.
kept(F) ->
    try one(F)
    catch
        error:reason:Trace ->
            [] = deep(20),
            Trace
    end.

down(0) -> raiser();
down(N) -> kept_frame(down(N - 1), N).

%% Each step catches what it raises itself; the last one asks for all.
steps(0) -> asked(fun raiser/0);
steps(N) ->
    ok = try throw(ok) catch throw:X -> X end,
    {'EXIT', _} = (catch exit(N)),
    kept_frame(steps(N - 1), N).
