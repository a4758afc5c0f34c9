%% SPDX-License-Identifier: Apache-2.0
%% peer: starts other nodes and keeps in touch with them: by distribution, or
%% by a connection of their own (a socket, or their standard input and output),
%% which nodes without a name have, too. A peer ends when its process here
%% does, or when the connection is lost.
%%
%% The first half of this module is the process here, the origin's; the other
%% half runs on the peer as its process user. What they say is OTP's protocol
%% (see also peer_wire), so either may be one of OTP's nodes:
%%
%%   origin to peer: {call, N, M, F, Args}, {cast, M, F, Args},
%%                   {message, To, Message}, {io_reply, From, As, Reply}
%%   peer to origin: {started, Node}, {reply, N, Class, Result},
%%                   {message, To, Message}, {io_request, From, As, Request}
-module(peer).
-behaviour(gen_server).

-export([start_link/0, start_link/1, start/1, stop/1, get_state/1,
         random_name/0, random_name/1,
         call/4, call/5, cast/4, send/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export([start/0]).
-export([supervision_child_spec/0, start_supervision/0, init_supervision/2,
         system_continue/3, system_terminate/4, system_code_change/4,
         system_get_state/1, system_replace_state/2]).

-export_type([server_ref/0, start_options/0, peer_state/0, exec/0,
              disconnect_timeout/0]).

-type server_ref() :: pid().
-type exec() :: file:name() | {file:name(), [string()]}.
-type disconnect_timeout() :: 1000..4294967295 | infinity.
-type peer_state() :: booting | running | {down, term()}.
-type start_options() ::
        #{name => atom() | string(), host => string(),
          longnames => boolean(), args => [string()],
          env => [{string(), string()}], exec => exec(),
          connection => standard_io | 0..65535
                      | {inet:ip_address(), 0..65535},
          peer_down => stop | continue | crash,
          wait_boot => timeout() | {pid(), term()} | false,
          shutdown => close | halt | {halt, disconnect_timeout()}
                    | disconnect_timeout(),
          post_process_args => fun(([string()]) -> [string()])}.

-define(BOOT_TIME, 15000).
-define(CALL_TIME, 5000).
-define(ACCEPT_TIME, 60000).
-define(CONNECT_TIME, 10000).
-define(HALT_TIME, 5000).
-define(SUPERVISION_TIME, 30000).

-record(state,
        {options,
         node,                % when it has one
         kind,                % tcp, port or none
         connection,          % socket or port; undefined without
         packed = <<>>,       % of packets not complete, from a port
         state = booting,
         notify = false,      % {Pid, Tag} to tell when it has booted
         next = 0,            % number of the next call: no reference, for the
         calls = #{}}).       % node's name may change; number => who waits

%%% The origin: starting, asking

-spec random_name() -> string().
random_name() -> random_name(?MODULE).

-spec random_name(string() | atom()) -> string().
random_name(Prefix) ->
    lists:concat([Prefix, "-", erlang:unique_integer([positive]), "-",
                  os:getpid()]).

-spec start_link() -> {ok, pid(), node()} | {error, term()}.
start_link() -> start_link(#{name => random_name()}).

-spec start_link(start_options()) ->
          {ok, pid()} | {ok, pid(), node()} | {error, term()}.
start_link(Options) -> start_peer(Options, fun gen_server:start_link/3).

-spec start(start_options()) ->
          {ok, pid()} | {ok, pid(), node()} | {error, term()}.
start(Options) -> start_peer(Options, fun gen_server:start/3).

start_peer(Options, Start) ->
    ok = peer_command:check(Options),
    Wait = maps:get(wait_boot, Options, ?BOOT_TIME),
    Notify = case Wait of
                 false -> false;
                 {_, _} -> Wait;
                 _ -> {self(), make_ref()}
             end,
    case Start(?MODULE, {Notify, Options}, []) of
        {ok, Pid} when is_tuple(Wait); Wait =:= false ->
            case peer_command:node_name(Options) of
                undefined -> {ok, Pid};
                Node -> {ok, Pid, Node}
            end;
        {ok, Pid} -> await_boot(Pid, element(2, Notify), Wait);
        Error -> Error
    end.

await_boot(Pid, Tag, Time) ->
    Monitor = monitor(process, Pid),
    receive
        {Tag, {started, Node, Pid}} ->
            demonitor(Monitor, [flush]),
            {ok, Pid, Node};
        {Tag, {boot_failed, Reason, Pid}} ->
            demonitor(Monitor, [flush]),
            exit({boot_failed, Reason});
        {'DOWN', Monitor, _, _, Reason} -> exit(Reason)
    after Time ->
        gen_server:stop(Pid),
        demonitor(Monitor, [flush]),
        exit(timeout)
    end.

-spec stop(server_ref()) -> ok.
stop(Peer) -> gen_server:stop(Peer).

-spec get_state(server_ref()) -> peer_state().
get_state(Peer) -> gen_server:call(Peer, get_state).

-spec call(server_ref(), module(), atom(), [term()]) -> term().
call(Peer, M, F, Args) -> call(Peer, M, F, Args, ?CALL_TIME).

%% The value; what is raised there is raised here.
-spec call(server_ref(), module(), atom(), [term()], timeout()) -> term().
call(Peer, M, F, Args, Time) ->
    case gen_server:call(Peer, {call, M, F, Args}, Time) of
        {ok, Value} -> Value;
        {Class, {Reason, Trace}} -> erlang:raise(Class, Reason, Trace);
        {error, Reason} -> error(Reason)
    end.

-spec cast(server_ref(), module(), atom(), [term()]) -> ok.
cast(Peer, M, F, Args) -> gen_server:cast(Peer, {cast, M, F, Args}).

-spec send(server_ref(), pid() | atom(), term()) -> ok.
send(Peer, To, Message) -> gen_server:cast(Peer, {message, To, Message}).

%%% The origin: its process

init({Notify, Options}) ->
    process_flag(trap_exit, true),
    Where = peer_command:listen(Options),
    {Program, Args} = peer_command:line(Where, Options),
    State = #state{options = Options, notify = Notify, kind = none},
    Open = [{args, Args}, {env, maps:get(env, Options, [])}, hide, binary],
    case Options of
        #{connection := standard_io} ->
            Port = open_port({spawn_executable, Program}, [exit_status | Open]),
            {ok, State#state{kind = port, connection = Port}};
        _ ->
            let_go(open_port({spawn_executable, Program}, Open)),
            {ok, State#state{kind = accept(Where)}}
    end.

%% A detached program ends by itself what it was started as.
let_go(Port) ->
    catch port_close(Port),
    receive {'EXIT', Port, _} -> ok end.

accept(none) -> none;
accept({Listener, _}) ->
    Server = self(),
    spawn_link(fun() ->
                   Answer = gen_tcp:accept(Listener, ?ACCEPT_TIME),
                   gen_tcp:close(Listener),
                   case Answer of
                       {ok, S} -> ok = gen_tcp:controlling_process(S, Server);
                       _ -> ok
                   end,
                   Server ! {accepted, Answer}
               end),
    tcp.

handle_call({call, _, _, _}, _, #state{connection = undefined} = S) ->
    {reply, {error, noconnection}, S};
handle_call({call, M, F, Args}, From, #state{next = N, calls = Calls} = S) ->
    tell({call, N, M, F, Args}, S),
    {noreply, S#state{next = N + 1, calls = Calls#{N => From}}};
handle_call(get_node, _, S) -> {reply, S#state.node, S};
handle_call(get_state, _, S) -> {reply, S#state.state, S};
handle_call(group_leader, _, S) -> {reply, group_leader(), S}.

handle_cast(_, #state{connection = undefined} = S) -> {noreply, S};
handle_cast(Request, S) ->
    tell(Request, S),
    {noreply, S}.

tell(Term, #state{kind = Kind, connection = Connection}) ->
    peer_wire:send(Kind, Connection, Term).

handle_info({tcp, Socket, Bytes}, #state{connection = Socket} = S) ->
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, heard(binary_to_term(Bytes), S)};
handle_info({Port, {data, Bytes}}, #state{connection = Port} = S) ->
    {Text, Packed} = peer_wire:split(Bytes, S#state.packed),
    Text =/= <<>> andalso io:put_chars(Text),
    {Terms, Rest} = peer_wire:terms(Packed),
    {noreply, lists:foldl(fun heard/2, S#state{packed = Rest}, Terms)};
handle_info({accepted, {ok, Socket}}, S) ->
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, S#state{connection = Socket}};
handle_info({accepted, {error, Reason}}, S) ->
    {stop, {inet_async, Reason}, S};
handle_info({started, Node}, S) -> % by distribution
    true = monitor_node(Node, true),
    {noreply, booted(Node, S)};
handle_info({nodedown, Node}, #state{kind = none} = S) ->
    down({nodedown, Node}, S);
handle_info({Port, {exit_status, Status}}, #state{connection = Port} = S) ->
    catch port_close(Port),
    down({exit_status, Status}, S);
handle_info({'EXIT', Port, Reason}, #state{connection = Port} = S) ->
    down(Reason, S);
handle_info({tcp_closed, Socket}, #state{connection = Socket} = S) ->
    catch gen_tcp:close(Socket),
    down(tcp_closed, S);
handle_info(_, S) -> {noreply, S}.

%% What the peer says by its own connection.
heard({io_request, From, As, Request}, S) ->
    tell({io_reply, From, As, asked(Request)}, S),
    S;
heard({message, To, Message}, S) ->
    catch To ! Message,
    S;
heard({reply, N, Class, Result}, #state{calls = Calls} = S) ->
    {From, Others} = maps:take(N, Calls),
    gen_server:reply(From, {Class, Result}),
    S#state{calls = Others};
heard({started, Node}, S) -> booted(Node, S).

%% Input and output of the peer are those of who started it.
asked(Request) ->
    Leader = group_leader(),
    Monitor = monitor(process, Leader),
    Leader ! {io_request, self(), Monitor, Request},
    receive
        {io_reply, Monitor, Reply} ->
            demonitor(Monitor, [flush]),
            Reply;
        {'DOWN', Monitor, _, _, _} -> {error, terminated}
    end.

booted(Node, S) ->
    tell_boot({started, Node, self()}, S),
    S#state{state = running, node = Node}.

tell_boot(What, #state{notify = {Pid, Tag}}) -> Pid ! {Tag, What};
tell_boot(_, _) -> ok.

%% The first reason stays. A peer that never ran has failed to boot.
down(_, #state{state = {down, _}} = S) -> {noreply, S};
down(Reason, #state{options = Options} = S) ->
    S#state.state =:= booting
        andalso tell_boot({boot_failed, Reason, self()}, S),
    [gen_server:reply(From, {error, noconnection})
     || From <- maps:values(S#state.calls)],
    S1 = S#state{state = {down, Reason}, connection = undefined, calls = #{}},
    case maps:get(peer_down, Options, stop) of
        continue -> {noreply, S1};
        stop -> {stop, normal, S1};
        crash -> {stop, Reason, S1}
    end.

%%% The origin: ending the peer

terminate(_, #state{options = Options} = S) ->
    case maps:get(shutdown, Options, halt) of
        close ->
            close(S),
            S#state.kind =:= none andalso S#state.node =/= undefined
                andalso erlang:disconnect_node(S#state.node);
        halt -> halt_peer(?HALT_TIME, S);
        {halt, Time} -> halt_peer(Time, S);
        {Time, CoverNode} ->
            rpc:call(CoverNode, cover, flush, [S#state.node]),
            stop_peer(Time, S);
        Time -> stop_peer(Time, S)
    end,
    ok.

%% It ends when it loses its connection.
halt_peer(_, #state{kind = none, node = undefined}) -> ok;
halt_peer(Time, #state{kind = none, node = Node}) ->
    try erpc:call(Node, erlang, halt, [], Time) of
        _ -> ok
    catch
        error:{erpc, noconnection} -> ok;
        _:_ -> cut_off(Node)
    end;
halt_peer(Time, #state{node = Node} = S) ->
    close(S),
    await_gone(Node, deadline(Time)).

stop_peer(Time, #state{kind = Kind, node = Node} = S) ->
    Deadline = deadline(Time),
    case S of
        #state{kind = none} when Node =:= undefined -> ok;
        #state{kind = none} -> erpc:cast(Node, init, stop, []);
        #state{connection = undefined} -> ok;
        #state{} -> tell({cast, init, stop, []}, S)
    end,
    Kind =:= none orelse await_closed(S, Deadline),
    close(S),
    await_gone(Node, Deadline).

%% What it says at its end is still heard: it may wait for answers.
await_closed(#state{connection = undefined}, _) -> ok;
await_closed(#state{connection = Connection} = S, Deadline) ->
    receive
        {'EXIT', Connection, _} -> ok;
        {Connection, {exit_status, _}} -> ok;
        {tcp_closed, Connection} -> ok;
        {Connection, {data, _}} = Message -> heard_at_end(Message, S, Deadline);
        {tcp, Connection, _} = Message -> heard_at_end(Message, S, Deadline)
    after left(Deadline) -> ok
    end.

heard_at_end(Message, S, Deadline) ->
    {noreply, S1} = handle_info(Message, S),
    await_closed(S1, Deadline).

close(#state{connection = undefined}) -> ok;
close(#state{kind = port, connection = Port}) -> catch port_close(Port);
close(#state{connection = Socket}) -> catch gen_tcp:close(Socket).

deadline(infinity) -> infinity;
deadline(Time) -> erlang:monotonic_time(millisecond) + Time.

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

%% Until the node is not connected any more. This process is at its end, so
%% what else comes of the nodes it asks to hear of does not matter.
await_gone(Node, Deadline) ->
    lists:member(Node, nodes(connected))
        andalso net_kernel:monitor_nodes(true, [{node_type, all}]) =:= ok
        andalso lists:member(Node, nodes(connected))
        andalso
        receive {nodedown, Node, _} -> ok
        after left(Deadline) -> cut_off(Node)
        end.

cut_off(Node) ->
    erlang:disconnect_node(Node),
    logger:warning("peer:stop() timed out waiting for disconnect from "
                   "node ~p. The connection was forcefully taken down.",
                   [Node]).

%%% The peer

%% Started as the process user: by -user peer.
-spec start() -> pid().
start() ->
    try
        Channel = start_channel(),
        supervise(Channel),
        Channel
    catch _:_ -> halt(1)
    end.

start_channel() ->
    case init:get_argument(origin) of
        {ok, [[Addresses, Port]]} ->
            Parsed = [element(2, {ok, _} = inet:parse_address(A))
                      || A <- string:lexemes(Addresses, ",")],
            Number = list_to_integer(Port),
            spawn(fun() -> serve(tcp, connect(Parsed, Number)) end);
        {ok, [[Origin]]} -> follow(binary_to_term(base64:decode(Origin)));
        error ->
            spawn(fun() ->
                      process_flag(trap_exit, true),
                      serve(port, open_port({fd, 0, 1}, [eof, binary]))
                  end)
    end.

connect([Address | Others], Port) ->
    case gen_tcp:connect(Address, Port, [binary, {packet, 4}], ?CONNECT_TIME) of
        {ok, Socket} -> Socket;
        {error, _} -> connect(Others, Port)
    end.

%% By distribution: user passes all on to the origin's group leader.
follow(Origin) ->
    Leader = gen_server:call(Origin, group_leader),
    Relay = spawn(fun() -> relay(Leader) end),
    register(user, Relay),
    spawn(fun() ->
              link(Relay),
              Monitor = monitor(process, Origin),
              init:notify_when_started(self()) =:= started
                  andalso (Origin ! {started, node()}),
              origin_link(Monitor, Origin)
          end).

relay(Leader) ->
    receive
        Message ->
            Leader ! Message,
            relay(Leader)
    end.

%% Its name and that of io_server_loop are how the process is known.
origin_link(Monitor, Origin) ->
    receive
        {'DOWN', Monitor, process, Origin, _} -> halt();
        {init, started} ->
            Origin ! {started, node()},
            origin_link(Monitor, Origin)
    end.

serve(Kind, Connection) ->
    try
        register(user, self()),
        group_leader(self(), self()),
        init:notify_when_started(self()) =:= started
            andalso peer_wire:send(Kind, Connection, {started, node()}),
        io_server_loop(Kind, Connection, <<>>)
    catch _:_ -> halt(1)
    end.

%% Without its origin the node has nothing to live for.
io_server_loop(Kind, Connection, Packed) ->
    receive
        {Connection, {data, Bytes}} ->
            {_, Packed1} = peer_wire:split(Bytes, Packed),
            {Terms, Rest} = peer_wire:terms(Packed1),
            lists:foreach(fun told/1, Terms),
            io_server_loop(Kind, Connection, Rest);
        Message ->
            heard_here(Message, Kind, Connection),
            io_server_loop(Kind, Connection, Packed)
    end.

heard_here({io_request, From, _, _} = Request, Kind, Connection)
  when is_pid(From) ->
    peer_wire:send(Kind, Connection, Request);
heard_here({message, _, _} = Message, Kind, Connection) ->
    peer_wire:send(Kind, Connection, Message);
heard_here({reply, _, _, _} = Reply, Kind, Connection) ->
    peer_wire:send(Kind, Connection, Reply);
%% The answer comes before, unless the process was killed.
heard_here({{'DOWN', N}, _, _, _, Reason}, Kind, Connection)
  when Reason =/= normal ->
    peer_wire:send(Kind, Connection, {reply, N, crash, Reason});
heard_here({init, started}, Kind, Connection) ->
    peer_wire:send(Kind, Connection, {started, node()});
heard_here({tcp, Connection, Bytes}, tcp, Connection) ->
    ok = inet:setopts(Connection, [{active, once}]),
    told(binary_to_term(Bytes));
heard_here({tcp_closed, Connection}, tcp, Connection) -> halt(1);
heard_here({Connection, eof}, port, Connection) -> halt(1);
heard_here({'EXIT', Connection, Reason}, port, Connection)
  when Reason =/= badsig ->
    halt(1);
heard_here(_, _, _) -> ok.

told({io_reply, From, As, Reply}) -> From ! {io_reply, As, Reply};
told({call, N, M, F, Args}) ->
    User = self(),
    spawn_opt(fun() -> User ! answer(N, M, F, Args) end,
              [{monitor, [{tag, {'DOWN', N}}]}]);
told({cast, M, F, Args}) -> spawn(fun() -> apply(M, F, Args) end);
told({message, To, Message}) -> catch To ! Message.

answer(N, M, F, Args) ->
    try {reply, N, ok, apply(M, F, Args)}
    catch Class:Reason:Trace -> {reply, N, Class, {Reason, Trace}}
    end.

%%% The peer's supervision: its end is the node's end

%% For kernel's supervisor, on a node that is a peer.
-spec supervision_child_spec() -> none | {ok, supervisor:child_spec()}.
supervision_child_spec() ->
    case init:get_argument(user) of
        {ok, [["peer"]]} ->
            {ok, #{id => peer_supervision,
                   start => {?MODULE, start_supervision, []},
                   restart => permanent, shutdown => 1000, type => worker,
                   modules => [?MODULE]}};
        _ -> none
    end.

start_supervision() ->
    proc_lib:start_link(?MODULE, init_supervision, [self(), true]).

supervise(Channel) ->
    Pid = case whereis(peer_supervision) of
              undefined ->
                  {ok, Own} = proc_lib:start(?MODULE, init_supervision,
                                             [self(), false]),
                  Own;
              Known -> Known
          end,
    Ref = make_ref(),
    Pid ! {channel_connect, Ref, self(), Channel},
    receive Ref -> ok
    after ?SUPERVISION_TIME -> exit(peer_supervision_connect_timeout)
    end.

%% Outside of kernel's tree it ends the node itself.
init_supervision(Parent, InTree) ->
    try
        process_flag(priority, high),
        process_flag(trap_exit, true),
        register(peer_supervision, self()),
        proc_lib:init_ack(Parent, {ok, self()}),
        receive
            {channel_connect, Ref, From, Channel} ->
                From ! Ref,
                link(Channel),
                watch(#{parent => Parent, channel => Channel})
        after ?SUPERVISION_TIME -> exit(peer_channel_connect_timeout)
        end
    catch _:_ when not InTree -> halt(1)
    end.

watch(#{parent := Parent, channel := Channel} = State) ->
    receive
        {'EXIT', Channel, Reason} -> exit({peer_channel_terminated, Reason});
        {'EXIT', Parent, Reason} -> exit(Reason);
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, [], State);
        _ -> watch(State)
    end.

system_continue(_, _, State) -> watch(State).

system_terminate(Reason, _, _, _) -> exit(Reason).

system_code_change(State, _, _, _) -> {ok, State}.

system_get_state(State) -> {ok, State}.

system_replace_state(Change, State) ->
    New = Change(State),
    {ok, New, New}.
