%% SPDX-License-Identifier: Apache-2.0
%% Runs jobs of tests apart from who asked for them.
-module(eunit_server).

-export([start/1, stop/1, run/4]).

%% The pid of the server called [Name].
start(Name) ->
    case whereis(Name) of
        undefined -> start_new(Name);
        Pid -> Pid
    end.

start_new(Name) ->
    Parent = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> init(Name, Parent) end),
    receive
        {Pid, ready} ->
            demonitor(Monitor, [flush]),
            Pid;
        {'DOWN', Monitor, process, _, _} ->
            start(Name) % another one was faster
    end.

init(Name, Parent) ->
    try
        register(Name, self())
    catch
        error:badarg -> exit(normal)
    end,
    Parent ! {self(), ready},
    serve().

%% Its jobs end all the same.
stop(Server) ->
    call(Server, stop).

%% Begins to run the tests, their events told to [Listeners]: the caller gets
%% {start, Ref} and {done, Ref}.
run(Server, Tests, Options, Listeners) ->
    Target = if is_pid(Server) -> Server; true -> start(Server) end,
    call(Target, {run, Tests, Options, Listeners}).

call(Server, Request) ->
    Pid = if is_pid(Server) -> Server; true -> whereis(Server) end,
    case Pid of
        undefined ->
            {error, server_down};
        _ ->
            Ref = monitor(process, Pid),
            Pid ! {request, self(), Ref, Request},
            receive
                {Ref, Answer} ->
                    demonitor(Ref, [flush]),
                    Answer;
                {'DOWN', Ref, process, _, _} ->
                    {error, server_down}
            end
    end.

serve() ->
    receive
        {request, From, Ref, stop} ->
            From ! {Ref, {error, stopped}};
        {request, From, Ref, {run, Tests, Options, Listeners}} ->
            spawn(fun() -> job(From, Ref, Tests, Options, Listeners) end),
            From ! {Ref, {ok, Ref}},
            serve();
        _ ->
            serve()
    end.

job(From, Ref, Tests, Options, Listeners) ->
    From ! {start, Ref},
    Order = proplists:get_value(order, Options, inorder),
    Stream = eunit_proc:start(Tests, Order, self(), Options),
    eunit_proc:read(Stream, fun(Event) -> [L ! Event || L <- Listeners] end),
    From ! {done, Ref}.
