%% SPDX-License-Identifier: Apache-2.0
%% look: into a live node, from the prompt. Listings print what look_data
%% collects; traces are look_trace's, which stop by themselves.
-module(look).
-compile({no_auto_import, [node/0, size/1]}).


-export([help/0, node/0, ps/0, ps/1, p/1, apps/0, app/1, tables/0, tables/1,
         ports/0, memory/0, sched/0, top/0, top/1]).
-export([most/2, grown/2, grown/3, where/1, leaks/0, leaks/1]).
-export([calls/2, calls/3, messages/2, messages/3, stop/0]).

help() ->
    io:put_chars(
      look_text:fields(
        [{"look:node()", "the node at a glance"},
         {"look:ps()", "processes"},
         {"look:ps(Options)", "{sort,Column} {name,Text} {application,App} "
          "{function,M|{M,F}|{M,F,A}} {max,N}"},
         {"look:p(Pid)", "one process in full"},
         {"look:apps()", "applications"},
         {"look:app(App)", "its supervision tree"},
         {"look:tables()", "ets tables"},
         {"look:ports()", "ports"},
         {"look:memory()", "memory by kind"},
         {"look:sched()", "how busy the schedulers are"},
         {"look:top()", "processes, again each second until a key"},
         {"look:most(Column,N)", "the N with most memory, reductions, "
          "messages"},
         {"look:grown(Column,N,Ms)", "the N that grew most meanwhile"},
         {"look:where(Pid)", "where a process waits"},
         {"look:leaks()", "who keeps binaries until it is collected"},
         {"look:calls({M,F,A},N)", "the next N calls of a function"},
         {"look:messages(Pid,N)", "the next N messages of a process"},
         {"look:stop()", "stops traces"}])).

%%% Listings

node() ->
    #{memory := Memory} = N = look_data:node(),
    Get = fun(Key) -> look_text:number(maps:get(Key, N)) end,
    Limited = fun(Key, Limit) -> [Get(Key), " of ", Get(Limit)] end,
    io:put_chars(
      look_text:fields(
        [{"node", look_text:name(maps:get(node, N))},
         {"uptime", look_text:duration(maps:get(uptime, N))},
         {"processes", Limited(processes, process_limit)},
         {"ports", Get(ports)},
         {"tables", Get(tables)},
         {"modules", Get(modules)},
         {"atoms", Limited(atoms, atom_limit)},
         {"run queue", Get(run_queue)},
         {"read", look_text:bytes(maps:get(input, N))},
         {"written", look_text:bytes(maps:get(output, N))},
         {"memory", look_text:bytes(proplists:get_value(total, Memory))}])),
    sched().

ps() -> ps([]).

ps(Options) ->
    All = processes(Options),
    Shown = lists:sublist(All, proplists:get_value(max, Options, 30)),
    put_table(process_table(Shown)),
    length(Shown) < length(All) andalso
        io:put_chars([look_text:number(length(All) - length(Shown)),
                      " more\n"]),
    ok.

processes(Options) ->
    Column = proplists:get_value(sort, Options, memory),
    Filters = [F || {Kind, _} = F <- Options,
                    lists:member(Kind, [name, application, function])],
    look_data:sort(Column, look_data:processes(Filters)).

process_table(List) ->
    look_text:table(
      [{"Pid", left, 10}, {"Name", left, 26}, {"Memory", right, 9},
       {"Reductions", right, 14}, {"Msgs", right, 7}, {"State", left, 8},
       {"Function", left, 20}],
      [[look_text:pid(Pid), look_text:name(Name), look_text:bytes(Memory),
        look_text:number(Reductions), look_text:number(Messages),
        atom_to_list(Status), look_text:name(Function)]
       || #{pid := Pid, name := Name, memory := Memory,
            reductions := Reductions, messages := Messages,
            status := Status, function := Function} <- List]).

p(Pid) ->
    case look_data:process(to_pid(Pid)) of
        undefined -> io:put_chars("no such process\n");
        Info -> io:put_chars(process_text(Info))
    end.

to_pid(Name) when is_atom(Name) -> whereis(Name);
to_pid({X, Y, Z}) -> c:pid(X, Y, Z);
to_pid(Text) when is_list(Text) -> list_to_pid(Text);
to_pid(Pid) -> Pid.

