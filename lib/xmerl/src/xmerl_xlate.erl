%% SPDX-License-Identifier: Apache-2.0
%% Reads a document and exports it at once through a callback module.
-module(xmerl_xlate).
-export([file/3, string/3]).
-include("xmerl.hrl").

file(Name, Title, Callback) ->
    case file:read_file(Name) of
        {ok, Bytes} -> string(binary_to_list(Bytes), Title, Callback);
        Error -> Error
    end.

string(Text, Title, Callback) ->
    xmerl_scan:string(Text, [{hook_fun, fun hook/2, {Title, Callback}}]).

hook(#xmlElement{parents = []} = Root, S) ->
    {Title, Callback} = xmerl_scan:hook_state(S),
    {xmerl:export([Root], Callback, [{title, Title}]), S};
hook(X, S) -> {X, S}.
