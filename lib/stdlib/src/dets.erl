%% SPDX-License-Identifier: Apache-2.0
%% dets: tables of tuples in files, with the functions of ets.
%%
%% An open table is in memory as a whole (dets_table); its file is as OTP's
%% (dets_format), with a log of changes while it is open (dets_file).
-module(dets).

-export([all/0, bchunk/2, close/1, delete/2, delete_all_objects/1,
         delete_object/2, first/1, foldl/3, foldr/3, from_ets/2, info/1,
         info/2, init_table/2, init_table/3, insert/2, insert_new/2,
         is_compatible_bchunk_format/2, is_dets_file/1, lookup/2, lookup_keys/2, match/1,
         match/2, match/3, match_delete/2, match_object/1, match_object/2,
         match_object/3, member/2, next/2, open_file/1, open_file/2,
         pid2name/1, verbose/1, repair_continuation/2, safe_fixtable/2, select/1,
         select/2, select/3, select_delete/2, slot/2, sync/1, table/1,
         table/2, to_ets/2, traverse/2, update_counter/3, start/0, stop/0]).

-export_type([bindings_cont/0, cont/0, object_cont/0, select_cont/0,
              tab_name/0]).

-type tab_name() :: term().
-type type() :: bag | duplicate_bag | set.
-type access() :: read | read_write.
-type object() :: tuple().
-type open_arg() :: {access, access()} | {auto_save, infinity | integer()}
                  | {estimated_no_objects, non_neg_integer()}
                  | {file, file:name()} | {keypos, pos_integer()}
                  | {max_no_slots, non_neg_integer() | default}
                  | {min_no_slots, non_neg_integer() | default}
                  | {ram_file, boolean()} | {repair, boolean() | force}
                  | {type, type()}.
-type cont() :: term().
-type bindings_cont() :: term().
-type object_cont() :: term().
-type select_cont() :: term().

%% A chunk of bchunk/2: objects, as a binary.
%% Chunks of a table go to tables that hash alike only.
-define(BCHUNK_FORMAT(Hash), term_to_binary({merle, 1, Hash})).

%% ---- Opening and closing ----

start() -> dets_server:start(whereis(dets)).

stop() -> ok.

%% What a table does to its file is told anyway; answers the open tables.
verbose(Flag) when is_boolean(Flag) -> all().

-spec open_file(file:name()) -> {ok, reference()} | {error, term()}.
open_file(File) ->
    Name = try text(File) catch error:_ -> bad(open_file, [File]) end,
    case dets_file:read_head(Name) of
        {ok, #{type := Type, keypos := KeyPos}} ->
            dets_server:open(make_ref(), (options([]))#{
                file => Name, type => Type, keypos => KeyPos, default => [],
                must_exist => true});
        {error, Reason} when Reason =:= not_a_dets_file;
                             Reason =:= invalid_type_code;
                             Reason =:= format_8_no_longer_supported ->
            {error, {Reason, Name}};
        {error, Reason} ->
            {error, {file_error, Name, Reason}}
    end.

-spec open_file(tab_name(), [open_arg()]) -> {ok, tab_name()} | {error, term()}.
open_file(Name, Args) ->
    try with_file(options(Args), Name) of
        Options -> dets_server:open(Name, Options)
    catch
        error:_ -> bad(open_file, [Name, Args])
    end.

with_file(#{file := _} = Options, _) -> Options;
with_file(Options, Name) -> Options#{file => text(Name)}.

options(Args) ->
    Default = #{type => set, keypos => 1, access => read_write,
                auto_save => 180000, ram_file => false, repair => true,
                min_no_slots => default, max_no_slots => default,
                estimated_no_objects => default, must_exist => false},
    Given = maps:from_list([option(A) || A <- Args]),
    (maps:merge(Default, Given))#{default => maps:keys(Default)
                                      -- maps:keys(Given)}.

