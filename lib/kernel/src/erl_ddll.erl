%% SPDX-License-Identifier: Apache-2.0
%% Linked-in drivers: there are none here, and none can be loaded. What asks
%% for one is told so; ports are programs, files and descriptors.
-module(erl_ddll).

-export([start/0, stop/0, load_driver/2, load/2, try_load/3, reload_driver/2,
         reload/2, unload_driver/1, unload/1, try_unload/2, loaded_drivers/0,
         info/0, info/1, info/2, monitor/2, demonitor/1, format_error/1]).

-type name() :: string() | atom().

%% Of a server that once was.
start() -> {error, {already_started, undefined}}.
stop() -> ok.

-spec load_driver(file:filename() | atom(), name()) -> {error, not_supported}.
load_driver(_, _) -> {error, not_supported}.

-spec load(file:filename() | atom(), name()) -> {error, not_supported}.
load(_, _) -> {error, not_supported}.

-spec try_load(file:filename() | atom(), name(), list()) ->
          {error, not_supported}.
try_load(_, _, Options) when is_list(Options) -> {error, not_supported}.

reload_driver(_, _) -> {error, not_supported}.
reload(_, _) -> {error, not_supported}.

-spec unload_driver(name()) -> {error, not_loaded}.
unload_driver(_) -> {error, not_loaded}.

-spec unload(name()) -> {error, not_loaded}.
unload(_) -> {error, not_loaded}.

-spec try_unload(name(), list()) -> {error, not_loaded}.
try_unload(_, Options) when is_list(Options) -> {error, not_loaded}.

-spec loaded_drivers() -> {ok, [string()]}.
loaded_drivers() -> {ok, []}.

-spec info() -> [{string(), list()}].
info() -> [].

-spec info(name()) -> no_return().
info(Name) -> error(badarg, [Name]).

-spec info(name(), atom()) -> no_return().
info(Name, Item) -> error(badarg, [Name, Item]).

%% What is not there is unloaded, or fails to load, at once.
-spec monitor(driver, {name(), atom()}) -> reference().
monitor(driver, {Name, When}) ->
    Ref = make_ref(),
    case When of
        loaded -> self() ! {'DOWN', Ref, driver, Name, not_loaded};
        _ -> self() ! {'DOWN', Ref, driver, Name, unloaded}
    end,
    Ref.

-spec demonitor(reference()) -> ok.
demonitor(Ref) when is_reference(Ref) -> ok.

-spec format_error(term()) -> string().
format_error(not_supported) -> "linked-in drivers are not supported";
format_error(not_loaded) -> "The driver is not loaded";
format_error(_) -> "Unknown driver error".
