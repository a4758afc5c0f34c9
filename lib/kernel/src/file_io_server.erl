%% SPDX-License-Identifier: Apache-2.0
%% file_io_server: the process of an open file. It answers file's requests and
%% those of the io protocol, and ends with the process that opened it.
%%
%% The position is kept by the raw file; [kept] holds bytes that were read
%% from it but not asked for yet.
-module(file_io_server).

-export([format_error/1, start/3, start_link/3]).

-record(state, {file :: file:fd(),
                owner :: reference(),
                kept = <<>> :: binary(),
                binary = false :: boolean(),
                encoding = latin1 :: unicode:encoding()}).

-define(CHUNK, 16384).

format_error({_, ?MODULE, invalid_unicode}) ->
    "cannot translate from UTF-8";
format_error(invalid_unicode) -> "cannot translate from UTF-8";
format_error(Reason) -> erl_posix_msg:message(Reason).

start(Owner, Name, Modes) -> start(Owner, Name, Modes, fun erlang:spawn/1).

-spec start_link(pid(), file:name_all(), [file:mode()]) ->
          {ok, pid()} | {error, term()}.
start_link(Owner, Name, Modes) ->
    start(Owner, Name, Modes, fun erlang:spawn_link/1).

start(Owner, Name, Modes, Spawn) ->
    Caller = self(),
    Ref = make_ref(),
    Pid = Spawn(fun() -> init(Caller, Ref, Owner, Name, Modes) end),
    Monitor = monitor(process, Pid),
    receive
        {Ref, {error, _} = Error} ->
            demonitor(Monitor, [flush]),
            unlink(Pid),
            receive {'EXIT', Pid, _} -> ok after 0 -> ok end,
            Error;
        {Ref, ok} ->
            demonitor(Monitor, [flush]),
            {ok, Pid};
        {'DOWN', Monitor, _, _, Reason} -> {error, Reason}
    end.

init(Caller, Ref, Owner, Name, Modes) ->
    case options(Modes) of
        {ok, Binary, Encoding, Rest} ->
            case file:open(Name, [raw, binary | Rest]) of
                {ok, File} ->
                    put('$file_name', Name),
                    Caller ! {Ref, ok},
                    loop(#state{file = File, binary = Binary,
                                encoding = Encoding,
                                owner = monitor(process, Owner)});
                {error, _} = Error -> Caller ! {Ref, Error}
            end;
        error -> Caller ! {Ref, {error, badarg}}
    end.

options(Modes) ->
    try
        Encoding = lists:foldl(fun({encoding, E}, _) -> known(E);
                                  (_, E) -> E
                               end, latin1, Modes),
        Rest = [M || M <- Modes, M =/= binary, not is_encoding(M)],
        {ok, lists:member(binary, Modes), Encoding, Rest}
    catch
        throw:badarg -> error
    end.

is_encoding({encoding, _}) -> true;
is_encoding(_) -> false.

known(unicode) -> unicode;
known(utf8) -> unicode;
known(latin1) -> latin1;
known(utf16) -> {utf16, big};
known(utf32) -> {utf32, big};
known({utf16, End} = E) when End =:= big; End =:= little -> E;
known({utf32, End} = E) when End =:= big; End =:= little -> E;
known(_) -> throw(badarg).

