%% SPDX-License-Identifier: Apache-2.0
%% xref_reader: the calls of a module, from its forms. Funs that are called
%% through apply and spawn are calls, too, where their names are written there;
%% what cannot be told is an unresolved call, of '$M_EXPR', '$F_EXPR' or -1
%% arguments.
-module(xref_reader).

-export([module/3]).

-export_type([calls/0]).

%% Calls: {{From, To}, Line}. [locals] are written without a module.
-type calls() :: #{defined := [{mfa(), non_neg_integer()}],
                   locals := [{{mfa(), mfa()}, non_neg_integer()}],
                   externals := [{{mfa(), mfa()}, non_neg_integer()}],
                   unresolved := [{{mfa(), mfa()}, non_neg_integer()}],
                   on_load := [mfa()],
                   attributes := {[term()], [term()], [term()]}}.

%% [funs]: variables that are funs; [matches]: what others are.
-record(st, {module, function = [], builtins, funs = [], matches = [],
             own = #{}, imports = #{},
             defined = [], locals = [], externals = [], unresolved = [],
             on_load = [], attributes = {[], [], []}}).

%% [Builtins]: whether calls of built-in functions count.
-spec module(module(), [term()], boolean()) -> calls().
module(Module, Forms, Builtins) ->
    Own = maps:from_keys([{F, A} || {function, _, F, A, _} <- Forms], []),
    Imports = maps:from_list([{FA, M} || {attribute, _, import, {M, FAs}}
                                             <- Forms, FA <- FAs]),
    S = lists:foldl(fun form/2, #st{module = Module, builtins = Builtins,
                                    own = Own, imports = Imports}, Forms),
    {L, X, B} = S#st.attributes,
    #{defined => S#st.defined, locals => S#st.locals,
      externals => S#st.externals, unresolved => S#st.unresolved,
      on_load => S#st.on_load,
      attributes => {lists:reverse(L), lists:reverse(X), lists:reverse(B)}}.

form({attribute, Anno, xref, Calls}, S) ->
    Given = if is_list(Calls) -> Calls; true -> [Calls] end,
    lists:foldl(fun(C, S1) -> told(C, erl_anno:line(Anno), S1) end, S, Given);
form({attribute, _, on_load, {F, 0}}, S) ->
    S#st{on_load = [{S#st.module, F, 0}]};
