%% SPDX-License-Identifier: Apache-2.0
%% v3_core: the name under which the compiler tells some of its warnings; their
%% words are in C. In OTP this makes Core Erlang of forms, which other languages
%% give to compile with from_core.
-module(v3_core).

-export([format_error/1, module/2]).

%% merle's compiler does without Core Erlang: what is answered says nothing but
%% to compile.
-spec module([erl_parse:abstract_form()], [compile:option()]) ->
          {ok, {merle_core, [erl_parse:abstract_form()]}, []}.
module(Forms, _Options) -> {ok, {merle_core, Forms}, []}.

format_error(What) ->
    unicode:characters_to_list(merle_compile:describe(?MODULE, What)).
