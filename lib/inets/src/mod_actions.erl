%% SPDX-License-Identifier: Apache-2.0
%% mod_actions: scripts for files of a type (property action, {Type, Script})
%% and for methods (property script, {Method, Script}).
-module(mod_actions).

-export([do/1, store/2]).

-include("httpd.hrl").

do(#mod{data = Data, config_db = Table, request_uri = Uri,
        method = Method}) ->
    case mod_alias:is_answered(Data) of
        true -> {proceed, Data};
        false ->
            Path = mod_alias:path(Data, Table, Uri),
            Type = httpd_util:lookup_mime_default(
                     Table, httpd_util:strip_extension_dot(Path),
                     "text/plain"),
            case [S || {T, S} <- httpd_util:multi_lookup(Table, action),
                       T =:= Type]
                ++ [S || {M, S} <- httpd_util:multi_lookup(Table, script),
                         M =:= Method] of
                [Script | _] ->
                    {proceed, [{new_request_uri, Script ++ Uri} | Data]};
                [] -> {proceed, Data}
            end
    end.

store({action, {Type, Script}} = Property, _) when is_list(Type),
                                                   is_list(Script) ->
    {ok, Property};
store({script, {Method, Script}} = Property, _) when is_list(Method),
                                                     is_list(Script) ->
    case lists:member(string:lowercase(Method), ["get", "post"]) of
        true -> {ok, Property};
        false -> {error, {wrong_type, Property}}
    end;
store({Key, _} = Property, _) when Key =:= action; Key =:= script ->
    {error, {wrong_type, Property}}.
