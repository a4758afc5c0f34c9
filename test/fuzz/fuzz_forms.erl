%% SPDX-License-Identifier: Apache-2.0
%% A fuzzer for what takes abstract forms from programs: forms of real sources
%% are damaged at random and given to compile:forms/2 and erl_pp:form/1. What
%% they answer is theirs; that they answer, soon, and that code which was made
%% can be loaded, is checked.
%%
%%     merle -noshell -run fuzz_forms main SECONDS SEED FILE.erl ...
%%
%% on a build with sanitizers. The forms that are being compiled lie in
%% fuzz_forms.last, as term_to_binary makes them: after a death of the machine,
%% "-run fuzz_forms again" compiles them once more.
-module(fuzz_forms).

-export([main/1, again/0]).

-define(LIMIT, 60000). % milliseconds that one module may take
-define(LAST, "fuzz_forms.last").

main([Seconds, Seed | Files]) ->
    rand:seed(exsss, list_to_integer(Seed)),
    Corpus = list_to_tuple([forms(File) || File <- Files]),
    End = erlang:monotonic_time(second) + list_to_integer(Seconds),
    Counts = rounds(Corpus, End, #{}),
    io:format("~p~n", [lists:reverse(lists:keysort(2, maps:to_list(Counts)))]),
    halt(case [K || {bad, _} = K <- maps:keys(Counts)] of
             [] -> 0;
             _ -> 1
         end).

again() ->
    {ok, Bytes} = file:read_file(?LAST),
    {Forms, Options} = binary_to_term(Bytes),
    io:format("~P~n", [try_forms(Forms, Options), 30]),
    halt().

%% The module gets a name of its own, so that none in use is replaced.
forms(File) ->
    Folder = filename:dirname(File),
    Include = [Folder, filename:join(filename:dirname(Folder), "include")],
    {ok, Forms} = epp:parse_file(File, Include, []),
    [case F of
         {attribute, A, module, _} -> {attribute, A, module, fuzz_forms_module};
         _ -> F
     end || F <- Forms].

rounds(Corpus, End, Counts) ->
    case erlang:monotonic_time(second) < End of
        false -> Counts;
        true ->
            Forms = damage(pick(Corpus), pick(Corpus), rand:uniform(4)),
            Key = one(Forms, options()),
            rounds(Corpus, End, maps:update_with(Key, fun(N) -> N + 1 end, 1,
                                                 Counts))
    end.

options() ->
    [binary, return | [O || O <- [debug_info, inline, export_all, bin_opt_info,
                                  warn_missing_spec_all, no_auto_import,
                                  warn_export_vars, brief, 'P', 'E', 'S',
                                  {inline, [{f, 1}]}, basic_validation,
                                  warnings_as_errors, nowarn_unused_vars],
                            rand:uniform(6) =:= 1]].

%% In a process of its own, which may take its time and no more.
one(Forms, Options) ->
    ok = file:write_file(?LAST, term_to_binary({Forms, Options})),
    {Pid, Ref} = spawn_monitor(fun() -> exit({did, try_forms(Forms, Options)})
                               end),
    receive
        {'DOWN', Ref, process, Pid, {did, {bad, What} = Bad}} ->
            keep(Forms, Options, What),
            Bad;
        {'DOWN', Ref, process, Pid, {did, Key}} -> Key;
        {'DOWN', Ref, process, Pid, Reason} ->
            keep(Forms, Options, Reason),
            {bad, died}
    after ?LIMIT ->
        exit(Pid, kill),
        keep(Forms, Options, slow),
        {bad, slow}
    end.

%% What went wrong is told, with the forms in a file.
keep(Forms, Options, What) ->
    Name = "fuzz_forms." ++ integer_to_list(erlang:phash2(Forms)),
    ok = file:write_file(Name, term_to_binary({Forms, Options})),
    io:format("~ts: ~P~n", [Name, What, 40]).

try_forms(Forms, Options) ->
    [catch erl_pp:form(F) || F <- elements_of(Forms)],
    try compile:forms(Forms, Options) of
        {ok, fuzz_forms_module = Module, Code, _} when is_binary(Code) ->
            load(Module, Code, Forms);
        {ok, _, _, _} -> compiled;
        {ok, _, _} -> checked;
        {error, Errors, _} ->
            %% An internal error that is told as such is an answer.
            case [W || {_, Es} <- Errors,
                       {_, compile, {crash, _, _, _} = W} <- Es] of
                [] -> refused;
                [{crash, Pass, What, [{M, F, _, _} | _]} | _] ->
                    {crash, Pass, kind(What), {M, F}}
            end;
        Other -> {bad, {answer, Other}}
    catch
        error:Reason:Stack -> {raised, kind(Reason), hd(Stack)}
    end.

kind(Reason) when is_tuple(Reason) -> element(1, Reason);
kind(Reason) -> Reason.

%% Whatever on_load does is not to be tried.
load(Module, Code, Forms) ->
    case [A || {attribute, A, on_load, _} <- elements_of(Forms)] of
        [] ->
            case code:load_binary(Module, "nofile", Code) of
                {module, Module} ->
                    code:purge(Module),
                    code:delete(Module),
                    code:purge(Module),
                    loaded;
                Error -> {bad, Error}
            end;
        _ -> compiled
    end.

%% ---- damage ----

damage(Forms, _, 0) -> Forms;
damage(Forms, Others, N) ->
    Path = path(Forms, rand:uniform(12)),
    damage(at(Path, Forms, fun(T) -> change(T, Others) end), Others, N - 1).

%% Indices that lead to a part of the term, at most [N] deep.
path(_, 0) -> [];
path(Term, N) ->
    case size_of(Term) of
        0 -> [];
        Size ->
            I = rand:uniform(Size),
            [I | path(part(I, Term), N - 1)]
    end.

size_of(Term) when is_tuple(Term) -> tuple_size(Term);
size_of(Term) when is_list(Term) -> length(elements_of(Term));
size_of(_) -> 0.

%% Of a list that may be improper.
elements_of([H | T]) -> [H | elements_of(T)];
elements_of(_) -> [].

part(I, Term) when is_tuple(Term) -> element(I, Term);
part(I, Term) -> lists:nth(I, elements_of(Term)).

at([], Term, Change) -> Change(Term);
at([I | Path], Term, Change) when is_tuple(Term) ->
    setelement(I, Term, at(Path, element(I, Term), Change));
at([1 | Path], [H | T], Change) -> [at(Path, H, Change) | T];
at([I | Path], [H | T], Change) -> [H | at([I - 1 | Path], T, Change)].

%% Most damage keeps the shape, or nothing would get behind the check of it.
change(Term, Others) ->
    case rand:uniform(12) of
        1 -> wreck(Term, Others);
        _ -> swap(Term, Others)
    end.

swap(Term, _) when is_atom(Term) ->
    pick({a, '_', 'X', 'Y', f, x, ok, lists, module_info, element, is_record, '+',
          '=:=', 'andalso', '!', '++', Term, binary, utf8, integer, true, undefined,
          list_to_atom("v" ++ integer_to_list(rand:uniform(9)))});
swap(Term, _) when is_integer(Term) ->
    pick({0, 1, 2, 3, 255, 256, 65535, 1 bsl 27, 1 bsl 59, 1 bsl 64, 1 bsl 200,
          Term + 1, 1.5});
swap([_ | _] = Term, _) ->
    List = elements_of(Term),
    case rand:uniform(4) of
        1 -> lists:reverse(List);
        2 -> without(List);
        3 -> List ++ [hd(List)];
        4 -> tl(List)
    end;
swap(Term, Others) ->
    Node = part_of(Others),
    case is_node(Node) of
        true -> Node;
        false -> Term
    end.

is_node(T) -> is_tuple(T) andalso tuple_size(T) > 1 andalso is_atom(element(1, T)).

wreck(Term, Others) ->
    case rand:uniform(8) of
        1 -> garbage();
        2 -> garbage();
        3 -> part_of(Others);
        4 -> part_of(Term);
        5 when is_list(Term), Term =/= [] ->
            elements_of(Term) ++ garbage();
        5 when is_tuple(Term) -> list_to_tuple(tuple_to_list(Term) ++ [garbage()]);
        6 -> without(Term);
        7 when is_list(Term) -> elements_of(Term) ++ elements_of(Term);
        8 when is_tuple(Term), tuple_size(Term) > 0 ->
            setelement(1, Term, tag());
        _ -> [Term]
    end.

part_of(Term) ->
    Path = path(Term, rand:uniform(10)),
    lists:foldl(fun part/2, Term, Path).

without(Term) when is_tuple(Term), tuple_size(Term) > 0 ->
    erlang:delete_element(rand:uniform(tuple_size(Term)), Term);
without([_ | _] = Term) ->
    {Before, [_ | After]} = lists:split(rand:uniform(size_of(Term)) - 1,
                                        elements_of(Term)),
    Before ++ After;
without(Term) -> {Term}.

garbage() ->
    pick({[], {}, #{}, 0, -1, 1 bsl 70, -(1 bsl 70), 1 bsl 59, 255, 256, 65536,
          1.5, -0.0, a, '', '_', 'X', undefined, <<>>, <<1, 2>>, <<3:3>>, "text",
          [1 | 2], [a | b], [[]], {a}, {1, 2}, {0, 0}, self(), make_ref(),
          fun lists:map/2, fun() -> ok end, #{a => []}, [[[[a]]]], {var, 1, '_'},
          {atom, 1, a}, {integer, 1, 1 bsl 90}, {float, 1, 1.0}, {nil, 1},
          {string, 1, "a"}, {bin, 1, []}, [{location, {1, 1}}],
          [{file, "f"}, {location, 3}], 16#D800, 16#110000, "\x{10ffff}",
          lists:duplicate(300, {var, 1, 'V'}), lists:seq(1, 300)}).

tag() ->
    pick({var, atom, integer, float, char, string, nil, cons, tuple, match, bin,
          bin_element, op, call, remote, record, record_field, record_index, map,
          map_field_assoc, map_field_exact, lc, bc, generate, b_generate, block,
          'if', 'case', 'try', 'catch', 'receive', 'maybe', 'else', 'fun',
          named_fun, clause, attribute, function, eof, error, warning, type,
          user_type, ann_type, remote_type, bounded_fun, value, clauses}).

pick(Tuple) -> element(rand:uniform(tuple_size(Tuple)), Tuple).
