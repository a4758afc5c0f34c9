%% SPDX-License-Identifier: Apache-2.0
%% erl_tar: archives of the tar format, whole or compressed with gzip.
%%
%% An archive is blocks of 512 bytes: a header for each entry, its bytes, and
%% two empty blocks at the end. Long names stand in a ustar prefix, or in a pax
%% header before the entry; both, and GNU's long names, are read.
-module(erl_tar).

-export([init/3, create/2, create/3, extract/1, extract/2, table/1, table/2,
         t/1, tt/1, open/2, close/1, add/3, add/4, format_error/1]).

-include_lib("kernel/include/file.hrl").

-define(BLOCK, 512).
-define(RECORD, 10240).   % archives are written in multiples of this

%% An archive being written: how to write, move and close what holds it.
-record(writer, {handle, access, position = 0}).

%% One entry as read: name, type, size, mtime, mode, uid, gid, link.
-record(entry, {name, type, size = 0, mtime = 0, mode = 8#644, uid = 0,
                gid = 0, link = ""}).

format_error(invalid_tar_checksum) -> "Checksum failed";
format_error(bad_header) -> "Unrecognized tar header format";
format_error({bad_header, Reason}) ->
    lists:flatten(io_lib:format("Unrecognized tar header format: ~p",
                                [Reason]));
format_error({invalid_header, negative_size}) ->
    "Invalid header: negative size";
format_error(invalid_sparse_header_size) ->
    "Invalid sparse header: negative size";
format_error({badarg, Other}) ->
    lists:flatten(io_lib:format("~ts: bad argument", [Other]));
format_error(unsafe_path) -> "The path points above the current folder";
format_error(unsafe_symlink) ->
    "The path points above the current folder, through a symbolic link";
format_error({Name, Reason}) ->
    lists:flatten(io_lib:format("~ts: ~ts", [Name, format_error(Reason)]));
format_error(Atom) when is_atom(Atom) -> file:format_error(Atom);
format_error(Other) -> lists:flatten(io_lib:format("~tp", [Other])).

%% ---- reading ----

extract(Archive) -> extract(Archive, []).

extract({binary, _} = Archive, Options) -> do_extract(Archive, Options);
extract(Archive, Options) when is_list(Options) ->
    do_extract(Archive, Options).

