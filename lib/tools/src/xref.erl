%% SPDX-License-Identifier: Apache-2.0
%% xref: which functions call which, from the abstract code of compiled
%% modules (debug_info). A server holds modules; queries are about sets of
%% functions and of calls.
-module(xref).
-behaviour(gen_server).

-export([start/1, start/2, stop/1, add_module/2, add_module/3,
         add_directory/2, add_directory/3, remove_module/2, analyze/2,
         analyse/2, q/2, info/1, m/1, d/1, format_error/1]).

-export([init/1, handle_call/3, handle_cast/2]).

%% A module: functions it exports and others, those that it calls deprecated,
%% all its calls, and its file.
-record(xmod, {name, exports, locals, deprecated = [], calls, file}).

%% ---- Servers ----

start(Name) when is_atom(Name) ->
    gen_server:start({local, Name}, ?MODULE, [], []);
start(Options) ->
    gen_server:start(?MODULE, Options, []).

start(Name, Options) ->
    gen_server:start({local, Name}, ?MODULE, Options, []).

stop(Server) -> gen_server:call(Server, stop, infinity).

add_module(Server, File) -> add_module(Server, File, []).

%% {ok, Module}
add_module(Server, File, _Options) -> call(Server, {add_module, File}).

add_directory(Server, Dir) -> add_directory(Server, Dir, []).

%% {ok, Modules}
add_directory(Server, Dir, _Options) -> call(Server, {add_directory, Dir}).

remove_module(Server, Module) -> call(Server, {remove, Module}).

analyse(Server, What) -> analyze(Server, What).

%% {ok, Sorted} | {error, ?MODULE, Reason}
analyze(Server, What) -> call(Server, {analyze, What}).

%% The answer to a query, as text or atom.
q(Server, Query) when is_atom(Query) -> q(Server, atom_to_list(Query));
q(Server, Query) -> call(Server, {q, Query}).

%% How much there is, by kind.
info(Server) -> call(Server, info).

call(Server, Request) -> gen_server:call(Server, Request, infinity).

