%% SPDX-License-Identifier: Apache-2.0
%% xref_compiler: the values of queries. A value has a type (functions, modules,
%% applications, releases, lines), a kind (vertices, edges, a closure of edges,
%% components, a path, a number), and is an ordered set: of vertices, of pairs,
%% of {Edge, Lines} or {Function, Line}. Values of coarser and finer types are
%% converted into each other through what the modules' data tell.
-module(xref_compiler).

-export([compile/2, format_error/1]).

-export_type([variables/0]).

-define(END, (1 bsl 23)).

%% Predefined and kept variables, and under data what conversions need.
-type variables() :: #{atom() => {predef | user | tmp, Type :: term(),
                                  Kind :: atom(), Value :: term()},
                       {data} => map()}.

%% {Variables with those that were set, Value} | {error, ?MODULE, Reason}
-spec compile(string(), variables()) ->
          {variables(), term()} | {error, module(), term()}.
compile(Text, Variables) ->
    case xref_parser:parse(Text) of
        {ok, Statements} ->
            try run(Statements, Variables)
            catch throw:{?MODULE, Reason} -> {error, ?MODULE, Reason}
            end;
        {error, Line, What} -> {error, ?MODULE, {parse_error, Line, What}}
    end.

-spec fail(term()) -> no_return().
fail(Reason) -> throw({?MODULE, Reason}).

run([{assign, Kind, Name, E} = Statement | Rest], Vs0) ->
    is_map_key(Name, Vs0)
        andalso fail({variable_reassigned, xref_parser:t2s(Statement)}),
    {Type, OType, Value} = expr(E, Vs0),
    Vs = Vs0#{Name => {Kind, Type, OType, Value}},
    case Rest of
        [] -> {kept(Vs), shown(Type, OType, Value)};
        _ -> run(Rest, Vs)
    end;
run([E], Vs) ->
    {Type, OType, Value} = expr(E, Vs),
    {kept(Vs), shown(Type, OType, Value)}.

kept(Vs) ->
    maps:filter(fun(_, {tmp, _, _, _}) -> false; (_, _) -> true end, Vs).

%% Calls without a line are none.
shown({line, _}, edge, Value) -> [C || {_, [_ | _]} = C <- Value];
shown(_, closure, _) -> 'closure()';
shown(_, _, Value) -> Value.

format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error({parse_error, Line, Reason}) ->
    parse_error(Reason, place(Line));
format_error({variable_reassigned, E}) ->
    io_lib:format("Variable assigned more than once: ~ts~n", [E]);
format_error({unknown_variable, Name}) ->
    io_lib:format("Variable ~tp used before set~n", [Name]);
format_error({type_error, E}) ->
    io_lib:format("Operator applied to argument(s) of different or "
                  "invalid type(s): ~ts~n", [E]);
format_error({type_mismatch, A, B}) ->
    io_lib:format("Constants of different types: ~ts, ~ts~n", [A, B]);
format_error({unknown_constant, C}) ->
    io_lib:format("Unknown constant ~ts~n", [C]);
format_error(Reason) ->
    io_lib:format("~tp~n", [Reason]).

parse_error(["invalid_regexp", Text, What], Place) ->
    io_lib:format("Invalid regular expression \"~ts\"~s: ~ts~n",
                  [Text, Place, lists:flatten(What)]);
parse_error(["invalid_regexp_variable", Name], Place) ->
    io_lib:format("Invalid wildcard variable ~tp~s (only '_' is allowed)~n",
                  [Name, Place]);
parse_error(["missing_type", E], Place) ->
    io_lib:format("Missing type of regular expression ~ts~s~n", [E, Place]);
parse_error(["type_mismatch", E], Place) ->
    io_lib:format("Type does not match structure of constant~s: ~ts~n",
                  [Place, E]);
parse_error(["invalid_operator", Op], Place) ->
    io_lib:format("Invalid operator ~tp~s~n", [Op, Place]);
parse_error(What, Place) ->
    io_lib:format("Parse error~s: ~ts~n", [Place, lists:flatten(What)]).

place(?END) -> " at end of string";
place(0) -> "";
place(Line) -> io_lib:format(" on line ~w", [Line]).

%% ---- Expressions: {Type, Kind, Value} ----

