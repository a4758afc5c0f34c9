%% SPDX-License-Identifier: Apache-2.0
%% httpd_server: an HTTP server: its socket, its properties, and a process for
%% each connection. Another process accepts, and hands sockets over.
-module(httpd_server).
-behaviour(gen_server).

-export([start_link/1, info/1, reload/2, properties/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-record(state, {listener, properties, acceptor, connections = #{}}).

start_link(Config) -> gen_server:start_link(?MODULE, Config, []).

info(Pid) -> gen_server:call(Pid, info).

reload(Pid, Properties) -> gen_server:call(Pid, {reload, Properties}).

%% A list of properties, or {file | proplist_file, Name} of a file with one.
properties([{Kind, File}]) when Kind =:= file; Kind =:= proplist_file ->
    {ok, [Properties]} = file:consult(File),
    Properties;
properties(Properties) -> Properties.

init(Config) ->
    process_flag(trap_exit, true),
    try
        Given = properties(Config),
        [proplists:is_defined(K, Given) orelse throw({missing_property, K})
         || K <- [server_root, document_root, server_name]],
        [filelib:is_dir(proplists:get_value(K, Given))
             orelse throw({invalid_option, {non_existing,
                                            {K, proplists:get_value(K, Given)}}})
         || K <- [server_root, document_root]],
        listen(maps:merge(defaults(), maps:from_list(lists:reverse(Given))))
    catch throw:Reason -> {stop, Reason}
    end.

defaults() ->
    #{port => 80, bind_address => any, modules => [mod_alias, mod_esi, mod_dir,
                                                   mod_get, mod_head],
      mime_types => [{"html", "text/html"}, {"htm", "text/html"}],
      mime_type => "text/plain", keep_alive => true, keep_alive_timeout => 150,
      max_clients => 150, max_uri_size => nolimit, max_body_size => nolimit,
      erl_script_timeout => 15, erl_script_nocache => false,
      server_admin => "", socket_type => ip_comm, ipfamily => inet}.

listen(#{port := Port, bind_address := Address, ipfamily := Family} = P) ->
    Options = [case Address of
                   any -> {reuseaddr, true};
                   _ -> {ip, address(Address)}
               end, case Family of inet6 -> inet6; _ -> inet end,
               {active, false}, {reuseaddr, true}, {backlog, 128},
               {nodelay, true}],
    case gen_tcp:listen(Port, [binary | Options]) of
        {ok, Listener} ->
            {ok, Real} = inet:port(Listener),
            Server = self(),
            Acceptor = spawn_link(fun() -> accept(Listener, Server) end),
            {ok, #state{listener = Listener, acceptor = Acceptor,
                        properties = P#{port := Real}}};
        {error, Reason} -> {stop, {listen, Reason}}
    end.

address(Text) when is_list(Text) ->
    {ok, Address} = inet:getaddr(Text, inet),
    Address;
address(Address) -> Address.

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

handle_call(info, _, #state{properties = P} = S) ->
    {reply, lists:sort(maps:to_list(P)), S};
handle_call({reload, New}, _, #state{properties = P} = S) ->
    Kept = maps:with([port, bind_address, server_name], P),
    All = maps:merge(defaults(), maps:from_list(lists:reverse(New))),
    {reply, ok, S#state{properties = maps:merge(All, Kept)}};
%% With too many clients a connection is only told so.
handle_call(connection, _, #state{properties = P, connections = Cs} = S) ->
    Busy = map_size(Cs) >= map_get(max_clients, P),
    Pid = spawn_link(fun() -> httpd_connection:start(P, Busy) end),
    {reply, {ok, Pid}, S#state{connections = Cs#{Pid => true}}}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, Reason}, #state{acceptor = Pid} = S) ->
    {stop, Reason, S};
handle_info({'EXIT', Pid, _}, #state{connections = Cs} = S) ->
    {noreply, S#state{connections = maps:remove(Pid, Cs)}};
handle_info(_, S) -> {noreply, S}.

terminate(_, #state{listener = Listener, connections = Cs}) ->
    _ = gen_tcp:close(Listener),
    [exit(Pid, kill) || Pid <- maps:keys(Cs)],
    ok.
