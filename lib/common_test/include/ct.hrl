%% SPDX-License-Identifier: Apache-2.0
-include_lib("stdlib/include/assert.hrl").
-define(config(Name, Config), proplists:get_value(Name, Config)).
