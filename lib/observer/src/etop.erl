%% SPDX-License-Identifier: Apache-2.0
%% etop: shows the busiest processes of a node again and again, as top does.
%%
%% The process that called start/1 becomes etop_server. Figures come from
%% observer_backend; runtimes need tracing, which is not done.
-module(etop).

-export([start/0, start/1, stop/0, config/2, dump/1, help/0]).

-include_lib("runtime_tools/include/observer_backend.hrl").

%% last: the reductions of each process in the last list. times: those of the
%% schedulers.
-record(etop, {node = node(), lines = 10, interval = 5000, sort = reductions,
               accumulate = false, last = #{}, times, shown}).

-type option() :: {node | lines | interval | sort | accumulate | output
                   | tracing | port | setcookie, term()}.

start() -> start([]).

-spec start([option()]) -> ok.
start(Options) ->
    process_flag(trap_exit, true),
    E = lists:foldl(fun set/2, #etop{}, init:get_arguments() ++ Options),
    case net_adm:ping(E#etop.node) of
        pang when E#etop.node =/= node() ->
            io:format("Error Couldn't connect to node ~p ~n~n", [E#etop.node]),
            help(),
            exit("connection error");
        _ -> ok
    end,
    register(etop_server, self()),
    loop(refreshed(E)).

%% Of the flags of the command line the values are lists of strings.
set({Key, [Text]}, E) when is_list(Text) ->
    try set({Key, case lists:member(Key, [lines, interval]) of
                      true -> list_to_integer(Text);
                      false -> list_to_atom(Text)
                  end}, E)
    catch error:_ -> E
    end;
set({node, Node}, E) when is_atom(Node) -> E#etop{node = Node};
set({lines, N}, E) when is_integer(N) -> E#etop{lines = N};
set({interval, S}, E) when is_integer(S) -> E#etop{interval = S * 1000};
set({sort, runtime}, E) -> E#etop{sort = reductions};
set({sort, Sort}, E) when is_atom(Sort) -> E#etop{sort = Sort};
set({accumulate, A}, E) when is_boolean(A) -> E#etop{accumulate = A};
set({output, graphical}, _) -> exit({deprecated, "Use observer instead"});
set(_, E) -> E.

-spec stop() -> stop | not_started.
stop() ->
    case whereis(etop_server) of
        undefined -> not_started;
        Pid -> Pid ! stop
    end.

-spec config(lines | interval | sort | accumulate, term()) ->
          ok | {error, illegal_opt}.
config(Key, Value) ->
    case is_option(Key, Value) of
        true ->
            etop_server ! {config, {Key, Value}},
            ok;
        false -> {error, illegal_opt}
    end.

is_option(lines, N) -> is_integer(N) andalso N > 0;
is_option(interval, N) -> is_integer(N) andalso N > 0;
is_option(sort, S) -> lists:member(S, [runtime, reductions, memory, msg_q]);
is_option(accumulate, A) -> is_boolean(A);
is_option(_, _) -> false.

%% Writes what is shown to a file.
dump(File) ->
    case file:open(File, [write, {encoding, utf8}]) of
        {ok, Device} -> etop_server ! {dump, Device};
        Error -> Error
    end.

loop(#etop{interval = Interval} = E) ->
    receive
        stop ->
            unregister(etop_server),
            ok;
        {config, Option} -> loop(refreshed(set(Option, E)));
        {dump, Device} ->
            write(Device, E, E#etop.shown),
            _ = file:close(Device),
            loop(E)
    after Interval -> loop(refreshed(E))
    end.

refreshed(E0) ->
    {#etop_info{procinfo = All} = Info, E1} = collected(E0),
    Sorted = lists:reverse(lists:keysort(field(E1#etop.sort), since(All, E1))),
    Shown = {Info, cpu(Info#etop_info.runtime, E0#etop.times),
             lists:sublist(Sorted, E1#etop.lines)},
    write(standard_io, E1, Shown),
    E1#etop{shown = Shown, times = Info#etop_info.runtime,
            last = maps:from_list([{P, R} || #etop_proc_info{pid = P, reds = R}
                                                 <- All])}.

collected(#etop{node = Node, interval = Interval} = E) ->
    Pid = spawn_link(Node, observer_backend, etop_collect, [self()]),
    receive {Pid, Info} -> {Info, E}
    after Interval ->
        io:format("Timeout when waiting for process info from node ~p; "
                  "exiting~n", [Node]),
        exit(timeout)
    end.

%% Reductions since the last list, unless they are to add up.
since(All, #etop{accumulate = true}) -> All;
since(All, #etop{last = Last}) ->
    [I#etop_proc_info{reds = R - maps:get(P, Last, 0)}
     || #etop_proc_info{pid = P, reds = R} = I <- All].

field(memory) -> #etop_proc_info.mem;
field(msg_q) -> #etop_proc_info.mq;
field(_) -> #etop_proc_info.reds.

%% Percent of the time that the schedulers were busy.
cpu(undefined, _) -> 0;
cpu(Now, undefined) -> cpu(Now, [{Id, 0, 0} || {Id, _, _} <- Now]);
cpu(Now, Before) ->
    Parts = [{A - A0, T - T0} || {Id, A, T} <- Now,
                                 {_, A0, T0} <- [lists:keyfind(Id, 1, Before)]],
    {Active, Total} = lists:foldl(fun({A, T}, {As, Ts}) -> {As + A, Ts + T} end,
                                  {0, 1}, Parts),
    round(100 * Active / Total).

%% ---- Text ----

-define(WIDTH, 90).

write(Device, #etop{node = Node}, {Info, Cpu, Rows}) ->
    Rule = fun(C) -> io:format(Device, "~*c~n", [?WIDTH, C]) end,
    Rule($=),
    head(Device, Node, Info, Cpu),
    io:format(Device, "~nPid            Name or Initial Func    Time    Reds   "
              "Memory     MsgQ Current Function~n", []),
    Rule($-),
    [io:format(Device, "~-15w~-20ts~8w~8w ~8w ~8w ~-20ts~n",
               [Pid, text(Name), '-', Reds, Memory, Queue, text(Current)])
     || #etop_proc_info{pid = Pid, name = Name, reds = Reds, mem = Memory,
                        mq = Queue, cf = Current} <- Rows],
    Rule($=),
    io:nl(Device).

head(Device, Node, Info, Cpu) ->
    {_, Time} = calendar:now_to_datetime(Info#etop_info.now),
    Clock = io_lib:format("~2..0w:~2..0w:~2..0w", tuple_to_list(Time)),
    KB = fun(Key) -> proplists:get_value(Key, Info#etop_info.memi) div 1024 end,
    io:format(Device,
        " ~-72w~10s~n"
        " Load:  cpu  ~8w               Memory:  total    ~8w    "
        "binary   ~8w~n"
        "        procs~8w                        processes~8w    "
        "code     ~8w~n"
        "        runq ~8w                        atom     ~8w    "
        "ets      ~8w~n",
        [Node, Clock, Cpu, KB(total), KB(binary), Info#etop_info.n_procs,
         KB(processes), KB(code), Info#etop_info.run_queue, KB(atom), KB(ets)]).

text({M, F, A}) -> io_lib:format("~w:~tw/~w", [M, F, A]);
text(Other) -> io_lib:format("~tw", [Other]).

help() ->
    io:format("etop:start([Option]), where Option is~n"
              "  {node, Node}           the node to look at~n"
              "  {lines, N}             how many processes are shown~n"
              "  {interval, Seconds}    how often~n"
              "  {sort, reductions | memory | msg_q}~n"
              "  {accumulate, Boolean}  reductions since the start of each~n"
              "The same as flags: -lines 20 ...; while it runs etop:config/2,~n"
              "etop:dump/1, etop:stop/0.~n").