form({function, _, module_info, A, _}, S) when A =< 1 -> S;
form({function, Anno, Name, Arity, Clauses}, S0) ->
    case Name =:= behaviour_info andalso Arity =:= 1
        andalso erl_anno:line(Anno) =:= 0 of
        true -> S0; % made by the compiler
        false ->
            F = {S0#st.module, Name, Arity},
            S = clauses(Clauses, S0#st{function = F}),
            S#st{function = [],
                 defined = [{F, erl_anno:line(Anno)} | S#st.defined]}
    end;
form(_, S) -> S.

%% ---- Calls that an attribute tells ----

told({From, To} = Call, Line, #st{module = M, function = F} = S) ->
    case named(From, M) of
        {_, _, Named} when Named =:= F; F =:= [] ->
            told(From, To, Call, Line, S);
        {_, _, _} -> bad(Call, S);
        false -> told(F, Call, Call, Line, S)
    end;
told(To, Line, S) -> told(S#st.function, To, To, Line, S).

told(From, To, Call, Line, #st{module = M, attributes = {L, X, B}} = S) ->
    case {named(From, M), named(To, M)} of
        {{true, _, F}, {_, external, T}} ->
            S#st{attributes = {L, [{{F, T}, Line} | X], B}};
        {{true, _, F}, {_, local, T}} ->
            S#st{attributes = {[{{F, T}, Line} | L], X, B}};
        _ -> bad(Call, S)
    end.

bad(Call, #st{attributes = {L, X, B}} = S) ->
    S#st{attributes = {L, X, [Call | B]}}.

named({F, A}, M) when is_atom(F), is_integer(A) -> {true, local, {M, F, A}};
named({M, F, A} = MFA, Module)
  when is_atom(M), is_atom(F), is_integer(A) ->
    {M =:= Module, external, MFA};
named(_, _) -> false.

%% ---- Expressions ----

%% What a clause binds ends with it.
clauses(Clauses, #st{funs = Funs, matches = Matches} = S0) ->
    lists:foldl(fun({clause, _, _, Guard, Body}, S1) ->
                        S2 = case S1#st.builtins of
                                 true -> expr(Guard, S1);
                                 false -> S1
                             end,
                        (expr(Body, S2))#st{funs = Funs, matches = Matches}
                end, S0, Clauses).

expr({'if', _, Clauses}, S) -> clauses(Clauses, S);
expr({'case', _, E, Clauses}, S) -> clauses(Clauses, expr(E, S));
expr({'receive', _, Clauses}, S) -> clauses(Clauses, S);
expr({'receive', _, Clauses, Time, Body}, S) ->
    clauses(Clauses, expr(Body, expr(Time, S)));
expr({'try', _, Body, Clauses, Catches, After}, S) ->
    expr(After, clauses(Catches, clauses(Clauses, expr(Body, S))));
expr({'fun', A, {function, {atom, _, M}, {atom, _, F}, {integer, _, N}}}, S) ->
    external(M, F, lists:duplicate(N, {atom, A, arg}), A, false, S);
expr({'fun', A, {function, M, F, {integer, _, N}}}, S) ->
    Args = as_list(lists:duplicate(N, {atom, A, arg})),
    external(erlang, apply, [M, F, Args], A, true, S);
expr({'fun', A, {function, M, F, _}}, S) ->
    external(erlang, apply, [M, F, {var, A, '_'}], A, true, S);
expr({'fun', A, {function, F, N}}, S) ->
    case home(F, N, S) of
        own -> call(local, {F, N}, A, S);
        M -> external(M, F, lists:duplicate(N, {atom, A, arg}), A, false, S)
    end;
expr({'fun', _, {clauses, Clauses}}, S) -> clauses(Clauses, S);
expr({named_fun, _, '_', Clauses}, S) -> clauses(Clauses, S);
expr({named_fun, _, Name, Clauses}, S) ->
    clauses(Clauses, S#st{funs = [Name | S#st.funs]});
expr({call, A, {atom, _, F}, Args}, S) ->
    case home(F, length(Args), S) of
        own -> expr(Args, call(local, {F, length(Args)}, A, S));
        M -> external(M, F, Args, A, false, S)
    end;
expr({call, A, {remote, _, {atom, _, M}, {atom, _, F}}, Args}, S) ->
    external(M, F, Args, A, false, S);
expr({call, A, {remote, _, M, F}, Args}, S) ->
    external(erlang, apply, [M, F, as_list(Args)], A, true, S);
expr({call, A, F, Args}, S) ->
    external(erlang, apply, [F, as_list(Args)], A, true, S);
expr({match, _, {var, _, V}, {'fun', _, {clauses, Clauses}}}, S) ->
    clauses(Clauses, S#st{funs = [V | S#st.funs]});
expr({match, _, {var, _, V}, {named_fun, _, _, _} = Fun}, S) ->
    expr(Fun, S#st{funs = [V | S#st.funs]});
expr({match, _, {var, _, V}, E}, S) ->
    expr(E, S#st{matches = [{V, E} | S#st.matches]});
expr({op, _, Op, L, R}, S) when Op =:= 'orelse'; Op =:= 'andalso' ->
    expr([L, R], S);
expr({op, A, Op, L, R}, S) -> external(erlang, Op, [L, R], A, false, S);
expr({op, A, Op, E}, S) -> external(erlang, Op, [E], A, false, S);
expr(T, S) when is_tuple(T) -> expr(tuple_to_list(T), S);
expr([E | Es], S) -> expr(Es, expr(E, S));
expr(_, S) -> S.

%% The module of what is called without one.
home(F, N, #st{own = Own, imports = Imports}) ->
    case {Own, Imports} of
        {#{{F, N} := _}, _} -> own;
        {_, #{{F, N} := M}} -> M;
        _ ->
            case erl_internal:bif(F, N) of
                true -> erlang;
                false -> own
            end
    end.

as_list(Es) ->
    A = erl_anno:new(0),
    lists:foldr(fun(E, T) -> {cons, A, E, T} end, {nil, A}, Es).

%% A call with a module. [Implied]: apply stands for what is written otherwise.
external(M, F, Args, Anno, Implied, S0) ->
    N = length(Args),
    Kind = kind(M, F, N),
    S = case Implied orelse Kind =:= test of
            true -> S0;
            false -> call(external, {M, F, N}, Anno, S0)
        end,
    case {Kind, Args} of
        {apply, [{tuple, _, [M1, F1]}, List]} ->
            applied(M1, F1, List, Anno, Args, [], S);
        {1, [{tuple, _, [M1, F1]} | Rest]} ->
            applied(M1, F1, as_list([]), Anno, Args, Rest, S);
        {2, [Node, {tuple, _, [M1, F1]} | Rest]} ->
            applied(M1, F1, as_list([]), Anno, Args, [Node | Rest], S);
        {3, [M1, F1, List | Rest]} ->
            applied(M1, F1, List, Anno, Args, Rest, S);
        {4, [Node, M1, F1, List | Rest]} ->
            applied(M1, F1, List, Anno, Args, [Node | Rest], S);
        {apply, [Fun, List]} -> of_fun(Fun, length_of(List, S), Anno, Args, S);
        {1, [Fun | _]} -> of_fun(Fun, 0, Anno, Args, S);
        {2, [_, Fun | _]} -> of_fun(Fun, 0, Anno, Args, S);
        _ -> expr(Args, S)
    end.

%% Where the function that is to be called stands: as the first argument, or
%% behind a node, as one or as three.
kind(erlang, apply, 2) -> apply;
kind(erlang, apply, 3) -> 3;
kind(erlang, F, N) when F =:= spawn, N =< 4; F =:= spawn_link, N =< 4 -> N;
kind(erlang, spawn_opt, N) when N >= 2, N =< 5 -> N - 1;
kind(erts_debug, apply, 4) -> 3;
kind(erlang, F, N) ->
    case erl_internal:type_test(F, N) of
        true -> test;
        false -> plain
    end;
kind(_, _, _) -> plain.

applied(M, F, List, Anno, Args, Extra, S) ->
    case {M, F, elements(List, [], S)} of
        {{atom, _, M1}, {atom, _, F1}, Es} when is_list(Es) ->
            external(M1, F1, Es, Anno, false, expr(Extra, S));
        {_, _, Es} ->
            N = if is_list(Es) -> length(Es); true -> -1 end,
            expr(Args, unresolved(name(M, '$M_EXPR'), name(F, '$F_EXPR'), N,
                                  Anno, S))
    end.

name({atom, _, Name}, _) -> Name;
name(_, Unknown) -> Unknown.

of_fun(Fun, N, Anno, Args, S) ->
    case is_fun(Fun, S) of
        true -> expr(Args, S);
        false -> expr(Args, unresolved('$M_EXPR', '$F_EXPR', N, Anno, S))
    end.

is_fun({'fun', _, _}, _) -> true;
is_fun({named_fun, _, _, _}, _) -> true;
is_fun({var, _, V}, S) -> lists:member(V, S#st.funs);
is_fun(_, _) -> false.

length_of(List, S) ->
    case elements(List, [], S) of
        unknown -> -1;
        Es -> length(Es)
    end.

elements({cons, _, H, T}, Acc, S) -> elements(T, [H | Acc], S);
elements({nil, _}, Acc, _) -> lists:reverse(Acc);
elements({var, _, V}, Acc, S) ->
    case lists:keyfind(V, 1, S#st.matches) of
        {_, E} -> elements(E, Acc, S);
        false -> unknown
    end;
elements(_, _, _) -> unknown.

unresolved(M, F, N, Anno, #st{function = From} = S) ->
    Call = {{From, {M, F, N}}, erl_anno:line(Anno)},
    S#st{unresolved = [Call | S#st.unresolved],
         externals = [Call | S#st.externals]}.

call(local, {F, N}, Anno, S) ->
    add(#st.locals, {S#st.module, F, N}, Anno, S);
call(external, To, Anno, S) ->
    add(#st.externals, To, Anno, S).

add(Field, {M, F, N} = To, Anno, #st{builtins = Builtins} = S) ->
    case not Builtins andalso xref_base:is_builtin(M, F, N) of
        true -> S;
        false ->
            Call = {{S#st.function, To}, erl_anno:line(Anno)},
            setelement(Field, S, [Call | element(Field, S)])
    end.
