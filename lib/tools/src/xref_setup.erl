%% SPDX-License-Identifier: Apache-2.0
%% xref_setup: the predefined variables of queries, of all modules together.
-module(xref_setup).

-export([variables/5]).

-include("xref.hrl").

%% {Variables, Modules}: whose numbers of calls between exports are known now.
%% [Libraries]: {Path, #{Module => Library}}.
variables(functions, Modules, Apps, Releases, Libraries) ->
    Data = [X#xref_mod.data || X <- maps:values(Modules)],
    AM = lists:sort(maps:keys(Modules)),
    [LC, XC, L, X0, UC, OL] = [all(K, Data) || K <- [lc, xc, l, x, uc, ol]],
    E = ordsets:union(LC, XC),
    XU = ends(XC),
    LU = ends(LC),
    Predefined = [F || {M, _, _} = F <- ordsets:union(XU, LU),
                       xref_module:is_predefined(F), is_map_key(M, Modules)],
    X1 = ordsets:union(X0, Predefined),
    F1 = ordsets:union(L, X1),
    V = ordsets:union(F1, XU),
    Common = common(V, E, XU, X1, F1, AM, Data, Modules, Apps, Releases,
                    Libraries),
    #{x := X, undef := Undef} = Common,
    EE = exported(all(ee, Data), X),
    UU = ordsets:subtract(ordsets:subtract(F1, LU), XU),
    DefAt = [{F, 0} || F <- Undef] ++ lists:append([map_get(def_at, D)
                                                    || D <- Data]),
    Conversions =
        #{e => E, def_at => lines(DefAt),
          line => at(call_at, Data), local_call => at(l_at, Data),
          external_call => at(x_at, Data),
          export_call => at(e_at, Data)},
    Vs = [{'L', function, vertex, L}, {'F', function, vertex,
                                       ordsets:union(F1,
                                                     map_get(lib, Common))},
          {'LU', function, vertex, LU}, {'UU', function, vertex, UU},
          {'V', function, vertex, V}, {'OL', function, vertex, OL},
          {'E', function, edge, E}, {'EE', function, edge, EE},
          {'LC', function, edge, LC}, {'XC', function, edge, XC},
          {'UC', function, edge, UC} | listed(Common)],
    {table(Vs, maps:merge(Conversions, map_get(conversions, Common))),
     counted(Modules, EE)};
variables(modules, Modules, Apps, Releases, Libraries) ->
    Data = [X#xref_mod.data || X <- maps:values(Modules)],
    AM = lists:sort(maps:keys(Modules)),
    XU = all(imports, Data),
    Predefined = [F || {M, _, _} = F <- XU, xref_module:is_predefined(F),
                       is_map_key(M, Modules)],
    X1 = ordsets:union(all(x, Data), Predefined),
    Calls = lists:usort([{{M, '', 0}, F}
                         || {M, #xref_mod{data = #{imports := Is}}}
                                <- maps:to_list(Modules), F <- Is]),
    Common = common(ordsets:union(X1, XU), Calls, XU, X1, X1, AM, Data,
                    Modules, Apps, Releases, Libraries),
    None = maps:from_keys([def_at, line, local_call, external_call,
                           export_call], #{}),
    {table(listed(Common), maps:merge(None#{e => []},
                                      map_get(conversions, Common))),
     Modules}.

%% What both modes have.
common(V, E, XU, X1, F1, AM, Data, Modules, Apps, Releases, Libraries) ->
    M2A = maps:map(fun(_, X) -> X#xref_mod.app_name end, Modules),
    A2R = maps:map(fun(_, A) -> A#xref_app.rel_name end, Apps),
    ME = lists:usort([{A, B} || {{A, _, _}, {B, _, _}} <- E]),
    AE = up(ME, M2A),
    RE = up(AE, A2R),
    Undef = ordsets:subtract(XU, F1),
    {LM, Lib, LibDFs} = libraries(Undef, AM, Libraries),
    U0 = ordsets:subtract(Undef, Lib),
    {B, U} = lists:partition(fun({M, F, A}) -> xref_base:is_builtin(M, F, A)
                             end, U0),
    UM = ordsets:subtract(ordsets:subtract(modules(Undef), AM), LM),
    Of = ordsets:union(X1, B),
    DFs = [ordsets:union(ordsets:intersection(Mine, Of), Theirs)
           || {Mine, Theirs} <- lists:zip(deprecated(Data), LibDFs)],
    #{x => ordsets:union(X1, Lib), u => U, b => B, xu => XU, undef => Undef,
      lib => Lib, m => ordsets:union(modules(V), AM), am => AM, lm => LM,
      um => UM, a => lists:sort(maps:keys(Apps)), r => lists:sort(Releases),
      me => ME, ae => AE, re => RE, dfs => DFs,
      conversions => #{v => V, m2a => M2A, a2r => A2R, me => ME, ae => AE}}.

listed(#{dfs := [DF1, DF2, DF3, DF]} = C) ->
    [{Name, function, vertex, map_get(K, C)}
     || {Name, K} <- [{'X', x}, {'U', u}, {'B', b}, {'XU', xu}]]
        ++ [{Name, module, vertex, map_get(K, C)}
            || {Name, K} <- [{'M', m}, {'AM', am}, {'LM', lm}, {'UM', um}]]
        ++ [{'A', application, vertex, map_get(a, C)},
            {'R', release, vertex, map_get(r, C)},
            {'ME', module, edge, map_get(me, C)},
            {'AE', application, edge, map_get(ae, C)},
            {'RE', release, edge, map_get(re, C)},
            {'DF', function, vertex, DF}, {'DF_1', function, vertex, DF1},
            {'DF_2', function, vertex, DF2}, {'DF_3', function, vertex, DF3}].

table(Variables, Conversions) ->
    Vs = maps:from_list([{Name, {predef, Type, Kind, Value}}
                         || {Name, Type, Kind, Value} <- Variables]),
    Vs#{{data} => Conversions}.

all(Key, Data) -> lists:usort(lists:append([map_get(Key, D) || D <- Data])).

ends(Edges) -> lists:usort([B || {_, B} <- Edges]).

modules(Functions) -> lists:usort([M || {M, _, _} <- Functions]).

up(Edges, Up) ->
    lists:usort([{C, D} || {A, B} <- Edges, C <- maps:get(A, Up, []),
                           D <- maps:get(B, Up, [])]).

lines(DefAt) ->
    maps:groups_from_list(fun({F, _}) -> F end, fun({_, L}) -> L end,
                          lists:usort(DefAt)).

at(Key, Data) ->
    lists:foldl(fun(D, Acc) -> maps:merge(Acc, map_get(Key, D)) end, #{}, Data).

%% Calls between modules count where what they call is exported.
exported(EE, X) ->
    IsX = maps:from_keys(X, []),
    [C || {{M1, _, _}, {M2, _, _} = To} = C <- EE,
          M1 =:= M2 orelse is_map_key(To, IsX)].

counted(Modules, EE) ->
    Numbers = maps:groups_from_list(fun({{M, _, _}, _}) -> M end, EE),
    maps:map(fun(M, #xref_mod{info = Info} = X) ->
                     N = length(maps:get(M, Numbers, [])),
                     X#xref_mod{info = lists:keyreplace(
                                         no_inter_function_calls, 1, Info,
                                         {no_inter_function_calls, N})}
             end, Modules).

deprecated([]) -> [[], [], [], []];
deprecated(Data) ->
    [lists:usort(lists:append([lists:nth(I, map_get(df, D)) || D <- Data]))
     || I <- [1, 2, 3, 4]].

%% ---- Libraries ----

%% {Library modules that are called, the functions of them, deprecated ones}
libraries(Undef, AM, Libraries) ->
    Called = ordsets:subtract(modules(Undef), AM),
    Files = [{M, File} || M <- Called, {ok, File} <- [file(M, Libraries)]],
    Read = [begin
                case xref_module:exports(File) of
                    {ok, Es, Depr} -> {M, Es, Depr};
                    Error -> throw(Error)
                end
            end || {M, File} <- Files],
    Exports = lists:usort(lists:append([Es || {_, Es, _} <- Read])),
    Lib = ordsets:intersection(Undef, Exports),
    Builtins = [F || {M, N, A} = F <- Undef, xref_base:is_builtin(M, N, A)],
    Of = ordsets:union(Lib, Builtins),
    Known = maps:from_list([F || {_, [_ | _]} = F <- Files]),
    Told = [F || {M, N, A} = F <- Builtins, not is_map_key(M, Known),
                 element(1, Libraries) =:= code_path,
                 is_tuple(otp_internal:obsolete(M, N, A))],
    {Sums, _} = lists:mapfoldl(
                  fun(I, Before) ->
                          Fs = lists:append([element(I, D)
                                             || {_, _, D} <- Read]
                                            ++ [Told || I =:= 4]),
                          Sum = ordsets:union(Before,
                                              ordsets:intersection(
                                                lists:usort(Fs), Of)),
                          {Sum, Sum}
                  end, [], [1, 2, 3, 4]),
    {[M || {M, _, _} <- Read], Lib, Sums}.

%% Modules that are there from the start have no file. They count where the
%% kernel is found.
file(Module, {code_path, _}) ->
    case code:which(Module) of
        File when is_list(File) -> {ok, File};
        preloaded -> {ok, {preloaded, Module}};
        _ -> none
    end;
file(Module, {_, Libraries}) ->
    case Libraries of
        #{Module := #xref_lib{dir = Dir}} ->
            {ok, filename:join(Dir, atom_to_list(Module) ++ ".beam")};
        #{kernel := _} ->
            case code:is_loaded(Module) of
                {file, preloaded} -> {ok, {preloaded, Module}};
                _ -> none
            end;
        #{} -> none
    end.