do_extract(Archive, Options) ->
    Cwd = proplists:get_value(cwd, Options, cwd()),
    Wanted = case lists:keyfind(files, 1, Options) of
                 {files, Files} -> [flat(F) || F <- Files];
                 false -> all
             end,
    Memory = lists:member(memory, Options),
    Keep = lists:member(keep_old_files, Options),
    Verbose = lists:member(verbose, Options),
    Take = fun(#entry{name = Name} = E, Bytes, Acc) ->
                   case Wanted =:= all orelse lists:member(Name, Wanted) of
                       false -> Acc;
                       true when Memory, E#entry.type =:= regular ->
                           [{Name, Bytes} | Acc];
                       true when Memory -> Acc;
                       true ->
                           Verbose andalso io:format("x ~ts~n", [Name]),
                           place(E, Bytes, Cwd, Keep),
                           Acc
                   end
           end,
    case fold(Take, [], Archive, Options) of
        {ok, Files2} when Memory -> {ok, lists:reverse(Files2)};
        {ok, _} -> ok;
        Error -> Error
    end.

cwd() ->
    {ok, Dir} = file:get_cwd(),
    Dir.

flat(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
flat(Name) -> lists:flatten(Name).

%% Nothing may be written outside of the folder.
place(#entry{name = [$/ | Name]} = E, Bytes, Cwd, Keep) ->
    place(E#entry{name = Name}, Bytes, Cwd, Keep);
place(#entry{name = Name, type = Type} = E, Bytes, Cwd, Keep) ->
    case filelib:safe_relative_path(Name, Cwd) of
        unsafe -> throw({error, {Name, unsafe_path}});
        _ -> ok
    end,
    Path = filename:join(Cwd, Name),
    _ = filelib:ensure_dir(Path),
    case Type of
        directory -> _ = file:make_dir(Path), set_info(Path, E);
        symlink ->
            Link = E#entry.link,
            filelib:safe_relative_path(Link, Cwd) =:= unsafe
                andalso throw({error, {Link, unsafe_symlink}}),
            case file:make_symlink(Link, Path) of
                ok -> ok;
                {error, Reason} -> throw({error, {Name, Reason}})
            end;
        regular ->
            Exists = filelib:is_regular(Path),
            case Keep andalso Exists orelse write(Path, Bytes) of
                ok -> set_info(Path, E);
                true -> ok;
                {error, Reason} -> throw({error, {Name, Reason}})
            end;
        _ -> ok
    end.

write(Path, Bytes) -> file:write_file(Path, Bytes).

set_info(Path, #entry{mode = Mode, mtime = Time}) ->
    _ = file:write_file_info(Path, #file_info{mode = Mode, mtime = Time},
                             [{time, posix}]),
    ok.

table(Archive) -> table(Archive, []).

table(Archive, Options) ->
    Verbose = lists:member(verbose, Options),
    case fold(fun(E, _, Acc) -> [row(E, Verbose) | Acc] end, [], Archive,
              Options) of
        {ok, Rows} -> {ok, lists:reverse(Rows)};
        Error -> Error
    end.

row(#entry{name = Name}, false) -> Name;
row(#entry{name = Name, type = Type, size = Size, mtime = Time, mode = Mode,
           uid = Uid, gid = Gid}, true) ->
    {Name, Type, Size, Time, Mode, Uid, Gid}.

t(Archive) ->
    case table(Archive) of
        {ok, Names} -> lists:foreach(fun(N) -> io:format("~ts\n", [N]) end,
                                     Names);
        Error -> Error
    end.

tt(Archive) ->
    case table(Archive, [verbose]) of
        {ok, Rows} -> lists:foreach(fun print_row/1, Rows);
        Error -> Error
    end.

print_row({Name, Type, Size, Time, Mode, Uid, Gid}) ->
    {{Y, Mo, D}, {H, Mi, _}} =
        calendar:universal_time_to_local_time(
          calendar:system_time_to_universal_time(Time, second)),
    Month = element(Mo, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                         "Aug", "Sep", "Oct", "Nov", "Dec"}),
    io:format("~s ~4w/~-4w ~7w ~s ~2w ~2..0w:~2..0w ~w ~ts~n",
              [mode_text(Type, Mode), Uid, Gid, Size, Month, D, H, Mi, Y,
               Name]).

mode_text(Type, Mode) ->
    [case Type of directory -> $d; symlink -> $l; _ -> $- end
     | [case Mode band (1 bsl Bit) of
            0 -> $-;
            _ -> lists:nth(3 - Bit rem 3, "rwx")
        end || Bit <- lists:seq(8, 0, -1)]].

%% Calls Fun(Entry, Bytes, Acc) for each entry.
fold(Fun, Acc, Archive, Options) ->
    try entries(bytes(Archive, Options), #{}, Fun, Acc)
    catch throw:{error, _} = Error -> Error
    end.

bytes({binary, Bytes}, Options) -> plain(Bytes, Options);
bytes({file, File} = Handle, Options) ->
    compatible(Handle, Options),
    case file:read(File, 1 bsl 40) of
        {ok, Bytes} -> iolist_to_binary(Bytes);
        eof -> <<>>;
        Error -> throw(Error)
    end;
bytes({?MODULE, reader, Source, Modes}, Options) ->
    bytes(Source, Modes ++ Options);
bytes(Name, Options) ->
    case file:read_file(Name) of
        {ok, Bytes} -> plain(Bytes, Options);
        {error, Reason} -> throw({error, {flat(Name), Reason}})
    end.

%% How an open file is read was said when it was opened.
compatible(Handle, Options) ->
    [throw({error, {Handle, {incompatible_option, O}}})
     || O <- [compressed, cooked], lists:member(O, Options)],
    ok.

%% Compressed bytes are read as such only if it was said that they may be.
plain(<<16#1f, 16#8b, _/binary>> = Bytes, Options) ->
    case lists:member(compressed, Options) of
        true -> unpacked(Bytes);
        false -> Bytes
    end;
plain(Bytes, _) -> iolist_to_binary(Bytes).

%% Tapes are filled up behind what was compressed.
unpacked(Bytes) ->
    Z = zlib:open(),
    try
        ok = zlib:inflateInit(Z, 31, cut),
        iolist_to_binary(zlib:inflate(Z, Bytes))
    catch error:_ -> throw({error, bad_header})
    after zlib:close(Z)
    end.

entries(<<>>, _, _, Acc) -> {ok, Acc};
entries(<<0:(?BLOCK * 8), _/binary>>, _, _, Acc) -> {ok, Acc};
entries(<<Header:?BLOCK/binary, Rest/binary>>, Extra, Fun, Acc) ->
    #entry{size = Size, type = Type} = E0 = header(Header),
    E = extended(E0, Extra),
    Length = case maps:get(size, Extra, Size) of
                 _ when Type =:= directory; Type =:= symlink; Type =:= link ->
                     0;
                 N -> N
             end,
    Padding = (?BLOCK - Length rem ?BLOCK) rem ?BLOCK,
    case Rest of
        <<Bytes:Length/binary, _:Padding/binary, More/binary>> ->
            case Type of
                pax -> entries(More, pax(Bytes, Extra), Fun, Acc);
                pax_global -> entries(More, Extra, Fun, Acc);
                long_name ->
                    entries(More, Extra#{name => text(Bytes)}, Fun, Acc);
                long_link ->
                    entries(More, Extra#{link => text(Bytes)}, Fun, Acc);
                _ -> entries(More, #{}, Fun, Fun(E, Bytes, Acc))
            end;
        _ -> throw({error, eof})
    end;
entries(_, _, _, _) -> throw({error, eof}).

extended(E, Extra) ->
    E#entry{name = without_slash(maps:get(name, Extra, E#entry.name)),
            link = maps:get(link, Extra, E#entry.link),
            size = maps:get(size, Extra, E#entry.size)}.

header(<<Name:100/binary, Mode:8/binary, Uid:8/binary, Gid:8/binary,
         Size:12/binary, Time:12/binary, Sum:8/binary, Type, Link:100/binary,
         Magic:8/binary, _:80/binary, Prefix:155/binary, _/binary>> = H) ->
    checksum(H) =:= number(Sum) orelse throw({error, bad_header}),
    Base = text(Name),
    Full = case {Magic, text(Prefix)} of
               {<<"ustar", 0, _/binary>>, [_ | _] = Dir} -> Dir ++ "/" ++ Base;
               _ -> Base
           end,
    #entry{name = without_slash(Full), type = type(Type, Full), size = number(Size),
           mtime = number(Time), mode = number(Mode), uid = number(Uid),
           gid = number(Gid), link = text(Link)}.

%% Folders are told by their type.
without_slash([_, _ | _] = Name) ->
    case lists:last(Name) of
        $/ -> lists:droplast(Name);
        _ -> Name
    end;
without_slash(Name) -> Name.

checksum(<<Before:148/binary, _:8/binary, After/binary>>) ->
    sum(Before) + sum(After) + 8 * $\s.

sum(Bytes) -> lists:sum(binary_to_list(Bytes)).

%% Octal digits, or base 256 with the highest bit set.
number(<<1:1, N/bitstring>>) ->
    Bits = bit_size(N),
    <<Value:Bits>> = N,
    Value;
number(Bytes) ->
    case [C || <<C>> <= Bytes, C =/= $\s, C =/= 0] of
        [] -> 0;
        Digits ->
            try list_to_integer(Digits, 8)
            catch error:badarg -> throw({error, invalid_tar_checksum})
            end
    end.

text(Bytes) ->
    [Used | _] = binary:split(Bytes, <<0>>),
    case unicode:characters_to_list(Used) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Used)
    end.

type($5, _) -> directory;
type($2, _) -> symlink;
type($1, _) -> link;
type($3, _) -> char;
type($4, _) -> block;
type($6, _) -> fifo;
type($x, _) -> pax;
type($g, _) -> pax_global;
type($L, _) -> long_name;
type($K, _) -> long_link;
type(_, Name) ->
    case lists:suffix("/", Name) of
        true -> directory;
        false -> regular
    end.

%% "LENGTH KEY=VALUE\n" ..., where the length counts all of it.
pax(<<>>, Extra) -> Extra;
pax(Bytes, Extra) ->
    try
        [Digits, _] = binary:split(Bytes, <<" ">>),
        Before = byte_size(Digits) + 1,
        Size = binary_to_integer(Digits) - Before - 1,
        <<_:Before/binary, Line:Size/binary, "\n", Rest/binary>> = Bytes,
        [Key, Value] = binary:split(Line, <<"=">>),
        {Rest, pax_value(Key, Value, Extra)}
    of
        {More, Known} -> pax(More, Known)
    catch error:_ -> throw({error, {bad_header, invalid_pax_record}})
    end.

pax_value(<<"path">>, Value, Extra) -> Extra#{name => text(Value)};
pax_value(<<"linkpath">>, Value, Extra) -> Extra#{link => text(Value)};
pax_value(<<"size">>, Value, Extra) ->
    Extra#{size => binary_to_integer(Value)};
pax_value(_, _, Extra) -> Extra.

%% ---- writing ----

create(Name, Files) -> create(Name, Files, []).

create(Name, Files, Options) ->
    Modes = [write] ++ [M || M <- Options, M =:= compressed],
    case open(Name, Modes) of
        {ok, Tar} ->
            Add = Options -- [compressed, cooked],
            case add_all(Files, Tar, Add) of
                ok -> close(Tar);
                Error ->
                    _ = close(Tar),
                    Error
            end;
        Error -> Error
    end.

add_all([File | Files], Tar, Options) ->
    Result = case File of
                 {NameInArchive, Source} ->
                     add(Tar, Source, NameInArchive, Options);
                 _ -> add(Tar, File, Options)
             end,
    case Result of
        ok -> add_all(Files, Tar, Options);
        Error -> Error
    end;
add_all([], _, _) -> ok.

%% An archive that Fun(write | position | close, ..) keeps.
init(Handle, write, Access) when is_function(Access, 2) ->
    {ok, writer(#writer{handle = Handle, access = Access})};
init(_, _, _) -> {error, badarg}.

%% Each addition moves the position, so it is kept by a reference.
writer(#writer{} = W) -> {?MODULE, W, counters:new(1, [])}.

%% To read, only what is to be read is remembered.
open({file, File} = Handle, Modes) when is_list(Modes) ->
    try
        compatible(Handle, Modes),
        case lists:member(write, Modes) of
            true -> init(File, write, fun file_access/2);
            false -> {ok, {?MODULE, reader, Handle, Modes}}
        end
    catch throw:Error -> Error
    end;
open(Name, Modes) when is_list(Modes) ->
    case lists:member(write, Modes) of
        false when Modes =/= [] ->
            case lists:member(read, Modes) of
                true -> {ok, {?MODULE, reader, Name, Modes}};
                false -> {error, {flat(Name), einval}}
            end;
        true ->
            Raw = [raw, write, binary]
                ++ [compressed || lists:member(compressed, Modes)],
            case file:open(Name, Raw) of
                {ok, File} -> init(File, write, fun file_access/2);
                {error, Reason} -> {error, {flat(Name), Reason}}
            end;
        false -> {error, {flat(Name), einval}}
    end.

file_access(write, {File, Bytes}) -> file:write(File, Bytes);
file_access(position, {File, Position}) -> file:position(File, Position);
file_access(close, File) -> file:close(File).

close({?MODULE, reader, _, _}) -> ok;
close({?MODULE, #writer{handle = Handle, access = Access}, Count}) ->
    Size = counters:get(Count, 1) + 2 * ?BLOCK,
    Fill = (?RECORD - Size rem ?RECORD) rem ?RECORD,
    ok = Access(write, {Handle, <<0:((2 * ?BLOCK + Fill) * 8)>>}),
    Access(close, Handle).

add(Tar, Source, Options) when is_list(Source) ->
    add(Tar, Source, Source, Options);
add(Tar, {Name, Source}, Options) -> add(Tar, Source, Name, Options).

add(Tar, Bytes, Name, Options) when is_binary(Bytes) ->
    E = #entry{name = flat(Name), type = regular, size = byte_size(Bytes),
               mtime = option(mtime, Options, erlang:system_time(second)),
               mode = 8#100644, uid = option(uid, Options, 0),
               gid = option(gid, Options, 0)},
    said(E, Options),
    put_entry(Tar, E, Bytes);
add(Tar, Source, Name, Options) ->
    Read = case lists:member(dereference, Options) of
               true -> fun file:read_file_info/2;
               false -> fun file:read_link_info/2
           end,
    case Read(Source, [{time, posix}]) of
        {ok, Info} -> add_file(Tar, flat(Source), flat(Name), Info, Options);
        {error, Reason} -> {error, {flat(Source), Reason}}
    end.

option(Key, Options, Default) -> proplists:get_value(Key, Options, Default).

said(#entry{name = Name}, Options) ->
    lists:member(verbose, Options) andalso io:format("a ~ts~n", [Name]),
    ok.

add_file(Tar, Source, Name, #file_info{type = Type} = Info, Options) ->
    E = #entry{name = Name, type = Type, mode = Info#file_info.mode,
               mtime = option(mtime, Options, Info#file_info.mtime),
               uid = option(uid, Options, Info#file_info.uid),
               gid = option(gid, Options, Info#file_info.gid)},
    said(E, Options),
    case Type of
        regular ->
            case file:read_file(Source) of
                {ok, Bytes} ->
                    put_entry(Tar, E#entry{size = byte_size(Bytes)}, Bytes);
                {error, Reason} -> {error, {Source, Reason}}
            end;
        directory ->
            %% a folder has an entry of its own only where it is empty
            case file:list_dir(Source) of
                {ok, []} -> put_entry(Tar, E#entry{name = Name ++ "/"}, <<>>);
                {ok, Names} ->
                    add_all([{filename:join(Name, N), filename:join(Source, N)}
                             || N <- lists:sort(Names)], Tar, Options);
                {error, Reason} -> {error, {Source, Reason}}
            end;
        symlink ->
            {ok, Link} = file:read_link(Source),
            put_entry(Tar, E#entry{link = Link}, <<>>);
        _ -> {error, {Source, unsupported_type}}
    end.

put_entry({?MODULE, #writer{handle = Handle, access = Access}, Count}, E,
          Bytes) ->
    Padding = (?BLOCK - byte_size(Bytes) rem ?BLOCK) rem ?BLOCK,
    Data = [long_name(E), header_bytes(E), Bytes, <<0:(Padding * 8)>>],
    counters:add(Count, 1, iolist_size(Data)),
    Access(write, {Handle, Data}).

%% A pax header for the names that fit nowhere else.
long_name(#entry{name = Name, link = Link} = E) ->
    Lines = [pax_line("path", unicode:characters_to_binary(Name))
             || split_name(Name) =:= none]
        ++ [pax_line("linkpath", unicode:characters_to_binary(Link))
            || not is_plain(Link) orelse length(Link) > 100],
    case iolist_to_binary(Lines) of
        <<>> -> [];
        Bytes ->
            Padding = (?BLOCK - byte_size(Bytes) rem ?BLOCK) rem ?BLOCK,
            Short = [C || C <- lists:sublist(filename:basename(Name), 80),
                          C < 128],
            [header_bytes(E#entry{name = "PaxHeaders/" ++ Short, link = "",
                                  type = pax, size = byte_size(Bytes)}),
             Bytes, <<0:(Padding * 8)>>]
    end.

%% Other characters than those of ASCII are for pax only.
is_plain(Name) -> lists:all(fun(C) -> C < 128 end, Name).

%% The length in front counts itself.
pax_line(Key, Value) ->
    Rest = iolist_to_binary([" ", Key, "=", Value, "\n"]),
    pax_line(Rest, byte_size(Rest), byte_size(Rest) + 1).

pax_line(Rest, Size, Length) ->
    Digits = integer_to_binary(Length),
    case Size + byte_size(Digits) of
        Length -> <<Digits/binary, Rest/binary>>;
        Other -> pax_line(Rest, Size, Other)
    end.

%% {Prefix, Name} that fit the header's fields.
split_name(Name) ->
    Bytes = unicode:characters_to_binary(Name),
    case is_plain(Name) andalso byte_size(Bytes) =< 100 of
        true -> {<<>>, Bytes};
        false ->
            Slashes = [At || is_plain(Name),
                             {At, 1} <- binary:matches(Bytes, <<"/">>),
                             At =< 155, byte_size(Bytes) - At - 1 =< 100,
                             byte_size(Bytes) - At - 1 > 0],
            case Slashes of
                [] -> none;
                _ ->
                    At = lists:last(Slashes),
                    <<Prefix:At/binary, $/, Base/binary>> = Bytes,
                    {Prefix, Base}
            end
    end.

header_bytes(#entry{name = Name, type = Type} = E) ->
    {Prefix, Base} = case split_name(Name) of
                         none ->
                             Bytes = unicode:characters_to_binary(Name),
                             {<<>>, binary:part(Bytes, 0,
                                                min(100, byte_size(Bytes)))};
                         Fits -> Fits
                     end,
    Before = [field(Base, 100), octal(E#entry.mode band 8#7777, 8),
              octal(E#entry.uid, 8), octal(E#entry.gid, 8),
              octal(case Type of
                        regular -> E#entry.size;
                        pax -> E#entry.size;
                        _ -> 0
                    end, 12),
              octal(E#entry.mtime, 12)],
    After = [case Type of
                 regular -> $0;
                 symlink -> $2;
                 directory -> $5;
                 pax -> $x
             end,
             field(unicode:characters_to_binary(E#entry.link), 100),
             "ustar", 0, "00", <<0:(80 * 8)>>, field(Prefix, 155),
             <<0:(12 * 8)>>],
    Sum = sum(iolist_to_binary(Before)) + sum(iolist_to_binary(After))
        + 8 * $\s,
    [Before, io_lib:format("~6.8.0b", [Sum]), 0, $\s, After].

field(Bytes, Size) ->
    Used = min(byte_size(Bytes), Size),
    [binary:part(Bytes, 0, Used), <<0:((Size - Used) * 8)>>].

octal(N, Size) ->
    [io_lib:format("~*.8.0b", [Size - 1, N]), 0].