option({type, T}) when T =:= set; T =:= bag; T =:= duplicate_bag -> {type, T};
option({keypos, N}) when is_integer(N), N > 0 -> {keypos, N};
option({file, F}) -> {file, text(F)};
option({access, A}) when A =:= read; A =:= read_write -> {access, A};
option({auto_save, infinity}) -> {auto_save, infinity};
option({auto_save, T}) when is_integer(T), T >= 0 -> {auto_save, T};
option({ram_file, B}) when is_boolean(B) -> {ram_file, B};
option({repair, R}) when is_boolean(R); R =:= force -> {repair, R};
option({estimated_no_objects, N}) when is_integer(N), N >= 0 ->
    {estimated_no_objects, N};
option({Slots, N}) when Slots =:= min_no_slots; Slots =:= max_no_slots ->
    true = N =:= default orelse is_integer(N) andalso N >= 0,
    {Slots, N};
option({delayed_write, {Delay, Size}})  % all changes are written at once
  when is_integer(Delay), Delay >= 0, is_integer(Size), Size >= 0 ->
    {delayed_write, {Delay, Size}};
option({version, V}) when V =:= 9; V =:= default -> {version, V}.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) when is_list(Name) -> lists:flatten(Name).

-spec close(tab_name()) -> ok | {error, term()}.
close(Name) ->
    Table = dets_server:find(Name),
    Answer = dets_server:close(Name),
    Answer =:= {error, not_owner} orelse Table =:= undefined
        orelse lists:member(self(), dets_server:users(Name))
        orelse unfix(Table),
    Answer.

