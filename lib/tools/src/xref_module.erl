%% SPDX-License-Identifier: Apache-2.0
%% xref_module: what is known of one module: read from its file, and made ready
%% for queries. In modules mode only exports and imports are read.
-module(xref_module).

-export([read/3, prepare/2, exports/1, is_predefined/1]).

%% {ok, Module, Read} | {no_debug_info, Module} | {error, Reason}
read(File, functions, Builtins) ->
    case beam_lib:chunks(File, [abstract_code, exports, attributes]) of
        {ok, {M, [{abstract_code, {raw_abstract_v1, Forms0}}, {exports, Es},
                  {attributes, As}]}} ->
            Forms1 = epp:interpret_file_attribute(Forms0),
            Forms2 = erl_expand_records:module(Forms1, []),
            Forms = erl_internal:add_predefined_functions(Forms2),
            Read = xref_reader:module(M, Forms, Builtins),
            {ok, M, told(M, File, Read, Es, As)};
        {ok, {M, [{abstract_code, {_, Forms}}, {exports, Es},
                  {attributes, As}]}} -> % of long ago
            Read = xref_reader:module(M, Forms, Builtins),
            {ok, M, told(M, File, Read, Es, As)};
        {ok, {M, _}} -> {no_debug_info, M};
        {error, _, Reason} -> {error, Reason}
    end;
read(File, modules, Builtins) ->
    case beam_lib:chunks(File, [exports, imports, attributes]) of
        {ok, {M, [{exports, Es0}, {imports, Is}, {attributes, As}]}} ->
            Es = [E || E <- all_exports(M, File, Es0), not is_predefined(E)],
            {ok, M, #{exports => Es,
                      imports => [I || {IM, F, A} = I <- Is,
                                       Builtins orelse
                                           not xref_base:is_builtin(IM, F, A)],
                      deprecated => deprecated(M, As, Es)}};
        {error, _, Reason} -> {error, Reason}
    end.

told(M, File, Read, Exports, Attributes) ->
    Es = all_exports(M, File, Exports),
    Read#{exports => Es, deprecated => deprecated(M, Attributes, Es)}.

mfas(M, Exports) -> [{M, F, A} || {F, A} <- Exports].

%% A module of the program's own pack may have functions in C, of which its file
%% knows nothing.
all_exports(M, File, Exports) ->
    case merle_pack:find(M) of
        undefined -> mfas(M, Exports);
        Path ->
            case filename:join(code:root_dir(), Path) of
                File -> mfas(M, M:module_info(exports));
                _ -> mfas(M, Exports)
            end
    end.

%% {Exports, deprecated ones} of a library's file, or of a module that has none.
exports({preloaded, M}) -> {ok, mfas(M, M:module_info(exports)), {[], [], [], []}};
exports(File) ->
    case beam_lib:chunks(File, [exports, attributes]) of
        {ok, {M, [{exports, Es0}, {attributes, As}]}} ->
            Es = all_exports(M, File, Es0),
            {ok, Es, element(1, deprecated(M, As, Es))};
        {error, _, _} = Error -> Error
    end.

is_predefined({_, module_info, A}) -> A =< 1;
is_predefined({_, behaviour_info, 1}) -> true;
is_predefined(_) -> false.

%% ---- Deprecated functions ----

%% {{Next version, next major release, eventually, others}, what is no such}
deprecated(Module, Attributes, Exports) ->
    Named = lists:append([V || {deprecated, V} <- Attributes]),
    lists:foldl(fun(D, {Sorted, Bad}) ->
                        case when_gone(D, Module, Exports) of
                            {I, Fs} ->
                                {setelement(I, Sorted,
                                            Fs ++ element(I, Sorted)), Bad};
                            false -> {Sorted, Bad ++ [D]}
                        end
                end, {{[], [], [], []}, []}, Named).

when_gone(module, M, Es) -> when_gone({'_', '_'}, M, Es);
when_gone({F, A}, M, Es) -> functions(F, A, M, Es, 4);
when_gone({F, A, next_version}, M, Es) -> functions(F, A, M, Es, 1);
when_gone({F, A, next_major_release}, M, Es) -> functions(F, A, M, Es, 2);
when_gone({F, A, eventually}, M, Es) -> functions(F, A, M, Es, 3);
when_gone({F, A, Text}, M, Es) when is_list(Text) ->
    io_lib:char_list(Text) andalso functions(F, A, M, Es, 4);
when_gone(_, _, _) -> false.

functions('_', '_', _, Es, I) -> {I, Es};
functions(F, '_', _, Es, I) when is_atom(F) ->
    {I, [E || {_, F1, _} = E <- Es, F1 =:= F]};
functions(F, A, M, _, I) when is_atom(F), is_integer(A), A >= 0 ->
    {I, [{M, F, A}]};
functions(_, _, _, _, _) -> false.

%% ---- Making ready ----

