%% SPDX-License-Identifier: Apache-2.0
%% Puts the comments of a source file back into its syntax trees.
%%
%% The trees are first extended: a #node{} knows the lines that it covers, 0
%% where unknown; a group of children is a node of kind group.
-module(erl_recomment).
-export([recomment_forms/2, quick_recomment_forms/2, recomment_tree/2]).

-record(node, {kind,                   % leaf | tree | group
               min = 0, max = 0,
               pre = [], post = [],    % comments, the last first
               type, attrs,            % of a tree
               value}).                % a leaf's tree, or the children

%% Comments between forms only.
quick_recomment_forms(Tree, Cs) -> recomment_forms(Tree, Cs, false).

recomment_forms(Tree, Cs) -> recomment_forms(Tree, Cs, true).

recomment_forms(Forms, Cs, Insert) when is_list(Forms) ->
    recomment_forms(erl_syntax:form_list(Forms), Cs, Insert);
recomment_forms(Tree, Cs, Insert) ->
    case erl_syntax:type(Tree) of
        form_list ->
            #node{value = [Group]} = Node =
                extend(erl_syntax:flatten_form_list(Tree)),
            Forms = own_forms(Group#node.value, false, undefined),
            Forms1 = lists:foldl(fun(C, Ns) -> to_form(C, Ns, Insert) end,
                                 Forms, Cs),
            restore(Node#node{value = [Group#node{value = Forms1}]});
        _ ->
            {Node, Rest} = to_tree(Cs, extend(Tree)),
            restore(lists:foldl(fun behind/2,
                                extend(restore(Node)), Rest))
    end.

%% The tree with its comments, and those that come after it.
recomment_tree(Tree, Cs) ->
    {Node, Rest} = to_tree(Cs, extend(Tree)),
    {restore(Node), Rest}.

to_tree(Cs, Node) ->
    {Node1, Rest} =
        lists:foldl(fun(C, {N, After}) when element(1, C) =< N#node.max ->
                            {insert(C, N), After};
                       (C, {N, After}) -> {N, [C | After]}
                    end, {Node, []}, Cs),
    {Node1, lists:reverse(Rest)}.

%% Among forms

to_form(C, [], _) -> [alone(C)];
to_form({L, Col, _, Text} = C, [#node{min = Min, max = Max} = N | Ns] = All,
        Insert) ->
    Last = L + more_lines(Text),
    Trailing = case Ns of
                   [] -> true;
                   [Next | _] -> Last < Next#node.min - 2
               end,
    if L > Max + 1; L =:= Max + 1, not Trailing ->
            [N | to_form(C, Ns, Insert)];
       Last < Min - 1 -> [alone(C) | All];
       L < Min -> [before(C, N) | Ns];
       Col =< 1, L =< Min, Last >= Min -> [N, alone(C) | Ns];
       Insert -> [insert(C, N) | Ns];
       true -> All
    end.

alone({L, Col, _, Text}) ->
    Comment = erl_syntax:set_pos(erl_syntax:comment(Col - 1, Text),
                                 erl_anno:new(L)),
    #node{kind = leaf, min = L, max = L + more_lines(Text), value = Comment}.

more_lines(Text) -> max(length(Text) - 1, 0).

%% Forms of included files have lines of other files: no comment is theirs.
%% State is {File, Line} of the last -file attribute of the file itself.
own_forms([], _, _) -> [];
own_forms([F | Fs], Foreign, State) ->
    case file_attribute(F) of
        {File, Line} ->
            {Own, From} = case State of
                              undefined -> {File, Line};
                              _ -> State
                          end,
            if Own =:= File, From =< Line ->
                    [F | own_forms(Fs, false, {File, Line})];
               Foreign -> [nowhere(F) | own_forms(Fs, true, {Own, From})];
               true -> [F | own_forms(Fs, true, {Own, From})]
            end;
        false when Foreign -> [nowhere(F) | own_forms(Fs, true, State)];
        false -> [F | own_forms(Fs, false, State)]
    end.

nowhere(Node) -> Node#node{min = -1, max = -1}.

file_attribute(#node{kind = tree, type = attribute,
                     value = [#node{value = [#node{value = Name} | _]},
                              #node{value = [File, Line | _]} | _]}) ->
    case erl_syntax:type(Name) =:= atom andalso
        erl_syntax:atom_value(Name) =:= file of
        true -> {erl_syntax:concrete(restore(File)),
                 erl_syntax:concrete(restore(Line))};
        false -> false
    end;
file_attribute(_) -> false.

%% Inside of a tree

insert(C, #node{kind = group, value = Ns} = Node) ->
    Node#node{value = insert_among(C, Ns)};
insert({L, _, _, _} = C, #node{min = Min, max = Max} = Node) ->
    if L < Min -> before(C, Node);
       Min =:= Max; Node#node.kind =:= leaf -> behind(C, Node);
       true -> Node#node{value = insert_among(C, Node#node.value)}
    end.

%% To the last child that begins before the comment's line, if the next one
%% does not begin on it.
insert_among({L, Col, _, _}, []) -> exit({bad_tree, L, Col});
insert_among({L, _, _, _} = C, [#node{max = Max} = N | Ns]) ->
    Next = next_line(Ns),
    if Next < 0 -> [insert(C, N) | Ns];
       L >= Next, Next >= Max -> [N | insert_among(C, Ns)];
       L =< Max -> [insert(C, N) | Ns];
       true -> [N | insert_among(C, Ns)]
    end.

%% Where the first of these begins; groups may be empty.
next_line([]) -> -1;
next_line([#node{kind = group, value = Ns} | Rest]) -> next_line(Ns ++ Rest);
next_line([#node{min = Min} | _]) -> Min.

before(C, #node{pre = Cs} = Node) -> Node#node{pre = [C | Cs]}.
behind(C, #node{post = Cs} = Node) -> Node#node{post = [C | Cs]}.

%% There and back

extend(Tree) ->
    Line = line(Tree),
    case erl_syntax:subtrees(Tree) of
        [] -> #node{kind = leaf, min = Line, max = Line, value = Tree};
        Groups ->
            Groups1 = [group([extend(T) || T <- G]) || G <- Groups],
            {Min, Max} = range(Groups1),
            #node{kind = tree, min = first(Line, Min), max = max(Line, Max),
                  type = erl_syntax:type(Tree),
                  attrs = erl_syntax:get_attrs(Tree), value = Groups1}
    end.

group(Nodes) ->
    {Min, Max} = range(Nodes),
    #node{kind = group, min = Min, max = Max, value = Nodes}.

range(Nodes) ->
    lists:foldl(fun(#node{min = Min, max = Max}, {Min1, Max1}) ->
                        {first(Min, Min1), max(Max, Max1)}
                end, {0, 0}, Nodes).

%% The smaller line of those that are known.
first(A, B) ->
    case [L || L <- [A, B], L >= 1] of
        [] -> 0;
        Known -> lists:min(Known)
    end.

restore(#node{kind = group, value = Nodes}) -> [restore(N) || N <- Nodes];
restore(#node{kind = leaf, value = Tree} = Node) -> comment(Node, Tree);
restore(#node{kind = tree, type = Type, attrs = Attrs, value = Groups} = N) ->
    Tree = erl_syntax:make_tree(Type, [restore(G) || G <- Groups]),
    comment(N, erl_syntax:set_attrs(Tree, Attrs)).

comment(#node{pre = Before, post = After}, Tree) ->
    Tree1 = case Before of
                [] -> Tree;
                _ -> erl_syntax:add_precomments(trees(Before), Tree)
            end,
    case After of
        [] -> Tree1;
        _ -> erl_syntax:add_postcomments(trees(After), Tree1)
    end.

trees(Cs) ->
    [erl_syntax:set_pos(erl_syntax:comment(Indent, Text), erl_anno:new(L))
     || {L, _, Indent, Text} <- lists:reverse(Cs)].

%% Positions may be of many kinds.
line(Tree) ->
    case erl_syntax:get_pos(Tree) of
        L when is_integer(L) -> L;
        {L, _} when is_integer(L) -> L;
        {_, L} when is_integer(L) -> L;
        {L, _, _} when is_integer(L) -> L;
        {_, L, _} when is_integer(L) -> L;
        Pos ->
            try erl_anno:line(Pos)
            catch _:_ -> exit({bad_position, Pos})
            end
    end.
