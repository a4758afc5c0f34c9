%% SPDX-License-Identifier: Apache-2.0
%% httpd_server: an HTTP server: its socket, the table of its properties, and a
%% process for each connection. Another process accepts, and hands sockets
%% over.
-module(httpd_server).
-behaviour(gen_server).

-export([start_link/1, info/1, reload/3, state/1, block/3, unblock/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% state: unblocked, blocked (clients are refused) or blocking (until those
%% who are connected have gone).
-record(state, {listener, properties, table, acceptor, connections = #{},
                state = unblocked, waiting = none}).

start_link(Properties) -> gen_server:start_link(?MODULE, Properties, []).

%% [{Name, Value}] of all properties.
info(Pid) -> gen_server:call(Pid, info).

%% New properties; where it listens stays as it is. Mode says what becomes of
%% clients meanwhile: non_disturbing lets them finish.
reload(Pid, Properties, Mode) ->
    gen_server:call(Pid, {reload, Properties, Mode}, infinity).

state(Pid) -> gen_server:call(Pid, state).

%% Takes no more clients; in mode non_disturbing waits until all have gone, for
%% at most Timeout.
block(Pid, Mode, Timeout) ->
    gen_server:call(Pid, {block, Mode, Timeout}, infinity).

unblock(Pid) -> gen_server:call(Pid, unblock).

init(Properties) ->
    process_flag(trap_exit, true),
    try
        Table = httpd_conf:store(Properties),
        Type = httpd_conf:socket_type(Properties),
        {Listener, Port} = listen(Type, Properties),
        ets:delete(Table, port),
        ets:insert(Table, {port, Port}),
        Server = self(),
        Acceptor = spawn_link(fun() -> accept(Listener, Server) end),
        {ok, #state{listener = Listener, acceptor = Acceptor, table = Table,
                    properties = Properties}}
    catch throw:{error, Reason} -> {stop, Reason}
    end.

listen(Type, Properties) ->
    Get = fun(Key, Default) ->
                  proplists:get_value(Key, Properties, Default)
          end,
    Given = case Type of
                {ip_comm, Own} -> Own;
                _ -> []
            end,
    Options = [{ip, A} || A <- [Get(bind_address, any)], A =/= any]
        ++ [Get(ipfamily, inet), binary, {packet, 0}, {active, false},
            {reuseaddr, true}, {nodelay, true}]
        ++ [{backlog, 128} || not lists:keymember(backlog, 1, Given)] ++ Given,
    try gen_tcp:listen(Get(port, 80), Options) of
        {ok, Listener} ->
            {ok, Port} = inet:port(Listener),
            {Listener, Port};
        {error, Reason} -> throw({error, {listen, Reason}})
    catch exit:Reason -> throw({error, {listen, {exit, Reason}}})
    end.

accept(Listener, Server) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            {ok, Pid} = gen_server:call(Server, connection, infinity),
            _ = gen_tcp:controlling_process(Socket, Pid),
            Pid ! {serve, Socket},
            accept(Listener, Server);
        {error, closed} -> ok;
        {error, _} ->
            timer:sleep(100),
            accept(Listener, Server)
    end.

handle_call(info, _, #state{table = Table} = S) ->
    {reply, ets:tab2list(Table), S};
handle_call({reload, New, Mode}, From, #state{connections = Cs} = S) ->
    Mode =:= disturbing andalso [exit(Pid, kill) || Pid <- maps:keys(Cs)],
    case Mode =:= non_disturbing andalso map_size(Cs) > 0 of
        true -> {noreply, S#state{state = blocking,
                                  waiting = {reload, New, From}}};
        false -> {reply, ok, reloaded(New, S)}
    end;
%% With too many clients a connection is only told so.
handle_call(connection, _, #state{table = Table, connections = Cs} = S) ->
    Most = httpd_util:lookup(Table, max_clients, 150),
    Status = case S#state.state of
                 unblocked when map_size(Cs) >= Most -> {busy, Most};
                 unblocked -> accept;
                 _ -> blocked
             end,
    Type = httpd_conf:socket_type(S#state.properties),
    Pid = spawn_link(fun() -> httpd_connection:start(Type, Table, Status) end),
    {reply, {ok, Pid}, S#state{connections = Cs#{Pid => Status}}};
handle_call(state, _, #state{state = State} = S) -> {reply, State, S};
handle_call({block, disturbing, _}, _, #state{connections = Cs} = S) ->
    [exit(Pid, kill) || Pid <- maps:keys(Cs)],
    {reply, ok, S#state{state = blocked}};
handle_call({block, _, _}, _, #state{connections = Cs} = S)
  when map_size(Cs) =:= 0 ->
    {reply, ok, S#state{state = blocked}};
handle_call({block, _, Timeout}, From, S) ->
    Timer = case Timeout of
                infinity -> none;
                _ -> erlang:start_timer(Timeout, self(), block)
            end,
    {noreply, S#state{state = blocking, waiting = {block, Timer, From}}};
handle_call(unblock, _, S) -> {reply, ok, S#state{state = unblocked}}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, Reason}, #state{acceptor = Pid} = S) ->
    {stop, Reason, S};
handle_info({'EXIT', Pid, _}, #state{connections = Cs} = S)
  when is_map_key(Pid, Cs) ->
    {noreply, gone(S#state{connections = maps:remove(Pid, Cs)})};
handle_info({'EXIT', _, Reason}, S) -> {stop, Reason, S};
handle_info({timeout, Timer, block},
            #state{waiting = {block, Timer, From}} = S) ->
    gen_server:reply(From, {error, timeout}),
    {noreply, S#state{state = unblocked, waiting = none}};
handle_info(_, S) -> {noreply, S}.

%% Somebody waits for the last client to go.
gone(#state{connections = Cs, waiting = {reload, New, From}} = S)
  when map_size(Cs) =:= 0 ->
    gen_server:reply(From, ok),
    reloaded(New, S#state{waiting = none, state = unblocked});
gone(#state{connections = Cs, waiting = {block, Timer, From}} = S)
  when map_size(Cs) =:= 0 ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    gen_server:reply(From, ok),
    S#state{waiting = none, state = blocked};
gone(S) -> S.

reloaded(New, #state{table = Old} = S) ->
    [Port] = ets:lookup(Old, port),
    Kept = [P || {Key, _} = P <- S#state.properties,
                 lists:member(Key, [bind_address, ipfamily])],
    All = Kept ++ [P || {Key, _} = P <- New, Key =/= port,
                        not lists:keymember(Key, 1, Kept)],
    try httpd_conf:store([Port | All]) of
        Table ->
            httpd_conf:remove(Old),
            S#state{table = Table, properties = [Port | All]}
    catch throw:{error, Reason} ->
            error_logger:error_report([{httpd, reload}, {error, Reason}]),
            S
    end.

terminate(_, #state{listener = Listener, connections = Cs, table = Table}) ->
    _ = gen_tcp:close(Listener),
    [exit(Pid, kill) || Pid <- maps:keys(Cs)],
    httpd_conf:remove(Table).