process_text(#{messages := Messages, dictionary := Words, tree := Tree,
               current_stacktrace := Stack, state := State} = Info) ->
    Get = fun(Key) -> short(maps:get(Key, Info), 200) end,
    [look_text:fields(
       [{"pid", Get(pid)},
        {"name", look_text:name(maps:get(name, Info))},
        {"began with", look_text:name(maps:get(initial_call, Info))},
        {"application", Get(application)},
        {"parent", Get(parent)},
        {"status", Get(status)},
        {"priority", Get(priority)},
        {"traps exits", Get(trap_exit)},
        {"memory", look_text:bytes(maps:get(memory, Info))},
        {"reductions", look_text:number(maps:get(reductions, Info))},
        {"monitors", Get(monitors)},
        {"monitored by", Get(monitored_by)}]),
     case State of
         {state, Term} -> ["state\n  ", short(Term, 1000), $\n];
         unknown -> []
     end,
     section("dictionary", [short(W, 200) || W <- Words]),
     section([integer_to_list(maps:get(message_queue_len, Info)),
              " messages"], [short(M, 200) || M <- lists:sublist(Messages,
                                                                 10)]),
     section("stack", [frame(F) || F <- Stack]),
     "links\n", look_text:tree(tree_text(Tree))].

section(_, []) -> [];
section(Title, Lines) -> [Title, $\n | [["  ", L, $\n] || L <- Lines]].

%% A term in one line of so many characters.
short(Term, Most) ->
    Text = io_lib:format("~0tP", [Term, 30]),
    case string:length(Text) > Most of
        true -> [string:slice(Text, 0, Most), "..."];
        false -> Text
    end.

frame({M, F, Args, Place}) ->
    Arity = if is_list(Args) -> length(Args); true -> Args end,
    Line = case proplists:get_value(line, Place) of
               undefined -> "";
               N -> io_lib:format("  (~ts, line ~w)",
                                  [proplists:get_value(file, Place), N])
           end,
    [look_text:name({M, F, Arity}), Line].

tree_text({Pid, Name, Children}) ->
    {[look_text:pid(Pid), " ", look_text:name(Name)],
     [tree_text(C) || C <- Children]};
tree_text({Pid, Name, Kind, Children}) ->
    {[look_text:name(Name), " ", look_text:pid(Pid),
      case Kind of supervisor -> ""; _ -> " worker" end],
     [tree_text(C) || C <- Children]}.

apps() ->
    io:put_chars(
      look_text:table(
        [{"Application", left, 20}, {"Version", left, 10},
         {"Processes", right, 9}, {"Description", left, 20}],
        [[look_text:name(Name), Version, look_text:number(N), Text]
         || #{name := Name, version := Version, processes := N,
              description := Text} <- look_data:applications()])).

app(App) ->
    case look_data:tree(App) of
        undefined -> io:put_chars("no supervisor of this application runs\n");
        Tree -> io:put_chars(look_text:tree(tree_text(Tree)))
    end.

tables() -> tables(bytes).

tables(Column) ->
    io:put_chars(
      look_text:table(
        [{"Table", left, 26}, {"Type", left, 12}, {"Access", left, 10},
         {"Objects", right, 12}, {"Memory", right, 10}, {"Owner", left, 10}],
        [[look_text:name(Name), atom_to_list(Type), atom_to_list(Access),
          look_text:number(Size), look_text:bytes(Bytes),
          look_text:pid(Owner)]
         || #{name := Name, type := Type, protection := Access, size := Size,
              bytes := Bytes, owner := Owner}
                <- look_data:sort(Column, look_data:tables())])).

