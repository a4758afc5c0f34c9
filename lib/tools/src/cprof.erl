%% SPDX-License-Identifier: Apache-2.0
%% cprof: how often functions are called, counted by the machine (call_count).
-module(cprof).

-export([start/0, start/1, start/2, start/3, stop/0, stop/1, stop/2, stop/3,
         restart/0, restart/1, restart/2, restart/3, pause/0, pause/1, pause/2,
         pause/3, analyse/0, analyse/1, analyse/2, analyze/0, analyze/1,
         analyze/2]).

-type functions() :: module() | mfa() | {on_load}.
-type of_function() :: {mfa(), Calls :: non_neg_integer()}.
-type of_module() :: {module(), Calls :: non_neg_integer(), [of_function()]}.

%% Each answers how many functions it is about. Without arguments it is about
%% all, those of modules to be loaded too.

start() -> tr({'_', '_', '_'}, true) + tr(on_load, true).
-spec start(functions()) -> non_neg_integer().
start(What) -> tr(functions(What), true).
start(M, F) -> tr({M, F, '_'}, true).
start(M, F, A) -> tr({M, F, A}, true).

stop() -> tr({'_', '_', '_'}, false) + tr(on_load, false).
-spec stop(functions()) -> non_neg_integer().
stop(What) -> tr(functions(What), false).
stop(M, F) -> tr({M, F, '_'}, false).
stop(M, F, A) -> tr({M, F, A}, false).

restart() -> tr({'_', '_', '_'}, restart).
-spec restart(functions()) -> non_neg_integer().
restart(What) -> tr(functions(What), restart).
restart(M, F) -> tr({M, F, '_'}, restart).
restart(M, F, A) -> tr({M, F, A}, restart).

%% Code that is loaded later is not counted any more.
pause() -> tr({'_', '_', '_'}, pause) + tr(on_load, false).
-spec pause(functions()) -> non_neg_integer().
pause(What) -> tr(functions(What), pause).
pause(M, F) -> tr({M, F, '_'}, pause).
pause(M, F, A) -> tr({M, F, A}, pause).

functions({_, _, _} = Function) -> Function;
functions({What}) -> What;
functions(Module) -> {Module, '_', '_'}.

tr(Functions, How) -> erlang:trace_pattern(Functions, How, [call_count]).

%% ---- What was counted ----

%% All modules, those with the most calls first; this one does not count.
-spec analyse() -> {non_neg_integer(), [of_module()]}.
analyse() -> analyse(1).

-spec analyse(non_neg_integer()) -> {non_neg_integer(), [of_module()]};
             (module()) -> of_module().
analyse(Least) when is_integer(Least) ->
    Called = [{Calls, M, Functions}
              || {Module, _} <- code:all_loaded(), Module =/= ?MODULE,
                 {M, Calls, Functions} <- [analyse(Module, Least)], Calls > 0],
    {lists:sum([Calls || {Calls, _, _} <- Called]),
     [{M, Calls, Functions}
      || {Calls, M, Functions} <- lists:reverse(lists:sort(Called))]};
analyse(Module) ->
    analyse(Module, 1).

%% Functions with fewer calls than [Least] count in the sum, but are not listed.
-spec analyse(module(), non_neg_integer()) -> of_module().
analyse(Module, Least) when is_atom(Module), is_integer(Least) ->
    Counts = [{Calls, {Module, F, A}}
              || {F, A} <- Module:module_info(functions),
                 {call_count, Calls} <- [erlang:trace_info({Module, F, A},
                                                           call_count)],
                 is_integer(Calls)],
    {Module, lists:sum([Calls || {Calls, _} <- Counts]),
     [{Function, Calls} || {Calls, Function} <- lists:reverse(lists:sort(Counts)),
                           Calls >= Least]}.

analyze() -> analyse().

analyze(What) -> analyse(What).

analyze(Module, Least) -> analyse(Module, Least).
