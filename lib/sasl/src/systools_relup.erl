%% SPDX-License-Identifier: Apache-2.0
%% systools_relup: the way from one release to another and back, made of the
%% .appup files of their applications.
-module(systools_relup).

-export([script_for/2]).

%% {ok, Script} of the entry for version [Vsn] in a list of an .appup file:
%% an entry names one version, or as a binary a regular expression for all of
%% it.
script_for(Vsn, [{Pattern, Script} | Rest]) when is_binary(Pattern) ->
    case re:run(Vsn, Pattern, [unicode, {capture, first, list}]) of
        {match, [Vsn]} -> {ok, Script};
        _ -> script_for(Vsn, Rest)
    end;
script_for(Vsn, [{Vsn, Script} | _]) -> {ok, Script};
script_for(Vsn, [_ | Rest]) -> script_for(Vsn, Rest);
script_for(_, []) -> error.
