%% SPDX-License-Identifier: Apache-2.0
%% disk_log: logs in files. An open log is a process, which its owners share.
%% It writes at once; what is read of it comes in chunks from the files.
-module(disk_log).

-export([start/0, open/1, close/1, lclose/1, lclose/2, log/2, log_terms/2,
         blog/2, blog_terms/2, alog/2, alog_terms/2, balog/2,
         balog_terms/2, sync/1, truncate/1, truncate/2, btruncate/2,
         reopen/2, reopen/3, breopen/3,
         inc_wrap_file/1, change_size/2, change_notify/3, change_header/2,
         chunk/2, chunk/3, bchunk/2, bchunk/3, chunk_step/3, chunk_info/1,
         block/1, block/2, unblock/1, info/1, format_error/1,
         accessible_logs/0, all/0, pid2name/1]).
-export([start_log/1, init_log/2]).

-export_type([continuation/0]).

-record(continuation, {pid, pos, b = []}).
-opaque continuation() :: #continuation{}.

-include("disk_log.hrl").

-deprecated([{accessible_logs, 0, "use disk_log:all/0 instead"},
             {lclose, 1, "use disk_log:close/1 instead"},
             {lclose, 2, "use disk_log:close/1 instead"}]).

%% ---- clients ----

%% The server comes up with the first log, too.
start() -> disk_log_server:started().