expr({list, Cs}, Vs) -> constants(Cs, Vs);
expr({tuple, Cs} = E, Vs) ->
    case constants(Cs, Vs) of
        {Type, vertex, _} -> {Type, path, [C || {constant, _, _, C} <- Cs]};
        _ -> type_error(E)
    end;
expr({constant, _, _, _} = C, Vs) -> constants([C], Vs);
expr({variable, Name}, Vs) ->
    case Vs of
        #{Name := {_, Type, OType, Value}} -> {Type, OType, Value};
        #{} -> fail({unknown_variable, Name})
    end;
expr({type, {type, _}, E}, Vs) -> expr(E, Vs);
expr({type, {convert, To}, E0} = E, Vs) ->
    {From, OType, Value} = expr(E0, Vs),
    Type = type(To),
    is_convertible(OType, From, Type) orelse type_error(E),
    {Type, OType, convert(OType, From, Type, Value, Vs)};
expr({set, Op, E0} = E, Vs) ->
    case expr(E0, Vs) of
        {Type, edge, Value} -> unary(Op, Type, of_edges(Type, Value));
        {Type, edge_set, Value} -> unary(Op, Type, Value);
        _ -> type_error(E)
    end;
expr({graph, Op, E0} = E, Vs) ->
    case expr(E0, Vs) of
        {{line, _}, _, _} -> type_error(E);
        {Type, OType, Value} when OType =:= edge; OType =:= closure ->
            graph(Op, Type, Value);
        _ -> type_error(E)
    end;
expr({numeric, '#', E0} = E, Vs) ->
    case expr(E0, Vs) of
        {{line, _}, edge, Value} ->
            {number, number, lists:sum([length(Ls) || {_, Ls} <- Value])};
        {_, OType, Value} when OType =:= vertex; OType =:= vertex_set;
                               OType =:= edge; OType =:= edge_set ->
            {number, number, length(Value)};
        _ -> type_error(E)
    end;
expr({set, Op, L, R} = E, Vs) -> binary(Op, expr(L, Vs), expr(R, Vs), E, Vs);
expr({restr, Op, L, R} = E, Vs) ->
    case {expr(L, Vs), expr(R, Vs)} of
        {{{line, _}, _, _}, _} -> type_error(E);
        {_, {{line, _}, _, _}} -> type_error(E);
        {{Type, OType, Value}, {From, vertex, Given}}
          when OType =:= edge; OType =:= closure ->
            Wanted = maps:from_keys(convert(vertex, From, Type, Given, Vs), []),
            {Type, edge, restrict(Op, OType, Value, Wanted)};
        _ -> type_error(E)
    end;
expr({path, L, R} = E, Vs) ->
    case {expr(L, Vs), expr(R, Vs)} of
        {{{line, _}, _, _}, _} -> type_error(E);
        {_, {{line, _}, _, _}} -> type_error(E);
        {{Type, edge, [{A, B}]}, {From, edge, Edges}} ->
            path(Type, [A, B], convert(edge, From, Type, Edges, Vs));
        {{Type, path, Way}, {From, edge, Edges}} ->
            path(Type, Way, convert(edge, From, Type, Edges, Vs));
        {{Type, edge, [{A, B}]}, {Type, closure, Edges}} ->
            path(Type, [A, B], Edges);
        {{Type, path, Way}, {Type, closure, Edges}} -> path(Type, Way, Edges);
        _ -> type_error(E)
    end;
expr({regexpr, Pattern, Type0}, Vs) ->
    Type = type(Type0),
    {Type, vertex, [V || V <- all(Type, Vs), is_like(Pattern, V)]}.

-spec type_error(term()) -> no_return().
type_error(E) -> fail({type_error, xref_parser:t2s(E)}).

type('Rel') -> release;
type('App') -> application;
type('Mod') -> module;
type('Fun') -> function;
type('Lin') -> {line, line};
type('LLin') -> {line, local_call};
type('XLin') -> {line, external_call};
type('ELin') -> {line, export_call};
type('XXL') -> {line, all_line_call}.

%% Calls with lines as pairs.
of_edges({line, _}, Value) -> [{E, L} || {E, Ls} <- Value, L <- Ls];
of_edges(_, Value) -> Value.

