%% SPDX-License-Identifier: Apache-2.0
%% v3_core: the name under which the compiler tells some of its warnings; their
%% words are in C.
-module(v3_core).

-export([format_error/1]).

format_error(What) ->
    unicode:characters_to_list(merle_compile:describe(?MODULE, What)).
