%% SPDX-License-Identifier: Apache-2.0
%% What fails, with which reason, in which function and line.
-module(failures).
-export([main/0]).

-record(r, {a, b}).

main() ->
    [one(F) || F <- [fun badmatch/1, fun case_clause/1, fun if_clause/1,
                     fun function_clause/1, fun badrecord/1, fun badmap/1,
                     fun badkey/1, fun badarith/1, fun badfun/1, fun badarity/1,
                     fun try_clause/1, fun badarg/1, fun bad_filter/1,
                     fun bad_generator/1, fun bad_bits/1, fun undefined/1,
                     fun rethrown/1, fun again/1, fun with_after/1, fun old_catch/1]],
    ok.

one(F) ->
    try F(id(x)) of
        V -> io:format("~w~n", [V])
    catch
        C:R:Stack ->
            [{M, N, A, At} | _] = Stack,
            Arity = if is_list(A) -> length(A); true -> A end,
            io:format("~w ~w ~w:~w/~w line ~w~n",
                      [C, short(R), M, N, Arity,
                       proplists:get_value(line, At)])
    end.

short({badfun, F}) when is_function(F) -> badfun;
short({badarity, {_, Args}}) -> {badarity, Args};
short(R) -> R.

id(X) -> X.

badmatch(X) ->
    {ok, Y} = {X, 1},
    Y.

case_clause(X) ->
    case {X, 2} of
        {y, _} -> ok
    end.

if_clause(X) ->
    if X =:= y -> ok end.

function_clause(X) -> inner(X, 1) + 1.

inner(y, _) -> 1.

badrecord(X) -> X#r.a.

badmap(X) -> X#{a => 1}.

badkey(X) -> (id(#{b => 1}))#{X := 1}.

badarith(X) ->
    1 +
        X.

badfun(X) -> X(1).

badarity(_) -> (id(fun(A) -> A end))(1, 2).

try_clause(X) ->
    try id(X) of
        y -> ok
    catch
        _:_ -> never
    end.

badarg(X) -> X andalso true.

bad_filter(X) -> [Y || Y <- [1], id(X)].

bad_generator(X) -> [Y || Y <- X].

bad_bits(X) -> <<X:8>>.

undefined(X) -> no_such_module:f(X).

rethrown(X) ->
    try throw(X)
    catch
        error:_ -> no
    end.

%% The place of a function without a clause is lost.
again(X) ->
    try no_clause(X)
    catch C:R:Stack -> erlang:raise(C, R, Stack)
    end.

no_clause(a) -> id(b).

with_after(X) ->
    try
        exit(X)
    after
        io:format("after~n")
    end.

old_catch(X) ->
    {catch throw(X), catch id(X), element(1, catch error(X))}.
%% expect: error {badmatch,{x,1}} failures:badmatch/1 line 36
%% expect: error {case_clause,{x,2}} failures:case_clause/1 line 40
%% expect: error if_clause failures:if_clause/1 line 45
%% expect: error function_clause failures:inner/2 line 49
%% expect: error {badrecord,x} failures:badrecord/1 line 51
%% expect: error {badmap,x} failures:badmap/1 line 53
%% expect: error {badkey,x} failures:badkey/1 line 55
%% expect: error badarith failures:badarith/1 line 58
%% expect: error {badfun,x} failures:badfun/1 line 61
%% expect: error {badarity,[1,2]} failures:badarity/1 line 63
%% expect: error {try_clause,x} failures:try_clause/1 line 66
%% expect: error {badarg,x} failures:badarg/1 line 72
%% expect: error {bad_filter,x} failures:'-bad_filter/1-lc$^0/1-0-'/2 line 74
%% expect: error {bad_generator,x} failures:'-bad_generator/1-lc$^0/1-0-'/1 line 76
%% expect: error badarg failures:bad_bits/1 line 78
%% expect: error undef no_such_module:f/1 line undefined
%% expect: throw x failures:rethrown/1 line 83
%% expect: error function_clause failures:no_clause/1 line undefined
%% expect: after
%% expect: exit x failures:with_after/1 line 98
%% expect: {x,x,'EXIT'}
