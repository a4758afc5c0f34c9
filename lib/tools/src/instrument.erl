%% SPDX-License-Identifier: Apache-2.0
%% instrument: what memory is used for, by allocator. The emulator has no
%% allocators that count this (OTP's are told to by +M flags, and answer the same
%% when they are not); erlang:memory/0 and module look tell what there is.
-module(instrument).

-export([allocations/0, allocations/1, carriers/0, carriers/1]).

-spec allocations() -> {error, not_enabled}.
allocations() -> allocations(#{}).

-spec allocations(map()) -> {error, not_enabled}.
allocations(Options) when is_map(Options) -> {error, not_enabled}.

-spec carriers() -> {error, not_enabled}.
carriers() -> carriers(#{}).

-spec carriers(map()) -> {error, not_enabled}.
carriers(Options) when is_map(Options) -> {error, not_enabled}.
