%% SPDX-License-Identifier: Apache-2.0
%% The descriptions of tests: from modules, files, titles, fixtures and
%% generators to #test{} and #group{}, one at a time.
%%
%% Throws say what is wrong with a description: {bad_test, T},
%% {module_not_found, M} and the like, see eunit_lib:format_error/1.
-module(eunit_data).

-export([next/2, run_fixture/3, call/1]).

-include("eunit_internal.hrl").

-type tests() :: term().
-type item() :: #test{} | #group{}.

%% The first test or group of [Tests] and what is behind it. Generators run
%% only when something of theirs is asked for.
-spec next(tests(), [term()]) -> {item(), tests()} | none.
next(Tests, Options) ->
    case take(Tests) of
        none ->
            none;
        {T, Rest} ->
            case item(T, Options) of
                {more, More} -> next([More | Rest], Options);
                Item -> {Item, Rest}
            end
    end.

%% The first that is no list in a deep list, whose tail may be anything, and
%% the rest. Strings are no lists here: they name files.
take([]) ->
    none;
take([H | T] = List) ->
    case eunit_lib:is_string(List) of
        true -> {List, []};
        false -> take(H, T)
    end;
take(X) ->
    {X, []}.

take([], T) ->
    take(T);
take(H, T) when is_list(H) ->
    case eunit_lib:is_string(H) of
        true ->
            {H, T};
        false ->
            case take(H) of
                none -> take(T);
                {X, []} -> {X, T};
                {X, Rest} -> {X, [Rest | T]}
            end
    end;
take(H, T) ->
    {H, T}.

%% What is a binary is taken as it is, whatever its encoding.
bytes(Title) when is_binary(Title) -> Title;
bytes(Title) -> unicode:characters_to_binary(Title).

%% ---- One description ----

