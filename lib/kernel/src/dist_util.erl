%% SPDX-License-Identifier: Apache-2.0
%% dist_util: a connection to another node from its first byte: the handshake
%% in which both show that they know the cookie, and the process that watches
%% it as long as it lasts, in both directions.
%%
%% How bytes come and go is a carrier's business (inet_tcp_dist and others);
%% it tells so in a record of functions. Once the handshake is over packets are
%% read and written by the emulator (runtime/dist.h), or by the carrier's own
%% process; this one only has ticks sent and looks whether anything comes.
-module(dist_util).

-export([handshake_we_started/1, handshake_other_started/1,
         strict_order_flags/0, rejectable_flags/0, start_timer/1,
         setup_timer/2, reset_timer/1, cancel_timer/1, is_node_name/1,
         split_node/1, is_allowed/2, shutdown/3, shutdown/4,
         net_ticker_spawn_options/0]).

-include("dist.hrl").
-include("dist_util.hrl").

%% What every node of today can, without what its kind decides.
-define(DEFAULT,
        (?MANDATORY_DFLAGS_25 bor ?DFLAG_DIST_MONITOR
         bor ?DFLAG_DIST_MONITOR_NAME bor ?DFLAG_SPAWN bor ?DFLAG_ALIAS
         bor ?DFLAG_UNLINK_ID bor ?DFLAG_UNICODE_IO
         bor ?DFLAG_DIST_HDR_ATOM_CACHE bor ?DFLAG_SMALL_ATOM_TAGS
         bor ?DFLAG_SEND_SENDER bor ?DFLAG_BIG_SEQTRACE_LABELS
         bor ?DFLAG_EXIT_PAYLOAD bor ?DFLAG_FRAGMENTS bor ?DFLAG_V4_NC
         bor ?DFLAG_MANDATORY_25_DIGEST)).
-define(REJECTABLE,
        (?DFLAG_DIST_HDR_ATOM_CACHE bor ?DFLAG_HIDDEN_ATOM_CACHE
         bor ?DFLAG_FRAGMENTS bor ?DFLAG_ATOM_CACHE)).

strict_order_flags() -> ?DFLAG_DIST_HDR_ATOM_CACHE.
rejectable_flags() -> ?REJECTABLE.

%% ---- being called ----

