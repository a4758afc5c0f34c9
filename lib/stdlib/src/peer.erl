%% SPDX-License-Identifier: Apache-2.0
%% peer: starts other nodes and keeps in touch with them. A peer ends when its
%% process here does (with start_link, that is when who started it does), or
%% when the connection is lost.
%%
%% Whatever connection is asked for, peer and origin talk over a socket of the
%% local machine: terms in packets, the first a secret that only the two know.
%% What the peer prints goes where its origin prints, if it has a connection.
-module(peer).
-behaviour(gen_server).

-export([start/0, start/1, start_link/0, start_link/1, stop/1, get_state/1]).
-export([call/4, call/5, cast/4, send/3, random_name/0, random_name/1]).
-export([child/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_continue/2,
         handle_info/2, terminate/2]).

-type options() :: #{name => atom() | string(), host => string(),
                     longnames => boolean(), args => [string()],
                     env => [{string(), string()}], exec => term(),
                     connection => standard_io | 0..65535 | tuple(),
                     peer_down => stop | continue | crash,
                     wait_boot => timeout() | {pid(), term()} | false,
                     shutdown => term(), post_process_args => fun()}.

%% calls: number => who waits. node: its name, if it has one.
-record(state, {options, port, socket, node, state = booting, calls = #{},
                next = 1}).

-define(BOOT, 15000).

