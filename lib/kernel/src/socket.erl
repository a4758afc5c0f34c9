%% SPDX-License-Identifier: Apache-2.0
%% socket: sockets as the system has them, without a port. Whoever has one may
%% use it; it is closed when its owner ends.
%%
%% Every operation is tried at once. When it would have to wait, the caller
%% asks for a message that comes when it need not any more, and waits for that
%% up to its timeout, or gets {select, Info} and does so itself.
-module(socket).

-export([open/1, open/2, open/3, open/4, close/1, bind/2, bind/3, connect/1,
         connect/2, connect/3, listen/1, listen/2, accept/1, accept/2, send/2,
         send/3, send/4, sendto/3, sendto/4, sendto/5, sendmsg/2, sendmsg/3,
         sendmsg/4, sendfile/2, sendfile/3, sendfile/4, sendfile/5, recv/1,
         recv/2, recv/3, recv/4, recvfrom/1, recvfrom/2, recvfrom/3,
         recvfrom/4, recvmsg/1, recvmsg/2, recvmsg/3, recvmsg/4, recvmsg/5,
         shutdown/2, setopt/3, setopt/4, setopt_native/3, getopt/2, getopt/3,
         getopt_native/3, sockname/1, peername/1, ioctl/2, ioctl/3, ioctl/4,
         cancel/2]).
-export([monitor/1, cancel_monitor/1, number_of/0, which_sockets/0,
         which_sockets/1, which_socket_kind/1, to_list/1, info/0, info/1, i/0,
         i/1, i/2, supports/0, supports/1, supports/2, is_supported/1,
         is_supported/2, is_supported/3, use_registry/1, debug/1,
         socket_debug/1, monitored_by/1, which_monitors/1,
         number_of_monitors/0, number_of_monitors/1]).

-export_type([socket/0, select_info/0, select_tag/0, select_handle/0, domain/0,
              type/0, protocol/0, sockaddr/0, sockaddr_in/0, sockaddr_in6/0,
              sockaddr_un/0, msg_flag/0, msg/0, msg_send/0, msg_recv/0,
              cmsg/0, socket_option/0, level/0, port_number/0, posix/0]).

-type socket() :: {'$socket', reference()}.
-type select_handle() :: reference().
-type select_tag() :: atom() | {atom(), term()}.
-type select_info() :: {select_info, select_tag(), select_handle()}.
-type domain() :: inet | inet6 | local | unspec | atom().
-type type() :: stream | dgram | raw | rdm | seqpacket.
-type protocol() :: atom() | integer().
-type port_number() :: 0..65535.
-type posix() :: inet:posix().
-type sockaddr_in() :: #{family := inet, port => port_number(),
                         addr => any | broadcast | loopback
                               | inet:ip4_address()}.
-type sockaddr_in6() :: #{family := inet6, port => port_number(),
                          addr => any | loopback | inet:ip6_address(),
                          flowinfo => non_neg_integer(),
                          scope_id => non_neg_integer()}.
-type sockaddr_un() :: #{family := local, path := binary() | string()}.
-type sockaddr() :: sockaddr_in() | sockaddr_in6() | sockaddr_un()
                  | #{family := atom() | integer(), addr => binary()}.
-type msg_flag() :: atom() | integer().
-type cmsg() :: #{level := atom() | integer(), type := atom() | integer(),
                  data := binary(), value => term()}.
-type msg() :: msg_send().
-type msg_send() :: #{iov := [binary()], addr => sockaddr(),
                      ctrl => [cmsg()]}.
-type msg_recv() :: #{iov := [binary()], addr => sockaddr(), ctrl := [cmsg()],
                      flags := [msg_flag()]}.
-type level() :: atom() | integer().
-type socket_option() :: {level(), atom() | integer()}.

