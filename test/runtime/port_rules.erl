%% SPDX-License-Identifier: Apache-2.0
%% Ports: who ends them and when, what is written then, the order of what they
%% tell, whom a busy one holds up, and what they count.
%% expect: last line: [{exit_status,0},{data,{noeol,"c"}},eof]
%% expect: no input: []
%% expect: exit normal: {'EXIT',normal}
%% expect: link normal: true
%% expect: exit kill: {'EXIT',killed}
%% expect: written after a kill: 500000
%% expect: lost by a kill: true
%% expect: busy: [suspended,{'EXIT',normal}]
%% expect: pipe breaks first: {'EXIT',epipe}
%% expect: counts: {{input,5},{output,5}}
%% expect: order: true
%% expect: another session: true
%% expect: after the end: [true,badarg,badarg]
-module(port_rules).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    show("last line", some(3, open("printf 'c'", [{line, 9}, exit_status, eof]))),
    no_input(),
    ends(),
    written(),
    busy(),
    counts(),
    order(),
    session(),
    after_the_end().

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

open(Command, Options) -> open_port({spawn, Command}, Options).

some(0, _) -> [];
some(N, Port) -> receive {Port, What} -> [What | some(N - 1, Port)] end.

ended(Port) -> receive {'EXIT', Port, Reason} -> {'EXIT', Reason} end.

%% The status is told at the end of what is read, and nothing is.
no_input() ->
    P = open("true", [out, exit_status]),
    wait(fun() -> os:cmd("ps -o stat= -p " ++ pid(P)) =:= [] end),
    show("no input", receive {P, What} -> [What] after 0 -> [] end),
    port_close(P),
    ended(P).

pid(P) -> integer_to_list(element(2, erlang:port_info(P, os_pid))).

wait(Holds) ->
    case Holds() of
        true -> ok;
        false -> timer:sleep(10), wait(Holds)
    end.

ends() ->
    A = open("cat", []),
    spawn(fun() -> exit(A, normal) end),
    show("exit normal", ended(A)),
    B = open("cat", []),
    {Pid, Ref} = spawn_monitor(fun() -> link(B) end),
    receive {'DOWN', Ref, _, Pid, _} -> ok end,
    erlang:port_command(B, ""),
    show("link normal", erlang:port_info(B) =/= undefined),
    spawn(fun() -> link(B), exit(kill) end),
    show("exit kill", ended(B)).

%% Some bytes more than a pipe takes, which is read when file Go is there.
held(File, Go) ->
    P = open("sh -c 'while [ ! -e " ++ Go ++ " ]; do sleep 0.02; done; cat >"
             ++ File ++ "; echo >" ++ File ++ ".done'", [out]),
    port_command(P, binary:copy(<<"x">>, 500000)),
    P.

written() ->
    Dir = string:trim(os:cmd("mktemp -d")),
    [A, B, Go] = [filename:join(Dir, Name) || Name <- ["a", "b", "go"]],
    Me = self(),
    Owner = spawn(fun() -> held(A, Go), Me ! held, timer:sleep(infinity) end),
    receive held -> ok end,
    exit(Owner, kill),
    P = held(B, Go),
    exit(P, kill),
    ended(P),
    ok = file:write_file(Go, ""),
    [wait(fun() -> filelib:is_file(F ++ ".done") end) || F <- [A, B]],
    show("written after a kill", filelib:file_size(A)),
    show("lost by a kill", filelib:file_size(B) < 500000),
    os:cmd("rm -r " ++ Dir).

%% Who sends to a busy port waits; the first finds it free.
busy() ->
    P = open("sleep 1000", []),
    Me = self(),
    Sender = spawn(fun() ->
                           P ! {Me, {command, large()}},
                           P ! {Me, {command, "more"}}
                   end),
    wait(fun() -> process_info(Sender, status) =:= {status, suspended} end),
    Status = process_info(Sender, status),
    os:cmd("kill " ++ pid(P)),
    show("busy", [element(2, Status), ended(P)]),
    Q = open("sleep 1000", [exit_status]),
    port_command(Q, large()),
    os:cmd("kill " ++ pid(Q)),
    show("pipe breaks first", ended(Q)).

large() -> binary:copy(<<"x">>, 1000000).

counts() ->
    P = open("cat", [binary, {packet, 4}]),
    port_command(P, "12345"),
    [_] = some(1, P),
    show("counts", {erlang:port_info(P, input), erlang:port_info(P, output)}),
    port_close(P),
    ended(P).

%% What one process tells comes in its order, in whatever way it is told.
order() ->
    P = open("cat", [binary]),
    Numbers = lists:seq(1, 1000),
    [case N rem 3 of
         0 -> P ! {self(), {command, <<N:16>>}};
         1 -> port_command(P, <<N:16>>);
         2 -> link(P), port_command(P, <<N:16>>)
     end || N <- Numbers],
    show("order", read(P, 2000) =:= << <<N:16>> || N <- Numbers >>),
    port_close(P),
    ended(P).

read(_, 0) -> <<>>;
read(P, Size) ->
    receive
        {P, {data, Data}} ->
            <<Data/binary, (read(P, Size - byte_size(Data)))/binary>>
    end.

%% Interrupts of our terminal are not for programs of ports.
session() ->
    Own = os:cmd("ps -o sid= -p " ++ os:getpid()),
    show("another session", Own =/= os:cmd("ps -o sid= -p $$")).

after_the_end() ->
    P = open("true", []),
    ended(P),
    show("after the end",
         [P ! {self(), {command, "x"}} =:= {self(), {command, "x"}},
          try port_command(P, "x") catch error:E -> E end,
          try port_close(P) catch error:E -> E end]).
