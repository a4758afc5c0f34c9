%% SPDX-License-Identifier: Apache-2.0
%% error_handler: what happens on a call of a function that is not there. The
%% module is loaded and the call tried again; else it fails with undef, unless
%% the module exports '$handle_undefined_function'/2.
-module(error_handler).

-export([undefined_function/3, undefined_lambda/3, stub_function/3,
         breakpoint/3, raise_undef_exception/3]).

-spec undefined_function(module(), atom(), [term()]) -> term().
undefined_function(Module, Function, Args) ->
    case ensure_loaded(Module) of
        {module, Module} ->
            case erlang:function_exported(Module, Function, length(Args)) of
                true -> apply(Module, Function, Args);
                false -> call_undefined(Module, Function, Args)
            end;
        _ -> undef(Module, Function, Args)
    end.

-spec undefined_lambda(module(), fun(), [term()]) -> term().
undefined_lambda(Module, Fun, Args) ->
    case ensure_loaded(Module) of
        {module, Module} -> apply(Fun, Args);
        _ -> undef_lambda(Module, Fun, Args)
    end.

-spec breakpoint(module(), atom(), [term()]) -> term().
breakpoint(Module, Function, Args) ->
    (int()):eval(Module, Function, Args).

-spec stub_function(module(), atom(), [term()]) -> no_return().
stub_function(Module, Function, Args) -> undef(Module, Function, Args).

-spec raise_undef_exception(module(), atom(), [term()]) -> no_return().
raise_undef_exception(Module, Function, Args) ->
    undef(Module, Function, Args).

%% Hidden from tools that look for calls of modules that are not there.
int() -> int.

%% Modules that are written in C have no such functions of their own.
call_undefined(Module, module_info, []) -> erlang:get_module_info(Module);
call_undefined(Module, module_info, [What]) ->
    erlang:get_module_info(Module, What);
call_undefined(Module, Function, Args) ->
    Handler = '$handle_undefined_function',
    case erlang:function_exported(Module, Handler, 2) of
        true -> Module:Handler(Function, Args);
        false -> undef(Module, Function, Args)
    end.

%% Fails as if the call itself had failed: this module is not in the trace.
-spec undef(module(), atom(), [term()]) -> no_return().
undef(Module, Function, Args) -> crash({Module, Function, Args, []}).

-spec undef_lambda(module(), fun(), [term()]) -> no_return().
undef_lambda(_Module, Fun, Args) -> crash({Fun, Args, []}).

crash(Call) ->
    try erlang:error(undef)
    catch
        error:undef:Trace ->
            erlang:raise(error, undef, [Call | own_frames_dropped(Trace)])
    end.

own_frames_dropped([{?MODULE, _, _, _} | Trace]) -> own_frames_dropped(Trace);
own_frames_dropped(Trace) -> Trace.

%% The code server itself must not wait for itself, and what asks it must be
%% there first.
ensure_loaded(code) -> code_server:load_from_pack(code);
ensure_loaded(Module) ->
    Self = self(),
    case whereis(code_server) of
        undefined -> code_server:load_from_pack(Module);
        Self -> code_server:load_from_pack(Module);
        _ -> code:ensure_loaded(Module)
    end.
