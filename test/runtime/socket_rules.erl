%% SPDX-License-Identifier: Apache-2.0
%% Sockets that are ports: who may wait beside whom, and what is told of those
%% that have ended.
%% expect: recv beside recv: [{error,ealready},{ok,"a"}]
%% expect: udp: [{error,ealready},{ok,"a"}]
%% expect: active beside recv: [a,b]
%% expect: too many bytes: [{error,enomem},{error,timeout}]
%% expect: shut down: [{error,closed},{error,closed},[]]
%% expect: closed by the peer: [{error,closed},{error,enotconn},{error,ebadf},{error,enotconn},{error,closed},{error,enotconn}]
%% expect: damaged: [{error,emsgsize},{error,enotconn}]
%% expect: reset: [{error,econnreset},{error,enotconn}]
%% expect: counts: [{input,0},{output,7},{input,0},{output,0}]
-module(socket_rules).
-export([main/0]).

main() ->
    waiting(),
    both(),
    many(),
    shut_down(),
    ended(),
    counts().

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

%% The one that connects has Options.
pair(Options) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(L),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port,
                              [{active, false} | Options]),
    {ok, B} = gen_tcp:accept(L),
    gen_tcp:close(L),
    {A, B}.

%% One waits in Receive already when another asks.
beside(Receive) ->
    Me = self(),
    Pid = spawn(fun() -> Me ! {first, Receive(infinity)} end),
    until_waits(Pid),
    Receive(1000).

until_waits(Pid) ->
    case process_info(Pid, [status, current_function]) of
        [{status, waiting}, {_, {prim_inet, _, _}}] -> ok;
        _ -> timer:sleep(1), until_waits(Pid)
    end.

first() -> receive {first, Result} -> Result end.

waiting() ->
    {A, B} = pair([]),
    Second = beside(fun(Time) -> gen_tcp:recv(A, 0, Time) end),
    gen_tcp:send(B, "a"),
    show("recv beside recv", [Second, first()]),
    {ok, U} = gen_udp:open(0, [{active, false}]),
    {ok, Port} = inet:port(U),
    Other = beside(fun(Time) ->
                           case gen_udp:recv(U, 0, Time) of
                               {ok, {_, _, Data}} -> {ok, Data};
                               Error -> Error
                           end
                   end),
    gen_udp:send(U, {127, 0, 0, 1}, Port, "a"),
    show("udp", [Other, first()]).

%% What comes is the owner's then.
both() ->
    {A, B} = pair([]),
    Pid = spawn(fun() -> gen_tcp:recv(A, 0) end),
    until_waits(Pid),
    ok = inet:setopts(A, [{active, true}]),
    show("active beside recv",
         [begin
              gen_tcp:send(B, atom_to_list(Name)),
              receive {tcp, A, Data} -> list_to_atom(Data) end
          end || Name <- [a, b]]).

many() ->
    {A, _} = pair([]),
    show("too many bytes",
         [gen_tcp:recv(A, N, 10) || N <- [1 bsl 26 + 1, 1 bsl 26]]).

%% Nothing is told to the owner by what it does itself.
shut_down() ->
    {A, B} = pair([{exit_on_close, false}]),
    ok = gen_tcp:shutdown(A, write),
    {error, closed} = gen_tcp:recv(B, 0),
    ok = inet:setopts(A, [{active, true}]),
    receive {tcp_closed, A} -> ok end,
    Sent = [gen_tcp:send(A, "x") || _ <- [1, 2]],
    show("shut down", Sent ++ [receive Message -> [Message] after 100 -> [] end]).

ended() ->
    {A, B} = pair([]),
    gen_tcp:close(B),
    show("closed by the peer",
         [gen_tcp:recv(A, 0), gen_tcp:recv(A, 0), inet:sockname(A),
          gen_tcp:shutdown(A, read), gen_tcp:send(A, "x"), gen_tcp:send(A, "x")]),
    {C, D} = pair([{packet, 4}]),
    gen_tcp:send(D, <<16#ffffffff:32, "x">>),
    show("damaged", [gen_tcp:recv(C, 0), gen_tcp:send(C, "x")]),
    {E, F} = pair([{show_econnreset, true}]),
    inet:setopts(F, [{linger, {true, 0}}]),
    gen_tcp:close(F),
    show("reset", [gen_tcp:recv(E, 0), gen_tcp:send(E, "x")]).

counts() ->
    {A, B} = pair([]),
    gen_tcp:send(A, "12345"),
    gen_tcp:send(A, ["6", <<"7">>]),
    {ok, _} = gen_tcp:recv(B, 7),
    show("counts", [erlang:port_info(S, What) || S <- [A, B],
                                                 What <- [input, output]]).
