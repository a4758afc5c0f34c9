%% SPDX-License-Identifier: Apache-2.0
%% The process of a connection: it receives from the transport, does the
%% handshake, and gives data to its owner as gen_tcp would. What is sent goes
%% through ssl_sender.
%%
%%     idle -> (hello -> paused ->) handshake -> connection
%%
%% Hello: bytes of the peer are kept until its first message is whole, for who
%% wants to see it before more options are chosen.
-module(ssl_connection).
-behaviour(gen_server).

-export([start/5, socket/1, call/2, call/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         format_status/2]).

-include("ssl_socket.hrl").

-import(ssl_options, [value/2]).

-define(AHEAD, 65536). % bytes that are read before somebody wants them
-define(BUFFER, 32768). % bytes of a message of gen_tcp
-define(MESSAGES, 32). % of the transport, before it is asked for more

-record(st, {role, host, port, socket, config, delivery, trackers,
             user, monitor,     % owner
             session, sender, phase = idle,
             waiting = none,    % who is to be told of a handshake or of data
             length = 0,        % bytes that recv wants
             queue = [],        % of further calls of recv
             timer = none,      % of who is waiting
             held = <<>>,       % bytes that came before a session
             psk = done,        % of ssl_psk
             data = [],         % received, newest first
             size = 0,          % bytes of it
             reading = false,   % the transport will send messages
             fault = none,      % why the peer's certificate was refused
             ended = no}).      % the peer: no, closed, or {error, Reason}

%% ---- for ssl ----

start(Role, {Host, Port}, Socket, Config, Trackers) ->
    #config{transport_info = Info, ssl = Ssl} = Config,
    {ok, Pid} = gen_server:start(?MODULE, {Role, Host, Port, Socket, Config,
                                           Trackers, self()},
                                 [{hibernate_after,
                                   value(hibernate_after, Ssl)}]),
    case (element(1, Info)):controlling_process(Socket, Pid) of
        ok -> {ok, Pid};
        Error -> gen_server:stop(Pid), Error
    end.

%% The record that programs hold.
socket(Pid) -> call(Pid, socket).

call(Pid, Request) -> call(Pid, Request, infinity).

call(Pid, Request, Timeout) ->
    try gen_server:call(Pid, Request, Timeout)
    catch
        exit:{timeout, _} -> {error, timeout};
        exit:{_, {gen_server, call, _}} -> {error, closed}
    end.

%% ---- gen_server ----

init({Role, Host, Port, Socket, Config, Trackers, User}) ->
    process_flag(trap_exit, true),
    is_pid(whereis(ssl_sup)) andalso link(whereis(ssl_sup)),
    #config{delivery = Delivery, transport_info = Info, ssl = Ssl} = Config,
    Sender = ssl_sender:start_link(element(1, Info), Socket,
                                   Delivery#delivery.packet,
                                   value(hibernate_after, Ssl)),
    {ok, #st{role = Role, host = Host, port = Port, socket = Socket,
             config = Config, delivery = Delivery, trackers = Trackers,
             user = User, monitor = erlang:monitor(process, User),
             sender = Sender}}.