init(_) ->
    {ok, #{}}.

handle_call(stop, _, Modules) ->
    {stop, normal, stopped, Modules};
handle_call({add_module, File}, _, Modules) ->
    case read(File) of
        {ok, #xmod{name = Name} = X} ->
            {reply, {ok, Name}, Modules#{Name => X}};
        Error -> {reply, Error, Modules}
    end;
handle_call({add_directory, Dir}, _, Modules) ->
    Read = read_directory(Dir),
    New = maps:from_list([{X#xmod.name, X} || X <- Read]),
    {reply, {ok, lists:sort(maps:keys(New))}, maps:merge(Modules, New)};
handle_call({remove, Module}, _, Modules) ->
    case maps:take(Module, Modules) of
        {_, Rest} -> {reply, ok, Rest};
        error -> {reply, fail({no_such_module, Module}), Modules}
    end;
handle_call(info, _, Modules) ->
    {reply, counts(Modules), Modules};
handle_call({analyze, What}, _, Modules) ->
    {reply, guarded(fun() -> analysis(What, Modules) end), Modules};
handle_call({q, Query}, _, Modules) ->
    {reply, guarded(fun() -> query(Query, Modules) end), Modules}.

handle_cast(_, Modules) ->
    {noreply, Modules}.

%% Calls come as resolved and others, which are not told apart here; function
%% calls as local, external and unresolved ones, functions as local and
%% exported.
counts(Modules) ->
    Edges = lists:usort(edges(Modules)),
    External = external(Edges),
    Local = length(Edges) - length(External),
    Exports = lists:usort(exports(Modules)),
    [{library_path, []}, {mode, functions}, {no_releases, 0},
     {no_applications, 0}, {no_analyzed_modules, map_size(Modules)},
     {no_calls, {length(Edges), 0}},
     {no_function_calls, {Local, length(External), 0}},
     {no_functions, {length(lists:usort(locals(Modules))), length(Exports)}},
     {no_inter_function_calls, length(between_exports(Modules, Edges))}].

%% Chains of calls from an exported or unused function to another.
between_exports(Modules, Edges) ->
    Ends = exports(Modules) ++ unused_locals(Modules),
    Inner = locals(Modules) -- Ends,
    Steps = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end,
                                  Edges),
    lists:usort([{From, To}
                 || From <- Ends,
                    To <- through(maps:get(From, Steps, []), Steps, Inner, []),
                    not lists:member(To, Inner)]).

%% Goes on behind the functions that are no ends.
through([F | Rest], Steps, Inner, Seen) ->
    case lists:member(F, Seen) of
        true -> through(Rest, Steps, Inner, Seen);
        false ->
            Behind = case lists:member(F, Inner) of
                         true -> maps:get(F, Steps, []);
                         false -> []
                     end,
            through(Behind ++ Rest, Steps, Inner, [F | Seen])
    end;
through([], _, _, Seen) ->
    Seen.

fail(Reason) -> {error, ?MODULE, Reason}.

guarded(F) ->
    try {ok, lists:usort(F())}
    catch
        throw:{parse_error, _, _} = Reason -> {error, xref_compiler, Reason};
        throw:{unknown_variable, _} = Reason -> {error, xref_compiler, Reason};
        throw:{unknown_constant, _} = Reason -> {error, xref_compiler, Reason};
        throw:{type_error, _} = Reason -> {error, xref_compiler, Reason};
        throw:Reason -> fail(Reason)
    end.

-spec format_error(term()) -> io_lib:chars().
format_error({error, _, Reason}) -> format_error(Reason);
format_error({no_such_module, M}) -> io_lib:format("No such module ~tp~n", [M]);
format_error({no_debug_info, File}) ->
    io_lib:format("~tp has no debug information~n", [File]);
format_error({parse_error, At, Text}) ->
    io_lib:format("Parse error at position ~w: ~ts~n", [At, Text]);
format_error({unknown_analysis, What}) ->
    io_lib:format("~tp is not a predefined analysis~n", [What]);
format_error(Reason) -> io_lib:format("~tp~n", [Reason]).

%% ---- Without a server ----

%% What is wrong with a module: names as m/1, or a file.
m(Module) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File) -> m(File);
        _ -> {error, xref_utils, {no_such_module, Module}}
    end;
m(File) ->
    case read(File) of
        {ok, X} -> check([X]);
        {error, _, {no_debug_info, _}} -> check_imports(File);
        Error -> Error
    end.

%% What its code calls is all that a file without debug information tells.
check_imports(File) ->
    case beam_lib:chunks(with_suffix(File), [imports, exports]) of
        {ok, {Module, [{imports, Imports}, {exports, Exports}]}} ->
            [{deprecated, [F || F <- lists:sort(Imports), is_deprecated(F)]},
             {undefined, [F || {M, Name, A} = F <- lists:sort(Imports),
                               not (M =:= Module
                                    andalso lists:member({Name, A}, Exports)),
                               M =:= Module orelse not is_on_path(F)]}];
        {error, beam_lib, Reason} -> fail(Reason)
    end.

%% The same for all modules of a folder.
d(Dir) -> check(read_directory(Dir)).

%% Other modules are looked up on the code path.
check(Read) ->
    Modules = maps:from_list([{X#xmod.name, X} || X <- Read]),
    [{deprecated, lists:usort(deprecated_calls(Modules))},
     {undefined, lists:usort([C || {_, F} = C <- undefined_calls(Modules),
                                   not is_on_path(F)])},
     {unused, lists:usort(unused_locals(Modules))}].

is_on_path({M, F, A}) ->
    case code:ensure_loaded(M) of
        {module, M} -> erlang:function_exported(M, F, A);
        _ -> false
    end.

%% ---- Reading ----

read_directory(Dir) ->
    [X || File <- filelib:wildcard(filename:join(Dir, "*.beam")),
          {ok, X} <- [read_or_skip(File)]].

read_or_skip(File) ->
    case read(File) of
        {error, _, {no_debug_info, _}} = Error ->
            io:format("Skipping ~ts (no debug information)~n", [File]),
            Error;
        Result ->
            Result
    end.

read(File0) ->
    File = with_suffix(File0),
    case beam_lib:chunks(File, [abstract_code]) of
        {ok, {Module, [{abstract_code, {_, Forms}}]}} ->
            {ok, from_forms(Module, Forms, File)};
        {ok, _} ->
            fail({no_debug_info, File});
        {error, beam_lib, Reason} ->
            fail(Reason)
    end.

with_suffix(File) ->
    case filename:extension(File) of
        ".beam" -> File;
        _ -> File ++ ".beam"
    end.

from_forms(Module, Forms, File) ->
    Exports = lists:append([Es || {attribute, _, export, Es} <- Forms]),
    Imports = maps:from_list([{FA, M} || {attribute, _, import, {M, FAs}} <- Forms,
                                         FA <- FAs]),
    Defined = [{F, A} || {function, _, F, A, _} <- Forms],
    All = lists:member(export_all, lists:flatten(
        [C || {attribute, _, compile, C} <- Forms])),
    Exported = if All -> Defined; true -> Exports end,
    Calls = [{{Module, F, A}, To}
             || {function, _, F, A, Clauses} <- Forms,
                To <- calls(Clauses, {Module, Defined, Imports})],
    Open = [{Module, F, A} || {F, A} <- Defined,
                              lists:member({F, A}, Exported)],
    #xmod{name = Module, file = File, calls = lists:usort(Calls),
          exports = Open, deprecated = deprecated(Forms, Open),
          locals = [{Module, F, A} || {F, A} <- Defined -- Exported]}.

%% Those exported that -deprecated names: module, F/A and {F, A, When}, where F
%% and A may be '_'.
deprecated(Forms, Exports) ->
    Named = lists:flatten([V || {attribute, _, deprecated, V} <- Forms]),
    [E || {_, F, A} = E <- Exports,
          lists:any(fun(module) -> true;
                       (Tag) -> fits(element(1, Tag), F)
                                    andalso fits(element(2, Tag), A)
                    end, Named)].

fits('_', _) -> true;
fits(Same, Same) -> true;
fits(_, _) -> false.

%% Functions that are called or made funs of somewhere in a term of forms.
calls({call, _, {atom, _, F}, Args}, Env) ->
    [local(F, length(Args), Env) | calls(Args, Env)];
calls({call, _, {remote, _, {atom, _, M}, {atom, _, F}}, Args}, Env) ->
    [{M, F, length(Args)} | calls(Args, Env)];
calls({'fun', _, {function, F, A}}, Env) when is_atom(F) ->
    [local(F, A, Env)];
calls({'fun', _, {function, {atom, _, M}, {atom, _, F}, {integer, _, A}}}, _) ->
    [{M, F, A}];
calls(T, Env) when is_tuple(T) -> calls(tuple_to_list(T), Env);
calls([H | T], Env) -> calls(H, Env) ++ calls(T, Env);
calls(_, _) -> [].

local(F, A, {Module, Defined, Imports}) ->
    case {lists:member({F, A}, Defined), Imports} of
        {true, _} -> {Module, F, A};
        {false, #{{F, A} := M}} -> {M, F, A};
        _ ->
            case erl_internal:bif(F, A) of
                true -> {erlang, F, A};
                false -> {Module, F, A}
            end
    end.

%% ---- Sets ----

%% Calls of all modules, those of built-in functions left out.
edges(Modules) -> [C || {_, To} = C <- all_calls(Modules), not is_bif(To)].

all_calls(Modules) -> lists:append([X#xmod.calls || X <- maps:values(Modules)]).

is_bif({M, F, A}) -> erlang:is_builtin(M, F, A).

exports(Modules) ->
    lists:append([X#xmod.exports || X <- maps:values(Modules)]).

locals(Modules) -> lists:append([X#xmod.locals || X <- maps:values(Modules)]).

external(Calls) -> [C || {{M1, _, _}, {M2, _, _}} = C <- Calls, M1 =/= M2].

undefined_calls(Modules) ->
    Known = sets:from_list(exports(Modules) ++ locals(Modules)),
    [C || {{M1, _, _}, {M2, _, _} = To} = C <- edges(Modules),
          not is_known(M1, M2, To, Known, Modules)].

is_known(_, _, {_, module_info, A}, _, _) when A =< 1 -> true;
is_known(M, M, To, Known, _) -> sets:is_element(To, Known);
is_known(_, M2, To, _, Modules) ->
    case Modules of
        #{M2 := #xmod{exports = Exports}} -> lists:member(To, Exports);
        #{} -> false
    end.

deprecated_calls(Modules) ->
    Calls = all_calls(Modules),
    Own = lists:append([X#xmod.deprecated || X <- maps:values(Modules)]),
    Deprecated = maps:from_keys(Own ++ told(Calls, Modules), true),
    [C || {{M, _, _}, {Other, _, _} = To} = C <- Calls,
          is_deprecated(To) orelse M =/= Other andalso
                                   is_map_key(To, Deprecated)].

%% The called functions that modules on the code path themselves call
%% deprecated; each of these modules is looked at once.
told(Calls, Modules) ->
    Called = lists:usort([To || {_, {M, _, _} = To} <- Calls,
                                not is_map_key(M, Modules), not is_bif(To)]),
    ByModule = maps:groups_from_list(fun({M, _, _}) -> M end, Called),
    lists:append([told_by(M, Fs) || {M, Fs} <- maps:to_list(ByModule)]).

told_by(Module, Functions) ->
    case beam_lib:chunks(code:which(Module), [attributes]) of
        {ok, {_, [{attributes, Attributes}]}} ->
            deprecated([{attribute, 0, deprecated, V}
                        || {deprecated, V} <- Attributes], Functions);
        _ -> []
    end.

is_deprecated({M, F, A}) ->
    case otp_internal:obsolete(M, F, A) of
        {deprecated, _} -> true;
        {deprecated, _, _} -> true;
        _ -> false
    end.

%% Local functions that no exported one leads to.
unused_locals(Modules) ->
    Edges = edges(Modules),
    Used = reachable(exports(Modules), Edges),
    [F || F <- locals(Modules), not sets:is_element(F, Used)].

reachable(From, Edges) ->
    Next = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end,
                                 Edges),
    visit(From, Next, sets:new()).

visit([F | Rest], Next, Seen) ->
    case sets:is_element(F, Seen) of
        true -> visit(Rest, Next, Seen);
        false -> visit(maps:get(F, Next, []) ++ Rest, Next,
                       sets:add_element(F, Seen))
    end;
visit([], _, Seen) ->
    Seen.

closure(Edges) ->
    [{From, To} || From <- lists:usort([A || {A, _} <- Edges]),
                   To <- sets:to_list(reachable([B || {A, B} <- Edges,
                                                      A =:= From], Edges))].

%% ---- Analyses ----

analysis(undefined_function_calls, Ms) -> undefined_calls(Ms);
analysis(undefined_functions, Ms) -> [F || {_, F} <- undefined_calls(Ms)];
analysis(locals_not_used, Ms) -> unused_locals(Ms);
analysis(exports_not_used, Ms) ->
    exports(Ms) -- [F || {_, F} <- external(edges(Ms))];
analysis(deprecated_function_calls, Ms) ->
    [C || {_, To} = C <- deprecated_calls(Ms), not is_bif(To)];
analysis(deprecated_functions, Ms) ->
    [F || {_, F} <- deprecated_calls(Ms), not is_bif(F)];
analysis({call, F}, Ms) -> [B || {A, B} <- edges(Ms), is_one(A, F)];
analysis({use, F}, Ms) -> [A || {A, B} <- edges(Ms), is_one(B, F)];
analysis({module_call, M}, Ms) ->
    [B || {{A, _, _}, {B, _, _}} <- edges(Ms), is_one(A, M)];
analysis({module_use, M}, Ms) ->
    [A || {{A, _, _}, {B, _, _}} <- edges(Ms), is_one(B, M)];
analysis(What, _) -> throw({unknown_analysis, What}).

is_one(X, Wanted) when is_list(Wanted) -> lists:member(X, Wanted);
is_one(X, Wanted) -> X =:= Wanted.

%% ---- Queries ----

%% sum := product (+|- product)*; product := restriction (* restriction)*;
%% restriction := unary (| , || , ||| unary)*; unary := closure, range or
%% domain of unary; a variable, a module, Module:Function/Arity, or (sum).
%% A value is a list of functions or calls, or {module, M} for all that are of M.

query(Text, Modules) ->
    Tokens = case erl_scan:string(Text) of
        {ok, Ts, _} -> Ts;
        {error, {At, _, _}, _} -> throw({parse_error, At, Text})
    end,
    case sum(Tokens, Modules) of
        {Value, []} -> as_list(Value, Modules);
        {_, [Left | _]} -> bad_query(Left)
    end.

bad_query(Token) ->
    Text = case Token of
               {Symbol, _} -> io_lib:write(Symbol);
               {_, _, Value} -> io_lib:write(Value)
           end,
    throw({parse_error, element(2, Token),
           ["syntax error before: ", lists:flatten(Text)]}).

sum(Tokens, Ms) ->
    {Value, Rest} = product(Tokens, Ms),
    more(Rest, Value, Ms, ['+', '-'], fun product/2).

product(Tokens, Ms) ->
    {Value, Rest} = restriction(Tokens, Ms),
    more(Rest, Value, Ms, ['*'], fun restriction/2).

restriction(Tokens, Ms) ->
    {Value, Rest} = unary(Tokens, Ms),
    more(Rest, Value, Ms, ['|', '||', '|||'], fun unary/2).

more([{'||', _}, {'|', L} | Tokens], Left, Ms, Operators, Next) ->
    more([{'|||', L} | Tokens], Left, Ms, Operators, Next);
more([{Op, _} | Tokens] = All, Left, Ms, Operators, Next) ->
    case lists:member(Op, Operators) of
        true ->
            {Right, Rest} = Next(Tokens, Ms),
            more(Rest, combine(Op, Left, Right, Ms), Ms, Operators, Next);
        false ->
            {Left, All}
    end;
more(Tokens, Left, _, _, _) ->
    {Left, Tokens}.

combine('+', A, B, Ms) -> as_list(A, Ms) ++ as_list(B, Ms);
combine('-', A, B, Ms) ->
    Left = as_list(A, Ms),
    Left -- [X || X <- Left, is_in(X, B)];
combine('*', A, B, Ms) -> [X || X <- as_list(A, Ms), is_in(X, B)];
combine(_, {module, M}, _, _) ->
    throw({type_error, atom_to_list(M)}); % where calls are wanted
combine('|', A, B, _) -> [C || {From, _} = C <- A, is_in(From, B)];
combine('||', A, B, _) -> [C || {_, To} = C <- A, is_in(To, B)];
combine('|||', A, B, _) ->
    [C || {From, To} = C <- A, is_in(From, B), is_in(To, B)].

is_in({M, _, _}, {module, M}) -> true;
is_in(_, {module, _}) -> false;
is_in(X, List) -> lists:member(X, List).

as_list({module, M}, Modules) ->
    case Modules of
        #{M := #xmod{exports = Exports, locals = Locals}} -> Exports ++ Locals;
        #{} -> []
    end;
as_list(List, _) -> List.

unary([{atom, _, Op} | Tokens], Ms)
  when Op =:= closure; Op =:= range; Op =:= domain ->
    {Value, Rest} = unary(Tokens, Ms),
    {case Op of
         closure -> closure(Value);
         range -> [B || {_, B} <- Value];
         domain -> [A || {A, _} <- Value]
     end, Rest};
unary([{'(', _} | Tokens], Ms) ->
    case sum(Tokens, Ms) of
        {Value, [{')', _} | Rest]} -> {Value, Rest};
        {_, [Other | _]} -> bad_query(Other);
        {_, []} -> throw({parse_error, 1, "unexpected end"})
    end;
unary([{var, _, Name} | Rest], Ms) ->
    {variable(Name, Ms), Rest};
unary([{atom, _, M}, {':', _}, {atom, _, F}, {'/', _}, {integer, _, A} | Rest],
      _) ->
    {[{M, F, A}], Rest};
unary([{atom, _, M} | Rest], Ms) ->
    Called = [N || {_, {N, _, _}} <- all_calls(Ms)],
    is_map_key(M, Ms) orelse lists:member(M, Called)
        orelse throw({unknown_constant, atom_to_list(M)}),
    {{module, M}, Rest};
unary([Token | _], _) ->
    bad_query(Token);
unary([], _) ->
    throw({parse_error, 1, "unexpected end"}).

%% Calls: all, between modules, within them; functions: all, exported, local,
%% built in, used, used from other modules, undefined.
variable('E', Ms) -> edges(Ms);
variable('XC', Ms) -> external(edges(Ms));
variable('LC', Ms) -> edges(Ms) -- external(edges(Ms));
variable('UC', Ms) -> undefined_calls(Ms);
variable('F', Ms) -> exports(Ms) ++ locals(Ms);
variable('V', Ms) ->
    exports(Ms) ++ locals(Ms) ++ [B || {_, B} <- edges(Ms)];
variable('X', Ms) -> exports(Ms);
variable('L', Ms) -> locals(Ms);
variable('B', Ms) -> [B || {_, B} <- all_calls(Ms), is_bif(B)];
variable('U', Ms) -> [B || {_, B} <- undefined_calls(Ms)];
variable('XU', Ms) -> [B || {_, B} <- external(edges(Ms))];
variable('LU', Ms) -> [B || {_, B} <- edges(Ms) -- external(edges(Ms))];
variable('UU', Ms) ->
    (exports(Ms) ++ locals(Ms)) -- [B || {_, B} <- edges(Ms)];
variable('M', Ms) -> maps:keys(Ms);
variable('AM', Ms) -> maps:keys(Ms);
variable(Name, _) -> throw({unknown_variable, Name}).