open(Options) when is_list(Options) ->
    case options(Options, #{}) of
        {ok, #{repair := truncate, mode := read_only}} ->
            {error, {badarg, repair_read_only}};
        {ok, #{size := {_, _}} = Map}
          when not is_map_key(type, Map); map_get(type, Map) =:= halt ->
            {error, {badarg, size}};
        {ok, #{name := _} = Map} ->
            case has_file(Map) of
                true -> disk_log_server:open(with_defaults(Map));
                false -> {error, {badarg, file}}
            end;
        {ok, _} -> {error, {badarg, name}};
        Error -> Error
    end;
open(Options) -> {error, {badarg, Options}}.

options([{Key, Value} | Rest], Map) ->
    case is_valid(Key, Value) of
        true -> options(Rest, Map#{Key => Value});
        false -> {error, {badarg, [{Key, Value} | Rest]}}
    end;
options([], Map) -> {ok, Map};
options(Rest, _) -> {error, {badarg, Rest}}.

is_valid(name, _) -> true;
is_valid(file, File) -> is_list(File) orelse is_atom(File)
                            orelse is_binary(File);
is_valid(linkto, To) -> To =:= none orelse is_pid(To);
is_valid(repair, How) -> lists:member(How, [true, false, truncate]);
is_valid(type, Type) -> lists:member(Type, [halt, wrap, rotate]);
is_valid(format, Format) -> Format =:= internal orelse Format =:= external;
is_valid(size, infinity) -> true;
is_valid(size, {Bytes, Files}) ->
    is_integer(Bytes) andalso Bytes > 0 andalso is_integer(Files)
        andalso Files > 0;
is_valid(size, Bytes) -> is_integer(Bytes) andalso Bytes > 0;
is_valid(distributed, Nodes) -> is_list(Nodes);
is_valid(notify, Flag) -> is_boolean(Flag);
is_valid(quiet, Flag) -> is_boolean(Flag);
is_valid(head, _) -> true;
is_valid(head_func, {M, F, A}) -> is_atom(M) andalso is_atom(F)
                                      andalso is_list(A);
is_valid(mode, Mode) -> Mode =:= read_only orelse Mode =:= read_write;
is_valid(_, _) -> false.

%% A log with another name needs a file.
has_file(#{file := _}) -> true;
has_file(#{name := Name}) -> is_atom(Name) orelse is_list(Name).

with_defaults(#{name := Name} = Map) ->
    Given = maps:keys(Map),
    File = case Map of
               #{file := F} -> F;
               _ when is_atom(Name); is_list(Name) ->
                   lists:concat([Name, ".LOG"]);
               _ -> "log.LOG"
           end,
    Full = filename:join([File]),
    maps:merge(#{linkto => self(), repair => true, type => halt,
                 format => internal, notify => false, quiet => false,
                 head => none, mode => read_write, given => Given},
               Map#{file => case is_binary(Full) of
                                true -> unicode:characters_to_list(Full);
                                false -> Full
                            end}).

close(Log) -> ask(Log, {close, self()}).
lclose(Log) -> close(Log).
lclose(Log, _Node) -> close(Log).

log(Log, Term) -> ask(Log, {log, internal, [term_to_binary(Term)]}).
log_terms(Log, Terms) ->
    ask(Log, {log, internal, [term_to_binary(T) || T <- Terms]}).

blog(Log, Bytes) ->
    case iodata([Bytes]) of
        {ok, Items} -> ask(Log, {log, external, Items});
        error -> {error, {badarg, blog}}
    end.

blog_terms(Log, List) ->
    case iodata(List) of
        {ok, Items} -> ask(Log, {log, external, Items});
        error -> {error, {badarg, blog_terms}}
    end.

alog(Log, Term) -> tell(Log, {log, internal, [term_to_binary(Term)]}).
alog_terms(Log, Terms) ->
    tell(Log, {log, internal, [term_to_binary(T) || T <- Terms]}).

balog(Log, Bytes) -> balog_terms(Log, [Bytes]).

balog_terms(Log, List) ->
    case iodata(List) of
        {ok, Items} -> tell(Log, {log, external, Items});
        error -> {error, {badarg, balog_terms}}
    end.

iodata(List) ->
    try {ok, [iolist_to_binary(I) || I <- List]}
    catch error:_ -> error
    end.

sync(Log) -> ask(Log, sync).
truncate(Log) -> ask(Log, {truncate, none}).
truncate(Log, Head) ->
    ask(Log, {truncate, {head, internal, term_to_binary(Head)}}).
btruncate(Log, Head) ->
    ask(Log, {truncate, {head, external, iolist_to_binary(Head)}}).
reopen(Log, File) -> ask(Log, {reopen, File, none}).
reopen(Log, File, Head) ->
    ask(Log, {reopen, File, {head, internal, term_to_binary(Head)}}).
breopen(Log, File, Head) ->
    ask(Log, {reopen, File, {head, external, iolist_to_binary(Head)}}).
inc_wrap_file(Log) -> ask(Log, inc_wrap_file).

change_size(Log, Size) ->
    case is_valid(size, Size) of
        true -> ask(Log, {change_size, Size});
        false -> {error, {badarg, size}}
    end.

change_notify(Log, Owner, Flag) when is_boolean(Flag) ->
    ask(Log, {change_notify, Owner, Flag});
change_notify(_, _, _) -> {error, {badarg, notify}}.

change_header(Log, {head, _} = Head) -> ask(Log, {change_header, Head});
change_header(Log, {head_func, MFA} = Head) ->
    case is_valid(head_func, MFA) of
        true -> ask(Log, {change_header, Head});
        false -> {error, {badarg, head}}
    end;
change_header(_, _) -> {error, {badarg, head}}.

block(Log) -> block(Log, true).
block(Log, Queue) when is_boolean(Queue) ->
    ask(Log, {block, self(), Queue});
block(_, Queue) -> {error, {badarg, Queue}}.
unblock(Log) -> ask(Log, {unblock, self()}).

info(Log) -> ask(Log, info).

all() -> disk_log_server:all().
accessible_logs() -> {all(), []}.

pid2name(Pid) ->
    case [Name || Name <- all(), disk_log_server:pid(Name) =:= Pid] of
        [Name | _] -> {ok, Name};
        [] -> undefined
    end.

ask(Log, Request) ->
    case disk_log_server:pid(Log) of
        undefined -> {error, no_such_log};
        Pid -> ask_pid(Pid, Request)
    end.

ask_pid(Pid, Request) ->
    Monitor = monitor(process, Pid),
    Pid ! {ask, {self(), Monitor}, Request},
    receive
        {Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, _, _, _} -> {error, no_such_log}
    end.

tell(Log, Request) ->
    case disk_log_server:pid(Log) of
        undefined -> {error, no_such_log};
        Pid ->
            Pid ! {tell, self(), Request},
            ok
    end.

%% ---- chunks ----

chunk(Log, Continuation) -> chunk(Log, Continuation, infinity).

chunk(Log, Continuation, N)
  when N =:= infinity; is_integer(N), N > 0 ->
    case chunk_bytes(Log, Continuation, N) of
        {#continuation{} = More, Items} -> terms(More, Items, 0);
        {More, Items, Bad} -> terms(More, Items, Bad);
        Other -> Other
    end;
chunk(_, _, N) -> {error, {badarg, N}}.

%% Items that are no terms count as bad bytes.
terms(More, Items, Bad0) ->
    {Terms, Bad} = lists:foldr(
                     fun(Item, {Ts, B}) ->
                             try {[binary_to_term(Item) | Ts], B}
                             catch error:_ -> {Ts, B + byte_size(Item)}
                             end
                     end, {[], Bad0}, Items),
    case Bad of
        0 -> {More, Terms};
        _ -> {More, Terms, Bad}
    end.

bchunk(Log, Continuation) -> bchunk(Log, Continuation, infinity).

bchunk(Log, Continuation, N)
  when N =:= infinity; is_integer(N), N > 0 ->
    chunk_bytes(Log, Continuation, N);
bchunk(_, _, N) -> {error, {badarg, N}}.

chunk_bytes(Log, start, N) -> ask(Log, {chunk, start, N});
chunk_bytes(_, #continuation{pid = Pid, pos = Pos}, N) ->
    ask_pid(Pid, {chunk, Pos, N});
chunk_bytes(_, _, _) -> {error, {badarg, continuation}}.

chunk_step(Log, start, N) when is_integer(N) ->
    ask(Log, {chunk_step, start, N});
chunk_step(_, #continuation{pid = Pid, pos = Pos}, N) when is_integer(N) ->
    ask_pid(Pid, {chunk_step, Pos, N});
chunk_step(_, _, _) -> {error, {badarg, continuation}}.

chunk_info(#continuation{pid = Pid}) -> [{node, node(Pid)}];
chunk_info(Other) -> {error, {no_continuation, Other}}.

%% ---- the process of a log ----

%% Called by disk_log_server, which the process is linked to.
start_log(Name) -> {ok, proc_lib:spawn_link(?MODULE, init_log, [Name, self()])}.

init_log(Name, Server) ->
    process_flag(trap_exit, true),
    receive
        {open, From, Owner, Options} ->
            case opened(Options, #log{name = Name}) of
                {Answer, #log{} = L} ->
                    gen_server:reply(From, Answer),
                    loop(add_owner(Owner, Options, L), Server);
                {error, _} = Error ->
                    ended(#log{name = Name}),
                    gen_server:reply(From, Error)
            end
    end.

loop(L, Server) ->
    receive
        {open, From, Owner, Options} ->
            {Answer, New} = open_again(Owner, Options, L),
            gen_server:reply(From, Answer),
            loop(New, Server);
        {ask, From, Request} -> asked(Request, From, L, Server);
        {tell, Pid, Request} ->
            case served(Request, Pid, L, queue) of
                {queued, New} ->
                    loop(New#log{queue = New#log.queue ++ [{Pid, Request}]},
                         Server);
                {_, New} -> loop(New, Server)
            end;
        {'EXIT', Server, Reason} ->
            closed(L),
            exit(Reason);
        {'EXIT', Pid, _} when is_map_key(Pid, L#log.owners) ->
            gone(remove_owner(Pid, L), Server);
        {'EXIT', Pid, _} -> loop(drained(unblocked_by(Pid, L)), Server);
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Server, ?MODULE, [],
                                  {L, Server});
        _ -> loop(L, Server)
    end.

%% The last who leaves closes the log.
gone(#log{owners = Owners, users = 0} = L, _) when map_size(Owners) =:= 0 ->
    closed(L),
    ended(L);
gone(L, Server) -> loop(drained(L), Server).

asked({close, Pid}, {_, _} = From, L, Server) ->
    New = remove_owner(Pid, L),
    case New of
        #log{owners = Owners, users = 0} when map_size(Owners) =:= 0 ->
            closed(New),
            ended(New),
            answer(From, ok);
        _ ->
            answer(From, ok),
            loop(drained(New), Server)
    end;
asked(Request, {Pid, _} = From, L, Server) ->
    case served(Request, Pid, L, wait) of
        {queued, New} ->
            loop(New#log{queue = New#log.queue ++ [{From, Request}]}, Server);
        {Answer, #log{device = none} = New} ->
            %% what cannot be written any more ends
            [unlink(Owner) || Owner <- maps:keys(New#log.owners)],
            ended(New),
            answer(From, Answer);
        {Answer, New} ->
            answer(From, Answer),
            loop(drained(New), Server)
    end.

%% Nobody finds the log any more. Who waits for it is told; who was about to
%% open it is sent back to the server, which starts it anew.
ended(#log{queue = Queue}) ->
    unlink(whereis(disk_log_server)),
    disk_log_server ! {'EXIT', self(), normal},
    _ = sys:get_state(disk_log_server),
    [stopped(Pid) || {{Pid, _}, _} <- Queue],
    sent_back().

stopped(Pid) -> Pid ! {disk_log, self(), {error, disk_log_stopped}}.

sent_back() ->
    receive
        {open, From, Owner, Options} ->
            disk_log_server ! {'$gen_call', From, {open, Owner, Options}},
            sent_back();
        {ask, {Pid, _}, _} ->
            stopped(Pid),
            sent_back()
    after 0 -> ok
    end.

answer({Pid, Ref}, Answer) -> Pid ! {Ref, Answer}.

drained(#log{blocked = none, queue = [{Pid, Request} | Queue]} = L)
  when is_pid(Pid) ->
    {_, New} = served(Request, Pid, L#log{queue = Queue}, queue),
    drained(New);
drained(#log{blocked = none, queue = [{{Pid, _} = From, Request} | Queue]}
        = L) ->
    {Answer, New} = served(Request, Pid, L#log{queue = Queue}, wait),
    answer(From, Answer),
    drained(New);
drained(L) -> L.

%% While a log is blocked its blocker may read; what others ask waits or is
%% refused.
served({unblock, Pid}, _, #log{blocked = {Pid, _}} = L, _) ->
    is_map_key(Pid, L#log.owners) orelse unlink(Pid),
    {ok, L#log{blocked = none}};
served({unblock, _}, _, #log{name = Name, blocked = {_, _}} = L, _) ->
    {{error, {not_blocked_by_pid, Name}}, L};
served({unblock, _}, _, #log{name = Name} = L, _) ->
    {{error, {not_blocked, Name}}, L};
served(info, _, L, _) -> {disk_log_text:information(L), L};
served({block, Pid, Queue}, _, #log{blocked = none} = L, _) ->
    link(Pid),
    {ok, L#log{blocked = {Pid, Queue}}};
served(Request, Pid, #log{blocked = {Blocker, Queue}} = L, How) ->
    case Blocker =:= Pid andalso is_reading(Request) of
        true -> request(Request, L);
        false when Blocker =:= Pid; not Queue ->
            How =:= queue andalso
                notify({blocked_log, items(Request)}, L),
            {{error, {blocked_log, L#log.name}}, L};
        false -> {queued, L}
    end;
served({log, Kind, Items} = Request, _, L, queue) ->
    case request(Request, L) of
        {{error, {read_only_mode, _}}, New} ->
            notify({read_only, Items}, New),
            {ok, New};
        {{error, {format_external, _}}, New} when Kind =:= internal ->
            notify({format_external, Items}, New),
            {ok, New};
        Done -> Done
    end;
served(Request, _, L, _) -> request(Request, L).

is_reading({chunk, _, _}) -> true;
is_reading({chunk_step, _, _}) -> true;
is_reading(_) -> false.

items({log, _, Items}) -> Items;
items(_) -> [].

unblocked_by(Pid, #log{blocked = {Pid, _}} = L) ->
    L#log{blocked = none};
unblocked_by(_, L) -> L.

notify(What, #log{name = Name, owners = Owners}) ->
    [Pid ! {disk_log, node(), Name, What}
     || {Pid, {true, _}} <- maps:to_list(Owners)],
    ok.

add_owner(_, #{linkto := none}, #log{users = Users} = L) ->
    L#log{users = Users + 1};
add_owner(_, #{linkto := Pid, notify := Notify}, #log{owners = Owners} = L) ->
    link(Pid),
    L#log{owners = Owners#{Pid => {Notify, true}}}.

remove_owner(Pid, #log{owners = Owners, users = Users} = L) ->
    case Owners of
        #{Pid := _} ->
            unlink(Pid),
            (unblocked_by(Pid, L))#log{owners = maps:remove(Pid, Owners)};
        _ when Users > 0 ->
            (unblocked_by(Pid, L))#log{users = Users - 1};
        _ -> L
    end.

%% ---- opening ----

open_again(Owner, Options, #log{name = Name, mode = Mode} = L) ->
    Old = #{file => L#log.file, type => L#log.type, format => L#log.format,
            size => L#log.size, repair => L#log.repair},
    Given = map_get(given, Options),
    New = maps:with([K || K <- maps:keys(Old), lists:member(K, Given)], Options),
    Wanted = case lists:member(mode, Given) of
                 true -> map_get(mode, Options);
                 false -> Mode
             end,
    case [K || {K, V} <- maps:to_list(New), maps:get(K, Old) =/= V] of
        _ when Wanted =/= Mode, Mode =:= read_only ->
            {{error, {open_read_only, Name}}, L};
        _ when Wanted =/= Mode ->
            {{error, {open_read_write, Name}}, L};
        [file | _] -> {{error, {name_already_open, Name}}, L};
        [size | _] when L#log.type =/= halt, is_integer(map_get(size, New)) ->
            {{error, {badarg, size}}, L};
        [size | _] when L#log.type =/= halt ->
            {{error, {size_mismatch, L#log.size, maps:get(size, New)}}, L};
        [Key | _] when Key =/= size ->
            {{error, {arg_mismatch, Key, maps:get(Key, Old),
                      maps:get(Key, New)}}, L};
        _ ->
            case head_option(Options) of
                Head when Head =/= none, Head =/= L#log.head ->
                    {{error, {arg_mismatch, head, L#log.head, Head}}, L};
                _ -> opened_again(Owner, Options, L)
            end
    end.

opened_again(Owner, #{linkto := To, notify := Notify} = Options,
             #log{name = Name, owners = Owners} = L) ->
    case Owners of
        #{To := {Other, _}} when Other =/= Notify ->
            case lists:member(notify, map_get(given, Options)) of
                true -> {{error, {arg_mismatch, notify, Other, Notify}}, L};
                false -> {{ok, Name}, L}
            end;
        _ -> {{ok, Name}, add_owner(Owner, Options, L)}
    end.

opened(#{file := File, type := Type, format := Format, mode := Mode} = O,
       L0) ->
    L = L0#log{file = File, type = Type, format = Format, mode = Mode,
               head = head_option(O), repair = map_get(repair, O)},
    case Type of
        halt ->
            open_halt(L#log{size = maps:get(size, O, infinity)}, O);
        _ -> open_wrap(L, O)
    end.

head_option(#{head_func := MFA}) -> {head_func, MFA};
head_option(#{head := none}) -> none;
head_option(#{head := Head}) -> {head, Head}.

open_halt(#log{size = {_, _} = Size}, _) -> {error, {badarg, Size}};
open_halt(#log{name = Name} = L, Options) ->
    case open_file(L#log.file, L, Options) of
        {new, Device} ->
            with_head(L#log{device = Device, bytes = start(L)}, {ok, Name});
        {old, Device, Size, Items} ->
            {{ok, Name}, L#log{device = Device, bytes = Size,
                               counts = #{1 => Items}}};
        {repaired, Device, Size, Items, Bad} ->
            {{repaired, Name, {recovered, Items}, {badbytes, Bad}},
             L#log{device = Device, bytes = Size, counts = #{1 => Items}}};
        Error -> Error
    end.

start(#log{format = internal}) -> 8;
start(_) -> 0.

%% {new, Device}, {old, Device, Size, Items}, {repaired, ..} or an error.
open_file(File, #log{mode = Mode, format = Format} = L, O) ->
    case file:read_file(File) of
        {error, enoent} when Mode =:= read_write -> new_file(File, L);
        {error, Reason} -> {error, {file_error, File, Reason}};
        {ok, <<>>} when Mode =:= read_write, Format =:= external ->
            new_file(File, L);
        {ok, Bytes} when Format =:= external ->
            {ok, Device} = disk_log_1:open_plain(File, Mode),
            {old, Device, byte_size(Bytes), 0};
        {ok, Bytes} ->
            case {disk_log_1:is_log(Bytes), maps:get(repair, O)} of
                {_, truncate} when Mode =:= read_write -> new_file(File, L);
                {not_a_log, _} -> {error, {not_a_log_file, File}};
                {opened, false} when Mode =:= read_write ->
                    {error, {need_repair, File}};
                {State, _} -> old_file(File, State, Bytes, L, O)
            end
    end.

new_file(File, L) -> new_file(File, [], L).

new_file(File, Items, #log{format = Format} = L) ->
    Head = [disk_log_1:head() || Format =:= internal],
    disk_log_1:new_file(File, [Head | framed(L, Items)]).

%% A log that was not closed is copied without what is no item.
old_file(File, State, <<_:8/binary, Rest/binary>>, #log{mode = Mode} = L, O)
  ->
    {Items, Used, Bad} = disk_log_1:scan(Rest),
    case State of
        opened when Mode =:= read_write ->
            maps:get(quiet, O) orelse
                error_logger:info_msg("disk_log: repairing ~tp ...\n", [File]),
            case new_file(File, Items, L) of
                {new, Device} ->
                    {repaired, Device, 8 + Used - Bad, length(Items), Bad};
                Error -> Error
            end;
        _ ->
            {ok, Device} = disk_log_1:open_plain(File, Mode),
            Mode =:= read_write andalso disk_log_1:mark_open(Device),
            {old, Device, 8 + Used, length(Items)}
    end.

open_wrap(#log{file = Base, mode = Mode} = L, Options) ->
    Known = disk_log_1:read_size(Base),
    %% infinity leaves the size to the log
    Given = case maps:find(size, Options) of
                {ok, infinity} when Known =/= none -> error;
                Found -> Found
            end,
    case {Given, Known} of
        {error, none} when Mode =:= read_only ->
            {error, {file_error, Base ++ ".siz", enoent}};
        {error, none} -> {error, {badarg, size}};
        {{ok, Size}, _} when not is_tuple(Size) -> {error, {badarg, size}};
        {{ok, Size}, Old} when Old =/= none, Size =/= Old,
                               Mode =:= read_only ->
            {error, {size_mismatch, Old, Size}};
        {{ok, Size}, none} -> open_current(L#log{size = Size}, Options);
        {{ok, Size}, Old} when Size =/= Old ->
            open_resized(Size, L#log{size = Old}, Options);
        {_, Old} -> open_current(L#log{size = Old}, Options)
    end.

%% Who opens it first may change its size.
open_resized(Size, L, #{repair := truncate} = Options) ->
    disk_log_1:remove_extra(L#log.file, 1, element(2, L#log.size)),
    _ = file:delete(L#log.file ++ ".idx"),
    open_current(L#log{size = Size}, Options);
open_resized(Size, L, Options) ->
    case open_current(L, Options) of
        {Answer, #log{} = Opened} ->
            {_, Resized} = change_size_of(Size, Opened),
            {Answer, Resized};
        Error -> Error
    end.

open_current(L, #{repair := truncate} = Options)
  when L#log.mode =:= read_write ->
    disk_log_1:remove_extra(L#log.file, 1, element(2, L#log.size)),
    _ = file:delete(L#log.file ++ ".idx"),
    open_at({1, #{}}, L, Options);
open_current(#log{file = Base} = L, Options) ->
    case disk_log_1:read_index(Base) of
        none -> open_at({1, #{}}, L, Options);
        {error, _} = Error -> Error;
        Index -> open_at(Index, L, Options)
    end.

open_at({Current, Counts}, #log{file = Base, size = {Bytes, Files},
                                name = Name} = L0, O) ->
    L = L0#log{current = Current, counts = Counts},
    case open_file(disk_log_1:file(Base, Current), L, O) of
        {new, Device} ->
            case disk_log_1:write_size(Base, Bytes, Files) of
                ok ->
                    indexed(with_head(L#log{device = Device, bytes = start(L),
                                            counts = Counts#{Current => 0}},
                                      {ok, Name}));
                Error -> Error
            end;
        {old, Device, Size, Items} ->
            {{ok, Name}, L#log{device = Device, bytes = Size,
                               counts = Counts#{Current => Items}}};
        {repaired, Device, Size, Items, Bad} ->
            {{repaired, Name, {recovered, Items}, {badbytes, Bad}},
             L#log{device = Device, bytes = Size,
                   counts = Counts#{Current => Items}}};
        Error -> Error
    end.

indexed({Answer, #log{} = L}) ->
    save_index(L),
    {Answer, L};
indexed(Error) -> Error.

save_index(#log{file = Base, current = Current, counts = Counts,
                mode = read_write}) ->
    _ = disk_log_1:write_index(Base, Current, Counts),
    ok;
save_index(_) -> ok.

%% Writes the header at the begin of a new file.
with_head(L, Answer) ->
    case head_bytes(L#log.head, L) of
        none -> {Answer, L};
        {ok, Bytes} -> {Answer, put_items([Bytes], L)};
        Error -> Error
    end.

head_bytes(none, _) -> none;
head_bytes({head, internal, Bytes}, _) -> {ok, Bytes};
head_bytes({head, external, Bytes}, _) -> {ok, Bytes};
head_bytes({head, Term}, #log{format = internal}) ->
    {ok, term_to_binary(Term)};
head_bytes({head, Bytes}, _) ->
    try {ok, iolist_to_binary(Bytes)}
    catch error:_ -> {error, {badarg, head}}
    end;
head_bytes({head_func, {M, F, A}}, #log{format = Format} = L) ->
    case catch apply(M, F, A) of
        {ok, Head} when Format =:= internal -> {ok, term_to_binary(Head)};
        {ok, Head} ->
            case head_bytes({head, Head}, L) of
                {ok, _} = Bytes -> Bytes;
                _ -> {error, {invalid_header, {{M, F, A}, {ok, Head}}}}
            end;
        Other -> {error, {invalid_header, {{M, F, A}, Other}}}
    end.

closed(#log{device = Device, mode = read_write, format = internal} = L) ->
    save_wrap(L),
    _ = disk_log_1:mark_closed(Device),
    file:close(Device);
closed(#log{device = Device} = L) ->
    save_wrap(L),
    file:close(Device).

save_wrap(#log{type = halt}) -> ok;
save_wrap(L) -> save_index(L).

%% ---- requests ----

request({log, _, _}, #log{mode = read_only, name = Name} = L) ->
    {{error, {read_only_mode, Name}}, L};
request({log, internal, _}, #log{format = external, name = Name} = L) ->
    {{error, {format_external, Name}}, L};
request({log, _, Items}, L) -> add(Items, L);
request(sync, #log{mode = read_write, device = Device} = L) ->
    {file:datasync(Device), L};
request({truncate, Head}, #log{mode = read_write} = L) ->
    case emptied(L) of
        #log{} = Empty ->
            {_, New} = with_given_head(Head, Empty),
            notify({truncated, disk_log_text:total(L)}, New),
            {ok, New};
        Error -> {Error, L#log{device = none}}
    end;
request({reopen, File, Head}, #log{mode = read_write, type = Type,
                                   file = Old} = L) ->
    case filename:join([File]) of
        Old -> {{error, {same_file_name, L#log.name}}, L};
        To ->
            closed(L),
            Moved = case Type of
                        halt -> renamed(Old, To);
                        _ -> rename_all(Old, To, L)
                    end,
            case reopened(Moved, L) of
                #log{} = Fresh ->
                    {_, New} = with_given_head(Head, Fresh),
                    notify({truncated, disk_log_text:total(L)}, New),
                    {ok, New};
                Error -> {Error, L#log{device = none}}
            end
    end;
request(inc_wrap_file, #log{type = halt, name = Name} = L) ->
    {{error, {halt_log, Name}}, L};
request(inc_wrap_file, #log{mode = read_write} = L) ->
    written(next_file(L), L);
request({change_size, Size}, #log{mode = read_write} = L) ->
    change_size_of(Size, L);
request({change_notify, Owner, Flag}, #log{owners = Owners, name = Name} = L)
  ->
    case Owners of
        #{Owner := {_, Linked}} ->
            {ok, L#log{owners = Owners#{Owner := {Flag, Linked}}}};
        _ -> {{error, {not_owner, Name}}, L}
    end;
request({change_header, Head}, #log{mode = read_write} = L) ->
    case Head of
        {head, none} -> {ok, L#log{head = none}};
        {head, _} ->
            case head_bytes(Head, L) of
                {ok, Bytes} -> {ok, L#log{head = {head, internal, Bytes}}};
                Error -> {Error, L}
            end;
        _ -> {ok, L#log{head = Head}}
    end;
request({chunk, Position, N}, L) -> {chunk_at(Position, N, L), L};
request({chunk_step, Position, N}, L) -> {step(Position, N, L), L};
request({block, _, _}, L) -> {{error, {blocked_log, L#log.name}}, L};
request(_, #log{mode = read_only, name = Name} = L) ->
    {{error, {read_only_mode, Name}}, L}.

with_given_head(none, L) -> with_head(L, ok);
with_given_head({head, _, Bytes}, L) -> {ok, put_items([Bytes], L)}.

current_file(#log{type = halt, file = File}) -> File;
current_file(#log{file = File, current = N}) -> disk_log_1:file(File, N).

renamed(Old, To) ->
    case file:rename(Old, To) of
        {error, Reason} when Reason =/= enoent ->
            {error, {file_error, Old, Reason}};
        _ -> ok
    end.

rename_all(Old, To, L) ->
    Moved = [renamed(disk_log_1:file(Old, N), disk_log_1:file(To, N))
             || N <- lists:seq(1, last_file(L))],
    _ = file:rename(Old ++ ".idx", To ++ ".idx"),
    _ = file:copy(Old ++ ".siz", To ++ ".siz"),
    case [Error || {error, _} = Error <- Moved] of
        [] -> ok;
        [Error | _] -> Error
    end.

reopened(ok, L) ->
    case new_file(current_file(L#log{current = 1}), L) of
        {new, Device} ->
            L#log{device = Device, current = 1, bytes = start(L),
                  counts = #{1 => 0}, full = false, overflows = {0, 0}};
        Error -> Error
    end;
reopened(Error, _) -> Error.

%% All items are dropped.
emptied(#log{type = halt, device = Device} = L) ->
    Start = start(L),
    {ok, _} = file:position(Device, Start),
    ok = file:truncate(Device),
    L#log{bytes = Start, counts = #{1 => 0}, full = false};
emptied(#log{device = Device} = L) ->
    _ = file:close(Device),
    case without_files(1, last_file(L), L) of
        {ok, _} ->
            case reopened(ok, L) of
                #log{} = Fresh ->
                    save_index(Fresh),
                    Fresh;
                Error -> Error
            end;
        {error, File, Reason} -> {error, {file_error, File, Reason}}
    end.

%% ---- writing ----

framed(#log{format = internal}, Items) ->
    [disk_log_1:frame(I) || I <- Items];
framed(_, Items) -> Items.

%% Writes without a look at the size.
put_items(Items, #log{device = Device, bytes = At, counts = Counts,
                      current = N, written = Written} = L) ->
    Data = framed(L, Items),
    case file:pwrite(Device, At, Data) of
        ok ->
            Count = length(Items),
            L#log{bytes = At + iolist_size(Data), written = Written + Count,
                  counts = Counts#{N => maps:get(N, Counts, 0) + Count}};
        {error, Reason} ->
            L#log{status = {error, {file_error, current_file(L), Reason}}}
    end.

add(Items, #log{type = halt} = L) -> add_halt(Items, L);
add(Items, L) -> written(lists:foldl(fun add_wrap/2, L#log{status = ok}, Items),
                         L).

%% The owners hear when writing fails, and when it works again.
written(#log{status = Status} = New, #log{status = Old}) ->
    Status =:= Old orelse notify({error_status, Status}, New),
    {Status, New}.

add_halt(_, #log{full = true, name = Name} = L) ->
    {{error, {full, Name}}, L};
add_halt(Items, #log{size = Size, bytes = At, name = Name} = L) ->
    case Size =/= infinity andalso
        At + iolist_size(framed(L, Items)) > Size of
        false ->
            case put_items(Items, L) of
                #log{status = {error, _} = Error} = New -> {Error, New};
                New -> {ok, New}
            end;
        true ->
            New = as_many(Items, L),
            notify(full, New),
            {{error, {full, Name}}, New#log{full = true}}
    end.

%% What still fits.
as_many([Item | Items], #log{size = Size, bytes = At} = L) ->
    case At + iolist_size(framed(L, [Item])) > Size of
        true -> L;
        false -> as_many(Items, put_items([Item], L))
    end;
as_many([], L) -> L.

add_wrap(_, #log{status = {error, _}} = L) -> L;
add_wrap(Item, #log{size = {Most, _}, bytes = At} = L) ->
    case At + iolist_size(framed(L, [Item])) > Most andalso At > start(L) of
        true ->
            case next_file(L) of
                #log{status = ok} = Next -> put_items([Item], Next);
                Failed -> Failed
            end;
        false -> put_items([Item], L)
    end.

%% With another status where that is not possible; the file at hand stays.
next_file(#log{device = Device, current = N, size = {_, Files},
               counts = Counts, overflows = {Total, Since}} = L) ->
    Next = case N >= Files of
               true -> 1;
               false -> N + 1
           end,
    Left = case Next of
               1 -> without_files(N + 1, last_file(L), L);
               _ -> {ok, Counts}
           end,
    Fresh = L#log{current = Next, bytes = start(L), status = ok,
                  overflows = {Total + 1, Since + 1}},
    Internal = L#log.format =:= internal,
    Internal andalso disk_log_1:mark_closed(Device),
    case element(1, Left) =:= ok andalso new_file(current_file(Fresh), L) of
        {new, New} ->
            _ = file:close(Device),
            notify({wrap, maps:get(Next, Counts, 0)}, L),
            {ok, Kept} = Left,
            {_, Headed} = with_head(Fresh#log{device = New,
                                              counts = Kept#{Next => 0}}, ok),
            save_index(Headed),
            Headed;
        {error, _} = Error ->
            Internal andalso disk_log_1:mark_open(Device),
            L#log{status = Error};
        false ->
            Internal andalso disk_log_1:mark_open(Device),
            {error, File, Reason} = Left,
            L#log{status = {error, {file_error, File, Reason}}}
    end.

without_files(From, To, #log{file = Base, counts = Counts}) ->
    Results = [{File, file:delete(File)}
               || N <- lists:seq(From, To), File <- [disk_log_1:file(Base, N)]],
    case [{File, Reason} || {File, {error, Reason}} <- Results,
                            Reason =/= enoent] of
        [] -> {ok, maps:without(lists:seq(From, To), Counts)};
        [{File, Reason} | _] -> {error, File, Reason}
    end.

change_size_of(Size, #log{type = halt, bytes = At, name = Name} = L) ->
    case Size of
        infinity -> {ok, L#log{size = infinity, full = false}};
        {_, _} -> {{error, {badarg, size}}, L};
        _ when Size < At -> {{error, {new_size_too_small, Name, At}}, L};
        _ -> {ok, L#log{size = Size, full = false}}
    end;
change_size_of({Bytes, Files} = Size, #log{file = Base} = L) ->
    case disk_log_1:write_size(Base, Bytes, Files) of
        ok -> {ok, L#log{size = Size}};
        Error -> {Error, L}
    end;
change_size_of(_, L) -> {{error, {badarg, size}}, L}.

%% ---- reading ----

chunk_at(_, _, #log{format = external, name = Name}) ->
    {error, {format_external, Name}};
chunk_at(start, N, L) -> chunk_at({oldest(L), 8}, N, L);
chunk_at({File, At}, N, #log{mode = Mode} = L) ->
    case file_bytes(File, At, L) of
        {ok, Bytes} when byte_size(Bytes) > 0 ->
            {Items, Used, Bad} = disk_log_1:next(Bytes, N),
            More = #continuation{pid = self(), pos = {File, At + Used}},
            case Bad of
                0 -> {More, Items};
                _ when Mode =:= read_only -> {More, Items, Bad};
                _ -> {error, {corrupt_log_file, file_name(File, L)}}
            end;
        _ ->
            case next_to_read(File, L) of
                none -> eof;
                Next -> chunk_at({Next, 8}, N, L)
            end
    end.

%% The first file of a wrap log is the one after the current, if it exists.
oldest(#log{type = halt}) -> 1;
oldest(#log{current = N} = L) -> existing(wrapped(N + 1, L), L).

existing(N, #log{current = N}) -> N;
existing(F, #log{counts = Counts} = L) ->
    case is_map_key(F, Counts) andalso
        filelib:is_regular(disk_log_1:file(L#log.file, F)) of
        true -> F;
        false -> existing(wrapped(F + 1, L), L)
    end.

wrapped(F, L) ->
    case F > last_file(L) of
        true -> 1;
        false -> F
    end.

%% Files above the greatest number are there until the log comes to them.
last_file(#log{size = {_, Files}, counts = Counts}) ->
    lists:max([Files | maps:keys(Counts)]).

next_to_read(_, #log{type = halt}) -> none;
next_to_read(N, #log{current = N}) -> none;
next_to_read(F, L) -> existing(wrapped(F + 1, L), L).

file_name(_, #log{type = halt, file = File}) -> File;
file_name(N, #log{file = File}) -> disk_log_1:file(File, N).

%% At most 64 kilobytes, but a whole item.
file_bytes(File, At, L) ->
    case file:open(file_name(File, L), [raw, binary, read]) of
        {ok, Device} ->
            Read = case file:pread(Device, At, 65536) of
                       {ok, <<Size:32, _/binary>> = Bytes} ->
                           case Size + disk_log_1:head_size(Size) of
                               Whole when Whole > byte_size(Bytes) ->
                                   file:pread(Device, At, Whole);
                               _ -> {ok, whole_items(Bytes)}
                           end;
                       {ok, Bytes} -> {ok, Bytes};
                       Other -> Other
                   end,
            _ = file:close(Device),
            Read;
        Error -> Error
    end.

whole_items(Bytes) when byte_size(Bytes) < 65536 -> Bytes;
whole_items(Bytes) -> binary:part(Bytes, 0, whole(Bytes, 0)).

whole(Bytes, At) ->
    case Bytes of
        <<_:At/binary, Size:32, _:32, _:Size/binary, _/binary>>
          when Size < 65528 ->
            whole(Bytes, At + Size + 8);
        <<_:At/binary, Size:32, Mark:32, _/binary>>
          when At > 0, Size < 1 bsl 31,
               (Mark =:= 16#62574c41 orelse Mark =:= 16#0c212c37) -> At;
        _ -> byte_size(Bytes)
    end.

step(_, _, #log{type = Type, format = Format, name = Name})
  when Type =:= halt; Format =:= external ->
    {error, {not_internal_wrap, Name}};
step(start, N, L) -> step({oldest(L), 8}, N, L);
step({File, _}, N, #log{size = {_, Files}} = L) ->
    To = ((File - 1 + N) rem Files + Files) rem Files + 1,
    case is_map_key(To, L#log.counts) of
        true -> {ok, #continuation{pid = self(), pos = {To, 8}}};
        false -> {error, end_of_log}
    end.

format_error(Reason) -> disk_log_text:format_error(Reason).
