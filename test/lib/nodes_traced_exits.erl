%% SPDX-License-Identifier: Apache-2.0
%% What links tell another node takes the token of sequential tracing along,
%% and is told where it is sent; the signals of exit/2 do not.
%% expect: link: [{send,{1,2},there,here,'EXIT',stop}]
%% expect: exit/2: []
%% expect: normal: [{send,{1,2},there,here,'EXIT',normal}]
-module(nodes_traced_exits).
-export([main/0, ends/0, tells/0, collect/2]).

main() ->
    _ = os:cmd("epmd -daemon"),
    {ok, _} = net_kernel:start([list_to_atom("nt" ++ os:getpid()),
                                shortnames]),
    {ok, Peer, Node} =
        peer:start_link(#{name => peer:random_name(),
                          args => ["-pa", filename:dirname(code:which(?MODULE))]}),
    process_flag(trap_exit, true),
    show("link", Node, spawn_link(Node, ?MODULE, ends, []), {stop, stop}),
    show("exit/2", Node, spawn(Node, ?MODULE, tells, []),
         {self(), {because, 1}}),
    show("normal", Node, spawn_link(Node, ?MODULE, ends, []), {stop, normal}),
    peer:stop(Peer).

ends() -> receive {stop, Reason} -> exit(Reason) end.
tells() -> receive {To, Reason} -> exit(To, Reason) end.

show(What, Node, Pid, Message) ->
    Tracer = spawn(Node, ?MODULE, collect, [self(), []]),
    erpc:call(Node, seq_trace, set_system_tracer, [Tracer]),
    seq_trace:set_token(label, What),
    seq_trace:set_token(send, true),
    Pid ! Message,
    receive {'EXIT', Pid, _} -> ok end,
    seq_trace:set_token([]),
    %% The token has come back with the exit.
    seq_trace:reset_trace(),
    Tracer ! {tell, self()},
    Told = receive {Tracer, All} -> All end,
    Name = fun(P) when P =:= Pid -> there;
              (P) when P =:= self() -> here;
              (P) -> P
           end,
    io:format("~s: ~0p~n",
              [What, [{Kind, Serial, Name(From), Name(To), Tag, Reason}
                      || {seq_trace, Label,
                          {Kind, Serial, From, To, {Tag, By, Reason}}} <- Told,
                         Label =:= What, By =:= Pid]]).

collect(For, Told) ->
    receive
        {tell, For} -> For ! {self(), lists:reverse(Told)};
        Event -> collect(For, [Event | Told])
    end.
