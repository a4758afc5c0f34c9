%% SPDX-License-Identifier: Apache-2.0
%% The default handler, taken away before it has written anything, can be added
%% again; logger:reconfigure/0 makes all as kernel's environment says.
%% expect: removed: ok, []
%% expect: added: ok, [default]
%% expect: reconfigured: ok, [default], notice, #{}
%% expect: simple: ok, [simple]
%% expect: silent: ok, []
%% expect: tty: ok, [default]
%% expect: modules: ok, [{here,debug}]
%% expect: wrong: {kernel,[{wrong}]}, [simple]
%% expect: wrong: {kernel,no_list}, [simple]
%% expect: wrong: {kernel,{invalid_filters,[f]}}, [simple]
%% expect: wrong: {kernel,{invalid_filter,{f,1}}}, [simple]
%% expect: wrong: {kernel,{multiple_filters,[{filters,log,[]},{filters,stop,[]}]}}, [simple]
%% expect: wrong: {kernel,{invalid_level,louder}}, [simple]
-module(logger_restarted_test).
-export([main/0]).

main() ->
    show(removed, logger:remove_handler(default), ids()),
    show(added, logger:add_handler(default, logger_std_h, #{}), ids()),
    ok = logger:add_handler(other, logger_std_h, #{}),
    ok = logger:set_primary_config(level, debug),
    ok = logger:update_primary_config(#{metadata => #{here => true}}),
    ok = logger:set_module_level(?MODULE, debug),
    Answer = logger:reconfigure(),
    #{level := Level, metadata := Meta} = logger:get_primary_config(),
    [] = logger:get_module_level(),
    io:format("reconfigured: ~p, ~p, ~p, ~p~n", [Answer, ids(), Level, Meta]),
    again(simple, logger, [{handler, default, undefined}]),
    application:unset_env(kernel, logger),
    again(silent, error_logger, silent),
    again(tty, error_logger, tty),
    application:set_env(kernel, logger, [{module_level, debug, here}]),
    show(modules, logger:reconfigure(), logger:get_module_level()),
    [wrong(Env) || Env <- [[{wrong}], no_list, [{filters, log, [f]}],
                           [{filters, log, [{f, 1}]}],
                           [{filters, log, []}, {filters, stop, []}],
                           [{module_level, louder, [here]}]]].

%% It is logged as well, unless the level is one that is not heard.
wrong(Env) ->
    application:set_env(kernel, logger_level, none),
    application:set_env(kernel, logger, Env),
    ok = logger:set_primary_config(level, none),
    {error, {bad_config, Why}} = logger:reconfigure(),
    io:format("wrong: ~0p, ~p~n", [Why, ids()]).

ids() -> logger:get_handler_ids().

show(What, Answer, Ids) -> io:format("~p: ~p, ~p~n", [What, Answer, Ids]).

again(What, Key, Value) ->
    application:set_env(kernel, Key, Value),
    Answer = logger:reconfigure(),
    show(What, Answer, ids()).
