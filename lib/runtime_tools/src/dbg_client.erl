%% SPDX-License-Identifier: Apache-2.0
%% dbg_client: reads what dbg_port wrote and hands it to a handler.
-module(dbg_client).

-export([reader/2, run/3, ring/2]).

%% A fun that opens the source; it answers a fun that reads the next message.
reader(file, {Name, wrap, Tail}) -> reader(file, {Name, wrap, Tail, 0});
reader(file, {Name, wrap, Tail, _}) -> reader(file, {Name, wrap, Tail, 0, 8});
reader(file, {Name, wrap, Tail, _, Count}) when is_integer(Count) ->
    fun() -> ring_reader(in_order(lists:sort(ring(Name, Tail)), Count)) end;
reader(file, Name) -> fun() -> file_reader(Name, fun read/2) end;
reader(follow_file, Name) -> fun() -> file_reader(Name, fun follow/2) end;
reader(ip, Port) when is_integer(Port) -> reader(ip, {"localhost", Port});
reader(ip, {Host, Port}) ->
    fun() ->
        case gen_tcp:connect(Host, Port, [{active, false}, binary]) of
            {ok, Socket} -> fun() -> message(fun receive_/2, Socket) end;
            Error -> exit(Error)
        end
    end.

run(Open, Handler, State) -> loop(Open(), Handler, State).

loop(Next, Handler, State) ->
    case Next() of
        {ok, Message} -> loop(Next, Handler, Handler(Message, State));
        eof ->
            Handler(end_of_trace, State),
            exit(normal)
    end.

%%% Messages

message(Read, Source) ->
    case Read(Source, 5) of
        eof -> eof;
        <<0, Size:32>> = Tag ->
            case Read(Source, Size) of
                eof -> exit({'trace term missing', binary_to_list(Tag)});
                Bytes -> {ok, binary_to_term(Bytes)}
            end;
        <<1, Count:32>> -> {ok, {drop, Count}};
        <<Tag, _/binary>> -> exit({'bad trace tag', Tag})
    end.

file_reader(Name, Read) ->
    File = open(Name),
    fun() -> message(Read, File) end.

open(Name) ->
    case file:open(Name, [read, raw, binary, read_ahead]) of
        {ok, File} -> File;
        Error -> exit({client_cannot_open, Error})
    end.

read(File, Size) ->
    case file:read(File, Size) of
        {ok, Bytes} when byte_size(Bytes) =:= Size -> Bytes;
        {ok, Bytes} -> exit({'truncated file', binary_to_list(Bytes)});
        eof -> eof;
        {error, Reason} -> exit({'file read error', Reason})
    end.

%% Waits at the end for more.
follow(File, Size) ->
    {ok, At} = file:position(File, cur),
    case file:read(File, Size) of
        {ok, Bytes} when byte_size(Bytes) =:= Size -> Bytes;
        {error, Reason} -> exit({'file read error', Reason});
        _ ->
            {ok, _} = file:position(File, At),
            timer:sleep(50),
            follow(File, Size)
    end.

receive_(Socket, Size) ->
    case gen_tcp:recv(Socket, Size) of
        {ok, Bytes} -> Bytes;
        {error, closed} -> eof;
        Error -> exit({'socket read error', Error})
    end.

%%% Rings of files

%% [{Number, Name}] of the files there are.
ring(Base, Tail) ->
    Folder = filename:dirname(Base),
    Name = filename:basename(Base),
    Files = case file:list_dir(Folder) of
                {ok, All} -> All;
                {error, _} -> []
            end,
    [{N, filename:join(Folder, File)}
     || File <- Files, N <- number(File, Name, Tail)].

number(File, Name, Tail) ->
    Least = length(Name) + length(Tail),
    case length(File) > Least andalso lists:prefix(Name, File)
         andalso lists:suffix(Tail, File) of
        true ->
            Digits = lists:sublist(File, length(Name) + 1,
                                   length(File) - Least),
            [list_to_integer(Digits)
             || lists:all(fun(C) -> C >= $0 andalso C =< $9 end, Digits)];
        false -> []
    end.

%% The oldest comes behind the number that is missing.
in_order(Files, Count) ->
    Numbers = [N || {N, _} <- Files],
    Missing = lists:seq(0, Count) -- Numbers,
    Outside = Numbers -- lists:seq(0, Count),
    case Files of
        [] -> exit({client_cannot_open, {error, enoent}});
        _ when Outside =/= []; Missing =:= [] ->
            exit(inconsistent_wrap_file_trace_set);
        [{0, _} | _] when hd(Missing) =:= length(Files) -> Files;
        _ when length(Missing) =:= 1 ->
            {Young, Old} = lists:splitwith(
                             fun({N, _}) -> N < hd(Missing) end, Files),
            Old ++ Young;
        _ -> exit(inconsistent_wrap_file_trace_set)
    end.

%% Where it is, is in the process dictionary: several may be read at once.
ring_reader(Files) ->
    Ring = make_ref(),
    put(Ring, {none, [Name || {_, Name} <- Files]}),
    fun() -> ring_message(Ring) end.

ring_message(Ring) ->
    case get(Ring) of
        {none, []} -> eof;
        {none, [Name | Rest]} ->
            put(Ring, {open(Name), Rest}),
            ring_message(Ring);
        {File, Rest} ->
            case message(fun read/2, File) of
                eof ->
                    file:close(File),
                    put(Ring, {none, Rest}),
                    ring_message(Ring);
                Message -> Message
            end
    end.