loop(#state{owner = Owner} = S) ->
    receive
        {file_request, From, ReplyAs, close} ->
            From ! {file_reply, ReplyAs, file:close(S#state.file)};
        {file_request, From, ReplyAs, Request} ->
            {Answer, S1} = file_request(Request, S),
            From ! {file_reply, ReplyAs, Answer},
            loop(S1);
        {io_request, From, ReplyAs, Request} ->
            case io_request(Request, S) of
                {stop, Answer, Reason, S1} ->
                    From ! {io_reply, ReplyAs, Answer},
                    file:close(S1#state.file),
                    exit(Reason);
                {Answer, S1} ->
                    From ! {io_reply, ReplyAs, Answer},
                    loop(S1)
            end;
        {'DOWN', Owner, _, _, Reason} ->
            file:close(S#state.file),
            exit(Reason);
        _ -> loop(S)
    end.

%%% Requests of module file

file_request({pread, At, Size}, #state{encoding = Encoding} = S)
  when Encoding =/= latin1 ->
    %% Size counts characters
    case file_request({position, At}, S) of
        {{ok, _}, S1} ->
            case io_request({get_chars, latin1, '', Size}, S1) of
                {{error, _} = Error, S2} -> {Error, S2};
                {eof, S2} -> {eof, S2};
                {Chars, S2} -> {{ok, Chars}, S2}
            end;
        Wrong -> Wrong
    end;
file_request({pread, At, Size}, S) ->
    S1 = forget_kept(S),
    case file:pread(S1#state.file, At, Size) of
        {ok, Bytes} -> {{ok, as_asked(Bytes, S1)}, S1};
        Other -> {Other, S1}
    end;
file_request({pwrite, At, Bytes}, S) ->
    S1 = forget_kept(S),
    {file:pwrite(S1#state.file, At, Bytes), S1};
file_request({position, At}, S) ->
    %% what was read ahead does not count
    S1 = forget_kept(S),
    {file:position(S1#state.file, At), S1};
file_request(truncate, S) ->
    S1 = forget_kept(S),
    {file:truncate(S1#state.file), S1};
file_request({advise, Offset, Length, Advice}, S) ->
    {file:advise(S#state.file, Offset, Length, Advice), S};
file_request({allocate, Offset, Length}, S) ->
    {file:allocate(S#state.file, Offset, Length), S};
file_request(datasync, S) -> {file:datasync(S#state.file), S};
file_request(sync, S) -> {file:sync(S#state.file), S};
file_request({read_handle_info, Options}, S) ->
    {prim_file:read_handle_info(S#state.file, Options), S};
file_request(Unknown, S) -> {{error, {request, Unknown}}, S}.

%% Moves the file's position back over what was read ahead.
forget_kept(#state{kept = <<>>} = S) -> S;
forget_kept(#state{kept = Kept, file = File} = S) ->
    _ = file:position(File, {cur, -byte_size(Kept)}),
    S#state{kept = <<>>}.

as_asked(Bytes, #state{binary = true}) -> Bytes;
as_asked(Bytes, _) -> binary_to_list(Bytes).

%%% Requests of the io protocol

io_request({put_chars, In, Chars}, S) -> put_chars(Chars, In, S);
io_request({put_chars, In, M, F, Args}, S) ->
    case catch apply(M, F, Args) of
        Chars when is_list(Chars); is_binary(Chars) ->
            put_chars(Chars, In, S);
        _ -> {{error, F}, S}
    end;
io_request({put_chars, Chars}, S) ->
    io_request({put_chars, latin1, Chars}, S);
io_request({put_chars, M, F, Args}, S) ->
    io_request({put_chars, latin1, M, F, Args}, S);
io_request({get_chars, Out, _, N}, #state{encoding = latin1} = S)
  when Out =:= latin1; Out =:= unicode ->
    get_bytes(N, Out, S);
io_request({get_chars, Out, _, N}, S) ->
    get_chars({io_lib, collect_chars, N}, Out, S);
io_request({get_line, Out, _}, S) ->
    get_chars({io_lib, collect_line, []}, Out, S);
io_request({get_until, Out, _, M, F, Args}, S) ->
    get_chars({io_lib, get_until, {M, F, Args}}, Out, S);
io_request({get_chars, Prompt, N}, S) ->
    io_request({get_chars, latin1, Prompt, N}, S);
io_request({get_line, Prompt}, S) ->
    io_request({get_line, latin1, Prompt}, S);
io_request({get_until, Prompt, M, F, Args}, S) ->
    io_request({get_until, latin1, Prompt, M, F, Args}, S);
io_request({setopts, Options}, S) when is_list(Options) ->
    setopts(Options, S);
io_request(getopts, S) ->
    {[{binary, S#state.binary}, {encoding, S#state.encoding}], S};
io_request({requests, Requests}, S) -> io_requests(Requests, {ok, S});
io_request({get_geometry, _}, S) -> {{error, enotsup}, S};
io_request(Unknown, S) -> {{error, {request, Unknown}}, S}.

io_requests([Request | Requests], {Answer, S}) when Answer =:= ok;
                                                    not is_tuple(Answer) ->
    io_requests(Requests, io_request(Request, S));
io_requests([Request | Requests], {{ok, _}, S}) ->
    io_requests(Requests, io_request(Request, S));
io_requests(_, Result) -> Result.

put_chars(Chars, In, #state{encoding = Out} = S0) ->
    S = forget_kept(S0),
    try unicode:characters_to_binary(Chars, In, Out) of
        Bytes when is_binary(Bytes) ->
            case file:write(S#state.file, Bytes) of
                ok -> {ok, S};
                Error -> {stop, Error, normal, S}
            end;
        {error, _, _} ->
            {stop, {error, {no_translation, In, Out}}, no_translation, S};
        {incomplete, _, _} ->
            {stop, {error, {no_translation, In, Out}}, no_translation, S}
    catch
        error:badarg -> {{error, {put_chars, In, Chars}}, S}
    end.

%% Bytes as they are: no characters to be taken apart.
get_bytes(N, Out, #state{kept = Kept} = S) when byte_size(Kept) >= N ->
    <<Bytes:N/binary, Rest/binary>> = Kept,
    {client_bytes(Bytes, Out, S), S#state{kept = Rest}};
get_bytes(N, Out, #state{kept = Kept} = S) ->
    case file:read(S#state.file, N - byte_size(Kept)) of
        {ok, Bytes} ->
            All = <<Kept/binary, Bytes/binary>>,
            {client_bytes(All, Out, S), S#state{kept = <<>>}};
        eof when Kept =:= <<>> -> {eof, S};
        eof -> {client_bytes(Kept, Out, S), S#state{kept = <<>>}};
        {error, _} = Error -> {Error, S}
    end.

client_bytes(Bytes, unicode, #state{binary = true}) ->
    unicode:characters_to_binary(Bytes, latin1, unicode);
client_bytes(Bytes, latin1, #state{binary = true}) -> Bytes;
client_bytes(Bytes, _, _) -> binary_to_list(Bytes).

%% See group:get_chars: a function collects characters until it has enough. It
%% gets them line by line, so that what is behind it is not taken apart and put
%% together again for each one.
get_chars(Collect, Out, S) -> collect(start, Collect, Out, S).

collect(State, Collect, Out, #state{kept = Kept, encoding = Encoding} = S) ->
    {Line, More} = first_line(Kept, Encoding),
    case decode(Line, Encoding) of
        {[_ | _] = Chars, <<>>} ->
            apply_collect(State, Chars, More, Collect, Out, S);
        {[_ | _] = Chars, Rest} ->
            apply_collect(State, Chars, <<Rest/binary, More/binary>>,
                          Collect, Out, S);
        {[], Rest} ->
            case file:read(S#state.file, ?CHUNK) of
                {ok, Bytes} ->
                    collect(State, Collect, Out,
                            S#state{kept = <<Rest/binary, Bytes/binary>>});
                eof when Rest =/= <<>> ->
                    invalid(S);
                eof -> apply_collect(State, eof, <<>>, Collect, Out, S);
                {error, _} = Error -> {Error, S}
            end;
        error -> invalid(S)
    end.

invalid(S) ->
    {stop, {error, collect_line}, no_translation, S}.

%% No byte of another character looks like a newline in these encodings.
first_line(Bytes, Encoding) when Encoding =:= latin1; Encoding =:= unicode ->
    case binary:match(Bytes, <<$\n>>) of
        {At, 1} -> split_binary(Bytes, At + 1);
        nomatch -> {Bytes, <<>>}
    end;
first_line(Bytes, _) -> {Bytes, <<>>}.

%% {Characters, BytesOfAnUnfinishedOne}, or error.
decode(Bytes, latin1) -> {binary_to_list(Bytes), <<>>};
decode(Bytes, Encoding) ->
    case unicode:characters_to_list(Bytes, Encoding) of
        Chars when is_list(Chars) -> {Chars, <<>>};
        {incomplete, Chars, Rest} -> {Chars, Rest};
        {error, [], _} -> error;
        {error, Chars, Rest} -> {Chars, Rest}
    end.

apply_collect(State, Chars, Rest, {M, F, Arg} = Collect, Out, S) ->
    case catch M:F(State, Chars, Out, Arg) of
        {stop, Result, None} when None =:= eof; None =:= [] ->
            handed(Result, Out, S#state{kept = Rest});
        {stop, Result, Left} ->
            Bytes = unicode:characters_to_binary(Left, unicode,
                                                 S#state.encoding),
            handed(Result, Out, S#state{kept = <<Bytes/binary, Rest/binary>>});
        {'EXIT', _} ->
            {{error, name(Collect)}, S};
        State1 -> collect(State1, Collect, Out, S#state{kept = Rest})
    end.

name({io_lib, get_until, {_, F, _}}) -> F;
name({_, F, _}) -> F.

%% Who cannot have what was read would not know where the file is then.
handed(Result, Out, S) ->
    case client(Result, Out, S) of
        {error, {no_translation, _, _}} = Error ->
            {stop, Error, no_translation, S};
        Text -> {Text, S}
    end.

%% Text goes out as a list or binary, in the encoding that was asked for.
client(Result, Out, #state{binary = true, encoding = In})
  when is_list(Result) ->
    case unicode:characters_to_binary(Result, unicode, Out) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> {error, {no_translation, In, Out}}
    end;
client(Result, latin1, S) when is_list(Result) ->
    case lists:all(fun(C) -> is_integer(C) andalso C =< 255 end, Result) of
        true -> Result;
        false -> {error, {no_translation, S#state.encoding, latin1}}
    end;
client(Result, _, _) -> Result.

setopts(Options, S) ->
    try lists:foldl(fun setopt/2, S, Options) of
        S1 -> {ok, S1}
    catch
        throw:badarg -> {{error, enotsup}, S}
    end.

setopt(binary, S) -> S#state{binary = true};
setopt(list, S) -> S#state{binary = false};
setopt({binary, On}, S) when is_boolean(On) -> S#state{binary = On};
setopt({list, On}, S) when is_boolean(On) -> S#state{binary = not On};
setopt({encoding, Encoding}, S) -> S#state{encoding = known(Encoding)};
setopt(Encoding, S) when Encoding =:= unicode; Encoding =:= utf8;
                         Encoding =:= latin1 ->
    S#state{encoding = known(Encoding)};
setopt(_, _) -> throw(badarg).
