%% SPDX-License-Identifier: Apache-2.0
%% Options of sockets: what inet:setopts takes and what inet:getopts tells.
%%
%% expect: ok
-module(socket_options_test).
-export([main/0]).

main() ->
    raw(),
    buffers(),
    refused(),
    open_options(),
    descriptors(),
    name_space(),
    {error, eprotonosupport} = gen_sctp_open(),
    io:format("ok~n").

listener() ->
    {ok, S} = gen_tcp:listen(0, [{active, false}]),
    S.

raw() ->
    S = listener(),
    Keep = {raw, 1, 9, 4},
    ok = inet:setopts(S, [{keepalive, true}]),
    {ok, [{raw, 1, 9, <<1:32/native>>}]} = inet:getopts(S, [Keep]),
    ok = inet:setopts(S, [{raw, 1, 9, <<0:32/native>>}]),
    {ok, [{keepalive, false}]} = inet:getopts(S, [keepalive]),
    {ok, []} = inet:getopts(S, [{raw, 77, 77, 4}]),
    [{error, einval} = inet:getopts(S, [Bad])
     || Bad <- [{raw, 1, 9, 65536}, {raw, 1, 9, -1}, {raw, x, 9, 4},
                {raw, 1, 9, 5.0}, raw, {raw, 1}, {linger, x}]],
    gen_tcp:close(S).

%% The buffer grows with the system's, but for datagrams not without end.
buffers() ->
    {ok, S} = gen_udp:open(0),
    {ok, [{buffer, 8192}]} = inet:getopts(S, [buffer]),
    ok = inet:setopts(S, [{recbuf, 1 bsl 20}]),
    {ok, [{buffer, 65536}]} = inet:getopts(S, [buffer]),
    ok = inet:setopts(S, [{buffer, 100}, {recbuf, 1 bsl 20}]),
    {ok, [{buffer, 100}]} = inet:getopts(S, [buffer]),
    gen_udp:close(S).

%% What the system refuses is told of some options only.
refused() ->
    {ok, S} = gen_udp:open(0),
    ok = inet:setopts(S, [{add_membership, {{1, 2, 3, 4}, any}}]),
    {error, einval} = inet:setopts(S, [{ttl, 999}]),
    {error, einval} = inet:setopts(S, [{bind_to_device, <<"nosuch0">>}]),
    {error, einval} = inet:setopts(S, [{add_membership, x}]),
    gen_udp:close(S).

open_options() ->
    {error, einval} = gen_tcp:listen(0, [{ttl, 999}]),
    Bad = [{ip, x}, {ip, "127.0.0.1"}, {port, -1}, {keepalive, 1},
           {bind_to_device, "lo"}, {nosuch, 1}],
    [{'EXIT', badarg} = (catch gen_tcp:listen(0, [O])) || O <- Bad],
    {'EXIT', badarg} = (catch gen_udp:open(0, [{backlog, 5}])),
    ok.

%% A descriptor that was opened elsewhere, and is bound here.
descriptors() ->
    {ok, P} = prim_inet:open(tcp, inet, stream),
    {ok, Fd} = prim_inet:getfd(P),
    {ok, L} = gen_tcp:listen(0, [{fd, Fd}, {ip, {127, 0, 0, 1}}]),
    {ok, {{127, 0, 0, 1}, Port}} = inet:sockname(L),
    true = Port > 0,
    gen_tcp:close(L),
    gen_tcp:close(P).

name_space() ->
    S = listener(),
    {ok, []} = inet:getopts(S, [netns]),
    ok = inet:setopts(S, [{netns, "/proc/self/ns/net"}]),
    {ok, [{netns, "/proc/self/ns/net"}]} = inet:getopts(S, [netns]),
    gen_tcp:close(S),
    {error, enoent} = gen_tcp:listen(0, [{netns, "/nosuch"}]).

%% A system may have it, merle has not.
gen_sctp_open() ->
    case gen_sctp:open() of
        {ok, S} -> gen_sctp:close(S), {error, eprotonosupport};
        Error -> Error
    end.
