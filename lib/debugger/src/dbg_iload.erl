%% SPDX-License-Identifier: Apache-2.0
%% dbg_iload: makes a module one that can be debugged. In front of every
%% expression of a body a call tells the line and the variables that are bound
%% (dbg_debugged:line/3); exported functions tell when a process comes in.
%%
%% Nothing else changes: it is compiled code that runs.
-module(dbg_iload).

-export([load/1, interpretable/1, first_line/3]).

%% {ok, Name, Beam, Source} of a module or file, when it has debug_info.
interpretable(Module) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File), File =/= [] -> from_beam(Module, File);
        _ -> {error, no_beam}
    end;
interpretable(File) when is_list(File) ->
    Root = filename:rootname(File, ".erl"),
    Name = filename:basename(Root),
    Beside = [filename:join(Dir, Name ++ ".beam")
              || Dir <- [filename:dirname(Root), ebin(filename:dirname(Root))]],
    case lists:filter(fun filelib:is_regular/1, Beside) of
        [Beam | _] -> from_beam(list_to_atom(Name), Beam);
        [] -> interpretable(list_to_atom(Name))
    end;
interpretable(_) -> {error, badarg}.

%% Where the compiled modules of the sources in src are.
ebin(Dir) -> filename:join(filename:dirname(Dir), "ebin").

from_beam(Module, File) ->
    Application = filename:basename(filename:dirname(filename:dirname(File))),
    case [A || A <- ["kernel", "stdlib", "debugger"],
               lists:prefix(A ++ "-", Application)] of
        [A | _] -> {error, {app, list_to_atom(A)}};
        [] ->
            case {forms(File), beam_lib:chunks(File, [compile_info])} of
                {{ok, _}, {ok, {_, [{compile_info, Info}]}}} ->
                    {ok, Module, File, proplists:get_value(source, Info)};
                _ -> {error, no_debug_info}
            end
    end.

forms(File) ->
    case beam_lib:chunks(File, [abstract_code]) of
        {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} -> {ok, Forms};
        _ -> error
    end.

-spec load(module() | file:filename()) ->
          {module, module(), file:filename()} | {error, term()}.
load(Name) ->
    case interpretable(Name) of
        {ok, Module, File, Source} ->
            {ok, Forms} = forms(File),
            {ok, Module, Beam} = compile:forms(instrumented(Forms, Module),
                                               [binary, nowarn_unused_vars]),
            code:purge(Module),
            {module, Module} = code:load_binary(Module, File, Beam),
            {module, Module, Source};
        Error -> Error
    end.

%% The line of the first expression of a function.
first_line(Module, Name, Arity) ->
    {ok, _, File, _} = interpretable(Module),
    {ok, Forms} = forms(File),
    case [line(E) || {function, _, N, A, Clauses} <- Forms, N =:= Name,
                     A =:= Arity, {clause, _, _, _, [E | _]} <- Clauses] of
        [] -> {error, function_not_found};
        Lines -> {ok, Lines}
    end.

line(Form) -> erl_anno:line(element(2, Form)).

%% ---- The forms ----

instrumented(Forms, Module) ->
    All = lists:member(export_all, lists:flatten(
                           [O || {attribute, _, compile, O} <- Forms])),
    Exports = lists:append([Es || {attribute, _, export, Es} <- Forms]),
    lists:flatmap(
        fun({function, A, Name, Arity, Clauses}) ->
                Told = [clause(C, [], Module) || C <- Clauses],
                case All orelse lists:member({Name, Arity}, Exports) of
                    true -> entry(A, Name, Arity, Told, Module);
                    false -> [{function, A, Name, Arity, Told}]
                end;
           (Form) -> [Form]
        end, Forms).

%% Name(A1, ..) -> dbg_debugged:enter(Module, Name, [A1, ..], fun 'Name'/N):
%% the body stands in another function.
entry(A, Name, Arity, Clauses, Module) ->
    Body = list_to_atom(lists:concat(["-", Name, "/", Arity, "-debugged-"])),
    Vars = [{var, A, list_to_atom("A" ++ integer_to_list(N))}
            || N <- lists:seq(1, Arity)],
    Call = remote(A, enter, [{atom, A, Module}, {atom, A, Name}, list(A, Vars),
                             {'fun', A, {function, Body, Arity}}]),
    [{function, A, Name, Arity, [{clause, A, Vars, [], [Call]}]},
     {function, A, Body, Arity, Clauses}].

