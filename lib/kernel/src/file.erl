%% SPDX-License-Identifier: Apache-2.0
%% file: files and folders. An open file is a process (file_io_server) that
%% answers the io protocol too, or with mode raw a term that only its opener
%% may use, by way of prim_file.
-module(file).

-export([format_error/1, get_cwd/0, get_cwd/1, set_cwd/1, delete/1, delete/2,
         rename/2, make_dir/1, del_dir/1, del_dir_r/1, list_dir/1,
         list_dir_all/1, read_file_info/1, read_file_info/2,
         write_file_info/2, write_file_info/3, altname/1, read_link_info/1,
         read_link_info/2, read_link/1, read_link_all/1, make_link/2,
         make_symlink/2, read_file/1, read_file/2, write_file/2, write_file/3,
         ipread_s32bu_p32bu/3, open/2, close/1, advise/4, allocate/3, read/2,
         write/2, pread/2, pread/3, pwrite/2, pwrite/3, read_line/1,
         position/2, truncate/1, datasync/1, sync/1, copy/2, copy/3,
         consult/1, path_consult/2, eval/1, eval/2, path_eval/2, path_eval/3,
         path_open/3, script/1, script/2, path_script/2, path_script/3,
         change_owner/2, change_owner/3, change_group/2, change_mode/2,
         change_time/2, change_time/3, pid2name/1, sendfile/2, sendfile/5,
         raw_read_file_info/1, raw_write_file_info/2, copy_opened/3,
         ipread_s32bu_p32bu_int/3, native_name_encoding/0, file_name/1]).

-export_type([date_time/0, fd/0, file_info/0, filename/0, filename_all/0,
              io_device/0, mode/0, name/0, name_all/0, posix/0,
              location/0, delete_option/0, sendfile_option/0]).

-include_lib("kernel/include/file.hrl").

-type filename() :: string().
-type filename_all() :: string() | binary().
-type file_info() :: #file_info{}.
-type fd() :: #file_descriptor{}.
-type io_device() :: pid() | fd().
-type location() :: integer() | {bof | cur | eof, integer()} | bof | cur
                  | eof.
-type mode() :: read | write | append | exclusive | raw | binary
              | {delayed_write, non_neg_integer(), non_neg_integer()}
              | delayed_write | {read_ahead, pos_integer()} | read_ahead
              | compressed | compressed_one
              | {encoding, unicode:encoding()} | sync.
-type deep_list() :: [char() | atom() | deep_list()].
-type name() :: string() | atom() | deep_list().
-type name_all() :: string() | atom() | deep_list() | binary().
-type posix() :: atom().
-type date_time() :: calendar:datetime().
-type delete_option() :: raw.
-type sendfile_option() :: {chunk_size, non_neg_integer()} | {use_threads,
                                                              boolean()}.

-spec native_name_encoding() -> latin1 | utf8.
native_name_encoding() -> erlang:nif_error(undef).

-spec format_error(term()) -> io_lib:chars().
format_error({_, file, undefined_script}) -> "no value returned from script";
format_error({Line, file, {Class, Reason, Stack}}) ->
    io_lib:format("~w: evaluation failed with reason ~w:~w and "
                  "stacktrace ~w", [Line, Class, Reason, Stack]);
format_error({Line, file, {Reason, Stack}}) ->
    io_lib:format("~w: evaluation failed with reason ~w and stacktrace ~w",
                  [Line, Reason, Stack]);
format_error({Line, Mod, Reason}) ->
    io_lib:format("~w: ~ts", [Line, Mod:format_error(Reason)]);
format_error(badarg) -> "bad argument";
format_error(system_limit) ->
    "a system limit was hit, probably not enough ports";
format_error(terminated) -> "the file server process is terminated";
format_error(Posix) -> erl_posix_msg:message(Posix).

%%% Names

%% A name as C takes it, or {error, badarg}.
-spec file_name(name_all()) -> filename_all() | {error, badarg}.
file_name(Name) when is_binary(Name) ->
    case binary:match(Name, <<0>>) of
        nomatch -> Name;
        _ -> {error, badarg}
    end;
