%% SPDX-License-Identifier: Apache-2.0
%% ttb_node: ttb's process on a node that is traced. It keeps the trace
%% information beside the log: who the processes are (told by themselves at the
%% start, then by a meta trace of spawn and register), and what the user adds.
%%
%% The information is a row of terms, packed as dbg's files are: {pid, {Pid, Name,
%% Node}} or {Key, Values}. It goes to a file here, or to the ttb process of
%% another node, which has one.
-module(ttb_node).

-export([start/4, stop/1, write/3, pack/1, read/3]).

-define(MODULES, [{erlang, spawn}, {erlang, spawn_link},
                  {erlang, spawn_monitor}, {erlang, spawn_opt}]).

-type sink() :: {file, file:filename()} | {process, pid()}.

%% Answers the process when all that is there is written.
-spec start(sink(), boolean(), pid(), term()) -> {ok, pid()} | {error, term()}.
start(Sink, WithProcesses, Control, Overload) ->
    Caller = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        {ok, Out} = open(Sink),
        State = #{out => Out, calls => #{}, overload => Overload,
                  control => monitor(process, Control)},
        WithProcesses andalso known_processes(State),
        WithProcesses andalso meta_trace(true),
        begin_checks(Overload),
        Caller ! {self(), started},
        loop(State)
    end),
    receive
        {Pid, started} ->
            demonitor(Ref, [flush]),
            {ok, Pid};
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

%% What was written lies in the file when this is done.
-spec stop(pid()) -> ok.
stop(Agent) ->
    Ref = monitor(process, Agent),
    Agent ! stop,
    receive {'DOWN', Ref, _, _, _} -> ok end.

%% [Info] is a value, or a fun that answers it on the traced node.
-spec write(pid(), term(), term()) -> ok.
write(Agent, Key, Info) ->
    Ref = monitor(process, Agent),
    Agent ! {write, self(), Ref, Key, Info},
    receive
        {Ref, done} ->
            demonitor(Ref, [flush]),
            ok;
        {'DOWN', Ref, _, _, _} -> ok
    end.

-spec pack(term()) -> binary().
pack(Term) ->
    Bytes = term_to_binary(Term),
    <<0, (byte_size(Bytes)):32, Bytes/binary>>.

%% A part of a file, for who fetches it.
-spec read(file:filename(), non_neg_integer(), pos_integer()) ->
          {ok, binary()} | eof | {error, term()}.
read(Name, At, Size) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, File} ->
            Answer = file:pread(File, At, Size),
            file:close(File),
            Answer;
        Error -> Error
    end.

%%% The process

open({file, Name}) -> file:open(Name, [write, raw, binary, delayed_write]);
open({process, Pid}) -> {ok, Pid}.

loop(#{control := Control} = State) ->
    receive
        stop -> close(State);
        {'DOWN', Control, _, _, _} -> close(State);
        {write, From, Ref, Key, Info} ->
            put_item({Key, [value(Info)]}, State),
            From ! {Ref, done},
            loop(State);
        check -> loop(check(State));
        Event -> loop(event(Event, State))
    end.

value(Info) when is_function(Info, 0) -> Info();
value(Info) -> Info.

close(#{out := Out} = State) ->
    meta_trace(false),
    end_checks(State),
    is_pid(Out) orelse file:close(Out).

put_item(Item, #{out := Out}) when is_pid(Out) -> Out ! {item, node(), Item};
put_item(Item, #{out := Out}) -> ok = file:write(Out, pack(Item)).

put_pid(Pid, Name, State) -> put_item({pid, {Pid, Name, node()}}, State).

known_processes(State) ->
    Global = [{global:whereis_name(Name), Name}
              || Name <- global:registered_names()],
    [put_pid(Pid, Name, State)
     || Pid <- processes(), Name <- [name(Pid, Global)], Name =/= gone],
    [put_pid(Port, Name, State)
     || Port <- erlang:ports(),
        {_, Name} <- [erlang:port_info(Port, name)]].

%% Its name, its name on all nodes, or the function that it began with.
name(Pid, Global) ->
    case process_info(Pid, [registered_name, initial_call]) of
        [{_, Name}, _] when Name =/= [] -> Name;
        [_, {_, Call}] ->
            case lists:keyfind(Pid, 1, Global) of
                {_, Name} -> {global, Name};
                false -> Call
            end;
        undefined -> gone
    end.

%%% Processes to come

meta_trace(IsOn) ->
    {Named, Spawned} =
        case IsOn of
            true -> {[], [{'_', [], [{return_trace}]}]};
            false -> {false, false}
        end,
    How = case IsOn of
              true -> [{meta, self()}];
              false -> [meta]
          end,
    [erlang:trace_pattern({M, F, '_'}, Spawned, How) || {M, F} <- ?MODULES],
    erlang:trace_pattern({erlang, register, 2}, Named, How),
    code:ensure_loaded(global),
    erlang:trace_pattern({global, register_name, 2}, Named, How).

event({trace_ts, _, call, {erlang, register, [Name, Pid]}, _}, State) ->
    put_pid(Pid, Name, State),
    State;
event({trace_ts, _, call, {global, register_name, [Name, Pid]}, _}, State) ->
    put_pid(Pid, {global, Name}, State),
    State;
event({trace_ts, Caller, call, {erlang, _, Args}, _},
      #{calls := Calls} = State) ->
    State#{calls := Calls#{Caller => begins(Args)}};
event({trace_ts, Caller, return_from, {erlang, _, _}, Result, _},
      #{calls := Calls} = State) ->
    case {Calls, Result} of
        {#{Caller := Call}, Pid} when is_pid(Pid) -> put_pid(Pid, Call, State);
        {#{Caller := Call}, {Pid, _}} -> put_pid(Pid, Call, State);
        _ -> ok
    end,
    State#{calls := maps:remove(Caller, Calls)};
event(_, State) -> State.

%% What a process begins with that is started with [Args].
begins(Args) ->
    Plain = case Args of
                [Node | Rest] when is_atom(Node), Rest =/= [],
                                   not is_atom(hd(Rest));
                                   length(Args) > 4 -> Rest;
                _ -> Args
            end,
    case Plain of
        [M, F, A | _] when is_atom(M), is_atom(F), is_list(A) ->
            {M, F, length(A)};
        _ -> {erlang, apply, 2}
    end.

%%% Overload

begin_checks({Time, M, F}) ->
    M:F(init),
    timer:send_interval(Time, check);
begin_checks(none) -> ok.

end_checks(#{overload := {_, M, F}}) -> M:F(stop);
end_checks(_) -> ok.

%% A node that is overloaded is traced no more.
check(#{overload := {_, M, F}} = State) ->
    case M:F(check) of
        true ->
            erlang:trace(all, false, [all]),
            meta_trace(false),
            M:F(stop),
            io:format(user, "Overload check activated on node: ~p.~n",
                      [node()]),
            State#{overload := none};
        _ -> State
    end;
check(State) -> State.
