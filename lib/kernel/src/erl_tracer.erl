%% SPDX-License-Identifier: Apache-2.0
%% erl_tracer: what a module has that is a tracer, in native functions: the
%% runtime calls them where a traced process does something. See
%% trace_module.c.
-module(erl_tracer).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([load/2]). % internal
-export_type([tracee/0, trace_tag/0, tracer_state/0, trace_opts/0]).

-type tracee() :: pid() | port() | undefined.
-type trace_tag() :: atom().
-type tracer_state() :: term().
-type trace_opts() :: #{extra => term(), match_spec_result => term(),
                        scheduler_id => non_neg_integer(),
                        timestamp => term()}.

-callback enabled(trace_tag() | trace_status, tracer_state(), tracee()) ->
    trace | discard | remove.
-callback trace(trace_tag(), tracer_state(), tracee(), term(), trace_opts()) ->
    term().

%% The runtime has found that a tracer's module is not there: loads it and
%% calls again what wanted it. One that cannot be found is told of as the call
%% of its function that OTP makes.
-spec load(module(), {module(), atom(), [term()]}) -> term().
load(Module, {M, F, Args}) ->
    case code:ensure_loaded(Module) of
        {module, Module} ->
            case erlang:function_exported(Module, enabled, 3) of
                true -> apply(M, F, Args);
                false -> error(badarg, Args)
            end;
        _ -> Module:enabled(trace_status, undefined, undefined)
    end.
