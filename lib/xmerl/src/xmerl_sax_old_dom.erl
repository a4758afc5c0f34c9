%% SPDX-License-Identifier: Apache-2.0
%% An event function of the SAX parser that builds the records of xmerl_scan
%% (a processing instruction keeps its older shape, without parents).
-module(xmerl_sax_old_dom).

-export([initial_state/0, get_dom/1, event/3, declaration/1]).

-include("xmerl.hrl").

%% tags: the open elements as {Name, Pos}; cno: the next position at each depth;
%% dom: the open elements, contents in reverse, over what came before the root.
-record(xmerl_sax_old_dom_state, {tags = [], cno = [], namespaces = [], dom = []}).
-define(st, #xmerl_sax_old_dom_state).

initial_state() -> ?st{}.

get_dom(?st{dom = Dom}) -> Dom.

event(startDocument, _, St) -> St?st{dom = [startDocument]};
event(endDocument, _, ?st{dom = [#xmlElement{} = Root | Before]} = St) ->
    finished(closed(Root), Before, St);
event({startPrefixMapping, Prefix, Uri}, _, ?st{namespaces = Ns} = St) ->
    St?st{namespaces = [{Prefix, list_to_atom(Uri)} | Ns]};
event({endPrefixMapping, Prefix}, _, ?st{namespaces = Ns} = St) ->
    St?st{namespaces = lists:keydelete(Prefix, 1, Ns)};
event({startElement, Uri, Local, QName, Attrs}, _, St) ->
    opened(Uri, Local, QName, Attrs, St);
event({endElement, _, Local, QName}, _,
      ?st{tags = [_ | Tags], cno = [_ | Cno],
          dom = [#xmlElement{name = Open} = E, #xmlElement{} = Parent | Dom]} = St) ->
    qname(QName) =:= Open orelse throw({sax_old_dom_error, {end_of, Local, Open}}),
    St?st{tags = Tags, cno = Cno, dom = [with(closed(E), Parent) | Dom]};
event({processingInstruction, "xml", Data}, _, ?st{dom = Dom} = St) ->
    St?st{dom = [declaration(Data) | Dom]};
event(Event, _, ?st{cno = [Pos | Cno], tags = Tags, dom = [#xmlElement{} = E | Dom]} = St) ->
    case node(Event, Tags, Pos) of
        none -> St;
        Node -> St?st{cno = [Pos + 1 | Cno], dom = [with(Node, E) | Dom]}
    end;
event(_, _, St) -> St.

%% The end of the document also comes after a fault: then all stays as it is.
finished(Root, [startDocument], St) -> St?st{dom = [Root]};
finished(Root, [#xmlDecl{} = Decl, startDocument], St) -> St?st{dom = [Decl, Root]};
finished(_, _, St) -> St.

closed(#xmlElement{content = C} = E) -> E#xmlElement{content = lists:reverse(C)}.

with(Node, #xmlElement{content = C} = E) -> E#xmlElement{content = [Node | C]}.

node({characters, S}, Tags, Pos) -> #xmlText{value = S, parents = Tags, pos = Pos};
node({ignorableWhitespace, S}, Tags, Pos) -> #xmlText{value = S, parents = Tags, pos = Pos};
node({comment, S}, Tags, Pos) -> #xmlComment{value = S, parents = Tags, pos = Pos};
node({processingInstruction, Target, Data}, _, Pos) -> {xmlPI, Target, Pos, Data};
node(_, _, _) -> none.

declaration(Data) ->
    Of = fun(Key, Default) -> proplists:get_value(Key, Data, Default) end,
    Rest = [A || {Key, _} = A <- Data,
                 not lists:member(Key, ["version", "encoding", "standalone"])],
    #xmlDecl{vsn = Of("version", []), encoding = Of("encoding", []),
             standalone = Of("standalone", yes), attributes = Rest}.

opened(Uri, Local, QName, Attrs, ?st{tags = Tags, cno = Cno, dom = Dom} = St) ->
    {Pos, NextCno} = position(Cno),
    Name = qname(QName),
    Inner = [{Name, Pos} | Tags],
    Ns = namespace(St?st.namespaces),
    E = #xmlElement{name = Name, expanded_name = expanded(Uri, Local),
                    nsinfo = nsinfo(QName), namespace = Ns, pos = Pos, parents = Tags,
                    attributes = attributes(Attrs, Ns, Inner, 1), xmlbase = "."},
    St?st{tags = Inner, cno = NextCno, dom = [E | Dom]}.

position([]) -> {1, [1]};
position([N | Outer]) -> {N, [1, N + 1 | Outer]}.

namespace(Ns) ->
    #xmlNamespace{default = proplists:get_value([], Ns, []),
                  nodes = [N || {Prefix, _} = N <- Ns, Prefix =/= []]}.

attributes([], _, _, _) -> [];
attributes([{Uri, Prefix, Local, Value} | As], Ns, Tags, N) ->
    QName = {Prefix, Local},
    [#xmlAttribute{name = qname(QName), expanded_name = expanded(Uri, Local),
                   nsinfo = nsinfo(QName), namespace = Ns, parents = Tags, pos = N,
                   value = Value, normalized = false}
     | attributes(As, Ns, Tags, N + 1)].

qname({[], Local}) -> list_to_atom(Local);
qname({Prefix, Local}) -> list_to_atom(Prefix ++ ":" ++ Local).

nsinfo({[], _}) -> [];
nsinfo(QName) -> QName.

expanded([], Local) -> list_to_atom(Local);
expanded(Uri, Local) -> {list_to_atom(Uri), list_to_atom(Local)}.
