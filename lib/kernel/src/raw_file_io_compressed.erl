%% SPDX-License-Identifier: Apache-2.0
%% raw_file_io_compressed: raw files opened with mode compressed. What is
%% written is gzipped; what is read is expanded if it was gzipped, and read as
%% it is if not.
%%
%% A process holds the file. Positions are those of the plain data: forward is
%% by reading or, when writing, by zeros; backward is by reading again from
%% the start.
-module(raw_file_io_compressed).

-export([open/2, close/1, sync/1, datasync/1, truncate/1, advise/4,
         allocate/3, write/2, pwrite/2, pwrite/3, read/2, read_line/1, pread/2,
         pread/3, position/2, ipread_s32bu_p32bu/3, read_handle_info/2]).

-define(GZIP_BITS, 31).
-define(CHUNK, 32768).

-record(zip, {file,
              user,            % who opened it
              how,             % read | write
              binary,          % data as binaries
              z,               % zlib's stream; undefined: read as it is
              at = 0,          % position of what comes next
              plain = <<>>,    % what comes next
              ended = false}). % nothing is left in the file

-spec open(file:filename_all(), [file:mode()]) ->
          {ok, file:fd()} | {error, term()}.
open(Name, Modes) ->
    Plain = [M || M <- Modes, M =/= compressed, M =/= compressed_one,
                  M =/= binary, not is_buffering(M)],
    Appends = lists:member(append, Modes),
    case {lists:member(read, Modes) orelse not is_written(Modes),
          is_written(Modes)} of
        {true, true} -> {error, einval};
        {false, true} when Appends -> {error, einval};
        {true, false} -> start(Name, [binary | Plain], read, Modes);
        {false, true} -> start(Name, [binary | Plain], write, Modes)
    end.

is_written(Modes) ->
    lists:any(fun(M) -> lists:member(M, Modes) end,
              [write, append, exclusive]).

is_buffering(delayed_write) -> true;
is_buffering({delayed_write, _, _}) -> true;
is_buffering(read_ahead) -> true;
is_buffering({read_ahead, _}) -> true;
is_buffering(_) -> false.

start(Name, Modes, How, Asked) ->
    Serve = fun(File, User) ->
        Owner = monitor(process, User),
        loop(Owner, begin_zip(#zip{file = File, user = User, how = How,
                                   binary = lists:member(binary, Asked)}))
    end,
    raw_file_io_holder:start(?MODULE, Name, Modes, Serve).

%% ---- Operations ----

write(Fd, Bytes) -> raw_file_io_holder:write(Fd, Bytes).
close(Fd) -> call(Fd, close).
read(Fd, Size) -> call(Fd, {read, Size}).
read_line(Fd) -> call(Fd, read_line).
position(Fd, At) -> call(Fd, {position, At}).
pread(Fd, At, Size) -> call(Fd, {pread, At, Size}).
pread(_, _) -> {error, enotsup}.
sync(Fd) -> call(Fd, sync).
datasync(Fd) -> call(Fd, datasync).
read_handle_info(Fd, Options) -> call(Fd, {read_handle_info, Options}).
truncate(_) -> {error, einval}.
advise(_, _, _, _) -> ok.
allocate(_, _, _) -> {error, enotsup}.
pwrite(_, _) -> {error, einval}.
pwrite(_, _, _) -> {error, einval}.
ipread_s32bu_p32bu(_, _, _) -> {error, enotsup}.

call(Fd, Request) -> raw_file_io_holder:call(Fd, Request).

%% ---- The process ----