handle_call(socket, _From, St) -> {reply, {ok, socket_of(St)}, St};
handle_call({handshake, Options, Timeout}, From, #st{phase = idle} = St) ->
    Waiting = wait(From, Timeout, St),
    case more_options(Options, Waiting) of
        {ok, New} -> begin_handshake(New);
        Error -> {stop, normal, answer(Error, Waiting)}
    end;
handle_call({continue, Options, Timeout}, From, #st{phase = paused} = St) ->
    continue(Options, wait(From, Timeout, St));
handle_call(cancel, _From, St) -> {stop, normal, ok, cancel(St)};
handle_call({recv, Length, Timeout}, From, #st{phase = connection} = St) ->
    receive_for(From, Length, Timeout, St);
handle_call({setopts, Options}, _From, St) -> set_options(Options, St);
handle_call({getopts, Names}, _From, St) ->
    {reply, get_options(Names, St), St};
handle_call({owner, New}, _From, #st{monitor = Old} = St) ->
    erlang:demonitor(Old, [flush]),
    {reply, ok, St#st{user = New, monitor = erlang:monitor(process, New)}};
handle_call({close, How}, From, St) -> close(How, From, St);
handle_call({shutdown, How}, _From, St) ->
    shut_down(How, St);
handle_call(session, _From, #st{session = Session, config = Config,
                                role = Role, phase = connection} = St) ->
    {reply, {ok, Session, (Config#config.ssl)#{role => Role}}, St};
handle_call(_, _From, St) -> {reply, {error, closed}, St}.

handle_cast(_, St) -> {noreply, St}.

handle_info({Tag, Socket, Bytes},
            #st{socket = Socket, config = #config{transport_info = Info}} = St)
  when Tag =:= element(2, Info) ->
    received(Bytes, still_reading(St));
handle_info({Tag, Socket}, #st{socket = Socket, config = Config} = St) ->
    {_, _, Closed, _, Passive} = Config#config.transport_info,
    case Tag of
        Passive -> {noreply, activate(St#st{reading = false})};
        Closed -> ended(closed, St);
        _ -> {noreply, St}
    end;
handle_info({Tag, Socket, Reason},
            #st{socket = Socket, config = #config{transport_info = Info}} = St)
  when Tag =:= element(4, Info) ->
    ended({error, Reason}, St);
handle_info({timeout, Timer, waited}, #st{timer = Timer} = St) ->
    timed_out(St#st{timer = none});
handle_info({'DOWN', Monitor, _, _, _}, #st{monitor = Monitor} = St) ->
    {stop, normal, say_close(St)};
handle_info({'EXIT', Pid, Reason}, #st{sender = Sender} = St)
  when Pid =:= Sender; Reason =:= shutdown ->
    {stop, normal, St};
handle_info(_, St) -> {noreply, St}.

terminate(_, #st{sender = Sender, socket = Socket} = St) ->
    exit(Sender, kill),
    Socket =:= none orelse (transport(St)):close(Socket),
    ok.

%% Keys and what was received are no matter of reports.
format_status(_, [_, #st{role = Role, phase = Phase}]) ->
    [{data, [{"State", {Role, Phase}}]}].

transport(#st{config = #config{transport_info = Info}}) -> element(1, Info).

socket_of(#st{socket = Socket, sender = Sender, trackers = Trackers} = St) ->
    #sslsocket{fd = {transport(St), Socket, tls_connection, Trackers},
               pid = [self(), Sender]}.

%% ---- who waits ----

wait(From, Timeout, St) ->
    Timer = case Timeout of
                infinity -> none;
                _ -> erlang:start_timer(Timeout, self(), waited)
            end,
    St#st{waiting = From, timer = Timer}.

answer(_, #st{waiting = none} = St) -> St;
answer(Answer, #st{waiting = From, timer = Timer} = St) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    gen_server:reply(From, Answer),
    St#st{waiting = none, timer = none}.

%% A handshake that takes too long is over, data may still come.
timed_out(#st{phase = connection} = St) ->
    next_in_queue(answer({error, timeout}, St));
timed_out(St) -> {stop, normal, answer({error, timeout}, St)}.

next_in_queue(#st{queue = [{From, Length, Timeout} | Queue]} = St) ->
    receive_for(From, Length, Timeout, St#st{queue = Queue});
next_in_queue(St) -> {noreply, activate(St)}.

%% ---- the transport ----

still_reading(#st{phase = connection} = St) -> St;
still_reading(St) -> St#st{reading = false}.

%% In a handshake one message at a time: what comes behind it may be the
%% owner's to keep.
activate(#st{reading = true} = St) -> St;
activate(#st{ended = E} = St) when E =/= no -> St;
activate(#st{phase = connection, size = Size, waiting = none,
             delivery = #delivery{active = false}} = St) when Size > ?AHEAD ->
    St;
activate(#st{phase = Phase} = St) ->
    Active = case {Phase, transport(St)} of
                 {connection, gen_tcp} -> ?MESSAGES;
                 _ -> once
             end,
    case set_transport([{active, Active}], St) of
        ok -> St#st{reading = true};
        _ -> self() ! {element(3, (St#st.config)#config.transport_info),
                       St#st.socket},
             St#st{reading = true}
    end.

set_transport(Options, #st{socket = Socket} = St) ->
    case transport(St) of
        gen_tcp -> inet:setopts(Socket, Options);
        Transport -> Transport:setopts(Socket, Options)
    end.

put_out(<<>>, _) -> ok;
put_out(Bytes, #st{socket = Socket} = St) ->
    (transport(St)):send(Socket, Bytes).

received(Bytes, #st{phase = connection} = St) -> read(Bytes, once(St));
received(Bytes, #st{phase = handshake} = St) -> step(Bytes, St);
received(Bytes, #st{phase = hello, held = Held} = St) ->
    hello(St#st{held = <<Held/binary, Bytes/binary>>});
received(Bytes, #st{held = Held} = St) ->
    {noreply, St#st{held = <<Held/binary, Bytes/binary>>}}.

%% Only gen_tcp counts messages.
once(St) ->
    case transport(St) of
        gen_tcp -> St;
        _ -> St#st{reading = false}
    end.

%% ---- the handshake ----

begin_handshake(#st{role = client, config = Config} = St) ->
    case make_session(St) of
        {ok, New} ->
            case value(handshake, Config#config.ssl) of
                full -> step(<<>>, New);
                hello -> first_step(New)
            end;
        Error -> {stop, normal, answer(Error, St)}
    end;
begin_handshake(#st{config = #config{ssl = Ssl}} = St) ->
    Full = value(handshake, Ssl) =:= full
        andalso value(sni_hosts, Ssl) =:= []
        andalso not is_map_key(sni_fun, Ssl),
    case Full of
        true -> start_server(St);
        false -> hello(St#st{phase = hello})
    end.

start_server(#st{held = Held} = St) ->
    case make_session(St) of
        {ok, New} -> step(Held, New#st{held = <<>>});
        Error -> {stop, normal, answer(Error, St)}
    end.

first_step(#st{session = Session} = St) ->
    {_, Out} = tls_session:handshake(Session, <<>>),
    put_out(Out, St),
    {noreply, activate(St#st{phase = hello})}.

make_session(#st{role = Role, config = Config} = St) ->
    Ssl = Config#config.ssl,
    try
        Context = ssl_context:get(Role, Ssl),
        Session = tls_session:new(Context, server_name(Ssl), resumed(St)),
        Role =:= client andalso ssl_psk:first_key(Session, Ssl),
        {ok, St#st{session = Session, psk = ssl_psk:new(Role, Ssl),
                   config = Config#config{context = Context},
                   phase = handshake}}
    catch throw:Error -> Error
    end.

%% Addresses are not sent.
server_name(#{server_name_indication := Name}) when is_list(Name) ->
    case inet:parse_address(Name) of
        {ok, _} -> none;
        _ -> Name
    end;
server_name(_) -> none.

resumed(#st{config = #config{ssl = #{handshake := hello}}}) -> none;
resumed(#st{role = client, host = Host, port = Port,
            config = #config{ssl = Ssl}}) ->
    case {Ssl, value(reuse_sessions, Ssl)} of
        {#{use_ticket := [Ticket | _]}, _} when is_binary(Ticket) -> Ticket;
        {#{reuse_session := {_, Data}}, _} -> Data;
        {#{reuse_session := Id}, _} when is_binary(Id) ->
            ssl_manager:saved_session(Id, id);
        {_, false} -> none;
        _ -> ssl_manager:saved_session({Host, Port}, Ssl)
    end;
resumed(_) -> none.

%% One message of the handshake, or more.
step(Bytes, #st{psk = Psk, session = Session, role = Role,
                config = #config{ssl = Ssl}} = St) when Psk =/= done ->
    Next = ssl_psk:read(Bytes, Session, {Psk, Role, Ssl}),
    go_on(Bytes, St#st{psk = Next});
step(Bytes, St) -> go_on(Bytes, St).

go_on(Bytes, #st{session = Session} = St) ->
    {Status, Out} = tls_session:handshake(Session, Bytes),
    put_out(Out, St),
    case Status of
        ok -> established(St);
        more -> {noreply, activate(St)};
        judge -> step(<<>>, judge(St));
        closed -> ended(closed, St);
        failed -> failed(St#st{held = Bytes})
    end.

judge(#st{session = Session, role = Role, host = Host,
          config = #config{ssl = Ssl}} = St) ->
    Verdict = try ssl_judge:verdict(Session, Role, Host, Ssl)
              catch _:Reason -> {unexpected_error, Reason}
              end,
    case Verdict of
        ok ->
            tls_session:judge(Session, 0),
            St;
        _ ->
            {Alert, _, _} = ssl_alert:of_certificate(Verdict),
            tls_session:judge(Session, Alert),
            St#st{fault = {certificate, Verdict}}
    end.

established(#st{session = Session, sender = Sender} = St) ->
    ssl_sender:set_session(Sender, Session),
    save_session(St),
    enlarge(St),
    New = answer({ok, socket_of(St)}, St#st{phase = connection}),
    read(<<>>, New).

%% Records are larger than what gen_tcp gives at once if nobody says how much.
enlarge(#st{config = #config{inet = Inet}} = St) ->
    transport(St) =:= gen_tcp andalso not lists:keymember(buffer, 1, Inet)
        andalso set_transport([{buffer, ?BUFFER}], St).

%% What a client may resume. Tickets of TLS 1.3 come later, see tickets.
save_session(#st{role = client, session = Session, host = Host, port = Port,
                 config = #config{ssl = Ssl}}) ->
    Old = tls_session:info(Session, version) < 16#0304,
    case value(reuse_sessions, Ssl) of
        Reuse when Old, Reuse =/= false ->
            Bytes = tls_session:info(Session, session),
            Id = tls_session:info(Session, session_id),
            is_binary(Bytes) andalso Id =/= <<>>
                andalso begin
                            ssl_manager:save_session({Host, Port}, Ssl, Bytes),
                            ssl_manager:save_session(Id, id, Bytes)
                        end;
        _ -> false
    end;
save_session(_) -> false.

%% ---- seeing the peer's hello first ----

hello(#st{held = Held, role = Role} = St) ->
    case ssl_hello:read(Role, Held) of
        more -> {noreply, activate(St)};
        {ok, Extensions} -> greeted(Extensions, St);
        error -> start_anyway(St)
    end.

%% libssl says what is wrong with it.
start_anyway(#st{role = server} = St) -> start_server(St);
start_anyway(#st{held = Held} = St) ->
    step(Held, St#st{phase = handshake, held = <<>>}).

greeted(Extensions, #st{config = #config{ssl = Ssl}} = St) ->
    case value(handshake, Ssl) of
        hello ->
            Answer = {ok, socket_of(St), Extensions},
            {noreply, answer(Answer, St#st{phase = paused})};
        full -> for_host(maps:get(sni, Extensions, undefined), St)
    end.

%% A server's options may depend on the name that the client has asked for.
for_host(Name, #st{config = #config{ssl = Ssl}} = St) ->
    Options = case Ssl of
                  #{sni_fun := Fun} when Name =/= undefined -> Fun(Name);
                  #{sni_hosts := Hosts} when Name =/= undefined ->
                      proplists:get_value(Name, Hosts);
                  _ -> undefined
              end,
    case Options of
        undefined -> start_server(St);
        _ ->
            case more_options(Options, St) of
                {ok, New} -> start_server(New);
                Error -> {stop, normal, answer(Error, St)}
            end
    end.

%% A client's context is there, for its hello is sent: it learns whom to trust.
continue(Options, #st{role = Role, config = #config{context = Context}} = St) ->
    case more_options(Options, St) of
        {ok, New} when Role =:= client ->
            try ssl_context:trust(Context, (New#st.config)#config.ssl) of
                _ -> start_anyway(New)
            catch throw:Error -> {stop, normal, answer(Error, St)}
            end;
        {ok, New} -> start_anyway(New);
        Error -> {stop, normal, answer(Error, St)}
    end.

more_options([], St) -> {ok, St};
more_options(Options, #st{role = Role, config = Config} = St) ->
    try ssl_options:merge(Role, Options, Config) of
        New -> {ok, St#st{config = New}}
    catch throw:Error -> Error
    end.

%% The alert is not ciphered: a handshake that waits has not come so far.
cancel(#st{phase = paused} = St) ->
    put_out(<<21, 3, 3, 0, 2, 2, 90>>, St),
    St;
cancel(St) -> St.

%% ---- what goes wrong ----

failed(#st{session = Session, role = Role, config = #config{ssl = Ssl},
           fault = Fault} = St) ->
    {Sent, Received} = tls_session:info(Session, alerts),
    Why = case Fault of
              none -> tls_session:info(Session, reason);
              _ -> Fault
          end,
    Where = #{version => tls_session:info(Session, version),
              state => tls_session:info(Session, state),
              versions => minors(value(versions, Ssl)),
              judged => value(verify, Ssl) =:= verify_peer},
    Told = case {Sent, Received} of
               {_, R} when R >= 512 -> ssl_alert:received(Role, Where, R - 512);
               {S, _} when S >= 512 -> ssl_alert:own(Role, Where, S - 512, Why);
               _ ->
                   put_out(<<21, 3, 3, 0, 2, 2, 10>>, St),
                   ssl_alert:own(Role, Where, 10, no_record(St#st.held, Why))
           end,
    {Reason, Text} = Told,
    log(Text, Ssl),
    ended({error, Reason}, St).

%% What is not TLS at all.
no_record(<<Type, _/binary>>, Why)
  when Why =:= "wrong version number"; Why =:= "http request";
       Why =:= "unknown protocol" ->
    {unsupported_record_type, Type};
no_record(_, Why) -> Why.

minors(Versions) ->
    lists:usort([case V of 'tlsv1.3' -> 4; _ -> 3 end || V <- Versions]).

log(Text, Ssl) ->
    Level = value(log_level, Ssl),
    lists:member(logger:compare_levels(Level, notice), [lt, eq])
        andalso logger:log(notice, #{text => Text},
                           #{report_cb => fun ssl_alert:format/1,
                             mfa => {?MODULE, failed, 1}}).

%% The peer sends no more, or nothing that can be understood.
ended(How, #st{phase = connection, ended = no} = St) ->
    deliver(St#st{ended = How});
ended(_, #st{phase = connection} = St) -> {noreply, St};
ended(closed, St) -> {stop, normal, answer({error, closed}, St)};
ended(Error, St) -> {stop, normal, answer(Error, St)}.

%% ---- data ----

read(Bytes, #st{session = Session, sender = Sender} = St) ->
    {Status, Data, Pending} = tls_session:read(Session, Bytes),
    Pending andalso ssl_sender:flush(Sender),
    New = add(Data, St),
    case Status of
        judge -> read(<<>>, judge(New));
        closed -> ended(closed, New);
        failed -> failed(New);
        _ -> deliver(tickets(New))
    end.

add(<<>>, St) -> St;
add(Data, #st{data = Before, size = Size} = St) ->
    St#st{data = [Data | Before], size = Size + byte_size(Data)}.

%% Tickets of TLS 1.3 are the program's, or are used by themselves.
tickets(#st{role = client, session = Session, user = User, host = Host,
            port = Port, config = #config{ssl = Ssl}} = St) ->
    Mode = value(session_tickets, Ssl),
    case Mode =/= disabled andalso tls_session:info(Session, ticket) of
        false -> St;
        true ->
            Ticket = tls_session:info(Session, session),
            case Mode of
                manual -> User ! {ssl, session_ticket, Ticket};
                auto -> ssl_manager:save_session({Host, Port}, Ssl, Ticket)
            end,
            St
    end;
tickets(St) -> St.

%% Gives what is there to who wants it.
deliver(#st{delivery = #delivery{active = false}, waiting = none} = St) ->
    {noreply, activate(St)};
deliver(#st{size = 0} = St) -> delivered(St);
deliver(St) ->
    case ssl_packet:next(joined(St), St#st.length, St#st.delivery) of
        {ok, Packet, Rest, Delivery} ->
            give(Packet, St#st{data = [Rest || Rest =/= <<>>],
                               size = byte_size(Rest), delivery = Delivery});
        {more, Whole} -> delivered(St#st{data = [Whole]});
        {error, Reason} -> give_error(Reason, St)
    end.

%% Appended to the oldest, which has room for it: large packets come in many
%% pieces.
joined(#st{data = Data}) ->
    [Oldest | Others] = lists:reverse(Data),
    lists:foldl(fun(Part, All) -> <<All/binary, Part/binary>> end, Oldest,
                Others).

give(Packet, #st{delivery = #delivery{active = false}} = St) ->
    next_in_queue(answer({ok, Packet}, St));
give(Packet, #st{user = User, delivery = Delivery} = St) ->
    User ! {ssl, socket_of(St), Packet},
    case Delivery#delivery.active of
        true -> deliver(St);
        once -> deliver(with_active(false, St));
        1 ->
            User ! {ssl_passive, socket_of(St)},
            deliver(with_active(false, St));
        N -> deliver(with_active(N - 1, St))
    end.

with_active(Active, #st{delivery = Delivery} = St) ->
    St#st{delivery = Delivery#delivery{active = Active}}.

give_error(Reason, #st{delivery = #delivery{active = false}} = St) ->
    {stop, normal, answer({error, Reason}, St)};
give_error(Reason, #st{user = User} = St) ->
    User ! {ssl_error, socket_of(St), Reason},
    {stop, normal, St}.

%% All that could be given is. Who is passive hears of the end when he asks.
delivered(#st{ended = no} = St) -> {noreply, activate(St)};
delivered(#st{ended = How, delivery = #delivery{active = false}} = St) ->
    Answer = case How of
                 closed -> {error, closed};
                 Error -> Error
             end,
    {stop, normal, answer(Answer, St)};
delivered(#st{ended = How, user = User} = St) ->
    User ! case How of
               closed -> {ssl_closed, socket_of(St)};
               {error, Reason} -> {ssl_error, socket_of(St), Reason}
           end,
    {stop, normal, St}.

receive_for(_, _, _, #st{delivery = #delivery{active = Active}} = St)
  when Active =/= false ->
    {reply, {error, einval}, St};
receive_for(From, Length, Timeout, #st{waiting = Who, queue = Queue} = St)
  when Who =/= none ->
    {noreply, St#st{queue = Queue ++ [{From, Length, Timeout}]}};
receive_for(From, Length, Timeout, St) ->
    deliver(wait(From, Timeout, St#st{length = Length})).

%% ---- options ----

set_options(Options, #st{delivery = Before} = St) ->
    {Own, Others} = lists:partition(
                      fun({K, _}) -> lists:member(K, [mode, packet, packet_size,
                                                      header, active]);
                         (_) -> false
                      end, Options),
    try ssl_options:delivery(Own, Before) of
        Delivery ->
            Set = Others =:= [] orelse set_transport(Others, St),
            set(Set, Options, passive(Before, Delivery, Own,
                                      St#st{delivery = Delivery}))
    catch throw:{error, {options, {Key, Value}}} ->
            {reply, {error, {options, {socket_options, {Key, Value}}}}, St}
    end.

set(Set, _, St) when Set =:= true; Set =:= ok ->
    #delivery{packet = Packet} = St#st.delivery,
    ssl_sender:set_packet(St#st.sender, Packet),
    case St#st.phase of
        connection ->
            case deliver(St) of
                {noreply, New} -> {reply, ok, New};
                {stop, Reason, New} -> {stop, Reason, ok, New}
            end;
        _ -> {reply, ok, St}
    end;
set({error, Reason}, Options, St) ->
    {reply, {error, {options, {socket_options, Options, Reason}}}, St}.

passive(Before, After, Own, St) ->
    ssl_options:is_now_passive(Before, After, Own)
        andalso (St#st.user ! {ssl_passive, socket_of(St)}),
    St.

get_options(Names, #st{delivery = Delivery, socket = Socket} = St) ->
    Get = case transport(St) of
              gen_tcp -> fun(N) -> inet:getopts(Socket, N) end;
              Transport -> fun(N) -> Transport:getopts(Socket, N) end
          end,
    ssl_options:get_all(Names, Delivery, Get).

%% ---- ends ----

say_close(#st{phase = connection, sender = Sender, ended = E} = St)
  when E =:= no; E =:= closed ->
    ssl_sender:close(Sender),
    St;
say_close(St) -> St.

%% A new owner gets the transport back when the peer has closed, too.
close({Pid, Timeout}, From, #st{phase = connection, ended = no} = St)
  when is_pid(Pid) ->
    say_close(St),
    _ = set_transport([{active, false}], St),
    downgrade(Pid, Timeout, From, St);
close(_, _, St) -> {stop, normal, ok, say_close(St)}.

downgrade(Pid, Timeout, From, #st{socket = Socket, session = Session} = St) ->
    Transport = transport(St),
    Closed = receive {_, Socket, Bytes} -> read_end(Session, Bytes)
             after 0 -> more
             end,
    case Closed =:= closed orelse Transport:recv(Socket, 0, Timeout) of
        true -> hand_over(Pid, From, St);
        {ok, More} ->
            case read_end(Session, More) of
                closed -> hand_over(Pid, From, St);
                _ -> downgrade(Pid, Timeout, From, St)
            end;
        {error, Reason} -> {stop, normal, {error, Reason}, St}
    end.

read_end(Session, Bytes) -> element(1, tls_session:read(Session, Bytes)).

hand_over(Pid, From, #st{socket = Socket} = St) ->
    (transport(St)):controlling_process(Socket, Pid),
    gen_server:reply(From, {ok, Socket}),
    {stop, normal, St#st{socket = none}}.

shut_down(read, St) ->
    {reply, (transport(St)):shutdown(St#st.socket, read), St};
shut_down(read_write, St) ->
    Answer = (transport(say_close(St))):shutdown(St#st.socket, read_write),
    {stop, normal, Answer, St};
shut_down(write, St) ->
    {reply, (transport(say_close(St))):shutdown(St#st.socket, write), St}.
