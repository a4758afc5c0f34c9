%% SPDX-License-Identifier: Apache-2.0
%% file:sendfile/2,5: what arrives is what the file has, whoever else sends, and
%% the file's position stays.
%% expect: whole: {{ok,3000000},true}
%% expect: beside others: {{ok,3000000},true,true}
%% expect: part: {{ok,7},true}
%% expect: behind the end: {{ok,0},true}
%% expect: past the end: {{ok,5},true}
%% expect: position: {ok,<<"0123">>}
%% expect: natively: {{ok,10},true}
%% expect: with a header: {error,enotsup}
%% expect: between: {ok,true}
%% expect: not the owner's: {error,not_owner}
%% expect: a datagram: {error,exbadport}
%% expect: wrong: [{error,badarg},{error,badarg},{error,einval},{error,badarg}]
%% expect: no plain file: {ok,true}
%% expect: closed by the other: true
%% expect: closed: {error,einval}
-module(files_sent_test).
-include_lib("kernel/include/file.hrl").
-export([main/0]).

-define(LARGE, 3000000).

main() ->
    Name = filename:join(dir(), "files_sent." ++ os:getpid()),
    Small = <<"0123456789abcde">>,
    Large = rand:bytes(?LARGE),
    ok = file:write_file(Name, Large),
    io:format("whole: ~p~n", [sent(fun(S) -> file:sendfile(Name, S) end,
                                   Large)]),
    beside(Name, Large),
    ok = file:write_file(Name, Small),
    {ok, F} = file:open(Name, [read, raw, binary, {read_ahead, 8}]),
    {ok, <<>>} = file:read(F, 0),
    Send = fun(From, Count) ->
                   fun(S) -> file:sendfile(F, S, From, Count, []) end
           end,
    io:format("part: ~p~n", [sent(Send(3, 7), <<"3456789">>)]),
    io:format("behind the end: ~p~n", [sent(Send(100, 7), <<>>)]),
    io:format("past the end: ~p~n", [sent(Send(10, 70), <<"abcde">>)]),
    io:format("position: ~p~n", [file:read(F, 4)]),
    #file_descriptor{module = Module} = F,
    io:format("natively: ~p~n",
              [sent(fun(S) -> Module:sendfile(F, S, 5, 0, 1, [], [], []) end,
                    <<"56789abcde">>)]),
    {Head, _} = sent(fun(S) ->
                             Module:sendfile(F, S, 5, 0, 1, [<<1>>], [], [])
                     end, <<>>),
    io:format("with a header: ~p~n", [Head]),
    io:format("between: ~p~n",
              [sent(fun(S) ->
                            ok = gen_tcp:send(S, "<"),
                            {ok, 1} = file:sendfile(F, S, 1, 1, []),
                            {ok, 1} = file:sendfile(F, S, 2, 1, []),
                            gen_tcp:send(S, ">")
                    end, <<"<12>">>)]),
    refused(F, Send),
    ok = file:close(F),
    other_files(Name),
    broken(Name),
    file:delete(Name).

dir() -> os:getenv("TMPDIR", "/tmp").

pair() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, binary,
                                 {active, false}]),
    {ok, Port} = inet:port(L),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
    {ok, B} = gen_tcp:accept(L),
    gen_tcp:close(L),
    {A, B}.

read_all(S, All) ->
    case gen_tcp:recv(S, 0) of
        {ok, Bytes} -> read_all(S, [All, Bytes]);
        {error, closed} -> iolist_to_binary(All)
    end.

reader(S) ->
    Self = self(),
    Pid = spawn(fun() -> receive go -> Self ! {self(), read_all(S, [])} end end),
    ok = gen_tcp:controlling_process(S, Pid),
    Pid ! go,
    Pid.

%% What [Send] answers, and whether [Expected] arrives.
sent(Send, Expected) ->
    {A, B} = pair(),
    Reader = reader(B),
    Answer = Send(A),
    gen_tcp:close(A),
    receive {Reader, Bytes} -> {Answer, Bytes =:= Expected} end.

%% Others send meanwhile: before it or behind it, never between.
beside(Name, Large) ->
    {A, B} = pair(),
    Reader = reader(B),
    Self = self(),
    Pids = [spawn(fun() -> Self ! {self(), gen_tcp:send(A, <<"beside">>)} end)
            || _ <- [1, 2, 3]],
    Answer = file:sendfile(Name, A),
    Sent = [receive {Pid, R} -> R end || Pid <- Pids],
    gen_tcp:close(A),
    receive
        {Reader, Bytes} ->
            io:format("beside others: ~p~n",
                      [{Answer, Sent =:= [ok, ok, ok],
                        byte_size(Bytes) =:= ?LARGE + 18
                        andalso binary:match(Bytes, Large) =/= nomatch}])
    end.

refused(F, Send) ->
    {A, B} = pair(),
    Self = self(),
    #file_descriptor{module = Module} = F,
    spawn(fun() ->
                  {ok, Own} = file:open("/etc/passwd", [raw, read]),
                  Self ! {own, file:sendfile(Own, A, 0, 0, [])}
          end),
    io:format("not the owner's: ~p~n", [receive {own, R} -> R end]),
    {ok, U} = gen_udp:open(0),
    io:format("a datagram: ~p~n", [(Send(0, 1))(U)]),
    io:format("wrong: ~p~n",
              [[file:sendfile(a, A, 0, 0, []), file:sendfile(F, A, a, 0, []),
                Module:sendfile(F, A, -1, 0, 0, [], [], []),
                Module:sendfile(F, b, 0, 0, 0, [], [], [])]]),
    gen_udp:close(U),
    gen_tcp:close(A),
    gen_tcp:close(B).

%% The system says that this one is empty.
other_files(_) ->
    {ok, Text} = file:read_file("/proc/version"),
    {A, B} = pair(),
    Reader = reader(B),
    {ok, _} = file:sendfile("/proc/version", A),
    gen_tcp:close(A),
    receive
        {Reader, Bytes} ->
            io:format("no plain file: ~p~n", [{ok, Bytes =:= Text}])
    end.

broken(Name) ->
    ok = file:write_file(Name, binary:copy(<<0>>, 20000000)),
    {A, B} = pair(),
    spawn(fun() ->
                  {ok, _} = gen_tcp:recv(B, 100000),
                  gen_tcp:close(B)
          end),
    Answer = file:sendfile(Name, A),
    io:format("closed by the other: ~p~n",
              [case Answer of
                   {error, closed} -> true;
                   _ -> Answer
               end]),
    gen_tcp:close(A),
    io:format("closed: ~p~n", [file:sendfile(Name, A)]).
