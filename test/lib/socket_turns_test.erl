%% SPDX-License-Identifier: Apache-2.0
%% Module socket: processes that wait for the same have turns, and a socket that
%% is closed is closed at once.
%% expect: recv: [{one,{ok,<<"abcde">>}},{two,{ok,<<"fg">>}}]
%% expect: dead: {ok,<<"x">>}
%% expect: accept: [{one,ok},{two,{error,timeout}}]
%% expect: again: [{error,timeout},[],{ok,<<"x">>}]
%% expect: behind: {error,timeout}
%% expect: told: [told,{ok,<<"x">>},told,{ok,<<"y">>}]
%% expect: bound again: [{ok,ok}]
-module(socket_turns_test).
-export([main/0]).

main() ->
    receiving(),
    accepting(),
    alone(),
    nobody_waits_twice(),
    bound_again().

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

listener() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    {L, Address}.

connect(Address) ->
    {ok, A} = socket:open(inet, stream, tcp),
    ok = socket:connect(A, Address),
    A.

pair() ->
    {L, Address} = listener(),
    A = connect(Address),
    {ok, B} = socket:accept(L),
    socket:close(L),
    {A, B}.

%% Starts a process that is waiting when this returns.
waiting(Name, Fun) ->
    Me = self(),
    Pid = spawn(fun() -> Me ! {Name, Fun()} end),
    until_waits(Pid),
    Pid.

until_waits(Pid) ->
    case process_info(Pid, status) of
        {status, waiting} -> ok;
        _ -> timer:sleep(1), until_waits(Pid)
    end.

answer(Name) -> receive {Name, Answer} -> {Name, Answer} end.

receiving() ->
    {A, B} = pair(),
    waiting(one, fun() -> socket:recv(A, 5) end),
    ok = socket:send(B, "abc"),
    waiting(two, fun() -> socket:recv(A, 2) end),
    ok = socket:send(B, "defg"),
    show("recv", [answer(one), answer(two)]),
    First = waiting(one, fun() -> socket:recv(A) end),
    waiting(two, fun() -> socket:recv(A) end),
    Monitor = monitor(process, First),
    exit(First, kill),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    ok = socket:send(B, "x"),
    show("dead", element(2, answer(two))).

accepting() ->
    {L, Address} = listener(),
    Accept = fun(Time) ->
                     case socket:accept(L, Time) of
                         {ok, _} -> ok;
                         Error -> Error
                     end
             end,
    waiting(one, fun() -> Accept(infinity) end),
    waiting(two, fun() -> Accept(500) end),
    connect(Address),
    show("accept", [answer(one), answer(two)]).

%% What one process asks for again is instead of what it asked for before.
alone() ->
    {A, B} = pair(),
    {select, _} = socket:recv(A, 0, nowait),
    {select, _} = socket:recv(A, 0, nowait),
    Waited = socket:recv(A, 0, 10),
    ok = socket:send(B, "x"),
    Told = receive Message -> [Message] after 100 -> [] end,
    show("again", [Waited, Told, socket:recv(A, 0, nowait)]),
    waiting(one, fun() -> socket:recv(A) end),
    show("behind", socket:recv(A, 0, 0)).

%% Each is told when it is its turn.
nobody_waits_twice() ->
    {A, B} = pair(),
    waiting(one, fun() -> socket:recv(A) end),
    {select, {select_info, _, Handle}} = socket:recv(A, 0, nowait),
    ok = socket:send(B, "x"),
    {one, First} = answer(one),
    ok = socket:send(B, "y"),
    Told = receive {'$socket', A, select, Handle} -> told end,
    show("told", [told, First, Told, socket:recv(A, 0, nowait)]).

bound_again() ->
    {L, Address} = listener(),
    {select, _} = socket:accept(L, nowait),
    socket:close(L),
    show("bound again",
         lists:usort([begin
                          {ok, S} = socket:open(inet, stream, tcp),
                          Bound = {socket:bind(S, Address), socket:listen(S)},
                          {select, _} = socket:accept(S, nowait),
                          socket:close(S),
                          Bound
                      end || _ <- lists:seq(1, 100)])).