%% {Data, numbers for info, how many calls are unresolved, bad attributes}
prepare(modules, #{exports := Es, imports := Is, deprecated := Depr}) ->
    X = ordsets:from_list(Es),
    {DF, Bad} = known_deprecated(Depr, X),
    {#{x => X, imports => ordsets:from_list(Is), df => DF}, [], 0, Bad};
prepare(functions, Read) ->
    #{defined := DefAt0, locals := Ls0, externals := Xs0, on_load := OL,
      unresolved := Us, exports := Es, attributes := {AL0, AX0, ABad},
      deprecated := Depr} = Read,
    DefAt = lists:usort(DefAt0),
    Defined = ordsets:from_list([F || {F, _} <- DefAt]),
    IsDefined = maps:from_keys(Defined, []),
    {AX, BadX} = lists:partition(fun({{F, _}, _}) -> is_map_key(F, IsDefined)
                                 end, AX0),
    {AL, BadL} = lists:partition(fun({{F, T}, _}) ->
                                         is_map_key(F, IsDefined)
                                             andalso is_map_key(T, IsDefined)
                                 end, AL0),
    Ls = lists:usort(AL ++ Ls0),
    Xs = lists:usort(AX ++ Xs0),
    LAt = by_call(Ls),
    XAt = by_call(Xs),
    CallAt = maps:merge_with(fun(_, A, B) -> ordsets:union(A, B) end, LAt, XAt),
    Exported = ordsets:from_list(Es),
    X = ordsets:intersection(Defined, Exported),
    L = ordsets:subtract(Defined, X),
    LC = lists:sort(maps:keys(LAt)),
    %% what is given without a line is a call as well
    XC = lists:sort(maps:keys(XAt)),
    UC = lists:usort([C || {C, _} <- Us]),
    {EE, EAt} = between_exports(X, L, LC, XC, CallAt),
    {DF, BadD} = known_deprecated(Depr, X),
    Calls = length(Ls) + length(Xs),
    Unresolved = length(lists:usort(Us)),
    {#{def_at => DefAt, l => L, x => X, l_at => LAt, x_at => XAt,
       call_at => CallAt, lc => LC, xc => XC, uc => UC, ol => OL, ee => EE,
       e_at => EAt, df => DF},
     [{no_calls, {Calls - Unresolved, Unresolved}},
      {no_function_calls, {length(LC), length(XC) - length(UC), length(UC)}},
      {no_functions, {length(L), length(X)}},
      {no_inter_function_calls, length(EE)}],
     Unresolved,
     BadD ++ [{xref, B} || B <- ABad ++ [C || {C, _} <- BadX ++ BadL]]}.

by_call(Calls) ->
    maps:map(fun(_, Lines) -> lists:usort(Lines) end,
             maps:groups_from_list(fun({C, _}) -> C end,
                                   fun({_, Line}) -> Line end, Calls)).

%% {[soon, later, eventually, all], bad ones}: each holds those before it.
known_deprecated({{D1, D2, D3, D4}, Bad}, X) ->
    IsX = maps:from_keys(X, []),
    Known = fun({M, F, A} = E) ->
                    is_map_key(E, IsX) orelse xref_base:is_builtin(M, F, A)
            end,
    Sets = [ordsets:from_list(lists:filter(Known, D)) || D <- [D1, D2, D3, D4]],
    {Sums, _} = lists:mapfoldl(fun(D, Before) ->
                                       Sum = ordsets:union(D, Before),
                                       {Sum, Sum}
                               end, [], Sets),
    Unknown = [E || E <- D1 ++ D2 ++ D3 ++ D4, not Known(E),
                    not is_predefined(E)],
    {Sums, [{deprecated, B} || B <- lists:usort(Unknown ++ Bad)]}.

%% The calls between exported functions, and locals that none of these leads
%% to: chains of calls over other locals become one, with the line of the first.
between_exports(X, L, LC, XC, CallAt) ->
    Next = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end,
                                 LC),
    NextX = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end,
                                  XC),
    Reached = reached(lists:append([maps:get(F, Next, []) || F <- X]), Next,
                      #{}),
    Ends = maps:from_keys(X ++ [F || F <- L, not is_map_key(F, Reached)], []),
    Direct = [C || {A, B} = C <- LC, is_map_key(A, Ends), is_map_key(B, Ends)]
        ++ [C || {A, _} = C <- XC, is_map_key(A, Ends)],
    Over = [{{From, To}, First}
            || {From, B} = First <- LC, is_map_key(From, Ends),
               not is_map_key(B, Ends),
               N <- maps:keys(reached([B], Next, #{})),
               To <- [N || is_map_key(N, Ends)] ++ maps:get(N, NextX, [])],
    At = lists:foldl(fun({E, First}, Acc) ->
                             Lines = maps:get(First, CallAt, []),
                             maps:update_with(E, fun(Old) ->
                                                         ordsets:union(Old,
                                                                       Lines)
                                                 end, Lines, Acc)
                     end, #{}, Over ++ [{C, C} || C <- Direct]),
    {lists:sort(maps:keys(At)), At}.

%% With those to start from.
reached([F | Rest], Next, Seen) when is_map_key(F, Seen) ->
    reached(Rest, Next, Seen);
reached([F | Rest], Next, Seen) ->
    reached(maps:get(F, Next, []) ++ Rest, Next, Seen#{F => []});
reached([], _, Seen) -> Seen.
