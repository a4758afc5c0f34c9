%% SPDX-License-Identifier: Apache-2.0
%% Arrays of 64-bit integers that many processes may change at once. All but
%% new/2 is in C.
-module(atomics).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([new/2]).
-export_type([atomics_ref/0]).

-opaque atomics_ref() :: reference().

-spec new(pos_integer(), [{signed, boolean()}]) -> atomics_ref().
new(Size, Options) ->
    try merle_atomics:new(Size, is_signed(Options, true))
    catch
        error:Reason ->
            erlang:error(Reason, [Size, Options],
                         [{error_info, #{module => erl_erts_errors}}])
    end.

is_signed([{signed, Signed} | Rest], _) when is_boolean(Signed) ->
    is_signed(Rest, Signed);
is_signed([], Signed) -> Signed;
is_signed(_, _) -> error(badarg).
