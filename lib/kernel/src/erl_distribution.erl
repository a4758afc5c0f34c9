%% SPDX-License-Identifier: Apache-2.0
%% erl_distribution: the supervisor of what connects this node to others. A
%% node that is alone has none.
-module(erl_distribution).

-export([start_link/0, start_link/1]).

start_link() -> ignore.

start_link(_Options) -> {error, nodistribution}.