loop(Owner, #zip{user = User} = S) ->
    receive
        {Ref, User, close} ->
            User ! {Ref, end_zip(S)};
        {Ref, User, Request} ->
            {Answer, S1} = perform(Request, S),
            User ! {Ref, Answer},
            loop(Owner, S1);
        {Ref, Other, _} when is_reference(Ref) ->
            Other ! {Ref, {error, not_on_controlling_process}},
            loop(Owner, S);
        {'DOWN', Owner, _, _, _} ->
            end_zip(S);
        _ ->
            loop(Owner, S)
    end.

begin_zip(#zip{how = write} = S) ->
    Z = zlib:open(),
    zlib:deflateInit(Z, default, deflated, ?GZIP_BITS, 8, default),
    S#zip{z = Z};
begin_zip(#zip{file = File} = S) ->
    First = prim_file:read(File, 2),
    prim_file:position(File, bof),
    case First of
        {ok, <<31, 139>>} ->
            Z = zlib:open(),
            zlib:inflateInit(Z, ?GZIP_BITS, reset),
            S#zip{z = Z};
        _ ->
            S
    end.

end_zip(#zip{how = write, z = Z, file = File}) ->
    Written = prim_file:write(File, zlib:deflate(Z, [], finish)),
    case {Written, prim_file:close(File)} of
        {ok, Closed} -> Closed;
        {Error, _} -> Error
    end;
end_zip(#zip{file = File}) ->
    prim_file:close(File).

perform({write, Data}, #zip{how = write} = S) ->
    case prim_file:write(S#zip.file, zlib:deflate(S#zip.z, Data)) of
        ok -> {ok, S#zip{at = S#zip.at + byte_size(Data)}};
        Error -> {Error, S}
    end;
perform({write, _}, S) ->
    {{error, ebadf}, S};
perform({position, At}, S) ->
    move(At, S);
perform(sync, S) ->
    {prim_file:sync(S#zip.file), S};
perform(datasync, S) ->
    {prim_file:datasync(S#zip.file), S};
perform({read_handle_info, Options}, S) ->
    {prim_file:read_handle_info(S#zip.file, Options), S};
perform(_, #zip{how = write} = S) ->
    {{error, ebadf}, S};
perform({read, Size}, S) ->
    case fetch(Size, S) of
        {error, _} = Error -> {Error, S};
        S1 -> take(Size, S1)
    end;
perform(read_line, S) ->
    case fetch_line(S, 0) of
        {error, _} = Error -> {Error, S};
        {Size, S1} -> take(Size, S1)
    end;
perform({pread, At, Size}, #zip{at = Here} = S) ->
    case move(At, S) of
        {{ok, _}, S1} ->
            {Answer, S2} = perform({read, Size}, S1),
            {_, S3} = move(Here, S2),
            {Answer, S3};
        Error ->
            Error
    end.

take(Size, #zip{plain = Plain, binary = AsBinary, at = At} = S) ->
    case Plain of
        <<>> when Size > 0 ->
            {eof, S};
        _ ->
            Most = min(Size, byte_size(Plain)),
            <<Data:Most/binary, Rest/binary>> = Plain,
            {{ok, case AsBinary of
                      true -> Data;
                      false -> binary_to_list(Data)
                  end}, S#zip{plain = Rest, at = At + Most}}
    end.

%% Until [Size] bytes are there, or the end.
fetch(Size, #zip{plain = Plain, ended = Ended} = S)
  when byte_size(Plain) >= Size; Ended ->
    S;
fetch(Size, S) ->
    case fetch_chunk(S) of
        {error, _} = Error -> Error;
        S1 -> fetch(Size, S1)
    end.

%% The size of the line that comes next; the first [From] bytes hold no end.
fetch_line(#zip{plain = Plain} = S, From) ->
    case binary:match(Plain, <<"\n">>, [{scope, {From, byte_size(Plain) - From}}]) of
        {At, 1} -> {At + 1, S};
        nomatch when S#zip.ended -> {byte_size(Plain), S};
        nomatch ->
            case fetch_chunk(S) of
                {error, _} = Error -> Error;
                S1 -> fetch_line(S1, byte_size(Plain))
            end
    end.

fetch_chunk(#zip{file = File, z = Z, plain = Plain} = S) ->
    case prim_file:read(File, ?CHUNK) of
        {ok, Bytes} ->
            try expand(Z, Bytes) of
                More -> S#zip{plain = iolist_to_binary([Plain, More])}
            catch
                error:_ -> {error, eio}
            end;
        eof ->
            S#zip{ended = true};
        Error ->
            Error
    end.

expand(undefined, Bytes) -> Bytes;
expand(Z, Bytes) -> zlib:inflate(Z, Bytes).

move({bof, N}, S) -> move(N, S);
move(bof, S) -> move(0, S);
move(cur, #zip{at = At} = S) -> {{ok, At}, S};
move({cur, N}, #zip{at = At} = S) -> move(At + N, S);
move(N, S) when is_integer(N), N < 0 -> {{error, einval}, S};
move(N, #zip{at = At} = S) when N =:= At -> {{ok, N}, S};
move(N, #zip{how = write, at = At} = S) when is_integer(N), N > At ->
    case perform({write, <<0:(N - At)/unit:8>>}, S) of
        {ok, S1} -> {{ok, N}, S1};
        Error -> Error
    end;
move(N, #zip{how = read, at = At} = S) when is_integer(N), N > At ->
    case fetch(N - At, S) of
        {error, _} = Error ->
            {Error, S};
        S1 ->
            {_, S2} = take(N - At, S1),
            {{ok, S2#zip.at}, S2}
    end;
move(N, #zip{how = read, z = Z} = S) when is_integer(N) ->
    prim_file:position(S#zip.file, bof),
    Z =:= undefined orelse zlib:inflateReset(Z),
    move(N, S#zip{at = 0, plain = <<>>, ended = false});
move(_, S) ->
    {{error, einval}, S}.
