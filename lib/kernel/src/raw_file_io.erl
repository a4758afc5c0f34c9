%% SPDX-License-Identifier: Apache-2.0
%% raw_file_io: raw files that are written late ({delayed_write, Size, Delay})
%% or compressed. A process holds the file; only the process that opened the
%% file may use it. What is not written yet waits in a buffer (merle_late) that
%% the user adds to, so that most writes need no other process.
%%
%% An error of a late write is the answer to the next operation, whatever that
%% is, except that close/1 closes all the same.
-module(raw_file_io).

-export([open/2, close/1, sync/1, datasync/1, truncate/1, advise/4,
         allocate/3, write/2, pwrite/2, pwrite/3, read/2, read_line/1, pread/2,
         pread/3, position/2, ipread_s32bu_p32bu/3, read_handle_info/2,
         get_handle/1]).

-include_lib("kernel/include/file.hrl").

-define(SIZE, 65536).
-define(DELAY, 2000).

-record(late, {file,
               owner,         % monitor of who opened the file
               user,          % and its pid
               most,          % bytes that may wait
               delay,         % milliseconds they may wait
               bytes,         % that wait, merle_late's
               timer,         % runs while something waits
               failed = ok}). % error of a late write

-spec open(file:filename_all(), [file:mode()]) ->
          {ok, file:fd()} | {error, term()}.
open(Name, Modes) ->
    case [M || M <- Modes, M =:= compressed orelse M =:= compressed_one] of
        [] -> open_late(Name, Modes);
        _ -> raw_file_io_compressed:open(Name, Modes)
    end.

open_late(Name, Modes) ->
    {Late, Plain} = lists:partition(fun is_late/1, Modes),
    case lists:last(Late) of
        {delayed_write, Most, Delay}
          when not is_integer(Most); not is_integer(Delay);
               Most < 0; Delay < 0 ->
            {error, badarg};
        {delayed_write, Most, Delay} ->
            start(Name, Plain, Most, Delay);
        delayed_write ->
            start(Name, Plain, ?SIZE, ?DELAY)
    end.

is_late(delayed_write) -> true;
is_late({delayed_write, _, _}) -> true;
is_late(_) -> false.

start(Name, Modes, Most, Delay) ->
    Late = merle_late:new(self()),
    Serve = fun(File, User) ->
        merle_late:take(Late, Most),
        loop(#late{file = File, owner = monitor(process, User), user = User,
                   bytes = Late, most = Most, delay = Delay})
    end,
    case raw_file_io_holder:start(?MODULE, Name, Modes, Serve) of
        {ok, #file_descriptor{data = Pid} = Fd} ->
            {ok, Fd#file_descriptor{data = {Pid, Late}}};
        Error -> Error
    end.

%% ---- Operations ----

write(#file_descriptor{data = {Pid, Late}} = Fd, Bytes) ->
    case merle_late:add(Late, Bytes) of
        ok -> ok;
        first -> Pid ! waits, ok;
        false -> raw_file_io_holder:write(holder(Fd), Bytes)
    end.

close(Fd) -> call(Fd, close).
sync(Fd) -> call(Fd, {sync, []}).
datasync(Fd) -> call(Fd, {datasync, []}).
truncate(Fd) -> call(Fd, {truncate, []}).
advise(Fd, At, Size, Advice) -> call(Fd, {advise, [At, Size, Advice]}).
allocate(Fd, At, Size) -> call(Fd, {allocate, [At, Size]}).
pwrite(Fd, Places) -> call(Fd, {pwrite, [Places]}).
pwrite(Fd, At, Bytes) -> call(Fd, {pwrite, [At, Bytes]}).
read(Fd, Size) -> call(Fd, {read, [Size]}).
read_line(Fd) -> call(Fd, {read_line, []}).
pread(Fd, Places) -> call(Fd, {pread, [Places]}).
pread(Fd, At, Size) -> call(Fd, {pread, [At, Size]}).
position(Fd, At) -> call(Fd, {position, [At]}).
ipread_s32bu_p32bu(Fd, At, Most) -> call(Fd, {ipread_s32bu_p32bu, [At, Most]}).
read_handle_info(Fd, Options) -> call(Fd, {read_handle_info, [Options]}).
get_handle(Fd) -> call(Fd, {get_handle, []}).

call(Fd, Request) -> raw_file_io_holder:call(holder(Fd), Request).

holder(#file_descriptor{data = {Pid, _}} = Fd) ->
    Fd#file_descriptor{data = Pid}.

%% ---- The process ----

loop(#late{owner = Owner, user = User, timer = Timer} = L) ->
    receive
        {Ref, User, close} ->
            #late{failed = Failed} = write_waiting([], L),
            Closed = prim_file:close(L#late.file),
            User ! {Ref, first_error(Failed, Closed)};
        {Ref, User, Request} ->
            {Answer, L1} = perform(Request, L),
            L2 = reopen(L1), % so that the user finds it so
            User ! {Ref, Answer},
            loop(L2);
        {Ref, Other, _} when is_reference(Ref) ->
            Other ! {Ref, {error, not_on_controlling_process}},
            loop(L);
        {timeout, Timer, write} ->
            loop(reopen(write_waiting([], L)));
        waits when Timer =:= undefined ->
            loop(L#late{timer = erlang:start_timer(L#late.delay, self(), write)});
        {'DOWN', Owner, _, _, Reason} ->
            %% as OTP has it: that reason says to leave everything
            Reason =:= kill orelse write_waiting([], L),
            prim_file:close(L#late.file);
        _ ->
            loop(L)
    end.

first_error(ok, Result) -> Result;
first_error(Error, _) -> Error.

perform(_, #late{failed = {error, _}} = L) -> told(L);
perform({write, Data}, L) -> told(write_waiting(Data, L));
perform({Function, Args}, L) ->
    case told(write_waiting([], L)) of
        {ok, #late{file = File} = L1} ->
            {apply(prim_file, Function, [File | Args]), L1};
        Failed -> Failed
    end.

told(#late{failed = Result} = L) -> {Result, L#late{failed = ok}}.

%% Nothing is added until that went well, or its error has been told: see
%% reopen.
write_waiting(More, #late{file = File, bytes = Late, timer = Timer} = L) ->
    Timer =:= undefined orelse erlang:cancel_timer(Timer),
    L#late{timer = undefined,
           failed = case [merle_late:take(Late, -1) | More] of
                        [<<>>] -> L#late.failed;
                        Bytes -> prim_file:write(File, Bytes)
                    end}.

reopen(#late{failed = ok} = L) ->
    merle_late:take(L#late.bytes, L#late.most),
    L;
reopen(L) ->
    L.
