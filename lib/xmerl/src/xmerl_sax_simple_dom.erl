%% SPDX-License-Identifier: Apache-2.0
%% An event function of the SAX parser that builds {Tag, Attributes, Content}.
-module(xmerl_sax_simple_dom).

-export([initial_state/0, get_dom/1, event/3]).

-include("xmerl.hrl").

%% As in xmerl_sax_old_dom, whose numbering of the nodes this one shares.
-record(xmerl_sax_simple_dom_state, {tags = [], cno = [], namespaces = [], dom = []}).
-define(st, #xmerl_sax_simple_dom_state).

initial_state() -> ?st{}.

get_dom(?st{dom = Dom}) -> Dom.

event(startDocument, _, St) -> St?st{dom = [startDocument]};
event(endDocument, _, ?st{dom = [{_, _, _} = Root | Before]} = St) ->
    finished(closed(Root), Before, St);
event({startPrefixMapping, [_ | _] = Prefix, Uri}, _, ?st{namespaces = Ns} = St) ->
    St?st{namespaces = [{Prefix, list_to_atom(Uri)} | Ns]};
event({endPrefixMapping, Prefix}, _, ?st{namespaces = [{Prefix, _} | Ns]} = St) ->
    St?st{namespaces = Ns};
event({startElement, _, Local, _, Attrs}, _, ?st{tags = Tags, cno = Cno, dom = Dom} = St) ->
    Name = list_to_atom(Local),
    {Pos, NextCno} = position(Cno),
    E = {Name, [{list_to_atom(A), Value} || {_, _, A, Value} <- Attrs], []},
    St?st{tags = [{Name, Pos} | Tags], cno = NextCno, dom = [E | Dom]};
event({endElement, _, Local, _}, _,
      ?st{tags = [_ | Tags], cno = [_ | Cno],
          dom = [{Open, _, _} = E, {_, _, _} = Parent | Dom]} = St) ->
    list_to_atom(Local) =:= Open orelse throw({sax_simple_dom_error, {end_of, Local, Open}}),
    St?st{tags = Tags, cno = Cno, dom = [with(closed(E), Parent) | Dom]};
event({characters, S}, _, St) -> added(fun(_, _) -> S end, St);
event({ignorableWhitespace, S}, _, St) ->
    added(fun(Tags, Pos) -> #xmlText{value = S, parents = Tags, pos = Pos} end, St);
event({processingInstruction, "xml", Data}, _, ?st{dom = Dom} = St) ->
    St?st{dom = [xmerl_sax_old_dom:declaration(Data) | Dom]};
event(_, _, St) -> St.

%% The end of the document also comes after a fault: then all stays as it is.
finished(Root, [startDocument], St) -> St?st{dom = [Root]};
finished(Root, [#xmlDecl{} = Decl, startDocument], St) -> St?st{dom = [Decl, Root]};
finished(_, _, St) -> St.

closed({Name, Attrs, Content}) -> {Name, Attrs, lists:reverse(Content)}.

with(Node, {Name, Attrs, Content}) -> {Name, Attrs, [Node | Content]}.

added(Node, ?st{cno = [Pos | Cno], tags = Tags, dom = [{_, _, _} = E | Dom]} = St) ->
    St?st{cno = [Pos + 1 | Cno], dom = [with(Node(Tags, Pos), E) | Dom]};
added(_, St) -> St.

position([]) -> {1, [1]};
position([N | Outer]) -> {N, [1, N + 1 | Outer]}.