ports() ->
    io:put_chars(
      look_text:table(
        [{"Port", left, 12}, {"Name", left, 30}, {"Owner", left, 10},
         {"Input", right, 10}, {"Output", right, 10}],
        [[look_text:pid(Port), maps:get(name, Info, ""),
          look_text:pid(maps:get(connected, Info, none)),
          look_text:bytes(maps:get(input, Info, 0)),
          look_text:bytes(maps:get(output, Info, 0))]
         || #{port := Port} = Info <- look_data:ports()])).

memory() ->
    io:put_chars(
      look_text:fields([{atom_to_list(Kind), look_text:bytes(Bytes)}
                        || {Kind, Bytes} <- look_data:memory()])).

sched() ->
    io:put_chars(
      [io_lib:format("scheduler ~2w ~ts ~3w %~n",
                     [Id, look_text:bar(Share, 20), round(Share * 100)])
       || {Id, Share} <- look_data:schedulers(200)]).

%%% Most

most(Column, N) ->
    put_table(process_table(look_data:most(Column, N))).

grown(Column, N) -> grown(Column, N, 1000).

grown(Column, N, Time) ->
    put_table(process_table(look_data:growth(Column, N, Time))).

where(Pid) ->
    case look_data:waits(to_pid(Pid)) of
        undefined -> io:put_chars("no such process\n");
        #{status := Status, stack := Stack, messages := N} ->
            io:put_chars([atom_to_list(Status), ", ", look_text:number(N),
                          " messages\n",
                          [["  ", frame(F), $\n] || F <- Stack]])
    end.

leaks() -> leaks(10).

leaks(N) ->
    io:put_chars(
      look_text:table(
        [{"Pid", left, 10}, {"Name", left, 40}, {"Binaries let go", right,
                                                 15}],
        [[look_text:pid(Pid), look_text:name(Name), look_text:number(Count)]
         || {Pid, Name, Count} <- look_data:leaks(N)])).

%%% Again and again

top() -> top([]).

%% Options are those of ps/1 and {interval, Ms}.
top(Options) ->
    Time = proplists:get_value(interval, Options, 1000),
    top(Time, [{sort, reductions} | Options], #{}).

%% Reductions are those since the last time.
top(Time, Options, Before) ->
    All = look_data:processes([F || {Kind, _} = F <- Options,
                                    lists:member(Kind, [name, application,
                                                        function])]),
    Column = proplists:get_value(sort, lists:reverse(Options), reductions),
    Now = [P#{reductions := R - maps:get(Pid, Before, 0)}
           || #{pid := Pid, reductions := R} = P <- All],
    {Columns, Rows} = size(),
    Shown = lists:sublist(look_data:sort(Column, Now), Rows),
    Lines = [head() | string:split(process_table(Shown), "\n", all)],
    %% home, each line cleared to its end, the rest of the screen cleared
    io:put_chars(["\e[H",
                  [[look_text:line(L, Columns), "\e[K\n"]
                   || L <- lists:sublist(Lines, Rows - 1)],
                  "\e[J"]),
    case key(Time) of
        timeout ->
            top(Time, Options,
                maps:from_list([{Pid, R} || #{pid := Pid, reductions := R}
                                                <- All]));
        _ -> ok
    end.

head() ->
    #{processes := Processes, run_queue := Queue, uptime := Up,
      memory := Memory} = look_data:node(),
    ["up ", look_text:duration(Up), "  processes ",
     look_text:number(Processes), "  run queue ", integer_to_list(Queue),
     "  memory ", look_text:bytes(proplists:get_value(total, Memory))].

%% On a terminal, lines that are too long are cut rather than broken.
put_table(Table) ->
    case io:columns() of
        {ok, Width} ->
            Lines = string:split(Table, "\n", all),
            io:put_chars(lists:join($\n, [look_text:line(L, Width)
                                          || L <- Lines]));
        _ -> io:put_chars(Table)
    end.

size() ->
    case {io:columns(), io:rows()} of
        {{ok, Columns}, {ok, Rows}} when Rows > 0 -> {Columns, Rows};
        _ -> {80, 24}
    end.

%% Waits [Time] ms for a key; where there is no terminal once is enough.
key(Time) ->
    Leader = group_leader(),
    Ref = monitor(process, Leader),
    Leader ! {io_request, self(), Ref, {get_key, Time}},
    receive
        {io_reply, Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, _} -> eof
    end.

%%% Traces

calls(Functions, Limit) -> calls(Functions, Limit, []).
calls(Functions, Limit, Options) ->
    look_trace:calls(Functions, Limit, Options).

messages(Pid, Limit) -> messages(Pid, Limit, []).
messages(Pid, Limit, Options) ->
    look_trace:messages(to_pid(Pid), Limit, Options).

stop() -> look_trace:stop().
