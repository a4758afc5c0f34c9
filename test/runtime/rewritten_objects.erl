%% SPDX-License-Identifier: Apache-2.0
%% Objects of a table that others with the same key replace, as large and not:
%% what was looked up before stays as it was.
%% expect: {set,[{1,ok},{2,ok},{3,ok}]}
%% expect: {ordered_set,[{1,ok},{2,ok},{3,ok}]}
%% expect: [{1,a},{2,b}]
%% expect: [{1.0,c},{2,b}]
%% expect: [{{100000000000000000000},d}]
%% expect: [{{1.0e20},e}]
%% expect: {[],1,[{k,<<110,101,119>>}],1}
%% expect: {writers,true}
-module(rewritten_objects).
-export([main/0]).

main() ->
    [p({Type, [{N, rewrite(Type, N)} || N <- [1, 2, 3]]})
     || Type <- [set, ordered_set]],
    keys(),
    fixed(),
    writers().

p(X) -> io:format("~w~n", [X]).

%% Objects of three shapes follow each other under one key; N tells how many
%% of a shape stand side by side.
rewrite(Type, N) ->
    T = ets:new(t, [Type, public]),
    Shapes = [fun(I) -> {{k, 1}, I, [I]} end,
              fun(I) -> {{k, 1}, [I, I], {I}, integer_to_binary(I)} end,
              fun(I) -> {{k, 1}, binary:copy(<<I:64>>, 10), 1 bsl 70 + I} end],
    All = [F(I) || I <- lists:seq(1, 60), F <- lists:append(
                   lists:duplicate(N, [lists:nth(I rem 3 + 1, Shapes)]))],
    Seen = [begin
                true = ets:insert(T, O),
                [X] = ets:lookup(T, {k, 1}),
                1 = ets:info(T, size),
                X
            end || O <- All],
    erlang:garbage_collect(),
    true = Seen =:= All,
    %% One of its own objects, and several of one key at once.
    true = ets:insert(T, hd(ets:lookup(T, {k, 1}))),
    true = ets:insert(T, Seen),
    true = ets:lookup(T, {k, 1}) =:= [lists:last(All)],
    true = ets:delete(T, {k, 1}),
    0 = ets:info(T, size),
    true = ets:delete(T),
    ok.

%% Keys that are the same in ordered sets, and differ.
keys() ->
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{1, a}, {2, b}]),
    p(ets:tab2list(T)),
    ets:insert(T, {1.0, c}),
    p(ets:tab2list(T)),
    ets:delete_all_objects(T),
    ets:insert(T, {{100000000000000000000}, d}),
    p(ets:tab2list(T)),
    ets:insert(T, {{1.0e20}, e}),
    [{_, e}] = ets:lookup(T, {100000000000000000000}),
    p(ets:tab2list(T)).

%% An object that is deleted under a traversal comes back.
fixed() ->
    T = ets:new(t, [set]),
    ets:insert(T, {k, <<"old">>}),
    ets:safe_fixtable(T, true),
    ets:delete(T, k),
    Gone = ets:lookup(T, k),
    ets:insert(T, {k, <<"new">>}),
    Size = ets:info(T, size),
    ets:insert(T, {k, <<"new">>}),
    ets:safe_fixtable(T, false),
    p({Gone, Size, ets:lookup(T, k), ets:info(T, size)}).

%% Readers beside writers see whole objects.
writers() ->
    T = ets:new(t, [set, public, {write_concurrency, true}]),
    ets:insert(T, {k, 0, {0}, [0]}),
    Self = self(),
    Ws = [spawn_link(fun() -> write(T, W * 100000, 20000), Self ! self() end)
          || W <- [1, 2, 3]],
    Good = read(T, 20000),
    [receive W -> ok end || W <- Ws],
    p({writers, Good}).

write(_, _, 0) -> ok;
write(T, From, N) ->
    I = From + N,
    true = ets:insert(T, {k, I, {I}, [I]}),
    write(T, From, N - 1).

read(_, 0) -> true;
read(T, N) ->
    case ets:lookup(T, k) of
        [{k, I, {I}, [I]}] -> read(T, N - 1);
        Other -> Other
    end.
