%% SPDX-License-Identifier: Apache-2.0
%% inet_tcp_dist: connections to other nodes over TCP: the socket that waits
%% for them, and those that are made. Functions whose names begin with gen_
%% take the kind of socket (inet_tcp, inet6_tcp) and serve other carriers, too.
-module(inet_tcp_dist).

-export([listen/1, listen/2, accept/1, accept_connection/5, setup/5, close/1,
         select/1, address/0, is_node_name/1, childspecs/0, setopts/2,
         getopts/2, getstat/1, tick/2]).
-export([gen_listen/3, gen_accept/2, gen_accept/3, gen_accept_connection/6,
         gen_setup/6, gen_select/2, gen_address/1, connect/4]).
-export([accept_loop/4, do_accept/7, do_setup/7]).

-include("net_address.hrl").
-include("dist_util.hrl").

-define(OPTIONS, [binary, {active, false}, {packet, 2}]).

childspecs() -> {ok, []}.

is_node_name(Node) -> dist_util:is_node_name(Node).

%% Whether a node's name has a host that this kind can reach.
select(Node) -> gen_select(inet_tcp, Node).

gen_select(Driver, Node) ->
    case dist_util:split_node(Node) of
        {node, Name, Host} ->
            Epmd = net_kernel:epmd_module(),
            case address(Epmd, Name, Host, family(Driver)) of
                {error, _} -> false;
                _ -> true
            end;
        _ -> false
    end.

family(inet_tcp) -> inet;
family(inet6_tcp) -> inet6;
family(local_tcp) -> local.

address() -> gen_address(inet_tcp).

gen_address(Driver) ->
    {ok, Host} = inet:gethostname(),
    #net_address{host = Host, protocol = tcp, family = family(Driver)}.

%% ---- listening ----

listen(Name) ->
    {ok, Host} = inet:gethostname(),
    listen(Name, Host).

%% {ok, {Socket, Address, Creation}} | {error, Reason}: registered as Name.
listen(Name, Host) -> gen_listen(inet_tcp, Name, Host).

gen_listen(Driver, Name, Host) ->
    Epmd = net_kernel:epmd_module(),
    {First, Last} = port_range(Epmd, Name, Host),
    Given = case application:get_env(kernel, inet_dist_use_interface) of
                {ok, Ip} -> [{ip, Ip}];
                undefined -> []
            end,
    Options = merge(env_options(inet_dist_listen_options),
                    Given ++ [{reuseaddr, true}, {backlog, 128}, nodelay()]),
    case listen_in(First, Last, [family(Driver) | Options] ++ ?OPTIONS) of
        {ok, Socket} ->
            {ok, {_, Port} = Where} = inet:sockname(Socket),
            case register_node(Epmd, Name, Port, Driver) of
                {ok, Creation} ->
                    Address = gen_address(Driver),
                    {ok, {Socket, Address#net_address{address = Where,
                                                      host = Host}, Creation}};
                Error ->
                    gen_tcp:close(Socket),
                    Error
            end;
        Error -> Error
    end.

%% Without a port mapper nobody would find the node.
register_node(Epmd, Name, Port, Driver) ->
    case init:get_argument(no_epmd) of
        {ok, _} -> {error, no_epmd};
        error -> Epmd:register_node(Name, Port, Driver)
    end.

port_range(Epmd, Name, Host) ->
    _ = code:ensure_loaded(Epmd),
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
        {error, eaddrinuse} when Port > 0 ->
            listen_in(Port + 1, Last, Options);
        Result -> Result
    end.

env_options(Key) ->
    case application:get_env(kernel, Key) of
        {ok, Options} when is_list(Options) -> Options;
        {ok, Option} -> [Option];
        undefined -> []
    end.

%% What is given takes the place of what would be.
merge(Given, Default) ->
    Given ++ [D || {Key, _} = D <- Default, not lists:keymember(Key, 1, Given)].

nodelay() ->
    case application:get_env(kernel, dist_nodelay) of
        {ok, false} -> {nodelay, false};
        _ -> {nodelay, true}
    end.

