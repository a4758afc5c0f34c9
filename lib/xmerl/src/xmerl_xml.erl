%% SPDX-License-Identifier: Apache-2.0
%% Callbacks that export XML as XML; the root attribute prolog replaces the
%% declaration.
-module(xmerl_xml).
-export(['#xml-inheritance#'/0, '#root#'/4, '#element#'/5, '#text#'/1]).
-include("xmerl.hrl").

'#xml-inheritance#'() -> [].

'#text#'(Text) -> xmerl_lib:export_text(Text).

'#root#'(Data, [#xmlAttribute{name = prolog, value = Prolog}], [], _) ->
    [Prolog, Data];
'#root#'(Data, _, [], _) -> ["<?xml version=\"1.0\"?>", Data].

'#element#'(Tag, Data, Attributes, _, _) ->
    xmerl_lib:markup(Tag, Attributes, Data).
