%% SPDX-License-Identifier: Apache-2.0
%% gen_tcp_socket: gen_tcp on sockets of module socket, {inet_backend, socket}.
%%
%% The server (gen_socket) reads and cuts what it reads into packets; a second
%% process writes, so that what several processes send is not mixed.
-module(gen_tcp_socket).

-export([connect/4, listen/2, accept/2, send/2, recv/3, shutdown/2, close/1,
         unrecv/2, fdopen/2]).

-define(SOCKET(Handle), {'$inet', ?MODULE, Handle}).
-define(FLUSHES, 5000). % ms that closing waits for what is still to be written

%%% Opening: Options are maps of inet:read_options

connect(Ip, Port, #{family := Family} = Options, Time) ->
    case gen_socket:open(?MODULE, stream, tcp, Options) of
        {ok, Socket, Own} ->
            case socket:connect(Socket, gen_socket:address(Family, Ip, Port),
                                Time) of
                ok -> {ok, serve(Socket, Own)};
                Error -> socket:close(Socket), Error
            end;
        Error -> Error
    end.

listen(#{backlog := Backlog} = Options, _) ->
    case gen_socket:open(?MODULE, stream, tcp, Options) of
        {ok, Socket, Own} ->
            case socket:listen(Socket, Backlog) of
                ok -> {ok, serve(Socket, Own#{listens => true})};
                Error -> socket:close(Socket), Error
            end;
        Error -> Error
    end.

fdopen(_, Options) ->
    case gen_socket:open(?MODULE, stream, tcp, Options) of
        {ok, Socket, Own} -> {ok, serve(Socket, Own)};
        Error -> Error
    end.

%% The new socket is the caller's, and set as the listener is.
accept(?SOCKET({Server, Socket}), Time) ->
    case gen_socket:call(Server, options) of
        #{listens := true} = Own ->
            case socket:accept(Socket, Time) of
                {ok, New} -> {ok, serve(New, maps:remove(listens, Own))};
                Error -> Error
            end;
        #{} -> {error, einval};
        Error -> Error
    end.

serve(Socket, Own) ->
    State = maps:merge(Own, #{module => ?MODULE, options => maps:keys(Own),
                              buffer_of => <<>>, waits => [], select => none,
                              ended => false, writer => none}),
    ?SOCKET(gen_socket:start(Socket, State, fun init/1)).

%%% Using

send(?SOCKET({Server, _}), Data) ->
    try iolist_to_binary(Data) of
        Bytes ->
            case gen_socket:call(Server, writer) of
                {error, _} = Error -> Error;
                {Writer, Options} ->
                    gen_socket:call(Writer, {send, Bytes, Options})
            end
    catch
        error:badarg -> {error, einval}
    end.

recv(?SOCKET({Server, _}), Size, Time) ->
    case gen_socket:call(Server, {recv, Size, Time}) of
        {error, {timeout, _}} -> {error, timeout};
        Result -> Result
    end.

unrecv(?SOCKET(_), _Data) -> {error, enotsup}.

%% What is queued goes before.
shutdown(?SOCKET({Server, Socket}), How) ->
    case gen_socket:call(Server, writer) of
        {error, _} = Error -> Error;
        {Writer, _} ->
            gen_socket:call(Writer, flush),
            socket:shutdown(Socket, How)
    end.

close(?SOCKET({Server, _}) = S) ->
    _ = gen_socket:call(Server, close),
    receive {tcp_closed, S} -> ok after 0 -> ok end.

%%% The server

init(State) -> loop(deliver(State)).

loop(#{socket := Socket, owner := Owner, monitor := Monitor} = State) ->
    receive
        {gen_socket, Pid, Ref, Request} ->
            handle(Request, {Pid, Ref}, State);
        {'$socket', Socket, select, Handle} ->
            selected(Handle, State);
        {'$socket', Socket, abort, _} ->
            loop(deliver(ended(closed, State#{select := none})));
        {timeout, Timer, Ref} ->
            loop(timed_out(Timer, Ref, State));
        {'DOWN', Monitor, process, Owner, _} ->
            socket:close(Socket);
        {'DOWN', Down, process, Pid, _} ->
            loop(gone(Pid, Down, State));
        _ -> loop(State)
    end.

%% The writer, or one who waits: what comes is for the others.
gone(Pid, _, #{writer := Pid} = State) -> State#{writer := none};
gone(_, Down, #{waits := Waits} = State) ->
    State#{waits := lists:keydelete(Down, 4, Waits)}.

selected(Handle, #{select := {select_info, _, Handle}} = State) ->
    loop(deliver(State#{select := none}));
selected(_, State) -> loop(State).

handle(close, From, #{socket := Socket} = State) ->
    flush(State),
    socket:close(Socket),
    [end_wait(W, {error, closed}) || W <- waits(State)],
    gen_socket:reply(From, ok);
handle(writer, From, State0) ->
    State = with_writer(State0),
    gen_socket:reply(From, case State of
                               #{ended := closed, exit_on_close := true} ->
                                   {error, closed};
                               #{writer := Writer} ->
                                   {Writer, maps:with([packet, send_timeout,
                                                       send_timeout_close],
                                                      State)}
                           end),
    loop(State);
handle(options, From, #{options := Names} = State) ->
    gen_socket:reply(From, maps:with([listens | Names], State)),
    loop(State);
handle(info, From, State) ->
    gen_socket:reply(From, maps:with([active, owner], State)),
    loop(State);
handle({recv, _, _}, From, #{active := Active} = State)
  when Active =/= false, Active =/= 0 ->
    gen_socket:reply(From, {error, einval}),
    loop(State);
handle({recv, Size, Time}, {Pid, Ref} = From, #{waits := Waits} = State) ->
    Timer = case Time of
                infinity -> none;
                _ -> erlang:start_timer(Time, self(), Ref)
            end,
    Wait = {From, Size, Timer, monitor(process, Pid)},
    loop(deliver(State#{waits := Waits ++ [Wait]}));
handle({setopts, _} = Request, From, State0) ->
    {Reply, #{active := Active} = State} = gen_socket:answer(Request, State0),
    gen_socket:reply(From, Reply),
    %% told even if it never was active, as inet does it
    Passive = Active =:= 0 andalso Reply =:= ok,
    Passive andalso tell(tcp_passive, State),
    loop(deliver(case Passive of
                     true -> State#{active := false};
                     false -> State
                 end));
handle(Request, From, State0) ->
    case gen_socket:answer(Request, State0) of
        {Reply, State} ->
            gen_socket:reply(From, Reply),
            loop(State);
        none ->
            gen_socket:reply(From, {error, einval}),
            loop(State0)
    end.

waits(#{waits := Waits}) -> Waits.

timed_out(Timer, _, #{waits := Waits} = State) ->
    case lists:keytake(Timer, 3, Waits) of
        {value, Wait, Others} ->
            end_wait(Wait, {error, timeout}),
            State#{waits := Others};
        false -> State
    end.

end_wait({From, _, Timer, Monitor}, Reply) ->
    Timer =/= none andalso erlang:cancel_timer(Timer),
    demonitor(Monitor, [flush]),
    gen_socket:reply(From, Reply).

tell(Tag, #{owner := Owner, handle := Handle}) ->
    Owner ! {Tag, ?SOCKET(Handle)}.

%% Gives out packets while somebody wants one, and reads for the next.
deliver(#{active := Active, waits := []} = State)
  when Active =:= false; Active =:= 0 -> State;
deliver(#{listens := true} = State) -> State;
deliver(#{ended := false} = State) ->
    case packet(State) of
        {ok, Packet, Rest} ->
            deliver(give(Packet, State#{buffer_of := Rest}));
        more -> read(State);
        {error, Reason} -> deliver(ended(Reason, State))
    end;
deliver(State) -> last(State).

%% What is left when the peer has closed: whole packets, and raw bytes.
last(#{waits := Waits, ended := Reason} = State) ->
    case packet(State) of
        {ok, Packet, Rest} ->
            deliver(give(Packet, State#{buffer_of := Rest}));
        _ ->
            [end_wait(Wait, {error, Reason}) || Wait <- Waits],
            told(State#{waits := []})
    end.

%% An active user hears of it once.
told(#{active := Active} = State) when Active =:= false; Active =:= 0 -> State;
told(#{owner := Owner, handle := Handle, ended := Reason,
       socket := Socket} = State) ->
    Reason =/= closed andalso
        (Owner ! {tcp_error, ?SOCKET(Handle), Reason}),
    tell(tcp_closed, State),
    case State of
        #{exit_on_close := true} ->
            socket:close(Socket),
            exit(normal);
        _ -> State#{active := false}
    end.

ended(econnreset, #{show_econnreset := false} = State) ->
    State#{ended := closed};
ended(Reason, State) -> State#{ended := Reason}.

read(#{select := {select_info, _, _}} = State) -> State;
read(#{socket := Socket, buffer_of := Before} = State) ->
    case socket:recv(Socket, 0, [], nowait) of
        {ok, Bytes} ->
            deliver(State#{buffer_of := <<Before/binary, Bytes/binary>>});
        {select, {{select_info, _, _} = Info, Bytes}} ->
            deliver(State#{buffer_of := <<Before/binary, Bytes/binary>>,
                           select := Info});
        {select, Info} -> State#{select := Info};
        {error, {Reason, Bytes}} ->
            deliver(ended(Reason, State#{buffer_of := <<Before/binary,
                                                        Bytes/binary>>}));
        {error, Reason} -> deliver(ended(Reason, State))
    end.

%% The next packet of what was read.
packet(#{buffer_of := <<>>}) -> more;
packet(#{packet := raw, buffer_of := Bytes, waits := [{_, Size, _, _} | _]})
  when Size > 0 ->
    case Bytes of
        <<Packet:Size/binary, Rest/binary>> -> {ok, Packet, Rest};
        _ -> more
    end;
packet(#{packet := raw, buffer_of := Bytes, buffer := Most}) ->
    case Bytes of
        <<Packet:Most/binary, Rest/binary>> -> {ok, Packet, Rest};
        _ -> {ok, Bytes, <<>>}
    end;
packet(#{packet := Type, buffer_of := Bytes} = State) ->
    case erlang:decode_packet(Type, Bytes, decode_options(State)) of
        {ok, Packet, Rest} -> {ok, Packet, Rest};
        {more, _} -> more;
        {error, _} -> {error, emsgsize}
    end.

decode_options(#{packet := line, buffer := Most, line_delimiter := C,
                 packet_size := Size}) ->
    [{line_delimiter, C}, {line_length, Most}, {packet_size, Size}];
decode_options(#{packet_size := Size}) -> [{packet_size, Size}].

%% One who waits comes before the owner.
give(Packet, #{waits := [Wait | Waits]} = State) ->
    end_wait(Wait, {ok, gen_socket:data(Packet, State)}),
    next_mode(Packet, State#{waits := Waits});
give(Packet, #{owner := Owner, handle := Handle, active := Active} = State) ->
    Owner ! message(Packet, ?SOCKET(Handle), State),
    Next = gen_socket:next_active(Active),
    Next =:= 0 andalso tell(tcp_passive, State),
    next_mode(Packet, State#{active := case Next of
                                           0 -> false;
                                           _ -> Next
                                       end}).

message(Packet, S, #{packet := ssl_tls}) when is_tuple(Packet) ->
    setelement(2, Packet, S);
message(Packet, S, #{packet := Type})
  when Type =:= http; Type =:= httph; Type =:= http_bin; Type =:= httph_bin ->
    {http, S, Packet};
message(Packet, S, #{deliver := port} = State) ->
    {S, {data, gen_socket:data(Packet, State)}};
message(Packet, S, State) -> {tcp, S, gen_socket:data(Packet, State)}.

%% After the first line of HTTP come headers, after them the next first line.
next_mode({http_request, _, _, _}, State) -> headers(State);
next_mode({http_response, _, _, _}, State) -> headers(State);
next_mode(http_eoh, #{packet := httph} = State) -> State#{packet := http};
next_mode(http_eoh, #{packet := httph_bin} = State) ->
    State#{packet := http_bin};
next_mode(_, State) -> State.

headers(#{packet := http} = State) -> State#{packet := httph};
headers(#{packet := http_bin} = State) -> State#{packet := httph_bin};
headers(State) -> State.

%%% The writer

with_writer(#{writer := none, socket := Socket} = State) ->
    Server = self(),
    {Writer, _} = spawn_monitor(
                    fun() ->
                            monitor(process, Server),
                            write_loop(Server, Socket)
                    end),
    State#{writer := Writer};
with_writer(State) -> State.

%% A peer that takes nothing is not waited for; one who lingers says how long.
flush(#{writer := none}) -> ok;
flush(#{writer := Writer, socket := Socket}) ->
    Time = case socket:getopt(Socket, {socket, linger}) of
               {ok, #{onoff := true, linger := Seconds}} -> Seconds * 1000;
               _ -> ?FLUSHES
           end,
    gen_socket:call(Writer, flush, Time).

write_loop(Server, Socket) ->
    receive
        {gen_socket, Pid, Ref, flush} ->
            gen_socket:reply({Pid, Ref}, ok),
            write_loop(Server, Socket);
        {gen_socket, Pid, Ref, {send, Bytes, Options}} ->
            gen_socket:reply({Pid, Ref}, write(Socket, Bytes, Options)),
            write_loop(Server, Socket);
        {'DOWN', _, process, Server, _} -> ok
    end.

%% The options are those of when it was to be sent.
write(Socket, Bytes, #{packet := Packet, send_timeout := Time,
                       send_timeout_close := Closes}) ->
    case header(Packet, byte_size(Bytes)) of
        error -> {error, emsgsize};
        Header ->
            sent(socket:send(Socket, [Header, Bytes], Time), Socket, Closes)
    end.

header(N, Size) when N =:= 1; N =:= 2; N =:= 4 ->
    case Size < 1 bsl (8 * N) of
        true -> <<Size:N/unit:8>>;
        false -> error
    end;
header(_, _) -> <<>>.

sent({error, {Reason, _Rest}}, Socket, Closes) ->
    sent({error, Reason}, Socket, Closes);
sent({error, timeout}, Socket, true) ->
    socket:close(Socket),
    {error, timeout};
sent({error, Reason}, _, _) when Reason =:= epipe; Reason =:= econnreset ->
    {error, closed};
sent(Result, _, _) -> Result.
