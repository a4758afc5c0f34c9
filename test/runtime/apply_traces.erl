%% SPDX-License-Identifier: Apache-2.0
%% A call of apply that fails by itself shows where it stands, in tail position
%% too, and so does what only raises; other calls leave no trace of who has
%% called them last.
%% expect: none [{none,args}] [{none,args}] [{none,args},{body,1}]
%% expect: module [{apply,args},{tail,1}] [{apply,args},{frame,1}] [{apply,args},{body,1}]
%% expect: name [{apply,args},{tail,1}] [{apply,args},{frame,1}] [{apply,args},{body,1}]
%% expect: improper [{apply,args},{tail,1}] [{apply,args},{frame,1}] [{apply,args},{body,1}]
%% expect: clause [{one,args}] [{one,args}] [{one,args},{body,1}]
%% expect: bif [{atom_to_list,args}] [{atom_to_list,args}] [{atom_to_list,args},{body,1}]
%% expect: raised [{tail,1}] [{frame,1}] [{body,1}]
%% expect: left [{tail,1}] [{frame,1}] [{body,1}]
%% expect: thrown [{tail,1}] [{frame,1}] [{body,1}]
%% expect: again [{apply,args},{tail,1}] [{apply,args},{frame,1}] [{apply,args},{body,1}]
%% expect: bad_fun [{tail,1}] [{frame,1}] [{body,1},{body,1}]
%% expect: bad_list [{apply,args},{tail,1}] [{apply,args},{frame,1}] [{apply,args},{body,1}]
%% expect: arity [{tail,1}] [{frame,1}] [{body,1},{body,1}]
%% expect: fun_clause [{one,args}] [{one,args}] [{one,args},{body,1}]
%% expect: remote [{none,args}] [{none,args}] [{none,args},{body,1}]
%% expect: none [{none,args}]
%% expect: module [{apply,args},{names,1}]
%% expect: name [{apply,args},{names,1}]
%% expect: clause [{one,args}]
%% expect: bif [{atom_to_list,args}]
%% expect: raised [{names,1}]
%% expect: left [{names,1}]
%% expect: thrown [{names,1}]
%% expect: apply of apply [{inner,3},{applied_twice,1}] [{inner,3},{applied_twice,1}] [{inner,args},{applied_twice,1}]
%% expect: traced [{tail,1}] [{frame,1}] [{body,1}]
%% expect: traced apply of apply [{inner,3},{applied_twice,1}] [{inner,3},{applied_twice,1}] [{inner,args},{applied_twice,1}]
-module(apply_traces).
-export([main/0, one/1]).

main() ->
    Calls = [{none, [?MODULE, none, [1]]}, {module, [1, f, [1]]},
             {name, [?MODULE, "f", [1]]}, {improper, [?MODULE, one, [1 | 2]]},
             {clause, [?MODULE, one, [2]]}, {bif, [erlang, atom_to_list, [2]]},
             {raised, [erlang, error, [x]]}, {left, [erlang, exit, [x]]},
             {thrown, [erlang, throw, [x]]},
             {again, [erlang, apply, [?MODULE, one, x]]},
             {bad_fun, [x, [1]]}, {bad_list, [fun one/1, x]},
             {arity, [fun one/1, [1, 2]]}, {fun_clause, [fun one/1, [2]]},
             {remote, [fun ?MODULE:none/1, [2]]}],
    [io:format("~w ~w ~w ~w~n",
               [Name | [trace(F, Args) || F <- [fun tail/1, fun frame/1,
                                                fun body/1]]])
     || {Name, Args} <- Calls],
    [io:format("~w ~w~n", [Name, trace(fun names/1, Args)])
     || {Name, [_, _, [_]] = Args} <- Calls],
    applied_twice("apply of apply"),
    erlang:trace_pattern({erlang, error, 1}, [{'_', [], [{exception_trace}]}],
                         [local]),
    Tracer = spawn(fun() -> receive after infinity -> ok end end),
    erlang:trace(self(), true, [call, return_to, {tracer, Tracer}]),
    io:format("traced ~w ~w ~w~n",
              [trace(F, [erlang, error, [x]])
               || F <- [fun tail/1, fun frame/1, fun body/1]]),
    applied_twice("traced apply of apply").

applied_twice(Name) ->
    Twice = [erlang, apply, [erlang, error, [x]]],
    io:format("~s ~w ~w ~w~n",
              [Name, trace(fun inner/1, Twice),
               trace(fun inner/1, [erlang, apply, Twice]),
               trace(fun inner/1, [erlang, apply, [?MODULE, inner,
                                                    [x, error, 1]]])]).

trace(F, Args) ->
    try F(Args)
    catch _:_:Trace ->
            [case A of
                 _ when is_list(A) -> {N, args};
                 _ -> {N, A}
             end || {M, N, A, _} <- Trace, M =:= ?MODULE orelse M =:= erlang,
                    N =/= trace, N =/= main, hd(atom_to_list(N)) =/= $-]
    end.

tail([M, F, A]) -> apply(M, F, A);
tail([F, A]) -> apply(F, A).

frame([M, F, A]) -> id(M), apply(id(M), F, A);
frame([F, A]) -> id(F), apply(id(F), A).

body([M, F, A]) -> {apply(M, F, A)};
body([F, A]) -> {apply(F, A)}.

names([M, F, [A]]) -> M:F(A).

inner([M, F, [A, B, C]]) -> inner(M, F, [A, B, C]).

inner(M, F, [A, B, C]) -> M:F(A, B, C).

id(X) -> X.

one(1) -> ok.
