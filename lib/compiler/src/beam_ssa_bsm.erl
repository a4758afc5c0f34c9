%% SPDX-License-Identifier: Apache-2.0
%% beam_ssa_bsm: the name under which the compiler tells some of its warnings; their
%% words are in C.
-module(beam_ssa_bsm).

-export([format_error/1]).

format_error(What) ->
    unicode:characters_to_list(merle_compile:describe(?MODULE, What)).