unary(range, Type, Pairs) -> {Type, vertex, ordered([B || {_, B} <- Pairs])};
unary(domain, Type, Pairs) -> {Type, vertex, ordered([A || {A, _} <- Pairs])};
unary(weak, Type, Pairs) ->
    Ends = lists:append([[A, B] || {A, B} <- Pairs]),
    {Type, edge, ordered([{V, V} || V <- Ends] ++ Pairs)};
unary(strict, Type, Pairs) ->
    {Type, edge, [P || {A, B} = P <- Pairs, A =/= B]}.

ordered(L) -> lists:usort(L).

binary(Op, {number, number, A}, {number, number, B}, _, _) ->
    {number, number, case Op of
                         union -> A + B;
                         difference -> A - B;
                         intersection -> A * B
                     end};
binary(Op, {T1, OType, V1}, {T2, OType, V2}, E, Vs)
  when OType =:= vertex; OType =:= edge ->
    {Type, A, B} =
        case {order(T1), order(T2)} of
            {O, O} -> {T1, V1, V2};
            {O1, O2} when O1 < 2; O2 < 2 -> type_error(E);
            {O1, O2} when O1 > O2 ->
                {T2, convert(OType, T1, T2, V1, Vs), V2};
            _ -> {T1, V1, convert(OType, T2, T1, V2, Vs)}
        end,
    {Type, OType, case {Type, OType} of
                      {{line, _}, edge} -> lines(Op, A, B);
                      _ -> sets(Op, A, B)
                  end};
binary(_, _, _, E, _) -> type_error(E).

sets(union, A, B) -> ordsets:union(A, B);
sets(difference, A, B) -> ordsets:subtract(A, B);
sets(intersection, A, B) -> ordsets:intersection(A, B).

%% Of calls with lines the lines are joined, call by call.
lines(Op, A, B) ->
    Other = maps:from_list(B),
    case Op of
        union ->
            Both = [{C, ordsets:union(Ls, maps:get(C, Other, []))}
                    || {C, Ls} <- A],
            Mine = maps:from_keys([C || {C, _} <- A], []),
            ordered(Both ++ [X || {C, _} = X <- B, not is_map_key(C, Mine)]);
        difference ->
            [{C, ordsets:subtract(Ls, maps:get(C, Other, []))} || {C, Ls} <- A];
        intersection ->
            [{C, ordsets:intersection(Ls, map_get(C, Other))}
             || {C, Ls} <- A, is_map_key(C, Other)]
    end.

%% ---- Graphs ----

%% Edges that begin (|), end (||) or do both (|||) there; of a closure they are
%% the chains of edges.
restrict('|', edge, Edges, Wanted) ->
    [E || {A, _} = E <- Edges, is_map_key(A, Wanted)];
restrict('||', edge, Edges, Wanted) ->
    [E || {_, B} = E <- Edges, is_map_key(B, Wanted)];
restrict('|', closure, Edges, Wanted) ->
    with_graph(Edges, fun(G) ->
        ordered([{V, N} || V <- maps:keys(Wanted),
                           N <- digraph_utils:reachable_neighbours([V], G)])
    end);
restrict('||', closure, Edges, Wanted) ->
    with_graph(Edges, fun(G) ->
        ordered([{N, V} || V <- maps:keys(Wanted),
                           N <- digraph_utils:reaching_neighbours([V], G)])
    end);
restrict('|||', OType, Edges, Wanted) ->
    restrict('||', edge, restrict('|', OType, Edges, Wanted), Wanted).

with_graph(Edges, Do) ->
    G = digraph:new(),
    try
        [begin
             digraph:add_vertex(G, A),
             digraph:add_vertex(G, B),
             digraph:add_edge(G, A, B)
         end || {A, B} <- Edges],
        Do(G)
    after digraph:delete(G)
    end.

graph(closure, Type, Edges) -> {Type, closure, Edges};
graph(components, Type, Edges) ->
    {Type, vertex_set, with_graph(Edges, fun(G) ->
        ordered([lists:sort(C)
                 || C <- digraph_utils:cyclic_strong_components(G)])
    end)};
graph(condensation, Type, Edges) ->
    {Type, edge_set, with_graph(Edges, fun(G) ->
        Of = maps:from_list([{V, lists:sort(C)}
                             || C <- digraph_utils:strong_components(G),
                                V <- C]),
        ordered([{map_get(A, Of), map_get(B, Of)}
                 || {A, B} <- Edges, map_get(A, Of) =/= map_get(B, Of)])
    end)}.