file_name(Name) ->
    try flat(Name, []) of
        Chars -> Chars
    catch
        throw:badarg -> {error, badarg};
        error:_ -> {error, badarg}
    end.

flat([C | Cs], Tail) when is_integer(C), C > 0 -> [C | flat(Cs, Tail)];
flat([Atom | Cs], Tail) when is_atom(Atom) ->
    flat(atom_to_list(Atom), flat(Cs, Tail));
flat([Deep | Cs], Tail) when is_list(Deep) -> flat(Deep, flat(Cs, Tail));
flat([], Tail) -> Tail;
flat(Atom, Tail) when is_atom(Atom) -> atom_to_list(Atom) ++ Tail;
flat(_, _) -> throw(badarg).

with_name(Name, Do) ->
    case file_name(Name) of
        {error, _} = Error -> Error;
        File -> Do(File)
    end.

with_names(Name1, Name2, Do) ->
    with_name(Name1, fun(A) -> with_name(Name2, fun(B) -> Do(A, B) end) end).

%%% Folders and names

-spec get_cwd() -> {ok, filename()} | {error, posix()}.
get_cwd() -> prim_file:get_cwd().

%% There are no drives here, "c:" or others.
get_cwd(Drive) -> with_name(Drive, fun prim_file:get_cwd/1).

-spec set_cwd(name_all()) -> ok | {error, term()}.
set_cwd(Dir) -> with_name(Dir, fun enter/1).

%% get_cwd could not tell where one is then.
enter(Dir) ->
    case is_binary(Dir) andalso not prim_file:is_translatable(Dir) of
        true -> {error, no_translation};
        false -> prim_file:set_cwd(Dir)
    end.

-spec delete(name_all()) -> ok | {error, posix() | badarg}.
delete(Name) -> with_name(Name, fun prim_file:delete/1).

delete(Name, Options) when is_list(Options) -> delete(Name).

-spec rename(name_all(), name_all()) -> ok | {error, posix() | badarg}.
rename(From, To) -> with_names(From, To, fun prim_file:rename/2).

-spec make_dir(name_all()) -> ok | {error, posix() | badarg}.
make_dir(Dir) -> with_name(Dir, fun prim_file:make_dir/1).

-spec del_dir(name_all()) -> ok | {error, posix() | badarg}.
del_dir(Dir) -> with_name(Dir, fun prim_file:del_dir/1).

