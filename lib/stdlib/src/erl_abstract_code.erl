%% SPDX-License-Identifier: Apache-2.0
%% erl_abstract_code: reads the debug information that Erlang's own compiler
%% writes; other languages name a module of theirs in the chunk "Dbgi".
-module(erl_abstract_code).

-export([debug_info/4]).

debug_info(_, _, {none, _}, _) -> {error, missing};
debug_info(erlang_v1, _, {Forms, _}, _) -> {ok, Forms};
%% merle's compiler goes from the abstract format to code without Core Erlang.
debug_info(core_v1, _, _, _) -> {error, failed_conversion};
debug_info(_, _, _, _) -> {error, unknown_format}.
