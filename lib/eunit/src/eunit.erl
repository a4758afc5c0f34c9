%% SPDX-License-Identifier: Apache-2.0
%% Runs tests and reports on them.
-module(eunit).

-export([start/0, stop/0, test/1, test/2]).

-export([start/1, stop/1, test/3, submit/1, submit/2, submit/3]).

-define(SERVER, eunit_server).

start() -> start(?SERVER).

start(Server) -> eunit_server:start(Server).

stop() -> stop(?SERVER).

stop(Server) -> eunit_server:stop(Server).

%% Runs the tests that a description stands for, the report on the terminal.
test(Tests) ->
    test(Tests, []).

%% Options: verbose, no_tty, print_depth, order, exact_execution,
%% {report, {Module, Options}} for further listeners, {event_log, File}.
test(Tests, Options) ->
    test(?SERVER, Tests, Options ++ environment()).

test(Server, Tests, Options) ->
    Listeners = listeners(Options),
    case eunit_server:run(Server, Tests, Options, Listeners) of
        {ok, Ref} -> wait(Ref, Listeners);
        {error, _} = Error -> Error
    end.

%% Runs them with no report.
submit(Tests) ->
    submit(Tests, []).

submit(Tests, Options) ->
    submit(?SERVER, Tests, Options).

submit(Server, Tests, Options) ->
    eunit_server:run(Server, Tests, Options, []).

%% Options of the environment come behind those of the call.
environment() ->
    case os:getenv("EUNIT") of
        false ->
            [];
        Text ->
            case erl_scan:string(Text ++ ".") of
                {ok, Tokens, _} -> parsed(erl_parse:parse_term(Tokens));
                _ -> []
            end
    end.

parsed({ok, Options}) when is_list(Options) -> Options;
parsed({ok, Option}) -> [Option];
parsed(_) -> [].

%% The report on the terminal is always among them: it has the result.
listeners(Options) ->
    Reports = [{eunit_tty, Options} | proplists:get_all_values(report, Options)],
    [start_listener(R) || R <- Reports] ++ event_logs(Options).

start_listener({Module, Options}) -> Module:start(Options);
start_listener(Listener) -> Listener.

event_logs(Options) ->
    case proplists:get_value(event_log, Options) of
        undefined -> [];
        true -> [log_events("eunit-events.log")];
        File -> [log_events(File)]
    end.

log_events(File) ->
    spawn_link(fun() ->
        {ok, Device} = file:open(File, [write, {encoding, utf8}]),
        log_loop(Device)
    end).

log_loop(Device) ->
    receive
        {status, _, _} = Event ->
            io:fwrite(Device, "~tp.\n", [Event]),
            log_loop(Device);
        {stop, _, _} ->
            file:close(Device);
        {start, _} ->
            log_loop(Device)
    end.

wait(Ref, Listeners) ->
    receive {start, Ref} -> ok end,
    tell(Listeners, {start, Ref}),
    receive {done, Ref} -> ok end,
    tell(Listeners, {stop, Ref, self()}),
    lists:foreach(fun wait_for_end/1, Listeners),
    receive {result, Ref, Result} -> Result end.

tell(Listeners, Message) ->
    lists:foreach(fun(L) -> L ! Message end, Listeners).

wait_for_end(Listener) ->
    Monitor = monitor(process, Listener),
    receive {'DOWN', Monitor, process, _, _} -> ok end.
