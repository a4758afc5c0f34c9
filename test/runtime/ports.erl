%% SPDX-License-Identifier: Apache-2.0
%% Ports: programs, their output in all forms, owners, links and monitors, and
%% what goes wrong.
%% expect: stream: [{data,"a\nbc"},{exit_status,3},{'EXIT',normal}]
%% expect: eof: [{data,<<"x">>},eof]
%% expect: line: [{data,{eol,"ab"}},{data,{noeol,"cde"}},{data,{eol,"f"}},{data,{noeol,"g"}},eof]
%% expect: packet: [{data,<<"one">>},{data,<<>>},{data,<<"three">>}]
%% expect: environment: [{data,"v-/\n"},{exit_status,0},{'EXIT',normal}]
%% expect: arguments: [{data,"zero x y\n"},{exit_status,0},{'EXIT',normal}]
%% expect: errors: [enoent,eacces,badarg,badarg,badarg,badarg]
%% expect: owner's word: [{data,"hello"},{'EXIT',normal},closed]
%% expect: badsig: [{'EXIT',badsig}]
%% expect: connect: {connected,true}
%% expect: exit: [{'EXIT',foo},{'EXIT',killed}]
%% expect: monitor: [{'DOWN',port,true,normal},{'DOWN',port,true,noproc}]
%% expect: nobody: [{'DOWN',ports_nobody,noproc},badarg]
%% expect: name: {true,{registered_name,ports_cat},undefined}
%% expect: gone: [undefined,badarg,badarg,true]
%% expect: dies with its owner: undefined
%% expect: busy: [true,false]
%% expect: killed: [{exit_status,137},{'EXIT',normal}]
%% expect: too long: [{'EXIT',einval}]
%% expect: cmd: {"a b\n",[],true,"12"}
-module(ports).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    forms(),
    starting(),
    owners(),
    ends().

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

cat(Options) -> open_port({spawn, "cat"}, Options).

%% What comes from Port until it is gone, or at its end.
all(Port) ->
    receive
        {Port, eof} -> port_close(Port), exited(Port), [eof];
        {Port, What} -> [What | all(Port)];
        {'EXIT', Port, Reason} -> [{'EXIT', Reason}]
    end.

exited(Port) -> receive {'EXIT', Port, Reason} -> {'EXIT', Reason} end.

some(0, _) -> [];
some(N, Port) -> receive {Port, What} -> [What | some(N - 1, Port)] end.

forms() ->
    show("stream", all(open_port({spawn, "sh -c 'printf \"a\\nbc\"; exit 3'"},
                                 [exit_status]))),
    show("eof", all(open_port({spawn, "printf x"}, [binary, eof]))),
    show("line", all(open_port({spawn, "printf 'ab\\ncdef\\ng'"},
                               [{line, 3}, eof]))),
    P = cat([{packet, 2}, binary]),
    [port_command(P, D) || D <- ["one", [], ["th", [<<"re">>, $e]]]],
    show("packet", some(3, P)),
    port_close(P),
    exited(P).

starting() ->
    show("environment",
         all(open_port({spawn, "echo $PORTS_A-$PWD$PORTS_B"},
                       [exit_status, {cd, "/"},
                        {env, [{"PORTS_A", "v"}, {"PORTS_B", false}]}]))),
    show("arguments",
         all(open_port({spawn_executable, "/bin/sh"},
                       [exit_status, {arg0, "sh"},
                        {args, ["-c", "echo \"$0\" $1", "zero", <<"x y">>]}]))),
    show("errors",
         [try open_port(Name, Options) catch error:E -> E end ||
             {Name, Options} <-
                 [{{spawn_executable, "/no/such/file"}, []},
                  {{spawn_executable, "/etc/passwd"}, []},
                  {{spawn, ""}, []},
                  {{spawn, "cat"}, [nonsense]},
                  {{spawn, "cat"}, [{packet, 3}]},
                  {{spawn, "cat"}, [{args, []}]}]]).

owners() ->
    P1 = cat([]),
    P1 ! {self(), {command, "hello"}},
    [Data] = some(1, P1),
    P1 ! {self(), close},
    show("owner's word", [Data, exited(P1) | some(1, P1)]),
    P2 = cat([]),
    P2 ! nonsense,
    show("badsig", [exited(P2)]),
    Other = spawn(fun() -> receive after infinity -> ok end end),
    P2 ! {self(), {connect, Other}},
    [Connected] = some(1, P2),
    show("connect",
         {Connected, erlang:port_info(P2, connected) =:= {connected, Other}}),
    port_close(P2),
    exited(P2),
    Exits = [begin P = cat([]), exit(P, R), exited(P) end || R <- [foo, kill]],
    show("exit", Exits),
    P3 = cat([]),
    M = monitor(port, P3),
    port_close(P3),
    N = monitor(port, P3),
    show("monitor",
         [receive {'DOWN', R, Type, O, Why} -> {'DOWN', Type, O =:= P3, Why} end
          || R <- [M, N]]),
    exited(P3).

ends() ->
    Nobody = monitor(port, ports_nobody),
    Far = <<131, 102, 100, 3:16, "a@b", 1:32, 1>>,
    show("nobody",
         [receive {'DOWN', Nobody, port, {Name0, _}, Why} -> {'DOWN', Name0, Why}
          end,
          try monitor(port, binary_to_term(Far)) catch error:E0 -> E0 end]),
    P1 = cat([]),
    True = register(ports_cat, P1),
    Name = erlang:port_info(ports_cat, registered_name),
    port_close(ports_cat),
    exited(P1),
    show("name", {True, Name, whereis(ports_cat)}),
    show("gone", [erlang:port_info(P1) |
                  [try F() catch error:E -> E end ||
                      F <- [fun() -> port_close(P1) end,
                            fun() -> port_command(P1, "x") end,
                            fun() -> is_tuple(P1 ! {self(), close}) end]]]),
    Self = self(),
    {Owner, M} = spawn_monitor(fun() -> Self ! {port, cat([])} end),
    P2 = receive {port, P} -> P end,
    receive {'DOWN', M, process, Owner, _} -> ok end,
    show("dies with its owner", gone(P2)),
    P3 = open_port({spawn, "sleep 1"}, [out]),
    Much = binary:copy(<<0>>, 200000),
    show("busy", [port_command(P3, Much, [nosuspend]) || _ <- [1, 2]]),
    exit(P3, kill),
    exited(P3),
    show("killed", all(open_port({spawn, "sh -c 'kill -9 $$'"},
                                 [exit_status]))),
    P4 = cat([{packet, 1}]),
    port_command(P4, lists:duplicate(256, 0)),
    show("too long", [exited(P4)]),
    show("cmd", {os:cmd("sleep 1 & echo a b"), os:cmd("cat"),
                 os:cmd("printf 'caf\\303\\251'") =:= [$c, $a, $f, 233],
                 os:cmd("echo 123", #{max_size => 2})}).

%% The port ends a moment after its owner.
gone(Port) ->
    case erlang:port_info(Port) of
        undefined -> undefined;
        _ -> timer:sleep(5), gone(Port)
    end.
