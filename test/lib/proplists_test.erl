%% SPDX-License-Identifier: Apache-2.0
%% proplists: which property is the first of a key, in lists that hold other
%% terms too or end badly.
%% expect: {1,true,undefined,y,d,x}
%% expect: {{a,1},{b,true},none,{1,y},{a},{"s",x}}
%% expect: {true,true,false,true,true,true}
%% expect: {false,true,false,false,false,true}
%% expect: {get_value,[k,tail,d]}
%% expect: {lookup,[k,tail]}
%% expect: {is_defined,[k,tail]}
%% expect: {get_bool,[k,tail]}
%% expect: 30000
-module(proplists_test).
-export([main/0]).

main() ->
    L = [{}, "s", {"s", x}, {a, 1}, b, {a, 2}, 17, {1.0, x}, {1, y},
         {c, true, 3}, {true, true}, {d, true}],
    Alone = [{a}, {a, 2}],
    io:format("~w~n", [{proplists:get_value(a, L), proplists:get_value(b, L),
                        proplists:get_value(c, L), proplists:get_value(1, L),
                        proplists:get_value(a, Alone, d),
                        proplists:get_value(1.0, L)}]),
    io:format("~p~n", [{proplists:lookup(a, L), proplists:lookup(b, L),
                        proplists:lookup(x, L), proplists:lookup(1, L),
                        proplists:lookup(a, Alone),
                        proplists:lookup("s", L)}]),
    io:format("~p~n", [list_to_tuple([proplists:is_defined(K, L)
                                      || K <- [a, b, x, c, 1, "s"]])]),
    io:format("~p~n", [list_to_tuple([proplists:get_bool(K, L)
                                      || K <- [a, b, x, c, 1, d]])]),
    Bad = [a, {b, 1} | tail],
    failing(fun() -> proplists:get_value(k, Bad, d) end),
    failing(fun() -> proplists:lookup(k, Bad) end),
    failing(fun() -> proplists:is_defined(k, Bad) end),
    failing(fun() -> proplists:get_bool(k, Bad) end),
    %% more than is looked through in one go
    Long = [{I, I} || I <- lists:seq(1, 30000)],
    io:format("~p~n", [proplists:get_value(30000, Long)]).

failing(F) ->
    try F()
    catch
        error:function_clause:Trace ->
            {proplists, Function, Args, _} = hd(Trace),
            io:format("~w~n", [{Function, Args}])
    end.
