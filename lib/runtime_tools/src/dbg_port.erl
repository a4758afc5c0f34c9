%% SPDX-License-Identifier: Apache-2.0
%% dbg_port: where trace messages go that no handler looks at yet: to a file,
%% to a ring of files, or to a socket. A process takes the place of OTP's trace
%% drivers; the bytes are theirs, so that either's client reads them:
%%
%%     <<0, Size:32, Message in the external format>>
%%     <<1, Count:32>>    so many messages were dropped
-module(dbg_port).

-export([starter/2, flush/1, listen_port/1]).

%% A fun that starts the process, linked to the caller.
starter(file, {Name, wrap, Tail}) ->
    starter(file, {Name, wrap, Tail, 128 * 1024});
starter(file, {Name, wrap, Tail, Size}) ->
    starter(file, {Name, wrap, Tail, Size, 8});
starter(file, {Name, wrap, Tail, {time, Time}, Count})
  when is_list(Tail), is_integer(Time), Time >= 1, Time < 1 bsl 32,
       is_integer(Count), Count >= 1, Count < 1 bsl 32 ->
    ring(Name, Tail, infinity, Time, Count);
starter(file, {Name, wrap, Tail, Size, Count})
  when is_list(Tail), is_integer(Size), Size >= 0, Size < 1 bsl 32,
       is_integer(Count), Count >= 1, Count < 1 bsl 32 ->
    ring(Name, Tail, Size, 0, Count);
starter(file, Name) ->
    fun() ->
        start(fun() -> open(filename:absname(Name), #{kind => file}) end)
    end;
starter(ip, Port) when is_integer(Port) -> starter(ip, {Port, 200});
starter(ip, {Port, Most}) when is_integer(Port), is_integer(Most) ->
    fun() -> start(fun() -> listen(Port, Most) end) end.

ring(Name, Tail, Size, Time, Count) ->
    fun() ->
        Base = filename:absname(Name),
        [file:delete(File) || {_, File} <- dbg_client:ring(Base, Tail)],
        start(fun() ->
            Time > 0 andalso timer:send_interval(Time, wrap),
            next(#{kind => ring, base => Base, tail => Tail, most => Size,
                   count => Count, number => -1})
        end)
    end.

start(Open) ->
    Caller = self(),
    {Pid, Ref} = spawn_opt(fun() ->
        process_flag(trap_exit, true),
        State = Open(),
        Caller ! {self(), started},
        loop(State)
    end, [link, monitor, {priority, max}]),
    receive
        {Pid, started} ->
            demonitor(Ref, [flush]),
            Pid;
        {'DOWN', Ref, _, _, Reason} ->
            receive {'EXIT', Pid, _} -> ok after 0 -> ok end,
            exit(Reason)
    end.

flush(Pid) when is_pid(Pid) -> ask(Pid, flush);
flush(_) -> {error, not_supported_by_trace_driver}.

listen_port(Pid) when is_pid(Pid) -> ask(Pid, listen_port);
listen_port(_) -> {error, no_trace_driver}.

%% Tracers of dbg_tracer's kind do not answer.
ask(Pid, What) ->
    case erlang:process_info(Pid, dictionary) of
        {dictionary, Words} ->
            case lists:keymember(dbg_port, 1, Words) of
                true ->
                    Ref = monitor(process, Pid),
                    Pid ! {dbg_port, self(), Ref, What},
                    receive
                        {Ref, Answer} ->
                            demonitor(Ref, [flush]),
                            Answer;
                        {'DOWN', Ref, _, _, _} -> {error, no_trace_driver}
                    end;
                false -> {error, no_trace_driver}
            end;
        undefined -> {error, no_trace_driver}
    end.

loop(State) ->
    put(dbg_port, true),
    receive
        {dbg_port, From, Ref, What} ->
            {Answer, New} = control(What, State),
            From ! {Ref, Answer},
            loop(New);
        {'EXIT', _, Reason} ->
            close(State),
            exit(Reason);
        {tcp_closed, _} -> loop(State#{client := none});
        {accepted, Client} -> loop(connect(Client, State));
        wrap -> loop(next(State));
        Trace -> loop(write(Trace, State))
    end.

control(flush, #{kind := ip} = State) ->
    {{error, not_supported_by_trace_driver}, State};
control(flush, #{file := File} = State) -> {file:sync(File), State};
control(listen_port, #{kind := ip, port := Port} = State) ->
    {{ok, Port}, State};
control(_, State) -> {{error, not_supported_by_trace_driver}, State}.

pack(Trace) ->
    Bytes = term_to_binary(Trace),
    <<0, (byte_size(Bytes)):32, Bytes/binary>>.

write(Trace, #{kind := ip} = State) -> send(Trace, State);
write(Trace, #{kind := file, file := File} = State) ->
    ok = file:write(File, pack(Trace)),
    State;
write(Trace, #{most := Most, size := Size, file := File} = State) ->
    Bytes = pack(Trace),
    ok = file:write(File, Bytes),
    case Size + byte_size(Bytes) of
        New when New >= Most -> next(State); % a number is below infinity
        New -> State#{size := New}
    end.

close(#{kind := ip, listen := Listen}) -> gen_tcp:close(Listen);
close(#{file := File}) -> file:close(File).

open(Name, State) ->
    case file:open(Name, [write, raw, binary, {delayed_write, 65536, 1000}]) of
        {ok, File} -> State#{file => File, size => 0};
        {error, Reason} -> exit(Reason)
    end.

%%% A ring: files Base0Tail to BaseNTail, of which one is always missing, which
%%% tells where it begins.

next(#{base := Base, tail := Tail, count := Count, number := N} = State) ->
    is_map_key(file, State) andalso close(State),
    Next = (N + 1) rem (Count + 1),
    file:delete(name(Base, (Next + 1) rem (Count + 1), Tail)),
    open(name(Base, Next, Tail), State#{number := Next}).

name(Base, N, Tail) -> lists:concat([Base, N, Tail]).

%%% A socket: messages wait for a client; those that find no room are counted.

listen(Port, Most) ->
    case gen_tcp:listen(Port, [binary, {active, true}, {reuseaddr, true}]) of
        {ok, Listen} ->
            {ok, Actual} = inet:port(Listen),
            State = #{kind => ip, listen => Listen, port => Actual,
                      most => Most, queue => queue:new(), dropped => 0,
                      client => none},
            accept(State);
        {error, Reason} -> exit(Reason)
    end.

accept(#{listen := Listen} = State) ->
    Self = self(),
    spawn_link(fun() ->
        case gen_tcp:accept(Listen) of
            {ok, Client} ->
                ok = gen_tcp:controlling_process(Client, Self),
                Self ! {accepted, Client};
            {error, _} -> ok % the trace has ended
        end,
        unlink(Self)
    end),
    State.

connect(Client, #{queue := Queue, dropped := Dropped} = State) ->
    [gen_tcp:send(Client, Bytes) || Bytes <- queue:to_list(Queue)],
    Dropped > 0 andalso gen_tcp:send(Client, <<1, Dropped:32>>),
    accept(State#{client := Client, queue := queue:new(), dropped := 0}).

send(Trace, #{client := none, queue := Queue, most := Most,
              dropped := Dropped} = State) ->
    case queue:len(Queue) < Most of
        true -> State#{queue := queue:in(pack(Trace), Queue)};
        false -> State#{dropped := Dropped + 1}
    end;
send(Trace, #{client := Client} = State) ->
    case gen_tcp:send(Client, pack(Trace)) of
        ok -> State;
        {error, _} -> send(Trace, State#{client := none})
    end.
