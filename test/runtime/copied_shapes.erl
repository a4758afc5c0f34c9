%% SPDX-License-Identifier: Apache-2.0
%% Messages of lists whose elements and ends are of all kinds arrive as they
%% were sent; literals in them, too.
%% expect: ok
-module(copied_shapes).
-export([main/0]).

main() ->
    Echo = spawn_link(fun echo/0),
    Parts = parts(),
    Ends = [[], a, 1.5, {x, [y]}, "literal", [z|w], <<1, 2, 3>>],
    [same(Echo, put_at(N, Part, lists:seq(1, 6), End))
     || Part <- Parts, N <- lists:seq(0, 6), End <- Ends],
    [same(Echo, {lists:seq(1, N), Part, lists:duplicate(N, Part), Part})
     || Part <- Parts, N <- [1, 2, 50]],
    [same(Echo, [lists:seq(1, N), lists:seq(1, N) | lists:seq(1, N)])
     || N <- lists:seq(1, 20)],
    io:format("ok~n").

parts() ->
    [a, -1, [], [1, 2], [[]], {}, {1}, {[1], [2|3]}, 1.0, 1 bsl 80, make_ref(),
     self(), #{a => [1]}, maps:from_list([{I, [I]} || I <- lists:seq(1, 40)]),
     <<>>, <<"bytes">>, binary:copy(<<"large">>, 100), <<5:3>>,
     binary:part(binary:copy(<<"part">>, 100), 3, 200), "a literal",
     fun() -> ok end, fun lists:map/2].

%% [Part] in the place of element N (0: in front), and End behind the last.
put_at(N, Part, L, End) ->
    {A, B} = lists:split(N, L),
    A ++ [Part | B ++ End].

same(Echo, Term) ->
    Echo ! {self(), Term},
    receive {Echo, Back} -> true = Back =:= Term end,
    erlang:garbage_collect().

echo() ->
    receive
        {From, Term} ->
            From ! {self(), Term},
            echo()
    end.
