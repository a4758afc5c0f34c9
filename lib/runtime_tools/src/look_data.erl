%% SPDX-License-Identifier: Apache-2.0
%% look_data: what there is to see in a running node, as terms. Nothing here
%% prints, and nothing asks more of a process than it must: what can be large
%% (messages, dictionaries) is fetched for one process only.
-module(look_data).
-compile({no_auto_import, [node/0, node/1, processes/0]}).


-export([node/0, processes/0, processes/1, process/1, application_of/1,
         applications/0, tree/1, tables/0, ports/0, memory/0, schedulers/1]).
-export([sort/2, most/2, growth/3, waits/1, stack/1, leaks/1, links/2]).

-type process() :: #{pid := pid(), atom() => term()}.
-type column() :: pid | name | memory | reductions | messages | function
                | status | atom().
-export_type([process/0, column/0]).

%%% The node

node() ->
    {{_, Input}, {_, Output}} = erlang:statistics(io),
    {Uptime, _} = erlang:statistics(wall_clock),
    #{node => erlang:node(), otp => erlang:system_info(otp_release),
      uptime => Uptime,
      processes => erlang:system_info(process_count),
      process_limit => erlang:system_info(process_limit),
      ports => erlang:system_info(port_count),
      tables => length(ets:all()),
      atoms => erlang:system_info(atom_count),
      atom_limit => erlang:system_info(atom_limit),
      modules => length(code:all_loaded()),
      run_queue => erlang:statistics(run_queue),
      input => Input, output => Output,
      memory => memory()}.

memory() -> erlang:memory().

%% [{Scheduler, Share of [Time] ms that it was busy}]
schedulers(Time) ->
    Old = erlang:system_flag(scheduler_wall_time, true),
    Before = lists:sort(erlang:statistics(scheduler_wall_time)),
    timer:sleep(Time),
    After = lists:sort(erlang:statistics(scheduler_wall_time)),
    erlang:system_flag(scheduler_wall_time, Old),
    [{Id, share(A1 - A0, T1 - T0)}
     || {{Id, A0, T0}, {Id, A1, T1}} <- lists:zip(Before, After),
        Id =< erlang:system_info(schedulers)]. % the others are dirty ones

share(_, 0) -> 0.0;
share(Part, All) -> max(0.0, min(1.0, Part / All)).

%%% Processes

-spec processes() -> [process()].
processes() -> processes([]).

%% Those that all [Filters] let through: {name, Text} a part of the name or
%% first function; {application, Name}; {function, M | {M, F} | {M, F, A}} the
%% one that runs.
-spec processes([{atom(), term()}]) -> [process()].
processes(Filters) ->
    [P || Pid <- erlang:processes(), Pid =/= self(),
          P <- summary(Pid), passes(P, Filters)].

summary(Pid) ->
    Items = [registered_name, initial_call, current_function, memory,
             reductions, message_queue_len, status],
    case erlang:process_info(Pid, Items) of
        undefined -> [];
        [{_, Name}, {_, Initial}, {_, Function}, {_, Memory}, {_, Reductions},
         {_, Messages}, {_, Status}] ->
            [#{pid => Pid, name => name(Name, Pid, Initial),
               memory => Memory, reductions => Reductions,
               messages => Messages, function => Function,
               status => Status}]
    end.

%% A registered name, or the function it began with.
name(Name, _, _) when is_atom(Name) -> Name;
name([], Pid, {proc_lib, init_p, _}) -> proc_lib:translate_initial_call(Pid);
name([], _, Initial) -> Initial.

passes(P, Filters) -> lists:all(fun(F) -> passes_one(F, P) end, Filters).

