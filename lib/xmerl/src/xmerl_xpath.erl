%% SPDX-License-Identifier: Apache-2.0
%% XPath 1.0 over documents of xmerl_scan: paths, axes and node tests. The
%% other expressions are xmerl_xpath_pred's.
%%
%% A step goes from a list of #xmlNode{}, each with the nodes above it, to
%% the next; positions count along the axis, so reverse axes number their
%% nodes, which stay in document order, from the end.
-module(xmerl_xpath).
-export([string/2, string/3, string/5]).
-export([eval_path/3, axis/3, axis/4, write_node/1]).
-include("xmerl.hrl").
-include("xmerl_xpath.hrl").

string(Path, Doc) -> string(Path, Doc, []).

string(Path, Doc, Options) -> string(Path, Doc, [], Doc, Options).

string(Path, Node, Parents, Doc, Options) ->
    Start = #xmlNode{type = node_type(Node), node = Node,
                     parents = full_parents(Parents, Doc)},
    Context = lists:foldl(fun option/2, #xmlContext{}, Options),
    #state{context = #xmlContext{nodeset = Result}} =
        match(Path, #state{context = Context#xmlContext{
                                       context_node = Start,
                                       whole_document = whole(Doc)}}),
    case Result of
        #xmlObj{type = nodeset, value = Nodes} -> Nodes;
        #xmlObj{type = Type} when Type =:= boolean; Type =:= number;
                                  Type =:= string -> Result;
        _ -> [N || #xmlNode{node = N} <- Result]
    end.

whole(#xmlDocument{} = Doc) -> #xmlNode{type = root_node, node = Doc};
whole(Root) ->
    #xmlNode{type = root_node, node = #xmlDocument{content = Root}}.

option({namespace, #xmlNamespace{nodes = Nodes}}, C) ->
    option({namespace, Nodes}, C);
option({namespace, Nodes}, C) ->
    C#xmlContext{namespace = [{to_string(Prefix), to_atom(URI)}
                              || {Prefix, URI} <- Nodes]};
option({bindings, Bindings}, C) -> C#xmlContext{bindings = Bindings};
option({functions, Functions}, C) -> C#xmlContext{functions = Functions}.

to_string(A) when is_atom(A) -> atom_to_list(A);
to_string(S) when is_list(S) -> S.

to_atom(A) when is_atom(A) -> A;
to_atom(S) when is_list(S) -> list_to_atom(S).

%% The nodes above a node, by the names and positions it has of them.
full_parents([], _) -> [];
full_parents([{Name, Pos} | _] = Parents, Doc)
  when is_atom(Name), is_integer(Pos) ->
    {_, Nodes} = lists:foldr(
                   fun({N, P}, {Content, Above}) ->
                           E = locate(N, P, Content),
                           {content(E), [#xmlNode{node = E, parents = Above}
                                         | Above]}
                   end, {[Doc], []}, Parents),
    Nodes.

locate(Name, Pos, [#xmlElement{name = Name, pos = Pos} = E | _]) -> E;
locate(_, Pos, [#xmlElement{pos = P} | _]) when P >= Pos ->
    exit(invalid_parents);
locate(_, _, []) -> exit(invalid_parents);
locate(Name, Pos, [_ | Rest]) -> locate(Name, Pos, Rest).

match(Path, S) ->
    case xmerl_xpath_parse:parse(xmerl_xpath_scan:tokens(Path)) of
        {ok, Expr} -> expression(Expr, S);
        Error -> Error
    end.

expression({path, Type, Arg}, #state{context = C}) ->
    eval_path(Type, Arg, C);
expression(Expr, #state{context = C} = S) ->
    Value = xmerl_xpath_lib:eval(primary_expr, Expr, C),
    S#state{context = C#xmlContext{nodeset = Value}}.

eval_path(union, {Path1, Path2}, #xmlContext{} = C) ->
    S = #state{context = C},
    #state{context = #xmlContext{nodeset = Nodes1}} = expression(Path1, S),
    #state{context = #xmlContext{nodeset = Nodes2} = C2} = S2 =
        expression(Path2, S),
    Nodes = ordsets:union(ordsets:from_list(Nodes1),
                          ordsets:from_list(Nodes2)),
    S2#state{context = C2#xmlContext{nodeset = Nodes}};
eval_path(abs, Path, #xmlContext{whole_document = Root} = C) ->
    path(Path, #state{context = C#xmlContext{nodeset = [Root]}});
eval_path(rel, Path, #xmlContext{context_node = Node} = C) ->
    path(Path, #state{context = C#xmlContext{nodeset = [Node]}});
eval_path(filter, {Path, {pred, Predicate}}, #xmlContext{} = C) ->
    predicate(Predicate, expression(Path, #state{context = C})).

path({refine, Path, Step}, S) -> path(Step, path(Path, S));
path({step, {Axis, Test, Predicates}}, #state{context = C, acc = Acc} = S) ->
    lists:foldl(fun({pred, P}, S1) -> predicate(P, S1) end,
                S#state{context = axis(Axis, Test, C, Acc)}, Predicates);
path('/', S) -> S.

predicate({number, N}, #state{context = C} = S) ->
    #xmlContext{nodeset = Nodes, axis_type = Type} = C,
    Length = length(Nodes),
    Chosen = if N > Length -> [];
                Type =:= forward -> [lists:nth(N, Nodes)];
                Type =:= reverse -> [lists:nth(Length + 1 - N, Nodes)]
             end,
    S#state{context = C#xmlContext{nodeset = Chosen}};
predicate(Expr, #state{context = #xmlContext{nodeset = Nodes} = C} = S) ->
    Kept = [N || N <- Nodes,
                 xmerl_xpath_pred:eval(Expr,
                                       C#xmlContext{context_node = N})],
    S#state{context = C#xmlContext{nodeset = Kept}}.

%% Axes

axis(Axis, Test, Context) -> axis(Axis, Test, Context, []).

axis(Axis, Test, #xmlContext{nodeset = Nodes} = C, Acc) ->
    Found = lists:foldr(fun(N, Acc1) -> walk(Axis, Test, N, Acc1, C) end,
                        Acc, Nodes),
    case lists:member(Axis, [ancestor, ancestor_or_self, preceding,
                             preceding_sibling]) of
        true ->
            {Numbered, _} = lists:mapfoldr(fun number/2, 1, Found),
            C#xmlContext{axis_type = reverse, nodeset = Numbered};
        false ->
            {Numbered, _} = lists:mapfoldl(fun number/2, 1, Found),
            C#xmlContext{axis_type = forward, nodeset = Numbered}
    end.

number(Node, N) -> {Node#xmlNode{pos = N}, N + 1}.

%% What of the axis of node N the test lets through, before Acc.
walk(self, Test, N, Acc, C) -> self(Test, N, Acc, C);
walk(child, Test, N, Acc, C) ->
    each(children(N), [N | N#xmlNode.parents], Test, Acc, C, fun self/4);
walk(descendant, Test, N, Acc, C) ->
    each(children(N), [N | N#xmlNode.parents], Test, Acc, C,
         fun descendants/4);
walk(descendant_or_self, Test, N, Acc, C) -> descendants(Test, N, Acc, C);
walk(parent, _, #xmlNode{parents = []}, Acc, _) -> Acc;
walk(parent, Test, #xmlNode{parents = [P | _]}, Acc, C) ->
    self(Test, P, Acc, C);
walk(ancestor, Test, #xmlNode{parents = Parents}, Acc, C) ->
    lists:foldl(fun(P, Acc1) -> self(Test, P, Acc1, C) end, Acc, Parents);
walk(ancestor_or_self, Test, N, Acc, C) ->
    walk(ancestor, Test, N, self(Test, N, Acc, C), C);
walk(attribute, Test, #xmlNode{type = element} = N, Acc, C) ->
    #xmlNode{node = #xmlElement{attributes = As}, parents = Parents} = N,
    each(As, [N | Parents], Test, Acc, C, fun self/4);
walk(namespace, Test, #xmlNode{type = element} = N, Acc, C) ->
    lists:foldr(fun(Space, Acc1) -> self(Test, Space, Acc1, C) end, Acc,
                namespaces(N));
walk(Axis, _, _, Acc, _) when Axis =:= attribute; Axis =:= namespace -> Acc;
walk(Axis, Test, N, Acc, C) ->
    case N#xmlNode.parents of
        [#xmlNode{type = element, node = #xmlElement{} = E} | _] = Parents ->
            siblings(Axis, Test, N, Acc, C, {content(E), Parents});
        _ -> Acc
    end.

siblings(following_sibling, Test, N, Acc, C, {All, Parents}) ->
    each(lists:nthtail(position(N), All), Parents, Test, Acc, C,
         fun self/4);
siblings(preceding_sibling, Test, N, Acc, C, {All, Parents}) ->
    each(lists:sublist(All, position(N) - 1), Parents, Test, Acc, C,
         fun self/4);
siblings(following, Test, N, Acc, C, {All, [P | _] = Parents}) ->
    After = lists:nthtail(position(N), All),
    each(After, Parents, Test, walk(following, Test, P, Acc, C), C,
         fun descendants/4);
siblings(preceding, Test, N, Acc, C, {All, [P | _] = Parents}) ->
    Before = lists:sublist(All, position(N) - 1),
    Acc1 = each(Before, Parents, Test, Acc, C, fun descendants/4),
    walk(preceding, Test, P, Acc1, C).

each(Items, Parents, Test, Acc, C, F) ->
    lists:foldr(fun(E, Acc1) ->
                        N = #xmlNode{type = node_type(E), node = E,
                                     parents = Parents},
                        F(Test, N, Acc1, C)
                end, Acc, Items).

self(Test, N, Acc, C) ->
    case test(Test, N, C) of
        true -> [N | Acc];
        false -> Acc
    end.

descendants(Test, N, Acc, C) ->
    self(Test, N, walk(descendant, Test, N, Acc, C), C).

children(#xmlNode{type = Type, node = Node})
  when Type =:= element; Type =:= root_node -> content(Node);
children(_) -> [].

content(#xmlElement{content = F} = E) when is_function(F) ->
    case F() of
        Content when is_list(Content) -> Content;
        _ -> exit({bad_content, E})
    end;
content(#xmlElement{content = Content}) when is_list(Content) -> Content;
content(#xmlDocument{content = Content}) when is_list(Content) -> Content;
content(#xmlDocument{content = Root}) -> [Root].

position(#xmlNode{node = #xmlElement{pos = Pos}}) -> Pos;
position(#xmlNode{node = #xmlText{pos = Pos}}) -> Pos.

namespaces(#xmlNode{node = E, parents = Above} = N) ->
    #xmlElement{name = Name, pos = Pos, parents = Parents,
                namespace = #xmlNamespace{default = Default,
                                          nodes = Nodes}} = E,
    Make = fun(Prefix, URI, I) ->
                   #xmlNode{type = namespace, parents = [N | Above], pos = I,
                            node = #xmlNsNode{parents = [{Name, Pos}
                                                         | Parents],
                                              pos = I, prefix = Prefix,
                                              uri = URI}}
           end,
    First = case Default of
                [] -> [];
                '' -> [];
                _ -> [Make([], Default, 1)]
            end,
    lists:foldr(fun({Prefix, URI}, Acc) ->
                        [Make(Prefix, URI, length(Acc) + 1) | Acc]
                end, First, Nodes).

node_type(#xmlAttribute{}) -> attribute;
node_type(#xmlElement{}) -> element;
node_type(#xmlText{}) -> text;
node_type(#xmlPI{}) -> processing_instruction;
node_type(#xmlNsNode{}) -> namespace;
node_type(#xmlComment{}) -> comment;
node_type(#xmlDocument{}) -> root_node.

%% Node tests

test(F, N, C) when is_function(F) -> F(N, C);
test(_, #xmlNode{type = attribute, node = #xmlAttribute{name = xmlns}}, _) ->
    false;
test(_, #xmlNode{type = attribute,
                 node = #xmlAttribute{nsinfo = {"xmlns", _}}}, _) -> false;
test({wildcard, _}, #xmlNode{type = Type}, _) ->
    lists:member(Type, [element, attribute, namespace]);
test({prefix_test, Prefix}, #xmlNode{node = N}, C) ->
    case N of
        #xmlElement{nsinfo = {Prefix, _}} -> true;
        #xmlElement{expanded_name = {URI, _}} -> bound(Prefix, URI, C);
        #xmlAttribute{nsinfo = {Prefix, _}} -> true;
        #xmlAttribute{expanded_name = {URI, _}} -> bound(Prefix, URI, C);
        _ -> false
    end;
test({name, Name}, #xmlNode{node = N}, C) -> named(Name, N, C);
test({node_type, Type}, #xmlNode{node = N}, _) ->
    Type =:= node orelse is_type(Type, N);
test({processing_instruction, Name}, #xmlNode{node = #xmlPI{name = Target}},
     _) ->
    Name == atom_to_list(Target);
test(_, _, _) -> false.

is_type(Type, N) ->
    lists:member(Type, [text, attribute, namespace, comment,
                        processing_instruction])
        andalso node_type(N) =:= Type.

bound(Prefix, URI, C) ->
    case expanded(Prefix, "_", C) of
        {URI, _} -> true;
        _ -> false
    end.

named({Tag, _, _}, #xmlElement{name = Tag}, _) -> true;
named({Tag, Prefix, Local}, #xmlElement{nsinfo = {_, _}} = E, C) ->
    case expanded(Prefix, Local, C) of
        [] -> Tag == E#xmlElement.name;
        Expanded -> Expanded == E#xmlElement.expanded_name
    end;
named({_, Prefix, Local}, #xmlElement{name = Name, namespace = Space}, C) ->
    case expanded(Prefix, Local, C) of
        [] -> false;
        Expanded -> Expanded == {Space#xmlNamespace.default, Name}
    end;
named({Tag, _, _}, #xmlAttribute{name = Tag}, _) -> true;
named({Tag, Prefix, Local}, #xmlAttribute{name = Name} = A, C) ->
    case expanded(Prefix, Local, C) of
        [] -> Tag == Name;
        Expanded -> Expanded == A#xmlAttribute.expanded_name
    end;
named({_, [], Local}, #xmlNsNode{prefix = Local}, _) -> true;
named(_, _, _) -> false.

expanded(Prefix, Local, #xmlContext{namespace = Spaces}) ->
    case lists:keyfind(Prefix, 1, Spaces) of
        {_, URI} -> {URI, list_to_atom(Local)};
        false -> []
    end.

%% A node in short, for tracing.
write_node(#xmlNode{pos = Pos, node = N}) ->
    case N of
        #xmlAttribute{name = Name, parents = Ps} ->
            {attribute, Pos, Name, Ps};
        #xmlElement{name = Name, parents = Ps} -> {element, Pos, Name, Ps};
        #xmlText{value = Text, parents = Ps} -> {text, Pos, Text, Ps};
        #xmlComment{parents = Ps} -> {comment, Pos, '', Ps};
        #xmlPI{name = Name, parents = Ps} ->
            {processing_instruction, Pos, Name, Ps};
        #xmlNsNode{prefix = Prefix, parents = Ps} ->
            {namespace, Pos, Prefix, Ps};
        _ -> other
    end;
write_node(_) -> other.
