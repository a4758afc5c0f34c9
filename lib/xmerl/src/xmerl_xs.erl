%% SPDX-License-Identifier: Apache-2.0
%% What a transformation in the manner of XSLT is written with.
-module(xmerl_xs).
-export([xslapply/2, value_of/1, select/2, built_in_rules/2]).
-include("xmerl.hrl").

xslapply(F, #xmlElement{content = Content}) -> lists:map(F, Content);
xslapply(F, List) when is_list(List) -> lists:map(F, List).

value_of(E) ->
    lists:reverse(xmerl_lib:foldxml(
                    fun(#xmlText{value = Text}, Acc) ->
                            [xmerl_lib:export_text(Text) | Acc];
                       (_, Acc) -> Acc
                    end, [], E)).

select(Path, E) -> xmerl_xpath:string(Path, E).

built_in_rules(F, #xmlElement{content = Content}) -> lists:map(F, Content);
built_in_rules(_, #xmlText{value = Text}) -> xmerl_lib:export_text(Text);
built_in_rules(_, #xmlAttribute{value = Value}) -> Value;
built_in_rules(_, _) -> [].