item(#test{} = T, _) -> T;
item(#group{} = G, _) -> G;
item({foreach, S, Fs}, _) -> foreach(spawn, S, fun no_cleanup/1, Fs);
item({foreach, S, C, Fs}, _) when is_function(S), is_function(C) ->
    foreach(spawn, S, C, Fs);
item({foreach, P, S, Fs}, _) -> foreach(P, S, fun no_cleanup/1, Fs);
item({foreach, P, S, C, Fs}, _) -> foreach(P, S, C, Fs);
item({foreachx, S, Ps}, _) -> foreachx(spawn, S, fun no_cleanup/2, Ps);
item({foreachx, S, C, Ps}, _) when is_function(S), is_function(C) ->
    foreachx(spawn, S, C, Ps);
item({foreachx, P, S, Ps}, _) -> foreachx(P, S, fun no_cleanup/2, Ps);
item({foreachx, P, S, C, Ps}, _) -> foreachx(P, S, C, Ps);
item({setup, S, I}, O) when is_function(S); is_list(S) ->
    setup(spawn, S, fun no_cleanup/1, I, O);
item({setup, S, C, I}, O) when is_function(S), is_function(C) ->
    setup(spawn, S, C, I, O);
item({setup, P, S, I}, O) -> setup(P, S, fun no_cleanup/1, I, O);
item({setup, P, S, C, I}, O) -> setup(P, S, C, I, O);
item({node, N, T}, O) when is_atom(N) -> node_tests(N, "", T, O);
item({node, N, Args, T}, O) when is_atom(N) -> node_tests(N, Args, T, O);
item({generator, F}, _) when is_function(F) ->
    generate(F, function_name(F));
item({generator, F, {_, _, _} = Name}, _) when is_function(F) ->
    generate(F, Name);
item({generator, M, F}, _) when is_atom(M), is_atom(F) ->
    generate({M, F}, {M, F, 0});
item({inorder, T}, O) ->
    join(#group{tests = T, order = inorder}, O);
item({inparallel, T}, O) ->
    join(#group{tests = T, order = {inparallel, 0}}, O);
item({inparallel, N, T}, O) when is_integer(N), N >= 0 ->
    join(#group{tests = T, order = {inparallel, N}}, O);
item({timeout, Seconds, T}, O) when is_number(Seconds), Seconds >= 0 ->
    join(#group{tests = T, timeout = round(Seconds * 1000)}, O);
item({spawn, T}, O) ->
    join(#group{tests = T, spawn = local}, O);
item({spawn, N, T}, O) when is_atom(N) ->
    join(#group{tests = T, spawn = {remote, N}}, O);
item({with, X, Fs} = T, _) when is_list(Fs) ->
    {more, [with(X, F, T) || F <- Fs]};
item(T, O) ->
    named(T, O).

%% What is found by a name: modules, applications, files; and titles.
named({module, M}, O) when is_atom(M) ->
    {more, {"module '" ++ atom_to_list(M) ++ "'", module_tests(M, O)}};
named({application, A}, O) when is_atom(A) ->
    application_tests(A, O);
named({application, A, Info} = T, _) when is_atom(A), is_list(Info) ->
    Modules = proplists:get_value(modules, Info),
    check(is_list(Modules) andalso lists:all(fun is_atom/1, Modules), T),
    {more, {"application '" ++ atom_to_list(A) ++ "'", Modules}};
named({file, F} = T, _) when is_list(F) ->
    check(eunit_lib:is_string(F), T),
    {more, {"file \"" ++ F ++ "\"", file_tests(F)}};
named({dir, D} = T, _) when is_list(D) ->
    check(eunit_lib:is_string(D), T),
    {more, {"directory \"" ++ D ++ "\"", directory_tests(D)}};
named({Title, T}, O) when is_list(Title); is_binary(Title) ->
    check(is_binary(Title) orelse eunit_lib:is_string(Title), {Title, T}),
    join(#group{tests = T, desc = bytes(Title)}, O);
named(T, O) when is_tuple(T), tuple_size(T) > 2,
                 (is_list(element(1, T)) orelse is_binary(element(1, T))) ->
    %% {Title, setup, ...} is {Title, {setup, ...}}
    named({element(1, T), erlang:delete_element(1, T)}, O);
named(M, O) when is_atom(M) ->
    named({module, M}, O);
named(Path, O) when is_list(Path) ->
    check(eunit_lib:is_string(Path), Path),
    try
        named({dir, Path}, O)
    catch
        {file_read_error, {R, _, _}} when R =:= enotdir; R =:= enoent ->
            named({file, Path}, O)
    end;
named(T, _) ->
    simple_test(T).

simple_test({Line, F}) when is_integer(Line), Line >= 0 ->
    (simple_test(F))#test{line = Line};
simple_test({{M, F, A} = Name, T}) when is_atom(M), is_atom(F), is_integer(A) ->
    (simple_test(T))#test{location = Name};
simple_test({test, M, F}) when is_atom(M), is_atom(F) ->
    #test{run = {M, F}, location = {M, F, 0}};
simple_test({M, F}) when is_atom(M), is_atom(F) ->
    simple_test({test, M, F});
simple_test(F) ->
    check(is_function(F, 0), F),
    #test{run = F, location = erlang:fun_info_mfa(F)}.

check(true, _) -> ok;
check(false, T) -> throw({bad_test, T}).

no_cleanup(_) -> ok.

no_cleanup(_, _) -> ok.

with(X, F, T) ->
    check(is_function(F, 1), T),
    {function_name(F), fun() -> F(X) end}.

function_name(F) ->
    [{_, M}, {_, N}, {_, A}] = [erlang:fun_info(F, K)
                                || K <- [module, name, arity]],
    {M, N, A}.

%% ---- Generators ----

generate(F, Name) ->
    case call(F) of
        {ok, T} ->
            is_not_test(T) andalso throw({bad_generator, {Name, T}}),
            {more, T};
        {error, Exception} ->
            throw({generator_failed, {Name, Exception}});
        {missing, What} ->
            throw(What)
    end.

%% Calls a function of a test or a generator.
-spec call(fun(() -> V) | {module(), atom()}) ->
          {ok, V} | {error, {atom(), term(), list()}} | {missing, term()}.
call({M, F}) ->
    case code:ensure_loaded(M) of
        {module, M} ->
            case erlang:function_exported(M, F, 0) of
                true -> with_name({M, F, 0}, call(fun M:F/0));
                false -> {missing, {no_such_function, {M, F, 0}}}
            end;
        _ ->
            {missing, {module_not_found, M}}
    end;
call(F) ->
    try
        {ok, F()}
    catch
        Class:Reason:Stack -> {error, {Class, Reason, Stack}}
    end.

%% A stack that ends in a call of what is undefined may not show who called:
%% calls in tail position leave no frame.
with_name({M, F, A}, {error, {error, undef, Stack}}) ->
    Own = eunit_lib:prune(Stack),
    case [f || {M1, F1, A1, _} <- Own, {M1, F1, A1} =:= {M, F, A}] of
        [] -> {error, {error, undef, Own ++ [{M, F, A, []}]}};
        _ -> {error, {error, undef, Own}}
    end;
with_name(_, Result) ->
    Result.

%% What a generator answers when it was meant to be a test.
is_not_test(T) when is_boolean(T); is_number(T); is_binary(T); is_pid(T);
                    is_port(T); is_reference(T) -> true;
is_not_test(T) when T =:= ok; T =:= error; T =:= undefined -> true;
is_not_test({T, _}) when T =:= ok; T =:= error; T =:= 'EXIT' -> true;
is_not_test([N | _]) when is_number(N) -> true;
is_not_test(_) -> false.

%% ---- Fixtures ----

foreach(P, S, C, Fs) ->
    check(is_function(S, 0) andalso is_function(C, 1) andalso is_list(Fs),
          {foreach, P, S, C, Fs}),
    {more, [{setup, P, S, C, F} || F <- Fs]}.

foreachx(P, S, C, Ps) ->
    T = {foreachx, P, S, C, Ps},
    check(is_function(S, 1) andalso is_function(C, 2) andalso is_list(Ps), T),
    {more, [instance(P, S, C, Pair, T) || Pair <- Ps]}.

instance(P, S, C, {X, F}, _) when is_function(F, 2) ->
    {setup, P, fun() -> S(X) end, fun(R) -> C(X, R) end,
     fun(R) -> F(X, R) end};
instance(_, _, _, _, T) ->
    throw({bad_test, T}).

setup(P, Parts, _, I, O) when is_list(Parts) ->
    check(lists:all(fun is_part/1, Parts), {setup, P, Parts, I}),
    setup(P, fun() -> set_up_parts(Parts, []) end,
          fun(Rs) -> clean_up_parts(lists:reverse(lists:zip(Parts, Rs))) end,
          I, O);
setup(P, S, C, {with, Fs}, O) when is_list(Fs) ->
    setup(P, S, C, fun(X) -> {with, X, Fs} end, O);
setup(P, S, C, I, _) ->
    T = {setup, P, S, C, I},
    check(is_function(S, 0) andalso is_function(C, 1), T),
    check(not is_function(I) orelse is_function(I, 0) orelse is_function(I, 1),
          T),
    check(P =:= local orelse P =:= spawn
              orelse (is_tuple(P) andalso tuple_size(P) =:= 2
                      andalso element(1, P) =:= spawn
                      andalso is_atom(element(2, P))), T),
    Make = if is_function(I, 1) -> I; true -> fun(_) -> I end end,
    #group{tests = Make,
           fixture = #fixture{setup = S, cleanup = C, process = P}}.

%% A fixture of several named parts: what was set up is cleaned up again when
%% the next part fails.
is_part({Tag, S}) ->
    is_atom(Tag) andalso is_function(S, 0);
is_part({Tag, S, C}) ->
    is_atom(Tag) andalso is_function(S, 0) andalso is_function(C, 1);
is_part(_) ->
    false.

set_up_parts([Part | Parts], Done) ->
    try (element(2, Part))() of
        R -> set_up_parts(Parts, [{Part, R} | Done])
    catch
        Class:Reason:Stack ->
            clean_up_parts(Done),
            throw({element(1, Part), {Class, Reason, Stack}})
    end;
set_up_parts([], Done) ->
    lists:reverse([R || {_, R} <- Done]).

clean_up_parts([{{Tag, _, C}, R} | Rest]) ->
    try C(R) of
        _ -> clean_up_parts(Rest)
    catch
        Class:Reason:Stack -> throw({Tag, {Class, Reason, Stack}})
    end;
clean_up_parts([{{_, _}, _} | Rest]) ->
    clean_up_parts(Rest);
clean_up_parts([]) ->
    ok.

node_tests(Node, Args, T, O) ->
    check(eunit_lib:is_string(Args), {node, Node, Args, T}),
    setup(spawn, fun() -> start_node(atom_to_list(Node), Args) end,
          fun peer:stop/1, T, O).

start_node(Node, Args) ->
    Place = case string:split(Node, "@") of
        [Name, Host] -> #{name => Name, host => Host};
        [Name] -> #{name => Name}
    end,
    {ok, Peer, _} = peer:start_link(Place#{args => string:lexemes(Args, " ")}),
    Peer.

%% Sets up, runs [Run] on the tests that [Make] makes of the result, cleans up
%% in any case. Throws {fixture, Step, Exception} for a step that fails.
-spec run_fixture(#fixture{}, fun((term()) -> tests()), fun((tests()) -> V))
                 -> V.
run_fixture(#fixture{setup = S, cleanup = C, process = P}, Make, Run) ->
    R = step(setup_failed, S),
    Tests = step(instantiation_failed, fun() -> Make(R) end),
    is_not_test(Tests)
        andalso throw({fixture, {bad_instantiator,
                                 {function_name(Make), Tests}},
                       {error, badarg, []}}),
    try
        Run(in_process(P, Tests))
    after
        step(cleanup_failed, fun() -> C(R) end)
    end.

step(Name, F) ->
    try
        F()
    catch
        Class:Reason:Stack ->
            throw({fixture, Name, {Class, Reason, eunit_lib:prune(Stack)}})
    end.

in_process(local, Tests) -> Tests;
in_process(spawn, Tests) -> {spawn, Tests};
in_process({spawn, Node}, Tests) -> {spawn, Node, Tests}.

%% ---- Groups in groups ----

%% A group of one thing becomes one with it, unless both say the same kind of
%% thing; what cannot stay outside moves in.
join(#group{tests = Tests, spawn = Spawn} = G, O) ->
    case next(Tests, O) of
        none ->
            G#group{tests = []};
        {First, Rest} ->
            case next(Rest, O) of
                none -> join_one(G, First);
                _ when Spawn =/= undefined -> G; % looked at in its process
                {Second, More} -> G#group{tests = [First, Second | More]}
            end
    end.

join_one(#group{spawn = undefined} = G, #test{} = T) ->
    case clash(G#group.desc, T#test.desc)
        orelse clash(G#group.timeout, T#test.timeout) of
        false ->
            T#test{desc = either(G#group.desc, T#test.desc),
                   timeout = either(G#group.timeout, T#test.timeout)};
        true ->
            push_timeout(G, T#test.timeout)
    end;
join_one(G, #test{timeout = Timeout}) ->
    push_timeout(G, Timeout);
join_one(G, #group{} = Inner) ->
    Pairs = lists:zip(properties(G), properties(Inner)),
    case lists:any(fun({A, B}) -> clash(A, B) end, Pairs) of
        false ->
            [D, O, T, F, S] = [either(A, B) || {A, B} <- Pairs],
            Inner#group{desc = D, order = O, timeout = T, fixture = F,
                        spawn = S};
        true ->
            push_order(push_timeout(G, Inner#group.timeout),
                       Inner#group.order)
    end.

properties(#group{desc = D, order = O, timeout = T, fixture = F, spawn = S}) ->
    [D, O, T, F, S].

clash(A, B) -> A =/= undefined andalso B =/= undefined.

either(undefined, B) -> B;
either(A, _) -> A.

push_timeout(#group{timeout = T, tests = Tests} = G, undefined)
  when T =/= undefined ->
    G#group{tests = {timeout, T / 1000, Tests}, timeout = undefined};
push_timeout(G, _) ->
    G.

push_order(#group{order = inorder, tests = Tests} = G, undefined) ->
    G#group{tests = {inorder, Tests}, order = undefined};
push_order(#group{order = {inparallel, N}, tests = Tests} = G, undefined) ->
    G#group{tests = {inparallel, N, Tests}, order = undefined};
push_order(G, _) ->
    G.

%% ---- Modules, files, applications ----

module_tests(M, Options) ->
    case code:ensure_loaded(M) of
        {module, M} -> ok;
        _ -> throw({module_not_found, M})
    end,
    Exports = M:module_info(exports),
    Tests = lists:append([test_function(M, F) || {F, 0} <- Exports])
        ++ companion_tests(M, Options),
    case lists:member({eunit_wrapper_, 1}, Exports) of
        true -> {generator, fun() -> M:eunit_wrapper_(Tests) end};
        false -> Tests
    end.

test_function(M, F) ->
    Name = atom_to_list(F),
    case {lists:suffix("_test", Name), lists:suffix("_test_", Name)} of
        {true, _} -> [{test, M, F}];
        {_, true} -> [{generator, M, F}];
        _ -> []
    end.

%% Tests of M in M_tests.
companion_tests(M, Options) ->
    Name = atom_to_list(M),
    case lists:suffix("_tests", Name)
        orelse proplists:get_bool(exact_execution, Options) of
        true ->
            [];
        false ->
            Companion = list_to_atom(Name ++ "_tests"),
            try
                [{"module '" ++ Name ++ "_tests'",
                  module_tests(Companion, Options)}]
            catch
                {module_not_found, Companion} -> []
            end
    end.

application_tests(A, O) ->
    try
        named({file, atom_to_list(A) ++ ".app"}, O)
    catch
        {file_read_error, {enoent, _, _}} ->
            case code:lib_dir(A) of
                {error, _} ->
                    throw({application_not_found, A});
                Dir ->
                    Ebin = filename:join(Dir, "ebin"),
                    named({dir, case filelib:is_dir(Ebin) of
                                    true -> Ebin;
                                    false -> Dir
                                end}, O)
            end
    end.

%% Tests of a compiled module, or descriptions that are read.
file_tests(F) ->
    case filename:extension(F) =:= code:objfile_extension() of
        true -> object_tests(find_object(F));
        false -> consult(F)
    end.

find_object(F) ->
    case filelib:is_regular(F) of
        true ->
            F;
        false ->
            case code:where_is_file(F) of
                non_existing -> F;
                Path -> Path
            end
    end.

object_tests(File) ->
    object_tests(object_module(File), File).

object_tests(M, File) ->
    Load = fun() ->
        code:purge(M),
        {module, M} = code:load_abs(filename:rootname(File)),
        ok
    end,
    {setup, Load, {module, M}}.

object_module(File) ->
    case beam_lib:info(File) of
        Info when is_list(Info) ->
            proplists:get_value(module, Info);
        _ ->
            throw({file_read_error,
                   {undefined, "extracting module name failed", File}})
    end.

consult(F) ->
    case file:path_consult(["." | code:get_path()], F) of
        {ok, Terms, _} -> Terms;
        {error, R} -> throw({file_read_error, {R, file:format_error(R), F}})
    end.

%% Of a directory's modules; those that go with another come with it.
directory_tests(Dir) ->
    Files = case file:list_dir(Dir) of
        {ok, Names} -> Names;
        {error, R} -> throw({file_read_error, {R, file:format_error(R), Dir}})
    end,
    Modules = [{object_module(filename:join(Dir, F)), filename:join(Dir, F)}
               || F <- lists:sort(Files),
                  filename:extension(F) =:= code:objfile_extension()],
    Companions = [atom_to_list(M) ++ "_tests" || {M, _} <- Modules],
    [object_tests(M, F) || {M, F} <- Modules,
                           not lists:member(atom_to_list(M), Companions)].
