%% SPDX-License-Identifier: Apache-2.0
%% net_kernel: this node's name and its connections to others. The server
%% knows every connection that is being made or is there; the work is done by a
%% process for each (dist_util), started by the carrier's module, of which
%% there may be several (-proto_dist). Whoever sends to a node that is not connected
%% has the emulator ask for it: {auto_connect, Node, Number}.
-module(net_kernel).
-behaviour(gen_server).

-export([allow/1, allowed/0, connect_node/1, hidden_connect_node/1,
         disconnect/1, async_disconnect/1, monitor_nodes/1, monitor_nodes/2,
         longnames/0, nodename/0, get_net_ticktime/0, set_net_ticktime/1,
         set_net_ticktime/2, get_state/0, getopts/2, setopts/2, start/1,
         start/2, start_link/1, stop/0, verbose/1, node_info/1, node_info/2,
         nodes_info/0, i/0, i/1, epmd_module/0,
         protocol_childspecs/0, connecttime/0, kernel_apply/3,
         passive_monitor/1, publish_on_node/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-include("net_address.hrl").

-type connection_state() :: pending | up | up_pending.
-type connection_type() :: normal | hidden.
-export_type([connection_state/0, connection_type/0]).

%% A connection: who makes or has it, and who waits until it is there.
-record(conn, {id :: integer(),
               state = pending :: connection_state(),
               owner :: pid() | undefined,
               type = normal :: connection_type(),
               address = #net_address{} :: #net_address{},
               module :: module() | undefined, % of the carrier
               given :: integer() | undefined, % the creation, of a name that
                                               % this node gave
               names_me = false :: boolean(),  % it gave this node its name
               waiting = [] :: [term()],
               leaving = [] :: [term()], % who wants it to end at once
               next :: integer() | undefined}). % is asked for already, while
                                                % this one ends

%% A carrier, and the socket it listens with.
-record(listener, {module, socket, acceptor, address}).

%% owners: #{Pid => Node}; barred: nodes that were connected once and are not
%% to be again; pool: #{Host => [{Node, Creation}]}, names that were given to
%% nodes which are gone. A node that is to be named by the first other one it
%% connects to (is_dynamic) is called undefined@Host until then.
-record(state, {node, domain, options, listeners = [], is_dynamic = false,
                ticktime, intensity, change = none, setup, allowed = [],
                connections = #{}, owners = #{}, barred = [], pool = #{}}).

%% ---- what can be asked ----

kernel_apply(M, F, A) -> request({apply, M, F, A}).
allow(Nodes) -> request({allow, Nodes}).

allowed() ->
    case request(allowed) of
        {ok, _} = Allowed -> Allowed;
        Other -> Other
    end.

longnames() ->
    case whereis(?MODULE) =:= self() of
        true -> get(longnames);
        false -> request(longnames)
    end.

nodename() -> request(nodename).

connect_node(Node) when is_atom(Node) -> request({connect, normal, Node}).

hidden_connect_node(Node) when is_atom(Node) ->
    request({connect, hidden, Node}).

disconnect(Node) -> request({disconnect, Node}).
async_disconnect(Node) -> gen_server:cast(?MODULE, {disconnect, Node}).
verbose(Level) when is_integer(Level) -> request({verbose, Level}).
connecttime() -> request(connecttime).

%% erlang:monitor_node/3: a node that cannot be reached may connect itself as
%% long as a handshake may take.
passive_monitor(Node) ->
    request({passive, Node}) =:= true orelse await_node(Node, connecttime()),
    erlang:monitor_node(Node, true).

await_node(Node, Time) ->
    {Pid, Monitor} =
        spawn_monitor(
          fun() ->
                  ok = monitor_nodes(true, [{node_type, all}]),
                  lists:member(Node, nodes(connected)) orelse
                      receive {nodeup, Node, _} -> ok after Time -> ok end
          end),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

get_net_ticktime() -> request(ticktime).

set_net_ticktime(Time) -> set_net_ticktime(Time, 60).
set_net_ticktime(Time, Period)
  when is_integer(Time), Time > 0, is_integer(Period), Period >= 0 ->
    request({set_ticktime, Time, Period}).

getopts(Node, Options) when is_atom(Node), is_list(Options) ->
    options(Node, {getopts, Options}).

setopts(new, Options) when is_list(Options) -> request({setopts_new, Options});
setopts(Node, Options) when is_atom(Node), is_list(Options) ->
    options(Node, {setopts, Options}).

%% Asked of the connection's process, so that nobody else waits for it.
options(Node, Request) ->
    case request({owner, Node}) of
        Pid when is_pid(Pid) ->
            Ref = erlang:monitor(process, Pid),
            Pid ! {self(), Ref, Request},
            receive
                {Ref, Answer} ->
                    erlang:demonitor(Ref, [flush]),
                    Answer;
                {'DOWN', Ref, _, _, _} -> {error, noconnection}
            end;
        ignored -> ignored;
        undefined -> {error, noconnection}
    end.

%% Whether this node shows itself to Node.
publish_on_node(Node) ->
    persistent_term:get({?MODULE, publish_type}, hidden) =:= normal
        andalso global_group:publishes(Node).

get_state() ->
    case request(get_state) of
        ignored -> #{started => no};
        State -> State
    end.

stop() -> erl_distribution:stop().

epmd_module() ->
    case init:get_argument(epmd_module) of
        {ok, [[Module | _] | _]} -> list_to_atom(Module);
        _ -> erl_epmd
    end.

protocol_childspecs() -> [].

%% A node that is alone has no server.
request(Request) ->
    case whereis(?MODULE) of
        undefined -> ignored;
        Pid ->
            try gen_server:call(Pid, Request, infinity)
            catch exit:{noproc, _} -> ignored
            end
    end.

%% ---- nodes that come and go ----

-define(VISIBLE, 1).
-define(HIDDEN, 2).

monitor_nodes(Flag) when is_boolean(Flag) ->
    merle_dist:watch(Flag, ?VISIBLE, {0, 0, 0, 0, 0}),
    ok;
monitor_nodes(_) -> error.

monitor_nodes(Flag, Options) when is_boolean(Flag) ->
    case watch_options(Options) of
        {error, _} = Error -> Error;
        Wish ->
            Types = case maps:get(node_type, Wish, visible) of
                        visible -> ?VISIBLE;
                        hidden -> ?HIDDEN;
                        all -> ?VISIBLE bor ?HIDDEN
                    end,
            IsMap = is_map(Options),
            merle_dist:watch(Flag, Types,
                             {1, number(IsMap),
                              number(maps:get(nodedown_reason, Wish, false)),
                              number(maps:get(connection_id, Wish, false)),
                              number(is_map_key(node_type, Wish))}),
            ok
    end;
monitor_nodes(_, _) -> error.

number(true) -> 1;
number(false) -> 0.

%% The options as a map, or what is wrong with them.
watch_options(Options) when is_map(Options) ->
    Known = maps:with([connection_id, nodedown_reason, node_type], Options),
    Bad = maps:filter(fun(K, V) -> not is_watch_option(K, V) end, Known),
    case maps:without(maps:keys(Known), Options) of
        _ when map_size(Bad) > 0 -> {error, {bad_option_value, Bad}};
        Unknown when map_size(Unknown) > 0 ->
            {error, {unknown_options, Unknown}};
        _ -> Options
    end;
watch_options(Options) ->
    try lists:foldl(fun list_option/2, {#{}, []}, Options) of
        {Wish, []} -> Wish;
        {_, Unknown} -> {error, {unknown_options, lists:reverse(Unknown)}}
    catch
        throw:Error -> {error, Error};
        error:_ -> {error, {invalid_options, Options}}
    end.

is_watch_option(node_type, V) -> lists:member(V, [visible, hidden, all]);
is_watch_option(_, V) -> is_boolean(V).

list_option({node_type, Type}, {Wish, Unknown}) ->
    case {is_watch_option(node_type, Type), Wish} of
        {false, _} -> throw({bad_option_value, {node_type, Type}});
        {true, #{node_type := Other}} when Other =/= Type ->
            throw({option_value_mismatch,
                   [{node_type, Type}, {node_type, Other}]});
        _ -> {Wish#{node_type => Type}, Unknown}
    end;
list_option(Flag, {Wish, Unknown})
  when Flag =:= nodedown_reason; Flag =:= connection_id ->
    {Wish#{Flag => true}, Unknown};
list_option(Other, {Wish, Unknown}) -> {Wish, [Other | Unknown]}.

%% ---- what is there, for people ----

node_info(Node) ->
    case nodes_info() of
        {ok, All} ->
            case lists:keyfind(Node, 1, All) of
                {_, Info} -> {ok, Info};
                false -> {error, bad_node}
            end;
        Error -> Error
    end.

node_info(Node, Key) ->
    case node_info(Node) of
        {ok, Info} ->
            case lists:keyfind(Key, 1, Info) of
                {_, Value} -> {ok, Value};
                false -> {error, invalid_key}
            end;
        Error -> Error
    end.

nodes_info() ->
    case request(connections) of
        ignored -> {error, badarg};
        All -> {ok, [{Node, info(Node, Conn)} || {Node, Conn} <- All]}
    end.

info(Node, #conn{owner = Owner, state = State, address = Address,
                 type = Type}) ->
    {In, Out, _} = merle_dist:traffic(Node),
    [{owner, Owner}, {state, State}, {address, Address}, {type, Type},
     {in, In}, {out, Out}].

i() ->
    line("Node", "State", "Type", "In", "Out", "Address"),
    case nodes_info() of
        {ok, All} ->
            [line(atom_to_list(Node), atom_to_list(get(state, Info)),
                  atom_to_list(get(type, Info)),
                  integer_to_list(get(in, Info)),
                  integer_to_list(get(out, Info)),
                  address_text(get(address, Info)))
             || {Node, Info} <- All],
            line("Total", "", "",
                 integer_to_list(lists:sum([get(in, I) || {_, I} <- All])),
                 integer_to_list(lists:sum([get(out, I) || {_, I} <- All])),
                 "");
        Error -> Error
    end.

i(Node) ->
    case node_info(Node) of
        {ok, Info} ->
            io:format("Node     = ~p~nState    = ~p~nType     = ~p~n"
                      "In       = ~p~nOut      = ~p~nAddress  = ~s~n",
                      [Node | [get(K, Info) || K <- [state, type, in, out]]]
                      ++ [address_text(get(address, Info))]);
        Error -> Error
    end.

line(Node, State, Type, In, Out, Address) ->
    io:format("~-20s ~-7s ~-9s~7s~8s~8s~n",
              [Node, State, Type, In, Out, Address]).

get(Key, Info) ->
    {_, Value} = lists:keyfind(Key, 1, Info),
    Value.

address_text(#net_address{address = {Ip, Port}}) ->
    inet:ntoa(Ip) ++ ":" ++ integer_to_list(Port);
address_text(_) -> "-".

%% ---- starting ----

start(Name, Options) when is_atom(Name), is_map(Options) ->
    try maps:foreach(fun check_option/2, Options)
    catch error:Reason -> error(Reason, [Name, Options])
    end,
    erl_distribution:start(Options#{name => Name});
start(Name, Options) when is_map(Options) ->
    error(invalid_name, [Name, Options]);
start(Name, Options) -> error(invalid_options, [Name, Options]).

start([Name]) when is_atom(Name) -> start([Name, longnames, 15000]);
start([Name, Domain]) when is_atom(Name), is_atom(Domain) ->
    start([Name, Domain, 15000]);
start([Name, Domain, Tick])
  when is_atom(Name), is_atom(Domain), is_integer(Tick), Tick > 0 ->
    start(Name, #{name_domain => Domain,
                  net_ticktime => (Tick * 4 - 1) div 1000 + 1,
                  net_tickintensity => 4}).

check_option(name_domain, V) when V =:= shortnames; V =:= longnames -> ok;
check_option(net_ticktime, V) when is_integer(V), V > 0 -> ok;
check_option(net_tickintensity, V) when is_integer(V), V >= 4, V =< 1000 -> ok;
check_option(dist_listen, V) when is_boolean(V) -> ok;
check_option(hidden, V) when is_boolean(V) -> ok;
check_option(Option, Value) -> error({invalid_option, Option, Value}).

start_link(Options) ->
    case gen_server:start_link({local, ?MODULE}, ?MODULE, Options, []) of
        {ok, Pid} -> {ok, Pid};
        {error, {already_started, Pid}} -> {ok, Pid};
        _ -> exit(nodistribution)
    end.

init(#{name := Name} = Options) ->
    process_flag(trap_exit, true),
    process_flag(priority, max),
    Domain = maps:get(name_domain, Options, longnames),
    put(longnames, Domain =:= longnames),
    IsListener = Name =/= undefined andalso is_listener(Options),
    persistent_term:put({?MODULE, publish_type},
                        case not IsListener orelse is_hidden(Options) of
                            true -> hidden;
                            false -> normal
                        end),
    S = #state{domain = Domain, options = Options, setup = setup_time(),
               ticktime = maps:get(net_ticktime, Options,
                                   env(net_ticktime, 60)),
               intensity = maps:get(net_tickintensity, Options,
                                    env(net_tickintensity, 4))},
    case node_name(Name, Domain) of
        {ok, Node} -> start_carriers(S#state{node = Node}, Name, IsListener);
        {error, Reason} -> {stop, Reason} % which has been said
    end.

fail(#{clean_halt := Clean}, Reason) ->
    Clean andalso halt(1),
    {stop, Reason}.

env(Key, Default) ->
    case application:get_env(kernel, Key) of
        {ok, N} when is_integer(N) -> max(1, N);
        _ -> Default
    end.

%% Milliseconds for a handshake.
setup_time() ->
    case application:get_env(kernel, net_setuptime) of
        {ok, T} when is_number(T), T > 0, T =< 120 -> trunc(T * 1000);
        {ok, T} when is_number(T), T > 120 -> 120000;
        _ -> 7000
    end.

is_listener(#{dist_listen := Flag}) -> Flag;
is_listener(_) ->
    case init:get_argument(dist_listen) of
        {ok, [["false"] | _]} -> false;
        _ -> true
    end.

%% The name in full. What cannot be one is said.
node_name(Name, Domain) ->
    {Head, Given} = lists:splitwith(fun(C) -> C =/= $@ end,
                                    atom_to_list(Name)),
    case {host_of(Given, Domain), is_head(Head)} of
        {{ok, Host}, true} -> {ok, list_to_atom(Head ++ "@" ++ Host)};
        {{error, Kind}, _} when Kind =:= long; Kind =:= short ->
            say(lists:concat(["Can't set ", Kind, " node name!\n"
                               "Please check your configuration\n"])),
            {error, badarg};
        _ ->
            say("Invalid node name!\nPlease check your configuration\n"),
            {error, badarg}
    end.

%% When the node starts there is no handler yet, and there may never be one.
say(Text) ->
    whereis(logger_sup) =:= undefined
        andalso logger:add_handler(simple, logger_simple_h, #{}),
    error_logger:info_msg(Text).

is_head([]) -> false;
is_head(Head) ->
    lists:all(fun(C) -> C >= $0 andalso C =< $9 orelse C >= $A andalso C =< $Z
                            orelse C >= $a andalso C =< $z
                            orelse C =:= $_ orelse C =:= $-
              end, Head).

host_of([$@ | [_ | _] = Host], Domain) ->
    case lists:member($., Host) of
        true when Domain =:= shortnames -> {error, short};
        _ -> valid_host(Host)
    end;
host_of(_, shortnames) ->
    {ok, Host} = inet:gethostname(),
    {ok, hd(string:split(Host, "."))};
host_of(_, longnames) ->
    {ok, Host} = inet:gethostname(),
    case inet_db:res_option(domain) of
        [_ | _] = Domain -> {ok, Host ++ "." ++ Domain};
        _ ->
            case lists:member($., Host) of
                true -> {ok, Host};
                false -> {error, long}
            end
    end.

valid_host(Host) ->
    case lists:all(fun(C) -> C =/= $@ andalso C > $\s andalso C =< 255 end,
                   Host) of
        true -> {ok, Host};
        false -> {error, hostname_not_allowed}
    end.

%% A node that gets its name from another one, or has one and does not listen,
%% or listens in all ways there are.
start_carriers(S, undefined, _) ->
    merle_dist:expect_name(true),
    {ok, S#state{is_dynamic = true, listeners = silent_listeners()}};
start_carriers(S, _, false) ->
    {ok, (named(S, random_creation()))#state{listeners = silent_listeners()}};
start_carriers(#state{options = Options} = S, _, true) ->
    Found = [listen(Name, S) || Name <- protocols()],
    case [L || {ok, _, _} = L <- Found] of
        [{ok, _, Creation} | _] = Listeners ->
            S1 = named(S, Creation),
            {ok, S1#state{listeners = [accepting(L) || {ok, L, _}
                                                           <- Listeners]}};
        [] -> fail(Options, badarg)
    end.

silent_listeners() ->
    [#listener{module = carrier(Name), address = #net_address{}}
     || Name <- protocols()].

%% The kinds of connections: -proto_dist inet_tcp, or others.
protocols() ->
    case init:get_argument(proto_dist) of
        {ok, [[_ | _] = Names | _]} -> Names;
        _ -> ["inet_tcp"]
    end.

carrier(Name) -> list_to_atom(Name ++ "_dist").

listen(Protocol, #state{node = Node, options = #{clean_halt := Clean}}) ->
    Module = carrier(Protocol),
    case code:ensure_loaded(Module) =:= {module, Module}
        andalso listen_by(Module, dist_util:split_node(Node)) of
        {ok, {Socket, Address, Creation}} ->
            {ok, #listener{module = Module, socket = Socket,
                           address = Address}, Creation};
        Error ->
            protocol_error(Protocol, Clean, case Error of
                                                false -> "not supported";
                                                _ -> error_text(Error, Node)
                                            end)
    end.

listen_by(Module, {node, Name, Host}) ->
    try
        case erlang:function_exported(Module, listen, 2) of
            true -> Module:listen(list_to_atom(Name), Host);
            false -> Module:listen(list_to_atom(Name))
        end
    catch exit:Reason -> {error, Reason}
    end.

accepting(#listener{module = Module, socket = Socket} = L) ->
    L#listener{acceptor = Module:accept(Socket)}.

%% -1: no port mapper has chosen one.
named(S, -1) -> named(S, random_creation());
named(#state{node = Node} = S, Creation) ->
    merle_dist:set_name(Node, Creation),
    wake(),
    S.

random_creation() ->
    4 + erlang:phash2({make_ref(), os:system_time()}, 16#fffffff0).

%% Those who have to know of other nodes, and sleep on a node that is alone.
wake() ->
    [catch gen_server:cast(Name, distribution)
     || Name <- [global_name_server]],
    ok.

error_text({error, duplicate_name}, Node) ->
    "the name " ++ atom_to_list(Node) ++ " seems to be in use by another "
        "Erlang node";
error_text(Error, _) ->
    Reason = case Error of
                 {error, Why} -> Why;
                 _ -> Error
             end,
    lists:flatten(["register/listen error: " | io_lib:format("~p", [Reason])]).

protocol_error(Protocol, Clean, Text) ->
    Line = "Protocol '" ++ Protocol ++ "': " ++ Text ++ "\n",
    case Clean of
        true -> erlang:display_string(Line);
        false -> say(Line)
    end.

%% ---- the server ----

handle_call({connect, _, Node}, _, #state{node = Node} = S) ->
    {reply, true, S};
handle_call({connect, Type, Node}, From, S) -> connect(Node, Type, From, S);
handle_call({disconnect, Node}, _, #state{node = Node} = S) ->
    {reply, false, S};
handle_call({disconnect, Node}, From, S) ->
    {noreply, disconnect(Node, From, S)};
handle_call({passive, Node}, From, S) ->
    case is_allowed_to_connect(Node, S) of
        true -> connect(Node, normal, From, S);
        false -> {reply, false, S}
    end;
handle_call({number, Pid, Node}, _, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{owner = Pid, id = Id}} -> {reply, Id, S};
        _ -> {reply, none, S}
    end;
handle_call({is_pending, Pid, Node}, _, #state{owners = Owners} = S) ->
    {reply, maps:get(Pid, Owners, none) =:= Node, S};
handle_call({accept, Pid, NodeOrHost}, _, S) -> accept(NodeOrHost, Pid, S);
handle_call({accept_again, Pid, Node}, _, S) ->
    accept(Node, Pid, stop_connection(Node, disconnect, S));
handle_call({up, Pid, Node, Id, Type, Address, NamesMe}, From, S) ->
    %% at once, as it may be told to end
    gen_server:reply(From, tick(S)),
    {noreply, up(Node, #conn{owner = Pid, id = Id, type = Type,
                             address = Address, names_me = NamesMe}, S)};
handle_call(allowed, _, #state{allowed = Allowed} = S) ->
    {reply, {ok, Allowed}, S};
handle_call({allow, Nodes}, _, S) -> allow(Nodes, S);
handle_call(longnames, _, #state{domain = Domain} = S) ->
    {reply, Domain =:= longnames, S};
handle_call(nodename, _, #state{node = Node} = S) -> {reply, Node, S};
handle_call(connections, _, #state{connections = Conns} = S) ->
    {reply, maps:to_list(Conns), S};
handle_call(connecttime, _, #state{setup = Time} = S) -> {reply, Time, S};
handle_call({verbose, _}, _, S) -> {reply, 0, S};
handle_call(get_state, _, #state{node = Node, domain = Domain} = S) ->
    Started = case S#state.options of
                  #{supervisor := net_sup} -> static;
                  _ -> dynamic
              end,
    {Type, Name} = case S#state.is_dynamic of
                       false -> {static, Node};
                       true when node() =:= nonode@nohost ->
                           {dynamic, undefined};
                       true -> {dynamic, node()}
                   end,
    {reply, #{started => Started, name => Name, name_type => Type,
              name_domain => Domain}, S};
handle_call(ticktime, _, #state{ticktime = Time, change = Change} = S) ->
    {reply, case Change of
                none -> Time;
                _ -> {ongoing_change_to, Time}
            end, S};
handle_call({set_ticktime, _, _}, _, #state{change = C} = S) when C =/= none ->
    {reply, {ongoing_change_to, S#state.ticktime}, S};
handle_call({set_ticktime, Time, _}, _, #state{ticktime = Time} = S) ->
    {reply, unchanged, S};
handle_call({set_ticktime, Time, Period}, _, S) ->
    {reply, change_initiated, change_ticktime(Time, Period, S)};
handle_call({setopts_new, Options}, _, S) ->
    {reply, options_of_new(Options, S), S};
handle_call({owner, Node}, _, #state{connections = Conns} = S) ->
    {reply, case Conns of
                #{Node := #conn{state = up, owner = Pid}} -> Pid;
                #{Node := #conn{owner = Pid}} ->
                    %% it may be there already, which we are about to hear
                    case lists:member(Node, nodes(connected)) of
                        true -> Pid;
                        false -> undefined
                    end;
                _ -> undefined
            end, S};
handle_call({apply, M, F, A}, _, S) -> {reply, apply(M, F, A), S};
handle_call({is_auth, _Node}, _, S) -> {reply, yes, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast({disconnect, Node}, S) ->
    {noreply, stop_connection(Node, disconnect, S)};
handle_cast(_, S) -> {noreply, S}.

handle_info({auto_connect, Node, Id}, S) ->
    {noreply, auto_connect(Node, Id, S)};
handle_info({connect, Node, Type, From}, S0) ->
    case connect(Node, Type, From, S0) of
        {reply, Answer, S} ->
            gen_server:reply(From, Answer),
            {noreply, S};
        NoReply -> NoReply
    end;
handle_info({accept, Acceptor, Carrier, Family, Protocol}, S) ->
    {noreply, start_accept(Acceptor, Carrier, Family, Protocol, S)};
handle_info({'EXIT', Pid, Reason}, #state{listeners = Listeners} = S) ->
    case lists:keymember(Pid, #listener.acceptor, Listeners) of
        true -> {stop, acceptor_ended, S};
        false -> {noreply, ended(Pid, Reason, S)}
    end;
handle_info(end_of_change, S) -> {noreply, tell_ticktime(S#state{change = none})};
%% Of nodes that ask for a spawn in the old way, and of auth.
handle_info({From, registered_send, To, Message}, S) ->
    catch To ! Message,
    _ = From,
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

terminate(_, #state{listeners = Listeners, connections = Conns} = S) ->
    %% by this global knows that it is this node that goes
    unregister(?MODULE),
    [Module:close(Socket)
     || #listener{module = Module, socket = Socket} <- Listeners,
        Socket =/= undefined],
    [_ = stop_connection(Node, net_kernel_terminated, S)
     || Node <- maps:keys(Conns)],
    wait_until_alone(50),
    persistent_term:erase({?MODULE, publish_type}),
    merle_dist:expect_name(false),
    merle_dist:set_name(nonode@nohost, 0),
    ok.

wait_until_alone(0) -> ok;
wait_until_alone(N) ->
    case nodes(connected) of
        [] -> ok;
        _ -> receive after 10 -> wait_until_alone(N - 1) end
    end.

code_change(_, S, _) -> {ok, S}.

is_hidden(#{hidden := Flag}) -> Flag;
is_hidden(_) ->
    case init:get_argument(hidden) of
        {ok, [["false"] | _]} -> false;
        {ok, _} -> true;
        error -> false
    end.

%% ---- connecting ----

connect(Node, Type, From, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{state = up}} -> {reply, true, S};
        #{Node := #conn{waiting = Waiting} = C} ->
            {noreply, put_conn(Node, C#conn{waiting = [From | Waiting]}, S)};
        _ ->
            case merle_dist:prepare(Node) of
                {State, Id} when State =:= idle; State =:= pending ->
                    start_setup(Node, Id, Type, [From], S);
                _ -> % it ends just now, or we are about to hear of it
                    erlang:send_after(2, self(), {connect, Node, Type, From}),
                    {noreply, S}
            end
    end.

auto_connect(Node, Id, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{id = Id}} -> S;
        #{Node := C} -> put_conn(Node, C#conn{next = Id}, S);
        _ ->
            case is_allowed_to_connect(Node, S) of
                true ->
                    {noreply, S1} = start_setup(Node, Id, normal, [], S),
                    S1;
                false ->
                    merle_dist:abort(Node, Id),
                    S
            end
    end.

%% Without being asked to by its name.
is_allowed_to_connect(Node, #state{barred = Barred}) ->
    case application:get_env(kernel, dist_auto_connect) of
        {ok, never} -> false;
        {ok, once} -> not lists:member(Node, Barred);
        _ -> true
    end.

start_setup(Node, Id, Type, Waiting, #state{node = Own} = S) ->
    case carrier_to(Node, S) of
        none ->
            merle_dist:abort(Node, Id),
            [gen_server:reply(From, false) || From <- Waiting],
            {noreply, S};
        Module ->
            Pid = Module:setup(Node, Type, Own, S#state.domain,
                               S#state.setup),
            {noreply, put_conn(Node, #conn{id = Id, owner = Pid, type = Type,
                                           module = Module,
                                           waiting = Waiting}, S)}
    end.

%% Only when there are several is it asked which can reach the node's host,
%% for that may take time.
carrier_to(Node, #state{allowed = Allowed, listeners = Listeners}) ->
    IsAllowed = (Allowed =:= [] orelse dist_util:is_allowed(Node, Allowed))
        andalso dist_util:is_node_name(Node),
    case [Module || #listener{module = Module} <- Listeners] of
        _ when not IsAllowed -> none;
        [Module] -> Module;
        Modules ->
            case lists:dropwhile(fun(M) -> not M:select(Node) end, Modules) of
                [Module | _] -> Module;
                [] -> none
            end
    end.

put_conn(Node, #conn{owner = Pid} = C,
         #state{connections = Conns, owners = Owners} = S) ->
    S#state{connections = Conns#{Node => C}, owners = Owners#{Pid => Node}}.

%% ---- being connected to ----

%% By the listener of that kind.
start_accept(Acceptor, Carrier, Family, Protocol, #state{node = Own} = S) ->
    case [Module || #listener{module = Module,
                              address = #net_address{family = F,
                                                     protocol = P}}
                        <- S#state.listeners, F =:= Family, P =:= Protocol] of
        [Module | _] ->
            Pid = Module:accept_connection(Acceptor, Carrier, Own,
                                           S#state.allowed, S#state.setup),
            Acceptor ! {self(), controller, Pid};
        [] -> Acceptor ! {self(), unsupported_protocol}
    end,
    S.

%% A node without a name has only its host's.
accept(Host, Pid, S) when is_list(Host) ->
    {Node, Creation, S1} = new_name(Host, S),
    case merle_dist:prepare(Node) of
        {State, Id} when State =:= idle; State =:= pending ->
            {reply, {named, Id, Node, Creation},
             put_conn(Node, #conn{id = Id, owner = Pid, given = Creation},
                      S1)};
        _ -> accept(Host, Pid, S1) % somebody is called so by chance
    end;
accept(Node, _, S) when Node =:= node() ->
    error_logger:error_msg("** Cannot get connection id for node ~w~n", [Node]),
    {reply, nok, S};
accept(Node, Pid, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{state = up}} -> {reply, alive, S};
        #{Node := #conn{owner = Old} = C} when S#state.node < Node ->
            %% both at once: the greater name's attempt is the one
            exit(Old, kill),
            S1 = S#state{owners = maps:remove(Old, S#state.owners)},
            {reply, {ok_simultaneous, C#conn.id},
             put_conn(Node, C#conn{owner = Pid}, S1)};
        #{Node := _} -> {reply, nok, S};
        _ ->
            case merle_dist:prepare(Node) of
                {State, Id} when State =:= idle; State =:= pending ->
                    {reply, {ok, Id},
                     put_conn(Node, #conn{id = Id, owner = Pid}, S)};
                _ -> {reply, alive, S}
            end
    end.

%% One that was given before, or a new one.
new_name(Host, #state{pool = Pool} = S) ->
    case Pool of
        #{Host := [{Node, Creation} | Rest]} ->
            {Node, Creation, S#state{pool = Pool#{Host := Rest}}};
        _ ->
            <<N:64, _/binary>> =
                erlang:md5(term_to_binary({make_ref(), node(),
                                           os:system_time(), os:getpid()})),
            {list_to_atom(integer_to_list(N, 36) ++ "@" ++ Host),
             random_creation(), S}
    end.

%% Free to be given again, when the node is gone that had it.
free_name(_, #conn{given = undefined}, S) -> S;
free_name(Node, #conn{given = Creation}, #state{pool = Pool} = S) ->
    {node, _, Host} = dist_util:split_node(Node),
    Names = maps:get(Host, Pool, []),
    Next = max(4, (Creation + 1) band 16#ffffffff),
    S#state{pool = Pool#{Host => [{Node, Next} | Names]}}.

up(Node, #conn{owner = Pid, id = Id} = New,
   #state{connections = Conns, barred = Barred} = S) ->
    case Conns of
        #{Node := #conn{id = Id, owner = Pid, waiting = Waiting,
                        leaving = Leaving} = C} ->
            [gen_server:reply(From, true) || From <- Waiting],
            S1 = put_conn(Node,
                          C#conn{state = up, type = New#conn.type,
                                 waiting = [], leaving = [],
                                 address = New#conn.address,
                                 names_me = New#conn.names_me},
                          S#state{barred = [Node
                                            | lists:delete(Node, Barred)]}),
            S2 = case New#conn.names_me of
                     true ->
                         wake(),
                         S1#state{node = node()};
                     false -> S1
                 end,
            lists:foldl(fun(From, Acc) -> disconnect(Node, From, Acc) end,
                        S2, Leaving);
        _ ->
            Pid ! {self(), disconnect},
            S
    end.

%% The process of a connection, or of an attempt, has ended.
ended(Pid, _, #state{connections = Conns, owners = Owners} = S) ->
    case maps:take(Pid, Owners) of
        {Node, Others} ->
            #{Node := #conn{id = Id, waiting = Waiting, leaving = Leaving,
                            next = Next} = C} = Conns,
            merle_dist:abort(Node, Id),
            [gen_server:reply(From, false) || From <- Waiting ++ Leaving],
            S1 = free_name(Node, C,
                           S#state{owners = Others,
                                   connections = maps:remove(Node, Conns)}),
            S2 = lose_name(C, S1),
            case Next of
                undefined -> S2;
                _ -> auto_connect(Node, Next, S2)
            end;
        error -> S
    end.

%% The name is the other node's to give again: all others are left, too.
lose_name(#conn{names_me = false}, S) -> S;
lose_name(_, #state{connections = Conns} = S) ->
    [_ = stop_connection(Node, net_kernel_terminated, S)
     || Node <- maps:keys(Conns)],
    wait_until_alone(50),
    [_, Host] = string:split(atom_to_list(S#state.node), "@"),
    merle_dist:set_name(nonode@nohost, 0),
    S#state{node = list_to_atom("undefined@" ++ Host)}.

%% ---- disconnecting ----

%% Answers when it is over.
disconnect(Node, From, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{state = up, owner = Pid}} ->
            Pid ! {self(), disconnect},
            receive
                {'EXIT', Pid, Reason} ->
                    S1 = ended(Pid, Reason, S),
                    wait_until_down(Node, 100),
                    gen_server:reply(From, true),
                    S1
            end;
        #{Node := #conn{leaving = Leaving} = C} ->
            %% it may be there already, which we are about to hear
            case lists:member(Node, nodes(connected)) of
                true -> put_conn(Node, C#conn{leaving = [From | Leaving]}, S);
                false ->
                    gen_server:reply(From, false),
                    S
            end;
        _ ->
            gen_server:reply(From, false),
            S
    end.

wait_until_down(_, 0) -> ok;
wait_until_down(Node, N) ->
    case lists:member(Node, nodes(connected)) of
        true -> receive after 1 -> wait_until_down(Node, N - 1) end;
        false -> ok
    end.

stop_connection(Node, Reason, #state{connections = Conns} = S) ->
    case Conns of
        #{Node := #conn{owner = Pid}} ->
            Pid ! {self(), stop, Reason},
            S;
        _ -> S
    end.

%% ---- who may connect ----

allow(Nodes, #state{allowed = Allowed} = S) ->
    case is_list(Nodes) andalso lists:all(fun is_atom/1, Nodes) of
        true -> {reply, ok, S#state{allowed = lists:usort(Nodes ++ Allowed)}};
        false -> {reply, error, S}
    end.

%% ---- ticks ----

%% {Milliseconds between ticks, how many make a node silent}
tick(#state{ticktime = Time, intensity = Intensity}) ->
    {max(1, Time * 1000 div Intensity), Intensity}.

%% A longer time holds only when the others have had time to learn of it, a
%% shorter one at once: so ticks are sent as often as anybody may want.
change_ticktime(Time, Period, #state{ticktime = Old} = S) ->
    erlang:send_after(Period * 1000, self(), end_of_change),
    New = S#state{ticktime = Time, change = Old},
    case Time < Old of
        true -> tell_ticktime(New);
        false -> New
    end.

tell_ticktime(#state{owners = Owners} = S) ->
    {Tick, Intensity} = tick(S),
    [Pid ! {self(), ticktime, Tick, Intensity} || Pid <- maps:keys(Owners)],
    S.

%% ---- options of sockets ----

%% For what is to come, and for what listens now.
options_of_new(Options, #state{listeners = Listeners}) ->
    [application:set_env(kernel, Key, newer(Options, old(Key)))
     || Key <- [inet_dist_listen_options, inet_dist_connect_options]],
    case lists:keyfind(nodelay, 1, Options) of
        {_, Flag} -> application:set_env(kernel, dist_nodelay, Flag);
        false -> ok
    end,
    [Module:setopts(Socket, Options)
     || #listener{module = Module, socket = Socket} <- Listeners,
        Socket =/= undefined, erlang:function_exported(Module, setopts, 2)],
    ok.

newer(Options, Old) ->
    Options ++ [O || O <- Old, not (is_tuple(O) andalso
                                    lists:keymember(element(1, O), 1,
                                                    Options))].

old(Key) ->
    case application:get_env(kernel, Key) of
        {ok, Old} when is_list(Old) -> Old;
        _ -> []
    end.