%% What the caller fixed is free again when it has closed the table.
unfix(#{ets := Ets}) ->
    case ets:info(Ets, safe_fixed) of
        {_, Fixed} ->
            [ets:safe_fixtable(Ets, false)
             || {Pid, N} <- Fixed, Pid =:= self(), _ <- lists:seq(1, N)];
        _ -> ok
    end.

-spec all() -> [tab_name()].
all() -> dets_server:all().

-spec is_dets_file(file:name()) -> boolean() | {error, term()}.
is_dets_file(File) ->
    case dets_file:read_head(try text(File) catch error:_ -> File end) of
        {ok, _} -> true;
        {error, not_a_dets_file} -> false;
        {error, Bad} when Bad =:= format_8_no_longer_supported;
                          Bad =:= invalid_type_code -> true;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

-spec pid2name(pid()) -> {ok, tab_name()} | undefined.
pid2name(Pid) ->
    case [Name || Name <- all(), #{pid := P} <- [dets_server:find(Name)],
                  P =:= Pid] of
        [Name] -> {ok, Name};
        [] -> undefined
    end.

-spec sync(tab_name()) -> ok | {error, term()}.
sync(Name) ->
    #{pid := Pid} = table_of(sync, Name, [Name]),
    dets_table:sync(Pid).

%% ---- Reading: by the caller, from the ets table ----

%% What is known of an open table; a bad argument of the function that was
%% called with [Args] if there is none.
table_of(Function, Name, Args) ->
    case dets_server:find(Name) of
        undefined -> bad(Function, Args);
        Table -> Table
    end.

%% The function that was called fails, not one of those it is made of.
-spec bad(atom(), [term()]) -> no_return().
bad(Function, Args) ->
    {current_stacktrace, Stack} = process_info(self(), current_stacktrace),
    Callers = lists:dropwhile(fun({M, _, _, _}) -> M =/= ?MODULE end, Stack),
    erlang:raise(error, badarg,
                 [{?MODULE, Function, Args, []}
                  | lists:dropwhile(fun({M, _, _, _}) -> M =:= ?MODULE end,
                                    Callers)]).

%% Calls [F] with the ets table and the rest of [Args].
read(Function, F, [Name | Rest] = Args) ->
    #{ets := Ets} = table_of(Function, Name, Args),
    try
        apply(F, [Ets | Rest])
    catch
        error:badarg -> bad(Function, Args)
    end.

lookup(Name, Key) ->
    case dets_server:find(Name) of
        #{ets := Ets} -> ets:lookup(Ets, Key);
        undefined -> bad(lookup, [Name, Key])
    end.

member(Name, Key) ->
    case dets_server:find(Name) of
        #{ets := Ets} -> ets:member(Ets, Key);
        undefined -> bad(member, [Name, Key])
    end.

first(Name) -> read(first, fun ets:first/1, [Name]).

%% Behind a key that is not there is nothing.
next(Name, Key) ->
    read(next, fun(Ets, K) ->
                       case ets:member(Ets, K) of
                           true -> ets:next(Ets, K);
                           false -> '$end_of_table'
                       end
               end, [Name, Key]).

%% The objects of some keys.
lookup_keys(Name, Keys) ->
    (catch length(Keys) > 0) =:= true orelse bad(lookup_keys, [Name, Keys]),
    read(lookup_keys, fun(Ets, _) ->
                              lists:append([ets:lookup(Ets, K)
                                            || K <- lists:usort(Keys)])
                      end, [Name, Keys]).

slot(Name, Slot) -> read(slot, fun ets:slot/2, [Name, Slot]).

match(Name, Pattern) -> read(match, fun ets:match/2, [Name, Pattern]).

match(Name, Pattern, N) -> read(match, fun limited_match/3, [Name, Pattern, N]).

match(Continuation) -> continue(match, fun ets:match/1, Continuation).

match_object(Name, Pattern) -> read(match_object, fun ets:match_object/2, [Name, Pattern]).

match_object(Name, Pattern, N) ->
    read(match_object, fun limited_match_object/3, [Name, Pattern, N]).

match_object(Continuation) ->
    continue(match_object, fun ets:match_object/1, Continuation).

select(Name, []) -> bad(select, [Name, []]);
select(Name, Spec) -> read(select, fun ets:select/2, [Name, Spec]).

select(Name, Spec, N) -> read(select, fun limited_select/3, [Name, Spec, N]).

select(Continuation) -> continue(select, fun ets:select/1, Continuation).

%% The number of objects at once may be left to dets.
limited_match(Ets, Pattern, N) ->
    marked(match, ets:match(Ets, Pattern, limit(N))).

limited_match_object(Ets, Pattern, N) ->
    marked(match_object, ets:match_object(Ets, Pattern, limit(N))).

limited_select(Ets, Spec, N) ->
    marked(select, ets:select(Ets, Spec, limit(N))).

%% A continuation is for the function only that it is from.
marked(Function, {Found, Continuation}) ->
    {Found, {dets_cont, Function, Continuation}};
marked(_, End) -> End.

continue(_, _, {dets_cont, _, '$end_of_table' = End}) -> End;
continue(Function, F, {dets_cont, Function, Continuation} = Given) ->
    try marked(Function, F(Continuation))
    catch error:badarg -> bad(Function, [Given])
    end;
continue(Function, _, Given) -> bad(Function, [Given]).

limit(default) -> 100;
limit(N) -> N.

repair_continuation({dets_cont, Function, '$end_of_table'} = Given, _)
  when is_atom(Function) -> Given;
repair_continuation({dets_cont, Function, Continuation}, Spec) ->
    {dets_cont, Function, ets:repair_continuation(Continuation, Spec)};
repair_continuation(Other, Spec) ->
    bad(repair_continuation, [Other, Spec]).

safe_fixtable(Name, Fix) -> read(safe_fixtable, fun ets:safe_fixtable/2, [Name, Fix]).

foldl(F, Acc, Name) ->
    #{ets := Ets} = table_of(foldl, Name, [F, Acc, Name]),
    ets:foldl(F, Acc, Ets).

foldr(F, Acc, Name) ->
    #{ets := Ets} = table_of(foldl, Name, [F, Acc, Name]),
    ets:foldr(F, Acc, Ets).

%% Values of [F], the last first, until it answers {done, Value}.
-spec traverse(tab_name(), fun((object()) -> continue | {continue, V}
                                           | {done, V} | term())) ->
          [V] | term().
traverse(Name, F) ->
    #{ets := Ets} = table_of(traverse, Name, [Name, F]),
    ets:safe_fixtable(Ets, true),
    try
        traverse(ets:match_object(Ets, '_', limit(default)), F, [])
    after
        ets:safe_fixtable(Ets, false)
    end.

traverse('$end_of_table', _, Values) ->
    Values;
traverse({Objects, Continuation}, F, Values) ->
    case visit(Objects, F, Values) of
        {more, Values1} ->
            traverse(ets:match_object(Continuation), F, Values1);
        {done, Result} ->
            Result
    end.

visit([Object | Objects], F, Values) ->
    case F(Object) of
        continue -> visit(Objects, F, Values);
        {continue, Value} -> visit(Objects, F, [Value | Values]);
        {done, Value} -> {done, [Value | Values]};
        Other -> {done, Other}
    end;
visit([], _, Values) ->
    {more, Values}.

to_ets(Name, Ets) ->
    #{ets := Own} = table_of(to_ets, Name, [Name, Ets]),
    ets:info(Ets, name) =/= undefined orelse bad(to_ets, [Name, Ets]),
    ets:foldl(fun(Object, _) -> ets:insert(Ets, Object) end, true, Own),
    Ets.

%% ---- Changing: by the table's process ----

change(Function, What, [Name | _] = Args) ->
    #{pid := Pid} = table_of(Function, Name, Args),
    case dets_table:change(Pid, What) of
        badarg -> bad(Function, Args);
        Answer -> Answer
    end.

-spec insert(tab_name(), object() | [object()]) -> ok | {error, term()}.
insert(Name, Objects) ->
    Args = [Name, Objects],
    #{keypos := KeyPos} = table_of(insert, Name, Args),
    change(insert, [{insert, checked(insert, Objects, KeyPos, Args)}], Args).

%% A list of objects that the table can hold.
checked(Function, Object, KeyPos, Args) when is_tuple(Object) ->
    checked(Function, [Object], KeyPos, Args);
checked(Function, Objects, KeyPos, Args) ->
    try lists:all(fun(O) -> tuple_size(O) >= KeyPos end, Objects) of
        true -> Objects;
        false -> bad(Function, Args)
    catch
        error:_ -> bad(Function, Args)
    end.

-spec insert_new(tab_name(), object() | [object()]) ->
          boolean() | {error, term()}.
insert_new(Name, Objects) ->
    Args = [Name, Objects],
    #{keypos := KeyPos} = table_of(insert_new, Name, Args),
    New = checked(insert_new, Objects, KeyPos, Args),
    change(insert_new, fun(Ets) ->
               case [O || O <- New, ets:member(Ets, element(KeyPos, O))] of
                   [] -> {true, [{insert, New}]};
                   _ -> {false, []}
               end
           end, Args).

delete(Name, Key) -> change(delete, [{delete, Key}], [Name, Key]).

delete_object(Name, Object) ->
    Args = [Name, Object],
    #{keypos := KeyPos} = table_of(delete_object, Name, Args),
    [_] = checked(delete_object, Object, KeyPos, Args),
    change(delete_object, [{delete_object, Object}], Args).

delete_all_objects(Name) -> change(delete_all_objects, [delete_all], [Name]).

match_delete(Name, Pattern) ->
    case delete_matching(match_delete, [{Pattern, [], [true]}], [Name, Pattern]) of
        N when is_integer(N) -> ok;
        Error -> Error
    end.

-spec select_delete(tab_name(), ets:match_spec()) ->
          non_neg_integer() | {error, term()}.
select_delete(Name, Spec) -> delete_matching(select_delete, Spec, [Name, Spec]).

delete_matching(Function, Spec, Args) ->
    change(Function, fun(Ets) ->
               Compiled = ets:match_spec_compile(Spec),
               Gone = [O || O <- ets:tab2list(Ets),
                            ets:match_spec_run([O], Compiled) =:= [true]],
               {length(Gone), [{delete_object, O} || O <- lists:usort(Gone)]}
           end, Args).

-spec update_counter(tab_name(), term(), integer() | {pos_integer(),
                                                      integer()}) -> integer().
update_counter(Name, Key, Increment) ->
    Args = [Name, Key, Increment],
    #{keypos := KeyPos} = table_of(update_counter, Name, Args),
    {At, By} = case Increment of
        {_, _} -> Increment;
        _ -> {KeyPos + 1, Increment}
    end,
    change(update_counter, fun(Ets) ->
               ets:info(Ets, type) =:= set orelse error(badarg),
               [Object] = case ets:lookup(Ets, Key) of
                   [] -> error(badarg);
                   Found -> Found
               end,
               Sum = try element(At, Object) + By catch _:_ -> error(badarg) end,
               {Sum, [{insert, [setelement(At, Object, Sum)]}]}
           end, Args).

from_ets(Name, Ets) ->
    Objects = try ets:tab2list(Ets) catch error:badarg ->
                  bad(from_ets, [Name, Ets]) end,
    change(from_ets, [delete_all, {insert, Objects}], [Name, Ets]).

%% ---- Filling ----

init_table(Name, Init) -> init_table(Name, Init, []).

%% [Init] is called with read until it answers end_of_input, or with close if
%% something is wrong.
init_table(Name, Init, Option) when not is_list(Option) ->
    init_table(Name, Init, [Option]);
init_table(Name, Init, Options) ->
    Args = [Name, Init, Options],
    is_function(Init, 1) andalso lists:all(fun is_init_option/1, Options)
        orelse bad(init_table, Args),
    case info(Name, fixed) of
        true -> close_input(Init, {error, {fixed_table, Name}});
        _ -> init(Init, Options, Args)
    end.

init(Init, Options, Args) ->
    Format = case proplists:get_value(format, Options, term) of
                 term -> term;
                 bchunk -> {begins, info(hd(Args), bchunk_format)}
             end,
    case change(init_table, [delete_all], Args) of
        ok -> filled(fill(Init, Format, Args), hd(Args));
        Error -> close_input(Init, Error)
    end.

%% The file need not keep what the table was filled with bit by bit.
filled(ok, Name) ->
    #{pid := Pid} = dets_server:find(Name),
    dets_table:save(Pid);
filled(Error, _) -> Error.

is_init_option({format, Format}) -> Format =:= term orelse Format =:= bchunk;
is_init_option({min_no_slots, N}) -> N =:= default orelse is_integer(N);
is_init_option({max_no_slots, N}) -> N =:= default orelse is_integer(N);
is_init_option(_) -> false.

fill(Init, Format, Args) ->
    try Init(read) of
        end_of_input when not is_tuple(Format) ->
            ok;
        {Data, Next} when is_function(Next, 1) ->
            case insert_all(unpack(Data, Format), Args) of
                ok when is_tuple(Format) -> fill(Next, bchunk, Args);
                ok -> fill(Next, Format, Args);
                Error -> close_input(Next, Error)
            end;
        Value ->
            close_input(Init, {error, {init_fun, Value}})
    catch
        Class:Reason:Stack ->
            catch Init(close),
            erlang:raise(Class, Reason, Stack)
    end.

insert_all({bad_chunk, Chunk}, _) -> {error, {init_fun, Chunk}};
insert_all(Objects, Args) ->
    case are_objects(Objects, info(hd(Args), keypos)) of
        true -> change(init_table, [{insert, Objects}], Args);
        false -> {error, invalid_objects_list}
    end.

are_objects([O | Os], KeyPos) when tuple_size(O) >= KeyPos ->
    are_objects(Os, KeyPos);
are_objects(End, _) -> End =:= [].

close_input(Init, Error) ->
    catch Init(close),
    Error.

unpack(Objects, term) ->
    Objects;
%% The first chunk is the format.
unpack([Format | Chunks], {begins, Format}) -> unpack(Chunks, bchunk);
unpack([First | _], {begins, _}) -> {bad_chunk, First};
unpack([], {begins, _}) -> {bad_chunk, []};
unpack(Chunks, bchunk) ->
    try lists:append([binary_to_term(C) || C <- Chunks])
    catch error:_ -> {bad_chunk, Chunks}
    end.

first_chunk(Ets, Format) ->
    {{bchunk, Ets, ets:match_object(Ets, '_', limit(default))}, [Format]}.

-spec bchunk(tab_name(), start | term()) ->
          {term(), [binary()]} | '$end_of_table' | {error, term()}.
bchunk(Name, start) ->
    #{ets := Ets} = table_of(bchunk, Name, [Name, start]),
    case info(Name, bchunk_format) of
        undefined -> {error, old_version};
        Format -> first_chunk(Ets, Format)
    end;
bchunk(Name, {bchunk, Ets, Found} = Continuation) ->
    case table_of(bchunk, Name, [Name, Continuation]) of
        #{ets := Ets} when Found =:= '$end_of_table' -> Found;
        #{ets := Ets} ->
            {Objects, More} = Found,
            {{bchunk, Ets, ets:match_object(More)}, [term_to_binary(Objects)]};
        _ -> bad(bchunk, [Name, Continuation])  % opened anew since
    end;
bchunk(Name, Other) ->
    bad(bchunk, [Name, Other]).

is_compatible_bchunk_format(Name, Format) ->
    Format =:= info(Name, bchunk_format).

%% A table for qlc's queries.
table(Name) -> table(Name, []).

table(Name, Options) ->
    case qlc_table:handle(dets, Name, Options) of
        badarg -> error(badarg, [Name, Options]);
        Handle -> Handle
    end.

%% ---- Information ----

-spec info(tab_name()) -> [{atom(), term()}] | undefined.
info(Name) ->
    case dets_server:find(Name) of
        undefined -> undefined;
        _ -> [{K, info(Name, K)}
              || K <- [type, keypos, size, file_size, filename]]
    end.

-spec info(tab_name(), atom()) -> term().
info(Name, Item) ->
    case dets_server:find(Name) of
        undefined -> undefined;
        Table -> item(Item, Name, Table)
    end.

item(size, _, #{ets := Ets}) -> ets:info(Ets, size);
item(no_objects, _, #{ets := Ets}) -> ets:info(Ets, size);
item(no_keys, _, #{ets := Ets, type := set}) -> ets:info(Ets, size);
item(no_keys, _, #{ets := Ets, keypos := KeyPos}) ->
    Keys = ets:foldl(fun(O, M) -> M#{element(KeyPos, O) => true} end, #{}, Ets),
    map_size(Keys);
item(filename, _, #{file := File}) -> File;
item(file_size, _, #{pid := Pid}) -> map_get(size, dets_table:file_info(Pid));
item(memory, Name, Table) -> item(file_size, Name, Table);
item(owner, _, #{pid := Pid}) -> Pid;
item(pid, _, #{pid := Pid}) -> Pid;
item(users, Name, _) -> dets_server:users(Name);
item(bchunk_format, _, #{pid := Pid}) ->
    case dets_table:file_info(Pid) of
        #{counts := true, hash := Hash} -> ?BCHUNK_FORMAT(Hash);
        _ -> undefined
    end;
item(hash, _, #{pid := Pid}) -> map_get(hash, dets_table:file_info(Pid));
item(version, _, _) -> 9;
item(no_slots, _, #{ets := Ets, min_no_slots := Min, max_no_slots := Max}) ->
    {if Min =:= default -> 256; true -> Min end,
     max(256, ets:info(Ets, size)),
     if Max =:= default -> 32 * 1024 * 1024; true -> Max end};
item(fixed, _, #{ets := Ets}) -> ets:info(Ets, fixed);
item(safe_fixed, _, #{ets := Ets}) -> ets:info(Ets, safe_fixed);
item(safe_fixed_monotonic_time, _, #{ets := Ets}) ->
    ets:info(Ets, safe_fixed_monotonic_time);
item(Item, _, Table)
  when Item =:= type; Item =:= keypos; Item =:= access; Item =:= auto_save;
       Item =:= ram_file ->
    maps:get(Item, Table);
item(_, _, _) ->
    undefined.
