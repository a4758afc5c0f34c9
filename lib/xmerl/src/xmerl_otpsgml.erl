%% SPDX-License-Identifier: Apache-2.0
%% Callbacks that export HTML as the SGML of OTP's old documents.
-module(xmerl_otpsgml).
-export(['#xml-inheritance#'/0, '#root#'/4, '#element#'/5, '#text#'/1, p/4]).
-include("xmerl.hrl").

'#xml-inheritance#'() -> [xmerl_sgml].

'#text#'(Text) -> xmerl_lib:export_text(Text).

'#root#'(Data, _, [], _) ->
    ["<!doctype erlref PUBLIC \"-//Stork//DTD erlref//EN\">\n", Data].

'#element#'(Tag0, Data, Attributes0, _, _) ->
    {Tag, Attributes} = converted(Tag0, Attributes0),
    Open = [area, base, basefont, br, col, frame, hr, img, input, isindex,
            link, marker, meta, param],
    case lists:member(Tag, Open) of
        true -> [xmerl_lib:start_tag(Tag, Attributes), Data];
        false -> xmerl_lib:markup(Tag, Attributes, Data)
    end.

p(Data, Attributes, _, _) ->
    case xmerl_lib:is_empty_data(Data) of
        true -> xmerl_lib:markup(p, Attributes, " ");
        false -> xmerl_lib:markup(p, Attributes, Data)
    end.

converted(a, Attributes) -> reference(Attributes, Attributes);
converted(Tag, Attributes) ->
    Names = #{code => c, tt => c, strong => em, b => em, underline => em,
              dl => taglist, dt => tag, dd => item, ul => list, li => item},
    {maps:get(Tag, Names, Tag), Attributes}.

%% A link to a page stays one; others are references in the documents.
reference([#xmlAttribute{name = href, value = To} | _], All) ->
    case string:find(To, ".htm") of
        nomatch ->
            {seealso, [A#xmlAttribute{name = marker}
                       || #xmlAttribute{name = href} = A <- All]};
        _ -> {url, All}
    end;
reference([#xmlAttribute{name = Name} | Rest], All) ->
    error_logger:warning_msg("ignoring attribute '~p' for tag 'a'\n",
                             [Name]),
    reference(Rest, All).
