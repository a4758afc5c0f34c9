%% SPDX-License-Identifier: Apache-2.0
%% The functions that funs and comprehensions become, as stack traces call
%% them. Funs that are called where they are written become none.
-module(lifted_names).
-export([main/0]).

main() ->
    [io:format("~w~n", [names(F)])
     || F <- [fun right_first/0, fun inner_first/0, fun sources_first/0,
              fun at_once/0, fun at_once_within/0, fun named/0, fun binary/0,
              fun shadowed/0]],
    ok.

names(F) ->
    try F() of V -> V
    catch
        error:stop:Stack ->
            [{N, arity(A)} || {lifted_names, N, A, _} <- Stack,
                              N =/= names, N =/= main]
    end.

arity(A) when is_list(A) -> length(A);
arity(A) -> A.

%% No compiler knows that it does not return.
stop() -> apply(erlang, id(error), [stop]), ok.

id(X) -> X.

right_first() ->
    {F, _, _} = id({fun() -> ok = id(stop()), 1 end,
                    [X || X <- id([1])], fun() -> 2 end}),
    id(F()).

inner_first() ->
    F = id(fun() -> G = id(fun() -> id(stop()) end), id(G()) end),
    id(F()).

sources_first() ->
    id([Y || X <- [id(stop()) || Z <- id([1]), id(Z) > 0], Y <- id([X])]).

at_once() ->
    id((fun() -> id(stop()) end)()).

at_once_within() ->
    id([F() || X <- id([1]),
               F <- [fun() -> id((fun(Y) -> {Y, id(stop())} end)(X)) end]]).

named() ->
    F = id(fun Down(0) -> stop(); Down(N) -> id(Down(N - 1)) end),
    id(F(1)).

binary() ->
    id(<< <<(id(stop())):8>> || <<_>> <= id(<<1>>) >>).

%% Its variables are its own, those around it are seen and kept.
shadowed() ->
    X = id(1), Y = id(2),
    A = (fun(V) -> Z = V + Y, {V, Z} end)(id(10)),
    Z = X,
    {A, X, Z, (fun(_, _) -> Y end)(1, 2)}.
%% expect: [{stop,0},{'-right_first/0-fun-2-',0},{right_first,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{'-inner_first/0-fun-0-',0},{'-inner_first/0-fun-1-',0},{inner_first,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{'-sources_first/0-lc$^0/1-2-',1},{sources_first,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{at_once,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{'-at_once_within/0-fun-1-',1},{'-at_once_within/0-lc$^3/1-1-',2},{at_once_within,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{'-named/0-Down/1-0-',1},{named,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: [{stop,0},{'-binary/0-lbc$^0/2-0-',2},{binary,0},{'-main/0-lc$^8/1-0-',1}]
%% expect: {{10,12},1,1,2}
