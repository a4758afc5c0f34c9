%% SPDX-License-Identifier: Apache-2.0
%% leex_dfa: from regular expressions to the smallest automaton that takes them.
%%
%% The first automaton (states with edges for ranges of characters and empty
%% ones) is built from the back, the second by sets of its states; then states
%% that no text tells apart become one.
-module(leex_dfa).

-export([make/1]).

%% Edges by range, in order, ranges disjoint. Accept: the rule taken here.
-type state() :: {N :: non_neg_integer(), Accept ::
                  none | non_neg_integer(),
                  [{leex_regexp:range(), To :: non_neg_integer()}]}.
-export_type([state/0]).

%% The states, the first one first, and how many there were on the way.
-spec make([{non_neg_integer(), leex_regexp:regexp()}]) ->
          {[state()], pos_integer(), pos_integer()}.
make(Rules) ->
    {Start, Nfa} = nfa(Rules),
    Dfa = dfa([closure([Start], Nfa)], Nfa, #{}, []),
    Small = minimise(Dfa),
    {Small, map_size(Nfa), length(Dfa)}.

%% ---- With empty edges: N => {Empty edges, [{Ranges, To}], Accepted} ----

nfa(Rules) ->
    {Starts, Nfa} = lists:mapfoldl(
        fun({N, Re}, A0) ->
            {End, A1} = add({[], [], N}, A0),
            build(Re, End, A1)
        end, #{}, Rules),
    add({Starts, [], none}, Nfa).

add(State, Nfa) -> {map_size(Nfa), Nfa#{map_size(Nfa) => State}}.

%% The state from which the expression leads to [To].
build({chars, Ranges}, To, A) -> add({[], [{Ranges, To}], none}, A);
build({seq, Res}, To, A) ->
    lists:foldr(fun(Re, {At, B}) -> build(Re, At, B) end, {To, A}, Res);
build({alt, Res}, To, A0) ->
    {Starts, A} = lists:mapfoldl(fun(Re, B) -> build(Re, To, B) end, A0, Res),
    add({Starts, [], none}, A);
build({optional, Re}, To, A0) ->
    {Start, A} = build(Re, To, A0),
    add({[Start, To], [], none}, A);
build({star, Re}, To, A) ->
    {_, Loop, B} = loop(Re, To, A),
    {Loop, B};
build({plus, Re}, To, A) ->
    {Start, _, B} = loop(Re, To, A),
    {Start, B}.

loop(Re, To, A0) ->
    {Loop, A1} = add({[], [], none}, A0),
    {Start, A2} = build(Re, Loop, A1),
    {Start, Loop, A2#{Loop := {[Start, To], [], none}}}.

closure(States, Nfa) -> closure(States, Nfa, []).

closure([], _, Seen) -> Seen;
closure([S | Todo], Nfa, Seen) ->
    case ordsets:is_element(S, Seen) of
        true -> closure(Todo, Nfa, Seen);
        false ->
            {Empty, _, _} = map_get(S, Nfa),
            closure(Empty ++ Todo, Nfa, ordsets:add_element(S, Seen))
    end.

%% ---- Without: the sets of states that texts lead to ----

dfa([], _, _, Done) -> lists:reverse(Done);
dfa([Set | Todo], Nfa, Known0, Done) ->
    Known = number(Set, Known0),
    N = map_get(Set, Known),
    case Done =/= [] andalso lists:keymember(N, 1, Done) of
        true -> dfa(Todo, Nfa, Known, Done);
        false ->
            Edges = [E || S <- Set, E <- element(2, map_get(S, Nfa))],
            Moves = [{R, closure(Tos, Nfa)} || {R, Tos} <- split(Edges)],
            {Trans, Known1} = lists:mapfoldl(
                fun({R, To}, K0) ->
                    K = number(To, K0),
                    {{R, map_get(To, K)}, K}
                end, Known, Moves),
            State = {N, accepted(Set, Nfa), joined(Trans)},
            dfa([To || {_, To} <- Moves] ++ Todo, Nfa, Known1, [State | Done])
    end.

number(Set, Known) when is_map_key(Set, Known) -> Known;
number(Set, Known) -> Known#{Set => map_size(Known)}.

%% Of several rules the first one counts.
accepted(Set, Nfa) ->
    case [A || S <- Set, {_, _, A} <- [map_get(S, Nfa)], A =/= none] of
        [] -> none;
        As -> lists:min(As)
    end.

%% Disjoint ranges with all states that they lead to.
split(Edges) ->
    Flat = [{R, To} || {Rs, To} <- Edges, R <- Rs],
    Cuts = lists:usort([A || {{A, _}, _} <- Flat]
                       ++ [B + 1 || {{_, B}, _} <- Flat, B =/= maxchar]),
    [{R, Tos} || {A, _} = R <- pieces(Cuts),
                 Tos <- [[To || {{From, To1}, To} <- Flat, From =< A, A =< To1]],
                 Tos =/= []].

pieces([A, B | More]) -> [{A, B - 1} | pieces([B | More])];
pieces([A]) -> [{A, maxchar}];
pieces([]) -> [].

joined([{{A, B}, To}, {{C, D}, To} | More]) when B + 1 =:= C ->
    joined([{{A, D}, To} | More]);
joined([Edge | More]) -> [Edge | joined(More)];
joined([]) -> [].

%% ---- The smallest one ----

%% Starts with one class for each accepted rule, and splits classes whose
%% states go to different ones, until nothing changes.
minimise(Dfa) -> minimise(Dfa, maps:from_list([{N, A} || {N, A, _} <- Dfa])).

minimise(Dfa, Class) ->
    Signed = [{N, {map_get(N, Class), moves(Trans, Class)}}
              || {N, _, Trans} <- Dfa],
    Refined = renumber(Signed),
    case count(Refined) =:= count(Class) of
        true -> merge(Dfa, Refined);
        false -> minimise(Dfa, Refined)
    end.

moves(Trans, Class) -> joined([{R, map_get(To, Class)} || {R, To} <- Trans]).

count(Class) -> length(lists:usort(maps:values(Class))).

renumber(Signed) ->
    {Class, _} = lists:foldl(
        fun({N, Sign}, {Class, Known0}) ->
            Known = number(Sign, Known0),
            {Class#{N => map_get(Sign, Known)}, Known}
        end, {#{}, #{}}, Signed),
    Class.

merge(Dfa, Class) ->
    lists:ukeysort(1, [{map_get(N, Class), Accept, moves(Trans, Class)}
                       || {N, Accept, Trans} <- Dfa]).