%% A way by edges over these vertices, or false.
path(Type, [V], Edges) -> path(Type, [V, V], Edges);
path(Type, Way, Edges) ->
    {Type, path, with_graph(Edges, fun(G) -> path_over(Way, G, [[hd(Way)]]) end)}.

path_over([A, B | Way], G, Acc) ->
    case digraph:get_short_path(G, A, B) of
        false -> false;
        [_ | Vs] -> path_over([B | Way], G, [Vs | Acc])
    end;
path_over([_], _, Acc) -> lists:append(lists:reverse(Acc)).

%% ---- Constants and patterns ----

all(function, #{{data} := #{v := V}}) -> V;
all(module, Vs) -> element(4, map_get('M', Vs));
all(application, Vs) -> element(4, map_get('A', Vs));
all(release, Vs) -> element(4, map_get('R', Vs)).

constants([{constant, Type0, OType, _} = First | Rest] = Cs, Vs) ->
    mixed(Rest, First),
    Names = ordered(lists:append([case C of
                                      {constant, _, edge, {A, B}} -> [A, B];
                                      {constant, _, vertex, V} -> [V]
                                  end || C <- Cs])),
    Types = case Type0 of
                unknown -> ['Rel', 'App', 'Mod'];
                _ -> [Type0]
            end,
    {Found, Left} = lists:foldl(fun(T, {Acc, Rest1}) ->
                                        found(T, Names, Rest1, Acc, Vs)
                                end, {[], Names}, Types),
    case {Left, Found} of
        {[C | _], _} -> fail({unknown_constant, text(lists:last(Types), C)});
        {[], [T]} ->
            {type(element(1, T)), OType, ordered([C || {_, _, _, C} <- Cs])};
        {[], [{T1, [C1 | _]}, {T2, [C2 | _]} | _]} ->
            fail({type_mismatch, text(T1, C1), text(T2, C2)})
    end.

%% Those that are new and of the type; the last type stands first.
found(Type, Names, Left, Acc, Vs) ->
    Known = maps:from_keys(all(type(Type), Vs), []),
    Is = fun(C) -> is_map_key(C, Known) orelse is_bif(Type, C) end,
    case [C || C <- Left, Is(C)] of
        [] -> {Acc, Left};
        New -> {[{Type, New} | Acc], [C || C <- Left, not lists:member(C, New),
                                           lists:member(C, Names)]}
    end.

is_bif('Fun', {M, F, A}) -> xref_base:is_builtin(M, F, A);
is_bif(_, _) -> false.

text(Type, C) -> xref_parser:t2s({constant, Type, vertex, C}).

mixed([{constant, T, OType, _} = C | Cs], {constant, T0, OType, _})
  when (T =:= 'Fun') =:= (T0 =:= 'Fun') -> mixed(Cs, C);
mixed([C | _], C0) ->
    fail({type_mismatch, xref_parser:t2s(C0), xref_parser:t2s(C)});
mixed([], _) -> ok.

%% Regular expressions match all of a name.
is_like({M, F, A}, {Module, Function, Arity}) ->
    is_like(M, Module) andalso is_like(F, Function) andalso is_like(A, Arity);
is_like(variable, _) -> true;
is_like({Kind, Value}, V) when Kind =:= atom; Kind =:= integer -> Value =:= V;
is_like({regexpr, Text}, V) when is_atom(V) ->
    matches(Text, atom_to_list(V));
is_like({regexpr, Text}, V) -> matches(Text, integer_to_list(V)).

matches(Pattern, Text) ->
    case re:run(Text, Pattern, [unicode, {capture, first, list}]) of
        {match, [All]} -> All =:= Text;
        nomatch -> false
    end.

%% ---- Conversions ----

order({line, all_line_call}) -> 0;
order({line, _}) -> 1;
order(function) -> 2;
order(module) -> 3;
order(application) -> 4;
order(release) -> 5;
order(number) -> 6.

is_convertible(_, {line, L}, {line, L}) -> true;
is_convertible(edge, {line, _}, {line, all_line_call}) -> true;
is_convertible(edge, From, {line, L}) ->
    is_atom(From) andalso L =/= all_line_call;
is_convertible(vertex, From, {line, line}) -> is_atom(From);
is_convertible(OType, From, To) when OType =:= vertex; OType =:= edge ->
    is_atom(To) andalso (is_atom(From) orelse OType =:= edge
                         orelse From =:= {line, line});
is_convertible(_, _, _) -> false.

convert(_, Type, Type, Value, _) -> Value;
convert(OType, From, To, Value, #{{data} := Data}) ->
    case {order(From), order(To)} of
        {O, O} -> Value;
        {A, B} when A < B -> coarser(OType, From, To, Value, Data);
        _ -> finer(OType, From, To, Value, Data)
    end.

%% One step up after the other.
coarser(_, Type, Type, Value, _) -> Value;
coarser(edge, {line, all_line_call}, To, Value, D) ->
    Calls = [{A, B} || {{{A, _}, {B, _}}, _} <- Value],
    coarser(edge, function, To, ordered(Calls), D);
coarser(edge, {line, _}, To, Value, D) ->
    coarser(edge, function, To, [E || {E, _} <- Value], D);
coarser(vertex, {line, _}, To, Value, D) ->
    coarser(vertex, function, To, ordered([F || {F, _} <- Value]), D);
coarser(edge, function, To, Value, D) ->
    Pairs = [{A, B} || {{A, _, _}, {B, _, _}} <- Value],
    coarser(edge, module, To, ordered(Pairs), D);
coarser(vertex, function, To, Value, D) ->
    coarser(vertex, module, To, ordered([M || {M, _, _} <- Value]), D);
coarser(OType, module, To, Value, #{m2a := Up} = D) ->
    coarser(OType, application, To, image(OType, Value, Up), D);
coarser(OType, application, To, Value, #{a2r := Up} = D) ->
    coarser(OType, release, To, image(OType, Value, Up), D).

image(vertex, Value, Up) ->
    ordered([U || V <- Value, U <- maps:get(V, Up, [])]);
image(edge, Value, Up) ->
    ordered([{C, D} || {A, B} <- Value, C <- maps:get(A, Up, []),
                       D <- maps:get(B, Up, [])]).

%% Down: what all there is lies within.
finer(_, Type, Type, Value, _) -> Value;
finer(edge, {line, _}, {line, all_line_call}, Calls, #{def_at := At}) ->
    ordered([{{{A, L1}, {B, L2}}, Ls}
             || {{A, B}, Ls} <- Calls, L1 <- maps:get(A, At, []),
                L2 <- maps:get(B, At, [])]);
finer(edge, function, {line, Kind}, Edges, D) ->
    At = map_get(Kind, D),
    [{E, Ls} || E <- Edges, Ls <- [maps:get(E, At, [])], Ls =/= []];
finer(vertex, function, {line, _}, Functions, #{def_at := At}) ->
    ordered([{F, L} || F <- Functions, L <- maps:get(F, At, [])]);
finer(edge, module, To, Pairs, #{e := E} = D) ->
    Wanted = maps:from_keys(Pairs, []),
    finer(edge, function, To,
          [C || {{A, _, _}, {B, _, _}} = C <- E, is_map_key({A, B}, Wanted)],
          D);
finer(vertex, module, To, Modules, #{v := V} = D) ->
    Wanted = maps:from_keys(Modules, []),
    finer(vertex, function, To,
          [F || {M, _, _} = F <- V, is_map_key(M, Wanted)], D);
finer(edge, application, To, Value, #{me := ME, m2a := Up} = D) ->
    finer(edge, module, To, inside(edge, Value, ME, Up), D);
finer(vertex, application, To, Value, #{m2a := Up} = D) ->
    finer(vertex, module, To, inside(vertex, Value, maps:keys(Up), Up), D);
finer(edge, release, To, Value, #{ae := AE, a2r := Up} = D) ->
    finer(edge, application, To, inside(edge, Value, AE, Up), D);
finer(vertex, release, To, Value, #{a2r := Up} = D) ->
    finer(vertex, application, To, inside(vertex, Value, maps:keys(Up), Up),
          D).

inside(OType, Value, Inner, Up) ->
    Wanted = maps:from_keys(Value, []),
    ordered([I || I <- Inner, U <- image(OType, [I], Up),
                  is_map_key(U, Wanted)]).
