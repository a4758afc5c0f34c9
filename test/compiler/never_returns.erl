%% SPDX-License-Identifier: Apache-2.0
%% A call of what never returns is the last thing done and leaves no frame;
%% code holds the written functions before those made of their parts.
-module(never_returns).
-export([main/0, empty/1, adds/1, caught/1, returns/1]).

%% expect: empty 1
%% expect: adds 1
%% expect: caught {badarg,1}
%% expect: returns 2
%% expect: last '-main/0-lc$^0/1-0-'

main() ->
    [io:format("~p ~p~n", [F, frames(F)]) || F <- [empty, adds]],
    io:format("caught ~p~n", [caught(1)]),
    io:format("returns ~p~n", [frames(returns)]),
    [Last | _] = [F || {F, _} <- lists:reverse(module_info(functions)),
                     hd(atom_to_list(F)) =:= $-],
    io:format("last ~p~n", [Last]).

frames(F) ->
    try ?MODULE:F(2) catch
        error:_:Trace -> length([G || {?MODULE, G, 1, _} <- Trace, G =:= F])
    end.

empty(0) -> hd([]);
empty(N) ->
    X = empty(N - 1),
    [X].

adds(0) -> a + 1;
adds(N) -> [adds(N - 1)].

caught(N) ->
    try [empty(N)] catch error:R -> {R, N} end.

returns(0) -> hd(get(no_such_key));
returns(N) ->
    X = returns(N - 1),
    case N of
        1 -> [X];
        2 -> {X, returns(N - 1)}
    end.
