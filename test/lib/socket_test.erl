%% SPDX-License-Identifier: Apache-2.0
%% Module socket: streams, datagrams with control messages, waiting by message,
%% options, and what happens to sockets whose owner ends.
%%
%% expect: ok
-module(socket_test).
-export([main/0]).

main() ->
    wrong(),
    options(),
    stream(),
    accepting(),
    nowait(),
    large(),
    messages(),
    local(),
    owner(),
    interfaces(),
    io:format("ok~n").

wrong() ->
    {error, {invalid, {domain, foo}}} = socket:open(foo, stream),
    {error, {invalid, {protocol, foo}}} = socket:open(inet, stream, foo),
    {ok, S} = socket:open(inet, stream),
    {error, {invalid, {sockaddr, foo}}} = socket:bind(S, foo),
    {error, enotconn} = socket:recv(S, 0, nowait),
    {error, {invalid, {socket_option, {socket, foo}}}} =
        socket:setopt(S, {socket, foo}, 1),
    ok = socket:close(S),
    {error, closed} = socket:close(S),
    {error, closed} = socket:recv(S),
    {error, closed} = socket:getopt(S, {otp, fd}).

options() ->
    {ok, S} = socket:open(inet, stream, tcp),
    {ok, #{onoff := false}} = socket:getopt(S, {socket, linger}),
    ok = socket:setopt(S, {socket, linger}, #{onoff => true, linger => 5}),
    {ok, #{onoff := true, linger := 5}} = socket:getopt(S, {socket, linger}),
    {ok, inet} = socket:getopt(S, {socket, domain}),
    {ok, tcp} = socket:getopt(S, {socket, protocol}),
    ok = socket:setopt(S, {tcp, nodelay}, true),
    {ok, true} = socket:getopt(S, {tcp, nodelay}),
    {ok, <<1:32/native>>} = socket:getopt_native(S, {socket, 3}, 4),
    {ok, 8192} = socket:getopt(S, {otp, rcvbuf}),
    ok = socket:close(S).

pair() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, loopback),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    {ok, A} = socket:open(inet, stream, tcp),
    ok = socket:connect(A, Address),
    {ok, B} = socket:accept(L),
    ok = socket:close(L),
    {A, B}.

stream() ->
    {A, B} = pair(),
    ok = socket:send(A, <<"hello">>),
    {ok, <<"hel">>} = socket:recv(B, 3),
    {ok, <<"lo">>} = socket:recv(B),
    {error, timeout} = socket:recv(B, 0, 10),
    ok = socket:send(A, ["ab", <<"cd">>]),
    {ok, <<"abcd">>} = socket:recv(B, 0, [peek], 500),
    {error, {timeout, <<"abcd">>}} = socket:recv(B, 10, 50),
    ok = socket:shutdown(A, write),
    {error, closed} = socket:recv(B),
    ok = socket:send(B, <<"still">>),
    {ok, <<"still">>} = socket:recv(A, 5),
    ok = socket:close(A),
    ok = socket:close(B).

%% Several wait; each gets one connection.
accepting() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, loopback),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    Self = self(),
    [spawn(fun() -> Self ! {accepted, element(1, socket:accept(L, 5000))} end)
     || _ <- lists:seq(1, 5)],
    Clients = [begin
                   {ok, C} = socket:open(inet, stream, tcp),
                   ok = socket:connect(C, Address),
                   C
               end || _ <- lists:seq(1, 5)],
    [receive {accepted, ok} -> ok end || _ <- Clients],
    {select, {select_info, accept, Handle}} = socket:accept(L, nowait),
    ok = socket:close(L),
    receive
        {'$socket', L, abort, {Handle, closed}} -> ok
    end.

nowait() ->
    {A, B} = pair(),
    Handle = make_ref(),
    {select, {select_info, recv, Handle}} = socket:recv(B, 5, Handle),
    ok = socket:send(A, <<"12">>),
    receive {'$socket', B, select, Handle} -> ok end,
    {select, {{select_info, recv, Later} = Info, <<"12">>}} =
        socket:recv(B, 5, nowait),
    true = Later =/= Handle,
    ok = socket:cancel(B, Info),
    ok = socket:close(A),
    ok = socket:close(B).

large() ->
    {A, B} = pair(),
    Bytes = crypto_free_bytes(3000000),
    Self = self(),
    spawn_link(fun() ->
                       {ok, Got} = socket:recv(B, byte_size(Bytes)),
                       Self ! {same, Got =:= Bytes}
               end),
    ok = socket:send(A, Bytes),
    receive {same, true} -> ok end.

crypto_free_bytes(N) ->
    << <<(I * I bsr 3)>> || I <- lists:seq(1, N) >>.

messages() ->
    {ok, S} = socket:open(inet, dgram, udp),
    ok = socket:bind(S, loopback),
    {ok, Address} = socket:sockname(S),
    ok = socket:setopt(S, {ip, recvttl}, true),
    ok = socket:setopt(S, {ip, recvtos}, true),
    {ok, C} = socket:open(inet, dgram),
    ok = socket:sendmsg(C, #{addr => Address, iov => [<<"a">>, <<"bc">>],
                             ctrl => [#{level => ip, type => tos,
                                        value => throughput}]}),
    {ok, #{iov := [<<"abc">>], flags := [], ctrl := Controls}} =
        socket:recvmsg(S),
    [#{level := ip, type := tos, value := throughput},
     #{level := ip, type := ttl, value := 64}] =
        lists:sort(fun(#{type := X}, #{type := Y}) -> X =< Y end, Controls),
    ok = socket:sendto(C, <<"zz">>, Address),
    {ok, {#{addr := {127, 0, 0, 1}}, <<"z">>}} = socket:recvfrom(S, 1),
    {error, emsgsize} = socket:sendto(C, binary:copy(<<1>>, 70000), Address).

local() ->
    {ok, L} = socket:open(local, stream),
    Name = <<0, "merle-socket-test-", (list_to_binary(os:getpid()))/binary>>,
    Address = #{family => local, path => Name},
    ok = socket:bind(L, Address),
    {ok, Address} = socket:sockname(L),
    ok = socket:listen(L),
    {ok, C} = socket:open(local, stream),
    ok = socket:connect(C, Address),
    {ok, _} = socket:accept(L).

%% A socket ends with its owner, whoever waits.
owner() ->
    Self = self(),
    {Pid, Down} = spawn_monitor(fun() ->
                                        {ok, S} = socket:open(inet, dgram),
                                        Self ! {socket, S},
                                        receive go -> ok end
                                end),
    S = receive {socket, Socket} -> Socket end,
    ok = socket:bind(S, loopback),
    Monitor = socket:monitor(S),
    {select, {select_info, recvfrom, Handle}} = socket:recvfrom(S, 0, nowait),
    Pid ! go,
    receive {'DOWN', Down, _, _, _} -> ok end,
    receive {'DOWN', Monitor, socket, S, _} -> ok end,
    receive {'$socket', S, abort, {Handle, closed}} -> ok end,
    {error, closed} = socket:recvfrom(S),
    {ok, T} = socket:open(inet, dgram),
    Other = spawn(fun() -> receive go -> ok end end),
    ok = socket:setopt(T, {otp, controlling_process}, Other),
    {error, {invalid, not_owner}} =
        socket:setopt(T, {otp, controlling_process}, self()).

interfaces() ->
    {ok, S} = socket:open(inet, dgram),
    {ok, #{addr := {127, 0, 0, 1}}} = socket:ioctl(S, gifaddr, "lo"),
    {ok, [up, loopback | _]} = socket:ioctl(S, gifflags, "lo"),
    {ok, "lo"} = socket:ioctl(S, gifname, 1),
    {error, enodev} = socket:ioctl(S, gifnetmask, "nosuch0").
