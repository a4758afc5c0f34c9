%% SPDX-License-Identifier: Apache-2.0
%% Callbacks that export SGML; the root attribute header comes before it.
-module(xmerl_sgml).
-export(['#xml-inheritance#'/0, '#root#'/4, '#element#'/5, '#text#'/1]).

'#xml-inheritance#'() -> [].

'#text#'(Text) -> xmerl_lib:export_text(Text).

'#root#'(Data, Attributes, [], _) ->
    case xmerl_lib:find_attribute(header, Attributes) of
        {value, Header} -> [Header, Data];
        false -> Data
    end.

'#element#'(Tag, Data, Attributes, _, _) ->
    xmerl_lib:markup(Tag, Attributes, Data).
