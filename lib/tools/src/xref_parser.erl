%% SPDX-License-Identifier: Apache-2.0
%% xref_parser: queries as trees, and trees as text for errors.
%%
%%     statement: NAME = expr, NAME := expr (kept), or expr; several with ","
%%     + -  *  #  | || |||  of  (Type) range domain weak ...   bind ever tighter
%%     constants m  m:f/1  m->n  {m,n}  [c, ...]  {c, ...}, with :Type behind
%%     patterns  _:f/"[12]"  "m.*":Mod
-module(xref_parser).

-export([parse/1, t2s/1]).

-define(END, (1 bsl 23)).   % the line of the end of a query

-define(is_type(T), (T =:= 'Rel' orelse T =:= 'App' orelse T =:= 'Mod'
                     orelse T =:= 'Fun' orelse T =:= 'Lin' orelse T =:= 'LLin'
                     orelse T =:= 'XLin' orelse T =:= 'ELin'
                     orelse T =:= 'XXL')).

%% {ok, Statements} | {error, Line, What}
parse(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            try {ok, statements(lexed(signed(Tokens)))}
            catch throw:{?MODULE, Line, What} -> {error, Line, What}
            end;
        {error, {Line, Module, What}, _} ->
            {error, Line, Module:format_error(What)}
    end.

-spec fail(integer(), term()) -> no_return().
fail(Line, What) -> throw({?MODULE, Line, What}).

-spec syntax_error(tuple()) -> no_return().
syntax_error({'$end', Line}) -> fail(Line, ["syntax error before: ", []]);
syntax_error({Symbol, Line}) ->
    fail(Line, ["syntax error before: ", io_lib:write(Symbol)]);
syntax_error({Kind, Line, Value}) when Kind =:= edge; Kind =:= vertex ->
    fail(Line, ["syntax error before: ", t2s(Value)]);
syntax_error({_, Line, Value}) ->
    fail(Line, ["syntax error before: ", io_lib:write(Value)]).

%% ---- Tokens ----

%% An arity of -1 says that it is not known.
signed([{'-', N}, {integer, N, 1} | Ts]) -> [{integer, N, -1} | signed(Ts)];
signed([T | Ts]) -> [T | signed(Ts)];
signed([]) -> [].

%% Constants of more than one token, types and operators become one each.
lexed([{atom, N, M}, {':', _}, {atom, _, F}, {'/', _}, {integer, _, A},
       {'->', _}, {atom, _, M2}, {':', _}, {atom, _, F2}, {'/', _},
       {integer, _, A2} | Ts]) ->
    [edge(N, 'Fun', {{M, F, A}, {M2, F2, A2}}) | lexed(Ts)];
lexed([{atom, N, M}, {':', _}, {atom, _, F}, {'/', _}, {integer, _, A} | Ts]) ->
    [{vertex, N, {constant, 'Fun', vertex, {M, F, A}}} | lexed(Ts)];
lexed([{atom, N, A}, {'->', _}, {atom, _, B} | Ts]) ->
    [edge(N, unknown, {A, B}) | lexed(Ts)];
lexed([{'{', N}, {atom, _, A}, {',', _}, {atom, _, B}, {'}', _} | Ts]) ->
    [edge(N, unknown, {A, B}) | lexed(Ts)];
lexed([{'{', N}, {'{', _}, {atom, _, M}, {',', _}, {atom, _, F}, {',', _},
       {integer, _, A}, {'}', _}, {',', _}, {'{', _}, {atom, _, M2}, {',', _},
       {atom, _, F2}, {',', _}, {integer, _, A2}, {'}', _}, {'}', _} | Ts]) ->
    [edge(N, 'Fun', {{M, F, A}, {M2, F2, A2}}) | lexed(Ts)];
lexed([{'{', N}, {atom, _, M}, {',', _}, {atom, _, F}, {',', _},
       {integer, _, A}, {'}', _} | Ts]) ->
    [{vertex, N, {constant, 'Fun', vertex, {M, F, A}}} | lexed(Ts)];
lexed([{':', N}, {var, _, T} | Ts]) when ?is_type(T) ->
    [{decl, N, T} | lexed(Ts)];
lexed([{':', N}, {'=', _} | Ts]) -> [{':=', N} | lexed(Ts)];
lexed([{'||', N}, {'|', _} | Ts]) -> [{'|||', N} | lexed(Ts)];
lexed([{var, N, T} | Ts]) when ?is_type(T) -> [{cast, N, T} | lexed(Ts)];
lexed([T | Ts]) -> [T | lexed(Ts)];
lexed([]) -> [{'$end', ?END}].

edge(Line, Type, Pair) -> {edge, Line, {constant, Type, edge, Pair}}.

%% ---- Statements and operators ----

statements([{var, _, Name}, {Op, _} | Ts]) when Op =:= '='; Op =:= ':=' ->
    {E, Rest} = expr(Ts, 0),
    Kind = case Op of '=' -> tmp; ':=' -> user end,
    more_statements({assign, Kind, Name, E}, Rest);
statements(Ts) ->
    case expr(Ts, 0) of
        {E, [{'$end', _}]} -> [E];
        {_, [T | _]} -> syntax_error(T)
    end.

more_statements(Statement, [{',', _} | Ts]) -> [Statement | statements(Ts)];
more_statements(Statement, [{'$end', _}]) -> [Statement];
more_statements(_, [T | _]) -> syntax_error(T).

%% An expression of operators that bind tighter than [Least].
expr(Ts, Least) ->
    {Left, Rest} = unary(Ts),
    infix(Left, Rest, Least).

infix(Left, [T | Ts] = All, Least) ->
    case operator(T) of
        {Kind, Op, Strength} when Strength > Least ->
            {Right, Rest} = expr(Ts, Strength),
            E = case Kind of
                    path -> {path, Left, Right};
                    _ -> {Kind, Op, Left, Right}
                end,
            infix(E, Rest, Least);
        _ -> {Left, All}
    end.

operator({'+', _}) -> {set, union, 200};
operator({'-', _}) -> {set, difference, 200};
operator({'*', _}) -> {set, intersection, 300};
operator({Op, _}) when Op =:= '|'; Op =:= '||'; Op =:= '|||' ->
    {restr, Op, 500};
operator({'of', _}) -> {path, 'of', 600};
operator(_) -> none.

unary([{'#', _} | Ts]) ->
    {E, Rest} = expr(Ts, 400),
    {{numeric, '#', E}, Rest};
unary([{'(', _}, {cast, _, Type}, {')', _} | Ts]) ->
    {E, Rest} = unary(Ts),
    {{type, {convert, Type}, E}, Rest};
unary([{'(', _} | Ts]) ->
    case expr(Ts, 0) of
        {E, [{')', _} | Rest]} -> {E, Rest};
        {_, [T | _]} -> syntax_error(T)
    end;
unary([{Open, _} | Ts]) when Open =:= '['; Open =:= '{' ->
    {Kind, Close} = case Open of
                        '[' -> {list, ']'};
                        '{' -> {tuple, '}'}
                    end,
    {Cs, Rest} = constants(Ts, Close),
    typed({Kind, Cs}, Rest);
unary([{Kind, _, C} | Ts]) when Kind =:= edge; Kind =:= vertex ->
    typed(C, Ts);
unary([{atom, _, M}, {':', _} | Ts]) -> pattern({atom, M}, Ts);
unary([{string, _, Text}, {':', _} | Ts]) -> pattern(regexp(Text), Ts);
unary([{var, _, Name}, {':', _} | Ts]) -> pattern(wildcard(Name), Ts);
unary([{string, _, Text} | Ts]) ->
    R = regexp(Text),
    case Ts of
        [{decl, _, Type} | Rest] -> {atom_pattern(R, Type), Rest};
        _ -> fail(0, ["missing_type", t2s({regexpr, R, unknown})])
    end;
unary([{var, _, Name} | Ts]) -> {{variable, Name}, Ts};
unary([{atom, _, Name}, Next | Ts]) ->
    case begins(Next) of
        true ->
            Kind = prefix(Name),
            {E, Rest} = unary([Next | Ts]),
            {{Kind, Name, E}, Rest};
        false -> typed({constant, unknown, vertex, Name}, [Next | Ts])
    end;
unary([T | _]) -> syntax_error(T).

%% Whether an operand begins: an atom before it is an operator.
begins({Kind, _, _}) -> lists:member(Kind, [edge, vertex, var, atom, string]);
begins({Symbol, _}) -> lists:member(Symbol, ['(', '[', '{', '#']).

prefix(Op) when Op =:= range; Op =:= domain; Op =:= weak; Op =:= strict -> set;
prefix(Op) when Op =:= components; Op =:= condensation; Op =:= closure -> graph;
prefix(Op) -> fail(0, ["invalid_operator", Op]).

constants(Ts, Close) ->
    case constant(Ts) of
        {C, [{',', _} | Rest]} ->
            {Cs, Rest1} = constants(Rest, Close),
            {[C | Cs], Rest1};
        {C, [{Close, _} | Rest]} -> {[C], Rest};
        {_, [T | _]} -> syntax_error(T)
    end.

constant([{Kind, _, C} | Ts]) when Kind =:= edge; Kind =:= vertex -> {C, Ts};
constant([{atom, _, Name} | Ts]) -> {{constant, unknown, vertex, Name}, Ts};
constant([T | _]) -> syntax_error(T).

typed(E, [{decl, _, Type} | Ts]) ->
    {{type, {type, Type}, of_type(E, Type, E)}, Ts};
typed(E, Ts) -> {E, Ts}.

of_type({Kind, Cs}, Type, E) when Kind =:= list; Kind =:= tuple ->
    {Kind, [of_type(C, Type, E) || C <- Cs]};
of_type({constant, unknown, OType, C}, Type, _)
  when Type =:= 'Rel'; Type =:= 'App'; Type =:= 'Mod' ->
    {constant, Type, OType, C};
of_type({constant, Type, _, _} = C, Type, _) -> C;
of_type(_, Type, E) ->
    fail(0, ["type_mismatch", t2s({type, {type, Type}, E})]).

%% ---- Patterns ----

regexp(Text) ->
    case re:compile(Text, [unicode]) of
        {ok, _} -> {regexpr, Text};
        {error, {What, At}} -> fail(At, ["invalid_regexp", Text, What])
    end.

wildcard('_') -> variable;
wildcard(Name) -> fail(0, ["invalid_regexp_variable", Name]).

%% What follows the module and ":".

pattern(M, Ts) ->
    case atom_part(Ts) of
        {F, [{'/', _} | Rest]} ->
            {A, Rest1} = arity_part(Rest),
            function_pattern({M, F, A}, Rest1);
        {_, [T | _]} -> syntax_error(T)
    end.

atom_part([{atom, _, Name} | Ts]) -> {{atom, Name}, Ts};
atom_part([{string, _, Text} | Ts]) -> {regexp(Text), Ts};
atom_part([{var, _, Name} | Ts]) -> {wildcard(Name), Ts};
atom_part([T | _]) -> syntax_error(T).

arity_part([{integer, _, N} | Ts]) -> {{integer, N}, Ts};
arity_part([{string, _, Text} | Ts]) -> {regexp(Text), Ts};
arity_part([{var, _, Name} | Ts]) -> {wildcard(Name), Ts};
arity_part([T | _]) -> syntax_error(T).

function_pattern(MFA, [{decl, _, Type} | Ts]) ->
    E = {type, {type, Type}, {regexpr, MFA, Type}},
    Type =:= 'Fun' orelse fail(0, ["type_mismatch", t2s(E)]),
    {E, Ts};
function_pattern(MFA, Ts) -> {{regexpr, MFA, 'Fun'}, Ts}.

atom_pattern(R, Type) ->
    E = {type, {type, Type}, {regexpr, R, Type}},
    lists:member(Type, ['Mod', 'App', 'Rel'])
        orelse fail(0, ["type_mismatch", t2s(E)]),
    E.

%% ---- Text ----

t2s(E) -> lists:flatten(text(E, 0)).

text({assign, Kind, Name, E}, P) ->
    Op = case Kind of tmp -> " = "; user -> " := " end,
    within(100, P, [atom_to_list(Name), Op, text(E, 100)]);
text({constant, 'Fun', vertex, F}, _) -> mfa(F);
text({constant, _, vertex, C}, _) -> name(C);
text({constant, 'Fun', edge, {A, B}}, _) -> [mfa(A), " -> ", mfa(B)];
text({constant, _, edge, {A, B}}, _) -> [name(A), " -> ", name(B)];
text({variable, Name}, _) -> atom_to_list(Name);
text({list, Es}, _) -> ["[", lists:join(", ", [text(E, 0) || E <- Es]), "]"];
text({tuple, Es}, _) -> ["{", lists:join(", ", [text(E, 0) || E <- Es]), "}"];
text({type, {convert, Type}, E}, P) ->
    within(700, P, ["(", atom_to_list(Type), ") ", text(E, 700)]);
text({type, {type, Type}, E}, P) ->
    within(700, P, [text(E, 700), " : ", atom_to_list(Type)]);
text({numeric, Op, E}, P) ->
    within(400, P, [atom_to_list(Op), " ", text(E, 400)]);
text({Kind, Op, E}, P) when Kind =:= set; Kind =:= graph ->
    within(700, P, [atom_to_list(Op), " ", text(E, 700)]);
text({set, Op, L, R}, P) ->
    {Name, P1} = case Op of
                     union -> {" + ", 200};
                     difference -> {" - ", 200};
                     intersection -> {" * ", 300}
                 end,
    within(P1, P, [text(L, P1), Name, text(R, P1 + 50)]);
text({restr, Op, L, R}, P) ->
    within(500, P, [text(L, 500), " ", atom_to_list(Op), " ", text(R, 550)]);
text({path, L, R}, P) ->
    within(600, P, [text(L, 600), " of ", text(R, 650)]);
text({regexpr, {M, F, A}, _}, _) -> [part(M), ":", part(F), "/", part(A)];
text({regexpr, R, _}, _) -> part(R).

within(P1, P, Text) when P > P1 -> ["(", Text, ")"];
within(_, _, Text) -> Text.

mfa({M, F, A}) -> [name(M), ":", name(F), "/", integer_to_list(A)].

name(C) -> io_lib:format("~tp", [C]).

part(variable) -> "_";
part({atom, Name}) -> atom_to_list(Name);
part({integer, N}) -> integer_to_list(N);
part({regexpr, Text}) -> ["\"", Text, "\""].