passes_one({name, Part}, #{name := Name}) ->
    string:find(name_text(Name), part_text(Part)) =/= nomatch;
passes_one({application, App}, #{pid := Pid}) -> application_of(Pid) =:= App;
passes_one({function, {M, F, A}}, #{function := Now}) -> Now =:= {M, F, A};
passes_one({function, {M, F}}, #{function := {M, F, _}}) -> true;
passes_one({function, M}, #{function := {M, _, _}}) -> true;
passes_one({function, _}, _) -> false.

part_text(Part) when is_atom(Part) -> atom_to_list(Part);
part_text(Part) -> Part.

name_text(Name) when is_atom(Name) -> atom_to_list(Name);
name_text({M, F, A}) -> lists:concat([M, ":", F, "/", A]);
name_text(Other) -> lists:flatten(io_lib:format("~tp", [Other])).

application_of(Pid) ->
    case application:get_application(Pid) of
        {ok, App} -> App;
        undefined -> undefined
    end.

%% By [Column]: numbers from the largest down, other things up.
-spec sort(column(), [process()]) -> [process()].
sort(Column, List) ->
    Keyed = [{maps:get(Column, P), P} || P <- List],
    Sorted = lists:sort(fun({A, _}, {B, _}) -> before(A, B) end, Keyed),
    [P || {_, P} <- Sorted].

before(A, B) when is_number(A), is_number(B) -> A >= B;
before(A, B) -> A =< B.

-spec most(column(), pos_integer()) -> [process()].
most(Column, N) -> lists:sublist(sort(Column, processes()), N).

%% Those whose [Column] has grown most within [Time] ms: it is the growth.
-spec growth(column(), pos_integer(), non_neg_integer()) -> [process()].
growth(Column, N, Time) ->
    Before = maps:from_list([{Pid, maps:get(Column, P)}
                             || #{pid := Pid} = P <- processes()]),
    timer:sleep(Time),
    Grown = [P#{Column := maps:get(Column, P) - maps:get(Pid, Before, 0)}
             || #{pid := Pid} = P <- processes()],
    lists:sublist(sort(Column, Grown), N).

%% All there is to know of one; undefined when it has ended. [state] is the
%% state of a behaviour, that of others is unknown.
process(Pid) ->
    Items = [registered_name, initial_call, current_function, status,
             priority, trap_exit, message_queue_len, dictionary,
             links, monitors, monitored_by, group_leader, memory,
             total_heap_size, heap_size, stack_size, reductions,
             current_stacktrace, parent],
    case erlang:process_info(Pid, Items) of
        undefined -> undefined;
        Info ->
            All = maps:from_list(Info),
            #{registered_name := Name, initial_call := Initial} = All,
            All#{pid => Pid, name => name(Name, Pid, Initial),
                 messages => messages(Pid, maps:get(message_queue_len, All)),
                 application => application_of(Pid),
                 state => state(Pid, maps:get(current_stacktrace, All)),
                 tree => links(Pid, 2)}
    end.

%% A mailbox that has filled up is not copied: only its length is told.
messages(Pid, Count) when Count =< 1000 ->
    case erlang:process_info(Pid, messages) of
        {messages, Messages} -> Messages;
        undefined -> []
    end;
messages(_, _) -> [].

%% Only who waits in a loop that answers system messages is asked.
state(Pid, Stack) ->
    Loops = [{gen_server, loop}, {gen_statem, loop}, {gen_event, fetch_msg},
             {gen_statem, loop_receive}, {gen_fsm, loop}],
    case [1 || {M, F, _, _} <- Stack, lists:member({M, F}, Loops)] of
        [] -> unknown;
        _ when Pid =:= self() -> unknown;
        _ ->
            try {state, sys:get_state(Pid, 200)}
            catch _:_ -> unknown
            end
    end.

%% {Pid, Name, [the same of its links]}, [Depth] levels, each process once.
links(Pid, Depth) ->
    {Tree, _} = links(Pid, Depth, [Pid]),
    Tree.

links(Pid, 0, Seen) -> {{Pid, label(Pid), []}, Seen};
links(Pid, Depth, Seen) when is_pid(Pid) ->
    Links = case erlang:process_info(Pid, links) of
                {links, All} -> [L || L <- All, not lists:member(L, Seen)];
                undefined -> []
            end,
    {Trees, Now} = lists:mapfoldl(fun(L, S) -> links(L, Depth - 1, S) end,
                                  Links ++ Seen, Links),
    {{Pid, label(Pid), Trees}, Now};
links(Port, _, Seen) -> {{Port, label(Port), []}, Seen}.

label(Pid) when is_pid(Pid), erlang:node(Pid) =:= erlang:node() ->
    case erlang:process_info(Pid, [registered_name, initial_call]) of
        [{_, Name}, {_, Initial}] -> name(Name, Pid, Initial);
        undefined -> ended
    end;
label(Pid) when is_pid(Pid) -> erlang:node(Pid);
label(Port) ->
    case erlang:port_info(Port, name) of
        {name, Name} -> Name;
        undefined -> ended
    end.

%% Where a process is: its function and line, and what it is there for.
waits(Pid) ->
    case erlang:process_info(Pid, [status, current_location,
                                   message_queue_len]) of
        undefined -> undefined;
        [{_, Status}, {_, {M, F, A, Place}}, {_, Messages}] ->
            #{pid => Pid, status => Status, function => {M, F, A},
              line => proplists:get_value(line, Place),
              messages => Messages, stack => stack(Pid)}
    end.

stack(Pid) ->
    case erlang:process_info(Pid, current_stacktrace) of
        {current_stacktrace, Stack} -> Stack;
        undefined -> []
    end.

%% Who lets go of most binaries when it is collected: [{Pid, Name, Count}].
leaks(N) ->
    Let = [{Pid, label(Pid), Count}
           || Pid <- erlang:processes(), Pid =/= self(),
              Count <- let_go(Pid), Count > 0],
    lists:sublist(lists:reverse(lists:keysort(3, Let)), N).

let_go(Pid) ->
    case erlang:process_info(Pid, binary) of
        {binary, Before} ->
            erlang:garbage_collect(Pid),
            case erlang:process_info(Pid, binary) of
                {binary, After} -> [length(Before) - length(After)];
                undefined -> []
            end;
        undefined -> []
    end.

%%% Applications

applications() ->
    [#{name => App, description => Text, version => Version,
       processes => length([Pid || Pid <- erlang:processes(),
                                   application_of(Pid) =:= App])}
     || {App, Text, Version} <- lists:sort(application:which_applications())].

%% {Pid, Name, Kind, [the same of its children]} from the application's
%% topmost supervisor on.
tree(App) ->
    case [Pid || Pid <- erlang:processes(), application_of(Pid) =:= App,
                 is_top(Pid, App)] of
        [] -> undefined;
        [Top | _] -> supervised(Top, label(Top), supervisor)
    end.

%% The first supervisor's parent is the application's master.
is_top(Pid, App) ->
    is_supervisor(Pid)
        andalso [] =:= [A || A <- ancestors(Pid), application_of(A) =:= App,
                             is_supervisor(A)].

is_supervisor(Pid) ->
    case erlang:process_info(Pid, dictionary) of
        {dictionary, Words} ->
            case lists:keyfind('$initial_call', 1, Words) of
                {_, {supervisor, _, _}} -> true;
                {_, {_, init, 1}} -> is_supervisor_state(Pid);
                _ -> false
            end;
        undefined -> false
    end.

is_supervisor_state(Pid) ->
    case state(Pid, stack(Pid)) of
        {state, State} when is_tuple(State) ->
            element(1, State) =:= state andalso is_counted(Pid);
        _ -> false
    end.

is_counted(Pid) ->
    try is_list(gen_server:call(Pid, count_children, 200))
    catch _:_ -> false
    end.

ancestors(Pid) ->
    case erlang:process_info(Pid, dictionary) of
        {dictionary, Words} ->
            [P || A <- proplists:get_value('$ancestors', Words, []),
                  P <- [if is_atom(A) -> whereis(A); true -> A end],
                  is_pid(P)];
        undefined -> []
    end.

supervised(Pid, Name, supervisor) ->
    Children = try supervisor:which_children(Pid)
               catch _:_ -> []
               end,
    {Pid, Name, supervisor,
     [supervised(Child, Id, Kind)
      || {Id, Child, Kind, _} <- lists:reverse(Children)]};
supervised(Pid, Name, Kind) -> {Pid, Name, Kind, []}.

%%% Tables and ports

tables() ->
    Word = erlang:system_info(wordsize),
    [#{table => Table, name => ets:info(Table, name), type => Type,
       size => ets:info(Table, size), bytes => Memory * Word,
       owner => ets:info(Table, owner),
       protection => ets:info(Table, protection)}
     || Table <- ets:all(), Type <- [ets:info(Table, type)],
        Memory <- [ets:info(Table, memory)], is_integer(Memory)].

ports() ->
    [maps:from_list([{port, Port} | Info])
     || Port <- erlang:ports(), Info <- [erlang:port_info(Port)],
        is_list(Info)].
