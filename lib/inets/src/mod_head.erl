%% SPDX-License-Identifier: Apache-2.0
%% mod_head: the heads of what mod_get would send.
-module(mod_head).

-export([do/1]).

-include("httpd.hrl").

do(#mod{method = "HEAD", data = []} = Mod) ->
    {proceed, [mod_get:file(Mod, false)]};
do(#mod{method = "HEAD", data = [{real_name, _}] = Data} = Mod) ->
    {proceed, [mod_get:file(Mod, false) | Data]};
do(#mod{data = Data}) -> {proceed, Data}.
