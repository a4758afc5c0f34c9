%% SPDX-License-Identifier: Apache-2.0
%% shell_restricted: which calls a restricted shell allows. A callback module
%% decides; its two states, of the shell and of the expression, are in the
%% dictionary of the evaluator.
-module(shell_restricted).

-export([start/1, stop/0, check/0, warn/1, begin_shell/0, begin_expression/0,
         local/3, remote/3]).

-spec start(module()) -> {error, code:load_error_rsn()}.
start(Module) when is_atom(Module) ->
    case code:ensure_loaded(Module) of
        {module, Module} ->
            application:set_env(stdlib, restricted_shell, Module),
            exit(restricted_shell_started);
        {error, What} = Error ->
            error_logger:error_report(
              lists:flatten(
                io_lib:format("Restricted shell module ~w not found: ~tp\n",
                              [Module, What]))),
            Error
    end.

-spec stop() -> no_return().
stop() ->
    application:unset_env(stdlib, restricted_shell),
    exit(restricted_shell_stopped).

%% {Module, Reason} when the module of the environment cannot be used.
-spec check() -> undefined | {term(), term()}.
check() ->
    case shell_print:env(restricted_shell, undefined) of
        undefined -> undefined;
        Module when is_atom(Module) ->
            io:put_chars("Restricted "),
            case code:ensure_loaded(Module) of
                {module, Module} -> undefined;
                {error, What} -> {Module, What}
            end;
        Other -> {Other, not_an_atom}
    end.

warn(undefined) -> ok;
warn({Module, What}) ->
    io:format("Warning! Restricted shell module ~w not found: ~tp.\n"
              "Only the commands q() and init:stop() will be allowed!\n",
              [Module, What]),
    application:set_env(stdlib, restricted_shell, shell).

begin_shell() ->
    case get(restricted_shell_state) of
        undefined -> put(restricted_shell_state, []);
        _ -> ok
    end,
    begin_expression().

begin_expression() -> put(restricted_expr_state, []).

%% Whether the function Name of the shell may be called.
-spec local(module(), atom(), [term()]) -> boolean().
local(Module, Name, Args) ->
    case Module:local_allowed(Name, Args, state()) of
        {IsAllowed, State} when is_boolean(IsAllowed) ->
            set_state(State),
            IsAllowed;
        Other -> bad_return(Module, local_allowed, Other)
    end.

%% What is to be called instead of Called, or false.
-spec remote(module(), Called, [term()]) -> false | {Called, [term()]}.
remote(Module, Called, Args) ->
    case Module:non_local_allowed(Called, Args, state()) of
        {false, State} ->
            set_state(State),
            false;
        {{redirect, Called1, Args1}, State} ->
            set_state(State),
            {Called1, Args1};
        {_, {_, _} = State} ->
            set_state(State),
            {Called, Args};
        Other -> bad_return(Module, non_local_allowed, Other)
    end.

state() -> {get(restricted_shell_state), get(restricted_expr_state)}.

set_state({ShellState, ExprState}) ->
    put(restricted_shell_state, ShellState),
    put(restricted_expr_state, ExprState).

bad_return(Module, Function, Value) ->
    {current_stacktrace, [_ | Trace]} =
        process_info(self(), current_stacktrace),
    erlang:raise(exit, {restricted_shell_bad_return, Value},
                 [{Module, Function, 3, []} | Trace]).
