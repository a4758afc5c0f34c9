%% SPDX-License-Identifier: Apache-2.0
%% gen_socket: what gen_tcp_socket and gen_udp_socket have in common, which give
%% sockets of module socket the face of inet's: {'$inet', Module, {Server,
%% Socket}}. The server is a process that owns the socket, knows the options
%% that are not the system's, and reads for its user.
-module(gen_socket).

%% For users, by inet, gen_tcp and gen_udp.
-export([setopts/2, getopts/2, sockname/1, peername/1, getstat/2, info/1,
         monitor/1, socket_to_list/1, controlling_process/2]).

%% For the two modules.
-export([open/4, call/2, call/3, reply/2, answer/2, start/3, next_active/1,
         data/2,
         address/3, endpoint/1]).

-define(SOCKET(Module, Handle), {'$inet', Module, Handle}).

%%% What users ask

setopts(?SOCKET(_, {Server, _}), Opts) -> call(Server, {setopts, Opts}).

getopts(?SOCKET(_, {Server, _}), Names) -> call(Server, {getopts, Names}).

sockname(?SOCKET(_, {_, Socket})) -> endpoint_of(socket:sockname(Socket)).
peername(?SOCKET(_, {_, Socket})) -> endpoint_of(socket:peername(Socket)).

endpoint_of({ok, Address}) -> {ok, endpoint(Address)};
endpoint_of(Error) -> Error.

monitor(?SOCKET(_, {_, Socket})) -> socket:monitor(Socket).

socket_to_list(?SOCKET(_, {_, Socket})) -> socket:to_list(Socket).

%%% Opening

%% A socket with the system's options of a map of inet:read_options, bound as
%% that says; the other options are answered.
open(Module, Type, Protocol, #{family := Family, fd := Fd, netns := Space,
                               opts := Opts} = Options) ->
    Opened = case Fd of
                 _ when Fd >= 0 -> socket:open(Fd, #{dup => false});
                 _ ->
                     socket:open(Family, Type,
                                 case Family of
                                     local -> default;
                                     _ -> Protocol
                                 end,
                                 case Space of
                                     <<>> -> #{};
                                     _ -> #{netns => Space}
                                 end)
             end,
    case Opened of
        {ok, Socket} ->
            {Own, System} = lists:partition(
                              fun({Name, _}) -> is_own(Module, Name) end,
                              Opts),
            case prepare(Socket, System, Options) of
                ok -> {ok, Socket, maps:merge(defaults(Module),
                                              maps:from_list(Own))};
                Error -> socket:close(Socket), Error
            end;
        Error -> Error
    end.

prepare(Socket, System, #{family := Family, ip := Ip, port := Port,
                          bind := Bind, fd := Fd}) ->
    case set_all(Socket, Family, System) of
        ok when Ip =/= undefined ->
            socket:bind(Socket, address(Family, Ip, Port));
        ok when Bind, Fd < 0, Family =/= local ->
            socket:bind(Socket, address(Family, any, Port));
        ok when Bind, Fd < 0 -> {error, einval};
        Result -> Result
    end.

%% An address of inet's as one of module socket.
address(_, {local, Path}, _) -> #{family => local, path => Path};
address(_, {Ip, Scope}, Port) when tuple_size(Ip) =:= 8 ->
    #{family => inet6, addr => Ip, port => Port, scope_id => Scope};
address(_, Ip, Port) when tuple_size(Ip) =:= 8 ->
    #{family => inet6, addr => Ip, port => Port};
address(_, Ip, Port) when tuple_size(Ip) =:= 4 ->
    #{family => inet, addr => Ip, port => Port};
address(Family, Word, Port) ->
    #{family => Family, addr => Word, port => Port}.

