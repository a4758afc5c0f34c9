%% SPDX-License-Identifier: Apache-2.0
%% The standard handler: to the terminal, standard error, a device, or a file
%% that may be rotated.
%%
%% Events are formatted by the process that logs, and written by a process of
%% the handler. How many wait there is counted: few are sent and forgotten,
%% more make the sender wait, many are dropped, and very many are flushed.
-module(logger_std_h).

-export([log/2, adding_handler/1, changing_config/3, removing_handler/1,
         filter_config/1, filesync/1, info/1, reset/1]).

-record(writer, {id, type, device, config, waiting, written = 0,
                 dropped = 0, flushed = 0, last_sync = clean,
                 inode, window, in_window = 0}).

%% ---- called by logger ----

adding_handler(#{id := Id} = Handler) ->
    Config0 = maps:get(config, Handler, #{}),
    case check(maps:merge(defaults(Config0), Config0)) of
        {ok, #{type := Type} = Config} ->
            Waiting = atomics:new(1, []),
            Parent = self(),
            Name = list_to_atom("logger_std_h_" ++ atom_to_list(Id)),
            {Pid, Ref} = spawn_monitor(
                           fun() ->
                                   init(Parent, Name, Id, Config, Waiting)
                           end),
            receive
                {Pid, ok} ->
                    demonitor(Ref, [flush]),
                    {ok, Handler#{config => Config#{olp => {Name, Pid,
                                                            Waiting}}}};
                {Pid, {error, Reason}} ->
                    demonitor(Ref, [flush]),
                    {error, {open_failed, Type, Reason}};
                {'DOWN', Ref, _, _, Reason} -> {error, Reason}
            end;
        Error -> Error
    end.

