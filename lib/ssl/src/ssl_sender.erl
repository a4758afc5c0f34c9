%% SPDX-License-Identifier: Apache-2.0
%% The process that ciphers and sends what a connection's programs send: it
%% waits for the peer while the receiver reads on. It alone takes bytes for the
%% peer after the handshake, in the order in which they were ciphered.
-module(ssl_sender).

-export([start_link/4, set_session/2, send/2, set_packet/2, act/2, close/1,
         flush/1]).
-export([init/4, loop/1]).

-record(sender, {session = none, transport, socket, packet, idle}).

-define(PIECE, 131072). % bytes that are ciphered at once
-define(CLOSE_WAITS, 5000).

%% Idle: the ms after which it hibernates, or infinity.
start_link(Transport, Socket, Packet, Idle) ->
    proc_lib:spawn_link(?MODULE, init, [Transport, Socket, Packet, Idle]).

%% The handshake is done.
set_session(Pid, Session) -> Pid ! {session, Session}, ok.

%% ok | {error, Reason}
send(Pid, Data) -> call(Pid, {send, Data}).
set_packet(Pid, Packet) -> call(Pid, {packet, Packet}).

%% What tls_session:act/2 does.
act(Pid, What) -> call(Pid, {act, What}).

%% Tells the peer that nothing more comes. A peer that does not take what was
%% sent before is not waited for.
close(Pid) -> call(Pid, {act, shutdown}, ?CLOSE_WAITS).

%% Sends what the receiver has found libssl to have for the peer.
flush(Pid) -> Pid ! flush, ok.

call(Pid, Request) -> call(Pid, Request, infinity).

call(Pid, Request, Timeout) ->
    Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {Ref, Request},
    receive
        {Ref, Answer} -> Answer;
        {'DOWN', Ref, _, _, _} -> {error, closed}
    after Timeout ->
        erlang:demonitor(Ref, [flush]),
        {error, timeout}
    end.

init(Transport, Socket, Packet, Idle) ->
    loop(#sender{transport = Transport, socket = Socket, packet = Packet,
                 idle = Idle}).

loop(#sender{idle = Idle} = S) ->
    receive
        {session, Session} ->
            loop(S#sender{session = Session});
        {Ref, {packet, Packet}} ->
            Ref ! {Ref, ok},
            loop(S#sender{packet = Packet});
        {Ref, _} when S#sender.session =:= none ->
            Ref ! {Ref, {error, closed}},
            loop(S);
        {Ref, {send, Data}} ->
            Ref ! {Ref, send_packet(joined(Data), S)},
            loop(S);
        flush ->
            write([], S),
            loop(S);
        {Ref, {act, What}} ->
            {Status, Out} = tls_session:act(S#sender.session, What),
            Sent = put_out(Out, S),
            Ref ! {Ref, case Status of ok -> Sent; _ -> {error, Status} end},
            loop(S);
        _ ->
            loop(S)
    after Idle ->
            proc_lib:hibernate(?MODULE, loop, [S])
    end.

joined([Data]) -> Data;
joined(Data) -> iolist_to_binary(Data).

send_packet(Data, #sender{packet = N} = S) when N =:= 1; N =:= 2; N =:= 4 ->
    Size = byte_size(Data),
    Most = (1 bsl (8 * N)) - 1,
    case Size > Most of
        true -> {error, {badarg, {packet_to_large, Size, Most}}};
        false -> pieces(<<Size:N/unit:8, Data/binary>>, S)
    end;
send_packet(Data, S) -> pieces(Data, S).

pieces(<<Piece:?PIECE/binary, Rest/binary>>, S) when Rest =/= <<>> ->
    case write(Piece, S) of
        ok -> pieces(Rest, S);
        Error -> Error
    end;
pieces(Piece, S) -> write(Piece, S).

write(Piece, #sender{session = Session} = S) ->
    case tls_session:write(Session, Piece) of
        {ok, Out} -> put_out(Out, S);
        {more, Out} ->
            put_out(Out, S),
            receive flush -> write(Piece, S) % another handshake goes on
            after 100 -> write(Piece, S)
            end;
        {_, _} -> {error, closed}
    end.

put_out(<<>>, _) -> ok;
put_out(Out, #sender{transport = Transport, socket = Socket}) ->
    Transport:send(Socket, Out).