remote(A, Function, Args) ->
    {call, A, {remote, A, {atom, A, dbg_debugged}, {atom, A, Function}}, Args}.

list(A, Elements) ->
    lists:foldr(fun(E, Tail) -> {cons, A, E, Tail} end, {nil, A}, Elements).

clause({clause, A, Patterns, Guards, Body}, Bound, M) ->
    {clause, A, Patterns, Guards, body(Body, bind(Patterns, Bound), M)}.

body([], _, _) -> [];
body([E | Es], Bound, M) ->
    A = element(2, E),
    Shown = [{tuple, A, [{atom, A, V}, {var, A, V}]} || V <- Bound],
    Event = remote(A, line, [{atom, A, M}, {integer, A, line(E)},
                             list(A, Shown)]),
    [Event, inside(E, Bound, M) | body(Es, bound_by(E, Bound), M)].

%% Bodies within an expression.
inside({block, A, Es}, B, M) -> {block, A, body(Es, B, M)};
inside({'case', A, E, Cs}, B, M) ->
    After = bound_by(E, B),
    {'case', A, inside(E, B, M), [clause(C, After, M) || C <- Cs]};
inside({'if', A, Cs}, B, M) -> {'if', A, [clause(C, B, M) || C <- Cs]};
inside({'receive', A, Cs}, B, M) ->
    {'receive', A, [clause(C, B, M) || C <- Cs]};
inside({'receive', A, Cs, Time, Es}, B, M) ->
    {'receive', A, [clause(C, B, M) || C <- Cs], Time, body(Es, B, M)};
inside({'try', A, Es, Cs, Handlers, After}, B, M) ->
    Within = lists:foldl(fun bound_by/2, B, Es),
    {'try', A, body(Es, B, M), [clause(C, Within, M) || C <- Cs],
     [clause(C, B, M) || C <- Handlers], body(After, B, M)};
inside({'fun', A, {clauses, Cs}}, B, M) ->
    {'fun', A, {clauses, [clause(C, B, M) || C <- Cs]}};
inside({named_fun, A, Name, Cs}, B, M) ->
    {named_fun, A, Name, [clause(C, B, M) || C <- Cs]};
inside(Tree, B, M) when is_tuple(Tree) ->
    list_to_tuple([inside(E, B, M) || E <- tuple_to_list(Tree)]);
inside([H | T], B, M) -> [inside(H, B, M) | inside(T, B, M)];
inside(Leaf, _, _) -> Leaf.

%% ---- Which variables are bound, where it is sure ----

bind(Patterns, Bound) -> lists:usort(names(Patterns) ++ Bound).

names({var, _, '_'}) -> [];
names({var, _, V}) -> [V];
names(Tree) when is_tuple(Tree) -> names(tuple_to_list(Tree));
names([H | T]) -> names(H) ++ names(T);
names(_) -> [].

bound_by(E, Bound) -> lists:usort(binds(E) ++ Bound).

binds({match, _, Pattern, E}) -> names(Pattern) ++ binds(E);
binds({'case', _, E, Cs}) -> binds(E) ++ common(Cs);
binds({'if', _, Cs}) -> common(Cs);
binds({'receive', _, Cs}) -> common(Cs);
binds({block, _, Es}) -> lists:flatmap(fun binds/1, Es);
binds({Kind, _, _}) when Kind =:= 'fun'; Kind =:= 'catch' -> [];
binds({Kind, _, _, _}) when Kind =:= lc; Kind =:= bc; Kind =:= mc;
                            Kind =:= named_fun -> [];
binds({op, _, Op, L, _}) when Op =:= 'andalso'; Op =:= 'orelse' -> binds(L);
binds({Kind, _, _, _, _, _}) when Kind =:= 'try' -> [];
binds({'receive', _, _, _, _}) -> [];
binds({Kind, _, _}) when Kind =:= 'maybe' -> [];
binds({Kind, _, _, _}) when Kind =:= 'maybe' -> [];
binds(Tree) when is_tuple(Tree) -> binds(tuple_to_list(Tree));
binds([H | T]) -> binds(H) ++ binds(T);
binds(_) -> [].

%% Bound in all clauses.
common([]) -> [];
common(Clauses) ->
    Each = [ordsets:from_list(names(Ps) ++ lists:flatmap(fun binds/1, Body))
            || {clause, _, Ps, _, Body} <- Clauses],
    ordsets:intersection(Each).