removing_handler(#{config := #{olp := {_, Pid, _}}}) ->
    _ = ask(Pid, stop),
    ok.

changing_config(How, #{config := Old}, #{config := New0} = Handler) ->
    Fixed = [type, file, modes],
    New = case How of
              set -> maps:merge(maps:with([olp | Fixed], Old),
                                maps:merge(defaults(Old), New0));
              update -> maps:merge(Old, New0)
          end,
    case [K || K <- Fixed, maps:get(K, New, none) =/= maps:get(K, Old, none)]
    of
        [] ->
            case check(maps:remove(olp, New)) of
                {ok, Config} ->
                    #{olp := {_, Pid, _} = Olp} = Old,
                    ok = ask(Pid, {config, Config}),
                    {ok, Handler#{config => Config#{olp => Olp}}};
                Error -> Error
            end;
        Bad ->
            {error, {illegal_config_change, ?MODULE, maps:with(Bad, Old),
                     maps:with(Bad, New)}}
    end;
changing_config(How, Old, New) ->
    changing_config(How, Old, New#{config => #{}}).

filter_config(#{config := Config} = Handler) ->
    Handler#{config => maps:remove(olp, Config)}.

log(Event, #{config := #{olp := {_, Pid, Waiting}} = Config} = Handler) ->
    Text = text(Event, Handler),
    case atomics:add_get(Waiting, 1, 1) of
        N when N < map_get(sync_mode_qlen, Config) -> Pid ! {log, Text};
        N when N < map_get(drop_mode_qlen, Config) -> ask(Pid, {log, Text});
        _ ->
            atomics:sub(Waiting, 1, 1),
            Pid ! dropped
    end,
    ok.

text(Event, #{formatter := {Module, Config}}) ->
    try unicode:characters_to_binary(Module:format(Event, Config)) of
        Text when is_binary(Text) -> Text;
        Other -> io_lib:format("FORMATTER ERROR: bad return value~n~tp~n",
                               [Other])
    catch
        Class:Reason:Trace ->
            unicode:characters_to_binary(
              io_lib:format("FORMATTER CRASH: ~tp:~tp~n~tp~n",
                            [Class, Reason, Trace]))
    end.

%% ---- for users ----

filesync(Id) -> with_handler(Id, filesync).
info(Id) -> with_handler(Id, info).
reset(Id) -> with_handler(Id, reset).

with_handler(Id, Request) when is_atom(Id) ->
    Name = list_to_atom("logger_std_h_" ++ atom_to_list(Id)),
    case whereis(Name) of
        undefined -> {error, {no_such_handler, Id}};
        Pid -> ask(Pid, Request)
    end;
with_handler(Id, Request) -> {error, {badarg, {Request, [Id]}}}.

ask(Pid, Request) ->
    Ref = monitor(process, Pid),
    Pid ! {ask, {self(), Ref}, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, _} -> {error, handler_process_terminated}
    end.

%% ---- configuration ----

defaults(Config) ->
    Type = case Config of
               #{type := T} -> T;
               #{file := _} -> file;
               _ -> standard_io
           end,
    Base = #{type => Type, sync_mode_qlen => 10, drop_mode_qlen => 200,
             flush_qlen => 1000, burst_limit_enable => true,
             burst_limit_max_count => 500,
             burst_limit_window_time => 1000,
             overload_kill_enable => false,
             overload_kill_qlen => 20000,
             overload_kill_mem_size => 3000000,
             overload_kill_restart_after => 5000},
    case is_file(Type) of
        false -> Base#{filesync_repeat_interval => no_repeat};
        true ->
            maps:merge(Base#{filesync_repeat_interval => 5000,
                             file_check => 0, max_no_bytes => infinity,
                             max_no_files => 0,
                             compress_on_rotate => false},
                       file_of(Type, Config))
    end.

is_file(file) -> true;
is_file({file, _}) -> true;
is_file({file, _, _}) -> true;
is_file(_) -> false.

file_of({file, File}, _) -> file_of(File, default_modes(), #{});
file_of({file, File, Modes}, _) -> file_of(File, Modes, #{});
file_of(file, Config) ->
    file_of(maps:get(file, Config, ""),
            maps:get(modes, Config, default_modes()), Config).

file_of(File, Modes0, _) ->
    Modes = case [M || M <- Modes0, lists:member(M, [write, append,
                                                     exclusive])] of
                [] -> [append | Modes0];
                _ -> Modes0
            end,
    #{type => file, file => filename:absname(File),
      modes => [raw || not lists:member(raw, Modes)]
      ++ [delayed_write || not lists:member(delayed_write, Modes)] ++ Modes}.

default_modes() -> [raw, append, delayed_write].

check(#{type := Type} = Config0) ->
    Config = case is_file(Type) of
                 true -> maps:merge(Config0, file_of(Type, Config0));
                 false -> Config0
             end,
    case [B || {K, V} = B <- maps:to_list(Config), not is_valid(K, V)] of
        [] ->
            #{sync_mode_qlen := S, drop_mode_qlen := D, flush_qlen := F} =
                Config,
            case S =< D andalso D =< F of
                true -> {ok, Config};
                false -> {error, {invalid_olp_levels,
                                  #{sync_mode_qlen => S, drop_mode_qlen => D,
                                    flush_qlen => F}}}
            end;
        Bad -> {error, {invalid_config, ?MODULE, maps:from_list(Bad)}}
    end.

is_valid(type, Type) ->
    Type =:= standard_io orelse Type =:= standard_error
        orelse Type =:= file
        orelse is_tuple(Type) andalso element(1, Type) =:= device;
is_valid(file, File) -> is_list(File) orelse is_binary(File);
is_valid(modes, Modes) -> is_list(Modes);
is_valid(max_no_bytes, infinity) -> true;
is_valid(filesync_repeat_interval, no_repeat) -> true;
is_valid(overload_kill_restart_after, infinity) -> true;
is_valid(Key, Value) when Key =:= compress_on_rotate;
                          Key =:= burst_limit_enable;
                          Key =:= overload_kill_enable -> is_boolean(Value);
is_valid(Key, Value)
  when Key =:= max_no_bytes; Key =:= flush_qlen; Key =:= drop_mode_qlen;
       Key =:= burst_limit_max_count; Key =:= burst_limit_window_time;
       Key =:= filesync_repeat_interval; Key =:= overload_kill_qlen;
       Key =:= overload_kill_mem_size ->
    is_integer(Value) andalso Value > 0;
is_valid(Key, Value)
  when Key =:= sync_mode_qlen; Key =:= max_no_files; Key =:= file_check;
       Key =:= overload_kill_restart_after ->
    is_integer(Value) andalso Value >= 0;
is_valid(_, _) -> false.

%% ---- the writing process ----

init(Parent, Name, Id, Config, Waiting) ->
    process_flag(trap_exit, true),
    register(Name, self()),
    case open(Config) of
        {ok, Device} ->
            Parent ! {self(), ok},
            W = #writer{id = Id, type = maps:get(type, Config),
                        device = Device, config = Config, waiting = Waiting,
                        window = now_ms()},
            loop(noted_inode(W));
        {error, Reason} -> Parent ! {self(), {error, Reason}}
    end.

open(#{type := standard_io}) -> {ok, user};
open(#{type := standard_error}) -> {ok, standard_error};
open(#{type := {device, Device}}) -> {ok, Device};
open(#{type := file, file := File, modes := Modes}) ->
    _ = filelib:ensure_dir(File),
    file:open(File, Modes).

loop(#writer{config = #{filesync_repeat_interval := Interval}} = W) ->
    Time = case Interval of
               no_repeat -> infinity;
               _ when W#writer.last_sync =:= dirty -> Interval;
               _ -> infinity
           end,
    receive
        Msg -> handle(Msg, W)
    after Time -> loop(synced(W))
    end.

handle({log, Text}, W) -> loop(taken(Text, W));
handle({ask, From, {log, Text}}, W) ->
    W1 = taken(Text, W),
    answer(From, ok),
    loop(W1);
handle(dropped, W) -> loop(W#writer{dropped = W#writer.dropped + 1});
handle({ask, From, filesync}, W) ->
    W1 = synced(W),
    answer(From, ok),
    loop(W1);
handle({ask, From, info}, #writer{config = Config} = W) ->
    answer(From, Config#{id => W#writer.id, qlen => queued(W),
                         writes => W#writer.written,
                         drops => W#writer.dropped,
                         flushes => W#writer.flushed}),
    loop(W);
handle({ask, From, reset}, W) ->
    answer(From, ok),
    loop(W#writer{written = 0, dropped = 0, flushed = 0});
handle({ask, From, {config, Config}}, W) ->
    answer(From, ok),
    loop(W#writer{config = Config});
handle({ask, From, stop}, #writer{type = Type, device = Device} = W) ->
    case Type of
        file ->
            synced(W),
            file:close(Device);
        _ -> ok
    end,
    answer(From, ok);
handle(_, W) -> loop(W).

answer({Pid, Ref}, Answer) -> Pid ! {Ref, Answer}.

now_ms() -> erlang:monotonic_time(millisecond).

queued(#writer{waiting = Waiting}) -> atomics:get(Waiting, 1).

%% One event: when too many wait they are thrown away, and said to be; a burst
%% is cut.
taken(Text, #writer{config = #{flush_qlen := Most}, waiting = Waiting} = W) ->
    case atomics:sub_get(Waiting, 1, 1) >= Most of
        true ->
            N = flush(0) + 1,
            atomics:sub(Waiting, 1, N - 1),
            write(io_lib:format("Handler ~p flushed ~w log events\n",
                                [W#writer.id, N]),
                  W#writer{flushed = W#writer.flushed + N});
        false -> limited(Text, W)
    end.

flush(N) ->
    receive
        {log, _} -> flush(N + 1)
    after 0 -> N
    end.

limited(Text, #writer{config = #{burst_limit_enable := false}} = W) ->
    write(Text, W);
limited(Text, #writer{config = #{burst_limit_max_count := Most,
                                 burst_limit_window_time := Time},
                      window = Start, in_window = N} = W) ->
    case now_ms() - Start > Time of
        true -> write(Text, W#writer{window = now_ms(), in_window = 1});
        false when N < Most -> write(Text, W#writer{in_window = N + 1});
        false -> W#writer{dropped = W#writer.dropped + 1}
    end.

write(Text, #writer{type = file} = W0) ->
    #writer{device = Device} = W = rotated(reopened(W0)),
    case file:write(Device, Text) of
        ok -> W#writer{written = W#writer.written + 1, last_sync = dirty};
        {error, Reason} ->
            io:format(user, "Logger - error: ~0tp~n",
                      [{W#writer.id, write, Reason}]),
            W
    end;
write(Text, #writer{device = Device} = W) ->
    try io:put_chars(Device, Text)
    catch _:_ -> ok
    end,
    W#writer{written = W#writer.written + 1}.

synced(#writer{type = file, device = Device, last_sync = dirty} = W) ->
    _ = file:datasync(Device),
    W#writer{last_sync = clean};
synced(W) -> W.

%% ---- files that move away or get full ----

noted_inode(#writer{type = file, config = #{file := File}} = W) ->
    W#writer{inode = inode(File)};
noted_inode(W) -> W.

inode(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, Info} -> element(12, Info);
        _ -> none
    end.

reopened(#writer{config = #{file := File} = Config, inode = Inode,
                 device = Device} = W) ->
    case inode(File) of
        Inode -> W;
        _ ->
            _ = file:close(Device),
            case open(Config) of
                {ok, New} -> noted_inode(W#writer{device = New});
                _ -> W
            end
    end.

rotated(#writer{config = #{max_no_bytes := infinity}} = W) -> W;
rotated(#writer{config = #{max_no_bytes := Most, max_no_files := Count,
                           file := File} = Config, device = Device} = W) ->
    case filelib:file_size(File) >= Most of
        false -> W;
        true ->
            _ = file:close(Device),
            shift(File, Count, maps:get(compress_on_rotate, Config)),
            {ok, New} = open(Config),
            noted_inode(W#writer{device = New})
    end.

shift(File, 0, _) ->
    file:write_file(File, <<>>);
shift(File, Count, Compress) ->
    End = case Compress of true -> ".gz"; false -> "" end,
    Name = fun(N) -> lists:concat([File, ".", N]) ++ End end,
    [file:rename(Name(N - 1), Name(N)) || N <- lists:seq(Count - 1, 1, -1)],
    case Compress of
        false -> file:rename(File, Name(0));
        true ->
            {ok, Bytes} = file:read_file(File),
            ok = file:write_file(Name(0), zlib:gzip(Bytes)),
            file:delete(File)
    end.
