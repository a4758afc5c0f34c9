%% SPDX-License-Identifier: Apache-2.0
%% Callbacks that export HTML 4.01: some elements have no end tag. The root
%% attributes version and uri go into the document type.
-module(xmerl_html).
-export(['#xml-inheritance#'/0, '#root#'/4, '#element#'/5, '#text#'/1, p/4]).

'#xml-inheritance#'() -> [].

'#text#'(Text) -> xmerl_lib:export_text(Text).

'#root#'(Data, Attributes, [], _) ->
    Version = case xmerl_lib:find_attribute(version, Attributes) of
                  {value, V} -> V;
                  false -> "-//W3C//DTD HTML 4.01 Transitional//EN"
              end,
    URI = case xmerl_lib:find_attribute(uri, Attributes) of
              {value, U} -> [" \"", U, "\""];
              false -> ""
          end,
    ["<!DOCTYPE HTML PUBLIC \"", Version, "\"", URI, ">\n", Data].

'#element#'(Tag, Data, Attributes, _, _) ->
    Open = [area, base, basefont, br, col, frame, hr, img, input, isindex,
            link, meta, param],
    case lists:member(Tag, Open) of
        true -> [xmerl_lib:start_tag(Tag, Attributes), Data];
        false -> closed(Tag, Attributes, Data)
    end.

%% A paragraph must not be empty.
p(Data, Attributes, _, _) ->
    case xmerl_lib:is_empty_data(Data) of
        true -> closed(p, Attributes, " ");
        false -> closed(p, Attributes, Data)
    end.

closed(Tag, Attributes, Data) ->
    [xmerl_lib:start_tag(Tag, Attributes), Data, xmerl_lib:end_tag(Tag)].
