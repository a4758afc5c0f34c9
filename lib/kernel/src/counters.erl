%% SPDX-License-Identifier: Apache-2.0
%% Counters: as atomics, for numbers that are only counted up and down.
-module(counters).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([new/2, get/2, add/3, sub/3, put/3, info/1]).
-export_type([counters_ref/0]).

%% In the function itself: the trace begins with it.
-define(FAIL(Reason, Args),
        erlang:error(Reason, Args,
                     [{error_info, #{module => erl_erts_errors}}])).

-opaque counters_ref() :: {atomics | write_concurrency, reference()}.

-spec new(pos_integer(), [atomics | write_concurrency]) -> counters_ref().
new(Size, Options) ->
    try {kind(Options), merle_atomics:new(Size, true)}
    catch
        error:Reason -> ?FAIL(Reason, [Size, Options])
    end.

kind([]) -> atomics;
kind([atomics]) -> atomics;
kind([write_concurrency]) -> write_concurrency;
kind([_ | [_ | _] = Rest]) -> kind(Rest);
kind(_) -> error(badarg).

-spec get(counters_ref(), integer()) -> integer().
get({_, Ref} = Counters, Index) ->
    try atomics:get(Ref, Index)
    catch error:Reason -> ?FAIL(Reason, [Counters, Index])
    end;
get(Counters, Index) -> ?FAIL(badarg, [Counters, Index]).

-spec add(counters_ref(), integer(), integer()) -> ok.
add({_, Ref} = Counters, Index, Change) ->
    try atomics:add(Ref, Index, Change)
    catch error:Reason -> ?FAIL(Reason, [Counters, Index, Change])
    end;
add(Counters, Index, Change) -> ?FAIL(badarg, [Counters, Index, Change]).

-spec sub(counters_ref(), integer(), integer()) -> ok.
sub({_, Ref} = Counters, Index, Change) ->
    try atomics:sub(Ref, Index, Change)
    catch error:Reason -> ?FAIL(Reason, [Counters, Index, Change])
    end;
sub(Counters, Index, Change) when is_number(Change) ->
    ?FAIL(badarg, [Counters, Index, Change]);
sub(Counters, Index, Change) -> ?FAIL(badarith, [Counters, Index, Change]).

-spec put(counters_ref(), integer(), integer()) -> ok.
put({_, Ref} = Counters, Index, Value) ->
    try atomics:put(Ref, Index, Value)
    catch error:Reason -> ?FAIL(Reason, [Counters, Index, Value])
    end;
put(Counters, Index, Value) -> ?FAIL(badarg, [Counters, Index, Value]).

-spec info(counters_ref()) -> map().
info({_, Ref} = Counters) ->
    try merle_counters:info(Ref)
    catch error:Reason -> ?FAIL(Reason, [Counters])
    end;
info(Counters) -> ?FAIL(badarg, [Counters]).
