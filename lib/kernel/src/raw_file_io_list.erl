%% SPDX-License-Identifier: Apache-2.0
%% raw_file_io_list: raw files opened without mode binary: what is read comes
%% as a list. Everything else is the work of the raw file below.
-module(raw_file_io_list).

-export([open/2, close/1, sync/1, datasync/1, truncate/1, advise/4,
         allocate/3, write/2, pwrite/2, pwrite/3, read/2, read_line/1, pread/2,
         pread/3, position/2, ipread_s32bu_p32bu/3, read_handle_info/2,
         get_handle/1, sendfile/8]).

-include_lib("kernel/include/file.hrl").

%% [Open] opens the file below.
open(Open, Modes) ->
    case Open([binary | Modes]) of
        {ok, File} -> {ok, #file_descriptor{module = ?MODULE, data = File}};
        Error -> Error
    end.

read(Fd, Size) -> as_list(call(read, Fd, [Size])).
read_line(Fd) -> as_list(call(read_line, Fd, [])).
pread(Fd, At, Size) -> as_list(call(pread, Fd, [At, Size])).
pread(Fd, Places) -> as_list(call(pread, Fd, [Places])).

ipread_s32bu_p32bu(Fd, At, Most) ->
    case call(ipread_s32bu_p32bu, Fd, [At, Most]) of
        {ok, {Size, Place, Data}} when is_binary(Data) ->
            {ok, {Size, Place, binary_to_list(Data)}};
        Other ->
            Other
    end.

as_list({ok, Data}) when is_binary(Data) -> {ok, binary_to_list(Data)};
as_list({ok, Parts}) when is_list(Parts) ->
    {ok, [if is_binary(P) -> binary_to_list(P); true -> P end || P <- Parts]};
as_list(Other) -> Other.

close(Fd) -> call(close, Fd, []).
sync(Fd) -> call(sync, Fd, []).
datasync(Fd) -> call(datasync, Fd, []).
truncate(Fd) -> call(truncate, Fd, []).
advise(Fd, At, Size, Advice) -> call(advise, Fd, [At, Size, Advice]).
allocate(Fd, At, Size) -> call(allocate, Fd, [At, Size]).
write(Fd, Data) -> call(write, Fd, [Data]).
pwrite(Fd, Places) -> call(pwrite, Fd, [Places]).
pwrite(Fd, At, Data) -> call(pwrite, Fd, [At, Data]).
position(Fd, At) -> call(position, Fd, [At]).
read_handle_info(Fd, Options) -> call(read_handle_info, Fd, [Options]).
get_handle(Fd) -> call(get_handle, Fd, []).

sendfile(#file_descriptor{data = #file_descriptor{module = prim_file} = File},
         Socket, Offset, Bytes, Chunk, Head, Tail, Options) ->
    prim_file:sendfile(File, Socket, Offset, Bytes, Chunk, Head, Tail, Options);
sendfile(_, _, _, _, _, _, _, _) -> {error, enotsup}.

call(Function, #file_descriptor{data = #file_descriptor{module = Module} = File},
     Args) ->
    apply(Module, Function, [File | Args]).
