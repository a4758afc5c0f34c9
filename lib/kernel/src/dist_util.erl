%% SPDX-License-Identifier: Apache-2.0
%% dist_util: a connection to another node from its first byte: the handshake
%% in which both show that they know the cookie, and the process that watches
%% it as long as it lasts, in both directions.
%%
%% That process owns the socket; once the handshake is over the packets are
%% read and written by the emulator (runtime/dist.h), and it only sends ticks
%% and looks whether anything comes.
-module(dist_util).

-export([accept/3, setup/6, flags/1]).

-define(CONTENTS, 16#3DF7FBD). % what every node of today can, and a bit more
-define(PUBLISHED, 1).
-define(HIGH, ((1 bsl 32) bor (1 bsl 34) bor (1 bsl 35) bor (1 bsl 36))).
-define(NAME_ME, (1 bsl 33)).
-define(IS_25, (1 bsl 36)).    % can all that was asked of nodes then
-define(ALL_OF_25, (16#4 bor 16#10 bor 16#80 bor 16#100 bor 16#200
                    bor 16#400 bor 16#800 bor 16#10000 bor 16#20000
                    bor 16#40000 bor 16#1000000)).
-define(MANDATORY, (?ALL_OF_25 bor 16#2000000)).

-record(shake, {kernel, socket, own, node, flags, time, creation, id,
                direction}).

%% What this node says that it can.
flags(IsHidden) ->
    case IsHidden of
        true -> ?CONTENTS band bnot ?PUBLISHED bor ?HIGH;
        false -> ?CONTENTS bor ?HIGH
    end.

%% ---- being called ----

%% Socket has been accepted; Kernel is net_kernel, Own what it says of itself:
%% {Node, Creation, Flags, SetupTime}.
accept(Kernel, Socket, {Own, Creation, Flags0, Time}) ->
    Timer = start_timer(Time),
    S0 = #shake{kernel = Kernel, socket = Socket, own = {Own, Creation},
                flags = Flags0, time = Time, direction = in},
    {Node, Theirs, TheirCreation0} = receive_name(S0),
    {Name, TheirCreation} = name_of(Node, Theirs, TheirCreation0, S0),
    Flags = published(Flags0, Name),
    S = S0#shake{node = Name, creation = TheirCreation, flags = Flags},
    is_local_host_allowed(S) orelse refuse(S, "not_allowed"),
    check_flags(Theirs, S),
    Id = mark_pending(S),
    Theirs band ?NAME_ME =:= 0 orelse send_named(S),
    Challenge = challenge(),
    send(S, <<$N, Flags:64, Challenge:32, Creation:32,
              (text(Own))/binary>>),
    {Theirs2, Digest} =
        case receive_packet(S) of
            <<$r, C:32, D:16/binary>> -> {C, D};
            _ -> fail(S)
        end,
    Cookie = auth:get_cookie(Name),
    case digest(Challenge, Cookie) of
        Digest -> ok;
        _ ->
            error_logger:error_msg("** Connection attempt from node ~w "
                                   "rejected. Invalid challenge reply. **~n",
                                   [Name]),
            fail(S)
    end,
    send(S, <<$a, (digest(Theirs2, Cookie))/binary>>),
    connected(S#shake{id = Id}, Theirs, Timer).

receive_name(S) ->
    case receive_packet(S) of
        <<$N, Flags:64, Creation:32, Size:16, Name:Size/binary, _/binary>> ->
            {Name, real_flags(Flags), Creation};
        _ -> fail(S)
    end.

%% A node of today says by one flag that it can all that is mandatory.
real_flags(Flags) when Flags band ?IS_25 =/= 0 -> Flags bor ?ALL_OF_25;
real_flags(Flags) -> Flags.

%% The node's name, which it may want from us.
name_of(Host, Flags, _, S) when Flags band ?NAME_ME =/= 0 ->
    gen_server:call(S#shake.kernel, {name_for, binary_to_list(Host)},
                    infinity);
name_of(Name, _, Creation, S) ->
    case lists:member($@, binary_to_list(Name)) of
        true -> {binary_to_atom(Name), Creation};
        false -> fail(S)
    end.

is_local_host_allowed(#shake{kernel = Kernel, node = Node}) ->
    case gen_server:call(Kernel, allowed, infinity) of
        {ok, []} -> true;
        {ok, Allowed} -> lists:member(Node, Allowed)
    end.

refuse(#shake{node = Node} = S, Status) ->
    error_logger:error_msg("** Connection attempt from disallowed node ~w "
                           "**~n", [Node]),
    send(S, ["s", Status]),
    fail(S).

check_flags(Theirs, #shake{node = Node} = S) ->
    case ?MANDATORY band bnot Theirs of
        0 -> ok;
        Missing ->
            error_logger:error_msg("** Connection attempt with node ~w was "
                                   "refused: it lacks 16#~.16B **~n",
                                   [Node, Missing]),
            fail(S)
    end.

%% Whether the connection may be: another one may be there or be made already.
mark_pending(#shake{kernel = Kernel, node = Node} = S) ->
    case gen_server:call(Kernel, {accept, self(), Node, address(S)},
                         infinity) of
        {ok, Id} ->
            status(S, "ok"),
            Id;
        {ok_simultaneous, Id} ->
            status(S, "ok_simultaneous"),
            Id;
        nok ->
            status(S, "nok"),
            fail(S);
        alive ->
            send(S, "salive"),
            case receive_packet(S) of
                <<"strue">> -> mark_again(S);
                _ -> fail(S)
            end
    end.

%% Who is given a name hears of it in its status.
status(#shake{creation = {named, _}}, _) -> ok;
status(S, Status) -> send(S, ["s", Status]).

%% The old connection is broken, as the other node says.
mark_again(#shake{kernel = Kernel, node = Node} = S) ->
    case gen_server:call(Kernel, {accept_again, self(), Node, address(S)},
                         infinity) of
        {_, Id} -> Id;
        alive ->
            receive after 5 -> mark_again(S) end
    end.

send_named(#shake{node = Node, creation = {named, Creation}} = S) ->
    send(S, ["snamed:", text(Node), <<Creation:32>>]).

address(#shake{socket = Socket}) ->
    case inet:peername(Socket) of
        {ok, Address} -> Address;
        _ -> undefined
    end.

%% Our flags as they are told to Node.
published(Flags, Node) ->
    case global_group:publishes(Node) of
        true -> Flags;
        false -> Flags band bnot ?PUBLISHED
    end.

%% ---- calling ----

%% Connects to Node, whose connection has number Id.
setup(Kernel, Node, Id, Socket, {Own, Creation, Flags, Time}, Type) ->
    Timer = start_timer(Time),
    Ours = case Type of
               hidden -> Flags band bnot ?PUBLISHED;
               normal -> published(Flags, Node)
           end,
    S = #shake{kernel = Kernel, socket = Socket, own = {Own, Creation},
               node = Node, flags = Ours, time = Time, id = Id,
               direction = out},
    case Own of
        {dynamic, Host} ->
            send(S, <<$N, (Ours bor ?NAME_ME):64, 0:32, (text(Host))/binary>>);
        _ -> send(S, <<$N, Ours:64, Creation:32, (text(Own))/binary>>)
    end,
    receive_status(S),
    {Theirs, Challenge, TheirCreation} =
        case receive_packet(S) of
            <<$N, F:64, Ch:32, Cr:32, Size:16, Name:Size/binary, _/binary>> ->
                Name =:= atom_to_binary(Node, latin1) orelse fail(S),
                {real_flags(F), Ch, Cr};
            _ -> fail(S)
        end,
    check_flags(Theirs, S),
    Cookie = auth:get_cookie(Node),
    Mine = challenge(),
    send(S, <<$r, Mine:32, (digest(Challenge, Cookie))/binary>>),
    Expected = digest(Mine, Cookie),
    case receive_packet(S) of
        <<$a, Expected:16/binary>> -> ok;
        <<$a, _:16/binary>> ->
            error_logger:error_msg("** Connection attempt to node ~w aborted "
                                   "since it cannot be authenticated. **~n",
                                   [Node]),
            fail(S);
        _ -> fail(S)
    end,
    connected(S#shake{creation = TheirCreation}, Theirs, Timer).

receive_status(S) ->
    case receive_packet(S) of
        <<"sok">> -> ok;
        <<"sok_simultaneous">> -> ok;
        <<"snamed:", Size:16, Name:Size/binary, Creation:32, _/binary>> ->
            ok = gen_server:call(S#shake.kernel,
                                 {named, binary_to_atom(Name, latin1), Creation},
                                 infinity);
        <<"snok">> -> % the other's own attempt takes the place of this one
            receive after infinity -> ok end;
        <<"salive">> ->
            send(S, "strue");
        <<"snot_allowed">> ->
            fail(S);
        _ -> fail(S)
    end.

%% ---- both ----

challenge() ->
    <<N:32, _/binary>> =
        erlang:md5(term_to_binary({make_ref(), self(), os:system_time(),
                                   erlang:monotonic_time(), os:getpid(),
                                   erlang:statistics(reductions)})),
    N.

digest(Challenge, Cookie) ->
    erlang:md5([atom_to_list(Cookie), integer_to_list(Challenge)]).

text(Name) when is_atom(Name) -> text(atom_to_binary(Name, latin1));
text(Name) when is_list(Name) -> text(list_to_binary(Name));
text(Name) -> <<(byte_size(Name)):16, Name/binary>>.

send(#shake{socket = Socket} = S, Bytes) ->
    case gen_tcp:send(Socket, Bytes) of
        ok -> ok;
        _ -> fail(S)
    end.

receive_packet(#shake{socket = Socket, time = Time} = S) ->
    case gen_tcp:recv(Socket, 0, Time) of
        {ok, Bytes} -> Bytes;
        {error, _} -> fail(S)
    end.

-spec fail(#shake{}) -> no_return().
fail(#shake{socket = Socket}) ->
    gen_tcp:close(Socket),
    exit(shutdown).

%% The whole handshake has a limit, whoever it waits for.
start_timer(Time) ->
    Self = self(),
    spawn(fun() ->
                  Monitor = monitor(process, Self),
                  receive
                      {'DOWN', Monitor, _, _, _} -> ok;
                      {Self, done} -> ok
                  after Time -> exit(Self, setup_timer_timeout)
                  end
          end).

%% ---- the connection ----

-record(link, {node, id, socket, kernel, tick, intensity, received = 0,
               sent = 0, silent = 0, hidden}).

connected(#shake{kernel = Kernel, socket = Socket, node = Node, id = Id,
                 flags = Ours} = S, Theirs, Timer) ->
    Creation = case S#shake.creation of
                   {named, C} -> C;
                   C -> C
               end,
    %% Each has to be published for it to be a visible connection.
    Flags = Ours band Theirs,
    Type = case Flags band ?PUBLISHED of
               0 -> hidden;
               _ -> normal
           end,
    case merle_dist:open(Socket, Node, Id, Flags, Creation) of
        true ->
            Timer ! {self(), done},
            %% Closed by somebody else: no message, and an exit signal normal.
            _ = erlang:monitor(port, Socket),
            {Tick, Intensity} =
                gen_server:call(Kernel, {up, self(), Node, Id, Type, address(S),
                                         Socket}, infinity),
            watch(#link{node = Node, id = Id, socket = Socket, kernel = Kernel,
                        tick = Tick, intensity = Intensity});
        false -> fail(S)
    end.

%% One tick is a part of the time after which a silent node is taken for dead.
watch(#link{socket = Socket, kernel = Kernel, tick = Tick} = L) ->
    receive
        {tcp_closed, Socket} -> exit(connection_closed);
        {tcp_error, Socket, _} -> watch(L);
        {'EXIT', Socket, _} -> exit(connection_closed);
        {'DOWN', _, port, Socket, _} -> exit(connection_closed);
        {Kernel, disconnect} -> close(L, disconnect);
        {Kernel, stop, Reason} -> close(L, Reason);
        {Kernel, ticktime, New, Intensity} ->
            watch(L#link{tick = New, intensity = Intensity});
        {From, Ref, Request} when is_pid(From), is_reference(Ref) ->
            From ! {Ref, answer(Request, Socket)},
            watch(L);
        _ -> watch(L)
    after Tick -> tick(L)
    end.

answer(stat, Socket) -> inet:getstat(Socket, [recv_cnt, send_cnt]);
answer({getopts, Options}, Socket) -> inet:getopts(Socket, Options);
answer({setopts, Options}, Socket) -> inet:setopts(Socket, Options);
answer(_, _) -> undefined.

-spec close(#link{}, term()) -> no_return().
close(#link{socket = Socket, node = Node, id = Id}, Reason) ->
    merle_dist:reason(Node, Id, Reason),
    gen_tcp:close(Socket),
    exit(Reason).

tick(#link{node = Node, received = Received, sent = Sent, silent = Silent,
           intensity = Intensity} = L) ->
    case merle_dist:traffic(Node) of
        {Received, _, _} when Silent + 1 >= Intensity ->
            error_logger:error_msg("** Node ~p not responding **~n"
                                   "** Removing (timedout) connection **~n",
                                   [Node]),
            close(L, net_tick_timeout);
        {NewReceived, NewSent, Pending} ->
            Extra = if
                        NewSent =:= Sent, Pending =:= 0 ->
                            merle_dist:tick(Node, L#link.id),
                            1;
                        true -> 0
                    end,
            NewSilent = if
                            NewReceived =:= Received -> Silent + 1;
                            true -> 0
                        end,
            watch(L#link{received = NewReceived, sent = NewSent + Extra,
                         silent = NewSilent})
    end.
