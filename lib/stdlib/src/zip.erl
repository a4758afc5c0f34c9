%% SPDX-License-Identifier: Apache-2.0
%% zip: archives of files, stored or deflated, without Zip64 and encryption.
%%
%% An archive has a header and the bytes of each file, then the directory with
%% an entry for each, then its end record, which is looked for from the back.
-module(zip).

-export([zip/2, zip/3, create/2, create/3, unzip/1, unzip/2, extract/1,
         extract/2, list_dir/1, list_dir/2, table/1, table/2, t/1, tt/1,
         foldl/3]).
-export([zip_open/1, zip_open/2, zip_get/1, zip_get/2, zip_list_dir/1,
         zip_list_dir/2, zip_t/1, zip_tt/1, zip_close/1]).
-export([openzip_open/1, openzip_open/2, openzip_get/1, openzip_get/2,
         openzip_list_dir/1, openzip_list_dir/2, openzip_t/1, openzip_tt/1,
         openzip_close/1]).

-include_lib("kernel/include/file.hrl").
-include("zip.hrl").

-define(LOCAL, 16#04034b50).
-define(CENTRAL, 16#02014b50).
-define(END, 16#06054b50).
-define(END_SIZE, 22).

%% A file in an archive as its directory has it.
-record(entry, {name, method, time, crc, packed, size, offset, comment, mode,
                version = 20}).

-type source() :: file:filename() | {file:filename(), binary()}
                | {file:filename(), binary(), file:file_info()}.

%% ---- Making ----

create(Archive, Files) -> zip(Archive, Files, []).
create(Archive, Files, Options) -> zip(Archive, Files, Options).

zip(Archive, Files) -> zip(Archive, Files, []).

%% Options: memory, {cwd, Folder}, {comment, Text}, verbose, {compress, all |
%% [Extension]}, {uncompress, [Extension]}.
-spec zip(file:filename(), [source()], list()) ->
          {ok, file:filename()} | {ok, {file:filename(), binary()}}
          | {error, term()}.
zip(Archive, Files, Options) ->
    try
        is_list(Files) orelse throw({error, einval}),
        check(Options, fun is_zip_option/1),
        Cwd = proplists:get_value(cwd, Options, ""),
        Sources = lists:flatmap(fun(F) -> source(F, Cwd) end, Files),
        Bytes = archive(Sources, Options),
        case lists:member(memory, Options) of
            true -> {ok, {Archive, Bytes}};
            false ->
                ok = written(file:write_file(Archive, Bytes)),
                {ok, Archive}
        end
    catch throw:{error, _} = Error -> Error
    end.

check(Options, IsOption) ->
    [throw({error, {bad_option, O}}) || O <- Options, not IsOption(O)].

is_zip_option({compress, Which}) -> is_extensions(Which);
is_zip_option({uncompress, Which}) -> is_extensions(Which);
is_zip_option({comment, _}) -> true;
is_zip_option(verbose) -> true;
is_zip_option(Option) -> is_open_option(Option).

is_unzip_option({file_filter, _}) -> true;
is_unzip_option({file_list, _}) -> true;
is_unzip_option(keep_old_files) -> true;
is_unzip_option(verbose) -> true;
is_unzip_option(Option) -> is_open_option(Option).

is_open_option({cwd, _}) -> true;
is_open_option(Option) -> Option =:= memory orelse Option =:= cooked.

is_list_option(Option) -> Option =:= names_only orelse Option =:= cooked.

is_extensions({Change, L}) when Change =:= add; Change =:= del -> is_list(L);
is_extensions(Which) -> Which =:= all orelse is_list(Which).

written(ok) -> ok;
written({error, Reason}) -> throw({error, Reason}).

%% [{Name, Bytes, Info}]; of folders all that is in them.
source({Name, Bytes}, _) ->
    Now = calendar:local_time(),
    [{Name, Bytes, #file_info{size = byte_size(Bytes), type = regular,
                              access = read_write, mtime = Now, mode = 8#644}}];
source({Name, Bytes, #file_info{} = Info}, _) -> [{Name, Bytes, Info}];
source(Name, Cwd) ->
    Path = case Cwd of
               "" -> Name;
               _ -> filename:join(Cwd, Name)
           end,
    case file:read_file_info(Path) of
        {ok, #file_info{type = directory} = Info} ->
            {ok, Names} = file:list_dir(Path),
            [{Name ++ "/", <<>>, Info}
             | lists:flatmap(fun(N) -> source(filename:join(Name, N), Cwd) end,
                             lists:sort(Names))];
        {ok, Info} ->
            {ok, Bytes} = file:read_file(Path),
            [{Name, Bytes, Info}];
        {error, Reason} -> throw({error, Reason})
    end.

archive(Sources, Options) ->
    {Parts, {Entries, Offset}} = lists:mapfoldl(
        fun(Source, {Es, At}) ->
            {Bytes, Entry} = packed(Source, At, Options),
            {Bytes, {[Entry | Es], At + iolist_size(Bytes)}}
        end, {[], 0}, Sources),
    Directory = [central(E) || E <- lists:reverse(Entries)],
    Comment = text(proplists:get_value(comment, Options, "")),
    N = length(Entries),
    End = <<?END:32/little, 0:16, 0:16, N:16/little, N:16/little,
            (iolist_size(Directory)):32/little, Offset:32/little,
            (byte_size(Comment)):16/little, Comment/binary>>,
    iolist_to_binary([Parts, Directory, End]).

packed({Name, Bytes, Info}, Offset, Options) ->
    told("adding", Name, Options),
    Deflated = case compresses(Name, Options) of
                   true -> zlib:zip(Bytes);
                   false -> Bytes
               end,
    {Method, Data} = case byte_size(Deflated) < byte_size(Bytes) of
                         true -> {8, Deflated};
                         false -> {0, Bytes}
                     end,
    E = #entry{name = text(Name), method = Method, crc = erlang:crc32(Bytes),
               time = dos_time(Info#file_info.mtime), size = byte_size(Bytes),
               packed = byte_size(Data), offset = Offset, comment = <<>>,
               mode = Info#file_info.mode},
    {[local(E), Data], E}.

%% Packed files are not packed again.
compresses(Name, Options) ->
    Extension = filename:extension(Name),
    Never = [".Z", ".zip", ".zoo", ".arc", ".lzh", ".arj"],
    is_in(Extension, extensions(compress, Options, all))
        andalso not is_in(Extension, extensions(uncompress, Options, Never)).

is_in(_, all) -> true;
is_in(Extension, Extensions) -> lists:member(Extension, Extensions).

%% Each option of that name changes what the ones before it said.
extensions(Key, Options, Default) ->
    lists:foldl(fun({add, New}, Old) when is_list(Old) -> Old ++ New;
                   ({del, New}, Old) when is_list(Old) -> Old -- New;
                   ({_, _}, all) -> all;
                   (New, _) -> New
                end, Default, [What || {K, What} <- Options, K =:= Key]).

text(Text) -> unicode:characters_to_binary(Text).

%% What local header and directory both say.
common(#entry{method = Method, time = Time, crc = Crc, packed = Packed,
              size = Size, name = Name}) ->
    <<20:16/little, (utf8_flag(Name)):16/little, Method:16/little, Time/binary,
      Crc:32/little, Packed:32/little, Size:32/little,
      (byte_size(Name)):16/little, 0:16>>.

utf8_flag(Name) ->
    case << <<C>> || <<C>> <= Name, C > 127 >> of
        <<>> -> 0;
        _ -> 16#800
    end.

local(#entry{name = Name} = E) ->
    [<<?LOCAL:32/little>>, common(E), Name].

central(#entry{name = Name, offset = Offset, mode = Mode} = E) ->
    %% 54 is the mode of what came out of an archive: of no known one
    Attributes = case Mode of
                     _ when Mode =:= undefined; Mode =:= 54 -> 8#644;
                     _ -> Mode
                 end,
    [<<?CENTRAL:32/little, 20, 3>>, common(E),
     <<0:16, 0:16, 0:16, 0:16, Attributes:16/little, Offset:32/little>>, Name].

dos_time({{Y, Mo, D}, {H, Mi, S}}) ->
    Time = (H bsl 11) bor (Mi bsl 5) bor (S div 2),
    Date = ((Y - 1980) bsl 9) bor (Mo bsl 5) bor D,
    <<Time:16/little, Date:16/little>>;
dos_time(_) -> <<0:16, 33:16/little>>.

%% ---- Reading ----

%% A name, or the bytes.
bytes(Archive) when is_binary(Archive) -> Archive;
bytes(File) when is_list(File) ->
    case file:read_file(File) of
        {ok, Bytes} when byte_size(Bytes) < ?END_SIZE -> throw({error, einval});
        {ok, Bytes} -> Bytes;
        {error, Reason} -> throw({error, Reason})
    end;
bytes(_) -> throw({error, einval}).

%% {Comment, [#entry{}]}.
directory(Bytes) ->
    case end_record(Bytes, byte_size(Bytes) - ?END_SIZE) of
        {N, Offset, Comment} ->
            <<_:Offset/binary, Central/binary>> = Bytes,
            {Comment, entries(N, Central)};
        none -> throw({error, bad_eocd})
    end.

end_record(_, At) when At < 0 -> none;
end_record(Bytes, At) ->
    case Bytes of
        <<_:At/binary, ?END:32/little, _:16, _:16, _:16, N:16/little,
          _:32, Offset:32/little, Size:16/little, Comment:Size/binary,
          _/binary>> ->
            {N, Offset, characters(Comment)};
        _ -> end_record(Bytes, At - 1)
    end.

entries(0, _) -> [];
entries(N, <<?CENTRAL:32/little, _:16, _:16, _:16, Method:16/little,
             Time:16/little, Date:16/little, Crc:32/little, Packed:32/little,
             Size:32/little, NameSize:16/little, ExtraSize:16/little,
             CommentSize:16/little, _:16, _:16, _:16, Mode:16/little,
             Offset:32/little, Name:NameSize/binary, _:ExtraSize/binary,
             Comment:CommentSize/binary, Rest/binary>>) ->
    [#entry{name = characters(Name), method = Method, crc = Crc, size = Size,
            packed = Packed, offset = Offset, comment = characters(Comment),
            time = datetime(Date, Time), mode = Mode} | entries(N - 1, Rest)];
entries(_, _) -> throw({error, bad_central_directory}).

characters(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

datetime(Date, Time) ->
    {{1980 + (Date bsr 9), (Date bsr 5) band 15, Date band 31},
     {Time bsr 11, (Time bsr 5) band 63, 2 * (Time band 31)}}.

content(#entry{name = Name, offset = Offset, packed = Packed, method = Method,
               crc = Crc}, Bytes) ->
    case Bytes of
        <<_:Offset/binary, ?LOCAL:32/little, _:16, Flags:16/little, _:48,
          LocalCrc:32/little, _:64, NameSize:16/little, ExtraSize:16/little,
          _:NameSize/binary, _:ExtraSize/binary, Data:Packed/binary,
          _/binary>> ->
            Plain = unpacked(Method, Data),
            %% a file that was written without going back has its sum behind
            %% it, and none in its header
            Sums = [LocalCrc || Flags band 8 =:= 0] ++ [Crc],
            Sum = erlang:crc32(Plain),
            [throw({error, {bad_crc, Name}}) || S <- Sums, S =/= Sum],
            Plain;
        _ -> throw({error, bad_file_header})
    end.

unpacked(0, Data) -> Data;
unpacked(8, Data) ->
    try zlib:unzip(Data)
    catch error:_ -> throw({error, data_error})
    end;
unpacked(Method, _) -> throw({error, {bad_compression_method, Method}}).

zip_file(#entry{name = Name, size = Size, time = Time, comment = Comment,
                offset = Offset, packed = Packed}) ->
    Type = case lists:suffix("/", Name) of
               true -> directory;
               false -> regular
           end,
    #zip_file{name = Name, comment = Comment, offset = Offset,
              comp_size = Packed,
              info = #file_info{size = Size, type = Type, access = read_write,
                                atime = Time, mtime = Time, ctime = Time,
                                mode = 54, links = 1, major_device = 0,
                                minor_device = 0, inode = 0, uid = 0, gid = 0}}.

extract(Archive) -> unzip(Archive, []).
extract(Archive, Options) -> unzip(Archive, Options).

unzip(Archive) -> unzip(Archive, []).

%% Options: memory, {cwd, Folder}, {file_list, Names}, {file_filter, Fun},
%% keep_old_files, verbose. Names that lead out of the folder are passed over.
-spec unzip(file:filename() | binary(), list()) ->
          {ok, [file:filename() | {file:filename(), binary()}]} | {error, term()}.
unzip(Archive, Options) ->
    try
        check(Options, fun is_unzip_option/1),
        Bytes = bytes(Archive),
        {_, All} = directory(Bytes),
        Filter = proplists:get_value(file_filter, Options, fun(_) -> true end),
        Wanted = [E || E <- All, is_listed(E, Options), Filter(zip_file(E)),
                       not is_kept(E, Options)],
        {ok, lists:append([unzip_one(E, Bytes, Options) || E <- Wanted])}
    catch throw:{error, Reason} -> {error, Reason}
    end.

is_listed(#entry{name = Name}, Options) ->
    case proplists:get_value(file_list, Options, all) of
        all -> true;
        Names -> lists:member(Name, Names)
    end.

%% The name counts as it stands, not within the folder of cwd.
is_kept(#entry{name = Name}, Options) ->
    lists:member(keep_old_files, Options) andalso filelib:is_file(Name).

told(What, Name, Options) ->
    lists:member(verbose, Options) andalso
        io:format("~s: ~ts~n", [What, io_lib:write_string(Name)]).

unzip_one(#entry{name = Name} = E, Bytes, Options) ->
    told("extracting", Name, Options),
    Cwd = proplists:get_value(cwd, Options, ""),
    case lists:member(memory, Options) of
        true ->
            [{in_folder(Cwd, Name), content(E, Bytes)}
             || not lists:suffix("/", Name)];
        false -> unzip_file(E, safe_path(Cwd, Name), Bytes)
    end.

%% A name that leads out of the folder is cut to its last part.
safe_path(Cwd, Name) ->
    case filelib:safe_relative_path(Name, []) of
        unsafe ->
            error_logger:format("Illegal path: ~ts, extracting in ~ts~n",
                                [in_folder(Cwd, Name), Cwd]),
            in_folder(Cwd, filename:basename(Name));
        _ -> in_folder(Cwd, Name)
    end.

in_folder("", Name) -> Name;
in_folder(Cwd, Name) -> filename:join(Cwd, Name).

%% The files that were written; folders are made for them only.
unzip_file(#entry{name = Name} = E, Path, Bytes) ->
    case lists:suffix("/", Name) of
        true ->
            ok = written(filelib:ensure_dir(Path ++ "/x")),
            [];
        false ->
            ok = written(filelib:ensure_dir(Path)),
            ok = written(file:write_file(Path, content(E, Bytes))),
            _ = file:write_file_info(Path, #file_info{mtime = E#entry.time}),
            [Path]
    end.

table(Archive) -> list_dir(Archive, []).
table(Archive, Options) -> list_dir(Archive, Options).

list_dir(Archive) -> list_dir(Archive, []).

-spec list_dir(file:filename() | binary(), list()) ->
          {ok, [#zip_comment{} | #zip_file{}] | [file:filename()]}
          | {error, term()}.
list_dir(Archive, Options) ->
    try
        check(Options, fun is_list_option/1),
        {Comment, Entries} = directory(bytes(Archive)),
        {ok, case lists:member(names_only, Options) of
                 true -> [Name || #entry{name = Name} <- Entries];
                 false -> [#zip_comment{comment = Comment}
                           | [zip_file(E) || E <- Entries]]
             end}
    catch throw:{error, Reason} -> {error, Reason}
    end.

%% Prints the names.
t(Archive) -> print(Archive, fun(#zip_file{name = N}) -> io:format("~ts~n", [N]) end).

tt(Archive) -> print(Archive, fun print_long/1).

print(Pid, Print) when is_pid(Pid) ->
    {ok, Bytes} = ask(Pid, bytes),
    print(Bytes, Print);
print({openzip, Bytes, _}, Print) -> print(Bytes, Print);
print(Archive, Print) ->
    case list_dir(Archive) of
        {ok, [#zip_comment{comment = Comment} | Files]} ->
            Comment =:= "" orelse io:format("Archive comment: ~ts~n", [Comment]),
            lists:foreach(Print, Files);
        Error -> Error
    end.

print_long(#zip_file{name = Name, comment = Comment, comp_size = Packed,
                     info = #file_info{size = Size, mtime = Time}}) ->
    Percent = case Size of
                  0 -> 100;
                  _ -> round(Packed * 100 / Size)
              end,
    io:format("~8w ~s ~8w ~2w% ~ts ~ts~n",
              [Packed, time(Time), Size, Percent, Name, Comment]).

time({{Y, Mo, D}, {H, Mi, _}}) ->
    Month = element(Mo, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                         "Sep", "Oct", "Nov", "Dec"}),
    io_lib:format("~s ~2w ~2..0w:~2..0w ~w", [Month, D, H, Mi, Y]).

%% Fun(Name, GetInfo, GetBytes, Acc) for each file.
foldl(Fun, Acc, Archive) when is_function(Fun, 4) ->
    case folded_bytes(Archive) of
        {ok, Bytes} ->
            %% what Fun throws is not caught here
            try directory(Bytes) of
                {_, Entries} ->
                    {ok, lists:foldl(fun(E, A) -> fold(Fun, E, Bytes, A) end,
                                     Acc, Entries)}
            catch throw:{error, Reason} -> {error, Reason}
            end;
        Error -> Error
    end;
foldl(_, _, _) ->
    {error, einval}.

folded_bytes({Name, Bytes}) when is_list(Name), is_binary(Bytes) -> {ok, Bytes};
folded_bytes(File) when is_list(File) -> file:read_file(File);
folded_bytes(_) -> {error, einval}.

fold(Fun, #entry{name = Name} = E, Bytes, Acc) ->
    Info = (zip_file(E))#zip_file.info,
    Fun(Name, fun() -> Info end, fun() -> content(E, Bytes) end, Acc).

%% ---- An archive that stays open, as a value ----

openzip_open(Archive) -> openzip_open(Archive, []).

openzip_open(Archive, Options) ->
    try
        check(Options, fun is_open_option/1),
        Bytes = bytes(Archive),
        _ = directory(Bytes),
        {ok, {openzip, Bytes, Options}}
    catch throw:{error, Reason} -> {error, Reason}
    end.

openzip_get({openzip, Bytes, Options}) -> served(all, Bytes, Options);
openzip_get(_) -> {error, einval}.

openzip_get(Name, {openzip, Bytes, Options}) ->
    served({get, Name}, Bytes, Options);
openzip_get(_, _) -> {error, einval}.

openzip_list_dir({openzip, Bytes, _}) -> list_dir(Bytes);
openzip_list_dir(_) -> {error, einval}.

openzip_list_dir({openzip, Bytes, _}, [names_only]) ->
    list_dir(Bytes, [names_only]);
openzip_list_dir(_, _) -> {error, einval}.

openzip_t({openzip, _, _} = Open) -> t(Open).

openzip_tt({openzip, _, _} = Open) -> tt(Open).

openzip_close({openzip, _, _}) -> ok;
openzip_close(_) -> {error, einval}.

%% ---- An archive that stays open, in a process ----

zip_open(Archive) -> zip_open(Archive, []).

zip_open(Archive, Options) ->
    case openzip_open(Archive, Options) of
        {ok, Open} ->
            Owner = self(),
            {ok, spawn(fun() -> serve(Open, monitor(process, Owner)) end)};
        Error -> Error
    end.

serve({openzip, Bytes, Options} = Open, Ref) ->
    receive
        {From, close} -> From ! {self(), ok};
        {From, list_dir} -> serve(From, openzip_list_dir(Open), Open, Ref);
        {From, {list_dir, How}} ->
            serve(From, openzip_list_dir(Open, How), Open, Ref);
        {From, Request} ->
            serve(From, served(Request, Bytes, Options), Open, Ref);
        {'DOWN', Ref, process, _, _} -> ok
    end.

serve(From, Answer, Open, Ref) ->
    From ! {self(), Answer},
    serve(Open, Ref).

served(bytes, Bytes, _) -> {ok, Bytes};
served(all, Bytes, Options) -> unzip(Bytes, Options);
served({get, Name}, Bytes, Options) ->
    case unzip(Bytes, [{file_list, [Name]} | Options]) of
        {ok, [File]} -> {ok, File};
        {ok, []} -> {error, file_not_found};
        Error -> Error
    end.

zip_get(Pid) -> ask(Pid, all).
zip_get(Name, Pid) -> ask(Pid, {get, Name}).
zip_list_dir(Pid) -> ask(Pid, list_dir).
zip_list_dir(Pid, Options) -> ask(Pid, {list_dir, Options}).
zip_t(Pid) when is_pid(Pid) -> t(Pid).
zip_tt(Pid) when is_pid(Pid) -> tt(Pid).
zip_close(Pid) -> ask(Pid, close).

ask(Pid, Request) when is_pid(Pid) ->
    Ref = monitor(process, Pid),
    Pid ! {self(), Request},
    receive
        {Pid, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, Pid, _} -> {error, einval}
    end;
ask(_, _) -> {error, einval}.