start() -> start(#{name => random_name()}).

-spec start(options()) -> {ok, pid(), node()} | {error, term()}.
start(Options) -> begin_peer(Options, fun gen_server:start/3).

start_link() -> start_link(#{name => random_name()}).

-spec start_link(options()) -> {ok, pid(), node()} | {error, term()}.
start_link(Options) -> begin_peer(Options, fun gen_server:start_link/3).

%% A node that is reached by distribution needs it here, too.
begin_peer(Options, Start) ->
    is_map_key(connection, Options) orelse is_alive() orelse error(not_alive),
    case Start(?MODULE, {self(), Options}, []) of
        {ok, Pid} when not is_map_key(wait_boot, Options);
                       is_integer(map_get(wait_boot, Options));
                       map_get(wait_boot, Options) =:= infinity ->
            {ok, Pid, gen_server:call(Pid, node, infinity)};
        {ok, Pid} -> {ok, Pid};
        {error, {boot_failed, timeout}} -> exit(timeout);
        {error, {boot_failed, _} = Reason} -> exit(Reason);
        Error -> Error
    end.

stop(Peer) -> gen_server:stop(Peer).

-spec get_state(pid()) -> booting | running | {down, term()}.
get_state(Peer) -> gen_server:call(Peer, get_state).

call(Peer, M, F, Args) -> call(Peer, M, F, Args, 5000).

%% The value; what is raised there is raised here.
call(Peer, M, F, Args, Timeout) ->
    case gen_server:call(Peer, {call, M, F, Args}, Timeout) of
        {ok, Value} -> Value;
        {raised, Class, Reason, Trace} -> erlang:raise(Class, Reason, Trace);
        {error, Reason} -> error(Reason)
    end.

cast(Peer, M, F, Args) -> gen_server:cast(Peer, {cast, M, F, Args}).

send(Peer, To, Message) -> gen_server:cast(Peer, {send, To, Message}).

random_name() -> random_name(?MODULE).

random_name(Prefix) ->
    Number = erlang:unique_integer([positive]) rem 100000,
    lists:concat([Prefix, "-", Number, "-", os:getpid()]).

%% ---- The server at the origin ----

init({Owner, Options}) ->
    process_flag(trap_exit, true),
    Address = {127, 0, 0, 1},
    {ok, Listener} = gen_tcp:listen(0, [binary, {packet, 4}, {active, false},
                                        {ip, Address}]),
    {ok, Number} = inet:port(Listener),
    Secret = integer_to_list(erlang:phash2(make_ref(), 1 bsl 32)
                             * erlang:phash2({self(), os:timestamp()}, 1 bsl 32)),
    Port = start_program(Options, Number, Secret),
    Boot = {boot, Listener, Secret},
    case Options of
        #{wait_boot := false} ->
            {ok, #state{options = Options, port = Port}, {continue, Boot}};
        #{wait_boot := {_, _}} ->
            {ok, #state{options = Options, port = Port}, {continue, Boot}};
        _ -> await_boot(Owner, Listener, Secret, #state{options = Options,
                                                        port = Port})
    end.

await_boot(Owner, Listener, Secret, #state{options = Options, port = Port}) ->
    try accept(Listener, Port, Secret, boot_time(Options)) of
        {ok, Socket, Node} ->
            ok = inet:setopts(Socket, [{active, true}]),
            is_map_key(connection, Options) orelse join(Node),
            {ok, #state{options = Options, port = Port, socket = Socket,
                        state = running, node = Node}};
        {error, Reason} ->
            catch port_close(Port),
            %% who starts it hears of it by the answer
            unlink(Owner),
            {stop, {boot_failed, Reason}}
    after gen_tcp:close(Listener)
    end.

%% Nobody waits: who wants to hear of it is told.
handle_continue({boot, Listener, Secret}, #state{options = Options} = S) ->
    case await_boot(self(), Listener, Secret, S) of
        {ok, #state{node = Node} = S1} ->
            tell_boot(Options, {started, Node, self()}),
            {noreply, S1};
        {stop, {boot_failed, Reason}} ->
            tell_boot(Options, {boot_failed, Reason, self()}),
            {stop, {boot_failed, Reason}, S}
    end.

tell_boot(#{wait_boot := {Pid, Tag}}, What) -> Pid ! {Tag, What};
tell_boot(_, _) -> ok.

%% A peer without a connection of its own is one of the cluster, and ends when
%% it is not any more.
join(Node) ->
    _ = net_kernel:connect_node(Node),
    monitor_node(Node, true).

boot_time(#{wait_boot := Time}) when is_integer(Time); Time =:= infinity -> Time;
boot_time(#{wait_boot := _}) -> infinity;
boot_time(_) -> ?BOOT.

start_program(Options, Number, Secret) ->
    {Program, First} = program(Options),
    Own = First ++ name_flags(Options) ++ maps:get(args, Options, [])
          ++ ["-noinput", "-run", "peer", "child",
              integer_to_list(Number) ++ ":" ++ Secret],
    Args = case Options of
               #{post_process_args := Fun} -> Fun(Own);
               _ -> Own
           end,
    open_port({spawn_executable, Program},
              [{args, Args}, {env, maps:get(env, Options, [])}, binary,
               exit_status, stderr_to_stdout, hide]).

program(#{exec := {Program, Args}}) -> {Program, Args};
program(#{exec := Program}) -> {found(Program), []};
program(_) ->
    {ok, [[Name]]} = init:get_argument(progname),
    {found(Name), []}.

found(Name) ->
    case os:find_executable(Name) of
        false -> Name;
        Path -> Path
    end.

name_flags(#{name := Name} = Options) ->
    Long = maps:get(longnames, Options, net_kernel:longnames() =:= true),
    Flag = case Long of
               true -> "-name";
               false -> "-sname"
           end,
    Full = case Options of
               #{host := Host} -> lists:concat([Name, "@", Host]);
               _ -> lists:concat([Name])
           end,
    [Flag, Full
     | case lists:member("-setcookie", maps:get(args, Options, [])) of
           true -> [];
           false -> ["-setcookie", atom_to_list(erlang:get_cookie())]
       end];
name_flags(_) -> [].

%% The peer calls back, or ends before.
accept(Listener, Port, Secret, Time) ->
    receive {Port, {exit_status, Status}} -> {error, {exit_status, Status}}
    after 0 ->
        case gen_tcp:accept(Listener, 100) of
            {ok, Socket} ->
                case gen_tcp:recv(Socket, 0, ?BOOT) of
                    {ok, Bytes} -> greeted(binary_to_term(Bytes), Secret, Socket);
                    Error -> Error
                end;
            {error, timeout} when Time =:= infinity ->
                accept(Listener, Port, Secret, Time);
            {error, timeout} when Time > 100 ->
                accept(Listener, Port, Secret, Time - 100);
            Error -> Error
        end
    end.

greeted({Secret, Node}, Secret, Socket) -> {ok, Socket, Node};
greeted(_, _, _) -> {error, wrong_peer}.

handle_call(node, _, S) -> {reply, S#state.node, S};
handle_call(get_state, _, S) -> {reply, S#state.state, S};
handle_call(_, _, #state{state = {down, _}} = S) ->
    {reply, {error, noconnection}, S};
handle_call({call, M, F, Args}, From, #state{calls = Calls, next = N} = S) ->
    tell(S#state.socket, {call, N, M, F, Args}),
    {noreply, S#state{calls = Calls#{N => From}, next = N + 1}}.

handle_cast(Request, S) ->
    tell(S#state.socket, Request),
    {noreply, S}.

tell(Socket, Term) -> gen_tcp:send(Socket, term_to_binary(Term)).

handle_info({tcp, Socket, Bytes}, #state{socket = Socket, calls = Calls} = S) ->
    case binary_to_term(Bytes) of
        {reply, N, Answer} ->
            {From, Others} = maps:take(N, Calls),
            gen_server:reply(From, Answer),
            {noreply, S#state{calls = Others}};
        {message, To, Message} ->
            catch To ! Message,
            {noreply, S}
    end;
handle_info({tcp_closed, _}, S) -> down(normal, S);
handle_info({nodedown, Node}, #state{node = Node} = S) ->
    down(noconnection, S);
handle_info({Port, {data, Text}}, #state{port = Port, options = Options} = S) ->
    is_map_key(connection, Options) andalso io:put_chars(Text),
    {noreply, S};
handle_info({Port, {exit_status, Status}}, #state{port = Port} = S) ->
    down({exit_status, Status}, S);
handle_info(_, S) -> {noreply, S}.

down(_, #state{state = {down, _}} = S) -> {noreply, S};
down(Reason, #state{calls = Calls, options = Options} = S0) ->
    [gen_server:reply(From, {error, noconnection}) || From <- maps:values(Calls)],
    S = S0#state{state = {down, Reason}, calls = #{}},
    case maps:get(peer_down, Options, stop) of
        continue -> {noreply, S};
        stop -> {stop, normal, S};
        crash -> {stop, Reason, S}
    end.

%% The peer ends when its connection does.
terminate(_, #state{socket = undefined}) -> ok;
terminate(_, #state{socket = Socket, port = Port, node = Node}) ->
    _ = gen_tcp:close(Socket),
    receive {Port, {exit_status, _}} -> ok
    after 5000 -> catch port_close(Port)
    end,
    await_end(Node, 100).

%% Nor is it one of the cluster any more.
await_end(Node, N) ->
    case N > 0 andalso lists:member(Node, nodes(connected)) of
        true -> receive after 10 -> await_end(Node, N - 1) end;
        false -> ok
    end.

%% ---- The peer's side ----

%% Started by -run peer child PORT:SECRET.
child([Where]) ->
    [Number, Secret] = string:split(Where, ":"),
    spawn(fun() -> connect(list_to_integer(Number), Secret) end).

connect(Number, Secret) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Number,
                                   [binary, {packet, 4}, {active, true}]),
    tell(Socket, {Secret, node()}),
    serve(Socket).

serve(Socket) ->
    receive
        {tcp, Socket, Bytes} ->
            request(binary_to_term(Bytes), Socket),
            serve(Socket);
        {tcp_closed, Socket} -> halt(0)
    end.

request({call, N, M, F, Args}, Socket) ->
    spawn(fun() ->
              Answer = try {ok, apply(M, F, Args)}
                       catch Class:Reason:Trace ->
                           {raised, Class, Reason, Trace}
                       end,
              tell(Socket, {reply, N, Answer})
          end);
request({cast, M, F, Args}, _) -> spawn(M, F, Args);
request({send, To, Message}, _) -> catch To ! Message.