close(Socket) -> gen_tcp:close(Socket).

%% ---- accepting ----

%% A process that accepts. net_kernel hears of each socket and says which
%% process is to have it.
accept(Listen) -> gen_accept(inet_tcp, Listen).

gen_accept(Driver, Listen) -> gen_accept(Driver, tcp, Listen).

%% For carriers of another Protocol, which begin with such a socket.
gen_accept(Driver, Protocol, Listen) ->
    spawn_opt(?MODULE, accept_loop, [Driver, Protocol, self(), Listen],
              [link, {priority, max}]).

accept_loop(Driver, Protocol, Kernel, Listen) ->
    case gen_tcp:accept(Listen) of
        {ok, Socket} ->
            Kernel ! {accept, self(), Socket, family(Driver), Protocol},
            receive
                {Kernel, controller, Pid} ->
                    %% It may have ended before it had it.
                    case gen_tcp:controlling_process(Socket, Pid) of
                        ok -> Pid ! {self(), controller};
                        _ -> exit(Pid, shutdown)
                    end;
                {Kernel, unsupported_protocol} -> exit(unsupported_protocol)
            end,
            accept_loop(Driver, Protocol, Kernel, Listen);
        {error, Reason} when Reason =:= closed; Reason =:= einval ->
            exit(shutdown);
        {error, _} -> % no descriptor left, perhaps
            receive after 100 -> ok end,
            accept_loop(Driver, Protocol, Kernel, Listen)
    end.

accept_connection(Acceptor, Socket, Own, Allowed, Time) ->
    gen_accept_connection(inet_tcp, Acceptor, Socket, Own, Allowed, Time).

gen_accept_connection(Driver, Acceptor, Socket, Own, Allowed, Time) ->
    spawn_opt(?MODULE, do_accept, [Driver, self(), Acceptor, Socket, Own,
                                   Allowed, Time],
              dist_util:net_ticker_spawn_options()).

do_accept(Driver, Kernel, Acceptor, Socket, Own, Allowed, Time) ->
    receive {Acceptor, controller} -> ok end,
    Timer = dist_util:start_timer(Time),
    case is_near(Socket) of
        true ->
            Data = data(Driver, Kernel, Socket, Timer),
            dist_util:handshake_other_started(
              Data#hs_data{this_node = Own, allowed = Allowed});
        {false, Ip} ->
            error_logger:error_msg("** Connection attempt from disallowed IP "
                                   "~w ** ~n", [Ip]),
            ?shutdown(no_node)
    end.

%% With check_ip only those of this machine's own networks may connect.
is_near(Socket) ->
    case application:get_env(kernel, check_ip) of
        {ok, true} ->
            {ok, {Ip, _}} = inet:peername(Socket),
            {ok, Interfaces} = inet:getif(Socket),
            lists:any(fun({Own, _, Mask}) -> masked(Own, Mask)
                                                 =:= masked(Ip, Mask)
                      end, Interfaces) orelse {false, Ip};
        _ -> true
    end.

masked(Ip, Mask) ->
    [A band B || {A, B} <- lists:zip(tuple_to_list(Ip), tuple_to_list(Mask))].

%% ---- connecting ----

%% A process that connects to Node and then watches the connection.
setup(Node, Type, Own, Domain, Time) ->
    gen_setup(inet_tcp, Node, Type, Own, Domain, Time).

gen_setup(Driver, Node, Type, Own, Domain, Time) ->
    spawn_opt(?MODULE, do_setup, [Driver, self(), Node, Type, Own, Domain,
                                  Time],
              dist_util:net_ticker_spawn_options()).

do_setup(Driver, Kernel, Node, Type, Own, Domain, Time) ->
    {ok, Socket, Version, Timer} = connect(family(Driver), Node, Domain, Time),
    Data = data(Driver, Kernel, Socket, Timer),
    dist_util:handshake_we_started(
      Data#hs_data{other_node = Node, this_node = Own,
                   other_version = Version, request_type = Type}).

