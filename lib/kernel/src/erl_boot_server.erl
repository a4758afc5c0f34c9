%% SPDX-License-Identifier: Apache-2.0
%% erl_boot_server: gives files to nodes that were started with -loader inet, if
%% they are on hosts that are allowed to. See inet_loader for the other side.
-module(erl_boot_server).

-behaviour(gen_server).

-export([start/1, start_link/1, add_slave/1, delete_slave/1, add_subnet/2,
         delete_subnet/2, which_slaves/0, would_be_booted/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(PORT, 4368).
-define(ONE, {255, 255, 255, 255}).

-record(state, {udp :: port(), port :: inet:port_number(),
                slaves :: [{inet:ip_address(), inet:ip_address()}],
                server :: pid()}).

-type host() :: inet:ip_address() | inet:hostname().

-spec start([host()]) -> {ok, pid()} | {error, term()}.
start(Slaves) ->
    with_addresses(Slaves, fun(Known) ->
                                   gen_server:start({local, boot_server},
                                                    ?MODULE, Known, [])
                           end).

-spec start_link([host()]) -> {ok, pid()} | {error, term()}.
start_link(Slaves) ->
    with_addresses(Slaves, fun(Known) ->
                                   gen_server:start_link({local, boot_server},
                                                         ?MODULE, Known, [])
                           end).

with_addresses(Slaves, Start) ->
    try [{?ONE, Ip} || S <- Slaves, {ok, Ip} <- [{ok, _} = address(S)]] of
        Known -> Start(Known)
    catch
        error:_ -> {error, {badarg, Slaves}}
    end.

address(Host) -> inet:getaddr(Host, inet).

-spec add_slave(host()) -> ok | {error, {badarg, host()}}.
add_slave(Host) -> change(add, Host).

-spec delete_slave(host()) -> ok | {error, {badarg, host()}}.
delete_slave(Host) -> change(delete, Host).

change(How, Host) ->
    case address(Host) of
        {ok, Ip} -> gen_server:call(boot_server, {How, {?ONE, Ip}});
        _ -> {error, {badarg, Host}}
    end.

%% All hosts whose addresses are as Address where Mask has ones.
-spec add_subnet(inet:ip_address(), inet:ip_address()) ->
          ok | {error, term()}.
add_subnet(Mask, Address) when is_tuple(Mask), is_tuple(Address) ->
    case is_within(Address, {Mask, Address}) of
        true -> gen_server:call(boot_server, {add, {Mask, Address}});
        false -> {error, empty_subnet}
    end.

-spec delete_subnet(inet:ip_address(), inet:ip_address()) -> ok.
delete_subnet(Mask, Address) when is_tuple(Mask), is_tuple(Address) ->
    gen_server:call(boot_server, {delete, {Mask, Address}}).

-spec which_slaves() -> [{inet:ip_address(), inet:ip_address()}].
which_slaves() -> gen_server:call(boot_server, which).

%% Whether a node on Host would get files.
-spec would_be_booted(host()) -> boolean().
would_be_booted(Host) ->
    {ok, Ip} = address(Host),
    is_known(Ip, which_slaves()).

is_known(Ip, Slaves) -> lists:any(fun(S) -> is_within(Ip, S) end, Slaves).

is_within(Ip, {Mask, Address}) ->
    masked(Ip, Mask) =:= tuple_to_list(Address).

masked(Ip, Mask) ->
    [A band M || {A, M} <- lists:zip(tuple_to_list(Ip), tuple_to_list(Mask))].

%%% The server

init(Slaves) ->
    process_flag(trap_exit, true),
    {ok, Udp} = gen_udp:open(?PORT, []),
    {ok, Listener} = gen_tcp:listen(0, [binary, {packet, 4}, {active, false}]),
    {ok, Port} = inet:port(Listener),
    Server = spawn_link(fun() -> accept(Listener) end),
    ok = gen_tcp:controlling_process(Listener, Server),
    {ok, #state{udp = Udp, port = Port, slaves = lists:usort(Slaves),
                server = Server}}.

handle_call({add, Slave}, _, #state{slaves = Slaves} = S) ->
    {reply, ok, S#state{slaves = lists:usort([Slave | Slaves])}};
handle_call({delete, Slave}, _, #state{slaves = Slaves} = S) ->
    {reply, ok, S#state{slaves = lists:delete(Slave, Slaves)}};
handle_call(which, _, #state{slaves = Slaves} = S) -> {reply, Slaves, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({udp, Udp, Ip, Port, Data}, #state{udp = Udp} = S) ->
    Version = erlang:system_info(version),
    case is_known(Ip, S#state.slaves) andalso Data of
        false ->
            refuse("~w is not a valid address", [Ip]);
        "EBOOTQ" ++ Version ->
            _ = gen_udp:send(Udp, Ip, Port, ["EBOOTR", 0,
                                             <<(S#state.port):16>>, Version]);
        "EBOOTQ" ++ Other -> refuse("client version is ~s", [Other]);
        _ -> refuse("unrecognizable request", [])
    end,
    {noreply, S};
handle_info({'EXIT', Server, Reason}, #state{server = Server} = S) ->
    {stop, Reason, S};
handle_info(_, S) -> {noreply, S}.

refuse(Format, Args) ->
    error_logger:error_msg("** Illegal boot server connection attempt: "
                           ++ Format ++ " ** ~n", Args).

%% One process for each node that is served, as long as it is connected.
accept(Listener) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            Pid = spawn_link(fun() -> receive go -> greet(Socket) end end),
            ok = gen_tcp:controlling_process(Socket, Pid),
            Pid ! go,
            accept(Listener);
        {error, Reason} -> exit(Reason)
    end.

greet(Socket) ->
    {ok, {Ip, _}} = inet:peername(Socket),
    case is_known(Ip, which_slaves()) of
        true -> serve(Socket);
        false -> gen_tcp:close(Socket)
    end.

serve(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Bytes} ->
            {Tag, Result} = try answer(binary_to_term(Bytes))
                            catch _:Reason -> {error, Reason}
                            end,
            _ = send_file_result(Socket, Tag, Result),
            serve(Socket);
        {error, _} -> gen_tcp:close(Socket)
    end.

send_file_result(Socket, Tag, Result) ->
    gen_tcp:send(Socket, term_to_binary({Tag, Result})).

answer({get, File}) -> {get, erl_prim_loader:get_file(File)};
answer({list_dir, Dir}) -> {list_dir, erl_prim_loader:list_dir(Dir)};
answer({read_file_info, File}) ->
    {read_file_info, erl_prim_loader:read_file_info(File)};
answer({read_link_info, File}) ->
    {read_link_info, erl_prim_loader:read_link_info(File)};
answer(get_cwd) -> {get_cwd, erl_prim_loader:get_cwd()};
answer({get_cwd, Drive}) -> {get_cwd, erl_prim_loader:get_cwd(Drive)};
answer(_) -> {error, unknown_command}.
