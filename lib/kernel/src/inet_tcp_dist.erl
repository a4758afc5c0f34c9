%% SPDX-License-Identifier: Apache-2.0
%% inet_tcp_dist: connections to other nodes over TCP: the socket that waits
%% for them, and those that are made.
-module(inet_tcp_dist).

-export([listen/2, accept/3, setup/5, select/1, close/1, is_node_name/1,
         childspecs/0]).
-export([accept_loop/3, do_setup/6]).

%% For inet6_tcp_dist.
-export([listen/3, setup/6]).

-include("net_address.hrl").

-define(OPTIONS, [binary, {active, false}, {packet, 2}, {nodelay, true}]).

childspecs() -> {ok, []}.

%% Whether a node's name has a host.
select(Node) -> is_node_name(Node).

is_node_name(Node) when is_atom(Node) ->
    case string:split(atom_to_list(Node), "@", all) of
        [[_ | _], [_ | _]] -> true;
        _ -> false
    end;
is_node_name(_) -> false.

%% {ok, {Socket, Address, Creation}} | {error, Reason}: registered as Name.
listen(Name, Host) -> listen(inet, Name, Host).

listen(Family, Name, Host) ->
    {First, Last} = port_range(Name, Host),
    Given = case application:get_env(kernel, inet_dist_use_interface) of
                {ok, Ip} -> [{ip, Ip}];
                undefined -> []
            end,
    Extra = env_options(inet_dist_listen_options),
    case listen_in(First, Last, Given ++ Extra ++ [{reuseaddr, true},
                                                   {backlog, 128}, Family
                                                   | ?OPTIONS]) of
        {ok, Socket} ->
            {ok, {Ip1, Port}} = inet:sockname(Socket),
            Epmd = net_kernel:epmd_module(),
            case registered(Epmd, Name, Port, Family) of
                {ok, Creation} ->
                    {ok, {Socket, #net_address{address = {Ip1, Port},
                                               host = Host, protocol = tcp,
                                               family = Family},
                     Creation}};
                Error ->
                    gen_tcp:close(Socket),
                    Error
            end;
        Error -> Error
    end.

registered(Epmd, Name, Port, Family) ->
    case init:get_argument(no_epmd) of
        {ok, _} -> {ok, 4 + erlang:phash2({Name, os:system_time()},
                                          16#fffffff0)};
        error -> Epmd:register_node(Name, Port, Family)
    end.

port_range(Name, Host) ->
    Epmd = net_kernel:epmd_module(),
    case erlang:function_exported(Epmd, listen_port_please, 2)
        andalso Epmd:listen_port_please(Name, Host) of
        {ok, Port} when Port > 0 -> {Port, Port};
        _ ->
            case application:get_env(kernel, inet_dist_listen_min) of
                {ok, Min} when is_integer(Min) ->
                    case application:get_env(kernel, inet_dist_listen_max) of
                        {ok, Max} when is_integer(Max) -> {Min, Max};
                        _ -> {Min, Min}
                    end;
                _ -> {0, 0}
            end
    end.

listen_in(Port, Last, _) when Port > Last -> {error, eaddrinuse};
listen_in(Port, Last, Options) ->
    case gen_tcp:listen(Port, Options) of
        {error, eaddrinuse} -> listen_in(Port + 1, Last, Options);
        Result -> Result
    end.

env_options(Key) ->
    case application:get_env(kernel, Key) of
        {ok, Options} when is_list(Options) -> Options;
        {ok, Option} -> [Option];
        undefined -> []
    end.

close(Socket) -> gen_tcp:close(Socket).

%% ---- accepting ----

%% A process that accepts; each connection gets one of its own. About is asked
%% of net_kernel for each.
accept(Kernel, Socket, Ticket) ->
    Pid = spawn_opt(?MODULE, accept_loop, [Kernel, Socket, Ticket],
                    [link, {priority, max}]),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid.

accept_loop(Kernel, Listener, Ticket) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            Kernel ! {accepted, self()},
            receive
                {Kernel, serve, Pid, About} ->
                    case gen_tcp:controlling_process(Socket, Pid) of
                        ok -> Pid ! {go, Socket, About};
                        _ -> exit(Pid, shutdown)
                    end
            end,
            accept_loop(Kernel, Listener, Ticket);
        {error, Reason} when Reason =:= closed; Reason =:= einval ->
            exit(shutdown);
        {error, _} -> % no descriptor left, perhaps
            receive after 100 -> ok end,
            accept_loop(Kernel, Listener, Ticket)
    end.

%% ---- connecting ----

%% A process that connects to Node and then is the connection.
setup(Kernel, Node, Id, Type, About) ->
    setup(inet, Kernel, Node, Id, Type, About).

setup(Family, Kernel, Node, Id, Type, About) ->
    spawn_opt(?MODULE, do_setup, [Family, Kernel, Node, Id, Type, About],
              [link, {priority, max}]).

do_setup(Family, Kernel, Node, Id, Type, {_, _, _, Time} = About) ->
    [Name, Host] = string:split(atom_to_list(Node), "@"),
    Epmd = net_kernel:epmd_module(),
    case address(Epmd, Name, Host, Family, Time) of
        {ok, Ip, Port} ->
            is_host_right(Host, About) orelse wrong_host(Node, Host),
            Options = [Family | ?OPTIONS]
                ++ env_options(inet_dist_connect_options),
            case gen_tcp:connect(Ip, Port, Options, Time) of
                {ok, Socket} ->
                    dist_util:setup(Kernel, Node, Id, Socket, About, Type);
                {error, _} -> exit(shutdown)
            end;
        _ -> exit(shutdown)
    end.

address(Epmd, Name, Host, Family, Time) ->
    case Epmd:address_please(Name, Host, Family) of
        {ok, Ip, Port, _Version} -> {ok, Ip, Port};
        {ok, Ip} ->
            case Epmd:port_please(Name, Ip, Time) of
                {port, Port, _Version} -> {ok, Ip, Port};
                _ -> noport
            end;
        Error -> Error
    end.

%% Long names have a dot in their host, short ones none.
is_host_right(Host, {Own, _, _, _}) ->
    [_, OwnHost] = string:split(atom_to_list(Own), "@"),
    case lists:member($., OwnHost) of
        true -> lists:member($., Host) orelse inet:parse_address(Host)
                    =/= {error, einval};
        _ -> not lists:member($., Host)
    end.

-spec wrong_host(node(), string()) -> no_return().
wrong_host(_, Host) ->
    case net_kernel:longnames() of
        true ->
            error_logger:error_msg("** System running to use "
                                   "fully qualified hostnames **~n"
                                   "** Hostname ~ts is illegal **~n", [Host]);
        _ ->
            error_logger:error_msg("** System NOT running to use "
                                   "fully qualified hostnames **~n"
                                   "** Hostname ~ts is illegal **~n", [Host])
    end,
    exit(shutdown).