%% {ok, Socket, Version, Timer}, or the process ends. Also of use for carriers
%% over TCP.
connect(Family, Node, Domain, Time) ->
    {Ip, Port, Version} = where(Node, Domain, Family),
    Timer = dist_util:start_timer(Time),
    Options = merge(env_options(inet_dist_connect_options), [nodelay()]),
    case gen_tcp:connect(Ip, Port, [Family | Options] ++ ?OPTIONS, Time) of
        {ok, Socket} -> {ok, Socket, Version, Timer};
        {error, _} -> ?shutdown(Node)
    end.

%% Of a host that is not there nothing else is said.
where(Node, Domain, Family) ->
    {node, Name, Host} = dist_util:split_node(Node),
    Epmd = net_kernel:epmd_module(),
    Address = address(Epmd, Name, Host, Family),
    element(1, Address) =:= ok orelse ?shutdown(Node),
    check_host(Node, Host, Domain),
    case Address of
        {ok, Ip, Port, Version} -> {Ip, Port, Version};
        {ok, Ip} ->
            case Epmd:port_please(Name, Ip) of
                {port, Port, Version} -> {Ip, Port, Version};
                _ -> ?shutdown(Node)
            end
    end.

%% A module in the place of erl_epmd may know where hosts are.
address(Epmd, Name, Host, Family) ->
    _ = code:ensure_loaded(Epmd),
    case erlang:function_exported(Epmd, address_please, 3) of
        true -> Epmd:address_please(Name, Host, Family);
        false -> inet:getaddr(Host, Family)
    end.

%% Long names have a dot in their host, short ones none.
check_host(Node, Host, Domain) ->
    HasDot = lists:member($., Host),
    IsAddress = inet:parse_address(Host) =/= {error, einval},
    Text = case Domain of
               longnames when not HasDot, not IsAddress ->
                   "** System running to use fully qualified hostnames **~n";
               shortnames when HasDot ->
                   "** System NOT running to use fully qualified hostnames "
                       "**~n";
               _ -> ok
           end,
    Text =:= ok orelse
        begin
            error_logger:error_msg(Text ++ "** Hostname ~ts is illegal **~n",
                                   [Host]),
            ?shutdown(Node)
        end.

%% ---- the connection ----

%% Counting and ticks are left to the emulator, which has the socket.
data(Driver, Kernel, Socket, Timer) ->
    #hs_data{kernel_pid = Kernel, socket = Socket, timer = Timer,
             this_flags = 0,
             f_send = fun gen_tcp:send/2,
             f_recv = fun gen_tcp:recv/3,
             f_setopts_pre_nodeup = fun(_) -> ok end,
             f_setopts_post_nodeup = fun(_) -> ok end,
             f_getll = fun(S) -> {ok, S} end,
             f_address = fun(S, Node) -> remote(Driver, S, Node) end,
             mf_setopts = fun ?MODULE:setopts/2,
             mf_getopts = fun ?MODULE:getopts/2}.

remote(Driver, Socket, Node) ->
    {node, _, Host} = dist_util:split_node(Node),
    Address = #net_address{host = Host, protocol = tcp,
                           family = family(Driver)},
    case inet:peername(Socket) of
        {ok, Where} -> Address#net_address{address = Where};
        _ -> Address
    end.

%% What the distribution lives on cannot be changed.
setopts(Socket, Options) ->
    case [O || {Key, _} = O <- Options,
               lists:member(Key, [active, deliver, packet])] of
        [] -> inet:setopts(Socket, Options);
        Bad -> {error, {badopts, Bad}}
    end.

getopts(Socket, Options) -> inet:getopts(Socket, Options).

%% For carriers that take these two from here.
getstat(Socket) ->
    case inet:getstat(Socket, [recv_cnt, send_cnt, send_pend]) of
        {ok, [{_, Received}, {_, Sent}, {_, Pending}]} ->
            {ok, Received, Sent, Pending};
        Error -> Error
    end.

tick(_Driver, Socket) ->
    case gen_tcp:send(Socket, []) of
        {error, closed} ->
            self() ! {tcp_closed, Socket},
            {error, closed};
        Result -> Result
    end.