%% Deletes a file, or a folder with all that is in it.
-spec del_dir_r(name_all()) -> ok | {error, posix() | badarg}.
del_dir_r(File) ->
    case read_link_info(File) of
        {ok, #file_info{type = directory}} ->
            case list_dir_all(File) of
                {ok, Names} -> [del_dir_r(filename:join(File, N))
                                || N <- Names];
                {error, _} -> ok
            end,
            del_dir(File);
        {ok, _} -> delete(File);
        {error, _} = Error -> Error
    end.

-spec list_dir(name_all()) -> {ok, [filename()]} | {error, term()}.
list_dir(Dir) -> with_name(Dir, fun list_names/1).

list_names(Dir) ->
    case prim_file:list_dir_all(Dir) of
        {ok, Names} = All ->
            case lists:any(fun is_binary/1, Names) of
                false -> All;
                true -> only_strings(Names, [])
            end;
        Error -> Error
    end.

%% What becomes of the others is said by the flag +fnu.
only_strings([Name | Names], Strings) when is_binary(Name) ->
    case prim_file:internal_native2name(Name) of
        {error, error} -> {error, {no_translation, Name}};
        {error, warning} ->
            error_logger:warning_msg("Non-unicode filename ~p ignored\n",
                                     [Name]),
            only_strings(Names, Strings);
        {error, ignore} -> only_strings(Names, Strings)
    end;
only_strings([Name | Names], Strings) -> only_strings(Names, [Name | Strings]);
only_strings([], Strings) -> {ok, lists:reverse(Strings)}.

-spec list_dir_all(name_all()) -> {ok, [filename_all()]} | {error, term()}.
list_dir_all(Dir) -> with_name(Dir, fun prim_file:list_dir_all/1).

-spec read_file_info(name_all() | io_device()) ->
          {ok, file_info()} | {error, term()}.
read_file_info(File) -> read_file_info(File, []).

read_file_info(Pid, Options) when is_pid(Pid), is_list(Options) ->
    request(Pid, {read_handle_info, Options});
read_file_info(#file_descriptor{module = Module} = File, Options)
  when is_list(Options) ->
    Module:read_handle_info(File, Options);
read_file_info(Name, Options) when is_list(Options) ->
    with_name(Name, fun(N) -> prim_file:read_file_info(N, Options) end).

-spec read_link_info(name_all()) -> {ok, file_info()} | {error, term()}.
read_link_info(Name) -> with_name(Name, fun prim_file:read_link_info/1).

read_link_info(Name, Options) when is_list(Options) ->
    with_name(Name, fun(N) -> prim_file:read_link_info(N, Options) end).

raw_read_file_info(Name) -> read_file_info(Name).

-spec write_file_info(name_all(), file_info()) -> ok | {error, term()}.
write_file_info(Name, #file_info{} = Info) ->
    with_name(Name, fun(N) -> prim_file:write_file_info(N, Info) end).

write_file_info(Name, #file_info{} = Info, Options) when is_list(Options) ->
    with_name(Name,
              fun(N) -> prim_file:write_file_info(N, Info, Options) end).

raw_write_file_info(Name, Info) -> write_file_info(Name, Info).

altname(Name) -> with_name(Name, fun prim_file:altname/1).

-spec read_link(name_all()) -> {ok, filename()} | {error, term()}.
read_link(Name) -> with_name(Name, fun prim_file:read_link/1).

read_link_all(Name) -> with_name(Name, fun prim_file:read_link_all/1).

make_link(Old, New) -> with_names(Old, New, fun prim_file:make_link/2).

make_symlink(Old, New) -> with_names(Old, New, fun prim_file:make_symlink/2).

change_mode(Name, Mode) when is_integer(Mode) ->
    write_file_info(Name, #file_info{mode = Mode}).

change_owner(Name, Uid) when is_integer(Uid) ->
    write_file_info(Name, #file_info{uid = Uid}).

change_owner(Name, Uid, Gid) when is_integer(Uid), is_integer(Gid) ->
    write_file_info(Name, #file_info{uid = Uid, gid = Gid}).

change_group(Name, Gid) when is_integer(Gid) ->
    write_file_info(Name, #file_info{gid = Gid}).

change_time(Name, {{_, _, _}, {_, _, _}} = Time) ->
    write_file_info(Name, #file_info{mtime = Time}).

change_time(Name, {{_, _, _}, {_, _, _}} = Atime,
            {{_, _, _}, {_, _, _}} = Mtime) ->
    write_file_info(Name, #file_info{atime = Atime, mtime = Mtime}).

%%% Whole files

-spec read_file(name_all()) -> {ok, binary()} | {error, term()}.
read_file(Name) -> with_name(Name, fun prim_file:read_file/1).

%% [raw] is for not asking the file server, which is not asked here anyway.
-spec read_file(name_all(), [raw]) -> {ok, binary()} | {error, term()}.
read_file(Name, Options) when is_list(Options) -> read_file(Name).

-spec write_file(name_all(), iodata()) -> ok | {error, term()}.
write_file(Name, Bytes) -> write_file(Name, Bytes, []).

-spec write_file(name_all(), iodata(), [mode()]) -> ok | {error, term()}.
write_file(Name, IoData, Modes) when is_list(Modes) ->
    case make_binary(IoData) of
        {error, _} = Error -> Error;
        Bytes ->
            case open(Name, [binary, raw, write | Modes -- [binary, raw]]) of
                {ok, File} ->
                    Written = write(File, Bytes),
                    case {Written, close(File)} of
                        {ok, Closed} -> Closed;
                        {Error, _} -> Error
                    end;
                {error, _} = Error -> Error
            end
    end.

make_binary(Bytes) when is_binary(Bytes) -> Bytes;
make_binary(IoData) ->
    try iolist_to_binary(IoData)
    catch error:Reason -> {error, Reason}
    end.

%%% Open files

-spec open(name_all() | iodata(), [mode() | ram | directory]) ->
          {ok, io_device()} | {error, term()}.
open(Name, Modes0) when is_list(Modes0) ->
    Modes = lists:flatmap(fun(ram) -> [];
                             (read_write) -> [read, write]; % an old word
                             (Mode) -> [Mode]
                          end, Modes0),
    case lists:member(ram, Modes0) of
        true ->
            lists:member(raw, Modes)
                andalso erlang:error(badarg, [Name, Modes0]),
            ram_file:open(Name, [ram | Modes]);
        false ->
            case lists:member(raw, Modes) of
                true -> with_name(Name, fun(N) -> open_raw(N, Modes) end);
                false ->
                    %% no link: the file's process watches its owner
                    with_name(Name,
                              fun(N) ->
                                      file_io_server:start(self(), N, Modes)
                              end)
            end
    end;
open(Name, Mode) when is_atom(Mode), Mode =/= [] -> open(Name, [Mode]);
open(_, _) -> {error, badarg}.

%% Layers that change what is read or written go between; plain files are
%% prim_file's own.
open_raw(Name, Modes) ->
    Plain = lists:delete(raw, Modes),
    Open = case lists:any(fun is_layer/1, Modes) of
        true -> fun(Ms) -> raw_file_io:open(Name, Ms) end;
        false -> fun(Ms) -> prim_file:open(Name, Ms) end
    end,
    case lists:member(binary, Modes) of
        true -> Open(Plain);
        false -> raw_file_io_list:open(Open, Plain)
    end.

is_layer(compressed) -> true;
is_layer(compressed_one) -> true;
is_layer(delayed_write) -> true;
is_layer({delayed_write, _, _}) -> true;
is_layer(_) -> false.

-spec close(io_device()) -> ok | {error, term()}.
close(File) when is_pid(File) ->
    case request(File, close) of
        {error, terminated} -> ok;
        Result -> Result
    end;
close(#file_descriptor{module = Module} = File) -> Module:close(File);
close(_) -> {error, badarg}.

%% Sends a request to the process of an open file.
request(Pid, Request) ->
    Monitor = monitor(process, Pid),
    Pid ! {file_request, self(), Monitor, Request},
    receive
        {file_reply, Monitor, Reply} ->
            demonitor(Monitor, [flush]),
            Reply;
        {'DOWN', Monitor, _, _, _} -> {error, terminated}
    end.

-spec advise(io_device(), integer(), integer(), atom()) ->
          ok | {error, term()}.
advise(File, Offset, Length, Advice) when is_pid(File) ->
    request(File, {advise, Offset, Length, Advice});
advise(#file_descriptor{module = Module} = File, Offset, Length, Advice) ->
    Module:advise(File, Offset, Length, Advice);
advise(_, _, _, _) -> {error, badarg}.

allocate(#file_descriptor{module = Module} = File, Offset, Length) ->
    Module:allocate(File, Offset, Length);
allocate(File, Offset, Length) when is_pid(File) ->
    request(File, {allocate, Offset, Length}).

-spec read(io_device(), non_neg_integer()) ->
          {ok, string() | binary()} | eof | {error, term()}.
read(File, Size) when (is_pid(File) orelse is_atom(File)), is_integer(Size),
                      Size >= 0 ->
    case io:request(File, {get_chars, latin1, '', Size}) of
        Data when is_list(Data); is_binary(Data) -> {ok, Data};
        Other -> Other
    end;
read(#file_descriptor{module = Module} = File, Size)
  when is_integer(Size), Size >= 0 ->
    Module:read(File, Size);
read(_, _) -> {error, badarg}.

-spec read_line(io_device()) ->
          {ok, string() | binary()} | eof | {error, term()}.
read_line(File) when is_pid(File); is_atom(File) ->
    case io:request(File, {get_line, latin1, ''}) of
        Data when is_list(Data); is_binary(Data) -> {ok, Data};
        Other -> Other
    end;
read_line(#file_descriptor{module = Module} = File) ->
    Module:read_line(File);
read_line(_) -> {error, badarg}.

-spec pread(io_device(), [{location(), non_neg_integer()}]) ->
          {ok, [term()]} | eof | {error, term()}.
pread(File, Places) when is_pid(File), is_list(Places) ->
    pread_each(File, Places, []);
pread(#file_descriptor{module = Module} = File, Places)
  when is_list(Places) ->
    Module:pread(File, Places);
pread(_, _) -> {error, badarg}.

pread_each(File, [{At, Size} | Places], Acc) ->
    case pread(File, At, Size) of
        {ok, Data} -> pread_each(File, Places, [Data | Acc]);
        eof -> pread_each(File, Places, [eof | Acc]);
        {error, _} = Error -> Error
    end;
pread_each(_, [], Acc) -> {ok, lists:reverse(Acc)};
pread_each(_, _, _) -> {error, badarg}.

-spec pread(io_device(), location(), non_neg_integer()) ->
          {ok, string() | binary()} | eof | {error, term()}.
pread(File, At, Size) when is_pid(File), is_integer(Size), Size >= 0 ->
    request(File, {pread, At, Size});
pread(#file_descriptor{module = Module} = File, At, Size)
  when is_integer(At), is_integer(Size), Size >= 0 ->
    Module:pread(File, At, Size);
pread(#file_descriptor{} = File, At, Size) when is_integer(Size), Size >= 0 ->
    case position(File, At) of
        {ok, _} -> read(File, Size);
        Error -> Error
    end;
pread(_, _, _) -> {error, badarg}.

-spec write(io_device(), iodata()) -> ok | {error, term()}.
write(File, Bytes) when is_pid(File); is_atom(File) ->
    case make_binary(Bytes) of
        Data when is_binary(Data) ->
            io:request(File, {put_chars, latin1, Data});
        Error -> Error
    end;
write(#file_descriptor{module = Module} = File, Bytes) ->
    Module:write(File, Bytes);
write(_, _) -> {error, badarg}.

-spec pwrite(io_device(), [{location(), iodata()}]) ->
          ok | {error, {non_neg_integer(), term()}}.
pwrite(File, Places) when is_pid(File), is_list(Places) ->
    pwrite_each(File, Places, 0);
pwrite(#file_descriptor{module = Module} = File, Places)
  when is_list(Places) ->
    Module:pwrite(File, Places);
pwrite(_, _) -> {error, badarg}.

pwrite_each(File, [{At, Bytes} | Places], N) ->
    case pwrite(File, At, Bytes) of
        ok -> pwrite_each(File, Places, N + 1);
        {error, Reason} -> {error, {N, Reason}}
    end;
pwrite_each(_, [], _) -> ok;
pwrite_each(_, _, _) -> {error, badarg}.

-spec pwrite(io_device(), location(), iodata()) -> ok | {error, term()}.
pwrite(File, At, Bytes) when is_pid(File) ->
    request(File, {pwrite, At, Bytes});
pwrite(#file_descriptor{module = Module} = File, At, Bytes)
  when is_integer(At) ->
    Module:pwrite(File, At, Bytes);
pwrite(#file_descriptor{} = File, At, Bytes) ->
    case position(File, At) of
        {ok, _} -> write(File, Bytes);
        Error -> Error
    end;
pwrite(_, _, _) -> {error, badarg}.

-spec position(io_device(), location()) ->
          {ok, integer()} | {error, term()}.
position(File, At) when is_pid(File) -> request(File, {position, At});
position(#file_descriptor{module = Module} = File, At) ->
    Module:position(File, At);
position(_, _) -> {error, badarg}.

-spec truncate(io_device()) -> ok | {error, term()}.
truncate(File) when is_pid(File) -> request(File, truncate);
truncate(#file_descriptor{module = Module} = File) -> Module:truncate(File);
truncate(_) -> {error, badarg}.

datasync(File) when is_pid(File) -> request(File, datasync);
datasync(#file_descriptor{module = Module} = File) -> Module:datasync(File);
datasync(_) -> {error, badarg}.

sync(File) when is_pid(File) -> request(File, sync);
sync(#file_descriptor{module = Module} = File) -> Module:sync(File);
sync(_) -> {error, badarg}.

%% A pointer of a dets file and what it points to.
ipread_s32bu_p32bu(File, At, Max) when is_pid(File) ->
    ipread_s32bu_p32bu_int(File, At, Max);
ipread_s32bu_p32bu(#file_descriptor{module = Module} = File, At, Max) ->
    Module:ipread_s32bu_p32bu(File, At, Max);
ipread_s32bu_p32bu(_, _, _) -> {error, badarg}.

ipread_s32bu_p32bu_int(File, At, Infinity) when is_atom(Infinity) ->
    ipread_s32bu_p32bu_int(File, At, (1 bsl 31) - 1);
ipread_s32bu_p32bu_int(File, At, Max) ->
    case pread(File, At, 8) of
        {ok, Header} ->
            case iolist_to_binary(Header) of
                <<0:32, Pos:32>> -> {ok, {0, Pos, eof}};
                <<Size:32, Pos:32>> when Size =< Max ->
                    case pread(File, Pos, Size) of
                        {ok, Data} -> {ok, {Size, Pos, Data}};
                        eof -> {ok, {Size, Pos, eof}};
                        Error -> Error
                    end;
                _ -> eof
            end;
        Other -> Other
    end.

%% The name of the file that process [Pid] serves.
-spec pid2name(pid()) -> {ok, filename()} | undefined.
pid2name(Pid) when is_pid(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Dictionary} ->
            case lists:keyfind('$file_name', 1, Dictionary) of
                {_, Name} -> {ok, Name};
                false -> undefined
            end;
        undefined -> undefined
    end.

%%% Copying

copy(From, To) -> copy(From, To, infinity).

-spec copy(io_device() | name_all() | {name_all(), [mode()]},
           io_device() | name_all() | {name_all(), [mode()]},
           non_neg_integer() | infinity) ->
          {ok, non_neg_integer()} | {error, term()}.
copy(From, To, Count)
  when is_integer(Count), Count >= 0; Count =:= infinity ->
    with_open(From, [read, binary],
              fun(In) ->
                      with_open(To, [write, binary],
                                fun(Out) -> copy_opened(In, Out, Count) end)
              end);
copy(_, _, _) -> {error, badarg}.

with_open(File, _, Do) when is_pid(File); is_record(File, file_descriptor) ->
    Do(File);
with_open({Name, Modes}, Base, Do) when is_list(Modes) ->
    open_and(Name, Base ++ Modes, Do);
with_open(Name, Base, Do) -> open_and(Name, [raw | Base], Do).

open_and(Name, Modes, Do) ->
    case open(Name, Modes) of
        {ok, File} ->
            Result = Do(File),
            case {Result, close(File)} of
                {{ok, _}, {error, _} = Error} -> Error;
                _ -> Result
            end;
        {error, _} = Error -> Error
    end.

copy_opened(In, Out, Count) -> copy_chunks(In, Out, Count, 0).

copy_chunks(_, _, Done, Done) -> {ok, Done};
copy_chunks(In, Out, Count, Done) ->
    case read(In, min(65536, left(Count, Done))) of
        {ok, Data} ->
            Bytes = iolist_to_binary(Data),
            case write(Out, Bytes) of
                ok -> copy_chunks(In, Out, Count, Done + byte_size(Bytes));
                Error -> Error
            end;
        eof -> {ok, Done};
        Error -> Error
    end.

left(infinity, _) -> 65536;
left(Count, Done) -> Count - Done.

%%% Files of terms and expressions

-spec consult(name_all()) -> {ok, [term()]} | {error, term()}.
consult(Name) ->
    case source(Name) of
        {ok, Text} -> terms(Text, 1, []);
        Error -> Error
    end.

%% The characters of a source file, which may name its encoding.
source(Name) ->
    case read_file(Name) of
        {ok, Bytes} ->
            Encoding = case epp:read_encoding_from_binary(Bytes) of
                           none -> utf8;
                           Known -> Known
                       end,
            case unicode:characters_to_list(Bytes, Encoding) of
                Text when is_list(Text) -> {ok, Text};
                {_, Good, _} ->
                    Line = 1 + length([C || C <- Good, C =:= $\n]),
                    {error, {Line, file_io_server, invalid_unicode}}
            end;
        Error -> Error
    end.

terms(Text, Line, Acc) ->
    case tokens(Text, Line) of
        {ok, Tokens, Line1, Rest} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> terms(Rest, Line1, [Term | Acc]);
                {error, Reason} -> {error, Reason}
            end;
        eof -> {ok, lists:reverse(Acc)};
        {error, Reason} -> {error, Reason}
    end.

%% The tokens up to the next full stop.
tokens(Text, Line) ->
    case erl_scan:tokens([], Text, Line) of
        {done, Result, Rest} -> done(Result, Rest);
        {more, Continuation} ->
            {done, Result, _} = erl_scan:tokens(Continuation, eof, Line),
            done(Result, [])
    end.

done({ok, Tokens, Line}, Rest) -> {ok, Tokens, Line, Rest};
done({eof, _}, _) -> eof;
done({error, Reason, _}, _) -> {error, Reason}.

-spec path_consult([name_all()], name_all()) ->
          {ok, [term()], filename_all()} | {error, term()}.
path_consult(Path, Name) ->
    in_path(Path, Name,
            fun(Full) ->
                    case consult(Full) of
                        {ok, Terms} -> {ok, Terms, Full};
                        Error -> Error
                    end
            end).

%% Does [Do] on the first file [Name] of a folder of [Path] that exists.
in_path(Path, Name, Do) ->
    case file_name(Name) of
        {error, _} = Error -> Error;
        File ->
            case filename:pathtype(File) of
                relative -> path_open_first(Path, File, Do);
                _ -> Do(File)
            end
    end.

path_open_first([Dir | Dirs], Name, Do) ->
    case file_name(Dir) of
        {error, _} = Error -> Error;
        Folder ->
            case Do(filename:join(Folder, Name)) of
                {error, enoent} -> path_open_first(Dirs, Name, Do);
                {error, enotdir} -> path_open_first(Dirs, Name, Do);
                Result -> Result
            end
    end;
path_open_first([], _, _) -> {error, enoent}.

-spec path_open([name_all()], name_all(), [mode()]) ->
          {ok, io_device(), filename_all()} | {error, term()}.
path_open(Path, Name, Modes) ->
    in_path(Path, Name,
            fun(Full) ->
                    case open(Full, Modes) of
                        {ok, File} -> {ok, File, Full};
                        Error -> Error
                    end
            end).

-spec eval(name_all()) -> ok | {error, term()}.
eval(Name) -> eval(Name, erl_eval:new_bindings()).

eval(Name, Bindings) -> without_value(script(Name, Bindings)).

without_value({ok, _}) -> ok;
without_value({error, {_, file, undefined_script}}) -> ok;
without_value(Error) -> Error.

path_eval(Path, Name) -> path_eval(Path, Name, erl_eval:new_bindings()).

path_eval(Path, Name, Bindings) ->
    in_path(Path, Name,
            fun(Full) ->
                    case eval(Full, Bindings) of
                        ok -> {ok, Full};
                        Error -> Error
                    end
            end).

-spec script(name_all()) -> {ok, term()} | {error, term()}.
script(Name) -> script(Name, erl_eval:new_bindings()).

script(Name, Bindings) ->
    case source(Name) of
        {ok, Text} -> expressions(Text, 1, Bindings, none);
        Error -> Error
    end.

path_script(Path, Name) -> path_script(Path, Name, erl_eval:new_bindings()).

path_script(Path, Name, Bindings) ->
    in_path(Path, Name,
            fun(Full) ->
                    case script(Full, Bindings) of
                        {ok, Value} -> {ok, Value, Full};
                        Error -> Error
                    end
            end).

%% Evaluates the expressions of a file one after the other; answers the value
%% of the last.
expressions(Text, Line, Bindings, Last) ->
    case tokens(Text, Line) of
        {ok, Tokens, Line1, Rest} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, Exprs} ->
                    case evaluate(Exprs, Bindings, Line) of
                        {value, Value, Bindings1} ->
                            expressions(Rest, Line1, Bindings1, {ok, Value});
                        Error -> Error
                    end;
                {error, Reason} -> {error, Reason}
            end;
        eof when Last =:= none -> {error, {Line, file, undefined_script}};
        eof -> Last;
        {error, Reason} -> {error, Reason}
    end.

evaluate(Exprs, Bindings, Line) ->
    try erl_eval:exprs(Exprs, Bindings) of
        {value, _, _} = Result -> Result
    catch
        Class:Reason:Stack -> {error, {Line, file, {Class, Reason, Stack}}}
    end.

%%% Files to sockets

sendfile(Name, Socket) ->
    case open(Name, [read, raw, binary]) of
        {error, _} = Error -> Error;
        {ok, File} ->
            Result = sendfile(File, Socket, 0, 0, []),
            ok = close(File),
            Result
    end.

-spec sendfile(fd(), term(), non_neg_integer(), non_neg_integer(),
               [sendfile_option()]) ->
          {ok, non_neg_integer()} | {error, term()}.
sendfile(#file_descriptor{} = File, Socket, Offset, Bytes, Options)
  when is_list(Options), is_integer(Offset), is_integer(Bytes) ->
    Chunk = try proplists:get_value(chunk_size, Options, 65536)
            catch error:_ -> none
            end,
    if
        not is_integer(Chunk); Chunk =< 0 -> {error, badarg};
        Offset < 0; Bytes < 0 -> {error, einval};
        true ->
            Count = case Bytes of
                        0 -> infinity;
                        _ -> Bytes
                    end,
            case send_natively(File, Socket, Offset, Bytes) of
                {error, enotsup} ->
                    {ok, Before} = position(File, cur),
                    {ok, _} = position(File, Offset),
                    Result = send_chunks(File, sender(Socket), Count,
                                         min(Chunk, 65536), 0),
                    {ok, _} = position(File, Before),
                    Result;
                Result -> Result
            end
    end;
sendfile(_, _, _, _, _) -> {error, badarg}.

send_natively(#file_descriptor{module = Module} = File, Socket, Offset, Bytes)
  when is_port(Socket), Module =:= prim_file orelse
                        Module =:= raw_file_io_list ->
    Module:sendfile(File, Socket, Offset, Bytes, 0, [], [], []);
send_natively(_, _, _, _) -> {error, enotsup}.

%% Sockets of both kinds, and a function that sends.
sender(Send) when is_function(Send, 1) -> Send;
sender({'$socket', _} = Socket) ->
    fun(Data) -> socket:send(Socket, Data) end;
sender(Socket) -> fun(Data) -> gen_tcp:send(Socket, Data) end.

send_chunks(_, _, Done, _, Done) -> {ok, Done};
send_chunks(File, Send, Count, Chunk, Done) ->
    case read(File, min(Chunk, left(Count, Done))) of
        {ok, Data} ->
            case Send(Data) of
                ok -> send_chunks(File, Send, Count, Chunk,
                                  Done + iolist_size(Data));
                Error -> Error
            end;
        eof -> {ok, Done};
        Error -> Error
    end.
