%% SPDX-License-Identifier: Apache-2.0
%% Handlers of the logger may log and ask but not change handlers, and may
%% fail; supervisors on their specifications.
%%
%% expect: {error,attempting_syncronous_call_to_self}
%% expect: {error,callback_crashed}
%% expect: {error,die}
%% expect: ok
%% expect: {illegal_config_change,#{id => h},#{id => other}}
%% expect: {error,{not_a_list_of_modules,[{bad}]}}
%% expect: {error,{invalid_module,{bad}}}
%% expect: [h,ok]
%% expect: {ok,{handlers_test,child,[]},ok,{error,not_found}}
%% expect: "Supervisor: s. Started: id=c,pid=<0.0.0>."
%% expect: [n,10,m,10,s,10,normal,10,[1,2,3,4,5,6,7,8,9,'...'],10]
%% expect: {ok,"some.log",ok,'EXIT'}
-module(handlers_test).
-export([main/0, changing_config/2, log/2, init/1, child/0]).

main() ->
    logger:set_primary_config(level, none),
    ok = logger:add_handler(h, ?MODULE, #{}),
    show(short(set(fun() -> logger:remove_handler(h) end))),
    show(short(set(fun() -> erlang:error(oops) end))),
    show(short(set(fun() -> exit(self(), die) end))),
    show(set(fun() -> logger:set_module_level(m, debug) end)),
    {error, Change} = logger:set_handler_config(h, id, other),
    show(Change),
    show(logger:unset_module_level([{bad}])),
    show(logger:set_handler_config(h, formatter, {{bad}, cfg})),
    show([hd([I || I <- logger:get_handler_ids(), I =:= h]),
          logger:remove_handler(h)]),
    {ok, Sup} = supervisor:start_link(?MODULE, []),
    {ok, Pid} = supervisor:start_child(Sup, []),
    {ok, #{start := Start}} = supervisor:get_childspec(Sup, Pid),
    ok = supervisor:terminate_child(Sup, Pid),
    show({ok, Start, supervisor:terminate_child(Sup, Pid),
          supervisor:terminate_child(Sup, self())}),
    show(lists:flatten(
           supervisor:format_log(
             #{label => {supervisor, progress},
               report => [{supervisor, s},
                          {started, [{pid, list_to_pid("<0.0.0>")},
                                     {id, c}]}]},
             #{single_line => true}))),
    application:set_env(kernel, error_logger_format_depth, 10),
    {_, Args} = gen_server:format_log(
                  #{label => {gen_server, terminate}, name => n,
                    last_message => m, state => s, reason => normal,
                    log => [lists:seq(1, 19)], client_info => undefined}),
    show(Args),
    show({error_logger:logfile({open, "some.log"}),
          error_logger:logfile(filename), error_logger:logfile(close),
          element(1, catch error_logger:delete_report_handler("none"))}).

set(Fun) -> logger:set_handler_config(h, call, Fun).

short({error, {logger_process_exited, _, Reason}}) -> {error, Reason};
short({error, Reason}) -> {error, element(1, Reason)}.

changing_config(_, #{call := Fun}) -> Fun();
changing_config(_, Config) -> {ok, Config}.

log(_, _) -> ok.

init([]) ->
    {ok, {#{strategy => simple_one_for_one},
          [#{id => c, start => {?MODULE, child, []}, restart => temporary}]}}.

child() -> {ok, spawn_link(timer, sleep, [infinity])}.

show(Term) -> io:format("~0p~n", [Term]).
