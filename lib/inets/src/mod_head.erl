%% SPDX-License-Identifier: Apache-2.0
%% mod_head: the heads of what mod_get would send.
-module(mod_head).

-export([do/1]).

-include("httpd.hrl").
-include_lib("kernel/include/file.hrl").

do(#mod{method = "HEAD", data = Data} = Mod) ->
    case {httpd_response:data(status, Data),
          httpd_response:data(response, Data)} of
        {undefined, undefined} -> head(Mod);
        {undefined, {response, Head, _}} ->
            {proceed, lists:keyreplace(response, 1, Data,
                                       {response, {response, Head, nobody}})};
        _ -> {proceed, Data}
    end;
do(#mod{data = Data}) -> {proceed, Data}.

head(#mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    Path = mod_alias:path(Data, Table, Uri),
    Found = case file:read_file_info(Path) of
                {ok, #file_info{type = directory}} -> {error, eacces};
                Answer -> Answer
            end,
    case Found of
        {ok, #file_info{size = Size}} ->
            Extension = httpd_util:strip_extension_dot(Path),
            Type = httpd_util:lookup_mime_default(Table, Extension,
                                                  "text/plain"),
            Head = [{content_type, Type},
                    {content_length, integer_to_list(Size)}, {code, 200}],
            {proceed, [{response, {response, Head, nobody}} | Data]};
        {error, Reason} ->
            {proceed, [{status, mod_get:failed(Reason, {"access", Path}, Mod)}
                       | Data]}
    end.