handshake_other_started(#hs_data{} = S0) ->
    {NodeOrHost, Flags0, Creation} = receive_name(S0),
    Theirs = all_flags(Flags0),
    is_atom(NodeOrHost) andalso check_allowed(S0, NodeOrHost),
    S1 = S0#hs_data{other_node = NodeOrHost, other_flags = Theirs,
                    other_started = true, other_creation = Creation},
    S2 = S1#hs_data{this_flags = own_flags(S1, Theirs)},
    check_flags(S2),
    {How, S} = mark_pending(S2),
    Node = S#hs_data.other_node,
    Cookie = auth:get_cookie(Node),
    Challenge = challenge(),
    {Own, OwnCreation} = identity(S),
    send(S, <<$N, (S#hs_data.this_flags):64, Challenge:32, OwnCreation:32,
              (text(Own))/binary>>),
    Reply = receive_reply(S, Challenge, Cookie),
    %% The old connection ends only for one that knows the cookie.
    Id = case How of
             again -> mark_again(S);
             _ -> How
         end,
    send(S, <<$a, (digest(Reply, Cookie))/binary>>),
    connected(S, Id).

receive_name(S) ->
    case receive_packet(S) of
        <<$N, Flags:64, Creation:32, Size:16, Name:Size/binary, _/binary>>
          when Size =< 255 ->
            IsNamed = Flags band ?DFLAG_NAME_ME =:= 0,
            case split_node(Name) of
                {node, _, _} when IsNamed ->
                    {binary_to_atom(Name, latin1), Flags, Creation};
                {host, Host} when not IsNamed -> {Host, Flags, Creation};
                _ -> ?shutdown(Name)
            end;
        Other -> ?shutdown2(no_node, {recv_name_failed, Other})
    end.

%% A node of today says by one flag that it can all that is mandatory.
all_flags(Flags) when Flags band ?DFLAG_MANDATORY_25_DIGEST =/= 0 ->
    Flags bor ?MANDATORY_DFLAGS_25;
all_flags(Flags) -> Flags.

check_allowed(#hs_data{allowed = []}, _) -> ok;
check_allowed(#hs_data{allowed = Allowed} = S, Node) ->
    is_allowed(Node, Allowed) orelse
        begin
            error_logger:error_msg("** Connection attempt from disallowed "
                                   "node ~s ** ~n", [Node]),
            send(S, "snot_allowed"),
            ?shutdown2(Node, {is_allowed, not_allowed})
        end.

%% Whether the connection may be: another one may be there or be made already.
%% A node without a name gets one here.
mark_pending(#hs_data{kernel_pid = Kernel, other_node = NodeOrHost} = S) ->
    case gen_server:call(Kernel, {accept, self(), NodeOrHost}, infinity) of
        {ok, Id} -> {Id, status(S, "ok")};
        {ok_simultaneous, Id} -> {Id, status(S, "ok_simultaneous")};
        {named, Id, Node, Creation} ->
            send(S, ["snamed:", text(Node), <<Creation:32>>]),
            {Id, S#hs_data{other_node = Node, other_creation = Creation}};
        nok ->
            status(S, "nok"),
            ?shutdown(NodeOrHost);
        alive ->
            status(S, "alive"),
            case receive_packet(S) of
                <<"strue">> -> {again, S};
                _ -> ?shutdown(NodeOrHost)
            end
    end.

status(S, Status) ->
    send(S, [$s, Status]),
    S.

%% The old connection is broken, as the other node says.
mark_again(#hs_data{kernel_pid = Kernel, other_node = Node} = S) ->
    case gen_server:call(Kernel, {accept_again, self(), Node}, infinity) of
        alive ->
            receive after 5 -> mark_again(S) end;
        nok -> ?shutdown(Node);
        {_, Id} -> Id
    end.

receive_reply(#hs_data{other_node = Node} = S, Challenge, Cookie) ->
    Expected = digest(Challenge, Cookie),
    case receive_packet(S) of
        <<$r, Reply:32, Expected:16/binary>> -> Reply;
        <<$r, _:32, _:16/binary>> ->
            error_logger:error_msg("** Connection attempt from node ~w "
                                   "rejected. Invalid challenge reply. **~n",
                                   [Node]),
            ?shutdown2(Node, {recv_challenge_reply_failed, bad_cookie});
        Other -> ?shutdown2(no_node, {recv_challenge_reply_failed, Other})
    end.

%% ---- calling ----

handshake_we_started(#hs_data{this_node = Own, other_node = Node} = S0) ->
    S1 = S0#hs_data{other_started = false},
    Id = gen_server:call(S1#hs_data.kernel_pid, {number, self(), Node},
                         infinity),
    S = case {is_named(), split_node(Own)} of
            {false, {node, "undefined", Host}} ->
                Flags = own_flags(S1, ?DFLAG_NAME_ME),
                send(S1, <<$N, Flags:64, 0:32, (text(Host))/binary>>),
                receive_own_name(S1#hs_data{this_flags = Flags}, Host);
            _ ->
                Flags = own_flags(S1, 0),
                {_, Creation} = identity(S1),
                send(S1, <<$N, Flags:64, Creation:32, (text(Own))/binary>>),
                receive_status(S1#hs_data{this_flags = Flags})
        end,
    {Theirs, Challenge, TheirCreation} = receive_challenge(S),
    S2 = S#hs_data{other_flags = all_flags(Theirs),
                   other_creation = TheirCreation},
    check_flags(S2),
    Cookie = auth:get_cookie(Node),
    Mine = challenge(),
    send(S2, <<$r, Mine:32, (digest(Challenge, Cookie))/binary>>),
    receive_ack(S2, digest(Mine, Cookie)),
    connected(S2, Id).

receive_own_name(#hs_data{other_node = Node} = S, Host) ->
    case receive_packet(S) of
        <<"snamed:", Size:16, Name:Size/binary, Creation:32, _/binary>>
          when Size =< 255 ->
            case split_node(Name) of
                {node, _, Host} ->
                    S#hs_data{this_node = binary_to_atom(Name, latin1),
                              this_creation = Creation};
                _ -> ?shutdown2(Node, {recv_status_failed, bad_name})
            end;
        Other -> ?shutdown2(Node, {recv_status_failed, Other})
    end.

receive_status(#hs_data{kernel_pid = Kernel, other_node = Node} = S) ->
    case receive_packet(S) of
        <<"sok">> -> S;
        <<"sok_simultaneous">> -> S;
        <<"snok">> -> % the other's own attempt takes the place of this one
            receive after infinity -> ok end;
        <<"salive">> ->
            case gen_server:call(Kernel, {is_pending, self(), Node},
                                 infinity) of
                true -> status(S, "true");
                false ->
                    status(S, "false"),
                    ?shutdown(Node)
            end;
        <<"snot_allowed">> ->
            ?shutdown2(Node, {recv_status_failed, not_allowed});
        Other -> ?shutdown2(Node, {recv_status_failed, Other})
    end.

receive_challenge(#hs_data{other_node = Node} = S) ->
    Name = atom_to_binary(Node, latin1),
    Size = byte_size(Name),
    case receive_packet(S) of
        <<$N, Flags:64, Challenge:32, Creation:32, Size:16, Name:Size/binary,
          _/binary>> -> {Flags, Challenge, Creation};
        Other -> ?shutdown2(no_node, {recv_challenge_failed, Other})
    end.

receive_ack(#hs_data{other_node = Node} = S, Expected) ->
    case receive_packet(S) of
        <<$a, Expected:16/binary>> -> ok;
        <<$a, _:16/binary>> ->
            error_logger:error_msg("** Connection attempt to node ~w "
                                   "cancelled. Invalid challenge ack. **~n",
                                   [Node]),
            ?shutdown2(Node, {recv_challenge_ack_failed, bad_cookie});
        Other -> ?shutdown2(Node, {recv_challenge_ack_failed, Other})
    end.

%% ---- what each can ----

%% Also says whether this node wants a name, by Extra or what Extra asks.
own_flags(#hs_data{add_flags = Add0, reject_flags = Reject0} = S, Extra) ->
    {Add, Reject} = {number(Add0), number(Reject0)},
    Reject band bnot ?REJECTABLE =:= 0
        orelse exit({"Rejecting non rejectable flags",
                     Reject band bnot ?REJECTABLE}),
    Add band bnot ?DEFAULT =:= 0
        orelse exit({"Adding non addable flags", Add band bnot ?DEFAULT}),
    (?DEFAULT bor kind(S, Extra) bor Add) band bnot Reject.

number(N) when is_integer(N) -> N;
number(_) -> 0.

%% Of nodes that get their name by this connection it is always hidden.
kind(_, Extra) when Extra band ?DFLAG_NAME_ME =/= 0 -> ?DFLAG_NAME_ME;
kind(#hs_data{request_type = hidden}, _) -> 0;
kind(#hs_data{other_node = Node}, _) ->
    case net_kernel:publish_on_node(Node) of
        true -> ?DFLAG_PUBLISHED;
        false -> 0
    end.

check_flags(#hs_data{other_node = Node, other_flags = Theirs,
                     other_started = IsOther,
                     require_flags = Required} = S) ->
    case missing((?MANDATORY_DFLAGS_25 bor number(Required))
                 band bnot Theirs) of
        [] -> ok;
        Missing ->
            {From, How} = case IsOther of
                              true ->
                                  status(S, "not_allowed"),
                                  {"from", "rejected"};
                              false -> {"to", "aborted"}
                          end,
            error_logger:error_msg("** ~w: Connection attempt ~s node ~w ~s "
                                   "since it cannot handle ~p.**~n",
                                   [node(), From, Node, How, Missing]),
            ?shutdown2(Node, {check_dflags_failed, Missing})
    end.

missing(Flags) ->
    [name(N) || N <- lists:seq(0, 63), Flags band (1 bsl N) =/= 0].

name(N) ->
    Names = #{0 => "PUBLISHED", 1 => "ATOM_CACHE", 2 => "EXTENDED_REFERENCES",
              3 => "DIST_MONITOR", 4 => "FUN_TAGS", 5 => "DIST_MONITOR_NAME",
              6 => "HIDDEN_ATOM_CACHE", 7 => "NEW_FUN_TAGS",
              8 => "EXTENDED_PIDS_PORTS", 9 => "EXPORT_PTR_TAG",
              10 => "BIT_BINARIES", 11 => "NEW_FLOATS", 12 => "UNICODE_IO",
              13 => "DIST_HDR_ATOM_CACHE", 14 => "SMALL_ATOM_TAGS",
              16 => "UTF8_ATOMS", 17 => "MAP_TAG", 18 => "BIG_CREATION",
              19 => "SEND_SENDER", 20 => "BIG_SEQTRACE_LABELS",
              22 => "EXIT_PAYLOAD", 23 => "FRAGMENTS", 24 => "HANDSHAKE_23",
              25 => "UNLINK_ID", 26 => "MANDATORY_25_DIGEST", 32 => "SPAWN",
              33 => "NAME_ME", 34 => "V4_NC", 35 => "ALIAS"},
    case Names of
        #{N := Name} -> Name;
        _ -> lists:flatten(io_lib:format("UNKNOWN<~.16.0B>", [1 bsl N]))
    end.

%% ---- both ----

is_named() -> node() =/= nonode@nohost.

%% A node has had its name, and a creation, before it can be called.
identity(#hs_data{this_node = Own}) -> {Own, erlang:system_info(creation)}.

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

send(#hs_data{socket = Socket, f_send = Send, other_node = Node}, Bytes) ->
    case Send(Socket, Bytes) of
        {error, _} -> ?shutdown(Node);
        _ -> ok
    end.

%% Each answer may take the whole time.
receive_packet(#hs_data{socket = Socket, f_recv = Receive, timer = Timer}) ->
    reset_timer(Timer),
    case Receive(Socket, 0, infinity) of
        {ok, Bytes} -> iolist_to_binary(Bytes);
        Error -> Error
    end.

-spec shutdown(atom(), non_neg_integer(), term()) -> no_return().
shutdown(Module, Line, Data) -> shutdown(Module, Line, Data, shutdown).

-spec shutdown(atom(), non_neg_integer(), term(), term()) -> no_return().
shutdown(_, _, _, Reason) -> exit(Reason).

%% ---- names ----

is_node_name(Name) ->
    case split_node(Name) of
        {node, _, _} -> true;
        _ -> false
    end.

%% {node, Name, Host}, {host, Host} of "host" or {name, Name} of "name@".
split_node(Node) ->
    Text = to_list(Node),
    case string:split(Text, "@", all) of
        ["", _] = Parts -> Parts;
        [Name, ""] -> {name, Name};
        [Name, Host] -> {node, Name, Host};
        [""] = Parts -> Parts;
        [Host] -> {host, Host};
        _ -> {error, {invalid_node, Node}}
    end.

to_list(T) when is_atom(T) -> atom_to_list(T);
to_list(T) when is_binary(T) -> binary_to_list(T);
to_list(T) -> T.

%% An allowed one may be a node, all of a host or all of one name.
is_allowed(Node, Allowed) ->
    Split = split_node(Node),
    lists:any(fun(A) -> A =:= Node orelse matches(Split, split_node(A)) end,
              Allowed).

matches(Same, Same) when is_tuple(Same), element(1, Same) =/= error -> true;
matches({node, _, Host}, {host, Host}) -> true;
matches({node, Name, _}, {name, Name}) -> true;
matches(_, _) -> false.

%% ---- the limit of a handshake ----

%% Each step may take so many milliseconds; then the process ends.
start_timer(Time) -> spawn_link(?MODULE, setup_timer, [self(), Time]).

setup_timer(Pid, Time) ->
    receive
        {Pid, reset} -> setup_timer(Pid, Time)
    after Time -> exit(setup_timer_timeout)
    end.

reset_timer(Timer) ->
    Timer ! {self(), reset},
    ok.

cancel_timer(Timer) ->
    unlink(Timer),
    exit(Timer, shutdown).

%% Of the process that this module runs in.
net_ticker_spawn_options() ->
    [link, {priority, max}
     | [O || O <- application:get_env(kernel, net_ticker_spawn_options, []),
             is_free_option(O)]].

is_free_option(link) -> false;
is_free_option(monitor) -> false;
is_free_option({monitor, _}) -> false;
is_free_option({priority, _}) -> false;
is_free_option(_) -> true.

%% ---- the connection ----

-record(link, {node, id, socket, kernel, handle, stat, tick, setopts, getopts,
               time, intensity, received = 0, sent = 0, silent = 0, type}).

connected(#hs_data{kernel_pid = Kernel, socket = Socket, other_node = Node,
                   this_flags = Ours, other_flags = Theirs,
                   f_setopts_pre_nodeup = Before,
                   f_setopts_post_nodeup = After, f_address = Address} = S,
          Id) ->
    cancel_timer(S#hs_data.timer),
    %% Each has to be published for it to be a visible connection.
    Flags = Ours band Theirs,
    Type = case Flags band ?DFLAG_PUBLISHED of
               0 -> hidden;
               _ -> normal
           end,
    Before(Socket) =:= ok orelse ?shutdown(Node),
    IsNamed = take_name(S),
    Handle = open(S, Id, Flags),
    {Time, Intensity} =
        gen_server:call(Kernel, {up, self(), Node, Id, Type,
                                 Address(Socket, Node), IsNamed}, infinity),
    After(Socket) =:= ok orelse ?shutdown2(Node, connection_setup_failed),
    case S#hs_data.f_handshake_complete of
        undefined -> ok;
        Complete -> Complete(Socket, Node, Handle)
    end,
    con_loop(#link{node = Node, id = Id, socket = Socket, kernel = Kernel,
                handle = Handle, time = Time, intensity = Intensity,
                type = Type, tick = S#hs_data.mf_tick,
                stat = S#hs_data.mf_getstat, setopts = S#hs_data.mf_setopts,
                getopts = S#hs_data.mf_getopts}).

%% Whether this connection gives this node its name.
take_name(#hs_data{this_node = Own, this_creation = Creation}) ->
    case is_named() of
        true when Own =:= node() -> false;
        false when is_integer(Creation) ->
            merle_dist:set_name(Own, Creation),
            true;
        _ -> ?shutdown(Own) % another connection was faster
    end.

open(#hs_data{socket = Socket, f_getll = Lowest, other_node = Node,
              other_creation = Creation}, Id, Flags) ->
    case Lowest(Socket) of
        {ok, Carrier} ->
            is_port(Carrier) andalso erlang:monitor(port, Carrier),
            case merle_dist:open(Carrier, Node, Id, Flags, Creation) of
                false -> ?shutdown(Node);
                Handle -> Handle
            end;
        _ ->
            error_logger:error_msg("** Distribution connection error, could "
                                   "not get low level port for node ~w ** ~n",
                                   [Node]),
            ?shutdown(Node)
    end.

%% One tick is a part of the time after which a silent node is taken for dead.
%% By this function's name others know such a process.
con_loop(#link{socket = Socket, kernel = Kernel, time = Time, node = Node} = L) ->
    receive
        {tcp_closed, Socket} -> ?shutdown2(Node, connection_closed);
        {'EXIT', Socket, _} -> ?shutdown2(Node, connection_closed);
        {'DOWN', _, port, _, _} -> ?shutdown2(Node, connection_closed);
        {Kernel, disconnect} -> close(L, disconnect);
        {Kernel, stop, Reason} -> close(L, Reason);
        {Kernel, ticktime, New, Intensity} ->
            con_loop(L#link{time = New, intensity = Intensity});
        {From, Ref, {setopts, Options}} ->
            From ! {Ref, option(L#link.setopts, Socket, Options)},
            con_loop(L);
        {From, Ref, {getopts, Options}} ->
            From ! {Ref, option(L#link.getopts, Socket, Options)},
            con_loop(L);
        {From, get_status} ->
            {ok, Received, Sent, _} = stat(L),
            From ! {self(), get_status, {ok, Received, Sent}},
            con_loop(L);
        _ -> con_loop(L)
    after Time -> tick(L)
    end.

option(undefined, _, _) -> {error, enotsup};
option(Fun, Socket, Options) -> Fun(Socket, Options).

-spec close(#link{}, term()) -> no_return().
close(#link{node = Node, id = Id}, Reason) ->
    merle_dist:close(Node, Id, Reason),
    ?shutdown2(Node, Reason).

stat(#link{stat = undefined, handle = Handle}) ->
    erlang:dist_get_stat(Handle);
stat(#link{stat = Stat, socket = Socket}) -> Stat(Socket).

send_tick(#link{tick = undefined, node = Node, id = Id}) ->
    merle_dist:tick(Node, Id);
send_tick(#link{tick = Tick, socket = Socket}) -> Tick(Socket).

%% A node of another kind may tick only when it is ticked: so hidden ones are.
tick(#link{node = Node, received = Received, sent = Sent, silent = Silent,
           intensity = Intensity, type = Type} = L) ->
    case stat(L) of
        {ok, Received, _, _} when Silent + 1 >= Intensity ->
            error_logger:error_msg("** Node ~p not responding **~n"
                                   "** Removing (timedout) connection **~n",
                                   [Node]),
            close(L, net_tick_timeout);
        {ok, NewReceived, NewSent, Pending} ->
            IsIdle = NewSent =:= Sent
                andalso (Pending =:= 0 orelse Pending =:= false),
            IsSilent = NewReceived =:= Received,
            Ticks = case IsIdle orelse (Type =:= hidden andalso IsSilent) of
                        true ->
                            send_tick(L),
                            1;
                        false -> 0
                    end,
            con_loop(L#link{received = NewReceived, sent = NewSent + Ticks,
                         silent = case IsSilent of
                                      true -> Silent + 1;
                                      false -> 0
                                  end});
        _ -> ?shutdown2(Node, send_net_tick_failed)
    end.
