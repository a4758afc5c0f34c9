%% SPDX-License-Identifier: Apache-2.0
%% prim_inet: the operations of sockets, which are ports (runtime/socket.h).
-module(prim_inet).
-compile(no_line_info). % as OTP has it for what is there from the start

-export([open/3, open/4, open0/4, fdopen/4, fdopen/5, call/3, start/4,
         async_accept/2, async_recv/3, close/1, bind/3, connect/3, connect/4,
         listen/1, listen/2, accept/1, accept/2, accept/3, send/2, send/3,
         sendto/4, sendto/5, recv/2, recv/3, recvfrom/2, recvfrom/3, setopt/3,
         setopts/2, try_setopts/2, getopt/2, getopts/2, sockname/1, peername/1, shutdown/2,
         getstat/2, getstatus/1, getfd/1, ignorefd/2, accept0/3, recv0/3,
         getifaddrs/0, gethostname/0, gethostbyname/2, gethostbyname0/2,
         gethostbyaddr/1, gethostbyaddr0/1, getservbyname/2, getservbyport/2,
         in_time/2, kind/1]).

%%% Stubs of what is written in C

call(_, _, _) -> erlang:nif_error(undef).
accept0(_, _, _) -> erlang:nif_error(undef).
recv0(_, _, _) -> erlang:nif_error(undef).
start(_, _, _, _) -> erlang:nif_error(undef).
open0(_, _, _, _) -> erlang:nif_error(undef).
getifaddrs() -> erlang:nif_error(undef).
gethostname() -> erlang:nif_error(undef).
gethostbyname0(_, _) -> erlang:nif_error(undef).
gethostbyaddr0(_) -> erlang:nif_error(undef).
getservbyname(_, _) -> erlang:nif_error(undef).
getservbyport(_, _) -> erlang:nif_error(undef).

%%% Sockets

%% The third is the type, or a descriptor that is there.
open(Protocol, Family, Type) -> open(Protocol, Family, Type, []).

open(Protocol, Family, Type, Options) ->
    open0(Protocol, Family, Type, proplists:get_value(netns, Options, "")).

%% A socket on descriptor Fd, which is there.
fdopen(Protocol, Family, _Type, Fd) -> open(Protocol, Family, Fd).
fdopen(Protocol, Family, _Type, Fd, _Bound) -> open(Protocol, Family, Fd).

%% What is queued is written before, as long as the other side takes it. Who
%% closes a socket hears nothing of its end.
close(S) ->
    drain(S, none),
    catch erlang:port_close(S),
    unlink(S),
    receive {'EXIT', S, _} -> ok after 0 -> ok end.

drain(S, Before) ->
    case catch call(S, drain, 5000) of
        {error, timeout} ->
            case {getopt(S, linger), getstat(S, [send_pend])} of
                {{ok, {true, _}}, _} -> ok; % that was its time
                {_, {ok, [{_, Before}]}} -> ok; % nothing goes out any more
                {_, {ok, [{_, Left}]}} -> drain(S, Left);
                _ -> ok
            end;
        _ -> ok
    end.

bind(S, Address, Port) ->
    case call(S, bind, {Address, Port}) of
        ok ->
            case sockname(S) of
                {ok, {_, Bound}} -> {ok, Bound};
                Error -> Error
            end;
        Error -> Error
    end.

connect(S, Address, Port) -> connect(S, Address, Port, infinity).
connect(S, Address, Port, Time) -> call(S, connect, {Address, Port, Time}).

listen(S) -> listen(S, 5).
listen(S, Backlog) -> call(S, listen, Backlog).

accept(S) -> accept(S, infinity).
accept(S, Time) -> accept0(S, accept, Time).
accept(S, Time, _Family) -> accept(S, Time).

%% The same without waiting: {inet_async, Socket, Ref, Result} comes as a
%% message. A time of -1 is for ever.
async_accept(S, Time) -> async(S, accept, time(Time)).
async_recv(S, Size, Time) -> async(S, recv, {Size, time(Time)}).

async(S, Operation, Argument) ->
    Ref = erlang:unique_integer([positive]) band 16#ffffff,
    ok = start(S, Operation, Argument, Ref),
    {ok, Ref}.

time(-1) -> infinity;
time(Time) -> Time.

send(S, Data) -> send(S, Data, []).

send(S, Data, _Options) when is_port(S) -> call(S, send, Data).

sendto(S, Address, Port, Data) -> sendto(S, Address, Port, [], Data).

%% [Ancillary]: [{tos | ttl | tclass, Number}].
sendto(S, Address, Port, Ancillary, Data) ->
    call(S, sendto, {Address, Port, Data, Ancillary}).

recv(S, Size) -> recv(S, Size, infinity).
recv(S, Size, Time) -> recv0(S, recv, {Size, Time}).

recvfrom(S, Size) -> recvfrom(S, Size, infinity).
recvfrom(S, Size, Time) -> recv0(S, recv, {Size, Time}).

setopt(S, Name, Value) -> setopts(S, [{Name, Value}]).
setopts(S, Options) when is_port(S) ->
    case try_setopts(S, Options) of
        {error, _} -> {error, einval};
        ok -> ok
    end.

%% {error, einval} of what an option can never be, {error, eopnotsupp} of what
%% the system refuses.
try_setopts(S, Options) -> call(S, setopts, Options).

getopt(S, Name) ->
    case getopts(S, [Name]) of
        {ok, [{Name, Value}]} -> {ok, Value};
        {ok, []} -> {error, einval};
        Error -> Error
    end.
getopts(S, Names) when is_port(S) -> call(S, getopts, Names).

sockname(S) when is_port(S) -> call(S, sockname, []).
peername(S) when is_port(S) -> call(S, peername, []).
shutdown(S, How) when is_port(S) -> call(S, shutdown, How).
getstat(S, Names) when is_port(S) -> call(S, getstat, Names).
getfd(S) when is_port(S) -> call(S, getfd, []).

%% Whether another socket has the descriptor to itself for now.
ignorefd(S, Ignore) when is_boolean(Ignore) -> call(S, ignorefd, Ignore).

%% {ok, [busy | accepting | connecting | listen | connected | open]}
getstatus(S) -> call(S, status, []).

%% {ok, {Family, tcp | udp}}
kind(S) -> call(S, kind, []).

%%% Names

gethostbyname(Name, Family) ->
    in_time(fun() -> gethostbyname0(Name, Family) end, patience()).

gethostbyaddr(Address) ->
    in_time(fun() -> gethostbyaddr0(Address) end, patience()).

%% As long as OTP waits for its program that asks the system.
patience() ->
    case ets:whereis(inet_db) of
        undefined -> 8000;
        _ -> 4 * inet_db:res_option(timeout)
    end.

%% The system's resolver takes the time it takes: another process waits for it.
in_time(Look, Timeout) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({done, Look()}) end),
    receive
        {'DOWN', Monitor, _, _, {done, Result}} -> Result;
        {'DOWN', Monitor, _, _, _} -> {error, nxdomain}
    after Timeout ->
        demonitor(Monitor, [flush]),
        exit(Pid, kill),
        {error, timeout}
    end.
