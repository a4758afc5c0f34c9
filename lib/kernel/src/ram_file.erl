%% SPDX-License-Identifier: Apache-2.0
%% ram_file: files in memory, what file:open(Bytes, [ram, ...]) gives.
%%
%% A process holds the bytes, as OTP's driver did behind a port: whoever has
%% the descriptor may use the file, and it goes with the process that opened it.
%% Offsets and sizes end at 2^31, where the driver's did.
-module(ram_file).

-export([open/2, close/1, read/2, write/2, copy/3, pread/2, pread/3, pwrite/2,
         pwrite/3, position/2, truncate/1, datasync/1, sync/1, get_file/1,
         get_size/1, advise/4, allocate/3, ipread_s32bu_p32bu/3]).

-include_lib("kernel/include/file.hrl").

-define(LIMIT, (1 bsl 31)).
-define(FD, #file_descriptor{module = ?MODULE}).

-record(ram, {bytes,
              at = 0,            % where the next read or write begins
              modes}).

open(Data, Modes) when is_list(Modes) ->
    case Modes -- [ram, read, write, binary, ram, read, write, binary] of
        [] ->
            try iolist_to_binary(Data) of
                Bytes -> start(Bytes, Modes)
            catch
                error:badarg -> {error, badarg}
            end;
        _ -> {error, badarg}
    end.

start(Bytes, Modes) ->
    Owner = self(),
    Readable = lists:member(read, Modes) orelse not lists:member(write, Modes),
    Ram = #ram{bytes = Bytes, modes = [read || Readable] ++ Modes},
    Pid = spawn(fun() -> serve(Ram, monitor(process, Owner)) end),
    {ok, #file_descriptor{module = ?MODULE, data = Pid}}.

%% A file that is closed twice was closed.
close(?FD = Fd) ->
    _ = raw_file_io_holder:call(Fd, close),
    ok.

read(?FD = Fd, Size) when is_integer(Size), Size >= 0 ->
    ask(Fd, {read, Size}, [Size]).

write(?FD = Fd, Data) ->
    with_bytes(Data, fun(Bytes) -> ask(Fd, {write, Bytes}, []) end).

copy(?FD = From, ?FD = To, Length) when is_integer(Length), Length >= 0;
                                        is_atom(Length) ->
    file:copy_opened(From, To, Length).

pread(?FD = Fd, Places) when is_list(Places) ->
    pread_each(Fd, Places, []).

pread_each(_, [], Read) ->
    {ok, lists:reverse(Read)};
pread_each(Fd, [{At, Size} | Places], Read) ->
    case pread(Fd, At, Size) of
        {ok, Data} -> pread_each(Fd, Places, [Data | Read]);
        eof -> pread_each(Fd, Places, [eof | Read]);
        Error -> Error
    end;
pread_each(_, _, _) ->
    {error, badarg}.

pread(?FD = Fd, At, Size) when is_integer(At), is_integer(Size), Size >= 0 ->
    ask(Fd, {pread, At, Size}, [At, Size]);
pread(?FD, _, _) ->
    {error, badarg}.

pwrite(?FD = Fd, Places) when is_list(Places) ->
    pwrite_each(Fd, Places, 0).

pwrite_each(_, [], _) ->
    ok;
pwrite_each(Fd, [{At, Data} | Places], Done) ->
    case pwrite(Fd, At, Data) of
        ok -> pwrite_each(Fd, Places, Done + 1);
        {error, badarg} = Error -> Error;
        {error, Reason} -> {error, {Done, Reason}}
    end;
pwrite_each(_, _, _) ->
    {error, badarg}.

pwrite(?FD = Fd, At, Data) when is_integer(At) ->
    with_bytes(Data, fun(Bytes) -> ask(Fd, {pwrite, At, Bytes}, [At]) end);
pwrite(?FD, _, _) ->
    {error, badarg}.

position(?FD = Fd, At) ->
    case place(At) of
        {_, Offset} = Place -> ask(Fd, {position, Place}, [Offset]);
        error -> {error, badarg}
    end.

place(At) when is_integer(At) -> {bof, At};
place(From) when From =:= bof; From =:= cur; From =:= eof -> {From, 0};
place({From, Offset}) when is_integer(Offset), is_atom(From) ->
    case place(From) of
        error -> error;
        _ -> {From, Offset}
    end;
place(_) -> error.

truncate(?FD = Fd) -> ask(Fd, truncate, []).

%% There is no disk that could be behind.
datasync(?FD = Fd) -> ask(Fd, sync, []).

sync(?FD = Fd) -> ask(Fd, sync, []).

get_file(?FD = Fd) -> ask(Fd, get_file, []);
get_file(#file_descriptor{}) -> {error, enotsup}.

get_size(?FD = Fd) -> ask(Fd, get_size, []);
get_size(#file_descriptor{}) -> {error, enotsup}.

%% Advice changes nothing, but must be one that there is.
advise(?FD = Fd, Offset, Length, Advice)
  when is_integer(Offset), is_integer(Length) ->
    case lists:member(Advice, [normal, random, sequential, will_need,
                               dont_need, no_reuse]) of
        true -> ask(Fd, sync, []);
        false -> {error, einval}
    end;
advise(#file_descriptor{}, _, _, _) -> {error, enotsup}.

allocate(?FD = Fd, Offset, Length)
  when is_integer(Offset), is_integer(Length) ->
    ask(Fd, sync, []);
allocate(#file_descriptor{}, _, _) -> {error, enotsup}.

ipread_s32bu_p32bu(?FD = Fd, At, Most) ->
    file:ipread_s32bu_p32bu_int(Fd, At, Most).

with_bytes(Data, Do) ->
    try iolist_to_binary(Data) of
        Bytes -> Do(Bytes)
    catch
        error:badarg -> {error, badarg}
    end.

ask(Fd, Request, Numbers) ->
    case lists:all(fun(N) -> N >= -?LIMIT andalso N < ?LIMIT end, Numbers) of
        true -> raw_file_io_holder:call(Fd, Request);
        false -> {error, einval}
    end.

%%% The process

serve(Ram, Owner) ->
    receive
        {Ref, From, close} ->
            From ! {Ref, ok};
        {Ref, From, Request} ->
            {Answer, Ram1} = answer(Request, Ram),
            From ! {Ref, Answer},
            serve(Ram1, Owner);
        {'DOWN', Owner, _, _, _} ->
            ok
    end.

answer({read, Size}, #ram{at = At} = Ram) ->
    case read_at(At, Size, Ram) of
        {ok, Bytes} ->
            {{ok, data(Bytes, Ram)}, Ram#ram{at = At + byte_size(Bytes)}};
        Other ->
            {Other, Ram}
    end;
answer({pread, At, Size}, Ram) ->
    case read_at(At, Size, Ram) of
        {ok, Bytes} -> {{ok, data(Bytes, Ram)}, Ram};
        Other -> {Other, Ram}
    end;
answer({write, Bytes}, #ram{at = At} = Ram) ->
    case write_at(At, Bytes, Ram) of
        {ok, Ram1} -> {ok, Ram1#ram{at = At + byte_size(Bytes)}};
        Error -> {Error, Ram}
    end;
answer({pwrite, At, Bytes}, Ram) ->
    case write_at(At, Bytes, Ram) of
        {ok, Ram1} -> {ok, Ram1};
        Error -> {Error, Ram}
    end;
answer({position, {From, Offset}}, #ram{at = At, bytes = Held} = Ram) ->
    case origin(From, At, byte_size(Held)) + Offset of
        New when New >= 0, New < ?LIMIT -> {{ok, New}, Ram#ram{at = New}};
        _ -> {{error, einval}, Ram}
    end;
answer(truncate, #ram{at = At} = Ram) ->
    case may(write, Ram) of
        true -> {ok, Ram#ram{bytes = extended(At, Ram#ram.bytes)}};
        false -> {{error, eacces}, Ram}
    end;
answer(get_file, #ram{bytes = Held} = Ram) -> {{ok, data(Held, Ram)}, Ram};
answer(get_size, #ram{bytes = Held} = Ram) -> {{ok, byte_size(Held)}, Ram};
answer(sync, Ram) -> {ok, Ram}.

origin(bof, _, _) -> 0;
origin(cur, At, _) -> At;
origin(eof, _, End) -> End.

read_at(At, Size, #ram{bytes = Held} = Ram) ->
    case may(read, Ram) of
        false -> {error, ebadf};
        true when At < 0 -> {error, einval};
        true when Size =:= 0 -> {ok, <<>>};
        true when At >= byte_size(Held) -> eof;
        true ->
            {ok, binary:part(Held, At, min(Size, byte_size(Held) - At))}
    end.

write_at(At, Bytes, #ram{bytes = Held} = Ram) ->
    End = At + byte_size(Bytes),
    case may(write, Ram) of
        false -> {error, ebadf};
        true when At < 0; End >= ?LIMIT -> {error, einval};
        true when At =:= byte_size(Held) ->
            %% at the end, the binary grows in place
            {ok, Ram#ram{bytes = <<Held/binary, Bytes/binary>>}};
        true ->
            Before = extended(At, Held),
            After = case Held of
                        <<_:End/binary, Rest/binary>> -> Rest;
                        _ -> <<>>
                    end,
            {ok, Ram#ram{bytes = <<Before/binary, Bytes/binary,
                                   After/binary>>}}
    end.

%% Cut or filled up with zeros to that size.
extended(Size, Bytes) when Size =< byte_size(Bytes) ->
    binary:part(Bytes, 0, Size);
extended(Size, Bytes) ->
    <<Bytes/binary, 0:(8 * (Size - byte_size(Bytes)))>>.

may(Mode, #ram{modes = Modes}) -> lists:member(Mode, Modes).

data(Bytes, Ram) ->
    case may(binary, Ram) of
        true -> Bytes;
        false -> binary_to_list(Bytes)
    end.