-define(IS_SOCKET(Ref), is_reference(Ref)).
-define(RCVBUF, 8192).  % bytes that are read when no number is given
-define(WAITALL, 16#100). % of Linux
-define(CTRLBUF, 1024). % bytes of control messages

%%% Opening and closing

open(Fd) -> open(Fd, #{}).

open(Fd, Options) when is_integer(Fd), is_map(Options) ->
    case prim_socket:open(Fd, maps:get(dup, Options, true)) of
        {ok, Ref} -> opened(Ref, Options);
        {error, ebadf} -> {error, {invalid, {options, domain, Options}}};
        Error -> Error
    end;
open(Domain, Type) -> open(Domain, Type, default).

open(Domain, Type, Protocol) when not is_map(Protocol) ->
    open(Domain, Type, Protocol, #{});
open(Domain, Type, Options) -> open(Domain, Type, default, Options).

-spec open(domain() | integer(), type() | integer(), protocol(), map()) ->
          {ok, socket()} | {error, term()}.
open(Domain, Type, Protocol, Options) when is_map(Options) ->
    Numbers = {socket_code:domain(Domain), socket_code:type(Type),
               socket_code:protocol(Protocol)},
    Space = case Options of
                #{netns := Name} -> unicode:characters_to_binary(Name);
                _ -> <<>>
            end,
    case Numbers of
        {{ok, D}, {ok, T}, {ok, P}} ->
            case prim_socket:open(D, T, P, Space) of
                {ok, Ref} -> opened(Ref, Options);
                Error -> Error
            end;
        {error, _, _} -> {error, {invalid, {domain, Domain}}};
        {_, error, _} -> {error, {invalid, {type, Type}}};
        _ -> {error, {invalid, {protocol, Protocol}}}
    end;
open(Domain, Type, Protocol, Options) ->
    erlang:error(badarg, [Domain, Type, Protocol, Options]).

opened(Ref, Options) ->
    Listed = maps:get(use_registry, Options, use_registry()),
    socket_registry:add(Ref, maps:with([debug], Options), Listed),
    {ok, {'$socket', Ref}}.

-spec close(socket()) -> ok | {error, closed | posix()}.
close({'$socket', Ref}) when ?IS_SOCKET(Ref) ->
    socket_registry:remove(Ref),
    prim_socket:close(Ref);
close(Socket) -> erlang:error(badarg, [Socket]).

-spec shutdown(socket(), read | write | read_write) -> ok | {error, term()}.
shutdown({'$socket', Ref}, How) when ?IS_SOCKET(Ref) ->
    case How of
        read -> prim_socket:shutdown(Ref, 0);
        write -> prim_socket:shutdown(Ref, 1);
        read_write -> prim_socket:shutdown(Ref, 2);
        _ -> {error, {invalid, {how, How}}}
    end;
shutdown(Socket, How) -> erlang:error(badarg, [Socket, How]).

%%% Addresses

-spec bind(socket(), sockaddr() | any | broadcast | loopback) ->
          ok | {error, term()}.
bind({'$socket', Ref}, Address) when ?IS_SOCKET(Ref) ->
    with_address(Ref, Address, fun(Bytes) -> prim_socket:bind(Ref, Bytes) end);
bind(Socket, Address) -> erlang:error(badarg, [Socket, Address]).

%% Several addresses are a matter of SCTP.
bind(Socket, Addresses, Action) ->
    erlang:error(notsup, [Socket, Addresses, Action]).

with_address(Ref, Address0, Use) ->
    Address = if
                  Address0 =:= any; Address0 =:= loopback;
                  Address0 =:= broadcast ->
                      #{family => family(Ref), addr => Address0};
                  true -> Address0
              end,
    try socket_code:write_address(Address) of
        Bytes -> Use(Bytes)
    catch
        throw:Reason -> {error, Reason}
    end.

family(Ref) ->
    {ok, _, {Domain, _, _}, _, _} = prim_socket:info(Ref),
    socket_code:name(domain, Domain).

is_stream(Ref) ->
    {ok, _, {_, Type, _}, _, _} = prim_socket:info(Ref),
    socket_code:name(type, Type) =:= stream.

-spec sockname(socket()) -> {ok, sockaddr()} | {error, closed | posix()}.
sockname({'$socket', Ref}) when ?IS_SOCKET(Ref) ->
    told_address(prim_socket:sockname(Ref));
sockname(Socket) -> erlang:error(badarg, [Socket]).

-spec peername(socket()) -> {ok, sockaddr()} | {error, closed | posix()}.
peername({'$socket', Ref}) when ?IS_SOCKET(Ref) ->
    told_address(prim_socket:peername(Ref));
peername(Socket) -> erlang:error(badarg, [Socket]).

told_address({ok, Bytes}) -> {ok, socket_code:read_address(Bytes)};
told_address(Error) -> Error.

%%% Waiting

%% When a timeout is over: infinity, zero, a time, or {select, Handle}.
deadline(infinity) -> infinity;
deadline(nowait) -> {select, make_ref()};
deadline(Handle) when is_reference(Handle) -> {select, Handle};
deadline(0) -> zero;
deadline(Time) when is_integer(Time), Time > 0 ->
    erlang:monotonic_time(millisecond) + Time;
deadline(Time) -> erlang:error({invalid, {timeout, Time}}).

%% What Try answers, or after waiting for Way what After answers; {wait,
%% Handle} when the caller is to wait, {error, timeout}.
wait(Ref, Way, Deadline, Try, After) ->
    case Try() of
        {error, Reason} when Reason =:= eagain; Reason =:= einprogress ->
            wait_for(Ref, Way, Deadline, After);
        Result -> Result
    end.

wait(Ref, Way, Deadline, Try) ->
    Again = fun() -> wait(Ref, Way, Deadline, Try) end,
    wait(Ref, Way, Deadline, Try, Again).

wait_for(_, _, zero, _) -> {error, timeout};
wait_for(Ref, Way, {select, Handle}, _) ->
    case prim_socket:select(Ref, Way, Handle) of
        ok -> {wait, Handle};
        Error -> Error
    end;
wait_for(Ref, Way, Deadline, After) ->
    Handle = make_ref(),
    case prim_socket:select(Ref, Way, Handle) of
        ok ->
            receive
                {'$socket', {'$socket', Ref}, select, Handle} -> After();
                {'$socket', {'$socket', Ref}, abort, {Handle, Reason}} ->
                    {error, Reason}
            after left(Deadline) ->
                    withdraw(Ref, Handle),
                    {error, timeout}
            end;
        Error -> Error
    end.

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

%% Nothing comes any more; what has come is taken out.
withdraw(Ref, Handle) ->
    case prim_socket:cancel(Ref, Handle) of
        true -> ok;
        _ ->
            receive
                {'$socket', {'$socket', Ref}, select, Handle} -> ok;
                {'$socket', {'$socket', Ref}, abort, {Handle, _}} -> ok
            after 0 -> ok
            end
    end.

selected({wait, Handle}, Tag) -> {select, {select_info, Tag, Handle}};
selected(Result, _) -> Result.

-spec cancel(socket(), select_info()) -> ok | {error, term()}.
cancel({'$socket', Ref}, {select_info, _, Handle} = Info)
  when ?IS_SOCKET(Ref), is_reference(Handle) ->
    case prim_socket:cancel(Ref, Handle) of
        {error, _} = Error -> Error;
        true -> ok;
        false ->
            %% its message may have been sent already
            receive
                {'$socket', {'$socket', Ref}, select, Handle} -> ok
            after 0 -> {error, {invalid, Info}}
            end
    end;
cancel(Socket, Info) -> erlang:error(badarg, [Socket, Info]).

%%% Connections

connect(Socket, Address) -> connect(Socket, Address, infinity).

%% How a connect ended that was waited for.
connect({'$socket', Ref}) when ?IS_SOCKET(Ref) -> prim_socket:connected(Ref);
connect(Socket) -> erlang:error(badarg, [Socket]).

-spec connect(socket(), sockaddr(), timeout() | nowait | select_handle()) ->
          ok | {select, select_info()} | {error, term()}.
connect({'$socket', Ref}, Address, Timeout) when ?IS_SOCKET(Ref) ->
    Deadline = deadline(Timeout),
    with_address(
      Ref, Address,
      fun(Bytes) ->
              Try = fun() -> prim_socket:connect(Ref, Bytes) end,
              After = fun() -> prim_socket:connected(Ref) end,
              case wait(Ref, write, Deadline, Try, After) of
                  {error, ealready} -> {error, already};
                  Result -> selected(Result, connect)
              end
      end);
connect(Socket, Address, Timeout) ->
    erlang:error(badarg, [Socket, Address, Timeout]).

listen(Socket) -> listen(Socket, 5).

-spec listen(socket(), integer()) -> ok | {error, closed | posix()}.
listen({'$socket', Ref}, Backlog) when ?IS_SOCKET(Ref), is_integer(Backlog) ->
    prim_socket:listen(Ref, Backlog);
listen(Socket, Backlog) -> erlang:error(badarg, [Socket, Backlog]).

accept(Socket) -> accept(Socket, infinity).

-spec accept(socket(), timeout() | nowait | select_handle()) ->
          {ok, socket()} | {select, select_info()} | {error, term()}.
accept({'$socket', Ref}, Timeout) when ?IS_SOCKET(Ref) ->
    Try = fun() -> prim_socket:accept(Ref) end,
    case wait(Ref, read, deadline(Timeout), Try) of
        {ok, New} -> opened(New, #{});
        Result -> selected(Result, accept)
    end;
accept(Socket, Timeout) -> erlang:error(badarg, [Socket, Timeout]).

%%% Sending

send(Socket, Data) -> send(Socket, Data, [], infinity).

send(Socket, Data, Flags) when is_list(Flags) ->
    send(Socket, Data, Flags, infinity);
send(Socket, Data, {select_info, _, _} = Info) ->
    send(Socket, Data, Info, infinity);
send(Socket, Data, Timeout) -> send(Socket, Data, [], Timeout).

-spec send(socket(), iodata(), [msg_flag()] | select_info(),
           timeout() | nowait | select_handle()) ->
          ok | {ok, iodata()} | {select, term()} | {error, term()}.
send({'$socket', Ref} = Socket, Data, {select_info, Tag, _} = Info, Timeout)
  when ?IS_SOCKET(Ref) ->
    case Tag of
        {send, Flags} -> send(Socket, Data, Flags, Timeout);
        _ -> {error, {invalid, Info}}
    end;
send({'$socket', Ref}, Data, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_list(Flags), is_binary(Data) orelse is_list(Data) ->
    Bytes = bytes(Data),
    send_bytes(Ref, Bytes, <<>>, {send, Flags}, bits(Flags),
               deadline(Timeout));
send(Socket, Data, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Data, Flags, Timeout]).

bytes(Data) ->
    try iolist_to_binary(Data)
    catch
        error:badarg -> erlang:error({invalid, {data, Data}})
    end.

bits(Flags) ->
    case socket_code:flags(Flags) of
        {ok, Bits} -> Bits;
        error -> erlang:error({invalid, {flags, Flags}})
    end.

%% All of Bytes; what is left of them stands in the answer when that ends.
send_bytes(Ref, Bytes, To, Tag, Bits, Deadline) ->
    Try = fun() -> prim_socket:sendmsg(Ref, [Bytes], To, [], Bits) end,
    send_all(Ref, Bytes, byte_size(Bytes), Try, Deadline,
             fun(Rest) -> send_bytes(Ref, Rest, To, Tag, Bits, Deadline) end,
             {Tag, Bytes}).

send_all(Ref, Bytes, Size, Try, Deadline, Again, {Tag, Whole}) ->
    case wait(Ref, write, Deadline, Try) of
        {ok, Size} -> ok;
        {ok, Sent} ->
            case Again(binary:part(Bytes, Sent, Size - Sent)) of
                {select, {select_info, _, _} = Info} ->
                    {select, {Info, binary:part(Bytes, Sent, Size - Sent)}};
                {error, {_, _}} = Error -> Error;
                {error, Reason} ->
                    {error, {Reason, binary:part(Bytes, Sent, Size - Sent)}};
                Result -> Result
            end;
        {wait, Handle} -> {select, {select_info, Tag, Handle}};
        {error, timeout} when Whole =/= Bytes -> {error, {timeout, Bytes}};
        Error -> Error
    end.

sendto(Socket, Data, {select_info, _, _} = Info) ->
    sendto(Socket, Data, Info, infinity);
sendto(Socket, Data, Destination) ->
    sendto(Socket, Data, Destination, [], infinity).

sendto({'$socket', Ref}, Data, {select_info, Tag, _} = Info, Timeout)
  when ?IS_SOCKET(Ref) ->
    case Tag of
        {sendto, {To, Bits}} ->
            send_bytes(Ref, bytes(Data), To, Tag, Bits, deadline(Timeout));
        _ -> {error, {invalid, Info}}
    end;
sendto(Socket, Data, Destination, Flags) when is_list(Flags) ->
    sendto(Socket, Data, Destination, Flags, infinity);
sendto(Socket, Data, Destination, Timeout) ->
    sendto(Socket, Data, Destination, [], Timeout).

-spec sendto(socket(), iodata(), sockaddr(), [msg_flag()],
             timeout() | nowait | select_handle()) ->
          ok | {select, term()} | {error, term()}.
sendto({'$socket', Ref}, Data, Destination, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_list(Flags), is_binary(Data) orelse is_list(Data) ->
    Bytes = bytes(Data),
    Bits = bits(Flags),
    Deadline = deadline(Timeout),
    with_address(Ref, Destination,
                 fun(To) ->
                         send_bytes(Ref, Bytes, To, {sendto, {To, Bits}}, Bits,
                                    Deadline)
                 end);
sendto(Socket, Data, Destination, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Data, Destination, Flags, Timeout]).

sendmsg(Socket, Msg) -> sendmsg(Socket, Msg, [], infinity).

sendmsg(Socket, Msg, Flags) when is_list(Flags) ->
    sendmsg(Socket, Msg, Flags, infinity);
sendmsg(Socket, Data, {select_info, _, _} = Info) ->
    sendmsg(Socket, Data, Info, infinity);
sendmsg(Socket, Msg, Timeout) -> sendmsg(Socket, Msg, [], Timeout).

%% A message goes as one; what is left of it goes without address and control
%% messages, as the rest of a stream.
-spec sendmsg(socket(), msg_send() | [binary()], [msg_flag()] | select_info(),
              timeout() | nowait | select_handle()) ->
          ok | {ok, [binary()]} | {select, term()} | {error, term()}.
sendmsg({'$socket', Ref} = Socket, Data, {select_info, Tag, _} = Info, Timeout)
  when ?IS_SOCKET(Ref) ->
    case Tag of
        {sendmsg, {Msg, Flags}} ->
            sendmsg(Socket, Msg#{iov => Data}, Flags, Timeout);
        _ -> {error, {invalid, Info}}
    end;
sendmsg({'$socket', Ref}, #{iov := Iov} = Msg, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_list(Flags), is_list(Iov) ->
    Bits = bits(Flags),
    Deadline = deadline(Timeout),
    Send = fun(To) ->
                   try socket_code:write_controls(maps:get(ctrl, Msg, [])) of
                       Controls ->
                           Tag = {sendmsg, {maps:remove(iov, Msg), Flags}},
                           send_pieces(Ref, Iov, {To, Controls, Bits}, Tag,
                                       Deadline)
                   catch
                       error:_ -> {error, {invalid, {msg, Msg}}}
                   end
           end,
    case Msg of
        #{addr := Address} when Address =/= undefined ->
            with_address(Ref, Address, Send);
        _ -> Send(<<>>)
    end;
sendmsg(Socket, Msg, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Msg, Flags, Timeout]).

send_pieces(Ref, Iov, {To, Controls, Bits}, Tag, Deadline) ->
    Try = fun() -> prim_socket:sendmsg(Ref, Iov, To, Controls, Bits) end,
    case wait(Ref, write, Deadline, Try) of
        {ok, Sent} ->
            case drop(Sent, Iov) of
                [] -> ok;
                Rest -> send_rest(Ref, Rest, Bits, Tag, Deadline)
            end;
        {wait, Handle} -> {select, {select_info, Tag, Handle}};
        Error -> Error
    end.

send_rest(Ref, Rest, Bits, Tag, Deadline) ->
    case is_stream(Ref)
        andalso send_pieces(Ref, Rest, {<<>>, [], Bits}, Tag, Deadline) of
        false -> {ok, Rest};
        {select, {select_info, _, _} = Info} -> {select, {Info, Rest}};
        {error, {_, _}} = Error -> Error;
        {error, Reason} -> {error, {Reason, Rest}};
        Result -> Result
    end.

drop(0, Iov) -> [Bytes || Bytes <- Iov, Bytes =/= <<>>];
drop(N, [Bytes | Iov]) when byte_size(Bytes) =< N ->
    drop(N - byte_size(Bytes), Iov);
drop(N, [Bytes | Iov]) ->
    [binary:part(Bytes, N, byte_size(Bytes) - N) | Iov].

%%% Files

sendfile(Socket, File) -> sendfile(Socket, File, 0, 0, infinity).

sendfile(Socket, File, Timeout) -> sendfile(Socket, File, 0, 0, Timeout).

sendfile(Socket, File, Offset, Count) ->
    sendfile(Socket, File, Offset, Count, infinity).

%% Count bytes of File from Offset on, all with 0; how many were sent. A raw
%% file is read in pieces, which are sent.
-spec sendfile(socket(), file:fd(), integer(), non_neg_integer(), timeout()) ->
          {ok, non_neg_integer()} | {error, term()}.
sendfile({'$socket', Ref} = Socket, File, Offset, Count, Timeout)
  when ?IS_SOCKET(Ref), is_integer(Offset), is_integer(Count), Count >= 0,
       Timeout =:= infinity orelse is_integer(Timeout) andalso Timeout >= 0 ->
    send_file(Socket, File, Offset, Count, deadline(Timeout), 0);
sendfile(Socket, File, Offset, Count, Timeout) ->
    erlang:error(badarg, [Socket, File, Offset, Count, Timeout]).

-define(PIECE, 65536).

send_file(Socket, File, Offset, Count, Deadline, Sent) ->
    Size = case Count of
               0 -> ?PIECE;
               _ -> min(?PIECE, Count - Sent)
           end,
    case Size > 0 andalso file:pread(File, Offset + Sent, Size) of
        {ok, Data} ->
            Bytes = iolist_to_binary(Data),
            Time = case Deadline of
                       zero -> 0;
                       _ -> left(Deadline)
                   end,
            case send(Socket, Bytes, [], Time) of
                ok ->
                    send_file(Socket, File, Offset, Count, Deadline,
                              Sent + byte_size(Bytes));
                {error, {Reason, Rest}} ->
                    {error, {Reason, Sent + byte_size(Bytes)
                                         - byte_size(Rest)}};
                {error, Reason} when Sent > 0 -> {error, {Reason, Sent}};
                Error -> Error
            end;
        {error, _} = Error -> Error;
        _ -> {ok, Sent}
    end.

%%% Receiving

recv(Socket) -> recv(Socket, 0, [], infinity).

recv(Socket, Flags) when is_list(Flags) -> recv(Socket, 0, Flags, infinity);
recv(Socket, Length) -> recv(Socket, Length, [], infinity).

recv(Socket, Flags, Timeout) when is_list(Flags) ->
    recv(Socket, 0, Flags, Timeout);
recv(Socket, Length, Flags) when is_list(Flags) ->
    recv(Socket, Length, Flags, infinity);
recv(Socket, Length, Timeout) -> recv(Socket, Length, [], Timeout).

-spec recv(socket(), non_neg_integer(), [msg_flag()],
           timeout() | nowait | select_handle()) ->
          {ok, binary()} | {select, term()} | {error, term()}.
recv({'$socket', Ref}, Length, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_integer(Length), Length >= 0, is_list(Flags) ->
    Deadline = deadline(Timeout),
    Bits = bits(Flags),
    case is_stream(Ref) of
        true when Length > 0 ->
            recv_all(Ref, Length, Bits, Deadline, []);
        true -> recv_some(Ref, buffer(Ref), Bits, Deadline, []);
        false ->
            Size = size(Ref, Length),
            case wait(Ref, read, Deadline, fun() -> get(Ref, Size, 0, Bits) end)
            of
                {ok, _, _, _, Bytes} -> {ok, Bytes};
                Result -> selected(Result, recv)
            end
    end;
recv(Socket, Length, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Length, Flags, Timeout]).

%% One read; nothing of a stream is its end.
get(Ref, Size, ControlSize, Bits) ->
    case prim_socket:recvmsg(Ref, Size, ControlSize, Bits) of
        {ok, _, _, _, <<>>} = Nothing when Size > 0 ->
            case is_stream(Ref) of
                true -> {error, closed};
                false -> Nothing
            end;
        Result -> Result
    end.

buffer(Ref) ->
    case otp_option(Ref, rcvbuf, ?RCVBUF) of
        {_, Size} -> Size;
        Size -> Size
    end.

size(Ref, 0) -> buffer(Ref);
size(_, Length) -> Length.

%% Length bytes of a stream, of which nobody else gets any.
recv_all(Ref, Length, Bits, Deadline, Before) ->
    Try = fun() -> get(Ref, Length, 0, Bits bor ?WAITALL) end,
    case wait(Ref, read, Deadline, Try) of
        {ok, _, _, _, Bytes} when byte_size(Bytes) =:= Length ->
            {ok, joined([Bytes | Before])};
        {ok, _, _, _, Bytes} ->
            recv_all(Ref, Length - byte_size(Bytes), Bits, Deadline,
                     [Bytes | Before]);
        {wait, Handle} when Before =:= [] ->
            {select, {select_info, recv, Handle}};
        {wait, Handle} ->
            {select, {{select_info, recv, Handle}, joined(Before)}};
        {error, Reason} when Before =/= [] ->
            {error, {Reason, joined(Before)}};
        Error -> Error
    end.

%% What there is of a stream, after the first has come.
recv_some(Ref, Size, Bits, Deadline, Before) ->
    Try = fun() -> get(Ref, Size, 0, Bits) end,
    Result = case Before of
                 [] -> wait(Ref, read, Deadline, Try);
                 _ -> Try()
             end,
    case Result of
        {ok, _, _, _, Bytes} when byte_size(Bytes) =:= Size ->
            recv_some(Ref, Size, Bits, Deadline, [Bytes | Before]);
        {ok, _, _, _, Bytes} -> {ok, joined([Bytes | Before])};
        {error, Reason} when Before =/= [], Reason =:= eagain;
                             Before =/= [], Reason =:= closed ->
            {ok, joined(Before)};
        {error, Reason} when Before =/= [] ->
            {error, {Reason, joined(Before)}};
        Other -> selected(Other, recv)
    end.

joined([Bytes]) -> Bytes;
joined(Pieces) -> iolist_to_binary(lists:reverse(Pieces)).

recvfrom(Socket) -> recvfrom(Socket, 0, [], infinity).

recvfrom(Socket, Flags) when is_list(Flags) ->
    recvfrom(Socket, 0, Flags, infinity);
recvfrom(Socket, Size) -> recvfrom(Socket, Size, [], infinity).

recvfrom(Socket, Flags, Timeout) when is_list(Flags) ->
    recvfrom(Socket, 0, Flags, Timeout);
recvfrom(Socket, Size, Flags) when is_list(Flags) ->
    recvfrom(Socket, Size, Flags, infinity);
recvfrom(Socket, Size, Timeout) -> recvfrom(Socket, Size, [], Timeout).

-spec recvfrom(socket(), non_neg_integer(), [msg_flag()],
               timeout() | nowait | select_handle()) ->
          {ok, {sockaddr() | undefined, binary()}} | {select, select_info()} |
          {error, term()}.
recvfrom({'$socket', Ref}, Size0, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_integer(Size0), Size0 >= 0, is_list(Flags) ->
    Size = size(Ref, Size0),
    Bits = bits(Flags),
    Try = fun() -> get(Ref, Size, 0, Bits) end,
    case wait(Ref, read, deadline(Timeout), Try) of
        {ok, From, _, _, Bytes} ->
            {ok, {socket_code:read_address(From), Bytes}};
        Result -> selected(Result, recvfrom)
    end;
recvfrom(Socket, Size, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Size, Flags, Timeout]).

recvmsg(Socket) -> recvmsg(Socket, 0, 0, [], infinity).

recvmsg(Socket, Flags) when is_list(Flags) ->
    recvmsg(Socket, 0, 0, Flags, infinity);
recvmsg(Socket, Timeout) -> recvmsg(Socket, 0, 0, [], Timeout).

recvmsg(Socket, Flags, Timeout) when is_list(Flags) ->
    recvmsg(Socket, 0, 0, Flags, Timeout);
recvmsg(Socket, Size, ControlSize) ->
    recvmsg(Socket, Size, ControlSize, [], infinity).

recvmsg(Socket, Size, ControlSize, Flags) when is_list(Flags) ->
    recvmsg(Socket, Size, ControlSize, Flags, infinity);
recvmsg(Socket, Size, ControlSize, Timeout) ->
    recvmsg(Socket, Size, ControlSize, [], Timeout).

-spec recvmsg(socket(), non_neg_integer(), non_neg_integer(), [msg_flag()],
              timeout() | nowait | select_handle()) ->
          {ok, msg_recv()} | {select, select_info()} | {error, term()}.
recvmsg({'$socket', Ref}, Size0, ControlSize0, Flags, Timeout)
  when ?IS_SOCKET(Ref), is_integer(Size0), Size0 >= 0,
       is_integer(ControlSize0), ControlSize0 >= 0, is_list(Flags) ->
    Size = size(Ref, Size0),
    ControlSize = case ControlSize0 of
                      0 -> otp_option(Ref, rcvctrlbuf, ?CTRLBUF);
                      _ -> ControlSize0
                  end,
    Bits = bits(Flags),
    Try = fun() -> get(Ref, Size, ControlSize, Bits) end,
    case wait(Ref, read, deadline(Timeout), Try) of
        {ok, From, Got, Controls, Bytes} ->
            Msg = #{flags => socket_code:flag_names(Got), iov => [Bytes],
                    ctrl => socket_code:read_controls(Controls)},
            {ok, case From of
                     <<>> -> Msg;
                     _ -> Msg#{addr => socket_code:read_address(From)}
                 end};
        Result -> selected(Result, recvmsg)
    end;
recvmsg(Socket, Size, ControlSize, Flags, Timeout) ->
    erlang:error(badarg, [Socket, Size, ControlSize, Flags, Timeout]).

%%% Options

-spec setopt(socket(), {level() | otp, atom()}, term()) ->
          ok | {error, term()}.
setopt({'$socket', Ref}, {otp, Name}, Value) when ?IS_SOCKET(Ref) ->
    socket_options:set(Ref, Name, Value);
setopt({'$socket', Ref}, Option, Value) when ?IS_SOCKET(Ref) ->
    case code_option(Option) of
        {ok, Level, Number, Type} ->
            case socket_code:write_value(Type, Value) of
                {ok, Bytes} -> prim_socket:setopt(Ref, Level, Number, Bytes);
                error -> {error, {invalid, {socket_option, Option, Value}}}
            end;
        error -> {error, {invalid, {socket_option, Option}}}
    end;
setopt(Socket, Option, Value) -> erlang:error(badarg, [Socket, Option, Value]).

code_option(Option) ->
    try socket_code:option(Option)
    catch
        throw:no_option -> throw({invalid, {socket_option, Option}})
    end.

setopt(Socket, Level, Option, Value)
  when is_integer(Option), is_binary(Value) ->
    setopt_native(Socket, {Level, Option}, Value);
setopt(Socket, Level, Option, Value) -> setopt(Socket, {Level, Option}, Value).

%% A value as bytes, an integer or a boolean.
setopt_native({'$socket', Ref}, Option, Value) when ?IS_SOCKET(Ref) ->
    case {code_option(Option), socket_code:write_value(bytes, Value)} of
        {{ok, Level, Number, _}, {ok, Bytes}} ->
            prim_socket:setopt(Ref, Level, Number, Bytes);
        {error, _} -> {error, {invalid, {socket_option, Option}}};
        _ -> {error, {invalid, {socket_option, Option, Value}}}
    end;
setopt_native(Socket, Option, Value) ->
    erlang:error(badarg, [Socket, Option, Value]).

-spec getopt(socket(), {level() | otp, atom()}) ->
          {ok, term()} | {error, term()}.
getopt({'$socket', Ref}, {otp, Name}) when ?IS_SOCKET(Ref) ->
    socket_options:get(Ref, Name);
getopt({'$socket', Ref}, Option) when ?IS_SOCKET(Ref) ->
    case code_option(Option) of
        {ok, Level, Number, Type} ->
            Room = <<0:(socket_code:room(Type))/unit:8>>,
            case prim_socket:getopt(Ref, Level, Number, Room) of
                {ok, Bytes} -> {ok, socket_code:read_value(Type, Bytes)};
                {error, eopnotsupp} -> {error, enotsup};
                Error -> Error
            end;
        error -> {error, {invalid, {socket_option, Option}}}
    end;
getopt(Socket, Option) -> erlang:error(badarg, [Socket, Option]).

getopt(Socket, Level, {Option, Spec}) when is_integer(Option) ->
    getopt_native(Socket, {Level, Option}, Spec);
getopt(Socket, Level, Option) -> getopt(Socket, {Level, Option}).

%% As integer, boolean, or as bytes: of a size, or with what is in them before.
getopt_native({'$socket', Ref}, Option, Spec) when ?IS_SOCKET(Ref) ->
    Wanted = case Spec of
                 integer -> {integer, <<0:32>>};
                 boolean -> {boolean, <<0:32>>};
                 _ when is_binary(Spec) -> {bytes, Spec};
                 _ when is_integer(Spec), Spec >= 0 ->
                     {bytes, <<0:Spec/unit:8>>};
                 _ -> error
             end,
    case {code_option(Option), Wanted} of
        {_, error} -> {error, {invalid, {value_spec, Spec}}};
        {{ok, Level, Number, _}, {Type, Room}} ->
            case prim_socket:getopt(Ref, Level, Number, Room) of
                {ok, Bytes} -> {ok, socket_code:read_value(Type, Bytes)};
                Error -> Error
            end;
        {error, _} -> {error, {invalid, {socket_option, Option}}}
    end;
getopt_native(Socket, Option, Spec) ->
    erlang:error(badarg, [Socket, Option, Spec]).

otp_option(Ref, Name, Default) ->
    case socket_registry:find(Ref) of
        {_, #{Name := Value}} -> Value;
        _ -> Default
    end.

%%% The system's interfaces

ioctl({'$socket', Ref}, Request) when ?IS_SOCKET(Ref) ->
    socket_options:ioctl(Ref, Request);
ioctl(Socket, Request) -> erlang:error(badarg, [Socket, Request]).

ioctl({'$socket', Ref}, Request, Name) when ?IS_SOCKET(Ref) ->
    socket_options:ioctl(Ref, Request, Name);
ioctl(Socket, Request, Name) -> erlang:error(badarg, [Socket, Request, Name]).

ioctl({'$socket', Ref}, Request, Name, Value) when ?IS_SOCKET(Ref) ->
    socket_options:ioctl(Ref, Request, Name, Value);
ioctl(Socket, Request, Name, Value) ->
    erlang:error(badarg, [Socket, Request, Name, Value]).

%%% Looking

%% A message {'DOWN', Monitor, socket, Socket, closed} comes when it is closed.
-spec monitor(socket()) -> reference().
monitor({'$socket', Ref} = Socket) when ?IS_SOCKET(Ref) ->
    socket_registry:monitor(Socket);
monitor(Socket) -> erlang:error(badarg, [Socket]).

-spec cancel_monitor(reference()) -> boolean().
cancel_monitor(Monitor) when is_reference(Monitor) ->
    socket_registry:demonitor(Monitor);
cancel_monitor(Monitor) -> erlang:error(badarg, [Monitor]).

%% Who has monitors of a socket, and the monitors of a process or a socket.
monitored_by({'$socket', Ref}) ->
    lists:usort([Pid || {R, _, Pid} <- socket_registry:monitors(), R =:= Ref]).

which_monitors({'$socket', Ref}) ->
    [M || {R, M, _} <- socket_registry:monitors(), R =:= Ref];
which_monitors(Pid) when is_pid(Pid) ->
    [M || {_, M, P} <- socket_registry:monitors(), P =:= Pid].

number_of_monitors() -> length(socket_registry:monitors()).

number_of_monitors(Of) -> length(which_monitors(Of)).

-spec to_list(socket()) -> string().
to_list({'$socket', Ref}) when ?IS_SOCKET(Ref) ->
    "#Socket" ++ lists:nthtail(4, ref_to_list(Ref));
to_list(Socket) -> erlang:error(badarg, [Socket]).

number_of() -> length(which_sockets()).

-spec which_sockets() -> [socket()].
which_sockets() -> [{'$socket', Ref} || Ref <- socket_registry:all()].

%% Those of a domain, type, protocol or owner, or for which a function says so.
which_sockets(Filter) -> socket_list:which(Filter).

which_socket_kind({'$socket', Ref}) when ?IS_SOCKET(Ref) -> plain;
which_socket_kind(Socket) -> erlang:error(badarg, [Socket]).

use_registry() -> persistent_term:get({?MODULE, use_registry}, true).

%% Whether sockets that are opened from now on are listed.
use_registry(Use) when is_boolean(Use) ->
    persistent_term:put({?MODULE, use_registry}, Use).

%% There is nothing to be told.
debug(On) when is_boolean(On) -> ok.
socket_debug(On) when is_boolean(On) -> ok.

-spec info() -> map().
info() -> socket_list:info().

-spec info(socket()) -> map().
info({'$socket', Ref} = Socket) when ?IS_SOCKET(Ref) ->
    socket_list:info(Socket);
info(Socket) -> erlang:error(badarg, [Socket]).

-spec i() -> ok.
i() -> socket_list:i().

i(What) -> socket_list:i(What).

i(What, Fields) -> socket_list:i(What, Fields).

-spec supports() -> [{atom(), term()}].
supports() -> socket_list:supports().

supports(What) -> socket_list:supports(What).

supports(What, Which) -> socket_list:supports(What, Which).

-spec is_supported(atom()) -> boolean().
is_supported(What) -> socket_list:is_supported(What).

is_supported(What, Which) -> socket_list:is_supported(What, Which).

is_supported(What, Which, Name) ->
    socket_list:is_supported(What, Which, Name).
