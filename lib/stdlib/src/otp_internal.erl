%% SPDX-License-Identifier: Apache-2.0
%% otp_internal: which functions and types of Erlang/OTP 25 are deprecated or
%% gone, and what its compiler says of them. The table is the compiler's.
-module(otp_internal).

-export([obsolete/3, obsolete_type/3]).

-type answer() :: no | {deprecated | removed, string()}
                | {deprecated | removed, string(), string()}.

-spec obsolete(module(), atom(), arity()) -> answer().
obsolete(Module, Name, Arity) ->
    merle_lint:obsolete(function, Module, Name, Arity).

-spec obsolete_type(module(), atom(), arity()) -> answer().
obsolete_type(Module, Name, Arity) ->
    merle_lint:obsolete(type, Module, Name, Arity).
