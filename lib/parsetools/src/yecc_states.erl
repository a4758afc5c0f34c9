%% SPDX-License-Identifier: Apache-2.0
%% yecc_states: the states of an LALR(1) parser, and what it does in each.
%%
%% An item, a rule with a dot in it, is one number: the items of all rules one
%% after another, so that the dot moves on with + 1. A state is a map from its
%% items to the terminals that may follow, a bit mask each: bit 0 is the empty
%% string, bit 1 the end symbol. States with the same items are one; when one is
%% reached with more terminals than before, it is gone through again.
-module(yecc_states).

-export([make/1, used/1, count/1, gotos/1, actions/2]).
-export([format_conflict/1, format_symbol/1]).

-include("yecc.hrl").

-type mask() :: non_neg_integer().
-type state() :: #{Item :: pos_integer() => mask()}.

-record(tables, {
    bits = #{} :: #{atom() => non_neg_integer()},  % of terminals
    names,                                         % and back, a tuple
    codes = #{},         % Symbol => number, the order states are made in
    next,                % for each item: the symbol behind the dot, or none
    spread,              % for each item: {items it brings, mask, rest empty?}
    rule_of,             % for each item: the number of its rule
    states = #{} :: #{non_neg_integer() => state()},
    ids = #{},           % items of a state => its number
    goto = #{} :: #{{non_neg_integer(), yecc_symbol()} => non_neg_integer()}}).

%% What to do in a state on a terminal.
-type action() :: accept | nonassoc | {shift, non_neg_integer()}
                | {reduce, Rule :: non_neg_integer()}.
-export_type([action/0]).

count(#tables{states = States}) -> map_size(States).

%% The symbols that some state goes on with.
used(#tables{goto = Goto}) -> lists:usort([S || {_, S} <- maps:keys(Goto)]).

%% [{Nonterminal, [{From, To}]}].
gotos(#tables{goto = Goto, bits = Bits}) ->
    Pairs = lists:sort([{S, {From, To}} || {{From, S}, To} <- maps:to_list(Goto),
                                           not is_map_key(S, Bits)]),
    [{S, [P || {S1, P} <- Pairs, S1 =:= S]} || S <- lists:usort([S || {S, _} <- Pairs])].

-spec make(#grammar{}) -> #tables{}.
make(#grammar{rules = Rules} = G) ->
    T0 = items(tuple_to_list(Rules), symbols(G)),
    T1 = spread(tuple_to_list(Rules), T0),
    First = closure(#{1 => 2}, T1),
    T = T1#tables{states = #{0 => First}, ids = #{maps:keys(First) => 0}},
    visit([{0, followers(maps:keys(First), T)}], T).

%% Numbers of symbols: those of terminals are their bits, nonterminals count
%% down from -1, which is {}.
symbols(#grammar{terminals = Ts, nonterminals = Ns, endsymbol = End}) ->
    Terminals = ['$empty', End | Ts],
    Bits = lists:zip(Terminals, lists:seq(0, length(Terminals) - 1)),
    Codes = lists:zip([{} | Ns], lists:seq(-1, -length(Ns) - 1, -1)),
    #tables{bits = maps:from_list(Bits), names = list_to_tuple(Terminals),
            codes = maps:from_list(Bits ++ Codes)}.

items(Rules, T) ->
    Numbered = lists:zip(lists:seq(0, length(Rules) - 1), Rules),
    Next = [S || #rule{body = Body} <- Rules, S <- Body ++ [none]],
    RuleOf = [N || {N, #rule{body = Body}} <- Numbered, _ <- [none | Body]],
    T#tables{next = list_to_tuple(Next), rule_of = list_to_tuple(RuleOf)}.

%% What an item whose dot stands before a nonterminal brings into its state.
spread(Rules, #tables{next = Next} = T) ->
    {Starts, _} = lists:mapfoldl(fun(#rule{head = H, body = B}, At) ->
                                     {{H, At}, At + length(B) + 1}
                                 end, 1, Rules),
    Items = maps:groups_from_list(fun({H, _}) -> H end,
                                  fun({_, At}) -> At end, Starts),
    First = firsts(Rules, T),
    Brought = fun(At) ->
                  case element(At, Next) of
                      S when is_map_key(S, Items) ->
                          M = first_of(rest(At + 1, Next), First),
                          {map_get(S, Items), M band bnot 1, M band 1 =:= 1};
                      _ -> none
                  end
              end,
    T#tables{spread = list_to_tuple([Brought(At)
                                     || At <- lists:seq(1, tuple_size(Next))])}.

rest(At, Next) ->
    case element(At, Next) of
        none -> [];
        S -> [S | rest(At + 1, Next)]
    end.

%% The terminals that each symbol can begin with, bit 0 if it can be empty.
firsts(Rules, #tables{bits = Bits}) ->
    Terminals = maps:map(fun(_, Bit) -> 1 bsl Bit end, Bits),
    Empty = maps:from_list([{H, 0} || #rule{head = H} <- Rules]),
    firsts_grow(Rules, maps:merge(Empty, Terminals)).

firsts_grow(Rules, First0) ->
    First = lists:foldl(fun(#rule{head = H, body = B}, F) ->
                            F#{H := map_get(H, F) bor first_of(B, F)}
                        end, First0, Rules),
    case First of
        First0 -> First;
        _ -> firsts_grow(Rules, First)
    end.

first_of([], _) -> 1;
first_of([S | More], First) ->
    case maps:get(S, First, 0) of
        M when M band 1 =:= 1 -> M band bnot 1 bor first_of(More, First);
        M -> M
    end.

%% ---- States ----

closure(Kernel, T) -> close(maps:to_list(Kernel), Kernel, T).

close([], State, _) -> State;
close([{At, Mask} | Todo], State0, #tables{spread = Spread} = T) ->
    case element(At, Spread) of
        none -> close(Todo, State0, T);
        {Items, Own, Open} ->
            New = case Open of
                      true -> Own bor Mask;
                      false -> Own
                  end,
            {Todo1, State} = bring(Items, New, Todo, State0),
            close(Todo1, State, T)
    end.

bring([], _, Todo, State) -> {Todo, State};
bring([At | More], Mask, Todo, State) ->
    case State of
        #{At := Old} when Old bor Mask =:= Old ->
            bring(More, Mask, Todo, State);
        #{At := Old} ->
            bring(More, Mask, [{At, Mask} | Todo], State#{At := Old bor Mask});
        _ -> bring(More, Mask, [{At, Mask} | Todo], State#{At => Mask})
    end.

%% The symbols behind the dots, in the order of their numbers.
followers(Items, #tables{next = Next, codes = Codes}) ->
    Symbols = lists:usort([{map_get(S, Codes), S}
                           || At <- Items, S <- [element(At, Next)],
                              S =/= none]),
    [S || {_, S} <- Symbols].

%% Goes on from the states that are new or have grown, the last one first.
visit([], T) -> T;
visit([{N, Symbols} | Todo0], #tables{states = States, next = Next} = T0) ->
    State = map_get(N, States),
    {Todo, T} = lists:foldl(
        fun(S, {Todo1, T1}) ->
            Moved = [{At + 1, M} || {At, M} <- maps:to_list(State),
                                    element(At, Next) =:= S],
            reach(closure(maps:from_list(Moved), T1), {N, S}, Todo1, T1)
        end, {Todo0, T0}, Symbols),
    visit(Todo, T).

reach(State, From, Todo, #tables{ids = Ids} = T) ->
    Items = lists:sort(maps:keys(State)),
    case Ids of
        #{Items := N} -> merge(N, State, Todo, arrive(From, N, T));
        _ ->
            N = map_size(T#tables.states),
            New = T#tables{states = (T#tables.states)#{N => State},
                           ids = Ids#{Items => N}},
            {[{N, followers(Items, T)} | Todo], arrive(From, N, New)}
    end.

arrive(From, N, #tables{goto = Goto} = T) -> T#tables{goto = Goto#{From => N}}.

merge(N, State, Todo, #tables{states = States} = T) ->
    Old = map_get(N, States),
    Grown = [At || {At, M} <- maps:to_list(State),
                   map_get(At, Old) bor M =/= map_get(At, Old)],
    case Grown of
        [] -> {Todo, T};
        _ ->
            Both = maps:map(fun(At, M) -> M bor map_get(At, State) end, Old),
            {again(N, followers(Grown, T), Todo, T),
             T#tables{states = States#{N := Both}}}
    end.

%% A state that waits already waits on where it is, if nothing is new.
again(N, Symbols, Todo, #tables{codes = Codes}) ->
    case lists:keyfind(N, 1, Todo) of
        false -> [{N, Symbols} | Todo];
        {_, Waiting} ->
            case Symbols -- Waiting of
                [] -> Todo;
                _ ->
                    All = lists:usort([{map_get(S, Codes), S}
                                       || S <- Symbols ++ Waiting]),
                    [{N, [S || {_, S} <- All]} | lists:keydelete(N, 1, Todo)]
            end
    end.

%% ---- Actions ----

-record(shift, {to, last, precedence, rule}).
-record(reduce, {rule, precedence}).

%% What is found while actions are decided.
-record(found, {grammar, tables, resolved = [], shift_reduce = [],
                reduce_reduce = [], fatal = []}).

%% For each state its actions, [{N, [{action(), [Terminal]}]}], and the
%% conflicts: {Shift/reduce, those that are errors, reduce/reduce}.
actions(G, #tables{states = States} = T) ->
    {Actions, F} = lists:mapfoldl(
        fun(N, F0) -> state_actions(N, map_get(N, States), F0) end,
        #found{grammar = G, tables = T}, lists:seq(0, map_size(States) - 1)),
    is_verbose(F) andalso tell_resolved(lists:reverse(F#found.resolved)),
    Count = fun(L) -> length(lists:usort(L)) end,
    {Actions, {Count(F#found.shift_reduce), lists:reverse(F#found.fatal),
               Count(F#found.reduce_reduce)}}.

is_verbose(#found{grammar = #grammar{options = #{verbose := V}}}) -> V.

tell_resolved([]) -> ok;
tell_resolved(Resolved) ->
    io:format("\n*** Conflicts resolved by operator precedences:\n\n"),
    [io:format("~s\nResolved in favor of ~ts.\n\n",
               [format_conflict(C), format_symbol(Winner)])
     || {C, Winner} <- Resolved],
    io:format("*** End of resolved conflicts\n\n").

state_actions(N, State, F0) ->
    Wished = lists:usort([W || {At, Mask} <- maps:to_list(State),
                               W <- wishes(At, Mask, N, F0)]),
    ByTerminal = lists:sort(maps:to_list(maps:groups_from_list(
        fun({Terminal, _, _}) -> Terminal end, fun({_, _, A}) -> A end,
        Wished))),
    {Decided, F} = lists:mapfoldl(
        fun({Terminal, As}, F1) ->
            {A, F2} = decide(As, {Terminal, N}, F1),
            {{plain(A), Terminal}, F2}
        end, F0, ByTerminal),
    Groups = maps:groups_from_list(fun({A, _}) -> A end,
                                   fun({_, Terminal}) -> Terminal end, Decided),
    {{N, lists:sort(maps:to_list(Groups))}, F}.

plain(#shift{to = To}) -> {shift, To};
plain(#reduce{rule = Rule}) -> {reduce, Rule};
plain(Action) -> Action.

%% [{Terminal, Rank, Action}] that an item asks for.
wishes(At, Mask, N, #found{grammar = G, tables = T}) ->
    #tables{next = Next, rule_of = RuleOf, bits = Bits, names = Names} = T,
    Rule = element(At, RuleOf),
    #rule{head = Head, body = Body} = element(Rule + 1, G#grammar.rules),
    case element(At, Next) of
        none when Head =:= {} -> [{S, 0, accept} || S <- members(Mask, Names)];
        none ->
            Reduce = #reduce{rule = Rule,
                             precedence = precedence(Body ++ [Head], G)},
            [{S, 2, Reduce} || S <- members(Mask, Names)];
        S when is_map_key(S, Bits) ->
            IsLast = element(At + 1, Next) =:= none,
            Of = case IsLast of
                     true -> [S, Head];
                     false -> [S]
                 end,
            [{S, 1, #shift{to = map_get({N, S}, T#tables.goto),
                           last = IsLast, precedence = precedence(Of, G),
                           rule = Rule}}];
        _ -> []
    end.

members(Mask, Names) -> members(Mask, 1, Names).

members(0, _, _) -> [];
members(Mask, I, Names) when Mask band 1 =:= 1 ->
    [element(I, Names) | members(Mask bsr 1, I + 1, Names)];
members(Mask, I, Names) -> members(Mask bsr 1, I + 1, Names).

%% That of the last symbol that has one; the head of a rule comes last, so
%% that a nonterminal can be given one, too.
precedence(Symbols, #grammar{precedences = Table}) ->
    lists:foldl(fun(S, P) -> maps:get(S, Table, P) end, {0, none}, Symbols).

decide([Action], _, F) -> {Action, F};
decide([#shift{last = Last, precedence = P}, #shift{} = S | As], Where, F)
  when not Last; P =:= {0, none} ->
    decide([S | As], Where, F);
decide([#shift{} = S1, #shift{} = S2 | _], Where, F) ->
    {S1, add_fatal(conflict(S1, S2, Where, F), F)};
decide([#shift{precedence = {P1, A1}} = S | Rs], Where, F0) ->
    {R, F} = decide_reduction(Rs, Where, F0),
    #reduce{precedence = {P2, A2}} = R,
    C = conflict(R, S, Where, F),
    if
        P1 > P2; P1 =:= P2, A1 =:= right, A2 =:= right ->
            {S, add_resolved(C, shift, F)};
        P2 > P1; A1 =:= left, A2 =:= left -> {R, add_resolved(C, reduce, F)};
        A1 =:= nonassoc, A2 =:= nonassoc -> {nonassoc, F};
        P1 =:= 0, P2 =:= 0 -> {S, add_default(C, Where, F)};
        true -> {S, add_fatal(C, F)}
    end;
decide(Rs, Where, F) -> decide_reduction(Rs, Where, F).

decide_reduction([R], _, F) -> {R, F};
decide_reduction([accept, R | Rs], Where, F) ->
    decide_reduction([R | Rs], Where,
                     add_fatal(conflict(R, accept, Where, F), F));
decide_reduction([#reduce{precedence = {P1, _}} = R1,
                  #reduce{precedence = {P2, _}} = R2 | Rs], Where, F) ->
    C = conflict(R1, R2, Where, F),
    {R, F1} = if
                  P1 > P2 -> {R1, add_resolved(C, head(R1, F), F)};
                  P2 > P1 -> {R2, add_resolved(C, head(R2, F), F)};
                  true -> {R1, add_fatal(C, F)}
              end,
    decide_reduction([R | Rs], Where, F1).

head(#reduce{rule = N}, #found{grammar = #grammar{rules = Rules}}) ->
    (element(N + 1, Rules))#rule.head.

add_resolved(C, Winner, #found{resolved = Rs} = F) ->
    F#found{resolved = [{C, Winner} | Rs]}.

add_default(C, Where, #found{shift_reduce = Found} = F) ->
    is_verbose(F)
        andalso io:format("~s\nConflict resolved in favor of shift.\n\n",
                          [format_conflict(C)]),
    F#found{shift_reduce = [Where | Found]}.

add_fatal({Terminal, N, _, Against} = C, #found{fatal = Cs} = F0) ->
    F = F0#found{fatal = [C | Cs]},
    Where = {Terminal, N},
    case element(1, Against) of
        shift -> F#found{shift_reduce = [Where | F#found.shift_reduce]};
        one_level_up -> F;
        _ -> F#found{reduce_reduce = [Where | F#found.reduce_reduce]}
    end.

%% {Terminal, State, {Rule, N, Place}, what stands against reducing it}.
conflict(#shift{rule = R1, precedence = P1}, #shift{rule = R2, precedence = P2},
         {Terminal, N}, F) ->
    {_, N1, L1} = shown_rule(R1, F),
    {_, N2, L2} = shown_rule(R2, F),
    C = {one_level_up, {L1, N1, P1}, {L2, N2, P2}},
    {Terminal, N, C, C};
conflict(#reduce{rule = R1}, Against, {Terminal, N}, F) ->
    {Symbols, _, _} = Shown = shown_rule(R1, F),
    Other = case Against of
                accept -> {accept, (F#found.grammar)#grammar.root};
                #reduce{rule = R2} ->
                    {Symbols2, N2, Place2} = shown_rule(R2, F),
                    {reduce, Symbols2, N2, Place2};
                #shift{to = To} -> {shift, To, lists:last(Symbols)}
            end,
    {Terminal, N, Shown, Other}.

shown_rule(N, #found{grammar = #grammar{rules = Rules}}) ->
    #rule{head = Head, body = Body, place = Place} = element(N + 1, Rules),
    {[Head | case Body of [] -> ['$empty']; _ -> Body end], N, Place}.

format_conflict({Terminal, N, _, {one_level_up, One, Two}}) ->
    [io_lib:format("Conflicting precedences of symbols when scanning ~ts in "
                   "state ~w:\n", [format_symbol(Terminal), N]),
     format_level(One), "      vs.\n", format_level(Two)];
format_conflict({Terminal, N, Rule, Against}) ->
    [io_lib:format("Parse action conflict scanning symbol ~ts in state ~w:\n",
                   [format_symbol(Terminal), N]),
     "   Reduce ", format_rule(Rule), "\n      vs.\n   ",
     case Against of
         {reduce, Symbols, N2, Place} ->
             ["reduce ", format_rule({Symbols, N2, Place}), "."];
         {shift, To, Last} ->
             io_lib:format("shift to state ~w, adding right sisters to ~ts.",
                           [To, format_symbol(Last)]);
         {accept, Root} -> ["reduce to rootsymbol ", format_symbol(Root), "."]
     end].

format_level({Place, Rule, {N, Associativity}}) ->
    [First | Rest] = atom_to_list(Associativity),
    io_lib:format("   ~s ~w (rule ~w ~s)\n",
                  [[string:to_upper(First) | Rest], N, Rule,
                   format_place(Place)]).

format_rule({[Head | Body], N, Place}) ->
    io_lib:format("to ~ts from ~ts (rule ~w ~s)",
                  [format_symbol(Head),
                   lists:join(" ", [format_symbol(S) || S <- Body]), N,
                   format_place(Place)]).

format_place({Line, Column}) ->
    io_lib:format("at location ~w:~w", [Line, Column]);
format_place(Line) -> io_lib:format("at line ~w", [Line]).

%% As it can be written in a grammar: variables and reserved words plainly.
format_symbol(Symbol) ->
    Text = lists:flatten(io_lib:format("~tp", [Symbol])),
    Name = case Text of
               "'" ++ _ -> atom_to_list(Symbol);
               _ -> Text
           end,
    case erl_scan:string(Name) of
        {ok, [{var, _, _}], _} -> Name;
        {ok, [{Word, _}], _} when Word =/= ':', Word =/= '->' ->
            case erl_scan:reserved_word(Word) of
                true -> Name;
                false -> Text
            end;
        _ -> Text
    end.
