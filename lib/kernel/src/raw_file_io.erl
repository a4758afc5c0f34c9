%% SPDX-License-Identifier: Apache-2.0
%% raw_file_io: raw files that are written late ({delayed_write, Size, Delay})
%% or compressed. A process holds the file and what is not written yet; only
%% the process that opened the file may use it.
%%
%% An error of a late write is the answer to the next operation, whatever that
%% is, except that close/1 closes all the same.
-module(raw_file_io).

-export([open/2, close/1, sync/1, datasync/1, truncate/1, advise/4,
         allocate/3, write/2, pwrite/2, pwrite/3, read/2, read_line/1, pread/2,
         pread/3, position/2, ipread_s32bu_p32bu/3, read_handle_info/2,
         get_handle/1]).

-define(SIZE, 65536).
-define(DELAY, 2000).

-record(late, {file,
               owner,         % monitor of who opened the file
               user,          % and its pid
               most,          % bytes that may wait
               delay,         % milliseconds they may wait
               waiting = [],  % iodata
               size = 0,      % of it
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
    Serve = fun(File, User) ->
        loop(#late{file = File, owner = monitor(process, User), user = User,
                   most = Most, delay = Delay})
    end,
    raw_file_io_holder:start(?MODULE, Name, Modes, Serve).

%% ---- Operations ----

write(Fd, Bytes) -> raw_file_io_holder:write(Fd, Bytes).
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

call(Fd, Request) -> raw_file_io_holder:call(Fd, Request).

%% ---- The process ----

loop(#late{owner = Owner, user = User, timer = Timer} = L) ->
    receive
        {Ref, User, close} ->
            #late{failed = Failed} = write_waiting(L),
            Closed = prim_file:close(L#late.file),
            User ! {Ref, first_error(Failed, Closed)};
        {Ref, User, Request} ->
            {Answer, L1} = perform(Request, L),
            User ! {Ref, Answer},
            loop(L1);
        {Ref, Other, _} when is_reference(Ref) ->
            Other ! {Ref, {error, not_on_controlling_process}},
            loop(L);
        {timeout, Timer, write} ->
            loop(write_waiting(L#late{timer = undefined}));
        {'DOWN', Owner, _, _, Reason} ->
            %% as OTP has it: that reason says to leave everything
            Reason =:= kill orelse write_waiting(L),
            prim_file:close(L#late.file);
        _ ->
            loop(L)
    end.

first_error(ok, Result) -> Result;
first_error(Error, _) -> Error.

perform(_, #late{failed = {error, _}} = L) -> told(L);
perform({write, Data}, #late{size = Size} = L) ->
    L1 = L#late{waiting = [L#late.waiting | Data],
                size = Size + byte_size(Data)},
    if
        L1#late.size > L1#late.most -> told(write_waiting(L1));
        true -> {ok, wait(L1)}
    end;
perform({Function, Args}, L) ->
    case told(write_waiting(L)) of
        {ok, #late{file = File} = L1} ->
            {apply(prim_file, Function, [File | Args]), L1};
        Failed -> Failed
    end.

told(#late{failed = Result} = L) -> {Result, L#late{failed = ok}}.

wait(#late{timer = undefined, delay = Delay} = L) ->
    L#late{timer = erlang:start_timer(Delay, self(), write)};
wait(L) ->
    L.

write_waiting(#late{size = 0} = L) ->
    L;
write_waiting(#late{file = File, waiting = Waiting, timer = Timer} = L) ->
    Timer =:= undefined orelse erlang:cancel_timer(Timer),
    L#late{waiting = [], size = 0, timer = undefined,
           failed = prim_file:write(File, Waiting)}.
