%% SPDX-License-Identifier: Apache-2.0
%% gen_udp_socket: gen_udp on sockets of module socket, {inet_backend, socket}.
%%
%% Who sends or receives does so itself; the server (gen_socket) reads only for
%% an owner who is active.
-module(gen_udp_socket).

-export([open/1, send/2, send/5, recv/3, connect/3, close/1, family/1]).

-define(SOCKET(Handle), {'$inet', ?MODULE, Handle}).

%%% Opening: Options are maps of inet:read_options

open(Options) ->
    case gen_socket:open(?MODULE, dgram, udp, Options) of
        {ok, Socket, Own} ->
            State = Own#{module => ?MODULE, select => none},
            Handle = gen_socket:start(Socket, State, fun init/1),
            {ok, ?SOCKET(Handle)};
        Error -> Error
    end.

%%% Using

send(?SOCKET({_, Socket}), Data) -> socket:send(Socket, Data).

send(?SOCKET({_, Socket}), Ip, Port, Ancillary, Data) ->
    Msg = #{addr => gen_socket:address(any, Ip, Port),
            iov => [iolist_to_binary(Data)],
            ctrl => [#{level => level(Name), type => Name, value => Value}
                     || {Name, Value} <- Ancillary]},
    case socket:sendmsg(Socket, Msg) of
        {error, {invalid, _}} -> {error, einval};
        Result -> Result
    end.

level(tclass) -> ipv6;
level(_) -> ip.

%% {ok, inet | inet6 | local}
family(?SOCKET({_, Socket})) -> socket:getopt(Socket, {otp, domain}).

recv(?SOCKET({Server, Socket}), Size, Time) ->
    case gen_socket:call(Server, receiving) of
        {ok, #{buffer := Most} = Options} ->
            case socket:recvmsg(Socket, max(Size, Most), 0, [], Time) of
                {ok, Msg} ->
                    {ok, list_to_tuple(parts(Msg, Options))};
                Error -> Error
            end;
        Error -> Error
    end.

%% [Ip, Port, Data], with what came beside the data before it.
parts(#{iov := [Bytes], ctrl := Controls} = Msg, Options) ->
    {Ip, Port} = case gen_socket:endpoint(maps:get(addr, Msg, undefined)) of
                     {local, _} = Local -> {Local, 0};
                     Pair -> Pair
                 end,
    Data = gen_socket:data(Bytes, Options),
    case [{Type, Value} || #{type := Type, value := Value} <- Controls,
                           Type =/= timestamp] of
        [] -> [Ip, Port, Data];
        Ancillary -> [Ip, Port, Ancillary, Data]
    end.

connect(?SOCKET({_, Socket}), Ip, Port) ->
    socket:connect(Socket, gen_socket:address(any, Ip, Port)).

close(?SOCKET({Server, _})) ->
    _ = gen_socket:call(Server, close),
    ok.

%%% The server

init(State) -> loop(deliver(State)).

loop(#{socket := Socket, owner := Owner, monitor := Monitor,
       select := Info} = State) ->
    receive
        {gen_socket, Pid, Ref, Request} ->
            handle(Request, {Pid, Ref}, State);
        {'$socket', Socket, select, Handle}
          when element(3, Info) =:= Handle ->
            loop(deliver(State#{select := none}));
        {'$socket', Socket, abort, _} -> ok;
        {'DOWN', Monitor, process, Owner, _} -> socket:close(Socket);
        _ -> loop(State)
    end.

handle(close, From, #{socket := Socket}) ->
    socket:close(Socket),
    gen_socket:reply(From, ok);
handle(receiving, From, #{active := Active} = State)
  when Active =:= false; Active =:= 0 ->
    gen_socket:reply(From, {ok, maps:with([buffer, mode, header], State)}),
    loop(State);
handle(receiving, From, State) ->
    gen_socket:reply(From, {error, einval}),
    loop(State);
handle(info, From, State) ->
    gen_socket:reply(From, maps:with([active, owner], State)),
    loop(State);
handle(Request, From, State0) ->
    case gen_socket:answer(Request, State0) of
        {Reply, State} ->
            Passive = element(1, Request) =:= setopts andalso Reply =:= ok
                andalso maps:get(active, State) =:= 0,
            gen_socket:reply(From, Reply),
            loop(deliver(case Passive of
                             true -> passive(State);
                             false -> State
                         end));
        none ->
            gen_socket:reply(From, {error, einval}),
            loop(State0)
    end.

passive(#{owner := Owner, handle := Handle} = State) ->
    Owner ! {udp_passive, ?SOCKET(Handle)},
    State#{active := false}.

%% Reads while the owner wants it; who is passive reads for himself.
deliver(#{active := false, select := none} = State) -> State;
deliver(#{active := false, select := Info, socket := Socket} = State) ->
    _ = socket:cancel(Socket, Info),
    State#{select := none};
deliver(#{select := {select_info, _, _}} = State) -> State;
deliver(#{socket := Socket, buffer := Most, owner := Owner,
          handle := Handle} = State) ->
    case socket:recvmsg(Socket, Most, 0, [], nowait) of
        {ok, Msg} ->
            Owner ! list_to_tuple([udp, ?SOCKET(Handle) | parts(Msg, State)]),
            deliver(counted(State));
        {select, Info} -> State#{select := Info};
        {error, Reason} ->
            Owner ! {udp_error, ?SOCKET(Handle), Reason},
            deliver(counted(State))
    end.

counted(#{active := Active} = State) ->
    case gen_socket:next_active(Active) of
        0 -> passive(State);
        Next -> State#{active := Next}
    end.
