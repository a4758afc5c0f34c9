%% SPDX-License-Identifier: Apache-2.0
%% seq_trace: a token that goes with messages from process to process, and
%% what is told about its way.
-module(seq_trace).

-export([set_token/1, set_token/2, get_token/0, get_token/1, print/1, print/2,
         reset_trace/0, set_system_tracer/1, get_system_tracer/0]).

-type flag() :: send | 'receive' | print | timestamp | monotonic_timestamp
              | strict_monotonic_timestamp.
-type component() :: label | serial | flag().
-type tracer() :: pid() | port() | {module(), term()} | false.
-type token() :: {integer(), term(), term(), term(), term()}.

%% Bits of the token's first element.
-spec bits() -> [{flag(), pos_integer()}].
bits() ->
    [{print, 4}, {send, 1}, {'receive', 2}, {timestamp, 8},
     {strict_monotonic_timestamp, 16}, {monotonic_timestamp, 32}].

-spec set_token([] | token()) -> [] | token() | ok.
set_token([]) -> erlang:seq_trace(sequential_trace_token, []);
set_token({Flags, Label, Serial, _From, Previous}) ->
    set_token(label, Label),
    set_token(serial, {Previous, Serial}),
    [set_token(Flag, Flags band Bit > 0) || {Flag, Bit} <- bits()],
    ok.

-spec set_token(component(), term()) -> term().
set_token(Component, Value) -> erlang:seq_trace(Component, Value).

-spec get_token() -> [] | token().
get_token() ->
    {_, Token} = process_info(self(), sequential_trace_token),
    Token.

-spec get_token(component()) -> {component(), term()} | [].
get_token(Component) -> erlang:seq_trace_info(Component).

-spec print(term()) -> ok.
print(Term) ->
    erlang:seq_trace_print(Term),
    ok.

-spec print(term(), term()) -> ok.
print(Label, Term) when is_atom(Label) -> error(badarg, [Label, Term]);
print(Label, Term) ->
    erlang:seq_trace_print(Label, Term),
    ok.

-spec reset_trace() -> true.
reset_trace() -> erlang:system_flag(reset_seq_trace, true).

%% A module that is not there yet is loaded by the call.
-spec set_system_tracer(tracer()) -> tracer().
set_system_tracer({Module, State} = Tracer) ->
    erlang:module_loaded(Module)
        orelse Module:enabled(trace_status, self(), State),
    erlang:system_flag(sequential_tracer, Tracer);
set_system_tracer(Tracer) -> erlang:system_flag(sequential_tracer, Tracer).

-spec get_system_tracer() -> tracer().
get_system_tracer() ->
    {_, Tracer} = erlang:system_info(sequential_tracer),
    Tracer.