%% And the other way round.
endpoint(#{family := local, path := Path}) -> {local, Path};
endpoint(#{addr := Ip, port := Port}) -> {Ip, Port};
endpoint(undefined) -> {undefined, 0}.

%%% The server

%% Starts Loop(State) in a process that becomes the socket's owner, for the
%% caller. The handle is {Server, Socket}.
start(Socket, State, Loop) ->
    User = self(),
    Server = spawn(fun() ->
                           receive
                               {User, go} ->
                                   Monitor = monitor(process, User),
                                   Loop(State#{owner => User,
                                               monitor => Monitor,
                                               handle => {self(), Socket},
                                               socket => Socket})
                           end
                   end),
    ok = socket:setopt(Socket, {otp, controlling_process}, Server),
    Server ! {User, go},
    {Server, Socket}.

call(Server, Request) -> call(Server, Request, infinity).

call(Server, Request, Time) ->
    Monitor = monitor(process, Server, [{alias, reply_demonitor}]),
    Server ! {gen_socket, self(), Monitor, Request},
    receive
        {Monitor, Reply} -> Reply;
        {'DOWN', Monitor, _, _, _} -> {error, closed}
    after Time ->
            demonitor(Monitor, [flush]),
            {error, timeout}
    end.

reply({_, Ref}, Reply) ->
    Ref ! {Ref, Reply},
    ok.

%% Requests that both kinds of servers answer: {Reply, State}, or none. Module
%% is that of the State.
answer({setopts, Opts}, #{module := Module, socket := Socket} = State) ->
    set_each(Opts, Module, Socket, State);
answer({getopts, Names}, #{module := Module, socket := Socket} = State) ->
    Values = [get(Module, Socket, {N, State}) || N <- Names],
    {{ok, [V || V <- Values, V =/= none]}, State};
answer({owner, From, New}, #{owner := From, monitor := Monitor} = State) ->
    demonitor(Monitor, [flush]),
    {ok, State#{owner := New, monitor := monitor(process, New)}};
answer({owner, _, _}, State) -> {{error, not_owner}, State};
answer(active, #{active := Active} = State) -> {Active, State};
answer(_, _) -> none.

%% The user's messages go to the new owner, as those of ports do.
controlling_process(?SOCKET(Module, {Server, _}) = S, New) ->
    case call(Server, {owner, self(), New}) of
        ok ->
            pass_on(S, Module, New),
            ok;
        Error -> Error
    end.

pass_on(S, Module, New) ->
    receive
        Message when is_tuple(Message), element(2, Message) =:= S ->
            New ! Message,
            pass_on(S, Module, New)
    after 0 -> ok
    end.

%%% Options of the server

defaults(gen_tcp_socket) ->
    maps:merge(defaults(any),
               #{packet => raw, packet_size => 0, exit_on_close => true,
                 line_delimiter => $\n, send_timeout => infinity,
                 send_timeout_close => false, show_econnreset => false,
                 delay_send => false, high_watermark => 8192,
                 low_watermark => 4096});
defaults(gen_udp_socket) -> maps:merge(defaults(any), #{read_packets => 5});
defaults(any) ->
    #{active => true, mode => list, header => 0, deliver => term,
      buffer => 8192, debug => false, high_msgq_watermark => 8192,
      low_msgq_watermark => 4096}.

is_own(Module, Name) -> is_map_key(Name, defaults(Module)).

set_each([{Name, Value} | Opts], Module, Socket, State) ->
    case is_own(Module, Name) of
        true ->
            case own_value(Name, Value, State) of
                {ok, New} ->
                    set_each(Opts, Module, Socket, State#{Name := New});
                error -> {{error, einval}, State}
            end;
        false ->
            case set(Socket, family(Socket), {Name, Value}) of
                ok -> set_each(Opts, Module, Socket, State);
                _ -> {{error, einval}, State}
            end
    end;
set_each([], _, _, State) -> {ok, State}.

%% Numbers are added to what is left.
own_value(active, N, #{active := Active}) when is_integer(N) ->
    Left = N + case is_integer(Active) of
                   true -> Active;
                   false -> 0
               end,
    if
        N < -32768; Left > 32767 -> error;
        Left =< 0 -> {ok, 0};
        true -> {ok, Left}
    end;
own_value(active, Value, _) ->
    checked(lists:member(Value, [true, false, once]), Value);
own_value(mode, Value, _) -> checked(lists:member(Value, [list, binary]), Value);
own_value(deliver, Value, _) ->
    checked(lists:member(Value, [term, port]), Value);
own_value(packet, 0, _) -> {ok, raw};
own_value(packet, Value, _) ->
    checked(lists:member(Value,
                         [raw, 1, 2, 4, asn1, cdr, sunrm, fcgi, tpkt, line,
                          http, httph, http_bin, httph_bin, ssl_tls]), Value);
own_value(send_timeout, Value, _) ->
    checked(Value =:= infinity orelse is_integer(Value) andalso Value >= 0,
            Value);
own_value(Name, Value, State) ->
    case maps:get(Name, State) of
        Old when is_boolean(Old) -> checked(is_boolean(Value), Value);
        _ -> checked(is_integer(Value) andalso Value >= 0, Value)
    end.

checked(true, Value) -> {ok, Value};
checked(false, _) -> error.

%% What active is after a message.
next_active(true) -> true;
next_active(once) -> false;
next_active(1) -> 0;
next_active(N) -> N - 1.

%% Bytes as the options want them.
data(Bytes, #{mode := binary, header := 0}) -> Bytes;
data(Bytes, #{mode := binary, header := N}) when N >= byte_size(Bytes) ->
    binary_to_list(Bytes);
data(Bytes, #{mode := binary, header := N}) ->
    <<Header:N/binary, Rest/binary>> = Bytes,
    binary_to_list(Header) ++ Rest;
data(Bytes, #{mode := list}) when is_binary(Bytes) -> binary_to_list(Bytes);
data(Packet, _) -> Packet.

%%% Options of the system

set_all(Socket, Family, [Option | Options]) ->
    case set(Socket, Family, Option) of
        ok -> set_all(Socket, Family, Options);
        {error, invalid} -> exit(badarg);
        Error -> Error
    end;
set_all(_, _, []) -> ok.

family(Socket) ->
    {ok, Family} = socket:getopt(Socket, {otp, domain}),
    Family.

%% {error, invalid} of what an option can never be; of some options only is it
%% told that the system refuses them, as in inet.
set(Socket, _, {raw, {Level, Option, Value}}) ->
    case is_integer(Level) andalso is_integer(Option) andalso
        is_binary(Value) of
        true ->
            _ = socket:setopt_native(Socket, {Level, Option}, Value),
            ok;
        false -> {error, invalid}
    end;
set(Socket, Family, {Name, Value}) ->
    case system(Name, Family) of
        {Option, Told} ->
            case socket:setopt(Socket, Option, written(Name, Value)) of
                ok -> ok;
                {error, {invalid, _}} -> {error, invalid};
                {error, _} when Told -> {error, einval};
                {error, _} -> ok
            end;
        none -> {error, invalid}
    end.

get(Module, Socket, {{raw, Level, Option, Size}, _}) when is_atom(Module) ->
    Spec = case Size of
               _ when is_binary(Size) -> byte_size(Size);
               _ -> Size
           end,
    case socket:getopt_native(Socket, {Level, Option}, Spec) of
        {ok, Bytes} -> {raw, Level, Option, Bytes};
        _ -> none
    end;
get(_, Socket, {fd, _}) ->
    case socket:getopt(Socket, {otp, fd}) of
        {ok, Fd} -> {fd, Fd};
        _ -> none
    end;
get(Module, Socket, {Name, State}) ->
    case is_own(Module, Name) of
        true -> {Name, maps:get(Name, State)};
        false ->
            case system(Name, family(Socket)) of
                {Option, _} ->
                    case socket:getopt(Socket, Option) of
                        {ok, Value} -> {Name, read(Name, Value)};
                        _ -> none
                    end;
                none -> none
            end
    end.

system(Name, Family) ->
    V6 = Family =:= inet6,
    case Name of
        tos -> {{ip, tos}, true};
        ttl when V6 -> {{ipv6, unicast_hops}, true};
        ttl -> {{ip, ttl}, true};
        tclass -> {{ipv6, tclass}, true};
        priority -> {{socket, priority}, true};
        recvtos -> {{ip, recvtos}, true};
        recvttl when V6 -> {{ipv6, recvhoplimit}, true};
        recvttl -> {{ip, recvttl}, true};
        recvtclass -> {{ipv6, recvtclass}, true};
        ipv6_v6only -> {{ipv6, v6only}, true};
        bind_to_device -> {{socket, bindtodevice}, true};
        nodelay -> {{tcp, nodelay}, false};
        nopush -> {{tcp, cork}, false};
        recbuf -> {{socket, rcvbuf}, false};
        multicast_if when V6 -> {{ipv6, multicast_if}, false};
        multicast_ttl when V6 -> {{ipv6, multicast_hops}, false};
        multicast_loop when V6 -> {{ipv6, multicast_loop}, false};
        add_membership when V6 -> {{ipv6, add_membership}, false};
        drop_membership when V6 -> {{ipv6, drop_membership}, false};
        _ when Name =:= multicast_if; Name =:= multicast_ttl;
               Name =:= multicast_loop; Name =:= add_membership;
               Name =:= drop_membership -> {{ip, Name}, false};
        _ when Name =:= reuseaddr; Name =:= reuseport; Name =:= keepalive;
               Name =:= dontroute; Name =:= linger; Name =:= broadcast;
               Name =:= sndbuf -> {{socket, Name}, false};
        _ -> none
    end.

written(linger, {On, Seconds}) -> #{onoff => On, linger => Seconds};
written(Name, {Group, Interface})
  when Name =:= add_membership; Name =:= drop_membership ->
    #{multiaddr => Group, interface => Interface};
written(Name, {Group, Interface, _Index})
  when Name =:= add_membership; Name =:= drop_membership ->
    #{multiaddr => Group, interface => Interface};
written(_, Value) -> Value.

read(linger, #{onoff := On, linger := Seconds}) -> {On, Seconds};
read(bind_to_device, Name) ->
    list_to_binary(lists:takewhile(fun(C) -> C =/= 0 end, Name));
read(tos, Name) when is_atom(Name) ->
    proplists:get_value(Name, [{lowdelay, 16}, {throughput, 8},
                               {reliability, 4}, {mincost, 2}]);
read(_, Value) -> Value.

%%% Looking

getstat(?SOCKET(_, {_, Socket}), Names) ->
    #{counters := C} = socket:info(Socket),
    Average = fun(Bytes, Packets) -> maps:get(Bytes, C)
                                         div max(1, maps:get(Packets, C))
              end,
    try
        {ok, [{Name, case Name of
                         recv_cnt -> maps:get(read_pkg, C);
                         recv_max -> maps:get(read_pkg_max, C);
                         recv_oct -> maps:get(read_byte, C);
                         recv_avg -> Average(read_byte, read_pkg);
                         recv_dvi -> 0;
                         send_cnt -> maps:get(write_pkg, C);
                         send_max -> maps:get(write_pkg_max, C);
                         send_oct -> maps:get(write_byte, C);
                         send_avg -> Average(write_byte, write_pkg);
                         send_pend -> 0
                     end} || Name <- Names]}
    catch
        error:_ -> {error, einval}
    end.

info(?SOCKET(_, {Server, Socket})) ->
    Info = socket:info(Socket),
    case call(Server, info) of
        #{} = More -> maps:merge(Info, More);
        _ -> Info#{states => [closed]}
    end.
